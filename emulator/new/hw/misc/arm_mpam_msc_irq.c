/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): errors that it notices, and its two
 * interrupts.
 *
 * An interrupt is a level that follows MPAMF_ESR or the monitors' status, an
 * edge for each error or overflow, or an MSI in place of that edge.
 */
#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "exec/memattrs.h"
#include "hw/irq.h"
#include "arm_mpam_msc_internal.h"

static unsigned error_code(ArmMpamMsc *s)
{
    return extract64(s->esr, ESR_CODE_SHIFT, ESR_CODE_LEN);
}

static bool is_msi(const ArmMpamMsi *msi)
{
    return msi->attr & MSI_ATTR_MSIEN;
}

static void set_level(ArmMpamLine *line, bool level)
{
    if (line->level != level) {
        line->level = level;
        line->raised += level;
        qemu_set_irq(line->irq, level);
    }
}

void arm_mpam_msc_update_irqs(ArmMpamMsc *s)
{
    set_level(&s->error, s->powered && !s->error.edge &&
              !is_msi(&s->error_msi) && error_code(s) && (s->ecr & ECR_INTEN));
    set_level(&s->overflow, s->powered && !s->overflow.edge &&
              !is_msi(&s->overflow_msi) &&
              !s->param[ARM_MPAM_NO_OFLOW_INTR] &&
              arm_mpam_msc_overflow_pending(s));
}

static void send_msi(ArmMpamMsc *s, ArmMpamMsi *msi)
{
    MemTxAttrs attrs = { .requester_id = s->identifier };

    msi->sent++;
    address_space_stl_le(&address_space_memory,
                         msi->addr_h << 32 | msi->addr_l, msi->data, attrs,
                         NULL);
}

/* Something happened: an MSI or an edge, which a level doesn't need */
static void signal_line(ArmMpamMsc *s, ArmMpamLine *line, ArmMpamMsi *msi,
                        bool wired)
{
    if (is_msi(msi)) {
        send_msi(s, msi);
    } else if (line->edge && wired) {
        line->raised++;
        qemu_irq_pulse(line->irq);
    }
    arm_mpam_msc_update_irqs(s);
}

void arm_mpam_msc_record_error(ArmMpamMsc *s, ArmMpamError code,
                               uint16_t index, uint8_t pmg, uint8_t ris)
{
    uint64_t esr = index;

    if (!s->param[ARM_MPAM_HAS_ESR]) {
        return;
    }
    s->errors[code]++;
    esr = deposit64(esr, ESR_PMG_SHIFT, 8, pmg);
    esr = deposit64(esr, ESR_CODE_SHIFT, ESR_CODE_LEN, code);
    if (s->param[ARM_MPAM_HAS_EXTD_ESR]) {
        esr = deposit64(esr, ESR_RIS_SHIFT, 4, ris);
    }
    if (error_code(s)) {
        esr |= ESR_OVRWR;
    }
    s->esr = esr;
    if (s->ecr & ECR_INTEN) {
        signal_line(s, &s->error, &s->error_msi, true);
    }
}

void arm_mpam_msc_signal_overflow(ArmMpamMsc *s)
{
    signal_line(s, &s->overflow, &s->overflow_msi,
                !s->param[ARM_MPAM_NO_OFLOW_INTR]);
}

void arm_mpam_msc_spurious(ArmMpamMsc *s, ArmMpamLine *line)
{
    line->raised++;
    qemu_irq_pulse(line->irq);
    qemu_set_irq(line->irq, line->level);
}

void arm_mpam_msc_lose_errors(ArmMpamMsc *s)
{
    ArmMpamMsi *msis[] = { &s->error_msi, &s->overflow_msi };

    s->esr = 0;
    s->ecr = 0;
    for (int i = 0; i < ARRAY_SIZE(msis); i++) {
        unsigned at = 16 * (i + 1);

        msis[i]->mpam = MSI_MPAM_MASK &
                        arm_mpam_msc_garbage(s, GARBAGE_MSC, at, 0);
        msis[i]->addr_l = MSI_ADDR_L_MASK &
                          arm_mpam_msc_garbage(s, GARBAGE_MSC, at, 1);
        msis[i]->addr_h = MSI_ADDR_H_MASK &
                          arm_mpam_msc_garbage(s, GARBAGE_MSC, at, 2);
        msis[i]->data = MSI_DATA_MASK &
                        arm_mpam_msc_garbage(s, GARBAGE_MSC, at, 3);
        msis[i]->attr = MSI_ATTR_MASK & ~MSI_ATTR_MSIEN &
                        arm_mpam_msc_garbage(s, GARBAGE_MSC, at, 4);
    }
}

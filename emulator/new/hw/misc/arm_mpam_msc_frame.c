/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): the frame of registers.
 *
 * Each register is a row of arm_mpam_regs[]. What an implementation leaves out
 * follows from its parameters (ArmMpamParam) by this table.
 *
 * Rules that software must keep and hardware can't enforce are recorded as
 * violations: see MpamViolationKind.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/host-utils.h"
#include "qemu/xxhash.h"
#include "hw/core/cpu.h"
#include "arm_mpam_msc_internal.h"

#define PLAIN(m)        .kind = REG_PLAIN, .member = offsetof(ArmMpamMsc, m)
#define ID(i)           .kind = REG_ID, .id = ARM_MPAM_##i, .identifies = true
#define CONTROL(...)    .kind = REG_CONTROL, .field = { __VA_ARGS__ }
#define FIELD(k, s, p)  { .kind = FIELD_##k, .shift = s, .param = ARM_MPAM_##p }
#define MONITOR(t, m)   .kind = REG_MONITOR, .type = ARM_MPAM_##t, \
                        .mon = MON_##m
#define CALL            .kind = REG_CALL

const ArmMpamReg arm_mpam_regs[] = {
    { "IDR", 0x0000, .has = ARM_MPAM_ALWAYS, .wide = ARM_MPAM_EXT, ID(IDR) },
    { "IIDR", 0x0018, .has = ARM_MPAM_ALWAYS, PLAIN(iidr), .identifies = true },
    { "AIDR", 0x0020, .has = ARM_MPAM_ALWAYS, PLAIN(aidr), .identifies = true },
    { "IMPL_IDR", 0x0028, .has = ARM_MPAM_HAS_IMPL_IDR, ID(IMPL_IDR) },
    { "CPOR_IDR", 0x0030, .has = ARM_MPAM_ALWAYS, ID(CPOR_IDR) },
    { "CCAP_IDR", 0x0038, .has = ARM_MPAM_ALWAYS, ID(CCAP_IDR) },
    { "MBW_IDR", 0x0040, .has = ARM_MPAM_ALWAYS, ID(MBW_IDR) },
    { "PRI_IDR", 0x0048, .has = ARM_MPAM_ALWAYS, ID(PRI_IDR) },
    { "PARTID_NRW_IDR", 0x0050, .has = ARM_MPAM_INTPARTIDS,
      ID(PARTID_NRW_IDR) },
    { "MSMON_IDR", 0x0080, .has = ARM_MPAM_ALWAYS, ID(MSMON_IDR) },
    { "CSUMON_IDR", 0x0088, .has = ARM_MPAM_ALWAYS, ID(CSUMON_IDR) },
    { "MBWUMON_IDR", 0x0090, .has = ARM_MPAM_ALWAYS, ID(MBWUMON_IDR) },

    { "ERR_MSI_MPAM", 0x00dc, .has = ARM_MPAM_ERR_MSI,
      PLAIN(error_msi.mpam), .mask = MSI_MPAM_MASK },
    { "ERR_MSI_ADDR_L", 0x00e0, .has = ARM_MPAM_ERR_MSI,
      PLAIN(error_msi.addr_l), .mask = MSI_ADDR_L_MASK },
    { "ERR_MSI_ADDR_H", 0x00e4, .has = ARM_MPAM_ERR_MSI,
      PLAIN(error_msi.addr_h), .mask = MSI_ADDR_H_MASK },
    { "ERR_MSI_DATA", 0x00e8, .has = ARM_MPAM_ERR_MSI,
      PLAIN(error_msi.data), .mask = MSI_DATA_MASK },
    { "ERR_MSI_ATTR", 0x00ec, .has = ARM_MPAM_ERR_MSI,
      PLAIN(error_msi.attr), .mask = MSI_ATTR_MASK,
      .written = arm_mpam_msc_update_irqs },
    { "ECR", 0x00f0, .has = ARM_MPAM_HAS_ESR, PLAIN(ecr), .mask = ECR_INTEN,
      .written = arm_mpam_msc_update_irqs },
    { "ESR", 0x00f8, .has = ARM_MPAM_HAS_ESR, .wide = ARM_MPAM_HAS_EXTD_ESR,
      PLAIN(esr), .mask = ESR_MASK, .written = arm_mpam_msc_update_irqs },

    { "PART_SEL", 0x0100, .has = ARM_MPAM_CONTROLS, PLAIN(part_sel),
      .write = arm_mpam_msc_part_sel_write },
    { "CMAX", 0x0108, .has = ARM_MPAM_HAS_CMAX, .reset = 0xffff,
      CONTROL(FIELD(FRACTION, 0, CMAX_WD), FIELD(FLAG, 31, CMAX_SOFTLIM)) },
    { "CMIN", 0x0110, .has = ARM_MPAM_CMIN,
      CONTROL(FIELD(FRACTION, 0, CMAX_WD)) },
    { "CASSOC", 0x0118, .has = ARM_MPAM_CASSOC_WD, .reset = 0xffff,
      CONTROL(FIELD(FRACTION, 0, CASSOC_WD)) },
    { "MBW_MIN", 0x0200, .has = ARM_MPAM_MBW_MIN, .reset = 0xffff,
      .delayed = true, CONTROL(FIELD(FRACTION, 0, BWA_WD)) },
    { "MBW_MAX", 0x0208, .has = ARM_MPAM_MBW_MAX, .reset = 0xffff,
      .delayed = true,
      CONTROL(FIELD(FRACTION, 0, BWA_WD), FIELD(HARDLIM, 31, MBW_MAX_LIM)) },
    { "MBW_WINWD", 0x0220, .has = ARM_MPAM_WINWD, .writable = ARM_MPAM_WINDWR,
      PLAIN(mbw_winwd), .mask = MAKE_64BIT_MASK(0, 24) },
    { "EN", 0x0300, .has = ARM_MPAM_ENDIS, CALL,
      .write = arm_mpam_msc_en_write },
    { "DIS", 0x0310, .has = ARM_MPAM_ENDIS, CALL,
      .write = arm_mpam_msc_dis_write },
    { "EN_FLAGS", 0x0320, .has = ARM_MPAM_ENDIS, CALL,
      .read = arm_mpam_msc_en_flags_read,
      .write = arm_mpam_msc_en_flags_write },
    { "PRI", 0x0400, .has = ARM_MPAM_HAS_PRI,
      CONTROL({ FIELD_PRIORITY, 0,
                ARM_MPAM_INTPRI_WD, ARM_MPAM_INTPRI_0_IS_LOW },
              { FIELD_PRIORITY, 16,
                ARM_MPAM_DSPRI_WD, ARM_MPAM_DSPRI_0_IS_LOW }) },
    { "MBW_PROP", 0x0500, .has = ARM_MPAM_MBW_PROP,
      CONTROL(FIELD(INTEGER, 0, BWA_WD), FIELD(FLAG, 31, ALWAYS)) },
    { "INTPARTID", 0x0600, .has = ARM_MPAM_INTPARTIDS, CALL,
      .read = arm_mpam_msc_intpartid_read,
      .write = arm_mpam_msc_intpartid_write },

    { "MON_SEL", 0x0800, .has = ARM_MPAM_MONITORS, PLAIN(mon_sel),
      .write = arm_mpam_msc_mon_sel_write },
    { "CAPT_EVNT", 0x0808, .has = ARM_MPAM_LOCAL_CAPT, CALL,
      .write = arm_mpam_msc_capt_evnt_write },
    { "CSU_FLT", 0x0810, .has = ARM_MPAM_CSU_MONITORS, MONITOR(CSU, FLT) },
    { "CSU_CTL", 0x0818, .has = ARM_MPAM_CSU_MONITORS, MONITOR(CSU, CTL) },
    { "MBWU_FLT", 0x0820, .has = ARM_MPAM_MBWU_MONITORS, MONITOR(MBWU, FLT) },
    { "MBWU_CTL", 0x0828, .has = ARM_MPAM_MBWU_MONITORS, MONITOR(MBWU, CTL) },
    { "CSU", 0x0840, .has = ARM_MPAM_CSU_MONITORS, MONITOR(CSU, VALUE) },
    { "CSU_CAPTURE", 0x0848, .has = ARM_MPAM_CSU_CAPTURE,
      MONITOR(CSU, CAPTURE) },
    { "CSU_OFSR", 0x0858, .has = ARM_MPAM_CSU_OFSR, MONITOR(CSU, OFSR) },
    { "MBWU", 0x0860, .has = ARM_MPAM_MBWU_MONITORS, MONITOR(MBWU, VALUE) },
    { "MBWU_CAPTURE", 0x0868, .has = ARM_MPAM_MBWU_CAPTURE,
      MONITOR(MBWU, CAPTURE) },
    { "MBWU_L", 0x0880, .has = ARM_MPAM_MBWU_LONG, .wide = ARM_MPAM_ALWAYS,
      MONITOR(MBWU, LONG) },
    { "MBWU_L_CAPTURE", 0x0890, .has = ARM_MPAM_MBWU_LONG_CAPTURE,
      .wide = ARM_MPAM_ALWAYS, MONITOR(MBWU, LONG_CAPTURE) },
    { "MBWU_OFSR", 0x0898, .has = ARM_MPAM_MBWU_OFSR, MONITOR(MBWU, OFSR) },
    { "OFLOW_MSI_MPAM", 0x08dc, .has = ARM_MPAM_OFLOW_MSI,
      PLAIN(overflow_msi.mpam), .mask = MSI_MPAM_MASK },
    { "OFLOW_MSI_ADDR_L", 0x08e0, .has = ARM_MPAM_OFLOW_MSI,
      PLAIN(overflow_msi.addr_l), .mask = MSI_ADDR_L_MASK },
    { "OFLOW_MSI_ADDR_H", 0x08e4, .has = ARM_MPAM_OFLOW_MSI,
      PLAIN(overflow_msi.addr_h), .mask = MSI_ADDR_H_MASK },
    { "OFLOW_MSI_DATA", 0x08e8, .has = ARM_MPAM_OFLOW_MSI,
      PLAIN(overflow_msi.data), .mask = MSI_DATA_MASK },
    { "OFLOW_MSI_ATTR", 0x08ec, .has = ARM_MPAM_OFLOW_MSI,
      PLAIN(overflow_msi.attr), .mask = MSI_ATTR_MASK,
      .written = arm_mpam_msc_update_irqs },
    { "OFLOW_SR", 0x08f0, .has = ARM_MPAM_OFLOW_SR, CALL,
      .read = arm_mpam_msc_oflow_sr_read },

    { "CPBM", 0x1000, .has = ARM_MPAM_CPBM_WD, .reset = 0xffffffff,
      .words = 1024, CONTROL(FIELD(BITMAP, 0, CPBM_WD)) },
    { "MBW_PBM", 0x2000, .has = ARM_MPAM_MBW_PBM_WD, .reset = 0xffffffff,
      .words = 128, CONTROL(FIELD(BITMAP, 0, MBW_PBM_WD)) },
};
const unsigned arm_mpam_nregs = ARRAY_SIZE(arm_mpam_regs);

/* Members of ArmMpamMsc and ArmMpamRis are indexed like this table */
QEMU_BUILD_BUG_ON(ARRAY_SIZE(arm_mpam_regs) > ARM_MPAM_MAX_REGS);

uint32_t arm_mpam_msc_garbage(ArmMpamMsc *s, unsigned ris, unsigned index,
                              unsigned word)
{
    return qemu_xxhash6(deposit64(s->identifier, 32, 32, s->power_cycles),
                        deposit64(index, 32, 32, word), ris, 0);
}

/* Only as many bits of a RIS number exist as the largest one needs */
uint64_t arm_mpam_msc_sel_mask(ArmMpamMsc *s)
{
    uint64_t ris = pow2ceil(s->param[ARM_MPAM_RIS_MAX] + 1) - 1;

    return MAKE_64BIT_MASK(0, SEL_INDEX_LEN) | ris << SEL_RIS_SHIFT;
}

/* What is the MSC's is every RIS's, too, but only if that exists */
static bool has_reg(ArmMpamMsc *s, const ArmMpamReg *reg)
{
    if (s->param[reg->has]) {
        return true;
    }
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        if (s->ris[r].present && s->ris[r].param[reg->has]) {
            return true;
        }
    }
    return false;
}

void arm_mpam_msc_init_frame(ArmMpamMsc *s)
{
    for (int i = 0; i < arm_mpam_nregs; i++) {
        if (has_reg(s, &arm_mpam_regs[i])) {
            set_bit(i, s->has_reg);
        }
    }
}

static bool is_wide(ArmMpamMsc *s, const ArmMpamReg *reg)
{
    return reg->wide && s->param[reg->wide];
}

const ArmMpamReg *arm_mpam_msc_find_reg(ArmMpamMsc *s, hwaddr addr,
                                        unsigned *word)
{
    for (int i = 0; i < arm_mpam_nregs; i++) {
        const ArmMpamReg *reg = &arm_mpam_regs[i];
        unsigned words = reg->words ?: is_wide(s, reg) ? 2 : 1;

        if (addr >= reg->offset && addr < reg->offset + words * 4) {
            *word = (addr - reg->offset) / 4;
            return test_bit(i, s->has_reg) ? reg : NULL;
        }
    }
    return NULL;
}

char *arm_mpam_reg_name(const ArmMpamReg *reg, unsigned word)
{
    if (!reg) {
        return g_strdup("reserved");
    }
    if (reg->words) {
        return g_strdup_printf("%s%u", reg->name, word);
    }
    return g_strdup_printf("%s%s", reg->name, word ? "_H" : "");
}

static void count_access(ArmMpamMsc *s, const ArmMpamReg *reg, unsigned word,
                         hwaddr addr, bool write)
{
    MpamAccessCount *count = g_hash_table_lookup(s->accesses,
                                                 GUINT_TO_POINTER(addr));

    if (!count) {
        count = g_new0(MpamAccessCount, 1);
        count->offset = addr;
        count->name = arm_mpam_reg_name(reg, word);
        g_hash_table_insert(s->accesses, GUINT_TO_POINTER(addr), count);
    }
    if (write) {
        s->writes++;
        count->writes++;
    } else {
        s->reads++;
        count->reads++;
    }
}

static void record_violation(ArmMpamMsc *s, MpamViolationKind kind, int cpu,
                             hwaddr addr, bool write)
{
    MpamViolation *v;

    for (int i = 0; i < s->violations->len; i++) {
        v = g_ptr_array_index(s->violations, i);
        if (v->kind == kind && v->cpu == cpu && v->offset == addr &&
            v->write == write) {
            v->count++;
            return;
        }
    }
    v = g_new0(MpamViolation, 1);
    *v = (MpamViolation) {
        .kind = kind, .cpu = cpu, .offset = addr, .write = write, .count = 1,
    };
    g_ptr_array_add(s->violations, v);
}

/*
 * Whether the access gets through to the MSC at all. A debugger (there is no
 * current CPU) can always reach it, and does no wrong when there's no power.
 */
static bool is_reachable(ArmMpamMsc *s, hwaddr addr, bool write)
{
    int cpu = current_cpu ? current_cpu->cpu_index : -1;

    if (!s->powered) {
        /* That it has failed is not for software to know */
        if (cpu >= 0 && !s->power_failed) {
            record_violation(s, MPAM_VIOLATION_KIND_POWER, cpu, addr, write);
        }
        return false;
    }
    if (cpu >= 0 && !test_bit(cpu, s->cpus)) {
        record_violation(s, MPAM_VIOLATION_KIND_AFFINITY, cpu, addr, write);
        return false;
    }
    return true;
}

/* Registers are accessed in 32 bits; the 64-bit ones in 64 bits, too */
static bool is_width_valid(ArmMpamMsc *s, const ArmMpamReg *reg, hwaddr addr,
                           unsigned size, bool write)
{
    if (size == 4 && addr % 4 == 0) {
        return true;
    }
    if (size == 8 && reg && is_wide(s, reg) && addr == reg->offset) {
        return true;
    }
    record_violation(s, MPAM_VIOLATION_KIND_WIDTH,
                     current_cpu ? current_cpu->cpu_index : -1, addr, write);
    return false;
}

static uint64_t *plain_member(ArmMpamMsc *s, const ArmMpamReg *reg)
{
    return (uint64_t *)((char *)s + reg->member);
}

/* What a part of a register reads as */
static uint64_t reg_read(ArmMpamMsc *s, const ArmMpamReg *reg, unsigned word,
                         unsigned size)
{
    uint64_t value = 0;

    switch (reg->kind) {
    case REG_PLAIN:
        value = *plain_member(s, reg);
        break;
    case REG_ID:
        value = s->ris[arm_mpam_msc_sel_ris(s)].id[reg->id];
        break;
    case REG_CONTROL:
        return arm_mpam_msc_control_read(s, reg, word);
    case REG_MONITOR:
        return arm_mpam_msc_monitor_read(s, reg, word, size);
    case REG_CALL:
        value = reg->read ? reg->read(s) : 0;
        break;
    }
    if (reg->identifies && s->id_ones) {
        value = UINT64_MAX;
    }
    return extract64(value, word * 32, size * 8);
}

static uint64_t serve_read(ArmMpamMsc *s, hwaddr addr, unsigned size)
{
    unsigned word = 0;
    const ArmMpamReg *reg = arm_mpam_msc_find_reg(s, addr, &word);
    uint64_t value;

    count_access(s, reg, word, addr, false);
    if (!is_reachable(s, addr, false)) {
        return MAKE_64BIT_MASK(0, size * 8);
    }
    if (!is_width_valid(s, reg, addr, size, false)) {
        return 0;
    }
    value = reg ? reg_read(s, reg, word, size) : 0;
    for (unsigned at = 0; at < size; at += 4) {
        value = deposit64(value, at * 8, 32,
                          arm_mpam_msc_faulty_read(s, addr + at,
                                                   value >> (at * 8)));
    }
    return value;
}

static uint64_t msc_read(void *opaque, hwaddr addr, unsigned size)
{
    uint64_t value = serve_read(opaque, addr, size);

    arm_mpam_msc_accessed(opaque);
    return value;
}

static void plain_write(ArmMpamMsc *s, const ArmMpamReg *reg, unsigned word,
                        unsigned size, uint64_t value)
{
    uint64_t *member = plain_member(s, reg);

    if (reg->write) {
        reg->write(s, value);
    } else if (reg->mask && (!reg->writable || s->param[reg->writable])) {
        *member = deposit64(*member, word * 32, size * 8, value) & reg->mask;
    }
    if (reg->written) {
        reg->written(s);
    }
}

static void serve_write(ArmMpamMsc *s, hwaddr addr, uint64_t value,
                        unsigned size)
{
    unsigned word = 0;
    const ArmMpamReg *reg = arm_mpam_msc_find_reg(s, addr, &word);

    count_access(s, reg, word, addr, true);
    if (!is_reachable(s, addr, true) ||
        !is_width_valid(s, reg, addr, size, true) || !reg) {
        return;
    }
    switch (reg->kind) {
    case REG_PLAIN:
        plain_write(s, reg, word, size, value);
        break;
    case REG_ID:
        break;
    case REG_CONTROL:
        arm_mpam_msc_control_write(s, reg, word, value);
        break;
    case REG_MONITOR:
        arm_mpam_msc_monitor_write(s, reg, word, size, value);
        break;
    case REG_CALL:
        if (reg->write) {
            reg->write(s, value);
        }
        break;
    }
}

static void msc_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    serve_write(opaque, addr, value, size);
    arm_mpam_msc_accessed(opaque);
}

const MemoryRegionOps arm_mpam_msc_ops = {
    .read = msc_read,
    .write = msc_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    /* Wrong ones must arrive here to be recorded */
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

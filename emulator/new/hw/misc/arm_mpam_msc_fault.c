/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): faults on demand, over QMP.
 *
 * Also what stands for a part of the machine that isn't there, such as a
 * device that makes requests, or the source of a capture event.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/timer.h"
#include "qemu/xxhash.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-mpam-fault.h"
#include "arm_mpam_msc_internal.h"

/* Shorter ones would leave the guest no time to run in */
#define MIN_STORM_PERIOD_NS     1000

static ArmMpamMsc *find_ris(const char *name, uint8_t ris, Error **errp)
{
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);

    if (s && (ris >= ARM_MPAM_MAX_RIS || !s->ris[ris].present)) {
        error_setg(errp, "%s has no RIS %u", name, ris);
        return NULL;
    }
    return s;
}

static ArmMpamMonType mon_type(MpamMonitorType type)
{
    return type == MPAM_MONITOR_TYPE_CSU ? ARM_MPAM_CSU : ARM_MPAM_MBWU;
}

static ArmMpamMonitor *find_monitor(const char *name, uint8_t ris,
                                    MpamMonitorType type, uint16_t index,
                                    Error **errp)
{
    ArmMpamMsc *s = find_ris(name, ris, errp);
    ArmMpamMonitor *m = s ? arm_mpam_msc_monitor(s, ris, mon_type(type),
                                                 index) : NULL;

    if (s && !m) {
        error_setg(errp, "RIS %u of %s has no %s monitor %u", ris, name,
                   MpamMonitorType_str(type), index);
    }
    return m;
}

void qmp_mpam_inject_error(const char *name, uint8_t code, bool has_partid,
                           uint16_t partid, bool has_pmg, uint8_t pmg,
                           bool has_ris, uint8_t ris, Error **errp)
{
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);

    if (!s) {
        return;
    }
    if (code > 15 || ris > 15) {
        error_setg(errp, "codes and RIS are from 0 to 15");
    } else if (!s->param[ARM_MPAM_HAS_ESR] || !s->powered) {
        error_setg(errp, "%s has no MPAMF_ESR, or no power", name);
    } else {
        arm_mpam_msc_record_error(s, code, partid, pmg, ris);
    }
}

static void storm_tick(void *opaque)
{
    ArmMpamMsc *s = opaque;

    if (s->powered) {
        if (s->storm_code) {
            arm_mpam_msc_record_error(s, s->storm_code, 0, 0, 0);
        } else {
            arm_mpam_msc_spurious(s, s->storm_line);
        }
    }
    timer_mod(s->storm, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                        s->storm_period);
}

void qmp_mpam_inject_storm(const char *name, MpamInterrupt interrupt,
                           int64_t period_ns, bool has_code, uint8_t code,
                           Error **errp)
{
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);

    if (!s) {
        return;
    }
    if (period_ns == 0) {
        timer_del(s->storm);
        return;
    }
    if (period_ns < MIN_STORM_PERIOD_NS || code > 15) {
        error_setg(errp, "periods are from %d ns, codes to 15",
                   MIN_STORM_PERIOD_NS);
        return;
    }
    if (code && (interrupt != MPAM_INTERRUPT_ERROR ||
                 !s->param[ARM_MPAM_HAS_ESR])) {
        error_setg(errp, "%s has no MPAMF_ESR, or that isn't the error "
                   "interrupt", name);
        return;
    }
    s->storm_line = interrupt == MPAM_INTERRUPT_ERROR ? &s->error
                                                      : &s->overflow;
    s->storm_code = code;
    s->storm_period = period_ns;
    timer_mod(s->storm, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + period_ns);
}

void qmp_mpam_inject_nrdy(const char *name, uint8_t ris, MpamMonitorType type,
                          bool stuck, bool has_monitor, uint16_t monitor,
                          Error **errp)
{
    ArmMpamMsc *s = find_ris(name, ris, errp);
    unsigned n;

    if (!s) {
        return;
    }
    if (has_monitor) {
        ArmMpamMonitor *m = find_monitor(name, ris, type, monitor, errp);

        if (m) {
            m->stuck = stuck;
        }
        return;
    }
    n = s->ris[ris].param[type == MPAM_MONITOR_TYPE_CSU
                          ? ARM_MPAM_CSU_MONITORS : ARM_MPAM_MBWU_MONITORS];
    for (unsigned i = 0; i < n; i++) {
        s->ris[ris].mon[mon_type(type)][i].stuck = stuck;
    }
}

/* A register by name, or by the offset of the word */
static bool find_offset(ArmMpamMsc *s, const char *text, hwaddr *offset,
                        Error **errp)
{
    unsigned at;

    if (qemu_strtoui(text, NULL, 0, &at) == 0) {
        *offset = at;
    } else {
        for (at = 0; at < s->size; at += 4) {
            unsigned word = 0;
            const ArmMpamReg *reg = arm_mpam_msc_find_reg(s, at, &word);
            g_autofree char *name = reg ? arm_mpam_reg_name(reg, word) : NULL;

            if (name && g_str_equal(name, text)) {
                *offset = at;
                break;
            }
        }
    }
    if (at >= s->size || at % 4) {
        error_setg(errp, "%s has no register %s", s->name, text);
        return false;
    }
    return true;
}

void qmp_mpam_inject_register(const char *name, const char *reg,
                              MpamRegisterFault fault, Error **errp)
{
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);
    hwaddr offset;

    if (!s || !find_offset(s, reg, &offset, errp)) {
        return;
    }
    if (fault == MPAM_REGISTER_FAULT_NONE) {
        g_hash_table_remove(s->broken, GUINT_TO_POINTER(offset));
    } else {
        g_hash_table_insert(s->broken, GUINT_TO_POINTER(offset),
                            GUINT_TO_POINTER(fault));
    }
}

uint32_t arm_mpam_msc_faulty_read(ArmMpamMsc *s, hwaddr addr, uint32_t value)
{
    switch (GPOINTER_TO_UINT(g_hash_table_lookup(s->broken,
                                                 GUINT_TO_POINTER(addr)))) {
    case MPAM_REGISTER_FAULT_ONES:
        return UINT32_MAX;
    case MPAM_REGISTER_FAULT_ZEROES:
        return 0;
    case MPAM_REGISTER_FAULT_GARBAGE:
        return qemu_xxhash4(addr, s->broken_reads++);
    default:
        return value;
    }
}

void qmp_mpam_set_counter(const char *name, uint8_t ris, MpamMonitorType type,
                          uint16_t monitor, uint64_t value, bool has_is_long,
                          bool is_long, Error **errp)
{
    ArmMpamMonitor *m = find_monitor(name, ris, type, monitor, errp);
    unsigned len = 31;
    ArmMpamMsc *s;

    if (!m) {
        return;
    }
    s = arm_mpam_msc_by_name(name, &error_abort);
    if (is_long) {
        if (type != MPAM_MONITOR_TYPE_MBWU ||
            !s->ris[ris].param[ARM_MPAM_MBWU_LONG]) {
            error_setg(errp, "it has no long counter");
            return;
        }
        len = s->ris[ris].param[ARM_MPAM_MBWU_WIDTH];
    }
    if (value > MAKE_64BIT_MASK(0, len)) {
        error_setg(errp, "it has %u bits", len);
        return;
    }
    m->live[is_long].value = value;
    m->live[is_long].residue = 0;
}

void qmp_mpam_inject_tear(const char *name, uint8_t ris, uint16_t monitor,
                          uint64_t bytes, uint64_t times, Error **errp)
{
    ArmMpamMonitor *m = find_monitor(name, ris, MPAM_MONITOR_TYPE_MBWU,
                                     monitor, errp);

    if (m) {
        m->tear_bytes = bytes;
        m->tear_count = times;
    }
}

void qmp_mpam_traffic(const char *name, uint8_t ris, uint16_t partid,
                      uint8_t pmg, uint64_t read_bytes, uint64_t write_bytes,
                      Error **errp)
{
    ArmMpamMsc *s = find_ris(name, ris, errp);

    if (s) {
        arm_mpam_msc_traffic(s, ris, partid, pmg, read_bytes, write_bytes);
    }
}

void qmp_mpam_occupancy(const char *name, uint8_t ris, uint16_t partid,
                        uint8_t pmg, uint64_t bytes, uint64_t dirty_bytes,
                        Error **errp)
{
    ArmMpamMsc *s = find_ris(name, ris, errp);

    if (s && dirty_bytes > bytes) {
        error_setg(errp, "more is dirty than there is");
    } else if (s) {
        arm_mpam_msc_set_occupancy(s, ris, partid, pmg, bytes, dirty_bytes);
    }
}

void qmp_mpam_capture_event(const char *name, uint8_t event, Error **errp)
{
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);

    if (s && (!event || event > s->param[ARM_MPAM_CAPT_EVENTS])) {
        error_setg(errp, "%s has no external capture event %u", name, event);
    } else if (s) {
        arm_mpam_msc_capture_event(s, event);
    }
}

void arm_mpam_msc_init_faults(ArmMpamMsc *s)
{
    s->broken = g_hash_table_new(NULL, NULL);
    s->storm = timer_new_ns(QEMU_CLOCK_VIRTUAL, storm_tick, s);
}

void arm_mpam_msc_free_faults(ArmMpamMsc *s)
{
    g_clear_pointer(&s->broken, g_hash_table_destroy);
    timer_free(s->storm);
}

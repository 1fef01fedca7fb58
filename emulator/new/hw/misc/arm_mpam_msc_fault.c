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

/* What one command asks for */
typedef struct ArmMpamFault {
    void (*happen)(ArmMpamMsc *s, const struct ArmMpamFault *f);
    uint64_t due;       /* after so many accesses in all */

    uint8_t code;
    uint16_t partid;
    uint8_t pmg;
    uint8_t ris;

    MpamInterrupt interrupt;
    int64_t period_ns;

    ArmMpamMonType type;
    unsigned first;     /* monitors */
    unsigned last;
    bool stuck;
    uint64_t bytes;
    uint64_t times;

    hwaddr offset;
    MpamRegisterFault reads_as;

    MpamPowerFault power;
} ArmMpamFault;

static uint64_t num_accesses(ArmMpamMsc *s)
{
    return s->reads + s->writes;
}

/* Now, or after so many more accesses */
static void have_fault(ArmMpamMsc *s, ArmMpamFault f, bool has_after,
                       uint64_t after)
{
    if (!has_after || !after) {
        f.happen(s, &f);
        return;
    }
    f.due = num_accesses(s) + after;
    g_array_append_val(s->faults, f);
}

void arm_mpam_msc_accessed(ArmMpamMsc *s)
{
    for (unsigned i = 0; i < s->faults->len;) {
        ArmMpamFault f = g_array_index(s->faults, ArmMpamFault, i);

        if (f.due > num_accesses(s)) {
            i++;
            continue;
        }
        g_array_remove_index(s->faults, i);
        f.happen(s, &f);
    }
}

MpamFaultCount *qmp_mpam_cancel_faults(const char *name, Error **errp)
{
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);
    MpamFaultCount *cancelled;

    if (!s) {
        return NULL;
    }
    cancelled = g_new0(MpamFaultCount, 1);
    cancelled->count = s->faults->len;
    g_array_set_size(s->faults, 0);
    return cancelled;
}

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

static void happen_error(ArmMpamMsc *s, const ArmMpamFault *f)
{
    if (s->powered) {
        arm_mpam_msc_record_error(s, f->code, f->partid, f->pmg, f->ris);
    }
}

void qmp_mpam_inject_error(const char *name, uint8_t code, bool has_partid,
                           uint16_t partid, bool has_pmg, uint8_t pmg,
                           bool has_ris, uint8_t ris, bool has_after,
                           uint64_t after, Error **errp)
{
    ArmMpamFault f = {
        .happen = happen_error, .code = code, .partid = partid, .pmg = pmg,
        .ris = ris,
    };
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);

    if (!s) {
        return;
    }
    if (code > 15 || ris > 15) {
        error_setg(errp, "codes and RIS are from 0 to 15");
    } else if (!s->param[ARM_MPAM_HAS_ESR] || (!s->powered && !after)) {
        error_setg(errp, "%s has no MPAMF_ESR, or no power", name);
    } else {
        have_fault(s, f, has_after, after);
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

static void happen_storm(ArmMpamMsc *s, const ArmMpamFault *f)
{
    if (f->period_ns == 0) {
        timer_del(s->storm);
        return;
    }
    s->storm_line = f->interrupt == MPAM_INTERRUPT_ERROR ? &s->error
                                                         : &s->overflow;
    s->storm_code = f->code;
    s->storm_period = f->period_ns;
    timer_mod(s->storm, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + f->period_ns);
}

void qmp_mpam_inject_storm(const char *name, MpamInterrupt interrupt,
                           int64_t period_ns, bool has_code, uint8_t code,
                           bool has_after, uint64_t after, Error **errp)
{
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);
    ArmMpamFault f = {
        .happen = happen_storm, .interrupt = interrupt,
        .period_ns = period_ns, .code = code,
    };

    if (!s) {
        return;
    }
    if ((period_ns && period_ns < MIN_STORM_PERIOD_NS) || code > 15) {
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
    have_fault(s, f, has_after, after);
}

static void happen_nrdy(ArmMpamMsc *s, const ArmMpamFault *f)
{
    for (unsigned i = f->first; i <= f->last; i++) {
        s->ris[f->ris].mon[f->type][i].stuck = f->stuck;
    }
}

/* One monitor, or all of that type: where there are none, that is an error */
static ArmMpamMsc *find_monitors(const char *name, uint8_t ris,
                                 MpamMonitorType type, bool has_monitor,
                                 uint16_t monitor, ArmMpamFault *f,
                                 Error **errp)
{
    ArmMpamMsc *s;

    if (!find_monitor(name, ris, type, has_monitor ? monitor : 0, errp)) {
        return NULL;
    }
    s = arm_mpam_msc_by_name(name, &error_abort);
    f->ris = ris;
    f->type = mon_type(type);
    f->first = f->last = has_monitor ? monitor : 0;
    if (!has_monitor) {
        f->last = s->ris[ris].param[type == MPAM_MONITOR_TYPE_CSU
                                    ? ARM_MPAM_CSU_MONITORS
                                    : ARM_MPAM_MBWU_MONITORS] - 1;
    }
    return s;
}

void qmp_mpam_inject_nrdy(const char *name, uint8_t ris, MpamMonitorType type,
                          bool stuck, bool has_monitor, uint16_t monitor,
                          bool has_after, uint64_t after, Error **errp)
{
    ArmMpamFault f = { .happen = happen_nrdy, .stuck = stuck };
    ArmMpamMsc *s = find_monitors(name, ris, type, has_monitor, monitor, &f,
                                  errp);

    if (s) {
        have_fault(s, f, has_after, after);
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

static void happen_register(ArmMpamMsc *s, const ArmMpamFault *f)
{
    if (f->reads_as == MPAM_REGISTER_FAULT_NONE) {
        g_hash_table_remove(s->broken, GUINT_TO_POINTER(f->offset));
    } else {
        g_hash_table_insert(s->broken, GUINT_TO_POINTER(f->offset),
                            GUINT_TO_POINTER(f->reads_as));
    }
}

void qmp_mpam_inject_register(const char *name, const char *reg,
                              MpamRegisterFault fault, bool has_after,
                              uint64_t after, Error **errp)
{
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);
    ArmMpamFault f = { .happen = happen_register, .reads_as = fault };

    if (s && find_offset(s, reg, &f.offset, errp)) {
        have_fault(s, f, has_after, after);
    }
}

static void happen_power(ArmMpamMsc *s, const ArmMpamFault *f)
{
    if (f->power != MPAM_POWER_FAULT_ON) {
        arm_mpam_msc_fail_power(s, true);
    }
    if (f->power != MPAM_POWER_FAULT_OFF) {
        arm_mpam_msc_fail_power(s, false);
    }
}

void qmp_mpam_inject_power(const char *name, MpamPowerFault power,
                           bool has_after, uint64_t after, Error **errp)
{
    ArmMpamMsc *s = arm_mpam_msc_by_name(name, errp);
    ArmMpamFault f = { .happen = happen_power, .power = power };

    if (s) {
        have_fault(s, f, has_after, after);
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

static void happen_tear(ArmMpamMsc *s, const ArmMpamFault *f)
{
    for (unsigned i = f->first; i <= f->last; i++) {
        ArmMpamMonitor *m = &s->ris[f->ris].mon[f->type][i];

        m->tear_bytes = f->bytes;
        m->tear_count = f->times;
    }
}

void qmp_mpam_inject_tear(const char *name, uint8_t ris, bool has_monitor,
                          uint16_t monitor, uint64_t bytes, uint64_t times,
                          bool has_after, uint64_t after, Error **errp)
{
    ArmMpamFault f = {
        .happen = happen_tear, .bytes = bytes, .times = times,
    };
    ArmMpamMsc *s = find_monitors(name, ris, MPAM_MONITOR_TYPE_MBWU,
                                  has_monitor, monitor, &f, errp);

    if (s) {
        have_fault(s, f, has_after, after);
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
    s->faults = g_array_new(false, false, sizeof(ArmMpamFault));
    s->broken = g_hash_table_new(NULL, NULL);
    s->storm = timer_new_ns(QEMU_CLOCK_VIRTUAL, storm_tick, s);
}

void arm_mpam_msc_free_faults(ArmMpamMsc *s)
{
    g_clear_pointer(&s->faults, g_array_unref);
    g_clear_pointer(&s->broken, g_hash_table_destroy);
    timer_free(s->storm);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): monitors.
 *
 * A CSU measures: its value is what the matching labels have in the cache
 * when it is read. An MBWU counts bytes, in a short counter and maybe a long
 * one, each with its own wrap. What the two have in common is described by a
 * row of mon_kinds[].
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "arm_mpam_msc_internal.h"

/* MSMON_CFG_x_CTL */
#define CTL_OFLOW_LNKG_SHIFT    8
#define CTL_OFLOW_LNKG          MAKE_64BIT_MASK(CTL_OFLOW_LNKG_SHIFT, 3)
#define CTL_OFLOW_CAPT_L        BIT(13)
#define CTL_OFLOW_INTR_L        BIT(14)
#define CTL_OFLOW_STATUS_L      BIT(15)
#define CTL_MATCH_PARTID        BIT(16)
#define CTL_MATCH_PMG           BIT(17)
#define CTL_CEVNT_OFLW          BIT(18)
#define CTL_SCLEN               BIT(19)
#define CTL_OFLOW_CAPT          BIT(23)
#define CTL_OFLOW_FRZ           BIT(24)
#define CTL_OFLOW_INTR          BIT(25)
#define CTL_OFLOW_STATUS        BIT(26)
#define CTL_CAPT_RESET          BIT(27)
#define CTL_CAPT_EVNT_SHIFT     28
#define CTL_CAPT_EVNT           MAKE_64BIT_MASK(CTL_CAPT_EVNT_SHIFT, 3)
#define CTL_EN                  BIT(31)

/* A change of these makes the monitor's value stale */
#define CTL_SELECTS             (CTL_MATCH_PARTID | CTL_MATCH_PMG | CTL_SCLEN)

/* MSMON_CFG_x_FLT */
#define FLT_LABEL               MAKE_64BIT_MASK(0, 24)
#define FLT_RWBW_SHIFT          30
#define FLT_RWBW                MAKE_64BIT_MASK(FLT_RWBW_SHIFT, 2)
#define FLT_XCL                 BIT(31)
#define RWBW_BOTH               0
#define RWBW_WRITES             1
#define RWBW_READS              2

/* MSMON_x: short and long */
#define SHORT_LEN               31
#define SHORT_NRDY              BIT_ULL(31)
#define LONG_NRDY               BIT_ULL(63)

/* MSMON_CAPT_EVNT; ALL is for other pages than the Non-secure one */
#define CAPT_EVNT_NOW           BIT_ULL(0)
#define CAPT_EVNT_LOCAL         7

/* MSMON_OFLOW_SR */
#define OFLOW_SR_MBWU           BIT_ULL(30)
#define OFLOW_SR_CSU            BIT_ULL(31)

/* Where RAZ is allowed for a monitor that the RIS lacks, so is this */
#define NO_MONITOR              0xfffffffe

enum { SHORT, LONG };

static const uint32_t status_bit[] = { CTL_OFLOW_STATUS, CTL_OFLOW_STATUS_L };
static const uint32_t intr_bit[] = { CTL_OFLOW_INTR, CTL_OFLOW_INTR_L };
static const uint32_t capt_bit[] = { CTL_OFLOW_CAPT, CTL_OFLOW_CAPT_L };

/* Bits of a register that exist if the RIS has @param */
typedef struct MonBits {
    uint32_t bits;
    ArmMpamParam param;
} MonBits;

typedef struct MonKind {
    uint8_t ctl_type;
    ArmMpamParam monitors, nrdy, capture, lnkg, cevnt_oflw, ofsr;
    MonBits ctl[10];
    MonBits flt[2];
} MonKind;

static const MonKind mon_kinds[] = {
    [ARM_MPAM_CSU] = {
        .ctl_type = 0x43,
        .monitors = ARM_MPAM_CSU_MONITORS,
        .nrdy = ARM_MPAM_CSU_NRDY,
        .capture = ARM_MPAM_CSU_CAPTURE,
        .lnkg = ARM_MPAM_CSU_OFLOW_LNKG,
        .cevnt_oflw = ARM_MPAM_CSU_CEVNT_OFLW,
        .ofsr = ARM_MPAM_CSU_OFSR,
        .ctl = {
            { CTL_EN, ARM_MPAM_CSU_MONITORS },
            { CTL_MATCH_PARTID, ARM_MPAM_CSU_MATCH_PARTID },
            { CTL_MATCH_PMG, ARM_MPAM_CSU_MATCH_PMG },
            { CTL_OFLOW_LNKG, ARM_MPAM_CSU_OFLOW_LNKG },
            { CTL_CEVNT_OFLW, ARM_MPAM_CSU_CEVNT_OFLW },
            { CTL_OFLOW_CAPT, ARM_MPAM_CSU_OFLOW_CAPT },
            { CTL_OFLOW_FRZ | CTL_OFLOW_INTR | CTL_OFLOW_STATUS,
              ARM_MPAM_CSU_OFLOW },
            { CTL_CAPT_RESET | CTL_CAPT_EVNT, ARM_MPAM_CSU_CAPTURE },
        },
        .flt = {
            { FLT_LABEL, ARM_MPAM_CSU_MONITORS },
            { FLT_XCL, ARM_MPAM_CSU_XCL },
        },
    },
    [ARM_MPAM_MBWU] = {
        .ctl_type = 0x42,
        .monitors = ARM_MPAM_MBWU_MONITORS,
        .nrdy = ARM_MPAM_MBWU_NRDY,
        .capture = ARM_MPAM_MBWU_CAPTURE,
        .lnkg = ARM_MPAM_MBWU_OFLOW_LNKG,
        .cevnt_oflw = ARM_MPAM_MBWU_CEVNT_OFLW,
        .ofsr = ARM_MPAM_MBWU_OFSR,
        .ctl = {
            { CTL_EN | CTL_OFLOW_FRZ | CTL_OFLOW_INTR | CTL_OFLOW_STATUS,
              ARM_MPAM_MBWU_MONITORS },
            { CTL_MATCH_PARTID, ARM_MPAM_MBWU_MATCH_PARTID },
            { CTL_MATCH_PMG, ARM_MPAM_MBWU_MATCH_PMG },
            { CTL_OFLOW_LNKG, ARM_MPAM_MBWU_OFLOW_LNKG },
            { CTL_OFLOW_INTR_L | CTL_OFLOW_STATUS_L, ARM_MPAM_MBWU_LONG },
            { CTL_CEVNT_OFLW, ARM_MPAM_MBWU_CEVNT_OFLW },
            { CTL_SCLEN, ARM_MPAM_MBWU_SCALE },
            { CTL_OFLOW_CAPT, ARM_MPAM_MBWU_OFLOW_CAPT },
            { CTL_CAPT_RESET | CTL_CAPT_EVNT, ARM_MPAM_MBWU_CAPTURE },
            { CTL_OFLOW_CAPT_L, ARM_MPAM_MBWU_LONG },
        },
        .flt = {
            { FLT_LABEL, ARM_MPAM_MBWU_MONITORS },
            { FLT_RWBW, ARM_MPAM_MBWU_RWBW },
        },
    },
};

/* A monitor, and where it is */
typedef struct MonRef {
    ArmMpamMsc *s;
    unsigned r;
    ArmMpamMonType type;
    unsigned index;
    const ArmMpamRis *ris;
    const MonKind *kind;
    ArmMpamMonitor *m;
} MonRef;

static MonRef mon_ref(ArmMpamMsc *s, unsigned r, ArmMpamMonType type,
                      unsigned index)
{
    return (MonRef) {
        .s = s, .r = r, .type = type, .index = index, .ris = &s->ris[r],
        .kind = &mon_kinds[type], .m = &s->ris[r].mon[type][index],
    };
}

static unsigned nmonitors(const ArmMpamRis *ris, ArmMpamMonType type)
{
    return ris->param[mon_kinds[type].monitors];
}

/* Runs a block for each monitor of the MSC, as @ref */
#define FOR_EACH_MONITOR(msc, ref)                                          \
    for (unsigned r_ = 0; r_ < ARM_MPAM_MAX_RIS; r_++)                      \
        for (ArmMpamMonType t_ = 0; t_ < ARM_MPAM_NMONTYPES; t_++)          \
            for (unsigned i_ = 0; i_ < nmonitors(&(msc)->ris[r_], t_); i_++) \
                for (MonRef ref = mon_ref(msc, r_, t_, i_); ref.s;          \
                     ref.s = NULL)

ArmMpamMonitor *arm_mpam_msc_monitor(ArmMpamMsc *s, unsigned r,
                                     ArmMpamMonType type, unsigned index)
{
    if (r >= ARM_MPAM_MAX_RIS || index >= nmonitors(&s->ris[r], type)) {
        return NULL;
    }
    return &s->ris[r].mon[type][index];
}

static uint32_t implemented(const ArmMpamRis *ris, const MonBits *bits,
                            unsigned n)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < n; i++) {
        mask |= ris->param[bits[i].param] ? bits[i].bits : 0;
    }
    return mask;
}

static uint32_t ctl_mask(const MonRef *ref)
{
    uint32_t mask = implemented(ref->ris, ref->kind->ctl,
                                ARRAY_SIZE(ref->kind->ctl));

    return mask & CTL_OFLOW_CAPT ? mask : mask & ~CTL_OFLOW_CAPT_L;
}

static uint32_t flt_mask(const MonRef *ref)
{
    return implemented(ref->ris, ref->kind->flt, ARRAY_SIZE(ref->kind->flt));
}

static unsigned counter_len(const MonRef *ref, int which)
{
    return which == LONG ? ref->ris->param[ARM_MPAM_MBWU_WIDTH] : SHORT_LEN;
}

static bool has_counter(const MonRef *ref, int which)
{
    return which == SHORT ||
           (ref->type == ARM_MPAM_MBWU && ref->ris->param[ARM_MPAM_MBWU_LONG]);
}

static ArmMpamNrdy nrdy_mode(const MonRef *ref)
{
    return ref->m->stuck ? ARM_MPAM_NRDY_STUCK
                         : ref->ris->param[ref->kind->nrdy];
}

static bool is_settled(const MonRef *ref)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) >= ref->m->settles;
}

/* What NRDY reads as now */
static bool is_nrdy(const MonRef *ref, int which)
{
    bool nrdy = ref->m->live[which].nrdy;

    if (ref->m->stuck) {
        return true;
    }
    return nrdy && (nrdy_mode(ref) != ARM_MPAM_NRDY_TIMED || !is_settled(ref));
}

/* What it is to tell has changed: where hardware manages NRDY, it says so */
static void make_stale(const MonRef *ref)
{
    if (ref->ris->param[ref->kind->nrdy] == ARM_MPAM_NRDY_STORAGE) {
        return;
    }
    ref->m->live[SHORT].nrdy = true;
    ref->m->live[LONG].nrdy = true;
    ref->m->settles = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                      ref->s->param[ARM_MPAM_NRDY_US] * (int64_t)SCALE_US;
}

static bool is_match(const ArmMpamMonitor *m, uint16_t partid, uint8_t pmg)
{
    return (!(m->ctl & CTL_MATCH_PARTID) ||
            partid == extract32(m->flt, 0, 16)) &&
           (!(m->ctl & CTL_MATCH_PMG) || pmg == extract32(m->flt, 16, 8));
}

/*
 * Bytes in the cache. Until it has settled, a CSU has something else, and more
 * than it has bits for is as much as these can tell.
 */
static uint64_t measure(const MonRef *ref)
{
    const ArmMpamMonitor *m = ref->m;
    GHashTableIter iter;
    ArmMpamLabel *label;
    uint64_t bytes = 0;

    if (!is_settled(ref)) {
        return extract32(arm_mpam_msc_garbage(ref->s, ref->r,
                                              GARBAGE_MON + ref->index,
                                              m->settles / SCALE_US),
                         0, SHORT_LEN);
    }
    g_hash_table_iter_init(&iter, ref->ris->labels);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&label)) {
        if (is_match(m, arm_mpam_msc_partid(ref->s, label->partid),
                     arm_mpam_msc_pmg(ref->s, label->pmg))) {
            bytes += m->flt & FLT_XCL ? label->dirty : label->occupancy;
        }
    }
    return MIN(bytes, MAKE_64BIT_MASK(0, SHORT_LEN));
}

static uint64_t current_value(const MonRef *ref, int which)
{
    if (ref->type == ARM_MPAM_CSU && (ref->m->ctl & CTL_EN)) {
        return measure(ref);
    }
    return ref->m->live[which].value;
}

static void capture(const MonRef *ref, int which)
{
    ArmMpamMonitor *m = ref->m;

    m->captured[which].value = current_value(ref, which);
    m->captured[which].nrdy = is_nrdy(ref, which);
    if (nrdy_mode(ref) != ARM_MPAM_NRDY_STUCK) {
        m->live[which].nrdy = false;
    }
}

static void overflowed(const MonRef *ref, int which)
{
    ArmMpamMonitor *m = ref->m;
    bool first = !(m->ctl & status_bit[which]);

    m->ctl |= status_bit[which];
    if (m->ctl & CTL_OFLOW_FRZ) {
        m->live[SHORT].frozen = true;
        m->live[LONG].frozen = true;
    }
    if (m->ctl & capt_bit[which]) {
        capture(ref, which);
    }
    /* An overflow that hasn't been dealt with hides those that follow */
    if (first && (m->ctl & intr_bit[which])) {
        m->interrupting[which] = true;
        arm_mpam_msc_signal_overflow(ref->s);
        if (m->ctl & CTL_OFLOW_LNKG) {
            arm_mpam_msc_capture_event(ref->s,
                                       extract32(m->ctl, CTL_OFLOW_LNKG_SHIFT,
                                                 3));
        }
    }
}

void arm_mpam_msc_overflow(ArmMpamMsc *s, unsigned r, ArmMpamMonType type,
                           unsigned index, bool is_long)
{
    MonRef ref = mon_ref(s, r, type, index);

    overflowed(&ref, is_long ? LONG : SHORT);
}

void arm_mpam_msc_capture_event(ArmMpamMsc *s, unsigned event)
{
    bool exists = event == CAPT_EVNT_LOCAL ?
        s->param[ARM_MPAM_LOCAL_CAPT] :
        event && event <= s->param[ARM_MPAM_CAPT_EVENTS];

    if (!exists || !s->powered) {
        return;
    }
    FOR_EACH_MONITOR(s, ref) {
        ArmMpamMonitor *m = ref.m;

        if (extract32(m->ctl, CTL_CAPT_EVNT_SHIFT, 3) != event) {
            continue;
        }
        for (int which = SHORT; which <= LONG; which++) {
            capture(&ref, which);
            if (m->ctl & CTL_CAPT_RESET) {
                m->live[which].value = 0;
                m->live[which].residue = 0;
            }
        }
        if (m->ctl & CTL_CEVNT_OFLW) {
            overflowed(&ref, SHORT);
        }
    }
}

/* Counts @bytes, exactly; returns whether that went over the end */
static bool advance(ArmMpamCounter *c, uint64_t bytes, unsigned unit_shift,
                    unsigned len)
{
    uint64_t end = MAKE_64BIT_MASK(0, len), units, rest;
    uint64_t part = BIT_ULL(unit_shift) - 1;
    bool over;

    if (c->frozen) {
        return false;
    }
    rest = c->residue + (bytes & part);
    units = (bytes >> unit_shift) + (rest >> unit_shift);
    c->residue = rest & part;
    over = units > end - c->value;
    c->value = (c->value + units) & end;
    return over;
}

static void count_bytes(const MonRef *ref, uint64_t bytes)
{
    unsigned unit = ctz32(ref->ris->param[ARM_MPAM_MBWU_UNIT]);
    bool over[2];

    for (int which = SHORT; which <= LONG; which++) {
        unsigned scale = which == SHORT && (ref->m->ctl & CTL_SCLEN) ?
                         ref->ris->param[ARM_MPAM_MBWU_SCALE] : 0;

        over[which] = has_counter(ref, which) &&
                      advance(&ref->m->live[which], bytes, unit + scale,
                              counter_len(ref, which));
    }
    /* Only now, as the overflow of one may freeze the other */
    for (int which = SHORT; which <= LONG; which++) {
        if (over[which]) {
            overflowed(ref, which);
        }
    }
}

void arm_mpam_msc_count(ArmMpamMsc *s, unsigned r, uint16_t partid,
                        uint8_t pmg, uint64_t read_bytes,
                        uint64_t write_bytes)
{
    for (unsigned i = 0; i < nmonitors(&s->ris[r], ARM_MPAM_MBWU); i++) {
        MonRef ref = mon_ref(s, r, ARM_MPAM_MBWU, i);
        unsigned rwbw = extract32(ref.m->flt, FLT_RWBW_SHIFT, 2);
        uint64_t bytes = 0;

        if (!(ref.m->ctl & CTL_EN) || !is_match(ref.m, partid, pmg)) {
            continue;
        }
        if (rwbw == RWBW_BOTH || rwbw == RWBW_READS) {
            bytes += read_bytes;
        }
        if (rwbw == RWBW_BOTH || rwbw == RWBW_WRITES) {
            bytes += write_bytes;
        }
        count_bytes(&ref, bytes);
    }
}

static bool clears_status(const MonRef *ref)
{
    return ref->ris->param[ref->kind->lnkg] ||
           ref->ris->param[ref->kind->cevnt_oflw];
}

static void write_ctl(const MonRef *ref, uint32_t value)
{
    ArmMpamMonitor *m = ref->m;
    uint32_t old = m->ctl;

    value &= ctl_mask(ref);
    if (ref->type == ARM_MPAM_CSU && (old & ~value & CTL_EN)) {
        m->live[SHORT].value = measure(ref);
    }
    m->ctl = value;
    if (ref->type == ARM_MPAM_CSU ? (old ^ value) & CTL_SELECTS ||
                                    (~old & value & CTL_EN)
                                  : (old ^ value) & CTL_SELECTS && !m->fresh) {
        make_stale(ref);
    }
    if (value & CTL_EN) {
        m->fresh = false;
    }
    for (int which = SHORT; which <= LONG; which++) {
        if (!(value & status_bit[which]) || !(value & intr_bit[which])) {
            m->interrupting[which] = false;
        }
    }
    arm_mpam_msc_update_irqs(ref->s);
}

static void write_flt(const MonRef *ref, uint32_t value)
{
    ArmMpamMsc *s = ref->s;
    ArmMpamMonitor *m = ref->m;
    unsigned partid = extract32(value, 0, 16), pmg = extract32(value, 16, 8);

    if (partid > s->param[ARM_MPAM_PARTID_MAX] ||
        pmg > s->param[ARM_MPAM_PMG_MAX]) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_MSMONCFG_ID_RANGE, partid,
                                  pmg, ref->r);
        return;
    }
    value &= flt_mask(ref);
    if (value != m->flt) {
        m->flt = value;
        if (ref->type == ARM_MPAM_CSU || !m->fresh) {
            make_stale(ref);
        }
    }
}

/* Software sets a counter; @nrdy_written: the half with NRDY is written */
static void write_counter(const MonRef *ref, int which, uint64_t value,
                          bool nrdy, bool nrdy_written)
{
    ArmMpamMonitor *m = ref->m;
    ArmMpamCounter *c = &m->live[which];
    ArmMpamNrdy mode = ref->ris->param[ref->kind->nrdy];

    if (ref->type == ARM_MPAM_CSU && ref->ris->param[ARM_MPAM_CSU_RO]) {
        return;
    }
    c->value = extract64(value, 0, counter_len(ref, which));
    c->residue = 0;
    c->frozen = false;
    m->fresh = !(m->ctl & CTL_EN);
    if (nrdy_written) {
        if (mode == ARM_MPAM_NRDY_STORAGE || mode == ARM_MPAM_NRDY_WRITTEN) {
            c->nrdy = nrdy;
        } else if (mode == ARM_MPAM_NRDY_TIMED && ref->type == ARM_MPAM_MBWU) {
            c->nrdy = false;
        }
    }
    if (clears_status(ref)) {
        m->ctl &= ~status_bit[which];
        m->interrupting[which] = false;
        arm_mpam_msc_update_irqs(ref->s);
    }
}

static uint64_t short_word(uint64_t value, bool nrdy)
{
    return value | (nrdy ? SHORT_NRDY : 0);
}

static uint64_t long_word(uint64_t value, bool nrdy)
{
    return value | (nrdy ? LONG_NRDY : 0);
}

static bool is_pending(const ArmMpamMonitor *m)
{
    return m->ctl & (CTL_OFLOW_STATUS | CTL_OFLOW_STATUS_L);
}

static uint64_t read_ofsr(const MonRef *ref)
{
    unsigned first = ref->index & ~31, n = nmonitors(ref->ris, ref->type);
    uint64_t value = 0;

    for (unsigned i = first; i < MIN(n, first + 32); i++) {
        value |= (uint64_t)is_pending(&ref->ris->mon[ref->type][i]) <<
                 (i - first);
    }
    return value;
}

static uint64_t peek(const MonRef *ref, ArmMpamMonReg mon)
{
    const ArmMpamMonitor *m = ref->m;

    switch (mon) {
    case MON_FLT:
        return m->flt;
    case MON_CTL:
        return m->ctl | ref->kind->ctl_type;
    case MON_VALUE:
        return short_word(current_value(ref, SHORT), is_nrdy(ref, SHORT));
    case MON_CAPTURE:
        return short_word(m->captured[SHORT].value, m->captured[SHORT].nrdy);
    case MON_LONG:
        return long_word(m->live[LONG].value, is_nrdy(ref, LONG));
    case MON_LONG_CAPTURE:
        return long_word(m->captured[LONG].value, m->captured[LONG].nrdy);
    case MON_OFSR:
        return read_ofsr(ref);
    }
    g_assert_not_reached();
}

uint64_t arm_mpam_msc_monitor_peek(ArmMpamMsc *s, unsigned r,
                                   ArmMpamMonType type, unsigned index,
                                   ArmMpamMonReg mon)
{
    MonRef ref = mon_ref(s, r, type, index);

    return peek(&ref, mon);
}

/* Finds the selected monitor; false, with an error recorded, if RAZ/WI */
static bool select_monitor(ArmMpamMsc *s, const ArmMpamReg *reg, MonRef *ref,
                           uint64_t *none)
{
    unsigned r = extract64(s->mon_sel, SEL_RIS_SHIFT, SEL_RIS_LEN);
    unsigned index = extract64(s->mon_sel, 0, SEL_INDEX_LEN);
    ArmMpamRis *ris = &s->ris[r];

    *none = 0;
    if (!ris->present) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_UNDEFINED_RIS_MON_SEL,
                                  index, 0, r);
        return false;
    }
    if (!nmonitors(ris, reg->type)) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_RIS_NO_MONITOR, index, 0, r);
        *none = NO_MONITOR;
        return false;
    }
    if (reg->mon == MON_OFSR) {
        index &= ~31;
    }
    if (index >= nmonitors(ris, reg->type)) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_MONITOR_RANGE,
                                  extract64(s->mon_sel, 0, SEL_INDEX_LEN), 0,
                                  r);
        return false;
    }
    if (!ris->param[reg->has]) {
        return false;
    }
    *ref = mon_ref(s, r, reg->type, index);
    return true;
}

uint64_t arm_mpam_msc_monitor_read(ArmMpamMsc *s, const ArmMpamReg *reg,
                                   unsigned word, unsigned size)
{
    MonRef ref;
    uint64_t value, none;

    if (!select_monitor(s, reg, &ref, &none)) {
        return none;
    }
    value = extract64(peek(&ref, reg->mon), word * 32, size * 8);
    if (reg->mon == MON_LONG && word == 1 && ref.m->tear_count) {
        ref.m->tear_count--;
        count_bytes(&ref, ref.m->tear_bytes);
    }
    return value;
}

void arm_mpam_msc_monitor_write(ArmMpamMsc *s, const ArmMpamReg *reg,
                                unsigned word, unsigned size, uint64_t value)
{
    MonRef ref;
    uint64_t none;
    bool upper = word == 1 || size == 8;
    ArmMpamCounter *captured;

    if (!select_monitor(s, reg, &ref, &none)) {
        return;
    }
    switch (reg->mon) {
    case MON_FLT:
        write_flt(&ref, value);
        break;
    case MON_CTL:
        write_ctl(&ref, value);
        break;
    case MON_VALUE:
        write_counter(&ref, SHORT, value, value & SHORT_NRDY, true);
        break;
    case MON_CAPTURE:
        captured = &ref.m->captured[SHORT];
        captured->value = extract64(value, 0, SHORT_LEN);
        captured->nrdy = value & SHORT_NRDY;
        break;
    case MON_LONG:
        value = deposit64(ref.m->live[LONG].value, word * 32, size * 8, value);
        write_counter(&ref, LONG, value, value & LONG_NRDY, upper);
        break;
    case MON_LONG_CAPTURE:
        captured = &ref.m->captured[LONG];
        value = deposit64(long_word(captured->value, captured->nrdy),
                          word * 32, size * 8, value);
        captured->value = extract64(value, 0, counter_len(&ref, LONG));
        captured->nrdy = value & LONG_NRDY;
        break;
    case MON_OFSR:
        break;
    }
}

void arm_mpam_msc_mon_sel_write(ArmMpamMsc *s, uint64_t value)
{
    s->mon_sel = value & arm_mpam_msc_sel_mask(s);
}

void arm_mpam_msc_capt_evnt_write(ArmMpamMsc *s, uint64_t value)
{
    if (value & CAPT_EVNT_NOW) {
        arm_mpam_msc_capture_event(s, CAPT_EVNT_LOCAL);
    }
}

uint64_t arm_mpam_msc_oflow_sr_read(ArmMpamMsc *s)
{
    uint64_t value = 0;

    FOR_EACH_MONITOR(s, ref) {
        if (is_pending(ref.m)) {
            value |= BIT_ULL(ref.r);
            value |= ref.type == ARM_MPAM_CSU ? OFLOW_SR_CSU : OFLOW_SR_MBWU;
        }
    }
    return value;
}

bool arm_mpam_msc_overflow_pending(ArmMpamMsc *s)
{
    FOR_EACH_MONITOR(s, ref) {
        if (ref.m->interrupting[SHORT] || ref.m->interrupting[LONG]) {
            return true;
        }
    }
    return false;
}

static uint64_t garbage64(const MonRef *ref, unsigned *word)
{
    unsigned index = GARBAGE_MON + ref->index;
    uint32_t type = ref->type << 8;
    uint32_t low = arm_mpam_msc_garbage(ref->s, ref->r, index, type | *word);
    uint32_t high = arm_mpam_msc_garbage(ref->s, ref->r, index,
                                         type | (*word + 1));

    *word += 2;
    return deposit64(low, 32, 32, high);
}

static void lose_monitor(const MonRef *ref)
{
    ArmMpamMonitor *m = ref->m;
    unsigned word = 0;
    uint64_t garbage = garbage64(ref, &word);
    bool stuck = m->stuck;

    *m = (ArmMpamMonitor) { .stuck = stuck };
    m->ctl = garbage & ctl_mask(ref);
    m->flt = (garbage >> 32) & flt_mask(ref) & ~FLT_LABEL;
    m->flt |= extract64(garbage, 32, 16) %
              (ref->s->param[ARM_MPAM_PARTID_MAX] + 1);
    m->flt |= extract64(garbage, 48, 8) %
              (ref->s->param[ARM_MPAM_PMG_MAX] + 1) << 16;
    for (int which = SHORT; which <= LONG; which++) {
        ArmMpamCounter *counters[] = { &m->live[which], &m->captured[which] };

        for (int i = 0; i < ARRAY_SIZE(counters); i++) {
            garbage = garbage64(ref, &word);
            counters[i]->value = extract64(garbage, 0,
                                           counter_len(ref, which));
            counters[i]->nrdy = garbage >> 63;
        }
    }
}

void arm_mpam_msc_lose_monitors(ArmMpamMsc *s)
{
    FOR_EACH_MONITOR(s, ref) {
        lose_monitor(&ref);
    }
    s->mon_sel = arm_mpam_msc_garbage(s, GARBAGE_MSC, 2, 0) &
                 arm_mpam_msc_sel_mask(s);
}

void arm_mpam_msc_init_monitors(ArmMpamMsc *s)
{
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        ArmMpamRis *ris = &s->ris[r];

        for (ArmMpamMonType type = 0; type < ARM_MPAM_NMONTYPES; type++) {
            ris->mon[type] = g_new0(ArmMpamMonitor, nmonitors(ris, type));
        }
    }
}

void arm_mpam_msc_free_monitors(ArmMpamMsc *s)
{
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        for (ArmMpamMonType type = 0; type < ARM_MPAM_NMONTYPES; type++) {
            g_free(s->ris[r].mon[type]);
        }
    }
}

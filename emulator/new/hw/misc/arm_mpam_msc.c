/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): the registers of one frame.
 *
 * Each register is a row of msc_regs[], each field of an identification
 * register a row of id_fields[]. What an implementation leaves out, or makes
 * narrower, follows from its parameters (ArmMpamParam) by these tables.
 *
 * Rules that software must keep and hardware can't enforce are recorded as
 * violations: see MpamViolationKind.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "qemu/module.h"
#include "qemu/xxhash.h"
#include "qapi/error.h"
#include "hw/core/cpu.h"
#include "hw/irq.h"
#include "hw/misc/arm_mpam_msc.h"
#include "arm_mpam_msc_internal.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"

/* MPAMCFG_PART_SEL */
#define SEL_INDEX_LEN   16
#define SEL_RIS_SHIFT   24
#define SEL_RIS_LEN     4

/* MPAMF_ESR */
#define ESR_PMG_SHIFT   16
#define ESR_CODE_SHIFT  24
#define ESR_CODE_LEN    4
#define ESR_OVRWR       BIT_ULL(31)
#define ESR_RIS_SHIFT   32
#define ESR_MASK        (MAKE_64BIT_MASK(0, 28) | ESR_OVRWR | \
                         MAKE_64BIT_MASK(ESR_RIS_SHIFT, 4))

#define ECR_INTEN       BIT_ULL(0)

#define HARDLIM         BIT(31)

/* A field of an identification register: "any", if it is one bit long */
typedef struct IdField {
    ArmMpamIdReg id;
    uint8_t shift;
    uint8_t len;
    ArmMpamParam param;
} IdField;

static const IdField id_fields[] = {
    { ARM_MPAM_IDR,  0, 16, ARM_MPAM_PARTID_MAX },
    { ARM_MPAM_IDR, 16,  8, ARM_MPAM_PMG_MAX },
    { ARM_MPAM_IDR, 24,  1, ARM_MPAM_CMAX_WD },
    { ARM_MPAM_IDR, 24,  1, ARM_MPAM_CASSOC_WD },
    { ARM_MPAM_IDR, 25,  1, ARM_MPAM_CPBM_WD },
    { ARM_MPAM_IDR, 26,  1, ARM_MPAM_BWA_WD },
    { ARM_MPAM_IDR, 26,  1, ARM_MPAM_MBW_PBM_WD },
    { ARM_MPAM_IDR, 27,  1, ARM_MPAM_HAS_PRI },
    { ARM_MPAM_IDR, 28,  1, ARM_MPAM_EXT },
    { ARM_MPAM_IDR, 32,  1, ARM_MPAM_HAS_RIS },
    { ARM_MPAM_IDR, 38,  1, ARM_MPAM_HAS_EXTD_ESR },
    { ARM_MPAM_IDR, 39,  1, ARM_MPAM_HAS_ESR },
    { ARM_MPAM_IDR, 56,  4, ARM_MPAM_RIS_MAX },

    { ARM_MPAM_CPOR_IDR, 0, 16, ARM_MPAM_CPBM_WD },

    { ARM_MPAM_CCAP_IDR,  0, 6, ARM_MPAM_CMAX_WD },
    { ARM_MPAM_CCAP_IDR,  8, 5, ARM_MPAM_CASSOC_WD },
    { ARM_MPAM_CCAP_IDR, 28, 1, ARM_MPAM_CASSOC_WD },
    { ARM_MPAM_CCAP_IDR, 29, 1, ARM_MPAM_CMIN },
    { ARM_MPAM_CCAP_IDR, 30, 1, ARM_MPAM_NO_CMAX },
    { ARM_MPAM_CCAP_IDR, 31, 1, ARM_MPAM_CMAX_SOFTLIM },

    { ARM_MPAM_MBW_IDR,  0,  6, ARM_MPAM_BWA_WD },
    { ARM_MPAM_MBW_IDR,  8,  2, ARM_MPAM_MBW_MAX_LIM },
    { ARM_MPAM_MBW_IDR, 10,  1, ARM_MPAM_MBW_MIN },
    { ARM_MPAM_MBW_IDR, 11,  1, ARM_MPAM_MBW_MAX },
    { ARM_MPAM_MBW_IDR, 12,  1, ARM_MPAM_MBW_PBM_WD },
    { ARM_MPAM_MBW_IDR, 13,  1, ARM_MPAM_MBW_PROP },
    { ARM_MPAM_MBW_IDR, 14,  1, ARM_MPAM_WINDWR },
    { ARM_MPAM_MBW_IDR, 16, 13, ARM_MPAM_MBW_PBM_WD },

    { ARM_MPAM_PRI_IDR,  0, 1, ARM_MPAM_INTPRI_WD },
    { ARM_MPAM_PRI_IDR,  1, 1, ARM_MPAM_INTPRI_0_IS_LOW },
    { ARM_MPAM_PRI_IDR,  4, 6, ARM_MPAM_INTPRI_WD },
    { ARM_MPAM_PRI_IDR, 16, 1, ARM_MPAM_DSPRI_WD },
    { ARM_MPAM_PRI_IDR, 17, 1, ARM_MPAM_DSPRI_0_IS_LOW },
    { ARM_MPAM_PRI_IDR, 20, 6, ARM_MPAM_DSPRI_WD },
};

typedef enum FieldKind {
    FIELD_NONE,
    FIELD_BITMAP,       /* @param bits, over all words */
    FIELD_FRACTION,     /* @param bits below bit 16 */
    FIELD_INTEGER,      /* @param bits from @shift up */
    FIELD_PRIORITY,     /* the same; @low says that 0 is the lowest */
    FIELD_FLAG,         /* bit @shift, if @param */
    FIELD_HARDLIM,      /* bit @shift; @param as in MPAMF_MBW_IDR.MAX_LIM */
} FieldKind;

typedef struct CfgField {
    FieldKind kind;
    uint8_t shift;
    ArmMpamParam param;
    ArmMpamParam low;
} CfgField;

typedef enum RegKind {
    REG_PLAIN,          /* member @member of ArmMpamMsc */
    REG_ID,             /* identification register @id of the selected RIS */
    REG_CONTROL,        /* one per RIS and PARTID, made of @field */
} RegKind;

typedef struct MscReg {
    const char *name;
    uint32_t offset;
    RegKind kind;
    ArmMpamParam has;   /* there is none without this */
    ArmMpamParam wide;  /* 64 bits with this (0: never) */
    uint32_t words;     /* number of consecutive instances (0: one) */

    size_t member;
    uint64_t mask;      /* of writable bits; 0: read-only */
    ArmMpamParam writable;      /* read-only without this (0: no such rule) */
    void (*write)(ArmMpamMsc *s, uint64_t value);
    void (*written)(ArmMpamMsc *s);
    bool identifies;    /* reads as all ones if the MSC is told to */

    ArmMpamIdReg id;

    CfgField field[2];
    uint32_t reset;     /* for PARTID 0 */
} MscReg;

static void part_sel_write(ArmMpamMsc *s, uint64_t value);
static void update_irq(ArmMpamMsc *s);

#define PLAIN(m)        .kind = REG_PLAIN, .member = offsetof(ArmMpamMsc, m)
#define ID(i)           .kind = REG_ID, .id = ARM_MPAM_##i, .identifies = true
#define CONTROL(...)    .kind = REG_CONTROL, .field = { __VA_ARGS__ }
#define FIELD(k, s, p)  { .kind = FIELD_##k, .shift = s, .param = ARM_MPAM_##p }

static const MscReg msc_regs[] = {
    { "IDR", 0x0000, .has = ARM_MPAM_ALWAYS, .wide = ARM_MPAM_EXT, ID(IDR) },
    { "IIDR", 0x0018, .has = ARM_MPAM_ALWAYS, PLAIN(iidr), .identifies = true },
    { "AIDR", 0x0020, .has = ARM_MPAM_ALWAYS, PLAIN(aidr), .identifies = true },
    { "CPOR_IDR", 0x0030, .has = ARM_MPAM_ALWAYS, ID(CPOR_IDR) },
    { "CCAP_IDR", 0x0038, .has = ARM_MPAM_ALWAYS, ID(CCAP_IDR) },
    { "MBW_IDR", 0x0040, .has = ARM_MPAM_ALWAYS, ID(MBW_IDR) },
    { "PRI_IDR", 0x0048, .has = ARM_MPAM_ALWAYS, ID(PRI_IDR) },
    { "ECR", 0x00f0, .has = ARM_MPAM_HAS_ESR,
      PLAIN(ecr), .mask = ECR_INTEN, .written = update_irq },
    { "ESR", 0x00f8, .has = ARM_MPAM_HAS_ESR, .wide = ARM_MPAM_HAS_EXTD_ESR,
      PLAIN(esr), .mask = ESR_MASK, .written = update_irq },
    { "PART_SEL", 0x0100, .has = ARM_MPAM_CONTROLS,
      PLAIN(part_sel), .write = part_sel_write },
    { "CMAX", 0x0108, .has = ARM_MPAM_HAS_CMAX, .reset = 0xffff,
      CONTROL(FIELD(FRACTION, 0, CMAX_WD), FIELD(FLAG, 31, CMAX_SOFTLIM)) },
    { "CMIN", 0x0110, .has = ARM_MPAM_CMIN,
      CONTROL(FIELD(FRACTION, 0, CMAX_WD)) },
    { "CASSOC", 0x0118, .has = ARM_MPAM_CASSOC_WD, .reset = 0xffff,
      CONTROL(FIELD(FRACTION, 0, CASSOC_WD)) },
    { "MBW_MIN", 0x0200, .has = ARM_MPAM_MBW_MIN, .reset = 0xffff,
      CONTROL(FIELD(FRACTION, 0, BWA_WD)) },
    { "MBW_MAX", 0x0208, .has = ARM_MPAM_MBW_MAX, .reset = 0xffff,
      CONTROL(FIELD(FRACTION, 0, BWA_WD), FIELD(HARDLIM, 31, MBW_MAX_LIM)) },
    { "MBW_WINWD", 0x0220, .has = ARM_MPAM_WINWD, .writable = ARM_MPAM_WINDWR,
      PLAIN(mbw_winwd), .mask = MAKE_64BIT_MASK(0, 24) },
    { "PRI", 0x0400, .has = ARM_MPAM_HAS_PRI,
      CONTROL({ FIELD_PRIORITY, 0,
                ARM_MPAM_INTPRI_WD, ARM_MPAM_INTPRI_0_IS_LOW },
              { FIELD_PRIORITY, 16,
                ARM_MPAM_DSPRI_WD, ARM_MPAM_DSPRI_0_IS_LOW }) },
    { "MBW_PROP", 0x0500, .has = ARM_MPAM_MBW_PROP,
      CONTROL(FIELD(INTEGER, 0, BWA_WD), FIELD(FLAG, 31, ALWAYS)) },
    { "CPBM", 0x1000, .has = ARM_MPAM_CPBM_WD, .reset = 0xffffffff,
      .words = 1024, CONTROL(FIELD(BITMAP, 0, CPBM_WD)) },
    { "MBW_PBM", 0x2000, .has = ARM_MPAM_MBW_PBM_WD, .reset = 0xffffffff,
      .words = 128, CONTROL(FIELD(BITMAP, 0, MBW_PBM_WD)) },
};

/* ris->base[] and ris->words[] are indexed like msc_regs[] */
QEMU_BUILD_BUG_ON(ARRAY_SIZE(msc_regs) > ARM_MPAM_MAX_REGS);

static unsigned reg_index(const MscReg *reg)
{
    return reg - msc_regs;
}

static unsigned sel_ris(ArmMpamMsc *s)
{
    return extract64(s->part_sel, SEL_RIS_SHIFT, SEL_RIS_LEN);
}

static unsigned sel_partid(ArmMpamMsc *s)
{
    return extract64(s->part_sel, 0, SEL_INDEX_LEN);
}

static void update_irq(ArmMpamMsc *s)
{
    bool pending = extract64(s->esr, ESR_CODE_SHIFT, ESR_CODE_LEN);

    if (!s->error_edge) {
        qemu_set_irq(s->error_irq,
                     s->powered && pending && (s->ecr & ECR_INTEN));
    }
}

void arm_mpam_msc_record_error(ArmMpamMsc *s, ArmMpamError code,
                               uint16_t index, uint8_t pmg, uint8_t ris)
{
    uint64_t esr = index;

    if (!s->param[ARM_MPAM_HAS_ESR]) {
        return;
    }
    esr = deposit64(esr, ESR_PMG_SHIFT, 8, pmg);
    esr = deposit64(esr, ESR_CODE_SHIFT, ESR_CODE_LEN, code);
    if (s->param[ARM_MPAM_HAS_EXTD_ESR]) {
        esr = deposit64(esr, ESR_RIS_SHIFT, 4, ris);
    }
    if (extract64(s->esr, ESR_CODE_SHIFT, ESR_CODE_LEN)) {
        esr |= ESR_OVRWR;
    }
    s->esr = esr;
    if (s->error_edge && (s->ecr & ECR_INTEN)) {
        qemu_irq_pulse(s->error_irq);
    }
    update_irq(s);
}

/* Only as many bits of a RIS number exist as the largest one needs */
static uint64_t sel_mask(ArmMpamMsc *s)
{
    uint64_t ris = pow2ceil(s->param[ARM_MPAM_RIS_MAX] + 1) - 1;

    return MAKE_64BIT_MASK(0, SEL_INDEX_LEN) | ris << SEL_RIS_SHIFT;
}

/*
 * The architecture lets hardware fault a PARTID out of range here and keep
 * the old selection, or take it and fault each access to a control. A RIS
 * that isn't there is always taken: identification registers can be read.
 */
static void part_sel_write(ArmMpamMsc *s, uint64_t value)
{
    uint16_t partid = extract64(value, 0, SEL_INDEX_LEN);

    value &= sel_mask(s);
    if (partid > s->param[ARM_MPAM_PARTID_MAX] &&
        !s->param[ARM_MPAM_LATE_ERRORS]) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_PARTID_SEL_RANGE, partid, 0,
                                  extract64(value, SEL_RIS_SHIFT,
                                            SEL_RIS_LEN));
        return;
    }
    s->part_sel = value;
}

/* Writable bits of a field, and in @ones the bits that are always set */
static uint32_t field_mask(const ArmMpamRis *ris, const CfgField *field,
                           unsigned word, uint32_t *ones)
{
    uint32_t param = ris->param[field->param];

    switch (field->kind) {
    case FIELD_NONE:
        return 0;
    case FIELD_BITMAP:
        if (param >= 32 * (word + 1)) {
            return UINT32_MAX;
        }
        return param > 32 * word ? BIT(param - 32 * word) - 1 : 0;
    case FIELD_FRACTION:
        return (BIT(param) - 1) << (16 - param);
    case FIELD_INTEGER:
    case FIELD_PRIORITY:
        return (BIT(param) - 1) << field->shift;
    case FIELD_FLAG:
        return param ? BIT(field->shift) : 0;
    case FIELD_HARDLIM:
        if (param == 2) {
            *ones |= BIT(field->shift);
        }
        return param ? 0 : BIT(field->shift);
    }
    g_assert_not_reached();
}

static uint32_t reg_mask(const ArmMpamRis *ris, const MscReg *reg,
                         unsigned word, uint32_t *ones)
{
    uint32_t mask = 0;

    *ones = 0;
    for (int i = 0; i < ARRAY_SIZE(reg->field); i++) {
        mask |= field_mask(ris, &reg->field[i], word, ones);
    }
    return mask;
}

/* What PARTID 0 has after reset: no limits, and the highest priority */
static uint32_t reset_value(const ArmMpamRis *ris, const MscReg *reg,
                            unsigned word)
{
    uint32_t ones, value = reg->reset & reg_mask(ris, reg, word, &ones);

    for (int i = 0; i < ARRAY_SIZE(reg->field); i++) {
        const CfgField *field = &reg->field[i];

        if (field->kind == FIELD_PRIORITY && ris->param[field->low]) {
            value |= field_mask(ris, field, word, &ones);
        }
    }
    return value | ones;
}

/*
 * All that hardware leaves UNKNOWN at reset comes up as garbage, to show who
 * relies on it. It is the same in each run, but not for each power cycle.
 */
static uint32_t garbage(ArmMpamMsc *s, unsigned ris, unsigned partid,
                        unsigned index)
{
    return qemu_xxhash6(deposit64(s->identifier, 32, 32, s->power_cycles),
                        deposit64(partid, 32, 32, index), ris, 0);
}

static void lose_state(ArmMpamMsc *s)
{
    for (unsigned r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        ArmMpamRis *ris = &s->ris[r];

        if (!ris->present) {
            continue;
        }
        for (int i = 0; i < ARRAY_SIZE(msc_regs); i++) {
            const MscReg *reg = &msc_regs[i];

            for (unsigned w = 0; w < ris->words[i]; w++) {
                uint32_t ones, mask = reg_mask(ris, reg, w, &ones);
                unsigned at = ris->base[i] + w;

                ris->cfg[at] = reset_value(ris, reg, w);
                for (unsigned p = 1; p <= s->param[ARM_MPAM_PARTID_MAX]; p++) {
                    ris->cfg[p * ris->stride + at] =
                        (garbage(s, r, p, at) & mask) | ones;
                }
            }
        }
    }
    s->part_sel = garbage(s, UINT32_MAX, 0, 0) & sel_mask(s);
    s->esr = 0;
    s->ecr = 0;
    s->mbw_winwd = garbage(s, UINT32_MAX, 0, 1) & MAKE_64BIT_MASK(0, 24);
    update_irq(s);
}

static void update_power(ArmMpamMsc *s)
{
    bool powered = s->param[ARM_MPAM_ALWAYS_ON] ||
                   bitmap_intersects(s->cpus, s->cpus_on, ARM_MPAM_MAX_CPUS);

    if (powered == s->powered) {
        return;
    }
    s->powered = powered;
    if (powered) {
        s->power_cycles++;
        lose_state(s);
    } else {
        update_irq(s);
    }
}

void arm_mpam_msc_cpu_power(ArmMpamMsc *s, unsigned cpu, bool on)
{
    if (on) {
        set_bit(cpu, s->cpus_on);
    } else {
        clear_bit(cpu, s->cpus_on);
    }
    update_power(s);
}

static bool has_control(const ArmMpamRis *ris, const MscReg *reg)
{
    return ris->present && ris->words[reg_index(reg)];
}

static bool has_reg(ArmMpamMsc *s, const MscReg *reg)
{
    if (reg->kind != REG_CONTROL) {
        return s->param[reg->has];
    }
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        if (has_control(&s->ris[r], reg)) {
            return true;
        }
    }
    return false;
}

static bool is_wide(ArmMpamMsc *s, const MscReg *reg)
{
    return reg->wide && s->param[reg->wide];
}

/* The register at @addr, NULL if none is; @word: which part or instance */
static const MscReg *find_reg(ArmMpamMsc *s, hwaddr addr, unsigned *word)
{
    for (int i = 0; i < ARRAY_SIZE(msc_regs); i++) {
        const MscReg *reg = &msc_regs[i];
        unsigned words = reg->words ?: is_wide(s, reg) ? 2 : 1;

        if (addr >= reg->offset && addr < reg->offset + words * 4) {
            *word = (addr - reg->offset) / 4;
            return has_reg(s, reg) ? reg : NULL;
        }
    }
    return NULL;
}

static char *reg_name(const MscReg *reg, unsigned word)
{
    if (!reg) {
        return g_strdup("reserved");
    }
    if (reg->words) {
        return g_strdup_printf("%s%u", reg->name, word);
    }
    return g_strdup_printf("%s%s", reg->name, word ? "_H" : "");
}

static void count_access(ArmMpamMsc *s, const MscReg *reg, unsigned word,
                         hwaddr addr, bool write)
{
    MpamAccessCount *count = g_hash_table_lookup(s->accesses,
                                                 GUINT_TO_POINTER(addr));

    if (!count) {
        count = g_new0(MpamAccessCount, 1);
        count->offset = addr;
        count->name = reg_name(reg, word);
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
        if (cpu >= 0) {
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
static bool is_width_valid(ArmMpamMsc *s, const MscReg *reg, hwaddr addr,
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

/* Where the selected instance of a control is; NULL if RAZ/WI */
static uint32_t *select_control(ArmMpamMsc *s, const MscReg *reg,
                                unsigned word)
{
    unsigned partid = sel_partid(s), r = sel_ris(s);
    ArmMpamRis *ris = &s->ris[r];

    if (!ris->present) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_UNDEFINED_RIS_PART_SEL,
                                  partid, 0, r);
        return NULL;
    }
    if (partid > s->param[ARM_MPAM_PARTID_MAX]) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_PARTID_SEL_RANGE, partid, 0,
                                  r);
        return NULL;
    }
    if (!has_control(ris, reg)) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_RIS_NO_CONTROL, partid, 0,
                                  r);
        return NULL;
    }
    if (word >= ris->words[reg_index(reg)]) {
        return NULL;
    }
    return &ris->cfg[partid * ris->stride + ris->base[reg_index(reg)] +
                     word];
}

/* The word at @offset of the control, NULL if the RIS has none there */
static uint32_t *find_control(ArmMpamMsc *s, unsigned r, hwaddr offset,
                              unsigned partid)
{
    ArmMpamRis *ris = &s->ris[r];
    unsigned word = 0;
    const MscReg *reg = find_reg(s, offset, &word);

    if (!reg || reg->kind != REG_CONTROL ||
        word >= ris->words[reg_index(reg)]) {
        return NULL;
    }
    return &ris->cfg[partid * ris->stride + ris->base[reg_index(reg)] + word];
}

bool arm_mpam_msc_has_control(ArmMpamMsc *s, unsigned r, hwaddr offset)
{
    return find_control(s, r, offset, 0);
}

uint32_t arm_mpam_msc_control(ArmMpamMsc *s, unsigned r, uint16_t partid,
                              hwaddr offset)
{
    uint32_t *control = find_control(s, r, offset,
                                     arm_mpam_msc_partid(s, partid));

    return control ? *control : 0;
}

bool arm_mpam_msc_partid_enabled(ArmMpamMsc *s, uint16_t partid)
{
    return true;
}

static uint64_t *plain_member(ArmMpamMsc *s, const MscReg *reg)
{
    return (uint64_t *)((char *)s + reg->member);
}

/* All 64 bits of a register that isn't a control */
static uint64_t reg_value(ArmMpamMsc *s, const MscReg *reg)
{
    uint64_t value;

    if (reg->identifies && s->id_ones) {
        return UINT64_MAX;
    }
    value = reg->kind == REG_ID ? s->ris[sel_ris(s)].id[reg->id]
                                : *plain_member(s, reg);
    return is_wide(s, reg) ? value : extract64(value, 0, 32);
}

static uint64_t msc_read(void *opaque, hwaddr addr, unsigned size)
{
    ArmMpamMsc *s = opaque;
    unsigned word = 0;
    const MscReg *reg = find_reg(s, addr, &word);

    count_access(s, reg, word, addr, false);
    if (!is_reachable(s, addr, false)) {
        return MAKE_64BIT_MASK(0, size * 8);
    }
    if (!is_width_valid(s, reg, addr, size, false) || !reg) {
        return 0;
    }
    if (reg->kind == REG_CONTROL) {
        uint32_t *control = select_control(s, reg, word);

        return control ? *control : 0;
    }
    return extract64(reg_value(s, reg), word * 32, size * 8);
}

static void msc_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    ArmMpamMsc *s = opaque;
    unsigned word = 0;
    const MscReg *reg = find_reg(s, addr, &word);
    uint64_t *member;

    count_access(s, reg, word, addr, true);
    if (!is_reachable(s, addr, true) ||
        !is_width_valid(s, reg, addr, size, true) || !reg) {
        return;
    }
    if (reg->kind == REG_CONTROL) {
        uint32_t *control = select_control(s, reg, word);
        uint32_t ones, mask = reg_mask(&s->ris[sel_ris(s)], reg, word, &ones);

        if (control) {
            *control = (value & mask) | ones;
        }
        return;
    }
    if (reg->write) {
        reg->write(s, value);
    } else if (reg->mask && (!reg->writable || s->param[reg->writable])) {
        member = plain_member(s, reg);
        *member = deposit64(*member, word * 32, size * 8, value) & reg->mask;
    }
    if (reg->written) {
        reg->written(s);
    }
}

static const MemoryRegionOps msc_ops = {
    .read = msc_read,
    .write = msc_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    /* Wrong ones must arrive here to be recorded */
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

MpamConfigValueList *arm_mpam_msc_config(ArmMpamMsc *s, unsigned r,
                                         unsigned partid, Error **errp)
{
    MpamConfigValueList *list = NULL, **tail = &list;
    ArmMpamRis *ris = r < ARM_MPAM_MAX_RIS ? &s->ris[r] : NULL;

    if (!ris || !ris->present) {
        error_setg(errp, "%s has no RIS %u", s->name, r);
        return NULL;
    }
    if (partid > s->param[ARM_MPAM_PARTID_MAX]) {
        error_setg(errp, "%s has no PARTID %u", s->name, partid);
        return NULL;
    }
    for (int i = 0; i < ARRAY_SIZE(msc_regs); i++) {
        const MscReg *reg = &msc_regs[i];

        for (unsigned w = 0; w < ris->words[i]; w++) {
            MpamConfigValue *value = g_new0(MpamConfigValue, 1);

            value->name = reg_name(reg, w);
            value->offset = reg->offset + w * 4;
            value->value = ris->cfg[partid * ris->stride + ris->base[i] + w];
            QAPI_LIST_APPEND(tail, value);
        }
    }
    return list;
}

/* Parameters that follow from others */
static void derive_params(ArmMpamMsc *s)
{
    uint32_t *msc = s->param;

    msc[ARM_MPAM_ALWAYS] = true;
    msc[ARM_MPAM_EXT] = msc[ARM_MPAM_ARCH_MAJOR] != 1 ||
                        msc[ARM_MPAM_ARCH_MINOR] != 0;
    msc[ARM_MPAM_HAS_EXTD_ESR] = msc[ARM_MPAM_HAS_RIS] &&
                                 msc[ARM_MPAM_HAS_ESR];
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        uint32_t *ris = s->ris[r].param;

        if (!s->ris[r].present) {
            memset(ris, 0, sizeof(s->ris[r].param));
        }
        ris[ARM_MPAM_HAS_CMAX] = ris[ARM_MPAM_CMAX_WD] &&
                                 !ris[ARM_MPAM_NO_CMAX];
        ris[ARM_MPAM_HAS_PRI] = ris[ARM_MPAM_INTPRI_WD] ||
                                ris[ARM_MPAM_DSPRI_WD];
        if (ris[ARM_MPAM_BWA_WD] || ris[ARM_MPAM_MBW_PBM_WD]) {
            msc[ARM_MPAM_WINWD] = true;
        }
        for (int i = 0; i < ARRAY_SIZE(msc_regs); i++) {
            if (msc_regs[i].kind == REG_CONTROL && ris[msc_regs[i].has]) {
                msc[ARM_MPAM_CONTROLS] = true;
            }
        }
    }
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        memcpy(s->ris[r].param, msc, ARM_MPAM_RIS_PARAMS * sizeof(*msc));
    }
}

static void fill_ids(ArmMpamRis *ris)
{
    for (int i = 0; i < ARRAY_SIZE(id_fields); i++) {
        const IdField *f = &id_fields[i];
        uint64_t value = ris->param[f->param];

        ris->id[f->id] |= (f->len == 1 ? !!value : value) << f->shift;
    }
}

static void lay_out_controls(ArmMpamMsc *s, ArmMpamRis *ris)
{
    for (int i = 0; i < ARRAY_SIZE(msc_regs); i++) {
        const MscReg *reg = &msc_regs[i];

        if (reg->kind != REG_CONTROL || !ris->param[reg->has]) {
            continue;
        }
        ris->words[i] = reg->field[0].kind == FIELD_BITMAP ?
            DIV_ROUND_UP(ris->param[reg->field[0].param], 32) : 1;
        ris->base[i] = ris->stride;
        ris->stride += ris->words[i];
    }
    ris->cfg = g_new0(uint32_t, (s->param[ARM_MPAM_PARTID_MAX] + 1) *
                                ris->stride);
}

static void msc_realize(DeviceState *dev, Error **errp)
{
    ArmMpamMsc *s = ARM_MPAM_MSC(dev);

    if (!s->size) {
        error_setg(errp, "%s has no registers", s->name);
        return;
    }
    derive_params(s);
    if (!s->param[ARM_MPAM_EXT] && s->param[ARM_MPAM_HAS_RIS]) {
        error_setg(errp, "%s: version 1.0 knows no RIS", s->name);
        return;
    }
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        fill_ids(&s->ris[r]);
        arm_mpam_msc_init_labels(&s->ris[r]);
        if (s->ris[r].present) {
            lay_out_controls(s, &s->ris[r]);
        }
    }
    memory_region_init_io(&s->iomem, OBJECT(s), &msc_ops, s, s->name, s->size);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->iomem);
    sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->error_irq);
    update_power(s);
}

static void msc_reset_hold(Object *obj, ResetType type)
{
    ArmMpamMsc *s = ARM_MPAM_MSC(obj);

    arm_mpam_msc_reset_labels(s);
    if (s->powered) {
        lose_state(s);
    }
}

static bool msc_get_id_ones(Object *obj, Error **errp)
{
    return ARM_MPAM_MSC(obj)->id_ones;
}

static void msc_set_id_ones(Object *obj, bool value, Error **errp)
{
    ARM_MPAM_MSC(obj)->id_ones = value;
}

static void msc_instance_init(Object *obj)
{
    ArmMpamMsc *s = ARM_MPAM_MSC(obj);

    s->accesses = g_hash_table_new_full(NULL, NULL, NULL,
                                (GDestroyNotify)qapi_free_MpamAccessCount);
    s->violations = g_ptr_array_new_with_free_func(
                                (GDestroyNotify)qapi_free_MpamViolation);
    object_property_add_uint64_ptr(obj, "aidr", &s->aidr,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "iidr", &s->iidr,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_bool(obj, "id-ones", msc_get_id_ones, msc_set_id_ones);
}

static void msc_instance_finalize(Object *obj)
{
    ArmMpamMsc *s = ARM_MPAM_MSC(obj);

    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        g_free(s->ris[r].cfg);
        g_clear_pointer(&s->ris[r].labels, g_hash_table_destroy);
    }
    g_hash_table_destroy(s->accesses);
    g_ptr_array_free(s->violations, true);
}

static const Property msc_properties[] = {
    DEFINE_PROP_STRING("name", ArmMpamMsc, name),
    DEFINE_PROP_UINT32("identifier", ArmMpamMsc, identifier, 0),
    DEFINE_PROP_UINT64("size", ArmMpamMsc, size, 0x10000),
    DEFINE_PROP_BOOL("error-edge", ArmMpamMsc, error_edge, false),
};

static const VMStateDescription msc_vmstate = {
    .name = TYPE_ARM_MPAM_MSC,
    .unmigratable = 1,
};

static void msc_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = msc_realize;
    dc->vmsd = &msc_vmstate;
    dc->desc = "Arm MPAM memory system component";
    dc->user_creatable = false;
    device_class_set_props(dc, msc_properties);
    RESETTABLE_CLASS(klass)->phases.hold = msc_reset_hold;
}

static const TypeInfo msc_info = {
    .name = TYPE_ARM_MPAM_MSC,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(ArmMpamMsc),
    .instance_init = msc_instance_init,
    .instance_finalize = msc_instance_finalize,
    .class_init = msc_class_init,
};

static void msc_register_types(void)
{
    type_register_static(&msc_info);
}
type_init(msc_register_types)

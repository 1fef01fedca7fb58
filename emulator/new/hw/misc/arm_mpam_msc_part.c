/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): partitioning controls.
 *
 * Which instance of a control is selected, which of its bits exist, which
 * PARTIDs are enabled, and, where the MSC narrows them, which internal PARTID
 * has the settings of a request's.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qapi/error.h"
#include "arm_mpam_msc_internal.h"

#define INTPARTID_INTERNAL      BIT_ULL(16)
#define DIS_NFU                 BIT_ULL(31)

static unsigned reg_index(const ArmMpamReg *reg)
{
    return reg - arm_mpam_regs;
}

unsigned arm_mpam_msc_sel_ris(ArmMpamMsc *s)
{
    return extract64(s->part_sel, SEL_RIS_SHIFT, SEL_RIS_LEN);
}

static unsigned sel_partid(ArmMpamMsc *s)
{
    return extract64(s->part_sel, 0, SEL_INDEX_LEN);
}

static bool is_narrowing(ArmMpamMsc *s)
{
    return s->param[ARM_MPAM_INTPARTIDS];
}

/* How many PARTIDs have settings: internal ones if it narrows them */
static unsigned nsettings(ArmMpamMsc *s)
{
    return s->param[ARM_MPAM_INTPARTIDS] ?: s->param[ARM_MPAM_PARTID_MAX] + 1;
}

/*
 * Whether the selected PARTID is one. Out of range, an internal one is error
 * 6, which does not say for which RIS.
 */
static bool check_partid(ArmMpamMsc *s, unsigned partid, bool internal,
                         unsigned ris)
{
    if (internal && partid > s->param[ARM_MPAM_INTPARTID_MAX]) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_INTPARTID_RANGE, partid, 0,
                                  0);
        return false;
    }
    if (!internal && partid > s->param[ARM_MPAM_PARTID_MAX]) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_PARTID_SEL_RANGE, partid, 0,
                                  ris);
        return false;
    }
    return true;
}

/*
 * The architecture lets hardware fault a PARTID out of range here and keep
 * the old selection, or take it and fault each access to a control. A RIS
 * that isn't there is always taken: identification registers can be read.
 */
void arm_mpam_msc_part_sel_write(ArmMpamMsc *s, uint64_t value)
{
    value &= arm_mpam_msc_sel_mask(s) | (is_narrowing(s) ? SEL_INTERNAL : 0);
    if (s->param[ARM_MPAM_LATE_ERRORS] ||
        check_partid(s, extract64(value, 0, SEL_INDEX_LEN),
                     value & SEL_INTERNAL,
                     extract64(value, SEL_RIS_SHIFT, SEL_RIS_LEN))) {
        s->part_sel = value;
    }
}

/* Writable bits of a field, and in @ones the bits that are always set */
static uint32_t field_mask(const ArmMpamRis *ris, const ArmMpamField *field,
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

static uint32_t reg_mask(const ArmMpamRis *ris, const ArmMpamReg *reg,
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
static uint32_t reset_value(const ArmMpamRis *ris, const ArmMpamReg *reg,
                            unsigned word)
{
    uint32_t ones, value = reg->reset & reg_mask(ris, reg, word, &ones);

    for (int i = 0; i < ARRAY_SIZE(reg->field); i++) {
        const ArmMpamField *field = &reg->field[i];

        if (field->kind == FIELD_PRIORITY && ris->param[field->low]) {
            value |= field_mask(ris, field, word, &ones);
        }
    }
    return value | ones;
}

static uint32_t *setting(ArmMpamRis *ris, const ArmMpamReg *reg,
                         unsigned word, unsigned partid)
{
    return &ris->cfg[partid * ris->stride + ris->base[reg_index(reg)] + word];
}

/* Settings of a PARTID become garbage; those of 0 do at reset have a value */
static void lose_settings(ArmMpamMsc *s, unsigned r, unsigned partid,
                          bool reset)
{
    ArmMpamRis *ris = &s->ris[r];

    for (int i = 0; i < arm_mpam_nregs; i++) {
        const ArmMpamReg *reg = &arm_mpam_regs[i];

        for (unsigned w = 0; w < ris->words[i]; w++) {
            uint32_t ones, mask = reg_mask(ris, reg, w, &ones);
            uint32_t *value = setting(ris, reg, w, partid);

            *value = (arm_mpam_msc_garbage(s, r, partid, ris->base[i] + w) &
                      mask) | ones;
            if (reset && partid == 0) {
                *value = reset_value(ris, reg, w);
            }
        }
    }
    if (ris->effective) {
        memcpy(&ris->effective[partid * ris->stride],
               &ris->cfg[partid * ris->stride],
               ris->stride * sizeof(*ris->cfg));
    }
}

void arm_mpam_msc_lose_controls(ArmMpamMsc *s)
{
    for (unsigned r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        for (unsigned p = 0; s->ris[r].present && p < nsettings(s); p++) {
            lose_settings(s, r, p, true);
        }
    }
    s->part_sel = arm_mpam_msc_garbage(s, GARBAGE_MSC, 0, 0) &
                  arm_mpam_msc_sel_mask(s);
    s->mbw_winwd = arm_mpam_msc_garbage(s, GARBAGE_MSC, 0, 1) &
                   MAKE_64BIT_MASK(0, 24);
    for (unsigned p = 1; p <= s->param[ARM_MPAM_PARTID_MAX]; p++) {
        uint32_t value = arm_mpam_msc_garbage(s, GARBAGE_MSC, 1, p);

        if (value & BIT(31)) {
            set_bit(p, s->enabled);
        } else {
            clear_bit(p, s->enabled);
        }
        s->intpartid[p] = value % nsettings(s);
    }
    set_bit(0, s->enabled);
    s->intpartid[0] = 0;
}

void arm_mpam_msc_init_controls(ArmMpamMsc *s)
{
    unsigned partids = s->param[ARM_MPAM_PARTID_MAX] + 1;

    for (unsigned r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        ArmMpamRis *ris = &s->ris[r];

        for (int i = 0; i < arm_mpam_nregs; i++) {
            const ArmMpamReg *reg = &arm_mpam_regs[i];

            if (reg->kind != REG_CONTROL || !ris->param[reg->has]) {
                continue;
            }
            ris->words[i] = reg->field[0].kind == FIELD_BITMAP ?
                DIV_ROUND_UP(ris->param[reg->field[0].param], 32) : 1;
            ris->base[i] = ris->stride;
            ris->stride += ris->words[i];
        }
        ris->cfg = g_new0(uint32_t, nsettings(s) * ris->stride);
        if (s->t241) {
            ris->effective = g_new0(uint32_t, nsettings(s) * ris->stride);
        }
    }
    s->enabled = bitmap_new(partids);
    s->intpartid = g_new0(uint16_t, partids);
}

void arm_mpam_msc_free_controls(ArmMpamMsc *s)
{
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        g_free(s->ris[r].cfg);
        g_free(s->ris[r].effective);
    }
    g_free(s->enabled);
    g_free(s->intpartid);
}

/* Where the selected instance of a control is; NULL if RAZ/WI */
static uint32_t *select_control(ArmMpamMsc *s, const ArmMpamReg *reg,
                                unsigned word)
{
    unsigned partid = sel_partid(s), r = arm_mpam_msc_sel_ris(s);
    ArmMpamRis *ris = &s->ris[r];

    if (!ris->present) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_UNDEFINED_RIS_PART_SEL,
                                  partid, 0, r);
        return NULL;
    }
    if (is_narrowing(s) && !(s->part_sel & SEL_INTERNAL)) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_INTPARTID_RANGE, partid, 0,
                                  0);
        return NULL;
    }
    if (!check_partid(s, partid, is_narrowing(s), r)) {
        return NULL;
    }
    if (!ris->words[reg_index(reg)]) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_RIS_NO_CONTROL, partid, 0,
                                  r);
        return NULL;
    }
    if (word >= ris->words[reg_index(reg)]) {
        return NULL;
    }
    return setting(ris, reg, word, partid);
}

uint32_t arm_mpam_msc_control_read(ArmMpamMsc *s, const ArmMpamReg *reg,
                                   unsigned word)
{
    uint32_t *control = select_control(s, reg, word);

    return control ? *control : 0;
}

void arm_mpam_msc_control_write(ArmMpamMsc *s, const ArmMpamReg *reg,
                                unsigned word, uint32_t value)
{
    ArmMpamRis *ris = &s->ris[arm_mpam_msc_sel_ris(s)];
    uint32_t *control = select_control(s, reg, word);
    uint32_t ones, mask = reg_mask(ris, reg, word, &ones);

    if (!control) {
        return;
    }
    *control = (value & mask) | ones;
    if (!ris->effective) {
        return;
    }
    if (reg->delayed) {
        arm_mpam_t241_written(s->t241, sel_partid(s),
                              (uint64_t)reg->offset << 32 | *control);
    } else {
        ris->effective[control - ris->cfg] = *control;
    }
}

void arm_mpam_msc_commit(ArmMpamMsc *s, uint16_t partid)
{
    for (int r = 0; partid < nsettings(s) && r < ARM_MPAM_MAX_RIS; r++) {
        ArmMpamRis *ris = &s->ris[r];

        memcpy(&ris->effective[partid * ris->stride],
               &ris->cfg[partid * ris->stride],
               ris->stride * sizeof(*ris->cfg));
    }
}

uint64_t arm_mpam_msc_intpartid_read(ArmMpamMsc *s)
{
    unsigned partid = sel_partid(s);

    if (s->part_sel & SEL_INTERNAL) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_UNEXPECTED_INTERNAL, partid,
                                  0, 0);
        return 0;
    }
    if (!check_partid(s, partid, false, arm_mpam_msc_sel_ris(s))) {
        return 0;
    }
    return s->intpartid[partid] | INTPARTID_INTERNAL;
}

void arm_mpam_msc_intpartid_write(ArmMpamMsc *s, uint64_t value)
{
    unsigned partid = sel_partid(s), internal = extract64(value, 0, 16);

    if (s->part_sel & SEL_INTERNAL) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_UNEXPECTED_INTERNAL, partid,
                                  0, 0);
        return;
    }
    if (!check_partid(s, partid, false, arm_mpam_msc_sel_ris(s))) {
        return;
    }
    if (!(value & INTPARTID_INTERNAL)) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_INTPARTID_RANGE, internal, 0,
                                  0);
    } else if (check_partid(s, internal, true, 0)) {
        s->intpartid[partid] = internal;
    }
}

void arm_mpam_msc_en_write(ArmMpamMsc *s, uint64_t value)
{
    unsigned partid = extract64(value, 0, 16);

    if (check_partid(s, partid, false, arm_mpam_msc_sel_ris(s))) {
        set_bit(partid, s->enabled);
    }
}

void arm_mpam_msc_dis_write(ArmMpamMsc *s, uint64_t value)
{
    unsigned partid = extract64(value, 0, 16);

    if (!check_partid(s, partid, false, arm_mpam_msc_sel_ris(s))) {
        return;
    }
    clear_bit(partid, s->enabled);
    if (!(value & DIS_NFU) || !s->param[ARM_MPAM_NFU]) {
        return;
    }
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        if (s->ris[r].present) {
            lose_settings(s, r, partid, false);
        }
    }
}

/* How many of the 32 PARTIDs that the selected one is among there are */
static unsigned nflags(ArmMpamMsc *s, unsigned first)
{
    return MIN(s->param[ARM_MPAM_PARTID_MAX] + 1 - first, 32);
}

uint64_t arm_mpam_msc_en_flags_read(ArmMpamMsc *s)
{
    unsigned first = sel_partid(s) & ~31;
    uint64_t flags = 0;

    if (!check_partid(s, sel_partid(s), false, arm_mpam_msc_sel_ris(s))) {
        return 0;
    }
    for (unsigned i = 0; i < nflags(s, first); i++) {
        flags |= (uint64_t)test_bit(first + i, s->enabled) << i;
    }
    return flags;
}

void arm_mpam_msc_en_flags_write(ArmMpamMsc *s, uint64_t value)
{
    unsigned first = sel_partid(s) & ~31;

    if (!check_partid(s, sel_partid(s), false, arm_mpam_msc_sel_ris(s))) {
        return;
    }
    for (unsigned i = 0; i < nflags(s, first); i++) {
        if (value & BIT_ULL(i)) {
            set_bit(first + i, s->enabled);
        } else {
            clear_bit(first + i, s->enabled);
        }
    }
}

/* Which settings a request with this PARTID on the bus is subject to */
uint16_t arm_mpam_msc_settings(ArmMpamMsc *s, uint16_t partid)
{
    partid = arm_mpam_msc_partid(s, partid);
    return is_narrowing(s) ? s->intpartid[partid] : partid;
}

/* The control at @offset, NULL if the RIS has none there */
static const ArmMpamReg *find_control(ArmMpamMsc *s, unsigned r,
                                      hwaddr offset, unsigned *word)
{
    const ArmMpamReg *reg = arm_mpam_msc_find_reg(s, offset, word);

    return reg && reg->kind == REG_CONTROL &&
           *word < s->ris[r].words[reg_index(reg)] ? reg : NULL;
}

bool arm_mpam_msc_has_control(ArmMpamMsc *s, unsigned r, hwaddr offset)
{
    unsigned word = 0;

    return find_control(s, r, offset, &word);
}

static uint32_t effective(ArmMpamRis *ris, const ArmMpamReg *reg,
                          unsigned word, unsigned partid)
{
    uint32_t *control = setting(ris, reg, word, partid);

    return ris->effective ? ris->effective[control - ris->cfg] : *control;
}

uint32_t arm_mpam_msc_control(ArmMpamMsc *s, unsigned r, uint16_t partid,
                              hwaddr offset)
{
    unsigned word = 0;
    const ArmMpamReg *reg = find_control(s, r, offset, &word);

    return reg ? effective(&s->ris[r], reg, word,
                           arm_mpam_msc_settings(s, partid)) : 0;
}

bool arm_mpam_msc_partid_enabled(ArmMpamMsc *s, uint16_t partid)
{
    return !s->param[ARM_MPAM_ENDIS] ||
           test_bit(arm_mpam_msc_partid(s, partid), s->enabled);
}

MpamConfigValueList *arm_mpam_msc_config(ArmMpamMsc *s, unsigned r,
                                         unsigned first, unsigned last,
                                         bool internal, Error **errp)
{
    MpamConfigValueList *list = NULL, **tail = &list;
    ArmMpamRis *ris = r < ARM_MPAM_MAX_RIS ? &s->ris[r] : NULL;
    unsigned max = internal ? s->param[ARM_MPAM_INTPARTID_MAX]
                            : s->param[ARM_MPAM_PARTID_MAX];

    if (!ris || !ris->present) {
        error_setg(errp, "%s has no RIS %u", s->name, r);
        return NULL;
    }
    if ((internal && !is_narrowing(s)) || first > last || last > max) {
        error_setg(errp, "%s has no %sPARTIDs %u to %u", s->name,
                   internal ? "internal " : "", first, last);
        return NULL;
    }
    for (unsigned p = first; p <= last; p++) {
        unsigned settings = internal ? p : arm_mpam_msc_settings(s, p);

        for (int i = 0; i < arm_mpam_nregs; i++) {
            const ArmMpamReg *reg = &arm_mpam_regs[i];

            for (unsigned w = 0; w < ris->words[i]; w++) {
                MpamConfigValue *value = g_new0(MpamConfigValue, 1);

                value->partid = p;
                value->name = arm_mpam_reg_name(reg, w);
                value->offset = reg->offset + w * 4;
                value->value = *setting(ris, reg, w, settings);
                value->effective = effective(ris, reg, w, settings);
                value->reset = reset_value(ris, reg, w);
                QAPI_LIST_APPEND(tail, value);
            }
        }
    }
    return list;
}

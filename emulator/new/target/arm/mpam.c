/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * FEAT_MPAM, PE side: the system registers with their traps, aliases and
 * resets, and the label that they put on an access. The memory system
 * components which act on labels are devices and know nothing of this file
 * but its header.
 *
 * Rules that software can observe and the architecture leaves open are
 * settled here as follows. Fields which are UNKNOWN after a reset hold
 * garbage, different each time but a function of the CPU and the number of
 * its resets only. A virtual PARTID that is too large is reduced modulo the
 * number of mappings. A PARTID error leaves the PMG of the register. The
 * SMCU is not shared, and PSTATE.SM does not select MPAMSM_EL1.
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/qdev-properties.h"
#include "hw/registerfields.h"
#include "cpu.h"
#include "cpregs.h"
#include "cpu-features.h"
#include "internals.h"
#include "mpam.h"
#include "mpam-idle.h"

FIELD(MPAMIDR, PARTID_MAX, 0, 16)
FIELD(MPAMIDR, HAS_HCR, 17, 1)
FIELD(MPAMIDR, VPMR_MAX, 18, 3)
FIELD(MPAMIDR, PMG_MAX, 32, 8)
FIELD(MPAMIDR, HAS_TIDR, 58, 1)
FIELD(MPAMIDR, HAS_FORCE_NS, 60, 1)
FIELD(MPAMIDR, HAS_SDEFLT, 61, 1)

/* The label fields are at the same place in every register that has them */
FIELD(MPAM, PARTID_I, 0, 16)
FIELD(MPAM, PARTID_D, 16, 16)
FIELD(MPAM, PMG_I, 32, 8)
FIELD(MPAM, PMG_D, 40, 8)
FIELD(MPAM, MPAMEN, 63, 1)

#define MPAM_LABEL_MASK                                 \
    (R_MPAM_PARTID_I_MASK | R_MPAM_PARTID_D_MASK |      \
     R_MPAM_PMG_I_MASK | R_MPAM_PMG_D_MASK)
#define MPAMSM_MASK (R_MPAM_PARTID_D_MASK | R_MPAM_PMG_D_MASK)

FIELD(MPAM1, FORCED_NS, 60, 1)

FIELD(MPAM2, TRAPMPAM1EL1, 48, 1)
FIELD(MPAM2, TRAPMPAM0EL1, 49, 1)
FIELD(MPAM2, ENMPAMSM, 50, 1)
FIELD(MPAM2, TIDR, 58, 1)

FIELD(MPAM3, FORCE_NS, 60, 1)
FIELD(MPAM3, SDEFLT, 61, 1)
FIELD(MPAM3, TRAPLOWER, 62, 1)

FIELD(MPAMHCR, EL0_VPMEN, 0, 1)
FIELD(MPAMHCR, EL1_VPMEN, 1, 1)
FIELD(MPAMHCR, GSTAPP_PLK, 8, 1)
FIELD(MPAMHCR, TRAP_MPAMIDR_EL1, 31, 1)

#define MPAMHCR_MASK                                            \
    (R_MPAMHCR_EL0_VPMEN_MASK | R_MPAMHCR_EL1_VPMEN_MASK |      \
     R_MPAMHCR_GSTAPP_PLK_MASK | R_MPAMHCR_TRAP_MPAMIDR_EL1_MASK)
#define MPAMVPMV_MASK 0xffffffffull

/* Offsets from VNCR_EL2 */
#define NV2_MPAM1_EL1     0x900
#define NV2_MPAMHCR_EL2   0x930
#define NV2_MPAMVPMV_EL2  0x938
#define NV2_MPAMVPM0_EL2  0x940

typedef struct MPAMVersion {
    const char *name;
    /* ID_AA64PFR0_EL1.MPAM, ID_AA64PFR1_EL1.MPAM_frac */
    uint8_t major, frac;
    /* TIDR and SDEFLT came with v1.1 and v0.1, FORCE_NS with v0.1 only */
    bool tidr_sdeflt;
    bool force_ns;
} MPAMVersion;

static const MPAMVersion mpam_versions[] = {
    { .name = "0.1", .major = 0, .frac = 1,
      .tidr_sdeflt = true, .force_ns = true },
    { .name = "1.0", .major = 1, .frac = 0 },
    { .name = "1.1", .major = 1, .frac = 1, .tidr_sdeflt = true },
};

static NotifierList mpam_power_notifiers =
    NOTIFIER_LIST_INITIALIZER(mpam_power_notifiers);

bool arm_mpam_has(CPUARMState *env)
{
    /* Every MPAM version has a nonzero major or frac, hence the property */
    return env->mpam.prop_mpam;
}

static bool mpam_idr(CPUARMState *env, uint64_t feature)
{
    return env->mpam.mpamidr & feature;
}

/* The one register whose MPAMEN can be written */
static uint64_t *mpamen_owner(CPUARMState *env)
{
    if (arm_feature(env, ARM_FEATURE_EL3) || env->mpam.firmware) {
        return &env->mpam.mpam3_el3;
    }
    if (arm_feature(env, ARM_FEATURE_EL2)) {
        return &env->mpam.mpam2_el2;
    }
    return &env->mpam.mpam1_el1;
}

static uint64_t mpamen(CPUARMState *env)
{
    return *mpamen_owner(env) & R_MPAM_MPAMEN_MASK;
}

bool arm_mpam_enabled(CPUARMState *env)
{
    return arm_mpam_has(env) && mpamen(env);
}

/* Labels */

/* Step 1 to 3 of the virtual PARTID mapping; the caller checks the range */
static uint16_t mpam_map_vpartid(CPUARMState *env, uint16_t vpartid)
{
    ARMMPAMState *s = &env->mpam;
    unsigned count = 4 * (FIELD_EX64(s->mpamidr, MPAMIDR, VPMR_MAX) + 1);
    unsigned v = vpartid % count;

    if (!extract64(s->mpamvpmv_el2, v, 1)) {
        if (!extract64(s->mpamvpmv_el2, 0, 1)) {
            return 0;
        }
        v = 0;
    }
    return extract64(s->mpamvpm_el2[v / 4], v % 4 * 16, 16);
}

void arm_mpam_label(CPUARMState *env, bool insn,
                    uint16_t *partid, uint8_t *pmg)
{
    ARMMPAMState *s = &env->mpam;
    bool el2_enabled = arm_is_el2_enabled(env);
    uint64_t hcr = arm_hcr_el2_eff(env);
    uint64_t vpmen = 0;
    uint64_t reg;

    *partid = 0;
    *pmg = 0;

    if (!arm_mpam_enabled(env)) {
        return;
    }
    if ((s->mpam3_el3 & R_MPAM3_SDEFLT_MASK) &&
        arm_security_space(env) == ARMSS_Secure) {
        return;
    }

    switch (arm_current_el(env)) {
    case 0:
        if (el2_enabled && !(hcr & HCR_TGE) &&
            (s->mpamhcr_el2 & R_MPAMHCR_GSTAPP_PLK_MASK)) {
            reg = s->mpam1_el1;
            vpmen = R_MPAMHCR_EL1_VPMEN_MASK;
        } else {
            reg = s->mpam0_el1;
            if ((hcr & (HCR_E2H | HCR_TGE)) != (HCR_E2H | HCR_TGE)) {
                vpmen = R_MPAMHCR_EL0_VPMEN_MASK;
            }
        }
        break;
    case 1:
        reg = s->mpam1_el1;
        vpmen = R_MPAMHCR_EL1_VPMEN_MASK;
        break;
    case 2:
        reg = s->mpam2_el2;
        break;
    case 3:
        reg = s->mpam3_el3;
        break;
    default:
        g_assert_not_reached();
    }

    if (insn) {
        *partid = FIELD_EX64(reg, MPAM, PARTID_I);
        *pmg = FIELD_EX64(reg, MPAM, PMG_I);
    } else {
        *partid = FIELD_EX64(reg, MPAM, PARTID_D);
        *pmg = FIELD_EX64(reg, MPAM, PMG_D);
    }

    if (el2_enabled && (s->mpamhcr_el2 & vpmen)) {
        *partid = mpam_map_vpartid(env, *partid);
    }
    if (*partid > FIELD_EX64(s->mpamidr, MPAMIDR, PARTID_MAX)) {
        *partid = 0;
    }
    if (*pmg > FIELD_EX64(s->mpamidr, MPAMIDR, PMG_MAX)) {
        *pmg = 0;
    }
}

/* Power */

void arm_mpam_add_power_notifier(Notifier *n)
{
    notifier_list_add(&mpam_power_notifiers, n);
}

bool arm_mpam_cpu_powered(ARMCPU *cpu)
{
    return cpu->env.mpam.powered;
}

void arm_mpam_power_update(ARMCPU *cpu)
{
    ArmMpamPowerEvent event = {
        .cpu = cpu,
        .on = cpu->power_state == PSCI_ON && !arm_mpam_idle_off(cpu),
    };

    /*
     * The reset in realize comes before the board has said which CPUs start
     * powered off, and nothing runs before the reset of the whole machine.
     */
    if (!DEVICE(cpu)->realized || event.on == cpu->env.mpam.powered) {
        return;
    }
    cpu->env.mpam.powered = event.on;
    notifier_list_notify(&mpam_power_notifiers, &event);
}

/* Reset */

/* splitmix64 */
static uint64_t mpam_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

/* Never 0: a default PARTID would look as if somebody had initialised it */
static uint16_t mpam_garbage_partid(uint16_t max, uint64_t *state)
{
    uint16_t partid = mpam_random(state);

    /*
     * Half of them in range. Those do more harm than the others, which
     * hardware replaces.
     */
    if (max && (mpam_random(state) & 1)) {
        partid %= max;
    }
    return partid == UINT16_MAX ? partid : partid + 1;
}

static uint64_t mpam_garbage_label(CPUARMState *env, uint64_t *state)
{
    uint16_t max = FIELD_EX64(env->mpam.mpamidr, MPAMIDR, PARTID_MAX);
    uint64_t label = mpam_random(state) & MPAM_LABEL_MASK;

    label = FIELD_DP64(label, MPAM, PARTID_I, mpam_garbage_partid(max, state));
    return FIELD_DP64(label, MPAM, PARTID_D, mpam_garbage_partid(max, state));
}

static uint64_t mpam2_mask(CPUARMState *env)
{
    uint64_t mask = MPAM_LABEL_MASK | R_MPAM2_TRAPMPAM0EL1_MASK |
                    R_MPAM2_TRAPMPAM1EL1_MASK;

    if (mpam_idr(env, R_MPAMIDR_HAS_TIDR_MASK)) {
        mask |= R_MPAM2_TIDR_MASK;
    }
    if (cpu_isar_feature(aa64_sme, env_archcpu(env))) {
        mask |= R_MPAM2_ENMPAMSM_MASK;
    }
    return mask;
}

void arm_mpam_reset(ARMCPU *cpu)
{
    CPUARMState *env = &cpu->env;
    ARMMPAMState *s = &env->mpam;
    bool el3 = arm_feature(env, ARM_FEATURE_EL3);
    uint64_t seed = deposit64(++s->resets, 32, 32, CPU(cpu)->cpu_index);
    uint64_t traps = R_MPAM2_TRAPMPAM0EL1_MASK | R_MPAM2_TRAPMPAM1EL1_MASK;

    arm_mpam_idle_reset(cpu);
    if (!arm_mpam_has(env)) {
        goto power;
    }

    s->firmware = s->prop_firmware && !el3 &&
                  cpu->psci_conduit != QEMU_PSCI_CONDUIT_DISABLED;

    s->mpam0_el1 = mpam_garbage_label(env, &seed);
    s->mpam1_el1 = mpam_garbage_label(env, &seed);
    s->mpamsm_el1 = mpam_garbage_label(env, &seed) & MPAMSM_MASK;

    s->mpam2_el2 = mpam_garbage_label(env, &seed);
    s->mpam2_el2 |= mpam_random(&seed) & mpam2_mask(env) & ~MPAM_LABEL_MASK;
    s->mpamhcr_el2 = mpam_random(&seed) & R_MPAMHCR_TRAP_MPAMIDR_EL1_MASK;
    if (!el3 && !s->firmware) {
        s->mpam2_el2 |= traps;
        s->mpamhcr_el2 |= R_MPAMHCR_TRAP_MPAMIDR_EL1_MASK;
    }

    s->mpamvpmv_el2 = mpam_random(&seed) & MPAMVPMV_MASK;
    for (int i = 0; i < ARM_MPAM_VPM_REGS; i++) {
        s->mpamvpm_el2[i] = mpam_random(&seed);
    }

    s->mpam3_el3 = 0;
    if (el3) {
        s->mpam3_el3 = mpam_garbage_label(env, &seed);
        s->mpam3_el3 |= R_MPAM3_TRAPLOWER_MASK;
    }
    if (s->firmware) {
        arm_mpam_firmware_reset(cpu, arm_feature(env, ARM_FEATURE_EL2) ? 2 : 1);
    }

power:
    arm_mpam_power_update(cpu);
}

void arm_mpam_firmware_reset(ARMCPU *cpu, int target_el)
{
    CPUARMState *env = &cpu->env;
    ARMMPAMState *s = &env->mpam;

    if (!arm_mpam_has(env) || !s->prop_firmware) {
        return;
    }
    s->mpam3_el3 = R_MPAM_MPAMEN_MASK;
    if (target_el < 2) {
        /* EL2 stays unused, and EL1 must not trap into it */
        s->mpam2_el2 = mpam2_mask(env) & R_MPAM2_ENMPAMSM_MASK;
        s->mpamhcr_el2 = 0;
    }
}

/* Traps */

static bool mpam_trap_lower(CPUARMState *env)
{
    return arm_current_el(env) < 3 &&
           (env->mpam.mpam3_el3 & R_MPAM3_TRAPLOWER_MASK);
}

/* Whether a control of EL2's applies to an access from here */
static bool mpam_el2_traps(CPUARMState *env)
{
    return arm_current_el(env) == 1 && arm_is_el2_enabled(env);
}

/* For EL2 registers; from EL1 these are nested virtualization's accesses */
static CPAccessResult access_mpam_lower(CPUARMState *env,
                                        const ARMCPRegInfo *ri, bool isread)
{
    return mpam_trap_lower(env) ? CP_ACCESS_TRAP_EL3 : CP_ACCESS_OK;
}

static CPAccessResult access_mpam0(CPUARMState *env, const ARMCPRegInfo *ri,
                                   bool isread)
{
    if (mpam_trap_lower(env)) {
        return CP_ACCESS_TRAP_EL3;
    }
    if (mpam_el2_traps(env) &&
        (env->mpam.mpam2_el2 & R_MPAM2_TRAPMPAM0EL1_MASK)) {
        return CP_ACCESS_TRAP_EL2;
    }
    return CP_ACCESS_OK;
}

static CPAccessResult access_mpam1(CPUARMState *env, const ARMCPRegInfo *ri,
                                   bool isread)
{
    if (mpam_trap_lower(env)) {
        return CP_ACCESS_TRAP_EL3;
    }
    if (mpam_el2_traps(env) &&
        (env->mpam.mpam2_el2 & R_MPAM2_TRAPMPAM1EL1_MASK)) {
        return CP_ACCESS_TRAP_EL2;
    }
    return CP_ACCESS_OK;
}

static CPAccessResult access_mpam1_el12(CPUARMState *env,
                                        const ARMCPRegInfo *ri, bool isread)
{
    if (arm_current_el(env) >= 2 && !(arm_hcr_el2_eff(env) & HCR_E2H)) {
        return CP_ACCESS_UNDEFINED;
    }
    return access_mpam_lower(env, ri, isread);
}

static CPAccessResult access_mpamsm(CPUARMState *env, const ARMCPRegInfo *ri,
                                    bool isread)
{
    if (mpam_trap_lower(env)) {
        return CP_ACCESS_TRAP_EL3;
    }
    if (mpam_el2_traps(env) &&
        !(env->mpam.mpam2_el2 & R_MPAM2_ENMPAMSM_MASK)) {
        return CP_ACCESS_TRAP_EL2;
    }
    return CP_ACCESS_OK;
}

static CPAccessResult access_mpamidr(CPUARMState *env, const ARMCPRegInfo *ri,
                                     bool isread)
{
    if (mpam_trap_lower(env)) {
        return CP_ACCESS_TRAP_EL3;
    }
    if (mpam_el2_traps(env)) {
        if (mpam_idr(env, R_MPAMIDR_HAS_TIDR_MASK) &&
            (env->mpam.mpam2_el2 & R_MPAM2_TIDR_MASK)) {
            return CP_ACCESS_TRAP_EL2;
        }
        if (mpam_idr(env, R_MPAMIDR_HAS_HCR_MASK) &&
            (env->mpam.mpamhcr_el2 & R_MPAMHCR_TRAP_MPAMIDR_EL1_MASK)) {
            return CP_ACCESS_TRAP_EL2;
        }
    }
    return CP_ACCESS_OK;
}

/* Reads and writes */

uint64_t arm_mpam1_value(CPUARMState *env)
{
    uint64_t value = env->mpam.mpam1_el1 | mpamen(env);

    if ((env->mpam.mpam3_el3 & R_MPAM3_FORCE_NS_MASK) &&
        arm_is_secure_below_el3(env)) {
        value |= R_MPAM1_FORCED_NS_MASK;
    }
    return value;
}

uint64_t arm_mpam2_value(CPUARMState *env)
{
    return env->mpam.mpam2_el2 | mpamen(env);
}

/* Replaces what @mask covers, and MPAMEN if this register owns it */
static void mpam_set(CPUARMState *env, uint64_t *reg, uint64_t mask,
                     uint64_t value)
{
    if (reg == mpamen_owner(env)) {
        mask |= R_MPAM_MPAMEN_MASK;
    }
    *reg = value & mask;
}

/* What is stored, without what a read adds to it */
static uint64_t mpam_raw_read(CPUARMState *env, const ARMCPRegInfo *ri)
{
    return CPREG_FIELD64(env, ri);
}

static uint64_t mpam2_read(CPUARMState *env, const ARMCPRegInfo *ri)
{
    return arm_mpam2_value(env);
}

static void mpam2_write(CPUARMState *env, const ARMCPRegInfo *ri,
                        uint64_t value)
{
    env->mpam.writes_mpam2++;
    mpam_set(env, &env->mpam.mpam2_el2, mpam2_mask(env), value);
}

static uint64_t mpam1_el12_read(CPUARMState *env, const ARMCPRegInfo *ri)
{
    return arm_mpam1_value(env);
}

static void mpam1_el12_write(CPUARMState *env, const ARMCPRegInfo *ri,
                             uint64_t value)
{
    env->mpam.writes_mpam1++;
    mpam_set(env, &env->mpam.mpam1_el1, MPAM_LABEL_MASK, value);
}

/* A VHE host at EL2 reaches MPAM2_EL2 under the name of MPAM1_EL1 */
static bool mpam1_is_mpam2(CPUARMState *env)
{
    return arm_current_el(env) == 2 && (arm_hcr_el2_eff(env) & HCR_E2H);
}

static uint64_t mpam1_read(CPUARMState *env, const ARMCPRegInfo *ri)
{
    return mpam1_is_mpam2(env) ? mpam2_read(env, ri) : mpam1_el12_read(env, ri);
}

static void mpam1_write(CPUARMState *env, const ARMCPRegInfo *ri,
                        uint64_t value)
{
    if (mpam1_is_mpam2(env)) {
        mpam2_write(env, ri, value);
    } else {
        mpam1_el12_write(env, ri, value);
    }
}

static void mpam0_write(CPUARMState *env, const ARMCPRegInfo *ri,
                        uint64_t value)
{
    env->mpam.writes_mpam0++;
    env->mpam.mpam0_el1 = value & MPAM_LABEL_MASK;
}

static void mpamsm_write(CPUARMState *env, const ARMCPRegInfo *ri,
                         uint64_t value)
{
    env->mpam.writes_mpamsm++;
    env->mpam.mpamsm_el1 = value & MPAMSM_MASK;
}

static void mpam3_write(CPUARMState *env, const ARMCPRegInfo *ri,
                        uint64_t value)
{
    uint64_t mask = MPAM_LABEL_MASK | R_MPAM3_TRAPLOWER_MASK;

    if (mpam_idr(env, R_MPAMIDR_HAS_SDEFLT_MASK)) {
        mask |= R_MPAM3_SDEFLT_MASK;
    }
    if (mpam_idr(env, R_MPAMIDR_HAS_FORCE_NS_MASK)) {
        mask |= R_MPAM3_FORCE_NS_MASK;
    }
    mpam_set(env, &env->mpam.mpam3_el3, mask, value);
}

static void mpamhcr_write(CPUARMState *env, const ARMCPRegInfo *ri,
                          uint64_t value)
{
    env->mpam.mpamhcr_el2 = value & MPAMHCR_MASK;
}

static void mpamvpmv_write(CPUARMState *env, const ARMCPRegInfo *ri,
                           uint64_t value)
{
    env->mpam.mpamvpmv_el2 = value & MPAMVPMV_MASK;
}

static const ARMCPRegInfo mpam_reginfo[] = {
    { .name = "MPAM0_EL1", .state = ARM_CP_STATE_AA64,
      .opc0 = 3, .opc1 = 0, .crn = 10, .crm = 5, .opc2 = 1,
      .access = PL1_RW, .accessfn = access_mpam0,
      .fieldoffset = offsetof(CPUARMState, mpam.mpam0_el1),
      .writefn = mpam0_write, .raw_writefn = raw_write,
      .resetfn = arm_cp_reset_ignore },
    { .name = "MPAM1_EL1", .state = ARM_CP_STATE_AA64,
      .opc0 = 3, .opc1 = 0, .crn = 10, .crm = 5, .opc2 = 0,
      .nv2_redirect_offset = NV2_MPAM1_EL1 | NV2_REDIR_NV1,
      .access = PL1_RW, .accessfn = access_mpam1,
      .fieldoffset = offsetof(CPUARMState, mpam.mpam1_el1),
      .readfn = mpam1_read, .raw_readfn = mpam_raw_read,
      .writefn = mpam1_write, .raw_writefn = raw_write,
      .resetfn = arm_cp_reset_ignore },
    { .name = "MPAM2_EL2", .state = ARM_CP_STATE_AA64,
      .opc0 = 3, .opc1 = 4, .crn = 10, .crm = 5, .opc2 = 0,
      .access = PL2_RW, .accessfn = access_mpam_lower,
      .fieldoffset = offsetof(CPUARMState, mpam.mpam2_el2),
      .readfn = mpam2_read, .raw_readfn = mpam_raw_read,
      .writefn = mpam2_write, .raw_writefn = raw_write,
      .resetfn = arm_cp_reset_ignore },
    { .name = "MPAM3_EL3", .state = ARM_CP_STATE_AA64,
      .opc0 = 3, .opc1 = 6, .crn = 10, .crm = 5, .opc2 = 0,
      .access = PL3_RW,
      .fieldoffset = offsetof(CPUARMState, mpam.mpam3_el3),
      .writefn = mpam3_write, .raw_writefn = raw_write,
      .resetfn = arm_cp_reset_ignore },
};

static const ARMCPRegInfo mpam_vhe_reginfo[] = {
    { .name = "MPAM1_EL12", .state = ARM_CP_STATE_AA64,
      .opc0 = 3, .opc1 = 5, .crn = 10, .crm = 5, .opc2 = 0,
      .type = ARM_CP_ALIAS | ARM_CP_EL3_NO_EL2_UNDEF,
      .nv2_redirect_offset = NV2_MPAM1_EL1 | NV2_REDIR_NO_NV1,
      .access = PL2_RW, .accessfn = access_mpam1_el12,
      .fieldoffset = offsetof(CPUARMState, mpam.mpam1_el1),
      .readfn = mpam1_el12_read, .raw_readfn = mpam_raw_read,
      .writefn = mpam1_el12_write, .raw_writefn = raw_write },
};

static const ARMCPRegInfo mpam_sme_reginfo[] = {
    { .name = "MPAMSM_EL1", .state = ARM_CP_STATE_AA64,
      .opc0 = 3, .opc1 = 0, .crn = 10, .crm = 5, .opc2 = 3,
      .access = PL1_RW, .accessfn = access_mpamsm,
      .fieldoffset = offsetof(CPUARMState, mpam.mpamsm_el1),
      .writefn = mpamsm_write, .raw_writefn = raw_write,
      .resetfn = arm_cp_reset_ignore },
};

static const ARMCPRegInfo mpam_hcr_reginfo[] = {
    { .name = "MPAMHCR_EL2", .state = ARM_CP_STATE_AA64,
      .opc0 = 3, .opc1 = 4, .crn = 10, .crm = 4, .opc2 = 0,
      .nv2_redirect_offset = NV2_MPAMHCR_EL2,
      .access = PL2_RW, .accessfn = access_mpam_lower,
      .fieldoffset = offsetof(CPUARMState, mpam.mpamhcr_el2),
      .writefn = mpamhcr_write, .raw_writefn = raw_write,
      .resetfn = arm_cp_reset_ignore },
    { .name = "MPAMVPMV_EL2", .state = ARM_CP_STATE_AA64,
      .opc0 = 3, .opc1 = 4, .crn = 10, .crm = 4, .opc2 = 1,
      .nv2_redirect_offset = NV2_MPAMVPMV_EL2,
      .access = PL2_RW, .accessfn = access_mpam_lower,
      .fieldoffset = offsetof(CPUARMState, mpam.mpamvpmv_el2),
      .writefn = mpamvpmv_write, .raw_writefn = raw_write,
      .resetfn = arm_cp_reset_ignore },
};

static void mpam_define_vpm_regs(ARMCPU *cpu)
{
    unsigned max = FIELD_EX64(cpu->env.mpam.mpamidr, MPAMIDR, VPMR_MAX);

    for (unsigned n = 0; n <= max; n++) {
        g_autofree char *name = g_strdup_printf("MPAMVPM%u_EL2", n);
        ARMCPRegInfo vpm = {
            .name = name, .state = ARM_CP_STATE_AA64,
            .opc0 = 3, .opc1 = 4, .crn = 10, .crm = 6, .opc2 = n,
            .nv2_redirect_offset = NV2_MPAMVPM0_EL2 + 8 * n,
            .access = PL2_RW, .accessfn = access_mpam_lower,
            .fieldoffset = offsetof(CPUARMState, mpam.mpamvpm_el2) + 8 * n,
            .resetfn = arm_cp_reset_ignore,
        };

        define_one_arm_cp_reg(cpu, &vpm);
    }
}

void arm_mpam_define_regs(ARMCPU *cpu)
{
    CPUARMState *env = &cpu->env;
    ARMCPRegInfo idr = {
        .name = "MPAMIDR_EL1", .state = ARM_CP_STATE_AA64,
        .opc0 = 3, .opc1 = 0, .crn = 10, .crm = 4, .opc2 = 4,
        .access = PL1_R, .type = ARM_CP_CONST, .accessfn = access_mpamidr,
        .resetvalue = env->mpam.mpamidr,
    };

    if (!arm_mpam_has(env)) {
        return;
    }
    define_one_arm_cp_reg(cpu, &idr);
    define_arm_cp_regs(cpu, mpam_reginfo);
    if (cpu_isar_feature(aa64_sme, cpu)) {
        define_arm_cp_regs(cpu, mpam_sme_reginfo);
    }
    if (arm_feature(env, ARM_FEATURE_EL2) && cpu_isar_feature(aa64_vh, cpu)) {
        define_arm_cp_regs(cpu, mpam_vhe_reginfo);
    }
    if (mpam_idr(env, R_MPAMIDR_HAS_HCR_MASK)) {
        define_arm_cp_regs(cpu, mpam_hcr_reginfo);
        mpam_define_vpm_regs(cpu);
    }
}

/* Properties */

static const Property mpam_properties[] = {
    DEFINE_PROP_BOOL("mpam", ARMCPU, env.mpam.prop_mpam, true),
    DEFINE_PROP_STRING("mpam-version", ARMCPU, env.mpam.prop_version),
    DEFINE_PROP_UINT16("mpam-partid-max", ARMCPU, env.mpam.prop_partid_max, 63),
    DEFINE_PROP_UINT8("mpam-pmg-max", ARMCPU, env.mpam.prop_pmg_max, 3),
    DEFINE_PROP_BOOL("mpam-hcr", ARMCPU, env.mpam.prop_hcr, true),
    DEFINE_PROP_UINT8("mpam-vpmr-max", ARMCPU, env.mpam.prop_vpmr_max, 7),
    DEFINE_PROP_BOOL("mpam-tidr", ARMCPU, env.mpam.prop_tidr, true),
    DEFINE_PROP_BOOL("mpam-sdeflt", ARMCPU, env.mpam.prop_sdeflt, true),
    DEFINE_PROP_BOOL("mpam-firmware", ARMCPU, env.mpam.prop_firmware, true),
};

void arm_mpam_add_properties(Object *obj)
{
    for (size_t i = 0; i < ARRAY_SIZE(mpam_properties); i++) {
        qdev_property_add_static(DEVICE(obj), &mpam_properties[i]);
    }
}

static const MPAMVersion *mpam_find_version(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(mpam_versions); i++) {
        if (g_str_equal(mpam_versions[i].name, name)) {
            return &mpam_versions[i];
        }
    }
    return NULL;
}

bool arm_mpam_realize(ARMCPU *cpu, Error **errp)
{
    CPUARMState *env = &cpu->env;
    ARMMPAMState *s = &env->mpam;
    ARMISARegisters *id = &cpu->isar;
    const MPAMVersion *version;
    bool el2 = arm_feature(env, ARM_FEATURE_EL2);
    bool el3 = arm_feature(env, ARM_FEATURE_EL3);
    uint64_t idr = 0;

    id->id_aa64pfr0 = FIELD_DP64(id->id_aa64pfr0, ID_AA64PFR0, MPAM, 0);
    id->id_aa64pfr1 = FIELD_DP64(id->id_aa64pfr1, ID_AA64PFR1, MPAM_FRAC, 0);
    if (!s->prop_mpam) {
        return true;
    }

    version = mpam_find_version(s->prop_version ?: "1.1");
    if (!version) {
        error_setg(errp, "mpam-version: '%s' is not 0.1, 1.0 or 1.1",
                   s->prop_version);
        return false;
    }
    if (s->prop_vpmr_max >= ARM_MPAM_VPM_REGS) {
        error_setg(errp, "mpam-vpmr-max: %u is more than %u",
                   s->prop_vpmr_max, ARM_MPAM_VPM_REGS - 1);
        return false;
    }

    id->id_aa64pfr0 = FIELD_DP64(id->id_aa64pfr0, ID_AA64PFR0, MPAM,
                                 version->major);
    id->id_aa64pfr1 = FIELD_DP64(id->id_aa64pfr1, ID_AA64PFR1, MPAM_FRAC,
                                 version->frac);

    idr = FIELD_DP64(idr, MPAMIDR, PARTID_MAX, s->prop_partid_max);
    idr = FIELD_DP64(idr, MPAMIDR, PMG_MAX, s->prop_pmg_max);
    if (el2 && s->prop_hcr) {
        idr = FIELD_DP64(idr, MPAMIDR, HAS_HCR, 1);
        idr = FIELD_DP64(idr, MPAMIDR, VPMR_MAX, s->prop_vpmr_max);
    }
    if (el2 && s->prop_tidr && version->tidr_sdeflt) {
        idr = FIELD_DP64(idr, MPAMIDR, HAS_TIDR, 1);
    }
    if (el3 && s->prop_sdeflt && version->tidr_sdeflt) {
        idr = FIELD_DP64(idr, MPAMIDR, HAS_SDEFLT, 1);
    }
    if (el3 && version->force_ns) {
        idr = FIELD_DP64(idr, MPAMIDR, HAS_FORCE_NS, 1);
    }
    s->mpamidr = idr;
    return true;
}

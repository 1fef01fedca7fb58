/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * FEAT_MPAM: what the PE side keeps per CPU, and what the rest of QEMU may
 * ask of it: the label of the next access, and whether a CPU has power.
 */
#ifndef TARGET_ARM_MPAM_H
#define TARGET_ARM_MPAM_H

#include "qemu/notify.h"
#include "target/arm/cpu-qom.h"

/* cpu.h defines it, and needs this header to do so */
typedef struct CPUArchState CPUARMState;

#define ARM_MPAM_VPM_REGS 8

/**
 * ARMMPAMState: everything about MPAM that one CPU holds
 *
 * Lives in the part of CPUARMState which a CPU reset leaves alone, because
 * arm_mpam_reset() gives most registers something else than zero.
 *
 * MPAMEN is stored in the register which owns it, and only there; the
 * read-only copies are made when a register is read.
 */
typedef struct ARMMPAMState {
    /* Registers */
    uint64_t mpam0_el1;
    uint64_t mpam1_el1;
    uint64_t mpamsm_el1;
    uint64_t mpam2_el2;
    /* Without EL3 in the model: what the firmware stand-in has set, or zero */
    uint64_t mpam3_el3;
    uint64_t mpamhcr_el2;
    uint64_t mpamvpmv_el2;
    uint64_t mpamvpm_el2[ARM_MPAM_VPM_REGS];

    /* Fixed at realize; zero if the CPU has no MPAM */
    uint64_t mpamidr;

    /* Ground truth: how often the guest wrote each of these since start */
    uint64_t writes_mpam0;
    uint64_t writes_mpam1;
    uint64_t writes_mpamsm;
    uint64_t writes_mpam2;

    /* Number of resets so far, so that no two leave the same garbage */
    uint32_t resets;
    /* What the power notifiers were told last */
    bool powered;
    /* QEMU's PSCI plays the EL3 firmware (decided at each reset) */
    bool firmware;

    /* Properties */
    bool prop_mpam;
    char *prop_version;
    uint16_t prop_partid_max;
    uint8_t prop_pmg_max;
    bool prop_hcr;
    uint8_t prop_vpmr_max;
    bool prop_tidr;
    bool prop_sdeflt;
    bool prop_firmware;
} ARMMPAMState;

/**
 * ArmMpamPowerEvent: what a power notifier is given
 * @cpu: the CPU whose power changes
 * @on: true just before the CPU can execute, false once it is off
 */
typedef struct ArmMpamPowerEvent {
    ARMCPU *cpu;
    bool on;
} ArmMpamPowerEvent;

/**
 * arm_mpam_add_power_notifier: ask to be told when a CPU gains or loses power
 * @n: called with an ArmMpamPowerEvent, under the BQL
 *
 * Only changes are reported. Every CPU starts without power and those which
 * do not wait for PSCI gain it in the first reset of the machine.
 */
void arm_mpam_add_power_notifier(Notifier *n);

/**
 * arm_mpam_cpu_powered: whether a CPU has power, as last notified
 * @cpu: the CPU
 */
bool arm_mpam_cpu_powered(ARMCPU *cpu);

/**
 * arm_mpam_label: the label that an access made right now would carry
 * @env: the CPU; must not run, unless the caller is on its thread
 * @insn: true for instruction fetches, false for data and everything else
 * @partid: where to put the physical PARTID
 * @pmg: where to put the PMG
 *
 * The result is what leaves the PE: enable, virtual PARTID mapping and range
 * checks are applied. A CPU without MPAM emits PARTID 0, PMG 0.
 */
void arm_mpam_label(CPUARMState *env, bool insn,
                    uint16_t *partid, uint8_t *pmg);

/**
 * arm_mpam_has: whether this CPU implements FEAT_MPAM
 * @env: the CPU
 */
bool arm_mpam_has(CPUARMState *env);

/**
 * arm_mpam_enabled: whether MPAMEN is set at the highest exception level
 * @env: the CPU
 */
bool arm_mpam_enabled(CPUARMState *env);

/**
 * arm_mpam1_value: MPAM1_EL1 as read under that name at EL1
 * @env: the CPU
 */
uint64_t arm_mpam1_value(CPUARMState *env);

/**
 * arm_mpam2_value: MPAM2_EL2 as read under that name at EL2
 * @env: the CPU
 */
uint64_t arm_mpam2_value(CPUARMState *env);

#ifndef CONFIG_USER_ONLY

/**
 * arm_mpam_add_properties: give a CPU the mpam* properties, MPAM being on
 * @obj: an ARMCPU, before realize
 */
void arm_mpam_add_properties(Object *obj);

/**
 * arm_mpam_realize: check the properties, set the ID register fields
 * @cpu: the CPU
 * @errp: says which property is wrong
 *
 * Returns: false on error
 */
bool arm_mpam_realize(ARMCPU *cpu, Error **errp);

/**
 * arm_mpam_define_regs: define the MPAM system registers
 * @cpu: the CPU, ID registers final
 */
void arm_mpam_define_regs(ARMCPU *cpu);

/**
 * arm_mpam_reset: warm reset of the MPAM registers
 * @cpu: the CPU, its power_state already set for what follows the reset
 */
void arm_mpam_reset(ARMCPU *cpu);

/**
 * arm_mpam_firmware_reset: do what EL3 firmware does before it leaves
 * @cpu: the CPU, already reset
 * @target_el: the exception level that is entered next
 */
void arm_mpam_firmware_reset(ARMCPU *cpu, int target_el);

/**
 * arm_mpam_power_update: tell the notifiers if power_state has changed
 * @cpu: the CPU
 */
void arm_mpam_power_update(ARMCPU *cpu);

#else

static inline void arm_mpam_add_properties(Object *obj)
{
}

#endif /* CONFIG_USER_ONLY */
#endif /* TARGET_ARM_MPAM_H */

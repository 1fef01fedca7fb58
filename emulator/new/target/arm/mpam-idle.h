/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Idle states that lose a CPU's MPAM registers: PSCI CPU_SUSPEND with power
 * down.
 */
#ifndef TARGET_ARM_MPAM_IDLE_H
#define TARGET_ARM_MPAM_IDLE_H

#include "target/arm/cpu-qom.h"

/* Parameter of CPU_SUSPEND, and of idle-states and _LPI: power down */
#define ARM_MPAM_IDLE_STATE     0x00010000

/**
 * arm_mpam_idle_allow: from now on CPUs can be powered down when idle
 * @mscs: whether MSCs lose power with the last CPU that can reach them
 */
void arm_mpam_idle_allow(bool mscs);

/**
 * arm_mpam_idle_suspend: do CPU_SUSPEND, if it's that state
 * @cpu: the calling CPU
 * @state: parameters of the call:
 * @entry: where to go on
 * @context: with what in x0
 *
 * Called with the BQL held. Does not return if it powers the CPU down, else
 * the caller has to see what is meant.
 */
void arm_mpam_idle_suspend(ARMCPU *cpu, uint64_t state, uint64_t entry,
                           uint64_t context);

/**
 * arm_mpam_idle_pending: the GIC has an interrupt for a CPU, or not any more
 * @cpu: the CPU
 * @pending: whether it has
 *
 * Software closes the CPU's interface to the GIC before it is powered down.
 * What wakes it then is the GIC's request to the power controller. Called
 * with the BQL held.
 */
void arm_mpam_idle_pending(ARMCPU *cpu, bool pending);

/**
 * arm_mpam_idle_wake: a halted CPU has an interrupt
 * @cpu: the CPU, on its own thread, without the BQL
 *
 * If it was powered down it comes back at its entry point, without its
 * registers. Those of its interrupt controller and timers are kept.
 */
void arm_mpam_idle_wake(ARMCPU *cpu);

/**
 * arm_mpam_idle_reset: a CPU is reset, and thus no longer suspended
 * @cpu: the CPU
 */
void arm_mpam_idle_reset(ARMCPU *cpu);

/**
 * arm_mpam_idle_off: whether MSCs are to take a CPU for being off
 * @cpu: the CPU
 */
bool arm_mpam_idle_off(ARMCPU *cpu);

#endif

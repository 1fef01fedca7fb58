/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Idle states that lose a CPU's MPAM registers: PSCI CPU_SUSPEND with power
 * down.
 *
 * The CPU waits as in WFI, and comes back at its entry point with the MMU
 * off, interrupts masked, and garbage in its general and MPAM registers. Of
 * the others, which would be UNKNOWN, too, it keeps the values: software
 * can't rely on what they are.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "cpu.h"
#include "exec/cputlb.h"
#include "exec/exec-all.h"
#include "internals.h"
#include "mpam.h"
#include "mpam-idle.h"

#define MAX_CPUS        512
#define GARBAGE         0xdead0000dead0000ull

/* What each suspended CPU is to do when it wakes up; under the BQL */
static struct {
    bool pending;       /* there is an interrupt for it */
    bool asleep;
    uint64_t entry;
    uint64_t context;
} suspended[MAX_CPUS];

static bool allowed, mscs_follow;

void arm_mpam_idle_allow(bool mscs)
{
    allowed = true;
    mscs_follow = mscs;
}

void arm_mpam_idle_suspend(ARMCPU *cpu, uint64_t state, uint64_t entry,
                           uint64_t context)
{
    CPUState *cs = CPU(cpu);

    if (!allowed || state != ARM_MPAM_IDLE_STATE || !is_a64(&cpu->env) ||
        cs->cpu_index >= MAX_CPUS) {
        return;
    }
    suspended[cs->cpu_index].asleep = true;
    suspended[cs->cpu_index].entry = entry;
    suspended[cs->cpu_index].context = context;
    arm_mpam_power_update(cpu);
    arm_mpam_idle_pending(cpu, suspended[cs->cpu_index].pending);
    cs->exception_index = EXCP_HLT;
    cs->halted = 1;
    cpu_loop_exit(cs);
}

void arm_mpam_idle_pending(ARMCPU *cpu, bool pending)
{
    unsigned index = CPU(cpu)->cpu_index;

    if (!allowed || index >= MAX_CPUS) {
        return;
    }
    suspended[index].pending = pending;
    if (pending && suspended[index].asleep) {
        cpu_interrupt(CPU(cpu), CPU_INTERRUPT_EXITTB);
    }
}

void arm_mpam_idle_wake(ARMCPU *cpu)
{
    CPUARMState *env = &cpu->env;
    unsigned index = CPU(cpu)->cpu_index;
    int el = arm_current_el(env);

    if (!allowed || index >= MAX_CPUS) {
        return;
    }
    BQL_LOCK_GUARD();
    if (!suspended[index].asleep) {
        return;
    }
    suspended[index].asleep = false;
    arm_mpam_reset(cpu);

    env->cp15.sctlr_el[el] &= ~(SCTLR_M | SCTLR_C | SCTLR_I);
    tlb_flush(CPU(cpu));
    pstate_write(env, PSTATE_DAIF | aarch64_pstate_mode(el, true));
    for (int i = 0; i < 32; i++) {
        env->xregs[i] = GARBAGE + i;
    }
    env->xregs[0] = suspended[index].context;
    env->pc = suspended[index].entry;
    arm_rebuild_hflags(env);
}

void arm_mpam_idle_reset(ARMCPU *cpu)
{
    if (CPU(cpu)->cpu_index >= 0 && CPU(cpu)->cpu_index < MAX_CPUS) {
        suspended[CPU(cpu)->cpu_index].asleep = false;
    }
}

bool arm_mpam_idle_off(ARMCPU *cpu)
{
    unsigned index = CPU(cpu)->cpu_index;

    return mscs_follow && index < MAX_CPUS && suspended[index].asleep;
}

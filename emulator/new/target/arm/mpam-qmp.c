/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * query-mpam-cpus: shows what each CPU's MPAM registers hold, and the label
 * that results, to whoever checks a guest from outside
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-mpam-cpu.h"
#include "hw/core/cpu.h"
#include "cpu.h"
#include "internals.h"
#include "mpam.h"

static uint64_t mpam_contextidr(CPUARMState *env)
{
    uint64_t vhe_host = HCR_E2H | HCR_TGE;
    uint64_t hcr = arm_hcr_el2_eff(env);
    bool el2 = (hcr & vhe_host) == vhe_host ||
               (arm_current_el(env) == 2 && (hcr & HCR_E2H));

    return env->cp15.contextidr_el[el2 ? 2 : 1];
}

static uint64_t mpam_sp_el0(CPUARMState *env)
{
    bool in_use = arm_current_el(env) == 0 || !(env->pstate & PSTATE_SP);

    return is_a64(env) && in_use ? env->xregs[31] : env->sp_el[0];
}

/* Runs on the CPU's own thread, between two translation blocks */
static void mpam_cpu_sample(CPUState *cs, run_on_cpu_data data)
{
    MpamCpuInfo *info = data.host_ptr;
    ARMCPU *cpu = ARM_CPU(cs);
    CPUARMState *env = &cpu->env;
    ARMMPAMState *s = &env->mpam;
    uint64List **tail = &info->mpamvpm;

    info->cpu_index = cs->cpu_index;
    info->powered = arm_mpam_cpu_powered(cpu);
    info->halted = cs->halted;
    info->implemented = arm_mpam_has(env);
    info->enabled = arm_mpam_enabled(env);
    info->el = arm_current_el(env);
    info->pc = is_a64(env) ? env->pc : env->regs[15];
    info->contextidr = mpam_contextidr(env);
    info->sp_el0 = mpam_sp_el0(env);

    info->mpamidr = s->mpamidr;
    info->mpam0_el1 = s->mpam0_el1;
    if (info->implemented) {
        info->mpam1_el1 = arm_mpam1_value(env);
        info->mpam2_el2 = arm_mpam2_value(env);
    }
    info->mpam3_el3 = s->mpam3_el3;
    info->mpamsm_el1 = s->mpamsm_el1;
    info->mpamhcr_el2 = s->mpamhcr_el2;
    info->mpamvpmv_el2 = s->mpamvpmv_el2;
    for (int i = 0; i < ARM_MPAM_VPM_REGS; i++) {
        QAPI_LIST_APPEND(tail, s->mpamvpm_el2[i]);
    }

    arm_mpam_label(env, false, &info->data_partid, &info->data_pmg);
    arm_mpam_label(env, true, &info->insn_partid, &info->insn_pmg);

    info->writes_mpam0 = s->writes_mpam0;
    info->writes_mpam1 = s->writes_mpam1;
    info->writes_mpamsm = s->writes_mpamsm;
    info->writes_mpam2 = s->writes_mpam2;
}

MpamCpuInfoList *qmp_query_mpam_cpus(Error **errp)
{
    MpamCpuInfoList *head = NULL, **tail = &head;
    CPUState *cs;

    CPU_FOREACH(cs) {
        MpamCpuInfo *info = g_new0(MpamCpuInfo, 1);

        run_on_cpu(cs, mpam_cpu_sample, RUN_ON_CPU_HOST_PTR(info));
        QAPI_LIST_APPEND(tail, info);
    }
    return head;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the MPAM driver implements of resctrl's architecture interface, beyond
 * what linux/resctrl.h declares for everyone. In resctrl's words a CLOSID is a
 * PARTID (or a pair of them), and an RMID is a PMG, which means something
 * together with its PARTID only.
 */
#ifndef __LINUX_ARM_MPAM_H
#define __LINUX_ARM_MPAM_H

#include <linux/types.h>
#include <linux/resctrl_types.h>

struct rdt_resource;
struct task_struct;

bool resctrl_arch_alloc_capable(void);
bool resctrl_arch_mon_capable(void);

void resctrl_arch_set_cpu_default_closid_rmid(int cpu, u32 closid, u32 rmid);
void resctrl_arch_set_closid_rmid(struct task_struct *tsk, u32 closid, u32 rmid);
bool resctrl_arch_match_closid(struct task_struct *tsk, u32 closid);
bool resctrl_arch_match_rmid(struct task_struct *tsk, u32 closid, u32 rmid);
void resctrl_arch_sched_in(struct task_struct *tsk);

void resctrl_arch_reset_closid(u32 closid);

u32 resctrl_arch_rmid_idx_encode(u32 closid, u32 rmid);
void resctrl_arch_rmid_idx_decode(u32 idx, u32 *closid, u32 *rmid);

void *resctrl_arch_mon_ctx_alloc(struct rdt_resource *r, enum resctrl_event_id evtid);
void resctrl_arch_mon_ctx_free(struct rdt_resource *r, enum resctrl_event_id evtid,
			       void *ctx);
unsigned int resctrl_arch_round_mon_val(unsigned int val);

/* Labels follow tasks from when MPAM is enabled, whether or not resctrl is mounted */
static inline void resctrl_arch_enable_alloc(void) { }
static inline void resctrl_arch_disable_alloc(void) { }
static inline void resctrl_arch_enable_mon(void) { }
static inline void resctrl_arch_disable_mon(void) { }

#endif /* __LINUX_ARM_MPAM_H */

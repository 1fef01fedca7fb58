/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MPAM labels: which PARTID and PMG the memory accesses of a task and of a CPU
 * carry, and how they follow the scheduler. What the numbers mean and who owns
 * them is the business of drivers/resctrl/mpam.
 */
#ifndef __ASM_MPAM_H
#define __ASM_MPAM_H

#include <linux/bitfield.h>
#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/sched.h>
#include <linux/types.h>

#include <asm/alternative.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

/*
 * A label is a u64 in the layout of MPAM0_EL1, so its upper 16 bits are clear.
 * As the label of a task, 0 means "the default of whatever CPU it runs on":
 * the resctrl default group, whose CPUs may have been given to other groups.
 *
 * The fields of MPAM1_EL1 that are no label all sit in those upper 16 bits.
 * At EL2 with VHE the name reaches MPAM2_EL2, where the traps sit next to the
 * host's label. They only ever act on a guest and are left set, so that a label
 * can be written at any time, whether or not a vCPU is loaded.
 */
#define MPAM1_EL1_NVHE_CTL	(MPAM1_EL1_MPAMEN >> 48)
#define MPAM1_EL1_VHE_CTL	((MPAM2_EL2_MPAMEN | MPAM2_EL2_TIDR |		\
				  MPAM2_EL2_TRAPMPAM0EL1 |			\
				  MPAM2_EL2_TRAPMPAM1EL1) >> 48)

#ifdef CONFIG_ARM64_MPAM

DECLARE_STATIC_KEY_FALSE(mpam_enabled);

void mpam_set_cpu_default_label(unsigned int cpu, u64 label);
void mpam_sync_this_cpu(void);
void mpam_cpu_starting(void);
void mpam_labels_start(void);
void mpam_labels_stop(void);

/**
 * mpam_label() - compose a label
 * @partid_d: PARTID of data accesses
 * @partid_i: PARTID of instruction fetches
 * @pmg_d: PMG of data accesses
 * @pmg_i: PMG of instruction fetches
 *
 * Return: the label, in the layout of MPAM0_EL1.
 */
static inline u64 mpam_label(u16 partid_d, u16 partid_i, u8 pmg_d, u8 pmg_i)
{
	return FIELD_PREP(MPAM0_EL1_PARTID_D, partid_d) |
	       FIELD_PREP(MPAM0_EL1_PARTID_I, partid_i) |
	       FIELD_PREP(MPAM0_EL1_PMG_D, pmg_d) |
	       FIELD_PREP(MPAM0_EL1_PMG_I, pmg_i);
}

/**
 * mpam_set_task_label() - give a task a label
 * @tsk: the task, which may run anywhere
 * @label: the label; 0 for the default of the CPU that runs the task
 *
 * Takes effect when @tsk is next switched to. If it may be running, have its
 * CPU call mpam_sync_this_cpu() after a full barrier.
 */
static inline void mpam_set_task_label(struct task_struct *tsk, u64 label)
{
	WRITE_ONCE(task_thread_info(tsk)->mpam_label, label);
}

/**
 * mpam_get_task_label() - the label that a task was given
 * @tsk: the task
 *
 * Return: the last label set for @tsk or inherited by it, 0 for none.
 */
static inline u64 mpam_get_task_label(struct task_struct *tsk)
{
	return READ_ONCE(task_thread_info(tsk)->mpam_label);
}

/*
 * Needs the alternatives in place. MPAM0_EL1 acts at EL0 only, where an
 * exception return leads; the ISB is for the accesses that the kernel makes.
 */
static __always_inline void mpam_write_label(u64 label)
{
	write_sysreg_s(label, SYS_MPAM0_EL1);

	asm(ALTERNATIVE("movk	%0, %1, lsl #48",
			"movk	%0, %2, lsl #48", ARM64_HAS_VIRT_HOST_EXTN)
	    : "+r" (label)
	    : "i" (MPAM1_EL1_NVHE_CTL), "i" (MPAM1_EL1_VHE_CTL));
	write_sysreg_s(label, SYS_MPAM1_EL1);

	if (system_supports_sme()) {
		label &= MPAMSM_EL1_PARTID_D | MPAMSM_EL1_PMG_D;
		write_sysreg_s(label, SYS_MPAMSM_EL1);
	}

	isb();
}

/**
 * mpam_thread_switch() - make this CPU's accesses carry the next task's label
 * @prev: the current task
 * @next: the task that is about to run
 *
 * The registers are left alone if they hold the right label. What they hold and
 * what the CPU's default is, is kept in the thread_info of current, and handed
 * on here: this takes fewer instructions than to find a per-CPU variable.
 *
 * Called with interrupts off, after the barrier that orders the update of
 * rq->curr before the load of @next's label: either this CPU sees a label that
 * is written elsewhere, or the writer sees @next running and interrupts it.
 */
static __always_inline void mpam_thread_switch(struct task_struct *prev,
					       struct task_struct *next)
{
	u64 label, loaded, dflt;

	if (!static_branch_unlikely(&mpam_enabled))
		return;

	label = mpam_get_task_label(next);
	loaded = task_thread_info(prev)->mpam_loaded;
	dflt = task_thread_info(prev)->mpam_default;
	if (!label)
		label = dflt;

	task_thread_info(next)->mpam_loaded = label;
	task_thread_info(next)->mpam_default = dflt;

	if (label != loaded)
		mpam_write_label(label);
}

/**
 * mpam_guest_enter() - have a guest's EL1 use the label of the current task
 *
 * For a host at EL2, with interrupts masked until the guest is entered. The
 * guest's EL0 has the task's label anyway, which is in MPAM0_EL1, and where the
 * host is at EL1 so has its EL1.
 */
static __always_inline void mpam_guest_enter(void)
{
	if (system_supports_mpam())
		write_sysreg_s(read_sysreg_s(SYS_MPAM0_EL1) | MPAM1_EL1_MPAMEN,
			       SYS_MPAM1_EL12);
}

#else /* CONFIG_ARM64_MPAM */

static inline void mpam_guest_enter(void) { }
static inline void mpam_cpu_starting(void) { }
static inline void mpam_thread_switch(struct task_struct *prev,
				      struct task_struct *next) { }

#endif /* CONFIG_ARM64_MPAM */

#endif /* __ASM_MPAM_H */

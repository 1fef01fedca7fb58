/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * resctrl's architecture interface is implemented by the MPAM driver, all but
 * what works on labels as they are.
 */
#ifndef __ASM_RESCTRL_H
#define __ASM_RESCTRL_H

#include <linux/arm_mpam.h>

#include <asm/mpam.h>

static inline void resctrl_arch_copy_closid_rmid(struct task_struct *to,
						 struct task_struct *from)
{
	mpam_set_task_label(to, mpam_get_task_label(from));
}

#endif /* __ASM_RESCTRL_H */

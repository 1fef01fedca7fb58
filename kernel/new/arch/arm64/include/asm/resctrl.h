/* SPDX-License-Identifier: GPL-2.0-only */
/* resctrl's architecture interface is implemented by the MPAM driver. */
#include <linux/arm_mpam.h>

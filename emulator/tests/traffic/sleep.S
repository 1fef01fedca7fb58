/* SPDX-License-Identifier: GPL-2.0-only */
/* A CPU that has nothing to do, so that virtual time passes quickly */
	.globl	_start
_start:
	wfi
	b	_start

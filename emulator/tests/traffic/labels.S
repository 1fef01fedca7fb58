/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs with different labels: 0 at EL1, 1 at EL0, 2 waits for an interrupt,
 * 3 is never started. After some virtual time CPU 0 has CPU 1 go, and powers
 * the machine off: as that takes a moment, no CPU may be doing anything by then.
 */
#define PSCI_CPU_ON		0xc4000003
#define PSCI_CPU_OFF		0x84000002
#define PSCI_AFFINITY_INFO	0xc4000004
#define PSCI_SYSTEM_OFF		0x84000008
#define PSCI_OFF		1
#define FLAG			0x48001000
#define MPAM0_EL1		S3_0_C10_C5_1
#define MPAM1_EL1		S3_0_C10_C5_0
#define LABEL(partid, pmg)	((partid) << 16 | (pmg) << 40)

	.globl	_start
_start:
	ldr	x0, =LABEL(3, 1)
	msr	MPAM1_EL1, x0
	ldr	x0, =LABEL(9, 0)	/* EL0's, which CPU 0 never is at */
	msr	MPAM0_EL1, x0
	isb
	ldr	x0, =PSCI_CPU_ON
	mov	x1, #1
	adr	x2, user
	hvc	#0
	ldr	x0, =PSCI_CPU_ON
	mov	x1, #2
	adr	x2, idle
	hvc	#0

	mrs	x1, CNTFRQ_EL0
	mrs	x0, CNTVCT_EL0
	add	x1, x0, x1, lsr #3	/* an eighth of a second */
1:	mrs	x0, CNTVCT_EL0
	cmp	x0, x1
	b.lo	1b
	ldr	x1, =FLAG
	mov	w0, #1
	str	w0, [x1]
1:	ldr	x0, =PSCI_AFFINITY_INFO
	mov	x1, #1
	mov	x2, #0
	hvc	#0
	cmp	w0, #PSCI_OFF
	b.ne	1b
	ldr	x0, =PSCI_SYSTEM_OFF
	hvc	#0
	b	.

user:
	ldr	x0, =LABEL(9, 0)	/* EL1's */
	msr	MPAM1_EL1, x0
	ldr	x0, =LABEL(4, 0)
	msr	MPAM0_EL1, x0
	ldr	x0, =vectors
	msr	VBAR_EL1, x0
	adr	x0, 1f
	msr	ELR_EL1, x0
	msr	SPSR_EL1, xzr		/* EL0 */
	ldr	x1, =FLAG
	eret
1:	ldr	w0, [x1]
	cbz	w0, 1b
	svc	#0

idle:
	ldr	x0, =LABEL(5, 0)
	msr	MPAM1_EL1, x0
	isb
1:	wfi
	b	1b

	.balign	0x800
vectors:
	.org	vectors + 0x400		/* synchronous, from EL0 */
	ldr	x0, =PSCI_CPU_OFF
	hvc	#0
	b	.

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU 0 sets its labels and a limit in the MSC, has its timer wake it, and
 * suspends itself, first to a state that loses nothing, then to power down.
 * What it then finds is left in memory, for idle-test.py.
 */
#define GICD			0x08000000
#define GICR			0x080a0000
#define GICR_SGI		(GICR + 0x10000)
#define TIMER_PPI		30
#define MSC			0x0b000000
#define PART_SEL		0x100
#define CPBM			0x1000
#define RESULTS			0x48001000
#define DONE			0x600d

#define PSCI_CPU_SUSPEND	0xc4000001
#define STANDBY			0x00000000
#define POWER_DOWN		0x00010000
#define CONTEXT			0x1234

#define ICC_PMR_EL1		S3_0_C4_C6_0
#define ICC_SRE_EL1		S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1		S3_0_C12_C12_7
#define MPAM0_EL1		S3_0_C10_C5_1
#define MPAM1_EL1		S3_0_C10_C5_0
#define LABEL(partid, pmg)	((partid) << 16 | (partid) | (pmg) << 40)

	.globl	_start
_start:
	ldr	x20, =RESULTS
	ldr	x1, =GICD
	mov	w2, #0x12		/* affinity routing, group 1 */
	str	w2, [x1]
	ldr	x1, =GICR
	str	wzr, [x1, #0x14]	/* awake */
	ldr	x1, =GICR_SGI
	mov	w2, #-1
	str	w2, [x1, #0x80]		/* all in group 1 */
	mov	w2, #1 << TIMER_PPI
	str	w2, [x1, #0x100]
	mov	x2, #7
	msr	ICC_SRE_EL1, x2
	isb
	mov	x2, #0xff
	msr	ICC_PMR_EL1, x2
	mov	x2, #1
	msr	ICC_IGRPEN1_EL1, x2

	ldr	x1, =MSC
	mov	w2, #5
	str	w2, [x1, #PART_SEL]
	add	x3, x1, #CPBM
	mov	w4, #0x12
	str	w4, [x3]
	ldr	x0, =LABEL(3, 1)
	msr	MPAM1_EL1, x0
	ldr	x0, =LABEL(4, 0)
	msr	MPAM0_EL1, x0
	isb

	bl	set_timer
	ldr	x0, =PSCI_CPU_SUSPEND
	ldr	x1, =STANDBY
	adr	x2, resume
	hvc	#0
	str	x0, [x20, #16]
	mrs	x0, MPAM0_EL1
	str	x0, [x20, #24]

	bl	set_timer
	ldr	x0, =PSCI_CPU_SUSPEND
	ldr	x1, =POWER_DOWN
	adr	x2, resume
	ldr	x3, =CONTEXT
	mov	x19, #77
	hvc	#0
	mov	w1, #0xbad		/* it returned */
	str	w1, [x20, #8]
	b	.

resume:
	ldr	x20, =RESULTS
	str	x0, [x20, #32]
	str	x19, [x20, #40]
	mrs	x0, MPAM0_EL1
	str	x0, [x20, #48]
	mrs	x0, MPAM1_EL1
	str	x0, [x20, #56]
	mrs	x0, CurrentEL
	str	x0, [x20, #64]
	mrs	x0, DAIF
	str	x0, [x20, #72]
	mrs	x0, CNTP_CTL_EL0
	str	x0, [x20, #80]
	ldr	x1, =MSC
	mov	w2, #5
	str	w2, [x1, #PART_SEL]
	add	x3, x1, #CPBM
	ldr	w4, [x3]
	str	x4, [x20, #88]
	mov	w0, #DONE
	str	w0, [x20, #8]
1:	wfi
	b	1b

/* In a few milliseconds */
set_timer:
	mrs	x0, CNTFRQ_EL0
	lsr	x0, x0, #8
	msr	CNTP_TVAL_EL0, x0
	mov	x0, #1
	msr	CNTP_CTL_EL0, x0
	ret

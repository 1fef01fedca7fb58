/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry, vectors and register stubs. The code runs at the highest exception
 * level, the driver's, with the MMU off; run_at() leaves it for one stub.
 * Lower levels have no stack: whatever exception the stub ends in, the
 * vectors note it and climb back to the driver by SVC, HVC or SMC.
 */
#include "harness.h"

	.macro	lda reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
	.endm

	.section .text.entry, "ax"
	.global	_start
_start:
	mrs	x0, mpidr_el1		// without PSCI, all CPUs start here
	tst	x0, #0xff
	b.eq	2f
1:	wfe
	b	1b
2:	lda	x0, stack_top
	mov	sp, x0
	mrs	x1, CurrentEL
	lsr	x1, x1, #2
	lda	x2, driver_el
	str	x1, [x2]
	bl	set_vectors
	bl	main
	bl	semihosting_exit

	.text
/* Vectors for all levels up to x1. Clobbers x3. */
set_vectors:
	lda	x3, vectors_el1
	msr	vbar_el1, x3
	cmp	x1, #2
	b.lo	1f
	mrs	x3, id_aa64pfr0_el1
	tst	x3, #0xf00		// no EL2 below this EL3
	b.eq	2f
	lda	x3, vectors_el2
	msr	vbar_el2, x3
2:	cmp	x1, #3
	b.lo	1f
	lda	x3, vectors_el3
	msr	vbar_el3, x3
1:	isb
	ret

	.global	run_at
run_at:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	lda	x9, driver_sp
	mov	x10, sp
	str	x10, [x9]
	lda	x9, result
	stp	xzr, xzr, [x9]
	str	xzr, [x9, #RESULT_VALUE]
	lda	x9, driver_el
	ldr	x20, [x9]
	mov	x19, x3
	cmp	x20, #2
	b.eq	2f
	b.hi	3f
	msr	spsr_el1, x0
	msr	elr_el1, x1
	b	4f
2:	msr	spsr_el2, x0
	msr	elr_el2, x1
	b	4f
3:	msr	spsr_el3, x0
	msr	elr_el3, x1
4:	mov	x0, x2
	eret

/* The end of every stub: x19 is where it ran, x20 the driver's level */
leave:
	cbz	x19, 1f
	cmp	x19, x20
	b.eq	1f
	cmp	x20, #2
	b.eq	2f
	smc	#0
2:	hvc	#0
1:	svc	#0

	.macro	handler el
handler_el\el:
	mrs	x9, esr_el\el
	lda	x11, result
	ldr	x12, [x11, #RESULT_TAKEN]
	cbnz	x12, 2f			// noted on a lower level
	lsr	x10, x9, #26
	sub	x10, x10, #0x15
	cmp	x10, #2			// SVC, HVC or SMC
	b.hi	1f
	str	x0, [x11, #RESULT_VALUE]
	b	2f
1:	mov	x12, #\el
	str	x12, [x11, #RESULT_TAKEN]
	str	x9, [x11, #RESULT_ESR]
2:	lda	x9, driver_el
	ldr	x9, [x9]
	cmp	x9, #\el
	b.eq	back
	cmp	x9, #2
	b.eq	3f
	smc	#0
3:	hvc	#0
	.endm

	handler	1
	handler	2
	handler	3

back:
	lda	x9, driver_sp
	ldr	x10, [x9]
	mov	sp, x10
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

	.macro	vectors el
	.balign	2048
vectors_el\el:
	.rept	16
	.balign	128
	b	handler_el\el
	.endr
	.endm

	vectors	1
	vectors	2
	vectors	3

	.global	spin_stub
spin_stub:
	mov	x9, #UART_BASE
	mov	w10, #'\n'
	str	w10, [x9, #UART_DR]
1:	ldr	w10, [x9, #UART_FR]
	tbnz	w10, #UART_FR_RXFE_BIT, 1b
	ldr	w0, [x9, #UART_DR]
	b	leave

/* A second CPU notes its registers, waits for leave to go, and turns off */
	.global	secondary_entry
secondary_entry:
	lda	x4, secondary_regs
	mrs	x1, CurrentEL
	lsr	x1, x1, #2
	mrs	x0, S3_0_C10_C5_1	// MPAM0_EL1
	str	x0, [x4]
	mrs	x0, S3_0_C10_C5_0	// MPAM1_EL1
	str	x0, [x4, #8]
	mrs	x0, S3_0_C10_C5_3	// MPAMSM_EL1
	str	x0, [x4, #16]
	cmp	x1, #2
	b.lo	1f
	mrs	x0, S3_4_C10_C5_0	// MPAM2_EL2
	str	x0, [x4, #24]
1:	lda	x5, secondary_state
	mov	x0, #1
	stlr	x0, [x5]
2:	ldar	x0, [x5]
	cmp	x0, #2
	b.ne	2b
	ldr	w0, =0x84000002		// CPU_OFF
	cmp	x1, #2
	b.lo	3f
	smc	#0
3:	hvc	#0
	b	.

	.global	psci
psci:
	lda	x9, driver_el
	ldr	x9, [x9]
	cmp	x9, #2
	b.lo	1f
	smc	#0
	ret
1:	hvc	#0
	ret

	.global	semihosting
semihosting:
	hlt	#0xf000
	ret

/* One stub pair and one table row per register */
	.macro	reg name, op1, crm, op2
	.text
read_\name:
	mrs	x0, S3_\op1\()_C10_C\crm\()_\op2
	b	leave
write_\name:
	msr	S3_\op1\()_C10_C\crm\()_\op2, x0
	b	leave
	.section .rodata.str, "a"
name_\name:
	.asciz	"\name"
	.section .rodata.regs, "a"
	.quad	read_\name, write_\name, name_\name
	.quad	(3 << 20) | (\op2 << 17) | (\op1 << 14) | (10 << 10) | (\crm << 1)
	.endm

	.section .rodata.regs, "a"
	.balign	8
	.global	reg_stubs
reg_stubs:
	reg	MPAMIDR_EL1, 0, 4, 4
	reg	MPAM0_EL1, 0, 5, 1
	reg	MPAM1_EL1, 0, 5, 0
	reg	MPAM1_EL12, 5, 5, 0
	reg	MPAM2_EL2, 4, 5, 0
	reg	MPAM3_EL3, 6, 5, 0
	reg	MPAMSM_EL1, 0, 5, 3
	reg	MPAMHCR_EL2, 4, 4, 0
	reg	MPAMVPMV_EL2, 4, 4, 1
	reg	MPAMVPM0_EL2, 4, 6, 0
	reg	MPAMVPM1_EL2, 4, 6, 1
	reg	MPAMVPM2_EL2, 4, 6, 2
	reg	MPAMVPM3_EL2, 4, 6, 3
	reg	MPAMVPM4_EL2, 4, 6, 4
	reg	MPAMVPM5_EL2, 4, 6, 5
	reg	MPAMVPM6_EL2, 4, 6, 6
	reg	MPAMVPM7_EL2, 4, 6, 7

	.bss
	.balign	4096
	.global	vncr_page
vncr_page:
	.skip	4096
	.skip	16384
stack_top:
	.global	result, driver_el, secondary_regs, secondary_state
result:
	.skip	24
driver_sp:
	.skip	8
driver_el:
	.skip	8
secondary_regs:
	.skip	32
secondary_state:
	.skip	8

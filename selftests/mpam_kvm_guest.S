/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of mpam_kvm. It can be anywhere in memory that is aligned to 2 KiB,
 * and runs without a stack, page tables and interrupts.
 */
#include "mpam_kvm_guest.h"

/* Registers as S<op0>_<op1>_C<CRn>_C<CRm>_<op2> */
#define MPAMIDR_EL1	S3_0_C10_C4_4
#define MPAM1_EL1	S3_0_C10_C5_0
#define MPAM0_EL1	S3_0_C10_C5_1
#define MPAMSM_EL1	S3_0_C10_C5_3
#define MPAMHCR_EL2	S3_4_C10_C4_0
#define MPAM2_EL2	S3_4_C10_C5_0
#define MPAM1_EL12	S3_5_C10_C5_0

#define EC_UNKNOWN	0x00
#define EC_SVC64	0x15
#define SPINS		20000

	.section .rodata
	.balign	2048
	.globl	guest_code, guest_entry, guest_end

guest_code:
vectors:
	.org	vectors + 0x200			// EL1, synchronous
	mrs	x5, esr_el1
	lsr	x6, x5, #26
	cmp	x6, #EC_UNKNOWN
	b.ne	fault
	mov	x4, #ACCESS_UNDEF
	mrs	x6, elr_el1
	add	x6, x6, #4
	msr	elr_el1, x6
	eret

	.org	vectors + 0x400			// EL0, synchronous
	mrs	x5, esr_el1
	lsr	x6, x5, #26
	cmp	x6, #EC_SVC64
	b.eq	back

	.org	vectors + 0x800
fault:	str	x5, [x1, #PORT_FAULT]
	b	fault

	.macro	outcome insn:vararg
	mov	x4, #ACCESS_DONE
	\insn
	str	x4, [x1, #PORT_ACCESS]
	.endm

guest_entry:
	adr	x2, vectors
	msr	vbar_el1, x2
	msr	contextidr_el1, x0
	isb

	mrs	x3, id_aa64pfr0_el1
	str	x3, [x1, #PORT_PFR0]
	mrs	x3, id_aa64pfr1_el1
	str	x3, [x1, #PORT_PFR1]

	outcome	mrs x3, MPAMIDR_EL1
	outcome	mrs x3, MPAM1_EL1
	outcome	msr MPAM1_EL1, xzr
	outcome	mrs x3, MPAM0_EL1
	outcome	msr MPAM0_EL1, xzr
	outcome	mrs x3, MPAMSM_EL1
	outcome	msr MPAMSM_EL1, xzr
	outcome	mrs x3, MPAMHCR_EL2
	outcome	mrs x3, MPAM2_EL2
	outcome	msr MPAM2_EL2, xzr
	outcome	mrs x3, MPAM1_EL12

again:	mov	x2, #SPINS
1:	subs	x2, x2, #1
	b.ne	1b
	adr	x2, user
	msr	elr_el1, x2
	msr	spsr_el1, xzr			// EL0t
	eret

user:	mov	x2, #SPINS
1:	subs	x2, x2, #1
	b.ne	1b
	svc	#0
back:	str	x2, [x1, #PORT_ROUND]
	b	again
guest_end:

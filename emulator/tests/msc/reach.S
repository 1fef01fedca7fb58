/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the platform "private": CPU 0 uses an MSC of its own, and one of the
 * other cluster's, which is off. Then it twice has CPU 2 come, use that one,
 * touch CPU 0's, and go again. Results are left in memory, for test_reach() of
 * msc-test.py.
 */
#define NEAR		0x0b000000
#define FAR		0x0b020000
#define AIDR		0x20
#define PART_SEL	0x100
#define CPBM		0x1000
#define RESULTS		0x48001000
#define DONE		0x600d

#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON		0xc4000003
#define PSCI_AFFINITY_INFO	0xc4000004
#define PSCI_OFF		1

	.globl	_start
_start:
	ldr	x20, =RESULTS
	ldr	x1, =NEAR
	mov	w2, #5
	str	w2, [x1, #PART_SEL]
	add	x3, x1, #CPBM
	mov	w4, #0x1234
	str	w4, [x3]

	ldr	x5, =FAR
	ldr	w6, [x5, #AIDR]
	str	w6, [x20]
	str	w2, [x5, #PART_SEL]

	add	x19, x20, #16
	bl	visit
	add	x19, x20, #32
	bl	visit

	mov	w0, #DONE
	str	w0, [x20, #8]
1:	wfi
	b	1b

/* CPU 2 comes, leaves its results at x19, and goes. */
visit:
	ldr	x0, =PSCI_CPU_ON
	mov	x1, #2
	adr	x2, visitor
	mov	x3, x19
	hvc	#0
1:	ldr	w0, [x19, #12]	/* until it has been there */
	cbz	w0, 1b
1:	ldr	x0, =PSCI_AFFINITY_INFO
	mov	x1, #2
	mov	x2, #0
	hvc	#0
	cmp	w0, #PSCI_OFF
	b.ne	1b
	ret

visitor:
	ldr	x1, =FAR
	mov	w2, #6
	str	w2, [x1, #PART_SEL]
	add	x3, x1, #CPBM
	ldr	w4, [x3]
	str	w4, [x0]
	mov	w4, #0x77
	str	w4, [x3]
	ldr	x5, =NEAR
	ldr	w6, [x5, #AIDR]
	str	w6, [x0, #8]
	str	w2, [x0, #12]
	ldr	x0, =PSCI_CPU_OFF
	hvc	#0
	b	.

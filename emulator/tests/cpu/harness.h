/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bare-metal harness: access one register at one exception level, see
 * where that ends, and report it in TAP on the UART.
 */
#ifndef HARNESS_H
#define HARNESS_H

#ifndef __ASSEMBLER__
#include <stdbool.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

#define BIT(n) (1UL << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

/* Layout of struct result, for the vectors */
#define RESULT_TAKEN	0
#define RESULT_ESR	8
#define RESULT_VALUE	16

#define UART_BASE	0x09000000
#define UART_DR		0x00
#define UART_FR		0x18
#define UART_FR_RXFE_BIT 4

#ifndef __ASSEMBLER__
/* Every MPAM register of the PE. The order is that of reg_stubs in entry.S. */
enum reg {
	MPAMIDR_EL1, MPAM0_EL1, MPAM1_EL1, MPAM1_EL12, MPAM2_EL2, MPAM3_EL3,
	MPAMSM_EL1, MPAMHCR_EL2, MPAMVPMV_EL2,
	MPAMVPM0_EL2, MPAMVPM1_EL2, MPAMVPM2_EL2, MPAMVPM3_EL2,
	MPAMVPM4_EL2, MPAMVPM5_EL2, MPAMVPM6_EL2, MPAMVPM7_EL2,
	NR_REGS
};

/**
 * struct reg_stub - the code that accesses one register
 * @read: MRS into x0
 * @write: MSR from x0
 * @name: the register's name
 * @iss: ISS of a trapped MSR from x0; bit 0 is set for MRS
 */
struct reg_stub {
	u64 read, write;
	const char *name;
	u64 iss;
};

/**
 * struct result - how the last run_at() ended
 * @taken: the exception level an unexpected exception was taken to, or 0
 * @esr: its syndrome
 * @value: x0 at the end, if no exception was taken
 */
struct result {
	u64 taken, esr, value;
};

extern const struct reg_stub reg_stubs[NR_REGS];
extern struct result result;
extern u64 driver_el;
extern u8 vncr_page[4096];
extern u64 secondary_regs[4], secondary_state;

/**
 * run_at() - execute a stub at an exception level
 * @spsr: PSTATE to enter it with
 * @stub: its address
 * @x0: its argument
 * @el: the exception level of @spsr
 */
void run_at(u64 spsr, u64 stub, u64 x0, u64 el);

/* Tells the host that the state is reached, and waits for its answer */
void spin_stub(void);

/* Entry of a CPU that PSCI turns on */
void secondary_entry(void);

long psci(u64 fn, u64 a1, u64 a2, u64 a3);
void semihosting_exit(int status);
long semihosting(u64 op, void *arg);

void *memset(void *p, int c, u64 n);
void *memcpy(void *dst, const void *src, u64 n);

void puts(const char *s);
void put_num(u64 v);
void put_hex(u64 v);

int main(void);
#endif

#endif

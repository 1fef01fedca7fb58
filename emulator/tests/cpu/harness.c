// SPDX-License-Identifier: GPL-2.0-only
/*
 * The little that a C program needs on the bare machine.
 */
#include "harness.h"

#define SYS_EXIT_EXTENDED	0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

static void put_char(char c)
{
	asm volatile("str %w0, [%1]" :: "r"(c), "r"((u64)UART_BASE + UART_DR));
}

void puts(const char *s)
{
	while (*s)
		put_char(*s++);
}

void put_num(u64 v)
{
	if (v > 9)
		put_num(v / 10);
	put_char('0' + v % 10);
}

void put_hex(u64 v)
{
	puts("0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		put_char("0123456789abcdef"[v >> shift & 15]);
}

/* The compiler's own calls */
void *memset(void *p, int c, u64 n)
{
	for (u8 *d = p; n--; d++)
		*d = c;
	return p;
}

void *memcpy(void *dst, const void *src, u64 n)
{
	const u8 *s = src;

	for (u8 *d = dst; n--; d++, s++)
		*d = *s;
	return dst;
}

void semihosting_exit(int status)
{
	u64 block[2] = { ADP_STOPPED_APPLICATION_EXIT, status };

	semihosting(SYS_EXIT_EXTENDED, block);
	for (;;)
		;
}

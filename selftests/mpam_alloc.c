// SPDX-License-Identifier: GPL-2.0-only
/*
 * One allocation fails on the way to MPAM: whichever it is, MPAM is on or off
 * after it, says so in one line, and every CPU is online.
 *
 *	mpam_alloc <n>		the n-th that is made while the driver is on the
 *				call chain
 *	mpam_alloc <n> pages	the same of whole pages
 *
 * For a kernel with fault injection, started with so few CPUs that MPAM waits
 * for others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

static int nth;
static bool pages;
static bool present[MAX_CPUS];

static bool is_driver(const char *name)
{
	return strstr(name, "mpam") || !strncmp(name, "resctrl_arch_", 13);
}

/* Where the driver is in a kernel that has it built in: names next to each other */
static int find_driver(unsigned long *start, unsigned long *end)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long addr, from = 0;
	char type, name[256];
	bool ours = false;

	if (!f)
		return -errno;
	*end = 0;
	while (!*end && fscanf(f, "%lx %c %255s%*[^\n]", &addr, &type, name) == 3) {
		if (strchr("tT", type) && !is_driver(name)) {
			if (ours) {
				*start = from;
				*end = addr;
			}
			from = 0;
		} else if (strchr("tT", type)) {
			if (!from)
				from = addr;
			ours |= !strcmp(name, "mpam_enable_work_fn");
		}
	}
	fclose(f);
	return *end ? 0 : -ENOENT;
}

/* Kmemleak's own allocations come with each, and are none of ours */
static void find_kmemleak(unsigned long *start, unsigned long *end)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long addr;
	char type, name[256];

	*start = 0;
	*end = 0;
	while (f && !*end && fscanf(f, "%lx %c %255s%*[^\n]", &addr, &type, name) == 3) {
		if (*start)
			*end = addr;
		else if (!strcmp(name, "__alloc_object"))
			*start = addr;
	}
	if (f)
		fclose(f);
}

static const char *attribute(const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s",
		 pages ? "fail_page_alloc" : "failslab", file);
	return path;
}

static int set(const char *file, const char *fmt, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), fmt, value);
	return file_write(attribute(file), text);
}

static int test_arm(void)
{
	unsigned long start = 0, end, not_start, not_end;

	CHECK(nth > 0, "which allocation?");
	CHECK(!log_count("MPAM enabled with"), "MPAM is on already");
	CHECK_OK(find_driver(&start, &end), "the driver's functions");
	CHECK(start && end - start > 0x1000, "the driver is %#lx..%#lx", start, end);
	CHECK_OK(set("verbose", "%lu", 1), "verbose");
	CHECK_OK(set("ignore-gfp-wait", "%c", 'N'), "ignore-gfp-wait");
	if (pages)
		CHECK_OK(set("min-order", "%lu", 0), "min-order");
	CHECK_OK(set("stacktrace-depth", "%lu", 32), "stacktrace-depth");
	CHECK_OK(set("require-start", "%#lx", start), "require-start");
	CHECK_OK(set("require-end", "%#lx", end), "require-end");
	find_kmemleak(&not_start, &not_end);
	CHECK_OK(set("reject-start", "%#lx", not_start), "reject-start");
	CHECK_OK(set("reject-end", "%#lx", not_end), "reject-end");
	CHECK_OK(set("interval", "%lu", nth), "interval");
	CHECK_OK(set("times", "%lu", 1), "times");
	CHECK_OK(set("probability", "%lu", 100), "probability");
	return KSFT_PASS;
}

static int test_online(void)
{
	bool on[MAX_CPUS];
	int cpu, n = cpu_list("present", present);

	for (cpu = 1; cpu < MAX_CPUS; cpu++)
		if (present[cpu] && !cpu_is_online(cpu))
			CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	CHECK(cpu_list("online", on) == n, "%d CPUs are online", cpu_list("online", on));
	return KSFT_PASS;
}

static int lines(void)
{
	return log_count("MPAM enabled with") + log_count("MPAM stays off: ") +
	       log_count("MPAM is switched off: ");
}

static int test_decided(void)
{
	char left[16];
	int i;

	for (i = 0; i < 200 && !lines(); i++)
		usleep(50000);
	/* Work that has said why may be busy packing up */
	usleep(500000);
	CHECK_OK(file_read(attribute("times"), left, sizeof(left)), "times");
	CHECK_OK(set("probability", "%lu", 0), "probability");
	if (atoi(left))
		ksft_print_msg("there is no allocation %d\n", nth);
	CHECK(lines() == 1, "%d lines say whether MPAM is on", lines());
	return KSFT_PASS;
}

static bool is_on(void)
{
	return log_count("MPAM enabled with");
}

static int test_off(void)
{
	const char *answer;
	int cpu, err = resctrl_mount();

	CHECK(err == -ENODEV || err == -ENOENT, "mount: %s", strerror(-err));
	NEED_ORACLE();
	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!present[cpu])
			continue;
		ORACLE(answer, "label %d", cpu);
		CHECK(strstr(answer, "data=0,0 insn=0,0"), "CPU %d: %s", cpu, answer);
	}
	ORACLE(answer, "silent");
	return KSFT_PASS;
}

/* CPUs that come and go later find things in order, either way */
static int test_usable(void)
{
	int cpu;

	NEED_ORACLE();
	for (cpu = MAX_CPUS - 1; cpu > 0; cpu--)
		if (present[cpu])
			CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
	CHECK_PASS(test_online());
	CHECK_PASS(is_on() ? truth_group() : test_off());
	/* MPAM that never was on has left all but PARTID 0 as it was */
	return truth_open(0, log_count("MPAM stays off: ") ? 0 : 7);
}

static const struct test tests[] = {
	{ "an allocation is to fail", test_arm },
	{ "the other CPUs come online", test_online },
	{ "MPAM is on or off, and says so", test_decided },
	{ "CPUs leave and return, and it is so", test_usable },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	nth = argc > 1 ? atoi(argv[1]) : 0;
	pages = argc > 2 && !strcmp(argv[2], "pages");
	run_tests(tests, ARRAY_SIZE(tests));
}

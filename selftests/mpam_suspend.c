// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine sleeps, and MSCs may lose all they have: when it wakes up, limits,
 * labels, interrupts and counts are as they were. The clock wakes it up.
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

#define WAKEALARM	"/sys/class/rtc/rtc0/wakealarm"
#define SUCCESSES	"/sys/power/suspend_stats/success"
#define WAKEUP_COUNT	"/sys/power/wakeup_count"

static struct cache cache;
/* What the group has counted in each domain, from when on */
static unsigned long long first_count[MAX_DOMAINS], first_moved[MAX_DOMAINS];
static pid_t task;

static int successes(void)
{
	char text[16];

	return file_read(SUCCESSES, text, sizeof(text)) ? -1 : atoi(text);
}

/* An alarm that goes off on the way to sleep, as on a slow machine, is an error. */
static int sleep_for(int seconds)
{
	char count[32], alarm[16];
	int err;

	snprintf(alarm, sizeof(alarm), "+%d", seconds);
	err = file_write(WAKEALARM, "0");
	if (!err)
		err = file_read(WAKEUP_COUNT, count, sizeof(count));
	if (!err)
		err = file_write(WAKEALARM, alarm);
	if (!err)
		err = file_write(WAKEUP_COUNT, count);
	return err ?: file_write("/sys/power/state", "freeze");
}

static int nap(void)
{
	int seconds, err = -EBUSY, n = successes();

	CHECK(n >= 0, "there is no %s", SUCCESSES);
	for (seconds = 2; err == -EBUSY && seconds <= 32; seconds *= 2)
		err = sleep_for(seconds);
	CHECK_OK(err, "sleep");
	CHECK(successes() == n + 1, "it did not sleep");
	return KSFT_PASS;
}

static int look(int i, unsigned long long *count, unsigned long long *moved)
{
	const struct domain *d = &cache.domain[i];
	char path[64], text[64], *end;
	const char *answer;

	snprintf(path, sizeof(path), "mon_data/mon_L3_%02d/mbm_total_bytes", d->id);
	CHECK_OK(group_read("a", path, text, sizeof(text)), "%s", path);
	*count = strtoull(text, &end, 10);
	CHECK(*text && !*end, "%s is '%s'", path, text);
	ORACLE(answer, "moved %d %d %d", d->cpu, group_partid("a"), group_pmg("a"));
	*moved = strtoull(answer, NULL, 10);
	return KSFT_PASS;
}

/* So much more is moved in the first domains, and nobody has looked at it yet */
static int transfer(int domains, int bytes)
{
	int i;

	for (i = 0; i < domains; i++)
		TELL("move %d %d %d %d %d", cache.domain[i].cpu, group_partid("a"),
		     group_pmg("a"), bytes, bytes / 2);
	return KSFT_PASS;
}

/* So much more is moved in each domain, and all that has ever been is counted */
static int move_more(int bytes)
{
	unsigned long long count, moved;
	int i;

	CHECK_PASS(transfer(cache.num_domains, bytes));
	for (i = 0; i < cache.num_domains; i++) {
		CHECK_PASS(look(i, &count, &moved));
		count -= first_count[i];
		moved -= first_moved[i];
		CHECK(count == moved && moved, "%llu bytes were counted in %s:%d, not %llu",
		      count, cache.name, cache.domain[i].id, moved);
	}
	return KSFT_PASS;
}

/* All that hardware holds is what it was, MSCs are heard, and nothing is missing */
static int as_before(void)
{
	const char *answer;
	char label[64];
	int n = log_count("error 4 (Req_PMG_Range)"), i;

	TELL("same");
	CHECK_PASS(move_more(3000));
	CHECK_PASS(truth_schemata(&cache, "a"));
	CHECK_PASS(truth_schemata(&cache, ""));
	CHECK(n == log_count("error 4 (Req_PMG_Range)"), "an MSC has complained");
	ORACLE(answer, "listening");
	snprintf(label, sizeof(label), "data=%d,", group_partid("a"));
	for (i = 0; i < 100; i++) {
		ORACLE(answer, "label 1");
		if (strstr(answer, label))
			break;
		usleep(10000);
	}
	CHECK(strstr(answer, label), "the task on CPU 1 has another label: %s", answer);
	return KSFT_PASS;
}

static int test_setup(void)
{
	int i;

	NEED_ORACLE();
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	CHECK_OK(group_make("a"), "mkdir");
	for (i = 0; i < cache.num_domains; i++) {
		CHECK_OK(group_set_mask("a", &cache, cache.domain[i].id, 1UL << i), "mask");
		CHECK_OK(group_set_mask("", &cache, cache.domain[i].id, 6UL << i), "mask");
	}
	task = task_spinner("a", 1);
	CHECK(task > 0, "a task in the group");
	for (i = 0; i < cache.num_domains; i++)
		CHECK_PASS(look(i, &first_count[i], &first_moved[i]));
	TELL("remember");
	return as_before();
}

static int test_forget(void)
{
	const char *answer;
	int n, mscs = 0;

	CHECK_PASS(transfer(cache.num_domains, 5000));
	ORACLE(answer, "forget-asleep");
	CHECK_PASS(nap());
	ORACLE(answer, "forgotten");
	CHECK(sscanf(answer, "%d %d", &n, &mscs) == 2 && n == mscs && n > 0,
	      "of the MSCs, this many lost what they had: %s", answer);
	return as_before();
}

/* A cluster that is away while the machine sleeps comes back later */
static int test_away(void)
{
	bool present[MAX_CPUS];
	int cpu, n = cpu_list("present", present), last = 0;

	CHECK_PASS(transfer(cache.num_domains, 7000));
	for (cpu = 2; cpu < MAX_CPUS; cpu++) {
		if (!present[cpu] || cpu < n / 2)
			continue;
		CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
		last = cpu;
	}
	CHECK(last, "there are %d CPUs", n);
	CHECK_PASS(transfer(1, 9000));
	TELL("forget-asleep");
	CHECK_PASS(nap());
	TELL("forgotten");
	for (cpu = 2; cpu < MAX_CPUS; cpu++)
		if (present[cpu] && !cpu_is_online(cpu))
			CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	return as_before();
}

static int test_unmount(void)
{
	task_stop(task);
	CHECK_OK(resctrl_umount(), "umount");
	return truth_open(0, 7);
}

static const struct test tests[] = {
	{ "setup", test_setup },
	{ "MSCs forget all in a nap", test_forget },
	{ "MSCs forget all, some CPUs are away", test_away },
	{ "unmount resets", test_unmount },
	{ "no violations", truth_no_violations },
};

int main(void)
{
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code and data apart (-o cdp, -o cdpl2): half as many groups, each with a PARTID
 * for its data and one for its instructions, as long as the mount lasts.
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

#define ROUNDS	10

static struct cache cache, code, data, second;
static char code_name[16], data_name[16];
static const char *option, *other;
static int last_cpu;
static pid_t early;		/* a task that was there before all mounts */

/* What a group's label is while code and data are apart */
static int partid_data(const char *group)
{
	return 2 * group_partid(group);
}

static int partid_code(const char *group)
{
	return 2 * group_partid(group) + 1;
}

static int labels_are(pid_t pid, int d, int i)
{
	const char *answer;
	int user, kernel;

	ORACLE(answer, "forget");
	ORACLE(answer, "expect %d %d %d %d", pid, d, closid_pmg(d == i ? d : d / 2), i);
	ORACLE(answer, "sample %d", ROUNDS);
	CHECK(sscanf(answer, "%*d:%d/%d", &user, &kernel) == 2 && user + kernel > 0,
	      "never seen: %s", answer);
	ORACLE(answer, "forget");
	return KSFT_PASS;
}

static int group_labels_are(const char *group, pid_t pid)
{
	return labels_are(pid, partid_data(group), partid_code(group));
}

static int test_setup(void)
{
	bool online[MAX_CPUS];
	int cpu;

	cpu_list("online", online);
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (online[cpu])
			last_cpu = cpu;
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	if (cache.level == 3)
		cache_find_level(&second, 2);
	option = cache.level == 3 ? "cdp" : "cdpl2";
	other = cache.level == 3 ? "cdpl2" : "cdp";
	snprintf(code_name, sizeof(code_name), "%sCODE", cache.name);
	snprintf(data_name, sizeof(data_name), "%sDATA", cache.name);
	code = cache;
	data = cache;
	code.name = code_name;
	data.name = data_name;
	early = task_spinner("", last_cpu);
	CHECK(early > 0, "no task");
	CHECK_OK(resctrl_umount(), "umount");
	return KSFT_PASS;
}

/* A machine without that cache level refuses to split it, and stays as it was. */
static int test_refused(void)
{
	char path[64], buf[64];
	int err;

	CHECK_OK(resctrl_mount(), "mount");
	snprintf(path, sizeof(path), "info/%s/num_closids", cache.level == 3 ? "L2" : "L3");
	err = group_read("", path, buf, sizeof(buf));
	CHECK_OK(resctrl_umount(), "umount");
	if (!err) {
		ksft_print_msg("both levels are controlled\n");
		return KSFT_SKIP;
	}
	CHECK(resctrl_mount_with(other) == -EINVAL, "-o %s on a machine that can't", other);
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&code), "no cache");
	CHECK(code.num_closids == cache.num_closids, "%d closids, were %d", code.num_closids,
	      cache.num_closids);
	code = cache;
	code.name = code_name;
	CHECK_OK(resctrl_umount(), "umount");
	return KSFT_PASS;
}

static int test_info(void)
{
	const char * const names[] = { code_name, data_name };
	char path[64], buf[4096], want[64];
	unsigned int i;

	CHECK_OK(resctrl_mount_with(option), "mount -o %s", option);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "info/%s/num_closids", names[i]);
		CHECK_OK(group_read("", path, buf, sizeof(buf)), "%s", path);
		CHECK(atoi(buf) == cache.num_closids / 2, "%s is %s, without CDP it is %d", path,
		      buf, cache.num_closids);
		snprintf(path, sizeof(path), "info/%s/cbm_mask", names[i]);
		CHECK_OK(group_read("", path, buf, sizeof(buf)), "%s", path);
		CHECK(strtoul(buf, NULL, 16) == cache.full, "%s is %s", path, buf);
	}
	snprintf(path, sizeof(path), "info/%s/cbm_mask", cache.name);
	CHECK(group_read("", path, buf, sizeof(buf)) == -ENOENT, "%s exists", path);
	CHECK_OK(file_read("/proc/mounts", buf, sizeof(buf)), "/proc/mounts");
	snprintf(want, sizeof(want), ",%s,debug", option);
	CHECK(strstr(buf, want), "'%s' is not in /proc/mounts", want);
	return KSFT_PASS;
}

static int test_default_labels(void)
{
	NEED_ORACLE();
	CHECK(group_lists("", "tasks", early), "a task from before the mount has no group");
	return group_labels_are("", early);
}

static int test_group_labels(void)
{
	pid_t pid;
	int ret;

	NEED_ORACLE();
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_OK(group_make("b"), "mkdir");
	pid = task_spinner("a", last_cpu - 1);
	CHECK(pid > 0, "no task");
	CHECK(group_lists("a", "tasks", pid), "not in its group");
	CHECK(!group_lists("b", "tasks", pid) && !group_lists("", "tasks", pid), "in two groups");
	ret = group_labels_are("a", pid);
	CHECK_OK(group_write("b", "tasks", "%d\n", pid), "move");
	if (ret == KSFT_PASS)
		ret = group_labels_are("b", pid);
	CHECK_OK(group_write("", "tasks", "%d\n", pid), "move");
	CHECK(group_lists("", "tasks", pid), "not in the default group");
	if (ret == KSFT_PASS)
		ret = group_labels_are("", pid);
	task_stop(pid);
	return ret;
}

static int test_cpu_group(void)
{
	int ret;

	NEED_ORACLE();
	CHECK_OK(group_write("a", "cpus_list", "%d\n", last_cpu), "cpus_list");
	ret = group_labels_are("a", early);
	CHECK_OK(group_write("a", "cpus_list", "\n"), "give it back");
	CHECK_PASS(ret);
	return group_labels_are("", early);
}

/* A CPU that comes online is one of the default group's, whose label is a pair, too. */
static int test_hotplug(void)
{
	NEED_ORACLE();
	CHECK_OK(group_write("a", "cpus_list", "%d\n", last_cpu), "cpus_list");
	CHECK_OK(pin(early, last_cpu - 1), "pin");
	CHECK_OK(cpu_offline(last_cpu), "CPU %d offline", last_cpu);
	CHECK_OK(cpu_online(last_cpu), "CPU %d online", last_cpu);
	CHECK_OK(pin(early, last_cpu), "pin");
	return group_labels_are("", early);
}

static int set_and_check(unsigned long c, unsigned long d)
{
	int i, id;

	for (i = 0; i < cache.num_domains; i++) {
		id = cache.domain[i].id;
		CHECK_OK(group_set_mask("a", &code, id, c), "%s:%d=%lx", code.name, id, c);
		CHECK_OK(group_set_mask("a", &data, id, d), "%s:%d=%lx", data.name, id, d);
		CHECK(group_mask("a", &code, id) == c, "%s:%d reads %lx", code.name, id,
		      group_mask("a", &code, id));
		CHECK(group_mask("a", &data, id) == d, "%s:%d reads %lx", data.name, id,
		      group_mask("a", &data, id));
		CHECK_PASS(truth_mask(&cache, &cache.domain[i], partid_code("a"), c));
		CHECK_PASS(truth_mask(&cache, &cache.domain[i], partid_data("a"), d));
		CHECK_PASS(truth_mask(&cache, &cache.domain[i], partid_code("b"), cache.full));
		CHECK_PASS(truth_mask(&cache, &cache.domain[i], partid_data("b"), cache.full));
		CHECK_PASS(truth_mask(&cache, &cache.domain[i], partid_code(""), cache.full));
		CHECK_PASS(truth_mask(&cache, &cache.domain[i], partid_data(""), cache.full));
	}
	return KSFT_PASS;
}

static int test_masks(void)
{
	NEED_ORACLE();
	CHECK(group_set_mask("a", &cache, cache.domain[0].id, 1) == -EINVAL,
	      "%s takes a mask while it is split", cache.name);
	CHECK_PASS(set_and_check(1, cache.full & ~1UL));
	return set_and_check(6, 2);
}

/* Whoever gets the pair next must not inherit either half. */
static int test_freed_pair(void)
{
	const struct domain *d = &cache.domain[0];
	int pc, pd;

	NEED_ORACLE();
	CHECK_OK(group_make("c"), "mkdir");
	CHECK_OK(group_set_mask("c", &code, d->id, 1), "mask");
	CHECK_OK(group_set_mask("c", &data, d->id, 2), "mask");
	pc = partid_code("c");
	pd = partid_data("c");
	CHECK_PASS(truth_mask(&cache, d, pc, 1));
	CHECK_PASS(truth_mask(&cache, d, pd, 2));
	CHECK_OK(group_remove("c"), "rmdir");
	CHECK_PASS(truth_mask(&cache, d, pc, cache.full));
	return truth_mask(&cache, d, pd, cache.full);
}

/* What the mount did not split is configured for both of a group's PARTIDs. */
static int test_not_split(void)
{
	const struct domain *d = &second.domain[0];

	NEED_ORACLE();
	if (!second.num_domains) {
		ksft_print_msg("nothing else is controlled\n");
		return KSFT_SKIP;
	}
	CHECK(second.num_closids == cache.num_closids, "%s has %d closids", second.name,
	      second.num_closids);
	CHECK_OK(group_set_mask("a", &second, d->id, 5), "mask");
	CHECK(group_mask("a", &second, d->id) == 5, "reads back as %lx",
	      group_mask("a", &second, d->id));
	CHECK_PASS(truth_mask(&second, d, partid_data("a"), 5));
	CHECK_PASS(truth_mask(&second, d, partid_code("a"), 5));
	CHECK_PASS(truth_mask(&second, d, partid_data("b"), second.full));
	CHECK_PASS(truth_mask(&second, d, partid_code("b"), second.full));
	CHECK_PASS(truth_mask(&second, d, partid_data(""), second.full));
	return truth_mask(&second, d, partid_code(""), second.full);
}

/* An exclusive group shares neither half with either half of another. */
static int test_exclusive(void)
{
	int i;

	/* The other level may be controlled as well, and not split. */
	for (i = 0; i < second.num_domains; i++) {
		CHECK_OK(group_set_mask("", &second, second.domain[i].id, 0xc), "mask");
		CHECK_OK(group_set_mask("b", &second, second.domain[i].id, 0xc), "mask");
		CHECK_OK(group_set_mask("a", &second, second.domain[i].id, 2), "mask");
	}
	for (i = 0; i < cache.num_domains; i++) {
		CHECK_OK(group_set_mask("", &code, cache.domain[i].id, 0xc), "mask");
		CHECK_OK(group_set_mask("", &data, cache.domain[i].id, 0xc), "mask");
		CHECK_OK(group_set_mask("b", &code, cache.domain[i].id, 0xc), "mask");
		CHECK_OK(group_set_mask("b", &data, cache.domain[i].id, 1), "mask");
		CHECK_OK(group_set_mask("a", &code, cache.domain[i].id, 1), "mask");
		CHECK_OK(group_set_mask("a", &data, cache.domain[i].id, 2), "mask");
	}
	CHECK(group_write("a", "mode", "exclusive\n") == -EINVAL,
	      "exclusive with code where the other has data");
	for (i = 0; i < cache.num_domains; i++)
		CHECK_OK(group_set_mask("a", &code, cache.domain[i].id, 2), "mask");
	CHECK_OK(group_write("a", "mode", "exclusive\n"), "exclusive");
	CHECK(group_set_mask("b", &code, cache.domain[0].id, 2) == -EINVAL,
	      "code where the exclusive group is");
	return KSFT_PASS;
}

static int test_exhaustion(void)
{
	char name[16];
	int n = 2, err;	/* a and b */

	while (1) {
		snprintf(name, sizeof(name), "g%d", n + 1);
		err = group_make(name);
		if (err)
			break;
		n++;
		CHECK(n < 70000, "no end");
		CHECK(partid_code(name) < cache.num_closids, "PARTID %d", partid_code(name));
	}
	CHECK(err == -ENOSPC, "mkdir ends with %s", strerror(-err));
	CHECK(n == cache.num_closids / 2 - 1, "%d groups of %d", n, cache.num_closids / 2);
	return KSFT_PASS;
}

/* Groups with masks and a task with a label are there when it goes. */
static int test_unmount(void)
{
	pid_t pid = task_spinner("b", last_cpu - 1);
	int ret;

	CHECK(pid > 0, "no task");
	CHECK_OK(resctrl_umount(), "umount");
	NEED_ORACLE();
	ret = labels_are(pid, 0, 0);
	task_stop(pid);
	CHECK_PASS(ret);
	CHECK_PASS(labels_are(early, 0, 0));
	return truth_open(0, cache.num_closids - 1);
}

static int test_remounts(void)
{
	struct cache again;
	int i;

	NEED_ORACLE();
	for (i = 0; i < 3; i++) {
		CHECK_OK(resctrl_mount(), "mount");
		CHECK_OK(cache_find(&again), "no cache");
		CHECK(again.num_closids == cache.num_closids, "%d closids, were %d",
		      again.num_closids, cache.num_closids);
		CHECK_OK(group_make("a"), "mkdir");
		CHECK_OK(group_write("a", "tasks", "%d\n", early), "move");
		CHECK_PASS(labels_are(early, group_partid("a"), group_partid("a")));
		CHECK_OK(resctrl_umount(), "umount");
		CHECK_OK(resctrl_mount_with(option), "mount -o %s", option);
		CHECK_PASS(labels_are(early, 0, 1));
		CHECK_OK(group_make("a"), "mkdir");
		CHECK_OK(group_write("a", "tasks", "%d\n", early), "move");
		CHECK_PASS(group_labels_are("a", early));
		CHECK_OK(resctrl_umount(), "umount");
		CHECK_PASS(labels_are(early, 0, 0));
	}
	task_stop(early);
	return truth_open(0, cache.num_closids - 1);
}

static const struct test tests[] = {
	{ "setup", test_setup },
	{ "a level that is not controlled can't be split", test_refused },
	{ "half as many groups", test_info },
	{ "labels of the default group", test_default_labels },
	{ "labels of groups", test_group_labels },
	{ "a CPU's group", test_cpu_group },
	{ "a CPU that returns", test_hotplug },
	{ "masks of code and of data", test_masks },
	{ "what is not split follows the pair", test_not_split },
	{ "a freed pair is reset", test_freed_pair },
	{ "exclusive groups", test_exclusive },
	{ "all PARTIDs in use", test_exhaustion },
	{ "unmount joins them", test_unmount },
	{ "on and off", test_remounts },
	{ "no violations", truth_no_violations },
};

int main(void)
{
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

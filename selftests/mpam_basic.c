// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resctrl files on MPAM: what they say, what they refuse, and that what
 * they accept reaches every MSC of the cache that was named and no other.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

static struct cache cache;

static int test_mount(void)
{
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache is controlled");
	return KSFT_PASS;
}

static int test_info(void)
{
	char path[64], buf[64];
	int width = 0, partid, pmg;
	const char *answer;

	snprintf(path, sizeof(path), "info/%s/min_cbm_bits", cache.name);
	CHECK_OK(group_read("", path, buf, sizeof(buf)), "%s", path);
	CHECK(atoi(buf) == 1, "min_cbm_bits is %s", buf);
	CHECK(cache.num_closids > 1, "num_closids is %d", cache.num_closids);
	CHECK(cache.full && !(cache.full & (cache.full + 1)), "cbm_mask is %lx", cache.full);

	NEED_ORACLE();
	CHECK_PASS(truth_limits(&partid, &pmg));
	CHECK(cache.num_closids == partid + 1, "%d closids, largest PARTID is %d",
	      cache.num_closids, partid);
	ORACLE(answer, "cpbm %d %d 0", cache.level, cache.domain[0].cpu);
	CHECK(sscanf(answer, "%*[^/]/%*d/%d", &width) == 1, "%s", answer);
	/* Of more than 32 portions a bit stands for several. */
	width = (width + (width + 31) / 32 - 1) / ((width + 31) / 32);
	CHECK(cache.full == (1UL << width) - 1, "cbm_mask is %lx, should have %d bits",
	      cache.full, width);
	return KSFT_PASS;
}

/* Existing tools read the first line that starts with L3 or L2; others may come first. */
static int test_schemata_shape(void)
{
	char buf[4096], *line, *save;
	int i, lines = 0;

	CHECK_OK(group_read("", "schemata", buf, sizeof(buf)), "schemata");
	for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		while (isspace(*line))
			line++;
		lines += !strncmp(line, cache.name, 2) && line[2] == ':';
	}
	CHECK(lines == 1, "%d lines for %s", lines, cache.name);
	for (i = 1; i < cache.num_domains; i++)
		CHECK(cache.domain[i].id > cache.domain[i - 1].id, "domains are not in order");
	return KSFT_PASS;
}

static int test_domains(void)
{
	bool present[MAX_CPUS];
	const char *answer, *p;
	int i, n = 0;

	for (i = 0; i < cache.num_domains; i++) {
		CHECK(cache.domain[i].cpu >= 0, "no CPU says it uses %s %d", cache.name,
		      cache.domain[i].id);
		CHECK(cache.domain[i].mask == cache.full, "%s:%d starts as %lx", cache.name,
		      cache.domain[i].id, cache.domain[i].mask);
	}
	NEED_ORACLE();
	/* Those of which this kernel has a CPU */
	ORACLE(answer, "caches %d", cache.level);
	cpu_list("present", present);
	for (p = answer; *p; p += strcspn(p, " ")) {
		p += strspn(p, " ");
		n += present[strtol(p, NULL, 10)];
	}
	CHECK(n == cache.num_domains, "%d domains, caches are %s", cache.num_domains, answer);
	return KSFT_PASS;
}

static int test_reset_state(void)
{
	return truth_open(0, cache.num_closids - 1);
}

static int test_new_group(void)
{
	CHECK_OK(group_make("a"), "mkdir a");
	CHECK_OK(group_make("b"), "mkdir b");
	CHECK(group_partid("a") > 0 && group_partid("b") > 0,
	      "PARTID 0 belongs to the default group");
	CHECK(group_partid("a") != group_partid("b"), "two groups with one PARTID");
	CHECK(group_make("a") == -EEXIST, "mkdir a twice");
	CHECK_PASS(truth_schemata(&cache, "a"));
	return truth_schemata(&cache, "b");
}

/* Each domain gets its own mask; after each write all domains must be right. */
static int test_masks(void)
{
	unsigned long mask;
	int i;

	for (i = 0; i < cache.num_domains; i++) {
		mask = cache.full & (0x5a5a5a5aUL << (i % 4));
		if (!mask)
			mask = 1;
		CHECK_OK(group_set_mask("a", &cache, cache.domain[i].id, mask), "%s:%d=%lx",
			 cache.name, cache.domain[i].id, mask);
		CHECK(group_mask("a", &cache, cache.domain[i].id) == mask, "reads back as %lx",
		      group_mask("a", &cache, cache.domain[i].id));
		CHECK_PASS(truth_schemata(&cache, "a"));
		CHECK_PASS(truth_schemata(&cache, "b"));
		CHECK_PASS(truth_schemata(&cache, ""));
	}
	return KSFT_PASS;
}

static int test_all_masks(void)
{
	const struct domain *d = &cache.domain[cache.num_domains - 1];
	unsigned long mask;

	for (mask = 1; mask && mask <= cache.full; mask <<= 1) {
		CHECK_OK(group_set_mask("b", &cache, d->id, mask), "mask %lx", mask);
		CHECK_PASS(truth_schemata(&cache, "b"));
	}
	CHECK_OK(group_set_mask("b", &cache, d->id, cache.full), "full mask");
	return truth_schemata(&cache, "b");
}

static int test_default_group_mask(void)
{
	const struct domain *d = &cache.domain[0];

	CHECK_OK(group_set_mask("", &cache, d->id, 1), "write");
	CHECK_PASS(truth_schemata(&cache, ""));
	CHECK_OK(group_set_mask("", &cache, d->id, cache.full), "write back");
	return truth_schemata(&cache, "");
}

static int test_all_domains_in_a_line(void)
{
	char line[1024];
	int i, len = 0;

	for (i = 0; i < cache.num_domains; i++)
		len += snprintf(line + len, sizeof(line) - len, "%c%d=1", i ? ';' : ':',
				cache.domain[i].id);
	CHECK_OK(group_write("a", "schemata", "%s%s\n", cache.name, line), "%s%s", cache.name,
		 line);
	for (i = 0; i < cache.num_domains; i++)
		CHECK(group_mask("a", &cache, cache.domain[i].id) == 1, "%s:%d", cache.name,
		      cache.domain[i].id);
	return truth_schemata(&cache, "a");
}

static int test_bad_masks(void)
{
	const struct {
		const char *fmt;	/* of cache name and domain id */
		const char *status;	/* a part of last_cmd_status */
	} bad[] = {
		{ "%s:%d=0\n",		"mask" },
		{ "%s:%d=123456789\n",	"mask" },
		{ "%s:%d=xyz\n",	"" },
		{ "%s:%d=\n",		"" },
		{ "%s:%d\n",		"" },
		{ "%s:%d=1",		"" },
		{ "%s:%d999=1\n",	"" },
		{ "%sX:%d=1\n",		"resource" },
		{ "%s%d=1\n",		"" },
	};
	char before[4096], after[4096], text[128], status[512];
	unsigned int i;
	int err;

	CHECK_OK(group_read("a", "schemata", before, sizeof(before)), "schemata");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), bad[i].fmt, cache.name, cache.domain[0].id);
		err = group_write("a", "schemata", "%s", text);
		CHECK(err == -EINVAL, "'%s' gives %s", text, strerror(-err));
		CHECK_OK(group_read("", "info/last_cmd_status", status, sizeof(status)),
			 "last_cmd_status");
		CHECK(strcasestr(status, bad[i].status), "'%s' leaves last_cmd_status '%s'", text,
		      status);
		CHECK_OK(group_read("a", "schemata", after, sizeof(after)), "schemata");
		CHECK(!strcmp(before, after), "'%s' changed schemata to %s", text, after);
	}
	return truth_schemata(&cache, "a");
}

static int test_tasks(void)
{
	pid_t pid = getpid();

	CHECK(group_lists("", "tasks", pid), "not in the default group");
	CHECK_OK(group_write("a", "tasks", "%d\n", pid), "move");
	CHECK(group_lists("a", "tasks", pid), "not in the group it was moved to");
	CHECK(!group_lists("", "tasks", pid), "still in the default group");
	CHECK(group_write("a", "tasks", "-1\n") == -EINVAL, "pid -1");
	CHECK(group_write("a", "tasks", "4194303\n") == -ESRCH, "a pid that does not exist");
	CHECK(group_write("a", "tasks", "x\n") == -EINVAL, "no pid");
	CHECK_OK(group_write("", "tasks", "0\n"), "move the writer back");
	CHECK(group_lists("", "tasks", pid), "not back");
	return KSFT_PASS;
}

static int test_cpus(void)
{
	char buf[256];

	CHECK_OK(group_write("a", "cpus_list", "0\n"), "cpus_list");
	CHECK_OK(group_read("a", "cpus_list", buf, sizeof(buf)), "read");
	CHECK(!strcmp(buf, "0"), "cpus_list is '%s'", buf);
	CHECK_OK(group_write("b", "cpus", "1\n"), "the other group takes it");
	CHECK_OK(group_read("a", "cpus_list", buf, sizeof(buf)), "read");
	CHECK(!*buf, "two groups have CPU 0: '%s'", buf);
	CHECK(group_write("a", "cpus_list", "9999\n") == -ERANGE, "CPU 9999");
	CHECK(group_write("a", "cpus", "x\n") == -EINVAL, "no mask");
	CHECK_OK(group_write("b", "cpus_list", "\n"), "empty the group");
	CHECK_OK(group_read("", "cpus_list", buf, sizeof(buf)), "read");
	CHECK(buf[0] == '0', "the default group did not get CPU 0 back: '%s'", buf);
	return KSFT_PASS;
}

/* A PARTID that is used again must not remember the group that had it. */
static int test_reuse(void)
{
	int partid = group_partid("a"), n = 0;
	char name[16];

	CHECK_OK(group_set_mask("a", &cache, cache.domain[0].id, 1), "mask");
	CHECK_OK(group_remove("a"), "rmdir");
	/* One that may still have lines in the cache is used last. */
	do {
		snprintf(name, sizeof(name), "c%d", n);
		CHECK_OK(group_make(name), "mkdir %s: PARTID %d was lost", name, partid);
		n++;
	} while (group_partid(name) != partid);
	CHECK(group_mask(name, &cache, cache.domain[0].id) == cache.full, "old mask is back");
	CHECK_PASS(truth_schemata(&cache, name));
	while (n--) {
		snprintf(name, sizeof(name), "c%d", n);
		CHECK_OK(group_remove(name), "rmdir");
	}
	CHECK_OK(group_remove("b"), "rmdir");
	return KSFT_PASS;
}

static int test_exhaustion(void)
{
	char name[16];
	int n = 0, err, i;

	while (1) {
		snprintf(name, sizeof(name), "g%d", n + 1);
		err = group_make(name);
		if (err)
			break;
		n++;
		CHECK(n < 70000, "no end");
		CHECK_OK(group_set_mask(name, &cache, cache.domain[0].id, 1), "mask of %s", name);
	}
	CHECK(err == -ENOSPC, "mkdir ends with %s", strerror(-err));
	CHECK(n == cache.num_closids - 1, "%d groups of %d", n, cache.num_closids);
	for (i = 1; i <= n; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		if (i % 8 == 1 && oracle_present())
			CHECK_PASS(truth_schemata(&cache, name));
	}
	return KSFT_PASS;
}

/* Groups with masks still exist here. */
static int test_remount(void)
{
	struct cache again;
	int i;

	CHECK_OK(resctrl_umount(), "umount");
	if (oracle_present())
		CHECK_PASS(truth_open(0, cache.num_closids - 1));
	CHECK_OK(resctrl_mount(), "mount again");
	CHECK_OK(cache_find(&again), "no cache");
	for (i = 0; i < again.num_domains; i++)
		CHECK(again.domain[i].mask == again.full, "%s:%d is %lx after remount", again.name,
		      again.domain[i].id, again.domain[i].mask);
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_PASS(truth_schemata(&cache, "a"));
	CHECK_OK(group_remove("a"), "rmdir");
	CHECK_OK(resctrl_umount(), "umount");
	return truth_open(0, cache.num_closids - 1);
}

static const struct test tests[] = {
	{ "mount", test_mount },
	{ "info files agree with the hardware", test_info },
	{ "schemata has one line for the cache", test_schemata_shape },
	{ "one domain per cache", test_domains },
	{ "hardware starts open", test_reset_state },
	{ "new groups", test_new_group },
	{ "a mask reaches its cache and no other", test_masks },
	{ "every portion", test_all_masks },
	{ "the default group's mask", test_default_group_mask },
	{ "all domains in one line", test_all_domains_in_a_line },
	{ "bad schemata change nothing", test_bad_masks },
	{ "tasks", test_tasks },
	{ "cpus", test_cpus },
	{ "a freed PARTID is reset", test_reuse },
	{ "all PARTIDs in use", test_exhaustion },
	{ "unmount resets", test_remount },
	{ "no violations", truth_no_violations },
};

int main(void)
{
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

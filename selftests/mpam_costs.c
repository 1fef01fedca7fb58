// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many accesses to MSCs' registers operations on groups take. They are slow,
 * so that what did not change is not written: not by a write of the same value,
 * not to other MSCs, and not when groups come and go.
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

#define MAX_MSCS	300

struct counts {
	int n;
	struct {
		char name[32];
		long count;
	} msc[MAX_MSCS];
};

static struct cache cache;
static const char *option = "";
/* How many PARTIDs a mask of this cache is written to */
static int partids = 1;
static int num_closids;

/* "<name>=<number> ..." */
static int parse(const char *answer, struct counts *c)
{
	int len;

	for (c->n = 0; *answer; c->n++) {
		CHECK(c->n < MAX_MSCS, "too many MSCs");
		CHECK(sscanf(answer, "%31[^=]=%ld %n", c->msc[c->n].name, &c->msc[c->n].count,
			     &len) == 2, "oracle: %s", answer);
		answer += len;
	}
	CHECK(c->n, "no MSC");
	return KSFT_PASS;
}

/* Accesses to what configures partitions: monitors are looked after meanwhile. */
static int accesses(struct counts *c)
{
	const char *answer;

	ORACLE(answer, "accessed");
	return parse(answer, c);
}

/*
 * What one value written to one domain costs: to select a partition and to write
 * its register, which is several for more than 32 portions; and nothing for the
 * MSCs of other domains.
 */
static int price(const struct domain *d, struct counts *want)
{
	const char *answer, *p;
	char name[32];
	int i, bits;

	for (i = 0; i < want->n; i++)
		want->msc[i].count = 0;
	if (!d)
		return KSFT_PASS;
	ORACLE(answer, "cpbm %d %d 0", cache.level, d->cpu);
	for (p = answer; p; p = strchr(p + 1, ' ')) {
		CHECK(sscanf(p, " %31[^/]/%*d/%d", name, &bits) == 2, "oracle: %s", answer);
		for (i = 0; i < want->n; i++)
			if (!strcmp(want->msc[i].name, name))
				break;
		CHECK(i < want->n, "no MSC %s", name);
		want->msc[i].count += partids * (1 + (bits + 31) / 32);
	}
	return KSFT_PASS;
}

static int compare(const char *what, const struct counts *old, const struct counts *want)
{
	struct counts now;
	int i;

	CHECK_PASS(accesses(&now));
	for (i = 0; i < now.n; i++)
		CHECK(now.msc[i].count - old->msc[i].count == want->msc[i].count,
		      "%s: %ld accesses to %s, not %ld", what,
		      now.msc[i].count - old->msc[i].count, now.msc[i].name, want->msc[i].count);
	return KSFT_PASS;
}

static int test_setup(void)
{
	char buf[64];

	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	num_closids = cache.num_closids;
	CHECK_OK(resctrl_umount(), "umount");
	CHECK_OK(resctrl_mount_with(option), "mount -o %s", option);
	if (*option) {
		CHECK(group_read("", cache.level == 3 ? "info/L3/cbm_mask" : "info/L2/cbm_mask",
				 buf, sizeof(buf)) == 0, "-o %s splits %s", option, cache.name);
		partids = 2;
		num_closids /= 2;
	}
	NEED_ORACLE();
	return KSFT_PASS;
}

static int test_mkdir(void)
{
	struct counts old, want;

	NEED_ORACLE();
	CHECK_PASS(accesses(&old));
	want = old;
	CHECK_PASS(price(NULL, &want));
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_OK(group_make("b"), "mkdir");
	return compare("mkdir", &old, &want);
}

static int test_mask(void)
{
	struct counts old, want;
	int i;

	NEED_ORACLE();
	for (i = 0; i < cache.num_domains; i++) {
		const struct domain *d = &cache.domain[i];

		CHECK_PASS(accesses(&old));
		want = old;
		CHECK_PASS(price(d, &want));
		CHECK_OK(group_set_mask("a", &cache, d->id, 3), "mask");
		CHECK_PASS(compare("a mask", &old, &want));
		CHECK_PASS(accesses(&old));
		CHECK_PASS(price(NULL, &want));
		CHECK_OK(group_set_mask("a", &cache, d->id, 3), "mask");
		CHECK_PASS(compare("the same mask", &old, &want));
	}
	return KSFT_PASS;
}

/* All domains in a line, of which one changes */
static int test_line(void)
{
	const struct domain *last = &cache.domain[cache.num_domains - 1];
	char line[1024];
	struct counts old, want;
	int i, len = 0;

	NEED_ORACLE();
	for (i = 0; i < cache.num_domains; i++)
		len += snprintf(line + len, sizeof(line) - len, "%c%d=%d", i ? ';' : ':',
				cache.domain[i].id, i == cache.num_domains - 1 ? 1 : 3);
	CHECK_PASS(accesses(&old));
	want = old;
	CHECK_PASS(price(last, &want));
	CHECK_OK(group_write("a", "schemata", "%s%s\n", cache.name, line), "%s", line);
	return compare("a line", &old, &want);
}

static int test_refused(void)
{
	struct counts old, want;

	NEED_ORACLE();
	CHECK_PASS(accesses(&old));
	want = old;
	CHECK_PASS(price(NULL, &want));
	CHECK(group_write("a", "schemata", "%s:%d=2;%d=2;x\n", cache.name, cache.domain[0].id,
			  cache.domain[0].id) == -EINVAL, "a bad line");
	return compare("a bad line", &old, &want);
}

/* Only what the group had configured is reset. */
static int test_rmdir(void)
{
	struct counts old, want;
	int i;

	NEED_ORACLE();
	for (i = 1; i < cache.num_domains; i++)
		CHECK_OK(group_set_mask("a", &cache, cache.domain[i].id, cache.full), "mask");
	CHECK_OK(group_set_mask("a", &cache, cache.domain[0].id, 3), "mask");
	CHECK_PASS(accesses(&old));
	want = old;
	CHECK_PASS(price(&cache.domain[0], &want));
	CHECK_OK(group_remove("a"), "rmdir");
	CHECK_PASS(compare("rmdir", &old, &want));
	CHECK_PASS(accesses(&old));
	CHECK_PASS(price(NULL, &want));
	CHECK_OK(group_remove("b"), "rmdir");
	return compare("rmdir of an open group", &old, &want);
}

static int test_umount(void)
{
	struct counts old, want;
	char name[16];
	int i;

	NEED_ORACLE();
	for (i = 1; i < num_closids; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		CHECK_OK(group_make(name), "mkdir");
	}
	CHECK_OK(group_set_mask("g1", &cache, cache.domain[0].id, 1), "mask");
	CHECK_PASS(accesses(&old));
	want = old;
	CHECK_PASS(price(&cache.domain[0], &want));
	CHECK_OK(resctrl_umount(), "umount");
	CHECK_PASS(compare("umount", &old, &want));
	CHECK_PASS(accesses(&old));
	CHECK_PASS(price(NULL, &want));
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(resctrl_umount(), "umount");
	CHECK_PASS(compare("mount and umount", &old, &want));
	return truth_open(0, cache.num_closids - 1);
}

static const struct test tests[] = {
	{ "setup", test_setup },
	{ "a new group costs nothing", test_mkdir },
	{ "a mask: two accesses for each RIS; again: none", test_mask },
	{ "a line: only the domain that changes", test_line },
	{ "a refused write costs nothing", test_refused },
	{ "rmdir resets what is not open", test_rmdir },
	{ "umount resets what is not open", test_umount },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		option = argv[1];
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * More groups than an MSC has sets of controls: those with the same masks share
 * one, and a mask for which there is none left is refused and changes nothing.
 *
 * usage: mpam_narrow <number of different masks that there is room for>
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

static struct cache cache;
static int room;

static const char *group_name(int i)
{
	static char name[16];

	snprintf(name, sizeof(name), "g%d", i);
	return name;
}

/* The group's masks of all domains in one write; they differ by group, not by domain */
static int set_masks(const char *group, unsigned long mask)
{
	char line[1024];
	int i, n = snprintf(line, sizeof(line), "%s:", cache.name);

	for (i = 0; i < cache.num_domains; i++)
		n += snprintf(line + n, sizeof(line) - n, "%s%d=%lx", i ? ";" : "",
			      cache.domain[i].id, mask);

	return group_write(group, "schemata", "%s\n", line);
}

static int status_says(const char *what)
{
	char status[256] = "";

	file_read(RESCTRL "/info/last_cmd_status", status, sizeof(status));
	CHECK(strstr(status, what), "last_cmd_status is '%s'", status);
	return KSFT_PASS;
}

static int test_setup(void)
{
	int i;

	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	CHECK(cache.num_closids > room + 2, "%d groups and %d masks: nothing is narrow here",
	      cache.num_closids, room);
	CHECK_PASS(truth_open(0, cache.num_closids - 1));

	for (i = 0; i < room; i++) {
		CHECK_OK(group_make(group_name(i)), "mkdir");
		CHECK_OK(set_masks(group_name(i), 1UL << i), "mask of group %d", i);
	}
	for (i = 0; i < room; i++)
		CHECK_PASS(truth_schemata(&cache, group_name(i)));
	return truth_schemata(&cache, "");
}

/* What the groups, old and new, are left with */
static int all_as_before(const char *more, unsigned long mask)
{
	int i;

	for (i = 0; i < cache.num_domains; i++)
		CHECK(group_mask(more, &cache, cache.domain[i].id) == mask,
		      "%s:%d of the group is %lx", cache.name, cache.domain[i].id,
		      group_mask(more, &cache, cache.domain[i].id));
	CHECK_PASS(truth_schemata(&cache, more));
	CHECK_PASS(truth_schemata(&cache, ""));
	for (i = 0; i < room; i++)
		CHECK_PASS(truth_schemata(&cache, group_name(i)));
	return KSFT_PASS;
}

static int test_refused(void)
{
	CHECK_OK(group_make("more"), "mkdir");
	CHECK(set_masks("more", 1UL << room) == -ENOSPC, "one more mask is not refused");
	CHECK_PASS(status_says("too many different settings"));
	CHECK_PASS(all_as_before("more", cache.full));
	/* One domain alone, and a group whose mask another one has as well */
	CHECK(group_set_mask("more", &cache, cache.domain[0].id, 1UL << room) == -ENOSPC,
	      "one more mask in one domain is not refused");
	return all_as_before("more", cache.full);
}

/* The first domain takes it, the last has no room: both must be as before. */
static int test_half_refused(void)
{
	int id = cache.domain[0].id;

	if (cache.num_domains < 2) {
		ksft_print_msg("there is one domain only\n");
		return KSFT_SKIP;
	}
	CHECK_OK(group_set_mask(group_name(0), &cache, id, cache.full), "room in one domain");
	CHECK_OK(group_set_mask("more", &cache, id, 1UL << room), "there is room");
	CHECK_OK(group_set_mask("more", &cache, id, cache.full), "all portions");
	CHECK(set_masks("more", 1UL << room) == -ENOSPC, "one more mask is not refused");
	CHECK_PASS(status_says("too many different settings"));
	CHECK_PASS(all_as_before("more", cache.full));
	CHECK_OK(group_set_mask(group_name(0), &cache, id, 1), "the old mask");
	return all_as_before("more", cache.full);
}

static int test_shared(void)
{
	CHECK_OK(set_masks("more", 1), "the mask of another group");
	CHECK_PASS(all_as_before("more", 1));
	CHECK(set_masks("more", 1UL << room) == -ENOSPC, "parting from it is not refused");
	CHECK_PASS(all_as_before("more", 1));
	CHECK_OK(set_masks("more", cache.full), "all portions");
	return all_as_before("more", cache.full);
}

static int test_room_again(void)
{
	CHECK_OK(set_masks(group_name(0), 1UL << room), "changing a mask that nobody shares");
	CHECK(set_masks("more", 1) == -ENOSPC, "one more mask is not refused");
	CHECK_OK(group_remove(group_name(room - 1)), "rmdir");
	CHECK_OK(set_masks("more", 1), "the mask of a group that is gone");
	CHECK_PASS(truth_schemata(&cache, "more"));
	CHECK_OK(group_make(group_name(room - 1)), "mkdir");
	CHECK(group_mask(group_name(room - 1), &cache, cache.domain[0].id) == cache.full,
	      "the new group has a limit");
	return all_as_before("more", 1);
}

/* As many groups as there are PARTIDs, and all of them have what they were told */
static int test_all_groups(void)
{
	int i, n = room;

	while (!group_make(group_name(n)))
		n++;
	/* All but the default group and the one from before */
	CHECK(n == cache.num_closids - 2, "%d groups, not %d", n, cache.num_closids - 2);
	for (i = room; i < n; i++)
		CHECK_OK(set_masks(group_name(i), i & 1 ? 1 : 1UL << room), "mask of group %d", i);
	for (i = 0; i < n; i++)
		CHECK_PASS(truth_schemata(&cache, group_name(i)));
	for (i = room; i < n; i++)
		CHECK_OK(group_remove(group_name(i)), "rmdir");
	return all_as_before("more", 1);
}

static int test_unmount(void)
{
	CHECK_OK(resctrl_umount(), "umount");
	return truth_open(0, cache.num_closids - 1);
}

static const struct test tests[] = {
	{ "as many masks as there is room for", test_setup },
	{ "one more mask is refused, and nothing changes", test_refused },
	{ "a mask that one domain of two refuses", test_half_refused },
	{ "groups with the same masks share", test_shared },
	{ "a group that is removed makes room", test_room_again },
	{ "as many groups as there are PARTIDs", test_all_groups },
	{ "unmount resets", test_unmount },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	room = argc > 1 ? atoi(argv[1]) : 3;
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

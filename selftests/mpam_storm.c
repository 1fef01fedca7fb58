// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups that come and go as fast as they can, in mounts with changing options.
 * At the end there must be room for as many groups and counters as at the start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define WORKERS		4
#define NAMES		40
#define STEPS		150
#define MAX_OPTIONS	4
#define PATIENCE	10	/* seconds until an RMID is free again, at most */

/* What there is room for in a mount with these options */
struct room {
	const char *option;
	int groups;		/* control groups */
	int all;		/* those, and as many monitor groups as they can have */
	char counters[256];	/* available_mbm_cntrs */
};

static struct room rooms[MAX_OPTIONS];
static int num_rooms;
static struct cache cache;
static bool monitors;
static int rounds = 3;

/* An RMID whose cache lines are not evicted yet is given back later. */
static int make_patiently(const char *name)
{
	int tries, err = -EBUSY;

	for (tries = 0; err == -EBUSY && tries < PATIENCE * 10; tries++) {
		err = group_make(name);
		if (err == -EBUSY)
			usleep(100000);
	}
	return err;
}

/* Any occupancy is little enough for an RMID to be used again. */
static void forgive_occupancy(void)
{
	unsigned long bytes;

	for (bytes = 1UL << 31; bytes; bytes /= 2)
		if (!group_write("", "info/L3_MON/max_threshold_occupancy", "%lu\n", bytes))
			break;
}

static int fill(struct room *r)
{
	char name[64];
	int i, j, err;

	forgive_occupancy();
	r->counters[0] = '\0';
	group_read("", "info/L3_MON/available_mbm_cntrs", r->counters, sizeof(r->counters));
	for (r->groups = 1; ; r->groups++) {
		snprintf(name, sizeof(name), "f%d", r->groups);
		err = make_patiently(name);
		if (err)
			break;
	}
	CHECK(err == -ENOSPC, "mkdir %s: %s", name, strerror(-err));
	r->all = r->groups;
	for (i = 0; monitors && i < r->groups; i++) {
		for (j = 0; ; j++) {
			if (i)
				snprintf(name, sizeof(name), "f%d/mon_groups/m%d", i, j);
			else
				snprintf(name, sizeof(name), "mon_groups/m%d", j);
			err = make_patiently(name);
			if (err)
				break;
			r->all++;
		}
		CHECK(err == -ENOSPC, "mkdir %s: %s", name, strerror(-err));
	}
	return KSFT_PASS;
}

/* Is there room for as many as at the start? */
static int same_room(const struct room *r)
{
	struct room now = *r;

	CHECK_PASS(fill(&now));
	CHECK(now.groups == r->groups, "-o '%s': %d groups, there were %d", r->option,
	      now.groups, r->groups);
	CHECK(now.all == r->all, "-o '%s': %d groups of both kinds, there were %d", r->option,
	      now.all, r->all);
	CHECK(!strcmp(now.counters, r->counters), "-o '%s': counters %s, there were %s",
	      r->option, now.counters, r->counters);
	return KSFT_PASS;
}

static int measure(struct room *r)
{
	CHECK_OK(resctrl_mount_with(r->option), "mount -o '%s'", r->option);
	CHECK_PASS(fill(r));
	CHECK_OK(resctrl_umount(), "umount");
	return KSFT_PASS;
}

static int test_setup(void)
{
	static const char * const options[] = { "", "cdp", "cdpl2", "cdp,cdpl2", "mba_MBps" };
	unsigned int i;
	struct stat st;

	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	monitors = !stat(RESCTRL "/mon_groups", &st);
	CHECK_OK(resctrl_umount(), "umount");
	for (i = 0; i < ARRAY_SIZE(options) && num_rooms < MAX_OPTIONS; i++) {
		if (resctrl_mount_with(options[i]))
			continue;
		CHECK_OK(resctrl_umount(), "umount");
		rooms[num_rooms].option = options[i];
		CHECK_PASS(measure(&rooms[num_rooms]));
		ksft_print_msg("-o '%s': %d groups, %d with monitor groups; counters: %s\n",
			       options[i], rooms[num_rooms].groups, rooms[num_rooms].all,
			       rooms[num_rooms].counters);
		num_rooms++;
	}
	CHECK(num_rooms > 1, "there is one way to mount only");
	return KSFT_PASS;
}

/* What may be the answer when others make and remove the same groups */
static bool expected(int err)
{
	return !err || err == -EEXIST || err == -ENOENT || err == -ENOSPC || err == -EBUSY ||
	       err == -ENODEV;
}

static int worker(unsigned int seed)
{
	char name[64];
	int step, err = 0, what;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (step = 0; step < STEPS && expected(err); step++) {
		snprintf(name, sizeof(name), "s%d", rand_r(&seed) % NAMES);
		what = rand_r(&seed) % 8;
		switch (what) {
		case 0 ... 2:
			err = group_make(name);
			break;
		case 3:
			err = group_write(name, "schemata", "%s%s:%d=%x\n", cache.name,
					  step & 1 ? "" : "DATA", cache.domain[0].id,
					  1 + rand_r(&seed) % 3);
			/* With another option the line has another name. */
			if (err == -EINVAL)
				err = 0;
			break;
		case 4:
			err = group_write(name, "tasks", "0\n");
			break;
		case 5:
			strcat(name, "/mon_groups/m");
			err = group_make(name);
			if (err == -EPERM && !monitors)
				err = 0;
			break;
		default:
			err = group_remove(name);
		}
	}
	if (expected(err))
		return 0;
	ksft_print_msg("step %d on %s: %s\n", what, name, strerror(-err));
	return 1;
}

static int test_storm(void)
{
	int round, i, status, failed = 0;

	for (round = 0; round < rounds * num_rooms; round++) {
		const struct room *r = &rooms[round % num_rooms];

		CHECK_OK(resctrl_mount_with(r->option), "mount -o '%s'", r->option);
		fflush(NULL);
		for (i = 0; i < WORKERS; i++)
			if (!fork())
				_exit(worker(round * WORKERS + i + 1));
		while (wait(&status) > 0)
			failed += !WIFEXITED(status) || WEXITSTATUS(status);
		CHECK(!failed, "%d workers failed", failed);
		/* The next mount starts afresh: ask this one. */
		resctrl_remove_groups();
		CHECK_PASS(same_room(r));
		CHECK_OK(resctrl_umount(), "umount");
	}
	return KSFT_PASS;
}

/* The mount goes away while tasks that are in its groups run. */
static int test_busy_umount(void)
{
	pid_t pids[WORKERS];
	char name[16];
	int i, round;

	for (round = 0; round < num_rooms; round++) {
		CHECK_OK(resctrl_mount_with(rooms[round].option), "mount");
		for (i = 0; i < WORKERS; i++) {
			snprintf(name, sizeof(name), "s%d", i % 3);
			group_make(name);
			pids[i] = task_spinner(name, i % 2);
			CHECK(pids[i] > 0, "no task");
		}
		CHECK_OK(resctrl_umount(), "umount");
		for (i = 0; i < WORKERS; i++)
			task_stop(pids[i]);
	}
	return KSFT_PASS;
}

static int test_nothing_leaked(void)
{
	int i;

	for (i = 0; i < num_rooms; i++) {
		CHECK_OK(resctrl_mount_with(rooms[i].option), "mount -o '%s'", rooms[i].option);
		CHECK_PASS(same_room(&rooms[i]));
		CHECK_OK(resctrl_umount(), "umount");
	}
	NEED_ORACLE();
	return truth_open(0, cache.num_closids - 1);
}

static const struct test tests[] = {
	{ "setup", test_setup },
	{ "groups come and go", test_storm },
	{ "busy groups go with the mount", test_busy_umount },
	{ "nothing has leaked", test_nothing_leaked },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		rounds = atoi(argv[1]);
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

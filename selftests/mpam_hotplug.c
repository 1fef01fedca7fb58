// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that go and come back while groups exist: an MSC that lost its state is
 * given all of it back before a task runs there, and domains follow their CPUs.
 * With a number as its argument, it does that many random steps.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define GROUPS	3

static struct cache cache;
static int groups_made, cycles;

static const char *group_name(int i)
{
	static char name[16];

	snprintf(name, sizeof(name), "g%d", i);
	return name;
}

/* CPUs that share the domain's cache, from sysfs. */
static int domain_cpus(const struct domain *d, bool *cpus)
{
	char file[64], path[128], buf[64];
	int index;

	for (index = 0; index < 8; index++) {
		snprintf(file, sizeof(file), "cpu%d/cache/index%d", d->cpu, index);
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s/level", file);
		if (file_read(path, buf, sizeof(buf)))
			break;
		if (atoi(buf) != cache.level)
			continue;
		snprintf(path, sizeof(path), "%s/shared_cpu_list", file);
		return cpu_list(path, cpus);
	}
	return 0;
}

/* The first domain that CPU 0, which can't always go offline, is not part of. */
static struct domain *other_domain(bool *cpus)
{
	int i;

	for (i = cache.num_domains - 1; i >= 0; i--)
		if (domain_cpus(&cache.domain[i], cpus) && !cpus[0])
			return &cache.domain[i];
	return NULL;
}

static int all_groups_true(void)
{
	int i;

	CHECK_PASS(truth_schemata(&cache, ""));
	for (i = 1; i <= groups_made; i++)
		CHECK_PASS(truth_schemata(&cache, group_name(i)));
	return KSFT_PASS;
}

static int test_setup(void)
{
	int i, j;

	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	for (i = 1; i <= GROUPS; i++) {
		CHECK_OK(group_make(group_name(i)), "mkdir");
		groups_made = i;
		for (j = 0; j < cache.num_domains; j++)
			CHECK_OK(group_set_mask(group_name(i), &cache, cache.domain[j].id,
						1UL << ((i + j) % 4)), "mask");
	}
	return all_groups_true();
}

static int test_single_cpus(void)
{
	bool cpus[MAX_CPUS];
	int cpu, n = cpu_list("present", cpus), step = n > 16 ? 7 : 1;

	for (cpu = 1; cpu < MAX_CPUS; cpu += step) {
		if (!cpus[cpu])
			continue;
		CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
		CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	}
	return all_groups_true();
}

/* Keeps trying to run on a CPU, so that it is there as soon as any task can. */
static pid_t stalker(int cpu)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (pin(0, cpu))
		;
	while (1)
		;
}

static int start_watch(const struct domain *d, int cpu)
{
	const char *answer;
	int i;

	for (i = 1; i <= GROUPS; i++)
		TELL("watch %d %d %d %lx", cpu, cache.level, group_partid(group_name(i)),
		     group_mask(group_name(i), &cache, d->id));
	return KSFT_PASS;
}

static int test_cluster(void)
{
	bool cpus[MAX_CPUS], again[MAX_CPUS];
	struct domain *d = other_domain(cpus);
	unsigned long masks[GROUPS + 1];
	int cpu, first = -1, i;
	pid_t pid;

	if (!d) {
		ksft_print_msg("every CPU shares one cache\n");
		return KSFT_SKIP;
	}
	NEED_ORACLE();
	for (i = 1; i <= GROUPS; i++)
		masks[i] = group_mask(group_name(i), &cache, d->id);
	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!cpus[cpu])
			continue;
		if (first < 0)
			first = cpu;
	}
	CHECK_PASS(start_watch(d, first));
	for (cpu = MAX_CPUS - 1; cpu >= 0; cpu--)
		if (cpus[cpu])
			CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
	CHECK(!group_mask("", &cache, d->id), "%s:%d is still in schemata", cache.name, d->id);
	CHECK(group_set_mask("g1", &cache, d->id, 1) == -EINVAL,
	      "a domain that is gone takes a mask");

	pid = stalker(first);
	CHECK_OK(cpu_online(first), "CPU %d online", first);
	for (i = 0; i < 100; i++) {
		usleep(50000);
		ORACLE(answer, "watching");
		if (atoi(answer) > 2)
			break;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ORACLE(answer, "watched");
	CHECK(atoi(answer) > 0, "no task was seen on CPU %d", first);

	for (i = 1; i <= GROUPS; i++)
		CHECK(group_mask(group_name(i), &cache, d->id) == masks[i], "%s:%d was %lx, is %lx",
		      cache.name, d->id, masks[i], group_mask(group_name(i), &cache, d->id));
	CHECK_PASS(all_groups_true());
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (cpus[cpu] && cpu != first)
			CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	domain_cpus(d, again);
	CHECK(!memcmp(cpus, again, sizeof(cpus)), "the cache came back with other CPUs");
	return all_groups_true();
}

/* What was changed while the cluster was away must be there when it returns. */
static int test_change_while_away(void)
{
	bool cpus[MAX_CPUS];
	struct domain *d = other_domain(cpus);
	int cpu;

	if (!d) {
		ksft_print_msg("every CPU shares one cache\n");
		return KSFT_SKIP;
	}
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (cpus[cpu])
			CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
	CHECK_OK(group_remove("g3"), "rmdir");
	CHECK_OK(group_make("g3"), "mkdir");
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (cpus[cpu])
			CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	CHECK(group_mask("g3", &cache, d->id) == cache.full, "a new group has mask %lx",
	      group_mask("g3", &cache, d->id));
	return all_groups_true();
}

/* Each process drives its own CPU; nobody waits for anybody. */
static int test_parallel(void)
{
	bool cpus[MAX_CPUS];
	int cpu, i, status, failed = 0, n = cpu_list("present", cpus), step = n > 16 ? 9 : 1;

	for (cpu = 1; cpu < MAX_CPUS; cpu += step) {
		if (!cpus[cpu] || fork())
			continue;
		for (i = 0; i < 3; i++)
			if (cpu_offline(cpu) || cpu_online(cpu))
				_exit(1);
		_exit(0);
	}
	for (i = 0; i < 30; i++)
		CHECK_OK(group_set_mask("g1", &cache, cache.domain[0].id, 1UL << (i % 4)), "mask");
	while (wait(&status) > 0)
		failed += !WIFEXITED(status) || WEXITSTATUS(status);
	CHECK(!failed, "%d processes failed", failed);
	CHECK(cpu_list("online", cpus) == n, "not all CPUs are online");
	return all_groups_true();
}

/* Groups come, change and go while CPUs do; the arguments say how often */
static int test_cycles(void)
{
	bool cpus[MAX_CPUS], away[MAX_CPUS] = {};
	int i, j, cpu, n = cpu_list("present", cpus), gone = 0;

	for (i = 0; i < cycles; i++) {
		do {
			cpu = 1 + rand() % (MAX_CPUS - 1);
		} while (!cpus[cpu]);
		if (away[cpu]) {
			CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
			gone--;
		} else if (gone < n - 1) {
			CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
			gone++;
		}
		away[cpu] = !away[cpu];

		j = 1 + rand() % GROUPS;
		if (!(i % 7)) {
			CHECK_OK(group_remove(group_name(j)), "rmdir");
			CHECK_OK(group_make(group_name(j)), "mkdir");
		}
		CHECK_OK(cache_find(&cache), "no cache");
		CHECK_OK(group_set_mask(group_name(j), &cache,
					cache.domain[rand() % cache.num_domains].id,
					1 + rand() % cache.full), "mask");
		if (!(i % 50))
			CHECK_PASS(all_groups_true());
	}
	for (cpu = 1; cpu < MAX_CPUS; cpu++)
		if (away[cpu])
			CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	CHECK_OK(cache_find(&cache), "no cache");
	return all_groups_true();
}

static int test_unmount(void)
{
	CHECK_OK(resctrl_umount(), "umount");
	return truth_open(0, cache.num_closids - 1);
}

static const struct test tests[] = {
	{ "setup", test_setup },
	{ "each CPU leaves and returns", test_single_cpus },
	{ "a cluster leaves and returns", test_cluster },
	{ "changes while a cluster is away", test_change_while_away },
	{ "CPUs leave and return side by side", test_parallel },
	{ "unmount resets", test_unmount },
	{ "no violations", truth_no_violations },
};

static const struct test cycle_tests[] = {
	{ "setup", test_setup },
	{ "cycles of random CPUs", test_cycles },
	{ "unmount resets", test_unmount },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	resctrl_umount();
	if (argc > 1) {
		cycles = atoi(argv[1]);
		run_tests(cycle_tests, ARRAY_SIZE(cycle_tests));
	}
	run_tests(tests, ARRAY_SIZE(tests));
}

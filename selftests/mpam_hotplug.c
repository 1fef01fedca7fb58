// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that go and come back while groups exist: an MSC that lost its state is
 * given all of it back before a task runs there, and domains follow their CPUs.
 *
 *	mpam_hotplug
 *	mpam_hotplug <n>	n random steps, while groups come, change and go
 *	mpam_hotplug groups	a hundred groups, on a machine whose clusters lose
 *				their MSCs' state: what their return costs, too
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
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

#define GROUPS		3
#define MANY_GROUPS	100

/* Accesses to an MSC that comes back, beyond those for what it is configured to */
#define CONSTANT	8
#define PER_MONITOR	5
/* Where that takes long, the poll of the counters may come in between */
#define LOOK		2
/*
 * Where calls can only be counted, the kernel's own calls and wakeups vary by some;
 * one for each PARTID is more
 */
#define OTHER_CALLS	16

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
	const char *answer;
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

/* CPUs go and come back, and some groups change; what these hold is known */
static int one_by_one(void)
{
	bool cpus[MAX_CPUS], away[MAX_CPUS] = {};
	int i, j, cpu, n = cpu_list("present", cpus), gone = 0, back = 0;

	for (i = 0; back < cycles; i++) {
		do {
			cpu = 1 + rand() % (MAX_CPUS - 1);
		} while (!cpus[cpu]);
		if (away[cpu]) {
			CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
			gone--;
			back++;
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

/* Groups that come, change and go whatever CPUs do; a domain may have gone, too */
static int change_groups(void)
{
	struct cache there;
	char name[16];
	int i, j, err;

	for (i = 0; ; i++) {
		snprintf(name, sizeof(name), "churn%d", i % 3);
		err = group_make(name);
		for (j = 0; !err && j < 4 && !cache_find(&there); j++) {
			err = group_set_mask(name, &there,
					     there.domain[rand() % there.num_domains].id,
					     1 + rand() % there.full);
			if (err == -EINVAL)
				err = 0;
		}
		if (!err)
			err = group_remove(name);
		if (err)
			return -err;
	}
}

static int test_cycles(void)
{
	pid_t pid = fork();
	int ret, status;

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(change_groups());
	}
	CHECK(pid > 0, "fork");
	ret = one_by_one();
	CHECK(!waitpid(pid, &status, WNOHANG), "changing groups failed: %s",
	      strerror(WEXITSTATUS(status)));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return ret;
}

/*
 * resctrl reads the counters of each domain once per second, on a CPU of it. After
 * all that, too; others look at them as well, but not that often.
 */
static int test_once_per_second(void)
{
	long looks[MAX_DOMAINS], n;
	int often[MAX_DOMAINS] = { 0 };
	const char *answer;
	int i, slept, least;

	NEED_ORACLE();
	if (!oracle_ask("monitors mbwu %d", cache.domain[0].cpu))
		return KSFT_SKIP;
	for (slept = 0, least = 0; slept < 40 && least < 5; slept++, sleep(1)) {
		for (i = 0, least = INT_MAX; i < cache.num_domains; i++) {
			ORACLE(answer, "looked %d", cache.domain[i].cpu);
			n = atol(answer);
			often[i] += slept && n != looks[i];
			looks[i] = n;
			if (often[i] < least)
				least = often[i];
		}
	}
	for (i = 0; i < cache.num_domains; i++)
		CHECK(often[i] >= 5, "domain %d: counters were read in %d of %d seconds",
		      cache.domain[i].id, often[i], slept);
	return KSFT_PASS;
}

/* A hundred groups, all different, with whatever limits there are */
static int test_many_groups(void)
{
	char buf[64];
	bool mb;
	int i, j;

	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	mb = !group_read("", "info/MB/min_bandwidth", buf, sizeof(buf));
	for (i = 1; i <= MANY_GROUPS; i++) {
		CHECK_OK(group_make(group_name(i)), "mkdir of group %d", i);
		groups_made = i;
		for (j = 0; j < cache.num_domains; j++) {
			CHECK_OK(group_set_mask(group_name(i), &cache, cache.domain[j].id,
						1 + (0x1234567u * i + j) % cache.full), "mask");
			if (mb)
				CHECK_OK(group_write(group_name(i), "schemata", "MB:%d=%d\n",
						     cache.domain[j].id, 10 + i % 90), "MB");
		}
	}
	return all_groups_true();
}

/* Cross-calls, and wakeups, that the others got while a CPU came online */
static int online_calls(int cpu, long *calls)
{
	long before[MAX_CPUS], after[MAX_CPUS];
	int i;

	interrupt_counts("Function call interrupts", before);
	CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	interrupt_counts("Function call interrupts", after);
	for (i = 0, *calls = 0; i < MAX_CPUS; i++)
		if (before[i] >= 0 && after[i] >= 0)
			*calls += after[i] - before[i];
	return KSFT_PASS;
}

/* To the MSC of a CPU: to registers of monitors, and to others */
static int count_accesses(const char *msc, int cpu, long *n, long *looks)
{
	const char *answer, *found;
	char name[80];

	ORACLE(answer, "accessed");
	snprintf(name, sizeof(name), "%s=", msc);
	found = strstr(answer, name);
	CHECK(found, "oracle: %s", answer);
	*n = atol(found + strlen(name));
	ORACLE(answer, "looked %d", cpu);
	*looks = atol(answer);
	return KSFT_PASS;
}

struct price {
	long accesses;		/* to what the MSC is configured to, as the first CPU returns */
	long looks;		/* to its monitors */
	long calls, others;	/* as that does, and as the next one does */
	long asked;		/* other CPUs, by the first one; -1: can't tell */
};

/* Once; and see that all is there before a task is */
static int return_once(const bool *cpus, int first, const char *msc, struct price *p)
{
	const char *answer;
	long before, after, unlooked, looked;
	char thread[32];
	int cpu, i;
	pid_t pid;

	TELL("remember");
	for (cpu = MAX_CPUS - 1; cpu >= 0; cpu--)
		if (cpus[cpu])
			CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
	CHECK_PASS(count_accesses(msc, first, &before, &unlooked));
	TELL("watch-same %d", first);
	pid = stalker(first);
	p->asked = calls_trace() ? -1 : 0;
	CHECK_PASS(online_calls(first, &p->calls));
	snprintf(thread, sizeof(thread), "cpuhp/%d", first);
	if (!p->asked)
		p->asked = calls_by(thread);
	CHECK_PASS(count_accesses(msc, first, &after, &looked));
	p->accesses = after - before;
	p->looks = looked - unlooked;
	for (i = 0; i < 100; i++) {
		ORACLE(answer, "watching");
		if (atoi(answer) > 0)
			break;
		usleep(50000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ORACLE(answer, "watched");
	CHECK(atoi(answer) > 0, "no task was seen on CPU %d", first);
	TELL("same");
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (cpus[cpu] && cpu != first)
			CHECK_PASS(online_calls(cpu, &p->others));
	return KSFT_PASS;
}

/* Where calls can be traced, those to another domain are */
static int check_trace(const struct domain *d)
{
	if (calls_trace())
		return KSFT_PASS;
	CHECK_OK(pin(0, 0), "CPU 0");
	CHECK_OK(group_set_mask("g1", &cache, d->id, 1), "mask");
	CHECK(calls_by("mpam_hotplug") == 1, "a call is not seen, or others are: %ld",
	      calls_by("mpam_hotplug"));
	return KSFT_PASS;
}

/* Others look at the MSC, and interrupt CPUs, now and then: the least counts */
static int test_many_return(void)
{
	struct price least = { LONG_MAX, LONG_MAX, LONG_MAX, LONG_MAX }, p = { 0 };
	bool cpus[MAX_CPUS];
	struct domain *d = other_domain(cpus);
	int first, monitors, i;
	long config;
	const char *answer;
	char msc[64];

	NEED_ORACLE();
	CHECK(d, "every CPU shares one cache");
	CHECK_PASS(check_trace(d));
	CHECK_PASS(truth_msc(cache.level, d->cpu, msc, sizeof(msc)));
	ORACLE(answer, "whole %s", msc);
	CHECK(sscanf(answer, "%ld %d", &config, &monitors) == 2, "oracle: %s", answer);
	for (first = 0; !cpus[first]; first++)
		;
	for (i = 0; i < 2; i++) {
		CHECK_PASS(return_once(cpus, first, msc, &p));
		if (p.accesses < least.accesses)
			least.accesses = p.accesses;
		if (p.looks < least.looks)
			least.looks = p.looks;
		if (p.calls < least.calls)
			least.calls = p.calls;
		if (p.others < least.others)
			least.others = p.others;
	}
	ksft_print_msg("%ld accesses for the %ld that it is configured to, %ld for %d monitors\n",
		       least.accesses, config, least.looks, monitors);
	if (p.asked < 0)
		ksft_print_msg("%ld calls of other CPUs, %ld for a CPU that restores nothing\n",
			       least.calls, least.others);
	else
		ksft_print_msg("%ld calls of other CPUs by the one that restores\n", p.asked);
	CHECK(least.accesses >= config, "that is not all");
	CHECK(least.accesses <= config + CONSTANT, "that is too much");
	CHECK(least.looks <= (PER_MONITOR + LOOK) * monitors, "that is too much for monitors");
	CHECK(p.asked <= 0 && (!p.asked || least.calls <= least.others + OTHER_CALLS),
	      "CPUs were interrupted");
	return KSFT_PASS;
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

static const struct test many_tests[] = {
	{ "a hundred groups", test_many_groups },
	{ "a cluster leaves and returns", test_many_return },
	{ "unmount resets", test_unmount },
	{ "no violations", truth_no_violations },
};

static const struct test cycle_tests[] = {
	{ "setup", test_setup },
	{ "cycles of random CPUs", test_cycles },
	{ "counters are still read once per second", test_once_per_second },
	{ "unmount resets", test_unmount },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	resctrl_umount();
	if (argc > 1 && !strcmp(argv[1], "groups"))
		run_tests(many_tests, ARRAY_SIZE(many_tests));
	if (argc > 1) {
		cycles = atoi(argv[1]);
		run_tests(cycle_tests, ARRAY_SIZE(cycle_tests));
	}
	run_tests(tests, ARRAY_SIZE(tests));
}

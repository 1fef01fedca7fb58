// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that are idle may be powered down, and come back with garbage in the
 * registers that have their labels. Tasks that sleep now and then must find
 * their label when they go on. Only for machines with such an idle state.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define CPUIDLE	"/sys/devices/system/cpu/cpu%d/cpuidle/"
#define ROUNDS	60

static bool online[MAX_CPUS];
static int last_cpu;

/* How often a CPU was in its deepest idle state, which must not be its only one */
static long idle_count(int cpu)
{
	char path[128], buf[32];
	long count = -1;
	int state;

	for (state = 1; state < 10; state++) {
		snprintf(path, sizeof(path), CPUIDLE "state%d/usage", cpu, state);
		if (file_read(path, buf, sizeof(buf)))
			break;
		count = atol(buf);
	}
	return count;
}

/* Works for a while in user mode, sleeps for a while, until it is killed. */
static pid_t task_napper(const char *group, int cpu)
{
	pid_t pid = fork();
	long long end;

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (1) {
			for (end = now_us() + 3000; now_us() < end;)
				;
			usleep(2000);
		}
	}
	if (pid > 0 && (pin(pid, cpu) || group_write(group, "tasks", "%d\n", pid))) {
		task_stop(pid);
		return -1;
	}
	return pid;
}

/*
 * On CPU 1 and up, as CPU 0 serves interrupts: a napper of each of these
 * groups in turn, which is to be seen with this label. Each CPU must have been
 * off meanwhile, many times.
 */
static int nap(const char * const *groups, const int *partids, int ngroups)
{
	long before[MAX_CPUS];
	pid_t pids[MAX_CPUS];
	const char *answer, *p;
	int cpu, n = 0, i, ret = KSFT_PASS, user, kernel;

	ORACLE(answer, "forget");
	for (cpu = 1; cpu <= last_cpu; cpu++, n++) {
		pids[n] = task_napper(groups[n % ngroups], cpu);
		CHECK(pids[n] > 0, "no task on CPU %d", cpu);
		ORACLE(answer, "expect %d %d 0", pids[n], partids[n % ngroups]);
		before[n] = idle_count(cpu);
	}
	answer = oracle_ask("sample %d", ROUNDS);
	for (i = 0; i < n; i++)
		task_stop(pids[i]);
	CHECK(answer, "oracle: %s", oracle_error());
	for (p = answer; (p = strchr(p, ':')); p++) {
		CHECK(sscanf(p, ":%d/%d", &user, &kernel) == 2, "%s", answer);
		CHECK(user > 0, "a task was never seen in user mode: %s", answer);
	}
	for (i = 0; i < n; i++)
		CHECK(idle_count(i + 1) - before[i] >= 10, "CPU %d was off %ld times only", i + 1,
		      idle_count(i + 1) - before[i]);
	return ret;
}

static int test_setup(void)
{
	int cpu;

	cpu_list("online", online);
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (online[cpu])
			last_cpu = cpu;
	for (cpu = 0; cpu <= last_cpu; cpu++)
		CHECK(idle_count(cpu) >= 0, "CPU %d has no idle state but WFI", cpu);
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(group_make("a"), "mkdir a");
	CHECK_OK(group_make("b"), "mkdir b");
	return KSFT_PASS;
}

static int test_task_groups(void)
{
	const char * const groups[] = { "a", "b" };
	const int partids[] = { group_partid("a"), group_partid("b") };

	NEED_ORACLE();
	return nap(groups, partids, 2);
}

static int test_default(void)
{
	const char * const groups[] = { "" };
	const int partids[] = { 0 };

	NEED_ORACLE();
	return nap(groups, partids, 1);
}

static int test_cpu_group(void)
{
	const char * const groups[] = { "" };
	const int partids[] = { group_partid("a") };
	int ret;

	NEED_ORACLE();
	CHECK_OK(group_write("a", "cpus_list", "1-%d\n", last_cpu), "cpus_list");
	ret = nap(groups, partids, 1);
	CHECK_OK(group_write("a", "cpus_list", "\n"), "give the CPUs back");
	return ret;
}

/*
 * Without labels to hand out, CPUs must not keep the garbage either. They may
 * have it for a moment, until the kernel gets to know that they are back.
 */
static int test_unmounted(void)
{
	const char *answer;
	int i, try;

	NEED_ORACLE();
	CHECK_OK(resctrl_umount(), "umount");
	for (i = 0; i < 10; i++) {
		for (try = 0; try < 5; try++) {
			usleep(20000);
			ORACLE(answer, "label %d", last_cpu);
			if (strstr(answer, "powered=0") || strstr(answer, "data=0,0 insn=0,0"))
				break;
		}
		CHECK(try < 5, "%s", answer);
	}
	return KSFT_PASS;
}

static const struct test tests[] = {
	{ "idle states that lose registers", test_setup },
	{ "tasks of groups find their labels after idle", test_task_groups },
	{ "tasks of the default group find theirs", test_default },
	{ "or that of their CPU's group", test_cpu_group },
	{ "without groups there is PARTID 0", test_unmounted },
	{ "no violations", truth_no_violations },
};

int main(void)
{
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

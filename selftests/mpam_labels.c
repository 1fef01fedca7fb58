// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which label a CPU carries while it runs a task: that of the task's group, or
 * for tasks of the default group that of the CPU's group. The oracle stops the
 * machine at random moments and looks at each CPU.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <asm/hwcap.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define ROUNDS	40

/* How often it is looked again for a task that did not get to run meanwhile */
#define LOOKS	20

static bool online[MAX_CPUS];
static int last_cpu;
static int seen_user, seen_kernel;

/*
 * Each of the expected tasks must be seen; where, is up to chance. So is when,
 * if the machine has many CPUs and is slow.
 */
static int look(int rounds)
{
	bool seen[MAX_CPUS] = { false }, all = false;
	int user, kernel, looks, i;
	const char *answer, *p;

	for (looks = 0; looks < LOOKS && !all; looks++) {
		ORACLE(answer, "sample %d", rounds);
		all = true;
		for (p = answer, i = 0; (p = strchr(p, ':')); p++, i++) {
			CHECK(i < MAX_CPUS && sscanf(p, ":%d/%d", &user, &kernel) == 2, "%s",
			      answer);
			seen[i] |= user + kernel > 0;
			all &= seen[i];
			seen_user += user;
			seen_kernel += kernel;
		}
	}
	CHECK(all, "a task was never seen: %s", answer);
	return KSFT_PASS;
}

/* Both of a task's lives were looked at. */
static int test_seen_everywhere(void)
{
	NEED_ORACLE();
	ksft_print_msg("%d samples in user mode, %d in the kernel\n", seen_user, seen_kernel);
	CHECK(seen_user > 20 && seen_kernel > 20, "too few samples");
	return KSFT_PASS;
}

static int expect_label(pid_t pid, int partid)
{
	TELL("expect %d %d %d", pid, partid, closid_pmg(partid));
	return KSFT_PASS;
}

static int forget(void)
{
	TELL("forget");
	return KSFT_PASS;
}

static int test_setup(void)
{
	int cpu;

	cpu_list("online", online);
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (online[cpu])
			last_cpu = cpu;
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(group_make("a"), "mkdir a");
	CHECK_OK(group_make("b"), "mkdir b");
	return KSFT_PASS;
}

static int test_every_cpu(void)
{
	pid_t pids[MAX_CPUS];
	int cpu, n = 0, i, ret, step = last_cpu > 15 ? last_cpu / 8 : 1;

	NEED_ORACLE();
	CHECK_PASS(forget());
	for (cpu = 1; cpu <= last_cpu; cpu += step) {
		const char *group = n & 1 ? "a" : "b";

		pids[n] = task_spinner(group, cpu);
		CHECK(pids[n] > 0, "no task on CPU %d", cpu);
		CHECK_PASS(expect_label(pids[n++], group_partid(group)));
	}
	ret = look(ROUNDS);
	for (i = 0; i < n; i++)
		task_stop(pids[i]);
	return ret;
}

/* The default group's tasks carry PARTID 0 where the CPU has no group. */
static int test_default(void)
{
	pid_t pid;
	int ret;

	NEED_ORACLE();
	pid = task_spinner("", last_cpu);
	CHECK(pid > 0, "no task");
	CHECK_PASS(forget());
	CHECK_PASS(expect_label(pid, 0));
	ret = look(ROUNDS / 4);
	task_stop(pid);
	return ret;
}

static int test_switch_groups(void)
{
	static const char * const groups[] = { "a", "b", "", "b", "a" };
	pid_t pid;
	int i, ret = KSFT_PASS;

	NEED_ORACLE();
	pid = task_spinner("b", last_cpu);
	CHECK(pid > 0, "no task");
	for (i = 0; i < 10 && ret == KSFT_PASS; i++) {
		const char *group = groups[i % 5];

		CHECK_PASS(forget());
		CHECK_OK(group_write(group, "tasks", "%d\n", pid), "move to '%s'", group);
		CHECK_PASS(expect_label(pid, group_partid(group)));
		ret = look(5);
	}
	task_stop(pid);
	return ret;
}

/* Three tasks of three groups take turns on one CPU. */
static int test_share_cpu(void)
{
	static const char * const groups[] = { "a", "b", "" };
	pid_t pids[3];
	int i, ret;

	NEED_ORACLE();
	CHECK_PASS(forget());
	for (i = 0; i < 3; i++) {
		pids[i] = task_spinner(groups[i], last_cpu);
		CHECK(pids[i] > 0, "no task");
		CHECK_PASS(expect_label(pids[i], group_partid(groups[i])));
	}
	ret = look(ROUNDS * 3);
	for (i = 0; i < 3; i++)
		task_stop(pids[i]);
	return ret;
}

static int test_cpu_group(void)
{
	pid_t in_default, in_b;
	int ret;

	NEED_ORACLE();
	in_default = task_spinner("", last_cpu);
	in_b = task_spinner("b", last_cpu);
	CHECK(in_default > 0 && in_b > 0, "no tasks");
	CHECK_OK(group_write("a", "cpus_list", "%d\n", last_cpu), "cpus_list");
	CHECK_PASS(forget());
	CHECK_PASS(expect_label(in_default, group_partid("a")));
	CHECK_PASS(expect_label(in_b, group_partid("b")));
	ret = look(ROUNDS * 2);

	CHECK_OK(group_write("a", "cpus_list", "\n"), "give the CPU back");
	CHECK_PASS(forget());
	CHECK_PASS(expect_label(in_default, 0));
	CHECK_PASS(expect_label(in_b, group_partid("b")));
	if (ret == KSFT_PASS)
		ret = look(ROUNDS * 2);
	task_stop(in_default);
	task_stop(in_b);
	return ret;
}

/* A child that forks, and one that starts another program, stay in the group. */
static int test_inherit(void)
{
	int fds[2], ret, n = 0;
	pid_t pids[2], child;
	char fd_text[16];

	NEED_ORACLE();
	CHECK(!pipe(fds), "pipe");
	child = fork();
	if (!child) {
		pid_t pid;

		snprintf(fd_text, sizeof(fd_text), "%d", fds[1]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (group_write("a", "tasks", "0\n"))
			_exit(1);
		pid = fork();
		if (!pid) {
			pid = getpid();
			if (write(fds[1], &pid, sizeof(pid)) != sizeof(pid))
				_exit(1);
			task_spin();
		}
		execl("/proc/self/exe", "mpam_labels", "spin", fd_text, NULL);
		_exit(1);
	}
	close(fds[1]);
	CHECK_PASS(forget());
	while (n < 2 && read(fds[0], &pids[n], sizeof(pid_t)) == sizeof(pid_t)) {
		CHECK(group_lists("a", "tasks", pids[n]), "pid %d is not in the group", pids[n]);
		CHECK_PASS(expect_label(pids[n++], group_partid("a")));
	}
	CHECK(n == 2, "a child failed");
	ret = look(ROUNDS);
	kill(pids[0], SIGKILL);
	kill(pids[1], SIGKILL);
	waitpid(child, NULL, 0);
	close(fds[0]);
	return ret;
}

/* The thread of a process's name, or 0. */
static pid_t find_task(const char *name)
{
	char path[280], comm[64];
	DIR *dir = opendir("/proc");
	struct dirent *d;
	pid_t pid = 0;

	while (dir && !pid && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", d->d_name);
		if (!file_read(path, comm, sizeof(comm)) && strstr(comm, name))
			pid = atoi(d->d_name);
	}
	if (dir)
		closedir(dir);
	return pid;
}

/*
 * With threadirqs the console's interrupt is handled by a kernel thread, which
 * has much to do while somebody types at it.
 */
static int sample_busy_thread(pid_t thread)
{
	const char *answer, *p;
	int tty = open("/dev/ttyAMA0", O_RDONLY | O_NOCTTY);
	struct termios t;

	/* An echo would be more work for others than for the thread. */
	CHECK(tty >= 0 && !tcgetattr(tty, &t), "console");
	t.c_lflag &= ~(ECHO | ICANON | ISIG);
	CHECK(!tcsetattr(tty, TCSANOW, &t), "console");
	ORACLE(answer, "chatter on");
	answer = oracle_ask("sample %d", ROUNDS * 3);
	oracle_ask("chatter off");
	tcflush(tty, TCIFLUSH);
	close(tty);
	CHECK(answer, "%s", oracle_error());
	p = strchr(answer, '/');
	CHECK(p && atoi(p + 1) > 0, "pid %d was never seen: %s", thread, answer);
	return KSFT_PASS;
}

static int test_kernel_thread(void)
{
	static const char * const groups[] = { "a", "b", "" };
	pid_t thread = find_task("uart-pl011");
	int i;

	NEED_ORACLE();
	if (!thread) {
		ksft_print_msg("no interrupt thread to look at: needs threadirqs\n");
		return KSFT_SKIP;
	}
	for (i = 0; i < 3; i++) {
		CHECK_OK(group_write(groups[i], "tasks", "%d\n", thread), "move a kernel thread");
		CHECK_PASS(forget());
		CHECK_PASS(expect_label(thread, group_partid(groups[i])));
		CHECK_PASS(sample_busy_thread(thread));
	}
	return KSFT_PASS;
}

static int label_writes(int cpu, long *n)
{
	const char *answer;

	ORACLE(answer, "writes %d", cpu);
	*n = atol(answer);
	return KSFT_PASS;
}

/*
 * The label of accesses in streaming mode has a register of its own where there
 * is SME, and is compared in each sample once it has been written.
 */
static int test_streaming(void)
{
	long mpam0, mpam1, mpamsm;
	const char *answer;

	NEED_ORACLE();
	ORACLE(answer, "writes %d", last_cpu);
	CHECK(sscanf(answer, "%ld %ld %ld", &mpam0, &mpam1, &mpamsm) == 3, "%s", answer);
	CHECK(mpam0 > ROUNDS, "the label was written %ld times", mpam0);
	if (!(getauxval(AT_HWCAP2) & HWCAP2_SME)) {
		ksft_print_msg("no SME\n");
		return KSFT_SKIP;
	}
	CHECK(mpamsm >= mpam0 - 2, "%ld writes of MPAM0_EL1, but %ld of MPAMSM_EL1", mpam0,
	      mpamsm);
	return KSFT_PASS;
}

/*
 * Two tasks of one group take turns: no switch between them changes the label.
 * Others may run in between, but not each time, not even in a slow emulator.
 */
static int test_same_label_is_free(void)
{
	long before, after, least = LONG_MAX, switches = 200;
	int to[2], from[2], i, try;
	pid_t pid;
	char c = 0;

	NEED_ORACLE();
	CHECK(!pipe(to) && !pipe(from), "pipe");
	CHECK_OK(group_write("a", "tasks", "0\n"), "join");
	CHECK_OK(pin(0, last_cpu), "pin");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (read(to[0], &c, 1) == 1 && write(from[1], &c, 1) == 1)
			;
		_exit(0);
	}
	for (try = 0; try < 5 && least >= switches / 2; try++) {
		CHECK_PASS(label_writes(last_cpu, &before));
		for (i = 0; i < switches; i++)
			CHECK(write(to[1], &c, 1) == 1 && read(from[0], &c, 1) == 1, "ping");
		CHECK_PASS(label_writes(last_cpu, &after));
		if (after - before < least)
			least = after - before;
	}
	task_stop(pid);
	CHECK_OK(group_write("", "tasks", "0\n"), "leave");
	CHECK(least < switches / 2, "%ld label writes in %ld switches", least, 2 * switches);
	return KSFT_PASS;
}

static int test_group_removed(void)
{
	pid_t pid;
	int ret;

	NEED_ORACLE();
	pid = task_spinner("b", last_cpu);
	CHECK(pid > 0, "no task");
	CHECK_OK(group_remove("b"), "rmdir");
	CHECK_PASS(forget());
	CHECK_PASS(expect_label(pid, 0));
	ret = look(ROUNDS / 4);
	task_stop(pid);
	return ret;
}

#define MAX_FORKS	256

/* What a process that forks shares with the test */
struct forker {
	atomic_bool stop;		/* set by the test: fork no more */
	atomic_bool stopped;
	atomic_bool end;		/* set by the test: have all children gone */
	atomic_int n;
	pid_t pid[MAX_FORKS];
};

/* Forks until it is told to stop. The children wait for their end. */
static void keep_forking(struct forker *f)
{
	pid_t pid;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!f->stop && f->n < MAX_FORKS) {
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			while (1)
				pause();
		}
		if (pid < 0)
			break;
		f->pid[f->n++] = pid;
	}
	f->stopped = true;
	while (!f->end)
		usleep(1000);
	for (i = 0; i < f->n; i++)
		kill(f->pid[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	_exit(0);
}

static int fork_while_removed(struct forker *f)
{
	pid_t pid;
	int i;

	memset(f, 0, sizeof(*f));
	CHECK_OK(group_make("f"), "mkdir");
	pid = fork();
	if (!pid)
		keep_forking(f);
	CHECK(pid > 0, "fork");
	CHECK_OK(pin(pid, last_cpu), "pin");
	CHECK_OK(group_write("f", "tasks", "%d\n", pid), "move");
	while (f->n < 3 && !f->stopped)
		usleep(500);
	usleep(rand() % 1000);
	CHECK_OK(group_remove("f"), "rmdir");
	f->stop = true;
	while (!f->stopped)
		usleep(500);
	for (i = 0; i < f->n; i++)
		CHECK(group_lists("", "tasks", f->pid[i]),
		      "child %d of %d, pid %d, is not in the default group", i, f->n, f->pid[i]);
	f->end = true;
	waitpid(pid, NULL, 0);
	return KSFT_PASS;
}

/*
 * A child that is being made while its group is removed is not in the task list
 * yet. It must not keep the label of a group that is gone.
 */
static int test_fork_and_remove(void)
{
	struct forker *f;
	int i;

	f = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(f != MAP_FAILED, "memory");
	for (i = 0; i < 12; i++)
		CHECK_PASS(fork_while_removed(f));
	munmap(f, sizeof(*f));
	return KSFT_PASS;
}

/*
 * A CPU that comes back belongs to no group, from its first instruction on: the
 * group that it belonged to may be gone, and its PARTID another group's.
 */
static int test_cpu_returns(void)
{
	int i;

	NEED_ORACLE();
	for (i = 0; i < 6; i++) {
		CHECK_OK(group_make("c"), "mkdir");
		CHECK_OK(group_write("c", "cpus_list", "%d\n", last_cpu), "cpus_list");
		CHECK_OK(cpu_offline(last_cpu), "offline");
		TELL("dead %d %d", last_cpu, group_partid("c"));
		CHECK_OK(group_remove("c"), "rmdir");
		CHECK_OK(cpu_online(last_cpu), "online");
		TELL("alive");
	}
	return KSFT_PASS;
}

static int test_unmount(void)
{
	pid_t pid = task_spinner("a", last_cpu);
	int ret;

	CHECK(pid > 0, "no task");
	CHECK_OK(resctrl_umount(), "umount");
	NEED_ORACLE();
	CHECK_PASS(forget());
	CHECK_PASS(expect_label(pid, 0));
	ret = look(ROUNDS / 4);
	task_stop(pid);
	CHECK_PASS(forget());
	return ret;
}

static const struct test tests[] = {
	{ "setup", test_setup },
	{ "a task of a group on every CPU", test_every_cpu },
	{ "a task of the default group", test_default },
	{ "a running task is moved", test_switch_groups },
	{ "tasks of three groups share a CPU", test_share_cpu },
	{ "a CPU's group is the default group's label there", test_cpu_group },
	{ "fork and exec inherit", test_inherit },
	{ "a kernel thread", test_kernel_thread },
	{ "no writes between tasks of one group", test_same_label_is_free },
	{ "rmdir sends tasks to the default group", test_group_removed },
	{ "no child of a removed group is left behind", test_fork_and_remove },
	{ "a CPU that returns is in no group", test_cpu_returns },
	{ "unmount sends tasks to the default group", test_unmount },
	{ "labels of streaming mode", test_streaming },
	{ "tasks were seen in user mode and in the kernel", test_seen_everywhere },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "spin")) {
		pid_t pid = getpid();

		if (write(atoi(argv[2]), &pid, sizeof(pid)) != sizeof(pid))
			return 1;
		task_spin();
	}
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

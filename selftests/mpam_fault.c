// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSCs that complain, that complain too much, and that break while in use.
 *
 *	mpam_fault		all of that, until nothing is left of MPAM, on a
 *				machine that has an L3 and L2s with MSCs
 *	mpam_fault end		the same machine, just the end
 *	mpam_fault hear		each MSC has an error
 *	mpam_fault mounts	the end, while it is mounted again and again
 *	mpam_fault stuck	an MSC interrupts without an error
 *	mpam_fault patience	monitors of an MSC may be busy for an hour, says
 *				firmware, and are; MPAM ends meanwhile
 *	mpam_fault leave	leaves groups, limits, tasks that run with them, and
 *				some that go on using resctrl, to whoever powers the
 *				machine off
 *	mpam_fault leave parked	the same, and an L2 whose MSC is bad
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define DEBUGFS		"/sys/kernel/debug/mpam"
#define MAX_MSCS	64

static struct cache l3;
static char msc[MAX_MSCS][64], l2_msc[64], l2_other[64], l3_msc[64];
static int num_mscs, l2_id = -1;
static pid_t hammers[12];

/* The id of the first cache in a line of schemata, or a negative errno. */
static int first_id(const char *level)
{
	char text[4096], *p;
	int err = group_read("", "schemata", text, sizeof(text));

	if (err)
		return err;
	p = strstr(text, level);
	return p ? atoi(p + strlen(level)) : -ENOENT;
}

static int ask_mscs(void)
{
	static char names[4096];
	char *name, *save;
	const char *answer;

	ORACLE(answer, "mscs");
	snprintf(names, sizeof(names), "%s", answer);
	for (name = strtok_r(names, " ", &save); name && num_mscs < MAX_MSCS;
	     name = strtok_r(NULL, " ", &save))
		snprintf(msc[num_mscs++], sizeof(msc[0]), "%s", name);

	CHECK_PASS(truth_msc(3, 0, l3_msc, sizeof(l3_msc)));
	if (l2_id < 0)
		return KSFT_PASS;
	CHECK_PASS(truth_msc(2, 0, l2_msc, sizeof(l2_msc)));
	return truth_msc(2, 3, l2_other, sizeof(l2_other));
}

/* For how many MSCs this file of debugfs has that text. */
static int count_states(const char *file, const char *what)
{
	char path[300], text[2048];
	DIR *dir = opendir(DEBUGFS);
	struct dirent *d;
	int n = 0;

	while (dir && (d = readdir(dir))) {
		snprintf(path, sizeof(path), DEBUGFS "/%s/%s", d->d_name, file);
		if (d->d_name[0] == '.' || file_read(path, text, sizeof(text)))
			continue;
		n += !!strstr(text, what);
	}
	if (dir)
		closedir(dir);
	return n;
}

static int test_setup(void)
{
	NEED_ORACLE();
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&l3), "no cache");
	CHECK(l3.level == 3, "the first cache is %s", l3.name);
	l2_id = first_id("L2:");
	CHECK(l2_id >= 0, "there is no L2");
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_OK(group_set_mask("a", &l3, l3.domain[0].id, 0xf0), "L3");
	CHECK_OK(group_write("a", "schemata", "L2:%d=3\n", l2_id), "L2");
	CHECK_PASS(ask_mscs());
	CHECK(count_states("state", "live") == num_mscs, "%d of %d MSCs are live",
	      count_states("state", "live"), num_mscs);
	return truth_schemata(&l3, "a");
}

static int test_features(void)
{
	char text[4096];

	CHECK_OK(file_read(DEBUGFS "/features", text, sizeof(text)), "features");
	CHECK(strstr(text, "L3 cache CPBM: exposed as L3"), "%s", text);
	CHECK(strstr(text, "L2 cache CPBM: exposed as L2"), "%s", text);
	CHECK(count_states("ris0/features", "CPBM: 8 bits") == num_mscs - 1, "features of RIS");
	CHECK(count_states("ris0/class", "L3 cache") == 1, "class of RIS");
	CHECK(count_states("ris0/config", "CPBM=0xf0") == 1, "config of RIS");
	return KSFT_PASS;
}

static int test_armed(void)
{
	const char *answer;
	int i;

	for (i = 0; i < num_mscs; i++) {
		ORACLE(answer, "ecr %s", msc[i]);
		CHECK(!strcmp(answer, "1"), "%s may not interrupt", msc[i]);
	}
	CHECK(count_states("errors", "in use") == num_mscs, "debugfs: %d are in use",
	      count_states("errors", "in use"));
	return KSFT_PASS;
}

/* How many errors of a kind there were, over all MSCs, as debugfs has it */
static int count_errors(const char *name)
{
	char path[300], text[2048], *p;
	DIR *dir = opendir(DEBUGFS);
	struct dirent *d;
	int n = 0;

	while (dir && (d = readdir(dir))) {
		snprintf(path, sizeof(path), DEBUGFS "/%s/errors", d->d_name);
		if (d->d_name[0] == '.' || file_read(path, text, sizeof(text)))
			continue;
		p = strstr(text, name);
		n += p ? atoi(p + strlen(name) + 2) : 0;
	}
	if (dir)
		closedir(dir);
	return n;
}

/* Until debugfs has counted so many; how many it has */
static int wait_for_errors(const char *name, int n)
{
	int i;

	for (i = 0; i < 100 && count_errors(name) < n; i++)
		usleep(20000);
	return count_errors(name);
}

/*
 * A device with a label out of range is none of the MSC's faults. An MSC has
 * room for one error: the next comes when that one was taken.
 */
static int test_reported(void)
{
	int i, n;

	for (i = 1; i <= 5; i++) {
		TELL("inject inject-error %s code=2 partid=999 pmg=3", l3_msc);
		n = wait_for_errors("2 Req_PARTID_Range", i);
		CHECK(n == i, "%d errors were counted, not %d", n, i);
	}
	CHECK(log_count("error 2 (Req_PARTID_Range)") == 1, "%d lines in the log",
	      log_count("error 2 (Req_PARTID_Range)"));
	CHECK(log_count("PARTID 999, PMG 3") == 1, "the log does not say which label");
	CHECK(!log_count("others before it"), "the log tells of errors that were lost");
	CHECK(count_states("state", "live") == num_mscs, "an MSC is not live");
	CHECK(log_count("this MSC is not used") == 0, "an MSC was given up");
	return truth_schemata(&l3, "a");
}

/* Of several that come before anybody looks, the last is left, and it tells */
static int test_burst(void)
{
	int n = count_errors("2 Req_PARTID_Range");

	TELL("burst 4 inject-error %s code=2 partid=998 pmg=2", l2_msc);
	CHECK(log_wait("PARTID 998, PMG 2; others before it") == 1,
	      "the log does not tell of errors that were lost");
	n = count_errors("2 Req_PARTID_Range") - n;
	CHECK(n == 1, "%d errors were counted", n);
	CHECK(count_states("state", "live") == num_mscs, "an MSC is not live");
	return truth_schemata(&l3, "a");
}

/* On each CPU, a task that a timer is to wake up every 100 ms: how late it ever was */
#define TIMER_US	100000

static atomic_llong *lateness;
static pid_t sleepers[MAX_CPUS];

static void sleeper(int cpu)
{
	long long due = now_us(), late;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin(0, cpu);
	while (1) {
		struct timespec at;

		due += TIMER_US;
		at.tv_sec = due / 1000000;
		at.tv_nsec = due % 1000000 * 1000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		late = now_us() - due;
		if (late > *lateness)
			*lateness = late;
		/* Each delay counts once, not for the timers that it has held up, too */
		due += late / TIMER_US * TIMER_US;
	}
}

static int start_sleepers(void)
{
	bool on[MAX_CPUS];
	int cpu;

	lateness = mmap(NULL, sizeof(*lateness), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(lateness != MAP_FAILED, "mmap");
	cpu_list("online", on);
	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!on[cpu])
			continue;
		sleepers[cpu] = fork();
		if (!sleepers[cpu])
			sleeper(cpu);
		CHECK(sleepers[cpu] > 0, "fork");
	}
	return KSFT_PASS;
}

static void stop_sleepers(void)
{
	int cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (sleepers[cpu])
			task_stop(sleepers[cpu]);
		sleepers[cpu] = 0;
	}
	munmap((void *)lateness, sizeof(*lateness));
}

/* The worst of it since the last call, which ends with a timer that has gone off */
static long long worst_lateness(void)
{
	usleep(2 * TIMER_US);
	return atomic_exchange(lateness, 0);
}

/* The same where nothing happens. The log is looked at all the time, too. */
static long long idle_lateness(void)
{
	long long end = now_us() + 1500000;

	worst_lateness();
	while (now_us() < end) {
		log_count("nothing");
		usleep(50000);
	}
	return worst_lateness();
}

/*
 * Timers may be 20 ms late, and what an emulator has that is busy with other things
 * at any time: how much that is shows if one waits for it.
 */
static int was_in_time(long long late, long long idle)
{
	int i;

	for (i = 0; i < 20 && late > 20000 + idle; i++) {
		long long again = idle_lateness();

		if (again > idle)
			idle = again;
	}
	CHECK(late <= 20000 + idle, "a timer was %lld us late; without, %lld", late, idle);
	ksft_print_msg("timers were up to %lld us late; without, %lld\n", late, idle);
	return KSFT_PASS;
}

static int ask_raised(const char *name, int *times, int *errors)
{
	const char *answer;

	ORACLE(answer, "raised %s", name);
	CHECK(sscanf(answer, "%d %d", times, errors) == 2, "%s", answer);
	return KSFT_PASS;
}

/*
 * 10,000 errors per second. An emulator that is busy may take some time to make a
 * storm of it: up to 100 in a second are none.
 */
static int test_storm(void)
{
	int before, after, muted, errors, more;
	long long idle, late, start, took;
	const char *answer;

	CHECK_PASS(start_sleepers());
	idle = idle_lateness();
	CHECK_PASS(ask_raised(l2_other, &before, &errors));
	start = now_us();
	TELL("inject inject-storm %s interrupt=error period-ns=100000 code=2", l2_other);
	log_wait("its error interrupt is switched off");
	took = now_us() - start;
	CHECK_PASS(ask_raised(l2_other, &muted, &errors));
	late = worst_lateness();
	CHECK_PASS(ask_raised(l2_other, &after, &more));
	TELL("inject inject-storm %s interrupt=error period-ns=0", l2_other);
	CHECK(log_count("its error interrupt is switched off") == 1, "it was not muted");
	CHECK(count_states("errors", "switched off") == 1, "debugfs does not tell");
	ORACLE(answer, "ecr %s", l2_other);
	CHECK(!strcmp(answer, "0"), "it may still interrupt");
	CHECK(muted - before <= 101 * (took / 1000000 + 2),
	      "it had interrupted %d times in %lld us", muted - before, took);
	CHECK(after == muted && more > errors, "%d more errors, %d interrupts after it was muted",
	      more - errors, after - muted);
	CHECK_PASS(was_in_time(late, idle));
	stop_sleepers();
	CHECK(count_states("state", "live") == num_mscs, "an MSC is not live");
	return truth_schemata(&l3, "a");
}

/* Each MSC that has power is heard, once */
static int hear_each(void)
{
	int i, seen, n = count_errors("Req_PMG_Range");
	const char *answer;

	for (i = 0; i < num_mscs; i++) {
		ORACLE(answer, "cycles %s", msc[i]);
		if (!strcmp(strchr(answer, ' '), " 0"))
			continue;
		ORACLE(answer, "inject inject-error %s code=4 partid=1 pmg=77", msc[i]);
		n++;
		seen = wait_for_errors("Req_PMG_Range", n);
		CHECK(seen == n, "%s: there were %d errors, not %d", msc[i], seen, n);
	}
	return KSFT_PASS;
}

static int test_hear_each(void)
{
	NEED_ORACLE();
	CHECK_PASS(ask_mscs());
	CHECK(count_states("errors", "in use") == num_mscs, "%d of %d are in use",
	      count_states("errors", "in use"), num_mscs);
	return hear_each();
}

/* Without any one CPU, without more and more of them, and when they come back */
static int test_hear_with_fewer(void)
{
	bool present[MAX_CPUS];
	int cpu;

	NEED_ORACLE();
	cpu_list("present", present);
	for (cpu = 1; cpu < MAX_CPUS; cpu++) {
		if (!present[cpu])
			continue;
		CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
		CHECK_PASS(hear_each());
		CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	}
	for (cpu = MAX_CPUS - 1; cpu; cpu--) {
		if (!present[cpu])
			continue;
		CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
		CHECK_PASS(hear_each());
	}
	for (cpu = MAX_CPUS - 1; cpu; cpu--) {
		if (!present[cpu])
			continue;
		CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
		CHECK_PASS(hear_each());
	}
	return KSFT_PASS;
}

/* An MSC that interrupts, but does not say why */
static int test_stuck_line(void)
{
	long long late, idle;

	NEED_ORACLE();
	CHECK_PASS(ask_mscs());
	CHECK_PASS(start_sleepers());
	idle = idle_lateness();
	TELL("inject inject-register %s register=ESR fault=zeroes", l3_msc);
	TELL("inject inject-error %s code=2", l3_msc);
	CHECK(log_wait("can't be silenced") == 1, "%d lines about the line",
	      log_count("can't be silenced"));
	late = worst_lateness();
	CHECK_PASS(was_in_time(late, idle));
	stop_sleepers();
	CHECK(count_states("state", "live") == num_mscs, "an MSC is not live");
	/* Take the error back; the first time, it says that another one is lost */
	TELL("inject inject-register %s register=ESR fault=none", l3_msc);
	TELL("inject inject-error %s code=0", l3_msc);
	TELL("inject inject-error %s code=0", l3_msc);
	return KSFT_PASS;
}

/* The PPI that all share is switched off where it came, until the MSC comes up anew */
static int test_heard_again(void)
{
	char stuck[sizeof(msc[0])];
	int cpu;

	NEED_ORACLE();
	CHECK_PASS(ask_mscs());
	CHECK_PASS(truth_msc(3, 3, stuck, sizeof(stuck)));
	TELL("inject inject-register %s register=ESR fault=zeroes", stuck);
	TELL("inject inject-error %s code=2", stuck);
	CHECK(log_wait("can't be silenced"), "it is listened to all the time");
	TELL("inject inject-register %s register=ESR fault=none", stuck);
	TELL("inject inject-error %s code=0", stuck);
	TELL("inject inject-error %s code=0", stuck);
	for (cpu = 2; cpu <= 3; cpu++)
		CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
	for (cpu = 2; cpu <= 3; cpu++)
		CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	return hear_each();
}

/* People who use resctrl all the time, whatever happens to it */
static void hammer(int i)
{
	char name[16];
	unsigned int n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(name, sizeof(name), "h%d", i);
	for (n = 0;; n++) {
		switch (i) {
		case 0:
			group_write("a", "schemata", "L3:%d=%x\n", l3.domain[0].id, 1 << (n % 8));
			group_write("a", "schemata", "L2:%d=%x\n", l2_id, 1 << (n % 8));
			break;
		case 2:
			cpu_offline(3);
			cpu_online(3);
			break;
		case 3:
			if (!resctrl_mount())
				resctrl_umount();
			break;
		default:
			group_make(name);
			group_write(name, "tasks", "%d\n", getpid());
			group_remove(name);
			break;
		}
	}
}

static void start_hammers(int first, int n)
{
	int i;

	for (i = first; i < n; i++) {
		hammers[i] = fork();
		if (!hammers[i])
			hammer(i);
	}
}

static void stop_hammers(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hammers); i++) {
		if (hammers[i] <= 0)
			continue;
		kill(hammers[i], SIGKILL);
		waitpid(hammers[i], NULL, 0);
		hammers[i] = 0;
	}
	cpu_online(3);
}

/* One MSC of the L2 does not have the RIS any more. The L3 goes on. */
static int test_park(void)
{
	const char *answer;
	char text[256];

	start_hammers(0, 3);
	usleep(300000);
	ORACLE(answer, "inject inject-error %s code=8 partid=1", l2_msc);
	/* Nobody hears the second one. It is taken back in two steps */
	ORACLE(answer, "inject inject-error %s code=9 partid=1", l2_msc);
	ORACLE(answer, "inject inject-error %s code=0", l2_msc);
	ORACLE(answer, "inject inject-error %s code=0", l2_msc);
	CHECK(log_wait("this MSC is not used: it lacks a RIS") == 1, "it was not given up");
	usleep(300000);
	stop_hammers();

	CHECK(log_count("this MSC is not used") == 1, "%d were given up",
	      log_count("this MSC is not used"));
	CHECK(!log_count("is switched off: "), "MPAM is off");
	CHECK(count_states("state", "parked: ") == 1, "debugfs does not tell");
	CHECK(count_states("ris0/class", "degraded") == num_mscs - 1, "debugfs: %d are degraded",
	      count_states("ris0/class", "degraded"));
	ORACLE(answer, "ecr %s", l2_msc);
	CHECK(!strcmp(answer, "0"), "it may still interrupt");

	/* One of them may be what it has */
	CHECK(group_write("a", "schemata", "L2:%d=80\n", l2_id) == -EIO ||
	      group_write("a", "schemata", "L2:%d=40\n", l2_id) == -EIO,
	      "a mask of the L2 was not refused");
	CHECK_OK(file_read(RESCTRL "/info/last_cmd_status", text, sizeof(text)), "status");
	CHECK(strcmp(text, "ok"), "last_cmd_status is '%s'", text);
	CHECK_OK(group_set_mask("a", &l3, l3.domain[0].id, 0x3c), "L3");
	CHECK_OK(group_make("b"), "mkdir");
	CHECK_OK(group_set_mask("b", &l3, l3.domain[0].id, 0xc3), "L3");
	CHECK_PASS(truth_schemata(&l3, "a"));
	CHECK_PASS(truth_schemata(&l3, "b"));
	CHECK_OK(group_remove("b"), "rmdir");
	CHECK_OK(cpu_offline(3), "offline");
	CHECK_OK(cpu_online(3), "online");
	CHECK_OK(resctrl_umount(), "umount");
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_OK(group_set_mask("a", &l3, l3.domain[0].id, 0x3c), "L3");
	return truth_schemata(&l3, "a");
}

/* The last one that was whole: everything is packed up, with tasks in groups */
static int test_end(void)
{
	bool on[MAX_CPUS];
	int cpu;

	cpu_list("online", on);
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (on[cpu])
			task_spinner("a", cpu);
	/* So many that some wait while resctrl_exit() is at work */
	start_hammers(0, ARRAY_SIZE(hammers));
	usleep(300000);
	TELL("inject inject-error %s code=9 partid=1", l3_msc);
	CHECK(log_wait("MPAM is switched off: nothing is left") == 1, "MPAM is not off");
	usleep(500000);
	stop_hammers();
	return KSFT_PASS;
}

static int test_off(void)
{
	int err = resctrl_umount();

	CHECK(!err || err == -EINVAL, "umount: %s", strerror(-err));
	CHECK(count_states("state", "unused: MPAM is off") >= 1, "debugfs does not tell");
	return truth_off();
}

/* One MSC of each level breaks, with limits in all of them */
static int test_break_both(void)
{
	CHECK_PASS(test_setup());
	TELL("inject inject-error %s code=6 partid=1", l2_msc);
	TELL("inject inject-error %s code=10 partid=1", l3_msc);
	CHECK(log_wait("MPAM is switched off: nothing is left") == 1, "MPAM is not off");
	usleep(500000);
	return KSFT_PASS;
}

static pid_t reader(void)
{
	char path[64], text[64];
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(path, sizeof(path), "mon_data/mon_L3_%02d/llc_occupancy", l3.domain[0].id);
	_exit(group_read("", path, text, sizeof(text)) || strcmp(text, "Unavailable"));
}

/* CPUs come and go, and other readers get their turn, in a time that can be waited for */
static int test_patience(void)
{
	long long start, took;
	int status, cpu;
	pid_t pid;

	NEED_ORACLE();
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&l3), "no cache");
	CHECK_PASS(truth_msc(3, l3.domain[0].cpu, l3_msc, sizeof(l3_msc)));
	for (cpu = MAX_CPUS - 1; cpu && !cpu_is_online(cpu); cpu--)
		;
	TELL("inject inject-nrdy %s ris=0 type=csu stuck=true", l3_msc);
	start = now_us();
	pid = reader();
	usleep(50000);
	CHECK_OK(cpu_offline(cpu), "CPU %d offline", cpu);
	CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	CHECK(waitpid(pid, &status, 0) == pid && !status, "the reader ended with %#x", status);
	took = now_us() - start;
	CHECK(took < 20000000, "all that took %lld us", took);
	return KSFT_PASS;
}

/* Has somebody looked at the counters of a domain? They are read once a second */
static int wait_for_look(const struct domain *d)
{
	long long end = now_us() + 15000000;
	const char *answer;
	long looks;

	ORACLE(answer, "looked %d", d->cpu);
	looks = atol(answer);
	while (now_us() < end) {
		usleep(20000);
		ORACLE(answer, "looked %d", d->cpu);
		if (atol(answer) != looks)
			return KSFT_PASS;
	}
	ksft_print_msg("nobody looks at the counters of domain %d\n", d->id);
	return KSFT_FAIL;
}

/*
 * Readers wait for a monitor, a CPU that is to go offline for them, and what its
 * domain does there once a second for the CPU: another CPU goes on with that.
 */
static int test_go_on(void)
{
	struct domain *d = &l3.domain[l3.num_domains - 1];
	pid_t pids[3];
	int i, status;

	NEED_ORACLE();
	CHECK_PASS(wait_for_look(d));
	for (i = 0; i < 3; i++)
		pids[i] = reader();
	usleep(200000);
	CHECK_OK(cpu_offline(d->cpu), "CPU %d offline", d->cpu);
	for (i = 0; i < 3; i++)
		CHECK(waitpid(pids[i], &status, 0) == pids[i] && !status,
		      "reader %d ended with %#x", i, status);
	/* That of another CPU, which may have been on its way, and then those of the next */
	for (i = 0; i < 3; i++)
		CHECK_PASS(wait_for_look(d));
	CHECK_OK(cpu_online(d->cpu), "CPU %d online", d->cpu);
	return KSFT_PASS;
}

/*
 * A reader waits for a monitor, the end of MPAM for the reader, a CPU that is to go
 * offline for both, and what domains do once a second for the CPU: that gets its
 * turn when its domain is no more.
 */
static int test_end_of_patience(void)
{
	pid_t waiting, going;
	int status, cpu;

	NEED_ORACLE();
	CHECK_OK(group_make("a"), "mkdir");
	for (cpu = MAX_CPUS - 1; cpu && !cpu_is_online(cpu); cpu--)
		;
	start_hammers(4, ARRAY_SIZE(hammers));
	waiting = reader();
	usleep(50000);
	TELL("inject inject-error %s code=7 partid=1", l3_msc);
	usleep(100000);
	going = fork();
	if (!going)
		_exit(!!cpu_offline(cpu));
	CHECK(waitpid(waiting, &status, 0) == waiting && WIFEXITED(status),
	      "the reader ended with %#x", status);
	CHECK(waitpid(going, &status, 0) == going && !status, "CPU %d stays", cpu);
	CHECK(log_wait("MPAM is switched off: nothing is left") == 1, "MPAM is not off");
	/* Whatever had been scheduled has run by then */
	usleep(1500000);
	stop_hammers();
	CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	return KSFT_PASS;
}

/* Whoever mounts it then must find it gone, not in pieces */
static void mounter(int i)
{
	char name[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(name, sizeof(name), "m%d", i);
	while (1) {
		/* Nothing can be had of it: it is there without anything behind it */
		if (!resctrl_mount() && group_make(name) == -EPERM)
			_exit(1);
		group_remove(name);
		resctrl_umount();
	}
}

static int test_end_of_mounts(void)
{
	size_t i;

	NEED_ORACLE();
	CHECK_PASS(truth_msc(3, 0, l3_msc, sizeof(l3_msc)));
	for (i = 0; i < ARRAY_SIZE(hammers); i++) {
		hammers[i] = fork();
		if (!hammers[i])
			mounter(i);
	}
	usleep(300000);
	TELL("inject inject-error %s code=9 partid=1", l3_msc);
	CHECK(log_wait("MPAM is switched off: nothing is left") == 1, "MPAM is not off");
	usleep(1000000);
	CHECK(waitpid(-1, NULL, WNOHANG) == 0, "it was mounted after its end");
	stop_hammers();
	return KSFT_PASS;
}

/* Reads, counts and limits, with no end, and whether or not that can be had any more */
static void never_rest(void)
{
	unsigned long mask;
	char path[64], text[4096];
	int i;

	for (mask = 1; ; mask ^= 3) {
		for (i = 0; i < l3.num_domains; i++) {
			snprintf(path, sizeof(path), "mon_data/mon_L3_%02d/llc_occupancy",
				 l3.domain[i].id);
			group_read("a", path, text, sizeof(text));
			group_read("", path, text, sizeof(text));
			group_set_mask("a", &l3, l3.domain[i].id, mask);
		}
		group_write("a", "mbm_L3_assignments", "mbm_total_bytes:*=_\n");
		group_write("a", "mbm_L3_assignments", "mbm_total_bytes:*=e\n");
	}
}

static int test_leave(void)
{
	bool on[MAX_CPUS];
	char text[4096];
	int cpu;

	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&l3), "no cache");
	CHECK_OK(group_make("a"), "mkdir");
	for (cpu = 0; cpu < l3.num_domains; cpu++) {
		CHECK_OK(group_set_mask("a", &l3, l3.domain[cpu].id, 1), "mask");
		CHECK_OK(group_set_mask("", &l3, l3.domain[cpu].id, 2), "mask");
	}
	cpu_list("online", on);
	/* Tasks end with their parent, so that one stays, too */
	if (!fork()) {
		for (cpu = 0; cpu < MAX_CPUS; cpu++)
			if (on[cpu])
				task_spinner("a", cpu);
		while (1)
			pause();
	}
	for (cpu = 0, *text = '\0'; cpu < 100 && !*text; cpu++) {
		usleep(100000);
		CHECK_OK(group_read("a", "tasks", text, sizeof(text)), "tasks");
	}
	CHECK(*text, "no task is in the group");
	CHECK_PASS(truth_schemata(&l3, "a"));
	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!on[cpu] || fork())
			continue;
		pin(0, cpu);
		never_rest();
	}
	return KSFT_PASS;
}

static const struct test tests[] = {
	{ "setup", test_setup },
	{ "debugfs tells what there is", test_features },
	{ "error interrupts are on", test_armed },
	{ "labels out of range are reported", test_reported },
	{ "so is a burst of them", test_burst },
	{ "a storm is muted", test_storm },
	{ "an MSC breaks, the other level goes on", test_park },
	{ "the last one breaks", test_end },
	{ "nothing is left of MPAM", test_off },
	{ "no violations", truth_no_violations },
};

static const struct test end[] = {
	{ "both levels break", test_break_both },
	{ "nothing is left of MPAM", test_off },
	{ "no violations", truth_no_violations },
};

static const struct test hear[] = {
	{ "each MSC is heard", test_hear_each },
	{ "each MSC is heard with fewer CPUs", test_hear_with_fewer },
	{ "no violations", truth_no_violations },
};

static const struct test stuck[] = {
	{ "a line that is stuck is switched off", test_stuck_line },
	{ "no violations", truth_no_violations },
};

static const struct test again[] = {
	{ "an MSC that has come up is heard", test_heard_again },
	{ "each MSC is heard with fewer CPUs", test_hear_with_fewer },
	{ "no violations", truth_no_violations },
};

static const struct test patience[] = {
	{ "nobody waits for too long", test_patience },
	{ "counters are read although their reader goes while somebody waits", test_go_on },
	{ "MPAM ends while somebody waits", test_end_of_patience },
	{ "nothing is left of MPAM", truth_off },
	{ "no violations", truth_no_violations },
};

/* It is of no use from then on, but for others it has limits all the same */
static int test_leave_parked(void)
{
	l2_id = first_id("L2:");
	CHECK(l2_id >= 0, "there is no L2");
	CHECK_PASS(ask_mscs());
	CHECK_OK(group_write("a", "schemata", "L2:%d=3\n", l2_id), "L2");
	CHECK_OK(group_write("", "schemata", "L2:%d=5\n", l2_id), "L2");
	TELL("inject inject-error %s code=9 partid=1", l2_msc);
	CHECK(log_wait("this MSC is not used") == 1, "it is in use");
	/* Until nobody takes it for live */
	usleep(500000);
	return KSFT_PASS;
}

static const struct test mounts[] = {
	{ "MPAM ends while it is being mounted", test_end_of_mounts },
	{ "nothing is left of MPAM", test_off },
	{ "no violations", truth_no_violations },
};

static const struct test leave[] = {
	{ "groups and tasks are left", test_leave },
};

static const struct test leave_parked[] = {
	{ "groups and tasks are left", test_leave },
	{ "an MSC breaks", test_leave_parked },
};

int main(int argc, char **argv)
{
	resctrl_umount();
	if (argc > 2 && !strcmp(argv[1], "leave"))
		run_tests(leave_parked, ARRAY_SIZE(leave_parked));
	if (argc > 1 && !strcmp(argv[1], "leave"))
		run_tests(leave, ARRAY_SIZE(leave));
	if (argc > 1 && !strcmp(argv[1], "patience"))
		run_tests(patience, ARRAY_SIZE(patience));
	if (argc > 1 && !strcmp(argv[1], "end"))
		run_tests(end, ARRAY_SIZE(end));
	if (argc > 1 && !strcmp(argv[1], "hear"))
		run_tests(hear, ARRAY_SIZE(hear));
	if (argc > 1 && !strcmp(argv[1], "mounts"))
		run_tests(mounts, ARRAY_SIZE(mounts));
	if (argc > 1 && !strcmp(argv[1], "stuck"))
		run_tests(stuck, ARRAY_SIZE(stuck));
	if (argc > 1 && !strcmp(argv[1], "again"))
		run_tests(again, ARRAY_SIZE(again));
	run_tests(tests, ARRAY_SIZE(tests));
}

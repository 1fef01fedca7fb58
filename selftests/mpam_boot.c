// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a boot came to: MPAM on, off, or waiting for CPUs. Which of these is
 * right depends on the machine and the command line, so the caller says it:
 *
 *	mpam_boot on		resctrl works, on all caches
 *	mpam_boot off		it can't be mounted, and every CPU is fine
 *	mpam_boot nompam	as off, and the label registers were not touched
 *	mpam_boot waiting	as off, quietly, and debugfs says what for
 *	mpam_boot onebyone	waiting, if for any; CPUs come up in turn; on at the
 *				last MSC
 *	mpam_boot atonce	CPUs come up side by side; on
 *	mpam_boot late		on; the next CPU knows fewer labels and is kept out
 *	mpam_boot fault <msc property> <value>
 *				waiting; the MSC of the last CPU is given this
 *				fault; CPUs come up; off
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define DEBUGFS		"/sys/kernel/debug/mpam"
#define ENABLED_LINE	"MPAM enabled with"

static const char *fault_property, *fault_value;
static bool present[MAX_CPUS];

/* Enabling is work that the last CPU's callback scheduled: give it time. */
static int mount_within(int ms)
{
	int err;

	while ((err = resctrl_mount()) && ms > 0) {
		usleep(20000);
		ms -= 20;
	}
	return err;
}

/* The mount point exists from resctrl's start to its end. */
static bool no_resctrl(void)
{
	int err = resctrl_mount();

	if (!err)
		resctrl_umount();
	return err == -ENODEV || err == -ENOENT;
}

static int test_on(void)
{
	int partid, pmg, limits;
	char line[128];

	CHECK_OK(mount_within(5000), "mount");
	limits = truth_limits(&partid, &pmg);
	CHECK_OK(resctrl_umount(), "umount");
	CHECK(log_count(ENABLED_LINE) == 1, "%d times '%s'", log_count(ENABLED_LINE), ENABLED_LINE);
	if (limits != KSFT_PASS)
		return limits;
	snprintf(line, sizeof(line), ENABLED_LINE " %d PARTIDs and %d PMGs", partid + 1, pmg + 1);
	CHECK(log_count(line) == 1, "the log does not say '%s'", line);
	return KSFT_PASS;
}

static int test_all_cpus_online(void)
{
	bool on[MAX_CPUS];
	int n = cpu_list("online", on);

	CHECK(n == cpu_list("present", present), "%d CPUs are online", n);
	return KSFT_PASS;
}

static int test_off(void)
{
	usleep(300000);
	CHECK(no_resctrl(), "resctrl is there");
	CHECK(!log_count(ENABLED_LINE), "the log says '%s'", ENABLED_LINE);
	return KSFT_PASS;
}

/* What the oracle says of each CPU that is online, judged by fn */
static int each_online_cpu(const char *verb, bool (*fn)(const char *answer))
{
	const char *answer;
	bool on[MAX_CPUS];
	int cpu;

	NEED_ORACLE();
	cpu_list("online", on);
	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!on[cpu])
			continue;
		ORACLE(answer, "%s %d", verb, cpu);
		CHECK(fn(answer), "CPU %d: %s", cpu, answer);
	}
	return KSFT_PASS;
}

/* Bit 63 of MPAM1_EL1 is not a label */
static bool is_zero_label(const char *answer)
{
	return strstr(answer, "data=0,0 insn=0,0") && strstr(answer, "mpam0=0x0 ") &&
	       (strstr(answer, "mpam1=0x0 ") || strstr(answer, "mpam1=0x8000000000000000 "));
}

/*
 * A CPU whose kernel does nothing with MPAM runs with PARTID 0, not with the
 * garbage of its reset, wherever it runs.
 */
static int test_labels_zero(void)
{
	return each_online_cpu("label", is_zero_label);
}

static bool is_untouched(const char *answer)
{
	return !strcmp(answer, "0 0 0");
}

/*
 * Told to leave MPAM alone, the kernel must not touch its registers at all:
 * firmware that is the reason for this may have them trapped to EL3, and not
 * be prepared for the trap.
 */
static int test_labels_untouched(void)
{
	return each_online_cpu("writes", is_untouched);
}

static bool reachable(const char *list, const bool *on)
{
	char *p = strdup(list), *s = p;
	bool found = false;

	while (*s && !found) {
		found = on[strtol(s, &s, 10)];
		if (*s)
			s++;
	}
	free(p);
	return found;
}

/* How many MSCs no online CPU can access, by ground truth. */
static int unreached(void)
{
	static char names[8192];
	const char *answer = oracle_ask("mscs");
	char *name, *save;
	bool on[MAX_CPUS];
	int n = 0;

	if (!answer)
		return -1;
	snprintf(names, sizeof(names), "%s", answer);
	cpu_list("online", on);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		answer = oracle_ask("reach %s", name);
		n += answer && !reachable(answer, on);
	}
	return n;
}

/* debugfs has a directory per MSC, whose "state" says what it waits for. */
static int waiting_states(void)
{
	char path[300], state[256];
	DIR *dir = opendir(DEBUGFS);
	struct dirent *d;
	int n = 0;

	if (!dir)
		return -errno;
	while ((d = readdir(dir))) {
		snprintf(path, sizeof(path), DEBUGFS "/%s/state", d->d_name);
		if (d->d_name[0] == '.' || file_read(path, state, sizeof(state)))
			continue;
		ksft_print_msg("%s: %s\n", d->d_name, state);
		n += !strncmp(state, "waiting for CPU", 15);
	}
	closedir(dir);
	return n;
}

static int test_waiting(void)
{
	int states = waiting_states();

	CHECK_PASS(test_off());
	CHECK(states > 0, "no MSC says that it waits: %d", states);
	NEED_ORACLE();
	CHECK(states == unreached(), "%d MSCs wait, %d can't be reached", states, unreached());
	return KSFT_PASS;
}

/* Nothing changes and nothing is printed while CPUs that help nobody come and go. */
static int test_waiting_quietly(void)
{
	int lines = log_count("mpam"), cpu, last = 0;
	bool on[MAX_CPUS];

	cpu_list("online", on);
	for (cpu = 1; cpu < MAX_CPUS; cpu++)
		if (on[cpu])
			last = cpu;
	if (last) {
		CHECK_OK(cpu_offline(last), "CPU %d offline", last);
		CHECK_OK(cpu_online(last), "CPU %d online", last);
	}
	usleep(300000);
	CHECK(log_count("mpam") == lines, "%d new lines in the log", log_count("mpam") - lines);
	return test_waiting();
}

static int test_one_by_one(void)
{
	int cpu;

	NEED_ORACLE();
	cpu_list("present", present);
	for (cpu = 1; cpu < MAX_CPUS; cpu++) {
		if (!present[cpu] || cpu_is_online(cpu))
			continue;
		CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
		if (!unreached())
			break;
		usleep(20000);
		CHECK(no_resctrl(), "on after CPU %d, %d MSCs are missing", cpu, unreached());
		CHECK(!log_count(ENABLED_LINE), "'%s' before the last MSC", ENABLED_LINE);
	}
	return test_on();
}

/* The rest, after MPAM was enabled. */
static int test_online_rest(void)
{
	int cpu;

	cpu_list("present", present);
	for (cpu = 1; cpu < MAX_CPUS; cpu++)
		if (present[cpu] && !cpu_is_online(cpu))
			CHECK_OK(cpu_online(cpu), "CPU %d online", cpu);
	return KSFT_PASS;
}

/* Where all MSCs can be reached from CPU 0, there is nothing to wait for. */
static int test_waiting_or_on(void)
{
	NEED_ORACLE();
	return unreached() ? test_waiting() : test_on();
}

static int test_at_once(void)
{
	int cpu, status, failed = 0;

	cpu_list("present", present);
	for (cpu = 1; cpu < MAX_CPUS; cpu++) {
		if (!present[cpu] || cpu_is_online(cpu))
			continue;
		if (!fork())
			_exit(cpu_online(cpu) ? 1 : 0);
	}
	while (wait(&status) > 0)
		failed += !WIFEXITED(status) || WEXITSTATUS(status);
	CHECK(!failed, "%d CPUs failed to come online", failed);
	return KSFT_PASS;
}

/* Labels that it does not know may be in use */
static int test_late(void)
{
	int cpu, err;

	for (cpu = 0; cpu_is_online(cpu); cpu++)
		;
	err = cpu_online(cpu);
	CHECK(err == -EIO && !cpu_is_online(cpu), "CPU %d online: %s", cpu, strerror(-err));
	CHECK(log_count("MPAM PARTID/PMG max values are mismatched") == 1, "for another reason");
	return KSFT_PASS;
}

/* Breaks an MSC that only CPUs which are still offline can reach. */
static int test_inject(void)
{
	static char names[8192];
	const char *answer;
	char *name, *save;
	bool on[MAX_CPUS];

	NEED_ORACLE();
	ORACLE(answer, "mscs");
	snprintf(names, sizeof(names), "%s", answer);
	cpu_list("online", on);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		ORACLE(answer, "reach %s", name);
		if (reachable(answer, on))
			continue;
		ORACLE(answer, "set %s %s %s", name, fault_property, fault_value);
		return KSFT_PASS;
	}
	CHECK(false, "every MSC can be reached already");
}

static const struct test on[] = {
	{ "MPAM is on", test_on },
	{ "all CPUs are online", test_all_cpus_online },
	{ "masks reach the hardware", truth_group },
	{ "no violations", truth_no_violations },
};

static const struct test off[] = {
	{ "MPAM is off", test_off },
	{ "all CPUs are online", test_all_cpus_online },
	{ "all labels are zero", test_labels_zero },
	{ "no violations", truth_no_violations },
};

static const struct test nompam[] = {
	{ "MPAM is off", test_off },
	{ "all CPUs are online", test_all_cpus_online },
	{ "no label register was written", test_labels_untouched },
	{ "no violations", truth_no_violations },
};

static const struct test waiting[] = {
	{ "MPAM waits", test_waiting },
	{ "it waits quietly", test_waiting_quietly },
	{ "all labels are zero", test_labels_zero },
	{ "no violations", truth_no_violations },
};

static const struct test onebyone[] = {
	{ "MPAM waits for MSCs, if any", test_waiting_or_on },
	{ "on at the last MSC, not before", test_one_by_one },
	{ "the other CPUs come online", test_online_rest },
	{ "all CPUs are online", test_all_cpus_online },
	{ "masks reach the hardware", truth_group },
	{ "no violations", truth_no_violations },
};

static const struct test atonce[] = {
	{ "MPAM waits for MSCs, if any", test_waiting_or_on },
	{ "CPUs come online side by side", test_at_once },
	{ "MPAM is on", test_on },
	{ "all CPUs are online", test_all_cpus_online },
	{ "masks reach the hardware", truth_group },
	{ "no violations", truth_no_violations },
};

static const struct test late[] = {
	{ "MPAM is on", test_on },
	{ "a CPU that knows fewer labels is kept out", test_late },
	{ "MPAM goes on", truth_group },
	{ "no violations", truth_no_violations },
};

static const struct test fault[] = {
	{ "MPAM waits", test_waiting },
	{ "an MSC breaks", test_inject },
	{ "the other CPUs come online", test_online_rest },
	{ "all CPUs are online", test_all_cpus_online },
	{ "MPAM is off", test_off },
	{ "all labels are zero", test_labels_zero },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "on";

	if (argc > 3) {
		fault_property = argv[2];
		fault_value = argv[3];
	}
	resctrl_umount();
	if (!strcmp(mode, "on"))
		run_tests(on, ARRAY_SIZE(on));
	else if (!strcmp(mode, "off"))
		run_tests(off, ARRAY_SIZE(off));
	else if (!strcmp(mode, "nompam"))
		run_tests(nompam, ARRAY_SIZE(nompam));
	else if (!strcmp(mode, "waiting"))
		run_tests(waiting, ARRAY_SIZE(waiting));
	else if (!strcmp(mode, "onebyone"))
		run_tests(onebyone, ARRAY_SIZE(onebyone));
	else if (!strcmp(mode, "atonce"))
		run_tests(atonce, ARRAY_SIZE(atonce));
	else if (!strcmp(mode, "late"))
		run_tests(late, ARRAY_SIZE(late));
	else if (!strcmp(mode, "fault") && fault_value)
		run_tests(fault, ARRAY_SIZE(fault));
	ksft_exit_fail_msg("unknown mode %s\n", mode);
}

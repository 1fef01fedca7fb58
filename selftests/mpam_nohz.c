// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that must not be disturbed (nohz_full): no interrupt reaches them because
 * somebody reads monitors or changes limits, as long as another CPU can do it;
 * and a task that never enters the kernel there has the label of its group all
 * the same.
 *
 *	mpam_nohz	with some CPUs of each domain in nohz_full
 *	mpam_nohz end	after that, MPAM ends while such a task runs
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

/* Others have their reasons for interrupts, too: one of so many rounds has none. */
#define ROUNDS		12

static struct cache cache;
static bool nohz[MAX_CPUS];
/* Of each domain: a CPU that has a task which never enters the kernel, or -1 */
static int hermit_cpu[MAX_DOMAINS];
static pid_t hermits[MAX_DOMAINS];
static bool reach[MAX_DOMAINS][MAX_CPUS];
static char msc[MAX_DOMAINS][32];
static bool occupancy, bandwidth, limits;
static int mb_gran;

static pid_t hermit(const char *group, int cpu)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (1)
			asm volatile("" : : : "memory");
	}
	if (pid > 0 && (pin(pid, cpu) || group_write(group, "tasks", "%d\n", pid))) {
		task_stop(pid);
		return -1;
	}
	return pid;
}

static int start_hermits(const char *group)
{
	int i;

	for (i = 0; i < cache.num_domains; i++) {
		if (hermit_cpu[i] < 0)
			continue;
		hermits[i] = hermit(group, hermit_cpu[i]);
		CHECK(hermits[i] > 0, "no task on CPU %d", hermit_cpu[i]);
	}
	return KSFT_PASS;
}

static void stop_hermits(void)
{
	int i;

	for (i = 0; i < cache.num_domains; i++) {
		if (hermits[i] > 0)
			task_stop(hermits[i]);
		hermits[i] = 0;
	}
}

/* What their CPUs carry is right as soon as the kernel says that it is. */
static int hermits_carry(const char *group)
{
	int partid = *group ? group_partid(group) : 0, pmg = *group ? group_pmg(group) : 0, i;
	char want[64];
	const char *answer;

	NEED_ORACLE();
	snprintf(want, sizeof(want), "data=%d,%d insn=%d,%d", partid, pmg, partid, pmg);
	for (i = 0; i < cache.num_domains; i++) {
		if (hermits[i] <= 0)
			continue;
		ORACLE(answer, "label %d", hermit_cpu[i]);
		CHECK(strstr(answer, want), "CPU %d: %s, not %s", hermit_cpu[i], answer, want);
		CHECK(!kill(hermits[i], 0), "the task of CPU %d is gone", hermit_cpu[i]);
	}
	return KSFT_PASS;
}

/* Which CPUs reach the MSC of a domain */
static int find_reach(int i)
{
	const char *answer, *p;
	char *end;
	long cpu;

	CHECK_PASS(truth_msc(cache.level, cache.domain[i].cpu, msc[i], sizeof(msc[i])));
	ORACLE(answer, "reach %s", msc[i]);
	for (p = answer; *p; p = end) {
		cpu = strtol(p, &end, 10);
		CHECK(end != p && cpu < MAX_CPUS, "oracle: %s", answer);
		reach[i][cpu] = true;
	}
	return KSFT_PASS;
}

static int test_setup(void)
{
	char path[96], buf[64];
	int i, cpu, n = 0;

	CHECK(cpu_list("nohz_full", nohz) > 0, "no CPU is in nohz_full");
	CHECK(!nohz[0], "CPU 0 is in nohz_full");
	CHECK_OK(pin(0, 0), "pin");
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_OK(group_make("b"), "mkdir");
	snprintf(path, sizeof(path), "mon_data/mon_L3_%02d/llc_occupancy", cache.domain[0].id);
	occupancy = !group_read("a", path, buf, sizeof(buf));
	snprintf(path, sizeof(path), "mon_data/mon_L3_%02d/mbm_total_bytes", cache.domain[0].id);
	bandwidth = !group_read("a", path, buf, sizeof(buf));
	CHECK(occupancy || bandwidth, "there is nothing to read");
	limits = !group_read("", "info/MB/bandwidth_gran", buf, sizeof(buf));
	mb_gran = limits ? atoi(buf) : 0;
	NEED_ORACLE();
	for (i = 0; i < cache.num_domains; i++) {
		hermit_cpu[i] = -1;
		CHECK_PASS(find_reach(i));
		for (cpu = 0; cpu < MAX_CPUS; cpu++) {
			if (!nohz[cpu] || cache_id(cpu, cache.level) != cache.domain[i].id)
				continue;
			hermit_cpu[i] = cpu;
			n++;
			break;
		}
	}
	CHECK(n, "no domain has a CPU in nohz_full");
	return KSFT_PASS;
}

/* Operations on a domain. Each returns 0 or a negative errno. */

static int op_read(int i, const char *name)
{
	char path[64], buf[64];
	int err;

	snprintf(path, sizeof(path), "mon_data/mon_L3_%02d/%s", cache.domain[i].id, name);
	err = group_read("a", path, buf, sizeof(buf));
	if (!err && (buf[0] < '0' || buf[0] > '9'))
		return -ENODATA;
	return err;
}

static int op_occupancy(int i, int round)
{
	return op_read(i, "llc_occupancy");
}

static int op_total(int i, int round)
{
	return op_read(i, "mbm_total_bytes");
}

static int op_mask(int i, int round)
{
	return group_set_mask("a", &cache, cache.domain[i].id, 1 + 2 * (round % 2));
}

static int op_limit(int i, int round)
{
	return group_write("a", "schemata", "MB:%d=%d\n", cache.domain[i].id,
			   100 - mb_gran * (1 + round % 2));
}

static const struct operation {
	const char *name;
	int (*run)(int domain, int round);
	const bool *needs;
} operations[] = {
	{ "llc_occupancy", op_occupancy, &occupancy },
	{ "mbm_total_bytes", op_total, &bandwidth },
	{ "a mask", op_mask, NULL },
	{ "a limit", op_limit, &limits },
};

/* Interrupts that CPUs have for other CPUs' sake */
static const char * const rows[] = {
	"Rescheduling interrupts", "Function call interrupts", "IRQ work interrupts",
};

/* That, and how often another task took a hermit's CPU: its tick may notice, too */
struct ipis {
	long row[ARRAY_SIZE(rows)][MAX_CPUS];
	long switches[MAX_CPUS];
};

static long switches_of(pid_t pid)
{
	static const char key[] = "nonvoluntary_ctxt_switches:";
	char path[32], buf[4096], *p;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	p = file_read(path, buf, sizeof(buf)) ? NULL : strstr(buf, key);
	return p ? atol(p + strlen(key)) : 0;
}

static void ipis_now(struct ipis *p)
{
	size_t i;

	memset(p->switches, 0, sizeof(p->switches));
	for (i = 0; i < (size_t)cache.num_domains; i++)
		if (hermits[i] > 0)
			p->switches[hermit_cpu[i]] = switches_of(hermits[i]);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		interrupt_counts(rows[i], p->row[i]);
}

static long ipis_between(const struct ipis *old, const struct ipis *now, int cpu)
{
	long sum = now->switches[cpu] - old->switches[cpu];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (old->row[i][cpu] >= 0)
			sum += now->row[i][cpu] - old->row[i][cpu];
	return sum;
}

static bool is_hermit(int cpu)
{
	int i;

	for (i = 0; i < cache.num_domains; i++)
		if (hermit_cpu[i] == cpu)
			return true;
	return false;
}

/* Does a CPU that is not in nohz_full reach the domain? */
static bool has_housekeeper(int domain)
{
	int cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (reach[domain][cpu] && !nohz[cpu])
			return true;
	return false;
}

/*
 * From this CPU: if it reaches the MSC, nobody else is interrupted; nor is a task
 * that must not be.
 */
static int leaves_alone(const struct operation *op, int domain, int from)
{
	static struct ipis old, now;
	long hermit = 0, any = 0;
	int round, cpu;

	for (round = 0; round < ROUNDS; round++) {
		ipis_now(&old);
		CHECK_OK(op->run(domain, round), "%s of domain %d from CPU %d", op->name, domain,
			 from);
		ipis_now(&now);
		for (hermit = any = cpu = 0; cpu < MAX_CPUS; cpu++) {
			if (cpu == from)
				continue;
			any += ipis_between(&old, &now, cpu);
			if (is_hermit(cpu))
				hermit += ipis_between(&old, &now, cpu);
		}
		if (reach[domain][from] ? !any : !hermit || !has_housekeeper(domain))
			return KSFT_PASS;
	}
	CHECK(false, "%s of domain %d from CPU %d: %ld interrupts, %ld of tasks in nohz_full",
	      op->name, domain, from, any, hermit);
}

static int all_leave_alone(int from)
{
	size_t o;
	int i;

	CHECK_OK(pin(0, from), "pin");
	for (o = 0; o < ARRAY_SIZE(operations); o++) {
		if (operations[o].needs && !*operations[o].needs)
			continue;
		for (i = 0; i < cache.num_domains; i++)
			CHECK_PASS(leaves_alone(&operations[o], i, from));
	}
	CHECK_OK(pin(0, 0), "pin");
	return KSFT_PASS;
}

static int test_from_housekeeper(void)
{
	NEED_ORACLE();
	CHECK_PASS(start_hermits("a"));
	CHECK_PASS(hermits_carry("a"));
	return all_leave_alone(0);
}

/* From a CPU in nohz_full, if there is one that has no such task */
static int test_from_nohz(void)
{
	int cpu, ret;

	NEED_ORACLE();
	for (cpu = 0; cpu < MAX_CPUS && (!nohz[cpu] || is_hermit(cpu)); cpu++)
		;
	if (cpu == MAX_CPUS)
		cpu = hermit_cpu[cache.num_domains - 1];
	ret = all_leave_alone(cpu);
	CHECK_OK(pin(0, 0), "pin");
	return ret;
}

static int test_labels(void)
{
	int i;

	NEED_ORACLE();
	CHECK_PASS(hermits_carry("a"));
	for (i = 0; i < cache.num_domains; i++)
		if (hermits[i] > 0)
			CHECK_OK(group_write("b", "tasks", "%d\n", hermits[i]), "move");
	CHECK_PASS(hermits_carry("b"));
	CHECK_OK(group_remove("b"), "rmdir");
	return hermits_carry("");
}

/* The tasks are in the default group by now: their CPUs get a group, until that goes. */
static int test_cpus(void)
{
	char list[512] = "";
	int i;

	NEED_ORACLE();
	for (i = 0; i < cache.num_domains; i++)
		if (hermits[i] > 0)
			sprintf(list + strlen(list), "%s%d", *list ? "," : "", hermit_cpu[i]);
	CHECK_OK(group_make("c"), "mkdir");
	CHECK_OK(group_write("c", "cpus_list", "%s\n", list), "cpus_list");
	CHECK_PASS(hermits_carry("c"));
	CHECK_OK(group_remove("c"), "rmdir");
	CHECK_PASS(hermits_carry(""));
	stop_hermits();
	return KSFT_PASS;
}

static int test_unmount(void)
{
	NEED_ORACLE();
	CHECK_PASS(start_hermits("a"));
	CHECK_PASS(hermits_carry("a"));
	CHECK_OK(resctrl_umount(), "umount");
	CHECK_PASS(hermits_carry(""));
	stop_hermits();
	return KSFT_PASS;
}

/* An MSC breaks; nothing is left that is whole */
static int test_end(void)
{
	int i;

	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_PASS(start_hermits("a"));
	CHECK_PASS(hermits_carry("a"));
	TELL("inject inject-error %s code=9 partid=1", msc[0]);
	for (i = 0; i < 100 && !log_count("MPAM is switched off"); i++)
		usleep(50000);
	CHECK(log_count("MPAM is switched off") == 1, "MPAM is not off");
	CHECK_PASS(truth_off());
	CHECK_PASS(hermits_carry(""));
	stop_hermits();
	return KSFT_PASS;
}

static const struct test tests[] = {
	{ "setup", test_setup },
	{ "nobody is disturbed from another CPU", test_from_housekeeper },
	{ "nobody is disturbed from a CPU in nohz_full", test_from_nohz },
	{ "groups change and go", test_labels },
	{ "groups of CPUs", test_cpus },
	{ "the mount goes", test_unmount },
	{ "no violations", truth_no_violations },
	{ "MPAM ends", test_end },
};

int main(int argc, char **argv)
{
	bool end = argc > 1 && !strcmp(argv[1], "end");

	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests) - !end);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What operations cost: reads and writes of MSCs, as the oracle has counted
 * them, function call interrupts of other CPUs, and time. On an emulator that
 * counts instructions time means instructions. Each result is a line
 *
 *	# bench <operation>: <reads> <writes> <interrupts> <nanoseconds>
 *
 * with the least of a few rounds, and each is a test: it fails if there are
 * more accesses or interrupts than the operation is allowed.
 *
 *	mpam_bench
 *	mpam_bench enable	tells of enabling MPAM only
 *	mpam_bench accesses	for a kernel that is busy with itself: interrupts
 *				are not judged
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define ROUNDS		3
#define MAX_ROUNDS	12
#define SWITCHES	4000
/* Accesses to all MSCs in a second that nobody has asked for */
#define LOOKS		100
#define GROUP		"bench"
/* As an MSC goes: accesses for each counter in use; as it comes back: for each monitor */
#define PER_COUNTER	4
#define PER_MONITOR	6
/* And beside that */
#define CONSTANT	8

struct cost {
	long reads, writes, calls, ns;
};

static long calls_before[MAX_CPUS], calls_after[MAX_CPUS];
/* No CPU is interrupted for the sake of debugging */
static bool quiet;

/* What the machine and this kernel's resctrl have */
static struct cache cache;
static int my_cpu, other_cpu, first_id;
/* Is the other CPU in the first domain? */
static bool other_is_near;
static bool own_cpus[MAX_CPUS];
static int num_mscs;		/* of the first domain */
/* A CPU that does not reach them */
static int far_cpu;
/* What goes with the last domain: MSCs, their monitors, and accesses to configure them */
static long lost_mscs, lost_monitors, lost_config;
/* Counters that are in use at an L3 */
static long counters;
static int num_ris;
static int num_domains;
static bool has_mb, has_occupancy, has_total;
static int mb_id, mb_next;
static char occupancy[128], total[128];

static long clock_now(void)
{
	unsigned long ticks, hz;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r" (ticks) : : "memory");
	asm("mrs %0, cntfrq_el0" : "=r" (hz));
	return (__int128)ticks * 1000000000 / hz;
}

static void calls_now(long *calls)
{
	interrupt_counts("Function call interrupts", calls);
}

static int accesses_now(struct cost *c)
{
	const char *answer;

	ORACLE(answer, "totals");
	CHECK(sscanf(answer, "%ld %ld", &c->reads, &c->writes) == 2, "%s", answer);
	return KSFT_PASS;
}

static int cost_start(struct cost *c)
{
	CHECK_PASS(accesses_now(c));
	calls_now(calls_before);
	c->ns = clock_now();
	return KSFT_PASS;
}

static int cost_stop(struct cost *c)
{
	int cpu, self = sched_getcpu();
	struct cost now;

	now.ns = clock_now();
	calls_now(calls_after);
	CHECK_PASS(accesses_now(&now));
	c->reads = now.reads - c->reads;
	c->writes = now.writes - c->writes;
	c->calls = 0;
	/* Who waits for another CPU is woken up by such an interrupt. */
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (cpu != self && calls_before[cpu] >= 0 && calls_after[cpu] >= 0)
			c->calls += calls_after[cpu] - calls_before[cpu];
	c->ns = now.ns - c->ns;
	return KSFT_PASS;
}

/* Operations. Each returns 0 or a negative errno. */

static int op_mount(void)
{
	return resctrl_mount();
}

static int op_umount(void)
{
	return resctrl_umount();
}

static int op_mkdir(void)
{
	return group_make(GROUP);
}

static int op_rmdir(void)
{
	return group_remove(GROUP);
}

static int op_mask(void)
{
	return group_set_mask(GROUP, &cache, first_id, cache.full >> 1);
}

/* A mask for each domain, in one write */
static int op_masks(void)
{
	char line[4096];
	int i, n;

	n = snprintf(line, sizeof(line), "%s:", cache.name);
	for (i = 0; i < cache.num_domains; i++)
		n += snprintf(line + n, sizeof(line) - n, "%s%d=%lx", i ? ";" : "",
			      cache.domain[i].id, cache.full >> 2);
	return group_write(GROUP, "schemata", "%s\n", line);
}

static int op_bandwidth(void)
{
	return group_write(GROUP, "schemata", "MB:%d=%d\n", mb_id, mb_next);
}

static int read_counter(const char *path)
{
	char buf[64];
	int err = group_read(GROUP, path, buf, sizeof(buf));

	if (!err && (buf[0] < '0' || buf[0] > '9'))
		return -ENODATA;
	return err;
}

static int op_occupancy(void)
{
	return read_counter(occupancy);
}

static int op_total(void)
{
	return read_counter(total);
}

/* A CPU that is not the first one of the first domain, which is the one for errands */
static int to_neighbour(void)
{
	return pin(0, other_cpu);
}

static int to_far(void)
{
	return pin(0, far_cpu);
}

static void to_first(void)
{
	pin(0, my_cpu);
}

/* A task that runs on another CPU */
static pid_t runner;

static int start_runner(void)
{
	runner = task_spinner("", other_cpu);
	return runner < 0 ? -ECHILD : 0;
}

static void stop_runner(void)
{
	task_stop(runner);
}

static int op_move(void)
{
	return group_write(GROUP, "tasks", "%d\n", runner);
}

/* The CPUs of the last domain but its first, so that the next one is the last */
static int cluster_offline(void)
{
	int cpu, err, first = cache.domain[cache.num_domains - 1].cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!own_cpus[cpu] || cpu == first)
			continue;
		err = cpu_offline(cpu);
		if (err)
			return err;
	}
	return 0;
}

static void cluster_online(void)
{
	int cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (own_cpus[cpu] && !cpu_is_online(cpu))
			cpu_online(cpu);
}

static int op_cpu_offline(void)
{
	return cpu_offline(other_cpu);
}

static int op_cpu_online(void)
{
	return cpu_online(other_cpu);
}

static int op_cluster_offline(void)
{
	return cpu_offline(cache.domain[cache.num_domains - 1].cpu);
}

static int op_cluster_online(void)
{
	return cpu_online(cache.domain[cache.num_domains - 1].cpu);
}

/* Another task, at the other ends of two pipes */
static int to_peer[2], from_peer[2];
static pid_t peer;

static int start_peer(const char *group)
{
	char c = 0;

	if (pipe(to_peer) || pipe(from_peer))
		return -errno;
	peer = fork();
	if (!peer) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (read(to_peer[0], &c, 1) == 1 && write(from_peer[1], &c, 1) == 1)
			;
		_exit(0);
	}
	return peer < 0 ? -errno : group_write(group, "tasks", "%d\n", peer);
}

static void stop_peer(void)
{
	task_stop(peer);
	close(to_peer[0]);
	close(to_peer[1]);
	close(from_peer[0]);
	close(from_peer[1]);
}

static int start_peer_same(void)
{
	return start_peer("");
}

static int start_peer_other(void)
{
	return start_peer(GROUP);
}

static int op_switches(void)
{
	char c = 0;
	int i;

	for (i = 0; i < SWITCHES; i++)
		if (write(to_peer[1], &c, 1) != 1 || read(from_peer[0], &c, 1) != 1)
			return -EIO;
	return 0;
}

/* What of an operation is bounded, by what the machine has */
#define NO_LIMIT	LONG_MAX

static long none(const struct cost *c)
{
	return 0;
}

static long any(const struct cost *c)
{
	return NO_LIMIT;
}

static long two_per_ris(const struct cost *c)
{
	return 2 * num_ris;
}

static long four_per_ris(const struct cost *c)
{
	return 4 * num_ris;
}

static long two_per_ris_each_domain(const struct cost *c)
{
	return 2 * num_ris * num_domains;
}

/* This CPU and its neighbour reach all MSCs of the first domain. */
static long none_if_near(const struct cost *c)
{
	return other_is_near ? 0 : num_mscs;
}

static long one_per_msc(const struct cost *c)
{
	return num_mscs;
}

/* What looks at counters meanwhile, once a second */
static long looks(const struct cost *c)
{
	return LOOKS * (c->ns / 1000000000);
}

/* What counters have counted is taken, and that is all. */
static long counts_saved(const struct cost *c)
{
	return (lost_mscs ? PER_COUNTER * counters : 0) + CONSTANT * lost_mscs + looks(c);
}

static long all_restored(const struct cost *c)
{
	return lost_config + PER_MONITOR * lost_monitors + CONSTANT * lost_mscs + looks(c);
}

/* One is ours; the kernel may have woken up a task by another */
static long one_and_other(const struct cost *c)
{
	return 2;
}

/*
 * Less than one in twenty: others wake up tasks by such interrupts, and counters
 * are looked at once a second.
 */
static long rare(const struct cost *c)
{
	return 2 * SWITCHES / 20 + looks(c);
}

/*
 * A round does each once, in this order, so that each finds what the previous
 * ones have left.
 */
struct operation {
	const char *name;
	int (*run)(void);
	int repeat;			/* how many times run() does it */
	int (*before)(void);
	void (*after)(void);
	const bool *needs;
	/* At most so many reads and writes, and interrupts */
	long (*accesses)(const struct cost *c);
	long (*calls)(const struct cost *c);
};

static bool has_cluster, has_far, far_occupancy, far_total;

static const struct operation operations[] = {
	{ "mount", op_mount, 1, NULL, NULL, NULL, any, any },
	{ "mkdir", op_mkdir, 1, NULL, NULL, NULL, any, any },
	{ "cache mask, one domain", op_mask, 1, NULL, NULL, NULL, two_per_ris, none },
	{ "cache mask, the same again", op_mask, 1, NULL, NULL, NULL, none, none },
	{ "cache masks, all domains", op_masks, 1, NULL, NULL, NULL, two_per_ris_each_domain, any },
	{ "MB, one domain", op_bandwidth, 1, NULL, NULL, &has_mb, any, any },
	{ "MB, the same again", op_bandwidth, 1, NULL, NULL, &has_mb, none, none },
	{ "occupancy, first read", op_occupancy, 1, to_neighbour, to_first, &has_occupancy, any,
	  none_if_near },
	{ "occupancy, next read", op_occupancy, 1, to_neighbour, to_first, &has_occupancy,
	  two_per_ris, none_if_near },
	{ "mbm_total, first read", op_total, 1, NULL, NULL, &has_total, any, any },
	{ "mbm_total, next read", op_total, 1, to_neighbour, to_first, &has_total, four_per_ris,
	  none_if_near },
	{ "cache mask, from afar", op_mask, 1, to_far, to_first, &has_far, two_per_ris,
	  one_per_msc },
	{ "occupancy, from afar", op_occupancy, 1, to_far, to_first, &far_occupancy, two_per_ris,
	  one_per_msc },
	{ "mbm_total, from afar", op_total, 1, to_far, to_first, &far_total, four_per_ris,
	  one_per_msc },
	{ "move a running task", op_move, 1, start_runner, stop_runner, NULL, none,
	  one_and_other },
	{ "task switch, same group", op_switches, 2 * SWITCHES, start_peer_same, stop_peer, NULL,
	  rare, rare },
	{ "task switch, other group", op_switches, 2 * SWITCHES, start_peer_other, stop_peer, NULL,
	  rare, rare },
	{ "CPU offline", op_cpu_offline, 1, NULL, NULL, NULL, any, any },
	{ "CPU online", op_cpu_online, 1, NULL, NULL, NULL, any, any },
	{ "last CPU of a cache offline", op_cluster_offline, 1, cluster_offline, NULL, &has_cluster,
	  counts_saved, any },
	{ "first CPU of a cache online", op_cluster_online, 1, NULL, cluster_online, &has_cluster,
	  all_restored, any },
	{ "rmdir", op_rmdir, 1, NULL, NULL, NULL, any, any },
	{ "umount", op_umount, 1, NULL, NULL, NULL, any, any },
};

static struct cost least[ARRAY_SIZE(operations)];

static int measure(const struct operation *op, int round)
{
	struct cost *l = &least[op - operations];
	struct cost c;

	if (op->needs && !*op->needs)
		return KSFT_PASS;
	if (op->before)
		CHECK_OK(op->before(), "%s: preparation", op->name);
	CHECK_PASS(cost_start(&c));
	CHECK_OK(op->run(), "%s", op->name);
	CHECK_PASS(cost_stop(&c));
	if (op->after)
		op->after();

	if (!round || c.reads + c.writes < l->reads + l->writes) {
		l->reads = c.reads;
		l->writes = c.writes;
	}
	if (!round || c.calls < l->calls)
		l->calls = c.calls;
	if (!round || c.ns < l->ns)
		l->ns = c.ns;
	return KSFT_PASS;
}

/* Seconds of a kernel message, as nanoseconds, or -1 */
static long log_time(const char *what)
{
	static char buf[1 << 20];
	int len = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, buf, sizeof(buf) - 1);
	unsigned long s, us;
	char *p;

	if (len < 0)
		return -1;
	buf[len] = '\0';
	p = strstr(buf, what);
	while (p && p > buf && p[-1] != '\n')
		p--;
	/* <level>[seconds.microseconds] */
	if (!p || sscanf(p, "<%*u>[ %lu.%lu]", &s, &us) != 2)
		return -1;
	return (s * 1000000 + us) * 1000;
}

/* From the driver's start to MPAM being in use: needs initcall_debug. */
static int test_enable(void)
{
	long start = log_time("calling  mpam_init"), end = log_time("MPAM enabled with");
	struct cost c;

	CHECK_PASS(accesses_now(&c));
	CHECK(end > 0, "MPAM is not enabled");
	if (start < 0) {
		ksft_print_msg("no time of the driver's start: needs initcall_debug\n");
		return KSFT_SKIP;
	}
	ksft_print_msg("bench enable: %ld %ld 0 %ld\n", c.reads, c.writes, end - start);
	return KSFT_PASS;
}

/* A monitor's file is there if the machine has such monitors. */
static int find_file(const char *name, bool *has, char *path, size_t size)
{
	char buf[64];

	CHECK_PASS(truth_offers(name, has));
	snprintf(path, size, "mon_data/mon_L3_%02d/%s", first_id, name);
	CHECK(!group_read(GROUP, path, buf, sizeof(buf)) == *has, "%s should %sbe there", path,
	      *has ? "" : "not ");
	return KSFT_PASS;
}

static int find_bandwidth(void)
{
	char buf[4096], *p;
	int gran;

	CHECK_PASS(truth_offers("MB", &has_mb));
	CHECK(!group_read("", "info/MB/bandwidth_gran", buf, sizeof(buf)) == has_mb,
	      "MB should %sbe there", has_mb ? "" : "not ");
	if (!has_mb)
		return KSFT_PASS;
	gran = atoi(buf);
	mb_next = 100 - (gran > 1 ? gran : 10);
	CHECK_OK(group_read("", "schemata", buf, sizeof(buf)), "schemata");
	p = strstr(buf, "MB:");
	CHECK(p && sscanf(p, "MB:%d=", &mb_id) == 1, "schemata: %s", buf);
	return KSFT_PASS;
}

/* The CPUs that reach an MSC */
static int reach_of(const char *name, bool *cpus)
{
	const char *answer, *p;
	int cpu, len;

	memset(cpus, 0, MAX_CPUS);
	ORACLE(answer, "reach %s", name);
	for (p = answer; sscanf(p, "%d%n", &cpu, &len) == 1; p += len)
		cpus[cpu] = true;
	return KSFT_PASS;
}

/* What no CPU but the last domain's reaches, of which the first one is the last to go */
static int find_lost(void)
{
	int first = cache.domain[num_domains - 1].cpu, cpu, monitors;
	char names[8192], *name, *save;
	bool reach[MAX_CPUS];
	const char *answer;
	long config;

	ORACLE(answer, "mscs");
	snprintf(names, sizeof(names), "%s", answer);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		CHECK_PASS(reach_of(name, reach));
		for (cpu = 0; cpu < MAX_CPUS; cpu++)
			if (reach[cpu] && !own_cpus[cpu])
				break;
		if (cpu < MAX_CPUS || !reach[first])
			continue;
		ORACLE(answer, "whole %s", name);
		CHECK(sscanf(answer, "%ld %d", &config, &monitors) == 2, "oracle: %s", answer);
		lost_mscs++;
		lost_monitors += monitors;
		lost_config += config;
	}
	return KSFT_PASS;
}

/* Those of all groups; or, where groups are given theirs, of the two that there are */
static int find_counters(void)
{
	const char *answer;
	int ris, each;
	char buf[64];

	if (!has_total)
		return KSFT_PASS;
	ORACLE(answer, "monitors mbwu %d", cache.domain[num_domains - 1].cpu);
	CHECK(sscanf(answer, "%d %d", &ris, &each) == 2, "oracle: %s", answer);
	CHECK_OK(group_read("", "info/L3_MON/mbm_assign_mode", buf, sizeof(buf)), "mode");
	if (!strcmp(buf, "[mbm_event]") && each > 2)
		each = 2;
	counters = ris * each;
	return KSFT_PASS;
}

static int find_far(void)
{
	bool reach[MAX_CPUS];
	char name[64];

	CHECK_PASS(truth_msc(cache.level, cache.domain[0].cpu, name, sizeof(name)));
	CHECK_PASS(reach_of(name, reach));
	for (far_cpu = MAX_CPUS - 1; far_cpu; far_cpu--)
		if (cpu_is_online(far_cpu) && !reach[far_cpu])
			break;
	has_far = far_cpu;
	far_occupancy = has_far && has_occupancy;
	far_total = has_far && has_total;
	return KSFT_PASS;
}

/* What there is to be measured: resctrl tells when it is mounted. */
static int test_find(void)
{
	const char *answer, *p, *q;
	char file[80], buf[64];
	int index, cpu;

	CHECK_OK(pin(0, 0), "pin");
	my_cpu = 0;
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	CHECK_OK(group_make(GROUP), "mkdir");
	first_id = cache.domain[0].id;
	num_domains = cache.num_domains;
	CHECK_PASS(find_file("llc_occupancy", &has_occupancy, occupancy, sizeof(occupancy)));
	CHECK_PASS(find_file("mbm_total_bytes", &has_total, total, sizeof(total)));
	CHECK_PASS(find_bandwidth());
	CHECK_PASS(find_counters());
	CHECK_PASS(find_far());
	CHECK_OK(group_remove(GROUP), "rmdir");
	CHECK_OK(resctrl_umount(), "umount");

	for (index = 0; index < 8; index++) {
		int first = cache.domain[num_domains - 1].cpu;

		snprintf(file, sizeof(file), "/sys/devices/system/cpu/cpu%d/cache/index%d/level",
			 first, index);
		if (file_read(file, buf, sizeof(buf)) || atoi(buf) != cache.level)
			continue;
		snprintf(file, sizeof(file), "cpu%d/cache/index%d/shared_cpu_list", first, index);
		cpu_list(file, own_cpus);
	}
	has_cluster = num_domains > 1 && !own_cpus[my_cpu];
	if (has_cluster)
		CHECK_PASS(find_lost());
	for (cpu = 1; cpu < MAX_CPUS; cpu++)
		if (cpu_is_online(cpu))
			break;
	CHECK(cpu < MAX_CPUS, "one CPU is not enough");
	other_cpu = cpu;
	snprintf(file, sizeof(file), "/sys/devices/system/cpu/cpu%d/cache/index%d/id", cpu,
		 cache.level);
	other_is_near = !file_read(file, buf, sizeof(buf)) && atoi(buf) == first_id;

	ORACLE(answer, "cpbm %d %d 0", cache.level, cache.domain[0].cpu);
	for (p = answer; (q = strchr(p, '=')); p = q + 1)
		num_ris++;
	num_mscs = num_ris;
	ksft_print_msg("%d domains, %d RIS in the first, MB %d, occupancy %d, mbm_total %d\n",
		       num_domains, num_ris, has_mb, has_occupancy, has_total);
	return KSFT_PASS;
}

static bool too_many_accesses(const struct operation *op)
{
	const struct cost *c = &least[op - operations];

	return c->reads + c->writes > op->accesses(c);
}

static bool too_many_calls(const struct operation *op)
{
	const struct cost *c = &least[op - operations];

	return quiet && c->calls > op->calls(c);
}

static int test_measure(void)
{
	int round, again = 1;
	size_t i;

	/* Others have reasons to interrupt CPUs, but not each time. */
	for (round = 0; round < ROUNDS || (again && round < MAX_ROUNDS); round++) {
		for (again = 0, i = 0; i < ARRAY_SIZE(operations); i++) {
			CHECK_PASS(measure(&operations[i], round));
			again |= too_many_accesses(&operations[i]);
			again |= too_many_calls(&operations[i]);
		}
	}
	return KSFT_PASS;
}

static int within_limits(const struct operation *op)
{
	const struct cost *c = &least[op - operations];

	if (op->needs && !*op->needs) {
		ksft_print_msg("this machine has no such thing\n");
		return KSFT_SKIP;
	}
	ksft_print_msg("bench %s: %ld %ld %ld %ld\n", op->name, c->reads / op->repeat,
		       c->writes / op->repeat, c->calls / op->repeat, c->ns / op->repeat);
	CHECK(!too_many_accesses(op), "%ld accesses, at most %ld are allowed",
	      c->reads + c->writes, op->accesses(c));
	CHECK(!too_many_calls(op), "%ld cross-calls, at most %ld are allowed",
	      c->calls, op->calls(c));
	return KSFT_PASS;
}

int main(int argc, char **argv)
{
	bool all = argc < 2 || strcmp(argv[1], "enable");
	size_t i;

	quiet = argc < 2;
	resctrl_umount();
	ksft_print_header();
	ksft_set_plan(all ? 3 + ARRAY_SIZE(operations) : 1);
	if (!oracle_present())
		ksft_exit_skip("no oracle: nobody counts accesses\n");
	ksft_test_result_report(test_enable(), "enable\n");
	if (!all)
		ksft_finished();
	ksft_test_result_report(test_find(), "what there is to measure\n");
	ksft_test_result_report(test_measure(), "all operations succeed\n");
	for (i = 0; i < ARRAY_SIZE(operations); i++)
		ksft_test_result_report(within_limits(&operations[i]), "%s\n",
					operations[i].name);
	ksft_finished();
}

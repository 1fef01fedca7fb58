// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitors: occupancy and bandwidth of groups against what really happened,
 * over wraps of counters, clusters that go and come back, reassignment, monitors
 * that are never ready, and readers that are killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define INFO		"info/L3_MON"
#define MSMON_CSU	0x840
#define MSMON_MBWU	0x860
#define MSMON_MBWU_L	0x880
#define READERS		64

/* The traffic model: what leaves an L3 that can limit it, what a CPU wants, and how often */
#define MIB		1048576.0
#define PEAK		(16384 * MIB)
#define RATE		(3072 * MIB)
#define INTERVAL	0.010
/* What it may round down at each look, for a CPU: a line for each slice and stage */
#define ROUNDED		(64 * 64)

/* What a file says instead of a number */
#define UNAVAILABLE	(-1LL)
#define UNASSIGNED	(-2LL)
#define FAILED		(-3LL)

static struct cache cache;
static const char *option = "";
static int pair = 1;		/* PARTIDs of a group */
static bool unready;		/* monitors of occupancy never say that they are ready */
static int mixes = 2;
static bool assign;		/* counters are assigned */
static bool occupancy, bandwidth;
static int width, counters, ris, csu_ris, csus, num_closids;
/* Bytes that a counter counts as one */
static unsigned long long unit;
/* After how many bytes a counter wraps; 0: never, or it can't tell that it has */
static unsigned long long span;
/* What brings a counter to where it wraps, or something */
static unsigned long long lot;
static bool interrupts, rwbw;
/* Groups that have a counter: the default group too, unless there are too few */
static const char * const groups[] = { "m", "other", "" };
static int num_groups = 3;

static long long event(const char *group, const struct domain *d, const char *name)
{
	char path[64], buf[64];

	snprintf(path, sizeof(path), "mon_data/mon_L3_%02d/%s", d->id, name);
	if (group_read(group, path, buf, sizeof(buf)))
		return FAILED;
	if (!strcmp(buf, "Unavailable"))
		return UNAVAILABLE;
	if (!strcmp(buf, "Unassigned"))
		return UNASSIGNED;
	if (buf[0] < '0' || buf[0] > '9')
		return FAILED;
	return strtoull(buf, NULL, 10);
}

static unsigned long long counted(const char *group, const struct domain *d)
{
	return event(group, d, "mbm_total_bytes");
}

static bool is_count(unsigned long long count)
{
	return count < (unsigned long long)FAILED;
}

/* Both halves, if groups are pairs of PARTIDs */
static int partids_of(const char *group, int partids[2])
{
	int closid = group_partid(group);

	if (!*option) {
		partids[0] = closid;
		return 1;
	}
	partids[0] = 2 * closid;
	partids[1] = 2 * closid + 1;
	return 2;
}

/* The answers of one verb for each label of a group, added up */
static int truth_sum(const char *verb, const char *group, const struct domain *d,
		     unsigned long long *sum)
{
	int partids[2], n = partids_of(group, partids);
	const char *answer;

	*sum = 0;
	while (n--) {
		ORACLE(answer, "%s %d %d %d", verb, d->cpu, partids[n], group_pmg(group));
		*sum += strtoull(answer, NULL, 10);
	}
	return KSFT_PASS;
}

/* Half of it by each half of a pair */
static int transfer(const char *group, const struct domain *d, unsigned long long rd,
		    unsigned long long wr)
{
	int partids[2], n = partids_of(group, partids), i;

	for (i = 0; i < n; i++)
		TELL("move %d %d %d %llu %llu", d->cpu, partids[i], group_pmg(group),
		     rd, wr);
	return KSFT_PASS;
}

static int status_is(const char *part)
{
	char status[512];

	CHECK_OK(group_read("", "info/last_cmd_status", status, sizeof(status)), "status");
	CHECK(strstr(status, part), "last_cmd_status is '%s', not '%s'", status, part);
	return KSFT_PASS;
}

/*
 * A group's count since a moment, and what really was, but for what is short of
 * a unit. Interrupts may be under way.
 */
struct since {
	unsigned long long truth, count;
};

static int start(const char *group, const struct domain *d, struct since *s)
{
	CHECK_PASS(truth_sum("moved", group, d, &s->truth));
	s->count = counted(group, d);
	CHECK(is_count(s->count), "no count of '%s': %lld", group, (long long)s->count);
	return KSFT_PASS;
}

static int exact(const char *group, const struct domain *d, const struct since *s)
{
	unsigned long long truth, count = 0, slack = (unit - 1) * ris * pair;
	int i;

	CHECK_PASS(truth_sum("moved", group, d, &truth));
	for (i = 0; i < 50; i++) {
		count = counted(group, d);
		if (count - s->count + slack - (truth - s->truth) <= 2 * slack)
			return KSFT_PASS;
		usleep(20000);
	}
	CHECK(false, "'%s' in domain %d counts %llu more, but moved %llu", group, d->id,
	      count - s->count, truth - s->truth);
}

static int need_bandwidth(void)
{
	if (!bandwidth) {
		ksft_print_msg("no counters\n");
		return KSFT_SKIP;
	}
	NEED_ORACLE();
	return KSFT_PASS;
}

static int need_occupancy(void)
{
	if (!occupancy) {
		ksft_print_msg("no monitors of occupancy\n");
		return KSFT_SKIP;
	}
	NEED_ORACLE();
	return KSFT_PASS;
}

/* What is monitored is what the hardware can monitor, by the documentation's rules. */
static int offers(const char *features, const char *name, bool *has)
{
	bool want;

	*has = strstr(features, name);
	if (!oracle_present())
		return KSFT_PASS;
	CHECK_PASS(truth_offers(name, &want));
	CHECK(*has == want, "%s should %sbe there: '%s'", name, want ? "" : "not ", features);
	return KSFT_PASS;
}

static int test_setup(void)
{
	char buf[512], path[64];
	const char *answer;
	int n, rmids;

	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	if (*option) {
		CHECK_OK(resctrl_umount(), "umount");
		CHECK_OK(resctrl_mount_with(option), "mount");
	}
	CHECK_OK(group_read("", INFO "/mon_features", buf, sizeof(buf)), "nothing is monitored");
	CHECK_PASS(offers(buf, "llc_occupancy", &occupancy));
	CHECK_PASS(offers(buf, "mbm_total_bytes", &bandwidth));
	CHECK(occupancy || bandwidth, "features: %s", buf);
	CHECK_OK(group_read("", INFO "/mbm_assign_mode", buf, sizeof(buf)), "mode");
	assign = !strcmp(buf, "[mbm_event]");
	CHECK(assign || !strcmp(buf, "[default]"), "mode is '%s'", buf);
	snprintf(path, sizeof(path), INFO "/num_rmids");
	CHECK_OK(group_read("", path, buf, sizeof(buf)), "num_rmids");
	rmids = atoi(buf);
	snprintf(path, sizeof(path), "info/%s/num_closids", *option ? "L3CODE" : "L3");
	CHECK_OK(group_read("", path, buf, sizeof(buf)), "num_closids");
	n = atoi(buf);
	CHECK(n && rmids >= n && !(rmids % n), "%d groups of %d PARTIDs", rmids, n);
	num_closids = n;
	if (!oracle_present())
		return KSFT_PASS;
	if (occupancy) {
		ORACLE(answer, "monitors csu %d", cache.domain[0].cpu);
		CHECK(sscanf(answer, "%d %d", &csu_ris, &csus) == 2, "oracle: %s", answer);
	}
	if (bandwidth) {
		int scale, log2 = 0, tells, irq;

		ORACLE(answer, "tells %d", cache.domain[0].cpu);
		CHECK(sscanf(answer, "%d %d", &tells, &irq) == 2, "oracle: %s", answer);
		rwbw = tells;
		interrupts = irq;
		ORACLE(answer, "monitors mbwu %d", cache.domain[0].cpu);
		CHECK(sscanf(answer, "%d %d %d %d %llu", &ris, &counters, &width, &scale,
			     &unit) == 5, "oracle: %s", answer);
		/* What is short, and could wrap unseen, is made to last. */
		if (width == 31 && !interrupts)
			unit <<= scale;
		while (unit >> log2 > 1)
			log2++;
		if (width + log2 < 64 && (width > 31 || interrupts || scale))
			span = unit << width;
		lot = span ? span - 50 * unit : 1000 * unit;
		ksft_print_msg("%d RIS with %d counters of %d bits that count by %llu, %s\n", ris,
			       counters, width, unit, assign ? "assigned" : "for all");
		CHECK(assign == (counters < rmids * pair),
		      "%d counters for %d groups", counters, rmids);
		if (assign)
			counters /= pair;
		if (assign && counters < 3) {
			num_groups = 2;
			CHECK_OK(group_write("", "mbm_L3_assignments", "mbm_total_bytes:*=_\n"),
				 "unassign the default group");
		}
	}
	return KSFT_PASS;
}

static int test_counts(void)
{
	struct domain *d = &cache.domain[cache.num_domains - 1];
	struct since m, other;
	unsigned long long before;

	CHECK_PASS(need_bandwidth());
	CHECK_OK(group_make("m"), "mkdir");
	CHECK_OK(group_make("other"), "mkdir");
	CHECK(counted("m", d) == 0, "a new group has moved %llu", counted("m", d));
	CHECK_PASS(start("m", d, &m));
	CHECK_PASS(start("other", d, &other));
	CHECK_PASS(transfer("m", d, 12345, 678));
	CHECK_PASS(transfer("other", d, 5 * unit, 0));
	CHECK_PASS(exact("m", d, &m));
	CHECK_PASS(exact("other", d, &other));
	before = counted("m", d);
	CHECK(before == counted("m", d), "counts without traffic");
	return KSFT_PASS;
}

/* All counters of a domain were looked at since: by resctrl, which does that once a second */
static int await_look(const struct domain *d)
{
	int reads = num_groups * ris * pair, i;
	const char *answer;
	long before;

	ORACLE(answer, "looked %d %d", d->cpu, width == 31 ? MSMON_MBWU : MSMON_MBWU_L);
	before = atol(answer);
	for (i = 0; i < 400; i++) {
		ORACLE(answer, "looked %d %d", d->cpu, width == 31 ? MSMON_MBWU : MSMON_MBWU_L);
		if (atol(answer) - before >= reads)
			return KSFT_PASS;
		usleep(50000);
	}
	CHECK(false, "%ld reads of counters in 20 s", atol(answer) - before);
}

/*
 * A counter wraps, short of ten units in all. With an interrupt that is noticed, if
 * not again before the interrupt is handled. Without, it is if resctrl looks before
 * the counter can have wrapped: which takes 17 s for 44 bits at the terabyte per
 * second that mpam.rst speaks of. A whole modulus between two looks is not noticed.
 */
static int wrap(const char *group, const struct domain *d)
{
	CHECK_PASS(transfer(group, d, span / 2, span / 2 - 10 * unit));
	if (width == 31 && interrupts)
		usleep(100000);
	return KSFT_PASS;
}

/* Near the end of the register, over it, and three times without a look */
static int test_wraps(void)
{
	struct domain *d = &cache.domain[cache.num_domains - 1];
	struct since m;
	int i;

	CHECK_PASS(need_bandwidth());
	if (!span && width > 31) {
		ksft_print_msg("more than fits into a count\n");
		return KSFT_SKIP;
	}
	CHECK_PASS(start("m", d, &m));
	CHECK_PASS(transfer("m", d, (span ?: 1ULL << 31) -
			    counted("m", d) / (ris * pair) - 50 * unit, 0));
	CHECK_PASS(exact("m", d, &m));
	CHECK_PASS(transfer("m", d, 0, 100 * unit));
	if (!span) {
		CHECK((long long)counted("m", d) == UNAVAILABLE,
		      "it wrapped once or more often, but counts %llu", counted("m", d));
		CHECK_OK(group_remove("m"), "rmdir");
		CHECK_OK(group_make("m"), "mkdir");
		CHECK(counted("m", d) == 0, "a new group counts %llu", counted("m", d));
		return KSFT_PASS;
	}
	CHECK_PASS(exact("m", d, &m));
	CHECK_PASS(exact("m", d, &m));
	/* Whoever has no interrupt has to look in time: before all of it is used again. */
	for (i = 0; i < 3; i++) {
		CHECK_PASS(transfer("m", d, span / 2, span / 2 - 10 * unit));
		if (width > 31 || !interrupts)
			CHECK_PASS(exact("m", d, &m));
		CHECK_PASS(transfer("m", d, 20 * unit, 0));
		if (width > 31 || !interrupts)
			CHECK_PASS(exact("m", d, &m));
		/* That is quicker than memory is: give the interrupt its time. */
		if (width == 31)
			usleep(100000);
	}
	CHECK_PASS(exact("m", d, &m));
	/* The same where nobody reads, but resctrl has its looks */
	for (i = 0; i < 3; i++) {
		CHECK_PASS(wrap("m", d));
		if (width > 31 || !interrupts)
			CHECK_PASS(await_look(d));
	}
	CHECK_PASS(transfer("m", d, 50 * unit, 0));
	CHECK_PASS(exact("m", d, &m));
	return KSFT_PASS;
}

static bool domain_has(const struct domain *d, int cpu)
{
	return cache_id(cpu, 3) == d->id;
}

/* The first domain that CPU 0, which can't always go offline, is not part of */
static struct domain *other_domain(bool *cpus)
{
	int i, cpu;

	for (i = cache.num_domains - 1; i > 0; i--) {
		memset(cpus, 0, MAX_CPUS);
		for (cpu = 0; cpu < MAX_CPUS; cpu++)
			cpus[cpu] = domain_has(&cache.domain[i], cpu);
		if (!cpus[0])
			return &cache.domain[i];
	}
	return NULL;
}

/* Takes the last of them out of the list */
static int last_cpu(bool *cpus)
{
	int cpu = MAX_CPUS;

	while (--cpu && !cpus[cpu])
		;
	cpus[cpu] = false;
	return cpu;
}

static int set_cpus(const bool *cpus, bool on)
{
	int cpu;

	for (cpu = 1; cpu < MAX_CPUS; cpu++)
		if (cpus[cpu])
			CHECK_OK(on ? cpu_online(cpu) : cpu_offline(cpu), "CPU %d", cpu);
	return KSFT_PASS;
}

/*
 * Counters go on, and wrap, while no CPU of the cluster is there: what is read then
 * is all of it, or nothing.
 */
static int wraps_offline(const struct domain *d, const bool *cpus, int wraps)
{
	unsigned long long now;
	struct since m;
	int i;

	CHECK_PASS(start("m", d, &m));
	CHECK_PASS(set_cpus(cpus, false));
	for (i = 0; i < wraps; i++)
		CHECK_PASS(wrap("m", d));
	CHECK_PASS(set_cpus(cpus, true));
	now = counted("m", d);
	if ((long long)now == UNAVAILABLE) {
		ksft_print_msg("%d wraps are one too many\n", wraps);
		CHECK_OK(group_remove("m"), "rmdir");
		CHECK_OK(group_make("m"), "mkdir");
		CHECK(counted("m", d) == 0, "a new group counts %lld", counted("m", d));
		return KSFT_PASS;
	}
	/* Long counters need a look in between, see wrap(). */
	if (wraps == 1 || width == 31)
		return exact("m", d, &m);
	CHECK(now >= m.count, "%llu after %llu", now, m.count);
	return KSFT_PASS;
}

/* A cluster leaves with counters that are about to wrap, and returns. */
static int test_offline(void)
{
	bool cpus[MAX_CPUS] = {};
	struct domain *d = other_domain(cpus);
	const char *answer;
	struct since m;
	char buf[256];
	bool powered;

	CHECK_PASS(need_bandwidth());
	if (!d) {
		ksft_print_msg("every CPU shares one cache\n");
		return KSFT_SKIP;
	}
	CHECK_PASS(start("m", d, &m));
	CHECK_PASS(transfer("m", d, lot, 0));
	/* What takes seconds or years is not missed; 31 bits are up to the interrupt. */
	if (width > 31 || !interrupts)
		counted("m", d);
	CHECK_PASS(transfer("m", d, 100 * unit, 0));
	CHECK_PASS(set_cpus(cpus, false));
	CHECK(counted("m", d) == (unsigned long long)FAILED, "a domain that is gone counts");
	ORACLE(answer, "powered %d", d->cpu);
	powered = atoi(answer);
	/* One that is removed and made again meanwhile starts at 0. */
	CHECK_OK(group_remove("other"), "rmdir");
	CHECK_OK(group_make("other"), "mkdir");
	CHECK_PASS(set_cpus(cpus, true));
	if (assign) {
		CHECK_OK(group_read("m", "mbm_L3_assignments", buf, sizeof(buf)), "assignments");
		CHECK(!strchr(buf, '_') || !strstr(strchr(buf, ':'), "_"), "assignments: %s", buf);
	}
	CHECK_PASS(exact("m", d, &m));
	CHECK_PASS(transfer("m", d, 7, 7));
	CHECK_PASS(exact("m", d, &m));
	CHECK(counted("other", d) == (assign ? (unsigned long long)UNASSIGNED : 0),
	      "a new group counts %lld", counted("other", d));
	if (assign)
		CHECK_OK(group_write("other", "mbm_L3_assignments", "mbm_total_bytes:*=e\n"),
			 "assign");
	if (!span)
		return KSFT_PASS;
	if (!powered) {
		ksft_print_msg("what has no power counts nothing\n");
		return KSFT_PASS;
	}
	CHECK_PASS(wraps_offline(d, cpus, 1));
	/* Of 63 bits that would be more than a count can hold. */
	return width < 63 ? wraps_offline(d, cpus, 3) : KSFT_PASS;
}

/* A counter that runs all the time starts at 0 for each group that gets its label. */
static int reuse(void)
{
	struct domain *d = &cache.domain[0];
	int partid, pmg, n, i;
	char name[32];

	CHECK_OK(group_make("first"), "mkdir");
	partid = group_partid("first");
	pmg = group_pmg("first");
	CHECK_PASS(transfer("first", d, 1000 * unit, 0));
	CHECK(counted("first", d) > 0, "counts nothing");
	CHECK_OK(group_remove("first"), "rmdir");
	for (n = 0; n < num_closids; n++) {
		snprintf(name, sizeof(name), "n%d", n);
		CHECK_OK(group_make(name), "mkdir");
		if (group_partid(name) == partid)
			break;
	}
	/* It may have another of the PARTID's PMGs: its monitor groups have the rest. */
	for (i = 0; group_pmg(name) != pmg; i++) {
		snprintf(name, sizeof(name), "n%d/mon_groups/%d", n, i);
		CHECK_OK(group_make(name), "nobody has the PMG %d", pmg);
	}
	CHECK(counted(name, d) == 0, "a group with a used label counts %lld", counted(name, d));
	for (; n >= 0; n--) {
		snprintf(name, sizeof(name), "n%d", n);
		CHECK_OK(group_remove(name), "rmdir");
	}
	return KSFT_PASS;
}

/* A counter that is about to wrap is given to somebody else. */
static int test_reassign(void)
{
	struct domain *d = &cache.domain[0];
	unsigned long long counting;
	struct since other;
	char buf[256];

	CHECK_PASS(need_bandwidth());
	if (!assign)
		return reuse();
	CHECK_PASS(transfer("m", d, lot, 0));
	CHECK_PASS(transfer("m", d, 100 * unit, 0));
	CHECK_OK(group_write("m", "mbm_L3_assignments", "mbm_total_bytes:*=_\n"), "unassign");
	CHECK(counted("m", d) == (unsigned long long)UNASSIGNED, "unassigned, but %lld",
	      counted("m", d));
	CHECK_PASS(truth_sum("counting", "m", d, &counting));
	CHECK(!counting, "%llu counters go on counting for nobody", counting);
	CHECK_OK(group_make("heir"), "mkdir");
	CHECK(counted("heir", d) == 0, "the new owner starts with %llu", counted("heir", d));
	CHECK_PASS(start("heir", d, &other));
	CHECK_PASS(transfer("m", d, 1000, 0));
	CHECK_PASS(transfer("heir", d, 10, 0));
	CHECK_PASS(exact("heir", d, &other));
	CHECK_OK(group_remove("heir"), "rmdir");
	CHECK_OK(group_write("m", "mbm_L3_assignments", "mbm_total_bytes:*=e\n"), "assign");
	CHECK(counted("m", d) == 0, "starts again with %llu", counted("m", d));
	CHECK_OK(group_read("m", "mbm_L3_assignments", buf, sizeof(buf)), "read");
	CHECK(!strncmp(buf, "mbm_total_bytes:", 16) && strstr(buf, "=e"), "'%s'", buf);
	return KSFT_PASS;
}

/* All counters are given away, and come back. */
static int test_counters(void)
{
	char name[16], buf[256], path[64];
	int n, i;

	CHECK_PASS(need_bandwidth());
	if (!assign) {
		ksft_print_msg("every group has a counter\n");
		return KSFT_SKIP;
	}
	CHECK_OK(group_read("", INFO "/num_mbm_cntrs", buf, sizeof(buf)), "num_mbm_cntrs");
	CHECK(atoi(strchr(buf, '=') + 1) == counters, "%d counters, not '%s'", counters, buf);
	for (n = num_groups; n < counters + 1; n++) {
		snprintf(name, sizeof(name), "c%d", n);
		CHECK_OK(group_make(name), "mkdir %s", name);
	}
	CHECK_OK(group_read("", INFO "/available_mbm_cntrs", buf, sizeof(buf)), "available");
	CHECK(atoi(strchr(buf, '=') + 1) == 0, "all are in use, but '%s'", buf);
	snprintf(name, sizeof(name), "c%d", counters);
	CHECK(counted(name, &cache.domain[0]) == (unsigned long long)UNASSIGNED,
	      "one group too many counts");
	CHECK(group_write(name, "mbm_L3_assignments", "mbm_total_bytes:*=e\n") == -ENOSPC,
	      "one too many");
	CHECK_PASS(status_is("Failed to allocate counter"));
	CHECK(group_write(name, "mbm_L3_assignments", "mbm_total_bytes\n") == -EINVAL, "no colon");
	CHECK_PASS(status_is("Missing ':'"));
	for (i = num_groups; i < n; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		CHECK_OK(group_remove(name), "rmdir");
	}
	CHECK_OK(group_read("", INFO "/available_mbm_cntrs", buf, sizeof(buf)), "available");
	CHECK(atoi(strchr(buf, '=') + 1) == counters - num_groups, "some are lost: '%s'", buf);
	CHECK(group_write("", INFO "/mbm_assign_mode", "default\n") < 0, "there is no other mode");
	CHECK_PASS(status_is("The hardware does not support default mode"));
	snprintf(path, sizeof(path), INFO "/event_configs/mbm_total_bytes/event_filter");
	CHECK(group_write("", path, "local_reads\n") == -EINVAL, "near memory only");
	CHECK_PASS(status_is("counted together"));
	return KSFT_PASS;
}

#define READS	"local_reads,remote_reads,local_reads_slow_memory,remote_reads_slow_memory"
#define WRITES	"local_non_temporal_writes,remote_non_temporal_writes,dirty_victim_writes_all"

/* Reads and writes apart, where the hardware can */
static int test_filter(void)
{
	static const char path[] = INFO "/event_configs/mbm_total_bytes/event_filter";
	struct domain *d = &cache.domain[0];
	int n = pair;

	CHECK_PASS(need_bandwidth());
	if (!assign) {
		ksft_print_msg("every group has a counter: there is no file for it\n");
		return KSFT_SKIP;
	}
	if (!rwbw) {
		CHECK(group_write("", path, READS "\n") == -EINVAL, "reads only");
		CHECK_PASS(status_is("counted together"));
		CHECK(group_write("", path, WRITES "\n") == -EINVAL, "writes only");
		return KSFT_PASS;
	}
	CHECK_OK(group_write("", path, READS "\n"), "reads");
	CHECK(counted("m", d) == 0, "a count of other things goes on");
	CHECK_PASS(transfer("m", d, 1000, 300));
	CHECK(counted("m", d) == 1000ULL * ris * n, "reads: %llu", counted("m", d));
	CHECK_OK(group_write("", path, WRITES "\n"), "writes");
	CHECK_PASS(transfer("m", d, 1000, 300));
	CHECK(counted("m", d) == 300ULL * ris * n, "writes: %llu", counted("m", d));
	CHECK_OK(group_write("", path, READS "," WRITES "\n"), "all");
	CHECK_PASS(transfer("m", d, 1000, 300));
	CHECK(counted("m", d) == 1300ULL * ris * n, "all: %llu", counted("m", d));
	return KSFT_PASS;
}

#define TORN		64	/* units */

/* Has all of a group's counters about to carry into their upper halves */
static int about_to_carry(const char *group, const struct domain *d)
{
	int partids[2], n = partids_of(group, partids);

	while (n--)
		TELL("carry %d %d %d %d", d->cpu, partids[n], group_pmg(group), TORN / 4);
	return KSFT_PASS;
}

/*
 * The value changes between the reads of its halves: by a carry, which reading the
 * upper half again finds out; then each time that it is read.
 */
static int test_torn(void)
{
	unsigned long long last, now, all = ris * pair;
	struct domain *d = &cache.domain[0];
	int i;

	CHECK_PASS(need_bandwidth());
	if (width == 31) {
		ksft_print_msg("the counters have one half\n");
		return KSFT_SKIP;
	}
	for (i = 1; i <= 4; i++) {
		CHECK_PASS(about_to_carry("m", d));
		last = counted("m", d);
		CHECK(is_count(last), "no count: %lld", (long long)last);
		TELL("tear %d %llu %d", d->cpu, TORN * unit, i);
		now = counted("m", d);
		TELL("tear %d 0 0", d->cpu);
		CHECK(now >= last && now <= last + i * TORN * unit * all,
		      "%llu after %llu, of which %llu were torn", now, last, i * TORN * unit * all);
		last = now;
		now = counted("m", d);
		CHECK(now >= last && now <= last + i * TORN * unit * all, "%llu after %llu", now,
		      last);
	}
	last = now;
	for (i = 1; i <= 8; i++) {
		TELL("tear %d %llu %d", d->cpu, unit << 32, i);
		now = counted("m", d);
		if ((long long)now == UNAVAILABLE)
			continue;
		CHECK(now >= last && now <= last + (9 * unit << 32) * all, "%llu after %llu", now,
		      last);
		last = now;
	}
	TELL("tear %d 0 0", d->cpu);
	now = counted("m", d);
	CHECK(is_count(now) && now >= last, "%llu after %llu", now, last);
	return KSFT_PASS;
}

/* What a MON group, or the group itself, has in a cache */
static int occupy_as(const char *group, const char *mon_group, const struct domain *d, int size)
{
	int partids[2], n = partids_of(group, partids);

	while (n--)
		TELL("fill %d %d %d %d", d->cpu, partids[n], group_pmg(mon_group), size);
	return KSFT_PASS;
}

static int occupy(const char *group, const struct domain *d, int size)
{
	return occupy_as(group, group, d, size);
}

static int fills(const char *group, const struct domain *d)
{
	unsigned long long truth;
	long long said = event(group, d, "llc_occupancy");

	CHECK_PASS(truth_sum("cached", group, d, &truth));
	CHECK(said == (long long)truth, "'%s' has %llu, not %lld", group, truth, said);
	return KSFT_PASS;
}

static int test_occupancy(void)
{
	int i;

	CHECK_PASS(need_occupancy());
	group_make("m");
	group_make("other");
	for (i = 0; i < cache.num_domains; i++) {
		struct domain *d = &cache.domain[i];

		CHECK_PASS(occupy("m", d, 4096 * (i + 1)));
		CHECK_PASS(occupy("other", d, 64));
		CHECK_PASS(fills("m", d));
		CHECK_PASS(fills("other", d));
		CHECK_PASS(occupy("m", d, 0));
		CHECK_PASS(fills("m", d));
	}
	return KSFT_PASS;
}

/*
 * A domain that goes, with an RMID in limbo, is not asked how much is left in its
 * cache. Its handler, which looks once a second, may be at work: one of some times
 * it is not.
 */
static int test_limbo_leaves(void)
{
	bool cpus[MAX_CPUS] = {};
	struct domain *d = other_domain(cpus);
	int partids[2], pmg, tries, last, n;
	const char *answer;
	long looked;

	CHECK_PASS(need_occupancy());
	if (!d) {
		ksft_print_msg("every CPU shares one cache\n");
		return KSFT_SKIP;
	}
	last = last_cpu(cpus);
	for (tries = 0; tries < 4; tries++) {
		CHECK_OK(group_make("left"), "mkdir");
		CHECK_PASS(occupy("left", d, 0x400000));
		n = partids_of("left", partids);
		pmg = group_pmg("left");
		CHECK_OK(group_remove("left"), "rmdir");
		CHECK_PASS(set_cpus(cpus, false));
		usleep(50000);
		ORACLE(answer, "looked %d %d", d->cpu, MSMON_CSU);
		looked = -atol(answer);
		CHECK_OK(cpu_offline(last), "CPU %d", last);
		ORACLE(answer, "looked %d %d", d->cpu, MSMON_CSU);
		looked += atol(answer);
		CHECK_OK(cpu_online(last), "CPU %d", last);
		CHECK_PASS(set_cpus(cpus, true));
		/* Others want its label. */
		while (n--)
			TELL("fill %d %d %d 0", d->cpu, partids[n], pmg);
		if (!looked)
			return KSFT_PASS;
	}
	CHECK(false, "%ld reads of occupancy on the way down", looked);
}

/* Never ready: no number; and one again when it is. A sum is not less a group. */
static int test_stuck(void)
{
	static const char * const kinds[] = { "csu", "mbwu" };
	static const char * const events[] = { "llc_occupancy", "mbm_total_bytes" };
	struct domain *d = &cache.domain[0];
	int i;

	NEED_ORACLE();
	CHECK_OK(group_make("m/mon_groups/child"), "mkdir child");
	for (i = 0; i < 2; i++) {
		if (!(i ? bandwidth : occupancy && !unready))
			continue;
		TELL("stuck %s %d 1", kinds[i], d->cpu);
		CHECK(event("m", d, events[i]) == UNAVAILABLE, "%s is %lld", events[i],
		      event("m", d, events[i]));
		CHECK(event("m/mon_groups/child", d, events[i]) == UNAVAILABLE ||
		      event("m/mon_groups/child", d, events[i]) == UNASSIGNED, "%s of a child",
		      events[i]);
		TELL("stuck %s %d 0", kinds[i], d->cpu);
		CHECK(is_count(event("m", d, events[i])), "%s stays away", events[i]);
	}
	CHECK_OK(group_remove("m/mon_groups/child"), "rmdir child");
	return KSFT_PASS;
}

/* Somebody sets back the counter of a part of the sum: that is no sum any more. */
static int test_setback(void)
{
	static const char * const parts[] = { "m/mon_groups/child", "m" };
	struct domain *d = &cache.domain[0];
	const char *answer;
	int i, j;

	CHECK_PASS(need_bandwidth());
	for (i = 0; i < 2; i++) {
		int partids[2], n = partids_of("m", partids);

		CHECK_OK(group_make("m/mon_groups/child"), "mkdir child");
		if (counted(parts[0], d) == (unsigned long long)UNASSIGNED) {
			CHECK_OK(group_remove("m/mon_groups/child"), "rmdir child");
			ksft_print_msg("too few counters\n");
			return KSFT_SKIP;
		}
		CHECK_PASS(transfer("m", d, 1000 * unit, 0));
		for (j = 0; j < n; j++)
			ORACLE(answer, "move %d %d %d %llu 0", d->cpu, partids[j],
			       group_pmg(parts[0]), 2000 * unit);
		CHECK(counted("m", d) >= 3000 * unit * ris * n, "%llu", counted("m", d));
		for (j = 0; j < n; j++) {
			ORACLE(answer, "setback %d %d %d", d->cpu, partids[j],
			       group_pmg(parts[i]));
			CHECK(atoi(answer) == ris, "%s of %d counters", answer, ris);
		}
		CHECK((long long)counted(parts[i], d) == UNAVAILABLE, "%s counts %llu", parts[i],
		      counted(parts[i], d));
		CHECK((long long)counted("m", d) == UNAVAILABLE, "without '%s', the sum is %llu",
		      parts[i], counted("m", d));
		CHECK_OK(group_remove("m/mon_groups/child"), "rmdir child");
	}
	CHECK_OK(group_remove("m"), "rmdir");
	CHECK_OK(group_make("m"), "mkdir");
	CHECK(!counted("m", d), "a new group counts %llu", counted("m", d));
	return KSFT_PASS;
}

/* A count belongs to a PARTID, and can't be taken along to another. */
static int test_parents(void)
{
	char status[256];

	CHECK_OK(group_make("m/mon_groups/child"), "mkdir child");
	CHECK(rename(RESCTRL "/m/mon_groups/child", RESCTRL "/other/mon_groups/child") &&
	      errno == EPERM, "moved to another group: %s", strerror(errno));
	CHECK_OK(group_read("", "info/last_cmd_status", status, sizeof(status)), "status");
	CHECK(strstr(status, "Cannot move a MON group to another"), "status: '%s'", status);
	CHECK_OK(rename(RESCTRL "/m/mon_groups/child", RESCTRL "/m/mon_groups/heir") ? -errno : 0,
		 "renamed");
	CHECK_OK(group_remove("m/mon_groups/heir"), "rmdir heir");
	return KSFT_PASS;
}

/* The price of a read, in accesses; others look meanwhile, so the best of some */
static int price(const char *group, const struct domain *d, const char *name, int *least)
{
	const char *answer;
	long before;
	int i;

	*least = 1000000;
	for (i = 0; i < 8; i++) {
		ORACLE(answer, "looked %d", d->cpu);
		before = atol(answer);
		CHECK(is_count(event(group, d, name)), "%s is not there", name);
		ORACLE(answer, "looked %d", d->cpu);
		if (atol(answer) - before < *least)
			*least = atol(answer) - before;
	}
	return KSFT_PASS;
}

static int test_costs(void)
{
	struct domain *d = &cache.domain[0];
	int least, n = pair;

	NEED_ORACLE();
	if (occupancy) {
		CHECK_PASS(price("m", d, "llc_occupancy", &least));
		ksft_print_msg("llc_occupancy: %d accesses at %d RIS\n", least, csu_ris);
		CHECK(least == 2 * csu_ris * n, "%d accesses at %d RIS", least, csu_ris);
	}
	if (bandwidth) {
		CHECK_PASS(price("m", d, "mbm_total_bytes", &least));
		ksft_print_msg("mbm_total_bytes: %d accesses at %d RIS\n", least, ris);
		CHECK(least == (width == 31 ? 3 : 4) * ris * n, "%d accesses at %d RIS", least,
		      ris);
	}
	return KSFT_PASS;
}

/*
 * One of the groups of test_keep(): those that are there, then others with limits of
 * their own until there are no more, then parts of all these.
 */
static void keeper(int i, char *name, size_t size)
{
	static const char * const there[] = { "", "m", "other" };
	int base = i % num_closids, n;

	if (base < (int)ARRAY_SIZE(there))
		n = snprintf(name, size, "%s", there[base]);
	else
		n = snprintf(name, size, "k%d", base);
	if (i >= num_closids)
		snprintf(name + n, size - n, "%smon_groups/k%d", n ? "/" : "", i);
}

/* As many groups keep their monitor as there are monitors. */
static int test_keep(void)
{
	int n = csus / pair, made, i, least = 1000000, round;
	struct domain *d = &cache.domain[0];
	const char *answer;
	char name[64];
	long before;

	CHECK_PASS(need_occupancy());
	CHECK(n > 0, "%d monitors", csus);
	made = num_closids < 3 ? num_closids : 3;
	for (i = made; i < n; i++) {
		keeper(i, name, sizeof(name));
		CHECK_OK(group_make(name), "mkdir %s", name);
	}
	for (round = 0; round < 6; round++) {
		ORACLE(answer, "looked %d", d->cpu);
		before = atol(answer);
		/* A group is read with its parts. */
		for (i = 0; i < n && i < num_closids; i++) {
			keeper(i, name, sizeof(name));
			CHECK(is_count(event(name, d, "llc_occupancy")), "%s has %lld", name,
			      event(name, d, "llc_occupancy"));
		}
		ORACLE(answer, "looked %d", d->cpu);
		if (atol(answer) - before < least)
			least = atol(answer) - before;
	}
	CHECK(least == n * 2 * csu_ris * pair, "%d groups take %d accesses", n, least);
	for (i = n - 1; i >= made; i--) {
		keeper(i, name, sizeof(name));
		CHECK_OK(group_remove(name), "rmdir");
	}
	return KSFT_PASS;
}

/* Readers of the same monitor, of which every other one is killed */
static int test_readers(void)
{
	const char *name = occupancy ? "llc_occupancy" : "mbm_total_bytes";
	struct domain *d = &cache.domain[0];
	pid_t pids[READERS];
	int i, j, status, failed = 0;

	CHECK_OK(group_make("read"), "mkdir");
	for (i = 0; i < READERS; i++) {
		pids[i] = fork();
		CHECK(pids[i] >= 0, "fork");
		if (pids[i])
			continue;
		/* Every other one reads until it is killed. */
		for (j = 0; j < 20 || i % 2; j++)
			if (event("read", d, name) == FAILED)
				_exit(1);
		_exit(0);
	}
	for (i = 1; i < READERS; i += 2) {
		usleep(2000);
		kill(pids[i], SIGKILL);
	}
	for (i = 0; i < READERS; i++) {
		CHECK(waitpid(pids[i], &status, 0) == pids[i], "lost a reader");
		failed += i % 2 ? !WIFSIGNALED(status) : !WIFEXITED(status) || WEXITSTATUS(status);
	}
	CHECK(!failed, "%d readers failed", failed);
	CHECK(is_count(event("read", d, name)) || event("read", d, name) == UNASSIGNED,
	      "%s is gone", name);
	CHECK_OK(group_remove("read"), "rmdir");
	return KSFT_PASS;
}

/*
 * The groups that take part: all that have tasks, the default group among them, have
 * counters.
 */
static const char * const mixed[] = { "m", "", "other" };
static int num_mixed;

/* What a group is limited to in a domain */
struct limit {
	unsigned long mask;	/* of the L3's portions; 0: all */
	unsigned long bytes;	/* which are so many */
	int percent;		/* of the bandwidth */
};

static bool limits_bandwidth;
static int min_bandwidth;

/* Of one group in all domains: any mask and, if so wanted, percentage, for some of them */
static int limit_set(const char *group, struct limit *limits, bool of_bandwidth)
{
	static const char * const names[] = { "L3", "L3CODE", "L3DATA" };
	int n = __builtin_popcountl(cache.full), first, len, i, j;
	struct domain shown[MAX_DOMAINS];
	char line[256];

	for (j = 0; j < cache.num_domains; j++) {
		struct domain *d = &cache.domain[j];
		struct limit *l = &limits[j];

		first = rand() % n;
		len = 1 + rand() % (n - first);
		l->mask = rand() % 2 ? ((1UL << len) - 1) << first : 0;
		l->percent = of_bandwidth && rand() % 2 ? 1 + rand() % 99 : 100;
		for (i = pair - 1; i < 2 * pair - 1; i++)
			CHECK_OK(group_write(group, "schemata", "%s:%d=%lx\n", names[i], d->id,
					     l->mask ?: cache.full), "mask");
		if (limits_bandwidth && l->percent < min_bandwidth) {
			CHECK(group_write(group, "schemata", "MB:%d=%d\n", d->id, l->percent) ==
			      -EINVAL, "less than there is: %d%%", l->percent);
			l->percent = 100;
		}
		if (limits_bandwidth)
			CHECK_OK(group_write(group, "schemata", "MB:%d=%d\n", d->id, l->percent),
				 "MB:%d=%d", d->id, l->percent);
		/* The model starts with empty caches: leave no more in sight. */
		CHECK_PASS(occupy(group, d, 0));
	}
	for (j = 0; limits_bandwidth && j < schemata_domains(group, "MB", shown, 10); j++)
		limits[j].percent = shown[j].mask;
	CHECK_OK(group_read(group, "size", line, sizeof(line)), "size");
	for (j = 0; j < cache.num_domains; j++) {
		char key[16];
		const char *p = strstr(line, *option ? "L3DATA:" : "L3:");

		snprintf(key, sizeof(key), "%d=", cache.domain[j].id);
		p = p ? strstr(strchr(p, ':'), key) : NULL;
		CHECK(p, "size is '%s'", line);
		limits[j].bytes = strtoul(p + strlen(key), NULL, 10);
	}
	return KSFT_PASS;
}

static int limit_holds(const char *group, const struct domain *d, const struct limit *l,
		       unsigned long long moved, double seconds)
{
	int partids[2], n = partids_of(group, partids);
	double peak = PEAK * seconds;
	const char *answer;

	while (n--) {
		ORACLE(answer, "held %d %d %d", d->cpu, partids[n], group_pmg(group));
		CHECK(strtoul(answer, NULL, 10) <= l->bytes, "'%s' has %s of %lu bytes", group,
		      answer, l->bytes);
	}
	CHECK(!limits_bandwidth || moved <= peak * l->percent / 100,
	      "'%s' has moved %llu in %f s, at %d%%", group, moved, seconds, l->percent);
	return KSFT_PASS;
}

/*
 * What the CPUs of groups without a limit move: all that they want, but for what the
 * model rounds down. Now and then another task has such a CPU for a moment, and moves
 * as much. It is in the default group, so this can be told only if that has no limit
 * either.
 */
static int nothing_is_lost(const struct domain *d, unsigned long long moved, long samples, int busy)
{
	double wants = RATE * INTERVAL, least;
	int cpu, cpus = 0;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		cpus += domain_has(d, cpu);
	/* Where all CPUs want more than there is, each has its share. */
	if (wants * cpus > PEAK * INTERVAL)
		wants = PEAK * INTERVAL / cpus;
	least = samples * busy * (wants - ROUNDED);
	CHECK(moved >= least, "%d CPUs without limit have moved %llu at %ld looks, not %f", busy,
	      moved, samples, least);
	return KSFT_PASS;
}

/* What all labels have moved, and what those of no group have */
static int moved_by_all(const struct domain *d, unsigned long long *all,
			unsigned long long *strangers)
{
	int partids[2], partid, pmg, n, i, j;
	unsigned long long bytes;
	struct {
		int partid, pmg;
	} own[6];
	const char *answer, *p;

	for (n = 0, i = 0; i < num_mixed; i++)
		for (j = partids_of(mixed[i], partids); j--; n++) {
			own[n].partid = partids[j];
			own[n].pmg = group_pmg(mixed[i]);
		}
	*all = 0;
	*strangers = 0;
	ORACLE(answer, "labels %d", d->cpu);
	for (p = answer; p && *p; p = strchr(p + 1, ' ')) {
		CHECK(sscanf(p, " %d,%d=%llu", &partid, &pmg, &bytes) == 3, "oracle: %s", answer);
		*all += bytes;
		for (i = 0; i < n; i++)
			if (own[i].partid == partid && own[i].pmg == pmg)
				break;
		if (i == n)
			*strangers += bytes;
	}
	return KSFT_PASS;
}

/* What a mix has to compare with, in one domain */
struct before {
	unsigned long long all, strangers;
	struct since since[ARRAY_SIZE(mixed)];
	struct limit limits[ARRAY_SIZE(mixed)];
	int spinners[ARRAY_SIZE(mixed)];
};

/* All that went through a domain was counted, for the groups that have moved it. */
static int adds_up(const struct domain *d, const struct before *b, long samples)
{
	unsigned long long all, strangers, truth, counts = 0, unlimited = 0;
	unsigned long long slack = (unit - 1) * ris * pair * num_mixed;
	bool default_has_limit = false;
	int i, busy = 0;

	for (i = 0; i < num_mixed; i++) {
		const struct limit *l = &b->limits[i];

		CHECK_PASS(exact(mixed[i], d, &b->since[i]));
		counts += counted(mixed[i], d) - b->since[i].count;
		if (occupancy)
			CHECK_PASS(fills(mixed[i], d));
		CHECK_PASS(truth_sum("moved", mixed[i], d, &truth));
		truth -= b->since[i].truth;
		CHECK_PASS(limit_holds(mixed[i], d, l, truth, samples * INTERVAL));
		if (l->percent == 100) {
			busy += b->spinners[i];
			unlimited += truth;
		}
		default_has_limit |= !*mixed[i] && l->percent < 100;
	}
	CHECK_PASS(moved_by_all(d, &all, &strangers));
	CHECK(strangers == b->strangers, "labels that no group has moved %llu",
	      strangers - b->strangers);
	all -= b->all;
	CHECK(counts + slack - all <= 2 * slack, "%llu moved, %llu counted", all, counts);
	return default_has_limit ? KSFT_PASS : nothing_is_lost(d, unlimited, samples, busy);
}

/* With CPUs at work in any groups, what groups count is what was moved, in their limits. */
static int mix(unsigned int seed, bool limit_default)
{
	static struct before before[MAX_DOMAINS];
	struct limit limits[MAX_DOMAINS];
	pid_t pids[MAX_CPUS];
	bool online[MAX_CPUS];
	const char *answer;
	int i, j, n, cpus = 0;
	long samples;

	srand(seed);
	memset(before, 0, sizeof(before));
	for (i = 0; i < num_mixed; i++) {
		CHECK_PASS(limit_set(mixed[i], limits,
				     limits_bandwidth && (*mixed[i] || limit_default)));
		for (j = 0; j < cache.num_domains; j++)
			before[j].limits[i] = limits[j];
	}
	for (j = 0; j < cache.num_domains; j++) {
		struct before *b = &before[j];

		for (i = 0; i < num_mixed; i++)
			CHECK_PASS(start(mixed[i], &cache.domain[j], &b->since[i]));
		CHECK_PASS(moved_by_all(&cache.domain[j], &b->all, &b->strangers));
	}
	cpu_list("online", online);
	for (i = 0; i < MAX_CPUS && cpus < 8; i++) {
		if (!online[i] || !(rand() % 3))
			continue;
		n = rand() % num_mixed;
		pids[cpus] = task_spinner(mixed[n], i);
		CHECK(pids[cpus++] > 0, "no task");
		for (j = 0; j < cache.num_domains; j++)
			before[j].spinners[n] += domain_has(&cache.domain[j], i);
	}
	/* All of them are at work by now. */
	usleep(100000);
	ORACLE(answer, "model 1");
	samples = -atol(answer);
	n = 2 + rand() % 4;
	while (n--) {
		usleep(20000 + rand() % 40000);
		for (i = 0; i < num_mixed; i++)
			CHECK(is_count(counted(mixed[i], &cache.domain[0])),
			      "no count of '%s'", mixed[i]);
	}
	ORACLE(answer, "model 0");
	samples += atol(answer);
	for (i = 0; i < cpus; i++)
		task_stop(pids[i]);
	/* What was under way arrives. */
	usleep(100000);
	for (j = 0; j < cache.num_domains; j++) {
		CHECK_PASS(adds_up(&cache.domain[j], &before[j], samples));
		/* What is left in a cache would keep its label from others. */
		for (i = 0; i < num_mixed; i++)
			CHECK_PASS(occupy(mixed[i], &cache.domain[j], 0));
	}
	return KSFT_PASS;
}

static int counts_for(const char *group, bool on)
{
	CHECK_OK(group_write(group, "mbm_L3_assignments", "mbm_total_bytes:*=%s\n",
			     on ? "e" : "_"), "%sassign '%s'", on ? "" : "un", group);
	return KSFT_PASS;
}

static int test_conservation(void)
{
	const char *answer;
	unsigned int seed;
	char buf[64];
	int i;

	CHECK(getrandom(&seed, sizeof(seed), 0) == sizeof(seed), "no random numbers");
	CHECK_PASS(need_bandwidth());
	num_mixed = num_groups;
	/* With two counters, it is the default group that has one in place of "other". */
	if (assign)
		CHECK_PASS(counts_for("other", num_mixed == 3));
	if (num_mixed == 2)
		CHECK_PASS(counts_for("", true));
	ORACLE(answer, "mbw-max 0");
	limits_bandwidth = strstr(answer, "/cache=");
	if (limits_bandwidth) {
		CHECK_OK(group_read("", "info/MB/min_bandwidth", buf, sizeof(buf)), "MB");
		min_bandwidth = atoi(buf);
	}
	for (i = 0; i < mixes; i++) {
		ksft_print_msg("seed %u\n", seed + i);
		CHECK_PASS(mix(seed + i, i % 2));
	}
	if (num_mixed == 2) {
		CHECK_PASS(counts_for("", false));
		CHECK_PASS(counts_for("other", true));
	}
	return KSFT_PASS;
}

/* All of one group's RMIDs are busy, those of others are not: that is worth waiting for. */
static int test_busy(void)
{
	int partids[2], pmgs[256], n, i, ret;
	struct domain *d = &cache.domain[0];
	char path[64];

	CHECK_PASS(need_occupancy());
	CHECK_OK(group_make("busy"), "mkdir");
	for (n = 0; n < 256; n++) {
		snprintf(path, sizeof(path), "busy/mon_groups/b%d", n);
		ret = group_make(path);
		if (ret)
			break;
		CHECK_PASS(occupy_as("busy", path, d, 0x400000));
		pmgs[n] = group_pmg(path);
	}
	CHECK(ret == -ENOSPC, "with %d in use, mkdir gives %s", n, strerror(-ret));
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "busy/mon_groups/b%d", i);
		CHECK_OK(group_remove(path), "rmdir");
	}
	/* Nor are they free because somebody has looked: their lines are still there. */
	for (i = 0; i < 2; i++) {
		usleep(i * 1200000);
		CHECK(mkdir(RESCTRL "/busy/mon_groups/b0", 0755) && errno == EBUSY,
		      "with %d in limbo, mkdir gives %s", n, strerror(errno));
	}
	partids_of("busy", partids);
	for (i = 0; i < n * pair; i++)
		TELL("fill %d %d %d 0", d->cpu, partids[i % pair],
		     pmgs[i / pair]);
	CHECK_OK(group_make("busy/mon_groups/b0"), "mkdir after a while");
	CHECK_OK(group_remove("busy"), "rmdir");
	return KSFT_PASS;
}

/*
 * A domain that came during a mount with CDP, which has half as many counters, has
 * all of them in the next mount. What is in limbo for a PARTID that is part of the
 * default group's pair is not in limbo any more.
 */
static int test_pairs_come(void)
{
	bool cpus[MAX_CPUS] = {};
	struct domain *d = other_domain(cpus);
	char buf[256], path[64];
	const char *p;
	int n, total, last;

	NEED_ORACLE();
	CHECK(d, "every CPU shares one cache");
	last = last_cpu(cpus);
	CHECK_PASS(set_cpus(cpus, false));
	CHECK_OK(group_make("half"), "mkdir");
	CHECK(group_partid("half") == 1, "the first group has PARTID %d", group_partid("half"));
	CHECK_PASS(occupy("half", d, 0x400000));
	CHECK_OK(group_remove("half"), "rmdir");
	CHECK_OK(resctrl_umount(), "umount");
	CHECK_OK(resctrl_mount_with("cdp"), "mount with CDP");
	CHECK_OK(cpu_offline(last), "CPU %d", last);
	/* What was to look after the limbo must not do it any more. */
	usleep(1200000);
	/* Another mount remembers nothing of the domain. */
	CHECK_OK(resctrl_umount(), "umount");
	CHECK_OK(resctrl_mount_with("cdp"), "mount with CDP");
	CHECK_OK(cpu_online(last), "CPU %d", last);
	CHECK_PASS(set_cpus(cpus, true));
	CHECK_OK(resctrl_umount(), "umount");
	CHECK_OK(resctrl_mount(), "mount");
	TELL("fill %d 1 0 0", d->cpu);
	if (!assign)
		return KSFT_PASS;
	CHECK_OK(group_read("", INFO "/num_mbm_cntrs", buf, sizeof(buf)), "num_mbm_cntrs");
	total = atoi(strchr(buf, '=') + 1);
	for (n = 1; n < total; n++) {
		snprintf(path, sizeof(path), "p%d", n);
		CHECK_OK(group_make(path), "mkdir");
		CHECK(is_count(counted(path, d)), "of %d counters, the %d. counts %lld", total,
		      n + 1, counted(path, d));
	}
	CHECK_OK(group_read("", INFO "/available_mbm_cntrs", buf, sizeof(buf)), "available");
	for (p = buf; (p = strchr(p, '=')); p++)
		CHECK(atoi(p + 1) == 0, "all are in use, but '%s' of %d", buf, total);
	return KSFT_PASS;
}

static int test_unmount(void)
{
	CHECK_OK(resctrl_umount(), "umount");
	return KSFT_PASS;
}

static const struct test tests[] = {
	{ "setup", test_setup },
	{ "bandwidth is what was moved", test_counts },
	{ "counters wrap", test_wraps },
	{ "a cluster leaves and returns", test_offline },
	{ "a counter changes hands", test_reassign },
	{ "too few counters", test_counters },
	{ "reads and writes apart", test_filter },
	{ "torn reads", test_torn },
	{ "occupancy is what is in the cache", test_occupancy },
	{ "never ready", test_stuck },
	{ "a part of a sum is lost", test_setback },
	{ "groups stay with their parents", test_parents },
	{ "accesses of a read", test_costs },
	{ "groups keep their monitors", test_keep },
	{ "readers are killed", test_readers },
	{ "no monitor was lost", test_keep },
	{ "conservation", test_conservation },
	{ "all RMIDs in limbo", test_busy },
	{ "a cluster leaves with an RMID in limbo", test_limbo_leaves },
	{ "unmount", test_unmount },
	{ "no violations", truth_no_violations },
};

static const struct test pairs[] = {
	{ "setup", test_setup },
	{ "a cluster leaves and returns with CDP", test_pairs_come },
	{ "unmount", test_unmount },
	{ "no violations", truth_no_violations },
};

/* mpam_monitor [number of mixes [unready | mount option] | pairs] */
int main(int argc, char **argv)
{
	resctrl_umount();
	if (argc > 1 && !strcmp(argv[1], "pairs"))
		run_tests(pairs, ARRAY_SIZE(pairs));
	if (argc > 1)
		mixes = atoi(argv[1]);
	if (argc > 2 && !strcmp(argv[2], "unready")) {
		unready = true;
	} else if (argc > 2) {
		option = argv[2];
		pair = 2;
	}
	run_tests(tests, ARRAY_SIZE(tests));
}

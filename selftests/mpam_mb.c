// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits of memory bandwidth (MB): percentages become fractions in the registers
 * of the MSCs behind the domain, and read back as what is in force.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define MAX_RIS		512
#define HARDLIM		0x80000000UL
#define UNLIMITED	4294967295UL	/* with mba_MBps */

/* A RIS that limits bandwidth, and what it holds for a PARTID */
struct limiter {
	char msc[32];
	int ris, width;
	unsigned long value;
	int domain;		/* index of the domain that it is for, or -1 */
};

static struct limiter limiters[MAX_RIS];
static int num_limiters, width;
static struct domain domains[MAX_DOMAINS];
static int num_domains;
static int min_bw, gran;
static const char *option = "";
static bool paired;

static int read_info(const char *file, int *v)
{
	char path[64], buf[64];

	snprintf(path, sizeof(path), "info/MB/%s", file);
	CHECK_OK(group_read("", path, buf, sizeof(buf)), "%s", path);
	*v = atoi(buf);
	return KSFT_PASS;
}

/* All of the RIS that resctrl uses: the L3s', or else those of memory */
static int read_limiters(struct limiter *l, int *n, int partid)
{
	const char *answer, *p;
	char kind[32];

	ORACLE(answer, "mbw-max %d", partid);
	for (*n = 0, p = answer; p; p = strchr(p + 1, ' '), ++*n) {
		CHECK(*n < MAX_RIS, "too many RIS");
		CHECK(sscanf(p, " %31[^/]/%d/%d/%31[^=]=%lx", l[*n].msc, &l[*n].ris, &l[*n].width,
			     kind, &l[*n].value) == 5, "oracle: %s", answer);
	}
	CHECK(*n, "no RIS limits bandwidth");
	return KSFT_PASS;
}

/* MB's line in the schemata of a group: the value of each domain */
static int read_line(const char *group, unsigned long *values)
{
	int i, n = schemata_domains(group, "MB", domains, 10);

	CHECK(n && (!num_domains || n == num_domains), "MB has %d domains", n);
	num_domains = n;
	for (i = 0; i < n; i++)
		values[i] = domains[i].mask;
	return KSFT_PASS;
}

static int test_mount(void)
{
	bool offered;
	char buf[64];
	int i;

	CHECK_OK(resctrl_mount_with(option), "mount -o %s", option);
	CHECK_PASS(truth_offers("MB", &offered));
	CHECK(!group_read("", "info/MB/min_bandwidth", buf, sizeof(buf)) == offered,
	      "MB should %sbe there", offered ? "" : "not ");
	if (!offered) {
		ksft_print_msg("nothing limits what passes from an L3 to memory\n");
		return KSFT_SKIP;
	}
	paired = strstr(option, "cdp");
	CHECK_PASS(read_limiters(limiters, &num_limiters, 0));
	width = 16;
	for (i = 0; i < num_limiters; i++) {
		limiters[i].domain = -1;
		if (limiters[i].width < width)
			width = limiters[i].width;
	}
	return KSFT_PASS;
}

static int need_mb(void)
{
	return width ? KSFT_PASS : KSFT_SKIP;
}

static int test_info(void)
{
	int step = (100 + (1 << width) - 1) >> width, linear;

	CHECK_PASS(need_mb());
	CHECK_PASS(read_info("min_bandwidth", &min_bw));
	CHECK_PASS(read_info("bandwidth_gran", &gran));
	CHECK_PASS(read_info("delay_linear", &linear));
	CHECK(gran == step, "bandwidth_gran is %d, %d bits have steps of %d", gran, width, step);
	CHECK(min_bw >= step && min_bw <= step + 1, "min_bandwidth is %d, a step is %d", min_bw,
	      step);
	CHECK(linear == 1, "delay_linear is %d", linear);
	return KSFT_PASS;
}

/* A part of 2^16 that a register's value stands for, as wide as the class is */
static long limit_of(unsigned long value)
{
	return ((value & 0xffff) >> (16 - width)) + 1;
}

static bool is_open(const struct limiter *l)
{
	return (l->value & 0xffff) >> (16 - l->width) == (1UL << l->width) - 1;
}

static int all_open(int partid)
{
	struct limiter now[MAX_RIS];
	int i, n;

	CHECK_PASS(read_limiters(now, &n, partid));
	for (i = 0; i < n; i++)
		CHECK(is_open(&now[i]), "PARTID %d of %s/%d is %lx", partid, now[i].msc,
		      now[i].ris, now[i].value);
	return KSFT_PASS;
}

/* Which PARTIDs a group's limits are written to */
static int partid_of(const char *group, int half)
{
	int id = group_partid(group);

	return paired ? 2 * id + half : id;
}

/* The RIS of each domain are its own, and every RIS is of some domain. */
static int test_domains(void)
{
	struct limiter now[MAX_RIS];
	unsigned long values[MAX_DOMAINS];
	int d, i, n, last = 0;

	CHECK_PASS(need_mb());
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_OK(group_make("b"), "mkdir");
	CHECK_PASS(read_line("a", values));
	for (d = 0; d < num_domains; d++) {
		CHECK(values[d] == 100, "MB:%d starts as %lu", domains[d].id, values[d]);
		CHECK(cpu_of_cache(3, domains[d].id) >= 0, "no L3 has the id %d", domains[d].id);
	}
	CHECK_PASS(all_open(partid_of("a", 0)));
	for (d = 0; d < num_domains; d++) {
		CHECK_OK(group_write("a", "schemata", "MB:%d=%d\n", domains[d].id, min_bw),
			 "MB:%d", domains[d].id);
		CHECK_PASS(read_limiters(now, &n, partid_of("a", 0)));
		for (i = 0; i < n; i++) {
			if (is_open(&now[i]) || limiters[i].domain >= 0)
				continue;
			limiters[i].domain = d;
			/* Platforms list them in the order of their domains. */
			CHECK(i >= last, "%s/%d is of MB:%d", now[i].msc, now[i].ris,
			      domains[d].id);
			last = i;
		}
		CHECK(limiters[last].domain == d, "MB:%d limits nothing", domains[d].id);
	}
	for (i = 0; i < num_limiters; i++)
		CHECK(limiters[i].domain >= 0, "%s/%d is of no domain", limiters[i].msc,
		      limiters[i].ris);
	CHECK_PASS(all_open(partid_of("b", 0)));
	CHECK_PASS(all_open(partid_of("", 0)));
	for (d = 0; d < num_domains; d++)
		CHECK_OK(group_write("a", "schemata", "MB:%d=100\n", domains[d].id), "open");
	CHECK_PASS(all_open(partid_of("a", 0)));
	return KSFT_PASS;
}

/* What PARTID @partid holds in the first RIS of a domain; all others are alike. */
static int value_in(int d, int partid, unsigned long *value)
{
	struct limiter now[MAX_RIS];
	int i, n, found = 0;

	CHECK_PASS(read_limiters(now, &n, partid));
	for (i = 0; i < n; i++) {
		if (limiters[i].domain != d)
			continue;
		CHECK(!found++ || limit_of(now[i].value) == limit_of(*value),
		      "%s/%d holds %lx, another one %lx", now[i].msc, now[i].ris, now[i].value,
		      *value);
		*value = now[i].value;
	}
	CHECK(found, "no RIS");
	return KSFT_PASS;
}

static int test_percentages(void)
{
	unsigned long value = 0, other, values[MAX_DOMAINS];
	int d = num_domains - 1, p, shown, rounded, half;
	long limit, before = 0;

	CHECK_PASS(need_mb());
	for (p = min_bw; p <= 100; p++) {
		CHECK_OK(group_write("a", "schemata", "MB:%d=%d\n", domains[d].id, p), "%d", p);
		CHECK_PASS(read_line("a", values));
		shown = values[d];
		for (half = 0; half <= paired; half++) {
			CHECK_PASS(value_in(d, partid_of("a", half), &other));
			CHECK(!half || other == value, "%d%% is %lx and %lx", p, value, other);
			value = other;
		}
		limit = limit_of(value);
		CHECK(shown > p - gran && shown < p + gran, "%d%% reads back as %d%%", p, shown);
		CHECK(limit >= before, "%d%% is %lx, less than for %d%%", p, value, p - 1);
		/* Never above what was asked for, rounded as the documentation says */
		rounded = (p + gran - 1) / gran * gran;
		CHECK(limit * 100 <= (long)rounded << width || p < min_bw + gran,
		      "%d%% is %lx: too much", p, value);
		CHECK(limit * 100 > (shown - 1L) << width && limit * 100 <= (long)shown << width,
		      "%lx is shown as %d%%", value, shown);
		CHECK((rounded >= 100) == (limit == 1L << width), "%d%% is %lx", p, value);
		before = limit;

		CHECK_OK(group_write("a", "schemata", "MB:%d=%d\n", domains[d].id, shown), "%d",
			 shown);
		CHECK_PASS(value_in(d, partid_of("a", 0), &other));
		CHECK(other == value, "%d%% is %lx, read back and written it is %lx", p, value,
		      other);
	}
	CHECK(!(value & HARDLIM), "no limit, but a hard one: %lx", value);
	CHECK_PASS(all_open(partid_of("a", 0)));
	return KSFT_PASS;
}

/* Accesses to each MSC beside those to monitors: "<msc>=<number> ..." */
static long accesses_to(const char *counts, const char *msc)
{
	const char *p = strstr(counts, msc);

	return p ? atol(p + strlen(msc) + 1) : -1;
}

static int test_costs(void)
{
	static char before[16384];
	const char *answer;
	int i, j, times, want, floor;
	unsigned long shared;

	CHECK_PASS(need_mb());
	/* With a floor that is derived from the limit there is one more write. */
	ORACLE(answer, "regs %s %d %d", limiters[0].msc, limiters[0].ris, partid_of("a", 0));
	floor = strstr(answer, "MBW_MIN") && log_count("T241-MPAM-4") > 0;
	for (times = 0; times < 2; times++) {
		ORACLE(answer, "accessed");
		snprintf(before, sizeof(before), "%s", answer);
		CHECK_OK(group_write("a", "schemata", "MB:%d=%d\n", domains[0].id, 50), "50%%");
		ORACLE(answer, "accessed");
		for (i = 0; i < num_limiters; i++) {
			for (shared = 0, j = 0; j < num_limiters; j++)
				if (!strcmp(limiters[i].msc, limiters[j].msc))
					shared += limiters[j].domain == 0;
			want = times ? 0 : shared * (2 + floor) * (1 + paired);
			CHECK(accesses_to(answer, limiters[i].msc) -
			      accesses_to(before, limiters[i].msc) == want,
			      "%ld accesses to %s, not %d",
			      accesses_to(answer, limiters[i].msc) -
			      accesses_to(before, limiters[i].msc), limiters[i].msc, want);
		}
	}
	return KSFT_PASS;
}

static int test_removed(void)
{
	int partid = partid_of("a", 0), half;

	CHECK_PASS(need_mb());
	CHECK_OK(group_write("a", "schemata", "MB:%d=%d\n", domains[0].id, min_bw), "MB");
	CHECK_OK(group_remove("a"), "rmdir");
	for (half = 0; half <= paired; half++)
		CHECK_PASS(all_open(partid + half));
	CHECK_OK(group_write("b", "schemata", "MB:%d=%d\n", domains[0].id, min_bw), "MB");
	partid = partid_of("b", 0);
	CHECK_OK(resctrl_umount(), "umount");
	for (half = 0; half <= paired; half++)
		CHECK_PASS(all_open(partid + half));
	return KSFT_PASS;
}

/* With mba_MBps schemata has targets, which only the software controller reads. */
static int test_targets(void)
{
	unsigned long values[MAX_DOMAINS];
	char buf[128], opts[64];
	bool counters;
	int i, n;

	CHECK_PASS(need_mb());
	CHECK_PASS(truth_offers("mbm_total_bytes", &counters));
	snprintf(opts, sizeof(opts), "%s%smba_MBps", option, *option ? "," : "");
	if (!counters) {
		CHECK(resctrl_mount_with(opts) == -EINVAL, "mba_MBps without counters");
		return KSFT_PASS;
	}
	CHECK_OK(resctrl_mount_with(opts), "mount -o %s", opts);
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_OK(group_read("a", "mba_MBps_event", buf, sizeof(buf)), "mba_MBps_event");
	CHECK(!strcmp(buf, "mbm_total_bytes"), "mba_MBps_event is '%s'", buf);
	CHECK(group_write("a", "mba_MBps_event", "mbm_local_bytes\n") == -EINVAL,
	      "an event that is not there");
	CHECK(group_write("a", "mba_MBps_event", "nonsense\n") == -EINVAL, "nonsense");
	CHECK_PASS(read_line("a", values));
	CHECK(values[0] == UNLIMITED, "MB:%d starts as %lu", domains[0].id, values[0]);
	n = values[0] == UNLIMITED;
	/* A mistake further on takes back what came before it. */
	CHECK(group_write("a", "schemata", "MB:%d=500;98765=1\n", domains[0].id) == -EINVAL,
	      "an unknown domain");
	CHECK(group_write("a", "schemata", "MB:%d=500;%d=600\n", domains[0].id,
			  domains[0].id) == -EINVAL, "a domain twice");
	CHECK(group_write("a", "schemata", "MB:%d=500\nX:1=1\n", domains[0].id) == -EINVAL,
	      "an unknown resource");
	CHECK_PASS(read_line("a", values));
	CHECK(n && values[0] == UNLIMITED, "a refused write left MB:%d=%lu", domains[0].id,
	      values[0]);
	for (i = 0; i < num_domains; i++) {
		CHECK_OK(group_write("a", "schemata", "MB:%d=%d\n", domains[i].id, 1000 + i),
			 "a target");
		CHECK_PASS(read_line("a", values));
		CHECK(values[i] == 1000UL + i, "MB:%d is %lu", domains[i].id, values[i]);
	}
	/* A group that does nothing is below its target: no reason to limit it. */
	CHECK_PASS(all_open(partid_of("a", 0)));
	CHECK_OK(resctrl_umount(), "umount");
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_PASS(read_line("", values));
	CHECK(values[0] == 100, "after mba_MBps MB:%d is %lu", domains[0].id, values[0]);
	CHECK_OK(resctrl_umount(), "umount");
	return KSFT_PASS;
}

/* The traffic model: how often it looks at CPUs, in seconds; and what passes an L3, in MiB/s */
#define INTERVAL	0.010
#define PEAK		16384

/* A domain that is regulated, its CPU that has traffic, and who it is regulated for */
struct regulated {
	int domain, cpu, partid, pmg;
	long open;		/* the limit when there is none */
};

/* What the group moves, in MiB/s of the model's time */
static int rate_now(const struct regulated *r, double *rate)
{
	unsigned long long bytes[2];
	const char *answer;
	long samples[2];
	int i;

	for (i = 0; i < 2; i++) {
		if (i)
			usleep(300000);
		ORACLE(answer, "rate %d %d %d", r->cpu, r->partid, r->pmg);
		CHECK(sscanf(answer, "%llu %ld", &bytes[i], &samples[i]) == 2, "oracle: %s",
		      answer);
	}
	CHECK(samples[1] > samples[0], "no traffic");
	*rate = (bytes[1] - bytes[0]) / 1048576.0 / ((samples[1] - samples[0]) * INTERVAL);
	return KSFT_PASS;
}

static int limit_now(const struct regulated *r, long *limit)
{
	unsigned long value;

	CHECK_PASS(value_in(r->domain, r->partid, &value));
	*limit = limit_of(value);
	return KSFT_PASS;
}

/*
 * Waits until resctrl, which looks once a second, has no reason to change it any
 * more. A second is not always as long for resctrl as it is for the model: small
 * steps may go up and down by so many of the hardware's.
 */
static int limit_settles(const struct regulated *r, long *limit, long wobble)
{
	int i, same = 0, enough = wobble ? 44 : 22;
	long low, high;

	CHECK_PASS(limit_now(r, limit));
	low = *limit;
	high = *limit;
	for (i = 0; i < 400 && same < enough; i++) {
		usleep(100000);
		CHECK_PASS(limit_now(r, limit));
		low = *limit < low ? *limit : low;
		high = *limit > high ? *limit : high;
		same++;
		if (high - low > wobble) {
			low = *limit;
			high = *limit;
			same = 0;
		}
	}
	CHECK(same == enough, "the limit still changes, from %ld to %ld", low, high);
	return KSFT_PASS;
}

static int regulate(const struct regulated *r)
{
	/* It takes more than two steps down, and a task does not have all of its CPU. */
	long limit, last, wobble = gran < 4 ? 3 : 0;
	double rate, target = PEAK * (100 - (wobble ? 10 : 2.5 * gran)) / 100;
	int least = 100 - (wobble ? 15 : 7 * gran);

	CHECK_PASS(rate_now(r, &rate));
	CHECK(rate > target, "%f MiB/s without limit", rate);
	CHECK_OK(group_write("a", "schemata", "MB:%d=%d\n", domains[r->domain].id, (int)target),
		 "a target");
	CHECK_PASS(limit_settles(r, &limit, wobble));
	CHECK_PASS(rate_now(r, &rate));
	ksft_print_msg("at most %d of %d MiB/s: %ld of %ld, which is %d\n", (int)target, PEAK,
		       limit, r->open, (int)rate);
	CHECK(rate <= target + (double)PEAK * wobble / r->open, "%f MiB/s at %ld of %ld", rate,
	      limit, r->open);
	/* But no less than it must */
	CHECK(limit * 100 > r->open * least, "%ld of %ld", limit, r->open);
	/* A count that can't be read is no reason to change anything. */
	TELL("stuck mbwu %d 1", r->cpu);
	CHECK_PASS(limit_now(r, &limit));
	usleep(3200000);
	CHECK_PASS(limit_now(r, &last));
	TELL("stuck mbwu %d 0", r->cpu);
	CHECK(limit == last, "from %ld to %ld without a count", limit, last);
	/* With less to do it gets back what it had. */
	TELL("demand %d %d", r->cpu, PEAK / 100);
	CHECK_PASS(limit_settles(r, &limit, 0));
	CHECK(limit == r->open, "%ld of %ld with little to do", limit, r->open);
	/* Nobody can do without: the least there is, not less than that */
	CHECK_OK(group_write("a", "schemata", "MB:%d=0\n", domains[r->domain].id), "a target");
	if (gran > 4) {
		CHECK_PASS(limit_settles(r, &limit, 0));
		CHECK(limit == 1, "%ld of %ld is the least", limit, r->open);
	}
	return KSFT_PASS;
}

static int test_regulates(void)
{
	struct regulated r = {};
	const char *answer;
	char opts[64], buf[128];
	bool counters;
	pid_t pid;
	int ret;

	CHECK_PASS(need_mb());
	CHECK_PASS(truth_offers("mbm_total_bytes", &counters));
	ORACLE(answer, "mbw-max 0");
	if (!strstr(answer, "/cache=") || !counters) {
		ksft_print_msg("no counters, or not of what is limited\n");
		return KSFT_SKIP;
	}
	snprintf(opts, sizeof(opts), "%s%smba_MBps", option, *option ? "," : "");
	CHECK_OK(resctrl_mount_with(opts), "mount -o %s", opts);
	CHECK_OK(group_make("a"), "mkdir");
	CHECK_OK(group_read("a", "mon_hw_id", buf, sizeof(buf)), "mon_hw_id");
	r.pmg = atoi(buf);
	r.partid = partid_of("a", 0);
	r.domain = num_domains - 1;
	r.cpu = cpu_of_cache(3, domains[r.domain].id);
	CHECK_PASS(limit_now(&r, &r.open));
	CHECK_OK(pin(0, cpu_of_cache(3, domains[0].id)), "pin");
	pid = task_spinner("a", r.cpu);
	CHECK(pid > 0, "no task");
	/* More than there is */
	ORACLE(answer, "demand %d %d", r.cpu, 2 * PEAK);
	ORACLE(answer, "model 1");
	ret = regulate(&r);
	task_stop(pid);
	ORACLE(answer, "model 0");
	ORACLE(answer, "stuck mbwu %d 0", r.cpu);
	CHECK_OK(resctrl_umount(), "umount");
	if (ret == KSFT_PASS && paired)
		ret = all_open(r.partid + 1);
	return ret ?: all_open(r.partid);
}

static const struct test tests[] = {
	{ "mount", test_mount },
	{ "info", test_info },
	{ "each domain has its RIS", test_domains },
	{ "every percentage", test_percentages },
	{ "costs", test_costs },
	{ "rmdir and unmount open", test_removed },
	{ "mba_MBps has targets", test_targets },
	{ "no violations", truth_no_violations },
};

/* The software controller takes its time. */
static const struct test slow_tests[] = {
	{ "mount", test_mount },
	{ "info", test_info },
	{ "each domain has its RIS", test_domains },
	{ "rmdir and unmount open", test_removed },
	{ "mba_MBps reaches its targets", test_regulates },
	{ "no violations", truth_no_violations },
};

/* mpam_mb [regulate] [mount option] */
int main(int argc, char **argv)
{
	bool slow = argc > 1 && !strcmp(argv[1], "regulate");

	if (argc > slow + 1)
		option = argv[slow + 1];
	resctrl_umount();
	if (slow)
		run_tests(slow_tests, ARRAY_SIZE(slow_tests));
	run_tests(tests, ARRAY_SIZE(tests));
}

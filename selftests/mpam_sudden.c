// SPDX-License-Identifier: GPL-2.0-only
/*
 * Something happens to an MSC in the midst of an operation: after each number
 * of accesses, until the operation needs no more than that.
 *
 *	mpam_sudden [<n>]	faults that leave an MSC in use, in each operation,
 *				after each number of accesses up to n; without,
 *				after one that is another for each fault
 *	mpam_sudden end <n>	a fault that ends its use, and that of MPAM with
 *				it: the n-th that there is, in a boot of its own
 *
 * For a machine whose MSCs are reached from, and lose power with, a cluster, with
 * monitors and error interrupts.
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

#define GROUP	"a"
#define OTHER	"b"

/* What a label has in the cache, as far as the CSU can tell; what it moves at each MSC */
#define CACHED	0x40000
#define MOVED	0x12340

/* What a counter counts between the reads of its halves: more than fits the lower one */
#define TORN	"4294967360"

static struct cache cache;
static struct domain *far;	/* not CPU 0's */
static bool far_cpus[MAX_CPUS];
static char msc[64];		/* one of its MSCs */
static unsigned long mask = 0xf;
static int max_after, nth;
/* What the group has counted and, in truth, has moved when an operation is prepared */
static unsigned long long first_count, first_moved;

/* What the operation says, and the values that it reads */
struct result {
	int err;
	char text[2][64];
};

/* An operation, and what has to be there before it; both 0 or a negative errno */
struct op {
	const char *name;
	int (*prepare)(void);
	int (*run)(struct result *r);
	bool reads;	/* monitors */
	bool counts;	/* before and after it, the group's counter is the same */
	bool restores;	/* what the MSC had forgotten, errors too: these are cleared first */
};

/* What happens, and how to make an end of it */
struct fault {
	const char *name;
	const char *inject;
	const char *undo;	/* NULL: it is over */
	bool mute;		/* values are as usual, and none is unavailable */
	bool lies;		/* values that are wrong can't be told from others */
	bool forgets;		/* settings, until CPUs come back */
	bool spoils;		/* what was counted, until the counter has another group */
	bool not_online;	/* CPUs that come back would find it broken */
	bool unheard;	/* nobody notices until CPUs come back */
	const char *torn;	/* counters may count so much more, once */
};

static int event(const char *name, char *text, size_t size)
{
	char path[96];

	snprintf(path, sizeof(path), "mon_data/mon_L3_%02d/%s", far->id, name);
	return group_read(GROUP, path, text, size);
}

static int set_cluster(bool on)
{
	int cpu, err = 0;

	for (cpu = 0; cpu < MAX_CPUS && !err; cpu++)
		if (far_cpus[cpu])
			err = on ? cpu_online(cpu) : cpu_offline(cpu);
	return err;
}

static int prepare_nothing(void)
{
	return 0;
}

static int run_write(struct result *r)
{
	mask ^= 0x33;
	return group_set_mask(GROUP, &cache, far->id, mask);
}

static int set_cached(int bytes)
{
	return oracle_ask("fill %d %d %d %d", far->cpu, group_partid(GROUP), group_pmg(GROUP),
			  bytes) ? 0 : -EIO;
}

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static int get_moved(unsigned long long *moved)
{
	const char *answer = oracle_ask("moved %d %d %d", far->cpu, group_partid(GROUP),
					group_pmg(GROUP));

	*moved = answer ? strtoull(answer, NULL, 10) : 0;
	return answer ? 0 : -EIO;
}

/* From here on what the group moves must be counted */
static int start_counting(void)
{
	char text[64];
	int err = event("mbm_total_bytes", text, sizeof(text));

	if (err || !is_number(text))
		return err ?: -ENODATA;
	first_count = strtoull(text, NULL, 10);
	err = get_moved(&first_moved);
	if (err)
		return err;
	return oracle_ask("move %d %d %d %d 0", far->cpu, group_partid(GROUP),
			  group_pmg(GROUP), MOVED) ? 0 : -EIO;
}

static int prepare_read(void)
{
	int err = start_counting();

	return err ?: set_cached(CACHED);
}

static int run_read(struct result *r)
{
	int err = event("llc_occupancy", r->text[0], sizeof(r->text[0]));

	return err ? err : event("mbm_total_bytes", r->text[1], sizeof(r->text[1]));
}

static int run_mkdir(struct result *r)
{
	return group_make(OTHER);
}

static int prepare_rmdir(void)
{
	int err = group_make(OTHER) ?: start_counting();

	return err ?: group_set_mask(OTHER, &cache, far->id, 0xf0);
}

static int run_rmdir(struct result *r)
{
	return group_remove(OTHER);
}

static int run_mount(struct result *r)
{
	return resctrl_mount();
}

static int run_umount(struct result *r)
{
	return resctrl_umount();
}

static int prepare_online(void)
{
	int err = start_counting();

	return err ?: set_cluster(false);
}

static int run_online(struct result *r)
{
	return set_cluster(true);
}

static const struct op ops[] = {
	{ .name = "schemata write", start_counting, run_write, .counts = true },
	{ .name = "monitor read", prepare_read, run_read, .reads = true, .counts = true },
	{ .name = "mkdir", start_counting, run_mkdir, .counts = true },
	{ .name = "rmdir", prepare_rmdir, run_rmdir, .counts = true },
	{ .name = "umount", prepare_nothing, run_umount, .counts = false },
	{ .name = "mount", resctrl_umount, run_mount, .counts = false },
	{ .name = "a cluster's return", prepare_online, run_online, .counts = true,
	  .restores = true },
};

static const struct fault faults[] = {
	{ "a label out of range", "inject-error %s code=2 partid=999", .mute = true },
	{ "a PMG out of range", "inject-error %s code=4 pmg=99", .mute = true },
	{ "a selection out of range", "inject-error %s code=1 partid=99", .mute = true },
	{ "a filter out of range", "inject-error %s code=3 partid=99", .mute = true },
	{ "an index out of range", "inject-error %s code=5 partid=99", .mute = true },
	{ "an error that is not known", "inject-error %s code=13", .mute = true },
	{ "an interrupt for no reason", "inject-storm %s interrupt=error period-ns=2000000",
	  "inject-storm %s interrupt=error period-ns=0", .mute = true },
	{ "no value of the CSU", "inject-nrdy %s ris=0 type=csu stuck=true",
	  "inject-nrdy %s ris=0 type=csu stuck=false", .mute = false },
	{ "no value of counters", "inject-nrdy %s ris=0 type=mbwu stuck=true",
	  "inject-nrdy %s ris=0 type=mbwu stuck=false", .mute = false },
	{ "any value of the CSU", "inject-register %s register=CSU fault=garbage",
	  "inject-register %s register=CSU fault=none", .lies = true },
	{ "any value of counters", "inject-register %s register=MBWU_L fault=garbage",
	  "inject-register %s register=MBWU_L fault=none", .spoils = true },
	{ "any filter of counters", "inject-register %s register=MBWU_FLT fault=garbage",
	  "inject-register %s register=MBWU_FLT fault=none", .mute = true },
	{ "any state of counters", "inject-register %s register=MBWU_CTL fault=garbage",
	  "inject-register %s register=MBWU_CTL fault=none", .spoils = true },
	{ "a counter that does not stand still",
	  "inject-tear %s ris=0 bytes=" TORN " times=1",
	  "inject-tear %s ris=0 bytes=0 times=0", .mute = true, .torn = TORN },
	{ "another ID", "inject-register %s register=IDR fault=garbage",
	  "inject-register %s register=IDR fault=none", .mute = true, .not_online = true },
	{ "another version", "inject-register %s register=AIDR fault=garbage",
	  "inject-register %s register=AIDR fault=none", .mute = true, .not_online = true },
	{ "a moment without power", "inject-power %s power=blip", .forgets = true,
	  .spoils = true, .lies = true },
	{ "no power", "inject-power %s power=off", "inject-power %s power=on", .forgets = true,
	  .spoils = true, .lies = true, .not_online = true },
};

/* These end it: an error says that the MSC is not what it was, or it has gone */
static const struct fault ends[] = {
	{ .name = "no such control", .inject = "inject-error %s code=9 partid=1" },
	{ .name = "no such RIS", .inject = "inject-error %s code=8 partid=1" },
	{ .name = "no such monitor", .inject = "inject-error %s code=11 partid=1" },
	{ .name = "no such internal PARTID", .inject = "inject-error %s code=6 partid=1" },
	{ .name = "no internal PARTIDs", .inject = "inject-error %s code=7 partid=1" },
	{ .name = "no such RIS of monitors", .inject = "inject-error %s code=10 partid=1" },
};

/* It can't say that any more, or not what it is */
static const struct fault gone[] = {
	{ .name = "no power", .inject = "inject-power %s power=off", .unheard = true },
	{ .name = "another ID", .inject = "inject-register %s register=IDR fault=garbage",
	  .unheard = true },
	{ .name = "no ID", .inject = "inject-register %s register=AIDR fault=ones",
	  .unheard = true },
	{ .name = "errors of any kind",
	  .inject = "inject-register %s register=ESR fault=garbage;"
		    "inject-storm %s interrupt=error period-ns=1000000 code=2",
	  .undo = "inject-register %s register=ESR fault=none;"
		  "inject-storm %s interrupt=error period-ns=0;"
		  "inject-error %s code=0;inject-error %s code=0" },
};

/* Several commands are separated by semicolons */
static int tell(const char *commands, int after)
{
	char all[320], text[160], *command, *save;

	snprintf(all, sizeof(all), "%s", commands);
	for (command = strtok_r(all, ";", &save); command; command = strtok_r(NULL, ";", &save)) {
		snprintf(text, sizeof(text), command, msc);
		if (after)
			TELL("inject %s after=%d", text, after);
		else
			TELL("inject %s", text);
	}
	return KSFT_PASS;
}

/* How many faults were still to come, and will not */
static int take_back(int *left)
{
	const char *answer;

	ORACLE(answer, "cancel %s", msc);
	*left = atoi(answer);
	return KSFT_PASS;
}

static int find_far(void)
{
	int i;

	for (i = cache.num_domains - 1; i >= 0; i--) {
		char path[64];

		/* Two MSCs of this machine have the same two CPUs */
		snprintf(path, sizeof(path), "cpu%d/cache/index3/shared_cpu_list",
			 cache.domain[i].cpu);
		memset(far_cpus, 0, sizeof(far_cpus));
		if (cpu_list(path, far_cpus) > 0 && !far_cpus[0]) {
			far = &cache.domain[i];
			return 0;
		}
	}
	return -ENOENT;
}

static int test_setup(void)
{
	char text[64];

	NEED_ORACLE();
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	CHECK(cache.level == 3, "the first cache is %s", cache.name);
	CHECK_OK(find_far(), "no cluster without CPU 0");
	CHECK_PASS(truth_msc(3, far->cpu, msc, sizeof(msc)));
	CHECK_OK(group_read("", "info/L3_MON/mbm_assign_on_mkdir", text, sizeof(text)), "mkdir");
	CHECK(atoi(text) == 1, "groups have no counters");
	CHECK_OK(group_make(GROUP), "mkdir");
	CHECK_OK(group_set_mask(GROUP, &cache, far->id, mask), "mask");
	return truth_schemata(&cache, GROUP);
}

/* Back to what test_setup() made, whatever the operation has done or not done */
static int rebuild(bool spoiled)
{
	int err;

	CHECK_OK(set_cluster(true), "online");
	err = resctrl_mount();
	CHECK(!err || err == -EBUSY, "mount: %s", strerror(-err));
	err = group_remove(OTHER);
	CHECK(!err || err == -ENOENT, "rmdir: %s", strerror(-err));
	if (spoiled) {
		err = group_remove(GROUP);
		CHECK(!err || err == -ENOENT, "rmdir: %s", strerror(-err));
	}
	err = group_make(GROUP);
	CHECK(!err || err == -EEXIST, "mkdir: %s", strerror(-err));
	return KSFT_PASS;
}

static int is_true(void)
{
	const char *answer;
	int i;

	CHECK_OK(group_set_mask(GROUP, &cache, far->id, mask), "mask");
	CHECK_PASS(truth_schemata(&cache, GROUP));
	CHECK_PASS(truth_schemata(&cache, ""));
	/* An error is taken by an interrupt, which may be under way */
	for (i = 0; i < 100; i++) {
		ORACLE(answer, "violations");
		if (!strcmp(answer, "0"))
			return KSFT_PASS;
		usleep(10000);
	}
	CHECK(false, "there are %s violations and errors", answer);
}

/* It counts what was moved, and may have counted something in between */
static int check_count(const struct fault *f, const char *text)
{
	unsigned long long moved, more = strtoull(text, NULL, 10) - first_count;
	unsigned long long torn = f->torn ? strtoull(f->torn, NULL, 10) : 0;

	CHECK_OK(get_moved(&moved), "moved");
	moved -= first_moved;
	CHECK(moved && (more == moved || more == moved + torn),
	      "%llu bytes were counted, not %llu", more, moved);
	return KSFT_PASS;
}

/* What a read said: the truth, or that there is no value */
static int check_values(const struct fault *f, const struct result *r)
{
	const char *answer;
	int i;

	for (i = 0; i < 2; i++)
		CHECK(is_number(r->text[i]) || (!f->mute && !strcmp(r->text[i], "Unavailable")),
		      "value %d is '%s'", i, r->text[i]);
	ORACLE(answer, "cached %d %d %d", far->cpu, group_partid(GROUP), group_pmg(GROUP));
	CHECK(f->lies || !is_number(r->text[0]) || !strcmp(r->text[0], answer),
	      "occupancy is %s, not %s", r->text[0], answer);
	if (!f->spoils && is_number(r->text[1]))
		CHECK_PASS(check_count(f, r->text[1]));
	CHECK_OK(set_cached(0), "fill");
	return KSFT_PASS;
}

/* When it is over, nothing of the count is missing */
static int check_count_after(const struct fault *f)
{
	char text[64];

	CHECK_OK(event("mbm_total_bytes", text, sizeof(text)), "mbm_total_bytes");
	CHECK(is_number(text), "the count is '%s'", text);
	return check_count(f, text);
}

/* One fault at one place of an operation: *fired says whether that has it */
static int try(const struct fault *f, const struct op *op, int after, bool *fired)
{
	struct result r = {};
	int err, left;

	CHECK_OK(op->prepare(), "%s: before it", op->name);
	CHECK_PASS(tell(f->inject, after));
	err = op->run(&r);
	CHECK_PASS(take_back(&left));
	*fired = !left;
	if (f->undo && *fired)
		CHECK_PASS(tell(f->undo, 0));

	CHECK(!err, "%s: %s: %s", op->name, f->name, strerror(-err));
	if (op->reads)
		CHECK_PASS(check_values(f, &r));
	if (op->counts && !f->spoils)
		CHECK_PASS(check_count_after(f));

	CHECK_PASS(rebuild(f->spoils && *fired));
	if (f->forgets && *fired) {
		CHECK_OK(set_cluster(false), "offline");
		CHECK_OK(set_cluster(true), "online");
	}
	return is_true();
}

/* After 1, 2, 3, 5, 8, ... accesses */
static int try_places(const struct fault *f, const struct op *op, int *places)
{
	int after = 1, next = 2, sum;
	bool fired;

	for (*places = 0; after <= max_after; (*places)++) {
		CHECK_PASS(try(f, op, after, &fired));
		if (!fired)
			break;
		sum = after + next;
		after = next;
		next = sum;
	}
	return KSFT_PASS;
}

/* After so many that is not the same for all, or else the first */
static int try_one_place(const struct fault *f, const struct op *op, int n, int *places)
{
	static const int all[] = { 1, 2, 3, 5, 8, 13 };
	bool fired;

	CHECK_PASS(try(f, op, all[n % ARRAY_SIZE(all)], &fired));
	if (!fired)
		CHECK_PASS(try(f, op, 1, &fired));
	*places = fired;
	return KSFT_PASS;
}

static int test_op(const struct op *op)
{
	int places, total = 0, ret;
	size_t i;

	NEED_ORACLE();
	CHECK(far, "there is nothing to disturb");
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (op->restores && faults[i].not_online)
			continue;
		if (max_after)
			ret = try_places(&faults[i], op, &places);
		else
			ret = try_one_place(&faults[i], op, i + (op - ops), &places);
		if (ret != KSFT_PASS) {
			ksft_print_msg("%s: %s\n", op->name, faults[i].name);
			return KSFT_FAIL;
		}
		total += places;
	}
	ksft_print_msg("%s: %d faults in the midst of it\n", op->name, total);
	CHECK(total, "it needs no access");
	return KSFT_PASS;
}

/* The n-th of those that end it, one in the midst of each operation at each place */
static int test_end(void)
{
	static const int places[] = { 1, 2, 4 };
	/* Before this, an error may be garbage of the MSC's power-up */
	const int known = 8;
	int num_ops = ARRAY_SIZE(ops), num_gone = ARRAY_SIZE(gone) * num_ops;
	int num = num_gone + num_ops * ARRAY_SIZE(places), n = nth - 1, after, left;
	const struct fault *f;
	const struct op *op;
	struct result r = {};
	bool on[MAX_CPUS];
	int err, cpu;

	CHECK(nth > 0 && nth <= num, "there are %d", num);
	if (nth == num)
		ksft_print_msg("there is no other\n");
	if (n < num_gone) {
		f = &gone[n / num_ops];
		op = &ops[n % num_ops];
		after = !op->restores;
	} else {
		n -= num_gone;
		op = &ops[n % num_ops];
		after = places[n / num_ops] + (op->restores ? known : 0);
		f = &ends[n % ARRAY_SIZE(ends)];
	}
	ksft_print_msg("%s, %d accesses into %s\n", f->name, after, op->name);
	CHECK_OK(op->prepare(), "before it");
	cpu_list("online", on);
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (on[cpu])
			task_spinner(op->run == run_mount ? "" : GROUP, cpu);
	CHECK_PASS(tell(f->inject, after));
	err = op->run(&r);
	CHECK_PASS(take_back(&left));
	if (left)
		CHECK_PASS(tell(f->inject, 0));
	ksft_print_msg("%s: %s '%s' '%s'\n", op->name, strerror(-err), r.text[0], r.text[1]);
	CHECK(!err || (!op->restores && (err == -EIO || err == -ENODEV || err == -ENOENT)),
	      "%s: %s", op->name, strerror(-err));
	if (f->unheard && !op->restores) {
		CHECK_OK(set_cluster(false), "offline");
		CHECK_OK(set_cluster(true), "online");
	}
	CHECK(log_wait("MPAM is switched off: nothing is left") == 1, "MPAM is not off");
	CHECK_OK(set_cluster(true), "online");
	if (f->undo)
		CHECK_PASS(tell(f->undo, 0));
	return KSFT_PASS;
}

static void run_ops(void)
{
	size_t i;

	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(ops) + 2);
	ksft_test_result_report(test_setup(), "setup\n");
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		ksft_test_result_report(test_op(&ops[i]), "in the midst of %s\n", ops[i].name);
	ksft_test_result_report(truth_no_violations(), "no violations\n");
	ksft_finished();
}

static const struct test end[] = {
	{ "setup", test_setup },
	{ "it ends in the midst of something", test_end },
	{ "nothing is left of MPAM", truth_off },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	resctrl_umount();
	if (argc > 2 && !strcmp(argv[1], "end")) {
		nth = atoi(argv[2]);
		run_tests(end, ARRAY_SIZE(end));
	}
	max_after = argc > 1 ? atoi(argv[1]) : 0;
	run_ops();
}

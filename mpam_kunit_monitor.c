// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of monitors, on MSCs that are made of memory
 *
 * What is probed and merged, the exact accesses of reads, and counts that have
 * to be exact over wraps, torn reads, loss of power and reassignment.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/sizes.h>

#include "mpam_kunit.h"

#define RD(_offset)	{ false, _offset }
#define MSEL(_ris, _mon)							\
	WR(MSMON_CFG_MON_SEL, FIELD_PREP_CONST(MSMON_CFG_MON_SEL_RIS, _ris) |	\
			      FIELD_PREP_CONST(MSMON_CFG_MON_SEL_MON_SEL, _mon))

#define MATCH		(MSMON_CFG_CTL_MATCH_PARTID | MSMON_CFG_CTL_MATCH_PMG)
#define FLT(_partid, _pmg)							\
	(FIELD_PREP_CONST(MSMON_CFG_FLT_PARTID, _partid) |			\
	 FIELD_PREP_CONST(MSMON_CFG_FLT_PMG, _pmg))

#define FILTER(_partid, _pmg)	{ .partid = _partid, .pmg = _pmg }

/* MPAMF_MBWUMON_IDR of each width */
#define MBWU_31		0
#define MBWU_44		MPAMF_MBWUMON_IDR_HAS_LONG
#define MBWU_63		(MPAMF_MBWUMON_IDR_HAS_LONG | MPAMF_MBWUMON_IDR_LWD)

/* An MSC of the one L3, with monitors of both types */
static struct mpam_fake *test_mon_msc(struct kunit *test, u32 csu, u32 mbwu)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->ris[0].idr = MPAMF_IDR_HAS_CPOR_PART | MPAMF_IDR_HAS_MSMON;
	fake->ris[0].cpor = CPOR(16);
	fake->ris[0].msmon = MPAMF_MSMON_IDR_MSMON_CSU | MPAMF_MSMON_IDR_MSMON_MBWU;
	fake->ris[0].csumon = csu;
	fake->ris[0].mbwumon = mbwu;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);

	return fake;
}

static void test_up(struct mpam_fake *fake)
{
	guard(migrate)();
	mpam_monitor_restore_msc(&fake->msc);
	fake->msc.live = true;
	mpam_fake_log_clear(fake);
}

static void test_down(struct mpam_fake *fake)
{
	guard(migrate)();
	mpam_monitor_save_msc(&fake->msc);
	fake->msc.live = false;
}

/* Build the L3 of all MSCs of the test, and bring them up */
static struct mpam_component *test_mon_up(struct kunit *test)
{
	struct mpam_test *ctx = test->priv;
	struct mpam_component *comp = mpam_test_l3_up(test);
	struct mpam_fake *fake;

	KUNIT_ASSERT_EQ(test, mpam_monitor_alloc(ctx->topo), 0);
	list_for_each_entry(fake, &ctx->fakes, node) {
		fake->msc.live = false;
		mpam_fake_power_cycle(fake);
		mpam_test_restore(fake, TEST_PARTIDS);
		test_up(fake);
	}

	return comp;
}

static int test_read(struct mpam_component *comp, enum mpam_mon_type type,
		     const struct mpam_mon_ref *refs, unsigned int nr, u64 *val)
{
	guard(cpus_read_lock)();

	return mpam_monitor_read(comp, type, refs, nr, val);
}

static int test_occupancy(struct kunit *test, struct mpam_component *comp, u16 partid, u8 pmg,
			  u64 *val)
{
	struct mpam_mon_ref ref = { .filter = FILTER(partid, pmg) };

	KUNIT_EXPECT_EQ(test, mpam_monitor_pick(comp, &ref, 1), 0);

	return test_read(comp, MPAM_MON_CSU, &ref, 1, val);
}

static const struct mpam_mon_ref test_ref = { .mon = 3, .filter = FILTER(2, 1) };

static void test_assign(struct kunit *test, struct mpam_component *comp)
{
	guard(cpus_read_lock)();
	KUNIT_EXPECT_EQ(test, mpam_monitor_assign(comp, &test_ref, true), 0);
}

static void test_expect_count(struct kunit *test, struct mpam_component *comp, u64 want)
{
	u64 val = 0;

	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), 0);
	KUNIT_EXPECT_EQ(test, val, want);
}

static bool test_overflow(struct mpam_fake *fake)
{
	guard(migrate)();

	return mpam_monitor_overflow(&fake->msc);
}

/* The accesses since the last time, reads and writes, @nr of them */
static void test_expect_accesses(struct kunit *test, struct mpam_fake *fake,
				 const struct mpam_fake_access *want, unsigned int nr)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, fake->nr_log, nr);
	for (i = 0; i < min(nr, fake->nr_log); i++) {
		KUNIT_EXPECT_EQ_MSG(test, fake->log[i].write, want[i].write, "access %u", i);
		KUNIT_EXPECT_EQ_MSG(test, fake->log[i].offset, want[i].offset, "access %u", i);
		if (want[i].write)
			KUNIT_EXPECT_EQ_MSG(test, fake->log[i].val, want[i].val, "access %u", i);
	}
	mpam_fake_log_clear(fake);
}

#define EXPECT_ACCESSES(_test, _fake, ...) do {					\
	const struct mpam_fake_access _want[] = { __VA_ARGS__ };		\
										\
	test_expect_accesses(_test, _fake, _want, ARRAY_SIZE(_want));		\
} while (0)

static void mon_table_test(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < MPAM_NUM_MON_ROWS; i++) {
		const struct mpam_mon_desc *desc = &mpam_mons[i];

		KUNIT_EXPECT_EQ_MSG(test, desc->val_mask & desc->nrdy, 0, "%s", desc->name);
		KUNIT_EXPECT_EQ_MSG(test, desc->val_mask & (desc->val_mask + 1), 0, "%s",
				    desc->name);
		KUNIT_EXPECT_EQ_MSG(test, desc->wide, desc->nrdy > U32_MAX, "%s", desc->name);
		/* What can't wrap has no status, and the other way round */
		KUNIT_EXPECT_EQ_MSG(test, !desc->oflow, desc->type == MPAM_MON_CSU, "%s",
				    desc->name);
		KUNIT_EXPECT_EQ_MSG(test, !desc->oflow, !desc->oflow_intr, "%s", desc->name);
	}
}

static void mon_probe_test(struct kunit *test)
{
	struct mpam_fake *a = test_mon_msc(test, 7 | MPAMF_CSUMON_IDR_CSU_RO,
					   30 | MBWU_63 | MPAMF_MBWUMON_IDR_HAS_RWBW);
	struct mpam_fake *b = test_mon_msc(test, 9, 20 | MBWU_44 | MPAMF_MBWUMON_IDR_HAS_RWBW |
					   MPAMF_MBWUMON_IDR_HAS_OFSR);
	struct mpam_fake *c = test_mon_msc(test, 5, 40 | MBWU_31 |
					   FIELD_PREP(MPAMF_MBWUMON_IDR_SCALE, 11));
	struct mpam_class *class = mpam_test_l3_class(test, mpam_test_topo(test));

	KUNIT_EXPECT_EQ(test, a->msc.ris[0].props.nr_mons[MPAM_MON_CSU], 7);
	KUNIT_EXPECT_EQ(test, a->msc.ris[0].props.nr_mons[MPAM_MON_MBWU], 30);
	KUNIT_EXPECT_EQ(test, a->msc.ris[0].mbwu_row, MPAM_MON_ROW_MBWU_63);
	KUNIT_EXPECT_TRUE(test, a->msc.ris[0].csu_ro);
	KUNIT_EXPECT_TRUE(test, a->msc.ris[0].props.mon_rwbw);
	KUNIT_EXPECT_EQ(test, b->msc.ris[0].mbwu_row, MPAM_MON_ROW_MBWU_44);
	KUNIT_EXPECT_TRUE(test, b->msc.ris[0].mbwu_ofsr);
	KUNIT_EXPECT_EQ(test, c->msc.ris[0].mbwu_row, MPAM_MON_ROW_MBWU_31);
	KUNIT_EXPECT_EQ(test, c->msc.ris[0].mbwu_scale, 11);

	KUNIT_EXPECT_EQ(test, class->props.nr_mons[MPAM_MON_CSU], 5);
	KUNIT_EXPECT_EQ(test, class->props.nr_mons[MPAM_MON_MBWU], 20);
	KUNIT_EXPECT_FALSE(test, class->props.mon_rwbw);
}

/* Monitors that would mix groups up are none */
static void mon_probe_no_match_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 8 | MPAMF_MON_IDR_NO_MATCH_PMG,
					      8 | MPAMF_MON_IDR_NO_MATCH_PARTID);

	KUNIT_EXPECT_EQ(test, fake->msc.ris[0].props.nr_mons[MPAM_MON_CSU], 0);
	KUNIT_EXPECT_EQ(test, fake->msc.ris[0].props.nr_mons[MPAM_MON_MBWU], 0);
}

/* RIS that have none take no part; an MSC that has none leaves a hole */
static void mon_merge_test(struct kunit *test)
{
	struct mpam_props none = {}, some = {
		.nr_mons = { [MPAM_MON_CSU] = 4, [MPAM_MON_MBWU] = 9 }, .mon_rwbw = true,
	}, into;

	into = some;
	mpam_props_merge(&into, &none, true);
	KUNIT_EXPECT_EQ(test, into.nr_mons[MPAM_MON_CSU], 4);
	KUNIT_EXPECT_EQ(test, into.nr_mons[MPAM_MON_MBWU], 9);
	KUNIT_EXPECT_TRUE(test, into.mon_rwbw);

	into = none;
	mpam_props_merge(&into, &some, true);
	KUNIT_EXPECT_EQ(test, into.nr_mons[MPAM_MON_MBWU], 9);
	KUNIT_EXPECT_TRUE(test, into.mon_rwbw);

	into = some;
	mpam_props_merge(&into, &none, false);
	KUNIT_EXPECT_EQ(test, into.nr_mons[MPAM_MON_CSU], 0);
	KUNIT_EXPECT_EQ(test, into.nr_mons[MPAM_MON_MBWU], 0);
	KUNIT_EXPECT_FALSE(test, into.mon_rwbw);
}

static void csu_accesses_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 4);
	struct mpam_component *comp = test_mon_up(test);
	u64 val;

	fake->occupancy[2][1] = 12345;
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 2, 1, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 12345);
	EXPECT_ACCESSES(test, fake, MSEL(0, 0), WR(MSMON_CFG_CSU_CTL, MATCH),
			WR(MSMON_CFG_CSU_FLT, FLT(2, 1)),
			WR(MSMON_CFG_CSU_CTL, MATCH | MSMON_CFG_CTL_EN), RD(MSMON_CSU));

	fake->occupancy[2][1] = 54321;
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 2, 1, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 54321);
	EXPECT_ACCESSES(test, fake, MSEL(0, 0), RD(MSMON_CSU));
}

/* As many groups keep a monitor as there are; the one that was read last stays */
static void csu_keep_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 3, 4);
	struct mpam_component *comp = test_mon_up(test);
	u16 partid;
	u64 val;

	for (partid = 0; partid < 3; partid++)
		test_occupancy(test, comp, partid, 0, &val);
	mpam_fake_log_clear(fake);
	for (partid = 0; partid < 3; partid++)
		test_occupancy(test, comp, partid, 0, &val);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 3 * 2);

	/* A fourth takes the monitor of the one that was not read for longest */
	mpam_fake_log_clear(fake);
	test_occupancy(test, comp, 0, 0, &val);
	test_occupancy(test, comp, 3, 0, &val);
	test_occupancy(test, comp, 0, 0, &val);
	test_occupancy(test, comp, 2, 0, &val);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 2 + 5 + 2 + 2);
	test_occupancy(test, comp, 1, 0, &val);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 2 + 5 + 2 + 2 + 5);
}

/* Groups that differ by nothing but their PMG are two groups */
static void csu_pmg_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 4);
	struct mpam_component *comp = test_mon_up(test);
	unsigned int i;
	u64 val;

	fake->occupancy[2][0] = 100;
	fake->occupancy[2][1] = 11;
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 2, i % 2, &val), 0);
		KUNIT_EXPECT_EQ(test, val, i % 2 ? 11 : 100);
	}
	KUNIT_EXPECT_EQ(test, fake->nr_log, 2 * (5 + 2));
}

/* Both halves of a pair, over two MSCs, with one wait for all of them */
static void csu_nrdy_test(struct kunit *test)
{
	struct mpam_mon_ref refs[2] = { { .filter = FILTER(0, 1) }, { .filter = FILTER(1, 1) } };
	struct mpam_fake *a = test_mon_msc(test, 4, 4), *b = test_mon_msc(test, 4, 4);
	struct mpam_component *comp = test_mon_up(test);
	ktime_t start;
	u64 val;

	a->msc.fw.nrdy_usec = 5000;
	b->msc.fw.nrdy_usec = 3000;
	a->csu_nrdy = 1;
	b->csu_nrdy = 1;
	a->occupancy[0][1] = 1;
	a->occupancy[1][1] = 20;
	b->occupancy[0][1] = 300;
	b->occupancy[1][1] = 4000;

	KUNIT_ASSERT_EQ(test, mpam_monitor_pick(comp, refs, 2), 0);
	KUNIT_EXPECT_NE(test, refs[0].mon, refs[1].mon);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_CSU, refs, 2, &val), 0);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), 5000);
	KUNIT_EXPECT_EQ(test, val, 4321);
	KUNIT_EXPECT_EQ(test, a->nr_log, 2 * (5 + 2));
}

/* Shortest of some: others may be at work, too, and timers are late by nature */
#define LEAST_US(call) ({					\
	s64 _least = S64_MAX;					\
	unsigned int _i;					\
								\
	for (_i = 0; _i < 50; _i++) {				\
		ktime_t _start = ktime_get();			\
								\
		call;						\
		_least = min(_least, ktime_us_delta(ktime_get(), _start)); \
	}							\
	_least;							\
})

/* The wait is over at most 100 us after it could be, for a pair of groups as well */
static void csu_nrdy_time_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 2, 4);
	/* Beside the sleep; a kernel with KASAN has its own idea of time */
	const s64 slack = IS_ENABLED(CONFIG_KASAN) ? 700 : 80;
	struct mpam_component *comp = test_mon_up(test);
	s64 least = S64_MAX, pair = S64_MAX, sleep = S64_MAX;
	unsigned int i = 0, round;
	u64 val;

	fake->msc.fw.nrdy_usec = 300;
	fake->csu_nrdy = 1;

	/* A machine that has other things to do is late: some time it is not */
	for (round = 0; round < 100; round++) {
		/* As long as a sleep that is allowed to be 20 us late takes here */
		sleep = min(sleep, LEAST_US(usleep_range(300, 320)));
		least = min(least, LEAST_US({
			i++;
			KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, i % 4, 0, &val), 0);
		}));
		pair = min(pair, LEAST_US({
			struct mpam_mon_ref refs[2];

			i += 2;
			refs[0] = (struct mpam_mon_ref){ .filter = FILTER(i % 8, 0) };
			refs[1] = (struct mpam_mon_ref){ .filter = FILTER(i % 8 + 1, 0) };
			KUNIT_EXPECT_EQ(test, mpam_monitor_pick(comp, refs, 2), 0);
			KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_CSU, refs, 2, &val), 0);
		}));
		if (max(least, pair) <= sleep + slack)
			break;
	}

	kunit_info(test, "300 us: a sleep takes %lld, a read %lld, of two %lld", sleep, least,
		   pair);
	KUNIT_EXPECT_GE(test, least, 300);
	KUNIT_EXPECT_GE(test, pair, 300);
	KUNIT_EXPECT_LE(test, least, sleep + slack);
	KUNIT_EXPECT_LE(test, pair, sleep + slack);
}

/* Only what was not ready is read again */
static void csu_nrdy_one_test(struct kunit *test)
{
	struct mpam_fake *a = test_mon_msc(test, 4, 4), *b = test_mon_msc(test, 4, 4);
	struct mpam_component *comp = test_mon_up(test);
	u64 val;

	b->msc.fw.nrdy_usec = 100;
	b->csu_nrdy = 1;
	a->occupancy[1][0] = 7;
	b->occupancy[1][0] = 70;
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 1, 0, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 77);
	KUNIT_EXPECT_EQ(test, a->nr_log, 5);
	KUNIT_EXPECT_EQ(test, b->nr_log, 5 + 2);
}

/* Stuck: an error each time, not a number, until it is ready */
static void csu_nrdy_stuck_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 4);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 99;

	fake->csu_nrdy = ~0u;
	fake->occupancy[1][0] = 7;
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 1, 0, &val), -EBUSY);
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 1, 0, &val), -EBUSY);
	KUNIT_EXPECT_EQ(test, val, 99);
	fake->mons[0][0][0].nrdy = 0;
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 1, 0, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 7);
}

/* Where NRDY never clears, time is all there is to go by */
static void csu_nrdy_erratum_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 4);
	struct mpam_component *comp = test_mon_up(test);
	ktime_t start;
	u64 val;

	fake->msc.csu_nrdy_stuck = true;
	fake->msc.fw.nrdy_usec = 2000;
	fake->csu_nrdy = ~0u;
	fake->occupancy[1][0] = 7;
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 1, 0, &val), 0);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), 2000);
	KUNIT_EXPECT_EQ(test, val, 7);

	/* It has had its time */
	mpam_fake_log_clear(fake);
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 1, 0, &val), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 2);
}

/* With interrupts masked there is an answer, or an error, but no sleep */
static void csu_irqs_off_test(struct kunit *test)
{
	struct mpam_mon_ref ref = { .filter = FILTER(1, 0) };
	struct mpam_fake *fake = test_mon_msc(test, 4, 4);
	struct mpam_component *comp = test_mon_up(test);
	unsigned long flags;
	int slow, ready;
	u64 val = 0;

	fake->occupancy[1][0] = 7;
	fake->csu_nrdy = 1;
	fake->msc.fw.nrdy_usec = 100000;
	KUNIT_ASSERT_EQ(test, mpam_monitor_pick(comp, &ref, 1), 0);

	cpus_read_lock();
	local_irq_save(flags);
	slow = mpam_monitor_read(comp, MPAM_MON_CSU, &ref, 1, &val);
	ready = mpam_monitor_read(comp, MPAM_MON_CSU, &ref, 1, &val);
	local_irq_restore(flags);
	cpus_read_unlock();

	KUNIT_EXPECT_EQ(test, slow, -EBUSY);
	KUNIT_EXPECT_EQ(test, ready, 0);
	KUNIT_EXPECT_EQ(test, val, 7);
}

/* A cache that can't be asked is not empty */
static void csu_down_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 4);
	struct mpam_component *comp = test_mon_up(test);
	u64 val;

	fake->occupancy[1][0] = 7;
	test_down(fake);
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 1, 0, &val), -EBUSY);

	/* What it was programmed with is gone with its power */
	mpam_fake_power_cycle(fake);
	mpam_test_restore(fake, TEST_PARTIDS);
	test_up(fake);
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 1, 0, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 7);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 5);
}

struct test_width {
	const char *name;
	u32 idr;
	u64 modulus;
	unsigned int reads;
};

static const struct test_width test_widths[] = {
	{ "31 bits", MBWU_31, BIT_ULL(31), 3 },
	{ "44 bits", MBWU_44, BIT_ULL(44), 4 },
	{ "63 bits", MBWU_63, BIT_ULL(63), 4 },
};

KUNIT_ARRAY_PARAM_DESC(width, test_widths, name);

static void mbwu_count_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);

	test_assign(test, comp);
	test_expect_count(test, comp, 0);
	mpam_fake_traffic(fake, 0, 2, 1, false, 1000);
	mpam_fake_traffic(fake, 0, 2, 1, true, 500);
	mpam_fake_traffic(fake, 0, 2, 0, true, 7);
	mpam_fake_traffic(fake, 0, 1, 1, true, 7);
	mpam_fake_log_clear(fake);
	test_expect_count(test, comp, 1500);
	KUNIT_EXPECT_EQ(test, fake->nr_log, w->reads);
}

/* Preset near the wrap, and across it: once between two reads */
static void mbwu_wrap_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);
	u64 count = w->modulus - 100;

	/* Without, 31 bits are not good for longer than two milliseconds */
	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, count);
	test_expect_count(test, comp, count);
	mpam_fake_traffic(fake, 0, 2, 1, false, 150);
	test_expect_count(test, comp, count + 150);
	/* Once is once */
	test_expect_count(test, comp, count + 150);
	mpam_fake_traffic(fake, 0, 2, 1, false, 50);
	test_expect_count(test, comp, count + 200);
}

/* Three times between two reads, with an interrupt for each */
static void mbwu_wraps_irq_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);
	u64 count = 0;
	int i;

	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	for (i = 0; i < 3; i++) {
		mpam_fake_traffic(fake, 0, 2, 1, false, w->modulus - 10);
		mpam_fake_traffic(fake, 0, 2, 1, false, 20);
		count += w->modulus + 10;
		KUNIT_EXPECT_EQ(test, fake->nr_intr, i + 1);
		KUNIT_EXPECT_TRUE(test, test_overflow(fake));
		/* That was it: what comes now comes for nothing */
		KUNIT_EXPECT_FALSE(test, test_overflow(fake));
	}
	/* 63 bits three times are more than 64 */
	test_expect_count(test, comp, count);
}

/* The same with the status register that says which monitors it was */
static void mbwu_ofsr_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 40 | MBWU_31 | MPAMF_MBWUMON_IDR_HAS_OFSR);
	struct mpam_component *comp = test_mon_up(test);

	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, SZ_2G - 1);
	mpam_fake_traffic(fake, 0, 2, 1, false, 11);
	mpam_fake_log_clear(fake);
	test_overflow(fake);
	/* Two words of status; then value, status, value, clear, value */
	KUNIT_EXPECT_EQ(test, fake->nr_log, 2 * 2 + 1 + 5);
	mpam_fake_traffic(fake, 0, 2, 1, false, SZ_2G - 1);
	test_overflow(fake);
	test_expect_count(test, comp, 2 * (u64)SZ_2G - 1 + 10);
}

/* A count that nobody looked at for too long may have wrapped more than once */
static void mbwu_late_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_31);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 0;

	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, 1000);
	usleep_range(5000, 6000);
	test_expect_count(test, comp, 1000);

	mpam_fake_traffic(fake, 0, 2, 1, false, SZ_2G);
	usleep_range(5000, 6000);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -ENODATA);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -ENODATA);
	KUNIT_EXPECT_EQ(test, val, 0);

	/* A new count can be trusted again */
	scoped_guard(cpus_read_lock)
		KUNIT_EXPECT_EQ(test, mpam_monitor_reset(comp, &test_ref, 1), 0);
	mpam_fake_traffic(fake, 0, 2, 1, false, 5);
	test_expect_count(test, comp, 5);
}

/* A short counter without an interrupt is made to last, and still adds up */
static void mbwu_scale_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_31 |
					      FIELD_PREP(MPAMF_MBWUMON_IDR_SCALE, 6));
	struct mpam_component *comp = test_mon_up(test);

	test_assign(test, comp);
	KUNIT_EXPECT_TRUE(test, fake->mons[0][1][3].ctl & MSMON_CFG_MBWU_CTL_SCLEN);
	mpam_fake_traffic(fake, 0, 2, 1, false, 64 * 1000);
	usleep_range(5000, 6000);
	test_expect_count(test, comp, 64 * 1000);
	mpam_fake_traffic(fake, 0, 2, 1, false, 64ULL * SZ_2G);
	test_expect_count(test, comp, 64 * 1000 + 64ULL * SZ_2G);
}

/* With an interrupt there is no reason to lose precision */
static void mbwu_no_scale_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_31 |
					      FIELD_PREP(MPAMF_MBWUMON_IDR_SCALE, 6));
	struct mpam_component *comp = test_mon_up(test);

	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	KUNIT_EXPECT_FALSE(test, fake->mons[0][1][3].ctl & MSMON_CFG_MBWU_CTL_SCLEN);
	mpam_fake_traffic(fake, 0, 2, 1, false, 1001);
	test_expect_count(test, comp, 1001);
}

/* An interrupt that is not there any more does not change what was counted */
static void mbwu_irq_lost_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_31 |
					      FIELD_PREP(MPAMF_MBWUMON_IDR_SCALE, 6));
	struct mpam_component *comp = test_mon_up(test);

	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, 1001);
	fake->msc.oflow_irq = false;
	test_expect_count(test, comp, 1001);
	mpam_fake_traffic(fake, 0, 2, 1, false, 10);
	test_down(fake);
	mpam_fake_power_cycle(fake);
	mpam_test_restore(fake, TEST_PARTIDS);
	test_up(fake);
	mpam_fake_traffic(fake, 0, 2, 1, false, 64);
	test_expect_count(test, comp, 1011 + 64);
}

static void mbwu_erratum_unit_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);

	fake->msc.mbwu_shift = 6;
	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, w->modulus - 1);
	test_expect_count(test, comp, (w->modulus - 1) * 64);
	mpam_fake_traffic(fake, 0, 2, 1, false, 11);
	test_expect_count(test, comp, (w->modulus + 10) * 64);
}

/* The high word changes under the reader */
static void mbwu_torn_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_63);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 0;

	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, U32_MAX);
	fake->tear = 2;
	test_expect_count(test, comp, U32_MAX + 2 * BIT_ULL(32));
	fake->tear = ~0u;
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -EBUSY);
	fake->tear = 0;
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), 0);
	KUNIT_EXPECT_GE(test, val, U32_MAX + 2 * BIT_ULL(32));
}

/* The next wrap happens just when the status of the last is being cleared */
static void mbwu_clear_race_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_31);
	struct mpam_component *comp = test_mon_up(test);

	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, SZ_2G - 1);
	mpam_fake_traffic(fake, 0, 2, 1, false, SZ_2G - 1);
	fake->on_clear = 3;
	test_overflow(fake);
	fake->on_clear = 0;
	test_expect_count(test, comp, 2 * (u64)(SZ_2G - 1) + 2 * 3);
}

/* It wraps between two accesses of a read, and gets past where it was seen last */
static void mbwu_read_race_test(struct kunit *test)
{
	static const u32 at[] = { MSMON_MBWU, MSMON_CFG_MBWU_CTL };
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_31);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 0, count = SZ_2G - 1;
	unsigned int i;

	fake->msc.oflow_irq = true;
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		test_assign(test, comp);
		mpam_fake_traffic(fake, 0, 2, 1, false, count);
		fake->read_at = at[i];
		fake->on_read = 10;
		KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), 0);
		KUNIT_EXPECT_GE(test, val, count);
		KUNIT_EXPECT_LE(test, val, count + 10);
		test_expect_count(test, comp, count + 10);
	}
}

/* NRDY that only a write of the count clears */
static void mbwu_nrdy_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 0;

	fake->mbwu_nrdy = true;
	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, 42);
	test_expect_count(test, comp, 42);

	fake->mons[0][1][3].nrdy = ~0u;
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -EBUSY);
	KUNIT_EXPECT_EQ(test, val, 0);
	fake->mons[0][1][3].nrdy = 0;
	test_expect_count(test, comp, 42);
}

/* The count goes on over loss of power; wraps up to then and after it count */
static void mbwu_power_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);
	u64 count = w->modulus + 23;

	/* Without, 31 bits are not good for longer than two milliseconds */
	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, w->modulus - 7);
	test_expect_count(test, comp, w->modulus - 7);
	mpam_fake_traffic(fake, 0, 2, 1, false, 30);
	mpam_fake_log_clear(fake);
	test_down(fake);
	/* That it wrapped has to be looked at: three more accesses or eight; one silences it */
	KUNIT_EXPECT_LE(test, fake->nr_log, w->reads + 8 + 1);
	test_expect_count(test, comp, count);

	mpam_fake_power_cycle(fake);
	mpam_test_restore(fake, TEST_PARTIDS);
	test_up(fake);
	test_expect_count(test, comp, count);
	mpam_fake_traffic(fake, 0, 2, 1, false, 100);
	test_expect_count(test, comp, count + 100);
}

/* Somebody else has set the counter back: what it had counted since is not known */
static void mbwu_setback_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 0;

	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, 1000);
	test_expect_count(test, comp, 1000);
	fake->mons[0][1][3].val = 0;
	fake->mons[0][1][3].val_l = 0;
	mpam_fake_traffic(fake, 0, 2, 1, false, 10);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -ENODATA);
	mpam_fake_traffic(fake, 0, 2, 1, false, 5000);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -ENODATA);
	KUNIT_EXPECT_EQ(test, val, 0);
}

/*
 * What had no loss of power is still counting: nothing is missed. Nobody takes
 * wraps meanwhile, so that for short counters one may as well be three.
 */
static void mbwu_kept_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 0;
	int i;

	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, w->modulus - 17);
	test_down(fake);
	mpam_fake_traffic(fake, 0, 2, 1, false, 10);
	usleep_range(5000, 6000);
	test_up(fake);
	test_expect_count(test, comp, w->modulus - 7);

	test_down(fake);
	mpam_fake_traffic(fake, 0, 2, 1, false, 10);
	if (w->idr == MBWU_31) {
		for (i = 0; i < 2; i++)
			mpam_fake_traffic(fake, 0, 2, 1, false, w->modulus - 1);
		usleep_range(5000, 6000);
	}
	test_up(fake);
	if (w->idr != MBWU_31) {
		test_expect_count(test, comp, w->modulus + 3);
		return;
	}
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -ENODATA);
	KUNIT_EXPECT_EQ(test, val, 0);
}

/* The MSC was off, and firmware has restored what it is configured to, but no counts */
static void mbwu_kept_not_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);

	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, 1000);
	test_down(fake);
	fake->mons[0][1][3].val = 0;
	fake->mons[0][1][3].val_l = 0;
	test_up(fake);
	test_expect_count(test, comp, 1000);
	mpam_fake_traffic(fake, 0, 2, 1, false, 10);
	test_expect_count(test, comp, 1010);
}

/* The last chance to read the count was none */
static void mbwu_save_nrdy_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 0;

	test_assign(test, comp);
	mpam_fake_traffic(fake, 0, 2, 1, false, 1000);
	fake->mons[0][1][3].nrdy = ~0u;
	test_down(fake);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -ENODATA);
	mpam_fake_power_cycle(fake);
	mpam_test_restore(fake, TEST_PARTIDS);
	test_up(fake);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -ENODATA);
	KUNIT_EXPECT_EQ(test, val, 0);

	/* So it is if it can't be read when the MSC comes back, and counts on */
	scoped_guard(cpus_read_lock)
		KUNIT_EXPECT_EQ(test, mpam_monitor_reset(comp, &test_ref, 1), 0);
	test_down(fake);
	mpam_fake_traffic(fake, 0, 2, 1, false, 1000);
	fake->mons[0][1][3].nrdy = ~0u;
	test_up(fake);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -ENODATA);
	KUNIT_EXPECT_EQ(test, val, 0);
}

/* An MSC that is down but has power counts in silence, and without a wrap unseen */
static void mbwu_silent_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);
	u32 intr = w->idr == MBWU_31 ? MSMON_CFG_CTL_OFLOW_INTR : MSMON_CFG_MBWU_CTL_OFLOW_INTR_L;
	u64 val = 0;
	int ret;

	fake->msc.oflow_irq = true;
	test_assign(test, comp);
	KUNIT_EXPECT_TRUE(test, fake->mons[0][1][3].ctl & intr);
	mpam_fake_traffic(fake, 0, 2, 1, false, w->modulus - 7);
	mpam_fake_log_clear(fake);
	test_down(fake);
	/* One access more than to save the count */
	KUNIT_EXPECT_EQ(test, fake->nr_log, w->reads + 1);
	KUNIT_EXPECT_EQ(test, mpam_fake_count(fake, true, MSMON_CFG_MBWU_CTL), 1);
	mpam_fake_traffic(fake, 0, 2, 1, false, 10);
	KUNIT_EXPECT_EQ(test, fake->nr_intr, 0);

	/* It had not the time to wrap twice, unless the machine is slow, and it is short */
	test_up(fake);
	ret = test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val);
	if (w->idr != MBWU_31 || ret != -ENODATA) {
		KUNIT_EXPECT_EQ(test, ret, 0);
		KUNIT_EXPECT_EQ(test, val, w->modulus + 3);
	}
	KUNIT_EXPECT_TRUE(test, fake->mons[0][1][3].ctl & intr);
	KUNIT_EXPECT_EQ(test, fake->nr_intr, 0);
	mpam_fake_traffic(fake, 0, 2, 1, false, w->modulus - 1);
	KUNIT_EXPECT_EQ(test, fake->nr_intr, 1);

	/* Without an interrupt there is nothing to silence */
	fake->msc.oflow_irq = false;
	test_assign(test, comp);
	mpam_fake_log_clear(fake);
	test_down(fake);
	KUNIT_EXPECT_EQ(test, fake->nr_log, w->reads);
}

/* Assigned while the MSC is down, or to somebody else */
static void mbwu_reassign_test(struct kunit *test)
{
	const struct test_width *w = test->param_value;
	struct mpam_mon_ref other = { .mon = test_ref.mon, .filter = FILTER(3, 0) };
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | w->idr);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 0;

	fake->msc.oflow_irq = true;
	scoped_guard(cpus_read_lock)
		KUNIT_EXPECT_EQ(test, mpam_monitor_assign(comp, &other, true), 0);
	mpam_fake_traffic(fake, 0, 3, 0, false, w->modulus - 1);
	mpam_fake_traffic(fake, 0, 3, 0, false, 2);

	/* The wrap of the one before is none of ours */
	test_assign(test, comp);
	test_overflow(fake);
	test_expect_count(test, comp, 0);
	mpam_fake_traffic(fake, 0, 2, 1, false, 9);
	mpam_fake_traffic(fake, 0, 3, 0, false, 9);
	test_expect_count(test, comp, 9);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &other, 1, &val), -ENODATA);

	test_down(fake);
	scoped_guard(cpus_read_lock)
		KUNIT_EXPECT_EQ(test, mpam_monitor_assign(comp, &other, true), 0);
	mpam_fake_power_cycle(fake);
	mpam_test_restore(fake, TEST_PARTIDS);
	test_up(fake);
	mpam_fake_traffic(fake, 0, 3, 0, false, 4);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &other, 1, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 4);

	scoped_guard(cpus_read_lock)
		KUNIT_EXPECT_EQ(test, mpam_monitor_assign(comp, &other, false), 0);
	KUNIT_EXPECT_FALSE(test, fake->mons[0][1][3].ctl & MSMON_CFG_CTL_EN);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &other, 1, &val), -ENODATA);
}

static void mbwu_rwbw_test(struct kunit *test)
{
	struct mpam_mon_ref refs[] = {
		{ .mon = 0, .filter = { .partid = 1, .rwbw = MPAM_MON_READS } },
		{ .mon = 1, .filter = { .partid = 1, .rwbw = MPAM_MON_WRITES } },
		{ .mon = 2, .filter = { .partid = 1, .rwbw = MPAM_MON_NOTHING } },
		{ .mon = 3, .filter = { .partid = 1, .rwbw = MPAM_MON_ALL } },
	};
	static const u64 want[] = { 100, 30, 0, 130 };
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_63 | MPAMF_MBWUMON_IDR_HAS_RWBW);
	struct mpam_component *comp = test_mon_up(test);
	unsigned int i;
	u64 val;

	guard(cpus_read_lock)();
	for (i = 0; i < ARRAY_SIZE(refs); i++)
		KUNIT_EXPECT_EQ(test, mpam_monitor_assign(comp, &refs[i], true), 0);
	mpam_fake_traffic(fake, 0, 1, 0, false, 100);
	mpam_fake_traffic(fake, 0, 1, 0, true, 30);
	for (i = 0; i < ARRAY_SIZE(refs); i++) {
		KUNIT_EXPECT_EQ(test, mpam_monitor_read(comp, MPAM_MON_MBWU, &refs[i], 1, &val),
				0);
		KUNIT_EXPECT_EQ_MSG(test, val, want[i], "monitor %u", i);
	}
}

/* Slices of any width add up, and a RIS without monitors is not asked */
static void mbwu_slices_test(struct kunit *test)
{
	struct mpam_fake *a = test_mon_msc(test, 4, 8 | MBWU_31);
	struct mpam_fake *b = test_mon_msc(test, 4, 16 | MBWU_44);
	struct mpam_fake *c = test_mon_msc(test, 4, 8 | MBWU_63);
	struct mpam_component *comp = test_mon_up(test);

	test_assign(test, comp);
	mpam_fake_traffic(a, 0, 2, 1, false, 1);
	mpam_fake_traffic(b, 0, 2, 1, false, BIT_ULL(40));
	mpam_fake_traffic(c, 0, 2, 1, false, BIT_ULL(60));
	test_expect_count(test, comp, 1 + BIT_ULL(40) + BIT_ULL(60));
}

/* Who reads without help reaches every MSC that has monitors of the type */
static void mon_readers_test(struct kunit *test)
{
	struct mpam_fake *a = test_mon_msc(test, 4, 8), *b = test_mon_msc(test, 0, 8);
	struct mpam_component *comp = test_mon_up(test);
	struct cpumask *cpus = kunit_kzalloc(test, sizeof(*cpus), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cpus);
	cpumask_copy(cpus, cpu_possible_mask);
	mpam_monitor_readers(comp, MPAM_MON_MBWU, cpus);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(cpus, cpu_possible_mask));

	/* From here on nobody accesses them */
	cpumask_copy(&b->msc.fw.reach, cpumask_of(0));
	mpam_monitor_readers(comp, MPAM_MON_CSU, cpus);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(cpus, cpu_possible_mask));
	mpam_monitor_readers(comp, MPAM_MON_MBWU, cpus);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(cpus, cpumask_of(0)));
	cpumask_clear(&a->msc.fw.reach);
	mpam_monitor_readers(comp, MPAM_MON_CSU, cpus);
	KUNIT_EXPECT_TRUE(test, cpumask_empty(cpus));
}

/* After power-up nothing runs or interrupts that nobody has asked for */
static void mon_restore_garbage_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_44);
	unsigned int i;

	test_mon_up(test);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ_MSG(test, fake->mons[0][1][i].ctl, 0, "MBWU %u", i);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ_MSG(test, fake->mons[0][0][i].ctl, 0, "CSU %u", i);
		KUNIT_EXPECT_EQ_MSG(test, fake->mons[0][0][i].nrdy, 0, "CSU %u", i);
	}
	mpam_fake_traffic(fake, 0, 1, 2, true, GENMASK_ULL(43, 0));
	KUNIT_EXPECT_EQ(test, fake->nr_intr, 0);
}

/* What whoever had the machine before has left stops before there is a topology */
static void mon_discover_test(struct kunit *test)
{
	struct mpam_fake *fake = test_mon_msc(test, 4, 8 | MBWU_44);
	unsigned int i;

	mpam_fake_power_cycle(fake);
	fake->esr = 0;
	scoped_guard(migrate)
		mpam_monitor_restore_msc(&fake->msc);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ_MSG(test, fake->mons[0][1][i].ctl, 0, "MBWU %u", i);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ_MSG(test, fake->mons[0][0][i].ctl, 0, "CSU %u", i);
}

/* An MSC that is of no use is not touched; what it would be told is remembered */
static void mon_parked_test(struct kunit *test)
{
	struct mpam_fake *good = test_mon_msc(test, 4, 8 | MBWU_31);
	struct mpam_fake *bad = test_mon_msc(test, 4, 8 | MBWU_31);
	struct mpam_component *comp = test_mon_up(test);
	u64 val = 0;

	test_assign(test, comp);
	mpam_msc_reject(&bad->msc, "it is a test");
	mpam_fake_log_clear(bad);

	test_assign(test, comp);
	KUNIT_EXPECT_EQ(test, test_read(comp, MPAM_MON_MBWU, &test_ref, 1, &val), -EIO);
	KUNIT_EXPECT_EQ(test, test_occupancy(test, comp, 1, 0, &val), -EIO);
	scoped_guard(cpus_read_lock) {
		KUNIT_EXPECT_EQ(test, mpam_monitor_reset(comp, &test_ref, 1), 0);
		KUNIT_EXPECT_EQ(test, mpam_monitor_assign(comp, &test_ref, false), 0);
		mpam_monitor_poll(comp->class);
	}
	EXPECT_UNTOUCHED(test, bad);
	KUNIT_EXPECT_FALSE(test, good->mons[0][1][3].ctl & MSMON_CFG_CTL_EN);
}

static struct kunit_case mpam_monitor_cases[] = {
	KUNIT_CASE(mon_table_test),
	KUNIT_CASE(mon_probe_test),
	KUNIT_CASE(mon_probe_no_match_test),
	KUNIT_CASE(mon_merge_test),
	KUNIT_CASE(mon_restore_garbage_test),
	KUNIT_CASE(mon_discover_test),
	KUNIT_CASE(mon_parked_test),
	KUNIT_CASE(csu_accesses_test),
	KUNIT_CASE(csu_keep_test),
	KUNIT_CASE(csu_pmg_test),
	KUNIT_CASE(csu_nrdy_test),
	KUNIT_CASE(csu_nrdy_time_test),
	KUNIT_CASE(csu_nrdy_one_test),
	KUNIT_CASE(csu_nrdy_stuck_test),
	KUNIT_CASE(csu_nrdy_erratum_test),
	KUNIT_CASE(csu_irqs_off_test),
	KUNIT_CASE(csu_down_test),
	KUNIT_CASE_PARAM(mbwu_count_test, width_gen_params),
	KUNIT_CASE_PARAM(mbwu_wrap_test, width_gen_params),
	KUNIT_CASE_PARAM(mbwu_wraps_irq_test, width_gen_params),
	KUNIT_CASE(mbwu_ofsr_test),
	KUNIT_CASE(mbwu_late_test),
	KUNIT_CASE(mbwu_scale_test),
	KUNIT_CASE(mbwu_no_scale_test),
	KUNIT_CASE(mbwu_irq_lost_test),
	KUNIT_CASE_PARAM(mbwu_erratum_unit_test, width_gen_params),
	KUNIT_CASE(mbwu_torn_test),
	KUNIT_CASE(mbwu_clear_race_test),
	KUNIT_CASE(mbwu_read_race_test),
	KUNIT_CASE_PARAM(mbwu_nrdy_test, width_gen_params),
	KUNIT_CASE_PARAM(mbwu_power_test, width_gen_params),
	KUNIT_CASE_PARAM(mbwu_setback_test, width_gen_params),
	KUNIT_CASE_PARAM(mbwu_kept_test, width_gen_params),
	KUNIT_CASE_PARAM(mbwu_silent_test, width_gen_params),
	KUNIT_CASE_PARAM(mbwu_kept_not_test, width_gen_params),
	KUNIT_CASE_PARAM(mbwu_save_nrdy_test, width_gen_params),
	KUNIT_CASE_PARAM(mbwu_reassign_test, width_gen_params),
	KUNIT_CASE(mbwu_rwbw_test),
	KUNIT_CASE(mbwu_slices_test),
	KUNIT_CASE(mon_readers_test),
	{}
};

MPAM_SUITE(mpam_monitor, mpam_test_init);

kunit_test_suite(mpam_monitor_suite);

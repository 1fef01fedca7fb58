// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of MSCs that have fewer internal PARTIDs than there are PARTIDs
 *
 * What counts is what a request with a PARTID gets: the registers of the internal
 * PARTID that the fake's map sends it to.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/prandom.h>

#include "mpam_kunit.h"

#define NR_PARTIDS	8
#define FULL		0xff

#define INT_SEL(_ris, _intpartid)						\
	WR(MPAMCFG_PART_SEL, MPAMCFG_PART_SEL_INTERNAL |			\
	   FIELD_PREP_CONST(MPAMCFG_PART_SEL_RIS, _ris) |			\
	   FIELD_PREP_CONST(MPAMCFG_PART_SEL_PARTID_SEL, _intpartid))
#define TO(_intpartid)	WR(MPAMCFG_INTPARTID, MPAMCFG_INTPARTID_INTERNAL | (_intpartid))

/* An MSC with 8 portions and CMAX for each RIS, which is of L3 1, 2, ... */
static struct mpam_fake *test_narrow(struct kunit *test, unsigned int nr_int, u8 nr_ris)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	u8 i;

	if (nr_int) {
		fake->idr |= MPAMF_IDR_HAS_PARTID_NRW;
		fake->nrw_idr = nr_int - 1;
	}
	if (nr_ris > 1)
		fake->idr |= MPAMF_IDR_HAS_RIS |
			     FIELD_PREP(MPAMF_IDR_RIS_MAX, nr_ris - 1);
	for (i = 0; i < nr_ris; i++) {
		fake->ris[i].idr = MPAMF_IDR_HAS_CPOR_PART | MPAMF_IDR_HAS_CCAP_PART;
		fake->ris[i].cpor = CPOR(8);
		fake->ris[i].ccap = CMAX(4);
		mpam_fake_list_ris(fake, i, MPAM_CLASS_CACHE, 3, i + 1);
	}
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);

	return fake;
}

/* Bring up what the test has made; comp[] is for L3 1, 2, ... */
static void test_up(struct kunit *test, struct mpam_component **comp, unsigned int nr)
{
	struct mpam_test *ctx = test->priv;
	struct mpam_topo *topo = mpam_test_topo(test);
	struct mpam_component *c;
	struct mpam_fake *fake;
	unsigned int found = 0;

	KUNIT_ASSERT_EQ(test, mpam_config_alloc(topo, NR_PARTIDS), 0);
	for_each_mpam_comp(c, mpam_test_l3_class(test, topo)) {
		if (c->id <= nr) {
			comp[c->id - 1] = c;
			found++;
		}
	}
	KUNIT_ASSERT_EQ(test, found, nr);

	list_for_each_entry(fake, &ctx->fakes, node) {
		mpam_test_restore(fake, NR_PARTIDS);
		fake->msc.live = true;
		mpam_fake_log_clear(fake);
	}
}

/* What requests with a PARTID get */
static u32 test_reg(struct mpam_fake *fake, u8 ris, u16 partid, u32 offset)
{
	if (fake->idr & MPAMF_IDR_HAS_PARTID_NRW)
		partid = mpam_fake_cfg(fake, 0, partid, MPAMCFG_INTPARTID);

	return mpam_fake_cfg(fake, ris, partid, offset);
}

#define EXPECT_MASKS(_test, _fake, _ris, ...) do {				\
	static const u8 _want[NR_PARTIDS] = { __VA_ARGS__ };			\
	u16 _p;									\
										\
	for (_p = 0; _p < NR_PARTIDS; _p++)					\
		KUNIT_EXPECT_EQ_MSG(_test, test_reg(_fake, _ris, _p, MPAMCFG_CPBM), \
				    _want[_p], "PARTID %u", _p);		\
} while (0)

static void narrow_share_test(struct kunit *test)
{
	struct mpam_fake *fake = test_narrow(test, 4, 1);
	struct mpam_component *comp;

	test_up(test, &comp, 1);
	EXPECT_MASKS(test, fake, 0, FULL, FULL, FULL, FULL, FULL, FULL, FULL, FULL);

	/* The first with a limit gets an internal PARTID, with all of its controls */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x0f), 0);
	EXPECT_WRITES(test, fake, INT_SEL(0, 1), WR(MPAMCFG_CPBM, 0x0f), WR(MPAMCFG_CMAX, 0xf000),
		      SEL(0, 1), TO(1));
	/* The second needs no more than to be sent there */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0x0f), 0);
	EXPECT_WRITES(test, fake, SEL(0, 2), TO(1));
	EXPECT_MASKS(test, fake, 0, FULL, 0x0f, 0x0f, FULL, FULL, FULL, FULL, FULL);

	/* One that leaves takes the other with it as little as that follows */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0xf0), 0);
	EXPECT_WRITES(test, fake, INT_SEL(0, 2), WR(MPAMCFG_CPBM, 0xf0), WR(MPAMCFG_CMAX, 0xf000),
		      SEL(0, 1), TO(2));
	/* Alone in an internal PARTID, what changes is enough; another control, too */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0x3c), 0);
	EXPECT_WRITES(test, fake, INT_SEL(0, 1), WR(MPAMCFG_CPBM, 0x3c));
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CMAX, 0x7fff), 0);
	EXPECT_WRITES(test, fake, INT_SEL(0, 1), WR(MPAMCFG_CMAX, 0x7000));
	/* The same mask is not the same configuration */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CPBM, 0x3c), 0);
	EXPECT_WRITES(test, fake, INT_SEL(0, 3), WR(MPAMCFG_CPBM, 0x3c), WR(MPAMCFG_CMAX, 0xf000),
		      SEL(0, 3), TO(3));
	EXPECT_MASKS(test, fake, 0, FULL, 0xf0, 0x3c, 0x3c, FULL, FULL, FULL, FULL);

	/* They meet again */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CMAX, 0x7fff), 0);
	EXPECT_WRITES(test, fake, SEL(0, 3), TO(1));

	/* To ask for all is to have no limit; it needs no internal PARTID of one's own */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, FULL), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), TO(0));
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 0, 7, MPAM_CTRLS_ALL), 0);
	EXPECT_WRITES(test, fake, SEL(0, 2), TO(0), SEL(0, 3), TO(0));
	EXPECT_MASKS(test, fake, 0, FULL, FULL, FULL, FULL, FULL, FULL, FULL, FULL);
}

static void narrow_exhaust_test(struct kunit *test)
{
	static const u16 pair[] = { 2, 3 };
	struct mpam_fake *fake = test_narrow(test, 3, 1), *wide = test_narrow(test, 0, 1);
	struct mpam_component *comp;
	u32 val;

	test_up(test, &comp, 1);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x01), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0x02), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CPBM, 0x02), 0);
	mpam_fake_log_clear(fake);
	mpam_fake_log_clear(wide);

	/* No room for a third, be it new or one that leaves another; nothing changes */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 4, MPAM_CTRL_CPBM, 0x04), -ENOSPC);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CPBM, 0x04), -ENOSPC);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CMAX, 0x7fff), -ENOSPC);
	EXPECT_UNTOUCHED(test, fake);
	EXPECT_UNTOUCHED(test, wide);
	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, 4, MPAM_CTRL_CPBM, &val));
	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, 3, MPAM_CTRL_CMAX, &val));
	KUNIT_EXPECT_TRUE(test, mpam_config_get(comp, 3, MPAM_CTRL_CPBM, &val));
	KUNIT_EXPECT_EQ(test, val, 0x02);

	/* Nor is anything of it left to be written later */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x08), 0);
	EXPECT_WRITES(test, fake, INT_SEL(0, 1), WR(MPAMCFG_CPBM, 0x08));
	EXPECT_WRITES(test, wide, SEL(0, 1), WR(MPAMCFG_CPBM, 0x08));

	/* What is there already can be had by everybody */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 4, MPAM_CTRL_CPBM, 0x08), 0);
	EXPECT_WRITES(test, fake, SEL(0, 4), TO(1));
	EXPECT_MASKS(test, fake, 0, FULL, 0x08, 0x02, 0x02, 0x08, FULL, FULL, FULL);
	EXPECT_MASKS(test, wide, 0, FULL, 0x08, 0x02, 0x02, 0x08, FULL, FULL, FULL);

	/* Two that go together leave room for themselves */
	cpus_read_lock();
	KUNIT_EXPECT_EQ(test, mpam_config_set(comp, pair, 2, MPAM_CTRL_CPBM, 0x10), 0);
	cpus_read_unlock();
	EXPECT_WRITES(test, fake, INT_SEL(0, 2), WR(MPAMCFG_CPBM, 0x10));
	EXPECT_MASKS(test, fake, 0, FULL, 0x08, 0x10, 0x10, 0x08, FULL, FULL, FULL);

	/* When the last has left, there is room */
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 1, 1, MPAM_CTRLS_ALL), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 5, MPAM_CTRL_CPBM, 0x20), -ENOSPC);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 4, 4, MPAM_CTRLS_ALL), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 5, MPAM_CTRL_CPBM, 0x20), 0);
	EXPECT_MASKS(test, fake, 0, FULL, FULL, 0x10, 0x10, FULL, 0x20, FULL, FULL);
	EXPECT_MASKS(test, wide, 0, FULL, FULL, 0x10, 0x10, FULL, 0x20, FULL, FULL);
}

/* A component of several MSCs: the first has room, the second has not */
static void narrow_exhaust_second_test(struct kunit *test)
{
	struct mpam_fake *a = test_narrow(test, 3, 1), *b = test_narrow(test, 3, 2);
	struct mpam_component *comp[2];

	test_up(test, comp, 2);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[1], 5, MPAM_CTRL_CPBM, 0x01), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 1, MPAM_CTRL_CPBM, 0x01), 0);
	mpam_fake_log_clear(a);
	mpam_fake_log_clear(b);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 2, MPAM_CTRL_CPBM, 0x02), -ENOSPC);
	EXPECT_UNTOUCHED(test, a);
	EXPECT_UNTOUCHED(test, b);

	/* The first has not kept what it found: when the second has room, so has it */
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp[1], 5, 5, MPAM_CTRLS_ALL), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 3, MPAM_CTRL_CPBM, 0x04), 0);
	EXPECT_MASKS(test, a, 0, FULL, 0x01, FULL, 0x04, FULL, FULL, FULL, FULL);
	EXPECT_MASKS(test, b, 0, FULL, 0x01, FULL, 0x04, FULL, FULL, FULL, FULL);
}

/* An MSC that serves two caches: PARTIDs share if they are alike in both */
static void narrow_components_test(struct kunit *test)
{
	struct mpam_fake *fake = test_narrow(test, 3, 2);
	struct mpam_component *comp[2];

	test_up(test, comp, 2);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 1, MPAM_CTRL_CPBM, 0x0f), 0);
	EXPECT_WRITES(test, fake,
		      INT_SEL(0, 1), WR(MPAMCFG_CPBM, 0x0f), WR(MPAMCFG_CMAX, 0xf000),
		      INT_SEL(1, 1), WR(MPAMCFG_CPBM, FULL), WR(MPAMCFG_CMAX, 0xf000),
		      SEL(0, 1), TO(1));
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 2, MPAM_CTRL_CPBM, 0x0f), 0);
	EXPECT_WRITES(test, fake, SEL(0, 2), TO(1));

	/* In one they part */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[1], 2, MPAM_CTRL_CPBM, 0x03), 0);
	EXPECT_WRITES(test, fake,
		      INT_SEL(0, 2), WR(MPAMCFG_CPBM, 0x0f), WR(MPAMCFG_CMAX, 0xf000),
		      INT_SEL(1, 2), WR(MPAMCFG_CPBM, 0x03), WR(MPAMCFG_CMAX, 0xf000),
		      SEL(0, 2), TO(2));
	EXPECT_MASKS(test, fake, 0, FULL, 0x0f, 0x0f, FULL, FULL, FULL, FULL, FULL);
	EXPECT_MASKS(test, fake, 1, FULL, FULL, 0x03, FULL, FULL, FULL, FULL, FULL);

	/* Only the RIS of the cache that changes */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[1], 2, MPAM_CTRL_CPBM, 0x07), 0);
	EXPECT_WRITES(test, fake, INT_SEL(1, 2), WR(MPAMCFG_CPBM, 0x07));

	/* The way to reset may lead through what there is no room for: no limits then */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 3, MPAM_CTRL_CPBM, 0x0f), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[1], 3, MPAM_CTRL_CPBM, 0x07), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp[0], 3, 3, MPAM_CTRLS_ALL), 0);
	EXPECT_MASKS(test, fake, 0, FULL, 0x0f, 0x0f, FULL, FULL, FULL, FULL, FULL);
	EXPECT_MASKS(test, fake, 1, FULL, FULL, 0x07, FULL, FULL, FULL, FULL, FULL);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp[1], 3, 3, MPAM_CTRLS_ALL), 0);
	EXPECT_MASKS(test, fake, 1, FULL, FULL, 0x07, FULL, FULL, FULL, FULL, FULL);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 3, MPAM_CTRL_CPBM, 0x0f), 0);
	EXPECT_MASKS(test, fake, 0, FULL, 0x0f, 0x0f, 0x0f, FULL, FULL, FULL, FULL);
	EXPECT_MASKS(test, fake, 1, FULL, FULL, 0x07, FULL, FULL, FULL, FULL, FULL);
}

/* One MSC can't be reached: map and controls of the others are what they were */
static void narrow_rollback_test(struct kunit *test)
{
	struct mpam_fake *a = test_narrow(test, 3, 1), *b = test_narrow(test, 3, 1);
	struct mpam_component *comp;

	test_up(test, &comp, 1);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x01), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0x02), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CPBM, 0x02), 0);
	cpumask_clear(&b->msc.fw.reach);

	/* In place, joining another, out of a shared one and into an empty one */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x04), -ENXIO);
	EXPECT_MASKS(test, a, 0, FULL, 0x01, 0x02, 0x02, FULL, FULL, FULL, FULL);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x02), -ENXIO);
	EXPECT_MASKS(test, a, 0, FULL, 0x01, 0x02, 0x02, FULL, FULL, FULL, FULL);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CPBM, FULL), -ENXIO);
	EXPECT_MASKS(test, a, 0, FULL, 0x01, 0x02, 0x02, FULL, FULL, FULL, FULL);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 4, MPAM_CTRL_CPBM, 0x01), -ENXIO);
	EXPECT_MASKS(test, a, 0, FULL, 0x01, 0x02, 0x02, FULL, FULL, FULL, FULL);
	EXPECT_MASKS(test, b, 0, FULL, 0x01, 0x02, 0x02, FULL, FULL, FULL, FULL);

	/* Nothing of it is left to be done when the MSC can be reached again */
	cpumask_copy(&b->msc.fw.reach, cpu_possible_mask);
	mpam_fake_log_clear(a);
	mpam_fake_log_clear(b);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x04), 0);
	EXPECT_WRITES(test, a, INT_SEL(0, 1), WR(MPAMCFG_CPBM, 0x04));
	EXPECT_WRITES(test, b, INT_SEL(0, 1), WR(MPAMCFG_CPBM, 0x04));
}

/* An MSC that is down takes part in all decisions, and has it all when it is back */
static void narrow_restore_test(struct kunit *test)
{
	struct mpam_fake *fake = test_narrow(test, 4, 2);
	struct mpam_component *comp[2];

	test_up(test, comp, 2);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 1, MPAM_CTRL_CPBM, 0x01), 0);
	fake->msc.live = false;
	mpam_fake_power_cycle(fake);
	mpam_fake_log_clear(fake);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[1], 2, MPAM_CTRL_CPBM, 0x02), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[1], 5, MPAM_CTRL_CPBM, 0x02), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 6, MPAM_CTRL_CMAX, 0x7fff), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[0], 7, MPAM_CTRL_CPBM, 0x04), -ENOSPC);
	EXPECT_UNTOUCHED(test, fake);

	mpam_test_restore(fake, NR_PARTIDS);
	/* What any MSC needs, the map, and controls as often as there are internal PARTIDs */
	KUNIT_EXPECT_EQ(test, fake->nr_log, 3 + 2 * NR_PARTIDS + 2 * 4 * (1 + 2));
	fake->msc.live = true;
	EXPECT_MASKS(test, fake, 0, FULL, 0x01, FULL, FULL, FULL, FULL, FULL, FULL);
	EXPECT_MASKS(test, fake, 1, FULL, FULL, 0x02, FULL, FULL, 0x02, FULL, FULL);
	KUNIT_EXPECT_EQ(test, test_reg(fake, 0, 6, MPAMCFG_CMAX), 0x7000);
	KUNIT_EXPECT_EQ(test, test_reg(fake, 0, 5, MPAMCFG_CMAX), 0xf000);

	/* Also when the last of those that shared has left since, and the first */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp[1], 3, MPAM_CTRL_CPBM, 0x02), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp[1], 3, 3, MPAM_CTRLS_ALL), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp[1], 2, 2, MPAM_CTRLS_ALL), 0);
	mpam_fake_power_cycle(fake);
	mpam_test_restore(fake, NR_PARTIDS);
	EXPECT_MASKS(test, fake, 1, FULL, FULL, FULL, FULL, FULL, 0x02, FULL, FULL);
}

/* With as many internal PARTIDs as there are PARTIDs, all have their own */
static void narrow_enough_test(struct kunit *test)
{
	struct mpam_fake *fake = test_narrow(test, NR_PARTIDS, 1);
	struct mpam_component *comp;
	u16 partid;

	test_up(test, &comp, 1);
	KUNIT_EXPECT_NULL(test, fake->msc.narrow);
	for (partid = 0; partid < NR_PARTIDS; partid++) {
		KUNIT_EXPECT_EQ(test, mpam_narrow_intpartid(&fake->msc, partid), partid);
		KUNIT_EXPECT_EQ(test, mpam_test_set(comp, partid, MPAM_CTRL_CPBM,
						    BIT(partid)), 0);
	}
	KUNIT_EXPECT_EQ(test, fake->nr_log, 2 * NR_PARTIDS);
	EXPECT_MASKS(test, fake, 0, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80);
}

/* Whom firmware does not mention has few internal PARTIDs, and no limits at all */
static void narrow_unlinked_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	u16 partid;

	fake->idr |= MPAMF_IDR_HAS_PARTID_NRW;
	fake->nrw_idr = 1;
	fake->ris[0].idr = MPAMF_IDR_HAS_CPOR_PART;
	fake->ris[0].cpor = CPOR(8);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
	mpam_fake_power_cycle(fake);
	mpam_test_restore(fake, NR_PARTIDS);

	for (partid = 0; partid < NR_PARTIDS; partid++)
		KUNIT_EXPECT_LE(test, mpam_fake_cfg(fake, 0, partid, MPAMCFG_INTPARTID) & 0xffff,
				1);
	EXPECT_MASKS(test, fake, 0, FULL, FULL, FULL, FULL, FULL, FULL, FULL, FULL);
}

/* Which MSCs limit the labels of the system */

static unsigned int test_limits(struct kunit *test, u16 *partid_max, u8 *pmg_max)
{
	struct mpam_topo *topo = mpam_test_topo(test);
	struct mpam_class *class;
	unsigned int n = 0;

	for_each_mpam_class(class, topo) {
		if (!mpam_resctrl_wants(topo, class))
			continue;
		n++;
		mpam_class_limits(class, partid_max, pmg_max);
	}

	return n;
}

static void limits_test(struct kunit *test)
{
	struct mpam_fake *l3 = mpam_test_fake(test), *noc = mpam_test_fake(test);
	struct mpam_fake *l4 = mpam_test_fake(test), *both = mpam_test_fake(test);
	u16 partid_max = 100;
	u8 pmg_max = 100;

	/* Internal PARTIDs don't matter, nor what is of no use */
	l3->idr = (l3->idr & ~0xffffffULL) | MPAMF_IDR_HAS_PARTID_NRW | 5 << 16 | 30;
	l3->nrw_idr = 3;
	noc->idr = (noc->idr & ~0xffffffULL) | 1;
	l4->idr = (l4->idr & ~0xffffffULL) | 2;
	both->idr = (both->idr & ~0xffffffULL) | 4 << 16 | 40;
	l3->ris[0] = mpam_test_ris_full;
	l3->ris[0].cpor = CPOR(16);
	noc->ris[0] = mpam_test_ris_full;
	l4->ris[0] = mpam_test_ris_full;
	both->ris[0] = l3->ris[0];
	both->idr |= MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 1);
	both->ris[1] = mpam_test_ris_full;
	mpam_fake_list_ris(l3, 0, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(noc, 0, MPAM_CLASS_UNKNOWN, 0, 1);
	mpam_fake_list_ris(l4, 0, MPAM_CLASS_CACHE, 4, 1);
	mpam_fake_list_ris(both, 0, MPAM_CLASS_CACHE, 3, 2);
	mpam_fake_list_ris(both, 1, MPAM_CLASS_UNKNOWN, 0, 2);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(l3), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(noc), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(l4), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(both), 0);
	KUNIT_EXPECT_EQ(test, test_limits(test, &partid_max, &pmg_max), 1);
	KUNIT_EXPECT_EQ(test, partid_max, 30);
	KUNIT_EXPECT_EQ(test, pmg_max, 4);
}

/* Memory that has nothing but the counters that the L3 lacks is of use */
static void limits_counters_test(struct kunit *test)
{
	struct mpam_fake *l3 = mpam_test_fake(test), *memory = mpam_test_fake(test);
	u16 partid_max = 100;
	u8 pmg_max = 100;

	l3->ris[0].idr = MPAMF_IDR_HAS_CPOR_PART;
	l3->ris[0].cpor = CPOR(16);
	memory->idr = (memory->idr & ~0xffffffULL) | 1 << 16 | 15;
	memory->ris[0].idr = MPAMF_IDR_HAS_MSMON;
	memory->ris[0].msmon = MPAMF_MSMON_IDR_MSMON_MBWU;
	memory->ris[0].mbwumon = 8;
	mpam_fake_list_ris(l3, 0, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(memory, 0, MPAM_CLASS_MEMORY, 0, 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(l3), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(memory), 0);

	KUNIT_EXPECT_EQ(test, test_limits(test, &partid_max, &pmg_max), 2);
	KUNIT_EXPECT_EQ(test, partid_max, 15);
	KUNIT_EXPECT_EQ(test, pmg_max, 1);
}

/* Random changes; a model says what each PARTID should have, and if there is room */

#define MODEL_COMPS	2
#define MODEL_FAKES	3

struct model {
	struct {
		u32	cpbm, cmax;
	} want[MODEL_COMPS][NR_PARTIDS];
};

/* Do two PARTIDs differ in any of the first nr caches? */
static bool model_differ(const struct model *m, unsigned int nr, u16 a, u16 b)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (m->want[i][a].cpbm != m->want[i][b].cpbm ||
		    m->want[i][a].cmax != m->want[i][b].cmax)
			return true;
	}

	return false;
}

static bool model_limited(const struct model *m, unsigned int nr, u16 partid)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (m->want[i][partid].cpbm != FULL || m->want[i][partid].cmax != 0xffff)
			return true;
	}

	return false;
}

/* How many internal PARTIDs an MSC of the first nr caches needs */
static unsigned int model_needs(const struct model *m, unsigned int nr)
{
	unsigned int n = 1;
	u16 a, b;

	for (a = 0; a < NR_PARTIDS; a++) {
		if (!model_limited(m, nr, a))
			continue;
		for (b = 0; b < a; b++) {
			if (!model_differ(m, nr, a, b))
				break;
		}
		n += b == a;
	}

	return n;
}

static bool model_holds(const struct model *m, struct mpam_fake *fake, unsigned int nr)
{
	unsigned int i;
	u16 partid;

	for (i = 0; i < nr; i++) {
		for (partid = 0; partid < NR_PARTIDS; partid++) {
			if (test_reg(fake, i, partid, MPAMCFG_CPBM) != m->want[i][partid].cpbm ||
			    test_reg(fake, i, partid, MPAMCFG_CMAX) !=
			    (m->want[i][partid].cmax & 0xf000))
				return false;
		}
	}

	return true;
}

static void narrow_random_test(struct kunit *test)
{
	static const struct {
		unsigned int nr_int, nr_ris;
	} shape[MODEL_FAKES] = { { 5, 2 }, { 4, 1 }, { 0, 2 } };
	static const u32 cpbms[] = { 0x01, 0x03, 0x80, FULL }, cmaxs[] = { 0x7fff, 0xffff };
	struct mpam_component *comp[MODEL_COMPS];
	struct mpam_fake *fake[MODEL_FAKES];
	unsigned int i, step, full = 0;
	struct model now, next;
	struct rnd_state rnd;

	for (i = 0; i < MODEL_FAKES; i++)
		fake[i] = test_narrow(test, shape[i].nr_int, shape[i].nr_ris);
	test_up(test, comp, MODEL_COMPS);
	for (i = 0; i < MODEL_COMPS * NR_PARTIDS; i++) {
		now.want[i / NR_PARTIDS][i % NR_PARTIDS].cpbm = FULL;
		now.want[i / NR_PARTIDS][i % NR_PARTIDS].cmax = 0xffff;
	}
	prandom_seed_state(&rnd, 20261124);

	for (step = 0; step < 3000; step++) {
		unsigned int c = prandom_u32_state(&rnd) % MODEL_COMPS;
		unsigned int what = prandom_u32_state(&rnd) % 16;
		u16 p[2] = { prandom_u32_state(&rnd) % NR_PARTIDS };
		unsigned int nr = 1;
		bool room = true;
		int ret;

		next = now;
		if (what == 0) {
			i = prandom_u32_state(&rnd) % MODEL_FAKES;
			mpam_fake_power_cycle(fake[i]);
			mpam_test_restore(fake[i], NR_PARTIDS);
		} else if (what == 1) {
			for (i = 0; i < MODEL_COMPS; i++) {
				mpam_test_reset(comp[i], p[0], p[0], MPAM_CTRLS_ALL);
				next.want[i][p[0]].cpbm = FULL;
				next.want[i][p[0]].cmax = 0xffff;
			}
		} else {
			enum mpam_ctrl_id ctrl = what < 6 ? MPAM_CTRL_CMAX : MPAM_CTRL_CPBM;
			u32 val = ctrl == MPAM_CTRL_CMAX ?
				  cmaxs[prandom_u32_state(&rnd) % ARRAY_SIZE(cmaxs)] :
				  cpbms[prandom_u32_state(&rnd) % ARRAY_SIZE(cpbms)];

			if (what & 1 && p[0] < NR_PARTIDS - 1) {
				p[1] = p[0] + 1 + prandom_u32_state(&rnd) %
				       (NR_PARTIDS - 1 - p[0]);
				nr = 2;
			}
			for (i = 0; i < nr; i++) {
				if (ctrl == MPAM_CTRL_CMAX)
					next.want[c][p[i]].cmax = val;
				else
					next.want[c][p[i]].cpbm = val;
			}
			/* Who only has the first cache is asked only about that */
			for (i = 0; i < MODEL_FAKES; i++) {
				if (shape[i].nr_int && c < shape[i].nr_ris &&
				    model_needs(&next, shape[i].nr_ris) > shape[i].nr_int)
					room = false;
			}

			cpus_read_lock();
			ret = mpam_config_set(comp[c], p, nr, ctrl, val);
			cpus_read_unlock();
			KUNIT_ASSERT_EQ_MSG(test, ret, room ? 0 : -ENOSPC, "step %u", step);
		}

		if (room)
			now = next;
		else
			full++;
		for (i = 0; i < MODEL_FAKES; i++)
			KUNIT_ASSERT_TRUE_MSG(test, model_holds(&now, fake[i], shape[i].nr_ris),
					      "step %u, MSC %u", step, i);
	}

	/* It was a test of both */
	KUNIT_EXPECT_GT(test, full, 500);
	KUNIT_EXPECT_LT(test, full, 2500);
}

static struct kunit_case mpam_narrow_cases[] = {
	KUNIT_CASE(narrow_share_test),
	KUNIT_CASE(narrow_exhaust_test),
	KUNIT_CASE(narrow_exhaust_second_test),
	KUNIT_CASE(narrow_components_test),
	KUNIT_CASE(narrow_rollback_test),
	KUNIT_CASE(narrow_restore_test),
	KUNIT_CASE(narrow_enough_test),
	KUNIT_CASE(narrow_unlinked_test),
	KUNIT_CASE(limits_test),
	KUNIT_CASE(limits_counters_test),
	KUNIT_CASE(narrow_random_test),
	{}
};

MPAM_SUITE(mpam_narrow, mpam_test_init);

kunit_test_suite(mpam_narrow_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: what the KUnit tests of all rooms share
 *
 * Fake MSCs that the end of the test holds to account, topologies that are
 * built of them, and ways to say which accesses there should have been.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "mpam_kunit.h"

int mpam_test_init(struct kunit *test)
{
	struct mpam_test *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	if (!ctx)
		return -ENOMEM;

	INIT_LIST_HEAD(&ctx->fakes);
	INIT_LIST_HEAD(&ctx->mscs);
	test->priv = ctx;

	return 0;
}

/* The architecture has the last word on what a test did */
void mpam_test_exit(struct kunit *test)
{
	struct mpam_test *ctx = test->priv;
	struct mpam_fake *fake;

	/* Skipped */
	if (!ctx)
		return;

	list_for_each_entry(fake, &ctx->fakes, node) {
		KUNIT_EXPECT_EQ_MSG(test, fake->nr_errors, 0,
				    "%s: the first was error %u, at offset %#x",
				    dev_name(fake->msc.dev), fake->error, fake->error_at);
		KUNIT_EXPECT_EQ(test, fake->esr, 0);
	}
}

/* An MSC that the end of the test checks */
struct mpam_fake *mpam_test_fake(struct kunit *test)
{
	struct mpam_test *ctx = test->priv;
	struct mpam_fake *fake;
	char name[16];

	snprintf(name, sizeof(name), "fake-msc.%u", ctx->nr_fakes++);
	fake = mpam_fake_create(test, name);
	list_add_tail(&fake->node, &ctx->fakes);

	return fake;
}

KUNIT_DEFINE_ACTION_WRAPPER(mpam_test_topo_action, mpam_topo_free, struct mpam_topo *);

/* Build a topology of all MSCs of the test, in the order they were made */
struct mpam_topo *mpam_test_topo(struct kunit *test)
{
	struct mpam_test *ctx = test->priv;
	struct mpam_fake *fake;

	list_for_each_entry(fake, &ctx->fakes, node)
		list_add_tail(&fake->msc.node, &ctx->mscs);

	ctx->topo = mpam_topo_build(&ctx->mscs);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->topo);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, mpam_test_topo_action,
							   ctx->topo));

	return ctx->topo;
}

/* All that was accessed, in this order, since the last time; @want ends with a read */
void mpam_test_expect_writes(struct kunit *test, struct mpam_fake *fake,
			     const struct mpam_fake_access *want)
{
	unsigned int i;

	for (i = 0; want[i].write; i++) {
		const struct mpam_fake_access *got = &fake->log[i];

		if (i >= fake->nr_log)
			continue;
		KUNIT_EXPECT_TRUE_MSG(test, got->write, "access %u", i);
		KUNIT_EXPECT_EQ_MSG(test, got->offset, want[i].offset, "access %u", i);
		KUNIT_EXPECT_EQ_MSG(test, got->val, want[i].val, "access %u", i);
	}

	KUNIT_EXPECT_EQ_MSG(test, fake->nr_log, i, "accesses of %s", dev_name(fake->msc.dev));
	mpam_fake_log_clear(fake);
}

/* A RIS with all controls; its widths tell them apart */
const struct mpam_fake_ris mpam_test_ris_full = {
	.idr	= MPAMF_IDR_HAS_CPOR_PART | MPAMF_IDR_HAS_CCAP_PART |
		  MPAMF_IDR_HAS_MBW_PART | MPAMF_IDR_HAS_PRI_PART,
	.cpor	= CPOR(40),
	.ccap	= CMAX(9) | MPAMF_CCAP_IDR_HAS_CMIN | CASSOC(5),
	.mbw	= BWA(7) | PBM(33) | MPAMF_MBW_IDR_HAS_MIN | MPAMF_MBW_IDR_HAS_MAX |
		  MPAMF_MBW_IDR_HAS_PROP,
	.pri	= INTPRI(3) | DSPRI(4) | MPAMF_PRI_IDR_DSPRI_0_IS_LOW,
};

const struct mpam_props mpam_test_props_full = {
	.has		= MPAM_CTRLS_ALL,
	.zero_low	= BIT(MPAM_CTRL_DSPRI),
	.wd		= {
		[MPAM_CTRL_CPBM]	= 40,
		[MPAM_CTRL_CMAX]	= 9,
		[MPAM_CTRL_CMIN]	= 9,
		[MPAM_CTRL_CASSOC]	= 5,
		[MPAM_CTRL_MBW_PBM]	= 33,
		[MPAM_CTRL_MBW_MIN]	= 7,
		[MPAM_CTRL_MBW_MAX]	= 7,
		[MPAM_CTRL_MBW_PROP]	= 7,
		[MPAM_CTRL_INTPRI]	= 3,
		[MPAM_CTRL_DSPRI]	= 4,
	},
};

void mpam_test_expect_props(struct kunit *test, const struct mpam_props *got,
			    const struct mpam_props *want)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, got->has, want->has);
	KUNIT_EXPECT_EQ(test, got->zero_low & got->has, want->zero_low & want->has);
	for (i = 0; i < MPAM_NUM_CTRLS; i++) {
		if (want->has & BIT(i))
			KUNIT_EXPECT_EQ_MSG(test, got->wd[i], want->wd[i], "width of %s",
					    mpam_ctrls[i].name);
	}
}

/* An MSC whose only RIS has portions, and belongs to an L3 */
struct mpam_fake *mpam_test_l3(struct kunit *test, u32 comp_id, u32 portions)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->ris[0].idr = MPAMF_IDR_HAS_CPOR_PART;
	fake->ris[0].cpor = portions;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, comp_id);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);

	return fake;
}

struct mpam_class *mpam_test_l3_class(struct kunit *test, struct mpam_topo *topo)
{
	struct mpam_class *class = mpam_class_find(topo, MPAM_CLASS_CACHE, 3);

	KUNIT_ASSERT_NOT_NULL(test, class);

	return class;
}

struct mpam_component *mpam_test_first_comp(struct kunit *test, struct mpam_class *class)
{
	KUNIT_ASSERT_FALSE(test, list_empty(&class->comps));

	return list_first_entry(&class->comps, struct mpam_component, node);
}

int mpam_test_set(struct mpam_component *comp, u16 partid, enum mpam_ctrl_id ctrl, u32 val)
{
	guard(cpus_read_lock)();

	return mpam_config_set(comp, &partid, 1, ctrl, val);
}

int mpam_test_put_back(struct mpam_component *comp, u16 partid, enum mpam_ctrl_id ctrl,
		       u32 val)
{
	guard(cpus_read_lock)();

	return mpam_config_put_back(comp, &partid, 1, ctrl, val);
}

int mpam_test_reset(struct mpam_component *comp, u16 first, u16 last, u32 ctrls)
{
	guard(cpus_read_lock)();

	return mpam_config_reset(comp, first, last, ctrls);
}

void mpam_test_restore(struct mpam_fake *fake, u32 nr_partids)
{
	guard(migrate)();
	mpam_config_restore_msc(&fake->msc, nr_partids);
}

/* An MSC of the one L3, with portions, CMAX and both priorities */
struct mpam_fake *mpam_test_slice(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->ris[0] = (struct mpam_fake_ris){
		.idr	= MPAMF_IDR_HAS_CPOR_PART | MPAMF_IDR_HAS_CCAP_PART |
			  MPAMF_IDR_HAS_PRI_PART,
		.cpor	= CPOR(16),
		.ccap	= CMAX(8),
		.pri	= INTPRI(3) | DSPRI(4) | MPAMF_PRI_IDR_DSPRI_0_IS_LOW,
	};
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);

	return fake;
}

/* Build the L3 of all MSCs of the test, bring them up, and forget how */
struct mpam_component *mpam_test_l3_up(struct kunit *test)
{
	struct mpam_test *ctx = test->priv;
	struct mpam_topo *topo = mpam_test_topo(test);
	struct mpam_fake *fake;

	KUNIT_ASSERT_EQ(test, mpam_config_alloc(topo, TEST_PARTIDS), 0);
	list_for_each_entry(fake, &ctx->fakes, node) {
		mpam_test_restore(fake, TEST_PARTIDS);
		fake->msc.live = true;
		mpam_fake_log_clear(fake);
	}

	return mpam_test_first_comp(test, mpam_test_l3_class(test, topo));
}

/**
 * mpam_test_topo_free() - Free the test's topology before the test ends
 * @test:	the test, after mpam_test_topo()
 */
void mpam_test_topo_free(struct kunit *test)
{
	struct mpam_test *ctx = test->priv;

	kunit_release_action(test, mpam_test_topo_action, ctx->topo);
}

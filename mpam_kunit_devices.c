// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of doing without an MSC
 *
 * One that is of no use, from the start or from some time on, takes with it the
 * classes that it is a part of, and no others.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/srcu.h>
#include <linux/string.h>

#include "mpam_kunit.h"

static struct mpam_fake *test_cache(struct kunit *test, u8 level, u32 id)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(16) };
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, level, id);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);

	return fake;
}

static void lost_from_the_start_test(struct kunit *test)
{
	struct mpam_fake *a = test_cache(test, 3, 1), *b = test_cache(test, 3, 2);
	struct mpam_fake *l2 = test_cache(test, 2, 3), *l4 = test_cache(test, 4, 4);
	struct mpam_class *class;
	struct mpam_topo *topo;

	mpam_msc_reject(&b->msc, "it is test %d", 1);
	mpam_msc_reject(&b->msc, "it is test %d", 2);
	mpam_msc_reject(&l4->msc, "it is a test");
	KUNIT_EXPECT_STREQ(test, b->msc.why, "it is test 1");
	mpam_fake_log_clear(b);

	topo = mpam_test_topo(test);
	class = mpam_class_find(topo, MPAM_CLASS_CACHE, 3);
	KUNIT_ASSERT_NOT_NULL(test, class);
	KUNIT_EXPECT_PTR_EQ(test, class->lost, &b->msc);
	KUNIT_EXPECT_NOT_NULL(test, a->msc.ris[0].vmsc);
	KUNIT_EXPECT_NULL(test, b->msc.ris[0].vmsc);

	class = mpam_class_find(topo, MPAM_CLASS_CACHE, 2);
	KUNIT_ASSERT_NOT_NULL(test, class);
	KUNIT_EXPECT_TRUE(test, mpam_class_complete(class));
	KUNIT_EXPECT_NOT_NULL(test, l2->msc.ris[0].vmsc);

	/* The only one of its class */
	class = mpam_class_find(topo, MPAM_CLASS_CACHE, 4);
	KUNIT_ASSERT_NOT_NULL(test, class);
	KUNIT_EXPECT_FALSE(test, mpam_class_complete(class));
	EXPECT_UNTOUCHED(test, b);
}

/* RIS of which firmware and hardware don't agree what they are, or whether */
static void lost_ris_test(struct kunit *test)
{
	struct mpam_fake *missing = mpam_test_fake(test), *vague = test_cache(test, 4, 1);
	struct mpam_fake *good = test_cache(test, 3, 2);
	struct mpam_topo *topo;

	missing->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(16) };
	mpam_fake_list_ris(missing, 0, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(missing, 1, MPAM_CLASS_CACHE, 2, 1);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(missing), 0);
	mpam_fw_doubt(&vague->msc.fw, "it is a test");
	KUNIT_EXPECT_FALSE(test, mpam_msc_is_bad(&vague->msc));

	topo = mpam_test_topo(test);
	KUNIT_EXPECT_TRUE(test, mpam_class_complete(mpam_class_find(topo, MPAM_CLASS_CACHE, 3)));
	KUNIT_EXPECT_FALSE(test, mpam_class_complete(mpam_class_find(topo, MPAM_CLASS_CACHE, 2)));
	KUNIT_EXPECT_FALSE(test, mpam_class_complete(mpam_class_find(topo, MPAM_CLASS_CACHE, 4)));
	KUNIT_EXPECT_NOT_NULL(test, missing->msc.ris[0].vmsc);
	KUNIT_EXPECT_NOT_NULL(test, good->msc.ris[0].vmsc);

	/* It can be used, so it is kept without limits */
	mpam_test_restore(vague, 4);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(vague, 0, 3, MPAMCFG_CPBM), 0xffff);
}

/* What is configured stays, and can't be changed; what has no limit needs none */
static void lost_in_use_test(struct kunit *test)
{
	struct mpam_fake *a = test_cache(test, 3, 1), *b = test_cache(test, 3, 1);
	struct mpam_topo *topo = mpam_test_topo(test);
	struct mpam_component *comp;

	KUNIT_ASSERT_EQ(test, mpam_config_alloc(topo, 4), 0);
	comp = a->msc.ris[0].vmsc->comp;
	mpam_test_restore(a, 4);
	mpam_test_restore(b, 4);
	a->msc.live = true;
	b->msc.live = true;
	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0xf0), 0);

	/* Before anybody has looked what it is a part of */
	mpam_msc_reject(&b->msc, "it is a test");
	mpam_fake_log_clear(b);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x0f), -EIO);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(a, 0, 1, MPAMCFG_CPBM), 0xf0);

	/* It came back as another one, and never became live again */
	b->msc.live = false;
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x0f), -EIO);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(a, 0, 1, MPAMCFG_CPBM), 0xf0);

	comp->class->lost = &b->msc;
	mpam_fake_log_clear(a);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x0f), -EIO);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0xf0), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0xffff), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0x00ff), -EIO);
	EXPECT_UNTOUCHED(test, a);

	/* What it had before a write that failed elsewhere, the rest gets back */
	KUNIT_EXPECT_EQ(test, mpam_test_put_back(comp, 1, MPAM_CTRL_CPBM, 0x3c), -EIO);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(a, 0, 1, MPAMCFG_CPBM), 0x3c);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x3c), 0);
	EXPECT_UNTOUCHED(test, b);

	/* A group can go, and what is left of the class forgets it */
	mpam_test_reset(comp, 0, 3, MPAM_CTRLS_ALL);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(a, 0, 1, MPAMCFG_CPBM), 0xffff);
	EXPECT_UNTOUCHED(test, b);
}

static void same_ris_test(struct kunit *test)
{
	struct mpam_fake *a = test_cache(test, 3, 1), *b = test_cache(test, 3, 1);
	struct mpam_fw_msc *fa = &a->msc.fw, *fb = &b->msc.fw;

	KUNIT_EXPECT_TRUE(test, mpam_fw_same_ris(fa, fb));
	fb->ris[0].comp_id = 2;
	KUNIT_EXPECT_FALSE(test, mpam_fw_same_ris(fa, fb));
	fb->ris[0].comp_id = 1;
	fb->ris[0].idx = 1;
	KUNIT_EXPECT_FALSE(test, mpam_fw_same_ris(fa, fb));
	fb->ris[0].idx = 0;
	fb->ris[0].level = 2;
	KUNIT_EXPECT_FALSE(test, mpam_fw_same_ris(fa, fb));
	fb->ris[0].level = 3;
	fb->ris[0].type = MPAM_CLASS_MEMORY;
	KUNIT_EXPECT_FALSE(test, mpam_fw_same_ris(fa, fb));
	fb->ris[0].type = MPAM_CLASS_CACHE;
	fb->nr_ris = 0;
	KUNIT_EXPECT_FALSE(test, mpam_fw_same_ris(fa, fb));
}

/* Registers can't start in the midst of a page: the CPU would refuse to access them */
static void frame_test(struct kunit *test)
{
	static const struct {
		struct resource	res;
		const char	*why;
	} cases[] = {
		{ DEFINE_RES_MEM(0x10000, 0x1000), "" },
		{ DEFINE_RES_MEM(0x11000, 0x3000), "" },
		{ DEFINE_RES_MEM(0x10000, 0xfff), "no registers" },
		{ DEFINE_RES_MEM(0x10002, 0x2000), "not a multiple of 4 KiB" },
		{ DEFINE_RES_MEM(0x10800, 0x2000), "not a multiple of 4 KiB" },
	};
	struct mpam_fw_msc *fw;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fw = kunit_kzalloc(test, sizeof(*fw), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, fw);
		mpam_fw_check_frame(fw, &cases[i].res);
		KUNIT_EXPECT_EQ(test, mpam_fw_usable(fw), !*cases[i].why);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(fw->why, cases[i].why), "case %u: %s", i,
					  fw->why);
	}

	fw = kunit_kzalloc(test, sizeof(*fw), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fw);
	mpam_fw_check_frame(fw, NULL);
	KUNIT_EXPECT_STREQ(test, fw->why, "it has no registers");
}

static struct kunit_case mpam_devices_cases[] = {
	KUNIT_CASE(lost_from_the_start_test),
	KUNIT_CASE(lost_ris_test),
	KUNIT_CASE(lost_in_use_test),
	KUNIT_CASE(same_ris_test),
	KUNIT_CASE(frame_test),
	{}
};

MPAM_SUITE(mpam_devices, mpam_test_init);

kunit_test_suites(&mpam_devices_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit tests of doing without an MSC");
MODULE_LICENSE("GPL");

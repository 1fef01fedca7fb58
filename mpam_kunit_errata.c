// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of the errata: which MSCs have them, and what becomes of it
 *
 * The machine that runs them is no T241, which is why T241-MPAM-1 must be
 * forced here, and its register block is ordinary memory.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/vmalloc.h>

#include "mpam_kunit.h"

#define IIDR_T241	0x2410036b
#define IIDR_CMN650	0x0000043b

static void test_no_override(void *unused)
{
	mpam_errata_override("");
}

static void test_override(struct kunit *test, const char *arg)
{
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action(test, test_no_override, NULL));
	KUNIT_ASSERT_EQ(test, mpam_errata_override(arg), 0);
}

/* An MSC whose one RIS limits the bandwidth of a memory node */
static struct mpam_fake *test_memory(struct kunit *test, u32 iidr, u32 mbw)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->iidr = iidr;
	fake->ris[0].idr = MPAMF_IDR_HAS_MBW_PART | MPAMF_IDR_HAS_CPOR_PART;
	fake->ris[0].mbw = mbw;
	fake->ris[0].cpor = CPOR(8);
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 0);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);

	return fake;
}

#define T241_MBW	(BWA(7) | MPAMF_MBW_IDR_HAS_MIN | MPAMF_MBW_IDR_HAS_MAX)

struct errata_match_case {
	const char	*name;
	u32		iidr;
	const char	*override;
	u32		errata;
};

#define T241_1	BIT(MPAM_ERRATUM_T241_1)
#define T241_4	BIT(MPAM_ERRATUM_T241_4)
#define T241_6	BIT(MPAM_ERRATUM_T241_6)
#define CMN650	BIT(MPAM_ERRATUM_CMN650_3642720)

static const struct errata_match_case errata_match_cases[] = {
	{ "no erratum", 0x1230043b, "", 0 },
	{ "T241 by IIDR, but not by SoC ID", IIDR_T241, "", T241_4 | T241_6 },
	{ "T241 of another revision", IIDR_T241 | 0x1000, "", 0 },
	{ "T241 of another variant", IIDR_T241 | 0x10000, "", 0 },
	{ "T241's product, another vendor", 0x2410043b, "", 0 },
	{ "CMN-650 r0p0", IIDR_CMN650, "", CMN650 },
	{ "CMN-650 of another revision", IIDR_CMN650 | 0x1000, "", 0 },
	{ "CMN-650's zeroes, another vendor", 0x0000036b, "", 0 },
	{ "forced", 0x1230043b, "+CMN-650-3642720", CMN650 },
	{ "forced, in lower case", 0x1230043b, "+t241-mpam-6", T241_6 },
	{ "forced, with registers of the chip", IIDR_T241, "+T241-MPAM-1",
	  T241_1 | T241_4 | T241_6 },
	{ "not forced on a chip without these registers", 0x1230043b, "+T241-MPAM-1", 0 },
	{ "disabled", IIDR_T241, "-T241-MPAM-6", T241_4 },
	{ "several", IIDR_T241, "-T241-MPAM-6,+CMN-650-3642720,-T241-MPAM-4", CMN650 },
	{ "the last word counts", IIDR_T241, "-T241-MPAM-6,+T241-MPAM-6", T241_4 | T241_6 },
	{ "disabled after all", IIDR_T241, "+T241-MPAM-6,-T241-MPAM-6", T241_4 },
};

KUNIT_ARRAY_PARAM_DESC(errata_match, errata_match_cases, name);

static void errata_match_test(struct kunit *test)
{
	const struct errata_match_case *c = test->param_value;
	const struct mpam_msc *msc;

	test_override(test, c->override);
	msc = &test_memory(test, c->iidr, T241_MBW)->msc;

	KUNIT_EXPECT_EQ(test, msc->errata, c->errata);
	KUNIT_EXPECT_EQ(test, !!msc->bw_written, !!(c->errata & T241_1));
	KUNIT_EXPECT_EQ(test, !!msc->chip_regs, !!(c->errata & T241_1));
	KUNIT_EXPECT_EQ(test, msc->ris[0].props.derived,
			c->errata & T241_4 ? BIT(MPAM_CTRL_MBW_MIN) : 0);
	KUNIT_EXPECT_EQ(test, msc->mbwu_shift, c->errata & T241_6 ? 6 : 0);
	KUNIT_EXPECT_EQ(test, msc->csu_nrdy_stuck, !!(c->errata & CMN650));
}

/* What is not understood changes nothing */
static void errata_override_test(struct kunit *test)
{
	static const char * const bad[] = {
		"T241-MPAM-6", "+", "-", ",", "+T241-MPAM-", "+T241-MPAM-66", "T241-MPAM-6,",
		"-T241-MPAM-4,T241-MPAM-6", "+CMN-650-3642720,-", "off",
		"=T241-MPAM-6",
	};
	unsigned int i;

	test_override(test, "-T241-MPAM-6");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, mpam_errata_override(bad[i]), -EINVAL, "'%s'", bad[i]);

	KUNIT_EXPECT_EQ(test, test_memory(test, IIDR_T241, T241_MBW)->msc.errata, T241_4);
	KUNIT_EXPECT_EQ(test, mpam_errata_override(""), 0);
	KUNIT_EXPECT_EQ(test, test_memory(test, IIDR_T241, T241_MBW)->msc.errata,
			T241_4 | T241_6);
}

/* T241-MPAM-1 */

#define T241_SIZE		0x421000
#define T241_SHADOW(_slice, _partid) \
	(0x360048 + (_slice) * 0x10000 + (_partid) * 8)

KUNIT_DEFINE_ACTION_WRAPPER(test_vfree, vfree, const void *);

/* A chip's register block that is made of memory; two values wait to be spared */
static void __iomem *test_chip(struct kunit *test)
{
	void *mem = vzalloc(T241_SIZE);
	void __iomem *regs = (void __iomem __force *)mem;

	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, test_vfree, mem));

	return regs;
}

static void test_chip_poison(void __iomem *regs)
{
	writeq(~0ULL, regs + 0x1b0000);
	writeq(~0ULL, regs + 0x1c0000);
}

static void test_expect_spared(struct kunit *test, void __iomem *regs, u64 want)
{
	KUNIT_EXPECT_EQ(test, readq(regs + 0x1b0000), want);
	KUNIT_EXPECT_EQ(test, readq(regs + 0x1c0000), want);
	test_chip_poison(regs);
}

static void t241_agree_test(struct kunit *test)
{
	void __iomem *regs = test_chip(test);
	unsigned int slice;

	KUNIT_EXPECT_TRUE(test, mpam_errata_t241_agree(regs, 3));
	for (slice = 0; slice < 12; slice++) {
		/* The others of the PARTID, and this one of the others */
		writeq(1ULL << 63, regs + T241_SHADOW(slice, 3));
		KUNIT_EXPECT_EQ_MSG(test, mpam_errata_t241_agree(regs, 3), slice == 11,
				    "up to slice %u", slice);
		KUNIT_EXPECT_TRUE(test, mpam_errata_t241_agree(regs, 2));
		KUNIT_EXPECT_TRUE(test, mpam_errata_t241_agree(regs, 4));
	}

	/* Each of them by itself */
	for (slice = 0; slice < 12; slice++) {
		writeq(7, regs + T241_SHADOW(slice, 5));
		KUNIT_EXPECT_FALSE_MSG(test, mpam_errata_t241_agree(regs, 5), "slice %u", slice);
		writeq(0, regs + T241_SHADOW(slice, 5));
	}

	/* There is no other slice */
	writeq(5, regs + T241_SHADOW(12, 0));
	KUNIT_EXPECT_TRUE(test, mpam_errata_t241_agree(regs, 0));
}

static void t241_propagate_test(struct kunit *test)
{
	struct mpam_component *comp;
	struct mpam_fake *fake;
	void __iomem *regs = test_chip(test);

	test_override(test, "+T241-MPAM-1,-T241-MPAM-4");
	fake = test_memory(test, IIDR_T241, T241_MBW);
	KUNIT_ASSERT_NOT_NULL(test, fake->msc.bw_written);
	fake->msc.chip_regs = regs;
	test_chip_poison(regs);
	comp = mpam_test_l3_up(test);

	/* The first configuration was written */
	test_expect_spared(test, regs, 0);

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MAX, 0x7fff), 0);
	test_expect_spared(test, regs, 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MIN, 0x1000), 0);
	test_expect_spared(test, regs, 0);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 1, 1, MPAM_CTRLS_BW), 0);
	test_expect_spared(test, regs, 0);

	/* Others are not concerned */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x0f), 0);
	test_expect_spared(test, regs, ~0ULL);

	/* It does not wait for ever for slices that don't agree */
	writeq(1, regs + T241_SHADOW(7, 2));
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_MBW_MAX, 0x7fff), 0);
	test_expect_spared(test, regs, 0);
}

/* Without limits of bandwidth there is nothing to propagate */
static void t241_no_bandwidth_test(struct kunit *test)
{
	struct mpam_fake *fake;

	test_override(test, "+T241-MPAM-1");
	fake = test_memory(test, IIDR_T241, PBM(8));
	KUNIT_EXPECT_NULL(test, fake->msc.bw_written);
	KUNIT_EXPECT_TRUE(test, !fake->msc.chip_regs);
	KUNIT_EXPECT_EQ(test, fake->msc.ris[0].props.derived, 0);
}

/* T241-MPAM-4 */

static void t241_derive_test(struct kunit *test)
{
	struct mpam_fake *fake = test_memory(test, IIDR_T241, T241_MBW);
	struct mpam_component *comp = mpam_test_l3_up(test);
	u32 val;

	/* No user gets at the guarantee */
	KUNIT_EXPECT_EQ(test, comp->class->props.has,
			BIT(MPAM_CTRL_MBW_MAX) | BIT(MPAM_CTRL_CPBM));
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MIN, 0x8000), -EINVAL);
	EXPECT_UNTOUCHED(test, fake);

	/* 0xfe00 less 5 % of 0x10000 */
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 3, MPAMCFG_MBW_MAX), 0xfe00);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 3, MPAMCFG_MBW_MIN), 0xf000);

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MAX, 0x8000), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 3);
	KUNIT_EXPECT_EQ(test, mpam_fake_count(fake, true, MPAMCFG_MBW_MIN), 1);
	KUNIT_EXPECT_EQ(test, mpam_fake_count(fake, true, MPAMCFG_MBW_MAX), 1);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 1, MPAMCFG_MBW_MAX) & 0xffff, 0x8000);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 1, MPAMCFG_MBW_MIN), 0x7200);
	mpam_fake_log_clear(fake);

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MAX, 0x8000), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x1), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_CPBM, 0x1));

	/* Just what was asked for is remembered */
	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, 1, MPAM_CTRL_MBW_MIN, &val));
	KUNIT_EXPECT_TRUE(test, mpam_config_get(comp, 1, MPAM_CTRL_MBW_MAX, &val));
	KUNIT_EXPECT_EQ(test, val, 0x8000);

	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 1, 1, BIT(MPAM_CTRL_MBW_MAX)), 0);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 1, MPAMCFG_MBW_MAX), 0xfe00);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 1, MPAMCFG_MBW_MIN), 0xf000);
}

/* Whatever the limit is, and whatever the hardware makes of its lower bits */
static void t241_derive_range_test(struct kunit *test)
{
	unsigned int wd;
	u32 n;

	for (wd = 1; wd <= 16; wd++) {
		u32 mask = GENMASK(15, 16 - wd), step = 0x10000 >> wd;
		u32 least = max(512u, step);
		struct mpam_props props = {
			.has		= MPAM_CTRLS_BW,
			.derived	= BIT(MPAM_CTRL_MBW_MIN),
			.wd		= {
				[MPAM_CTRL_MBW_MIN]	= wd,
				[MPAM_CTRL_MBW_MAX]	= wd,
			},
		};

		for (n = 0; n < 0x10000; n += step) {
			struct mpam_config cfg = {
				.valid	= BIT(MPAM_CTRL_MBW_MAX),
				.dirty	= BIT(MPAM_CTRL_MBW_MAX),
				.val[MPAM_CTRL_MBW_MAX] = n,
			};
			u32 min, max;

			mpam_ctrl_fixup(&props, &cfg);
			min = cfg.val[MPAM_CTRL_MBW_MIN] & mask;
			max = cfg.val[MPAM_CTRL_MBW_MAX] & mask;

			if (cfg.valid != MPAM_CTRLS_BW || cfg.dirty != MPAM_CTRLS_BW ||
			    min > max || min < least || max < n ||
			    (n >= least && max != n) ||
			    (n >= least + 0xccc && (n - min < 0xccc || n - min > 0xccc + step)))
				FAIL(test, "width %u: %#x gave %#x to %#x", wd, n, min, max);
		}
	}
}

static struct kunit_case mpam_errata_cases[] = {
	KUNIT_CASE_PARAM(errata_match_test, errata_match_gen_params),
	KUNIT_CASE(errata_override_test),
	KUNIT_CASE(t241_agree_test),
	KUNIT_CASE(t241_propagate_test),
	KUNIT_CASE(t241_no_bandwidth_test),
	KUNIT_CASE(t241_derive_test),
	KUNIT_CASE(t241_derive_range_test),
	{}
};

/* A kernel without the workarounds has nothing to be tested */
static int mpam_errata_test_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_NVIDIA_T241_MPAM_ERRATUM_1) ||
	    !IS_ENABLED(CONFIG_NVIDIA_T241_MPAM_ERRATUM_4) ||
	    !IS_ENABLED(CONFIG_NVIDIA_T241_MPAM_ERRATUM_6) ||
	    !IS_ENABLED(CONFIG_ARM_CMN650_ERRATUM_3642720))
		kunit_skip(test, "the workarounds are not all built in");

	return mpam_test_init(test);
}

MPAM_SUITE(mpam_errata, mpam_errata_test_init);

kunit_test_suite(mpam_errata_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of the driver's own code, on MSCs that are made of memory
 *
 * Registers are reached, probed, linked, configured and reset by the driver as
 * it stands; only the MSC is fake (mpam_kunit_fake.c). At the end of each test no
 * MSC may have seen an error.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/rculist.h>
#include <linux/resctrl.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/string.h>

#include "mpam_kunit.h"

/* The fake itself: a test that ends without an error must mean something */

static void fake_errors_test(struct kunit *test)
{
	struct mpam_fake *plain = mpam_test_fake(test), *narrow = mpam_test_fake(test);
	struct mpam_msc *msc;
	static const struct {
		bool	narrow;
		u32	sel;
		u32	offset;
		u32	val;
		u32	esr;
	} cases[] = {
		{ false, 0x00000010, MPAMCFG_CMAX, 0, 0x01000010 },
		{ false, 0x02000001, MPAMCFG_CMAX, 0, 0x08000001 },
		{ false, 0x01000001, MPAMCFG_CMAX, 0, 0x09000001 },
		{ true, 0x00000001, MPAMCFG_CMAX, 0, 0x06000001 },
		{ true, 0x00010008, MPAMCFG_CMAX, 0, 0x06000008 },
		{ true, 0x00010001, MPAMCFG_INTPARTID, 0x10001, 0x07000001 },
		{ true, 0x00000001, MPAMCFG_INTPARTID, 0x10008, 0x06000001 },
		{ true, 0x00000001, MPAMCFG_INTPARTID, 0x00001, 0x06000001 },
	};
	unsigned int i;

	plain->idr |= MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 2);
	plain->ris[0] = mpam_test_ris_full;
	plain->ris[1] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(8) };
	narrow->idr |= MPAMF_IDR_HAS_PARTID_NRW;
	narrow->nrw_idr = 7;
	narrow->ris[0] = mpam_test_ris_full;
	KUNIT_ASSERT_EQ(test, 0, mpam_fake_probe(plain));
	KUNIT_ASSERT_EQ(test, 0, mpam_fake_probe(narrow));

	guard(migrate)();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mpam_fake *fake = plain;

		if (cases[i].narrow)
			fake = narrow;
		msc = &fake->msc;
		scoped_guard(mutex, &msc->part_lock) {
			mpam_msc_wr(msc, MPAMCFG_PART_SEL, cases[i].sel);
			mpam_msc_wr(msc, cases[i].offset, cases[i].val);
		}

		KUNIT_EXPECT_EQ_MSG(test, fake->nr_errors, 1, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, mpam_msc_rd(msc, MPAMF_ESR), cases[i].esr, "case %u", i);
		fake->nr_errors = 0;
		fake->esr = 0;
	}

	/* A second error on top of the first */
	msc = &plain->msc;
	scoped_guard(mutex, &msc->part_lock) {
		mpam_msc_wr(msc, MPAMCFG_PART_SEL, 0x10);
		mpam_msc_wr(msc, MPAMCFG_CMAX, 0);
		mpam_msc_wr(msc, MPAMCFG_CMAX, 0);
	}
	KUNIT_EXPECT_EQ(test, plain->nr_errors, 2);
	KUNIT_EXPECT_EQ(test, mpam_msc_rd(msc, MPAMF_ESR), 0x81000010);
	plain->nr_errors = 0;
	plain->esr = 0;

	/* Selecting without the lock, which no MSC could tell */
	mpam_msc_wr(msc, MPAMCFG_PART_SEL, 0);
	KUNIT_EXPECT_EQ(test, plain->nr_errors, 1);
	KUNIT_EXPECT_EQ(test, plain->error, 0);
	KUNIT_EXPECT_EQ(test, plain->esr, 0);
	plain->nr_errors = 0;
}

static void fake_register_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->ris[0] = mpam_test_ris_full;
	KUNIT_ASSERT_EQ(test, 0, mpam_fake_probe(fake));

	guard(migrate)();
	CLASS(mpam_part, sel)(&fake->msc, 0, 3);

	mpam_part_wr(&sel, MPAMCFG_CMAX, 0xffff);
	KUNIT_EXPECT_EQ(test, mpam_part_rd(&sel, MPAMCFG_CMAX), 0xff80);
	mpam_part_wr(&sel, MPAMCFG_PRI, ~0u);
	KUNIT_EXPECT_EQ(test, mpam_part_rd(&sel, MPAMCFG_PRI), 0x000f0007);
	mpam_part_wr(&sel, MPAMCFG_CPBM + 4, ~0u);
	KUNIT_EXPECT_EQ(test, mpam_part_rd(&sel, MPAMCFG_CPBM + 4), 0xff);
	mpam_part_wr(&sel, MPAMF_IIDR, 0);
	KUNIT_EXPECT_EQ(test, mpam_part_rd(&sel, MPAMF_IIDR), fake->iidr);

	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 3, MPAMCFG_CMAX), 0xff80);
	KUNIT_EXPECT_NE(test, mpam_fake_cfg(fake, 0, 2, MPAMCFG_CMAX), 0xff80);
	mpam_fake_power_cycle(fake);
	KUNIT_EXPECT_NE(test, mpam_fake_cfg(fake, 0, 3, MPAMCFG_CMAX), 0xff80);
	KUNIT_EXPECT_NE(test, fake->esr, 0);
	fake->esr = 0;
}

/* The table of controls */

static void ctrl_table_test(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < MPAM_NUM_CTRLS; i++) {
		const struct mpam_ctrl_desc *desc = &mpam_ctrls[i];
		u32 id_bits[] = { desc->id_has, desc->id_not, desc->id_0_low, desc->id_wd };
		u32 seen = 0;

		KUNIT_ASSERT_NOT_NULL_MSG(test, desc->name, "row %u is empty", i);
		KUNIT_EXPECT_EQ_MSG(test, hweight64(desc->idr_gate), 1, "%s", desc->name);
		KUNIT_EXPECT_TRUE_MSG(test, IS_ALIGNED(desc->id_reg, 4), "%s", desc->name);
		KUNIT_EXPECT_TRUE_MSG(test, IS_ALIGNED(desc->cfg_reg, 4), "%s", desc->name);

		for (j = 0; j < ARRAY_SIZE(id_bits); j++) {
			KUNIT_EXPECT_EQ_MSG(test, seen & id_bits[j], 0, "%s", desc->name);
			seen |= id_bits[j];
		}

		/* The ID register can express each width, the control holds it */
		KUNIT_ASSERT_NE_MSG(test, desc->id_wd, 0, "%s", desc->name);
		KUNIT_EXPECT_GE_MSG(test, desc->id_wd >> __ffs(desc->id_wd), desc->max_wd,
				    "%s", desc->name);
		if (desc->kind == MPAM_KIND_BITMAP)
			KUNIT_EXPECT_EQ_MSG(test, desc->cfg_field, 0, "%s", desc->name);
		else
			KUNIT_EXPECT_EQ_MSG(test, hweight32(desc->cfg_field), desc->max_wd,
					    "%s", desc->name);
		if (desc->kind == MPAM_KIND_FRACTION)
			KUNIT_EXPECT_EQ_MSG(test, desc->max_wd, 16, "%s", desc->name);
	}
}

static u32 ctrl_cfg_end(const struct mpam_ctrl_desc *desc)
{
	return desc->cfg_reg + (desc->kind == MPAM_KIND_BITMAP ? desc->max_wd / 8 : 4);
}

static void ctrl_table_neighbours_test(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < MPAM_NUM_CTRLS; i++) {
		const struct mpam_ctrl_desc *a = &mpam_ctrls[i];

		for (j = i + 1; j < MPAM_NUM_CTRLS; j++) {
			const struct mpam_ctrl_desc *b = &mpam_ctrls[j];

			if (a->cfg_reg != b->cfg_reg) {
				KUNIT_EXPECT_TRUE_MSG(test, ctrl_cfg_end(a) <= b->cfg_reg ||
						      ctrl_cfg_end(b) <= a->cfg_reg,
						      "%s overlaps %s", a->name, b->name);
				continue;
			}

			KUNIT_EXPECT_EQ_MSG(test, mpam_ctrls[j - 1].cfg_reg, b->cfg_reg,
					    "%s and %s share a register", a->name, b->name);
			KUNIT_EXPECT_EQ_MSG(test, a->cfg_field & b->cfg_field, 0,
					    "%s overlaps %s", a->name, b->name);
			KUNIT_EXPECT_NE(test, a->kind, MPAM_KIND_BITMAP);
			KUNIT_EXPECT_NE(test, b->kind, MPAM_KIND_BITMAP);
		}
	}
}

static void ctrl_group_end_test(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < MPAM_NUM_CTRLS; i++)
		KUNIT_EXPECT_EQ_MSG(test, mpam_ctrl_group_end(i),
				    i == MPAM_CTRL_INTPRI ? MPAM_CTRL_DSPRI + 1 : i + 1,
				    "%s", mpam_ctrls[i].name);
}

/* A control's whole range of widths, polarities, and its place in the register */
struct ctrl_reset_case {
	const char		*name;
	enum mpam_ctrl_id	ctrl;
	bool			fraction;
	bool			ones;		/* reset is all ones, else zero */
	bool			priority;	/* all ones only if 0 is low */
	unsigned int		shift;
};

static const struct ctrl_reset_case ctrl_reset_cases[] = {
	{ "CMAX", MPAM_CTRL_CMAX, .fraction = true, .ones = true },
	{ "CMIN", MPAM_CTRL_CMIN, .fraction = true },
	{ "CASSOC", MPAM_CTRL_CASSOC, .fraction = true, .ones = true },
	{ "MBW_MIN", MPAM_CTRL_MBW_MIN, .fraction = true },
	{ "MBW_MAX", MPAM_CTRL_MBW_MAX, .fraction = true, .ones = true },
	{ "MBW_PROP", MPAM_CTRL_MBW_PROP },
	{ "INTPRI", MPAM_CTRL_INTPRI, .priority = true },
	{ "DSPRI", MPAM_CTRL_DSPRI, .priority = true, .shift = 16 },
};

KUNIT_ARRAY_PARAM_DESC(ctrl_reset, ctrl_reset_cases, name);

static void ctrl_reset_test(struct kunit *test)
{
	const struct ctrl_reset_case *c = test->param_value;
	struct mpam_config cfg = {};
	struct mpam_props props = {};
	unsigned int wd, low;

	cfg.val[c->ctrl] = 1;
	for (low = 0; low < 2; low++) {
		for (wd = 1; wd <= 16; wd++) {
			u32 ones = c->fraction ? 0x10000 - (0x10000 >> wd) : (1 << wd) - 1;
			u32 want = c->ones || (c->priority && low) ? ones : 0;

			props.wd[c->ctrl] = wd;
			props.zero_low = low ? BIT(c->ctrl) : 0;

			KUNIT_EXPECT_EQ_MSG(test, mpam_ctrl_reset(c->ctrl, &props), want,
					    "width %u", wd);
			KUNIT_EXPECT_EQ(test, mpam_ctrl_field(c->ctrl, &props, NULL),
					want << c->shift);
			/* What nobody asked for is at reset, whatever val[] says */
			cfg.valid = ~BIT(c->ctrl);
			KUNIT_EXPECT_EQ(test, mpam_ctrl_field(c->ctrl, &props, &cfg),
					want << c->shift);
			cfg.valid = BIT(c->ctrl);
			KUNIT_EXPECT_EQ(test, mpam_ctrl_field(c->ctrl, &props, &cfg),
					(1 & ones) << c->shift);
		}
	}
}

static void ctrl_reset_bitmap_test(struct kunit *test)
{
	static const enum mpam_ctrl_id ctrls[] = { MPAM_CTRL_CPBM, MPAM_CTRL_MBW_PBM };
	struct mpam_config cfg = {};
	struct mpam_props props = {};
	unsigned int i, wd, word;

	for (i = 0; i < ARRAY_SIZE(ctrls); i++) {
		enum mpam_ctrl_id ctrl = ctrls[i];

		for (wd = 1; wd <= 64; wd++) {
			u64 got = 0;

			props.wd[ctrl] = wd;
			for (word = 0; word * 32 < wd; word++)
				got |= (u64)mpam_ctrl_bitmap_word(ctrl, &props, NULL, word) <<
				       word * 32;
			KUNIT_EXPECT_EQ_MSG(test, got, GENMASK_ULL(wd - 1, 0), "width %u", wd);

			cfg.valid = ~BIT(ctrl);
			KUNIT_EXPECT_EQ(test, mpam_ctrl_bitmap_word(ctrl, &props, &cfg, 0),
					(u32)GENMASK_ULL(wd - 1, 0));
		}

		props.wd[ctrl] = 20;
		cfg.valid = BIT(ctrl);
		cfg.val[ctrl] = 0x5a5a5;
		KUNIT_EXPECT_EQ(test, mpam_ctrl_bitmap_word(ctrl, &props, &cfg, 0), 0x5a5a5);
	}
}

/* Probing */

/* Reading ID registers takes a selection, and changes nothing else */
static void test_expect_probe_wrote_nothing(struct kunit *test, const struct mpam_fake *fake)
{
	unsigned int i;

	KUNIT_ASSERT_LE(test, fake->nr_log, MPAM_FAKE_LOG);
	for (i = 0; i < fake->nr_log; i++) {
		if (fake->log[i].write)
			KUNIT_EXPECT_EQ(test, fake->log[i].offset, MPAMCFG_PART_SEL);
	}
}

struct probe_version_case {
	const char	*name;
	u32		aidr;
	bool		known;
};

static const struct probe_version_case probe_version_cases[] = {
	{ "0.1", 0x01, true },
	{ "1.0", 0x10, true },
	{ "1.1", 0x11, true },
	{ "none", 0x00 },
	{ "0.2", 0x02 },
	{ "1.2", 0x12 },
	{ "2.0", 0x20 },
	{ "15.15", 0xff },
	{ "all-ones", ~0u },
};

KUNIT_ARRAY_PARAM_DESC(probe_version, probe_version_cases, name);

static void probe_version_test(struct kunit *test)
{
	const struct probe_version_case *c = test->param_value;
	struct mpam_fake *fake = mpam_test_fake(test);
	int ret;

	fake->aidr = c->aidr;
	fake->dead = c->aidr == ~0u;
	fake->ris[0] = mpam_test_ris_full;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	ret = mpam_fake_probe(fake);

	if (c->known) {
		KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", fake->msc.why);
		KUNIT_EXPECT_STREQ(test, fake->msc.why, "");
		KUNIT_EXPECT_EQ(test, fake->msc.aidr, c->aidr);
		KUNIT_EXPECT_EQ(test, fake->msc.iidr, fake->iidr);
		mpam_test_expect_props(test, &fake->msc.ris[0].props, &mpam_test_props_full);
		test_expect_probe_wrote_nothing(test, fake);
		return;
	}

	/* What else its registers say is not to be believed, nor are they to be touched */
	KUNIT_EXPECT_EQ(test, ret, -EIO);
	KUNIT_EXPECT_STRNEQ(test, fake->msc.why, "");
	KUNIT_EXPECT_EQ(test, fake->nr_log, 1);
	KUNIT_EXPECT_EQ(test, mpam_fake_count(fake, false, MPAMF_AIDR), 1);
}

static void probe_v1_0_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	/* Half of the register isn't there, so what it would say must not count */
	fake->aidr = 0x10;
	fake->idr = FIELD_PREP(MPAMF_IDR_PARTID_MAX, 0x1ff) | FIELD_PREP(MPAMF_IDR_PMG_MAX, 0xff) |
		    MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 3) |
		    MPAMF_IDR_HAS_ENDIS;
	fake->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(12) };
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);

	KUNIT_EXPECT_EQ(test, mpam_fake_count(fake, false, MPAMF_IDR_HI), 0);
	KUNIT_EXPECT_EQ(test, fake->msc.idr, (u32)(fake->idr | MPAMF_IDR_HAS_CPOR_PART));
	KUNIT_EXPECT_EQ(test, fake->msc.partid_max, 0x1ff);
	KUNIT_EXPECT_EQ(test, fake->msc.pmg_max, 0xff);
	KUNIT_EXPECT_EQ(test, fake->msc.ris_max, 0);
	KUNIT_EXPECT_TRUE(test, fake->msc.ris[0].in_hw);
	KUNIT_EXPECT_EQ(test, fake->msc.ris[0].props.has, BIT(MPAM_CTRL_CPBM));
	KUNIT_EXPECT_EQ(test, fake->msc.ris[0].props.wd[MPAM_CTRL_CPBM], 12);
	test_expect_probe_wrote_nothing(test, fake);
}

static void probe_ris_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	struct mpam_ris *ris = fake->msc.ris;

	fake->idr |= MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 3);
	fake->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(8) };
	fake->ris[1] = mpam_test_ris_full;
	fake->ris[3] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_MSMON };
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(fake, 1, MPAM_CLASS_MEMORY, 0, 0);
	mpam_fake_list_ris(fake, 3, MPAM_CLASS_UNKNOWN, 0, 0);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);

	KUNIT_EXPECT_EQ(test, fake->msc.ris_max, 3);
	KUNIT_EXPECT_TRUE(test, ris[0].in_hw);
	KUNIT_EXPECT_EQ(test, ris[0].props.has, BIT(MPAM_CTRL_CPBM));
	KUNIT_EXPECT_EQ(test, ris[0].props.wd[MPAM_CTRL_CPBM], 8);
	KUNIT_EXPECT_TRUE(test, ris[1].in_hw);
	mpam_test_expect_props(test, &ris[1].props, &mpam_test_props_full);
	KUNIT_EXPECT_FALSE(test, ris[2].in_hw);
	KUNIT_EXPECT_EQ(test, ris[2].props.has, 0);
	KUNIT_EXPECT_TRUE(test, ris[3].in_hw);
	KUNIT_EXPECT_EQ(test, ris[3].props.has, 0);
	test_expect_probe_wrote_nothing(test, fake);
}

/* What each bit of the ID registers gives, and takes away */
struct probe_ctrls_case {
	const char		*name;
	struct mpam_fake_ris	ris;
	struct mpam_props	props;
};

#define CCAP_CASE(_name, _ccap, ...) \
	{ _name, { MPAMF_IDR_HAS_CCAP_PART, .ccap = _ccap }, { __VA_ARGS__ } }
#define MBW_CASE(_name, _mbw, ...) \
	{ _name, { MPAMF_IDR_HAS_MBW_PART, .mbw = _mbw }, { __VA_ARGS__ } }
#define PRI_CASE(_name, _pri, ...) \
	{ _name, { MPAMF_IDR_HAS_PRI_PART, .pri = _pri }, { __VA_ARGS__ } }

static const struct probe_ctrls_case probe_ctrls_cases[] = {
	{ "nothing", { MPAMF_IDR_HAS_MSMON } },
	{ "CPBM", { MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(20) },
	  { BIT(MPAM_CTRL_CPBM), .wd[MPAM_CTRL_CPBM] = 20 } },
	{ "CPBM of width 0", { MPAMF_IDR_HAS_CPOR_PART } },
	{ "CPBM of 1 portion", { MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(1) },
	  { BIT(MPAM_CTRL_CPBM), .wd[MPAM_CTRL_CPBM] = 1 } },
	{ "CPBM too wide", { MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(0xffff) },
	  { BIT(MPAM_CTRL_CPBM), .wd[MPAM_CTRL_CPBM] = 32768 } },
	CCAP_CASE("CMAX", CMAX(8), BIT(MPAM_CTRL_CMAX), .wd[MPAM_CTRL_CMAX] = 8),
	CCAP_CASE("CMAX of width 0", 0),
	CCAP_CASE("CMAX too wide", CMAX(63), BIT(MPAM_CTRL_CMAX), .wd[MPAM_CTRL_CMAX] = 16),
	CCAP_CASE("NO_CMAX", CMAX(8) | MPAMF_CCAP_IDR_NO_CMAX),
	CCAP_CASE("CMIN", CMAX(8) | MPAMF_CCAP_IDR_NO_CMAX | MPAMF_CCAP_IDR_HAS_CMIN,
		  BIT(MPAM_CTRL_CMIN), .wd[MPAM_CTRL_CMIN] = 8),
	CCAP_CASE("CMAX and CMIN", CMAX(5) | MPAMF_CCAP_IDR_HAS_CMIN,
		  BIT(MPAM_CTRL_CMAX) | BIT(MPAM_CTRL_CMIN),
		  .wd[MPAM_CTRL_CMAX] = 5, .wd[MPAM_CTRL_CMIN] = 5),
	CCAP_CASE("CASSOC", CASSOC(4) | MPAMF_CCAP_IDR_NO_CMAX,
		  BIT(MPAM_CTRL_CASSOC), .wd[MPAM_CTRL_CASSOC] = 4),
	CCAP_CASE("CASSOC_WD alone", CASSOC(4) & ~MPAMF_CCAP_IDR_HAS_CASSOC),
	MBW_CASE("nothing for bandwidth", BWA(9) | (PBM(9) & ~MPAMF_MBW_IDR_HAS_PBM)),
	MBW_CASE("MBW_PBM", BWA(9) | PBM(10), BIT(MPAM_CTRL_MBW_PBM),
		 .wd[MPAM_CTRL_MBW_PBM] = 10),
	MBW_CASE("MBW_PBM too wide", PBM(8191), BIT(MPAM_CTRL_MBW_PBM),
		 .wd[MPAM_CTRL_MBW_PBM] = 4096),
	MBW_CASE("MBW_MIN", BWA(9) | MPAMF_MBW_IDR_HAS_MIN, BIT(MPAM_CTRL_MBW_MIN),
		 .wd[MPAM_CTRL_MBW_MIN] = 9),
	MBW_CASE("MBW_MAX", BWA(9) | MPAMF_MBW_IDR_HAS_MAX, BIT(MPAM_CTRL_MBW_MAX),
		 .wd[MPAM_CTRL_MBW_MAX] = 9),
	MBW_CASE("MBW_MAX too wide", BWA(17) | MPAMF_MBW_IDR_HAS_MAX, BIT(MPAM_CTRL_MBW_MAX),
		 .wd[MPAM_CTRL_MBW_MAX] = 16),
	MBW_CASE("MBW_MAX of width 0", MPAMF_MBW_IDR_HAS_MAX),
	MBW_CASE("MBW_PROP", BWA(9) | MPAMF_MBW_IDR_HAS_PROP, BIT(MPAM_CTRL_MBW_PROP),
		 .wd[MPAM_CTRL_MBW_PROP] = 9),
	PRI_CASE("no priorities", (INTPRI(2) & ~MPAMF_PRI_IDR_HAS_INTPRI) |
				  (DSPRI(3) & ~MPAMF_PRI_IDR_HAS_DSPRI)),
	PRI_CASE("INTPRI", INTPRI(2) | MPAMF_PRI_IDR_DSPRI_0_IS_LOW,
		 BIT(MPAM_CTRL_INTPRI), .wd[MPAM_CTRL_INTPRI] = 2),
	PRI_CASE("INTPRI, 0 is low", INTPRI(2) | MPAMF_PRI_IDR_INTPRI_0_IS_LOW,
		 BIT(MPAM_CTRL_INTPRI), .zero_low = BIT(MPAM_CTRL_INTPRI),
		 .wd[MPAM_CTRL_INTPRI] = 2),
	PRI_CASE("DSPRI", DSPRI(3) | MPAMF_PRI_IDR_INTPRI_0_IS_LOW,
		 BIT(MPAM_CTRL_DSPRI), .wd[MPAM_CTRL_DSPRI] = 3),
	PRI_CASE("DSPRI, 0 is low", DSPRI(3) | MPAMF_PRI_IDR_DSPRI_0_IS_LOW,
		 BIT(MPAM_CTRL_DSPRI), .zero_low = BIT(MPAM_CTRL_DSPRI),
		 .wd[MPAM_CTRL_DSPRI] = 3),
	PRI_CASE("both priorities too wide", INTPRI(63) | DSPRI(63),
		 BIT(MPAM_CTRL_INTPRI) | BIT(MPAM_CTRL_DSPRI),
		 .wd[MPAM_CTRL_INTPRI] = 16, .wd[MPAM_CTRL_DSPRI] = 16),
};

KUNIT_ARRAY_PARAM_DESC(probe_ctrls, probe_ctrls_cases, name);

static void probe_ctrls_test(struct kunit *test)
{
	const struct probe_ctrls_case *c = test->param_value;
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->ris[0] = c->ris;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);
	mpam_test_expect_props(test, &fake->msc.ris[0].props, &c->props);
	KUNIT_EXPECT_EQ(test, fake->msc.ris[0].props.zero_low, c->props.zero_low);
	test_expect_probe_wrote_nothing(test, fake);
}

/* A RIS with everything, less one bit of IDR: exactly its controls are missing */
static void probe_idr_gates_test(struct kunit *test)
{
	static const struct {
		u32	gate;
		u32	ctrls;
	} gates[] = {
		{ MPAMF_IDR_HAS_CPOR_PART, BIT(MPAM_CTRL_CPBM) },
		{ MPAMF_IDR_HAS_CCAP_PART,
		  BIT(MPAM_CTRL_CMAX) | BIT(MPAM_CTRL_CMIN) | BIT(MPAM_CTRL_CASSOC) },
		{ MPAMF_IDR_HAS_MBW_PART,
		  BIT(MPAM_CTRL_MBW_PBM) | BIT(MPAM_CTRL_MBW_MIN) | BIT(MPAM_CTRL_MBW_MAX) |
		  BIT(MPAM_CTRL_MBW_PROP) },
		{ MPAMF_IDR_HAS_PRI_PART, BIT(MPAM_CTRL_INTPRI) | BIT(MPAM_CTRL_DSPRI) },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gates); i++) {
		struct mpam_fake *fake = mpam_test_fake(test);

		fake->ris[0] = mpam_test_ris_full;
		fake->ris[0].idr &= ~gates[i].gate;
		mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
		KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);
		KUNIT_EXPECT_EQ(test, fake->msc.ris[0].props.has,
				MPAM_CTRLS_ALL & ~gates[i].ctrls);
	}
}

struct probe_frame_case {
	const char		*name;
	struct mpam_fake_ris	ris;
	u32			size;
	bool			fits;
};

static const struct probe_frame_case probe_frame_cases[] = {
	{ "no bitmap", { MPAMF_IDR_HAS_CCAP_PART, .ccap = CMAX(8) }, 0x1000, true },
	{ "CPBM outside", { MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(1) }, 0x1000 },
	{ "CPBM just fits", { MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(64) }, 0x1008, true },
	{ "CPBM just too long", { MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(65) }, 0x1008 },
	{ "MBW_PBM outside", { MPAMF_IDR_HAS_MBW_PART, .mbw = PBM(8) }, 0x2000 },
	{ "MBW_PBM just fits", { MPAMF_IDR_HAS_MBW_PART, .mbw = PBM(32) }, 0x2004, true },
	{ "MBW_PBM just too long", { MPAMF_IDR_HAS_MBW_PART, .mbw = PBM(33) }, 0x2004 },
};

KUNIT_ARRAY_PARAM_DESC(probe_frame, probe_frame_cases, name);

static void probe_frame_test(struct kunit *test)
{
	const struct probe_frame_case *c = test->param_value;
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->msc.size = c->size;
	fake->ris[0] = c->ris;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_EXPECT_EQ(test, mpam_fake_probe(fake), c->fits ? 0 : -EIO);
	KUNIT_EXPECT_EQ(test, !fake->msc.why[0], c->fits);
	test_expect_probe_wrote_nothing(test, fake);
}

static void probe_ris_not_in_hw_test(struct kunit *test)
{
	struct mpam_fake *hole = mpam_test_fake(test), *beyond = mpam_test_fake(test);

	hole->idr |= MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 2);
	hole->ris[0] = mpam_test_ris_full;
	hole->ris[2] = mpam_test_ris_full;
	mpam_fake_list_ris(hole, 0, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(hole, 1, MPAM_CLASS_CACHE, 3, 2);
	KUNIT_EXPECT_EQ(test, mpam_fake_probe(hole), 0);
	KUNIT_EXPECT_FALSE(test, hole->msc.ris[1].in_hw);

	/* The RIS field of its selection register does not exist: it would get RIS 0 */
	beyond->ris[0] = mpam_test_ris_full;
	mpam_fake_list_ris(beyond, 4, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_EXPECT_EQ(test, mpam_fake_probe(beyond), 0);
	KUNIT_EXPECT_FALSE(test, beyond->msc.ris[4].in_hw);
}

static void probe_ris_not_in_fw_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->idr |= MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 1);
	fake->ris[0] = mpam_test_ris_full;
	fake->ris[1] = mpam_test_ris_full;
	mpam_fake_list_ris(fake, 1, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);
	KUNIT_EXPECT_TRUE(test, fake->msc.ris[0].in_hw);
	KUNIT_EXPECT_FALSE(test, fake->msc.ris[0].in_fw);
	KUNIT_EXPECT_TRUE(test, fake->msc.ris[1].in_hw);
	KUNIT_EXPECT_TRUE(test, fake->msc.ris[1].in_fw);
}

static void probe_narrowing_test(struct kunit *test)
{
	struct mpam_fake *fewer = mpam_test_fake(test), *more = mpam_test_fake(test);

	fewer->idr |= MPAMF_IDR_HAS_PARTID_NRW;
	fewer->nrw_idr = 5;
	fewer->ris[0] = mpam_test_ris_full;
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fewer), 0, "%s", fewer->msc.why);
	KUNIT_EXPECT_EQ(test, fewer->msc.partid_max, 15);
	KUNIT_EXPECT_EQ(test, fewer->msc.intpartid_max, 5);
	mpam_test_expect_props(test, &fewer->msc.ris[0].props, &mpam_test_props_full);

	more->idr |= MPAMF_IDR_HAS_PARTID_NRW;
	more->nrw_idr = 31;
	more->ris[0] = mpam_test_ris_full;
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(more), 0, "%s", more->msc.why);
	KUNIT_EXPECT_EQ(test, more->msc.partid_max, 15);
	KUNIT_EXPECT_EQ(test, more->msc.intpartid_max, 15);
}

static void probe_recheck_test(struct kunit *test)
{
	struct mpam_fake *same = mpam_test_fake(test), *other = mpam_test_fake(test);
	struct mpam_fake *dead = mpam_test_fake(test), *iidr = mpam_test_fake(test);
	struct mpam_fake *idr = mpam_test_fake(test);

	iidr->ris[0] = mpam_test_ris_full;
	idr->ris[0] = mpam_test_ris_full;
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(iidr), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(idr), 0);
	same->ris[0] = mpam_test_ris_full;
	other->ris[0] = mpam_test_ris_full;
	dead->ris[0] = mpam_test_ris_full;
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(same), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(other), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(dead), 0);
	other->aidr = 0x10;
	dead->dead = true;
	iidr->iidr ^= BIT(12);
	idr->idr ^= BIT(0);
	mpam_fake_log_clear(same);

	guard(migrate)();
	KUNIT_EXPECT_EQ(test, mpam_probe_recheck(&iidr->msc), -EIO);
	KUNIT_EXPECT_NOT_NULL(test, strstr(iidr->msc.why, "IIDR"));
	KUNIT_EXPECT_EQ(test, mpam_probe_recheck(&idr->msc), -EIO);
	KUNIT_EXPECT_NOT_NULL(test, strstr(idr->msc.why, "_IDR"));
	KUNIT_EXPECT_EQ(test, mpam_probe_recheck(&same->msc), 0);
	/* It is on the way of a CPU that comes online: it has four accesses */
	KUNIT_EXPECT_EQ(test, same->nr_log, 4);
	KUNIT_EXPECT_STREQ(test, same->msc.why, "");
	KUNIT_EXPECT_EQ(test, mpam_probe_recheck(&other->msc), -EIO);
	KUNIT_EXPECT_STRNEQ(test, other->msc.why, "");
	KUNIT_EXPECT_EQ(test, mpam_probe_recheck(&dead->msc), -EIO);
	KUNIT_EXPECT_STRNEQ(test, dead->msc.why, "");
}

/* Merging */

struct merge_side {
	bool	has;
	u16	wd;
	bool	zero_low;
};

struct merge_case {
	const char		*name;
	unsigned int		ways;
	struct merge_side	into;
	struct merge_side	from;
	struct merge_side	want;
};

/* In which of the four ways the case is to be tried */
#define UNION_EQUAL		BIT(0)
#define UNION_MIN		BIT(1)
#define INTERSECTION_EQUAL	BIT(2)
#define INTERSECTION_MIN	BIT(3)
#define UNION			(UNION_EQUAL | UNION_MIN)
#define INTERSECTION		(INTERSECTION_EQUAL | INTERSECTION_MIN)
#define EQUAL			(UNION_EQUAL | INTERSECTION_EQUAL)
#define MIN_WD			(UNION_MIN | INTERSECTION_MIN)
#define ALWAYS			(UNION | INTERSECTION)

static const struct merge_case merge_cases[] = {
	{ "neither", ALWAYS, {}, {}, {} },
	{ "the same", ALWAYS, { true, 8 }, { true, 8 }, { true, 8 } },
	{ "the same, 0 is low", ALWAYS, { true, 8, true }, { true, 8, true }, { true, 8, true } },
	{ "other polarity", ALWAYS, { true, 8, true }, { true, 8, false }, {} },
	{ "other polarity of the second", ALWAYS, { true, 8, false }, { true, 8, true }, {} },
	{ "other polarity and width", ALWAYS, { true, 4, true }, { true, 8, false }, {} },
	{ "the first alone, union", UNION, { true, 8, true }, {}, { true, 8, true } },
	{ "the second alone, union", UNION, {}, { true, 8, true }, { true, 8, true } },
	{ "the second alone, 0 is high, union", UNION, {}, { true, 8 }, { true, 8 } },
	{ "the first alone, intersection", INTERSECTION, { true, 8 }, {}, {} },
	{ "the second alone, intersection", INTERSECTION, {}, { true, 8 }, {} },
	{ "the first is wider, EQUAL", EQUAL, { true, 9 }, { true, 8 }, {} },
	{ "the second is wider, EQUAL", EQUAL, { true, 8 }, { true, 9 }, {} },
	{ "the first is wider, MIN", MIN_WD, { true, 9 }, { true, 8 }, { true, 8 } },
	{ "the second is wider, MIN", MIN_WD, { true, 8 }, { true, 9 }, { true, 8 } },
	{ "the first is wider, 0 is low, MIN", MIN_WD, { true, 9, true }, { true, 8, true },
	  { true, 8, true } },
};

KUNIT_ARRAY_PARAM_DESC(merge, merge_cases, name);

static struct mpam_props merge_props(unsigned int ctrl, const struct merge_side *side)
{
	struct mpam_props props = {
		.has		= side->has ? BIT(ctrl) : 0,
		.zero_low	= side->zero_low ? BIT(ctrl) : 0,
	};

	props.wd[ctrl] = side->wd;

	return props;
}

/* Each row of the kind, next to one that both have and that stays as it is */
static void merge_rows(struct kunit *test, const struct merge_case *c, bool unite,
		       enum mpam_ctrl_merge merge)
{
	unsigned int i, rows = 0;

	for (i = 0; i < MPAM_NUM_CTRLS; i++) {
		struct mpam_props into = merge_props(i, &c->into);
		struct mpam_props from = merge_props(i, &c->from);
		struct mpam_props want = merge_props(i, &c->want);
		unsigned int other = (i + 1) % MPAM_NUM_CTRLS;

		if (mpam_ctrls[i].merge != merge)
			continue;
		rows++;

		into.has |= BIT(other);
		into.wd[other] = 6;
		from.has |= BIT(other);
		from.wd[other] = 6;
		want.has |= BIT(other);
		want.wd[other] = 6;

		mpam_props_merge(&into, &from, unite);
		mpam_test_expect_props(test, &into, &want);
	}

	KUNIT_EXPECT_GT(test, rows, 0);
}

static void merge_test(struct kunit *test)
{
	const struct merge_case *c = test->param_value;

	if (c->ways & UNION_EQUAL)
		merge_rows(test, c, true, MPAM_MERGE_EQUAL);
	if (c->ways & UNION_MIN)
		merge_rows(test, c, true, MPAM_MERGE_MIN);
	if (c->ways & INTERSECTION_EQUAL)
		merge_rows(test, c, false, MPAM_MERGE_EQUAL);
	if (c->ways & INTERSECTION_MIN)
		merge_rows(test, c, false, MPAM_MERGE_MIN);
}

/* Which rows are of which kind: portions and priorities can't be rescaled */
static void merge_kind_test(struct kunit *test)
{
	const u32 equal = BIT(MPAM_CTRL_CPBM) | BIT(MPAM_CTRL_MBW_PBM) |
			  BIT(MPAM_CTRL_INTPRI) | BIT(MPAM_CTRL_DSPRI);
	unsigned int i;

	for (i = 0; i < MPAM_NUM_CTRLS; i++)
		KUNIT_EXPECT_EQ_MSG(test, mpam_ctrls[i].merge,
				    equal & BIT(i) ? MPAM_MERGE_EQUAL : MPAM_MERGE_MIN,
				    "%s", mpam_ctrls[i].name);
}

/* Topology */

static void topo_slices_test(struct kunit *test)
{
	struct mpam_fake *a = mpam_test_l3(test, 7, CPOR(16)), *b = mpam_test_l3(test, 7, CPOR(16));
	struct mpam_topo *topo = mpam_test_topo(test);
	struct mpam_class *class = mpam_test_l3_class(test, topo);
	struct mpam_component *comp = mpam_test_first_comp(test, class);

	KUNIT_EXPECT_EQ(test, list_count_nodes(&topo->classes), 1);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&class->comps), 1);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&comp->vmscs), 2);
	KUNIT_EXPECT_EQ(test, comp->id, 7);
	KUNIT_EXPECT_PTR_EQ(test, comp->class, class);
	KUNIT_EXPECT_PTR_NE(test, a->msc.ris[0].vmsc, b->msc.ris[0].vmsc);
	KUNIT_ASSERT_NOT_NULL(test, a->msc.ris[0].vmsc);
	KUNIT_ASSERT_NOT_NULL(test, b->msc.ris[0].vmsc);
	KUNIT_EXPECT_PTR_EQ(test, a->msc.ris[0].vmsc->msc, &a->msc);
	KUNIT_EXPECT_PTR_EQ(test, b->msc.ris[0].vmsc->comp, comp);
	KUNIT_EXPECT_EQ(test, class->props.has, BIT(MPAM_CTRL_CPBM));
	KUNIT_EXPECT_EQ(test, class->props.wd[MPAM_CTRL_CPBM], 16);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&comp->affinity, cpu_possible_mask));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&class->affinity, cpu_possible_mask));
	KUNIT_EXPECT_NULL(test, mpam_class_find(topo, MPAM_CLASS_CACHE, 2));
	KUNIT_EXPECT_NULL(test, mpam_class_find(topo, MPAM_CLASS_MEMORY, 0));
}

/* The slices of a cache disagree: nothing is left to offer */
static void topo_slices_differ_test(struct kunit *test)
{
	mpam_test_l3(test, 7, CPOR(16));
	mpam_test_l3(test, 7, CPOR(12));
	KUNIT_EXPECT_EQ(test, mpam_test_l3_class(test, mpam_test_topo(test))->props.has, 0);
}

static void topo_components_test(struct kunit *test)
{
	struct mpam_fake *a = mpam_test_fake(test), *b = mpam_test_fake(test);
	unsigned int first = cpumask_first(cpu_possible_mask);
	struct mpam_component *comp;
	struct mpam_class *class;

	a->ris[0] = mpam_test_ris_full;
	b->ris[0] = mpam_test_ris_full;
	b->ris[0].ccap = CMAX(4);
	mpam_fake_list_ris(a, 0, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(b, 0, MPAM_CLASS_CACHE, 3, 2);
	/* No CPU is behind the first, all of them behind the second */
	cpumask_clear(&a->msc.fw.ris[0].affinity);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(a), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(b), 0);

	class = mpam_test_l3_class(test, mpam_test_topo(test));
	comp = mpam_test_first_comp(test, class);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&class->comps), 2);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&comp->vmscs), 1);
	KUNIT_EXPECT_TRUE(test, cpumask_empty(&comp->affinity));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&class->affinity, cpu_possible_mask));

	comp = mpam_comp_find(class, first);
	KUNIT_ASSERT_NOT_NULL(test, comp);
	KUNIT_EXPECT_EQ(test, comp->id, 2);

	/* Components of a class are as alike as its narrowest */
	KUNIT_EXPECT_EQ(test, class->props.has,
			MPAM_CTRLS_ALL & ~(BIT(MPAM_CTRL_CMIN) | BIT(MPAM_CTRL_CASSOC)));
	KUNIT_EXPECT_EQ(test, class->props.wd[MPAM_CTRL_CMAX], 4);
	KUNIT_EXPECT_EQ(test, a->msc.ris[0].props.wd[MPAM_CTRL_CMAX], 9);
}

static void topo_ris_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	struct mpam_ris *ris = fake->msc.ris;
	struct mpam_class *l3, *memory;
	struct mpam_topo *topo;

	fake->idr |= MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 3);
	fake->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(16) };
	fake->ris[1] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CCAP_PART, .ccap = CMAX(8) };
	fake->ris[2] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_MBW_PART,
					       .mbw = BWA(6) | MPAMF_MBW_IDR_HAS_MAX };
	fake->ris[3] = mpam_test_ris_full;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(fake, 1, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(fake, 2, MPAM_CLASS_MEMORY, 0, 1);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);

	topo = mpam_test_topo(test);
	l3 = mpam_test_l3_class(test, topo);
	memory = mpam_class_find(topo, MPAM_CLASS_MEMORY, 0);
	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&topo->classes), 2);

	/* RIS of one component add up; others are no part of it */
	KUNIT_ASSERT_NOT_NULL(test, ris[0].vmsc);
	KUNIT_EXPECT_PTR_EQ(test, ris[0].vmsc, ris[1].vmsc);
	KUNIT_EXPECT_EQ(test, ris[0].vmsc->ris_mask, BIT(0) | BIT(1));
	KUNIT_EXPECT_EQ(test, l3->props.has, BIT(MPAM_CTRL_CPBM) | BIT(MPAM_CTRL_CMAX));

	KUNIT_ASSERT_NOT_NULL(test, ris[2].vmsc);
	KUNIT_EXPECT_PTR_EQ(test, ris[2].vmsc->comp->class, memory);
	KUNIT_EXPECT_EQ(test, ris[2].vmsc->ris_mask, BIT(2));
	KUNIT_EXPECT_EQ(test, memory->props.has, BIT(MPAM_CTRL_MBW_MAX));

	/* Firmware did not list the last */
	KUNIT_EXPECT_TRUE(test, ris[3].in_hw);
	KUNIT_EXPECT_NULL(test, ris[3].vmsc);
}

/* Once two RIS have disagreed, a third that sides with one of them can't help */
static void topo_dropped_stays_dropped_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	static const u32 cpor[] = { CPOR(8), CPOR(16), CPOR(8) };
	unsigned int i;

	fake->idr |= MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 2);
	for (i = 0; i < ARRAY_SIZE(cpor); i++) {
		fake->ris[i].idr = MPAMF_IDR_HAS_CPOR_PART;
		fake->ris[i].cpor = cpor[i];
		mpam_fake_list_ris(fake, i, MPAM_CLASS_CACHE, 3, 1);
	}
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);
	KUNIT_EXPECT_EQ(test, mpam_test_l3_class(test, mpam_test_topo(test))->props.has, 0);
}

static void topo_free_test(struct kunit *test)
{
	struct mpam_fake *a = mpam_test_l3(test, 1, CPOR(16)), *b = mpam_test_l3(test, 2, CPOR(16));
	struct mpam_topo *topo = mpam_test_topo(test);

	KUNIT_ASSERT_EQ(test, mpam_config_alloc(topo, 4), 0);
	KUNIT_EXPECT_NOT_NULL(test, a->msc.ris[0].vmsc);
	mpam_test_topo_free(test);
	KUNIT_EXPECT_NULL(test, a->msc.ris[0].vmsc);
	KUNIT_EXPECT_NULL(test, b->msc.ris[0].vmsc);
}

/* Configuring */

static void config_set_test(struct kunit *test)
{
	struct mpam_fake *a = mpam_test_slice(test), *b = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);
	u32 val = 0;

	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, 2, MPAM_CTRL_CPBM, &val));

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0xf), 0);
	EXPECT_WRITES(test, a, SEL(0, 2), WR(MPAMCFG_CPBM, 0xf));
	EXPECT_WRITES(test, b, SEL(0, 2), WR(MPAMCFG_CPBM, 0xf));
	KUNIT_EXPECT_TRUE(test, mpam_config_get(comp, 2, MPAM_CTRL_CPBM, &val));
	KUNIT_EXPECT_EQ(test, val, 0xf);
	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, 2, MPAM_CTRL_CMAX, &val));
	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, 1, MPAM_CTRL_CPBM, &val));

	/* The same again is no news */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0xf), 0);
	EXPECT_UNTOUCHED(test, a);
	EXPECT_UNTOUCHED(test, b);

	/* Another control, or PARTID, leaves what is set alone */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CMAX, 0x8000), 0);
	EXPECT_WRITES(test, a, SEL(0, 2), WR(MPAMCFG_CMAX, 0x8000));
	EXPECT_WRITES(test, b, SEL(0, 2), WR(MPAMCFG_CMAX, 0x8000));
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CPBM, 0xf0), 0);
	EXPECT_WRITES(test, a, SEL(0, 3), WR(MPAMCFG_CPBM, 0xf0));
	EXPECT_WRITES(test, b, SEL(0, 3), WR(MPAMCFG_CPBM, 0xf0));

	/* To ask for the reset value is to ask for something */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0xffff), 0);
	KUNIT_EXPECT_TRUE(test, mpam_config_get(comp, 1, MPAM_CTRL_CPBM, &val));
	KUNIT_EXPECT_EQ(test, val, 0xffff);

	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(b, 0, 1, MPAMCFG_CPBM), 0xffff);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(b, 0, 2, MPAMCFG_CPBM), 0xf);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(b, 0, 2, MPAMCFG_CMAX), 0x8000);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(b, 0, 3, MPAMCFG_CPBM), 0xf0);
}

/* PARTIDs of instructions and data are set together */
static void config_set_two_test(struct kunit *test)
{
	static const u16 partids[] = { 1, 3 };
	struct mpam_fake *fake = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);

	guard(cpus_read_lock)();
	KUNIT_EXPECT_EQ(test, mpam_config_set(comp, partids, 2, MPAM_CTRL_CPBM, 0x3), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_CPBM, 0x3),
		      SEL(0, 3), WR(MPAMCFG_CPBM, 0x3));

	/* Only the one that differs */
	KUNIT_EXPECT_EQ(test, mpam_config_set(comp, partids, 1, MPAM_CTRL_CPBM, 0xc), 0);
	mpam_fake_log_clear(fake);
	KUNIT_EXPECT_EQ(test, mpam_config_set(comp, partids, 2, MPAM_CTRL_CPBM, 0xc), 0);
	EXPECT_WRITES(test, fake, SEL(0, 3), WR(MPAMCFG_CPBM, 0xc));
}

/* Two controls, one register: neither may undo the other */
static void config_set_shared_register_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_INTPRI, 5), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_PRI, 0xf0005));
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_DSPRI, 2), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_PRI, 0x20005));
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 1, 1, BIT(MPAM_CTRL_INTPRI)), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_PRI, 0x20000));
}

/* Each RIS of a component that has the control, and no other RIS of the MSC */
static void config_set_ris_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	struct mpam_component *comp;
	unsigned int i;

	fake->idr |= MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 4);
	for (i = 0; i < 5; i++)
		fake->ris[i] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(8) };
	fake->ris[2] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CCAP_PART, .ccap = CMAX(8) };
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(fake, 1, MPAM_CLASS_CACHE, 2, 1);
	mpam_fake_list_ris(fake, 2, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(fake, 3, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);
	comp = mpam_test_l3_up(test);

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0x1), 0);
	EXPECT_WRITES(test, fake, SEL(0, 2), WR(MPAMCFG_CPBM, 0x1),
		      SEL(3, 2), WR(MPAMCFG_CPBM, 0x1));
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CMAX, 0x4000), 0);
	EXPECT_WRITES(test, fake, SEL(2, 2), WR(MPAMCFG_CMAX, 0x4000));
}

/* An MSC that is down is not touched, and has it all when it is up again */
static void config_set_down_test(struct kunit *test)
{
	struct mpam_fake *a = mpam_test_slice(test), *b = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);

	a->msc.live = false;
	mpam_fake_power_cycle(a);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0xf), 0);
	EXPECT_UNTOUCHED(test, a);
	EXPECT_WRITES(test, b, SEL(0, 2), WR(MPAMCFG_CPBM, 0xf));

	mpam_test_restore(a, TEST_PARTIDS);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(a, 0, 1, MPAMCFG_CPBM), 0xffff);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(a, 0, 2, MPAMCFG_CPBM), 0xf);
}

static void config_set_invalid_test(struct kunit *test)
{
	static const u16 good[] = { 1, 2, 3 }, bad[] = { 1, TEST_PARTIDS };
	struct mpam_fake *fake = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);
	u32 val;

	guard(cpus_read_lock)();
	KUNIT_EXPECT_EQ(test, mpam_config_set(comp, bad, 2, MPAM_CTRL_CPBM, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, mpam_config_set(comp, bad + 1, 1, MPAM_CTRL_CPBM, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, mpam_config_set(comp, good, 3, MPAM_CTRL_CPBM, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, mpam_config_set(comp, good, 1, MPAM_CTRL_MBW_MAX, 1), -EINVAL);
	EXPECT_UNTOUCHED(test, fake);
	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, 1, MPAM_CTRL_CPBM, &val));
	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, TEST_PARTIDS, MPAM_CTRL_CPBM, &val));
}

/* A user's value is of the class's width, but reset is of the RIS's own */
static void config_own_width_test(struct kunit *test)
{
	struct mpam_fake *narrow = mpam_test_fake(test), *wide = mpam_test_fake(test);
	struct mpam_component *comp;

	narrow->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CCAP_PART, .ccap = CMAX(4) };
	wide->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CCAP_PART, .ccap = CMAX(16) };
	mpam_fake_list_ris(narrow, 0, MPAM_CLASS_CACHE, 3, 1);
	mpam_fake_list_ris(wide, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(narrow), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(wide), 0);
	comp = mpam_test_l3_up(test);

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CMAX, 0xa000), 0);
	EXPECT_WRITES(test, narrow, SEL(0, 1), WR(MPAMCFG_CMAX, 0xa000));
	EXPECT_WRITES(test, wide, SEL(0, 1), WR(MPAMCFG_CMAX, 0xa000));
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 0, 3, BIT(MPAM_CTRL_CMAX)), 0);
	EXPECT_WRITES(test, narrow, SEL(0, 1), WR(MPAMCFG_CMAX, 0xf000));
	EXPECT_WRITES(test, wide, SEL(0, 1), WR(MPAMCFG_CMAX, 0xffff));
}

/* One MSC can't be reached: the others go back to what they were */
static void config_set_rollback_test(struct kunit *test)
{
	struct mpam_fake *a = mpam_test_slice(test), *b = mpam_test_slice(test);
	struct mpam_fake *c = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);
	u32 val = 0;

	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0xf), 0);
	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CMAX, 0x8000), 0);
	mpam_fake_log_clear(a);
	mpam_fake_log_clear(b);
	cpumask_clear(&b->msc.fw.reach);

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0xf0), -ENXIO);
	EXPECT_WRITES(test, a, SEL(0, 2), WR(MPAMCFG_CPBM, 0xf0),
		      SEL(0, 2), WR(MPAMCFG_CPBM, 0xf));
	EXPECT_UNTOUCHED(test, b);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(c, 0, 2, MPAMCFG_CPBM), 0xf);
	KUNIT_EXPECT_TRUE(test, mpam_config_get(comp, 2, MPAM_CTRL_CPBM, &val));
	KUNIT_EXPECT_EQ(test, val, 0xf);

	/* What was at reset goes back to reset */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0xf0), -ENXIO);
	EXPECT_WRITES(test, a, SEL(0, 1), WR(MPAMCFG_CPBM, 0xf0),
		      SEL(0, 1), WR(MPAMCFG_CPBM, 0xffff));
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(c, 0, 1, MPAMCFG_CPBM), 0xffff);
	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, 1, MPAM_CTRL_CPBM, &val));

	/* Nothing of it is left to be done when the MSC can be reached again */
	cpumask_copy(&b->msc.fw.reach, cpu_possible_mask);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CMAX, 0x4000), 0);
	EXPECT_WRITES(test, a, SEL(0, 2), WR(MPAMCFG_CMAX, 0x4000));
	EXPECT_WRITES(test, b, SEL(0, 2), WR(MPAMCFG_CMAX, 0x4000));
}

static void config_reset_test(struct kunit *test)
{
	struct mpam_fake *a = mpam_test_slice(test), *b = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);
	u32 val = 0;

	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0xf), 0);
	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CMAX, 0x8000), 0);
	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CPBM, 0xf0), 0);
	mpam_fake_log_clear(a);
	mpam_fake_log_clear(b);

	/* Only those that differ, only these controls; too long a range is no harm */
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 0, U16_MAX, BIT(MPAM_CTRL_CPBM)), 0);
	EXPECT_WRITES(test, a, SEL(0, 1), WR(MPAMCFG_CPBM, 0xffff),
		      SEL(0, 3), WR(MPAMCFG_CPBM, 0xffff));
	EXPECT_WRITES(test, b, SEL(0, 1), WR(MPAMCFG_CPBM, 0xffff),
		      SEL(0, 3), WR(MPAMCFG_CPBM, 0xffff));
	KUNIT_EXPECT_FALSE(test, mpam_config_get(comp, 1, MPAM_CTRL_CPBM, &val));
	KUNIT_EXPECT_TRUE(test, mpam_config_get(comp, 1, MPAM_CTRL_CMAX, &val));
	KUNIT_EXPECT_EQ(test, val, 0x8000);

	/* Again is no news, nor is what never was anything else */
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 0, 3, BIT(MPAM_CTRL_CPBM)), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 2, 3, MPAM_CTRLS_ALL), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, TEST_PARTIDS, U16_MAX, MPAM_CTRLS_ALL), 0);
	EXPECT_UNTOUCHED(test, a);
	EXPECT_UNTOUCHED(test, b);
}

/* PARTIDs outside the range stay; controls of one PARTID share a selection */
static void config_reset_range_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);
	u16 partid;

	for (partid = 0; partid < TEST_PARTIDS; partid++) {
		KUNIT_ASSERT_EQ(test, mpam_test_set(comp, partid, MPAM_CTRL_CPBM, 0xf), 0);
		KUNIT_ASSERT_EQ(test, mpam_test_set(comp, partid, MPAM_CTRL_CMAX, 0x8000), 0);
	}
	mpam_fake_log_clear(fake);

	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 1, 2, MPAM_CTRLS_ALL), 0);
	EXPECT_WRITES(test, fake,
		      SEL(0, 1), WR(MPAMCFG_CPBM, 0xffff), WR(MPAMCFG_CMAX, 0xff00),
		      SEL(0, 2), WR(MPAMCFG_CPBM, 0xffff), WR(MPAMCFG_CMAX, 0xff00));
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 0, MPAMCFG_CPBM), 0xf);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 3, MPAMCFG_CPBM), 0xf);
}

/* There is no way back from a reset: all that can be reached are reset */
static void config_reset_error_test(struct kunit *test)
{
	struct mpam_fake *a = mpam_test_slice(test), *b = mpam_test_slice(test);
	struct mpam_fake *c = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);

	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0xf), 0);
	cpumask_clear(&b->msc.fw.reach);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 1, 1, BIT(MPAM_CTRL_CPBM)), -ENXIO);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(a, 0, 1, MPAMCFG_CPBM), 0xffff);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(c, 0, 1, MPAMCFG_CPBM), 0xffff);
}

/* Restoring */

static void config_restore_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_slice(test);
	struct mpam_component *comp = mpam_test_l3_up(test);
	u16 partid;

	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0xf), 0);
	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_DSPRI, 2), 0);
	KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 3, MPAM_CTRL_CMAX, 0x8000), 0);
	mpam_fake_power_cycle(fake);
	mpam_fake_log_clear(fake);
	mpam_test_restore(fake, TEST_PARTIDS);

	EXPECT_WRITES(test, fake,
		      WR(MPAMF_ECR, 0), WR(MPAMF_ESR_HI, 0), WR(MPAMF_ESR, 0),
		      SEL(0, 0), WR(MPAMCFG_CPBM, 0xffff), WR(MPAMCFG_CMAX, 0xff00),
		      WR(MPAMCFG_PRI, 0xf0000),
		      SEL(0, 1), WR(MPAMCFG_CPBM, 0xf), WR(MPAMCFG_CMAX, 0xff00),
		      WR(MPAMCFG_PRI, 0xf0000),
		      SEL(0, 2), WR(MPAMCFG_CPBM, 0xffff), WR(MPAMCFG_CMAX, 0xff00),
		      WR(MPAMCFG_PRI, 0x20000),
		      SEL(0, 3), WR(MPAMCFG_CPBM, 0xffff), WR(MPAMCFG_CMAX, 0x8000),
		      WR(MPAMCFG_PRI, 0xf0000));

	for (partid = 0; partid < TEST_PARTIDS; partid++)
		KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, partid, MPAMCFG_CPBM),
				partid == 1 ? 0xf : 0xffff);
}

/* (1 + registers) per PARTID and RIS, and a constant; RIS that nobody lists too */
static void config_restore_count_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	u16 partid;
	u8 ris;

	fake->idr |= MPAMF_IDR_HAS_RIS | FIELD_PREP(MPAMF_IDR_RIS_MAX, 2);
	fake->ris[0] = mpam_test_ris_full;
	fake->ris[2] = mpam_test_ris_full;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ_MSG(test, mpam_fake_probe(fake), 0, "%s", fake->msc.why);
	mpam_test_l3_up(test);

	mpam_fake_power_cycle(fake);
	mpam_test_restore(fake, TEST_PARTIDS);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 3 + 2 * TEST_PARTIDS * (1 + TEST_RIS_FULL_REGS));

	for (ris = 0; ris <= 2; ris += 2) {
		for (partid = 0; partid < TEST_PARTIDS; partid++) {
			static const struct {
				u32 offset, val;
			} want[] = {
				{ MPAMCFG_CPBM, ~0u },
				{ MPAMCFG_CPBM + 4, 0xff },
				{ MPAMCFG_CMAX, 0xff80 },
				{ MPAMCFG_CMIN, 0 },
				{ MPAMCFG_CASSOC, 0xf800 },
				{ MPAMCFG_MBW_PBM, ~0u },
				{ MPAMCFG_MBW_PBM + 4, 1 },
				{ MPAMCFG_MBW_MIN, 0 },
				{ MPAMCFG_MBW_MAX, 0xfe00 },
				{ MPAMCFG_MBW_PROP, 0 },
				{ MPAMCFG_PRI, 0xf0000 },
			};
			unsigned int i;

			for (i = 0; i < ARRAY_SIZE(want); i++)
				KUNIT_EXPECT_EQ_MSG(test, mpam_fake_cfg(fake, ris, partid,
									want[i].offset),
						    want[i].val, "RIS %u, PARTID %u, offset %#x",
						    ris, partid, want[i].offset);
		}
	}
}

/* Stale errors are cleared where the MSC has the registers, upper half first */
static void config_restore_errors_test(struct kunit *test)
{
	struct mpam_fake *short_esr = mpam_test_fake(test), *none = mpam_test_fake(test);
	struct mpam_fake *v1_0 = mpam_test_fake(test);

	short_esr->idr &= ~MPAMF_IDR_HAS_EXTD_ESR;
	none->idr &= ~(MPAMF_IDR_HAS_EXTD_ESR | MPAMF_IDR_HAS_ESR);
	v1_0->idr = 15;
	v1_0->aidr = 0x10;
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(short_esr), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(none), 0);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(v1_0), 0);
	mpam_fake_log_clear(short_esr);
	mpam_fake_log_clear(none);
	mpam_fake_log_clear(v1_0);
	short_esr->esr = 0x1000003;
	v1_0->esr = 0x1000003;

	mpam_test_restore(short_esr, 1);
	mpam_test_restore(none, 1);
	mpam_test_restore(v1_0, 1);
	EXPECT_WRITES(test, short_esr, WR(MPAMF_ECR, 0), WR(MPAMF_ESR, 0));
	EXPECT_UNTOUCHED(test, none);
	EXPECT_WRITES(test, v1_0, WR(MPAMF_ECR, 0), WR(MPAMF_ESR, 0));
}

static void config_restore_endis_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->idr |= MPAMF_IDR_HAS_ENDIS | FIELD_PREP(MPAMF_IDR_PARTID_MAX, 63);
	fake->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(16) };
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
	mpam_fake_power_cycle(fake);
	mpam_fake_log_clear(fake);

	mpam_test_restore(fake, 40);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 3 + 2 * 2 + 40 * 2);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 0, MPAMCFG_EN_FLAGS), ~0u);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 32, MPAMCFG_EN_FLAGS) & 0xff, 0xff);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 39, MPAMCFG_CPBM), 0xffff);
}

static void config_restore_narrowing_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	u16 partid;

	fake->idr |= MPAMF_IDR_HAS_PARTID_NRW | MPAMF_IDR_HAS_ENDIS;
	fake->nrw_idr = 7;
	fake->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(16) };
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
	mpam_fake_power_cycle(fake);
	mpam_fake_log_clear(fake);

	mpam_test_restore(fake, fake->msc.intpartid_max + 1);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 3 + 2 + 8 * 2 + 8 * 2);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 0, MPAMCFG_EN_FLAGS) & 0xff, 0xff);
	for (partid = 0; partid < 8; partid++) {
		KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, partid, MPAMCFG_INTPARTID),
				MPAMCFG_INTPARTID_INTERNAL | partid);
		KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, partid, MPAMCFG_CPBM), 0xffff);
	}
}

/* Getting to an MSC */

static int test_call_fn(void *arg)
{
	*(unsigned int *)arg = smp_processor_id();

	return -EXDEV;
}

static void msc_call_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_l3(test, 1, CPOR(8));
	unsigned int cpu, ran_on = nr_cpu_ids;

	guard(cpus_read_lock)();
	for_each_online_cpu(cpu) {
		cpumask_copy(&fake->msc.fw.reach, cpumask_of(cpu));
		KUNIT_EXPECT_EQ(test, mpam_msc_call(&fake->msc, test_call_fn, &ran_on), -EXDEV);
		KUNIT_EXPECT_EQ(test, ran_on, cpu);
	}

	ran_on = nr_cpu_ids;
	cpumask_clear(&fake->msc.fw.reach);
	KUNIT_EXPECT_EQ(test, mpam_msc_call(&fake->msc, test_call_fn, &ran_on), -ENXIO);
	KUNIT_EXPECT_EQ(test, ran_on, nr_cpu_ids);
}

/* The steps to ENABLED: what was called, and which of them is to fail */

static char test_steps_trace[64];
static int test_steps_fail_at;

/*
 * Limits that are frozen stay so, and labels and resctrl belong to the whole
 * system: these are only written down. The others run on fake MSCs.
 */
static bool test_step_is_real(enum mpam_step_id id)
{
	return id == MPAM_STEP_TOPOLOGY || id == MPAM_STEP_CONFIG || id == MPAM_STEP_RESOURCES;
}

static void test_step_trace(char dir, enum mpam_step_id id)
{
	size_t len = strlen(test_steps_trace);

	snprintf(test_steps_trace + len, sizeof(test_steps_trace) - len, "%c%u", dir, id);
}

static int test_step_up(enum mpam_step_id id)
{
	test_step_trace('+', id);
	if (test_steps_fail_at == id)
		return -EPROTO;

	return test_step_is_real(id) ? mpam_steps[id].up() : 0;
}

static void test_step_down(enum mpam_step_id id)
{
	test_step_trace('-', id);
	if (test_step_is_real(id))
		mpam_steps[id].down();
}

#define TEST_STEP(_name)							\
static int test_step_up_##_name(void)						\
{										\
	return test_step_up(MPAM_STEP_##_name);					\
}										\
										\
static void test_step_down_##_name(void)					\
{										\
	test_step_down(MPAM_STEP_##_name);					\
}

TEST_STEP(LIMITS)
TEST_STEP(TOPOLOGY)
TEST_STEP(CONFIG)
TEST_STEP(RESOURCES)
TEST_STEP(LABELS)
TEST_STEP(IRQS)
TEST_STEP(RESCTRL)

static const struct mpam_step test_spies[MPAM_NUM_STEPS] = {
	[MPAM_STEP_TOPOLOGY]	= { "0", test_step_up_TOPOLOGY, test_step_down_TOPOLOGY },
	[MPAM_STEP_LIMITS]	= { "1", test_step_up_LIMITS, test_step_down_LIMITS },
	[MPAM_STEP_CONFIG]	= { "2", test_step_up_CONFIG, test_step_down_CONFIG },
	[MPAM_STEP_RESOURCES]	= { "3", test_step_up_RESOURCES, test_step_down_RESOURCES },
	[MPAM_STEP_LABELS]	= { "4", test_step_up_LABELS, test_step_down_LABELS },
	[MPAM_STEP_IRQS]	= { "5", test_step_up_IRQS, test_step_down_IRQS },
	[MPAM_STEP_RESCTRL]	= { "6", test_step_up_RESCTRL, test_step_down_RESCTRL },
};

/* Take the place of the real ones, which may have nothing to undo */
static void test_steps_make(struct mpam_step *steps)
{
	unsigned int i;

	for (i = 0; i < MPAM_NUM_STEPS; i++) {
		steps[i] = mpam_steps[i];
		steps[i].up = test_spies[i].up;
		if (steps[i].down)
			steps[i].down = test_spies[i].down;
	}

	test_steps_trace[0] = '\0';
	test_steps_fail_at = -1;
}

static void test_unbind(void *arg)
{
	struct mpam_fake *fake = arg;

	list_del_rcu(&fake->msc.node);
	synchronize_srcu(&mpam_srcu);
}

/* An MSC as if the driver were bound to it */
static void test_bind(struct kunit *test, struct mpam_fake *fake)
{
	list_add_tail_rcu(&fake->msc.node, &mpam_mscs);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, test_unbind, fake));
}

static bool test_l3_offered(void)
{
	return resctrl_arch_get_resource(RDT_RESOURCE_L3)->alloc_capable;
}

static int mpam_steps_test_init(struct kunit *test)
{
	/* These tests go through the globals of the driver */
	if (!list_empty(&mpam_mscs))
		kunit_skip(test, "this machine's own MSCs are in use");

	return mpam_test_init(test);
}

struct steps_case {
	const char	*name;
	int		fail_at;
	const char	*trace;
};

static const struct steps_case steps_cases[] = {
	{ "topology", MPAM_STEP_TOPOLOGY, "+0" },
	{ "limits", MPAM_STEP_LIMITS, "+0+1-0" },
	{ "config", MPAM_STEP_CONFIG, "+0+1+2-0" },
	{ "resources", MPAM_STEP_RESOURCES, "+0+1+2+3-2-0" },
	{ "labels", MPAM_STEP_LABELS, "+0+1+2+3+4-3-2-0" },
	{ "irqs", MPAM_STEP_IRQS, "+0+1+2+3+4+5-4-3-2-0" },
	{ "resctrl", MPAM_STEP_RESCTRL, "+0+1+2+3+4+5+6-5-4-3-2-0" },
};

KUNIT_ARRAY_PARAM_DESC(steps, steps_cases, name);

static void steps_fail_test(struct kunit *test)
{
	const struct steps_case *c = test->param_value;
	struct mpam_fake *a = mpam_test_slice(test), *b = mpam_test_slice(test);
	struct mpam_step steps[MPAM_NUM_STEPS];
	const char *failed = NULL;

	test_bind(test, a);
	test_bind(test, b);
	mpam_fake_log_clear(a);
	test_steps_make(steps);
	test_steps_fail_at = c->fail_at;

	KUNIT_EXPECT_EQ(test, mpam_steps_up(steps, MPAM_NUM_STEPS, &failed), -EPROTO);
	KUNIT_EXPECT_STREQ(test, test_steps_trace, c->trace);
	KUNIT_EXPECT_STREQ(test, failed, mpam_steps[c->fail_at].name);
	KUNIT_EXPECT_NULL(test, a->msc.ris[0].vmsc);
	KUNIT_EXPECT_NULL(test, b->msc.ris[0].vmsc);
	KUNIT_EXPECT_FALSE(test, test_l3_offered());
	/* No MSC was live yet: nothing to be reset */
	EXPECT_UNTOUCHED(test, a);
}

/* The first step is undone like any other, if it can be */
static void steps_first_test(struct kunit *test)
{
	const struct mpam_step steps[] = {
		test_spies[MPAM_STEP_LIMITS],
		test_spies[MPAM_STEP_LABELS],
		test_spies[MPAM_STEP_RESCTRL],
	};
	const char *failed = NULL;

	test_steps_trace[0] = '\0';
	test_steps_fail_at = MPAM_STEP_RESCTRL;
	KUNIT_EXPECT_EQ(test, mpam_steps_up(steps, ARRAY_SIZE(steps), &failed), -EPROTO);
	KUNIT_EXPECT_STREQ(test, test_steps_trace, "+1+4+6-4-1");
	KUNIT_EXPECT_STREQ(test, failed, "6");
}

/* All the way up, with an MSC that comes live, and all the way down */
static void steps_up_down_test(struct kunit *test)
{
	struct mpam_fake *up = mpam_test_fake(test), *down = mpam_test_slice(test);
	struct mpam_step steps[MPAM_NUM_STEPS];
	const char *failed = NULL;
	u32 val = 0;

	/* Fewer than the system's limit, which a fake doesn't lower */
	up->idr |= FIELD_PREP(MPAMF_IDR_PARTID_MAX, 31);
	up->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(16) };
	mpam_fake_list_ris(up, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(up), 0);
	test_bind(test, up);
	test_bind(test, down);
	test_steps_make(steps);

	KUNIT_ASSERT_EQ(test, mpam_steps_up(steps, MPAM_NUM_STEPS, &failed), 0);
	KUNIT_EXPECT_STREQ(test, test_steps_trace, "+0+1+2+3+4+5+6");
	KUNIT_EXPECT_TRUE(test, test_l3_offered());
	KUNIT_EXPECT_NOT_NULL(test, up->msc.ris[0].vmsc);
	if (up->msc.ris[0].vmsc) {
		struct mpam_component *comp = up->msc.ris[0].vmsc->comp;

		up->msc.live = true;
		KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 0, MPAM_CTRL_CPBM, 0xf), 0);
		KUNIT_EXPECT_TRUE(test, mpam_config_get(comp, 0, MPAM_CTRL_CPBM, &val));
		KUNIT_EXPECT_EQ(test, mpam_fake_cfg(up, 0, 0, MPAMCFG_CPBM), 0xf);
	}
	mpam_fake_log_clear(down);

	test_steps_trace[0] = '\0';
	mpam_steps_down(steps, MPAM_NUM_STEPS);
	KUNIT_EXPECT_STREQ(test, test_steps_trace, "-6-5-4-3-2-0");
	KUNIT_EXPECT_FALSE(test, test_l3_offered());
	KUNIT_EXPECT_NULL(test, up->msc.ris[0].vmsc);
	KUNIT_EXPECT_NULL(test, down->msc.ris[0].vmsc);
	KUNIT_EXPECT_FALSE(test, up->msc.live);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(up, 0, 0, MPAMCFG_CPBM), 0xffff);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(up, 0, 31, MPAMCFG_CPBM), 0xffff);
	EXPECT_UNTOUCHED(test, down);
}

/* A machine that has nothing for resctrl ends there, and leaves nothing behind */
static void steps_nothing_to_offer_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	struct mpam_step steps[MPAM_NUM_STEPS];
	const char *failed = NULL;

	fake->ris[0] = mpam_test_ris_full;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 4, 1);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
	test_bind(test, fake);
	test_steps_make(steps);

	KUNIT_EXPECT_EQ(test, mpam_steps_up(steps, MPAM_NUM_STEPS, &failed), -ENODEV);
	KUNIT_EXPECT_STREQ(test, failed, mpam_steps[MPAM_STEP_RESOURCES].name);
	KUNIT_EXPECT_STREQ(test, test_steps_trace, "+0+1+2+3-2-0");
	KUNIT_EXPECT_NULL(test, fake->msc.ris[0].vmsc);
}

static struct kunit_case mpam_fake_cases[] = {
	KUNIT_CASE(fake_errors_test),
	KUNIT_CASE(fake_register_test),
	{}
};

static struct kunit_case mpam_ctrl_cases[] = {
	KUNIT_CASE(ctrl_table_test),
	KUNIT_CASE(ctrl_table_neighbours_test),
	KUNIT_CASE(ctrl_group_end_test),
	KUNIT_CASE_PARAM(ctrl_reset_test, ctrl_reset_gen_params),
	KUNIT_CASE(ctrl_reset_bitmap_test),
	{}
};

static struct kunit_case mpam_probe_cases[] = {
	KUNIT_CASE_PARAM(probe_version_test, probe_version_gen_params),
	KUNIT_CASE(probe_v1_0_test),
	KUNIT_CASE(probe_ris_test),
	KUNIT_CASE_PARAM(probe_ctrls_test, probe_ctrls_gen_params),
	KUNIT_CASE(probe_idr_gates_test),
	KUNIT_CASE_PARAM(probe_frame_test, probe_frame_gen_params),
	KUNIT_CASE(probe_ris_not_in_hw_test),
	KUNIT_CASE(probe_ris_not_in_fw_test),
	KUNIT_CASE(probe_narrowing_test),
	KUNIT_CASE(probe_recheck_test),
	{}
};

static struct kunit_case mpam_topo_cases[] = {
	KUNIT_CASE_PARAM(merge_test, merge_gen_params),
	KUNIT_CASE(merge_kind_test),
	KUNIT_CASE(topo_slices_test),
	KUNIT_CASE(topo_slices_differ_test),
	KUNIT_CASE(topo_components_test),
	KUNIT_CASE(topo_ris_test),
	KUNIT_CASE(topo_dropped_stays_dropped_test),
	KUNIT_CASE(topo_free_test),
	{}
};

static struct kunit_case mpam_config_cases[] = {
	KUNIT_CASE(config_set_test),
	KUNIT_CASE(config_set_two_test),
	KUNIT_CASE(config_set_shared_register_test),
	KUNIT_CASE(config_set_ris_test),
	KUNIT_CASE(config_set_down_test),
	KUNIT_CASE(config_set_invalid_test),
	KUNIT_CASE(config_own_width_test),
	KUNIT_CASE(config_set_rollback_test),
	KUNIT_CASE(config_reset_test),
	KUNIT_CASE(config_reset_range_test),
	KUNIT_CASE(config_reset_error_test),
	KUNIT_CASE(config_restore_test),
	KUNIT_CASE(config_restore_count_test),
	KUNIT_CASE(config_restore_errors_test),
	KUNIT_CASE(config_restore_endis_test),
	KUNIT_CASE(config_restore_narrowing_test),
	KUNIT_CASE(msc_call_test),
	{}
};

static struct kunit_case mpam_steps_cases[] = {
	KUNIT_CASE_PARAM(steps_fail_test, steps_gen_params),
	KUNIT_CASE(steps_first_test),
	KUNIT_CASE(steps_up_down_test),
	KUNIT_CASE(steps_nothing_to_offer_test),
	{}
};

MPAM_SUITE(mpam_fake, mpam_test_init);
MPAM_SUITE(mpam_ctrl, mpam_test_init);
MPAM_SUITE(mpam_probe, mpam_test_init);
MPAM_SUITE(mpam_topo, mpam_test_init);
MPAM_SUITE(mpam_config, mpam_test_init);
MPAM_SUITE(mpam_steps, mpam_steps_test_init);

kunit_test_suites(&mpam_fake_suite, &mpam_ctrl_suite, &mpam_probe_suite,
		  &mpam_topo_suite, &mpam_config_suite, &mpam_steps_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit tests of the Arm MPAM driver");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of what becomes of a user's value, control by control
 *
 * From percent, portions, strides and ranks to the registers, and back; what
 * counts is what the fake's registers hold. Expectations are computed here in
 * another way than in the driver: in hardware's steps, by looking for the right
 * one.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>

#include "mpam_kunit.h"

/* Conversions */

static const enum mpam_ctrl_id test_ceilings[] = {
	MPAM_CTRL_CMAX, MPAM_CTRL_CASSOC, MPAM_CTRL_MBW_MAX,
};

static const enum mpam_ctrl_id test_floors[] = { MPAM_CTRL_CMIN, MPAM_CTRL_MBW_MIN };

static struct mpam_props test_props(enum mpam_ctrl_id ctrl, unsigned int wd)
{
	struct mpam_props props = { .has = BIT(ctrl) };

	props.wd[ctrl] = wd;

	return props;
}

/* In 1/65536, where the limit is of a register's value */
static u32 test_top(u32 reg, unsigned int wd)
{
	return (reg & GENMASK(15, 16 - wd)) + (0x10000 >> wd);
}

/* A limit is the highest step that is not above what was asked for */
static void encode_ceiling_test(struct kunit *test)
{
	unsigned int i, wd, percent;

	for (i = 0; i < ARRAY_SIZE(test_ceilings); i++) {
		enum mpam_ctrl_id ctrl = test_ceilings[i];

		for (wd = 1; wd <= 16; wd++) {
			struct mpam_props props = test_props(ctrl, wd);
			u32 step = 0x10000 >> wd, before = 0;

			for (percent = 0; percent <= 100; percent++) {
				u32 val = mpam_ctrl_encode(ctrl, &props, percent);
				u32 top = test_top(val, wd);

				if (val > 0xffff || top < before ||
				    (top * 100 > percent * 0x10000 && top != step) ||
				    (top + step) * 100 <= percent * 0x10000)
					FAIL(test, "%s of width %u, %u %%: %#x",
					     mpam_ctrls[ctrl].name, wd, percent, val);
				before = top;
			}

			KUNIT_EXPECT_EQ(test, mpam_ctrl_encode(ctrl, &props, 100), 0xffff);
			KUNIT_EXPECT_EQ(test, mpam_ctrl_encode(ctrl, &props, 1000), 0xffff);
		}
	}
}

static void encode_floor_test(struct kunit *test)
{
	unsigned int i, wd, percent;

	for (i = 0; i < ARRAY_SIZE(test_floors); i++) {
		enum mpam_ctrl_id ctrl = test_floors[i];

		for (wd = 1; wd <= 16; wd++) {
			struct mpam_props props = test_props(ctrl, wd);
			u32 step = 0x10000 >> wd;

			for (percent = 0; percent <= 100; percent++) {
				u32 val = mpam_ctrl_encode(ctrl, &props, percent);

				if (val & ~GENMASK(15, 16 - wd) ||
				    val * 100 > percent * 0x10000 ||
				    ((val + step) * 100 <= percent * 0x10000 &&
				     val + step < 0x10000))
					FAIL(test, "%s of width %u, %u %%: %#x",
					     mpam_ctrls[ctrl].name, wd, percent, val);
			}

			KUNIT_EXPECT_EQ(test, mpam_ctrl_encode(ctrl, &props, 0), 0);
			KUNIT_EXPECT_EQ(test, mpam_ctrl_percent_min(ctrl, &props), 0);
		}
	}
}

/* What is shown can be written again, and nothing changes; it is what was written, or near */
static void percent_round_trip_test(struct kunit *test)
{
	unsigned int i, wd, percent;

	for (i = 0; i < ARRAY_SIZE(test_ceilings) + ARRAY_SIZE(test_floors); i++) {
		enum mpam_ctrl_id ctrl = i < ARRAY_SIZE(test_ceilings) ?
			test_ceilings[i] : test_floors[i - ARRAY_SIZE(test_ceilings)];

		for (wd = 1; wd <= 16; wd++) {
			struct mpam_props props = test_props(ctrl, wd);
			u32 least = mpam_ctrl_percent_min(ctrl, &props);
			u32 step = mpam_ctrl_percent_step(ctrl, &props), before = 0;
			u32 most = i < ARRAY_SIZE(test_ceilings) || wd >= 7 ?
				   100 : 100 - (100 >> wd);

			for (percent = least; percent <= most; percent++) {
				u32 val = mpam_ctrl_encode(ctrl, &props, percent);
				u32 shown = mpam_ctrl_decode(ctrl, &props, val);

				if (mpam_ctrl_encode(ctrl, &props, shown) != val ||
				    shown > percent || percent - shown >= step ||
				    shown < before || (wd >= 7 && shown != percent &&
						       percent != 100))
					FAIL(test, "%s of width %u: %u %% is shown as %u %%",
					     mpam_ctrls[ctrl].name, wd, percent, shown);
				before = shown;
			}
		}
	}
}

/* Multiples of what is published as the step are different limits */
static void percent_step_test(struct kunit *test)
{
	static const u8 want[] = { 0, 50, 25, 13, 7, 4, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	unsigned int wd, percent;

	for (wd = 1; wd <= 16; wd++) {
		struct mpam_props props = test_props(MPAM_CTRL_MBW_MAX, wd);
		u32 step = mpam_ctrl_percent_step(MPAM_CTRL_MBW_MAX, &props);
		u32 before = 0;

		KUNIT_EXPECT_EQ(test, step, want[wd]);
		KUNIT_EXPECT_EQ(test, mpam_ctrl_percent_min(MPAM_CTRL_MBW_MAX, &props), step);

		for (percent = step; percent <= 100; percent += step) {
			u32 top = test_top(mpam_ctrl_encode(MPAM_CTRL_MBW_MAX, &props, percent),
					   wd);

			KUNIT_EXPECT_GT_MSG(test, top, before, "width %u, %u %%", wd, percent);
			before = top;
		}
	}
}

/* Where the floor is derived from it, a limit can't be below what the floor needs */
static void percent_derived_test(struct kunit *test)
{
	unsigned int wd;

	for (wd = 1; wd <= 16; wd++) {
		struct mpam_props props = test_props(MPAM_CTRL_MBW_MAX, wd);
		u32 val, least = max(512, 0x10000 >> wd);
		struct mpam_config cfg = { .valid = BIT(MPAM_CTRL_MBW_MAX) };

		props.derived = BIT(MPAM_CTRL_MBW_MIN);
		val = mpam_ctrl_encode(MPAM_CTRL_MBW_MAX, &props, 0);
		KUNIT_EXPECT_EQ(test, val & GENMASK(15, 16 - wd), least);
		KUNIT_EXPECT_EQ(test, mpam_ctrl_encode(MPAM_CTRL_MBW_MAX, &props, 100), 0xffff);

		/* mpam_ctrl_fixup() finds nothing to be raised */
		cfg.val[MPAM_CTRL_MBW_MAX] = val;
		props.has |= BIT(MPAM_CTRL_MBW_MIN);
		props.wd[MPAM_CTRL_MBW_MIN] = wd;
		mpam_ctrl_fixup(&props, &cfg);
		KUNIT_EXPECT_EQ(test, (cfg.val[MPAM_CTRL_MBW_MAX] ^ val) & GENMASK(15, 16 - wd), 0);
	}
}

static void level_round_trip_test(struct kunit *test)
{
	static const enum mpam_ctrl_id ctrls[] = {
		MPAM_CTRL_INTPRI, MPAM_CTRL_DSPRI, MPAM_CTRL_MBW_PROP,
	};
	unsigned int i, wd, low;
	u32 user;

	for (i = 0; i < ARRAY_SIZE(ctrls); i++) {
		enum mpam_ctrl_id ctrl = ctrls[i];
		bool stride = ctrl == MPAM_CTRL_MBW_PROP;

		for (wd = 1; wd <= 16; wd++) {
			for (low = 0; low < 2; low++) {
				struct mpam_props props = test_props(ctrl, wd);
				u32 top = BIT(wd) - 1;

				props.zero_low = low ? BIT(ctrl) : 0;
				for (user = stride; user <= top + stride; user++) {
					u32 val = mpam_ctrl_encode(ctrl, &props, user);
					u32 want = stride ? user - 1 : low ? user : top - user;

					if (val != want ||
					    mpam_ctrl_decode(ctrl, &props, val) != user)
						FAIL(test, "%s of width %u: %u is %#x",
						     mpam_ctrls[ctrl].name, wd, user, val);
				}
				KUNIT_EXPECT_EQ(test, mpam_ctrl_encode(ctrl, &props, 1 << 20),
						stride || low ? top : 0);
			}
		}

		/* Nobody's priority is the highest, nobody's stride the shortest */
		KUNIT_EXPECT_EQ(test, mpam_ctrl_encode(ctrl, &mpam_test_props_full,
						       stride ? 0 : ~0u),
				mpam_ctrl_reset(ctrl, &mpam_test_props_full));
	}
}

/* Portions */

static void portions_per_bit_test(struct kunit *test)
{
	static const struct {
		unsigned int wd, bits;
	} want[] = {
		{ 1, 1 }, { 2, 2 }, { 31, 31 }, { 32, 32 }, { 33, 17 }, { 40, 20 }, { 48, 24 },
		{ 63, 32 }, { 64, 32 }, { 65, 22 }, { 96, 32 }, { 100, 25 }, { 128, 32 },
		{ 32768, 32 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(want); i++)
		KUNIT_EXPECT_EQ_MSG(test, mpam_ctrl_bits(want[i].wd), want[i].bits,
				    "%u portions", want[i].wd);
}

/* Each bit has portions of its own, as many as the others, and none is left over */
static void portions_spread_test(struct kunit *test)
{
	static const enum mpam_ctrl_id ctrls[] = { MPAM_CTRL_CPBM, MPAM_CTRL_MBW_PBM };
	unsigned int i, wd, bit, word;

	for (i = 0; i < 2 * 300; i++) {
		enum mpam_ctrl_id ctrl = ctrls[i & 1];
		struct mpam_props props = test_props(ctrl, i / 2 + 1);
		struct mpam_config cfg = { .valid = BIT(ctrl) };
		unsigned int bits, each = 0;
		DECLARE_BITMAP(seen, 320) = {};

		wd = i / 2 + 1;
		bits = mpam_ctrl_bits(wd);
		KUNIT_ASSERT_TRUE(test, bits >= 1 && bits <= 32);

		for (bit = 0; bit < bits; bit++) {
			unsigned int n = 0;

			cfg.val[ctrl] = mpam_ctrl_encode(ctrl, &props, BIT(bit));
			KUNIT_EXPECT_EQ(test, mpam_ctrl_decode(ctrl, &props, cfg.val[ctrl]),
					BIT(bit));
			for (word = 0; word * 32 < wd; word++) {
				u32 val = mpam_ctrl_bitmap_word(ctrl, &props, &cfg, word);

				for (; val; val &= val - 1, n++) {
					unsigned int portion = word * 32 + __ffs(val);

					if (portion >= wd || __test_and_set_bit(portion, seen))
						FAIL(test, "width %u: portion %u of bit %u",
						     wd, portion, bit);
				}
			}

			if (!bit)
				each = n;
			if (n < 1 || (bit < bits - 1 ? n != each : n > each))
				FAIL(test, "width %u: %u portions of bit %u", wd, n, bit);
		}
		KUNIT_EXPECT_EQ(test, bitmap_weight(seen, 320), wd);
	}
}

static void portions_wide_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_l3(test, 1, CPOR(80));
	struct mpam_component *comp = mpam_test_l3_up(test);
	u32 val;

	/* 27 bits of 3 portions, but 2 for the last */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x4000402), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_CPBM, 0xc0000038),
		      WR(MPAMCFG_CPBM + 4, 0x1), WR(MPAMCFG_CPBM + 8, 0xc000));
	KUNIT_EXPECT_TRUE(test, mpam_config_get(comp, 1, MPAM_CTRL_CPBM, &val));
	KUNIT_EXPECT_EQ(test, val, 0x4000402);

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x7ffffff), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_CPBM, 0xffffffff),
		      WR(MPAMCFG_CPBM + 4, 0xffffffff), WR(MPAMCFG_CPBM + 8, 0xffff));

	/* That is no limit: no news for those who have none */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 2, MPAM_CTRL_CPBM, 0x7ffffff), 0);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 0, 3, MPAM_CTRLS_ALL), 0);
	EXPECT_UNTOUCHED(test, fake);

	/* A bit that is not there */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CPBM, 0x8000001), -EINVAL);
	EXPECT_UNTOUCHED(test, fake);
}

/* Registers */

/* Exactly these registers are written for a control, with these values */
struct apply_case {
	const char		*name;
	enum mpam_ctrl_id	ctrl;
	u32			user;
	u32			offset;
	u32			reg;
	bool			second;		/* there is a second word */
	u32			reg2;
};

static const struct apply_case apply_cases[] = {
	{ "CPBM", MPAM_CTRL_CPBM, 0x00011, MPAMCFG_CPBM, 0x00000303, true },
	{ "CPBM, upper word", MPAM_CTRL_CPBM, 0xf0000, MPAMCFG_CPBM, 0, true, 0xff },
	{ "CMAX", MPAM_CTRL_CMAX, 50, MPAMCFG_CMAX, 0x7f80 },
	{ "CMIN", MPAM_CTRL_CMIN, 50, MPAMCFG_CMIN, 0x8000 },
	{ "CASSOC", MPAM_CTRL_CASSOC, 25, MPAMCFG_CASSOC, 0x3800 },
	{ "MBW_PBM", MPAM_CTRL_MBW_PBM, 0x10002, MPAMCFG_MBW_PBM, 0x0000000c, true, 1 },
	{ "MBW_MIN", MPAM_CTRL_MBW_MIN, 75, MPAMCFG_MBW_MIN, 0xc000 },
	{ "MBW_MAX", MPAM_CTRL_MBW_MAX, 75, MPAMCFG_MBW_MAX, 0x8000be00 },
	{ "MBW_PROP", MPAM_CTRL_MBW_PROP, 4, MPAMCFG_MBW_PROP, 0x80000003 },
	{ "INTPRI", MPAM_CTRL_INTPRI, 5, MPAMCFG_PRI, 0x000f0002 },
	{ "DSPRI", MPAM_CTRL_DSPRI, 5, MPAMCFG_PRI, 0x00050000 },
};

KUNIT_ARRAY_PARAM_DESC(apply, apply_cases, name);

static void apply_test(struct kunit *test)
{
	const struct apply_case *c = test->param_value;
	struct mpam_fake *fake = mpam_test_fake(test);
	const struct mpam_fake_access *log = fake->log;
	struct mpam_component *comp;
	u32 val;

	fake->ris[0] = mpam_test_ris_full;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
	comp = mpam_test_l3_up(test);

	val = mpam_ctrl_encode(c->ctrl, &comp->class->props, c->user);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, c->ctrl, val), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_log, c->second ? 3 : 2);
	KUNIT_EXPECT_TRUE(test, log[0].write && log[0].offset == MPAMCFG_PART_SEL);
	KUNIT_EXPECT_EQ(test, log[0].val, 3);
	KUNIT_EXPECT_TRUE(test, log[1].write && log[1].offset == c->offset);
	KUNIT_EXPECT_EQ(test, log[1].val, c->reg);
	if (c->second) {
		KUNIT_EXPECT_TRUE(test, log[2].write && log[2].offset == c->offset + 4);
		KUNIT_EXPECT_EQ(test, log[2].val, c->reg2);
	}
	mpam_fake_log_clear(fake);

	/* The same again, or the same in other words */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 3, c->ctrl, val), 0);
	EXPECT_UNTOUCHED(test, fake);
	KUNIT_EXPECT_EQ(test, mpam_ctrl_decode(c->ctrl, &comp->class->props, val), c->user);

	/* It comes back with the MSC, and is forgotten with a reset */
	mpam_fake_power_cycle(fake);
	mpam_test_restore(fake, TEST_PARTIDS);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 3, c->offset), c->reg);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 3, 3, BIT(c->ctrl)), 0);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 3, c->offset),
			mpam_fake_cfg(fake, 0, 2, c->offset));
}

/* A hard limit where one can be had, but none where nothing is limited */
static void apply_hardlim_test(struct kunit *test)
{
	static const struct {
		u32	max_lim;
		u32	reg;
	} cases[] = { { 0, 0x80007e00 }, { 1, 0x7e00 }, { 2, 0x7e00 } };
	struct mpam_component *comp;
	struct mpam_fake *fake[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake[i] = mpam_test_fake(test);
		fake[i]->ris[0].idr = MPAMF_IDR_HAS_MBW_PART;
		fake[i]->ris[0].mbw = BWA(7) | MPAMF_MBW_IDR_HAS_MAX |
				      FIELD_PREP(MPAMF_MBW_IDR_MAX_LIM, cases[i].max_lim);
		mpam_fake_list_ris(fake[i], 0, MPAM_CLASS_CACHE, 3, 1);
		KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake[i]), 0);
	}
	comp = mpam_test_l3_up(test);

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MAX, 0x7fff), 0);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		mpam_test_expect_writes(test, fake[i], (const struct mpam_fake_access[]){
					SEL(0, 1), WR(MPAMCFG_MBW_MAX, cases[i].reg), {} });

	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MAX, 0xffff), 0);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_WRITES(test, fake[i], SEL(0, 1), WR(MPAMCFG_MBW_MAX, 0xfe00));

	/* 100 % and no limit are the same */
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 1, 1, BIT(MPAM_CTRL_MBW_MAX)), 0);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_UNTOUCHED(test, fake[i]);
}

/* The same limit everywhere, whatever the widths of the parts are */
static void apply_widths_test(struct kunit *test)
{
	struct mpam_fake *fake[13];
	struct mpam_component *comp;
	unsigned int i, percent;

	for (i = 0; i < ARRAY_SIZE(fake); i++) {
		fake[i] = mpam_test_fake(test);
		fake[i]->ris[0].idr = MPAMF_IDR_HAS_MBW_PART;
		/* From 4 to 16 */
		fake[i]->ris[0].mbw = FIELD_PREP(MPAMF_MBW_IDR_BWA_WD, 4 + i) |
				      MPAMF_MBW_IDR_HAS_MAX | MPAMF_MBW_IDR_HAS_MIN;
		mpam_fake_list_ris(fake[i], 0, MPAM_CLASS_CACHE, 3, 1);
		KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake[i]), 0);
	}
	comp = mpam_test_l3_up(test);
	KUNIT_EXPECT_EQ(test, comp->class->props.wd[MPAM_CTRL_MBW_MAX], 4);

	for (percent = 100; percent; percent--) {
		u32 max = mpam_ctrl_encode(MPAM_CTRL_MBW_MAX, &comp->class->props, percent);
		u32 min = mpam_ctrl_encode(MPAM_CTRL_MBW_MIN, &comp->class->props, percent / 2);

		KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MAX, max), 0);
		KUNIT_ASSERT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MIN, min), 0);
		for (i = 0; i < ARRAY_SIZE(fake); i++) {
			u32 reg = mpam_fake_cfg(fake[i], 0, 1, MPAMCFG_MBW_MAX);

			KUNIT_EXPECT_EQ(test, test_top(reg, 4 + i), test_top(max, 4));
			KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake[i], 0, 1, MPAMCFG_MBW_MIN), min);
		}
	}
}

/* Rules between controls */

static void fixup_floor_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);
	struct mpam_component *comp;
	u32 val;

	fake->ris[0] = mpam_test_ris_full;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
	comp = mpam_test_l3_up(test);

	/* A floor that nobody asked for needs no write */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CMAX, 0x3fff), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_CMAX, 0x3f80));

	/* It does not get above the ceiling, but is not forgotten */
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CMIN, 0x8000), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_CMIN, 0x3f80));
	KUNIT_EXPECT_TRUE(test, mpam_config_get(comp, 1, MPAM_CTRL_CMIN, &val));
	KUNIT_EXPECT_EQ(test, val, 0x8000);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CMAX, 0xbfff), 0);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 1, MPAMCFG_CMIN), 0x8000);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 1, MPAMCFG_CMAX), 0xbf80);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_CMAX, 0x1fff), 0);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 1, MPAMCFG_CMIN), 0x1f80);
	KUNIT_EXPECT_EQ(test, mpam_test_reset(comp, 1, 1, BIT(MPAM_CTRL_CMAX)), 0);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 1, MPAMCFG_CMIN), 0x8000);
	KUNIT_EXPECT_EQ(test, mpam_fake_cfg(fake, 0, 1, MPAMCFG_CMAX), 0xff80);

	/* The two pairs have nothing to do with each other */
	mpam_fake_log_clear(fake);
	KUNIT_EXPECT_EQ(test, mpam_test_set(comp, 1, MPAM_CTRL_MBW_MAX, 0x3fff), 0);
	EXPECT_WRITES(test, fake, SEL(0, 1), WR(MPAMCFG_MBW_MAX, 0x80003e00));
}

static struct kunit_case mpam_value_cases[] = {
	KUNIT_CASE(encode_ceiling_test),
	KUNIT_CASE(encode_floor_test),
	KUNIT_CASE(percent_round_trip_test),
	KUNIT_CASE(percent_step_test),
	KUNIT_CASE(percent_derived_test),
	KUNIT_CASE(level_round_trip_test),
	KUNIT_CASE(portions_per_bit_test),
	KUNIT_CASE(portions_spread_test),
	KUNIT_CASE(portions_wide_test),
	KUNIT_CASE_PARAM(apply_test, apply_gen_params),
	KUNIT_CASE(apply_hardlim_test),
	KUNIT_CASE(apply_widths_test),
	KUNIT_CASE(fixup_floor_test),
	{}
};

MPAM_SUITE(mpam_value, mpam_test_init);

kunit_test_suite(mpam_value_suite);

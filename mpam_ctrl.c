// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: the table of partitioning controls, and the arithmetic on their values
 *
 * What the architecture repeats for each control is a row here; probing,
 * merging, resetting and applying are loops over the rows, elsewhere. This
 * file takes no lock, allocates nothing and touches no register.
 */
#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"
#include "mpam_regs.h"

/*
 * Rows that share a cfg_reg must be neighbours: it is written once for all.
 *
 * Of the bits beside the fields, SOFTLIM of CMAX stays clear and HARDLIM of
 * MBW_MAX is set: a limit is one that is never exceeded. That is what "MB" of
 * resctrl is on x86, where it throttles a group whether or not others want the
 * bandwidth, and what its software controller needs to have an effect that
 * it can measure. With a soft limit nothing would change on an idle machine.
 */
const struct mpam_ctrl_desc mpam_ctrls[MPAM_NUM_CTRLS] = {
	[MPAM_CTRL_CPBM] = {
		.name		= "CPBM",
		.idr_gate	= MPAMF_IDR_HAS_CPOR_PART,
		.id_reg		= MPAMF_CPOR_IDR,
		.id_wd		= MPAMF_CPOR_IDR_CPBM_WD,
		.max_wd		= 32768,
		.cfg_reg	= MPAMCFG_CPBM,
		.kind		= MPAM_KIND_BITMAP,
		.merge		= MPAM_MERGE_EQUAL,
		.reset		= MPAM_RESET_PERMISSIVE,
	},
	[MPAM_CTRL_CMAX] = {
		.name		= "CMAX",
		.idr_gate	= MPAMF_IDR_HAS_CCAP_PART,
		.id_reg		= MPAMF_CCAP_IDR,
		.id_not		= MPAMF_CCAP_IDR_NO_CMAX,
		.id_wd		= MPAMF_CCAP_IDR_CMAX_WD,
		.max_wd		= 16,
		.cfg_reg	= MPAMCFG_CMAX,
		.cfg_field	= MPAMCFG_FRACTION,
		.kind		= MPAM_KIND_FRACTION,
		.merge		= MPAM_MERGE_MIN,
		.reset		= MPAM_RESET_PERMISSIVE,
	},
	[MPAM_CTRL_CMIN] = {
		.name		= "CMIN",
		.idr_gate	= MPAMF_IDR_HAS_CCAP_PART,
		.id_reg		= MPAMF_CCAP_IDR,
		.id_has		= MPAMF_CCAP_IDR_HAS_CMIN,
		.id_wd		= MPAMF_CCAP_IDR_CMAX_WD,
		.max_wd		= 16,
		.cfg_reg	= MPAMCFG_CMIN,
		.cfg_field	= MPAMCFG_FRACTION,
		.kind		= MPAM_KIND_FRACTION,
		.merge		= MPAM_MERGE_MIN,
		.reset		= MPAM_RESET_ZERO,
	},
	[MPAM_CTRL_CASSOC] = {
		.name		= "CASSOC",
		.idr_gate	= MPAMF_IDR_HAS_CCAP_PART,
		.id_reg		= MPAMF_CCAP_IDR,
		.id_has		= MPAMF_CCAP_IDR_HAS_CASSOC,
		.id_wd		= MPAMF_CCAP_IDR_CASSOC_WD,
		.max_wd		= 16,
		.cfg_reg	= MPAMCFG_CASSOC,
		.cfg_field	= MPAMCFG_FRACTION,
		.kind		= MPAM_KIND_FRACTION,
		.merge		= MPAM_MERGE_MIN,
		.reset		= MPAM_RESET_PERMISSIVE,
	},
	[MPAM_CTRL_MBW_PBM] = {
		.name		= "MBW_PBM",
		.idr_gate	= MPAMF_IDR_HAS_MBW_PART,
		.id_reg		= MPAMF_MBW_IDR,
		.id_has		= MPAMF_MBW_IDR_HAS_PBM,
		.id_wd		= MPAMF_MBW_IDR_BWPBM_WD,
		.max_wd		= 4096,
		.cfg_reg	= MPAMCFG_MBW_PBM,
		.kind		= MPAM_KIND_BITMAP,
		.merge		= MPAM_MERGE_EQUAL,
		.reset		= MPAM_RESET_PERMISSIVE,
	},
	[MPAM_CTRL_MBW_MIN] = {
		.name		= "MBW_MIN",
		.idr_gate	= MPAMF_IDR_HAS_MBW_PART,
		.id_reg		= MPAMF_MBW_IDR,
		.id_has		= MPAMF_MBW_IDR_HAS_MIN,
		.id_wd		= MPAMF_MBW_IDR_BWA_WD,
		.max_wd		= 16,
		.cfg_reg	= MPAMCFG_MBW_MIN,
		.cfg_field	= MPAMCFG_FRACTION,
		.kind		= MPAM_KIND_FRACTION,
		.merge		= MPAM_MERGE_MIN,
		.reset		= MPAM_RESET_ZERO,
	},
	[MPAM_CTRL_MBW_MAX] = {
		.name		= "MBW_MAX",
		.idr_gate	= MPAMF_IDR_HAS_MBW_PART,
		.id_reg		= MPAMF_MBW_IDR,
		.id_has		= MPAMF_MBW_IDR_HAS_MAX,
		.id_wd		= MPAMF_MBW_IDR_BWA_WD,
		.max_wd		= 16,
		.cfg_reg	= MPAMCFG_MBW_MAX,
		.cfg_field	= MPAMCFG_FRACTION,
		.cfg_on		= MPAMCFG_MBW_MAX_HARDLIM,
		.id_no_on	= MPAMF_MBW_IDR_MAX_LIM,
		.kind		= MPAM_KIND_FRACTION,
		.merge		= MPAM_MERGE_MIN,
		.reset		= MPAM_RESET_PERMISSIVE,
	},
	[MPAM_CTRL_MBW_PROP] = {
		.name		= "MBW_PROP",
		.idr_gate	= MPAMF_IDR_HAS_MBW_PART,
		.id_reg		= MPAMF_MBW_IDR,
		.id_has		= MPAMF_MBW_IDR_HAS_PROP,
		.id_wd		= MPAMF_MBW_IDR_BWA_WD,
		.max_wd		= 16,
		.cfg_reg	= MPAMCFG_MBW_PROP,
		.cfg_field	= MPAMCFG_MBW_PROP_STRIDEM1,
		.cfg_on		= MPAMCFG_MBW_PROP_EN,
		.kind		= MPAM_KIND_STRIDE,
		.merge		= MPAM_MERGE_MIN,
		.reset		= MPAM_RESET_ZERO,
	},
	[MPAM_CTRL_INTPRI] = {
		.name		= "INTPRI",
		.idr_gate	= MPAMF_IDR_HAS_PRI_PART,
		.id_reg		= MPAMF_PRI_IDR,
		.id_has		= MPAMF_PRI_IDR_HAS_INTPRI,
		.id_wd		= MPAMF_PRI_IDR_INTPRI_WD,
		.id_0_low	= MPAMF_PRI_IDR_INTPRI_0_IS_LOW,
		.max_wd		= 16,
		.cfg_reg	= MPAMCFG_PRI,
		.cfg_field	= MPAMCFG_PRI_INTPRI,
		.kind		= MPAM_KIND_LEVEL,
		.merge		= MPAM_MERGE_EQUAL,
		.reset		= MPAM_RESET_TOP_PRIORITY,
	},
	[MPAM_CTRL_DSPRI] = {
		.name		= "DSPRI",
		.idr_gate	= MPAMF_IDR_HAS_PRI_PART,
		.id_reg		= MPAMF_PRI_IDR,
		.id_has		= MPAMF_PRI_IDR_HAS_DSPRI,
		.id_wd		= MPAMF_PRI_IDR_DSPRI_WD,
		.id_0_low	= MPAMF_PRI_IDR_DSPRI_0_IS_LOW,
		.max_wd		= 16,
		.cfg_reg	= MPAMCFG_PRI,
		.cfg_field	= MPAMCFG_PRI_DSPRI,
		.kind		= MPAM_KIND_LEVEL,
		.merge		= MPAM_MERGE_EQUAL,
		.reset		= MPAM_RESET_TOP_PRIORITY,
	},
};
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrls);

/* A floor and a ceiling of the same thing */
static const struct {
	enum mpam_ctrl_id	min;
	enum mpam_ctrl_id	max;
} mpam_ctrl_pairs[] = {
	{ MPAM_CTRL_CMIN, MPAM_CTRL_CMAX },
	{ MPAM_CTRL_MBW_MIN, MPAM_CTRL_MBW_MAX },
};

/* For derived floors, in the unit of fractions: 1/128 and 5 % of the whole */
#define MPAM_DERIVED_MIN	(0x10000 / 128)
#define MPAM_DERIVED_GAP	(0x10000 / 20)

/* The lowest floor that T241-MPAM-4 allows */
static u32 mpam_ctrl_least_min(unsigned int wd)
{
	return max_t(u32, MPAM_DERIVED_MIN, 0x10000 >> wd);
}

/* The floor that T241-MPAM-4 wants for a ceiling */
static u32 mpam_ctrl_derive_min(u32 max, unsigned int wd)
{
	u32 min = max > MPAM_DERIVED_GAP ? max - MPAM_DERIVED_GAP : 0;

	return max(min, mpam_ctrl_least_min(wd));
}

static unsigned int mpam_ctrl_portions_per_bit(unsigned int wd)
{
	return DIV_ROUND_UP(wd, 32);
}

/* All implemented bits of what is no bitmap, where the field has them */
static u32 mpam_ctrl_ones(enum mpam_ctrl_id ctrl, unsigned int wd)
{
	if (mpam_ctrls[ctrl].kind == MPAM_KIND_FRACTION)
		return GENMASK(15, 16 - wd);

	return GENMASK(wd - 1, 0);
}

/**
 * mpam_ctrl_reset() - The value of a control that limits nothing
 * @ctrl:	which control; not one whose kind is a bitmap
 * @props:	of the RIS whose register is meant: reset uses a RIS's own
 *		width, while a user's value uses that of the class
 *
 * IHI 0099 recommends reset values for PARTID 0 only, and may leave all else
 * UNKNOWN, so these are what every PARTID starts from. MBW_MIN differs from
 * the recommendation: a guarantee for everybody is a guarantee for nobody.
 *
 * Context: Any.
 * Return: the field's value, not yet shifted to its place in the register.
 */
u32 mpam_ctrl_reset(enum mpam_ctrl_id ctrl, const struct mpam_props *props)
{
	unsigned int wd = props->wd[ctrl];

	switch (mpam_ctrls[ctrl].reset) {
	case MPAM_RESET_ZERO:
		return 0;
	case MPAM_RESET_TOP_PRIORITY:
		if (!(props->zero_low & BIT(ctrl)))
			return 0;
		fallthrough;
	case MPAM_RESET_PERMISSIVE:
		break;
	}

	return mpam_ctrl_ones(ctrl, wd);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_reset);

/*
 * Fractions are configured as 16 bits, whatever the width: what is beyond it is
 * cut off when a register is written. IHI 0099 has a maximum act on the top of
 * the interval that its value stands for. The low bits of a maximum are all
 * set, so that a RIS that is wider than the class has the same top.
 */
static bool mpam_ctrl_is_max(enum mpam_ctrl_id ctrl)
{
	return mpam_ctrls[ctrl].reset == MPAM_RESET_PERMISSIVE;
}

/* The lowest ceiling in steps of the width: one, or what its floor needs */
static u32 mpam_ctrl_min_steps(enum mpam_ctrl_id ctrl, const struct mpam_props *props)
{
	unsigned int i, wd = props->wd[ctrl];

	for (i = 0; i < ARRAY_SIZE(mpam_ctrl_pairs); i++) {
		if (mpam_ctrl_pairs[i].max == ctrl &&
		    (props->derived & BIT(mpam_ctrl_pairs[i].min)))
			return (mpam_ctrl_least_min(wd) >> (16 - wd)) + 1;
	}

	return 1;
}

static u32 mpam_ctrl_from_percent(enum mpam_ctrl_id ctrl, const struct mpam_props *props,
				  u32 percent)
{
	unsigned int wd = props->wd[ctrl];
	u32 steps = min(percent, 100u) * BIT(wd) / 100;

	if (mpam_ctrl_is_max(ctrl))
		return (max(steps, mpam_ctrl_min_steps(ctrl, props)) << (16 - wd)) - 1;

	return min_t(u32, steps, BIT(wd) - 1) << (16 - wd);
}

static u32 mpam_ctrl_to_percent(enum mpam_ctrl_id ctrl, const struct mpam_props *props,
				u32 val)
{
	unsigned int wd = props->wd[ctrl];
	u32 steps = (val >> (16 - wd)) + mpam_ctrl_is_max(ctrl);

	return DIV_ROUND_UP(steps * 100, BIT(wd));
}

/**
 * mpam_ctrl_bits() - How many bits of a mask users have for a portion bitmap
 * @wd:		the number of portions, at least 1
 *
 * Users' masks have 32 bits at most. Of more portions, each bit stands for the
 * same number, which is the smallest that does; the last bit stands for what
 * is left, which may be fewer.
 *
 * Context: Any.
 * Return: 1 .. 32.
 */
unsigned int mpam_ctrl_bits(unsigned int wd)
{
	return DIV_ROUND_UP(wd, mpam_ctrl_portions_per_bit(wd));
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_bits);

/**
 * mpam_ctrl_encode() - From what a user asks for to what is configured
 * @ctrl:	which control
 * @props:	of the class
 * @user:	bitmaps: a mask of mpam_ctrl_bits() bits; fractions: 0 .. 100
 *		percent; strides: 1 .. 2^width; priorities: 0, the lowest, ..
 *		2^width - 1; what is out of range becomes the nearest that is not
 *
 * A percentage becomes the next step of the hardware that is not above it, so
 * that a limit is never higher than asked for, but for the lowest: a maximum
 * can't be zero. 100 % is no limit.
 *
 * Context: Any.
 * Return: the value for mpam_config_set().
 */
u32 mpam_ctrl_encode(enum mpam_ctrl_id ctrl, const struct mpam_props *props, u32 user)
{
	unsigned int wd = props->wd[ctrl];
	u32 ones;

	switch (mpam_ctrls[ctrl].kind) {
	case MPAM_KIND_BITMAP:
		return user & GENMASK(mpam_ctrl_bits(wd) - 1, 0);
	case MPAM_KIND_FRACTION:
		return mpam_ctrl_from_percent(ctrl, props, user);
	case MPAM_KIND_STRIDE:
		return clamp_t(u32, user, 1, BIT(wd)) - 1;
	case MPAM_KIND_LEVEL:
		break;
	}

	ones = mpam_ctrl_ones(ctrl, wd);
	user = min(user, ones);

	return props->zero_low & BIT(ctrl) ? user : ones - user;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_encode);

/**
 * mpam_ctrl_decode() - From what is configured to what a user is shown
 * @ctrl:	which control
 * @props:	of the class
 * @val:	the value, from mpam_config_get()
 *
 * A percentage is rounded up, which makes it one that mpam_ctrl_encode() turns
 * into the same value again.
 *
 * Context: Any.
 * Return: the value in the units of mpam_ctrl_encode().
 */
u32 mpam_ctrl_decode(enum mpam_ctrl_id ctrl, const struct mpam_props *props, u32 val)
{
	switch (mpam_ctrls[ctrl].kind) {
	case MPAM_KIND_BITMAP:
		return val;
	case MPAM_KIND_FRACTION:
		return mpam_ctrl_to_percent(ctrl, props, val);
	case MPAM_KIND_STRIDE:
		return val + 1;
	case MPAM_KIND_LEVEL:
		break;
	}

	return props->zero_low & BIT(ctrl) ? val : mpam_ctrl_ones(ctrl, props->wd[ctrl]) - val;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_decode);

/**
 * mpam_ctrl_percent_min() - The lowest percentage that a fraction can express
 * @ctrl:	which control; its kind is a fraction
 * @props:	of the class
 *
 * Context: Any.
 * Return: 1 .. 100, or 0 for a control that can be zero.
 */
u32 mpam_ctrl_percent_min(enum mpam_ctrl_id ctrl, const struct mpam_props *props)
{
	return mpam_ctrl_to_percent(ctrl, props, mpam_ctrl_from_percent(ctrl, props, 0));
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_percent_min);

/**
 * mpam_ctrl_percent_step() - How far percentages must be apart to differ
 * @ctrl:	which control; its kind is a fraction
 * @props:	of the class
 *
 * Percentages that are multiples of it are different steps of the hardware. It
 * is the hardware's step rounded up, so that some steps have no such multiple.
 *
 * Context: Any.
 * Return: 1 .. 50, in percent.
 */
u32 mpam_ctrl_percent_step(enum mpam_ctrl_id ctrl, const struct mpam_props *props)
{
	return DIV_ROUND_UP(100, BIT(props->wd[ctrl]));
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_percent_step);

/**
 * mpam_ctrl_bitmap_word() - A word of a portion bitmap, as the hardware wants it
 * @ctrl:	which control; its kind is a bitmap
 * @props:	of the RIS whose register is meant
 * @cfg:	the configuration, or NULL for reset
 * @word:	0 .. DIV_ROUND_UP(width, 32) - 1
 *
 * A bit of what a user asked for may stand for several portions, see
 * mpam_ctrl_bits(). Reset is all portions, without bits beyond the width.
 *
 * Context: Any.
 * Return: the register's value.
 */
u32 mpam_ctrl_bitmap_word(enum mpam_ctrl_id ctrl, const struct mpam_props *props,
			  const struct mpam_config *cfg, unsigned int word)
{
	unsigned int bits = min(props->wd[ctrl] - word * 32u, 32u);
	unsigned int per_bit = mpam_ctrl_portions_per_bit(props->wd[ctrl]);
	u32 val = 0;

	if (!cfg || !(cfg->valid & BIT(ctrl)))
		return GENMASK(bits - 1, 0);

	while (bits--) {
		if (cfg->val[ctrl] & BIT((word * 32 + bits) / per_bit))
			val |= BIT(bits);
	}

	return val;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_bitmap_word);

/**
 * mpam_ctrl_field() - A control's part of its register's value
 * @ctrl:	which control; not one whose kind is a bitmap
 * @props:	of the RIS whose register is meant
 * @cfg:	the configuration, or NULL for reset
 *
 * Context: Any.
 * Return: the value at its place in the register, and the bit beside it that
 * has it enforced, if that is what somebody asked for and it is a limit.
 */
u32 mpam_ctrl_field(enum mpam_ctrl_id ctrl, const struct mpam_props *props,
		    const struct mpam_config *cfg)
{
	const struct mpam_ctrl_desc *desc = &mpam_ctrls[ctrl];
	u32 ones = mpam_ctrl_ones(ctrl, props->wd[ctrl]);
	u32 val, on = 0;

	if (!cfg || !(cfg->valid & BIT(ctrl)))
		return mpam_ctrl_reset(ctrl, props) << __ffs(desc->cfg_field);

	val = cfg->val[ctrl] & ones;
	if ((props->on & BIT(ctrl)) && !(mpam_ctrl_is_max(ctrl) && val == ones))
		on = desc->cfg_on;

	return val << __ffs(desc->cfg_field) | on;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_field);

/* A portion bitmap as users see it */
static u32 mpam_ctrl_mask(enum mpam_ctrl_id ctrl, const struct mpam_props *props,
			  const struct mpam_config *cfg)
{
	if (cfg && (cfg->valid & BIT(ctrl)))
		return cfg->val[ctrl];

	return GENMASK(mpam_ctrl_bits(props->wd[ctrl]) - 1, 0);
}

/**
 * mpam_ctrl_same() - Do two configurations come to the same?
 * @props:	of the RIS that is meant, or of a class for all of its RIS
 * @ctrls:	which controls: bit per enum mpam_ctrl_id; those that @props lacks
 *		don't count
 * @a:		a configuration, or NULL for reset
 * @b:		another
 *
 * It makes no difference whether somebody has asked for no limit, or nobody
 * has asked for anything.
 *
 * Context: Any.
 * Return: true if the registers of these controls hold the same.
 */
bool mpam_ctrl_same(const struct mpam_props *props, u32 ctrls,
		    const struct mpam_config *a, const struct mpam_config *b)
{
	unsigned int i;

	for (i = 0; i < MPAM_NUM_CTRLS; i++) {
		bool same;

		if (!(ctrls & props->has & BIT(i)))
			continue;

		if (mpam_ctrls[i].kind == MPAM_KIND_BITMAP)
			same = mpam_ctrl_mask(i, props, a) == mpam_ctrl_mask(i, props, b);
		else
			same = mpam_ctrl_field(i, props, a) == mpam_ctrl_field(i, props, b);
		if (!same)
			return false;
	}

	return true;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_same);

/**
 * mpam_ctrl_fixup() - Make what was asked for fit the rules between controls
 * @props:	of the RIS that is going to be written
 * @cfg:	a copy of the configuration; what has to be changed of it is, and
 *		what has to be written because of that becomes dirty
 *
 * A floor is never above its ceiling: IHI 0099 leaves open what that would do.
 * One that props->derived names follows its ceiling, reset or not: it is about
 * 5 % of the whole below, and at least 1/128 or what the width can express
 * (erratum T241-MPAM-4); a ceiling below that is raised.
 *
 * Context: Any.
 */
void mpam_ctrl_fixup(const struct mpam_props *props, struct mpam_config *cfg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mpam_ctrl_pairs); i++) {
		enum mpam_ctrl_id min = mpam_ctrl_pairs[i].min;
		enum mpam_ctrl_id max = mpam_ctrl_pairs[i].max;
		bool derived = props->derived & BIT(min);
		u32 both = BIT(min) | BIT(max), ceiling;

		if ((props->has & both) != both)
			continue;
		/* A floor that nobody asked for is at zero */
		if (!derived && !(cfg->valid & BIT(min)))
			continue;

		ceiling = mpam_ctrl_ones(max, props->wd[max]);
		if (cfg->valid & BIT(max))
			ceiling &= cfg->val[max];
		if (derived) {
			cfg->val[min] = mpam_ctrl_derive_min(ceiling, props->wd[min]);
			cfg->val[max] = max(ceiling, cfg->val[min]);
			cfg->valid |= both;
		} else {
			cfg->val[min] = min(cfg->val[min], ceiling);
		}
		if (cfg->dirty & BIT(max))
			cfg->dirty |= BIT(min);
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_fixup);

/**
 * mpam_ctrl_group_end() - Where the rows end that share a register
 * @first:	the first row of the group
 *
 * Context: Any.
 * Return: the first row behind the group, MPAM_NUM_CTRLS at the end.
 */
unsigned int mpam_ctrl_group_end(unsigned int first)
{
	unsigned int end = first + 1;

	while (end < MPAM_NUM_CTRLS &&
	       mpam_ctrls[end].cfg_reg == mpam_ctrls[first].cfg_reg)
		end++;

	return end;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_group_end);

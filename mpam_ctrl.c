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

/* Rows that share a cfg_reg must be neighbours: it is written once for all */
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
		.kind		= MPAM_KIND_LEVEL,
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

/* All implemented bits of a fraction or level, where the field has them */
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
VISIBLE_IF_KUNIT
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

/**
 * mpam_ctrl_bitmap_word() - A word of a portion bitmap, as the hardware wants it
 * @ctrl:	which control; its kind is a bitmap
 * @props:	of the RIS whose register is meant
 * @cfg:	the configuration, or NULL for reset
 * @word:	0 .. DIV_ROUND_UP(width, 32) - 1
 *
 * Users have at most 32 portions; a wider bitmap stays at reset, which is all
 * portions, without bits beyond the width.
 *
 * Context: Any.
 * Return: the register's value.
 */
VISIBLE_IF_KUNIT
u32 mpam_ctrl_bitmap_word(enum mpam_ctrl_id ctrl, const struct mpam_props *props,
			  const struct mpam_config *cfg, unsigned int word)
{
	unsigned int bits = min(props->wd[ctrl] - word * 32u, 32u);

	if (cfg && (cfg->valid & BIT(ctrl)))
		return cfg->val[ctrl];

	return GENMASK(bits - 1, 0);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_bitmap_word);

/**
 * mpam_ctrl_field() - A control's part of its register's value
 * @ctrl:	which control; not one whose kind is a bitmap
 * @props:	of the RIS whose register is meant
 * @cfg:	the configuration, or NULL for reset
 *
 * Context: Any.
 * Return: the value at its place in the register; mode bits beside it (soft
 * and hard limits, the enable of MBW_PROP) are zero.
 */
VISIBLE_IF_KUNIT
u32 mpam_ctrl_field(enum mpam_ctrl_id ctrl, const struct mpam_props *props,
		    const struct mpam_config *cfg)
{
	u32 val;

	if (cfg && (cfg->valid & BIT(ctrl)))
		val = cfg->val[ctrl];
	else
		val = mpam_ctrl_reset(ctrl, props);

	return val << __ffs(mpam_ctrls[ctrl].cfg_field);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_field);

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

/* The floor that T241-MPAM-4 wants for a ceiling */
static u32 mpam_ctrl_derive_min(u32 max, unsigned int wd)
{
	u32 least = max_t(u32, MPAM_DERIVED_MIN, 0x10000 >> wd);
	u32 min = max > MPAM_DERIVED_GAP ? max - MPAM_DERIVED_GAP : 0;

	return max(min, least);
}

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
VISIBLE_IF_KUNIT
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

		ceiling = cfg->valid & BIT(max) ? cfg->val[max] : mpam_ctrl_reset(max, props);
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
VISIBLE_IF_KUNIT
unsigned int mpam_ctrl_group_end(unsigned int first)
{
	unsigned int end = first + 1;

	while (end < MPAM_NUM_CTRLS &&
	       mpam_ctrls[end].cfg_reg == mpam_ctrls[first].cfg_reg)
		end++;

	return end;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_ctrl_group_end);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: MSCs that are known to differ from the architecture
 *
 * A table of errata, matched by MPAMF_IIDR when an MSC is probed. What a match
 * changes goes into the MSC and the props of its RIS, where the code that it
 * concerns finds a number, a flag or a hook: no other room asks what part an
 * MSC is.
 *
 * "mpam.errata=" on the command line has the last word on each of them.
 *
 * Lock: none; an MSC's part of it is const once it is probed.
 */
#define pr_fmt(fmt) "mpam: " fmt

#include <linux/arm-smccc.h>
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/device.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/iopoll.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"

/* Every bit of MPAMF_IIDR: product, variant, revision and implementer */
#define MPAM_IIDR_ALL		GENMASK(31, 0)
#define MPAM_IIDR_T241		0x2410036b
#define MPAM_IIDR_CMN650_R0	0x0000043b

/*
 * T241: each chip has a block of registers that are not the MSCs', at an
 * address whose bits 45:44 are the chip's number, as in all its addresses.
 */
#define T241_SOC_ID		0x036b0241
#define T241_CHIP		GENMASK_ULL(45, 44)
#define T241_REGS		0x19000000
#define T241_SPARE0		0x1b0000
#define T241_SPARE1		0x1c0000
#define T241_SLICES		12
#define T241_SHADOW(_slice, _partid)	\
	(0x360048 + (_slice) * 0x10000 + (_partid) * 8)

/* How long the slices of a T241 may take to agree, in microseconds */
#define T241_AGREE_USEC		1000

/**
 * struct mpam_erratum - an erratum that is worked around
 * @name:	as the vendor calls it
 * @enabled:	the kernel was built with the workaround
 * @iidr_mask:	which bits of MPAMF_IIDR tell
 * @iidr:	what they are on an MSC that has it
 * @confirm:	asks something else whether this is really the part, where
 *		others may have the same MPAMF_IIDR, or NULL
 * @chip_regs:	@apply uses registers that no other part has: it can't be
 *		forced upon one whose MPAMF_IIDR does not match
 * @apply:	changes the MSC and its RIS's props; on failure it says why in
 *		msc->why and returns -errno
 */
struct mpam_erratum {
	const char	*name;
	bool		enabled;
	u32		iidr_mask;
	u32		iidr;
	bool		(*confirm)(void);
	bool		chip_regs;
	int		(*apply)(struct mpam_msc *msc);
};

static bool t241_confirm(void)
{
	return arm_smccc_get_soc_id_version() == T241_SOC_ID;
}

/**
 * mpam_errata_t241_agree() - Do all slices have a PARTID's bandwidth settings?
 * @regs:	the chip's register block
 * @partid:	the PARTID
 *
 * Context: Any.
 * Return: true if their shadow registers are all the same.
 */
VISIBLE_IF_KUNIT
bool mpam_errata_t241_agree(const void __iomem *regs, u16 partid)
{
	u64 first = readq_relaxed(regs + T241_SHADOW(0, partid));
	unsigned int i;

	for (i = 1; i < T241_SLICES; i++) {
		if (readq_relaxed(regs + T241_SHADOW(i, partid)) != first)
			return false;
	}

	return true;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_errata_t241_agree);

/* What was written goes from the MSC to the slices, but does not count yet */
static void t241_bw_written(struct mpam_msc *msc, u16 partid)
{
	void __iomem *regs = msc->chip_regs;
	bool agree;

	if (read_poll_timeout_atomic(mpam_errata_t241_agree, agree, agree, 1,
				     T241_AGREE_USEC, false, regs, partid))
		dev_warn_ratelimited(msc->dev,
				     "the slices do not agree on the bandwidth of PARTID %u\n",
				     partid);

	writeq_relaxed(0, regs + T241_SPARE0);
	writeq_relaxed(0, regs + T241_SPARE1);
}

static int t241_propagate(struct mpam_msc *msc)
{
	u32 size = T241_SHADOW(T241_SLICES - 1, msc->partid_max) + sizeof(u64);
	phys_addr_t phys = (msc->phys & T241_CHIP) | T241_REGS;
	unsigned int i;
	u32 has = 0;

	for (i = 0; i <= msc->ris_max; i++)
		has |= msc->ris[i].props.has;
	if (!(has & MPAM_CTRLS_BW))
		return 0;

	msc->chip_regs = devm_ioremap(msc->dev, phys, size);
	if (!msc->chip_regs)
		return mpam_msc_reject(msc,
				       "the registers at %pa that T241-MPAM-1 takes can't be mapped",
				       &phys);
	msc->bw_written = t241_bw_written;

	return 0;
}

static int t241_derive_min(struct mpam_msc *msc)
{
	const u32 both = BIT(MPAM_CTRL_MBW_MIN) | BIT(MPAM_CTRL_MBW_MAX);
	unsigned int i;

	for (i = 0; i <= msc->ris_max; i++) {
		struct mpam_props *props = &msc->ris[i].props;

		if ((props->has & both) == both)
			props->derived |= BIT(MPAM_CTRL_MBW_MIN);
	}

	return 0;
}

static int t241_count_lines(struct mpam_msc *msc)
{
	msc->mbwu_shift = ilog2(64);

	return 0;
}

static int cmn650_ignore_nrdy(struct mpam_msc *msc)
{
	msc->csu_nrdy_stuck = true;

	return 0;
}

static const struct mpam_erratum mpam_errata[MPAM_NUM_ERRATA] = {
	[MPAM_ERRATUM_T241_1] = {
		.name		= "T241-MPAM-1",
		.enabled	= IS_ENABLED(CONFIG_NVIDIA_T241_MPAM_ERRATUM_1),
		.iidr_mask	= MPAM_IIDR_ALL,
		.iidr		= MPAM_IIDR_T241,
		.confirm	= t241_confirm,
		.chip_regs	= true,
		.apply		= t241_propagate,
	},
	[MPAM_ERRATUM_T241_4] = {
		.name		= "T241-MPAM-4",
		.enabled	= IS_ENABLED(CONFIG_NVIDIA_T241_MPAM_ERRATUM_4),
		.iidr_mask	= MPAM_IIDR_ALL,
		.iidr		= MPAM_IIDR_T241,
		.apply		= t241_derive_min,
	},
	[MPAM_ERRATUM_T241_6] = {
		.name		= "T241-MPAM-6",
		.enabled	= IS_ENABLED(CONFIG_NVIDIA_T241_MPAM_ERRATUM_6),
		.iidr_mask	= MPAM_IIDR_ALL,
		.iidr		= MPAM_IIDR_T241,
		.apply		= t241_count_lines,
	},
	[MPAM_ERRATUM_CMN650_3642720] = {
		.name		= "CMN-650-3642720",
		.enabled	= IS_ENABLED(CONFIG_ARM_CMN650_ERRATUM_3642720),
		.iidr_mask	= MPAM_IIDR_ALL,
		.iidr		= MPAM_IIDR_CMN650_R0,
		.apply		= cmn650_ignore_nrdy,
	},
};

/* What the command line says: bit per erratum; set before any MSC is probed */
static u32 mpam_errata_forced;
static u32 mpam_errata_disabled;

static u32 mpam_errata_by_name(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < MPAM_NUM_ERRATA; i++) {
		if (strlen(mpam_errata[i].name) == len &&
		    !strncasecmp(mpam_errata[i].name, name, len))
			return BIT(i);
	}

	return 0;
}

/**
 * mpam_errata_override() - Take "mpam.errata=" to heart
 * @arg:	"+name" to force and "-name" to disable an erratum, several of
 *		them with commas in between; empty for neither
 *
 * Replaces what was said before.
 *
 * Context: Any; while no MSC is being probed.
 * Return: 0, or -EINVAL with nothing changed.
 */
VISIBLE_IF_KUNIT
int mpam_errata_override(const char *arg)
{
	u32 forced = 0, disabled = 0;

	while (*arg) {
		size_t len = strcspn(arg, ",");
		u32 bit = len ? mpam_errata_by_name(arg + 1, len - 1) : 0;

		if (!bit || (arg[0] != '+' && arg[0] != '-')) {
			pr_warn("errata: '%.*s' is not '+' or '-' and the name of an erratum\n",
				(int)len, arg);
			return -EINVAL;
		}

		forced = arg[0] == '+' ? forced | bit : forced & ~bit;
		disabled = arg[0] == '-' ? disabled | bit : disabled & ~bit;
		arg += len;
		if (*arg)
			arg++;
	}

	mpam_errata_forced = forced;
	mpam_errata_disabled = disabled;

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_errata_override);

static int mpam_errata_param_set(const char *val, const struct kernel_param *kp)
{
	return mpam_errata_override(val);
}

static int mpam_errata_param_get(char *buf, const struct kernel_param *kp)
{
	unsigned int i;
	int len = 0;

	for (i = 0; i < MPAM_NUM_ERRATA; i++) {
		if ((mpam_errata_forced | mpam_errata_disabled) & BIT(i))
			len += sysfs_emit_at(buf, len, "%s%c%s", len ? "," : "",
					     mpam_errata_forced & BIT(i) ? '+' : '-',
					     mpam_errata[i].name);
	}

	return len + sysfs_emit_at(buf, len, "\n");
}

static const struct kernel_param_ops mpam_errata_param_ops = {
	.set	= mpam_errata_param_set,
	.get	= mpam_errata_param_get,
};
module_param_cb(errata, &mpam_errata_param_ops, NULL, 0444);
MODULE_PARM_DESC(errata, "Errata of MSCs to be worked around (+name) or not (-name) whatever the hardware is");

static bool mpam_erratum_matches(const struct mpam_msc *msc, unsigned int i)
{
	const struct mpam_erratum *erratum = &mpam_errata[i];
	bool iidr = (msc->iidr & erratum->iidr_mask) == erratum->iidr;

	if (mpam_errata_disabled & BIT(i))
		return false;
	if (mpam_errata_forced & BIT(i))
		return iidr || !erratum->chip_regs;

	return erratum->enabled && iidr && (!erratum->confirm || erratum->confirm());
}

/**
 * mpam_errata_detect() - Find an MSC's errata, and prepare to work around them
 * @msc:	an MSC whose ID registers have been read
 *
 * Fills in how the MSC differs, and changes the props of its RIS.
 *
 * Context: May sleep; a part of probing the MSC.
 * Return: 0, or -errno with msc->why if the MSC is of no use as it is.
 */
int mpam_errata_detect(struct mpam_msc *msc)
{
	static unsigned long said;
	unsigned int i;
	int ret;

	for (i = 0; i < MPAM_NUM_ERRATA; i++) {
		if (!mpam_erratum_matches(msc, i))
			continue;

		ret = mpam_errata[i].apply(msc);
		if (ret)
			return ret;
		msc->errata |= BIT(i);
		if (!test_and_set_bit(i, &said))
			pr_info("working around erratum %s\n", mpam_errata[i].name);
	}

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_errata_detect);

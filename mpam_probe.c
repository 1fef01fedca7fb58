// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: from an MSC's ID registers to plain data
 *
 * Reads what an MSC says of itself, RIS by RIS and control by control, as the
 * control table tells. It compares that with what firmware says, but links
 * nothing and configures nothing. Its callers serialise it.
 */
#include <linux/bitfield.h>
#include <linux/device.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"
#include "mpam_regs.h"

/* Architecture versions of an MSC: AIDR's major and minor number */
static bool mpam_probe_version_known(u32 aidr)
{
	switch (aidr & (MPAMF_AIDR_MAJOR | MPAMF_AIDR_MINOR)) {
	case 0x01:
	case 0x10:
	case 0x11:
		return true;
	}

	return false;
}

static int mpam_probe_aidr(struct mpam_msc *msc, u32 aidr)
{
	if (aidr == ~0u)
		return mpam_msc_reject(msc,
				       "its registers read as all-ones: it is powered down, or not there");

	if (!mpam_probe_version_known(aidr))
		return mpam_msc_reject(msc,
				       "MPAMF_AIDR is %#x: architecture version %lu.%lu is not known",
				       aidr, FIELD_GET(MPAMF_AIDR_MAJOR, aidr),
				       FIELD_GET(MPAMF_AIDR_MINOR, aidr));

	return 0;
}

/* The controls of the RIS that is selected */
static int mpam_probe_ctrls(struct mpam_msc *msc, const struct mpam_part *sel,
			    u64 idr, struct mpam_props *props)
{
	u32 id = 0, id_reg = 0;
	unsigned int i;

	for (i = 0; i < MPAM_NUM_CTRLS; i++) {
		const struct mpam_ctrl_desc *desc = &mpam_ctrls[i];
		u32 wd, end;

		if (!(idr & desc->idr_gate))
			continue;

		if (desc->id_reg != id_reg) {
			id_reg = desc->id_reg;
			id = mpam_part_rd(sel, id_reg);
		}

		if ((id & desc->id_has) != desc->id_has || (id & desc->id_not))
			continue;

		wd = (id & desc->id_wd) >> __ffs(desc->id_wd);
		wd = min(wd, desc->max_wd);
		if (!wd)
			continue;

		end = desc->cfg_reg + sizeof(u32);
		if (desc->kind == MPAM_KIND_BITMAP)
			end = desc->cfg_reg + DIV_ROUND_UP(wd, 32) * sizeof(u32);
		if (end > msc->size)
			return mpam_msc_reject(msc,
					       "firmware says that it has %#x bytes of registers, but %s ends at %#x",
					       msc->size, desc->name, end);

		props->has |= BIT(i);
		props->wd[i] = wd;
		if (id & desc->id_0_low)
			props->zero_low |= BIT(i);
		if (desc->cfg_on && !(id & desc->id_no_on))
			props->on |= BIT(i);
	}

	return 0;
}

/* A monitor that can't tell groups apart is of no use */
static u32 mpam_probe_nr_mons(struct mpam_msc *msc, u32 id)
{
	if (id & MPAMF_MON_IDR_NO_MATCH_PARTID)
		return 0;
	if ((id & MPAMF_MON_IDR_NO_MATCH_PMG) && msc->pmg_max)
		return 0;

	return FIELD_GET(MPAMF_MON_IDR_NUM_MON, id);
}

/* The monitors of the RIS that is selected */
static void mpam_probe_mons(struct mpam_msc *msc, const struct mpam_part *sel,
			    u64 idr, struct mpam_ris *ris)
{
	struct mpam_props *props = &ris->props;
	u32 msmon, id;

	if (!(idr & MPAMF_IDR_HAS_MSMON))
		return;

	msmon = mpam_part_rd(sel, MPAMF_MSMON_IDR);

	if (msmon & MPAMF_MSMON_IDR_MSMON_CSU) {
		id = mpam_part_rd(sel, MPAMF_CSUMON_IDR);
		props->nr_mons[MPAM_MON_CSU] = mpam_probe_nr_mons(msc, id);
		ris->csu_ro = id & MPAMF_CSUMON_IDR_CSU_RO;
	}

	if (msmon & MPAMF_MSMON_IDR_MSMON_MBWU) {
		id = mpam_part_rd(sel, MPAMF_MBWUMON_IDR);
		props->nr_mons[MPAM_MON_MBWU] = mpam_probe_nr_mons(msc, id);
		props->mon_rwbw = id & MPAMF_MBWUMON_IDR_HAS_RWBW;
		ris->mbwu_scale = FIELD_GET(MPAMF_MBWUMON_IDR_SCALE, id);
		ris->mbwu_ofsr = id & MPAMF_MBWUMON_IDR_HAS_OFSR;
		ris->mbwu_mute = msmon & MPAMF_MSMON_IDR_NO_HW_OFLW_INTR;
		if (!(id & MPAMF_MBWUMON_IDR_HAS_LONG))
			ris->mbwu_row = MPAM_MON_ROW_MBWU_31;
		else if (id & MPAMF_MBWUMON_IDR_LWD)
			ris->mbwu_row = MPAM_MON_ROW_MBWU_63;
		else
			ris->mbwu_row = MPAM_MON_ROW_MBWU_44;
	}
}

static u64 mpam_probe_idr(const struct mpam_part *sel)
{
	u64 idr = mpam_part_rd(sel, MPAMF_IDR);

	if (idr & MPAMF_IDR_EXT)
		idr |= (u64)mpam_part_rd(sel, MPAMF_IDR_HI) << 32;

	return idr;
}

/* Bits of MPAMF_IDR that say that a RIS has something: undefined RIS have none */
#define MPAM_IDR_RIS_CONTENT						\
	(MPAMF_IDR_HAS_CCAP_PART | MPAMF_IDR_HAS_CPOR_PART |		\
	 MPAMF_IDR_HAS_MBW_PART | MPAMF_IDR_HAS_PRI_PART |		\
	 MPAMF_IDR_HAS_IMPL_IDR | MPAMF_IDR_HAS_MSMON)

static int mpam_probe_ris(struct mpam_msc *msc, struct mpam_ris *ris)
{
	CLASS(mpam_part, sel)(msc, ris->idx, 0);
	u64 idr = mpam_probe_idr(&sel);

	ris->in_hw = idr & MPAM_IDR_RIS_CONTENT;
	mpam_probe_mons(msc, &sel, idr, ris);

	return mpam_probe_ctrls(msc, &sel, idr, &ris->props);
}

static void mpam_probe_common(struct mpam_msc *msc)
{
	CLASS(mpam_part, sel)(msc, 0, 0);

	msc->idr = mpam_probe_idr(&sel);
	msc->partid_max = FIELD_GET(MPAMF_IDR_PARTID_MAX, msc->idr);
	msc->pmg_max = FIELD_GET(MPAMF_IDR_PMG_MAX, msc->idr);
	if (msc->idr & MPAMF_IDR_HAS_RIS)
		msc->ris_max = FIELD_GET(MPAMF_IDR_RIS_MAX, msc->idr);

	msc->intpartid_max = msc->partid_max;
	if (msc->idr & MPAMF_IDR_HAS_PARTID_NRW) {
		u32 nrw = mpam_part_rd(&sel, MPAMF_PARTID_NRW_IDR);
		u16 max = FIELD_GET(MPAMF_PARTID_NRW_IDR_INTPARTID_MAX, nrw);

		msc->intpartid_max = min(msc->partid_max, max);
	}
}

/* Firmware and hardware should agree on the RIS; say so where they don't */
static void mpam_probe_match_fw(struct mpam_msc *msc)
{
	unsigned int i;

	for (i = 0; i < MPAM_MAX_RIS; i++) {
		struct mpam_ris *ris = &msc->ris[i];

		if (ris->in_fw && !ris->in_hw)
			dev_err(msc->dev, "firmware lists RIS %u, which the hardware lacks: what it would control is not offered\n",
				i);
		if (ris->in_hw && !ris->in_fw)
			dev_notice(msc->dev, "RIS %u is not listed by firmware: it is kept without limits and not offered\n",
				   i);
	}
}

/**
 * mpam_probe_msc() - Read an MSC's ID registers
 * @msc:	an MSC that was not probed before
 *
 * Fills in the probed part of @msc and the @in_hw and @props of its RIS
 * (IHI 0099, MPAMF_*IDR). On failure @msc->why tells what is wrong.
 *
 * Context: May sleep. On a CPU in the MSC's reach, pinned to it; the caller
 * sees to it that an MSC is probed once at a time. Takes msc->part_lock.
 * Return: 0, or -EIO if the MSC can't be used.
 */
int mpam_probe_msc(struct mpam_msc *msc)
{
	unsigned int i;
	int ret;

	msc->aidr = mpam_msc_rd(msc, MPAMF_AIDR);
	ret = mpam_probe_aidr(msc, msc->aidr);
	if (ret)
		return ret;

	msc->iidr = mpam_msc_rd(msc, MPAMF_IIDR);
	mpam_probe_common(msc);

	for (i = 0; i <= msc->ris_max; i++) {
		ret = mpam_probe_ris(msc, &msc->ris[i]);
		if (ret)
			return ret;
	}

	mpam_probe_match_fw(msc);

	return mpam_errata_detect(msc);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_probe_msc);

/**
 * mpam_probe_is_gone() - Does an MSC not answer any more?
 * @msc:	an MSC that was probed
 *
 * Context: Any, on a CPU in the MSC's reach, pinned to it.
 * Return: true if it is powered down, or not there.
 */
bool mpam_probe_is_gone(struct mpam_msc *msc)
{
	return mpam_msc_rd(msc, MPAMF_AIDR) == ~0u;
}

/**
 * mpam_probe_recheck() - See whether an MSC that was off is itself again
 * @msc:	an MSC that was probed
 *
 * Context: As mpam_probe_msc().
 * Return: 0, or -EIO with @msc->why if it can't be trusted any more.
 */
int mpam_probe_recheck(struct mpam_msc *msc)
{
	u32 aidr = mpam_msc_rd(msc, MPAMF_AIDR), iidr, idr;

	if (aidr == ~0u)
		return mpam_probe_aidr(msc, aidr);
	if (aidr != msc->aidr)
		return mpam_msc_reject(msc, "MPAMF_AIDR was %#x and came back as %#x",
				       msc->aidr, aidr);

	iidr = mpam_msc_rd(msc, MPAMF_IIDR);
	if (iidr != msc->iidr)
		return mpam_msc_reject(msc, "MPAMF_IIDR was %#x and came back as %#x",
				       msc->iidr, iidr);

	CLASS(mpam_part, sel)(msc, 0, 0);
	idr = mpam_part_rd(&sel, MPAMF_IDR);
	if (idr != (u32)msc->idr)
		return mpam_msc_reject(msc, "MPAMF_IDR was %#x and came back as %#x",
				       (u32)msc->idr, idr);

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_probe_recheck);

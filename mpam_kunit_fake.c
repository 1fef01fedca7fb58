// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: an MSC that is made of memory
 *
 * A register file behind struct mpam_msc_ops that does what hardware does (IHI
 * 0099): what is not implemented reads as zero and ignores writes, fields are
 * as wide as the ID registers say, what was not written is garbage, and an
 * access to a control that the selection does not have is an error in ESR.
 * Where hardware may let a mistake pass, this does not. It logs each access.
 *
 * The offsets and fields are written down here a second time, as numbers: an
 * MSC that got them from mpam_regs.h would agree with every slip in there.
 */
#include <kunit/device.h>
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "mpam_kunit_fake.h"

static struct mpam_fake *to_mpam_fake(struct mpam_msc *msc)
{
	return container_of(msc, struct mpam_fake, msc);
}

/* The error's code is 0 if no MSC would detect it */
static void mpam_fake_error(struct mpam_fake *fake, unsigned int code, u32 offset)
{
	u64 ovrwr = fake->esr & GENMASK(27, 24) ? BIT(31) : 0;

	if (!fake->nr_errors++) {
		fake->error = code;
		fake->error_at = offset;
	}

	if (code)
		fake->esr = (fake->part_sel & GENMASK(15, 0)) | code << 24 | ovrwr |
			    (u64)(fake->part_sel >> 24) << 32;
}

/* The topmost wd of 16 bits */
static u32 mpam_fake_fraction(u32 wd)
{
	return 0xffff & ~(0xffff >> min(wd, 16u));
}

/* The lowest wd of 16 bits */
static u32 mpam_fake_level(u32 wd)
{
	return 0xffff >> (16 - min(wd, 16u));
}

static u32 mpam_fake_bitmap(u32 wd, u32 word)
{
	u32 bits = wd > word * 32 ? min(wd - word * 32, 32u) : 0;

	return BIT_ULL(bits) - 1;
}

/* Which bits of a control's register a RIS has: none if it lacks the control */
static u32 mpam_fake_ctrl_mask(const struct mpam_fake_ris *ris, u32 offset)
{
	u32 ccap = ris->idr & BIT(24) ? ris->ccap : BIT(30);
	u32 cpor = ris->idr & BIT(25) ? ris->cpor : 0;
	u32 mbw = ris->idr & BIT(26) ? ris->mbw : 0;
	u32 pri = ris->idr & BIT(27) ? ris->pri : 0;
	u32 mask = 0;

	switch (offset) {
	case 0x108: /* CMAX */
		if (!(ccap & BIT(30)))
			mask = mpam_fake_fraction(ccap & 0x3f) | (ccap & BIT(31));
		break;
	case 0x110: /* CMIN */
		if (ccap & BIT(29))
			mask = mpam_fake_fraction(ccap & 0x3f);
		break;
	case 0x118: /* CASSOC */
		if (ccap & BIT(28))
			mask = mpam_fake_fraction(ccap >> 8 & 0x1f);
		break;
	case 0x200: /* MBW_MIN */
		if (mbw & BIT(10))
			mask = mpam_fake_fraction(mbw & 0x3f);
		break;
	case 0x208: /* MBW_MAX, whose limit may be soft or hard if MAX_LIM is 0 */
		if (mbw & BIT(11))
			mask = mpam_fake_fraction(mbw & 0x3f) | (mbw & GENMASK(9, 8) ? 0 : BIT(31));
		break;
	case 0x400: /* PRI */
		if (pri & BIT(0))
			mask = mpam_fake_level(pri >> 4 & 0x3f);
		if (pri & BIT(16))
			mask |= mpam_fake_level(pri >> 20 & 0x3f) << 16;
		break;
	case 0x500: /* MBW_PROP */
		if (mbw & BIT(13))
			mask = mpam_fake_level(mbw & 0x3f) | BIT(31);
		break;
	case 0x1000 ... 0x1ffc: /* CPBM */
		mask = mpam_fake_bitmap(cpor & 0xffff, (offset - 0x1000) / 4);
		break;
	case 0x2000 ... 0x21fc: /* MBW_PBM */
		if (mbw & BIT(12))
			mask = mpam_fake_bitmap(mbw >> 16 & 0x1fff, (offset - 0x2000) / 4);
		break;
	}

	return mask;
}

/* Registers that exist once for the MSC, and belong to a request's PARTID */
static bool mpam_fake_is_request(u32 offset)
{
	return offset == 0x320 || offset == 0x600;
}

static u32 mpam_fake_mask(struct mpam_fake *fake, u8 ris, u32 offset)
{
	switch (offset) {
	case 0x320: /* EN_FLAGS */
		return fake->idr & BIT_ULL(42) ? ~0u : 0;
	case 0x600: /* INTPARTID */
		return fake->idr & BIT_ULL(31) ? GENMASK(16, 0) : 0;
	default:
		return mpam_fake_ctrl_mask(&fake->ris[ris], offset);
	}
}

static unsigned long mpam_fake_key(u8 ris, u16 partid, u32 offset)
{
	if (mpam_fake_is_request(offset))
		ris = 0;
	if (offset == 0x320)
		partid &= ~31;

	return (unsigned long)ris << 32 | partid << 16 | offset;
}

/* Which RIS of those that there are is selected; 16 if it is none of them */
static u8 mpam_fake_selected_ris(struct mpam_fake *fake)
{
	u8 ris = fake->part_sel >> 24;

	return ris <= (fake->idr >> 56 & 0xf) && fake->ris[ris].idr ? ris : MPAM_MAX_RIS;
}

/* What the selection makes of an access to a register that it banks */
static bool mpam_fake_bank(struct mpam_fake *fake, u32 offset, unsigned long *key, u32 *mask)
{
	bool internal = fake->part_sel & BIT(16);
	u16 partid_max = internal ? fake->nrw_idr : fake->idr;
	bool request = mpam_fake_is_request(offset);
	u8 ris = mpam_fake_selected_ris(fake);
	u16 partid = fake->part_sel;
	unsigned int error = 0;

	*mask = 0;
	if (ris < MPAM_MAX_RIS)
		*mask = mpam_fake_mask(fake, ris, offset);

	if ((fake->idr & BIT_ULL(31)) && request == internal)
		error = request ? 7 : 6;
	else if (partid > partid_max)
		error = internal ? 6 : 1;
	else if (ris == MPAM_MAX_RIS)
		error = 8;
	else if (!*mask)
		error = 9;

	*key = mpam_fake_key(ris, partid, offset);
	if (error)
		mpam_fake_error(fake, error, offset);

	return !error;
}

static bool mpam_fake_is_mon(u32 offset)
{
	return offset >= 0x800 && offset < 0x900;
}

static unsigned int mpam_fake_nr_mons(const struct mpam_fake_ris *ris, unsigned int type)
{
	if (!(ris->idr & BIT(30)) || !(ris->msmon & BIT(16 + type)))
		return 0;

	return min_t(u16, type ? ris->mbwumon : ris->csumon, MPAM_FAKE_MONS);
}

/*
 * Which monitor an access to a register is about; NULL and an error if there
 * is none. The type is 0 for CSU, 1 for MBWU.
 */
static struct mpam_fake_mon *mpam_fake_mon(struct mpam_fake *fake, u32 offset, u8 *ris,
					   unsigned int *type)
{
	unsigned int mon = (u16)fake->mon_sel, error = 0;
	const struct mpam_fake_ris *r;

	*ris = fake->mon_sel >> 24;
	*type = offset == 0x820 || offset == 0x828 || offset >= 0x860;
	r = &fake->ris[*ris];

	if (*ris > (fake->idr >> 56 & 0xf) || !r->idr)
		error = 10;
	else if (!(r->idr & BIT(30)) || !(r->msmon & BIT(16 + *type)))
		error = 11;
	else if (mon >= mpam_fake_nr_mons(r, *type))
		error = 5;
	else if ((offset & ~7) == 0x880 && !(r->mbwumon & BIT(30)))
		error = 11;
	else if (offset == 0x898 && !(r->mbwumon & BIT(26)))
		error = 11;
	if (error) {
		mpam_fake_error(fake, error, offset);
		return NULL;
	}

	return &fake->mons[*ris][*type][mon];
}

/* A counter that has come to more than it can hold */
static void mpam_fake_mon_wrap(struct mpam_fake *fake, struct mpam_fake_mon *m, u32 status,
			       u32 intr)
{
	if (!(m->ctl & status) && (m->ctl & intr))
		fake->nr_intr++;
	m->ctl |= status;
}

static void mpam_fake_mon_count(struct mpam_fake *fake, u8 ris, struct mpam_fake_mon *m,
				u64 bytes)
{
	u32 id = fake->ris[ris].mbwumon;
	u64 mask_l = id & BIT(29) ? GENMASK_ULL(62, 0) : GENMASK_ULL(43, 0);
	u64 val, scaled = bytes;

	if (m->ctl & BIT(19)) {
		m->part += bytes;
		scaled = m->part >> (id >> 16 & 0x1f);
		m->part -= scaled << (id >> 16 & 0x1f);
	}

	val = m->val + scaled;
	if (val > GENMASK(30, 0))
		mpam_fake_mon_wrap(fake, m, BIT(26), BIT(25));
	m->val = val & GENMASK(30, 0);

	val = m->val_l + bytes;
	if (val > mask_l && id & BIT(30))
		mpam_fake_mon_wrap(fake, m, BIT(15), BIT(14));
	m->val_l = val & mask_l;
}

static void mpam_fake_mon_pass(struct mpam_fake *fake, u8 ris, struct mpam_fake_mon *m,
			       u32 offset)
{
	if (fake->read_at != offset)
		return;

	mpam_fake_mon_count(fake, ris, m, fake->on_read);
	fake->on_read = 0;
}

/* Whether a monitor that runs looks at such a request */
static bool mpam_fake_mon_matches(const struct mpam_fake_mon *m, u16 partid, u8 pmg)
{
	return (!(m->ctl & BIT(16)) || (u16)m->flt == partid) &&
	       (!(m->ctl & BIT(17)) || (u8)(m->flt >> 16) == pmg);
}

static u32 mpam_fake_mon_occupancy(struct mpam_fake *fake, const struct mpam_fake_mon *m)
{
	unsigned int partid, pmg;
	u32 sum = 0;

	for (partid = 0; partid < ARRAY_SIZE(fake->occupancy); partid++) {
		for (pmg = 0; pmg < ARRAY_SIZE(fake->occupancy[0]); pmg++) {
			if (mpam_fake_mon_matches(m, partid, pmg))
				sum += fake->occupancy[partid][pmg];
		}
	}

	return sum;
}

static bool mpam_fake_mon_nrdy(struct mpam_fake_mon *m)
{
	if (!m->nrdy)
		return false;
	if (m->nrdy != ~0u)
		m->nrdy--;

	return true;
}

static u32 mpam_fake_mon_read(struct mpam_fake *fake, u32 offset)
{
	struct mpam_fake_mon *m;
	unsigned int type, i;
	u32 val;
	u8 ris;

	if (offset == 0x800)
		return fake->mon_sel;

	m = mpam_fake_mon(fake, offset, &ris, &type);
	if (!m)
		return 0;

	switch (offset) {
	case 0x810: /* CFG_CSU_FLT */
	case 0x820: /* CFG_MBWU_FLT */
		return m->flt;
	case 0x818: /* CFG_CSU_CTL */
		return m->ctl | 0x43;
	case 0x828: /* CFG_MBWU_CTL */
		val = m->ctl | 0x42;
		mpam_fake_mon_pass(fake, ris, m, offset);
		return val;
	case 0x840: /* CSU */
		if (m->ctl & BIT(31))
			m->val = mpam_fake_mon_occupancy(fake, m);
		return m->val | (mpam_fake_mon_nrdy(m) ? BIT(31) : 0);
	case 0x860: /* MBWU */
		val = m->val | (mpam_fake_mon_nrdy(m) ? BIT(31) : 0);
		mpam_fake_mon_pass(fake, ris, m, offset);
		return val;
	case 0x880: /* MBWU_L */
		val = m->val_l;
		if (fake->tear) {
			fake->tear--;
			mpam_fake_mon_count(fake, ris, m, BIT_ULL(32));
		}
		return val;
	case 0x884:
		return m->val_l >> 32 | (mpam_fake_mon_nrdy(m) ? BIT(31) : 0);
	case 0x898: /* MBWU_OFSR */
		for (val = 0, i = 0; i < 32; i++) {
			unsigned int mon = ((u16)fake->mon_sel & ~31) + i;

			if (mon < MPAM_FAKE_MONS &&
			    fake->mons[ris][1][mon].ctl & (BIT(26) | BIT(15)))
				val |= BIT(i);
		}
		return val;
	}

	return 0;
}

static void mpam_fake_mon_write(struct mpam_fake *fake, u32 offset, u32 val)
{
	struct mpam_fake_mon *m;
	unsigned int type;
	bool cleared;
	u8 ris;

	if (offset == 0x800) {
		fake->mon_sel = val & GENMASK(15, 0);
		if (fake->idr & BIT_ULL(32))
			fake->mon_sel |= val & GENMASK(27, 24);
		return;
	}

	m = mpam_fake_mon(fake, offset, &ris, &type);
	if (!m)
		return;

	switch (offset) {
	case 0x810: /* CFG_CSU_FLT */
	case 0x820: /* CFG_MBWU_FLT */
		if ((u16)val > (u16)fake->idr || (u8)(val >> 16) > (u8)(fake->idr >> 16))
			mpam_fake_error(fake, 3, offset);
		m->flt = val;
		if (type && fake->mbwu_nrdy)
			m->nrdy = ~0u;
		break;
	case 0x818: /* CFG_CSU_CTL */
		m->ctl = val & (BIT(31) | BIT(17) | BIT(16));
		m->nrdy = val & BIT(31) ? fake->csu_nrdy : 0;
		break;
	case 0x828: /* CFG_MBWU_CTL */
		cleared = m->ctl & ~val & (BIT(26) | BIT(15));
		m->ctl = val & (BIT(31) | GENMASK(26, 25) | BIT(17) | BIT(16));
		if (fake->ris[ris].mbwumon & BIT(30))
			m->ctl |= val & GENMASK(15, 14);
		if (fake->ris[ris].mbwumon & GENMASK(20, 16))
			m->ctl |= val & BIT(19);
		if (cleared && m->ctl & BIT(31))
			mpam_fake_mon_count(fake, ris, m, fake->on_clear);
		break;
	case 0x840: /* CSU */
	case 0x860: /* MBWU */
		if (type || !(fake->ris[ris].csumon & BIT(30))) {
			m->val = val & GENMASK(30, 0);
			m->nrdy = 0;
		}
		break;
	case 0x880: /* MBWU_L */
		m->val_l = (m->val_l & ~(u64)U32_MAX) | val;
		m->nrdy = 0;
		break;
	case 0x884:
		m->val_l = (u32)m->val_l | (u64)(val & GENMASK(30, 0)) << 32;
		m->nrdy = 0;
		break;
	}
}

static u32 mpam_fake_get(struct mpam_fake *fake, unsigned long key, u32 mask)
{
	void *entry = xa_load(&fake->cfg, key);
	u32 garbage = (key ^ fake->cycles) * 0x9e3779b1;

	return (entry ? xa_to_value(entry) : garbage) & mask;
}

static bool mpam_fake_has_esr(struct mpam_fake *fake)
{
	/* v1.0 can't say: let it have one */
	return !(fake->idr & BIT_ULL(28)) || fake->idr & BIT_ULL(39);
}

static u32 mpam_fake_read_id(struct mpam_fake *fake, u32 offset)
{
	static const struct mpam_fake_ris none;
	u8 idx = mpam_fake_selected_ris(fake);
	const struct mpam_fake_ris *ris = idx < MPAM_MAX_RIS ? &fake->ris[idx] : &none;

	switch (offset) {
	case 0x00: /* IDR */
		return fake->idr | ris->idr;
	case 0x04:
		return fake->idr & BIT_ULL(28) ? fake->idr >> 32 : 0;
	case 0x18: /* IIDR */
		return fake->iidr;
	case 0x20: /* AIDR */
		return fake->aidr;
	case 0x30: /* CPOR_IDR */
		return ris->idr & BIT(25) ? ris->cpor : 0;
	case 0x38: /* CCAP_IDR */
		return ris->idr & BIT(24) ? ris->ccap : 0;
	case 0x40: /* MBW_IDR */
		return ris->idr & BIT(26) ? ris->mbw : 0;
	case 0x48: /* PRI_IDR */
		return ris->idr & BIT(27) ? ris->pri : 0;
	case 0x50: /* PARTID_NRW_IDR */
		return fake->idr & BIT_ULL(31) ? fake->nrw_idr : 0;
	case 0x80: /* MSMON_IDR */
		return ris->idr & BIT(30) ? ris->msmon : 0;
	case 0x88: /* CSUMON_IDR */
		return ris->msmon & BIT(16) ? ris->csumon : 0;
	case 0x90: /* MBWUMON_IDR */
		return ris->msmon & BIT(17) ? ris->mbwumon : 0;
	}

	return 0;
}

static u32 mpam_fake_do_read(struct mpam_fake *fake, u32 offset)
{
	unsigned long key;
	u32 mask;

	if (fake->dead)
		return ~0u;
	if (offset < 0xf0)
		return mpam_fake_read_id(fake, offset);

	switch (offset) {
	case 0xf0: /* ECR */
		return fake->ecr;
	case 0xf8: /* ESR */
		return mpam_fake_has_esr(fake) ? fake->esr : 0;
	case 0xfc:
		return fake->idr & BIT_ULL(38) ? fake->esr >> 32 : 0;
	case 0x100: /* PART_SEL */
		return fake->part_sel;
	}

	if (mpam_fake_is_mon(offset))
		return mpam_fake_mon_read(fake, offset);

	return mpam_fake_bank(fake, offset, &key, &mask) ? mpam_fake_get(fake, key, mask) : 0;
}

static void mpam_fake_do_write(struct mpam_fake *fake, u32 offset, u32 val)
{
	unsigned long key;
	u32 mask;

	if (fake->dead || offset < 0xf0)
		return;

	switch (offset) {
	case 0xf0: /* ECR */
		if (mpam_fake_has_esr(fake))
			fake->ecr = val & BIT(0);
		return;
	case 0xf8: /* ESR */
		if (mpam_fake_has_esr(fake))
			fake->esr = (fake->esr & ~(u64)U32_MAX) | val;
		return;
	case 0xfc:
		if (fake->idr & BIT_ULL(38))
			fake->esr = (u32)fake->esr | (u64)(val & 0xf) << 32;
		return;
	case 0x100: /* PART_SEL */
		mask = GENMASK(15, 0);
		if (fake->idr & BIT_ULL(31))
			mask |= BIT(16);
		if (fake->idr & BIT_ULL(32))
			mask |= GENMASK(27, 24);
		fake->part_sel = val & mask;
		return;
	}

	if (mpam_fake_is_mon(offset)) {
		mpam_fake_mon_write(fake, offset, val);
		return;
	}

	if (!mpam_fake_bank(fake, offset, &key, &mask))
		return;
	/* An internal PARTID that there is, and that is marked as one */
	if (offset == 0x600 && (!(val & BIT(16)) || (u16)val > (u16)fake->nrw_idr))
		mpam_fake_error(fake, 6, offset);
	else if (xa_err(xa_store(&fake->cfg, key, xa_mk_value(val & mask), GFP_KERNEL)))
		mpam_fake_error(fake, 0, offset);
}

/* Whether the lock is held that an access to a register needs */
static bool mpam_fake_locked(struct mpam_msc *msc, u32 offset)
{
	if (mpam_fake_is_mon(offset))
		return raw_spin_is_locked(&msc->mon_lock);

	return offset < 0x100 || mutex_is_locked(&msc->part_lock);
}

static void mpam_fake_log(struct mpam_fake *fake, bool write, u32 offset, u32 val)
{
	struct mpam_msc *msc = &fake->msc;

	if (fake->nr_log < MPAM_FAKE_LOG)
		fake->log[fake->nr_log] = (struct mpam_fake_access){ write, offset, val };
	fake->nr_log++;

	if (!IS_ALIGNED(offset, 4) || offset >= msc->size ||
	    !cpumask_test_cpu(raw_smp_processor_id(), &msc->fw.reach) ||
	    !mpam_fake_locked(msc, offset))
		mpam_fake_error(fake, 0, offset);
}

static u32 mpam_fake_read(struct mpam_msc *msc, u32 offset)
{
	struct mpam_fake *fake = to_mpam_fake(msc);
	u32 val = mpam_fake_do_read(fake, offset);

	mpam_fake_log(fake, false, offset, val);

	return val;
}

static void mpam_fake_write(struct mpam_msc *msc, u32 offset, u32 val)
{
	struct mpam_fake *fake = to_mpam_fake(msc);

	mpam_fake_log(fake, true, offset, val);
	mpam_fake_do_write(fake, offset, val);
}

static const struct mpam_msc_ops mpam_fake_ops = {
	.read	= mpam_fake_read,
	.write	= mpam_fake_write,
};

KUNIT_DEFINE_ACTION_WRAPPER(mpam_fake_cfg_destroy, xa_destroy, struct xarray *);

/**
 * mpam_fake_create() - Make an MSC that lives as long as the test
 * @test:	the test
 * @name:	its device's name
 *
 * It is of version 1.1, has no RIS yet, 16 PARTIDs and 4 PMGs, room for all
 * registers, and is within reach of all CPUs.
 *
 * Return: the MSC; a failure ends the test.
 */
struct mpam_fake *mpam_fake_create(struct kunit *test, const char *name)
{
	struct mpam_fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	struct device *dev = kunit_device_register(test, name);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);

	xa_init(&fake->cfg);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, mpam_fake_cfg_destroy,
							   &fake->cfg));

	fake->aidr = 0x11;
	fake->iidr = 0x1230043b;
	/* HAS_ESR, HAS_EXTD_ESR, EXT */
	fake->idr = BIT_ULL(39) | BIT_ULL(38) | BIT_ULL(28) | 3 << 16 | 15;
	fake->msc.dev = dev;
	fake->msc.size = 0x3000;
	cpumask_copy(&fake->msc.fw.reach, cpu_possible_mask);

	return fake;
}

/**
 * mpam_fake_list_ris() - Have firmware list a RIS
 * @fake:	the MSC; before mpam_fake_probe()
 * @ris:	the RIS
 * @type:	what it controls
 * @level:	the level, if it is a cache
 * @comp_id:	the component it is a part of, with all CPUs behind it
 */
void mpam_fake_list_ris(struct mpam_fake *fake, u8 ris,
			enum mpam_class_type type, u8 level, u32 comp_id)
{
	struct mpam_fw_ris *fw = &fake->msc.fw.ris[fake->msc.fw.nr_ris++];

	fw->idx = ris;
	fw->type = type;
	fw->level = level;
	fw->comp_id = comp_id;
	cpumask_copy(&fw->affinity, cpu_possible_mask);
}

/**
 * mpam_fake_probe() - Have the driver probe an MSC
 * @fake:	the MSC, all described
 *
 * Return: what mpam_probe_msc() returned.
 */
int mpam_fake_probe(struct mpam_fake *fake)
{
	guard(migrate)();
	mpam_msc_init(&fake->msc, fake->msc.dev, &mpam_fake_ops);

	return mpam_probe_msc(&fake->msc);
}

/**
 * mpam_fake_power_cycle() - Lose all state, ESR's included
 * @fake:	the MSC
 */
void mpam_fake_power_cycle(struct mpam_fake *fake)
{
	static const struct mpam_fake_mon garbage = {
		.ctl	= 0x86034000,
		.flt	= 0x00020001,
		.val	= 0x12345678,
		.val_l	= 0x123456789abULL,
		.nrdy	= ~0u,
	};
	unsigned int ris, type, i;

	fake->cycles++;
	xa_destroy(&fake->cfg);
	fake->part_sel = 0x05000003;
	/* Monitors that run, have wrapped, interrupt, and are not ready */
	fake->mon_sel = 0x02000005;
	for (ris = 0; ris < MPAM_MAX_RIS; ris++) {
		for (type = 0; type < 2; type++) {
			for (i = 0; i < mpam_fake_nr_mons(&fake->ris[ris], type); i++)
				fake->mons[ris][type][i] = garbage;
		}
	}
	fake->ecr = 1;
	fake->esr = 0x582345678;
}

/**
 * mpam_fake_cfg() - What a register holds for a selection
 * @fake:	the MSC
 * @ris:	the RIS
 * @partid:	the PARTID: an internal one, where the MSC narrows them
 * @offset:	the register
 *
 * Return: its value.
 */
u32 mpam_fake_cfg(struct mpam_fake *fake, u8 ris, u16 partid, u32 offset)
{
	return mpam_fake_get(fake, mpam_fake_key(ris, partid, offset),
			     mpam_fake_mask(fake, ris, offset));
}

/**
 * mpam_fake_traffic() - Let requests pass
 * @fake:	the MSC
 * @ris:	the RIS that they pass
 * @partid:	their PARTID
 * @pmg:	their PMG
 * @write:	they write, else they read
 * @bytes:	how much
 */
void mpam_fake_traffic(struct mpam_fake *fake, u8 ris, u16 partid, u8 pmg, bool write,
		       u64 bytes)
{
	unsigned int i;

	for (i = 0; i < mpam_fake_nr_mons(&fake->ris[ris], 1); i++) {
		struct mpam_fake_mon *m = &fake->mons[ris][1][i];
		u32 rwbw = fake->ris[ris].mbwumon & BIT(28) ? m->flt >> 30 : 0;

		if (m->ctl & BIT(31) && mpam_fake_mon_matches(m, partid, pmg) &&
		    (!rwbw || rwbw == (write ? 1 : 2)))
			mpam_fake_mon_count(fake, ris, m, bytes);
	}
}

/**
 * mpam_fake_log_clear() - Forget which accesses there were
 * @fake:	the MSC
 */
void mpam_fake_log_clear(struct mpam_fake *fake)
{
	fake->nr_log = 0;
}

/**
 * mpam_fake_count() - How often a register was accessed
 * @fake:	the MSC
 * @write:	count writes, else reads
 * @offset:	the register
 *
 * Return: the number of accesses among those that were kept.
 */
unsigned int mpam_fake_count(const struct mpam_fake *fake, bool write, u32 offset)
{
	unsigned int i, n = 0;

	for (i = 0; i < min(fake->nr_log, MPAM_FAKE_LOG); i++)
		n += fake->log[i].write == write && fake->log[i].offset == offset;

	return n;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: monitors: which there are, what they look at, and what they have seen
 *
 * Programs the monitors of all RIS of a component alike, and adds up what they
 * say. A CSU monitor is a gauge: it is programmed when it is read, and keeps
 * its filter for as long as no other group needs it. An MBWU monitor is a
 * counter: it is programmed when it is assigned. Its register is short and may
 * lose power; the count in memory goes on over wraps, and over MSCs that go
 * and come back. What can't be known any more is an error, not a number.
 *
 * Which group a monitor belongs to is its caller's business.
 *
 * Locks: comp->slot_lock; the state of a monitor is looked at by the holder of
 * the mpam_mon token alone.
 */
#include <linux/bitfield.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"
#include "mpam_regs.h"

/*
 * No RIS transfers more than this: 1 TB/s, more than the memory of a socket
 * does. It tells how long a counter is good for if nobody looks.
 */
#define MPAM_MON_PEAK_BYTES_PER_NS	1000

/* Both are there in a long counter's CTL: its lower 31 bits wrap by themselves */
#define MPAM_MON_STATUS		(MSMON_CFG_CTL_OFLOW_STATUS | MSMON_CFG_MBWU_CTL_OFLOW_STATUS_L)

/* A poll that is due more often than this is none */
#define MPAM_MON_POLL_MIN_MS		10

/* Counters that are good for this long are looked at often enough by resctrl */
#define MPAM_MON_POLL_MAX_MS		MSEC_PER_SEC

/* Not ready for up to this long can be waited for with interrupts masked */
#define MPAM_MON_SPIN_USEC		100

/* How often the two words of a long counter may disagree */
#define MPAM_MON_TEAR_TRIES		3

const struct mpam_mon_desc mpam_mons[MPAM_NUM_MON_ROWS] = {
	[MPAM_MON_ROW_CSU] = {
		.name		= "CSU",
		.type		= MPAM_MON_CSU,
		.type_code	= MSMON_CFG_CTL_TYPE_CSU,
		.ctl_reg	= MSMON_CFG_CSU_CTL,
		.flt_reg	= MSMON_CFG_CSU_FLT,
		.val_reg	= MSMON_CSU,
		.val_mask	= MSMON_VALUE,
		.nrdy		= MSMON_NRDY,
	},
	[MPAM_MON_ROW_MBWU_31] = {
		.name		= "MBWU",
		.type		= MPAM_MON_MBWU,
		.type_code	= MSMON_CFG_CTL_TYPE_MBWU,
		.ctl_reg	= MSMON_CFG_MBWU_CTL,
		.flt_reg	= MSMON_CFG_MBWU_FLT,
		.val_reg	= MSMON_MBWU,
		.val_mask	= MSMON_VALUE,
		.nrdy		= MSMON_NRDY,
		.oflow		= MSMON_CFG_CTL_OFLOW_STATUS,
		.oflow_intr	= MSMON_CFG_CTL_OFLOW_INTR,
	},
	[MPAM_MON_ROW_MBWU_44] = {
		.name		= "MBWU_L (44 bits)",
		.type		= MPAM_MON_MBWU,
		.type_code	= MSMON_CFG_CTL_TYPE_MBWU,
		.ctl_reg	= MSMON_CFG_MBWU_CTL,
		.flt_reg	= MSMON_CFG_MBWU_FLT,
		.val_reg	= MSMON_MBWU_L,
		.wide		= true,
		.val_mask	= MSMON_L_LWD_44,
		.nrdy		= MSMON_L_NRDY,
		.oflow		= MSMON_CFG_MBWU_CTL_OFLOW_STATUS_L,
		.oflow_intr	= MSMON_CFG_MBWU_CTL_OFLOW_INTR_L,
	},
	[MPAM_MON_ROW_MBWU_63] = {
		.name		= "MBWU_L (63 bits)",
		.type		= MPAM_MON_MBWU,
		.type_code	= MSMON_CFG_CTL_TYPE_MBWU,
		.ctl_reg	= MSMON_CFG_MBWU_CTL,
		.flt_reg	= MSMON_CFG_MBWU_FLT,
		.val_reg	= MSMON_MBWU_L,
		.wide		= true,
		.val_mask	= MSMON_L_LWD_63,
		.nrdy		= MSMON_L_NRDY,
		.oflow		= MSMON_CFG_MBWU_CTL_OFLOW_STATUS_L,
		.oflow_intr	= MSMON_CFG_MBWU_CTL_OFLOW_INTR_L,
	},
};
EXPORT_SYMBOL_IF_KUNIT(mpam_mons);

/**
 * struct mpam_mon_slot - who has a CSU monitor; under comp->slot_lock
 * @filter:	what it was last used for
 * @used:	when that was: comp->slot_clock of then; 0 for never
 */
struct mpam_mon_slot {
	struct mpam_mon_filter	filter;
	u64			used;
};

static const struct mpam_mon_desc *mpam_mon_desc(const struct mpam_ris *ris,
						 enum mpam_mon_type type)
{
	return &mpam_mons[type == MPAM_MON_CSU ? MPAM_MON_ROW_CSU : ris->mbwu_row];
}

static bool mpam_mon_same(const struct mpam_mon_filter *a, const struct mpam_mon_filter *b)
{
	return a->partid == b->partid && a->pmg == b->pmg && a->rwbw == b->rwbw;
}

static u32 mpam_mon_flt(const struct mpam_mon_filter *filter)
{
	u32 flt = FIELD_PREP(MSMON_CFG_FLT_PARTID, filter->partid) |
		  FIELD_PREP(MSMON_CFG_FLT_PMG, filter->pmg);

	if (filter->rwbw != MPAM_MON_NOTHING)
		flt |= FIELD_PREP(MSMON_CFG_MBWU_FLT_RWBW, filter->rwbw);

	return flt;
}

/* Without an interrupt a short counter is better made to last, if it can be */
static bool mpam_mon_scales(const struct mpam_msc *msc, const struct mpam_ris *ris)
{
	return ris->mbwu_row == MPAM_MON_ROW_MBWU_31 && ris->mbwu_scale && !msc->oflow_irq;
}

/* The unit of an MBWU value: 2^n bytes */
static unsigned int mpam_mon_shift(const struct mpam_msc *msc, const struct mpam_ris *ris,
				   bool scaled)
{
	return msc->mbwu_shift + (scaled ? ris->mbwu_scale : 0);
}

/* How soon an MBWU monitor may wrap twice: the second time would go unnoticed */
static u64 mpam_mon_good_for_ns(const struct mpam_msc *msc, const struct mpam_ris *ris,
				bool scaled)
{
	u64 modulus = mpam_mons[ris->mbwu_row].val_mask + 1;

	return div_u64(modulus, MPAM_MON_PEAK_BYTES_PER_NS) << mpam_mon_shift(msc, ris, scaled);
}

/* What CTL holds while a monitor runs, but for TYPE and the status */
static u32 mpam_mon_ctl(const struct mpam_mon_desc *desc, const struct mpam_mon_inst *m)
{
	u32 ctl = MSMON_CFG_CTL_MATCH_PARTID | MSMON_CFG_CTL_MATCH_PMG;

	if (m->filter.rwbw != MPAM_MON_NOTHING)
		ctl |= MSMON_CFG_CTL_EN;
	if (m->intr)
		ctl |= desc->oflow_intr;
	if (m->scaled)
		ctl |= MSMON_CFG_MBWU_CTL_SCLEN;

	return ctl;
}

/*
 * Read a value: high, low, high where it has two words (IHI 0099, access to
 * 64-bit registers). -EBUSY if it is not ready, or does not hold still.
 */
static int mpam_mon_read_raw(const struct mpam_mon *sel, const struct mpam_mon_desc *desc,
			     u64 *val)
{
	u32 low, high, again;
	int tries;
	u64 raw;

	if (desc->wide) {
		high = mpam_mon_rd(sel, desc->val_reg + sizeof(u32));
		for (tries = 0; tries < MPAM_MON_TEAR_TRIES; tries++) {
			low = mpam_mon_rd(sel, desc->val_reg);
			again = mpam_mon_rd(sel, desc->val_reg + sizeof(u32));
			if (high == again)
				break;
			high = again;
		}
		if (tries == MPAM_MON_TEAR_TRIES)
			return -EBUSY;
		raw = (u64)high << 32 | low;
	} else {
		raw = mpam_mon_rd(sel, desc->val_reg);
	}

	*val = raw & desc->val_mask;

	return raw & desc->nrdy ? -EBUSY : 0;
}

static void mpam_mon_zero(const struct mpam_mon *sel, const struct mpam_mon_desc *desc)
{
	mpam_mon_wr(sel, desc->val_reg, 0);
	if (desc->wide)
		mpam_mon_wr(sel, desc->val_reg + sizeof(u32), 0);
}

/* Hardware that sets NRDY for a new filter clears it with the write of a count */
static void mpam_mon_arm(const struct mpam_mon *sel, struct mpam_ris *ris,
			 const struct mpam_mon_desc *desc, struct mpam_mon_inst *m)
{
	u32 ctl;

	m->intr = desc->oflow && sel->msc->oflow_irq;
	m->scaled = desc->type == MPAM_MON_MBWU && mpam_mon_scales(sel->msc, ris);
	ctl = mpam_mon_ctl(desc, m);

	mpam_mon_wr(sel, desc->ctl_reg, ctl & ~MSMON_CFG_CTL_EN);
	mpam_mon_wr(sel, desc->flt_reg, mpam_mon_flt(&m->filter));
	if (desc->type == MPAM_MON_MBWU)
		mpam_mon_zero(sel, desc);
	if (ctl & MSMON_CFG_CTL_EN)
		mpam_mon_wr(sel, desc->ctl_reg, ctl);

	m->armed = true;
	m->settled = false;
	m->raw = 0;
	m->seen_ns = ktime_get_ns();
}

/* Its garbage after power-up must not count, nor interrupt, nor look not ready */
static void mpam_mon_disarm(const struct mpam_mon *sel, struct mpam_ris *ris,
			    const struct mpam_mon_desc *desc)
{
	mpam_mon_wr(sel, desc->ctl_reg, 0);
	if (desc->type == MPAM_MON_CSU && !ris->csu_ro)
		mpam_mon_zero(sel, desc);
}

/*
 * Take the status of a counter that has wrapped, and count by how much: once,
 * or twice if it wrapped again while the status was being cleared. The value
 * that is at hand may be from before the wrap.
 */
static int mpam_mon_take_wraps(const struct mpam_mon *sel, const struct mpam_mon_desc *desc,
			       u32 ctl, u64 *raw, unsigned int *wraps)
{
	int ret, err;
	u64 before;

	err = mpam_mon_read_raw(sel, desc, &before);
	mpam_mon_wr(sel, desc->ctl_reg, ctl & ~MPAM_MON_STATUS);
	ret = mpam_mon_read_raw(sel, desc, raw);
	*wraps = 1;
	if (!ret && !err && *raw < before) {
		*wraps = 2;
		mpam_mon_wr(sel, desc->ctl_reg, ctl & ~MPAM_MON_STATUS);
	}

	return ret ?: err;
}

/**
 * mpam_mon_look() - Bring a count up to date with its register
 * @sel:	the token, for this RIS and monitor
 * @ris:	the RIS
 * @m:		the monitor's state: armed
 * @check:	it may have wrapped even if it does not look so
 *
 * A 31-bit register can get past where it was seen last in no time: its status
 * is always read, and after the value, which is from before any wrap if there is
 * none yet. A long one takes seconds at the least, and who looks in time sees a
 * wrap from the value.
 *
 * Return: how often it has wrapped as far as can be told; or -EBUSY with nothing
 * changed, to be tried again.
 */
static int mpam_mon_look(const struct mpam_mon *sel, struct mpam_ris *ris,
			 struct mpam_mon_inst *m, bool check)
{
	const struct mpam_mon_desc *desc = mpam_mon_desc(ris, MPAM_MON_MBWU);
	u64 now = ktime_get_ns(), raw;
	bool late = now - m->seen_ns >= mpam_mon_good_for_ns(sel->msc, ris, m->scaled);
	unsigned int wraps = 0;
	u32 ctl = 0;
	int ret;

	ret = mpam_mon_read_raw(sel, desc, &raw);
	if (ret)
		return ret;

	if (!desc->wide || check || late || raw < m->raw)
		ctl = mpam_mon_rd(sel, desc->ctl_reg);

	if (ctl & desc->oflow) {
		ret = mpam_mon_take_wraps(sel, desc, ctl, &raw, &wraps);
		/* The status is gone, and with it when it was set */
		if (ret || (late && !sel->msc->oflow_irq))
			m->lost = true;
	} else if (raw < m->raw) {
		/* It was set back, by something that is not us */
		m->lost = true;
	}

	m->total += (raw - m->raw + wraps * (desc->val_mask + 1)) <<
		    mpam_mon_shift(sel->msc, ris, m->scaled);
	m->raw = raw;
	m->seen_ns = now;

	return wraps;
}

/* The RIS of a vMSC that have monitors of a type, in turn */
static struct mpam_ris *mpam_mon_ris_from(struct mpam_vmsc *vmsc, enum mpam_mon_type type,
					  struct mpam_ris *ris)
{
	while (ris && (ris->vmsc != vmsc || !ris->mons[type]))
		ris = mpam_ris_next(vmsc->msc, ris);

	return ris;
}

static struct mpam_ris *mpam_mon_ris_first(struct mpam_vmsc *vmsc, enum mpam_mon_type type)
{
	return mpam_mon_ris_from(vmsc, type, mpam_ris_first(vmsc->msc));
}

static struct mpam_ris *mpam_mon_ris_next(struct mpam_vmsc *vmsc, enum mpam_mon_type type,
					  struct mpam_ris *ris)
{
	return mpam_mon_ris_from(vmsc, type, mpam_ris_next(vmsc->msc, ris));
}

/**
 * struct mpam_mon_op - an operation on the monitors of a vMSC
 * @vmsc:	the vMSC
 * @type:	which type of monitors
 * @refs:	which of them, for what
 * @nr:		how many
 * @on:		mpam_mon_op_assign(): count, or stop counting
 * @again:	mpam_mon_op_read(): read only what was not ready
 * @waiting:	mpam_mon_op_read(): something is not ready
 * @wait_usec:	mpam_mon_op_read(): it may be so for this long
 * @val:	mpam_mon_op_read(): values are added to this
 */
struct mpam_mon_op {
	struct mpam_vmsc		*vmsc;
	enum mpam_mon_type		type;
	const struct mpam_mon_ref	*refs;
	unsigned int			nr;
	bool				on;
	bool				again;
	bool				waiting;
	unsigned int			wait_usec;
	u64				val;
};

/*
 * Run @fn where the vMSC's MSC can be reached. resctrl has chosen this CPU for
 * its reads, and may have masked interrupts: then this CPU has to do.
 */
static int mpam_mon_call(struct mpam_vmsc *vmsc, int (*fn)(void *arg), void *arg)
{
	int ret = -EIO;
	bool here;

	migrate_disable();
	here = cpumask_test_cpu(smp_processor_id(), &vmsc->msc->fw.reach);
	if (here)
		ret = fn(arg);
	migrate_enable();

	if (here || irqs_disabled())
		return ret;

	return mpam_msc_call(vmsc->msc, fn, arg);
}

/* @m starts to count for @op's @i-th reference, or stops */
static void mpam_mon_set(struct mpam_mon_inst *m, const struct mpam_mon_op *op, unsigned int i)
{
	*m = (struct mpam_mon_inst){
		.filter = op->refs[i].filter,
		.wanted = op->on,
	};
}

static int mpam_mon_op_assign(void *arg)
{
	struct mpam_mon_op *op = arg;
	struct mpam_msc *msc = op->vmsc->msc;
	struct mpam_ris *ris;
	unsigned int i;

	for (ris = mpam_mon_ris_first(op->vmsc, op->type); ris;
	     ris = mpam_mon_ris_next(op->vmsc, op->type, ris)) {
		for (i = 0; i < op->nr; i++) {
			struct mpam_mon_inst *m = &ris->mons[op->type][op->refs[i].mon];

			/* An MSC that is down is told when it returns */
			if (!mpam_msc_usable(msc)) {
				guard(raw_spinlock_irqsave)(&msc->mon_lock);
				mpam_mon_set(m, op, i);
				continue;
			}

			CLASS(mpam_mon, sel)(msc, ris->idx, op->refs[i].mon);
			mpam_mon_set(m, op, i);
			if (op->on)
				mpam_mon_arm(&sel, ris, mpam_mon_desc(ris, op->type), m);
			else
				mpam_mon_disarm(&sel, ris, mpam_mon_desc(ris, op->type));
		}
	}

	return 0;
}

static int mpam_mon_op_reset(void *arg)
{
	struct mpam_mon_op *op = arg;
	struct mpam_msc *msc = op->vmsc->msc;
	struct mpam_ris *ris;
	unsigned int i;

	for (ris = mpam_mon_ris_first(op->vmsc, op->type); ris;
	     ris = mpam_mon_ris_next(op->vmsc, op->type, ris)) {
		for (i = 0; i < op->nr; i++) {
			struct mpam_mon_inst *m = &ris->mons[op->type][op->refs[i].mon];

			if (!mpam_msc_usable(msc)) {
				guard(raw_spinlock_irqsave)(&msc->mon_lock);
				m->total = 0;
				m->lost = false;
				continue;
			}

			CLASS(mpam_mon, sel)(msc, ris->idx, op->refs[i].mon);
			if (!m->armed || mpam_mon_look(&sel, ris, m, true) < 0)
				mpam_mon_arm(&sel, ris, mpam_mon_desc(ris, op->type), m);
			m->total = 0;
			m->lost = false;
		}
	}

	return 0;
}

/* The value of a CSU monitor, which is programmed for @filter unless it is so */
static int mpam_mon_value_csu(const struct mpam_mon *sel, struct mpam_ris *ris,
			      struct mpam_mon_inst *m, const struct mpam_mon_filter *filter,
			      bool again, u64 *val)
{
	const struct mpam_mon_desc *desc = mpam_mon_desc(ris, MPAM_MON_CSU);
	int ret;

	if (!m->armed || !mpam_mon_same(&m->filter, filter)) {
		/* Who has taken it away was not to wait for either */
		if (again)
			return -EBUSY;
		m->filter = *filter;
		mpam_mon_arm(sel, ris, desc, m);
	}

	ret = mpam_mon_read_raw(sel, desc, val);
	m->settled |= again || !ret;
	if (ret && sel->msc->csu_nrdy_stuck && m->settled)
		ret = 0;

	return ret;
}

/* What an MBWU monitor has counted, in bytes */
static int mpam_mon_value_mbwu(const struct mpam_mon *sel, struct mpam_ris *ris,
			       struct mpam_mon_inst *m, u64 *val)
{
	int ret;

	ret = mpam_mon_look(sel, ris, m, false);
	if (ret < 0)
		return ret;
	if (m->lost)
		return -ENODATA;

	*val = m->total;

	return 0;
}

static int mpam_mon_op_read(void *arg)
{
	struct mpam_mon_op *op = arg;
	struct mpam_msc *msc = op->vmsc->msc;
	struct mpam_ris *ris;
	unsigned int i;

	for (ris = mpam_mon_ris_first(op->vmsc, op->type); ris;
	     ris = mpam_mon_ris_next(op->vmsc, op->type, ris)) {
		for (i = 0; i < op->nr; i++) {
			struct mpam_mon_inst *m = &ris->mons[op->type][op->refs[i].mon];
			u64 val;
			int ret;

			if (op->again && !READ_ONCE(m->pending))
				continue;

			CLASS(mpam_mon, sel)(msc, ris->idx, op->refs[i].mon);

			if (op->type == MPAM_MON_CSU)
				ret = mpam_mon_value_csu(&sel, ris, m, &op->refs[i].filter,
							 op->again, &val);
			else if (m->armed && mpam_mon_same(&m->filter, &op->refs[i].filter))
				ret = mpam_mon_value_mbwu(&sel, ris, m, &val);
			else
				ret = -ENODATA;

			m->pending = ret == -EBUSY && !op->again;
			if (m->pending) {
				op->waiting = true;
				op->wait_usec = max(op->wait_usec, msc->fw.nrdy_usec);
				continue;
			}
			if (ret)
				return ret;
			op->val += val;
		}
	}

	return 0;
}

/* What an MSC that is down had counted until then */
static int mpam_mon_read_down(struct mpam_mon_op *op)
{
	struct mpam_msc *msc = op->vmsc->msc;
	struct mpam_ris *ris;
	unsigned int i;

	/* It is not down, but not to be trusted: there may be traffic to count */
	if (mpam_msc_is_bad(msc))
		return -EIO;
	/* A cache that can't be asked may still be full */
	if (op->type == MPAM_MON_CSU)
		return -EBUSY;

	guard(raw_spinlock_irqsave)(&msc->mon_lock);

	for (ris = mpam_mon_ris_first(op->vmsc, op->type); ris;
	     ris = mpam_mon_ris_next(op->vmsc, op->type, ris)) {
		for (i = 0; i < op->nr; i++) {
			const struct mpam_mon_inst *m = &ris->mons[op->type][op->refs[i].mon];

			if (m->lost || !m->wanted)
				return -ENODATA;
			op->val += m->total;
		}
	}

	return 0;
}

static int mpam_mon_read_all(struct mpam_component *comp, struct mpam_mon_op *op)
{
	int ret;

	for_each_mpam_vmsc(op->vmsc, comp) {
		if (!op->vmsc->props.nr_mons[op->type])
			continue;
		if (mpam_msc_usable(op->vmsc->msc))
			ret = mpam_mon_call(op->vmsc, mpam_mon_op_read, op);
		else
			ret = op->again ? 0 : mpam_mon_read_down(op);
		if (ret)
			return ret;
	}

	return 0;
}

/**
 * mpam_monitor_read() - What all monitors of a component say together
 * @comp:	the component
 * @type:	which type of monitors
 * @refs:	which of them, and what they have to look at: for CSU from
 *		mpam_monitor_pick(), for MBWU as they were assigned
 * @nr:		how many: 1, or 2 when instructions and data differ
 * @val:	where the sum goes, in bytes
 *
 * If some are not ready, they are waited for once, all together, for as long
 * as firmware says that it takes.
 *
 * Context: With interrupts masked: on a CPU that reaches all MSCs of the
 * component. Else may sleep, and whoever waits for this holds cpus_read_lock().
 * Under mpam_srcu. Takes msc->mon_lock.
 * Return: 0; -EBUSY if a monitor is not ready; -ENODATA if what it counted
 * can't be known; -EIO if it can't be reached from here, or an MSC of the class
 * is of no use.
 */
int mpam_monitor_read(struct mpam_component *comp, enum mpam_mon_type type,
		      const struct mpam_mon_ref *refs, unsigned int nr, u64 *val)
{
	struct mpam_mon_op op = { .type = type, .refs = refs, .nr = nr };
	int ret;

	if (!mpam_class_complete(comp->class))
		return -EIO;

	ret = mpam_mon_read_all(comp, &op);
	if (!ret && op.waiting) {
		if (!irqs_disabled())
			usleep_range(op.wait_usec, op.wait_usec + 20);
		else if (op.wait_usec <= MPAM_MON_SPIN_USEC)
			udelay(op.wait_usec);
		else
			return -EBUSY;

		op.again = true;
		ret = mpam_mon_read_all(comp, &op);
	}
	if (!ret)
		*val = op.val;

	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_monitor_read);

/**
 * mpam_monitor_readers() - Which CPUs reach all monitors of a component
 * @comp:	the component
 * @type:	which type of monitors
 * @cpus:	those that can't are cleared
 *
 * Context: Any; under mpam_srcu, or while the topology can't go.
 */
void mpam_monitor_readers(struct mpam_component *comp, enum mpam_mon_type type,
			  struct cpumask *cpus)
{
	struct mpam_vmsc *vmsc;

	for_each_mpam_vmsc(vmsc, comp) {
		if (vmsc->props.nr_mons[type])
			cpumask_and(cpus, cpus, &vmsc->msc->fw.reach);
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_monitor_readers);

static int mpam_mon_call_all(struct mpam_component *comp, struct mpam_mon_op *op,
			     int (*fn)(void *arg))
{
	int ret, err = 0;

	for_each_mpam_vmsc(op->vmsc, comp) {
		if (!op->vmsc->props.nr_mons[op->type])
			continue;
		if (mpam_msc_usable(op->vmsc->msc))
			ret = mpam_mon_call(op->vmsc, fn, op);
		else
			ret = fn(op);
		if (!err)
			err = ret;
	}

	return err;
}

/**
 * mpam_monitor_assign() - Have an MBWU monitor count for somebody, or nobody
 * @comp:	the component
 * @ref:	the monitor, and what it is to count, from 0 on
 * @on:		false: it stops
 *
 * Context: As mpam_monitor_read(), and in a place where no MSC is live yet.
 * Return: 0 or the error of mpam_msc_call().
 */
int mpam_monitor_assign(struct mpam_component *comp, const struct mpam_mon_ref *ref, bool on)
{
	struct mpam_mon_op op = { .type = MPAM_MON_MBWU, .refs = ref, .nr = 1, .on = on };

	return mpam_mon_call_all(comp, &op, mpam_mon_op_assign);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_monitor_assign);

/**
 * mpam_monitor_reset() - Have MBWU monitors count from 0 on
 * @comp:	the component
 * @refs:	which monitors; they go on counting what they were assigned
 * @nr:		how many
 *
 * Context: As mpam_monitor_read().
 * Return: 0 or the error of mpam_msc_call().
 */
int mpam_monitor_reset(struct mpam_component *comp, const struct mpam_mon_ref *refs,
		       unsigned int nr)
{
	struct mpam_mon_op op = { .type = MPAM_MON_MBWU, .refs = refs, .nr = nr };

	return mpam_mon_call_all(comp, &op, mpam_mon_op_reset);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_monitor_reset);

static bool mpam_slot_taken(const struct mpam_mon_ref *refs, unsigned int nr, unsigned int mon)
{
	while (nr--) {
		if (refs[nr].mon == mon)
			return true;
	}

	return false;
}

/* The slot that has this filter; else the one that was not used for longest */
static int mpam_slot_find(struct mpam_component *comp, const struct mpam_mon_ref *refs,
			  unsigned int nr)
{
	int oldest = -ENOSPC;
	unsigned int i;

	for (i = 0; i < comp->nr_slots; i++) {
		const struct mpam_mon_slot *slot = &comp->slots[i];

		if (mpam_slot_taken(refs, nr, i))
			continue;
		if (slot->used && mpam_mon_same(&slot->filter, &refs[nr].filter))
			return i;
		if (oldest < 0 || slot->used < comp->slots[oldest].used)
			oldest = i;
	}

	return oldest;
}

/**
 * mpam_monitor_pick() - Choose the CSU monitors to read
 * @comp:	the component
 * @refs:	in: the filters, all different; out: a monitor for each
 * @nr:		how many
 *
 * A filter keeps its monitor until there is none that was not used for longer,
 * so that most reads find it programmed.
 *
 * Context: Any. Takes comp->slot_lock.
 * Return: 0, or -ENOSPC if there are fewer monitors than filters.
 */
int mpam_monitor_pick(struct mpam_component *comp, struct mpam_mon_ref *refs, unsigned int nr)
{
	unsigned int i;
	int slot;

	guard(raw_spinlock_irqsave)(&comp->slot_lock);

	for (i = 0; i < nr; i++) {
		slot = mpam_slot_find(comp, refs, i);
		if (slot < 0)
			return slot;
		refs[i].mon = slot;
		comp->slots[slot].filter = refs[i].filter;
		comp->slots[slot].used = ++comp->slot_clock;
	}

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_monitor_pick);

/* Twice in the time that it is good for */
static u64 mpam_mon_poll_ms(const struct mpam_msc *msc, const struct mpam_ris *ris)
{
	u64 ns = mpam_mon_good_for_ns(msc, ris, mpam_mon_scales(msc, ris));

	return div_u64(ns, 2 * NSEC_PER_MSEC);
}

/**
 * mpam_monitor_poll_ms() - How often the counters of a class want a look
 * @class:	the class
 *
 * Context: May sleep; after the interrupts of the MSCs were requested.
 * Return: milliseconds, or 0 if resctrl looks often enough, or no poll could
 * be often enough.
 */
unsigned int mpam_monitor_poll_ms(struct mpam_class *class)
{
	u64 least = MPAM_MON_POLL_MAX_MS;
	struct mpam_component *comp;
	struct mpam_vmsc *vmsc;
	struct mpam_ris *ris;

	for_each_mpam_comp(comp, class) {
		for_each_mpam_vmsc(vmsc, comp) {
			if (vmsc->msc->oflow_irq)
				continue;
			for (ris = mpam_mon_ris_first(vmsc, MPAM_MON_MBWU); ris;
			     ris = mpam_mon_ris_next(vmsc, MPAM_MON_MBWU, ris))
				least = min(least, mpam_mon_poll_ms(vmsc->msc, ris));
		}
	}

	return least < MPAM_MON_POLL_MAX_MS && least >= MPAM_MON_POLL_MIN_MS ? least : 0;
}

/* Have a counter that nobody hears not interrupt. What it has counted is known by now. */
static void mpam_mon_hush(const struct mpam_mon *sel, const struct mpam_mon_desc *desc,
			  struct mpam_mon_inst *m)
{
	if (!m->intr)
		return;

	m->intr = false;
	mpam_mon_wr(sel, desc->ctl_reg, mpam_mon_ctl(desc, m));
}

/* Why all counters of a RIS are looked at */
enum mpam_mon_why {
	MPAM_MON_POLL,
	MPAM_MON_WRAPPED,	/* those whose status says so */
	MPAM_MON_SAVE,		/* there may be nothing to be seen later */
};

/* Returns true if one has wrapped */
static bool mpam_mon_look_ris(struct mpam_msc *msc, struct mpam_ris *ris, enum mpam_mon_why why)
{
	const struct mpam_mon_desc *desc = mpam_mon_desc(ris, MPAM_MON_MBWU);
	bool only_wrapped = why == MPAM_MON_WRAPPED, wrapped = false;
	unsigned int mon;
	u32 pending = 0;
	int ret;

	for (mon = 0; mon < ris->props.nr_mons[MPAM_MON_MBWU]; mon++) {
		struct mpam_mon_inst *m = &ris->mons[MPAM_MON_MBWU][mon];

		if (only_wrapped && ris->mbwu_ofsr) {
			if (!(mon % 32)) {
				CLASS(mpam_mon, sel)(msc, ris->idx, mon);
				pending = mpam_mon_rd(&sel, MSMON_MBWU_OFSR);
			}
			if (!(pending & BIT(mon % 32)))
				continue;
		} else if (!READ_ONCE(m->armed)) {
			continue;
		}

		CLASS(mpam_mon, sel)(msc, ris->idx, mon);
		/* It was not ours, and is no more than a reason to interrupt */
		if (!m->armed) {
			mpam_mon_disarm(&sel, ris, desc);
			continue;
		}
		if (only_wrapped && !ris->mbwu_ofsr &&
		    !(mpam_mon_rd(&sel, desc->ctl_reg) & desc->oflow))
			continue;

		ret = mpam_mon_look(&sel, ris, m, only_wrapped);
		wrapped |= ret > 0;
		if (ret < 0 && why == MPAM_MON_SAVE)
			m->lost = true;
		if (why == MPAM_MON_SAVE)
			mpam_mon_hush(&sel, desc, m);
	}

	return wrapped;
}

static int mpam_mon_op_poll(void *arg)
{
	struct mpam_mon_op *op = arg;
	struct mpam_ris *ris;

	for (ris = mpam_mon_ris_first(op->vmsc, MPAM_MON_MBWU); ris;
	     ris = mpam_mon_ris_next(op->vmsc, MPAM_MON_MBWU, ris))
		mpam_mon_look_ris(op->vmsc->msc, ris, MPAM_MON_POLL);

	return 0;
}

/**
 * mpam_monitor_poll() - Look at all counters that nobody else looks after
 * @class:	the class
 *
 * Context: May sleep. Called with cpus_read_lock() held and under mpam_srcu.
 */
void mpam_monitor_poll(struct mpam_class *class)
{
	struct mpam_mon_op op = { .type = MPAM_MON_MBWU };
	struct mpam_component *comp;

	for_each_mpam_comp(comp, class) {
		for_each_mpam_vmsc(op.vmsc, comp) {
			if (mpam_msc_usable(op.vmsc->msc) && !op.vmsc->msc->oflow_irq)
				mpam_mon_call(op.vmsc, mpam_mon_op_poll, &op);
		}
	}
}

/**
 * mpam_monitor_overflow() - A counter of an MSC has wrapped
 * @msc:	the MSC
 *
 * Takes the status of all that have, so that they can interrupt again.
 *
 * Context: Process, on a CPU in the MSC's reach, pinned to it. Takes
 * msc->mon_lock.
 * Return: true if one has, indeed.
 */
bool mpam_monitor_overflow(struct mpam_msc *msc)
{
	struct mpam_ris *ris;
	bool wrapped = false;

	for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
		if (ris->mons[MPAM_MON_MBWU])
			wrapped |= mpam_mon_look_ris(msc, ris, MPAM_MON_WRAPPED);
	}

	return wrapped;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_monitor_overflow);

/**
 * mpam_monitor_save_msc() - Bring all counts up to date, for the MSC goes down
 * @msc:	the MSC
 *
 * If it keeps its power, they go on, but don't interrupt: nobody would hear them.
 *
 * Context: Any, on a CPU in the MSC's reach, pinned to it; nobody reads its
 * monitors meanwhile. Takes msc->mon_lock.
 */
void mpam_monitor_save_msc(struct mpam_msc *msc)
{
	struct mpam_ris *ris;

	for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
		if (ris->mons[MPAM_MON_MBWU])
			mpam_mon_look_ris(msc, ris, MPAM_MON_SAVE);
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_monitor_save_msc);

/* It may wrap while its CTL is being written: that must not go by without a trace */
static void mpam_mon_unhush(const struct mpam_mon *sel, struct mpam_ris *ris,
			    const struct mpam_mon_desc *desc, struct mpam_mon_inst *m)
{
	if (!sel->msc->oflow_irq)
		return;

	m->intr = true;
	mpam_mon_wr(sel, desc->ctl_reg, mpam_mon_ctl(desc, m));
	mpam_mon_look(sel, ris, m, true);
}

/*
 * An MSC that was not off has gone on counting: everything is as it was left. If
 * the count is not, the MSC was off, and somebody else has restored the rest.
 */
static bool mpam_mon_kept(const struct mpam_mon *sel, struct mpam_ris *ris,
			  const struct mpam_mon_desc *desc, struct mpam_mon_inst *m)
{
	u32 want = mpam_mon_ctl(desc, m) | desc->type_code;
	const struct mpam_mon_inst saved = *m;
	bool late;
	int wraps;

	if (!m->armed || m->scaled != mpam_mon_scales(sel->msc, ris) ||
	    (mpam_mon_rd(sel, desc->ctl_reg) & ~MPAM_MON_STATUS) != want ||
	    mpam_mon_rd(sel, desc->flt_reg) != mpam_mon_flt(&m->filter))
		return false;

	late = ktime_get_ns() - m->seen_ns >= mpam_mon_good_for_ns(sel->msc, ris, m->scaled);
	wraps = mpam_mon_look(sel, ris, m, true);
	if (!wraps && m->lost && !saved.lost) {
		*m = saved;
		return false;
	}

	/* Whether or not it can interrupt, nobody listened */
	if (wraps < 0 || (wraps && late))
		m->lost = true;
	if (wraps < 0)
		return false;

	mpam_mon_unhush(sel, ris, desc, m);

	return true;
}

static void mpam_mon_restore_ris(struct mpam_msc *msc, struct mpam_ris *ris,
				 enum mpam_mon_type type)
{
	const struct mpam_mon_desc *desc = mpam_mon_desc(ris, type);
	unsigned int mon;

	for (mon = 0; mon < ris->props.nr_mons[type]; mon++) {
		struct mpam_mon_inst *m = ris->mons[type] ? &ris->mons[type][mon] : NULL;

		CLASS(mpam_mon, sel)(msc, ris->idx, mon);

		if (m && m->wanted) {
			if (!mpam_mon_kept(&sel, ris, desc, m))
				mpam_mon_arm(&sel, ris, desc, m);
			continue;
		}

		mpam_mon_disarm(&sel, ris, desc);
		if (m)
			m->armed = false;
	}
}

/**
 * mpam_monitor_restore_msc() - Have an MSC that comes up count what is wanted
 * @msc:	the MSC, in an unknown state
 *
 * All its monitors are set up or stopped, those that resctrl does not know of
 * included. Counts go on where they were.
 *
 * Context: Any, on a CPU in the MSC's reach, pinned to it; nobody reads its
 * monitors meanwhile. Takes msc->mon_lock.
 */
void mpam_monitor_restore_msc(struct mpam_msc *msc)
{
	struct mpam_ris *ris;

	for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
		mpam_mon_restore_ris(msc, ris, MPAM_MON_CSU);
		mpam_mon_restore_ris(msc, ris, MPAM_MON_MBWU);
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_monitor_restore_msc);

/**
 * mpam_monitor_stop_msc() - Stop all monitors of an MSC
 * @msc:	the MSC
 *
 * Context: Any, on a CPU in the MSC's reach, pinned to it; when nobody uses them
 * any more. Takes msc->mon_lock.
 */
void mpam_monitor_stop_msc(struct mpam_msc *msc)
{
	struct mpam_ris *ris;
	unsigned int type, mon;

	for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
		for (type = 0; type < MPAM_NUM_MON_TYPES; type++) {
			for (mon = 0; mon < ris->props.nr_mons[type]; mon++) {
				CLASS(mpam_mon, sel)(msc, ris->idx, mon);

				mpam_mon_disarm(&sel, ris, mpam_mon_desc(ris, type));
			}
		}
	}
}

static int mpam_mon_stop(void *arg)
{
	mpam_monitor_stop_msc(arg);

	return 0;
}

/**
 * mpam_monitor_stop_all() - Stop all monitors of every MSC that leaves and is of use
 *
 * Context: May sleep; when no MSC is live any more. Takes cpus_read_lock() and
 * msc->mon_lock.
 */
void mpam_monitor_stop_all(void)
{
	struct mpam_msc *msc;

	guard(cpus_read_lock)();
	guard(srcu)(&mpam_srcu);

	for_each_mpam_msc(msc) {
		if (msc->leaving && !mpam_msc_is_bad(msc))
			mpam_msc_call(msc, mpam_mon_stop, msc);
	}
}

static int mpam_monitor_alloc_comp(struct mpam_component *comp)
{
	u32 nr_slots = comp->class->props.nr_mons[MPAM_MON_CSU];
	struct mpam_vmsc *vmsc;
	struct mpam_ris *ris;
	unsigned int type;

	comp->slots = kvcalloc(nr_slots, sizeof(*comp->slots), GFP_KERNEL);
	if (!comp->slots)
		return -ENOMEM;
	comp->nr_slots = nr_slots;

	for_each_mpam_vmsc(vmsc, comp) {
		for (ris = mpam_ris_first(vmsc->msc); ris; ris = mpam_ris_next(vmsc->msc, ris)) {
			if (ris->vmsc != vmsc)
				continue;
			for (type = 0; type < MPAM_NUM_MON_TYPES; type++) {
				u32 nr = ris->props.nr_mons[type];

				if (!nr)
					continue;
				ris->mons[type] = kvcalloc(nr, sizeof(*ris->mons[type]),
							   GFP_KERNEL);
				if (!ris->mons[type])
					return -ENOMEM;
			}
		}
	}

	return 0;
}

/**
 * mpam_monitor_alloc() - Give every monitor of a topology room for its state
 * @topo:	the topology; mpam_topo_free() frees the room with it
 *
 * Context: May sleep; before the topology is published.
 * Return: 0 or -ENOMEM.
 */
int mpam_monitor_alloc(struct mpam_topo *topo)
{
	struct mpam_component *comp;
	struct mpam_class *class;

	for_each_mpam_class(class, topo) {
		for_each_mpam_comp(comp, class) {
			if (mpam_monitor_alloc_comp(comp))
				return -ENOMEM;
		}
	}

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_monitor_alloc);

/**
 * mpam_monitor_free() - Free what mpam_monitor_alloc() gave to a component
 * @comp:	the component, which is about to go
 *
 * Context: May sleep; when nobody can find the component any more.
 */
void mpam_monitor_free(struct mpam_component *comp)
{
	struct mpam_vmsc *vmsc;
	struct mpam_ris *ris;
	unsigned int type;

	kvfree(comp->slots);

	for_each_mpam_vmsc(vmsc, comp) {
		for (ris = mpam_ris_first(vmsc->msc); ris; ris = mpam_ris_next(vmsc->msc, ris)) {
			if (ris->vmsc != vmsc)
				continue;
			for (type = 0; type < MPAM_NUM_MON_TYPES; type++) {
				kvfree(ris->mons[type]);
				ris->mons[type] = NULL;
			}
		}
	}
}

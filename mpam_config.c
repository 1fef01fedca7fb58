// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: what each component is configured to, and making hardware agree
 *
 * comp->cfg[] is the truth: hardware is written from it when it changes, and
 * again when an MSC comes back from where it lost its state. An MSC that is
 * down is skipped; bringing it up restores it.
 *
 * Where an MSC has fewer sets of controls than PARTIDs, mpam_narrow.c knows who
 * shares which.
 *
 * Locks: mpam_config_lock, and comp->cfg_lock. When the latter is dropped, cfg[]
 * and every live MSC agree.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/lockdep.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"
#include "mpam_regs.h"

/*
 * Who changes configuration, one at a time: what a PARTID can share with others
 * depends on all components that an MSC serves. resctrl sees to that anyway.
 */
DEFINE_MUTEX(mpam_config_lock);

/*
 * Write the registers of the controls in @mask, for one RIS and PARTID, which is
 * an internal one if the MSC narrows them: as @cfg says, or to reset if that is
 * NULL
 */
static void mpam_config_write(struct mpam_msc *msc, struct mpam_ris *ris,
			      u16 partid, const struct mpam_config *cfg, u32 mask)
{
	const struct mpam_props *props = &ris->props;
	struct mpam_config fixed = {};
	unsigned int first, end, i;

	if (!(mask & props->has))
		return;

	if (cfg)
		fixed = *cfg;
	fixed.dirty = mask;
	mpam_ctrl_fixup(props, &fixed);
	mask = fixed.dirty & props->has;

	CLASS(mpam_part, sel)(msc, ris->idx, partid);

	for (first = 0; first < MPAM_NUM_CTRLS; first = end) {
		const struct mpam_ctrl_desc *desc = &mpam_ctrls[first];
		u32 val = 0;

		end = mpam_ctrl_group_end(first);
		if (!(mask & GENMASK(end - 1, first)))
			continue;

		if (desc->kind == MPAM_KIND_BITMAP) {
			unsigned int words = DIV_ROUND_UP(props->wd[first], 32);

			for (i = 0; i < words; i++)
				mpam_part_wr(&sel, desc->cfg_reg + i * sizeof(u32),
					     mpam_ctrl_bitmap_word(first, props, &fixed, i));
			continue;
		}

		for (i = first; i < end; i++) {
			if (props->has & BIT(i))
				val |= mpam_ctrl_field(i, props, &fixed);
		}
		mpam_part_wr(&sel, desc->cfg_reg, val);
	}

	if (msc->bw_written && (mask & MPAM_CTRLS_BW))
		msc->bw_written(msc, partid);
}

struct mpam_apply {
	struct mpam_vmsc	*vmsc;
	u16			first;
	u16			last;
};

static void mpam_config_map(struct mpam_msc *msc, u16 partid, u16 intpartid)
{
	mpam_part_request_wr(msc, partid, MPAMCFG_INTPARTID,
			     MPAMCFG_INTPARTID_INTERNAL | intpartid);
}

/* Write all controls of one RIS, as a PARTID has them */
static void mpam_config_write_all(struct mpam_msc *msc, struct mpam_ris *ris,
				  u16 intpartid, u16 partid)
{
	const struct mpam_config *cfg = NULL;

	if (ris->vmsc)
		cfg = &ris->vmsc->comp->cfg[partid];
	mpam_config_write(msc, ris, intpartid, cfg, MPAM_CTRLS_ALL);
}

/* The same where PARTIDs share internal ones; the map comes last */
static void mpam_config_apply_narrow(const struct mpam_apply *apply)
{
	struct mpam_component *comp = apply->vmsc->comp;
	struct mpam_msc *msc = apply->vmsc->msc;
	enum mpam_narrow_todo todo;
	struct mpam_ris *ris;
	u32 partid;
	bool remap;
	u16 mine;

	for (partid = apply->first; partid <= apply->last; partid++) {
		struct mpam_config *cfg = &comp->cfg[partid];

		if (!cfg->dirty)
			continue;

		todo = mpam_narrow_plan(msc, partid, &mine, &remap);
		for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
			if (todo == MPAM_NARROW_ALL)
				mpam_config_write_all(msc, ris, mine, partid);
			else if (todo == MPAM_NARROW_CHANGED && ris->vmsc == apply->vmsc)
				mpam_config_write(msc, ris, mine, cfg, cfg->dirty);
		}
		if (remap)
			mpam_config_map(msc, partid, mine);
	}
}

/* On a CPU that reaches the MSC: write what is dirty */
static int mpam_config_apply_vmsc(void *arg)
{
	const struct mpam_apply *apply = arg;
	struct mpam_component *comp = apply->vmsc->comp;
	struct mpam_msc *msc = apply->vmsc->msc;
	struct mpam_ris *ris;
	unsigned int partid;

	if (msc->narrow) {
		mpam_config_apply_narrow(apply);
		return 0;
	}

	for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
		if (ris->vmsc != apply->vmsc)
			continue;

		for (partid = apply->first; partid <= apply->last; partid++) {
			struct mpam_config *cfg = &comp->cfg[partid];

			if (cfg->dirty)
				mpam_config_write(msc, ris, partid, cfg, cfg->dirty);
		}
	}

	return 0;
}

/*
 * Bring all live MSCs of a component up to cfg[], for a range of PARTIDs. One
 * that can't be reached keeps none of the others from it.
 */
static int mpam_config_apply(struct mpam_component *comp, u16 first, u16 last)
{
	struct mpam_apply apply = { .first = first, .last = last };
	int ret, err = 0;

	lockdep_assert_held(&comp->cfg_lock);
	lockdep_assert_cpus_held();

	for_each_mpam_vmsc(apply.vmsc, comp) {
		/* One that is bad is not live for long, or never came to be again */
		if (mpam_msc_is_bad(apply.vmsc->msc))
			ret = -EIO;
		else if (!READ_ONCE(apply.vmsc->msc->live))
			continue;
		else
			ret = mpam_msc_call(apply.vmsc->msc, mpam_config_apply_vmsc,
					    &apply);
		if (!err)
			err = ret;
	}

	return err;
}

/**
 * mpam_config_alloc() - Give every component room for its configuration
 * @topo:	the topology; mpam_topo_free() frees the room with it
 * @nr_partids:	how many PARTIDs there will be
 *
 * Context: May sleep; before the topology is published.
 * Return: 0 or -ENOMEM.
 */
int mpam_config_alloc(struct mpam_topo *topo, u32 nr_partids)
{
	struct mpam_component *comp;
	struct mpam_class *class;
	struct mpam_vmsc *vmsc;

	for_each_mpam_class(class, topo) {
		for_each_mpam_comp(comp, class) {
			comp->cfg = kvcalloc(nr_partids, sizeof(*comp->cfg), GFP_KERNEL);
			if (!comp->cfg)
				return -ENOMEM;
			comp->nr_cfg = nr_partids;

			for_each_mpam_vmsc(vmsc, comp) {
				if (mpam_narrow_alloc(vmsc->msc, nr_partids))
					return -ENOMEM;
			}
		}
	}

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_config_alloc);

/* Find internal PARTIDs for what is dirty in all MSCs of a component, or in none */
static int mpam_config_place(struct mpam_component *comp, u16 first, u16 last, bool reset)
{
	struct mpam_vmsc *vmsc;
	int ret;

	for_each_mpam_vmsc(vmsc, comp) {
		if (!vmsc->msc->narrow)
			continue;
		ret = mpam_narrow_place(vmsc->msc, comp, first, last, reset);
		if (ret)
			goto undo;
	}

	return 0;

undo:
	list_for_each_entry_continue_reverse(vmsc, &comp->vmscs, node) {
		if (!vmsc->msc->narrow)
			continue;
		mpam_narrow_undo(vmsc->msc, comp, first, last);
		mpam_narrow_done(vmsc->msc);
	}

	return ret;
}

static void mpam_config_unplace(struct mpam_component *comp, u16 first, u16 last)
{
	struct mpam_vmsc *vmsc;

	for_each_mpam_vmsc(vmsc, comp) {
		if (vmsc->msc->narrow)
			mpam_narrow_undo(vmsc->msc, comp, first, last);
	}
}

/* cfg[] and the hardware agree; what is down is going to be restored */
static void mpam_config_done(struct mpam_component *comp, u16 first, u16 last)
{
	struct mpam_vmsc *vmsc;
	u32 partid;

	for (partid = first; partid <= last; partid++)
		comp->cfg[partid].dirty = 0;
	for_each_mpam_vmsc(vmsc, comp) {
		if (vmsc->msc->narrow)
			mpam_narrow_done(vmsc->msc);
	}
}

/* Have it done, or have nothing changed; with @back, do what can be done */
static int mpam_config_change(struct mpam_component *comp, const u16 *partids,
			      unsigned int nr, enum mpam_ctrl_id ctrl, u32 val, bool back)
{
	const struct mpam_props *props = &comp->class->props;
	bool changed = false, placed, keep;
	struct mpam_config old[2];
	u16 first, last;
	unsigned int i;
	int ret;

	if (!nr || nr > ARRAY_SIZE(old) || !(props->has & BIT(ctrl)))
		return -EINVAL;
	if (mpam_ctrls[ctrl].kind == MPAM_KIND_BITMAP &&
	    fls(val) > mpam_ctrl_bits(props->wd[ctrl]))
		return -EINVAL;
	for (i = 0; i < nr; i++) {
		if (partids[i] >= comp->nr_cfg)
			return -EINVAL;
	}

	first = partids[0];
	last = partids[nr - 1];

	guard(mutex)(&mpam_config_lock);
	guard(mutex)(&comp->cfg_lock);

	for (i = 0; i < nr; i++) {
		struct mpam_config *cfg = &comp->cfg[partids[i]];

		old[i] = *cfg;
		cfg->val[ctrl] = val;
		cfg->valid |= BIT(ctrl);
		if (mpam_ctrl_same(props, BIT(ctrl), &old[i], cfg))
			continue;
		cfg->dirty |= BIT(ctrl);
		changed = true;
	}

	if (!changed)
		return 0;

	/*
	 * A new group that has no limits, as by default, did not get here. What is
	 * put back was there when the class was complete.
	 */
	if (!back && !mpam_class_complete(comp->class)) {
		for (i = 0; i < nr; i++)
			comp->cfg[partids[i]] = old[i];
		return -EIO;
	}

	ret = mpam_config_place(comp, first, last, false);
	placed = !ret;
	if (!ret)
		ret = mpam_config_apply(comp, first, last);

	keep = !ret || (back && placed);
	if (!keep) {
		for (i = 0; i < nr; i++) {
			old[i].dirty = comp->cfg[partids[i]].dirty;
			comp->cfg[partids[i]] = old[i];
		}
	}
	if (!keep && placed) {
		mpam_config_unplace(comp, first, last);
		mpam_config_apply(comp, first, last);
	}

	mpam_config_done(comp, first, last);

	return ret;
}

/**
 * mpam_config_set() - Configure a control of a component, for some PARTIDs
 * @comp:	the component
 * @partids:	which PARTIDs, in ascending order
 * @nr:		how many: 1, or 2 when instructions and data differ
 * @ctrl:	which control; one that the component's class has
 * @val:	from mpam_ctrl_encode()
 *
 * What is so already is not written again. If an MSC can't be written, those
 * that were get their old value back.
 *
 * Context: May sleep. Called with cpus_read_lock() held and under mpam_srcu.
 * Takes mpam_config_lock and comp->cfg_lock.
 * Return: 0, -EINVAL for a PARTID, control or portion that is not there, -EIO if
 * an MSC of the class is of no use, -ENOSPC if an MSC can't tell apart any more
 * configurations, or the error of mpam_msc_call(), with nothing changed.
 */
int mpam_config_set(struct mpam_component *comp, const u16 *partids,
		    unsigned int nr, enum mpam_ctrl_id ctrl, u32 val)
{
	return mpam_config_change(comp, partids, nr, ctrl, val, false);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_config_set);

/**
 * mpam_config_put_back() - Give a control of a component the value that it had before
 * @comp:	the component
 * @partids:	which PARTIDs, in ascending order
 * @nr:		how many: 1, or 2 when instructions and data differ
 * @ctrl:	which control; one that the component's class has
 * @val:	what mpam_config_set() has replaced
 *
 * MSCs that are of no use any more keep none of the others from it.
 *
 * Context: As mpam_config_set().
 * Return: as mpam_config_set(), but that after an error as much as possible is
 * as asked for.
 */
int mpam_config_put_back(struct mpam_component *comp, const u16 *partids,
			 unsigned int nr, enum mpam_ctrl_id ctrl, u32 val)
{
	return mpam_config_change(comp, partids, nr, ctrl, val, true);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_config_put_back);

/**
 * mpam_config_get() - What a control of a component was set to
 * @comp:	the component
 * @partid:	which PARTID
 * @ctrl:	which control
 * @val:	where the value goes
 *
 * Context: Under mpam_srcu; whoever sets configurations is held off by
 * resctrl's rdtgroup_mutex.
 * Return: true if somebody has set it; false if it is at reset.
 */
bool mpam_config_get(struct mpam_component *comp, u16 partid,
		     enum mpam_ctrl_id ctrl, u32 *val)
{
	const struct mpam_config *cfg;

	if (partid >= comp->nr_cfg)
		return false;

	cfg = &comp->cfg[partid];
	if (!(cfg->valid & BIT(ctrl)))
		return false;
	*val = cfg->val[ctrl];

	return true;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_config_get);

/**
 * mpam_config_reset() - Take controls of some PARTIDs back to reset
 * @comp:	the component
 * @first:	the first PARTID
 * @last:	the last PARTID; what is beyond those in use is ignored
 * @ctrls:	which controls: bit per enum mpam_ctrl_id
 *
 * What is at reset already is not written.
 *
 * Context: May sleep. Called with cpus_read_lock() held and under mpam_srcu.
 * Takes mpam_config_lock and comp->cfg_lock.
 * Return: 0, or the error of mpam_msc_call().
 */
int mpam_config_reset(struct mpam_component *comp, u16 first, u16 last, u32 ctrls)
{
	u32 partid, end = min(last + 1u, comp->nr_cfg);
	bool changed = false;
	int ret;

	guard(mutex)(&mpam_config_lock);
	guard(mutex)(&comp->cfg_lock);

	for (partid = first; partid < end; partid++) {
		struct mpam_config *cfg = &comp->cfg[partid];
		u32 asked = cfg->valid & ctrls;

		if (!mpam_ctrl_same(&comp->class->props, asked, cfg, NULL))
			cfg->dirty = asked;
		cfg->valid &= ~ctrls;
		changed |= cfg->dirty;
	}

	if (!changed)
		return 0;

	/* There is always room for what has no limits */
	mpam_config_place(comp, first, end - 1, true);
	ret = mpam_config_apply(comp, first, end - 1);
	mpam_config_done(comp, first, end - 1);

	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_config_reset);

/*
 * PARTIDs other than 0 may come out of reset disabled (IHI 0099, MPAMCFG_EN).
 * Those that share the last register with ours are enabled too: nobody has
 * asked for them to be cut off.
 */
static void mpam_config_enable_partids(struct mpam_msc *msc, u32 nr_partids)
{
	u32 partid;

	for (partid = 0; partid < nr_partids; partid += 32)
		mpam_part_request_wr(msc, partid, MPAMCFG_EN_FLAGS, U32_MAX);
}

/* What stands in ESR after power-up may be as stale as the rest */
static void mpam_config_clear_errors(struct mpam_msc *msc)
{
	/* v1.0 can't say whether it has them; where not, they ignore writes */
	if ((msc->idr & MPAMF_IDR_EXT) && !(msc->idr & MPAMF_IDR_HAS_ESR))
		return;

	mpam_msc_wr(msc, MPAMF_ECR, 0);
	if (msc->idr & MPAMF_IDR_HAS_EXTD_ESR)
		mpam_msc_wr(msc, MPAMF_ESR_HI, 0);
	mpam_msc_wr(msc, MPAMF_ESR, 0);
}

/**
 * mpam_config_restore_msc() - Write all controls of all PARTIDs to an MSC
 * @msc:	an MSC that was probed, in an unknown state
 * @nr_partids:	how many PARTIDs the system uses; the MSC may have fewer
 *
 * Every RIS that the hardware has is written: as cfg[] says where it belongs
 * to a component, to reset where it doesn't. This is also how an MSC is reset
 * for the first time.
 *
 * Context: May sleep. On a CPU in the MSC's reach, pinned to it. Takes
 * comp->cfg_lock and msc->part_lock. No lock is shared with other MSCs but that of
 * a component which they serve together. Nobody changes configuration meanwhile:
 * that takes cpus_read_lock(), which hotplug callbacks exclude once there is
 * resctrl; who is not one holds mpam_config_lock.
 */
void mpam_config_restore_msc(struct mpam_msc *msc, u32 nr_partids)
{
	struct mpam_ris *ris;
	u32 nr_int, i;
	u16 partid;

	nr_partids = min(nr_partids, msc->partid_max + 1u);
	nr_int = min(nr_partids, msc->intpartid_max + 1u);

	mpam_config_clear_errors(msc);

	if (msc->idr & MPAMF_IDR_HAS_PARTID_NRW) {
		for (i = 0; i < nr_partids; i++)
			mpam_config_map(msc, i, mpam_narrow_intpartid(msc, i));
	}
	if (msc->idr & MPAMF_IDR_HAS_ENDIS)
		mpam_config_enable_partids(msc, nr_partids);

	for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
		struct mpam_component *comp = ris->vmsc ? ris->vmsc->comp : NULL;

		if (comp)
			mutex_lock(&comp->cfg_lock);
		for (i = 0; i < nr_int; i++) {
			bool limited = mpam_narrow_member(msc, i, &partid);

			mpam_config_write(msc, ris, i,
					  comp && limited ? &comp->cfg[partid] : NULL,
					  MPAM_CTRLS_ALL);
		}
		if (comp)
			mutex_unlock(&comp->cfg_lock);
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_config_restore_msc);

static int mpam_config_reset_call(void *arg)
{
	struct mpam_msc *msc = arg;

	/* What anything else would make of a write is unknown */
	if (mpam_msc_is_bad(msc) && mpam_probe_recheck(msc))
		return -EIO;

	mpam_config_restore_msc(msc, mpam_limits_partids());

	return 0;
}

/**
 * mpam_config_reset_all() - Forget all configuration and reset every MSC that leaves
 * @topo:	the topology, with no live MSC any more
 *
 * One that was parked keeps limits as well: it is reset if it is still itself. One
 * that was down is off.
 *
 * Context: May sleep. Takes cpus_read_lock(), mpam_config_lock and comp->cfg_lock.
 */
void mpam_config_reset_all(struct mpam_topo *topo)
{
	struct mpam_component *comp;
	struct mpam_class *class;
	struct mpam_msc *msc;
	int idx;

	guard(cpus_read_lock)();
	guard(mutex)(&mpam_config_lock);

	for_each_mpam_class(class, topo) {
		for_each_mpam_comp(comp, class) {
			guard(mutex)(&comp->cfg_lock);
			memset(comp->cfg, 0, array_size(comp->nr_cfg, sizeof(*comp->cfg)));
		}
	}

	idx = srcu_read_lock(&mpam_srcu);
	for_each_mpam_msc(msc) {
		mpam_narrow_reset(msc);
		if (!msc->leaving && !(msc->stale && mpam_msc_is_bad(msc)))
			continue;
		if (!mpam_msc_call(msc, mpam_config_reset_call, msc))
			msc->stale = false;
		msc->leaving = false;
	}
	srcu_read_unlock(&mpam_srcu, idx);
}

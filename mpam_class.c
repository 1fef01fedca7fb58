// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: the topology: classes, components, vMSCs and RIS
 *
 * Builds the topology from what firmware described and probing found, and
 * merges the controls on the way up. One builder in one context makes it, so
 * it needs no lock; once published it is const, and it is freed as a whole.
 */
#include <linux/minmax.h>
#include <linux/slab.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"

/*
 * A group needs the same monitor everywhere. RIS of a vMSC may be there for
 * other things; but a vMSC without monitors leaves a part unseen.
 */
static void mpam_props_merge_mons(struct mpam_props *into, const struct mpam_props *from,
				  bool unite)
{
	unsigned int i;

	if (!unite || (into->nr_mons[MPAM_MON_MBWU] && from->nr_mons[MPAM_MON_MBWU]))
		into->mon_rwbw &= from->mon_rwbw;
	else
		into->mon_rwbw |= from->mon_rwbw;

	for (i = 0; i < MPAM_NUM_MON_TYPES; i++) {
		u32 a = into->nr_mons[i], b = from->nr_mons[i];

		into->nr_mons[i] = unite ? min_not_zero(a, b) : min(a, b);
	}
}

/**
 * mpam_props_merge() - Merge the controls and monitors of two things that act together
 * @into:	what has been merged so far
 * @from:	what comes on top
 * @unite:	true: they add up, as the RIS of a vMSC do; false: only what both
 *		have is left, as for the vMSCs of a class
 *
 * A control that both have with other widths is dropped or narrowed, as its
 * row says; one whose priorities count the other way is dropped. One that is
 * derived from others is for no user, so it is not merged at all. Of monitors
 * there are as many as the one with the fewest has.
 *
 * Context: Any.
 */
void mpam_props_merge(struct mpam_props *into, const struct mpam_props *from,
		      bool unite)
{
	unsigned int i;

	into->derived |= from->derived;
	mpam_props_merge_mons(into, from, unite);

	for (i = 0; i < MPAM_NUM_CTRLS; i++) {
		u32 bit = BIT(i);

		if (into->derived & bit) {
			into->has &= ~bit;
			continue;
		}

		if (!(from->has & bit)) {
			if (!unite)
				into->has &= ~bit;
			continue;
		}

		if (!(into->has & bit)) {
			if (unite) {
				into->has |= bit;
				into->wd[i] = from->wd[i];
				into->zero_low |= from->zero_low & bit;
			}
			continue;
		}

		if ((into->zero_low ^ from->zero_low) & bit)
			into->has &= ~bit;
		else if (mpam_ctrls[i].merge == MPAM_MERGE_MIN)
			into->wd[i] = min(into->wd[i], from->wd[i]);
		else if (into->wd[i] != from->wd[i])
			into->has &= ~bit;
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_props_merge);

static struct mpam_class *mpam_class_get(struct mpam_topo *topo,
					 const struct mpam_fw_ris *fw)
{
	struct mpam_class *class = mpam_class_find(topo, fw->type, fw->level);

	if (class)
		return class;

	class = kzalloc(sizeof(*class), GFP_KERNEL);
	if (!class)
		return NULL;

	class->type = fw->type;
	class->level = fw->level;
	INIT_LIST_HEAD(&class->comps);
	list_add_tail(&class->node, &topo->classes);

	return class;
}

static struct mpam_component *mpam_comp_get(struct mpam_class *class,
					    const struct mpam_fw_ris *fw)
{
	struct mpam_component *comp;

	for_each_mpam_comp(comp, class) {
		if (comp->id == fw->comp_id)
			return comp;
	}

	comp = kzalloc(sizeof(*comp), GFP_KERNEL);
	if (!comp)
		return NULL;

	comp->class = class;
	comp->id = fw->comp_id;
	INIT_LIST_HEAD(&comp->vmscs);
	mutex_init(&comp->cfg_lock);
	raw_spin_lock_init(&comp->slot_lock);
	list_add_tail(&comp->node, &class->comps);

	return comp;
}

static struct mpam_vmsc *mpam_vmsc_get(struct mpam_component *comp,
				       struct mpam_msc *msc)
{
	struct mpam_vmsc *vmsc;

	for_each_mpam_vmsc(vmsc, comp) {
		if (vmsc->msc == msc)
			return vmsc;
	}

	vmsc = kzalloc(sizeof(*vmsc), GFP_KERNEL);
	if (!vmsc)
		return NULL;

	vmsc->comp = comp;
	vmsc->msc = msc;
	list_add_tail(&vmsc->node, &comp->vmscs);

	return vmsc;
}

static int mpam_topo_link(struct mpam_topo *topo, struct mpam_msc *msc,
			  const struct mpam_fw_ris *fw)
{
	struct mpam_component *comp;
	struct mpam_class *class;
	struct mpam_vmsc *vmsc;

	class = mpam_class_get(topo, fw);
	if (!class)
		return -ENOMEM;
	comp = mpam_comp_get(class, fw);
	if (!comp)
		return -ENOMEM;
	vmsc = mpam_vmsc_get(comp, msc);
	if (!vmsc)
		return -ENOMEM;

	cpumask_or(&comp->affinity, &comp->affinity, &fw->affinity);
	cpumask_or(&class->affinity, &class->affinity, &fw->affinity);
	vmsc->ris_mask |= BIT(fw->idx);
	msc->ris[fw->idx].vmsc = vmsc;

	return 0;
}

/* What an MSC that is of no use would have controlled can't be offered */
static int mpam_topo_link_lost(struct mpam_topo *topo, const struct mpam_msc *msc,
			       const struct mpam_fw_ris *fw)
{
	struct mpam_class *class = mpam_class_get(topo, fw);

	if (!class)
		return -ENOMEM;
	if (mpam_class_complete(class))
		class->lost = msc;

	return 0;
}

/* A control that was dropped must not come back with the next RIS */
static void mpam_vmsc_merge(struct mpam_vmsc *vmsc)
{
	u32 dropped = 0;
	unsigned int i;

	for (i = 0; i < MPAM_MAX_RIS; i++) {
		const struct mpam_props *props = &vmsc->msc->ris[i].props;
		u32 both;

		if (!(vmsc->ris_mask & BIT(i)))
			continue;

		both = vmsc->props.has & props->has;
		mpam_props_merge(&vmsc->props, props, true);
		dropped |= both & ~vmsc->props.has;
		vmsc->props.has &= ~dropped;
	}
}

static void mpam_class_merge(struct mpam_class *class)
{
	struct mpam_component *comp;
	struct mpam_vmsc *vmsc;
	bool first = true;

	for_each_mpam_comp(comp, class) {
		for_each_mpam_vmsc(vmsc, comp) {
			mpam_vmsc_merge(vmsc);
			if (first)
				class->props = vmsc->props;
			else
				mpam_props_merge(&class->props, &vmsc->props, false);
			first = false;
		}
	}
}

/**
 * mpam_topo_build() - Link all RIS that firmware listed into a topology
 * @mscs:	list of struct mpam_msc, all probed, or found to be of no use
 *
 * Context: May sleep. The only one to use the MSCs' RIS at the time.
 * Return: the topology, for mpam_topo_free(), or ERR_PTR(-ENOMEM).
 */
struct mpam_topo *mpam_topo_build(struct list_head *mscs)
{
	struct mpam_class *class;
	struct mpam_topo *topo;
	struct mpam_msc *msc;
	unsigned int i;

	topo = kzalloc(sizeof(*topo), GFP_KERNEL);
	if (!topo)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&topo->classes);

	list_for_each_entry(msc, mscs, node) {
		for (i = 0; i < msc->fw.nr_ris; i++) {
			const struct mpam_fw_ris *fw = &msc->fw.ris[i];
			int ret;

			if (mpam_msc_is_bad(msc) || msc->fw.vague || !msc->ris[fw->idx].in_hw)
				ret = mpam_topo_link_lost(topo, msc, fw);
			else
				ret = mpam_topo_link(topo, msc, fw);
			if (ret) {
				mpam_topo_free(topo);
				return ERR_PTR(-ENOMEM);
			}
		}
	}

	for_each_mpam_class(class, topo)
		mpam_class_merge(class);

	return topo;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_topo_build);

static void mpam_comp_free(struct mpam_component *comp)
{
	struct mpam_vmsc *vmsc, *tmp;
	unsigned int i;

	mpam_monitor_free(comp);

	list_for_each_entry_safe(vmsc, tmp, &comp->vmscs, node) {
		for (i = 0; i < MPAM_MAX_RIS; i++) {
			if (vmsc->ris_mask & BIT(i))
				vmsc->msc->ris[i].vmsc = NULL;
		}
		mpam_narrow_free(vmsc->msc);
		kfree(vmsc);
	}

	kvfree(comp->cfg);
	mutex_destroy(&comp->cfg_lock);
	kfree(comp);
}

/**
 * mpam_topo_free() - Take a topology apart and free all of it
 * @topo:	from mpam_topo_build(); no reader can find it any more
 *
 * Context: May sleep.
 */
void mpam_topo_free(struct mpam_topo *topo)
{
	struct mpam_component *comp, *comp_tmp;
	struct mpam_class *class, *class_tmp;

	list_for_each_entry_safe(class, class_tmp, &topo->classes, node) {
		list_for_each_entry_safe(comp, comp_tmp, &class->comps, node)
			mpam_comp_free(comp);
		kfree(class);
	}
	kfree(topo);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_topo_free);

/**
 * mpam_class_limits() - Lower limits to the labels that all MSCs of a class know
 * @class:	the class
 * @partid_max:	the largest PARTID
 * @pmg_max:	the largest PMG
 *
 * Context: Where the topology can't go away.
 */
void mpam_class_limits(const struct mpam_class *class, u16 *partid_max, u8 *pmg_max)
{
	struct mpam_component *comp;
	struct mpam_vmsc *vmsc;

	for_each_mpam_comp(comp, class) {
		for_each_mpam_vmsc(vmsc, comp) {
			*partid_max = min(*partid_max, vmsc->msc->partid_max);
			*pmg_max = min(*pmg_max, vmsc->msc->pmg_max);
		}
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_class_limits);

/**
 * mpam_class_find() - The class of all resources of a kind
 * @topo:	the topology
 * @type:	what kind
 * @level:	cache level for MPAM_CLASS_CACHE, else 0
 *
 * Context: Under mpam_srcu, or where the topology can't go away.
 * Return: the class, or NULL.
 */
struct mpam_class *mpam_class_find(struct mpam_topo *topo,
				   enum mpam_class_type type, u8 level)
{
	struct mpam_class *class;

	for_each_mpam_class(class, topo) {
		if (class->type == type && class->level == level)
			return class;
	}

	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_class_find);

/**
 * mpam_comp_find() - The component of a class that a CPU uses
 * @class:	the class
 * @cpu:	the CPU
 *
 * Context: Under mpam_srcu, or where the topology can't go away.
 * Return: the component, or NULL.
 */
struct mpam_component *mpam_comp_find(const struct mpam_class *class, unsigned int cpu)
{
	struct mpam_component *comp;

	for_each_mpam_comp(comp, class) {
		if (cpumask_test_cpu(cpu, &comp->affinity))
			return comp;
	}

	return NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: a read-only view for people who wonder what MPAM is up to
 *
 * One directory per MSC below mpam/ in debugfs, with one per RIS below that, and
 * a file that tells what became of each control. Nothing here touches
 * hardware: it shows what the driver knows.
 *
 * What belongs to the topology is looked at under mpam_srcu.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/seq_file.h>
#include <linux/srcu.h>

#include "mpam_internal.h"
#include "mpam_resctrl.h"

static struct dentry *mpam_debugfs_dir;

static int state_show(struct seq_file *s, void *unused)
{
	struct mpam_msc *msc = s->private;

	if (mpam_msc_is_bad(msc))
		seq_printf(s, "%s: %s\n", READ_ONCE(msc->stale) ? "parked" : "failed", msc->why);
	else if (mpam_devices_failed())
		seq_puts(s, "unused: MPAM is off, the kernel log says why\n");
	else if (!READ_ONCE(msc->probed))
		seq_printf(s, "waiting for CPU %*pbl\n", cpumask_pr_args(&msc->fw.reach));
	else if (READ_ONCE(msc->live) && msc->fw.vague)
		seq_printf(s, "live, without limits: %s\n", msc->fw.why);
	else if (READ_ONCE(msc->live))
		seq_puts(s, "live\n");
	else if (cpumask_intersects(&msc->fw.reach, cpu_online_mask))
		seq_puts(s, "probed\n");
	else
		seq_printf(s, "down: none of CPU %*pbl is online\n",
			   cpumask_pr_args(&msc->fw.reach));

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static int errors_show(struct seq_file *s, void *unused)
{
	struct mpam_msc *msc = s->private;
	unsigned int i;

	seq_printf(s, "interrupt: %s\n", !msc->err_irq ? "none" :
		   READ_ONCE(msc->muted) ? "switched off, there were too many errors" : "in use");
	for (i = 1; i < MPAM_NUM_ERRS; i++) {
		u32 nr = READ_ONCE(msc->errs[i]);

		if (nr)
			seq_printf(s, "%u %s: %u\n", i, mpam_errs[i].name, nr);
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(errors);

/* "L3 cache", "memory", "other" */
static void mpam_debugfs_kind(struct seq_file *s, enum mpam_class_type type, u8 level)
{
	if (type == MPAM_CLASS_CACHE)
		seq_printf(s, "L%u cache", level);
	else
		seq_puts(s, type == MPAM_CLASS_MEMORY ? "memory" : "other");
}

static int ris_features_show(struct seq_file *s, void *unused)
{
	struct mpam_ris *ris = s->private;
	unsigned int i;

	for (i = 0; i < MPAM_NUM_CTRLS; i++) {
		if (ris->props.has & BIT(i))
			seq_printf(s, "%s: %u bits\n", mpam_ctrls[i].name, ris->props.wd[i]);
	}
	if (ris->props.nr_mons[MPAM_MON_CSU])
		seq_printf(s, "CSU: %u monitors\n", ris->props.nr_mons[MPAM_MON_CSU]);
	if (ris->props.nr_mons[MPAM_MON_MBWU])
		seq_printf(s, "MBWU: %u monitors\n", ris->props.nr_mons[MPAM_MON_MBWU]);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ris_features);

static int ris_class_show(struct seq_file *s, void *unused)
{
	struct mpam_ris *ris = s->private;
	const struct mpam_msc *lost;
	struct mpam_component *comp;

	guard(srcu)(&mpam_srcu);

	if (!mpam_devices_topo() || !ris->vmsc) {
		seq_puts(s, "none\n");
		return 0;
	}

	comp = ris->vmsc->comp;
	mpam_debugfs_kind(s, comp->class->type, comp->class->level);
	seq_printf(s, " %u of CPUs %*pbl", comp->id, cpumask_pr_args(&comp->affinity));
	lost = READ_ONCE(comp->class->lost);
	if (lost)
		seq_printf(s, "; degraded: without %s", dev_name(lost->dev));
	seq_putc(s, '\n');

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ris_class);

/* The PARTIDs for which somebody has asked for something */
static int ris_config_show(struct seq_file *s, void *unused)
{
	struct mpam_ris *ris = s->private;
	struct mpam_component *comp;
	unsigned int partid, i;

	guard(srcu)(&mpam_srcu);

	if (!mpam_devices_topo() || !ris->vmsc)
		return 0;

	comp = ris->vmsc->comp;
	guard(mutex)(&comp->cfg_lock);
	for (partid = 0; partid < comp->nr_cfg; partid++) {
		const struct mpam_config *cfg = &comp->cfg[partid];
		u32 valid = cfg->valid & ris->props.has;

		if (!valid)
			continue;
		seq_printf(s, "PARTID %u:", partid);
		for (i = 0; i < MPAM_NUM_CTRLS; i++) {
			if (valid & BIT(i))
				seq_printf(s, " %s=%#x", mpam_ctrls[i].name, cfg->val[i]);
		}
		seq_putc(s, '\n');
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ris_config);

/* What one of the MSCs of a class has at least, if not all of them */
static u32 mpam_debugfs_class_has(struct mpam_class *class)
{
	struct mpam_component *comp;
	struct mpam_vmsc *vmsc;
	u32 has = 0;

	for_each_mpam_comp(comp, class) {
		for_each_mpam_vmsc(vmsc, comp)
			has |= vmsc->props.has;
	}

	return has;
}

static void mpam_debugfs_mons(struct seq_file *s, struct mpam_class *class,
			      enum mpam_mon_type type)
{
	const char *what = mpam_resctrl_mon_exposed(class, type);

	if (!class->props.nr_mons[type])
		return;

	mpam_debugfs_kind(s, class->type, class->level);
	seq_printf(s, " %s monitors: ", type == MPAM_MON_CSU ? "CSU" : "MBWU");
	if (what)
		seq_printf(s, "exposed as %s\n", what);
	else if (!mpam_class_complete(class))
		seq_puts(s, "not exposed because not all of its MSCs can be used\n");
	else
		seq_puts(s, "not exposed because resctrl has no event for them at this place\n");
}

static int features_show(struct seq_file *s, void *unused)
{
	const char *what, *why;
	struct mpam_class *class;
	struct mpam_topo *topo;
	struct mpam_msc *msc;
	struct mpam_ris *ris;
	unsigned int i;
	u32 has;

	guard(srcu)(&mpam_srcu);

	topo = mpam_devices_topo();
	if (!topo) {
		seq_puts(s, "MPAM is not on\n");
		return 0;
	}

	for_each_mpam_class(class, topo) {
		has = mpam_debugfs_class_has(class);
		for (i = 0; i < MPAM_NUM_CTRLS; i++) {
			if (!(has & BIT(i)))
				continue;
			mpam_debugfs_kind(s, class->type, class->level);
			what = mpam_resctrl_exposed(class, i, &why);
			if (what)
				seq_printf(s, " %s: exposed as %s\n", mpam_ctrls[i].name, what);
			else
				seq_printf(s, " %s: not exposed because %s\n",
					   mpam_ctrls[i].name, why);
		}
		mpam_debugfs_mons(s, class, MPAM_MON_CSU);
		mpam_debugfs_mons(s, class, MPAM_MON_MBWU);
	}

	for_each_mpam_msc(msc) {
		if (mpam_msc_is_bad(msc))
			continue;
		for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
			for (i = 0; i < MPAM_NUM_CTRLS && !ris->vmsc; i++) {
				if (ris->props.has & BIT(i))
					seq_printf(s, "%s RIS %u %s: not exposed because firmware does not say what it is\n",
						   dev_name(msc->dev), ris->idx,
						   mpam_ctrls[i].name);
			}
		}
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(features);

/**
 * mpam_debugfs_init() - Make the directory that all else goes below
 *
 * Context: May sleep; once.
 */
void mpam_debugfs_init(void)
{
	mpam_debugfs_dir = debugfs_create_dir("mpam", NULL);
	debugfs_create_file("features", 0400, mpam_debugfs_dir, NULL, &features_fops);
}

/**
 * mpam_debugfs_add_msc() - Show an MSC
 * @msc:	the MSC, which stays as long as the system
 *
 * Context: May sleep.
 */
void mpam_debugfs_add_msc(struct mpam_msc *msc)
{
	msc->debugfs = debugfs_create_dir(dev_name(msc->dev), mpam_debugfs_dir);

	debugfs_create_file("state", 0400, msc->debugfs, msc, &state_fops);
	debugfs_create_file("errors", 0400, msc->debugfs, msc, &errors_fops);
}

/**
 * mpam_debugfs_enabled() - Show the RIS of all MSCs, which are known now
 *
 * Context: May sleep; once, when MPAM is on.
 */
void mpam_debugfs_enabled(void)
{
	struct mpam_msc *msc;
	struct mpam_ris *ris;
	struct dentry *dir;
	char name[8];

	guard(srcu)(&mpam_srcu);

	for_each_mpam_msc(msc) {
		if (!READ_ONCE(msc->probed))
			continue;
		for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
			snprintf(name, sizeof(name), "ris%u", ris->idx);
			dir = debugfs_create_dir(name, msc->debugfs);
			debugfs_create_file("features", 0400, dir, ris, &ris_features_fops);
			debugfs_create_file("class", 0400, dir, ris, &ris_class_fops);
			debugfs_create_file("config", 0400, dir, ris, &ris_config_fops);
		}
	}
}

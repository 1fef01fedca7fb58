// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: a read-only view for people who wonder what MPAM is up to
 *
 * One directory per MSC below mpam/ in debugfs. Nothing here touches hardware.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/seq_file.h>

#include "mpam_internal.h"

static struct dentry *mpam_debugfs_dir;

static int state_show(struct seq_file *s, void *unused)
{
	struct mpam_msc *msc = s->private;

	if (mpam_msc_is_bad(msc))
		seq_printf(s, "failed: %s\n", msc->why);
	else if (mpam_devices_failed())
		seq_puts(s, "unused: MPAM is off, the kernel log says why\n");
	else if (!READ_ONCE(msc->probed))
		seq_printf(s, "waiting for CPU %*pbl\n", cpumask_pr_args(&msc->fw.reach));
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

/**
 * mpam_debugfs_init() - Make the directory that all else goes below
 *
 * Context: May sleep; once.
 */
void mpam_debugfs_init(void)
{
	mpam_debugfs_dir = debugfs_create_dir("mpam", NULL);
}

/**
 * mpam_debugfs_add_msc() - Show an MSC
 * @msc:	the MSC, which stays as long as the system
 *
 * Context: May sleep.
 */
void mpam_debugfs_add_msc(struct mpam_msc *msc)
{
	struct dentry *dir = debugfs_create_dir(dev_name(msc->dev), mpam_debugfs_dir);

	debugfs_create_file("state", 0400, dir, msc, &state_fops);
}

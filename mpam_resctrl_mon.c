// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: resctrl_arch_*() for monitors
 *
 * No resource is offered as capable of monitoring, and no event is enabled, so
 * resctrl has no file that would lead here. What it links against answers that
 * there is nothing.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/workqueue.h>
#include <linux/resctrl.h>

bool resctrl_arch_mon_capable(void)
{
	struct rdt_resource *r;

	for_each_mon_capable_rdt_resource(r)
		return true;

	return false;
}

int resctrl_arch_rmid_read(struct rdt_resource *r, struct rdt_mon_domain *d,
			   u32 closid, u32 rmid, enum resctrl_event_id eventid,
			   u64 *val, void *arch_mon_ctx)
{
	resctrl_arch_rmid_read_context_check();

	return -EOPNOTSUPP;
}

void resctrl_arch_reset_rmid(struct rdt_resource *r, struct rdt_mon_domain *d,
			     u32 closid, u32 rmid, enum resctrl_event_id eventid)
{
}

void resctrl_arch_reset_rmid_all(struct rdt_resource *r, struct rdt_mon_domain *d)
{
}

void *resctrl_arch_mon_ctx_alloc(struct rdt_resource *r, enum resctrl_event_id evtid)
{
	return ERR_PTR(-EOPNOTSUPP);
}

void resctrl_arch_mon_ctx_free(struct rdt_resource *r, enum resctrl_event_id evtid,
			       void *ctx)
{
}

unsigned int resctrl_arch_round_mon_val(unsigned int val)
{
	return val;
}

bool resctrl_arch_is_evt_configurable(enum resctrl_event_id evt)
{
	return false;
}

void resctrl_arch_mon_event_config_write(void *config_info)
{
}

void resctrl_arch_mon_event_config_read(void *config_info)
{
	struct resctrl_mon_config_info *info = config_info;

	info->mon_config = 0;
}

bool resctrl_arch_mbm_cntr_assign_enabled(struct rdt_resource *r)
{
	return false;
}

int resctrl_arch_mbm_cntr_assign_set(struct rdt_resource *r, bool enable)
{
	return enable ? -EOPNOTSUPP : 0;
}

void resctrl_arch_config_cntr(struct rdt_resource *r, struct rdt_mon_domain *d,
			      enum resctrl_event_id evtid, u32 rmid, u32 closid,
			      u32 cntr_id, bool assign)
{
}

int resctrl_arch_cntr_read(struct rdt_resource *r, struct rdt_mon_domain *d,
			   u32 closid, u32 rmid, int cntr_id,
			   enum resctrl_event_id eventid, u64 *val)
{
	return -EOPNOTSUPP;
}

void resctrl_arch_reset_cntr(struct rdt_resource *r, struct rdt_mon_domain *d,
			     u32 closid, u32 rmid, int cntr_id,
			     enum resctrl_event_id eventid)
{
}

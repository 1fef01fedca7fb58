// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: resctrl_arch_*() for controls
 *
 * Turns what resctrl has parsed into configuration of components, and back.
 * An update of several domains is done in all of them, or in none.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/cpu.h>
#include <linux/resctrl.h>

#include "mpam_resctrl.h"

/* A CLOSID's PARTID; one place knows */
static u16 mpam_resctrl_partid(u32 closid, enum resctrl_conf_type type)
{
	return resctrl_get_config_index(closid, type);
}

static int mpam_resctrl_set(struct mpam_resctrl_res *mr, struct mpam_resctrl_dom *dom,
			    u32 closid, enum resctrl_conf_type type, u32 val)
{
	u16 partid = mpam_resctrl_partid(closid, type);

	return mpam_config_set(dom->comp, &partid, 1, mr->ctrl, val);
}

static u32 mpam_resctrl_get(struct mpam_resctrl_res *mr, struct mpam_resctrl_dom *dom,
			    u32 closid, enum resctrl_conf_type type)
{
	u32 val = resctrl_get_default_ctrl(&mr->res);

	mpam_config_get(dom->comp, mpam_resctrl_partid(closid, type), mr->ctrl, &val);

	return val;
}

u32 resctrl_arch_get_config(struct rdt_resource *r, struct rdt_ctrl_domain *d,
			    u32 closid, enum resctrl_conf_type type)
{
	int idx = srcu_read_lock(&mpam_srcu);
	u32 val = mpam_resctrl_get(to_mpam_res(r), to_mpam_dom(d), closid, type);

	srcu_read_unlock(&mpam_srcu, idx);

	return val;
}

int resctrl_arch_update_one(struct rdt_resource *r, struct rdt_ctrl_domain *d,
			    u32 closid, enum resctrl_conf_type t, u32 cfg_val)
{
	int idx, ret;

	lockdep_assert_cpus_held();

	idx = srcu_read_lock(&mpam_srcu);
	ret = mpam_resctrl_set(to_mpam_res(r), to_mpam_dom(d), closid, t, cfg_val);
	srcu_read_unlock(&mpam_srcu, idx);

	return ret;
}

/* Put what is staged for a domain into effect, for all types or for none */
static int mpam_resctrl_update_dom(struct mpam_resctrl_res *mr,
				   struct mpam_resctrl_dom *dom, u32 closid)
{
	enum resctrl_conf_type t;
	int ret;

	for (t = 0; t < CDP_NUM_TYPES; t++) {
		struct resctrl_staged_config *cfg = &dom->ctrl.staged_config[t];

		if (!cfg->have_new_ctrl)
			continue;

		dom->prev[t] = mpam_resctrl_get(mr, dom, closid, t);
		ret = mpam_resctrl_set(mr, dom, closid, t, cfg->new_ctrl);
		if (ret)
			goto revert;
	}

	return 0;

revert:
	while (t-- > 0) {
		if (dom->ctrl.staged_config[t].have_new_ctrl)
			mpam_resctrl_set(mr, dom, closid, t, dom->prev[t]);
	}

	return ret;
}

/* Give a domain that was updated its old configuration back */
static void mpam_resctrl_revert_dom(struct mpam_resctrl_res *mr,
				    struct mpam_resctrl_dom *dom, u32 closid)
{
	enum resctrl_conf_type t;

	for (t = 0; t < CDP_NUM_TYPES; t++) {
		if (dom->ctrl.staged_config[t].have_new_ctrl)
			mpam_resctrl_set(mr, dom, closid, t, dom->prev[t]);
	}
}

int resctrl_arch_update_domains(struct rdt_resource *r, u32 closid)
{
	struct mpam_resctrl_res *mr = to_mpam_res(r);
	struct mpam_resctrl_dom *dom;
	int idx, ret = 0;

	lockdep_assert_cpus_held();

	idx = srcu_read_lock(&mpam_srcu);
	list_for_each_entry(dom, &r->ctrl_domains, ctrl.hdr.list) {
		ret = mpam_resctrl_update_dom(mr, dom, closid);
		if (ret)
			break;
	}
	if (ret) {
		list_for_each_entry_continue_reverse(dom, &r->ctrl_domains, ctrl.hdr.list)
			mpam_resctrl_revert_dom(mr, dom, closid);
	}
	srcu_read_unlock(&mpam_srcu, idx);

	return ret;
}

/*
 * All components of a class, whether or not they have a domain: one that is
 * offline must not remember what it was set to.
 */
static void mpam_resctrl_reset(struct mpam_resctrl_res *mr, u16 first, u16 last)
{
	struct mpam_component *comp;
	int idx;

	lockdep_assert_cpus_held();

	/* After mpam_resctrl_exit(), for a mount that is still there */
	if (!mr->class)
		return;

	idx = srcu_read_lock(&mpam_srcu);
	for_each_mpam_comp(comp, mr->class)
		mpam_config_reset(comp, first, last, BIT(mr->ctrl));
	srcu_read_unlock(&mpam_srcu, idx);
}

void resctrl_arch_reset_all_ctrls(struct rdt_resource *r)
{
	mpam_resctrl_reset(to_mpam_res(r), 0, U16_MAX);
}

void resctrl_arch_reset_closid(u32 closid)
{
	struct rdt_resource *r;

	for_each_alloc_capable_rdt_resource(r)
		mpam_resctrl_reset(to_mpam_res(r), mpam_resctrl_partid(closid, CDP_NONE),
				   mpam_resctrl_partid(closid, CDP_NONE));
}

/* Splitting instructions from data needs two PARTIDs a CLOSID */
bool resctrl_arch_get_cdp_enabled(enum resctrl_res_level l)
{
	return false;
}

int resctrl_arch_set_cdp_enabled(enum resctrl_res_level l, bool enable)
{
	return enable ? -EOPNOTSUPP : 0;
}

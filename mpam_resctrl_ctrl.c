// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: resctrl_arch_*() for controls
 *
 * Turns what resctrl has parsed into configuration of components, and back.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/cpu.h>
#include <linux/resctrl.h>
#include <linux/srcu.h>
#include <kunit/visibility.h>

#include "mpam_resctrl.h"

u32 resctrl_arch_get_config(struct rdt_resource *r, struct rdt_ctrl_domain *d,
			    u32 closid, enum resctrl_conf_type type)
{
	struct mpam_component *comp = to_mpam_dom(d)->comp;
	enum mpam_ctrl_id ctrl = to_mpam_res(r)->ctrl;
	int idx = srcu_read_lock(&mpam_srcu);
	u32 val = resctrl_get_default_ctrl(r);
	u16 partids[2];

	/* If there are two, they have been given the same */
	mpam_resctrl_partids(closid, type, partids);
	if (mpam_config_get(comp, partids[0], ctrl, &val))
		val = mpam_ctrl_decode(ctrl, &comp->class->props, val);
	srcu_read_unlock(&mpam_srcu, idx);

	return val;
}

static int mpam_resctrl_update(struct rdt_resource *r, struct rdt_ctrl_domain *d, u32 closid,
			       enum resctrl_conf_type t, u32 cfg_val, bool back)
{
	struct mpam_component *comp = to_mpam_dom(d)->comp;
	enum mpam_ctrl_id ctrl = to_mpam_res(r)->ctrl;
	unsigned int nr;
	u16 partids[2];
	u32 val;

	lockdep_assert_cpus_held();

	nr = mpam_resctrl_partids(closid, t, partids);

	guard(srcu)(&mpam_srcu);

	val = mpam_ctrl_encode(ctrl, &comp->class->props, cfg_val);
	if (back)
		return mpam_config_put_back(comp, partids, nr, ctrl, val);

	return mpam_config_set(comp, partids, nr, ctrl, val);
}

int resctrl_arch_update_one(struct rdt_resource *r, struct rdt_ctrl_domain *d,
			    u32 closid, enum resctrl_conf_type t, u32 cfg_val)
{
	return mpam_resctrl_update(r, d, closid, t, cfg_val, false);
}

/* resctrl takes back what was updated if this fails half-way */
int resctrl_arch_update_domains(struct rdt_resource *r, u32 closid)
{
	struct mpam_resctrl_dom *dom;
	enum resctrl_conf_type t;
	int ret, err = 0;

	list_for_each_entry(dom, &r->ctrl_domains, ctrl.hdr.list) {
		for (t = 0; t < CDP_NUM_TYPES; t++) {
			struct resctrl_staged_config *cfg = &dom->ctrl.staged_config[t];

			if (!cfg->have_new_ctrl)
				continue;

			ret = mpam_resctrl_update(r, &dom->ctrl, closid, t, cfg->new_ctrl,
						  cfg->reverts);
			if (ret && !cfg->reverts)
				return ret;
			if (!err)
				err = ret;
		}
	}

	return err;
}

/*
 * All components of a class, whether or not they have a domain: one that is
 * offline must not remember what it was set to.
 */
static void mpam_resctrl_reset(struct mpam_resctrl_res *mr, u16 first, u16 last)
{
	struct mpam_component *comp;
	struct mpam_class *class;

	lockdep_assert_cpus_held();

	guard(srcu)(&mpam_srcu);

	/* A mount can outlast mpam_resctrl_exit(), or be unmounted at the same time */
	class = READ_ONCE(mr->class);
	if (!class)
		return;

	for_each_mpam_comp(comp, class)
		mpam_config_reset(comp, first, last, BIT(mr->ctrl));
}

void resctrl_arch_reset_all_ctrls(struct rdt_resource *r)
{
	mpam_resctrl_reset(to_mpam_res(r), 0, U16_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(resctrl_arch_reset_all_ctrls);

void resctrl_arch_reset_closid(u32 closid)
{
	struct rdt_resource *r;
	unsigned int nr;
	u16 partids[2];

	nr = mpam_resctrl_partids(closid, CDP_NONE, partids);

	for_each_alloc_capable_rdt_resource(r)
		mpam_resctrl_reset(to_mpam_res(r), partids[0], partids[nr - 1]);
}

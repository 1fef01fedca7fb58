/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the rooms that speak resctrl share: which class stands behind a
 * resource, and which component behind a domain.
 */
#ifndef MPAM_RESCTRL_H
#define MPAM_RESCTRL_H

#include <linux/workqueue.h>
#include <linux/resctrl.h>

#include "mpam_internal.h"

/**
 * struct mpam_resctrl_res - a resource of resctrl's
 * @res:	what resctrl sees
 * @ctrl:	the control that its schema sets
 * @class:	the class that stands behind it, or NULL; of those who hold no
 *		mpam_state_lock and are no hotplug callback, read under mpam_srcu
 * @cdp:	instructions and data are configured apart; changes under
 *		rdtgroup_mutex and cpus_read_lock()
 */
struct mpam_resctrl_res {
	struct rdt_resource	res;
	enum mpam_ctrl_id	ctrl;
	struct mpam_class	*class;
	bool			cdp;
};

/**
 * struct mpam_resctrl_dom - a domain of resctrl's
 * @ctrl:	what resctrl sees
 * @comp:	the component behind it
 */
struct mpam_resctrl_dom {
	struct rdt_ctrl_domain	ctrl;
	struct mpam_component	*comp;
};

static inline struct mpam_resctrl_res *to_mpam_res(struct rdt_resource *r)
{
	return container_of(r, struct mpam_resctrl_res, res);
}

static inline struct mpam_resctrl_dom *to_mpam_dom(struct rdt_ctrl_domain *d)
{
	return container_of(d, struct mpam_resctrl_dom, ctrl);
}

/* mpam_resctrl.c */
const char *mpam_resctrl_exposed(const struct mpam_class *class, enum mpam_ctrl_id ctrl,
				 const char **why);
const char *mpam_resctrl_unlike_l3(struct mpam_class *class, const struct mpam_class *l3);
struct mpam_component *mpam_resctrl_comp(struct mpam_class *class, unsigned int cpu);
int mpam_resctrl_dom_id(const struct mpam_component *comp, unsigned int cpu);
bool mpam_resctrl_ids_fit(struct mpam_class *class);
unsigned int mpam_resctrl_partids(u32 closid, enum resctrl_conf_type type, u16 partids[2]);

/* mpam_resctrl_mon.c */
struct mpam_class *mpam_resctrl_mon_source(struct mpam_topo *topo, enum mpam_mon_type type);
bool mpam_resctrl_mon_init(struct mpam_topo *topo);
void mpam_resctrl_mon_exit(void);
bool mpam_resctrl_mon_any_left(void);
const char *mpam_resctrl_mon_exposed(const struct mpam_class *class, enum mpam_mon_type type);
void mpam_resctrl_mon_pairs(void);
void mpam_resctrl_mon_online_cpu(unsigned int cpu);
void mpam_resctrl_mon_offline_cpu(unsigned int cpu);

#endif /* MPAM_RESCTRL_H */

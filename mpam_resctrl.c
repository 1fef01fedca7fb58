// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: what resctrl sees: resources, domains, and the labels of tasks and CPUs
 *
 * Chooses the classes that resctrl can offer, keeps a domain for each of their
 * components that has a CPU online, and turns CLOSID and RMID into labels. The
 * controls themselves are in mpam_resctrl_ctrl.c, monitors in
 * mpam_resctrl_mon.c.
 *
 * The domain lists are written by hotplug callbacks only, which the hotplug
 * core serialises; readers hold cpus_read_lock().
 */
#include <linux/cacheinfo.h>
#include <linux/cpu.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/rculist.h>
#include <linux/resctrl.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <kunit/visibility.h>

#include <asm/mpam.h>

#include "mpam_resctrl.h"

/* What resctrl has. This lives on after resctrl_exit(), for a mount that is still there. */
static struct mpam_resctrl_res mpam_resctrl_ress[RDT_NUM_RESOURCES] = {
	[RDT_RESOURCE_L3] = {
		.res	= {
			.rid		= RDT_RESOURCE_L3,
			.name		= "L3",
			.ctrl_scope	= RESCTRL_L3_CACHE,
			.mon_scope	= RESCTRL_L3_CACHE,
			.schema_fmt	= RESCTRL_SCHEMA_BITMAP,
		},
	},
	[RDT_RESOURCE_L2] = {
		.res	= {
			.rid		= RDT_RESOURCE_L2,
			.name		= "L2",
			.ctrl_scope	= RESCTRL_L2_CACHE,
			.schema_fmt	= RESCTRL_SCHEMA_BITMAP,
		},
	},
	[RDT_RESOURCE_MBA] = {
		.res	= {
			.rid		= RDT_RESOURCE_MBA,
			.name		= "MB",
			.ctrl_scope	= RESCTRL_L3_CACHE,
			.schema_fmt	= RESCTRL_SCHEMA_RANGE,
		},
	},
	[RDT_RESOURCE_SMBA] = {
		.res	= {
			.rid		= RDT_RESOURCE_SMBA,
			.name		= "SMBA",
			.schema_fmt	= RESCTRL_SCHEMA_RANGE,
		},
	},
};

/**
 * struct mpam_resctrl_source - a control that a resource can be made of
 * @rid:	the resource
 * @ctrl:	the control
 * @type:	of classes of which type
 * @level:	and of which level
 */
struct mpam_resctrl_source {
	enum resctrl_res_level	rid;
	enum mpam_ctrl_id	ctrl;
	enum mpam_class_type	type;
	u8			level;
};

/* A resource is made of the first of its sources that has no reason against it */
static const struct mpam_resctrl_source mpam_resctrl_sources[] = {
	{ RDT_RESOURCE_L3,  MPAM_CTRL_CPBM,    MPAM_CLASS_CACHE, 3 },
	{ RDT_RESOURCE_L2,  MPAM_CTRL_CPBM,    MPAM_CLASS_CACHE, 2 },
	{ RDT_RESOURCE_MBA, MPAM_CTRL_MBW_MAX, MPAM_CLASS_CACHE, 3 },
	{ RDT_RESOURCE_MBA, MPAM_CTRL_MBW_MAX, MPAM_CLASS_MEMORY, 0 },
};

/* The reason against each of them; NULL if it was taken or is not there */
static const char *mpam_resctrl_whys[ARRAY_SIZE(mpam_resctrl_sources)];

struct rdt_resource *resctrl_arch_get_resource(enum resctrl_res_level l)
{
	if (l >= RDT_NUM_RESOURCES)
		return NULL;

	return &mpam_resctrl_ress[l].res;
}

bool resctrl_arch_alloc_capable(void)
{
	struct rdt_resource *r;

	for_each_alloc_capable_rdt_resource(r)
		return true;

	return false;
}

/**
 * mpam_resctrl_ids_fit() - Are the ids of a class's components good for resctrl?
 * @class:	the class
 *
 * A domain's id is an int in resctrl, and its users write it in decimal.
 *
 * Context: Any; the topology can't go away.
 * Return: true if they are.
 */
bool mpam_resctrl_ids_fit(struct mpam_class *class)
{
	struct mpam_component *comp;

	for_each_mpam_comp(comp, class) {
		if (comp->id > INT_MAX)
			return false;
	}

	return true;
}

/*
 * The CPUs that share their L3 with this one: all that ever will if the L3 has
 * an MSC, else those that are online.
 */
static const struct cpumask *mpam_resctrl_l3_cpus(const struct mpam_class *l3, unsigned int cpu)
{
	struct mpam_component *comp;
	struct cacheinfo *ci;

	if (l3) {
		comp = mpam_comp_find(l3, cpu);
		return comp ? &comp->affinity : NULL;
	}

	ci = get_cpu_cacheinfo_level(cpu, RESCTRL_L3_CACHE);

	return ci ? &ci->shared_cpu_map : NULL;
}

static const char *mpam_resctrl_compare_l3(struct mpam_class *class,
					   const struct mpam_class *l3)
{
	struct mpam_component *comp;
	const struct cpumask *l3_cpus;
	unsigned int cpu, other;

	guard(cpus_read_lock)();

	if (!l3 && !cpumask_equal(cpu_possible_mask, cpu_online_mask))
		return "the L3 of CPUs that are offline is not known";

	for_each_possible_cpu(cpu) {
		if (!mpam_resctrl_comp(class, cpu))
			return "not every NUMA node has such an MSC";

		l3_cpus = mpam_resctrl_l3_cpus(l3, cpu);
		if (!l3_cpus)
			return "not every CPU has an L3";

		for_each_possible_cpu(other) {
			if ((cpu_to_node(cpu) == cpu_to_node(other)) !=
			    cpumask_test_cpu(other, l3_cpus))
				return "not every NUMA node is all that shares an L3";
		}
	}

	for_each_mpam_comp(comp, class) {
		for_each_possible_cpu(cpu) {
			if (cpu_to_node(cpu) == comp->id)
				break;
		}
		if (cpu >= nr_cpu_ids)
			return "there is memory that is not next to CPUs";
	}

	return NULL;
}

/**
 * mpam_resctrl_unlike_l3() - Why memory can't stand for what is behind the L3s
 * @class:	a class of type MPAM_CLASS_MEMORY
 * @l3:		the class of the L3s, or NULL if they have no MSC
 *
 * resctrl speaks of bandwidth by L3. Memory will do if each NUMA node has one
 * L3, which all CPUs of the node share and no others: a node's memory is then
 * what its L3 fetches from, but for what goes to another node.
 *
 * This is decided once for a topology: what PARTIDs there are rests on it, and CPUs
 * may come online before it is asked again.
 *
 * Context: May sleep. Called with mpam_state_lock held. Takes cpus_read_lock().
 * Return: the reason, to follow "not exposed because", or NULL if it will do.
 */
const char *mpam_resctrl_unlike_l3(struct mpam_class *class, const struct mpam_class *l3)
{
	if (!class->compared) {
		class->unlike_l3 = mpam_resctrl_compare_l3(class, l3);
		class->compared = true;
	}

	return class->unlike_l3;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_resctrl_unlike_l3);

/**
 * mpam_resctrl_comp() - The component of a class that a CPU uses
 * @class:	a class of caches or memory
 * @cpu:	the CPU
 *
 * All CPUs use all memory; what is meant is that of the CPU's node.
 *
 * Context: Under mpam_srcu, or where the topology can't go away.
 * Return: the component, or NULL.
 */
struct mpam_component *mpam_resctrl_comp(struct mpam_class *class, unsigned int cpu)
{
	struct mpam_component *comp;

	if (class->type != MPAM_CLASS_MEMORY)
		return mpam_comp_find(class, cpu);

	for_each_mpam_comp(comp, class) {
		if (comp->id == cpu_to_node(cpu))
			return comp;
	}

	return NULL;
}

/* Why can't a resource be made of this control of this class? */
static const char *mpam_resctrl_why_not(const struct mpam_resctrl_source *src,
					struct mpam_class *class, struct mpam_topo *topo)
{
	if (!mpam_class_complete(class))
		return "not all of its MSCs can be used";
	if (!(class->props.has & BIT(src->ctrl)))
		return "not every MSC of the class has it, or not alike";
	if (!cpumask_subset(cpu_possible_mask, &class->affinity))
		return "not every CPU has such a cache with an MSC";
	if (!mpam_resctrl_ids_fit(class))
		return "a cache id is too large for resctrl";
	if (mpam_resctrl_ress[src->rid].class)
		return "the same can be had of the L3";
	if (class->type == MPAM_CLASS_MEMORY)
		return mpam_resctrl_unlike_l3(class, mpam_class_find(topo, MPAM_CLASS_CACHE, 3));

	return NULL;
}

/**
 * mpam_resctrl_wants() - Is a class going to be of use?
 * @topo:	the topology
 * @class:	a class of it
 *
 * The labels that its MSCs know limit those of the system if it is.
 *
 * Context: May sleep; before mpam_resctrl_init().
 * Return: true if a resource or an event can be made of it.
 */
bool mpam_resctrl_wants(struct mpam_topo *topo, const struct mpam_class *class)
{
	u32 taken = 0;
	unsigned int i;

	if (!mpam_class_complete(class))
		return false;

	for (i = 0; i < ARRAY_SIZE(mpam_resctrl_sources); i++) {
		const struct mpam_resctrl_source *src = &mpam_resctrl_sources[i];
		struct mpam_class *best = mpam_class_find(topo, src->type, src->level);

		if (!best || taken & BIT(src->rid) || mpam_resctrl_why_not(src, best, topo))
			continue;
		if (best == class)
			return true;
		taken |= BIT(src->rid);
	}

	return class == mpam_resctrl_mon_source(topo, MPAM_MON_CSU) ||
	       class == mpam_resctrl_mon_source(topo, MPAM_MON_MBWU);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_resctrl_wants);

/**
 * mpam_resctrl_exposed() - What users see of a control
 * @class:	a class
 * @ctrl:	a control that an MSC of it has
 * @why:	where the reason goes if it is nothing
 *
 * Context: Between mpam_resctrl_init() and mpam_resctrl_exit().
 * Return: name of the resource, to follow "exposed as"; or NULL, and @why follows
 * "not exposed because".
 */
const char *mpam_resctrl_exposed(const struct mpam_class *class, enum mpam_ctrl_id ctrl,
				 const char **why)
{
	const struct mpam_resctrl_source *src;
	unsigned int i;

	*why = "resctrl has no file for such a control";

	for (i = 0; i < ARRAY_SIZE(mpam_resctrl_sources); i++) {
		src = &mpam_resctrl_sources[i];

		if (src->ctrl != ctrl)
			continue;

		if (src->type == class->type && src->level == class->level) {
			*why = mpam_resctrl_whys[i];
			return *why ? NULL : mpam_resctrl_ress[src->rid].res.name;
		}

		*why = "resctrl has no file for it at this place";
	}

	return NULL;
}

static void mpam_resctrl_offer_cache(struct rdt_resource *r, unsigned int portions)
{
	r->cache.cbm_len = mpam_ctrl_bits(portions);
	r->cache.portions = portions;
	r->cache.min_cbm_bits = 1;
	r->cache.arch_has_sparse_bitmasks = true;
	/* What else uses the cache, such as devices, is not known */
	r->cache.shareable_bits = 0;
	/* A pair needs two PARTIDs */
	r->cdp_capable = mpam_limits_partids() > 1;
}

static void mpam_resctrl_offer_membw(struct rdt_resource *r, enum mpam_ctrl_id ctrl,
				     const struct mpam_props *props)
{
	r->membw.min_bw = mpam_ctrl_percent_min(ctrl, props);
	r->membw.max_bw = 100;
	r->membw.bw_gran = mpam_ctrl_percent_step(ctrl, props);
	r->membw.delay_linear = true;
	/* The limit is that of a PARTID, whichever threads of a core use it */
	r->membw.throttle_mode = THREAD_THROTTLE_UNDEFINED;
}

static void mpam_resctrl_offer(const struct mpam_resctrl_source *src, struct mpam_class *class)
{
	struct mpam_resctrl_res *mr = &mpam_resctrl_ress[src->rid];

	mr->class = class;
	mr->ctrl = src->ctrl;

	if (mr->res.schema_fmt == RESCTRL_SCHEMA_BITMAP)
		mpam_resctrl_offer_cache(&mr->res, class->props.wd[src->ctrl]);
	else
		mpam_resctrl_offer_membw(&mr->res, src->ctrl, &class->props);

	mr->res.alloc_capable = true;
}

/**
 * mpam_resctrl_init() - Choose what resctrl can offer
 * @topo:	the topology, which stays until after mpam_resctrl_exit()
 *
 * Context: May sleep; while no hotplug callback of ours is installed that
 * would bring domains.
 * Return: 0, or -ENODEV if there is nothing; the reason has been said by then.
 */
int mpam_resctrl_init(struct mpam_topo *topo)
{
	const char *why = NULL, *name = NULL;
	struct mpam_resctrl_res *mr;
	bool any = false;
	unsigned int i;

	for (mr = mpam_resctrl_ress; mr < &mpam_resctrl_ress[RDT_NUM_RESOURCES]; mr++) {
		INIT_LIST_HEAD(&mr->res.ctrl_domains);
		INIT_LIST_HEAD(&mr->res.mon_domains);
	}

	for (i = 0; i < ARRAY_SIZE(mpam_resctrl_sources); i++) {
		const struct mpam_resctrl_source *src = &mpam_resctrl_sources[i];
		struct mpam_class *class = mpam_class_find(topo, src->type, src->level);

		mpam_resctrl_whys[i] = class ? mpam_resctrl_why_not(src, class, topo) : NULL;
		if (mpam_resctrl_whys[i]) {
			/* What is wrong with caches is likely to be wrong with MB, too */
			why = why ?: mpam_resctrl_whys[i];
			name = name ?: mpam_resctrl_ress[src->rid].res.name;
		} else if (class) {
			mpam_resctrl_offer(src, class);
			any = true;
		}
	}

	if (mpam_resctrl_mon_init(topo) || any)
		return 0;

	mpam_devices_fail(NULL, "resctrl has nothing to offer: %s: %s", name ?: "caches",
			  why ?: "no MSC controls an L2, an L3 or memory");

	return -ENODEV;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_resctrl_init);

/**
 * mpam_resctrl_any_left() - Is anything offered that has all of its MSCs?
 *
 * Context: Between mpam_resctrl_init() and mpam_resctrl_exit().
 * Return: false if all classes that are offered have lost an MSC.
 */
bool mpam_resctrl_any_left(void)
{
	struct mpam_resctrl_res *mr;

	for (mr = mpam_resctrl_ress; mr < &mpam_resctrl_ress[RDT_NUM_RESOURCES]; mr++) {
		if (mr->class && mpam_class_complete(mr->class))
			return true;
	}

	return mpam_resctrl_mon_any_left();
}

/**
 * mpam_resctrl_exit() - Forget the topology
 *
 * Whoever has a mount that outlasts this may still be at work with the topology:
 * that must stay for an SRCU grace period.
 *
 * Context: May sleep; after mpam_resctrl_stop(), if resctrl was started.
 */
void mpam_resctrl_exit(void)
{
	struct mpam_resctrl_res *mr;

	mpam_resctrl_mon_exit();

	for (mr = mpam_resctrl_ress; mr < &mpam_resctrl_ress[RDT_NUM_RESOURCES]; mr++) {
		WRITE_ONCE(mr->class, NULL);
		mr->res.alloc_capable = false;
		mr->res.cdp_capable = false;
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_resctrl_exit);

/**
 * mpam_resctrl_start() - Make resctrl mountable
 *
 * Context: May sleep; after the hotplug callbacks have brought the domains.
 * Return: 0 or -errno of resctrl_init().
 */
int mpam_resctrl_start(void)
{
	mpam_resctrl_mon_start();

	return resctrl_init();
}

/**
 * mpam_resctrl_stop() - Take resctrl away; what is mounted stays, empty
 *
 * Context: May sleep; after the removal of the hotplug callbacks has taken
 * all domains offline, as resctrl_exit() demands.
 */
void mpam_resctrl_stop(void)
{
	resctrl_exit();
}

/**
 * mpam_resctrl_dom_id() - The id of the domain that a component is
 * @comp:	the component
 * @cpu:	an online CPU of the domain
 *
 * Users know the domains of memory by the L3s that they stand for.
 *
 * Context: With cpus_read_lock() held, or a hotplug callback.
 * Return: the id.
 */
int mpam_resctrl_dom_id(const struct mpam_component *comp, unsigned int cpu)
{
	if (comp->class->type == MPAM_CLASS_MEMORY)
		return get_cpu_cacheinfo_id(cpu, RESCTRL_L3_CACHE);

	return comp->id;
}

static void mpam_resctrl_dom_online(struct mpam_resctrl_res *mr, unsigned int cpu)
{
	struct mpam_component *comp = mpam_resctrl_comp(mr->class, cpu);
	struct rdt_resource *r = &mr->res;
	struct mpam_resctrl_dom *dom;
	struct rdt_domain_hdr *hdr;
	struct list_head *pos = NULL;
	int id;

	if (!comp)
		return;

	id = mpam_resctrl_dom_id(comp, cpu);
	hdr = resctrl_find_domain(&r->ctrl_domains, id, &pos);
	if (hdr) {
		cpumask_set_cpu(cpu, &hdr->cpu_mask);
		return;
	}

	dom = kzalloc(sizeof(*dom), GFP_KERNEL);
	if (!dom) {
		mpam_devices_fail(NULL, "no memory for domain %d of %s", id, r->name);
		return;
	}

	dom->comp = comp;
	hdr = &dom->ctrl.hdr;
	hdr->id = id;
	hdr->type = RESCTRL_CTRL_DOMAIN;
	cpumask_set_cpu(cpu, &hdr->cpu_mask);

	if (resctrl_online_ctrl_domain(r, &dom->ctrl)) {
		mpam_devices_fail(NULL, "resctrl refuses domain %d of %s", id, r->name);
		kfree(dom);
		return;
	}

	list_add_tail_rcu(&hdr->list, pos);
}

static void mpam_resctrl_dom_offline(struct mpam_resctrl_res *mr, unsigned int cpu)
{
	struct rdt_resource *r = &mr->res;
	struct mpam_resctrl_dom *dom;

	list_for_each_entry(dom, &r->ctrl_domains, ctrl.hdr.list) {
		if (cpumask_test_cpu(cpu, &dom->ctrl.hdr.cpu_mask))
			break;
	}
	if (list_entry_is_head(dom, &r->ctrl_domains, ctrl.hdr.list))
		return;

	/* The last one stays, and in this order, for the same reasons as with monitors */
	if (cpumask_weight(&dom->ctrl.hdr.cpu_mask) > 1) {
		cpumask_clear_cpu(cpu, &dom->ctrl.hdr.cpu_mask);
		return;
	}

	list_del_rcu(&dom->ctrl.hdr.list);
	resctrl_offline_ctrl_domain(r, &dom->ctrl);
	synchronize_rcu();
	kfree(dom);
}

/**
 * mpam_resctrl_online_cpu() - Tell resctrl of a CPU, and of domains that came with it
 * @cpu:	the CPU, whose MSCs hold their configuration by now
 *
 * Context: The run-time hotplug callback.
 */
void mpam_resctrl_online_cpu(unsigned int cpu)
{
	struct mpam_resctrl_res *mr;

	for (mr = mpam_resctrl_ress; mr < &mpam_resctrl_ress[RDT_NUM_RESOURCES]; mr++) {
		if (mr->class)
			mpam_resctrl_dom_online(mr, cpu);
	}
	mpam_resctrl_mon_online_cpu(cpu);

	resctrl_online_cpu(cpu);
}

/**
 * mpam_resctrl_offline_cpu() - Tell resctrl that a CPU goes, and domains with it
 * @cpu:	the CPU, whose MSCs may be reached for the last time
 *
 * Context: The run-time hotplug callback.
 */
void mpam_resctrl_offline_cpu(unsigned int cpu)
{
	struct mpam_resctrl_res *mr;

	resctrl_offline_cpu(cpu);
	mpam_resctrl_mon_offline_cpu(cpu);

	for (mr = mpam_resctrl_ress; mr < &mpam_resctrl_ress[RDT_NUM_RESOURCES]; mr++) {
		if (mr->class)
			mpam_resctrl_dom_offline(mr, cpu);
	}
}

/*
 * CPUs have one PARTID for data and one for instructions, which all resources
 * see. So if the mount wants any resource split, every CLOSID is a pair.
 */
static bool mpam_resctrl_paired(void)
{
	struct mpam_resctrl_res *mr;

	for (mr = mpam_resctrl_ress; mr < &mpam_resctrl_ress[RDT_NUM_RESOURCES]; mr++) {
		if (mr->cdp)
			return true;
	}

	return false;
}

/**
 * mpam_resctrl_partids() - The PARTIDs that a CLOSID stands for
 * @closid:	the CLOSID
 * @type:	CDP_CODE or CDP_DATA for one half of a pair, CDP_NONE for both
 *		halves: what a resource wants that the mount did not split
 * @partids:	where they go, in ascending order
 *
 * Nothing else knows how CLOSIDs become PARTIDs.
 *
 * Context: Any; under rdtgroup_mutex, or on behalf of somebody who holds it,
 * if the file system may be mounted or unmounted meanwhile.
 * Return: how many there are, 1 or 2.
 */
unsigned int mpam_resctrl_partids(u32 closid, enum resctrl_conf_type type, u16 partids[2])
{
	if (!mpam_resctrl_paired()) {
		partids[0] = closid;
		return 1;
	}

	if (type != CDP_NONE) {
		partids[0] = resctrl_get_config_index(closid, type);
		return 1;
	}

	partids[0] = resctrl_get_config_index(closid, CDP_DATA);
	partids[1] = resctrl_get_config_index(closid, CDP_CODE);

	return 2;
}

/* One place knows how a CLOSID and an RMID make a label */
static u64 mpam_resctrl_label(u32 closid, u32 rmid)
{
	u16 data[2], code[2];

	mpam_resctrl_partids(closid, CDP_DATA, data);
	mpam_resctrl_partids(closid, CDP_CODE, code);

	return mpam_label(data[0], code[0], rmid, rmid);
}

/*
 * The default group's tasks have no label of their own, because its CPUs may
 * have been given to other groups. With pairs, that group's label is not 0.
 */
static u64 mpam_resctrl_task_label(u32 closid, u32 rmid)
{
	if (closid == RESCTRL_RESERVED_CLOSID && rmid == RESCTRL_RESERVED_RMID)
		return 0;

	return mpam_resctrl_label(closid, rmid);
}

bool resctrl_arch_get_cdp_enabled(enum resctrl_res_level l)
{
	return mpam_resctrl_ress[l].cdp;
}

/* Lines of the PARTIDs of two CLOSIDs are those of one pair now */
static unsigned int mpam_resctrl_idx_join(u32 idx, u32 to[2])
{
	u32 closid, rmid;

	resctrl_arch_rmid_idx_decode(idx, &closid, &rmid);
	/* The last PARTID of an odd number has nobody to be paired with */
	if (closid / 2 >= mpam_limits_partids() / 2)
		return 0;

	to[0] = resctrl_arch_rmid_idx_encode(closid / 2, rmid);

	return 1;
}

/* Lines of a pair may be of either of two CLOSIDs now */
static unsigned int mpam_resctrl_idx_split(u32 idx, u32 to[2])
{
	u32 closid, rmid;

	resctrl_arch_rmid_idx_decode(idx, &closid, &rmid);
	to[0] = resctrl_arch_rmid_idx_encode(resctrl_get_config_index(closid, CDP_DATA), rmid);
	to[1] = resctrl_arch_rmid_idx_encode(resctrl_get_config_index(closid, CDP_CODE), rmid);

	return 2;
}

/*
 * Called on the way to a mount and on the way from it, when all tasks and CPUs
 * are in the default group. Tasks of that group have no label, so only the
 * defaults of the CPUs change.
 */
int resctrl_arch_set_cdp_enabled(enum resctrl_res_level l, bool enable)
{
	struct mpam_resctrl_res *mr = &mpam_resctrl_ress[l];
	bool paired = mpam_resctrl_paired();
	struct resctrl_cpu_defaults defaults = {
		.closid	= RESCTRL_RESERVED_CLOSID,
		.rmid	= RESCTRL_RESERVED_RMID,
	};

	lockdep_assert_cpus_held();

	if (enable && !mr->res.cdp_capable)
		return -EINVAL;

	mr->cdp = enable;
	if (mpam_resctrl_paired() == paired)
		return 0;

	mpam_resctrl_mon_pairs();
	resctrl_limbo_remap(enable ? mpam_resctrl_idx_join : mpam_resctrl_idx_split);
	on_each_cpu(resctrl_arch_sync_cpu_closid_rmid, &defaults, 1);

	return 0;
}

void resctrl_arch_set_cpu_default_closid_rmid(int cpu, u32 closid, u32 rmid)
{
	mpam_set_cpu_default_label(cpu, mpam_resctrl_label(closid, rmid));
}

/**
 * mpam_resctrl_label_cpu() - Have a CPU that comes online belong to no group
 * @cpu:	the CPU
 *
 * What it was given to when it went offline is forgotten, as resctrl does.
 *
 * Context: The run-time hotplug callback, on @cpu.
 */
void mpam_resctrl_label_cpu(unsigned int cpu)
{
	resctrl_arch_set_cpu_default_closid_rmid(cpu, RESCTRL_RESERVED_CLOSID,
						 RESCTRL_RESERVED_RMID);
	mpam_sync_this_cpu();
}

void resctrl_arch_set_closid_rmid(struct task_struct *tsk, u32 closid, u32 rmid)
{
	mpam_set_task_label(tsk, mpam_resctrl_task_label(closid, rmid));
}

bool resctrl_arch_match_closid(struct task_struct *tsk, u32 closid)
{
	u16 data[2];

	mpam_resctrl_partids(closid, CDP_DATA, data);

	/* That of a pair for data is even, and that of the default group's tasks is 0 */
	return FIELD_GET(MPAM0_EL1_PARTID_D, mpam_get_task_label(tsk)) == data[0];
}

bool resctrl_arch_match_rmid(struct task_struct *tsk, u32 closid, u32 rmid)
{
	return mpam_get_task_label(tsk) == mpam_resctrl_task_label(closid, rmid);
}

/* resctrl asks for this when @tsk is current */
void resctrl_arch_sched_in(struct task_struct *tsk)
{
	mpam_sync_this_cpu();
}

void resctrl_arch_sync_cpu_closid_rmid(void *info)
{
	const struct resctrl_cpu_defaults *defaults = info;

	lockdep_assert_irqs_disabled();

	if (defaults)
		resctrl_arch_set_cpu_default_closid_rmid(smp_processor_id(),
							 defaults->closid,
							 defaults->rmid);
	mpam_sync_this_cpu();
}

u32 resctrl_arch_get_num_closid(struct rdt_resource *r)
{
	return mpam_limits_partids();
}

u32 resctrl_arch_system_num_rmid_idx(void)
{
	return mpam_limits_partids() * mpam_limits_pmgs();
}

u32 resctrl_arch_rmid_idx_encode(u32 closid, u32 rmid)
{
	return closid * mpam_limits_pmgs() + rmid;
}

void resctrl_arch_rmid_idx_decode(u32 idx, u32 *closid, u32 *rmid)
{
	*closid = idx / mpam_limits_pmgs();
	*rmid = idx % mpam_limits_pmgs();
}

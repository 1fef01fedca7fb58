// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: resctrl_arch_*() for monitors
 *
 * Offers "llc_occupancy" where the L3 has CSU monitors, and "mbm_total_bytes"
 * where it has MBWU monitors, or memory has that sees the same traffic. With an
 * MBWU monitor for every group there can be, each has its own, which runs all
 * the time. With fewer, users assign them (resctrl's mode "mbm_event"). Groups
 * share CSU monitors without noticing.
 *
 * Lock: none of its own. resctrl holds rdtgroup_mutex in whatever needs the
 * same answer twice, and domains are written by hotplug callbacks only.
 */
#include <linux/array_size.h>
#include <linux/cacheinfo.h>
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/rculist.h>
#include <linux/resctrl.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "mpam_resctrl.h"

/*
 * What resctrl can tell apart is more than MBWU monitors can: they count reads
 * from, and writes to, whatever memory there is, of whatever kind.
 */
#define MPAM_MON_TRANSACTIONS_READ						\
	(READS_TO_LOCAL_MEM | READS_TO_REMOTE_MEM |				\
	 READS_TO_LOCAL_S_MEM | READS_TO_REMOTE_S_MEM)
#define MPAM_MON_TRANSACTIONS_WRITE						\
	(NON_TEMP_WRITE_TO_LOCAL_MEM | NON_TEMP_WRITE_TO_REMOTE_MEM |		\
	 DIRTY_VICTIMS_TO_ALL_MEM)

/* Where the size of the L3 is not known: what a group may leave behind in it */
#define MPAM_MON_THRESHOLD	SZ_64K

/**
 * struct mpam_resctrl_mon - what is behind the monitors that resctrl sees
 * @csu:	the class of llc_occupancy, or NULL
 * @mbwu:	the class of mbm_total_bytes, or NULL
 * @assigned:	users assign the monitors of @mbwu
 * @poll_ms:	how often the counters of @mbwu want a look, or 0; changes when
 *		interrupts don't come any more
 *
 * The others are written by mpam_resctrl_mon_init() and _exit() only.
 */
static struct mpam_resctrl_mon {
	struct mpam_class	*csu;
	struct mpam_class	*mbwu;
	bool			assigned;
	unsigned int		poll_ms;
} mpam_resctrl_mon;

/**
 * struct mpam_resctrl_mon_dom - a domain of resctrl's
 * @mon:	what resctrl sees
 * @comp:	what has its monitors, per type
 * @readers:	CPUs that reach all of them
 */
struct mpam_resctrl_mon_dom {
	struct rdt_mon_domain	mon;
	struct mpam_component	*comp[MPAM_NUM_MON_TYPES];
	struct cpumask		readers;
};

static struct mpam_component *mpam_mon_comp(struct rdt_mon_domain *d, enum mpam_mon_type type)
{
	return container_of(d, struct mpam_resctrl_mon_dom, mon)->comp[type];
}

static void mpam_resctrl_mon_poll_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(mpam_resctrl_mon_poll, mpam_resctrl_mon_poll_fn);

static void mpam_resctrl_mon_poll_fn(struct work_struct *work)
{
	scoped_guard(cpus_read_lock) {
		guard(srcu)(&mpam_srcu);
		mpam_monitor_poll(mpam_resctrl_mon.mbwu);
	}

	schedule_delayed_work(&mpam_resctrl_mon_poll,
			      msecs_to_jiffies(READ_ONCE(mpam_resctrl_mon.poll_ms)));
}

bool resctrl_arch_mon_capable(void)
{
	struct rdt_resource *r;

	for_each_mon_capable_rdt_resource(r)
		return true;

	return false;
}

/* Monitors that are one for each group there can be; a pair's are two */
static u32 mpam_resctrl_mon_of_group(u16 partid, u32 rmid)
{
	return partid * mpam_limits_pmgs() + rmid;
}

/* PARTIDs that groups can have: without a control, all have that of the default group */
static u32 mpam_resctrl_mon_partids(void)
{
	return resctrl_arch_alloc_capable() ? mpam_limits_partids() : 1;
}

/**
 * mpam_resctrl_mon_pairs() - CLOSIDs have become pairs of PARTIDs, or are none any more
 *
 * There are half as many groups then, and half as many counters, since each
 * takes two monitors.
 *
 * Context: Under rdtgroup_mutex, while no group exists but the default one; or
 * before resctrl is there.
 */
void mpam_resctrl_mon_pairs(void)
{
	struct rdt_resource *r = resctrl_arch_get_resource(RDT_RESOURCE_L3);
	u32 partids = mpam_resctrl_mon_partids();
	u16 pair[2];
	unsigned int nr = mpam_resctrl_partids(0, CDP_NONE, pair);

	r->mon.num_rmid = max(partids / nr, 1) * mpam_limits_pmgs();
	r->mon.num_mbm_cntrs = r->mon.max_mbm_cntrs / nr;
}

/* Every group that there can be has its monitor, from now on */
static void mpam_resctrl_mon_assign_all(struct mpam_class *class)
{
	struct mpam_component *comp;
	struct mpam_mon_ref ref;
	u32 partid, pmg;

	for_each_mpam_comp(comp, class) {
		for (partid = 0; partid < mpam_resctrl_mon_partids(); partid++) {
			for (pmg = 0; pmg < mpam_limits_pmgs(); pmg++) {
				ref = (struct mpam_mon_ref){
					.mon		= mpam_resctrl_mon_of_group(partid, pmg),
					.filter.partid	= partid,
					.filter.pmg	= pmg,
				};
				mpam_monitor_assign(comp, &ref, true);
			}
		}
	}
}

static void mpam_resctrl_mon_offer_mbwu(struct rdt_resource *r, struct mpam_class *class)
{
	u32 monitors = class->props.nr_mons[MPAM_MON_MBWU];
	u32 groups = mpam_resctrl_mon_partids() * mpam_limits_pmgs();

	mpam_resctrl_mon.mbwu = class;
	mpam_resctrl_mon.assigned = monitors < groups;
	resctrl_enable_mon_event(QOS_L3_MBM_TOTAL_EVENT_ID);

	if (!mpam_resctrl_mon.assigned) {
		mpam_resctrl_mon_assign_all(class);
		return;
	}

	r->mon.mbm_cntr_assignable = true;
	r->mon.max_mbm_cntrs = monitors;
	r->mon.mbm_cfg_mask = MPAM_MON_TRANSACTIONS_READ | MPAM_MON_TRANSACTIONS_WRITE;
	if (class->props.mon_rwbw) {
		r->mon.mbm_cfg_sets[0] = MPAM_MON_TRANSACTIONS_READ;
		r->mon.mbm_cfg_sets[1] = MPAM_MON_TRANSACTIONS_WRITE;
	} else {
		r->mon.mbm_cfg_sets[0] = r->mon.mbm_cfg_mask;
	}
}

/* A sum that lacks an MSC, or what some of the CPUs do, is no sum */
static bool mpam_resctrl_mon_has(struct mpam_class *class, enum mpam_mon_type type)
{
	return class && class->props.nr_mons[type] && mpam_class_complete(class) &&
	       cpumask_subset(cpu_possible_mask, &class->affinity) &&
	       mpam_resctrl_ids_fit(class);
}

/**
 * mpam_resctrl_mon_source() - Which MSCs have the monitors of an event
 * @topo:	the topology
 * @type:	which monitors
 *
 * Context: May sleep.
 * Return: the class that resctrl's event is made of, or NULL if there is none.
 */
struct mpam_class *mpam_resctrl_mon_source(struct mpam_topo *topo, enum mpam_mon_type type)
{
	struct mpam_class *l3 = mpam_class_find(topo, MPAM_CLASS_CACHE, 3);
	struct mpam_class *memory = mpam_class_find(topo, MPAM_CLASS_MEMORY, 0);

	if (mpam_resctrl_mon_has(l3, type))
		return l3;
	if (type == MPAM_MON_MBWU && mpam_resctrl_mon_has(memory, type) &&
	    !mpam_resctrl_unlike_l3(memory, l3))
		return memory;

	return NULL;
}

/**
 * mpam_resctrl_mon_init() - Choose what resctrl can monitor
 * @topo:	the topology, which stays until after mpam_resctrl_mon_exit()
 *
 * Context: May sleep; while no hotplug callback of ours is installed that
 * would bring domains, and no MSC is live.
 * Return: true if there is something.
 */
bool mpam_resctrl_mon_init(struct mpam_topo *topo)
{
	struct rdt_resource *r = resctrl_arch_get_resource(RDT_RESOURCE_L3);
	struct mpam_class *mbwu = mpam_resctrl_mon_source(topo, MPAM_MON_MBWU);

	mpam_resctrl_mon.csu = mpam_resctrl_mon_source(topo, MPAM_MON_CSU);
	if (mpam_resctrl_mon.csu)
		resctrl_enable_mon_event(QOS_L3_OCCUP_EVENT_ID);
	if (mbwu)
		mpam_resctrl_mon_offer_mbwu(r, mbwu);

	if (!mpam_resctrl_mon.csu && !mpam_resctrl_mon.mbwu)
		return false;

	/* Counts and assignments are kept with the component, which stays */
	r->mon.keeps_counts = true;
	r->mon_capable = true;
	mpam_resctrl_mon_pairs();

	return true;
}

/**
 * mpam_resctrl_mon_any_left() - Can anything be monitored that has all of its MSCs?
 *
 * Context: Between mpam_resctrl_mon_init() and mpam_resctrl_mon_exit().
 * Return: false if there is nothing, or none that has not lost an MSC.
 */
bool mpam_resctrl_mon_any_left(void)
{
	const struct mpam_class *csu = mpam_resctrl_mon.csu, *mbwu = mpam_resctrl_mon.mbwu;

	return (csu && mpam_class_complete(csu)) || (mbwu && mpam_class_complete(mbwu));
}

/**
 * mpam_resctrl_mon_exposed() - What users see of the monitors of a class
 * @class:	a class
 * @type:	which of its monitors
 *
 * Context: Between mpam_resctrl_mon_init() and mpam_resctrl_mon_exit().
 * Return: the event's name, to follow "exposed as", or NULL.
 */
const char *mpam_resctrl_mon_exposed(const struct mpam_class *class, enum mpam_mon_type type)
{
	if (type == MPAM_MON_CSU)
		return class == mpam_resctrl_mon.csu ? "llc_occupancy" : NULL;

	return class == mpam_resctrl_mon.mbwu ? "mbm_total_bytes" : NULL;
}

/**
 * mpam_resctrl_mon_exit() - Forget the topology
 *
 * Context: May sleep; after resctrl was stopped, if it was started.
 */
void mpam_resctrl_mon_exit(void)
{
	struct rdt_resource *r = resctrl_arch_get_resource(RDT_RESOURCE_L3);

	cancel_delayed_work_sync(&mpam_resctrl_mon_poll);
	r->mon_capable = false;
	mpam_resctrl_mon = (struct mpam_resctrl_mon){};
}

/**
 * mpam_resctrl_mon_start() - Look after counters that can't wait for resctrl
 *
 * Context: May sleep. Called with mpam_state_lock held: before resctrl starts,
 * after the interrupts of the MSCs were requested, and when one of these is
 * switched off.
 */
void mpam_resctrl_mon_start(void)
{
	unsigned int ms;

	if (!mpam_resctrl_mon.mbwu)
		return;

	ms = mpam_monitor_poll_ms(mpam_resctrl_mon.mbwu);
	/* A poll that there is goes on: it leaves out whoever interrupts again */
	if (!ms)
		return;
	WRITE_ONCE(mpam_resctrl_mon.poll_ms, ms);
	mod_delayed_work(system_wq, &mpam_resctrl_mon_poll, msecs_to_jiffies(ms));
}

/* resctrl gives an RMID to a new group when it has left no more than its share behind */
static void mpam_resctrl_mon_threshold(struct rdt_resource *r, struct cacheinfo *ci)
{
	if (resctrl_rmid_realloc_limit)
		return;

	resctrl_rmid_realloc_limit = ci && ci->size ? ci->size : UINT_MAX;
	resctrl_rmid_realloc_threshold = MPAM_MON_THRESHOLD;
	if (ci && ci->size)
		resctrl_rmid_realloc_threshold = max(ci->size / r->mon.num_rmid, 1);
}

/**
 * mpam_resctrl_mon_online_cpu() - Tell resctrl of a domain that came with a CPU
 * @cpu:	the CPU, whose MSCs count by now
 *
 * Context: The run-time hotplug callback.
 */
void mpam_resctrl_mon_online_cpu(unsigned int cpu)
{
	struct rdt_resource *r = resctrl_arch_get_resource(RDT_RESOURCE_L3);
	struct mpam_class *class = mpam_resctrl_mon.csu ?: mpam_resctrl_mon.mbwu;
	struct mpam_resctrl_mon_dom *dom;
	struct list_head *pos = NULL;
	struct mpam_component *comp;
	struct rdt_domain_hdr *hdr;
	struct cacheinfo *ci;
	unsigned int type;
	int id;

	if (!class)
		return;
	comp = mpam_resctrl_comp(class, cpu);
	if (!comp)
		return;

	id = mpam_resctrl_dom_id(comp, cpu);
	hdr = resctrl_find_domain(&r->mon_domains, id, &pos);
	if (hdr) {
		cpumask_set_cpu(cpu, &hdr->cpu_mask);
		return;
	}

	dom = kzalloc(sizeof(*dom), GFP_KERNEL);
	if (!dom) {
		mpam_devices_fail(NULL, "no memory for monitoring domain %d of %s", id, r->name);
		return;
	}

	ci = get_cpu_cacheinfo_level(cpu, RESCTRL_L3_CACHE);
	mpam_resctrl_mon_threshold(r, ci);

	if (mpam_resctrl_mon.csu)
		dom->comp[MPAM_MON_CSU] = comp;
	if (mpam_resctrl_mon.mbwu)
		dom->comp[MPAM_MON_MBWU] = mpam_resctrl_comp(mpam_resctrl_mon.mbwu, cpu);

	/* A call to another CPU is for those that can't do without */
	cpumask_copy(&dom->readers, cpu_possible_mask);
	for (type = 0; type < MPAM_NUM_MON_TYPES; type++) {
		if (dom->comp[type])
			mpam_monitor_readers(dom->comp[type], type, &dom->readers);
	}
	dom->mon.readers = &dom->readers;

	dom->mon.ci_id = ci ? ci->id : id;
	hdr = &dom->mon.hdr;
	hdr->id = id;
	hdr->type = RESCTRL_MON_DOMAIN;
	cpumask_set_cpu(cpu, &hdr->cpu_mask);
	list_add_tail_rcu(&hdr->list, pos);

	if (resctrl_online_mon_domain(r, &dom->mon)) {
		mpam_devices_fail(NULL, "resctrl refuses monitoring domain %d of %s", id, r->name);
		list_del_rcu(&hdr->list);
		synchronize_rcu();
		kfree(dom);
	}
}

/**
 * mpam_resctrl_mon_offline_cpu() - Tell resctrl of a domain that goes with a CPU
 * @cpu:	the CPU
 *
 * Context: The run-time hotplug callback.
 */
void mpam_resctrl_mon_offline_cpu(unsigned int cpu)
{
	struct rdt_resource *r = resctrl_arch_get_resource(RDT_RESOURCE_L3);
	struct mpam_resctrl_mon_dom *dom;

	list_for_each_entry(dom, &r->mon_domains, mon.hdr.list) {
		if (cpumask_test_cpu(cpu, &dom->mon.hdr.cpu_mask))
			break;
	}
	if (list_entry_is_head(dom, &r->mon_domains, mon.hdr.list))
		return;

	/*
	 * When MPAM ends, others have cpus_read_lock() as well, and whoever holds
	 * resctrl's mutex may go on with a domain that was found listed: it always
	 * has a CPU, and is freed once resctrl had the mutex for it.
	 */
	if (cpumask_weight(&dom->mon.hdr.cpu_mask) > 1) {
		cpumask_clear_cpu(cpu, &dom->mon.hdr.cpu_mask);
		return;
	}

	list_del_rcu(&dom->mon.hdr.list);
	resctrl_offline_mon_domain(r, &dom->mon);
	synchronize_rcu();
	kfree(dom);
}

/* The filters of a group: one, or two if it is a pair */
static unsigned int mpam_mon_filters(u32 closid, u32 rmid, struct mpam_mon_ref refs[2])
{
	unsigned int i, nr;
	u16 partids[2];

	nr = mpam_resctrl_partids(closid, CDP_NONE, partids);
	for (i = 0; i < nr; i++)
		refs[i] = (struct mpam_mon_ref){
			.filter.partid	= partids[i],
			.filter.pmg	= rmid,
		};

	return nr;
}

/* The MBWU monitors that a group has for its own, and what they look at */
static unsigned int mpam_mon_refs_free(u32 closid, u32 rmid, struct mpam_mon_ref refs[2])
{
	unsigned int i, nr = mpam_mon_filters(closid, rmid, refs);

	for (i = 0; i < nr; i++)
		refs[i].mon = mpam_resctrl_mon_of_group(refs[i].filter.partid, rmid);

	return nr;
}

static enum mpam_mon_rwbw mpam_mon_rwbw(enum resctrl_event_id evtid)
{
	u32 cfg = resctrl_get_mon_evt_cfg(evtid);
	bool reads = cfg & MPAM_MON_TRANSACTIONS_READ;
	bool writes = cfg & MPAM_MON_TRANSACTIONS_WRITE;

	if (reads && writes)
		return MPAM_MON_ALL;
	if (reads)
		return MPAM_MON_READS;

	return writes ? MPAM_MON_WRITES : MPAM_MON_NOTHING;
}

/* The MBWU monitors that a counter of resctrl's is made of, and what they look at */
static unsigned int mpam_mon_refs_cntr(u32 closid, u32 rmid, int cntr_id,
				       enum resctrl_event_id evtid,
				       struct mpam_mon_ref refs[2])
{
	unsigned int i, nr = mpam_mon_filters(closid, rmid, refs);

	for (i = 0; i < nr; i++) {
		refs[i].mon = cntr_id * nr + i;
		refs[i].filter.rwbw = mpam_mon_rwbw(evtid);
	}

	return nr;
}

/*
 * What is not ready, was lost, or has no monitor, is not there for now:
 * resctrl says "Unavailable". Anything else is an error.
 */
static int mpam_mon_errno(int ret)
{
	return ret == -ENODATA || ret == -ENOSPC ? -EBUSY : ret;
}

int resctrl_arch_rmid_read(struct rdt_resource *r, struct rdt_mon_domain *d,
			   u32 closid, u32 rmid, enum resctrl_event_id eventid,
			   u64 *val, void *arch_mon_ctx)
{
	struct mpam_component *comp;
	struct mpam_mon_ref refs[2];
	unsigned int nr;
	int ret;

	resctrl_arch_rmid_read_context_check();

	guard(srcu)(&mpam_srcu);

	if (eventid == QOS_L3_OCCUP_EVENT_ID) {
		comp = mpam_mon_comp(d, MPAM_MON_CSU);
		nr = mpam_mon_filters(closid, rmid, refs);
		ret = mpam_monitor_pick(comp, refs, nr);
		if (!ret)
			ret = mpam_monitor_read(comp, MPAM_MON_CSU, refs, nr, val);
	} else {
		comp = mpam_mon_comp(d, MPAM_MON_MBWU);
		nr = mpam_mon_refs_free(closid, rmid, refs);
		ret = mpam_monitor_read(comp, MPAM_MON_MBWU, refs, nr, val);
	}

	return mpam_mon_errno(ret);
}

void resctrl_arch_reset_rmid(struct rdt_resource *r, struct rdt_mon_domain *d,
			     u32 closid, u32 rmid, enum resctrl_event_id eventid)
{
	struct mpam_mon_ref refs[2];
	unsigned int nr;

	if (eventid != QOS_L3_MBM_TOTAL_EVENT_ID || mpam_resctrl_mon.assigned)
		return;

	guard(srcu)(&mpam_srcu);

	nr = mpam_mon_refs_free(closid, rmid, refs);
	mpam_monitor_reset(mpam_mon_comp(d, MPAM_MON_MBWU), refs, nr);
}

void resctrl_arch_reset_rmid_all(struct rdt_resource *r, struct rdt_mon_domain *d)
{
	u32 idx, closid, rmid;

	for (idx = 0; idx < resctrl_arch_system_num_rmid_idx(); idx++) {
		resctrl_arch_rmid_idx_decode(idx, &closid, &rmid);
		resctrl_arch_reset_rmid(r, d, closid, rmid, QOS_L3_MBM_TOTAL_EVENT_ID);
	}
}

/* Which monitor a read takes is found out by the read: there is nothing to hold */
void *resctrl_arch_mon_ctx_alloc(struct rdt_resource *r, enum resctrl_event_id evtid)
{
	return NULL;
}

void resctrl_arch_mon_ctx_free(struct rdt_resource *r, enum resctrl_event_id evtid,
			       void *ctx)
{
}

unsigned int resctrl_arch_round_mon_val(unsigned int val)
{
	return val;
}

/* That would be per domain; here it is per event, see resctrl_get_mon_evt_cfg() */
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
	return r->rid == RDT_RESOURCE_L3 && mpam_resctrl_mon.assigned;
}

/* How many monitors there are decides */
int resctrl_arch_mbm_cntr_assign_set(struct rdt_resource *r, bool enable)
{
	return enable == mpam_resctrl_mon.assigned ? 0 : -EOPNOTSUPP;
}

void resctrl_arch_config_cntr(struct rdt_resource *r, struct rdt_mon_domain *d,
			      enum resctrl_event_id evtid, u32 rmid, u32 closid,
			      u32 cntr_id, bool assign)
{
	struct mpam_mon_ref refs[2];
	unsigned int i, nr;

	guard(srcu)(&mpam_srcu);

	/* If it can't be reached, neither can its count */
	nr = mpam_mon_refs_cntr(closid, rmid, cntr_id, evtid, refs);
	for (i = 0; i < nr; i++)
		mpam_monitor_assign(mpam_mon_comp(d, MPAM_MON_MBWU), &refs[i], assign);
}

int resctrl_arch_cntr_read(struct rdt_resource *r, struct rdt_mon_domain *d,
			   u32 closid, u32 rmid, int cntr_id,
			   enum resctrl_event_id eventid, u64 *val)
{
	struct mpam_mon_ref refs[2];
	unsigned int nr;

	guard(srcu)(&mpam_srcu);

	nr = mpam_mon_refs_cntr(closid, rmid, cntr_id, eventid, refs);

	return mpam_mon_errno(mpam_monitor_read(mpam_mon_comp(d, MPAM_MON_MBWU), MPAM_MON_MBWU,
						refs, nr, val));
}

void resctrl_arch_reset_cntr(struct rdt_resource *r, struct rdt_mon_domain *d,
			     u32 closid, u32 rmid, int cntr_id,
			     enum resctrl_event_id eventid)
{
	struct mpam_mon_ref refs[2];
	unsigned int nr;

	guard(srcu)(&mpam_srcu);

	nr = mpam_mon_refs_cntr(closid, rmid, cntr_id, eventid, refs);
	mpam_monitor_reset(mpam_mon_comp(d, MPAM_MON_MBWU), refs, nr);
}

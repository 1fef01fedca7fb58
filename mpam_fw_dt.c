// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: the device tree's "arm,mpam-msc" nodes
 *
 * Turns a node (Documentation/devicetree/bindings/arm/arm,mpam-msc.yaml) into
 * a struct mpam_fw_msc, and makes the platform devices of those nodes that sit
 * below caches, where nobody else looks. No registers are touched here.
 */
#include <linux/cacheinfo.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/limits.h>
#include <linux/numa.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>
#include <kunit/visibility.h>

#include <asm/cache.h>

#include "mpam_internal.h"

/* Deeper than any hierarchy is; the references may form a loop */
#define MPAM_DT_MAX_CACHE_DEPTH	8

/* Is the cache on the way from this CPU to memory? */
static bool mpam_dt_cpu_uses_cache(struct device_node *cpu, struct device_node *cache)
{
	struct device_node *np = of_node_get(cpu);
	unsigned int depth;
	bool found = false;

	for (depth = 0; np && !found && depth < MPAM_DT_MAX_CACHE_DEPTH; depth++) {
		struct device_node *next = of_find_next_cache_node(np);

		found = next == cache;
		of_node_put(np);
		np = next;
	}
	of_node_put(np);

	return found;
}

/*
 * A resource that can't be placed is nobody's: no other MSC is a part of what
 * can't be found. It is treated like any that has no use here.
 */
static int mpam_dt_unplaced(struct device *dev, const struct mpam_fw_ris *ris,
			    struct device_node *target, const char *what)
{
	dev_err(dev, "RIS %u controls %pOF, which %s: it is kept without limits and not offered\n",
		ris->idx, target, what);

	return -ENOENT;
}

/*
 * The CPUs of a cache, and its id: the lowest hardware id of these CPUs, which
 * is also what cacheinfo shows in sysfs.
 */
static int mpam_dt_parse_cache(struct device *dev, struct device_node *cache,
			       struct mpam_fw_ris *ris)
{
	struct device_node *cpu;
	u64 id = U64_MAX;
	u32 level;

	if (of_property_read_u32(cache, "cache-level", &level) || !level || level > U8_MAX)
		return mpam_dt_unplaced(dev, ris, cache, "has no cache-level");

	for_each_of_cpu_node(cpu) {
		int nr = of_cpu_node_to_id(cpu);

		if (!mpam_dt_cpu_uses_cache(cpu, cache))
			continue;
		id = min(id, arch_compact_of_hwid(of_get_cpu_hwid(cpu, 0)));
		if (nr >= 0)
			cpumask_set_cpu(nr, &ris->affinity);
	}

	if (id > U32_MAX || cpumask_empty(&ris->affinity))
		return mpam_dt_unplaced(dev, ris, cache, "no CPU of this kernel uses");

	ris->type = MPAM_CLASS_CACHE;
	ris->level = level;
	ris->comp_id = id;

	return 0;
}

static void mpam_dt_parse_memory(struct device *dev, struct device_node *mem,
				 struct mpam_fw_ris *ris)
{
	u32 nid;

	if (of_property_read_u32(mem, "numa-node-id", &nid) &&
	    of_property_read_u32(dev->of_node, "numa-node-id", &nid))
		nid = 0;

	ris->type = MPAM_CLASS_MEMORY;
	ris->comp_id = nid;
	cpumask_copy(&ris->affinity, cpu_possible_mask);
}

/* Where a RIS is not for all CPUs that use the device, its node lists them */
static void mpam_dt_parse_cpus(struct device_node *np, struct mpam_fw_msc *fw,
			       struct mpam_fw_ris *ris)
{
	cpumask_var_t cpus;
	struct device_node *cpu;
	unsigned int i;

	if (!zalloc_cpumask_var(&cpus, GFP_KERNEL)) {
		mpam_fw_doubt(fw, "%pOFn: no memory for its CPUs", np);
		return;
	}
	for (i = 0; (cpu = of_parse_phandle(np, "cpus", i)); i++) {
		int nr = of_cpu_node_to_id(cpu);

		of_node_put(cpu);
		if (nr >= 0)
			cpumask_set_cpu(nr, cpus);
	}
	if (i)
		cpumask_and(&ris->affinity, &ris->affinity, cpus);
	free_cpumask_var(cpus);
}

/* What a RIS controls is said by its node, by the MSC's, or by where that sits */
static void mpam_dt_parse_ris(struct device *dev, struct device_node *np,
			      const struct mpam_fw_msc *fw, struct mpam_fw_ris *ris)
{
	struct device_node *target __free(device_node) =
		of_parse_phandle(np, "arm,mpam-device", 0);

	if (!target)
		target = of_parse_phandle(dev->of_node, "arm,mpam-device", 0);
	if (!target)
		target = of_get_parent(dev->of_node);

	if (of_device_is_compatible(np, "arm,mpam-cache") ||
	    of_device_is_compatible(target, "cache")) {
		if (!mpam_dt_parse_cache(dev, target, ris))
			return;
	} else if (of_device_is_compatible(np, "arm,mpam-memory") ||
		   of_device_is_compatible(np, "arm,mpam-memory-controller-msc")) {
		mpam_dt_parse_memory(dev, target, ris);
		return;
	}

	ris->type = MPAM_CLASS_UNKNOWN;
	ris->comp_id = fw->id;
	cpumask_copy(&ris->affinity, cpu_possible_mask);
}

static void mpam_dt_parse_children(struct device *dev, struct mpam_fw_msc *fw)
{
	unsigned long seen = 0;

	for_each_available_child_of_node_scoped(dev->of_node, np) {
		struct mpam_fw_ris *ris = &fw->ris[fw->nr_ris];
		u32 idx;

		if (of_property_read_u32(np, "reg", &idx) || idx >= MPAM_MAX_RIS) {
			mpam_fw_doubt(fw, "%pOFn: reg must be a RIS index, 0 to %u",
				      np, MPAM_MAX_RIS - 1);
			continue;
		}
		if (__test_and_set_bit(idx, &seen)) {
			mpam_fw_doubt(fw, "%pOFn: RIS %u is listed twice", np, idx);
			continue;
		}

		ris->idx = idx;
		mpam_dt_parse_ris(dev, np, fw, ris);
		mpam_dt_parse_cpus(np, fw, ris);
		fw->nr_ris++;
	}

	if (of_get_child_count(dev->of_node))
		return;

	/* No children: the MSC has one resource, that of its parent */
	fw->nr_ris = 1;
	mpam_dt_parse_ris(dev, dev->of_node, fw, &fw->ris[0]);
}

/* Below a cache, an MSC is reached by that cache's CPUs; elsewhere, by all */
static void mpam_dt_parse_reach(struct device *dev, struct mpam_fw_msc *fw)
{
	struct device_node *parent __free(device_node) = of_get_parent(dev->of_node);
	struct device_node *cpu;

	if (!of_device_is_compatible(parent, "cache")) {
		cpumask_copy(&fw->reach, cpu_possible_mask);
		return;
	}

	for_each_of_cpu_node(cpu) {
		int nr = of_cpu_node_to_id(cpu);

		if (nr >= 0 && mpam_dt_cpu_uses_cache(cpu, parent))
			cpumask_set_cpu(nr, &fw->reach);
	}

	if (cpumask_empty(&fw->reach))
		mpam_fw_reject(fw, "no CPU of this kernel uses %pOF, in which it sits", parent);
}

/**
 * mpam_fw_dt_parse() - What the device tree says of an MSC
 * @dev:	its platform device
 * @fw:		zeroed, to be filled in; @fw->why if the node is wrong
 *
 * Context: May sleep; one device at a time.
 */
void mpam_fw_dt_parse(struct device *dev, struct mpam_fw_msc *fw)
{
	static u32 next_id;

	fw->id = next_id++;
	of_property_read_u32(dev->of_node, "arm,not-ready-us", &fw->nrdy_usec);

	mpam_dt_parse_reach(dev, fw);
	mpam_dt_parse_children(dev, fw);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_fw_dt_parse);

/**
 * mpam_fw_dt_discover() - Count the MSCs, and see that each has a device
 *
 * Context: May sleep; once, at boot.
 * Return: how many MSCs the device tree describes, or -errno if one can't have
 * a device, which has been said by then.
 */
int mpam_fw_dt_discover(void)
{
	struct device_node *np;
	int nr = 0;

	for_each_compatible_node(np, NULL, "arm,mpam-msc") {
		struct platform_device *pdev;

		if (!of_device_is_available(np))
			continue;
		nr++;

		pdev = of_find_device_by_node(np);
		if (pdev) {
			put_device(&pdev->dev);
			continue;
		}

		if (!of_platform_device_create(np, NULL, NULL)) {
			mpam_devices_fail(NULL, "%pOF: no device can be made for it", np);
			of_node_put(np);
			return -ENODEV;
		}
	}

	return nr;
}

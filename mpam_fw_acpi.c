// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: the ACPI MPAM table
 *
 * Turns the table (Arm DEN0065) into platform devices that carry a struct
 * mpam_fw_msc. The whole table is read and checked before the first device is
 * made: a table that is wrong gets one line that says where, and MPAM stays
 * off. No registers are touched here.
 */
#include <linux/acpi.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/ioport.h>
#include <linux/numa.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <acpi/acpi_numa.h>

#include "mpam_internal.h"
#include "mpam_regs.h"

#define MPAM_ACPI_IFACE_MMIO		0x00

/* HID of the linked device of an MSC that shares a processor container's power */
#define MPAM_ACPI_HID_CONTAINER		"ACPI0010"

/* Everything that is used of an MSC node */
struct mpam_acpi_msc {
	struct mpam_fw_msc	fw;
	struct resource		res;
};

/* What is wrong with a node, with the identifier that it has or claims */
#define mpam_acpi_bad(node, fmt, ...) ({				\
	mpam_devices_fail(NULL, "ACPI MPAM table: MSC %u " fmt,		\
			  (node)->identifier, ##__VA_ARGS__);		\
	-EINVAL; })

static int mpam_acpi_parse_locator(const struct acpi_mpam_msc_node *node,
				   const struct acpi_mpam_resource_node *res,
				   struct mpam_fw_ris *ris)
{
	u64 ref;
	int level, nid;

	switch (res->locator_type) {
	case ACPI_MPAM_LOCATION_TYPE_PROCESSOR_CACHE:
		ref = res->locator.cache_locator.cache_reference;
		level = ref > U32_MAX ? -ENOENT : acpi_pptt_find_cache_level(ref);
		if (level <= 0 || acpi_pptt_get_cpus_from_cache(ref, &ris->affinity))
			return mpam_acpi_bad(node, "RIS %u: the PPTT has no cache id %llu",
					     res->ris_index, ref);
		ris->type = MPAM_CLASS_CACHE;
		ris->level = level;
		ris->comp_id = ref;
		return 0;

	case ACPI_MPAM_LOCATION_TYPE_MEMORY:
		ref = res->locator.memory_locator.proximity_domain;
		nid = ref > U32_MAX ? NUMA_NO_NODE : pxm_to_node(ref);
		if (nid == NUMA_NO_NODE)
			return mpam_acpi_bad(node, "RIS %u: the SRAT has no domain %llu",
					     res->ris_index, ref);
		ris->type = MPAM_CLASS_MEMORY;
		ris->comp_id = nid;
		cpumask_copy(&ris->affinity, cpu_possible_mask);
		return 0;
	}

	ris->type = MPAM_CLASS_UNKNOWN;
	ris->comp_id = node->identifier;
	cpumask_copy(&ris->affinity, cpu_possible_mask);

	return 0;
}

/* The resource nodes follow the fixed part, each as long as its dependencies */
static int mpam_acpi_parse_resources(const struct acpi_mpam_msc_node *node,
				     struct mpam_fw_msc *fw)
{
	const u8 *pos = (const u8 *)(node + 1);
	const u8 *end = (const u8 *)node + node->length;
	unsigned long seen = 0;
	u32 i;

	for (i = 0; i < node->num_resource_nodes; i++) {
		const struct acpi_mpam_resource_node *res = (const void *)pos;
		size_t left = end - pos;
		int ret;

		if (left < sizeof(*res))
			return mpam_acpi_bad(node, "has %u resources, but room for %u",
					     node->num_resource_nodes, i);
		left -= sizeof(*res);
		if (res->num_functional_deps > left / sizeof(struct acpi_mpam_func_deps))
			return mpam_acpi_bad(node, "RIS %u: no room for %u dependencies",
					     res->ris_index, res->num_functional_deps);
		if (res->ris_index >= MPAM_MAX_RIS)
			return mpam_acpi_bad(node, "has a RIS %u; RIS are 0 to %u",
					     res->ris_index, MPAM_MAX_RIS - 1);
		if (__test_and_set_bit(res->ris_index, &seen))
			return mpam_acpi_bad(node, "lists RIS %u twice", res->ris_index);

		fw->ris[fw->nr_ris].idx = res->ris_index;
		ret = mpam_acpi_parse_locator(node, res, &fw->ris[fw->nr_ris]);
		if (ret)
			return ret;
		fw->nr_ris++;

		pos += sizeof(*res) + res->num_functional_deps *
				      sizeof(struct acpi_mpam_func_deps);
	}

	return 0;
}

/* Its registers are reached by the CPUs whose power it shares */
static int mpam_acpi_parse_reach(const struct acpi_mpam_msc_node *node,
				 struct mpam_fw_msc *fw)
{
	if (memcmp(&node->hardware_id_linked_device, MPAM_ACPI_HID_CONTAINER,
		   sizeof(node->hardware_id_linked_device))) {
		cpumask_copy(&fw->reach, cpu_possible_mask);
		return 0;
	}

	if (acpi_pptt_get_cpus_from_container(node->instance_id_linked_device,
					      &fw->reach) ||
	    cpumask_empty(&fw->reach))
		return mpam_acpi_bad(node, "is linked to container %u, which the PPTT lacks",
				     node->instance_id_linked_device);

	return 0;
}

/* Check one node, whose length has been checked, against the ones before it */
static int mpam_acpi_parse_msc(const struct acpi_mpam_msc_node *node,
			       struct mpam_acpi_msc *mscs, u32 nr)
{
	struct mpam_acpi_msc *msc = &mscs[nr];
	int ret;
	u32 i;

	if (node->interface_type != MPAM_ACPI_IFACE_MMIO)
		return mpam_acpi_bad(node, "has interface type %#x; only MMIO (0) is supported",
				     node->interface_type);
	if (!node->mmio_size)
		return mpam_acpi_bad(node, "has no registers (MMIO size 0)");
	if (node->mmio_size < MPAM_FRAME_MIN_SIZE ||
	    !IS_ALIGNED(node->base_address, MPAM_FRAME_MIN_SIZE) ||
	    node->base_address + node->mmio_size < node->base_address)
		return mpam_acpi_bad(node, "has no full page of registers: %#x bytes at %#llx",
				     node->mmio_size, node->base_address);

	msc->res = DEFINE_RES_MEM(node->base_address, node->mmio_size);
	for (i = 0; i < nr; i++) {
		if (mscs[i].fw.id == node->identifier)
			return mpam_acpi_bad(node, "is described twice");
		if (resource_overlaps(&mscs[i].res, &msc->res))
			return mpam_acpi_bad(node, "has the same registers, at %#llx, as MSC %u",
					     node->base_address, mscs[i].fw.id);
	}

	msc->fw.id = node->identifier;
	msc->fw.nrdy_usec = node->max_nrdy_usec;

	ret = mpam_acpi_parse_reach(node, &msc->fw);
	if (ret)
		return ret;

	return mpam_acpi_parse_resources(node, &msc->fw);
}

/* Steps through the table; returns how many nodes there are, or an error */
static int mpam_acpi_walk(const struct acpi_table_header *table,
			  struct mpam_acpi_msc *mscs)
{
	const u8 *pos = (const u8 *)table + sizeof(*table);
	const u8 *end = (const u8 *)table + table->length;
	int ret, nr = 0;

	while (pos < end) {
		const struct acpi_mpam_msc_node *node = (const void *)pos;
		size_t left = end - pos;

		if (left < sizeof(*node) || node->length < sizeof(*node) ||
		    node->length > left) {
			mpam_devices_fail(NULL, "ACPI MPAM table: node %d has a bad length",
					  nr);
			return -EINVAL;
		}

		if (mscs) {
			ret = mpam_acpi_parse_msc(node, mscs, nr);
			if (ret)
				return ret;
		}

		nr++;
		pos += node->length;
	}

	return nr;
}

DEFINE_FREE(acpi_table, struct acpi_table_header *, acpi_put_table(_T))

static int mpam_acpi_add_device(const struct mpam_acpi_msc *msc)
{
	struct platform_device_info info = {
		.name		= "mpam_msc",
		.id		= msc->fw.id,
		.res		= &msc->res,
		.num_res	= 1,
		.data		= &msc->fw,
		.size_data	= sizeof(msc->fw),
	};

	return PTR_ERR_OR_ZERO(platform_device_register_full(&info));
}

/**
 * mpam_fw_acpi_discover() - Make a platform device for each MSC in the table
 *
 * Context: May sleep; once, at boot.
 * Return: how many MSCs the table describes, 0 without a table, or -errno if
 * it is wrong, which has been said by then.
 */
int mpam_fw_acpi_discover(void)
{
	struct acpi_table_header *table __free(acpi_table) = NULL;
	int i, nr, ret;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_MPAM, 0, &table)))
		return 0;

	if (table->revision < 1) {
		mpam_devices_fail(NULL, "ACPI MPAM table: revision %u is not known",
				  table->revision);
		return -EINVAL;
	}

	nr = mpam_acpi_walk(table, NULL);
	if (nr <= 0)
		return nr;

	struct mpam_acpi_msc *mscs __free(kvfree) = kvcalloc(nr, sizeof(*mscs), GFP_KERNEL);
	if (!mscs)
		return -ENOMEM;

	ret = mpam_acpi_walk(table, mscs);
	if (ret < 0)
		return ret;

	for (i = 0; i < nr; i++) {
		ret = mpam_acpi_add_device(&mscs[i]);
		if (ret) {
			mpam_devices_fail(NULL, "ACPI MPAM table: no device for MSC %u (%d)",
					  mscs[i].fw.id, ret);
			return ret;
		}
	}

	return nr;
}

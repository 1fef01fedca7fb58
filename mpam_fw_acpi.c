// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: the ACPI MPAM table
 *
 * Turns the table (Arm DEN0065) into platform devices that carry a struct
 * mpam_fw_msc. The whole table is read and checked before the first device is
 * made. An MSC whose node is wrong gets a device, too, which carries the reason:
 * what it would have controlled matters to the others. If it can't be told
 * which MSCs there are, MPAM stays off. No registers are touched here.
 */
#include <linux/acpi.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/ioport.h>
#include <linux/numa.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <acpi/acpi_numa.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"
#include "mpam_regs.h"

#define MPAM_ACPI_IFACE_MMIO		0x00
#define MPAM_ACPI_IFACE_PCC		0x0a

/* HID of the linked device of an MSC that shares a processor container's power */
#define MPAM_ACPI_HID_CONTAINER		"ACPI0010"

/* Flags of interrupts */
#define MPAM_ACPI_IRQ_EDGE		BIT(0)
#define MPAM_ACPI_IRQ_TYPE		GENMASK(2, 1)	/* 0: wired */
#define MPAM_ACPI_IRQ_CONTAINER		BIT(3)		/* else a processor */
#define MPAM_ACPI_IRQ_AFFINITY		BIT(4)
#define MPAM_ACPI_IRQ_RESERVED		GENMASK(31, 5)

/* SGIs are below */
#define MPAM_ACPI_GSIV_MIN		16

static int mpam_acpi_find_cache(u32 id, u8 *level, struct cpumask *cpus)
{
	int ret = acpi_pptt_find_cache_level(id);

	if (ret <= 0 || ret > U8_MAX)
		return -ENOENT;
	*level = ret;

	return acpi_pptt_get_cpus_from_cache(id, cpus);
}

/* What other tables tell of the things that this one refers to */
static const struct mpam_acpi_refs mpam_acpi_refs = {
	.cache		= mpam_acpi_find_cache,
	.container	= acpi_pptt_get_cpus_from_container,
	.domain		= pxm_to_node,
	.cpu		= get_cpu_for_acpi_id,
};

/*
 * A resource that can't be placed is nobody's: no other MSC is a part of what
 * does not exist. It is treated like any that has no use here.
 */
static void mpam_acpi_unplaced(const struct acpi_mpam_msc_node *node,
			       const struct acpi_mpam_resource_node *res,
			       const char *what, u64 ref)
{
	pr_err("mpam: ACPI MPAM table: MSC %u RIS %u: %s %llu: it is kept without limits and not offered\n",
	       node->identifier, res->ris_index, what, ref);
}

static void mpam_acpi_parse_locator(const struct acpi_mpam_msc_node *node,
				    const struct acpi_mpam_resource_node *res,
				    const struct mpam_acpi_refs *refs,
				    struct mpam_fw_ris *ris)
{
	u64 ref;
	int nid;

	ris->idx = res->ris_index;

	switch (res->locator_type) {
	case ACPI_MPAM_LOCATION_TYPE_PROCESSOR_CACHE:
		ref = res->locator.cache_locator.cache_reference;
		if (ref <= U32_MAX &&
		    !refs->cache(ref, &ris->level, &ris->affinity)) {
			ris->type = MPAM_CLASS_CACHE;
			ris->comp_id = ref;
			return;
		}
		mpam_acpi_unplaced(node, res, "no CPU of this kernel has the cache", ref);
		break;

	case ACPI_MPAM_LOCATION_TYPE_MEMORY:
		ref = res->locator.memory_locator.proximity_domain;
		nid = ref <= INT_MAX ? refs->domain(ref) : NUMA_NO_NODE;
		if (nid != NUMA_NO_NODE) {
			ris->type = MPAM_CLASS_MEMORY;
			ris->comp_id = nid;
			cpumask_copy(&ris->affinity, cpu_possible_mask);
			return;
		}
		mpam_acpi_unplaced(node, res, "the SRAT has no domain", ref);
		break;
	}

	ris->type = MPAM_CLASS_UNKNOWN;
	ris->level = 0;
	ris->comp_id = node->identifier;
	cpumask_copy(&ris->affinity, cpu_possible_mask);
}

/*
 * The resource nodes follow the fixed part, each as long as its dependencies.
 * Those before a bad one are kept: they tell what is lost with the MSC.
 */
static void mpam_acpi_parse_resources(const struct acpi_mpam_msc_node *node,
				      const struct mpam_acpi_refs *refs,
				      struct mpam_fw_msc *fw)
{
	const u8 *pos = (const u8 *)(node + 1);
	const u8 *end = (const u8 *)node + node->length;
	unsigned long seen = 0;
	u32 i;

	for (i = 0; i < node->num_resource_nodes; i++) {
		const struct acpi_mpam_resource_node *res = (const void *)pos;
		size_t left = end - pos;

		if (left < sizeof(*res)) {
			mpam_fw_doubt(fw, "the ACPI table lists %u resources, but has room for %u",
				      node->num_resource_nodes, i);
			return;
		}
		left -= sizeof(*res);
		if (res->num_functional_deps > left / sizeof(struct acpi_mpam_func_deps)) {
			mpam_fw_doubt(fw, "the table has no room for %u dependencies of RIS %u",
				      res->num_functional_deps, res->ris_index);
			return;
		}
		if (res->ris_index >= MPAM_MAX_RIS)
			mpam_fw_doubt(fw, "the ACPI table lists RIS %u; RIS are 0 to %u",
				      res->ris_index, MPAM_MAX_RIS - 1);
		else if (__test_and_set_bit(res->ris_index, &seen))
			mpam_fw_doubt(fw, "the ACPI table lists RIS %u twice", res->ris_index);
		else
			mpam_acpi_parse_locator(node, res, refs, &fw->ris[fw->nr_ris++]);

		pos += sizeof(*res) + res->num_functional_deps *
				      sizeof(struct acpi_mpam_func_deps);
	}
}

/* An MSC is as good without an interrupt: errors go unnoticed, wraps are polled for */
static const char *mpam_acpi_parse_irq(struct mpam_acpi_msc *msc, enum mpam_irq_kind kind,
				       const struct mpam_acpi_refs *refs,
				       u32 gsiv, u32 flags, u32 affinity)
{
	struct cpumask *cpus = &msc->fw.irq_cpus[kind];
	int cpu;

	if (!gsiv)
		return NULL;
	if (gsiv < MPAM_ACPI_GSIV_MIN)
		return "it is none of a device";
	if (flags & MPAM_ACPI_IRQ_RESERVED)
		return "it has reserved flags";
	if (flags & MPAM_ACPI_IRQ_TYPE)
		return "it is not wired";

	if (flags & MPAM_ACPI_IRQ_AFFINITY) {
		if (flags & MPAM_ACPI_IRQ_CONTAINER) {
			if (refs->container(affinity, cpus) || cpumask_empty(cpus))
				return "the PPTT lacks its processor container";
		} else {
			cpu = refs->cpu(affinity);
			if (cpu < 0)
				return "its processor does not exist";
			cpumask_set_cpu(cpu, cpus);
		}
		if (!cpumask_intersects(cpus, &msc->fw.reach))
			return "no CPU that gets it reaches the MSC";
	}

	msc->gsiv[kind] = gsiv;
	msc->edge[kind] = flags & MPAM_ACPI_IRQ_EDGE;

	return NULL;
}

static void mpam_acpi_parse_irqs(const struct acpi_mpam_msc_node *node,
				 const struct mpam_acpi_refs *refs,
				 struct mpam_acpi_msc *msc)
{
	const char *why[MPAM_NUM_IRQS];
	enum mpam_irq_kind kind;

	why[MPAM_IRQ_ERROR] =
		mpam_acpi_parse_irq(msc, MPAM_IRQ_ERROR, refs, node->error_interrupt,
				    node->error_interrupt_flags,
				    node->error_interrupt_affinity);
	why[MPAM_IRQ_OVERFLOW] =
		mpam_acpi_parse_irq(msc, MPAM_IRQ_OVERFLOW, refs, node->overflow_interrupt,
				    node->overflow_interrupt_flags,
				    node->overflow_interrupt_affinity);

	for (kind = 0; kind < MPAM_NUM_IRQS; kind++) {
		if (why[kind])
			pr_err("mpam: ACPI MPAM table: MSC %u: the %s interrupt is not used: %s\n",
			       node->identifier, mpam_irq_names[kind], why[kind]);
	}
}

/* Its registers are reached by the CPUs whose power it shares */
static void mpam_acpi_parse_reach(const struct acpi_mpam_msc_node *node,
				  const struct mpam_acpi_refs *refs,
				  struct mpam_fw_msc *fw)
{
	u32 uid = node->instance_id_linked_device;

	if (memcmp(&node->hardware_id_linked_device, MPAM_ACPI_HID_CONTAINER,
		   sizeof(node->hardware_id_linked_device))) {
		cpumask_copy(&fw->reach, cpu_possible_mask);
		return;
	}

	if (refs->container(uid, &fw->reach) || cpumask_empty(&fw->reach))
		mpam_fw_reject(fw, "no CPU of this kernel is in its processor container %u",
			       uid);
}

static void mpam_acpi_parse_frame(const struct acpi_mpam_msc_node *node,
				  struct mpam_acpi_msc *msc)
{
	struct mpam_fw_msc *fw = &msc->fw;

	if (node->interface_type == MPAM_ACPI_IFACE_PCC)
		mpam_fw_reject(fw, "it is reached by firmware calls (PCC): not supported");
	else if (node->interface_type != MPAM_ACPI_IFACE_MMIO)
		mpam_fw_reject(fw, "its interface type %#x is not known", node->interface_type);
	else if (node->reserved || node->reserved1 || node->reserved2)
		mpam_fw_reject(fw, "reserved fields of its node in the ACPI table are not 0");
	else if (!node->mmio_size)
		mpam_fw_reject(fw, "it has no registers: their size in the ACPI table is 0");
	else if (node->mmio_size < MPAM_FRAME_MIN_SIZE ||
		 !IS_ALIGNED(node->base_address, MPAM_FRAME_MIN_SIZE) ||
		 node->base_address + node->mmio_size - 1 < node->base_address)
		mpam_fw_reject(fw, "it has no full page of registers: %#x bytes at %#llx",
			       node->mmio_size, node->base_address);
	else
		msc->res = mpam_fw_frame(&DEFINE_RES_MEM(node->base_address, node->mmio_size));
}

/*
 * Whoever comes second is not used. If it is just what the first one is, nothing
 * is lost with it.
 */
static void mpam_acpi_check_twice(struct mpam_acpi_msc *msc, const struct mpam_acpi_msc *first)
{
	bool same_frame = msc->res.flags && first->res.flags &&
			  resource_overlaps(&first->res, &msc->res);

	if (same_frame)
		mpam_fw_reject(&msc->fw, "it has the same registers, at %pa, as MSC %u",
			       &msc->res.start, first->fw.id);
	else if (first->fw.id == msc->fw.id)
		mpam_fw_reject(&msc->fw, "the ACPI table has another MSC %u", msc->fw.id);
	else
		return;

	if (same_frame && mpam_fw_same_ris(&msc->fw, &first->fw))
		msc->fw.nr_ris = 0;
	msc->res.flags = 0;
	msc->twice |= first->fw.id == msc->fw.id;
}

/* Read one node, whose length has been checked, with those before it in mind */
static void mpam_acpi_parse_msc(const struct acpi_mpam_msc_node *node,
				const struct mpam_acpi_refs *refs,
				struct mpam_acpi_msc *mscs, int nr)
{
	struct mpam_acpi_msc *msc = &mscs[nr];
	int i;

	msc->fw.id = node->identifier;
	msc->fw.nrdy_usec = node->max_nrdy_usec;

	mpam_acpi_parse_frame(node, msc);
	mpam_acpi_parse_resources(node, refs, &msc->fw);
	mpam_acpi_parse_reach(node, refs, &msc->fw);
	if (mpam_fw_usable(&msc->fw))
		mpam_acpi_parse_irqs(node, refs, msc);

	for (i = 0; i < nr; i++)
		mpam_acpi_check_twice(msc, &mscs[i]);
}

/**
 * mpam_fw_acpi_parse() - Read an MPAM table
 * @table:	the table, of at least the length that it says
 * @refs:	looks up what the table refers to
 * @mscs:	an entry per MSC in the order of the table, zeroed; NULL to just
 *		count them
 * @why:	on failure says what is wrong, in MPAM_WHY_LEN bytes
 *
 * An entry whose fw.why is not empty has something wrong with it.
 *
 * Context: May sleep.
 * Return: how many MSCs there are, or -EINVAL if that can't be told.
 */
VISIBLE_IF_KUNIT
int mpam_fw_acpi_parse(const struct acpi_table_header *table,
		       const struct mpam_acpi_refs *refs,
		       struct mpam_acpi_msc *mscs, char *why)
{
	const u8 *pos = (const u8 *)table + sizeof(*table);
	const u8 *end = (const u8 *)table + table->length;
	int nr = 0;

	if (table->revision < 1 || table->length < sizeof(*table)) {
		snprintf(why, MPAM_WHY_LEN, "revision %u of %u bytes is not known",
			 table->revision, table->length);
		return -EINVAL;
	}

	while (pos < end) {
		const struct acpi_mpam_msc_node *node = (const void *)pos;
		size_t left = end - pos;

		/* Without its length, the next one can't be found */
		if (left < sizeof(*node) || node->length < sizeof(*node) ||
		    node->length > left) {
			snprintf(why, MPAM_WHY_LEN, "node %d, at byte %td, has a bad length",
				 nr, pos - (const u8 *)table);
			return -EINVAL;
		}

		if (mscs)
			mpam_acpi_parse_msc(node, refs, mscs, nr);

		nr++;
		pos += node->length;
	}

	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_fw_acpi_parse);

DEFINE_FREE(acpi_table, struct acpi_table_header *, acpi_put_table(_T))

static int mpam_acpi_add_device(const struct mpam_acpi_msc *msc)
{
	struct resource res[1 + MPAM_NUM_IRQS];
	enum mpam_irq_kind kind;
	unsigned int nr = 0;

	if (msc->res.flags)
		res[nr++] = msc->res;

	for (kind = 0; kind < MPAM_NUM_IRQS && mpam_fw_usable(&msc->fw); kind++) {
		int irq, trigger = msc->edge[kind] ? ACPI_EDGE_SENSITIVE : ACPI_LEVEL_SENSITIVE;

		if (!msc->gsiv[kind])
			continue;
		irq = acpi_register_gsi(NULL, msc->gsiv[kind], trigger, ACPI_ACTIVE_HIGH);
		if (irq > 0)
			res[nr++] = DEFINE_RES_IRQ_NAMED(irq, mpam_irq_names[kind]);
		else
			pr_err("mpam: ACPI MPAM table: MSC %u: the %s interrupt is not used (%d)\n",
			       msc->fw.id, mpam_irq_names[kind], irq);
	}

	struct platform_device_info info = {
		.name		= "mpam_msc",
		.id		= msc->twice ? PLATFORM_DEVID_AUTO : msc->fw.id,
		.res		= res,
		.num_res	= nr,
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
 * that can't be told or they can't all have a device, which has been said by
 * then.
 */
int mpam_fw_acpi_discover(void)
{
	struct acpi_table_header *table __free(acpi_table) = NULL;
	char why[MPAM_WHY_LEN];
	int i, nr, ret;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_MPAM, 0, &table)))
		return 0;

	nr = mpam_fw_acpi_parse(table, &mpam_acpi_refs, NULL, why);
	if (nr < 0)
		mpam_devices_fail(NULL, "ACPI MPAM table: %s", why);
	if (nr <= 0)
		return nr;

	struct mpam_acpi_msc *mscs __free(kvfree) = kvcalloc(nr, sizeof(*mscs), GFP_KERNEL);
	if (!mscs) {
		mpam_devices_fail(NULL, "no memory for %d MSCs", nr);
		return -ENOMEM;
	}

	mpam_fw_acpi_parse(table, &mpam_acpi_refs, mscs, why);

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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of reading firmware, good and bad
 *
 * MPAM tables are made in memory, byte by byte as DEN0065 has them and not by
 * the structs of the kernel, and read by mpam_fw_acpi_parse(). A table is put in
 * an allocation of just its size, so that KASAN sees who reads beyond it. Device
 * tree nodes are made in memory, too, without a tree.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/acpi.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "mpam_internal.h"

static void expect_why(struct kunit *test, const char *why, const char *what)
{
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why, what), "'%s'", why);
}

#if IS_ENABLED(CONFIG_ACPI_MPAM)

#define FW_HDR_LEN	36
#define FW_MSC_LEN	72
#define FW_RES_LEN	24
#define FW_MAX_MSCS	4
#define FW_MAX_LEN	1024

/* Offsets into an MSC node, and into a resource node */
#define FW_MSC_IFACE	2
#define FW_MSC_RSVD	3
#define FW_MSC_ID	4
#define FW_MSC_BASE	8
#define FW_MSC_SIZE	16
#define FW_MSC_RSVD1	28
#define FW_MSC_RSVD2	44
#define FW_MSC_NRDY	52
#define FW_MSC_HID	56
#define FW_MSC_UID	64
#define FW_MSC_NR_RES	68
#define FW_RES_RIS	4
#define FW_RES_LOCATOR	7
#define FW_RES_REF	8
#define FW_RES_DEPS	20

struct fw_table {
	u8			buf[FW_MAX_LEN];
	size_t			len;
	size_t			msc;	/* where the last MSC node starts */
	size_t			res;	/* where the last resource node starts */
	char			why[MPAM_WHY_LEN];
	struct mpam_acpi_msc	*mscs;
};

/* Caches 10 and 11 are L3s, 20 is an L2; container 5; domains 0 and 1 */
static int fw_cache(u32 id, u8 *level, struct cpumask *cpus)
{
	if (id != 10 && id != 11 && id != 20)
		return -ENOENT;
	*level = id == 20 ? 2 : 3;
	cpumask_set_cpu(id % 2, cpus);

	return 0;
}

static int fw_container(u32 uid, struct cpumask *cpus)
{
	if (uid != 5)
		return -ENOENT;
	cpumask_set_cpu(0, cpus);

	return 0;
}

static int fw_domain(int pxm)
{
	return pxm < 2 ? pxm + 6 : NUMA_NO_NODE;
}

static int fw_cpu(u32 uid)
{
	return uid == 40 ? 0 : -ENODEV;
}

static const struct mpam_acpi_refs fw_refs = {
	.cache		= fw_cache,
	.container	= fw_container,
	.domain		= fw_domain,
	.cpu		= fw_cpu,
};

static int fw_test_init(struct kunit *test)
{
	struct fw_table *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->mscs = kunit_kcalloc(test, FW_MAX_MSCS, sizeof(*t->mscs), GFP_KERNEL);
	if (!t->mscs)
		return -ENOMEM;

	memcpy(t->buf, "MPAM", 4);
	t->buf[8] = 1;
	t->len = FW_HDR_LEN;
	test->priv = t;

	return 0;
}

static void fw_msc(struct fw_table *t, u32 id, u64 base)
{
	u8 *node = t->buf + t->len;

	t->msc = t->len;
	t->len += FW_MSC_LEN;
	put_unaligned_le16(FW_MSC_LEN, node);
	put_unaligned_le32(id, node + FW_MSC_ID);
	put_unaligned_le64(base, node + FW_MSC_BASE);
	put_unaligned_le32(0x3000, node + FW_MSC_SIZE);
	put_unaligned_le32(20, node + FW_MSC_NRDY);
}

static void fw_grow(struct fw_table *t, size_t len)
{
	t->len += len;
	put_unaligned_le16(t->len - t->msc, t->buf + t->msc);
}

static void fw_res(struct fw_table *t, u8 ris, u8 locator, u64 ref)
{
	u8 *node = t->buf + t->len;

	t->res = t->len;
	node[FW_RES_RIS] = ris;
	node[FW_RES_LOCATOR] = locator;
	put_unaligned_le64(ref, node + FW_RES_REF);
	fw_grow(t, FW_RES_LEN);
	t->buf[t->msc + FW_MSC_NR_RES]++;
}

static int fw_parse(struct kunit *test)
{
	struct fw_table *t = test->priv;
	u8 *copy = kunit_kmalloc(test, t->len, GFP_KERNEL);
	int nr;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	put_unaligned_le32(t->len, t->buf + 4);
	memcpy(copy, t->buf, t->len);

	nr = mpam_fw_acpi_parse((void *)copy, &fw_refs, NULL, t->why);
	if (nr < 0)
		return nr;
	KUNIT_ASSERT_LE(test, nr, FW_MAX_MSCS);
	KUNIT_EXPECT_EQ(test, mpam_fw_acpi_parse((void *)copy, &fw_refs, t->mscs, t->why), nr);

	return nr;
}

static void acpi_good_test(struct kunit *test)
{
	struct fw_table *t = test->priv;
	struct mpam_fw_msc *fw = &t->mscs[0].fw;

	fw_msc(t, 7, 0x10000);
	fw_res(t, 0, 0, 10);
	fw_res(t, 3, 1, 1);
	/* Dependencies are stepped over */
	put_unaligned_le32(2, t->buf + t->res + FW_RES_DEPS);
	fw_grow(t, 16);
	fw_res(t, 15, 0xff, 99);
	/* So is what follows the resources */
	fw_grow(t, 12);
	fw_msc(t, 8, 0x13000);
	memcpy(t->buf + t->msc + FW_MSC_HID, "ACPI0010", 8);
	t->buf[t->msc + FW_MSC_UID] = 5;
	fw_res(t, 0, 0, 20);

	KUNIT_ASSERT_EQ(test, fw_parse(test), 2);
	KUNIT_EXPECT_STREQ(test, fw->why, "");
	KUNIT_EXPECT_EQ(test, fw->id, 7);
	KUNIT_EXPECT_EQ(test, fw->nrdy_usec, 20);
	KUNIT_EXPECT_EQ(test, t->mscs[0].res.start, 0x10000);
	KUNIT_EXPECT_EQ(test, resource_size(&t->mscs[0].res), 0x3000);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&fw->reach, cpu_possible_mask));
	KUNIT_ASSERT_EQ(test, fw->nr_ris, 3);
	KUNIT_EXPECT_EQ(test, fw->ris[0].idx, 0);
	KUNIT_EXPECT_EQ(test, fw->ris[0].type, MPAM_CLASS_CACHE);
	KUNIT_EXPECT_EQ(test, fw->ris[0].level, 3);
	KUNIT_EXPECT_EQ(test, fw->ris[0].comp_id, 10);
	KUNIT_EXPECT_EQ(test, fw->ris[1].idx, 3);
	KUNIT_EXPECT_EQ(test, fw->ris[1].type, MPAM_CLASS_MEMORY);
	KUNIT_EXPECT_EQ(test, fw->ris[1].comp_id, 7);
	KUNIT_EXPECT_EQ(test, fw->ris[2].idx, 15);
	KUNIT_EXPECT_EQ(test, fw->ris[2].type, MPAM_CLASS_UNKNOWN);

	fw = &t->mscs[1].fw;
	KUNIT_EXPECT_STREQ(test, fw->why, "");
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&fw->reach, cpumask_of(0)));
	KUNIT_EXPECT_EQ(test, fw->ris[0].level, 2);
}

static void acpi_empty_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, fw_parse(test), 0);
}

/* Tables of which it can't be told how many MSCs they have */
struct acpi_walk_case {
	const char	*name;
	int		msc_len;	/* what the second node says; -1: as it is */
	int		cut;		/* bytes that the table lacks at its end */
	u8		revision;
};

static const struct acpi_walk_case acpi_walk_cases[] = {
	{ "revision 0", -1, 0, 0 },
	{ "length 0", 0, 0, 1 },
	{ "length 1", 1, 0, 1 },
	{ "length one short", FW_MSC_LEN - 1, 0, 1 },
	{ "length one long", FW_MSC_LEN + FW_RES_LEN + 1, 0, 1 },
	{ "length of all ones", 0xffff, 0, 1 },
	{ "header cut", -1, FW_RES_LEN + 1, 1 },
	{ "one byte left", -1, FW_RES_LEN + FW_MSC_LEN - 1, 1 },
	{ "resources cut", -1, 1, 1 },
};

KUNIT_ARRAY_PARAM_DESC(acpi_walk, acpi_walk_cases, name);

static void acpi_walk_test(struct kunit *test)
{
	const struct acpi_walk_case *c = test->param_value;
	struct fw_table *t = test->priv;

	fw_msc(t, 1, 0x10000);
	fw_msc(t, 2, 0x20000);
	fw_res(t, 0, 0, 10);
	if (c->msc_len >= 0)
		put_unaligned_le16(c->msc_len, t->buf + t->msc);
	t->len -= c->cut;
	t->buf[8] = c->revision;

	KUNIT_EXPECT_EQ(test, fw_parse(test), -EINVAL);
	expect_why(test, t->why, c->revision ? "node 1, at byte 108" : "revision 0");
}

/* One value that spoils the second of three MSCs, and no other */
struct acpi_bad_case {
	const char	*name;
	const char	*why;
	bool		in_res;		/* the offset is into its resource */
	u16		offset;
	u8		size;
	u64		val;
	int		nr_ris;		/* how many of its two are known all the same */
	bool		vague;		/* what it controls is not known; else it is lost */
};

static const struct acpi_bad_case acpi_bad_cases[] = {
	{ "PCC", "PCC", false, FW_MSC_IFACE, 1, 0x0a, 2 },
	{ "interface", "interface type 0x42", false, FW_MSC_IFACE, 1, 0x42, 2 },
	{ "reserved", "reserved", false, FW_MSC_RSVD, 1, 1, 2 },
	{ "reserved1", "reserved", false, FW_MSC_RSVD1, 4, 1, 2 },
	{ "reserved2", "reserved", false, FW_MSC_RSVD2, 4, 0x80000000, 2 },
	{ "no size", "no registers", false, FW_MSC_SIZE, 4, 0, 2 },
	{ "size", "no full page", false, FW_MSC_SIZE, 4, 0xfff, 2 },
	{ "alignment", "no full page", false, FW_MSC_BASE, 8, 0x20800, 2 },
	{ "wraps", "no full page", false, FW_MSC_BASE, 8, 0xfffffffffffff000, 2 },
	{ "same registers", "same registers", false, FW_MSC_BASE, 8, 0x12000, 2 },
	{ "same id", "another MSC 1", false, FW_MSC_ID, 4, 1, 2 },
	{ "container", "container 6", false, FW_MSC_UID, 4, 6, 2 },
	{ "too many resources", "lists 3 resources, but has room for 2", false,
	  FW_MSC_NR_RES, 4, 3, 2, true },
	{ "far too many resources", "has room for 2", false,
	  FW_MSC_NR_RES, 4, U32_MAX, 2, true },
	{ "dependencies", "no room for 1 dependencies", true, FW_RES_DEPS, 4, 1, 1, true },
	{ "dependencies wrap", "no room for 536870912", true, FW_RES_DEPS, 4, 0x20000000, 1, true },
	{ "RIS 16", "lists RIS 16", true, FW_RES_RIS, 1, 16, 1, true },
	{ "RIS 255", "lists RIS 255", true, FW_RES_RIS, 1, 255, 1, true },
	{ "RIS twice", "RIS 0 twice", true, FW_RES_RIS, 1, 0, 1, true },
};

KUNIT_ARRAY_PARAM_DESC(acpi_bad, acpi_bad_cases, name);

static void acpi_bad_test(struct kunit *test)
{
	const struct acpi_bad_case *c = test->param_value;
	struct fw_table *t = test->priv;

	fw_msc(t, 1, 0x10000);
	fw_res(t, 0, 0, 10);
	fw_msc(t, 2, 0x20000);
	memcpy(t->buf + t->msc + FW_MSC_HID, "ACPI0010", 8);
	t->buf[t->msc + FW_MSC_UID] = 5;
	fw_res(t, 0, 0, 11);
	fw_res(t, 1, 1, 0);
	memcpy(t->buf + (c->in_res ? t->res : t->msc) + c->offset, &c->val, c->size);
	fw_msc(t, 3, 0x30000);
	fw_res(t, 0, 0, 11);

	KUNIT_ASSERT_EQ(test, fw_parse(test), 3);
	KUNIT_EXPECT_STREQ(test, t->mscs[0].fw.why, "");
	expect_why(test, t->mscs[1].fw.why, c->why);
	KUNIT_EXPECT_EQ(test, t->mscs[1].fw.nr_ris, c->nr_ris);
	KUNIT_EXPECT_EQ(test, mpam_fw_usable(&t->mscs[1].fw), c->vague);
	KUNIT_EXPECT_STREQ(test, t->mscs[2].fw.why, "");
	KUNIT_EXPECT_EQ(test, t->mscs[2].fw.nr_ris, 1);
}

/* Registers that go on for longer than an MSC's can take nobody else's away */
static void acpi_large_test(struct kunit *test)
{
	struct fw_table *t = test->priv;

	fw_msc(t, 1, 0x12000);
	put_unaligned_le32(0x20000, t->buf + t->msc + FW_MSC_SIZE);
	fw_res(t, 0, 0, 10);
	fw_msc(t, 2, 0x20000);
	fw_res(t, 0, 0, 11);

	KUNIT_ASSERT_EQ(test, fw_parse(test), 2);
	KUNIT_EXPECT_STREQ(test, t->mscs[0].fw.why, "");
	KUNIT_EXPECT_EQ(test, t->mscs[0].res.start, 0x12000);
	KUNIT_EXPECT_EQ(test, t->mscs[0].res.end, 0x1ffff);
	KUNIT_EXPECT_STREQ(test, t->mscs[1].fw.why, "");
	KUNIT_EXPECT_EQ(test, t->mscs[1].res.start, 0x20000);
}

/* Interrupts of which one is spoilt, at the offsets of its GSIV */
struct acpi_irq_case {
	const char	*name;
	bool		good;
	u32		gsiv;
	u32		flags;
	u32		affinity;
};

static const struct acpi_irq_case acpi_irq_cases[] = {
	{ "level SPI", true, 232, 0, 0 },
	{ "edge SPI", true, 232, BIT(0), 0 },
	{ "PPI", true, 25, 0, 0 },
	{ "PPI of a processor", true, 25, BIT(4), 40 },
	{ "PPI of a container", true, 25, BIT(4) | BIT(3), 5 },
	{ "affinity that is not valid", true, 25, BIT(3), 99 },
	{ "none", false, 0, BIT(0), 0 },
	{ "SGI", false, 15, 0, 0 },
	{ "type 1", false, 232, BIT(1), 0 },
	{ "type 2", false, 232, BIT(2), 0 },
	{ "reserved flag 5", false, 232, BIT(5), 0 },
	{ "reserved flag 31", false, 232, BIT(31), 0 },
	{ "no such processor", false, 25, BIT(4), 41 },
	{ "no such container", false, 25, BIT(4) | BIT(3), 6 },
};

KUNIT_ARRAY_PARAM_DESC(acpi_irq, acpi_irq_cases, name);

static void acpi_irq_test(struct kunit *test)
{
	const struct acpi_irq_case *c = test->param_value;
	static const u16 at[MPAM_NUM_IRQS] = {
		[MPAM_IRQ_ERROR]	= 36,
		[MPAM_IRQ_OVERFLOW]	= 20,
	};
	struct fw_table *t = test->priv;
	enum mpam_irq_kind kind, other;

	for (kind = 0; kind < MPAM_NUM_IRQS; kind++) {
		struct mpam_acpi_msc *msc = &t->mscs[0];
		u8 *node;

		other = !kind;
		t->len = FW_HDR_LEN;
		memset(t->mscs, 0, sizeof(*t->mscs));
		fw_msc(t, 1, 0x10000);
		node = t->buf + t->msc;
		put_unaligned_le32(c->gsiv, node + at[kind]);
		put_unaligned_le32(c->flags, node + at[kind] + 4);
		put_unaligned_le32(c->affinity, node + at[kind] + 12);
		put_unaligned_le32(300, node + at[other]);
		put_unaligned_le32(0, node + at[other] + 4);
		put_unaligned_le32(0, node + at[other] + 12);

		KUNIT_ASSERT_EQ(test, fw_parse(test), 1);
		KUNIT_EXPECT_STREQ(test, msc->fw.why, "");
		KUNIT_EXPECT_EQ(test, msc->gsiv[other], 300);
		KUNIT_EXPECT_FALSE(test, msc->edge[other]);
		KUNIT_EXPECT_TRUE(test, cpumask_empty(&msc->fw.irq_cpus[other]));
		KUNIT_EXPECT_EQ(test, msc->gsiv[kind], c->good ? c->gsiv : 0);
		if (!c->good)
			continue;
		KUNIT_EXPECT_EQ(test, msc->edge[kind], c->flags & BIT(0));
		KUNIT_EXPECT_EQ(test, cpumask_test_cpu(0, &msc->fw.irq_cpus[kind]),
				!!(c->flags & BIT(4)));
	}
}

/* An MSC that is listed once more as it is: nothing is lost without that */
static void acpi_twice_test(struct kunit *test)
{
	struct fw_table *t = test->priv;

	fw_msc(t, 1, 0x10000);
	fw_res(t, 0, 0, 10);
	fw_msc(t, 1, 0x10000);
	fw_res(t, 0, 0, 10);
	/* That this is wrong, too, doesn't matter any more */
	fw_res(t, 16, 0, 10);

	KUNIT_ASSERT_EQ(test, fw_parse(test), 2);
	KUNIT_EXPECT_STREQ(test, t->mscs[0].fw.why, "");
	expect_why(test, t->mscs[1].fw.why, "same registers");
	KUNIT_EXPECT_FALSE(test, mpam_fw_usable(&t->mscs[1].fw));
	KUNIT_EXPECT_EQ(test, t->mscs[1].fw.nr_ris, 0);
	KUNIT_EXPECT_TRUE(test, t->mscs[1].twice);
}

/* References to what isn't there cost the resource, not the MSC */
struct acpi_ref_case {
	const char	*name;
	u8		locator;
	u64		ref;
};

static const struct acpi_ref_case acpi_ref_cases[] = {
	{ "cache", 0, 12 },
	{ "cache 0", 0, 0 },
	{ "cache beyond 32 bits", 0, BIT_ULL(32) | 10 },
	{ "domain", 1, 2 },
	{ "domain beyond 31 bits", 1, BIT_ULL(31) },
	{ "domain beyond 32 bits", 1, BIT_ULL(32) },
	{ "unknown locator", 0x7f, 10 },
};

KUNIT_ARRAY_PARAM_DESC(acpi_ref, acpi_ref_cases, name);

static void acpi_ref_test(struct kunit *test)
{
	const struct acpi_ref_case *c = test->param_value;
	struct fw_table *t = test->priv;
	struct mpam_fw_msc *fw = &t->mscs[0].fw;

	fw_msc(t, 1, 0x10000);
	fw_res(t, 2, c->locator, c->ref);
	fw_res(t, 4, 0, 10);

	KUNIT_ASSERT_EQ(test, fw_parse(test), 1);
	KUNIT_EXPECT_STREQ(test, fw->why, "");
	KUNIT_ASSERT_EQ(test, fw->nr_ris, 2);
	KUNIT_EXPECT_EQ(test, fw->ris[0].idx, 2);
	KUNIT_EXPECT_EQ(test, fw->ris[0].type, MPAM_CLASS_UNKNOWN);
	KUNIT_EXPECT_EQ(test, fw->ris[0].level, 0);
	KUNIT_EXPECT_EQ(test, fw->ris[1].type, MPAM_CLASS_CACHE);
}

/* Every byte of a good table, one after the other, as all ones and all zeroes */
static void acpi_any_byte_test(struct kunit *test)
{
	struct fw_table *t = test->priv;
	size_t i, len;
	u8 was;
	int nr;

	fw_msc(t, 1, 0x10000);
	fw_res(t, 0, 0, 10);
	fw_msc(t, 2, 0x20000);
	fw_res(t, 0, 1, 1);
	len = t->len;

	for (i = 8; i < len * 2; i++) {
		was = t->buf[i / 2];
		t->buf[i / 2] = i & 1 ? 0xff : 0;
		memset(t->mscs, 0, FW_MAX_MSCS * sizeof(*t->mscs));
		nr = fw_parse(test);
		KUNIT_EXPECT_TRUE_MSG(test, nr == 2 || nr == -EINVAL, "byte %zu: %d", i / 2, nr);
		t->buf[i / 2] = was;
	}
}

static struct kunit_case mpam_acpi_cases[] = {
	KUNIT_CASE(acpi_good_test),
	KUNIT_CASE(acpi_empty_test),
	KUNIT_CASE_PARAM(acpi_walk_test, acpi_walk_gen_params),
	KUNIT_CASE_PARAM(acpi_bad_test, acpi_bad_gen_params),
	KUNIT_CASE(acpi_large_test),
	KUNIT_CASE_PARAM(acpi_irq_test, acpi_irq_gen_params),
	KUNIT_CASE(acpi_twice_test),
	KUNIT_CASE_PARAM(acpi_ref_test, acpi_ref_gen_params),
	KUNIT_CASE(acpi_any_byte_test),
	{}
};

static struct kunit_suite mpam_acpi_suite = {
	.name		= "mpam_fw_acpi",
	.init		= fw_test_init,
	.test_cases	= mpam_acpi_cases,
};

kunit_test_suite(mpam_acpi_suite);

#endif /* CONFIG_ACPI_MPAM */

#if IS_ENABLED(CONFIG_OF)

/* Device tree nodes that are in no tree: an MSC, below a bus or a cache */
static struct device_node *dt_node(struct kunit *test, struct device_node *parent,
				   const char *name)
{
	struct device_node *np = kunit_kzalloc(test, sizeof(*np), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, np);
	of_node_init(np);
	np->full_name = name;
	np->parent = parent;
	if (parent) {
		np->sibling = parent->child;
		parent->child = np;
	}

	return np;
}

static void dt_prop(struct kunit *test, struct device_node *np, const char *name,
		    const void *value, int length)
{
	struct property *prop = kunit_kzalloc(test, sizeof(*prop), GFP_KERNEL);
	void *copy = kunit_kzalloc(test, length, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, prop);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, value, length);
	prop->name = (char *)name;
	prop->value = copy;
	prop->length = length;
	prop->next = np->properties;
	np->properties = prop;
}

static void dt_compatible(struct kunit *test, struct device_node *np, const char *compatible)
{
	dt_prop(test, np, "compatible", compatible, strlen(compatible) + 1);
}

static void dt_u32(struct kunit *test, struct device_node *np, const char *name, u32 value)
{
	__be32 be = cpu_to_be32(value);

	dt_prop(test, np, name, &be, sizeof(be));
}

static struct device_node *dt_ris(struct kunit *test, struct device_node *msc,
				  const char *compatible, u32 reg)
{
	struct device_node *np = dt_node(test, msc, "ris");

	dt_compatible(test, np, compatible);
	dt_u32(test, np, "reg", reg);

	return np;
}

static struct mpam_fw_msc *dt_parse(struct kunit *test, struct device_node *msc)
{
	struct mpam_fw_msc *fw = kunit_kzalloc(test, sizeof(*fw), GFP_KERNEL);
	struct device *dev = kunit_device_register(test, "mpam-dt");

	KUNIT_ASSERT_NOT_NULL(test, fw);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->of_node = msc;
	mpam_fw_dt_parse(dev, fw);
	dev->of_node = NULL;
	kunit_device_unregister(test, dev);

	return fw;
}

static void dt_good_test(struct kunit *test)
{
	struct device_node *bus = dt_node(test, NULL, "bus");
	struct device_node *msc = dt_node(test, bus, "msc");
	struct mpam_fw_msc *fw;

	dt_u32(test, msc, "arm,not-ready-us", 50);
	dt_u32(test, msc, "numa-node-id", 3);
	dt_ris(test, msc, "arm,mpam-memory", 15);
	dt_ris(test, msc, "vendor,other", 0);

	fw = dt_parse(test, msc);
	KUNIT_EXPECT_STREQ(test, fw->why, "");
	KUNIT_EXPECT_EQ(test, fw->nrdy_usec, 50);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&fw->reach, cpu_possible_mask));
	KUNIT_ASSERT_EQ(test, fw->nr_ris, 2);
	KUNIT_EXPECT_EQ(test, fw->ris[0].idx, 0);
	KUNIT_EXPECT_EQ(test, fw->ris[0].type, MPAM_CLASS_UNKNOWN);
	KUNIT_EXPECT_EQ(test, fw->ris[1].idx, 15);
	KUNIT_EXPECT_EQ(test, fw->ris[1].type, MPAM_CLASS_MEMORY);
	KUNIT_EXPECT_EQ(test, fw->ris[1].comp_id, 3);
}

/* A resource for some of the CPUs that could use it */
static void dt_cpus_test(struct kunit *test)
{
	struct device_node *bus = dt_node(test, NULL, "bus");
	struct device_node *msc = dt_node(test, bus, "msc");
	struct device_node *cpu = of_get_cpu_node(0, NULL);
	u32 handle = cpu ? cpu->phandle : 0;
	struct device_node *ris;
	struct mpam_fw_msc *fw;

	of_node_put(cpu);
	if (!handle)
		kunit_skip(test, "this machine's device tree does not refer to CPU 0");

	ris = dt_ris(test, msc, "arm,mpam-memory", 1);
	dt_u32(test, ris, "cpus", handle);
	dt_ris(test, msc, "arm,mpam-memory", 0);
	fw = dt_parse(test, msc);
	KUNIT_EXPECT_STREQ(test, fw->why, "");
	KUNIT_ASSERT_EQ(test, fw->nr_ris, 2);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&fw->ris[0].affinity, cpu_possible_mask));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&fw->ris[1].affinity, cpumask_of(0)));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&fw->reach, cpu_possible_mask));
}

/* Without children, the one resource is what the MSC's own node says */
static void dt_no_children_test(struct kunit *test)
{
	struct device_node *bus = dt_node(test, NULL, "bus");
	struct device_node *msc = dt_node(test, bus, "msc");
	struct mpam_fw_msc *fw;

	dt_compatible(test, msc, "arm,mpam-memory-controller-msc");
	fw = dt_parse(test, msc);
	KUNIT_EXPECT_STREQ(test, fw->why, "");
	KUNIT_ASSERT_EQ(test, fw->nr_ris, 1);
	KUNIT_EXPECT_EQ(test, fw->ris[0].idx, 0);
	KUNIT_EXPECT_EQ(test, fw->ris[0].type, MPAM_CLASS_MEMORY);
}

struct dt_bad_case {
	const char	*name;
	const char	*why;
	int		reg;		/* of the second of two RIS; -1: none */
};

static const struct dt_bad_case dt_bad_cases[] = {
	{ "no reg", "must be a RIS index", -1 },
	{ "RIS 16", "must be a RIS index", 16 },
	{ "RIS twice", "RIS 2 is listed twice", 2 },
};

KUNIT_ARRAY_PARAM_DESC(dt_bad, dt_bad_cases, name);

/* What can be made out is kept: it tells what is lost with the MSC */
static void dt_bad_test(struct kunit *test)
{
	const struct dt_bad_case *c = test->param_value;
	struct device_node *bus = dt_node(test, NULL, "bus");
	struct device_node *msc = dt_node(test, bus, "msc");
	struct device_node *bad;
	struct mpam_fw_msc *fw;

	dt_ris(test, msc, "arm,mpam-memory", 2);
	bad = dt_node(test, msc, "ris");
	if (c->reg >= 0)
		dt_u32(test, bad, "reg", c->reg);

	fw = dt_parse(test, msc);
	expect_why(test, fw->why, c->why);
	KUNIT_EXPECT_TRUE(test, fw->vague);
	KUNIT_EXPECT_EQ(test, fw->nr_ris, 1);
}

/* A cache that no CPU uses, or of no level, costs the resource, not the MSC */
static void dt_unplaced_test(struct kunit *test)
{
	struct device_node *bus = dt_node(test, NULL, "bus");
	struct device_node *msc = dt_node(test, bus, "msc");
	struct mpam_fw_msc *fw;

	dt_ris(test, msc, "arm,mpam-cache", 1);
	fw = dt_parse(test, msc);
	KUNIT_EXPECT_STREQ(test, fw->why, "");
	KUNIT_ASSERT_EQ(test, fw->nr_ris, 1);
	KUNIT_EXPECT_EQ(test, fw->ris[0].type, MPAM_CLASS_UNKNOWN);

	dt_u32(test, bus, "cache-level", 3);
	fw = dt_parse(test, msc);
	KUNIT_EXPECT_STREQ(test, fw->why, "");
	KUNIT_EXPECT_EQ(test, fw->ris[0].type, MPAM_CLASS_UNKNOWN);
}

static void dt_no_reach_test(struct kunit *test)
{
	struct device_node *cache = dt_node(test, NULL, "cache");
	struct device_node *msc = dt_node(test, cache, "msc");
	struct mpam_fw_msc *fw;

	dt_compatible(test, cache, "cache");
	dt_u32(test, cache, "cache-level", 3);
	dt_ris(test, msc, "arm,mpam-cache", 0);
	fw = dt_parse(test, msc);
	expect_why(test, fw->why, "no CPU of this kernel uses");
	KUNIT_EXPECT_FALSE(test, mpam_fw_usable(fw));
	KUNIT_EXPECT_TRUE(test, cpumask_empty(&fw->reach));
}

static struct kunit_case mpam_dt_cases[] = {
	KUNIT_CASE(dt_good_test),
	KUNIT_CASE(dt_cpus_test),
	KUNIT_CASE(dt_no_children_test),
	KUNIT_CASE_PARAM(dt_bad_test, dt_bad_gen_params),
	KUNIT_CASE(dt_unplaced_test),
	KUNIT_CASE(dt_no_reach_test),
	{}
};

static struct kunit_suite mpam_dt_suite = {
	.name		= "mpam_fw_dt",
	.test_cases	= mpam_dt_cases,
};

kunit_test_suite(mpam_dt_suite);

#endif /* CONFIG_OF */

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit tests of reading firmware for the Arm MPAM driver");
MODULE_LICENSE("GPL");

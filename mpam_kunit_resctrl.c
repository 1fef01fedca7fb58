// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of what resctrl can be offered
 *
 * Whether memory can stand for what is behind the L3s. The CPUs and the NUMA
 * nodes are those of the machine that runs the test: what does not fit is the
 * fakes' description of their L3s and memories. And how a mount ends when MPAM
 * does.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/resctrl.h>
#include <linux/topology.h>

#include "mpam_kunit.h"
#include "mpam_resctrl.h"

static struct mpam_fake *test_memory(struct kunit *test, u32 node)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->ris[0] = (struct mpam_fake_ris){
		MPAMF_IDR_HAS_MBW_PART, .mbw = MPAMF_MBW_IDR_HAS_MAX | BWA(8),
	};
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_MEMORY, 0, node);
	cpumask_copy(&fake->msc.fw.ris[0].affinity, cpu_possible_mask);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);

	return fake;
}

static void test_l3(struct kunit *test, u32 id, const struct cpumask *cpus)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->ris[0] = (struct mpam_fake_ris){ MPAMF_IDR_HAS_CPOR_PART, .cpor = CPOR(16) };
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, id);
	cpumask_copy(&fake->msc.fw.ris[0].affinity, cpus);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
}

/* Memory next to each CPU, and nothing else */
static void test_all_memory(struct kunit *test)
{
	nodemask_t nodes = NODE_MASK_NONE;
	unsigned int cpu;
	int node;

	for_each_possible_cpu(cpu)
		node_set(cpu_to_node(cpu), nodes);
	for_each_node_mask(node, nodes)
		test_memory(test, node);
}

/* An L3 for each node that has CPUs */
static void test_all_l3s(struct kunit *test)
{
	cpumask_t *cpus = kunit_kzalloc(test, sizeof(*cpus), GFP_KERNEL);
	unsigned int cpu;
	int node;

	KUNIT_ASSERT_NOT_NULL(test, cpus);
	for_each_node(node) {
		cpumask_clear(cpus);
		for_each_possible_cpu(cpu) {
			if (cpu_to_node(cpu) == node)
				cpumask_set_cpu(cpu, cpus);
		}
		if (!cpumask_empty(cpus))
			test_l3(test, node + 1, cpus);
	}
}

static const char *test_verdict(struct kunit *test)
{
	struct mpam_topo *topo = mpam_test_topo(test);
	struct mpam_class *memory = mpam_class_find(topo, MPAM_CLASS_MEMORY, 0);

	KUNIT_ASSERT_NOT_NULL(test, memory);

	return mpam_resctrl_unlike_l3(memory, mpam_class_find(topo, MPAM_CLASS_CACHE, 3));
}

static void memory_like_l3_test(struct kunit *test)
{
	test_all_memory(test);
	test_all_l3s(test);
	KUNIT_EXPECT_NULL(test, test_verdict(test));
}

/* A CPU that comes online, or goes, changes nothing of what was decided */
static void memory_decided_test(struct kunit *test)
{
	struct mpam_class *memory, *l3;
	struct mpam_topo *topo;

	test_all_memory(test);
	test_all_l3s(test);
	topo = mpam_test_topo(test);
	memory = mpam_class_find(topo, MPAM_CLASS_MEMORY, 0);
	l3 = mpam_class_find(topo, MPAM_CLASS_CACHE, 3);
	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_ASSERT_NOT_NULL(test, l3);

	KUNIT_EXPECT_NULL(test, mpam_resctrl_unlike_l3(memory, l3));
	cpumask_clear(&list_first_entry(&l3->comps, struct mpam_component, node)->affinity);
	KUNIT_EXPECT_NULL(test, mpam_resctrl_unlike_l3(memory, l3));
}

static void memory_without_cpus_test(struct kunit *test)
{
	test_all_memory(test);
	test_all_l3s(test);
	test_memory(test, MAX_NUMNODES);
	KUNIT_EXPECT_STREQ(test, test_verdict(test), "there is memory that is not next to CPUs");
}

static void cpus_without_memory_test(struct kunit *test)
{
	test_all_l3s(test);
	test_memory(test, MAX_NUMNODES);
	KUNIT_EXPECT_STREQ(test, test_verdict(test), "not every NUMA node has such an MSC");
}

static void l3_of_a_cpu_test(struct kunit *test)
{
	unsigned int cpu;

	if (num_possible_cpus() < 2)
		kunit_skip(test, "there is one CPU only");

	test_all_memory(test);
	for_each_possible_cpu(cpu)
		test_l3(test, cpu + 1, cpumask_of(cpu));

	KUNIT_EXPECT_STREQ(test, test_verdict(test),
			   "not every NUMA node is all that shares an L3");
}

static void cpu_without_l3_test(struct kunit *test)
{
	test_all_memory(test);
	test_l3(test, 1, cpu_none_mask);
	KUNIT_EXPECT_STREQ(test, test_verdict(test), "not every CPU has an L3");
}

/* Accesses to MSCs after which MPAM ends; the fakes' own way to be accessed */
static unsigned int test_accesses_left;
static const struct mpam_msc_ops *test_fake_ops;

static u32 test_read(struct mpam_msc *msc, u32 offset)
{
	return test_fake_ops->read(msc, offset);
}

static void test_write_and_exit(struct mpam_msc *msc, u32 offset, u32 val)
{
	if (test_accesses_left && !--test_accesses_left)
		mpam_resctrl_exit();
	test_fake_ops->write(msc, offset, val);
}

static const struct mpam_msc_ops test_exit_ops = {
	.read	= test_read,
	.write	= test_write_and_exit,
};

/* A mount ends in the midst of the end of MPAM: what has begun goes on to its end */
static void umount_at_exit_test(struct kunit *test)
{
	struct rdt_resource *r = resctrl_arch_get_resource(RDT_RESOURCE_L3);
	struct mpam_fake *l3[3];
	struct mpam_topo *topo;
	unsigned int i;

	if (resctrl_arch_alloc_capable() || resctrl_arch_mon_capable())
		kunit_skip(test, "this machine has resctrl");

	for (i = 0; i < ARRAY_SIZE(l3); i++)
		l3[i] = mpam_test_l3(test, i + 1, 16);
	topo = mpam_test_topo(test);
	KUNIT_ASSERT_EQ(test, mpam_config_alloc(topo, TEST_PARTIDS), 0);
	KUNIT_ASSERT_EQ(test, mpam_resctrl_init(topo), 0);
	test_fake_ops = l3[0]->msc.ops;
	for (i = 0; i < ARRAY_SIZE(l3); i++) {
		mpam_test_restore(l3[i], TEST_PARTIDS);
		l3[i]->msc.live = true;
		KUNIT_EXPECT_EQ(test, mpam_test_set(l3[i]->msc.ris[0].vmsc->comp, 1,
						    MPAM_CTRL_CPBM, 0xf), 0);
		l3[i]->msc.ops = &test_exit_ops;
	}

	test_accesses_left = 1;
	scoped_guard(cpus_read_lock)
		resctrl_arch_reset_all_ctrls(r);
	KUNIT_EXPECT_EQ(test, test_accesses_left, 0);
	for (i = 0; i < ARRAY_SIZE(l3); i++)
		KUNIT_EXPECT_EQ(test, mpam_fake_cfg(l3[i], 0, 1, MPAMCFG_CPBM), 0xffff);

	/* There is nothing left for the next one */
	scoped_guard(cpus_read_lock)
		resctrl_arch_reset_all_ctrls(r);
	KUNIT_EXPECT_FALSE(test, resctrl_arch_alloc_capable());
}

static struct kunit_case mpam_resctrl_cases[] = {
	KUNIT_CASE(memory_like_l3_test),
	KUNIT_CASE(memory_decided_test),
	KUNIT_CASE(memory_without_cpus_test),
	KUNIT_CASE(cpus_without_memory_test),
	KUNIT_CASE(l3_of_a_cpu_test),
	KUNIT_CASE(cpu_without_l3_test),
	KUNIT_CASE(umount_at_exit_test),
	{}
};

MPAM_SUITE(mpam_resctrl, mpam_test_init);

kunit_test_suites(&mpam_resctrl_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit tests of what resctrl can be offered");
MODULE_LICENSE("GPL");

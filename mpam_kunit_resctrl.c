// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of what resctrl can be offered
 *
 * Whether memory can stand for what is behind the L3s. The CPUs and the NUMA
 * nodes are those of the machine that runs the test: what does not fit is the
 * fakes' description of their L3s and memories.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/nodemask.h>
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

static struct kunit_case mpam_resctrl_cases[] = {
	KUNIT_CASE(memory_like_l3_test),
	KUNIT_CASE(memory_without_cpus_test),
	KUNIT_CASE(cpus_without_memory_test),
	KUNIT_CASE(l3_of_a_cpu_test),
	KUNIT_CASE(cpu_without_l3_test),
	{}
};

MPAM_SUITE(mpam_resctrl, mpam_test_init);

kunit_test_suites(&mpam_resctrl_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit tests of what resctrl can be offered");
MODULE_LICENSE("GPL");

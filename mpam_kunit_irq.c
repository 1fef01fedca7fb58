// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: tests of what is made of an MSC's errors, and of its interrupts
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/cpu.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/string.h>

#include "mpam_kunit.h"

/* As IHI 0099 numbers and names them, and whether one costs the MSC */
struct irq_code_case {
	const char	*name;
	unsigned int	code;
	bool		park;
	const char	*says;	/* of ESR 0x9_xx12_0034, when it is parked */
};

static const struct irq_code_case irq_code_cases[] = {
	{ "PARTID_SEL_Range", 1, false },
	{ "Req_PARTID_Range", 2, false },
	{ "MSMONCFG_ID_RANGE", 3, false },
	{ "Req_PMG_Range", 4, false },
	{ "Monitor_Range", 5, false },
	{ "intPARTID_Range", 6, true, "PARTID 52)" },
	{ "Unexpected_INTERNAL", 7, true, "PARTID 52)" },
	{ "Undefined_RIS_PART_SEL", 8, true, "PARTID 52, RIS 9)" },
	{ "RIS_No_Control", 9, true, "PARTID 52, RIS 9)" },
	{ "Undefined_RIS_MON_SEL", 10, true, "monitor 52, RIS 9)" },
	{ "RIS_No_Monitor", 11, true, "monitor 52, RIS 9)" },
	{ "reserved", 12, false },
	{ "reserved", 13, false },
	{ "reserved", 14, false },
	{ "reserved", 15, false },
};

static void irq_code_desc(const struct irq_code_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u %s", c->code, c->name);
}

KUNIT_ARRAY_PARAM(irq_code, irq_code_cases, irq_code_desc);

static struct mpam_fake *irq_fake(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->ris[0] = mpam_test_ris_full;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
	mpam_fake_log_clear(fake);
	fake->msc.err_irq = true;

	return fake;
}

static bool irq_error(struct mpam_fake *fake)
{
	guard(migrate)();

	return mpam_irq_error(&fake->msc);
}

static void irq_enable(struct mpam_fake *fake)
{
	guard(migrate)();
	mpam_irq_enable_msc(&fake->msc);
}

static void irq_code_test(struct kunit *test)
{
	const struct irq_code_case *c = test->param_value;
	struct mpam_fake *fake = irq_fake(test);

	irq_enable(fake);
	KUNIT_EXPECT_EQ(test, fake->ecr, 1);
	KUNIT_EXPECT_STREQ(test, mpam_errs[c->code].name, c->name);

	fake->esr = 0x900120034 | c->code << 24;
	mpam_fake_log_clear(fake);
	KUNIT_EXPECT_TRUE(test, irq_error(fake));
	KUNIT_EXPECT_EQ(test, fake->esr, 0);
	KUNIT_EXPECT_EQ(test, fake->msc.errs[c->code], 1);
	KUNIT_EXPECT_EQ(test, mpam_msc_is_bad(&fake->msc), c->park);
	/* One that isn't trusted any more is silent at once */
	KUNIT_EXPECT_EQ(test, fake->ecr, !c->park);
	if (c->park)
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(fake->msc.why, c->says), "%s",
					  fake->msc.why);

	/* The lower half is cleared last: it lets go of the line */
	KUNIT_EXPECT_EQ(test, fake->log[2].offset, MPAMF_ESR_HI);
	KUNIT_EXPECT_EQ(test, fake->log[3].offset, MPAMF_ESR);
	KUNIT_EXPECT_TRUE(test, fake->log[3].write);
	KUNIT_EXPECT_EQ(test, fake->nr_log, 4 + c->park);
}

/* An interrupt of somebody else on the line costs one read */
static void irq_none_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);

	KUNIT_EXPECT_FALSE(test, irq_error(fake));
	KUNIT_EXPECT_EQ(test, fake->nr_log, 1);
}

/* An MSC without the upper half of ESR, whose offset must be left alone */
static void irq_narrow_test(struct kunit *test)
{
	struct mpam_fake *fake = mpam_test_fake(test);

	fake->idr &= ~MPAMF_IDR_HAS_EXTD_ESR;
	fake->ris[0] = mpam_test_ris_full;
	mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, 1);
	KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
	mpam_fake_log_clear(fake);

	fake->esr = 2 << 24;
	KUNIT_EXPECT_TRUE(test, irq_error(fake));
	KUNIT_EXPECT_EQ(test, fake->nr_log, 2);
	KUNIT_EXPECT_EQ(test, fake->esr, 0);
}

/* Only software can make OVRWR without a code; the line must be let go of all the same */
static void irq_ovrwr_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);

	fake->esr = MPAMF_ESR_OVRWR;
	KUNIT_EXPECT_TRUE(test, irq_error(fake));
	KUNIT_EXPECT_EQ(test, fake->esr, 0);
	KUNIT_EXPECT_FALSE(test, mpam_msc_is_bad(&fake->msc));
}

static void irq_storm_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);
	unsigned int n = 0;

	irq_enable(fake);
	do {
		fake->esr = 5 << 24;
		KUNIT_EXPECT_TRUE(test, irq_error(fake));
		n++;
	} while (fake->ecr && n < 1000);

	KUNIT_EXPECT_EQ(test, n, 101);
	KUNIT_EXPECT_TRUE(test, fake->msc.muted);
	KUNIT_EXPECT_EQ(test, fake->msc.errs[5], n);
	KUNIT_EXPECT_FALSE(test, mpam_msc_is_bad(&fake->msc));

	/* It can't be its line that goes on, but its errors are taken */
	fake->esr = 5 << 24;
	KUNIT_EXPECT_FALSE(test, irq_error(fake));
	KUNIT_EXPECT_EQ(test, fake->esr, 0);

	/* It is heard again when it comes back */
	irq_enable(fake);
	KUNIT_EXPECT_EQ(test, fake->ecr, 1);
	fake->esr = 5 << 24;
	KUNIT_EXPECT_TRUE(test, irq_error(fake));
	KUNIT_EXPECT_FALSE(test, fake->msc.muted);
}

/* One that the system has labels for which it does not know can't help it */
static void irq_expected_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);
	unsigned int n = 0;

	if (mpam_limits_partids() <= fake->msc.partid_max + 1u)
		kunit_skip(test, "this machine has few PARTIDs");

	fake->msc.live = true;
	irq_enable(fake);
	do {
		fake->esr = 2 << 24;
		KUNIT_EXPECT_TRUE(test, irq_error(fake));
		n++;
	} while (fake->ecr && n < 1000);

	/* It may be noisy for a tenth of the time, or so, and is in use */
	KUNIT_EXPECT_EQ(test, n, 101);
	KUNIT_EXPECT_EQ(test, fake->msc.errs[2], n);
	KUNIT_EXPECT_FALSE(test, fake->msc.muted);
	fake->esr = 2 << 24;
	KUNIT_EXPECT_FALSE(test, irq_error(fake));
	KUNIT_EXPECT_EQ(test, fake->esr, 0);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&fake->msc.rest_work));

	/* After a second, what says something is heard again */
	mod_delayed_work(system_wq, &fake->msc.rest_work, 0);
	flush_delayed_work(&fake->msc.rest_work);
	KUNIT_EXPECT_EQ(test, fake->ecr, 1);
	fake->esr = 9 << 24;
	KUNIT_EXPECT_TRUE(test, irq_error(fake));
	KUNIT_EXPECT_TRUE(test, mpam_msc_is_bad(&fake->msc));
	KUNIT_EXPECT_EQ(test, fake->ecr, 0);
}

/* Who is muted for good is not heard again when its rest is over */
static void irq_expected_muted_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);
	unsigned int n;

	if (mpam_limits_partids() <= fake->msc.partid_max + 1u)
		kunit_skip(test, "this machine has few PARTIDs");

	fake->msc.live = true;
	irq_enable(fake);
	for (n = 0; n < 101; n++) {
		fake->esr = 2 << 24;
		irq_error(fake);
		fake->esr = 5 << 24;
		irq_error(fake);
	}
	KUNIT_EXPECT_TRUE(test, fake->msc.muted);
	mod_delayed_work(system_wq, &fake->msc.rest_work, 0);
	flush_delayed_work(&fake->msc.rest_work);
	KUNIT_EXPECT_EQ(test, fake->ecr, 0);
}

/* As many as make a storm, but over a longer time */
static void irq_slow_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);
	unsigned int n;

	irq_enable(fake);
	for (n = 0; n < 300; n++) {
		fake->msc.err_rate.since -= HZ / 50;
		fake->esr = 5 << 24;
		KUNIT_EXPECT_TRUE(test, irq_error(fake));
	}
	KUNIT_EXPECT_EQ(test, fake->ecr, 1);
	KUNIT_EXPECT_FALSE(test, fake->msc.muted);
}

/* It has been told to be silent: it is not why the line goes on */
static void irq_muted_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);

	irq_enable(fake);
	fake->msc.muted = true;
	fake->esr = 5 << 24;
	KUNIT_EXPECT_FALSE(test, irq_error(fake));
	KUNIT_EXPECT_EQ(test, fake->esr, 0);
	KUNIT_EXPECT_EQ(test, fake->msc.errs[5], 1);
}

static void irq_dead_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);

	fake->dead = true;
	KUNIT_EXPECT_FALSE(test, irq_error(fake));
	KUNIT_EXPECT_TRUE(test, mpam_msc_is_bad(&fake->msc));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake->msc.why, "all-ones"));
}

/* Without a line, nobody would hear it */
static void irq_no_line_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);

	fake->msc.err_irq = false;
	irq_enable(fake);
	EXPECT_UNTOUCHED(test, fake);
}

/* What is recorded while it may not interrupt: a level comes later, an edge never */
static void irq_edge_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);

	fake->esr = 2 << 24;
	irq_enable(fake);
	KUNIT_EXPECT_EQ(test, fake->esr, 2 << 24);
	KUNIT_EXPECT_EQ(test, fake->msc.errs[2], 0);

	fake->msc.err_edge = true;
	irq_enable(fake);
	KUNIT_EXPECT_EQ(test, fake->esr, 0);
	KUNIT_EXPECT_EQ(test, fake->msc.errs[2], 1);
	KUNIT_EXPECT_EQ(test, fake->ecr, 1);
}

static int test_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	return IRQ_SET_MASK_OK;
}

static void test_irq_ignore(struct irq_data *data)
{
}

/* An interrupt that comes when a test says so */
static struct irq_chip test_irq_chip = {
	.name			= "mpam-test",
	.irq_mask		= test_irq_ignore,
	.irq_unmask		= test_irq_ignore,
	.irq_set_affinity	= test_set_affinity,
};

static void test_irq_action(void *data)
{
	irq_free_desc((unsigned long)data);
}

static int test_irq(struct kunit *test)
{
	int irq = irq_alloc_desc(NUMA_NO_NODE);

	KUNIT_ASSERT_GT(test, irq, 0);
	irq_set_chip_and_handler(irq, &test_irq_chip, handle_level_irq);
	irq_modify_status(irq, IRQ_NOREQUEST, 0);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, test_irq_action,
							   (void *)(long)irq));

	return irq;
}

static void test_lines_action(void *data)
{
	mpam_irq_free();
}

static void test_msc_action(void *data)
{
	struct mpam_msc *msc = data;

	list_del_rcu(&msc->node);
	synchronize_srcu(&mpam_srcu);
}

/* Request the interrupts of all fakes, of which the test has set fw.irq[] */
static void test_request(struct kunit *test)
{
	struct mpam_test *ctx = test->priv;
	struct mpam_fake *fake;

	if (!list_empty(&mpam_mscs))
		kunit_skip(test, "this machine has MSCs");

	list_for_each_entry(fake, &ctx->fakes, node) {
		fake->msc.err_irq = false;
		list_add_tail_rcu(&fake->msc.node, &mpam_mscs);
		KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, test_msc_action,
								   &fake->msc));
	}
	KUNIT_EXPECT_EQ(test, mpam_irq_request(), 0);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, test_lines_action, NULL));
}

static irqreturn_t test_other_handler(int irq, void *arg)
{
	unsigned int *nr = arg;

	++*nr;

	return IRQ_HANDLED;
}

/* MSCs share a line with each other, and leave that of another driver alone */
static void irq_shared_test(struct kunit *test)
{
	struct mpam_fake *a = irq_fake(test), *b = irq_fake(test), *c = irq_fake(test);
	int irq = test_irq(test), other = test_irq(test);
	unsigned int i, nr = 0;

	KUNIT_ASSERT_EQ(test, request_irq(other, test_other_handler, IRQF_SHARED, "other", &nr),
			0);
	a->msc.fw.irq[MPAM_IRQ_ERROR] = irq;
	b->msc.fw.irq[MPAM_IRQ_ERROR] = irq;
	c->msc.fw.irq[MPAM_IRQ_ERROR] = other;
	test_request(test);
	KUNIT_EXPECT_TRUE(test, a->msc.err_irq);
	KUNIT_EXPECT_TRUE(test, b->msc.err_irq);
	KUNIT_EXPECT_FALSE(test, c->msc.err_irq);

	for (i = 0; i < 3000; i++)
		generic_handle_irq_safe(other);
	KUNIT_EXPECT_EQ(test, nr, 3000);
	free_irq(other, &nr);
}

/* What an MSC is told when it goes down, and when it comes up, about errors: one access */
static void irq_down_test(struct kunit *test)
{
	struct mpam_fake *fake = irq_fake(test);

	irq_enable(fake);
	mpam_fake_log_clear(fake);
	scoped_guard(migrate)
		mpam_irq_disable_msc(&fake->msc);
	EXPECT_WRITES(test, fake, WR(MPAMF_ECR, 0));

	fake->msc.err_irq = false;
	scoped_guard(migrate)
		mpam_irq_disable_msc(&fake->msc);
	EXPECT_UNTOUCHED(test, fake);
}

static bool test_irq_is_on(int irq)
{
	return !irqd_irq_disabled(irq_get_irq_data(irq));
}

/* An MSC that is down may be why a line can't be silenced: it is heard when it comes up */
static void irq_reopen_test(struct kunit *test)
{
	struct mpam_fake *a = irq_fake(test), *b = irq_fake(test);
	int irq = test_irq(test), other = test_irq(test);
	unsigned int i;

	a->msc.fw.irq[MPAM_IRQ_ERROR] = irq;
	b->msc.fw.irq[MPAM_IRQ_ERROR] = other;
	test_request(test);
	scoped_guard(cpus_read_lock)
		mpam_irq_reopen_msc(&a->msc);

	/* Slower than that, and it is no stuck line */
	for (i = 0; i < 100 && test_irq_is_on(irq); i++) {
		unsigned int n;

		for (n = 0; n < 3000; n++)
			generic_handle_irq_safe(irq);
	}
	KUNIT_EXPECT_FALSE(test, test_irq_is_on(irq));
	KUNIT_EXPECT_TRUE(test, test_irq_is_on(other));

	scoped_guard(cpus_read_lock)
		mpam_irq_reopen_msc(&b->msc);
	KUNIT_EXPECT_FALSE(test, test_irq_is_on(irq));
	scoped_guard(cpus_read_lock)
		mpam_irq_reopen_msc(&a->msc);
	KUNIT_EXPECT_TRUE(test, test_irq_is_on(irq));

	a->esr = 5 << 24;
	generic_handle_irq_safe(irq);
	KUNIT_EXPECT_EQ(test, a->msc.errs[5], 1);
	KUNIT_EXPECT_EQ(test, a->esr, 0);
}

/* Counters that can't interrupt are not waited for, whatever firmware says */
static void irq_no_overflow_test(struct kunit *test)
{
	struct mpam_fake *fakes[2];
	int i, irq = test_irq(test);

	for (i = 0; i < 2; i++) {
		struct mpam_fake *fake = fakes[i] = mpam_test_fake(test);

		fake->ris[0].idr = MPAMF_IDR_HAS_MSMON;
		fake->ris[0].msmon = MPAMF_MSMON_IDR_MSMON_MBWU |
				     (i ? MPAMF_MSMON_IDR_NO_HW_OFLW_INTR : 0);
		fake->ris[0].mbwumon = 4;
		mpam_fake_list_ris(fake, 0, MPAM_CLASS_CACHE, 3, i + 1);
		KUNIT_ASSERT_EQ(test, mpam_fake_probe(fake), 0);
		fake->msc.fw.irq[MPAM_IRQ_OVERFLOW] = irq;
	}
	test_request(test);
	KUNIT_EXPECT_TRUE(test, fakes[0]->msc.oflow_irq);
	KUNIT_EXPECT_FALSE(test, fakes[1]->msc.oflow_irq);
}

static struct kunit_case mpam_irq_cases[] = {
	KUNIT_CASE_PARAM(irq_code_test, irq_code_gen_params),
	KUNIT_CASE(irq_none_test),
	KUNIT_CASE(irq_narrow_test),
	KUNIT_CASE(irq_ovrwr_test),
	KUNIT_CASE(irq_storm_test),
	KUNIT_CASE(irq_expected_test),
	KUNIT_CASE(irq_expected_muted_test),
	KUNIT_CASE(irq_slow_test),
	KUNIT_CASE(irq_muted_test),
	KUNIT_CASE(irq_dead_test),
	KUNIT_CASE(irq_no_line_test),
	KUNIT_CASE(irq_edge_test),
	KUNIT_CASE(irq_shared_test),
	KUNIT_CASE(irq_down_test),
	KUNIT_CASE(irq_reopen_test),
	KUNIT_CASE(irq_no_overflow_test),
	{}
};

MPAM_SUITE(mpam_irq, mpam_test_init);

kunit_test_suites(&mpam_irq_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit tests of the error interrupts of MSCs");
MODULE_LICENSE("GPL");

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the KUnit tests of all rooms share. See mpam_kunit_lib.c.
 */
#ifndef MPAM_KUNIT_H
#define MPAM_KUNIT_H

#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/list.h>

#include "mpam_internal.h"
#include "mpam_kunit_fake.h"
#include "mpam_regs.h"

/**
 * struct mpam_test - what a test works on; its test->priv
 * @fakes:	its fake MSCs
 * @nr_fakes:	how many they are
 * @mscs:	what the topology is built of
 * @topo:	the topology
 */
struct mpam_test {
	struct list_head	fakes;
	unsigned int		nr_fakes;
	struct list_head	mscs;
	struct mpam_topo	*topo;
};

#define EXPECT_WRITES(_test, _fake, ...)					\
	mpam_test_expect_writes(_test, _fake, (const struct mpam_fake_access[]){	\
			   __VA_ARGS__, {} })

/* End the test: more of the same would say no more */
#define FAIL(_test, ...)	KUNIT_FAIL_AND_ABORT(_test, __VA_ARGS__)

#define EXPECT_UNTOUCHED(_test, _fake)						\
	KUNIT_EXPECT_EQ(_test, (_fake)->nr_log, 0)

#define WR(_offset, _val)	{ true, _offset, _val }
#define SEL(_ris, _partid)							\
	WR(MPAMCFG_PART_SEL, FIELD_PREP_CONST(MPAMCFG_PART_SEL_RIS, _ris) |	\
			     FIELD_PREP_CONST(MPAMCFG_PART_SEL_PARTID_SEL, _partid))

/* ID registers */
#define CPOR(_wd)	FIELD_PREP_CONST(MPAMF_CPOR_IDR_CPBM_WD, _wd)
#define CMAX(_wd)	FIELD_PREP_CONST(MPAMF_CCAP_IDR_CMAX_WD, _wd)
#define CASSOC(_wd)	(FIELD_PREP_CONST(MPAMF_CCAP_IDR_CASSOC_WD, _wd) |	\
			 MPAMF_CCAP_IDR_HAS_CASSOC)
#define BWA(_wd)	FIELD_PREP_CONST(MPAMF_MBW_IDR_BWA_WD, _wd)
#define PBM(_wd)	(FIELD_PREP_CONST(MPAMF_MBW_IDR_BWPBM_WD, _wd) |	\
			 MPAMF_MBW_IDR_HAS_PBM)
#define INTPRI(_wd)	(FIELD_PREP_CONST(MPAMF_PRI_IDR_INTPRI_WD, _wd) |	\
			 MPAMF_PRI_IDR_HAS_INTPRI)
#define DSPRI(_wd)	(FIELD_PREP_CONST(MPAMF_PRI_IDR_DSPRI_WD, _wd) |	\
			 MPAMF_PRI_IDR_HAS_DSPRI)

/* How many registers that is: CPBM and MBW_PBM have two, both PRI share one */
#define TEST_RIS_FULL_REGS	11

/* How many PARTIDs mpam_test_l3_up() has */
#define TEST_PARTIDS	4

extern const struct mpam_fake_ris mpam_test_ris_full;
extern const struct mpam_props mpam_test_props_full;

int mpam_test_init(struct kunit *test);
void mpam_test_exit(struct kunit *test);
struct mpam_fake *mpam_test_fake(struct kunit *test);
struct mpam_topo *mpam_test_topo(struct kunit *test);
void mpam_test_expect_writes(struct kunit *test, struct mpam_fake *fake,
			     const struct mpam_fake_access *want);
void mpam_test_expect_props(struct kunit *test, const struct mpam_props *got,
			    const struct mpam_props *want);
struct mpam_fake *mpam_test_l3(struct kunit *test, u32 comp_id, u32 portions);
struct mpam_class *mpam_test_l3_class(struct kunit *test, struct mpam_topo *topo);
struct mpam_component *mpam_test_first_comp(struct kunit *test, struct mpam_class *class);
int mpam_test_set(struct mpam_component *comp, u16 partid, enum mpam_ctrl_id ctrl, u32 val);
int mpam_test_put_back(struct mpam_component *comp, u16 partid, enum mpam_ctrl_id ctrl,
		       u32 val);
int mpam_test_reset(struct mpam_component *comp, u16 first, u16 last, u32 ctrls);
void mpam_test_restore(struct mpam_fake *fake, u32 nr_partids);
struct mpam_fake *mpam_test_slice(struct kunit *test);
struct mpam_component *mpam_test_l3_up(struct kunit *test);
void mpam_test_topo_free(struct kunit *test);

#define MPAM_SUITE(_name, _init)						\
static struct kunit_suite _name##_suite = {					\
	.name		= #_name,						\
	.init		= _init,						\
	.exit		= mpam_test_exit,					\
	.test_cases	= _name##_cases,					\
}

#endif /* MPAM_KUNIT_H */

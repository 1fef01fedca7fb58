/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An MSC that is made of memory, for KUnit tests. See mpam_kunit_fake.c.
 */
#ifndef MPAM_KUNIT_FAKE_H
#define MPAM_KUNIT_FAKE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "mpam_internal.h"

struct kunit;

/* Accesses beyond these are counted, but not kept */
#define MPAM_FAKE_LOG	1024

/**
 * struct mpam_fake_access - an access to an MSC's register
 * @write:	a write, else a read
 * @offset:	byte offset of the register
 * @val:	what was written or read
 */
struct mpam_fake_access {
	bool	write;
	u32	offset;
	u32	val;
};

/**
 * struct mpam_fake_ris - the ID registers of a RIS
 * @idr:	the bits of MPAMF_IDR's lower word that vary by RIS; 0 if the
 *		MSC does not have this RIS
 * @cpor:	MPAMF_CPOR_IDR
 * @ccap:	MPAMF_CCAP_IDR
 * @mbw:	MPAMF_MBW_IDR
 * @pri:	MPAMF_PRI_IDR
 */
struct mpam_fake_ris {
	u32	idr;
	u32	cpor;
	u32	ccap;
	u32	mbw;
	u32	pri;
};

/**
 * struct mpam_fake - an MSC that is made of memory
 * @msc:	what the driver sees of it
 * @node:	in the test's list of fakes
 * @aidr:	MPAMF_AIDR; this and the next four are for the test to change
 *		before mpam_fake_probe()
 * @iidr:	MPAMF_IIDR
 * @idr:	MPAMF_IDR but for the bits that vary by RIS
 * @nrw_idr:	MPAMF_PARTID_NRW_IDR
 * @ris:	what varies by RIS
 * @dead:	all its registers read as all-ones
 * @part_sel:	MPAMCFG_PART_SEL
 * @ecr:	MPAMF_ECR
 * @esr:	MPAMF_ESR
 * @cfg:	registers that PART_SEL banks, by RIS, PARTID and offset
 * @cycles:	how often it has lost its state
 * @nr_errors:	how many errors it has detected
 * @error:	the first of them, as MPAMF_ESR.ERRCODE numbers it; 0 if it is
 *		one that an MSC can't detect
 * @error_at:	the offset that was accessed then
 * @nr_log:	how many accesses there were
 * @log:	the first of them
 */
struct mpam_fake {
	struct mpam_msc		msc;
	struct list_head	node;

	u32			aidr;
	u32			iidr;
	u64			idr;
	u32			nrw_idr;
	struct mpam_fake_ris	ris[MPAM_MAX_RIS];
	bool			dead;

	u32			part_sel;
	u32			ecr;
	u64			esr;
	struct xarray		cfg;
	u32			cycles;

	unsigned int		nr_errors;
	unsigned int		error;
	u32			error_at;
	unsigned int		nr_log;
	struct mpam_fake_access	log[MPAM_FAKE_LOG];
};

struct mpam_fake *mpam_fake_create(struct kunit *test, const char *name);
void mpam_fake_list_ris(struct mpam_fake *fake, u8 ris,
			enum mpam_class_type type, u8 level, u32 comp_id);
int mpam_fake_probe(struct mpam_fake *fake);
void mpam_fake_power_cycle(struct mpam_fake *fake);
u32 mpam_fake_cfg(struct mpam_fake *fake, u8 ris, u16 partid, u32 offset);
void mpam_fake_log_clear(struct mpam_fake *fake);
unsigned int mpam_fake_count(const struct mpam_fake *fake, bool write, u32 offset);

#endif /* MPAM_KUNIT_FAKE_H */

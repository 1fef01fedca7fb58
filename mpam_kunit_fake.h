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
 * @msmon:	MPAMF_MSMON_IDR
 * @csumon:	MPAMF_CSUMON_IDR
 * @mbwumon:	MPAMF_MBWUMON_IDR
 */
struct mpam_fake_ris {
	u32	idr;
	u32	cpor;
	u32	ccap;
	u32	mbw;
	u32	pri;
	u32	msmon;
	u32	csumon;
	u32	mbwumon;
};

/* How many monitors of each type a RIS may have at the most */
#define MPAM_FAKE_MONS	40

/**
 * struct mpam_fake_mon - a monitor
 * @ctl:	MSMON_CFG_*_CTL without TYPE
 * @flt:	MSMON_CFG_*_FLT
 * @val:	MSMON_CSU or MSMON_MBWU, without NRDY
 * @val_l:	MSMON_MBWU_L, without NRDY
 * @part:	bytes that were too few for a scaled counter
 * @nrdy:	how often the value is going to be not ready when it is read
 */
struct mpam_fake_mon {
	u32	ctl;
	u32	flt;
	u32	val;
	u64	val_l;
	u64	part;
	u32	nrdy;
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
 * @mon_sel:	MSMON_CFG_MON_SEL
 * @mons:	monitors by RIS, type (0: CSU, 1: MBWU) and index
 * @occupancy:	bytes that each PARTID and PMG has in the cache, of all RIS; as
 *		many as fit
 * @csu_nrdy:	how often a CSU monitor is not ready after it was configured
 * @mbwu_nrdy:	MBWU monitors are not ready from being configured until their
 *		value is written
 * @tear:	how often a long counter carries into its high word between reads
 * @on_clear:	bytes that pass between a status being cleared and the next read
 * @on_read:	bytes that pass right after @read_at of an MBWU monitor was read,
 *		once
 * @read_at:	offset of its CTL or of a value of 31 bits
 * @nr_intr:	how many overflow interrupts there were
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

	u32			mon_sel;
	struct mpam_fake_mon	mons[MPAM_MAX_RIS][2][MPAM_FAKE_MONS];
	u32			occupancy[8][4];
	u32			csu_nrdy;
	bool			mbwu_nrdy;
	u32			tear;
	u64			on_clear;
	u64			on_read;
	u32			read_at;
	unsigned int		nr_intr;

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
void mpam_fake_traffic(struct mpam_fake *fake, u8 ris, u16 partid, u8 pmg, bool write,
		       u64 bytes);
void mpam_fake_log_clear(struct mpam_fake *fake);
unsigned int mpam_fake_count(const struct mpam_fake *fake, bool write, u32 offset);

#endif /* MPAM_KUNIT_FAKE_H */

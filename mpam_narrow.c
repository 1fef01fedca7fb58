// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: which PARTIDs share an internal one, where an MSC has fewer of those
 *
 * An MSC that narrows PARTIDs has its controls per internal PARTID, and a map to
 * those from the PARTIDs of requests. With enough internal PARTIDs the map is
 * 1:1 and there is nothing to do for this file. With fewer, PARTIDs share one
 * if they are configured alike in everything that the MSC controls.
 *
 * Internal PARTID 0 is for all that have no limit, always: it is never
 * configured otherwise, so that a PARTID can be taken back to reset whatever
 * happens. So up to INTPARTID_MAX configurations with limits can be told apart.
 *
 * A change goes through three calls: mpam_narrow_place() finds internal PARTIDs
 * for what cfg[] says now, mpam_config.c writes what mpam_narrow_plan() tells,
 * and mpam_narrow_done() or mpam_narrow_undo() ends it.
 *
 * Lock: mpam_config_lock, for all of it. Who restores an MSC only reads; it must
 * see to it that nobody changes anything meanwhile.
 */
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"

/* A PARTID that is being moved */
#define MPAM_NOWHERE		U16_MAX

/**
 * struct mpam_narrow - the map of an MSC with too few internal PARTIDs
 * @nr_req:	number of request PARTIDs
 * @nr_int:	number of internal PARTIDs, fewer than @nr_req
 * @map:	internal PARTID, by request PARTID
 * @old:	what it was before the change that is under way
 * @users:	number of request PARTIDs, by internal PARTID
 * @member:	one of them
 * @todo:	enum mpam_narrow_todo by internal PARTID, during a change
 */
struct mpam_narrow {
	u32	nr_req;
	u32	nr_int;
	u16	*map;
	u16	*old;
	u16	*users;
	u16	*member;
	u8	*todo;
};

/**
 * mpam_narrow_alloc() - Give an MSC a map, if it needs one
 * @msc:	the MSC, linked into a topology
 * @nr_partids:	how many PARTIDs the system uses
 *
 * Context: May sleep; before the topology is published.
 * Return: 0 or -ENOMEM.
 */
int mpam_narrow_alloc(struct mpam_msc *msc, u32 nr_partids)
{
	u32 nr_req = min(nr_partids, msc->partid_max + 1u);
	u32 nr_int = msc->intpartid_max + 1u;
	struct mpam_narrow *narrow;

	if (nr_int >= nr_req || msc->narrow)
		return 0;

	narrow = kzalloc(sizeof(*narrow), GFP_KERNEL);
	if (!narrow)
		return -ENOMEM;

	msc->narrow = narrow;
	narrow->nr_req = nr_req;
	narrow->nr_int = nr_int;
	narrow->map = kvcalloc(nr_req, sizeof(*narrow->map), GFP_KERNEL);
	narrow->old = kvcalloc(nr_req, sizeof(*narrow->old), GFP_KERNEL);
	narrow->users = kvcalloc(nr_int, sizeof(*narrow->users), GFP_KERNEL);
	narrow->member = kvcalloc(nr_int, sizeof(*narrow->member), GFP_KERNEL);
	narrow->todo = kvcalloc(nr_int, sizeof(*narrow->todo), GFP_KERNEL);
	if (!narrow->map || !narrow->old || !narrow->users || !narrow->member || !narrow->todo) {
		mpam_narrow_free(msc);
		return -ENOMEM;
	}

	return 0;
}

/**
 * mpam_narrow_free() - Take an MSC's map away
 * @msc:	the MSC, which may have none
 *
 * Context: May sleep; when nobody configures the MSC any more.
 */
void mpam_narrow_free(struct mpam_msc *msc)
{
	struct mpam_narrow *narrow = msc->narrow;

	if (!narrow)
		return;

	kvfree(narrow->map);
	kvfree(narrow->old);
	kvfree(narrow->users);
	kvfree(narrow->member);
	kvfree(narrow->todo);
	kfree(narrow);
	msc->narrow = NULL;
}

/* Do two PARTIDs want the same of everything in an MSC? */
static bool mpam_narrow_same(struct mpam_msc *msc, u16 a, u16 b)
{
	struct mpam_ris *ris;

	for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
		const struct mpam_config *cfg;

		if (!ris->vmsc)
			continue;
		cfg = ris->vmsc->comp->cfg;
		if (!mpam_ctrl_same(&ris->props, MPAM_CTRLS_ALL, &cfg[a], &cfg[b]))
			return false;
	}

	return true;
}

static bool mpam_narrow_unlimited(struct mpam_msc *msc, u16 partid)
{
	struct mpam_ris *ris;

	for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
		if (ris->vmsc && !mpam_ctrl_same(&ris->props, MPAM_CTRLS_ALL,
						 &ris->vmsc->comp->cfg[partid], NULL))
			return false;
	}

	return true;
}

static void mpam_narrow_join(struct mpam_narrow *narrow, u16 partid, u16 intpartid)
{
	narrow->map[partid] = intpartid;
	narrow->member[intpartid] = partid;
	/* Who is in 0 is not counted: it is never free */
	if (intpartid)
		narrow->users[intpartid]++;
}

/* @member may be the one that leaves: mpam_narrow_elect() finds another */
static void mpam_narrow_leave(struct mpam_narrow *narrow, u16 partid)
{
	u16 intpartid = narrow->map[partid];

	if (intpartid)
		narrow->users[intpartid]--;
	narrow->map[partid] = MPAM_NOWHERE;
}

static void mpam_narrow_elect(struct mpam_narrow *narrow)
{
	u32 partid;

	for (partid = 0; partid < narrow->nr_req; partid++)
		narrow->member[narrow->map[partid]] = partid;
}

/* A free internal PARTID, of those that nobody has just left if there is one */
static u16 mpam_narrow_find_free(struct mpam_narrow *narrow)
{
	u16 found = MPAM_NOWHERE;
	u32 i;

	for (i = narrow->nr_int - 1; i > 0; i--) {
		if (narrow->users[i])
			continue;
		if (found == MPAM_NOWHERE || narrow->todo[i] != MPAM_NARROW_LEFT)
			found = i;
	}

	return found;
}

static int mpam_narrow_place_one(struct mpam_msc *msc, u16 partid)
{
	struct mpam_narrow *narrow = msc->narrow;
	u16 intpartid = narrow->old[partid];
	u32 other;

	if (mpam_narrow_unlimited(msc, partid)) {
		mpam_narrow_join(narrow, partid, 0);
		return 0;
	}

	for (other = 0; other < narrow->nr_req; other++) {
		u16 theirs = narrow->map[other];

		if (theirs && theirs != MPAM_NOWHERE && mpam_narrow_same(msc, partid, other)) {
			mpam_narrow_join(narrow, partid, theirs);
			return 0;
		}
	}

	/* What it had alone needs no more than what has changed */
	if (intpartid && !narrow->users[intpartid]) {
		narrow->todo[intpartid] = MPAM_NARROW_CHANGED;
		mpam_narrow_join(narrow, partid, intpartid);
		return 0;
	}

	intpartid = mpam_narrow_find_free(narrow);
	if (intpartid == MPAM_NOWHERE)
		return -ENOSPC;

	narrow->todo[intpartid] = MPAM_NARROW_ALL;
	mpam_narrow_join(narrow, partid, intpartid);

	return 0;
}

/**
 * mpam_narrow_place() - Find internal PARTIDs for what is going to be written
 * @msc:	an MSC with a map
 * @comp:	a component that it serves, with what is new in its cfg[]
 * @first:	the first PARTID whose configuration may be dirty
 * @last:	the last one
 * @reset:	the controls are on their way to reset: where there is no room, a
 *		PARTID has no limits at all until the others are reset, too
 *
 * Context: Called with mpam_config_lock held.
 * Return: 0, or -ENOSPC with nothing changed.
 */
int mpam_narrow_place(struct mpam_msc *msc, struct mpam_component *comp,
		      u16 first, u16 last, bool reset)
{
	struct mpam_narrow *narrow = msc->narrow;
	u32 partid;

	lockdep_assert_held(&mpam_config_lock);

	/* All leave before the first is placed: what they had is room, too */
	for (partid = first; partid <= last; partid++) {
		if (!comp->cfg[partid].dirty)
			continue;
		narrow->old[partid] = narrow->map[partid];
		narrow->todo[narrow->map[partid]] = MPAM_NARROW_LEFT;
		mpam_narrow_leave(narrow, partid);
	}

	for (partid = first; partid <= last; partid++) {
		if (!comp->cfg[partid].dirty || !mpam_narrow_place_one(msc, partid))
			continue;
		if (!reset) {
			mpam_narrow_undo(msc, comp, first, last);
			mpam_narrow_done(msc);
			return -ENOSPC;
		}
		mpam_narrow_join(narrow, partid, 0);
	}

	return 0;
}

/**
 * mpam_narrow_plan() - What is to be written for a PARTID
 * @msc:	an MSC with a map
 * @partid:	a PARTID that was placed
 * @remap:	set if the map is to be written, after the controls
 * @intpartid:	set to its internal PARTID
 *
 * Context: Called with mpam_config_lock held.
 * Return: which of the internal PARTID's controls; the next who asks for the
 * same internal PARTID is told that they are written.
 */
enum mpam_narrow_todo mpam_narrow_plan(struct mpam_msc *msc, u16 partid,
				       u16 *intpartid, bool *remap)
{
	struct mpam_narrow *narrow = msc->narrow;
	u16 mine = narrow->map[partid];
	enum mpam_narrow_todo todo = narrow->todo[mine];

	*intpartid = mine;
	*remap = mine != narrow->old[partid];
	narrow->todo[mine] = MPAM_NARROW_NOTHING;

	return todo;
}

/**
 * mpam_narrow_undo() - Take PARTIDs back to where they were
 * @msc:	an MSC with a map
 * @comp:	the component, with its old cfg[], and dirty what was so
 * @first:	as in mpam_narrow_place()
 * @last:	likewise
 *
 * It is not known how far the MSC got: what they had is planned to be written
 * in full, and so is the map.
 *
 * Context: Called with mpam_config_lock held.
 */
void mpam_narrow_undo(struct mpam_msc *msc, struct mpam_component *comp,
		      u16 first, u16 last)
{
	struct mpam_narrow *narrow = msc->narrow;
	u32 partid;

	lockdep_assert_held(&mpam_config_lock);

	for (partid = first; partid <= last; partid++) {
		if (comp->cfg[partid].dirty && narrow->map[partid] != MPAM_NOWHERE)
			mpam_narrow_leave(narrow, partid);
	}

	for (partid = first; partid <= last; partid++) {
		u16 intpartid = narrow->old[partid];

		if (!comp->cfg[partid].dirty)
			continue;
		narrow->old[partid] = MPAM_NOWHERE;
		mpam_narrow_join(narrow, partid, intpartid);
		narrow->todo[intpartid] = intpartid ? MPAM_NARROW_ALL : MPAM_NARROW_NOTHING;
	}
}

/**
 * mpam_narrow_done() - All that was planned is written, or will be restored
 * @msc:	an MSC with a map
 *
 * Context: Called with mpam_config_lock held.
 */
void mpam_narrow_done(struct mpam_msc *msc)
{
	struct mpam_narrow *narrow = msc->narrow;

	lockdep_assert_held(&mpam_config_lock);

	memset(narrow->todo, MPAM_NARROW_NOTHING, narrow->nr_int);
	mpam_narrow_elect(narrow);
}

/**
 * mpam_narrow_reset() - Nobody has any limits any more
 * @msc:	an MSC, which may have no map
 *
 * Context: Called with mpam_config_lock held.
 */
void mpam_narrow_reset(struct mpam_msc *msc)
{
	struct mpam_narrow *narrow = msc->narrow;

	lockdep_assert_held(&mpam_config_lock);

	if (!narrow)
		return;

	memset(narrow->map, 0, array_size(narrow->nr_req, sizeof(*narrow->map)));
	memset(narrow->users, 0, array_size(narrow->nr_int, sizeof(*narrow->users)));
}

/**
 * mpam_narrow_intpartid() - Which internal PARTID a PARTID is mapped to
 * @msc:	an MSC that narrows PARTIDs
 * @partid:	0 .. the MSC's PARTID_MAX
 *
 * Context: Nobody changes the configuration.
 * Return: 0 .. the MSC's INTPARTID_MAX.
 */
u16 mpam_narrow_intpartid(const struct mpam_msc *msc, u32 partid)
{
	if (msc->narrow)
		return msc->narrow->map[partid];

	/* Without a map that is an MSC which nobody can configure */
	return partid <= msc->intpartid_max ? partid : 0;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_narrow_intpartid);

/**
 * mpam_narrow_member() - Who says how an internal PARTID is configured
 * @msc:	an MSC that may or may not narrow PARTIDs
 * @intpartid:	0 .. the MSC's INTPARTID_MAX
 * @partid:	set to a PARTID whose configuration it is
 *
 * Context: Nobody changes the configuration.
 * Return: false if it is nobody's: it has no limits.
 */
bool mpam_narrow_member(const struct mpam_msc *msc, u32 intpartid, u16 *partid)
{
	const struct mpam_narrow *narrow = msc->narrow;

	*partid = intpartid;
	if (!narrow)
		return true;

	*partid = narrow->member[intpartid];

	return narrow->users[intpartid];
}

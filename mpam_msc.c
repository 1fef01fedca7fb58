// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: access to an MSC's registers
 *
 * The only file that reads or writes a register. It knows who may: which CPUs
 * reach an MSC, and that what PART_SEL banks is accessed by the holder of the
 * mpam_part token alone, and what MON_SEL banks by that of the mpam_mon token.
 * What a value means is for others to know.
 *
 * Locks: msc->part_lock, from mpam_part_begin() to mpam_part_end(), and
 * msc->mon_lock, from mpam_mon_begin() to mpam_mon_end().
 */
#include <linux/bitfield.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"
#include "mpam_regs.h"

static u32 mpam_mmio_read(struct mpam_msc *msc, u32 offset)
{
	return readl_relaxed(msc->base + offset);
}

static void mpam_mmio_write(struct mpam_msc *msc, u32 offset, u32 val)
{
	writel_relaxed(val, msc->base + offset);
}

const struct mpam_msc_ops mpam_msc_mmio_ops = {
	.read	= mpam_mmio_read,
	.write	= mpam_mmio_write,
};

/**
 * mpam_msc_init() - Make an MSC ready for mpam_probe_msc()
 * @msc:	zeroed; the caller fills @msc->fw, ->size, and what @ops need
 * @dev:	whose name it is reported under
 * @ops:	how its registers are reached
 *
 * Context: Process.
 */
void mpam_msc_init(struct mpam_msc *msc, struct device *dev,
		   const struct mpam_msc_ops *ops)
{
	unsigned int i;

	INIT_LIST_HEAD(&msc->node);
	mutex_init(&msc->probe_lock);
	mutex_init(&msc->part_lock);
	mpam_irq_init_msc(msc);
	raw_spin_lock_init(&msc->mon_lock);
	msc->dev = dev;
	msc->ops = ops;

	for (i = 0; i < MPAM_MAX_RIS; i++)
		msc->ris[i].idx = i;
	for (i = 0; i < msc->fw.nr_ris; i++)
		msc->ris[msc->fw.ris[i].idx].in_fw = true;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_msc_init);

/* Leaf: who of those that find fault with an MSC at the same time is first */
static DEFINE_RAW_SPINLOCK(mpam_why_lock);

/**
 * mpam_msc_reject() - Record why an MSC is of no use
 * @msc:	the MSC
 * @fmt:	what is wrong, to follow its name
 *
 * The first reason stays: later ones are likely to be its consequences. When
 * MPAM is in use, mpam_devices_park() must follow.
 *
 * Context: Any, interrupts included.
 * Return: -EIO, for the caller to pass on.
 */
int mpam_msc_reject(struct mpam_msc *msc, const char *fmt, ...)
{
	va_list args;

	guard(raw_spinlock_irqsave)(&mpam_why_lock);

	if (!msc->bad) {
		va_start(args, fmt);
		vsnprintf(msc->why, sizeof(msc->why), fmt, args);
		va_end(args);
		/* Pairs with mpam_msc_is_bad(): whoever sees it can read why */
		smp_store_release(&msc->bad, true);
	}

	return -EIO;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_msc_reject);

/**
 * mpam_msc_is_bad() - Is an MSC of no use?
 * @msc:	the MSC
 *
 * Context: Any.
 * Return: true if it must not be used any more; @msc->why then says why.
 */
bool mpam_msc_is_bad(const struct mpam_msc *msc)
{
	/* Pairs with mpam_msc_reject() */
	return smp_load_acquire(&msc->bad);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_msc_is_bad);

/**
 * mpam_msc_usable() - May an MSC's registers be accessed while MPAM is on?
 * @msc:	the MSC
 *
 * One that is not live gets what it has missed when it comes up.
 *
 * Context: With cpus_read_lock() held, or a hotplug callback. Under mpam_srcu for
 * as long as the answer counts: when MPAM ends, MSCs leave while CPUs stay.
 * Return: true if it is live, and of use.
 */
bool mpam_msc_usable(const struct mpam_msc *msc)
{
	return READ_ONCE(msc->live) && !mpam_msc_is_bad(msc);
}

/*
 * A wrong CPU may get a bus error, or an MSC that is powered down: refusing
 * loses one access, going on may lose the machine.
 */
static bool mpam_msc_may_access(struct mpam_msc *msc, u32 offset)
{
	if (WARN_ON_ONCE(!cpumask_test_cpu(smp_processor_id(), &msc->fw.reach)))
		return false;

	return !WARN_ON_ONCE(offset + sizeof(u32) > msc->size);
}

/**
 * mpam_msc_rd() - Read a register that no selection banks
 * @msc:	the MSC
 * @offset:	byte offset of the register, a multiple of 4
 *
 * Context: Any, on a CPU in the MSC's reach, pinned to it.
 * Return: the register's value; 0 after a warning if the access was refused.
 */
u32 mpam_msc_rd(struct mpam_msc *msc, u32 offset)
{
	if (!mpam_msc_may_access(msc, offset))
		return 0;

	return msc->ops->read(msc, offset);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_msc_rd);

/**
 * mpam_msc_wr() - Write a register that no selection banks
 * @msc:	the MSC
 * @offset:	byte offset of the register, a multiple of 4
 * @val:	what to write
 *
 * Context: Any, on a CPU in the MSC's reach, pinned to it.
 */
void mpam_msc_wr(struct mpam_msc *msc, u32 offset, u32 val)
{
	if (mpam_msc_may_access(msc, offset))
		msc->ops->write(msc, offset, val);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_msc_wr);

/**
 * mpam_part_begin() - Select a RIS and a PARTID (IHI 0099, MPAMCFG_PART_SEL)
 * @msc:	the MSC
 * @ris:	RIS index
 * @partid:	0 .. the MSC's PARTID_MAX; or INTPARTID_MAX, if it narrows PARTIDs
 *
 * Use CLASS(mpam_part, sel)(msc, ris, partid): a register that PART_SEL banks
 * can't be named without the token, nor the lock be forgotten. On an MSC that
 * narrows PARTIDs the controls belong to internal PARTIDs, so that is what is
 * selected.
 *
 * Context: May sleep; on a CPU in the MSC's reach, pinned to it. Takes
 * msc->part_lock until mpam_part_end().
 * Return: the token.
 */
struct mpam_part mpam_part_begin(struct mpam_msc *msc, u8 ris, u16 partid)
{
	u32 sel = FIELD_PREP(MPAMCFG_PART_SEL_PARTID_SEL, partid) |
		  FIELD_PREP(MPAMCFG_PART_SEL_RIS, ris);

	if (msc->idr & MPAMF_IDR_HAS_PARTID_NRW)
		sel |= MPAMCFG_PART_SEL_INTERNAL;

	mutex_lock(&msc->part_lock);
	mpam_msc_wr(msc, MPAMCFG_PART_SEL, sel);

	return (struct mpam_part){ .msc = msc };
}
EXPORT_SYMBOL_IF_KUNIT(mpam_part_begin);

/**
 * mpam_part_end() - Give the selection back
 * @sel:	the token
 *
 * Context: As mpam_part_begin(), which it pairs with.
 */
void mpam_part_end(struct mpam_part *sel)
{
	mutex_unlock(&sel->msc->part_lock);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_part_end);

/**
 * mpam_part_rd() - Read a register that PART_SEL banks
 * @sel:	the token
 * @offset:	byte offset of the register
 *
 * Context: Between mpam_part_begin() and mpam_part_end().
 * Return: the register's value.
 */
u32 mpam_part_rd(const struct mpam_part *sel, u32 offset)
{
	lockdep_assert_held(&sel->msc->part_lock);

	return mpam_msc_rd(sel->msc, offset);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_part_rd);

/**
 * mpam_part_wr() - Write a register that PART_SEL banks
 * @sel:	the token
 * @offset:	byte offset of the register
 * @val:	what to write
 *
 * Context: Between mpam_part_begin() and mpam_part_end().
 */
void mpam_part_wr(const struct mpam_part *sel, u32 offset, u32 val)
{
	lockdep_assert_held(&sel->msc->part_lock);

	mpam_msc_wr(sel->msc, offset, val);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_part_wr);

/**
 * mpam_part_request_wr() - Write a register that belongs to a request PARTID
 * @msc:	the MSC
 * @partid:	0 .. the MSC's PARTID_MAX
 * @offset:	MPAMCFG_INTPARTID or MPAMCFG_EN_FLAGS
 * @val:	what to write
 *
 * Where PARTIDs are narrowed, the controls belong to internal PARTIDs, but these
 * two to what the requests carry: PART_SEL.INTERNAL must be clear (IHI 0099,
 * PARTID narrowing), which is why they don't go through the token.
 *
 * Context: May sleep; on a CPU in the MSC's reach, pinned to it. Takes
 * msc->part_lock.
 */
void mpam_part_request_wr(struct mpam_msc *msc, u16 partid, u32 offset, u32 val)
{
	guard(mutex)(&msc->part_lock);
	mpam_msc_wr(msc, MPAMCFG_PART_SEL,
		    FIELD_PREP(MPAMCFG_PART_SEL_PARTID_SEL, partid));
	mpam_msc_wr(msc, offset, val);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_part_request_wr);

/**
 * mpam_mon_begin() - Select a RIS and a monitor (IHI 0099, MSMON_CFG_MON_SEL)
 * @msc:	the MSC
 * @ris:	RIS index
 * @mon:	0 .. the number of the RIS's monitors - 1, of the type that is
 *		going to be accessed
 *
 * Use CLASS(mpam_mon, sel)(msc, ris, mon), for as long as it takes to look at
 * one monitor. It does not nest with the mpam_part token.
 *
 * Context: Any, interrupts masked or not; on a CPU in the MSC's reach. Takes
 * msc->mon_lock, with interrupts masked, until mpam_mon_end().
 * Return: the token.
 */
struct mpam_mon mpam_mon_begin(struct mpam_msc *msc, u8 ris, u16 mon)
{
	struct mpam_mon sel = { .msc = msc };

	raw_spin_lock_irqsave(&msc->mon_lock, sel.flags);
	mpam_msc_wr(msc, MSMON_CFG_MON_SEL,
		    FIELD_PREP(MSMON_CFG_MON_SEL_MON_SEL, mon) |
		    FIELD_PREP(MSMON_CFG_MON_SEL_RIS, ris));

	return sel;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_mon_begin);

/**
 * mpam_mon_end() - Give the selection back
 * @sel:	the token
 *
 * Context: As mpam_mon_begin(), which it pairs with.
 */
void mpam_mon_end(struct mpam_mon *sel)
{
	raw_spin_unlock_irqrestore(&sel->msc->mon_lock, sel->flags);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_mon_end);

/**
 * mpam_mon_rd() - Read a register that MON_SEL banks
 * @sel:	the token
 * @offset:	byte offset of the register
 *
 * Context: Between mpam_mon_begin() and mpam_mon_end().
 * Return: the register's value.
 */
u32 mpam_mon_rd(const struct mpam_mon *sel, u32 offset)
{
	lockdep_assert_held(&sel->msc->mon_lock);

	return mpam_msc_rd(sel->msc, offset);
}

/**
 * mpam_mon_wr() - Write a register that MON_SEL banks
 * @sel:	the token
 * @offset:	byte offset of the register
 * @val:	what to write
 *
 * Context: Between mpam_mon_begin() and mpam_mon_end().
 */
void mpam_mon_wr(const struct mpam_mon *sel, u32 offset, u32 val)
{
	lockdep_assert_held(&sel->msc->mon_lock);

	mpam_msc_wr(sel->msc, offset, val);
}

/**
 * mpam_msc_call() - Run a function where an MSC can be reached
 * @msc:	the MSC
 * @fn:	runs pinned to a CPU of the MSC's reach, and may sleep
 * @arg:	its argument
 *
 * The only way to an MSC for code that may be on any CPU. Call it once per MSC
 * and operation: @fn walks the RIS and PARTIDs. The current CPU is used when
 * it reaches the MSC; else another, one that does housekeeping if there is one.
 *
 * Context: May sleep. Called with cpus_read_lock() held.
 * Return: what @fn returned, or -ENXIO if no CPU that is online reaches the MSC.
 */
int mpam_msc_call(struct mpam_msc *msc, int (*fn)(void *arg), void *arg)
{
	const struct cpumask *hk = housekeeping_cpumask(HK_TYPE_KERNEL_NOISE);
	unsigned int cpu;
	int ret;

	/* A worker has the lock from whoever waits for it */
	if (!(current->flags & PF_WQ_WORKER))
		lockdep_assert_cpus_held();
	might_sleep();

	migrate_disable();
	if (cpumask_test_cpu(smp_processor_id(), &msc->fw.reach)) {
		ret = fn(arg);
		migrate_enable();
		return ret;
	}
	migrate_enable();

	for_each_cpu_and(cpu, &msc->fw.reach, cpu_online_mask) {
		if (cpumask_test_cpu(cpu, hk))
			break;
	}
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_any_and(&msc->fw.reach, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		return -ENXIO;

	return smp_call_on_cpu(cpu, fn, arg, false);
}

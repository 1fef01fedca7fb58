// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: the life of MPAM: platform driver, state machine, hotplug of MSCs
 *
 * DISCOVERING -> ENABLED -> BROKEN. The platform driver counts the MSCs that
 * firmware describes. When all are bound, hotplug callbacks probe each from
 * the first CPU that reaches it. The last probe schedules the enable work,
 * which goes up the steps in mpam_steps[] and so brings resctrl up. It is work
 * because the static key and the hotplug core take the lock that a callback
 * runs under. A failure anywhere schedules the disable work, which goes down
 * the same steps. What the steps do is other rooms' business.
 *
 * Lock: mpam_state_lock.
 */
#define pr_fmt(fmt) "mpam: " fmt

#include <linux/acpi.h>
#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/device.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/rculist.h>
#include <linux/time64.h>
#include <linux/workqueue.h>
#include <kunit/visibility.h>

#include <asm/cpufeature.h>
#include <asm/mpam.h>
#include <asm/sysreg.h>

#include "mpam_internal.h"
#include "mpam_regs.h"

enum mpam_state {
	MPAM_DISCOVERING,
	MPAM_ENABLED,
	MPAM_BROKEN,
};

/* Transitions, and who may add to mpam_mscs; never taken by a callback */
static DEFINE_MUTEX(mpam_state_lock);
static enum mpam_state mpam_state = MPAM_DISCOVERING;
/* How many of the MSCs that firmware describes were not bound by the driver yet */
static int mpam_unbound;
static enum cpuhp_state mpam_discovery_state = CPUHP_INVALID;
static enum cpuhp_state mpam_runtime_state;
static struct mpam_topo *mpam_topo;
/* The same for those who come along under mpam_srcu, once all of it is there */
static struct mpam_topo *mpam_topo_public;
/* Hotplug callbacks leave MSCs alone; changed with the callbacks installed */
static bool mpam_stopping;

/* MSCs are added under mpam_state_lock and stay; walked under mpam_srcu */
LIST_HEAD(mpam_mscs);
DEFINE_SRCU(mpam_srcu);

/* How many were not probed yet; the enable work is due at 0 */
static atomic_t mpam_unprobed = ATOMIC_INIT(0);

/* Somebody has failed, and has said so */
static atomic_t mpam_failed = ATOMIC_INIT(0);

/* The system's limits; const once MPAM is being enabled */
static u16 mpam_partid_max = U16_MAX;
static u8 mpam_pmg_max = U8_MAX;

static void mpam_enable_work_fn(struct work_struct *work);
static void mpam_disable_work_fn(struct work_struct *work);
static void mpam_park_work_fn(struct work_struct *work);
static void mpam_deaf_work_fn(struct work_struct *work);
static DECLARE_WORK(mpam_enable_work, mpam_enable_work_fn);
static DECLARE_WORK(mpam_disable_work, mpam_disable_work_fn);
static DECLARE_WORK(mpam_park_work, mpam_park_work_fn);
static DECLARE_WORK(mpam_deaf_work, mpam_deaf_work_fn);

/**
 * mpam_devices_failed() - Has something failed?
 *
 * Context: Any.
 * Return: true if MPAM is off for good, or is about to be.
 */
bool mpam_devices_failed(void)
{
	return atomic_read(&mpam_failed);
}

/**
 * mpam_devices_fail() - MPAM can't be had, or can't go on
 * @dev:	the MSC that is to blame, or NULL
 * @fmt:	why; follows "MPAM stays off: " or "MPAM is switched off: "
 *
 * The first caller is heard, and gets everything packed up: not by the time
 * this returns, but soon.
 *
 * Context: Any, hotplug callbacks and interrupts included.
 */
void mpam_devices_fail(struct device *dev, const char *fmt, ...)
{
	const char *what = READ_ONCE(mpam_state) == MPAM_ENABLED ? "is switched" : "stays";
	struct va_format vaf;
	va_list args;

	if (atomic_xchg(&mpam_failed, 1))
		return;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	if (dev)
		dev_err(dev, "MPAM %s off: %pV\n", what, &vaf);
	else
		pr_err("MPAM %s off: %pV\n", what, &vaf);
	va_end(args);

	schedule_work(&mpam_disable_work);
}

/**
 * mpam_devices_topo() - The topology, as far as it has been published
 *
 * Context: Under mpam_srcu, for as long as the topology is looked at.
 * Return: the topology, with its configuration, and with what resctrl makes of it;
 * or NULL if there is none, which may be for MPAM is not on yet, or not any more.
 */
struct mpam_topo *mpam_devices_topo(void)
{
	/* Pairs with mpam_step_resources_up() */
	return smp_load_acquire(&mpam_topo_public);
}

/**
 * mpam_devices_park() - Do without an MSC from now on
 * @msc:	the MSC, after mpam_msc_reject()
 *
 * It gets one line in the log. When MPAM is in use, what it is a part of is
 * degraded: not by the time this returns, but soon. MPAM goes on as long as
 * something is left that is whole.
 *
 * Context: Any, hotplug callbacks and interrupts included.
 */
void mpam_devices_park(struct mpam_msc *msc)
{
	if (atomic_xchg(&msc->said, 1))
		return;

	dev_err(msc->dev, "this MSC is not used: %s\n", msc->why);
	schedule_work(&mpam_park_work);
}

/**
 * mpam_devices_deaf() - Counters that wrap don't interrupt any more
 *
 * They are looked at from time to time instead: not by the time this returns,
 * but soon.
 *
 * Context: Any, interrupts included; after msc->oflow_irq was cleared.
 */
void mpam_devices_deaf(void)
{
	schedule_work(&mpam_deaf_work);
}

/**
 * mpam_limits_partids() - How many PARTIDs every CPU has, and every MSC that counts
 *
 * Context: Any; const once MPAM is being enabled.
 * Return: 1 .. 65536.
 */
u32 mpam_limits_partids(void)
{
	return mpam_partid_max + 1u;
}

/**
 * mpam_limits_pmgs() - How many PMGs every CPU has, and every MSC that counts
 *
 * Context: Any; const once MPAM is being enabled.
 * Return: 1 .. 256.
 */
u32 mpam_limits_pmgs(void)
{
	return mpam_pmg_max + 1u;
}

/* An MSC less to wait for: it is known what it is, or that it is of no use */
static void mpam_msc_known(struct mpam_msc *msc)
{
	if (mpam_msc_is_bad(msc))
		mpam_devices_park(msc);
	if (atomic_dec_and_test(&mpam_unprobed))
		schedule_work(&mpam_enable_work);
}

/*
 * The first CPU that reaches an MSC probes it; others find it probed. Until MPAM
 * is on, and for good in a kernel that has too few CPUs for that, as after a
 * crash, everything uses PARTID 0: whoever had the machine before may have left
 * limits there, monitors that run, and interrupts enabled for both.
 */
static void mpam_discover_msc(struct mpam_msc *msc)
{
	guard(mutex)(&msc->probe_lock);

	if (msc->probed || mpam_msc_is_bad(msc))
		return;

	if (!mpam_probe_msc(msc)) {
		mpam_config_restore_msc(msc, 1);
		mpam_monitor_restore_msc(msc);
		WRITE_ONCE(msc->probed, true);
	}
	mpam_msc_known(msc);
}

static int mpam_discovery_online(unsigned int cpu)
{
	struct mpam_msc *msc;
	int idx;

	idx = srcu_read_lock(&mpam_srcu);
	for_each_mpam_msc(msc) {
		if (!READ_ONCE(msc->probed) && cpumask_test_cpu(cpu, &msc->fw.reach))
			mpam_discover_msc(msc);
	}
	srcu_read_unlock(&mpam_srcu, idx);

	return 0;
}

/*
 * The first CPU that reaches an MSC again: it may have lost everything. That
 * is also how MSCs get their first configuration, when the callbacks are
 * installed.
 */
static void mpam_msc_online(struct mpam_msc *msc)
{
	if (mpam_probe_recheck(msc)) {
		mpam_devices_park(msc);
		return;
	}

	mpam_config_restore_msc(msc, mpam_limits_partids());
	WRITE_ONCE(msc->oflow_irq, msc->oflow_line);
	mpam_monitor_restore_msc(msc);
	mpam_irq_enable_msc(msc);
	msc->stale = true;
	WRITE_ONCE(msc->live, true);
	mpam_irq_reopen_msc(msc);
}

/* Nobody hears an MSC that is down: if it keeps its power, it has to be silent */
static void mpam_msc_offline(struct mpam_msc *msc)
{
	if (!mpam_msc_is_bad(msc)) {
		mpam_monitor_save_msc(msc);
		mpam_irq_disable_msc(msc);
	}
	WRITE_ONCE(msc->live, false);
}

static int mpam_runtime_online(unsigned int cpu)
{
	struct mpam_msc *msc;
	int idx;

	mpam_resctrl_label_cpu(cpu);

	idx = srcu_read_lock(&mpam_srcu);
	for_each_mpam_msc(msc) {
		if (!msc->live && !mpam_msc_is_bad(msc) && !READ_ONCE(mpam_stopping) &&
		    cpumask_test_cpu(cpu, &msc->fw.reach))
			mpam_msc_online(msc);
	}
	srcu_read_unlock(&mpam_srcu, idx);

	mpam_irq_online_cpu(cpu);
	mpam_resctrl_online_cpu(cpu);

	return 0;
}

static int mpam_runtime_offline(unsigned int cpu)
{
	struct mpam_msc *msc;
	int idx;

	mpam_resctrl_offline_cpu(cpu);
	mpam_irq_offline_cpu(cpu);

	idx = srcu_read_lock(&mpam_srcu);
	for_each_mpam_msc(msc) {
		if (!msc->live || READ_ONCE(mpam_stopping) ||
		    !cpumask_test_cpu(cpu, &msc->fw.reach) ||
		    cpumask_any_and_but(&msc->fw.reach, cpu_online_mask, cpu) < nr_cpu_ids)
			continue;
		mpam_msc_offline(msc);
	}
	srcu_read_unlock(&mpam_srcu, idx);

	return 0;
}

/*
 * The steps from DISCOVERING to ENABLED. Each undoes itself if it fails, and
 * can be undone when it has succeeded.
 */
static int mpam_step_topology_up(void)
{
	struct mpam_topo *topo = mpam_topo_build(&mpam_mscs);

	if (IS_ERR(topo))
		return PTR_ERR(topo);
	mpam_topo = topo;

	return 0;
}

static void mpam_step_topology_down(void)
{
	/* A mount that ends late may have found its class before that was forgotten */
	synchronize_srcu(&mpam_srcu);
	mpam_topo_free(mpam_topo);
	mpam_topo = NULL;
}

/*
 * All CPUs count, also those that are yet to come: arm64 keeps out those that know
 * fewer labels than the others. MSCs count if resctrl has a use for what they
 * control. Others may get to see labels that they don't know, and must put up with
 * it.
 */
static int mpam_step_limits_up(void)
{
	u64 idr = read_sanitised_ftr_reg(SYS_MPAMIDR_EL1);
	u16 partid_max = FIELD_GET(MPAMIDR_EL1_PARTID_MAX, idr);
	u8 pmg_max = FIELD_GET(MPAMIDR_EL1_PMG_MAX, idr);
	struct mpam_class *class;

	for_each_mpam_class(class, mpam_topo) {
		if (mpam_resctrl_wants(mpam_topo, class))
			mpam_class_limits(class, &partid_max, &pmg_max);
	}
	mpam_partid_max = partid_max;
	mpam_pmg_max = pmg_max;

	return 0;
}

static int mpam_step_config_up(void)
{
	int ret = mpam_config_alloc(mpam_topo, mpam_limits_partids());

	return ret ?: mpam_monitor_alloc(mpam_topo);
}

/*
 * Nobody finds an MSC live from now on, and who has found one is waited for: a
 * monitor that is read or assigned while it is being stopped would run on.
 */
static void mpam_mscs_leave(void)
{
	struct mpam_msc *msc;

	scoped_guard(cpus_read_lock) {
		guard(srcu)(&mpam_srcu);
		for_each_mpam_msc(msc) {
			msc->leaving = msc->live;
			WRITE_ONCE(msc->live, false);
		}
	}
	synchronize_srcu(&mpam_srcu);
}

static void mpam_step_config_down(void)
{
	mpam_mscs_leave();
	mpam_monitor_stop_all();
	mpam_config_reset_all(mpam_topo);
}

static int mpam_step_resources_up(void)
{
	int ret = mpam_resctrl_init(mpam_topo);

	if (ret)
		return ret;

	/* Pairs with mpam_devices_topo() */
	smp_store_release(&mpam_topo_public, mpam_topo);

	return 0;
}

static void mpam_step_resources_down(void)
{
	WRITE_ONCE(mpam_topo_public, NULL);
	synchronize_srcu(&mpam_srcu);
	mpam_resctrl_exit();
}

static int mpam_step_labels_up(void)
{
	mpam_labels_start();

	return 0;
}

/*
 * The callbacks see CPUs go that stay online: no MSC goes down with them, and
 * each is still to be reset.
 */
static void mpam_runtime_remove(void)
{
	WRITE_ONCE(mpam_stopping, true);
	cpuhp_remove_state(mpam_runtime_state);
}

/* resctrl wants all its domains offline before it is told to leave */
static void mpam_step_resctrl_down(void)
{
	mpam_runtime_remove();
	mpam_resctrl_stop();
}

static int mpam_step_resctrl_up(void)
{
	int ret;

	cpuhp_remove_state_nocalls(mpam_discovery_state);
	mpam_discovery_state = CPUHP_INVALID;

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "arm64/mpam:online",
				mpam_runtime_online, mpam_runtime_offline);
	if (ret < 0)
		return ret;
	mpam_runtime_state = ret;

	ret = mpam_resctrl_start();
	if (ret)
		mpam_runtime_remove();

	return ret;
}

/*
 * Down is up read backwards. The labels are armed before resctrl can give any,
 * so that none is missed, and disarmed when it can't give any more. Hardware
 * gets its first configuration when the callbacks of the last step run.
 */
VISIBLE_IF_KUNIT
const struct mpam_step mpam_steps[MPAM_NUM_STEPS] = {
	[MPAM_STEP_TOPOLOGY]	= { "building the topology", mpam_step_topology_up,
				    mpam_step_topology_down },
	[MPAM_STEP_LIMITS]	= { "freezing the limits", mpam_step_limits_up },
	[MPAM_STEP_CONFIG]	= { "allocating the configuration", mpam_step_config_up,
				    mpam_step_config_down },
	[MPAM_STEP_RESOURCES]	= { "choosing what to offer", mpam_step_resources_up,
				    mpam_step_resources_down },
	[MPAM_STEP_LABELS]	= { "arming the labels", mpam_step_labels_up,
				    mpam_labels_stop },
	[MPAM_STEP_IRQS]	= { "requesting interrupts", mpam_irq_request,
				    mpam_irq_free },
	[MPAM_STEP_RESCTRL]	= { "starting resctrl", mpam_step_resctrl_up,
				    mpam_step_resctrl_down },
};
EXPORT_SYMBOL_IF_KUNIT(mpam_steps);

/**
 * mpam_steps_down() - Undo steps, last first
 * @steps:	the steps
 * @nr:		how many of them have been done
 *
 * Context: May sleep. Called with mpam_state_lock held.
 */
VISIBLE_IF_KUNIT
void mpam_steps_down(const struct mpam_step *steps, unsigned int nr)
{
	while (nr--) {
		if (steps[nr].down)
			steps[nr].down();
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_steps_down);

/**
 * mpam_steps_up() - Do all steps, or none
 * @steps:	the steps
 * @nr:		how many there are
 * @failed:	where the name of the step that failed goes
 *
 * Context: May sleep. Called with mpam_state_lock held.
 * Return: 0, or what the step that failed returned; those before it have been
 * undone.
 */
VISIBLE_IF_KUNIT
int mpam_steps_up(const struct mpam_step *steps, unsigned int nr, const char **failed)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++) {
		ret = steps[i].up();
		if (ret) {
			*failed = steps[i].name;
			mpam_steps_down(steps, i);
			return ret;
		}
	}

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_steps_up);

static void mpam_discovery_stop(void)
{
	if (mpam_discovery_state != CPUHP_INVALID)
		cpuhp_remove_state_nocalls(mpam_discovery_state);
	mpam_discovery_state = CPUHP_INVALID;
}

static void mpam_enable_work_fn(struct work_struct *work)
{
	const char *failed;
	int ret;

	guard(mutex)(&mpam_state_lock);

	if (mpam_state != MPAM_DISCOVERING || mpam_devices_failed())
		return;

	ret = mpam_steps_up(mpam_steps, MPAM_NUM_STEPS, &failed);
	if (ret) {
		mpam_devices_fail(NULL, "%s failed (%d)", failed, ret);
		return;
	}

	/* Something may have failed meanwhile; the disable work waits for us */
	WRITE_ONCE(mpam_state, MPAM_ENABLED);
	mpam_debugfs_enabled();
	if (!mpam_devices_failed())
		pr_info("MPAM enabled with %u PARTIDs and %u PMGs\n",
			mpam_limits_partids(), mpam_limits_pmgs());
}

/*
 * An MSC that none of the CPUs reached when MPAM ended: it has kept its limits, or
 * comes back with who knows what, and with monitors that may run.
 */
static int mpam_reset_online(unsigned int cpu)
{
	struct mpam_msc *msc;
	int idx;

	idx = srcu_read_lock(&mpam_srcu);
	for_each_mpam_msc(msc) {
		if (!msc->stale || !cpumask_test_cpu(cpu, &msc->fw.reach))
			continue;
		if (!mpam_probe_recheck(msc)) {
			mpam_config_restore_msc(msc, mpam_limits_partids());
			mpam_monitor_stop_msc(msc);
		}
		msc->stale = false;
	}
	srcu_read_unlock(&mpam_srcu, idx);

	return 0;
}

static void mpam_disable_work_fn(struct work_struct *work)
{
	guard(mutex)(&mpam_state_lock);

	if (mpam_state == MPAM_ENABLED) {
		mpam_steps_down(mpam_steps, MPAM_NUM_STEPS);
		if (cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "arm64/mpam:reset",
				      mpam_reset_online, NULL) < 0)
			pr_err("MSCs that come back may have limits\n");
	} else {
		mpam_discovery_stop();
	}

	WRITE_ONCE(mpam_state, MPAM_BROKEN);
}

/* The last that an MSC is told that was parked: others may be on the same line */
static int mpam_msc_silence(void *arg)
{
	struct mpam_msc *msc = arg;

	if (mpam_probe_is_gone(msc))
		return 0;

	mpam_irq_disable_msc(msc);
	mpam_monitor_stop_msc(msc);

	return 0;
}

static void mpam_silence_parked(void)
{
	struct mpam_msc *msc;

	/* Who has found it of use may be about to have it count */
	synchronize_srcu(&mpam_srcu);

	guard(cpus_read_lock)();
	guard(srcu)(&mpam_srcu);

	for_each_mpam_msc(msc) {
		if (msc->live && mpam_msc_is_bad(msc)) {
			mpam_msc_call(msc, mpam_msc_silence, msc);
			WRITE_ONCE(msc->live, false);
		}
	}
}

/* Which classes are not whole any more, and is there one that is? */
static void mpam_park_work_fn(struct work_struct *work)
{
	struct mpam_component *comp;
	struct mpam_class *class;
	struct mpam_vmsc *vmsc;

	guard(mutex)(&mpam_state_lock);

	if (mpam_state != MPAM_ENABLED || mpam_devices_failed())
		return;

	for_each_mpam_class(class, mpam_topo) {
		for_each_mpam_comp(comp, class) {
			for_each_mpam_vmsc(vmsc, comp) {
				if (mpam_msc_is_bad(vmsc->msc) && mpam_class_complete(class))
					WRITE_ONCE(class->lost, vmsc->msc);
			}
		}
	}

	/* Once nobody can be told that it has been configured */
	mpam_silence_parked();

	if (!mpam_resctrl_any_left())
		mpam_devices_fail(NULL, "nothing is left that has all of its MSCs");
}

static void mpam_deaf_work_fn(struct work_struct *work)
{
	guard(mutex)(&mpam_state_lock);

	if (mpam_state == MPAM_ENABLED && !mpam_devices_failed())
		mpam_resctrl_mon_start();
}

/**
 * mpam_fw_reject() - Firmware describes an MSC such that it can't be used
 * @fw:		what firmware says of it
 * @fmt:	what is wrong, to follow its name
 *
 * The first such reason stays.
 *
 * Context: Any.
 */
void mpam_fw_reject(struct mpam_fw_msc *fw, const char *fmt, ...)
{
	va_list args;

	if (!mpam_fw_usable(fw))
		return;

	va_start(args, fmt);
	vsnprintf(fw->why, sizeof(fw->why), fmt, args);
	va_end(args);
	fw->vague = false;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_fw_reject);

/**
 * mpam_fw_doubt() - It can't be told from firmware what an MSC controls
 * @fw:		what firmware says of it
 * @fmt:	what is wrong, to follow its name
 *
 * The first reason stays.
 *
 * Context: Any.
 */
void mpam_fw_doubt(struct mpam_fw_msc *fw, const char *fmt, ...)
{
	va_list args;

	if (fw->why[0])
		return;

	va_start(args, fmt);
	vsnprintf(fw->why, sizeof(fw->why), fmt, args);
	va_end(args);
	fw->vague = true;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_fw_doubt);

/**
 * mpam_fw_same_ris() - Do two descriptions list the same resources?
 * @a:		what firmware says of an MSC
 * @b:		what it says of another, or of the same once more
 *
 * Context: Any.
 * Return: true if they do, in the same order.
 */
bool mpam_fw_same_ris(const struct mpam_fw_msc *a, const struct mpam_fw_msc *b)
{
	unsigned int i;

	if (a->nr_ris != b->nr_ris)
		return false;

	for (i = 0; i < a->nr_ris; i++) {
		if (a->ris[i].idx != b->ris[i].idx || a->ris[i].type != b->ris[i].type ||
		    a->ris[i].level != b->ris[i].level ||
		    a->ris[i].comp_id != b->ris[i].comp_id)
			return false;
	}

	return true;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_fw_same_ris);

/**
 * mpam_fw_frame() - The part of a range of addresses that can be an MSC's registers
 * @res:	what firmware says of them
 *
 * A frame lies in one block of 64 KiB (IHI 0099, MSC memory-mapped registers). What
 * is beyond may well be another MSC.
 *
 * Context: Any.
 * Return: @res, or so much of it.
 */
struct resource mpam_fw_frame(const struct resource *res)
{
	struct resource frame = *res;

	frame.end = min(res->end, res->start | (MPAM_FRAME_BLOCK - 1));

	return frame;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_fw_frame);

/* Two MSCs at one address are one MSC that is described twice */
static struct mpam_msc *mpam_msc_overlapping(const struct resource *res)
{
	struct mpam_msc *msc;

	list_for_each_entry(msc, &mpam_mscs, node) {
		if (res->start < msc->phys + msc->size && res->end >= msc->phys)
			return msc;
	}

	return NULL;
}

/**
 * mpam_fw_check_frame() - Can there be an MSC's registers at that place?
 * @fw:		what firmware says of the MSC; rejected if they can't
 * @res:	where they are, or NULL
 *
 * Context: Any.
 */
VISIBLE_IF_KUNIT
void mpam_fw_check_frame(struct mpam_fw_msc *fw, const struct resource *res)
{
	if (!res || resource_size(res) < MPAM_FRAME_MIN_SIZE)
		mpam_fw_reject(fw, "it has no registers");
	else if (!IS_ALIGNED(res->start, MPAM_FRAME_MIN_SIZE))
		mpam_fw_reject(fw, "its registers start at %pa, which is not a multiple of 4 KiB",
			       &res->start);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_fw_check_frame);

static void mpam_msc_map(struct platform_device *pdev, struct mpam_msc *msc)
{
	struct resource *res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	struct mpam_fw_msc *fw = &msc->fw;
	struct mpam_msc *other;
	struct resource frame;

	mpam_fw_check_frame(fw, res);
	if (!mpam_fw_usable(fw))
		return;

	frame = mpam_fw_frame(res);
	other = mpam_msc_overlapping(&frame);
	if (other) {
		mpam_fw_reject(fw, "it has the same registers as %s", dev_name(other->dev));
		/* What is there once more is not lost */
		if (mpam_fw_same_ris(fw, &other->fw))
			fw->nr_ris = 0;
		return;
	}

	msc->base = devm_ioremap_resource(&pdev->dev, &frame);
	if (IS_ERR(msc->base)) {
		mpam_fw_reject(fw, "its registers can't be mapped (%ld)", PTR_ERR(msc->base));
		return;
	}
	msc->phys = frame.start;
	msc->size = resource_size(&frame);
}

/* With ACPI they are resources of the device, too */
static void mpam_msc_get_irqs(struct platform_device *pdev, struct mpam_fw_msc *fw)
{
	enum mpam_irq_kind kind;

	for (kind = 0; kind < MPAM_NUM_IRQS; kind++) {
		int irq = platform_get_irq_byname_optional(pdev, mpam_irq_names[kind]);

		if (irq > 0) {
			fw->irq[kind] = irq;
			if (cpumask_empty(&fw->irq_cpus[kind]) &&
			    irq_is_percpu_devid(irq))
				irq_get_percpu_devid_partition(irq, &fw->irq_cpus[kind]);
		} else if (irq != -ENXIO) {
			dev_err(&pdev->dev, "its %s interrupt is not used (%d)\n",
				mpam_irq_names[kind], irq);
		}
	}
}

/* Who waits for a monitor keeps everybody else from resctrl, and CPUs from going */
#define MPAM_NRDY_MAX_USEC	USEC_PER_SEC

static void mpam_msc_parse_fw(struct device *dev, struct mpam_fw_msc *fw)
{
	const struct mpam_fw_msc *data = dev_get_platdata(dev);

	if (data)
		*fw = *data;
	else
		mpam_fw_dt_parse(dev, fw);

	if (fw->nrdy_usec > MPAM_NRDY_MAX_USEC) {
		dev_warn(dev, "its monitors may be busy for %u us, says firmware: they are waited for no longer than %ld us\n",
			 fw->nrdy_usec, MPAM_NRDY_MAX_USEC);
		fw->nrdy_usec = MPAM_NRDY_MAX_USEC;
	}
}

/*
 * The machine is about to go down, or to start another kernel: that must find
 * MSCs without limits, CPUs without labels, and no interrupt. Tasks and resctrl
 * are still there, and what they do has no effect any more.
 */
static void mpam_msc_drv_shutdown(struct platform_device *pdev)
{
	/* Called for each MSC; the first does it for all */
	guard(mutex)(&mpam_state_lock);

	if (mpam_state == MPAM_ENABLED) {
		WRITE_ONCE(mpam_stopping, true);
		mpam_labels_stop();
		mpam_step_config_down();
	} else if (mpam_state == MPAM_DISCOVERING) {
		mpam_discovery_stop();
	}

	/* Work that would enable it, or that would disable it, finds nothing to do */
	WRITE_ONCE(mpam_state, MPAM_BROKEN);
}

static int mpam_msc_save(void *arg)
{
	mpam_msc_offline(arg);

	return 0;
}

static int mpam_msc_restore(void *arg)
{
	mpam_msc_online(arg);

	return 0;
}

/*
 * A system that sleeps may lose all MSCs, also those of CPUs that stay online.
 * They come back with the first CPU that does, or else when devices resume.
 */
static int mpam_msc_suspend_noirq(struct device *dev)
{
	struct mpam_msc *msc = dev_get_drvdata(dev);

	guard(mutex)(&mpam_state_lock);
	guard(cpus_read_lock)();

	if (mpam_state == MPAM_ENABLED && mpam_msc_usable(msc))
		mpam_msc_call(msc, mpam_msc_save, msc);

	return 0;
}

static int mpam_msc_resume_noirq(struct device *dev)
{
	struct mpam_msc *msc = dev_get_drvdata(dev);

	guard(mutex)(&mpam_state_lock);
	guard(cpus_read_lock)();

	/* Not a hotplug callback: that alone would exclude whoever configures it */
	guard(mutex)(&mpam_config_lock);

	/* Without a CPU that reaches it, it waits for one */
	if (mpam_state == MPAM_ENABLED && !msc->live && !mpam_msc_is_bad(msc))
		mpam_msc_call(msc, mpam_msc_restore, msc);

	return 0;
}

static const struct dev_pm_ops mpam_msc_pm_ops = {
	NOIRQ_SYSTEM_SLEEP_PM_OPS(mpam_msc_suspend_noirq, mpam_msc_resume_noirq)
};

static int mpam_discovery_start(void)
{
	int ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "arm64/mpam:discovery",
				    mpam_discovery_online, NULL);

	if (ret < 0)
		return ret;
	mpam_discovery_state = ret;

	return 0;
}

static int mpam_msc_drv_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct mpam_msc *msc;
	int ret;

	guard(mutex)(&mpam_state_lock);

	if (mpam_devices_failed())
		return -ENODEV;

	msc = devm_kzalloc(dev, sizeof(*msc), GFP_KERNEL);
	if (!msc) {
		mpam_devices_fail(dev, "there is no memory for it");
		return -ENOMEM;
	}

	mpam_msc_parse_fw(dev, &msc->fw);
	if (mpam_fw_usable(&msc->fw))
		mpam_msc_map(pdev, msc);
	if (mpam_fw_usable(&msc->fw))
		mpam_msc_get_irqs(pdev, &msc->fw);
	mpam_msc_init(msc, dev, &mpam_msc_mmio_ops);
	if (!mpam_fw_usable(&msc->fw))
		mpam_msc_reject(msc, "%s", msc->fw.why);
	else if (msc->fw.vague)
		dev_err(dev, "what this MSC controls is not known: %s: it is kept without limits and not offered\n",
			msc->fw.why);

	platform_set_drvdata(pdev, msc);
	list_add_tail_rcu(&msc->node, &mpam_mscs);
	mpam_debugfs_add_msc(msc);
	if (mpam_msc_is_bad(msc))
		mpam_msc_known(msc);

	if (--mpam_unbound)
		return 0;

	ret = mpam_discovery_start();
	if (ret)
		mpam_devices_fail(NULL, "CPU hotplug callbacks can't be registered (%d)", ret);

	return 0;
}

static const struct of_device_id mpam_of_match[] = {
	{ .compatible = "arm,mpam-msc" },
	{}
};

static struct platform_driver mpam_msc_driver = {
	.driver = {
		.name			= "mpam_msc",
		.of_match_table		= mpam_of_match,
		/* MSCs can't be had one by one */
		.suppress_bind_attrs	= true,
		.pm			= pm_sleep_ptr(&mpam_msc_pm_ops),
	},
	.probe		= mpam_msc_drv_probe,
	.shutdown	= mpam_msc_drv_shutdown,
};

static int __init mpam_init(void)
{
	int nr = acpi_disabled ? mpam_fw_dt_discover() : mpam_fw_acpi_discover();

	if (nr <= 0)
		return 0;

	if (!system_supports_mpam()) {
		pr_info("MPAM stays off: firmware describes %d MSCs, but the CPUs have no MPAM, or it was turned off\n",
			nr);
		return 0;
	}

	mpam_unbound = nr;
	atomic_set(&mpam_unprobed, nr);
	mpam_debugfs_init();

	return platform_driver_register(&mpam_msc_driver);
}

/* After all device_initcalls: cacheinfo, which resctrl needs, is one of them */
device_initcall_sync(mpam_init);

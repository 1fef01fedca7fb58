// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: what MSCs interrupt for: errors, and counters that have wrapped
 *
 * A line may be shared by several MSCs, for either reason, but with nobody else,
 * and be one that each CPU has for itself (PPI). It is requested once, with a list
 * of its users.
 *
 * Error status is not banked, so an error is decoded, counted and cleared in the
 * interrupt. One that says that somebody used a label or an index out of range
 * is reported, from time to time, unless that has to be expected. One that says
 * that the MSC is not what it was when it was probed ends its use. An MSC that has
 * too much to say is muted, for some time only if it was expected, and a line that
 * can't be silenced is switched off. Wraps are the business of
 * mpam_monitor.c, in process context.
 *
 * Locks: msc->irq_lock. The list of lines is written with mpam_state_lock held,
 * before interrupts and hotplug callbacks use it and after.
 */
#define pr_fmt(fmt) "mpam: " fmt

#include <linux/bitfield.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <kunit/visibility.h>

#include "mpam_internal.h"
#include "mpam_regs.h"

/* More errors of an MSC in a second are a storm */
#define MPAM_IRQ_MAX_ERRORS	100
/* More interrupts in a second that nobody has a reason for are a stuck line */
#define MPAM_IRQ_MAX_IDLE	1000

/* How long nobody listens to an MSC that has too many errors that are expected */
#define MPAM_IRQ_REST_MSECS	1000

/* An MSC's errors are in the log once in this time */
#define MPAM_IRQ_SAY_SECS	60

/* Who is on a line, and why */
struct mpam_irq_user {
	struct list_head	node;	/* in line->users */
	struct mpam_msc		*msc;
	enum mpam_irq_kind	kind;
};

struct mpam_irq_line {
	struct list_head	node;	/* in mpam_irq_lines */
	struct list_head	users;
	int			irq;
	bool			percpu;
	bool			wraps;	/* a user is there for wrapped counters */
	bool			requested;
	bool			closing;
	/* switched off, as it could not be silenced: a PPI on these CPUs, an SPI if any */
	struct cpumask		off;

	/*
	 * Where it may be handled: an SPI where all users are reached, a PPI
	 * where any of them is
	 */
	struct cpumask		cpus;
	unsigned int		cpu;	/* where an SPI goes; in hotplug callbacks */

	/* interrupts that had no reason; approximate */
	struct mpam_irq_rate	idle;

	/* of a PPI: what request_percpu_irq() wants, and where work unmasks it */
	struct mpam_irq_line	* __percpu *self;
	struct work_struct	work;
	struct cpumask		pending;
};

static LIST_HEAD(mpam_irq_lines);

/* As the device tree has them */
const char * const mpam_irq_names[MPAM_NUM_IRQS] = {
	[MPAM_IRQ_ERROR]	= "error",
	[MPAM_IRQ_OVERFLOW]	= "overflow",
};

/* What of ESR means something for an error; its PARTID_MON field is either */
#define MPAM_ESR_HAS_PARTID	BIT(0)
#define MPAM_ESR_HAS_MON	BIT(1)
#define MPAM_ESR_HAS_PMG	BIT(2)
#define MPAM_ESR_HAS_RIS	BIT(3)

/* IHI 0099, MPAMF_ESR.ERRCODE */
const struct mpam_err_desc mpam_errs[MPAM_NUM_ERRS] = {
	[1]  = { "PARTID_SEL_Range", "a PARTID was selected that it does not have", false,
		 MPAM_ESR_HAS_PARTID | MPAM_ESR_HAS_RIS },
	[2]  = { "Req_PARTID_Range", "a request had a PARTID that it does not have", false,
		 MPAM_ESR_HAS_PARTID | MPAM_ESR_HAS_PMG },
	[3]  = { "MSMONCFG_ID_RANGE", "a monitor was to look at a label that it does not have",
		 false, MPAM_ESR_HAS_PARTID | MPAM_ESR_HAS_PMG | MPAM_ESR_HAS_RIS },
	[4]  = { "Req_PMG_Range", "a request had a PMG that it does not have", false,
		 MPAM_ESR_HAS_PARTID | MPAM_ESR_HAS_PMG },
	[5]  = { "Monitor_Range", "a monitor was selected that it does not have", false,
		 MPAM_ESR_HAS_MON | MPAM_ESR_HAS_RIS },
	[6]  = { "intPARTID_Range", "it refuses an internal PARTID that it had", true,
		 MPAM_ESR_HAS_PARTID },
	[7]  = { "Unexpected_INTERNAL", "it takes a request PARTID for an internal one", true,
		 MPAM_ESR_HAS_PARTID },
	[8]  = { "Undefined_RIS_PART_SEL", "it lacks a RIS that it had", true,
		 MPAM_ESR_HAS_PARTID | MPAM_ESR_HAS_RIS },
	[9]  = { "RIS_No_Control", "it lacks a control that it had", true,
		 MPAM_ESR_HAS_PARTID | MPAM_ESR_HAS_RIS },
	[10] = { "Undefined_RIS_MON_SEL", "it lacks a RIS that it had", true,
		 MPAM_ESR_HAS_MON | MPAM_ESR_HAS_RIS },
	[11] = { "RIS_No_Monitor", "it lacks a monitor that it had", true,
		 MPAM_ESR_HAS_MON | MPAM_ESR_HAS_RIS },
	[12] = { "reserved", "an error that is not known", false, 0 },
	[13] = { "reserved", "an error that is not known", false, 0 },
	[14] = { "reserved", "an error that is not known", false, 0 },
	[15] = { "reserved", "an error that is not known", false, 0 },
};
EXPORT_SYMBOL_IF_KUNIT(mpam_errs);

/* Is this one more than @max in the second since the first? */
static bool mpam_irq_too_many(struct mpam_irq_rate *rate, unsigned int max)
{
	if (!rate->nr || time_after(jiffies, rate->since + HZ)) {
		rate->since = jiffies;
		rate->nr = 0;
	}

	return ++rate->nr > max;
}

/* Labels are for the MSCs that resctrl uses; others may well see larger ones */
static bool mpam_irq_expected(const struct mpam_msc *msc, unsigned int code)
{
	return (code == 2 && msc->partid_max + 1u < mpam_limits_partids()) ||
	       (code == 4 && msc->pmg_max + 1u < mpam_limits_pmgs());
}

static void mpam_irq_report(struct mpam_msc *msc, u32 esr, u32 esr_hi)
{
	unsigned int code = FIELD_GET(MPAMF_ESR_ERRCODE, esr);
	const struct mpam_err_desc *err = &mpam_errs[code];
	char shows[64] = "";
	size_t len = 0;

	if (err->shows & MPAM_ESR_HAS_PARTID)
		len += scnprintf(shows + len, sizeof(shows) - len, ", PARTID %lu",
				 FIELD_GET(MPAMF_ESR_PARTID_MON, esr));
	if (err->shows & MPAM_ESR_HAS_MON)
		len += scnprintf(shows + len, sizeof(shows) - len, ", monitor %lu",
				 FIELD_GET(MPAMF_ESR_PARTID_MON, esr));
	if (err->shows & MPAM_ESR_HAS_PMG)
		len += scnprintf(shows + len, sizeof(shows) - len, ", PMG %lu",
				 FIELD_GET(MPAMF_ESR_PMG, esr));
	if ((err->shows & MPAM_ESR_HAS_RIS) && (msc->idr & MPAMF_IDR_HAS_EXTD_ESR))
		len += scnprintf(shows + len, sizeof(shows) - len, ", RIS %lu",
				 FIELD_GET(MPAMF_ESR_HI_RIS, esr_hi));

	if (err->park) {
		mpam_msc_reject(msc, "%s (error %u, %s%s)", err->what, code, err->name, shows);
		mpam_devices_park(msc);
	} else if (__ratelimit(&msc->err_limit)) {
		dev_warn(msc->dev, "error %u (%s): %s%s%s\n", code, err->name, err->what,
			 shows, esr & MPAMF_ESR_OVRWR ? "; others before it" : "");
	}
}

/**
 * mpam_irq_error() - Look whether an MSC has an error, and deal with it
 * @msc:	the MSC
 *
 * Context: Any, on a CPU in the MSC's reach, pinned to it. Takes
 * msc->irq_lock.
 * Return: true if there was one that the MSC may interrupt for.
 */
VISIBLE_IF_KUNIT
bool mpam_irq_error(struct mpam_msc *msc)
{
	bool wide = msc->idr & MPAMF_IDR_HAS_EXTD_ESR;
	bool expected, parks, silent, storm;
	u32 esr, esr_hi = 0;
	unsigned int code;

	/* A PPI comes to several CPUs at once */
	guard(raw_spinlock_irqsave)(&msc->irq_lock);

	esr = mpam_msc_rd(msc, MPAMF_ESR);
	if (!(esr & (MPAMF_ESR_ERRCODE | MPAMF_ESR_OVRWR)))
		return false;

	if (esr == ~0u && mpam_probe_is_gone(msc)) {
		mpam_msc_reject(msc, "its registers read as all-ones: it is powered down, or gone");
		mpam_devices_park(msc);
		return false;
	}

	/* The lower half last: it lets go of the line */
	if (wide) {
		esr_hi = mpam_msc_rd(msc, MPAMF_ESR_HI);
		mpam_msc_wr(msc, MPAMF_ESR_HI, 0);
	}
	mpam_msc_wr(msc, MPAMF_ESR, 0);

	code = FIELD_GET(MPAMF_ESR_ERRCODE, esr);
	msc->errs[code]++;
	expected = mpam_irq_expected(msc, code);
	parks = !expected && mpam_errs[code].park;
	/* Others on a PPI look away from one that is bad, and could not explain the line */
	if (parks)
		mpam_msc_wr(msc, MPAMF_ECR, 0);
	if (!expected && code)
		mpam_irq_report(msc, esr, esr_hi);

	/* Once it is silent, the line is not its any more */
	silent = msc->muted || msc->resting;
	storm = mpam_irq_too_many(expected ? &msc->rest_rate : &msc->err_rate,
				  MPAM_IRQ_MAX_ERRORS);
	if (!storm && !mpam_msc_is_bad(msc))
		return !silent;

	if (!parks)
		mpam_msc_wr(msc, MPAMF_ECR, 0);
	if (expected && !mpam_msc_is_bad(msc)) {
		msc->resting = true;
		schedule_delayed_work(&msc->rest_work, msecs_to_jiffies(MPAM_IRQ_REST_MSECS));
		return !silent;
	}

	if (storm && !msc->muted)
		dev_warn(msc->dev, "too many errors: its error interrupt is switched off\n");
	WRITE_ONCE(msc->muted, true);

	return !silent;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_irq_error);

/* Nobody knows why it came. Returns true if it won't come again. */
static bool mpam_irq_idle(struct mpam_irq_line *line)
{
	struct mpam_irq_user *user;

	if (!mpam_irq_too_many(&line->idle, MPAM_IRQ_MAX_IDLE))
		return false;

	if (line->percpu)
		disable_percpu_irq(line->irq);
	else
		disable_irq_nosync(line->irq);
	/* Whoever sees it in mpam_irq_reopen_msc() enables it after that */
	smp_mb__before_atomic();
	cpumask_set_cpu(smp_processor_id(), &line->off);

	pr_warn_ratelimited("interrupt %d can't be silenced: it is switched off\n", line->irq);

	/* Wraps are looked for from time to time instead */
	list_for_each_entry(user, &line->users, node) {
		if (user->kind == MPAM_IRQ_OVERFLOW)
			WRITE_ONCE(user->msc->oflow_irq, false);
	}
	if (line->wraps)
		mpam_devices_deaf();

	return true;
}

static irqreturn_t mpam_irq_line_errors(struct mpam_irq_line *line)
{
	irqreturn_t ret = IRQ_NONE;
	struct mpam_irq_user *user;

	list_for_each_entry(user, &line->users, node) {
		struct mpam_msc *msc = user->msc;

		if (user->kind == MPAM_IRQ_ERROR && !mpam_msc_is_bad(msc) &&
		    cpumask_test_cpu(smp_processor_id(), &msc->fw.reach) &&
		    mpam_irq_error(msc))
			ret = IRQ_HANDLED;
	}

	return ret;
}

static int mpam_irq_wrapped(void *arg)
{
	return mpam_monitor_overflow(arg);
}

static void mpam_irq_line_wraps(struct mpam_irq_line *line)
{
	struct mpam_irq_user *user;

	lockdep_assert_cpus_held();

	list_for_each_entry(user, &line->users, node) {
		/* It came for a reason if one has wrapped */
		if (user->kind == MPAM_IRQ_OVERFLOW && mpam_msc_usable(user->msc) &&
		    mpam_msc_call(user->msc, mpam_irq_wrapped, user->msc) > 0)
			WRITE_ONCE(line->idle.nr, 0);
	}
}

/* An SPI. With a thread, the line stays masked until that has run */
static irqreturn_t mpam_irq_spi(int irq, void *arg)
{
	struct mpam_irq_line *line = arg;
	irqreturn_t ret = mpam_irq_line_errors(line);

	if (ret == IRQ_NONE && mpam_irq_idle(line))
		return IRQ_HANDLED;

	return line->wraps ? IRQ_WAKE_THREAD : ret;
}

static irqreturn_t mpam_irq_spi_thread(int irq, void *arg)
{
	guard(cpus_read_lock)();
	mpam_irq_line_wraps(arg);

	return IRQ_HANDLED;
}

/* A PPI has no thread: it is masked on this CPU until work has looked at wraps */
static irqreturn_t mpam_irq_ppi(int irq, void *arg)
{
	struct mpam_irq_line *line = *(struct mpam_irq_line **)arg;
	irqreturn_t ret = mpam_irq_line_errors(line);

	if (ret == IRQ_NONE && mpam_irq_idle(line))
		return IRQ_HANDLED;

	if (line->wraps) {
		disable_percpu_irq(irq);
		cpumask_set_cpu(smp_processor_id(), &line->pending);
		schedule_work(&line->work);
	}

	return IRQ_HANDLED;
}

static void mpam_irq_unmask(void *arg)
{
	struct mpam_irq_line *line = arg;

	enable_percpu_irq(line->irq, irq_get_trigger_type(line->irq));
}

static void mpam_irq_mask(void *arg)
{
	struct mpam_irq_line *line = arg;

	disable_percpu_irq(line->irq);
}

static void mpam_irq_ppi_work(struct work_struct *work)
{
	struct mpam_irq_line *line = container_of(work, struct mpam_irq_line, work);
	unsigned int cpu;

	/* It is unmasked on a CPU that returns, if one has gone */
	guard(cpus_read_lock)();

	for_each_cpu(cpu, &line->pending) {
		cpumask_clear_cpu(cpu, &line->pending);
		mpam_irq_line_wraps(line);
		if (!READ_ONCE(line->closing))
			smp_call_function_single(cpu, mpam_irq_unmask, line, 1);
	}
}

static struct mpam_irq_line *mpam_irq_line_get(int irq)
{
	struct mpam_irq_line *line;

	list_for_each_entry(line, &mpam_irq_lines, node) {
		if (line->irq == irq)
			return line;
	}

	line = kzalloc(sizeof(*line), GFP_KERNEL);
	if (!line)
		return NULL;

	INIT_LIST_HEAD(&line->users);
	INIT_WORK(&line->work, mpam_irq_ppi_work);
	line->irq = irq;
	line->cpu = nr_cpu_ids;
	line->percpu = irq_is_percpu_devid(irq);
	if (!line->percpu)
		cpumask_copy(&line->cpus, cpu_possible_mask);
	list_add_tail(&line->node, &mpam_irq_lines);

	return line;
}

/* Has it monitors that wrap without a sound? */
static bool mpam_irq_oflow_mute(struct mpam_msc *msc)
{
	struct mpam_ris *ris;

	for (ris = mpam_ris_first(msc); ris; ris = mpam_ris_next(msc, ris)) {
		if (ris->mbwu_mute && ris->props.nr_mons[MPAM_MON_MBWU])
			return true;
	}

	return false;
}

static int mpam_irq_join(struct mpam_msc *msc, enum mpam_irq_kind kind)
{
	struct mpam_irq_line *line;
	struct mpam_irq_user *user;

	/* To listen to some of them and to look at the others would be too much */
	if (kind == MPAM_IRQ_OVERFLOW && mpam_irq_oflow_mute(msc)) {
		dev_warn(msc->dev, "firmware gives it an overflow interrupt, which its counters don't have: they are looked at from time to time\n");
		return 0;
	}

	line = mpam_irq_line_get(msc->fw.irq[kind]);
	if (!line)
		return -ENOMEM;

	/* Whoever handles it must reach all that may have caused it, or his own */
	if (line->percpu ? !cpumask_intersects(&msc->fw.reach, &msc->fw.irq_cpus[kind]) :
			   !cpumask_intersects(&msc->fw.reach, &line->cpus)) {
		dev_err(msc->dev, "its %s interrupt is not used: no CPU that gets it reaches all MSCs that share it\n",
			mpam_irq_names[kind]);
		return 0;
	}

	user = kzalloc(sizeof(*user), GFP_KERNEL);
	if (!user)
		return -ENOMEM;

	if (line->percpu) {
		struct cpumask *cpus = &msc->fw.irq_cpus[kind];

		cpumask_and(cpus, cpus, &msc->fw.reach);
		cpumask_or(&line->cpus, &line->cpus, cpus);
	} else {
		cpumask_and(&line->cpus, &line->cpus, &msc->fw.reach);
	}

	user->msc = msc;
	user->kind = kind;
	line->wraps |= kind == MPAM_IRQ_OVERFLOW;
	list_add_tail(&user->node, &line->users);

	return 0;
}

static int mpam_irq_line_request(struct mpam_irq_line *line)
{
	struct mpam_irq_line **self;
	unsigned int cpu;

	/* Not shared with others: a line that can't be silenced is switched off */
	if (!line->percpu)
		return request_threaded_irq(line->irq, mpam_irq_spi,
					    line->wraps ? mpam_irq_spi_thread : NULL,
					    IRQF_NOBALANCING |
					    (line->wraps ? IRQF_ONESHOT : IRQF_NO_THREAD),
					    "mpam", line);

	line->self = alloc_percpu(struct mpam_irq_line *);
	if (!line->self)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		self = per_cpu_ptr(line->self, cpu);
		*self = line;
	}

	return request_percpu_irq(line->irq, mpam_irq_ppi, "mpam", line->self);
}

static void mpam_irq_line_free(struct mpam_irq_line *line)
{
	struct mpam_irq_user *user, *tmp;

	if (line->requested && line->percpu) {
		/* Work that runs after this unmasks nothing; then nothing starts it */
		WRITE_ONCE(line->closing, true);
		cancel_work_sync(&line->work);
		on_each_cpu(mpam_irq_mask, line, 1);
		cancel_work_sync(&line->work);
		free_percpu_irq(line->irq, line->self);
	} else if (line->requested) {
		free_irq(line->irq, line);
	}

	list_for_each_entry_safe(user, tmp, &line->users, node) {
		if (user->kind == MPAM_IRQ_ERROR) {
			user->msc->err_irq = false;
			cancel_delayed_work_sync(&user->msc->rest_work);
		} else {
			user->msc->oflow_line = false;
			WRITE_ONCE(user->msc->oflow_irq, false);
		}
		kfree(user);
	}
	free_percpu(line->self);
	kfree(line);
}

/**
 * mpam_irq_free() - Give back all interrupts
 *
 * Context: May sleep. Called with mpam_state_lock held; no hotplug callback
 * uses them any more.
 */
void mpam_irq_free(void)
{
	struct mpam_irq_line *line, *tmp;

	list_for_each_entry_safe(line, tmp, &mpam_irq_lines, node) {
		list_del(&line->node);
		mpam_irq_line_free(line);
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_irq_free);

/**
 * mpam_irq_request() - Request the interrupts of all MSCs
 *
 * One that can't be had is done without: errors go unnoticed, and wraps are
 * looked for from time to time.
 *
 * Context: May sleep. Called with mpam_state_lock held; before the hotplug
 * callbacks that use them.
 * Return: 0 or -ENOMEM.
 */
int mpam_irq_request(void)
{
	struct mpam_irq_line *line;
	struct mpam_irq_user *user;
	enum mpam_irq_kind kind;
	struct mpam_msc *msc;
	int ret;

	list_for_each_entry(msc, &mpam_mscs, node) {
		for (kind = 0; kind < MPAM_NUM_IRQS; kind++) {
			if (!msc->fw.irq[kind] || mpam_msc_is_bad(msc))
				continue;
			ret = mpam_irq_join(msc, kind);
			if (ret) {
				mpam_irq_free();
				return ret;
			}
		}
	}

	list_for_each_entry(line, &mpam_irq_lines, node) {
		ret = list_empty(&line->users) ? 0 : mpam_irq_line_request(line);
		if (ret == -ENOMEM) {
			mpam_irq_free();
			return ret;
		}
		if (ret)
			pr_err("interrupt %d can't be had (%d)%s: MSCs do without it\n", line->irq,
			       ret, ret == -EBUSY ? " as another driver has it" : "");
		line->requested = !ret && !list_empty(&line->users);
		list_for_each_entry(user, &line->users, node) {
			if (user->kind == MPAM_IRQ_ERROR) {
				user->msc->err_irq = line->requested;
				user->msc->err_edge = irq_get_trigger_type(line->irq) &
						      IRQ_TYPE_EDGE_BOTH;
			} else {
				user->msc->oflow_line = line->requested;
				user->msc->oflow_irq = line->requested;
			}
		}
	}

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(mpam_irq_request);

/* Does a CPU reach all MSCs of an SPI that any CPU other than @but, or -1, reaches? */
static bool mpam_irq_reaches(const struct mpam_irq_line *line, unsigned int cpu, int but)
{
	const struct mpam_irq_user *user;
	bool any = false;

	list_for_each_entry(user, &line->users, node) {
		const struct cpumask *reach = &user->msc->fw.reach;

		if (cpumask_test_cpu(cpu, reach))
			any = true;
		else if (cpumask_any_and_but(reach, cpu_online_mask, but) < nr_cpu_ids)
			return false;
	}

	return any;
}

/*
 * Have an SPI come to a CPU other than @but, or -1, that reaches its MSCs, one being as
 * good as another. Those that are down have been told not to interrupt.
 */
static void mpam_irq_move(struct mpam_irq_line *line, int but)
{
	unsigned int cpu;

	if (line->cpu < nr_cpu_ids && (int)line->cpu != but &&
	    mpam_irq_reaches(line, line->cpu, but))
		return;

	line->cpu = nr_cpu_ids;
	for_each_online_cpu(cpu) {
		if ((int)cpu == but || !mpam_irq_reaches(line, cpu, but))
			continue;
		line->cpu = cpu;
		if (irq_set_affinity(line->irq, cpumask_of(cpu)))
			pr_err_ratelimited("interrupt %d can't go to CPU %u\n", line->irq, cpu);
		return;
	}
}

/* Listen again to a line that could not be silenced */
static void mpam_irq_reopen(struct mpam_irq_line *line)
{
	unsigned int cpu;

	if (cpumask_empty(&line->off))
		return;

	/* Pairs with mpam_irq_idle() */
	smp_mb();
	WRITE_ONCE(line->idle.nr, 0);
	if (!line->percpu) {
		cpumask_clear(&line->off);
		enable_irq(line->irq);
		return;
	}
	/* Other CPUs are not called from here */
	for_each_cpu(cpu, &line->off) {
		cpumask_clear_cpu(cpu, &line->off);
		cpumask_set_cpu(cpu, &line->pending);
	}
	schedule_work(&line->work);
}

/**
 * mpam_irq_online_cpu() - Have interrupts come to a CPU
 * @cpu:	the CPU, which is this one
 *
 * Context: The run-time hotplug callback.
 */
void mpam_irq_online_cpu(unsigned int cpu)
{
	struct mpam_irq_line *line;
	bool lost;

	list_for_each_entry(line, &mpam_irq_lines, node) {
		if (!line->requested)
			continue;
		if (!line->percpu) {
			lost = line->cpu >= nr_cpu_ids;
			mpam_irq_move(line, -1);
			if (lost && line->cpu < nr_cpu_ids)
				mpam_irq_reopen(line);
		} else if (cpumask_test_cpu(cpu, &line->cpus)) {
			cpumask_clear_cpu(cpu, &line->off);
			mpam_irq_unmask(line);
		}
	}
}

/**
 * mpam_irq_offline_cpu() - Have no interrupts come to a CPU
 * @cpu:	the CPU, which is this one
 *
 * When the last CPU goes that reaches all MSCs of an SPI, one will do that reaches
 * all that are left. If there is none either, it goes wherever the kernel likes.
 *
 * Context: The run-time hotplug callback.
 */
void mpam_irq_offline_cpu(unsigned int cpu)
{
	struct mpam_irq_line *line;

	list_for_each_entry(line, &mpam_irq_lines, node) {
		if (!line->requested)
			continue;
		if (line->percpu && cpumask_test_cpu(cpu, &line->cpus))
			mpam_irq_mask(line);
		else if (!line->percpu)
			mpam_irq_move(line, cpu);
	}
}

/**
 * mpam_irq_enable_msc() - Let an MSC interrupt for errors
 * @msc:	the MSC, whose error status was cleared when it came up
 *
 * Context: Any, on a CPU in the MSC's reach, pinned to it. Takes
 * msc->irq_lock.
 */
void mpam_irq_enable_msc(struct mpam_msc *msc)
{
	if (!msc->err_irq)
		return;

	scoped_guard(raw_spinlock_irqsave, &msc->irq_lock) {
		WRITE_ONCE(msc->muted, false);
		msc->resting = false;
		msc->err_rate.nr = 0;
		msc->rest_rate.nr = 0;
		mpam_msc_wr(msc, MPAMF_ECR, MPAMF_ECR_INTEN);
	}

	/* There is no edge for what it had to say of being restored */
	if (msc->err_edge)
		mpam_irq_error(msc);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_irq_enable_msc);

static bool mpam_irq_line_has(const struct mpam_irq_line *line, const struct mpam_msc *msc)
{
	const struct mpam_irq_user *user;

	list_for_each_entry(user, &line->users, node) {
		if (user->msc == msc)
			return true;
	}

	return false;
}

/**
 * mpam_irq_reopen_msc() - Listen again to lines that could not be silenced
 * @msc:	an MSC that has come up, with all that it could interrupt for set up
 *
 * While it was down, it may have been the reason, and nobody could see to it. If
 * it was not, the line is soon switched off again.
 *
 * Context: Process. The run-time hotplug callback, or mpam_state_lock and
 * cpus_read_lock() held.
 */
void mpam_irq_reopen_msc(struct mpam_msc *msc)
{
	struct mpam_irq_line *line;

	list_for_each_entry(line, &mpam_irq_lines, node) {
		if (line->requested && mpam_irq_line_has(line, msc))
			mpam_irq_reopen(line);
	}
}
EXPORT_SYMBOL_IF_KUNIT(mpam_irq_reopen_msc);

/**
 * mpam_irq_disable_msc() - Let an MSC interrupt for errors no more
 * @msc:	the MSC
 *
 * Context: Any, on a CPU in the MSC's reach, pinned to it. Takes
 * msc->irq_lock.
 */
void mpam_irq_disable_msc(struct mpam_msc *msc)
{
	if (!msc->err_irq)
		return;

	guard(raw_spinlock_irqsave)(&msc->irq_lock);
	mpam_msc_wr(msc, MPAMF_ECR, 0);
}
EXPORT_SYMBOL_IF_KUNIT(mpam_irq_disable_msc);

static int mpam_irq_rested(void *arg)
{
	struct mpam_msc *msc = arg;

	/* It may have been restored, have had other errors, or have left, meanwhile */
	if (mpam_msc_usable(msc) && msc->resting && !msc->muted)
		mpam_irq_enable_msc(msc);

	return 0;
}

static void mpam_irq_rest_work_fn(struct work_struct *work)
{
	struct mpam_msc *msc = container_of(to_delayed_work(work), struct mpam_msc, rest_work);

	guard(cpus_read_lock)();
	guard(srcu)(&mpam_srcu);

	if (mpam_msc_usable(msc))
		mpam_msc_call(msc, mpam_irq_rested, msc);
}

/**
 * mpam_irq_init_msc() - Make an MSC ready for the above
 * @msc:	zeroed
 *
 * Context: Process.
 */
void mpam_irq_init_msc(struct mpam_msc *msc)
{
	raw_spin_lock_init(&msc->irq_lock);
	INIT_DELAYED_WORK(&msc->rest_work, mpam_irq_rest_work_fn);
	ratelimit_state_init(&msc->err_limit, MPAM_IRQ_SAY_SECS * HZ, 1);
	/* That there were others can be seen in debugfs */
	ratelimit_set_flags(&msc->err_limit, RATELIMIT_MSG_ON_RELEASE);
}

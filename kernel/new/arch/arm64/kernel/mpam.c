// SPDX-License-Identifier: GPL-2.0-only
/*
 * MPAM labels outside of the context switch: the defaults of CPUs, changes that
 * must not wait for a switch, and CPUs that lost their registers.
 *
 * There is no lock. Labels and defaults are written from anywhere with
 * WRITE_ONCE(); what a CPU has loaded is only touched by itself, with
 * interrupts off.
 */

#include <linux/cpu.h>
#include <linux/cpu_pm.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include <asm/cpufeature.h>
#include <asm/mpam.h>

/* On from when the driver hands out labels until it has taken them back. */
DEFINE_STATIC_KEY_FALSE(mpam_enabled);

/* The label of tasks that have none. Reaches the CPU by mpam_sync_this_cpu(). */
static DEFINE_PER_CPU(u64, mpam_cpu_default);

static void mpam_load(u64 label, u64 dflt)
{
	struct thread_info *ti = current_thread_info();

	lockdep_assert_irqs_disabled();

	ti->mpam_default = dflt;
	ti->mpam_loaded = label;
	mpam_write_label(label);
}

/**
 * mpam_set_cpu_default_label() - set what a CPU uses for tasks without a label
 * @cpu: any possible CPU
 * @label: the label
 *
 * Takes effect with the next mpam_sync_this_cpu() on @cpu.
 */
void mpam_set_cpu_default_label(unsigned int cpu, u64 label)
{
	WRITE_ONCE(per_cpu(mpam_cpu_default, cpu), label);
}

/**
 * mpam_sync_this_cpu() - load the label that this CPU ought to use now
 *
 * For when the label of the running task or the default of this CPU has
 * changed, and for when the registers lost their content. Labels are 0 as long
 * as mpam_enabled is off.
 */
void mpam_sync_this_cpu(void)
{
	unsigned long flags;
	u64 label, dflt;

	if (!system_supports_mpam())
		return;

	local_irq_save(flags);
	if (static_branch_unlikely(&mpam_enabled)) {
		dflt = READ_ONCE(*this_cpu_ptr(&mpam_cpu_default));
		label = mpam_get_task_label(current) ?: dflt;
		mpam_load(label, dflt);
	} else {
		mpam_load(0, 0);
	}
	local_irq_restore(flags);
}

/**
 * mpam_cpu_starting() - note that a CPU starts with label 0
 *
 * For a CPU that comes online, with interrupts off, when its registers have
 * just been initialised. It belongs to no group, whatever was so when it went
 * offline: that group may be gone.
 */
void mpam_cpu_starting(void)
{
	struct thread_info *ti = current_thread_info();

	WRITE_ONCE(*this_cpu_ptr(&mpam_cpu_default), 0);
	ti->mpam_default = 0;
	ti->mpam_loaded = 0;
}

/**
 * mpam_labels_start() - have labels follow tasks from now on
 *
 * Context: May sleep. Takes cpus_read_lock().
 */
void mpam_labels_start(void)
{
	static_branch_enable(&mpam_enabled);
}

static void mpam_label_reset(void *unused)
{
	WRITE_ONCE(*this_cpu_ptr(&mpam_cpu_default), 0);
	mpam_load(0, 0);
}

/**
 * mpam_labels_stop() - go back to label 0 everywhere
 *
 * When this returns all CPUs have label 0, idle and nohz_full ones too, and
 * CPUs that come online later start with it. Tasks' labels have no effect any
 * more. May be called without mpam_labels_start().
 *
 * Context: May sleep. Takes cpus_read_lock(), so that no CPU is on its way to
 * being online, with a label already and not reached by the interrupt yet.
 */
void mpam_labels_stop(void)
{
	if (!system_supports_mpam())
		return;

	cpus_read_lock();
	static_branch_disable_cpuslocked(&mpam_enabled);
	/* A switch that was under way has ended when its CPU takes this */
	on_each_cpu(mpam_label_reset, NULL, 1);
	cpus_read_unlock();
}

#ifdef CONFIG_CPU_PM
static int mpam_cpu_pm_notifier(struct notifier_block *self, unsigned long cmd,
				void *v)
{
	switch (cmd) {
	case CPU_PM_ENTER_FAILED:
	case CPU_PM_EXIT:
		mpam_sync_this_cpu();
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block mpam_cpu_pm_notifier_block = {
	.notifier_call = mpam_cpu_pm_notifier,
};

static int __init mpam_cpu_pm_init(void)
{
	if (!system_supports_mpam())
		return 0;

	return cpu_pm_register_notifier(&mpam_cpu_pm_notifier_block);
}
arch_initcall(mpam_cpu_pm_init);
#endif /* CONFIG_CPU_PM */

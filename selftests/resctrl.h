/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests do with resctrl: mount it, read and write its files, find out
 * which cache is controlled and which CPUs each of its domains has.
 */
#ifndef MPAM_TEST_RESCTRL_H
#define MPAM_TEST_RESCTRL_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "kselftest.h"

#define RESCTRL		"/sys/fs/resctrl"
#define MAX_DOMAINS	64
#define MAX_CPUS	256

struct domain {
	int id;			/* as in schemata */
	unsigned long mask;	/* as in schemata */
	int cpu;		/* an online CPU below this cache */
};

struct cache {
	const char *name;	/* "L3" or "L2" */
	int level;
	unsigned long full;	/* cbm_mask */
	int num_closids;
	int num_domains;
	struct domain domain[MAX_DOMAINS];
};

/*
 * All return 0 or a negative errno. The mount shows hardware ids (-o debug), and
 * the second one takes more options.
 */
int resctrl_mount(void);
int resctrl_mount_with(const char *options);
int resctrl_umount(void);

/* Removes every control group that a previous test left. */
void resctrl_remove_groups(void);

/* Files of a group; "" is the default group. */
int group_write(const char *group, const char *file, const char *fmt, ...)
	__printf(3, 4);
int group_read(const char *group, const char *file, char *buf, size_t size);

/* If need be, waits for what a group that was removed has left in the cache. */
int group_make(const char *group);
int group_remove(const char *group);

/* The PARTID of a group's tasks, or a negative errno. */
int group_partid(const char *group);

/* The PMG of a group, and of the group that has this CLOSID. */
int group_pmg(const char *group);
int closid_pmg(int closid);

/* True when the group's file has a line (tasks) equal to this number. */
bool group_lists(const char *group, const char *file, int number);

/* The id of an online CPU's cache of this level, or -1. */
int cache_id(int cpu, int level);

/* An online CPU whose cache of this level has this id, or -1. */
int cpu_of_cache(int level, int id);

/* The first cache that resctrl controls and its domains. */
int cache_find(struct cache *c);
int cache_find_level(struct cache *c, int level);

/*
 * Id and value of each domain in a line of a group's schemata; returns how many
 * there are. At most MAX_DOMAINS.
 */
int schemata_domains(const char *group, const char *name, struct domain *d, int base);

/* The mask of a group in one domain, as schemata shows it; 0 if it doesn't. */
unsigned long group_mask(const char *group, const struct cache *c, int id);

/* "L3:1=f\n" for one domain */
int group_set_mask(const char *group, const struct cache *c, int id, unsigned long mask);

/* Any file: 0 or a negative errno; text is cut to size and its last newline dropped. */
int file_read(const char *path, char *buf, size_t size);
int file_write(const char *path, const char *text);

/* CPUs */
int cpu_online(int cpu);
int cpu_offline(int cpu);
bool cpu_is_online(int cpu);

/* A list file of /sys/devices/system/cpu as flags; returns how many are set. */
int cpu_list(const char *file, bool *cpus);

int pin(pid_t pid, int cpu);

/* Runs in user mode with a system call now and then, until it is killed. */
void task_spin(void);

/* A child of that kind, in a group and on a CPU; -1 if that can't be had. */
pid_t task_spinner(const char *group, int cpu);
void task_stop(pid_t pid);

/* A clock that is never set, in us */
long long now_us(void);

/*
 * Interrupts of each CPU so far, of the row of /proc/interrupts that ends with this;
 * -1 for CPUs that are offline.
 */
void interrupt_counts(const char *what, long *counts);

/*
 * Calls of other CPUs by the driver, one by one, where the kernel has trace events
 * (with lockdep, it does): what follows is traced, and how often a thread of this
 * name asked another CPU since. Returns 0 or a negative errno; -1 can't tell.
 */
int calls_trace(void);
long calls_by(const char *thread);

/* Kernel log lines that contain a string, without regard to case. */
int log_count(const char *what);

/* The same, after it had some seconds to appear */
int log_wait(const char *what);

#endif

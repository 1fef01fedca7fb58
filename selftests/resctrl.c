// SPDX-License-Identifier: GPL-2.0-only
/* resctrl's files and the CPUs' files in sysfs, as the tests need them. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "resctrl.h"

#define SYS_CPU	"/sys/devices/system/cpu"

int file_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t r;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	while (n < size - 1) {
		r = read(fd, buf + n, size - 1 - n);
		if (r < 0) {
			r = -errno;
			close(fd);
			return r;
		}
		if (!r)
			break;
		n += r;
	}
	close(fd);
	if (n && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return 0;
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t r;

	if (fd < 0)
		return -errno;
	r = write(fd, text, strlen(text));
	r = r < 0 ? -errno : 0;
	close(fd);
	return r;
}

int resctrl_mount_with(const char *options)
{
	char all[64];

	snprintf(all, sizeof(all), "debug%s%s", *options ? "," : "", options);
	return mount("resctrl", RESCTRL, "resctrl", 0, all) ? -errno : 0;
}

int resctrl_mount(void)
{
	return resctrl_mount_with("");
}

int resctrl_umount(void)
{
	return umount(RESCTRL) ? -errno : 0;
}

static void group_path(char *path, size_t size, const char *group, const char *file)
{
	snprintf(path, size, RESCTRL "/%s%s%s", group, *group ? "/" : "", file);
}

int group_write(const char *group, const char *file, const char *fmt, ...)
{
	char path[256], text[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	group_path(path, sizeof(path), group, file);
	return file_write(path, text);
}

int group_read(const char *group, const char *file, char *buf, size_t size)
{
	char path[256];

	group_path(path, sizeof(path), group, file);
	return file_read(path, buf, size);
}

int group_make(const char *group)
{
	char path[256];
	int tries;

	group_path(path, sizeof(path), group, "");
	for (tries = 0; mkdir(path, 0755); tries++) {
		if (errno != EBUSY || tries == 100)
			return -errno;
		usleep(100000);
	}
	return 0;
}

int group_remove(const char *group)
{
	char path[256];

	group_path(path, sizeof(path), group, "");
	return rmdir(path) ? -errno : 0;
}

void resctrl_remove_groups(void)
{
	static const char * const fixed[] = { ".", "..", "info", "mon_groups", "mon_data" };
	DIR *dir = opendir(RESCTRL);
	struct dirent *d;
	size_t i;

	while (dir && (d = readdir(dir))) {
		if (d->d_type != DT_DIR)
			continue;
		for (i = 0; i < ARRAY_SIZE(fixed); i++)
			if (!strcmp(d->d_name, fixed[i]))
				break;
		if (i == ARRAY_SIZE(fixed))
			group_remove(d->d_name);
	}
	if (dir)
		closedir(dir);
}

int group_partid(const char *group)
{
	char buf[64];
	int err = group_read(group, "ctrl_hw_id", buf, sizeof(buf));

	return err ? err : atoi(buf);
}

int group_pmg(const char *group)
{
	char buf[64];

	/* Without monitors there is no such file, and one PMG in use. */
	return group_read(group, "mon_hw_id", buf, sizeof(buf)) ? 0 : atoi(buf);
}

int closid_pmg(int closid)
{
	DIR *dir = opendir(RESCTRL);
	struct dirent *d;
	int pmg = 0;

	while (dir && (d = readdir(dir))) {
		if (d->d_type == DT_DIR && d->d_name[0] != '.' &&
		    group_partid(d->d_name) == closid)
			pmg = group_pmg(d->d_name);
	}
	if (dir)
		closedir(dir);
	return pmg;
}

bool group_lists(const char *group, const char *file, int number)
{
	static char buf[65536];
	char *line, *save;

	if (group_read(group, file, buf, sizeof(buf)))
		return false;
	for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (atoi(line) == number)
			return true;
	return false;
}

int schemata_domains(const char *group, const char *name, struct domain *d, int base)
{
	char buf[4096], *line, *save, *p;
	int n = 0;

	if (group_read(group, "schemata", buf, sizeof(buf)))
		return 0;
	for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		while (isspace(*line))
			line++;
		if (strncmp(line, name, strlen(name)) || line[strlen(name)] != ':')
			continue;
		p = line + strlen(name) + 1;
		while (n < MAX_DOMAINS && *p) {
			d[n].id = strtol(p, &p, 10);
			if (*p++ != '=')
				break;
			d[n++].mask = strtoul(p, &p, base);
			if (*p++ != ';')
				break;
		}
	}
	return n;
}

int cache_id(int cpu, int level)
{
	char path[128], buf[64];
	int index;

	for (index = 0; index < 8; index++) {
		snprintf(path, sizeof(path), SYS_CPU "/cpu%d/cache/index%d/level", cpu, index);
		if (file_read(path, buf, sizeof(buf)))
			break;
		if (atoi(buf) != level)
			continue;
		snprintf(path, sizeof(path), SYS_CPU "/cpu%d/cache/index%d/id", cpu, index);
		if (!file_read(path, buf, sizeof(buf)))
			return atoi(buf);
	}
	return -1;
}

int cpu_of_cache(int level, int id)
{
	int cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (cache_id(cpu, level) == id)
			return cpu;
	return -1;
}

int cache_find_level(struct cache *c, int level)
{
	char path[64], buf[64];
	int i, err;

	memset(c, 0, sizeof(*c));
	c->level = level;
	c->name = level == 3 ? "L3" : "L2";
	snprintf(path, sizeof(path), "info/%s/cbm_mask", c->name);
	err = group_read("", path, buf, sizeof(buf));
	if (err)
		return err;
	c->full = strtoul(buf, NULL, 16);
	snprintf(path, sizeof(path), "info/%s/num_closids", c->name);
	err = group_read("", path, buf, sizeof(buf));
	if (err)
		return err;
	c->num_closids = atoi(buf);
	c->num_domains = schemata_domains("", c->name, c->domain, 16);
	for (i = 0; i < c->num_domains; i++)
		c->domain[i].cpu = cpu_of_cache(c->level, c->domain[i].id);
	return c->num_domains ? 0 : -ENOENT;
}

int cache_find(struct cache *c)
{
	return cache_find_level(c, 3) ? cache_find_level(c, 2) : 0;
}

unsigned long group_mask(const char *group, const struct cache *c, int id)
{
	struct domain d[MAX_DOMAINS];
	int i, n = schemata_domains(group, c->name, d, 16);

	for (i = 0; i < n; i++)
		if (d[i].id == id)
			return d[i].mask;
	return 0;
}

int group_set_mask(const char *group, const struct cache *c, int id, unsigned long mask)
{
	return group_write(group, "schemata", "%s:%d=%lx\n", c->name, id, mask);
}

static int cpu_set_online(int cpu, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), SYS_CPU "/cpu%d/online", cpu);
	return file_write(path, value);
}

int cpu_online(int cpu)
{
	return cpu_set_online(cpu, "1");
}

int cpu_offline(int cpu)
{
	return cpu_set_online(cpu, "0");
}

int cpu_list(const char *file, bool *cpus)
{
	char path[64], buf[1024], *p = buf;
	int a, b, n = 0;

	memset(cpus, 0, MAX_CPUS * sizeof(*cpus));
	snprintf(path, sizeof(path), SYS_CPU "/%s", file);
	if (file_read(path, buf, sizeof(buf)))
		return 0;
	while (*p) {
		a = strtol(p, &p, 10);
		b = a;
		if (*p == '-')
			b = strtol(p + 1, &p, 10);
		for (; a <= b && a < MAX_CPUS; a++, n++)
			cpus[a] = true;
		if (*p++ != ',')
			break;
	}
	return n;
}

bool cpu_is_online(int cpu)
{
	bool cpus[MAX_CPUS];

	cpu_list("online", cpus);
	return cpus[cpu];
}

int pin(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(pid, sizeof(set), &set) ? -errno : 0;
}

void task_spin(void)
{
	unsigned long n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (1) {
		for (n = 0; n < 200000; n++)
			asm volatile("" : : : "memory");
		getppid();
	}
}

pid_t task_spinner(const char *group, int cpu)
{
	pid_t pid = fork();

	if (!pid) {
		task_spin();
		_exit(1);
	}
	if (pid > 0 && (pin(pid, cpu) || group_write(group, "tasks", "%d\n", pid))) {
		task_stop(pid);
		return -1;
	}
	return pid;
}

void task_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void interrupt_counts(const char *what, long *counts)
{
	static char buf[1 << 18];
	char *head = buf, *row, *end;
	int cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		counts[cpu] = -1;
	if (file_read("/proc/interrupts", buf, sizeof(buf)))
		return;
	row = strstr(buf, what);
	if (!row)
		return;
	while (row > buf && row[-1] != '\n')
		row--;
	row = strchr(row, ':') + 1;
	while ((head = strstr(head, "CPU")) && sscanf(head, "CPU%d", &cpu) == 1) {
		counts[cpu] = strtol(row, &end, 10);
		row = end;
		head += 3;
	}
}

#define TRACING		"/sys/kernel/tracing"

long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

int calls_trace(void)
{
	int fd, err;

	if (mount("tracefs", TRACING, "tracefs", 0, NULL) && errno != EBUSY)
		return -errno;
	err = file_write(TRACING "/events/csd/csd_queue_cpu/enable", "1");
	if (!err)
		err = file_write(TRACING "/events/workqueue/workqueue_queue_work/enable", "1");
	fd = open(TRACING "/trace", O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return err;
}

long calls_by(const char *thread)
{
	FILE *f = fopen(TRACING "/trace", "re");
	char line[512], name[64];
	long n = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %63[^[]", name) != 1 || strncmp(name, thread, strlen(thread)) ||
		    name[strlen(thread)] != '-')
			continue;
		/* an MSC out of reach is called with the first, all the rest by name */
		if (strstr(line, "=smp_call_on_cpu_callback") || strstr(line, "func=mpam_") ||
		    strstr(line, "func=resctrl_"))
			n++;
	}
	fclose(f);
	return n;
}

int log_count(const char *what)
{
	static char buf[1 << 18];
	int len = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, buf, sizeof(buf) - 1);
	char *line, *save;
	int n = 0;

	if (len < 0)
		return -errno;
	buf[len] = '\0';
	for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		n += !!strcasestr(line, what);
	return n;
}

int log_wait(const char *what)
{
	int i;

	for (i = 0; i < 100 && !log_count(what); i++)
		usleep(50000);
	return log_count(what);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Documentation/filesystems/resctrl.rst promises about control files, on
 * this machine: which files there are, their modes and content, and what is
 * refused, with which errno and which words in info/last_cmd_status. A write that
 * was refused has changed nothing, neither in files nor in registers.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

#define RESCTRL_MAGIC	0x7655821
#define MAX_RESOURCES	8

enum kind { MASK, PERCENT };

/* A line of schemata */
struct resource {
	char name[16];
	enum kind kind;
	int level;		/* of the cache; 3 for bandwidth */
	unsigned long full;	/* cbm_mask, or 100 */
	unsigned long min;	/* the smallest value that is allowed */
	int num_domains;
	struct domain domain[MAX_DOMAINS];
};

static struct resource resources[MAX_RESOURCES];
static int num_resources;
static int num_closids;
/* What there is to monitor, and whether counters are given to groups by the user */
static bool monitors, occupancy, bandwidth, assigned;
static int num_counters;	/* for groups, at each L3; 0: not known */
static const char *option = "";

static const char * const groups[] = { "", "a", "b", "a/mon_groups/part" };

#define CONTROL_GROUPS	3
#define MON		"info/L3_MON/"
#define MODE		MON "mbm_assign_mode"
#define THRESHOLD	MON "max_threshold_occupancy"
#define ON_MKDIR	MON "mbm_assign_on_mkdir"
#define FILTER		MON "event_configs/mbm_total_bytes/event_filter"

/* A value that is allowed and not the default */
static unsigned long some_value(const struct resource *r)
{
	return r->kind == MASK ? r->full & ~1UL ?: 1 : r->min;
}

static int set_value(const char *group, const struct resource *r, int id, unsigned long v)
{
	return group_write(group, "schemata", r->kind == MASK ? "%s:%d=%lx\n" : "%s:%d=%lu\n",
			   r->name, id, v);
}

static int status_is(const char *part)
{
	char status[512];

	CHECK_OK(group_read("", "info/last_cmd_status", status, sizeof(status)),
		 "last_cmd_status");
	CHECK(strstr(status, part), "last_cmd_status is '%s', not '%s'", status, part);
	return KSFT_PASS;
}

/* All that a refused write might have changed, as text. */
static int snapshot(char *buf, size_t size)
{
	static const char * const files[] = {
		"schemata", "size", "mode", "cpus", "cpus_list", "mbm_L3_assignments",
	};
	static const char * const infos[] = {
		"max_threshold_occupancy", "mbm_assign_mode", "mbm_assign_on_mkdir",
		"available_mbm_cntrs", "event_configs/mbm_total_bytes/event_filter",
	};
	const char *answer;
	size_t i, j, n = 0;
	char path[128];

	/* Not all groups have all files, nor are all groups always there. */
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		for (j = 0; j < ARRAY_SIZE(files); j++) {
			group_read(groups[i], files[j], buf + n, size - n);
			CHECK(i || j == ARRAY_SIZE(files) - 1 || buf[n],
			      "%s of the default group", files[j]);
			n += strlen(buf + n);
		}
	}
	for (i = 0; monitors && i < ARRAY_SIZE(infos); i++) {
		snprintf(path, sizeof(path), MON "%s", infos[i]);
		group_read("", path, buf + n, size - n);
		n += strlen(buf + n);
	}
	if (oracle_present()) {
		ORACLE(answer, "config 0 1 2 3");
		n += snprintf(buf + n, size - n, "%s", answer);
		ORACLE(answer, "counters");
		snprintf(buf + n, size - n, "%s", answer);
	}
	return KSFT_PASS;
}

static char before[65536], after[65536];

/* To be called after each change that is meant. */
static int baseline(void)
{
	return snapshot(before, sizeof(before));
}

static int refused(const char *group, const char *file, const char *text, int err,
		   const char *status)
{
	int ret;

	ret = group_write(group, file, "%s", text);
	CHECK(ret == err, "'%s' to %s of '%s' gives '%s', not '%s'", text, file, group,
	      strerror(-ret), strerror(-err));
	if (status && status_is(status) != KSFT_PASS) {
		ksft_print_msg("after '%s' to %s\n", text, file);
		return KSFT_FAIL;
	}
	CHECK_PASS(snapshot(after, sizeof(after)));
	CHECK(!strcmp(before, after), "'%s' to %s of '%s' has changed something:\n%s\n%s", text,
	      file, group, before, after);
	return KSFT_PASS;
}

/* The lines of the default group's schemata, and what info says about them. */
static int find_resources(void)
{
	char buf[8192], path[64], text[64], *line, *save, *p;
	struct resource *r;

	num_resources = 0;
	CHECK_OK(group_read("", "schemata", buf, sizeof(buf)), "schemata");
	for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		CHECK(num_resources < MAX_RESOURCES, "many lines in schemata");
		r = &resources[num_resources++];
		memset(r, 0, sizeof(*r));
		while (isspace(*line))
			line++;
		p = strchr(line, ':');
		CHECK(p && p - line < (int)sizeof(r->name), "schemata: '%s'", line);
		memcpy(r->name, line, p - line);
		r->kind = r->name[0] == 'L' ? MASK : PERCENT;
		r->level = r->kind == MASK ? r->name[1] - '0' : 3;
		if (r->kind == MASK) {
			snprintf(path, sizeof(path), "info/%s/cbm_mask", r->name);
			CHECK_OK(group_read("", path, text, sizeof(text)), "%s", path);
			r->full = strtoul(text, NULL, 16);
			r->min = 1;
		} else {
			snprintf(path, sizeof(path), "info/%s/min_bandwidth", r->name);
			CHECK_OK(group_read("", path, text, sizeof(text)), "%s", path);
			r->full = 100;
			r->min = atoi(text);
		}
		while (*p++) {
			struct domain *d = &r->domain[r->num_domains++];

			d->id = strtol(p, &p, 10);
			CHECK(*p == '=', "schemata of %s: '%s'", r->name, p);
			d->mask = strtoul(p + 1, &p, r->kind == MASK ? 16 : 10);
			CHECK(!*p || *p == ';', "schemata of %s: '%s'", r->name, p);
			d->cpu = cpu_of_cache(r->level, d->id);
			CHECK(d->cpu >= 0, "%s:%d is no cache of level %d", r->name, d->id,
			      r->level);
			CHECK(d->mask == r->full, "%s:%d starts as %lx", r->name, d->id, d->mask);
			CHECK(r->num_domains == 1 || d[-1].id < d->id, "%s: not in order",
			      r->name);
		}
		snprintf(path, sizeof(path), "info/%s/num_closids", r->name);
		CHECK_OK(group_read("", path, text, sizeof(text)), "%s", path);
		if (num_resources == 1 || atoi(text) < num_closids)
			num_closids = atoi(text);
	}
	CHECK(num_resources, "nothing can be controlled");
	return KSFT_PASS;
}

/*
 * What the machine's monitors are good for: this is what the documentation's rules
 * make of the hardware, or if that is not known, what is there.
 */
static int find_monitors(void)
{
	int rmids, cpu = resources[0].domain[0].cpu, pair = strstr(option, "cdp") ? 2 : 1;
	char features[128] = "", buf[64];
	const char *answer;
	struct stat st;

	if (!oracle_present()) {
		group_read("", MON "mon_features", features, sizeof(features));
		occupancy = strstr(features, "llc_occupancy");
		bandwidth = strstr(features, "mbm_total_bytes");
		assigned = !stat(RESCTRL "/" FILTER, &st);
	} else {
		CHECK_PASS(truth_offers("llc_occupancy", &occupancy));
		CHECK_PASS(truth_offers("mbm_total_bytes", &bandwidth));
	}
	monitors = occupancy || bandwidth;
	CHECK(!stat(RESCTRL "/info/L3_MON", &st) == monitors, "L3_MON should %sbe there",
	      monitors ? "" : "not ");
	CHECK(!stat(RESCTRL "/mon_data", &st) == monitors, "mon_data and L3_MON go together");
	if (!oracle_present() || !bandwidth)
		return KSFT_PASS;
	CHECK_OK(group_read("", MON "num_rmids", buf, sizeof(buf)), "num_rmids");
	rmids = atoi(buf);
	ORACLE(answer, "monitors mbwu %d", cpu);
	CHECK(sscanf(answer, "%*d %d", &num_counters) == 1, "oracle: %s", answer);
	/* A pair needs two of them. */
	assigned = num_counters < rmids * pair;
	num_counters /= pair;
	return KSFT_PASS;
}

/* Each resource that the machine has is in schemata, and no other one. */
static int all_resources(void)
{
	static const char * const names[] = { "L3", "L2", "MB" };
	bool offered, there;
	unsigned int i;
	int j;

	for (i = 0; oracle_present() && i < ARRAY_SIZE(names); i++) {
		CHECK_PASS(truth_offers(names[i], &offered));
		for (there = false, j = 0; j < num_resources; j++)
			there |= !strncmp(resources[j].name, names[i], 2);
		CHECK(there == offered, "%s should %sbe there", names[i], offered ? "" : "not ");
	}
	return KSFT_PASS;
}

static int test_mount(void)
{
	struct statfs fs;

	CHECK(mount("resctrl", RESCTRL, "resctrl", 0, "nonsense"), "-o nonsense");
	CHECK(errno == EINVAL, "-o nonsense: %s", strerror(errno));
	CHECK_OK(resctrl_mount_with(option), "mount");
	CHECK(mount("resctrl", RESCTRL, "resctrl", 0, NULL) && errno == EBUSY,
	      "a second mount: %s", strerror(errno));
	CHECK(!statfs(RESCTRL, &fs) && fs.f_type == RESCTRL_MAGIC, "magic %lx", (long)fs.f_type);
	CHECK_PASS(status_is("ok"));
	CHECK_PASS(find_resources());
	CHECK_PASS(all_resources());
	return find_monitors();
}

/* The mode of a directory that has that of the one that it is in */
#define AS_PARENT	07000

/*
 * Files by the directory that they are in: C info of caches, B of bandwidth, M of
 * monitors, E and F what is in there, I of info itself, R of the default group, G of
 * groups with limits, P of those without, D mon_data, V what is in there. Those that
 * need something are there if that is, and only then.
 */
static const struct file {
	const char *where, *name;
	mode_t mode;
	const bool *needs;
} known_files[] = {
	{ "I",	"last_cmd_status",		0444 },
	{ "CB",	"num_closids",			0444 },
	{ "C",	"cbm_mask",			0444 },
	{ "C",	"min_cbm_bits",			0444 },
	{ "C",	"shareable_bits",		0444 },
	{ "C",	"bit_usage",			0444 },
	{ "C",	"sparse_masks",			0444 },
	{ "B",	"min_bandwidth",		0444 },
	{ "B",	"bandwidth_gran",		0444 },
	{ "B",	"delay_linear",			0444 },
	{ "M",	"num_rmids",			0444 },
	{ "M",	"mon_features",			0444 },
	{ "M",	"max_threshold_occupancy",	0644 },
	{ "M",	"mbm_assign_mode",		0644 },
	{ "M",	"num_mbm_cntrs",		0444,			&assigned },
	{ "M",	"available_mbm_cntrs",		0444,			&assigned },
	{ "M",	"mbm_assign_on_mkdir",		0644,			&assigned },
	{ "M",	"event_configs",		S_IFDIR | 0555,		&assigned },
	{ "E",	"mbm_total_bytes",		S_IFDIR | 0555,		&assigned },
	{ "F",	"event_filter",			0644,			&assigned },
	{ "GP",	"tasks",			0644 },
	{ "GP",	"cpus",				0644 },
	{ "GP",	"cpus_list",			0644 },
	{ "G",	"schemata",			0644 },
	{ "G",	"size",				0444 },
	{ "G",	"mode",				0644 },
	{ "G",	"ctrl_hw_id",			0444 },
	{ "GP",	"mon_hw_id",			0444,			&monitors },
	{ "GP",	"mon_data",			S_IFDIR | AS_PARENT,	&monitors },
	{ "G",	"mon_groups",			S_IFDIR | AS_PARENT,	&monitors },
	{ "GP",	"mbm_L3_assignments",		0644,			&assigned },
	{ "V",	"llc_occupancy",		0444,			&occupancy },
	{ "V",	"mbm_total_bytes",		0444,			&bandwidth },
	{ "R",	"info",				S_IFDIR | 0555 },
	{ "R",	"a",				S_IFDIR | 0755 },
	{ "R",	"b",				S_IFDIR | 0755 },
};

static bool belongs(const struct file *f, const char *where)
{
	return strpbrk(f->where, where) && (!f->needs || *f->needs);
}

static int check_dir(const char *dir, const char *where)
{
	bool seen[ARRAY_SIZE(known_files)] = {};
	char path[PATH_MAX];
	struct stat st, parent;
	struct dirent *e;
	unsigned int i;
	mode_t mode;
	DIR *d;

	snprintf(path, sizeof(path), RESCTRL "/%s", dir);
	d = opendir(path);
	CHECK(d && !stat(path, &parent), "no directory %s", path);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		if (*where == 'I' && e->d_type == DT_DIR)
			continue;
		for (i = 0; i < ARRAY_SIZE(known_files); i++)
			if (!strcmp(known_files[i].name, e->d_name) &&
			    belongs(&known_files[i], where))
				break;
		CHECK(i < ARRAY_SIZE(known_files), "%s/%s is not in the documentation", dir,
		      e->d_name);
		seen[i] = true;
		snprintf(path, sizeof(path), RESCTRL "/%s/%s", dir, e->d_name);
		CHECK(!stat(path, &st), "%s: %s", path, strerror(errno));
		mode = known_files[i].mode & 07777;
		if (mode == AS_PARENT)
			mode = parent.st_mode & 07777;
		CHECK((st.st_mode & 07777) == mode &&
		      S_ISDIR(st.st_mode) == S_ISDIR(known_files[i].mode), "%s has mode %o", path,
		      st.st_mode);
		CHECK(!st.st_uid && !st.st_gid, "%s is not root's", path);
	}
	closedir(d);
	for (i = 0; i < ARRAY_SIZE(known_files); i++)
		CHECK(seen[i] || !belongs(&known_files[i], where), "%s/%s is missing", dir,
		      known_files[i].name);
	return KSFT_PASS;
}

/* A directory for each L3, with a file for each event, that says a number or why not */
static int check_mon_data(const char *group)
{
	char dir[PATH_MAX], path[PATH_MAX + 32], buf[64];
	int cpu, i, n = 0, subdirs = 0;
	bool online[MAX_CPUS];
	struct dirent *e;
	DIR *d;

	cpu_list("online", online);
	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!online[cpu] || cpu_of_cache(3, cache_id(cpu, 3)) != cpu)
			continue;
		snprintf(dir, sizeof(dir), "%s%smon_data/mon_L3_%02d", group, *group ? "/" : "",
			 cache_id(cpu, 3));
		CHECK_PASS(check_dir(dir, "V"));
		for (i = 0; i < 2; i++) {
			if (!(i ? bandwidth : occupancy))
				continue;
			snprintf(path, sizeof(path), "%s/%s", dir,
				 i ? "mbm_total_bytes" : "llc_occupancy");
			CHECK_OK(group_read("", path, buf, sizeof(buf)), "%s", path);
			CHECK(isdigit(*buf) || !strcmp(buf, "Unavailable") ||
			      (i && assigned && !strcmp(buf, "Unassigned")), "%s: '%s'", path, buf);
		}
		n++;
	}
	snprintf(dir, sizeof(dir), RESCTRL "/%s/mon_data", group);
	d = opendir(dir);
	CHECK(d, "no %s", dir);
	while ((e = readdir(d)))
		subdirs += e->d_name[0] != '.';
	closedir(d);
	CHECK(subdirs == n, "%d things in %s for %d L3s", subdirs, dir, n);
	return KSFT_PASS;
}

static int test_files(void)
{
	char path[64];
	struct stat st;
	unsigned int g;
	int i;

	CHECK_OK(group_make("a"), "mkdir a");
	CHECK_OK(group_make("b"), "mkdir b");
	CHECK_PASS(check_dir("info", "I"));
	for (i = 0; i < num_resources; i++) {
		snprintf(path, sizeof(path), "info/%s", resources[i].name);
		CHECK_PASS(check_dir(path, resources[i].kind == MASK ? "C" : "B"));
	}
	CHECK_PASS(check_dir("", "GR"));
	CHECK_PASS(check_dir("a", "G"));
	CHECK_PASS(check_dir("b", "G"));
	CHECK(stat(RESCTRL "/a/info", &st), "a group with an info directory");
	if (!monitors) {
		CHECK(group_make("a/mon_groups/part") == -ENOENT, "a group to be monitored");
		return KSFT_PASS;
	}
	CHECK_PASS(check_dir("info/L3_MON", "M"));
	if (assigned) {
		CHECK_PASS(check_dir("info/L3_MON/event_configs", "E"));
		CHECK_PASS(check_dir("info/L3_MON/event_configs/mbm_total_bytes", "F"));
	}
	CHECK_OK(group_make("a/mon_groups/part"), "mkdir");
	CHECK_PASS(check_dir("a/mon_groups/part", "P"));
	for (g = 0; g < ARRAY_SIZE(groups); g++)
		CHECK_PASS(check_mon_data(groups[g]));
	return KSFT_PASS;
}

static int read_number(const struct resource *r, const char *file, int base, unsigned long *v)
{
	char path[64], buf[64], *end;

	snprintf(path, sizeof(path), "info/%s/%s", r->name, file);
	CHECK_OK(group_read("", path, buf, sizeof(buf)), "%s", path);
	*v = strtoul(buf, &end, base);
	CHECK(end != buf && !*end, "%s is '%s'", path, buf);
	return KSFT_PASS;
}

static int test_info(void)
{
	unsigned long v;
	int i;

	for (i = 0; i < num_resources; i++) {
		const struct resource *r = &resources[i];

		CHECK_PASS(read_number(r, "num_closids", 10, &v));
		CHECK(v > 1, "%s: %lu closids", r->name, v);
		if (r->kind == MASK) {
			CHECK(r->full && !(r->full & (r->full + 1)) && r->full <= 0xffffffffUL,
			      "%s: cbm_mask %lx", r->name, r->full);
			CHECK_PASS(read_number(r, "min_cbm_bits", 10, &v));
			CHECK(v == 1, "%s: min_cbm_bits is %lu", r->name, v);
			CHECK_PASS(read_number(r, "sparse_masks", 10, &v));
			CHECK(v == 1, "%s: sparse_masks is %lu", r->name, v);
			/* Nothing is known of others that use the cache. */
			CHECK_PASS(read_number(r, "shareable_bits", 16, &v));
			CHECK(!v, "%s: shareable_bits is %lx", r->name, v);
		} else {
			CHECK_PASS(read_number(r, "min_bandwidth", 10, &v));
			CHECK(v >= 1 && v <= 100, "%s: min_bandwidth is %lu", r->name, v);
			CHECK_PASS(read_number(r, "bandwidth_gran", 10, &v));
			CHECK(v >= 1 && v <= 50, "%s: bandwidth_gran is %lu", r->name, v);
			CHECK_PASS(read_number(r, "delay_linear", 10, &v));
			CHECK(v == 1, "%s: delay_linear is %lu", r->name, v);
		}
	}
	return KSFT_PASS;
}

static int monitor_info_is(const char *file, const char *want)
{
	char path[128], buf[512];

	snprintf(path, sizeof(path), MON "%s", file);
	CHECK_OK(group_read("", path, buf, sizeof(buf)), "%s", path);
	CHECK(!strcmp(buf, want), "%s is '%s', not '%s'", path, buf, want);
	return KSFT_PASS;
}

static int test_monitor_info(void)
{
	static const char * const transactions[] = {
		"local_reads", "remote_reads", "local_non_temporal_writes",
		"remote_non_temporal_writes", "local_reads_slow_memory",
		"remote_reads_slow_memory", "dirty_victim_writes_all",
	};
	char buf[512], want[512], *p = buf;
	int rmids, n = 0;
	unsigned int i;

	if (!monitors) {
		ksft_print_msg("nothing is monitored\n");
		return KSFT_SKIP;
	}
	snprintf(want, sizeof(want), "%s%s%s", occupancy ? "llc_occupancy" : "",
		 occupancy && bandwidth ? "\n" : "", bandwidth ? "mbm_total_bytes" : "");
	CHECK_PASS(monitor_info_is("mon_features", want));
	CHECK_OK(group_read("", MON "num_rmids", buf, sizeof(buf)), "num_rmids");
	rmids = atoi(buf);
	CHECK(rmids >= num_closids, "%d RMIDs for %d CLOSIDs", rmids, num_closids);
	CHECK_OK(group_read("", MON "max_threshold_occupancy", buf, sizeof(buf)),
		 "max_threshold_occupancy");
	CHECK(strtoul(buf, &p, 10) > 0 && !*p, "max_threshold_occupancy is '%s'", buf);
	CHECK_PASS(monitor_info_is("mbm_assign_mode", assigned ? "[mbm_event]" : "[default]"));
	if (!assigned)
		return KSFT_PASS;
	CHECK_PASS(monitor_info_is("mbm_assign_on_mkdir", "1"));
	for (i = 0; i < ARRAY_SIZE(transactions); i++)
		n += snprintf(want + n, sizeof(want) - n, "%s%s", i ? "," : "", transactions[i]);
	CHECK_PASS(monitor_info_is("event_configs/mbm_total_bytes/event_filter", want));
	n = 0;
	CHECK_OK(group_read("", MON "num_mbm_cntrs", buf, sizeof(buf)), "num_mbm_cntrs");
	for (p = buf; num_counters && p; p = strchr(p, ';') ? strchr(p, ';') + 1 : NULL) {
		int id = strtol(p, &p, 10);

		n += snprintf(want + n, sizeof(want) - n, "%s%d=%d", n ? ";" : "", id,
			      num_counters);
		CHECK(cpu_of_cache(3, id) >= 0, "no L3 has the id %d", id);
	}
	CHECK(!num_counters || !strcmp(buf, want), "num_mbm_cntrs is '%s', not '%s'", buf, want);
	return KSFT_PASS;
}

/* The size of the cache of this level that a CPU uses, in bytes */
static unsigned long cache_size(int cpu, int level)
{
	char path[128], buf[64];
	int i;

	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cache/index%d/level",
			 cpu, i);
		if (file_read(path, buf, sizeof(buf)) || atoi(buf) != level)
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cache/index%d/size",
			 cpu, i);
		if (!file_read(path, buf, sizeof(buf)))
			return strtoul(buf, NULL, 10) * 1024;
	}
	return 0;
}

/* The value of one domain in a file that is shaped like schemata */
static int file_value(const char *group, const char *file, const char *name, int id, int base,
		      unsigned long *v)
{
	char buf[8192], *line, *save, *p;

	CHECK_OK(group_read(group, file, buf, sizeof(buf)), "%s", file);
	for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		while (isspace(*line))
			line++;
		if (strncmp(line, name, strlen(name)) || line[strlen(name)] != ':')
			continue;
		for (p = line + strlen(name); p; p = strchr(p + 1, ';')) {
			if (strtol(p + 1, &p, 10) != id || *p != '=')
				continue;
			*v = strtoul(p + 1, NULL, base);
			return KSFT_PASS;
		}
	}
	ksft_print_msg("%s of '%s' has no %s:%d\n", file, group, name, id);
	return KSFT_FAIL;
}

/*
 * The part of a cache that a mask stands for, in bytes: of more than 32 portions
 * each bit stands for the same number, the last one for what is left.
 */
static int mask_size(const struct resource *r, const struct domain *d, unsigned long mask,
		     unsigned long *size)
{
	int i, n = 0, per_bit, portions = __builtin_popcountl(r->full);
	const char *answer;

	if (oracle_present()) {
		ORACLE(answer, "cpbm %d %d 0", r->level, d->cpu);
		CHECK(sscanf(answer, "%*[^/]/%*d/%d", &portions) == 1, "%s", answer);
	}
	per_bit = (portions + 31) / 32;
	for (i = 0; i < portions; i++)
		n += mask >> i / per_bit & 1;
	*size = cache_size(d->cpu, r->level) * n / portions;
	return KSFT_PASS;
}

static int test_size(void)
{
	unsigned long size, value, want;
	int i, j, step;

	for (i = 0; i < num_resources; i++) {
		const struct resource *r = &resources[i];

		for (j = 0; j < r->num_domains; j++) {
			const struct domain *d = &r->domain[j];

			for (step = 0; step < 4; step++) {
				const unsigned long masks[] = {
					r->full, 1, r->full & 0x55555555, r->full & ~(r->full >> 1),
				};

				value = r->kind == PERCENT ? r->full : masks[step];
				CHECK_OK(set_value("a", r, d->id, value), "%s:%d=%lx", r->name,
					 d->id, value);
				CHECK_PASS(file_value("a", "size", r->name, d->id, 10, &size));
				want = value;
				if (r->kind == MASK)
					CHECK_PASS(mask_size(r, d, value, &want));
				CHECK(size == want, "%s:%d=%lx has size %lu, not %lu", r->name,
				      d->id, value, size, want);
			}
			CHECK_OK(set_value("a", r, d->id, r->full), "%s:%d", r->name, d->id);
		}
	}
	return KSFT_PASS;
}

static int usage_is(const struct resource *r, const struct domain *d, const char *want)
{
	char path[64], buf[4096], *p;

	snprintf(path, sizeof(path), "info/%s/bit_usage", r->name);
	CHECK_OK(group_read("", path, buf, sizeof(buf)), "%s", path);
	for (p = buf; p; p = strchr(p, ';') ? strchr(p, ';') + 1 : NULL) {
		if (strtol(p, &p, 10) != d->id)
			continue;
		CHECK(*p == '=' && !strncmp(p + 1, want, strlen(want)) &&
		      (!p[1 + strlen(want)] || p[1 + strlen(want)] == ';'),
		      "%s is '%s', %d should be %s", path, buf, d->id, want);
		return KSFT_PASS;
	}
	ksft_print_msg("%s is '%s'\n", path, buf);
	return KSFT_FAIL;
}

/* All three groups get one portion each, so that one of them can be exclusive. */
static int test_bit_usage(void)
{
	char want[40];
	int i, j, g, bits;

	for (i = 0; i < num_resources; i++) {
		const struct resource *r = &resources[i];

		if (r->kind != MASK)
			continue;
		bits = __builtin_popcountl(r->full);
		for (j = 0; j < r->num_domains; j++) {
			memset(want, 'S', sizeof(want));
			want[bits] = '\0';
			CHECK_PASS(usage_is(r, &r->domain[j], want));
			for (g = 0; g < CONTROL_GROUPS; g++)
				CHECK_OK(set_value(groups[g], r, r->domain[j].id, 1UL << g),
					 "mask");
			memset(want, '0', bits);
			memset(want + bits - 3, 'S', 3);
			CHECK_PASS(usage_is(r, &r->domain[j], want));
		}
	}
	CHECK_OK(group_write("b", "mode", "exclusive\n"), "exclusive");
	for (i = 0; i < num_resources; i++) {
		const struct resource *r = &resources[i];

		if (r->kind != MASK)
			continue;
		bits = __builtin_popcountl(r->full);
		memset(want, '0', bits);
		memcpy(want + bits - 3, "ESS", 4);
		for (j = 0; j < r->num_domains; j++)
			CHECK_PASS(usage_is(r, &r->domain[j], want));
	}
	return KSFT_PASS;
}

static int test_exclusive(void)
{
	const struct resource *r = NULL, *other = NULL;
	char text[64];
	int i, id;

	for (i = 0; i < num_resources; i++) {
		if (resources[i].kind != MASK)
			continue;
		if (!r)
			r = &resources[i];
		else
			other = &resources[i];
	}
	CHECK_PASS(baseline());
	if (!r)
		return refused("a", "mode", "exclusive\n", -EINVAL, "without CAT/CDP");
	/* "b" is exclusive and has portion 2, "a" has 1. */
	id = r->domain[0].id;
	snprintf(text, sizeof(text), "%s:%d=6\n", r->name, id);
	CHECK_PASS(refused("a", "schemata", text, -EINVAL, "Overlaps with exclusive group"));
	CHECK_PASS(refused("b", "schemata", text, -EINVAL, "Overlaps with other group"));
	if (other && !strncmp(r->name, other->name, 2)) {
		snprintf(text, sizeof(text), "%s:%d=6\n", other->name, other->domain[0].id);
		CHECK_PASS(refused("a", "schemata", text, -EINVAL, "Overlaps with exclusive"));
	}
	CHECK_OK(set_value("a", r, id, 1), "share with the default group");
	CHECK_PASS(baseline());
	CHECK_PASS(refused("a", "mode", "exclusive\n", -EINVAL, "Schemata overlaps"));
	CHECK_OK(set_value("a", r, id, 2), "stop sharing");
	CHECK_OK(group_write("a", "mode", "exclusive\n"), "exclusive");
	CHECK_OK(group_write("a", "mode", "exclusive\n"), "exclusive twice");
	CHECK_OK(group_write("a", "mode", "shareable\n"), "shareable");
	CHECK_OK(group_write("b", "mode", "shareable\n"), "shareable");
	for (i = 0; i < num_resources; i++) {
		int j, g;

		for (j = 0; j < resources[i].num_domains; j++)
			for (g = 0; g < CONTROL_GROUPS; g++)
				CHECK_OK(set_value(groups[g], &resources[i],
						   resources[i].domain[j].id, resources[i].full),
					 "open again");
	}
	return KSFT_PASS;
}

static int test_modes(void)
{
	static const char * const bad[] = {
		"pseudo-locksetup\n", "pseudo-locked\n", "Exclusive\n", "nonsense\n", "\n",
	};
	char buf[64];
	unsigned int i;

	CHECK_OK(group_read("a", "mode", buf, sizeof(buf)), "mode");
	CHECK(!strcmp(buf, "shareable"), "a new group is %s", buf);
	CHECK_PASS(baseline());
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_PASS(refused("a", "mode", bad[i], -EINVAL, "Unknown or unsupported mode"));
	return refused("a", "mode", "exclusive", -EINVAL, NULL);
}

/* %s is the resource, %d its first domain, %v a value that would be fine. */
struct bad {
	const char *text;
	const char *status;
};

static int refuse_all(const struct resource *r, const struct bad *bad, unsigned int n)
{
	char text[256], value[16];
	const char *p;
	size_t len;

	snprintf(value, sizeof(value), r->kind == MASK ? "%lx" : "%lu", some_value(r));
	while (n--) {
		for (len = 0, p = bad[n].text; *p; p++) {
			if (!strncmp(p, "%s", 2) && p++)
				len += sprintf(text + len, "%s", r->name);
			else if (!strncmp(p, "%d", 2) && p++)
				len += sprintf(text + len, "%d", r->domain[0].id);
			else if (!strncmp(p, "%v", 2) && p++)
				len += sprintf(text + len, "%s", value);
			else
				text[len++] = *p;
		}
		text[len] = '\0';
		CHECK_PASS(refused("a", "schemata", text, -EINVAL, bad[n].status));
	}
	return KSFT_PASS;
}

static int test_bad_lines(void)
{
	static const struct bad bad[] = {
		{ "%s:%d=%v",			NULL }, /* no newline: nothing was said */
		{ "\n",				"Missing ':'" },
		{ "%s\n",			"Missing ':'" },
		{ "%s:\n",			"Missing '%s' value" },
		{ "%s:%d\n",			"Missing '=' or non-numeric domain" },
		{ "%s:=%v\n",			"Missing '=' or non-numeric domain" },
		{ "%s:x=%v\n",			"Missing '=' or non-numeric domain" },
		{ "%s:-1=%v\n",			"Missing '=' or non-numeric domain" },
		{ "%s:%d=%v;\n%s:\n",		"Missing '%s' value" },
		{ "%s:98765=%v\n",		"Unknown domain 98765" },
		{ "%s:4294967296=%v\n",		"Unknown domain 4294967296" },
		{ "%s:%d=%v;98765=%v\n",	"Unknown domain 98765" },
		{ "%s:%d=%v;%d=%v\n",		"Duplicate domain" },
		{ "%s:%d=%v\n%s:%d=%v\n",	"Duplicate domain" },
		{ "%sX:%d=%v\n",		"Unknown or unsupported resource name" },
		{ ":%d=%v\n",			"Unknown or unsupported resource name" },
		{ "%s:%d=%v\nnonsense:1=1\n",	"Unknown or unsupported resource name" },
	};
	char status[64];
	unsigned int j;
	int i;

	CHECK_PASS(baseline());
	for (i = 0; i < num_resources; i++) {
		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			struct bad one = bad[j];

			if (one.status && strstr(one.status, "%s")) {
				snprintf(status, sizeof(status), "Missing '%s' value",
					 resources[i].name);
				one.status = status;
			}
			CHECK_PASS(refuse_all(&resources[i], &one, 1));
		}
	}
	return KSFT_PASS;
}

static int test_bad_values(void)
{
	static const struct bad masks[] = {
		{ "%s:%d=0\n",			"Mask out of range" },
		{ "%s:%d=1ffffffff\n",		"Mask out of range" },
		{ "%s:%d=\n",			"Non-hex character" },
		{ "%s:%d=xyz\n",		"Non-hex character" },
		{ "%s:%d=1,2\n",		"Non-hex character" },
		{ "%s:%d=-1\n",			"Non-hex character" },
		{ "%s:%d=10000000000000000\n",	"Non-hex character" },
	};
	static const struct bad percents[] = {
		{ "%s:%d=0\n",			"out of range" },
		{ "%s:%d=101\n",		"out of range" },
		{ "%s:%d=4294967295\n",		"out of range" },
		{ "%s:%d=4294967296\n",		"Invalid MB value" },
		{ "%s:%d=-1\n",			"Invalid MB value" },
		{ "%s:%d=\n",			"Invalid MB value" },
		{ "%s:%d=50%\n",		"Invalid MB value" },
		{ "%s:%d=0x10\n",		"Invalid MB value" },
	};
	char text[64];
	int i;

	CHECK_PASS(baseline());
	for (i = 0; i < num_resources; i++) {
		const struct resource *r = &resources[i];

		if (r->kind == MASK) {
			CHECK_PASS(refuse_all(r, masks, ARRAY_SIZE(masks)));
			snprintf(text, sizeof(text), "%s:%d=%lx\n", r->name, r->domain[0].id,
				 r->full + 1);
			CHECK_PASS(refused("a", "schemata", text, -EINVAL, "Mask out of range"));
		} else {
			CHECK_PASS(refuse_all(r, percents, ARRAY_SIZE(percents)));
			snprintf(text, sizeof(text), "%s:%d=%lu\n", r->name, r->domain[0].id,
				 r->min - 1);
			CHECK_PASS(refused("a", "schemata", text, -EINVAL, "out of range"));
		}
	}
	return KSFT_PASS;
}

/* What is right comes before what is wrong, of another resource or domain. */
static int test_all_or_nothing(void)
{
	const struct resource *first = &resources[0], *last = &resources[num_resources - 1];
	const struct domain *d = &last->domain[last->num_domains - 1];
	char text[256], value[16];

	CHECK_PASS(baseline());
	snprintf(value, sizeof(value), first->kind == MASK ? "%lx" : "%lu", some_value(first));
	snprintf(text, sizeof(text), "%s:%d=%s\n%s:%d=0\n", first->name, first->domain[0].id,
		 value, last->name, d->id);
	if (first == last && last->num_domains == 1)
		return refused("a", "schemata", text, -EINVAL, "Duplicate domain");
	return refused("a", "schemata", text, -EINVAL, "out of range");
}

static int test_blanks(void)
{
	const struct resource *r = &resources[0];
	unsigned long v;
	int i;

	for (i = 0; i < 2; i++) {
		unsigned long want = i ? r->full : some_value(r);

		CHECK_OK(group_write("a", "schemata", r->kind == MASK ?
				     "  %s:%d= %lx ;\n" : "  %s:%d= %lu ;\n", r->name,
				     r->domain[0].id, want), "blanks");
		CHECK_PASS(file_value("a", "schemata", r->name, r->domain[0].id,
				      r->kind == MASK ? 16 : 10, &v));
		CHECK(v == want, "%s:%d is %lx", r->name, r->domain[0].id, v);
	}
	return status_is("ok");
}

static int test_bad_tasks(void)
{
	CHECK_PASS(baseline());
	CHECK_PASS(refused("a", "tasks", "-1\n", -EINVAL, "Invalid pid -1"));
	CHECK_PASS(refused("a", "tasks", "4194303\n", -ESRCH, "No task 4194303"));
	CHECK_PASS(refused("a", "tasks", "x\n", -EINVAL, "Task list parsing error pid x"));
	CHECK_PASS(refused("a", "tasks", "99999999999\n", -EINVAL, "Task list parsing error"));
	CHECK_PASS(refused("a", "tasks", "4194303,0\n", -ESRCH, "Error while processing"));
	CHECK(!group_lists("a", "tasks", getpid()), "the rest of a list was moved after a failure");
	return KSFT_PASS;
}

static int test_bad_cpus(void)
{
	CHECK_PASS(baseline());
	CHECK_PASS(refused("a", "cpus", "x\n", -EINVAL, "Bad CPU list/mask"));
	CHECK_PASS(refused("a", "cpus_list", "3-1\n", -EINVAL, "Bad CPU list/mask"));
	CHECK_PASS(refused("a", "cpus_list", "99999\n", -ERANGE, "Bad CPU list/mask"));
	CHECK_PASS(refused("", "cpus_list", "\n", -EINVAL, "Can't drop CPUs from default group"));
	CHECK_OK(cpu_offline(1), "CPU 1 offline");
	CHECK_PASS(baseline());
	CHECK_PASS(refused("a", "cpus_list", "1\n", -EINVAL, "Can only assign online CPUs"));
	CHECK_OK(cpu_online(1), "CPU 1 online");
	return KSFT_PASS;
}

static int test_bad_monitors(void)
{
	static const struct {
		const char *file, *text;
		int err;
		const char *status;
	} bad[] = {
		{ MODE,		"mbm_event",			-EINVAL, NULL },
		{ MODE,		"nonsense\n",			-EINVAL, "Unsupported assign" },
		{ MODE,		"\n",				-EINVAL, "Unsupported assign" },
		{ THRESHOLD,	"x\n",				-EINVAL, "Not a number of bytes" },
		{ THRESHOLD,	"\n",				-EINVAL, "Not a number of bytes" },
		{ THRESHOLD,	"-1\n",				-EINVAL, "Not a number of bytes" },
		{ THRESHOLD,	"4294967296\n",			-ERANGE, "Not a number of bytes" },
	}, bad_assigned[] = {
		{ MODE,		"default\n",			-EOPNOTSUPP, "does not support" },
		{ ON_MKDIR,	"2\n",				-EINVAL, "Neither a yes nor a no" },
		{ ON_MKDIR,	"x\n",				-EINVAL, "Neither a yes nor a no" },
		{ ON_MKDIR,	"\n",				-EINVAL, "Neither a yes nor a no" },
		{ FILTER,	"local_reads",			-EINVAL, NULL },
		{ FILTER,	"nonsense\n",			-EINVAL, "type nonsense" },
		{ FILTER,	"local_reads\n",		-EINVAL, "counted together" },
		{ FILTER,	"dirty_victim_writes_all,x\n",	-EINVAL, "type x" },
	};
	static const struct {
		const char *text;
		int err;
		const char *status;
	} bad_assignments[] = {
		{ "mbm_total_bytes:*=_",		-EINVAL, NULL },
		{ "mbm_total_bytes\n",		-EINVAL, "Missing ':'" },
		{ "\n",				-EINVAL, "Missing ':'" },
		{ "mbm_local_bytes:*=_\n",	-ENOENT, "Invalid event mbm_local_bytes" },
		{ "llc_occupancy:*=_\n",		-ENOENT, "Invalid event llc_occupancy" },
		{ "mbm_total_bytes:*=x\n",	-EINVAL, "'mbm_total_bytes:*=x' failed" },
		{ "mbm_total_bytes:*=__\n",	-EINVAL, "'mbm_total_bytes:*=__' failed" },
		{ "mbm_total_bytes:*=\n",		-EINVAL, "'mbm_total_bytes:*=' failed" },
		{ "mbm_total_bytes:x=_\n",	-EINVAL, "Missing domain id" },
		{ "mbm_total_bytes:=_\n",		-EINVAL, "Missing domain id" },
		{ "mbm_total_bytes:98765=_\n",	-EINVAL, "Invalid domain id 98765" },
	};
	/* What is right, for the L3 %d, comes before what is wrong. */
	static const struct {
		const char *text;
		int err;
		const char *status;
	} half_bad[] = {
		{ "mbm_total_bytes:%d=_;98765=_\n", -EINVAL, "Invalid domain id 98765" },
		{ "mbm_total_bytes:%d=_;x=_\n",	-EINVAL, "Missing domain id" },
		{ "mbm_total_bytes:%d=_;*=x\n",	-EINVAL, "'mbm_total_bytes:*=x' failed" },
		{ "mbm_total_bytes:%d=_\nmbm_local_bytes:*=_\n", -ENOENT, "Invalid event" },
		{ "mbm_total_bytes:%d=_\nmbm_total_bytes\n", -EINVAL, "Missing ':'" },
	};
	int cpu = resources[0].domain[0].cpu;
	unsigned int i;
	char text[64];

	if (!monitors) {
		ksft_print_msg("nothing is monitored\n");
		return KSFT_SKIP;
	}
	CHECK_PASS(baseline());
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_PASS(refused("", bad[i].file, bad[i].text, bad[i].err, bad[i].status));
	/* More than a cache can hold */
	if (occupancy) {
		snprintf(text, sizeof(text), "%lu\n", cache_size(cpu, 3) + 1);
		CHECK_PASS(refused("", THRESHOLD, text, -EINVAL, "At most"));
	}
	if (!assigned)
		return refused("", MODE, "mbm_event\n", -EINVAL, "not supported");
	for (i = 0; i < ARRAY_SIZE(bad_assigned); i++)
		CHECK_PASS(refused("", bad_assigned[i].file, bad_assigned[i].text,
				   bad_assigned[i].err, bad_assigned[i].status));
	for (i = 0; i < ARRAY_SIZE(bad_assignments); i++)
		CHECK_PASS(refused(i % 2 ? "a" : "a/mon_groups/part", "mbm_L3_assignments",
				   bad_assignments[i].text, bad_assignments[i].err,
				   bad_assignments[i].status));
	for (i = 0; i < ARRAY_SIZE(half_bad); i++) {
		snprintf(text, sizeof(text), half_bad[i].text, cache_id(cpu, 3));
		CHECK_PASS(refused("a", "mbm_L3_assignments", text, half_bad[i].err,
				   half_bad[i].status));
	}
	return KSFT_PASS;
}

/* What only the kernel writes, and what is no place for groups */
static int test_read_only(void)
{
	static const char * const files[] = {
		"size", "ctrl_hw_id", "info/last_cmd_status", "mon_hw_id", MON "num_rmids",
		MON "mon_features",
	};
	unsigned int i;
	int err;

	/* root may open any file, so it is the file that refuses. */
	for (i = 0; i < (monitors ? ARRAY_SIZE(files) : 3); i++) {
		err = group_write("", files[i], "1\n");
		CHECK(err == -EINVAL || err == -EACCES || err == -EPERM, "%s: %s", files[i],
		      strerror(-err));
	}
	CHECK(group_make("a") == -EEXIST, "mkdir twice");
	err = group_make("info/x");
	CHECK(err == (monitors ? -ENODEV : -EPERM), "mkdir in info: %s", strerror(-err));
	CHECK(group_make("a/x") == -EPERM, "mkdir in a group");
	CHECK(group_make("line\nfeed") == -EINVAL, "a name of two lines");
	CHECK(group_remove("info") == -EPERM, "rmdir info");
	CHECK(rename(RESCTRL "/a", RESCTRL "/c") && errno == EPERM, "rename: %s",
	      strerror(errno));
	CHECK(unlink(RESCTRL "/a/schemata") && errno == EPERM, "unlink: %s", strerror(errno));
	return KSFT_PASS;
}

static int test_proc(void)
{
	char buf[256];
	int err;

	err = file_read("/proc/self/cpu_resctrl_groups", buf, sizeof(buf));
	if (err) {
		ksft_print_msg("no CONFIG_PROC_CPU_RESCTRL\n");
		return KSFT_SKIP;
	}
	CHECK(!strcmp(buf, "res:/\nmon:"), "in the default group: '%s'", buf);
	CHECK_OK(group_write("a", "tasks", "0\n"), "move");
	CHECK_OK(file_read("/proc/self/cpu_resctrl_groups", buf, sizeof(buf)), "read");
	CHECK(!strcmp(buf, "res:a\nmon:"), "in a group: '%s'", buf);
	CHECK_OK(group_write("", "tasks", "0\n"), "move back");
	return KSFT_PASS;
}

/* Files of a group that has been removed while they were open */
static int test_removed(void)
{
	static const struct {
		const char *file, *text;
	} files[] = {
		{ "schemata", "L3:0=1\n" }, { "tasks", "0\n" }, { "cpus_list", "1\n" },
		{ "mode", "shareable\n" }, { "mbm_L3_assignments", "mbm_total_bytes:*=_\n" },
	};
	unsigned int num = ARRAY_SIZE(files) - !assigned;
	int fds[ARRAY_SIZE(files)], dir;
	char path[64], c;
	unsigned int i;

	CHECK_OK(group_make("gone"), "mkdir");
	dir = open(RESCTRL "/gone", O_RDONLY | O_DIRECTORY);
	CHECK(dir >= 0, "open");
	for (i = 0; i < num; i++) {
		snprintf(path, sizeof(path), RESCTRL "/gone/%s", files[i].file);
		fds[i] = open(path, O_RDWR);
		CHECK(fds[i] >= 0, "open %s", path);
	}
	CHECK_OK(group_remove("gone"), "rmdir");
	CHECK_PASS(baseline());
	for (i = 0; i < num; i++) {
		CHECK(write(fds[i], files[i].text, strlen(files[i].text)) < 0 &&
		      (errno == ENODEV || errno == ENOENT), "write to %s: %s", files[i].file,
		      strerror(errno));
		CHECK(read(fds[i], &c, 1) < 0 && (errno == ENODEV || errno == ENOENT),
		      "read of %s: %s", files[i].file, strerror(errno));
		close(fds[i]);
	}
	CHECK(mkdirat(dir, "x", 0755) && errno == ENOENT, "mkdir in it: %s", strerror(errno));
	CHECK(openat(dir, "schemata", O_RDONLY) < 0 && errno == ENOENT, "open in it");
	close(dir);
	CHECK_PASS(snapshot(after, sizeof(after)));
	CHECK(!strcmp(before, after), "a file of a removed group changed something");
	return KSFT_PASS;
}

/* One group per CLOSID, and not one more; a failure takes nothing away. */
static int test_too_many(void)
{
	char name[16];
	int i, n, round, err = 0;

	for (round = 0; round < 2; round++) {
		for (n = 3; !err && n < 70000; n++) {
			snprintf(name, sizeof(name), "g%d", n);
			err = group_make(name);
		}
		CHECK(err == -ENOSPC, "mkdir ends with %s", strerror(-err));
		CHECK_PASS(status_is("Out of CLOSIDs"));
		CHECK(--n == num_closids, "%d groups of %d", n, num_closids);
		for (i = 0; i < 5; i++)
			CHECK(group_make("more") == -ENOSPC, "another one");
		while (--n >= 3) {
			snprintf(name, sizeof(name), "g%d", n);
			CHECK_OK(group_remove(name), "rmdir");
		}
		err = 0;
	}
	return KSFT_PASS;
}

/* Where an exclusive group has everything there is nothing for a new one. */
static int test_no_space(void)
{
	char text[64];
	int i, j, n, err = 0;

	if (resources[0].kind != MASK && num_resources == 1) {
		ksft_print_msg("no cache is controlled\n");
		return KSFT_SKIP;
	}
	CHECK_OK(group_remove("a"), "rmdir");
	CHECK_OK(group_remove("b"), "rmdir");
	CHECK_OK(group_write("", "mode", "exclusive\n"), "exclusive");
	/* RMIDs that were not used need no time until they can be used again. */
	for (i = 0; i < 300; i++) {
		err = mkdir(RESCTRL "/a", 0755) ? -errno : 0;
		CHECK(err == -ENOSPC, "mkdir gives %s", strerror(-err));
	}
	for (i = 0; resources[i].kind != MASK; i++)
		;
	snprintf(text, sizeof(text), "No space on %.2s", resources[i].name);
	CHECK_PASS(status_is(text));
	/* One portion of each domain is enough. */
	for (i = 0; i < num_resources; i++)
		for (j = 0; resources[i].kind == MASK && j < resources[i].num_domains; j++)
			CHECK_OK(set_value("", &resources[i], resources[i].domain[j].id,
					   resources[i].full & ~1UL), "make room");
	CHECK_OK(group_make("a"), "mkdir");
	for (i = 0; i < num_resources; i++) {
		unsigned long v;

		if (resources[i].kind != MASK)
			continue;
		CHECK_PASS(file_value("a", "schemata", resources[i].name,
				      resources[i].domain[0].id, 16, &v));
		CHECK(v == 1, "the new group has %lx of %s", v, resources[i].name);
	}
	CHECK_OK(group_write("", "mode", "shareable\n"), "shareable");
	/* No CLOSID was lost to the failures. */
	for (n = 2; !err || err == -ENOSPC; n++) {
		snprintf(text, sizeof(text), "g%d", n);
		err = group_make(text);
		if (err)
			break;
	}
	CHECK(err == -ENOSPC && n == num_closids, "%d groups of %d: %s", n, num_closids,
	      strerror(-err));
	return KSFT_PASS;
}

static int test_unmount(void)
{
	CHECK_OK(resctrl_umount(), "umount");
	return truth_open(0, num_closids - 1);
}

static const struct test tests[] = {
	{ "mount", test_mount },
	{ "files and their modes", test_files },
	{ "info", test_info },
	{ "info of monitors", test_monitor_info },
	{ "size", test_size },
	{ "bit_usage", test_bit_usage },
	{ "exclusive groups", test_exclusive },
	{ "modes", test_modes },
	{ "bad lines in schemata", test_bad_lines },
	{ "bad values in schemata", test_bad_values },
	{ "all of a write or nothing", test_all_or_nothing },
	{ "blanks in schemata", test_blanks },
	{ "bad tasks", test_bad_tasks },
	{ "bad CPUs", test_bad_cpus },
	{ "bad writes about monitors", test_bad_monitors },
	{ "read-only files and directories", test_read_only },
	{ "a task's group in /proc", test_proc },
	{ "files of a removed group", test_removed },
	{ "too many groups", test_too_many },
	{ "no space in the cache", test_no_space },
	{ "unmount", test_unmount },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		option = argv[1];
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

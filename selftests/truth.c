// SPDX-License-Identifier: GPL-2.0-only
/* Asks the oracle what the hardware holds and compares. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "truth.h"

/* Bit n of a number in hex, which may have more bits than any type */
static bool hex_bit(const char *hex, int n)
{
	int len = strspn(hex, "0123456789abcdef"), digit = len - 1 - n / 4;
	char c = digit < 0 ? '0' : hex[digit];

	return (c <= '9' ? c - '0' : c - 'a' + 10) >> n % 4 & 1;
}

int truth_mask(const struct cache *c, const struct domain *d, int partid, unsigned long mask)
{
	const char *answer, *p, *value;
	int i, width, per_bit, n = 0;

	NEED_ORACLE();
	ORACLE(answer, "cpbm %d %d %d", c->level, d->cpu, partid);
	for (p = answer; p; p = strchr(p + 1, ' '), n++) {
		CHECK(sscanf(p, " %*[^/]/%*d/%d", &width) == 1, "%s", answer);
		value = strchr(p, '=') + 3;
		per_bit = (width + 31) / 32;
		for (i = 0; i < width; i++)
			CHECK(hex_bit(value, i) == (mask >> i / per_bit & 1),
			      "%s:%d PARTID %d should be %lx: %s", c->name, d->id, partid, mask,
			      answer);
		CHECK(!hex_bit(value, width), "bits beyond the width: %s", answer);
	}
	CHECK(n, "no MSC for %s:%d: %s", c->name, d->id, answer);
	return KSFT_PASS;
}

int truth_msc(int level, int cpu, char *name, size_t size)
{
	const char *answer;

	ORACLE(answer, "cpbm %d %d 0", level, cpu);
	snprintf(name, size, "%.*s", (int)strcspn(answer, "/"), answer);
	CHECK(*name, "the L%d of CPU %d has no MSC", level, cpu);
	return KSFT_PASS;
}

int truth_schemata(const struct cache *c, const char *group)
{
	int partid = group_partid(group), i;

	CHECK(partid >= 0, "group '%s' has no PARTID", group);
	for (i = 0; i < c->num_domains; i++) {
		unsigned long mask = group_mask(group, c, c->domain[i].id);

		CHECK(mask, "%s:%d is not in the schemata of '%s'", c->name, c->domain[i].id,
		      group);
		CHECK_PASS(truth_mask(c, &c->domain[i], partid, mask));
	}
	return KSFT_PASS;
}

int truth_limits(int *partid, int *pmg)
{
	char names[256] = "";
	const char *answer;
	struct dirent *d;
	size_t n = 0;
	DIR *dir;

	NEED_ORACLE();
	dir = opendir(RESCTRL "/info");
	CHECK(dir, "no info");
	while ((d = readdir(dir)))
		if (d->d_name[0] != '.' && n < sizeof(names))
			n += snprintf(names + n, sizeof(names) - n, " %s", d->d_name);
	closedir(dir);
	ORACLE(answer, "partids%s", names);
	CHECK(sscanf(answer, "%d %d", partid, pmg) == 2, "%s", answer);
	return KSFT_PASS;
}

/* How many NUMA nodes there are, if each is all that shares an L3; else 0 */
static int nodes_like_l3(void)
{
	bool all[MAX_CPUS], node[MAX_CPUS];
	int n, cpu, id, mine;
	char path[64];

	cpu_list("online", all);
	for (n = 0; n < MAX_DOMAINS; n++) {
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", n);
		if (access(path, F_OK))
			break;
		snprintf(path, sizeof(path), "../node/node%d/cpulist", n);
		if (!cpu_list(path, node))
			return 0;
		for (id = -1, cpu = 0; cpu < MAX_CPUS; cpu++)
			if (node[cpu])
				id = cache_id(cpu, 3);
		for (cpu = 0; cpu < MAX_CPUS; cpu++) {
			if (!all[cpu])
				continue;
			mine = cache_id(cpu, 3);
			if (mine < 0 || (node[cpu] ? mine != id : mine == id))
				return 0;
		}
	}
	return n;
}

int truth_offers(const char *name, bool *offers)
{
	char words[128], *word, *save;
	const char *answer;

	NEED_ORACLE();
	ORACLE(answer, "offers %d", nodes_like_l3());
	snprintf(words, sizeof(words), "%s", answer);
	word = strtok_r(words, " ", &save);
	while (word && strcmp(word, name))
		word = strtok_r(NULL, " ", &save);
	*offers = word;
	return KSFT_PASS;
}

int truth_open(int first, int last)
{
	NEED_ORACLE();
	TELL("all-open %d %d", first, last);
	return KSFT_PASS;
}

/* Who has said that MPAM ends may be busy with that for a while */
static int no_label(int cpu)
{
	const char *answer;
	int i;

	for (i = 0; i < 100; i++) {
		ORACLE(answer, "label %d", cpu);
		if (strstr(answer, "data=0,0 insn=0,0"))
			return KSFT_PASS;
		usleep(20000);
	}
	CHECK(false, "CPU %d: %s", cpu, answer);
}

int truth_off(void)
{
	bool on[MAX_CPUS];
	int cpu, err, i;

	NEED_ORACLE();
	cpu_list("online", on);
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (on[cpu])
			CHECK_PASS(no_label(cpu));
	for (i = 0, err = 0; i < 100 && (!err || err == -EBUSY); i++) {
		err = resctrl_mount();
		if (!err)
			resctrl_umount();
		usleep(20000);
	}
	CHECK(err == -ENODEV || err == -ENOENT, "mount: %s", strerror(-err));
	for (i = 0; i < 100 && !oracle_ask("at-reset"); i++)
		usleep(20000);
	TELL("at-reset");
	return KSFT_PASS;
}

int truth_no_violations(void)
{
	const char *answer;

	NEED_ORACLE();
	ORACLE(answer, "violations");
	CHECK(!strcmp(answer, "0"), "%s violations", answer);
	return KSFT_PASS;
}

int truth_group(void)
{
	struct cache cache;
	int i;

	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(cache_find(&cache), "no cache");
	CHECK_OK(group_make("a"), "mkdir");
	for (i = 0; i < cache.num_domains; i++)
		CHECK_OK(group_set_mask("a", &cache, cache.domain[i].id, 1), "mask");
	CHECK_PASS(truth_schemata(&cache, "a"));
	CHECK_OK(resctrl_umount(), "umount");
	return KSFT_PASS;
}

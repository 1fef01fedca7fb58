// SPDX-License-Identifier: GPL-2.0-only
/* Asks the oracle what the hardware holds and compares. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "truth.h"

int truth_mask(const struct cache *c, const struct domain *d, int partid, unsigned long mask)
{
	const char *answer, *p;
	int n = 0;

	NEED_ORACLE();
	ORACLE(answer, "cpbm %d %d %d", c->level, d->cpu, partid);
	for (p = answer; (p = strchr(p, '=')); n++) {
		unsigned long v = strtoul(++p, NULL, 16);

		CHECK(v == mask, "%s:%d PARTID %d should be %lx: %s", c->name, d->id, partid,
		      mask, answer);
	}
	CHECK(n, "no MSC for %s:%d: %s", c->name, d->id, answer);
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

int truth_open(int first, int last)
{
	const char *answer;

	NEED_ORACLE();
	ORACLE(answer, "all-open %d %d", first, last);
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

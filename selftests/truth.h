/* SPDX-License-Identifier: GPL-2.0-only */
/* Comparisons of what resctrl was told with what the hardware holds. */
#ifndef MPAM_TEST_TRUTH_H
#define MPAM_TEST_TRUTH_H

#include <stddef.h>

#include "resctrl.h"

/*
 * Each returns KSFT_PASS or KSFT_FAIL and says what differs; KSFT_SKIP
 * without an oracle.
 */

/* Every MSC of the cache that this domain's CPU uses holds this mask. */
int truth_mask(const struct cache *c, const struct domain *d, int partid, unsigned long mask);

/* The name of the first MSC at a CPU's cache of this level */
int truth_msc(int level, int cpu, char *name, size_t size);

/* Each domain's MSCs hold what the group's schemata says. */
int truth_schemata(const struct cache *c, const char *group);

/* Every powered MSC lets these PARTIDs use everything. */
int truth_open(int first, int last);

/*
 * The largest PARTID and PMG that all CPUs know, and all MSCs that the resources
 * of the mounted resctrl make use of.
 */
int truth_limits(int *partid, int *pmg);

/*
 * MPAM has packed up: no CPU has a label, MSCs have no limits, none of them may
 * interrupt, no monitor runs, and there is no resctrl. What is left in MSCs that it
 * could not reset is none of the oracle's business.
 */
int truth_off(void);

/*
 * Has the machine what a resource or event of resctrl is offered for, by the rules
 * of the documentation? All CPUs are online.
 */
int truth_offers(const char *name, bool *offers);

/* Nothing that the hardware would have complained about has happened. */
int truth_no_violations(void);

/* A mount, a group and a limit come and go, and the hardware follows. */
int truth_group(void);

#endif

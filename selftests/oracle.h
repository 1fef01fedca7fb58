/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way to ground truth: on an emulator that has a port named "mpam-oracle",
 * whoever is at its other end can tell what the hardware really holds. On real
 * hardware there is no such port, and tests skip what they can't know.
 */
#ifndef MPAM_ORACLE_H
#define MPAM_ORACLE_H

#include <stdbool.h>

#include "kselftest.h"

/* True when ground truth can be asked for. */
bool oracle_present(void);

/*
 * Asks one question, printf style. Returns the answer without its "ok ", or
 * NULL for an error, which is then in oracle_error(). Valid until the next ask.
 */
const char *oracle_ask(const char *fmt, ...) __printf(1, 2);

const char *oracle_error(void);

#endif

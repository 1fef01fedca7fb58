/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test is a function that returns KSFT_PASS, KSFT_FAIL or KSFT_SKIP; a
 * program is a table of them. Checks return from the test that makes them.
 */
#ifndef MPAM_TEST_HARNESS_H
#define MPAM_TEST_HARNESS_H

#include "kselftest.h"
#include "oracle.h"

struct test {
	const char *name;
	int (*run)(void);
};

/* Fails the test, saying why, unless the condition holds. */
#define CHECK(cond, fmt, ...) do {					\
	if (!(cond)) {							\
		ksft_print_msg("line %d: " fmt "\n", __LINE__, ##__VA_ARGS__); \
		return KSFT_FAIL;					\
	}								\
} while (0)

/* The same for something that returns 0 or a negative errno. */
#define CHECK_OK(call, fmt, ...) do {					\
	int _err = (call);						\
									\
	CHECK(!_err, fmt ": %s", ##__VA_ARGS__, strerror(-_err));	\
} while (0)

/* Calls another function that checks. */
#define CHECK_PASS(call) do {						\
	int _ret = (call);						\
									\
	if (_ret != KSFT_PASS)						\
		return _ret;						\
} while (0)

/* What follows needs ground truth. */
#define NEED_ORACLE() do {						\
	if (!oracle_present()) {					\
		ksft_print_msg("no oracle: what the hardware holds is not known\n"); \
		return KSFT_SKIP;					\
	}								\
} while (0)

/* Asks the oracle; an error fails the test. */
#define ORACLE(answer, ...) do {					\
	const char *_answer = oracle_ask(__VA_ARGS__);			\
									\
	CHECK(_answer, "oracle: %s", oracle_error());			\
	(answer) = _answer;						\
} while (0)

/* The same where the answer says nothing. */
#define TELL(...) CHECK(oracle_ask(__VA_ARGS__), "oracle: %s", oracle_error())

static inline void run_tests(const struct test *tests, unsigned int n)
{
	unsigned int i;

	ksft_print_header();
	ksft_set_plan(n);
	for (i = 0; i < n; i++)
		ksft_test_result_report(tests[i].run(), "%s\n", tests[i].name);
	ksft_finished();
}

#endif

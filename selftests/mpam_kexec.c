// SPDX-License-Identifier: GPL-2.0-only
/*
 * Another kernel is started while limits and labels are in use: it must find
 * none of them, and no interrupt; after a crash, nothing that it has to run with.
 *
 *	mpam_kexec before	remembers what MSCs hold without limits
 *	mpam_kexec go [<words>]	starts the kernel in /boot, with these words on
 *				its command line, as well as those of this one
 *	mpam_kexec after	looks at what is left, in a kernel that does
 *				nothing with MPAM
 *	mpam_kexec again	that this is the kernel that was started, and nothing has
 *				interrupted it
 *	mpam_kexec crash [<words>]
 *				as go, by a crash of this kernel
 *	mpam_kexec crashed	looks at what a kernel that was started by a crash,
 *				with one CPU, has to run with
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "resctrl.h"
#include "truth.h"

/* Tells the kernel that was started from the one that started it */
#define MARK	"started-by-kexec"
/* Where memory for another kernel was set aside */
#define SET_ASIDE	" crashkernel="
#define ON_CRASH	2	/* KEXEC_FILE_ON_CRASH */

static const char *words = "";

static int test_before(void)
{
	NEED_ORACLE();
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(resctrl_umount(), "umount");
	TELL("remember");
	return KSFT_PASS;
}

/* This kernel's command line, with other words at its end */
static int other_cmdline(char *cmdline, size_t size)
{
	char *aside;
	size_t len;

	CHECK_OK(file_read("/proc/cmdline", cmdline, size), "cmdline");
	aside = strstr(cmdline, SET_ASIDE);
	if (aside) {
		len = strcspn(aside + 1, " ") + 1;
		memmove(aside, aside + len, strlen(aside + len) + 1);
	}
	len = strlen(cmdline);
	snprintf(cmdline + len, size - len, " " MARK " %s", words);
	return KSFT_PASS;
}

static int load(unsigned long flags, const char *is_loaded)
{
	int kernel = open("/boot/Image", O_RDONLY), initrd = open("/boot/initramfs", O_RDONLY);
	char cmdline[2048], loaded[8];

	CHECK(kernel >= 0 && initrd >= 0, "/boot: %s", strerror(errno));
	CHECK_PASS(other_cmdline(cmdline, sizeof(cmdline)));
	CHECK(!syscall(SYS_kexec_file_load, kernel, initrd, strlen(cmdline) + 1, cmdline, flags),
	      "kexec_file_load: %s", strerror(errno));
	CHECK_OK(file_read(is_loaded, loaded, sizeof(loaded)), "%s", is_loaded);
	CHECK(!strcmp(loaded, "1"), "it is not loaded");
	return KSFT_PASS;
}

static int test_load(void)
{
	return load(0, "/sys/kernel/kexec_loaded");
}

/* The default group's is in use then, as long as no other group wants it */
static int use_monitor(void)
{
	const char *answer;
	char path[64], text[64];
	struct cache cache;

	CHECK_OK(cache_find(&cache), "no cache");
	snprintf(path, sizeof(path), "mon_data/mon_L3_%02d/llc_occupancy", cache.domain[0].id);
	if (group_read("", path, text, sizeof(text)))
		return KSFT_PASS;
	NEED_ORACLE();
	ORACLE(answer, "running 0");
	CHECK(strcmp(answer, "0"), "no monitor runs after a read");
	return KSFT_PASS;
}

static int test_load_for_crash(void)
{
	CHECK_PASS(use_monitor());
	return load(ON_CRASH, "/sys/kernel/kexec_crash_loaded");
}

static int test_again(void)
{
	char cmdline[2048];

	CHECK_OK(file_read("/proc/cmdline", cmdline, sizeof(cmdline)), "cmdline");
	CHECK(strstr(cmdline, MARK), "the command line is '%s'", cmdline);
	return KSFT_PASS;
}

static int test_no_limits(void)
{
	NEED_ORACLE();
	TELL("same");
	return KSFT_PASS;
}

/*
 * Others than CPU 0 were off meanwhile: their labels are what they came up with,
 * which a kernel that leaves these registers alone can't help.
 */
static int test_no_label(void)
{
	const char *answer;

	NEED_ORACLE();
	ORACLE(answer, "label 0");
	CHECK(strstr(answer, "data=0,0 insn=0,0") && strstr(answer, "mpam0=0x0 "),
	      "CPU 0: %s", answer);
	return KSFT_PASS;
}

static int no_spurious(void)
{
	static char text[16384];
	char *err;

	CHECK_OK(file_read("/proc/interrupts", text, sizeof(text)), "interrupts");
	err = strstr(text, "Err:");
	CHECK(err && atoi(err + 4) == 0, "there were interrupts that nobody wanted");
	CHECK(!log_count("nobody cared"), "an interrupt came that nobody wanted");
	return KSFT_PASS;
}

static int test_no_interrupts(void)
{
	static char text[16384];

	NEED_ORACLE();
	TELL("silent");
	CHECK_OK(file_read("/proc/interrupts", text, sizeof(text)), "interrupts");
	CHECK(!strstr(text, "mpam"), "this kernel has interrupts of MPAM");
	return no_spurious();
}

/* This kernel listens to MSCs, too, if they can interrupt: none had anything to say */
static int test_not_interrupted(void)
{
	static char text[16384];
	char *row, *save, *end;
	int rows = 0;

	NEED_ORACLE();
	CHECK_OK(file_read("/proc/interrupts", text, sizeof(text)), "interrupts");
	for (row = strtok_r(text, "\n", &save); row; row = strtok_r(NULL, "\n", &save)) {
		if (!strstr(row, "mpam"))
			continue;
		rows++;
		for (end = strchr(row, ':') + 1; isdigit(end[strspn(end, " ")]);)
			CHECK(strtol(end, &end, 10) == 0, "an MSC has interrupted:%s", row);
	}
	TELL(rows ? "listening" : "silent");
	return no_spurious();
}

static int test_off(void)
{
	int err = resctrl_mount();

	CHECK(err == -ENODEV || err == -ENOENT, "mount: %s", strerror(-err));
	return KSFT_PASS;
}

static const struct test before[] = {
	{ "what there is without limits", test_before },
};

static const struct test go[] = {
	{ "another kernel is loaded", test_load },
};

static const struct test after[] = {
	{ "another kernel was started", test_again },
	{ "MPAM is off", test_off },
	{ "no limits are left", test_no_limits },
	{ "no label is left on CPU 0", test_no_label },
	{ "no interrupts are left", test_no_interrupts },
	{ "no violations", truth_no_violations },
};

/* What uses no label is PARTID 0's; other CPUs, and MSCs of theirs, may be off. */
static int test_can_run(void)
{
	const char *answer;

	NEED_ORACLE();
	ORACLE(answer, "label 0");
	CHECK(strstr(answer, "data=0,0 insn=0,0"), "CPU 0: %s", answer);
	CHECK_PASS(truth_open(0, 0));
	return no_spurious();
}

/* Monitors that the other kernel used, unless this one has come to use them as well */
static int test_no_monitors(void)
{
	const char *answer;

	NEED_ORACLE();
	if (!resctrl_mount()) {
		CHECK_OK(resctrl_umount(), "umount");
		return KSFT_PASS;
	}
	ORACLE(answer, "running 0");
	CHECK(!strcmp(answer, "0"), "%s monitors run", answer);
	return KSFT_PASS;
}

static const struct test crash[] = {
	{ "another kernel is loaded in case of a crash", test_load_for_crash },
};

static const struct test crashed[] = {
	{ "another kernel was started", test_again },
	{ "it has no label, limit or interrupt", test_can_run },
	{ "no monitor runs", test_no_monitors },
	{ "no violations", truth_no_violations },
};

static const struct test again[] = {
	{ "another kernel was started", test_again },
	{ "nothing has interrupted it", test_not_interrupted },
	{ "no violations", truth_no_violations },
};

/* The init that waits for this process won't be there to say that it has ended */
static int leave(const struct test *test, int (*by)(void))
{
	ksft_print_header();
	ksft_set_plan(1);
	if (test->run() != KSFT_PASS)
		ksft_exit_fail_msg("%s\n", test->name);
	ksft_test_result_pass("%s\n", test->name);
	printf("#exit 0\n");
	fflush(stdout);
	sync();
	by();
	perror("this kernel goes on");
	return KSFT_FAIL;
}

static int by_reboot(void)
{
	return reboot(RB_KEXEC);
}

/* On CPU 0, which is the other kernel's then */
static int by_crash(void)
{
	int err = pin(0, 0);

	return err ? err : file_write("/proc/sysrq-trigger", "c");
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	if (argc > 2)
		words = argv[2];
	if (!strcmp(mode, "before"))
		run_tests(before, ARRAY_SIZE(before));
	if (!strcmp(mode, "go"))
		return leave(go, by_reboot);
	if (!strcmp(mode, "after"))
		run_tests(after, ARRAY_SIZE(after));
	if (!strcmp(mode, "crash"))
		return leave(crash, by_crash);
	if (!strcmp(mode, "crashed"))
		run_tests(crashed, ARRAY_SIZE(crashed));
	if (!strcmp(mode, "again"))
		run_tests(again, ARRAY_SIZE(again));
	ksft_exit_fail_msg("unknown mode '%s'\n", mode);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest of KVM carries the label of the task that runs its CPU, the host gets
 * its own label back, and the guest does not see MPAM. The guest is some dozen
 * instructions: it spins at EL1 and at EL0 and exits, again and again, while
 * the group of its task changes, and the oracle looks at the CPU.
 *
 * usage: mpam_kvm <exits>
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "mpam_kvm_guest.h"
#include "resctrl.h"
#include "truth.h"

/* The guest's memory, which holds its code only, and an address that is none */
#define GUEST_CODE	0x40000000ULL
#define GUEST_SIZE	0x10000
#define GUEST_PORT	0x0b000000ULL

/* CONTEXTIDR_EL1 of the guest, by which the oracle knows it: this and the pid */
#define GUEST_MARK	0x40000000

static const char * const accesses[] = {
	"read of MPAMIDR_EL1", "read of MPAM1_EL1", "write of MPAM1_EL1",
	"read of MPAM0_EL1", "write of MPAM0_EL1", "read of MPAMSM_EL1",
	"write of MPAMSM_EL1", "read of MPAMHCR_EL2", "read of MPAM2_EL2",
	"write of MPAM2_EL2", "read of MPAM1_EL12",
};

/* Where the host takes long, it takes a while until the guest is seen. */
#define MAX_TURNS	50

/* What the process that runs the guest shares with the test */
struct shared {
	atomic_ulong rounds;		/* exits so far, of the endless loop */
	__u64 pfr0, pfr1;
	atomic_uint num_accesses;
	__u64 access[ARRAY_SIZE(accesses)];
	char error[128];
};

static struct shared *shared;
static unsigned long wanted = 5000;
static pid_t vcpu;
static int vcpu_cpu;

static void vmm_failed(const char *what)
{
	snprintf(shared->error, sizeof(shared->error), "%s: %s", what, strerror(errno));
	_exit(1);
}

static void set_reg(int fd, __u64 id, __u64 value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	if (ioctl(fd, KVM_SET_ONE_REG, &reg))
		vmm_failed("KVM_SET_ONE_REG");
}

#define CORE_REG(name) (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |	\
			KVM_REG_ARM_CORE_REG(name))

/* One guest, one CPU, no devices: the file descriptor of its CPU. */
static int vmm_create(struct kvm_run **run)
{
	struct kvm_userspace_memory_region mem = {
		.guest_phys_addr = GUEST_CODE, .memory_size = GUEST_SIZE,
	};
	struct kvm_vcpu_init init;
	int kvm, vm, fd;
	void *code;

	code = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED)
		vmm_failed("memory");
	memcpy(code, guest_code, guest_end - guest_code);
	mem.userspace_addr = (uintptr_t)code;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		vmm_failed("/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0 || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &mem) ||
	    ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init))
		vmm_failed("KVM_CREATE_VM");
	fd = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (fd < 0 || ioctl(fd, KVM_ARM_VCPU_INIT, &init))
		vmm_failed("KVM_CREATE_VCPU");
	*run = mmap(NULL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (*run == MAP_FAILED)
		vmm_failed("kvm_run");

	set_reg(fd, CORE_REG(regs.pc), GUEST_CODE + (guest_entry - guest_code));
	set_reg(fd, CORE_REG(regs.regs[0]), GUEST_MARK | getpid());
	set_reg(fd, CORE_REG(regs.regs[1]), GUEST_PORT);
	return fd;
}

static bool vmm_exit(const struct kvm_run *run)
{
	__u64 value;

	if (run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write || run->mmio.len != 8) {
		snprintf(shared->error, sizeof(shared->error), "exit reason %u",
			 run->exit_reason);
		return false;
	}
	memcpy(&value, run->mmio.data, sizeof(value));
	switch (run->mmio.phys_addr - GUEST_PORT) {
	case PORT_PFR0:
		shared->pfr0 = value;
		return true;
	case PORT_PFR1:
		shared->pfr1 = value;
		return true;
	case PORT_ACCESS:
		if (shared->num_accesses < ARRAY_SIZE(accesses))
			shared->access[shared->num_accesses] = value;
		shared->num_accesses++;
		return true;
	case PORT_ROUND:
		shared->rounds++;
		return true;
	default:
		snprintf(shared->error, sizeof(shared->error),
			 "the guest took an exception: ESR_EL1 %llx", value);
		return false;
	}
}

/* Runs the guest until it is killed. */
static void vmm(void)
{
	struct kvm_run *run;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = vmm_create(&run);
	do {
		if (ioctl(fd, KVM_RUN, 0))
			vmm_failed("KVM_RUN");
	} while (vmm_exit(run));
	_exit(1);
}

static int still_running(void)
{
	CHECK(!shared->error[0], "%s", shared->error);
	CHECK(!waitpid(vcpu, NULL, WNOHANG), "the VMM ended after %lu exits", shared->rounds);
	return KSFT_PASS;
}

/* The guest's CPU is the last one. */
static int test_start(void)
{
	bool online[MAX_CPUS];
	int cpu, tries;

	cpu_list("online", online);
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (online[cpu])
			vcpu_cpu = cpu;
	CHECK_OK(resctrl_mount(), "mount");
	CHECK_OK(group_make("a"), "mkdir a");
	CHECK_OK(group_make("b"), "mkdir b");

	vcpu = fork();
	if (!vcpu)
		vmm();
	CHECK(vcpu > 0, "fork");
	CHECK_OK(pin(vcpu, vcpu_cpu), "pin");
	for (tries = 0; tries < 1000 && !shared->rounds; tries++) {
		CHECK_PASS(still_running());
		usleep(10000);
	}
	CHECK(shared->rounds, "the guest does not run");
	return KSFT_PASS;
}

/* Guests have no MPAM: their ID registers say so, and so does each access. */
static int test_guest_sees_none(void)
{
	unsigned int i;

	CHECK(shared->rounds, "the guest does not run");
	CHECK(!(shared->pfr0 >> 40 & 0xf), "ID_AA64PFR0_EL1 %llx",
	      shared->pfr0);
	CHECK(!(shared->pfr1 >> 16 & 0xf), "ID_AA64PFR1_EL1 %llx",
	      shared->pfr1);
	CHECK(shared->num_accesses == ARRAY_SIZE(accesses), "%u accesses", shared->num_accesses);
	for (i = 0; i < ARRAY_SIZE(accesses); i++)
		CHECK(shared->access[i] == ACCESS_UNDEF, "%s: %llx", accesses[i],
		      shared->access[i]);
	return KSFT_PASS;
}

/* How often the guest, the process that runs it and others were seen with their labels. */
static unsigned long seen_guest_user, seen_guest_kernel, seen_host, seen_others;

static int expect_label(int partid)
{
	TELL("forget");
	TELL("expect %d %d %d", vcpu, partid, closid_pmg(partid));
	TELL("expect %d %d %d", GUEST_MARK | vcpu, partid, closid_pmg(partid));
	return KSFT_PASS;
}

static int look(int rounds)
{
	const char *answer, *p;
	int pid, user, kernel;

	ORACLE(answer, "sample %d", rounds);
	for (p = answer; sscanf(p, " %d:%d/%d", &pid, &user, &kernel) == 3; ) {
		if (pid == vcpu) {
			seen_host += user + kernel;
		} else if (pid != (GUEST_MARK | vcpu)) {
			seen_others += user + kernel;
		} else {
			seen_guest_user += user;
			seen_guest_kernel += kernel;
		}
		p = strchr(p + 1, ' ');
		if (!p)
			break;
	}
	return still_running();
}

static int in_group(const char *group)
{
	CHECK_OK(group_write(group, "tasks", "%d\n", vcpu), "move to '%s'", group);
	CHECK_PASS(expect_label(group_partid(group)));
	return look(4);
}

/* The group of the default group's tasks on this CPU */
static int cpu_of_group(const char *group)
{
	CHECK_OK(group_write(group, "cpus_list", "%d\n", vcpu_cpu), "cpus_list");
	CHECK_PASS(expect_label(group_partid(group)));
	CHECK_PASS(look(3));
	CHECK_OK(group_write(group, "cpus_list", "\n"), "give the CPU back");
	CHECK_PASS(expect_label(0));
	return look(3);
}

/* Everything that changes the label of the task, and what does not */
static int one_turn(const struct cache *c, unsigned int turn)
{
	int id = c->domain[turn % c->num_domains].id;

	CHECK_PASS(in_group("a"));
	CHECK_OK(group_set_mask("a", c, id, turn & 1 ? c->full : c->full >> 1), "limit");
	CHECK_PASS(look(2));
	CHECK_PASS(in_group("b"));
	CHECK_OK(group_set_mask("b", c, id, turn & 1 ? c->full >> 1 : c->full), "limit");
	CHECK_PASS(look(2));
	CHECK_OK(group_remove("b"), "rmdir");
	CHECK_PASS(expect_label(0));
	CHECK_PASS(look(3));
	CHECK_OK(group_make("b"), "mkdir");
	CHECK_PASS(cpu_of_group(turn & 1 ? "a" : "b"));
	return KSFT_PASS;
}

static int test_labels(void)
{
	unsigned long start = shared->rounds;
	unsigned int turn = 0;
	struct cache c;

	NEED_ORACLE();
	CHECK_OK(cache_find(&c), "cache");
	while (shared->rounds - start < wanted ||
	       (turn < MAX_TURNS && !(seen_guest_user && seen_guest_kernel && seen_host)))
		CHECK_PASS(one_turn(&c, turn++));
	ksft_print_msg("%lu exits, %u turns\n", shared->rounds - start, turn);
	ksft_print_msg("seen %lu times in the guest's EL0, %lu in its EL1, %lu in the host\n",
		       seen_guest_user, seen_guest_kernel, seen_host);
	CHECK(seen_guest_user && seen_guest_kernel && seen_host, "too few samples");
	return KSFT_PASS;
}

/* A task that shares the CPU with the guest has its own label. */
static int test_neighbour(void)
{
	pid_t pid = task_spinner("b", vcpu_cpu);
	unsigned long guest;
	int ret = KSFT_PASS, turn;

	CHECK(pid > 0, "no task");
	CHECK_OK(group_write("a", "tasks", "%d\n", vcpu), "move");
	NEED_ORACLE();
	CHECK_PASS(expect_label(group_partid("a")));
	TELL("expect %d %d %d", pid, group_partid("b"), group_pmg("b"));
	guest = seen_guest_user + seen_guest_kernel;
	/* They take turns, of a few milliseconds each. */
	for (turn = 0; turn < MAX_TURNS && ret == KSFT_PASS &&
	     (!seen_others || seen_guest_user + seen_guest_kernel == guest); turn++)
		ret = look(30);
	task_stop(pid);
	CHECK_PASS(ret);
	guest = seen_guest_user + seen_guest_kernel - guest;
	ksft_print_msg("seen %lu times in the task, %lu in the guest\n", seen_others, guest);
	CHECK(seen_others && guest, "too few samples");
	return KSFT_PASS;
}

/* What is left when the guest is gone: nothing of it, and no message. */
static int test_stop(void)
{
	CHECK_PASS(still_running());
	task_stop(vcpu);
	CHECK_OK(resctrl_umount(), "umount");
	CHECK(!log_count("Unsupported guest"), "KVM has complained about the guest");
	NEED_ORACLE();
	TELL("forget");
	return KSFT_PASS;
}

static const struct test tests[] = {
	{ "a guest runs", test_start },
	{ "the guest sees no MPAM", test_guest_sees_none },
	{ "guest and host carry the label of the task", test_labels },
	{ "a task beside the guest", test_neighbour },
	{ "the guest is gone", test_stop },
	{ "no violations", truth_no_violations },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		wanted = strtoul(argv[1], NULL, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	resctrl_umount();
	run_tests(tests, ARRAY_SIZE(tests));
}

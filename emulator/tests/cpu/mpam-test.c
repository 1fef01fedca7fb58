// SPDX-License-Identifier: GPL-2.0-only
/*
 * What software can observe of the PE side of MPAM, on one CPU
 * configuration. run.sh says on the command line what the ID registers must
 * hold and what else is special; all other expectations are rules of the
 * architecture, written down here.
 *
 * Labels cannot be seen from inside. A test enters the state in question and
 * prints "ask key=value ... # name"; run.sh compares that with what QMP says.
 */
#include "harness.h"

#define SYS_GET_CMDLINE	0x15

#define MPAMEN		BIT(63)
#define TRAPLOWER	BIT(62)
#define SDEFLT		BIT(61)
#define FORCE_NS	BIT(60)
#define FORCED_NS	BIT(60)
#define TIDR		BIT(58)
#define ENMPAMSM	BIT(50)
#define TRAPMPAM0EL1	BIT(49)
#define TRAPMPAM1EL1	BIT(48)
#define TRAP_MPAMIDR	BIT(31)
#define GSTAPP_PLK	BIT(8)
#define EL1_VPMEN	BIT(1)
#define EL0_VPMEN	BIT(0)
#define LABEL_MASK	0x0000ffffffffffffUL
#define LABEL_D_MASK	0x0000ff00ffff0000UL
#define LABEL(partid_i, pmg_i, partid_d, pmg_d)				\
	((u64)(pmg_d) << 40 | (u64)(pmg_i) << 32 |			\
	 (u64)(partid_d) << 16 | (u64)(partid_i))

#define IDR_HAS_HCR	BIT(17)
#define IDR_HAS_TIDR	BIT(58)
#define IDR_HAS_FORCE_NS BIT(60)
#define IDR_HAS_SDEFLT	BIT(61)

#define HCR_TGE		BIT(27)
#define HCR_RW		BIT(31)
#define HCR_E2H		BIT(34)
#define HCR_NV		BIT(42)
#define HCR_NV1		BIT(43)
#define HCR_NV2		BIT(45)

#define SCR_NS		BIT(0)
#define SCR_RES1	(BIT(4) | BIT(5))
#define SCR_HCE		BIT(8)
#define SCR_RW		BIT(10)
#define SCR_EEL2	BIT(18)

#define PSCI_CPU_ON	0xc4000003
#define PSCI_AFFINITY_INFO 0xc4000004

/* What a test depends on; it is no part of configurations without it */
#define NEED_EL2	BIT(0)
#define NEED_EL3	BIT(1)
#define NEED_HCR	BIT(2)
#define NEED_TIDR	BIT(3)
#define NEED_SME	BIT(4)
#define NEED_SDEFLT	BIT(5)
#define NEED_FORCE_NS	BIT(6)
#define NEED_VPM1	BIT(7)

enum outcome { OK, UNDEF, TO_EL2, TO_EL3, OTHER };

static const char *const outcome_names[] = {
	"OK", "UNDEF", "trap to EL2", "trap to EL3", "something else",
};

/* From the command line */
static struct {
	u64 mpam, frac, idr, sme, fw, cpus;
} config;

static u64 have;
static bool failed;

/* Reporting */

static void report(bool ok)
{
	puts(ok ? "ok - " : "not ok - ");
	if (!ok)
		failed = true;
}

static void check(bool ok, const char *what)
{
	report(ok);
	puts(what);
	puts("\n");
}

static void check_value(u64 got, u64 want, const char *what)
{
	check(got == want, what);
	if (got != want) {
		puts("# got ");
		put_hex(got);
		puts(", expected ");
		put_hex(want);
		puts("\n");
	}
}

/* Access */

static enum outcome access(enum reg reg, bool write, u64 el, u64 value)
{
	static const u64 spsr[] = { 0x3c0, 0x3c5, 0x3c9, 0x3cd };
	const struct reg_stub *r = &reg_stubs[reg];

	run_at(spsr[el], write ? r->write : r->read, value, el);
	if (!result.taken)
		return OK;
	switch (result.esr >> 26 & 0x3f) {
	case 0:
		return UNDEF;
	case 0x18:
		if ((result.esr & 0x1ffffff) != (r->iss | !write))
			return OTHER;
		return result.taken == 2 ? TO_EL2 :
		       result.taken == 3 ? TO_EL3 : OTHER;
	}
	return OTHER;
}

static u64 read_at(enum reg reg, u64 el)
{
	if (access(reg, false, el, 0) != OK)
		check(false, "read of a register that exists");
	return result.value;
}

static void write_at(enum reg reg, u64 value, u64 el)
{
	if (access(reg, true, el, value) != OK)
		check(false, "write of a register that exists");
}

static u64 rd(enum reg reg)
{
	return read_at(reg, driver_el);
}

static void wr(enum reg reg, u64 value)
{
	write_at(reg, value, driver_el);
}

static void check_outcome(enum reg reg, bool write, u64 el,
			  enum outcome want, const char *when)
{
	enum outcome got = access(reg, write, el, 0);

	report(got == want);
	puts(reg_stubs[reg].name);
	puts(write ? " write at EL" : " read at EL");
	put_num(el);
	puts(when);
	puts(": ");
	puts(outcome_names[want]);
	puts("\n");
	if (got != want) {
		puts("# got ");
		puts(outcome_names[got]);
		puts(", taken to EL");
		put_num(result.taken);
		puts(", ESR ");
		put_hex(result.esr);
		puts("\n");
	}
}

static bool is_vpm(enum reg reg)
{
	return reg >= MPAMVPM0_EL2;
}

static u64 vpmr_max(void)
{
	return config.idr >> 18 & 7;
}

static u64 partid_max(void)
{
	return config.idr & 0xffff;
}

static u64 pmg_max(void)
{
	return config.idr >> 32 & 0xff;
}

/* The register whose MPAMEN is writable, NR_REGS if that is firmware's */
static enum reg mpamen_owner(void)
{
	static const enum reg owner[] = {
		[1] = MPAM1_EL1, [2] = MPAM2_EL2, [3] = MPAM3_EL3,
	};

	return config.fw ? NR_REGS : owner[driver_el];
}

static u64 mpamen_if(enum reg reg)
{
	return mpamen_owner() == reg ? MPAMEN : 0;
}

static void set_hcr(u64 value)
{
	if (have & NEED_EL2)
		asm volatile("msr hcr_el2, %0; isb" :: "r"(value));
}

static void set_scr(u64 value)
{
	if (have & NEED_EL3)
		asm volatile("msr scr_el3, %0; isb" ::
			     "r"(value | SCR_RES1 | SCR_HCE | SCR_RW));
}

/* MPAM enabled, no label, nothing trapped, Non-secure */
static void base_state(void)
{
	set_hcr(HCR_RW);
	set_scr(SCR_NS);
	if (!config.mpam && !config.frac)
		return;
	if (have & NEED_EL3)
		wr(MPAM3_EL3, MPAMEN);
	if (have & NEED_EL2)
		wr(MPAM2_EL2, mpamen_if(MPAM2_EL2) | ENMPAMSM);
	if (have & NEED_HCR)
		wr(MPAMHCR_EL2, 0);
	wr(MPAM1_EL1, mpamen_if(MPAM1_EL1));
	wr(MPAM0_EL1, 0);
}

/* Tests */

static void test_id(void)
{
	u64 pfr0, pfr1;

	asm("mrs %0, id_aa64pfr0_el1" : "=r"(pfr0));
	asm("mrs %0, id_aa64pfr1_el1" : "=r"(pfr1));
	check_value(pfr0 >> 40 & 15, config.mpam, "ID_AA64PFR0_EL1.MPAM");
	check_value(pfr1 >> 16 & 15, config.frac, "ID_AA64PFR1_EL1.MPAM_frac");
	check_value(pfr1 >> 24 & 15, config.sme, "ID_AA64PFR1_EL1.SME");
	if (config.mpam || config.frac)
		check_value(rd(MPAMIDR_EL1), config.idr, "MPAMIDR_EL1");
}

static bool label_is_garbage(u64 label)
{
	return (label & 0xffff) && (label & 0xffff0000);
}

/* To be called before anything is written */
static void test_reset(void)
{
	u64 value;

	check(label_is_garbage(rd(MPAM0_EL1)), "reset: garbage in MPAM0_EL1");
	check(label_is_garbage(rd(MPAM1_EL1)), "reset: garbage in MPAM1_EL1");
	check_value(rd(MPAM1_EL1) & ~LABEL_MASK, config.fw ? MPAMEN : 0,
		    "reset: MPAM1_EL1 apart from the label");
	if (config.sme && driver_el != 1)
		check(rd(MPAMSM_EL1), "reset: garbage in MPAMSM_EL1");
	if (have & NEED_EL2) {
		value = rd(MPAM2_EL2);
		check(label_is_garbage(value), "reset: garbage in MPAM2_EL2");
		check_value(value & MPAMEN, config.fw ? MPAMEN : 0,
			    "reset: MPAM2_EL2.MPAMEN");
		if (driver_el == 2 && !config.fw) {
			check_value(value & (TRAPMPAM0EL1 | TRAPMPAM1EL1),
				    TRAPMPAM0EL1 | TRAPMPAM1EL1,
				    "reset: MPAM2_EL2 traps without EL3");
			check_value(rd(MPAMHCR_EL2) & TRAP_MPAMIDR, TRAP_MPAMIDR,
				    "reset: TRAP_MPAMIDR_EL1 without EL3");
		}
	}
	if (have & NEED_HCR) {
		check(rd(MPAMVPMV_EL2), "reset: garbage in MPAMVPMV_EL2");
		check(rd(MPAMVPM0_EL2), "reset: garbage in MPAMVPM0_EL2");
	}
	if (have & NEED_EL3) {
		value = rd(MPAM3_EL3);
		check(label_is_garbage(value), "reset: garbage in MPAM3_EL3");
		check_value(value & ~LABEL_MASK, TRAPLOWER,
			    "reset: MPAM3_EL3 apart from the label");
	}
}

/* What an access does when nothing is trapped and E2H is 0 */
static enum outcome plain_outcome(enum reg reg, bool write, u64 el)
{
	static const u64 min_el[NR_REGS] = {
		[MPAMIDR_EL1] = 1, [MPAM0_EL1] = 1, [MPAM1_EL1] = 1,
		[MPAMSM_EL1] = 1, [MPAM3_EL3] = 3,
		[MPAM1_EL12] = 2, [MPAM2_EL2] = 2,
		[MPAMHCR_EL2] = 2, [MPAMVPMV_EL2] = 2,
		[MPAMVPM0_EL2 ... MPAMVPM7_EL2] = 2,
	};

	if (!config.mpam && !config.frac)
		return UNDEF;
	if (el < min_el[reg] || (reg == MPAMIDR_EL1 && write))
		return UNDEF;
	if (reg == MPAM1_EL12)
		return UNDEF;
	if (reg == MPAMSM_EL1 && !config.sme)
		return UNDEF;
	if (reg >= MPAMHCR_EL2 && !(config.idr & IDR_HAS_HCR))
		return UNDEF;
	if (is_vpm(reg) && reg - MPAMVPM0_EL2 > vpmr_max())
		return UNDEF;
	return OK;
}

static void access_all(void (*test)(enum reg reg, bool write, u64 el))
{
	for (u64 el = 0; el <= driver_el; el++) {
		if (el == 2 && !(have & NEED_EL2))
			continue;
		for (enum reg reg = 0; reg < NR_REGS; reg++) {
			test(reg, false, el);
			test(reg, true, el);
		}
	}
}

static void test_plain(enum reg reg, bool write, u64 el)
{
	base_state();
	check_outcome(reg, write, el, plain_outcome(reg, write, el), "");
}

/* TRAPLOWER comes before every control of EL2's, but not before UNDEF */
static void test_trap_lower(enum reg reg, bool write, u64 el)
{
	enum outcome want = plain_outcome(reg, write, el);

	base_state();
	wr(MPAM2_EL2, TRAPMPAM0EL1 | TRAPMPAM1EL1 | TIDR);
	if (have & NEED_HCR)
		wr(MPAMHCR_EL2, TRAP_MPAMIDR);
	wr(MPAM3_EL3, MPAMEN | TRAPLOWER);
	if (want == OK && el < 3)
		want = TO_EL3;
	check_outcome(reg, write, el, want, " with TRAPLOWER");
}

/* The controls of EL2's, and the one register that each of them traps */
static const struct el2_control {
	const char *when;
	enum reg reg;
	u64 mpam2, mpamhcr, need;
} el2_controls[] = {
	{ " with TRAPMPAM1EL1", MPAM1_EL1, TRAPMPAM1EL1 | ENMPAMSM },
	{ " with TRAPMPAM0EL1", MPAM0_EL1, TRAPMPAM0EL1 | ENMPAMSM },
	{ " with TIDR", MPAMIDR_EL1, TIDR | ENMPAMSM, 0, NEED_TIDR },
	{ " with TRAP_MPAMIDR_EL1", MPAMIDR_EL1, ENMPAMSM, TRAP_MPAMIDR,
	  NEED_HCR },
	{ " with EnMPAMSM=0", MPAMSM_EL1, 0, 0, NEED_SME },
};

static const struct el2_control *el2_control;

static void set_el2_control(const struct el2_control *control)
{
	wr(MPAM2_EL2, mpamen_if(MPAM2_EL2) | control->mpam2);
	if (have & NEED_HCR)
		wr(MPAMHCR_EL2, control->mpamhcr);
}

static enum outcome el2_control_outcome(enum reg reg, bool write, u64 el)
{
	enum outcome plain = plain_outcome(reg, write, el);

	if (plain == OK && el == 1 && reg == el2_control->reg &&
	    (have & el2_control->need) == el2_control->need)
		return TO_EL2;
	return plain;
}

static void test_el2_control(enum reg reg, bool write, u64 el)
{
	base_state();
	set_el2_control(el2_control);
	check_outcome(reg, write, el, el2_control_outcome(reg, write, el),
		      el2_control->when);
}

/* EL2's controls do nothing in Secure state, unless EL2 is enabled there */
static void test_el2_control_secure(enum reg reg, bool write, u64 el)
{
	if (el != 1)
		return;
	base_state();
	set_el2_control(el2_control);
	set_scr(0);
	check_outcome(reg, write, el, plain_outcome(reg, write, el),
		      el2_control->when);
	set_scr(SCR_EEL2);
	check_outcome(reg, write, el, el2_control_outcome(reg, write, el),
		      el2_control->when);
}

/* Writes all ones and all zeroes */
static void check_mask(enum reg reg, u64 mask, u64 ones, const char *what)
{
	base_state();
	wr(reg, ~0UL);
	check_value(rd(reg), mask | ones, what);
	wr(reg, 0);
	check_value(rd(reg), ones, what);
}

/* MPAMEN where it is a copy of what base_state() has set */
static u64 mpamen_copy(enum reg reg)
{
	return mpamen_owner() == reg ? 0 : MPAMEN;
}

static void test_masks(void)
{
	u64 mask;

	check_mask(MPAM0_EL1, LABEL_MASK, 0, "fields of MPAM0_EL1");
	check_mask(MPAM1_EL1, LABEL_MASK | mpamen_if(MPAM1_EL1),
		   mpamen_copy(MPAM1_EL1), "fields of MPAM1_EL1");
	if (config.sme)
		check_mask(MPAMSM_EL1, LABEL_D_MASK, 0, "fields of MPAMSM_EL1");

	if (have & NEED_EL2) {
		mask = LABEL_MASK | TRAPMPAM0EL1 | TRAPMPAM1EL1 |
		       mpamen_if(MPAM2_EL2);
		if (config.sme)
			mask |= ENMPAMSM;
		if (have & NEED_TIDR)
			mask |= TIDR;
		check_mask(MPAM2_EL2, mask, mpamen_copy(MPAM2_EL2),
			   "fields of MPAM2_EL2");
	} else if (have & NEED_EL3) {
		check_mask(MPAM2_EL2, 0, 0, "MPAM2_EL2 is RES0 without EL2");
	}

	if (have & NEED_HCR) {
		check_mask(MPAMHCR_EL2, TRAP_MPAMIDR | GSTAPP_PLK | EL1_VPMEN |
			   EL0_VPMEN, 0, "fields of MPAMHCR_EL2");
		check_mask(MPAMVPMV_EL2, 0xffffffff, 0,
			   "fields of MPAMVPMV_EL2");
		for (u64 n = 0; n <= vpmr_max(); n++)
			check_mask(MPAMVPM0_EL2 + n, ~0UL, 0,
				   "fields of an MPAMVPMn_EL2");
		for (u64 n = 0; n <= vpmr_max(); n++)
			wr(MPAMVPM0_EL2 + n, n + 1);
		for (u64 n = 0; n <= vpmr_max(); n++)
			check_value(rd(MPAMVPM0_EL2 + n), n + 1,
				    "MPAMVPMn_EL2 are separate");
	}

	if (have & NEED_EL3) {
		mask = LABEL_MASK | MPAMEN | TRAPLOWER;
		if (have & NEED_SDEFLT)
			mask |= SDEFLT;
		if (have & NEED_FORCE_NS)
			mask |= FORCE_NS;
		check_mask(MPAM3_EL3, mask, 0, "fields of MPAM3_EL3");
	}
}

static void test_mpamen(void)
{
	enum reg owner = mpamen_owner();

	base_state();
	if (owner != MPAM1_EL1) {
		wr(MPAM1_EL1, 0);
		check_value(rd(MPAM1_EL1), MPAMEN,
			    "MPAM1_EL1.MPAMEN is a read-only copy");
		check_value(read_at(MPAM1_EL1, 1), MPAMEN,
			    "the copy as seen from EL1");
		wr(MPAM1_EL1, MPAMEN | LABEL_MASK);
		check_value(rd(MPAM1_EL1), MPAMEN | LABEL_MASK,
			    "a write to the copy writes the label");
	}
	if (owner == NR_REGS)
		return;
	wr(owner, 0);
	check_value(rd(MPAM1_EL1) & MPAMEN, 0, "MPAMEN=0 in MPAM1_EL1");
	if (have & NEED_EL2)
		check_value(rd(MPAM2_EL2) & MPAMEN, 0, "MPAMEN=0 in MPAM2_EL2");
	if (owner != MPAM1_EL1) {
		wr(MPAM1_EL1, MPAMEN);
		check_value(rd(MPAM1_EL1) & MPAMEN, 0,
			    "MPAMEN cannot be set through the copy");
	}
	wr(owner, MPAMEN);
	check_value(rd(MPAM1_EL1) & MPAMEN, MPAMEN, "MPAMEN=1 in MPAM1_EL1");
	if (have & NEED_EL2)
		check_value(rd(MPAM2_EL2) & MPAMEN, MPAMEN,
			    "MPAMEN=1 in MPAM2_EL2");
}

static void test_forced_ns(void)
{
	base_state();
	wr(MPAM3_EL3, MPAMEN | FORCE_NS);
	check_value(read_at(MPAM1_EL1, 1), MPAMEN, "FORCED_NS in Non-secure");
	set_scr(0);
	check_value(read_at(MPAM1_EL1, 1), MPAMEN | FORCED_NS,
		    "FORCED_NS in Secure state");
	wr(MPAM3_EL3, MPAMEN);
	check_value(read_at(MPAM1_EL1, 1), MPAMEN, "FORCED_NS without FORCE_NS");
}

static void test_vhe(void)
{
	u64 enable = mpamen_if(MPAM2_EL2);

	base_state();
	set_hcr(HCR_RW | HCR_E2H);
	write_at(MPAM2_EL2, enable | ENMPAMSM | 1, 2);
	write_at(MPAM1_EL12, 2, 2);
	check_value(read_at(MPAM1_EL1, 2) & 0xffff, 1,
		    "MPAM1_EL1 is MPAM2_EL2 at EL2 with E2H");
	check_value(read_at(MPAM1_EL12, 2) & 0xffff, 2,
		    "MPAM1_EL12 is MPAM1_EL1 at EL2 with E2H");
	write_at(MPAM1_EL1, enable | TRAPMPAM0EL1 | ENMPAMSM | 3, 2);
	check_value(read_at(MPAM2_EL2, 2) & ~ENMPAMSM,
		    MPAMEN | TRAPMPAM0EL1 | 3,
		    "a write to MPAM1_EL1 writes all of MPAM2_EL2");
	check_value(read_at(MPAM1_EL12, 2) & 0xffff, 2,
		    "a write to MPAM1_EL1 leaves MPAM1_EL12 alone");
	check_value(read_at(MPAM1_EL1, 1) & 0xffff, 2,
		    "MPAM1_EL1 is itself at EL1 with E2H");
	write_at(MPAM0_EL1, 4, 2);
	check_value(read_at(MPAM0_EL1, 2), 4, "MPAM0_EL1 has no alias");

	check_outcome(MPAM1_EL12, false, 1, UNDEF, " with E2H");
	check_outcome(MPAM1_EL12, true, 1, UNDEF, " with E2H");
	if (!(have & NEED_EL3))
		return;
	check_value(read_at(MPAM1_EL1, 3) & 0xffff, 2,
		    "MPAM1_EL1 is itself at EL3 with E2H");
	check_value(read_at(MPAM1_EL12, 3) & 0xffff, 2,
		    "MPAM1_EL12 is MPAM1_EL1 at EL3 with E2H");
	wr(MPAM3_EL3, MPAMEN | TRAPLOWER);
	check_outcome(MPAM1_EL12, false, 2, TO_EL3, " with E2H, TRAPLOWER");
	check_outcome(MPAM1_EL1, true, 2, TO_EL3, " with E2H, TRAPLOWER");
	set_hcr(HCR_RW);
	check_outcome(MPAM1_EL12, false, 2, UNDEF, " with TRAPLOWER");
}

/* Nested virtualization: accesses from EL1 */
#define NV2_REG	(-1)	/* the access reaches the register */

static const struct nv_test {
	const char *when;
	enum reg reg;
	u64 hcr;
	enum outcome want;
	long slot;	/* where in the VNCR page the access ends, if it is OK */
	u64 mpam2, mpam3, need;
} nv_tests[] = {
	{ " with NV", MPAM2_EL2, HCR_NV, TO_EL2 },
	{ " with NV, NV2", MPAM2_EL2, HCR_NV | HCR_NV2, TO_EL2 },
	{ " with NV", MPAMHCR_EL2, HCR_NV, TO_EL2, .need = NEED_HCR },
	{ " with NV", MPAMVPMV_EL2, HCR_NV, TO_EL2, .need = NEED_HCR },
	{ " with NV", MPAMVPM0_EL2, HCR_NV, TO_EL2, .need = NEED_HCR },
	{ " with NV", MPAM1_EL12, HCR_NV, TO_EL2 },
	{ " with NV", MPAM3_EL3, HCR_NV, UNDEF, .need = NEED_EL3 },
	{ " with NV", MPAM1_EL1, HCR_NV, OK, NV2_REG },
	{ " with NV, NV2", MPAM1_EL1, HCR_NV | HCR_NV2, OK, NV2_REG },
	{ " with NV, NV2", MPAM1_EL12, HCR_NV | HCR_NV2, OK, 0x900 },
	{ " with NV, NV1, NV2", MPAM1_EL1, HCR_NV | HCR_NV1 | HCR_NV2,
	  OK, 0x900 },
	{ " with NV, NV1, NV2", MPAM1_EL12, HCR_NV | HCR_NV1 | HCR_NV2,
	  TO_EL2 },
	{ " with NV, NV2", MPAMHCR_EL2, HCR_NV | HCR_NV2, OK, 0x930,
	  .need = NEED_HCR },
	{ " with NV, NV2", MPAMVPMV_EL2, HCR_NV | HCR_NV2, OK, 0x938,
	  .need = NEED_HCR },
	{ " with NV, NV2", MPAMVPM0_EL2, HCR_NV | HCR_NV2, OK, 0x940,
	  .need = NEED_HCR },
	{ " with NV, NV2", MPAMVPM1_EL2, HCR_NV | HCR_NV2, OK, 0x948,
	  .need = NEED_HCR | NEED_VPM1 },
	{ " with NV, NV1, NV2, TRAPMPAM1EL1", MPAM1_EL1,
	  HCR_NV | HCR_NV1 | HCR_NV2, TO_EL2, .mpam2 = TRAPMPAM1EL1 },
	{ " with NV, TRAPLOWER", MPAM2_EL2, HCR_NV, TO_EL3,
	  .mpam3 = TRAPLOWER, .need = NEED_EL3 },
	{ " with NV, TRAPLOWER", MPAM1_EL12, HCR_NV, TO_EL3,
	  .mpam3 = TRAPLOWER, .need = NEED_EL3 },
	{ " with NV, NV2, TRAPLOWER", MPAMVPMV_EL2, HCR_NV | HCR_NV2, TO_EL3,
	  .mpam3 = TRAPLOWER, .need = NEED_EL3 | NEED_HCR },
	{ " with NV, NV1, NV2, TRAPLOWER", MPAM1_EL1,
	  HCR_NV | HCR_NV1 | HCR_NV2, TO_EL3,
	  .mpam3 = TRAPLOWER, .need = NEED_EL3 },
};

static void test_nv(const struct nv_test *t)
{
	u64 *slot = (u64 *)&vncr_page[t->slot];
	enum reg reg = t->reg == MPAM1_EL12 ? MPAM1_EL1 : t->reg;

	base_state();
	if (t->mpam2)
		wr(MPAM2_EL2, mpamen_if(MPAM2_EL2) | t->mpam2);
	wr(reg, 1);
	if (t->mpam3)
		wr(MPAM3_EL3, MPAMEN | t->mpam3);
	asm volatile("msr s3_4_c2_c2_0, %0" :: "r"(vncr_page));	/* VNCR_EL2 */
	set_hcr(HCR_RW | t->hcr);
	if (t->want != OK || t->slot == NV2_REG) {
		check_outcome(t->reg, false, 1, t->want, t->when);
		check_outcome(t->reg, true, 1, t->want, t->when);
		set_hcr(HCR_RW);
		if (t->want == OK)
			check_value(rd(reg) & 0xffff, 0, "... the register");
		return;
	}

	__atomic_store_n(slot, 0x22, __ATOMIC_RELAXED);
	check_outcome(t->reg, false, 1, OK, t->when);
	check_value(result.value, 0x22, "... reads memory");
	run_at(0x3c5, reg_stubs[t->reg].write, 0x33, 1);
	check_value(__atomic_load_n(slot, __ATOMIC_RELAXED), 0x33, "... writes memory");
	set_hcr(HCR_RW);
	check_value(rd(reg) & 0xffff, 1, "... leaves the register alone");
}

/* Labels, for PARTID_MAX 63, PMG_MAX 3, VPMR_MAX 7 */
#define VPM(a, b, c, d)	((u64)(d) << 48 | (u64)(c) << 32 | (b) << 16 | (a))
#define VHE_HOST	(HCR_E2H | HCR_TGE)
#define EXPECT(partid_i_, pmg_i_, partid_d_, pmg_d_)			\
	.partid_i = partid_i_, .pmg_i = pmg_i_,				\
	.partid_d = partid_d_, .pmg_d = pmg_d_

static const struct label_test {
	const char *name;
	u64 el;
	u64 mpam0, mpam1, mpam2, mpam3;
	u64 partid_i, pmg_i, partid_d, pmg_d;
	u64 hcr, mpamhcr, vpmv, vpm0, vpm7;
	u64 need;
	bool secure, eel2;
	bool disable;
} label_tests[] = {
	{ "EL0 uses MPAM0_EL1", 0,
	  .mpam0 = LABEL(1, 1, 2, 2), .mpam1 = LABEL(5, 3, 6, 3),
	  EXPECT(1, 1, 2, 2) },
	{ "EL1 uses MPAM1_EL1", 1,
	  .mpam0 = LABEL(5, 3, 6, 3), .mpam1 = LABEL(1, 1, 2, 2),
	  EXPECT(1, 1, 2, 2) },
	{ "EL2 uses MPAM2_EL2", 2,
	  .mpam1 = LABEL(5, 3, 6, 3), .mpam2 = LABEL(1, 1, 2, 2),
	  EXPECT(1, 1, 2, 2), .need = NEED_EL2 },
	{ "EL3 uses MPAM3_EL3", 3,
	  .mpam1 = LABEL(5, 3, 6, 3), .mpam3 = LABEL(1, 1, 2, 2),
	  EXPECT(1, 1, 2, 2), .need = NEED_EL3 },
	{ "largest PARTID and PMG", 1, .mpam1 = LABEL(63, 3, 63, 3),
	  EXPECT(63, 3, 63, 3) },
	{ "PARTID_I out of range", 1, .mpam1 = LABEL(64, 1, 2, 2), EXPECT(0, 1, 2, 2) },
	{ "PARTID_D out of range", 1, .mpam1 = LABEL(1, 1, 64, 2), EXPECT(1, 1, 0, 2) },
	{ "PMG_I out of range", 1, .mpam1 = LABEL(1, 4, 2, 2), EXPECT(1, 0, 2, 2) },
	{ "PMG_D out of range", 1, .mpam1 = LABEL(1, 1, 2, 255), EXPECT(1, 1, 2, 0) },
	{ "PARTID out of range in MPAM0_EL1", 0,
	  .mpam0 = LABEL(0xffff, 1, 0x8000, 2), EXPECT(0, 1, 0, 2) },
	{ "VHE host's EL2", 2, .mpam2 = LABEL(1, 1, 2, 2),
	  .mpam1 = LABEL(5, 3, 6, 3), EXPECT(1, 1, 2, 2),
	  .hcr = VHE_HOST, .need = NEED_EL2 },
	{ "VHE host's EL0 uses MPAM0_EL1", 0, .mpam0 = LABEL(1, 1, 2, 2),
	  .mpam2 = LABEL(5, 3, 6, 3), EXPECT(1, 1, 2, 2),
	  .hcr = VHE_HOST, .need = NEED_EL2 },
	{ "EL0 is not mapped by EL1_VPMEN", 0, .mpam0 = LABEL(1, 1, 2, 2),
	  EXPECT(1, 1, 2, 2), .mpamhcr = EL1_VPMEN, .vpmv = 0xff,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "EL1 is not mapped by EL0_VPMEN", 1, .mpam1 = LABEL(1, 1, 2, 2),
	  EXPECT(1, 1, 2, 2), .mpamhcr = EL0_VPMEN, .vpmv = 0xff,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "EL2 is not mapped", 2, .mpam2 = LABEL(1, 1, 2, 2),
	  EXPECT(1, 1, 2, 2), .mpamhcr = EL0_VPMEN | EL1_VPMEN, .vpmv = 0xff,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "EL1 mapped", 1, .mpam1 = LABEL(1, 1, 3, 2),
	  EXPECT(11, 1, 13, 2), .mpamhcr = EL1_VPMEN, .vpmv = 0xf,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "EL0 mapped", 0, .mpam0 = LABEL(0, 1, 2, 2),
	  EXPECT(10, 1, 12, 2), .mpamhcr = EL0_VPMEN, .vpmv = 0xf,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "VHE host's EL0 is not mapped", 0, .mpam0 = LABEL(1, 1, 2, 2),
	  EXPECT(1, 1, 2, 2), .hcr = VHE_HOST, .mpamhcr = EL0_VPMEN, .vpmv = 0xf,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "EL0 with TGE and without E2H is mapped", 0,
	  .mpam0 = LABEL(1, 1, 2, 2), EXPECT(11, 1, 12, 2),
	  .hcr = HCR_TGE, .mpamhcr = EL0_VPMEN, .vpmv = 0xf,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "last mapping register", 1, .mpam1 = LABEL(28, 1, 31, 2),
	  EXPECT(20, 1, 23, 2), .mpamhcr = EL1_VPMEN, .vpmv = 0xf0000000,
	  .vpm7 = VPM(20, 21, 22, 23), .need = NEED_HCR },
	{ "virtual PARTID too large: modulo", 1, .mpam1 = LABEL(33, 1, 63, 2),
	  EXPECT(11, 1, 23, 2), .mpamhcr = EL1_VPMEN, .vpmv = ~0UL,
	  .vpm0 = VPM(10, 11, 12, 13), .vpm7 = VPM(20, 21, 22, 23),
	  .need = NEED_HCR },
	{ "mapping not valid: mapping 0", 1, .mpam1 = LABEL(1, 1, 2, 2),
	  EXPECT(10, 1, 12, 2), .mpamhcr = EL1_VPMEN, .vpmv = 0x5,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "mapping not valid, nor mapping 0: default", 1,
	  .mpam1 = LABEL(1, 1, 2, 2),
	  EXPECT(0, 1, 12, 2), .mpamhcr = EL1_VPMEN, .vpmv = 0x4,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "mapped out of range: default", 1, .mpam1 = LABEL(1, 1, 2, 2),
	  EXPECT(0, 1, 63, 2), .mpamhcr = EL1_VPMEN, .vpmv = 0xf,
	  .vpm0 = VPM(10, 64, 63, 13), .need = NEED_HCR },
	{ "GSTAPP_PLK: EL0 uses MPAM1_EL1", 0,
	  .mpam0 = LABEL(5, 3, 6, 3), .mpam1 = LABEL(1, 1, 2, 2),
	  EXPECT(1, 1, 2, 2), .mpamhcr = GSTAPP_PLK | EL0_VPMEN, .vpmv = 0xf,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "GSTAPP_PLK: EL1_VPMEN maps EL0", 0,
	  .mpam0 = LABEL(5, 3, 6, 3), .mpam1 = LABEL(1, 1, 2, 2),
	  EXPECT(11, 1, 12, 2), .mpamhcr = GSTAPP_PLK | EL1_VPMEN, .vpmv = 0xf,
	  .vpm0 = VPM(10, 11, 12, 13), .need = NEED_HCR },
	{ "GSTAPP_PLK does nothing with TGE", 0,
	  .mpam0 = LABEL(1, 1, 2, 2), .mpam1 = LABEL(5, 3, 6, 3),
	  EXPECT(1, 1, 2, 2), .hcr = VHE_HOST, .mpamhcr = GSTAPP_PLK,
	  .need = NEED_HCR },
	{ "no mapping in Secure state without Secure EL2", 1,
	  .mpam1 = LABEL(1, 1, 2, 2), EXPECT(1, 1, 2, 2),
	  .mpamhcr = EL1_VPMEN, .vpmv = 0xf, .vpm0 = VPM(10, 11, 12, 13),
	  .need = NEED_HCR | NEED_EL3, .secure = true },
	{ "mapping in Secure state with Secure EL2", 1,
	  .mpam1 = LABEL(1, 1, 2, 2), EXPECT(11, 1, 12, 2),
	  .mpamhcr = EL1_VPMEN, .vpmv = 0xf, .vpm0 = VPM(10, 11, 12, 13),
	  .need = NEED_HCR | NEED_EL3, .secure = true, .eel2 = true },
	{ "Secure EL2 uses MPAM2_EL2", 2, .mpam2 = LABEL(1, 1, 2, 2),
	  EXPECT(1, 1, 2, 2), .need = NEED_EL2 | NEED_EL3,
	  .secure = true, .eel2 = true },
	{ "SDEFLT: Secure EL1 has the default label", 1,
	  .mpam1 = LABEL(1, 1, 2, 2), .mpam3 = SDEFLT, EXPECT(0, 0, 0, 0),
	  .need = NEED_SDEFLT, .secure = true },
	{ "SDEFLT: Secure EL0 has the default label", 0,
	  .mpam0 = LABEL(1, 1, 2, 2), .mpam3 = SDEFLT, EXPECT(0, 0, 0, 0),
	  .need = NEED_SDEFLT, .secure = true },
	{ "SDEFLT: so has EL3", 3,
	  .mpam3 = SDEFLT | LABEL(1, 1, 2, 2), EXPECT(0, 0, 0, 0),
	  .need = NEED_SDEFLT, .secure = true },
	{ "SDEFLT: Non-secure EL1 has its own label", 1,
	  .mpam1 = LABEL(1, 1, 2, 2), .mpam3 = SDEFLT, EXPECT(1, 1, 2, 2),
	  .need = NEED_SDEFLT },
	{ "MPAMEN=0: EL0 has the default label", 0,
	  .mpam0 = LABEL(1, 1, 2, 2), EXPECT(0, 0, 0, 0), .disable = true },
	{ "MPAMEN=0: EL1 has the default label", 1,
	  .mpam1 = LABEL(1, 1, 2, 2), EXPECT(0, 0, 0, 0), .disable = true },
	{ "MPAMEN=0: EL2 has the default label", 2,
	  .mpam2 = LABEL(1, 1, 2, 2), EXPECT(0, 0, 0, 0), .disable = true,
	  .need = NEED_EL2 },
	{ "MPAMEN=0: EL3 has the default label", 3,
	  .mpam3 = LABEL(1, 1, 2, 2), EXPECT(0, 0, 0, 0), .disable = true,
	  .need = NEED_EL3 },
};

static void ask_key(const char *key, u64 value)
{
	puts(" ");
	puts(key);
	puts("=");
	put_num(value);
}

/* The host answers an ask in the state that @el is in */
static void answer_at(u64 el)
{
	run_at(el ? 0x3c1 + 4 * el : 0x3c0, (u64)spin_stub, 0, el);
}

static void ask_label(const struct label_test *t)
{
	puts("ask cpu=0");
	ask_key("el", t->el);
	ask_key("enabled", !t->disable);
	ask_key("insn-partid", t->partid_i);
	ask_key("insn-pmg", t->pmg_i);
	ask_key("data-partid", t->partid_d);
	ask_key("data-pmg", t->pmg_d);
	puts(" # ");
	puts(t->name);
	answer_at(t->el);
}

static void test_label(const struct label_test *t)
{
	enum reg owner = mpamen_owner();
	u64 enable = t->disable ? 0 : MPAMEN;

	if (t->disable && owner == NR_REGS)
		return;
	base_state();
	wr(MPAM0_EL1, t->mpam0);
	wr(MPAM1_EL1, t->mpam1 | (owner == MPAM1_EL1 ? enable : 0));
	if (have & NEED_HCR) {
		wr(MPAMHCR_EL2, t->mpamhcr);
		wr(MPAMVPMV_EL2, t->vpmv);
		wr(MPAMVPM0_EL2, t->vpm0);
		wr(MPAMVPM7_EL2, t->vpm7);
	}
	if (have & NEED_EL2)
		wr(MPAM2_EL2, t->mpam2 | (owner == MPAM2_EL2 ? enable : 0));
	if (have & NEED_EL3)
		wr(MPAM3_EL3, t->mpam3 | enable);
	set_hcr(HCR_RW | t->hcr);
	set_scr((t->secure ? 0 : SCR_NS) | (t->eel2 ? SCR_EEL2 : 0));
	ask_label(t);
}

/* The range checks of this configuration */
static void test_range(void)
{
	u64 over_partid = partid_max() < 0xffff ? partid_max() + 1 : 0;
	u64 over_pmg = pmg_max() < 0xff ? pmg_max() + 1 : 0;
	const struct label_test in_range = {
		.name = "PARTID_MAX and PMG_MAX are in range", .el = 1,
		.mpam1 = LABEL(partid_max(), 0, 0, pmg_max()),
		.partid_i = partid_max(), .pmg_d = pmg_max(),
	};
	const struct label_test over = {
		.name = "one more is not", .el = 1,
		.mpam1 = LABEL(over_partid, 0, 0, over_pmg),
	};

	base_state();
	wr(MPAM1_EL1, in_range.mpam1 | mpamen_if(MPAM1_EL1));
	ask_label(&in_range);
	wr(MPAM1_EL1, over.mpam1 | mpamen_if(MPAM1_EL1));
	ask_label(&over);
}

/* CPU 1 comes and goes by PSCI, with new garbage each time */
static void test_psci(void)
{
	u64 seen[2][ARRAY_SIZE(secondary_regs)];

	for (int i = 0; i < 2; i++) {
		__atomic_store_n(&secondary_state, 0, __ATOMIC_RELEASE);
		check_value(psci(PSCI_CPU_ON, 1, (u64)secondary_entry, 0), 0,
			    "PSCI CPU_ON");
		while (__atomic_load_n(&secondary_state, __ATOMIC_ACQUIRE) != 1)
			;
		for (int j = 0; j < ARRAY_SIZE(secondary_regs); j++)
			seen[i][j] = secondary_regs[j];
		puts("ask cpu=1 powered=1 enabled=1 # CPU 1 is on");
		answer_at(driver_el);
		__atomic_store_n(&secondary_state, 2, __ATOMIC_RELEASE);
		while (psci(PSCI_AFFINITY_INFO, 1, 0, 0) != 1)
			;
		puts("ask cpu=1 powered=0 # CPU 1 is off");
		answer_at(driver_el);
		check(label_is_garbage(seen[i][0]), "MPAM0_EL1 of a new CPU");
		check(label_is_garbage(seen[i][1]), "MPAM1_EL1 of a new CPU");
		check(seen[i][2], "MPAMSM_EL1 of a new CPU");
		check_value(seen[i][1] & ~LABEL_MASK, MPAMEN,
			    "firmware has enabled MPAM");
	}
	check(seen[0][0] != seen[1][0], "new garbage in MPAM0_EL1");
	check(seen[0][1] != seen[1][1], "new garbage in MPAM1_EL1");
}

/* Writes are counted under the register that they reach */
static void test_counts(void)
{
	puts("ask cpu=0 writes-mpam0=? writes-mpam1=?");
	puts(" writes-mpamsm=? writes-mpam2=? # remember counts");
	answer_at(driver_el);
	write_at(MPAM0_EL1, 0, 1);
	for (int i = 0; i < 2; i++)
		write_at(MPAM1_EL1, mpamen_if(MPAM1_EL1), 1);
	for (int i = 0; i < 3 && config.sme; i++)
		write_at(MPAMSM_EL1, 0, 1);
	if (have & NEED_EL2) {
		set_hcr(HCR_RW | HCR_E2H);
		write_at(MPAM1_EL1, mpamen_if(MPAM2_EL2), 2);
		write_at(MPAM1_EL12, 0, 2);
		for (int i = 0; i < 3; i++)
			write_at(MPAM2_EL2, mpamen_if(MPAM2_EL2), 2);
	}
	puts("ask cpu=0 writes-mpam0=+1");
	puts(have & NEED_EL2 ? " writes-mpam1=+3" : " writes-mpam1=+2");
	puts(config.sme ? " writes-mpamsm=+3" : " writes-mpamsm=+0");
	puts(have & NEED_EL2 ? " writes-mpam2=+4" : " writes-mpam2=+0");
	puts(" # counts of writes");
	answer_at(driver_el);
}

/* Setup */

static const char *skip_word(const char *s, const char *word)
{
	while (*word)
		if (*s++ != *word++)
			return 0;
	return s;
}

static void parse_arg(const char *arg)
{
	static const struct {
		const char *key;
		u64 *value;
	} keys[] = {
		{ "mpam=", &config.mpam }, { "frac=", &config.frac },
		{ "idr=0x", &config.idr }, { "sme=", &config.sme },
		{ "fw=", &config.fw }, { "cpus=", &config.cpus },
	};

	for (int i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *s = skip_word(arg, keys[i].key);

		for (; s && *s && *s != ' '; s++)
			*keys[i].value = *keys[i].value * 16 +
				(*s <= '9' ? *s - '0' : *s - 'a' + 10);
	}
}

static void parse_command_line(void)
{
	static char line[256];
	u64 block[2] = { (u64)line, sizeof(line) };
	const char *s = line;

	if (semihosting(SYS_GET_CMDLINE, block)) {
		check(false, "command line");
		return;
	}
	while (*s) {
		parse_arg(s);
		while (*s && *s++ != ' ')
			;
	}
}

static u64 probe(void)
{
	u64 pfr0, bits = 0;

	asm("mrs %0, id_aa64pfr0_el1" : "=r"(pfr0));
	if (driver_el >= 2 && (pfr0 >> 8 & 15))
		bits |= NEED_EL2;
	if (driver_el == 3)
		bits |= NEED_EL3;
	if (config.sme)
		bits |= NEED_SME;
	if (config.idr & IDR_HAS_HCR)
		bits |= NEED_HCR;
	if (config.idr & IDR_HAS_TIDR)
		bits |= NEED_TIDR;
	if (config.idr & IDR_HAS_SDEFLT)
		bits |= NEED_SDEFLT;
	if (config.idr & IDR_HAS_FORCE_NS)
		bits |= NEED_FORCE_NS;
	if (vpmr_max() >= 1)
		bits |= NEED_VPM1;
	return bits;
}

int main(void)
{
	parse_command_line();
	have = probe();
	set_scr(SCR_NS);

	test_id();
	if (!config.mpam && !config.frac) {
		access_all(test_plain);
		puts("end\n");
		return failed;
	}

	test_reset();
	access_all(test_plain);
	test_masks();
	test_mpamen();
	test_range();
	if (have & NEED_EL3)
		access_all(test_trap_lower);
	if (have & NEED_FORCE_NS)
		test_forced_ns();
	for (int i = 0; i < ARRAY_SIZE(el2_controls) && have & NEED_EL2; i++) {
		el2_control = &el2_controls[i];
		access_all(test_el2_control);
		if (have & NEED_EL3)
			access_all(test_el2_control_secure);
	}
	if (have & NEED_EL2) {
		test_vhe();
		for (int i = 0; i < ARRAY_SIZE(nv_tests); i++)
			if ((have & nv_tests[i].need) == nv_tests[i].need)
				test_nv(&nv_tests[i]);
	}
	if (partid_max() == 63 && pmg_max() == 3 &&
	    (!(have & NEED_HCR) || vpmr_max() == 7))
		for (int i = 0; i < ARRAY_SIZE(label_tests); i++)
			if ((have & label_tests[i].need) == label_tests[i].need)
				test_label(&label_tests[i]);
	base_state();
	test_counts();
	base_state();
	if (config.cpus > 1)
		test_psci();
	puts("end\n");
	return failed;
}

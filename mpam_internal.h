/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver's shared vocabulary: its objects, its locks, and the doors that
 * each file ("room") opens to the others.
 *
 * Locks, outermost first:
 *
 *  mpam_state_lock		mutex, mpam_devices.c: transitions of the state
 *				machine and the list of MSCs; never taken from
 *				hotplug callbacks or resctrl_arch_*()
 *    cpus_read_lock()		what makes msc->live stable
 *      rdtgroup_mutex		taken by resctrl; we are called with or without
 *	  mpam_config_lock	mutex, mpam_config.c: who changes configuration;
 *				never taken by hotplug callbacks
 *	  comp->cfg_lock	mutex: comp->cfg[] and the hardware agree when
 *				it is dropped
 *	    msc->part_lock	mutex: PART_SEL and what it banks; only inside
 *				the mpam_part token
 *	  comp->slot_lock	raw spinlock, leaf: which group has which CSU
 *				monitor
 *	  msc->mon_lock		raw spinlock, leaf: MON_SEL and what it banks,
 *				and the state of monitors; only inside the
 *				mpam_mon token
 *    msc->probe_lock		mutex: one CPU probes an MSC, once; holds
 *				part_lock inside
 *  msc->irq_lock		raw spinlock, mpam_irq.c: error status and what was
 *				made of it; in interrupts. mpam_why_lock inside
 *  mpam_why_lock		raw spinlock, leaf, mpam_msc.c: msc->why until it is
 *				written
 *  mpam_srcu			read side: anywhere in process context. Waiting
 *				for it: holding at most mpam_state_lock
 */
#ifndef MPAM_INTERNAL_H
#define MPAM_INTERNAL_H

#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mutex.h>
#include <linux/ratelimit_types.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct acpi_table_header;
struct dentry;
struct device;
struct mpam_component;
struct mpam_mon_slot;
struct mpam_msc;
struct mpam_narrow;
struct mpam_vmsc;

/* RIS indices are four bits wide, in the MSC and in firmware */
#define MPAM_MAX_RIS		16

/*
 * Every partitioning control of the architecture. The value is the control's
 * row in mpam_ctrls[] and its bit in mpam_props.has and mpam_config.valid.
 */
enum mpam_ctrl_id {
	MPAM_CTRL_CPBM,
	MPAM_CTRL_CMAX,
	MPAM_CTRL_CMIN,
	MPAM_CTRL_CASSOC,
	MPAM_CTRL_MBW_PBM,
	MPAM_CTRL_MBW_MIN,
	MPAM_CTRL_MBW_MAX,
	MPAM_CTRL_MBW_PROP,
	MPAM_CTRL_INTPRI,
	MPAM_CTRL_DSPRI,
	MPAM_NUM_CTRLS,
};

#define MPAM_CTRLS_ALL		GENMASK(MPAM_NUM_CTRLS - 1, 0)
/* The limits of bandwidth */
#define MPAM_CTRLS_BW		(BIT(MPAM_CTRL_MBW_MIN) | BIT(MPAM_CTRL_MBW_MAX))

/**
 * enum mpam_ctrl_kind - how a control's value is laid out
 * @MPAM_KIND_BITMAP:	one bit per portion, in as many words as it takes
 * @MPAM_KIND_FRACTION:	binary fraction, left-aligned in 16 bits: only the
 *			topmost "width" bits exist
 * @MPAM_KIND_LEVEL:	integer in the lowest "width" bits of its field
 * @MPAM_KIND_STRIDE:	the same, and one less than what it stands for
 */
enum mpam_ctrl_kind {
	MPAM_KIND_BITMAP,
	MPAM_KIND_FRACTION,
	MPAM_KIND_LEVEL,
	MPAM_KIND_STRIDE,
};

/**
 * enum mpam_ctrl_merge - what becomes of a control whose widths differ
 * @MPAM_MERGE_EQUAL:	it is dropped: its values mean different things
 * @MPAM_MERGE_MIN:	the coarser width is kept
 */
enum mpam_ctrl_merge {
	MPAM_MERGE_EQUAL,
	MPAM_MERGE_MIN,
};

/**
 * enum mpam_ctrl_reset - the value that means "no limit, no favour"
 * @MPAM_RESET_PERMISSIVE:	all implemented bits set
 * @MPAM_RESET_ZERO:		zero
 * @MPAM_RESET_TOP_PRIORITY:	the highest priority, whichever way it counts
 */
enum mpam_ctrl_reset {
	MPAM_RESET_PERMISSIVE,
	MPAM_RESET_ZERO,
	MPAM_RESET_TOP_PRIORITY,
};

/**
 * struct mpam_ctrl_desc - a partitioning control
 * @name:	its name, as the architecture spells it
 * @idr_gate:	MPAMF_IDR bit that says that @id_reg is there
 * @id_reg:	offset of the ID register that describes it
 * @id_has:	bit of @id_reg that must be set for it to exist, or 0
 * @id_not:	bit of @id_reg that must be clear for it to exist, or 0
 * @id_wd:	field of @id_reg that holds its width in bits
 * @id_0_low:	bit of @id_reg that says that 0 is the lowest priority, or 0
 * @max_wd:	largest width that the architecture allows
 * @cfg_reg:	offset of its configuration register, or of the first of them
 * @cfg_field:	its field there; rows that share a register are neighbours
 * @cfg_on:	bit beside the field that has a value which somebody asked for
 *		enforced, or 0
 * @id_no_on:	field of @id_reg that must be zero for @cfg_on to be writable
 * @kind:	layout of its value
 * @merge:	how differing widths are merged
 * @reset:	the value that limits nothing
 */
struct mpam_ctrl_desc {
	const char		*name;
	u64			idr_gate;
	u16			id_reg;
	u32			id_has;
	u32			id_not;
	u32			id_wd;
	u32			id_0_low;
	u16			max_wd;
	u16			cfg_reg;
	u32			cfg_field;
	u32			cfg_on;
	u32			id_no_on;
	enum mpam_ctrl_kind	kind;
	enum mpam_ctrl_merge	merge;
	enum mpam_ctrl_reset	reset;
};

/* What a monitor tells; MSCs number the monitors of each type from 0 */
enum mpam_mon_type {
	MPAM_MON_CSU,		/* bytes that are in a cache now */
	MPAM_MON_MBWU,		/* bytes that have been transferred */
	MPAM_NUM_MON_TYPES,
};

/* Every layout of a monitor's registers: the rows of mpam_mons[] */
enum mpam_mon_row {
	MPAM_MON_ROW_CSU,
	MPAM_MON_ROW_MBWU_31,
	MPAM_MON_ROW_MBWU_44,
	MPAM_MON_ROW_MBWU_63,
	MPAM_NUM_MON_ROWS,
};

/**
 * struct mpam_mon_desc - a layout of a monitor's registers
 * @name:	its name, as the architecture spells it
 * @type:	what it tells
 * @type_code:	what MSMON_CFG_*_CTL.TYPE reads as
 * @ctl_reg:	offset of MSMON_CFG_*_CTL
 * @flt_reg:	offset of MSMON_CFG_*_FLT
 * @val_reg:	offset of the value
 * @wide:	the value has an upper word, at the next offset
 * @val_mask:	which bits of the value count; it wraps beyond them
 * @nrdy:	bit of the value: it is not ready
 * @oflow:	bit of CTL: the value has wrapped; 0 for what can't
 * @oflow_intr:	bit of CTL: interrupt when @oflow gets set
 */
struct mpam_mon_desc {
	const char		*name;
	enum mpam_mon_type	type;
	u8			type_code;
	u16			ctl_reg;
	u16			flt_reg;
	u16			val_reg;
	bool			wide;
	u64			val_mask;
	u64			nrdy;
	u32			oflow;
	u32			oflow_intr;
};

/**
 * struct mpam_props - which controls and monitors a RIS, vMSC or class has
 * @has:	bit per control
 * @zero_low:	bit per control: 0 is its lowest priority
 * @on:		bit per control: the bit beside its field can be set; this is
 *		of a RIS only
 * @derived:	bit per control: an erratum has mpam_ctrl_fixup() compute it from
 *		another control. A RIS has it; its vMSC and class don't.
 * @wd:		width per control, in bits; valid where @has is set
 * @nr_mons:	number of monitors per type
 * @mon_rwbw:	MBWU monitors can tell reads from writes
 */
struct mpam_props {
	u32	has;
	u32	zero_low;
	u32	on;
	u32	derived;
	u16	wd[MPAM_NUM_CTRLS];
	u32	nr_mons[MPAM_NUM_MON_TYPES];
	bool	mon_rwbw;
};

/* Which transfers an MBWU monitor counts, as MSMON_CFG_MBWU_FLT.RWBW has it */
enum mpam_mon_rwbw {
	MPAM_MON_ALL		= 0,
	MPAM_MON_WRITES		= 1,
	MPAM_MON_READS		= 2,
	MPAM_MON_NOTHING	= 3,	/* reserved there: the monitor is not enabled */
};

/**
 * struct mpam_mon_filter - what a monitor looks at
 * @partid:	PARTID of the requests, before any narrowing
 * @pmg:	their PMG
 * @rwbw:	enum mpam_mon_rwbw; 0 for CSU monitors
 */
struct mpam_mon_filter {
	u16	partid;
	u8	pmg;
	u8	rwbw;
};

/**
 * struct mpam_mon_ref - a monitor, and what it is to be used for
 * @mon:	index of the monitor
 * @filter:	what it looks at
 */
struct mpam_mon_ref {
	u16			mon;
	struct mpam_mon_filter	filter;
};

/**
 * struct mpam_mon_inst - the state of a monitor of a RIS; under msc->mon_lock
 * @filter:	what it looks at
 * @wanted:	MBWU: somebody wants the count, MSC up or down
 * @armed:	the hardware has been told @filter, and keeps it
 * @settled:	CSU: the time that it may be not ready is over
 * @pending:	CSU: was not ready when the value was read first
 * @intr:	MBWU: it interrupts when it wraps
 * @lost:	MBWU: how much was counted can't be known any more
 * @raw:	MBWU: the register's value at the last look
 * @scaled:	MBWU: its register counts with SCLEN set
 * @total:	MBWU: count up to the last look, in bytes
 * @seen_ns:	MBWU: time of the last look
 */
struct mpam_mon_inst {
	struct mpam_mon_filter	filter;
	bool			wanted;
	bool			armed;
	bool			settled;
	bool			pending;
	bool			intr;
	bool			lost;
	bool			scaled;
	u64			raw;
	u64			total;
	u64			seen_ns;
};

/**
 * struct mpam_config - what one PARTID is configured to in one component
 * @valid:	bit per control: somebody asked for @val; else it is at reset
 * @dirty:	bit per control: differs from what the hardware holds; non-zero
 *		only while cfg_lock is held
 * @val:	value per control, see mpam_ctrl_encode()
 */
struct mpam_config {
	u32	valid;
	u32	dirty;
	u32	val[MPAM_NUM_CTRLS];
};

enum mpam_class_type {
	MPAM_CLASS_CACHE,	/* a CPU cache; level is known */
	MPAM_CLASS_MEMORY,	/* a memory channel; the NUMA node is known */
	MPAM_CLASS_UNKNOWN,	/* anything else: kept at reset, offered to none */
};

/**
 * struct mpam_fw_ris - what firmware says of a resource
 * @idx:	RIS index, 0..15
 * @type:	what kind of resource it controls
 * @level:	cache level for MPAM_CLASS_CACHE, else 0
 * @comp_id:	cache id, or NUMA node: RIS of one type, level and comp_id
 *		together control one component
 * @affinity:	the CPUs behind that component
 */
struct mpam_fw_ris {
	u8			idx;
	enum mpam_class_type	type;
	u8			level;
	u32			comp_id;
	struct cpumask		affinity;
};

/* What an MSC has interrupts for */
enum mpam_irq_kind {
	MPAM_IRQ_ERROR,		/* MPAMF_ESR has something to say */
	MPAM_IRQ_OVERFLOW,	/* a monitor has wrapped */
	MPAM_NUM_IRQS,
};

/* Room for the reason why an MSC is of no use */
#define MPAM_WHY_LEN		96

/**
 * struct mpam_fw_msc - what firmware says of an MSC
 * @id:		identifier, unique in the system
 * @nrdy_usec:	longest time a monitor stays not-ready, in microseconds
 * @reach:	the CPUs that may access its registers
 * @nr_ris:	number of valid entries in @ris
 * @ris:	its resources, as far as they could be made out
 * @irq:	its interrupts, or 0
 * @irq_cpus:	the CPUs that an interrupt which each has for itself comes to;
 *		none if firmware does not say
 * @why:	what is wrong, to follow its name; empty if nothing is
 * @vague:	@why is about @ris: the MSC can be used, but what it controls is
 *		not known for sure
 */
struct mpam_fw_msc {
	u32			id;
	u32			nrdy_usec;
	struct cpumask		reach;
	unsigned int		nr_ris;
	struct mpam_fw_ris	ris[MPAM_MAX_RIS];
	int			irq[MPAM_NUM_IRQS];
	struct cpumask		irq_cpus[MPAM_NUM_IRQS];
	char			why[MPAM_WHY_LEN];
	bool			vague;
};

static inline bool mpam_fw_usable(const struct mpam_fw_msc *fw)
{
	return !fw->why[0] || fw->vague;
}

/**
 * struct mpam_ris - a resource instance of an MSC
 * @idx:	its RIS index
 * @in_fw:	firmware lists it
 * @in_hw:	the MSC has it
 * @props:	its controls and monitors, as probed
 * @mbwu_row:	layout of its MBWU monitors
 * @mbwu_scale:	a 31-bit MBWU value can be shifted right by this many bits
 * @mbwu_ofsr:	it has MSMON_MBWU_OFSR
 * @mbwu_mute:	its monitors can't interrupt when they wrap
 * @csu_ro:	the value of its CSU monitors can't be written
 * @vmsc:	what it is linked to in the topology, or NULL; const while the
 *		topology is published
 * @mons:	state of its monitors, per type; allocated with the topology
 */
struct mpam_ris {
	u8			idx;
	bool			in_fw;
	bool			in_hw;
	struct mpam_props	props;
	enum mpam_mon_row	mbwu_row;
	u8			mbwu_scale;
	bool			mbwu_ofsr;
	bool			mbwu_mute;
	bool			csu_ro;
	struct mpam_vmsc	*vmsc;
	struct mpam_mon_inst	*mons[MPAM_NUM_MON_TYPES];
};

/**
 * struct mpam_msc_ops - how an MSC's registers are reached
 * @read:	read the 32-bit register at a byte offset
 * @write:	write it
 */
struct mpam_msc_ops {
	u32  (*read)(struct mpam_msc *msc, u32 offset);
	void (*write)(struct mpam_msc *msc, u32 offset, u32 val);
};

/* The rows of the table of errata in mpam_errata.c */
enum mpam_erratum_id {
	MPAM_ERRATUM_T241_1,
	MPAM_ERRATUM_T241_4,
	MPAM_ERRATUM_T241_6,
	MPAM_ERRATUM_CMN650_3642720,
	MPAM_NUM_ERRATA,
};

/* MPAMF_ESR.ERRCODE has four bits */
#define MPAM_NUM_ERRS		16

/**
 * struct mpam_err_desc - an error that an MSC detects
 * @name:	its name, as the architecture spells it
 * @what:	what that means
 * @park:	the MSC is not what it was any more
 * @shows:	which fields of MPAMF_ESR say more
 */
struct mpam_err_desc {
	const char	*name;
	const char	*what;
	bool		park;
	u8		shows;
};

/**
 * struct mpam_irq_rate - how many there were lately
 * @since:	when the first of them was, in jiffies
 * @nr:		how many
 */
struct mpam_irq_rate {
	unsigned long	since;
	unsigned int	nr;
};

/* One per platform device; lives as long as the device */
struct mpam_msc {
	/* const once bound */
	struct list_head		node;	/* in mpam_mscs, SRCU */
	struct device			*dev;
	const struct mpam_msc_ops	*ops;
	void __iomem			*base;
	phys_addr_t			phys;
	u32				size;
	struct mpam_fw_msc		fw;
	struct dentry			*debugfs;

	/* one probe, then const */
	struct mutex			probe_lock;
	bool				probed;
	u32				aidr;
	u32				iidr;
	u64				idr;
	u16				partid_max;	/* of requests */
	u16				intpartid_max;	/* of controls: the same, or fewer */
	u8				pmg_max;
	u8				ris_max;
	struct mpam_ris			ris[MPAM_MAX_RIS];

	/* how it differs from the architecture: mpam_errata_detect(); then const */
	u32				errata;	/* bit per enum mpam_erratum_id */
	u8				mbwu_shift; /* MBWU counts and wraps in 2^n bytes */
	bool				csu_nrdy_stuck; /* NRDY of a CSU monitor never clears */
	/* called after MBW_MIN or MBW_MAX of a PARTID was written, or NULL */
	void				(*bw_written)(struct mpam_msc *msc, u16 partid);
	void __iomem			*chip_regs; /* what @bw_written needs */

	/* written by hotplug callbacks and by the state machine, one at a time */
	bool				live;	/* holds what cfg[] says */
	bool				leaving; /* was live, and is to be reset for good */
	bool				stale;	/* was configured since it was last reset */

	/* written once, under mpam_why_lock; read by mpam_msc_is_bad(), then @why */
	bool				bad;	/* of no use, and not touched any more */
	char				why[MPAM_WHY_LEN];
	atomic_t			said;	/* the log has it */

	/* who shares internal PARTIDs, if there are too few; under mpam_config_lock */
	struct mpam_narrow		*narrow;

	/* written where its lines are requested and given back: nobody uses them then */
	bool				err_irq; /* may interrupt for errors */
	bool				err_edge; /* its line has no level */
	bool				oflow_line; /* has one for monitors that wrap */

	/* somebody listens to that; cleared by interrupts, set when the MSC comes up */
	bool				oflow_irq;

	/* ESR, ECR, and the following; leaf, in interrupts too */
	raw_spinlock_t			irq_lock;
	bool				muted;	/* there were too many errors */
	bool				resting; /* too many that are expected: not for long */
	u32				errs[MPAM_NUM_ERRS]; /* how many, by code */
	struct mpam_irq_rate		err_rate;
	struct mpam_irq_rate		rest_rate; /* of those that are expected */
	struct delayed_work		rest_work;
	struct ratelimit_state		err_limit;

	/* PART_SEL and what it banks; taken by the mpam_part token alone */
	struct mutex			part_lock;

	/* MON_SEL, what it banks, ris[].mons; by the mpam_mon token alone */
	raw_spinlock_t			mon_lock;
};

/* The RIS of one MSC that serve one component; const once built */
struct mpam_vmsc {
	struct list_head	node;		/* in comp->vmscs */
	struct mpam_component	*comp;
	struct mpam_msc		*msc;
	u16			ris_mask;	/* bit per RIS index */
	struct mpam_props	props;		/* of all of them together */
};

/* What resctrl calls a domain: one cache, one memory node */
struct mpam_component {
	struct list_head	node;		/* in class->comps */
	struct mpam_class	*class;
	u32			id;
	struct cpumask		affinity;
	struct list_head	vmscs;

	/* cfg[] agrees with the hardware of every live MSC when it is dropped */
	struct mutex		cfg_lock;
	struct mpam_config	*cfg;		/* by PARTID */
	u32			nr_cfg;

	/* which group has which CSU monitor */
	raw_spinlock_t		slot_lock;
	struct mpam_mon_slot	*slots;		/* by monitor */
	u32			nr_slots;
	u64			slot_clock;
};

/* All components of a kind; const once built */
struct mpam_class {
	struct list_head	node;		/* in topo->classes */
	enum mpam_class_type	type;
	u8			level;
	struct mpam_props	props;		/* what all of them have */
	struct cpumask		affinity;
	struct list_head	comps;

	/*
	 * An MSC that is of no use for it, or NULL: without that, a limit would
	 * hold in parts of a component only. May be set while in use.
	 */
	const struct mpam_msc	*lost;

	/* of memory: mpam_resctrl_unlike_l3() has been answered; const then */
	bool			compared;
	const char		*unlike_l3;
};

static inline bool mpam_class_complete(const struct mpam_class *class)
{
	return !READ_ONCE(class->lost);
}

struct mpam_topo {
	struct list_head	classes;
};

#define for_each_mpam_class(class, topo) \
	list_for_each_entry(class, &(topo)->classes, node)
#define for_each_mpam_comp(comp, class) \
	list_for_each_entry(comp, &(class)->comps, node)
#define for_each_mpam_vmsc(vmsc, comp) \
	list_for_each_entry(vmsc, &(comp)->vmscs, node)
/* All MSCs that are bound; under mpam_srcu */
#define for_each_mpam_msc(msc)						\
	list_for_each_entry_srcu(msc, &mpam_mscs, node,			\
				 srcu_read_lock_held(&mpam_srcu))
/* The RIS that the hardware has, linked into the topology or not, in turn */
static inline struct mpam_ris *mpam_ris_from(struct mpam_msc *msc, unsigned int idx)
{
	for (; idx <= msc->ris_max; idx++) {
		if (msc->ris[idx].in_hw)
			return &msc->ris[idx];
	}

	return NULL;
}

static inline struct mpam_ris *mpam_ris_first(struct mpam_msc *msc)
{
	return mpam_ris_from(msc, 0);
}

static inline struct mpam_ris *mpam_ris_next(struct mpam_msc *msc, struct mpam_ris *ris)
{
	return mpam_ris_from(msc, ris->idx + 1);
}

enum mpam_step_id {
	MPAM_STEP_TOPOLOGY,
	MPAM_STEP_LIMITS,
	MPAM_STEP_CONFIG,
	MPAM_STEP_RESOURCES,
	MPAM_STEP_LABELS,
	MPAM_STEP_IRQS,
	MPAM_STEP_RESCTRL,
	MPAM_NUM_STEPS,
};

/**
 * struct mpam_step - a step on the way from DISCOVERING to ENABLED
 * @name:	what it does, to be read after "... failed"
 * @up:		does it, or undoes what it did and returns -errno
 * @down:	undoes it, or NULL
 */
struct mpam_step {
	const char	*name;
	int		(*up)(void);
	void		(*down)(void);
};

/* mpam_devices.c */
extern struct list_head mpam_mscs;
extern struct srcu_struct mpam_srcu;

__printf(2, 3) void mpam_devices_fail(struct device *dev, const char *fmt, ...);
struct mpam_topo *mpam_devices_topo(void);
void mpam_devices_park(struct mpam_msc *msc);
void mpam_devices_deaf(void);
bool mpam_devices_failed(void);
__printf(2, 3) void mpam_fw_reject(struct mpam_fw_msc *fw, const char *fmt, ...);
__printf(2, 3) void mpam_fw_doubt(struct mpam_fw_msc *fw, const char *fmt, ...);
bool mpam_fw_same_ris(const struct mpam_fw_msc *a, const struct mpam_fw_msc *b);
u32 mpam_limits_partids(void);
u32 mpam_limits_pmgs(void);

#if IS_ENABLED(CONFIG_KUNIT)
extern const struct mpam_step mpam_steps[MPAM_NUM_STEPS];

struct resource mpam_fw_frame(const struct resource *res);
void mpam_fw_check_frame(struct mpam_fw_msc *fw, const struct resource *res);

int mpam_steps_up(const struct mpam_step *steps, unsigned int nr, const char **failed);
void mpam_steps_down(const struct mpam_step *steps, unsigned int nr);
#endif

/* mpam_fw_acpi.c, mpam_fw_dt.c */

/**
 * struct mpam_acpi_refs - looks up what the ACPI MPAM table refers to
 * @cache:	level and CPUs of a cache id; 0 or -errno
 * @container:	CPUs of a processor container's UID; 0 or -errno
 * @domain:	NUMA node of a proximity domain, or NUMA_NO_NODE
 * @cpu:	CPU of a processor's UID, or -errno
 */
struct mpam_acpi_refs {
	int (*cache)(u32 id, u8 *level, struct cpumask *cpus);
	int (*container)(u32 uid, struct cpumask *cpus);
	int (*domain)(int pxm);
	int (*cpu)(u32 uid);
};

/**
 * struct mpam_acpi_msc - what the ACPI MPAM table says of an MSC
 * @fw:		what is the same for all firmware
 * @res:	its registers; without flags if they can't be used
 * @gsiv:	its interrupts, or 0
 * @edge:	they are edge-triggered, not level
 * @twice:	an MSC before it has the same identifier
 */
struct mpam_acpi_msc {
	struct mpam_fw_msc	fw;
	struct resource		res;
	u32			gsiv[MPAM_NUM_IRQS];
	bool			edge[MPAM_NUM_IRQS];
	bool			twice;
};

#ifdef CONFIG_ACPI_MPAM
int mpam_fw_acpi_discover(void);

#if IS_ENABLED(CONFIG_KUNIT)
int mpam_fw_acpi_parse(const struct acpi_table_header *table,
		       const struct mpam_acpi_refs *refs,
		       struct mpam_acpi_msc *mscs, char *why);
#endif
#else
static inline int mpam_fw_acpi_discover(void) { return 0; }
#endif
int mpam_fw_dt_discover(void);
void mpam_fw_dt_parse(struct device *dev, struct mpam_fw_msc *fw);

/* mpam_msc.c */
extern const struct mpam_msc_ops mpam_msc_mmio_ops;

void mpam_msc_init(struct mpam_msc *msc, struct device *dev,
		   const struct mpam_msc_ops *ops);
__printf(2, 3) int mpam_msc_reject(struct mpam_msc *msc, const char *fmt, ...);
bool mpam_msc_is_bad(const struct mpam_msc *msc);
bool mpam_msc_usable(const struct mpam_msc *msc);
u32 mpam_msc_rd(struct mpam_msc *msc, u32 offset);
void mpam_msc_wr(struct mpam_msc *msc, u32 offset, u32 val);
int mpam_msc_call(struct mpam_msc *msc, int (*fn)(void *arg), void *arg);

/* The right to access what PART_SEL banks; see mpam_part_begin() */
struct mpam_part {
	struct mpam_msc	*msc;
};

struct mpam_part mpam_part_begin(struct mpam_msc *msc, u8 ris, u16 partid);
void mpam_part_end(struct mpam_part *sel);
u32 mpam_part_rd(const struct mpam_part *sel, u32 offset);
void mpam_part_wr(const struct mpam_part *sel, u32 offset, u32 val);
void mpam_part_request_wr(struct mpam_msc *msc, u16 partid, u32 offset, u32 val);

DEFINE_CLASS(mpam_part, struct mpam_part, mpam_part_end(&_T),
	     mpam_part_begin(msc, ris, partid),
	     struct mpam_msc *msc, u8 ris, u16 partid)

/* The right to access what MON_SEL banks; see mpam_mon_begin() */
struct mpam_mon {
	struct mpam_msc	*msc;
	unsigned long	flags;
};

struct mpam_mon mpam_mon_begin(struct mpam_msc *msc, u8 ris, u16 mon);
void mpam_mon_end(struct mpam_mon *sel);
u32 mpam_mon_rd(const struct mpam_mon *sel, u32 offset);
void mpam_mon_wr(const struct mpam_mon *sel, u32 offset, u32 val);

DEFINE_CLASS(mpam_mon, struct mpam_mon, mpam_mon_end(&_T),
	     mpam_mon_begin(msc, ris, mon),
	     struct mpam_msc *msc, u8 ris, u16 mon)

/* mpam_probe.c */
int mpam_probe_msc(struct mpam_msc *msc);
int mpam_probe_recheck(struct mpam_msc *msc);
bool mpam_probe_is_gone(struct mpam_msc *msc);

/* mpam_errata.c */
int mpam_errata_detect(struct mpam_msc *msc);

#if IS_ENABLED(CONFIG_KUNIT)
int mpam_errata_override(const char *arg);
bool mpam_errata_t241_agree(const void __iomem *regs, u16 partid);
#endif

/* mpam_ctrl.c */
extern const struct mpam_ctrl_desc mpam_ctrls[MPAM_NUM_CTRLS];

u32 mpam_ctrl_reset(enum mpam_ctrl_id ctrl, const struct mpam_props *props);
unsigned int mpam_ctrl_bits(unsigned int wd);
u32 mpam_ctrl_encode(enum mpam_ctrl_id ctrl, const struct mpam_props *props, u32 user);
u32 mpam_ctrl_decode(enum mpam_ctrl_id ctrl, const struct mpam_props *props, u32 val);
u32 mpam_ctrl_percent_min(enum mpam_ctrl_id ctrl, const struct mpam_props *props);
u32 mpam_ctrl_percent_step(enum mpam_ctrl_id ctrl, const struct mpam_props *props);
u32 mpam_ctrl_bitmap_word(enum mpam_ctrl_id ctrl, const struct mpam_props *props,
			  const struct mpam_config *cfg, unsigned int word);
u32 mpam_ctrl_field(enum mpam_ctrl_id ctrl, const struct mpam_props *props,
		    const struct mpam_config *cfg);
bool mpam_ctrl_same(const struct mpam_props *props, u32 ctrls,
		    const struct mpam_config *a, const struct mpam_config *b);
void mpam_ctrl_fixup(const struct mpam_props *props, struct mpam_config *cfg);
unsigned int mpam_ctrl_group_end(unsigned int first);

/* mpam_class.c */
void mpam_props_merge(struct mpam_props *into, const struct mpam_props *from,
		      bool unite);
struct mpam_topo *mpam_topo_build(struct list_head *mscs);
void mpam_topo_free(struct mpam_topo *topo);
void mpam_class_limits(const struct mpam_class *class, u16 *partid_max, u8 *pmg_max);
struct mpam_class *mpam_class_find(struct mpam_topo *topo,
				   enum mpam_class_type type, u8 level);
struct mpam_component *mpam_comp_find(const struct mpam_class *class, unsigned int cpu);

/* mpam_narrow.c */

/* What of an internal PARTID's controls has to be written */
enum mpam_narrow_todo {
	MPAM_NARROW_NOTHING,
	MPAM_NARROW_LEFT,	/* nothing; somebody may want to come back to it */
	MPAM_NARROW_CHANGED,	/* what is dirty */
	MPAM_NARROW_ALL,	/* everything, in each RIS of the MSC */
};

int mpam_narrow_alloc(struct mpam_msc *msc, u32 nr_partids);
void mpam_narrow_free(struct mpam_msc *msc);
int mpam_narrow_place(struct mpam_msc *msc, struct mpam_component *comp,
		      u16 first, u16 last, bool reset);
enum mpam_narrow_todo mpam_narrow_plan(struct mpam_msc *msc, u16 partid,
				       u16 *intpartid, bool *remap);
void mpam_narrow_undo(struct mpam_msc *msc, struct mpam_component *comp,
		      u16 first, u16 last);
void mpam_narrow_done(struct mpam_msc *msc);
void mpam_narrow_reset(struct mpam_msc *msc);
u16 mpam_narrow_intpartid(const struct mpam_msc *msc, u32 partid);
bool mpam_narrow_member(const struct mpam_msc *msc, u32 intpartid, u16 *partid);

/* mpam_config.c */
extern struct mutex mpam_config_lock;

int mpam_config_alloc(struct mpam_topo *topo, u32 nr_partids);
int mpam_config_put_back(struct mpam_component *comp, const u16 *partids,
			 unsigned int nr, enum mpam_ctrl_id ctrl, u32 val);
int mpam_config_set(struct mpam_component *comp, const u16 *partids,
		    unsigned int nr, enum mpam_ctrl_id ctrl, u32 val);
bool mpam_config_get(struct mpam_component *comp, u16 partid,
		     enum mpam_ctrl_id ctrl, u32 *val);
int mpam_config_reset(struct mpam_component *comp, u16 first, u16 last, u32 ctrls);
void mpam_config_reset_all(struct mpam_topo *topo);
void mpam_config_restore_msc(struct mpam_msc *msc, u32 nr_partids);

/* mpam_monitor.c */
extern const struct mpam_mon_desc mpam_mons[MPAM_NUM_MON_ROWS];

int mpam_monitor_alloc(struct mpam_topo *topo);
void mpam_monitor_free(struct mpam_component *comp);
int mpam_monitor_pick(struct mpam_component *comp, struct mpam_mon_ref *refs,
		      unsigned int nr);
int mpam_monitor_assign(struct mpam_component *comp, const struct mpam_mon_ref *ref,
			bool on);
int mpam_monitor_reset(struct mpam_component *comp, const struct mpam_mon_ref *refs,
		       unsigned int nr);
int mpam_monitor_read(struct mpam_component *comp, enum mpam_mon_type type,
		      const struct mpam_mon_ref *refs, unsigned int nr, u64 *val);
void mpam_monitor_readers(struct mpam_component *comp, enum mpam_mon_type type,
			  struct cpumask *cpus);
unsigned int mpam_monitor_poll_ms(struct mpam_class *class);
void mpam_monitor_poll(struct mpam_class *class);
void mpam_monitor_save_msc(struct mpam_msc *msc);
void mpam_monitor_restore_msc(struct mpam_msc *msc);
void mpam_monitor_stop_msc(struct mpam_msc *msc);
void mpam_monitor_stop_all(void);
bool mpam_monitor_overflow(struct mpam_msc *msc);

/* mpam_irq.c */
extern const char * const mpam_irq_names[MPAM_NUM_IRQS];

void mpam_irq_init_msc(struct mpam_msc *msc);
int mpam_irq_request(void);
void mpam_irq_free(void);
void mpam_irq_online_cpu(unsigned int cpu);
void mpam_irq_offline_cpu(unsigned int cpu);
void mpam_irq_enable_msc(struct mpam_msc *msc);
void mpam_irq_reopen_msc(struct mpam_msc *msc);
void mpam_irq_disable_msc(struct mpam_msc *msc);

extern const struct mpam_err_desc mpam_errs[MPAM_NUM_ERRS];

#if IS_ENABLED(CONFIG_KUNIT)
bool mpam_irq_error(struct mpam_msc *msc);
#endif

/* mpam_resctrl.c */
bool mpam_resctrl_wants(struct mpam_topo *topo, const struct mpam_class *class);
int mpam_resctrl_init(struct mpam_topo *topo);
void mpam_resctrl_exit(void);
int mpam_resctrl_start(void);
void mpam_resctrl_stop(void);
void mpam_resctrl_label_cpu(unsigned int cpu);
bool mpam_resctrl_any_left(void);
void mpam_resctrl_mon_start(void);
void mpam_resctrl_online_cpu(unsigned int cpu);
void mpam_resctrl_offline_cpu(unsigned int cpu);

/* mpam_debugfs.c */
#ifdef CONFIG_DEBUG_FS
void mpam_debugfs_init(void);
void mpam_debugfs_add_msc(struct mpam_msc *msc);
void mpam_debugfs_enabled(void);
#else
static inline void mpam_debugfs_init(void) {}
static inline void mpam_debugfs_enabled(void) {}
static inline void mpam_debugfs_add_msc(struct mpam_msc *msc) {}
#endif

#endif /* MPAM_INTERNAL_H */

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): what describes one, and what may
 * be asked of it.
 *
 * A board creates the device, fills in @params, @ris and @cpus, sets the
 * properties and realizes it. Power is told by arm_mpam_msc_cpu_power().
 */
#ifndef HW_MISC_ARM_MPAM_MSC_H
#define HW_MISC_ARM_MPAM_MSC_H

#include "hw/sysbus.h"
#include "qapi/qapi-types-mpam-msc.h"
#include "qom/object.h"

#define TYPE_ARM_MPAM_MSC "arm-mpam-msc"
OBJECT_DECLARE_SIMPLE_TYPE(ArmMpamMsc, ARM_MPAM_MSC)

#define ARM_MPAM_MAX_CPUS       512
#define ARM_MPAM_MAX_RIS        16

/*
 * What an implementation may choose. Those before ARM_MPAM_RIS_PARAMS are
 * the MSC's, the others can differ between its resource instances.
 */
typedef enum ArmMpamParam {
    ARM_MPAM_ARCH_MAJOR,
    ARM_MPAM_ARCH_MINOR,
    ARM_MPAM_PARTID_MAX,
    ARM_MPAM_PMG_MAX,
    ARM_MPAM_EXT,           /* derived: MPAMF_IDR has an upper half */
    ARM_MPAM_HAS_RIS,
    ARM_MPAM_RIS_MAX,
    ARM_MPAM_HAS_ESR,
    ARM_MPAM_HAS_EXTD_ESR,  /* derived: MPAMF_ESR has an upper half */
    ARM_MPAM_LATE_ERRORS,   /* fault at the access, not at the selection */
    ARM_MPAM_ERR_MSI,
    ARM_MPAM_ALWAYS_ON,
    ARM_MPAM_INTPARTIDS,    /* number of internal PARTIDs, 0: no narrowing */
    ARM_MPAM_INTPARTID_MAX, /* derived from that */
    ARM_MPAM_ENDIS,
    ARM_MPAM_NFU,
    ARM_MPAM_OFLOW_SR,
    ARM_MPAM_OFLOW_MSI,
    ARM_MPAM_NO_OFLOW_INTR,
    ARM_MPAM_LOCAL_CAPT,
    ARM_MPAM_CAPT_EVENTS,   /* external capture events: 1 to this */
    ARM_MPAM_NRDY_US,       /* how long NRDY stays set */
    ARM_MPAM_MONITORS,      /* derived: any of its RIS has any monitor */
    ARM_MPAM_CONTROLS,      /* derived: any of its RIS has any control */
    ARM_MPAM_WINWD,         /* derived: any of its RIS controls bandwidth */
    ARM_MPAM_WINDWR,        /* the bandwidth window can be changed */
    ARM_MPAM_ALWAYS,        /* derived: true */

    ARM_MPAM_RIS_PARAMS,
    ARM_MPAM_CPBM_WD = ARM_MPAM_RIS_PARAMS,
    ARM_MPAM_CMAX_WD,
    ARM_MPAM_NO_CMAX,
    ARM_MPAM_HAS_CMAX,      /* derived from the two above */
    ARM_MPAM_CMAX_SOFTLIM,
    ARM_MPAM_CMIN,
    ARM_MPAM_CASSOC_WD,
    ARM_MPAM_BWA_WD,
    ARM_MPAM_MBW_MIN,
    ARM_MPAM_MBW_MAX,
    ARM_MPAM_MBW_MAX_LIM,
    ARM_MPAM_MBW_PROP,
    ARM_MPAM_MBW_PBM_WD,
    ARM_MPAM_INTPRI_WD,
    ARM_MPAM_INTPRI_0_IS_LOW,
    ARM_MPAM_DSPRI_WD,
    ARM_MPAM_DSPRI_0_IS_LOW,
    ARM_MPAM_HAS_PRI,       /* derived: either priority */
    ARM_MPAM_HAS_MBW,       /* derived: any bandwidth control */
    ARM_MPAM_HAS_CCAP,      /* derived: any capacity control */
    ARM_MPAM_HAS_IMPL_IDR,
    ARM_MPAM_IMPL_IDR_VALUE,
    ARM_MPAM_NO_IMPL_PART,
    ARM_MPAM_NO_IMPL_MSMON,
    ARM_MPAM_HAS_MSMON,     /* derived: either monitor */

    ARM_MPAM_CSU_MONITORS,  /* how many */
    ARM_MPAM_CSU_NRDY,      /* ArmMpamNrdy */
    ARM_MPAM_CSU_CAPTURE,
    ARM_MPAM_CSU_OFSR,
    ARM_MPAM_CSU_OFLOW_LNKG,
    ARM_MPAM_CSU_CEVNT_OFLW,
    ARM_MPAM_CSU_OFLOW_CAPT,
    ARM_MPAM_CSU_OFLOW,     /* derived: has a notion of overflow */
    ARM_MPAM_CSU_NO_MATCH_PARTID,
    ARM_MPAM_CSU_NO_MATCH_PMG,
    ARM_MPAM_CSU_MATCH_PARTID, /* derived: there is one that can */
    ARM_MPAM_CSU_MATCH_PMG, /* derived: there is one that can */
    ARM_MPAM_CSU_XCL,
    ARM_MPAM_CSU_RO,

    ARM_MPAM_MBWU_MONITORS,
    ARM_MPAM_MBWU_NRDY,
    ARM_MPAM_MBWU_CAPTURE,
    ARM_MPAM_MBWU_OFSR,
    ARM_MPAM_MBWU_OFLOW_LNKG,
    ARM_MPAM_MBWU_CEVNT_OFLW,
    ARM_MPAM_MBWU_OFLOW_CAPT,
    ARM_MPAM_MBWU_OFLOW,    /* derived: there is a monitor */
    ARM_MPAM_MBWU_NO_MATCH_PARTID,
    ARM_MPAM_MBWU_NO_MATCH_PMG,
    ARM_MPAM_MBWU_MATCH_PARTID, /* derived: there is one that can */
    ARM_MPAM_MBWU_MATCH_PMG, /* derived: there is one that can */
    ARM_MPAM_MBWU_RWBW,
    ARM_MPAM_MBWU_SCALE,
    ARM_MPAM_MBWU_WIDTH,    /* 31, 44 or 63 */
    ARM_MPAM_MBWU_LONG,     /* derived: more than 31 */
    ARM_MPAM_MBWU_LWD,      /* derived: 63 */
    ARM_MPAM_MBWU_LONG_CAPTURE, /* derived: both */
    ARM_MPAM_MBWU_UNIT,     /* bytes that count as one, a power of two */
    ARM_MPAM_NPARAMS,
} ArmMpamParam;

/* Identification registers that vary with the selected RIS */
typedef enum ArmMpamIdReg {
    ARM_MPAM_IDR,
    ARM_MPAM_IMPL_IDR,
    ARM_MPAM_CPOR_IDR,
    ARM_MPAM_CCAP_IDR,
    ARM_MPAM_MBW_IDR,
    ARM_MPAM_PRI_IDR,
    ARM_MPAM_PARTID_NRW_IDR,
    ARM_MPAM_MSMON_IDR,
    ARM_MPAM_CSUMON_IDR,
    ARM_MPAM_MBWUMON_IDR,
    ARM_MPAM_NIDS,
} ArmMpamIdReg;

/* Enough for the registers that the device knows */
#define ARM_MPAM_MAX_REGS       96

/* Types of monitors */
typedef enum ArmMpamMonType {
    ARM_MPAM_CSU,
    ARM_MPAM_MBWU,
    ARM_MPAM_NMONTYPES,
} ArmMpamMonType;

/* How monitors say that they have no value: what NRDY does */
typedef enum ArmMpamNrdy {
    ARM_MPAM_NRDY_STORAGE,  /* nothing: software's bit */
    ARM_MPAM_NRDY_TIMED,    /* set by hardware, for a time */
    ARM_MPAM_NRDY_WRITTEN,  /* set by hardware, until the value is written */
    ARM_MPAM_NRDY_STUCK,    /* set by hardware, for ever */
} ArmMpamNrdy;

/**
 * struct ArmMpamCounter: one counter of a monitor, or what was captured of it
 * @value: what it reads as
 * @residue: bytes counted that don't make up one more
 * @nrdy: the value is none
 * @frozen: it doesn't count until written
 */
typedef struct ArmMpamCounter {
    uint64_t value;
    uint64_t residue;
    bool nrdy;
    bool frozen;
} ArmMpamCounter;

/**
 * struct ArmMpamMonitor: one monitor; a CSU has no long counter
 * @flt: its filter register
 * @ctl: its control register, without TYPE
 * @live: short and long counter
 * @captured: the same for the capture registers
 * @interrupting: which of them has overflowed and interrupts
 * @fresh: no time has passed since software wrote the value
 * @settles: virtual time, in ns, when it has a value again
 * @stuck: told to have none
 * @tear_bytes: counted behind each read of the upper half,
 * @tear_count: for so many reads
 */
typedef struct ArmMpamMonitor {
    uint32_t flt;
    uint32_t ctl;
    ArmMpamCounter live[2];
    ArmMpamCounter captured[2];
    bool interrupting[2];
    bool fresh;
    int64_t settles;
    bool stuck;
    uint64_t tear_bytes;
    uint64_t tear_count;
} ArmMpamMonitor;

/**
 * struct ArmMpamLabel: what one label did to one resource instance
 * @partid: PARTID and
 * @pmg: PMG as they were on the bus, even if out of range
 * @read_bytes: bytes read since the machine was reset
 * @write_bytes: bytes written since then
 * @occupancy: bytes that it has in the cache now
 * @dirty: those of them that memory doesn't have yet
 */
typedef struct ArmMpamLabel {
    uint16_t partid;
    uint8_t pmg;
    uint64_t read_bytes;
    uint64_t write_bytes;
    uint64_t occupancy;
    uint64_t dirty;
} ArmMpamLabel;

/**
 * struct ArmMpamRis: a resource instance
 * @present: whether the hardware has it
 * @kind: what it controls, @level: of a cache, @cache_cpus: below that cache
 * @param: see ArmMpamParam
 * @id: its view of the identification registers
 * @cfg: settings, @stride words for each PARTID, internal ones if narrowed
 * @effective: the same, as the hardware of a T241 acts on them; else NULL
 * @base: where in @stride the words of each register start
 * @words: how many words each register has there, 0 if none
 * @labels: ArmMpamLabel by PARTID and PMG
 * @mon: its monitors
 */
typedef struct ArmMpamRis {
    bool present;
    MpamRisKind kind;
    uint8_t level;
    DECLARE_BITMAP(cache_cpus, ARM_MPAM_MAX_CPUS);
    uint32_t param[ARM_MPAM_NPARAMS];

    uint64_t id[ARM_MPAM_NIDS];
    uint32_t *cfg;
    uint32_t stride;
    uint32_t base[ARM_MPAM_MAX_REGS];
    uint32_t words[ARM_MPAM_MAX_REGS];
    uint32_t *effective;
    GHashTable *labels;
    ArmMpamMonitor *mon[ARM_MPAM_NMONTYPES];
} ArmMpamRis;

/**
 * struct ArmMpamLine: an interrupt line
 * @irq: where it leads to
 * @edge: whether it is pulsed
 * @level: its state
 * @raised: how often it was raised, or pulsed
 */
typedef struct ArmMpamLine {
    qemu_irq irq;
    bool edge;
    bool level;
    uint64_t raised;
} ArmMpamLine;

/* Registers that describe an MSI; @sent: how many were */
typedef struct ArmMpamMsi {
    uint64_t mpam;
    uint64_t addr_l;
    uint64_t addr_h;
    uint64_t data;
    uint64_t attr;
    uint64_t sent;
} ArmMpamMsi;

#define TYPE_ARM_MPAM_T241 "arm-mpam-t241"
OBJECT_DECLARE_SIMPLE_TYPE(ArmMpamT241, ARM_MPAM_T241)

struct ArmMpamMsc {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    ArmMpamLine error;
    ArmMpamLine overflow;

    /* Set before realize */
    char *name;
    uint32_t identifier;
    uint64_t size;
    ArmMpamT241 *t241;      /* NULL if it is no T241's */
    uint32_t param[ARM_MPAM_NPARAMS];
    ArmMpamRis ris[ARM_MPAM_MAX_RIS];
    DECLARE_BITMAP(cpus, ARM_MPAM_MAX_CPUS);

    /* Can be changed at run time, to break things */
    uint64_t aidr;
    uint64_t iidr;
    bool id_ones;

    /* Registers that are not banked */
    uint64_t esr;
    uint64_t ecr;
    uint64_t part_sel;
    uint64_t mon_sel;
    uint64_t mbw_winwd;
    ArmMpamMsi error_msi;
    ArmMpamMsi overflow_msi;

    /* By request PARTID: whether it is enabled, which internal one it uses */
    unsigned long *enabled;
    uint16_t *intpartid;

    /* Which rows of the table of registers it has */
    DECLARE_BITMAP(has_reg, ARM_MPAM_MAX_REGS);

    /* Power: which CPUs of the machine have it */
    DECLARE_BITMAP(cpus_on, ARM_MPAM_MAX_CPUS);
    bool powered;
    uint32_t power_cycles;

    /* Ground truth: MpamAccessCount by offset; MpamViolation */
    GHashTable *accesses;
    GPtrArray *violations;
    uint64_t reads;
    uint64_t writes;
    uint64_t errors[16];    /* recorded, by ERRCODE */

    /*
     * Faults: those to come; whether it has none of the power that it should;
     * how words of the frame read, by offset; interrupt storm
     */
    GArray *faults;
    bool power_failed;
    GHashTable *broken;
    uint64_t broken_reads;
    QEMUTimer *storm;
    int64_t storm_period;
    ArmMpamLine *storm_line;
    uint8_t storm_code;
};

/**
 * arm_mpam_msc_cpu_power: tell an MSC that a CPU gained or lost power
 * @msc: the MSC
 * @cpu: index of the CPU
 * @on: whether it has power from now on
 *
 * Without power for any of the CPUs that can reach it, an MSC has none.
 */
void arm_mpam_msc_cpu_power(ArmMpamMsc *msc, unsigned cpu, bool on);

/**
 * arm_mpam_msc_traffic: requests arrive at a resource instance
 * @msc: the MSC
 * @ris: resource instance that they use
 * @partid: PARTID and
 * @pmg: PMG as on the bus: they are checked here
 * @read_bytes: bytes read
 * @write_bytes: bytes written
 *
 * Every monitor that matches counts exactly these bytes. An MSC without power
 * keeps them in the true totals only. Called with the BQL held.
 */
void arm_mpam_msc_traffic(ArmMpamMsc *msc, unsigned ris, uint16_t partid,
                          uint8_t pmg, uint64_t read_bytes,
                          uint64_t write_bytes);

/**
 * arm_mpam_msc_set_occupancy: say what a label has in a cache from now on
 * @msc: the MSC
 * @ris: resource instance that is the cache
 * @partid: PARTID and
 * @pmg: PMG as on the bus
 * @bytes: bytes that lines with this label have
 * @dirty_bytes: those of them in lines that are dirty
 *
 * Called with the BQL held.
 */
void arm_mpam_msc_set_occupancy(ArmMpamMsc *msc, unsigned ris, uint16_t partid,
                                uint8_t pmg, uint64_t bytes,
                                uint64_t dirty_bytes);

/**
 * arm_mpam_msc_has_control: whether a resource instance has a register
 * @msc: the MSC
 * @ris: resource instance
 * @offset: of an MPAMCFG register or a word of one, in the frame
 */
bool arm_mpam_msc_has_control(ArmMpamMsc *msc, unsigned ris, hwaddr offset);

/**
 * arm_mpam_msc_control: the setting that requests are subject to
 * @msc: the MSC
 * @ris: resource instance
 * @partid: PARTID of a request, as on the bus
 * @offset: of an MPAMCFG register or a word of one, in the frame
 *
 * Returns: the value in effect; 0 if there is no such register, see
 * arm_mpam_msc_has_control()
 */
uint32_t arm_mpam_msc_control(ArmMpamMsc *msc, unsigned ris, uint16_t partid,
                              hwaddr offset);

/**
 * arm_mpam_msc_settings: whose settings requests are subject to
 * @msc: the MSC
 * @partid: PARTID of a request, as on the bus
 *
 * Returns: what PARTIDs that share all settings and limits have in common: the
 * internal PARTID, or without narrowing the PARTID, or what replaces that
 */
uint16_t arm_mpam_msc_settings(ArmMpamMsc *msc, uint16_t partid);

/**
 * arm_mpam_msc_partid_enabled: whether a PARTID is allotted any resource
 * @msc: the MSC
 * @partid: PARTID of a request, as on the bus
 */
bool arm_mpam_msc_partid_enabled(ArmMpamMsc *msc, uint16_t partid);

/**
 * arm_mpam_t241_add_msc: have a T241's chip registers shadow an MSC
 * @t241: the chip's registers
 * @msc: the MSC, which is not yet realized
 */
void arm_mpam_t241_add_msc(ArmMpamT241 *t241, ArmMpamMsc *msc);

/**
 * arm_mpam_t241_written: a bandwidth setting was written
 * @t241: the chip's registers
 * @partid: whose setting
 * @value: what it is now
 */
void arm_mpam_t241_written(ArmMpamT241 *t241, uint16_t partid, uint64_t value);

/**
 * arm_mpam_msc_config: what the MSC holds for some PARTIDs of one RIS
 * @msc: the MSC
 * @ris: resource instance
 * @first: PARTID of requests
 * @last: another, not below @first
 * @internal: they are internal ones instead
 * @errp: says which of the selectors is wrong
 */
MpamConfigValueList *arm_mpam_msc_config(ArmMpamMsc *msc, unsigned ris,
                                         unsigned first, unsigned last,
                                         bool internal, Error **errp);

#endif

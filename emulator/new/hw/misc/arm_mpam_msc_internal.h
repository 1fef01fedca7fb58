/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): what its files share.
 *
 *   arm_mpam_msc.c         the device: parameters, power, reset
 *   arm_mpam_msc_id.c      identification registers
 *   arm_mpam_msc_frame.c   the table of registers, and accesses to them
 *   arm_mpam_msc_part.c    partitioning: selection, controls, narrowing
 *   arm_mpam_msc_mon.c     monitors
 *   arm_mpam_msc_irq.c     errors and interrupts
 *   arm_mpam_msc_req.c     requests: labels, true totals
 *   arm_mpam_msc_fault.c   faults on demand
 *   arm_mpam_msc_qmp.c     the truth, for QMP
 *   arm_mpam_t241.c        registers outside of the frame that a T241 has
 */
#ifndef HW_MISC_ARM_MPAM_MSC_INTERNAL_H
#define HW_MISC_ARM_MPAM_MSC_INTERNAL_H

#include "qemu/bitops.h"
#include "hw/misc/arm_mpam_msc.h"

/* MPAMCFG_PART_SEL and MSMON_CFG_MON_SEL */
#define SEL_INDEX_LEN   16
#define SEL_INTERNAL    BIT_ULL(16)
#define SEL_RIS_SHIFT   24
#define SEL_RIS_LEN     4

/* MPAMF_ESR and MPAMF_ECR */
#define ESR_PMG_SHIFT   16
#define ESR_CODE_SHIFT  24
#define ESR_CODE_LEN    4
#define ESR_OVRWR       BIT_ULL(31)
#define ESR_RIS_SHIFT   32
#define ESR_MASK        (MAKE_64BIT_MASK(0, 28) | ESR_OVRWR | \
                         MAKE_64BIT_MASK(ESR_RIS_SHIFT, 4))
#define ECR_INTEN       BIT_ULL(0)

/* MPAMF_ERR_MSI_*, MSMON_OFLOW_MSI_* */
#define MSI_MPAM_MASK   MAKE_64BIT_MASK(0, 24)
#define MSI_ADDR_L_MASK MAKE_64BIT_MASK(2, 30)
#define MSI_ADDR_H_MASK MAKE_64BIT_MASK(0, 20)
#define MSI_DATA_MASK   MAKE_64BIT_MASK(0, 32)
#define MSI_ATTR_MASK   (MSI_ATTR_MSIEN | MAKE_64BIT_MASK(24, 6))
#define MSI_ATTR_MSIEN  BIT_ULL(0)

/* MPAMF_ESR.ERRCODE */
typedef enum ArmMpamError {
    ARM_MPAM_ERR_NONE = 0,
    ARM_MPAM_ERR_PARTID_SEL_RANGE = 1,
    ARM_MPAM_ERR_REQ_PARTID_RANGE = 2,
    ARM_MPAM_ERR_MSMONCFG_ID_RANGE = 3,
    ARM_MPAM_ERR_REQ_PMG_RANGE = 4,
    ARM_MPAM_ERR_MONITOR_RANGE = 5,
    ARM_MPAM_ERR_INTPARTID_RANGE = 6,
    ARM_MPAM_ERR_UNEXPECTED_INTERNAL = 7,
    ARM_MPAM_ERR_UNDEFINED_RIS_PART_SEL = 8,
    ARM_MPAM_ERR_RIS_NO_CONTROL = 9,
    ARM_MPAM_ERR_UNDEFINED_RIS_MON_SEL = 10,
    ARM_MPAM_ERR_RIS_NO_MONITOR = 11,
} ArmMpamError;

typedef enum ArmMpamFieldKind {
    FIELD_NONE,
    FIELD_BITMAP,       /* @param bits, over all words */
    FIELD_FRACTION,     /* @param bits below bit 16 */
    FIELD_INTEGER,      /* @param bits from @shift up */
    FIELD_PRIORITY,     /* the same; @low says that 0 is the lowest */
    FIELD_FLAG,         /* bit @shift, if @param */
    FIELD_HARDLIM,      /* bit @shift; @param as in MPAMF_MBW_IDR.MAX_LIM */
} ArmMpamFieldKind;

typedef struct ArmMpamField {
    ArmMpamFieldKind kind;
    uint8_t shift;
    ArmMpamParam param;
    ArmMpamParam low;
} ArmMpamField;

typedef enum ArmMpamRegKind {
    REG_PLAIN,          /* member @member of ArmMpamMsc */
    REG_ID,             /* identification register @id of the selected RIS */
    REG_CONTROL,        /* one per RIS and PARTID, made of @field */
    REG_MONITOR,        /* @mon of the selected monitor of type @type */
    REG_CALL,           /* @read and @write; RAZ or WI without */
} ArmMpamRegKind;

/* Registers that each monitor has; OFSR is one for 32 of them */
typedef enum ArmMpamMonReg {
    MON_FLT,
    MON_CTL,
    MON_VALUE,
    MON_CAPTURE,
    MON_LONG,
    MON_LONG_CAPTURE,
    MON_OFSR,
} ArmMpamMonReg;

/* One row of the table of registers */
typedef struct ArmMpamReg {
    const char *name;
    uint32_t offset;
    ArmMpamRegKind kind;
    ArmMpamParam has;   /* there is none without this */
    ArmMpamParam wide;  /* 64 bits with this (0: never) */
    uint32_t words;     /* number of consecutive instances (0: one) */

    size_t member;
    uint64_t mask;      /* of writable bits; 0: read-only */
    ArmMpamParam writable;      /* read-only without this (0: no such rule) */
    uint64_t (*read)(ArmMpamMsc *s);
    void (*write)(ArmMpamMsc *s, uint64_t value);
    void (*written)(ArmMpamMsc *s);
    bool identifies;    /* reads as all ones if the MSC is told to */

    ArmMpamIdReg id;

    ArmMpamField field[2];
    uint32_t reset;     /* for PARTID 0 */
    bool delayed;       /* a T241 doesn't act on it at once */

    ArmMpamMonType type;
    ArmMpamMonReg mon;
} ArmMpamReg;

extern const ArmMpamReg arm_mpam_regs[];
extern const unsigned arm_mpam_nregs;

/* Identification */

/* Parameters that follow from others; then the registers they make up */
bool arm_mpam_msc_derive_params(ArmMpamMsc *s, Error **errp);
void arm_mpam_msc_fill_ids(ArmMpamMsc *s);

/* The frame */

void arm_mpam_msc_init_frame(ArmMpamMsc *s);
extern const MemoryRegionOps arm_mpam_msc_ops;

/* The register at @addr, NULL if none is; @word: which part or instance */
const ArmMpamReg *arm_mpam_msc_find_reg(ArmMpamMsc *s, hwaddr addr,
                                        unsigned *word);
char *arm_mpam_reg_name(const ArmMpamReg *reg, unsigned word);

/* Bits of a selection that exist */
uint64_t arm_mpam_msc_sel_mask(ArmMpamMsc *s);

/*
 * All that hardware leaves UNKNOWN at reset comes up as garbage, to show who
 * relies on it. It is the same in each run, but not for each power cycle.
 * @ris, @index and @word say what it is for.
 */
uint32_t arm_mpam_msc_garbage(ArmMpamMsc *s, unsigned ris, unsigned index,
                              unsigned word);
#define GARBAGE_MSC     UINT32_MAX      /* @ris for what is not banked */
#define GARBAGE_MON     0x10000         /* @index of the first monitor */

/* Partitioning */

void arm_mpam_msc_init_controls(ArmMpamMsc *s);
void arm_mpam_msc_lose_controls(ArmMpamMsc *s);
void arm_mpam_msc_free_controls(ArmMpamMsc *s);
unsigned arm_mpam_msc_sel_ris(ArmMpamMsc *s);
uint32_t arm_mpam_msc_control_read(ArmMpamMsc *s, const ArmMpamReg *reg,
                                   unsigned word);
void arm_mpam_msc_control_write(ArmMpamMsc *s, const ArmMpamReg *reg,
                                unsigned word, uint32_t value);
void arm_mpam_msc_part_sel_write(ArmMpamMsc *s, uint64_t value);
uint64_t arm_mpam_msc_intpartid_read(ArmMpamMsc *s);
void arm_mpam_msc_intpartid_write(ArmMpamMsc *s, uint64_t value);
void arm_mpam_msc_en_write(ArmMpamMsc *s, uint64_t value);
void arm_mpam_msc_dis_write(ArmMpamMsc *s, uint64_t value);
uint64_t arm_mpam_msc_en_flags_read(ArmMpamMsc *s);
void arm_mpam_msc_en_flags_write(ArmMpamMsc *s, uint64_t value);

/* A T241 acts on the bandwidth settings of a PARTID from now on */
void arm_mpam_msc_commit(ArmMpamMsc *s, uint16_t partid);

/* Monitors */

void arm_mpam_msc_init_monitors(ArmMpamMsc *s);
void arm_mpam_msc_lose_monitors(ArmMpamMsc *s);
void arm_mpam_msc_free_monitors(ArmMpamMsc *s);
uint64_t arm_mpam_msc_monitor_read(ArmMpamMsc *s, const ArmMpamReg *reg,
                                   unsigned word, unsigned size);
void arm_mpam_msc_monitor_write(ArmMpamMsc *s, const ArmMpamReg *reg,
                                unsigned word, unsigned size, uint64_t value);
void arm_mpam_msc_mon_sel_write(ArmMpamMsc *s, uint64_t value);
void arm_mpam_msc_capt_evnt_write(ArmMpamMsc *s, uint64_t value);
uint64_t arm_mpam_msc_oflow_sr_read(ArmMpamMsc *s);

/* Requests whose label has been checked, for the monitors to count */
void arm_mpam_msc_count(ArmMpamMsc *s, unsigned ris, uint16_t partid,
                        uint8_t pmg, uint64_t read_bytes,
                        uint64_t write_bytes);

/* The monitor, NULL if there is none */
ArmMpamMonitor *arm_mpam_msc_monitor(ArmMpamMsc *s, unsigned ris,
                                     ArmMpamMonType type, unsigned index);

/* What its registers read as, but without the side effects of that */
uint64_t arm_mpam_msc_monitor_peek(ArmMpamMsc *s, unsigned ris,
                                   ArmMpamMonType type, unsigned index,
                                   ArmMpamMonReg mon);

/* Its counter has gone over its end */
void arm_mpam_msc_overflow(ArmMpamMsc *s, unsigned ris, ArmMpamMonType type,
                           unsigned index, bool is_long);

/* An event that monitors can be set to capture on, 1 to 7 */
void arm_mpam_msc_capture_event(ArmMpamMsc *s, unsigned event);

/* Whether any monitor keeps the overflow interrupt raised */
bool arm_mpam_msc_overflow_pending(ArmMpamMsc *s);

/* Errors and interrupts */

/**
 * arm_mpam_msc_record_error: the hardware notices an error
 * @s: the MSC
 * @code: what it is
 * @index: for MPAMF_ESR.PARTID_MON
 * @pmg: for MPAMF_ESR.PMG
 * @ris: for MPAMF_ESR.RIS
 */
void arm_mpam_msc_record_error(ArmMpamMsc *s, ArmMpamError code,
                               uint16_t index, uint8_t pmg, uint8_t ris);
void arm_mpam_msc_lose_errors(ArmMpamMsc *s);

/* Let level-triggered lines follow what they stand for */
void arm_mpam_msc_update_irqs(ArmMpamMsc *s);

/* A monitor overflowed and is to interrupt */
void arm_mpam_msc_signal_overflow(ArmMpamMsc *s);

/* Raise a line for no reason, and lower it again */
void arm_mpam_msc_spurious(ArmMpamMsc *s, ArmMpamLine *line);

/* Requests */

/* The PARTID, the PMG that a request with this one on the bus is taken for */
uint16_t arm_mpam_msc_partid(ArmMpamMsc *s, uint16_t partid);
uint8_t arm_mpam_msc_pmg(ArmMpamMsc *s, uint8_t pmg);

/* Make, and empty, the true totals */
void arm_mpam_msc_init_labels(ArmMpamRis *ris);
void arm_mpam_msc_reset_labels(ArmMpamMsc *s);

/* Faults */

void arm_mpam_msc_init_faults(ArmMpamMsc *s);
void arm_mpam_msc_free_faults(ArmMpamMsc *s);

/* An access was served: have the faults that were to wait for it */
void arm_mpam_msc_accessed(ArmMpamMsc *s);

/* It has no power, whatever its CPUs have; or no longer so, and forgot all */
void arm_mpam_msc_fail_power(ArmMpamMsc *s, bool failed);

/* What 32 bits at @addr read as, when they should as @value */
uint32_t arm_mpam_msc_faulty_read(ArmMpamMsc *s, hwaddr addr, uint32_t value);

/* QMP */

/* The MSC of that name; NULL, and @errp set, if there is none */
ArmMpamMsc *arm_mpam_msc_by_name(const char *name, Error **errp);

#endif

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): what its files share.
 */
#ifndef HW_MISC_ARM_MPAM_MSC_INTERNAL_H
#define HW_MISC_ARM_MPAM_MSC_INTERNAL_H

#include "hw/misc/arm_mpam_msc.h"

/* MPAMF_ESR.ERRCODE */
typedef enum ArmMpamError {
    ARM_MPAM_ERR_PARTID_SEL_RANGE = 1,
    ARM_MPAM_ERR_REQ_PARTID_RANGE = 2,
    ARM_MPAM_ERR_REQ_PMG_RANGE = 4,
    ARM_MPAM_ERR_UNDEFINED_RIS_PART_SEL = 8,
    ARM_MPAM_ERR_RIS_NO_CONTROL = 9,
} ArmMpamError;

/**
 * arm_mpam_msc_record_error: the hardware notices an error
 * @msc: the MSC
 * @code: what it is
 * @index: for MPAMF_ESR.PARTID_MON
 * @pmg: for MPAMF_ESR.PMG
 * @ris: for MPAMF_ESR.RIS
 */
void arm_mpam_msc_record_error(ArmMpamMsc *msc, ArmMpamError code,
                               uint16_t index, uint8_t pmg, uint8_t ris);

/* The PARTID, the PMG that a request with this one on the bus is taken for */
uint16_t arm_mpam_msc_partid(ArmMpamMsc *msc, uint16_t partid);
uint8_t arm_mpam_msc_pmg(ArmMpamMsc *msc, uint8_t pmg);

/* Make, and empty, the true totals */
void arm_mpam_msc_init_labels(ArmMpamRis *ris);
void arm_mpam_msc_reset_labels(ArmMpamMsc *msc);

#endif

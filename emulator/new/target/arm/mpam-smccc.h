/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What firmware tells about the part that the CPUs are in.
 */
#ifndef TARGET_ARM_MPAM_SMCCC_H
#define TARGET_ARM_MPAM_SMCCC_H

/**
 * arm_mpam_set_soc_id: have SMCCC_ARCH_SOC_ID identify the machine
 * @soc_id: what it tells; 0: there is no such call
 */
void arm_mpam_set_soc_id(uint32_t soc_id);

/**
 * arm_mpam_smccc_call: answer calls of firmware about what part this is
 * @args: the function, and its arguments
 * @result: what the caller is told
 *
 * Returns: false if it is up to others to answer
 */
bool arm_mpam_smccc_call(const uint64_t *args, int32_t *result);

#endif

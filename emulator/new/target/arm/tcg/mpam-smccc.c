/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SMCCC_ARCH_SOC_ID, the call by which firmware tells what part a CPU is in.
 * Several parts can have the same MPAMF_IIDR: software that works around an
 * erratum may ask for this, too.
 */
#include "qemu/osdep.h"
#include "target/arm/mpam-smccc.h"

#define SMCCC_VERSION           0x80000000
#define SMCCC_ARCH_FEATURES     0x80000001
#define SMCCC_ARCH_SOC_ID       0x80000002
#define PSCI_FEATURES           0x8400000a

#define SMCCC_VERSION_1_2       0x10002

/* Arguments of SMCCC_ARCH_SOC_ID */
#define SOC_ID_VERSION          0
#define SOC_ID_REVISION         1

/* The same for all CPUs of the machine */
static uint32_t soc_id;

void arm_mpam_set_soc_id(uint32_t value)
{
    soc_id = value;
}

bool arm_mpam_smccc_call(const uint64_t *args, int32_t *result)
{
    if (!soc_id) {
        return false;
    }
    switch (args[0]) {
    case PSCI_FEATURES:
        *result = 0;
        return args[1] == SMCCC_VERSION;
    case SMCCC_VERSION:
        *result = SMCCC_VERSION_1_2;
        return true;
    case SMCCC_ARCH_FEATURES:
        *result = 0;
        return args[1] == SMCCC_ARCH_FEATURES || args[1] == SMCCC_ARCH_SOC_ID;
    case SMCCC_ARCH_SOC_ID:
        *result = args[1] == SOC_ID_VERSION ? soc_id : 0;
        return args[1] <= SOC_ID_REVISION;
    default:
        return false;
    }
}

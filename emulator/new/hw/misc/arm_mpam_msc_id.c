/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): what an implementation has.
 *
 * Parameters (ArmMpamParam) say it. Each field of an identification register
 * is a row of id_fields[] that tells which of them it shows.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qapi/error.h"
#include "arm_mpam_msc_internal.h"

/* A field of an identification register: "any", if it is one bit long */
typedef struct IdField {
    ArmMpamIdReg id;
    uint8_t shift;
    uint8_t len;
    ArmMpamParam param;
} IdField;

static const IdField id_fields[] = {
    { ARM_MPAM_IDR,  0, 16, ARM_MPAM_PARTID_MAX },
    { ARM_MPAM_IDR, 16,  8, ARM_MPAM_PMG_MAX },
    { ARM_MPAM_IDR, 24,  1, ARM_MPAM_HAS_CCAP },
    { ARM_MPAM_IDR, 25,  1, ARM_MPAM_CPBM_WD },
    { ARM_MPAM_IDR, 26,  1, ARM_MPAM_HAS_MBW },
    { ARM_MPAM_IDR, 27,  1, ARM_MPAM_HAS_PRI },
    { ARM_MPAM_IDR, 28,  1, ARM_MPAM_EXT },
    { ARM_MPAM_IDR, 29,  1, ARM_MPAM_HAS_IMPL_IDR },
    { ARM_MPAM_IDR, 30,  1, ARM_MPAM_HAS_MSMON },
    { ARM_MPAM_IDR, 31,  1, ARM_MPAM_INTPARTIDS },
    { ARM_MPAM_IDR, 32,  1, ARM_MPAM_HAS_RIS },
    { ARM_MPAM_IDR, 36,  1, ARM_MPAM_NO_IMPL_PART },
    { ARM_MPAM_IDR, 37,  1, ARM_MPAM_NO_IMPL_MSMON },
    { ARM_MPAM_IDR, 38,  1, ARM_MPAM_HAS_EXTD_ESR },
    { ARM_MPAM_IDR, 39,  1, ARM_MPAM_HAS_ESR },
    { ARM_MPAM_IDR, 40,  1, ARM_MPAM_ERR_MSI },
    { ARM_MPAM_IDR, 42,  1, ARM_MPAM_ENDIS },
    { ARM_MPAM_IDR, 43,  1, ARM_MPAM_NFU },
    { ARM_MPAM_IDR, 56,  4, ARM_MPAM_RIS_MAX },

    { ARM_MPAM_IMPL_IDR, 0, 32, ARM_MPAM_IMPL_IDR_VALUE },

    { ARM_MPAM_CPOR_IDR, 0, 16, ARM_MPAM_CPBM_WD },

    { ARM_MPAM_CCAP_IDR,  0, 6, ARM_MPAM_CMAX_WD },
    { ARM_MPAM_CCAP_IDR,  8, 5, ARM_MPAM_CASSOC_WD },
    { ARM_MPAM_CCAP_IDR, 28, 1, ARM_MPAM_CASSOC_WD },
    { ARM_MPAM_CCAP_IDR, 29, 1, ARM_MPAM_CMIN },
    { ARM_MPAM_CCAP_IDR, 30, 1, ARM_MPAM_NO_CMAX },
    { ARM_MPAM_CCAP_IDR, 31, 1, ARM_MPAM_CMAX_SOFTLIM },

    { ARM_MPAM_MBW_IDR,  0,  6, ARM_MPAM_BWA_WD },
    { ARM_MPAM_MBW_IDR,  8,  2, ARM_MPAM_MBW_MAX_LIM },
    { ARM_MPAM_MBW_IDR, 10,  1, ARM_MPAM_MBW_MIN },
    { ARM_MPAM_MBW_IDR, 11,  1, ARM_MPAM_MBW_MAX },
    { ARM_MPAM_MBW_IDR, 12,  1, ARM_MPAM_MBW_PBM_WD },
    { ARM_MPAM_MBW_IDR, 13,  1, ARM_MPAM_MBW_PROP },
    { ARM_MPAM_MBW_IDR, 14,  1, ARM_MPAM_WINDWR },
    { ARM_MPAM_MBW_IDR, 16, 13, ARM_MPAM_MBW_PBM_WD },

    { ARM_MPAM_PRI_IDR,  0, 1, ARM_MPAM_INTPRI_WD },
    { ARM_MPAM_PRI_IDR,  1, 1, ARM_MPAM_INTPRI_0_IS_LOW },
    { ARM_MPAM_PRI_IDR,  4, 6, ARM_MPAM_INTPRI_WD },
    { ARM_MPAM_PRI_IDR, 16, 1, ARM_MPAM_DSPRI_WD },
    { ARM_MPAM_PRI_IDR, 17, 1, ARM_MPAM_DSPRI_0_IS_LOW },
    { ARM_MPAM_PRI_IDR, 20, 6, ARM_MPAM_DSPRI_WD },

    { ARM_MPAM_PARTID_NRW_IDR, 0, 16, ARM_MPAM_INTPARTID_MAX },

    { ARM_MPAM_MSMON_IDR, 16, 1, ARM_MPAM_CSU_MONITORS },
    { ARM_MPAM_MSMON_IDR, 17, 1, ARM_MPAM_MBWU_MONITORS },
    { ARM_MPAM_MSMON_IDR, 28, 1, ARM_MPAM_OFLOW_SR },
    { ARM_MPAM_MSMON_IDR, 29, 1, ARM_MPAM_OFLOW_MSI },
    { ARM_MPAM_MSMON_IDR, 30, 1, ARM_MPAM_NO_OFLOW_INTR },
    { ARM_MPAM_MSMON_IDR, 31, 1, ARM_MPAM_LOCAL_CAPT },

    { ARM_MPAM_CSUMON_IDR,  0, 16, ARM_MPAM_CSU_MONITORS },
    { ARM_MPAM_CSUMON_IDR, 22,  1, ARM_MPAM_CSU_NO_MATCH_PMG },
    { ARM_MPAM_CSUMON_IDR, 23,  1, ARM_MPAM_CSU_NO_MATCH_PARTID },
    { ARM_MPAM_CSUMON_IDR, 24,  1, ARM_MPAM_CSU_OFLOW_CAPT },
    { ARM_MPAM_CSUMON_IDR, 25,  1, ARM_MPAM_CSU_CEVNT_OFLW },
    { ARM_MPAM_CSUMON_IDR, 26,  1, ARM_MPAM_CSU_OFSR },
    { ARM_MPAM_CSUMON_IDR, 27,  1, ARM_MPAM_CSU_OFLOW_LNKG },
    { ARM_MPAM_CSUMON_IDR, 29,  1, ARM_MPAM_CSU_XCL },
    { ARM_MPAM_CSUMON_IDR, 30,  1, ARM_MPAM_CSU_RO },
    { ARM_MPAM_CSUMON_IDR, 31,  1, ARM_MPAM_CSU_CAPTURE },

    { ARM_MPAM_MBWUMON_IDR,  0, 16, ARM_MPAM_MBWU_MONITORS },
    { ARM_MPAM_MBWUMON_IDR, 16,  5, ARM_MPAM_MBWU_SCALE },
    { ARM_MPAM_MBWUMON_IDR, 22,  1, ARM_MPAM_MBWU_NO_MATCH_PMG },
    { ARM_MPAM_MBWUMON_IDR, 23,  1, ARM_MPAM_MBWU_NO_MATCH_PARTID },
    { ARM_MPAM_MBWUMON_IDR, 24,  1, ARM_MPAM_MBWU_OFLOW_CAPT },
    { ARM_MPAM_MBWUMON_IDR, 25,  1, ARM_MPAM_MBWU_CEVNT_OFLW },
    { ARM_MPAM_MBWUMON_IDR, 26,  1, ARM_MPAM_MBWU_OFSR },
    { ARM_MPAM_MBWUMON_IDR, 27,  1, ARM_MPAM_MBWU_OFLOW_LNKG },
    { ARM_MPAM_MBWUMON_IDR, 28,  1, ARM_MPAM_MBWU_RWBW },
    { ARM_MPAM_MBWUMON_IDR, 29,  1, ARM_MPAM_MBWU_LWD },
    { ARM_MPAM_MBWUMON_IDR, 30,  1, ARM_MPAM_MBWU_LONG },
    { ARM_MPAM_MBWUMON_IDR, 31,  1, ARM_MPAM_MBWU_CAPTURE },
};

/* A RIS without these has nothing in that identification register */
static const ArmMpamParam id_needs[ARM_MPAM_NIDS] = {
    [ARM_MPAM_IDR] = ARM_MPAM_ALWAYS,
    [ARM_MPAM_IMPL_IDR] = ARM_MPAM_HAS_IMPL_IDR,
    [ARM_MPAM_CPOR_IDR] = ARM_MPAM_CPBM_WD,
    [ARM_MPAM_CCAP_IDR] = ARM_MPAM_HAS_CCAP,
    [ARM_MPAM_MBW_IDR] = ARM_MPAM_HAS_MBW,
    [ARM_MPAM_PRI_IDR] = ARM_MPAM_HAS_PRI,
    [ARM_MPAM_PARTID_NRW_IDR] = ARM_MPAM_INTPARTIDS,
    [ARM_MPAM_MSMON_IDR] = ARM_MPAM_HAS_MSMON,
    [ARM_MPAM_CSUMON_IDR] = ARM_MPAM_CSU_MONITORS,
    [ARM_MPAM_MBWUMON_IDR] = ARM_MPAM_MBWU_MONITORS,
};

/* What is in the upper half of MPAMF_IDR, which version 1.0 has not */
static const ArmMpamParam needs_ext[] = {
    ARM_MPAM_HAS_RIS, ARM_MPAM_ERR_MSI, ARM_MPAM_ENDIS, ARM_MPAM_NFU,
};

static void derive_ris(uint32_t *ris)
{
    ris[ARM_MPAM_HAS_CMAX] = ris[ARM_MPAM_CMAX_WD] && !ris[ARM_MPAM_NO_CMAX];
    ris[ARM_MPAM_HAS_CCAP] = ris[ARM_MPAM_CMAX_WD] || ris[ARM_MPAM_CASSOC_WD];
    ris[ARM_MPAM_HAS_PRI] = ris[ARM_MPAM_INTPRI_WD] || ris[ARM_MPAM_DSPRI_WD];
    ris[ARM_MPAM_HAS_MBW] = ris[ARM_MPAM_BWA_WD] || ris[ARM_MPAM_MBW_PBM_WD];
    ris[ARM_MPAM_HAS_MSMON] = ris[ARM_MPAM_CSU_MONITORS] ||
                              ris[ARM_MPAM_MBWU_MONITORS];
    ris[ARM_MPAM_CSU_OFLOW] = ris[ARM_MPAM_CSU_OFSR] ||
                              ris[ARM_MPAM_CSU_OFLOW_LNKG] ||
                              ris[ARM_MPAM_CSU_CEVNT_OFLW];
    ris[ARM_MPAM_CSU_MATCH_PARTID] = ris[ARM_MPAM_CSU_MONITORS] &&
                                     !ris[ARM_MPAM_CSU_NO_MATCH_PARTID];
    ris[ARM_MPAM_CSU_MATCH_PMG] = ris[ARM_MPAM_CSU_MONITORS] &&
                                  !ris[ARM_MPAM_CSU_NO_MATCH_PMG];
    ris[ARM_MPAM_MBWU_MATCH_PARTID] = ris[ARM_MPAM_MBWU_MONITORS] &&
                                      !ris[ARM_MPAM_MBWU_NO_MATCH_PARTID];
    ris[ARM_MPAM_MBWU_MATCH_PMG] = ris[ARM_MPAM_MBWU_MONITORS] &&
                                   !ris[ARM_MPAM_MBWU_NO_MATCH_PMG];
    ris[ARM_MPAM_MBWU_OFLOW] = ris[ARM_MPAM_MBWU_MONITORS];
    ris[ARM_MPAM_MBWU_LONG] = ris[ARM_MPAM_MBWU_MONITORS] &&
                              ris[ARM_MPAM_MBWU_WIDTH] > 31;
    ris[ARM_MPAM_MBWU_LWD] = ris[ARM_MPAM_MBWU_LONG] &&
                             ris[ARM_MPAM_MBWU_WIDTH] == 63;
    ris[ARM_MPAM_MBWU_LONG_CAPTURE] = ris[ARM_MPAM_MBWU_LONG] &&
                                      ris[ARM_MPAM_MBWU_CAPTURE];
}

static bool check_params(ArmMpamMsc *s, Error **errp)
{
    const uint32_t *msc = s->param;

    for (int i = 0; i < ARRAY_SIZE(needs_ext) && !msc[ARM_MPAM_EXT]; i++) {
        if (msc[needs_ext[i]]) {
            error_setg(errp, "%s: version 1.0 knows no RIS, error MSIs, "
                       "enable or disable", s->name);
            return false;
        }
    }
    if (msc[ARM_MPAM_ERR_MSI] && !msc[ARM_MPAM_HAS_ESR]) {
        error_setg(errp, "%s: error MSIs need MPAMF_ESR", s->name);
        return false;
    }
    if (msc[ARM_MPAM_NFU] &&
        (!msc[ARM_MPAM_ENDIS] || msc[ARM_MPAM_INTPARTIDS])) {
        error_setg(errp, "%s: NFU needs enable and disable, and no narrowing",
                   s->name);
        return false;
    }
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        const uint32_t *ris = s->ris[r].param;

        if (ris[ARM_MPAM_MBWU_MONITORS] &&
            ((ris[ARM_MPAM_MBWU_WIDTH] != 31 &&
              ris[ARM_MPAM_MBWU_WIDTH] != 44 &&
              ris[ARM_MPAM_MBWU_WIDTH] != 63) ||
             !is_power_of_2(ris[ARM_MPAM_MBWU_UNIT]))) {
            error_setg(errp, "%s: RIS %d: no MBWU has that width or unit",
                       s->name, r);
            return false;
        }
    }
    return true;
}

bool arm_mpam_msc_derive_params(ArmMpamMsc *s, Error **errp)
{
    uint32_t *msc = s->param;

    msc[ARM_MPAM_ALWAYS] = true;
    msc[ARM_MPAM_EXT] = msc[ARM_MPAM_ARCH_MAJOR] != 1 ||
                        msc[ARM_MPAM_ARCH_MINOR] != 0;
    msc[ARM_MPAM_CONTROLS] = msc[ARM_MPAM_HAS_RIS] || msc[ARM_MPAM_ENDIS] ||
                             msc[ARM_MPAM_INTPARTIDS];
    msc[ARM_MPAM_HAS_EXTD_ESR] = msc[ARM_MPAM_HAS_RIS] &&
                                 msc[ARM_MPAM_HAS_ESR];
    if (msc[ARM_MPAM_INTPARTIDS]) {
        msc[ARM_MPAM_INTPARTID_MAX] = msc[ARM_MPAM_INTPARTIDS] - 1;
    }
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        uint32_t *ris = s->ris[r].param;

        if (!s->ris[r].present) {
            memset(ris, 0, sizeof(s->ris[r].param));
        }
        derive_ris(ris);
        msc[ARM_MPAM_WINWD] |= ris[ARM_MPAM_HAS_MBW];
        msc[ARM_MPAM_MONITORS] |= ris[ARM_MPAM_HAS_MSMON];
        for (int i = 0; i < arm_mpam_nregs; i++) {
            if (arm_mpam_regs[i].kind == REG_CONTROL &&
                ris[arm_mpam_regs[i].has]) {
                msc[ARM_MPAM_CONTROLS] = true;
            }
        }
    }
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        memcpy(s->ris[r].param, msc, ARM_MPAM_RIS_PARAMS * sizeof(*msc));
    }
    return check_params(s, errp);
}

void arm_mpam_msc_fill_ids(ArmMpamMsc *s)
{
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        ArmMpamRis *ris = &s->ris[r];

        for (int i = 0; i < ARRAY_SIZE(id_fields); i++) {
            const IdField *f = &id_fields[i];
            uint64_t value = ris->param[f->param];

            if (ris->param[id_needs[f->id]]) {
                ris->id[f->id] |= (f->len == 1 ? !!value : value) << f->shift;
            }
        }
    }
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): the requests that arrive at it.
 *
 * Their labels are checked here, and what they really did is kept, whatever
 * the registers say of it.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "arm_mpam_msc_internal.h"

/* An out-of-range PARTID or PMG is replaced by the default one */
uint16_t arm_mpam_msc_partid(ArmMpamMsc *s, uint16_t partid)
{
    return partid <= s->param[ARM_MPAM_PARTID_MAX] ? partid : 0;
}

uint8_t arm_mpam_msc_pmg(ArmMpamMsc *s, uint8_t pmg)
{
    return pmg <= s->param[ARM_MPAM_PMG_MAX] ? pmg : 0;
}

void arm_mpam_msc_init_labels(ArmMpamRis *ris)
{
    ris->labels = g_hash_table_new_full(NULL, NULL, NULL, g_free);
}

void arm_mpam_msc_reset_labels(ArmMpamMsc *s)
{
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        g_hash_table_remove_all(s->ris[r].labels);
    }
}

static ArmMpamLabel *get_label(ArmMpamMsc *s, unsigned ris, uint16_t partid,
                               uint8_t pmg)
{
    gpointer key = GUINT_TO_POINTER(deposit32(partid, 16, 8, pmg));
    ArmMpamLabel *label = g_hash_table_lookup(s->ris[ris].labels, key);

    if (!label) {
        label = g_new0(ArmMpamLabel, 1);
        label->partid = partid;
        label->pmg = pmg;
        g_hash_table_insert(s->ris[ris].labels, key, label);
    }
    return label;
}

/* One error for one request: that of its PARTID hides that of its PMG */
static void check_label(ArmMpamMsc *s, uint16_t partid, uint8_t pmg)
{
    if (partid > s->param[ARM_MPAM_PARTID_MAX]) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_REQ_PARTID_RANGE, partid,
                                  pmg, 0);
    } else if (pmg > s->param[ARM_MPAM_PMG_MAX]) {
        arm_mpam_msc_record_error(s, ARM_MPAM_ERR_REQ_PMG_RANGE, partid, pmg,
                                  0);
    }
}

void arm_mpam_msc_traffic(ArmMpamMsc *s, unsigned ris, uint16_t partid,
                          uint8_t pmg, uint64_t read_bytes,
                          uint64_t write_bytes)
{
    ArmMpamLabel *label = get_label(s, ris, partid, pmg);

    label->read_bytes += read_bytes;
    label->write_bytes += write_bytes;
    if (s->powered) {
        check_label(s, partid, pmg);
        arm_mpam_msc_count(s, ris, arm_mpam_msc_partid(s, partid),
                           arm_mpam_msc_pmg(s, pmg), read_bytes, write_bytes);
    }
}

void arm_mpam_msc_set_occupancy(ArmMpamMsc *s, unsigned ris, uint16_t partid,
                                uint8_t pmg, uint64_t bytes,
                                uint64_t dirty_bytes)
{
    ArmMpamLabel *label = get_label(s, ris, partid, pmg);

    label->occupancy = bytes;
    label->dirty = dirty_bytes;
}

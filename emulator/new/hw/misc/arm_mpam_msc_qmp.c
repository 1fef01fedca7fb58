/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * QMP's view of the MPAM memory system components: ground truth for tests.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qapi/clone-visitor.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-mpam-msc.h"
#include "qapi/qapi-visit-mpam-msc.h"
#include "arm_mpam_msc_internal.h"

static intList *cpu_list(const unsigned long *cpus)
{
    intList *list = NULL, **tail = &list;
    unsigned long cpu;

    for (cpu = find_first_bit(cpus, ARM_MPAM_MAX_CPUS);
         cpu < ARM_MPAM_MAX_CPUS;
         cpu = find_next_bit(cpus, ARM_MPAM_MAX_CPUS, cpu + 1)) {
        QAPI_LIST_APPEND(tail, cpu);
    }
    return list;
}

static MpamRisInfoList *ris_list(ArmMpamMsc *msc)
{
    MpamRisInfoList *list = NULL, **tail = &list;

    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        const ArmMpamRis *ris = &msc->ris[r];
        MpamRisInfo *info;

        if (!ris->present) {
            continue;
        }
        info = g_new0(MpamRisInfo, 1);
        info->ris = r;
        info->kind = ris->kind;
        info->level = ris->level;
        info->cache_cpus = cpu_list(ris->cache_cpus);
        info->cpbm_width = ris->param[ARM_MPAM_CPBM_WD];
        info->cmax_width = ris->param[ARM_MPAM_HAS_CMAX] ?
                           ris->param[ARM_MPAM_CMAX_WD] : 0;
        info->mbw_max_width = ris->param[ARM_MPAM_MBW_MAX] ?
                              ris->param[ARM_MPAM_BWA_WD] : 0;
        info->csu_monitors = ris->param[ARM_MPAM_CSU_MONITORS];
        info->mbwu_monitors = ris->param[ARM_MPAM_MBWU_MONITORS];
        info->mbwu_width = ris->param[ARM_MPAM_MBWU_MONITORS] ?
                           ris->param[ARM_MPAM_MBWU_WIDTH] : 0;
        info->mbwu_scale = ris->param[ARM_MPAM_MBWU_SCALE];
        info->mbwu_unit = ris->param[ARM_MPAM_MBWU_UNIT];
        info->mbwu_rwbw = ris->param[ARM_MPAM_MBWU_RWBW];
        info->partid_max = msc->param[ARM_MPAM_PARTID_MAX];
        info->pmg_max = msc->param[ARM_MPAM_PMG_MAX];
        QAPI_LIST_APPEND(tail, info);
    }
    return list;
}

static gint compare_offsets(gconstpointer a, gconstpointer b)
{
    const MpamAccessCount *x = a, *y = b;

    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static MpamAccessCountList *access_list(ArmMpamMsc *msc)
{
    MpamAccessCountList *list = NULL, **tail = &list;
    GList *counts = g_list_sort(g_hash_table_get_values(msc->accesses),
                                compare_offsets);

    for (GList *l = counts; l; l = l->next) {
        QAPI_LIST_APPEND(tail, QAPI_CLONE(MpamAccessCount, l->data));
    }
    g_list_free(counts);
    return list;
}

static MpamViolationList *violation_list(ArmMpamMsc *msc)
{
    MpamViolationList *list = NULL, **tail = &list;

    for (int i = 0; i < msc->violations->len; i++) {
        MpamViolation *v = g_ptr_array_index(msc->violations, i);

        QAPI_LIST_APPEND(tail, QAPI_CLONE(MpamViolation, v));
    }
    return list;
}

static MpamErrorCountList *error_list(ArmMpamMsc *msc)
{
    MpamErrorCountList *list = NULL, **tail = &list;

    for (int code = 0; code < ARRAY_SIZE(msc->errors); code++) {
        if (msc->errors[code]) {
            MpamErrorCount *count = g_new0(MpamErrorCount, 1);

            count->code = code;
            count->count = msc->errors[code];
            QAPI_LIST_APPEND(tail, count);
        }
    }
    return list;
}

static MpamLineInfo *line_info(const ArmMpamLine *line, const ArmMpamMsi *msi)
{
    MpamLineInfo *info = g_new0(MpamLineInfo, 1);

    info->level = line->level;
    info->edge = line->edge;
    info->raised = line->raised;
    info->msis = msi->sent;
    return info;
}

static MpamMscInfo *msc_info(ArmMpamMsc *msc)
{
    MpamMscInfo *info = g_new0(MpamMscInfo, 1);

    info->name = g_strdup(msc->name);
    info->path = object_get_canonical_path(OBJECT(msc));
    info->base = SYS_BUS_DEVICE(msc)->mmio[0].addr;
    info->size = msc->size;
    info->identifier = msc->identifier;
    info->powered = msc->powered;
    info->power_cycles = msc->power_cycles;
    info->cpus = cpu_list(msc->cpus);
    info->intpartids = msc->param[ARM_MPAM_INTPARTIDS];
    info->version = g_strdup_printf("%u.%u", msc->param[ARM_MPAM_ARCH_MAJOR],
                                    msc->param[ARM_MPAM_ARCH_MINOR]);
    info->esr = msc->esr;
    info->ecr = msc->ecr;
    info->part_sel = msc->part_sel;
    info->mon_sel = msc->mon_sel;
    info->ris = ris_list(msc);
    info->shadowed = msc->t241;
    info->error_interrupt = line_info(&msc->error, &msc->error_msi);
    info->overflow_interrupt = line_info(&msc->overflow, &msc->overflow_msi);
    info->errors = error_list(msc);
    info->reads = msc->reads;
    info->writes = msc->writes;
    info->accesses = access_list(msc);
    info->violations = violation_list(msc);
    return info;
}

static int collect_msc(Object *obj, void *opaque)
{
    GPtrArray *mscs = opaque;

    if (object_dynamic_cast(obj, TYPE_ARM_MPAM_MSC)) {
        g_ptr_array_add(mscs, obj);
    }
    return 0;
}

static gint compare_mscs(gconstpointer a, gconstpointer b)
{
    const ArmMpamMsc *x = *(ArmMpamMsc **)a, *y = *(ArmMpamMsc **)b;

    return x->identifier < y->identifier ? -1 : x->identifier > y->identifier;
}

static GPtrArray *all_mscs(void)
{
    GPtrArray *mscs = g_ptr_array_new();

    object_child_foreach_recursive(object_get_root(), collect_msc, mscs);
    g_ptr_array_sort(mscs, compare_mscs);
    return mscs;
}

MpamMscInfoList *qmp_query_mpam_mscs(Error **errp)
{
    MpamMscInfoList *list = NULL, **tail = &list;
    g_autoptr(GPtrArray) mscs = all_mscs();

    for (int i = 0; i < mscs->len; i++) {
        QAPI_LIST_APPEND(tail, msc_info(g_ptr_array_index(mscs, i)));
    }
    return list;
}

ArmMpamMsc *arm_mpam_msc_by_name(const char *name, Error **errp)
{
    g_autoptr(GPtrArray) mscs = all_mscs();

    for (int i = 0; i < mscs->len; i++) {
        ArmMpamMsc *msc = g_ptr_array_index(mscs, i);

        if (g_str_equal(msc->name, name)) {
            return msc;
        }
    }
    error_setg(errp, "there is no MSC %s", name);
    return NULL;
}

MpamConfigValueList *qmp_query_mpam_config(const char *name, uint8_t ris,
                                           uint16_t partid, bool has_last,
                                           uint16_t last, bool has_internal,
                                           bool internal, Error **errp)
{
    ArmMpamMsc *msc = arm_mpam_msc_by_name(name, errp);

    return msc ? arm_mpam_msc_config(msc, ris, partid,
                                     has_last ? last : partid, internal,
                                     errp) : NULL;
}

MpamPartidInfoList *qmp_query_mpam_partids(const char *name, Error **errp)
{
    ArmMpamMsc *msc = arm_mpam_msc_by_name(name, errp);
    MpamPartidInfoList *list = NULL, **tail = &list;

    for (unsigned p = 0; msc && p <= msc->param[ARM_MPAM_PARTID_MAX]; p++) {
        MpamPartidInfo *info = g_new0(MpamPartidInfo, 1);

        info->partid = p;
        info->enabled = arm_mpam_msc_partid_enabled(msc, p);
        info->has_intpartid = msc->param[ARM_MPAM_INTPARTIDS];
        info->intpartid = msc->intpartid[p];
        QAPI_LIST_APPEND(tail, info);
    }
    return list;
}

static gint compare_labels(gconstpointer a, gconstpointer b)
{
    const ArmMpamLabel *x = a, *y = b;

    if (x->partid != y->partid) {
        return x->partid < y->partid ? -1 : 1;
    }
    return x->pmg < y->pmg ? -1 : x->pmg > y->pmg;
}

MpamTrafficList *qmp_query_mpam_traffic(const char *name, Error **errp)
{
    ArmMpamMsc *msc = arm_mpam_msc_by_name(name, errp);
    MpamTrafficList *list = NULL, **tail = &list;

    for (int r = 0; msc && r < ARM_MPAM_MAX_RIS; r++) {
        GList *labels = g_list_sort(g_hash_table_get_values(msc->ris[r].labels),
                                    compare_labels);

        for (GList *l = labels; l; l = l->next) {
            const ArmMpamLabel *label = l->data;
            MpamTraffic *t = g_new0(MpamTraffic, 1);

            t->ris = r;
            t->partid = label->partid;
            t->pmg = label->pmg;
            t->read_bytes = label->read_bytes;
            t->write_bytes = label->write_bytes;
            t->occupancy = label->occupancy;
            t->dirty = label->dirty;
            QAPI_LIST_APPEND(tail, t);
        }
        g_list_free(labels);
    }
    return list;
}

static MpamMonitorInfo *monitor_info(ArmMpamMsc *msc, unsigned ris,
                                     ArmMpamMonType type, unsigned index)
{
    const ArmMpamMonitor *m = arm_mpam_msc_monitor(msc, ris, type, index);
    MpamMonitorInfo *info = g_new0(MpamMonitorInfo, 1);

#define PEEK(reg) arm_mpam_msc_monitor_peek(msc, ris, type, index, reg)
    info->ris = ris;
    info->type = type == ARM_MPAM_CSU ? MPAM_MONITOR_TYPE_CSU
                                      : MPAM_MONITOR_TYPE_MBWU;
    info->monitor = index;
    info->flt = PEEK(MON_FLT);
    info->ctl = PEEK(MON_CTL);
    info->value = PEEK(MON_VALUE);
    info->capture = PEEK(MON_CAPTURE);
    info->has_long_value = type == ARM_MPAM_MBWU &&
                           msc->ris[ris].param[ARM_MPAM_MBWU_LONG];
    info->has_long_capture = info->has_long_value;
    info->long_value = PEEK(MON_LONG);
    info->long_capture = PEEK(MON_LONG_CAPTURE);
    info->frozen = m->live[0].frozen || m->live[1].frozen;
#undef PEEK
    return info;
}

MpamMonitorInfoList *qmp_query_mpam_monitors(const char *name, Error **errp)
{
    ArmMpamMsc *msc = arm_mpam_msc_by_name(name, errp);
    MpamMonitorInfoList *list = NULL, **tail = &list;

    for (int r = 0; msc && r < ARM_MPAM_MAX_RIS; r++) {
        for (ArmMpamMonType t = 0; t < ARM_MPAM_NMONTYPES; t++) {
            for (unsigned i = 0; arm_mpam_msc_monitor(msc, r, t, i); i++) {
                QAPI_LIST_APPEND(tail, monitor_info(msc, r, t, i));
            }
        }
    }
    return list;
}

/* Identification that no RIS has isn't there, whatever can be read */
static bool has_register(ArmMpamMsc *msc, unsigned i)
{
    if (arm_mpam_regs[i].kind != REG_ID) {
        return test_bit(i, msc->has_reg);
    }
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        if (msc->ris[r].id[arm_mpam_regs[i].id]) {
            return true;
        }
    }
    return false;
}

MpamRegisterInfoList *qmp_query_mpam_registers(const char *name, Error **errp)
{
    ArmMpamMsc *msc = arm_mpam_msc_by_name(name, errp);
    MpamRegisterInfoList *list = NULL, **tail = &list;

    for (int i = 0; msc && i < arm_mpam_nregs; i++) {
        if (has_register(msc, i)) {
            MpamRegisterInfo *info = g_new0(MpamRegisterInfo, 1);

            info->name = g_strdup(arm_mpam_regs[i].name);
            info->offset = arm_mpam_regs[i].offset;
            QAPI_LIST_APPEND(tail, info);
        }
    }
    return list;
}

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
#include "hw/misc/arm_mpam_msc.h"

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
    info->version = g_strdup_printf("%u.%u", msc->param[ARM_MPAM_ARCH_MAJOR],
                                    msc->param[ARM_MPAM_ARCH_MINOR]);
    info->esr = msc->esr;
    info->ecr = msc->ecr;
    info->part_sel = msc->part_sel;
    info->mon_sel = msc->mon_sel;
    info->ris = ris_list(msc);
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

MpamConfigValueList *qmp_query_mpam_config(const char *name, uint8_t ris,
                                           uint16_t partid, Error **errp)
{
    g_autoptr(GPtrArray) mscs = all_mscs();

    for (int i = 0; i < mscs->len; i++) {
        ArmMpamMsc *msc = g_ptr_array_index(mscs, i);

        if (g_str_equal(msc->name, name)) {
            return arm_mpam_msc_config(msc, ris, partid, errp);
        }
    }
    error_setg(errp, "there is no MSC %s", name);
    return NULL;
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * MPAM platform: which way the requests of its CPUs and devices go.
 *
 * A CPU's requests pass its caches from the inside out, then, for each memory
 * domain that it uses, the links to that, its memory-side caches and its
 * memory. Only what has an MSC takes part.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "hw/arm/mpam-platform.h"
#include "hw/core/cpu.h"
#include "hw/misc/arm_mpam_traffic.h"
#include "target/arm/cpu.h"
#include <libfdt.h>

/* In MiB/s; what is limited has to have a peak */
#define DEFAULT_READ_RATE       2048
#define DEFAULT_WRITE_RATE      1024
#define DEFAULT_MEMORY_RATE     8192
#define DEFAULT_LIMITED_RATE    16384

#define DEFAULT_INTERVAL_US     10000

/* Order in which things are passed, caches first, by their level */
#define RANK_DEVICE             8
#define RANK_SMMU               9
#define RANK_INTERCONNECT       10
#define RANK_MEMORY_SIDE_CACHE  11
#define RANK_MEMORY             12

#define MAX_STAGES              32

/**
 * struct Place: a stage, and the node that it comes from
 * @node: what the resource instances control; if that has no node, that of
 * the instance
 * @kind: what it is
 * @level: of a cache
 * @domain: which memory it belongs to
 * @ris: node of a resource instance
 * @stage: the stage
 */
typedef struct Place {
    int node;
    MpamRisKind kind;
    unsigned rank;
    uint32_t domain;
    int ris;
    ArmMpamStage *stage;
} Place;

static uint32_t cell_at(MpamPlatform *p, int node, const char *name,
                        unsigned index, uint32_t value)
{
    int len;
    const fdt32_t *cells = fdt_getprop(p->fdt, node, name, &len);

    return cells && len > index * sizeof(*cells) ? fdt32_ld(cells + index)
                                                 : value;
}

/* A property of a CPU, or of all */
static uint32_t cpu_cell(MpamPlatform *p, int cpu, const char *name,
                         uint32_t value)
{
    value = mpam_platform_cell(p, fdt_parent_offset(p->fdt, cpu), name, value);
    return mpam_platform_cell(p, cpu, name, value);
}

static bool has_bandwidth_control(const ArmMpamMsc *msc, unsigned ris)
{
    const uint32_t *param = msc->ris[ris].param;

    return param[ARM_MPAM_MBW_MAX] || param[ARM_MPAM_MBW_MIN] ||
           param[ARM_MPAM_MBW_PROP] || param[ARM_MPAM_MBW_PBM_WD] ||
           param[ARM_MPAM_INTPRI_WD];
}

static uint32_t peak_rate(MpamPlatform *p, const MpamPlatformMsc *msc,
                          const Place *place, unsigned index)
{
    uint32_t value = 0;

    if (place->kind == MPAM_RIS_KIND_MEMORY) {
        value = cell_at(p, 0, "emu,memory-bandwidth", place->domain,
                        DEFAULT_MEMORY_RATE);
    } else if (has_bandwidth_control(msc->dev, index)) {
        value = DEFAULT_LIMITED_RATE;
    }
    value = mpam_platform_cell(p, msc->node, "emu,bandwidth", value);
    value = mpam_platform_cell(p, place->ris, "emu,bandwidth", value);
    return mpam_platform_cell(p, place->node, "emu,bandwidth", value);
}

static unsigned rank_of(MpamPlatform *p, const Place *place)
{
    switch (place->kind) {
    case MPAM_RIS_KIND_CACHE:
        return mpam_platform_find_cache(p, place->node)->level;
    case MPAM_RIS_KIND_SMMU:
        return RANK_SMMU;
    case MPAM_RIS_KIND_INTERCONNECT:
        return RANK_INTERCONNECT;
    case MPAM_RIS_KIND_MEMORY_SIDE_CACHE:
        return RANK_MEMORY_SIDE_CACHE;
    case MPAM_RIS_KIND_MEMORY:
        return RANK_MEMORY;
    default:
        return RANK_DEVICE;
    }
}

static Place *find_place(GArray *places, int node)
{
    for (unsigned i = 0; i < places->len; i++) {
        Place *place = &g_array_index(places, Place, i);

        if (place->node == node) {
            return place;
        }
    }
    return NULL;
}

static void add_ris(MpamPlatform *p, ArmMpamTraffic *t, GArray *places,
                    const MpamPlatformMsc *msc, int ris)
{
    unsigned index = ris == msc->node ? 0 :
                     mpam_platform_cell(p, ris, "reg", 0);
    int device = mpam_platform_ris_device(p, msc, ris);
    Place new = {
        .kind = mpam_platform_ris_kind(p, msc, ris),
        .domain = mpam_platform_ris_domain(p, msc, ris),
        .node = device > 0 ? device : ris,
        .ris = ris,
    };
    Place *place = find_place(places, new.node);

    if (!msc->dev->ris[index].present) {
        return;
    }
    if (!place) {
        uint64_t size = new.kind == MPAM_RIS_KIND_MEMORY ? 0 :
                        mpam_platform_cell(p, new.node, "cache-size", 0);

        new.rank = rank_of(p, &new);
        new.stage = arm_mpam_traffic_add_stage(t, new.rank, size);
        g_array_append_val(places, new);
        place = &g_array_index(places, Place, places->len - 1);
    }
    arm_mpam_stage_add_ris(place->stage, msc->dev, index,
                           peak_rate(p, msc, &new, index));
}

static GArray *find_places(MpamPlatform *p, ArmMpamTraffic *t)
{
    GArray *places = g_array_new(false, false, sizeof(Place));

    for (unsigned i = 0; i < p->mscs->len; i++) {
        const MpamPlatformMsc *msc = g_ptr_array_index(p->mscs, i);
        g_autoptr(GArray) nodes = mpam_platform_ris_nodes(p, msc);

        for (unsigned n = 0; msc->dev && n < nodes->len; n++) {
            add_ris(p, t, places, msc, g_array_index(nodes, int, n));
        }
    }
    return places;
}

static gint by_rank(gconstpointer a, gconstpointer b)
{
    const Place *x = a, *y = b;

    return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) :
           x->node < y->node ? -1 : x->node > y->node;
}

static bool is_linked(MpamPlatform *p, int ris, uint32_t from, uint32_t to)
{
    int len = 0;

    fdt_getprop(p->fdt, ris, "emu,links", &len);
    for (int i = 0; i < len / 8; i++) {
        if (cell_at(p, ris, "emu,links", 2 * i, 0) == from &&
            cell_at(p, ris, "emu,links", 2 * i + 1, 0) == to) {
            return true;
        }
    }
    return false;
}

static bool is_on_way(MpamPlatform *p, const Place *place, unsigned cpu,
                      uint32_t from, uint32_t to)
{
    switch (place->kind) {
    case MPAM_RIS_KIND_CACHE:
        return test_bit(cpu,
                        mpam_platform_find_cache(p, place->node)->cpus);
    case MPAM_RIS_KIND_INTERCONNECT:
        return is_linked(p, place->ris, from, to);
    case MPAM_RIS_KIND_MEMORY:
    case MPAM_RIS_KIND_MEMORY_SIDE_CACHE:
        return place->domain == to;
    default:
        return false;
    }
}

static void add_cpu_path(MpamPlatform *p, GArray *places, ArmMpamRequester *r,
                         unsigned cpu, uint32_t from, uint32_t to,
                         unsigned percent)
{
    ArmMpamStage *stages[MAX_STAGES];
    unsigned n = 0;

    for (unsigned i = 0; i < places->len && n < MAX_STAGES; i++) {
        const Place *place = &g_array_index(places, Place, i);

        if (is_on_way(p, place, cpu, from, to)) {
            stages[n++] = place->stage;
        }
    }
    arm_mpam_requester_add_path(r, stages, n, percent);
}

/* Reads what another thread may be changing: that's what a sample is */
static bool sample_cpu(void *opaque, uint16_t *partid, uint8_t *pmg)
{
    CPUState *cs = opaque;

    if (qatomic_read(&cs->halted) || !arm_mpam_cpu_powered(ARM_CPU(cs))) {
        return false;
    }
    arm_mpam_label(&ARM_CPU(cs)->env, false, partid, pmg);
    return true;
}

static void set_rates(ArmMpamRequester *r, uint32_t read, uint32_t write,
                      uint32_t footprint)
{
    object_property_set_uint(OBJECT(r), "read-rate", read, &error_abort);
    object_property_set_uint(OBJECT(r), "write-rate", write, &error_abort);
    object_property_set_uint(OBJECT(r), "footprint", footprint, &error_abort);
}

static void add_cpu(MpamPlatform *p, ArmMpamTraffic *t, GArray *places,
                    unsigned cpu)
{
    int node = g_array_index(p->cpus, int, cpu), len = 0;
    g_autofree char *name = g_strdup_printf("cpu%u", cpu);
    ArmMpamRequester *r = arm_mpam_traffic_add_requester(t, name, sample_cpu,
                                                         qemu_get_cpu(cpu));
    uint32_t domain = mpam_platform_cell(p, node, "numa-node-id", 0);
    int from = node;

    set_rates(r, cpu_cell(p, node, "emu,read-rate", DEFAULT_READ_RATE),
              cpu_cell(p, node, "emu,write-rate", DEFAULT_WRITE_RATE),
              cpu_cell(p, node, "emu,footprint", 0));
    if (!fdt_getprop(p->fdt, from, "emu,memory-share", &len)) {
        from = fdt_parent_offset(p->fdt, node);
    }
    if (!fdt_getprop(p->fdt, from, "emu,memory-share", &len)) {
        add_cpu_path(p, places, r, cpu, domain, domain, 100);
        return;
    }
    for (int i = 0; i < len / 8; i++) {
        add_cpu_path(p, places, r, cpu, domain,
                     cell_at(p, from, "emu,memory-share", 2 * i, 0),
                     cell_at(p, from, "emu,memory-share", 2 * i + 1, 0));
    }
}

/* A device's way is said by its node, in any order */
static void add_device(MpamPlatform *p, ArmMpamTraffic *t, GArray *places,
                       int node)
{
    ArmMpamRequester *r =
        arm_mpam_traffic_add_requester(t, fdt_get_name(p->fdt, node, NULL),
                                       NULL, NULL);
    ArmMpamStage *stages[MAX_STAGES];
    unsigned n = 0;
    int len = 0;

    set_rates(r, mpam_platform_cell(p, node, "emu,read-rate",
                                    DEFAULT_READ_RATE),
              mpam_platform_cell(p, node, "emu,write-rate",
                                 DEFAULT_WRITE_RATE),
              mpam_platform_cell(p, node, "emu,footprint", 0));
    object_property_set_uint(OBJECT(r), "partid",
                             mpam_platform_cell(p, node, "emu,partid", 0),
                             &error_fatal);
    object_property_set_uint(OBJECT(r), "pmg",
                             mpam_platform_cell(p, node, "emu,pmg", 0),
                             &error_fatal);
    object_property_set_bool(OBJECT(r), "enabled",
                             !fdt_getprop(p->fdt, node, "emu,quiet", NULL),
                             &error_abort);
    fdt_getprop(p->fdt, node, "emu,through", &len);
    for (unsigned i = 0; i < places->len && n < MAX_STAGES; i++) {
        const Place *place = &g_array_index(places, Place, i);

        for (int c = 0; c < len / 4; c++) {
            if (fdt_node_offset_by_phandle(p->fdt,
                    cell_at(p, node, "emu,through", c, 0)) == place->node) {
                stages[n++] = place->stage;
            }
        }
    }
    if (n != len / 4) {
        error_report("%s: %s: emu,through names something that no MSC is "
                     "about", p->file, fdt_get_name(p->fdt, node, NULL));
        exit(1);
    }
    arm_mpam_requester_add_path(r, stages, n, 100);
}

void mpam_platform_create_traffic(MpamPlatform *p)
{
    uint32_t interval = mpam_platform_cell(p, 0, "emu,traffic-interval-us",
                                           DEFAULT_INTERVAL_US);
    ArmMpamTraffic *t = arm_mpam_traffic_new(qdev_get_machine(),
                                             MAX(interval, 1));
    g_autoptr(GArray) places = find_places(p, t);
    int node = -1;

    g_array_sort(places, by_rank);
    for (unsigned cpu = 0; cpu < p->cpus->len; cpu++) {
        add_cpu(p, t, places, cpu);
    }
    while ((node = fdt_node_offset_by_compatible(p->fdt, node,
                                                 "emu,requester")) >= 0) {
        add_device(p, t, places, node);
    }
    arm_mpam_traffic_start(t, fdt_getprop(p->fdt, 0, "emu,traffic", NULL));
}

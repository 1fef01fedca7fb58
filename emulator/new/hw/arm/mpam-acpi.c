/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * MPAM platform: the ACPI tables that describe it.
 *
 * PPTT (revision 3) gives the processors, their containers and all caches an
 * id. The MPAM table (revision 1) refers to these ids, and says what firmware
 * believes, which the emulated hardware needn't agree with.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/error-report.h"
#include "hw/acpi/aml-build.h"
#include "hw/arm/mpam-platform.h"
#include <libfdt.h>

/* SPI 0 is this interrupt of the GIC */
#define GSIV_SPI_BASE           32

/* No processor has one of the containers' ids */
#define CONTAINER_UID_BASE      0x1000

/* Processor hierarchy node flags */
#define PPTT_PACKAGE            (1 << 0)
#define PPTT_ID_VALID           (1 << 1)
#define PPTT_THREAD             (1 << 2)
#define PPTT_LEAF               (1 << 3)

/* Cache flags: all members are valid, but for the write policy */
#define PPTT_CACHE_FLAGS        0xdf
#define PPTT_CACHE_SIZE         28
#define PPTT_CACHE_ALLOC_RW     2
#define PPTT_CACHE_DATA         (0 << 2)
#define PPTT_CACHE_INSTRUCTION  (1 << 2)
#define PPTT_CACHE_UNIFIED      (2 << 2)

/* MPAM table */
#define MPAM_MSC_SIZE           72
#define MPAM_RESOURCE_SIZE      24
#define MPAM_IRQ_EDGE           (1 << 0)
#define MPAM_LOCATOR_CACHE      0x00
#define MPAM_LOCATOR_MEMORY     0x01
#define MPAM_LOCATOR_UNKNOWN    0xff

/**
 * struct TopoNode: a processor or container
 * @parent: index of what contains it, -1 if nothing does
 * @flags: of the processor hierarchy node
 * @uid: ACPI id
 * @cpu: index of the CPU if it is one, else -1
 * @cpus: the CPUs in it
 * @offset: of its structure in the table
 */
typedef struct TopoNode {
    int parent;
    uint32_t flags;
    uint32_t uid;
    int cpu;
    DECLARE_BITMAP(cpus, ARM_MPAM_MAX_CPUS);
    uint32_t offset;
} TopoNode;

static int cpu_of_phandle(MpamPlatform *p, uint32_t phandle)
{
    int node = fdt_node_offset_by_phandle(p->fdt, phandle);

    for (unsigned cpu = 0; cpu < p->cpus->len; cpu++) {
        if (g_array_index(p->cpus, int, cpu) == node) {
            return cpu;
        }
    }
    error_report("%s: the cpu-map names something else than CPUs", p->file);
    exit(1);
}

static int add_topo_node(GArray *topo, int parent, uint32_t flags, int cpu)
{
    TopoNode new = {
        .parent = parent, .cpu = cpu,
        .flags = flags | PPTT_ID_VALID,
        .uid = cpu >= 0 ? cpu : CONTAINER_UID_BASE + topo->len,
    };

    g_array_append_val(topo, new);
    for (int i = topo->len - 1; cpu >= 0 && i >= 0;
         i = g_array_index(topo, TopoNode, i).parent) {
        set_bit(cpu, g_array_index(topo, TopoNode, i).cpus);
    }
    return topo->len - 1;
}

static void add_topo(MpamPlatform *p, GArray *topo, int parent, int node)
{
    int child;

    fdt_for_each_subnode(child, p->fdt, node) {
        const char *name = fdt_get_name(p->fdt, child, NULL);
        uint32_t phandle = mpam_platform_cell(p, child, "cpu", 0);
        uint32_t flags = 0;

        if (parent < 0) {
            flags |= PPTT_PACKAGE;
        }
        if (g_str_has_prefix(name, "thread")) {
            flags |= PPTT_THREAD;
        }
        if (phandle) {
            add_topo_node(topo, parent, flags | PPTT_LEAF,
                          cpu_of_phandle(p, phandle));
        } else {
            add_topo(p, topo, add_topo_node(topo, parent, flags, -1), child);
        }
    }
}

/* Processors and containers as the cpu-map has them, parents first */
static GArray *find_topo(MpamPlatform *p)
{
    GArray *topo = g_array_new(false, true, sizeof(TopoNode));
    int map = fdt_path_offset(p->fdt, "/cpus/cpu-map"), parent = -1;

    if (map < 0) {
        error_report("%s has no cpu-map", p->file);
        exit(1);
    }
    if (fdt_subnode_offset(p->fdt, map, "socket0") < 0) {
        parent = add_topo_node(topo, -1, PPTT_PACKAGE, -1);
    }
    add_topo(p, topo, parent, map);
    return topo;
}

/* The innermost one that has exactly these CPUs, -1 if none has */
static int find_topo_node(GArray *topo, const unsigned long *cpus)
{
    for (int i = topo->len - 1; i >= 0; i--) {
        if (bitmap_equal(g_array_index(topo, TopoNode, i).cpus, cpus,
                         ARM_MPAM_MAX_CPUS)) {
            return i;
        }
    }
    return -1;
}

/* Unique, and never 0, which isn't valid */
static uint32_t cache_id(MpamPlatform *p, const MpamPlatformCache *cache)
{
    unsigned index = cache - (MpamPlatformCache *)p->caches->data;

    return cache->level << 16 | (index + 1);
}

static uint32_t append_cache(MpamPlatform *p, GArray *table, uint32_t start,
                             int node, const char *prefix, uint8_t kind,
                             uint32_t next, uint32_t id)
{
    g_autofree char *size_name = g_strconcat(prefix, "size", NULL);
    g_autofree char *sets_name = g_strconcat(prefix, "sets", NULL);
    g_autofree char *line_name = g_strconcat(prefix, "line-size", NULL);
    uint32_t size = mpam_platform_cell(p, node, size_name, 0);
    uint32_t sets = mpam_platform_cell(p, node, sets_name, 0);
    uint32_t line = mpam_platform_cell(p, node, line_name, 0);
    uint32_t offset = table->len - start;

    if (!size || !sets || !line) {
        error_report("%s: a cache lacks %s, %s or %s", p->file, size_name,
                     sets_name, line_name);
        exit(1);
    }
    build_append_int_noprefix(table, 1, 1);     /* Type: cache */
    build_append_int_noprefix(table, PPTT_CACHE_SIZE, 1);
    build_append_int_noprefix(table, 0, 2);     /* Reserved */
    build_append_int_noprefix(table, PPTT_CACHE_FLAGS, 4);
    build_append_int_noprefix(table, next, 4);
    build_append_int_noprefix(table, size, 4);
    build_append_int_noprefix(table, sets, 4);
    build_append_int_noprefix(table, size / sets / line, 1);
    build_append_int_noprefix(table, PPTT_CACHE_ALLOC_RW | kind, 1);
    build_append_int_noprefix(table, line, 2);
    build_append_int_noprefix(table, id, 4);
    return offset;
}

/*
 * Appends the caches that are private to a processor or container, outermost
 * first, as each names the next one. Returns how many resources the processor
 * hierarchy node is to name in @res: the caches that no other leads to.
 */
static unsigned append_caches(MpamPlatform *p, GArray *topo, int index,
                              GArray *table, uint32_t start, uint32_t *res)
{
    const TopoNode *topo_node = &g_array_index(topo, TopoNode, index);
    uint32_t next = 0, id;
    int node;

    for (unsigned level = 8; level >= 2; level--) {
        for (unsigned i = 0; i < p->caches->len; i++) {
            MpamPlatformCache *cache = &g_array_index(p->caches,
                                                      MpamPlatformCache, i);

            if (cache->level == level &&
                find_topo_node(topo, cache->cpus) == index) {
                next = append_cache(p, table, start, cache->node, "cache-",
                                    PPTT_CACHE_UNIFIED, next,
                                    cache_id(p, cache));
            }
        }
    }
    if (topo_node->cpu < 0) {
        res[0] = next;
        return next ? 1 : 0;
    }
    node = g_array_index(p->cpus, int, topo_node->cpu);
    id = 1 << 16 | (topo_node->cpu * 2 + 1);
    res[0] = append_cache(p, table, start, node, "d-cache-", PPTT_CACHE_DATA,
                          next, id);
    res[1] = append_cache(p, table, start, node, "i-cache-",
                          PPTT_CACHE_INSTRUCTION, next, id + 1);
    return 2;
}

static void check_caches(MpamPlatform *p, GArray *topo)
{
    for (unsigned i = 0; i < p->caches->len; i++) {
        MpamPlatformCache *cache = &g_array_index(p->caches,
                                                  MpamPlatformCache, i);

        if (find_topo_node(topo, cache->cpus) < 0) {
            error_report("%s: nothing in the cpu-map has exactly the CPUs of "
                         "cache %s", p->file,
                         fdt_get_name(p->fdt, cache->node, NULL));
            exit(1);
        }
    }
}

void mpam_acpi_build_pptt(MpamPlatform *p, GArray *table_data,
                          BIOSLinker *linker, const char *oem_id,
                          const char *oem_table_id)
{
    AcpiTable table = { .sig = "PPTT", .rev = 3,
                        .oem_id = oem_id, .oem_table_id = oem_table_id };
    uint32_t start = table_data->len;
    g_autoptr(GArray) topo = find_topo(p);

    check_caches(p, topo);
    acpi_table_begin(&table, table_data);
    for (unsigned i = 0; i < topo->len; i++) {
        TopoNode *node = &g_array_index(topo, TopoNode, i);
        uint32_t res[2];
        unsigned nres = append_caches(p, topo, i, table_data, start, res);

        node->offset = table_data->len - start;
        build_append_int_noprefix(table_data, 0, 1);    /* Type: processor */
        build_append_int_noprefix(table_data, 20 + nres * 4, 1);
        build_append_int_noprefix(table_data, 0, 2);    /* Reserved */
        build_append_int_noprefix(table_data, node->flags, 4);
        build_append_int_noprefix(table_data, node->parent < 0 ? 0 :
                                  g_array_index(topo, TopoNode,
                                                node->parent).offset, 4);
        build_append_int_noprefix(table_data, node->uid, 4);
        build_append_int_noprefix(table_data, nres, 4);
        for (unsigned r = 0; r < nres; r++) {
            build_append_int_noprefix(table_data, res[r], 4);
        }
    }
    acpi_table_end(linker, &table);
}

static void append_irq(GArray *table, const MpamPlatformIrq *irq)
{
    build_append_int_noprefix(table, irq->spi < 0 ? 0 :
                              irq->spi + GSIV_SPI_BASE, 4);
    build_append_int_noprefix(table, irq->edge ? MPAM_IRQ_EDGE : 0, 4);
    build_append_int_noprefix(table, 0, 4);     /* Reserved */
    build_append_int_noprefix(table, 0, 4);     /* Affinity: not a PPI */
}

/*
 * An MSC that not all CPUs can reach shares the power of the container of
 * those that can.
 */
static void append_linked_device(MpamPlatform *p, GArray *topo, GArray *table,
                                 const MpamPlatformMsc *msc)
{
    const TopoNode *node;
    int index;

    if (bitmap_count_one(msc->reach, ARM_MPAM_MAX_CPUS) == p->cpus->len) {
        build_append_int_noprefix(table, 0, 8);
        build_append_int_noprefix(table, 0, 4);
        return;
    }
    index = find_topo_node(topo, msc->reach);
    if (index < 0) {
        error_report("%s: nothing in the cpu-map has exactly the CPUs that "
                     "can reach %s", p->file, msc->name);
        exit(1);
    }
    node = &g_array_index(topo, TopoNode, index);
    g_array_append_vals(table, node->cpu < 0 ? "ACPI0010" : "ACPI0007", 8);
    build_append_int_noprefix(table, node->uid, 4);
}

static void append_resource(MpamPlatform *p, GArray *table,
                            const MpamPlatformMsc *msc, int ris, unsigned id)
{
    int device = mpam_platform_ris_device(p, msc, ris);
    uint64_t locator = 0;
    uint8_t type = MPAM_LOCATOR_UNKNOWN;

    switch (mpam_platform_ris_kind(p, msc, ris)) {
    case MPAM_RIS_KIND_CACHE:
        type = MPAM_LOCATOR_CACHE;
        locator = cache_id(p, mpam_platform_find_cache(p, device));
        break;
    case MPAM_RIS_KIND_MEMORY:
        type = MPAM_LOCATOR_MEMORY;
        locator = mpam_platform_cell(p, device, "numa-node-id", 0);
        break;
    default:
        break;
    }
    build_append_int_noprefix(table, id, 4);
    build_append_int_noprefix(table, ris == msc->node ? 0 :
                              mpam_platform_cell(p, ris, "reg", 0), 1);
    build_append_int_noprefix(table, 0, 2);     /* Reserved */
    build_append_int_noprefix(table, type, 1);
    build_append_int_noprefix(table, locator, 8);
    build_append_int_noprefix(table, 0, 4);     /* Reserved */
    build_append_int_noprefix(table, 0, 4);     /* No dependencies */
}

static void append_msc(MpamPlatform *p, GArray *topo, GArray *table,
                       const MpamPlatformMsc *msc)
{
    g_autoptr(GArray) nodes = mpam_platform_ris_nodes(p, msc);
    g_autoptr(GArray) listed = g_array_new(false, false, sizeof(int));

    for (unsigned i = 0; i < nodes->len; i++) {
        int node = g_array_index(nodes, int, i);

        if (!fdt_getprop(p->fdt, node, "emu,unlisted", NULL)) {
            g_array_append_val(listed, node);
        }
    }
    build_append_int_noprefix(table, MPAM_MSC_SIZE +
                              listed->len * MPAM_RESOURCE_SIZE, 2);
    build_append_int_noprefix(table,
                              mpam_platform_cell(p, msc->node,
                                                 "emu,acpi-interface-type", 0),
                              1);
    build_append_int_noprefix(table, 0, 1);     /* Reserved */
    build_append_int_noprefix(table, msc->identifier, 4);
    build_append_int_noprefix(table, msc->base, 8);
    build_append_int_noprefix(table,
                              mpam_platform_cell(p, msc->node,
                                                 "emu,acpi-mmio-size",
                                                 msc->size), 4);
    append_irq(table, &msc->overflow);
    append_irq(table, &msc->error);
    build_append_int_noprefix(table,
                              mpam_platform_cell(p, msc->node,
                                                 "arm,not-ready-us", 0), 4);
    append_linked_device(p, topo, table, msc);
    build_append_int_noprefix(table, listed->len, 4);
    for (unsigned i = 0; i < listed->len; i++) {
        append_resource(p, table, msc, g_array_index(listed, int, i), i);
    }
}

void mpam_acpi_build_mpam(MpamPlatform *p, GArray *table_data,
                          BIOSLinker *linker, const char *oem_id,
                          const char *oem_table_id)
{
    AcpiTable table = { .sig = "MPAM", .rev = 1,
                        .oem_id = oem_id, .oem_table_id = oem_table_id };
    g_autoptr(GArray) topo = find_topo(p);

    acpi_table_begin(&table, table_data);
    for (unsigned i = 0; i < p->mscs->len; i++) {
        const MpamPlatformMsc *msc = g_ptr_array_index(p->mscs, i);

        if (!fdt_getprop(p->fdt, msc->node, "emu,unlisted", NULL)) {
            append_msc(p, topo, table_data, msc);
        }
    }
    acpi_table_end(linker, &table);
}

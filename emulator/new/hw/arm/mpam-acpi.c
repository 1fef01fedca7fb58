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
#include "target/arm/mpam-idle.h"
#include <libfdt.h>

/* PPI 0 and SPI 0 are these interrupts of the GIC */
#define GSIV_PPI_BASE           16
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
#define MPAM_IRQ_CONTAINER      (1 << 3)
#define MPAM_IRQ_AFFINITY_VALID (1 << 4)
#define MPAM_INTERFACE_MMIO     0x00
#define MPAM_INTERFACE_PCC      0x0a
#define MPAM_LOCATOR_CACHE      0x00
#define MPAM_LOCATOR_MEMORY     0x01
#define MPAM_LOCATOR_SMMU       0x02
#define MPAM_LOCATOR_MEMCACHE   0x03
#define MPAM_LOCATOR_DEVICE     0x04
#define MPAM_LOCATOR_LINKS      0x05
#define MPAM_LOCATOR_UNKNOWN    0xff

/* The SMMU's node in the IORT that the board builds: after that of the ITS */
#define IORT_SMMU_ID            1

/*
 * Interconnect table: signature, number of links, and of each the domains
 * at its ends and what these are, here NUMA domains.
 */
#define LINKS_HEADER_SIZE       20
#define LINK_SIZE               12
#define LINK_NUMA               0

static const uint8_t links_signature[16] = {
    0xfe, 0x2b, 0xd6, 0x45, 0x03, 0x3b, 0x49, 0xe6,
    0x94, 0x79, 0x2e, 0x0b, 0x8b, 0x21, 0xd1, 0xcd,
};

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

/*
 * The outermost container that has exactly these CPUs. One may do with a
 * single CPU; that is where a CPU's own MSC belongs, not to the CPU, whose
 * id a container can't be told by.
 */
static const TopoNode *find_container(MpamPlatform *p, GArray *topo,
                                      const MpamPlatformMsc *msc)
{
    for (int i = 0; i < topo->len; i++) {
        const TopoNode *node = &g_array_index(topo, TopoNode, i);

        if (node->cpu < 0 &&
            bitmap_equal(node->cpus, msc->reach, ARM_MPAM_MAX_CPUS)) {
            return node;
        }
    }
    error_report("%s: no container in the cpu-map has exactly the CPUs that "
                 "can reach %s", p->file, msc->name);
    exit(1);
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

/* A private interrupt says whose it is: one CPU's, or a container's */
static void append_irq(MpamPlatform *p, GArray *topo, GArray *table,
                       const MpamPlatformMsc *msc, const MpamPlatformIrq *irq)
{
    uint32_t gsiv = 0, flags = irq->edge ? MPAM_IRQ_EDGE : 0, affinity = 0;

    if (irq->spi >= 0) {
        gsiv = irq->spi + GSIV_SPI_BASE;
    } else if (irq->ppi >= 0) {
        gsiv = irq->ppi + GSIV_PPI_BASE;
        flags |= MPAM_IRQ_AFFINITY_VALID;
        if (bitmap_count_one(msc->reach, ARM_MPAM_MAX_CPUS) == 1) {
            affinity = find_first_bit(msc->reach, ARM_MPAM_MAX_CPUS);
        } else {
            flags |= MPAM_IRQ_CONTAINER;
            affinity = find_container(p, topo, msc)->uid;
        }
    }
    build_append_int_noprefix(table, gsiv, 4);
    build_append_int_noprefix(table, flags, 4);
    build_append_int_noprefix(table, 0, 4);     /* Reserved */
    build_append_int_noprefix(table, affinity, 4);
}

/*
 * An MSC that not all CPUs can reach shares the power of the container of
 * those that can.
 */
static void append_linked_device(MpamPlatform *p, GArray *topo, GArray *table,
                                 const MpamPlatformMsc *msc)
{
    if (bitmap_count_one(msc->reach, ARM_MPAM_MAX_CPUS) == p->cpus->len) {
        build_append_int_noprefix(table, 0, 8);
        build_append_int_noprefix(table, 0, 4);
        return;
    }
    g_array_append_vals(table, "ACPI0010", 8);
    build_append_int_noprefix(table, find_container(p, topo, msc)->uid, 4);
}

/* "emu,links" has the domains at both ends of each link */
static const fdt32_t *find_links(MpamPlatform *p, int ris, unsigned *nlinks)
{
    int len = 0;
    const fdt32_t *links = fdt_getprop(p->fdt, ris, "emu,links", &len);

    *nlinks = links ? len / (2 * sizeof(*links)) : 0;
    return links;
}

static unsigned links_size(MpamPlatform *p, const MpamPlatformMsc *msc,
                           int ris)
{
    unsigned nlinks;

    if (mpam_platform_ris_kind(p, msc, ris) != MPAM_RIS_KIND_INTERCONNECT) {
        return 0;
    }
    find_links(p, ris, &nlinks);
    return LINKS_HEADER_SIZE + nlinks * LINK_SIZE;
}

static void append_links(MpamPlatform *p, GArray *table,
                         const MpamPlatformMsc *msc, int ris)
{
    unsigned nlinks;
    const fdt32_t *links = find_links(p, ris, &nlinks);

    if (!links_size(p, msc, ris)) {
        return;
    }
    g_array_append_vals(table, links_signature, sizeof(links_signature));
    build_append_int_noprefix(table, nlinks, 4);
    for (unsigned i = 0; i < nlinks; i++) {
        build_append_int_noprefix(table, fdt32_ld(links + 2 * i), 4);
        build_append_int_noprefix(table, fdt32_ld(links + 2 * i + 1), 4);
        build_append_int_noprefix(table, LINK_NUMA, 1);
        build_append_int_noprefix(table, 0, 3);     /* Reserved */
    }
}

/* @links: where the RIS's interconnect table will be, from the MSC's start */
static void append_resource(MpamPlatform *p, GArray *table,
                            const MpamPlatformMsc *msc, int ris, unsigned id,
                            unsigned links)
{
    int device = mpam_platform_ris_device(p, msc, ris);
    const char *hid;
    uint64_t locator = 0;
    uint32_t more = 0;
    uint8_t type = MPAM_LOCATOR_UNKNOWN;

    switch (mpam_platform_ris_kind(p, msc, ris)) {
    case MPAM_RIS_KIND_CACHE:
        type = MPAM_LOCATOR_CACHE;
        locator = cache_id(p, mpam_platform_find_cache(p, device));
        break;
    case MPAM_RIS_KIND_MEMORY:
        type = MPAM_LOCATOR_MEMORY;
        locator = mpam_platform_ris_domain(p, msc, ris);
        break;
    case MPAM_RIS_KIND_MEMORY_SIDE_CACHE:
        type = MPAM_LOCATOR_MEMCACHE;
        /* Seven reserved bytes, then the level */
        locator = (uint64_t)mpam_platform_cell(p, device, "cache-level", 1)
                  << 56;
        more = mpam_platform_ris_domain(p, msc, ris);
        break;
    case MPAM_RIS_KIND_SMMU:
        type = MPAM_LOCATOR_SMMU;
        locator = IORT_SMMU_ID;
        break;
    case MPAM_RIS_KIND_DEVICE:
        type = MPAM_LOCATOR_DEVICE;
        hid = fdt_getprop(p->fdt, ris, "emu,acpi-hid", NULL);
        memcpy(&locator, hid ?: "", MIN(strlen(hid ?: ""), sizeof(locator)));
        locator = le64_to_cpu(locator);
        more = mpam_platform_cell(p, ris, "emu,acpi-uid", 0);
        break;
    case MPAM_RIS_KIND_INTERCONNECT:
        type = MPAM_LOCATOR_LINKS;
        locator = links;
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
    build_append_int_noprefix(table, more, 4);
    build_append_int_noprefix(table, 0, 4);     /* No dependencies */
}

static void append_msc(MpamPlatform *p, GArray *topo, GArray *table,
                       const MpamPlatformMsc *msc)
{
    g_autoptr(GArray) nodes = mpam_platform_ris_nodes(p, msc);
    g_autoptr(GArray) listed = g_array_new(false, false, sizeof(int));
    unsigned length, links;
    bool pcc = msc->pcc >= 0;

    for (unsigned i = 0; i < nodes->len; i++) {
        int node = g_array_index(nodes, int, i);

        if (!fdt_getprop(p->fdt, node, "emu,unlisted", NULL)) {
            g_array_append_val(listed, node);
        }
    }
    links = length = MPAM_MSC_SIZE + listed->len * MPAM_RESOURCE_SIZE;
    for (unsigned i = 0; i < listed->len; i++) {
        length += links_size(p, msc, g_array_index(listed, int, i));
    }
    build_append_int_noprefix(table, length, 2);
    build_append_int_noprefix(table,
                              mpam_platform_cell(p, msc->node,
                                                 "emu,acpi-interface-type",
                                                 pcc ? MPAM_INTERFACE_PCC :
                                                       MPAM_INTERFACE_MMIO),
                              1);
    build_append_int_noprefix(table, 0, 1);     /* Reserved */
    build_append_int_noprefix(table, msc->identifier, 4);
    build_append_int_noprefix(table, pcc ? msc->pcc : msc->base, 8);
    build_append_int_noprefix(table,
                              mpam_platform_cell(p, msc->node,
                                                 "emu,acpi-mmio-size",
                                                 pcc ? 0 : msc->size), 4);
    append_irq(p, topo, table, msc, &msc->overflow);
    append_irq(p, topo, table, msc, &msc->error);
    build_append_int_noprefix(table,
                              mpam_platform_cell(p, msc->node,
                                                 "arm,not-ready-us", 0), 4);
    append_linked_device(p, topo, table, msc);
    build_append_int_noprefix(table, listed->len, 4);
    for (unsigned i = 0; i < listed->len; i++) {
        int node = g_array_index(listed, int, i);

        append_resource(p, table, msc, node, i, links);
        links += links_size(p, msc, node);
    }
    for (unsigned i = 0; i < listed->len; i++) {
        append_links(p, table, msc, g_array_index(listed, int, i));
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

/*
 * _LPI: what loses which context. The registers that enter a state are ones
 * of the CPU ("functional fixed hardware"), their addresses CPU_SUSPEND's
 * parameters.
 */
#define LPI_REVISION            0
#define LPI_ENABLED             (1 << 0)
#define LPI_LOSES_CORE          (1 << 0)
#define LPI_WFI                 0xffffffff

static Aml *lpi_register(uint64_t address)
{
    /* Generic register descriptor, end tag */
    uint8_t bytes[17] = { 0x82, 12, 0, AML_AS_FFH, 32, 0, 3 };

    stq_le_p(bytes + 7, address);
    bytes[15] = 0x79;
    return aml_buffer(sizeof(bytes), bytes);
}

static Aml *lpi_state(uint32_t min_residency_us, uint32_t latency_us,
                      uint32_t loses, uint64_t parameter, const char *name)
{
    Aml *state = aml_package(10);

    aml_append(state, aml_int(min_residency_us));
    aml_append(state, aml_int(latency_us));
    aml_append(state, aml_int(LPI_ENABLED));
    aml_append(state, aml_int(loses));
    aml_append(state, aml_int(0));      /* Frequency of counters */
    aml_append(state, aml_int(0));      /* No state of a container */
    aml_append(state, lpi_register(parameter));
    aml_append(state, aml_int(0));      /* No residency counter */
    aml_append(state, aml_int(0));      /* No usage counter */
    aml_append(state, aml_string("%s", name));
    return state;
}

void mpam_acpi_add_idle(MpamPlatform *p, Aml *dev)
{
    Aml *lpi;

    if (!mpam_platform_has_idle(p)) {
        return;
    }
    lpi = aml_package(5);
    aml_append(lpi, aml_int(LPI_REVISION));
    aml_append(lpi, aml_int(0));        /* Level of a processor */
    aml_append(lpi, aml_int(2));
    aml_append(lpi, lpi_state(1, 1, 0, LPI_WFI, "WFI"));
    aml_append(lpi, lpi_state(20, 10, LPI_LOSES_CORE, ARM_MPAM_IDLE_STATE,
                              "off"));
    aml_append(dev, aml_name_decl("_LPI", lpi));
}

/* \\_SB._OSC: firmware agrees to what the operating system can do */
static void add_osc(Aml *scope)
{
    Aml *method = aml_method("_OSC", 4, AML_NOTSERIALIZED);

    aml_append(method, aml_return(aml_arg(3)));
    aml_append(scope, method);
}

/* For methods about power, and for the IORT to name the MSC's interrupts */
void mpam_acpi_add_devices(MpamPlatform *p, Aml *scope)
{
    if (mpam_platform_has_idle(p)) {
        add_osc(scope);
    }
    for (unsigned i = 0; i < p->mscs->len; i++) {
        const MpamPlatformMsc *msc = g_ptr_array_index(p->mscs, i);
        Aml *dev;

        if (!fdt_getprop(p->fdt, msc->node, "emu,acpi-device", NULL)) {
            continue;
        }
        dev = aml_device("MS%02X", i);
        aml_append(dev, aml_name_decl("_HID", aml_string("ARMHAA5C")));
        aml_append(dev, aml_name_decl("_UID", aml_int(msc->identifier)));
        aml_append(scope, dev);
    }
}

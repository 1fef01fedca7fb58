/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * MPAM platform: reads the description of a machine, and creates its MSCs.
 *
 * The description is a device tree with the nodes that a guest would see,
 * and properties "emu,*" that no guest sees: how the hardware behaves, and
 * where firmware and hardware disagree. emulator/README.md lists them.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "hw/arm/mpam-platform.h"
#include "hw/core/cpu.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/sysbus.h"
#include "system/device_tree.h"
#include "target/arm/mpam-idle.h"
#include "target/arm/mpam-smccc.h"
#include "target/arm/mpam.h"
#include <libfdt.h>

/* First cell of an interrupt specifier of the GIC, and its last one's flags */
#define GIC_SPI         0
#define GIC_PPI         1
#define IRQ_EDGE        3

/* Inputs of the GIC after the SPIs: so many for each CPU, PPIs from 16 on */
#define GIC_PER_CPU     32
#define GIC_FIRST_PPI   16

/* Identifies an implementation that nobody made, so that no erratum matches */
#define DEFAULT_IIDR    0xe1100000

typedef struct ParamProperty {
    const char *name;
    ArmMpamParam param;
    uint32_t max;
    uint32_t value;     /* without the property */
} ParamProperty;

static const ParamProperty msc_params[] = {
    { "emu,partid-max", ARM_MPAM_PARTID_MAX, UINT16_MAX, 31 },
    { "emu,pmg-max", ARM_MPAM_PMG_MAX, UINT8_MAX, 3 },
    { "emu,esr", ARM_MPAM_HAS_ESR, 1, 1 },
    { "emu,late-errors", ARM_MPAM_LATE_ERRORS, 1, 0 },
    { "emu,always-on", ARM_MPAM_ALWAYS_ON, 1, 0 },
    { "emu,mbw-winwd-writable", ARM_MPAM_WINDWR, 1, 0 },
    { "emu,err-msi", ARM_MPAM_ERR_MSI, 1, 0 },
    { "emu,intpartids", ARM_MPAM_INTPARTIDS, UINT16_MAX, 0 },
    { "emu,endis", ARM_MPAM_ENDIS, 1, 0 },
    { "emu,nfu", ARM_MPAM_NFU, 1, 0 },
    { "emu,oflow-sr", ARM_MPAM_OFLOW_SR, 1, 0 },
    { "emu,oflow-msi", ARM_MPAM_OFLOW_MSI, 1, 0 },
    { "emu,no-oflow-intr", ARM_MPAM_NO_OFLOW_INTR, 1, 0 },
    { "emu,local-capture", ARM_MPAM_LOCAL_CAPT, 1, 0 },
    { "emu,capture-events", ARM_MPAM_CAPT_EVENTS, 6, 0 },
};

/* Looked up in the RIS node, then in the MSC node */
static const ParamProperty ris_params[] = {
    { "emu,cpbm-width", ARM_MPAM_CPBM_WD, 32768, 0 },
    { "emu,cmax-width", ARM_MPAM_CMAX_WD, 16, 0 },
    { "emu,no-cmax", ARM_MPAM_NO_CMAX, 1, 0 },
    { "emu,cmax-softlim", ARM_MPAM_CMAX_SOFTLIM, 1, 0 },
    { "emu,cmin", ARM_MPAM_CMIN, 1, 0 },
    { "emu,cassoc-width", ARM_MPAM_CASSOC_WD, 16, 0 },
    { "emu,mbw-width", ARM_MPAM_BWA_WD, 16, 0 },
    { "emu,mbw-min", ARM_MPAM_MBW_MIN, 1, 0 },
    { "emu,mbw-max", ARM_MPAM_MBW_MAX, 1, 0 },
    { "emu,mbw-max-lim", ARM_MPAM_MBW_MAX_LIM, 2, 0 },
    { "emu,mbw-prop", ARM_MPAM_MBW_PROP, 1, 0 },
    { "emu,mbw-pbm-width", ARM_MPAM_MBW_PBM_WD, 4096, 0 },
    { "emu,intpri-width", ARM_MPAM_INTPRI_WD, 16, 0 },
    { "emu,intpri-0-is-low", ARM_MPAM_INTPRI_0_IS_LOW, 1, 0 },
    { "emu,dspri-width", ARM_MPAM_DSPRI_WD, 16, 0 },
    { "emu,dspri-0-is-low", ARM_MPAM_DSPRI_0_IS_LOW, 1, 0 },
    { "emu,impl-idr", ARM_MPAM_IMPL_IDR_VALUE, UINT32_MAX, 0 },
    { "emu,no-impl-part", ARM_MPAM_NO_IMPL_PART, 1, 0 },
    { "emu,no-impl-msmon", ARM_MPAM_NO_IMPL_MSMON, 1, 0 },
    { "emu,csu-monitors", ARM_MPAM_CSU_MONITORS, UINT16_MAX, 0 },
    { "emu,csu-nrdy", ARM_MPAM_CSU_NRDY, ARM_MPAM_NRDY_STUCK, 0 },
    { "emu,csu-capture", ARM_MPAM_CSU_CAPTURE, 1, 0 },
    { "emu,csu-ofsr", ARM_MPAM_CSU_OFSR, 1, 0 },
    { "emu,csu-oflow-lnkg", ARM_MPAM_CSU_OFLOW_LNKG, 1, 0 },
    { "emu,csu-cevnt-oflw", ARM_MPAM_CSU_CEVNT_OFLW, 1, 0 },
    { "emu,csu-oflow-capt", ARM_MPAM_CSU_OFLOW_CAPT, 1, 0 },
    { "emu,csu-no-match-partid", ARM_MPAM_CSU_NO_MATCH_PARTID, 1, 0 },
    { "emu,csu-no-match-pmg", ARM_MPAM_CSU_NO_MATCH_PMG, 1, 0 },
    { "emu,csu-xcl", ARM_MPAM_CSU_XCL, 1, 0 },
    { "emu,csu-ro", ARM_MPAM_CSU_RO, 1, 0 },
    { "emu,mbwu-monitors", ARM_MPAM_MBWU_MONITORS, UINT16_MAX, 0 },
    { "emu,mbwu-nrdy", ARM_MPAM_MBWU_NRDY, ARM_MPAM_NRDY_STUCK, 0 },
    { "emu,mbwu-capture", ARM_MPAM_MBWU_CAPTURE, 1, 0 },
    { "emu,mbwu-ofsr", ARM_MPAM_MBWU_OFSR, 1, 0 },
    { "emu,mbwu-oflow-lnkg", ARM_MPAM_MBWU_OFLOW_LNKG, 1, 0 },
    { "emu,mbwu-cevnt-oflw", ARM_MPAM_MBWU_CEVNT_OFLW, 1, 0 },
    { "emu,mbwu-oflow-capt", ARM_MPAM_MBWU_OFLOW_CAPT, 1, 0 },
    { "emu,mbwu-no-match-partid", ARM_MPAM_MBWU_NO_MATCH_PARTID, 1, 0 },
    { "emu,mbwu-no-match-pmg", ARM_MPAM_MBWU_NO_MATCH_PMG, 1, 0 },
    { "emu,mbwu-rwbw", ARM_MPAM_MBWU_RWBW, 1, 0 },
    { "emu,mbwu-scale", ARM_MPAM_MBWU_SCALE, 31, 0 },
    { "emu,mbwu-width", ARM_MPAM_MBWU_WIDTH, 63, 31 },
    { "emu,mbwu-unit", ARM_MPAM_MBWU_UNIT, 4096, 1 },
};

static const struct {
    const char *name;
    const char *cpu_property;
} cpu_params[] = {
    { "emu,partid-max", "mpam-partid-max" },
    { "emu,pmg-max", "mpam-pmg-max" },
};

static G_NORETURN void die(MpamPlatform *p, int node, const char *what)
{
    char path[256] = "/";

    fdt_get_path(p->fdt, node, path, sizeof(path));
    error_report("%s: %s: %s", p->file, path, what);
    exit(1);
}

static bool has(MpamPlatform *p, int node, const char *name)
{
    return fdt_getprop(p->fdt, node, name, NULL);
}

uint32_t mpam_platform_cell(MpamPlatform *p, int node, const char *name,
                            uint32_t value)
{
    int len;
    const fdt32_t *cells = fdt_getprop(p->fdt, node, name, &len);

    if (!cells) {
        return value;
    }
    if (len == 0) {
        return 1;
    }
    if (len != sizeof(*cells)) {
        g_autofree char *what = g_strdup_printf("%s isn't one cell", name);

        die(p, node, what);
    }
    return fdt32_ld(cells);
}

static int by_phandle(MpamPlatform *p, int node, uint32_t phandle)
{
    int target = fdt_node_offset_by_phandle(p->fdt, phandle);

    if (target < 0) {
        die(p, node, "names a phandle that doesn't exist");
    }
    return target;
}

/* The cache that a CPU or cache node names as next, negative if none */
static int next_cache(MpamPlatform *p, int node)
{
    uint32_t phandle = mpam_platform_cell(p, node, "next-level-cache", 0);

    return phandle ? by_phandle(p, node, phandle) : -1;
}

static int cpu_node(MpamPlatform *p, unsigned cpu)
{
    return g_array_index(p->cpus, int, cpu);
}

MpamPlatformCache *mpam_platform_find_cache(MpamPlatform *p, int node)
{
    for (unsigned i = 0; i < p->caches->len; i++) {
        MpamPlatformCache *cache = &g_array_index(p->caches, MpamPlatformCache,
                                                  i);

        if (cache->node == node) {
            return cache;
        }
    }
    return NULL;
}

int mpam_platform_ris_device(MpamPlatform *p, const MpamPlatformMsc *msc,
                             int ris)
{
    uint32_t phandle = mpam_platform_cell(p, ris, "arm,mpam-device", 0);

    if (!phandle) {
        phandle = mpam_platform_cell(p, msc->node, "arm,mpam-device", 0);
    }
    return phandle ? by_phandle(p, ris, phandle)
                   : fdt_parent_offset(p->fdt, msc->node);
}

/* What a RIS is that isn't a CPU's cache. The binding only knows the first. */
static const struct {
    const char *compatible;
    MpamRisKind kind;
} ris_kinds[] = {
    { "arm,mpam-memory", MPAM_RIS_KIND_MEMORY },
    { "emu,mpam-memory-side-cache", MPAM_RIS_KIND_MEMORY_SIDE_CACHE },
    { "emu,mpam-smmu", MPAM_RIS_KIND_SMMU },
    { "emu,mpam-interconnect", MPAM_RIS_KIND_INTERCONNECT },
    { "emu,mpam-device", MPAM_RIS_KIND_DEVICE },
};

MpamRisKind mpam_platform_ris_kind(MpamPlatform *p,
                                   const MpamPlatformMsc *msc, int ris)
{
    if (mpam_platform_find_cache(p, mpam_platform_ris_device(p, msc, ris))) {
        return MPAM_RIS_KIND_CACHE;
    }
    for (int i = 0; i < ARRAY_SIZE(ris_kinds); i++) {
        if (fdt_node_check_compatible(p->fdt, ris,
                                      ris_kinds[i].compatible) == 0) {
            return ris_kinds[i].kind;
        }
    }
    return MPAM_RIS_KIND_UNKNOWN;
}

uint32_t mpam_platform_ris_domain(MpamPlatform *p, const MpamPlatformMsc *msc,
                                  int ris)
{
    uint32_t domain = mpam_platform_cell(p, msc->node, "numa-node-id", 0);

    return mpam_platform_cell(p, mpam_platform_ris_device(p, msc, ris),
                              "numa-node-id", domain);
}

GArray *mpam_platform_ris_nodes(MpamPlatform *p, const MpamPlatformMsc *msc)
{
    GArray *nodes = g_array_new(false, false, sizeof(int));
    int node;

    fdt_for_each_subnode(node, p->fdt, msc->node) {
        if (g_str_has_prefix(fdt_get_name(p->fdt, node, NULL), "ris@")) {
            g_array_append_val(nodes, node);
        }
    }
    if (!nodes->len) {
        g_array_append_val(nodes, msc->node);
    }
    return nodes;
}

static void find_cpus(MpamPlatform *p, unsigned ncpus)
{
    int cpus = fdt_path_offset(p->fdt, "/cpus"), node;

    fdt_for_each_subnode(node, p->fdt, cpus) {
        if (g_str_has_prefix(fdt_get_name(p->fdt, node, NULL), "cpu@")) {
            g_array_append_val(p->cpus, node);
        }
    }
    if (p->cpus->len != ncpus) {
        error_report("%s has %u CPUs, but the machine %u", p->file,
                     p->cpus->len, ncpus);
        exit(1);
    }
    if (ncpus > ARM_MPAM_MAX_CPUS) {
        error_report("%s has more than %d CPUs", p->file, ARM_MPAM_MAX_CPUS);
        exit(1);
    }
}

static void find_caches(MpamPlatform *p)
{
    for (unsigned cpu = 0; cpu < p->cpus->len; cpu++) {
        int node = next_cache(p, cpu_node(p, cpu));

        for (; node >= 0; node = next_cache(p, node)) {
            MpamPlatformCache *cache = mpam_platform_find_cache(p, node);

            if (!cache) {
                MpamPlatformCache new = {
                    .node = node,
                    .level = mpam_platform_cell(p, node, "cache-level", 0),
                };

                if (new.level < 2) {
                    die(p, node, "isn't a cache of level 2 or more");
                }
                g_array_append_val(p->caches, new);
                cache = mpam_platform_find_cache(p, node);
            }
            set_bit(cpu, cache->cpus);
        }
    }
}

static MpamPlatformIrq find_irq(MpamPlatform *p, int node, const char *name)
{
    MpamPlatformIrq irq = { .spi = -1, .ppi = -1 };
    int index, len;
    const fdt32_t *cells = fdt_getprop(p->fdt, node, "interrupts", &len);

    index = fdt_stringlist_search(p->fdt, node, "interrupt-names", name);
    if (!cells || index < 0) {
        return irq;
    }
    if (len < (index + 1) * 3 * sizeof(*cells)) {
        die(p, node, "needs three cells per interrupt");
    }
    cells += index * 3;
    switch (fdt32_ld(cells)) {
    case GIC_SPI:
        irq.spi = fdt32_ld(cells + 1);
        break;
    case GIC_PPI:
        irq.ppi = fdt32_ld(cells + 1);
        break;
    default:
        die(p, node, "the GIC has no interrupts of this type");
    }
    if (irq.ppi >= GIC_PER_CPU - GIC_FIRST_PPI) {
        die(p, node, "the GIC has 16 private interrupts");
    }
    irq.edge = fdt32_ld(cells + 2) & IRQ_EDGE;
    return irq;
}

/* An MSC below a cache is reached from the CPUs of that, others from all */
static void find_reach(MpamPlatform *p, MpamPlatformMsc *msc)
{
    MpamPlatformCache *parent =
        mpam_platform_find_cache(p, fdt_parent_offset(p->fdt, msc->node));

    if (parent) {
        bitmap_copy(msc->reach, parent->cpus, ARM_MPAM_MAX_CPUS);
    } else {
        bitmap_set(msc->reach, 0, p->cpus->len);
    }
}

static void find_mscs(MpamPlatform *p)
{
    int node = -1;

    while ((node = fdt_node_offset_by_compatible(p->fdt, node,
                                                 "arm,mpam-msc")) >= 0) {
        MpamPlatformMsc *msc = g_new0(MpamPlatformMsc, 1);
        int len;
        const fdt64_t *reg = fdt_getprop(p->fdt, node, "reg", &len);

        if (!reg || len != 2 * sizeof(*reg)) {
            die(p, node, "reg needs two cells each for address and size");
        }
        msc->node = node;
        msc->name = fdt_get_name(p->fdt, node, NULL);
        msc->base = fdt64_ld(reg);
        msc->size = fdt64_ld(reg + 1);
        msc->pcc = mpam_platform_cell(p, node, "emu,pcc-subspace", -1);
        msc->identifier = mpam_platform_cell(p, node, "emu,acpi-identifier",
                                             p->mscs->len + 1);
        msc->error = find_irq(p, node, "error");
        msc->overflow = find_irq(p, node, "overflow");
        find_reach(p, msc);
        g_ptr_array_add(p->mscs, msc);
    }
}

MpamPlatform *mpam_platform_load(const char *file, unsigned ncpus)
{
    MpamPlatform *p = g_new0(MpamPlatform, 1);
    int size;

    p->file = file;
    p->fdt = load_device_tree(file, &size);
    if (!p->fdt) {
        error_report("%s is no device tree", file);
        exit(1);
    }
    p->cpus = g_array_new(false, false, sizeof(int));
    p->caches = g_array_new(false, false, sizeof(MpamPlatformCache));
    p->mscs = g_ptr_array_new();
    p->lines = g_hash_table_new(NULL, NULL);
    find_cpus(p, ncpus);
    find_caches(p);
    find_mscs(p);
    return p;
}

bool mpam_platform_has_idle(MpamPlatform *p)
{
    return has(p, fdt_path_offset(p->fdt, "/cpus"), "emu,idle-power-down");
}

void mpam_platform_setup_cpu(MpamPlatform *p, unsigned cpu, Object *obj)
{
    int node = cpu_node(p, cpu), parent = fdt_parent_offset(p->fdt, node);
    uint32_t mpidr = mpam_platform_cell(p, node, "reg", UINT32_MAX);
    const char *version;

    if (mpidr != object_property_get_uint(obj, "mp-affinity", &error_abort)) {
        die(p, node, "reg isn't what the machine has in this CPU's MPIDR");
    }
    for (int i = 0; i < ARRAY_SIZE(cpu_params); i++) {
        const char *name = cpu_params[i].name;
        int from = has(p, node, name) ? node : parent;

        if (has(p, from, name)) {
            object_property_set_uint(obj, cpu_params[i].cpu_property,
                                     mpam_platform_cell(p, from, name, 0),
                                     &error_fatal);
        }
    }
    version = fdt_getprop(p->fdt, has(p, node, "emu,version") ? node : parent,
                          "emu,version", NULL);
    if (version) {
        object_property_set_str(obj, "mpam-version", version, &error_fatal);
    }
    if (has(p, node, "emu,no-mpam") || has(p, parent, "emu,no-mpam")) {
        object_property_set_bool(obj, "mpam", false, &error_fatal);
    }
}

static void read_params(MpamPlatform *p, int node, int parent,
                        const ParamProperty *props, unsigned nprops,
                        uint32_t *params)
{
    for (unsigned i = 0; i < nprops; i++) {
        int from = has(p, node, props[i].name) ? node : parent;
        uint32_t value = mpam_platform_cell(p, from, props[i].name,
                                            props[i].value);

        if (value > props[i].max) {
            g_autofree char *what = g_strdup_printf("%s is more than %u",
                                                    props[i].name,
                                                    props[i].max);

            die(p, from, what);
        }
        params[props[i].param] = value;
    }
}

static void read_version(MpamPlatform *p, int node, uint32_t *params)
{
    const char *version = fdt_getprop(p->fdt, node, "emu,version", NULL);

    if (sscanf(version ?: "1.1", "%u.%u", &params[ARM_MPAM_ARCH_MAJOR],
               &params[ARM_MPAM_ARCH_MINOR]) != 2 ||
        params[ARM_MPAM_ARCH_MAJOR] > 15 || params[ARM_MPAM_ARCH_MINOR] > 15) {
        die(p, node, "emu,version isn't like \"1.1\"");
    }
}

/* The truth about who can reach an MSC, which firmware may not know */
static void read_cpus(MpamPlatform *p, const MpamPlatformMsc *msc,
                      unsigned long *cpus)
{
    int len;
    const fdt32_t *cells = fdt_getprop(p->fdt, msc->node, "emu,cpus", &len);

    if (!cells) {
        bitmap_copy(cpus, msc->reach, ARM_MPAM_MAX_CPUS);
        return;
    }
    for (int i = 0; i < len / sizeof(*cells); i++) {
        int node = by_phandle(p, msc->node, fdt32_ld(cells + i));
        unsigned cpu = 0;

        while (cpu < p->cpus->len && cpu_node(p, cpu) != node) {
            cpu++;
        }
        if (cpu == p->cpus->len) {
            die(p, msc->node, "emu,cpus names something else than CPUs");
        }
        set_bit(cpu, cpus);
    }
}

static void read_ris(MpamPlatform *p, const MpamPlatformMsc *msc, int node)
{
    ArmMpamMsc *dev = msc->dev;
    MpamPlatformCache *cache =
        mpam_platform_find_cache(p, mpam_platform_ris_device(p, msc, node));
    uint32_t index = node == msc->node ? 0 :
                     mpam_platform_cell(p, node, "reg", UINT32_MAX);
    ArmMpamRis *ris;

    if (index >= ARM_MPAM_MAX_RIS) {
        die(p, node, "reg isn't the number of a RIS");
    }
    ris = &dev->ris[index];
    ris->present = true;
    ris->kind = mpam_platform_ris_kind(p, msc, node);
    if (cache) {
        ris->level = cache->level;
        bitmap_copy(ris->cache_cpus, cache->cpus, ARM_MPAM_MAX_CPUS);
    } else {
        bitmap_set(ris->cache_cpus, 0, p->cpus->len);
    }
    read_params(p, node, msc->node, ris_params, ARRAY_SIZE(ris_params),
                ris->param);
    ris->param[ARM_MPAM_HAS_IMPL_IDR] = has(p, node, "emu,impl-idr") ||
                                        has(p, msc->node, "emu,impl-idr");
    dev->param[ARM_MPAM_RIS_MAX] = MAX(dev->param[ARM_MPAM_RIS_MAX], index);
}

/* The T241 registers at that address, which several MSCs can have in common */
static ArmMpamT241 *find_t241(MpamPlatform *p, const MpamPlatformMsc *msc)
{
    int len;
    const fdt64_t *reg = fdt_getprop(p->fdt, msc->node, "emu,t241-block",
                                     &len);
    g_autofree char *name = NULL;
    DeviceState *dev;
    Object *obj;

    if (len != sizeof(*reg)) {
        die(p, msc->node, "emu,t241-block isn't an address of two cells");
    }
    name = g_strdup_printf("t241@%" PRIx64, fdt64_ld(reg));
    obj = object_resolve_path_component(qdev_get_machine(), name);
    if (!obj) {
        dev = qdev_new(TYPE_ARM_MPAM_T241);
        obj = OBJECT(dev);
        object_property_add_child(qdev_get_machine(), name, obj);
        sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
        /* It is where the machine has its PCI window */
        sysbus_mmio_map_overlap(SYS_BUS_DEVICE(dev), 0, fdt64_ld(reg), 1);
    }
    return ARM_MPAM_T241(obj);
}

static void create_msc(MpamPlatform *p, MpamPlatformMsc *msc)
{
    DeviceState *dev = qdev_new(TYPE_ARM_MPAM_MSC);
    g_autoptr(GArray) nodes = mpam_platform_ris_nodes(p, msc);
    uint32_t *params;

    msc->dev = ARM_MPAM_MSC(dev);
    params = msc->dev->param;
    object_property_add_child(qdev_get_machine(), msc->name, OBJECT(dev));
    qdev_prop_set_string(dev, "name", msc->name);
    qdev_prop_set_uint32(dev, "identifier", msc->identifier);
    qdev_prop_set_uint64(dev, "size", msc->size);
    qdev_prop_set_bit(dev, "error-edge", msc->error.edge);
    qdev_prop_set_bit(dev, "overflow-edge", msc->overflow.edge);
    object_property_set_uint(OBJECT(dev), "iidr",
                             mpam_platform_cell(p, msc->node, "emu,iidr",
                                                DEFAULT_IIDR), &error_abort);
    object_property_set_bool(OBJECT(dev), "id-ones",
                             has(p, msc->node, "emu,id-ones"), &error_abort);

    read_cpus(p, msc, msc->dev->cpus);
    read_version(p, msc->node, params);
    object_property_set_uint(OBJECT(dev), "aidr",
                             mpam_platform_cell(p, msc->node, "emu,aidr",
                                                params[ARM_MPAM_ARCH_MAJOR] << 4
                                                | params[ARM_MPAM_ARCH_MINOR]),
                             &error_abort);
    read_params(p, msc->node, msc->node, msc_params, ARRAY_SIZE(msc_params),
                params);
    params[ARM_MPAM_NRDY_US] =
        mpam_platform_cell(p, msc->node, "emu,nrdy-us",
                           mpam_platform_cell(p, msc->node, "arm,not-ready-us",
                                              0));
    params[ARM_MPAM_RIS_MAX] = mpam_platform_cell(p, msc->node, "emu,ris-max",
                                                  0);
    for (int i = 0; i < nodes->len; i++) {
        int node = g_array_index(nodes, int, i);

        if (node == msc->node || !has(p, node, "emu,absent")) {
            read_ris(p, msc, node);
        }
    }
    params[ARM_MPAM_HAS_RIS] = params[ARM_MPAM_RIS_MAX] ||
                               has(p, msc->node, "emu,has-ris");
    if (params[ARM_MPAM_RIS_MAX] >= ARM_MPAM_MAX_RIS) {
        die(p, msc->node, "emu,ris-max is too large");
    }

    if (has(p, msc->node, "emu,t241-block")) {
        arm_mpam_t241_add_msc(find_t241(p, msc), msc->dev);
    }

    sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
    if (msc->pcc < 0) {
        sysbus_mmio_map(SYS_BUS_DEVICE(dev), 0, msc->base);
    }
}

static void cpu_power(Notifier *notifier, void *data)
{
    MpamPlatform *p = container_of(notifier, MpamPlatform, power);
    ArmMpamPowerEvent *event = data;

    for (int i = 0; i < p->mscs->len; i++) {
        MpamPlatformMsc *msc = g_ptr_array_index(p->mscs, i);

        if (msc->dev) {
            arm_mpam_msc_cpu_power(msc->dev, CPU(event->cpu)->cpu_index,
                                   event->on);
        }
    }
}

/*
 * An input of the interrupt controller that several MSCs may drive: it is
 * raised as long as any of them raises it. Each has an end of its own.
 */
typedef struct SharedLine {
    qemu_irq input;
    GHashTable *raised_by;
} SharedLine;

typedef struct SharedLineEnd {
    SharedLine *line;
} SharedLineEnd;

static void set_shared_line(void *opaque, int n, int level)
{
    SharedLineEnd *end = opaque;
    SharedLine *line = end->line;

    if (level) {
        g_hash_table_add(line->raised_by, end);
    } else {
        g_hash_table_remove(line->raised_by, end);
    }
    qemu_set_irq(line->input, g_hash_table_size(line->raised_by) > 0);
}

static qemu_irq shared_line(MpamPlatform *p, DeviceState *gic, int input)
{
    SharedLine *line = g_hash_table_lookup(p->lines, GINT_TO_POINTER(input));
    SharedLineEnd *end = g_new0(SharedLineEnd, 1);

    if (!line) {
        line = g_new0(SharedLine, 1);
        line->input = qdev_get_gpio_in(gic, input);
        line->raised_by = g_hash_table_new(NULL, NULL);
        g_hash_table_insert(p->lines, GINT_TO_POINTER(input), line);
    }
    end->line = line;
    return qemu_allocate_irq(set_shared_line, end, 0);
}

/* A private interrupt is one of each CPU that the MSC is close to */
typedef struct PpiLine {
    unsigned ncpus;
    qemu_irq cpu[ARM_MPAM_MAX_CPUS];
} PpiLine;

static void set_ppi(void *opaque, int n, int level)
{
    const PpiLine *line = opaque;

    for (unsigned i = 0; i < line->ncpus; i++) {
        qemu_set_irq(line->cpu[i], level);
    }
}

static void connect_irq(MpamPlatform *p, MpamPlatformMsc *msc, int output,
                        const MpamPlatformIrq *irq, DeviceState *gic,
                        int nspis)
{
    qemu_irq input;

    if (irq->spi >= 0) {
        input = shared_line(p, gic, irq->spi);
    } else if (irq->ppi >= 0) {
        PpiLine *line = g_new0(PpiLine, 1);
        unsigned cpu;

        for (cpu = 0; cpu < p->cpus->len; cpu++) {
            if (test_bit(cpu, msc->reach)) {
                line->cpu[line->ncpus++] =
                    shared_line(p, gic, nspis + cpu * GIC_PER_CPU +
                                        GIC_FIRST_PPI + irq->ppi);
            }
        }
        input = qemu_allocate_irq(set_ppi, line, 0);
    } else {
        return;
    }
    sysbus_connect_irq(SYS_BUS_DEVICE(msc->dev), output, input);
}

void mpam_platform_create_mscs(MpamPlatform *p, DeviceState *gic, int nspis)
{
    for (int i = 0; i < p->mscs->len; i++) {
        MpamPlatformMsc *msc = g_ptr_array_index(p->mscs, i);

        if (msc->error.spi >= nspis || msc->overflow.spi >= nspis) {
            die(p, msc->node, "the machine doesn't have that many interrupts");
        }
        if (has(p, msc->node, "emu,absent")) {
            continue;
        }
        create_msc(p, msc);
        connect_irq(p, msc, 0, &msc->error, gic, nspis);
        connect_irq(p, msc, 1, &msc->overflow, gic, nspis);
    }
    arm_mpam_set_soc_id(mpam_platform_cell(p, 0, "emu,soc-id", 0));
    if (mpam_platform_has_idle(p)) {
        arm_mpam_idle_allow(has(p, fdt_path_offset(p->fdt, "/cpus"),
                                "emu,idle-mscs"));
    }
    p->power.notify = cpu_power;
    arm_mpam_add_power_notifier(&p->power);
}

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * MPAM platform: what the guest's device tree says of it.
 *
 * Nodes keep the phandles they have in the description: QEMU's own start
 * beyond all that a device tree compiler gives out.
 */
#include "qemu/osdep.h"
#include "hw/arm/mpam-platform.h"
#include "system/device_tree.h"
#include <libfdt.h>

static void add_node(MpamPlatform *p, int from, void *fdt, const char *path);

static void add_properties(MpamPlatform *p, int from, void *fdt,
                           const char *path, bool exists)
{
    int to = fdt_path_offset(fdt, path), prop, len;
    const char *compatible = fdt_getprop(p->fdt, from, "emu,dt-compatible",
                                         NULL);

    fdt_for_each_property_offset(prop, p->fdt, from) {
        const char *name;
        const void *value = fdt_getprop_by_offset(p->fdt, prop, &name, &len);
        bool phandle = g_str_equal(name, "phandle");

        if (g_str_has_prefix(name, "emu,") ||
            (exists && !phandle && fdt_getprop(fdt, to, name, NULL)) ||
            (g_str_equal(name, "reg") &&
             fdt_getprop(p->fdt, from, "emu,dt-no-reg", NULL))) {
            continue;
        }
        if (compatible && g_str_equal(name, "compatible")) {
            qemu_fdt_setprop_string(fdt, path, name, compatible);
        } else {
            qemu_fdt_setprop(fdt, path, name, value, len);
        }
        to = fdt_path_offset(fdt, path);
    }
}

/* Where a child of a node is in the guest's device tree */
static char *child_path(MpamPlatform *p, int child, const char *path)
{
    for (unsigned cpu = 0; cpu < p->cpus->len; cpu++) {
        if (g_array_index(p->cpus, int, cpu) == child) {
            return g_strdup_printf("%s/cpu@%u", path, cpu);
        }
    }
    return g_strdup_printf("%s/%s", path, fdt_get_name(p->fdt, child, NULL));
}

static void add_children(MpamPlatform *p, int from, void *fdt,
                         const char *path)
{
    int child;

    fdt_for_each_subnode(child, p->fdt, from) {
        g_autofree char *name = child_path(p, child, path);

        /* There is no binding for PCC, and a requester is but a model */
        if (fdt_node_check_compatible(p->fdt, child, "emu,requester") != 0 &&
            !fdt_getprop(p->fdt, child, "emu,unlisted", NULL) &&
            !fdt_getprop(p->fdt, child, "emu,pcc-subspace", NULL)) {
            add_node(p, child, fdt, name);
        }
    }
}

static void add_node(MpamPlatform *p, int from, void *fdt, const char *path)
{
    bool exists = fdt_path_offset(fdt, path) >= 0;

    if (!exists) {
        qemu_fdt_add_subnode(fdt, path);
    }
    add_properties(p, from, fdt, path, exists);
    add_children(p, from, fdt, path);
}

void mpam_platform_add_to_fdt(MpamPlatform *p, void *fdt)
{
    /* The description's replaces that, together with the CPUs' phandles */
    if (fdt_path_offset(fdt, "/cpus/cpu-map") >= 0) {
        qemu_fdt_nop_node(fdt, "/cpus/cpu-map");
    }
    add_children(p, 0, fdt, "");
}

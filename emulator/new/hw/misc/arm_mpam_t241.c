/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Registers of a T241 chip that its erratum T241-MPAM-1 needs.
 *
 * What software writes to MPAMCFG_MBW_MIN and MBW_MAX of its MSCs is not what
 * the hardware acts on, until
 *  - reads of the PARTID's shadow register in each slice have all given the
 *    new value; some slices are slower than others, and
 *  - zero was written to both spare registers after that.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/sysbus.h"
#include "migration/vmstate.h"
#include "arm_mpam_msc_internal.h"

#define NPARTIDS        512
#define NSLICES         12
#define SHADOW          0x360048
#define SLICE_STRIDE    0x10000
#define BLOCK_SIZE      0x420000

static const hwaddr spares[] = { 0x1b0000, 0x1c0000 };

/* Reads of a shadow register that still give the old value, at most */
#define MAX_LAG         3

typedef struct Shadow {
    uint64_t old;
    uint64_t new;
    uint8_t lag[NSLICES];
    bool pending;       /* the hardware has yet to act on it */
} Shadow;

struct ArmMpamT241 {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    GPtrArray *mscs;
    Shadow shadow[NPARTIDS];
    bool spare_written[ARRAY_SIZE(spares)];
};

void arm_mpam_t241_add_msc(ArmMpamT241 *t, ArmMpamMsc *msc)
{
    msc->t241 = t;
    g_ptr_array_add(t->mscs, msc);
}

void arm_mpam_t241_written(ArmMpamT241 *t, uint16_t partid, uint64_t value)
{
    Shadow *shadow = &t->shadow[partid % NPARTIDS];

    shadow->old = shadow->new;
    shadow->new = value;
    for (int i = 0; i < NSLICES; i++) {
        shadow->lag[i] = (i + partid) % (MAX_LAG + 1);
    }
    shadow->pending = true;
    memset(t->spare_written, 0, sizeof(t->spare_written));
}

static bool is_agreed(const Shadow *shadow)
{
    for (int i = 0; i < NSLICES; i++) {
        if (shadow->lag[i]) {
            return false;
        }
    }
    return true;
}

static uint64_t t241_read(void *opaque, hwaddr addr, unsigned size)
{
    ArmMpamT241 *t = opaque;
    uint64_t slice = (addr - SHADOW) / SLICE_STRIDE;
    uint64_t partid = (addr - SHADOW) % SLICE_STRIDE / 8;
    Shadow *shadow;

    if (addr < SHADOW || slice >= NSLICES || partid >= NPARTIDS) {
        return 0;
    }
    shadow = &t->shadow[partid];
    if (shadow->lag[slice]) {
        shadow->lag[slice]--;
        return shadow->old;
    }
    return shadow->new;
}

static void commit(ArmMpamT241 *t)
{
    for (unsigned p = 0; p < NPARTIDS; p++) {
        if (t->shadow[p].pending && is_agreed(&t->shadow[p])) {
            t->shadow[p].pending = false;
            for (int i = 0; i < t->mscs->len; i++) {
                arm_mpam_msc_commit(g_ptr_array_index(t->mscs, i), p);
            }
        }
    }
}

static void t241_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    ArmMpamT241 *t = opaque;

    for (int i = 0; i < ARRAY_SIZE(spares); i++) {
        if (addr == spares[i] && !value) {
            t->spare_written[i] = true;
        }
    }
    if (t->spare_written[0] && t->spare_written[1]) {
        commit(t);
        memset(t->spare_written, 0, sizeof(t->spare_written));
    }
}

/* Other accesses than aligned ones of 64 bits fail */
static const MemoryRegionOps t241_ops = {
    .read = t241_read,
    .write = t241_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 8, .max_access_size = 8 },
    .impl = { .min_access_size = 8, .max_access_size = 8 },
};

static void t241_instance_init(Object *obj)
{
    ArmMpamT241 *t = ARM_MPAM_T241(obj);

    t->mscs = g_ptr_array_new();
    memory_region_init_io(&t->iomem, obj, &t241_ops, t, TYPE_ARM_MPAM_T241,
                          BLOCK_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &t->iomem);
}

static void t241_instance_finalize(Object *obj)
{
    g_ptr_array_free(ARM_MPAM_T241(obj)->mscs, true);
}

static void t241_reset_hold(Object *obj, ResetType type)
{
    ArmMpamT241 *t = ARM_MPAM_T241(obj);

    memset(t->shadow, 0, sizeof(t->shadow));
    memset(t->spare_written, 0, sizeof(t->spare_written));
}

static const VMStateDescription t241_vmstate = {
    .name = TYPE_ARM_MPAM_T241,
    .unmigratable = 1,
};

static void t241_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->vmsd = &t241_vmstate;
    dc->desc = "Chip registers of a T241 that shadow its MPAM settings";
    dc->user_creatable = false;
    RESETTABLE_CLASS(klass)->phases.hold = t241_reset_hold;
}

static const TypeInfo t241_info = {
    .name = TYPE_ARM_MPAM_T241,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(ArmMpamT241),
    .instance_init = t241_instance_init,
    .instance_finalize = t241_instance_finalize,
    .class_init = t241_class_init,
};

static void t241_register_types(void)
{
    type_register_static(&t241_info);
}
type_init(t241_register_types)

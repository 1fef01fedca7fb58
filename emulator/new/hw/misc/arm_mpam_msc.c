/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM memory system component (MSC): the device, its power and reset.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "arm_mpam_msc_internal.h"

static void lose_state(ArmMpamMsc *s)
{
    arm_mpam_msc_lose_controls(s);
    arm_mpam_msc_lose_monitors(s);
    arm_mpam_msc_lose_errors(s);
    arm_mpam_msc_update_irqs(s);
}

static void update_power(ArmMpamMsc *s)
{
    bool powered = !s->power_failed &&
                   (s->param[ARM_MPAM_ALWAYS_ON] ||
                    bitmap_intersects(s->cpus, s->cpus_on, ARM_MPAM_MAX_CPUS));

    if (powered == s->powered) {
        return;
    }
    s->powered = powered;
    if (powered) {
        s->power_cycles++;
        lose_state(s);
    } else {
        arm_mpam_msc_update_irqs(s);
    }
}

void arm_mpam_msc_cpu_power(ArmMpamMsc *s, unsigned cpu, bool on)
{
    if (on) {
        set_bit(cpu, s->cpus_on);
    } else {
        clear_bit(cpu, s->cpus_on);
    }
    update_power(s);
}

void arm_mpam_msc_fail_power(ArmMpamMsc *s, bool failed)
{
    s->power_failed = failed;
    update_power(s);
}

static void msc_realize(DeviceState *dev, Error **errp)
{
    ArmMpamMsc *s = ARM_MPAM_MSC(dev);

    if (!s->size) {
        error_setg(errp, "%s has no registers", s->name);
        return;
    }
    if (!arm_mpam_msc_derive_params(s, errp)) {
        return;
    }
    arm_mpam_msc_fill_ids(s);
    arm_mpam_msc_init_frame(s);
    arm_mpam_msc_init_controls(s);
    arm_mpam_msc_init_monitors(s);
    arm_mpam_msc_init_faults(s);
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        arm_mpam_msc_init_labels(&s->ris[r]);
    }
    memory_region_init_io(&s->iomem, OBJECT(s), &arm_mpam_msc_ops, s, s->name,
                          s->size);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->iomem);
    sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->error.irq);
    sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->overflow.irq);
    update_power(s);
}

static void msc_reset_hold(Object *obj, ResetType type)
{
    ArmMpamMsc *s = ARM_MPAM_MSC(obj);

    arm_mpam_msc_reset_labels(s);
    if (s->powered) {
        lose_state(s);
    }
}

static bool msc_get_id_ones(Object *obj, Error **errp)
{
    return ARM_MPAM_MSC(obj)->id_ones;
}

static void msc_set_id_ones(Object *obj, bool value, Error **errp)
{
    ARM_MPAM_MSC(obj)->id_ones = value;
}

static void msc_instance_init(Object *obj)
{
    ArmMpamMsc *s = ARM_MPAM_MSC(obj);

    s->accesses = g_hash_table_new_full(NULL, NULL, NULL,
                                (GDestroyNotify)qapi_free_MpamAccessCount);
    s->violations = g_ptr_array_new_with_free_func(
                                (GDestroyNotify)qapi_free_MpamViolation);
    object_property_add_uint64_ptr(obj, "aidr", &s->aidr,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "iidr", &s->iidr,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_bool(obj, "id-ones", msc_get_id_ones, msc_set_id_ones);
}

static void msc_instance_finalize(Object *obj)
{
    ArmMpamMsc *s = ARM_MPAM_MSC(obj);

    arm_mpam_msc_free_controls(s);
    arm_mpam_msc_free_monitors(s);
    arm_mpam_msc_free_faults(s);
    for (int r = 0; r < ARM_MPAM_MAX_RIS; r++) {
        g_clear_pointer(&s->ris[r].labels, g_hash_table_destroy);
    }
    g_hash_table_destroy(s->accesses);
    g_ptr_array_free(s->violations, true);
}

static const Property msc_properties[] = {
    DEFINE_PROP_STRING("name", ArmMpamMsc, name),
    DEFINE_PROP_UINT32("identifier", ArmMpamMsc, identifier, 0),
    DEFINE_PROP_UINT64("size", ArmMpamMsc, size, 0x10000),
    DEFINE_PROP_BOOL("error-edge", ArmMpamMsc, error.edge, false),
    DEFINE_PROP_BOOL("overflow-edge", ArmMpamMsc, overflow.edge, false),
};

static const VMStateDescription msc_vmstate = {
    .name = TYPE_ARM_MPAM_MSC,
    .unmigratable = 1,
};

static void msc_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = msc_realize;
    dc->vmsd = &msc_vmstate;
    dc->desc = "Arm MPAM memory system component";
    dc->user_creatable = false;
    device_class_set_props(dc, msc_properties);
    RESETTABLE_CLASS(klass)->phases.hold = msc_reset_hold;
}

static const TypeInfo msc_info = {
    .name = TYPE_ARM_MPAM_MSC,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(ArmMpamMsc),
    .instance_init = msc_instance_init,
    .instance_finalize = msc_instance_finalize,
    .class_init = msc_class_init,
};

static void msc_register_types(void)
{
    type_register_static(&msc_info);
}
type_init(msc_register_types)

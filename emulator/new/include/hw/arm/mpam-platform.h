/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * MPAM platform: the description of a machine, which its emulated devices,
 * its device tree and its ACPI tables are made from.
 */
#ifndef HW_ARM_MPAM_PLATFORM_H
#define HW_ARM_MPAM_PLATFORM_H

#include "exec/hwaddr.h"
#include "hw/acpi/aml-build.h"
#include "hw/acpi/bios-linker-loader.h"
#include "hw/misc/arm_mpam_msc.h"
#include "qemu/notify.h"

/**
 * struct MpamPlatformIrq: an interrupt of an MSC
 * @spi: shared peripheral interrupt, -1 if it is none
 * @ppi: private peripheral interrupt of each CPU in reach, -1 if it is none
 * @edge: whether it is edge-triggered
 */
typedef struct MpamPlatformIrq {
    int spi;
    int ppi;
    bool edge;
} MpamPlatformIrq;

/**
 * struct MpamPlatformMsc: one MSC of the description
 * @node: its node
 * @name: name of that
 * @base: address of its frame, @size: size of it
 * @pcc: PCC subspace by which alone it is reached, -1 if it has a frame
 * @identifier: its identifier in ACPI
 * @error: error interrupt, @overflow: overflow interrupt
 * @reach: CPUs that firmware says can reach it
 * @dev: the device; NULL if only firmware believes in it
 */
typedef struct MpamPlatformMsc {
    int node;
    const char *name;
    hwaddr base;
    uint64_t size;
    int pcc;
    uint32_t identifier;
    MpamPlatformIrq error;
    MpamPlatformIrq overflow;
    DECLARE_BITMAP(reach, ARM_MPAM_MAX_CPUS);
    ArmMpamMsc *dev;
} MpamPlatformMsc;

/**
 * struct MpamPlatformCache: a cache beyond the first level
 * @node: its node
 * @level: its level
 * @cpus: the CPUs below it
 */
typedef struct MpamPlatformCache {
    int node;
    unsigned level;
    DECLARE_BITMAP(cpus, ARM_MPAM_MAX_CPUS);
} MpamPlatformCache;

/**
 * struct MpamPlatform: a description, loaded
 * @file: where it came from
 * @fdt: the description, never modified, so that offsets of nodes stay valid
 * @cpus: node of each CPU
 * @caches: MpamPlatformCache of all caches beyond the first level
 * @mscs: MpamPlatformMsc in the order of the description
 * @lines: inputs of the interrupt controller that MSCs drive, by number
 * @power: tells the MSCs about the CPUs
 */
typedef struct MpamPlatform {
    const char *file;
    void *fdt;
    GArray *cpus;
    GArray *caches;
    GPtrArray *mscs;
    GHashTable *lines;
    Notifier power;
} MpamPlatform;

/**
 * mpam_platform_load: load a description
 * @file: name of a flattened device tree
 * @ncpus: number of CPUs that the machine has
 *
 * Returns: the description; does not return if it is unusable
 */
MpamPlatform *mpam_platform_load(const char *file, unsigned ncpus);

/**
 * mpam_platform_setup_cpu: give a CPU the properties that the description says
 * @p: the description
 * @cpu: index of the CPU
 * @obj: the CPU, not yet realized
 */
void mpam_platform_setup_cpu(MpamPlatform *p, unsigned cpu, Object *obj);

/**
 * mpam_platform_has_idle: whether CPUs that are idle can be powered down
 * @p: the description
 */
bool mpam_platform_has_idle(MpamPlatform *p);

/**
 * mpam_platform_create_mscs: create the MSCs
 * @p: the description
 * @gic: interrupt controller, its inputs starting with the SPIs
 * @nspis: number of those
 */
void mpam_platform_create_mscs(MpamPlatform *p, DeviceState *gic, int nspis);

/**
 * mpam_platform_create_traffic: have the CPUs and devices use the MSCs
 * @p: the description, its MSCs created
 */
void mpam_platform_create_traffic(MpamPlatform *p);

/**
 * mpam_platform_add_to_fdt: tell the guest's device tree what firmware says
 * @p: the description
 * @fdt: the guest's device tree, with a node /cpus/cpu@<index> for each CPU
 */
void mpam_platform_add_to_fdt(MpamPlatform *p, void *fdt);

/**
 * mpam_platform_cell: value of a property with one cell
 * @p: the description
 * @node: node to look at
 * @name: property; an empty one has the value 1
 * @value: what there is if there's no such property
 */
uint32_t mpam_platform_cell(MpamPlatform *p, int node, const char *name,
                            uint32_t value);

/**
 * mpam_platform_find_cache: the cache that a node describes
 * @p: the description
 * @node: the node
 *
 * Returns: the cache, NULL if the node is no cache that a CPU uses
 */
MpamPlatformCache *mpam_platform_find_cache(MpamPlatform *p, int node);

/**
 * mpam_platform_ris_device: the node of what a RIS controls
 * @p: the description
 * @msc: the MSC
 * @ris: node of the RIS, or of the MSC if it has no RIS nodes
 */
int mpam_platform_ris_device(MpamPlatform *p, const MpamPlatformMsc *msc,
                             int ris);

/**
 * mpam_platform_ris_kind: what kind of thing a RIS controls
 * @p: the description
 * @msc: the MSC
 * @ris: node of the RIS, or of the MSC if it has no RIS nodes
 */
MpamRisKind mpam_platform_ris_kind(MpamPlatform *p,
                                   const MpamPlatformMsc *msc, int ris);

/**
 * mpam_platform_ris_domain: the memory domain that a RIS belongs to
 * @p: the description
 * @msc: the MSC
 * @ris: node of the RIS, or of the MSC if it has no RIS nodes
 *
 * Returns: numa-node-id of what it controls, else of the MSC, else 0
 */
uint32_t mpam_platform_ris_domain(MpamPlatform *p, const MpamPlatformMsc *msc,
                                  int ris);

/**
 * mpam_platform_ris_nodes: nodes that describe the RIS of an MSC
 * @p: the description
 * @msc: the MSC
 *
 * Returns: array of int; the MSC's own node if it has no RIS nodes
 */
GArray *mpam_platform_ris_nodes(MpamPlatform *p, const MpamPlatformMsc *msc);

/**
 * mpam_acpi_build_pptt: build the Processor Properties Topology Table
 * mpam_acpi_build_mpam: build the MPAM table
 * @p: the description
 * @table_data: where to append the table
 * @linker: to have it linked
 * @oem_id: of the table header
 * @oem_table_id: of the table header
 */
void mpam_acpi_build_pptt(MpamPlatform *p, GArray *table_data,
                          BIOSLinker *linker, const char *oem_id,
                          const char *oem_table_id);
void mpam_acpi_build_mpam(MpamPlatform *p, GArray *table_data,
                          BIOSLinker *linker, const char *oem_id,
                          const char *oem_table_id);

/**
 * mpam_acpi_add_devices: add the namespace devices of MSCs
 * @p: the description
 * @scope: \_SB
 */
void mpam_acpi_add_devices(MpamPlatform *p, Aml *scope);

/**
 * mpam_acpi_add_idle: add the idle states of a CPU
 * @p: the description
 * @dev: the CPU's namespace device
 */
void mpam_acpi_add_idle(MpamPlatform *p, Aml *dev);

#endif

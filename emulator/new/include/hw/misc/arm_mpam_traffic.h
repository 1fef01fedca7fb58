/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM traffic: what CPUs and devices do to the MSCs on their way to
 * memory. See arm_mpam_traffic.c for the arithmetic.
 *
 * A board creates the model, its stages and requesters, and the paths of the
 * latter, and then starts it.
 */
#ifndef HW_MISC_ARM_MPAM_TRAFFIC_H
#define HW_MISC_ARM_MPAM_TRAFFIC_H

#include "hw/misc/arm_mpam_msc.h"
#include "qom/object.h"

#define TYPE_ARM_MPAM_TRAFFIC "arm-mpam-traffic"
OBJECT_DECLARE_SIMPLE_TYPE(ArmMpamTraffic, ARM_MPAM_TRAFFIC)

#define TYPE_ARM_MPAM_REQUESTER "arm-mpam-requester"
OBJECT_DECLARE_SIMPLE_TYPE(ArmMpamRequester, ARM_MPAM_REQUESTER)

typedef struct ArmMpamStage ArmMpamStage;

/**
 * ArmMpamSample: what a requester is doing right now
 * @opaque: as given to arm_mpam_traffic_add_requester()
 * @partid: where to put the PARTID and
 * @pmg: the PMG of its next data access
 *
 * Called with the BQL held. Returns: whether it makes requests at all
 */
typedef bool ArmMpamSample(void *opaque, uint16_t *partid, uint8_t *pmg);

/**
 * arm_mpam_traffic_new: create the model, not yet running
 * @parent: QOM object that gets it as child "mpam-traffic"
 * @interval_us: virtual time between two samples, in microseconds
 */
ArmMpamTraffic *arm_mpam_traffic_new(Object *parent, uint32_t interval_us);

/**
 * arm_mpam_traffic_add_stage: add a thing that requests pass
 * @t: the model
 * @rank: stages with a lower one are passed before those with a higher one
 * @size: bytes if it is a cache, else 0
 */
ArmMpamStage *arm_mpam_traffic_add_stage(ArmMpamTraffic *t, unsigned rank,
                                         uint64_t size);

/**
 * arm_mpam_stage_add_ris: a resource instance controls a stage
 * @stage: the stage
 * @msc: its MSC; each MSC has an equal share of the addresses
 * @ris: resource instance
 * @rate: peak bandwidth of what leaves the stage, in MiB/s; 0 if this one can't
 *     tell. If none can, that has no limit; else the first one decides.
 */
void arm_mpam_stage_add_ris(ArmMpamStage *stage, ArmMpamMsc *msc, unsigned ris,
                            uint32_t rate);

/**
 * arm_mpam_traffic_add_requester: add something that makes requests
 * @t: the model
 * @name: of the QOM child of the model
 * @sample: what tells its state and label; NULL if its properties do
 * @opaque: for @sample
 *
 * Its properties are "enabled", "partid", "pmg", "read-rate" and "write-rate"
 * (both in MiB/s) and "footprint" (in KiB, 0: it never comes back to a line).
 */
ArmMpamRequester *arm_mpam_traffic_add_requester(ArmMpamTraffic *t,
                                                 const char *name,
                                                 ArmMpamSample *sample,
                                                 void *opaque);

/**
 * arm_mpam_requester_add_path: where some of its requests go
 * @r: the requester
 * @stages: the stages passed on the way, in the order of their ranks
 * @nstages: how many these are
 * @percent: share of its requests that go there
 */
void arm_mpam_requester_add_path(ArmMpamRequester *r, ArmMpamStage **stages,
                                 unsigned nstages, unsigned percent);

/**
 * arm_mpam_traffic_start: all is set up
 * @t: the model
 * @enabled: whether it runs from the start; property "enabled" changes this
 */
void arm_mpam_traffic_start(ArmMpamTraffic *t, bool enabled);

#endif

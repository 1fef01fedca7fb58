/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands about Arm MPAM MSCs, for targets other than Arm
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-mpam-fault.h"
#include "qapi/qapi-commands-mpam-msc.h"

static void no_mscs(Error **errp)
{
    error_setg(errp, "this target has no Arm MPAM MSCs");
}

MpamMscInfoList *qmp_query_mpam_mscs(Error **errp)
{
    no_mscs(errp);
    return NULL;
}

MpamConfigValueList *qmp_query_mpam_config(const char *msc, uint8_t ris,
                                           uint16_t partid, bool has_last,
                                           uint16_t last, bool has_internal,
                                           bool internal, Error **errp)
{
    no_mscs(errp);
    return NULL;
}

MpamPartidInfoList *qmp_query_mpam_partids(const char *msc, Error **errp)
{
    no_mscs(errp);
    return NULL;
}

MpamTrafficList *qmp_query_mpam_traffic(const char *msc, Error **errp)
{
    no_mscs(errp);
    return NULL;
}

MpamMonitorInfoList *qmp_query_mpam_monitors(const char *msc, Error **errp)
{
    no_mscs(errp);
    return NULL;
}

MpamRegisterInfoList *qmp_query_mpam_registers(const char *msc, Error **errp)
{
    no_mscs(errp);
    return NULL;
}

void qmp_mpam_inject_error(const char *msc, uint8_t code, bool has_partid,
                           uint16_t partid, bool has_pmg, uint8_t pmg,
                           bool has_ris, uint8_t ris, bool has_after,
                           uint64_t after, Error **errp)
{
    no_mscs(errp);
}

void qmp_mpam_inject_storm(const char *msc, MpamInterrupt interrupt,
                           int64_t period_ns, bool has_code, uint8_t code,
                           bool has_after, uint64_t after, Error **errp)
{
    no_mscs(errp);
}

void qmp_mpam_inject_nrdy(const char *msc, uint8_t ris, MpamMonitorType type,
                          bool stuck, bool has_monitor, uint16_t monitor,
                          bool has_after, uint64_t after, Error **errp)
{
    no_mscs(errp);
}

void qmp_mpam_inject_register(const char *msc, const char *q_register,
                              MpamRegisterFault fault, bool has_after,
                              uint64_t after, Error **errp)
{
    no_mscs(errp);
}

void qmp_mpam_inject_power(const char *msc, MpamPowerFault power,
                           bool has_after, uint64_t after, Error **errp)
{
    no_mscs(errp);
}

MpamFaultCount *qmp_mpam_cancel_faults(const char *msc, Error **errp)
{
    no_mscs(errp);
    return NULL;
}

void qmp_mpam_set_counter(const char *msc, uint8_t ris, MpamMonitorType type,
                          uint16_t monitor, uint64_t value, bool has_is_long,
                          bool is_long, Error **errp)
{
    no_mscs(errp);
}

void qmp_mpam_inject_tear(const char *msc, uint8_t ris, bool has_monitor,
                          uint16_t monitor, uint64_t bytes, uint64_t times,
                          bool has_after, uint64_t after, Error **errp)
{
    no_mscs(errp);
}

void qmp_mpam_traffic(const char *msc, uint8_t ris, uint16_t partid,
                      uint8_t pmg, uint64_t read_bytes, uint64_t write_bytes,
                      Error **errp)
{
    no_mscs(errp);
}

void qmp_mpam_occupancy(const char *msc, uint8_t ris, uint16_t partid,
                        uint8_t pmg, uint64_t bytes, uint64_t dirty_bytes,
                        Error **errp)
{
    no_mscs(errp);
}

void qmp_mpam_capture_event(const char *msc, uint8_t event, Error **errp)
{
    no_mscs(errp);
}

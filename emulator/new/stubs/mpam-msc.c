/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * query-mpam-mscs and query-mpam-config for targets other than Arm
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-mpam-msc.h"

MpamMscInfoList *qmp_query_mpam_mscs(Error **errp)
{
    error_setg(errp, "this target has no Arm MPAM MSCs");
    return NULL;
}

MpamConfigValueList *qmp_query_mpam_config(const char *msc, uint8_t ris,
                                           uint16_t partid, Error **errp)
{
    error_setg(errp, "this target has no Arm MPAM MSCs");
    return NULL;
}

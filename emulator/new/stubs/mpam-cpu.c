/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * query-mpam-cpus for targets other than Arm
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-mpam-cpu.h"

MpamCpuInfoList *qmp_query_mpam_cpus(Error **errp)
{
    error_setg(errp, "this target has no Arm CPUs");
    return NULL;
}

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests what ACPI says of platforms with more than caches: domains, memory-side
# caches, other kinds of RIS, private interrupts, PCC. Prints TAP.
#
# usage: QEMU=<qemu-system-aarch64> run.sh
set -euo pipefail

: "${QEMU:?which qemu-system-aarch64?}"
here=$(cd "$(dirname "$0")" && pwd)
export QEMU PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here/../msc
export MACHINE=$here/../../../scripts/machine.sh
/usr/bin/python3 "$here/tables-test.py"

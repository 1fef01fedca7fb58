#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests the idle state that loses a CPU's MPAM registers: what a CPU finds when
# it comes back, what becomes of its MSCs, and what firmware says. Prints TAP.
#
# usage: QEMU=<qemu-system-aarch64> [CROSS_COMPILE=<prefix>] run.sh
set -euo pipefail

: "${QEMU:?which qemu-system-aarch64?}"
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export QEMU PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here/../msc
export MACHINE=$here/../../../scripts/machine.sh IDLE=$dir/idle.elf MSCS=$dir/mscs.dtb
cpp -nostdinc -undef -x assembler-with-cpp -I "$here/../../../platforms" "$here/mscs.dts" |
	dtc -I dts -O dtb -Wno-interrupts_property -o "$MSCS" -
"${CROSS_COMPILE=aarch64-linux-gnu-}gcc" -nostdlib -static -no-pie \
	-Wl,-Ttext=0x40100000,--build-id=none -o "$IDLE" "$here/idle.S"
/usr/bin/python3 "$here/idle-test.py"

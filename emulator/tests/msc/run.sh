#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests the emulated MSCs and what firmware says of them, without a guest but
# for a few instructions. Prints TAP.
#
# usage: QEMU=<qemu-system-aarch64> [CROSS_COMPILE=<prefix>] run.sh
set -euo pipefail

: "${QEMU:?which qemu-system-aarch64?}"
export QEMU PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
MACHINE=$here/../../../scripts/machine.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
EVERYTHING=$dir/everything.dtb REACH=$dir/reach.elf
export MACHINE EVERYTHING REACH
cpp -nostdinc -undef -x assembler-with-cpp -I "$here/../../../platforms" "$here/everything.dts" |
	dtc -I dts -O dtb -Wno-interrupts_property -o "$EVERYTHING" -
"${CROSS_COMPILE=aarch64-linux-gnu-}gcc" -nostdlib -static -no-pie \
	-Wl,-Ttext=0x40100000,--build-id=none -o "$REACH" "$here/reach.S"
/usr/bin/python3 "$here/msc-test.py"

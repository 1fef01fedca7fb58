#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests the traffic model: its arithmetic, with devices; what it sees of CPUs,
# with a few instructions of a guest; and that two runs are the same. Prints TAP.
#
# usage: QEMU=<qemu-system-aarch64> [CROSS_COMPILE=<prefix>] run.sh
set -euo pipefail

: "${QEMU:?which qemu-system-aarch64?}"
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export QEMU PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here/../msc
export TRAFFIC=$dir/traffic.dtb LABELS=$dir/labels.elf SLEEP=$dir/sleep.elf
cpp -nostdinc -undef -x assembler-with-cpp -I "$here/../../../platforms" "$here/traffic.dts" |
	dtc -I dts -O dtb -Wno-interrupts_property -o "$TRAFFIC" -
for program in labels sleep; do
	"${CROSS_COMPILE=aarch64-linux-gnu-}gcc" -nostdlib -static -no-pie \
		-Wl,-Ttext=0x40100000,--build-id=none -o "$dir/$program.elf" "$here/$program.S"
done
/usr/bin/python3 "$here/traffic-test.py"

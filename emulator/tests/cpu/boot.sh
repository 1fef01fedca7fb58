#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots a Linux 6.18 Image, ours or stock, on CPUs with and without MPAM up to
# the point where it looks for an init, and checks that it detects MPAM when it
# should. Prints TAP.
#
# usage: boot.sh QEMU=<qemu-system-aarch64> IMAGE=<Image>
set -euo pipefail

for arg; do
	case $arg in
	QEMU=*|IMAGE=*) declare "$arg" ;;
	*) echo "usage: boot.sh QEMU=<binary> IMAGE=<Image>" >&2; exit 2 ;;
	esac
done
: "${QEMU:?which qemu-system-aarch64?}" "${IMAGE:?which kernel?}"

tests=0 failures=0
tap() {
	tests=$((tests + 1))
	[ "$1" = ok ] || failures=$((failures + 1))
	echo "$1 $tests - $2"
}

# boot <1 if MPAM is to be detected> <machine options> <CPU options>
boot() {
	local log found=0
	log=$(timeout 120 "$QEMU" -M "virt,gic-version=3$2" -cpu "max$3" -smp 2 \
		-m 256 -display none -nodefaults -serial stdio -no-reboot \
		-kernel "$IMAGE" -append "console=ttyAMA0 panic=-1 root=" \
		</dev/null 2>&1 | tr -d '\r') || :
	! grep -q "detected: Memory Partitioning And Monitoring$" <<<"$log" || found=1
	if ! grep -qE "Brought up 1 node, 2 CPUs" <<<"$log" ||
	   ! grep -qE "No working init|Unable to mount root" <<<"$log"; then
		tap "not ok" "boots with -M virt$2 -cpu max$3"
		tail -n 5 <<<"$log" | sed 's/^/# /'
	elif [ "$found" != "$1" ]; then
		tap "not ok" "-M virt$2 -cpu max$3: MPAM detected: $found, not $1"
	else
		tap ok "boots with -M virt$2 -cpu max$3, MPAM detected: $1"
	fi
}

el2=,virtualization=on el3=,secure=on,virtualization=on
for machine in "" "$el2" "$el3"; do
	boot 1 "$machine" ""
	boot 1 "$machine" ,mpam-version=1.0,sme=off
	boot 0 "$machine" ,mpam=off
done
boot 0 "" ,mpam-firmware=off
boot 0 "$el2" ,mpam-firmware=off
# Linux 6.18 does not look for v0.1
boot 0 "$el2" ,mpam-version=0.1

echo "1..$tests"
[ "$failures" = 0 ]

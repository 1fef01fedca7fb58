#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes QEMU's description of a platform from platforms/<name>.dts, and prints
# the QEMU arguments for that machine, on one line: board, CPUs, memory and
# firmware, but no devices.
#
# usage: machine.sh <platform> [acpi|dt]
. "$(dirname "$0")/lib.sh"

firmware_image=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
platform=${1-} firmware=${2-dt}
dts=$top/platforms/$platform.dts dtb=$build/platforms/$platform.dtb

[ -f "$dts" ] || die "there is no platforms/$platform.dts; there are: $(
	cd "$top/platforms" && find . -name '*.dts' | sed 's|^\./||; s|\.dts$||' | sort | xargs)"

# The interrupt controller, which dtc misses, is the machine's. Registers that
# two nodes claim are one of the mistakes that odd platforms are about.
compile() {
	cpp -nostdinc -undef -x assembler-with-cpp -I "$top/platforms" "$dts" |
		dtc -I dts -O dtb -Wno-interrupts_property \
			-Wno-unique_unit_address -o "$dtb.$$" -
	mv "$dtb.$$" "$dtb"
}

newest=$(find "$top/platforms" "$0" -type f -newer "$dtb" -print -quit 2>/dev/null || echo none)
if [ -n "$newest" ]; then
	mkdir -p "${dtb%/*}"
	compile
fi

board=virt,gic-version=3,mpam-platform=$dtb
case $firmware in
dt)
	board+=,acpi=off ;;
acpi)
	[ -f "$firmware_image" ] || die "$firmware_image is missing: install qemu-efi-aarch64"
	board+=" -bios $firmware_image" ;;
*)
	die "usage: machine.sh <platform> [acpi|dt]" ;;
esac
cpus=$(fdtget -l "$dtb" /cpus | grep -c '^cpu@')
# Dozens of CPUs that spin for each other on few host CPUs hardly get anywhere
# as threads; in turns, those that wait let the others go on.
accel=tcg
if (( cpus > 16 )); then
	accel+=,thread=single
fi
memory="-m 1G"
# The MPAM table refers to memory by its domain in SRAT, which must exist.
if grep -q arm,mpam-memory "$dtb"; then
	memory+=" -object memory-backend-ram,id=memory0,size=1G -numa node,memdev=memory0"
fi
echo "-M $board -accel $accel -cpu max,pauth-impdef=on -smp $cpus $memory"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes QEMU's description of a platform from platforms/<name>.dts, and prints
# the QEMU arguments for that machine, on one line: board, CPUs, memory and
# firmware, but no devices.
#
# usage: machine.sh <platform> [acpi|dt] [el2] [debug]
#
# el2: with the virtualisation extensions. debug: for a kernel that does a lot
# more for each lock.
. "$(dirname "$0")/lib.sh"

firmware_image=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
platform=${1-} firmware=${2-dt}
el2= threads=16
for word in "${@:3}"; do
	case $word in
	el2)	el2=1 ;;
	debug)	threads=4 ;;
	*)	die "usage: machine.sh <platform> [acpi|dt] [el2] [debug]" ;;
	esac
done
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

# Domains: numa-node-id of a CPU says which one it is in, and the highest one
# anywhere how many there are. They share the memory evenly. HMAT gets their
# bandwidths, in MB/s by domain, and the caches in front of them.
domains() {
	local count d from to t size cache
	local -a of=() args=() bandwidth list
	count=$(( 0x$(dtc -q -I dtb -O dts "$dtb" | sed -n 's/.*numa-node-id = <0x\(.*\)>;/\1/p' |
		sort | tail -n 1 | grep . || echo 0) + 1 ))
	read -ra bandwidth <<<"$(fdtget -d "" "$dtb" / emu,memory-bandwidth)"
	for d in $(fdtget -l "$dtb" /cpus | grep '^cpu@'); do
		args+=("/cpus/$d" numa-node-id)
	done
	mapfile -t of < <(fdtget -d 0 "$dtb" "${args[@]}")

	# QEMU doubts that a socket can be in two domains.
	t=$(printf '%s\n' "${of[@]}" | sort -u | wc -l)
	if ((cpus % t == 0)); then
		smp+=,sockets=$t
	fi
	board+=,hmat=on
	for ((d = 0; d < count; d++)); do
		size=$((1024 / count))M list=()
		for ((from = 0; from < cpus; from = to)); do
			for ((to = from; to < cpus && of[to] == d; to++)); do :; done
			if ((to > from)); then list+=("cpus=$from-$((to - 1))"); else to=$((to + 1)); fi
		done
		memory+=" -object memory-backend-ram,id=memory$d,size=$size"
		memory+=" -numa node,nodeid=$d,memdev=memory$d"
		if ((${#list[@]})); then
			memory+=$(printf ',%s' "${list[@]}")
		else
			memory+=,initiator=0
		fi
	done
	for from in $(printf '%s\n' "${of[@]}" | sort -nu); do
		for ((t = 0; t < count; t++)); do
			d="-numa hmat-lb,initiator=$from,target=$t,hierarchy=memory"
			memory+=" $d,data-type=access-latency,latency=$((from == t ? 80 : 150))"
			memory+=" $d,data-type=access-bandwidth,bandwidth=${bandwidth[t]-8192}M"
		done
	done
	for cache in $(fdtget -l "$dtb" / | grep '^memory-side-cache'); do
		memory+=" -numa hmat-cache,node-id=$(fdtget "$dtb" "/$cache" numa-node-id)"
		memory+=",size=$(fdtget "$dtb" "/$cache" cache-size)"
		memory+=",level=$(fdtget "$dtb" "/$cache" cache-level)"
		memory+=",associativity=direct,policy=write-back"
		memory+=",line=$(fdtget "$dtb" "/$cache" cache-line-size)"
	done
}

newest=$(find "$top/platforms" "$0" -type f -newer "$dtb" -print -quit 2>/dev/null || echo none)
if [ -n "$newest" ]; then
	mkdir -p "${dtb%/*}"
	compile
fi

bios=
board=virt,gic-version=3,mpam-platform=$dtb
# The kernel may use virtualisation: it is started at EL2.
if [ "$el2" ]; then
	board+=,virtualization=on
fi
case $firmware in
dt)
	board+=,acpi=off ;;
acpi)
	[ -f "$firmware_image" ] || die "$firmware_image is missing: install qemu-efi-aarch64"
	bios="-bios $firmware_image" ;;
*)
	die "usage: machine.sh <platform> [acpi|dt] [el2] [debug]" ;;
esac
cpus=$(fdtget -l "$dtb" /cpus | grep -c '^cpu@')
# Many CPUs that spin for each other on few host CPUs hardly get anywhere as
# threads; in turns, those that wait let the others go on.
smp=$cpus accel=tcg
if (( cpus > threads )); then
	accel+=,thread=single
fi
# The SMMU that a RIS can be about is the board's own.
if grep -q emu,mpam-smmu "$dtb"; then
	board+=,iommu=smmuv3
fi
memory="-m 1G"
# The MPAM table refers to memory by its domain in SRAT, which must exist.
if grep -q -e arm,mpam-memory -e numa-node-id "$dtb"; then
	domains
fi
echo "-M $board $bios -accel $accel -cpu max,pauth-impdef=on -smp $smp $memory"

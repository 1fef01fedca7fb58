#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the bare-metal MPAM test and runs it on a QEMU in several CPU
# configurations. Prints TAP; fails if any test did, or if a machine hung.
#
# usage: run.sh QEMU=<qemu-system-aarch64> [CROSS_COMPILE=<prefix>]
set -euo pipefail

for arg; do
	case $arg in
	QEMU=*|CROSS_COMPILE=*) declare "$arg" ;;
	*) echo "usage: run.sh QEMU=<binary> [CROSS_COMPILE=<prefix>]" >&2; exit 2 ;;
	esac
done
: "${QEMU:?which qemu-system-aarch64?}" "${CROSS_COMPILE=aarch64-linux-gnu-}"

here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
qemu_pid=
trap '[ -z "$qemu_pid" ] || kill "$qemu_pid" 2>/dev/null || :; rm -rf "$dir"' EXIT
timeout=60	# without a line from the guest
tests=0 failures=0

"${CROSS_COMPILE}gcc" -std=gnu11 -Wall -Werror -O1 -march=armv8.2-a \
	-mgeneral-regs-only -mstrict-align -ffreestanding -nostdlib -static \
	-fno-pic -no-pie -fno-tree-loop-distribute-patterns \
	-Wl,-Ttext-segment=0x40100000,-z,norelro,--build-id=none,-e,_start \
	-o "$dir/test.elf" "$here"/{entry.S,harness.c,mpam-test.c}

# tap <ok|not ok> <text>
tap() {
	tests=$((tests + 1))
	[ "$1" = ok ] || failures=$((failures + 1))
	echo "$1 $tests - $config: $2"
}

# Sets $reply to the answer to query-mpam-cpus.
query() {
	echo '{ "execute": "query-mpam-cpus" }' >&4
	while read -r -t "$timeout" -u 5 reply; do
		case $reply in
		*'"return": ['*|*'"error":'*) return ;;
		esac
	done
	return 1
}

# member <cpu> <key>: its value in $reply, bool as 0 or 1
member() {
	local list=${reply#*\[\{} cpu
	for (( cpu = 0; cpu < $1; cpu++ )); do
		list=${list#*\}, \{}
	done
	[[ ${list%%\}*} =~ \"$2\":\ ([0-9]+|true|false) ]] || return 1
	case ${BASH_REMATCH[1]} in
	true) echo 1 ;;
	false) echo 0 ;;
	*) echo "${BASH_REMATCH[1]}" ;;
	esac
}

# One member=value per word. "?" remembers the value, "+n" is relative to that.
declare -A remembered
answer() {
	local cpu=0 word key want got bad= remember=
	query || { tap "not ok" "$2: no answer from QMP"; return; }
	for word in $1; do
		key=${word%%=*} want=${word#*=}
		if [ "$key" = cpu ]; then
			cpu=$want
			continue
		fi
		got=$(member "$cpu" "$key") || got=none
		case $want in
		\?) remembered[$key]=$got remember=1; continue ;;
		+*) want=$((${remembered[$key]} + ${want#+})) ;;
		esac
		[ "$got" = "$want" ] || bad+=" $key is $got, not $want;"
	done
	[ -z "$remember" ] || return 0
	if [ -z "$bad" ]; then
		tap ok "$2"
	else
		tap "not ok" "$2"
		echo "#$bad"
	fi
}

# run <name> <machine options> <CPU options> <arguments of the test>
run() {
	local line status=0 ended=
	config=$1
	rm -f "$dir"/*.in "$dir"/*.out
	mkfifo "$dir"/{uart,qmp}.{in,out}
	exec 3<>"$dir/uart.out" 4<>"$dir/qmp.in" 5<>"$dir/qmp.out" 6<>"$dir/uart.in"
	"$QEMU" -M "virt,gic-version=3$2" -cpu "max$3" -smp 2 -m 64 \
		-display none -nodefaults -no-reboot \
		-chardev "pipe,id=uart,path=$dir/uart" -serial chardev:uart \
		-chardev "pipe,id=qmp,path=$dir/qmp" -mon chardev=qmp,mode=control \
		-kernel "$dir/test.elf" \
		-semihosting-config "enable=on,target=native,arg=$4" &
	qemu_pid=$!
	echo '{ "execute": "qmp_capabilities" }' >&4
	while read -r -t "$timeout" -u 3 line; do
		line=${line%$'\r'}
		case $line in
		"ok - "*) tap ok "${line#ok - }" ;;
		"not ok - "*) tap "not ok" "${line#not ok - }" ;;
		"ask "*)
			answer "$(sed 's/^ask //; s/ # .*//' <<<"$line")" "${line#* # }"
			echo >&6 ;;
		end) ended=1; break ;;
		*) echo "# $line" ;;
		esac
	done
	if [ -z "$ended" ]; then
		kill "$qemu_pid" 2>/dev/null || :
		tap "not ok" "the machine runs to the end"
	fi
	wait "$qemu_pid" || status=$?
	qemu_pid=
	[ -z "$ended" ] || [ "$status" -le 1 ] ||
		tap "not ok" "QEMU's exit status $status"
	exec 3>&- 4>&- 5>&- 6>&-
}

# All numbers are hexadecimal. idr: PARTID_MAX 3f and PMG_MAX 3 by default.
el1= el2=,virtualization=on el3=,secure=on,virtualization=on el3_no_el2=,secure=on
run "EL1"			"$el1" ""	"mpam=1 frac=1 sme=1 fw=1 cpus=2 idr=0x000000030000003f"
run "EL1, no firmware"		"$el1" ",mpam-firmware=off" \
						"mpam=1 frac=1 sme=1 idr=0x000000030000003f"
run "EL2"			"$el2" ""	"mpam=1 frac=1 sme=1 fw=1 cpus=2 idr=0x04000003001e003f"
run "EL2, no firmware"		"$el2" ",mpam-firmware=off" \
						"mpam=1 frac=1 sme=1 idr=0x04000003001e003f"
run "EL3"			"$el3" ""	"mpam=1 frac=1 sme=1 idr=0x24000003001e003f"
run "EL3 without EL2"		"$el3_no_el2" "" "mpam=1 frac=1 sme=1 idr=0x200000030000003f"
run "v1.0"			"$el3" ",mpam-version=1.0" \
						"mpam=1 frac=0 sme=1 idr=0x00000003001e003f"
run "v0.1"			"$el3" ",mpam-version=0.1" \
						"mpam=0 frac=1 sme=1 idr=0x34000003001e003f"
run "no TIDR, no SDEFLT"	"$el3" ",mpam-tidr=off,mpam-sdeflt=off" \
						"mpam=1 frac=1 sme=1 idr=0x00000003001e003f"
run "no HCR"			"$el3" ",mpam-hcr=off" \
						"mpam=1 frac=1 sme=1 idr=0x240000030000003f"
run "no SME"			"$el3" ",sme=off" "mpam=1 frac=1 sme=0 idr=0x24000003001e003f"
run "small"			"$el3" ",mpam-partid-max=7,mpam-pmg-max=1,mpam-vpmr-max=0" \
						"mpam=1 frac=1 sme=1 idr=0x2400000100020007"
run "large"			"$el2" ",mpam-partid-max=65535,mpam-pmg-max=255,mpam-vpmr-max=3" \
						"mpam=1 frac=1 sme=1 fw=1 cpus=2 idr=0x040000ff000effff"
run "no MPAM, EL1"		"$el1" ",mpam=off" "mpam=0 frac=0 sme=1"
run "no MPAM, EL3"		"$el3" ",mpam=off" "mpam=0 frac=0 sme=1"

config=properties
for bad in mpam-version=2.0 mpam-vpmr-max=8; do
	if "$QEMU" -M virt -cpu "max,$bad" -display none -nodefaults -S \
	   </dev/null >"$dir/log" 2>&1 &
	   qemu_pid=$!; wait "$qemu_pid"; then
		tap "not ok" "$bad is refused"
	else
		tap ok "$bad is refused"
	fi
	qemu_pid=
done

echo "1..$tests"
[ "$failures" = 0 ]

# SPDX-License-Identifier: GPL-2.0-only
# What every script of ours shares: where things are, how a step reports itself.
# Sourced, never run. Sets: top, build, jobs.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD:-$top/build}
jobs=${JOBS:-$(nproc)}
mkdir -p "$build/log" "$build/dl" "$build/stamp"

kernel_version=6.18.15
kernel_tarball=linux_6.18.15.orig.tar.xz
kernel_sha256=fdf4c4d487c95b17a41cb38003faef86669e532a44fe702eb31a3390b6a60cca
kernel_debian=linux=6.18.15-1~bpo13+1
qemu_version=10.0.13
qemu_tarball=qemu_10.0.13+ds.orig.tar.xz
qemu_debian=qemu=1:10.0.13+ds-0+deb13u1
qemu_sha256=6a0888e806c2ffc0c5f0733e974f9aea55491950d3c47c98669c8b236dde59ae

# Two runs at once would build into each other's directories: the second waits.
lock() { exec 9>"$build/stamp/$1.lock"; flock 9; }

say()  { printf '  %-8s %s\n' "$1" "$2" >&2; }
die()  { printf 'error: %s\n' "$*" >&2; exit 1; }

# step <log name> <what it does> <command...>: runs a long command with its
# output in a log, shows a heartbeat, and names the log when it fails.
step() {
	local log="$build/log/$1.log" what=$2 start=$SECONDS pid rc=0
	shift 2
	say START "$what (log: ${log#"$PWD"/})"
	"$@" >"$log" 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		if (( SECONDS - start >= ${beat:=15} )); then
			say "$((SECONDS - start))s" "$(tail -n 1 "$log" | cut -c1-90)"
			beat=$((beat + 15))
		fi
	done
	unset beat
	wait "$pid" || rc=$?
	if (( rc )); then
		tail -n 15 "$log" >&2
		die "$what failed (exit $rc); the full log is $log"
	fi
	say DONE "$what ($((SECONDS - start)) s)"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the emulator's own tests, emulator/tests/*/run.sh, which speak TAP.
#
# usage: emutest.sh [summary file]
. "$(dirname "$0")/lib.sh"

export QEMU=$build/bin/qemu-system-aarch64
pass=0 fail=0 skip=0
shopt -s nullglob
for t in "$top"/emulator/tests/*/run.sh; do
	name=$(basename "$(dirname "$t")")
	log=$build/log/emutest-$name.log
	rc=0
	timeout 600 "$t" >"$log" 2>&1 || rc=$?
	p=$(grep -cE '^ok ' "$log" || :) f=$(grep -cE '^not ok |^Bail out!' "$log" || :)
	s=$(grep -ciE '^ok .*# *skip' "$log" || :)
	planned=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log" | tail -n 1)
	if [ "$((p + f))" != "${planned:-none}" ] || { (( rc )) && (( ! f )); }; then
		f=$((f + 1))
		echo "       planned ${planned:-nothing}, $((p + f - 1)) results, exit status $rc"
	fi
	p=$((p - s))
	pass=$((pass + p)) fail=$((fail + f)) skip=$((skip + s))
	if (( f )); then
		echo "  FAIL $name: $p passed, $f failed, $s skipped; the log is $log"
		grep -E '^not ok |^Bail out!' "$log" | sed 's/^/       /' || tail -n 5 "$log"
	else
		echo "  ok   $name: $p passed, $s skipped"
	fi
done
if (( pass + fail + skip == 0 )); then
	echo "  FAIL there are no emulator tests"
	fail=1
fi
if [ -n "${1-}" ]; then echo "$pass $fail $skip" >>"$1"; fi
echo "emutest: $pass passed, $fail failed, $skip skipped"
(( fail == 0 ))

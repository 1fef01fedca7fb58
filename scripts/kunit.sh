#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the driver's KUnit tests in the guest, on both kernels, and lets the
# kernel's own parser judge.
#
# usage: kunit.sh [summary file]
. "$(dirname "$0")/lib.sh"

pass=0 fail=0 skip=0
for kernel in plain debug; do
	log=$build/log/kunit-$kernel.log
	"$top/scripts/build-kernel.sh" "$kernel"
	bad=0
	"$top/scripts/run-guest.py" --platform l3 --firmware dt --kernel "$kernel" \
		--append "arm64.nompam kunit.enable=1 kunit.autorun=1 kunit.filter_glob=*mpam*" \
		--log "$log" true >"$build/log/kunit-run.log" 2>&1 || bad=1
	if (( bad )); then
		fail=$((fail + 1))
		cat "$build/log/kunit-run.log"
	fi
	sed -n 's/^| *[0-9.]* //p' "$log" >"$build/log/kunit-$kernel.ktap"
	python3 "$build/linux/tools/testing/kunit/kunit.py" parse \
		"$build/log/kunit-$kernel.ktap" >"$build/log/kunit-$kernel.txt" 2>&1 || :
	count() { sed -n "s/.*Testing complete\. Ran.* $1: \([0-9]*\).*/\1/p" "$build/log/kunit-$kernel.txt"; }
	p=$(count passed) f=$(count failed) c=$(count crashed) e=$(count errors) s=$(count skipped)
	if [ -z "$p" ]; then
		f=$((${f:-0} + 1))
		echo "  FAIL no test passed; the log is $log"
	fi
	f=$((${f:-0} + ${c:-0} + ${e:-0}))
	if (( f )); then grep -E 'FAILED|ERROR|CRASHED|not ok|EXPECT|ASSERT' "$build/log/kunit-$kernel.txt" | head -n 40 || :; fi
	echo "  $( ((f)) && echo FAIL || echo ok)   KUnit, $kernel kernel: ${p:-0} passed, $f failed, ${s:-0} skipped"
	pass=$((pass + ${p:-0})) fail=$((fail + f)) skip=$((skip + ${s:-0}))
done
if [ -n "${1-}" ]; then echo "$pass $fail $skip" >>"$1"; fi
echo "kunit: $pass passed, $fail failed, $skip skipped"
(( fail == 0 ))

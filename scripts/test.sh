#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Everything that can fail, and one line that says how it went.
. "$(dirname "$0")/lib.sh"

cd "$top"
sums=$build/test-summary
rm -f "$sums"
ok=1
part() {
	local name=$1 start=$SECONDS rc=0
	shift
	echo "== $name"
	"$@" || rc=1
	echo "   ($((SECONDS - start)) s)"
	return $rc
}

make --no-print-directory guest guest-debug
# The first three keep the processors busy together. What the selftests measure
# by the clock is better off alone.
part "make kunit" scripts/kunit.sh "$sums" >"$build/log/test-kunit.log" 2>&1 &
kunit=$!
part "make emutest" scripts/emutest.sh "$sums" || ok=0
part "make lint" scripts/lint.sh "$sums" || ok=0
wait "$kunit" || ok=0
cat "$build/log/test-kunit.log"
part "make selftest" scripts/run-tests.py --summary "$sums" || ok=0

# A part that left no numbers did not run to its end.
[ "$(wc -l <"$sums")" -eq 4 ] || { ok=0; echo "0 1 0" >>"$sums"; }
awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$sums"
(( ok ))

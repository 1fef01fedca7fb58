#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Everything that can fail, and one line that says how it went.
. "$(dirname "$0")/lib.sh"

cd "$top"
sums=$build/test-summary
rm -f "$sums"
ok=1
part() {
	local name=$1 start=$SECONDS
	shift
	echo "== $name"
	"$@" || ok=0
	echo "   ($((SECONDS - start)) s)"
}

make --no-print-directory guest guest-debug
part "make kunit" scripts/kunit.sh "$sums"
part "make emutest" scripts/emutest.sh "$sums"
part "make selftest" scripts/run-tests.py --summary "$sums"
part "make lint" scripts/lint.sh "$sums"

# A part that left no numbers did not run to its end.
[ "$(wc -l <"$sums")" -eq 4 ] || { ok=0; echo "0 1 0" >>"$sums"; }
awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$sums"
(( ok ))

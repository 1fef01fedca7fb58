#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What a maintainer's own scripts would say: checkpatch, W=1, sparse, the docs
# build, the binding, MAINTAINERS, and that the series builds patch by patch.
#
# usage: lint.sh [summary file]
. "$(dirname "$0")/lib.sh"
. "$top/scripts/overlay.sh"

linux=$build/linux
verdicts=$build/lint-verdicts

# What the slow checks look at (git's pathspecs). What they have found good is
# remembered by content, and not looked at again.
declare -A looks_at=(
	[checkpatch-files]=":(glob)*.[ch] Kconfig kernel/new selftests scripts/lint-exceptions"
	[w1]=":(glob)*.[ch] Kconfig Makefile kernel scripts/config"
	[sparse]=":(glob)*.[ch] Kconfig Makefile kernel scripts/config"
	[binding]="Documentation/devicetree scripts/dtschema.sh"
	[maintainers]="MAINTAINERS :(glob)*.[ch] Kconfig Makefile Documentation kernel/new scripts/overlay.sh"
)

# content <check>: a hash of what it looks at, of this script and of the versions
content() {
	local paths
	read -ra paths <<<"${looks_at[$1]}"
	cd "$top"
	{ echo "$1 $kernel_version"
	  git ls-files -z --cached --others --exclude-standard -- "${paths[@]}" \
		scripts/lint.sh scripts/lib.sh | sort -zu | xargs -0 sha256sum 2>/dev/null || :
	} | sha256sum | cut -d' ' -f1
}

# check <log name> <what> <command...>: the command says nothing when all is well
check() {
	local log=$build/log/lint-$1.log what=$2 rc=0 start=$SECONDS known=
	if [ -n "${looks_at[$1]-}" ]; then
		known=$build/stamp/lint/$(content "$1")
		if [ -e "$known" ]; then
			echo "  ok   $what (seen before)"
			echo pass >>"$verdicts"
			return
		fi
	fi
	shift 2
	"$@" >"$log" 2>&1 || rc=$?
	if (( rc )) || [ -s "$log" ]; then
		printf '  FAIL %s; the log is %s\n%s\n' "$what" "$log" \
			"$(head -n 12 "$log" | sed 's/^/       /')"
		echo fail >>"$verdicts"
	else
		echo "  ok   $what ($((SECONDS - start)) s)"
		echo pass >>"$verdicts"
		if [ -n "$known" ]; then touch "$known"; fi
	fi
}

# Not asked: whether MAINTAINERS knows a new file, which is one check of its own
# below, and about macros that return, which is what a test's checks are.
checkpatch() {
	"$linux/scripts/checkpatch.pl" --root="$linux" --no-tree --strict --terse --show-types \
		--no-summary --quiet --ignore FILE_PATH_CHANGES,MACRO_WITH_FLOW_CONTROL "$@" |
		grep -vE -f <(grep -vE '^(#|$)' "$top/scripts/lint-exceptions") || :
}

kernel_sources() {
	cd "$top"
	find . -maxdepth 1 -name '*.[ch]' -o -maxdepth 1 -name Kconfig
	find kernel/new selftests -name '*.[ch]'
}

kernel_files() {
	local files
	mapfile -t files < <(kernel_sources)
	cd "$top" && checkpatch --file "${files[@]}"
}

kernel_patches() {
	checkpatch "$top"/kernel/patches/*.patch
}

emulator_files() {
	local files
	mapfile -t files < <(cd "$top" && find emulator/new -name '*.[ch]')
	cd "$top" && "$build/qemu/scripts/checkpatch.pl" --no-tree --terse --no-summary -q \
		-f "${files[@]}"
}

emulator_patches() {
	"$build/qemu/scripts/checkpatch.pl" --no-tree --no-signoff --terse --no-summary -q \
		"$top"/emulator/patches/*.patch
}

spdx() {
	cd "$top"
	git ls-files --cached --others --exclude-standard |
		grep -vE '\.(patch|msg)$|^MAINTAINERS$|^README|/applets$|/README' |
		while read -r f; do
			if [ -s "$f" ]; then
				head -n 3 "$f" | grep -q SPDX-License-Identifier || echo "$f: no SPDX line"
			fi
		done
}

# Without KUnit VISIBLE_IF_KUNIT makes a function static: headers must not have
# it, then.
kunit_static() {
	local shared
	shared=$(awk '/^#if IS_ENABLED\(CONFIG_KUNIT\)/ { kunit = 1 }
		!kunit
		/^#endif/ { kunit = 0 }' "$top"/mpam_*.h)
	awk '/^VISIBLE_IF_KUNIT$/ { getline; print }' "$top"/mpam_*.c |
		grep -oP '\bmpam_\w+(?=[(\[])' |
		while read -r f; do
			if grep -qw "$f" <<<"$shared"; then
				echo "$f: is VISIBLE_IF_KUNIT, but other files use it"
			fi
		done
}

kmake() {
	local gcc=${CROSS_COMPILE:-aarch64-linux-gnu-}gcc
	make -s -C "$linux" O="$build/linux-lint" ARCH=arm64 \
		CROSS_COMPILE="${CROSS_COMPILE:-aarch64-linux-gnu-}" CC="$gcc" "$@"
}

# Our objects and those that our patches touch, compiled anew each time.
objects=(drivers/resctrl/ arch/arm64/kernel/mpam.o arch/arm64/kernel/process.o drivers/acpi/pptt.o)

prepare_lint() {
	local dir=$build/linux-lint kconfig
	mkdir -p "$dir"
	kconfig=$(cat "$top"/scripts/config/{plain,mpam}.config "$top/Kconfig" \
		"$top"/kernel/patches/*.patch | sha256sum)
	if [ "$kconfig" = "$(cat "$dir/prepared" 2>/dev/null)" ]; then return; fi
	cat "$top"/scripts/config/{plain,mpam}.config >"$dir/fragments"
	KCONFIG_ALLCONFIG=$dir/fragments kmake allnoconfig >/dev/null
	kmake -j"$jobs" prepare >/dev/null
	echo "$kconfig" >"$dir/prepared"
}

# Warnings about files that are not ours are not ours to fix.
about_us() {
	grep -E '(warning|error):|Error ' | grep -E 'resctrl/mpam|arm64/kernel/mpam\.c|asm/(mpam|resctrl)\.h|arm_mpam\.h|acpi/pptt\.c|Error ' || :
}

w1() {
	(cd "$build/linux-lint" && rm -rf drivers/resctrl arch/arm64/kernel/{mpam,process}.o drivers/acpi/pptt.o)
	kmake -j"$jobs" W=1 "${objects[@]}" 2>&1 | about_us
	[ -e "$build/linux-lint/drivers/resctrl/built-in.a" ]
}

# Sparse does not know of __cleanup, so it takes every guard() for a lock that is
# never dropped. Lockdep looks after that, when the tests run.
run_sparse() {
	(cd "$build/linux-lint" && rm -rf drivers/resctrl arch/arm64/kernel/{mpam,process}.o drivers/acpi/pptt.o)
	kmake -j"$jobs" C=1 CHECK="sparse -Wno-shadow -Wno-context" "${objects[@]}" 2>&1 | about_us
	[ -e "$build/linux-lint/drivers/resctrl/built-in.a" ]
}

kernel_doc() {
	local files
	mapfile -t files < <(kernel_sources | grep -v selftests)
	cd "$top" && "$linux/scripts/kernel-doc" -none -Wall "${files[@]}"
}

# The document on its own: the whole of Documentation/ takes half an hour.
docs() {
	local dir=$build/docs
	[ -f "$linux/Documentation/arch/arm64/mpam.rst" ] || { echo "there is no mpam.rst"; return; }
	rm -rf "$dir"
	mkdir -p "$dir/src"
	cp "$linux/Documentation/arch/arm64/mpam.rst" "$dir/src/index.rst"
	{
		echo "import sys"
		echo "sys.path.insert(0, '$linux/Documentation/sphinx')"
		echo "extensions = ['automarkup']"
		echo "project = 'linux'"
		echo "primary_domain = 'c'"
		echo "highlight_language = 'none'"
	} >"$dir/src/conf.py"
	srctree=$linux sphinx-build -q -n -W --keep-going -b html "$dir/src" "$dir/out"
}

binding() {
	local yaml=Documentation/devicetree/bindings/arm/arm,mpam-msc.yaml tools
	[ -f "$linux/$yaml" ] || { echo "there is no $yaml"; return; }
	tools=$("$top/scripts/dtschema.sh" 2>/dev/null) || { echo "no dtschema"; return; }
	export PATH=$tools:$PATH
	kmake DT_SCHEMA_FILES="arm,mpam-msc.yaml" dt_binding_check 2>&1 |
		grep -vE '^ *(CHKDT|LINT|DTEX|DTC|SCHEMA|HOSTCC|HOSTLD|SYNC)|^/.*: ignoring, error in schema' || :
}

# get_maintainer.pl asks git which files there are: an index is all it needs.
maintainers_entry() {
	local t=$build/maintainers f sections
	rm -rf "$t"
	mkdir -p "$t"
	ln -s "$linux"/* "$t/"
	git -C "$t" init -q
	our_files | while read -r _ f; do
		printf '100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\t%s\n' "$f"
	done | git -C "$t" update-index --index-info
	cd "$t"
	{ ./scripts/get_maintainer.pl --self-test=patterns 2>&1 || :; } | grep -E 'mpam|arm64/.*resctrl' || :
	while read -r _ f; do
		case $f in Documentation/*) continue ;; esac
		sections=$(./scripts/get_maintainer.pl --no-git --no-git-fallback --sections -f "$f")
		[[ $sections == *"ARM MPAM DRIVER"* ]] || echo "MAINTAINERS does not know $f"
	done < <(our_files)
}

unbooted() {
	"$top/scripts/run-tests.py" --unbooted
}

# Two lanes, for two processors. What is in one lane shares build/linux-lint.
compile_lane() {
	check prepare "preparing the kernel for lint" prepare_lint
	check w1 "W=1" w1
	check sparse "sparse" run_sparse
	check binding "dt_binding_check" binding
	check series "the series applies and builds, patch by patch" "$top/scripts/check-series.sh"
}

text_lane() {
	check checkpatch-files "checkpatch --strict: our files" kernel_files
	check checkpatch-patches "checkpatch --strict: our kernel patches" kernel_patches
	check checkpatch-emulator "QEMU's checkpatch: the emulator's files" emulator_files
	check checkpatch-emupatches "QEMU's checkpatch: the emulator's patches" emulator_patches
	check spdx "every file has its licence" spdx
	check kunit "the driver does not need KUnit" kunit_static
	check kernel-doc "kernel-doc" kernel_doc
	check docs "Documentation/arch/arm64/mpam.rst" docs
	check unbooted "every platform is booted, with ACPI and with a device tree" unbooted
	check maintainers "MAINTAINERS" maintainers_entry
	check switch-cost "a task switch costs no more than it may" \
		"$top/scripts/switch_cost.py" "$build/linux-plain/vmlinux"
}
all_checks=$(grep -c "^	check " "$0")

"$top/scripts/build-kernel.sh" plain
mkdir -p "$build/stamp/lint"
rm -f "$verdicts"
compile_lane &
text_lane
wait

pass=$(grep -c pass "$verdicts" || :)
fail=$((all_checks - pass))	# one that did not end has failed, too
if [ -n "${1-}" ]; then echo "$pass $fail 0" >>"$1"; fi
echo "lint: $pass passed, $fail failed, 0 skipped"
(( fail == 0 ))

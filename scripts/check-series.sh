#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Applies the series to a clean tree with git am and builds after every patch.
# What has been found good is remembered by content, so that only patches that
# changed, and those after them, are built again.
#
# By default a step builds those of the directories below that its patches can
# make a difference to; FULL=1 builds and links the whole kernel each time.
# The last step's whole kernel is what build-kernel.sh builds. Silent if good.
. "$(dirname "$0")/lib.sh"

tree=$build/series-tree out=$build/linux-series series=$build/series good=$build/stamp/series
log=$build/log/check-series.log
targets=(arch/arm64/ drivers/acpi/pptt.o drivers/base/cacheinfo.o init/ kernel/fork.o
	 kernel/sched/ fs/resctrl/ drivers/resctrl/)
if [ -n "${FULL-}" ]; then targets=(Image); fi

git_tree() { git -C "$tree" -c user.name=series -c user.email=series@localhost.invalid -c gc.auto=0 "$@"; }

clean_tree() {
	rm -rf "$tree"
	cp -al "$build/linux-$kernel_version" "$tree"
	git_tree init -q
	git_tree config core.compression 0
	# The files are links, and others come and go: that is no change.
	git_tree config core.trustctime false
	git_tree add -A -f
	git_tree commit -q -m "Linux $kernel_version"
	git_tree tag base
}

kmake() {
	local gcc=${CROSS_COMPILE:-aarch64-linux-gnu-}gcc
	if command -v ccache >/dev/null; then gcc="ccache $gcc"; fi
	make -s -C "$tree" O="$out" ARCH=arm64 \
		CROSS_COMPILE="${CROSS_COMPILE:-aarch64-linux-gnu-}" CC="$gcc" "$@"
}

# resctrl's filesystem has users on another architecture, and before the series
# has wired arm64 up, only there.
build_x86() {
	mkdir -p "$out-x86"
	xmake() { make -s -C "$tree" O="$out-x86" ARCH=x86_64 CC="$x86_gcc" "$@"; }
	local x86_gcc=gcc
	if command -v ccache >/dev/null; then x86_gcc="ccache gcc"; fi
	if [ ! -e "$out-x86/.config" ]; then
		printf 'CONFIG_%s=y\n' 64BIT SMP CPU_SUP_INTEL CPU_SUP_AMD PROC_FS SYSFS \
			MULTIUSER MISC_FILESYSTEMS X86_CPU_RESCTRL >"$out-x86/fragments"
		KCONFIG_ALLCONFIG=$out-x86/fragments xmake allnoconfig &&
		grep -q '^CONFIG_RESCTRL_FS=y' "$out-x86/.config" || return 1
	fi
	xmake -j"$jobs" prepare || return 1
	xmake -j"$jobs" fs/resctrl/ arch/x86/kernel/cpu/resctrl/
}

# What has to be built again after some patches: a C file concerns its own
# directory, a text nobody, and anything else may concern all targets.
targets_of() {
	if [ -n "${FULL-}" ]; then echo "${targets[@]}"; return; fi
	sed -n 's,^+++ b/,,p' "$@" | sort -u | while read -r f; do
		case $f in
		fs/resctrl/*)		echo fs/resctrl/ ;;
		drivers/acpi/*.c)	echo drivers/acpi/pptt.o ;;
		drivers/resctrl/*.[ch])	echo drivers/resctrl/ ;;
		arch/arm64/*.c)		echo arch/arm64/ ;;
		arch/x86/*)		;;
		Documentation/*|MAINTAINERS|tools/testing/*) ;;
		*)			printf '%s\n' "${targets[@]}" ;;
		esac
	done | sort -u
}

# build_step <patches since the last build...>
build_step() {
	local present=() t
	mkdir -p "$out"
	if [ ! -e "$out/.config" ] || grep -qE '^\+\+\+ .*Kconfig' "$@"; then
		cat "$top"/scripts/config/{plain,mpam}.config >"$out/fragments"
		KCONFIG_ALLCONFIG=$out/fragments kmake allnoconfig || return 1
	fi
	if grep -qE '^\+\+\+ b/(fs/resctrl|arch/x86|include/linux/resctrl)' "$@"; then
		build_x86 || return 1
	fi
	for t in $(targets_of "$@"); do
		case $t in
		drivers/resctrl/)
			# A directory that nothing enters yet is not built yet.
			if grep -qs resctrl "$tree/drivers/Makefile"; then present+=("$t"); fi ;;
		fs/resctrl/)
			if grep -q '^CONFIG_RESCTRL_FS=y' "$out/.config"; then present+=("$t"); fi ;;
		*)
			present+=("$t") ;;
		esac
	done
	(( ${#present[@]} )) || return 0
	kmake -j"$jobs" "${present[@]}"
}

"$top/scripts/series.sh" "$series" 2>/dev/null
mkdir -p "$good"
hash="${targets[*]} $(cat "$top"/scripts/config/{plain,mpam}.config | sha256sum)"
started=0 pending=()
: >"$log"
while read -r p; do
	# From and Date lines do not change what is built.
	hash=$( { echo "$hash"; sed '1,/^Subject:/d' "$p"; } | sha256sum | cut -d' ' -f1)
	if [ -e "$good/$hash" ]; then
		pending+=("$p")
		continue
	fi
	if (( ! started )); then
		if ! git_tree rev-parse -q --verify base >/dev/null 2>&1; then clean_tree >>"$log" 2>&1; fi
		git_tree am --abort >/dev/null 2>&1 || :
		git_tree reset -q --hard base
		started=1
	fi
	pending+=("$p")
	for q in "${pending[@]}"; do
		git_tree am -q "$q" >>"$log" 2>&1 || { echo "git am fails at ${q##*/}"; tail -n 5 "$log"; exit 1; }
	done
	if ! build_step "${pending[@]}" >>"$log" 2>&1; then
		echo "the build fails after ${p##*/}"
		grep -E 'error|Error' "$log" | tail -n 8
		exit 1
	fi
	pending=()
	touch "$good/$hash"
done < <(find "$series" -name '*.patch' | sort)

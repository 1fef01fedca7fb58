#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the guest's kernel, incrementally, into build/linux-<flavour>.
#
# usage: build-kernel.sh plain|debug
. "$(dirname "$0")/lib.sh"

flavour=${1-plain}
case $flavour in
plain)	fragments=(plain mpam) ;;
debug)	fragments=(plain mpam debug) ;;
*)	die "usage: build-kernel.sh plain|debug" ;;
esac
fragments=("${fragments[@]/#/$top/scripts/config/}")
fragments=("${fragments[@]/%/.config}")

lock "kernel-$flavour"
"$top/scripts/kernel-tree.sh" 9>&-

out=$build/linux-$flavour
gcc=${CROSS_COMPILE:-aarch64-linux-gnu-}gcc
if command -v ccache >/dev/null; then gcc="ccache $gcc"; fi
kmake() { make -C "$build/linux" O="$out" ARCH=arm64 CROSS_COMPILE="${CROSS_COMPILE:-aarch64-linux-gnu-}" CC="$gcc" "$@"; }

# Kconfig drops what it can't set without a word: hold it to what we asked for.
check_config() {
	local line bad=0
	while read -r line; do
		case $line in
		"# CONFIG_"*)
			line=${line#\# } line=${line%% *}
			if grep -q "^$line=" "$out/.config"; then echo "$line is set"; bad=1; fi ;;
		CONFIG_*)
			if ! grep -qxF "$line" "$out/.config"; then echo "$line is not so"; bad=1; fi ;;
		esac
	done < <(cat "${fragments[@]}")
	return $bad
}

configure() {
	cat "${fragments[@]}" >"$out/fragments"
	KCONFIG_ALLCONFIG=$out/fragments kmake allnoconfig
	check_config
}

mkdir -p "$out"
want=$(cat "${fragments[@]}" $(find "$build/linux/drivers/resctrl" "$build/linux/arch/arm64/Kconfig" \
	"$build/linux/drivers/acpi" -name 'Kconfig*' 2>/dev/null | sort) | sha256sum)
if [ "$(cat "$out/configured" 2>/dev/null)" != "$want" ]; then
	rm -f "$out/configured"
	step "config-$flavour" "configuring the $flavour kernel" configure
	echo "$want" >"$out/configured"
fi
image=$out/arch/arm64/boot/Image
if [ "$image" -nt "$build/linux.changed" ] && [ "$image" -nt "$out/configured" ]; then exit 0; fi
step "kernel-$flavour" "building the $flavour kernel" kmake -j"$jobs" Image
# make leaves an image alone that comes out the same.
touch "$image"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Puts the driver into somebody's own 6.18 tree. May be repeated: with a newer
# driver it brings the tree up to date. Keeps the patches that it applied in
# drivers/resctrl/mpam/.applied, to be able to take them out again.
#
# usage: integrate.sh <tree>
. "$(dirname "$0")/lib.sh"
. "$top/scripts/overlay.sh"

tree=${1-}
[ -n "$tree" ] || die "say which tree: make integrate KERNEL=tree"
[ -f "$tree/Kbuild" ] && [ -f "$tree/Makefile" ] || die "$tree is not a kernel tree"
tree=$(realpath "$tree")
version=$(sed -n 's/^VERSION = //p; s/^PATCHLEVEL = //p' "$tree/Makefile" | paste -sd.)
[ "$version" = 6.18 ] || die "$tree is Linux $version; this is for 6.18"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
overlay "$tree" "$scratch/new"
mkdir -p "$scratch/new/drivers/resctrl/mpam/.applied"
cp "$top"/kernel/patches/*.patch "$scratch/new/drivers/resctrl/mpam/.applied/"

changed=0
while read -r f; do
	what=changed
	[ -e "$tree/$f" ] || what=new
	if put "$scratch/new/$f" "$tree/$f"; then
		case $f in */.applied/*) continue ;; esac
		say "$what" "$f"
		changed=$((changed + 1))
	fi
done < <(cd "$scratch/new" && find . -type f | sed 's,^\./,,' | sort)

# What was ours and is no longer: the driver's directory is all ours.
while read -r f; do
	[ -e "$scratch/new/$f" ] && continue
	rm -f "$tree/$f"
	say removed "$f"
	changed=$((changed + 1))
done < <(cd "$tree" && find drivers/resctrl/mpam tools/testing/selftests/arm64/mpam -type f \
	\( -name '*.[ch]' -o -name '*.patch' \) | sort)

if (( changed )); then
	say DONE "$changed files; now set CONFIG_ARM64_MPAM=y"
else
	say DONE "nothing to change"
fi

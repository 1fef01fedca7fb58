#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes build/linux: the kernel's sources with our work in them. Touches only
# files that changed since the last time, so that make rebuilds only those.
# With KERNEL=<tree> the base is a copy of that tree instead of 6.18.15.
. "$(dirname "$0")/lib.sh"
. "$top/scripts/overlay.sh"

lock kernel-tree

unpack() {
	rm -rf "$1.part"
	mkdir -p "$1.part"
	tar -C "$1.part" --strip-components=1 -xf "$build/dl/$kernel_tarball"
	mv "$1.part" "$1"
}

# A user's tree may be full of build products; only its sources are wanted.
copy_user_tree() {
	local from=$1 to=$2
	mkdir -p "$to"
	if [ "$(git -C "$from" rev-parse --show-toplevel 2>/dev/null)" = "$from" ]; then
		(cd "$from" && git ls-files -z --cached --others --exclude-standard . |
			while IFS= read -r -d '' f; do [ -e "$f" ] && printf '%s\0' "$f"; done |
			cpio --quiet -0pdm "$to" 2>/dev/null)
	else
		(cd "$from" && find . -type f \( -name '*.o' -o -name '*.cmd' -o -name '*.ko' \) -prune \
			-o -print0 | cpio --quiet -0pdm "$to" 2>/dev/null)
		make -s -C "$to" ARCH=arm64 mrproper
	fi
}

tree=$build/linux
manifest=$build/linux.ours
origin=${KERNEL:-$kernel_version}
fresh=0
if [ "$(cat "$build/linux.base" 2>/dev/null)" != "$origin" ] || [ ! -d "$tree" ]; then fresh=1; fi

if [ -n "${KERNEL-}" ]; then
	[ -f "$KERNEL/Kbuild" ] || die "$KERNEL is not a kernel tree"
	base=$build/linux-user
	if (( fresh )); then rm -rf "$base"; fi
	step kernel-copy "copying the sources of $KERNEL" copy_user_tree "$(realpath "$KERNEL")" "$base"
else
	base=$build/linux-$kernel_version
	if [ ! -d "$base" ]; then
		"$top/scripts/fetch.sh" kernel
		step kernel-unpack "unpacking Linux $kernel_version" unpack "$base"
	fi
fi

if (( fresh )); then
	rm -rf "$tree" "$manifest"
	step kernel-tree "making the kernel tree" cp -al "$base" "$tree"
	echo "$origin" >"$build/linux.base"
fi

touch "$manifest"
n=0
if [ -n "${KERNEL-}" ]; then
	# What its owner edited since; ours comes on top.
	while IFS= read -r f; do
		grep -qxF "$f" "$manifest" && continue
		if put "$base/$f" "$tree/$f"; then n=$((n + 1)); fi
	done < <(cd "$base" && find . -type f -newer "$build/linux.base" | sed 's,^\./,,')
fi
overlay "$base" "$build/overlay"
(cd "$build/overlay" && find . -type f | sed 's,^\./,,' | sort) >"$manifest.new"
while read -r f; do
	if put "$build/overlay/$f" "$tree/$f"; then n=$((n + 1)); fi
done <"$manifest.new"
while read -r f; do
	n=$((n + 1))
	if [ -f "$base/$f" ]; then put "$base/$f" "$tree/$f" || :; else rm -f "$tree/$f"; fi
done < <(comm -23 "$manifest" "$manifest.new")
mv "$manifest.new" "$manifest"
# Newer than this is what must be built again.
if (( n )) || [ ! -e "$build/linux.changed" ]; then
	say TREE "$n files of build/linux changed"
	touch "$build/linux.changed"
fi

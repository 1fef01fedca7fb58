#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the MPAM machine: QEMU's sources plus emulator/, in build/qemu, as
# build/bin/qemu-system-aarch64. Only what changed is touched and compiled.
. "$(dirname "$0")/lib.sh"

src=$build/qemu obj=$build/qemu-build tools=$build/tools
pristine=$build/qemu-pristine ours=$build/stamp/qemu-ours
binary=qemu-system-aarch64
options=(--target-list=aarch64-softmmu --without-default-features --enable-tcg
	 --without-default-devices --with-devices-aarch64=mpam
	 --enable-fdt=system --enable-plugins --disable-docs
	 --disable-install-blobs --disable-debug-info --disable-download
	 --python=/usr/bin/python3)

# What the result depends on, as one hash.
inputs() {
	cd "$top"
	{
		stat -Lc '%n %s %Y' "$build/dl/$qemu_tarball"
		echo "${options[@]}"
		find emulator -path 'emulator/[pn]*' -type f -print0 |
			LC_ALL=C sort -z | xargs -0 sha256sum
	} | sha256sum | cut -d' ' -f1
}

unpack() {
	rm -rf "$src" "$pristine" "$ours"
	mkdir -p "$src"
	tar xJf "$build/dl/$qemu_tarball" -C "$src" --strip-components=1
}

# Stages what the tree should differ in from the tarball (patched files, made
# from pristine copies, and new ones), then copies only what isn't so already.
# A file that is ours no longer becomes pristine again, or goes away.
update() {
	local stage=$build/qemu-stage file
	rm -rf "$stage"
	mkdir -p "$stage" "$pristine"
	touch "$ours"
	cd "$stage"
	for file in $(sed -n 's|^+++ b/\([^[:space:]]*\).*|\1|p' \
		      "$top"/emulator/patches/*.patch | sort -u); do
		if [ ! -e "$pristine/$file" ]; then
			mkdir -p "$pristine/${file%/*}"
			cp -p "$src/$file" "$pristine/$file"
		fi
		mkdir -p "${file%/*}"
		cp "$pristine/$file" "$file"
	done
	for file in "$top"/emulator/patches/*.patch; do
		echo "${file##*/}"
		patch --strip=1 --force --no-backup-if-mismatch <"$file"
	done
	[ ! -d "$top/emulator/new" ] || cp -r "$top/emulator/new/." .

	find . -type f | sort >"$ours.next"
	while read -r file; do
		cmp -s "$file" "$src/$file" && continue
		echo "updating $file"
		mkdir -p "$src/${file%/*}"
		cp "$file" "$src/$file"
	done <"$ours.next"
	comm -23 "$ours" "$ours.next" | while read -r file; do
		echo "taking back $file"
		if [ -e "$pristine/$file" ]; then
			cp "$pristine/$file" "$src/$file"
		else
			rm -f "$src/$file"
		fi
	done
	mv "$ours.next" "$ours"
	rm -rf "$stage"
}

configure() {
	rm -rf "$obj"
	mkdir -p "$obj"
	cd "$obj"
	"$src/configure" "${options[@]}" --cc="$cc"
	echo "$key" >"$obj/.configured-by"
}

exec 9>"$build/stamp/qemu.lock"
flock 9		# two builds at a time would spoil each other's tree

"$top/scripts/fetch.sh" qemu
now=$(inputs)
if [ -x "$obj/$binary" ] && [ "$(cat "$build/stamp/qemu" 2>/dev/null)" = "$now" ]; then
	exit 0
fi

tarball=$(stat -Lc '%s %Y' "$build/dl/$qemu_tarball")
if [ "$(cat "$build/stamp/qemu-tarball" 2>/dev/null)" != "$tarball" ]; then
	rm -f "$build/stamp/qemu-tarball"
	step qemu-unpack "unpacking QEMU $qemu_version" unpack
	echo "$tarball" >"$build/stamp/qemu-tarball"
fi

# A tarball of upstream's brings its own meson. Debian's wants one from outside,
# and newer than Debian 12's, so we unpack one for our own use.
if ! compgen -G "$src/python/wheels/meson*" >/dev/null; then
	"$top/scripts/fetch-deb.sh" bookworm-backports "$(dpkg --print-architecture)" \
		"$tools" meson python3-pycotap
	export PYTHONPATH=$tools/usr/lib/python3/dist-packages
fi
if command -v ccache >/dev/null; then cc="ccache gcc"; else cc=gcc; fi

step qemu-update "bringing emulator/ into the QEMU tree" update
key="${options[*]} $cc $tarball"
if [ ! -e "$obj/build.ninja" ] || [ "$(cat "$obj/.configured-by" 2>/dev/null)" != "$key" ]; then
	step qemu-configure "configuring QEMU" configure
fi
step qemu-build "building QEMU" nice ninja -C "$obj" -j "$jobs" "$binary"
mkdir -p "$build/bin"
ln -sfn "../qemu-build/$binary" "$build/bin/$binary"
echo "$now" >"$build/stamp/qemu"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes build/initramfs.cpio.gz: busybox, our init and scripts, the selftests.
. "$(dirname "$0")/lib.sh"

lock initramfs
root=$build/initramfs
tests=$build/selftests
"$top/scripts/fetch-deb.sh" bookworm arm64 "$build/tools/arm64" busybox-static

gen=$build/tools/gen_init_cpio
if [ ! -x "$gen" ]; then gcc -O2 -o "$gen" "$build/linux/usr/gen_init_cpio.c"; fi

mkdir -p "$tests"
build_tests() {
	make -C "$build/linux/tools/testing/selftests/arm64/mpam" OUTPUT="$tests" \
		CC="${CROSS_COMPILE:-aarch64-linux-gnu-}gcc" LDFLAGS=-static
}
build_tests >"$build/log/selftests-build.log" 2>&1 || {
	tail -n 20 "$build/log/selftests-build.log" >&2
	die "building the selftests failed; the full log is $build/log/selftests-build.log"
}

mkdir -p "$root"
{
	for d in bin dev proc share sys tmp tests; do echo "dir /$d 755 0 0"; done
	echo "nod /dev/console 600 0 0 c 5 1"
	echo "file /bin/busybox $build/tools/arm64/bin/busybox 755 0 0"
	while read -r applet; do
		echo "slink /bin/$applet busybox 777 0 0"
	done <"$top/scripts/guest/applets"
	echo "file /init $top/scripts/guest/init 755 0 0"
	for s in demo example leaks workload; do echo "file /bin/$s $top/scripts/guest/$s 755 0 0"; done
	echo "file /share/mpam.rst $top/Documentation/arch/arm64/mpam.rst 644 0 0"
	echo "file /bin/oracle $tests/oracle 755 0 0"
	for t in $(find "$tests" -maxdepth 1 -type f -name 'mpam_*' -perm -1 | sort); do
		echo "file /tests/${t##*/} $t 755 0 0"
	done
} >"$root/list.new"

# Repack only when the list or a file in it is newer than the archive.
out=$build/initramfs.cpio.gz
if [ -e "$out" ] && cmp -s "$root/list.new" "$root/list" &&
   [ -z "$(awk '$1 == "file" { print $3 }' "$root/list" | xargs -I{} find {} -newer "$out")" ]; then
	exit 0
fi
mv "$root/list.new" "$root/list"
"$gen" "$root/list" | gzip -1 >"$out.new"
mv "$out.new" "$out"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Gets the Linux and QEMU source tarballs, once, and verifies their SHA-256.
# KERNEL_TARBALL= and QEMU_TARBALL= name files that are used instead.
#
# usage: fetch.sh kernel|qemu
. "$(dirname "$0")/lib.sh"

# A private apt configuration, so that the machine's own is not touched: the
# machine's mirror, but the suites that carry the sources we want.
private_apt() {
	local apt=$build/apt base
	[ -f "$apt/ready" ] && return
	base=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' |
	       awk '$2 == "bookworm" || $2 == "stable" || $2 == "oldstable" { print $1; exit }')
	[ -n "$base" ] || die "apt has no Debian archive configured; set KERNEL_TARBALL= and QEMU_TARBALL="
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
		"$base" trixie "$base" trixie-backports >"$apt/sources.list"
	apt_get update
	touch "$apt/ready"
}

apt_get() {
	apt-get -oDir::Etc::sourcelist="$build/apt/sources.list" \
		-oDir::Etc::sourceparts=/dev/null \
		-oDir::State::Lists="$build/apt/lists" \
		-oDir::Cache="$build/apt/cache" \
		-oAPT::Sandbox::User=root "$@"
}

verify() { printf '%s  %s\n' "$2" "$1" | sha256sum --check --status; }

# Somebody's own QEMU tarball may be upstream's: then its version must do.
right_version() {
	[ "$2" = qemu ] &&
		[ "$(tar xOf "$1" "qemu-$qemu_version/VERSION" 2>/dev/null)" = "$qemu_version" ] &&
		say NOTE "$1: not Debian's tarball, its checksum is unknown"
}

download() {
	private_apt
	cd "$build/dl"
	apt_get source --download-only "$@"
}

get() {
	local what=$1 file=$2 sum=$3 own=$4
	shift 4
	if [ -n "$own" ]; then
		[ -f "$own" ] || die "$own: no such file"
		verify "$own" "$sum" || right_version "$own" "$what" ||
			die "$own is not $file: its SHA-256 is not $sum"
		ln -sfn "$(realpath "$own")" "$build/dl/$file"
		return
	fi
	if [ -e "$build/dl/$file" ] && verify "$build/dl/$file" "$sum"; then
		return
	fi
	rm -f "$build/dl/$file"
	step "fetch-$what" "getting the $what sources" download "$@"
	verify "$build/dl/$file" "$sum" || die "$build/dl/$file: wrong SHA-256"
}

case ${1-} in
kernel)
	get kernel "$kernel_tarball" "$kernel_sha256" "${KERNEL_TARBALL-}" --tar-only "$kernel_debian" ;;
qemu)
	get qemu "$qemu_tarball" "$qemu_sha256" "${QEMU_TARBALL-}" "$qemu_debian" ;;
*)
	die "usage: fetch.sh kernel|qemu" ;;
esac

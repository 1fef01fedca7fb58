#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Unpacks binary Debian packages into a directory without installing them, for
# things the machine can't install: another architecture's or a newer suite's.
# Needs no root. Nothing is fetched twice.
#
# usage: fetch-deb.sh <suite> <arch> <directory> <package...>
. "$(dirname "$0")/lib.sh"

(( $# >= 4 )) || die "usage: fetch-deb.sh <suite> <arch> <directory> <package...>"
suite=$1 arch=$2 dir=$3
shift 3

apt=$build/apt/$suite-$arch

# A private apt configuration: the machine's own is not touched.
apt_get() {
	apt-get -qq -oDir::Etc::sourcelist="$apt/sources.list" \
		-oDir::Etc::sourceparts=/dev/null \
		-oDir::State::Lists="$apt/lists" \
		-oDir::State::status=/dev/null \
		-oDir::Cache="$apt/cache" \
		-oAPT::Architecture="$arch" -oAPT::Architectures="$arch" \
		-oAPT::Sandbox::User=root -oAcquire::Languages=none "$@"
}

setup() {
	local base
	base=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' |
	       awk '$2 == "bookworm" || $2 == "stable" || $2 == "oldstable" { print $1; exit }')
	[ -n "$base" ] || die "apt has no Debian archive configured"
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
		"$base" "$suite" >"$apt/sources.list"
	apt_get update
	touch "$apt/ready"
}

download() {
	[ -f "$apt/ready" ] || setup
	mkdir -p "$apt/debs"
	cd "$apt/debs"
	apt_get download "$@"
}

missing=()
for p; do
	compgen -G "$apt/debs/${p}_*.deb" >/dev/null || missing+=("$p")
done
if (( ${#missing[@]} )); then
	step "fetch-deb-$suite-$arch" "getting ${missing[*]} ($arch, Debian $suite)" \
		download "${missing[@]}"
fi
mkdir -p "$dir"
for p; do
	[ -e "$dir/.unpacked-$p" ] && continue
	dpkg -x "$apt/debs/${p}_"*.deb "$dir"
	touch "$dir/.unpacked-$p"
done

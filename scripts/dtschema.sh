#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Puts a dtschema that is new enough for the kernel's bindings into
# build/tools/dtschema/bin, and prints that directory. It needs a newer Python
# than Debian 12 has: all of it comes from Debian 13, and nothing is installed.
. "$(dirname "$0")/lib.sh"

arch=$(dpkg --print-architecture)
root=$build/tools/dtschema
packages=(
	libc6 libgcc-s1 zlib1g libexpat1 libffi8 libyaml-0-2 libfdt1
	python3.13-minimal libpython3.13-minimal libpython3.13-stdlib
	python3-attr python3-jsonschema python3-jsonschema-specifications
	python3-libfdt python3-pathspec python3-referencing python3-rfc3987
	python3-rpds-py python3-ruamel.yaml python3-ruamel.yaml.clib
	python3-typing-extensions python3-yaml yamllint
)
"$top/scripts/fetch-deb.sh" trixie "$arch" "$root" "${packages[@]}"
"$top/scripts/fetch-deb.sh" trixie-backports "$arch" "$root" dt-schema

mkdir -p "$root/bin"
triplet=$(basename "$(dirname "$(find "$root/usr/lib" -name libc.so.6 -print -quit)")")
loader=$(find "$root/usr" -name 'ld-linux*.so.*' -print -quit)
for tool in "$root"/usr/bin/dt-* "$root/usr/bin/yamllint"; do
	cat >"$root/bin/${tool##*/}" <<-WRAPPER
		#!/bin/sh
		PYTHONHOME=$root/usr PYTHONPATH=$root/usr/lib/python3/dist-packages \\
		exec $loader --library-path $root/usr/lib/$triplet $root/usr/bin/python3.13 $tool "\$@"
	WRAPPER
	chmod +x "$root/bin/${tool##*/}"
done
echo "$root/bin"

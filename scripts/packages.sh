#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes sure that the machine has the Debian packages that building and testing
# need: installs what is missing when it may, else says the command that would.
. "$(dirname "$0")/lib.sh"

packages=(
	# the kernel
	gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross make bc bison flex
	libssl-dev libelf-dev xz-utils patch cpio git python3 ccache
	# QEMU
	g++ ninja-build pkg-config libglib2.0-dev libfdt-dev python3-venv
	device-tree-compiler acpica-tools qemu-efi-aarch64
	# make lint
	sparse perl python3-sphinx python3-yaml
)

# shellcheck disable=SC2016  # the format is dpkg's
missing=$({ dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || :; } |
	  awk '$1 == "installed" { print $2 }' | sort |
	  comm -13 - <(printf '%s\n' "${packages[@]}" | sort) | tr '\n' ' ')
[ -z "$missing" ] && exit 0

# shellcheck disable=SC2086  # a list of words
install() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update &&
	apt-get install -y --no-install-recommends $missing
}

if (( EUID )); then
	die "packages are missing; this installs them:
  sudo apt-get install --no-install-recommends $missing"
fi
step packages "installing ${missing% }" install

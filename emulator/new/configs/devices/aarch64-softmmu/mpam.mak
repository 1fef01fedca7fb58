# SPDX-License-Identifier: GPL-2.0-or-later
# The devices of the MPAM machine: the virt board and what a guest needs to
# talk to its test runner. Every other board only costs build time.

CONFIG_ARM_VIRT=y
CONFIG_VIRTIO_PCI=y
CONFIG_VIRTIO_BLK=y
CONFIG_VIRTIO_NET=y
CONFIG_VIRTIO_RNG=y
CONFIG_VIRTIO_SERIAL=y

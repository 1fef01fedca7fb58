# SPDX-License-Identifier: GPL-2.0-only
ifneq ($(KERNELRELEASE),)

obj-$(CONFIG_ARM64_MPAM_DRIVER)	+= mpam.o
mpam-y				+= mpam_devices.o mpam_msc.o mpam_probe.o
mpam-y				+= mpam_ctrl.o mpam_class.o mpam_config.o
mpam-y				+= mpam_errata.o mpam_monitor.o mpam_narrow.o
mpam-y				+= mpam_resctrl.o mpam_resctrl_ctrl.o
mpam-y				+= mpam_resctrl_mon.o
mpam-y				+= mpam_irq.o
mpam-$(CONFIG_OF)		+= mpam_fw_dt.o
mpam-$(CONFIG_ACPI_MPAM)	+= mpam_fw_acpi.o
mpam-$(CONFIG_DEBUG_FS)		+= mpam_debugfs.o

obj-$(CONFIG_MPAM_KUNIT_TEST)	+= mpam_kunit_test.o mpam_kunit_fake.o
obj-$(CONFIG_MPAM_KUNIT_TEST)	+= mpam_kunit_lib.o mpam_kunit_errata.o
obj-$(CONFIG_MPAM_KUNIT_TEST)	+= mpam_kunit_ctrl.o mpam_kunit_monitor.o
obj-$(CONFIG_MPAM_KUNIT_TEST)	+= mpam_kunit_fw.o mpam_kunit_devices.o
obj-$(CONFIG_MPAM_KUNIT_TEST)	+= mpam_kunit_narrow.o mpam_kunit_irq.o
obj-$(CONFIG_MPAM_KUNIT_TEST)	+= mpam_kunit_resctrl.o

else

# Everything below is for people; the kernel's build sees only the part above.

PLATFORM ?= l3
FIRMWARE ?= acpi
RUN := scripts/run-guest.py --platform $(PLATFORM) --firmware $(FIRMWARE)
export KERNEL KERNEL_TARBALL QEMU_TARBALL

help:
	@echo 'MPAM for Linux 6.18 on arm64, and an emulated machine to try it on'
	@echo
	@echo '  make boot [PLATFORM=p] [FIRMWARE=acpi|dt]'
	@echo '                           build what is missing, boot, show MPAM at work'
	@echo '  make shell [...]         the same guest with a prompt'
	@echo '  make test                all of the following four'
	@echo '  make kunit               KUnit tests in the guest'
	@echo '  make selftest [PLATFORM=p] [ONLY=regex] [DEEP=1]'
	@echo '                           kselftests in the guest, per platform and firmware;'
	@echo '                           DEEP=1: all of them on the debug kernel, too'
	@echo '  make emutest             tests of the emulator by itself'
	@echo '  make lint                checkpatch, W=1, sparse, docs, bindings, series,'
	@echo '                           what a task switch costs'
	@echo '  make bench [BENCH_JSON=file]'
	@echo '                           what operations cost, on machines of growing size'
	@echo '  make integrate KERNEL=tree'
	@echo '                           put the driver into your own 6.18 tree'
	@echo '  make series OUT=dir      the same as patches for git am'
	@echo '  make clean               remove build/'
	@echo
	@echo 'Platforms: $(patsubst platforms/%.dts,%,$(wildcard platforms/*.dts))'
	@echo 'KERNEL=tree builds that kernel instead of 6.18.15; KERNEL_TARBALL= and'
	@echo 'QEMU_TARBALL= name source archives that you have already.'

boot: guest
	@$(RUN)

shell: guest
	@$(RUN) --shell

test:
	@scripts/test.sh

kunit: guest
	@scripts/kunit.sh

selftest: guest guest-debug
	@scripts/run-tests.py $(if $(findstring command,$(origin PLATFORM)),--platform $(PLATFORM)) $(if $(DEEP),--deep) --only '$(ONLY)'
	@$(if $(DEEP),scripts/twice.py)

emutest: qemu
	@scripts/emutest.sh

lint: kernel
	@scripts/lint.sh

bench: guest
	@bench/bench.py $(if $(BENCH_JSON),--json '$(BENCH_JSON)')

integrate:
	@scripts/integrate.sh '$(KERNEL)'

series: kernel-tree
	@scripts/series.sh '$(OUT)'

clean:
	rm -rf build

# What the above is made of

packages:
	@scripts/packages.sh

qemu: packages
	@scripts/build-qemu.sh

kernel-tree: packages
	@scripts/kernel-tree.sh

kernel: packages
	@scripts/build-kernel.sh plain

guest: qemu kernel
	@scripts/initramfs.sh

guest-debug: kernel
	@scripts/build-kernel.sh debug

.PHONY: help boot shell test kunit selftest emutest lint bench integrate series clean \
	packages qemu kernel-tree kernel guest guest-debug
.NOTPARALLEL:
endif

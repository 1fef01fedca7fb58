# SPDX-License-Identifier: GPL-2.0-only
"""Tests of idle states. See run.sh."""
import os
import subprocess
import sys
import time

from qtest import Machine, Tap

RESULTS, DONE = 0x48001000, 0x600d
LABEL0, LABEL1, MPAMEN = 4 << 16 | 4, 3 << 16 | 3 | 1 << 40, 1 << 63
CPBM = 0x12

tap = Tap()


def platform(firmware):
    return subprocess.run([os.environ["MACHINE"], "idle", firmware], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.split()


def run(args):
    """What CPU 0 found, and what became of the MSC."""
    with Machine([*args, "-kernel", os.environ["IDLE"]]) as m:
        m.query("cont")
        for _ in range(2000):
            if m.read(RESULTS + 8):
                break
            time.sleep(0.01)
        found = [m.read(RESULTS + 8 * i, "q") for i in range(12)]
        return found, m.query("query-mpam-mscs")[0]


def test_registers():
    (_, done, ret, standby, context, x19, mpam0, mpam1, el, daif, ctl, cpbm), msc = run(platform("dt"))
    tap.equal(done, DONE, "the CPU came back from power down at its entry point")
    tap.equal(ret, 0, "standby returns with success")
    tap.equal(standby, LABEL0, "and loses no label")
    tap.equal(context, 0x1234, "power down: x0 has the context")
    tap.ok(x19 != 77, "x19 is garbage")
    tap.ok(mpam0 not in (0, LABEL0), "so is MPAM0_EL1")
    tap.ok(mpam1 & ~MPAMEN not in (0, LABEL1), "so are the labels of MPAM1_EL1")
    tap.equal(mpam1 & MPAMEN, MPAMEN, "firmware has enabled MPAM again")
    tap.equal(el, 1 << 2, "at the same exception level")
    tap.equal(daif, 0xf << 6, "interrupts are masked")
    tap.equal(ctl, 5, "the timer that woke it is still pending")
    tap.equal((cpbm, msc["power-cycles"]), (CPBM, 1), "the MSC has kept its settings")
    tap.equal(msc["violations"], [], "no violations")


def test_mscs():
    args = [f"virt,gic-version=3,acpi=off,mpam-platform={os.environ['MSCS']}" if a.startswith("virt,") else a
            for a in platform("dt")]
    found, msc = run(args)
    tap.equal(found[1], DONE, "with MSCs that follow: the CPU came back")
    tap.ok(found[11] != CPBM, "the MSC has forgotten its settings")
    tap.equal(msc["power-cycles"], 2, "it was off, once")
    tap.equal(msc["violations"], [], "with MSCs that follow: no violations")


def test_firmware():
    with Machine(platform("acpi")) as m:
        dsdt = m.fw_cfg("etc/acpi/tables")
    tap.equal(dsdt.count(b"_LPI"), 4, "ACPI has idle states for each CPU")
    tap.ok(b"_OSC" in dsdt, "and a firmware that agrees to their use")
    register = bytes([0x82, 12, 0, 0x7f, 32, 0, 3]) + (0x10000).to_bytes(8, "little")
    tap.equal(dsdt.count(register), 4, "with the parameter of CPU_SUSPEND")


test_registers()
test_mscs()
test_firmware()
sys.exit(tap.end())

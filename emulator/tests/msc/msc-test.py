# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the emulated MSCs and of the tables that describe them. See run.sh."""
import os
import struct
import sys
import time

import faults
import monitors
import partids
from common import (
    AIDR, CASSOC, CCAP_IDR, CMAX, CMIN, CPBM, CPOR_IDR, CSUMON_IDR, ECR, ESR, EXT, EXTD_ESR, HAS_CCAP,
    HAS_CPOR, HAS_ESR, HAS_MBW, HAS_MSMON, HAS_PRI, HAS_RIS, IDR, IIDR, MBWUMON_IDR, MBW_IDR, MBW_MAX,
    MBW_MIN, MSMON_IDR, NO_CONTROL, OVRWR, PARTID_RANGE, PART_SEL, PBM, PRI, PRI_IDR, PROP, UNDEFINED_RIS,
    WINWD, config, error, everything, msc, platform, select, take_error, tap)
from qtest import Machine

SLICE64 = 63 | 7 << 16 | EXT | HAS_RIS | EXTD_ESR | HAS_ESR | 1 << 56
# Platform: {MSC: [(register, RIS, value)]}
IDS = {
    "l3": {0xb000000: [(IDR, 0, 31 | 3 << 16 | HAS_CPOR | EXT | HAS_MSMON | HAS_ESR), (CPOR_IDR, 0, 16),
                       (AIDR, 0, 0x11), (CCAP_IDR, 0, 0), (MBW_IDR, 0, 0), (PRI_IDR, 0, 0),
                       (MSMON_IDR, 0, 3 << 16), (CSUMON_IDR, 0, 8), (MBWUMON_IDR, 0, 8 | 1 << 30)]},
    "l3x2": {b: [(IDR, 0, 63 | 3 << 16 | HAS_CPOR | HAS_MBW | EXT | HAS_MSMON | HAS_ESR), (CPOR_IDR, 0, 12),
                 (MBW_IDR, 0, 7 | 1 << 11), (MSMON_IDR, 0, 3 << 16), (CSUMON_IDR, 0, 4 | 1 << 29),
                 (MBWUMON_IDR, 0, 4 | 7 << 28)]
             for b in (0xb000000, 0xb010000)},
    "slices": {b: [(IDR, 0, 31 | 1 << 16 | HAS_CPOR | HAS_MBW | EXT | HAS_MSMON | HAS_ESR),
                   (CPOR_IDR, 0, 20), (MBW_IDR, 0, 5 | 1 << 11), (MSMON_IDR, 0, 1 << 17 | 1 << 28),
                   (CSUMON_IDR, 0, 0), (MBWUMON_IDR, 0, 4 | 1 << 26)]
               for b in range(0xb000000, 0xb080000, 0x10000)},
    "l2": {b: [(IDR, 0, 31 | 3 << 16 | HAS_CPOR), (CPOR_IDR, 0, 8), (AIDR, 0, 0x10)]
           for b in (0xb000000, 0xb010000)},
    "private": {b: [(IDR, 0, 31 | 3 << 16 | HAS_CPOR | EXT | HAS_MSMON | HAS_ESR), (CPOR_IDR, 0, 16),
                    (MSMON_IDR, 0, 1 << 16), (CSUMON_IDR, 0, 4), (MBWUMON_IDR, 0, 0)]
                for b in (0xb000000, 0xb010000)},
    "server64": {
        **{b: [(IDR, 0, SLICE64 | HAS_CPOR), (IDR, 1, SLICE64 | HAS_CCAP), (CPOR_IDR, 0, 16),
               (CPOR_IDR, 1, 0), (CCAP_IDR, 0, 0), (CCAP_IDR, 1, 8 | 1 << 31)]
           for b in range(0xb000000, 0xb080000, 0x10000)},
        **{b: [(IDR, 0, SLICE64 | HAS_MBW), (IDR, 1, SLICE64 | HAS_MBW | HAS_PRI),
               (MBW_IDR, 0, 7 | 1 << 10 | 1 << 11), (MBW_IDR, 1, 7 | 1 << 11),
               (PRI_IDR, 1, 1 | 1 << 1 | 3 << 4)]
           for b in range(0xb080000, 0xb100000, 0x10000)}},
    "odd/aidr-bad": {0xb000000: [(AIDR, 0, 0x11)], 0xb010000: [(AIDR, 0, 0x20)]},
    "odd/aidr-ones": {0xb000000: [(AIDR, 0, 0x11)],
                      0xb010000: [(AIDR, 0, 0xffffffff), (IIDR, 0, 0xffffffff),
                                  (IDR, 0, (1 << 64) - 1), (CPOR_IDR, 0, 0xffffffff)]},
    "odd/limits-differ": {b: [(IDR, 0, limits | HAS_CPOR | HAS_MBW | EXT | HAS_MSMON | HAS_ESR)]
                          for b, limits in ((0xb000000, 255 | 3 << 16), (0xb010000, 15 | 7 << 16))},
    "odd/ris-missing": {0xb000000: [(IDR, 0, 31 | 3 << 16 | HAS_CPOR | EXT | HAS_MSMON | HAS_ESR)]},
    "odd/ris-unlisted": {0xb000000: [(CPOR_IDR, 0, 16), (CPOR_IDR, 1, 8)]},
}


def test_ids():
    for name, mscs in IDS.items():
        with Machine(platform(name)) as m:
            bad = []
            for base, registers in mscs.items():
                for offset, ris, want in registers:
                    select(m, base, 0, ris)
                    got = m.read(base + offset)
                    if offset == IDR and (want & EXT):
                        got |= m.read(base + offset + 4) << 32
                    if got != want:
                        bad.append(f"{base:#x}+{offset:#x} RIS {ris}: {got:#x}, not {want:#x}")
            tap.equal(bad, [], f"{name}: identification registers")
            tap.equal([i["violations"] for i in m.query("query-mpam-mscs") if i["violations"]], [],
                      f"{name}: no violations")


def test_everything_ids(m):
    base = 0xb100000
    wide = 40 | 5 << 16 | EXT | HAS_RIS | EXTD_ESR | HAS_ESR | 3 << 56
    for ris, want in ((0, {IDR: wide | HAS_CPOR | HAS_CCAP, CPOR_IDR: 45, MBW_IDR: 1 << 14,
                           CCAP_IDR: 5 | 3 << 8 | 1 << 28 | 1 << 29 | 1 << 31, PRI_IDR: 0}),
                      (1, {IDR: wide | HAS_CCAP, CPOR_IDR: 0, PRI_IDR: 0,
                           CCAP_IDR: 16 | 16 << 8 | 1 << 28 | 1 << 30}),
                      (2, {IDR: wide, CPOR_IDR: 0, CCAP_IDR: 0, PRI_IDR: 0}),
                      (3, {IDR: wide | HAS_MBW | HAS_PRI, CPOR_IDR: 0, CCAP_IDR: 0,
                           MBW_IDR: 6 | 0xf << 10 | 1 << 14 | 70 << 16,
                           PRI_IDR: 3 | 3 << 4 | 1 << 16 | 4 << 20})):
        select(m, base, 0, ris)
        for offset, value in want.items():
            width = "q" if offset == IDR else "l"
            if offset == MBW_IDR and ris != 3:
                continue
            tap.equal(m.read(base + offset, width), value, f"RIS {ris}: register {offset:#x}")
    tap.equal(take_error(m, base), 0, "identification of a RIS that isn't there is no error")
    tap.equal(m.read(base + IIDR), 0x1234543b, "IIDR")
    m.write(base + AIDR, 0xff)
    m.write(base + IDR, 0xff)
    tap.equal(m.read(base + AIDR), 0x11, "AIDR of version 1.1, and is read-only")
    tap.equal(m.read(base + IDR) & 0xffff, 40, "IDR is read-only")
    tap.equal(m.read(0xb110000 + AIDR), 0x01, "AIDR of version 0.1")
    tap.equal(m.read(0xb110000 + IDR) & EXT, EXT, "version 0.1 has a wide IDR")
    tap.equal(m.read(0xb110000 + MBW_IDR), 16 | 2 << 8 | 1 << 11, "MAX_LIM in MBW_IDR")
    tap.equal(m.read(0xb120000 + AIDR), 0x10, "AIDR of version 1.0")
    tap.equal(m.read(0xb120000 + IDR), 2 | 3 << 16 | HAS_CPOR, "version 1.0 has a narrow IDR")
    tap.equal(m.read(0xb120000 + IDR + 4), 0, "with nothing after it")
    tap.equal(m.read(0xb120000 + CPOR_IDR), 32768, "32768 portions")


def test_reset(m):
    p0 = config(m, "msc@b100000", 0, 0)
    tap.equal(p0, {"CMAX": 0xf800, "CMIN": 0, "CASSOC": 0xe000, "CPBM0": 0xffffffff, "CPBM1": 0x1fff},
              "PARTID 0 has no limits after reset")
    p0 = config(m, "msc@b100000", 3, 0)
    tap.equal(p0, {"MBW_MIN": 0xfc00, "MBW_MAX": 0xfc00, "PRI": 0x7, "MBW_PROP": 0,
                   "MBW_PBM0": 0xffffffff, "MBW_PBM1": 0xffffffff, "MBW_PBM2": 0x3f},
              "nor has it for bandwidth, and the highest priority")
    for ris in (0, 3):
        resets = [{v["name"]: v["reset"] for v in m.query("query-mpam-config", msc="msc@b100000", ris=ris, partid=p)}
                  for p in (0, 40)]
        tap.equal(resets, [config(m, "msc@b100000", ris, 0)] * 2, f"RIS {ris}: what that is can be asked for any")
    others = [config(m, "msc@b100000", 0, p) for p in range(1, 41)]
    tap.ok(len({tuple(sorted(o.items())) for o in others}) == 40, "all others have garbage")
    tap.ok(all(o["CMAX"] & ~0x8000f800 == 0 and o["CPBM1"] & ~0x1fff == 0 for o in others),
           "but not in bits that don't exist")
    m.query("system_reset")
    m.query("query-status")
    tap.equal([config(m, "msc@b100000", 0, p) for p in range(1, 41)], others, "the same each time")


def test_controls(m):
    base, name = 0xb100000, "msc@b100000"
    rows = ((0, CMAX, "CMAX", 0x8000f800), (0, CMIN, "CMIN", 0xf800), (0, CASSOC, "CASSOC", 0xe000),
            (0, CPBM, "CPBM0", 0xffffffff), (0, CPBM + 4, "CPBM1", 0x1fff),
            (1, CASSOC, "CASSOC", 0xffff),
            (3, MBW_MIN, "MBW_MIN", 0xfc00), (3, MBW_MAX, "MBW_MAX", 0x8000fc00),
            (3, PRI, "PRI", 0x000f0007), (3, PROP, "MBW_PROP", 0x8000003f),
            (3, PBM, "MBW_PBM0", 0xffffffff), (3, PBM + 8, "MBW_PBM2", 0x3f))
    for ris, offset, label, mask in rows:
        select(m, base, 40, ris)
        m.write(base + offset, 0xffffffff)
        tap.equal(m.read(base + offset), mask, f"RIS {ris}: bits of {label}")
        tap.equal(config(m, name, ris, 40)[label], mask, f"RIS {ris}: {label} in the ground truth")
        select(m, base, 39, ris)
        m.write(base + offset, 0)
        select(m, base, 40, ris)
        tap.equal(m.read(base + offset), mask, f"RIS {ris}: {label} is each PARTID's own")
    select(m, base, 40, 0)
    m.write(base + CMAX, 0x12345678)
    tap.equal(m.read(base + CMAX), 0x5000, "a fraction is cut to the bits there are")
    m.write(base + CPBM + 8, 0xffffffff)
    tap.equal(m.read(base + CPBM + 8), 0, "portions beyond the width are RAZ/WI")
    tap.equal(m.read(base + 0x2f00), 0, "so is what is reserved")
    tap.equal(take_error(m, base), 0, "and that is no error")

    base = 0xb110000
    select(m, base, 1, 0)
    m.write(base + MBW_MAX, 0)
    tap.equal(m.read(base + MBW_MAX), 1 << 31, "HARDLIM is always set if there are only hard limits")
    select(m, base, 1, 1)
    m.write(base + MBW_MAX, 0xffffffff)
    tap.equal(m.read(base + MBW_MAX), 0xffff, "and never if there are only soft ones")
    m.write(base + WINWD, 0x123456)
    tap.ok(m.read(base + WINWD) != 0x123456, "MBW_WINWD can't be written")
    m.write(0xb100000 + WINWD, 0xff123456)
    tap.equal(m.read(0xb100000 + WINWD), 0x123456, "MBW_WINWD can be written with WINDWR")

    base = 0xb120000
    select(m, base, 2)
    m.write(base + CPBM + 4 * 1023, 0xdeadbeef)
    tap.equal(m.read(base + CPBM + 4 * 1023), 0xdeadbeef, "the last of 1024 bitmap words")
    select(m, base, 2, 15)
    tap.equal(m.read(base + PART_SEL), 2, "RIS is RAZ/WI without RIS")
    m.write(base + ECR, 1)
    m.write(base + ESR, 0xffffffff)
    tap.equal((m.read(base + ECR), m.read(base + ESR)), (0, 0), "no ECR and ESR if there's none")


def test_errors(m):
    base = 0xb100000
    select(m, base, 40, 3)
    m.write(base + PART_SEL, 0xf0ff0028)
    tap.equal(m.read(base + PART_SEL), 40, "only bits of PARTID_SEL and RIS exist")
    select(m, base, 40, 0xf)
    tap.equal(m.read(base + PART_SEL), 3 << 24 | 40, "only as many bits of RIS as RIS_MAX needs")
    select(m, base, 41, 3)
    tap.equal(m.read(base + PART_SEL), 3 << 24 | 40, "a PARTID out of range isn't selected")
    tap.equal(take_error(m, base), error(PARTID_RANGE, 41, 3), "that is error 1")
    select(m, base, 5, 2)
    tap.equal(m.read(base + CPBM), 0, "a RIS that isn't there: RAZ")
    tap.equal(take_error(m, base), error(UNDEFINED_RIS, 5, 2), "that is error 8")
    m.write(base + CPBM, 1)
    tap.equal(take_error(m, base), error(UNDEFINED_RIS, 5, 2), "so is a write")
    select(m, base, 6, 1)
    tap.equal(m.read(base + CPBM), 0, "a RIS without that control: RAZ")
    tap.equal(take_error(m, base), error(NO_CONTROL, 6, 1), "that is error 9")
    tap.equal(m.read(base + CMAX), 0, "NO_CMAX: there's no CMAX")
    tap.equal(take_error(m, base), error(NO_CONTROL, 6, 1), "which is error 9, too")
    select(m, base, 41, 0)
    value = m.read(base + ESR, "q")
    tap.equal(value, error(PARTID_RANGE, 41, 0), "64-bit reads of ESR")
    select(m, base, 77, 1)
    tap.equal(m.read(base + ESR, "q"), error(PARTID_RANGE, 77, 1) | OVRWR,
              "a second error replaces the first, and OVRWR says so")
    m.write(base + ESR, 0, "q")
    tap.equal(m.read(base + ESR, "q"), 0, "64-bit writes of ESR")
    m.write(base + ESR, (1 << 64) - 1, "q")
    tap.equal(m.read(base + ESR, "q"), 0xf8fffffff | OVRWR, "ESR can be written, not only cleared")
    m.write(base + ESR, 0, "q")

    base = 0xb110000
    select(m, base, 32)
    tap.equal(m.read(base + ESR), 0, "late errors: the selection is taken")
    tap.equal(m.read(base + PART_SEL), 32, "and can be read")
    m.write(base + MBW_MAX, 0)
    tap.equal(take_error(m, base), error(PARTID_RANGE, 32), "the access is error 1")
    m.read(base + CPBM)
    tap.equal(take_error(m, base), 0, "a control that no RIS has is reserved, not an error")


def test_interrupts(m):
    base, path = 0xb100000, msc(m, "msc@b100000")["path"]
    m.command(f"irq_intercept_out {path} sysbus-irq")
    select(m, base, 41)
    m.irqs.clear()
    m.write(base + ECR, 0xffffffff)
    tap.equal(m.read(base + ECR), 1, "ECR has INTEN only")
    tap.equal(m.irqs, ["raise"], "a level interrupt rises when enabled")
    m.write(base + ECR, 0)
    m.read(base)
    tap.equal(m.irqs, ["raise", "lower"], "and falls when disabled")
    m.write(base + ECR, 1)
    take_error(m, base)
    tap.equal(m.irqs, ["raise", "lower", "raise", "lower"], "and when the error is cleared")
    m.write(base + ESR, 5 << 24)
    m.write(base + ESR, 0)
    m.read(base)
    tap.equal(m.irqs, ["raise", "lower"] * 3, "software can raise it")
    m.write(base + ECR, 0)


def test_edge(m):
    base, path = 0xb110000, msc(m, "msc@b110000")["path"]
    m.command(f"irq_intercept_out {path} sysbus-irq")
    m.irqs.clear()
    m.write(base + ECR, 1)
    m.write(base + ESR, 5 << 24)
    m.read(base)
    tap.equal(m.irqs, [], "software can't raise an edge")
    m.write(base + ESR, 0)
    select(m, base, 32)
    m.read(base + MBW_MAX)
    m.read(base + MBW_MAX)
    tap.equal(m.irqs, ["raise", "lower"] * 2, "each error is an edge")
    m.write(base + ECR, 0)
    take_error(m, base)


def test_widths(m):
    base, name = 0xb100000, "msc@b100000"
    before = len(msc(m, name)["violations"])
    select(m, base, 1, 0)
    m.write(base + CMAX, 0x8000)
    m.write(base + CMAX, 0xffff, "w")
    m.write(base + CMAX, 0xffffffffffff, "q")
    tap.equal(m.read(base + CMAX), 0x8000, "writes in wrong widths are ignored")
    tap.equal(m.read(base + CMAX, "w"), 0, "reads in wrong widths are zero")
    tap.equal(m.read(base + AIDR, "q"), 0, "64 bits of a 32-bit register")
    tap.equal(m.read(base + IDR + 4, "l") & 1, 1, "32 bits of the upper half of one of 64")
    m.read(base + AIDR, "q")
    new = msc(m, name)["violations"][before:]
    want = [(CMAX, True, 2), (CMAX, False, 1), (AIDR, False, 2)]
    tap.equal([(v["kind"], v["cpu"], v["offset"], v["write"], v["count"]) for v in new],
              [("width", -1, *w) for w in want], "are violations, each kept once and counted")


def test_counts(m):
    base, name = 0xb100000, "msc@b100000"

    def counts():
        info = msc(m, name)
        return info["reads"], info["writes"], {a["name"]: (a["reads"], a["writes"]) for a in info["accesses"]}

    reads, writes, regs = counts()
    for _ in range(3):
        m.read(base + CPBM + 4)
    m.write(base + CPBM + 4, 0)
    m.read(base + 0x2ff8)
    after_reads, after_writes, after = counts()
    tap.equal((after_reads - reads, after_writes - writes), (4, 1), "accesses are counted")
    tap.equal(tuple(a - b for a, b in zip(after["CPBM1"], regs["CPBM1"])), (3, 1), "register by register")
    tap.ok("reserved" in after, "those that don't exist, too")
    m.query("query-mpam-config", msc=name, ris=0, partid=3)
    tap.equal(counts()[:2], (after_reads, after_writes), "but not what QMP looks at")


def test_power(m):
    info = msc(m, "msc@b130000")
    tap.equal((info["powered"], info["power-cycles"], info["cpus"]), (False, 0, [3]),
              "an MSC whose only CPU is off is off")
    tap.equal(m.read(0xb130000 + AIDR), 0xffffffff, "it reads as all ones")
    m.write(0xb130000 + PART_SEL, 1)
    info = msc(m, "msc@b130000")
    tap.equal(info["violations"], [], "a debugger may look")
    tap.equal((info["reads"], info["writes"]), (1, 1), "but that is counted")
    tap.equal(msc(m, "msc@b100000")["power-cycles"], 1, "others are powered up once")


def test_faults(m):
    base, path = 0xb100000, msc(m, "msc@b100000")["path"]
    m.query("qom-set", path=path, property="aidr", value=0x20)
    tap.equal(m.read(base + AIDR), 0x20, "aidr can be set at run time")
    m.query("qom-set", path=path, property="iidr", value=0x0000043b)
    tap.equal(m.read(base + IIDR), 0x43b, "so can iidr")
    m.query("qom-set", path=path, property="id-ones", value=True)
    tap.equal(m.read(base + CPOR_IDR), 0xffffffff, "and that all identification reads as ones")
    m.query("qom-set", path=path, property="id-ones", value=False)
    tap.equal(m.read(base + AIDR), 0x20, "and no more")


def test_reach():
    """Let two CPUs do what reach.S says."""
    results = 0x48001000
    near, far = "msc@b000000", "msc@b020000"
    with Machine(platform("private") + ["-kernel", os.environ["REACH"]]) as m:
        m.query("cont")
        deadline = time.monotonic() + 60
        while m.read(results + 8) != 0x600d and time.monotonic() < deadline:
            time.sleep(0.05)
        tap.equal(m.read(results + 8), 0x600d, "reach: the guest is done")
        tap.equal(m.read(results), 0xffffffff, "reach: without power all reads as ones")
        tap.equal([m.read(results + 24), m.read(results + 40)], [0xffffffff] * 2,
                  "reach: and so it does from a CPU out of reach")
        first, second = m.read(results + 16), m.read(results + 32)
        tap.ok(0x77 not in (first, second) and first != second and first | second < 0x10000,
               "reach: each power-up brings other garbage, in bits that exist")
        tap.equal(config(m, near, 0, 5)["CPBM0"], 0x1234, "reach: an MSC with power keeps its state")
        info = msc(m, far)
        tap.equal((info["powered"], info["power-cycles"]), (False, 2), "reach: powered up twice, now off")
        monitors_of = lambda name: [(i["flt"], i["ctl"], i["value"]) for i in m.query("query-mpam-monitors", msc=name)]
        tap.ok(len(set(monitors_of(near)) | set(monitors_of(far))) == 8,
               "reach: monitors come up as garbage, too, other in each MSC")
        tap.equal([(v["kind"], v["cpu"], v["offset"], v["write"], v["count"]) for v in info["violations"]],
                  [("power", 0, AIDR, False, 1), ("power", 0, PART_SEL, True, 1)], "reach: violations of power")
        tap.equal([(v["kind"], v["cpu"], v["offset"], v["write"], v["count"])
                   for v in msc(m, near)["violations"]],
                  [("affinity", 2, AIDR, False, 2)], "reach: violations of affinity")


class Tables:
    """PPTT and MPAM of a machine, read by the book rather than by QEMU's code."""

    def __init__(self, blob):
        self.pptt, self.mpam = self._find(blob, b"PPTT"), self._find(blob, b"MPAM")
        self.caches, self.processors, self.mscs = {}, {}, []
        self.domains = self._memory_domains(self._find(blob, b"SRAT")) if b"SRAT" in blob else set()
        at = 36
        while at < len(self.pptt):
            kind, length = struct.unpack_from("<BB", self.pptt, at)
            if kind == 1:
                self.caches[at] = struct.unpack_from("<IIIIBBHI", self.pptt, at + 4)
            else:
                flags, parent, uid, n = struct.unpack_from("<IIII", self.pptt, at + 4)
                self.processors[at] = flags, parent, uid, struct.unpack_from(f"<{n}I", self.pptt, at + 20)
            at += length
        at = 36
        while at < len(self.mpam):
            length, = struct.unpack_from("<H", self.mpam, at)
            fields = struct.unpack_from("<HBBIQIIIIIIIIII8sII", self.mpam, at)
            resources = [struct.unpack_from("<IBHBQII", self.mpam, r)
                         for r in range(at + 72, at + length, 24)]
            self.mscs.append((fields, resources))
            at += length

    @staticmethod
    def _find(blob, signature):
        at = blob.index(signature)
        length, = struct.unpack_from("<I", blob, at + 4)
        return blob[at:at + length]

    @staticmethod
    def _memory_domains(srat):
        domains, at = set(), 48
        while at < len(srat):
            kind, length, domain = struct.unpack_from("<BBI", srat, at)
            if kind == 1:
                domains.add(domain)
            at += length
        return domains

    def cpus(self, processor):
        """UIDs of the leaves at or below a processor hierarchy node."""
        flags, _, uid, _ = self.processors[processor]
        if flags & 8:
            return {uid}
        return {u for at, p in self.processors.items() if p[1] == processor for u in self.cpus(at)}

    def levels(self, uid):
        """[(level, kind, cache id)] as a CPU sees it going up."""
        at = next(a for a, p in self.processors.items() if p[0] & 8 and p[2] == uid)
        found, level = [], 0
        while True:
            deepest = level
            for cache in self.processors[at][3]:
                here = level
                while cache:
                    here += 1
                    entry = (here, self.caches[cache][5] >> 2 & 3, self.caches[cache][7])
                    if entry not in found:
                        found.append(entry)
                    cache = self.caches[cache][1]
                deepest = max(deepest, here)
            level, at = deepest, self.processors[at][1]
            if not at:
                return sorted(found)


# Platform: levels as CPU 0 sees them, [MSC: (base, cache level, CPUs that reach it)]
TABLES = {
    "l3": (3, [(0xb000000, 3, None)]),
    "l3x2": (3, [(0xb000000, 3, None), (0xb010000, 3, None)]),
    "slices": (3, [(b, 3, None) for b in range(0xb000000, 0xb080000, 0x10000)]),
    "l2": (3, [(0xb000000, 2, None), (0xb010000, 2, None)]),
    "private": (3, [(0xb000000, 3, {0, 1}), (0xb010000, 3, {0, 1}),
                    (0xb020000, 3, {2, 3}), (0xb030000, 3, {2, 3})]),
    "server64": (3, [(b, 3, None) for b in range(0xb000000, 0xb080000, 0x10000)] +
                 [(b, None, None) for b in range(0xb080000, 0xb100000, 0x10000)]),
}


def test_tables():
    for name, (depth, mscs) in TABLES.items():
        with Machine(platform(name, "acpi")) as m:
            t = Tables(m.fw_cfg("etc/acpi/tables"))
            truth = {i["base"]: i for i in m.query("query-mpam-mscs")}
        tap.equal((t.pptt[8], t.mpam[8]), (3, 1), f"{name}: table revisions")
        ids = [c[7] for c in t.caches.values()]
        tap.ok(0 not in ids and len(set(ids)) == len(ids), f"{name}: cache ids are unique and not 0")
        tap.ok(all(c[0] & 0x80 and c[2] == c[3] * c[4] * c[6] for c in t.caches.values()),
               f"{name}: caches are as large as their sets, ways and lines")
        seen = t.levels(0)
        tap.equal([s[:2] for s in seen], [(1, 0), (1, 1)] + [(n, 2) for n in range(2, depth + 1)],
                  f"{name}: first level split, the others unified")
        level_of = {i: n for uid in {u for p in t.processors.values() if p[0] & 8 for u in [p[2]]}
                    for n, _, i in t.levels(uid)}
        sharers = {}
        for uid in {p[2] for p in t.processors.values() if p[0] & 8}:
            for _, _, i in t.levels(uid):
                sharers.setdefault(i, set()).add(uid)
        got, wrong = [], []
        for fields, resources in t.mscs:
            base, hid, uid = fields[4], fields[15], fields[16]
            reach = None
            if hid == b"ACPI0010":
                reach = next(t.cpus(a) for a, p in t.processors.items() if p[2] == uid and not p[0] & 8)
            elif hid != bytes(8):
                wrong.append(f"{base:#x}: linked to {hid}")
            levels = {level_of[r[4]] if r[3] == 0 else None for r in resources}
            got.append((base, *levels, reach))
            for r, ris in zip(resources, truth[base]["ris"]):
                if r[1] != ris["ris"] or (r[3] == 0 and sharers[r[4]] != set(ris["cache-cpus"])):
                    wrong.append(f"{base:#x}: RIS {r[1]}")
            if (fields[1], fields[3], fields[5]) != (0, truth[base]["identifier"], 0x10000):
                wrong.append(f"{base:#x}: interface, identifier or size")
            if reach and reach != set(truth[base]["cpus"]):
                wrong.append(f"{base:#x}: reach")
        tap.equal(got, mscs, f"{name}: MSCs, their caches and reach")
        tap.equal(wrong, [], f"{name}: MPAM table agrees with the hardware")
        memory = {r[4] for _, resources in t.mscs for r in resources if r[3] == 1}
        tap.ok(memory <= t.domains, f"{name}: SRAT has the domains of memory")
        spis = [f[10] for f, _ in t.mscs]
        want = [0] * len(spis) if name == "private" else [232 + i for i in range(len(spis))]
        tap.equal(spis, want, f"{name}: error interrupts")


def test_interrupt_tables():
    with Machine(platform("ppi", "acpi")) as m:
        got = [(f[10], f[11], f[13]) for f, _ in Tables(m.fw_cfg("etc/acpi/tables")).mscs]
    tap.equal(got, [(17, 1 << 4, cpu) for cpu in range(4)] + [(232, 0, 0)],
              "ppi: private interrupts and whose they are")
    with Machine(platform("narrow", "acpi")) as m:
        got = [(f[6], f[7], f[9], f[14]) for f, _ in Tables(m.fw_cfg("etc/acpi/tables")).mscs]
    tap.equal(got, [(234, 1, 0, 50)] * 2, "narrow: an overflow interrupt that is an edge, and MAX_NRDY_USEC")


def mpam_table(name):
    with Machine(platform(name, "acpi")) as m:
        return Tables(m.fw_cfg("etc/acpi/tables")).mscs, m.query("query-mpam-mscs")


def test_mistakes():
    mscs, truth = mpam_table("odd/duplicate-msc")
    tap.equal([(f[3], f[4]) for f, _ in mscs], [(1, 0xb000000), (2, 0xb010000), (2, 0xb010000)],
              "duplicate-msc: listed twice")
    tap.equal(len(truth), 2, "duplicate-msc: but there is one")
    mscs, truth = mpam_table("odd/no-resource")
    tap.equal([f[5] for f, _ in mscs], [0x10000, 0], "no-resource: size 0")
    tap.equal([i["size"] for i in truth], [0x10000, 0x10000], "no-resource: the hardware is sane")
    mscs, truth = mpam_table("odd/bad-interface")
    tap.equal([f[1] for f, _ in mscs], [0, 0x42], "bad-interface: unknown interface type")
    mscs, truth = mpam_table("odd/ris-missing")
    tap.equal([r[1] for r in mscs[0][1]], [0, 1], "ris-missing: listed")
    tap.equal([r["ris"] for r in truth[0]["ris"]], [0], "ris-missing: but not there")
    mscs, truth = mpam_table("odd/ris-unlisted")
    tap.equal([r[1] for r in mscs[0][1]], [0], "ris-unlisted: not listed")
    tap.equal([r["ris"] for r in truth[0]["ris"]], [0, 1], "ris-unlisted: but there")


def test_cpus():
    with Machine(platform("odd/limits-differ")) as m:
        got = [(c["mpamidr"] & 0xffff, c["mpamidr"] >> 32 & 0xff) for c in m.query("query-mpam-cpus")]
    tap.equal([got[i] for i in (0, 1, 7)], [(63, 1), (23, 7), (31, 15)], "limits-differ: limits of the CPUs")
    with Machine(platform("odd/no-cpu-mpam")) as m:
        got = [c["implemented"] for c in m.query("query-mpam-cpus")]
    tap.equal(got, [False] * 4, "no-cpu-mpam: CPUs have no MPAM")


def main():
    test_ids()
    with Machine(everything()) as m:
        test_reset(m)
        test_everything_ids(m)
        test_controls(m)
        test_errors(m)
        test_interrupts(m)
        test_widths(m)
        test_counts(m)
        test_power(m)
        test_faults(m)
    with Machine(everything()) as m:
        test_edge(m)
    # Only with this accelerator is it for us to let time go by
    with Machine(everything("-accel", "qtest")) as m:
        m.query("cont")
        monitors.test(m)
        partids.test(m)
        faults.test(m)
    faults.test_lines()
    test_reach()
    test_tables()
    test_interrupt_tables()
    test_mistakes()
    test_cpus()
    return tap.end()


sys.exit(main())

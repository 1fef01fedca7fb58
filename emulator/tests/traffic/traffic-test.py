# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the traffic model. See run.sh."""
import contextlib
import os
import sys
import time

from qtest import Machine, Tap

ESR, PART_SEL, CMAX, CMIN, CASSOC = 0xf8, 0x100, 0x108, 0x110, 0x118
MBW_MIN, MBW_MAX, PRI, PROP, CPBM, PBM = 0x200, 0x208, 0x400, 0x500, 0x1000, 0x2000
HARD = SOFT = EN = 1 << 31
INTPARTID, DIS, EN_FLAGS = 0x600, 0x310, 0x320
MON_SEL, CSU_FLT, CSU_CTL, MBWU_FLT, MBWU_CTL, CSU, MBWU = 0x800, 0x810, 0x818, 0x820, 0x828, 0x840, 0x860
SLICES, MEMORY, PORTIONS, PLAIN = (0xb000000, 0xb010000), 0xb020000, 0xb030000, 0xb040000
NARROW, OFF, OFF_CACHE = 0xb050000, 0xb060000, 0xb070000
MIB = 1 << 20
CACHE = 4 * MIB

tap = Tap()


class Model:
    """The machine of traffic.dts, its CPUs asleep, and time that passes as it's told to."""

    def __init__(self, m):
        self.m = m
        for cpu in range(4):
            self.set(f"cpu{cpu}", enabled=False)
        for partid in range(16):
            self.open(partid)

    def reset(self):
        """Empties the cache, and opens all again."""
        self.m.query("system_reset")
        self.__init__(self.m)

    def set(self, requester, **properties):
        for name, value in properties.items():
            self.m.query("qom-set", path=f"/machine/mpam-traffic/{requester}",
                         property=name.replace("_", "-"), value=value)

    def control(self, base, ris, partid, offset, value):
        self.m.write(base + PART_SEL, ris << 24 | partid)
        self.m.write(base + offset, value)

    def cache(self, partid, ris, offset, value):
        for base in SLICES:
            self.control(base, ris, partid, offset, value)

    def open(self, partid):
        """No limits, equal priorities."""
        self.cache(partid, 0, CPBM, 0xff)
        self.cache(partid, 1, CMAX, 0xffff)
        self.cache(partid, 1, CMIN, 0)
        self.cache(partid, 1, CASSOC, 0xffff)
        self.cache(partid, 1, PRI, 1 << 16)
        for offset, value in ((MBW_MIN, 0), (MBW_MAX, 0xffff), (PROP, 0), (PRI, 1)):
            self.control(MEMORY, 0, partid, offset, value)
        self.control(PORTIONS, 0, partid, PBM, 0x3ff)
        self.control(PLAIN, 0, partid, MBW_MAX, 0xffff)
        for base in (*SLICES, MEMORY):
            self.control(base, 0, partid, EN_FLAGS, 0xffff)

    def samples(self):
        return self.m.query("qom-get", path="/machine/mpam-traffic", property="samples")

    def run(self, samples):
        """Lets at least so many samples be taken; returns how many really were."""
        start = self.samples()
        self.m.query("cont")
        while self.samples() - start < samples:
            time.sleep(0.002)
        self.m.query("stop")
        return self.samples() - start

    def truth(self, base, ris=0):
        """{(partid, pmg): totals}"""
        return {(t["partid"], t["pmg"]): t
                for t in self.m.query("query-mpam-traffic", msc=f"msc@{base:x}") if t["ris"] == ris}

    def rates(self, base, samples=40):
        """What the labels move per sample, in units of 1/1000 MiB: MiB/s."""
        before = self.truth(base)
        n = self.run(samples)
        rates = {}
        for label, t in self.truth(base).items():
            old = before.get(label, {"read-bytes": 0, "write-bytes": 0})
            rates[label] = (t["read-bytes"] + t["write-bytes"] - old["read-bytes"] - old["write-bytes"]) \
                * 1000 / n / MIB
        return rates

    def shares(self, samples=80):
        """Parts of the cache that PARTIDs have after a while, in percent."""
        self.run(samples)
        shares = {}
        for base in SLICES:
            for (partid, _), t in self.truth(base, 1).items():
                shares[partid] = shares.get(partid, 0) + t["occupancy"] * 100 / CACHE
        return shares

    @contextlib.contextmanager
    def on(self, **rates):
        """These requesters read with so many MiB/s."""
        for name, rate in rates.items():
            self.set(name, read_rate=rate, write_rate=0, enabled=True)
        try:
            yield
        finally:
            for name in rates:
                self.set(name, enabled=False)


def near(got, want, text, tolerance=1.0):
    """All of @want within @tolerance of what was got."""
    bad = {k: (got.get(k, 0), v) for k, v in want.items() if abs(got.get(k, 0) - v) > tolerance}
    tap.ok(not bad, text)
    if bad:
        print("# " + ", ".join(f"{k}: {g:.2f}, not {w}" for k, (g, w) in bad.items()), flush=True)


A, B = (1, 0), (2, 0)


def test_totals(t):
    t.set("a", read_rate=100, write_rate=50, enabled=True)
    n = t.run(50)
    t.set("a", enabled=False)
    memory, slices = t.truth(MEMORY)[A], [t.truth(base)[A] for base in SLICES]
    want = 100 * MIB * n // 1000 // 64 * 64
    tap.equal(memory["read-bytes"], want, "bytes read are rate times time, to the line")
    tap.equal(memory["write-bytes"], 50 * MIB * n // 1000 // 64 * 64, "so are bytes written")
    for kind in ("read-bytes", "write-bytes"):
        tap.equal(sum(s[kind] for s in slices), memory[kind], f"slices together pass on all {kind}")
        tap.ok(abs(slices[0][kind] - slices[1][kind]) <= 64 * n, f"each an equal share of {kind}")
    tap.equal(t.truth(SLICES[0], 1)[A]["read-bytes"], slices[0]["read-bytes"],
              "every RIS of an MSC sees all that passes it")
    tap.ok(A not in t.truth(PLAIN), "what isn't on the way sees nothing")
    occupied = sum(t.truth(base)[A]["occupancy"] for base in SLICES)
    dirty = sum(t.truth(base)[A]["dirty"] for base in SLICES)
    tap.ok(abs(occupied - min(n * 150 * MIB // 1000, CACHE)) < n * 1024, "all lines are allocated")
    tap.ok(abs(dirty - occupied / 3) < CACHE / 100, "and a third of them is dirty")


def test_contention(t):
    with t.on(a=800, b=800):
        near(t.rates(MEMORY), {A: 500, B: 500}, "two that want more than there is get the same")
    with t.on(a=200, b=2000):
        near(t.rates(MEMORY), {A: 200, B: 800}, "who wants less than a fair share gets all of it")
    with t.on(a=800):
        near(t.rates(MEMORY), {A: 800, B: 0}, "alone, one gets what it wants")
        near({"slices": sum(t.rates(base).get(A, 0) for base in SLICES)}, {"slices": 800},
             "and so do the slices upstream")
    with t.on(a=1600):
        near({"slices": 2 * t.rates(SLICES[0]).get(A, 0)}, {"slices": 1000},
             "what memory holds up doesn't pass the caches either")


def test_max(t):
    t.control(MEMORY, 0, 1, MBW_MAX, HARD | 0x3f00)
    with t.on(a=800):
        near(t.rates(MEMORY), {A: 250}, "hard MBW_MAX: the top of its interval, whoever else there is")
    t.control(MEMORY, 0, 1, MBW_MAX, 0x3f00)
    with t.on(a=800):
        near(t.rates(MEMORY), {A: 800}, "soft MBW_MAX: more, if it's there")
    with t.on(a=800, b=700):
        near(t.rates(MEMORY), {A: 300, B: 700}, "soft MBW_MAX: what others leave")
    with t.on(a=800, b=2000):
        near(t.rates(MEMORY), {A: 250, B: 750}, "soft MBW_MAX: no more than that otherwise")
    t.open(1)


def test_min(t):
    t.control(MEMORY, 0, 1, MBW_MIN, 0x7000)
    with t.on(a=800, b=4000):
        near(t.rates(MEMORY), {A: 1000 * 7 / 16 + 1000 * 9 / 32, B: 1000 * 9 / 32},
             "MBW_MIN comes first, then all are alike")
    with t.on(a=100, b=4000):
        near(t.rates(MEMORY), {A: 100, B: 900}, "MBW_MIN that isn't used is others'")
    t.open(1)


def test_prop(t):
    t.control(MEMORY, 0, 1, PROP, EN | 0)
    t.control(MEMORY, 0, 2, PROP, EN | 3)
    with t.on(a=4000, b=4000):
        near(t.rates(MEMORY), {A: 800, B: 200}, "MBW_PROP: a stride of 4 gets a quarter of a stride of 1")
    t.control(MEMORY, 0, 2, PROP, 3)
    with t.on(a=4000, b=4000):
        near(t.rates(MEMORY), {A: 500, B: 500}, "MBW_PROP: strides don't count unless enabled")
    t.open(1)
    t.open(2)


def test_priority(t):
    t.control(MEMORY, 0, 1, PRI, 0)
    with t.on(a=800, b=800):
        near(t.rates(MEMORY), {A: 800, B: 200}, "INTPRI: 0 is the highest")
    t.control(MEMORY, 0, 1, PRI, 2)
    with t.on(a=800, b=800):
        near(t.rates(MEMORY), {A: 200, B: 800}, "INTPRI: 2 is below 1")
    t.control(MEMORY, 0, 1, MBW_MIN, 0x8000)
    with t.on(a=800, b=800):
        near(t.rates(MEMORY), {A: 500, B: 500}, "INTPRI doesn't beat MBW_MIN")
    t.open(1)
    t.cache(1, 1, PRI, 3 << 16)
    with t.on(e=800, f=800):
        near(t.rates(PLAIN), {A: 800, B: 200}, "DSPRI counts downstream, where there's no INTPRI")
    with t.on(a=800, b=800):
        near(t.rates(MEMORY), {A: 500, B: 500}, "and doesn't where there is")
    t.open(1)


def test_portions(t):
    t.control(PORTIONS, 0, 1, PBM, 0x007)
    with t.on(c=4000):
        near(t.rates(PORTIONS), {A: 300}, "MBW_PBM: no more than its portions have")
    t.control(PORTIONS, 0, 2, PBM, 0x3f8)
    with t.on(c=4000, d=4000):
        near(t.rates(PORTIONS), {A: 300, B: 700}, "MBW_PBM: each its own")
    t.control(PORTIONS, 0, 2, PBM, 0x3fc)
    with t.on(c=3000, d=8000):
        near(t.rates(PORTIONS), {A: 250, B: 750}, "MBW_PBM: those in common are shared")
    t.control(PORTIONS, 0, 1, PBM, 0)
    with t.on(c=4000):
        near(t.rates(PORTIONS), {A: 0}, "MBW_PBM: none, nothing")
    t.open(1)
    t.open(2)


def test_cpbm(t):
    t.reset()
    t.cache(1, 0, CPBM, 0x0f)
    t.cache(2, 0, CPBM, 0x30)
    with t.on(a=400, b=400):
        near(t.shares(), {1: 50, 2: 25}, "CPBM: the portions that are allowed")
        for base in SLICES:
            near({"half": t.truth(base)[A]["occupancy"] * 100 / CACHE}, {"half": 25},
                 f"in slice {base:#x}, too")
    t.reset()
    t.cache(1, 0, CPBM, 0x0f)
    t.cache(2, 0, CPBM, 0x3c)
    with t.on(a=300, b=300):
        near(t.shares(200), {1: 37.5, 2: 37.5}, "CPBM: what is common is shared", 1.5)
    t.cache(1, 0, CPBM, 0xff)
    t.cache(2, 0, CPBM, 0xff)
    with t.on(a=600, b=200):
        near(t.shares(200), {1: 75, 2: 25}, "in proportion to what each allocates", 1.5)
    t.cache(1, 0, CPBM, 0x01)
    before = t.shares(1)
    t.run(20)
    near(t.shares(1), before, "a new CPBM moves no lines that are there", 0.01)
    t.cache(1, 0, CPBM, 0)
    with t.on(b=800):
        t.shares(200)
        with t.on(a=100):
            near(t.shares(200), {1: 0, 2: 100}, "CPBM 0: no line is allocated", 1.5)
    t.open(1)
    t.open(2)


def test_cmax(t):
    t.reset()
    with t.on(b=800):
        near(t.shares(200), {2: 100}, "one alone fills the cache", 0.5)
    t.cache(1, 1, CMAX, 0x3f00)
    with t.on(a=400, b=400):
        near(t.shares(200), {1: 25, 2: 75}, "hard CMAX: the top of its interval", 1.5)
    with t.on(a=400):
        near(t.shares(200), {1: 25, 2: 75}, "hard CMAX: others' lines stay", 1.5)
    t.cache(1, 1, CMAX, SOFT | 0x3f00)
    with t.on(a=400):
        near(t.shares(200), {1: 25, 2: 75}, "soft CMAX: so it is while all lines are in use", 1.5)
    t.reset()
    t.cache(1, 1, CMAX, SOFT | 0x3f00)
    with t.on(a=400):
        near(t.shares(200), {1: 100}, "soft CMAX: but it may have free lines", 0.5)
    with t.on(a=400, b=400):
        near(t.shares(200), {1: 25, 2: 75}, "those above CMAX are the first to lose lines", 1.5)
    t.reset()
    with t.on(a=400, b=400):
        t.shares(200)
    t.cache(1, 1, CMAX, 0x3f00)
    t.cache(5, 1, CMAX, 0x3f00)
    t.set("e", partid=5)
    with t.on(e=400):
        near(t.shares(200), {1: 25, 2: 50, 5: 25}, "even to those who take nothing from them", 2.5)
    t.set("e", partid=1)
    t.reset()
    t.cache(1, 1, CASSOC, 0x7000)
    t.cache(1, 1, CMAX, 0xbf00)
    with t.on(a=600, b=200):
        near(t.shares(300), {1: 50, 2: 50}, "CASSOC limits, too", 1.5)
    t.open(1)
    t.cache(1, 1, CMIN, 0x6000)
    with t.on(a=400, b=400):
        t.shares(200)
    with t.on(b=800):
        near(t.shares(200), {1: 37.5, 2: 62.5}, "CMIN: the last to lose lines", 1.5)
    t.open(1)


def test_footprint(t):
    t.reset()
    t.set("a", footprint=1024)
    with t.on(a=400):
        near(t.shares(300), {1: 25}, "a footprint that fits is all there", 1)
        near(t.rates(MEMORY), {A: 0}, "and memory isn't needed")
    t.cache(1, 0, CPBM, 0x01)
    t.cache(2, 0, CPBM, 0xfe)
    t.set("a", footprint=2048)
    with t.on(a=400, b=600):
        t.shares(300)
        near({"missed": t.rates(MEMORY)[A]}, {"missed": 300}, "if a quarter of it fits, a quarter is found", 3)
    t.set("a", footprint=0)
    t.open(1)
    t.open(2)


def test_ranges(t):
    esr = t.m.read(MEMORY + ESR)
    t.m.write(MEMORY + ESR, 0)
    tap.equal(esr, 0, "no errors so far")
    t.control(MEMORY, 0, 0, MBW_MAX, HARD | 0x0f00)
    t.set("a", partid=16)
    with t.on(a=400):
        near(t.rates(MEMORY), {(16, 0): 62.5}, "a PARTID out of range has the limits of PARTID 0")
    tap.equal(t.m.read(MEMORY + ESR), 2 << 24 | 16 | (1 << 31), "and is error 2")
    t.m.write(MEMORY + ESR, 0)
    t.set("a", partid=1, pmg=2)
    with t.on(a=400):
        near(t.rates(MEMORY), {(1, 2): 400}, "so many bytes with a PMG out of range")
    tap.equal(t.m.read(MEMORY + ESR), 4 << 24 | 2 << 16 | 1 | (1 << 31), "are error 4")
    t.m.write(MEMORY + ESR, 0)
    t.set("a", pmg=0)
    t.open(0)


def test_disabled(t):
    t.reset()
    for base in (*SLICES, MEMORY):
        t.control(base, 0, 1, DIS, 1)
    with t.on(a=400, b=400):
        near(t.shares(200), {1: 0, 2: 100}, "a disabled PARTID allocates nothing", 0.5)
    with t.on(a=800, b=800):
        near(t.rates(MEMORY), {A: 200, B: 800}, "and gets what bandwidth no one else wants")
    t.open(1)
    with t.on(a=400, b=400):
        t.shares(200)
    for base in SLICES:
        t.control(base, 0, 1, DIS, 1)
    t.cache(5, 1, CMAX, 0x3f00)
    t.cache(5, 0, CPBM, 0x0f)
    t.set("e", partid=5)
    with t.on(e=400):
        near(t.shares(200), {1: 25, 2: 50, 5: 25}, "its lines are the first to go", 1.5)
    t.set("e", partid=1)
    for partid in (1, 2, 5):
        t.open(partid)


def test_narrowing(t):
    """PARTIDs 1 and 3 are one to the MSC, with the limits of internal PARTID 1."""
    for request, internal in ((1, 1), (2, 2), (3, 1)):
        t.m.write(NARROW + PART_SEL, request)
        t.m.write(NARROW + INTPARTID, 1 << 16 | internal)
        t.m.write(NARROW + PART_SEL, 1 << 16 | internal)
        t.m.write(NARROW + MBW_MAX, HARD | 0x3f00 if internal == 1 else 0xffff)
    t.set("h", partid=3)
    with t.on(g=800, h=800):
        near(t.rates(NARROW), {A: 125, (3, 0): 125}, "narrowed PARTIDs share one limit, and count for themselves")
    t.set("h", partid=2)
    with t.on(g=800, h=800):
        near(t.rates(NARROW), {A: 250, B: 750}, "others don't")
    tap.equal(t.m.read(NARROW + ESR), 0, "narrowing: no errors")


def monitor(t, base, ris, kind, partid):
    """Starts monitor 0 with 0, to look at PARTID @partid and any PMG."""
    flt, ctl, value, type_ = (CSU_FLT, CSU_CTL, CSU, 0x43) if kind == "csu" else (MBWU_FLT, MBWU_CTL, MBWU, 0x42)
    t.m.write(base + MON_SEL, ris << 24)
    t.m.write(base + ctl, type_)
    t.m.write(base + value, 0)
    t.m.write(base + flt, partid)
    t.m.write(base + ctl, 1 << 31 | 1 << 16 | type_)


def test_monitors(t):
    t.reset()
    monitor(t, MEMORY, 0, "mbwu", 1)
    for base in SLICES:
        monitor(t, base, 0, "csu", 2)
    with t.on(a=300, b=100):
        t.set("a", write_rate=50)
        t.run(50)
    truth = t.truth(MEMORY)[A]
    t.m.write(MEMORY + MON_SEL, 0)
    tap.equal(t.m.read(MEMORY + MBWU), truth["read-bytes"] + truth["write-bytes"],
              "an MBWU monitor counts exactly what passed")
    for base in SLICES:
        t.m.write(base + MON_SEL, 0)
        tap.equal(t.m.read(base + CSU) & ~(1 << 31), t.truth(base)[B]["occupancy"],
                  f"a CSU monitor of slice {base:#x} shows exactly what is there")
    tap.ok(truth["write-bytes"] > 0 and t.truth(SLICES[0])[B]["occupancy"] > 0, "which isn't nothing")


def test_power(t):
    with t.on(i=400):
        near(t.rates(OFF), {A: 400}, "true totals go on without power")
        tap.equal(t.truth(OFF_CACHE)[A]["occupancy"], 0, "but a cache without power has no lines")


def test_switch(t):
    with t.on(a=100):
        t.m.query("qom-set", path="/machine/mpam-traffic", property="enabled", value=False)
        before = t.samples()
        t.m.query("cont")
        time.sleep(0.05)
        t.m.query("stop")
        tap.equal(t.samples(), before, "switched off, there's no traffic")
        t.m.query("qom-set", path="/machine/mpam-traffic", property="enabled", value=True)
        near(t.rates(MEMORY), {A: 100}, "and switched on there is")


def args(kernel):
    return ["-M", f"virt,gic-version=3,acpi=off,mpam-platform={os.environ['TRAFFIC']}",
            "-cpu", "max", "-smp", "4", "-m", "256", "-icount", "shift=4,sleep=off",
            "-kernel", kernel, "-action", "shutdown=pause"]


def run_labels():
    with Machine(args(os.environ["LABELS"])) as m:
        m.query("cont")
        while m.query("query-status")["status"] != "shutdown":
            time.sleep(0.01)
        samples = m.query("qom-get", path="/machine/mpam-traffic", property="samples")
        truth = {i["name"]: m.query("query-mpam-traffic", msc=i["name"]) for i in m.query("query-mpam-mscs")}
        cpus = m.query("query-mpam-cpus")
    return samples, (truth, cpus)


def test_cpus():
    samples, result = run_labels()
    truth = result[0]
    tap.ok(samples >= 125, "an eighth of a second has 125 samples, and switching off takes a moment")
    samples = 125
    memory = {(t["partid"], t["pmg"]): t for t in truth[f"msc@{MEMORY:x}"]}
    each = 100 * MIB * samples // 1000
    near({"bytes": memory[(3, 1)]["read-bytes"]}, {"bytes": each}, "EL1 has MPAM1_EL1's data label",
         each * 0.02)
    near({"bytes": memory[(4, 0)]["read-bytes"]}, {"bytes": each}, "EL0 has MPAM0_EL1's", each * 0.05)
    others = {l for l, t in memory.items() if t["read-bytes"] > each * 0.05} - {(3, 1), (4, 0)}
    tap.equal(others, set(), "who waits for interrupts, or is off, is quiet")
    tap.ok(run_labels()[1] == result, "a second run is the same, to the byte")


def main():
    with Machine(args(os.environ["SLEEP"])) as m:
        t = Model(m)
        for test in (test_totals, test_contention, test_max, test_min, test_prop, test_priority,
                     test_portions, test_cpbm, test_cmax, test_footprint, test_disabled, test_narrowing, test_monitors,
                     test_power, test_ranges, test_switch):
            test(t)
    test_cpus()
    return tap.end()


sys.exit(main())

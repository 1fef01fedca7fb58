# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the MSCs' interrupts and MSIs, and of faults on demand."""
from common import (
    AIDR, CPOR_IDR, CSU, CSU_CTL, ECR, EN_MON, ERR_MSI, ESR, MBWU, MBWU_CTL, MBWU_L, MON_SEL, MSI_ADDR_H,
    MSI_ADDR_L, MSI_ATTR, MSI_DATA, NRDY, OFLOW_INTR, OFLOW_MSI, OVRWR, everything, msc, platform, take_error,
    tap)
from monitors import BASE, NAME, choose, near, quiet, start, traffic
from qtest import Machine

RAM = 0x48000000

# The interrupt controller's registers of a CPU
GICR, GICR_STRIDE, GICR_ISPENDR, GICR_ICFGR1 = 0x080a0000, 0x20000, 0x10200, 0x10c04


def inject(m, code, name=NAME, **arguments):
    m.query("mpam-inject-error", msc=name, code=code, **arguments)


def test_errors(m):
    for code in range(16):
        inject(m, code, partid=code + 7, pmg=code, ris=code)
        tap.equal(m.read(BASE + ESR, "q") & ~OVRWR, code << 24 | code << 16 | (code + 7) | code << 32,
                  f"faults: error {code}")
        if code != 3:
            m.write(BASE + ESR, 0, "q")
    inject(m, 12)
    inject(m, 13)
    tap.equal(take_error(m, BASE), 13 << 24 | OVRWR, "faults: errors that follow overwrite")
    counts = {e["code"]: e["count"] for e in msc(m, NAME)["errors"]}
    tap.ok(counts[13] == 2 and counts[15] == 1, "faults: errors are counted")


def test_msi(m):
    for first in (ERR_MSI, OFLOW_MSI):
        for offset, mask in ((0, 0xffffff), (MSI_ADDR_L, 0xfffffffc), (MSI_ADDR_H, 0xfffff),
                             (MSI_DATA, 0xffffffff), (MSI_ATTR, 0x3f000001)):
            m.write(BASE + first + offset, 0xffffffff)
            tap.equal(m.read(BASE + first + offset), mask, f"MSI: bits of register {first + offset:#x}")
            m.write(BASE + first + offset, 0)
    m.write(RAM, 0x11111111)
    m.write(RAM + 4, 0x22222222)
    for first, address, data in ((ERR_MSI, RAM, 0xe), (OFLOW_MSI, RAM + 4, 0xf)):
        m.write(BASE + first + MSI_ADDR_L, address)
        m.write(BASE + first + MSI_DATA, data)
        m.write(BASE + first + MSI_ATTR, 1)
    inject(m, 4)
    tap.equal(m.read(RAM), 0x11111111, "MSI: not without INTEN")
    m.write(BASE + ECR, 1)
    before = msc(m, NAME)["error-interrupt"]["raised"]
    inject(m, 4)
    after = msc(m, NAME)["error-interrupt"]
    tap.equal((m.read(RAM), after["level"], after["raised"] - before, after["msis"]), (0xe, False, 0, 1),
              "MSI: an error is one, in place of the line")
    m.write(BASE + ERR_MSI + MSI_ATTR, 0)
    tap.equal(msc(m, NAME)["error-interrupt"]["level"], True, "MSI: without MSIEN it is the line again")
    m.write(BASE + ECR, 0)
    take_error(m, BASE)
    start(m, 0, 0, OFLOW_INTR)
    near(m, (1 << 31) - 1, False)
    traffic(m, 1, 0, 1, 0)
    tap.equal((m.read(RAM + 4), msc(m, NAME)["overflow-interrupt"]["level"]), (0xf, False),
              "MSI: so is an overflow")
    quiet(m)
    m.write(BASE + OFLOW_MSI + MSI_ATTR, 0)


def test_storm(m):
    m.write(BASE + ECR, 1)
    before = msc(m, NAME)["error-interrupt"]["raised"]
    m.query("mpam-inject-storm", msc=NAME, interrupt="error", period_ns=50000, code=9)
    for _ in range(10):
        m.step(50000)
        m.write(BASE + ESR, 0, "q")
    tap.equal(msc(m, NAME)["error-interrupt"]["raised"] - before, 10, "storm: one interrupt per period")
    m.query("mpam-inject-storm", msc=NAME, interrupt="error", period_ns=0)
    m.step(500000)
    tap.equal(take_error(m, BASE), 0, "storm: it ends")
    m.query("mpam-inject-storm", msc=NAME, interrupt="error", period_ns=10000)
    m.step(40000)
    line = msc(m, NAME)["error-interrupt"]
    tap.equal((line["raised"] - before, line["level"], take_error(m, BASE)), (14, False, 0),
              "storm: of interrupts for no reason")
    m.query("mpam-inject-storm", msc=NAME, interrupt="error", period_ns=0)
    m.write(BASE + ECR, 0)


def test_after(m):
    def reads(n):
        for _ in range(n):
            m.read(BASE + AIDR)

    take_error(m, BASE)
    inject(m, 9, partid=7, after=4)
    m.query("mpam-inject-register", msc=NAME, register="AIDR", fault="zeroes", after=2)
    tap.equal(m.read(BASE + AIDR) != 0, True, "after: not at once")
    tap.equal(m.read(BASE + AIDR) != 0, True, "after: nor for the access that it waits for")
    tap.equal(m.read(BASE + AIDR), 0, "after: but right after that")
    m.query("mpam-inject-register", msc=NAME, register="AIDR", fault="none")
    tap.equal(msc(m, NAME)["esr"], 0, "after: others wait on")
    reads(1)
    tap.equal(msc(m, NAME)["esr"], 9 << 24 | 7, "after: and happen in their turn")
    take_error(m, BASE)
    inject(m, 2, after=1)
    inject(m, 2, after=1)
    inject(m, 2, after=5)
    reads(1)
    tap.equal(m.query("mpam-cancel-faults", msc=NAME), {"count": 1}, "after: what still waits is taken back")
    tap.equal(take_error(m, BASE), 2 << 24 | OVRWR, "after: two at a time")
    reads(9)
    tap.equal((take_error(m, BASE), m.query("mpam-cancel-faults", msc=NAME)), (0, {"count": 0}),
              "after: and nothing is left")


def test_power(m):
    cycles = msc(m, NAME)["power-cycles"]
    violations = len(msc(m, NAME)["violations"])
    m.write(BASE + ECR, 1)
    m.query("mpam-inject-power", msc=NAME, power="blip")
    tap.equal((m.read(BASE + ECR), msc(m, NAME)["power-cycles"]), (0, cycles + 1), "power: a blip loses everything")
    m.write(BASE + ECR, 1)
    m.query("mpam-inject-power", msc=NAME, power="off", after=1)
    tap.equal((m.read(BASE + ECR), m.read(BASE + ECR), m.read(BASE + AIDR)), (1, 0xffffffff, 0xffffffff),
              "power: without it, all read as ones")
    m.write(BASE + ECR, 1)
    tap.equal((msc(m, NAME)["powered"], len(msc(m, NAME)["violations"])), (False, violations),
              "power: who could know?")
    m.query("mpam-inject-power", msc=NAME, power="on")
    tap.equal((m.read(BASE + ECR), msc(m, NAME)["powered"], msc(m, NAME)["power-cycles"]), (0, True, cycles + 2),
              "power: it comes back empty")


def refused(m, command, **arguments):
    try:
        m.query(command, **arguments)
    except KeyError:
        return True
    return False


def test_monitors(m):
    choose(m, 1)
    m.write(BASE + MBWU, 5)
    m.query("mpam-inject-nrdy", msc=NAME, ris=0, type="mbwu", stuck=True, monitor=1)
    m.write(BASE + MBWU, 0)
    tap.equal((m.read(BASE + MBWU), m.read(BASE + MBWU_L + 4) >> 31), (NRDY, 1), "faults: NRDY stuck")
    choose(m, 0)
    m.write(BASE + MBWU, 0)
    tap.equal(m.read(BASE + MBWU), 0, "faults: of that one only")
    m.query("mpam-inject-nrdy", msc=NAME, ris=0, type="mbwu", stuck=False, monitor=1)
    choose(m, 1)
    tap.equal(m.read(BASE + MBWU), 0, "faults: NRDY not stuck any more")
    m.query("mpam-inject-nrdy", msc=NAME, ris=0, type="csu", stuck=True)
    seen = []
    for i in range(3):
        choose(m, i)
        m.write(BASE + CSU_CTL, EN_MON)
        m.step(10 ** 6)
        seen.append(m.read(BASE + CSU) >> 31)
    tap.equal(seen, [1, 1, 1], "faults: NRDY of all monitors stuck")
    m.query("mpam-inject-nrdy", msc=NAME, ris=0, type="csu", stuck=False)
    tap.equal(m.read(BASE + CSU) >> 31, 0, "faults: and no more")
    for command, arguments in (("mpam-inject-nrdy", {"type": "csu", "stuck": True}),
                               ("mpam-inject-tear", {"bytes": 1, "times": 1})):
        tap.ok(refused(m, command, msc="msc@b130000", ris=0, **arguments),
               f"faults: {command} where there is no monitor is an error")
    quiet(m)

    start(m, 0)
    near(m, 0x1fffffff0, True)
    m.query("mpam-inject-tear", msc=NAME, ris=0, monitor=0, bytes=0x20, times=1)
    high, low, again = m.read(BASE + MBWU_L + 4), m.read(BASE + MBWU_L), m.read(BASE + MBWU_L + 4)
    tap.equal((high, low, again), (1, 0x10, 2), "faults: a value that tears between its halves")
    tap.equal((m.read(BASE + MBWU_L), m.read(BASE + MBWU_L + 4)), (0x10, 2), "faults: so many times")
    m.query("mpam-inject-tear", msc=NAME, ris=0, bytes=0x20, times=1, after=3)
    seen = [m.read(BASE + MBWU_L + 4) and m.read(BASE + MBWU_L) for _ in range(3)]
    tap.equal(seen, [0x10, 0x10, 0x30], "faults: of all monitors, after so many accesses")
    near(m, 12345, False)
    tap.equal(m.read(BASE + MBWU), 12345, "faults: a counter set")
    quiet(m)


def test_registers(m):
    reads = lambda offset, n=3: [m.read(BASE + offset) for _ in range(n)]

    def break_it(register, fault):
        m.query("mpam-inject-register", msc=NAME, register=register, fault=fault)

    choose(m, 3)
    break_it("MON_SEL", "ones")
    tap.equal(m.read(BASE + MON_SEL), 0xffffffff, "faults: a register reads as ones")
    break_it("MON_SEL", "none")
    tap.equal(m.read(BASE + MON_SEL), 3, "faults: it still held its value")
    break_it("0x20", "garbage")
    tap.ok(len(set(reads(AIDR))) == 3, "faults: garbage, other each time")
    break_it("0x20", "zeroes")
    tap.equal(m.read(BASE + AIDR), 0, "faults: zeroes")
    break_it("AIDR", "none")
    tap.equal(m.read(BASE + AIDR), 0x11, "faults: by name or by offset")
    start(m, 0)
    near(m, 0x500000001, True)
    break_it("MBWU_L_H", "ones")
    tap.equal((m.read(BASE + MBWU_L), m.read(BASE + MBWU_L, "q")), (1, 0xffffffff00000001), "faults: one half of a register")
    break_it("MBWU_L_H", "none")
    break_it("CPBM0", "ones")
    tap.equal(m.read(BASE + 0x1000), 0xffffffff, "faults: one of many words")
    break_it("CPBM0", "none")
    take_error(m, BASE)
    for what, command, arguments in (
            ("MSC", "mpam-inject-error", {"msc": "nobody", "code": 1}),
            ("code", "mpam-inject-error", {"msc": NAME, "code": 16}),
            ("register", "mpam-inject-register", {"msc": NAME, "register": "NONE", "fault": "ones"}),
            ("monitor", "mpam-set-counter", {"msc": NAME, "ris": 0, "type": "mbwu", "monitor": 40, "value": 1}),
            ("value", "mpam-set-counter", {"msc": NAME, "ris": 0, "type": "mbwu", "monitor": 0, "value": 1 << 31}),
            ("RIS", "mpam-traffic", {"msc": NAME, "ris": 4, "partid": 0, "pmg": 0, "read-bytes": 1, "write-bytes": 1}),
            ("event", "mpam-capture-event", {"msc": NAME, "event": 3})):
        try:
            m.query(command, **arguments)
            tap.ok(False, f"faults: no such {what} is refused")
        except KeyError:
            tap.ok(True, f"faults: no such {what} is refused")
    quiet(m)


def gic(m):
    """The interrupt controller's path."""
    for child in m.query("qom-list", path="/machine/unattached"):
        if child["type"] == "child<arm-gicv3>":
            return "/machine/unattached/" + child["name"]
    raise KeyError("arm-gicv3")


def wires(m, since):
    m.read(0xb000000)       # whatever happened has been told before this is answered
    return m.wires[since:]


def test_lines():
    """What reaches the interrupt controller: SPI n is input n, then 32 of each CPU."""
    with Machine(everything()) as m:
        m.command(f"irq_intercept_in {gic(m)}")
        for base, name in ((BASE, NAME), (0xb150000, "msc@b150000")):
            m.write(base + MON_SEL, 0)
            m.write(base + MBWU_CTL, OFLOW_INTR | EN_MON)
            m.query("mpam-set-counter", msc=name, ris=0, type="mbwu", monitor=0, value=(1 << 31) - 1)
            traffic(m, 0, 0, 1, 0, name=name)
        tap.equal(wires(m, 0), [("raise", 213)], "lines: two MSCs raise one line")
        at = len(m.wires)
        m.write(BASE + MBWU_CTL, 0)
        tap.equal(wires(m, at), [], "lines: it stays up for the second")
        m.write(0xb150000 + MBWU_CTL, 0)
        tap.equal(wires(m, at), [("lower", 213)], "lines: and falls with it")

        at = len(m.wires)
        m.write(0xb170000 + MON_SEL, 0)
        m.write(0xb170000 + MBWU_CTL, OFLOW_INTR | EN_MON)
        m.query("mpam-set-counter", msc="msc@b170000", ris=0, type="mbwu", monitor=0, value=(1 << 31) - 1)
        traffic(m, 0, 0, 1, 0, name="msc@b170000")
        tap.equal(wires(m, at), [], "lines: NO_HW_OFLW_INTR has none")

    with Machine(everything()) as m:
        for cpu in range(4):
            m.write(GICR + cpu * GICR_STRIDE + GICR_ICFGR1, 2 << 2 * 3)
        m.write(0xb160000 + MON_SEL, 0)
        m.write(0xb160000 + MBWU_CTL, OFLOW_INTR | EN_MON)
        m.query("mpam-set-counter", msc="msc@b160000", ris=0, type="mbwu", monitor=0, value=(1 << 31) - 1)
        pending = lambda: [m.read(GICR + cpu * GICR_STRIDE + GICR_ISPENDR) for cpu in range(4)]
        tap.equal(pending(), [0] * 4, "lines: no private interrupt")
        traffic(m, 0, 0, 1, 0, name="msc@b160000")
        tap.equal(pending(), [1 << 19] * 4, "lines: a private interrupt of each CPU")
        line = msc(m, "msc@b160000")["overflow-interrupt"]
        tap.equal((line["edge"], line["level"], line["raised"]), (True, False, 1), "lines: which is an edge")

    with Machine(platform("ppi")) as m:
        pending = lambda: [m.read(GICR + cpu * GICR_STRIDE + GICR_ISPENDR) for cpu in range(4)]
        m.write(0xb000000 + ECR, 1)
        inject(m, 2, "msc@b000000")
        tap.equal(pending(), [1 << 17, 0, 0, 0], "lines: a private interrupt of the only CPU in reach, a level")
        take_error(m, 0xb000000)
        tap.equal(pending(), [0] * 4, "lines: that falls")

    with Machine(platform("slices")) as m:
        m.command(f"irq_intercept_in {gic(m)}")
        m.write(0xb030000 + ECR, 1)
        inject(m, 2, "msc@b030000")
        tap.equal(wires(m, 0), [("raise", 203)], "lines: a level stays up")
        tap.equal(m.read(0xb030000 + CPOR_IDR), 20, "lines: other registers go on working")


def test(m):
    test_errors(m)
    test_msi(m)
    test_storm(m)
    test_after(m)
    test_monitors(m)
    test_registers(m)
    test_power(m)

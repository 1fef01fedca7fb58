# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the MSCs' monitors: registers, counting, NRDY, capture, overflow."""
from common import (
    CAPT_EVNT, CAPT_ON, CAPT_RESET, CEVNT_OFLW, CPBM, CSU, CSUMON_IDR, CSU_CAPTURE, CSU_CTL, CSU_FLT, CSU_OFSR,
    CSU_TYPE, EN_MON, EXT, EXTD_ESR, FILTER_RANGE, HAS_CPOR, HAS_ESR, HAS_MSMON, HAS_RIS, IDR, IMPL_IDR, LNKG,
    MATCH_PARTID, MATCH_PMG, MBWU, MBWUMON_IDR, MBWU_CAPTURE, MBWU_CTL, MBWU_FLT, MBWU_L, MBWU_L_CAPTURE,
    MBWU_OFSR, MBWU_TYPE, MONITOR_RANGE, MON_SEL, MSMON_IDR, NO_MONITOR, NRDY, NRDY_L, OFLOW_CAPT,
    OFLOW_CAPT_L, OFLOW_FRZ, OFLOW_INTR, OFLOW_INTR_L, OFLOW_SR, OFLOW_STATUS, OFLOW_STATUS_L, REQ_PARTID,
    REQ_PMG, SCLEN, UNDEFINED_MON_RIS, error, msc, select, take_error, tap)

BASE, NAME = 0xb140000, "msc@b140000"


def choose(m, monitor, ris=0):
    m.write(BASE + MON_SEL, ris << 24 | monitor)


def traffic(m, partid, pmg, read, write, ris=0, name=NAME):
    m.query("mpam-traffic", msc=name, ris=ris, partid=partid, pmg=pmg, read_bytes=read, write_bytes=write)


def occupy(m, partid, pmg, size, dirty, ris=0):
    m.query("mpam-occupancy", msc=NAME, ris=ris, partid=partid, pmg=pmg, bytes=size, dirty_bytes=dirty)


def near(m, value, is_long, monitor=0, ris=0):
    m.query("mpam-set-counter", msc=NAME, ris=ris, type="mbwu", monitor=monitor, value=value, is_long=is_long)


def state(m, kind, monitor=0, ris=0):
    return next(i for i in m.query("query-mpam-monitors", msc=NAME)
                if (i["type"], i["monitor"], i["ris"]) == (kind, monitor, ris))


def long_value(m, register=MBWU_L):
    return m.read(BASE + register) | m.read(BASE + register + 4) << 32


def start(m, monitor, flt=0, ctl=0, ris=0):
    """An MBWU that counts from zero."""
    choose(m, monitor, ris)
    m.write(BASE + MBWU_CTL, 0)
    m.write(BASE + MBWU_FLT, flt)
    m.write(BASE + MBWU, 0)
    m.write(BASE + MBWU_L, 0)
    m.write(BASE + MBWU_L + 4, 0)
    m.write(BASE + MBWU_CTL, ctl | EN_MON)


def test_ids(m):
    wide = 40 | 5 << 16 | EXT | HAS_RIS | EXTD_ESR | HAS_ESR | 1 << 40 | 4 << 56
    mbwu = 40 | 10 << 16 | 0xf << 24 | 0xf << 28
    for ris, want in (
            (0, {IDR: wide | HAS_MSMON | 1 << 29 | 1 << 36, IMPL_IDR: 0x12345678, MBWUMON_IDR: mbwu,
                 MSMON_IDR: 3 << 16 | 1 << 28 | 1 << 29 | 1 << 31, CSUMON_IDR: 3 | 0xf << 24 | 5 << 29}),
            (1, {IDR: wide | HAS_MSMON, IMPL_IDR: 0, CSUMON_IDR: 2 | 1 << 30, MBWUMON_IDR: 2 | 3 << 30}),
            (2, {IDR: wide | HAS_MSMON | 1 << 37, CSUMON_IDR: 2 | 1 << 23, MBWUMON_IDR: 2 | 1 << 22}),
            (3, {IDR: wide | HAS_CPOR, MSMON_IDR: 0, CSUMON_IDR: 0, MBWUMON_IDR: 0}),
            (4, {IDR: wide, MSMON_IDR: 0, CSUMON_IDR: 0, MBWUMON_IDR: 0, IMPL_IDR: 0})):
        select(m, BASE, 0, ris)
        choose(m, 0, 3 - ris if ris < 4 else 0)
        got = {r: m.read(BASE + r, "q" if r == IDR else "l") for r in want}
        tap.equal(got, want, f"monitors: RIS {ris}: identification, by PART_SEL")
    m.write(BASE + MSMON_IDR, 0)
    select(m, BASE, 0, 0)
    tap.ok(m.read(BASE + MSMON_IDR), "monitors: identification is read-only")
    take_error(m, BASE)


def test_registers(m):
    rows = (
        # RIS, register, bits that can be written, bits that are always there
        (0, CSU_FLT, 0x80ffffff, 0), (0, CSU_CTL, 0xff870700, CSU_TYPE),
        (0, MBWU_FLT, 0xc0ffffff, 0), (0, MBWU_CTL, 0xff8fe700, MBWU_TYPE),
        (0, CSU_CAPTURE, 0xffffffff, 0), (0, MBWU_CAPTURE, 0xffffffff, 0), (0, MBWU, 0xffffffff, 0),
        (0, MBWU_L, 0xffffffff, 0), (0, MBWU_L + 4, 0xffffffff, 0), (0, MBWU_L_CAPTURE + 4, 0xffffffff, 0),
        (1, CSU_FLT, 0xffffff, 0), (1, CSU_CTL, 0x80030000, CSU_TYPE),
        (1, MBWU_FLT, 0xffffff, 0), (1, MBWU_CTL, 0xff03c000, MBWU_TYPE),
        (1, MBWU_L + 4, 0x80000fff, 0), (1, MBWU_L_CAPTURE + 4, 0x80000fff, 0), (1, CSU_CAPTURE, 0, 0),
        (2, CSU_CTL, 0x80020000, CSU_TYPE), (2, MBWU_CTL, 0x87010000, MBWU_TYPE),
        (2, MBWU_L, 0, 0), (2, MBWU_CAPTURE, 0, 0), (2, CSU, 0xffffffff, 0), (2, MBWU, 0xffffffff, 0))
    for ris, register, writable, fixed in rows:
        choose(m, 1, ris)
        m.write(BASE + CSU_CTL, 0)
        m.write(BASE + MBWU_CTL, 0)
        for value in (0xa5a5a5a5, 0x5a5a5a5a, 0xffffffff, 0):
            # A label out of range would be refused
            label = 0x0505001f if register in (CSU_FLT, MBWU_FLT) else 0xffffffff
            keep = 0xffffffff if label == 0xffffffff else ~0xffffff | label
            value &= keep & 0xffffffff
            m.write(BASE + register, value)
            got = m.read(BASE + register)
            if got != value & writable | fixed:
                break
        tap.equal(got, value & writable | fixed, f"monitors: RIS {ris}: bits of register {register:#x}")
    tap.equal(take_error(m, BASE), 0, "monitors: which is no error")
    choose(m, 0)
    m.write(BASE + MBWU_L, 0x123456789abcdef0, "q")
    tap.equal(m.read(BASE + MBWU_L, "q"), 0x123456789abcdef0, "monitors: 64-bit accesses to MBWU_L")
    choose(m, 2)
    m.write(BASE + MBWU_L, 0)
    m.write(BASE + MBWU_L + 4, 0)
    choose(m, 0)
    tap.equal(m.read(BASE + MBWU_L + 4), 0x12345678, "monitors: each has its own")
    m.write(BASE + MON_SEL, 0xffffffff)
    tap.equal(m.read(BASE + MON_SEL), 0x0700ffff, "monitors: MON_SEL has as many bits of RIS as RIS_MAX needs")
    m.write(BASE + OFLOW_SR, 0xffffffff)
    choose(m, 0)
    m.write(BASE + MBWU_OFSR, 0xffffffff)
    tap.equal(m.read(BASE + CAPT_EVNT), 0, "monitors: CAPT_EVNT reads as zero")


def test_garbage(m):
    fresh = m.query("query-mpam-monitors", msc=NAME)
    tap.ok(len({(i["flt"], i["ctl"], i["value"]) for i in fresh}) > 40, "monitors: come up as garbage")
    tap.ok(all(i["flt"] & 0xffff <= 40 and i["flt"] >> 16 & 0xff <= 5 for i in fresh),
           "monitors: with filters that could have been written")
    tap.ok(all(i["ctl"] & 0xff == (CSU_TYPE if i["type"] == "csu" else MBWU_TYPE) for i in fresh),
           "monitors: and their types")
    tap.equal(msc(m, NAME)["overflow-interrupt"]["level"], False, "monitors: which interrupts nobody")


def test_errors(m):
    for what, register, ris, monitor, want in (
            ("range", MBWU_CTL, 0, 40, (MONITOR_RANGE, 0)), ("range", CSU, 0, 3, (MONITOR_RANGE, 0)),
            ("range", MBWU_OFSR, 0, 64, (MONITOR_RANGE, 0)),
            ("no such RIS", MBWU, 4, 1, (UNDEFINED_MON_RIS, 0)),
            ("no such RIS", CSU_FLT, 6, 1, (UNDEFINED_MON_RIS, 0)),
            ("no monitor", MBWU_L, 3, 1, (NO_MONITOR, 0xfffffffe)),
            ("no monitor", CSU_CTL, 3, 0, (NO_MONITOR, 0xfffffffe))):
        choose(m, monitor, ris)
        tap.equal(take_error(m, BASE), 0, f"monitors: {what}: the selection is no error")
        got = m.read(BASE + register)
        tap.equal((take_error(m, BASE), got), (error(want[0], monitor, ris), want[1]),
                  f"monitors: {what}: reading register {register:#x} is error {want[0]}")
        m.write(BASE + register, 0)
        tap.equal(take_error(m, BASE), error(want[0], monitor, ris), f"monitors: {what}: so is writing it")
    choose(m, 63)
    m.read(BASE + MBWU_OFSR)
    tap.equal(take_error(m, BASE), 0, "monitors: OFSR is there for 32 monitors at a time")
    choose(m, 1)
    m.write(BASE + MBWU_FLT, 7 | 2 << 16)
    m.write(BASE + MBWU_FLT, 41 | 3 << 16)
    tap.equal((take_error(m, BASE), m.read(BASE + MBWU_FLT)), (error(FILTER_RANGE, 41, 0, 3), 7 | 2 << 16),
              "monitors: a filter for a PARTID out of range is error 3, and not taken")
    choose(m, 1, 1)
    m.write(BASE + CSU_FLT, 40 | 6 << 16)
    tap.equal(take_error(m, BASE), error(FILTER_RANGE, 40, 1, 6), "monitors: so is one for such a PMG")


def test_counting(m):
    start(m, 0, 5 | 2 << 16, MATCH_PARTID | MATCH_PMG)
    start(m, 1, 5, MATCH_PARTID)
    start(m, 2, 2 << 16, MATCH_PMG)
    start(m, 3)
    start(m, 4, 5 | 1 << 30, MATCH_PARTID)
    start(m, 5, 5 | 2 << 30, MATCH_PARTID)
    start(m, 6, 5 | 3 << 30, MATCH_PARTID)
    start(m, 7)
    m.write(BASE + MBWU_CTL, MATCH_PARTID)
    before = {(t["partid"], t["pmg"]): (t["read-bytes"], t["write-bytes"])
              for t in m.query("query-mpam-traffic", msc=NAME)}
    traffic(m, 5, 2, 1000, 1)
    traffic(m, 5, 3, 100, 20)
    traffic(m, 6, 2, 3, 4000)
    want = [1001, 1121, 5004, 5124, 21, 1100, 0, 0]
    got = []
    for i in range(8):
        choose(m, i)
        got.append((m.read(BASE + MBWU), long_value(m)))
    tap.equal(got, [(v, v) for v in want],
              "monitors: count matching bytes: both, PARTID, PMG, all, writes, reads, reserved, disabled")
    after = {(t["partid"], t["pmg"]): (t["read-bytes"], t["write-bytes"])
             for t in m.query("query-mpam-traffic", msc=NAME)}
    diff = {k: tuple(a - b for a, b in zip(v, before.get(k, (0, 0)))) for k, v in after.items()}
    tap.equal({k: v for k, v in diff.items() if any(v)}, {(5, 2): (1000, 1), (5, 3): (100, 20), (6, 2): (3, 4000)},
              "monitors: true totals by label and direction")
    choose(m, 0)
    m.write(BASE + MBWU_CTL, MATCH_PARTID)
    traffic(m, 5, 2, 1000, 0)
    tap.equal(m.read(BASE + MBWU), 1001, "monitors: keep their value when disabled")
    m.write(BASE + MBWU, 50)
    m.write(BASE + MBWU_CTL, MATCH_PARTID | EN_MON)
    traffic(m, 5, 2, 7, 0)
    tap.equal((m.read(BASE + MBWU), long_value(m)), (57, 1008), "monitors: go on from what was written")
    start(m, 0, 5, MATCH_PARTID | SCLEN)
    for _ in range(3):
        traffic(m, 5, 0, 500, 0)
    tap.equal((m.read(BASE + MBWU), long_value(m)), (1, 1500), "monitors: SCLEN scales the short counter alone")
    traffic(m, 5, 0, 548, 0)
    tap.equal(m.read(BASE + MBWU), 2, "monitors: and loses no byte")
    start(m, 0, 0, 0, ris=2)
    for _ in range(3):
        traffic(m, 1, 0, 100, 0, ris=2)
    tap.equal(m.read(BASE + MBWU), 4, "monitors: of a T241 count units of 64 bytes")
    start(m, 0, 5 | 3 << 16, MATCH_PARTID | MATCH_PMG, ris=2)
    for partid, pmg, units in ((5, 3, 1), (5, 2, 10), (6, 3, 100)):
        traffic(m, partid, pmg, units * 64, 0, ris=2)
    tap.equal(m.read(BASE + MBWU), 11, "monitors: that can't match a PMG count all of the PARTID")


def test_requests(m):
    start(m, 0, 0, MATCH_PARTID)
    start(m, 1, 0, MATCH_PARTID | MATCH_PMG)
    start(m, 2, 40, MATCH_PARTID)
    traffic(m, 41, 2, 10, 0)
    tap.equal(take_error(m, BASE), error(REQ_PARTID, 41, 0, 2), "requests: a PARTID out of range is error 2")
    traffic(m, 3, 6, 5, 0)
    tap.equal(take_error(m, BASE), error(REQ_PMG, 3, 0, 6), "requests: a PMG out of range is error 4")
    traffic(m, 500, 200, 1, 0)
    tap.equal(take_error(m, BASE), error(REQ_PARTID, 500, 0, 200), "requests: the PARTID's error is the one")
    traffic(m, 40, 5, 2, 0)
    tap.equal(take_error(m, BASE), 0, "requests: the largest ones are fine")
    got = []
    for i in range(3):
        choose(m, i)
        got.append(m.read(BASE + MBWU))
    tap.equal(got, [11, 1, 2], "requests: count for the default PARTID or PMG then")
    true = [t for t in m.query("query-mpam-traffic", msc=NAME) if t["partid"] == 500]
    tap.equal([(t["pmg"], t["read-bytes"]) for t in true], [(200, 1)], "requests: true totals keep the label")


def test_occupancy(m):
    occupy(m, 5, 2, 4096, 64)
    occupy(m, 5, 3, 640, 640)
    occupy(m, 6, 2, 128, 0)
    choose(m, 0)
    for flt, ctl, want, what in ((5 | 2 << 16, MATCH_PARTID | MATCH_PMG, 4096, "one label"),
                                 (5, MATCH_PARTID, 4736, "a PARTID"), (0, 0, 4864, "all"),
                                 (5 | 1 << 31, MATCH_PARTID, 704, "dirty lines of a PARTID")):
        m.write(BASE + CSU_CTL, 0)
        m.write(BASE + CSU_FLT, flt)
        m.write(BASE + CSU_CTL, ctl | EN_MON)
        tap.equal(m.read(BASE + CSU) >> 31, 1, f"occupancy: {what}: not ready at first")
        tap.ok(m.read(BASE + CSU) & ~NRDY != want, f"occupancy: {what}: and then it isn't the value")
        m.step(199000)
        tap.equal(m.read(BASE + CSU) >> 31, 1, f"occupancy: {what}: for as long as it takes")
        m.step(1000)
        tap.equal(m.read(BASE + CSU), want, f"occupancy: {what}")
    m.write(BASE + CSU, NRDY | 12)
    tap.equal(m.read(BASE + CSU), 704, "occupancy: is measured whatever was written; NRDY is the hardware's")
    occupy(m, 5, 2, 0, 0)
    tap.equal(m.read(BASE + CSU), 640, "occupancy: is measured when read")
    m.write(BASE + CSU_CTL, 0)
    occupy(m, 5, 3, 64, 64)
    tap.equal(m.read(BASE + CSU) & ~NRDY, 640, "occupancy: is kept when disabled")
    m.write(BASE + CSU, 99)
    tap.equal(m.read(BASE + CSU) & ~NRDY, 99, "occupancy: or written, then")
    choose(m, 0, 2)
    m.write(BASE + CSU_CTL, EN_MON)
    m.write(BASE + CSU, NRDY)
    tap.equal(m.read(BASE + CSU), NRDY, "occupancy: NRDY as mere storage keeps 1")
    m.write(BASE + CSU, 0)
    tap.equal(m.read(BASE + CSU), 0, "occupancy: and 0")
    m.write(BASE + CSU_FLT, 5 | 3 << 16)
    m.write(BASE + CSU_CTL, EN_MON | MATCH_PARTID | MATCH_PMG)
    for partid, pmg, size in ((5, 3, 64), (5, 2, 640), (6, 3, 6400)):
        occupy(m, partid, pmg, size, 0, ris=2)
    tap.equal(m.read(BASE + CSU), 6464, "occupancy: without a match of PARTIDs, of all with the PMG")
    choose(m, 0, 1)
    m.write(BASE + CSU_CTL, 0)
    m.write(BASE + CSU_CTL, EN_MON)
    occupy(m, 1, 0, 320, 0, ris=1)
    tap.ok(m.read(BASE + CSU) != NRDY | 320, "occupancy: stuck NRDY: no value at first")
    m.step(200000)
    tap.equal(m.read(BASE + CSU), NRDY | 320, "occupancy: stuck NRDY: a value after the time")
    m.write(BASE + CSU_CTL, 0)
    m.write(BASE + CSU, 0)
    tap.equal(m.read(BASE + CSU), NRDY | 320, "occupancy: CSU_RO can't be written")
    occupy(m, 1, 0, 1 << 40, 0, ris=1)
    m.write(BASE + CSU_CTL, EN_MON)
    m.step(200000)
    tap.equal(m.read(BASE + CSU), NRDY | 0x7fffffff, "occupancy: too much for 31 bits is the most they tell")


def test_nrdy_written(m):
    choose(m, 0, 1)
    for first, what in ((MBWU_FLT, "value, filter"), (MBWU, "filter, value")):
        m.write(BASE + MBWU_CTL, 0)
        for register in ((MBWU, MBWU_FLT) if first == MBWU_FLT else (MBWU_FLT, MBWU)):
            m.write(BASE + register, 3 if register == MBWU_FLT else 0)
        m.write(BASE + MBWU_L, 0)
        m.write(BASE + MBWU_L + 4, 0)
        m.write(BASE + MBWU_CTL, MATCH_PARTID | EN_MON)
        tap.equal((m.read(BASE + MBWU) >> 31, m.read(BASE + MBWU_L + 4) >> 31), (0, 0),
                  f"NRDY until written: a monitor set up as {what} is ready")
        m.write(BASE + MBWU_FLT, 4)
        tap.equal((m.read(BASE + MBWU) >> 31, m.read(BASE + MBWU_L + 4) >> 31), (1, 1),
                  "NRDY until written: another filter makes it not ready")
        m.step(10 ** 9)
        tap.equal(m.read(BASE + MBWU) >> 31, 1, "NRDY until written: no time changes that")
        m.write(BASE + MBWU, 0)
        tap.equal((m.read(BASE + MBWU) >> 31, m.read(BASE + MBWU_L + 4) >> 31), (0, 1),
                  "NRDY until written: is cleared with the value, one by one")
        m.write(BASE + MBWU_L, 0)
        tap.equal(m.read(BASE + MBWU_L + 4) >> 31, 1, "NRDY until written: not by the half without it")
        m.write(BASE + MBWU_CTL, MATCH_PMG | EN_MON)
        m.write(BASE + MBWU_L + 4, 0)
        tap.equal(m.read(BASE + MBWU) >> 31, 1, "NRDY until written: another match sets it, too")


def test_capture(m):
    start(m, 0, 5, MATCH_PARTID | 7 * CAPT_ON)
    start(m, 1, 5, MATCH_PARTID | 1 * CAPT_ON | CAPT_RESET)
    start(m, 2, 5, MATCH_PARTID | 3 * CAPT_ON)
    for i in range(3):
        choose(m, i)
        m.write(BASE + MBWU_CAPTURE, 77)
        m.write(BASE + MBWU_L_CAPTURE, 77, "q")
    traffic(m, 5, 0, 1000, 0)
    m.write(BASE + CAPT_EVNT, 2)
    choose(m, 0)
    tap.equal(m.read(BASE + MBWU_CAPTURE), 77, "capture: CAPT_EVNT without NOW is nothing")
    m.write(BASE + CAPT_EVNT, 1)
    tap.equal((m.read(BASE + MBWU_CAPTURE), long_value(m, MBWU_L_CAPTURE)), (1000, 1000), "capture: local event")
    choose(m, 1)
    tap.equal(m.read(BASE + MBWU_CAPTURE), 77, "capture: is for monitors that wait for it")
    m.query("mpam-capture-event", msc=NAME, event=1)
    tap.equal((m.read(BASE + MBWU_CAPTURE), m.read(BASE + MBWU_L_CAPTURE, "q"), m.read(BASE + MBWU), long_value(m)),
              (1000, 1000, 0, 0), "capture: external event, CAPT_RESET")
    choose(m, 0)
    traffic(m, 5, 0, 1, 0)
    tap.equal((m.read(BASE + MBWU), m.read(BASE + MBWU_CAPTURE)), (1001, 1000), "capture: counting goes on")
    choose(m, 1, 1)
    m.write(BASE + MBWU_CTL, CAPT_ON | EN_MON)
    m.write(BASE + MBWU_FLT, 9)
    tap.equal(m.read(BASE + MBWU) >> 31, 1, "capture: not ready")
    m.query("mpam-capture-event", msc=NAME, event=1)
    tap.equal((m.read(BASE + MBWU_CAPTURE) >> 31, m.read(BASE + MBWU) >> 31), (1, 0), "capture: NRDY moves along")
    choose(m, 1)
    m.write(BASE + CSU_CTL, 0)
    m.write(BASE + CSU_FLT, 6)
    m.write(BASE + CSU_CTL, MATCH_PARTID | 2 * CAPT_ON | EN_MON)
    m.step(200000)
    m.query("mpam-capture-event", msc=NAME, event=2)
    tap.equal(m.read(BASE + CSU_CAPTURE), 128, "capture: occupancy")
    choose(m, 2)
    tap.equal(m.read(BASE + MBWU_CAPTURE), 77, "capture: an event that doesn't exist never happens")


def test_overflow(m):
    for ris, width, register in ((0, 31, MBWU), (0, 63, MBWU_L), (1, 44, MBWU_L), (2, 31, MBWU)):
        is_long = register == MBWU_L
        status = OFLOW_STATUS_L if is_long else OFLOW_STATUS
        start(m, 0, 0, 0, ris)
        near(m, (1 << width) - 1000, is_long, ris=ris)
        unit = 64 if ris == 2 else 1
        traffic(m, 1, 0, 999 * unit, 0, ris)
        last = m.read(BASE + MBWU_L, "q") if is_long else m.read(BASE + MBWU)
        tap.equal((last, m.read(BASE + MBWU_CTL) & status), ((1 << width) - 1, 0), f"overflow: {width} bits, RIS {ris}: all ones")
        traffic(m, 1, 0, 0, 8 * unit, ris)
        last = m.read(BASE + MBWU_L, "q") if is_long else m.read(BASE + MBWU)
        tap.equal((last, m.read(BASE + MBWU_CTL) & (OFLOW_STATUS | OFLOW_STATUS_L)), (7, status),
                  f"overflow: {width} bits, RIS {ris}: goes on from zero, and its status says so")
        m.write(BASE + MBWU_CTL, EN_MON)
        tap.equal(m.read(BASE + MBWU_CTL) & status, 0, "overflow: status is cleared by writing 0")
    tap.equal(msc(m, NAME)["overflow-interrupt"]["raised"], 0, "overflow: no interrupt unless asked for")


def quiet(m):
    """No monitor overflowed, none is on."""
    for ris, kinds in ((0, ((MBWU_CTL, 40), (CSU_CTL, 3))), (1, ((MBWU_CTL, 2), (CSU_CTL, 2))),
                       (2, ((MBWU_CTL, 2), (CSU_CTL, 2)))):
        for register, n in kinds:
            for i in range(n):
                choose(m, i, ris)
                m.write(BASE + register, 0)


def test_overflow_rules(m):
    quiet(m)
    tap.equal(m.read(BASE + OFLOW_SR), 0, "OFLOW_SR: nothing")
    start(m, 33, 1, MATCH_PARTID | OFLOW_INTR)
    start(m, 3, 2, MATCH_PARTID | OFLOW_INTR_L)
    near(m, (1 << 31) - 1, False, 33)
    near(m, (1 << 63) - 1, True, 3)
    traffic(m, 1, 0, 1, 0)
    line = msc(m, NAME)["overflow-interrupt"]
    tap.equal((line["level"], line["raised"]), (True, 1), "overflow: interrupt")
    choose(m, 40)
    tap.equal((m.read(BASE + OFLOW_SR), m.read(BASE + MBWU_OFSR)), (1 | 1 << 30, 2), "OFSR: bit of the monitor")
    traffic(m, 2, 0, 1, 0)
    choose(m, 0)
    tap.equal(m.read(BASE + MBWU_OFSR), 8, "OFSR: the long counter's, too; 32 at a time")
    choose(m, 33)
    m.write(BASE + MBWU_CTL, EN_MON | OFLOW_INTR | MATCH_PARTID)
    tap.equal(msc(m, NAME)["overflow-interrupt"]["level"], True, "overflow: interrupt stays for the other monitor")
    choose(m, 3)
    m.write(BASE + MBWU_CTL, EN_MON | OFLOW_INTR_L | MATCH_PARTID)
    line = msc(m, NAME)["overflow-interrupt"]
    tap.equal((line["level"], line["raised"]), (False, 1), "overflow: interrupt ends with the last status")
    m.write(BASE + MBWU_CTL, EN_MON | OFLOW_STATUS | OFLOW_INTR)
    near(m, (1 << 31) - 1, False, 3)
    traffic(m, 2, 0, 1, 0)
    tap.equal(msc(m, NAME)["overflow-interrupt"]["level"], False, "overflow: none while status is already set")

    start(m, 0, 5, MATCH_PARTID | OFLOW_FRZ)
    near(m, (1 << 31) - 10, False)
    traffic(m, 5, 0, 15, 0)
    traffic(m, 5, 0, 100, 0)
    tap.equal((m.read(BASE + MBWU), long_value(m)), (5, 15), "OFLOW_FRZ: stops both counters")
    tap.equal(state(m, "mbwu")["frozen"], True, "OFLOW_FRZ: seen from outside")
    m.write(BASE + MBWU, 0)
    traffic(m, 5, 0, 100, 0)
    tap.equal((m.read(BASE + MBWU), long_value(m)), (100, 15), "OFLOW_FRZ: each goes on when written")
    m.write(BASE + MBWU_L, 0, "q")
    traffic(m, 5, 0, 1, 0)
    tap.equal(long_value(m), 1, "OFLOW_FRZ: so does the long one")

    start(m, 0, 5, MATCH_PARTID | OFLOW_CAPT)
    start(m, 1, 6, MATCH_PARTID | OFLOW_CAPT_L)
    near(m, (1 << 31) - 10, False)
    near(m, (1 << 63) - 10, True, 1)
    m.write(BASE + MBWU_CAPTURE, 1)
    traffic(m, 5, 0, 12, 0)
    traffic(m, 6, 0, 13, 0)
    tap.equal((m.read(BASE + MBWU_L_CAPTURE, "q"), m.read(BASE + MBWU_CAPTURE)), (3, 1), "OFLOW_CAPT_L: captures")
    choose(m, 0)
    tap.equal(m.read(BASE + MBWU_CAPTURE), 2, "OFLOW_CAPT: captures")

    start(m, 0, 5, MATCH_PARTID | OFLOW_INTR | LNKG * 2)
    start(m, 1, 6, MATCH_PARTID | CAPT_ON * 2)
    start(m, 2, 5, MATCH_PARTID | LNKG * 1)
    start(m, 3, 6, MATCH_PARTID | CAPT_ON * 1)
    m.write(BASE + MBWU_CAPTURE, 77)
    for i in (0, 2):
        near(m, (1 << 31) - 10, False, i)
    traffic(m, 6, 0, 99, 0)
    traffic(m, 5, 0, 12, 0)
    choose(m, 1)
    tap.equal(m.read(BASE + MBWU_CAPTURE), 99, "OFLOW_LNKG: an overflow is a capture event for others")
    choose(m, 3)
    tap.equal(m.read(BASE + MBWU_CAPTURE), 77, "OFLOW_LNKG: needs OFLOW_INTR")
    choose(m, 0)
    m.write(BASE + MBWU, 0)
    tap.equal(m.read(BASE + MBWU_CTL) & OFLOW_STATUS, 0, "OFLOW_LNKG: writing the counter clears its status")
    tap.equal(msc(m, NAME)["overflow-interrupt"]["level"], False, "OFLOW_LNKG: and its interrupt")
    choose(m, 0, 1)
    m.write(BASE + MBWU_CTL, OFLOW_STATUS)
    m.write(BASE + MBWU, 0)
    tap.equal(m.read(BASE + MBWU_CTL) & OFLOW_STATUS, OFLOW_STATUS, "overflow: status stays in RIS without that")
    m.write(BASE + MBWU_CTL, 0)

    quiet(m)
    choose(m, 2)
    m.write(BASE + CSU_CTL, EN_MON | CAPT_ON * 7 | CEVNT_OFLW | OFLOW_INTR)
    before = msc(m, NAME)["overflow-interrupt"]["raised"]
    m.write(BASE + CAPT_EVNT, 1)
    tap.equal((m.read(BASE + CSU_CTL) & OFLOW_STATUS, m.read(BASE + CSU_OFSR), m.read(BASE + OFLOW_SR)),
              (OFLOW_STATUS, 4, 1 | 1 << 31), "CEVNT_OFLW: a capture event is an overflow")
    tap.equal(msc(m, NAME)["overflow-interrupt"]["raised"] - before, 1, "CEVNT_OFLW: and interrupts")
    quiet(m)


def test_widths(m):
    before = len(msc(m, NAME)["violations"])
    choose(m, 0)
    m.read(BASE + MBWU, "q")
    m.read(BASE + MBWU_CTL, "w")
    m.read(BASE + MBWU_L, "q")
    tap.equal([v["offset"] for v in msc(m, NAME)["violations"][before:]], [MBWU, MBWU_CTL],
              "monitors: widths other than 32 bits are violations, but for long counters")


def test_other_ris(m):
    """One MSC's traffic is nobody else's."""
    start(m, 0)
    near(m, 0, False)
    traffic(m, 1, 0, 64, 0, ris=1)
    tap.equal(m.read(BASE + MBWU), 0, "monitors: count what is their RIS's")
    select(m, BASE, 1, 3)
    m.write(BASE + CPBM, 5)
    tap.equal(m.read(BASE + CPBM), 5, "monitors: MON_SEL and PART_SEL are independent")
    tap.equal(take_error(m, BASE), 0, "monitors: no errors left")


def test(m):
    test_garbage(m)
    test_ids(m)
    test_registers(m)
    test_errors(m)
    quiet(m)
    test_counting(m)
    test_requests(m)
    quiet(m)
    test_occupancy(m)
    test_nrdy_written(m)
    test_capture(m)
    quiet(m)
    test_overflow(m)
    test_overflow_rules(m)
    test_widths(m)
    test_other_ris(m)

# SPDX-License-Identifier: GPL-2.0-only
"""Tests of what MSCs do with PARTIDs: enable, disable, narrowing; and of a T241."""
from common import (
    CMAX, CPBM, DIS, EN, ENDIS, EN_FLAGS, IDR, IIDR, INTPARTID, INTPARTID_RANGE, MBW_MAX, MBW_MIN, NFU, NRW,
    NRW_IDR, PARTID_RANGE, PART_SEL, UNEXPECTED_INTERNAL, config, error, select, take_error, tap)

INTERNAL = 1 << 16
SHADOW, SPARES = 0x19360048, (0x191b0000, 0x191c0000)


def partid(m, name, number):
    return m.query("query-mpam-partids", msc=name)[number]


def test_endis(m):
    base, name = 0xb150000, "msc@b150000"
    tap.equal(m.read(base + IDR, "q") & (ENDIS | NFU | NRW), ENDIS | NFU, "enable: identified")
    tap.equal(partid(m, name, 0)["enabled"], True, "enable: PARTID 0 comes up enabled")
    flags = [p["enabled"] for p in m.query("query-mpam-partids", msc=name)[1:]]
    tap.ok(True in flags and False in flags, "enable: the others with garbage")
    for first in (0, 32):
        select(m, base, first)
        m.write(base + EN_FLAGS, 0)
    select(m, base, 7)
    m.write(base + EN, 35)
    m.write(base + EN, 3)
    tap.equal(m.read(base + EN_FLAGS), 1 << 3, "enable: EN is about the PARTID written, EN_FLAGS about 32 of them")
    select(m, base, 40)
    tap.equal(m.read(base + EN_FLAGS), 1 << 3, "enable: the next 32")
    m.write(base + EN_FLAGS, 0xffffffff)
    tap.equal(m.read(base + EN_FLAGS), 0x1ff, "enable: only as far as there are PARTIDs")
    m.write(base + DIS, 32)
    tap.equal(m.read(base + EN_FLAGS), 0x1fe, "disable: clears one")
    tap.equal([partid(m, name, p)["enabled"] for p in (3, 4, 32, 33)], [True, False, False, True],
              "disable: seen from outside")
    tap.equal((m.read(base + EN), m.read(base + DIS)), (0, 0), "enable: EN and DIS can't be read")
    select(m, base, 9)
    m.write(base + CPBM, 0x5a)
    m.write(base + DIS, 9)
    tap.equal(m.read(base + CPBM), 0x5a, "disable: settings stay")
    garbage = []
    for _ in range(4):
        m.write(base + CPBM, 0x5a)
        m.write(base + DIS, 9 | 1 << 31)
        garbage.append(m.read(base + CPBM))
    tap.ok(garbage[0] != 0x5a, "disable: with NFU they don't")
    tap.equal(take_error(m, base), 0, "enable: no errors so far")
    for register in (EN, DIS):
        m.write(base + register, 41)
        tap.equal(take_error(m, base), error(PARTID_RANGE, 41), f"enable: {register:#x} out of range is error 1")
    select(m, base, 64)
    m.read(base + EN_FLAGS)
    tap.equal(take_error(m, base), error(PARTID_RANGE, 64), "enable: EN_FLAGS of an out of range PARTID is error 1")
    m.write(base + EN_FLAGS, 0xff)
    tap.equal(take_error(m, base), error(PARTID_RANGE, 64), "enable: so is writing them")
    select(m, 0xb160000, 1)
    m.write(0xb160000 + EN, 1)
    tap.ok(m.read(0xb160000 + EN_FLAGS) & 2, "enable: is for request PARTIDs, even if narrowed")


def test_narrowing(m):
    base, name = 0xb160000, "msc@b160000"
    select(m, base, 0)
    tap.equal(m.read(base + IDR, "q") & (NRW | 0xffff), NRW | 40, "narrowing: identified")
    tap.equal(m.read(base + NRW_IDR), 9, "narrowing: internal PARTIDs")
    tap.equal(partid(m, name, 0)["intpartid"], 0, "narrowing: 0 comes up as 0")
    tap.ok(len({p["intpartid"] for p in m.query("query-mpam-partids", msc=name)}) > 4, "narrowing: others as garbage")
    tap.equal(config(m, name, 0, 0)["CPBM0"], 0xff, "narrowing: 0 has no limits")
    select(m, base, 33)
    m.write(base + INTPARTID, INTERNAL | 6)
    tap.equal(m.read(base + INTPARTID), INTERNAL | 6, "narrowing: INTPARTID can be read")
    select(m, base, 34)
    m.write(base + INTPARTID, INTERNAL | 7)
    select(m, base, INTERNAL | 6)
    tap.equal(m.read(base + PART_SEL), INTERNAL | 6, "narrowing: PART_SEL has INTERNAL")
    m.write(base + CPBM, 0x3c)
    tap.equal(m.read(base + CPBM), 0x3c, "narrowing: settings are internal PARTIDs'")
    tap.equal((config(m, name, 0, 33)["CPBM0"], config(m, name, 0, 34)["CPBM0"] != 0x3c), (0x3c, True),
              "narrowing: and requests use them")
    internal = m.query("query-mpam-config", msc=name, ris=0, partid=6, last=7, internal=True)
    requests = m.query("query-mpam-config", msc=name, ris=0, partid=33, last=34)
    tap.equal([{**v, "partid": v["partid"] + 27} for v in internal], requests,
              "narrowing: internal PARTIDs in the ground truth")
    tap.equal([i["intpartids"] for i in m.query("query-mpam-mscs") if i["name"] in (name, "msc@b150000")], [0, 10],
              "narrowing: how many there are in the ground truth")
    tap.equal(take_error(m, base), 0, "narrowing: no errors so far")

    m.read(base + INTPARTID)
    tap.equal(take_error(m, base), error(UNEXPECTED_INTERNAL, 6), "narrowing: INTPARTID of an internal one is error 7")
    m.write(base + INTPARTID, INTERNAL | 1)
    tap.equal(take_error(m, base), error(UNEXPECTED_INTERNAL, 6), "narrowing: so is writing it")
    select(m, base, 33)
    tap.equal(m.read(base + CPBM), 0, "narrowing: a control of a request PARTID is RAZ")
    tap.equal(take_error(m, base), error(INTPARTID_RANGE, 33), "narrowing: and error 6")
    m.write(base + CPBM, 0xff)
    tap.equal(take_error(m, base), error(INTPARTID_RANGE, 33), "narrowing: so is writing it")
    select(m, base, 6)
    tap.equal((m.read(base + CPBM), take_error(m, base)), (0, error(INTPARTID_RANGE, 6)),
              "narrowing: even if an internal one has the same number")
    select(m, base, 33)
    for value in (INTERNAL | 10, 5):
        m.write(base + INTPARTID, value)
        tap.equal((take_error(m, base), m.read(base + INTPARTID)), (error(INTPARTID_RANGE, value & 0xffff), INTERNAL | 6),
                  f"narrowing: INTPARTID {value:#x} is error 6, and not taken")
    select(m, base, INTERNAL | 10)
    tap.equal((take_error(m, base), m.read(base + PART_SEL)), (error(INTPARTID_RANGE, 10), 33),
              "narrowing: an internal PARTID out of range is error 6, and not selected")
    select(m, base, 41)
    tap.equal(take_error(m, base), error(PARTID_RANGE, 41), "narrowing: a request's is error 1")
    tap.equal(config(m, name, 0, 33)["CPBM0"], 0x3c, "narrowing: errors changed nothing")
    base = 0xb170000
    select(m, base, INTERNAL | 12)
    tap.equal((take_error(m, base), m.read(base + PART_SEL)), (0, INTERNAL | 12), "narrowing, late errors: is selected")
    m.write(base + CPBM, 1)
    tap.equal(take_error(m, base), error(INTPARTID_RANGE, 12), "narrowing, late errors: error 6 when used")
    select(m, base, 41)
    m.read(base + INTPARTID)
    tap.equal(take_error(m, base), error(PARTID_RANGE, 41), "narrowing, late errors: error 1 when used")
    select(m, 0xb150000, INTERNAL | 1)
    tap.equal(m.read(0xb150000 + PART_SEL), 1, "narrowing: without, INTERNAL is RAZ/WI")


def effective(m, number):
    values = {v["name"]: v["effective"] for v in m.query("query-mpam-config", msc="msc@b180000", ris=0, partid=number)}
    return values["MBW_MIN"], values["MBW_MAX"], values["CMAX"]


def dance(m, number):
    """Wait for the slices to agree; how often that had to be asked."""
    for tries in range(1, 20):
        if len({m.read(SHADOW + i * 0x10000 + number * 8, "q") for i in range(12)}) == 1:
            return tries
    return None


def test_t241(m):
    base = 0xb180000
    tap.equal(m.read(base + IIDR), 0x2410036b, "T241: IIDR")
    select(m, base, 5)
    before = effective(m, 5)
    m.write(base + MBW_MAX, 0x4000)
    m.write(base + CMAX, 0x8000)
    tap.equal(m.read(base + MBW_MAX), 0x4000, "T241: MBW_MAX reads as written")
    tap.equal(effective(m, 5), (*before[:2], 0x8000), "T241: but is not acted on, as other controls are")
    for spare in SPARES:
        m.write(spare, 0, "q")
    tap.equal(effective(m, 5)[1], before[1], "T241: nor after the spare registers alone")
    tap.ok(dance(m, 5) > 1, "T241: slices take their time to agree")
    tap.equal(effective(m, 5)[1], before[1], "T241: agreement alone is nothing")
    m.write(SPARES[0], 0, "q")
    m.write(SPARES[1], 1, "q")
    tap.equal(effective(m, 5)[1], before[1], "T241: both spare registers must be written, with zero")
    m.write(SPARES[1], 0, "q")
    tap.equal(effective(m, 5)[1], 0x4000, "T241: then it is")
    m.write(base + MBW_MIN, 0x2000)
    dance(m, 5)
    select(m, base, 6)
    m.write(base + MBW_MAX, 0x6000)
    for spare in SPARES:
        m.write(spare, 0, "q")
    tap.equal((effective(m, 5)[0], effective(m, 6)[1] == 0x6000), (0x2000, False), "T241: PARTID by PARTID")
    dance(m, 6)
    for spare in SPARES:
        m.write(spare, 0, "q")
    tap.equal(effective(m, 6)[1], 0x6000, "T241: the next one")


def test(m):
    test_endis(m)
    test_narrowing(m)
    test_t241(m)

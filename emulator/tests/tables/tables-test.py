# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the ACPI tables of platforms. See run.sh."""
import os
import struct
import subprocess
import sys

from qtest import Machine, Tap

CACHE, MEMORY, SMMU, MEMORY_SIDE_CACHE, DEVICE, INTERCONNECT, UNKNOWN = 0, 1, 2, 3, 4, 5, 0xff
VALID, CONTAINER = 1 << 4, 1 << 3
UUID = bytes.fromhex("fe2bd645033b49e694792e0b8b21d1cd")

tap = Tap()


class Tables:
    def __init__(self, platform):
        args = subprocess.run([os.environ["MACHINE"], platform, "acpi"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.split()
        with Machine(args) as m:
            self.blob = m.fw_cfg("etc/acpi/tables")
            self.truth = {i["identifier"]: i for i in m.query("query-mpam-mscs")}

    def table(self, signature):
        at = self.blob.index(signature)
        return self.blob[at:at + struct.unpack_from("<I", self.blob, at + 4)[0]]

    def mscs(self):
        """[(fixed part, [(RIS, locator type, locator, more)], node)]"""
        table, at, found = self.table(b"MPAM"), 36, []
        while at < len(table):
            length, = struct.unpack_from("<H", table, at)
            node = table[at:at + length]
            fixed = dict(zip(("interface", "id", "base", "size", "oflow", "oflags", "oaff", "error", "eflags", "eaff",
                              "nrdy", "hid", "uid", "n"),
                             struct.unpack_from("<BxIQIII4xIII4xII8sII", node, 2)))
            resources = [struct.unpack_from("<BxxB Q I".replace(" ", ""), node, 72 + 24 * i + 4)
                         for i in range(fixed["n"])]
            found.append((fixed, resources, node))
            at += length
        return found

    def domains(self):
        """({domain: bytes of memory}, {domain: processors})"""
        table, at, memory, cpus = self.table(b"SRAT"), 48, {}, {}
        while at < len(table):
            kind, length = struct.unpack_from("<BB", table, at)
            if kind == 1:
                domain, size = struct.unpack_from("<I6xQ", table, at + 2)[0], \
                    struct.unpack_from("<Q", table, at + 16)[0]
                memory[domain] = memory.get(domain, 0) + size
            elif kind == 3:
                domain, uid = struct.unpack_from("<II", table, at + 2)
                cpus.setdefault(domain, set()).add(uid)
            at += length
        return memory, cpus

    def hmat(self):
        """[(type, structure)]"""
        table, at, found = self.table(b"HMAT"), 40, []
        while at < len(table):
            kind, length = struct.unpack_from("<HxxI", table, at)
            found.append((kind, table[at:at + length]))
            at += length
        return found


def locators(mscs):
    return [(fixed["id"], *r) for fixed, resources, _ in mscs for r in resources]


def test_domains():
    t = Tables("twosocket")
    memory, cpus = t.domains()
    tap.equal(cpus, {0: {0, 1, 2, 3}, 1: {4, 5, 6, 7}}, "twosocket: SRAT has the CPUs' domains")
    tap.ok(memory[1] == 512 << 20 and memory[0] >= 512 << 20, "twosocket: and half of the memory in each")
    got = [(ident, kind, where) for ident, _, kind, where, _ in locators(t.mscs()) if kind == MEMORY]
    tap.equal(got, [(5, MEMORY, 0), (6, MEMORY, 0), (7, MEMORY, 1), (8, MEMORY, 1)],
              "twosocket: two channels in each domain")
    t = Tables("expander")
    memory, cpus = t.domains()
    tap.equal((set(memory), set(cpus)), ({0, 1}, {0}), "expander: a domain without CPUs")
    bandwidths = [struct.unpack_from("<Q", s, 24)[0] * 1 for k, s in t.hmat() if k == 1 and s[9] == 3]
    tap.equal(len(bandwidths), 1, "expander: HMAT has access bandwidths")
    structure = next(s for k, s in t.hmat() if k == 1 and s[9] == 3)
    initiators, targets = struct.unpack_from("<II", structure, 12)
    base, = struct.unpack_from("<Q", structure, 24)
    entries = struct.unpack_from(f"<{targets}H", structure, 32 + 4 * (initiators + targets))
    tap.equal([e * base for e in entries], [16384, 4096], "expander: those of the platform, in MB/s")


def test_memory_side_cache():
    t = Tables("memcache")
    tap.equal(locators(t.mscs())[1:], [(2, 0, MEMORY_SIDE_CACHE, 1 << 56, 0), (2, 1, MEMORY, 0, 0)],
              "memcache: the level is the last byte of the locator's first part")
    caches = [struct.unpack_from("<IxxxxQI", s, 8) for k, s in t.hmat() if k == 2]
    tap.equal([(d, size, a & 0xf, a >> 4 & 0xf) for d, size, a in caches], [(0, 64 << 20, 1, 1)],
              "memcache: HMAT has that cache, of its domain, of one level")


def test_others():
    t = Tables("soc")
    mscs = t.mscs()
    iort = t.table(b"IORT")
    at, smmus = struct.unpack_from("<I", iort, 40)[0], []
    while at < len(iort):
        kind, length, _, ident = struct.unpack_from("<BHBI", iort, at)
        if kind == 4:
            smmus.append(ident)
        at += length
    got = locators(mscs)[1:]
    tap.equal(got[0], (2, 0, SMMU, smmus[0], 0), "soc: the SMMU is that of IORT")
    tap.equal(got[2], (3, 1, DEVICE, int.from_bytes(b"LNRO0005", "little"), 3), "soc: a device by HID and UID")
    offset, node = got[1][3], mscs[2][2]
    tap.equal(got[1][:3], (3, 0, INTERCONNECT), "soc: links")
    tap.equal(offset, 72 + 2 * 24, "soc: their table follows the resources")
    tap.equal(node[offset:], UUID + struct.pack("<I", 2) + struct.pack("<IIB3x", 0, 1, 0) +
              struct.pack("<IIB3x", 1, 0, 0), "soc: and has both directions")
    tap.equal([k["kind"] for i in (2, 3) for k in t.truth[i]["ris"]], ["smmu", "interconnect", "device"],
              "soc: the hardware agrees")
    tap.equal(t.blob.count(b"ARMHAA5C"), 3, "soc: namespace devices")


def test_interrupts():
    mscs = [fixed for fixed, _, _ in Tables("ppi").mscs()]
    tap.equal([(f["error"], f["eflags"], f["eaff"]) for f in mscs],
              [(17, VALID, 0), (17, VALID, 1), (17, VALID, 2), (17, VALID, 3), (232, 0, 0)],
              "ppi: each CPU's own private interrupt, and a shared one")
    tap.equal([f["hid"] for f in mscs], [b"ACPI0010"] * 4 + [bytes(8)], "ppi: linked to containers")


def test_pcc():
    t = Tables("pcc")
    fixed = [f for f, _, _ in t.mscs()]
    tap.equal([(f["interface"], f["base"], f["size"]) for f in fixed], [(0, 0xb000000, 0x10000), (0xa, 0, 0)],
              "pcc: a subspace instead of registers")


def test_large():
    t = Tables("server128")
    mscs = t.mscs()
    tap.equal((len(mscs), {f["n"] for f, _, _ in mscs}), (64, {4}), "server128: 64 MSCs of 4 RIS")
    tap.equal(sorted(len(c) for c in t.domains()[1].values()), [64, 64], "server128: 128 CPUs in two domains")
    t = Tables("grace")
    tap.equal({f["base"] >> 44 & 3 for f, _, _ in t.mscs()}, {0, 3}, "grace: chips are in bits 45:44")


for test in (test_domains, test_memory_side_cache, test_others, test_interrupts, test_pcc, test_large):
    test()
sys.exit(tap.end())

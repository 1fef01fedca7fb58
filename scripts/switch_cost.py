#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Counts the instructions that MPAM adds to a task switch, in a built kernel.

Follows every way through the code behind the static key in __switch_to(), with
each alternative as it is and as it is patched, and holds the longest to the
limits below. Says nothing if all is well, unless asked to by -v.
"""

import argparse
import struct
import sys

KEY, FUNCTION = "mpam_enabled", "__switch_to"
MAX_UNCHANGED, MAX_CHANGED = 8, 18

NOP, ISB = 0xd503201f, 0xd5033fdf
# MSR <register>, Xt: op0 to op2 in bits 20 to 5
LABEL_REGISTERS = {0xd518a520: "MPAM0_EL1", 0xd518a500: "MPAM1_EL1", 0xd518a560: "MPAMSM_EL1"}


class CostError(Exception):
    """The code is not what it should be."""


class Image:
    """The parts of an ELF file that are needed here."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.data = f.read()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise CostError(f"{path} is no 64-bit little-endian ELF file")
        shoff, = struct.unpack_from("<Q", self.data, 40)
        size, num, names = struct.unpack_from("<HHH", self.data, 58)
        heads = [struct.unpack_from("<IIQQQQIIQQ", self.data, shoff + i * size)
                 for i in range(num)]
        strings = heads[names][4]
        self.sections = {self._string(strings + h[0]): h for h in heads}
        self.loaded = [h for h in heads if h[2] & 2 and h[1] != 8]   # allocated, not empty
        self.symbols = self._symbols()

    def _string(self, at):
        return self.data[at:self.data.index(b"\0", at)].decode()

    def _symbols(self):
        table, strings = self.sections[".symtab"], self.sections[".strtab"][4]
        symbols = {}
        for at in range(table[4], table[4] + table[5], 24):
            name, _info, _other, _shndx, value, size = struct.unpack_from("<IBBHQQ", self.data, at)
            symbols[self._string(strings + name)] = (value, size)
        return symbols

    def at(self, form, addr):
        """What is at a virtual address."""
        for h in self.loaded:
            if h[3] <= addr < h[3] + h[5]:
                return struct.unpack_from("<" + form, self.data, h[4] + addr - h[3])
        raise CostError(f"{addr:#x} is in no section")

    def insn(self, addr):
        return self.at("I", addr)[0]


def key_sites(image):
    """(address of the NOP, address of the code behind it) for each use of the key in the
    function."""
    start, size = image.symbols[FUNCTION]
    key, _ = image.symbols[KEY]
    table, end = image.symbols["__start___jump_table"][0], image.symbols["__stop___jump_table"][0]
    for entry in range(table, end, 16):
        code, target, offset = image.at("iiq", entry)
        if (entry + 8 + offset & ~3) == key and start <= entry + code < start + size:
            yield entry + code, entry + 4 + target


def alternatives(image):
    """Address of an instruction -> addresses of what it may be replaced with."""
    table, end = image.symbols["__alt_instructions"][0], image.symbols["__alt_instructions_end"][0]
    found = {}
    for entry in range(table, end, 12):
        orig, alt, _cap, orig_len, alt_len = image.at("iiHBB", entry)
        for n in range(0, min(orig_len, alt_len), 4):
            found.setdefault(entry + orig + n, []).append(entry + 4 + alt + n)
    return found


def signed(value, bits):
    return (value ^ 1 << bits - 1) - (1 << bits - 1)


def successors(insn, addr):
    """(offsets from addr at which it can go on, None for the next instruction)"""
    if insn >> 26 == 0b000101:                                  # B
        return [signed(insn & 0x3ffffff, 26) * 4]
    if insn >> 24 == 0b01010100 or insn >> 25 & 0x3f == 0b011010:   # B.cond, CBZ, CBNZ
        return [None, signed(insn >> 5 & 0x7ffff, 19) * 4]
    if insn >> 25 & 0x3f == 0b011011:                           # TBZ, TBNZ
        return [None, signed(insn >> 5 & 0x3fff, 14) * 4]
    if insn >> 26 == 0b100101 or insn >> 25 == 0b1101011:       # BL, BR, RET, ERET
        raise CostError(f"a call or return at {addr:#x}")
    return [None]


def ways(image, start, end):
    """Every sequence of instructions that leads from one address to the other."""
    alts = alternatives(image)
    todo, done = [(start, ())], set()
    while todo:
        pc, way = todo.pop()
        if pc == end:
            done.add(way)
            continue
        if len(way) > 100:
            raise CostError(f"no way back from {start:#x}")
        for place in [pc, *alts.get(pc, ())]:
            insn = image.insn(place)
            for offset in successors(insn, place):
                todo.append((pc + 4 if offset is None else place + offset, way + (insn,)))
    return done


def system_accesses(way):
    """Every MSR and MRS of a register, without its general register."""
    return [insn & ~0x1f for insn in way if insn >> 20 in (0xd51, 0xd53)]


def judge(image):
    """{what: instructions}, or raises CostError."""
    sites = list(key_sites(image))
    if len(sites) != 1:
        raise CostError(f"{FUNCTION} uses {KEY} {len(sites)} times, not once")
    (site, target), = sites
    if image.insn(site) != NOP:
        raise CostError(f"{site:#x} is no NOP: the key costs something when it is off")

    costs = {"unchanged": 0, "changed": 0, "changed, with SME": 0}
    for way in ways(image, target, site + 4):
        accesses = system_accesses(way)
        if not accesses:
            if ISB in way:
                raise CostError("an ISB without a write")
            kind, limit = "unchanged", MAX_UNCHANGED
        else:
            written = sorted(LABEL_REGISTERS.get(a, hex(a)) for a in accesses)
            if written not in (["MPAM0_EL1", "MPAM1_EL1"],
                               ["MPAM0_EL1", "MPAM1_EL1", "MPAMSM_EL1"]):
                raise CostError(f"a change of the label accesses {written}")
            if way.count(ISB) != 1:
                raise CostError(f"a change of the label takes {way.count(ISB)} ISBs")
            kind = "changed, with SME" if len(written) == 3 else "changed"
            limit = MAX_CHANGED
        if len(way) > limit:
            raise CostError(f"label {kind}: {len(way)} instructions, at most {limit} are allowed")
        costs[kind] = max(costs[kind], len(way))
    for kind, n in costs.items():
        if not n:
            raise CostError(f"no way through the code is 'label {kind}'")
    return costs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("vmlinux")
    args = parser.parse_args()
    try:
        costs = judge(Image(args.vmlinux))
    except (CostError, KeyError, OSError) as e:
        sys.exit(f"{args.vmlinux}: {e}")
    if args.verbose:
        for kind, n in costs.items():
            print(f"label {kind}: {n} instructions")


if __name__ == "__main__":
    main()

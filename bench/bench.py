#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measures what MPAM costs: one table of operations, for machines of growing size.

Boots each machine with an instruction counter for a clock, so that a nanosecond
of the guest is an instruction, has it run mpam_bench, and adds what a task
switch takes. Fails if an operation takes more than it is allowed to.
"""

import argparse
import json
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

import switch_cost          # noqa: E402
from guest import vm        # noqa: E402

PLATFORMS = ("l3", "l3x2", "crowd", "twosocket", "server64")
# Alike but for their size, smallest first. What a setting more takes must not grow with it.
GROWTH = ("bench/small", "bench/medium", "bench/large")
SLACK = 1.25
RESULT = re.compile(r"# bench (.*): (\d+) (\d+) (\d+) (\d+)$")


class Machine(vm.Guest):
    """One boot, with its results and what the machine has."""

    def __init__(self, platform, firmware, programs, timeout):
        super().__init__(platform, firmware, cmdline="initcall_debug quiet log_buf_len=1M",
                         commands=programs, timeout=timeout,
                         log=os.path.join(vm.BUILD, "log", f"bench-{os.path.basename(platform)}.log"),
                         qemu=["-icount", "shift=0,sleep=off"])
        self.size = {}

    def _next(self):
        if not self.size:
            mscs = self.oracle.qmp.call("query-mpam-mscs")
            cpus = self.oracle.qmp.call("query-mpam-cpus")
            self.size = {"CPUs": len(cpus), "MSCs": len(mscs),
                         "RIS": sum(len(m["ris"]) for m in mscs),
                         "PARTIDs": int(self.oracle.do_partids("L3", "MB").split()[0]) + 1}
            self.size["settings"] = self.size["RIS"] * self.size["PARTIDs"]
        super()._next()

    def results(self):
        rows = {}
        for line in self.output:
            m = RESULT.search(line)
            if m:
                reads, writes, calls, ns = map(int, m.groups()[1:])
                rows[m[1]] = {"reads": reads, "writes": writes, "cross-calls": calls,
                              "instructions": ns}
        return rows


def run(platform, firmware, programs, timeout):
    machine = Machine(platform, firmware, programs, timeout)
    try:
        machine.run()
    except vm.GuestError as e:
        sys.exit(f"error: {platform}: {e}")
    for problem in machine.problems:
        print(f"FAILED: {platform}: {problem}; the log is {machine.log_name}", file=sys.stderr)
    return machine


def show(table, sizes):
    names = list(table)
    operations = []
    for rows in table.values():
        operations += [op for op in rows if op not in operations]
    width = max(map(len, operations))
    print(" " * width + "".join(f" | {name:^34}" for name in names))
    print(" " * width + "".join(
        f" | {'{CPUs} CPUs, {MSCs} MSCs, {RIS} RIS'.format(**sizes[name]):^34}" for name in names))
    print(" " * width + f" | {'reads':>6} {'writes':>7} {'calls':>6} {'instr':>12}" * len(names))
    for op in operations:
        line = f"{op:{width}}"
        for name in names:
            row = table[name].get(op)
            line += (" | {reads:6} {writes:7} {cross-calls:6} {instructions:12}".format(**row)
                     if row else " | " + "-".rjust(34))
        print(line)


def growth(table, sizes, names):
    """Shows the enable time of machines that differ in size alone. Returns what is wrong."""
    print("\nenable time, from the driver's start to its line in the log; a setting is a RIS's "
          "for a PARTID")
    slopes = []
    for i, name in enumerate(names):
        row, size = table[name]["enable"], sizes[name]
        accesses = row["reads"] + row["writes"]
        line = (f"  {size['MSCs']:3} MSCs, {size['RIS']:4} RIS x {size['PARTIDs']:4} PARTIDs = "
                f"{size['settings']:6} settings: {row['instructions']:10} instructions, "
                f"{accesses:6} accesses, {accesses / size['settings']:.2f} per setting")
        if i:
            before, smaller = table[names[i - 1]]["enable"], sizes[names[i - 1]]
            slopes.append((row["instructions"] - before["instructions"]) /
                          (size["settings"] - smaller["settings"]))
            line += f"; each setting more takes {slopes[-1]:.0f} instructions"
        print(line)
    return [f"enable time grows faster than the machine: from {a:.0f} to {b:.0f} instructions "
            "for a setting" for a, b in zip(slopes, slopes[1:]) if b > a * SLACK]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", help="file for the same as JSON")
    parser.add_argument("--firmware", default="dt", choices=("acpi", "dt"))
    parser.add_argument("--timeout", type=int, default=900)
    parser.add_argument("--no-growth", action="store_true", help="leave the enable time out")
    parser.add_argument("platforms", nargs="*", default=PLATFORMS)
    args = parser.parse_args()

    problems = []
    table, sizes = {}, {}
    for platform in args.platforms:
        print(f"  {platform} ...", file=sys.stderr, flush=True)
        machine = run(platform, args.firmware, ["mpam_bench"], args.timeout)
        table[platform], sizes[platform] = machine.results(), machine.size
        problems += machine.problems
    show(table, sizes)

    try:
        switch = switch_cost.judge(switch_cost.Image(
            os.path.join(vm.BUILD, "linux-plain", "vmlinux")))
    except switch_cost.CostError as e:
        switch = {}
        problems.append(f"task switch: {e}")
        print(f"FAILED: task switch: {e}", file=sys.stderr)
    print("\ninstructions of a task switch that are MPAM's, beyond the NOP of its static key")
    for kind, n in switch.items():
        print(f"  label {kind}: {n}")

    bad = []
    if not args.no_growth:
        for platform in GROWTH:
            print(f"  {platform} ...", file=sys.stderr, flush=True)
            machine = run(platform, args.firmware, ["mpam_bench enable"], args.timeout)
            table[platform], sizes[platform] = machine.results(), machine.size
            problems += machine.problems
        bad = growth(table, sizes, GROWTH)
    for problem in bad:
        print(f"FAILED: {problem}", file=sys.stderr)

    if args.json:
        with open(args.json, "w", encoding="ascii") as f:
            json.dump({"machines": sizes, "operations": table, "task switch": switch,
                       "problems": problems + bad}, f, indent=1)
            f.write("\n")
    sys.exit(1 if problems or bad else 0)


if __name__ == "__main__":
    main()

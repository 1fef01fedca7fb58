#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measures what MPAM costs: one table of operations, for machines of three sizes.

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

PLATFORMS = ("l3", "l3x2", "server64")
# From the smallest of the machines for the enable time to the largest, time per register that
# has to be written may only fall.
SLACK = 1.25
RESULT = re.compile(r"# bench (.*): (\d+) (\d+) (\d+) (\d+)$")
ENABLED = re.compile(r"MPAM enabled with (\d+) PARTIDs and (\d+) PMGs")


class Machine(vm.Guest):
    """One boot, with its results and what the machine has."""

    def __init__(self, platform, firmware, programs, timeout):
        super().__init__(platform, firmware, cmdline="initcall_debug quiet log_buf_len=1M",
                         commands=programs, timeout=timeout,
                         log=os.path.join(vm.BUILD, "log", f"bench-{platform}.log"),
                         qemu=["-icount", "shift=0,sleep=off"])
        self.size = {}

    def _next(self):
        if not self.size:
            mscs = self.oracle.qmp.call("query-mpam-mscs")
            cpus = self.oracle.qmp.call("query-mpam-cpus")
            self.size = {"CPUs": len(cpus), "MSCs": len(mscs),
                         "RIS": sum(len(m["ris"]) for m in mscs),
                         "PARTIDs": min(r["partid-max"] for m in mscs for r in m["ris"]) + 1}
            # A row of the table for each RIS and PARTID
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
    """Enable time on machines that differ in size alone. Returns what is wrong with it."""
    rates = []
    print("\nenable time, from the driver's start to its line in the log")
    for name in names:
        row, size = table[name]["enable"], sizes[name]
        rates.append(row["instructions"] / size["settings"])
        print(f"  {name:12} {size['MSCs']:3} MSCs, {size['RIS']:4} RIS x {size['PARTIDs']:4} PARTIDs = "
              f"{size['settings']:6} settings: {row['instructions'] / 1e6:9.2f} ms at 1 ns each, "
              f"{rates[-1]:7.0f} instructions and "
              f"{(row['reads'] + row['writes']) / size['settings']:.2f} accesses per setting")
    return [f"enable time grows faster than the machine: {a:.0f} to {b:.0f} per setting"
            for a, b in zip(rates, rates[1:]) if b > a * SLACK]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", help="file for the same as JSON")
    parser.add_argument("--firmware", default="dt", choices=("acpi", "dt"))
    parser.add_argument("--timeout", type=int, default=900)
    parser.add_argument("--growth", nargs="*", default=[], help="platforms for the enable time")
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

    for platform in args.growth:
        if platform not in table:
            print(f"  {platform} ...", file=sys.stderr, flush=True)
            machine = run(platform, args.firmware, ["mpam_bench enable"], args.timeout)
            table[platform], sizes[platform] = machine.results(), machine.size
            problems += machine.problems
    bad = growth(table, sizes, args.growth or list(args.platforms))
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

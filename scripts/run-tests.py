#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the scenarios of selftests/scenarios.toml, two guests at a time.

A scenario is one boot: a platform, a firmware, a kernel, a command line, the
programs to run and what the kernel's log must say about MPAM. The last line
is the sum over all of them.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import sys
import threading
import tomllib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from guest import vm     # noqa: E402

# Kernel messages that name MPAM, or are resctrl's, but no news: those of resctrl are what
# it says of mount options that tests try out
NOT_OURS = re.compile(r"ommand line:|ACPI: MPAM|CPU features: detected:|no longer affine| Comm: |"
                      r"resctrl: Unknown parameter 'nonsense'|resctrl: mba_MBps requires MBM ")
MPAM = re.compile(r"mpam|\bresctrl: ", re.I)
FIRMWARES = ["acpi", "dt"]
# More boots than this of one scenario are a mistake
MAX_SWEEP = 500
PLATFORMS = pathlib.Path(vm.TOP, "platforms")


class Scenario:
    def __init__(self, table, deep, platform, firmware, kernel):
        self.platform, self.firmware, self.kernel = platform, firmware, kernel
        self.cmdline = table.get("cmdline", "")
        self.run = table["deep-run"] if deep and "deep-run" in table else table["run"]
        self.last = table.get("last", [])
        self.log = table.get("log", ["MPAM enabled with"])
        self.timeout = table.get("timeout", 180) * (4 if kernel == "debug" else 1)
        self.hidden = table.get("hidden", [])
        self.ignore = re.compile(table.get("ignore", r"(?!)"))
        self.weight = table.get("weight", 1)
        self.el2 = table.get("el2", False)
        self.kexec = table.get("kexec", False)
        self.sweep = table.get("sweep")
        self.name = f"{table['name']} {platform} {firmware} {kernel}"

    def log_file(self, n):
        name = self.name + (f" {n}" if self.sweep else "")
        return os.path.join(vm.BUILD, "log", "test-" + re.sub(r"[^\w]+", "-", name) + ".log")


class Outcome:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.details = []
        self.seconds = 0.0

    def fail(self, what):
        self.failed += 1
        self.details.append(what)


def load(path, only, deep):
    with open(path, "rb") as f:
        data = tomllib.load(f)
    scenarios = []
    for table in data["scenario"]:
        if table.get("deep") and not deep:
            continue
        for platform in table["platforms"]:
            for firmware in table.get("firmware", FIRMWARES):
                for kernel in table.get("kernels", ["plain", "debug"]):
                    where = f"{platform} {firmware}"
                    if not deep and where not in (table.get("debug", []) if kernel == "debug"
                                                  else table.get("quick", [where])):
                        continue
                    s = Scenario(table, deep, platform, firmware, kernel)
                    if re.search(only, s.name):
                        scenarios.append(s)
    return scenarios


def unbooted(path):
    """What no scenario boots, of all machines and firmwares that there are."""
    with open(path, "rb") as f:
        tables = tomllib.load(f)["scenario"]
    booted = {(platform, firmware) for table in tables for platform in table["platforms"]
              for firmware in table.get("firmware", FIRMWARES)}
    there = {(file.relative_to(PLATFORMS).with_suffix("").as_posix(), firmware)
             for file in PLATFORMS.rglob("*.dts") for firmware in FIRMWARES}
    return ([f"no scenario boots {p} with {f}" for p, f in sorted(there - booted)] +
            [f"a scenario boots {p} with {f}, which is not there" for p, f in sorted(booted - there)])


def check_log(guest, scenario, outcome):
    """Exactly the lines that the scenario expects about MPAM and resctrl, in any order."""
    lines = [line for line in guest.kernel_lines(MPAM)
             if not NOT_OURS.search(line) and not scenario.ignore.search(line)]
    for pattern in scenario.log:
        hits = [line for line in lines if re.search(pattern, line)]
        if len(hits) == 1:
            lines.remove(hits[0])
        else:
            outcome.fail(f"kernel log: {len(hits)} lines match '{pattern}'")
    for line in lines:
        outcome.fail(f"kernel log: unexpected: {line}")
    if not outcome.failed:
        outcome.passed += 1


def boot(scenario, outcome, n=1):
    """One guest, with {n} put into what it runs; returns what its programs have said."""
    cmdline, failed = scenario.cmdline, outcome.failed
    run = [command.replace("{n}", str(n)) for command in scenario.run]
    if scenario.kernel == "debug":
        run.append("leaks")
    run += scenario.last
    guest = vm.Guest(scenario.platform, scenario.firmware, scenario.kernel, cmdline, run,
                     log=scenario.log_file(n), timeout=scenario.timeout, hidden=scenario.hidden,
                     el2=scenario.el2, kexec=scenario.kexec)
    try:
        guest.run()
    except vm.GuestError as e:
        outcome.fail(str(e))
        return []
    outcome.seconds += guest.seconds
    for tap in guest.taps:
        outcome.passed += len(tap.passed)
        outcome.skipped += len(tap.skipped)
        outcome.details += [f"skipped: {tap.name}: {what}" for what in tap.skipped]
    for problem in guest.problems:
        outcome.fail(problem)
    check_log(guest, scenario, outcome)
    if outcome.failed > failed:
        outcome.details.append(f"the log is {guest.log_name}; it ends with\n{guest.tail(5)}")
    return guest.output


def execute(scenario):
    outcome = Outcome()
    if not scenario.sweep:
        boot(scenario, outcome)
        return outcome
    for n in range(1, MAX_SWEEP):
        output = boot(scenario, outcome, n)
        if any(scenario.sweep in line for line in output):
            outcome.details.append(f"tried 1 to {n}, which is one more than there are")
            return outcome
        if outcome.failed >= 10:
            break
    outcome.fail(f"there was no end at {n}")
    return outcome


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names to run, a regular expression")
    parser.add_argument("--platform", default="")
    parser.add_argument("--deep", action="store_true",
                        help="run every scenario on the debug kernel, too")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--summary", help="file to append the three numbers to")
    parser.add_argument("--unbooted", action="store_true",
                        help="boot nothing: list the machines that no scenario boots")
    parser.add_argument("scenarios", nargs="?",
                        default=os.path.join(vm.TOP, "selftests", "scenarios.toml"))
    args = parser.parse_args()

    if args.unbooted:
        for line in unbooted(args.scenarios):
            print(line)
        return
    scenarios = load(args.scenarios, args.only, args.deep)
    if args.platform:
        scenarios = [s for s in scenarios if s.platform == args.platform]
    if not scenarios:
        sys.exit("error: no scenario has that name")
    # The long ones first, so that the two lanes end together
    scenarios.sort(key=lambda s: (-s.weight, s.kernel))

    total = Outcome()
    done, lock = 0, threading.Lock()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        futures = {pool.submit(execute, s): s for s in scenarios}
        for future in concurrent.futures.as_completed(futures):
            scenario, outcome = futures[future], future.result()
            with lock:
                done += 1
                total.passed += outcome.passed
                total.failed += outcome.failed
                total.skipped += outcome.skipped
                verdict = "FAIL" if outcome.failed else "ok"
                print(f"  {verdict:4} [{done}/{len(scenarios)}] {scenario.name}: "
                      f"{outcome.passed} passed, {outcome.failed} failed, "
                      f"{outcome.skipped} skipped ({outcome.seconds:.0f} s)", flush=True)
                for detail in outcome.details:
                    print("       " + detail.replace("\n", "\n       "), flush=True)
    if args.summary:
        with open(args.summary, "a", encoding="ascii") as f:
            print(total.passed, total.failed, total.skipped, file=f)
    print(f"selftest: {total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    sys.exit(1 if total.failed else 0)


if __name__ == "__main__":
    main()

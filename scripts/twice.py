#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Boots machines twice with an instruction counter for a clock, and with the traffic of
their CPUs: kernel, driver, ground truth and counts must do the same both times.

Nobody talks to the guest, as whoever does is never twice the same.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from guest import splat, vm             # noqa: E402
from guest.oracle import Oracle         # noqa: E402
from guest.qmp import Qmp               # noqa: E402

FIXED = ["-icount", "shift=4,sleep=off", "-seed", "1", "-rtc", "base=2025-01-01,clock=vm",
         "-nodefaults", "-display", "none", "-no-reboot", "-no-shutdown", "-S"]
BUSY = 100 << 20        # Bytes that a task surely moves in the time that it has


def run(platform, firmware, log, timeout):
    """What is the same in each run: the console, and what QEMU knows at power-off."""
    with tempfile.TemporaryDirectory(prefix="mpam-") as tmp, \
         socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.join(tmp, "qmp"))
        server.listen(1)
        server.settimeout(30)
        args = [vm.QEMU, *vm.machine_args(platform, firmware),
                *vm.kernel_args("plain", "rdinit=/bin/workload"), *FIXED,
                "-chardev", f"socket,id=qmp,path={tmp}/qmp", "-mon", "chardev=qmp,mode=control",
                "-serial", f"file:{log}"]
        with subprocess.Popen(args, preexec_fn=vm.die_with_parent) as process:
            try:
                sock = server.accept()[0]
                sock.settimeout(60)
                return follow(Qmp(sock), log, time.monotonic() + timeout)
            finally:
                process.kill()


def follow(qmp, log, end):
    qmp.call("qom-set", path="/machine/mpam-traffic", property="enabled", value=True)
    qmp.call("cont")
    while qmp.call("query-status")["status"] != "shutdown":
        if time.monotonic() > end:
            sys.exit(f"error: the guest does not end; its console is {log}")
        time.sleep(0.1)
    mscs = qmp.call("query-mpam-mscs")
    truth = {"CPUs": qmp.call("query-mpam-cpus"), "MSCs": mscs,
             "violations": Oracle(qmp).violations()}
    for command in ("query-mpam-traffic", "query-mpam-monitors"):
        truth[command] = [qmp.call(command, msc=m["name"]) for m in mscs]
    with open(log, encoding="utf-8", errors="replace") as f:
        truth["console"] = f.read().splitlines()
    return truth


def faults(first, second):
    """What is wrong with a first run, and with a second that should be like it."""
    if not any("mbm_total_bytes:" in line for line in first["console"]):
        yield "nothing was counted"
    for partid in (1, 2):
        if not any(t["partid"] == partid and t["read-bytes"] > BUSY
                   for m in first["query-mpam-traffic"] for t in m):
            yield f"the group with PARTID {partid} had hardly any traffic"
    yield from splat.find(first["console"])
    yield from first["violations"]
    for what in first:
        if first[what] != second[what]:
            yield f"{what} differ"
            pairs = zip(first[what], second[what])
            yield from next(([f"  {a}"[:160], f"  {b}"[:160]] for a, b in pairs if a != b), [])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firmware", choices=("acpi", "dt"), default="dt")
    parser.add_argument("--timeout", type=int, default=300)
    parser.add_argument("platforms", nargs="*", default=["l3", "l3x2"])
    args = parser.parse_args()

    failed = 0
    for platform in args.platforms:
        log = os.path.join(vm.BUILD, "log", f"twice-{platform}-{{}}.log")
        bad = list(faults(*(run(platform, args.firmware, log.format(n), args.timeout)
                            for n in (1, 2))))
        failed += bool(bad)
        print(f"  {'FAIL' if bad else 'ok  '} {platform} {args.firmware}: two runs are the same")
        for line in bad:
            print("       " + line)
    print(f"twice: {len(args.platforms) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

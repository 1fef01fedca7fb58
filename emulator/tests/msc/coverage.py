# SPDX-License-Identifier: GPL-2.0-only
"""Compares what registers there are, on the platforms that standard input
names, with what accesses the tests left in $MPAM_COVERAGE. See emulator/coverage."""
import json
import os
import subprocess
import sys

from qtest import Machine


def sheet():
    """[(offset, end, access, name, why no platform has it)]"""
    rows = []
    with open(os.path.join(os.path.dirname(__file__), "registers.txt"), encoding="ascii") as f:
        for line in f:
            if not line.startswith("#"):
                offset, words, access, name, *reason = line.split(maxsplit=4)
                offset = int(offset, 16)
                rows.append((offset, offset + 4 * int(words), access, name, "".join(reason).strip("[]\n")))
    return rows


def owners(platforms):
    """{offset: platforms that have a register there}"""
    have = {}
    for name in platforms:
        args = subprocess.run([os.environ["MACHINE"], name, "dt"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.split()
        with Machine(args, stderr=subprocess.DEVNULL) as m:
            for msc in m.query("query-mpam-mscs"):
                for register in m.query("query-mpam-registers", msc=msc["name"]):
                    have.setdefault(register["offset"], set()).add(name)
    return have


def touched():
    """{offset: [read, written]} over all tests."""
    done = {}
    with open(os.environ["MPAM_COVERAGE"], encoding="ascii") as f:
        for line in f:
            for offset, reads, writes in json.loads(line):
                entry = done.setdefault(offset, [False, False])
                entry[0] |= reads > 0
                entry[1] |= writes > 0
    return done


def main():
    have, done, missing, rows = owners(sys.stdin.read().split()), touched(), 0, sheet()
    for offset, end, access, name, reason in rows:
        read = any(v[0] for at, v in done.items() if offset <= at < end)
        written = any(v[1] for at, v in done.items() if offset <= at < end)
        if offset not in have:
            print(f"{name} at {offset:#x}: no platform has it" + (f": {reason}" if reason else ""))
            missing += not reason
        elif not read and "R" in access:
            print(f"{name} at {offset:#x}: nothing reads it, but {', '.join(sorted(have[offset]))} have it")
            missing += 1
        elif not written and "W" in access:
            print(f"{name} at {offset:#x}: nothing writes it, but {', '.join(sorted(have[offset]))} have it")
            missing += 1
    unknown = sorted(set(have) - {r[0] for r in rows})
    if unknown:
        print("not in registers.txt: " + ", ".join(f"{o:#x}" for o in unknown))
    print(f"coverage: {len(rows)} registers, {missing} unexplained")
    return 1 if missing or unknown else 0


sys.exit(main())

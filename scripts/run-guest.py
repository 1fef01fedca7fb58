#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Boots the guest once: for its demonstration, a shell, or some commands."""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from guest import vm     # noqa: E402


def shell(args):
    """QEMU in the foreground, the console on this terminal."""
    command = [vm.QEMU, *vm.machine_args(args.platform, args.firmware, args.el2),
               *vm.kernel_args(args.kernel, args.append),
               "-nodefaults", "-nographic", "-no-reboot", "-serial", "mon:stdio"]
    print("Ctrl-A X ends QEMU.", flush=True)
    os.execvp(command[0], command)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", default="l3")
    parser.add_argument("--firmware", default="acpi", choices=("acpi", "dt"))
    parser.add_argument("--kernel", default="plain", choices=("plain", "debug"))
    parser.add_argument("--el2", action="store_true", help="with virtualisation extensions")
    parser.add_argument("--append", default="", help="more for the kernel's command line")
    parser.add_argument("--log", help="where the log goes")
    parser.add_argument("--timeout", type=int, default=300)
    parser.add_argument("--shell", action="store_true")
    parser.add_argument("--tap", action="store_true", help="the commands speak TAP")
    parser.add_argument("commands", nargs="*", default=["demo"])
    args = parser.parse_args()

    if args.shell:
        shell(args)
    guest = vm.Guest(args.platform, args.firmware, args.kernel, args.append,
                     args.commands, log=args.log, timeout=args.timeout, tap=args.tap,
                     el2=args.el2,
                     echo=lambda line: print(line, flush=True))
    try:
        guest.run()
    except vm.GuestError as e:
        sys.exit(f"error: {e}")
    for problem in guest.problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    if guest.problems:
        sys.exit(f"the guest's log is {guest.log_name}")
    print(f"\n   ok: no violations, no kernel complaints; {guest.seconds:.0f} s")


if __name__ == "__main__":
    main()

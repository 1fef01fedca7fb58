# SPDX-License-Identifier: GPL-2.0-only
"""Finds what a healthy kernel never prints."""

import re

SPLAT = re.compile(
    r"BUG:|WARNING:|WARNING at|kernel BUG at|Oops|Kernel panic|Call trace:|"
    r"possible recursive locking|circular locking|inconsistent lock state|"
    r"suspicious RCU usage|sleeping function called|scheduling while atomic|"
    r"rcu: INFO:|rcu_preempt detected|self-detected stall|soft lockup|hung_task|"
    r"blocked for more than|UBSAN:|KASAN:|ODEBUG:|unreferenced object|"
    r"list_add corruption|list_del corruption|Unable to handle|Internal error|"
    r"SError|Unhandled fault|bad: scheduling|workqueue lockup|refcount_t:")


# A crash that a test has asked for, what that says, and the start of the next kernel
ASKED_FOR = re.compile(r"sysrq: Trigger a crash")
ITS_WORDS = (r"Kernel panic - not syncing: sysrq triggered crash$", r"Call trace:$")
NEXT_KERNEL = re.compile(r"\bBye!$")


def find(lines):
    """The lines that tell of a kernel in trouble."""
    found, forgiven = [], []
    for line in lines:
        if ASKED_FOR.search(line):
            forgiven = list(ITS_WORDS)
        elif NEXT_KERNEL.search(line):
            forgiven = []
        elif SPLAT.search(line):
            # Each once, in this order, and nothing between them
            if forgiven and re.search(forgiven[0], line):
                forgiven.pop(0)
            else:
                found.append(line)
                forgiven = []
    return found

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


# A crash that a test has asked for, up to the start of the next kernel
ASKED_FOR = re.compile(r"sysrq: Trigger a crash")
NEXT_KERNEL = re.compile(r"\bBye!$")


def find(lines):
    """The lines that tell of a kernel in trouble."""
    found, asked_for = [], False
    for line in lines:
        asked_for |= bool(ASKED_FOR.search(line))
        if SPLAT.search(line) and not asked_for:
            found.append(line)
        asked_for &= not NEXT_KERNEL.search(line)
    return found

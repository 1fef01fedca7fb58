# SPDX-License-Identifier: GPL-2.0-only
"""Reads TAP as the guest's programs print it, and counts."""

import re

RESULT = re.compile(r"^(not )?ok\b\s*(\d+)?\s*(?:- )?(.*?)(?:\s*#\s*(SKIP|XFAIL)\b\s*(.*))?$", re.I)
PLAN = re.compile(r"^1\.\.(\d+)")


class Tap:
    """One program's output. Less or more results than planned is a failure.

    A program that speaks no TAP is judged by its exit status.
    """

    def __init__(self, name, planned=True):
        self.name, self.planned = name, planned
        self.plan = None
        self.passed, self.failed, self.skipped = [], [], []

    def line(self, text):
        plan = PLAN.match(text)
        if plan:
            self.plan = int(plan[1])
            return
        if text.startswith("Bail out!"):
            self.failed.append(text)
            return
        result = RESULT.match(text)
        if not result:
            return
        what = result[3] or result[2] or "?"
        if result[1]:
            self.failed.append(what)
        elif result[4]:
            self.skipped.append(result[5] or what)    # kselftest puts the name there
        else:
            self.passed.append(what)

    def finish(self, status):
        """The program ended with this exit status."""
        ran = len(self.passed) + len(self.failed) + len(self.skipped)
        if not self.planned:
            (self.failed if status else self.passed).append(f"exit status {status}")
        elif self.plan is None:
            self.failed.append("no test plan was printed")
        elif ran != self.plan and not self.failed:
            self.failed.append(f"planned {self.plan} tests, {ran} reported")
        if status not in (0, 4) and not self.failed:     # 4 is kselftest's SKIP
            self.failed.append(f"exit status {status}")

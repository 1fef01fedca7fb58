# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU machine without a guest: registers through qtest, truth through QMP."""
import json
import os
import socket
import struct
import subprocess
import tempfile

FW_CFG = 0x09020000
SCRATCH = 0x48000000
FW_CFG_FILE_DIR = 0x19
DMA_READ, DMA_SELECT = 2, 8


class Machine:
    """
    QEMU with the given arguments, its CPUs never running; use as a context
    manager. With the accelerator "qtest" the CPUs lack MPAM, and time stands
    still until it is told to step.
    """

    def __init__(self, args, **popen):
        self.dir = tempfile.TemporaryDirectory()
        qtest, qmp = (self._listen(n) for n in ("qtest", "qmp"))
        self.process = subprocess.Popen(
            [os.environ["QEMU"], *args, "-S", "-display", "none", "-nodefaults",
             "-qtest", f"unix:{self.dir.name}/qtest", "-qtest-log", "/dev/null",
             "-qmp", f"unix:{self.dir.name}/qmp"], **popen)
        self.qtest, self.qmp = (self._accept(s) for s in (qtest, qmp))
        self.irqs = []
        self.wires = []
        json.loads(self.qmp.readline())
        self.query("qmp_capabilities")

    def _listen(self, name):
        s = socket.socket(socket.AF_UNIX)
        s.bind(f"{self.dir.name}/{name}")
        s.listen()
        return s

    def _accept(self, listener):
        listener.settimeout(60)
        s, _ = listener.accept()
        s.settimeout(60)
        return s.makefile("rw")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if not exc[0] and "MPAM_COVERAGE" in os.environ:
            self.keep_accesses(os.environ["MPAM_COVERAGE"])
        self.process.kill()
        self.process.wait()
        self.dir.cleanup()

    def keep_accesses(self, file):
        """Adds what was read and written, of which offset, to that file."""
        with open(file, "a", encoding="ascii") as f:
            for msc in self.query("query-mpam-mscs"):
                f.write(json.dumps([(a["offset"], a["reads"], a["writes"]) for a in msc["accesses"]
                                    if a["name"] != "reserved"]) + "\n")

    def query(self, command, **arguments):
        """The answer to a QMP command; KeyError if that is an error."""
        message = {"execute": command, "arguments": {k.replace("_", "-"): v for k, v in arguments.items()}}
        self.qmp.write(json.dumps(message) + "\n")
        self.qmp.flush()
        while True:
            reply = json.loads(self.qmp.readline())
            if "event" not in reply:
                return reply["return"]

    def command(self, line):
        """The words of qtest's answer; interrupts seen meanwhile go to irqs."""
        self.qtest.write(line + "\n")
        self.qtest.flush()
        while True:
            words = self.qtest.readline().split()
            if words[0] == "IRQ":
                self.irqs.append(words[1])
                self.wires.append((words[1], int(words[2])))
                continue
            assert words[0] == "OK", f"{line}: {words}"
            return words[1:]

    def step(self, ns):
        """Let virtual time go by; needs the accelerator "qtest"."""
        self.command(f"clock_step {ns}")

    def read(self, address, width="l"):
        return int(self.command(f"read{width} {address:#x}")[0], 16)

    def write(self, address, value, width="l"):
        self.command(f"write{width} {address:#x} {value:#x}")

    def fw_cfg(self, name):
        """The contents of a file that the firmware would be given."""
        count, = struct.unpack(">I", self._fw_cfg_read(FW_CFG_FILE_DIR, 4))
        files = self._fw_cfg_read(FW_CFG_FILE_DIR, 4 + 64 * count)[4:]
        for i in range(count):
            size, select, _, n = struct.unpack_from(">IHH56s", files, 64 * i)
            if n.rstrip(b"\0").decode() == name:
                return self._fw_cfg_read(select, size)
        raise KeyError(name)

    def _fw_cfg_read(self, select, size):
        request = struct.pack(">IIQ", select << 16 | DMA_SELECT | DMA_READ, size, SCRATCH + 64)
        self.command(f"write {SCRATCH:#x} {len(request):#x} 0x{request.hex()}")
        # Two 32-bit big-endian registers; qtest's values are the CPU's, little-endian
        for i, word in enumerate(struct.unpack("<II", struct.pack(">Q", SCRATCH))):
            self.write(FW_CFG + 16 + 4 * i, word)
        return bytes.fromhex(self.command(f"read {SCRATCH + 64:#x} {size:#x}")[0][2:])


class Tap:
    """Counts and prints checks."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, condition, text):
        self.count += 1
        self.failed += not condition
        print(f"{'ok' if condition else 'not ok'} {self.count} - {text}", flush=True)

    def equal(self, got, want, text):
        self.ok(got == want, text)
        if got != want:
            show = lambda v: f"{v:#x}" if isinstance(v, int) else v
            print(f"# got {show(got)}, expected {show(want)}", flush=True)

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0

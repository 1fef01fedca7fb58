# SPDX-License-Identifier: GPL-2.0-only
"""One run of the guest: starts QEMU, keeps the log, serves the guest's requests.

Three channels leave the guest: the kernel's console, the tests' own output
(hvc0) and the oracle's port. The console is never mixed with TAP, so a kernel
message can't break a test's line.
"""

import ctypes
import os
import queue
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from guest import splat
from guest.oracle import Oracle, Symbols
from guest.qmp import Qmp, QmpError
from guest.tap import Tap

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
QEMU = os.environ.get("QEMU", os.path.join(BUILD, "bin", "qemu-system-aarch64"))

INITRAMFS = os.path.join(BUILD, "initramfs.cpio.gz")

# What the guest's init prints when a command has ended, before its status
EXIT = "#exit "


class GuestError(Exception):
    """The run can't be judged: it hung, died or never started."""


LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def die_with_parent():
    """A guest that nobody listens to any more would run for ever."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def machine_args(platform, firmware, el2=False, debug=False):
    """QEMU's arguments for a platform, as a list."""
    words = [platform, firmware] + ["el2"] * el2 + ["debug"] * debug
    out = subprocess.run([os.path.join(TOP, "scripts", "machine.sh"), *words], check=True,
                         capture_output=True, text=True).stdout
    return shlex.split(out)


def image(kernel):
    return os.path.join(BUILD, f"linux-{kernel}", "arch", "arm64", "boot", "Image")


def kernel_args(kernel, cmdline, initrd=INITRAMFS):
    return ["-kernel", image(kernel), "-initrd", initrd,
            "-append", f"console=ttyAMA0 panic=-1 nokaslr {cmdline}".strip()]


def with_kernel(kernel, directory):
    """An initramfs that also has a kernel and the usual initramfs in it, in /boot."""
    files = os.path.join(directory, "files")
    with open(files, "w", encoding="utf-8") as f:
        f.write("dir /boot 755 0 0\n"
                f"file /boot/Image {image(kernel)} 644 0 0\n"
                f"file /boot/initramfs {INITRAMFS} 644 0 0\n")
    whole = os.path.join(directory, "initramfs")
    with open(whole, "wb") as out:
        # Two archives in a row are one to the kernel
        subprocess.run([os.path.join(BUILD, "tools", "gen_init_cpio"), files],
                       stdout=out, check=True)
        out.flush()
        with open(INITRAMFS, "rb") as usual:
            shutil.copyfileobj(usual, out)
    return whole


class Guest:
    """run() boots, answers until the guest powers off, and returns self."""

    def __init__(self, platform, firmware, kernel="plain", cmdline="", commands=(),
                 log=None, timeout=300, echo=None, tap=True, hidden=(), el2=False, kexec=False, qemu=()):
        self.platform, self.firmware, self.kernel = platform, firmware, kernel
        self.cmdline, self.commands = cmdline, list(commands)
        self.log_name = log or os.path.join(BUILD, "log", f"guest-{platform}-{firmware}.log")
        self.timeout, self.echo, self.tap = timeout, echo, tap
        self.hidden, self.el2 = hidden, el2
        self.kexec = kexec          # it finds its own kernel in /boot
        self.qemu = qemu            # more arguments
        self.console, self.output, self.taps = [], [], []
        self.problems = []
        self.oracle = None
        self.running = self.next_waits = False
        self.finished = self.gone = False
        self.start = self.seconds = 0.0

    # Life

    def run(self):
        self.start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mpam-") as tmp, \
             open(self.log_name, "w", encoding="utf-8") as self.log:
            names = ("console", "output", "oracle", "qmp")
            servers = {n: self._listen(os.path.join(tmp, n)) for n in names}
            try:
                self.process = self._start(tmp)
            except (OSError, subprocess.CalledProcessError) as e:
                raise GuestError(f"QEMU did not start: {e}") from e
            try:
                self._serve({n: self._accept(servers[n]) for n in names})
            except (EOFError, OSError, QmpError) as e:
                self.process.kill()
                self.process.wait()
                raise GuestError(f"QEMU: {e}; {self.log_name} ends with\n{self.tail()}") from e
            finally:
                self.process.kill()
                self.process.wait()
                self.seconds = time.monotonic() - self.start
        self._judge()
        return self

    @staticmethod
    def _listen(path):
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen(1)
        server.settimeout(0.2)
        return server

    def _accept(self, server):
        for _ in range(150):
            try:
                return server.accept()[0]
            except TimeoutError:
                if self.process.poll() is not None:
                    break
        self.log.flush()
        raise GuestError(f"QEMU ended with status {self.process.poll()}:\n{self.tail()}")

    def _start(self, tmp):
        initrd = with_kernel(self.kernel, tmp) if self.kexec else INITRAMFS
        args = [QEMU, *machine_args(self.platform, self.firmware, self.el2, self.kernel == "debug"),
                *kernel_args(self.kernel, self.cmdline, initrd),
                "-nodefaults", "-display", "none", "-no-reboot", "-no-shutdown",
                "-S",
                # What the interrupt controller has in memory for LPIs can't be
                # taken back. Only UEFI can tell another kernel where that is.
                *(["-machine", "its=off"] if self.kexec and self.firmware == "dt" else ()),
                *self.qemu]
        for name in ("console", "output", "oracle", "qmp"):
            args += ["-chardev", f"socket,id={name},path={os.path.join(tmp, name)}"]
        args += ["-serial", "chardev:console", "-mon", "chardev=qmp,mode=control",
                 "-device", "virtio-serial-device",
                 "-device", "virtconsole,chardev=output",
                 "-device", "virtserialport,chardev=oracle,name=mpam-oracle"]
        print(shlex.join(args), file=self.log, flush=True)
        return subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=self.log,
                                stderr=subprocess.STDOUT, preexec_fn=die_with_parent)

    def _serve(self, socks):
        socks["qmp"].settimeout(60)
        qmp = Qmp(socks["qmp"])
        self.oracle = Oracle(qmp, self._symbols(), socks["console"], self.hidden)
        qmp.call("cont")
        self.reply = lambda text: socks["oracle"].sendall((text + "\n").encode())
        handle = {"console": self._console_line, "output": self._output_line,
                  "oracle": self._request}
        lines = queue.Queue()
        for name in handle:
            threading.Thread(target=self._drain, args=(name, socks[name], lines),
                             daemon=True).start()
        open_channels = len(handle)
        while open_channels:
            left = self.start + self.timeout - time.monotonic()
            if left <= 0:
                self.problems.append(f"no end after {self.timeout} s")
                return
            if self.oracle.watching():
                self.oracle.tick()
                left = 0.003
            try:
                name, text = lines.get(timeout=min(left, 0.1 if self.finished else 1))
            except queue.Empty:
                self._see_power_off(qmp)
                continue
            if text is None:
                open_channels -= 1
            else:
                handle[name](text)

    def _look_at_what_is_left(self, when):
        """All that the last kernel had set must be gone, if it had MPAM on."""
        if self.oracle.partids:
            left = self.oracle.left_behind()
            self.problems += [f"{when}: {p}" for p in left[:5]]
            if left[5:]:
                self.problems.append(f"{when}: {len(left) - 5} more of that kind")

    def _see_power_off(self, qmp):
        """QEMU waits for us then: what is there can still be looked at."""
        if self.gone or qmp.call("query-status")["status"] != "shutdown":
            return
        self.gone = True
        if self.finished:
            self._look_at_what_is_left("after power-off")
        qmp.call("quit")

    def _see_kexec(self):
        """Another kernel starts, and takes a while until it gets to MPAM. After a crash it
        finds what there was."""
        if any(splat.ASKED_FOR.search(line) for line in self.console):
            return
        with self.oracle.qmp.stopped():
            self._look_at_what_is_left("after kexec")

    @staticmethod
    def _drain(name, sock, lines):
        """Reads a channel to its end, line by line, whatever the main thread does: QEMU
        stands still while it can't write, and would not answer on its monitor."""
        rest = b""
        while True:
            try:
                data = sock.recv(65536)
            except OSError:
                data = b""
            if not data:
                break
            *whole, rest = (rest + data.replace(b"\0", b"")).split(b"\n")
            for text in whole:
                lines.put((name, text.decode("utf-8", "replace").rstrip("\r")))
        lines.put((name, None))

    def _symbols(self):
        path = os.path.join(BUILD, f"linux-{self.kernel}", "System.map")
        return Symbols(path) if os.path.exists(path) else None

    # Channels

    def _keep(self, tag, text):
        seconds = time.monotonic() - self.start
        print(f"{tag}{seconds:7.2f} {text}", file=self.log, flush=True)

    def _console_line(self, text):
        self._keep("|", text)
        self.console.append(text)
        enabled = re.search(r"MPAM enabled with (\d+) PARTIDs", text)
        if enabled:
            self.oracle.partids = int(enabled[1])
        elif "MPAM stays off" in text:
            self.oracle.partids = None
        elif splat.NEXT_KERNEL.search(text):
            self._see_kexec()

    def _output_line(self, text):
        self._keep(">", text)
        self.output.append(text)
        if text.startswith(EXIT):
            self.taps[-1].finish(int(text[len(EXIT):]))
            self.running = False
            if self.next_waits:
                self._next()
            return
        if self.taps:
            self.taps[-1].line(text)
        if self.echo:
            self.echo(text)

    def _request(self, text):
        if text == "next":
            # The output travels another way: let it arrive first.
            self.next_waits = self.running
            if not self.running:
                self._next()
            return
        answer = self.oracle.answer(text)
        self._keep("?", text)
        self._keep("=", answer)
        self.reply(answer)

    def _next(self):
        """Hands the next command to the guest's init; after the last, does the final checks."""
        self.next_waits = False
        if self.commands:
            command = self.commands.pop(0)
            self.taps.append(Tap(command, self.tap))
            self.running = True
            self._keep("=", command)
            self.reply("ok " + command)
            return
        self.finished = True
        self.problems += self.oracle.violations()
        self.reply("ok")

    # Verdict

    def kernel_lines(self, pattern):
        return [line for line in self.console if pattern.search(line)]

    def _judge(self):
        self.problems += splat.find(self.console)
        if not self.finished:
            self.problems.append("the guest did not reach the end of its tests")
        for tap in self.taps:
            self.problems += [f"{tap.name}: {what}" for what in tap.failed]

    def tail(self, n=12):
        with open(self.log_name, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-n:])

# SPDX-License-Identifier: GPL-2.0-only
"""The QEMU Machine Protocol over a socket: one command, one answer."""

import json


class QmpError(Exception):
    """QEMU refused a command."""


class Qmp:
    def __init__(self, sock):
        self.sock = sock
        self.buf = b""
        self.events = []
        self._message()                     # the greeting
        self.call("qmp_capabilities")

    def _message(self):
        while b"\n" not in self.buf:
            data = self.sock.recv(65536)
            if not data:
                raise EOFError("QEMU closed its monitor")
            self.buf += data
        line, self.buf = self.buf.split(b"\n", 1)
        return json.loads(line)

    def call(self, command, **arguments):
        message = {"execute": command}
        if arguments:
            message["arguments"] = {k.replace("_", "-"): v for k, v in arguments.items()}
        self.sock.sendall(json.dumps(message).encode() + b"\n")
        while True:
            answer = self._message()
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise QmpError(f"{command}: {answer['error']['desc']}")
            self.events.append(answer)

    def stopped(self):
        """Context manager: the guest stands still inside, so samples agree."""
        return _Stopped(self)


class _Stopped:
    def __init__(self, qmp):
        self.qmp = qmp

    def __enter__(self):
        self.qmp.call("stop")

    def __exit__(self, *_exc):
        self.qmp.call("cont")

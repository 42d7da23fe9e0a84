"""A program on a terminal of its own: everything it paints is read, counted and, where it asks, answered."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence

from processes import cpu_s

_QUESTIONS = re.compile(
    rb"\x1b\[(?:\?(?P<mode>\d+)\$p|(?P<ask>c|0c|>c|>0c|>q|>0q|5n|6n|\?u|14t|16t|18t))"
    rb"|\x1b\](?P<colour>1[01]);\?(?:\x07|\x1b\\)"
)
_SEQUENCES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P^_X].*?(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])", re.DOTALL
)


class Terminal:
    """An xterm-like terminal of a fixed size without a window."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], columns: int, rows: int) -> None:
        self.size = (columns, rows)
        self.bytes = 0
        self.painted = b""
        self.began = time.perf_counter()
        environ = {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            with contextlib.suppress(OSError):
                os.execvpe(command[0], list(command), environ)
            os._exit(127)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, timeout: float) -> bool:
        """Take what is painted within `timeout` s; False: the program has ended."""
        if not select.select([self._fd], [], [], timeout)[0]:
            return True
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        self.bytes += len(data)
        self.painted = (self.painted + data)[-400_000:]
        for question in _QUESTIONS.finditer(data):
            os.write(self._fd, self._answer(question))
        return bool(data)

    def _answer(self, question: re.Match[bytes]) -> bytes:
        columns, rows = self.size
        if mode := question["mode"]:
            return b"\x1b[?%s;%d$y" % (mode, 2 if mode == b"2026" else 0)
        if colour := question["colour"]:
            shade = b"eeee/eeee/eeee" if colour == b"10" else b"1111/1111/1111"
            return b"\x1b]%s;rgb:%s\x1b\\" % (colour, shade)
        device, secondary, name = b"\x1b[?62;22c", b"\x1b[>41;370;0c", b"\x1bP>|bench\x1b\\"
        return {
            b"c": device, b"0c": device, b">c": secondary, b">0c": secondary, b">q": name, b">0q": name,
            b"5n": b"\x1b[0n", b"6n": b"\x1b[1;1R", b"?u": b"\x1b[?0u",
            b"18t": b"\x1b[8;%d;%dt" % (rows, columns), b"16t": b"\x1b[6;20;10t",
            b"14t": b"\x1b[4;%d;%dt" % (rows * 20, columns * 10),
        }[question["ask"]]

    def text(self) -> str:
        """Return the letters painted so far, without any of the sequences between them."""
        return _SEQUENCES.sub(b"", self.painted).decode("utf-8", "replace")

    def until(self, words: str, limit: float) -> tuple[float, float] | None:
        """Read until `words` are painted (any 20 letters for ""); return wall and CPU ms from the start."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end and self.read(0.02):
            shown = self.text()
            if words in shown if words else len("".join(shown.split())) >= 20:
                return (time.perf_counter() - self.began) * 1000, cpu_s(self.pid) * 1000
        return None

    def watch(self, seconds: float) -> tuple[float, float]:
        """Read for `seconds`; return CPU seconds a minute and bytes a second of that time."""
        cpu, painted, began = cpu_s(self.pid), self.bytes, time.perf_counter()
        end = began + seconds
        while (left := end - time.perf_counter()) > 0:
            if not self.read(min(left, 0.25)):
                raise RuntimeError(f"the program ended early:\n{self.text()[-2000:]}")
        span = time.perf_counter() - began
        return (cpu_s(self.pid) - cpu) * 60 / span, (self.bytes - painted) / span

    def close(self) -> None:
        """End the program, politely first."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            end = time.perf_counter() + 5
            while time.perf_counter() < end:
                self.read(0.05)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self._fd)
                    return

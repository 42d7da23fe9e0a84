"""A progress bar on stderr, where that is a terminal; elsewhere nothing."""

import sys
from typing import TextIO

from ccboard.clock import monotonic
from ccboard.text import clip, minutes, printable

EVERY_S = 0.1
BAR_CELLS = 24


class Progress:
    """One line that is drawn over and over. `total` in the unit of ``update``'s `done`."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total = max(1, total)
        self._stream = stream or sys.stderr
        self._shown = self._stream.isatty()
        self._began = monotonic()
        self._next = 0.0
        self._drawn = False

    def update(self, done: int, beside: str) -> None:
        """Show that `done` of `total` is done; `beside` stands after it. Draws ten times a second."""
        now = monotonic()
        if not self._shown or now < self._next:
            return
        self._next = now + EVERY_S
        part = min(1.0, done / self._total)
        bar = ("█" * int(part * BAR_CELLS)).ljust(BAR_CELLS, "░")
        spent = now - self._began
        left = f"  {minutes(spent / part - spent)} left" if part > 0.02 and spent > 1 else ""
        self._stream.write(f"\r{clip(f'{bar} {part:4.0%}{left}  {printable(beside)}', 78)}\x1b[K")
        self._stream.flush()
        self._drawn = True

    def close(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False

"""The only module that asks what time it is. Moments are whole microseconds since 1970, UTC.

Live boards, replays, the demo and tests differ in nothing but the clock they are given.
"""

import time
from typing import Protocol

SECOND = 1_000_000
"""One second in the unit of every moment and of every difference of moments."""


class Clock(Protocol):
    """Where `as_of` comes from."""

    def now(self) -> int:
        """Return the present moment, in microseconds since 1970 UTC."""
        ...


class SystemClock:
    """The host's clock."""

    def now(self) -> int:
        """Return the host's time in microseconds since 1970 UTC."""
        return time.time_ns() // 1000


class SimulatedClock:
    """A clock that starts at `start` (microseconds) and runs `speed` times as fast as the host's."""

    def __init__(self, start: int, speed: float = 1.0) -> None:
        self.start = start
        self.speed = speed
        self._origin = time.monotonic_ns()

    def now(self) -> int:
        """Return the simulated moment."""
        return self.start + int((time.monotonic_ns() - self._origin) // 1000 * self.speed)


class ManualClock:
    """A clock that stands still until it is moved: for tests of sources, hubs and boards."""

    def __init__(self, at: int = 0) -> None:
        self.at = at

    def now(self) -> int:
        """Return the moment it was set to."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        self.at += int(seconds * SECOND)


def monotonic() -> float:
    """Return seconds of a clock that never jumps, for deadlines and back-off."""
    return time.monotonic()

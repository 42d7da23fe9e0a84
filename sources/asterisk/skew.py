"""How far the phone system's clock is from ours, measured from what it says and when we heard it.

A manager ping is answered with the remote clock's time: half way between asking and
hearing, to within half the round trip. Events may carry a time too (``timestampevents=yes``), but
their delay has no upper bound, so pings alone are believed. The median of the latest best
samples is taken, because one answer can wait behind a long list.
"""

from collections import deque

from ccboard.clock import SECOND

TOLERATED = 3 * SECOND // 2
"""Below this a difference is not corrected: queue_log itself knows only whole seconds."""
HYSTERESIS = SECOND // 2
"""A correction in use stands until the measured difference is this far from it: times must not jitter."""
WINDOW = 15
"""Samples that count: at a ping every 2 s, half a minute."""
WORST_TRIP = 5 * SECOND
"""A sample whose round trip took longer says too little."""


class Skew:
    """Measures the difference and decides what is added to remote times to get ours."""

    def __init__(self, correction: int = 0) -> None:
        self.correction = correction
        """Microseconds to add to a remote moment; 0 while the clocks agree well enough."""
        self._samples: deque[tuple[int, int]] = deque(maxlen=WINDOW)  # (round trip, ours - theirs)

    @property
    def known(self) -> bool:
        """Whether anything was measured since the start."""
        return bool(self._samples)

    def sample(self, sent: int, remote: int, received: int) -> bool:
        """Take in one ping: asked at `sent`, answered at `remote`, heard at `received`.

        Return True when the correction changed.
        """
        trip = received - sent
        if not 0 <= trip <= WORST_TRIP:
            return False  # our own clock was set meanwhile, or the answer was stuck
        self._samples.append((trip, (sent + received) // 2 - remote))
        measured = self.measured()
        if abs(measured - self.correction) <= HYSTERESIS:
            return False
        if not self.correction:
            wanted = measured if abs(measured) > TOLERATED else 0
        else:
            wanted = measured if abs(measured) > TOLERATED - HYSTERESIS else 0
        if wanted == self.correction:
            return False
        self.correction = wanted
        return True

    def measured(self) -> int:
        """Return ours minus theirs in microseconds: the median of the samples with the shortest trips."""
        if not self._samples:
            return 0
        best = sorted(self._samples)[: max(1, (len(self._samples) + 1) // 2)]
        differences = sorted(difference for _, difference in best)
        return differences[len(differences) // 2]

    def local(self, remote: int) -> int:
        """Return a remote moment on our clock."""
        return remote + self.correction


def parse_timestamp(text: str) -> int | None:
    """Return a manager `Timestamp` ("1795289812.977548") in microseconds, or None if it is none.

    >>> parse_timestamp("1795289812.977548")
    1795289812977548
    >>> parse_timestamp("soon") is None
    True
    """
    seconds, _, fraction = text.strip().partition(".")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        return None
    fraction = fraction[:6]
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        return None
    return int(seconds) * SECOND + int(fraction.ljust(6, "0"))

"""The greatest of values that come and go, without keeping them all."""

from bisect import insort

MOST = 4
"""Values remembered: so many of the greatest may be corrected before it has to be asked anew."""


class StaleError(Exception):
    """What is kept cannot tell any more: it has to be read from the store again."""


class Peak:
    """The greatest of some numbers; `best`: the greatest of numbers that are not told one by one."""

    __slots__ = ("_bound", "_top")

    def __init__(self, best: float | None = None) -> None:
        self._top: list[float] = [] if best is None else [best]
        self._bound = best
        """Numbers that are not in `_top` are not above this; None: there are none."""

    def add(self, value: float) -> None:
        """Take one in."""
        insort(self._top, value)
        if len(self._top) > MOST:
            least = self._top.pop(0)
            if self._bound is None or self._bound < least:
                self._bound = least

    def remove(self, value: float) -> None:
        """Take one out. Raises StaleError where it was never taken in."""
        if value in self._top:
            self._top.remove(value)
        elif self._bound is None or value > self._bound:
            raise StaleError

    @property
    def best(self) -> float | None:
        """The greatest, None where there is none. Raises StaleError where that is not known any more."""
        if not self._top:
            if self._bound is None:
                return None
            raise StaleError
        if self._bound is not None and self._top[-1] < self._bound:
            raise StaleError
        return self._top[-1]

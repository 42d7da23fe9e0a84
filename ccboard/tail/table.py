"""What goes in: of one figure the sums per unit, day and business type. Nothing else is needed.

A unit is an agent, a team or a business type. Sums are mergeable, so a store keeps them per day and adds
today's; 20 000 agents over 20 days are about a million rows. The unit's own name is never looked at.
"""

from dataclasses import dataclass

import numpy as np

from ccboard.tail.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of one figure: parallel arrays, one row for each unit, day and mix that has values.

    `units` and `mixes` name the numbers in `unit` and `mix`; a mix is what makes calls incomparable, the
    business type (for business types it is the agent). `day` counts days from anywhere (ordinals). Of the
    values on their scale (log seconds, 0 or 1, marks): how many, their sum, the sum of their squares.
    """

    units: tuple[str, ...]
    mixes: tuple[str, ...]
    unit: Ints
    day: Ints
    mix: Ints
    count: Floats
    total: Floats
    squares: Floats

    @property
    def days(self) -> Ints:
        """The days on which anything was measured, ascending."""
        if not len(self.day):
            return self.day
        first = int(self.day.min())
        found: Ints = np.flatnonzero(np.bincount(self.day - first)) + first  # unique() sorts a million rows
        return found

    @property
    def binary(self) -> bool:
        """Whether every value is 0 or 1. Exact: x * x = x holds for no other numbers between 0 and 1."""
        if not len(self.total):
            return True
        within = bool(np.all((self.total >= -1e-9) & (self.total <= self.count + 1e-9)))
        return within and bool(np.allclose(self.squares, self.total, atol=1e-9))

    def where(self, rows: Bools) -> "Sums":
        """Return the sums of some of the rows; units and mixes keep their numbers."""
        return Sums(self.units, self.mixes, self.unit[rows], self.day[rows], self.mix[rows], self.count[rows],
                    self.total[rows], self.squares[rows])

    def ordered(self) -> "Sums":
        """Return the same sums sorted by unit, day and mix."""
        if not len(self.day):
            return self
        first = int(self.day.min())
        span = int(self.day.max()) - first + 1
        key = (self.unit * span + (self.day - first)) * max(1, len(self.mixes)) + self.mix
        if not np.any(key[1:] < key[:-1]):
            return self
        order = np.argsort(key, kind="stable")
        return Sums(self.units, self.mixes, self.unit[order], self.day[order], self.mix[order],
                    self.count[order], self.total[order], self.squares[order])

    def between(self, first: int, last: int) -> "Sums":
        """Return the sums of the days `first` .. `last`, both included."""
        return self.where((self.day >= first) & (self.day <= last))

    def last_days(self, n: int) -> "Sums":
        """Return the sums of the last `n` days that have any rows (working days)."""
        days = self.days
        return self if len(days) <= n else self.where(self.day >= days[-n])


def collect(units: tuple[str, ...], mixes: tuple[str, ...], unit: Ints, day: Ints, mix: Ints,
            value: Floats) -> Sums:
    """Add up single values on their scale into sums; costs a sort of the rows (0.1 s a million)."""
    if not len(value):
        none = np.zeros(0, dtype=np.int64)
        return Sums(units, mixes, none, none, none, np.zeros(0), np.zeros(0), np.zeros(0))
    first = int(day.min())
    span = int(day.max()) - first + 1
    key = (unit * span + (day - first)) * max(1, len(mixes)) + mix
    if (size := len(units) * span * max(1, len(mixes))) <= 4 * len(key) + 1_000_000:
        count = np.bincount(key, minlength=size)
        kept = np.flatnonzero(count)
        total = np.bincount(key, weights=value, minlength=size)[kept].astype(np.float64)
        squares = np.bincount(key, weights=value * value, minlength=size)[kept].astype(np.float64)
        number = count[kept].astype(np.float64)
    else:
        kept, place = np.unique(key, return_inverse=True)
        number = np.bincount(place).astype(np.float64)
        total = np.bincount(place, weights=value).astype(np.float64)
        squares = np.bincount(place, weights=value * value).astype(np.float64)
    mixed = max(1, len(mixes))
    return Sums(units, mixes, kept // (mixed * span), kept // mixed % span + first, kept % mixed,
                number, total, squares)

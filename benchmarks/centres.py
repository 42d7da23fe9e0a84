"""Simulated centres whose truth is known: 13 weeks of history, days to judge, and the surges in them.

Each centre has its own weekdays, shapes, trend, spread of days and noise within the day; its history has
holidays with a rebound after them, old surges and outages; among the days to judge are busy ones.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ccboard.surge.backtest import Day
from ccboard.surge.counts import MINUTES, Counts, History

MONDAY = date(2026, 2, 2)
WEEKS = 13
OPENS, CLOSES = 480, 1200
RATES = {"1": 1.0, "5": 5.0, "20": 20.0, "100": 100.0}
"""Queue -> calls a minute, on the average of the open day."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Surge:
    """The truth about a surge: minutes of the day, its size at full height, minutes that it builds up."""

    begin: int
    end: int
    size: float
    ramp: int


@dataclass(frozen=True)
class Truth:
    """A day to judge and what is in it."""

    day: Day
    surge: Surge | None
    excess: dict[str, Floats]
    """True ratio to normal of each minute, all causes together."""


@dataclass(frozen=True)
class Centre:
    """A centre's past and the days to judge."""

    history: History
    calendar: dict[date, str]
    days: list[Truth]


def surge_ratio(surge: Surge | None) -> Floats:
    """Return what a surge does to each minute's rate."""
    ratio = np.ones(MINUTES)
    if surge is not None:
        minute = np.arange(MINUTES)
        rise = np.clip((minute - surge.begin + 1) / max(surge.ramp, 1), 0, 1)
        ratio[surge.begin:surge.end] += surge.size * rise[surge.begin:surge.end]
    return ratio


class Maker:
    """Draws centres; the same seed gives the same centre."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        rng = self.rng
        self.day_sd = rng.uniform(0.04, 0.085)
        self.noise = rng.uniform(0.025, 0.05)
        self.trend = rng.uniform(-0.006, 0.006)
        self.weekday = np.exp(np.array([0.12, 0.03, 0.0, -0.02, 0.02]) + rng.normal(0, 0.04, 5))
        self.saturday = rng.random() < 0.5
        self.shapes = {queue: self._shapes() for queue in RATES}

    def _shapes(self) -> Floats:
        """Draw two humps, a little different on each weekday (6 x minutes, mean 1 while open)."""
        rng, x = self.rng, np.arange(OPENS, CLOSES)
        shapes = np.zeros((6, MINUTES))
        first, second = rng.normal(615, 20), rng.normal(870, 30)
        for weekday in range(6):
            hump = (np.exp(-((x - first - rng.normal(0, 5)) / 90) ** 2 / 2)
                    + rng.uniform(0.6, 0.9) * np.exp(-((x - second) / 130) ** 2 / 2) + 0.15)
            drift = np.cumsum(rng.normal(0, 0.004, len(x)))
            hump *= np.exp(drift - drift.mean())
            shapes[weekday, OPENS:CLOSES] = hump / hump.mean()
        return shapes

    def rate(self, queue: str, day: date) -> Floats:
        """Return the true normal rate of a day; zero where the centre is closed."""
        weekday = day.weekday()
        if weekday == 6 or (weekday == 5 and not self.saturday):
            return np.zeros(MINUTES)
        level = 0.45 if weekday == 5 else self.weekday[weekday]
        weeks = (day - MONDAY).days / 7
        rate: Floats = RATES[queue] * level * np.exp(self.trend * weeks) * self.shapes[queue][weekday]
        return rate

    def _noise(self) -> Floats:
        rho = 0.7 ** (1 / 15)
        steps = self.rng.normal(0, self.noise * np.sqrt(1 - rho**2), MINUTES)
        path = np.empty(MINUTES)
        value = self.rng.normal(0, self.noise)
        for minute in range(MINUTES):
            path[minute] = value = rho * value + steps[minute]
        return path

    def draw(self, queue: str, day: date, factor: float, surge: Surge | None) -> tuple[Counts, Floats]:
        """Draw a day's calls; return them and the true ratio to normal."""
        stray = self.rng.normal(-self.day_sd**2 / 2, self.day_sd)
        ratio = factor * np.exp(stray + self._noise()) * surge_ratio(surge)
        return self.rng.poisson(self.rate(queue, day) * ratio).astype(np.float32), ratio

    def some_surge(self, size: float, ramp: int) -> Surge:
        """Draw when a surge comes."""
        begin = int(self.rng.integers(OPENS + 20, CLOSES - 300))
        return Surge(begin, begin + int(self.rng.integers(120, 241)), size, ramp)

    def centre(self, plans: list[tuple[float, int] | None]) -> Centre:
        """Draw a centre and a day to judge for each plan: None, or the size of a surge and its ramp."""
        rng = self.rng
        days = tuple(MONDAY + timedelta(days=n) for n in range(WEEKS * 7))
        working = [n for n, day in enumerate(days) if day.weekday() < 5]
        holidays = sorted(int(n) for n in rng.choice(working[5:-5], 3, replace=False))
        calendar = {days[n]: "holiday" for n in holidays[:2]}  # one that nobody wrote down
        counts: dict[str, Counts] = {}
        for queue in RATES:
            old = {int(n): self.some_surge(rng.uniform(0.25, 1.0), int(rng.choice([1, 30])))
                   for n in rng.choice(working, 4, replace=False)}
            rows = []
            for n, day in enumerate(days):
                factor = 0.0 if n in holidays else rng.uniform(1.05, 1.25) if n - 1 in holidays else 1.0
                row, _ = self.draw(queue, day, factor, old.get(n))
                if n == working[20]:
                    row[600:640] = 0  # the lines were down
                if n == working[33]:
                    row[700:760] = np.nan  # the feed was
                rows.append(row)
            counts[queue] = np.stack(rows)
        judged = []
        weekdays = [days[-1] + timedelta(days=n) for n in range(1, 8)]
        weekdays = [day for day in weekdays if day.weekday() < 5]
        for n, plan in enumerate(plans):
            surge = self.some_surge(*plan) if plan else None
            day = weekdays[n % len(weekdays)]
            drawn = {queue: self.draw(queue, day, 1.0, surge) for queue in RATES}
            judged.append(Truth(Day(str(n), day, {q: row[None].reshape(-1) for q, (row, _) in drawn.items()}),
                                surge, {q: ratio for q, (_, ratio) in drawn.items()}))
        return Centre(History(days, counts, per_call=False), calendar, judged)

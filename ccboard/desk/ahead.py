"""What is still to come today: the forecast per quarter of an hour, and what a surge makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ccboard.desk.calendar import Known
from ccboard.desk.watching import Fitted, Reading
from ccboard.forecast.level import Shift
from ccboard.forecast.model import Band, Levels, Model
from ccboard.surge.filter import ENDS

Floats = NDArray[np.float64]

STEP = 15
BLOCKS = 1440 // STEP
LEAST_DAYS = 21
"""Open days of history below which the normal day is the forecast."""


def quarters(counts: NDArray[np.float32]) -> Floats:
    """Return calls per quarter of an hour (rows of days); NaN where over a third of it had no feed."""
    parts = counts.astype(np.float64).reshape(len(counts), BLOCKS, STEP)
    missing = np.isnan(parts).sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        sums: Floats = np.nansum(parts, axis=2) * STEP / (STEP - missing)
    sums[missing > STEP // 3] = np.nan
    return sums


@dataclass(frozen=True)
class Rest:
    """A day's quarters of one queue."""

    offered: Floats
    """NaN where a quarter is not over or had no feed."""
    normal: Floats
    low: Floats
    high: Floats
    mean: Floats
    """Forecast of the quarters that are not over; what was offered of the others."""
    mean_low: Floats
    mean_high: Floats


class Ahead:
    """Keeps the models of one day; for one thread."""

    def __init__(self) -> None:
        self._fitted: Fitted | None = None
        self._models: dict[int, Model | None] = {}
        self._made: dict[tuple[int, int, int], list[Band]] = {}

    def model(self, fitted: Fitted, row: int) -> Model | None:
        """Return the model of a row's history, None where it is too short."""
        if self._fitted is not fitted:
            self._fitted, self._models, self._made = fitted, {}, {}
        if row not in self._models:
            self._models[row] = _model(fitted, row)
        return self._models[row]

    def rest(self, reading: Reading, row: int) -> Rest:
        """Return a row's day: what was, what is normal, what is to come.

        While an alarm stands the surge is taken to go on and to end at some time (its mean length is four
        hours), because the forecast's own way of following a morning is made for ordinary days.
        """
        fitted, minute = reading.fitted, reading.minute
        done = minute // STEP
        normal = reading.rate[row].reshape(BLOCKS, STEP).sum(axis=1)
        own = fitted.normals[row]
        spread = np.sqrt(normal + normal**2 * (own.variance + own.noise**2))
        low, high = np.maximum(normal - 1.2816 * spread, 0.0), normal + 1.2816 * spread
        offered = quarters(reading.offered[row:row + 1])[0]
        offered[done:] = np.nan
        alarm = reading.alarms[row]
        model = self.model(fitted, row)
        # What was called the new normal today holds for the rest of it; from tomorrow on the forecast has it.
        renewed = not np.array_equal(reading.rate[row, minute:], own.rate[minute:])
        if alarm.level or renewed or model is None:
            hours = np.maximum(0.0, np.arange(BLOCKS) * STEP - minute + STEP / 2)
            lift = 1 + (reading.lift[row] - 1) * np.exp(-ENDS * hours) if alarm.level else np.ones(BLOCKS)
            mean, first, last = normal * lift, low * lift, high * lift
        else:
            bands = self._bands(model, fitted.day, row, offered, done)
            mean = np.array([band.mean for band in bands])
            first, last = np.array([b.lo80 for b in bands]), np.array([b.hi80 for b in bands])
            mean = np.where(reading.rate[row].reshape(BLOCKS, STEP).any(axis=1), mean, 0.0)
        return Rest(offered, normal, low, high, mean, first, last)

    def _bands(self, model: Model, day: date, row: int, offered: Floats, done: int) -> list[Band]:
        key = (id(model), row, done)
        if key not in self._made:
            model.today = offered
            forecast = model.day(day)
            self._made[key] = [forecast.interval(k) for k in range(BLOCKS)]
        return self._made[key]


def history_of(fitted: Fitted, row: int) -> NDArray[np.float32] | None:
    """Return the minutes of a row's history, None where there is none."""
    queue = fitted.queues[row]
    counts = fitted.past.counts
    if not counts:
        return None
    if queue is None:
        total: NDArray[np.float32] = np.sum(list(counts.values()), axis=0)
        return total
    return counts.get(queue)


def model_of(days: tuple[date, ...], calls: Floats, calendar: Known, shifts: Sequence[Shift] = (),
             levels: Levels | None = None) -> Model | None:
    """Return the model of what a queue had, None where that is too little.

    `calls`: rows of days, a column per quarter of an hour; `shifts`: what was called the new normal;
    `levels`: of the same history from its first day with calls on, where many models of it are made.
    """
    first = first_day(calls)
    if int((np.nansum(calls, axis=1) > 0).sum()) < LEAST_DAYS:
        return None
    return Model(days[first], calls[first:], np.full(BLOCKS, np.nan), calendar.kinds, shifts, levels)


def first_day(calls: Floats) -> int:
    """Return the first row with calls; 0 where there is none."""
    return int(np.argmax(np.nansum(calls, axis=1) > 0))


def _model(fitted: Fitted, row: int) -> Model | None:
    counts = history_of(fitted, row)
    if counts is None:
        return None
    return model_of(fitted.past.days, quarters(counts), fitted.known, fitted.shifts(fitted.queues[row]))

"""What somebody called the new normal in the forecast: carried on, then what new days show."""

from datetime import date, timedelta

import numpy as np
import pytest

from ccboard.forecast.level import Shift
from ccboard.forecast.model import Levels, Model

FIRST = date(2026, 1, 5)  # a Monday
DAYS = 70
SAID = FIRST + timedelta(days=DAYS - 4)  # a Thursday
TOLD = [Shift(SAID, 600, 1.38)]
NO_DAY = np.full(48, np.nan)
HOURS = slice(16, 36)


def steady(days: int, per_day: float = 1000.0) -> np.ndarray:
    """A thousand calls each weekday, much the same in each half hour from 8 to 18 o'clock."""
    calls = np.full((days, 48), np.nan)
    for n in range(days):
        if n % 7 < 5:
            calls[n, HOURS] = per_day / 20 + (n * 7 + np.arange(20) * 3) % 5 - 2
    return calls


def on(calls: np.ndarray, day: date, shifts: list[Shift]) -> float:
    """Return the calls foretold of a day, knowing the days before it."""
    return float(Model(FIRST, calls[:(day - FIRST).days], NO_DAY, {}, shifts).day(day).mean.sum())


def test_the_next_days_are_on_the_new_level() -> None:
    calls = steady(DAYS)
    calls[DAYS - 4, HOURS] = [50] * 4 + [69] * 16  # from 10:00 on 38 % more
    friday, monday = SAID + timedelta(days=1), SAID + timedelta(days=4)
    assert on(calls, friday, TOLD) == pytest.approx(1380, rel=0.01)
    assert on(calls[:DAYS - 3], friday, []) < 1130, "not told, it is hardly believed after a day"
    model = Model(FIRST, calls[:DAYS - 3], NO_DAY, {}, TOLD)
    assert model.day(monday).mean.sum() == pytest.approx(1380, rel=0.01)
    assert model.day(monday + timedelta(days=7)).mean.sum() == pytest.approx(1380, rel=0.01)


def test_the_day_itself_has_it_from_then_on_and_others_two_at_once() -> None:
    """Asked for on the very day: 10:00 is half hour 20. Said twice, the factors multiply."""
    calls = steady(DAYS - 4)
    model = Model(FIRST, calls, NO_DAY, {}, [*TOLD, Shift(SAID, 900, 1.1)])
    mean = model.day(SAID).mean
    assert mean[16:20] == pytest.approx(np.full(4, 50.0), rel=0.01)
    assert mean[20:30] == pytest.approx(np.full(10, 69.0), rel=0.01)
    assert mean[30:36] == pytest.approx(np.full(6, 75.9), rel=0.01)
    assert model.day(SAID + timedelta(days=1)).mean.sum() == pytest.approx(1000 * 1.38 * 1.1, rel=0.01)


@pytest.mark.parametrize("true", [1.0, 1.2, 1.38, 1.5])
def test_what_new_days_show_soon_counts_for_more(true: float) -> None:
    """By hand: the step is known to 0.161 and a day to about 0.055, so one day decides nine tenths of it.

    Gain 0.161^2 / (0.161^2 + 0.055^2) = 0.9, and of what is left again the most on each day after it.
    """
    calls = steady(DAYS + 14)
    calls[DAYS - 3:] *= true
    first, seventh = SAID + timedelta(days=4), SAID + timedelta(days=11)
    assert on(calls, first, TOLD) == pytest.approx(1000 * 1.38 ** 0.1 * true ** 0.9, rel=0.04)
    assert on(calls, seventh, TOLD) == pytest.approx(1000 * true, rel=0.03)


def test_the_band_says_how_little_is_known_of_the_step_and_narrows() -> None:
    """A step of 0.322 is known to 0.161: an 80 % band of the day is at least exp(+-1.28 * 0.161) wide."""
    calls = steady(DAYS + 10)
    calls[DAYS - 3:] *= 1.38

    def width(day: date) -> float:
        band = Model(FIRST, calls[:(day - FIRST).days], NO_DAY, {}, TOLD).day(day).total(0, 48)
        return float(np.log(band.hi80 / band.lo80)) / 2

    assert width(SAID) < 0.10
    assert width(SAID + timedelta(days=1)) > 1.2816 * 0.161 * 0.95
    assert width(SAID + timedelta(days=8)) < 0.12


def test_days_before_and_after_the_history_change_nothing() -> None:
    calls = steady(DAYS)
    day = FIRST + timedelta(days=DAYS)
    early = Shift(FIRST - timedelta(days=3), 600, 2.0)
    assert on(calls, day, [early]) == on(calls, day, [])


def _odd(seed: int) -> tuple[np.ndarray, dict[date, str]]:
    rng = np.random.default_rng(seed)
    calls = steady(90)
    rate = np.nan_to_num(calls) * rng.lognormal(0, 0.08, (90, 1))
    calls = np.where(np.isnan(calls), np.nan, rng.poisson(rate))
    calls[32, 16:36] = np.nan  # a Friday without feed
    calls[45, 16:20] = 0
    calls[60:62] *= 3
    if seed == 2:
        calls[70:, :][:, HOURS] = np.where(np.isnan(calls[70:, HOURS]), 40, calls[70:, HOURS])  # weekends too
    if seed == 4:  # Saturdays from the third week on: its first weeks show other habits than all of it
        calls[26::7, HOURS] = 45
    return calls, {FIRST + timedelta(days=28): "holiday", FIRST + timedelta(days=80): "eve"}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("shifts", [[], [Shift(FIRST + timedelta(days=65), 700, 1.3)]])
def test_a_shared_run_gives_what_each_origin_alone_would(seed: int, shifts: list[Shift]) -> None:
    """Nothing of the future leaks out of the run over all days: to the last digit."""
    calls, known = _odd(seed)
    levels = Levels(FIRST, calls, known, shifts)
    for n in (12, 17, 29, 33, 46, 62, 66, 67, 71, 81, 88):
        day = FIRST + timedelta(days=n)
        told = [shift for shift in shifts if shift.day < day]
        alone = Model(FIRST, calls[:n], NO_DAY, known, told).day(day)
        shared = Model(FIRST, calls[:n], NO_DAY, known, told, levels).day(day)
        assert np.array_equal(alone.mean, shared.mean), n
        assert np.array_equal(alone.covariance, shared.covariance), n

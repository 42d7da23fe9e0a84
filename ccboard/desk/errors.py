"""By how much forecasts were off: each of the last four weeks' days, told a day ahead."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from ccboard.desk.ahead import BLOCKS, LEAST_DAYS, STEP, Floats, first_day, model_of
from ccboard.desk.calendar import Known
from ccboard.forecast.level import Shift
from ccboard.forecast.model import Forecast, Levels
from ccboard.panel_surge import ForecastError
from ccboard.surge.profile import go_on

TRIAL_DAYS = 28
"""Days that a forecast is tried on, each knowing only what lay before it."""
LEAST_CALLS = 0.5
"""An interval of which fewer are expected and in which none came says nothing."""


def forecast_error(days: tuple[date, ...], calls: Floats, calendar: Known, minutes: int, band: float,
                   shifts: Sequence[Shift] = (), rest: Callable[[], object] = go_on) -> ForecastError | None:
    """Return by how much day-ahead forecasts of the last four weeks were off; None without any.

    `calls`: rows of days, a column per quarter of an hour; `minutes`: length of the intervals judged; `band`:
    the agreed one; `shifts`: what was called the new normal, which the days after it know. Days that are not
    plain or had no feed are left out. Costs some 10 ms a day of one core; `rest` is called after each.
    """
    each = minutes // STEP
    off = total = days_off = days_total = shares = 0.0
    inside = agreed = counted = n_days = 0
    each_day: list[tuple[str, float, int]] = []
    levels: Levels | None = None
    for n in range(max(LEAST_DAYS, len(days) - TRIAL_DAYS), len(days)):
        if days[n] in calendar.kinds or not np.nansum(calls[n]) or np.isnan(calls[n]).any():
            continue
        rest()
        if levels is None:
            first = first_day(calls)
            levels = Levels(days[first], calls[first:], calendar.kinds, shifts)
        known = [shift for shift in shifts if shift.day < days[n]]
        model = model_of(days[:n], calls[:n], calendar, known, levels)
        if model is None:
            continue
        forecast: Forecast = model.day(days[n])
        whole = forecast.total(0, BLOCKS).mean
        real = float(np.nansum(calls[n]))
        days_off, days_total, n_days = days_off + abs(whole - real), days_total + real, n_days + 1
        shares += abs(whole - real) / real
        each_day.append((days[n].isoformat(), round(whole, 1), round(real)))
        for block in range(0, BLOCKS, each):
            one = forecast.total(block, block + each)
            came = float(calls[n, block:block + each].sum())
            if one.mean < LEAST_CALLS and came == 0:
                continue
            off, total, counted = off + abs(one.mean - came), total + came, counted + 1
            inside += one.lo80 <= came <= one.hi80
            agreed += abs(came - one.mean) <= band * one.mean
    if not counted or not total:
        return None
    return ForecastError(n_days, round(off / total, 4), round(days_off / days_total, 4),
                         round(shares / n_days, 4), round(inside / counted, 3), round(agreed / counted, 3),
                         tuple(each_day))

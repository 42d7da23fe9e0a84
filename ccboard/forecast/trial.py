"""``ccboard backtest forecast``: a history and requests in, forecasts and what they missed by out."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ccboard.errors import ExitCode, InputError
from ccboard.forecast.history import Floats, Past, read
from ccboard.forecast.model import Band, Forecast, Model
from ccboard.surge import calendar
from ccboard.surge.counts import MINUTES
from ccboard.tables import Table
from ccboard.text import printable

COLUMNS = ("origin", "start", "mean", "lo80", "hi80", "lo95", "hi95")


@dataclass(frozen=True, slots=True)
class Request:
    """Forecast `day` from minute `begin` to `end` in steps of `minutes`, knowing what `origin` knew."""

    text: str
    origin: tuple[date, int]
    day: date
    begin: int
    end: int
    minutes: int
    line: int = 0
    """Where it stands in its file."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A forecast: the intervals in their order, and their sum."""

    request: Request
    intervals: tuple[Band, ...]
    total: Band


def run(history: Path, known: Path | None, days: Path, out: Path, *, as_json: bool,
        zone: ZoneInfo | None = None) -> int:
    """Answer the requests of the file `days` into `out` and print how far the forecasts were off.

    A request whose origin has no history before it is said on stderr, and the others are answered: exit
    status 1. Raises InputError, naming file and line, where a file cannot be used.
    """
    requests = list(asked(days))
    past = read(history, [request.minutes for request in requests], zone)
    kinds = calendar.read(known) if known else {}
    blind = {request.line: why for request in requests if (why := nothing_known(past, request))}
    for line, why in blind.items():
        print(printable(f"{days}: line {line}: not forecast: {why}"), file=sys.stderr)
    if not requests:
        print(printable(f"{days}: no request below the header: nothing is forecast"), file=sys.stderr)
    answers = list(answer(past, kinds, [request for request in requests if request.line not in blind]))
    write(answers, out)
    said = summary(past, answers) | {"requests_broken": len(blind)}
    print(json.dumps(said) if as_json else "\n".join(table(said)))
    return ExitCode.FAILED if blind or not requests else ExitCode.OK


def nothing_known(past: Past, request: Request) -> str | None:
    """Return why nothing can be forecast at all: no calls before the origin's day, or no such weekday."""
    before, _ = past.known(request.origin, request.minutes)
    had = np.flatnonzero(np.nansum(before, axis=1) > 0) if len(before) else np.zeros(0, dtype=np.intp)
    if not len(had):
        return f"no history before the origin {request.text}; it begins on {past.first}"
    first, end = past.first + timedelta(days=int(had[0])), past.first + timedelta(days=len(before))
    seen = {(first + timedelta(days=n)).weekday() for n in range(min(7, (end - first).days))}
    if request.day.weekday() not in seen:
        return f"the history before the origin {request.text} has no day of the week of {request.day}"
    return None


def asked(path: Path) -> Iterator[Request]:
    """Yield the requests of a file."""
    lines = Table(path)
    for origin, start, end, text in lines.rows(("origin", "start", "end", "minutes")):
        minutes = int(text) if text.strip().isascii() and text.strip().isdigit() and len(text) < 9 else 0
        if minutes < 1 or MINUTES % minutes:
            lines.wrong(f"minutes {text!r}: a length that a day is made of, such as 15 or 30")
        known, (day, begin) = lines.minute(origin), lines.minute(start)
        last, until = lines.minute(end)
        if (last - day).days == 1 and until == 0:
            last, until = day, MINUTES
        if last != day or until <= begin:
            lines.wrong(f"{start} to {end}: a request ends after it starts, on the same day (or at midnight)")
        if begin % minutes or until % minutes:
            lines.wrong(f"{start} to {end} are not whole intervals of {minutes} minutes since midnight")
        if known[0] > day:
            lines.wrong(f"the origin {origin} lies after the day to forecast")
        yield Request(origin.strip(), known, day, begin, until, minutes, lines.line)


def answer(past: Past, known: Mapping[date, str], requests: list[Request]) -> Iterator[Answer]:
    """Answer requests in their order; those of one origin share a model."""
    models: dict[tuple[tuple[date, int], int], Model] = {}
    for request in requests:
        key = (request.origin, request.minutes)
        if key not in models:
            if len(models) > 50:
                models.clear()
            before, today = past.known(request.origin, request.minutes)
            models[key] = Model(past.first, before, today, known)
        forecast: Forecast = models[key].day(request.day)
        first, end = request.begin // request.minutes, request.end // request.minutes
        yield Answer(request, tuple(forecast.interval(k) for k in range(first, end)),
                     forecast.total(first, end))


def write(answers: list[Answer], out: Path) -> None:
    """Write the forecasts: a row per interval, then the sum under the date alone."""
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(COLUMNS)
            for one in answers:
                request = one.request
                for n, band in enumerate(one.intervals):
                    at = request.begin + n * request.minutes
                    start = f"{request.day}T{at // 60:02d}:{at % 60:02d}"
                    rows.writerow((request.text, start, *_cells(band)))
                rows.writerow((request.text, request.day, *_cells(one.total)))
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror}") from None


def _cells(band: Band) -> tuple[str, ...]:
    ends = (band.lo80, band.hi80, band.lo95, band.hi95)
    return (f"{band.mean:.2f}", *(f"{end:.10g}" for end in ends))


def summary(past: Past, answers: list[Answer]) -> dict[str, Any]:
    """Return how far the forecasts were off, where the history knows what came."""
    intervals, totals = _Misses(), _Misses()
    for one in answers:
        request = one.request
        _, actual = past.known((request.day, MINUTES), request.minutes)
        came = actual[request.begin // request.minutes:request.end // request.minutes]
        if np.isnan(came).all():
            continue
        for band, calls in zip(one.intervals, came, strict=True):
            if not np.isnan(calls):
                intervals.add(band, float(calls))
        totals.add(one.total, float(np.nansum(came)))
    return {"requests": len(answers), "intervals": intervals.said(), "totals": totals.said()}


class _Misses:
    """Sums of misses."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, Band]] = []

    def add(self, band: Band, calls: float) -> None:
        """Count a forecast and what came."""
        self._rows.append((calls, band))

    def said(self) -> dict[str, Any]:
        """Return counts, errors and coverage; None where nothing can be said."""
        calls: Floats = np.array([calls for calls, _ in self._rows])
        miss = np.abs(calls - np.array([band.mean for _, band in self._rows]))
        some = calls > 0
        inside_80 = [band.lo80 <= n <= band.hi80 for n, band in self._rows]
        inside_95 = [band.lo95 <= n <= band.hi95 for n, band in self._rows]
        return {
            "count": len(calls),
            "wape": round(float(miss.sum() / calls.sum()), 4) if calls.sum() > 0 else None,
            "mape": round(float((miss[some] / calls[some]).mean()), 4) if some.any() else None,
            "inside_80": round(float(np.mean(inside_80)), 4) if inside_80 else None,
            "inside_95": round(float(np.mean(inside_95)), 4) if inside_95 else None,
        }


def table(said: dict[str, Any]) -> Iterator[str]:
    """Yield the summary as lines of text."""
    def percent(value: float | None) -> str:
        return "-" if value is None else f"{100 * value:.1f} %"

    yield f"{said['requests']} request{'' if said['requests'] == 1 else 's'}"
    yield f"{'':10}  {'count':>6}  {'WAPE':>7}  {'MAPE':>7}  {'in 80 %':>8}  {'in 95 %':>8}"
    for name in ("intervals", "totals"):
        row = said[name]
        yield (f"{name:10}  {row['count']:6d}  {percent(row['wape']):>7}  {percent(row['mape']):>7}"
               f"  {percent(row['inside_80']):>8}  {percent(row['inside_95']):>8}")

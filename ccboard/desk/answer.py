"""Longer questions: which alarms the past would have had, and whom to schedule for what comes."""

import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ccboard.config import Config
from ccboard.desk import acts as acting
from ccboard.desk import history
from ccboard.desk.ahead import BLOCKS, STEP, model_of, quarters
from ccboard.desk.calendar import Known, known
from ccboard.desk.days import DAY_MINUTES, Days
from ccboard.desk.errors import forecast_error
from ccboard.desk.looking_back import lift_after
from ccboard.desk.people import Handled, handled, together, work_of
from ccboard.desk.renewed import shares_of, told_of
from ccboard.desk.watching import HISTORY_DAYS
from ccboard.errors import UsageError
from ccboard.forecast.model import Model
from ccboard.moments import parse_day_start
from ccboard.staffing.demand import Work, needed
from ccboard.store.reader import Reader
from ccboard.surge.backtest import Day, Judged, judge
from ccboard.surge.counts import Counts, History
from ccboard.surge.filter import COUNTS_AS_SURGE

Floats = NDArray[np.float64]

MOST_DAYS = 366


def alarms(reader: Reader, words: Mapping[str, str | None], config: Config, zone: ZoneInfo, now: int
           ) -> dict[str, Any]:
    """Return the alarms that the last `days` days would have had, each judged by what lay before it.

    Raises UsageError, StoreError.
    """
    count = _number(words, "days", 30, MOST_DAYS)
    days = Days(zone, parse_day_start(config.business_day_start))
    today = days.day_of(now)
    first = today - timedelta(days=count + HISTORY_DAYS)
    past, calendar, acts = _past(reader, days, first, today, config, now)
    said = tuple(one for one in acting.renewals(acts, days) if one.shift.day < today)
    parts = shares_of(past.counts, past.days, said)
    found = []
    for queue, counts in _rows(past, words.get("queue")):
        name = queue or ""
        whole = History(past.days, {name: counts}, per_call=True)
        chosen = (Day(str(n), day, {name: counts[n]}) for n, day in enumerate(past.days)
                  if day >= today - timedelta(days=count))
        judged = judge(whole, calendar.kinds, chosen, told=told_of(queue, said, parts))
        found.append(_queue(queue, list(judged), counts, days))
    return {"schema": "ccboard.alarms/1", "days": count, "timezone": zone.key, "queues": found}


def _queue(queue: str | None, judged: list[Judged], counts: Counts, days: Days) -> dict[str, Any]:
    rows = [row for one in judged if not one.normal.learning
            for row in _alarms(one, counts[int(one.day)], days)]
    false = sum(row["false"] for row in rows)
    open_days = sum(bool((one.normal.rate > 0).any()) and not one.normal.learning for one in judged)
    delays = sorted(row["delay_min"] for row in rows if not row["false"])
    return {
        "queue": queue, "days": open_days, "learning": sum(one.normal.learning for one in judged),
        "alarms": len(rows), "false": false,
        "false_in_30_days": round(30 * false / open_days, 2) if open_days else None,
        "median_delay_min": delays[len(delays) // 2] if delays else None,
        "outages": sum(len(one.outages) for one in judged), "list": rows,
    }


def _alarms(one: Judged, offered: Counts, days: Days) -> Iterator[dict[str, Any]]:
    raised: int | None = None
    tier = 0
    for change in one.changes:
        if change.event == "raise":
            raised, tier = change.minute, change.tier or 0
        elif change.event == "change":
            tier = max(tier, change.tier or 0)
        elif raised is not None:
            rate = one.rate(raised)
            lift = lift_after(offered, rate, raised, change.minute)
            false = lift < COUNTS_AS_SURGE
            began = raised if false else began_at(offered, rate, raised, lift)
            yield {"day": one.date.isoformat(), "raised": _clock(days, raised + 1),
                   "cleared": _clock(days, change.minute + 1), "lift": round(lift - 1, 3), "tier": tier,
                   "false": false, "began": _clock(days, began), "delay_min": raised + 1 - began}
            raised = None


def began_at(offered: Counts, rate: Floats, raised: int, lift: float) -> int:
    """Return the minute from which on the calls up to the alarm fit a surge of `lift` best (likelihood)."""
    part = slice(0, raised + 1)
    seen = ~np.isnan(offered[part]) & (rate[part] > 0)
    gain = np.where(seen, np.nan_to_num(offered[part]) * math.log(lift) - rate[part] * (lift - 1), 0.0)
    from_here = np.cumsum(gain[::-1])[::-1]
    usable = np.flatnonzero(seen)
    return int(usable[np.argmax(from_here[usable])]) if len(usable) else raised


def staff(reader: Reader, words: Mapping[str, str | None], config: Config, zone: ZoneInfo, now: int
          ) -> dict[str, Any]:
    """Return calls and heads per interval of days to come, per queue and (queue null) for all as one pool.

    Raises UsageError, StoreError.
    """
    days = Days(zone, parse_day_start(config.business_day_start))
    today = days.day_of(now)
    begin = _day(words, "from", today)
    count = _number(words, "days", 14, 60)
    minutes = _number(words, "minutes", 30, 60)
    if minutes not in (15, 30, 60):
        raise UsageError("an interval to schedule by has 15, 30 or 60 minutes")
    if begin < today:
        raise UsageError(f"{begin} is over: schedules are for days to come")
    if (begin - today).days > MOST_DAYS:
        raise UsageError(f"{begin} is too far away: forecasts are for the {MOST_DAYS} days to come")
    past, calendar, acts = _past(reader, days, today - timedelta(days=2 * HISTORY_DAYS), today, config, now,
                                 ahead=begin + timedelta(days=count))
    said = acting.renewals(acts, days)
    parts = shares_of(past.counts, past.days, said)
    sums = handled(reader, days.begin(today), config)
    centre = together(sums)
    found = []
    for queue, counts in _rows(past, words.get("queue")):
        own = centre if queue is None else sums.get(queue, Handled(0, 0.0, 0.0, 0))
        work = work_of(own, centre, queue, config)
        shifts, calls = acting.shifts_of(queue, said, parts), quarters(counts)
        made = model_of(past.days, calls, calendar, shifts)
        off = forecast_error(past.days, calls, calendar, minutes, config.surge.band, shifts)
        rows: list[dict[str, Any]] = []
        if made is not None:
            for n in range(count):
                rows += _intervals(made, begin + timedelta(days=n), minutes, work, config, days)
        found.append({"queue": queue, "aht_s": None if work is None else work.aht_s,
                      "patience_s": None if work is None else work.patience_s,
                      "target": None if work is None else work.target,
                      "threshold_s": None if work is None else work.threshold_s,
                      "error": None if off is None else off._asdict(),
                      "intervals": rows})
    return {"schema": "ccboard.staff/1", "from": begin.isoformat(), "days": count, "minutes": minutes,
            "timezone": zone.key, "shrinkage": config.surge.shrinkage, "band": config.surge.band,
            "notices": [calendar.missing] if calendar.missing else [], "queues": found}


def _intervals(model: Model, day: date, minutes: int, work: Work | None, config: Config, days: Days
               ) -> Iterator[dict[str, Any]]:
    forecast = model.day(day)
    each = minutes // STEP
    for block in range(0, BLOCKS, each):
        band = forecast.total(block, block + each)
        if band.mean < 0.05:
            continue
        heads = None if work is None else needed(band.mean * 60 / minutes, work)
        agreed = config.surge.band
        yield {
            "date": day.isoformat(), "time": _clock(days, block * STEP), "calls": round(band.mean, 1),
            "lo80": band.lo80, "hi80": band.hi80, "lo95": band.lo95, "hi95": band.hi95,
            "agreed_lo": round(band.mean * (1 - agreed), 1), "agreed_hi": round(band.mean * (1 + agreed), 1),
            "heads": heads,
            "scheduled": None if heads is None else math.ceil(heads / (1 - config.surge.shrinkage) - 1e-9),
        }


def _past(reader: Reader, days: Days, first: date, today: date, config: Config, now: int,
          ahead: date | None = None) -> tuple[history.Past, Known, tuple[acting.Act, ...]]:
    """Return the days from `first` up to and without today, the calendar, and what people did by now."""
    begin = days.begin(first)
    feeds = history.Feeds.read(reader, begin, now)
    acts = acting.read(reader, begin, now)
    marked = frozenset(days.day_of(act.at) for act in acts if act.kind == "not_normal")
    past = reader.consistent(lambda: history.past(reader, days, first, today, config, feeds))
    return past, known(config.surge, first, ahead or today, marked), acts


def _rows(past: history.Past, wanted: str | None) -> Iterator[tuple[str | None, Counts]]:
    """Yield (queue, counts), the whole centre first; only one of them where it is named."""
    names = sorted(past.counts)
    if wanted is not None and wanted not in ("*", *names):
        raise UsageError(f"no queue {wanted!r}; there is {', '.join(names) or 'none with calls yet'}")
    if names and wanted in (None, "*") and (len(names) > 1 or wanted == "*"):
        yield None, np.sum([past.counts[name] for name in names], axis=0)
    for name in names:
        if wanted in (None, name):
            yield name, past.counts[name]


def _number(words: Mapping[str, str | None], name: str, default: int, most: int) -> int:
    text = words.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise UsageError(f"{name} is a whole number from 1 to {most}, not {text!r}")
    return int(text)


def _day(words: Mapping[str, str | None], name: str, default: date) -> date:
    text = words.get(name)
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{name} is a day such as 2026-11-23, not {text!r}") from None


def _clock(days: Days, minute: int) -> str:
    """Return the time of a minute of the day; the day's end is 24:00 where it begins at midnight."""
    if minute == DAY_MINUTES and not days.shift:
        return "24:00"
    clock = days.of_clock(minute)
    return f"{clock // 60:02d}:{clock % 60:02d}"


"""Calls of one stretch of a day on the same weekday of the weeks before: what a normal day is learnt from.

A day that was heard counts, with 0 where nobody called. Unknown are days before the first that a source told
of, and those on which a gap touches the stretch or a source that promises to be heard was not heard all day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.desk.days import Days
from ccboard.desk.history import Feeds
from ccboard.errors import UsageError
from ccboard.figures.explain import known
from ccboard.figures.public import moment
from ccboard.figures.redials import BEFORE, IS_SECOND, WITHIN_MIN
from ccboard.figures.request import Request, read
from ccboard.metrics.scope import Scope
from ccboard.moments import parse_day_start, to_datetime, to_micros
from ccboard.store.reader import Reader
from ccboard.store.rows import micros, stamp

KPI = "first_tries"
WEEKS = 13
"""Weeks that are looked back, as many as the watch learns from (``ccboard.desk.watching``)."""


def before(reader: Reader, words: Mapping[str, str | None], config: Config, zone: ZoneInfo, now: int
           ) -> dict[str, Any]:
    """Return the calls between the same times by the clock on the 13 same weekdays before, latest first.

    `words`: from, to (the stretch of the day itself), queue (None: all), as_of. `calls` is None where not
    known. Raises UsageError, StoreError.
    """
    for name in ("from", "to"):
        if not words.get(name):
            raise UsageError(f"{name} is missing: between which times")
    starts = parse_day_start(config.business_day_start)
    plain = {name: words.get(name) for name in ("from", "to")}
    as_of = read({"kpi": KPI, "as_of": words.get("as_of")}, zone, now, starts).as_of
    request = read({**plain, "kpi": KPI}, zone, now, starts)
    if not request.begin < request.end <= request.begin + 2 * 86_400_000_000:
        raise UsageError("from and to: a stretch of one day")
    queue = words.get("queue")
    known(reader, queue, config)
    where = () if queue is None else (("queue", (queue,)),)
    request = replace(request, as_of=as_of, where=where)
    stretches = [(_back(request.begin, n, zone), _back(request.end, n, zone)) for n in range(1, WEEKS + 1)]
    return reader.consistent(lambda: {
        "schema": "ccboard.before/1", "as_of": moment(as_of), "from": moment(request.begin),
        "to": moment(request.end), "timezone": zone.key, "queue": queue, "kpi": KPI,
        "rows": _rows(reader, request, stretches, queue, config, zone, starts)})


def _rows(reader: Reader, request: Request, stretches: Sequence[tuple[int, int]], queue: str | None,
          config: Config, zone: ZoneInfo, starts: time) -> list[dict[str, Any]]:
    heard = _Heard(reader, request, stretches[-1][0], queue, Days(zone, starts))
    scope = Scope(reader, request.as_of, config, zone)
    rows = []
    for begin, end in stretches:
        calls: int | None = None
        if begin < end and heard.all_of(begin, end):
            calls = _first_tries(scope, begin, end, queue)
            if not calls and not heard.on_the_day(begin):
                calls = None
        rows.append({"from": moment(begin), "to": moment(end), "calls": calls})
    return rows


def _first_tries(scope: Scope, begin: int, end: int, queue: str | None) -> int:
    """Return the figure `first_tries` of a stretch, by a question that reads nothing but the stretch.

    `figures` looks through the whole store for its first and last moment, each time: of a year of 20 000
    calls a day that made a second of thirteen weeks, and this takes a sixth.
    """
    only, of = "", {"begin": stamp(begin), "end": stamp(end), "as_of": scope.at, **scope.shown,
                    "since": stamp(begin - WITHIN_MIN * 60 * SECOND)}
    if queue is not None:
        only, of["queue"] = " AND queue = $queue", queue
    [(found,)] = scope.rows(f"""
        SELECT count(*) FILTER (WHERE offered_at >= $begin AND is_second IS NOT TRUE) FROM (
            SELECT offered_at, {IS_SECOND} AS is_second FROM visits
            WHERE offered_at >= $since AND offered_at < $end AND offered_at <= $as_of AND direction = 'in'
                AND {scope.shows}{only}
            {BEFORE})
    """, of)
    return int(found)


class _Heard:
    """Tells whether the sources that bring a queue's calls were listened to in a stretch."""

    def __init__(self, reader: Reader, request: Request, first: int, queue: str | None, days: Days) -> None:
        self._reader = reader
        of = {"first": stamp(first), "end": stamp(request.as_of), "queue": queue}
        self._sources = [source for source, in reader.rows(
            "SELECT DISTINCT source FROM visits WHERE offered_at >= $first AND offered_at <= $end"
            " AND direction = 'in' AND ($queue::VARCHAR IS NULL OR queue = $queue)", of)]
        self._feeds = Feeds.read(reader, first, request.as_of)
        [(told,)] = reader.rows("""SELECT min(moment) FROM (SELECT min(moment) AS moment FROM alive
            UNION ALL SELECT min(moment) FROM events WHERE kind = 'whole'
            UNION ALL SELECT min(offered_at) FROM visits)""")
        self._begins = None if told is None else micros(told)
        self._days = days

    def all_of(self, begin: int, end: int) -> bool:
        """Return whether there were records by then, and no gap touches the stretch."""
        if self._begins is None or end <= self._begins:
            return False
        gaps = (gap for source in self._sources for gap in self._feeds.gaps.get(source, ()))
        return not any(a < end and b > begin for a, b in gaps)

    def on_the_day(self, at: int) -> bool:
        """Return whether each source was heard on a day of no call: silence is not always an empty line."""
        return all(self._is_alive(source, at) for source in self._sources)

    def _is_alive(self, source: str, at: int) -> bool:
        stretches = self._feeds.alive.get(source)
        if stretches is None:  # it promises nothing: silence says nothing
            return True
        day = self._days.day_of(at)
        begin, end = self._days.begin(day), self._days.begin(day + timedelta(days=1))
        if any(a < end and b > begin for a, b in stretches):
            return True
        return bool(self._reader.rows(
            "SELECT 1 FROM visits WHERE source = ? AND offered_at >= ? AND offered_at < ? LIMIT 1",
            [source, stamp(begin), stamp(end)]))


def _back(at: int, weeks: int, zone: ZoneInfo) -> int:
    """Return the moment so many weeks before, at the same time by the clock."""
    local: datetime = to_datetime(at).astimezone(zone).replace(tzinfo=None) - timedelta(weeks=weeks)
    return to_micros(local.replace(tzinfo=zone))

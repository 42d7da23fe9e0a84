"""How old each source is, since when its figures are whole, and what it missed."""

from bisect import bisect_right, insort
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ccboard.clock import SECOND
from ccboard.metrics.peak import StaleError
from ccboard.metrics.scope import Scope
from ccboard.snapshot import SourceFigures
from ccboard.store.mirror import Source
from ccboard.store.rows import Row, micros, stamp

_LONGEST_DAY = 26 * 3600 * SECOND
"""More than a business day lasts, the hour of a change of clocks included."""

PEOPLE = "people"
"""Type of the source under which stands what people did: it has no age."""
LATE, DARK = 2, 5
"""Times its promise after which a source's figures are late (grey), and its live figures unknown."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the collector knows of a source now; only for live snapshots."""

    heard_at: int | None
    error: str | None = None
    troubles: tuple[str, ...] = ()
    rows: int = 0
    rejects: int = 0
    reject_reasons: tuple[tuple[str, int], ...] = ()


class Event(NamedTuple):
    """One thing that a source said of itself."""

    source: str
    kind: str
    at: int
    until: int | None
    text: str | None


class Condition(NamedTuple):
    """The sources at as_of, with what the other figures need of them."""

    figures: tuple[SourceFigures, ...]
    sees: Mapping[str, frozenset[str]]
    events: tuple[Event, ...]
    """Of this business day, oldest first."""
    stretches: tuple[tuple[str, int, int], ...]
    """(source, from, until) in which it was heard, of this business day, oldest first."""

    @property
    def dark(self) -> frozenset[str]:
        """Names of the sources whose live figures are unknown."""
        return frozenset(s.name for s in self.figures if s.dark)

    @property
    def late(self) -> frozenset[str]:
        """Names of the sources whose figures are late."""
        return frozenset(s.name for s in self.figures if is_late(s.age_s, s.promise_s) or s.dark)


def is_late(age_s: float | None, promise_s: float) -> bool:
    """Tell whether a source of this age is late."""
    return age_s is not None and age_s > LATE * promise_s


class Said:
    """What the sources said of themselves this business day, whatever the moment."""

    def __init__(self, day: int, sources: Mapping[str, Source], rows: dict[str, int]) -> None:
        self.day = day
        self.sources = dict(sorted(sources.items()))
        self.rows = rows
        """How many rows each has changed."""
        self._heard_before: dict[str, int] = {}
        """Until when each source was heard before the day."""
        self._alive: list[tuple[int, str, int]] = []
        """(from, source, until) of the stretches that reach into the day."""
        self._events: list[tuple[Any, ...]] = []
        """(moment, source, kind, until, text); of before the day one of a kind, which sums them up."""
        self._refused: dict[str, dict[str, int]] = {}
        self._seen: tuple[int, int, _Seen] | None = None
        """From when until when the events are what they were when last asked for."""

    @classmethod
    def asked(cls, scope: Scope) -> "Said":
        """Return all of it out of the store, for who asks once."""
        sources = {name: Source(kind, promise_s, frozenset(sees.split())) for name, kind, promise_s, sees
                   in scope.rows("SELECT name, type, promise_s, sees FROM sources")}
        rows = scope.rows("SELECT source, sum(rows)::BIGINT FROM cursors GROUP BY source")
        said = cls(scope.day, sources, dict(rows))
        said.read(scope)
        return said

    def read(self, scope: Scope) -> None:
        """Take in the tables."""
        whole = {"day": stamp(self.day), "end": stamp(self.day + _LONGEST_DAY)}
        for source, begin, end in scope.rows("""
            SELECT source, moment, until FROM alive WHERE until >= $day AND moment < $end
            UNION ALL SELECT source, NULL, max(until) FROM alive WHERE until < $day GROUP BY source
        """, whole):
            if begin is None:
                self._heard_before[source] = micros(end)
            else:
                insort(self._alive, (micros(begin), source, micros(end)))
        self._events = sorted((
            (micros(moment), source, kind, None if until is None else micros(until), text)
            for source, kind, moment, until, text in scope.rows("""
                SELECT source, kind, moment, until, text FROM events
                    WHERE moment < $end AND (moment >= $day OR until >= $day)
                UNION ALL
                SELECT source, kind, max(moment), max(until), arg_max(text, moment) FROM events
                    WHERE moment < $day AND (until IS NULL OR until < $day)
                        AND kind IN ('whole', 'gap', 'failed')
                    GROUP BY source, kind
            """, whole)
        ), key=_order)
        for source, reason, n in scope.rows("SELECT source, reason, n FROM reject_counts"):
            self.refused(source, reason, int(n))

    def register(self, name: str, source: Source) -> None:
        """Note a source."""
        self.sources = dict(sorted({**self.sources, name: source}.items()))

    def refused(self, source: str, reason: str, n: int) -> None:
        """Note how many pieces of input were refused for a reason."""
        self._refused.setdefault(source, {})[reason] = n

    def alive(self, old: Row | None, new: Row | None) -> None:
        """Note a stretch of life that grew (a row of `alive` goes, a longer one comes)."""
        for row, there in ((old, False), (new, True)):
            if row is None:
                continue
            begin, source, end = micros(row[1]), row[0], micros(row[2])
            if end < self.day:
                self._heard_before[source] = max(end, self._heard_before.get(source, end))
            elif begin < self.day + _LONGEST_DAY:
                if there:
                    insort(self._alive, (begin, source, end))
                elif (begin, source, end) in self._alive:
                    self._alive.remove((begin, source, end))

    def event(self, row: Row) -> None:
        """Note something that a source said. Raises StaleError for one of before the day."""
        source, moment, kind, until, text = row
        at, end = micros(moment), None if until is None else micros(until)
        if at < self.day and (end is None or end < self.day):
            raise StaleError
        if at < self.day + _LONGEST_DAY:
            insort(self._events, (at, source, kind, end, text), key=_order)
            self._seen = None

    def seen(self, as_of: int) -> "_Seen":
        """Return what had been said by as_of: the same again until there is something new."""
        if self._seen is None or not self._seen[0] <= as_of < self._seen[1]:
            n = bisect_right(self._events, as_of, key=lambda event: event[0])
            begin = self._events[n - 1][0] if n else self.day
            end = self._events[n][0] if n < len(self._events) else self.day + _LONGEST_DAY
            self._seen = (begin, end, _Seen.of(self.day, self._events[:n]))
        return self._seen[2]

    def stretches(self, as_of: int) -> tuple[tuple[str, int, int], ...]:
        """Return (source, from, until) of the stretches of life of the day, oldest first."""
        return tuple((source, begin, min(as_of, end)) for begin, source, end in self._alive if begin <= as_of)

    def heard(self, source: str, as_of: int) -> int | None:
        """Return until when a source was heard."""
        ends = [end for begin, name, end in self._alive if name == source and begin <= as_of]
        before = self._heard_before.get(source)
        return max(ends if before is None else [*ends, before], default=None)

    def reasons(self, source: str) -> tuple[tuple[str, int], ...]:
        """Return why input was refused, and how often, the most frequent first."""
        return tuple(sorted(self._refused.get(source, {}).items(), key=lambda item: (-item[1], item[0])))


def _order(event: tuple[Any, ...]) -> tuple[Any, ...]:
    at, source, kind, until, text = event
    return (at, source, kind, until or 0, text or "")


@dataclass(frozen=True, slots=True)
class _Seen:
    """The events up to a moment, by what is asked of them."""

    today: tuple[Event, ...]
    whole: Mapping[str, int]
    gaps: Mapping[str, list[tuple[int, int | None]]]
    failed: Mapping[str, tuple[int, str]]

    @classmethod
    def of(cls, day: int, told: list[tuple[Any, ...]]) -> "_Seen":
        whole: dict[str, int] = {}
        gaps: dict[str, list[tuple[int, int | None]]] = {}
        failed: dict[str, tuple[int, str]] = {}
        for at, source, kind, until, text in told:
            if kind == "whole":
                whole[source] = at
            elif kind == "gap":
                gaps.setdefault(source, []).append((at, until))
            elif kind == "failed":
                failed[source] = (at, text or "failed")
        today = (Event(source, kind, at, until, text) for at, source, kind, until, text in told if at >= day)
        return cls(tuple(today), whole, gaps, failed)


def condition(scope: Scope, *, live: bool, health: Mapping[str, Health], told: Said | None = None
              ) -> Condition:
    """Return what is known of every source at as_of, out of what they said (None: it is asked for).

    A source's age is the time since its last stretch of life that began by as_of ended. `health`, the
    collector's own knowledge, replaces that in a live snapshot: the store hears of life in batches.
    """
    told = told or Said.asked(scope)
    seen, stretches = told.seen(scope.as_of), told.stretches(scope.as_of)
    heard_today = {source for source, _begin, _end in stretches}
    figures = []
    for name, source in told.sources.items():
        if source.type == PEOPLE:
            continue
        known = health.get(name) if live else None
        if live and known is None and name not in heard_today:
            continue  # neither asked now nor heard today: history of a source that is gone
        figures.append(_figures(scope, told, seen, name, source, known, live=live))
    return Condition(tuple(figures), {name: source.sees for name, source in told.sources.items()},
                     seen.today, stretches)


def judged(error: str | None, age_s: float | None, promise_s: float, *, dark: bool = False) -> str:
    """Return the state of a source: failed, stale or ok. The same for figures, boards and status."""
    if error is not None:
        return "failed"
    return "stale" if dark or is_late(age_s, promise_s) else "ok"


def _refused(stored: tuple[tuple[str, int], ...], counted: tuple[tuple[str, int], ...]
             ) -> tuple[tuple[str, int], ...]:
    """Return why input was refused: as stored, by earlier hubs too, and as counted since, if that is more.

    What the collector has counted is in the store a moment later, so the two are not added.
    """
    if not counted:
        return stored
    most = dict(stored)
    for reason, n in counted:
        most[reason] = max(n, most.get(reason, 0))
    return tuple(sorted(most.items(), key=lambda item: (-item[1], item[0])))


def _begins_later(scope: Scope, name: str) -> bool:
    """Tell whether a source that was not heard by as_of was heard after it."""
    return bool(scope.rows("SELECT 1 FROM alive WHERE source = $name AND moment > $as_of LIMIT 1",
                           {"name": name, "as_of": scope.at}))


def _figures(scope: Scope, told: Said, seen: _Seen, name: str, source: Source, known: Health | None, *,
             live: bool) -> SourceFigures:
    heard = told.heard(name, scope.as_of)
    if known is not None and known.heard_at is not None:
        heard = max(known.heard_at, heard or known.heard_at)
    promise_s = source.promise_s
    age_s = None if heard is None else max(0, scope.as_of - heard) / SECOND
    dark = (age_s is not None and age_s > DARK * promise_s) or (age_s is None and (live or _begins_later(
        scope, name)))
    if known is not None:
        error = known.error
    else:
        at, text = seen.failed.get(name, (0, None))
        error = text if text is not None and (heard is None or at >= heard) else None
    state = judged(error, age_s, promise_s, dark=dark)
    whole = seen.whole.get(name)
    gaps = sorted({(begin, min(scope.as_of, end or scope.as_of)) for begin, end in seen.gaps.get(name, ())})
    missed = max((end for _begin, end in gaps), default=None)
    if whole is not None and missed is not None:
        whole = max(whole, missed)
    reasons = _refused(told.reasons(name), () if known is None else known.reject_reasons)
    refused = max(sum(n for _reason, n in reasons), 0 if known is None else known.rejects)
    return SourceFigures(
        name=name, type=source.type, state=state, age_s=age_s, complete_since=whole, error=error,
        promise_s=promise_s, rows=told.rows.get(name, 0) if known is None else known.rows,
        rejects=refused,
        reject_reasons=reasons, troubles=known.troubles if known is not None else (),
        gaps=tuple((max(begin, scope.day), end) for begin, end in gaps if end >= scope.day), dark=dark,
    )

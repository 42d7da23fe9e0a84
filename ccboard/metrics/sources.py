"""How old each source is, since when its figures are whole, and what it missed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ccboard.clock import SECOND
from ccboard.metrics.scope import Scope
from ccboard.snapshot import SourceFigures
from ccboard.store.rows import micros, stamp

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


def condition(scope: Scope, *, live: bool, health: Mapping[str, Health]) -> Condition:
    """Return what is known of every source at as_of.

    A source's age is the time since its last stretch of life that began by as_of ended. `health`, the
    collector's own knowledge, replaces that in a live snapshot: the store hears of life in batches.
    """
    day, at = stamp(scope.day), scope.at
    rows = scope.rows("""
        SELECT name, type, promise_s, sees, until, coalesce(c.rows, 0) FROM sources
        LEFT JOIN (SELECT source AS name, max(until) AS until FROM alive WHERE moment <= $as_of
            GROUP BY source) USING (name)
        LEFT JOIN (SELECT source AS name, sum(rows) AS rows FROM cursors GROUP BY source) c USING (name)
        ORDER BY name
    """, {"as_of": at})
    said = scope.rows("""
        SELECT source, kind, moment, until, text FROM events WHERE moment <= $as_of
            AND (moment >= $day OR until >= $day)
        UNION ALL
        SELECT source, kind, max(moment), max(until), arg_max(text, moment) FROM events
            WHERE moment < $day AND (until IS NULL OR until < $day) AND kind IN ('whole', 'gap', 'failed')
            GROUP BY source, kind
        ORDER BY 3, 1, 2
    """, {"as_of": at, "day": day})
    lives = scope.rows(
        "SELECT source, moment, until FROM alive WHERE until >= $day AND moment <= $as_of ORDER BY 2, 1",
        {"as_of": at, "day": day},
    )
    stretches = tuple((source, micros(begin), min(scope.as_of, micros(end))) for source, begin, end in lives)
    refused: dict[str, list[tuple[str, int]]] = {}
    for source, reason, n in scope.rows(
        "SELECT source, reason, n FROM reject_counts ORDER BY n DESC, reason"
    ):
        refused.setdefault(source, []).append((reason, int(n)))
    events = [Event(source, kind, micros(moment), None if until is None else micros(until), text)
              for source, kind, moment, until, text in said]
    figures = []
    for name, kind, promise_s, _sees, until, stored_rows in rows:
        told = health.get(name) if live else None
        if live and told is None and not any(source == name for source, _begin, _end in stretches):
            continue  # neither asked now nor heard today: history of a source that is gone
        mine = [event for event in events if event.source == name]
        reasons = tuple(refused.get(name, ()))
        figures.append(_figures(
            scope, name, kind, promise_s, until, mine, told,
            live=live, rows=int(stored_rows), reasons=reasons,
        ))
    return Condition(
        tuple(figures), {row[0]: frozenset(row[3].split()) for row in rows},
        tuple(event for event in events if event.at >= scope.day), stretches,
    )


def _figures(scope: Scope, name: str, kind: str, promise_s: float, until: datetime | None,
             events: list[Event], told: Health | None, *, live: bool, rows: int,
             reasons: tuple[tuple[str, int], ...]) -> SourceFigures:
    heard = None if until is None else micros(until)
    if told is not None and told.heard_at is not None:
        heard = max(told.heard_at, heard or told.heard_at)
    age_s = None if heard is None else max(0, scope.as_of - heard) / SECOND
    dark = (age_s is not None and age_s > DARK * promise_s) or (age_s is None and live)
    error = _last_error(events, heard) if told is None else told.error
    if error is not None:
        state = "failed"
    elif dark or is_late(age_s, promise_s):
        state = "stale"
    else:
        state = "ok"
    whole = max((event.at for event in events if event.kind == "whole"), default=None)
    gaps = sorted({(event.at, min(scope.as_of, event.until or scope.as_of)) for event in events
                   if event.kind == "gap"})
    missed = max((end for _begin, end in gaps), default=None)
    if whole is not None and missed is not None:
        whole = max(whole, missed)
    if told is not None:
        rows, reasons = told.rows, told.reject_reasons
    return SourceFigures(
        name=name, type=kind, state=state, age_s=age_s, complete_since=whole, error=error,
        promise_s=promise_s, rows=rows,
        rejects=told.rejects if told is not None else sum(n for _reason, n in reasons),
        reject_reasons=reasons, troubles=told.troubles if told is not None else (),
        gaps=tuple((max(begin, scope.day), end) for begin, end in gaps if end >= scope.day), dark=dark,
    )


def _last_error(events: list[Event], heard: int | None) -> str | None:
    """Return the text of a failure that nothing was heard after, else None."""
    failed = [event for event in events if event.kind == "failed" and (heard is None or event.at >= heard)]
    return (failed[-1].text or "failed") if failed else None

"""How long calls keep an agent in the next half hour, against the mean of the last four weeks.

Mornings ask other things than evenings, other people answer, and what brings a surge may make calls longer,
too. So two ratios: the hour of the day in those weeks, and how today's calls went against both. Each is
believed as far as its number of calls carries (their lengths vary by nine tenths of the mean), hours that
differ by 3 % and days that differ by 5 % being usual.

A queue that has too few calls to know its own mean counts against the centre's, as its work does in the
panel: what it really takes then shows in the ratio of its pool.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccboard.clock import SECOND
from ccboard.desk.people import BUSY_S, HOURS, LEAST_TALKS, Handled, known_by, together
from ccboard.desk.people import NOTHING as NO_CALLS
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp

Floats = NDArray[np.float64]

CALL_CV = 0.9
HOUR_CALLS, DAY_CALLS = (CALL_CV / 0.03) ** 2, (CALL_CV / 0.05) ** 2
"""Calls after which an hour, or today, counts as much as that it is like the others."""
LATELY_S, ENDED_S, ENDED_AHT = 3 * 3600, 1200, 5
"""Today's calls that count were offered so long ago, at most and at least: of later ones the long ones still
go on. At least five times the queue's mean, too, and then at most twice that: of lengths that vary as an
exponential distribution does 7 of 1,000 are left by then, and what ended looks less than 1 % too short."""
LEAST_RATIO, MOST_RATIO = 0.5, 2.0
"""A day's calls that look shorter or longer than that are told of wrongly rather than such."""


class Lengths(NamedTuple):
    """Ratios to the four weeks' mean of how long a call keeps an agent."""

    hours: Mapping[str, Floats]
    """Of each queue, by the hour after the day's beginning."""
    today: Mapping[str, tuple[float, float]]
    """Of each queue: how many of today's calls have ended, and how long they took against those expected, as
    if each had the mean length."""

    def ratios(self, names: Sequence[str]) -> dict[str, Floats]:
        """Return the ratios of each queue of a pool, by the hour: today is judged by all of them together."""
        known = [self.today[name] for name in names if name in self.today]
        calls, took = sum(n for n, _ in known), sum(took for _, took in known)
        of_day = min(max((took + DAY_CALLS) / (calls + DAY_CALLS), LEAST_RATIO), MOST_RATIO)
        return {name: of_day * self.hours.get(name, np.ones(HOURS)) for name in names}


NOTHING = Lengths({}, {})


def by_hour(sums: Mapping[str, Handled]) -> dict[str, Floats]:
    """Return each queue's hours against its mean, shrunk towards none differing; of those that know it."""
    found = {}
    for queue, own in sums.items():
        if own.talks >= LEAST_TALKS and own.hours:
            calls, took = np.array(own.hours).T
            expected = calls * own.handle_s / own.talks
            found[queue] = (took + HOUR_CALLS * own.handle_s / own.talks) / (
                expected + HOUR_CALLS * own.handle_s / own.talks)
    return found


def ended_s(known: Handled) -> int:
    """Return how long ago a call must have been offered to count: by then long ones have ended, too."""
    return max(ENDED_S, int(ENDED_AHT * known.handle_s / known.talks)) if known.talks else ENDED_S


def today(reader: Reader, begin: int, as_of: int, sums: Mapping[str, Handled], hours: Mapping[str, Floats]
          ) -> dict[str, tuple[float, float]]:
    """Return how today's calls of the last hours went, against their queue and hour."""
    centre = together(sums)
    usual = ended_s(centre)
    own_s = {queue: wait for queue, own in sums.items()
             if (wait := ended_s(known_by(own, centre))) != usual}
    waits = (usual, *own_s.values())
    rows = reader.rows(f"""
        SELECT v.queue, ((epoch_us(offered_at) - $begin) // 3600000000)::INTEGER % {HOURS},
            count(*), sum({BUSY_S}), count(*) FILTER (WHERE wrap_s IS NULL)
        FROM visits v
        LEFT JOIN (SELECT unnest($queues::VARCHAR[]) AS queue, unnest($own_s::BIGINT[]) AS wait) AS own
            ON own.queue = v.queue
        WHERE offered_at >= $first AND offered_at < $last AND direction = 'in'
            AND outcome = 'answered' AND ended_at <= $as_of AND talk_s IS NOT NULL
            AND offered_at < $as_of - to_seconds(coalesce(wait, $usual))
            AND offered_at >= $as_of - to_seconds(greatest({LATELY_S}, 2 * coalesce(wait, $usual)))
        GROUP BY ALL
    """, {"begin": begin, "as_of": stamp(as_of), "queues": list(own_s), "own_s": list(own_s.values()),
          "usual": usual, "last": stamp(max(begin, as_of - min(waits) * SECOND)),
          "first": stamp(max(begin, as_of - max(LATELY_S, 2 * max(waits)) * SECOND))})
    found: dict[str, tuple[float, float]] = {}
    for queue, hour, calls, took, bare in rows:
        own = sums.get(queue, NO_CALLS)
        known = known_by(own, centre)
        if not known.talks or known.handle_s <= 0:
            continue
        mean = known.handle_s / known.talks * (float(hours[queue][hour]) if queue in hours else 1.0)
        n, ratio = found.get(queue, (0.0, 0.0))
        found[queue] = n + calls, ratio + (float(took) + bare * own.timer_s) / mean
    return found


class Measured:
    """Keeps what a day needs; for one thread."""

    def __init__(self) -> None:
        self._hours: tuple[object, dict[str, Floats]] | None = None
        self._today: tuple[tuple[int, int], dict[str, tuple[float, float]]] | None = None

    def read(self, reader: Reader, begin: int, as_of: int, sums: Mapping[str, Handled]) -> Lengths:
        """Return what is known at a moment of the day that begins at `begin`."""
        if self._hours is None or self._hours[0] is not sums:
            self._hours, self._today = (sums, by_hour(sums)), None
        key = begin, as_of // (60 * SECOND)
        if self._today is None or self._today[0] != key:
            self._today = key, today(reader, begin, as_of, sums, self._hours[1])
        return Lengths(self._hours[1], self._today[1])

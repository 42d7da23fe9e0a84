"""Who will be at work in the next hour: who usually comes and goes at this time, and how many pause.

There is no roster to ask. Who answered calls on the same weekday of the last weeks was there from the first
of them to the last, which tells shifts but not breaks; those are as today's.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccboard.clock import SECOND
from ccboard.desk.days import DAY_MINUTES, MINUTE, Days
from ccboard.desk.people import AT_WORK
from ccboard.snapshot import Snapshot
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp

Floats = NDArray[np.float64]
WEEKS = 5
"""Weeks whose same weekday is looked at; days without anybody at work are left out."""
USUAL_SHARE, USUAL_S = 0.85, 10_800.0
"""Share of those logged in who are at work, before the day tells, and for how long each that counts."""
PAUSE_MIN = 15.0
"""Mean minutes after which who pauses now is back, and others pause."""
_GONE = frozenset({None, "offline", "unknown"})

Present = Mapping[str, Floats]
"""Mean people at each minute of the day who answered calls before and after it, by the first call's queue."""


class Presence(NamedTuple):
    """What is known of people's coming and going: `share` of those logged in are usually at work."""

    present: Present
    share: float


NOTHING = Presence({}, USUAL_SHARE)


def present(reader: Reader, days: Days, day: date) -> dict[str, Floats]:
    """Return who is there on such a day, from those who answered calls on the same weekday before."""
    found: dict[str, Floats] = {}
    seen = 0
    for week in range(1, WEEKS + 1):
        before = day - timedelta(days=7 * week)
        begin, end = days.begin(before), days.begin(before + timedelta(days=1))
        rows = reader.rows("""
            SELECT arg_min(queue, answered_at), epoch_us(min(answered_at)),
                epoch_us(max(coalesce(ended_at, answered_at)))
            FROM visits WHERE offered_at >= $begin AND offered_at < $end AND answered_at IS NOT NULL
                AND agent <> '' AND direction = 'in'
            GROUP BY agent
        """, {"begin": stamp(begin), "end": stamp(end)})
        seen += bool(rows)
        for queue, first, last in rows:
            steps = found.setdefault(queue, np.zeros(DAY_MINUTES + 1))
            steps[min((first - begin) // MINUTE, DAY_MINUTES)] += 1
            steps[min((last - begin) // MINUTE + 1, DAY_MINUTES)] -= 1
    return {queue: np.cumsum(steps)[:DAY_MINUTES] / max(seen, 1) for queue, steps in found.items()}


def usual_share(reader: Reader, begin: int, floor: Snapshot) -> float:
    """Return the share of today's time logged in that was at work, as far as the day can tell."""
    [(logged,)] = reader.rows("""
        SELECT coalesce(sum(epoch_us(CASE WHEN state = 'offline' THEN last ELSE $as_of END)
            - epoch_us(first)), 0)
        FROM (SELECT min(moment) FILTER (WHERE state NOT IN ('offline', 'unknown')) AS first,
                max(moment) AS last, arg_max(state, (moment, seq)) AS state
              FROM agent_states WHERE moment >= $begin AND moment <= $as_of
              GROUP BY coalesce(nullif(agent, ''), interface))
        WHERE first IS NOT NULL
    """, {"begin": stamp(begin), "as_of": stamp(floor.as_of)})
    paused = float(sum(agent.paused_s for agent in floor.agents))
    here = USUAL_S * sum(agent.state not in _GONE for agent in floor.agents)
    logged_s = float(logged) / SECOND
    if logged_s + here <= 0 or paused > logged_s:
        return USUAL_SHARE
    return (logged_s - paused + here * USUAL_SHARE) / (logged_s + here)


def expected(presence: Presence, floor: Snapshot, queues: Iterable[str], minute: int,
             steps: NDArray[np.int64]) -> Floats:
    """Return how many of those who serve any of `queues` will be at work so many minutes from now.

    `minute` is the present minute of the day. Who is there now goes as people went, and others come as they
    came; who pauses comes back, and as many pause as usual.
    """
    names = frozenset(queues)
    own = [agent.state for agent in floor.agents if not names.isdisjoint(agent.queues)]
    logged = sum(state not in _GONE for state in own)
    working = sum(state in AT_WORK for state in own)
    total = sum((presence.present[name] for name in names if name in presence.present), np.zeros(DAY_MINUTES))
    at = np.minimum(minute + steps, DAY_MINUTES - 1)
    there = np.maximum(logged + total[at] - total[min(minute, DAY_MINUTES - 1)], 0.0)
    share = working / logged if logged else presence.share
    found: Floats = there * (presence.share + (share - presence.share) * np.exp(-steps / PAUSE_MIN))
    return found


class Watched:
    """Keeps what a day needs; for one thread."""

    def __init__(self) -> None:
        self._present: tuple[object, dict[str, Floats]] | None = None
        self._share: tuple[int, float] | None = None

    def read(self, reader: Reader, days: Days, day: date, floor: Snapshot, key: object) -> Presence:
        """Return what is known at the snapshot's moment; `key` changes with the history."""
        if not any(agent.state is not None for agent in floor.agents):
            return NOTHING
        if self._present is None or self._present[0] != (day, key):
            self._present = (day, key), present(reader, days, day)
        minute = floor.as_of // MINUTE
        if self._share is None or self._share[0] != minute:
            self._share = minute, usual_share(reader, days.begin(day), floor)
        return Presence(self._present[1], self._share[1])


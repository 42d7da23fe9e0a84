"""Who entered which state when, by person: what agents' states, pauses and the log come from.

States are replayed in the order of their moments. So that a snapshot costs the same at any length of
history and at any hour, the replay goes on from where it was some minutes before as_of, which is kept
with the reader; and before the business day only the last state of each counts. Both are caches
and nothing else: what is committed later from before them, or ties a name anew, throws them away.
"""

import copy
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias

from ccboard.clock import SECOND
from ccboard.metrics.scope import Scope
from ccboard.store.rows import micros, stamp

MOST = 200
"""Most changes known: the log has no room for more."""

Key: TypeAlias = tuple[str, str, str | None]
"""(source, person, queue or None)"""
Told: TypeAlias = tuple[str, str, str | None, str | None, datetime, str, str | None, str | None]
"""(source, agent, interface, queue, moment, state, reason, team)"""
Names: TypeAlias = Mapping[tuple[str, str], str]
"""(source, name or interface): the person, where that is another name."""


class Standing(NamedTuple):
    """What a person is in one queue (None: on the phone or seat itself), by one source."""

    source: str
    person: str
    queue: str | None
    state: str
    reason: str | None
    team: str | None
    since: int
    """Since when in this state for this reason."""
    last: int
    """When last told."""
    named: bool
    """False: only an interface, with no name tied to it."""


class Move(NamedTuple):
    """A person's change of state in one queue, or (queue None) in several at the same moment."""

    at: int
    person: str
    queue: str | None
    kind: str
    reason: str | None


class Replay:
    """States told so far, brought to one moment."""

    def __init__(self, day: int) -> None:
        self.day = day
        self.at = day - 1
        self.standings: dict[Key, Standing] = {}
        self.paused_us: dict[str, int] = {}
        self.pauses: dict[str, tuple[int, int]] = {}  # person: (queues paused in, since when any)
        self.moves: deque[Move] = deque(maxlen=MOST * 4)

    def copy(self) -> "Replay":
        """Return a replay of its own at the same moment."""
        twin = copy.copy(self)
        twin.standings, twin.paused_us = dict(self.standings), dict(self.paused_us)
        twin.pauses, twin.moves = dict(self.pauses), self.moves.copy()
        return twin

    def feed(self, told: Iterable[Told], names: Names, at: int) -> None:
        """Take in states in the order of their moments, all of them up to `at`."""
        standings = self.standings
        for source, agent, interface, queue, moment, state, reason, team in told:
            raw = agent or interface
            if not raw:
                continue
            tied = names.get((source, raw))
            when = micros(moment)
            key = (source, tied or raw, queue)
            before = standings.get(key)
            same = before is not None and before.state == state and before.reason == reason
            standings[key] = Standing(
                *key, state, reason, team or (before.team if before else None),
                before.since if same and before else when, when,
                bool(agent or tied) or (before is not None and before.named),
            )
            was = before.state if before else None
            if (state == "paused") != (was == "paused"):
                self._step(key[1], 1 if state == "paused" else -1, max(when, self.day))
            if not same and when >= self.day and (agent or tied):
                kind = _kind(state, was)
                if kind is not None:
                    self.moves.append(Move(when, key[1], queue, kind, reason))
        self.at = at

    def _step(self, person: str, step: int, when: int) -> None:
        level, since = self.pauses.get(person, (0, when))
        if level == 0:
            since = when
        elif level + step == 0:
            self.paused_us[person] = self.paused_us.get(person, 0) + when - since
        self.pauses[person] = (level + step, since)

    def paused_s(self, as_of: int) -> dict[str, int]:
        """Return the whole seconds of the day up to `as_of` paused in at least one queue, by person."""
        return {
            person: (self.paused_us.get(person, 0) + (as_of - since if level else 0)) // SECOND
            for person, (level, since) in self.pauses.items()
        }

    def changes(self) -> list[Move]:
        """Return the newest changes for the log, newest first; of several queues at once one."""
        together: dict[tuple[int, str, str, str | None], set[str | None]] = {}
        for move in self.moves:
            together.setdefault((move.at, move.person, move.kind, move.reason), set()).add(move.queue)
        moves = [Move(at, person, next(iter(queues)) if len(queues) == 1 else None, kind, reason)
                 for (at, person, kind, reason), queues in together.items()]
        moves.sort(key=lambda move: (-move.at, move.person, move.kind, move.reason or ""))
        return moves[:MOST]


def _kind(state: str, before: str | None) -> str | None:
    """Return the log's word for a change, None where it has none."""
    if state == "paused":
        return "paused"
    if state == "ready" and before in ("paused", "offline"):
        return "ready" if before == "paused" else "online"
    if state == "offline" and before not in (None, "offline"):
        return "offline"
    return None


def generations(scope: Scope) -> None:
    """Note how far the store was before the snapshot's transaction begins; ``replay`` compares with it."""
    kept, store = scope.reader.scratch, scope.reader.store
    kept["late_states"], kept["late_visits"] = store.keep_from(scope.frame)
    kept["ties_generation"] = store.ties_generation


def replay(scope: Scope) -> tuple[Replay, Names]:
    """Return the states told by as_of, and who is known under another name."""
    kept, frame = scope.reader.scratch, scope.frame
    names = _who_is_whom(scope)
    before_day = (scope.day, kept.get("late_states"), scope.shown)
    if kept.get("before_day") != before_day:
        kept["past"], kept["before_day"] = _last_of_the_past(scope), before_day
        kept.pop("frame", None)
    if kept.get("frame_names") != names:
        kept["frame_names"] = names
        kept.pop("frame", None)
    base: Replay | None = kept.get("frame")
    if base is None or base.at > frame:
        base = Replay(scope.day)
        base.feed(kept["past"], names, scope.day - 1)
    told = _told(scope, base.at)
    if frame > base.at:
        cut = stamp(frame)
        base = base.copy()
        base.feed((row for row in told if row[4] <= cut), names, frame)
        kept["frame"] = base
        told = [row for row in told if row[4] > cut]
    now = base.copy()
    now.feed(told, names, scope.as_of)
    if not scope.shown:
        return now, names
    shows = scope.config.shows
    now.standings = {key: one for key, one in now.standings.items() if key[2] is None or shows(key[2])}
    return now, names


def _last_of_the_past(scope: Scope) -> list[Told]:
    """Return the last state before the business day of every agent, interface and queue, oldest first."""
    rows = scope.rows(f"""
        SELECT source, agent, interface, queue, last.moment, last.state, last.reason, team FROM (
            SELECT source, agent, interface, queue, arg_max(team, moment) AS team,
                arg_max({{'moment': moment, 'seq': seq, 'state': state, 'reason': reason}},
                        {{'moment': moment, 'seq': seq, 'state': state}}) AS last
            FROM agent_states WHERE moment < $day AND (queue IS NULL OR {scope.shows})
            GROUP BY source, agent, interface, queue)
        ORDER BY last.moment, last.seq, last.state, source, agent, interface, queue
    """, {"day": stamp(scope.day), **scope.shown})
    return [tuple(row) for row in rows]


def _told(scope: Scope, since: int) -> list[Told]:
    """Return the states told after `since` and by as_of, in order."""
    rows = scope.rows(f"""
        SELECT source, agent, interface, queue, moment, state, reason, team FROM agent_states
        WHERE moment > $since AND moment <= $as_of AND (queue IS NULL OR {scope.shows})
        ORDER BY moment, seq, state, source, agent, interface, queue
    """, {"since": stamp(since), "as_of": scope.at, **scope.shown})
    return [tuple(row) for row in rows]


def _who_is_whom(scope: Scope) -> Names:
    """Return the person behind each (source, name or interface) that is known under another name.

    The configuration's word counts more than what sources said.
    """
    kept = scope.reader.scratch
    own = {agent.interface: name for name, agent in scope.config.agents.items() if agent.interface}
    made_from = (kept.get("ties_generation"), own)
    if kept.get("names_from") != made_from:
        names: dict[tuple[str, str], str] = {}
        for source, interface, agent in scope.rows("SELECT source, interface, agent FROM ties"):
            names[source, interface] = own.get(interface) or own.get(agent, agent)
        for (source,) in scope.rows("SELECT name FROM sources"):
            names.update({(source, interface): name for interface, name in own.items()})
        kept["names"], kept["names_from"] = names, made_from
    result: Names = kept["names"]
    return result


def known_agents(scope: Scope, interfaces: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which (source, interface) were seen as agents on a call, an offer or a pause by as_of."""
    rows = scope.rows("""
        SELECT source, agent FROM agents_seen
        WHERE moment <= $as_of AND agent IN (SELECT unnest($names::VARCHAR[]))
    """, {"as_of": scope.at, "names": [interface for _source, interface in interfaces]})
    return {(source, agent) for source, agent in rows}

"""Work and people of each queue: how long calls take, how long callers wait, who is there for them."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import reduce
from typing import NamedTuple

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.figures.rules import rule_of
from ccboard.snapshot import Snapshot
from ccboard.staffing.demand import Work, patience
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp

WEEKS = timedelta(days=28)
LEAST_TALKS = 30
"""Below this a queue's handling time is the centre's."""
AT_WORK = frozenset({"ready", "ringing", "talking", "hold", "wrap_up"})


HOURS = 24
BUSY_S = "talk_s + coalesce(hold_s, 0) + coalesce(ring_s, 0) + coalesce(wrap_s, 0)"
"""What of a call keeps an agent."""


class Handled(NamedTuple):
    """Sums of four weeks of a queue."""

    talks: int
    handle_s: float
    waited_s: float
    abandons: int
    timer_s: float = 0.0
    """The wrap-up timer: what a call takes besides where none was measured."""
    hours: tuple[tuple[int, float], ...] = ()
    """`talks` and `handle_s` of each hour after the day's beginning; an hour off before clocks changed."""

    def plus(self, other: "Handled") -> "Handled":
        """Return both together, without hours."""
        return Handled(self.talks + other.talks, self.handle_s + other.handle_s,
                       self.waited_s + other.waited_s, self.abandons + other.abandons)


NOTHING = Handled(0, 0.0, 0.0, 0)


def handled(reader: Reader, begin: int, config: Config) -> dict[str, Handled]:
    """Return what the four weeks before `begin` say of each queue's calls and callers.

    A wrap-up timer keeps an agent as measured wrap-up does: it is added where none was measured.
    """
    first = begin - int(WEEKS.total_seconds()) * SECOND
    timers = {queue: float(wrap) for queue, wrap in reader.rows(
        "SELECT queue, max(wrap_up_s) FROM queues_known WHERE wrap_up_s IS NOT NULL GROUP BY queue")}
    timers |= {name: own.wrap_up_s for name, own in config.queues.items() if own.wrap_up_s is not None}
    rows = reader.rows(f"""
        SELECT queue, ((epoch_us(offered_at) - $since) // 3600000000)::INTEGER % {HOURS},
            count(*) FILTER (WHERE talked), coalesce(sum({BUSY_S}) FILTER (WHERE talked), 0),
            count(*) FILTER (WHERE talked AND wrap_s IS NULL), coalesce(sum(wait_s), 0),
            count(*) FILTER (WHERE outcome = 'abandoned' AND wait_s IS NOT NULL)
        FROM (SELECT *, outcome = 'answered' AND ended_at IS NOT NULL AND talk_s IS NOT NULL AS talked
              FROM visits WHERE offered_at >= $first AND offered_at < $begin AND direction = 'in')
        GROUP BY ALL
    """, {"first": stamp(first), "begin": stamp(begin), "since": first})
    hours: dict[str, list[tuple[int, float]]] = {}
    found: dict[str, Handled] = {}
    for queue, hour, talks, total, bare, waited, abandons in rows:
        timer = timers.get(queue, 0.0)
        took = float(total) + int(bare) * timer
        found[queue] = found.get(queue, NOTHING).plus(Handled(int(talks), took, float(waited), int(abandons)))
        hours.setdefault(queue, [(0, 0.0)] * HOURS)[hour] = int(talks), took
    return {queue: own._replace(timer_s=timers.get(queue, 0.0), hours=tuple(hours[queue]))
            for queue, own in found.items()}


def together(sums: Mapping[str, Handled]) -> Handled:
    """Return the centre's sums."""
    return reduce(Handled.plus, sums.values(), NOTHING)


def known_by(own: Handled, centre: Handled) -> Handled:
    """Return the calls that a queue's handling time is known by: the centre's where it has too few."""
    return own if own.talks >= LEAST_TALKS else centre


def works(sums: Mapping[str, Handled], snapshot: Snapshot, config: Config) -> dict[str | None, Work]:
    """Return each queue's work, and (None) the centre's; a queue of which nothing is known has none."""
    centre = together(sums)
    found: dict[str | None, Work] = {}
    for queue in snapshot.queues:
        own = sums.get(queue.queue or "", NOTHING)
        made = work_of(own, centre, queue.queue, config, queue.project)
        if made is not None:
            found[queue.queue] = made
    made = work_of(centre, centre, None, config)
    if made is not None:
        found[None] = made
    return found


def work_of(own: Handled, centre: Handled, queue: str | None, config: Config, project: str | None = None
            ) -> Work | None:
    """Return the work of a queue (None: the centre); None where nothing is known of any queue's calls."""
    rule = rule_of(config, queue, project or (None if queue is None else config.queue(queue).project))
    return _work(own, centre, rule.threshold_s, rule.target, config)


def _work(own: Handled, centre: Handled, threshold_s: float, target: float, config: Config) -> Work | None:
    known = known_by(own, centre)
    if not known.talks or known.handle_s <= 0:
        return None
    waits = config.surge.patience_s or patience(own.waited_s, own.abandons)
    return Work(round(known.handle_s / known.talks, 1), round(waits, 1), threshold_s, min(target, 0.999))


class Pool(NamedTuple):
    """Queues whose people serve one another, and how many are at work."""

    queues: tuple[str, ...]
    heads: int


def pools(snapshot: Snapshot) -> dict[str, Pool]:
    """Return the pool of each queue; empty where the agents are not known.

    Queues are in one pool where somebody serves both, directly or over others: a little of that makes many
    small teams wait nearly like one large one.
    """
    if not any(agent.state not in (None, "unknown") for agent in snapshot.agents):
        return {}
    leader = {queue.queue: queue.queue for queue in snapshot.queues if queue.queue is not None}

    def lead(queue: str) -> str:
        while leader[queue] != queue:
            leader[queue] = queue = leader[leader[queue]]
        return queue

    for agent in snapshot.agents:
        own = [queue for queue in agent.queues if queue in leader]
        for queue in own[1:]:
            leader[lead(queue)] = lead(own[0])
    heads = Counter(lead(own) for agent in snapshot.agents if agent.state in AT_WORK
                    for own in [next((q for q in agent.queues if q in leader), None)] if own is not None)
    members: dict[str, list[str]] = {}
    for queue in leader:
        members.setdefault(lead(queue), []).append(queue)
    return {queue: Pool(tuple(members[lead(queue)]), heads[lead(queue)]) for queue in leader}

"""What agents did: calls answered, talk, offers; and which phones ring. Kept for one moment and moved on."""

from collections import defaultdict
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from ccboard.clock import SECOND
from ccboard.metrics.peak import Peak, StaleError
from ccboard.metrics.scope import LOOK_BACK_S, Scope
from ccboard.metrics.visits import OVER, Visit, by, over_params, sql_us, whole_us
from ccboard.store.rows import Row, micros, stamp

Place: TypeAlias = tuple[str, str, str]
"""(source, agent, queue)"""
LOOK_BACK = LOOK_BACK_S * SECOND


class Span:
    """The answered visits of one agent in one queue that arrived in one stretch of time."""

    __slots__ = ("answers", "ends", "n")

    def __init__(self, n: int = 0, last_answer: int | None = None, last_end: int | None = None) -> None:
        self.n = n
        self.answers = Peak(last_answer)
        self.ends = Peak(last_end)

    def is_like(self, other: "Span") -> bool:
        """Tell whether another says the same of an agent; False where that is not known any more."""
        try:
            return (self.n == other.n and self.answers.best == other.answers.best
                    and self.ends.best == other.ends.best)
        except StaleError:
            return False


class Calls:
    """Calls of one agent in one queue by one source: counts and talk of today's, moments look back."""

    __slots__ = ("before", "talk_us", "today")

    def __init__(self) -> None:
        self.today, self.before = Span(), Span()
        self.talk_us = 0

    @property
    def last_answer(self) -> int:
        """The last answer."""
        return _latest(self.today.answers, self.before.answers) or 0

    @property
    def last_end(self) -> int | None:
        """The last end of a call."""
        return _latest(self.today.ends, self.before.ends)


def _latest(one: Peak, other: Peak) -> int | None:
    found = [int(best) for best in (one.best, other.best) if best is not None]
    return max(found, default=None)


class Work:
    """All answered calls at one moment, by place. `touched`: who has others than when it was last cleared."""

    def __init__(self, day: int) -> None:
        self.day = day
        self.calls: defaultdict[Place, Calls] = defaultdict(Calls)
        self.touched: set[Place] = set()

    def read(self, scope: Scope) -> None:
        """Take in the calls that are over, out of the store: today's, and those since the look-back."""
        for source, agent, queue, today, n, talk_us, last, end in _over(scope):
            place = (source, agent, queue)
            one = self.calls[place]
            if today:
                one.today, one.talk_us = Span(n, micros(last), micros(end)), int(talk_us)
            else:
                one.before = Span(n, micros(last), micros(end))
            self.touched.add(place)

    def read_before(self, scope: Scope) -> None:
        """Take in anew the calls of before the day that are over: their number shrinks as the day goes on."""
        had = {place: one.before for place, one in self.calls.items() if one.before.n}
        for place in had:
            self.calls[place].before = Span()
        for source, agent, queue, _today, n, _talk_us, last, end in _over(scope, "offered_at < $day"):
            place = (source, agent, queue)
            now = self.calls[place].before = Span(n, micros(last), micros(end))
            before = had.get(place)
            if before is not None and now.is_like(before):
                del had[place]  # who has the same calls as before need not be looked at
            else:
                self.touched.add(place)
        self.touched |= had.keys()
        for place in had:
            self._tidy(place)

    def count(self, visit: Visit, at: int, sign: int) -> None:
        """Add what a visit comes to at a moment, or (sign -1) take it out."""
        if visit.answered_at is None or visit.answered_at > at or not visit.agent:
            return
        place = (visit.source, visit.agent, visit.queue)
        one = self.calls[place]
        span = one.today if visit.offered_at >= self.day else one.before
        ended = by(visit.ended_at, at)
        span.n += sign
        if span is one.today and ended:
            one.talk_us += sign * whole_us(visit.talk_s)
        (span.answers.add if sign > 0 else span.answers.remove)(visit.answered_at)
        if ended and visit.ended_at is not None:
            (span.ends.add if sign > 0 else span.ends.remove)(visit.ended_at)
        self.touched.add(place)
        if sign < 0:
            self._tidy(place)

    def _tidy(self, place: Place) -> None:
        one = self.calls[place]
        if not one.today.n and not one.before.n:
            del self.calls[place]


def _over(scope: Scope, when: str = "true") -> list[tuple[Any, ...]]:
    return scope.rows(f"""
        SELECT source, agent, queue, offered_at >= $day AS today, count(*), sum({sql_us("talk_s")}),
            max(answered_at), max(ended_at)
        FROM {OVER} WHERE answered_at IS NOT NULL AND agent <> '' AND {when} AND {scope.shows}
        GROUP BY source, agent, queue, today
    """, {**over_params(scope), "day": stamp(scope.day), **scope.shown})


class Offer(NamedTuple):
    """A row of `offers` or (`ended_at` None) of `open_offers`; moments in microseconds."""

    source: str
    call: str
    queue: str
    agent: str
    nth: int
    started_at: int
    ended_at: int | None
    result: str | None

    @property
    def place(self) -> Place:
        """Whose it is."""
        return (self.source, self.agent, self.queue)

    @property
    def key(self) -> Row:
        """What tells it from every other offer."""
        return (*self[:5], self.result) if self.ended_at is not None else self[:4]

    @property
    def known(self) -> int:
        """From when on it counts: an end that lies more than the look-back ahead is not believed yet."""
        ended = self.started_at if self.ended_at is None else self.ended_at
        return max(self.started_at, ended - LOOK_BACK)

    def is_over(self, at: int) -> bool:
        """Tell whether nothing more will come of it."""
        return self.known <= at and by(self.ended_at, at)


_narrow = itemgetter(0, 1, 2, 3, 4, 5, 6, 8)


def offer(row: Row) -> Offer:
    """Return the offer of a whole row, as the store's journal has it."""
    return _offer(_narrow(row))


def _offer(row: Row) -> Offer:
    source, call, queue, agent, nth, started, ended, result = row
    return Offer(source, call, queue, agent, nth, micros(started), _micros(ended), result)


class Offered:
    """Offers to one agent in one queue by one source.

    `ring_ends` are the ends of offers that were seen to ring: they say when the agent was free again.
    """

    __slots__ = ("n", "ring_cancelled", "ring_ends", "ring_no_answer", "ringing", "starts")

    def __init__(self, n: int = 0, missed: int = 0, cancelled: int = 0, last_start: int | None = None,
                 last_ring_end: int | None = None) -> None:
        self.n, self.ring_no_answer, self.ring_cancelled = n, missed, cancelled
        self.starts, self.ring_ends = Peak(last_start), Peak(last_ring_end)
        self.ringing: dict[Row, int] = {}

    @property
    def ringing_since(self) -> int | None:
        """Since when the phone that began last rings."""
        return max(self.ringing.values(), default=None)

    @property
    def last_start(self) -> int:
        """When the last one began."""
        return int(self.starts.best or 0)

    @property
    def last_ring_end(self) -> int | None:
        """When the last one that rang was over."""
        best = self.ring_ends.best
        return None if best is None else int(best)


class Offers:
    """The offers of the day at one moment, by the time they were over, and those open. As ``Work``.

    A phone that was busy at once counts as not answered, as the phone system's own log has it.
    """

    def __init__(self) -> None:
        self.offered: defaultdict[Place, Offered] = defaultdict(Offered)
        self.touched: set[Place] = set()

    def read(self, scope: Scope) -> None:
        """Take in the offers that are over, out of the store."""
        for source, agent, queue, n, missed, cancelled, last, end in scope.rows("""
            SELECT source, agent, queue, count(*), count(*) FILTER (WHERE result IN ('no_answer', 'busy')),
                count(*) FILTER (WHERE result = 'cancelled'), max(started_at),
                max(ended_at) FILTER (WHERE started_at < ended_at)
            FROM offers WHERE ended_at >= $day AND ended_at <= $as_of AND started_at <= $as_of
            GROUP BY source, agent, queue
        """, {"day": stamp(scope.day), "as_of": scope.at}):
            self.offered[source, agent, queue] = Offered(n, missed, cancelled, micros(last), _micros(end))
            self.touched.add((source, agent, queue))

    def count(self, one: Offer, at: int, sign: int) -> None:
        """Add what an offer comes to at a moment, or (sign -1) take it out."""
        if one.known > at:
            return
        place = one.place
        mine = self.offered[place]
        mine.n += sign
        (mine.starts.add if sign > 0 else mine.starts.remove)(one.started_at)
        if one.ended_at is None or one.ended_at > at:
            if sign > 0:
                mine.ringing[one.key] = one.started_at
            else:
                mine.ringing.pop(one.key, None)
        else:
            mine.ring_no_answer += sign * (one.result in ("no_answer", "busy"))
            mine.ring_cancelled += sign * (one.result == "cancelled")
            if one.started_at < one.ended_at:
                (mine.ring_ends.add if sign > 0 else mine.ring_ends.remove)(one.ended_at)
        self.touched.add(place)
        if not mine.n:
            del self.offered[place]


def not_over(scope: Scope) -> list[Offer]:
    """Return the offers that are not over at as_of, or that count before the horizon."""
    return [_offer(row) for row in scope.rows("""
        SELECT source, call, queue, agent, nth, started_at, ended_at, result FROM offers
        WHERE ended_at >= $day AND ended_at <= $later AND started_at <= $horizon
            AND (ended_at > $as_of OR started_at > $as_of)
        UNION ALL SELECT source, call, queue, agent, nth, started_at, ended_at, result FROM open_offers
        WHERE started_at >= $since AND started_at <= $horizon
    """, {"day": stamp(scope.day), "later": stamp(scope.horizon + LOOK_BACK), "since": stamp(scope.since),
          "horizon": stamp(scope.horizon), "as_of": scope.at})]


def begun(scope: Scope, since: int) -> list[Offer]:
    """Return offers that count after the horizon that was `since`, and before this one."""
    return [_offer(row) for row in scope.rows("""
        SELECT source, call, queue, agent, nth, started_at, ended_at, result FROM offers
        WHERE ended_at >= $day AND ended_at <= $later AND started_at <= $horizon
            AND (started_at > $since OR ended_at > $later_since)
        UNION ALL SELECT source, call, queue, agent, nth, started_at, ended_at, result FROM open_offers
        WHERE started_at > $since AND started_at <= $horizon
    """, {"day": stamp(scope.day), "later": stamp(scope.horizon + LOOK_BACK), "horizon": stamp(scope.horizon),
          "since": stamp(since), "later_since": stamp(since + LOOK_BACK)})]


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)

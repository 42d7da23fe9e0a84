"""The surge panel at one moment, as plain data: what the board and ``ccboard now --json`` show of it.

Ratios are 0..1 but `lift`, which is calls over normal less one (0.38 is +38 %); moments are microseconds
since 1970 UTC. None means "not known". Rows as tuples, as in ``ccboard.snapshot``, and for the same reason.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

LEAST_FACTOR, MOST_FACTOR = 0.1, 10.0
"""What is called the new normal is a ratio to the old one: 1.38 is 38 % more. Beyond these it is a slip."""


class TierEffect(NamedTuple):
    """What a tier would do. Number 0 is "without action"."""

    number: int
    name: str
    heads: int  # that would come
    service_level: float | None  # expected within the queue's threshold
    abandon_rate: float | None
    suffices: bool  # the target is met
    available: bool  # it can be called at this hour


class ForecastError(NamedTuple):
    """By how much day-ahead forecasts of the last weeks were off, each knowing only what lay before it."""

    days: int
    wape: float  # absolute errors of the intervals over all calls
    wape_day: float  # the same of whole days
    mape_day: float  # mean of the days' own absolute shares
    inside_80: float  # share of the intervals inside the honest band
    inside_agreed: float  # share inside the agreed one
    each: tuple[tuple[str, float, int], ...] = ()  # (day, calls foretold, calls that came), the last day last


class Earlier(NamedTuple):
    """What was done about an alarm before it reached a higher tier, for which it does not hold."""

    kind: str  # accept, false_alarm or snooze
    who: str
    at: int
    tier: int
    tier_name: str
    reaction_s: int


class QueueSurge(NamedTuple):
    """One queue (None: the whole centre) against its normal day.

    `state`: learning, closed, no_feed, normal, suspect, amber, red, silent.
    """

    queue: str | None
    label: str
    state: str
    weekday: int  # 0 Monday: of the normal day that it is compared with
    kind: str | None  # of the day, where it is not a plain one
    offered: int  # today, in closed minutes
    expected: float | None  # the same minutes of a normal day
    lift: float | None = None
    low: float | None = None  # with `high`: 80 % range of the lift
    high: float | None = None
    sure: float | None = None  # probability of a surge that matters
    sure_in_min: int | None = None  # amber: about when it will be sure
    since: int | None = None  # when it began, as far as one can tell
    raised_at: int | None = None
    red_at: int | None = None
    over_at: int | None = None  # of the last alarm that ended today
    tier: int = 0  # 0: none reached
    tier_name: str = ""
    shared_with: tuple[str, ...] = ()  # queues that its people serve, too: heads and need are of all of them
    heads: int | None = None  # at work now
    need: int | None = None  # for the target with the calls of the next half hour
    until: int | None = None  # when those who will be at work are enough again
    effects: tuple[TierEffect, ...] = ()
    suffices: int | None = None  # the first tier that does
    call: tuple[str, ...] = ()  # whom: name and number
    owner: str | None = None
    accepted_by: str | None = None
    accepted_at: int | None = None
    reaction_s: int | None = None  # from the alarm to its acceptance
    snoozed_until: int | None = None
    escalated_to: str | None = None  # nobody accepted in time
    of_next_100: int | None = None  # how many of the next 100 must be in time to reach the target today
    best_today: float | None = None  # the service level if all of the rest were
    target: float | None = None
    threshold_s: float | None = None
    closes_at: int | None = None
    false_alarms: int | None = None  # of the last 30 days
    alarms: int | None = None  # of the last 30 days
    what_if_from: int = 0  # heads more (or fewer) that the first of `what_if` stands for
    what_if: tuple[tuple[float, float], ...] = ()  # (service level, abandon rate) for each head more
    weeks: float | None = None  # of history of this queue
    again: int = 0  # of those who hung up and called again within the hour: not in `offered`
    pools: int = 0  # of the whole centre: groups of people that `need` is the sum of
    band: float | None = None  # the agreed band around a forecast
    forecast: ForecastError | None = None  # None: not worked out, or too little history
    false_by: str | None = None  # who called the alarm that stands false; not accepted then
    false_at: int | None = None
    to_come: float | None = None  # calls that the rest of the day brings
    so_far: tuple[int, float] | None = None  # answered in time, and counted, up to now
    asks: tuple[float, float, float] | None = None  # what `need` is for: calls an hour, AHT, patience in s
    earlier: "Earlier | None" = None  # done about a lower tier of this alarm: it does not hold for this one

    @property
    def alarmed(self) -> bool:
        """Whether something stands on the wall."""
        return self.state in ("amber", "red", "silent")

    @property
    def enough(self) -> bool:
        """Whether those at work meet the target without anybody being called."""
        if self.need is not None and self.heads is not None and self.heads >= self.need:
            return True
        return bool(self.effects) and (self.effects[0].service_level or 0) >= (self.target or 0)

    @property
    def open(self) -> bool:
        """Whether it waits for somebody: not accepted, called false or put off."""
        return self.alarmed and self.accepted_at is self.false_at is self.snoozed_until is None


class Curve(NamedTuple):
    """Today of one queue by interval, against its normal day."""

    queue: str | None
    start: int
    step_s: int
    offered: tuple[int | None, ...]  # None: not over yet, or no feed
    normal: tuple[float, ...]
    low: tuple[float, ...]  # with `high`: what 80 of 100 normal days lie in
    high: tuple[float, ...]
    forecast: tuple[float | None, ...]  # of what is still to come
    forecast_low: tuple[float | None, ...]
    forecast_high: tuple[float | None, ...]
    need: tuple[int | None, ...]  # heads that the forecast takes
    tiers: tuple[float, ...]  # lifts at which a tier begins
    there: tuple[int | None, ...] = ()  # heads at work then, as people usually come and go

    def there_at(self, at: int, now: int | None) -> int | None:
        """Return the heads at work in an interval; `now`, those at work now, where that is not foretold."""
        found = self.there[at] if 0 <= at < len(self.there) else None
        return now if found is None else found


class Exceptional(NamedTuple):
    """A figure other than the lift that is past a tier's limit."""

    about: str
    name: str
    queue: str | None
    label: str
    figure: str
    value: float
    limit: float
    owner: str | None
    call: tuple[str, ...]
    accepted_by: str | None = None
    accepted_at: int | None = None
    snoozed_until: int | None = None
    since: int | None = None  # None: just now, not recorded yet
    reaction_s: int | None = None  # from then to its acceptance
    escalated_to: str | None = None  # nobody accepted in time
    false_by: str | None = None  # who called it false; not accepted then
    false_at: int | None = None

    @property
    def open(self) -> bool:
        """Whether it waits for somebody."""
        return self.accepted_at is self.false_at is self.snoozed_until is None


class Done(NamedTuple):
    """What somebody did, newest first."""

    at: int
    kind: str
    queue: str | None
    who: str
    role: str
    note: str | None = None
    value: float | None = None
    reaction_s: int | None = None
    until: int | None = None  # of what was put off


class PastAlarm(NamedTuple):
    """An alarm of the last 30 days, as the days before it would have raised it."""

    queue: str | None
    raised_at: int
    cleared_at: int
    lift: float  # calls over normal while it stood, less one
    tier: int
    false: bool  # fewer than 10 % more calls came than normal; or somebody said so
    said: bool  # somebody called it false or accepted it


class SurgePanel(NamedTuple):
    """Everything of the surge page."""

    upto: int  # end of the last minute that was judged
    weeks: float  # of history behind it
    learning: bool
    rows: tuple[QueueSurge, ...]  # the whole centre first, if there is more than one queue
    curves: tuple[Curve, ...]
    exceptions: tuple[Exceptional, ...] = ()
    done: tuple[Done, ...] = ()
    said: tuple[str, ...] = ()  # a channel that is dead, a calendar that is missing
    pending: bool = False  # of another day: being worked out, ask again
    past: tuple[PastAlarm, ...] = ()  # of the last 30 days, the newest first

    @property
    def alarms(self) -> tuple[QueueSurge, ...]:
        """The rows that stand on the wall, in the order of their urgency.

        First those that nobody took, a queue's before the whole centre's. Where no queue is called any more
        the whole centre says it for all of them, and first.
        """
        dead = any(row.queue is None and row.state == "silent" for row in self.rows)
        rows = [row for row in self.rows
                if row.alarmed and not (dead and row.state == "silent" and row.queue is not None)]
        return tuple(sorted(rows, key=lambda row: (
            not row.open, row.state == "amber", (row.queue is None) != dead)))

    @property
    def open_alarms(self) -> int:
        """How many alarms wait for somebody."""
        return sum(row.open for row in self.alarms) + sum(one.open for one in self.exceptions)


def surge_from_wire(row: list[Any] | None) -> SurgePanel | None:
    """Rebuild the panel after JSON. Raises TypeError or IndexError on another form."""
    if row is None:
        return None
    made = SurgePanel(*row)
    return made._replace(
        rows=tuple(_row(one) for one in made.rows),
        curves=tuple(map(_curve, made.curves)),
        exceptions=tuple(Exceptional(*one)._replace(call=tuple(one[8])) for one in made.exceptions),
        done=tuple(Done(*one) for one in made.done),
        said=tuple(made.said),
        past=tuple(PastAlarm(*one) for one in made.past),
    )


def _curve(row: Any) -> Curve:
    parts: list[Any] = [tuple(part) if isinstance(part, list) else part for part in row]
    return Curve(*parts)


def _row(row: Any) -> QueueSurge:
    made = QueueSurge(*row)
    return made._replace(
        effects=tuple(TierEffect(*one) for one in made.effects),
        call=tuple(made.call),
        shared_with=tuple(made.shared_with),
        what_if=tuple((float(a), float(b)) for a, b in made.what_if),
        forecast=None if made.forecast is None else _error(made.forecast),
        so_far=None if made.so_far is None else (made.so_far[0], made.so_far[1]),
        asks=None if made.asks is None else (made.asks[0], made.asks[1], made.asks[2]),
        earlier=None if made.earlier is None else Earlier(*made.earlier),
    )


def _error(row: Any) -> ForecastError:
    made = ForecastError(*row)
    return made._replace(each=tuple((str(day), float(told), int(came)) for day, told, came in made.each))


def only(panel: SurgePanel, queues: frozenset[str]) -> SurgePanel:
    """Return what those see who may see these queues alone; the whole centre is not theirs.

    What a need is worked out from (``asks``) would tell the calls of others' queues where they share people.
    """
    return panel._replace(
        rows=tuple(row._replace(shared_with=tuple(q for q in row.shared_with if q in queues),
                                asks=row.asks if queues.issuperset(row.shared_with) else None)
                   for row in panel.rows if row.queue in queues),
        curves=tuple(curve for curve in panel.curves if curve.queue in queues),
        exceptions=tuple(one for one in panel.exceptions if one.queue in queues),
        done=tuple(one for one in panel.done if one.queue in queues),
        past=tuple(one for one in panel.past if one.queue in queues),
    )


def unnamed(panel: SurgePanel) -> SurgePanel:
    """Return the panel without anybody's name, number or words."""
    return panel._replace(
        rows=tuple(row._replace(call=(), owner=None, escalated_to=None,
                                accepted_by=None if row.accepted_by is None else "",
                                false_by=None if row.false_by is None else "",
                                earlier=None if row.earlier is None else row.earlier._replace(who=""))
                   for row in panel.rows),
        exceptions=tuple(
            one._replace(owner=None, call=(), escalated_to=None,
                         accepted_by=None if one.accepted_by is None else "",
                         false_by=None if one.false_by is None else "")
            for one in panel.exceptions),
        done=tuple(one._replace(who="", note=None) for one in panel.done),
        said=(),
    )


def to_public(panel: SurgePanel | None, iso: Callable[[int | None], str | None]) -> dict[str, Any] | None:
    """Return the documented object, without the curves; `iso` writes a moment."""
    if panel is None or panel.pending:
        return None
    return {
        "upto": iso(panel.upto),
        "weeks": panel.weeks,
        "learning": panel.learning,
        "queues": [_public(row, iso) for row in panel.rows],
        "exceptions": [
            {"about": e.about, "queue": e.queue, "figure": e.figure, "value": e.value, "limit": e.limit,
             "owner": e.owner, "since": iso(e.since), "escalated_to": e.escalated_to,
             "accepted_by": e.accepted_by, "accepted_at": iso(e.accepted_at), "reaction_s": e.reaction_s,
             "snoozed_until": iso(e.snoozed_until), "false_by": e.false_by,
             "false_at": iso(e.false_at)} for e in panel.exceptions],
        "notices": list(panel.said),
    }


_MOMENTS = ("since", "raised_at", "red_at", "over_at", "until", "accepted_at", "snoozed_until", "closes_at",
            "false_at")
_PRIVATE = ("label", "weekday", "what_if", "what_if_from", "tier_name", "to_come", "so_far", "asks")


def _public(row: QueueSurge, iso: Callable[[int | None], str | None]) -> dict[str, Any]:
    said = {name: value for name, value in row._asdict().items() if name not in _PRIVATE}
    said |= {name: iso(said[name]) for name in _MOMENTS}
    said["call"], said["shared_with"] = list(row.call), list(row.shared_with)
    said["effects"] = [one._asdict() for one in row.effects]
    said["forecast"] = None
    if row.forecast is not None:
        said["forecast"] = {name: value for name, value in row.forecast._asdict().items() if name != "each"}
    if row.earlier is not None:
        one = row.earlier
        said["earlier"] = {"kind": one.kind, "who": one.who, "at": iso(one.at), "tier": one.tier,
                           "reaction_s": one.reaction_s}
    if row.expected is not None:
        said["expected"] = round(row.expected, 1)
    return said

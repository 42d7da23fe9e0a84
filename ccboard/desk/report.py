"""The surge panel put together: what the watch says, what it takes, who is called, what was done."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.desk.acts import ACCEPT, Act
from ccboard.desk.ahead import STEP, Ahead, Floats, Rest
from ccboard.desk.days import DAY_MINUTES, Days
from ccboard.desk.exceptions import deputy, said
from ccboard.desk.heads import Heads
from ccboard.desk.held import Change, held
from ccboard.desk.lengths import NOTHING as AS_USUAL
from ccboard.desk.lengths import Lengths
from ccboard.desk.outlook import Outlook
from ccboard.desk.people import Handled, pools, works
from ccboard.desk.shifts import NOTHING, Presence
from ccboard.desk.watching import Reading, lifts
from ccboard.panel_surge import (
    Curve,
    Done,
    Earlier,
    Exceptional,
    ForecastError,
    PastAlarm,
    QueueSurge,
    SurgePanel,
)
from ccboard.snapshot import QueueFigures, Snapshot
from ccboard.staffing.demand import Work, in_time_needed
from ccboard.surge.decide import RED
from ccboard.tiers import Tier, by_lift

CURVES = 8
"""Queues whose day is drawn: the alarmed ones first, then the largest."""
DONE = 30


@dataclass(frozen=True)
class Past30:
    """Alarms of the last 30 days of a queue, and how many of them were for nothing."""

    alarms: int
    false: int


@dataclass(frozen=True)
class Asked:
    """Everything that a panel is made of."""

    reading: Reading
    snapshot: Snapshot
    config: Config
    days: Days
    acts: Sequence[Act]
    sums: Mapping[str, Handled]
    ahead: Ahead
    past: Mapping[str | None, Past30]
    errors: Mapping[str | None, ForecastError] = field(default_factory=dict)
    alarms: Sequence[PastAlarm] = ()
    exceptions: tuple[Exceptional, ...] = ()
    said: tuple[str, ...] = ()
    presence: Presence = NOTHING
    lengths: Lengths = AS_USUAL


def panel(asked: Asked) -> SurgePanel:
    """Return the panel at the snapshot's moment."""
    return _Report(asked).panel()


class _Report:
    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.reading, self.snapshot, self.config = asked.reading, asked.snapshot, asked.config
        self.days, self.fitted = asked.days, asked.reading.fitted
        self.at = asked.snapshot.as_of
        self.works = works(asked.sums, asked.snapshot, asked.config)
        self.levels = lifts(asked.config)
        self.figures: dict[str | None, QueueFigures] = {q.queue: q for q in asked.snapshot.queues}
        self.figures[None] = asked.snapshot.totals
        self.rests: dict[int, Rest] = {}
        self.drawn: frozenset[int] = frozenset()
        self.heads = Heads(asked.reading, self.works, pools(asked.snapshot), asked.days, self.at,
                           [q.queue for q in asked.snapshot.queues if q.queue is not None],
                           self._rest_if_drawn,
                           Outlook(asked.snapshot, asked.presence, asked.reading.minute), asked.lengths)

    def panel(self) -> SurgePanel:
        """Return the whole of it."""
        shown = [row for row, queue in enumerate(self.fitted.queues)
                 if queue is None or queue in self.figures]
        unknown = [q for q in self.snapshot.queues if self.fitted.row(q.queue) is None]
        if len(shown) + len(unknown) == 2:  # one queue is the whole centre
            shown = [row for row in shown if self.fitted.queues[row] is not None]
        drawn = self._drawn(shown)
        self.drawn = frozenset(drawn)
        rows = tuple(self._row(row, row in drawn) for row in shown) + self._unknown()
        learning = all(row.state == "learning" for row in rows)
        notices = self.asked.said + ((missing,) if (missing := self.fitted.known.missing) else ())
        return SurgePanel(
            self.reading.upto, round(self.fitted.weeks, 1), learning, rows,
            tuple(self._curve(row) for row in drawn if self.fitted.profiles[row] is not None),
            self.asked.exceptions, self._done(rows), notices, past=tuple(self.asked.alarms))

    def _drawn(self, shown: Sequence[int]) -> list[int]:
        """Return the rows whose day is drawn."""
        alarmed = [row for row in shown if self.reading.alarms[row].level]
        totals = self.reading.rate.sum(axis=1)
        largest = sorted((row for row in shown if self.fitted.queues[row] is not None),
                         key=lambda row: -totals[row])
        centre = [row for row in shown if self.fitted.queues[row] is None]
        order = dict.fromkeys([*centre, *alarmed, *largest])
        return sorted(list(order)[:CURVES])

    def _unknown(self) -> tuple[QueueSurge, ...]:
        """Return the queues that have no history at all: they are learning, too."""
        day = self.reading.day
        kind = self.fitted.known.kinds.get(day)
        return tuple(
            QueueSurge(q.queue, q.label, "learning", day.weekday(), kind, q.offered, None, weeks=0.0)
            for q in self.snapshot.queues if q.queue is not None and self.fitted.row(q.queue) is None)

    # -- one queue ---------------------------------------------------------------------------------

    def _row(self, row: int, drawn: bool) -> QueueSurge:
        reading, queue = self.reading, self.fitted.queues[row]
        normal, alarm = self.fitted.normals[row], reading.alarms[row]
        minute = reading.minute
        state = self._state(row)
        figures = self.figures[queue]
        closed = reading.rate[row, :minute]
        seen = ~np.isnan(reading.offered[row, :minute])
        made = QueueSurge(
            queue, figures.label if queue is not None else "", state, reading.day.weekday(), normal.kind,
            int(np.nansum(reading.offered[row, :minute])),
            float(closed[seen].sum()) if self.fitted.profiles[row] is not None else None,
            closes_at=self._closes_at(row), over_at=self._over_at(row),
            again=int(reading.again[row, :minute].sum()), band=self.config.surge.band,
            forecast=self.asked.errors.get(queue), weeks=self._weeks(row))
        work = self.works.get(queue)
        if work is not None:
            made = made._replace(target=work.target, threshold_s=work.threshold_s)
        past = self.asked.past.get(queue)
        if past is not None:
            made = made._replace(alarms=past.alarms, false_alarms=past.false)
        if state in ("closed", "no_feed") or self.fitted.profiles[row] is None:
            return made
        low, high = reading.spans.get(row, (math.nan, math.nan))
        lift, low, high = quieter(float(reading.lift[row]), low, high, made.offered, made.expected or 0.0)
        made = made._replace(
            lift=round(lift - 1, 3), sure=round(float(reading.p_surge[row]), 3),
            low=None if math.isnan(low) else round(low - 1, 3),
            high=None if math.isnan(high) else round(high - 1, 3))
        made = self._alarm(made, row) if alarm.level and state in ("amber", "red") else made
        if state == "silent":
            began = self.days.minute_at(reading.day, reading.silent[row])
            made = self._acted(made._replace(raised_at=began, since=began), self._tiers(queue))
        if made.state == "amber":
            per_minute = float(reading.rate[row, max(0, minute - 5):minute + 5].mean())
            made = made._replace(sure_in_min=sure_in_min(made, per_minute))
        if work is not None and (drawn or made.alarmed):
            made = self.heads.staffed(made, row, work, self._tiers(queue))
        return self._reachable(made, row, figures, work)

    def _state(self, row: int) -> str:
        reading = self.reading
        if self.fitted.profiles[row] is None or self.fitted.normals[row].learning:
            return "learning"  # also where this weekday was never seen open: that may be for want of weeks
        last = reading.minute - 1
        if last < 0 or reading.rate[row, min(last, DAY_MINUTES - 1)] <= 0:
            return "closed"
        if row in reading.silent:
            return "silent"
        if np.isnan(reading.offered[row, last]):
            return "no_feed"
        alarm = reading.alarms[row]
        return alarm.level or ("suspect" if alarm.onset is not None else "normal")

    def _weeks(self, row: int) -> float:
        profile = self.fitted.profiles[row]
        return 0.0 if profile is None else round(profile.weeks, 1)

    def _closes_at(self, row: int) -> int | None:
        open_ = np.flatnonzero(self.reading.rate[row] > 0)
        return self.days.minute_at(self.reading.day, int(open_[-1]) + 1) if len(open_) else None

    def _over_at(self, row: int) -> int | None:
        last = next((c for c in reversed(self.reading.changes) if c.row == row), None)
        if last is None or last.event != "clear" or self.fitted.normals[row].learning:
            return None
        return self._closed(last.minute)

    def _closed(self, minute: int) -> int:
        """Return when a minute of the day had closed."""
        return self.days.minute_at(self.reading.day, minute) + 60 * SECOND

    def _tiers(self, queue: str | None) -> list[Tier]:
        return by_lift(self.config.tiers, queue)

    def _alarm(self, made: QueueSurge, row: int) -> QueueSurge:
        """Say since when, which tier, whom to call."""
        alarm = self.reading.alarms[row]
        assert alarm.raised_at is not None
        tiers = self._tiers(made.queue)
        number = self._number(tiers, alarm.tier)
        onset = alarm.raised_at if alarm.onset is None else alarm.onset
        made = made._replace(
            since=self.days.minute_at(self.reading.day, onset), raised_at=self._closed(alarm.raised_at),
            red_at=None if alarm.red_at is None else self._closed(alarm.red_at),
            tier=number, tier_name=_name(tiers, number))
        changes = tuple(Change(self._closed(minute), self._number(tiers, level))
                        for minute, level in alarm.tiers)
        return self._acted(made, tiers, changes)

    def _cut_off(self) -> int | None:
        """Return since when no queue at all is called; who sees to that sees to each dead line, too."""
        row = next((row for row in self.reading.silent if self.fitted.queues[row] is None), None)
        return None if row is None else self.days.minute_at(self.reading.day, self.reading.silent[row])

    def _number(self, tiers: list[Tier], level: int) -> int:
        """Return how many of a queue's tiers a level of the watch reaches."""
        reached = 0.0 if not level else float(self.levels[level - 1]) - 1
        return sum(tier.threshold <= reached + 1e-9 for tier in tiers)

    def _acted(self, made: QueueSurge, tiers: list[Tier], changes: tuple[Change, ...] = ()) -> QueueSurge:
        """Say who is called, who accepted, and whom it went on to."""
        raised = made.raised_at
        assert raised is not None
        tier = tiers[max(0, made.tier - 1)] if tiers else None
        cut_off = self._cut_off() if made.state == "silent" else None
        own = [act for act in self.asked.acts if act.about.startswith("surge:") and act.at >= raised
               and (act.queue == made.queue
                    or (cut_off is not None and act.queue is None and act.at >= cut_off))]
        found = held(own, changes or (Change(raised, made.tier),), made.tier, self.at)
        accepted, false, earlier = found.accepted, found.false, found.earlier
        if accepted is not None:
            made = made._replace(accepted_by=accepted.who, accepted_at=accepted.at,
                                 reaction_s=max(0, accepted.at - found.asked) // SECOND)
        if false is not None:
            made = made._replace(false_by=false.who, false_at=false.at)
        if earlier is not None:
            was = found.earlier_tier
            after = max(0, earlier.at - raised) // SECOND
            made = made._replace(earlier=Earlier(earlier.kind, earlier.who, earlier.at, was,
                                                 _name(tiers, was), after))
        made = made._replace(snoozed_until=found.snoozed_until)
        if tier is None:
            return made
        owner = None if tier.owner is None else said(tier.owner)
        made = made._replace(owner=owner, call=tuple(map(said, tier.call)))
        if accepted is None and false is None:
            waited = self.at - max(found.asked, _called(tiers, changes, tier))
            made = made._replace(escalated_to=deputy(tier, waited))
        return made

    # -- people ------------------------------------------------------------------------------------

    def _rest(self, row: int) -> Rest:
        if row not in self.rests:
            self.rests[row] = self.asked.ahead.rest(self.reading, row)
        return self.rests[row]

    def _rest_if_drawn(self, row: int) -> Rest | None:
        return self._rest(row) if row in self.drawn else None

    def _reachable(self, made: QueueSurge, row: int, figures: QueueFigures, work: Work | None) -> QueueSurge:
        """Say how many of the next 100 must be in time for the day's target, and the best that can be."""
        level, in_time = figures.service_level, figures.answered_in_time
        if work is None or level is None or in_time is None or level <= 0 or not len(self.reading.rate):
            return made
        counted = in_time / level
        to_come = float(self._to_come(row))
        if to_come < 1:
            return made
        share = in_time_needed(in_time, counted, to_come, work.target)
        if share is None:
            return made
        best = (in_time + to_come) / (counted + to_come)
        return made._replace(of_next_100=max(0, math.ceil(share * 100 - 1e-9)), best_today=round(best, 4),
                             to_come=round(to_come, 1),
                             so_far=(in_time, round(counted, 1)))

    def _to_come(self, row: int) -> float:
        """Return the visits of the rest of the day: as forecast where the row is drawn."""
        reading = self.reading
        more = self.heads.more(row)
        if row in self.drawn:
            ahead = np.repeat(self._rest(row).mean / STEP, STEP)[reading.minute:]
            return float(ahead.sum()) * more
        lift = float(reading.lift[row]) if reading.alarms[row].level else 1.0
        return float(reading.rate[row, reading.minute:].sum()) * lift * more

    # -- curves and what was done ------------------------------------------------------------------

    def _curve(self, row: int) -> Curve:
        rest = self._rest(row)
        open_ = np.flatnonzero(rest.normal > 0)
        first, last = (int(open_[0]), int(open_[-1]) + 1) if len(open_) else (0, 0)
        done = self.reading.minute // STEP
        part = slice(first, last)

        def to_come(values: Floats) -> tuple[float | None, ...]:
            return tuple(round(float(v), 1) if block >= done else None
                         for block, v in enumerate(values[part], first))

        needs = self.heads.needs(self.fitted.queues[row])[part]
        need = tuple(value if block >= done else None for block, value in enumerate(needs, first))
        heads = self.heads.there(self.fitted.queues[row])[part]
        there = tuple(value if block >= done else None for block, value in enumerate(heads, first))
        return Curve(
            self.fitted.queues[row], self.days.minute_at(self.reading.day, first * STEP), STEP * 60,
            tuple(None if math.isnan(v) else round(float(v)) for v in rest.offered[part]),
            tuple(round(float(v), 1) for v in rest.normal[part]),
            tuple(round(float(v), 1) for v in rest.low[part]),
            tuple(round(float(v), 1) for v in rest.high[part]),
            to_come(rest.mean), to_come(rest.mean_low), to_come(rest.mean_high), need,
            tuple(tier.threshold for tier in self._tiers(self.fitted.queues[row])), there)

    def _done(self, rows: Sequence[QueueSurge]) -> tuple[Done, ...]:
        begin = self.days.begin(self.reading.day)
        raised = {row.queue: row for row in rows}
        found: list[Done] = []
        for act in reversed(self.asked.acts):
            if act.at < begin or len(found) >= DONE:
                break
            row = raised.get(act.queue)
            reaction = None if row is None else _reaction(row, act.at)
            found.append(Done(act.at, act.kind, act.queue, act.who, act.role, act.note, act.value, reaction,
                              act.until))
        return tuple(found)


def quieter(lift: float, low: float, high: float, offered: int, expected: float
            ) -> tuple[float, float, float]:
    """Return lift and range; of a day quieter than the watch can think of, those of its counts.

    The watch looks for more calls than normal: its day factor ends at some -25 %. 80 % range by the normal
    approximation of Poisson's.

    >>> [round(value, 3) for value in quieter(0.76, 0.75, 0.78, 200, 620.0)]
    [0.323, 0.293, 0.352]
    >>> quieter(0.97, 0.91, 1.03, 590, 620.0)
    (0.97, 0.91, 1.03)
    """
    if lift >= 1 or expected <= 0 or math.isnan(low):
        return lift, low, high
    ratio, spread = offered / expected, 1.2816 * math.sqrt(max(1, offered)) / expected
    return (ratio, ratio - spread, ratio + spread) if ratio + spread < low else (lift, low, high)


def sure_in_min(row: QueueSurge, per_minute: float) -> int | None:
    """Return in how many minutes an amber alarm will about be sure, if the lift is what it seems to be.

    The log of the odds grows by the Kullback-Leibler rate of the two Poisson rates each minute.
    """
    if row.state != "amber" or row.sure is None or row.lift is None or row.lift <= 0.02 or per_minute <= 0:
        return None
    ratio = 1 + row.lift
    gain = per_minute * (ratio * math.log(ratio) - ratio + 1)
    p = min(max(row.sure, 1e-6), 1 - 1e-6)
    return max(1, math.ceil((math.log(RED / (1 - RED)) - math.log(p / (1 - p))) / gain)) if gain > 0 else None


def _reaction(row: QueueSurge, at: int) -> int | None:
    """Return how long it took to accept, where the deed of a moment is what the row tells of."""
    if row.accepted_at == at:
        return row.reaction_s
    if row.earlier is not None and row.earlier.at == at and row.earlier.kind == ACCEPT:
        return row.earlier.reaction_s
    return None


def _called(tiers: Sequence[Tier], changes: Sequence[Change], tier: Tier) -> int:
    """Return since when a tier's owner has been called: tiers with the same people call them once."""
    since = 0
    for change in reversed(changes):
        its = tiers[max(0, change.tier - 1)]
        if (its.owner, its.deputies) != (tier.owner, tier.deputies):
            break
        since = change.at
    return since


def _name(tiers: Sequence[Tier], number: int) -> str:
    """Return what the board calls a tier; "" for its plain number."""
    return "" if not 1 <= number <= len(tiers) else tiers[number - 1].name or ""

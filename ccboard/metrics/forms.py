"""The service level under another definition than the default: what a visit adds above and below the line.

Only where the configuration asks for it: the default form needs two counts that are kept anyway. As in
``ccboard.metrics.calls`` a definition stands here twice, in Python for one visit at a moment and in SQL for
all that were over when a reader began; the SQL is that of ``ccboard figures`` itself.
"""

from collections.abc import Iterable
from functools import lru_cache

from ccboard.clock import SECOND
from ccboard.figures import sums
from ccboard.figures.local import Calendar
from ccboard.figures.ruled import ruled
from ccboard.figures.rules import Rule, rule_of
from ccboard.kpis.levels import DEFAULT_FORM
from ccboard.kpis.model import Terms
from ccboard.metrics.scope import LOOK_BACK_S, Scope
from ccboard.metrics.visits import OVER, Visit, by, is_untold, over_params
from ccboard.moments import parse_day_start, to_datetime
from ccboard.store.rows import stamp

Parts = tuple[int, int]
"""What is added above the line and below it."""
_FLOWED = ("timed_out", "left_empty", "withdrawn")
_MISSED = (*_FLOWED, "lost")


def is_plain(rule: Rule) -> bool:
    """Tell whether a rule is the default one, with whatever T and S."""
    return rule.form == DEFAULT_FORM and rule.cohort == "arrival" and rule.counts_all


def name_of(rule: Rule) -> str:
    """Return what a board calls a definition: "" for the default, a star where some visits are left out."""
    if is_plain(rule):
        return ""
    return rule.form + ("" if rule.counts_all and rule.cohort == "arrival" else "*")


class Forms:
    """The day's sums under the configured forms, by queue (None: all) and interval; else nothing."""

    def __init__(self, scope: Scope) -> None:
        self._centre, self._definitions = rule_of(scope.config), scope.definitions
        self.on = not all(is_plain(rule) for rule in self._definitions.every())
        """Whether any visit can have another definition than the default."""
        self._zone, self._day = scope.zone, scope.day
        self._length = scope.config.interval_min * 60 * SECOND
        self._sums: dict[str | None, list[int]] = {}
        self._intervals: dict[tuple[str | None, int], list[int]] = {}

    def name(self, rules: Iterable[Rule]) -> str:
        """Return what these definitions are called, "mixed" where they differ; of none the centre's."""
        if not self.on:
            return ""
        names = {name_of(rule) for rule in rules}
        return names.pop() if len(names) == 1 else "mixed" if names else name_of(self._centre)

    def level(self, queue: str | None) -> Parts:
        """Return what stands above and below the line for a queue, or for all."""
        top, bottom = self._sums.get(queue, (0, 0))
        return top, bottom

    def interval(self, queue: str | None, n: int) -> Parts:
        """Return the same for the n-th interval of the day."""
        top, bottom = self._intervals.get((queue, n), (0, 0))
        return top, bottom

    def count(self, visit: Visit, at: int, sign: int) -> int | None:
        """Add what a visit comes to at a moment, or (sign -1) take it out; return its interval, if any."""
        rule = self._definitions.of(visit.queue, visit.project)
        moment = visit.offered_at if rule.cohort == "arrival" else visit.ended_at
        if moment is None or (rule.cohort == "end" and not by(moment, at)) or self._left_out(visit, at, rule):
            return None
        top, bottom = parts(visit, at, rule)
        if not top and not bottom:
            return None
        n = (moment - self._day) // self._length
        self._take(visit.queue, n, sign * top, sign * bottom)
        return n

    def _take(self, queue: str, n: int, top: int, bottom: int) -> None:
        for name in (queue, None):
            whole = self._sums.setdefault(name, [0, 0])
            here = self._intervals.setdefault((name, n), [0, 0])
            for both in (whole, here):
                both[0] += top
                both[1] += bottom

    def _left_out(self, visit: Visit, at: int, rule: Rule) -> bool:
        if is_untold(visit, at):
            return True
        out = rule.leaves_out
        if not out:
            return False
        outcome = visit.outcome if by(visit.ended_at, at) else None
        return (
            ("time_outs" in out and outcome == "timed_out")
            or ("overflow" in out and outcome in ("left_empty", "withdrawn"))
            or ("left_by_key" in out and outcome == "left_by_key")
            or ("callbacks" in out and visit.channel == "callback")
            or ("after_hours" in out and not self._is_open(visit.offered_at, rule))
        )

    def _is_open(self, at: int, rule: Rule) -> bool:
        local = to_datetime(at).astimezone(self._zone)
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in rule.hours())

    def read(self, scope: Scope) -> None:
        """Take in the visits that are over, out of the store."""
        if not self.on:
            return
        found = ruled(scope.config, self._definitions.projects)
        shapes = found.shapes
        calendar = Calendar(scope.since, max(scope.as_of, scope.since + 1), scope.zone,
                            parse_day_start(scope.config.business_day_start), scope.config.interval_min)
        moment = sums.per_rule(shapes, lambda r: "ended_at" if r.cohort == "end" else "offered_at")
        columns = sums.rule_columns(shapes, calendar.minute_of_week("epoch_us(offered_at)"))
        out = " OR ".join(f"out_{kind}" for kind in (
            "time_outs", "overflow", "left_by_key", "callbacks", "after_hours"))
        top = sums.aggregate("level_top", shapes, "true", "false")
        bottom = sums.aggregate("level_bottom", shapes, "true", "false")
        for queue, n, over, under in scope.rows(f"""
            SELECT queue, (epoch_us({moment}) - $begin::BIGINT) // $length::BIGINT AS n, {top}, {bottom}
            FROM (
                SELECT *, NOT ({out} OR {sums.IS_UNTOLD}) AS counted FROM (
                    SELECT *, {columns} FROM (
                        SELECT c.*, answered AS was_answered, true AS was_over, 0 AS waited_s,
                            {found.columns}
                        FROM {OVER} c {found.joins}
                        WHERE c.offered_at >= $day AND {scope.shows.replace("queue", "c.queue")})))
            GROUP BY queue, n
        """, {**over_params(scope), **scope.shown, **found.params, "day": stamp(scope.day),
              "begin": scope.day, "length": self._length}):
            if over or under:
                self._take(queue, n, over, under)


def parts(visit: Visit, at: int, rule: Rule) -> Parts:
    """Return what a visit adds at a moment above the line and below it, by the rule's form."""
    (above, below), holds = _terms(rule), _holds(visit, at, rule)
    return (sum(factor * holds[name] for factor, name in above),
            sum(factor * holds[name] for factor, name in below))


@lru_cache(256)
def _terms(rule: Rule) -> tuple[Terms, Terms]:
    return rule.entry.top, rule.entry.bottom


def _holds(visit: Visit, at: int, rule: Rule) -> dict[str, bool]:
    """Return which of the sums that forms are made of a visit is part of (``ccboard.figures.sums``)."""
    ended, answered, wait = by(visit.ended_at, at), by(visit.answer, at), visit.wait_s
    outcome = visit.outcome if ended else None
    waited, limit = (at - visit.offered_at) // SECOND, rule.threshold_s
    within, here = wait is not None and wait <= limit, not answered and not ended
    abandoned = outcome == "abandoned"
    past = not answered and ((ended and not within) or (here and waited > limit))
    return {
        "level_offered": True,
        "level_still": here and waited <= limit,
        "level_answered": answered,
        "level_answered_in_time": answered and within,
        "level_abandoned": abandoned,
        "level_abandoned_in_time": abandoned and within,
        "level_short": abandoned and wait is not None and wait < rule.short_s,
        "level_decided": answered or abandoned or past,
        "level_flowed": outcome in _FLOWED,
        "level_missed": outcome in _MISSED,
        "level_callbacks_in_time": rule.left_by_key == "callback" and outcome == "left_by_key" and within,
        "level_waiting": here and waited <= LOOK_BACK_S,
        "level_waiting_late": here and LOOK_BACK_S >= waited > limit,
    }

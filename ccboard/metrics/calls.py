"""The figures of queues: visits counted over the business day, each by the definition in ccboard.kpi.

A definition stands here twice: ``_numbers`` says what one visit adds at a moment, and ``_SUMS`` says the same
in SQL, for reading at once the visits that were over when a reader begins (a million of them take Python
seconds, DuckDB a fraction of one). ``tests/test_metrics_kept.py`` holds the two together.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from ccboard.clock import SECOND
from ccboard.figures.ruled import ruled
from ccboard.figures.rules import Rule
from ccboard.metrics.forms import Forms
from ccboard.metrics.levels import level_of_service
from ccboard.metrics.peak import Peak, StaleError
from ccboard.metrics.scope import Scope
from ccboard.metrics.visits import OVER, UNTOLD, Visit, by, is_untold, over_params, sql_us, whole_us
from ccboard.snapshot import Interval
from ccboard.store.rows import stamp


class Counts(NamedTuple):
    """What the visits of one queue (None: all) come to at as_of. Names as in ``QueueFigures``."""

    queue: str | None
    offered: int
    calls: int
    answered: int
    abandoned: int
    short_abandoned: int
    timed_out: int
    left_by_key: int
    left_empty: int
    withdrawn: int
    lost: int
    answered_in_time: int | None
    asa_s: float | None
    aht_s: float | None
    longest_wait_today_s: float | None
    service_level: float | None
    abandon_rate: float | None


Numbers: TypeAlias = tuple[int, ...]
"""offered, answered, abandoned, short_abandoned, then ``_OUTCOMES``, answered_in_time, undecided
(still in time, or of a wait that is not known), waits
known, their sum in microseconds, talks known, their sum with hold and wrap-up in microseconds."""
_OUTCOMES = ("timed_out", "left_by_key", "left_empty", "withdrawn", "lost")
_SUMS = f"""
    count(*), count(*) FILTER (WHERE answered), count(*) FILTER (WHERE outcome = 'abandoned'),
    count(*) FILTER (WHERE outcome = 'abandoned' AND wait_s < short_s),
    {", ".join(f"count(*) FILTER (WHERE outcome = '{outcome}')" for outcome in _OUTCOMES)},
    count(*) FILTER (WHERE answered AND wait_s <= threshold_s),
    count(*) FILTER (WHERE {UNTOLD.format(answered="answered", abandoned="outcome = 'abandoned'")}),
    count(wait_s) FILTER (WHERE answered), coalesce(sum(wait_us) FILTER (WHERE answered), 0)::BIGINT,
    count(talk_s) FILTER (WHERE answered), coalesce(sum(handled_us) FILTER (WHERE answered), 0)::BIGINT
"""
"""``Numbers`` of visits that are over."""
_EMPTY = (0,) * 15
_INTERVAL = (0, 1, 2, 9, 10, 11)
"""Which of ``Numbers`` an interval shows."""


class Tally:
    """The day's visits at one moment, counted by queue (None: all) and by interval of arrival."""

    def __init__(self, scope: Scope) -> None:
        self.day = scope.day
        self._definitions = scope.definitions
        self._length = scope.config.interval_min * 60 * SECOND
        self.forms = Forms(scope)
        self._sums: dict[str | None, list[int]] = {}
        self._longest: dict[str | None, Peak] = {}
        self._sources: dict[str, Counter[str]] = {}
        self._projects: dict[str, Counter[str | None]] = {}
        """How many visits of each project a queue has, where their definitions can differ."""
        self._distinct: Counter[str | None] = Counter()
        self._calls: dict[int, str | Counter[str]] = {}
        """The queue of each call, or where there are several how many visits to each; by hash, some 100
        bytes a call of the day."""
        self._intervals: dict[str | None, dict[int, list[int]]] = {}
        self.changed: set[str | None] = set()
        """Queues whose figures changed and were not asked since."""
        self.moved: set[tuple[str | None, int]] = set()
        """Their intervals that changed."""

    def read(self, scope: Scope) -> None:
        """Take in the visits that are over, out of the store."""
        found = ruled(scope.config, self._definitions.projects)
        project = "queue_project" if self._definitions.by_project else "NULL"
        params = {**over_params(scope), **scope.shown, **found.params, "day": stamp(scope.day)}
        handled = " + ".join(sql_us(f"coalesce({name}, 0)") for name in ("talk_s", "hold_s", "wrap_s"))
        for queue, source, n, own, *numbers, longest in scope.rows(f"""
            SELECT queue, source, (epoch_us(offered_at) - $begin::BIGINT) // $length::BIGINT AS n,
                {project} AS own, {_SUMS},
                max(wait_s)
            FROM (SELECT c.*, {found.columns}, {sql_us("wait_s")} AS wait_us,
                    CASE WHEN talk_s IS NOT NULL THEN {handled} END
                    AS handled_us
                FROM {OVER} c {found.joins}
                WHERE c.offered_at >= $day AND {scope.shows.replace("queue", "c.queue")})
            GROUP BY queue, source, n, own
        """, {**params, "begin": scope.day, "length": self._length}):
            self._take(queue, source, n, self._definitions.project(queue, own), numbers, 1)
            if longest is not None:
                for name in (queue, None):
                    before = self._longest[name].best if name in self._longest else None
                    self._longest[name] = Peak(longest if before is None else max(before, longest))
        self.forms.read(scope)

    def read_distinct(self, scope: Scope) -> None:
        """Take in how many calls there are, for one moment: what came by it, over or not."""
        there = f"FROM visits WHERE offered_at >= $day AND offered_at <= $as_of AND {scope.shows}"
        self._distinct = Counter(dict(scope.rows(f"""
            WITH calls AS (SELECT queue, hash(source, call) AS call {there})
            SELECT queue, count(DISTINCT call) FROM calls GROUP BY queue
            UNION ALL SELECT NULL, count(DISTINCT call) FROM calls
        """, {"day": stamp(scope.day), "as_of": scope.at, **scope.shown})))

    def threshold(self, visit: Visit) -> float:
        """Return T of a visit, in seconds."""
        return self._definitions.of(visit.queue, visit.project).threshold_s

    def rules(self, queue: str) -> set[Rule]:
        """Return the definitions that a queue's visits have; of one without visits its own."""
        if not (found := self._projects.get(queue)):
            return {self._definitions.of_queue(queue)}
        return {self._definitions.rule(queue, project) for project in found}

    def call(self, source: str, call: str, queue: str, sign: int) -> int:
        """Count one more visit of a call, or (sign -1) one less; return what stands for the call."""
        name = hash((source, call))
        had = self._calls.get(name)
        if sign > 0:
            if had is None:
                self._calls[name] = queue
                self._distinct[queue] += 1
                self._distinct[None] += 1
                return name
            visits = Counter({had: 1}) if isinstance(had, str) else had
            if not visits[queue]:
                self._distinct[queue] += 1
            visits[queue] += 1
            self._calls[name] = visits
            return name
        if had is None or (had != queue if isinstance(had, str) else not had[queue]):
            raise StaleError
        if isinstance(had, Counter) and sum(had.values()) > 1:
            had[queue] -= 1
            if not had[queue]:
                self._distinct[queue] -= 1
            return name
        del self._calls[name]
        self._distinct[queue] -= 1
        self._distinct[None] -= 1
        return name

    def count(self, visit: Visit, at: int, sign: int) -> None:
        """Add what a visit of the day comes to at a moment, or (sign -1) take it out."""
        n = (visit.offered_at - self.day) // self._length
        self._take(visit.queue, visit.source, n, self._definitions.project(visit.queue, visit.project),
                   self._numbers(visit, at), sign)
        if self.forms.on and (other := self.forms.count(visit, at, sign)) not in (None, n):
            self.moved.update({(visit.queue, other), (None, other)})
        if visit.wait_s is not None and by(visit.ended_at, at):
            for name in (visit.queue, None):
                peak = self._longest.get(name)
                if peak is None:
                    peak = self._longest[name] = Peak()
                if sign > 0:
                    peak.add(visit.wait_s)
                else:
                    peak.remove(visit.wait_s)

    def _numbers(self, visit: Visit, at: int) -> Numbers:
        """Return what one visit adds. One that waits no longer than T is no success yet, and no miss.

        Nor is one of which nobody knows how long it waited.
        """
        ended, answered = by(visit.ended_at, at), by(visit.answer, at)
        wait, outcome = visit.wait_s, visit.outcome if ended else None
        rule = self._definitions.of(visit.queue, visit.project)
        threshold = rule.threshold_s
        abandoned, waited = outcome == "abandoned", answered and wait is not None
        talked = answered and ended and visit.talk_s is not None
        return (
            1, answered, abandoned, abandoned and wait is not None and wait < rule.short_s,
            outcome == "timed_out", outcome == "left_by_key", outcome == "left_empty",
            outcome == "withdrawn", outcome == "lost",
            answered and wait is not None and wait <= threshold,
            is_untold(visit, at)
            or (not answered and not ended and (at - visit.offered_at) // SECOND <= threshold),
            waited, whole_us(wait) if waited else 0,
            talked, whole_us(visit.talk_s) + whole_us(visit.hold_s)
            + (whole_us(visit.wrap_s) if by(visit.settled, at) else 0) if talked else 0,
        )

    def _take(self, queue: str, source: str, n: int, project: str | None, numbers: Iterable[int], sign: int
              ) -> None:
        numbers = tuple(numbers) if sign > 0 else tuple(-number for number in numbers)
        for name in (queue, None):
            sums = self._sums.setdefault(name, list(_EMPTY))
            self._sums[name] = [a + b for a, b in zip(sums, numbers, strict=True)]
            intervals = self._intervals.setdefault(name, {})
            here = intervals.setdefault(n, [0] * len(_INTERVAL))
            for place, which in enumerate(_INTERVAL):
                here[place] += numbers[which]
            if not here[0]:
                del intervals[n]
            self.changed.add(name)
            self.moved.add((name, n))
        of_source = self._sources.setdefault(queue, Counter())
        of_source[source] += numbers[0]
        if not of_source[source]:
            del of_source[source]
        if self._definitions.by_project:
            of_project = self._projects.setdefault(queue, Counter())
            of_project[project] += numbers[0]
            if not of_project[project]:
                del of_project[project]

    def queues(self) -> list[str]:
        """Return the queues with visits."""
        return [name for name, sums in self._sums.items() if name is not None and sums[0]]

    def sources(self, queue: str) -> Iterable[str]:
        """Return the sources of a queue's visits."""
        return self._sources.get(queue, ())

    def counts(self, queue: str | None) -> Counts | None:
        """Return the figures of a queue (None: of all), None without visits."""
        sums = self._sums.get(queue)
        if sums is None or (queue is not None and not sums[0]):
            return None
        offered, in_time, still, waits, wait_us, talks, handled_us = sums[0], *sums[9:]
        longest = self._longest.get(queue)
        parts = self.forms.level(queue) if self.forms.on else (in_time, offered - still)
        answered, abandoned, short, timed_out, by_key, empty, withdrawn, lost = sums[1:9]
        return Counts(
            queue, offered, self._distinct[queue], answered, abandoned, short, timed_out, by_key, empty,
            withdrawn, lost, in_time if waits or not answered else None,
            asa_s=ratio(wait_us / 1e6, waits), aht_s=ratio(handled_us / 1e6, talks),
            longest_wait_today_s=None if longest is None else longest.best,
            service_level=ratio(*parts) if waits or not answered else None,
            abandon_rate=ratio(abandoned, offered),
        )

    def interval(self, scope: Scope, queue: str | None, n: int) -> Interval:
        """Return the n-th interval of the day; somebody arrived in it."""
        offered, answered, abandoned, in_time, still, waits = self._intervals[queue][n]
        parts = self.forms.interval(queue, n) if self.forms.on else (in_time, offered - still)
        known = bool(waits or not answered)
        level = ratio(*parts) if known else None
        return Interval(queue, self.day + n * self._length, offered, answered, abandoned,
                        in_time if known else None, level, level_of_service(scope, queue, level))

    def arrived(self, queue: str | None, n: int) -> bool:
        """Tell whether somebody arrived in the n-th interval of the day."""
        return n in self._intervals.get(queue, ())


def ratio(part: float, whole: float) -> float | None:
    """Return part over whole; None where nothing happened."""
    return part / whole if whole > 0 else None

"""Heads: how many are at work, how many it takes, and what each tier of reserves would change.

Queues whose agents serve one another are one pool, and an agent counts in it once. What a queue needs is
what its pool needs for the queue's own target; the whole centre needs what the strictest queue of each pool
needs.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ccboard.desk.ahead import BLOCKS, STEP, Floats, Rest
from ccboard.desk.days import DAY_MINUTES, Days
from ccboard.desk.hours import within
from ccboard.desk.lengths import NOTHING as AS_USUAL
from ccboard.desk.lengths import Lengths
from ccboard.desk.outlook import Outlook
from ccboard.desk.people import Pool
from ccboard.desk.watching import Reading
from ccboard.panel_surge import QueueSurge, TierEffect
from ccboard.staffing.demand import Work, needed, three_digits
from ccboard.tiers import Tier

LOOK_MIN = 30
"""Effects are worked out for the calls of so many minutes to come."""
SHARED = 12
"""Names of queues in the same pool that are told."""
AGAIN_MIN, RECENT_MIN, LEAST_CALLERS = 60, 20, 10
LESS, MORE = 10, 60
"""Heads fewer and more for which the what-if is worked out."""
RUNGS = (-5, -2, 0, 2, 5, 9, 14, 20, 28, 40)
"""Of these some are worked out; what lies between them is on a line."""
BAND_80 = 2.563
"""Width of an 80 % band in standard deviations."""
USUALLY_OFF = 0.10
"""By how much a half hour's calls are off (relative standard deviation) where no band was worked out."""
AGAIN_AFTER_MIN = 10.0
"""Mean minutes after which who hung up tries once more."""
MOST_POOLS = 24
"""Pools up to which the needs of the whole centre are summed: each costs some Erlang A per interval."""


class Heads:
    """What one reading says of people. `rest` gives the day of a row that is drawn, None of others."""

    def __init__(self, reading: Reading, works: dict[str | None, Work], pools: dict[str, Pool], days: Days,
                 at: int, queues: Sequence[str], rest: Callable[[int], Rest | None], outlook: Outlook,
                 lengths: Lengths = AS_USUAL) -> None:
        self.outlook, self.lengths = outlook, lengths
        self.reading, self.works, self.pools, self.days, self.at = reading, works, pools, days, at
        self.rest = rest
        self._known: dict[tuple[tuple[str, ...], float, tuple[int, ...]],
                          list[tuple[float, float]] | None] = {}
        self._tries: dict[tuple[int, int], float] = {}
        self._rows: dict[tuple[str, ...], list[tuple[int, Work]]] = {}
        self._loads: dict[tuple[int, ...], list[tuple[float, float, float]]] = {}
        every = dict.fromkeys(self._members(queue) for queue in queues)
        self.groups = tuple(group for group in every if self.rows(group))

    # -- who serves whom -----------------------------------------------------------------------------

    def _members(self, queue: str) -> tuple[str, ...]:
        pool = self.pools.get(queue)
        return (queue,) if pool is None else pool.queues

    def members(self, queue: str | None) -> tuple[str, ...]:
        """Return the queues of a queue's pool; of the whole centre where that is one pool, else nothing."""
        if queue is not None:
            return self._members(queue)
        return self.groups[0] if len(self.groups) == 1 else ()

    def at_work(self, queue: str | None) -> int | None:
        """Return the agents at work in a queue's pool, or (None) in all pools; None where not known."""
        if queue is not None:
            pool = self.pools.get(queue)
            return None if pool is None else pool.heads
        found = [self.pools[group[0]].heads for group in self.groups if group[0] in self.pools]
        return sum(found) if found else None

    def there(self, queue: str | None) -> list[int]:
        """Return the agents at work in each quarter of an hour of the day, as people usually come and go.

        Up to the present one these are those at work now. Empty where the agents are not known.
        """
        now = self.at_work(queue)
        if now is None:
            return []
        names = sum(self.groups, ()) if queue is None else self._members(queue)
        first = self.reading.minute // STEP + 1
        ahead = self.outlook.at_work(names, np.arange(first, DAY_MINUTES // STEP) * STEP + STEP // 2)
        return [now] * first + [round(float(n)) for n in ahead]

    def rows(self, names: tuple[str, ...]) -> list[tuple[int, Work]]:
        """Return the rows of queues, with their work; what has neither is left out."""
        if names not in self._rows:
            found = [(self.reading.fitted.row(name), self.works.get(name)) for name in names]
            self._rows[names] = [(row, work) for row, work in found if row is not None and work is not None]
        return self._rows[names]

    # -- what comes ----------------------------------------------------------------------------------

    def more(self, row: int, lately: int = AGAIN_MIN) -> float:
        """Return visits per caller of the last minutes: who hangs up and tries again is work every time."""
        if (row, lately) not in self._tries:
            self._tries[row, lately] = self._visits_per_caller(row, lately)
        return self._tries[row, lately]

    def _visits_per_caller(self, row: int, lately: int) -> float:
        part = slice(max(0, self.reading.minute - lately), self.reading.minute)
        callers = float(np.nansum(self.reading.offered[row, part]))
        return 1 + float(self.reading.again[row, part].sum()) / callers if callers >= LEAST_CALLERS else 1.0

    def per_hour(self, row: int, *, plain: bool = False) -> float:
        """Return the visits an hour that the next half hour brings, on a `plain` day or on this one.

        This one follows the forecast where the row is drawn, so that a quiet morning asks for fewer.
        """
        reading = self.reading
        part = slice(reading.minute, reading.minute + LOOK_MIN)
        ahead = reading.rate[row, part]
        rest = None if plain else self.rest(row)
        if rest is not None:
            ahead = np.where(ahead > 0, np.repeat(rest.mean / STEP, STEP)[part], 0.0)
        ahead = ahead[ahead > 0]
        if not len(ahead):
            return 0.0
        if plain:
            return float(ahead.mean()) * 60
        lift = float(reading.lift[row]) if rest is None and reading.alarms[row].level else 1.0
        return float(ahead.mean()) * 60 * lift * self.more(row)

    def _per_quarter(self, row: int) -> Floats:
        """Return the calls of each quarter of an hour, as forecast or (what is not drawn) as normal."""
        rest = self.rest(row)
        if rest is not None:
            return rest.mean
        normal: Floats = self.reading.rate[row].reshape(BLOCKS, STEP).sum(axis=1)
        return normal

    def pooled(self, names: tuple[str, ...], own: Work) -> tuple[float, Work]:
        """Return the calls of a pool in an hour and what they ask, with the target of `own`."""
        parts = [(str(self.reading.fitted.queues[row]), self.per_hour(row), work)
                 for row, work in self.rows(names)]
        calls = sum(rate for _, rate, _ in parts)
        if calls <= 0:
            return 0.0, own
        hour = min(self.reading.minute + LOOK_MIN // 2, DAY_MINUTES - 1) // 60
        longer = self.lengths.ratios(names)
        aht = sum(rate * work.aht_s * float(longer[name][hour]) for name, rate, work in parts) / calls
        waits = sum(rate * work.patience_s for _, rate, work in parts) / calls
        return three_digits(calls), Work(three_digits(aht), three_digits(waits), own.threshold_s, own.target)

    def _quarters(self, names: tuple[str, ...]) -> list[tuple[float, float, float]]:
        """Return calls an hour, handling time and patience of a pool in each quarter of an hour."""
        rows = self.rows(names)
        key = tuple(row for row, _ in rows)
        if key not in self._loads:
            quarters = [self._per_quarter(row) * self.more(row) for row, _ in rows]
            hourly = np.stack(quarters) * (60 / STEP) if quarters else np.zeros((1, BLOCKS))
            calls = hourly.sum(axis=0)
            share = hourly / np.maximum(calls, 1e-9)
            longer = self.lengths.ratios(names)
            asked = np.array([work.aht_s * np.repeat(longer[str(self.reading.fitted.queues[row])], 60 // STEP)
                              for row, work in rows] or [np.ones(BLOCKS)])
            patient = np.array([work.patience_s for _, work in rows] or [1.0])
            aht, waits = (asked * share).sum(axis=0), patient @ share
            self._loads[key] = list(zip(calls.tolist(), aht.tolist(), waits.tolist(), strict=True))
        return self._loads[key]

    # -- what it takes -------------------------------------------------------------------------------

    def needs(self, queue: str | None) -> list[int]:
        """Return the heads that each quarter of an hour takes from now on, 0 before; [] where not known."""
        if queue is not None:
            work = self.works.get(queue)
            return [] if work is None else self._needs(self._members(queue), work)
        if not 0 < len(self.groups) <= MOST_POOLS:
            return []
        strictest = [np.max([self._needs(group, work) for work in self._asks(group)], axis=0)
                     for group in self.groups]
        return [int(of) for of in np.sum(strictest, axis=0)]

    def _asks(self, names: tuple[str, ...]) -> list[Work]:
        """Return one work for each pair of threshold and target among queues."""
        return list({(work.threshold_s, work.target): work for _, work in self.rows(names)}.values())

    def _needs(self, names: tuple[str, ...], own: Work) -> list[int]:
        done = self.reading.minute // STEP
        found = [0] * done
        for calls, aht, waits in self._quarters(names)[done:]:
            pooled = Work(three_digits(aht), three_digits(waits), own.threshold_s, own.target)
            found.append(needed(calls, pooled) if calls > 0 else 0)
        return found

    def _need(self, queue: str | None) -> int | None:
        """Return what the next half hour takes; None where nothing is expected or that is not worked out."""
        if queue is not None:
            calls, pooled = self.pooled(self._members(queue), self.works[queue])
            return needed(calls, pooled) if calls > 0 else None
        if len(self.groups) > MOST_POOLS:
            return None
        total = 0
        for group in self.groups:
            asked = [self.pooled(group, work) for work in self._asks(group)]
            total += max(needed(calls, pooled) if calls > 0 else 0 for calls, pooled in asked)
        return total or None

    def staffed(self, made: QueueSurge, row: int, work: Work, tiers: Sequence[Tier]) -> QueueSurge:
        """Return a row with what it takes and what each tier would do."""
        queue, names = made.queue, self.members(made.queue)
        there, need = self.at_work(queue), self._need(queue)
        if queue is not None:
            made = made._replace(shared_with=tuple(name for name in names if name != queue)[:SHARED])
        else:
            made = made._replace(pools=len(self.groups))
        made = made._replace(heads=there, need=need)
        if names:
            calls, pooled = self.pooled(names, work)
            made = made._replace(asks=(calls, pooled.aht_s, pooled.patience_s))
        if need is None or not there:
            return made
        if names:
            made = self._tried(made, row, work, tiers, there)
        if need > there:
            made = made._replace(until=self._enough_from(queue) or made.closes_at)
        return made

    def _tried(self, made: QueueSurge, row: int, work: Work, tiers: Sequence[Tier], there: int) -> QueueSurge:
        names = self.members(made.queue)
        calls, pooled = self.pooled(names, work)
        if calls <= 0:
            return made
        more = self._more(names, row, pooled, tiers)
        least = -min(LESS, there - 1)
        rungs = tuple(sorted({least, MORE, *(n for n in RUNGS if n > least), *(n for n in more if n > MORE)}))
        found = self._met(names, pooled, rungs)
        if found is None:
            return made
        available = [True, *(within(tier.hours, self.at, self.days.zone) for tier in tiers)]
        effects = tuple(
            _effect(number, name, heads, met, pooled.target, available=at_hand)
            for number, (heads, name, met, at_hand) in enumerate(zip(
                more, ["", *(tier.name or "" for tier in tiers)], between(rungs, found, more), available,
                strict=True)))
        ladder = between(rungs, found, range(least, MORE + 1))
        return made._replace(effects=effects, what_if=ladder, what_if_from=least,
                             suffices=next((one.number for one in effects[1:] if one.suffices), None))

    def _met(self, names: tuple[str, ...], pooled: Work, rungs: tuple[int, ...]
             ) -> list[tuple[float, float]] | None:
        """Return what callers of a pool meet with so many heads more; None where no calls are to come."""
        key = (names, pooled.threshold_s, rungs)
        if key not in self._known:
            per_minute, spread = self._to_come(names)
            self._known[key] = self.outlook.met(
                names, per_minute, spread, pooled, rungs, self._again(names)) if per_minute.any() else None
        return self._known[key]

    def _more(self, names: tuple[str, ...], row: int, pooled: Work, tiers: Sequence[Tier]) -> list[int]:
        """Return the heads that come without action (0) and with each tier."""
        plain = sum(self.per_hour(r, plain=True) for r, _ in self.rows(names))
        own = self.per_hour(row, plain=True)
        return [0, *(
            tier.heads if tier.heads is not None  # else what the lift takes beyond what the normal day takes
            else needed(plain + own * tier.threshold, pooled) - needed(plain, pooled) for tier in tiers)]

    def _again(self, names: tuple[str, ...]) -> float:
        """Return the share of those who hung up today that tried once more within the hour."""
        again = sum(float(self.reading.again[row].sum()) for row, _ in self.rows(names))
        gone = sum(queue.abandoned for queue in self.outlook.floor.queues if queue.queue in names)
        return min(again / (gone + LEAST_CALLERS), 1.0)

    def _to_come(self, names: tuple[str, ...]) -> tuple[Floats, float]:
        """Return the visits of a pool in each minute to come, and their relative standard deviation.

        That is what the honest band leaves beyond chance, and how far the lift is known; queues are taken to
        be off independently.
        """
        reading = self.reading
        part = slice(reading.minute, reading.minute + LOOK_MIN)
        total, variance = np.zeros(LOOK_MIN), 0.0
        for row, _ in self.rows(names):
            normal, rest = reading.rate[row, part], self.rest(row)
            if rest is None:
                lift = float(reading.lift[row]) if reading.alarms[row].level else 1.0
                calls = normal * lift
                off = (USUALLY_OFF * calls.sum()) ** 2
            else:
                calls = np.where(normal > 0, np.repeat(rest.mean / STEP, STEP)[part], 0.0)
                wide = np.repeat((rest.mean_high - rest.mean_low) / STEP, STEP)[part].sum() / BAND_80
                off = max(0.0, wide**2 - calls.sum() * LOOK_MIN / STEP)
            again = max(self.more(row), self.more(row, RECENT_MIN))
            fading = np.exp(-np.arange(len(calls)) / AGAIN_AFTER_MIN)
            total[:len(calls)] += calls * (1 + (again - 1) * fading)
            low, high = reading.spans.get(row, (1.0, 1.0)) if reading.alarms[row].level else (1.0, 1.0)
            lifted = (high - low) / BAND_80 / max(float(reading.lift[row]), 0.1) * calls.sum()
            variance += (off + (lifted**2 if np.isfinite(lifted) else 0.0)) * again**2
        return total, float(np.sqrt(variance)) / max(float(total.sum()), 1e-9)

    def _enough_from(self, queue: str | None) -> int | None:
        """Return when the quarter of an hour begins from which those who will be there are enough."""
        needs, there = self.needs(queue), self.there(queue)
        for block in range(self.reading.minute // STEP + 1, min(len(needs), len(there))):
            if needs[block] <= there[block]:
                return self.days.minute_at(self.reading.day, block * STEP)
        return None


def between(rungs: Sequence[int], found: Sequence[tuple[float, float]], wanted: Sequence[int]
            ) -> tuple[tuple[float, float], ...]:
    """Return what is met with each number of heads wanted: on a line between the rungs that were worked out.

    >>> between([0, 2, 4], [(0.1, 0.5), (0.3, 0.3), (0.9, 0.0)], range(0, 4))
    ((0.1, 0.5), (0.2, 0.4), (0.3, 0.3), (0.6, 0.15))
    """
    levels, lost = zip(*found, strict=True)
    columns = [np.interp(wanted, rungs, values).tolist() for values in (levels, lost)]
    return tuple((round(a, 3), round(b, 3)) for a, b in zip(*columns, strict=True))


def _effect(number: int, name: str, more: int, met: tuple[float, float], target: float, *,
            available: bool) -> TierEffect:
    level, lost = round(met[0], 3), round(met[1], 3)
    return TierEffect(number, name, more, level, lost, level >= target, available)

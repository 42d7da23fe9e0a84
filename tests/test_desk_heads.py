"""Heads of pools and of the whole centre, beside sums made by hand."""

from datetime import date
from types import MappingProxyType, SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np

from ccboard.desk.ahead import Rest
from ccboard.desk.days import Days
from ccboard.desk.heads import MOST_POOLS, Heads
from ccboard.desk.lengths import NOTHING as AS_USUAL
from ccboard.desk.lengths import Lengths
from ccboard.desk.outlook import Outlook
from ccboard.desk.people import Pool
from ccboard.desk.shifts import Presence, Present
from ccboard.desk.watching import Reading
from ccboard.panel_surge import QueueSurge
from ccboard.snapshot import Snapshot
from ccboard.staffing.demand import Work, needed
from ccboard.surge.decide import Alarm
from ccboard.tiers import Tier

DAY = date(2026, 11, 16)
WORK = Work(300.0, 120.0, 20.0, 0.8)
STRICT = Work(300.0, 120.0, 20.0, 0.9)
NINE = 540


def reading(per_minute: dict[str, float], minute: int = NINE) -> Reading:
    """Return a calm morning: so many calls a minute from 08:00 to 18:00, the whole centre first."""
    queues = (None, *per_minute)
    rate = np.zeros((len(queues), 1440))
    for row, each in enumerate(per_minute.values(), 1):
        rate[row, 480:1080] = each
    rate[0] = rate[1:].sum(axis=0)
    offered = np.full(rate.shape, np.nan, np.float32)
    offered[:, :minute] = rate[:, :minute]
    fitted = SimpleNamespace(queues=queues, row=lambda q: queues.index(q) if q in queues else None)
    calm = tuple(Alarm() for _ in queues)
    made: dict[str, Any] = {"fitted": fitted, "day": DAY, "minute": minute, "offered": offered, "rate": rate,
                            "again": np.zeros_like(offered), "lift": np.ones(len(queues)), "alarms": calm}
    return cast("Reading", SimpleNamespace(**made))


def heads(per_minute: dict[str, float], pools: dict[str, Pool], works: dict[str | None, Work] | None = None,
          minute: int = NINE, forecast: float | None = None, lengths: Lengths = AS_USUAL,
          present: Present = MappingProxyType({})) -> Heads:
    """`forecast`: calls in a quarter of an hour of every row, instead of those of a normal day."""
    rest = None if forecast is None else cast("Rest", SimpleNamespace(
        mean=np.full(96, forecast), mean_low=np.full(96, forecast), mean_high=np.full(96, forecast)))
    own: dict[str | None, Work] = {None: WORK, **dict.fromkeys(per_minute, WORK), **(works or {})}
    days = Days(ZoneInfo("UTC"))
    staff = {pool.queues: pool.heads for pool in pools.values()}
    floor = SimpleNamespace(waiting=(), queues=(), agents=tuple(
        SimpleNamespace(state="talking", queues=queues) for queues, n in staff.items() for _ in range(n)))
    return Heads(reading(per_minute, minute), own, pools, days, days.minute_at(DAY, minute), list(per_minute),
                 lambda _row: rest, Outlook(cast("Snapshot", floor), Presence(present, 1.0), minute), lengths)


def row(queue: str | None) -> QueueSurge:
    return QueueSurge(queue, queue or "", "normal", 0, None, 0, 0.0)


def test_the_centre_counts_each_agent_once_and_sums_what_its_pools_need() -> None:
    """5 and 20 calls a minute as one pool, 1 a minute on its own: 27 and 98 heads would be needed apart,
    25 a minute together take what Erlang A says of 1500 an hour; the third takes 7 (the table of 1/min)."""
    ab = Pool(("a", "b"), 110)
    made = heads({"a": 5, "b": 20, "c": 1}, {"a": ab, "b": ab, "c": Pool(("c",), 6)})
    centre = made.staffed(row(None), 0, WORK, ())
    together = needed(1500, WORK)
    assert 27 + 98 > together > 98
    assert (centre.heads, centre.need, centre.pools) == (116, together + 7, 2)
    assert (centre.effects, centre.what_if) == ((), ()), "two groups: what one more would do depends on where"
    part = made.staffed(row("a"), 1, WORK, ())
    assert (part.heads, part.need, part.shared_with) == (110, together, ("b",))


def test_a_pool_needs_what_its_strictest_queue_asks() -> None:
    ab = Pool(("a", "b"), 100)
    made = heads({"a": 5, "b": 15}, {"a": ab, "b": ab}, {"b": STRICT})
    centre = made.staffed(row(None), 0, WORK, (Tier(lift=0.3, heads=10),))
    assert centre.need == needed(1200, STRICT) > needed(1200, WORK)
    assert made.needs(None) == made.needs("b")
    assert made.needs("a")[36] == needed(1200, WORK)
    assert [(one.number, one.heads) for one in centre.effects] == [(0, 0), (1, 10)], "one pool has its tiers"


def test_until_when_those_at_work_are_too_few() -> None:
    """The day ends at 18:00: from then on nobody is needed."""
    made = heads({"a": 5}, {"a": Pool(("a",), 20)})
    found = made.staffed(row("a"), 1, WORK, ())
    assert found.until == made.days.minute_at(DAY, 1080)
    assert heads({"a": 5}, {"a": Pool(("a",), 27)}).staffed(row("a"), 1, WORK, ()).until is None


def test_a_shift_that_begins_closes_the_gap() -> None:
    """20 at work at 9:00, 27 needed. Ten more usually come at 9:30 and twelve of all go at 17:00, so those of
    9:30 are enough, and at 17:00 there are 20 + 10 - 12."""
    usual = np.zeros(1440)
    usual[480:1080] = 20
    usual[570:1080] += 10
    usual[1020:1080] -= 12
    made = heads({"a": 5}, {"a": Pool(("a",), 20)}, present={"a": usual})
    there = made.there("a")
    assert (there[:37], there[37], there[38], there[67], there[68]) == ([20] * 37, 20, 30, 30, 18)
    assert made.there(None) == there
    assert made.staffed(row("a"), 1, WORK, ()).until == made.days.minute_at(DAY, 570)
    assert made.there("b") == [], "nobody knows who answers it"


def test_effects_and_the_what_if_say_the_same() -> None:
    """98 heads are what 20 calls a minute need in the long run: 80 %, if all goes as expected; it may not."""
    made = heads({"a": 20}, {"a": Pool(("a",), 98)}).staffed(row("a"), 1, WORK, (Tier(lift=0.3, heads=15),))
    assert [one.heads for one in made.effects] == [0, 15]
    for one in made.effects:
        assert made.what_if[one.heads - made.what_if_from] == (one.service_level, one.abandon_rate)
    assert 0.6 < (made.effects[0].service_level or 0) < 0.8 < (made.effects[1].service_level or 0)
    assert len(made.what_if) == 71
    levels = [level for level, _ in made.what_if]
    assert sorted(levels) == levels


def test_longer_calls_take_more_heads() -> None:
    """b's calls take 600 s from 9 to 10 o'clock instead of 300: with a's, half of all, 450 s on average."""
    ab = Pool(("a", "b"), 110)
    hours = np.ones(24)
    hours[9] = 2.0
    made = heads({"a": 10, "b": 10}, {"a": ab, "b": ab}, lengths=Lengths({"b": hours}, {}))
    assert made.pooled(("a", "b"), WORK)[1].aht_s == 450.0
    assert made.needs("a")[36:41] == [needed(1200, WORK._replace(aht_s=450.0))] * 4 + [needed(1200, WORK)]
    assert made.staffed(row("a"), 1, WORK, ()).need == made.needs("a")[36]
    worse, usual = (heads({"a": 10, "b": 10}, {"a": ab, "b": ab}, lengths=one).staffed(row("a"), 1, WORK, ())
                    for one in (Lengths({"b": hours}, {}), AS_USUAL))
    assert (worse.what_if[10][0] or 0) < (usual.what_if[10][0] or 0) - 0.2


def test_the_need_follows_the_forecast() -> None:
    """20 calls a minute are normal (98 heads), 5 are forecast: 75 in a quarter of an hour take 27."""
    quiet = heads({"a": 20}, {"a": Pool(("a",), 98)}, forecast=75.0)
    assert quiet.staffed(row("a"), 1, WORK, ()).need == 27 == quiet.needs("a")[36]
    assert quiet.per_hour(1, plain=True) == 1200


def test_what_is_not_known_is_none() -> None:
    nobody = heads({"a": 5, "b": 5}, {}).staffed(row(None), 0, WORK, ())
    assert (nobody.heads, nobody.need) == (None, 54), "the need is known without agents: 27 each"
    closed = heads({"a": 5}, {"a": Pool(("a",), 9)}, minute=1200).staffed(row("a"), 1, WORK, ())
    assert (closed.heads, closed.need) == (9, None)
    many = {f"q{n}": 1.0 for n in range(MOST_POOLS + 1)}
    every = heads(many, {name: Pool((name,), 2) for name in many})
    assert every.staffed(row(None), 0, WORK, ()).need is None
    assert every.staffed(row(None), 0, WORK, ()).heads == 2 * len(many)
    assert every.needs(None) == []

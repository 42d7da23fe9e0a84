"""Who will be at work, and what callers of the next half hour meet, beside sums made by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ccboard.clock import SECOND
from ccboard.desk.days import Days
from ccboard.desk.outlook import POINTS, WORK_OFF, Outlook
from ccboard.desk.shifts import Presence, expected, present, usual_share
from ccboard.records import AgentState, Batch, Contact, Record, State
from ccboard.snapshot import Snapshot
from ccboard.staffing.demand import Work
from ccboard.staffing.transient import Course, ahead
from ccboard.store.reader import Reader
from ccboard.store.store import Store

DAYS = Days(ZoneInfo("UTC"))
MONDAY = date(2026, 11, 16)
WORK = Work(300.0, 120.0, 20.0, 0.8)
NINE = 540


def floor(states: dict[str, int], waiting: int = 0, queues: tuple[str, ...] = ("a",), as_of: int = 0,
          paused_s: int = 0) -> Snapshot:
    agents = tuple(SimpleNamespace(state=state, queues=queues, paused_s=paused_s)
                   for state, count in states.items() for _ in range(count))
    seen: Any = SimpleNamespace(agents=agents, as_of=as_of,
                                waiting=tuple(SimpleNamespace(queue="a") for _ in range(waiting)))
    return cast("Snapshot", seen)


def at(day: date, minute: float) -> int:
    return DAYS.begin(day) + round(minute * 60) * SECOND


def contact(day: date, minute: float, agent: str, queue: str = "a") -> Contact:
    begin = at(day, minute)
    return Contact(source="s", call=f"{day}{minute}{agent}", queue=queue, version=1, offered_at=begin,
                   answered_at=begin, ended_at=begin + 120 * SECOND, outcome="answered", agent=agent,
                   talk_s=120.0)


def state(minute: float, agent: str, what: State) -> AgentState:
    return AgentState(source="s", agent=agent, at=at(MONDAY, minute), state=what, queue="a")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Two Mondays: Ann from 08:00 to 12:02, on one of them Ben from 10:00 to 10:32 in another queue."""
    path: Path = tmp_path_factory.mktemp("shifts") / "x.duckdb"
    first, second = MONDAY - timedelta(days=14), MONDAY - timedelta(days=7)
    records: list[Record] = [contact(day, minute, "Ann") for day in (first, second) for minute in (480, 720)]
    records += [contact(second, minute, "Ben", "b") for minute in (600, 630)]
    records += [contact(MONDAY - timedelta(days=6), 480, "Cem")]
    records += [state(480, "Ann", "ready"), state(480, "Ben", "ready"), state(510, "Ben", "offline")]
    with Store.open(path) as store:
        store.register("s", "test", 5.0, frozenset())
        store.apply(Batch("s", tuple(records)))
        yield store.reader(60)


def test_who_is_there_is_who_answered_before_and_after(reader: Reader) -> None:
    """Mean of two Mondays; a Tuesday tells nothing of Mondays, and weeks without a feed do not count."""
    found = present(reader, DAYS, MONDAY)
    assert sorted(found) == ["a", "b"]
    assert [found["a"][minute] for minute in (479, 480, 600, 722, 723)] == [0, 1, 1, 1, 0]
    assert [found["b"][minute] for minute in (599, 600, 632, 633)] == [0, 0.5, 0.5, 0]


def test_the_usual_share_is_todays_as_far_as_the_day_can_tell(reader: Reader) -> None:
    """At 09:00: Ann an hour and Ben, who is gone, half an hour; 900 s of 5400 paused. One who is here counts
    for three hours at 85 %: (4500 + 9180) / (5400 + 10800)."""
    seen = floor({"ready": 1}, as_of=at(MONDAY, NINE), paused_s=900)
    assert usual_share(reader, DAYS.begin(MONDAY), seen) == pytest.approx(13_680 / 16_200)
    assert usual_share(reader, at(MONDAY, 1000), floor({}, as_of=at(MONDAY, 1001))) == 0.85


def test_pauses_end_and_others_begin_and_shifts_go_on() -> None:
    """10 logged in, 4 of them paused; 2 more are there in half an hour. Usually 90 % are at work: what the
    present share of 60 % lacks has shrunk to a share of 1/e after 15 minutes."""
    total = np.zeros(1440)
    total[NINE:] = 5
    total[NINE + 30:] = 7
    seen = floor({"talking": 5, "ready": 1, "paused": 4, "offline": 3})
    found = expected(Presence({"a": total}, 0.9), seen, ["a"], NINE, np.array([0, 15, 30]))
    assert found.tolist() == pytest.approx([6, 10 * (0.9 - 0.3 / np.e), 12 * (0.9 - 0.3 / np.e**2)])
    assert expected(Presence({}, 0.9), seen, ["b"], NINE, np.array([0])).tolist() == [0]


def test_what_is_met_is_the_mean_over_three_courses() -> None:
    """Nothing but the work itself is uncertain: three rates of calls, weighed by their chance and calls."""
    seen = Outlook(floor({"talking": 9, "ready": 1}, waiting=2), Presence({}, 1.0), NINE)
    assert seen.present(["a"]) == 11
    [found] = seen.met(["a"], np.full(30, 2.0), 0.0, WORK, [0])
    rates = [1 + WORK_OFF * z for z, _ in POINTS]
    weights = [rate * weight for rate, (_, weight) in zip(rates, POINTS, strict=True)]
    apart = [ahead(Course(np.full((1, 6), rate / 30), np.full((1, 6), 10.0), 300.0), 11.0, 300.0, 120.0, 20.0)
             for rate in rates]
    assert sum(weights) == pytest.approx(1)
    level = sum(w * one.service_level[0] for w, one in zip(weights, apart, strict=True))
    assert found[0] == pytest.approx(level)


def test_callers_in_line_come_first() -> None:
    states = {"talking": 10}
    calm, late = (Outlook(floor(states, waiting=n), Presence({}, 1.0), NINE) for n in (0, 20))
    for more in (0, 5):
        [before], [after] = (one.met(["a"], np.full(30, 2.0), 0.1, WORK, [more]) for one in (calm, late))
        assert after[0] < before[0] - 0.05
        assert after[1] > before[1]

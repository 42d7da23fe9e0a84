"""Reserves of the simulated centre: who accepts its alarm is sent people, and callers wait less."""

from collections import Counter
from functools import cache

import pytest
from simulated import HOUR, MONDAY, ZONE, simulation, visits

from ccboard.clock import SECOND, ManualClock
from ccboard.config import Config, parse
from ccboard.hub.releasing import release_of
from ccboard.panel_surge import QueueSurge, SurgePanel
from ccboard.records import Action, AgentState, Contact, Record
from ccboard.source import Context, Data, Release
from sources.simulator.config import SimulatorConfig
from sources.simulator.people import roster
from sources.simulator.simulation import Called
from sources.simulator.source import SimulatorSource

MIDNIGHT = simulation().midnight(MONDAY)
NINE, MINUTE = MIDNIGHT + 9 * HOUR, 60 * SECOND


def made(clock: ManualClock, cursor: str | None = None) -> SimulatorSource:
    config = SimulatorConfig(agents=72, start="now", scenario="monday-surge")
    source = SimulatorSource("sim", config, Context(clock=clock, zone=ZONE, day_start=MIDNIGHT))
    source.open(cursor)
    return source


def polled(source: SimulatorSource) -> tuple[list[Record], str]:
    data = source.poll(0)
    assert isinstance(data, Data)
    assert data.cursor is not None
    return list(data.records), data.cursor


def came(records: list[Record]) -> dict[str, int]:
    """Return when each reserve was there first, in minutes after nine."""
    found: dict[str, int] = {}
    for record in records:
        if isinstance(record, AgentState) and record.team == "Reserve" and record.state == "ready":
            found.setdefault(record.agent, (record.at - NINE) // MINUTE)
    return found


@cache
def with_and_without() -> tuple[list[Record], list[Record]]:
    """Return the surge's morning up to eleven: left alone, and with nine reserves who are called at nine."""
    alone, helped = (simulation(1, "monday-surge", agents=72) for _ in range(2))
    before = helped.advance(NINE)
    helped.call(Called("support", 9, NINE))
    return alone.advance(NINE + 2 * HOUR), before + helped.advance(NINE + 2 * HOUR)


def test_as_many_come_as_were_called_within_minutes_and_to_that_queue() -> None:
    _, helped = with_and_without()
    there = came(helped)
    assert sorted(there.values())[0] == 4
    assert sorted(there.values())[-1] == 12
    assert len(there) == 9
    assert not set(there) & {person.name for person in roster(1, 72)}, "nobody of the roster"
    served = {record.queue for record in helped if isinstance(record, Contact) and record.agent in there}
    assert served == {"support"}


def test_callers_are_answered_sooner_than_without_them() -> None:
    """Of the same callers from a quarter past nine on more are answered within 20 s."""
    in_time = []
    for records in with_and_without():
        counted = [v for v in visits(records).values()
                   if v.queue == "support" and NINE + 15 * MINUTE <= v.offered_at < NINE + HOUR]
        in_time.append(sum(v.answered_at is not None and v.answered_at - v.offered_at <= 20 * SECOND
                           for v in counted) / len(counted))
    assert in_time[1] > in_time[0] + 0.2, in_time


def test_a_higher_tier_calls_those_who_are_missing_and_the_same_tier_nobody_twice() -> None:
    clock = ManualClock(NINE)
    source = made(clock)
    said, _ = polled(source)
    for heads in (9, 9, 15):
        source.released(Release("support", heads, clock.now()))
    source.released(Release("no such queue", 5, clock.now()))
    source.released(Release("support", None, clock.now()))
    clock.advance(20 * 60)
    said += polled(source)[0]
    assert len(came(said)) == 15


def test_a_restart_does_not_send_them_home() -> None:
    """Called at nine, killed at five past: what is said after that is what was said without the kill."""
    ends = []
    for killed in (False, True):
        clock = ManualClock(NINE)
        source = made(clock)
        said, _ = polled(source)
        source.released(Release("support", 9, clock.now()))
        clock.advance(5 * 60)
        more, cursor = polled(source)
        source = made(clock, cursor) if killed else source
        clock.advance(25 * 60)
        ends.append(Counter(map(str, said + more + polled(source)[0])))
    assert ends[0] == ends[1]


CONFIG = parse({"tiers": [{"lift": 0.3, "queues": ["support"], "heads": 9}, {"lift": 0.5, "heads": 15},
                          {"when": "waiting", "limit": 5, "heads": 3}]}, "x")
ROW = QueueSurge("support", "support", "red", 0, None, 412, 299.0, tier=1)


@pytest.mark.parametrize(("kind", "about", "row", "released"), [
    ("accept", "surge:support", ROW, Release("support", 9, 7)),
    ("accept", "surge:support", ROW._replace(tier=2), Release("support", 15, 7)),
    ("accept", "surge:support", ROW._replace(tier=0), None),
    ("accept", "surge:support", ROW._replace(state="over"), None),
    ("accept", "surge:sales", ROW, None),
    ("accept", "surge:*", ROW._replace(queue=None, tier=1), Release(None, 15, 7)),
    ("accept", "limit:waiting:support", ROW, None),
    ("snooze", "surge:support", ROW, None),
])
def test_an_acceptance_calls_the_reserves_of_its_tier(
        kind: str, about: str, row: QueueSurge, released: Release | None) -> None:
    action = Action(source="people", key="1", at=7, kind=kind, about=about, who="Ida", role="lead")
    assert release_of(action, SurgePanel(1, 13.0, False, (row,), ()), CONFIG) == released
    assert release_of(action, None, Config()) is None

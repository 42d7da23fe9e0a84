"""The simulator behind the source interface: cursors, restarts, history, clocks, wrong keys."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from simulated import HOUR, MONDAY, ZONE, simulation, visits

from ccboard.clock import ManualClock, SimulatedClock
from ccboard.errors import InputError
from ccboard.records import AgentState, Contact, Offer, QueueKnown, SourceStatus
from ccboard.source import Context, Data, Nothing
from sources.simulator.config import SimulatorConfig
from sources.simulator.people import roster
from sources.simulator.source import SimulatorSource, newest

MIDNIGHT = simulation().midnight(MONDAY)
NINE = MIDNIGHT + 9 * HOUR


def made(clock, cursor=None, **keys):
    config = SimulatorConfig(**{"agents": 20, "start": "now", **keys})
    source = SimulatorSource("sim", config, Context(clock=clock, zone=ZONE, day_start=MIDNIGHT))
    source.open(cursor)
    return source


def drained(source):
    said, cursor = [], None
    while isinstance(polled := source.poll(0), Data):
        said += polled.records
        cursor = polled.cursor
    assert isinstance(polled, Nothing)
    return said, cursor


def test_the_first_poll_gives_the_day_so_far_and_says_from_when_it_is_whole():
    said, cursor = drained(made(ManualClock(NINE)))
    assert cursor
    whole = [r for r in said if isinstance(r, SourceStatus) and r.kind == "whole"]
    assert [r.at for r in whole] == [MIDNIGHT]
    alive = [r for r in said if isinstance(r, SourceStatus) and r.kind == "alive"]
    assert [(r.at, r.until) for r in alive] == [(MIDNIGHT, NINE)]
    assert {r.queue for r in said if isinstance(r, QueueKnown)} == {"support", "sales", "vip", "售后"}
    assert all(r.project for r in said if isinstance(r, QueueKnown))
    assert all(v.offered_at <= NINE for v in visits(said).values())
    assert len(visits(said)) > 100
    assert all(r.source == "sim" for r in said)


def test_it_goes_on_with_the_clock_and_says_nothing_twice():
    clock = ManualClock(NINE)
    source = made(clock)
    first, _ = drained(source)
    assert isinstance(source.poll(0), Nothing)
    clock.advance(600)
    later, _ = drained(source)
    assert later
    assert not set(map(str, first)) & set(map(str, later))
    truth = visits(simulation(agents=20).advance(NINE + 600_000_000))
    assert visits(first + later) == truth


@settings(max_examples=5, deadline=None)
@given(minutes=st.lists(st.integers(0, 45), min_size=1, max_size=5))
def test_a_restart_goes_on_where_the_cursor_stands(minutes):
    clock = ManualClock(NINE)
    said, cursor = drained(made(clock, scenario="monday-surge"))
    for pause in minutes:
        clock.advance(60 * pause)
        more, after = drained(made(clock, cursor, scenario="monday-surge"))
        said, cursor = said + more, after or cursor
    truth = simulation(1, "monday-surge", agents=20).advance(clock.now())
    assert visits(said) == visits(truth)
    for kind in (AgentState, Offer):
        closed = Counter(r for r in said if isinstance(r, kind) and getattr(r, "result", "x"))
        assert closed == Counter(r for r in truth if isinstance(r, kind) and getattr(r, "result", "x"))


def test_a_clock_that_starts_again_earlier_repeats_nothing():
    said, cursor = drained(made(ManualClock(NINE)))
    assert isinstance(made(ManualClock(NINE - HOUR), cursor).poll(0), Nothing)
    assert said


def test_another_centre_in_the_same_store_is_refused_by_name():
    _, cursor = drained(made(ManualClock(NINE)))
    with pytest.raises(InputError, match=r"source sim: the store holds another simulation \(1/normal"):
        made(ManualClock(NINE), cursor, seed=2)


def test_history_comes_behind_the_present_day_and_a_restart_in_between_doubles_nothing():
    clock = ManualClock(NINE)
    source = made(clock, history_days=9)
    first = source.poll(0)
    assert isinstance(first, Data)
    assert all(r.offered_at >= MIDNIGHT for r in first.records if isinstance(r, Contact))
    second = source.poll(0)
    assert isinstance(second, Data)
    first = Data((*first.records, *second.records), second.cursor)
    rest, _ = drained(made(clock, first.cursor, history_days=9))
    said = [*first.records, *rest]
    contacts = [r for r in said if isinstance(r, Contact)]
    past = [c for c in contacts if c.offered_at < MIDNIGHT]
    assert len({(c.call, c.queue, c.nth) for c in past}) == len(past)
    dates = {(c.offered_at - MIDNIGHT) // (24 * HOUR) for c in past}
    assert dates == {-9, -7, -6, -5, -4, -3, -2}, "a Saturday, no Sundays"
    centre = simulation(agents=20)
    again = visits(centre.whole_day(MONDAY - timedelta(days=3)))
    assert {k: v for k, v in visits(past).items() if k[0].startswith("261113")} == again
    left = [r for r in said if isinstance(r, AgentState) and r.at < MIDNIGHT]
    people = {p.name: p.team for p in roster(1, 20)}
    assert {r.agent: r.team for r in left} == people, "of everybody the team, at work today or not"
    whole = [r.at for r in said if isinstance(r, SourceStatus) and r.kind == "whole"]
    assert whole == [centre.midnight(MONDAY - timedelta(days=n)) for n in range(10)], "the newest first"
    assert visits([r for r in said if isinstance(r, Contact) and r.offered_at >= MIDNIGHT])


def test_the_scenario_is_that_of_the_first_day_also_after_a_restart_on_the_next():
    clock = ManualClock(NINE)
    _, cursor = drained(made(clock, scenario="quiet"))
    clock.advance(24 * 3600)
    said, _ = drained(made(clock, cursor, scenario="quiet"))
    tuesday = [v for v in visits(said).values() if v.offered_at >= MIDNIGHT + 24 * HOUR]
    usual = visits(simulation(agents=20, day=MONDAY + timedelta(days=1)).advance(NINE + 24 * HOUR))
    assert len(tuesday) == len(usual)


def test_newest_keeps_the_last_word_on_each_visit_and_offer():
    offer = {"source": "s", "call": "1", "queue": "q", "agent": "a", "started_at": 1}
    contact = {"source": "s", "call": "1", "queue": "q", "offered_at": 1}
    records = [
        Contact(**contact, version=1), Offer(**offer), Offer(**offer, ended_at=2, result="no_answer"),
        Offer(**offer), Contact(**contact, version=2),
        Contact(**{**contact, "call": "2"}, version=1),
    ]
    assert newest(records) == [records[2], records[3], records[4], records[5]]


def test_it_brings_its_own_clock_unless_told_to_follow():
    config = SimulatorConfig(start="2026-11-16T09:14", timezone="Asia/Shanghai", speed=60)
    clock = SimulatorSource.own_clock(config)
    assert isinstance(clock, SimulatedClock)
    assert clock.speed == 60
    assert clock.start == 1_794_791_640_000_000  # 2026-11-16T01:14Z
    assert SimulatorSource.own_clock(SimulatorConfig(start="now")) is None
    offset = SimulatorConfig(start="2026-11-16T09:14+08:00", timezone="Europe/Berlin")
    assert offset.starts_at() == clock.start


@pytest.mark.parametrize(("keys", "words"), [
    ({"scenario": "storm"}, "monday-surge"),
    ({"start": "soon"}, 'must be a moment such as 2026-11-16T09:14, or "now"'),
    ({"timezone": "Mars/Olympus"}, "no time zone of this host"),
    ({"agents": 3}, "greater than or equal to 8"),
    ({"sed": 1}, "Extra inputs"),
])
def test_wrong_keys_are_said(keys, words):
    with pytest.raises(ValidationError, match=words):
        SimulatorConfig(**keys)

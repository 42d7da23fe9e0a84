"""What must hold on any floor: nobody in two calls, nobody answered before they called, all visits close."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulated import HOUR, MONDAY, day_of, simulation, visits

from ccboard.clean import clean
from ccboard.records import AgentState, Contact, Offer, Score, SourceStatus
from sources.simulator.arrivals import arrivals
from sources.simulator.scenario import DayScenario

DAYS = [(1, "normal"), (2, "monday-surge"), (3, "outage"), (4, "quiet")]


@pytest.fixture(params=DAYS, ids=[f"{scenario}-{seed}" for seed, scenario in DAYS])
def records(request):
    return day_of(*request.param)


def test_moments_of_a_visit_are_in_order_and_durations_are_their_differences(records):
    for v in visits(records).values():
        assert v.outcome is not None, "the day is over"
        assert v.ended_at is not None
        if v.outcome == "answered":
            assert v.offered_at < v.answered_at <= v.ended_at
            assert v.wait_s == pytest.approx((v.answered_at - v.offered_at) / 1e6, abs=1e-3)
            assert 0 < v.ring_s <= v.wait_s
            assert v.agent
            if v.talk_s is not None:
                spoken = (v.ended_at - v.answered_at) / 1e6 - (v.hold_s or 0)
                assert v.talk_s == pytest.approx(spoken, abs=2e-3)
        else:
            assert v.answered_at is None
            assert v.agent is None
            assert v.wait_s == pytest.approx((v.ended_at - v.offered_at) / 1e6, abs=1e-3)
            assert v.ended_at > v.offered_at


def test_versions_of_a_visit_count_up_and_never_take_back(records):
    before: dict[tuple[str, str, int], Contact] = {}
    for record in records:
        if not isinstance(record, Contact):
            continue
        key = record.call, record.queue, record.nth
        if key in before:
            old = before[key]
            assert record.version == old.version + 1
            for name in ("offered_at", "answered_at", "ended_at", "outcome", "talk_s", "transfer"):
                if getattr(old, name) is not None:
                    assert getattr(record, name) == getattr(old, name)
        else:
            assert record.version == 1
            assert record.outcome is None
        before[key] = record


def test_no_agent_talks_rings_or_wraps_up_twice_at_the_same_time(records):
    spans = defaultdict(list)
    for v in visits(records).values():
        if v.agent:
            spans[v.agent].append((v.answered_at, v.ended_at + round((v.wrap_s or 0) * 1e6)))
    for o in records:
        if isinstance(o, Offer) and o.result is not None:
            spans[o.agent].append((o.started_at, o.ended_at))
    assert spans
    for agent, own in spans.items():
        own.sort()
        for (_, end), (begin, _) in pairwise(own):
            assert begin >= end, agent


def test_agents_are_offered_calls_only_while_logged_in_and_not_paused(records):
    state: dict[tuple[str, str], str] = {}
    offered = 0
    for record in records:
        if isinstance(record, AgentState) and record.queue:
            state[record.agent, record.queue] = record.state
        elif isinstance(record, Offer) and record.result is None:
            assert state[record.agent, record.queue] == "ready"
            offered += 1
    assert offered > 100
    assert set(state.values()) == {"offline"}, "everybody went home"


def test_first_offers_of_a_queue_are_in_the_order_of_arrival(records):
    arrived = {(v.call, v.queue): v.offered_at for v in visits(records).values() if v.nth == 1}
    last: dict[str, int] = defaultdict(int)
    seen = set()
    for record in records:
        if isinstance(record, Offer) and record.result is None and (record.call, record.queue) not in seen:
            seen.add((record.call, record.queue))
            assert arrived[record.call, record.queue] >= last[record.queue]
            last[record.queue] = arrived[record.call, record.queue]


def test_offers_are_numbered_by_result_and_each_ringing_ends(records):
    ringing: set[tuple[str, str, str]] = set()
    numbers: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for record in records:
        if not isinstance(record, Offer):
            continue
        key = record.call, record.queue, record.agent
        if record.result is None:
            assert key not in ringing
            ringing.add(key)
            continue
        ringing.remove(key)
        numbers[*key, record.result] += 1
        assert record.nth == numbers[*key, record.result]
        assert record.ring_s == pytest.approx((record.ended_at - record.started_at) / 1e6)
    assert not ringing


def test_records_come_in_the_order_of_their_events_and_strings_are_clean(records):
    def event(record):
        match record:
            case Contact():
                wrapped = (record.ended_at or 0) + round((record.wrap_s or 0) * 1e6)
                return wrapped or record.answered_at or record.offered_at
            case Offer():
                return record.ended_at or record.started_at
            case _:
                return record.at

    moments = [event(r) for r in records]
    assert all(abs(a - b) < 1 for a, b in zip(moments, sorted(moments), strict=True))
    for text in {r.agent for r in records if isinstance(r, AgentState)}:
        assert clean(text) == text


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=st.lists(st.integers(7 * HOUR, 10 * HOUR), max_size=40), seed=st.integers(0, 5))
def test_any_chunking_gives_the_same_records(cuts, seed):
    once, pieces = simulation(seed, agents=12), simulation(seed, agents=12)
    begin = once.midnight(MONDAY)
    whole = once.advance(begin + 10 * HOUR)
    parts = [r for cut in sorted(cuts) for r in pieces.advance(begin + cut)]
    parts += pieces.advance(begin + 10 * HOUR)
    assert parts == whole
    assert len(whole) > 100


def test_another_seed_is_another_centre():
    assert day_of(1, "normal") != day_of(2, "normal")


def test_a_day_in_bulk_has_the_same_visits_and_misses_and_who_left_when():
    in_full = day_of(1, "normal")
    in_bulk = simulation(1).whole_day(MONDAY)
    assert visits(in_bulk) == visits(in_full)
    missed = [r for r in in_full if isinstance(r, Offer) and r.result == "no_answer"]
    assert [r for r in in_bulk if isinstance(r, Offer)] == missed
    assert missed
    judged = [r for r in in_full if isinstance(r, Score)]
    assert [r for r in in_bulk if isinstance(r, Score)] == judged
    assert {r.kind for r in judged} >= {"csat", "resolved", "qa"}
    left = [r for r in in_full if isinstance(r, AgentState) and (r.state, r.queue) == ("offline", None)]
    told = [r for r in in_bulk if isinstance(r, AgentState)]
    assert [(r.agent, r.at, r.team) for r in told] == [(r.agent, r.at, r.team) for r in left]
    assert len(left) == len({r.agent for r in left}) > 20
    assert len(in_bulk) == len(missed) + len(judged) + len(left) + len(visits(in_full)), "each visit once"


def test_days_follow_each_other_and_sundays_are_closed():
    centre = simulation(1, agents=12)
    week = visits(centre.advance(centre.midnight(MONDAY) + 7 * 24 * HOUR))
    days = {(v.offered_at - centre.midnight(MONDAY)) // (24 * HOUR) for v in week.values()}
    assert days == {0, 1, 2, 3, 4, 5}


def test_everything_that_can_happen_happens_on_a_busy_day():
    records = day_of(2, "monday-surge", 72)
    found = visits(records)
    outcomes = {v.outcome for v in found.values()}
    assert {"answered", "abandoned", "timed_out", "left_by_key"} <= outcomes
    assert {v.transfer for v in found.values()} == {None, "blind", "attended"}
    assert any(v.outcome == "abandoned" and v.wait_s < 5 for v in found.values()), "short abandons"
    overflowed = [v for v in found.values() if v.outcome == "timed_out" and v.queue != "support"]
    assert overflowed
    onward = {(v.call, v.queue, v.offered_at) for v in found.values()}
    assert all((v.call, "support", v.ended_at) in onward for v in overflowed)
    states = {r.state for r in records if isinstance(r, AgentState)}
    assert {"ready", "paused", "offline", "wrap_up", "hold", "talking", "busy"} <= states
    reasons = {r.reason for r in records if isinstance(r, AgentState) and r.state == "paused"}
    assert {"Lunch", "Break", "Coaching", "Missed call", "培训"} <= reasons
    results = {r.result for r in records if isinstance(r, Offer)}
    assert results == {None, "answered", "no_answer", "cancelled"}
    callers = [v.caller for v in found.values()]
    assert len(set(callers)) < len(callers), "some call again"


def test_the_surge_adds_calls_to_support_alone_and_fades():
    def per_hour(scenario):
        counts = defaultdict(Counter)
        for seed in range(5):
            for call in arrivals(seed, MONDAY, 72, 0.5, DayScenario(scenario)):
                counts[call.queue][int(call.hour)] += 1
        return counts

    usual, surging = per_hour("normal"), per_hour("monday-surge")
    normal, surge = usual["support"], surging["support"]
    ratio = sum(surge[h] for h in range(8, 14)) / sum(normal[h] for h in range(8, 14))
    assert ratio == pytest.approx(1.38, abs=0.04)
    assert surge[7] == normal[7]
    assert 1.0 < surge[14] / normal[14] < 1.38
    assert [surge[h] for h in range(15, 22)] == [normal[h] for h in range(15, 22)]
    assert usual["sales"] == surging["sales"]


def test_an_outage_silences_the_lines_and_a_crash_loses_who_waits():
    records = day_of(1, "outage", 72)
    begin = simulation().midnight(MONDAY)
    found = visits(records)
    hours = [(v.offered_at - begin) / HOUR for v in found.values() if v.nth == 1]
    assert not [h for h in hours if 9.59 < h < 10], "no new call reaches the centre"
    restarts = [r.at for r in records if isinstance(r, SourceStatus) and r.kind == "restart"]
    assert len(restarts) == 1
    (restart,) = restarts
    assert restart == begin + round(11.5 * HOUR) + 45_000_000
    cut = [v for v in found.values() if v.ended_at == restart]
    assert {v.outcome for v in cut} == {"answered", "lost"}
    assert all(v.talk_s is None for v in cut if v.outcome == "answered"), "nobody knows how long they talked"
    assert all(v.outcome == "lost" for v in cut if v.answered_at is None)


def test_the_quiet_day_has_three_tenths_of_the_calls():
    def calls(scenario):
        return sum(len(arrivals(s, MONDAY, 36, 0.5, DayScenario(scenario))) for s in range(6))

    assert calls("quiet") / calls("normal") == pytest.approx(0.3, abs=0.02)

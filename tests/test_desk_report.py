"""What the panel says of people: patience, heads and tiers, by numbers worked out elsewhere."""

import math
from typing import Any

import pytest

from ccboard.config import Config, parse
from ccboard.desk.acts import Act
from ccboard.desk.exceptions import exceptions
from ccboard.desk.people import Handled, Pool, pools, work_of
from ccboard.desk.report import quieter, sure_in_min
from ccboard.panel_surge import QueueSurge
from ccboard.snapshot import AgentFigures, QueueFigures, Snapshot, Waiting
from ccboard.staffing.demand import Work, effect, in_time_needed, needed, patience

TABLE = Work(300.0, 120.0, 20.0, 0.8)


@pytest.mark.parametrize(("per_minute", "staff", "reserves"), [
    (1, 7, (2, 3, 4)), (5, 27, (7, 12, 19)), (20, 98, (28, 46, 73)), (100, 459, (134, 222, 355))])
def test_staff_and_reserves_are_those_of_the_table(per_minute: int, staff: int, reserves: tuple[int, ...]
                                                   ) -> None:
    """Erlang A, handling time 300 s, patience 120 s, 80 % in 20 s: staff, and +30, +50, +80 %."""
    assert needed(per_minute * 60, TABLE) == staff
    for lift, more in zip((1.3, 1.5, 1.8), reserves, strict=True):
        assert abs(needed(per_minute * 60 * lift, TABLE) - staff - more) <= max(1, 0.02 * more)


@pytest.mark.parametrize(("lift", "more", "level", "lost"), [
    (1.38, 0, 0.11, 0.29), (1.38, 28, 0.67, 0.10), (1.38, 46, 0.94, 0.02), (1.3, 0, 0.20, 0.25),
    (1.3, 28, 0.82, 0.06)])
def test_what_callers_meet_is_the_example(lift: float, more: int, level: float, lost: float) -> None:
    """20 calls a minute with 98 agents: the example of a supervisor's screen, by simulation and formula."""
    found = effect(20 * 60 * lift, TABLE, 98 + more)
    assert math.isclose(found.service_level, level, abs_tol=0.015)
    assert math.isclose(found.abandon_rate, lost, abs_tol=0.015)


def test_the_least_heads_are_the_least() -> None:
    for calls in (3, 17, 59, 181, 744, 2500):
        heads = needed(calls, TABLE)
        assert effect(calls, TABLE, heads).service_level >= 0.8
        assert heads == 1 or effect(calls, TABLE, heads - 1).service_level < 0.8
    assert needed(0, TABLE) == 0


def test_patience_takes_those_who_were_answered_as_censored() -> None:
    """By hand: 1000 callers waited 30 000 s in all and 240 hung up: 125 s, with five usual ones 124.9 s."""
    assert patience(30_000, 240) == pytest.approx((30_000 + 600) / 245)
    assert patience(0, 0) == 120


def test_how_many_of_the_next_must_be_in_time() -> None:
    """670 of 1000 are in time and 1180 come: 80 % of 2180 are 1744, less 670 are 1074 of 1180: 91 %."""
    assert in_time_needed(670, 1000, 1180, 0.8) == pytest.approx(1074 / 1180)
    assert in_time_needed(1, 1, 0, 0.8) is None


def test_sure_in_so_many_minutes() -> None:
    """From 60 to 90 %: log odds ln 9 - ln 1.5 = 1.79; +32 % at 20 a minute give 0.93 nats: two minutes."""
    row = QueueSurge("q", "q", "amber", 0, None, 1, 1.0, lift=0.32, sure=0.6)
    assert 20 * (1.32 * math.log(1.32) - 0.32) == pytest.approx(0.93, abs=0.01)
    assert sure_in_min(row, 20.0) == 2
    assert sure_in_min(row._replace(state="red"), 20.0) is None


# ---------------------------------------------------------------- the floor

def queue(name: str, **more: Any) -> QueueFigures:
    blank: list[Any] = [name, name, None, *([0] * 11), *([None] * 12)]
    figures = QueueFigures(*blank)
    return figures._replace(**more)


def agent(name: str, state: str, *queues: str) -> AgentFigures:
    return AgentFigures(name, name, None, state, 0, 0, None, queues, 0, 0.0, 0, 0, 0)


def floor(queues: tuple[QueueFigures, ...], agents: tuple[AgentFigures, ...] = (),
          waiting: tuple[Waiting, ...] = ()) -> Snapshot:
    return Snapshot(as_of=10**15, live=True, name="n", zone="UTC", day_start=10**15 - 10**10, interval_s=900,
                    sources=(), queues=queues, totals=queue(""), agents=agents, waiting=waiting)


def test_queues_that_share_people_are_one_pool() -> None:
    seen = floor((queue("a"), queue("b"), queue("c")), (
        agent("1", "talking", "a"), agent("2", "ready", "a", "b"), agent("3", "paused", "b"),
        agent("4", "wrap_up", "c"), agent("5", "offline", "b", "c")))
    assert pools(seen) == {"a": Pool(("a", "b", "c"), 3), "b": Pool(("a", "b", "c"), 3),
                           "c": Pool(("a", "b", "c"), 3)}
    apart = floor((queue("a"), queue("c")), (agent("1", "talking", "a"), agent("4", "wrap_up", "c")))
    assert pools(apart) == {"a": Pool(("a",), 1), "c": Pool(("c",), 1)}
    assert pools(floor((queue("a"),))) == {}


def test_a_queue_with_few_calls_has_the_centres_handling_time() -> None:
    own, centre = Handled(3, 9_000.0, 60.0, 1), Handled(1000, 250_000.0, 30_000.0, 240)
    config = parse({"queues": {"q": {"threshold_s": 30, "target": 0.9}}}, "x")
    assert work_of(own, centre, "q", config) == Work(250.0, round((60 + 600) / 6, 1), 30.0, 0.9)
    said = parse({"surge": {"patience_s": 90}}, "x")
    assert work_of(centre, centre, None, said) == Work(250.0, 90.0, 20.0, 0.8)
    assert work_of(Handled(0, 0.0, 0.0, 0), Handled(0, 0.0, 0.0, 0), "q", Config()) is None


LIMITS = parse({"tiers": [
    {"when": "service_level", "limit": 0.6, "queues": ["a"], "owner": {"name": "Chen", "reach": "4711"}},
    {"when": "waiting", "limit": 5}, {"when": "nth_call", "limit": 3}, {"when": "agents_lost", "limit": 2},
    {"when": "complaints", "limit": 4}]}, "x")


def test_figures_past_their_limits_are_alarms_of_their_own() -> None:
    before = floor((queue("a"), queue("b")), tuple(agent(str(n), "ready", "a") for n in range(3)))
    now = floor((queue("a", service_level=0.55, waiting=4), queue("b", service_level=0.1, waiting=5)),
                (agent("0", "ready", "a"),), (Waiting("b", 1, 0, None, None, 3, "c"),))
    found = exceptions(LIMITS, now, (), before, {"b": 4})
    assert [(one.figure, one.queue, one.value) for one in found] == [
        ("service_level", "a", 0.55), ("waiting", "b", 5.0), ("nth_call", "b", 3), ("agents_lost", "a", 2),
        ("complaints", "b", 4)]
    assert found[0].owner == "Chen 4711"
    taken = Act(now.as_of - 5, "accept", "limit:waiting:b", "b", "Chen", "lead", None, None, None)
    again = exceptions(LIMITS, now, (taken,), before, {})
    assert [one.accepted_by for one in again] == [None, "Chen", None, None]
    assert exceptions(LIMITS, floor((queue("a"), queue("b"))), (), None, {}) == (), "not known, no alarm"


def test_what_was_accepted_holds_until_it_is_over() -> None:
    """Two exceptions in one day: the deed about the first says nothing of the second."""
    now = floor((queue("b", waiting=5),))
    about = "limit:waiting:b"
    minutes = [Act(now.as_of - minute * 60_000_000, kind, about, "b", who, role, None, None, None)
               for minute, kind, who, role in (
                   (60, "raised", "ccboard", "system"), (58, "accept", "Chen", "lead"),
                   (30, "cleared", "ccboard", "system"), (20, "raised", "ccboard", "system"))]
    [first] = exceptions(LIMITS, now, minutes[:2], None, {})
    assert (first.accepted_by, first.reaction_s, first.open) == ("Chen", 120, False)
    [second] = exceptions(LIMITS, now, minutes, None, {})
    assert (second.accepted_by, second.since, second.open) == (None, minutes[3].at, True)
    forged = [*minutes[:2], minutes[2]._replace(role="lead")]
    assert not exceptions(LIMITS, now, forged, None, {})[0].open, "only the hub says that it is over"


def test_nobody_accepts_and_it_goes_on_to_the_deputies() -> None:
    config = parse({"tiers": [{"when": "waiting", "limit": 5, "acknowledge_min": 10,
                               "deputies": [{"name": "Sam", "reach": "4720"}, {"name": "Ida"}]}]}, "x")
    now = floor((queue("b", waiting=5),))

    def after(minutes: int) -> str | None:
        raised = Act(now.as_of - minutes * 60_000_000, "raised", "limit:waiting:b", "b", "ccboard", "system",
                     None, None, None)
        return exceptions(config, now, (raised,), None, {})[0].escalated_to

    assert [after(minutes) for minutes in (9, 10, 19, 20, 90)] == [
        None, "Sam 4720", "Sam 4720", "Ida", "Ida"]


def test_a_quiet_day_is_said_by_its_counts() -> None:
    """104 calls of 329 are -68 %; 80 of 100 such counts lie within 1.2816 * sqrt(104) = 13 calls of it."""
    lift, low, high = quieter(0.76, 0.74, 0.78, 104, 329.0)
    assert (round(lift * 329), round(low * 329), round(high * 329)) == (104, 91, 117)
    assert quieter(1.3, 1.1, 1.5, 104, 329.0) == (1.3, 1.1, 1.5), "an alarm's estimate is the watch's"
    assert quieter(0.9, 0.8, 1.0, 0, 0.0) == (0.9, 0.8, 1.0)


def test_the_last_verdict_holds_and_a_false_alarm_goes_on_to_nobody() -> None:
    config = parse({"tiers": [{"when": "waiting", "limit": 5, "acknowledge_min": 10,
                               "deputies": [{"name": "Sam"}]}]}, "x")
    now = floor((queue("b", waiting=5),))

    def seen(*kinds: str) -> tuple[str | None, str | None, str | None, bool]:
        acts = [Act(now.as_of - (60 - minute) * 60_000_000, kind, "limit:waiting:b", "b", f"who {minute}",
                    "system" if kind == "raised" else "lead", None, None, None)
                for minute, kind in enumerate(("raised", *kinds))]
        [one] = exceptions(config, now, acts, None, {})
        return one.accepted_by, one.false_by, one.escalated_to, one.open

    assert seen() == (None, None, "Sam", True)
    assert seen("false_alarm") == (None, "who 1", None, False)
    assert seen("accept", "false_alarm") == (None, "who 2", None, False)
    assert seen("false_alarm", "accept") == ("who 2", None, None, False)
    assert seen("accept", "accept") == ("who 1", None, None, False)

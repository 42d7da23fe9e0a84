"""Figures over any range and split: hand-worked days, days of 23 and 25 hours, the board's day."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from figures_asked import BERLIN, S, ask, at
from hypothesis import given
from hypothesis import strategies as st
from stores import floor, store
from worked_example import START, visits

from ccboard.config import Config, parse
from ccboard.errors import UsageError
from ccboard.figures.engine import figures
from ccboard.figures.request import DIMENSIONS, conditions, read
from ccboard.records import AgentState, Contact, Offer, QueueKnown


def test_a_day_is_the_board_s_day(tmp_path):
    """The figures of today so far are those of the snapshot."""
    with store(tmp_path, visits()) as made:
        for moment in (START + 24 * S, START + 500 * S, START + 2000 * S):
            seen = floor(made, moment).totals
            [row] = ask(
                made,
                as_of=datetime.fromtimestamp(moment / S, UTC).isoformat(),
                kpi="offered,calls,answered,"
                "abandoned,short_abandoned,answered_in_time,service_level,abandon_rate,asa_s,aht_s,waiting,"
                "longest_wait_s,longest_wait_today_s",
            )
            row["longest_wait_today_s"] = row.pop("longest_wait_ended_s")
            for name, value in row.items():
                assert value == getattr(seen, name), (name, moment)


def test_the_board_has_each_queue_s_own_threshold_and_target(tmp_path):
    config = parse({"queues": {"support": {"project": "acme"},
                               "own": {"service_level": {"preset": "90/15"}}},
                    "projects": {"acme": {"service_level": {"threshold_s": 3, "target": 0.5}}}}, "x")
    with store(tmp_path, visits()) as made:
        seen = {row.queue: row for row in floor(made, START + 5000 * S, config).queues}
        assert (seen["support"].threshold_s, seen["support"].target) == (3, 0.5)
        assert (seen["own"].threshold_s, seen["own"].target) == (15, 0.9)
        assert seen["support"].service_level == 0.6
        assert ask(made, config, kpi="service_level")[0]["service_level"] == 0.6




def call(moment: int, wait: int | None = 5, talk: int | None = 60, **more: Any) -> Contact:
    answered = moment + (wait or 0) * S
    return replace(
        Contact(
            source="pbx",
            call=f"c{moment}{more.get('queue')}",
            queue="q",
            offered_at=moment,
            answered_at=answered,
            ended_at=answered + (talk or 0) * S,
            outcome="answered",
            agent="Ann",
            wait_s=wait,
            talk_s=talk,
        ),
        **more,
    )


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_days_of_23_and_25_hours(tmp_path, day, hours):
    begin = at(day, BERLIN)
    made_of = [call(begin + (hour * 3600 + minute) * S) for hour in range(-1, 26) for minute in (0, 3599)]
    with store(tmp_path, made_of) as made:
        every = ask(made, zone=BERLIN, by="day", kpi="offered", from_="2026-01-01", to="2027-01-01")
        assert {row["day"]: row["offered"] for row in every}[day] == 2 * hours
        [row] = ask(made, zone=BERLIN, kpi="offered", from_=day, to=every[-1]["day"])
        assert row["offered"] == 2 * hours
        by_hour = {
            row["hour"]: row["offered"]
            for row in ask(made, zone=BERLIN, by="hour", kpi="offered", from_=day, to=every[-1]["day"])
        }
        assert by_hour == {
            hour: 2 * {(23, 2): 0, (25, 2): 2}.get((hours, hour), 1)
            for hour in range(24)
            if (hours, hour) != (23, 2)
        }
        starts = [
            row["interval"]
            for row in ask(made, zone=BERLIN, by="interval", kpi="offered", from_=day, to=every[-1]["day"])
        ]
        assert len(starts) == len(set(starts)) == 2 * hours
        if hours == 25:
            assert {"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"} <= set(starts)


def test_a_business_day_that_begins_at_four(tmp_path):
    night = [call(at(f"2026-11-17T{clock}:00", BERLIN)) for clock in ("03:59", "04:00", "23:00")]
    config = parse({"business_day_start": "04:00"}, "x")
    with store(tmp_path, night) as made:
        rows = ask(made, config, BERLIN, by="day", kpi="offered", from_="2026-11-01")
        assert [(row["day"], row["offered"]) for row in rows] == [("2026-11-16", 1), ("2026-11-17", 2)]
        [row] = ask(made, config, BERLIN, kpi="offered", from_="2026-11-17", to="2026-11-18")
        assert row["offered"] == 2


def test_a_person_a_call_and_a_caller_count_once(tmp_path):
    """Ann answers one call in two queues, known by her phone in one; Bob another of the same caller."""
    noon = at("2026-11-16T12:00:00")
    records = [
        AgentState(
            source="pbx", agent="Ann", at=noon - S, state="ready", queue="q", interface="SIP/1", team="A"
        ),
        call(noon, call="1", queue="q", caller_key="x"),
        call(noon + 60 * S, call="1", queue="r", agent="SIP/1", caller_key="x"),
        call(noon + 90 * S, call="2", queue="r", agent="Bob", caller_key="x"),
    ]
    with store(tmp_path, records) as made:
        [row] = ask(made, kpi="offered,calls,callers,agents_answering,repeat_rate_24h,repeat_rate_24h.back")
        assert (row["offered"], row["calls"], row["callers"], row["agents_answering"]) == (3, 2, 1, 2)
        assert row["repeat_rate_24h"] == pytest.approx(2 / 3)  # being passed on is not calling again
        assert row["repeat_rate_24h.back"] == pytest.approx(1 / 3)
        by_queue = ask(made, kpi="calls,agents_answering", by="queue")
        assert [(row["calls"], row["agents_answering"]) for row in by_queue] == [(1, 1), (2, 2)]
        assert [(row["agent"], row["offered"]) for row in ask(made, kpi="offered", by="agent")] == [
            ("Ann", 2),
            ("Bob", 1),
        ]
        assert [(row["team"], row["offered"]) for row in ask(made, kpi="offered", by="team")] == [
            ("A", 2),
            (None, 1),
        ]


def test_a_person_s_time_counts_once(tmp_path):
    """Ann is in two queues from 09:00 to 11:00, paused in both from 10:30, and talks 15 min from 09:50."""

    def state(clock: str, name: str, queue: str, what: str) -> AgentState:
        return AgentState(source="pbx", agent=name, at=at(f"2026-11-16T{clock}:00"), state=what, queue=queue)  # type: ignore[arg-type]

    records = [
        state("09:00", "Ann", "q", "ready"),
        state("09:30", "Ann", "r", "ready"),
        state("10:00", "Ann", "q", "paused"),
        state("10:30", "Ann", "r", "paused"),
        state("11:00", "Ann", "q", "offline"),
        state("11:00", "Ann", "r", "offline"),
        state("10:00", "Bob", "q", "ready"),
        state("10:30", "Bob", "q", "offline"),
        call(at("2026-11-16T09:49:55"), wait=5, talk=900),
        Offer(
            source="pbx",
            call="x",
            queue="q",
            agent="Ann",
            started_at=at("2026-11-16T09:10:00"),
            ended_at=at("2026-11-16T09:10:10"),
            ring_s=10,
            result="no_answer",
        ),
    ]
    config = parse({"hourly_cost": 20, "agents": {"Bob": {"hourly_cost": 30}}}, "x")
    kpis = ("staffed_h,paused_h,occupancy,utilisation,efficiency,staffed_agents,cost,cost_per_contact,"
            "ring_no_answer")
    with store(tmp_path, records) as made:
        [row] = ask(made, config, kpi=kpis)
        assert row["staffed_h"] == pytest.approx(2.5)
        assert row["paused_h"] == pytest.approx(0.5)
        assert row["occupancy"] == pytest.approx(0.25 / 2.0)
        assert row["utilisation"] == pytest.approx(2.0 / 2.5)
        assert row["efficiency"] == pytest.approx(0.25 / 2.5)
        assert (row["staffed_agents"], row["ring_no_answer"]) == (2, 1)
        assert row["cost"] == pytest.approx(2 * 20 + 0.5 * 30)
        assert row["cost_per_contact"] == pytest.approx(55)
        hours = {row["hour"]: row for row in ask(made, config, kpi=kpis, by="hour")}
        assert {hour: row["staffed_h"] for hour, row in hours.items()} == {9: 1.0, 10: 1.5}
        assert hours[9]["occupancy"] == pytest.approx(0.25)
        assert hours[10]["occupancy"] == 0
        people = {row["agent"]: row["staffed_h"] for row in ask(made, config, kpi=kpis, by="agent")}
        assert people == {"Ann": 2.0, "Bob": 0.5}
        [row] = ask(made, config, kpi=kpis, by="queue", where="queue=q")
        assert row["staffed_h"] is None
        assert row["ring_no_answer"] == 1
        assert ask(made, kpi="cost")[0]["cost"] is None


def test_handling_costs_by_agent_project_and_centre(tmp_path):
    noon = at("2026-11-16T12:00:00")
    records = [
        call(noon, talk=3600),
        call(noon + S, talk=1800, agent="Bob"),
        call(noon + 2 * S, talk=360, agent="Bob", project="acme"),
    ]
    config = parse(
        {
            "hourly_cost": 10,
            "agents": {"Ann": {"hourly_cost": 20}},
            "projects": {"acme": {"hourly_cost": 50}},
        },
        "x",
    )
    with store(tmp_path, records) as made:
        [row] = ask(made, config, kpi="handling_cost,cost_per_contact.handling")
        assert row["handling_cost"] == pytest.approx(20 + 5 + 5)
        assert row["cost_per_contact.handling"] == pytest.approx(10)


def test_what_nothing_tells_is_null_and_said(tmp_path):
    with store(tmp_path, [call(at("2026-11-16T12:00:00"))]) as made:
        reader = made.reader()
        request = read(
            {"kpi": "occupancy,ring_no_answer,csat,refused,offered"},
            ZoneInfo("UTC"),
            made.last_moment() or 0,
            time(0),
        )
        answer = figures(reader, request, Config(), ZoneInfo("UTC"))
        assert answer.rows == [((), (None, None, None, None, 1))]
        for why in ("scores of kind csat", "offers to agents", "turned away", "hours are not known"):
            assert sum(why in note for note in answer.notes) == 1, why


def test_conditions(tmp_path):
    noon = at("2026-11-16T12:00:00")
    records = [
        call(noon, business_type="a,b"),
        call(noon + S, queue="r"),
        call(noon + 86_400 * S, business_type="x=y"),
    ]
    with store(tmp_path, [*records, QueueKnown(source="pbx", queue="r", at=noon, project="acme")]) as made:

        def offered(where: str) -> int:
            return int(ask(made, kpi="offered", where=where, from_="2026-11-16")[0]["offered"])

        assert offered("queue=q") == 2
        assert offered("queue=q,r") == 3
        assert offered("queue=q,type=x=y") == 1
        assert offered(r"type=a\,b") == 1
        assert offered("type=") == 1
        assert offered("day=2026-11-16") == 2
        assert offered("weekday=2,hour=12") == 1
        assert offered("project=acme") == 1
        assert offered("agent=Nobody") == 0


@pytest.mark.parametrize(
    "words",
    [
        {"kpi": "ofered"},
        {"by": "colour"},
        {"from": "yesterday"},
        {"where": "support"},
        {"from": "2026-11-17", "to": "2026-11-16"},
        {"where": "day=monday"},
    ],
)
def test_mistakes_are_named(tmp_path, words):
    with store(tmp_path, [call(at("2026-11-16T12:00:00"))]) as made, pytest.raises(UsageError) as caught:
        ask(made, **words)
    assert next(iter(words.values())).split("=")[0][:7] in str(caught.value) or "--" in str(caught.value)


@given(st.text())
def test_conditions_of_any_text_are_read_or_refused(text):
    try:
        found = conditions(text)
    except UsageError:
        return
    assert all(name in DIMENSIONS for name, _ in found)

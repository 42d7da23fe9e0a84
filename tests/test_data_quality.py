"""What can be said of the data: each fault planted once and found with its rows; a clean day has none."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import simulation
from stores import S, store

from ccboard.config import Config, parse
from ccboard.panel_quality import QualityPanel, from_wire, unnamed
from ccboard.quality.report import answer, quality
from ccboard.records import (
    AgentKnown,
    AgentState,
    Batch,
    Contact,
    Offer,
    QueueCounters,
    Record,
    Reject,
    Score,
    SourceStatus,
)
from ccboard.store.store import Store

UTC = ZoneInfo("UTC")
DAY = 1_795_219_200  # 2026-11-21 00:00 UTC
NINE = DAY + 9 * 3600
END = DAY + 12 * 3600


def visit(
    call: str,
    clock: int,
    *,
    agent: str | None = "Ann",
    queue: str = "q",
    wait: float = 10,
    talk: float = 60,
    **more: Any,
) -> Contact:
    """Return a good answered visit that begins `clock` seconds after nine."""
    begin = NINE + clock
    return Contact(
        **{
            "source": "pbx",
            "call": call,
            "queue": queue,
            "offered_at": begin * S,
            "agent": agent,
            "outcome": "answered",
            "answered_at": round((begin + wait) * S),
            "ended_at": round((begin + wait + talk) * S),
            "wait_s": wait,
            "talk_s": talk,
            **more,
        }
    )


def gave_up(call: str, clock: int, outcome: str = "abandoned", **more: Any) -> Contact:
    begin = NINE + clock
    return Contact(
        **{
            "source": "pbx",
            "call": call,
            "queue": "q",
            "offered_at": begin * S,
            "ended_at": (begin + 30) * S,
            "outcome": outcome,
            "wait_s": 30.0,
            **more,
        }
    )


def look(
    made: Store, config: Config | None = None, begin: int = DAY, end: int = END, as_of: int = END
) -> QualityPanel:
    reader = made.reader()
    try:
        return reader.consistent(
            lambda: quality(reader, begin * S, end * S, as_of * S, config or Config(), UTC)
        )
    finally:
        reader.close()


def found(panel: QualityPanel) -> dict[str, tuple[int, list[str | None]]]:
    return {one.kind: (one.n, [row.call for row in one.rows]) for one in panel.findings}


def logical(
    tmp_path: Path, records: Iterable[Record], **words: Any
) -> dict[str, tuple[int, list[str | None]]]:
    with store(tmp_path, records) as made:
        return {
            one.kind: (one.n, [row.call for row in one.rows])
            for one in look(made, **words).findings
            if one.question == "logical"
        }


GOOD = (visit("1", 0), visit("2", 100, agent="Bob"), gave_up("3", 200), visit("4", 300))


def test_what_is_right_is_not_found(tmp_path: Path) -> None:
    assert logical(tmp_path, GOOD) == {}


def test_each_thing_that_cannot_be_true_of_one_visit(tmp_path: Path) -> None:
    def at(clock: int) -> int:
        return (NINE + clock) * S

    bad = (
        visit("before", 1000, answered_at=at(990), wait_s=None, talk_s=None),
        visit("backward", 1100, answered_at=at(1150), ended_at=at(1120), wait_s=50, talk_s=None),
        gave_up("early", 1200, ended_at=at(1190), wait_s=None),
        visit("negative", 1300, hold_s=-3.0),
        visit("long", 1400, talk_s=90.0),
        visit("slow", 1500, wait_s=25.0),
        gave_up("endless", 1600, ended_at=None),
        visit("nobody", 1700, agent=None),
        Contact(source="pbx", call="forever", queue="q", offered_at=(DAY - 20 * 3600) * S),
    )
    said = logical(tmp_path, (*GOOD, *bad), begin=DAY - 86_400)
    assert said == {
        "answered_before_offered": (1, ["before"]),
        "ended_before_answered": (1, ["backward"]),
        "ended_before_offered": (1, ["early"]),
        "negative_time": (1, ["negative"]),
        "talk_too_long": (1, ["long"]),
        "wait_too_long": (1, ["slow"]),
        "over_without_end": (1, ["endless"]),
        "agent_unknown": (1, ["nobody"]),
        "never_ended": (1, ["forever"]),
    }


def test_rounding_is_no_fault(tmp_path: Path) -> None:
    half = S // 2
    said = logical(
        tmp_path,
        (
            visit("1", 0, answered_at=(NINE + 0) * S - half, wait_s=0.0, talk_s=70.0),
            visit("2", 100, talk_s=62.0),
            visit("3", 200, wait_s=12.0),
        ),
    )
    assert said == {}


def test_one_agent_on_two_calls_at_once(tmp_path: Path) -> None:
    tie = AgentKnown(source="pbx", agent="Ann", at=DAY * S, interface="SIP/1")
    with store(
        tmp_path,
        (
            tie,
            visit("1", 0),
            visit("2", 30),
            visit("3", 68),
            visit("4", 200, agent="Bob"),
            visit("5", 210, agent="Bob", channel="chat"),
        ),
    ) as made:
        [one] = [f for f in look(made).findings if f.kind == "two_calls"]
    # Call 2 is talked on from 40 to 100 s, call 3 from 78 s on.
    assert [(row.call, row.agent, row.said[0]) for row in one.rows] == [
        ("2", "Ann", "30 s beside call 1"),
        ("3", "Ann", "22 s beside call 2"),
    ]
    assert one.rows[0].at == (NINE + 40) * S


def test_two_calls_one_after_the_other_are_no_fault(tmp_path: Path) -> None:
    assert logical(tmp_path, (visit("1", 0), visit("2", 60), visit("2", 140, queue="other"))) == {}


def test_more_answered_than_offered(tmp_path: Path) -> None:
    def rang(call: str, agent: str, clock: int, **more: Any) -> Offer:
        at = (NINE + clock) * S
        return Offer(
            **{
                "source": "pbx",
                "call": call,
                "queue": "q",
                "agent": agent,
                "started_at": at,
                "ended_at": at + S,
                "result": "answered",
                "ring_s": 1.0,
                **more,
            }
        )

    said = logical(
        tmp_path,
        (
            *GOOD,
            rang("1", "Ann", 9),
            rang("2", "Bob", 109),
            rang("2", "Cid", 110),
            rang("ghost", "Ann", 500),
            rang("4", "Ann", 309, ring_s=-1.0),
        ),
    )
    assert said == {"more_answered": (1, ["ghost"]), "answered_twice": (1, ["2"]), "ring_wrong": (1, ["4"])}


def test_scores_about_calls_that_nobody_knows(tmp_path: Path) -> None:
    def score(key: str, call: str) -> Score:
        return Score(source="survey", key=key, at=(NINE + 900) * S, kind="csat", value=4, call=call)

    assert logical(tmp_path, (*GOOD, score("a", "1"), score("b", "gone"))) == {
        "score_of_unknown_call": (1, ["gone"])
    }


def test_what_is_not_known_yet_is_no_fault(tmp_path: Path) -> None:
    late = (NINE + 1500) * S
    assert logical(tmp_path, (visit("long", 1400, talk_s=900.0),), as_of=NINE + 1405, end=NINE + 1406) == {}
    (tmp_path / "x").mkdir()
    assert (
        logical(
            tmp_path / "x",
            (visit("before", 1000, answered_at=late - 510 * S, wait_s=None),),
            as_of=NINE + 980,
            end=NINE + 981,
        )
        == {}
    )


def test_hidden_people_and_queues(tmp_path: Path) -> None:
    config = parse({"queues": {"secret": {"hide": True}}, "agents": {"Ann": {"hide": True}}}, "t")
    with store(tmp_path, (visit("1", 0, talk_s=900.0), visit("2", 0, queue="secret", talk_s=900.0))) as made:
        [one] = [f for f in look(made, config).findings if f.question == "logical"]
    assert (one.n, one.rows[0].call, one.rows[0].agent) == (1, "1", None)


# -- the other questions ------------------------------------------------------------------------------------


def status(kind: str, begin: int, end: int | None = None, **more: Any) -> SourceStatus:
    return SourceStatus(
        **{
            "source": "pbx",
            "kind": kind,
            "at": (NINE + begin) * S,
            "until": None if end is None else (NINE + end) * S,
            **more,
        }
    )


def answers(panel: QualityPanel, source: str = "pbx") -> dict[str, tuple[str, str]]:
    [mine] = [one for one in panel.sources if one.source == source]
    return {one.question: (one.state, one.said[0]) for one in mine.answers}


def test_collected_reported_often(tmp_path: Path) -> None:
    with store(
        tmp_path,
        (*GOOD, status("alive", 0, 1000), status("alive", 1100, 2000), status("gap", 1000, 1090)),
        promise_s=5.0,
    ) as made:
        made.apply(
            Batch(
                "pbx",
                (),
                rejects=(
                    Reject("queue_log:7", "epoch is not a number", "x|y"),
                    Reject("queue_log:9", "epoch is not a number", "z"),
                    Reject("queue_log:8", "wait is not usable; counted without it", "'a'"),
                ),
            )
        )
        panel = look(made, as_of=NINE + 2004, end=NINE + 3000)
        said = answers(panel)
        assert said["collected"] == ("warning", "90 s are missing; 2 rejected since it was first heard")
        assert said["reported"] == ("good", "last heard 4 s before, at 09:33:20")
        # 2004 s, of which 100 s were silent: 5 of those and 4 of the last were within the promise.
        assert said["often"] == ("warning", "promised every 5 s, kept 95.2 % of the time")
        by = {one.kind: one for one in panel.findings}
        assert [(row.at, row.said[0]) for row in by["gap"].rows] == [((NINE + 1000) * S, "for 90 s")]
        assert [(row.at, row.said[0]) for row in by["silence"].rows] == [((NINE + 1000) * S, "for 100 s")]
        assert by["rejected"].n == 2
        assert {row.said[0] for row in by["rejected"].rows} == {"queue_log:7: x|y", "queue_log:9: z"}
        assert (by["counted_in_part"].level, by["counted_in_part"].n) == ("", 1)
        late = answers(look(made, as_of=NINE + 2100, end=NINE + 3000))
        assert late["reported"][0] == "critical"
        history = answers(look(made, as_of=NINE + 900, end=NINE + 900))
        assert history["often"] == ("good", "promised every 5 s, kept 100 % of the time")


def test_history_promises_nothing(tmp_path: Path) -> None:
    with store(tmp_path, GOOD, promise_s=0.0) as made:
        said = answers(look(made))
        assert said["often"][0] == ""
        assert said["reported"] == ("", "history up to 09:05:00")


def test_what_the_figures_are_held_to(tmp_path: Path) -> None:
    config = parse({"queues": {"q": {"target": 0.9}}, "limits": {"waiting": [5, 10]}}, "t")
    with store(tmp_path, (*GOOD, visit("9", 500, queue="other"))) as made:
        said = answers(look(made, config))["helps"][1]
    assert said.startswith(
        "a target or limit: service level, longest wait, abandon rate, waiting (service level"
        " 80 %/90 %; 1 of 2 queues have their own); none: average speed of answer,"
    )


def counted(completed: int, abandoned: int, since: int = 0, at: int = 600, **more: Any) -> QueueCounters:
    return QueueCounters(
        source="pbx",
        queue="q",
        since=(NINE + since) * S,
        at=(NINE + at) * S,
        completed=completed,
        abandoned=abandoned,
        **more,
    )


def test_the_phone_systems_own_counters_agree(tmp_path: Path) -> None:
    ways = (gave_up("5", 260, "timed_out"), gave_up("6", 270, "left_by_key"), visit("7", 900))
    with store(tmp_path, (*GOOD, *ways, counted(3, 2))) as made:
        panel = look(made)
        assert answers(panel)["accurate"] == (
            "good",
            "5 ended visits of 1 queue: as the phone system counts them itself",
        )
        assert panel.findings == ()


def test_the_visits_that_explain_a_difference(tmp_path: Path) -> None:
    records = (
        *GOOD,
        visit("older", 100, agent="Ann", talk=200),
        visit("newer", 150, agent="Ann", talk=20),
        visit("removed", 200, agent="Cid", talk=100),
        AgentState(source="pbx", agent="Cid", queue="q", at=(NINE + 250) * S, state="offline"),
        # who is told by interface alone, as by a queue_log's REMOVEMEMBER, has a name from elsewhere
        visit("by interface", 220, agent="Dee", talk=100),
        AgentState(source="pbx", agent="Dee", interface="SIP/4", queue=None, at=NINE * S, state="ready"),
        AgentState(source="pbx", agent="", interface="SIP/4", queue="q", at=(NINE + 270) * S,
                   state="offline"),
        visit("edge", 530, agent="Bob", talk=59),  # ends one second before the counters were read
    )
    with store(tmp_path, (*records, counted(4, 1))) as made:
        panel = look(made)
        [one] = [f for f in panel.findings if f.question == "accurate"]
        assert one.said[0] == "q: 8 answered and 1 given up here, 4 and 1 there"
        assert {row.call: row.said[0].split(":")[0] for row in one.rows} == {
            "older": "the agent answered call newer meanwhile",
            "removed": "the agent was removed from the queue meanwhile",
            "by interface": "the agent was removed from the queue meanwhile",
            "edge": "it ended at the edge of the stretch",
        }
        assert (one.level, answers(panel)["accurate"][0]) == ("warning", "warning")
    (tmp_path / "x").mkdir()
    with store(tmp_path / "x", (*GOOD, counted(5, 1))) as made:
        panel = look(made)
        [one] = panel.findings
        assert (one.level, one.n, one.rows) == ("critical", 2, ())
        assert "1 unexplained" in answers(panel)["accurate"][1]


def test_a_simulated_day_is_clean(tmp_path: Path) -> None:
    from datetime import date

    sim = simulation(agents=16)
    day = date(2026, 11, 16)
    records = sim.make_day(day).advance(sim.midnight(day) + 11 * 3600 * S)
    begin = sim.midnight(day) // S
    with store(tmp_path, records) as made:
        panel = look(made, begin=begin, end=begin + 11 * 3600, as_of=begin + 11 * 3600)
        assert [one for one in panel.findings if one.question == "logical"] == []


def test_the_object_and_the_wire(tmp_path: Path) -> None:
    import json

    with store(tmp_path, (*GOOD, visit("long", 1400, talk_s=900.0))) as made:
        panel = look(made)
        assert from_wire(json.loads(json.dumps(panel))) == panel
        assert all(one.rows == () for one in unnamed(panel).findings)
        reader = made.reader()
        said = answer(reader, {"as_of": "2026-11-21T12:00:00Z"}, Config(), UTC, END * S)
        reader.close()
    assert said["schema"] == "ccboard.quality/1"
    [one] = said["findings"]
    assert one["rows"][0] == {
        "at": "2026-11-21T09:23:20.000Z",
        "queue": "q",
        "agent": "Ann",
        "call": "long",
        "en": "840 s",
        "zh": "840 s",
    }


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 60), st.integers(1, 90), st.sampled_from("AB")),
        max_size=8,
    )
)
def test_overlaps_by_a_second_method(tmp_path_factory: Any, calls: list[tuple[int, int, int, str]]) -> None:
    visits = [
        visit(str(n), clock, agent=agent, wait=wait, talk=talk)
        for n, (clock, wait, talk, agent) in enumerate(calls)
    ]
    with store(tmp_path_factory.mktemp("o"), visits) as made:
        told = found(look(made)).get("two_calls", (0, []))[1]
    wanted = set()
    for one in visits:
        for other in visits:
            first = (other.answered_at, other.call) < (one.answered_at, one.call)
            assert one.answered_at
            assert one.ended_at
            assert other.ended_at
            if (
                other is not one
                and other.agent == one.agent
                and first
                and other.ended_at > one.answered_at + 2 * S
                and one.ended_at > one.answered_at + 2 * S
            ):
                wanted.add(one.call)
    assert set(told) == wanted


def test_a_board_in_the_past_gets_the_quality_of_then(tmp_path: Path) -> None:
    from ccboard.commands.replay_store import StoreAnswers

    bad = visit("long", 0, talk_s=900.0)
    with store(tmp_path, (*GOOD, bad, visit("late", 2000, talk_s=900.0))) as made:
        answers = StoreAnswers(made, Config(), UTC, END * S)
        assert answers.moment((NINE + 1000) * S).quality is None
        past = answers.moment((NINE + 1000) * S, quality=True)
        until = time.monotonic() + 60
        while past.surge is None or past.surge.pending or past.tail is None:  # come later, as in a hub
            assert time.monotonic() < until
            time.sleep(0.05)
            past = answers.moment((NINE + 1000) * S, quality=True)
        answers.end()
        panel = past.quality
    assert [row.queue for row in past.surge.rows]
    assert panel is not None
    assert panel.as_of == (NINE + 1000) * S
    assert {row.call for one in panel.findings for row in one.rows} == {"long"}


def test_the_hub_keeps_a_panel_for_each_sight(tmp_path: Path, monkeypatch: Any) -> None:
    from ccboard.hub import quality as keeping

    monkeypatch.setattr(keeping, "FIRST_S", 0.0)
    monkeypatch.setattr(keeping, "EVERY_S", 0.05)
    monkeypatch.setattr(keeping, "SHARE", 0)
    bad = (visit("long", 0, talk_s=900.0), visit("other", 0, queue="other", talk_s=900.0))
    with store(tmp_path, bad) as made:
        keeper = keeping.QualityKeeper(
            made,
            lambda: END * S,
            lambda scope: Config().model_copy(update={"only_queues": scope}),
            lambda: UTC,
        )
        keeper.start()
        try:
            until = time.monotonic() + 60
            while keeper.of(()) is None or keeper.of(("q",)) is None:
                assert time.monotonic() < until
                time.sleep(0.02)
            every, one = keeper.of(()), keeper.of(("q",))
        finally:
            keeper.stop()
    assert every is not None
    assert one is not None
    assert [f.n for f in every.findings if f.question == "logical"] == [2, 1]  # too long; one agent on both
    assert [f.n for f in one.findings if f.question == "logical"] == [1]
    assert one.end == END * S + 1

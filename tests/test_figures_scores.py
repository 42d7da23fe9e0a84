"""Judgements in the figures: whose they are, when they count, what is left out; worked by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stores import S, store

from ccboard.config import Config, parse
from ccboard.figures import public
from ccboard.records import AgentState, Contact, QueueKnown, Score
from ccboard.store.store import Store

ZONE = ZoneInfo("UTC")
KPIS = "csat,csat_marks,qa_score,fcr,complaints"


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * S


def visit(call: str, clock: str, queue: str = "support", agent: str | None = "Ann", **more: Any) -> Contact:
    begin = at(clock)
    told: dict[str, Any] = {"answered_at": begin + 10 * S, "ended_at": begin + 70 * S, "outcome": "answered",
                            "wait_s": 10.0, "talk_s": 60.0}
    return Contact(**{"source": "pbx", "call": call, "queue": queue, "offered_at": begin, "agent": agent,
                      **told, **more})


def score(key: str, kind: str, value: float, clock: str, **more: Any) -> Score:
    return Score(**{"source": "survey", "key": key, "kind": kind, "value": value, "at": at(clock), **more})


MONDAY, TUESDAY = "2026-11-16T", "2026-11-17T"
RECORDS = (
    visit("1", MONDAY + "09:00"),
    visit("2", MONDAY + "10:00", agent="Bob"),
    visit("3", MONDAY + "11:00", queue="sales", agent="Bob", business_type="new", project="acme"),
    # Call 4 gave up in support and was answered in sales: one that names no queue is about the answer.
    visit("4", MONDAY + "12:00", agent=None, answered_at=None, outcome="abandoned", talk_s=None),
    visit("4", MONDAY + "12:02", queue="sales", agent="Cid"),
    visit("5", TUESDAY + "09:00"),
    # Marks for call 1: two of them. For call 2 one that comes on Tuesday.
    score("a", "csat", 5, MONDAY + "09:10", call="1"),
    score("b", "csat", 2, MONDAY + "09:20", call="1"),
    score("c", "csat", 1, TUESDAY + "08:00", call="2"),
    score("d", "csat", 4, MONDAY + "12:30", call="4"),
    score("e", "csat", 3, MONDAY + "12:31", call="4", queue="support"),
    # Quality: of a call, though by another agent than the call's; of an agent alone.
    score("f", "qa", 80, MONDAY + "15:00", call="3", agent="Ann"),
    score("g", "qa", 60, TUESDAY + "16:00", agent="Ann"),
    score("h", "qa", 10, MONDAY + "16:00", call="gone"),
    # Solved or not: of call 1 the last word counts.
    score("i", "resolved", 0, MONDAY + "09:30", call="1"),
    score("j", "resolved", 1, MONDAY + "10:30", call="1"),
    score("k", "resolved", 0, MONDAY + "11:30", call="3"),
    # Complaints: two about call 2 are one contact, that about 3 was withdrawn.
    score("l", "complaint", 1, MONDAY + "10:30", call="2"),
    score("m", "complaint", 1, MONDAY + "11:30", call="2"),
    score("n", "complaint", 1, MONDAY + "11:30", call="3"),
    score("o", "complaint", 0, MONDAY + "11:40", call="3"),
)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Store]:
    with store(tmp_path, RECORDS) as opened:
        yield opened


def ask(made: Store, config: Config | None = None, **words: str) -> list[dict[str, Any]]:
    reader = made.reader()
    words = {"kpi": KPIS, "as_of": "2026-11-18T00:00:00Z", "from": "2026-11-16", **words}
    try:
        return public.tabled(reader, words, config or Config(), ZONE, at("2026-11-18T00:00"))["rows"]
    finally:
        reader.close()


def listed(made: Store, what: str, **words: str) -> dict[str, Any]:
    reader = made.reader()
    words = {"as_of": "2026-11-18T00:00:00Z", "from": "2026-11-16", **words}
    try:
        if what == "visits":
            return public.visited(reader, words, Config(), ZONE, at("2026-11-18T00:00"), named=True)
        return public.explained(reader, words, Config(), ZONE, at("2026-11-18T00:00"), live=False, health={})
    finally:
        reader.close()


def test_of_everything(made: Store) -> None:
    assert ask(made) == [{"csat": 3.0, "csat_marks": 5, "qa_score": 70.0, "fcr": 0.5, "complaints": 1}]


def test_one_counts_when_its_contact_arrived_and_without_a_call_when_it_was_given(made: Store) -> None:
    assert ask(made, by="day") == [
        {"day": "2026-11-16", "csat": 3.0, "csat_marks": 5, "qa_score": 80.0, "fcr": 0.5, "complaints": 1},
        {"day": "2026-11-17", "csat": None, "csat_marks": 0, "qa_score": 60.0, "fcr": None, "complaints": 0},
    ]


def test_what_came_later_is_not_known_yet(made: Store) -> None:
    [row] = ask(made, as_of=MONDAY + "23:00:00Z")
    assert (row["csat"], row["csat_marks"], row["qa_score"]) == (3.5, 4, 80.0)
    [row] = ask(made, as_of=MONDAY + "10:00:00Z")
    assert (row["csat"], row["fcr"], row["complaints"]) == (3.5, 0.0, None)  # no complaint was ever heard of


def test_by_agent_the_named_one_counts_else_the_contacts(made: Store) -> None:
    rows = {row["agent"]: row for row in ask(made, by="agent")}
    told = ("csat", "qa_score", "fcr", "complaints")
    assert {name: tuple(row[kpi] for kpi in told) for name, row in rows.items()} == {
        "Ann": (3.5, 70.0, 1.0, 0), "Bob": (1.0, None, 0.0, 1), "Cid": (4.0, None, None, 0),
        None: (3.0, None, None, 0)}


def test_by_queue_who_has_no_call_has_no_queue(made: Store) -> None:
    rows = {row["queue"]: row for row in ask(made, by="queue")}
    assert {name: (row["csat"], row["qa_score"]) for name, row in rows.items()} == {
        "support": (11 / 4, None), "sales": (4.0, 80.0), None: (None, 60.0)}
    assert ask(made, where="queue=sales")[0]["csat_marks"] == 1


def test_by_type_and_project_of_the_contact(made: Store) -> None:
    assert [row["qa_score"] for row in ask(made, by="type", where="type=new")] == [80.0]
    assert [row["fcr"] for row in ask(made, by="project", where="project=acme")] == [0.0]
    config = parse({"queues": {"support": {"project": "beta"}}}, "t")
    assert {row["project"]: row["fcr"] for row in ask(made, config, by="project")}["beta"] == 1.0


def test_a_board_of_some_queues_knows_nothing_of_the_others(made: Store) -> None:
    config = Config().model_copy(update={"only_queues": ("support",)})
    assert ask(made, config) == [
        {"csat": 11 / 4, "csat_marks": 4, "qa_score": None, "fcr": 1.0, "complaints": 1}]


def test_a_person_behind_a_phone(tmp_path: Path) -> None:
    tie = AgentState(source="pbx", agent="Dora", interface="SIP/7", at=at(MONDAY + "08:00"), state="ready")
    with store(tmp_path, (tie, visit("1", MONDAY + "09:00", agent="SIP/7"),
                          score("a", "csat", 5, MONDAY + "09:10", call="1"))) as opened:
        assert [(row["agent"], row["csat"]) for row in ask(opened, by="agent", kpi="csat")] == [("Dora", 5.0)]


def test_without_judgements_nothing_is_known(tmp_path: Path) -> None:
    with store(tmp_path, RECORDS[:3]) as opened:
        assert ask(opened) == [dict.fromkeys(KPIS.split(","))]


def test_of_two_sources_with_the_same_call_its_own_counts(tmp_path: Path) -> None:
    with store(tmp_path, (visit("1", MONDAY + "09:00"),
                          visit("1", MONDAY + "12:00", source="other", agent="Bob"),
                          score("a", "csat", 5, MONDAY + "13:00", call="1", source="pbx"))) as opened:
        assert [(row["agent"], row["csat"]) for row in ask(opened, by="agent", kpi="csat")] == [("Ann", 5.0)]


@pytest.mark.parametrize("kpi", KPIS.split(","))
def test_the_list_adds_up_to_the_figure(made: Store, kpi: str) -> None:
    for words in ({}, {"queue": "support"}, {"agent": "Ann"}):
        figure = listed(made, "explain", kpi=kpi, **words)
        shown = listed(made, "visits", kpi=kpi, **words)
        assert shown["numerator"] == sum(row["numerator"] for row in shown["rows"]), (kpi, words)
        assert shown["numerator"] == figure["numerator"]["value"]
        assert shown["denominator"] == (figure["denominator"] or {}).get("value")
        assert shown["total"] == len(shown["rows"])


def test_a_row_says_what_was_judged(made: Store) -> None:
    rows = listed(made, "visits", kpi="fcr")["rows"]
    assert [(row["call"], row["agent"], row["counts"], row["why_en"]) for row in rows] == [
        ("3", "Bob", "no", "judged as not resolved"), ("1", "Ann", "yes", "judged as resolved")]
    rows = listed(made, "visits", kpi="qa_score")["rows"]
    assert [(row["call"], row["agent"], row["counts"], row["why_en"]) for row in rows] == [
        (None, "Ann", "yes", "the mark is 60"),
        ("gone", None, "left_out", "about a call that nothing is known of, and about no agent"),
        ("3", "Ann", "yes", "the mark is 80")]
    assert listed(made, "explain", kpi="qa")["left_out"][0]["value"] == 1


def test_dials_that_reached_their_aim(tmp_path: Path) -> None:
    out: dict[str, Any] = {"direction": "out", "queue": "campaign"}
    records = (
        *(visit(str(n), MONDAY + f"09:0{n}", **out) for n in range(4)),
        visit("9", MONDAY + "09:09", **out, agent=None, answered_at=None, outcome="unknown", talk_s=None),
        QueueKnown(source="pbx", queue="campaign", at=at(MONDAY + "08:00")),
        AgentState(source="pbx", agent="Ann", queue="campaign", at=at(MONDAY + "09:00"), state="ready"),
        AgentState(source="pbx", agent="Ann", queue="campaign", at=at(MONDAY + "11:00"), state="offline"),
        score("a", "success", 1, MONDAY + "10:00", call="0"),
        score("b", "success", 1, MONDAY + "10:00", call="1"),
        score("c", "success", 0, MONDAY + "10:30", call="1"),  # taken back
        score("d", "success", 1, MONDAY + "10:00", call="2"),
        score("e", "success", 1, MONDAY + "10:00", call="9"),  # nobody was reached
        score("f", "right_party", 1, MONDAY + "10:00", call="0"),
        score("g", "right_party", 1, MONDAY + "10:00", call="1"),
        score("h", "right_party", 0, MONDAY + "10:00", call="2"),
        score("i", "right_party", 1, MONDAY + "10:00", call="3"),
    )
    with store(tmp_path, records) as opened:
        kpis = ("dials,connects,successes,success_rate,successes_per_hour,right_party_contacts,"
                "right_party_rate")
        assert ask(opened, kpi=kpis) == [{"dials": 5, "connects": 4, "successes": 2, "success_rate": 0.5,
                                          "successes_per_hour": 1.0, "right_party_contacts": 3,
                                          "right_party_rate": 0.75}]
        rows = listed(opened, "visits", kpi="success_rate")["rows"]
        assert sorted((row["call"], row["counts"]) for row in rows) == [
            ("0", "yes"), ("1", "no"), ("2", "yes"), ("3", "no")]
        assert listed(opened, "visits", kpi="successes")["total"] == 2
        assert [row["call"] for row in listed(opened, "visits", kpi="right_party_contacts")["rows"]] == [
            "3", "1", "0"]
    (tmp_path / "none").mkdir()
    with store(tmp_path / "none", records[:7]) as opened:
        assert ask(opened, kpi="successes,success_rate,right_party_contacts") == [
            {"successes": None, "success_rate": None, "right_party_contacts": None}]

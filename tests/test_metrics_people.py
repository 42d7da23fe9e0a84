"""People on days worked by hand: states, pauses, offers, wrap-up, one person of two sources."""

from pathlib import Path

from stores import agent, floor, queue, store
from worked_days import BERLIN, at, counts, told, visit

from ccboard.config import Config
from ccboard.records import AgentState, Contact, Offer, QueueKnown
from ccboard.snapshot import STATES


def test_one_person_of_two_sources_in_three_queues(tmp_path: Path) -> None:
    records = [
        told("Ann", "ready", "08:00:00", "a", interface="P/1"),
        told("Ann", "paused", "08:10:00", "b", reason="training"),
        AgentState(source="other", agent="Ann", state="ready", at=at("08:05:00"), queue="c"),
        visit(
            "1",
            "a",
            "09:00:00",
            answered_at="09:00:02",
            ended_at="09:00:32",
            outcome="answered",
            agent="Ann",
            wait_s=2,
            talk_s=30,
            version=3,
        ),
        Contact(
            source="other",
            call="1",
            queue="c",
            offered_at=at("09:10:00"),
            answered_at=at("09:10:02"),
            outcome="answered",
            agent="Ann",
            wait_s=2,
        ),
    ]
    with store(tmp_path, records) as made:
        before, during = floor(made, at("09:05:00"), zone=BERLIN), floor(made, at("09:11:00"), zone=BERLIN)
    assert len(before.agents) == 1
    counts(before.totals, ready=1)
    counts(queue(before, "a"), ready=1)
    counts(queue(before, "b"), paused=1)  # ready elsewhere, but not here
    counts(queue(before, "c"), ready=1)
    assert (agent(before, "Ann").since, agent(before, "Ann").queues) == (at("09:00:32"), ("a", "b", "c"))
    for name in "abc":
        counts(queue(during, name), talking=1)
    assert (agent(during, "Ann").answered, agent(during, "Ann").in_queue) == (2, "c")
    assert during.totals.calls == 2  # the same call id of two systems is two calls


def test_pauses(tmp_path: Path) -> None:
    """Paused in a 10:00-10:30, in b 10:20-10:50: at least one 50 min, all of them from 10:20 to 10:30."""
    records = [
        told("Ann", "ready", "09:00:00", "a"),
        told("Ann", "ready", "09:00:00", "b"),
        told("Ann", "paused", "10:00:00", "a", reason="lunch"),
        told("Ann", "paused", "10:20:00", "b", reason="x"),
        told("Ann", "ready", "10:30:00", "a"),
        told("Ann", "ready", "10:50:00", "b"),
    ]
    with store(tmp_path, records) as made:

        def look(when: str) -> tuple[str | None, int | None, int]:
            row = agent(floor(made, at(when), zone=BERLIN), "Ann")
            return row.state, row.since, row.paused_s

        assert look("10:10:00") == ("ready", at("09:00:00"), 600)
        assert look("10:25:00") == ("paused", at("10:20:00"), 1500)
        assert look("10:40:00") == ("ready", at("10:30:00"), 2400)
        assert look("11:00:00") == ("ready", at("10:30:00"), 3000)
        seen = floor(made, at("11:00:00"), zone=BERLIN)
    assert [(e.kind, e.queue, e.text) for e in seen.log] == [
        ("ready", "b", None),
        ("ready", "a", None),
        ("paused", "b", "x"),
        ("paused", "a", "lunch"),
    ]


def test_pause_of_all_queues_is_one_line_and_a_new_reason_a_new_pause(tmp_path: Path) -> None:
    records = [
        *(told("Ann", "paused", "10:00:00", name, reason="break") for name in "abc"),
        *(told("Ann", "paused", "10:30:00", name, reason="lunch") for name in "abc"),
        *(told("Ann", "paused", "10:40:00", name, reason="lunch", seq=1) for name in "abc"),
    ]
    with store(tmp_path, records) as made:
        seen = floor(made, at("11:00:00"), zone=BERLIN)
    row = agent(seen, "Ann")
    assert (row.state, row.reason, row.since, row.paused_s) == ("paused", "lunch", at("10:30:00"), 3600)
    assert [(e.at, e.kind, e.queue, e.text) for e in seen.log] == [
        (at("10:30:00"), "paused", None, "lunch"),
        (at("10:00:00"), "paused", None, "break"),
    ]
    assert row.level == "critical"  # 30 min of a pause whose limits are 15 and 30


def test_ties_and_ghosts(tmp_path: Path) -> None:
    records = [
        told("", "ready", "08:00:00", "q", interface="P/1"),  # Ann's, as is told only later
        told("", "ready", "08:00:00", "q", interface="P/2"),  # Bea's, by configuration
        told("", "ready", "08:00:00", "q", interface="P/3"),  # nobody's: no row
        told("", "ready", "08:00:00", "q", interface="P/4"),  # was on a call under this very name
        told("Ann", "ready", "12:00:00", None, interface="P/1"),
        visit(
            "1",
            "q",
            "09:00:00",
            answered_at="09:00:02",
            ended_at="09:00:32",
            outcome="answered",
            agent="P/4",
            wait_s=2,
            talk_s=30,
            version=3,
        ),
    ]
    own = Config.model_validate({"agents": {"Bea": {"interface": "P/2", "label": "Bea T.", "team": "red"}}})
    with store(tmp_path, records) as made:
        early = floor(made, at("08:30:00"), own, BERLIN)
        seen = floor(made, at("10:00:00"), own, BERLIN)
        without = floor(made, at("10:00:00"), zone=BERLIN)
    assert [row.agent for row in seen.agents] == ["Ann", "Bea", "P/4"]
    assert (agent(seen, "Bea").label, agent(seen, "Bea").team) == ("Bea T.", "red")
    assert [row.agent for row in without.agents] == ["Ann", "P/4"]
    assert [row.agent for row in early.agents] == ["Ann", "Bea"]  # P/4's call is still to come
    counts(seen.totals, ready=3)


def test_wrap_up_ringing_hold_busy_and_offline(tmp_path: Path) -> None:
    records = [
        *(told(who, "ready", "08:00:00", "q") for who in ("Ann", "Bob", "Cid", "Dan", "Eve", "Fay")),
        QueueKnown(source="pbx", queue="q", at=at("08:00:00"), wrap_up_s=30, project="ACME"),
        visit(
            "1",
            "q",
            "09:00:00",
            answered_at="09:00:02",
            ended_at="09:01:00",
            outcome="answered",
            agent="Ann",
            wait_s=2,
            talk_s=58,
            version=3,
        ),
        Offer(source="pbx", call="2", queue="q", agent="Bob", started_at=at("09:01:05")),
        visit("3", "q", "09:00:00", answered_at="09:00:10", outcome="answered", agent="Cid", wait_s=10),
        told("Cid", "hold", "09:01:00"),
        told("Dan", "busy", "09:00:30"),
        told("Eve", "offline", "09:00:40"),
        told("Fay", "offline", "09:00:50", "q"),
    ]
    with store(tmp_path, records, sees=["hold"]) as made:
        seen = floor(made, at("09:01:10"), zone=BERLIN)
        later = floor(made, at("09:01:30"), zone=BERLIN)
        none = floor(made, at("09:01:10"), Config.model_validate({"queues": {"q": {"wrap_up_s": 0}}}), BERLIN)
    state = {row.agent: (row.state, row.since) for row in seen.agents}
    assert state == {
        "Ann": ("wrap_up", at("09:01:00")),
        "Bob": ("ringing", at("09:01:05")),
        "Cid": ("hold", at("09:01:00")),
        "Dan": ("busy", at("09:00:30")),
        "Eve": ("offline", at("09:00:40")),
        "Fay": ("offline", at("09:00:50")),
    }
    counts(seen.totals, wrap_up=1, ringing=1, hold=1, busy=1, offline=2)
    counts(queue(seen, "q"), wrap_up=1, ringing=1, hold=1, busy=1, offline=1)  # Fay is no member
    assert queue(seen, "q").project == "ACME"
    assert (agent(later, "Ann").state, agent(later, "Ann").since) == ("ready", at("09:01:30"))
    assert agent(none, "Ann").state == "ready"


def test_hold_is_unknown_where_no_source_sees_it(tmp_path: Path) -> None:
    with store(tmp_path, [told("Ann", "ready", "08:00:00", "q")]) as made:
        seen = floor(made, at("08:01:00"), zone=BERLIN)
    assert seen.totals.agents is not None
    assert seen.totals.agents[STATES.index("hold")] is None


def test_offers_are_counted_when_they_are_over(tmp_path: Path) -> None:
    def offer(nth: int, start: str, end: str, result: str, call: str = "1") -> Offer:
        return Offer(
            source="pbx",
            call=call,
            queue="q",
            agent="Ann",
            nth=nth,
            started_at=at(start),
            ended_at=at(end),
            ring_s=1,
            result=result,
        )  # type: ignore[arg-type]

    records = [
        offer(1, "09:00:00", "09:00:08", "no_answer"),
        offer(2, "09:00:20", "09:00:20", "no_answer"),
        offer(1, "09:00:30", "09:00:35", "cancelled"),
        offer(1, "09:01:00", "09:01:02", "busy"),
        offer(1, "09:02:00", "09:02:03", "answered"),
    ]
    with store(tmp_path, records) as made:
        row = agent(floor(made, at("09:03:00"), zone=BERLIN), "Ann")
        ringing = agent(floor(made, at("09:00:05"), zone=BERLIN), "Ann")
    assert (row.ring_no_answer, row.ring_cancelled, row.state, row.queues) == (3, 1, "ready", ("q",))
    assert (ringing.ring_no_answer, ringing.state, ringing.in_queue) == (0, "ringing", "q")

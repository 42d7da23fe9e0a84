"""The reducer at its edges: input that is wrong, memory, kept states, and what AMI alone must decide."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import WHOLE, Run, S, give, pieces
from test_asterisk_gotchas import (
    ANN,
    BOB,
    T,
    ami,
    at,
    entry,
    event,
    join,
    listed,
    log,
    member,
    status,
    visits,
)

from ccboard.clean import MAX_LENGTH, clean
from ccboard.records import AgentState, Contact, Offer, QueueKnown, SourceStatus
from sources.asterisk import lists as lists_module
from sources.asterisk import visits as visits_module
from sources.asterisk.lines import LogLine, parse_line
from sources.asterisk.messages import Message
from sources.asterisk.out import MAX_REJECTS
from sources.asterisk.reducer import Reducer

# -- the log ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NONE|q|NONE|ENTERQUEUE||5|1", "without a call or a queue"),
        ("1.9|NONE|Ann|CONNECT|1|2.1|1", "without a call or a queue"),
        ("1.1|q|NONE|CONNECT|1|2.1|1", "without a member"),
        ("NONE|NONE|Ann|PAUSE|", "without a queue or a member"),
        ("NONE|q|NONE|UNPAUSE|", "without a queue or a member"),
        ("1.1|q|Ann|CONNECT|-4|2.1|1", "hold time is not usable"),
        ("1.1|q|Ann|CONNECT|1|2.1", "ring time is not usable"),
        ("1.1|q|Ann|COMPLETECALLER|3|999999999|1", "talk time is not usable"),
        ("1.1|q|Ann|BLINDTRANSFER|901", "hold time is not usable"),
        ("1.1|q|NONE|ABANDON|1|1|x", "wait is not usable"),
        ("1.1|q|Ann|RINGNOANSWER|soon", "ring time is not usable"),
    ],
)
def test_columns_that_cannot_be_used_are_said_and_the_rest_goes_on(text: str, said: str) -> None:
    run = log(at(0, "1.1|q|NONE|ENTERQUEUE||5|1"), at(5, text), at(9, "1.2|q|NONE|ENTERQUEUE||5|1"))
    assert said in run.rejects[0].reason
    assert run.rejects[0].where == "queue_log:2"
    assert ("1.2", "q", 1) in run.contacts


def test_an_end_without_a_usable_duration_is_still_an_end() -> None:
    run = log(
        at(0, "1.1|q|NONE|ENTERQUEUE||5|1"),
        at(3, "1.1|q|Ann|CONNECT|3|2.1|2"),
        at(9, "1.1|q|Ann|COMPLETEAGENT|3|oops|1"),
    )
    (visit,) = visits(run)
    assert (visit.outcome, visit.wait_s, visit.talk_s, visit.ended_at) == ("answered", 3, None, (T + 9) * S)


def test_a_clock_that_jumps_breaks_nothing() -> None:
    run = log(
        at(0, "1.1|q|NONE|ENTERQUEUE||5|1"),
        "4000000000|9.9|q|NONE|ENTERQUEUE||5|1",
        "946684801|8.8|q|NONE|ENTERQUEUE||5|1",
        at(1, "1.2|q|NONE|ENTERQUEUE||5|1"),
        at(3, "1.1|q|Ann|CONNECT|3|2.1|2"),
        at(2, "1.2|q|NONE|ABANDON|1|1|1"),
        at(9, "1.1|q|Ann|COMPLETEAGENT|3|6|1"),
    )
    assert {c.call: (c.outcome, c.wait_s, c.talk_s) for c in visits(run)} == {
        "1.1": ("answered", 3, 6),
        "1.2": ("abandoned", 1, None),
        "8.8": (None, None, None),
        "9.9": (None, None, None),
    }
    assert not run.rejects


def test_versions_count_facts_and_the_log_outweighs_ami() -> None:
    lines = (at(0, "1.1|q|NONE|ENTERQUEUE||5|1"), at(3, "1.1|q|NONE|ABANDON|1|1|3"))
    assert visits(log(*lines))[0].version == 2_000
    both = ami(
        (0, join("1.1")), (3, event("QueueCallerAbandon", Uniqueid="1.1", Queue="q", HoldTime=3)), log=True
    )
    assert visits(both)[0].version == 2
    assert visits(log(*lines, run=both))[0].version == 2_002


def test_each_queue_is_made_known_once() -> None:
    run = log(
        at(0, "NONE|q|Ann|PAUSE|"), at(1, "1.1|q|NONE|ENTERQUEUE||5|1"), at(1, "1.1|r|NONE|ENTERQUEUE||5|1")
    )
    assert [(r.queue, r.at) for r in run.others if isinstance(r, QueueKnown)] == [
        ("q", T * S),
        ("r", (T + 1) * S),
    ]


def test_a_call_makes_its_agent_a_member_once() -> None:
    run = log(
        *(at(n, f"1.{n}|q|NONE|ENTERQUEUE||5|1") for n in range(3)),
        *(at(5 + n, f"1.{n}|q|Ann|CONNECT|5|2.{n}|1") for n in range(3)),
        at(9, "1.0|q|Ann|COMPLETEAGENT|5|4|1"),
    )
    assert [(s.agent, s.queue, s.state, s.at) for s in run.states.values()] == [
        ("Ann", "q", "ready", (T + 5) * S)
    ]


# -- AMI alone -------------------------------------------------------------------------------------------


def test_a_leave_without_a_connect_is_decided_after_a_moment() -> None:
    run = ami((0, join("1.1")), (5, event("QueueCallerLeave", Uniqueid="1.1", Queue="q")))
    assert visits(run)[0].outcome is None
    run.finish(round((T + 5.6) * S))
    assert (visits(run)[0].outcome, visits(run)[0].ended_at) == ("left_by_key", (T + 5) * S)


def test_a_member_who_runs_a_subroutine_first_is_connected_late() -> None:
    run = ami(
        (0, join("1.1")),
        (1, event("AgentCalled", Uniqueid="1.1", Queue="q", **ANN)),
        (5, event("QueueCallerLeave", Uniqueid="1.1", Queue="q")),
        (7, member(BOB, "q")),
    )
    assert visits(run)[0].outcome is None  # a phone rings that may have been answered
    ami((7.5, event("AgentConnect", Uniqueid="1.1", Queue="q", **ANN, HoldTime=5, RingTime=4)), run=run)
    assert [(c.outcome, c.agent, c.wait_s, c.ended_at) for c in visits(run)] == [("answered", "Ann", 5, None)]
    # Even later it corrects what had been decided.
    late = ami(
        (0, join("1.1")), (5, event("QueueCallerLeave", Uniqueid="1.1", Queue="q")), (9, member(BOB, "q"))
    )
    assert visits(late)[0].outcome == "left_by_key"
    ami((12, event("AgentConnect", Uniqueid="1.1", Queue="q", **ANN, HoldTime=5, RingTime=4)), run=late)
    assert [(c.outcome, c.agent, c.ended_at) for c in visits(late)] == [("answered", "Ann", None)]


def test_a_caller_who_leaves_by_key_while_a_phone_rings_cancels_the_ring() -> None:
    run = ami(
        (0, join("1.1")),
        (1, event("AgentCalled", Uniqueid="1.1", Queue="q", **ANN)),
        (1, member(ANN, "q", Status=2)),
        (5, event("QueueCallerLeave", Uniqueid="1.1", Queue="q")),
        (5.01, member(ANN, "q", Status=1)),
    )
    assert visits(run)[0].outcome == "left_by_key"
    assert [(o.agent, o.result, o.started_at, o.ended_at) for o in run.offers.values()] == [
        ("Ann", "cancelled", (T + 1) * S, (T + 5) * S)
    ]
    assert not run.ringing


def test_coming_in_the_middle_of_a_wait_and_of_a_talk() -> None:
    talking = listed(ANN, InCall=1, Status=2)
    run = ami(
        *((100, m) for m in status(talking, listed(BOB), entry("1.1", 40))),
        (110, event("AgentConnect", Uniqueid="1.1", Queue="q", **BOB, HoldTime=50, RingTime=9)),
        (115, event("AgentComplete", Queue="q", **ANN, HoldTime=1, TalkTime=90, Reason="agent")),
        (115, member(ANN, "q", Status=1)),
        (120, event("AgentConnect", Uniqueid="3.3", Queue="q", **ANN, HoldTime=30, RingTime=9)),
    )
    assert [(c.call, c.offered_at / S - T, c.wait_s) for c in visits(run)] == [
        ("1.1", 60, 50),
        ("3.3", 90, 30),
    ]
    phone = [(x.state, x.at / S - T) for x in run.states.values() if x.agent == "Ann" and x.queue is None]
    assert phone == [("talking", 100), ("ready", 115)]


def test_a_talk_whose_end_was_missed_ends_with_the_next_list() -> None:
    run = ami(
        (0, join("1.1")), (1, event("AgentConnect", Uniqueid="1.1", Queue="q", **ANN, HoldTime=1, RingTime=1))
    )
    run.reducer.disconnected((T + 10) * S)
    run.reducer.connected((T + 60) * S)
    ami(*((60, m) for m in status(listed(ANN, LoginTime=T - 900))), (63, join("2.2")), run=run)
    talked = visits(run)[0]
    assert (talked.outcome, talked.talk_s, talked.ended_at) == ("answered", None, (T + 60) * S)
    # Of a member who is not listed nothing can be said: he may have been removed while he talks.
    run = ami(
        (0, join("1.1")), (1, event("AgentConnect", Uniqueid="1.1", Queue="q", **ANN, HoldTime=1, RingTime=1))
    )
    ami(*((60, m) for m in status(listed(BOB))), (70, join("2.2")), run=run)
    assert visits(run)[0].ended_at is None


def test_members_who_are_not_listed_any_more_are_offline() -> None:
    run = ami(
        (0, member(ANN, "q")),
        (0, member(BOB, "q")),
        (0, member(BOB, "r")),
        *((9, m) for m in status(listed(ANN))),
    )
    assert [(s.agent, s.queue) for s in run.states.values() if s.state == "offline"] == [("Bob", "q")]


def test_holding_a_caller_needs_class_call() -> None:
    run = ami(
        (0, join("1.1")),
        (1, member(ANN, "q", Status=2)),
        (
            1,
            event(
                "AgentConnect", Uniqueid="1.1", Queue="q", **ANN, HoldTime=1, RingTime=1, DestUniqueid="2.1"
            ),
        ),
        (5, event("Hold", Uniqueid="2.1")),
        (6, event("Hold", Uniqueid="99.99")),
        (8, event("Unhold", Uniqueid="2.1")),
        (10, event("Hold", Uniqueid="2.1")),
        (12, event("AgentComplete", Queue="q", **ANN, HoldTime=1, TalkTime=11, Reason="caller")),
    )
    assert [(s.state, s.at / S - T) for s in run.states.values() if s.queue is None] == [
        ("ready", 1), ("hold", 5), ("ready", 8), ("hold", 10), ("ready", 12),
    ]  # fmt: skip


@pytest.mark.parametrize("first", ["transfer", "complete"])
def test_the_kind_of_a_transfer_comes_before_or_after_the_end(first: str) -> None:
    kind = event("AttendedTransfer", Result="Success", OrigTransfererUniqueid="2.1")
    done = event(
        "AgentComplete", Queue="q", **ANN, HoldTime=1, TalkTime=9, Reason="transfer", DestUniqueid="2.1"
    )
    run = ami(
        (0, join("1.1")),
        (
            1,
            event(
                "AgentConnect", Uniqueid="1.1", Queue="q", **ANN, HoldTime=1, RingTime=1, DestUniqueid="2.1"
            ),
        ),
        *((10, m) for m in ((kind, done) if first == "transfer" else (done, kind))),
    )
    assert [(c.transfer, c.ended_by, c.talk_s) for c in visits(run)] == [("attended", "transfer", 9)]


def test_events_without_what_they_are_about_are_rejected() -> None:
    run = ami(
        *((0, event(name)) for name in ("QueueCallerJoin", "QueueMemberStatus", "AgentConnect", "QueueEntry"))
    )
    assert {r.where for r in run.rejects} == {
        f"AMI event {name}" for name in ("QueueCallerJoin", "QueueMemberStatus", "AgentConnect", "QueueEntry")
    }
    assert not run.contacts


def test_gaps_are_told_only_where_no_log_fills_them() -> None:
    for with_log, kinds in ((False, ["whole", "gap"]), (True, [])):
        run = Run(log=with_log)
        run.reducer.connected(T * S)
        run.reducer.disconnected((T + 5) * S)
        run.reducer.connected((T + 9) * S)
        run.take()
        assert [r.kind for r in run.others if isinstance(r, SourceStatus)] == kinds


def test_a_killed_reducer_knows_since_when_it_heard_nothing() -> None:
    run = ami((0, join("1.1")), (7, member(ANN, "q")))
    run.again()
    run.reducer.connected((T + 60) * S)
    run.take()
    gap = run.others[-1]
    assert isinstance(gap, SourceStatus)
    assert (gap.kind, gap.at, gap.until) == ("gap", (T + 7) * S, (T + 60) * S)


# -- states and memory -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state",
    ["", "{", "null", "[]", '{"version":99}', '{"version":2}', '{"version":2,"clock":"x"}', "[" * 100_000],
)
def test_a_state_that_cannot_be_read_is_said_and_left(state: str) -> None:
    reducer = Reducer("pbx", log=True, state=state)
    records, rejects = reducer.drain()
    assert records == []
    assert [r.where for r in rejects] == ["asterisk: kept state"]
    line = parse_line(f"{T}|1.1|q|NONE|ENTERQUEUE||5|1".encode(), 1)
    assert isinstance(line, LogLine)
    reducer.feed_line(line)
    assert len(reducer.drain()[0]) == 2


def test_a_state_with_something_wrong_deep_inside() -> None:
    run = Run(log=True)
    for _, what, thing in pieces(WHOLE[1], "ami", log=True)[:800]:
        give(run, what, thing)
    plain = json.loads(run.reducer.state())
    assert plain["visits"]["visits"]
    rnd = random.Random(5)
    for key in ("visits", "seats", "phones", "restarts"):
        for wrong in ([], {}, 3, None, [[1]], {"visits": [[1]]}):
            broken = {**plain, key: wrong}
            reducer = Reducer("pbx", log=True, state=json.dumps(broken))
            reducer.tick(T * S)
            reducer.state()
    for _ in range(100):
        text = json.dumps(plain)
        cut = rnd.randrange(len(text))
        _, rejects = Reducer("pbx", log=True, state=text[:cut]).drain()
        assert rejects


def test_a_state_goes_round() -> None:
    run = Run(log=True)
    for _, what, thing in pieces(WHOLE[0], "ami", log=True)[:1_500]:
        give(run, what, thing)
    state = run.reducer.state()
    assert json.loads(Reducer("pbx", log=True, state=state).state()) == json.loads(state)


def test_memory_is_bounded_when_nothing_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits_module, "MAX_VISITS", 100)
    monkeypatch.setattr(visits_module, "MAX_COUNTED", 150)
    run = Run(log=True)
    for n in range(2_000):
        log(at(n, f"1.{n}|q|NONE|ENTERQUEUE||5|1"), run=run)
        if n > 1_000:
            log(at(n, f"1.{n}|q|Ann|CONNECT|1|1|1"), at(n, f"1.{n}|q|Ann|COMPLETEAGENT|1|1|1"), run=run)
    run.finish((T + 2_100) * S)
    ends = [c.outcome for c in run.contacts.values()]
    # Those that had to be forgotten are not left waiting for ever.
    assert ends.count(None) <= 110
    assert ends.count("unknown") >= 890
    assert len(run.reducer._visits._threads) <= 200
    assert len(run.reducer._visits._counted) + len(run.reducer._visits._counted_before) <= 350
    assert len(run.reducer.state()) < 60_000


def test_a_list_is_bounded_in_characters_and_its_cut_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists_module, "MAX_CHARACTERS", 2_000)
    reducer = Reducer("pbx", log=False)
    for n in range(100):
        found = event("QueueEntry", Queue="q", Uniqueid=f"1.{n}", Wait=1, ActionID="x", Junk="j" * 100)
        reducer.feed_message(found, T * S)
    (frame,) = reducer._lists._frames.values()
    assert 5 < len(frame.entries) < 20
    reducer.feed_message(event("QueueStatusComplete", ActionID="x"), T * S)
    assert [r.reason for r in reducer.drain()[1]] == ["a list too long to be kept; its rest is left out"]


def test_rejects_are_bounded() -> None:
    reducer = Reducer("pbx", log=False)
    for n in range(MAX_REJECTS + 50):
        reducer.feed_message(event("QueueCallerJoin"), (T + n) * S)
    rejects = reducer.drain()[1]
    assert len(rejects) == MAX_REJECTS + 1
    assert "50 more" in rejects[-1].reason
    assert reducer.drain()[1] == []


def test_thousands_of_rings_in_one_wait() -> None:
    run = log(
        at(0, "1.1|q|NONE|ENTERQUEUE||5|1"),
        *(at(n, f"1.1|q|Agent {n % 3}|RINGNOANSWER|1000") for n in range(1_000)),
    )
    assert len(run.offers) == 1_000
    assert len(run.reducer.state()) < 20_000


# -- anything at all -------------------------------------------------------------------------------------

words = st.sampled_from(
    [
        "q",
        "r",
        "NONE",
        "",
        "1.1",
        "1.2",
        "Ann",
        "PJSIP/1",
        "0",
        "1",
        "7",
        "-1",
        "x" * 300,
        "\x1b[2J",
        "9" * 30,
    ]
)
log_events = st.sampled_from(
    [
        "ENTERQUEUE",
        "CONNECT",
        "COMPLETECALLER",
        "COMPLETEAGENT",
        "ABANDON",
        "EXITWITHTIMEOUT",
        "EXITWITHKEY",
        "EXITEMPTY",
        "WITHDRAW",
        "RINGNOANSWER",
        "RINGCANCELED",
        "BLINDTRANSFER",
        "ATTENDEDTRANSFER",
        "PAUSE",
        "UNPAUSE",
        "PAUSEALL",
        "ADDMEMBER",
        "REMOVEMEMBER",
        "PENALTY",
        "QUEUESTART",
        "CONFIGRELOAD",
        "OWN",
    ]
)
lines = st.builds(
    lambda second, columns, name, data: "|".join([str(T + second), *columns, name, *data]),
    st.integers(-5, 5_000),
    st.tuples(words, words, words),
    log_events,
    st.lists(words, max_size=6),
)
ami_events = st.sampled_from(
    [
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueCallerAbandon",
        "AgentCalled",
        "AgentConnect",
        "AgentComplete",
        "AgentRingNoAnswer",
        "QueueMemberStatus",
        "QueueMemberAdded",
        "QueueMemberRemoved",
        "QueueMemberPause",
        "QueueParams",
        "QueueMember",
        "QueueEntry",
        "QueueStatusComplete",
        "BlindTransfer",
        "AttendedTransfer",
        "Hold",
        "Unhold",
        "Reload",
        "Shutdown",
        "FullyBooted",
    ]
)
fields = st.dictionaries(
    st.sampled_from(
        [
            "Uniqueid",
            "Queue",
            "Interface",
            "MemberName",
            "Location",
            "Name",
            "HoldTime",
            "TalkTime",
            "RingTime",
            "Reason",
            "Status",
            "InCall",
            "Paused",
            "PausedReason",
            "LastPause",
            "LoginTime",
            "Membership",
            "Wait",
            "Position",
            "CallerIDNum",
            "CallerIDName",
            "DestUniqueid",
            "TransfererUniqueid",
            "Completed",
            "Uptime",
            "ActionID",
            "Module",
        ]
    ),
    st.one_of(words, st.sampled_from(["static", "transfer", "2", str(T)])),
)
things = st.one_of(
    lines,
    st.tuples(ami_events, fields),
    st.sampled_from(["connected", "disconnected", "tick", "again", "drain"]),
)


def strings(record: Any) -> list[str]:
    return [v for name in record.__slots__ if isinstance(v := getattr(record, name), str)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), things), max_size=40), st.booleans())
def test_whatever_comes_the_reducer_stands(steps: list[tuple[int, Any]], with_log: bool) -> None:
    run = Run(log=with_log)
    now = T
    for step, thing in steps:
        now += step
        if isinstance(thing, tuple):
            name, content = thing
            run.reducer.feed_message(Message({"Event": name, **content}), now * S)
        elif thing == "tick":
            run.reducer.tick(now * S)
        elif thing == "again":
            run.again()
        elif thing == "drain":
            run.take()
        elif thing in ("connected", "disconnected"):
            getattr(run.reducer, thing)(now * S)
        else:
            log(thing, run=run)
    run.finish((now + 700) * S)
    state = run.reducer.state()
    assert json.loads(Reducer("pbx", log=with_log, state=state).state()) == json.loads(state)
    for contact in run.contacts.values():
        assert isinstance(contact, Contact)
        assert contact.nth >= 1
        assert (contact.outcome is None) == (contact.ended_at is None and contact.answered_at is None)
        assert contact.answered_at is None or contact.outcome == "answered"
        assert contact.outcome == "answered" or contact.talk_s is None
    for record in [*run.contacts.values(), *run.offers.values(), *run.states.values(), *run.others]:
        for text in strings(record):
            assert clean(text) == text
            assert len(text) <= MAX_LENGTH
    for offer in run.offers.values():
        assert isinstance(offer, Offer)
        assert offer.ended_at is not None
        assert offer.ended_at >= offer.started_at
    assert all(isinstance(s, AgentState) and (s.agent or s.interface) for s in run.states.values())


def test_a_flood_of_calls_within_a_second_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits_module, "MAX_CLOSED", 50)
    reducer = Reducer("pbx", log=False)
    reducer.connected(0)
    for number in range(1_000):
        for name in ("QueueCallerJoin", "QueueCallerAbandon"):
            event = {"Event": name, "Queue": "q", "Uniqueid": f"1.{number}", "Position": "1", "HoldTime": "0"}
            reducer.feed_message(Message(event), number)
    records, _ = reducer.drain()
    assert sum(isinstance(r, Contact) and r.outcome == "abandoned" for r in records) == 1_000
    assert len(json.loads(reducer.state())["visits"]["visits"]) <= 101

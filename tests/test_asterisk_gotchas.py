"""The oddities of real Asterisks that change figures, one test each, numbered as they were found.

Where a recording shows one it is used; the others are written as Asterisk writes them. Those about
the PBX's own service levels, averages and counters (1, 3, 5, 6) come to the same: nothing here reads them.
"""

from typing import Any

from recordings import DATA, QUIRKS, Run, S, from_log, messages, pieces, play, seats_at

from ccboard.records import AgentState, Contact, Offer, SourceStatus
from sources.asterisk.lines import LogLine, parse_line
from sources.asterisk.messages import Message, parse_answer

T = 1_795_283_000


def log(*lines: str, run: Run | None = None) -> Run:
    run = run or Run(log=True)
    for number, text in enumerate(lines, 1):
        parsed = parse_line(text.replace("T+", "").encode(), number)
        if isinstance(parsed, LogLine):
            run.reducer.feed_line(parsed)
        elif parsed is not None:
            run.rejects.append(parsed)
    run.take()
    return run


def at(second: float, text: str) -> str:
    return f"{T + int(second)}|{text}"


def event(name: str, **fields: object) -> Message:
    return Message({"Event": name, **{key: str(value) for key, value in fields.items()}})


def ami(*events: tuple[float, Message], run: Run | None = None, log: bool = False) -> Run:
    if run is None:
        run = Run(log=log)
        run.reducer.connected(T * S)
    for second, message in events:
        run.reducer.feed_message(message, round((T + second) * S))
    run.take()
    return run


ANN = {"Interface": "PJSIP/1", "MemberName": "Ann"}
BOB = {"Interface": "PJSIP/2", "MemberName": "Bob"}


def member(who: dict[str, str], queue: str, **fields: object) -> Message:
    usual = {
        "Membership": "static",
        "LastPause": 0,
        "LoginTime": T - 900,
        "InCall": 0,
        "Status": 1,
        "Paused": 0,
    }
    return event("QueueMemberStatus", Queue=queue, **who, **{**usual, **fields})


def join(call: str, queue: str = "q", **fields: object) -> Message:
    return event("QueueCallerJoin", Uniqueid=call, Queue=queue, Position=1, CallerIDNum="5551234", **fields)


def visits(run: Run) -> list[Contact]:
    return sorted(run.contacts.values(), key=lambda c: (c.call, c.queue, c.nth))


def states(run: Run) -> list[tuple[Any, ...]]:
    ordered = sorted(run.states.values(), key=lambda s: (s.at, s.seq))
    return [(s.agent or s.interface, s.queue, s.state, s.reason) for s in ordered]


def test_2_ami_calls_time_outs_abandoned_until_the_log_says_better() -> None:
    run = ami(
        (0, join("1.1")), (35, event("QueueCallerAbandon", Uniqueid="1.1", Queue="q", HoldTime=35)), log=True
    )
    assert [(c.outcome, c.wait_s) for c in visits(run)] == [("abandoned", 35)]
    log(at(0, "1.1|q|NONE|ENTERQUEUE||5551234|1"), at(35, "1.1|q|NONE|EXITWITHTIMEOUT|1|1|35"), run=run)
    assert [(c.outcome, c.wait_s, c.ended_at) for c in visits(run)] == [("timed_out", 35, (T + 35) * S)]
    for line, outcome in (("EXITEMPTY|1|1|9", "left_empty"), ("WITHDRAW|1|1|9|desk", "withdrawn")):
        run = log(at(0, "1.1|q|NONE|ENTERQUEUE||5551234|1"), at(9, f"1.1|q|NONE|{line}"))
        assert [(c.outcome, c.wait_s) for c in visits(run)] == [(outcome, 9)]


def test_4_agent_complete_without_ids_ends_the_members_open_talk() -> None:
    done = {"Queue": "q", "HoldTime": 2, "TalkTime": 8, "Reason": "caller"}
    run = ami(
        (0, join("1.1")),
        (0, join("1.2")),
        (2, event("AgentConnect", Uniqueid="1.1", Queue="q", **ANN, HoldTime=2, RingTime=1)),
        (2, event("AgentConnect", Uniqueid="1.2", Queue="q", **BOB, HoldTime=2, RingTime=1)),
        (10, event("AgentComplete", **done, **BOB)),
        (10, event("AgentComplete", **done, **ANN)),
        # Of a talk from before the connection nothing is known: it ends nothing.
        (11, event("AgentComplete", **done, **ANN)),
    )
    assert [(c.call, c.agent, c.talk_s, c.ended_by) for c in visits(run)] == [
        ("1.1", "Ann", 8, "caller"),
        ("1.2", "Bob", 8, "caller"),
    ]
    found = [m for _, m in messages("asterisk-22.10.1", "ami-agent") if m.event == "AgentComplete"]
    assert sum("Uniqueid" not in m for m in found) > 30  # so the recordings test it as well


def test_6_two_calls_at_once_and_a_member_removed_while_he_talks() -> None:
    done = {"Queue": "q", "TalkTime": 30, "Reason": "agent", **ANN}
    run = ami(
        (0, join("1.1")),
        (
            1,
            event(
                "AgentConnect", Uniqueid="1.1", Queue="q", **ANN, HoldTime=1, RingTime=1, DestUniqueid="2.1"
            ),
        ),
        (5, join("1.2")),
        (
            9,
            event(
                "AgentConnect", Uniqueid="1.2", Queue="q", **ANN, HoldTime=4, RingTime=1, DestUniqueid="2.2"
            ),
        ),
        (10, event("QueueMemberRemoved", Queue="q", **ANN)),
        (31, event("AgentComplete", **done, HoldTime=1, DestUniqueid="2.1")),
        (39, event("AgentComplete", **done, HoldTime=4)),
    )
    assert [(c.call, c.talk_s, c.ended_at) for c in visits(run)] == [
        ("1.1", 30, (T + 31) * S),
        ("1.2", 30, (T + 39) * S),
    ]
    run = log(
        at(0, "1.1|q|NONE|ENTERQUEUE||1|1"),
        at(1, "1.1|q|Ann|CONNECT|1|2.1|1"),
        at(2, "MANAGER|q|PJSIP/1|REMOVEMEMBER|"),
        at(31, "1.1|q|Ann|COMPLETEAGENT|1|30|1"),
    )
    assert [(c.agent, c.talk_s) for c in visits(run)] == [("Ann", 30)]


def test_7_the_key_of_a_visit_is_call_queue_and_entry() -> None:
    lines = (
        at(0, "1.1|sales|NONE|ENTERQUEUE||5|1"),
        at(35, "1.1|sales|NONE|EXITWITHTIMEOUT|1|1|35"),
        at(35, "1.1|support|NONE|ENTERQUEUE||5|1"),
        at(40, "1.1|support|NONE|EXITWITHKEY|1|1|1|5"),
        at(41, "1.1|sales|NONE|ENTERQUEUE||5|1"),
        at(44, "1.1|sales|NONE|ABANDON|1|1|3"),
    )
    run = log(*lines)
    keys = [(c.call, c.queue, c.nth, c.outcome, c.wait_s) for c in visits(run)]
    assert keys == [
        ("1.1", "sales", 1, "timed_out", 35),
        ("1.1", "sales", 2, "abandoned", 3),
        ("1.1", "support", 1, "left_by_key", 5),
    ]
    again = ami(
        (0.4, join("1.1", "sales")),
        (35.4, event("QueueCallerAbandon", Uniqueid="1.1", Queue="sales", HoldTime=35)),
        (35.4, event("QueueCallerLeave", Uniqueid="1.1", Queue="sales")),
        (35.5, join("1.1", "support")),
        (40.4, event("QueueCallerLeave", Uniqueid="1.1", Queue="support")),
        (41.2, join("1.1", "sales")),
        (44.2, event("QueueCallerAbandon", Uniqueid="1.1", Queue="sales", HoldTime=3)),
        log=True,
    )
    assert [(c.queue, c.nth, c.outcome) for c in visits(again)] == [
        ("sales", 1, "abandoned"),
        ("sales", 2, "abandoned"),
        ("support", 1, "left_by_key"),
    ]
    log(*lines, run=again)
    assert [(c.call, c.queue, c.nth, c.outcome, c.wait_s) for c in visits(again)] == keys


def test_7_an_entry_long_after_the_first_is_still_another_visit() -> None:
    run = log(
        at(0, "1.1|q|NONE|ENTERQUEUE||5|1"),
        at(1, "1.1|q|Ann|CONNECT|1|2.1|1"),
        at(3_000, "1.1|q|Ann|BLINDTRANSFER|800|ivr|1|2999|1"),
        *(at(3_000 + n, f"9.{n}|q|NONE|ENTERQUEUE||5|1") for n in range(1, 400)),
        *(at(3_500 + n, f"9.{n}|q|NONE|ABANDON|1|1|500") for n in range(1, 400)),
    )
    run.again()
    log(at(9_000, "1.1|q|NONE|ENTERQUEUE||5|1"), run=run)
    assert (run.contacts["1.1", "q", 1].talk_s, run.contacts["1.1", "q", 2].outcome) == (2999, None)


def test_8_refused_at_the_door_leaves_no_trace() -> None:
    run = log(at(0, "1.1|vip|NONE|DID|+155500"))
    assert not run.contacts
    assert run.reducer.own_events == {"DID": 1}


def test_9_pauseall_and_its_pause_lines_are_one_fact() -> None:
    run = log(
        at(0, "NONE|NONE|Ann|PAUSEALL|Lunch"),
        at(0, "NONE|support|Ann|PAUSE|Lunch"),
        at(0, "NONE|vip|Ann|PAUSE|Lunch"),
        at(5, "NONE|vip|Ann|PAUSE|Lunch"),  # the same again is no news
        at(9, "NONE|vip|Ann|PAUSE|Coaching"),  # another reason is
        at(20, "NONE|NONE|Ann|UNPAUSEALL|Lunch"),
        at(20, "NONE|support|Ann|UNPAUSE|Lunch"),
        at(20, "NONE|vip|Ann|UNPAUSE|Lunch"),
    )
    assert states(run) == [
        ("Ann", "support", "paused", "Lunch"),
        ("Ann", "vip", "paused", "Lunch"),
        ("Ann", "vip", "paused", "Coaching"),
        ("Ann", "support", "ready", None),
        ("Ann", "vip", "ready", None),
    ]
    assert [(s.at, s.seq) for s in run.states.values()] == [
        (T * S, 0), (T * S, 1), ((T + 9) * S, 0), ((T + 20) * S, 0), ((T + 20) * S, 1),
    ]  # fmt: skip


def test_9_with_ami_beside_the_log_a_pause_is_told_once() -> None:
    paused = {"Paused": 1, "PausedReason": "Lunch", "LastPause": T}
    run = ami((-9, member(ANN, "q")), (0.2, member(ANN, "q", **paused)), log=True)
    log(at(0, "NONE|q|Ann|PAUSE|Lunch"), run=run)
    ami((8, member(ANN, "q", **paused)), (9, member(ANN, "q", **paused)), run=run)
    assert [s for s in states(run) if s[1]] == [("Ann", "q", "ready", None), ("Ann", "q", "paused", "Lunch")]


def test_9_what_the_log_does_not_say_in_time_ami_may() -> None:
    paused = {"Paused": 1, "PausedReason": "Lunch", "LastPause": T - 4_000}
    run = ami((0, member(ANN, "q", **paused)), log=True)
    run.reducer.tick((T + 2) * S)
    run.take()
    assert [s for s in states(run) if s[1]] == []
    run.reducer.tick((T + 4) * S)
    run.take()
    (state,) = [s for s in run.states.values() if s.queue]
    assert (state.state, state.reason, state.at) == ("paused", "Lunch", (T - 4_000) * S)


def test_11_in_use_for_another_queues_call_is_not_busy() -> None:
    run = ami(
        (0, join("1.1", "support")),
        (0, event("AgentCalled", Uniqueid="1.1", Queue="support", **ANN)),
        (0, member(ANN, "support", Status=2)),
        (0, member(ANN, "vip", Status=2)),
        (2, event("AgentConnect", Uniqueid="1.1", Queue="support", **ANN, HoldTime=2, RingTime=2)),
        (2, member(ANN, "support", Status=2, InCall=1)),
        (2, member(ANN, "vip", Status=2)),
        (9, event("AgentComplete", Queue="support", **ANN, HoldTime=2, TalkTime=7, Reason="agent")),
        (9.1, member(ANN, "support", Status=1)),
        (9.1, member(ANN, "vip", Status=1)),
        (20, member(ANN, "vip", Status=2)),  # a call of his own
        (20, member(ANN, "support", Status=2)),
        (30, member(ANN, "support", Status=1)),
        (31, member(ANN, "support", Status=5)),
    )
    assert [(s.state, s.at / S - T) for s in run.states.values() if s.queue is None] == [
        ("ready", 0),
        ("busy", 20),
        ("ready", 30),
        ("offline", 31),
    ]


def test_11_nobody_tells_of_the_phone_of_a_member_who_was_removed() -> None:
    in_use = member(ANN, "q", Status=2, InCall=1)
    talk = (
        (0, member(ANN, "q")),
        (1, join("1.1")),
        (5, event("AgentConnect", Uniqueid="1.1", Queue="q", **ANN, HoldTime=4, DestUniqueid="2.1")),
        (5, in_use),
    )
    over = event("AgentComplete", Queue="q", **ANN, Uniqueid="1.1", DestUniqueid="2.1", TalkTime=9)
    run = ami(*talk, (9, event("QueueMemberRemoved", Queue="q", **ANN)), (14, over), (60, join("1.2")))
    assert phones(run)[-1] == ("unknown", 9)  # and so he is not talking for ever
    rejoined = ami((70, member(ANN, "q")), run=run)
    assert phones(rejoined)[-1] == ("ready", 70)
    # Removed while nobody listened: the next list of the queue does not have him.
    params = event("QueueParams", Queue="q", ActionID="s", Calls=0)
    run = ami(*talk, (14, over), (60, params), (60, event("QueueStatusComplete", ActionID="s")))
    assert phones(run)[-1] == ("unknown", 60)
    # One who is left in another queue is followed on.
    both = ami((0, member(ANN, "p")), *talk, (9, event("QueueMemberRemoved", Queue="q", **ANN)), (14, over),
               (15, member(ANN, "p")), (60, join("1.2")))
    assert phones(both)[-1] == ("ready", 15)


def phones(run: Run) -> list[tuple[str, float]]:
    """Return what was said of Ann's phone, and when."""
    found = sorted((s.at, s.seq, s.state) for s in run.states.values() if s.queue is None)
    return [(state, at / S - T) for at, _seq, state in found]


def test_12_one_phone_in_three_queues_is_one_phone() -> None:
    run = ami(*((1, member(ANN, queue, Status=5)) for queue in ("a", "b", "c")))
    phones = [s for s in run.states.values() if s.queue is None]
    assert [(s.agent, s.interface, s.state) for s in phones] == [("Ann", "PJSIP/1", "offline")]
    assert {s.queue for s in run.states.values()} == {None, "a", "b", "c"}


def test_13_members_by_interface_and_by_name() -> None:
    run = log(
        at(0, "MANAGER|q|PJSIP/9|ADDMEMBER|"),
        at(1, "MANAGER|q|PJSIP/8|ADDMEMBER|PAUSED"),
        at(2, "MANAGER|q|PJSIP/9|PENALTY|3"),
        at(2, "MANAGER|q|PJSIP/9|RINGINUSE|0"),
        at(3, "NONE|q|Local/agent-8@agents|PAUSE|x"),
        at(4, "MANAGER|q|PJSIP/9|REMOVEMEMBER|"),
        at(5, "MANAGER|q|Sam Ortiz|ADDMEMBER|"),  # log_membername_as_agent
    )
    assert [(s.agent, s.interface, s.state) for s in run.states.values()] == [
        ("", "PJSIP/9", "ready"),
        ("", "PJSIP/8", "paused"),
        ("Local/agent-8@agents", "Local/agent-8@agents", "paused"),
        ("", "PJSIP/9", "offline"),
        ("Sam Ortiz", None, "ready"),
    ]


def test_13_ami_ties_names_and_interfaces() -> None:
    run = ami((0, member({"Interface": "PJSIP/9", "MemberName": "Sam"}, "q")), log=True)
    log(at(5, "MANAGER|q|PJSIP/9|REMOVEMEMBER|"), run=run)
    ami(
        (9, event("QueueMemberRemoved", Queue="q", Interface="PJSIP/9", MemberName="Sam")),
        (20, join("5.5")),
        run=run,
    )
    assert {s.agent for s in run.states.values() if s.interface == "PJSIP/9"} == {"Sam", ""}
    assert seats_at(run)["Sam", "q"].state == "offline"
    # The log said it, so AMI had nothing to add.
    assert sum(s.state == "offline" for s in run.states.values()) == 1


def test_13_a_bar_in_name_and_reason() -> None:
    run = from_log(f"{QUIRKS}/5-odd-names")
    assert ("Pipe|Name, Jr", "support", "paused", "a|b, c & <d>") in states(run)
    assert ("Alice Wu", "support", "paused", "午休") in states(run)
    assert run.reducer.own_events == {"MYEVENT": 1}
    assert [(c.outcome, c.wait_s) for c in visits(run)] == [("abandoned", 98)] * 5
    assert not run.rejects


def test_14_a_crash_leaves_calls_open_until_queuestart() -> None:
    run = log(
        at(0, "1.1|q|NONE|ENTERQUEUE||5|1"),
        at(1, "1.2|q|NONE|ENTERQUEUE||5|2"),
        at(2, "1.1|q|Ann|CONNECT|2|2.1|2"),
        at(3, "NONE|q|Bob|PAUSE|Lunch"),
        at(90, "NONE|NONE|NONE|QUEUESTART|"),
    )
    talked, waited = visits(run)
    assert (talked.outcome, talked.talk_s, talked.ended_at) == ("answered", None, (T + 90) * S)
    assert (waited.outcome, waited.wait_s, waited.ended_at) == ("lost", None, (T + 90) * S)
    assert states(run)[-1] == ("Bob", "q", "ready", None)
    assert [r.kind for r in run.others if isinstance(r, SourceStatus)] == ["restart"]


def test_14_a_crash_cancels_no_ring() -> None:
    run = play(pieces(QUIRKS, "ami", log=True, delay=0.25), log=True)
    assert not run.ringing
    assert [o.agent for o in run.offers.values() if o.result == "void"] != []


def test_14_what_ami_heard_after_the_restart_outlives_a_late_queuestart() -> None:
    run = log(at(0, "1.1|q|NONE|ENTERQUEUE||5|1"))
    run.reducer.connected((T + 91) * S)
    ami((92, join("7.1")), run=run)
    log(at(90, "NONE|NONE|NONE|QUEUESTART|"), at(92, "7.1|q|NONE|ENTERQUEUE||5|1"), run=run)
    assert [(c.call, c.outcome) for c in visits(run)] == [("1.1", "lost"), ("7.1", None)]


def status(*items: Message, **params: object) -> list[Message]:
    found = [
        event("QueueParams", Queue="q", ActionID="x", **{"Completed": 0, "Abandoned": 0, **params}),
        *items,
    ]
    for item in found:
        item["ActionID"] = "x"
    return [*found, event("QueueStatusComplete", ActionID="x")]


def listed(who: dict[str, str], **fields: object) -> Message:
    item = member(who, "q", **fields)
    item["Event"] = "QueueMember"
    item["Name"], item["Location"] = item.pop("MemberName"), item.pop("Interface")
    return item


def entry(call: str, wait: int) -> Message:
    return event("QueueEntry", Queue="q", Uniqueid=call, Wait=wait, CallerIDNum="5", CallerIDName="unknown")


def test_15_a_restart_is_seen_by_ami_alone() -> None:
    run = ami(
        (0, join("1.1")),
        (1, join("1.2")),
        (3, event("AgentConnect", Uniqueid="1.2", Queue="q", **ANN, HoldTime=2, RingTime=2)),
        (4, member(BOB, "q", Paused=1, PausedReason="Lunch", LastPause=T + 4)),
    )
    run.reducer.disconnected((T + 10) * S)
    run.reducer.connected((T + 60) * S)
    back = status(listed(ANN, LoginTime=T + 55), listed(BOB, LoginTime=T + 55))
    ami(*((60, m) for m in back), run=run)
    waited, talked = visits(run)
    assert (waited.outcome, waited.ended_at) == ("lost", (T + 55) * S)
    assert (talked.outcome, talked.talk_s, talked.ended_at) == ("answered", None, (T + 55) * S)
    assert states(run)[-1] == ("Bob", "q", "ready", None)  # static members lose their pause
    marks = [
        (r.kind, r.at / S - T, r.until and r.until / S - T) for r in run.others if isinstance(r, SourceStatus)
    ]
    assert marks == [("whole", 0, None), ("gap", 4, 60), ("restart", 55, None)]


def test_15_a_lost_connection_is_no_restart() -> None:
    run = ami((0, join("1.1")), (1, join("1.2")), (2, join("1.3")))
    run.reducer.disconnected((T + 10) * S)
    run.reducer.connected((T + 60) * S)
    ami(*((60, m) for m in status(listed(ANN), entry("1.1", 60), entry("4.4", 20))), run=run)
    assert [c.outcome for c in visits(run)] == [None] * 4
    assert run.contacts["4.4", "q", 1].offered_at == (T + 40) * S
    # An event that was on its way counts; whoever has none is gone, and nobody knows how.
    ami(
        (61, event("QueueCallerAbandon", Uniqueid="1.2", Queue="q", HoldTime=60)),
        (70, member(ANN, "q")),
        run=run,
    )
    assert [(c.call, c.outcome) for c in visits(run)] == [
        ("1.1", None), ("1.2", "abandoned"), ("1.3", "unknown"), ("4.4", None),
    ]  # fmt: skip
    assert "restart" not in {r.kind for r in run.others if isinstance(r, SourceStatus)}


def test_15_a_pause_that_outlived_the_restart_comes_from_ami() -> None:
    run = log(at(0, "NONE|q|Sam|PAUSE|Lunch"), at(50, "NONE|NONE|NONE|QUEUESTART|"))
    run.reducer.connected((T + 60) * S)
    sam = listed(
        {"Interface": "PJSIP/9", "MemberName": "Sam"}, Membership="dynamic", Paused=1, PausedReason="Lunch"
    )
    ami(*((60, m) for m in status(sam)), (64, join("1.1")), run=run)
    assert [s[2] for s in states(run) if s[1]] == ["paused", "ready", "paused"]
    log(at(70, "NONE|q|Sam|UNPAUSE|"), run=run)
    assert states(run)[-1] == ("Sam", "q", "ready", None)


def test_16_reloads_and_counters_set_to_zero_change_no_figure() -> None:
    before = status(listed(ANN), entry("1.1", 5), Completed=50, Abandoned=3)
    after = status(listed(ANN, LoginTime=T + 30), entry("1.1", 65))
    run = ami(
        (0, join("1.1")),
        *((5, m) for m in before),
        (30, event("Reload", Module="app_queue.so", Status=0)),
        *((65, m) for m in after),
        (80, member(ANN, "q", LoginTime=T + 30)),
    )
    assert [c.outcome for c in visits(run)] == [None]
    kinds = [r.kind for r in run.others if isinstance(r, SourceStatus)]
    assert kinds == ["whole", "note"]


def test_17_a_new_file_begins_with_configreload_and_that_is_nothing() -> None:
    run = log(at(0, "1.1|q|NONE|ENTERQUEUE||5|1"), at(9, "NONE|NONE|NONE|CONFIGRELOAD|"))
    assert [c.outcome for c in visits(run)] == [None]
    assert not run.rejects
    assert not run.reducer.own_events


def test_17_a_log_that_begins_in_the_middle_of_calls() -> None:
    run = log(
        at(10, "1.1|q|Ann|RINGNOANSWER|5000"),
        at(30, "1.1|q|Ann|CONNECT|25|2.1|4"),
        at(40, "1.1|q|Ann|COMPLETEAGENT|25|10|1"),
        at(41, "1.2|q|Bob|COMPLETECALLER|3|60|1"),
        at(42, "1.3|q|NONE|ABANDON|1|1|50"),
    )
    assert [(c.offered_at / S - T, c.wait_s, c.talk_s) for c in visits(run)] == [
        (5, 25, 10), (-22, 3, 60), (-8, 50, None),
    ]  # fmt: skip
    assert [c.answered_at for c in visits(run)] == [(T + 30) * S, (T - 19) * S, None]


def test_18_call_ids_are_text() -> None:
    run = log(
        at(0, "pbx-west-1795283000.8|q|NONE|ENTERQUEUE||5|1"),
        at(2, "pbx-west-1795283000.8|q|NONE|ABANDON|1|1|2"),
    )
    assert [c.call for c in visits(run)] == ["pbx-west-1795283000.8"]


def test_19_moments_are_epoch_whatever_the_zone() -> None:
    run = log(at(0, "1.1|q|NONE|ENTERQUEUE||5|1"))
    assert visits(run)[0].offered_at == T * S


def test_21_the_talk_ends_at_the_transfer() -> None:
    run = log(
        *(at(0, f"1.{n}|q|NONE|ENTERQUEUE||5|1") for n in range(4)),
        *(at(2, f"1.{n}|q|Ann|CONNECT|2|2.{n}|1") for n in range(4)),
        at(20, "1.0|q|Ann|BLINDTRANSFER|901|elsewhere|2|18|1"),
        at(20, "1.1|q|Ann|ATTENDEDTRANSFER|BRIDGE|c1f7ac78|2|18|1"),
        at(20, "1.2|q|Ann|ATTENDEDTRANSFER|APP|Queue|2|18|1"),
        at(20, "1.3|q|Ann|ATTENDEDTRANSFER|LINK|PJSIP/1-01|PJSIP/2-02|2|18|1"),
        at(3600, "1.0|q|Ann|COMPLETECALLER|2|3598|1"),  # none follows; if one did, it would change nothing
    )
    assert [(c.transfer, c.ended_by, c.talk_s, c.ended_at) for c in visits(run)] == [
        (kind, "transfer", 18, (T + 20) * S) for kind in ("blind", "attended", "attended", "attended")
    ]


def test_22_several_rings_without_an_answer_each_count() -> None:
    run = log(
        at(0, "1.1|q|NONE|ENTERQUEUE||5|1"),
        at(8, "1.1|q|Ann|RINGNOANSWER|8000"),
        at(8, "1.1|q|Bob|RINGNOANSWER|8000"),
        at(17, "1.1|q|Ann|RINGNOANSWER|8000"),
        at(18, "1.1|q|Bob|RINGNOANSWER|0"),
        at(19, "1.1|q|Bob|RINGCANCELED|900"),
        at(19, "1.1|q|NONE|ABANDON|1|1|19"),
    )
    assert [(o.agent, o.result, o.nth, o.ring_s) for o in run.offers.values()] == [
        ("Ann", "no_answer", 1, 8), ("Bob", "no_answer", 1, 8), ("Ann", "no_answer", 2, 8),
        ("Bob", "no_answer", 2, 0), ("Bob", "cancelled", 1, 0.9),
    ]  # fmt: skip
    assert all(o.started_at == o.ended_at for o in run.offers.values())  # nothing is back-dated


def test_22_when_all_phones_ring_only_one_has_answered_and_the_others_owe_nothing() -> None:
    run = ami(
        (0, join("1.1")),
        (0, event("AgentCalled", Uniqueid="1.1", Queue="q", **ANN)),
        (0, event("AgentCalled", Uniqueid="1.1", Queue="q", **BOB)),
        (3, event("QueueCallerLeave", Uniqueid="1.1", Queue="q")),
        (3, event("AgentConnect", Uniqueid="1.1", Queue="q", **BOB, HoldTime=3, RingTime=3)),
    )
    assert sorted((o.agent, o.result) for o in run.offers.values()) == [("Ann", "void"), ("Bob", "answered")]
    assert not run.ringing


def test_23_a_list_is_framed_by_its_action_id() -> None:
    first, second = status(entry("1.1", 5)), status(entry("1.2", 3))
    for item in second:
        item["ActionID"] = "y"
    mixed = [first[0], second[0], join("1.3"), second[1], first[1], first[2], second[2]]
    run = ami(*((10, m) for m in mixed))
    assert {c.call: c.offered_at / S - T for c in visits(run)} == {"1.1": 5, "1.2": 7, "1.3": 10}


def test_24_names_of_callers() -> None:
    run = ami(
        (0, join("1.1", CallerIDName='Acme \\"West\\", Ltd | Söhne')),
        (0, join("1.2", CallerIDName="<unknown>")),
        (
            0,
            event(
                "QueueCallerJoin",
                Uniqueid="1.3",
                Queue="q",
                CallerIDNum="anonymous",
                CallerIDName="\x1b[2J陈伟",
            ),
        ),
        (0, event("QueueCallerJoin", Uniqueid="1.4", Queue="q", CallerIDNum="<unknown>")),
    )
    assert [(c.caller, c.caller_name) for c in visits(run)] == [
        ("5551234", 'Acme \\"West\\", Ltd | Söhne'), ("5551234", None),
        ("anonymous", "[2J陈伟"), (None, None),
    ]  # fmt: skip
    run = log(
        at(0, "1.1|q|NONE|ENTERQUEUE||+49 89 1|2|Ravi | Shah"),
        at(0, "1.2|q|NONE|ENTERQUEUE||unknown|1|unknown"),
        at(0, "1.3|q|NONE|ENTERQUEUE|||1"),
    )
    assert [(c.caller, c.caller_name, c.position) for c in visits(run)] == [
        ("+49 89 1", "Ravi | Shah", 2), (None, None, 1), (None, None, 1),
    ]  # fmt: skip


def test_24_the_odd_names_that_a_real_asterisk_sent() -> None:
    run = Run(log=False)
    run.reducer.connected(T * S)
    for message in parse_answer((DATA / QUIRKS / "5-odd-names" / "ami.raw").read_bytes()):
        run.reducer.feed_message(message, 1_795_282_767 * S)
    run.take()
    assert len(run.contacts) == 5
    assert all(c.caller_name and c.caller_name.isprintable() for c in run.contacts.values())
    assert ("Pipe|Name, Jr", "support", "paused", "a|b, c & <d>") in states(run)
    assert isinstance(next(iter(run.states.values())), AgentState)
    assert not [o for o in run.offers.values() if isinstance(o, Offer)]
    assert not run.rejects

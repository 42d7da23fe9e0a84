"""What is encoded bit by bit, from frame to frame, says what plain JSON of the frame says."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ccboard.hub.encoding import Encoder, Encoders
from ccboard.snapshot import (
    AgentFigures,
    Interval,
    LogEntry,
    QueueFigures,
    Snapshot,
    Waiting,
    from_wire,
    to_wire,
)

words = st.sampled_from(["support", "Müller", "王", 'a"b', "\\", "", "é\u2028"])
perhaps = st.none() | words
numbers = st.integers(0, 3)


def agent(name: str, say: list[Any]) -> AgentFigures:
    state, state_s, paused_s, answered, queues, caller = say
    return AgentFigures(name, name, "team", state, 5, state_s, None, queues, answered, 1.5, 0, 0, paused_s,
                        "", caller, None)


rows = st.lists(st.tuples(
    st.sampled_from(["ready", "talking", None]), st.none() | numbers, numbers, numbers,
    st.lists(words, max_size=2).map(tuple), perhaps,
).map(list), max_size=4)
intervals = st.lists(st.tuples(perhaps, numbers, numbers), max_size=4)
frames = st.lists(st.tuples(rows, intervals, st.lists(words, max_size=3), st.booleans()),
                  min_size=1, max_size=6)

_ZEROS: dict[str, Any] = dict.fromkeys(QueueFigures._fields, 0)
TOTALS = QueueFigures(**(_ZEROS | {"queue": None, "agents": (0,) * 9, "levels": (("waiting", "warning"),)}))
EMPTY = Snapshot(as_of=1, live=True, name='Nord "1"', zone="UTC", day_start=0, interval_s=900, sources=(),
                 queues=(TOTALS._replace(queue="a"),), totals=TOTALS, agents=())


@settings(max_examples=60, deadline=None)
@given(frames)
def test_bit_by_bit_it_is_the_same_json(told: list[Any]) -> None:
    encoder, before = Encoder(), EMPTY
    known: dict[Any, Interval] = {}
    for seq, (people, arrived, texts, anew) in enumerate(told):
        there = tuple([known.setdefault(one, Interval(one[0], one[1], one[2], 0, 0, 0, None))
                       for one in arrived])
        now = replace(
            EMPTY, as_of=seq, notices=tuple(texts),
            agents=tuple([agent(f"A{n}", one) for n, one in enumerate(people)]),
            intervals=there if anew else before.intervals,
            log=tuple([LogEntry(seq, "note", "", text=text) for text in texts]) if anew else before.log,
            waiting=tuple([Waiting(text, 1, 2, None, None, 1, "c") for text in texts]),
        )
        for held in (None, before):
            said = json.loads(encoder.board(seq, now, held))
            assert said == json.loads(json.dumps(
                {"seq": seq, "partial": held is not None, "snapshot": to_wire(now, held)}))
            made = from_wire(said["snapshot"], held)
            if held is None or "agents" in said["snapshot"]:
                assert made == now
            else:  # only seconds ran on, or nothing
                assert minutes(made) == minutes(now)
        before = now


def minutes(snapshot: Snapshot) -> Snapshot:
    """Without the seconds in a state, and pauses in minutes: what a board shows of agents."""
    return replace(snapshot, agents=tuple(
        one._replace(state_s=one.state_s if one.since is None else None, paused_s=one.paused_s // 60)
        for one in snapshot.agents))


def test_seconds_that_run_on_are_no_news_and_all_else_is() -> None:
    one = agent("A1", ["ready", 0, 0, 1, (), None])._replace(since=5_000_000, state_s=10, paused_s=70)
    held = replace(EMPTY, agents=(one,))
    news = {"state_s": 11, "paused_s": 119, "label": "x", "since": 6_000_000, "answered": 8, "talk_s": 9.5,
            "level": "warning", "in_queue": "b", "reason": "lunch"}
    for field, value in news.items():
        sent = "agents" in to_wire(replace(held, agents=(one._replace(**{field: value}),)), held)
        assert sent is (field not in ("state_s", "paused_s")), field
    for changed in ((one._replace(paused_s=120),), (one, one), ()):
        assert "agents" in to_wire(replace(held, agents=changed), held)
    unsure = one._replace(since=None)
    assert "agents" in to_wire(replace(held, agents=(unsure._replace(state_s=11),)),
                               replace(held, agents=(unsure,)))


def test_each_sight_has_its_encoder_and_those_long_not_asked_go() -> None:
    encoders = Encoders()
    first = encoders.of("owner")
    for n in range(Encoders.MOST - 1):
        encoders.of(n)
    assert encoders.of("owner") is first
    for n in range(Encoders.MOST - 1):
        encoders.of(-n - 1)
    assert encoders.of("owner") is first
    for n in range(Encoders.MOST):
        encoders.of(f"more {n}")
    assert encoders.of("owner") is not first

"""Any stream in any batches: what a reader keeps equals, after every batch, what a fresh one reads.

Moments are drawn from where something turns: midnight, the look-back of a day, the frames of five minutes, T,
the seconds around them. So the same calls, agents and phones meet again and again: told twice, corrected,
late, of the future, out of order.
"""

import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from stores import S

from ccboard.config import Config
from ccboard.metrics import past
from ccboard.metrics.floor import Health, snapshot
from ccboard.records import AgentState, Batch, Contact, Offer, QueueKnown, Record, Reject, SourceStatus
from ccboard.store.store import Store

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 1_795_215_600 * S  # 2026-11-21 00:00 in Berlin
BEGINS = (DAY - 600 * S, DAY, DAY + 5 * 3600 * S, DAY + 86_400 * S - 120 * S)
"""Where the looks begin: before midnight and at it, in the small hours, at the day's end."""
STEPS = (0, 1, 4, 5, 6, 14, 15, 16, 19, 20, 21, 40, 41, 59, 60, 61, 299, 300, 301, 359, 360, 361, 900, 1799,
         1801)
CONFIGS = (
    Config.model_validate({
        "queues": {"b": {"wrap_up_s": 15, "label": "B"}, "c": {"threshold_s": 40}, "h": {"hide": True}},
        "agents": {"Zoe": {"interface": "P/3"}, "Eve": {"hide": True}},
    }),
    Config(interval_min=5, short_abandon_s=9),
    Config.model_validate({"only_queues": ["a", "b"], "business_day_start": "00:05",
                           "queues": {"b": {"project": "Q"}},
                           "projects": {"P": {"service_level": {"threshold_s": 40, "short_abandon_s": 16}},
                                        "Q": {"service_level": {"form": "sl.answered"}}}}),
)

sources = st.sampled_from(["pbx", "dialer"])
queues = st.sampled_from(["a", "b", "c", "h"])
agents = st.sampled_from(["Ann", "Bob", "P/3", "P/4", "Eve"])
seconds = st.sampled_from([*STEPS, 3.5, 0.25])


@st.composite
def moments(draw: st.DrawFn, begin: int) -> int:
    """A moment around the looks: a little before or after, a day before, or years away."""
    kind = draw(st.integers(0, 19))
    if kind == 0:
        return begin + draw(st.sampled_from([-86_400, -86_460, -90_000, -30 * 86_400, 86_400, 10**9])) * S
    if kind <= 3:
        return begin - 86_400 * S + draw(st.sampled_from(STEPS)) * S
    step = draw(st.sampled_from(STEPS)) * S + draw(st.sampled_from([0, 0, 250_000]))
    return begin + step if kind > 7 else begin - step


@st.composite
def contacts(draw: st.DrawFn, begin: int) -> Contact:
    """A visit as somebody tells it, likely or not."""
    offered = draw(moments(begin))
    answered = draw(st.none() | seconds.map(lambda s: offered + int(s * S)))
    ended = draw(st.none() | seconds.map(lambda s: (answered or offered) + int(s * S))
                 | moments(begin))
    outcomes: Any = ["answered", "answered", None] if answered is not None else [
        "abandoned", "abandoned", "timed_out", "lost", "unknown", "left_empty", "answered", "withdrawn"]
    return Contact(
        source=draw(sources), call=draw(st.sampled_from(["c1", "c2", "c3"])), queue=draw(queues),
        nth=draw(st.integers(1, 2)), version=draw(st.integers(1, 4)), offered_at=offered,
        answered_at=answered, ended_at=ended,
        outcome=draw(st.sampled_from(outcomes)) if ended or answered else None,
        agent=draw(st.none() | agents), position=draw(st.integers(1, 2)),
        wait_s=draw(st.none() | seconds), talk_s=draw(st.none() | seconds), hold_s=draw(st.none() | seconds),
        wrap_s=draw(st.none() | seconds), caller=draw(st.sampled_from(["*1", "*2", None])),
        caller_key=draw(st.sampled_from([None, "k1", "k2"])),
        project=draw(st.sampled_from([None, None, "P", "Q", "R"])),
    )


@st.composite
def offers(draw: st.DrawFn, begin: int) -> Offer:
    """A phone that rings or rang."""
    started = draw(moments(begin))
    result: Any = draw(st.sampled_from([None, None, "answered", "no_answer", "busy", "cancelled", "void"]))
    ended = None if result is None else draw(
        seconds.map(lambda s: started + int(s * S)) | moments(begin).map(lambda at: max(at, started)))
    return Offer(source=draw(sources), call=draw(st.sampled_from(["c1", "c2"])), queue=draw(queues),
                 agent=draw(agents), nth=draw(st.integers(1, 2)), started_at=started, ended_at=ended,
                 result=result)


@st.composite
def states(draw: st.DrawFn, begin: int) -> AgentState:
    """A state of an agent or an interface; now and then a tie between the two."""
    who = draw(agents)
    tie = draw(st.integers(0, 9)) == 0
    return AgentState(
        source=draw(sources), agent="" if who[0] == "P" and not tie else who, at=draw(moments(begin)),
        seq=draw(st.integers(0, 1)), interface=who if who[0] == "P" else "P/4" if tie else None,
        queue=draw(st.none() | queues), reason=draw(st.sampled_from([None, "tea"])),
        state=draw(st.sampled_from(["ready", "paused", "paused", "offline", "busy", "hold", "unknown",
                                    "wrap_up", "ringing"])),
        team=draw(st.sampled_from([None, "one", "two"])),
    )


@st.composite
def said(draw: st.DrawFn, begin: int) -> Record:
    """What a source says of itself and its queues."""
    at = draw(moments(begin))
    if draw(st.integers(0, 4)) == 0:
        return QueueKnown(source=draw(sources), queue=draw(st.sampled_from(["a", "b", "quiet"])), at=at,
                          wrap_up_s=draw(st.none() | seconds), project=draw(st.sampled_from([None, "P"])))
    kind: Any = draw(st.sampled_from(["alive", "alive", "gap", "failed", "restart", "note", "whole"]))
    until = draw(st.none() | seconds.map(lambda s: at + int(s * S)))
    return SourceStatus(source=draw(sources), at=at, kind=kind, until=until,
                        text=draw(st.sampled_from([None, "words"])))


@st.composite
def floors(draw: st.DrawFn) -> tuple[int, list[tuple[Any, ...]]]:
    """Where it begins, and rounds: what comes, in one batch or none, and then from when the floor is seen."""
    begin = draw(st.sampled_from(BEGINS))
    anything = st.one_of(contacts(begin), contacts(begin), offers(begin), states(begin), said(begin))
    told = draw(st.lists(anything, min_size=4, max_size=40))
    rounds = []
    for _ in range(draw(st.integers(3, 9))):
        batch = draw(st.lists(st.sampled_from(told), max_size=14))
        step = draw(st.sampled_from(STEPS)) * S + draw(st.sampled_from([0, 0, 0, 250_000]))
        back = draw(st.sampled_from([0] * 16 + [1, 20, 300, 4000, 86_400]))
        rounds.append((tuple(batch), step, back * S, draw(st.integers(0, 19)), draw(st.booleans())))
    return begin, rounds


def follow(now: int, rounds: list[tuple[Any, ...]], which: int) -> None:
    """Look after every batch, with one reader and with a fresh one."""
    config = CONFIGS[which]
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "x.duckdb") as made:
        for source in ("pbx", "dialer"):
            made.register(source, "test", 60.0, frozenset({"hold"} if source == "pbx" else ()))
        reader = made.reader()
        for at in (now - S, now):  # the second look is what keeps
            snapshot(reader, at, config, BERLIN)
        for n, (batch, step, back, chance, live) in enumerate(rounds):
            now += step
            if batch or chance == 1:
                rejects = (Reject(f"line {n}", "odd", "text"),) if chance == 1 else ()
                made.apply(Batch("pbx", batch, str(n), rejects))
            if chance == 2:  # the configuration is read again, with something else in it
                which += 1
                config = CONFIGS[which % len(CONFIGS)]
            if chance == 3:  # another process's file, as it were: opened again
                made.reopen(made.new_cursor()[1])
            if chance == 4:
                made.register("dialer", "test", 5.0, frozenset({"hold"}))
            if chance in (5, 6):
                continue  # two batches between two looks
            at = now - back
            health = {"pbx": Health(at - chance * 20 * S, None, (), n, 0, ())}
            seen = snapshot(reader, at, config, BERLIN, live=live, health=health)
            known = past.of(made)
            for frames in (past.of(made), past.Frames()):  # those of the store, and none
                fresh, past.OF[made] = made.reader(), frames
                assert seen == snapshot(fresh, at, config, BERLIN, live=live, health=health)
                fresh.close()
            past.OF[made] = known


A_FIRST_OFFER = Offer(source="pbx", call="c1", queue="a", agent="Ann", nth=1, started_at=1_795_128_600 * S)
"""Until it came no source had told of agents: of queues without any the number was unknown, then zero."""


@given(floors(), st.integers(0, len(CONFIGS) - 1))
@example((1_795_215_000 * S, [*[((), 0, 0, 0, False)] * 2, ((A_FIRST_OFFER,), 0, 0, 0, False)]), 0)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_after_every_batch_the_figures_are_those_read_anew(
        floor: tuple[int, list[tuple[Any, ...]]], which: int) -> None:
    follow(*floor, which)

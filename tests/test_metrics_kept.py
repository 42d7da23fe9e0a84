"""What a reader keeps never shows: it sees what a fresh one sees, whatever comes and is looked at when.

The stories are told as live sources tell them: a call again and again while it goes on, mostly in order.
Some of it comes late, some is corrected, some is of the future. The looks go forward as a board's do, and
jump.
"""

import random
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stores import S

from ccboard.config import Config
from ccboard.metrics.floor import Health, snapshot
from ccboard.metrics.kept import Kept
from ccboard.records import AgentState, Batch, Contact, Offer, QueueKnown, Record, Reject, SourceStatus
from ccboard.store.store import Store

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 1_795_215_600 * S  # 2026-11-21 00:00 in Berlin
QUEUES = ("a", "b", "c", "hidden")
AGENTS = ("Ann", "Bob", "P/3", "P/4", "Eve")
CONFIGS = (
    Config.model_validate({
        "queues": {"b": {"wrap_up_s": 15, "label": "B"}, "c": {"threshold_s": 40}, "hidden": {"hide": True}},
        "agents": {"Zoe": {"interface": "P/3"}, "Eve": {"hide": True}},
    }),
    Config(interval_min=5, short_abandon_s=9),
    Config.model_validate({
        "service_level": {"form": "sl.abandoned_ignored", "after_hours": "left_out",
                          "open": ["fri-sat 23:10-00:40"]},
        "queues": {"b": {"service_level": {"cohort": "end"}},
                   "c": {"project": "Q", "service_level": {"form": "sl.queue_now"}}},
        "projects": {"P": {"service_level": {"threshold_s": 35, "cohort": "end", "short_abandon_s": 20}},
                     "Q": {"service_level": {"threshold_s": 50, "form": "sl.answered"}}},
    }),
)


def call(say: random.Random, n: int, at: int) -> list[tuple[int, Record]]:
    """One call as it was told, each record with the moment at which it was."""
    source, queue = say.choice(["pbx", "pbx", "dialer"]), say.choice(QUEUES)
    one: dict[str, Any] = {
        "source": source, "call": f"c{n % 60}", "queue": queue, "nth": n // 60 + 1, "offered_at": at,
        "caller": f"*{n % 9}", "caller_key": say.choice([None, *(f"k{k}" for k in range(6))]),
        "project": say.choice([None, None, "P", "Q", "R"]),
    }
    told: list[tuple[int, Record]] = [(at, Contact(**one))]
    agent, wait = say.choice(AGENTS), say.choice([say.randint(0, 60), say.random() * 30])
    answer = at + int(wait * S)
    ring = {"source": source, "call": one["call"], "queue": queue, "agent": agent}
    rings = max(at, answer - say.randint(0, 9) * S)
    if say.random() < 0.7:
        told.append((rings, Offer(**ring, started_at=rings)))
        result = say.choice(["answered", "no_answer", "busy", "cancelled", "void"])
        told.append((answer, Offer(**ring, started_at=say.choice([rings, answer]), ended_at=answer, nth=n,
                                   result=result)))  # type: ignore[arg-type]
    if say.random() < 0.7:
        one |= {"answered_at": answer, "outcome": "answered", "agent": agent, "wait_s": wait}
        told.append((answer, Contact(**one, version=2)))
        if say.random() < 0.9:
            talk = say.choice([None, say.randint(1, 900), say.random() * 200])
            one |= {"ended_at": answer + int((talk or 50) * S), "talk_s": talk}
            one |= {"hold_s": say.choice([None, 2.5])}
            told.append((one["ended_at"], Contact(**one, version=3)))
    elif say.random() < 0.9:
        outcome = say.choice(["abandoned", "abandoned", "timed_out", "lost", "unknown", "left_empty"])
        one |= {"ended_at": answer, "wait_s": say.choice([wait, None]), "outcome": outcome}
        told.append((answer, Contact(**one, version=3)))
    if say.random() < 0.2:  # corrected: by a second log, an hour later by hand, or at once
        one |= say.choice([  # type: ignore[arg-type]
            {"agent": say.choice(AGENTS)}, {"wait_s": 3.25}, {"caller_key": "k1"}, {"queue": one["queue"]},
            {"ended_at": answer + 5 * S, "outcome": "abandoned", "answered_at": None},
            {"ended_at": None, "outcome": None, "answered_at": None}, {"offered_at": at - 30 * S},
            {"answered_at": answer - S}, {"talk_s": 7}, {"project": "P"},
        ])
        told.append((answer + say.choice([1, 90, 600, 5400]) * S, Contact(**one, version=4)))
    return told


def story(say: random.Random, begin: int, hours: float, calls: int) -> list[tuple[int, Record]]:
    """A floor's records with the moments at which they are told."""
    span = int(hours * 3600) * S
    told: list[tuple[int, Record]] = []
    for n in range(calls):
        told += call(say, n, begin + say.randrange(span))
    for n in range(calls):
        who = say.choice(AGENTS)
        at = begin + say.randrange(span)
        told.append((at, AgentState(
            source=say.choice(["pbx", "dialer"]), agent="" if who[0] == "P" else who, at=at, seq=n % 3,
            interface=who if who[0] == "P" else None, queue=say.choice([*QUEUES, None]),
            state=say.choice(["ready", "paused", "offline", "busy", "hold"]),
            reason=say.choice([None, "tea"]), team=say.choice([None, "one", "two"]),
        )))
    for _ in range(12):
        at = begin + say.randrange(span)
        told.append((at, SourceStatus(
            source=say.choice(["pbx", "dialer"]), at=at,
            kind=say.choice(["gap", "failed", "restart", "note", "whole"]),
            until=say.choice([None, at + 300 * S]), text=say.choice([None, "words"]))))
    for n in range(int(hours * 60)):
        at = begin + n * 60 * S
        if say.random() < 0.8:
            source = say.choice(["pbx", "dialer"])
            told.append((at, SourceStatus(source=source, at=at - 60 * S, kind="alive", until=at)))
    told.append((begin, QueueKnown(source="pbx", queue="quiet", at=begin)))
    at = begin + span // 2
    told += [(at, QueueKnown(source="pbx", queue="a", at=at, wrap_up_s=9, project="P")),
             (at, AgentState(source="pbx", agent="Max", interface="P/4", at=at, state="ready"))]
    late = [(at + say.choice([0] * 12 + [2, 45, 400, 4000]) * S, record) for at, record in told]
    return sorted(late, key=lambda one: one[0])


@pytest.mark.parametrize("seed", range(len(CONFIGS)))
def test_kept_figures_are_those_of_a_fresh_reader(tmp_path: Path, seed: int,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    say = random.Random(seed)
    read_anew: list[int] = []
    read = Kept._read
    monkeypatch.setattr(Kept, "_read", lambda kept, scope: (read_anew.append(1), read(kept, scope)))
    begin = DAY - say.choice([1, 3]) * 3600 * S // 2
    told = story(say, begin, 1.0, 80)
    config, looks = CONFIGS[seed], 0
    with Store.open(tmp_path / "x.duckdb") as made:
        for source in ("pbx", "dialer"):
            made.register(source, "test", 60.0, frozenset({"hold"}))
        reader = made.reader()
        now = begin
        while told or looks < 25:
            now += say.choice([0, 1, 5, 20, 60, 400]) * S + say.choice([0, 250_000])
            due = [record for at, record in told if at <= now]
            told = told[len(due):]
            if due:
                rejects = (Reject(f"line {now}", "odd", "text"),) if say.random() < 0.1 else ()
                made.apply(Batch("pbx", tuple(due), str(now), rejects))
            if say.random() < 0.5:
                snapshot(reader, now, config, BERLIN)  # goes on with what is kept, unseen
            if say.random() < 0.8 and told:
                continue  # a fresh reader's look costs ten times what the rest of a round does
            looks += 1
            at = now - say.choice([0] * 9 + [1, 7, 400, 3000, -60, -900]) * S
            live = say.random() < 0.5
            health = {"pbx": Health(at - say.choice([1, 400]) * S, None, (), 5, 0, ())}
            seen = snapshot(reader, at, config, BERLIN, live=live, health=health)
            fresh = made.reader()
            assert seen == snapshot(fresh, at, config, BERLIN, live=live, health=health), (looks, at)
            fresh.close()
        seen = snapshot(reader, now, config, BERLIN)
    assert len(read_anew) < 3 * looks  # one by each fresh reader, and mostly none by the other
    with Store.open(tmp_path / "x.duckdb") as made:
        assert snapshot(made.reader(), now, config, BERLIN) == seen

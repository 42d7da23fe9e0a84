"""The last states of before a day are those that going through all of them finds, whatever was told when."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stores import UTC, S

from ccboard.config import Config
from ccboard.metrics import past
from ccboard.metrics.scope import Scope
from ccboard.records import AgentState, Batch
from ccboard.store.rows import Row, stamp
from ccboard.store.store import Store

DAY = 86_400 * S
LAST = 20_780 * DAY  # 2026-11-23 00:00 UTC
CONFIG = Config.model_validate({"queues": {"hidden": {"hide": True}}})


def plain(told: list[AgentState], day: int) -> list[Row]:
    """Return the last row of each agent, interface and queue of before a day, by going through all."""
    found: dict[Any, AgentState] = {}
    teams: dict[Any, str] = {}
    for one in sorted(told, key=lambda one: (one.at, one.seq, one.state)):
        if one.at < day and one.queue != "hidden":
            key = (one.source, one.agent, one.interface, one.queue)
            found[key] = one
            if one.team:
                teams[key] = one.team
    return [(*key, stamp(one.at), one.state, one.seq, one.reason, teams.get(key))
            for key, one in found.items()]


def told(say: random.Random, n: int, since: int, until: int) -> list[AgentState]:
    """Return states at random moments; of some keys two at the same: the higher number counts."""
    found = [AgentState(
        source="pbx", agent=say.choice(["Ann", "Bob", ""]), interface=say.choice([None, "P/1", "P/2"]),
        queue=say.choice([None, "a", "b", "hidden"]),
        at=say.randrange(since, until) * 1000 + n * 1000 + number,
        state=say.choice(["ready", "paused", "offline"]), reason=say.choice([None, "tea"]),
        team=say.choice([None, None, "one", "two"]),
    ) for number in range(n)]
    again = [replace(one, seq=say.choice([-1, 3]), state=say.choice(["ready", "busy"]))
             for one in found if not say.randrange(4)]
    return [*found, *again]


@pytest.mark.parametrize("seed", range(3))
def test_frames_of_a_long_history(tmp_path: Path, seed: int) -> None:
    say = random.Random(seed)
    with Store.open(tmp_path / "x.duckdb") as made:
        reader = made.reader()
        all_told: list[AgentState] = []

        def come(states: list[AgentState]) -> None:
            all_told.extend(states)
            made.apply(Batch("pbx", tuple(states), str(len(all_told))))

        def look(day: int) -> None:
            scope = Scope(reader, day + 3600 * S, CONFIG, UTC)
            seen = reader.consistent(lambda: past.of(made).before(scope, made.pin(reader).revision))
            assert sorted(seen, key=repr) == sorted(plain(all_told, day), key=repr)

        millisecond = S // 1000
        begin = LAST - say.choice([3, 100, 700]) * DAY
        come(told(say, 300, begin // millisecond, LAST // millisecond))
        come([AgentState(source="pbx", agent="Old", at=say.choice([0, 5, 10**15]), state="ready")])
        for _ in range(40):
            if say.random() < 0.4:
                first = say.choice([begin, LAST - 20 * DAY, LAST - DAY]) // millisecond
                come(told(say, say.randint(1, 5), first, (LAST + 3 * DAY) // millisecond))
            if say.random() < 0.1:  # a correction: the same key and moment, another state
                one = say.choice(all_told[:300])
                all_told.remove(one)
                come([AgentState(source=one.source, agent=one.agent, interface=one.interface, queue=one.queue,
                                 at=one.at, seq=one.seq, state="busy")])
            if say.random() < 0.1:
                made.reopen(made.new_cursor()[1])
            look(LAST + say.choice([0, 0, -1, -15, -30, -90, -400, -4000, 40]) * DAY)


def test_a_reader_who_began_earlier_does_not_see_what_came_since(tmp_path: Path) -> None:
    states = [AgentState(source="pbx", agent="Ann", at=LAST - 40 * DAY, state="ready"),
              AgentState(source="pbx", agent="Ann", at=LAST - 39 * DAY, state="offline")]
    with Store.open(tmp_path / "x.duckdb") as made:
        made.apply(Batch("pbx", (states[0],), "1"))
        early, late = made.reader(), made.reader()

        def look(reader: Any, revision: int) -> list[Row]:
            return past.of(made).before(Scope(reader, LAST, CONFIG, UTC), revision)

        def both() -> tuple[list[Row], list[Row]]:
            revision = made.pin(early).revision
            made.apply(Batch("pbx", (states[1],), "2"))
            there = late.consistent(lambda: look(late, made.pin(late).revision))
            return there, look(early, revision)

        there, here = early.consistent(both)
        assert there == plain(states, LAST)
        assert here == plain(states[:1], LAST)

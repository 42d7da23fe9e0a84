"""Recordings of real Asterisks through reducer and store: the figures are those of expected.json, exactly."""

from collections.abc import Iterator
from typing import Any

import pytest
from recordings import QUIRKS, WHOLE, expected, from_log
from stores import agent, floor, queue, store

from ccboard.config import Config
from ccboard.records import Batch, Record, SourceStatus
from ccboard.snapshot import Snapshot
from ccboard.store.store import Store

S = 1_000_000
OWN = Config.model_validate({"queues": {
    "sales": {"threshold_s": 30}, "support": {"threshold_s": 20}, "vip": {"threshold_s": 10},
}})


def records(name: str) -> list[Record]:
    run = from_log(name)
    found = expected(name)
    alive = SourceStatus(source="pbx", at=found["from_epoch"] * S, kind="alive",
                         until=(found["to_epoch"] + 1) * S)
    return [*run.contacts.values(), *run.offers.values(), *run.ringing.values(), *run.states.values(),
            *run.others, alive]


@pytest.fixture(scope="module", params=[*WHOLE, QUIRKS])
def recorded(request: Any, tmp_path_factory: Any) -> Iterator[tuple[str, Store]]:
    made = store(tmp_path_factory.mktemp("recorded"), records(request.param), promise_s=0.0)
    yield request.param, made
    made.close()


def at_end(recorded: tuple[str, Store], config: Config | None = None) -> tuple[dict[str, Any], Snapshot]:
    name, made = recorded
    found = expected(name)
    return found, floor(made, (found["to_epoch"] + 1) * S, config)


def two(ratio: float | None) -> float:
    assert ratio is not None
    return round(ratio, 2)


def test_every_queue_figure(recorded: tuple[str, Store]) -> None:
    found, seen = at_end(recorded)
    assert [row.queue for row in seen.queues] == sorted(set(found["queues"]) - {"*"})
    for name, want in found["queues"].items():
        row = seen.totals if name == "*" else queue(seen, name)
        for ours, theirs in (
            ("offered", "offered"), ("answered", "answered"), ("abandoned", "abandoned"),
            ("timed_out", "timed_out"), ("left_by_key", "left_by_key"), ("left_empty", "left_empty"),
            ("withdrawn", "withdrawn"), ("lost", "lost"), ("short_abandoned", "abandoned_under_5s"),
            ("answered_in_time", "answered_within_20s"), ("waiting", "open"),
        ):
            assert getattr(row, ours) == want[theirs], (name, ours)
        assert two(100 * (row.service_level or 0)) == want["sl20_of_offered_pct"], name
        assert two(100 * (row.abandon_rate or 0)) == want["abandon_rate_pct"], name
        assert two(row.asa_s) == want["asa_s"], name
        assert two(row.aht_s) == want["aht_talk_s"], name
        assert row.longest_wait_today_s == want["longest_wait_any_s"], name
        assert row.refused is None
    assert seen.totals.calls == found["calls"]
    assert seen.totals.offered == found["visits"]


def test_service_level_at_each_queues_own_threshold(recorded: tuple[str, Store]) -> None:
    found, seen = at_end(recorded, OWN)
    for name, want in found["queues"].items():
        row = seen.totals if name == "*" else queue(seen, name)
        assert two(100 * (row.service_level or 0)) == want["sl_own_threshold_of_offered_pct"], name
        if name != "*":
            assert row.threshold_s == want["own_threshold_s"]
    assert seen.totals.threshold_s is None


def test_every_agent_figure(recorded: tuple[str, Store]) -> None:
    found, seen = at_end(recorded)
    assert [row.agent for row in seen.agents] == sorted(found["agents"])
    for name, want in found["agents"].items():
        row = agent(seen, name)
        assert row.answered == want["calls"], name
        assert row.talk_s == want["talk_s"], name
        assert row.ring_no_answer == want["rna"], name
        assert row.ring_cancelled == want["ring_canceled"], name


def test_pauses(recorded: tuple[str, Store]) -> None:
    """paused_s of expected.json runs to the log's last second."""
    name, made = recorded
    found = expected(name)
    seen = floor(made, found["to_epoch"] * S)
    for who, want in found["agents"].items():
        assert agent(seen, who).paused_s == want["paused_s_any_queue"], who


def test_arrivals_by_minute_add_up(recorded: tuple[str, Store]) -> None:
    found, seen = at_end(recorded, Config(interval_min=5))
    for name, want in found["queues"].items():
        mine = [one for one in seen.intervals if one.queue == (None if name == "*" else name)]
        assert sum(one.offered for one in mine) == want["offered"]
        assert sum(one.answered for one in mine) == want["answered"]
        assert sum(one.abandoned for one in mine) == want["abandoned"]
        assert sum(one.answered_in_time for one in mine) == want["answered_within_20s"]


def test_in_any_pieces_and_twice_the_store_says_the_same(recorded: tuple[str, Store], tmp_path: Any) -> None:
    name, made = recorded
    found = expected(name)
    everything = records(name)
    with Store.open(tmp_path / "again.duckdb") as again:
        again.register("pbx", "test", 0.0, frozenset())
        for _round in range(2):
            for start in range(0, len(everything), 211):
                again.apply(Batch("pbx", tuple(everything[start : start + 211]), cursor=str(start)))
        for part in range(1, 9):
            at = (found["from_epoch"] + found["seconds"] * part // 8) * S
            one, two_ = floor(again, at), floor(made, at)
            assert one.queues == two_.queues
            assert one.totals == two_.totals
            assert one.agents == two_.agents
            assert one.waiting == two_.waiting
            assert one.log == two_.log
            assert one.intervals == two_.intervals

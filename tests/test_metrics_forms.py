"""The board has the service level of the configured definition: what ``ccboard figures`` says, any moment."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from simulated import MONDAY, ZONE, simulation
from stores import UTC, S, floor, queue, store
from worked_example import EXPECTED, START, visits

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.figures import public
from ccboard.kpis.levels import FORMS
from ccboard.metrics.floor import snapshot
from ccboard.records import Batch, Contact
from ccboard.store.store import Store

ELSE: dict[str, dict[str, Any]] = {
    "genesys without short abandons": {"form": "sl.composed", "counts": ["abandoned"]},
    "flowed out": {"form": "sl.composed", "counts": ["abandoned", "short_abandoned", "flowed_out"]},
    "time-outs left out": {"time_outs": "left_out", "overflow": "left_out"},
    "by key": {"left_by_key": "left_out"},
    "callback by key": {"form": "sl.removed", "left_by_key": "callback"},
    "open in the morning": {"after_hours": "left_out", "open": ["mon-fri 08:10-08:40", "sat 22:00-02:00"]},
    "by end": {"cohort": "end"},
}
LEVELS: dict[str, dict[str, Any]] = {form.id: {"form": form.id} for form in FORMS} | ELSE


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, int]]:
    """A store of the simulated centre's Monday up to 09:00."""
    sim = simulation(agents=20)
    end = sim.midnight(MONDAY) + 9 * 3600 * SECOND
    made = store(tmp_path_factory.mktemp("morning"), sim.make_day(MONDAY).advance(end))
    yield made, end
    made.close()


def levels(made: Store, config: Config, at: int, by: str) -> dict[Any, Any]:
    """Return the service level as ``ccboard figures`` has it: the second method."""
    reader = made.reader()
    words = {"kpi": "service_level", "by": by, "as_of": public.moment(at)}
    rows = public.tabled(reader, words, config, ZONE, at)["rows"]
    reader.close()
    return {tuple(row[name] for name in by.split(",") if name): row["service_level"] for row in rows}


def equal(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else abs(one - other) < 1e-12


@pytest.mark.parametrize("name", LEVELS)
def test_the_board_says_what_figures_say(morning: tuple[Store, int], name: str) -> None:
    made, end = morning
    config = Config.model_validate({"service_level": LEVELS[name]})
    reader = made.reader()
    for at in (end - 50 * 60 * SECOND, end - 50 * 60 * SECOND + 7 * SECOND, end - 1800 * SECOND, end):
        seen = snapshot(reader, at, config, ZONE)  # the same reader: it goes on with what it keeps
        found = levels(made, config, at, "queue")
        for row in seen.queues:
            assert equal(row.service_level, found.get((row.queue,))), (row.queue, at)
        assert equal(seen.totals.service_level, levels(made, config, at, "")[()])
        of_intervals = levels(made, config, at, "queue,interval")
        shown = {(one.queue, public.moment(one.start)[:16]): one.service_level
                 for one in seen.intervals if one.queue is not None}
        for (name_, begin), level in of_intervals.items():
            key = (name_, datetime.fromisoformat(begin).astimezone(UTC).isoformat()[:16])
            if key in shown:
                assert equal(shown[key], level), (key, at)
        assert len(shown) > 5
    reader.close()


def test_queues_with_definitions_of_their_own_add_up(morning: tuple[Store, int]) -> None:
    made, end = morning
    config = Config.model_validate({
        "service_level": {"preset": "90/15"},
        "queues": {"sales": {"service_level": {"form": "sl.answered"}},
                   "vip": {"threshold_s": 60, "service_level": {"time_outs": "left_out"}}},
    })
    reader = made.reader()
    for at in (end - 1200 * SECOND, end - 900 * SECOND, end):
        seen = snapshot(reader, at, config, ZONE)
        found = levels(made, config, at, "queue")
        for row in seen.queues:
            assert equal(row.service_level, found[(row.queue,)]), row.queue
        assert equal(seen.totals.service_level, levels(made, config, at, "")[()])
        assert {row.queue: row.definition for row in seen.queues} == {
            "sales": "sl.answered", "support": "", "vip": "sl.offered*", "售后": ""}
        assert seen.totals.definition == "mixed"
    reader.close()


@pytest.mark.parametrize("form", list(EXPECTED))
def test_the_worked_example_on_the_board(tmp_path: Path, form: str) -> None:
    made = store(tmp_path, visits())
    config = Config.model_validate({"service_level": {"form": form}})
    seen = floor(made, START + 2000 * S, config, UTC)
    made.close()
    assert equal(queue(seen, "support").service_level, EXPECTED[form])
    assert queue(seen, "support").definition == ("" if form == "sl.offered" else form)


def test_a_callback_and_what_is_told_later(tmp_path: Path) -> None:
    """What is kept goes on as visits change: by the hand-worked formula of sl.removed."""
    config = Config.model_validate({
        "service_level": {"form": "sl.removed", "left_by_key": "callback", "callbacks": "left_out"}})

    def visit(call: str, version: int, **said: Any) -> Contact:
        return Contact(source="pbx", call=call, queue="q", offered_at=START, version=version, **said)

    made = store(tmp_path, [visit("a", 1), visit("b", 1), visit("c", 1), visit("d", 1, channel="callback")])
    reader = made.reader()

    def level(after_s: int) -> float | None:
        return snapshot(reader, START + after_s * S, config, UTC).totals.service_level

    assert level(10) is None  # three wait, no longer than T; the callback does not count
    made.apply(Batch("pbx", (visit("a", 2, ended_at=START + 12 * S, outcome="left_by_key", wait_s=12),)))
    assert level(13) == 1 / 1  # who asked for a callback within T
    assert level(21) == 1 / 3  # the two others are late
    made.apply(Batch("pbx", (visit("b", 2, ended_at=START + 15 * S, outcome="abandoned", wait_s=15),)))
    assert level(22) == 2 / 3  # one had gone within T, as is told only now
    made.apply(Batch("pbx", (visit("c", 2, answered_at=START + 23 * S, wait_s=23, agent="Ann"),)))
    assert level(24) == 2 / 3
    made.close()


def test_nothing_is_kept_for_the_default_form(morning: tuple[Store, int]) -> None:
    from ccboard.metrics.forms import Forms
    from ccboard.metrics.scope import Scope

    made, end = morning
    reader = made.reader()
    config = Config.model_validate(
        {"service_level": {"threshold_s": 5}, "queues": {"vip": {"threshold_s": 9, "target": 0.5}}})
    assert not Forms(Scope(reader, end, config, ZONE)).on
    reader.close()

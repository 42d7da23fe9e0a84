"""Before any source has told anything nobody knows of any call: null and a dash, not zero."""

from dataclasses import replace
from pathlib import Path

from board_floor import floor as board_floor
from board_pilot import run, settle, shown
from stores import UTC, S, floor, store

from ccboard.config import Config
from ccboard.figures import public
from ccboard.metrics.floor import Health, snapshot
from ccboard.records import Contact
from ccboard.snapshot import COUNTED, to_public
from ccboard.store.store import Store
from widgets.queue_table import QueueTable

NOON = 1_795_089_600 * S


def live(folder: Path, health: dict[str, Health]) -> dict[str, object]:
    with Store.open(folder / "x.duckdb") as made:
        made.register("pbx", "asterisk", 5.0, frozenset())
        reader = made.reader()
        config = Config.model_validate({"queues": {"q": {}}})
        seen = snapshot(reader, NOON, config, UTC, live=True, health=health)
        reader.close()
    return to_public(seen)


def test_counts_are_null_until_a_source_has_told_something(tmp_path):
    for row in (live(tmp_path, {})["totals"], live(tmp_path, {})["queues"][0]):  # type: ignore[index]
        assert {row[name] for name in (*COUNTED, "service_level")} == {None}  # type: ignore[index]


def test_a_source_that_answered_and_has_no_calls_tells_of_none(tmp_path):
    row = live(tmp_path, {"pbx": Health(NOON - S)})["totals"]
    assert (row["offered"], row["answered"], row["waiting"]) == (0, 0, 0)  # type: ignore[index]


def test_how_many_were_in_time_is_unknown_where_no_wait_is(tmp_path):
    def call(name: str, wait: float | None) -> Contact:
        return Contact(source="pbx", call=name, queue="q", offered_at=NOON, answered_at=NOON + 9 * S,
                       ended_at=NOON + 60 * S, wait_s=wait, outcome="answered", agent="Ann")

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with store(tmp_path / "a", [call("1", None), call("2", None)], promise_s=0) as made:
        none = to_public(floor(made, NOON + 100 * S))["totals"]
    with store(tmp_path / "b", [call("1", None), call("2", 9)], promise_s=0) as made:
        one = to_public(floor(made, NOON + 100 * S))["totals"]
    assert (none["offered"], none["answered_in_time"], none["service_level"]) == (2, None, None)
    assert (one["offered"], one["answered_in_time"], one["service_level"]) == (2, 1, 1.0)


def test_figures_of_an_empty_store_are_unknown_and_say_so(tmp_path):
    with store(tmp_path) as made:
        said = public.tabled(made.reader(), {"kpi": "offered,callers"}, Config(), UTC, NOON)
    assert said["rows"] == [{"offered": None, "callers": None}]
    assert said["notes"] == ["nothing is known yet: no source has told of anything"]


def test_the_board_shows_a_dash_until_then() -> None:
    async def check() -> None:
        sources = tuple(one._replace(age_s=None, state="stale") for one in board_floor().sources)
        nothing = board_floor().totals._replace(offered=0, answered=0, abandoned=0)
        async with shown((120, 40), replace(board_floor(), sources=sources, totals=nothing)) as (app, pilot):
            table = app.board.query_one("#queues", QueueTable)
            assert [table.text_of(column, nothing) for column in ("offered", "abandoned")] == ["–", "–"]
            app.take(replace(board_floor(), totals=nothing, as_of=board_floor().as_of + S))
            await settle(app, pilot)
            app.advance(1)
            await settle(app, pilot)
            assert [table.text_of(column, nothing) for column in ("offered", "abandoned")] == ["0", "0"]

    run(check())

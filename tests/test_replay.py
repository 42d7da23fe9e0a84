"""The past as it was: a live day replayed gives what it gave live; the command plays hubs and stores."""

import json
from pathlib import Path
from typing import Any

import pytest
from hub_process import Bench
from scripted_hub import MONDAY as NOW
from scripted_hub import answer, scripted_hub
from scripted_hub import floor as scripted_floor
from simulated import MONDAY, ZONE, simulation
from stores import UTC, store
from worked_example import visits

from ccboard.board.answers import HubAnswers
from ccboard.cli import main
from ccboard.client import Address
from ccboard.clock import SECOND, SystemClock
from ccboard.commands.replay_store import StoreAnswers
from ccboard.config import Config
from ccboard.errors import HubError, UsageError
from ccboard.metrics.floor import snapshot
from ccboard.metrics.sources import Health
from ccboard.records import Batch, SourceStatus
from ccboard.snapshot import QueueFigures, from_wire, to_public, to_wire
from ccboard.store.store import Store


def wire(made: Any) -> Any:
    """Return the form that boards get, as it arrives, less what only the collector knows of a source now."""
    said = json.loads(json.dumps(to_wire(made)))
    said.pop("live")
    said["sources"] = [source[:2] for source in said["sources"]]
    for queue in (*said["queues"], said["totals"]):
        queue[QueueFigures._fields.index("age_s")] = None  # of the last answer, to the tick
    return said


def test_a_live_day_replayed_gives_the_boards_it_gave_live(tmp_path: Path) -> None:
    """A simulated morning fed bit by bit, its boards kept; then the same moments asked for again."""
    sim = simulation(agents=20)
    day = sim.make_day(MONDAY)
    made = Store.open(tmp_path / "ccboard.duckdb")
    made.register("sim", "simulator", 5.0, frozenset({"ringing", "wrap_up"}))
    config, reader = Config(interval_min=15), made.reader()
    at = sim.midnight(MONDAY) + 8 * 3600 * SECOND
    end = at + 45 * 60 * SECOND
    kept: dict[int, Any] = {}
    begin = at
    try:
        made.apply(Batch("sim", tuple(day.advance(at))))
        while at < end:
            at += 71 * SECOND
            alive = SourceStatus(source="sim", kind="alive", at=begin, until=at)
            made.apply(Batch("sim", (*day.advance(at), alive)))
            health = {"sim": Health(at, None, (), 1, 0, ())}
            kept[at] = wire(snapshot(reader, at, config, ZONE, live=True, health=health))
        assert len(kept) == 39
        again = made.reader()
        for moment in [*reversed(kept), *kept]:  # backwards, as one scrubs, and on
            assert wire(snapshot(again, moment, config, ZONE)) == kept[moment], moment
        assert len({json.dumps(one) for one in kept.values()}) == 39
        assert max(one["totals"][3] for one in kept.values()) > 150
    finally:
        made.close()


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CCBOARD_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CCBOARD_SERVICE_SOCKET", str(tmp_path / "run/hub.sock"))
    monkeypatch.delenv("CCBOARD_HUB", raising=False)
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n', encoding="utf-8")
    store(tmp_path, visits()).close()
    return tmp_path / "ccboard.duckdb"


def test_without_a_terminal_it_prints_what_now_prints(example, capsys):
    assert main(["now", "--as-of", "15:05", "--store", str(example)]) == 0
    wanted = capsys.readouterr().out
    assert main(["replay", "--from", "15:05", "--store", str(example)]) == 0
    assert capsys.readouterr().out == wanted
    assert "Thu 19 Nov 2026 15:05:00" in wanted


def test_the_users_own_store_is_found_where_no_hub_runs(example, capsys, tmp_path):
    text = f'timezone = "UTC"\n[store]\npath = "{example}"\n'
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    assert main(["replay", "--from", "15:05"]) == 0
    assert "15:05:00" in capsys.readouterr().out


def test_a_store_answers_all_that_a_board_asks(tmp_path):
    """The worked example: 100 calls were offered on 19 November."""
    made = store(tmp_path, visits())
    last = made.last_moment()
    assert last is not None
    answers = StoreAnswers(made, Config(), UTC, last)
    try:
        words = {"kpi": "offered", "from": "2026-11-19", "to": "2026-11-20"}
        said = {what: answers.ask(what, words) for what in ("figures", "explain", "visits")}
    finally:
        answers.end()
        made.close()
    assert {what: one["schema"] for what, one in said.items()} == {
        what: f"ccboard.{what}/1" for what in ("figures", "explain", "visits")}
    [row] = said["figures"]["rows"]
    assert row["offered"] == said["visits"]["total"] == said["explain"]["value"] == 100


@pytest.mark.parametrize(("words", "code", "said"), [
    (["--from", "nonsense"], 2, "--from nonsense: no time; use 09:12"),
    (["--from", "15:05", "--to", "x"], 2, "--to x: no time"),
    (["--from", "16:00"], 2, "--from 16:00 has not come yet"),
    (["--from", "15:05", "--to", "15:00"], 2, "--to lies before --from"),
    (["--from", "15:05", "--speed", "0"], 2, "--speed 0"),
    (["--from", "15:05", "--speed", "1e9"], 2, "at most 3600"),
    (["--from", "15:05", "--hub", "/x"], 2, "name one of them"),
])
def test_mistakes_are_named(example, capsys, words, code, said):
    assert main(["replay", *words, "--store", str(example)]) == code
    assert said in capsys.readouterr().err


def test_neither_hub_nor_store(example, capsys, tmp_path):
    assert main(["replay", "--from", "15:05"]) != 0
    assert "no hub is running, and there is no store at" in capsys.readouterr().err
    assert main(["replay", "--from", "15:05", "--store", str(tmp_path / "none.duckdb")]) != 0
    assert "there is no such store" in capsys.readouterr().err
    store_of_nothing = tmp_path / "empty"
    store_of_nothing.mkdir()
    store(store_of_nothing).close()
    assert main(["replay", "--from", "15:05", "--store", str(store_of_nothing / "ccboard.duckdb")]) != 0
    assert "holds no records" in capsys.readouterr().err


def test_a_hub_is_asked_for_the_moment_that_was_typed(tmp_path, capsys):
    def reply(method: str, path: str, body: bytes) -> bytes:
        return answer(200, to_public(scripted_floor()))

    with scripted_hub(tmp_path, reply) as (path, asked):
        assert main(["replay", "--from", "-15", "--hub", str(path)]) == 0
    assert [one[1] for one in asked] == [
        "/v1/now?agents=0", "/v1/now?agents=0&as_of=2026-11-16T07%3A59%3A07.000Z"]
    assert NOW // SECOND == 1_794_816_847
    assert "support" in capsys.readouterr().out


def test_a_board_asks_a_real_hub_for_any_moment(tmp_path):
    bench = Bench(tmp_path)
    try:
        bench.add("a", "b")
        bench.serve()
        bench.until(lambda: bench.now()["totals"]["offered"] == 2)
        answers = HubAnswers(lambda: bench.address)
        now = answers.moment(SystemClock().now())
        assert (now.totals.offered, now.live) == (2, False)
        assert answers.moment(SECOND).totals.offered == 0
        said = answers.ask("explain", {"kpi": "abandoned", "queue": "tally"})
        assert said["value"] == 2
        rows = answers.ask("visits", {"kpi": "abandoned"})["rows"]
        assert [row["outcome"] for row in rows] == ["abandoned", "abandoned"]
        assert {row["caller"] for row in rows} == {"+49••••••••681"}
        with pytest.raises(UsageError, match="unknown queue"):
            answers.ask("visits", {"kpi": "abandoned", "queue": "nobody"})
        answers.close()
    finally:
        bench.close()
    with pytest.raises(HubError):
        HubAnswers(lambda: None).moment(0)
    with pytest.raises(HubError):
        HubAnswers(lambda: Address(path=str(tmp_path / "none.sock"))).ask("explain", {})


def test_the_wire_form_is_what_a_board_reads() -> None:
    made = scripted_floor()
    assert from_wire(json.loads(json.dumps(to_wire(made)))) == made

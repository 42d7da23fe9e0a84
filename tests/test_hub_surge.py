"""The keeper of the surge panel and the teller, with a store and without a hub around them."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from stores import UTC, S, store
from test_alarms import AMBER, RED, panel
from test_store_actions import action

from ccboard.config import Config, parse
from ccboard.errors import StoreError
from ccboard.hub import surge
from ccboard.hub.settings import Settings
from ccboard.hub.surge import SurgeKeeper
from ccboard.hub.telling import Telling
from ccboard.metrics.floor import snapshot
from ccboard.panel_surge import Exceptional, SurgePanel, to_public
from ccboard.records import Batch, Contact
from ccboard.snapshot import Snapshot
from ccboard.store.reader import Reader
from ccboard.writer import Writer

NINE = 1_794_819_600 * S  # Mon 16 Nov 2026 09:00 UTC


def wait(true: Callable[[], object], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)


def visits(count: int) -> list[Contact]:
    return [Contact(source="pbx", call=f"c{n}", queue="q", version=2, offered_at=NINE - n * 60 * S,
                    ended_at=NINE - n * 60 * S + 9 * S, outcome="abandoned", wait_s=9) for n in range(count)]


def test_a_frame_takes_what_is_there_and_a_deed_renews_it_at_once(tmp_path: Path) -> None:
    with store(tmp_path, visits(5)) as made:
        seen: list[SurgePanel] = []

        def floor(reader: Reader, at: int) -> Snapshot:
            return snapshot(reader, at, Config(), UTC)

        reader = made.reader()
        now = floor(reader, NINE)
        config = Config()
        keeper = SurgeKeeper(made, lambda: config, lambda: UTC, lambda: now, floor,
                             lambda panel, _: seen.append(panel) or ("said",))  # type: ignore[func-returns-value]
        before = keeper.panel
        assert before is None, "never waits"
        keeper.start()
        wait(lambda: seen)
        first = seen[0]
        assert first.learning
        assert [row.state for row in first.rows] == ["learning"]
        count = len(seen)
        made.apply(Batch("people", (action("1", NINE - S, about="surge:q"),)))
        keeper.poke()
        wait(lambda: len(seen) > count)
        wait(lambda: keeper.panel is not None and keeper.panel.said == ("said",))
        assert keeper.panel is not None
        assert [done.who for done in keeper.panel.done] == ["Chen Li"]
        travelled = keeper.at(floor(reader, NINE - 2 * S))
        assert travelled is not None
        assert travelled.done == (), "before it was done"
        keeper.stop()
        assert not [t for t in threading.enumerate() if t.name == "surge"]
        reader.close()


def test_a_deed_is_shown_by_the_first_frame_that_has_it(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is done five seconds after the newest frame; nothing but the deed renews the panel."""
    monkeypatch.setattr(surge, "EVERY_S", 3600.0)
    with store(tmp_path, visits(5)) as made:
        seen: list[SurgePanel] = []
        reader, config = made.reader(), Config()
        frames = [snapshot(reader, NINE, config, UTC)]
        keeper = SurgeKeeper(made, lambda: config, lambda: UTC, lambda: frames[-1],
                             lambda reader, at: snapshot(reader, at, config, UTC),
                             lambda panel, _: seen.append(panel) or ())  # type: ignore[func-returns-value]
        keeper.start()
        wait(lambda: seen)
        made.apply(Batch("people", (action("1", NINE + 5 * S, about="surge:q"),)))
        keeper.poke(NINE + 5 * S)
        time.sleep(3 * surge.FRAME_S)
        frames.append(snapshot(reader, NINE + 6 * S, config, UTC))
        wait(lambda: seen[-1].done)
        keeper.stop()
        reader.close()


def test_what_was_told_is_in_the_store(tmp_path: Path) -> None:
    reads = "import sys; sys.stdin.read()"
    config = parse({"notify": {"own": {"command": [sys.executable, "-c", reads]}}}, "x")
    with store(tmp_path) as made:
        writer = Writer(made, lambda: None)
        writer.start()
        settings = cast("Settings", SimpleNamespace(config=config, base=Path("/")))
        floor = cast("Snapshot", SimpleNamespace(day_start=NINE - 9 * 3600 * S))
        parts: tuple[Any, ...] = (made, lambda: writer, lambda: settings, lambda: UTC, lambda: NINE, {})
        telling = Telling(*parts)
        assert telling(panel(AMBER), floor) == ()
        reader = made.reader()

        def kept() -> list[str]:
            rows = reader.rows("SELECT key FROM actions WHERE kind = 'told' ORDER BY key")
            return [str(key) for key, in rows]

        wait(lambda: len(kept()) == 2)
        telling.stop()
        again = Telling(*parts)
        again(panel(AMBER), floor)
        again(panel(RED), floor)
        wait(lambda: any(key.endswith(":red") for key in kept()))
        assert sum(key.endswith(":raise") for key in kept()) == 1
        again.stop()
        reader.close()
        writer.close()


@pytest.mark.parametrize("notify", [{}, {"desk": {"url_env": "NOWHERE"}}])
def test_without_a_channel_it_tells_nobody(tmp_path: Path, notify: dict[str, object]) -> None:
    config = parse({"notify": notify}, "x")
    with store(tmp_path) as made:
        settings = cast("Settings", SimpleNamespace(config=config, base=Path("/")))
        floor = cast("Snapshot", SimpleNamespace(day_start=NINE))
        telling = Telling(made, lambda: cast("Writer", None), lambda: settings, lambda: UTC, lambda: NINE, {})
        said = telling(panel(AMBER), floor)
        assert said == (("notify.desk.url_env: NOWHERE is empty or not set",) if notify else ())
        telling.stop()


def test_when_a_figure_is_past_its_limit_is_in_the_store_for_the_next_hub(tmp_path: Path) -> None:
    config = parse({"tiers": [{"when": "waiting", "limit": 5}]}, "x")
    one = Exceptional("limit:waiting:q", "", "q", "q", "waiting", 6.0, 5.0, None, ())
    with store(tmp_path) as made:
        writer = Writer(made, lambda: None)
        writer.start()
        settings = cast("Settings", SimpleNamespace(config=config, base=Path("/")))
        parts: tuple[Any, ...] = (made, lambda: writer, lambda: settings, lambda: UTC, lambda: NINE, {})
        floor = snapshot(made.reader(), NINE, config, UTC)
        telling = Telling(*parts)
        reader = made.reader()

        def kept() -> list[str]:
            rows = reader.rows("SELECT kind FROM actions WHERE about = 'limit:waiting:q' ORDER BY moment")
            return [str(kind) for kind, in rows]

        telling(panel(exceptions=(one,)), floor)
        wait(lambda: kept() == ["raised"])
        again = Telling(*parts)
        for minute, exceptions in ((1, (one,)), (2, ()), (8, ())):
            again(panel(exceptions=exceptions), replace(floor, as_of=NINE + minute * 60 * S))
        wait(lambda: kept() == ["raised", "cleared"])
        reader.close()
        writer.close()


def test_who_cannot_wait_is_told_to_ask_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look at a day is worked out once, however often it is asked for meanwhile."""
    with store(tmp_path, visits(5)) as made:
        go, began = threading.Event(), []

        def floor(reader: Reader, at: int) -> Snapshot:
            return snapshot(reader, at, Config(), UTC)

        config = Config()
        keeper = SurgeKeeper(made, lambda: config, lambda: UTC, lambda: None, floor)
        whole = keeper._at

        def slow(reader: Reader, asked: Snapshot) -> SurgePanel | None:
            began.append(asked)
            assert go.wait(30)
            return whole(reader, asked)

        monkeypatch.setattr(keeper, "_at", slow)
        reader = made.reader()
        now = floor(reader, NINE)
        for _ in range(3):
            found = keeper.at(now, 0.01)
            assert found is not None
            assert found.pending
            assert to_public(found, str) is None
        assert len(began) == 1
        go.set()
        wait(lambda: keeper.at(now, 5.0) == whole(reader, now))
        reader.close()


@pytest.fixture
def travelled(tmp_path: Path) -> Iterator[tuple[SurgeKeeper, list[Snapshot]]]:
    """A keeper that nobody started, and two moments of the past."""
    with store(tmp_path, visits(5)) as made:
        config, reader = Config(), made.reader()
        floors = [snapshot(reader, NINE - n * S, config, UTC) for n in (0, 60)]
        keeper = SurgeKeeper(made, lambda: config, lambda: UTC, lambda: None, lambda _reader, _at: floors[0])
        yield keeper, floors
        keeper.stop()
        reader.close()


def test_what_takes_longer_than_the_patience_is_there_for_who_asks_again(
        travelled: tuple[SurgeKeeper, list[Snapshot]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two boards ask in turn and never wait long enough: both get their moment, each worked out once."""
    keeper, (first, other) = travelled
    go, began, ended = threading.Semaphore(0), [], []

    def slow(*words: Any) -> SurgePanel:
        began.append(words[-1].as_of)
        assert go.acquire(timeout=30)
        ended.append(words[-1].as_of)
        return SurgePanel(words[-1].as_of, 13.0, False, (), ())

    monkeypatch.setattr(keeper, "_at", slow)

    def asked(moment: Snapshot) -> bool:
        found = keeper.at(moment, 0.0)
        assert found is not None
        assert found.pending or found.upto == moment.as_of
        return not found.pending

    assert not asked(first)
    assert not asked(other)
    go.release()
    wait(lambda: asked(first))
    assert (began, ended) == ([first.as_of], [first.as_of])
    assert not asked(other)
    assert asked(first)  # kept while another moment is worked out
    go.release()
    wait(lambda: asked(other))
    assert began == ended == [first.as_of, other.as_of]


def test_a_fault_is_said_once_and_not_asked_for_again(
        travelled: tuple[SurgeKeeper, list[Snapshot]], monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture) -> None:
    keeper, (first, other) = travelled
    began: list[int] = []

    def broken(*words: Any) -> SurgePanel:
        began.append(words[-1].as_of)
        raise ValueError("no such thing")

    monkeypatch.setattr(keeper, "_at", broken)
    assert [keeper.at(moment, 30.0) for moment in (first, first, other)] == [None] * 3
    assert began == [first.as_of, other.as_of]
    assert [one.levelname for one in caplog.records if one.name.startswith("ccboard")] == ["ERROR"]


def test_what_the_store_could_not_say_is_asked_again(
        travelled: tuple[SurgeKeeper, list[Snapshot]], monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, (first, _other) = travelled
    answers: list[SurgePanel | None] = [None, panel(AMBER)]

    def once(*_words: Any) -> SurgePanel | None:
        if (found := answers.pop(0)) is None:
            raise StoreError("busy")
        return found

    monkeypatch.setattr(keeper, "_at", once)
    assert keeper.at(first, 30.0) is None
    assert keeper.at(first, 30.0) == panel(AMBER)


@pytest.mark.parametrize("patience", [0.0, None])
def test_no_question_outlives_the_keeper(
        travelled: tuple[SurgeKeeper, list[Snapshot]], monkeypatch: pytest.MonkeyPatch, patience: float | None
        ) -> None:
    keeper, (first, _other) = travelled
    began = threading.Event()

    def endless(reader: Reader, _floor: Snapshot) -> None:
        began.set()
        reader.rows("SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 3")

    monkeypatch.setattr(keeper, "_at", endless)
    asking = threading.Thread(target=keeper.at, args=(first, patience), name="surge at", daemon=True)
    asking.start()
    assert began.wait(30)
    keeper.stop()
    wait(lambda: not [one for one in threading.enumerate() if one.name == "surge at"], 5.0)
    assert keeper.at(first, 0.0) is None


def test_what_stood_is_asked_again_where_the_store_could_not_say(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure that was past its limit in the last hub's time is noted as over in this one's."""
    config = parse({"tiers": [{"when": "waiting", "limit": 5}]}, "x")
    with store(tmp_path) as made:
        settings = cast("Settings", SimpleNamespace(config=config, base=Path("/")))
        telling = Telling(made, lambda: cast("Writer", None), lambda: settings, lambda: UTC, lambda: NINE, {})
        kept: list[Any] = []
        answers: list[Any] = [None, [("raised", "limit:waiting:q", NINE - 60 * S)]]

        def stood(_day_start: int) -> Any:
            if (found := answers.pop(0)) is None:
                raise StoreError("busy")
            return found

        monkeypatch.setattr(telling, "_stood", stood)
        monkeypatch.setattr(telling, "_keep", kept.append)
        floor = snapshot(made.reader(), NINE, config, UTC)
        with pytest.raises(StoreError):
            telling(panel(), floor)
        for minute in (1, 8):
            telling(panel(), replace(floor, as_of=NINE + minute * 60 * S))
        assert [(one.kind, one.about) for one in kept] == [("cleared", "limit:waiting:q")]

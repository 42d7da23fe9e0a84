"""The keeper of the surge panel and the teller, with a store and without a hub around them."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from stores import UTC, S, store
from test_alarms import AMBER, RED, panel
from test_store_actions import action

from ccboard.config import Config, parse
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

        def slow(asked: Snapshot) -> SurgePanel | None:
            began.append(asked)
            assert go.wait(30)
            return whole(asked)

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
        wait(lambda: keeper.at(now, 5.0) == whole(now))
        reader.close()

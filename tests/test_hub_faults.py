"""What goes wrong inside a hub is said, and what can go on goes on."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ccboard.callers import Callers
from ccboard.config import Config
from ccboard.hub import run, settings
from ccboard.hub.live import LiveHub
from ccboard.hub.logs import CleanFormatter
from ccboard.paths import store_paths
from ccboard.writer import Writer, WriterClosedError, _Work


def made(folder: Path) -> LiveHub:
    file = folder / "config.toml"
    file.write_text('timezone = "Etc/UTC"\n')
    return LiveHub(settings.load(file, {}), store_paths(folder / "x.duckdb"), "serve", {}, threading.Event())


def test_a_fault_while_reloading_is_said_and_the_old_configuration_stays(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    hub = made(tmp_path)
    hub.start()
    try:
        before = hub.settings
        options: Any = SimpleNamespace(demo=False, asterisk_etc=None)
        fresh = replace(before, config=Config(name="after", callers="plain", timezone="Etc/UTC"))
        monkeypatch.setattr(settings, "load", lambda *_, **__: fresh)

        def broken(*_: object) -> None:
            raise RuntimeError("what no one thought of")

        monkeypatch.setattr(Callers, "open", broken)
        run._reload(hub, options, {})
        assert hub.settings is before
        assert "what no one thought of" in hub._notices["configuration"]
        assert "Traceback" in caplog.text
    finally:
        hub.close()


def noted(ended: list[object], part: object, end: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        ended.append(part)
        end()

    return both


def test_a_hub_closes_everything_whatever_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = made(tmp_path)
    hub.start()

    def broken() -> None:
        raise RuntimeError("the loop is gone")

    close = hub.server.close
    ended: list[object] = []
    for part in (hub.store, hub.ticker, hub.collector):
        name = "stop" if part is hub.ticker else "close"
        monkeypatch.setattr(part, name, noted(ended, part, getattr(part, name)))
    monkeypatch.setattr(hub.server, "close", broken)
    with pytest.raises(RuntimeError, match="the loop is gone"):
        hub.close()
    close()
    assert not hub.writer._thread.is_alive()
    assert ended == [hub.collector, hub.ticker, hub.store]


def test_a_message_of_many_lines_is_one_line_of_the_log() -> None:
    formatter = CleanFormatter("%(levelname)s %(name)s: %(message)s")
    forged = "bad\nINFO ccboard.hub: all is well\x1b[2J"
    try:
        raise ValueError(forged)
    except ValueError as error:
        record = logging.LogRecord("a", logging.ERROR, "", 1, "it says %s", (forged,),
                                   (ValueError, error, error.__traceback__))
    first, *rest = formatter.format(record).split("\n")
    assert first == "ERROR a: it says bad INFO ccboard.hub: all is well[2J"
    assert len(rest) > 3
    assert all(line.startswith("  ") for line in rest)


class Nothing:
    def apply(self, batch: object, key: str = "live") -> int:
        return 0

    def checkpoint(self) -> None:
        pass


def test_who_gets_in_behind_the_writers_last_look_is_answered() -> None:
    writer = Writer(Nothing(), lambda: None)
    writer.start()
    put = writer._queue.put

    def late(work: _Work, **words: Any) -> None:
        writer._queue.put = put  # type: ignore[method-assign]
        writer.close(5)  # it ends between the question whether it does and the put
        put(work, **words)

    writer._queue.put = late  # type: ignore[method-assign,assignment]
    said: list[BaseException] = []

    def ask() -> None:
        try:
            writer.call(lambda: None)
        except WriterClosedError as error:
            said.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(10)
    assert len(said) == 1


def test_two_stores_of_a_folder_have_two_logs(tmp_path: Path) -> None:
    names = [store_paths(tmp_path / name).log.name for name in ("ccboard.duckdb", "a.duckdb", "a.db")]
    assert names == ["hub.log", "a.duckdb.hub.log", "a.db.hub.log"]

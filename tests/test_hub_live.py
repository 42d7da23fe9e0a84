"""A running hub's configuration: what is broken stands on every board, and a new file reaches everybody."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ccboard.config import Config
from ccboard.hub import live, settings
from ccboard.hub.live import LiveHub
from ccboard.hub.roles import OWNER, Viewer
from ccboard.paths import store_paths
from ccboard.plugins import PluginError


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LiveHub]:
    file = tmp_path / "config.toml"
    file.write_text('timezone = "Etc/UTC"\n')
    found = settings.load(file, {})
    made = LiveHub(found, store_paths(tmp_path / "x.duckdb"), "serve", {}, threading.Event())
    made.start()
    yield made
    made.close()


def notices(hub: LiveHub) -> tuple[str, ...]:
    frame = hub.frame(fresh=True)
    assert frame is not None
    return frame.snapshot.notices


def until_noticed(hub: LiveHub, wanted: bool, of: str = "mail") -> tuple[str, ...]:
    """Return the notices that hold the word `of`, once there are some (or none)."""
    end = time.monotonic() + 10
    while True:
        found = tuple(notice for notice in notices(hub) if of in notice)
        if bool(found) is wanted or time.monotonic() >= end:
            return found
        time.sleep(0.1)


def test_a_plug_in_that_cannot_be_loaded_stands_on_the_board_until_it_can(hub: LiveHub) -> None:
    good = hub.settings
    hub.reload(replace(good, broken={"mail": PluginError("the source type mail cannot be loaded")}))
    assert until_noticed(hub, wanted=True) == ("source mail: the source type mail cannot be loaded",)
    hub.reload(good)
    assert until_noticed(hub, wanted=False) == ()


def test_a_configuration_without_a_source_is_said_until_it_has_one(hub: LiveHub) -> None:
    told = f"no source is configured: add [sources.NAME] to {hub.settings.path}, or run `ccboard init`"
    assert until_noticed(hub, wanted=True, of="source") == (told,)
    none = hub.settings
    sources = {"mail": {"type": "mail"}}  # its plug-in is not there: that is said otherwise
    hub.reload(replace(none, config=Config(timezone="Etc/UTC", sources=sources)))
    assert until_noticed(hub, wanted=False, of="no source") == ()
    hub.reload(none)
    assert until_noticed(hub, wanted=True, of="no source") == (told,)


def test_a_reload_reaches_who_asks_at_that_very_moment(hub: LiveHub, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = replace(hub.settings, config=Config(name="after", timezone="Etc/UTC"))
    scoped, reloads = live.scoped, [fresh]

    def in_between(config: Config, viewer: Viewer) -> Config:
        if reloads:
            hub.reload(reloads.pop())
        return scoped(config, viewer)

    hub.reload(hub.settings)  # forget what the ticker has asked already
    viewer = replace(OWNER, queues=("sales",))
    monkeypatch.setattr(live, "scoped", in_between)
    hub._config_of(viewer)
    assert hub._config_of(viewer).name == "after"

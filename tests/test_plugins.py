"""Sources by entry point: listed without importing, one broken one is said and the others go on."""

import sys
from importlib.metadata import EntryPoint
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict

from ccboard import plugins
from ccboard.errors import ConfigError
from ccboard.source import Context, Nothing, Polled, Source


class QuietConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    host: str
    port: int = 5038


class Quiet(Source):
    Config: ClassVar[type[Any]] = QuietConfig

    def open(self, cursor: str | None) -> None:
        pass

    def poll(self, wait_s: float) -> Polled:
        return Nothing()


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        EntryPoint("quiet", f"{__name__}:Quiet", plugins.GROUP),
        EntryPoint("gone", "no_such_module_at_all:Thing", plugins.GROUP),
        EntryPoint("odd", "json:dumps", plugins.GROUP),
    ]
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries if group == plugins.GROUP else [])
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])


def test_a_table_becomes_a_source() -> None:
    made = plugins.prepare("west", {"type": "quiet", "host": "pbx"}, "c.toml").make(Context())
    assert isinstance(made, Quiet)
    assert (made.name, made.config.host, made.config.port) == ("west", "pbx", 5038)


@pytest.mark.parametrize(("table", "said"), [
    ({"type": "quite", "host": "x"}, ["c.toml", "sources.west.type", "quite", "did you mean quiet"]),
    ({"host": "x"}, ["c.toml", "sources.west.type", "quiet"]),
    ({"type": 3}, ["sources.west.type"]),
    ({"type": "quiet", "hots": "x", "host": "y"}, ["c.toml: sources.west.hots", "did you mean host"]),
    ({"type": "quiet", "host": "y", "port": "many"}, ["sources.west.port", "many"]),
])
def test_a_wrong_table_names_file_key_and_the_nearest(table: dict[str, Any], said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        plugins.prepare("west", table, "c.toml")
    for words in said:
        assert words in str(caught.value)


def test_all_mistakes_of_a_file_are_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        plugins.prepare_all({"a": {"type": "quiet"}, "b": {"type": "nope"}}, "c.toml")
    assert "sources.a.host" in str(caught.value)
    assert "sources.b.type" in str(caught.value)


def test_broken_code_is_said_and_the_others_go_on() -> None:
    good, broken = plugins.prepare_all(
        {"a": {"type": "gone"}, "b": {"type": "odd"}, "c": {"type": "quiet", "host": "x"}}, "c.toml"
    )
    assert list(good) == ["c"]
    assert "no_such_module_at_all" in str(broken["a"])
    assert "json:dumps is not a" in str(broken["b"])


def test_listing_imports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for name in [name for name in sys.modules if name.startswith("sources.")]:
        monkeypatch.delitem(sys.modules, name)
    assert {"asterisk", "recording", "simulator"} <= plugins.available().keys()
    assert not [name for name in sys.modules if name.startswith("sources.")]


def test_a_secret_is_not_repeated_in_a_message() -> None:
    table = {"type": "asterisk", "ami": {"username": "u", "secret": "hunter2", "secret_env": "X"}}
    with pytest.raises(ConfigError) as caught:
        plugins.prepare("pbx", table, "c.toml")
    assert "hunter2" not in str(caught.value)

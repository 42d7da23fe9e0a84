"""What a hub is told: its configuration, checked down to the last source and token.

Read at the start and again whenever the file changes; one mistake refuses the whole file, so that a hub
never runs on half of one.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ccboard import config as configuration
from ccboard import paths
from ccboard.clock import Clock, SimulatedClock, SystemClock
from ccboard.config import Config
from ccboard.errors import ConfigError
from ccboard.hub.roles import Tokens
from ccboard.moments import parse_as_of
from ccboard.plugins import PluginError, Prepared, prepare_all

DEMO: dict[str, Any] = {"name": "Demo", "sources": {"demo": {"type": "simulator"}}}
"""The configuration of ``ccboard demo`` when none is named."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration, ready to be used. `said`: what was found on this host, where nothing was named."""

    path: Path | None
    config: Config
    sources: Mapping[str, Prepared]
    broken: Mapping[str, PluginError]
    tokens: Tokens
    said: tuple[str, ...] = ()

    @property
    def base(self) -> Path:
        """The folder that relative paths of the file start from."""
        return self.path.parent if self.path else Path("/")

    def store_paths(self) -> paths.StorePaths:
        """Return the paths of the store that the configuration names, or of the user's own."""
        named = self.config.store.path
        return paths.store_paths(os.path.normpath(self.base / paths.at_home(named)) if named else None)

    def clock(self) -> Clock:
        """Return the clock that the hub follows: a source's own, the configured one, or the host's."""
        for source in self.sources.values():
            if (own := source.own_clock()) is not None:
                return own
        clock, zone = self.config.clock, self.config.zone()
        if clock.start is None and clock.speed == 1.0:
            return SystemClock()
        now = SystemClock().now()
        if clock.start is None:
            return SimulatedClock(now, clock.speed)
        from zoneinfo import ZoneInfo

        return SimulatedClock(parse_as_of(clock.start, zone or ZoneInfo("UTC"), now), clock.speed)


def load(
    named: Path | None, environ: Mapping[str, str], *, demo: bool = False, asterisk_etc: Path | None = None
) -> Settings:
    """Read the configuration `named`, or the one that is found, or what this host itself offers.

    `asterisk_etc` names a folder whose Asterisk is used whatever the file's sources say. Raises
    ConfigError: the file is wrong, or there is neither a file nor an Asterisk to be found.
    """
    if demo:
        path = named
        raw = configuration.read_toml(named) if named else DEMO
    else:
        path = named or paths.find_config()
        path = path.absolute() if path else None
        raw = configuration.read_toml(path) if path else {}
    said: tuple[str, ...] = ()
    if asterisk_etc is not None or (path is None and not demo):
        raw, said = _discover(raw, asterisk_etc, alone=path is None)
    where: Path | str = path or "found on this host"
    config = configuration.parse(raw, where)
    sources, broken = prepare_all(config.sources, where)
    tokens = Tokens(config, environ, path.parent if path else Path("/"))
    if config.hub.listen and not tokens:
        raise ConfigError(f"{where}: hub.listen: serving over TCP needs at least one [hub.tokens.NAME]")
    return Settings(path, config, sources, broken, tokens, said)


def _discover(
    raw: dict[str, Any], etc: Path | None, *, alone: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the tables with this host's Asterisk for a source, and what was found."""
    from sources.asterisk.discover import discover

    found = discover(etc) if etc is not None else discover()
    if not found.usable:
        raise ConfigError("\n".join((*found.said, "`ccboard init` writes a configuration file to fill in.")))
    merged = found.config if alone else {**raw, "sources": found.config["sources"]}
    return merged, tuple(found.said)


def parse_listen(text: str) -> tuple[str, int]:
    """Return host and port of ``hub.listen``. Raises ConfigError."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ConfigError(f"{text}: to listen needs host:port, such as 127.0.0.1:8470")
    return host.strip("[]"), int(port)

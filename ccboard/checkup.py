"""What ``ccboard doctor`` looks at on the host itself. Each check is one function; none changes anything.

A check that comes upon something nobody thought of is a finding too (``examine``): a doctor that
dies of the illness helps nobody.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from ccboard import client, paths, plugins
from ccboard.clock import SECOND, SystemClock
from ccboard.config import Config, load
from ccboard.errors import CcboardError, ConfigError, HubError
from ccboard.findings import Finding, fail, ok, warn
from ccboard.hub import lock
from ccboard.metrics.zone import host_zone
from ccboard.moments import to_datetime
from ccboard.source import Context
from ccboard.store.recovery import REMOTE, file_system
from ccboard.version import VERSION

LIBRARIES = ("textual", "httpx", "duckdb", "pydantic")
PACKAGES = ("widgets", "sources")
ROOM_FAIL = 100 << 20
ROOM_WARN = 1 << 30
EARLIEST = 1_700_000_000 * SECOND
"""November 2023: a clock before this was never set."""


def examine(config_path: str | None, etc: Path | None, store: str | None, hub: str | None) -> list[Finding]:
    """Return everything there is to say, in the order in which one would mend it."""
    found = [*_guard("versions", check_versions), *_guard("packages", check_packages)]
    config, findings = check_config(config_path)
    found += findings
    found += _guard("clock", lambda: check_clock(SystemClock().now()))
    found += _guard("time zone", lambda: check_zone(config))
    found += _guard("terminal", lambda: check_terminal(os.environ))
    try:
        where = paths.store_paths(store) if store else client.configured_paths(config_path)
    except CcboardError as error:
        found.append(fail("store", str(error), "set CCBOARD_STATE_DIR to a folder on a local disk"))
    else:
        found += _guard("store", lambda: check_store(where))
        found += _guard("hub", lambda: check_hub(hub, config_path, store, where))
    if config is not None:
        found += _guard("sources", lambda: check_sources(config, paths.find_config(config_path), etc))
    return found


def _guard(subject: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except CcboardError as error:
        return [fail(subject, str(error), "")]
    except Exception as error:  # noqa: BLE001 - said as a finding; the other checks go on
        return [fail(subject, f"could not be looked at: {type(error).__name__}: {error}",
                     "this is a mistake of ccboard: please report it")]


def check_versions() -> list[Finding]:
    """Look at Python and the libraries."""
    said = [f"ccboard {VERSION}", f"Python {'.'.join(map(str, sys.version_info[:3]))}"]
    missing = []
    for name in LIBRARIES:
        try:
            said.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return [fail("versions", f"not installed: {', '.join(missing)}", "install ccboard again with pip")]
    return [ok("versions", ", ".join(said))]


def check_packages() -> list[Finding]:
    """Look whose `sources` and `widgets` would be imported: folders of these names are easily in the way."""
    ours = Path(__file__).resolve().parents[1]
    found = []
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        places = list(spec.submodule_search_locations or ()) if spec else []
        place = Path(places[0]).resolve() if places else None
        if place is None:
            found.append(fail("packages", f"there is no package {name}", "install ccboard again"))
        elif place.parent != ours:
            found.append(fail("packages", f"{name} would be loaded from {place}, not from {ours}",
                              "start ccboard by its own command, elsewhere, and without PYTHONPATH"))
    return found or [ok("packages", f"ccboard, {' and '.join(PACKAGES)} come from {ours}")]


def check_config(named: str | None) -> tuple[Config | None, list[Finding]]:
    """Look for the configuration file and read it; return it (None: it cannot be used)."""
    subject = "configuration"
    path = paths.find_config(named)
    if path is None:
        return Config(), [ok(subject, "no file: all defaults, and what this host has of Asterisk is taken"
                             " (ccboard init writes one)")]
    try:
        config = load(path)
    except ConfigError as error:
        mend = "docs/configuration.md has every key"
        return None, [fail(subject, line, mend) for line in str(error).split("\n")]
    counts = (("source", config.sources), ("queue", config.queues), ("agent", config.agents))
    said = ", ".join(_count(len(tables), noun) for noun, tables in counts)
    found = [ok(subject, f"{path}: {said}")]
    if _has_secret(config.sources) and path.stat().st_mode & 0o044:
        found.append(warn(subject, f"{path} holds a secret and can be read by others",
                          f"put it into a file of its own (secret_file), or chmod 600 {path}"))
    for name, token in config.hub.tokens.items():
        if token.token_env is None and token.token_file is None:
            found.append(fail(subject, f"{path}: hub.tokens.{name} has neither token_env nor token_file",
                              "a token without either lets nobody in"))
    return config, found


def _has_secret(value: object) -> bool:
    """Tell whether a table holds a secret in clear, at any depth."""
    if not isinstance(value, dict):
        return False
    return isinstance(value.get("secret"), str) or any(_has_secret(inner) for inner in value.values())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def check_clock(now: int) -> list[Finding]:
    """Look whether the host's clock was ever set."""
    said = to_datetime(now).strftime("%Y-%m-%d %H:%M:%S UTC")
    if now < EARLIEST:
        return [fail("clock", f"this host believes it is {said}", "set the clock (NTP)")]
    return [ok("clock", said)]


def check_zone(config: Config | None) -> list[Finding]:
    """Look which zone the business day is counted in."""
    subject = "time zone"
    if not available_timezones():
        return [fail(subject, "this host knows no time zones", "install tzdata (apt-get install tzdata)")]
    if config is not None and config.timezone:
        return [ok(subject, f"{config.timezone} (configuration)")]
    return [ok(subject, f"{host_zone().key} (this host's; a store keeps the zone of its first use)")]


def check_terminal(environ: Mapping[str, str]) -> list[Finding]:
    """Look whether the board's characters and colours will come out."""
    subject = "terminal"
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding != "utf8":
        return [warn(subject, f"its encoding is {encoding or 'not known'}: names and charts come out wrong",
                     "use a UTF-8 locale, e.g. LANG=C.UTF-8")]
    size = shutil.get_terminal_size((0, 0))
    if not sys.stdout.isatty():
        return [ok(subject, "none (output goes elsewhere): a board would print what `ccboard now` prints")]
    said = f"{environ.get('TERM', 'TERM not set')}, {size.columns}x{size.lines}"
    if size.columns < 40 or size.lines < 12:
        return [warn(subject, f"{said}: a board needs 40x12", "make the window larger")]
    return [ok(subject, said)]


def check_store(where: paths.StorePaths) -> list[Finding]:
    """Look at the store's folder: made or makeable, writable, on a local disk, with room."""
    subject = "store"
    folder = where.store.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    elsewhere = "name another folder in CCBOARD_STATE_DIR, or a file with --store"
    if not folder.is_dir():
        return [fail(subject, f"{folder} is no folder", elsewhere)]
    if not os.access(folder, os.W_OK | os.X_OK):
        return [fail(subject, f"{folder} cannot be written by this user", elsewhere)]
    kind = file_system(folder)
    if kind in REMOTE:
        return [fail(subject, f"{folder} lies on {kind}, where a store's lock does not hold", elsewhere)]
    free = shutil.disk_usage(folder).free
    room = f"{free / (1 << 30):.1f} GB free"
    size = f"{where.store.stat().st_size / (1 << 20):.1f} MB" if where.store.exists() else "not there yet"
    said = f"{where.store}: {size}, {kind or 'file system not known'}, {room}"
    if free < ROOM_FAIL:
        return [fail(subject, said, "make room: nothing more can be stored soon")]
    found = [warn(subject, said, "make room") if free < ROOM_WARN else ok(subject, said)]
    if where.store.exists() and where.store.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        found.append(warn(subject, f"{where.store} is open to every user", f"chmod 600 {where.store}"))
    aside = sorted(folder.glob(where.store.name + "*.damaged-*"))
    if aside:
        found.append(warn(subject, f"a damaged store was moved aside: {', '.join(p.name for p in aside[:5])}",
                          "what it held can be loaded again from the logs (ccboard import); then remove it"))
    return found


def check_hub(hub: str | None, config_path: str | None, store: str | None,
              where: paths.StorePaths) -> list[Finding]:
    """Look for the hub that a board would ask, as a board does, and ask how it is."""
    subject = "hub"
    try:
        address = client.find_hub(hub, config_path, store=store)
    except client.NoHub:
        if not lock.is_free(where.lock):
            said, _, mend = lock.stuck(where.lock, where.log).partition(". ")
            return [fail(subject, said, mend)]
        return [ok(subject, "none runs; `ccboard` starts one, `ccboard serve` one that stays")]
    except HubError as error:
        return [fail(subject, str(error), "")]
    try:
        status = client.request(address, "GET", "/v1/status", timeout=5).good()
    except client.WrongProtocol as error:
        return [fail(subject, str(error), "stop it (ccboard stop) or update: both must be the same version")]
    except HubError as error:
        return [fail(subject, str(error), f"see {where.log}")]
    return [_status(subject, str(address), status)]


def _status(subject: str, address: str, status: dict[str, Any]) -> Finding:
    said = f"{address}: {status.get('kind')}, version {status.get('version')}, process {status.get('pid')}"
    if status.get("version") != VERSION:
        return warn(subject, said, f"this command is version {VERSION}: restart the hub")
    return ok(subject, said)


def check_sources(config: Config, path: Path | None, etc: Path | None) -> list[Finding]:
    """Look at each source: its type, its keys, and what it says itself.

    As the hub does: without a file, or with a folder `etc` named, the host's Asterisk is the source.
    """
    tables, found = config.sources, []
    if path is None or etc is not None:
        from sources.asterisk.discover import ETC, discover

        discovery = discover(etc or ETC)
        if not discovery.usable:
            mend = "`ccboard init` writes a configuration file to fill in"
            return [fail("discovery", sentence, mend if sentence is discovery.said[-1] else "")
                    for sentence in discovery.said]
        found += [Finding("warn" if sentence in discovery.doubts else "ok", "discovery", sentence)
                  for sentence in discovery.said]
        tables = discovery.config["sources"]
    if not tables:
        return [fail("sources", f"no source is configured in {path}: there is nothing to show",
                     "add [sources.NAME] (docs/sources.md), or run `ccboard init`")]
    good, broken = plugins.prepare_all(tables, path or "found on this host")
    found += [fail(f"source {name}", str(error), "install or remove it") for name, error in broken.items()]
    context = Context(environ=os.environ)
    for name, prepared in good.items():
        said = _guard(f"source {name}", lambda p=prepared: p.cls.checkup(p.config, context))  # type: ignore[misc]
        found += [f._replace(subject=f"{name}: {f.subject}") for f in said] or [
            ok(f"source {name}", f"type {prepared.kind}")]
    return found

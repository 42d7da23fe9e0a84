"""``ccboard serve``: elect, open, serve, and leave in order.

A hub that a board started (``temporary``, ``demo``) leaves after its last viewer; the others stay until
they are told to stop.
"""

import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from ccboard import client, paths
from ccboard.errors import CcboardError, ConfigError, HubError, StoreError
from ccboard.hub import logs, settings
from ccboard.hub.door import Door
from ccboard.hub.launch import LOST_ELECTION, take_over
from ccboard.hub.lock import HubLock, again_mark, holder, stop_mark
from ccboard.paths import StorePaths

if TYPE_CHECKING:
    from ccboard.hub.live import LiveHub

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often the configuration file is looked at, and whether a temporary hub is still wanted."""

AGAIN_S = 120.0
"""How long a demo that had to begin again says so."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. Paths are absolute."""

    config: Path | None = None
    store: Path | None = None
    listen: str | None = None
    log_file: Path | None = None
    asterisk_etc: Path | None = None
    background: bool = False
    demo: bool = False
    service: bool = False

    @property
    def kind(self) -> str:
        """Return what this hub is called in its status."""
        if self.demo:
            return "demo"
        if self.background:
            return "temporary"
        return "service" if self.service else "serve"


def run_hub(options: Options) -> int:
    """Be the hub until told to stop; return the exit code. Raises CcboardError if it cannot start."""
    os.umask(0o077)  # the store, its key and its log are this user's alone
    environ = dict(os.environ)
    found = settings.load(options.config, environ, demo=options.demo, asterisk_etc=options.asterisk_etc)
    where = _where(options, found)
    lock = HubLock.acquire(where.lock)
    if lock is None and options.background:
        return LOST_ELECTION
    if lock is None and (lock := take_over(where)) is None:
        raise HubError(f"a hub already runs on {where.store} ({holder(where.lock)}): see `ccboard status`, "
                       "end it with `ccboard stop`")
    try:
        stop_mark(where.lock).unlink(missing_ok=True)
        file = options.log_file or (where.log if options.background else None)
        logs.set_up(file)
        with _signals() as signals:
            _serve(options, found, where, lock, signals, environ, file)
    finally:
        lock.release()
    return 0


def _where(options: Options, found: settings.Settings) -> StorePaths:
    if options.store is not None:
        return paths.store_paths(options.store)
    return paths.demo_paths() if options.demo else found.store_paths()


class Signals:
    """What was asked for by signal: to stop, to read the configuration again."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.reload = threading.Event()

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set():
            os._exit(128 + number)  # asked twice: what is committed is safe, do not wait for the rest
        self.stop.set()

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        self.reload.set()


@contextlib.contextmanager
def _signals() -> Iterator[Signals]:
    signals = Signals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    wanted = {signal.SIGTERM: signals._stop, signal.SIGINT: signals._stop, signal.SIGHUP: signals._reload}  # noqa: SLF001
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _serve(
    options: Options, found: settings.Settings, where: StorePaths, lock: HubLock, signals: Signals,
    environ: dict[str, str], file: Path | None,
) -> None:
    from ccboard.hub.live import LiveHub

    for sentence in found.said:
        log.info("%s", sentence)
    listen = options.listen or found.config.hub.listen
    if listen and not found.tokens:
        raise ConfigError("serving over TCP needs at least one [hub.tokens.NAME] in the configuration")
    address = settings.parse_listen(listen) if listen else None
    own = Path(client.service_socket()) if options.service else where.socket
    # Bound before anything runs: early clients wait for their answer instead of finding nobody.
    door = Door(own, shared=options.service)
    hub = again = None
    try:
        hub = LiveHub(found, where, options.kind, environ, signals.stop)
        hub.start()
        again = _say_again(hub, where)
        door.open(hub.server)
        if address is not None:
            host, port = hub.server.add_tcp(*address)
            log.info("serving on http://%s:%d", f"[{host}]" if ":" in host else host, port)
        log.info("hub (%s) of %s serves on %s", options.kind, where.store, own)
        if options.background and file is not None:
            logs.detach(file)
        notify("READY=1")
        _stay(hub, options, signals, environ, lock, door)
        notify("STOPPING=1")
    finally:
        door.remove()
        if again is not None:
            again.cancel()
        if hub is not None:
            hub.close()
        door.close()
        log.info("hub of %s has ended", where.store)


def _say_again(hub: "LiveHub", where: StorePaths) -> threading.Timer | None:
    """Tell boards for a while that this demo is not the one that they had: all its figures are others."""
    mark = again_mark(where.lock)
    if not mark.exists():
        return None
    mark.unlink(missing_ok=True)
    hub.note("demo", "the demonstration began again: its hub had ended")
    timer = threading.Timer(AGAIN_S, hub.note, ("demo", None))
    timer.daemon = True
    timer.start()
    return timer


def _stay(hub: "LiveHub", options: Options, signals: Signals, environ: dict[str, str],
          lock: HubLock, door: Door) -> None:
    """Wait for the end; look at the configuration file, the socket, and whether anybody still looks.

    Raises StoreError where the lock file is not the one that is held any more: another hub may be elected.
    """
    stamp = _stamp(hub.settings.path)
    while not signals.stop.wait(LOOK_S):
        if not lock.stands():
            raise StoreError(f"{lock.path} was removed or replaced while the hub ran, and perhaps the store "
                             "with it: this hub leaves, start another")
        door.keep(hub.server)
        now = _stamp(hub.settings.path)
        if now != stamp or signals.reload.is_set():
            signals.reload.clear()
            stamp = now
            _reload(hub, options, environ)
        leaves = hub.settings.config.hub.leave_after_s
        if options.background and hub.server.unwatched_s() >= leaves:
            log.info("nobody has looked for %g s", leaves)
            return


def _reload(hub: "LiveHub", options: Options, environ: dict[str, str]) -> None:
    """Read the configuration again; a bad one is said and the old one stays."""
    try:
        fresh = settings.load(hub.settings.path, environ, demo=options.demo,
                              asterisk_etc=options.asterisk_etc)
        hub.reload(fresh)
    except Exception as error:  # a file half written, a plug-in's fault: no reason to end for
        said = next(iter(str(error).splitlines()), "")
        if isinstance(error, CcboardError):
            log.error("configuration not reloaded: %s", error)
        else:
            log.exception("configuration not reloaded")
            said = f"{type(error).__name__}: {said} (a fault of ccboard; see its log)"
        hub.note("configuration", f"configuration not reloaded: {said}")
    else:
        hub.note("configuration", None)


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    """Return what changes when a file is written or replaced; None where there is none."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def notify(state: str) -> None:
    """Tell systemd, where it asked to be told (Type=notify)."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name:
        return
    target = "\0" + name[1:] if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(1)
        try:
            sender.sendto(state.encode(), target)
        except OSError as error:
            log.warning("systemd could not be told %s: %s", state, error)

"""Open the board on a call centre that does not exist, on a Monday at 09:14.

It has a hub, a store and a clock of its own and never touches yours. Without a terminal it prints what
`ccboard now` prints.
"""

import argparse
import os
import time
from collections.abc import Mapping

from ccboard import client, paths
from ccboard.errors import HubError, StoreError, UsageError

DEFAULTS = {"scenario": "normal", "speed": 1.0, "seed": 1}
STOP_S = 20.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``ccboard demo``."""
    parser.add_argument("--scenario", metavar="NAME", help=(
        "normal, monday-surge (+38 %% calls to support from 08:00), outage (dead lines at 09:35, a crash at"
        " 11:30) or quiet (default: normal)"
    ))
    parser.add_argument("--speed", metavar="X", type=float,
                        help="how many times as fast as a real day, up to 3600 (default: 1)")
    parser.add_argument("--seed", metavar="N", type=int,
                        help="another number is another centre: other people, other calls (default: 1)")


def run(args: argparse.Namespace) -> int:
    """Start or find the demo's hub, and show it."""
    from sources.simulator.demo import SCENARIOS

    if args.scenario is not None and args.scenario not in SCENARIOS:
        raise UsageError(f"ccboard demo: --scenario {args.scenario}: there is {', '.join(SCENARIOS)}")
    if args.speed is not None and not 0 < args.speed <= 3600:
        raise UsageError(f"ccboard demo: --speed {args.speed:g}: more than 0 and at most 3600")
    from ccboard.commands.board import on_terminal, open_board

    demo = Demo({key: value for key in DEFAULTS if (value := getattr(args, key)) is not None})
    if not on_terminal():
        wait_filled(demo.find())
    return open_board(demo.find)


class Demo:
    """The demo that was asked for: `given` options, the others as they come."""

    def __init__(self, given: Mapping[str, str | float | int]) -> None:
        self._given = given
        self._replaces = bool(given)
        self._found = False

    def find(self) -> client.Address:
        """Return the address of the demo's hub, started with an empty store if there is none.

        A running demo is joined. Only at first, and only if it is another one than was asked for, it is
        ended: two boards that ask for different demos must not go on ending each other's. One that was
        stopped on purpose is not started again for a board that had it. Raises HubError, StoreError.
        """
        from ccboard.hub.launch import ensure_hub, revivable
        from sources.simulator.demo import configuration

        where = paths.demo_paths()
        if self._found and not _runs():
            revivable(where, demo=True)
        file = where.store.with_name("demo.toml")
        text = configuration(**{**DEFAULTS, **self._given})  # type: ignore[arg-type]
        if self._replaces and _runs() and _read(file) != text:
            _stop(where)
        self._replaces = False
        _make_room(where, file, text, again=self._found)
        address = ensure_hub(config=str(file), demo=True, again=self._found)
        self._found = True
        return address


def wait_filled(address: client.Address, limit_s: float = 15.0) -> None:
    """Wait until the day so far is in the store of a demo that has just been started."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        answer = client.request(address, "GET", "/v1/now?agents=0")
        if answer.status == 200:
            sources = answer.json()["sources"]
            if sources and all(source["complete_since"] for source in sources):
                return
        time.sleep(0.1)


def _runs() -> bool:
    try:
        client.find_hub(demo=True)
    except client.NoHub:
        return False
    return True


def _read(file: "os.PathLike[str]") -> str:
    try:
        with open(file, encoding="utf-8") as opened:
            return opened.read()
    except OSError:
        return ""


def _stop(where: paths.StorePaths) -> None:
    """Ask the demo that runs to leave, and wait until its store is free."""
    from ccboard.hub import lock

    try:
        client.request(client.find_hub(demo=True), "POST", "/v1/stop", any_version=True).good()
    except client.NoHub:
        pass  # it has left meanwhile, or begins to
    except HubError:
        raise HubError(lock.stuck(where.lock, where.log)) from None
    until = time.monotonic() + STOP_S
    while not lock.is_free(where.lock):
        if time.monotonic() >= until:
            raise HubError(lock.stuck(where.lock, where.log))
        time.sleep(0.05)


def _make_room(where: paths.StorePaths, file: "os.PathLike[str]", text: str, *, again: bool) -> None:
    """Where no demo runs: remove what the last one left, and write the configuration of the next.

    `again`: for a board that has just lost the last one; the next hub tells it why the time has jumped.
    Done under the hub's own lock, so that a demo which starts at the same moment loses nothing.
    """
    from ccboard.hub.lock import HubLock, again_mark

    held = HubLock.acquire(where.lock)
    if held is None:
        return  # one runs, or begins to
    try:
        for path in where.store.parent.glob(where.store.name + "*"):
            if path != where.lock:
                path.unlink(missing_ok=True)
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(text)
        if again:
            again_mark(where.lock).touch(mode=0o600)
    except OSError as error:
        raise StoreError(f"{error.filename or where.store}: {error.strerror}; CCBOARD_STATE_DIR names another"
                         " folder") from None
    finally:
        held.release()

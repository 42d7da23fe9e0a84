"""Where things lie. Asking creates nothing; ``ccboard paths`` prints them all.

``ccboard.places`` holds the rules; these are the same places as ``Path``.
"""

import os
from pathlib import Path

from ccboard import places
from ccboard.places import SOCKET_LIMIT as SOCKET_LIMIT

SERVICE_SOCKET = Path(places.SERVICE_SOCKET)
SERVICE_CONFIG = Path(places.SERVICE_CONFIG)


def state_dir() -> Path:
    """Return the folder of store, lock and socket: CCBOARD_STATE_DIR, else XDG's, else ~/.local/state."""
    return Path(places.state_dir())


def config_file() -> Path:
    """Return the user's configuration file (it need not exist): XDG_CONFIG_HOME or ~/.config."""
    return Path(places.config_file())


def at_home(path: Path) -> Path:
    """Return `path` with ~ and ~NAME resolved; left as it is where there is no such user.

    ``Path.expanduser`` raises RuntimeError there, out of a validator that promises ValueError.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111


def find_config(named: str | None = None) -> Path | None:
    """Return the configuration file to read: `named`, CCBOARD_CONFIG, the user's, the service's, None."""
    found = places.find_config(named)
    return None if found is None else Path(found)


class StorePaths:
    """The files that belong to one store. One store has one hub."""

    __slots__ = ("store",)

    def __init__(self, store: Path) -> None:
        self.store = store

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StorePaths) and other.store == self.store

    def __hash__(self) -> int:
        return hash(self.store)

    def __repr__(self) -> str:
        return f"StorePaths({self.store!r})"

    @property
    def lock(self) -> Path:
        """The lock file whose flock is the election of the hub."""
        return self.store.with_name(self.store.name + ".lock")

    @property
    def log(self) -> Path:
        """The background hub's log."""
        return Path(places.of_hub(str(self.store), "log"))

    @property
    def caller_key(self) -> Path:
        """The secret of the caller hash (0600)."""
        return self.store.with_name("caller.key")

    @property
    def socket(self) -> Path:
        """The hub's socket: beside the store, or where that path is too long in a private folder."""
        return Path(places.socket(str(self.store)))


def store_paths(named: str | Path | None = None) -> StorePaths:
    """Return the paths of the store `named`, or of the user's own."""
    return StorePaths(Path(places.store(str(named) if named else None)))


def demo_paths() -> StorePaths:
    """Return the paths of the demo's store, which is never the real one."""
    return StorePaths(Path(places.demo_store()))

"""Where things lie. Asking creates nothing; ``ccboard paths`` prints them all.

Only the standard library, and little of that: this is on the way of every one-shot command, where
``dataclasses``, ``tempfile`` and ``hashlib`` together cost as much as the whole rest (20 ms).
"""

import os
from pathlib import Path

from ccboard.errors import StoreError

SERVICE_SOCKET = Path("/run/ccboard/hub.sock")
SERVICE_CONFIG = Path("/etc/ccboard/config.toml")
OWN_STORE = "ccboard.duckdb"
"""The store that is used where none is named."""
SOCKET_LIMIT = 100
"""Longest socket path used, in bytes: the kernel's own limit is 107."""


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise StoreError(
            "This user has no home folder: name a folder for the store in CCBOARD_STATE_DIR."
        ) from None


def state_dir() -> Path:
    """Return the folder of store, lock and socket: CCBOARD_STATE_DIR, else XDG's, else ~/.local/state."""
    if own := os.environ.get("CCBOARD_STATE_DIR"):
        return Path(own)
    xdg = os.environ.get("XDG_STATE_HOME", "")
    base = Path(xdg) if xdg.startswith("/") else _home() / ".local/state"
    return base / "ccboard"


def config_file() -> Path:
    """Return the user's configuration file (it need not exist): XDG_CONFIG_HOME or ~/.config."""
    xdg = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(xdg) if xdg.startswith("/") else _home() / ".config"
    return base / "ccboard/config.toml"


def at_home(path: Path) -> Path:
    """Return `path` with ~ and ~NAME resolved; left as it is where there is no such user.

    ``Path.expanduser`` raises RuntimeError there, out of a validator that promises ValueError.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111


def find_config(named: str | None = None) -> Path | None:
    """Return the configuration file to read: `named`, CCBOARD_CONFIG, the user's, the service's, None."""
    if named or (named := os.environ.get("CCBOARD_CONFIG")):
        return Path(named)
    try:
        own = config_file()
        if _is_there(own):
            return own
    except StoreError:
        pass  # no home: only the service's file is left to look at
    return SERVICE_CONFIG if _is_there(SERVICE_CONFIG) else None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder on the way is closed to this user (sudo -u with the home of another)
        return False


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
        return self.store.with_name(self._of_hub("log"))

    def _of_hub(self, kind: str) -> str:
        """Return the name of a file of the store's hub, its own: several stores may be in a folder.

        From the whole name: x.db and x.duckdb are two stores.
        """
        name = self.store.name
        return f"hub.{kind}" if name == OWN_STORE else f"{name}.hub.{kind}"

    @property
    def caller_key(self) -> Path:
        """The secret of the caller hash (0600)."""
        return self.store.with_name("caller.key")

    @property
    def socket(self) -> Path:
        """The hub's socket: beside the store, or where that path is too long in a private folder."""
        beside = self.store.with_name(self._of_hub("sock"))
        if len(os.fsencode(beside.absolute())) <= SOCKET_LIMIT:
            return beside
        import hashlib
        import tempfile

        digest = hashlib.blake2s(os.fsencode(self.store.absolute()), digest_size=8).hexdigest()
        return Path(tempfile.gettempdir()) / f"ccboard-{os.getuid()}" / f"{digest}.sock"


def store_paths(named: str | Path | None = None) -> StorePaths:
    """Return the paths of the store `named`, or of the user's own."""
    return StorePaths(Path(named).absolute() if named else state_dir().absolute() / OWN_STORE)


def demo_paths() -> StorePaths:
    """Return the paths of the demo's store, which is never the real one."""
    return StorePaths(state_dir().absolute() / "demo" / "demo.duckdb")

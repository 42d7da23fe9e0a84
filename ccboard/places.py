"""Where things lie, as strings: what a question to the hub needs to know, and nothing else.

``ccboard.paths`` says the same with ``pathlib``, for everybody who has more to do. Here there is only
``os.path``: pathlib brings urllib and fnmatch with it, 6 ms of CPU, a fifth of a whole ``ccboard check``.
"""

import os

from ccboard.errors import StoreError

SERVICE_SOCKET = "/run/ccboard/hub.sock"
SERVICE_CONFIG = "/etc/ccboard/config.toml"
OWN_STORE = "ccboard.duckdb"
"""The store that is used where none is named."""
SOCKET_LIMIT = 100
"""Longest socket path used, in bytes: the kernel's own limit is 107."""


def _home() -> str:
    home = os.path.expanduser("~")
    if home.startswith("~"):
        raise StoreError("This user has no home folder: name a folder for the store in CCBOARD_STATE_DIR.")
    return home


def state_dir() -> str:
    """Return the folder of store, lock and socket: CCBOARD_STATE_DIR, else XDG's, else ~/.local/state."""
    if own := os.environ.get("CCBOARD_STATE_DIR"):
        return own
    xdg = os.environ.get("XDG_STATE_HOME", "")
    return os.path.join(xdg if xdg.startswith("/") else os.path.join(_home(), ".local/state"), "ccboard")


def config_file() -> str:
    """Return the user's configuration file (it need not exist): XDG_CONFIG_HOME or ~/.config."""
    xdg = os.environ.get("XDG_CONFIG_HOME", "")
    return os.path.join(xdg if xdg.startswith("/") else os.path.join(_home(), ".config"),
                        "ccboard/config.toml")


def find_config(named: str | None = None) -> str | None:
    """Return the configuration file to read: `named`, CCBOARD_CONFIG, the user's, the service's, None."""
    if named or (named := os.environ.get("CCBOARD_CONFIG")):
        return named
    try:
        own = config_file()
        if os.path.exists(own):  # False, too, where a folder on the way is closed to this user
            return own
    except StoreError:
        pass  # no home: only the service's file is left to look at
    return SERVICE_CONFIG if os.path.exists(SERVICE_CONFIG) else None


def store(named: str | None = None) -> str:
    """Return the store `named`, or the user's own."""
    return os.path.join(os.getcwd(), named) if named else _absolute(OWN_STORE)


def demo_store() -> str:
    """Return the demonstration's store, which is never the real one."""
    return _absolute("demo", "demo.duckdb")


def _absolute(*parts: str) -> str:
    folder = state_dir()
    return os.path.join(folder if os.path.isabs(folder) else os.path.join(os.getcwd(), folder), *parts)


def of_hub(store: str, kind: str) -> str:
    """Return the file of a `kind` that the hub of a store has, its own: several may be in a folder.

    From the whole name: x.db and x.duckdb are two stores.
    """
    folder, name = os.path.split(store)
    return os.path.join(folder, f"hub.{kind}" if name == OWN_STORE else f"{name}.hub.{kind}")


def socket(store: str) -> str:
    """Return the socket of a store's hub: beside it, or where that is too long in a private folder."""
    beside = of_hub(store, "sock")
    if len(os.fsencode(os.path.join(os.getcwd(), beside))) <= SOCKET_LIMIT:
        return beside
    import hashlib
    import tempfile

    whole = os.fsencode(os.path.join(os.getcwd(), store))
    digest = hashlib.blake2s(whole, digest_size=8).hexdigest()
    return os.path.join(tempfile.gettempdir(), f"ccboard-{os.getuid()}", f"{digest}.sock")

"""One hub per store: the election, and the socket that only the elected one touches.

The lock file is held by flock for as long as the hub lives, and the kernel lets go of it whatever way
the hub dies. The file is never removed: two starters would then lock two different files. The number in
it is for people to read; whether a hub is alive is decided by the lock and by an answer, never by a pid.
"""

import contextlib
import fcntl
import grp
import os
import socket
import stat
import time
from pathlib import Path

from ccboard.errors import HubError, StoreError

PATIENCE_S = 0.3
"""A look whether the lock is free (``is_free``) holds it for an instant; that is not another hub."""


class HubLock:
    """The election, won. Let go of it with ``release`` or by ending the process."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, path: Path) -> "HubLock | None":
        """Return the lock, or None where another hub holds it. Raises StoreError for a bad folder."""
        make_private_folder(path.parent)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened: {error.strerror}; CCBOARD_STATE_DIR names "
                             "another folder") from None
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    os.close(descriptor)
                    return None
                time.sleep(0.05)
            except OSError as error:
                os.close(descriptor)
                raise StoreError(f"{path}: cannot be locked: {error.strerror}; the store must lie on a "
                                 "local file system (CCBOARD_STATE_DIR)") from None
        with contextlib.suppress(OSError):  # a full disk: the number is for people, the lock is held
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        return cls(path, descriptor)

    def stands(self) -> bool:
        """Tell whether the file at `path` is still the one that is locked: if not, another may be elected."""
        found = os.fstat(self._descriptor)
        return identity(self.path) == (found.st_dev, found.st_ino)

    def release(self) -> None:
        """Let another hub be elected."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells the file at `path` from another of that name; None where there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_free(path: Path) -> bool:
    """Tell whether no hub holds the lock at `path` (a missing file is free)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise HubError(f"{path}: cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def stop_mark(path: Path) -> Path:
    """Return the file beside the lock at `path` that says that its hub was stopped on purpose.

    ``ccboard stop`` makes it, the next hub removes it; boards that are open start no hub while it is there.
    """
    return path.with_suffix(".stopped")


def again_mark(path: Path) -> Path:
    """Return the file beside the lock at `path` that says that the demo begins again for open boards."""
    return path.with_suffix(".again")


def holder(path: Path) -> str:
    """Return who holds the lock, for a message: "process 4711", or "another process"."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        text = ""
    return f"process {text}" if text.isdigit() else "another process"


def stuck(path: Path, log: Path) -> str:
    """Return what to do about a hub that holds the lock at `path` and does not answer; `log` is its log."""
    who = holder(path)
    end = f"`kill {who.removeprefix('process ')}`" if who.startswith("process ") else "its process"
    if log.exists():
        return (f"{who} holds {path} but does not answer as a hub. If it has just started, try again;"
                f" otherwise see {log}, or end it: {end}")
    return (f"{who} holds {path} but does not answer as a hub. If it has just started, try again;"
            f" otherwise end it: {end}")


def make_private_folder(path: Path) -> None:
    """Make a folder that only this user enters; one that exists is left as it is.

    A folder in the temporary directory (where a socket's path would be too long elsewhere) must be ours
    and closed to others. Raises StoreError saying what to do.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.name == f"ccboard-{os.getuid()}":  # a name that anybody could have taken first
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
                raise StoreError(f"{path} is not a private folder of yours: remove it, or name a folder "
                                 "with a shorter path in CCBOARD_STATE_DIR")
    except OSError as error:
        raise StoreError(f"{path}: this folder cannot be made: {error.strerror}; name another in "
                         "CCBOARD_STATE_DIR") from None


def bind(path: Path, *, shared: bool) -> socket.socket:
    """Bind the hub's socket at `path`, in place of a stale one. Only who holds the lock may call this.

    `shared`: open to group ccboard (the service), else to this user alone. Raises HubError.
    """
    if not shared:
        make_private_folder(path.parent)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o117 if shared else 0o177)  # right from the first instant, not by a later chmod
    try:
        _make_way(path)
    except BaseException:
        os.umask(before)
        listener.close()
        raise
    try:
        listener.bind(os.fspath(path))
        if shared:
            _open_to_group(path)
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise HubError(f"{path}: cannot serve here: {error.strerror}") from None
    finally:
        os.umask(before)
    return listener


def _make_way(path: Path) -> None:
    """Remove a stale socket; raise HubError for anything else. One that somebody serves is not stale.

    Two services with stores of their own share the host's socket path but no lock. A killed hub's socket may
    still take connections for an instant after its lock is free, which is waited out.
    """
    until = time.monotonic() + PATIENCE_S
    try:
        while stat.S_ISSOCK(path.lstat().st_mode):
            if not _is_served(path):
                path.unlink()
                return
            if time.monotonic() >= until:
                raise HubError(f"{path}: another hub serves here")
            time.sleep(0.05)
    except FileNotFoundError:
        return
    except OSError as error:
        raise HubError(f"{path}: cannot be replaced: {error.strerror}") from None
    raise HubError(f"{path}: is in the place of the hub's socket and is none; move it away")


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0)
        try:
            probe.connect(os.fspath(path))
        except BlockingIOError:
            return True  # its queue is full
        except OSError:
            return False
    return True


def _open_to_group(path: Path) -> None:
    try:
        group = grp.getgrnam("ccboard").gr_gid
    except KeyError:
        return  # no such group: the socket stays with the group that the service runs as
    if path.stat().st_gid != group:
        os.chown(path, -1, group)

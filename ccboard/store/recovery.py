"""Opening the DuckDB file whatever state it is in: nothing is ever deleted, and what is done is said.

Measured on DuckDB 2.0: a torn end of the write-ahead log is dropped silently (a commit that was never
acknowledged), garbage inside it makes opening fail, garbage at its head makes DuckDB ignore it
*without a word*; a damaged header, a cut or an empty file fails at once, a damaged block only when a
query touches it. So: the head of the log is looked at here, the rest is DuckDB's own check.

The database file itself is never opened here: closing any descriptor of it drops the lock that
DuckDB holds on it for this process. (Once DuckDB has refused it, it holds none.)
"""

import contextlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from ccboard.clock import SystemClock
from ccboard.errors import StoreError
from ccboard.moments import to_datetime

WAL_HEAD = b"\x64\x00\x62"
"""First bytes of a write-ahead log: its version entry."""

MAGIC = b"DUCK"
"""What stands behind the checksum at the head of every DuckDB file."""

REMOTE = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "smb2", "9p", "v9fs", "drvfs", "afs", "ncpfs", "ceph",
    "glusterfs", "lustre", "gpfs", "ocfs2", "gfs2", "beegfs", "vboxsf", "prl_fs", "vmhgfs",
    "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs", "fuse.davfs",
    "fuse.vmhgfs-fuse", "fuse.drvfs", "davfs",
})
"""Types of file systems on which neither the lock nor the commit can be trusted."""

Notice = Callable[[str], None]


def connect(path: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """Return a hardened connection: one thread, no extensions, no files but its own, UTC."""
    con = duckdb.connect(str(path), config={
        "threads": 1,
        "memory_limit": memory_limit,
        "max_temp_directory_size": "2GB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        # What a question or an import took goes back to the host at once: some 35 MB of a hub that reads
        # thirteen weeks, and no time that could be measured.
        "allocator_flush_threshold": "1MB",
        "allocator_bulk_deallocation_flush_threshold": "1MB",
        "allocator_background_threads": True,
    })
    for setting in ("SET GLOBAL TimeZone='UTC'", "SET enable_progress_bar=false",
                    "SET enable_external_access=false", "SET lock_configuration=true"):
        con.execute(setting).fetchall()
    return con


def prepare_folder(path: Path) -> None:
    """Make the store's folder (0700), and refuse places where a store cannot live."""
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder}: the store's folder cannot be made: {error.strerror}."
            " Name another folder in CCBOARD_STATE_DIR, or a file with --store."
        ) from None
    if path.is_dir():
        raise StoreError(f"{path}: is a folder; the store is a file. Name one with --store.")
    kind = file_system(folder)
    if kind in REMOTE:
        raise StoreError(
            f"{folder}: lies on {kind}, a network or Windows file system, where the store's lock does not"
            " hold. Name a folder on a local disk in CCBOARD_STATE_DIR, or a file with --store."
        )
    if not os.access(folder, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.R_OK | os.W_OK)):
        raise StoreError(
            f"{path}: cannot be written by this user. Name another folder in CCBOARD_STATE_DIR,"
            " or a file with --store."
        )


def file_system(folder: Path, table: str | None = None) -> str | None:
    """Return the type of the file system that holds `folder`, None where the system does not say.

    `table` is the text of /proc/self/mounts. The longest mount point that is a parent counts; of
    several at the same place the last, which lies on top.
    """
    if table is None:
        try:
            table = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
    real = folder.resolve()
    best: tuple[int, str] | None = None
    for line in table.splitlines():
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), parts[1]))
        if (real == point or point in real.parents) and (best is None or len(point.parts) >= best[0]):
            best = (len(point.parts), parts[2])
    return best[1] if best else None


def open_file(path: Path, memory_limit: str, notice: Notice, *,
              mend: bool = True) -> duckdb.DuckDBPyConnection:
    """Return a connection to the file at `path`, moving aside what cannot be read.

    Without `mend` nothing is moved: who only reads must not turn a damaged store into an empty floor.
    A file that was never a store (named so by mistake) is left alone in either case.

    Raises StoreError where another process holds the file, it may not be read, there is no room, or it
    was left alone.
    """
    refuse_foreign(path)  # before DuckDB: it opens a CSV file as an empty database in memory
    wal = path.with_name(path.name + ".wal")
    if mend:
        _check_wal_head(wal, notice)
    elif not _sound_wal_head(wal):
        raise StoreError(left_alone(wal, "it does not begin as a write-ahead log does"))
    fresh = not path.exists()
    for _attempt in range(3):
        try:
            return connect(path, memory_limit)
        except duckdb.Error as error:
            text = str(error)
            known = explain(path, text)
            if known is not None:
                if fresh and path.exists() and not path.stat().st_size:
                    path.unlink()  # ours, of a moment ago: the next start would take it for a damaged store
                raise StoreError(known) from None
            if not path.exists():
                raise StoreError(f"{path}: cannot be made: {_first_line(text)}") from None
            if not mend:
                raise StoreError(left_alone(wal if wal.exists() else path, _first_line(text))) from None
            if wal.exists():
                where = move_aside(wal)
                notice(f"the store's write-ahead log was damaged and is now {where}; going on from the last"
                       f" checkpoint ({_first_line(text)})")
            else:
                where = move_aside(path)
                notice(f"the store was damaged or not a store, and is now {where}; starting a fresh one"
                       f" ({_first_line(text)})")
    raise StoreError(f"{path}: cannot be opened, even afresh. Name another file with --store.")


def drop_spilled(path: Path) -> None:
    """Remove what DuckDB wrote beside the store for want of memory and a killed process left there.

    It is of use to nobody, and may hold callers in full. Only for who has the file at `path` open, which
    is its lock, for the first time and has asked nothing yet: files of an earlier opening may be in use.
    """
    for left in path.with_name(path.name + ".tmp").glob("duckdb_temp_*"):
        with contextlib.suppress(OSError):  # not ours to remove: the store is sound all the same
            left.unlink()


def left_alone(path: Path, why: str) -> str:
    """Return the message about a damaged file for those who only wanted to read it."""
    return (f"{path}: is damaged ({why.rstrip('.')}). It was left as it is: ccboard serve, or ccboard import,"
            " moves it aside and goes on with what is whole.")


def refuse_foreign(path: Path) -> None:
    """Raise StoreError for a file that was never a store: neither its name nor its head says so.

    Only for a file that this process does not have open: closing it here would drop DuckDB's lock.
    """
    if path.exists() and not path.is_file() and not path.is_dir():  # a device, a pipe: opening one may wait
        raise StoreError(f"{path}: is a device or a pipe; the store is a file. Name one with --store.")
    if path.suffix == ".duckdb":
        return
    try:
        with path.open("rb") as stream:
            head = stream.read(12)
    except OSError:
        return  # there is none, or DuckDB will say why it cannot be read
    if head.strip(b"\0") and head[8:12] != MAGIC:
        raise StoreError(f"{path}: is not a store, nor a DuckDB file at all. It was left as it is; name a"
                         " store, or a new file, with --store.")


def explain(path: Path, text: str) -> str | None:
    """Return the message for an error of DuckDB that says nothing against the file, else None."""
    lowered = text.lower()
    if "could not set lock" in lowered:
        found = re.search(r"held in (.+?) \(PID (\d+)\)", text)
        who = f"process {found[2]} ({found[1]})" if found else "another process"
        return (f"{path}: {who} holds this store. Ask that one (ccboard status), stop it (ccboard stop), or"
                " name another file with --store.")
    if "permission denied" in lowered or "read-only file system" in lowered:
        return (f"{path}: cannot be read and written by this user. Name another folder in CCBOARD_STATE_DIR,"
                " or a file with --store.")
    if is_full(lowered):
        return f"{path}: the disk is full; make room on {path.parent}."
    if is_short_of_memory(lowered):
        return (f"{path}: opening it takes more memory than it may (store.memory_limit in the configuration);"
                f" give it more. It was left as it is. ({_first_line(text)})")
    if "too many open files" in lowered or "cannot allocate memory" in lowered:
        return f"{path}: {_first_line(text)}"
    if re.search(r"newer|can only read|version number", lowered) and "checksum" not in lowered:
        return f"{path}: was written by a newer version of DuckDB; use that ccboard. ({_first_line(text)})"
    return None


def is_full(text: str) -> bool:
    """Tell whether an error's text says that the disk is full (or the file may not grow)."""
    lowered = text.lower()
    return any(words in lowered for words in
               ("no space left", "disk quota", "file too large", "disk is full", "could not write all bytes"))


def is_short_of_memory(text: str) -> bool:
    """Tell whether an error's text says that DuckDB's own memory limit was reached.

    A long write-ahead log is replayed within that limit; inside a replay the error has another name.
    """
    return bool(re.search(r"out of memory|(could not allocate|failed to (allocate|pin)) (block|data) of size",
                          text.lower()))


def is_damage(text: str) -> bool:
    """Tell whether an error's text says that the file's content is damaged."""
    lowered = text.lower()
    return any(words in lowered for words in ("corrupt", "checksum", "could not read enough bytes"))


def move_aside(path: Path) -> Path:
    """Rename `path` to a name of its own beside it, and return that name. Nothing is deleted."""
    when = to_datetime(SystemClock().now()).strftime("%Y%m%dT%H%M%SZ")
    for number in range(1000):
        target = path.with_name(f"{path.name}.damaged-{when}" + (f"-{number}" if number else ""))
        if not target.exists():
            try:
                path.rename(target)
            except OSError as error:
                raise StoreError(f"{path}: damaged, and cannot be moved aside: {error.strerror}.") from None
            return target
    raise StoreError(f"{path}: damaged, and a thousand damaged ones lie there already; clear them up.")


def free_bytes(path: Path) -> int:
    """Return the free space of the disk that holds `path`."""
    return shutil.disk_usage(path.parent).free


def _sound_wal_head(wal: Path) -> bool:
    try:
        with wal.open("rb") as stream:
            head = stream.read(len(WAL_HEAD))
    except OSError:
        return True  # there is none, or DuckDB will say why it cannot be read
    return head == WAL_HEAD[: len(head)]


def _check_wal_head(wal: Path, notice: Notice) -> None:
    if not _sound_wal_head(wal):
        where = move_aside(wal)
        notice(f"the store's write-ahead log was damaged and is now {where}; going on from the last"
               " checkpoint")


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:300] if text.strip() else "no reason given"

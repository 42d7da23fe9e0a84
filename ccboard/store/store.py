"""The store: the one DuckDB file, its one writer, and the door to its readers.

``Store.open`` finds the file in whatever state it is and says through `notice` what it had to do. A
batch is one transaction, records and cursor together, so that a crash neither loses nor doubles.
After a fatal error of DuckDB (a full disk at the wrong moment) the file is opened again and the
work goes on; readers do not notice.
"""

import contextlib
import threading
import weakref
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

import duckdb

from ccboard.clock import SECOND
from ccboard.errors import StoreError, StoreMemoryError
from ccboard.records import AgentState, Batch, Contact, Offer
from ccboard.store import bulk, facts, light, missing, recovery, schema, small
from ccboard.store.journal import Change, Journal
from ccboard.store.mirror import Known, Mirror, Source
from ccboard.store.parsed import Parsed
from ccboard.store.reader import DEADLINE_S, Reader
from ccboard.store.rows import micros

T = TypeVar("T")


class Effect(NamedTuple):
    """What a batch did: how many rows changed, and for the readers which; None: not to be followed."""

    changed: int
    changes: list[Change] | None


class Pinned(NamedTuple):
    """The store as the transaction of a reader sees it: its revision, and the small tables."""

    revision: int
    sources: dict[str, Source]
    rows: dict[str, int]
    """How many rows each source has changed."""
    queues: dict[tuple[str, str], Known]
    ties: dict[tuple[str, str], tuple[datetime, str]]
    seen: dict[tuple[str, str], datetime]


def _silent(_text: str) -> None:
    """Say nothing."""


class Store:
    """One open store. Writing is serialised here; each thread that reads takes a ``reader``."""

    def __init__(self, path: Path, memory_limit: str, notice: Callable[[str], None],
                 mend: bool = True) -> None:
        self.path = path
        self._mend = mend
        self.memory_limit = memory_limit
        self._notice = notice
        self._lock = threading.RLock()
        self._con: duckdb.DuckDBPyConnection | None = None
        self._epoch = 0
        self._closed = False
        self._readers: weakref.WeakSet[Reader] = weakref.WeakSet()
        self._mirror = Mirror()
        self._told_low = False
        self.parsed = Parsed()
        self.journal = Journal()
        """What was committed, for readers who keep figures."""
        self._commit_lock = threading.Lock()  # not `_lock`: that is held for as long as a batch takes

    @classmethod
    def open(cls, path: Path, *, memory_limit: str = "512MB",
             notice: Callable[[str], None] = _silent, mend: bool = True) -> "Store":
        """Open the store at `path`, or make it. `notice` gets a sentence for each thing done about damage.

        `mend` False is for readers: damage is an error then, and what is damaged stays where it is.

        Raises StoreError: held by another process (with its pid), not writable, on a network file system,
        made by a newer ccboard, a database of something else, or no database at all.
        """
        path = Path(path).absolute()
        recovery.prepare_folder(path)
        store = cls(path, memory_limit, notice, mend)
        store._connect()
        recovery.drop_spilled(path)
        return store

    # -- opening and closing --------------------------------------------------------------------

    def _connect(self) -> None:
        fresh = not self.path.exists()
        con = recovery.open_file(self.path, self.memory_limit, self._notice, mend=self._mend)
        try:
            self._check_schema(con)
            self._mirror = Mirror.read(con)
        except duckdb.Error as error:
            con.close()
            if not recovery.is_damage(str(error)):
                raise StoreError(f"{self.path}: cannot be read: {error}") from None
            if not self._mend:
                raise StoreError(recovery.left_alone(self.path, str(error))) from None
            where = recovery.move_aside(self.path)
            self._notice(f"the store was damaged and is now {where}; starting a fresh one ({error})")
            con = recovery.open_file(self.path, self.memory_limit, self._notice)
            self._check_schema(con)
            self._mirror = Mirror.read(con)
        except BaseException:
            con.close()
            raise
        if fresh:
            with contextlib.suppress(OSError):  # not ours to change: the folder's rights must do
                self.path.chmod(0o600)
        self._con = con
        self._epoch += 1
        self.journal.forget()

    def _check_schema(self, con: duckdb.DuckDBPyConnection) -> None:
        tables = {row[0] for row in con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal"
        ).fetchall()}
        if not tables:
            con.begin()
            for statement in schema.TABLES:
                con.execute(statement).fetchall()
            con.execute("INSERT INTO meta VALUES ('schema', ?)", [str(schema.VERSION)]).fetchall()
            con.commit()
            con.execute("CHECKPOINT").fetchall()  # DDL in the write-ahead log is where replay goes wrong
            return
        version = None
        if "meta" in tables and "contacts" in tables:
            found = con.execute("SELECT value FROM meta WHERE key = 'schema'").fetchall()
            version = int(found[0][0]) if found and found[0][0].isdecimal() else None
        if version is None:
            raise StoreError(
                f"{self.path}: is a DuckDB database of something else. It was left as it is; name another"
                " file with --store or another folder in CCBOARD_STATE_DIR."
            )
        if version > schema.VERSION:
            raise StoreError(
                f"{self.path}: was made by a newer ccboard (store version {version}, this one knows"
                f" {schema.VERSION}). Update ccboard, or name another file with --store."
            )
        if version < schema.VERSION:
            con.begin()
            for number in range(version + 1, schema.VERSION + 1):
                for statement in schema.UPGRADES[number]:
                    con.execute(statement).fetchall()
            con.execute("UPDATE meta SET value = ? WHERE key = 'schema'", [str(schema.VERSION)]).fetchall()
            con.commit()
            con.execute("CHECKPOINT").fetchall()

    def reopen(self, epoch: int) -> None:
        """Open the file again unless that was done since `epoch`. Raises StoreError; may be tried again."""
        with self._lock:
            if self._closed:
                raise StoreError(f"{self.path}: the store is closed.")
            if self._con is not None and epoch not in (-1, self._epoch):
                return
            if self._con is not None and epoch == -1:
                return
            self._release()
            self._connect()

    def _release(self) -> None:
        """Close everything that holds on to the database: it lives on while one cursor does."""
        con, self._con = self._con, None
        for reader in list(self._readers):
            reader.drop()
        if con is not None:
            con.close()

    def close(self) -> None:
        """Checkpoint and close. Never raises: what was committed is in the write-ahead log at the least."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self.journal.forget()  # who keeps figures must ask, and hear that it is closed
            if self._con is not None:
                with contextlib.suppress(duckdb.Error):
                    self._con.execute("CHECKPOINT").fetchall()
            with contextlib.suppress(duckdb.Error):
                self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- writing ---------------------------------------------------------------------------------

    def register(self, name: str, type: str, promise_s: float, sees: frozenset[str]) -> None:  # noqa: A002
        """Note a source: its type, after how many seconds of silence it is late, and which states it sees."""
        told = Source(type, promise_s, sees)

        def work(con: duckdb.DuckDBPyConnection) -> None:
            if self._mirror.sources.get(name) == told:
                return
            self._write_source(con, name, told)

        def learn(_: None) -> None:
            self._mirror.sources[name] = told
            self.journal.add([Change("sources", None, (name, told))])

        self._transaction(work, learn)

    def stage(self, source: str, fields: Sequence[str], key: bulk.Key) -> bulk.Stage:
        """Return an empty stage for the visits of a back-fill; hand it to ``apply`` when it is full.

        There is one at a time, and it is gone when the file has to be opened again.
        """
        with self._lock:
            if self._con is None:
                self.reopen(-1)
            assert self._con is not None
            return bulk.Stage(self._con, source, fields, key)

    def apply(self, batch: Batch, key: str = "live", staged: bulk.Stage | None = None) -> int:
        """Commit a batch, the visits of a stage and the cursor as one; return how many rows they changed.

        Idempotent: applied again it changes nothing. Raises StoreError (disk full, damage) and then
        nothing of it is stored: hand it in again.
        """
        def work(con: duckdb.DuckDBPyConnection) -> tuple[small.After, Effect]:
            after: small.After = []
            return after, self._write(con, batch, key, after, staged)

        def learn(done: tuple[small.After, Effect]) -> None:
            for tell in done[0]:
                tell()
            if done[1].changes is None:
                self.journal.forget()
            elif done[1].changes:
                self.journal.add(done[1].changes)

        return self._transaction(work, learn)[1].changed

    def _write(self, con: duckdb.DuckDBPyConnection, batch: Batch, key: str,
               after: small.After, staged: bulk.Stage | None = None) -> Effect:
        mirror, records = self._mirror, batch.records
        changes: list[Change] = []
        for name in {batch.source, *(record.source for record in records)} - mirror.sources.keys():
            told = Source("", 5.0, frozenset())
            self._write_source(con, name, told)
            after.append(lambda name=name, told=told: mirror.sources.update({name: told}))  # type: ignore[misc]
            changes.append(Change("sources", None, (name, told)))
        new_sources = len(changes)
        changes += facts.write_contacts(con, [r for r in records if isinstance(r, Contact)])
        states = facts.write_states(con, [r for r in records if isinstance(r, AgentState)])
        changed = len(changes) - new_sources + len(states)
        offers, rows = facts.write_offers(con, [r for r in records if isinstance(r, Offer)])
        changed += offers
        changes += [*states, *rows]
        seen = records
        if staged is not None:
            changed += staged.merge()
            seen = (*records, *staged.agents())
        names, retied = small.write_names(con, mirror, seen, after, changes)
        changed += names
        changed += small.write_queues(con, mirror, records, after, changes)
        changed += small.write_status(con, mirror, records, after, changes)
        changed += small.write_actions(con, records)
        changed += small.write_scores(con, records, changes)
        changed += light.write_refusals(con, records, changes)
        changed += light.write_counters(con, records)
        small.write_rejects(con, mirror, batch.source, batch.rejects, after, changes)
        place = (batch.source, key)
        cursor = mirror.cursors.get(place) if batch.cursor is None else batch.cursor
        if place not in mirror.cursors:
            con.execute("INSERT INTO cursors VALUES (?, ?, ?, ?)", [*place, cursor, changed]).fetchall()
        elif changed or cursor != mirror.cursors[place]:
            con.execute("UPDATE cursors SET cursor = ?, rows = rows + ? WHERE source = ? AND key = ?",
                        [cursor, changed, *place]).fetchall()
        after.append(lambda: mirror.cursors.update({place: cursor}))
        if changed:
            total = mirror.rows.get(batch.source, 0) + changed
            after.append(lambda: mirror.rows.update({batch.source: total}))
            changes.append(Change("rows", None, (batch.source, total)))
        return Effect(changed, None if retied or staged is not None else changes)

    @staticmethod
    def _write_source(con: duckdb.DuckDBPyConnection, name: str, told: Source) -> None:
        con.execute("DELETE FROM sources WHERE name = ?", [name]).fetchall()
        con.execute("INSERT INTO sources VALUES (?, ?, ?, ?)",
                    [name, told.type, told.promise_s, " ".join(sorted(told.sees))]).fetchall()

    def set_meta(self, key: str, value: str) -> None:
        """Remember a text of the store as a whole."""
        def work(con: duckdb.DuckDBPyConnection) -> None:
            con.execute("DELETE FROM meta WHERE key = ?", [key]).fetchall()
            con.execute("INSERT INTO meta VALUES (?, ?)", [key, value]).fetchall()

        self._transaction(work, lambda _: self._mirror.meta.update({key: value}))

    def set_missing(self, source: str, stretches: missing.Stretches) -> None:
        """Note the stretches [from, until) of a source's history that are not held here, and no others."""
        def work(con: duckdb.DuckDBPyConnection) -> bool:
            return missing.write(con, source, stretches)

        def learn(changed: bool) -> None:
            if changed:
                self.journal.forget()

        self._transaction(work, learn)

    def change(self, work: Callable[[duckdb.DuckDBPyConnection], int], gone: datetime | None = None) -> int:
        """Run upkeep in one transaction; return how many rows it changed.

        `gone`: nothing later than it was touched, so that figures of later moments stay. Raises StoreError.
        """
        def learn(changed: int) -> None:
            if not changed:
                return
            if gone is None:
                self.journal.forget()
            else:
                self.journal.add([Change("gone", None, (gone,))])

        return self._transaction(work, learn)

    def _transaction(self, work: Callable[[duckdb.DuckDBPyConnection], T],
                     learn: Callable[[T], None] | None = None) -> T:
        """Run `work` in one transaction; after a fatal error open the file again and run it once more.

        `learn` takes in what was committed; to readers who ``pin`` the two are one moment. Without it
        readers begin anew.
        """
        with self._lock:
            for attempt in (1, 2):
                if self._con is None:
                    self.reopen(-1)
                assert self._con is not None
                con, epoch = self._con, self._epoch
                try:
                    con.begin()
                    result = work(con)
                    with self._commit_lock:
                        con.commit()
                        if learn is None:
                            self.journal.forget()
                        else:
                            learn(result)
                except (duckdb.FatalException, duckdb.ConnectionException) as error:
                    self.reopen(epoch)
                    if attempt == 2:
                        raise StoreError(f"{self.path}: cannot be written: {error}") from None
                except BaseException as error:
                    with contextlib.suppress(duckdb.Error):
                        con.rollback()
                    if isinstance(error, duckdb.Error):
                        raise self.failed(error) from None
                    raise
                else:
                    return result
        raise AssertionError("unreachable")

    def failed(self, error: duckdb.Error) -> StoreError:
        """Return what the user is told of an error of DuckDB."""
        text = str(error)
        if recovery.is_short_of_memory(text):
            return StoreMemoryError(f"{self.path}: cannot be written: it takes more memory than it may"
                                    " (store.memory_limit in the configuration); give it more."
                                    f" ({text.strip().splitlines()[0][:300]})")
        return StoreError(self._cannot_write(text))

    def _cannot_write(self, text: str) -> str:
        if recovery.is_full(text):
            return (f"{self.path}: the disk is full. Nothing is lost: what is new is written as soon as there"
                    f" is room on {self.path.parent}.")
        if recovery.is_damage(text):
            return (f"{self.path}: is damaged: {text}. Stop ccboard and move the file away: a fresh one is"
                    " made from what the sources still have.")
        return f"{self.path}: cannot be written: {text}"

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file; once a minute keeps reopening fast.

        Where the disk has no room for it, it is put off and said once. Raises StoreError.
        """
        with self._lock:
            wal = self.path.with_name(self.path.name + ".wal")
            size = wal.stat().st_size if wal.exists() else 0
            if not size:
                return
            if recovery.free_bytes(self.path) < 2 * size + (1 << 20):
                if not self._told_low:
                    self._notice(f"the disk that holds {self.path} is nearly full; the store goes on in its"
                                 " write-ahead log")
                self._told_low = True
                return
            self._told_low = False
            if self._con is None:
                self.reopen(-1)
            assert self._con is not None
            epoch = self._epoch
            try:
                try:
                    self._con.execute("CHECKPOINT").fetchall()
                except duckdb.TransactionException:
                    # Somebody still reads what was there before the last commit. On a busy floor that is
                    # so at every try: wait for them, which takes as long as a snapshot.
                    self._con.execute("FORCE CHECKPOINT").fetchall()
            except (duckdb.FatalException, duckdb.ConnectionException):
                self.reopen(epoch)
            except duckdb.TransactionException:
                return  # the next minute will do
            except duckdb.Error as error:
                raise self.failed(error) from None

    # -- reading ---------------------------------------------------------------------------------

    def cursor(self, source: str, key: str = "live") -> str | None:
        """Return where a source goes on, or None."""
        return self._mirror.cursors.get((source, key))

    def meta(self, key: str) -> str | None:
        """Return a text of the store as a whole ("timezone"), or None."""
        return self._mirror.meta.get(key)

    def sources(self) -> dict[str, Source]:
        """Return all sources ever registered, by name."""
        return dict(self._mirror.sources)

    def reader(self, deadline_s: float = DEADLINE_S) -> Reader:
        """Return a cursor for one thread."""
        reader = Reader(self, deadline_s)
        self._readers.add(reader)
        return reader

    def forget(self, reader: Reader) -> None:
        """Note that a reader is done."""
        self._readers.discard(reader)

    def new_cursor(self) -> tuple[duckdb.DuckDBPyConnection, int]:
        """Return a cursor of the open file and the number of that opening; for ``Reader``."""
        epoch, con = self._epoch, self._con
        if con is None:
            raise duckdb.ConnectionException("the store is being opened again")
        return con.cursor(), epoch

    def pin(self, reader: Reader) -> Pinned:
        """Return what the transaction of `reader` sees, which has asked nothing yet.

        DuckDB fixes what a transaction sees at its first question. It waits for a commit under way.
        """
        with self._commit_lock:
            reader.rows("SELECT count(*) FROM meta")
            mirror = self._mirror
            return Pinned(self.journal.revision, dict(mirror.sources), dict(mirror.rows), dict(mirror.queues),
                          dict(mirror.ties), dict(mirror.seen))

    def last_moment(self) -> int | None:
        """Return the second after the latest record: the default `as_of` of a store that nothing feeds."""
        reader = self.reader()
        try:
            rows = reader.rows("""
                SELECT max(moment) FROM (
                    SELECT greatest(max(offered_at), max(answered_at), max(ended_at)) AS moment
                    FROM visits
                    UNION ALL SELECT greatest(max(started_at), max(ended_at)) FROM offers
                    UNION ALL SELECT max(started_at) FROM open_offers
                    UNION ALL SELECT max(moment) FROM agent_states
                    UNION ALL SELECT max(moment) FROM events WHERE kind = 'restart')
            """)
        finally:
            reader.close()
        return None if rows[0][0] is None else (micros(rows[0][0]) // SECOND + 1) * SECOND

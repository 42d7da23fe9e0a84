"""Where imported records go: into a store that no hub holds, or to the hub that holds it.

Both take the same records in the same parts, each part in one transaction with the cursor behind it,
and apply the `callers` policy before anything is kept.
"""

import json
import tempfile
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol
from urllib.parse import quote

import duckdb

from ccboard import client
from ccboard.callers import Callers, mask
from ccboard.clean import clean
from ccboard.commands.offline import load_config, opened, say
from ccboard.errors import HubError, InputError, UsageError
from ccboard.metrics.zone import resolve_zone
from ccboard.paths import store_paths
from ccboard.records import Batch, Contact, Record, Reject
from ccboard.store.bulk import Key, Stage
from ccboard.store.ready import Ready
from ccboard.store.store import Store
from ccboard.store.tables import Tables, has_room
from ccboard.text import counted
from ccboard.transfer import to_lines

KEY = "import"
"""The cursor's key: beside that of the live source, which goes its own way."""
TIMEOUT_S = 60.0
CURSOR_LIMIT = 12_000
"""Characters of a packed cursor: it goes in a request's head, of which a hub reads 64 kB."""


def pack(cursor: str | None) -> str | None:
    """Return a cursor in a form that fits into a request's head; too long even so is none ("").

    It holds the calls that were open at the end: five to ten times smaller when it is compressed. Of what
    it can be without, see ``Part.cursor``, the first half is left out until the rest fits.
    """
    while cursor is not None:
        packed = urlsafe_b64encode(zlib.compress(cursor.encode(), 9)).decode()
        if len(packed) <= CURSOR_LIMIT:
            return packed
        cursor = _shorter(cursor)
        if cursor is None:
            return ""
    return None


def _shorter(cursor: str) -> str | None:
    try:
        plain = json.loads(cursor)
        spare = plain["spare"]
        rest = spare[(len(spare) + 1) // 2 :]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None  # a form of its own: there is nothing to leave out
    return json.dumps({**plain, "spare": rest}, separators=(",", ":")) if spare else None


def unpack(cursor: str | None) -> str | None:
    """Return what was packed; None for what was not packed here, so that the import begins afresh."""
    try:
        return zlib.decompress(urlsafe_b64decode(cursor)).decode() if cursor else None
    except (ValueError, zlib.error):
        return None


def refuse_all(problems: Sequence[InputError], *, readable: int) -> None:
    """Raise InputError naming the files if none of them can be read: no store is made for nothing."""
    if problems and not readable:
        raise InputError("\n".join(f"ccboard import: {problem}" for problem in problems))


def not_read(files: int) -> str:
    """Return the last word on files that could not be read."""
    return f"{files} file{'' if files == 1 else 's'} could not be read, or not to the end: see above"


def broke_off(name: object, error: HubError, taken: int) -> HubError:
    """Return the error of a hub that is lost, or refuses, in the midst of a file or archive, with what to do.

    `taken`: rows of the store that it has changed by then.
    """
    kept = f"What it took before, {counted(taken, 'row')}, is kept" if taken else "It took nothing before"
    return HubError(f"{name}: broke off: {str(error).rstrip('.')}. {kept}. Import the same again, with a hub"
                    " or without one: what is there already changes nothing.")


class Intake(Protocol):
    """Takes records of one source."""

    source: str
    zone: str | None
    """The store's zone, where that is known."""
    callers: Callers | None
    """The policy that ``keep`` applies, if it does."""

    def loading(self, name: object) -> AbstractContextManager[None]:
        """Be entered while the file `name` is taken in: an error names it, and says what to do."""
        ...

    def cursor(self) -> str | None:
        """Return the cursor of the last part taken, or None."""
        ...

    def take(self, records: tuple[Record, ...], cursor: str | None, rejects: tuple[Reject, ...]) -> int:
        """Take a part; return how many records changed something. Raises CcboardError: then none did."""
        ...

    def keep(self, number: str | None, name: str | None) -> tuple[str | None, str | None, str | None]:
        """Return (number, key, name) of a caller as they may be staged."""
        ...

    def keep_in_cursor(self, number: str | None, name: str | None, key: str | None
                       ) -> tuple[str | None, str | None, str | None]:
        """Return (number, key, name) of a caller as they may be in a cursor."""
        ...

    def stage(self, fields: Sequence[str], key: Key) -> Stage:
        """Return an empty stage for visits."""
        ...

    def take_staged(self, stage: Stage, records: tuple[Record, ...], cursor: str | None,
                    rejects: tuple[Reject, ...]) -> int:
        """Take what was staged, as ``take`` does."""
        ...

    @property
    def database(self) -> Tables | None:
        """Where a reader may make tables for ``take_tables``; None: hand in records."""
        ...

    def take_tables(self, tables: tuple[str, ...], records: tuple[Record, ...], cursor: str | None,
                    rejects: tuple[Reject, ...]) -> int:
        """Take visits, offers and states that lie in tables of `database`, and what belongs to them."""
        ...


class StoreIntake:
    """A store of our own for the time being."""

    def __init__(self, store: Store, callers: Callers, source: str, kind: str) -> None:
        self._store = store
        self.zone = store.meta("timezone")
        self.callers: Callers | None = callers
        self._callers = callers
        self._ready: Ready | None = None
        self.source = source
        if (known := store.sources().get(source)) is None or not known.type:
            store.register(source, kind, 0.0, frozenset())  # history promises nothing live

    def loading(self, name: object) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nothing can be lost: the store is our own."""
        return nullcontext()

    def cursor(self) -> str | None:
        """Return the stored cursor."""
        return unpack(self._store.cursor(self.source, KEY))

    def take(self, records: tuple[Record, ...], cursor: str | None, rejects: tuple[Reject, ...]) -> int:
        """Write a part in one transaction."""
        kept = tuple(self._callers.apply(r) if isinstance(r, Contact) else r for r in records)
        refused = tuple(map(self._callers.refuse, rejects))
        return self._store.apply(Batch(self.source, kept, pack(cursor), refused), KEY)

    def keep(self, number: str | None, name: str | None) -> tuple[str | None, str | None, str | None]:
        """Apply the policy now: what is staged is stored as it is."""
        return self._callers.keep(number, name)

    def keep_in_cursor(self, number: str | None, name: str | None, key: str | None
                       ) -> tuple[str | None, str | None, str | None]:
        """Apply the policy: a cursor is stored as it is."""
        kept = self._callers.apply(Contact(source="", call="", queue="", offered_at=0,
                                           caller=number, caller_name=name, caller_key=key))
        return kept.caller, kept.caller_key, kept.caller_name

    def stage(self, fields: Sequence[str], key: Key) -> Stage:
        """Stage in the store itself."""
        return self._store.stage(self.source, fields, key)

    def take_staged(self, stage: Stage, records: tuple[Record, ...], cursor: str | None,
                    rejects: tuple[Reject, ...]) -> int:
        """Merge a stage in one transaction."""
        refused = tuple(map(self._callers.refuse, rejects))
        return self._store.apply(Batch(self.source, records, pack(cursor), refused), KEY, stage)


    @property
    def database(self) -> Tables | None:
        """The store's own, where it may take enough memory to keep such tables off the disk."""
        if not has_room(self._store.memory_limit):
            return None
        return Tables(self._store, self._store.stage(self.source, ("call",), "row").con)

    def take_tables(self, tables: tuple[str, ...], records: tuple[Record, ...], cursor: str | None,
                    rejects: tuple[Reject, ...]) -> int:
        """Write a part in one transaction."""
        kept = (self._callers.apply(r) if isinstance(r, Contact) else r for r in records)
        refused = tuple(map(self._callers.refuse, rejects))
        try:
            if self._ready is None:
                con = self._store.stage(self.source, ("call",), "row").con
                self._ready = Ready(con, self.source, self._callers)
            ready = self._ready
            ready.fill(*tables)
            every = (*kept, *ready.left(), *ready.known())
            changed = self._store.apply(Batch(self.source, every, pack(cursor), refused), KEY, ready)
            ready.drop()
        except duckdb.Error as error:
            raise self._store.failed(error) from None
        return changed


class HubIntake:
    """The hub that holds the store. It applies its own policy, to rejects too."""

    def __init__(self, address: client.Address, source: str, kind: str) -> None:
        self.source = source
        self.zone: str | None = None
        self.callers: Callers | None = None
        self._connection = client.Connection(address, TIMEOUT_S)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._staging: duckdb.DuckDBPyConnection | None = None
        self._place = f"source={quote(source, safe='')}&key={KEY}"
        self._query = f"{self._place}&type={quote(kind, safe='')}"
        self._taken = 0

    @contextmanager
    def loading(self, name: object) -> Iterator[None]:
        """Say of which file it was if the hub is lost meanwhile, and what to do."""
        try:
            yield
        except HubError as error:
            raise broke_off(name, error, self._taken) from None

    def cursor(self) -> str | None:
        """Ask for the stored cursor."""
        said = self._connection.ask("GET", f"/v1/cursor?{self._place}", timeout=TIMEOUT_S).good()
        cursor = said.get("cursor") if isinstance(said, dict) else None
        return unpack(cursor) if isinstance(cursor, str) else None

    def take(self, records: tuple[Record, ...], cursor: str | None, rejects: tuple[Reject, ...]) -> int:
        """Post a part; the cursor goes with its last body, so that a break repeats and never skips."""
        changed = 0
        bodies = list(to_lines((*records, *rejects))) or ([b""] if cursor is not None else [])
        for number, body in enumerate(bodies, 1):
            path = f"/v1/records?{self._query}"
            if cursor is not None and number == len(bodies):
                path += f"&cursor={pack(cursor)}"
            said = self._connection.ask("POST", path, body, TIMEOUT_S).good()
            if not isinstance(said, dict) or not isinstance(said.get("applied"), int):
                raise HubError("the hub does not say what became of the records; import them again")
            changed += said["applied"]
            self._taken += said["applied"]
        return changed

    def keep(self, number: str | None, name: str | None) -> tuple[str | None, str | None, str | None]:
        """Leave callers to the hub's policy."""
        return number, None, name

    def keep_in_cursor(self, number: str | None, name: str | None, key: str | None,  # noqa: ARG002
                       ) -> tuple[str | None, str | None, str | None]:
        """Keep what every policy may: the hub's policy and its key are not known here."""
        return None if number is None else mask(number), key, None

    def stage(self, fields: Sequence[str], key: Key) -> Stage:
        """Stage in a database of our own, which goes away with us."""
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="ccboard-import-")
        self._staging = self._staging or duckdb.connect(config={
            "threads": 1, "memory_limit": "512MB", "temp_directory": self._folder.name,
            "autoinstall_known_extensions": False, "autoload_known_extensions": False,
        })
        self._staging.execute("SET enable_progress_bar=false").fetchall()
        return Stage(self._staging, self.source, fields, key)

    def take_staged(self, stage: Stage, records: tuple[Record, ...], cursor: str | None,
                    rejects: tuple[Reject, ...]) -> int:
        """Post what was staged, then what belongs to it; a break in between is mended by doing it again."""
        changed = 0
        for part in stage.parts():
            changed += self.take(part, None, ())
        return changed + self.take(records, cursor, rejects)

    @property
    def database(self) -> Tables | None:
        """None: what a hub gets are records."""
        return None

    def take_tables(self, tables: tuple[str, ...], records: tuple[Record, ...], cursor: str | None,
                    rejects: tuple[Reject, ...]) -> int:
        """Never asked for: there is no database."""
        raise NotImplementedError

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
        if self._staging is not None:
            self._staging.close()
        if self._folder is not None:
            self._folder.cleanup()


@contextmanager
def intake(
    source: str, kind: str, *, store: str | None = None, hub: str | None = None,
    config_path: str | None = None, timezone: str | None = None, default_zone: str | None = None,
) -> Iterator[Intake]:
    """Give the place for records of `source`: the hub that is running, else the store itself.

    `store` names the store meant; its hub is asked if one holds it. First use writes the zone into a
    store; `default_zone` is the one of the files, for a store and a configuration that have none. Raises
    UsageError, HubError, StoreError, ConfigError.
    """
    if not source or clean(source) != source:
        raise UsageError(f"--source {clean(source)!r}: a source's name is plain text")
    if store and hub:
        raise UsageError("--store names a file and --hub a hub: name one of them")
    address = hub_of(store, hub, config_path)
    if address is not None:
        if timezone:
            say("--timezone is left aside: a running hub keeps its zone")
        handing = HubIntake(address, source, kind)
        try:
            yield handing
        finally:
            handing.close()
        return
    config = load_config(config_path)
    where = store_paths(store) if store else client.configured_paths(config_path)
    with opened(where, config.store.memory_limit) as mine:
        zone = resolve_zone(timezone, config, mine.meta("timezone") or default_zone)
        if mine.meta("timezone") is None or timezone:
            mine.set_meta("timezone", zone.key)
        yield StoreIntake(mine, Callers.open(config.callers, where.caller_key), source, kind)


def hub_of(store: str | None, hub: str | None, config_path: str | None) -> client.Address | None:
    """Return the hub that holds the store, or None where nobody does."""
    try:
        if not store:
            return client.find_hub(hub, config_path)
        address = client.Address(path=str(store_paths(store).socket))
        client.Connection(address).close()
    except client.NoHub:
        return None
    return address

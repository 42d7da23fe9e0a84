"""Where an archive is brought to: a store that no hub holds, or the hub that holds it. Imports DuckDB.

What was kept of callers when the archive was written stays as it is, unless the `callers` setting here allows
less: then that counts (``ccboard.callers``).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import quote

from ccboard import client
from ccboard.archive import cut, known
from ccboard.archive.known import NOTHING, Known
from ccboard.archive.reading import Source, records
from ccboard.archive.tables import CONTACTS, SOURCES, Table
from ccboard.callers import DOT, Callers
from ccboard.commands.intake import hub_of
from ccboard.commands.offline import load_config, opened, say
from ccboard.errors import HubError, UsageError
from ccboard.metrics.zone import resolve_zone
from ccboard.paths import store_paths
from ccboard.records import Batch, Contact, Record
from ccboard.store.parts import KINDS, Part
from ccboard.store.rows import Row
from ccboard.store.store import Store
from ccboard.transfer import to_lines

TIMEOUT_S = 130.0
_DIGIT = re.compile(r"\d")
_CALLER = slice(*([column.name for column in CONTACTS.columns].index("caller") + n for n in (0, 3)))
"""Where a visit's row has number, key and name."""


class Place(Protocol):
    """Takes what an archive holds."""

    def held(self) -> Mapping[str, Known]:
        """Return what is known of each source there."""
        ...

    def take(self, source: Source, told: tuple[Record, ...]) -> int:
        """Take records of a source; return how many changed something. Raises CcboardError: then none did."""
        ...

    def take_rows(self, source: Source, table: Table, rows: list[Row]) -> int:
        """As ``take``, of the rows of a file of facts."""
        ...

    def note(self, source: Source, now: Known) -> None:
        """Note what of a source's history is there now."""
        ...


class StorePlace:
    """A store of our own for the time being."""

    def __init__(self, store: Store, callers: Callers) -> None:
        self._store = store
        self._callers = callers

    def held(self) -> Mapping[str, Known]:
        """Ask the store."""
        return cut.held(self._store.reader())

    def take(self, source: Source, told: tuple[Record, ...]) -> int:
        """Write a part in one transaction."""
        there = self._store.sources().get(source.name)
        if there is None or not there.type:
            self._store.register(source.name, source.type, source.promise_s, source.sees)
        kept = tuple(self._callers.apply(r) if isinstance(r, Contact) else r for r in told)
        return self._store.apply(Batch(source.name, kept), cut.KEY)

    def take_rows(self, source: Source, table: Table, rows: list[Row]) -> int:
        """Write a part in one transaction: what is new as it is, and records only where they must decide."""
        if table.name not in KINDS:
            return self.take(source, records(table, rows))
        if table is CONTACTS:
            rows = [self._kept(row) for row in rows]
        part = Part.of(self._store, table.name, [(c.name, c.kind == "moment") for c in table.columns])
        try:
            left = records(table, part.left(rows))
            return self._store.apply(Batch(source.name, left), cut.KEY, part)
        finally:
            part.drop()

    def _kept(self, row: Row) -> Row:
        """Return a visit as the policy on callers allows it."""
        number, key, name = row[_CALLER]
        if number is None and name is None:
            return row
        if self._callers.policy == "masked" and number and DOT in number and not _DIGIT.search(name or ""):
            return row  # as nearly all of an archive are: that they stay so costs a tenth of finding it out
        return (*row[:_CALLER.start], *self._callers.keep(number, name, key), *row[_CALLER.stop:])

    def note(self, source: Source, now: Known) -> None:
        """Write it."""
        self._store.apply(Batch(source.name, (), _span(now)), cut.KEY)
        self._store.set_missing(source.name, now.missing)


class HubPlace:
    """The hub that holds the store. It applies its own policy."""

    def __init__(self, connection: client.Connection) -> None:
        self._connection = connection

    def held(self) -> Mapping[str, Known]:
        """Ask the hub."""
        said = self._connection.ask("GET", f"/v1/export?table={SOURCES.name}", timeout=TIMEOUT_S).good()
        try:
            return {
                row[0]: Known(row[4], row[5] or 0, known.read(row[6])) if row[4] is not None else NOTHING
                for row in said["rows"]
            }
        except (KeyError, TypeError, ValueError, IndexError):
            raise HubError(
                "the hub's answer is not understood: use one version of ccboard for both"
            ) from None

    def take(self, source: Source, told: tuple[Record, ...]) -> int:
        """Post a part."""
        return sum(self._post(source, body, {}) for body in (list(to_lines(told)) or [b""]))

    def take_rows(self, source: Source, table: Table, rows: list[Row]) -> int:
        """Post a part."""
        return self.take(source, records(table, rows))

    def note(self, source: Source, now: Known) -> None:
        """Post it."""
        lacks = ",".join(f"{begin}..{end}" for begin, end in now.missing)
        self._post(source, b"", {"missing": lacks, "cursor": _span(now)})

    def _post(self, source: Source, body: bytes, more: Mapping[str, str]) -> int:
        words = {"source": source.name, "type": source.type or "archive", "key": cut.KEY,
                 "promise_s": f"{source.promise_s!r}", "sees": " ".join(sorted(source.sees)), **more}
        query = "&".join(f"{name}={quote(text, safe='')}" for name, text in words.items())
        said = self._connection.ask("POST", f"/v1/records?{query}", body, TIMEOUT_S).good()
        if not isinstance(said, dict) or not isinstance(said.get("applied"), int):
            raise HubError("the hub does not say what became of the records; import them again")
        return int(said["applied"])


def _span(now: Known) -> str:
    return "" if now.first is None else f"{now.first} {now.last}"


@contextmanager
def place(store: str | None, hub: str | None, config_path: str | None, timezone: str | None,
          zones: list[str]) -> Iterator[Place]:
    """Give the place: the hub that is running, else the store itself.

    `zones`: those of the archives, for a store and a configuration that have none. Raises UsageError,
    HubError, StoreError, ConfigError.
    """
    if store and hub:
        raise UsageError("--store names a file and --hub a hub: name one of them")
    address = hub_of(store, hub, config_path)
    if address is not None:
        if timezone:
            say("--timezone is left aside: a running hub keeps its zone")
        connection = client.Connection(address, TIMEOUT_S)
        try:
            yield HubPlace(connection)
        finally:
            connection.close()
        return
    config = load_config(config_path)
    where = store_paths(store) if store else client.configured_paths(config_path)
    with opened(where, config.store.memory_limit) as mine:
        zone = resolve_zone(timezone, config, mine.meta("timezone") or (zones[0] if zones else None))
        if mine.meta("timezone") is None or timezone:
            mine.set_meta("timezone", zone.key)
        yield StorePlace(mine, Callers.open(config.callers, where.caller_key))

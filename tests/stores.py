"""For tests of the store and the figures: stores in a temporary folder, records in few words."""

from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.metrics.floor import snapshot
from ccboard.records import Batch, Record
from ccboard.snapshot import AgentFigures, QueueFigures, Snapshot
from ccboard.store.store import Store

S = 1_000_000
UTC = ZoneInfo("UTC")


def store(folder: Path, records: Iterable[Record] = (), *, promise_s: float = 5.0,
          sees: Iterable[str] = ()) -> Store:
    """Return a store in `folder` that holds `records`, their sources registered."""
    made = Store.open(folder / "ccboard.duckdb")
    records = tuple(records)
    for source in sorted({record.source for record in records}):
        made.register(source, "test", promise_s, frozenset(sees))
        made.apply(Batch(source, tuple(record for record in records if record.source == source)))
    return made


def floor(made: Store, as_of: int, config: Config | None = None, zone: ZoneInfo = UTC) -> Snapshot:
    """Return the floor at `as_of`, by a reader of its own."""
    reader = made.reader()
    try:
        return snapshot(reader, as_of, config or Config(), zone)
    finally:
        reader.close()


def queue(seen: Snapshot, name: str) -> QueueFigures:
    """Return the figures of one queue."""
    return next(row for row in seen.queues if row.queue == name)


def agent(seen: Snapshot, name: str) -> AgentFigures:
    """Return the figures of one agent."""
    return next(row for row in seen.agents if row.agent == name)

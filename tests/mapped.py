"""Loading files by a map, as the command does, and looking at what the store holds then."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.cli import main
from ccboard.store.store import Store


def load(store: Path, name: str | Path, *files: Path, more: tuple[str, ...] = ()) -> int:
    """Run ``ccboard import``; the configuration of the host stays out of it."""
    return main(["import", "--map", str(name), "--store", str(store), *map(str, files), *more])


def write_map(folder: Path, text: str, name: str = "export.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def visits(store: Path, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
    with Store.open(store) as opened:
        return opened.reader().rows(
            f"SELECT {columns} FROM visits WHERE {where} ORDER BY offered_at, call, queue, nth"
        )


def ask(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with Store.open(store) as opened:
        return opened.reader().rows(sql)


def local(moment: datetime, zone: str) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def whole_store(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything in a store that figures are made of."""
    tables = (
        "sources",
        "contacts",
        "open_contacts",
        "agents_seen",
        "queues_known",
        "alive",
        "events",
        "rejects",
        "reject_counts",
        "cursors",
        "meta",
    )
    return {table: sorted(ask(store, f"SELECT * FROM {table}"), key=repr) for table in tables}


SECOND = timedelta(seconds=1)

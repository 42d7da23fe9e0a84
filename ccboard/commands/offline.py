"""Figures of a store that no hub holds. Imports DuckDB: only ``--store FILE`` comes here."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

from ccboard import config as configuration
from ccboard.clock import SystemClock
from ccboard.errors import HubError, InputError, UsageError
from ccboard.figures.engine import DEADLINE_S
from ccboard.figures.extras import extras
from ccboard.hub.lock import HubLock, stuck
from ccboard.metrics.floor import snapshot
from ccboard.metrics.zone import resolve_zone
from ccboard.moments import parse_as_of, parse_day_start, to_datetime
from ccboard.panel_surge import SurgePanel
from ccboard.paths import StorePaths, find_config
from ccboard.snapshot import Snapshot, to_public
from ccboard.store.reader import Reader
from ccboard.store.recovery import refuse_foreign
from ccboard.store.store import Store
from ccboard.text import printable


def say(text: str) -> None:
    """Say something beside the data."""
    print(printable(f"ccboard: {text}"), file=sys.stderr)


@contextmanager
def opened(where: StorePaths, memory_limit: str, notice: Callable[[str], None] = say, *,
           mend: bool = True) -> Iterator[Store]:
    """Open the store at `where` as its only owner: with the hubs' lock, so that none starts meanwhile.

    `mend`: move aside what is damaged, as a hub does; who only reads leaves it.

    Raises HubError where somebody holds it and does not answer, StoreError where it cannot be opened.
    """
    refuse_foreign(where.store)  # before a lock is laid beside it
    lock = HubLock.acquire(where.lock)
    if lock is None:
        raise HubError(stuck(where.lock, where.log))
    try:
        store = Store.open(where.store, memory_limit=memory_limit, notice=notice, mend=mend)
        try:
            yield store
        finally:
            store.close()
    finally:
        lock.release()


def load_config(named: str | None) -> configuration.Config:
    """Return the configuration of the file `named` or found; the defaults where there is none."""
    path = find_config(named)
    return configuration.load(path) if path is not None else configuration.Config()


def read(where: StorePaths, config_path: str | None, wanted: Mapping[str, str | None]) -> bytes:
    """Return the public object as JSON; `wanted` as in the hub's query: queue, as_of, timezone, agents.

    Without an as_of it is the store's last moment, which is said on stderr. With agents it has the surge
    watch, too, which costs a second or so for the weeks before.
    """
    if not where.store.exists():
        raise InputError(f"{where.store}: there is no such store; `ccboard paths` says where yours is")
    config = load_config(config_path)
    with opened(where, config.store.memory_limit, mend=False) as store:
        zone = resolve_zone(wanted.get("timezone"), config, store.meta("timezone"))
        last = store.last_moment()
        default = SystemClock().now() if last is None else last
        if text := wanted.get("as_of"):
            as_of = parse_as_of(text, zone, default, parse_day_start(config.business_day_start))
        else:
            as_of = default
            local = to_datetime(as_of).astimezone(zone)
            say(f"not live: {where.store.name} is shown as of its last record,"
                f" {local:%a %d %b %Y %H:%M:%S} {zone.key}")
        found = whole(store.reader(), store.reader(DEADLINE_S), as_of, config, zone)
        if wanted.get("agents") != "0":
            found = replace(found, surge=surge_of(store, found, config, zone))
    found = select(found, wanted.get("queue"))
    if wanted.get("agents") == "0":
        own = found.extras
        found = replace(found, agents=(), extras=None if own is None else own._replace(agents={}))
    return json.dumps(to_public(found), ensure_ascii=False).encode()


def whole(floor: Reader, questions: Reader, as_of: int, config: configuration.Config, zone: ZoneInfo
          ) -> Snapshot:
    """Return the floor at a moment, with the figures that the configuration chose."""
    return replace(snapshot(floor, as_of, config, zone), extras=extras(questions, as_of, config, zone))


def surge_of(store: Store, found: Snapshot, config: configuration.Config, zone: ZoneInfo) -> SurgePanel:
    """Return the surge panel of a floor of all queues, as a hub would show it at that moment."""
    from ccboard.desk.desk import Desk

    floors = store.reader()
    return Desk.of(config, zone).panel(store.reader(DEADLINE_S), found,
                                       at=lambda at: snapshot(floors, at, config, zone))


def select(floor: Snapshot, queue: str | None) -> Snapshot:
    """Return `floor` with this queue alone, as the hub does; raise UsageError naming the known ones."""
    if queue is None:
        return floor
    chosen = tuple(row for row in floor.queues if row.queue == queue)
    if not chosen:
        known = ", ".join(str(row.queue) for row in floor.queues) or "none yet"
        raise UsageError(f"unknown queue {queue!r}; known: {known}")
    own = floor.extras
    if own is not None:
        own = own._replace(queues={name: row for name, row in own.queues.items() if name == queue})
    return replace(floor, queues=chosen, extras=own)

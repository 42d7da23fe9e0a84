"""The past of a store that no hub holds, played by the board's own process. Imports DuckDB.

It holds the store's lock meanwhile, so no hub starts on it; nothing is written.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from ccboard import client
from ccboard.commands.board import on_terminal
from ccboard.commands.offline import load_config, opened, whole
from ccboard.commands.replay import asked, shown
from ccboard.config import Config
from ccboard.errors import HubError, InputError
from ccboard.figures import public
from ccboard.figures.engine import DEADLINE_S
from ccboard.hub.needs import NeedsKeeper
from ccboard.hub.surge import SurgeKeeper
from ccboard.metrics.floor import snapshot
from ccboard.metrics.zone import resolve_zone
from ccboard.moments import day_start, parse_day_start
from ccboard.paths import store_paths
from ccboard.quality.report import of_day
from ccboard.snapshot import Snapshot, to_public
from ccboard.store.reader import Reader
from ccboard.store.store import Store


def play(args: argparse.Namespace) -> int:
    """Play what ``ccboard replay`` was asked for."""
    config = load_config(args.config)
    where = store_paths(args.store) if args.store else client.configured_paths(args.config)
    if not where.store.exists():
        if args.store:
            raise InputError(f"{where.store}: there is no such store; `ccboard paths` says where yours is")
        raise HubError(f"no hub is running, and there is no store at {where.store}; name one with --store")
    with opened(where, config.store.memory_limit, mend=False) as store:
        zone = resolve_zone(None, config, store.meta("timezone"))
        last = store.last_moment()
        if last is None:
            raise InputError(f"{where.store} holds no records: there is no past to show")
        starts = parse_day_start(config.business_day_start)
        replay = asked(args, zone, last, day_start(last, zone, starts))
        replay = type(replay)(replay.begin, min(replay.end or last, last), replay.speed)
        if not on_terminal():
            from ccboard.commands.now import _print

            found = whole(store.reader(), store.reader(DEADLINE_S), replay.begin, config, zone)
            _print(json.dumps(to_public(found), ensure_ascii=False).encode(), "text")
            return 0
        answers = StoreAnswers(store, config, zone, last)
        try:
            return shown(NoFeed(), answers, replay, config.language)
        finally:
            answers.end()


PATIENCE_S = 0.3
"""A board that travels does not wait for the surge of a day that nobody has looked at yet."""


class NoFeed:
    """Nothing is live."""

    def start(self, callback: Callable[[Any], None]) -> None:
        """Bring nothing."""

    def stop(self) -> None:
        """Nothing to end."""


class StoreAnswers:
    """Answers from the store itself; moments and questions have a reader each, for a thread each."""

    def __init__(self, store: Store, config: Config, zone: ZoneInfo, last: int) -> None:
        self._config, self._zone, self._last = config, zone, last
        self._moments: Reader = store.reader()
        self._chosen: Reader = store.reader(DEADLINE_S)
        self._questions: Reader = store.reader(DEADLINE_S)
        self._surge = SurgeKeeper(store, lambda: config, lambda: zone, lambda: None,
                                  lambda reader, at: snapshot(reader, at, config, zone))
        self._needs = NeedsKeeper(store, lambda: last, lambda _scope: config, lambda: zone)
        self._needs.start()

    def end(self) -> None:
        """Give up what is still being worked out: no question may outlive the store."""
        self._surge.stop()
        self._needs.stop()

    def moment(self, as_of: int, *, quality: bool = False) -> Snapshot:
        """Return the floor at a moment. Its surge and tail are worked out meanwhile, as in a hub."""
        found = whole(self._moments, self._chosen, as_of, self._config, self._zone)
        found = replace(found, surge=self._surge.at(found, PATIENCE_S), tail=self._needs.at((), as_of),
                        acts=False)  # there is no hub to hand anything to
        if not quality:
            return found
        return replace(found, quality=of_day(self._chosen, as_of, self._config, self._zone))

    def ask(self, what: str, words: Mapping[str, str]) -> dict[str, Any]:
        """Return what the hub would answer."""
        if what == "before":
            from ccboard.desk.before import before  # loads numpy: not at every start

            return before(self._questions, words, self._config, self._zone, self._last)
        make = {"figures": public.tabled, "explain": public.explained, "visits": public.visited}[what]
        return make(self._questions, words, self._config, self._zone, self._last)

    def close(self) -> None:
        """Nothing to hang up: the store is closed when the board has gone."""

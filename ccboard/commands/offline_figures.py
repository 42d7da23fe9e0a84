"""Figures and their like of a store that no hub holds. Imports DuckDB: only ``--store FILE`` comes here."""

from collections.abc import Mapping
from typing import Any

from ccboard.clock import SystemClock
from ccboard.commands.offline import load_config, opened, say
from ccboard.errors import InputError
from ccboard.figures import public
from ccboard.figures.engine import DEADLINE_S
from ccboard.metrics.zone import resolve_zone
from ccboard.moments import to_datetime
from ccboard.paths import StorePaths


def answer(
    where: StorePaths, config_path: str | None, what: str, words: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return what the hub would answer. Without an as_of it is of the store's last moment, which is said."""
    if not where.store.exists():
        raise InputError(f"{where.store}: there is no such store; `ccboard paths` says where yours is")
    config = load_config(config_path)
    with opened(where, config.store.memory_limit) as store:
        zone = resolve_zone(words.get("timezone"), config, store.meta("timezone"))
        last = store.last_moment()
        default = SystemClock().now() if last is None else last
        if not words.get("as_of"):
            local = to_datetime(default).astimezone(zone)
            say(
                f"not live: {where.store.name} is shown as of its last record,"
                f" {local:%a %d %b %Y %H:%M:%S} {zone.key}"
            )
        if what in ("tail", "coach"):
            from ccboard.needs import answer as needs

            ask = needs.answer if what == "tail" else needs.coach
            return ask(store.reader(DEADLINE_S), words, config, zone, default)
        if what in ("alarms", "staff"):
            from ccboard.desk import answer as desk

            asked = desk.alarms if what == "alarms" else desk.staff
            return asked(store.reader(DEADLINE_S), words, config, zone, default)
        if what == "quality":
            from ccboard.quality import report

            return report.answer(store.reader(DEADLINE_S), words, config, zone, default)
        make = {"figures": public.tabled, "explain": public.explained, "visits": public.visited}[what]
        return make(store.reader(DEADLINE_S), words, config, zone, default)

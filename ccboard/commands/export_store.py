"""What an export asks of a store that no hub holds. Imports DuckDB."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ccboard.archive.answer import DEADLINE_S, answer
from ccboard.archive.exporting import Ask
from ccboard.clock import SystemClock
from ccboard.commands.offline import load_config, opened
from ccboard.errors import InputError
from ccboard.metrics.zone import resolve_zone
from ccboard.paths import StorePaths


@contextmanager
def answered(where: StorePaths, config_path: str | None, timezone: str | None) -> Iterator[Ask]:
    """Give what answers for the store at `where`; it is open, and no hub's, meanwhile."""
    if not where.store.exists():
        raise InputError(f"{where.store}: there is no such store; `ccboard paths` says where yours is")
    config = load_config(config_path)
    with opened(where, config.store.memory_limit, mend=False) as store:
        zone = resolve_zone(timezone, config, store.meta("timezone"))
        reader = store.reader(DEADLINE_S)
        last = store.last_moment()
        now = SystemClock().now() if last is None else last

        def ask(words: Mapping[str, str]) -> dict[str, Any]:
            return answer(reader, words, config, zone, now)

        yield ask

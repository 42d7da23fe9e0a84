"""The objects that `ccboard figures`, `explain` and `visits` print and the hub answers with, from words."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.errors import UsageError
from ccboard.figures import explain, lacking, listing, named
from ccboard.figures.engine import figures
from ccboard.figures.request import read
from ccboard.kpis.model import Entry
from ccboard.metrics.sources import Health
from ccboard.moments import parse_day_start, to_datetime
from ccboard.store.reader import Reader

__all__ = ["explained", "moment", "tabled", "visited"]

WORDS = ("kpi", "by", "from", "to", "where", "as_of", "timezone")
"""What may be asked of figures."""
EXPLAIN_WORDS = ("kpi", "queue", "agent", "from", "to", "as_of", "timezone")
"""What may be asked of an explanation."""
VISITS_WORDS = (*EXPLAIN_WORDS, "team", "type", "caller_of", "limit", "offset")
"""What may be asked of a list of visits."""
PAGE = 500
"""Rows of a list where nobody says how many."""


def moment(at: int) -> str:
    """Return a moment as ISO 8601 in UTC.

    >>> moment(1795283239_000000)
    '2026-11-21T17:47:19Z'
    """
    return to_datetime(at).astimezone(UTC).isoformat().replace("+00:00", "Z")


def tabled(
    reader: Reader, words: Mapping[str, str | None], config: Config, zone: ZoneInfo, default_as_of: int
) -> dict[str, Any]:
    """Return the figures that `words` ask for. Raises UsageError, StoreError."""
    request = read(words, zone, default_as_of, parse_day_start(config.business_day_start))
    unknown = named.notes(reader, request, config)
    answer = figures(reader, request, config, zone)
    return {
        "schema": "ccboard.figures/1",
        "as_of": moment(request.as_of),
        "from": moment(request.begin),
        "to": moment(request.end),
        "timezone": zone.key,
        "by": list(request.by),
        "kpis": [_said(kpi) for kpi in request.kpis],
        "rows": answer.objects(),
        "notes": [*unknown, *answer.notes, *lacking.notes(reader, request, zone)],
    }


def _said(kpi: Entry) -> dict[str, str]:
    return {"kpi": kpi.id, "name_en": kpi.name_en, "name_zh": kpi.name_zh, "unit": kpi.unit}


def explained(
    reader: Reader,
    words: Mapping[str, str | None],
    config: Config,
    zone: ZoneInfo,
    default_as_of: int,
    *,
    live: bool = False,
    health: Mapping[str, Health] | None = None,
) -> dict[str, Any]:
    """Return the explanation that `words` ask for. Raises UsageError, StoreError."""
    request = read(
        {**words, "by": None, "where": None}, zone, default_as_of, parse_day_start(config.business_day_start)
    )
    found = reader.consistent(
        lambda: explain.explain(
            reader, request, words.get("queue"), config, zone, live=live, health=health or {},
            agent=words.get("agent"),
        )
    )
    return {
        "schema": "ccboard.explain/1",
        "as_of": moment(request.as_of),
        "from": moment(request.begin),
        "to": moment(request.end),
        "timezone": zone.key,
        **found,
    }


def visited(
    reader: Reader,
    words: Mapping[str, str | None],
    config: Config,
    zone: ZoneInfo,
    default_as_of: int,
    *,
    named: bool = True,
) -> dict[str, Any]:
    """Return the visits behind the figure that `words` ask for; `named`: with who called and who answered.

    Raises UsageError, StoreError.
    """
    if not words.get("kpi"):
        raise UsageError("--kpi is missing: the figure whose visits to list, such as abandoned")
    request = read(
        {**words, "by": None, "where": None}, zone, default_as_of, parse_day_start(config.business_day_start)
    )
    limit = _number(words.get("limit"), "limit", PAGE)
    offset = _number(words.get("offset"), "offset", 0)
    queue = words.get("queue")
    found = reader.consistent(lambda: listing.listed(
        reader, request, queue, words.get("agent"), config, zone, team=words.get("team"),
        kind=words.get("type"), caller_of=words.get("caller_of"), named=named, limit=limit, offset=offset
    ))
    return {
        "schema": "ccboard.visits/1",
        "as_of": moment(request.as_of),
        "from": moment(request.begin),
        "to": moment(request.end),
        "timezone": zone.key,
        **found,
    }


def _number(text: str | None, name: str, default: int) -> int:
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise UsageError(f"{name} {text}: a whole number")
    return int(text)

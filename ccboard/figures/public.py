"""The objects that `ccboard figures` and `ccboard explain` print and the hub answers with, from words."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.figures import explain
from ccboard.figures.engine import figures
from ccboard.figures.request import read
from ccboard.kpis.model import Entry
from ccboard.metrics.sources import Health
from ccboard.moments import parse_day_start, to_datetime
from ccboard.store.reader import Reader

__all__ = ["explained", "moment", "tabled"]

WORDS = ("kpi", "by", "from", "to", "where", "as_of", "timezone")
"""What may be asked of figures."""
EXPLAIN_WORDS = ("kpi", "queue", "from", "to", "as_of", "timezone")
"""What may be asked of an explanation."""


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
        "notes": list(answer.notes),
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
            reader, request, words.get("queue"), config, zone, live=live, health=health or {}
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

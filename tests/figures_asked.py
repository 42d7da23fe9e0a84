"""What tests of figures share: a moment, and figures of a store as `ccboard figures` asks them."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.figures.engine import figures
from ccboard.figures.request import read
from ccboard.store.store import Store

S = 1_000_000
UTC_ZONE = ZoneInfo("UTC")
BERLIN, NEPAL, CHICAGO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/Chicago")


def at(text: str, zone: ZoneInfo = UTC_ZONE, fold: int = 0) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
    return int(moment.astimezone(UTC).timestamp()) * S


def ask(
    made: Store, config: Config | None = None, zone: ZoneInfo = UTC_ZONE, **words: str
) -> list[dict[str, Any]]:
    reader = made.reader()
    try:
        config = config or Config()
        named = {key.rstrip("_"): value for key, value in words.items()}
        request = read(named, zone, made.last_moment() or 0, time.fromisoformat(config.business_day_start))
        return figures(reader, request, config, zone).objects()
    finally:
        reader.close()

"""What ``ccboard tail`` and ``GET /v1/tail`` answer, from the words of a question."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.errors import UsageError
from ccboard.figures.public import moment
from ccboard.moments import parse_as_of, parse_day_start
from ccboard.needs.figures import GROUPS
from ccboard.needs.panel import Who
from ccboard.needs.study import PERIOD, study
from ccboard.store.reader import Reader
from ccboard.tail.kpis import OF_STORE
from ccboard.tail.public import public

SCHEMA = "ccboard.tail/1"
WORDS = ("kpi", "by", "period", "as_of", "timezone")
"""What may be asked."""
MOST_DAYS = 400
"""Longest period in working days."""


def answer(reader: Reader, words: Mapping[str, str | None], config: Config, zone: ZoneInfo,
           default_as_of: int, *, names: bool = True) -> dict[str, Any]:
    """Return the object that `words` ask for. `names` False: counts only. Raises UsageError, StoreError."""
    by = words.get("by") or "agent"
    if by not in GROUPS:
        raise UsageError(f"by {by}: there is {', '.join(GROUPS)}")
    asked = [kpi for kpi in (words.get("kpi") or "").split(",") if kpi]
    if wrong := [kpi for kpi in asked if kpi not in OF_STORE]:
        raise UsageError(f"kpi {wrong[0]}: there is {', '.join(OF_STORE)}")
    wanted = tuple(kpi for kpi in OF_STORE if kpi in asked) or OF_STORE
    as_of = default_as_of
    if text := words.get("as_of"):
        as_of = parse_as_of(text, zone, default_as_of, parse_day_start(config.business_day_start))
    found = study(reader, config, zone, as_of, period=period(words.get("period")), by=(by,), wanted=wanted)
    who, group = Who(found, by, config), found.groups[by]
    return {"schema": SCHEMA, "as_of": moment(as_of), "timezone": zone.key, "period": found.period,
            "names": names,
            **public(group.report, by, wanted, group.over, parts=group.parts, names=names, label=who.label,
                     team=who.team)}


def period(text: str | None) -> int | None:
    """Return the working days of a period, None for all. Raises UsageError."""
    if not text:
        return PERIOD
    if text == "all":
        return None
    number = text.removesuffix("d")
    if not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= MOST_DAYS:
        raise UsageError(f"period {text}: a number of working days such as 20d, at most {MOST_DAYS}, or all")
    return int(number)

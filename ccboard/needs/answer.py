"""What ``ccboard tail`` and ``GET /v1/tail`` and their like answer, from the words of a question."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.errors import UsageError
from ccboard.figures.public import moment
from ccboard.moments import parse_as_of, parse_day_start
from ccboard.needs.coaching import Case, read_of
from ccboard.needs.effect import Effect, Effects
from ccboard.needs.figures import GROUPS
from ccboard.needs.panel import Who, label
from ccboard.needs.read import Books
from ccboard.needs.study import PERIOD, study
from ccboard.store.reader import Reader
from ccboard.tail.kpis import OF_STORE
from ccboard.tail.public import number, public

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
    days = text.removesuffix("d")
    if not (days.isascii() and days.isdigit()) or not 1 <= int(days) <= MOST_DAYS:
        raise UsageError(f"period {text}: a number of working days such as 20d, at most {MOST_DAYS}, or all")
    return int(days)


COACH_SCHEMA = "ccboard.coach/1"


def coach(reader: Reader, words: Mapping[str, str | None], config: Config, zone: ZoneInfo,
          default_as_of: int) -> dict[str, Any]:
    """Return who is coached, with the effects of what runs; `all`: those that are done, too."""
    as_of = default_as_of
    if text := words.get("as_of"):
        as_of = parse_as_of(text, zone, default_as_of, parse_day_start(config.business_day_start))
    books = Books(reader, config, zone, as_of)
    cases = read_of(reader, config, as_of)
    shown = [case for case in cases if case.state != "done" or words.get("all") == "1"]
    made = Effects(books)
    return {"schema": COACH_SCHEMA, "as_of": moment(as_of), "timezone": zone.key,
            "cases": [_case(case, made.of(case), label(config, case.by, case.unit)) for case in shown]}


def _case(case: Case, effect: Effect | None, name: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kpi": case.kpi, "by": case.by, "unit": case.unit, "label": name, "state": case.state,
        "opened_at": moment(case.opened_at), "opened_by": case.opened_by,
        "started_at": _moment(case.started_at), "recheck_at": _moment(case.recheck_at),
        "done_at": _moment(case.done_at), "changed_at": moment(case.changed_at),
        "notes": [{"at": moment(note.at), "who": note.who, "text": note.text} for note in case.notes]}
    return said | {"effect": None if effect is None else {
        "early": effect.early, "days": effect.days, "count": effect.n, "change": number(effect.change),
        "low": number(effect.low), "high": number(effect.high), "apparent": number(effect.apparent),
        "chance": number(effect.chance), "better": number(effect.better), "words": effect.said[0],
        "words_zh": effect.said[1]}}


def _moment(at: int | None) -> str | None:
    return None if at is None else moment(at)

"""Everything that can be said of the data behind the figures: a function of (store, range, as_of, configuration)."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.figures import request as requests
from ccboard.moments import day_start, parse_day_start
from ccboard.panel_quality import QUESTIONS, Answer, Finding, QualityPanel, SourceQuality, to_public, unnamed
from ccboard.quality import accurate, heard, logical
from ccboard.quality.look import Look
from ccboard.snapshot import iso
from ccboard.store.reader import Reader

SCHEMA: Final = "ccboard.quality/1"
_LEVELS: Final = {"critical": 0, "warning": 1, "": 2}


def quality(reader: Reader, begin: int, end: int, as_of: int, config: Config, zone: ZoneInfo,
            pause: Callable[[], None] = lambda: None) -> QualityPanel:
    """Return the six answers of every source, and what speaks against them. Raises StoreError."""
    at = Look(reader, begin, end, as_of, config, zone, pause)
    known = heard.sources(at)
    findings: list[Finding] = []
    wrong = logical.look(at)
    compared, differing = accurate.look(at)
    made = []
    for name, _kind, promise_s in known:
        collected, lost = heard.collected(at, name)
        often, silent = heard.often(at, name, promise_s)
        answers = {
            "collected": collected, "reported": heard.reported(at, name, promise_s), "often": often,
            "helps": heard.helps(at, name), "logical": _logical([one for one in wrong if one.source == name]),
            "accurate": compared.get(name, Answer("accurate", "", (
                "the phone system's own counters are not known", "无电话系统计数可比"))),
        }
        made.append(SourceQuality(name, tuple(answers[question] for question in QUESTIONS)))
        findings += [*lost, *silent]
    findings += [*differing, *wrong]
    findings.sort(key=lambda one: (_LEVELS[one.level], one.source, QUESTIONS.index(one.question), one.kind, one.said))
    return QualityPanel(as_of, begin, end, tuple(made), tuple(findings))


def of_day(reader: Reader, as_of: int, config: Config, zone: ZoneInfo,
           pause: Callable[[], None] = lambda: None) -> QualityPanel:
    """Return what can be said of the business day up to a moment: what page 7 shows. Raises StoreError."""
    begin = day_start(as_of, zone, parse_day_start(config.business_day_start))
    return reader.consistent(lambda: quality(reader, begin, as_of + 1, as_of, config, zone, pause))


def _logical(wrong: list[Finding]) -> Answer:
    n = sum(one.n for one in wrong)
    if not n:
        return Answer("logical", "good", ("nothing that cannot be true", "无不合逻辑之处"))
    state = "critical" if any(one.level == "critical" for one in wrong) else "warning"
    return Answer("logical", state, (f"{n} row{'s' if n > 1 else ''} that cannot be true",
                                     f"{n} 行不合逻辑"))


def answer(reader: Reader, words: Mapping[str, str | None], config: Config, zone: ZoneInfo, default_as_of: int, *,
           named: bool = True) -> dict[str, Any]:
    """Return the object for these words: from, to, as_of. Raises UsageError, StoreError."""
    asked = requests.read({**words, "kpi": None, "by": None, "where": None}, zone, default_as_of,
                          parse_day_start(config.business_day_start))
    panel = reader.consistent(lambda: quality(reader, asked.begin, asked.end, asked.as_of, config, zone))
    return {"schema": SCHEMA, "timezone": zone.key, **to_public(panel if named else unnamed(panel), iso)}

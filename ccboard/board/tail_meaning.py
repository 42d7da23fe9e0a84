"""What ``d`` and ``enter`` on the tail page are about: the method in plain words, and whose calls."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from ccboard.kpis.catalogue import find
from ccboard.panel_tail import CoachRow, Early, TailRow, Unsteady, Verdict
from widgets import tail_text as text
from widgets.strip_table import StripTable
from widgets.tail_brief import TailBrief
from widgets.tail_tables import CoachTable, EarlyTable, TailTable, UnsteadyTable, VerdictTable
from widgets.view import View

_COLUMN_WORDS = {"likely": "tail.likely", "sure": "tail.sure", "habit": "tail.habit", "moved": "tail.habit",
                 "raw": "tail.raw", "usual": "tail.raw", "coaching": "tail.coaching", "chart": "tail.chart",
                 "driver": "tail.driver"}
_LISTS: dict[str, tuple[str, tuple[str, bool]]] = {
    "rna": ("ring_no_answer", ("offered_at", True)),
    "short": ("answered", ("talking", False)),
    "aht": ("answered", ("talking", True)),
    "transfer": ("transfer_rate", ("counts", False)),
    "csat": ("csat", ("counts", False)),
    "qa": ("qa_score", ("counts", False)),
    "fcr": ("fcr", ("counts", True)),
    "complaint": ("complaints", ("counts", False)),
    "success": ("success_rate", ("counts", True)),
    "dials": ("dials", ("offered_at", True)),
}
"""The catalogue's figure whose visits stand behind one of the tail's, and what they are sorted by at first:
those that drive it stand on top. For the others the answered ones are listed, the newest first."""

Parts = tuple[str, str, dict[str, Any]]
"""(word, of, what else the meaning has: whose visits, of which figure, from when, what first)."""


def parts_of(column: str, row: object, view: View, by: str) -> Parts:
    """Return what is behind a place on the tail's tables."""
    if isinstance(row, TailRow):
        word = _COLUMN_WORDS.get(column, "tail")
        return word, f"{row.label}, {text.figure(row.kpi, view)}", _calls(row.unit, row.kpi, view, by)
    if isinstance(row, Unsteady):
        return "tail.unsteady", row.label, _calls(row.unit, row.kpis[0] if row.kpis else "", view, by)
    if isinstance(row, Early):
        return "tail.early", row.label, _calls(row.unit, row.kpi, view, by)
    if isinstance(row, CoachRow):
        return "tail.coaching", row.label, _calls(row.unit, row.kpi, view, row.by)
    if isinstance(row, Verdict):
        return "tail.verdict", text.figure(row.kpi, view), {}
    return "tail", "", {}


def _calls(unit: str, kpi: str, view: View, by: str) -> dict[str, Any]:
    """Return which calls of the panel's period stand behind a unit's figure."""
    panel = text.panel_of(view)
    if panel is None:
        return {}
    lists, first = _LISTS.get(kpi, ("answered", ("offered_at", True)))
    if by == "type" and lists == "ring_no_answer":  # an offer has no type
        lists, first = "answered", ("offered_at", True)
    if find(lists) is None:
        lists = "answered"
    # a type that has the name of a queue is that queue's calls, which have none
    whose = {"agent": "agent", "team": "team"}.get(by, "kind")
    if whose == "kind" and any(queue.queue == unit for queue in view.queues):
        whose = "queue"
    group = panel.group(by)
    # the sample of a rare figure is of more days than the period
    pooled = next((v.first for v in group.verdicts if v.kpi == kpi and v.pooled), "") if group else ""
    first_day = pooled or panel.first or panel.last or "1970-01-01"
    begin = datetime.combine(datetime.fromisoformat(first_day), time(0), view.zone)
    return {whose: unit, "lists": lists, "first": first, "begin": int(begin.timestamp()) * 1_000_000}


TABLES: tuple[type[StripTable[Any]], ...] = (TailTable, UnsteadyTable, EarlyTable, CoachTable, VerdictTable,
                                             TailBrief)


def of_tail(make: Callable[..., Any]) -> dict[type[StripTable[Any]], Callable[[str, Any, str, View], Any]]:
    """Return for each of the tail's tables what makes a meaning (`make`) of a place on it."""
    def of(column: str, row: object, shown: str, view: View) -> Any:
        by = row.by if isinstance(row, CoachRow) else "agent"
        if isinstance(row, TailRow | Unsteady | Early):
            by = text.by_of(row, view)
        word, name, more = parts_of(column, row, view, by)
        return make(word=word, shown=shown, of=name, **more)

    return dict.fromkeys(TABLES, of)

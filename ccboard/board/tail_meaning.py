"""What ``d`` and ``enter`` on the tail page are about: the method in plain words, and whose calls."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
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
_LISTS = {"rna": "ring_no_answer"}
"""The catalogue's figure whose visits stand behind one of the tail's; for the others the answered ones do."""

Parts = tuple[str, str, str | None, str | None, int | None]
"""(word, of, agent, lists, begin)."""


def parts_of(column: str, row: object, view: View, by: str) -> Parts:
    """Return what is behind a place on the tail's tables."""
    if isinstance(row, TailRow):
        word = _COLUMN_WORDS.get(column, "tail")
        return (word, f"{row.label}, {text.figure(row.kpi, view)}", *_calls(row.unit, row.kpi, view, by))
    if isinstance(row, Unsteady):
        return ("tail.unsteady", row.label, *_calls(row.unit, "", view, by))
    if isinstance(row, Early):
        return ("tail.early", row.label, *_calls(row.unit, row.kpi, view, by))
    if isinstance(row, CoachRow):
        return ("tail.coaching", row.label, *_calls(row.unit, row.kpi, view, row.by))
    if isinstance(row, Verdict):
        return ("tail.verdict", text.figure(row.kpi, view), None, None, None)
    return ("tail", "", None, None, None)


def _calls(unit: str, kpi: str, view: View, by: str) -> tuple[str | None, str | None, int | None]:
    """Return (agent, figure to list, from when): only an agent's own calls can be listed."""
    panel = text.panel_of(view)
    if by != "agent" or panel is None:
        return None, None, None
    lists = _LISTS.get(kpi, "answered")
    last = datetime.combine(datetime.fromisoformat(panel.last or "1970-01-01"), time(0), view.zone)
    begin = last - timedelta(days=RECENT_DAYS)
    return unit, lists if find(lists) is not None else None, int(begin.timestamp()) * 1_000_000


RECENT_DAYS = 6
"""The list begins so many days before the last whole day: nobody looks through more than an agent's week."""

TABLES: tuple[type[StripTable[Any]], ...] = (TailTable, UnsteadyTable, EarlyTable, CoachTable, VerdictTable,
                                             TailBrief)


def of_tail(make: Callable[..., Any]) -> dict[type[StripTable[Any]], Callable[[str, Any, str, View], Any]]:
    """Return for each of the tail's tables what makes a meaning (`make`) of a place on it."""
    def of(column: str, row: object, shown: str, view: View) -> Any:
        by = row.by if isinstance(row, CoachRow) else "agent"
        if isinstance(row, TailRow | Unsteady | Early):
            by = text.by_of(row, view)
        word, name, agent, lists, begin = parts_of(column, row, view, by)
        return make(word=word, shown=shown, of=name, agent=agent, lists=lists, begin=begin)

    return dict.fromkeys(TABLES, of)

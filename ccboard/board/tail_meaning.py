"""What ``d`` and ``enter`` on the tail page are about: the method, the numbers, whose calls."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from ccboard.board import tail_people
from ccboard.board.meant import Meaning
from ccboard.board.tail_parts import parts_of, stretch
from ccboard.kpis.catalogue import find
from ccboard.moments import to_micros
from ccboard.panel_tail import CoachRow, Early, TailGroup, TailRow, Unsteady, Verdict
from widgets import format as fmt
from widgets import tail_text as text
from widgets.strip_table import StripTable
from widgets.tail_brief import TailBrief
from widgets.tail_detail import Chosen, TailDetail, TailHead
from widgets.tail_tables import CoachTable, EarlyTable, TailTable, UnsteadyTable, VerdictTable
from widgets.view import View

_COLUMN_WORDS = {"likely": "tail.likely", "sure": "tail.sure", "habit": "tail.habit", "moved": "tail.habit",
                 "raw": "tail.raw", "usual": "tail.raw", "coaching": "tail.coaching", "chart": "tail.chart",
                 "driver": "tail.driver", "own": "tail.own", "pooled": "tail.days", "sample": "tail.sample"}
_SHOWN: dict[str, Callable[[TailRow, View], str]] = {
    "adjusted": text.adjusted, "raw": text.raw, "habit": lambda row, _: text.habit(row), "moved": text.moved,
    "own": lambda row, _: f"{row.reliability * 100:.0f} %"}
"""How the figure of a sentence about somebody at the tail reads in the head of the lens."""
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


def of_row(column: str, row: Chosen | Verdict, shown: str, view: View, by: str) -> Meaning:
    """Return what is behind a figure of a row: in which column it stands, or what its sentence is about."""
    base = Meaning(shown=shown, parts=parts_of(row, view, by))
    if isinstance(row, Verdict):
        return _of_verdict(base, row, view, by)
    if isinstance(row, TailRow):
        word, of = _COLUMN_WORDS.get(column, "tail"), f"{row.label}, {text.figure(row.kpi, view)}"
    elif isinstance(row, Unsteady):
        word, of = "tail.unsteady", row.label
    elif isinstance(row, Early):
        word, of = "tail.early", row.label
    else:
        word, of = "tail.coaching", row.label
    if column in ("coaching", "chart", "pooled"):
        word = _COLUMN_WORDS[column]
    return _made(base, word=word, of=of, **calls_of(row, view, by))


def _made(base: Meaning, **more: Any) -> Meaning:
    return Meaning(**{"shown": base.shown, "parts": base.parts, **more})


def calls_of(row: Chosen, view: View, by: str) -> dict[str, Any]:
    """Return which calls of the panel's period stand behind a row."""
    kpi = (row.kpis[0] if row.kpis else "") if isinstance(row, Unsteady) else row.kpi
    return {**_whose(row.unit, view, by), **_which(kpi, view, by)}


def _whose(unit: str, view: View, by: str) -> dict[str, str]:
    # a type that has the name of a queue is that queue's calls, which have none
    whose = {"agent": "agent", "team": "team"}.get(by, "kind")
    if whose == "kind" and any(queue.queue == unit for queue in view.queues):
        whose = "queue"
    return {whose: unit}


def _which(kpi: str, view: View, by: str) -> dict[str, Any]:
    """Return of which figure visits are listed, since when, and what first."""
    panel = text.panel_of(view)
    if panel is None:
        return {}
    lists, first = _LISTS.get(kpi, ("answered", ("offered_at", True)))
    if by == "type" and lists == "ring_no_answer":  # an offer has no type
        lists, first = "answered", ("offered_at", True)
    if find(lists) is None:
        lists = "answered"
    # the sample of a rare figure is of more days than the period
    pooled = text.pooled(kpi, by, view)
    first_day = (pooled.first if pooled is not None else "") or panel.first or panel.last or "1970-01-01"
    return {"lists": lists, "first": first, "begin": _begins(date.fromisoformat(first_day), view)}


def _begins(day: date, view: View) -> int:
    """Return when a business day begins, in microseconds."""
    starts = timedelta()
    if view.snapshot is not None:
        begin = fmt.local(view.snapshot.day_start, view.zone)
        starts = timedelta(hours=begin.hour, minutes=begin.minute)
    return to_micros((datetime.combine(day, time(0)) + starts).replace(tzinfo=view.zone))


def _people(base: Meaning, word: str, of: str, rows: Sequence[tail_people.Person], many: int, kpi: str,
            view: View, by: str) -> Meaning:
    """Return the meaning of a count: behind it are those people, or where none are to be seen the calls."""
    if not rows:
        return _made(base, word=word, of=of, **_which(kpi, view, by))
    behind = tuple(of_row("", row, "", view, text.by_of(row, view)) for row in rows)
    return _made(base, word=word, of=of, ledger=tail_people.ledger(rows, many, view), behind=behind)


def _of_verdict(base: Meaning, row: Verdict, view: View, by: str) -> Meaning:
    group = text.group_of(view, by)
    rows = [] if group is None else tail_people.of_figure(group, row.kpi)
    # Of whom it is too early the panel lists the first few, each by one figure: the count may be larger.
    many = max(len({one.unit for one in rows}), row.named + row.early)
    return _people(base, "tail.verdict", text.figure(row.kpi, view), rows, many, row.kpi, view, by)


def of_head(panel: TailHead, view: View) -> Meaning | None:
    """Return the meaning of a figure of the page's first line."""
    spot = panel.pointed()
    return None if spot is None else _of_count(spot.key[0], spot.shown, view, panel.by)


def _of_count(what: str, shown: str, view: View, by: str) -> Meaning | None:
    group, words = text.group_of(view, by), view.words
    if group is None:
        return None
    of = words(f"tail.by.{by}")
    parts = [(words("tail.lens.days"), stretch("", by, view))]
    if pooled := text.pooled_said(group, view):
        parts.append((words("tail.lens.longer"), pooled))
    if what in ("named", "unsteady", "early"):
        number = {"named": group.n_named, "unsteady": group.n_unsteady, "early": group.n_early}[what]
        parts.insert(0, (words("lens.here"), words("tail.some", n=str(number), of=str(group.units))))
        word = {"named": "tail", "unsteady": "tail.unsteady", "early": "tail.early"}[what]
        rows, many = tail_people.people(group, what)
        return _people(Meaning(shown=shown, parts=tuple(parts)), word, of, rows, many, "", view, by)
    word = "tail.units" if what == "units" else "tail.days"
    return Meaning(word=word, shown=shown if what == "units" else "", of=of, parts=tuple(parts),
                   **_which("", view, by))


def of_detail(panel: TailDetail, view: View) -> Meaning | None:
    """Return the meaning of the sentence, or the day, that the cursor is at."""
    spot, row = panel.pointed(), panel.row(view)
    if spot is None or row is None:
        return None
    by = row.by if isinstance(row, CoachRow) else panel.by
    what = spot.key[0]
    if what == "day" and isinstance(row, TailRow | Unsteady):
        return _of_day(row, int(spot.key[1]), spot.shown, view, by)
    shown = _SHOWN[what](row, view) if what in _SHOWN and isinstance(row, TailRow) else ""
    return of_row(what, row, shown, view, by)


def _of_day(row: TailRow | Unsteady, nth: int, shown: str, view: View, by: str) -> Meaning:
    """Return the meaning of one day of somebody's chart: behind it are that day's calls."""
    day = text.day_of(row, nth, view)
    made = of_row("chart", row, shown, view, by)
    asked = calls_of(row, view, by)
    of = made.of
    if day is not None:
        asked |= {"begin": _begins(day, view), "end": _begins(day + timedelta(days=1), view)}
        of = f"{made.of} {fmt.date(text.at_noon(day, view), view.zone, view.words, near=view.now)}"
    return Meaning(word="tail.chart", shown=shown, of=of,
                   parts=((view.words("lens.here"), text.day_said(row, nth, view)), *made.parts), **asked)


TABLES: tuple[type[StripTable[Any]], ...] = (TailTable, UnsteadyTable, EarlyTable, CoachTable, VerdictTable,
                                             TailBrief)


def of_nothing(table: StripTable[Any], view: View) -> Meaning:
    """Return the meaning of an empty table: by which method nobody stands there is worth knowing, too."""
    if isinstance(table, CoachTable):
        return Meaning(word="tail.coaching", none="list.no.coaching")
    word = {UnsteadyTable: "tail.unsteady", EarlyTable: "tail.early", VerdictTable: "tail.verdict"}.get(
        type(table), "tail")
    by = getattr(table, "by", "agent")
    asked = _which("", view, by)
    days = ((view.words("tail.lens.days"), stretch("", by, view)),) if asked else ()
    return Meaning(word=word, parts=days, none="" if asked else "list.no.tail_yet", **asked)


def of_rest(view: View) -> Meaning:
    """Return the meaning of the short list's last line: all who are in the longer lists."""
    group, words = text.group_of(view, "agent"), view.words
    if group is None:
        return Meaning(word="tail", none="list.no.tail_yet")
    counts = (("named", group.n_named), ("unsteady", group.n_unsteady), ("early", group.n_early),
              ("units", group.units))
    said = words("tail.count.and").join(words(f"tail.count.{name}", n=str(n)) for name, n in counts)
    base = Meaning(parts=((words("lens.here"), said), (words("tail.lens.days"), stretch("", "agent", view))))
    rows: list[tail_people.Person] = [*group.rows, *group.unsteady, *group.early]
    many = len({row.unit for row in rows})
    return _people(base, "tail", words("tail.by.agent"), rows, _all_of(group, many), "", view, "agent")


def _all_of(group: TailGroup, listed: int) -> int:
    """Return how many people stand in any list: where one is cut short, at least as many as it has."""
    return max(listed, group.n_named, group.n_unsteady, group.n_early)


def of_tail() -> dict[type[StripTable[Any]], Callable[[str, Any, str, View], Meaning]]:
    """Return for each of the tail's tables what makes a meaning of a place on it."""
    def of(column: str, row: object, shown: str, view: View) -> Meaning:
        if not isinstance(row, TailRow | Unsteady | Early | CoachRow | Verdict):
            return of_rest(view)
        by = row.by if isinstance(row, CoachRow) else text.by_of(row, view)
        return of_row(column, row, shown, view, by)

    return dict.fromkeys(TABLES, of)

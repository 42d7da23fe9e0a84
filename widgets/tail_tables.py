"""The tail page's tables: who is at the tail, who fluctuates, of whom it is too early, what can be said."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from rich.cells import cell_len

from ccboard.panel_tail import CoachRow, Early, TailGroup, TailRow, Unsteady, Verdict
from widgets import format as fmt
from widgets import tail_text as text
from widgets.columns import Cell, Column
from widgets.strip_table import StripTable
from widgets.view import View

Row = TypeVar("Row", TailRow, Unsteady, Early, Verdict)


def coaching(state: str, at: int | None, view: View) -> str:
    """Return how far the coaching of somebody is, in a word or two."""
    if not state:
        return ""
    words = view.words(f"coach.{state}")
    if state != "recheck" or at is None:
        return words
    day = fmt.local(at, view.zone)
    month = view.words(f"date.month.{day.month}")
    return f"{words} {view.words('date.short', day=str(day.day), month=month)}"


def _coaching(row: TailRow | Unsteady, view: View) -> Cell:
    return Cell(coaching(row.state, row.recheck_at, view), "accent")


def _sure(row: TailRow, view: View) -> Cell:
    return Cell(text.sure(row), "strong" if row.strong else "plain")


def _moved(row: TailRow, view: View) -> Cell:
    role = "dim" if not row.sure_moved else "warning" if (row.moved or 0) > 0 else "good"
    return Cell(text.moved(row, view), role)


TAIL_COLUMNS: tuple[Column[TailRow], ...] = (
    Column("tail_who", lambda r, v: Cell(r.label), 11, lambda r, v: r.label.casefold(), grow=2, most=28),
    Column("team", lambda r, v: Cell(r.team or "", "dim"), 8, lambda r, v: (r.team or "").casefold(), grow=1,
           most=14, priority=7),
    Column("tail_figure", lambda r, v: Cell(text.figure(r.kpi, v)), 9, lambda r, v: r.kpi),
    Column("adjusted", lambda r, v: Cell(text.adjusted(r, v), "strong"), 6, right=True),
    Column("likely", lambda r, v: Cell(text.likely(r, v)), 12, right=True, priority=1),
    Column("sure", _sure, 4, lambda r, v: r.p, right=True),
    Column("sample", lambda r, v: Cell(str(r.n)), 5, lambda r, v: r.n, right=True, priority=3),
    Column("raw", lambda r, v: Cell(text.raw(r, v), "dim"), 6, right=True, priority=5),
    Column("usual", lambda r, v: Cell(text.usual(r, v), "dim"), 6, right=True, priority=5),
    Column("habit", lambda r, v: Cell(text.habit(r), "warning" if r.times >= 3 else "plain"), 4,
           lambda r, v: r.times, right=True, priority=4),
    Column("moved", _moved, 6, lambda r, v: r.moved, priority=6),
    Column("coaching", _coaching, 8, lambda r, v: r.state, grow=1, most=15, priority=2),
    Column("chart", lambda r, v: Cell(text.bars(r.chart, v.glyphs)), text.DAYS, priority=8),
    Column("driver", lambda r, v: Cell(text.said(r.driver, v)), 14, grow=4, most=44, priority=9),
)

UNSTEADY_COLUMNS: tuple[Column[Unsteady], ...] = (
    Column("unsteady_who", lambda r, v: Cell(r.label), 12, lambda r, v: r.label.casefold(), grow=2, most=28),
    Column("team", lambda r, v: Cell(r.team or "", "dim"), 8, lambda r, v: (r.team or "").casefold(), grow=1,
           most=14, priority=5),
    Column("times", lambda r, v: Cell(f"{r.times:.1f} x", "strong"), 5, lambda r, v: r.times, right=True),
    Column("most_in", lambda r, v: Cell(v.words("list.comma").join(text.figure(k, v) for k in r.kpis)), 14,
           grow=1, most=24),
    Column("coaching", _coaching, 8, lambda r, v: r.state, grow=1, most=15, priority=2),
    Column("chart", lambda r, v: Cell(text.bars(r.chart, v.glyphs)), text.DAYS, priority=3),
)

EARLY_COLUMNS: tuple[Column[Early], ...] = (
    Column("early_who", lambda r, v: Cell(r.label), 12, lambda r, v: r.label.casefold(), grow=2, most=28),
    Column("team", lambda r, v: Cell(r.team or "", "dim"), 8, lambda r, v: (r.team or "").casefold(), grow=1,
           most=14, priority=5),
    Column("tail_figure", lambda r, v: Cell(text.figure(r.kpi, v)), 9, lambda r, v: r.kpi, priority=1),
    Column("sample", lambda r, v: Cell(str(r.n)), 5, lambda r, v: r.n, right=True),
    Column("needed", lambda r, v: Cell(f"{r.needed:.0f}"), 5, lambda r, v: r.needed, right=True),
)


def verdict(row: Verdict, view: View, room: int) -> Cell:
    """Return what can be said of a figure: in full, or where there is no room for that in short."""
    role = "plain" if row.named else "dim"
    full = text.said(row.said, view).partition("：" if view.words.language == "zh" else ": ")[2]
    if cell_len(full) <= room:
        return Cell(full, role)
    share, wrong = f"{row.reliability * 100:.0f}", "< 0.1" if row.wrong < 0.05 else f"{row.wrong:.1f}"
    key = "named" if row.named else "chance" if row.reliability < POOR else "nobody"
    said = view.words(f"tail.verdict.{key}", wrong=wrong, share=share)
    if cell_len(said) > room:
        said = view.words(f"tail.verdict.{key}.short", wrong=wrong, share=share)
    return Cell(said, role)


POOR = 0.35
"""Below this median reliability a figure cannot tell people apart (``ccboard.tail.words``)."""

VERDICT_COLUMNS: tuple[Column[Verdict], ...] = (
    Column("tail_figure", lambda r, v: Cell(text.figure(r.kpi, v), "plain" if r.named else "dim"), 10),
    Column("named", lambda r, v: Cell(str(r.named) if r.measured else fmt.DASH,
                                      "strong" if r.named else "dim"), 3, lambda r, v: r.named, right=True),
    Column("early_n", lambda r, v: Cell(str(r.early) if r.measured else fmt.DASH, "dim"), 3,
           lambda r, v: r.early, right=True, priority=1),
)


class TailPart(StripTable[Row], Generic[Row]):
    """A table of one grouping of the panel; `by` says which. Without the right to names it says how many."""

    by = "agent"
    pick: Callable[[TailGroup], Sequence[Row]]
    counted_as = ""

    def look(self, view: View) -> None:
        """Show this part of a view's panel."""
        group, panel = text.group_of(view, self.by), text.panel_of(view)
        self.empty = "empty.tail_soon" if panel is None else f"empty.{self.counted_as}.{self.by}"
        if not view.words.has(self.empty):
            self.empty = f"empty.{self.counted_as}"
        if panel is not None and not panel.names and self.counted_as != "verdicts":
            self.empty = "empty.no_names"
        if panel is not None and (group is None or not group.judged):
            self.empty = "empty.tail_nothing"
        self.show(() if group is None else type(self).pick(group), view)


def _search(row: TailRow | Unsteady | Early, view: View) -> str:
    kpis = row.kpis if isinstance(row, Unsteady) else (row.kpi,)
    return f"{row.label} {row.unit} {row.team or ''} {' '.join(text.figure(kpi, view) for kpi in kpis)}"


class TailTable(TailPart[TailRow]):
    """Who is at the tail of which figure."""

    pick = staticmethod(lambda group: group.rows)
    counted_as = "tail"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(TAIL_COLUMNS, lambda r: (r.unit, r.kpi), _search, empty="empty.tail", id=id)


class UnsteadyTable(TailPart[Unsteady]):
    """Whose results fluctuate."""

    pick = staticmethod(lambda group: group.unsteady)
    counted_as = "unsteady"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(UNSTEADY_COLUMNS, lambda r: r.unit, _search, empty="empty.unsteady", id=id)


class EarlyTable(TailPart[Early]):
    """Of whom it is too early to speak."""

    pick = staticmethod(lambda group: group.early)
    counted_as = "early"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(EARLY_COLUMNS, lambda r: r.unit, _search, empty="empty.early", id=id)


class VerdictTable(TailPart[Verdict]):
    """What can be said of each figure that there are data for."""

    pick = staticmethod(lambda group: tuple(v for v in group.verdicts if v.measured))
    counted_as = "verdicts"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        said: Column[Verdict] = Column(
            "verdict", lambda r, v: verdict(r, v, self.width_of("verdict")), 14, grow=4, most=120)
        super().__init__((*VERDICT_COLUMNS, said), lambda r: r.kpi, lambda r, v: text.figure(r.kpi, v),
                         empty="empty.verdicts", id=id)


def _coach_figure(row: CoachRow, view: View) -> Cell:
    return Cell(view.words("tail.results") if row.kpi == "*" else text.figure(row.kpi, view))


def _better(row: CoachRow, view: View) -> Cell:
    if row.sure is None:
        today = fmt.local(row.opened_at, view.zone).date() == fmt.local(view.now, view.zone).date()
        return Cell(view.words("coach.today") if today else fmt.DASH, "dim")
    better = row.sure >= 0.5
    sure = max(row.sure, 1 - row.sure)
    sign = view.glyphs.falling if better else view.glyphs.rising
    role = "dim" if sure < SURE else "good" if better else "warning"
    return Cell(f"{sign} {min(99, int(sure * 100 + 0.5))} %", role)


SURE = 0.8
"""Below this nobody should read anything into a change."""

COACH_COLUMNS: tuple[Column[CoachRow], ...] = (
    Column("coach_who", lambda r, v: Cell(r.label), 12, lambda r, v: r.label.casefold(), grow=1, most=28),
    Column("tail_figure", _coach_figure, 9, lambda r, v: r.kpi),
    Column("coach_state", lambda r, v: Cell(coaching(r.state, r.recheck_at, v), "accent"), 15,
           lambda r, v: r.state),
    Column("better", _better, 6, lambda r, v: r.sure),
    Column("note", lambda r, v: Cell(r.note, "dim"), 8, grow=3, most=60, priority=1),
)


class CoachTable(StripTable[CoachRow]):
    """Who is coached, how far that is, and whether it has become better."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COACH_COLUMNS, lambda r: (r.by, r.unit, r.kpi, r.opened_at),
                         lambda r, v: f"{r.label} {r.unit} {r.note}", empty="empty.coaching", id=id)

    def look(self, view: View) -> None:
        """Show the cases of a view."""
        panel = text.panel_of(view)
        self.show(() if panel is None else panel.coaching, view)

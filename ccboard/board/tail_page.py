"""Page 4: who is at the tail, who fluctuates, of whom it is too early; and what is done to help them."""

from datetime import date, datetime, timedelta, tzinfo
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from ccboard.board import arrange
from ccboard.board.arrange import Places, Rows, TailRows
from ccboard.board.asking import AskBar, AskPage
from ccboard.clock import SECOND
from ccboard.moments import to_micros
from ccboard.panel_tail import CoachRow, Early, TailRow, Unsteady, Verdict
from widgets.strip_table import StripTable
from widgets.tail_detail import Chosen, TailDetail, TailHead
from widgets.tail_tables import (
    CoachTable,
    EarlyTable,
    TailPart,
    TailTable,
    UnsteadyTable,
    VerdictTable,
)
from widgets.tail_text import GROUPS, panel_of
from widgets.view import View

RECHECK = timedelta(days=14)
"""How long after now a re-check is set where no day is given."""
MOST_DAYS = 3660
STEPS = {"": "coach_open", "open": "coach_start", "coaching": "coach_done", "recheck": "coach_done",
         "done": "coach_open"}
"""What `c` does next, by how far the coaching is."""


def about(row: Chosen, by: str) -> str:
    """Return what a deed about a row names: its figure, or the results as a whole."""
    if isinstance(row, CoachRow):
        return f"tail:{row.kpi}:{row.by}:{row.unit}"
    return f"tail:{row.kpi if isinstance(row, TailRow) else '*'}:{by}:{row.unit}"


def recheck(typed: str, zone: tzinfo) -> timedelta | datetime | None:
    """Return when to look again: so long from now (14, 14d; nothing: two weeks), or when a day begins.

    None where it is neither.

    >>> from zoneinfo import ZoneInfo
    >>> recheck("", ZoneInfo("UTC")), recheck("10d", ZoneInfo("UTC"))
    (datetime.timedelta(days=14), datetime.timedelta(days=10))
    >>> str(recheck("2026-12-01", ZoneInfo("Asia/Shanghai"))), recheck("soon", ZoneInfo("UTC"))
    ('2026-12-01 00:00:00+08:00', None)
    """
    number = typed.strip().lower().removesuffix("d").strip()
    if not typed.strip():
        return RECHECK
    if number.isascii() and number.isdigit() and len(number) < 6:
        return timedelta(days=int(number)) if 0 < int(number) < MOST_DAYS else None
    try:
        return datetime.strptime(typed.strip(), "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        return None


def today(now: int, zone: tzinfo) -> date:
    """Return the centre's date."""
    return datetime.fromtimestamp(now / SECOND, zone).date()


class TailPage(AskPage):
    """Agents, teams or types; one row in full; what can be said of each figure."""

    main, bar = "tail", "tailask"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "next_group", "agents, teams or types", id="group"),
        Binding("c", "coach", "coaching: the next step", id="coach"),
        Binding("x", "ask('recheck')", "coaching: look again on a day", id="coach.recheck"),
        Binding("m", "ask('note')", "coaching: a note", id="coach.note"),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._by = "agent"
        self._counts = TailRows()
        self._of: tuple[Chosen, str] | None = None
        """Whom a line is being typed about, and in which grouping."""

    def compose(self) -> "list[Widget]":
        """Make the panels, in reading order."""
        return [TailHead(id="tailhead"), TailTable(id="tail"), UnsteadyTable(id="unsteady"),
                EarlyTable(id="early"), CoachTable(id="coaching"), TailDetail(id="detail"),
                VerdictTable(id="verdicts"), AskBar(id="tailask")]

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:  # noqa: ARG002 - rows of its own
        """Return where the panels stand; while something is typed the last line takes it."""
        return self.with_bar(arrange.tail(width, height - bool(self.asking), self._counts), width, height)

    def look(self, view: View) -> None:
        """Show a view, with room for what there is in it."""
        panel = panel_of(view)
        group = None if panel is None else panel.group(self._by)
        if panel is not None and group is not None:
            counts = TailRows(len(group.rows), len(group.unsteady), len(group.early), len(panel.coaching),
                              sum(verdict.measured for verdict in group.verdicts), panel.names)
            if counts != self._counts:
                self._counts = counts
                self.rearrange()
        super().look(view)

    def on_show(self) -> None:
        """Take the keys at once: there is something to choose. Back from a list they are there already."""
        if self.screen.focused not in self.children:
            named = "tail" in self.placed or "verdicts" not in self.placed
            self.screen.set_focus(self.query_one(TailTable if named else VerdictTable))

    def action_next_group(self) -> None:
        """Go on to teams, to types, and back to agents."""
        self._by = GROUPS[(GROUPS.index(self._by) + 1) % len(GROUPS)]
        for child in self.children:
            if isinstance(child, TailPart | TailHead | TailDetail):
                child.by = self._by
            if isinstance(child, TailDetail):
                child.chosen = None
        if self.view is not None:
            self.look(self.view)

    def on_strip_table_chosen(self, event: StripTable.Chosen) -> None:
        """Say more about the row that the cursor came to."""
        row = (event.table.pointed() or (None, None))[1]
        if isinstance(row, TailRow | Unsteady | Early | CoachRow | Verdict):
            detail = self.query_one(TailDetail)
            detail.chosen = row
            if self.view is not None:
                detail.look(self.view)

    # --- what is done ---------------------------------------------------------------------------

    def chosen(self) -> Chosen | None:
        """Return whom the page is about, as they are now; nobody where it is about a figure as a whole."""
        row = None if self.view is None else self.query_one(TailDetail).row(self.view)
        return None if isinstance(row, Verdict) else row

    def _do(self, kind: str, row: Chosen, by: str, *, note: str | None = None, for_s: float | None = None,
            until: int | None = None) -> None:
        self.post_message(self.Deed(kind, about(row, by), note=note, for_s=for_s, until=until))

    def action_coach(self) -> None:
        """Take the coaching of the chosen row a step further."""
        row, view = self.chosen(), self.view
        if not self.may_act() or row is None or view is None:
            return
        step = STEPS["" if isinstance(row, Early) else row.state]
        if step == "coach_done":  # one key too many would end it
            self._of = row, self._by
            self.ask("done", view.words("coach.ask.done", name=row.label))
        else:
            self._do(step, row, self._by)

    def action_ask(self, what: str) -> None:
        """Ask for a note, or for the day of a re-check."""
        row, view = self.chosen(), self.view
        if self.may_act() and row is not None and view is not None:
            self._of = row, self._by
            self.ask(what, view.words(f"coach.ask.{what}", name=row.label))

    def answered(self, what: str, typed: str) -> None:
        """Take the note, or the day: nothing typed is two weeks from now."""
        view, of, self._of = self.view, self._of, None
        if of is None or view is None:
            return
        row, by = of  # who was named when it was asked: meanwhile the list may have others
        if what == "done":
            self._do("coach_done", row, by)
            return
        if what == "note":
            if typed:
                self._do("coach_note", row, by, note=typed)
            return
        when = recheck(typed, view.zone)
        if when is None:
            self.post_message(self.Said(view.words("coach.no_day", text=typed)))
        elif isinstance(when, datetime) and when.date() < today(view.now, view.zone):
            self.post_message(self.Said(view.words("coach.past", text=typed)))
        elif isinstance(when, timedelta):
            self._do("coach_recheck", row, by, for_s=when.total_seconds())
        else:
            self._do("coach_recheck", row, by, until=to_micros(when))

"""Page 5: today against normal days, what it takes, and what is done about it."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from ccboard.board import arrange
from ccboard.board.arrange import Places, Rows
from ccboard.board.asking import AskBar, AskPage
from ccboard.panel_surge import QueueSurge, SurgePanel
from widgets import surge_text as text
from widgets.strip_table import StripTable
from widgets.surge_chart import SurgeChart
from widgets.surge_detail import SurgeDetail, SurgeGap, SurgeLog, SurgePart
from widgets.surge_table import SurgeTable
from widgets.view import View
from widgets.what_if import NotUnderstoodError, Try, parse

SNOOZE_S = 1800.0
"""So long an alarm is put off."""


def about(row: QueueSurge) -> str:
    """Return what a deed about a row names."""
    return f"surge:{'*' if row.queue is None else row.queue}"


def urgent(panel: SurgePanel | None) -> QueueSurge | None:
    """Return the alarm that comes first, None while nothing stands on the wall."""
    return next(iter(() if panel is None else panel.alarms), None)


class SurgePage(AskPage):
    """The watch over all queues and one of them in full."""

    main, bar = "surges", "surgeask"
    for_all = frozenset({"what_if"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "deed('accept')", "accept", id="surge.accept"),
        Binding("o", "deed('snooze')", "put off", id="surge.snooze"),
        Binding("n", "ask('new_normal')", "new normal", id="surge.new_normal"),
        Binding("f", "deed('false_alarm')", "false alarm", id="surge.false"),
        Binding("m", "ask('note')", "note", id="surge.note"),
        Binding("w", "ask('what_if')", "what if", id="surge.what_if"),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._queue: tuple[str | None] | None = None
        self._tried: Try | None = None
        self._count = 0
        self._said: tuple[object, int] = (None, 0)
        """The most lines that the sentences about the chosen row took, and which row that is."""

    def compose(self) -> "list[Widget]":
        """Make the panels, in reading order."""
        return [SurgeTable(id="surges"), SurgeDetail(id="surgedetail"), SurgeChart(id="surgechart"),
                SurgeGap(id="surgegap"), SurgeLog(id="surgelog"), AskBar(id="surgeask")]

    def arrangement(self, width: int, height: int, rows: Rows) -> Places:  # noqa: ARG002 - rows of its own
        """Return where the panels stand; while something is asked the last line asks it."""
        places = arrange.surge(width, height - bool(self.asking), self._count, self._said[1])
        return self.with_bar(places, width, height)

    def look(self, view: View) -> None:
        """Show a view, and the row that is chosen."""
        panel = text.panel_of(view)
        count = 0 if panel is None else len(panel.rows)
        if count != self._count:
            self._count = count
            self.rearrange()
        self._choose(panel)
        super().look(view)
        self._make_room()

    def _make_room(self) -> None:
        """Keep room for the sentences: more at once; less only for another row, or the picture would jump."""
        detail, width = self.query_one(SurgeDetail), self.size.width
        about = (detail.row.queue if detail.row is not None else None, width)
        lines = detail.height_wanted()
        said = max(lines, self._said[1]) if self._said[0] == about else lines
        if (about, said) != self._said:
            again = said != self._said[1]
            self._said = about, said
            if again:
                self.rearrange()

    def _choose(self, panel: SurgePanel | None) -> None:
        row = self._row_of(panel)
        for child in self.children:
            if isinstance(child, SurgePart):
                child.choose(row, self._tried)
            elif isinstance(child, SurgeChart):
                child.choose(row)

    def _row_of(self, panel: SurgePanel | None) -> QueueSurge | None:
        """Return the chosen row as it is now; before one was chosen the first alarm, else the first queue."""
        rows = () if panel is None else panel.rows
        if self._queue is not None:
            for row in rows:
                if row.queue == self._queue[0]:
                    return row
        return urgent(panel) or next(iter(rows), None)

    def chosen(self) -> QueueSurge | None:
        """Return the row that the page is about."""
        return None if self.view is None else self._row_of(text.panel_of(self.view))

    def on_show(self) -> None:
        """Take the keys at once: there is something to choose. Back from a list they are there already."""
        if self.screen.focused not in self.children:
            self.screen.set_focus(self.query_one(SurgeTable))

    def on_strip_table_chosen(self, event: StripTable.Chosen) -> None:
        """Show the row that the cursor came to."""
        key = event.key
        if isinstance(key, tuple) and len(key) == 2 and key[0] == "surge":
            self._queue, self._tried = (key[1],), None
            if self.view is not None:
                self._choose(text.panel_of(self.view))
                self._make_room()

    # --- what is done ---------------------------------------------------------------------------

    def action_deed(self, kind: str) -> None:
        """Accept, put off or call false what the chosen row says; without an alarm the first exception."""
        row, view = self.chosen(), self.view
        if view is None or not self.may_act():
            return
        if row is None:
            self.post_message(self.Said(view.words("surge.choose")))
            return
        if kind == "accept" and row.alarmed and row.accepted_at is not None:
            self.post_message(self.Said(text.taken(row, view)))
            return
        if kind == "false_alarm" and row.alarmed and row.false_at is not None:
            self.post_message(self.Said(text.taken(row, view)))
            return
        target = about(row) if row.alarmed or (kind == "false_alarm" and row.over_at is not None) else None
        panel = text.panel_of(view)
        if target is None and panel is not None:
            target = next((one.about for one in panel.exceptions if one.open), None)
        if target is None:
            self.post_message(self.Said(view.words("surge.no_alarm")))
            return
        self.post_message(self.Deed(kind, target, for_s=SNOOZE_S if kind == "snooze" else None,
                                    value=row.lift if kind == "accept" else None))

    def action_ask(self, what: str) -> None:
        """Ask for a note, a number of heads, or whether it is really the new normal."""
        row, view = self.chosen(), self.view
        if view is None:
            return
        if row is None:
            self.post_message(self.Said(view.words("surge.choose")))
            return
        if what == "new_normal" and row.lift is None:
            self.post_message(self.Said(view.words("surge.no_alarm")))
            return
        self.ask(what, view.words(f"surge.ask.{what}", lift=text.lift(row.lift), queue=text.name(row, view)))

    def answered(self, what: str, typed: str) -> None:
        """Take a note, a number of heads, or that this is the new normal."""
        row, view = self.chosen(), self.view
        if row is None or view is None:
            return
        if what == "what_if":
            self._try(typed, view)
        elif what == "note" and typed:
            self.post_message(self.Deed("note", about(row), note=typed))
        elif what == "new_normal" and row.lift is not None:
            self.post_message(self.Deed("new_normal", about(row), value=1 + row.lift, note=typed or None))

    def _try(self, typed: str, view: View) -> None:
        """Show what other heads would do; nothing typed takes the what-if away."""
        panel = text.panel_of(view)
        rows = () if panel is None else panel.rows
        names = {name: row.queue for row in rows if row.queue is not None
                 for name in (row.queue, row.label or row.queue)}
        try:
            self._tried = parse(typed, names)
        except NotUnderstoodError as error:
            key = "surge.no_queue" if error.queue else "surge.not_a_number"
            known = ", ".join(dict.fromkeys(row.label or row.queue for row in rows if row.queue is not None))
            self.post_message(self.Said(view.words(key, text=error.part, names=known)))
            return
        self._choose(panel)
        self._make_room()

"""About one person of the tail page: the sentence, what drives it, since when, and the days of the period.

Every figure in the sentences has a key (``widgets.spots``): ``ccboard.board.tail_meaning`` tells what stands
behind it.
"""

from datetime import date

from rich.cells import cell_len

from ccboard.panel_tail import CoachRow, Early, TailGroup, TailPanel, TailRow, Unsteady, Verdict
from widgets import format as fmt
from widgets import tail_text as text
from widgets.cell_widget import Ink
from widgets.cells import fit
from widgets.spots import Drawing, Key, Spot, SpotLines
from widgets.tail_tables import coaching
from widgets.view import View

Chosen = TailRow | Unsteady | Early | CoachRow
CHART_LINES = 3
NARROW, PHONE = 100, 48
"""Below so many columns the first line says things shorter, and nothing of the other groupings."""


def _span(first: str, last: str) -> int:
    """Return the days from one ISO date to another, both counted."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


class TailHead(SpotLines):
    """The page's first line: what is looked at, over which days, and how many."""

    by = "agent"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: View | None = None
        self._drawn: object = None

    def on_resize(self) -> None:
        """Draw for the new size."""
        if self._view is not None:
            self.look(self._view)

    def look(self, view: View) -> None:
        """Show it, if anything of it is new."""
        self._view = view
        panel, group = text.panel_of(view), text.group_of(view, self.by)
        drawn = (panel, self.by, self.size, view.words.language, view.glyphs.ascii)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        words, drawing = view.words, Drawing.begin()
        parts: list[tuple[Ink, Key | None]] = []
        for by in text.GROUPS:
            name, mine = words(f"tail.by.{by}"), by == self.by
            if self.size.width < PHONE and not mine:
                continue
            parts.append(((f"[{name}]" if mine else f" {name} ", "strong" if mine else "dim"), None))
        if panel is None or group is None:
            parts.append((("  " + words("empty.tail_soon"), "dim"), None))
        else:
            parts += self._counts(group, view)
            used = sum(cell_len(said) for (said, _), _ in parts)
            parts += self._days(panel, group, view, self.size.width - used)
        drawing.cells(parts)
        self.draw_lines(drawing, view)

    def _counts(self, group: TailGroup, view: View) -> list[tuple[Ink, Key | None]]:
        words, short = view.words, ".short" if self.size.width < NARROW else ""
        numbers = (("named", group.n_named), ("unsteady", group.n_unsteady), ("early", group.n_early),
                   ("units", group.units))
        parts: list[tuple[Ink, Key | None]] = [(("  ", "plain"), None)]
        for name, n in numbers:
            if name == "units" and short:
                break
            if len(parts) > 1:
                parts.append(((words(f"tail.count.and{short}"), "strong"), None))
            parts.append(((words(f"tail.count.{name}{short}", n=str(n)), "strong"), (name,)))
        return [*parts, (("   ", "plain"), None)]

    def _days(self, panel: TailPanel, group: TailGroup, view: View, room: int
              ) -> list[tuple[Ink, Key | None]]:
        """Return which days are looked at; of figures that are pooled over more, where there is room."""
        words, narrow = view.words, self.size.width < NARROW
        parts: list[tuple[Ink, Key | None]] = []
        if panel.first and not narrow:
            days = words("tail.days", n=str(panel.period), first=panel.first[5:], last=panel.last[5:])
            if not panel.period or _span(panel.first, panel.last) < panel.period:  # a young history
                days = f"{panel.first} .. {panel.last}"
            parts.append(((days, "dim"), ("days",)))
            pooled = text.pooled_said(group, view)
            if pooled and cell_len(days) + 3 + cell_len(pooled) <= room:
                parts.append(((f"   {pooled}", "dim"), ("pooled",)))
        if not panel.names:
            parts.append(((("" if narrow else "   ") + words("empty.no_names"), "dim"), None))
        return parts


class TailDetail(SpotLines):
    """What there is to say of the row that the cursor stands on, or of the first."""

    by = "agent"
    chosen: Chosen | Verdict | None = None

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: View | None = None
        self._drawn: object = None
        self._legend = -1
        """The line above the days, which says what the day at the cursor is; -1: there are none."""

    def on_resize(self) -> None:
        """Draw for the new size."""
        if self._view is not None:
            self.look(self._view)

    def look(self, view: View) -> None:
        """Show it, if anything of it is new."""
        self._view = view
        row = self.row(view)
        drawn = (row, text.panel_of(view), self.size, view.words.language, view.glyphs.ascii)
        if drawn == self._drawn:
            return
        self._drawn, self._legend = drawn, -1
        self.draw_lines(Drawing.begin() if row is None else self._drawing_of(row, view), view)

    def _drawing_of(self, row: Chosen | Verdict, view: View) -> Drawing:
        width, drawing = max(10, self.size.width), Drawing.begin()
        label = text.figure(row.kpi, view) if isinstance(row, Verdict) else row.label
        drawing.plain(((fit(label, width, ellipsis=view.glyphs.ellipsis), "head"),))
        for key, sentence in self._sentences(row, view):
            drawing.sentence(sentence, "plain", width, (key,))
        if isinstance(row, TailRow | Unsteady) and row.chart:
            room = self.size.height - len(drawing.lines) - 2
            self._legend = len(drawing.lines)
            drawing.plain(())
            self._chart(drawing, row, view, CHART_LINES if room < 1 else min(room, CHART_LINES))
        return drawing

    def row(self, view: View) -> Chosen | Verdict | None:
        """Return the chosen row as it is by now; the first where it has gone. A figure is the last of all."""
        panel, group = text.panel_of(view), text.group_of(view, self.by)
        if panel is None or group is None:
            return None
        rows: tuple[Chosen | Verdict, ...] = (
            *group.rows, *group.unsteady, *group.early, *panel.coaching,
            *(verdict for verdict in group.verdicts if verdict.measured))
        if (old := self.chosen) is not None:
            for row in rows:
                if type(row) is type(old) and _what(row) == _what(old):
                    return row
        return rows[0] if rows else None

    def _sentences(self, row: Chosen | Verdict, view: View) -> list[tuple[str, str]]:
        """Return (key, sentence) of everything that is said of a row."""
        words = view.words
        said = text.said(row.said, view)
        if isinstance(row, Verdict):
            return [("verdict", said)] if said else []
        if isinstance(row, CoachRow):
            opened = fmt.date(row.opened_at, view.zone, words)
            found = [("coaching", words("tail.coaching", state=coaching(row.state, row.recheck_at, view)))]
            if said:
                found.append(("better", said))
            found.append(("opened", words("coach.opened", who=row.opened_by, day=opened)))
            return [*found, ("note", row.note)] if row.note else found
        key = {TailRow: "adjusted", Unsteady: "times", Early: "needed"}[type(row)]
        found = [(key, said)] if said else []
        if isinstance(row, TailRow):
            found.append(("raw", words("tail.raw", raw=text.raw(row, view), usual=text.usual(row, view))))
            if driver := text.said(row.driver, view):
                found.append(("driver", driver))
            if row.of > 1:
                found.append(("habit", words("tail.habit", times=str(row.times), of=str(row.of))))
            if row.moved is not None:
                moved = "same" if not row.sure_moved else "worse" if row.moved > 0 else "better"
                found.append(("moved", words(f"tail.moved_{moved}")))
            found.append(("own", words("tail.own", share=f"{row.reliability * 100:.0f}")))
        if not isinstance(row, Unsteady) and (pooled := text.pooled(row.kpi, self.by, view)) is not None:
            found.append(("pooled", words("tail.pooled_row", n=str(pooled.days), first=pooled.first[5:],
                                          last=pooled.last[5:])))
        if not isinstance(row, Early) and row.state:
            state = coaching(row.state, row.recheck_at, view)
            found.append(("coaching", words("tail.coaching", state=state)))
        return found

    def _chart(self, drawing: Drawing, row: TailRow | Unsteady, view: View, high: int) -> None:
        """Add the days as bars above a line that is what was to be expected; better days hang below."""
        glyphs, top = view.glyphs, len(drawing.lines)
        shown = row.chart[-(max(10, self.size.width) // 2):]  # the newest, where not all have room
        before = len(row.chart) - len(shown)
        most = max((abs(x) for x in shown if x is not None), default=0.0) or 1.0
        steps = len(glyphs.bars)
        for level in reversed(range(high)):
            cells = ""
            for x in shown:
                tall = 0 if x is None or x <= 0 else round(x / most * high * steps)
                over = max(0, min(steps, tall - level * steps))
                cells += (glyphs.bars[over - 1] if over else " ") * 2
            drawing.plain(((cells, "warning"),))
        below = "".join((glyphs.none if x is None else glyphs.rule if x > 0 else glyphs.falling) + glyphs.rule
                        for x in shown)
        drawing.plain(((below, "dim"),))
        for nth, x in enumerate(shown):
            drawing.spots.append(Spot(("day", str(before + nth)), top, high + 1, nth * 2, 2,
                                      text.day_value(row, x, view)))

    def _redraw(self) -> None:
        """Say above the days which one the cursor is at, and how it was."""
        if self._legend >= 0 and self._view is not None and (row := self.row(self._view)) is not None:
            spot, view = self.pointed() if self.has_focus else None, self._view
            said = view.words("tail.chart")
            if spot is not None and spot.key[0] == "day" and isinstance(row, TailRow | Unsteady):
                said = text.day_said(row, int(spot.key[1]), view)
            width = max(10, self.size.width)
            self._drawing.lines[self._legend] = ((fit(said, width, ellipsis=view.glyphs.ellipsis), "dim"),)
        super()._redraw()


def _what(row: Chosen | Verdict) -> tuple[object, ...]:
    """Return what a row is about: of one person there may be a case that is done, and a later one."""
    if isinstance(row, CoachRow):
        return row.by, row.unit, row.kpi, row.opened_at
    if isinstance(row, Verdict):
        return (row.kpi,)
    return row.unit, "" if isinstance(row, Unsteady) else row.kpi

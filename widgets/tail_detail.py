"""About one person of the tail page: the sentence, what drives it, since when, and the days of the period."""

from datetime import date

from ccboard.panel_tail import CoachRow, Early, TailRow, Unsteady, Verdict
from widgets import format as fmt
from widgets import tail_text as text
from widgets.cell_widget import CellWidget, Line
from widgets.cells import fit, folded, to_ascii
from widgets.tail_tables import coaching
from widgets.view import View

Chosen = TailRow | Unsteady | Early | CoachRow
CHART_LINES = 3
NARROW, PHONE = 100, 48
"""Below so many columns the first line says things shorter, and nothing of the other groupings."""


def _span(first: str, last: str) -> int:
    """Return the days from one ISO date to another, both counted."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


class TailHead(CellWidget):
    """The page's first line: what is looked at, over which days, and how many."""

    by = "agent"

    def look(self, view: View) -> None:
        """Show it."""
        panel, group = text.panel_of(view), text.group_of(view, self.by)
        words = view.words
        parts = []
        for by in text.GROUPS:
            name, mine = words(f"tail.by.{by}"), by == self.by
            if self.size.width < PHONE and not mine:
                continue
            parts.append((f"[{name}]" if mine else f" {name} ", "strong" if mine else "dim"))
        if panel is None or group is None:
            parts.append(("  " + words("empty.tail_soon"), "dim"))
        else:
            days = words("tail.days", n=str(panel.period), first=panel.first[5:], last=panel.last[5:])
            if not panel.first:
                days = ""
            elif not panel.period or _span(panel.first, panel.last) < panel.period:  # a young history
                days = f"{panel.first} .. {panel.last}"
            narrow = ".short" if self.size.width < NARROW else ""
            counts = words(f"tail.counts{narrow}", named=str(group.n_named), unsteady=str(group.n_unsteady),
                           early=str(group.n_early), units=str(group.units))
            parts += [("  " + counts, "strong"), ("   ", "plain"), ("" if narrow else days, "dim")]
            if not panel.names:
                parts += [("" if narrow else "   ", "plain"), (words("empty.no_names"), "dim")]
        line = tuple(parts)
        self.put([tuple((to_ascii(t), r) for t, r in line) if view.glyphs.ascii else line])


class TailDetail(CellWidget):
    """What there is to say of the row that the cursor stands on, or of the first."""

    by = "agent"
    chosen: Chosen | Verdict | None = None

    def look(self, view: View) -> None:
        """Show it."""
        row = self.row(view)
        if row is None:
            self.put([])
            return
        width = max(10, self.size.width)
        label = text.figure(row.kpi, view) if isinstance(row, Verdict) else row.label
        lines: list[Line] = [((fit(label, width, ellipsis=view.glyphs.ellipsis), "head"),)]
        for sentence in self._sentences(row, view):
            lines += [((part, "plain"),) for part in folded(sentence, width)]
        room = self.size.height - len(lines) - 3
        if isinstance(row, TailRow | Unsteady) and room >= 1:
            lines += [(), *self._chart(row, view, min(room, CHART_LINES))]
        if view.glyphs.ascii:
            lines = [tuple((to_ascii(t), r) for t, r in line) for line in lines]
        self.put(lines[:self.size.height])

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

    @staticmethod
    def _sentences(row: Chosen | Verdict, view: View) -> list[str]:
        words = view.words
        found = [text.said(row.said, view)] if text.said(row.said, view) else []
        if isinstance(row, Verdict):
            return found
        if isinstance(row, CoachRow):
            opened = fmt.date(row.opened_at, view.zone, words)
            found.insert(0, words("tail.coaching", state=coaching(row.state, row.recheck_at, view)))
            found.append(words("coach.opened", who=row.opened_by, day=opened))
            return [*found, row.note] if row.note else found
        if isinstance(row, TailRow):
            found.append(words("tail.raw", raw=text.raw(row, view), usual=text.usual(row, view)))
            if text.said(row.driver, view):
                found.append(text.said(row.driver, view))
            if row.of > 1:
                found.append(words("tail.habit", times=str(row.times), of=str(row.of)))
            if row.moved is not None:
                key = "same" if not row.sure_moved else "worse" if row.moved > 0 else "better"
                found.append(words(f"tail.moved_{key}"))
            found.append(words("tail.own", share=f"{row.reliability * 100:.0f}"))
        if not isinstance(row, Early) and row.state:
            found.append(words("tail.coaching", state=coaching(row.state, row.recheck_at, view)))
        return found

    @staticmethod
    def _chart(row: TailRow | Unsteady, view: View, high: int) -> list[Line]:
        """Return the days as bars above a line that is what was to be expected; better days hang below."""
        glyphs = view.glyphs
        most = max((abs(x) for x in row.chart if x is not None), default=0.0) or 1.0
        steps = len(glyphs.bars)
        lines: list[Line] = []
        for level in reversed(range(high)):
            cells = ""
            for x in row.chart:
                tall = 0 if x is None or x <= 0 else round(x / most * high * steps)
                over = max(0, min(steps, tall - level * steps))
                cells += (glyphs.bars[over - 1] if over else " ") * 2
            lines.append(((cells, "warning"),))
        below = "".join((glyphs.none if x is None else glyphs.rule if x > 0 else glyphs.falling) + glyphs.rule
                        for x in row.chart)
        lines.append(((below, "dim"),))
        lines.append(((view.words("tail.chart"), "dim"),))
        return lines


def _what(row: Chosen | Verdict) -> tuple[object, ...]:
    """Return what a row is about: of one person there may be a case that is done, and a later one."""
    if isinstance(row, CoachRow):
        return row.by, row.unit, row.kpi, row.opened_at
    if isinstance(row, Verdict):
        return (row.kpi,)
    return row.unit, "" if isinstance(row, Unsteady) else row.kpi

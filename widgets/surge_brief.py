"""The surge panel of the overview: one calm line, or what stands on the wall and what to do about it."""

from rich.cells import cell_len as _cells

from ccboard.panel_surge import SurgePanel
from widgets import surge_text as text
from widgets.cell_widget import CellWidget, Ink, Line, joined
from widgets.cells import fit, to_ascii
from widgets.view import View

MOST = 3
"""Alarms that the overview says; more of them are on page 5."""
NARROW, SHORT = 60, 110
"""Widths below which there is one line for an alarm, and below which its sentences are the short ones."""


def lines_of(view: View) -> int:
    """Return the lines that the overview keeps for it: none before there is a panel."""
    panel = text.panel_of(view)
    if panel is None or not (panel.rows or panel.pending):
        return 0
    alarms = min(MOST, _alarms(panel))
    return 2 * alarms if alarms else 1


def _alarms(panel: SurgePanel) -> int:
    return sum(row.alarmed for row in panel.rows) + len(panel.exceptions)


class SurgeBrief(CellWidget):
    """Verdicts in plain words."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._drawn: object = None
        self._view: View | None = None

    def look(self, view: View) -> None:
        """Show the panel of a view. Asked every second; what it shows changes once a minute."""
        self._view = view
        panel = text.panel_of(view)
        drawn = (panel, self.size, view.words.language, view.glyphs.ascii)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self.put([] if panel is None else self._lines_of(panel, view))

    def on_resize(self) -> None:
        """Draw for the new width."""
        if self._view is not None:
            self.look(self._view)

    def _lines_of(self, panel: SurgePanel, view: View) -> list[Line]:
        width, height = max(10, self.size.width), max(1, self.size.height)
        title: Ink = (view.words("surge.title") + "  ", "head")
        alarmed = sorted((row for row in panel.rows if row.alarmed),
                         key=lambda row: (not row.open, row.state == "amber", row.queue is None))
        if not alarmed and not panel.exceptions:
            return [_shown([title, *text.calm(panel, view)], width, view)]
        if width < NARROW:
            said = [text.short_verdict(row, view) for row in alarmed]
            said += [text.exception(one, view) for one in panel.exceptions]
            return [_shown([title, *parts], width, view) for parts in said][:height]
        lines: list[Line] = []
        for row in alarmed:
            sign: Ink = (f"{view.glyphs.marker}", text.role(row))
            short = width < SHORT
            pair = [_shown([sign, title, *text.verdict(row, view, short=short)], width, view),
                    _shown([sign, ("   ", "plain"), *text.action(row, view, short=short)], width, view)]
            lines += pair if len(lines) + 2 <= height else pair[:1]
        for one in panel.exceptions:
            lines.append(_shown([(view.glyphs.marker, "critical"), *text.exception(one, view)], width, view))
        return lines[:height]


def _shown(parts: list[Ink], width: int, view: View) -> Line:
    """Return a line that fits; what does not goes from the right."""
    found: list[Ink] = []
    room = width
    for part, role in parts:
        part = to_ascii(part) if view.glyphs.ascii else part
        if room <= 0:
            break
        cut = fit(part, min(room, _cells(part)), ellipsis=view.glyphs.ellipsis)
        found.append((cut, role))
        room -= _cells(cut)
    return joined(found)

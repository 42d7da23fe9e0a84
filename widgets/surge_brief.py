"""The surge panel of the overview: one calm line, or what stands on the wall and what to do about it."""

from rich.cells import cell_len as _cells

from ccboard.panel_surge import SurgePanel
from widgets import surge_text as text
from widgets.cell_widget import Ink, Line, joined
from widgets.cells import fit, to_ascii
from widgets.spots import Drawing, Key, SpotLines
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
    return len(panel.alarms) + len(panel.exceptions)


class SurgeBrief(SpotLines):
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
        drawing = Drawing.begin()
        for line, key in [] if panel is None else self._lines_of(panel, view):
            drawing.line(line, key)
        self.draw_lines(drawing, view)

    def on_resize(self) -> None:
        """Draw for the new width."""
        if self._view is not None:
            self.look(self._view)

    def _lines_of(self, panel: SurgePanel, view: View) -> list[tuple[Line, Key]]:
        """Return the lines, each with the queue ("*": the whole centre) or the exception that it is about."""
        width, height = max(10, self.size.width), max(1, self.size.height)
        title: Ink = (view.words("surge.title") + "  ", "head")
        alarmed = panel.alarms
        lines: list[tuple[Line, Key]] = []
        if not alarmed and not panel.exceptions:
            about = text.calm_about(panel)
            return [(_shown([title, *text.calm(panel, view)], width, view), ("lift", about))]
        keys: list[Key] = [("lift", row.queue or "*") for row in alarmed]
        others: list[Key] = [("exception", one.about) for one in panel.exceptions]
        if width < NARROW:
            said = [text.short_verdict(row, view) for row in alarmed]
            said += [text.exception(one, view) for one in panel.exceptions]
            return [(_shown([title, *parts], width, view), key)
                    for parts, key in zip(said, keys + others, strict=True)][:height]
        for row, key in zip(alarmed, keys, strict=True):
            sign: Ink = (f"{view.glyphs.marker}", text.role(row))
            short = width < SHORT
            lines.append((_shown([sign, title, *text.verdict(row, view, short=short)], width, view), key))
            if len(lines) < height:
                what = text.action(row, view, short=short)
                needed = 4 + sum(_cells(part) for part, _ in what)
                if not short and needed > width:  # what to do is said first
                    what = text.action(row, view, short=True)
                said_next = [sign, ("   ", "plain"), *what]
                lines.append((_shown(said_next, width, view), ("effects", row.queue or "*")))
        for one, key in zip(panel.exceptions, others, strict=True):
            marked = [(view.glyphs.marker, "critical"), *text.exception(one, view)]
            lines.append((_shown(marked, width, view), key))
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

"""Today's calls by interval against the normal band, as a picture that is readable without colour.

A column is an interval. Full bars are what came; the shade is where 80 of 100 normal days lie, seen above
and behind the bars; digits are the lines of the tiers; small rings are the forecast of what is to come.
"""

from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from ccboard.panel_surge import Curve, QueueSurge
from widgets import surge_text as text
from widgets.cell_widget import CellWidget, Ink, Line, joined
from widgets.cells import fit, to_ascii
from widgets.view import SECOND, View

LABEL = 6
SHADE, RING = "░", "○"
SHADE_ASCII, RING_ASCII = ":", "o"
TIER_EVERY = 6
"""A tier's line has its digit in every so many columns."""


class Columns(NamedTuple):
    """A curve by column of the picture: intervals joined where there is no room for each."""

    offered: list[float | None]
    low: list[float]
    high: list[float]
    normal: list[float]
    forecast: list[float | None]
    each: int
    """Intervals in a column."""


def columns_of(curve: Curve, room: int) -> Columns:
    """Return the curve in at most `room` columns."""
    count = len(curve.normal)
    each = max(1, -(-count // max(1, room)))
    spans = [range(at, min(at + each, count)) for at in range(0, count, each)]

    def total(values: tuple[float | None, ...] | tuple[int | None, ...], span: range) -> float | None:
        found = [values[at] for at in span]
        return None if any(one is None for one in found) else float(sum(one or 0 for one in found))

    # A column that straddles now: what came of it, and what is to come.
    expected = tuple(ahead if came is None else float(came)
                     for came, ahead in zip(curve.offered, curve.forecast, strict=True))
    return Columns(
        [total(curve.offered, span) for span in spans],
        [sum(curve.low[at] for at in span) for span in spans],
        [sum(curve.high[at] for at in span) for span in spans],
        [sum(curve.normal[at] for at in span) for span in spans],
        [total(expected, span) for span in spans],
        each,
    )


class SurgeChart(CellWidget, can_focus=True):
    """The curve of the chosen row. The cursor points at one column: one interval, or some joined."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "point(-1)", "figure to the left", id="left"),
        Binding("right,l", "point(1)", "figure to the right", id="right"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._drawn: object = None
        self.row: QueueSurge | None = None
        self._view: View | None = None
        self._curve: Curve | None = None
        self._each = 1
        self._at: int | None = None
        """The first interval of the column that the cursor is at."""

    def pointed(self) -> tuple[Curve, int, int] | None:
        """Return the curve and the intervals (from, to) that the cursor is at; None without a curve."""
        curve = self._curve
        if curve is None or not curve.normal:
            return None
        at = self._at
        if at is None:  # the last that is over
            at = max((n for n, value in enumerate(curve.offered) if value is not None), default=0)
        at = min(at, len(curve.normal) - 1) // self._each * self._each
        return curve, at, min(at + self._each, len(curve.normal))

    def action_point(self, by: int) -> None:
        """Move the cursor by columns."""
        if (pointed := self.pointed()) is not None:
            curve, at, _ = pointed
            self._at = max(0, min(at + by * self._each, len(curve.normal) - 1))
            self._redraw()

    def on_focus(self) -> None:
        """Show the cursor."""
        self._redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self._redraw()

    def _redraw(self) -> None:
        self._drawn = None
        if self._view is not None:
            self.look(self._view)

    def choose(self, row: QueueSurge | None) -> None:
        """Show another row."""
        self.row = row
        if self._view is not None:
            self.look(self._view)

    def on_resize(self) -> None:
        """Draw for the new size."""
        if self._view is not None:
            self.look(self._view)

    def look(self, view: View) -> None:
        """Show the curve of the row."""
        self._view = view
        panel = text.panel_of(view)
        curve = None
        if panel is not None and self.row is not None:
            curve = next((one for one in panel.curves if one.queue == self.row.queue), None)
        drawn = (curve, self.row, self.size, view.words.language, view.glyphs.ascii)
        if drawn == self._drawn:
            return
        self._drawn, self._curve = drawn, curve
        self.put([] if curve is None or not curve.normal or self.row is None
                 else self._picture(curve, self.row, view))

    def _picture(self, curve: Curve, row: QueueSurge, view: View) -> list[Line]:
        width, height = self.size.width, self.size.height
        rows = height - 3
        if rows < 2 or width < LABEL + 12:
            return []
        room = width - LABEL - 1
        found = columns_of(curve, room)
        wide = max(1, room // len(found.normal))
        self._each = found.each
        pointed = self.pointed() if self.has_focus else None
        here = None if pointed is None else pointed[1] // found.each
        # The highest tier's line is shown where it would stand at the busiest time, if there is room.
        tops = list(found.high) + [value for value in found.offered if value is not None]
        most = max([*tops, *(max(found.normal) * (1 + tier) for tier in curve.tiers[:2]), 1.0])
        lines = [self._title(curve, row, view, found.each, pointed)]
        for y in range(rows):
            upper, lower = most * (rows - y) / rows, most * (rows - y - 1) / rows
            label = f"{upper:.0f}" if y == 0 else (f"{most / 2:.0f}" if y == rows // 2 else "")
            parts: list[Ink] = [(fit(label, LABEL - 1, right=True) + " ", "dim")]
            for at in range(len(found.normal)):
                sign, role = self._cell(found, curve, at, lower, upper, view)
                role = f"{role}@cell" if at == here else role
                parts.append((sign * wide if sign != RING else sign + " " * (wide - 1), role))
            lines.append(joined(parts))
        lines.append(self._axis(curve, found, wide, view))
        lines.append(self._legend(width, view))
        if view.glyphs.ascii:
            lines = [tuple((to_ascii(part), role) for part, role in line) for line in lines]
        return lines

    @staticmethod
    def _cell(found: Columns, curve: Curve, at: int, lower: float, upper: float, view: View) -> Ink:
        """Return what stands in one cell: bar, tier, forecast, band, or nothing."""
        ascii_ = view.glyphs.ascii
        step = upper - lower
        offered = found.offered[at]
        if offered is not None and offered > lower:
            part = min(1.0, (offered - lower) / step)
            over = offered > found.high[at]
            bar = view.glyphs.bars[max(0, min(7, round(part * 8) - 1))]
            return bar, "critical" if over else "strong"
        forecast = found.forecast[at]
        if offered is None and forecast is not None and lower < forecast <= upper:
            return (RING_ASCII if ascii_ else RING), "accent"
        for number, tier in enumerate(curve.tiers, 1):
            if found.normal[at] and lower < found.normal[at] * (1 + tier) <= upper:
                return (str(number), "head") if at % TIER_EVERY == 0 else (view.glyphs.rule, "dim")
        if found.low[at] < upper and found.high[at] > lower:
            return (SHADE_ASCII if ascii_ else SHADE), "dim"
        return " ", "plain"

    def _title(self, curve: Curve, row: QueueSurge, view: View, each: int,
               pointed: tuple[Curve, int, int] | None) -> Line:
        said = view.words("surge.chart", queue=text.name(row, view).upper(),
                          minutes=str(curve.step_s // 60 * each))
        role = "accent" if self.has_focus else "head"
        if pointed is not None:
            when = text.stretch(curve, pointed[1], pointed[2], view)
            said = f"{when}  {counted(curve, *pointed[1:], view)}"
        return ((fit(said, self.size.width, ellipsis=view.glyphs.ellipsis), role),)

    @staticmethod
    def _axis(curve: Curve, found: Columns, wide: int, view: View) -> Line:
        per = curve.step_s * found.each * SECOND
        cells = [" "] * (len(found.normal) * wide)
        every = max(1, -(-5 // wide))
        hour = 3600 * SECOND
        steps = max(1, hour // per)
        every = -(-every // steps) * steps
        first = next((n for n in range(len(found.normal)) if (curve.start + n * per) % hour == 0), 0)
        for at in range(first, len(found.normal), every):
            label = text.time(curve.start + at * per, view)[:2]
            place = at * wide
            if place + 2 <= len(cells):
                cells[place:place + 2] = list(label)
        return ((" " * LABEL + "".join(cells), "dim"),)

    @staticmethod
    def _legend(width: int, view: View) -> Line:
        ascii_ = view.glyphs.ascii
        shade = SHADE_ASCII if ascii_ else SHADE
        ring = RING_ASCII if ascii_ else RING
        said = view.words("surge.legend", bar=view.glyphs.bars[7], band=shade * 2, line=ring, tiers="1 2 3")
        return ((" " * LABEL + fit(said, min(cell_len(said), max(0, width - LABEL))), "dim"),)


class Parts(NamedTuple):
    """What intervals are made of, by the moment up to which calls are counted."""

    came: int | None
    """Calls that came; None where none of the intervals is over, or none was heard."""
    ahead: float | None
    """Calls that are forecast of those that are not over; None where there is no forecast."""
    gap: bool
    """Whether one that is over was not heard."""
    over: bool
    """Whether all of them are over."""


def parts_of(curve: Curve, begin: int, end: int, view: View) -> Parts:
    """Return what came in intervals, and what is to come in them."""
    panel = text.panel_of(view)
    upto = view.now if panel is None else panel.upto
    came = [n for n in curve.offered[begin:end] if n is not None]
    open_ = [n for n in range(begin, end) if curve.offered[n] is None]
    lost = [n for n in open_ if curve.start + (n + 1) * curve.step_s * SECOND <= upto]
    ahead = [value for n in open_ if n not in lost and (value := curve.forecast[n]) is not None]
    return Parts(sum(came) if came else None, sum(ahead) if ahead else None, bool(lost),
                 len(open_) == len(lost))


def counted(curve: Curve, begin: int, end: int, view: View) -> str:
    """Return what came in intervals and what is to come, beside the normal day."""
    parts = parts_of(curve, begin, end, view)
    said = [] if parts.came is None else [view.words("surge.came", n=str(parts.came))]
    if parts.gap:
        said.append(view.words("surge.no_feed_then"))
    if parts.ahead is not None:
        said.append(view.words("surge.to_come", n=f"{parts.ahead:.0f}"))
    said.append(view.words("surge.normal_then", n=f"{sum(curve.normal[begin:end]):.0f}"))
    return view.words("list.comma").join(said)

"""Sentences with figures in them: the cursor goes from figure to figure, as it does in a table.

A panel hands over its lines with the `Spot` of each figure. While it has the keys, the figure that the cursor
is at stands out, and lines that the panel has no room for are reached by going on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from widgets.cell_widget import CellWidget, Ink, Line, joined
from widgets.cells import folded, to_ascii
from widgets.view import View

Key = tuple[str, ...]
"""What a figure is called: by it the panel's page finds out what stands behind; each has its own."""
WHOLE = 10_000
"""Cells of a figure that is a whole line."""


class Spot(NamedTuple):
    """A figure: what it is called, its lines from `y` on, its cells from `x` on, and how it reads."""

    key: Key
    y: int
    lines: int
    x: int
    width: int
    shown: str


@dataclass(slots=True)
class Drawing:
    """Lines being put together, with the figures in them."""

    lines: list[Line]
    spots: list[Spot]

    @classmethod
    def begin(cls) -> "Drawing":
        """Return one without lines."""
        return cls([], [])

    def plain(self, line: Line) -> None:
        """Add a line without a figure."""
        self.lines.append(line)

    def sentence(self, text: str, role: str, width: int, key: Key | None = None) -> None:
        """Add a text, folded; all of it is one figure where it has a key."""
        pieces = folded(text, width)
        if key is not None:
            self.spots.append(Spot(self._own(key), len(self.lines), len(pieces), 0, WHOLE, text.strip()))
        self.lines += [((piece, role),) for piece in pieces]

    def line(self, inks: Sequence[Ink], key: Key | None = None) -> None:
        """Add a line that is one figure."""
        if key is not None:
            said = "".join(text for text, _ in inks).strip()
            self.spots.append(Spot(self._own(key), len(self.lines), 1, 0, WHOLE, said))
        self.lines.append(joined(inks))

    def cells(self, parts: Sequence[tuple[Ink, Key | None]]) -> None:
        """Add a line of several figures."""
        x = 0
        for (text, _), key in parts:
            width = cell_len(text)
            if key is not None:
                left = width - cell_len(text.lstrip())
                said = text.strip()
                self.spots.append(Spot(self._own(key), len(self.lines), 1, x + left, cell_len(said), said))
            x += width
        self.lines.append(joined([ink for ink, _ in parts]))

    def _own(self, key: Key) -> Key:
        """Return the key, numbered if a figure has it: the cursor would not get past two of one name."""
        taken, own, nth = {spot.key for spot in self.spots}, key, 2
        while own in taken:
            own, nth = (*key, f"#{nth}"), nth + 1
        return own


class SpotLines(CellWidget, can_focus=True):
    """A panel of such lines. Subclasses hand over a ``Drawing``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "point(-1, 0)", "row up", id="up"),
        Binding("down,j", "point(1, 0)", "row down", id="down"),
        Binding("left,h", "point(0, -1)", "figure to the left", id="left"),
        Binding("right,l", "point(0, 1)", "figure to the right", id="right"),
        Binding("home", "end(0)", "first row", id="top"),
        Binding("G,end", "end(-1)", "last row", id="bottom"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._drawing = Drawing.begin()
        self._ascii = False
        self._at: Key | None = None
        self._top = 0

    def pointed(self) -> Spot | None:
        """Return the figure that the cursor is at; None where there is none."""
        spots = self._drawing.spots
        return next((spot for spot in spots if spot.key == self._at), spots[0] if spots else None)

    def pointed_text(self) -> str:
        """Return how the figure at the cursor reads."""
        spot = self.pointed()
        return "" if spot is None else spot.shown

    def draw_lines(self, drawing: Drawing, view: View) -> None:
        """Show these lines; the cursor stays at its figure as long as that is there."""
        self._drawing, self._ascii = drawing, view.glyphs.ascii
        self._redraw()

    def height_wanted(self) -> int:
        """Return how many lines there are."""
        return len(self._drawing.lines)

    def cursor_line(self) -> int:
        """Return the line that the cursor stands in."""
        spot = self.pointed()
        return 0 if spot is None else max(0, spot.y + spot.lines - 1 - self._top)

    def _redraw(self) -> None:
        lines, height = list(self._drawing.lines), max(0, self.size.height)
        spot = self.pointed() if self.has_focus else None
        if spot is None:
            self._top = 0
        else:
            if spot.y + spot.lines > self._top + height:
                self._top = spot.y + spot.lines - height
            self._top = max(0, min(self._top, spot.y, max(0, len(lines) - height)))
            for y in range(spot.y, min(spot.y + spot.lines, len(lines))):
                lines[y] = lit(lines[y], spot.x, spot.width)
        if self._ascii:
            lines = [tuple((to_ascii(text), role) for text, role in line) for line in lines]
        self.put(lines[self._top : self._top + height])

    def action_point(self, down: int, right: int) -> None:
        """Move the cursor from figure to figure."""
        spots, here = self._drawing.spots, self.pointed()
        if here is None:
            return
        if right:
            at = spots.index(here) + right
            self._at = spots[max(0, min(at, len(spots) - 1))].key
        else:
            self._at = (_below(spots, here) if down > 0 else _above(spots, here)).key
        self._redraw()

    def action_end(self, to: int) -> None:
        """Move the cursor to the first figure (0) or the last (-1)."""
        if self._drawing.spots:
            self._at = self._drawing.spots[to].key
            self._redraw()

    def on_focus(self) -> None:
        """Show the cursor."""
        self._redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self._redraw()


def _below(spots: Sequence[Spot], here: Spot) -> Spot:
    lower = [spot for spot in spots if spot.y > here.y]
    first = min((spot.y for spot in lower), default=0)
    return min((s for s in lower if s.y == first), key=lambda s: abs(s.x - here.x), default=here)


def _above(spots: Sequence[Spot], here: Spot) -> Spot:
    upper = [spot for spot in spots if spot.y < here.y]
    last = max((spot.y for spot in upper), default=0)
    return min((s for s in upper if s.y == last), key=lambda s: abs(s.x - here.x), default=here)


def lit(line: Line, x: int, width: int) -> Line:
    """Return a line with the cursor on some of its cells.

    >>> lit((("ab", "plain"), ("cd", "dim")), 1, 2)
    (('a', 'plain'), ('b', 'plain@cell'), ('c', 'dim@cell'), ('d', 'dim'))
    """
    found: list[Ink] = []
    at = 0
    for text, role in line:
        before, inside, after = "", "", ""
        for character in text:
            if at < x:
                before += character
            elif at < x + width:
                inside += character
            else:
                after += character
            at += cell_len(character)
        parts = ((before, role), (inside, f"{role}@cell"), (after, role))
        found += [(part, ink) for part, ink in parts if part]
    return tuple(found)

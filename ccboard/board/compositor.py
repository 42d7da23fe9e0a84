"""Writes of exactly the cells that changed.

Textual writes a dirty stretch from the left edge of its widget: a clock at the right end of a table of
180 columns would cost the whole line. This writes from the stretch's own beginning, which on
a wall of ticking times is a fifth of the bytes. And where a stretch lies within one panel, which is nearly
always, the panel is asked for that line alone; Textual would ask everything in sight for all its lines and
cut them at every edge, which is a third of the board's CPU. It rests on classes of Textual that are not
public; ``tests/test_board_cost.py`` counts bytes and lines, and so notices when they change.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip

from widgets.cell_widget import CellWidget, room


class SpanUpdate(ChopsUpdate):
    """An update that begins where the change begins."""

    def render_segments(self, console: Console) -> str:
        """Return the update as it is sent to the terminal."""
        out: list[str] = []
        system = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        for y, start, end in self.spans:
            for (x, strip), stop in zip(self.chops[y].items(), self.chop_ends[y], strict=False):
                if strip is None or x >= end or stop <= start:
                    continue
                left, right = max(x, start), min(stop, end)
                out.append(f"\x1b[{y + 1};{left + 1}H")
                out += stretch(strip, left - x, right - x, system)
        return "".join(out)


class Piece(NamedTuple):
    """Cells of one line to write: screen line and column, and which cells of which line of the panel."""

    y: int
    x: int
    panel: CellWidget
    line: int
    start: int
    end: int


class PiecesUpdate(CompositorUpdate):
    """An update of stretches that each lie in one panel."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        """Return the update as it is sent to the terminal."""
        out: list[str] = []
        system = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        for y, x, panel, line, start, end in self.pieces:
            out.append(f"\x1b[{y + 1};{x + 1}H")
            out += stretch(panel.inked(line), start, end, system)
        return "".join(out)


def stretch(strip: Iterable[tuple[str, Style | None, object]], start: int, end: int, system: ColorSystem
            ) -> Iterator[str]:
    """Yield the cells from `start` to `end` of a strip as they are sent, without making a strip of them."""
    at = 0
    for text, style, _ in strip:
        size = len(text) if text.isascii() else room(text)
        stop = at + size
        if at >= end:
            return
        if stop > start:
            if at < start or stop > end:
                if size == len(text):
                    text = text[max(0, start - at) : end - at]
                else:
                    half, text = _whole_characters(text, start - at, end - at)
                    if half:  # its other half stands there already: step over it
                        yield "\x1b[C"
            if text:
                yield text if style is None else Strip.render_style(style, text, system)
        at = stop


def _whole_characters(text: str, start: int, end: int) -> tuple[bool, str]:
    """Return the characters that begin in a stretch, and whether the second half of a wide one comes before.

    A stretch may be that of a panel below the one in sight, whose wide characters it does not know.

    >>> _whole_characters("ab明细cd", 3, 5)
    (True, '细')
    """
    kept: list[str] = []
    half, x = False, 0
    for character in text:
        size = get_character_cell_size(character)
        if start <= x < end or (kept and not size):
            kept.append(character)
        elif x < start < x + size:
            half = True
        x += size
    return half, "".join(kept)


class SpanCompositor(Compositor):
    """Textual's compositor with frugal partial updates, and a panel that may lie over others in one piece."""

    overlay: CellWidget | None = None

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]
                      ) -> Sequence[Mapping[int, Strip]]:
        """Return the lines in pieces between the edges of panels.

        Textual cuts at the edges of those below, too, and what it cuts through is lost: half of a Chinese
        character of the overlay would be.
        """
        chops = super()._render_chops(crop, is_rendered_line)
        if self.overlay is None or self.overlay not in self.visible_widgets:
            return chops
        region, clip = self.visible_widgets[self.overlay]
        left, right = region.x, region.right
        if (left, right) != (max(left, clip.x), min(right, clip.right)):
            return chops
        found = list(chops)
        for y in range(max(region.y, clip.y), min(region.bottom, clip.bottom, len(found))):
            if is_rendered_line(y):
                line = {x: strip for x, strip in found[y].items() if x < left or x >= right}
                line[left] = self.overlay.strip(y - region.y)
                found[y] = dict(sorted(line.items()))
        return found

    def render_partial_update(self) -> ChopsUpdate | PiecesUpdate | None:  # type: ignore[override]
        """Return what changed, or None."""
        if not self._dirty_regions:
            return None
        width, height = self.size
        whole = self._whole((y, max(0, x1), min(x2, width))
                            for y, x1, x2 in self._regions_to_spans(self._dirty_regions) if 0 <= y < height)
        if whole is not None:
            self._dirty_regions.clear()
            return PiecesUpdate(whole)
        update = super().render_partial_update()
        if update is None:
            return None
        ends = update.chop_ends
        if self.overlay is not None:
            ends = [[*list(line)[1:], width] for line in update.chops]
        return SpanUpdate(update.chops, update.spans, ends)

    def _whole(self, spans: Iterator[tuple[int, int, int]]) -> list[Piece] | None:
        """Return the stretches as pieces, or None where one does not lie within a single panel."""
        pieces: list[Piece] = []
        for y, x1, x2 in spans:
            piece = self._piece(y, x1, x2)
            if piece is None:
                return None
            pieces.append(piece)
        return pieces

    def _piece(self, y: int, x1: int, x2: int) -> Piece | None:
        """Return a stretch of the panel that is foremost there, or None where there are two or none."""
        for widget, (region, clip) in self.visible_widgets.items():  # front to back
            left, right = max(clip.x, region.x), min(clip.right, region.right)
            if clip.y <= y < clip.bottom and region.y <= y < region.bottom and x1 < right and x2 > left:
                if not isinstance(widget, CellWidget) or x1 < left or x2 > right:
                    return None
                return Piece(y, x1, widget, y - region.y, x1 - region.x, x2 - region.x)
        return None

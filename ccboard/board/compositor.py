"""Writes of exactly the cells that changed.

Textual writes a dirty stretch from the left edge of its widget: a clock at the right end of a table of
180 columns would cost the whole line. This writes from the stretch's own beginning, which on
a wall of ticking times is a fifth of the bytes. It rests on two classes of Textual that are not public;
``tests/test_board_cost.py`` counts the bytes, and so notices when they change.
"""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, Compositor
from textual.strip import Strip


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


def stretch(strip: Strip, start: int, end: int, system: ColorSystem) -> Iterator[str]:
    """Yield the cells from `start` to `end` of a strip as they are sent, without making a strip of them."""
    at = 0
    for text, style, _ in strip:
        size = len(text) if text.isascii() else cell_len(text)
        stop = at + size
        if at >= end:
            return
        if stop > start:
            if at < start or stop > end:
                if size == len(text):
                    text = text[max(0, start - at) : end - at]
                else:
                    piece = Segment(text)
                    if stop > end:
                        piece = piece.split_cells(end - at)[0]
                    if at < start:
                        piece = piece.split_cells(start - at)[1]
                    text = piece.text
            yield text if style is None else Strip.render_style(style, text, system)
        at = stop


class SpanCompositor(Compositor):
    """Textual's compositor with frugal partial updates."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what changed, or None."""
        update = super().render_partial_update()
        if update is None:
            return None
        return SpanUpdate(update.chops, update.spans, update.chop_ends)

"""Writes of exactly the cells that changed.

Textual writes a dirty stretch from the left edge of its widget: a clock at the right end of a table of
180 columns would cost the whole line. This writes from the stretch's own beginning, which on
a wall of ticking times is a fifth of the bytes. It rests on two classes of Textual that are not public;
``tests/test_board_cost.py`` counts the bytes, and so notices when they change.
"""

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class SpanUpdate(ChopsUpdate):
    """An update that begins where the change begins."""

    def render_segments(self, console: Console) -> str:
        """Return the update as it is sent to the terminal."""
        out: list[str] = []
        for y, start, end in self.spans:
            for (x, strip), stop in zip(self.chops[y].items(), self.chop_ends[y], strict=False):
                if strip is None or x >= end or stop <= start:
                    continue
                left, right = max(x, start), min(stop, end)
                piece = strip.crop(left - x, right - x)
                out.append(Control.move_to(left, y).segment.text)
                out.append(piece.render(console))
        return "".join(out)


class SpanCompositor(Compositor):
    """Textual's compositor with frugal partial updates."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what changed, or None."""
        update = super().render_partial_update()
        if update is None:
            return None
        return SpanUpdate(update.chops, update.spans, update.chop_ends)

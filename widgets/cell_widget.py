"""The base of every panel: lines of inked text, of which only the cells that changed are redrawn.

Textual repaints what a widget declares dirty and compares nothing. Here a panel hands over the lines
that it wants to show; they are compared with those that stand there, cell by cell, and only the
differing stretches are declared. Where nothing changes, nothing is written.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, TypeAlias

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Ink: TypeAlias = tuple[str, str]
"""A stretch of text and the role that it is drawn in; "role@cursor" on the cursor's row."""
Line: TypeAlias = tuple[Ink, ...]

ROLES = ("plain", "strong", "dim", "head", "good", "warning", "critical", "accent", "banner", "alert",
         "cursor")
"""Roles of text. `banner` and `alert` are inverted lines; `cursor` is only a background."""

JUMP = 10
"""Cells between two changes that are cheaper to write again than to jump over (a jump and a colour
cost about forty bytes)."""


def cells(line: Line) -> list[tuple[str, str] | None]:
    """Return a line cell by cell: character with its marks and role; None behind a wide character."""
    found: list[tuple[str, str] | None] = []
    for text, role in line:
        if text.isascii():
            found.extend((character, role) for character in text)
            continue
        for character in text:
            size = get_character_cell_size(character)
            if size:
                found.append((character, role))
                found.extend([None] * (size - 1))
            else:  # a mark belongs to the character before it
                at = len(found) - 1
                while at >= 0 and found[at] is None:
                    at -= 1
                if at >= 0 and (base := found[at]) is not None:
                    found[at] = (base[0] + character, base[1])
    return found


def changes(old: Line, new: Line) -> list[tuple[int, int]]:
    """Return the stretches (from, to) of cells in which two lines differ, near ones joined.

    >>> changes((("abcdef", ""),), (("abXdef", ""),))
    [(2, 3)]
    >>> changes((("中b", ""),), (("文b", ""),))  # never half of a wide character
    [(0, 2)]
    """
    before, after = cells(old), cells(new)
    length = max(len(before), len(after))
    blank = (" ", "plain")
    before += [blank] * (length - len(before))
    after += [blank] * (length - len(after))
    spans: list[tuple[int, int]] = []
    for x, (was, now) in enumerate(zip(before, after, strict=True)):
        if was == now:
            continue
        end = x + 1
        while end < length and (before[end] is None or after[end] is None):
            end += 1
        if spans and x - spans[-1][1] <= JUMP:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((x, end))
    return spans


def joined(parts: Iterable[Ink]) -> Line:
    """Return parts as a line, neighbours of one role in one piece: fewer colours to switch.

    What follows wide characters begins a piece of its own: a saved picture (SVG) places pieces, and a
    browser's Chinese font is never exactly two cells wide.
    """
    merged: list[Ink] = []
    for text, role in parts:
        if not text:
            continue
        if merged and merged[-1][1] == role and merged[-1][0].isascii():
            merged[-1] = (merged[-1][0] + text, role)
        else:
            merged.append((text, role))
    return tuple(merged)


class CellWidget(Widget):
    """A panel made of lines. Subclasses call ``put``; they never call ``refresh`` for data."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ink--{role}" for role in ROLES}
    DEFAULT_CSS = """
    CellWidget {
        background: $background;
        color: $ink;
        & > .ink--plain { color: $ink; }
        & > .ink--strong { color: $ink-strong; text-style: bold; }
        & > .ink--dim { color: $ink-dim; }
        & > .ink--head { color: $ink-head; }
        & > .ink--good { color: $ink-good; }
        & > .ink--warning { color: $ink-warning; }
        & > .ink--critical { color: $ink-critical; text-style: bold; }
        & > .ink--accent { color: $ink-accent; text-style: bold; }
        & > .ink--banner { color: $ink-banner; background: $ink-banner-background; text-style: bold; }
        & > .ink--alert { color: $ink-alert; background: $ink-alert-background; text-style: bold; }
        & > .ink--cursor { background: $ink-cursor-background; }
        &:ansi > .ink--banner, &:ansi > .ink--alert { text-style: bold reverse; }
        &:ansi > .ink--cursor { text-style: reverse; }
    }
    """
    ALLOW_SELECT = False
    muted = False
    """Everything in grey: these figures are not of now."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._inks: dict[str, Style] = {}
        self.lines_drawn = 0
        """Lines rendered so far: what a test of costs counts."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines as they stand."""
        return self._lines

    def put(self, lines: Sequence[Line]) -> None:
        """Show `lines`; declare dirty only the cells that differ from what stands there."""
        old, new = self._lines, tuple(lines)
        if old == new:
            return
        self._lines = new
        regions = []
        for y in range(max(len(old), len(new))):
            was = old[y] if y < len(old) else ()
            now = new[y] if y < len(new) else ()
            if was != now:
                regions += [Region(x1, y, x2 - x1, 1) for x1, x2 in changes(was, now)]
        if regions:
            self.refresh(*regions)

    def mute(self, muted: bool) -> None:
        """Draw everything in grey, or no longer."""
        if muted != self.muted:
            self.muted = muted
            self._inks.clear()
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget the colours: the theme changed."""
        self._inks = {}
        super().notify_style_update()

    def ink(self, role: str) -> Style:
        """Return the style of a role. Cached: Textual's own cache is emptied by every refresh."""
        style = self._inks.get(role)
        if style is None:
            name, _, modifier = role.partition("@")
            if self.muted and name not in ("banner", "alert", "head"):
                name = "dim"
            style = self.get_component_rich_style(f"ink--{name}")
            if modifier:
                style += self._background(f"ink--{modifier}")
            self._inks[role] = style
        return style

    def _background(self, component: str) -> Style:
        whole = self.get_component_rich_style(component)
        return Style(bgcolor=whole.bgcolor, reverse=whole.reverse)

    def render_line(self, y: int) -> Strip:
        """Return one line (Textual's line API)."""
        self.lines_drawn += 1
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.ink("plain"))
        strip = Strip([Segment(text, self.ink(role)) for text, role in self._lines[y]])
        return strip.adjust_cell_length(width, self.ink("plain"))

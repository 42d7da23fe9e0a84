"""The base of every panel: lines of inked text, of which only the cells that changed are redrawn.

Textual repaints what a widget declares dirty and compares nothing. Here a panel hands over the lines
that it wants to show; they are compared with those that stand there, cell by cell, and only the
differing stretches are declared. Where nothing changes, nothing is written.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import ClassVar, TypeAlias

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Ink: TypeAlias = tuple[str, str]
"""A stretch of text and the role that it is drawn in; "role@cursor" on the cursor's row."""
Line: TypeAlias = tuple[Ink, ...]

ROLES = ("plain", "strong", "dim", "head", "good", "warning", "critical", "accent", "banner", "alert",
         "cursor", "cell")
"""Roles of text. `banner` and `alert` are inverted lines; `cursor` and `cell` are only backgrounds."""

JUMP = 10
"""Cells between two changes that are cheaper to write again than to jump over (a jump and a colour
cost about forty bytes)."""


_NARROW = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0391-\u0482\u2010-\u2027\u2190-\u21ff\u2500-\u25fc]*").fullmatch
"""Matches text of which every character takes one cell: its length is its width, and quicker to take."""
_PLACES = 4096


@lru_cache(_PLACES)
def _wide(text: str) -> int:
    return cell_len(text)


def room(text: str) -> int:
    """Return the cells of a text."""
    return len(text) if text.isascii() or _NARROW(text) else _wide(text)


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
    # Whole pieces that are the same at both ends need no look at their cells.
    first, left, most = 0, 0, min(len(old), len(new))
    while first < most and old[first] == new[first]:
        text = old[first][0]
        left += len(text) if text.isascii() else room(text)
        first += 1
    last = 0
    while last < most - first and old[-1 - last] == new[-1 - last]:
        last += 1
    before, after = old[first : len(old) - last], new[first : len(new) - last]
    narrow = all(text.isascii() or _NARROW(text) for text, _ in before + after)
    if narrow:
        size = sum([len(text) for text, _ in before])
        if last and size != sum([len(text) for text, _ in after]):  # the same at the end, but elsewhere
            before, after = old[first:], new[first:]
            narrow = all(text.isascii() or _NARROW(text) for text, _ in before[-last:])
    found = _narrow_changes(before, after, left) if narrow else _wide_changes(old, new, first, last, left)
    spans: list[tuple[int, int]] = []
    for start, end in found:
        if spans and start - spans[-1][1] <= JUMP:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _narrow_changes(old: Line, new: Line, x: int) -> Iterator[tuple[int, int]]:
    """Yield where lines differ whose characters all take one cell: piece by piece, not cell by cell."""
    one, two = iter([part for part in old if part[0]]), iter([part for part in new if part[0]])
    was, was_role = next(one, ("", ""))
    now, now_role = next(two, ("", ""))
    while was or now:
        size = min(len(was), len(now)) if was and now else len(was) or len(now)
        a = was[:size] if was else " " * size
        b = now[:size] if now else " " * size
        if (was_role if was else "plain") != (now_role if now else "plain"):
            yield x, x + size
        elif a != b:
            for i in range(size):
                if a[i] != b[i]:
                    yield x + i, x + i + 1
        x += size
        was, now = was[size:], now[size:]
        if not was:
            was, was_role = next(one, ("", ""))
        if not now:
            now, now_role = next(two, ("", ""))


def _wide_changes(old: Line, new: Line, first: int, last: int, left: int) -> Iterator[tuple[int, int]]:
    """Yield where lines differ, cell by cell."""
    before, after = cells(old[first : len(old) - last]), cells(new[first : len(new) - last])
    if last and len(before) != len(after):  # the same at the end, but not at the same place
        before, after = cells(old[first:]), cells(new[first:])
    length = max(len(before), len(after))
    blank = (" ", "plain")
    before += [blank] * (length - len(before))
    after += [blank] * (length - len(after))
    for x, (was, now) in enumerate(zip(before, after, strict=True)):
        if was == now:
            continue
        end = x + 1
        while end < length and (before[end] is None or after[end] is None):
            end += 1
        yield left + x, left + end


def joined(parts: Iterable[Ink]) -> Line:
    """Return parts as a line, neighbours of one role in one piece: fewer colours to switch.

    What follows wide characters begins a piece of its own: a saved picture (SVG) places pieces, and a
    browser's Chinese font is never exactly two cells wide.
    """
    merged: list[Ink] = []
    for text, role in parts:
        if merged and merged[-1][1] == role:
            before = merged[-1][0]
            if before.isascii() or room(before) == len(before):
                merged[-1] = (before + text, role)
                continue
        if text:
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
        & > .ink--cell { background: $ink-cell-background; }
        &:ansi > .ink--banner, &:ansi > .ink--alert { text-style: bold reverse; }
        &:ansi > .ink--cursor { text-style: reverse; }
        &:ansi > .ink--cell { text-style: bold underline; }
    }
    """
    ALLOW_SELECT = False
    muted = False
    """Everything in grey: these figures are not of now."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._inks: dict[str, Style] = {}
        self._strips: dict[int, Strip] = {}
        self._strips_width = 0
        self._inked = -1
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
        self._inked = -1
        regions = []
        for y in range(max(len(old), len(new))):
            was = old[y] if y < len(old) else ()
            now = new[y] if y < len(new) else ()
            if was is not now and was != now:
                self._strips.pop(y, None)
                regions += [Region(x1, y, x2 - x1, 1) for x1, x2 in changes(was, now)]
        if regions:
            self.refresh(*regions)

    def mute(self, muted: bool) -> None:
        """Draw everything in grey, or no longer."""
        if muted != self.muted:
            self.muted = muted
            self._inks.clear()
            self._strips.clear()
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget the colours: the theme changed."""
        self._inks = {}
        self._strips = {}
        super().notify_style_update()

    def ink(self, role: str) -> Style:
        """Return the style of a role. Cached: Textual's own cache is emptied by every refresh."""
        style = self._inks.get(role)
        if style is None:
            name, _, modifier = role.partition("@")
            if self.muted and name not in ("banner", "alert", "head"):
                name = "dim"
            try:
                style = self.get_component_rich_style(f"ink--{name}")
            except KeyError:  # drawn between mounting and styling: the colours come with the next drawing
                return self.rich_style
            if modifier:
                style += self._background(f"ink--{modifier}")
            background = self.background_colors[1]
            for line_filter in self.get_line_filters():  # NO_COLOR and the like: once per ink, not per line
                style = line_filter.apply([Segment("x", style)], background)[0].style or style
            self._inks[role] = style
        return style

    def _background(self, component: str) -> Style:
        whole = self.get_component_rich_style(component)
        return Style(bgcolor=whole.bgcolor, reverse=whole.reverse, underline=whole.underline)

    def strip(self, y: int) -> Strip:
        """Return a line, as it was drawn last where it has not changed."""
        width = self.outer_size.width
        if width != self._strips_width:
            self._strips.clear()
            self._strips_width = width
        return self._strips.get(y) or self.render_line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region (Textual's line API, without borders: a panel has none)."""
        strips = [self.strip(y) for y in crop.line_range]
        if crop.column_span != (0, self.outer_size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def inked(self, y: int) -> Iterator[tuple[str, Style, None]]:
        """Yield the parts of a line from the left, for who needs a few cells of it: no strip is made."""
        if y != self._inked:
            self._inked = y
            self.lines_drawn += 1
        inks, ink = self._inks, self.ink
        for text, role in self._lines[y] if y < len(self._lines) else ():
            yield text, inks.get(role) or ink(role), None
        yield " " * self.outer_size.width, ink("plain"), None

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        width = self.outer_size.width
        self.lines_drawn += 1
        line = self._lines[y] if y < len(self._lines) else ()
        inks, ink = self._inks, self.ink
        segments = [Segment(text, inks.get(role) or ink(role)) for text, role in line]
        used = sum([len(text) if text.isascii() else room(text) for text, _ in line])
        if used < width:
            segments.append(Segment(" " * (width - used), self.ink("plain")))
            used = width
        strip = Strip(segments, used)
        self._strips[y] = strip.crop(0, width) if used > width else strip
        return self._strips[y]

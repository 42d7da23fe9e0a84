"""The help page: the keys as they are bound now, and what the signs mean. Nothing here is written twice."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.message import Message

from widgets.cell_widget import CellWidget, Ink, Line, joined
from widgets.cells import fit, folded
from widgets.view import View

SCROLL = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -10, "pagedown": 10}


class HelpPage(CellWidget, can_focus=True):
    """Keys and signs, in two columns where there is room. Any key but the arrows closes it."""

    class Closed(Message):
        """Back to the page before."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._keys: Sequence[tuple[str, str]] = ()
        self._view: View | None = None
        self._top = 0

    def look(self, view: View, keys: Sequence[tuple[str, str]] | None = None) -> None:
        """Show keys as (key, meaning)."""
        self._view = view
        if keys is not None:
            self._keys, self._top = keys, 0
        self.draw()

    def draw(self) -> None:
        """Draw what fits, from where it is scrolled to."""
        view, size = self._view, self.size
        if view is None or not size.height:
            return
        width = size.width - 2
        if width >= 110:
            half = (width - 4) // 2
            blank: Line = ((" " * half, "plain"),)
            left, right = self._key_lines(view, half), self._sign_lines(view, half)
            if len(left) > size.height - 2:  # what has no room on the left goes on at the right
                fits = max(size.height - 2, (len(left) + len(right) + 2) // 2)
                left, right = left[:fits], [*left[fits:], blank, *right]
            height = max(len(left), len(right))
            left += [blank] * (height - len(left))
            right += [blank] * (height - len(right))
            lines = [joined([*a, ("    ", "plain"), *b]) for a, b in zip(left, right, strict=True)]
        else:
            lines = [*self._key_lines(view, width), (), *self._sign_lines(view, width)]
        room = max(1, size.height - 2)
        self._top = max(0, min(self._top, len(lines) - room))
        shown = lines[self._top : self._top + room]
        close = view.words("help.close")
        if len(lines) > room:
            part = f"{self._top + 1}-{self._top + len(shown)}/{len(lines)}"
            close = f"{view.words('help.close_more')}   {part}"
        shown += [(), ((fit(close, width, ellipsis=view.glyphs.ellipsis), "dim"),)]
        self.put([joined([(" ", "plain"), *line]) for line in shown[: size.height]])

    def _key_lines(self, view: View, width: int) -> list[Line]:
        room = max((cell_len(key) for key, _ in self._keys), default=0)
        lines: list[Line] = [((fit(view.words("help.keys"), width), "head"),)]
        for key, meaning in self._keys:
            said = fit(meaning, max(0, width - room - 2), ellipsis=view.glyphs.ellipsis)
            lines.append(joined([(fit(key, room + 2), "strong"), (said, "plain")]))
        return lines

    def _sign_lines(self, view: View, width: int) -> list[Line]:
        words, glyphs = view.words, view.glyphs
        signs: list[tuple[Ink, str]] = [
            (("ok", "good"), words("help.mark_ok")),
            (("!", "warning"), words("help.mark_warning")),
            (("!!", "critical"), words("help.mark_critical")),
            ((glyphs.dash, "dim"), words("help.dash")),
            (("9 s", "dim"), words("help.grey")),
            ((f"{glyphs.bars[1]}{glyphs.bars[4]}{glyphs.bars[7]}", "plain"), words("help.bars")),
            ((glyphs.rule * 3, "dim"), words("help.bars_tall")),
            ((glyphs.none, "dim"), words("help.no_calls")),
            (("?", "warning"), words("help.unknown")),
        ]
        lines: list[Line] = [((fit(words("help.signs"), width), "head"),)]
        for (sign, role), meaning in signs:
            for nth, piece in enumerate(folded(meaning, max(8, width - 6))):
                shown = fit(sign if nth == 0 else "", 6)
                said = fit(piece, width - 6, ellipsis=glyphs.ellipsis)
                lines.append(joined([(shown, role), (said, "plain")]))
        formula = folded(words("help.level"), width)
        return lines + [((fit(piece, width, ellipsis=glyphs.ellipsis), "dim"),) for piece in formula]

    def on_key(self, event: events.Key) -> None:
        """Scroll, or close."""
        event.stop()
        event.prevent_default()
        if by := SCROLL.get(event.key):
            self._top += by
            self.draw()
        else:
            self.post_message(self.Closed())

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.draw()

"""The filter's line: what is typed is applied at once; ``!`` in front hides instead; Esc clears."""

from collections.abc import Callable

from rich.cells import cell_len
from textual import events
from textual.message import Message

from widgets.cell_widget import CellWidget, Ink, joined
from widgets.cells import fit, scrub
from widgets.glyphs import UNICODE, Glyphs

LONGEST = 80


def matcher(pattern: str) -> Callable[[str], bool] | None:
    """Return what a typed pattern lets through; None: everything. All its words must occur, in any case.

    Of "ready|talking" one is enough.

    >>> m = matcher("sales ready|talking"); (m("Sales talking"), m("sales paused")) if m else None
    (True, False)
    >>> m = matcher("ch LI"); (m("Chen Li"), m("Chen Wu")) if m else None
    (True, False)
    >>> m = matcher("!sales"); (m("Sales"), m("support")) if m else None
    (False, True)
    >>> matcher(" "), matcher("!")
    (None, None)
    """
    text = pattern.strip().casefold()
    hide = text.startswith("!")
    words = text.removeprefix("!").split()
    if not words:
        return None

    choices = [[one for one in word.split("|") if one] or [word] for word in words]

    def likes(candidate: str) -> bool:
        folded = candidate.casefold()
        return all(any(one in folded for one in word) for word in choices) is not hide

    return likes


class FilterBar(CellWidget, can_focus=True):
    """A line to type into. No blinking caret: that would be two writes a second for nothing."""

    sign = "/"
    """What stands before what is typed."""

    class Typed(Message):
        """The pattern changed; `done`: the keys go back to the panels."""

        def __init__(self, pattern: str, done: bool) -> None:
            super().__init__()
            self.pattern = pattern
            self.done = done

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.pattern = ""
        self.counted = ""
        self.glyphs: Glyphs = UNICODE

    def look(self, counted: str, glyphs: Glyphs) -> None:
        """Show how many rows pass."""
        self.counted, self.glyphs = counted, glyphs
        self.draw()

    def draw(self) -> None:
        """Draw the line; of a long pattern the end."""
        width = self.size.width or 80
        counted = fit(self.counted, min(cell_len(self.counted), width // 2))
        room = max(1, width - cell_len(counted) - cell_len(self.sign) - 4)
        text = scrub(self.pattern)
        while cell_len(text) > room:
            text = text[1:]
        caret = self.glyphs.caret if self.has_focus else " "
        space = max(0, width - cell_len(text) - cell_len(counted) - cell_len(self.sign) - 3)
        typed: list[Ink] = [(f" {self.sign} ", "accent"), (text + caret, "strong")]
        self.put([joined([*typed, (" " * space, "plain"), (counted, "dim")])])

    def _type(self, pattern: str, done: bool = False) -> None:
        self.pattern = pattern[:LONGEST]
        self.draw()
        self.post_message(self.Typed(self.pattern, done))

    def clear(self) -> None:
        """Empty the pattern."""
        self._type("", done=True)

    def on_key(self, event: events.Key) -> None:
        """Take what is typed; everything else goes its usual way."""
        if event.key == "escape":
            self.clear()
        elif event.key == "enter":
            self._type(self.pattern, done=True)
        elif event.key == "backspace":
            self._type(self.pattern[:-1], done=not self.pattern)
        elif event.key == "ctrl+u":
            self._type("")
        elif event.is_printable and event.character:
            self._type(self.pattern + event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Take the first line of what is pasted."""
        event.stop()
        self._type(self.pattern + scrub(event.text.partition("\n")[0]))

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.draw()

    def on_focus(self) -> None:
        """Show the caret."""
        self.draw()

    def on_blur(self) -> None:
        """Hide the caret."""
        self.draw()

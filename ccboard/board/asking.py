"""A page that somebody can type something into: a note, a number, a date. What was done goes to the hub."""

from typing import ClassVar

from textual import events
from textual.message import Message
from textual.widget import Widget

from ccboard.board.arrange import Place, Places
from ccboard.board.page import Page
from widgets.filter_bar import FilterBar


class AskBar(FilterBar):
    """A line for a note or a number. Esc leaves it, and so does backspace where nothing is typed."""

    left = False

    def on_key(self, event: events.Key) -> None:
        """Note how the line is left; the rest is the filter's line."""
        self.left = event.key == "escape" or (event.key == "backspace" and not self.pattern)


class AskPage(Page):
    """A page whose last line asks for something, and hands over what was typed (``answered``)."""

    bar: ClassVar[str]
    """The name of its ``AskBar``."""
    for_all: ClassVar[frozenset[str]] = frozenset()
    """What may be asked for by who only looks."""

    class Deed(Message):
        """Somebody does something about a row or an exception. `until`: a moment in microseconds."""

        def __init__(self, kind: str, about: str, *, note: str | None = None, value: float | None = None,
                     for_s: float | None = None, until: int | None = None) -> None:
            super().__init__()
            self.kind, self.about, self.note, self.value = kind, about, note, value
            self.for_s, self.until = for_s, until

    class Said(Message):
        """Something to say at the foot of the screen."""

        def __init__(self, said: str) -> None:
            super().__init__()
            self.said = said

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.asking = ""
        """What is asked for just now; "": nothing."""
        self._asked_from: Widget | None = None

    def with_bar(self, places: Places, width: int, height: int) -> Places:
        """Return the places of a page that leaves the last line to what is asked."""
        if self.asking:
            places[self.bar] = Place(0, height - 1, width, 1)
        return places

    def ask(self, what: str, sign: str) -> None:
        """Ask for something; `sign` stands before what is typed."""
        if self.view is None or not (what in self.for_all or self.may_act()):
            return
        self.asking = what
        bar = self.query_one(AskBar)
        bar.sign, bar.pattern = sign, ""
        if self.screen.focused is not bar:
            self._asked_from = self.screen.focused
        self.rearrange()
        self.screen.set_focus(bar)
        self.call_after_refresh(bar.look, "", self.view.glyphs)

    def may_act(self) -> bool:
        """Tell whether who looks may do something, and say so where not."""
        if self.view is None or self.view.acts:
            return self.view is not None
        self.post_message(self.Said(self.view.why_not))
        return False

    def answered(self, what: str, typed: str) -> None:
        """Take what was typed; it may be nothing."""
        raise NotImplementedError

    def on_filter_bar_typed(self, event: FilterBar.Typed) -> None:
        """Hand over what was typed when it is whole."""
        event.stop()
        if not event.done:
            return
        what, left = self.asking, self.query_one(AskBar).left
        self.asking = ""
        self.rearrange()
        before, self._asked_from = self._asked_from, None
        there = before is not None and before.parent is self and before.id in self.placed
        self.screen.set_focus(before if there else self.query_one(f"#{self.main}"))
        if not left:
            self.answered(what, event.pattern.strip())

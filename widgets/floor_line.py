"""Two lines for a phone: the people by state, and the sources."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from widgets.cell_widget import CellWidget, Ink, joined
from widgets.cells import fit, to_ascii
from widgets.header import source_ink, width_of
from widgets.queue_table import in_state
from widgets.view import View

GROUPS = (("ready",), ("ringing",), ("talking", "hold"), ("wrap_up",), ("paused",))


class FloorLine(CellWidget, can_focus=True):
    """What is left of agents and sources where there is no room for their tables."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "side(-1)", "figure to the left", id="left"),
        Binding("right,l", "side(1)", "figure to the right", id="right"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: View | None = None
        self._at = 0

    def pointed(self) -> tuple[str, str, str] | None:
        """Return what the cursor is at: "people" or "source", which, and the figure as it stands there."""
        view = self._view
        if view is None or view.snapshot is None:
            return None
        if self._at < len(GROUPS):
            number = in_state(view.snapshot.totals, *GROUPS[self._at])
            return "people", GROUPS[self._at][0], view.glyphs.dash if number is None else str(number)
        sources = view.snapshot.sources
        if self._at - len(GROUPS) >= len(sources):
            return None
        source = sources[self._at - len(GROUPS)]
        shown = "".join(text for text, _ in source_ink(source, view, short=True, why=False)[1:])
        return "source", source.name, shown

    def action_side(self, by: int) -> None:
        """Move the cursor from figure to figure."""
        sources = self._view.snapshot.sources if self._view is not None and self._view.snapshot else ()
        self._at = max(0, min(self._at + by, len(GROUPS) + len(sources) - 1))
        self.draw()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.draw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.draw()

    def look(self, view: View) -> None:
        """Show the people and the sources of a view."""
        self._view = view
        self.draw()

    def draw(self) -> None:
        """Draw both lines."""
        view = self._view
        if view is None:
            return
        if view.snapshot is None:
            self.put([])
            return
        people: list[Ink] = []
        totals = view.snapshot.totals
        for nth, states in enumerate(GROUPS):
            here = "@cell" if self.has_focus and nth == self._at else ""
            number = in_state(totals, *states)
            word = view.words.title(states[0]).lower()
            people.append((f"{word} ", "dim" + here))
            shown = view.glyphs.dash if number is None else str(number)
            people.append((shown, ("plain" if number else "dim") + here))
            people.append((" ", "plain"))
        self.put([joined(people), joined(self._sources(view, max(self.size.width, 20)))])

    def _sources(self, view: View, room: int) -> list[Ink]:
        """Return the sources with their whole names, with short ones, or as many as there is room for."""
        assert view.snapshot is not None
        found = view.snapshot.sources
        if not found:  # where there is no room for notices this is the place to say why
            notices = view.snapshot.notices
            why = view.words.said(notices[0]) if notices else view.words("empty.sources")
            text = fit(why, room, ellipsis=view.glyphs.ellipsis)
            return [(to_ascii(text) if view.glyphs.ascii else text, "warning" if notices else "dim")]
        for short in (False, True):
            parts: list[Ink] = []
            for nth, source in enumerate(found, len(GROUPS)):
                ink = source_ink(source, view, short=short, why=len(found) == 1)
                if self.has_focus and nth == self._at:
                    ink = [(text, f"{role}@cell") for text, role in ink]
                part = [*ink, ("  ", "plain")]
                if parts and short and width_of(parts) + width_of(part) > room + 2:
                    break
                parts += part
            if width_of(parts) <= room + 2:
                break
        return parts

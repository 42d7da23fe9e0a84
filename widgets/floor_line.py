"""Two lines for a phone: the people by state, and the sources."""

from widgets.cell_widget import CellWidget, Ink, joined
from widgets.header import source_ink, width_of
from widgets.queue_table import in_state
from widgets.view import View

GROUPS = (("ready",), ("ringing",), ("talking", "hold"), ("wrap_up",), ("paused",))


class FloorLine(CellWidget):
    """What is left of agents and sources where there is no room for their tables."""

    def look(self, view: View) -> None:
        """Show the people and the sources of a view."""
        if view.snapshot is None:
            self.put([])
            return
        people: list[Ink] = []
        totals = view.snapshot.totals
        for states in GROUPS:
            number = in_state(totals, *states)
            word = view.words.title(states[0]).lower()
            people.append((f"{word} ", "dim"))
            shown = view.glyphs.dash if number is None else str(number)
            people.append((f"{shown} ", "plain" if number else "dim"))
        self.put([joined(people), joined(self._sources(view, max(self.size.width, 20)))])

    def _sources(self, view: View, room: int) -> list[Ink]:
        """Return the sources with their whole names, with short ones, or as many as there is room for."""
        assert view.snapshot is not None
        found = view.snapshot.sources
        for short in (False, True):
            parts: list[Ink] = []
            for source in found:
                part = [*source_ink(source, view, short=short, why=len(found) == 1), ("  ", "plain")]
                if parts and short and width_of(parts) + width_of(part) > room + 2:
                    break
                parts += part
            if width_of(parts) <= room + 2:
                break
        return parts

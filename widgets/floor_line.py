"""Two lines for a phone: the people by state, and the sources."""

from widgets.cell_widget import CellWidget, Ink, joined
from widgets.header import source_ink, width_of
from widgets.queue_table import in_state
from widgets.view import View

STATES = (("ready",), ("ringing",), ("talking", "hold"), ("wrap_up",), ("paused",))


class FloorLine(CellWidget):
    """What is left of agents and sources where there is no room for their tables."""

    def look(self, view: View) -> None:
        """Show the people and the sources of a view."""
        if view.snapshot is None:
            self.put([])
            return
        people: list[Ink] = []
        totals = view.snapshot.totals
        for states in STATES:
            number = in_state(totals, *states)
            word = view.words.title(states[0]).lower()
            people.append((f"{word} ", "dim"))
            shown = view.glyphs.dash if number is None else str(number)
            people.append((f"{shown} ", "plain" if number else "dim"))
        sources: list[Ink] = []
        for source in view.snapshot.sources:
            part = source_ink(source, view, short=True, why=len(view.snapshot.sources) == 1)
            if width_of(sources) + width_of(part) + 2 <= max(self.size.width, 20) or not sources:
                sources += [*part, ("  ", "plain")]
        self.put([joined(people), joined(sources)])

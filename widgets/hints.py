"""The foot of the board: the pages that there are, the keys that one needs first, and the last word said."""

from collections.abc import Sequence

from rich.cells import cell_len

from widgets.cell_widget import CellWidget, Ink, joined
from widgets.cells import fit, scrub
from widgets.view import View


class Hints(CellWidget):
    """One line. `said` (where a picture was saved, a temporary hub) stands at its right end."""

    def look(self, view: View, pages: Sequence[tuple[str, str, bool]], keys: Sequence[tuple[str, str]],
             said: str = "", *, alone: bool = False) -> None:
        """Show pages as (key, name, current), keys as (key, meaning), and what there is to say.

        Where room is short the keys before the last one go first; `alone`: what is said may have it all.
        """
        width = self.size.width or 80
        said = scrub(said)
        if alone and cell_len(said) > width - 2 - sum(cell_len(f"{key} {name}  ") for key, name, _ in pages):
            self.put([joined([(" ", "plain"),
                              (fit(said, max(0, width - 2), ellipsis=view.glyphs.ellipsis), "plain")])])
            return
        parts: list[Ink] = [(" ", "plain")]
        for key, name, current in pages:
            parts += [(key, "strong" if current else "plain"), (f" {name}  ", "accent" if current else "dim")]
        parts.append((" ", "plain"))
        used = sum(cell_len(text) for text, _ in parts)
        said = fit(scrub(said), min(cell_len(scrub(said)), max(0, width - used - 2)),
                   ellipsis=view.glyphs.ellipsis) if said else ""
        room = width - used - cell_len(said) - 2
        chosen = list(keys)
        while chosen and sum(cell_len(key) + cell_len(meaning) + 3 for key, meaning in chosen) > room:
            chosen.pop(-2 if len(chosen) > 1 else -1)  # the last one, help, tells all the others
        for key, meaning in chosen:
            parts += [(key, "plain"), (f" {meaning}  ", "dim")]
            used += cell_len(key) + cell_len(meaning) + 3
        if said:
            parts += [(" " * max(0, width - used - cell_len(said) - 1), "plain"), (said, "dim")]
        self.put([joined(parts)])

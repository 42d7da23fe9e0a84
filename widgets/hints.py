"""The foot of the board: the pages that there are, the keys that one needs first, and the last word said."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len

from widgets.cell_widget import CellWidget, Ink, joined
from widgets.cells import fit, scrub
from widgets.view import View


class Hints(CellWidget):
    """One line. `said` (where a picture was saved, a temporary hub) stands at its right end."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._again: Callable[[], None] | None = None
        self._made: object = None

    def on_resize(self) -> None:
        """Choose again what there is room for: it is made while the line is hidden, too."""
        if self._again is not None:
            self._again()

    def look(self, view: View, pages: Sequence[tuple[str, str, bool]], keys: list[tuple[str, str]],
             said: str = "", *, alone: bool = False) -> None:
        """Show pages as (key, name, current), keys as (key, meaning), and what there is to say.

        Where room is short the keys before the last one go first; `alone`: what is said may have it all.
        """
        self._again = lambda: self.look(view, pages, keys, said, alone=alone)
        width = self.size.width or 80
        made = (width, list(pages), keys, said, alone, view.glyphs)
        if made == self._made:  # asked with every frame, changed by a key
            return
        self._made = made
        text = scrub(said)
        if alone and cell_len(text) > width - 2 - sum(cell_len(f"{key} {name}  ") for key, name, _ in pages):
            self.put([joined([(" ", "plain"), (ends(text, max(0, width - 2), view), "plain")])])
            return
        parts = self._pages(pages, short=False)
        needed = width_of(parts) + cell_len(text) + sum(width_of_key(*pair) for pair in keys[:2] + keys[-1:])
        if needed > width - 2:  # names of pages give way to keys: the digits stay
            parts = self._pages(pages, short=True)
        used = width_of(parts)
        text = fit(text, min(cell_len(text), max(0, width - used - 2)), ellipsis=view.glyphs.ellipsis)
        room = width - used - cell_len(text) - 2
        chosen = list(keys)
        while chosen and sum(width_of_key(*pair) for pair in chosen) > room:
            chosen.pop(-2 if len(chosen) > 1 else -1)  # the last one, help, tells all the others
        for key, meaning in chosen:
            parts += [(key, "plain"), (f" {meaning}  ", "dim")]
            used += width_of_key(key, meaning)
        if text:
            parts += [(" " * max(0, width - used - cell_len(text) - 1), "plain"), (text, "dim")]
        self.put([joined(parts)])

    @staticmethod
    def _pages(pages: Sequence[tuple[str, str, bool]], *, short: bool) -> list[Ink]:
        parts: list[Ink] = [(" ", "plain")]
        for key, name, current in pages:
            parts.append((key, "strong" if current else "plain"))
            if current or not short:
                parts.append((f" {name}  ", "accent" if current else "dim"))
            else:
                parts.append((" ", "plain"))
        parts.append((" ", "plain"))
        return parts


def ends(text: str, width: int, view: View) -> str:
    """Return a long text without its middle: of a path the name counts, of a message what to do."""
    if cell_len(text) <= width:
        return text
    tail = text
    while cell_len(tail) > width * 3 // 4:
        tail = tail[1:]
    head = fit(text, width - cell_len(tail), ellipsis=view.glyphs.ellipsis)
    return head + tail


def width_of(parts: Sequence[Ink]) -> int:
    """Return the cells that parts take."""
    return sum(cell_len(text) for text, _ in parts)


def width_of_key(key: str, meaning: str) -> int:
    """Return the cells that a key and what it does take."""
    return cell_len(key) + cell_len(meaning) + 3

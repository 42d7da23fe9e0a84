"""How a limit that was passed shows: a role for the colour, and always a mark beside it."""

from widgets.columns import Cell

MARKS = {"warning": "!", "critical": "!!"}
RANK = {"": 0, "warning": 1, "critical": 2}


def figure(text: str, level: str = "", late: bool = False, ok: bool = False, role: str = "plain") -> Cell:
    """Return a cell for a figure at a level; late figures are grey whatever they say."""
    mark = MARKS.get(level, "ok" if ok else "")
    if late:
        return Cell(text, "dim", mark)
    if ok and not level:
        return Cell(text, role, mark, "good")
    return Cell(text, level or role, mark)

"""A table's rows as they were drawn last, so that of the next drawing only what differs is made.

A row of a wall changes by its clock alone, once a second: a line is kept in runs, cut where a column that
ticks begins and ends, and of an agent's ten columns one is made again. Making every line anew was a
third of the board's CPU.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

from rich.cells import cell_len

from widgets.cell_widget import Ink, Line, joined
from widgets.cells import fit, scrub, to_ascii
from widgets.columns import Cell, Column, Placed
from widgets.view import View

T = TypeVar("T")
Cells = tuple[Cell, ...]


class _Run(NamedTuple):
    """Neighbouring columns that are made together; `still` as in Column."""

    start: int
    end: int
    still: bool


class _Drawn(NamedTuple, Generic[T]):
    item: T
    cells: Cells
    cursor: str
    runs: tuple[Line, ...]
    line: Line


class RowLines(Generic[T]):
    """Makes lines of rows. `stands` tells whether two rows are the same for the columns that are `still`."""

    def __init__(self, stands: Callable[[T, T], bool]) -> None:
        self._stands = stands
        self._columns: tuple[Column[T], ...] = ()
        self._placed: tuple[Placed, ...] = ()
        self._width = 0
        self._runs: tuple[_Run, ...] = ()
        self._run_of: list[int] = []
        self._ticking: list[int] = []
        self._drawn: dict[Hashable, _Drawn[T]] = {}
        self._before: dict[Hashable, _Drawn[T]] = {}

    def lay(self, columns: Sequence[Column[T]], placed: tuple[Placed, ...], width: int) -> None:
        """Take the columns' places, and forget what was drawn for others."""
        self._columns = tuple(columns[at.column] for at in placed)
        self._placed, self._width = placed, width
        self._drawn = {}
        runs: list[_Run] = []
        for nth, column in enumerate(self._columns):
            if runs and runs[-1].still == column.still:
                runs[-1] = runs[-1]._replace(end=nth + 1)
            else:
                runs.append(_Run(nth, nth + 1, column.still))
        self._runs = tuple(runs)
        self._run_of = [nth for nth, run in enumerate(runs) for _ in range(run.start, run.end)]
        self._ticking = [nth for nth, column in enumerate(self._columns) if not column.still]

    def begin(self) -> None:
        """Begin a drawing: rows that it does not ask for are forgotten."""
        self._before, self._drawn = self._drawn, {}

    def line(self, key: Hashable, item: T, view: View, cursor: str, *, moved: bool, base: str = "plain"
             ) -> Line:
        """Return a row's line: that of the last drawing, as far as it stands.

        `cursor` is the column that the cursor is in, "" in other rows. Where the moment has not `moved`, the
        same row looks the same.
        """
        before = self._before.get(key)
        if before is None or before.cursor != cursor:
            drawn = self._anew(item, view, cursor, base)
        elif before.item is item or self._stands(before.item, item):
            drawn = before if before.item is item else before._replace(item=item)
            if moved:
                cells = [(nth, self._columns[nth].cell(item, view)) for nth in self._ticking]
                drawn = self._again(drawn, cells, view, base)
        else:
            cells = [(nth, column.cell(item, view)) for nth, column in enumerate(self._columns)]
            drawn = self._again(before._replace(item=item), cells, view, base)
        self._drawn[key] = drawn
        return drawn.line

    def _anew(self, item: T, view: View, cursor: str, base: str) -> _Drawn[T]:
        cells = tuple([column.cell(item, view) for column in self._columns])
        runs = tuple([self._run(run, cells, view, cursor, base) for run in self._runs])
        return _Drawn(item, cells, cursor, runs, tuple([part for run in runs for part in run]))

    def _again(self, drawn: _Drawn[T], cells: Sequence[tuple[int, Cell]], view: View, base: str) -> _Drawn[T]:
        """Return a row with other cells at these places: only the runs in which one differs are made."""
        was = drawn.cells
        changed = [(nth, cell) for nth, cell in cells if cell != was[nth]]
        if not changed:
            return drawn
        now = list(was)
        for nth, cell in changed:
            now[nth] = cell
        runs = list(drawn.runs)
        for nth in dict.fromkeys([self._run_of[nth] for nth, _ in changed]):
            runs[nth] = self._run(self._runs[nth], now, view, drawn.cursor, base)
        line = tuple([part for run in runs for part in run])
        return drawn._replace(cells=tuple(now), runs=tuple(runs), line=line)

    @staticmethod
    def _through(nth: int, end: int, cells: Sequence[Cell]) -> int:
        """Return the last column that a cell which spans goes on over."""
        while nth + 1 < end and not (cells[nth + 1].text or cells[nth + 1].mark):
            nth += 1
        return nth

    def _run(self, run: _Run, cells: Sequence[Cell], view: View, cursor: str, base: str) -> Line:
        parts: list[Ink] = []
        row = suffix = "@cursor" if cursor else ""
        ellipsis, plain = view.glyphs.ellipsis, view.glyphs.ascii
        last = len(self._placed) - 1
        through = -1
        for nth in range(run.start, run.end):
            if nth <= through:
                continue
            column, at, cell = self._columns[nth], self._placed[nth], cells[nth]
            through = self._through(nth, run.end, cells) if cell.spans else nth
            if cursor:
                suffix = "@cell" if cursor in [c.key for c in self._columns[nth:through + 1]] else row
            if through > nth:
                over = self._placed[through]
                at = at._replace(width=over.x + over.width - at.x, mark=over.mark, gap=over.gap)
            text, mark = cell.text, cell.mark
            if plain:
                text, mark = to_ascii(scrub(text)), to_ascii(mark)
            role = base if cell.role == "plain" else cell.role
            mark_role = cell.mark_role or role
            if column.right:
                parts.append((fit(text, at.width, right=True, ellipsis=ellipsis), role + suffix))
                parts.append((fit(" " + mark if mark else "", at.mark), mark_role + suffix))
            elif mark:
                room = cell_len(mark)
                parts.append((fit(text, at.width - room - 1, ellipsis=ellipsis) + " ", role + suffix))
                parts.append((mark, mark_role + suffix))
            else:
                parts.append((fit(text, at.width + at.mark, ellipsis=ellipsis), role + suffix))
            if through < last:  # behind the last is nothing to keep apart, and a line too long is cut again
                parts.append((" " * at.gap, base + row))
            elif cursor:
                parts.append((" " * max(0, self._width - at.x - at.width - at.mark), base + row))
        return joined(parts)

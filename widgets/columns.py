"""Columns of a table: what they show, how wide they are, and which go first when room is short."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from widgets.view import View

T = TypeVar("T")

LEAST_WORDS = 6
"""Cells that a column of words needs to say anything."""


class Cell(NamedTuple):
    """What stands in one place of a table.

    `mark` is never cut: in a column of figures it stands behind the figure ("54 % !!"), in a column of
    names at the column's right edge ("support   9 s"). `spans`: words that go on over the columns to the
    right in which this row has nothing.
    """

    text: str
    role: str = "plain"
    mark: str = ""
    mark_role: str = ""
    spans: bool = False


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column. `key` names its title in ``ccboard.i18n`` and is what a test or a sort calls it.

    `priority` 0 always stays; of the others the highest number goes first when room is short.
    `grow` is the column's share of spare room, up to `most` cells.
    """

    key: str
    cell: Callable[[T, View], Cell]
    width: int
    sort: Callable[[T, View], Any] | None = None
    right: bool = False
    mark: int = 0  # cells behind a figure for its mark
    grow: int = 0
    most: int = 0
    priority: int = 0
    gap: int = 2  # cells to the right of it
    still: bool = False  # the cell follows from the row alone: not asked for again while that is the same


class Placed(NamedTuple):
    """A column at its place: `width` is that of its text, `mark` that of the mark behind it."""

    column: int
    x: int
    width: int
    mark: int
    gap: int


def place(
    needs: Sequence[tuple[int, int]],
    columns: Sequence[Column[Any]],
    room: int,
    skip: int = 0,
    keep: int = -1,
) -> tuple[Placed, ...]:
    """Choose columns for `room` cells and give each its place.

    `needs` are (text, mark) cells per column, titles counted in. `skip` leaves out that many columns
    behind the first, so that those at the end come into sight on a narrow screen. Where not even the
    columns of priority 0 fit, those at the right go: half a figure is a wrong one. Words are cut instead,
    if a few cells are left for them. `keep` is a column that stays whatever its priority: the cursor's.
    """
    chosen = [i for i in range(len(columns)) if i == 0 or i > skip]

    def total() -> int:
        return sum(needs[i][0] + needs[i][1] for i in chosen) + sum(columns[i].gap for i in chosen[:-1])

    while total() > room:
        worst = max(columns[i].priority if i != keep else 0 for i in chosen)
        if worst == 0:
            break
        chosen.remove(max(i for i in chosen if columns[i].priority == worst and i != keep))
    widths = {i: needs[i][0] for i in chosen}
    while (over := total() - room) > 0 and len(chosen) > 1:
        last = chosen[-1]
        if not columns[last].right and widths[last] + needs[last][1] - over >= LEAST_WORDS:
            widths[last] -= over
            break
        chosen.pop()
    spare = room - total()
    while spare > 0:
        hungry = [i for i in chosen if columns[i].grow and widths[i] < columns[i].most]
        if not hungry:
            break
        for i in hungry:
            more = min(columns[i].grow, columns[i].most - widths[i], spare)
            widths[i] += more
            spare -= more
    placed, x = [], 0
    for i in chosen:
        placed.append(Placed(i, x, widths[i], needs[i][1], columns[i].gap))
        x += widths[i] + needs[i][1] + columns[i].gap
    return tuple(placed)


def needs_of(columns: Sequence[Column[Any]], titles: Sequence[int]) -> list[tuple[int, int]]:
    """Return (text, mark) cells that each column needs for its cells and for a title of that width.

    A figure's title stands above the figure; what does not fit there also takes the mark's cells.
    """
    found = []
    for column, title in zip(columns, titles, strict=True):
        width = max(column.width, title)
        if column.right and column.mark:
            width = max(column.width, title - column.mark + 1)
        found.append((width, column.mark))
    return found

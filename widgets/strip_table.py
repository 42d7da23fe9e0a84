"""A table that costs what changes: drawn line by line, only the rows in sight, only the cells that differ.

It holds its rows' objects and asks the columns for their cells when it draws, so twenty thousand
agents cost the forty that can be seen, and a sort. Rows have keys: the cursor stays with its row when
rows move. The first row of text is the header; a totals row may stand last.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from widgets.cell_widget import CellWidget, Ink, Line, joined
from widgets.cells import fit
from widgets.columns import Cell, Column, Placed, needs_of, place
from widgets.row_lines import RowLines
from widgets.view import View

T = TypeVar("T")
Matcher = Callable[[str], bool]

TOTALS: Hashable = ("totals",)
"""The cursor's key of the row of totals."""
_NONE: Hashable = ("none",)


def _extras(view: View) -> object:
    """Return what cells show besides their rows; of a moment of the past it may come after the rows."""
    return view.snapshot.extras if view.snapshot is not None else None


class StripTable(CellWidget, Generic[T], can_focus=True):
    """A keyed table by the line API. `identify` gives a row's key, `search` the text that a filter sees."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "row up", id="up"),
        Binding("down,j", "move(1)", "row down", id="down"),
        Binding("left,h", "side(-1)", "figure to the left", id="left"),
        Binding("right,l", "side(1)", "figure to the right", id="right"),
        Binding("home", "jump(0)", "first row", id="top"),
        Binding("G,end", "jump(-1)", "last row", id="bottom"),
        Binding("pageup", "leap(-1)", "a screen up", id="page_up"),
        Binding("pagedown", "leap(1)", "a screen down", id="page_down"),
        Binding("less_than_sign", "sort(-1)", "sort by the column to the left", key_display="<",
                id="sort.previous"),
        Binding("greater_than_sign", "sort(1)", "sort by the column to the right", key_display=">",
                id="sort.next"),
        Binding("r", "reverse", "sort the other way round", id="sort.reverse"),
    ]

    counted = True
    """Whether the first title says which rows are in sight where not all of them are."""

    class Chosen(Message):
        """The cursor came to a row."""

        def __init__(self, table: "StripTable[Any]", key: Hashable) -> None:
            super().__init__()
            self.table = table
            self.key = key

    def __init__(
        self,
        columns: Sequence[Column[T]],
        identify: Callable[[T], Hashable],
        search: Callable[[T, View], str],
        *,
        empty: str,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.identify = identify
        self.search = search
        self.empty = empty
        self.matcher: Matcher | None = None
        self.sort_key: str | None = None
        self.descending = False
        self.cursor: Hashable = None
        self.column = next((c.key for c in self.columns[1:] if c.priority == 0), self.columns[0].key)
        """The column that the cursor is in."""
        self._kept = ""
        """The column that stays in sight since the cursor went to it."""
        self.top = 0
        self.skipped = 0
        self.unknown = ""
        """Words for rows that are not known (a dark source), as against there being none."""
        self._items: Sequence[T] = ()
        self._shown: Sequence[T] = ()
        self._totals: T | None = None
        self._view: View | None = None
        self._placed: tuple[Placed, ...] = ()
        self._titles: list[str] = []
        self._lines_of = RowLines[T](self.stands)
        self._head: tuple[object, Line] = (None, ())

    # --- what to show ---------------------------------------------------------------------------

    def show(self, items: Sequence[T], view: View, totals: T | None = None) -> None:
        """Show these rows at this moment. The same rows at another moment are not sorted again."""
        old = self._view
        same = old is not None and items is self._items and old.snapshot is view.snapshot
        if old is None or old.words is not view.words or old.glyphs is not view.glyphs:
            self._placed = ()
        self._items, self._totals, self._view = items, totals, view
        if not same:
            self._arrange()
        if self.has_focus and self.cursor is None and self._shown:  # it had the keys before it had rows
            self.cursor = self.identify(self._shown[0])
        self.draw(moved=old is None or old.now != view.now or _extras(old) is not _extras(view))

    def use(self, columns: Sequence[Column[T]]) -> None:
        """Show other columns; cursor and order stay with theirs as far as they are still there."""
        self.columns, self._placed = tuple(columns), ()
        keys = [column.key for column in self.columns]
        if self.column not in keys:
            self.column = keys[min(1, len(keys) - 1)]
        if self.sort_key not in keys:
            self.sort_key = None
            self._arrange()
        self._kept, self.skipped = "", 0

    def filter(self, matcher: Matcher | None) -> None:
        """Show only the rows whose text `matcher` likes; None: all."""
        self.matcher = matcher
        self._arrange()
        self.draw()

    @property
    def counts(self) -> tuple[int, int]:
        """How many rows pass the filter, and how many there are."""
        return len(self._shown), len(self._items)

    def sort_by(self, key: str | None, descending: bool = False) -> None:
        """Sort by a column; None is the order in which the rows come."""
        self.sort_key, self.descending = key, descending
        self._arrange()
        self.draw()

    def _arrange(self) -> None:
        view = self._view
        if view is None:
            return
        shown: Sequence[T] = self._items
        if self.matcher is not None:
            matcher, search = self.matcher, self.search
            shown = [item for item in shown if matcher(search(item, view))]
        column = next((c for c in self.columns if c.key == self.sort_key), None)
        if column is not None and column.sort is not None:
            sort = column.sort
            keyed = [(sort(item, view), item) for item in shown]
            known = [pair for pair in keyed if pair[0] is not None]
            unknown = [item for key, item in keyed if key is None]  # dashes stay last either way
            known.sort(key=lambda pair: pair[0], reverse=self.descending)
            shown = [item for _, item in known] + unknown
        self._shown = shown

    # --- drawing --------------------------------------------------------------------------------

    @property
    def _rows(self) -> int:
        """Lines for rows: all but the header and the totals."""
        return max(0, self.outer_size.height - 1 - (self._totals is not None))

    def width_of(self, key: str) -> int:
        """Return the cells that a column has now for its text; 0 where it is not in sight."""
        return next((at.width for at in self._placed if self.columns[at.column].key == key), 0)

    def draw(self, *, moved: bool = True) -> None:
        """Draw what is in sight. Where the moment has not `moved`, a row that is the same looks the same."""
        view, size = self._view, self.size
        if view is None or not size.height or not size.width:
            return
        if not self._placed:
            self._place(view, size.width)
        self._keep_in_sight()
        lines, rows, cursor = [self._header(view)], self._lines_of, self.cursor if self.has_focus else _NONE
        rows.begin()
        for item in self._shown[self.top : self.top + self._rows]:
            key = self.identify(item)
            lines.append(rows.line(key, item, view, self.column if key == cursor else "", moved=moved))
        if not self._shown and self._rows:
            word = self.empty if not self._items else "empty.match"
            if view.snapshot is None:
                word = "empty.first"
            elif self.unknown and not self._items:
                word = self.unknown
            lines.append(((view.words(word), "dim"),))
        if self._totals is not None:
            at = self.column if cursor == TOTALS else ""
            lines.append(rows.line(TOTALS, self._totals, view, at, moved=moved, base="strong"))
        self.put(lines)

    def _place(self, view: View, room: int) -> None:
        self._choose(view, room)
        self._lines_of.lay(self.columns, self._placed, room)

    def _choose(self, view: View, room: int) -> None:
        words = view.words
        long = [words.title(c.key) for c in self.columns]
        short = [words.title(c.key, short=True) for c in self.columns]
        for titles in (long, short):
            self._titles = titles
            needs = needs_of(self.columns, [cell_len(t) for t in titles])
            keep = next((i for i, c in enumerate(self.columns) if c.key == self._kept), -1)
            self._placed = place(needs, self.columns, room, self.skipped, keep)
            if len(self._placed) == len(self.columns) - self.skipped:
                return  # nothing had to go

    def _header(self, view: View) -> Line:
        made = (self._placed, self._titles, self.has_focus, self.sort_key, self.descending,
                self.matcher is None, self.counts, self.top, self._rows)
        if made != self._head[0]:  # asked with every frame
            self._head = (made, self._titled(view))
        return self._head[1]

    def _titled(self, view: View) -> Line:
        role = "accent" if self.has_focus else "head"
        parts: list[Ink] = []
        for nth, at in enumerate(self._placed):
            column = self.columns[at.column]
            title = self._titles[at.column]
            hidden = self.counted and len(self._shown) > self._rows > 0
            if nth == 0 and (self.matcher is not None or hidden):
                title = next((counted for counted in self._counted(title)
                              if cell_len(counted) <= at.width + at.mark), title)
            arrow = ""
            if column.key == self.sort_key:
                arrow = view.glyphs.falling if self.descending else view.glyphs.rising
            ellipsis = view.glyphs.ellipsis
            if column.right and at.mark:
                over = max(0, cell_len(title) - at.width)  # a long title leans over the mark
                text = fit(title, at.width + over, right=True, ellipsis=ellipsis)
                rest = at.mark - over + at.gap
                parts.append((text + fit(arrow, rest), role))
            elif column.right:
                parts.append((fit(title, at.width, right=True, ellipsis=ellipsis) + fit(arrow, at.gap), role))
            else:
                parts.append((fit(title + arrow, at.width + at.mark, ellipsis=ellipsis) + " " * at.gap, role))
        return joined(parts)

    def _counted(self, title: str) -> tuple[str, ...]:
        """Return the title with how many rows there are, the longest form first."""
        shown, all_of_them = self.counts
        if self.matcher is not None:
            return (f"{title} {shown}/{all_of_them}",)
        last = min(self.top + self._rows, shown)
        return (f"{title} {self.top + 1}-{last}/{shown}", f"{title} {last}/{shown}", f"{last}/{shown}")

    def stands(self, before: T, item: T) -> bool:
        """Tell whether two rows are the same for the columns that are `still`."""
        return before == item

    # --- cursor and scrolling -------------------------------------------------------------------

    def pointed(self) -> tuple[str, T] | None:
        """Return the column and the row that the cursor is at; None before it is anywhere."""
        if self.cursor == TOTALS:
            return None if self._totals is None else (self.column, self._totals)
        at = self._position()
        return None if at < 0 else (self.column, self._shown[at])

    def cursor_line(self) -> int:
        """Return the line that the cursor stands in, counted from the table's first."""
        return min(max(0, self._position() - self.top) + 1, max(0, self.size.height - 1))

    def text_of(self, column: str, item: T) -> str:
        """Return what stands in a column of a row, mark included."""
        if self._view is None:
            return ""
        found = next((c.cell(item, self._view) for c in self.columns if c.key == column), Cell(""))
        return f"{found.text} {found.mark}".rstrip()

    def _position(self) -> int:
        if self.cursor == TOTALS and self._totals is not None:
            return len(self._shown)
        for index, item in enumerate(self._shown):
            if self.identify(item) == self.cursor:
                return index
        return -1

    def _keep_in_sight(self) -> None:
        rows = self._rows
        self.top = max(0, min(self.top, len(self._shown) - rows))

    def _go(self, index: int) -> None:
        if not self._shown:
            return
        if index >= len(self._shown) and self._totals is not None:
            self.cursor = TOTALS
            self.draw()
            return
        index = max(0, min(index, len(self._shown) - 1))
        rows = max(1, self._rows)
        if index < self.top:
            self.top = index
        elif index >= self.top + rows:
            self.top = index - rows + 1
        self.cursor = self.identify(self._shown[index])
        self.post_message(self.Chosen(self, self.cursor))
        self.draw()

    def action_move(self, by: int) -> None:
        """Move the cursor by rows; from nowhere to the first row in sight."""
        at = self._position()
        self._go(self.top if at < 0 else at + by)

    def action_leap(self, by: int) -> None:
        """Move the cursor by a screenful."""
        at = max(0, min(self._position(), len(self._shown) - 1))
        self._go(min(at + by * max(1, self._rows - 1), len(self._shown) - 1))

    def action_jump(self, to: int) -> None:
        """Move the cursor to the first row (0) or the last (-1)."""
        self._go(len(self._shown) - 1 if to < 0 else 0)

    def action_side(self, by: int) -> None:
        """Move the cursor by columns; one that the screen is too narrow for comes into sight."""
        view, keys = self._view, [column.key for column in self.columns]
        if view is None or self.column not in keys:
            return
        at = max(0, min(keys.index(self.column) + by, len(keys) - 1))
        self.column = keys[at]
        if not self.width_of(self.column):
            self._kept = self.column  # a less important one makes room
            self._place(view, self.size.width)
        # As little to the side as brings it into sight, in the direction of the cursor first.
        wanted = [0] if at <= 1 else sorted(range(at), key=lambda skip: (
            skip < self.skipped if by > 0 else skip > self.skipped, abs(skip - self.skipped)))
        for skip in wanted:
            if skip != self.skipped or not self.width_of(self.column):
                self.skipped = skip
                self._place(view, self.size.width)
            if self.width_of(self.column):
                break
        self.draw()

    def action_sort(self, by: int) -> None:
        """Sort by the next column to the left or right; beyond the ends is the order they come in."""
        keys: list[str | None] = [None]
        keys += [self.columns[p.column].key for p in self._placed if self.columns[p.column].sort is not None]
        at = keys.index(self.sort_key) if self.sort_key in keys else 0
        key = keys[(at + by) % len(keys)]
        self.sort_by(key, key is not None and self._figures(key))

    def action_reverse(self) -> None:
        """Turn the order round."""
        if self.sort_key is not None:
            self.sort_by(self.sort_key, not self.descending)

    def _figures(self, key: str) -> bool:
        """Tell whether a column holds figures: those are sorted with the greatest first."""
        return any(c.right for c in self.columns if c.key == key)

    def on_click(self, event: events.Click) -> None:
        """Take the cursor to the row, or sort by the column, again for the other way round."""
        if event.y > 0:
            index = self.top + event.y - 1
            for at in self._placed:
                if at.x <= event.x < at.x + at.width + at.mark + at.gap:
                    self.column = self.columns[at.column].key
            if event.y <= self._rows and index < len(self._shown):
                self._go(index)
            elif event.y == self.size.height - 1 and self._totals is not None:
                self._go(len(self._shown))
            return
        for at in self._placed:
            column = self.columns[at.column]
            if at.x <= event.x < at.x + at.width + at.mark + at.gap and column.sort is not None:
                again = column.key == self.sort_key
                self.sort_by(column.key, not self.descending if again else column.right)
                return

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.top += 3
        self.draw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.top -= 3
        self.draw()

    def on_resize(self) -> None:
        """Choose the columns again."""
        self._placed = ()
        self.draw()

    def on_focus(self) -> None:
        """Show the cursor."""
        if self._position() < 0 and self._shown:
            self.cursor = self.identify(self._shown[min(self.top, len(self._shown) - 1)])
        if self._placed and not self.width_of(self.column):
            self.action_side(0)
        self.draw()

    def on_blur(self) -> None:
        """Hide the cursor: on a wall there is none, and every column has its usual place again."""
        if self._kept or self.skipped:
            self._kept, self.skipped, self._placed = "", 0, ()
        self.draw()

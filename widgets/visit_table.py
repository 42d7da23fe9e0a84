"""The visits behind a figure: who, when, how it ended, and why each counts or does not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from widgets import format as fmt
from widgets.cell_widget import CellWidget, Line, joined
from widgets.cells import fit, scrub, to_ascii
from widgets.columns import Cell, Column
from widgets.strip_table import StripTable
from widgets.view import SECOND, View


class Visit(NamedTuple):
    """One row of the list; `row` is as the hub sent it."""

    nth: int
    offered_at: int | None
    answered_at: int | None
    ended_at: int | None
    caller: str | None
    queue: str | None
    agent: str | None
    outcome: str
    wait_s: float | None
    talk_s: float | None
    counts: str
    why: str
    row: Mapping[str, Any]


def visit(nth: int, row: Mapping[str, Any], language: str) -> Visit:
    """Return a row of the hub's list."""
    why = row["why_zh" if language == "zh" else "why_en"] or ""
    return Visit(nth, _at(row["offered_at"]), _at(row["answered_at"]), _at(row["ended_at"]), row["caller"],
                 row["queue"], row["agent"], row["outcome"] or "", row["wait_s"], row["talk_s"],
                 row["counts"], why, row)


def _at(text: str | None) -> int | None:
    return None if text is None else round(datetime.fromisoformat(text).timestamp() * SECOND)


def _day(view: View) -> tuple[int, int]:
    start = view.snapshot.day_start if view.snapshot is not None else 0
    return start, start + 86_400 * SECOND


def _time(at: int | None, view: View) -> Cell:
    if at is None:
        return Cell(fmt.DASH, "dim")
    first, last = _day(view)
    clock = fmt.clock(at, view.zone)
    if first <= at < last:
        return Cell(clock)
    return Cell(f"{fmt.local(at, view.zone):%m-%d} {clock}")


def _agent(one: Visit, view: View) -> Cell:
    label = next((a.label for a in view.agents if a.agent == one.agent), one.agent)
    return Cell(label or fmt.DASH, "plain" if label else "dim")


def _outcome(one: Visit, view: View) -> Cell:
    key = f"outcome.{one.outcome}"
    text = view.words(key) if view.words.has(key) else one.outcome
    role = {"abandoned": "warning", "lost": "critical", "waiting": "accent", "talking": "accent"}
    return Cell(text, role.get(one.outcome, "plain"))


def _counts(one: Visit, view: View) -> Cell:
    role = {"yes": "good", "no": "plain", "left_out": "dim"}.get(one.counts, "plain")
    return Cell(view.words(f"counts.{one.counts}"), role)


def _seconds(seconds: float | None) -> Cell:
    return Cell(fmt.duration(seconds), "dim" if seconds is None else "plain")


COLUMNS: tuple[Column[Visit], ...] = (
    Column("offered_at", lambda o, v: _time(o.offered_at, v), 8, lambda o, v: o.offered_at),
    Column("caller", lambda o, v: Cell(o.caller or fmt.DASH, "plain" if o.caller else "dim"), 15,
           lambda o, v: o.caller, grow=1, most=18),
    Column("queue", lambda o, v: Cell(v.queue_label(o.queue)), 8,
           lambda o, v: v.queue_label(o.queue).casefold(), grow=1, most=20, priority=5),
    Column("agent", _agent, 8, lambda o, v: (o.agent or "").casefold() or None, grow=2, most=24, priority=3),
    Column("outcome", _outcome, 9, lambda o, v: o.outcome, priority=2),
    Column("waited", lambda o, v: _seconds(o.wait_s), 5, lambda o, v: o.wait_s, right=True),
    Column("talking", lambda o, v: _seconds(o.talk_s), 5, lambda o, v: o.talk_s, right=True, priority=6),
    Column("answered_at", lambda o, v: _time(o.answered_at, v), 8, lambda o, v: o.answered_at, priority=8),
    Column("ended_at", lambda o, v: _time(o.ended_at, v), 8, lambda o, v: o.ended_at, priority=7),
    Column("counts", _counts, 6, lambda o, v: ("yes", "no", "left_out").index(o.counts), priority=1),
    Column("why", lambda o, v: Cell(o.why, "dim"), 20, lambda o, v: o.why, grow=6, most=60, priority=2),
)


DATED = tuple(replace(column, width=14) if column.key.endswith("_at") else column for column in COLUMNS)
"""With room for a date, where not all of it was today."""


def search(one: Visit, view: View) -> str:
    """Return the text of a visit that a filter looks at: as it stands on the screen."""
    return " ".join((one.caller or "", view.queue_label(one.queue), _agent(one, view).text,
                     _outcome(one, view).text, one.outcome, _counts(one, view).text, one.why,
                     _time(one.offered_at, view).text, str(one.row.get("type") or "")))


class VisitTable(StripTable[Visit]):
    """The visits, newest first."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS, lambda o: o.nth, search, empty="empty.visits", id=id)
        self._visits: tuple[Visit, ...] = ()
        self._still: View | None = None

    def fill(self, visits: Sequence[Visit]) -> None:
        """Show these visits."""
        self._visits = tuple(visits)
        if self._still is not None:
            first, last = _day(self._still)
            dated = any(not first <= (one.offered_at or first) < last for one in self._visits)
            if self.columns != (wanted := DATED if dated else COLUMNS):
                self.columns, self._placed = wanted, ()
            self.show(self._visits, self._still)

    def passing(self) -> Sequence[Visit]:
        """Return the visits that pass the filter, in the order in which they stand."""
        return self._shown

    def look(self, view: View) -> None:
        """Show them in a view; nothing runs in here, so a view of the same day needs no drawing."""
        old, same = self._still, self._items is self._visits
        if old is not None and same and old.words is view.words and old.glyphs is view.glyphs:
            return
        self._still = view
        self.show(self._visits, view)


class ListHead(CellWidget):
    """What is listed, how many, what they add up to."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._texts: tuple[str, str, str] = ("", "", "plain")

    def tell(self, title: str, said: str, role: str = "plain") -> None:
        """Say what is listed and how far that has come."""
        self._texts = (title, said, role)
        self.draw()

    def look(self, view: View) -> None:
        """Draw again where the size has changed."""
        self._view = view
        self.draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.draw()

    def draw(self) -> None:
        """Draw both lines."""
        title, said, role = self._texts
        width = self.size.width
        if width < 1:
            return
        view: View | None = getattr(self, "_view", None)
        plain = view is not None and view.glyphs.ascii
        lines: list[Line] = []
        for text, ink in ((title, "strong"), (said, role)):
            shown = to_ascii(scrub(text)) if plain else scrub(text)
            lines.append(joined([(fit(shown, width, ellipsis="~" if plain else "…"), ink)]))
        self.put(lines)

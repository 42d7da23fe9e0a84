"""The callers who wait, the longest first, with the call of the day that it is for them."""

from ccboard.snapshot import Waiting
from widgets import format as fmt
from widgets.columns import Cell, Column
from widgets.levels import figure
from widgets.queue_table import level_of
from widgets.strip_table import StripTable
from widgets.view import View


def _wait(caller: Waiting, view: View) -> Cell:
    """Return the wait; the caller who made it the queue's longest is marked as the queue is."""
    seconds = view.since(caller.since)
    queue = next((q for q in view.queues if q.queue == caller.queue), None)
    level = ""
    if queue is not None and queue.longest_since == caller.since:
        level = level_of(queue, "longest_wait_s")
    return figure(fmt.ticking(seconds), level)


def _nth(caller: Waiting, view: View) -> Cell:
    if caller.nth_today <= 1:
        return Cell("")
    return Cell(view.words("figure.nth_call", n=str(caller.nth_today)), "accent")


COLUMNS: tuple[Column[Waiting], ...] = (
    Column("position", lambda c, v: Cell(v.queue_label(c.queue)), 8,
           lambda c, v: v.queue_label(c.queue).casefold(), grow=2, most=24, gap=1),
    Column("nth_in_queue", lambda c, v: Cell(str(c.position), "dim"), 3, lambda c, v: c.position, right=True),
    Column("wait", _wait, 5, lambda c, v: v.since(c.since), right=True, mark=3, gap=1),
    Column("caller", lambda c, v: Cell(c.caller or fmt.DASH, "plain" if c.caller else "dim"), 15,
           lambda c, v: c.caller, grow=1, most=18),
    Column("nth", _nth, 7, lambda c, v: c.nth_today, priority=1),
    Column("name", lambda c, v: Cell(c.name or "", "dim"), 10, lambda c, v: (c.name or "").casefold() or None,
           grow=2, most=24, priority=2),
)


class WaitingTable(StripTable[Waiting]):
    """Callers waiting in all queues."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS, lambda c: (c.queue, c.call, c.since),
                         lambda c, v: f"{v.queue_label(c.queue)} {c.caller or ''} {c.name or ''}",
                         empty="empty.waiting", id=id)

    def look(self, view: View) -> None:
        """Show the callers of a view."""
        snapshot = view.snapshot
        unknown = bool(view.queues) and all(q.waiting is None for q in view.queues)
        heard = snapshot is not None and any(s.age_s is not None or s.error for s in snapshot.sources)
        self.unknown = ("empty.dark" if heard else "empty.first") if unknown else ""
        self.show(snapshot.waiting if snapshot is not None else (), view)

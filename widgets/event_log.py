"""What happened, newest first, in sentences. Kinds without words of their own are shown as they are."""

from ccboard.snapshot import LogEntry
from widgets import format as fmt
from widgets.columns import Cell, Column
from widgets.levels import MARKS
from widgets.strip_table import StripTable
from widgets.view import SECOND, View

RATIOS = frozenset({"below_target"})
OURS = frozenset({"note", "failed", "restart", "gap"})
"""Kinds whose text is a sentence of the hub or a source; of others it is a reason or a number."""


def sentence(entry: LogEntry, view: View) -> str:
    """Return an entry as a sentence in the board's language. Data stays data, whatever it contains."""
    words = view.words
    queue = view.queue_label(entry.queue) if entry.queue else ""
    agent = next((a.label for a in view.agents if a.agent == entry.agent), entry.agent or "")
    text = entry.text or ""
    if entry.kind in OURS:
        text = words.said(text)
    target = next((q.target for q in view.queues if q.queue == entry.queue), None)
    value = fmt.percent(entry.value, target) if entry.kind in RATIOS else fmt.duration(entry.value)
    key = f"log.{entry.kind}" if words.has(f"log.{entry.kind}") else "log.other"
    comma = words("log.comma") + text if text else ""
    begin = entry.at - (view.snapshot.interval_s if view.snapshot is not None else 0) * SECOND
    span = view.glyphs.dash.join(fmt.clock(at, view.zone)[:5] for at in (begin, entry.at))
    said = words(key, queue=queue or fmt.DASH, agent=agent or words("log.somebody"), where=queue or agent,
                 kind=entry.kind, value=value, text=text, reason=comma, caller=comma, span=span)
    return said.strip()


def _time(entry: LogEntry, view: View) -> Cell:
    return Cell(fmt.clock(entry.at, view.zone), "dim")


def _what(entry: LogEntry, view: View) -> Cell:
    mark = MARKS.get(entry.level, "")
    text = sentence(entry, view)
    return Cell(f"{mark} {text}" if mark else text, entry.level or "plain")


COLUMNS: tuple[Column[LogEntry], ...] = (
    Column("time", _time, 8),
    Column("what", _what, 10, grow=1, most=400),
)


class EventLog(StripTable[LogEntry]):
    """The day's events."""

    counted = False  # the newest are what one looks for

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS, lambda e: e, sentence, empty="empty.log", id=id)
        self._names: object = None

    def look(self, view: View) -> None:
        """Show the events of a view."""
        entries = view.snapshot.log if view.snapshot is not None else ()
        names = ([q.label for q in view.queues], [a.label for a in view.agents], view.snapshot is None)
        if entries == self._items and names == self._names:  # nothing runs in here: nothing to do
            return
        self._names = names
        self.show(entries, view)

"""What if: so many heads more or fewer, and some borrowed from another queue; what either side would meet."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ccboard.panel_surge import QueueSurge
from widgets import format as fmt
from widgets import surge_text as text
from widgets.cell_widget import Ink
from widgets.view import View

_PART = re.compile(r"([+-]?\d{1,3})(?:\s*从|\s+from\b)?\s*(.*)", re.DOTALL)
_BETWEEN = re.compile("[,;，；、]")


class Try(NamedTuple):
    """`more` heads of one's own (back from a break; fewer: negative), and `borrowed` ones by queue."""

    more: int
    borrowed: tuple[tuple[str, int], ...] = ()


class NotUnderstoodError(ValueError):
    """What was typed; `part` is no number of heads, `queue` True where it names a queue that is not known."""

    def __init__(self, part: str, *, queue: bool) -> None:
        super().__init__(part)
        self.part, self.queue = part, queue


def parse(typed: str, names: Mapping[str, str]) -> Try | None:
    """Return what was typed, None for nothing; `names` are queues by what they may be called.

    Raises NotUnderstoodError.

    >>> parse("2, 3 sales", {"sales": "q-sales", "support": "q-support"})
    Try(more=2, borrowed=(('q-sales', 3),))
    >>> parse("-2", {}), parse("  ", {}), parse("4 from SAL", {"sales": "s"}), parse("1, +2", {})
    (Try(more=-2, borrowed=()), None, Try(more=0, borrowed=(('s', 4),)), Try(more=3, borrowed=()))
    >>> parse("2，3从销售", {"销售热线": "s"}), parse("3 从 销售", {"销售热线": "s"})
    (Try(more=2, borrowed=(('s', 3),)), Try(more=0, borrowed=(('s', 3),)))
    """
    more, borrowed = 0, dict[str, int]()
    parts = [part.strip() for part in _BETWEEN.split(typed) if part.strip()]
    for part in parts:
        found = _PART.fullmatch(part)
        if found is None:
            raise NotUnderstoodError(part, queue=False)
        count, name = int(found[1]), found[2].strip()
        if not name:
            more += count
        elif count <= 0:
            raise NotUnderstoodError(part, queue=False)
        else:
            queue = _named(name, names)
            borrowed[queue] = borrowed.get(queue, 0) + count
    return Try(more, tuple(borrowed.items())) if parts else None


def _named(name: str, names: Mapping[str, str]) -> str:
    """Return the queue of that name, or of the only name that begins so."""
    asked = name.casefold()
    for known, queue in names.items():
        if known.casefold() == asked:
            return queue
    begun = {queue for known, queue in names.items() if known.casefold().startswith(asked)}
    if len(begun) != 1:
        raise NotUnderstoodError(name, queue=True)
    return begun.pop()


def sentences(row: QueueSurge, rows: Sequence[QueueSurge], tried: Try, view: View) -> list[Ink]:
    """Return what it would do to the row, and to each queue that lends."""
    words = view.words
    if not row.what_if:
        return [(words("surge.what_if_unknown"), "warning")]
    others = {one.queue: one for one in rows if one.queue is not None}
    said, lent = list[Ink](), 0
    for queue, count in tried.borrowed:
        other = others.get(queue)
        label = queue if other is None else text.name(other, view)
        if queue == row.queue or queue in row.shared_with or row.queue is None:
            said.append((words("surge.lender_shared", queue=label, n=str(count)), "warning"))
            continue
        lent += count
        said.append(_lender(other, label, count, view))
    more = tried.more + lent
    level, lost = _at(row, more)
    if level is None:
        last = row.what_if_from + len(row.what_if) - 1
        limits = words("surge.what_if_limits", least=f"{row.what_if_from:+d}", most=f"{last:+d}")
        return [(limits, "warning"), *said]
    parts = [f"{tried.more:+d}"] if tried.more else []
    parts += [f"{count} {view.queue_label(queue)}" for queue, count in tried.borrowed]
    key = "surge.what_if_borrowed" if tried.borrowed else "surge.what_if"
    own = words(key, more=f"{more:+d}", parts=", ".join(parts), level=text.level(level, row.target),
                lost=text.level(lost), seconds=fmt.plain_number(row.threshold_s or 0))
    return [(own, "accent"), *said]


def _lender(other: QueueSurge | None, label: str, count: int, view: View) -> Ink:
    """Return what a queue that lends has left."""
    before, after = ((None, None), (None, None)) if other is None else (_at(other, 0), _at(other, -count))
    if other is None or before[0] is None or after[0] is None:
        return view.words("surge.lender_unknown", queue=label, n=str(count)), "warning"
    said = view.words(
        "surge.lender", queue=label, n=str(count), seconds=fmt.plain_number(other.threshold_s or 0),
        level=text.level(after[0], other.target), lost=text.level(after[1]),
        before=text.level(before[0], other.target), lost_before=text.level(before[1]))
    return said, "warning" if after[0] < (other.target or 0) else "plain"


def _at(row: QueueSurge, more: int) -> tuple[float | None, float | None]:
    """Return service level and abandon rate with so many heads more; None where that is not worked out."""
    place = more - row.what_if_from
    return row.what_if[place] if 0 <= place < len(row.what_if) else (None, None)

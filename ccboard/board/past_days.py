"""What came on the days before that a normal day or a forecast rests on, as a list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ccboard.board.meant import Dig
from ccboard.moments import to_micros
from ccboard.snapshot import iso
from widgets import format as fmt
from widgets.columns import Cell
from widgets.ledger import Entry, Ledger
from widgets.view import View

Came = tuple[int, int, int | None]
"""From, to, and the calls between them; None: not known."""


def dig(queue: str | None, begin: int, end: int, view: View, said: str) -> Dig | None:
    """Return how to list what came between the same times on the same weekdays before; None without a day.

    `said` is what the board says of this day: of just this stretch, whatever the centre's intervals are.
    """
    first, last = iso(begin), iso(end)
    if view.snapshot is None or begin >= end or first is None or last is None:
        return None
    words = {"from": first, "to": last} | ({} if queue is None else {"queue": queue})

    def made(answer: Mapping[str, Any], view: View) -> Ledger:
        return listed([(_at(row["from"]), _at(row["to"]), None if row["calls"] is None else int(row["calls"]))
                       for row in answer["rows"]], view, said)

    return Dig("before", words, made)


def listed(days: Sequence[Came], view: View, said: str) -> Ledger:
    """Return the list of days with the calls that came; a dash, and no part in the mean, where unknown."""
    rows = []
    for nth, (begin, end, came) in enumerate(days):
        day = Cell(fmt.date(begin, view.zone, view.words, near=view.now))
        times = Cell(f"{_time(begin, view)}{view.glyphs.dash}{_time(end, view)}", "dim")
        count = Cell(fmt.DASH, "dim") if came is None else Cell(str(came))
        rows.append(Entry(nth, ((day, begin), (times, begin), (count, came)), begin, end))
    known = [came for _, _, came in days if came is not None]
    mean = fmt.DASH
    if known:
        exact = sum(known) / len(known)
        mean = f"{exact:.1f}" if exact >= 10 else f"{exact:.2f}"
    text = view.words("ledger.past_days", n=str(len(known)), mean=mean, said=said)
    return Ledger(text, (("ledger_day", 14, False), ("ledger_times", 11, False), ("calls", 6, True)),
                  tuple(rows))


def _at(text: str) -> int:
    return to_micros(datetime.fromisoformat(text))


def _time(at: int, view: View) -> str:
    return fmt.clock(at, view.zone)[:5]

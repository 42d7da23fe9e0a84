"""What came on the days before that a normal day or a forecast rests on, as a list."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ccboard.board.meant import Dig
from ccboard.clock import SECOND
from ccboard.moments import to_micros
from widgets import format as fmt
from widgets.columns import Cell
from widgets.ledger import Entry, Ledger
from widgets.view import View

WEEKS = 13
"""So many days of the same weekday are looked at, as the watch learns from (``ccboard.desk``)."""
KPI = "first_tries"


def dig(queue: str | None, begin: int, end: int, view: View, said: str) -> Dig | None:
    """Return how to list what came between the same times on the same weekdays before; None without a day.

    Figures are by intervals of the configured length: times are taken to whole ones. `said` is what the board
    says of this day.
    """
    if view.snapshot is None:
        return None
    step = view.snapshot.interval_s * SECOND
    day = view.snapshot.day_start
    begin, end = day + (begin - day) // step * step, day - (day - end) // step * step
    stretches = [(_back(begin, 7 * n, view), _back(end, 7 * n, view)) for n in range(1, WEEKS + 1)]
    local = fmt.local(day, view.zone)
    where = f"weekday={local.isoweekday()}" + ("" if queue is None else f",queue={_quoted(queue)}")
    words = {"kpi": KPI, "by": "interval", "where": where,
             "from": (local - timedelta(days=7 * WEEKS)).date().isoformat(), "to": local.date().isoformat()}

    def made(answer: Mapping[str, Any], view: View) -> Ledger:
        came = [(to_micros(datetime.fromisoformat(row["interval"])), row[KPI] or 0) for row in answer["rows"]]
        return listed(stretches, came, view, said)

    return Dig(words, made)


def listed(stretches: list[tuple[int, int]], came: list[tuple[int, int]], view: View, said: str) -> Ledger:
    """Return the list of (from, to) with the calls that came in each; a dash where nothing is known."""
    rows, known = [], []
    for nth, (begin, end) in enumerate(stretches):
        found = [n for at, n in came if begin <= at < end]
        if found:
            known.append(sum(found))
        day = Cell(fmt.date(begin, view.zone, view.words, near=view.now))
        times = Cell(f"{_time(begin, view)}{view.glyphs.dash}{_time(end, view)}", "dim")
        count = Cell(str(sum(found)) if found else fmt.DASH, "plain" if found else "dim")
        rows.append(Entry(nth, ((day, begin), (times, begin), (count, sum(found) if found else None)),
                          begin, end))
    mean = fmt.DASH if not known else f"{sum(known) / len(known):.1f}"
    text = view.words("ledger.past_days", n=str(len(known)), mean=mean, said=said)
    return Ledger(text, (("ledger_day", 14, False), ("ledger_times", 11, False), ("calls", 6, True)),
                  tuple(rows))


def _back(at: int, days: int, view: View) -> int:
    """Return the moment so many days before, at the same time by the clock."""
    local = fmt.local(at, view.zone)
    return to_micros((local.replace(tzinfo=None) - timedelta(days=days)).replace(tzinfo=local.tzinfo))


def _time(at: int, view: View) -> str:
    return fmt.clock(at, view.zone)[:5]


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace(",", "\\,")

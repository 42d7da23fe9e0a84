"""How figures of the tail panel read: adjusted values, likely ranges, and the period as a row of bars."""

import math
from collections.abc import Sequence
from datetime import date, datetime, time

from ccboard.panel_tail import TailGroup, TailPanel, TailRow, Unsteady, Verdict
from widgets import format as fmt
from widgets.glyphs import Glyphs
from widgets.view import View

GROUPS = ("agent", "team", "type")
DAYS = 20
"""Days of a period that a table shows as bars."""
LOWER_IS_WORSE = frozenset({"csat", "qa", "fcr", "success", "dials"})
MOST_LOG = 20.0
"""Nothing takes more times as long as e to this."""


def panel_of(view: View) -> TailPanel | None:
    """Return the panel of a view, None while there is none."""
    return None if view.snapshot is None else view.snapshot.tail


def group_of(view: View, by: str) -> TailGroup | None:
    """Return a grouping of the panel, None while there is none."""
    panel = panel_of(view)
    return None if panel is None else panel.group(by)


def by_of(row: object, view: View) -> str:
    """Return the grouping that a row is of; "agent" where it is of none by now."""
    panel = panel_of(view)
    for group in () if panel is None else panel.groups:
        if row in group.rows or row in group.unsteady or row in group.early or row in group.verdicts:
            return group.by
    return "agent"


def said(pair: tuple[str, str], view: View) -> str:
    """Return a sentence in the board's language."""
    return pair[1] if view.words.language == "zh" else pair[0]


def figure(kpi: str, view: View) -> str:
    """Return the short name of a figure."""
    return view.words(f"tail.kpi.{kpi}")


def _number(row: TailRow, x: float, view: View, *, more: bool) -> str:
    """Return a value without its unit; `more`: of a ratio, how many percent more."""
    if row.form == "percent":
        return f"{x * 100:+.0f}" if more else fmt.duration(x)
    if row.form == "share":
        return f"{x * 100:.{0 if 0.1 <= (row.usual or 0) <= 0.9 else 1}f}"
    return f"{x:.1f}"


def _unit(row: TailRow, view: View) -> str:
    return said(row.suffix, view) if row.form == "marks" else " %"


def adjusted(row: TailRow, view: View) -> str:
    """Return the adjusted value: +14 %, 5.5 %, 3.2."""
    return _number(row, row.value, view, more=True) + _unit(row, view)


def likely(row: TailRow, view: View) -> str:
    """Return the likely range: +8..+20 %."""
    low, high = (_number(row, x, view, more=True) for x in (row.low, row.high))
    return f"{low}..{high}{_unit(row, view)}"


def raw(row: TailRow, view: View) -> str:
    """Return the value as it stands, before anything is allowed for."""
    if row.kpi == "dials":
        return f"{row.raw:.1f}/h"
    return _number(row, row.raw, view, more=False) + ("" if row.form == "percent" else _unit(row, view))


def usual(row: TailRow, view: View) -> str:
    """Return what the same calls give anybody."""
    if row.usual is None:
        return fmt.DASH
    if row.kpi == "dials":
        return f"{row.usual:.1f}/h"
    return _number(row, row.usual, view, more=False) + ("" if row.form == "percent" else _unit(row, view))


def sure(row: TailRow) -> str:
    """Return how sure it is; never 100 %."""
    return f"{min(99, int(row.p * 100 + 0.5))} %"


def habit(row: TailRow) -> str:
    """Return in how many of the last periods it was so: 3/5."""
    return f"{row.times}/{row.of}" if row.of else fmt.DASH


def moved(row: TailRow, view: View) -> str:
    """Return how it moved since the last period, as far as that is no chance."""
    if row.moved is None:
        return fmt.DASH
    if not row.sure_moved:
        return "="
    sign = view.glyphs.rising if row.moved > 0 else view.glyphs.falling
    return f"{sign} {abs(row.moved) * 100:.0f} %" if row.form == "percent" else sign


def bars(chart: Sequence[float | None], glyphs: Glyphs, room: int = DAYS) -> str:
    """Return the last days as bars: the middle is as was to be expected, higher is worse.

    >>> from widgets.glyphs import UNICODE
    >>> bars((0.0, 1.0, -1.0, None), UNICODE)
    '▄█▁·'
    """
    days = chart[-room:]
    most = max((abs(x) for x in days if x is not None), default=0.0) or 1.0
    return "".join(glyphs.none if x is None else glyphs.bars[round(3.49 + 3.5 * x / most)] for x in days)


def pooled(kpi: str, by: str, view: View) -> Verdict | None:
    """Return the figure as a whole where it rests on more days than the period; None where it does not."""
    group = group_of(view, by)
    verdicts = () if group is None else group.verdicts
    return next((v for v in verdicts if v.kpi == kpi and v.pooled and v.measured), None)


def pooled_said(group: TailGroup, view: View) -> str:
    """Return which figures rest on more days than the period, "" where none does."""
    by_days: dict[int, list[str]] = {}
    for one in group.verdicts:
        if one.pooled and one.measured:
            by_days.setdefault(one.days, []).append(figure(one.kpi, view))
    comma = view.words("list.comma")
    return view.words("tail.and").join(view.words("tail.pooled", names=comma.join(names), n=str(days))
                                       for days, names in by_days.items())


def day_value(row: TailRow | Unsteady, x: float | None, view: View) -> str:
    """Return a day of somebody's chart: +12 %; of shares and marks about what it was; else scatters.

    What a chart holds is higher where it is worse, in logs, log odds or marks.
    """
    if x is None:
        return fmt.DASH
    if isinstance(row, Unsteady):
        return f"{abs(x):.1f} x"
    x = -x if row.kpi in LOWER_IS_WORSE else x
    if row.form == "percent":
        return f"{math.expm1(max(-MOST_LOG, min(x, MOST_LOG))) * 100:+.0f} %"
    if row.usual is None:
        return fmt.DASH
    if row.form == "share":
        share = min(max(row.usual, 1e-9), 1 - 1e-9)
        odds = math.log(share / (1 - share)) + x
        return _number(row, 0.5 * (1 + math.tanh(0.5 * odds)), view, more=True) + _unit(row, view)
    return _number(row, row.usual + x, view, more=True) + _unit(row, view)


def day_of(row: TailRow | Unsteady, nth: int, view: View) -> date | None:
    """Return the date of a place in somebody's chart; None where the hub has not told it."""
    panel = panel_of(view)
    at = nth - len(row.chart)
    if panel is None or -at > len(panel.days):
        return None
    return date.fromisoformat(panel.days[at])


def day_said(row: TailRow | Unsteady, nth: int, view: View) -> str:
    """Return what a day of somebody's chart was like, in a sentence."""
    x, day, words = row.chart[nth], day_of(row, nth, view), view.words
    name = "" if day is None else fmt.date(at_noon(day, view), view.zone, words, near=view.now)
    if x is None:
        return words("tail.day_away", day=name)
    key = "tail.day_scatter" if isinstance(row, Unsteady) else (
        "tail.day" if row.form == "percent" else "tail.day_usual")
    than = words("tail.day_as" if x == 0 else "tail.day_worse" if x > 0 else "tail.day_better")
    usual_then = "" if isinstance(row, Unsteady) else usual(row, view)
    return words(key, day=name, value=day_value(row, x, view), usual=usual_then, than=than)


def at_noon(day: date, view: View) -> int:
    """Return a moment of a day, in microseconds."""
    return int(datetime.combine(day, time(12), view.zone).timestamp()) * 1_000_000

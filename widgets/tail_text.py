"""How figures of the tail panel read: adjusted values, likely ranges, and the period as a row of bars."""

from collections.abc import Sequence

from ccboard.panel_tail import TailGroup, TailPanel, TailRow
from widgets import format as fmt
from widgets.glyphs import Glyphs
from widgets.view import View

GROUPS = ("agent", "team", "type")
DAYS = 20
"""Days of a period that a table shows as bars."""


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
        if row in group.rows or row in group.unsteady or row in group.early:
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

"""Who needs help, as plain data: what the tail panel shows and nothing more. Imports the standard library.

Sentences come in English and Chinese, as ``ccboard.tail.words`` makes them; figures beside them are what
tables and charts need. A viewer without the right to names gets the verdicts and counts (``unnamed``).
"""

from typing import Any, NamedTuple

Said = tuple[str, str]
"""A sentence in English and in Chinese."""


class Verdict(NamedTuple):
    """One figure as a whole. `wrong`: about so many of the named may be named wrongly; `early`: too early."""

    kpi: str
    name: Said
    measured: bool
    named: int = 0
    seen: int = 0
    wrong: float = 0.0
    reliability: float = 0.0
    days: int = 0
    pooled: bool = False
    first: str = ""  # ISO dates
    last: str = ""
    early: int = 0
    said: Said = ("", "")


class TailRow(NamedTuple):
    """Somebody named for a figure.

    `value`, `low` .. `high`: adjusted, and its likely range; `usual`: what the same calls give anybody;
    `raw`: as it stands; `form` says how to read them: "percent" (value, low, high are ratios more; raw and
    usual seconds or a pace), "share", "marks". `moved`: change since the last period (higher: became worse,
    in percent more or on the figure's scale); `sure_moved`: beyond chance. `n`: values. `chart`:
    each working day's difference from what was to be expected, oldest first, higher is worse; None: away.
    """

    unit: str
    label: str
    team: str | None
    kpi: str
    strong: bool
    p: float
    form: str
    value: float
    low: float
    high: float
    usual: float | None
    raw: float
    suffix: Said
    n: int
    days: int
    reliability: float
    driver: Said
    times: int
    of: int
    moved: float | None
    sure_moved: bool
    chart: tuple[float | None, ...]
    said: Said
    state: str = ""  # of coaching: "", "open", "coaching", "recheck", "done"
    recheck_at: int | None = None


class Unsteady(NamedTuple):
    """Somebody whose results fluctuate: so many times as far apart as usual, most in these figures."""

    unit: str
    label: str
    team: str | None
    times: float
    kpis: tuple[str, ...]
    n: int
    chart: tuple[float | None, ...]
    said: Said
    state: str = ""
    recheck_at: int | None = None


class Early(NamedTuple):
    """Somebody of whom it is too early to speak: about `needed` more of the figure's values."""

    unit: str
    label: str
    team: str | None
    kpi: str
    n: int
    days: int
    needed: float
    said: Said


class TailGroup(NamedTuple):
    """Agents, teams or types. `n_*`: how many there are, also where a list is cut short or not given."""

    by: str
    units: int
    verdicts: tuple[Verdict, ...]
    rows: tuple[TailRow, ...] = ()
    unsteady: tuple[Unsteady, ...] = ()
    early: tuple[Early, ...] = ()
    n_named: int = 0
    n_unsteady: int = 0
    n_early: int = 0

    @property
    def judged(self) -> bool:
        """Whether there is anybody of whom anything was measured: without calls nobody is fine, either."""
        return any(verdict.seen or verdict.early for verdict in self.verdicts)


class CoachRow(NamedTuple):
    """One case of coaching. `said`: what has changed since; `sure`: how sure that it is for the better."""

    kpi: str  # "*": the fluctuation
    by: str
    unit: str
    label: str
    state: str  # open, coaching, recheck, done
    opened_at: int
    opened_by: str
    changed_at: int
    recheck_at: int | None = None
    sure: float | None = None
    note: str = ""
    said: Said = ("", "")


class TailPanel(NamedTuple):
    """The panel as of a moment. `period`: working days (0: all); `names`: whether anybody may be named.

    `days`: ISO dates of the days that charts show, oldest first.
    """

    as_of: int
    period: int
    first: str
    last: str
    groups: tuple[TailGroup, ...]
    names: bool = True
    coaching: tuple[CoachRow, ...] = ()
    days: tuple[str, ...] = ()

    def group(self, by: str) -> TailGroup | None:
        """Return a grouping, None where there is none."""
        return next((group for group in self.groups if group.by == by), None)


def unnamed(panel: TailPanel) -> TailPanel:
    """Return the counts and verdicts of a panel, without anybody's name."""
    return panel._replace(names=False, coaching=(), groups=tuple(
        group._replace(rows=(), unsteady=(), early=()) for group in panel.groups))


def from_wire(row: list[Any] | None) -> TailPanel | None:
    """Rebuild a panel after JSON. Raises TypeError or ValueError on another form."""
    if row is None:
        return None
    panel = TailPanel(*row)
    return panel._replace(
        days=tuple(panel.days),
        groups=tuple(_group(group) for group in panel.groups),
        coaching=tuple(row._replace(said=_said(row.said)) for row in (CoachRow(*x) for x in panel.coaching)))


def _group(row: Any) -> TailGroup:
    group = TailGroup(*row)
    return group._replace(
        verdicts=tuple(v._replace(name=_said(v.name), said=_said(v.said))
                       for v in (Verdict(*x) for x in group.verdicts)),
        rows=tuple(r._replace(suffix=_said(r.suffix), driver=_said(r.driver), chart=tuple(r.chart),
                              said=_said(r.said)) for r in (TailRow(*x) for x in group.rows)),
        unsteady=tuple(r._replace(kpis=tuple(r.kpis), chart=tuple(r.chart), said=_said(r.said))
                       for r in (Unsteady(*x) for x in group.unsteady)),
        early=tuple(r._replace(said=_said(r.said)) for r in (Early(*x) for x in group.early)),
    )


def _said(pair: Any) -> Said:
    english, chinese = pair
    return str(english), str(chinese)

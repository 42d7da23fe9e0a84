"""From a study to what the panel shows: names, sentences, charts; and which lists are cut short."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np

from ccboard.config import Config
from ccboard.needs.coaching import ANY, Case, about
from ccboard.needs.effect import Effect
from ccboard.needs.figures import By
from ccboard.needs.study import Group, Study
from ccboard.panel_tail import CoachRow, Early, Said, TailGroup, TailPanel, TailRow, Unsteady, Verdict
from ccboard.tail import public, words
from ccboard.tail.arrays import Ints
from ccboard.tail.early import rounded
from ccboard.tail.judge import Judged, Report
from ccboard.tail.kpis import KPIS, OF_STORE
from ccboard.tail.volatile import deviations

MOST_ROWS, MOST_EARLY = 60, 30
"""Rows of a list that go to boards, every second; what is cut off is counted."""
MOST_CASES, DONE_SHOWN_DAYS = 40, 14
"""Cases that go to boards, and for how long those that are done stay there."""
DAY = 86_400 * 1_000_000
CHART_DAYS = 60
"""Working days that a chart shows at most."""
EVERYBODY = 0.9
"""A figure says who is too new where it is measured of so many of those who have any."""
MOVED: float = 1.645
"""A movement of so many standard deviations is beyond chance nine times out of ten."""


def panel(found: Study, config: Config, wanted: tuple[str, ...] = OF_STORE) -> TailPanel:
    """Return what the panel shows of a study."""
    groups = tuple(_group(found, by, group, config, wanted) for by, group in found.groups.items())
    days = found.days
    return TailPanel(found.as_of, found.period or 0, days[-1].isoformat() if days else "",
                     days[0].isoformat() if days else "", groups,
                     days=tuple(day.isoformat() for day in reversed(days[:CHART_DAYS])))


def _group(found: Study, by: By, group: Group, config: Config, wanted: tuple[str, ...]) -> TailGroup:
    report = group.report
    who = Who(found, by, config)
    named = [(key, i) for key, j in report.figures.items() for i in j.named.nonzero()[0].tolist()]
    rows = [row(found, who, group, key, i) for key, i in _ordered(report, named)[:MOST_ROWS]]
    swings = report.fluctuation.named.nonzero()[0].tolist() if len(report.units) else []
    swings.sort(key=lambda i: float(report.fluctuation.p[i]))
    early = _early(report)
    return TailGroup(
        by, int((report.calls > 0).sum()), tuple(verdict(report, key, by) for key in wanted), tuple(rows),
        tuple(_unsteady(found, who, report, i) for i in swings[:MOST_ROWS]),
        tuple(_too_early(who, report, key, i) for key, i in early[:MOST_EARLY]),
        len({i for _, i in named}), len(swings), len(early))


def label(config: Config, by: str, unit: str) -> str:
    """Return the name to show."""
    own = config.agents.get(unit) if by == "agent" else None
    return unit if own is None else own.label or unit


class Who:
    """Names to show, and teams."""

    def __init__(self, found: Study, by: By, config: Config) -> None:
        self.by, self._config = by, config
        self._teams: Mapping[str, str] = found.books.people.teams

    def label(self, unit: str) -> str:
        """Return the name to show."""
        return label(self._config, self.by, unit)

    def team(self, unit: str) -> str | None:
        """Return an agent's team."""
        return self._teams.get(unit) if self.by == "agent" else None


def _ordered(report: Report, named: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the named with those of one person together: first who is named for most, then the surest."""
    times: dict[int, int] = {}
    surest: dict[int, float] = {}
    for key, i in named:
        times[i] = times.get(i, 0) + 1
        surest[i] = max(surest.get(i, 0.0), float(report.figures[key].p[i]))
    return sorted(named, key=lambda at: (-times[at[1]], -surest[at[1]], at[1],
                                         -float(report.figures[at[0]].p[at[1]])))


def row(found: Study, who: Who, group: Group, key: str, i: int) -> TailRow:
    """Return what is said of a unit that is named for a figure."""
    j = group.report.figures[key]
    v = words.value(j, i)
    form = {"percent more": "percent", "share": "share", "marks": "marks"}[v.form]
    usual = math.exp(float(j.table.expected[i])) if form == "percent" else v.usual
    times, of, change, sd = public.history(group.over, key, i)
    moved, sure = _moved(key, change, sd)
    return TailRow(
        unit=(unit := group.report.units[i]), label=who.label(unit), team=who.team(unit), kpi=key,
        strong=bool(j.strong[i]), p=_round(float(j.p[i])), form=form, value=_round(v.value),
        low=_round(v.low), high=_round(v.high), usual=_round(usual), raw=_round(v.raw),
        suffix=(j.kpi.suffix_en, j.kpi.suffix_zh), n=int(j.table.counts[i]), days=int(j.found.days[i]),
        reliability=_round(float(j.posterior.own[i])), driver=driver(who.by, group, key, i), times=times,
        of=of, moved=moved, sure_moved=sure, chart=_chart(found, j, i),
        said=(words.tail(j, i, "en", who.by), words.tail(j, i, "zh", who.by)))


def driver(by: By, group: Group, key: str, i: int) -> Said:
    """Return what makes most of the difference, as words; empty where nothing stands out."""
    kind, part = public.driver(group.report.figures[key], i, group.parts if key == "aht" else None)
    english, chinese = [], []
    if part is not None:
        name, name_zh = public.PARTS[part[0]]
        english.append(f"mostly {name}, {part[1]:+.0f} s a call")
        chinese.append(f"主要在{name_zh}，每个来电{part[1]:+.0f}秒")
    if kind is not None:
        english.append(f"mostly {'with' if by == 'type' else 'on'} {kind}")
        chinese.append(f"主要在{kind}")
    return "; ".join(english), "；".join(chinese)


def _moved(key: str, moved: float, sd: float) -> tuple[float | None, bool]:
    """Return the change since the last period, and whether it is more than chance."""
    if not math.isfinite(moved):
        return None, False
    kpi = KPIS[key]
    change = kpi.worse * math.expm1(kpi.worse * moved) if kpi.scale == "log" else moved
    return _round(change), abs(moved) > MOVED * sd


def _chart(found: Study, j: Judged, i: int) -> tuple[float | None, ...]:
    """Return each working day's difference from what was to be expected, oldest first; higher is worse."""
    at = j.table.rows_of(i)
    at = at[at < len(j.found.effect)]
    return _by_day(found, j.table.day[at], j.kpi.worse * j.found.effect[at])


def _by_day(found: Study, days: Ints, values: "np.ndarray[tuple[int], np.dtype[np.float64]]"
            ) -> tuple[float | None, ...]:
    known = dict(zip(days.tolist(), values.tolist(), strict=True))
    return tuple(None if (x := known.get(day.toordinal())) is None else round(x, 3)
                 for day in reversed(found.days[:CHART_DAYS]))


def _unsteady(found: Study, who: Who, report: Report, i: int) -> Unsteady:
    f = report.fluctuation
    places, times = f.most(i)
    keys, figures = [*report.figures], [*report.figures.values()]
    j = figures[places[0]]
    days, z = deviations(j.table, j.found, i)
    return Unsteady(
        unit := report.units[i], who.label(unit), who.team(unit),
        round(times, 2), tuple(keys[k] for k in places), int(report.calls[i]),
        _by_day(found, days, j.kpi.worse * z),
        (words.fluctuates(report, i, "en", who.by), words.fluctuates(report, i, "zh", who.by)))


def _early(report: Report) -> list[tuple[str, int]]:
    """Return (figure, unit) of those of whom it is too early to speak, by the figure that tells soonest."""
    if not report.figures:
        return []
    most = max(int(j.seen.sum()) for j in report.figures.values())
    key = max((k for k, j in report.figures.items() if int(j.seen.sum()) >= EVERYBODY * most),
              key=lambda k: report.figures[k].reliability)
    j = report.figures[key]
    few = j.seen & (j.needed > 0) & np.isfinite(j.needed)
    return [(key, i) for i in sorted(few.nonzero()[0].tolist(), key=lambda i: float(j.table.counts[i]))]


def _too_early(who: Who, report: Report, key: str, i: int) -> Early:
    j = report.figures[key]
    unit = report.units[i]
    return Early(unit, who.label(unit), who.team(unit), key, int(j.table.counts[i]), int(report.days[i]),
                 rounded(float(j.needed[i])),
                 (words.too_early(j, i, "en", who.by), words.too_early(j, i, "zh", who.by)))


def verdict(report: Report, key: str, by: By = "agent") -> Verdict:
    """Return what can be said of a figure as a whole."""
    kpi = KPIS[key]
    j = report.figures.get(key)
    if j is None:
        return Verdict(key, (kpi.name_en, kpi.name_zh), measured=False,
                       said=(f"{kpi.name_en}: not measured", f"{kpi.name_zh}：无数据"))
    return Verdict(
        key, (kpi.name_en, kpi.name_zh), measured=True, named=int(j.named.sum()), seen=int(j.seen.sum()),
        wrong=_round(float((1 - j.p[j.named]).sum())), reliability=_round(j.reliability), days=j.days,
        pooled=j.pooled, first=date.fromordinal(j.first).isoformat(),
        last=date.fromordinal(j.last).isoformat(),
        early=int(((j.needed > 0) & np.isfinite(j.needed) & j.seen).sum()),
        said=(words.verdict(j, "en", by), words.verdict(j, "zh", by)))


def coached(panel: TailPanel, cases: Sequence[Case], effects: Mapping[str, Effect | None], as_of: int,
            label: Callable[[str, str], str]) -> TailPanel:
    """Return the panel with what is done about whom. `label` gives the name to show of (grouping, unit)."""
    running = {case.about: case for case in cases if case.state != "done"}
    since = as_of - DONE_SHOWN_DAYS * DAY
    shown = [*(case for case in cases if (case.done_at or 0) > since), *running.values()]
    rows = []
    for case in shown[-MOST_CASES:]:
        effect = effects.get(case.about) if case.state != "done" else None
        rows.append(CoachRow(
            case.kpi, case.by, case.unit, label(case.by, case.unit), case.state, case.opened_at,
            case.opened_by, case.changed_at, case.recheck_at,
            None if effect is None or effect.early else _round(effect.better),
            case.notes[-1].text if case.notes else "", effect.said if effect is not None else ("", "")))

    def state(by: str, kpi: str, unit: str) -> tuple[str, int | None]:
        case = running.get(about(kpi, by, unit))
        return ("", None) if case is None else (case.state, case.recheck_at)

    groups = []
    for group in panel.groups:
        named = [r._replace(state=(found := state(group.by, r.kpi, r.unit))[0], recheck_at=found[1])
                 for r in group.rows]
        unsteady = [r._replace(state=(found := state(group.by, ANY, r.unit))[0], recheck_at=found[1])
                    for r in group.unsteady]
        groups.append(group._replace(rows=tuple(named), unsteady=tuple(unsteady)))
    return panel._replace(groups=tuple(groups), coaching=tuple(rows))


def _round(x: float) -> float:
    """Return a number for the wire: four digits are more than anybody reads."""
    return float(f"{x:.4g}")

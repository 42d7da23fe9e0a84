"""Columns that the configuration chose for the tables of queues and of agents: entries of the catalogue.

Which they are comes with the snapshot. What a frame has not itself stands in its ``extras``, and is grey once
that is older than it promised.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ccboard.kpi import DEFINITIONS, Entry
from ccboard.kpis.where import LIVE_AGENT, LIVE_QUEUE, adds_up_time
from ccboard.panel_extras import Extra, ExtrasPanel
from ccboard.snapshot import AgentFigures, QueueFigures
from widgets import format as fmt
from widgets.columns import Cell, Column
from widgets.levels import figure
from widgets.view import View

FIRM = 2
"""So many of the chosen columns stay on any screen."""
BUILT_QUEUE = {
    "waiting": "waiting", "longest_wait_s": "longest", "service_level": "level", "target": "goal",
    "definition": "definition",
    **{state: state for state in ("ready", "ringing", "talking", "wrap_up", "paused")},
}
"""Figures that have a column of the board's own, with a clock or a mark that others have not."""
BUILT_AGENT = {"answered": "answered", "ring_no_answer": "no_answer", "talk_s": "talk_time",
               "paused_s": "pause_time"}


def ids_of(page: str, panel: ExtrasPanel, projects: set[str | None]) -> tuple[str, ...]:
    """Return the figures of a page for queues of these projects.

    Queues of one project that has a contract of its own show that, on every page; else what is
    configured of the page. Nothing: the board's own choice.
    """
    if len(projects) == 1 and (project := next(iter(projects))) in panel.projects:
        return panel.projects[project or ""]
    return panel.pages.get(page, ())


def in_contracts(panel: ExtrasPanel, projects: set[str | None], shown: Sequence[str]) -> tuple[str, ...]:
    """Return the figures that contracts of these projects name and that are not shown yet."""
    named = [id_ for name, ids in panel.projects.items() if name in projects for id_ in ids]
    return tuple(dict.fromkeys(id_ for id_ in named if id_ not in shown))


def queue_columns(ids: Sequence[str], built: Mapping[str, Column[QueueFigures]], *, contracts: bool = False,
                  after: int = 0) -> tuple[Column[QueueFigures], ...]:
    """Return the columns of these figures of queues. `after` so many others, which are more important.

    `contracts`: they stand there for contracts only; a queue whose contract has none of it shows a point.
    """
    made = []
    for n, id_ in enumerate(ids):
        priority = max(0, after + n - FIRM + 1)
        if id_ in BUILT_QUEUE:
            column = built[BUILT_QUEUE[id_]]
        else:
            column = _column(id_, _of_queue(id_, abandons="abandon_rate" not in ids), _dim_queue)
        if contracts:
            column = replace(column, cell=_for_contracts(id_, column.cell), still=False)
        made.append(replace(column, priority=priority))
    return tuple(made)


def agent_columns(ids: Sequence[str], built: Mapping[str, Column[AgentFigures]], panel: ExtrasPanel
                  ) -> tuple[Column[AgentFigures], ...]:
    """Return the columns of these figures of agents."""
    made = []
    for n, id_ in enumerate(ids):
        own = built.get(BUILT_AGENT.get(id_, "")) if id_ not in panel.agent_kpis else None
        column = own or _column(id_, _of_agent(id_, panel), lambda agent: False)
        made.append(replace(column, priority=max(1, n)))
    return tuple(made)


_Found = tuple[float | None, str, bool]
"""A value, its level, and whether it is late."""


def _of_queue(id_: str, *, abandons: bool) -> Callable[[QueueFigures, View], _Found]:
    field = LIVE_QUEUE.get(id_)

    def found(queue: QueueFigures, view: View) -> _Found:
        if field is not None:
            levels = dict(queue.levels)
            level = levels.get(id_, "")
            if id_ == "abandoned" and abandons:  # of the two the rate has the limits, as a rule
                level = level or levels.get("abandon_rate", "")
            return getattr(queue, field), level, False
        panel = view.snapshot.extras if view.snapshot is not None else None
        if panel is None:
            return None, "", False
        row = panel.totals if queue.queue is None else panel.queues.get(queue.queue, panel.no_queue)
        return _extra(panel, panel.queue_kpis, row, id_, view)

    return found


def _of_agent(id_: str, made_for: ExtrasPanel) -> Callable[[AgentFigures, View], _Found]:
    field = LIVE_AGENT.get(id_) if id_ not in made_for.agent_kpis else None

    def found(agent: AgentFigures, view: View) -> _Found:
        if field is not None:
            return getattr(agent, field), "", False
        panel = view.snapshot.extras if view.snapshot is not None else None
        if panel is None:
            return None, "", False
        return _extra(panel, panel.agent_kpis, panel.agents.get(agent.agent, panel.no_agent), id_, view)

    return found


def _extra(panel: ExtrasPanel, kpis: tuple[str, ...], row: Extra | None, id_: str, view: View) -> _Found:
    if row is None or id_ not in kpis:
        return None, "", False
    at = kpis.index(id_)
    return row.values[at], row.levels[at], panel.late(view.now)


def _dim_queue(queue: QueueFigures) -> bool:
    return queue.late or queue.dark


def _column(id_: str, find: Callable[[Any, View], _Found], grey: Callable[[Any], bool]) -> Column[Any]:
    shown = shape(DEFINITIONS[id_])

    def cell(item: Any, view: View) -> Cell:
        value, level, late = find(item, view)
        return figure(shown(value), level, late or grey(item), role="plain" if value else "dim")

    width = len(shown(_WIDEST[DEFINITIONS[id_].unit]))
    return Column(id_, cell, width, lambda item, view: find(item, view)[0], right=True, mark=3, gap=1)


def _for_contracts(id_: str, cell: Callable[[QueueFigures, View], Cell]
                   ) -> Callable[[QueueFigures, View], Cell]:
    def shown(queue: QueueFigures, view: View) -> Cell:
        panel = view.snapshot.extras if view.snapshot is not None else None
        contract = () if panel is None else panel.projects.get(queue.project or "", ())
        if queue.queue is not None and id_ not in contract:
            return Cell("." if view.glyphs.ascii else "·", "dim")
        return cell(queue, view)

    return shown


_WIDEST = {"s": 725.0, "ratio": 0.796, "h": 999.9, "money": 99_999.0, "score": 4.31, "per_hour": 12.3,
           "visits": 99_999, "calls": 99_999, "callers": 99_999, "agents": 9999, "offers": 9999}
"""A value as wide as most of its unit are."""


def shape(entry: Entry) -> Callable[[float | None], str]:
    """Return how values of an entry are written.

    >>> [shape(DEFINITIONS[id_])(4.3) for id_ in ("csat", "occupancy", "asa_s", "staffed_h", "dials")]
    ['4.30', '430.0 %', '0:04', '4.3', '4']
    >>> [shape(DEFINITIONS["qa_score"])(value) for value in (87.5, 100, 0.25)]
    ['87.5', '100', '0.25']
    >>> shape(DEFINITIONS["handled_s"])(3723), [shape(DEFINITIONS["fcr"])(v) for v in (0.7996, None)]
    ('1h02', ['79.9 %', '–'])
    """
    if entry.unit == "s":
        return fmt.total if adds_up_time(entry) else fmt.duration
    if entry.unit == "ratio":
        return lambda value: fmt.DASH if value is None else f"{int(round(value * 1000, 6)) / 10:.1f} %"
    most = {"money": 2, "score": 2, "h": 1, "per_hour": 1}.get(entry.unit, 0)
    return lambda value: fmt.DASH if value is None else _digits(value, most)


def _digits(value: float, most: int) -> str:
    """Return a number with fewer places behind the point the more stand before it."""
    places = max(0, min(most, 3 - len(str(int(abs(value))))))
    return f"{value:.{places}f}"

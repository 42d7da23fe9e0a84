"""The figures that a configuration names for its pages and that a frame has not: by the same definitions.

One question by queue, one over all, one by agent, over the business day up to as_of; what nothing is
configured for is not asked. Live, of a past moment and for a store without a hub it is this code.
"""

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from ccboard.config import Config
from ccboard.figures.engine import Answer, compute, projects_of
from ccboard.figures.promises import level_of, limits_of
from ccboard.figures.request import Request
from ccboard.kpis.catalogue import DEFINITIONS
from ccboard.kpis.where import AGENT_WORDS, LIVE_AGENT, LIVE_QUEUE, QUEUE_WORDS
from ccboard.limits import Pair
from ccboard.moments import day_start, parse_day_start
from ccboard.panel_extras import Columns, Extra, ExtrasPanel
from ccboard.store.reader import Reader

PROMISE_S = 45.0
"""Figures older than this are late."""


def layout(config: Config) -> ExtrasPanel | None:
    """Return which figures the pages show, without values; None where nothing is configured."""
    pages = {name: page.kpis for name, page in (
        ("overview", config.pages.overview), ("queues", config.pages.queues), ("agents", config.pages.agents),
    ) if page.kpis}
    projects = {name: project.kpis for name, project in config.projects.items()
                if project.kpis and _may_be_shown(config, name)}
    if not pages and not projects:
        return None
    queue_kpis = _asked([*(pages[name] for name in pages if name != "agents"), *projects.values()],
                        {*LIVE_QUEUE, *QUEUE_WORDS})
    held = config.limits.agents.figures  # frames hold no agent's figures to limits
    agent_kpis = _asked([pages.get("agents", ())], {*AGENT_WORDS, *(set(LIVE_AGENT) - set(held))})
    return ExtrasPanel(pages, projects, PROMISE_S, queue_kpis=queue_kpis, agent_kpis=agent_kpis)


def _may_be_shown(config: Config, project: str) -> bool:
    """Tell whether a project may have queues among those shown: one client's contract is not another's."""
    own = [name for name, queue in config.queues.items() if queue.project == project]
    return not own or any(config.shows(name) for name in own)


def _asked(lists: Iterable[Columns], known: set[str]) -> Columns:
    return tuple(dict.fromkeys(id_ for ids in lists for id_ in ids if id_ not in known))


def asks(panel: ExtrasPanel | None) -> bool:
    """Tell whether anything has to be worked out for a panel."""
    return panel is not None and bool(panel.queue_kpis or panel.agent_kpis)


def extras(reader: Reader, as_of: int, config: Config, zone: ZoneInfo,
           rest: Callable[[], None] = lambda: None) -> ExtrasPanel | None:
    """Return the chosen figures at a moment; None where nothing is configured. Raises StoreError.

    `rest` is called between two questions.
    """
    panel = layout(config)
    if panel is None or not asks(panel):
        return panel
    return reader.consistent(lambda: _filled(panel, reader, as_of, config, zone, rest))


def _filled(panel: ExtrasPanel, reader: Reader, as_of: int, config: Config, zone: ZoneInfo,
            rest: Callable[[], None]) -> ExtrasPanel:
    begin = day_start(as_of, zone, parse_day_start(config.business_day_start))

    def asked(ids: Columns, *by: str) -> Answer:
        kpis = tuple(DEFINITIONS[id_] for id_ in ids)
        return compute(reader, Request(kpis, by, begin, as_of + 1, as_of), config, zone)

    made = panel._replace(as_of=as_of)
    if panel.queue_kpis:
        projects = projects_of(reader, config)
        rows = {}
        for (queue,), values in asked(panel.queue_kpis, "queue").rows:
            if queue is not None:
                limits = limits_of(config, queue, projects.get(queue)).figures
                rows[str(queue)] = _row(panel.queue_kpis, values, limits)
        rest()
        [(_key, values)] = asked(panel.queue_kpis).rows
        made = made._replace(queues=rows, totals=_row(panel.queue_kpis, values, config.limits.figures),
                             no_queue=_nothing(panel.queue_kpis, [value is not None for value in values]))
    if panel.agent_kpis:
        rest()
        limits = config.limits.agents.figures
        found = {str(agent): values for (agent,), values in asked(panel.agent_kpis, "agent").rows
                 if agent is not None}
        told = [any(values[at] is not None for values in found.values())
                for at in range(len(panel.agent_kpis))]
        made = made._replace(
            agents={agent: _row(panel.agent_kpis, values, limits) for agent, values in found.items()},
            no_agent=_nothing(panel.agent_kpis, told))
    return made


def _nothing(ids: Columns, told: list[bool]) -> Extra:
    """Return the row of who had nothing today: counts that are `told` of others are 0, else unknown."""
    return Extra(tuple(0 if known and not DEFINITIONS[id_].bottom else None
                       for id_, known in zip(ids, told, strict=True)), ("",) * len(ids))


def _row(ids: Columns, values: tuple[float | None, ...], limits: dict[str, Pair]) -> Extra:
    return Extra(tuple(None if value is None else round(value, 6) for value in values),
                 tuple(level_of(id_, value, limits.get(id_)) for id_, value in zip(ids, values, strict=True)))

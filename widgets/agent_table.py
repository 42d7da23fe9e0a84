"""The table of agents: state, how long already, why or with whom, and the day's calls."""

from ccboard.snapshot import STATES, AgentFigures
from widgets import format as fmt
from widgets.chosen import agent_columns
from widgets.columns import Cell, Column
from widgets.levels import RANK, figure
from widgets.strip_table import StripTable
from widgets.view import View

ROLES = {"ready": "good", "ringing": "accent", "offline": "dim", "unknown": "dim"}
URGENCY = {state: n for n, state in enumerate(
    ("ringing", "talking", "hold", "wrap_up", "paused", "busy", "ready", "unknown", "offline"))}


def _name(agent: AgentFigures, view: View) -> Cell:
    return Cell(agent.label, "dim" if agent.state in (None, "offline", "unknown") else "plain")


def _state(agent: AgentFigures, view: View) -> Cell:
    if agent.state is None:
        return Cell(fmt.DASH, "dim")
    return Cell(view.words(f"state.{agent.state}"), ROLES.get(agent.state, "plain"))


def in_state(agent: AgentFigures, view: View) -> float | None:
    """Return the seconds in this state at this moment."""
    if agent.state is None:
        return None
    return agent.state_s if agent.since is None else view.since(agent.since)


def _time(agent: AgentFigures, view: View) -> Cell:
    quiet = agent.state in ("offline", "unknown")
    seconds = in_state(agent, view)
    return figure(fmt.ticking(seconds), agent.level, role="dim" if quiet or seconds is None else "plain")


def doing(agent: AgentFigures, view: View) -> str:
    """Return why an agent is paused, or for which queue the agent talks."""
    if agent.state == "paused":
        return agent.reason or ""
    return view.queue_label(agent.in_queue) if agent.in_queue is not None else ""


def _count(number: int) -> Cell:
    return Cell(fmt.count(number), "plain" if number else "dim")


COLUMNS: tuple[Column[AgentFigures], ...] = (
    Column("agent", _name, 12, lambda a, v: a.label.casefold(), grow=2, most=28, still=True),
    Column("team", lambda a, v: Cell(a.team or "", "dim"), 8, lambda a, v: (a.team or "").casefold(),
           grow=1, most=14, priority=7, still=True),
    Column("state", _state, 8, lambda a, v: STATES.index(a.state) if a.state in STATES else None,
           priority=0, still=True),
    Column("for", _time, 5, in_state, right=True, mark=3, gap=1),
    Column("doing", lambda a, v: Cell(doing(a, v)), 12, lambda a, v: doing(a, v).casefold() or None,
           grow=3, most=24, priority=2),
    Column("caller", lambda a, v: Cell(a.with_caller or ""), 15, lambda a, v: a.with_caller, grow=1, most=18,
           priority=6, still=True),
    Column("answered", lambda a, v: _count(a.answered), 4, lambda a, v: a.answered, right=True, priority=3,
           still=True),
    Column("no_answer", lambda a, v: figure(fmt.count(a.ring_no_answer),
                                            role="plain" if a.ring_no_answer else "dim"),
           4, lambda a, v: a.ring_no_answer, right=True, priority=4, still=True),
    Column("talk_time", lambda a, v: Cell(fmt.total(a.talk_s), "plain" if a.talk_s else "dim"), 5,
           lambda a, v: a.talk_s, right=True, priority=5, still=True),
    Column("pause_time", lambda a, v: Cell(fmt.total(a.paused_s), "plain" if a.paused_s else "dim"), 5,
           lambda a, v: a.paused_s, right=True, priority=8, still=True),
)


_STATE_S = AgentFigures._fields.index("state_s")


def bracketed(name: str) -> str:
    """Return a name as a filter finds it and no longer one that contains it: one word, of one choice.

    >>> bracketed("on hold"), bracketed("a|b")
    ('[on·hold]', '[a¦b]')
    """
    return f"[{'·'.join(name.split()).replace('|', '¦')}]"


def search(agent: AgentFigures, view: View) -> str:
    """Return the text of an agent that a filter looks at: as it stands on the screen, and the queues.

    State and queues stand there once more in brackets, so that a filter can ask for one and not for those
    whose names contain it: "[sales]".
    """
    state = view.words(f"state.{agent.state}") if agent.state else ""
    queues = [view.queue_label(name) for name in agent.queues]
    exact = " ".join(map(bracketed, (state, *queues)))
    return " ".join((agent.label, agent.agent, agent.team or "", state, agent.reason or "", *queues, exact))


def urgency(agent: AgentFigures) -> tuple[int, int, int, str]:
    """Order agents so that those whom a supervisor looks for come first: over a limit, then at work."""
    return (-RANK.get(agent.level, 0), URGENCY.get(agent.state or "unknown", 9),
            agent.since or 0, agent.label.casefold())


class AgentTable(StripTable[AgentFigures]):
    """Agents by name, or (`urgent`) those over their limits first."""

    def __init__(self, *, urgent: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS, lambda a: a.agent, search, empty="empty.agents", id=id)
        self._urgent = urgent
        self._source: object = None
        self._chosen: object = ((), ())
        self._sorted: tuple[AgentFigures, ...] = ()

    def stands(self, before: AgentFigures, item: AgentFigures) -> bool:
        """Tell whether nothing but the seconds in the state has changed, which are of a column that ticks."""
        return before[:_STATE_S] == item[:_STATE_S] and before[_STATE_S + 1:] == item[_STATE_S + 1:]

    def look(self, view: View) -> None:
        """Show the agents of a view."""
        self._choose_columns(view)
        if self._source is not view.agents:  # sorted once per snapshot
            self._source = view.agents
            self._sorted = tuple(sorted(view.agents, key=urgency)) if self._urgent else view.agents
        self.show(self._sorted, view)

    def _choose_columns(self, view: View) -> None:
        """Take the figures that the configuration names, behind who it is and what goes on."""
        panel = view.snapshot.extras if view.snapshot is not None else None
        ids, computed = ((), ()) if panel is None else (panel.pages.get("agents", ()), panel.agent_kpis)
        if (ids, computed) != self._chosen:
            self._chosen = (ids, computed)
            self.use((*COLUMNS[:WHO], *agent_columns(ids, BUILT, panel)) if ids and panel else COLUMNS)


WHO = [column.key for column in COLUMNS].index("caller") + 1
BUILT = {column.key: column for column in COLUMNS}

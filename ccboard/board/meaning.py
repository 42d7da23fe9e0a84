"""Which figure stands where: from a place on the board to what can be asked about it.

The tables know nothing of definitions, the hub nothing of columns; this is where they meet.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ccboard.board.meant import Meaning as Meaning
from ccboard.board.surge_meaning import of_chart, of_part, of_surge
from ccboard.board.tail_meaning import TABLES, of_detail, of_head, of_nothing, of_tail
from ccboard.clock import SECOND
from ccboard.kpis.catalogue import find
from ccboard.snapshot import AgentFigures, LogEntry, QueueFigures, SourceFigures, Waiting
from widgets.agent_table import AgentTable, bracketed
from widgets.columns import Cell
from widgets.event_log import EventLog, sentence
from widgets.floor_line import FloorLine
from widgets.header import Header, over_limit
from widgets.ledger import Entry, Ledger
from widgets.level_bars import DAY, LevelBars
from widgets.queue_table import QueueTable
from widgets.source_tables import EVERYTHING, Finding, FindingTable, SourceTable, findings
from widgets.strip_table import StripTable
from widgets.surge_brief import SurgeBrief
from widgets.surge_chart import SurgeChart
from widgets.surge_detail import SurgePart
from widgets.surge_table import SurgeTable
from widgets.tail_detail import TailDetail, TailHead
from widgets.view import View
from widgets.waiting_table import WaitingTable

LOOK_BACK_S = 86_400
"""Who waits may have begun on the day before: as far back as a snapshot looks."""


_QUEUE_KPIS = {
    "waiting": "waiting", "longest": "longest_wait_s", "level": "service_level", "offered": "offered",
    "answered": "answered", "abandoned": "abandoned", "abandon_rate": "abandon_rate", "asa": "asa_s",
    "aht": "aht_s", "definition": "service_level",
}
_STATES = ("ready", "ringing", "talking", "wrap_up", "paused")
_AGENT_KPIS = {"answered": "answered", "no_answer": "ring_no_answer", "talk_time": "talk_s"}
_AGENT_WORDS = {"agent": "agent", "team": "team", "state": "state", "for": "state_s", "doing": "doing",
                "caller": "with_caller", "pause_time": "paused_s"}
_AGENT_LISTS = {"state": "staffed_h", "for": "staffed_h", "doing": "staffed_h", "pause_time": "paused_h"}
"""Behind a state are the changes of state, which figures of agents' time list."""
_WAITING_WORDS = {"position": "queue", "nth_in_queue": "position", "wait": "wait", "caller": "caller",
                  "nth": "nth_today", "name": "caller"}
_SOURCE_WORDS = {"source": "source", "type": "source", "state": "source_state", "age": "age",
                 "promise": "promise", "rows": "rows", "rejects": "rejects", "whole": "complete_since"}
_EVENT_KPIS = {"below_target": "service_level", "abandoned": "abandoned", "lost": "lost"}
_EVENT_WORDS = {"paused": "paused_s", "ready": "state", "online": "state", "offline": "state",
                "failed": "source_state", "recovered": "source_state", "gap": "complete_since"}
_OF_SOURCES = ("failed", "recovered", "gap")
_OF_AGENTS = ("paused", "ready", "online", "offline")
"""Without a name where who looks may see none."""


def of_queue(column: str, queue: QueueFigures, shown: str, view: View) -> Meaning:
    """Return the meaning of a queue's figure, or of the totals'."""
    name = view.words("figure.all") if queue.queue is None else queue.label
    if column in _STATES:
        states = ("talking", "hold") if column == "talking" else (column,)
        people = "|".join(bracketed(view.words(f"state.{state}")) for state in states)
        if queue.queue is not None:
            people += " " + bracketed(queue.label)
        return Meaning(word=column, shown=shown, of=name, queue=queue.queue, people=people)
    kpi = _QUEUE_KPIS.get(column) or (column if find(column) is not None else None)
    if kpi is None:
        word, lists = ("target", "service_level") if column == "goal" else ("queue", "offered")
        return Meaning(word=word, shown=shown, of=name, queue=queue.queue, lists=lists)
    now = kpi in ("waiting", "longest_wait_s")
    value = getattr(queue, kpi, None)
    return Meaning(kpi=kpi, shown=shown, of=name, queue=queue.queue, lists=kpi,
                   cell=value if isinstance(value, int) else None,
                   begin=view.now - LOOK_BACK_S * SECOND if now else None,
                   as_of=_worked_out(kpi, "queue_kpis", view))


def _worked_out(kpi: str | None, where: str, view: View) -> int | None:
    """Return the moment of a figure that is worked out beside the frames: asked of then it is the same."""
    panel = view.snapshot.extras if view.snapshot is not None else None
    return panel.as_of if panel is not None and kpi in getattr(panel, where) else None


def of_agent(column: str, agent: AgentFigures, shown: str, view: View) -> Meaning:
    """Return the meaning of an agent's figure."""
    kpi = _AGENT_KPIS.get(column) or (column if find(column) is not None else None)
    return Meaning(kpi=kpi, word=None if kpi else _AGENT_WORDS.get(column, "agent"), shown=shown,
                   of=agent.label, agent=agent.agent, lists=kpi or _AGENT_LISTS.get(column, "answered"),
                   as_of=_worked_out(kpi, "agent_kpis", view))


def of_caller(column: str, caller: Waiting, shown: str, view: View) -> Meaning:
    """Return the meaning of what is said of a caller who waits."""
    if column in ("nth", "caller") and caller.caller:  # all the calls of this caller today, in any queue
        return Meaning(word=_WAITING_WORDS[column], shown=shown, of=caller.caller, lists="offered",
                       caller_of=caller.call)
    return Meaning(word=_WAITING_WORDS.get(column, "wait"), shown=shown,
                   of=f"{view.queue_label(caller.queue)} {caller.caller or ''}".strip(), queue=caller.queue,
                   lists="waiting", begin=view.now - LOOK_BACK_S * SECOND)


def of_event(column: str, entry: LogEntry, shown: str, view: View) -> Meaning:  # noqa: ARG001
    """Return the meaning of a line of the log: the figure behind it, as it was then."""
    kpi = _EVENT_KPIS.get(entry.kind)
    if kpi is None:
        states = None if entry.agent is None else "paused_h" if entry.kind == "paused" else "staffed_h"
        made = Meaning(word=_EVENT_WORDS.get(entry.kind, "event"), shown="", of=sentence(entry, view),
                       agent=entry.agent, lists=states)
        if states is not None:
            return made
        if entry.kind in _OF_SOURCES:
            return replace(made, page="sources")
        return replace(made, none="list.no.agent" if entry.kind in _OF_AGENTS else "list.nothing")
    interval = view.snapshot.interval_s * SECOND if view.snapshot is not None else 900 * SECOND
    begin = entry.at - interval if entry.kind == "below_target" else None
    return Meaning(kpi=kpi, shown="", of=view.queue_label(entry.queue), queue=entry.queue, lists=kpi,
                   begin=begin, end=entry.at if begin is not None else None, as_of=entry.at)


def of_source(column: str, source: SourceFigures, shown: str, view: View) -> Meaning:
    """Return the meaning of what is said of a source; behind it is all that can be said of its data."""
    said = () if view.snapshot is None else findings(view.snapshot, view, EVERYTHING)
    rows = [one for one in said if one.source == source.name]
    asked = ["" if one.kind == "row" else view.words(f"finding.{one.kind}") for one in rows]
    made = Ledger(view.words("ledger.source"), _FINDINGS, tuple(
        Entry(nth, ((Cell(asked[nth], one.level or "plain"), nth), (Cell(one.text), one.text)))
        for nth, one in enumerate(rows)))
    return Meaning(word=_SOURCE_WORDS.get(column, "source"), shown=shown, of=source.name,
                   ledger=made if rows else None, none="" if rows else "list.no.source")


_FINDINGS = (("ledger_asked", 12, False), ("ledger_found", 60, False))


def of_finding(column: str, finding: Finding, shown: str, view: View) -> Meaning:  # noqa: ARG001
    """Return the meaning of a finding."""
    return Meaning(word="finding", of=f"{finding.source}: {finding.text}", none="list.no.finding")


_ROWS: dict[type[StripTable[Any]], Callable[[str, Any, str, View], Meaning]] = {
    QueueTable: of_queue, AgentTable: of_agent, WaitingTable: of_caller, EventLog: of_event,
    SourceTable: of_source, FindingTable: of_finding, SurgeTable: of_surge, **of_tail(),
}


def meaning_of(panel: object, view: View) -> Meaning | None:
    """Return the meaning of the figure that a panel's cursor is at; None where there is none."""
    if isinstance(panel, StripTable):
        known = next((made for kind, made in _ROWS.items() if isinstance(panel, kind)), None)
        pointed = panel.pointed()
        if known is not None and pointed is None and isinstance(panel, TABLES):
            return of_nothing(panel, view)
        if known is None or pointed is None:
            return None
        column, row = pointed
        return known(column, row, panel.text_of(column, row).strip(), view)
    if isinstance(panel, SurgePart | SurgeBrief):
        return of_part(panel, view)
    if isinstance(panel, TailHead):
        return of_head(panel, view)
    if isinstance(panel, TailDetail):
        return of_detail(panel, view)
    if isinstance(panel, SurgeChart):
        return of_chart(panel, view)
    if isinstance(panel, LevelBars):
        return _of_bar(panel, view)
    if isinstance(panel, FloorLine):
        return _of_floor(panel, view)
    if isinstance(panel, Header):
        return _of_header(panel, view)
    return None


def _of_header(panel: Header, view: View) -> Meaning | None:
    pointed = panel.pointed()
    if pointed is None:
        return None
    if pointed.kind == "surges":
        surge = view.snapshot.surge if view.snapshot is not None else None
        alarmed = [row.label or view.words("figure.all") for row in surge.alarms if row.open] if surge else []
        alarmed += [f"{one.label} ({one.name})" for one in surge.exceptions if one.open] if surge else []
        return Meaning(word="surge.alarms", shown=pointed.shown, page="surge", more=tuple(alarmed))
    if pointed.kind == "alarms":
        return Meaning(word="over_limit", shown=pointed.shown, page="queues", more=tuple(over_limit(view)))
    return Meaning(word="age", shown=pointed.shown, of=pointed.name, page="sources")


def _of_bar(panel: LevelBars, view: View) -> Meaning | None:
    pointed = panel.pointed()
    if pointed is None or view.snapshot is None:
        return None
    queue, start, shown = pointed
    if start < 0:
        return of_queue("level" if start == DAY else "goal", queue, shown, view)
    name = view.words("figure.all") if queue.queue is None else queue.label
    return Meaning(kpi="service_level", shown=shown, of=name, queue=queue.queue, lists="service_level",
                   begin=start, end=start + view.snapshot.interval_s * SECOND)


def _of_floor(panel: FloorLine, view: View) -> Meaning | None:
    pointed = panel.pointed()
    if pointed is None or view.snapshot is None:
        return None
    kind, name, shown = pointed
    if kind == "source":
        return Meaning(word="age", shown=shown, of=name, page="sources")
    return of_queue(name, view.snapshot.totals, shown, view)


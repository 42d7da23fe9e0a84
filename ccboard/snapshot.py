"""The floor at one moment, as plain data: what every face shows and nothing more.

A ``Snapshot`` is a pure function of (store, as_of, configuration). Boards, commands and HTTP get the
same one. It imports nothing but the standard library. Ratios are 0..1; moments are microseconds
since 1970 UTC inside and ISO 8601 in ``to_public``; None means "nothing happened" or "not known",
which is shown as a dash and is never an alarm.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ccboard import panel_extras, panel_quality, panel_surge, panel_tail
from ccboard.panel_extras import ExtrasPanel
from ccboard.panel_quality import QualityPanel
from ccboard.panel_surge import SurgePanel
from ccboard.panel_tail import TailPanel
from ccboard.states import STATES as STATES

SCHEMA = "ccboard.now/1"
"""Name and version of the object that ``ccboard now --json`` prints."""
WIRE = 1
"""Version of the form that boards get from their hub."""

KEPT = "counted without it"
"""How the reason of a reject ends where what was read counts and only a part of it could not be used."""


class SourceFigures(NamedTuple):
    """One source. `state` is ok, stale or failed; `dark`: too old, its live figures are unknown."""

    name: str
    type: str
    state: str
    age_s: float | None
    complete_since: int | None
    error: str | None
    promise_s: float
    rows: int = 0
    rejects: int = 0
    reject_reasons: tuple[tuple[str, int], ...] = ()
    troubles: tuple[str, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()
    dark: bool = False


class QueueFigures(NamedTuple):
    """One queue over the business day up to as_of, or all of them (`queue` None). See docs/figures."""

    queue: str | None
    label: str
    project: str | None
    offered: int
    calls: int
    answered: int
    abandoned: int
    short_abandoned: int
    timed_out: int
    left_by_key: int
    left_empty: int
    withdrawn: int
    lost: int
    refused: int | None
    waiting: int | None
    longest_wait_s: int | None
    longest_since: int | None  # when the longest-waiting caller entered: boards let it tick
    answered_in_time: int | None  # None: calls were answered, and of none the wait is known
    service_level: float | None
    threshold_s: float | None  # None where the queues, or a queue's visits, differ
    target: float | None
    abandon_rate: float | None
    asa_s: float | None
    aht_s: float | None
    longest_wait_today_s: float | None
    agents: tuple[int | None, ...] | None  # counts by STATES; None: not known (source dark)
    levels: tuple[tuple[str, str], ...] = ()  # (figure, "warning" | "critical") of figures over limits
    age_s: float | None = None  # age of the oldest source behind it
    late: bool = False  # older than twice its source's promise
    dark: bool = False  # older than five times
    definition: str = ""  # of the service level: a form, with a star where kinds are left out; "" the default


class AgentFigures(NamedTuple):
    """One agent. `level` is "", "warning" or "critical" for the time in this state."""

    agent: str
    label: str
    team: str | None
    state: str | None
    since: int | None
    state_s: int | None
    reason: str | None
    queues: tuple[str, ...]
    answered: int
    talk_s: float
    ring_no_answer: int
    ring_cancelled: int
    paused_s: int
    level: str = ""
    with_caller: str | None = None  # caller as the policy shows it, while talking
    in_queue: str | None = None  # the queue of the call being talked on or ringing


class Waiting(NamedTuple):
    """One caller who waits, longest first."""

    queue: str
    position: int
    since: int
    caller: str | None
    name: str | None
    nth_today: int  # 1: first call of this caller today
    call: str


class Interval(NamedTuple):
    """One queue (None: all) in one interval of the day, by time of arrival."""

    queue: str | None
    start: int
    offered: int
    answered: int
    abandoned: int
    answered_in_time: int | None  # None: as of a queue
    service_level: float | None
    level: str = ""  # of the service level: "", "warning", "critical", by the queue's limits or its target


class LogEntry(NamedTuple):
    """One line of what happened, newest first. `kind` picks the sentence; see ccboard.i18n."""

    at: int
    kind: str  # paused, ready, offline, abandoned, restart, failed, recovered, gap, below_target ...
    level: str  # "", "warning", "critical"
    queue: str | None = None
    agent: str | None = None
    text: str | None = None  # reason or message, as the source gave it
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a board shows at `as_of`."""

    as_of: int
    live: bool
    name: str  # the centre
    zone: str
    day_start: int
    interval_s: int
    sources: tuple[SourceFigures, ...]
    queues: tuple[QueueFigures, ...]
    totals: QueueFigures
    agents: tuple[AgentFigures, ...]
    waiting: tuple[Waiting, ...] = ()
    intervals: tuple[Interval, ...] = ()
    log: tuple[LogEntry, ...] = ()
    temporary_hub: bool = False
    notices: tuple[str, ...] = ()  # "configuration not reloaded: ...", "store was damaged: ..."
    surge: SurgePanel | None = None  # today against normal days; None: not worked out yet
    tail: TailPanel | None = None  # who needs help; None: not worked out yet, or not for this viewer
    quality: QualityPanel | None = None  # what can be said of the data; None: not worked out yet
    extras: ExtrasPanel | None = None  # figures that the configuration chose; None: it chose none
    acts: bool = True  # whether who looks may do something about it: accept, note, coach

    @property
    def untold(self) -> bool:
        """Whether no source has told anything yet: then nobody knows of any call, which is not zero calls."""
        return not any(one.state == "ok" or one.age_s is not None for one in self.sources)


def iso(at: int | None) -> str | None:
    """Return a moment as ISO 8601 in UTC, to the millisecond.

    >>> iso(1795283239_500000)
    '2026-11-21T17:47:19.500Z'
    """
    if at is None:
        return None
    whole, micros = divmod(at, 1_000_000)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{micros // 1000:03d}Z"


_PRIVATE = frozenset({"longest_since", "levels", "late", "dark", "definition"})


COUNTED = ("offered", "calls", "answered", "abandoned", "short_abandoned", "timed_out", "left_by_key",
           "left_empty", "withdrawn", "lost", "answered_in_time", "waiting")
"""Counts of a queue: null before any source has told anything."""


def queue_to_public(figures: QueueFigures, *, untold: bool = False) -> dict[str, Any]:
    """Return the documented object of a queue or of the totals."""
    public = {k: v for k, v in figures._asdict().items() if k not in _PRIVATE}
    if untold:
        public |= dict.fromkeys(COUNTED)
    counts = (None,) * len(STATES) if untold or figures.agents is None else figures.agents
    public["agents"] = dict(zip(STATES, counts, strict=True))
    public["levels"] = dict(figures.levels)  # figures over their limits: "warning" or "critical"
    public["stale"] = figures.late or figures.dark
    return public


def to_public(snapshot: Snapshot) -> dict[str, Any]:
    """Return the object that ``ccboard now --json`` prints; its keys are stable within SCHEMA."""
    return {
        "schema": SCHEMA,
        "as_of": iso(snapshot.as_of),
        "live": snapshot.live,
        "name": snapshot.name,
        "timezone": snapshot.zone,
        "business_day_start": iso(snapshot.day_start),
        "sources": [
            {
                "name": s.name,
                "type": s.type,
                "state": s.state,
                "age_s": s.age_s,
                "complete_since": iso(s.complete_since),
                "error": s.error,
                "promise_s": s.promise_s,
                "troubles": list(s.troubles),
                "gaps": [[iso(a), iso(b)] for a, b in s.gaps],
            }
            for s in snapshot.sources
        ],
        "notices": list(snapshot.notices),
        "surge": panel_surge.to_public(snapshot.surge, iso),
        "extras": panel_extras.to_public(snapshot.extras, iso),
        "queues": [queue_to_public(q, untold=snapshot.untold) for q in snapshot.queues],
        "totals": queue_to_public(snapshot.totals, untold=snapshot.untold),
        "agents": [
            {
                "agent": a.agent,
                "label": a.label,
                "team": a.team,
                "state": a.state,
                "since": iso(a.since),
                "state_s": a.state_s,
                "reason": a.reason,
                "queues": list(a.queues),
                "answered": a.answered,
                "talk_s": a.talk_s,
                "ring_no_answer": a.ring_no_answer,
                "ring_cancelled": a.ring_cancelled,
                "paused_s": a.paused_s,
                "in_queue": a.in_queue,
                "with_caller": a.with_caller,
            }
            for a in snapshot.agents
        ],
    }


def to_wire(snapshot: Snapshot, before: Snapshot | None = None) -> dict[str, Any]:
    """Return the form that boards get: rows as arrays, which cost a tenth of objects.

    With `before` only the sections that differ from it: most stay as they are from second to second. Agents
    of whom only the seconds in their state run on are the same: a board counts those itself.
    """
    names = [name for name in Snapshot.__slots__
             if before is None or getattr(snapshot, name) != getattr(before, name)]
    if before is not None and "agents" in names and _only_run(before.agents, snapshot.agents):
        names.remove("agents")
    return {"wire": WIRE, **{name: getattr(snapshot, name) for name in names}}


_STATE_S, _PAUSED_S = (AgentFigures._fields.index(name) for name in ("state_s", "paused_s"))


def _only_run(before: tuple[AgentFigures, ...], now: tuple[AgentFigures, ...]) -> bool:
    """Tell whether nothing that a board shows of agents has changed: it shows pauses in minutes."""
    return len(before) == len(now) and all(
        a[:_STATE_S] == b[:_STATE_S] and a[_STATE_S + 1 : _PAUSED_S] == b[_STATE_S + 1 : _PAUSED_S]
        and a[_PAUSED_S + 1 :] == b[_PAUSED_S + 1 :] and a.paused_s // 60 == b.paused_s // 60
        and (b.since is not None or a.state_s == b.state_s)
        for a, b in zip(before, now, strict=True))


def from_wire(wire: dict[str, Any], before: Snapshot | None = None) -> Snapshot:
    """Rebuild a Snapshot from ``to_wire`` after JSON; `before` is what the sections that are not there were.

    Raises KeyError or TypeError on another form.
    """
    rows = {name: _READ[name](value) if name in _READ else value
            for name, value in wire.items() if name != "wire"}
    return Snapshot(**rows) if before is None else replace(before, **rows)


def _source(row: list[Any]) -> SourceFigures:
    made = SourceFigures(*row)
    return made._replace(
        reject_reasons=tuple((str(r), int(n)) for r, n in made.reject_reasons),
        troubles=tuple(made.troubles),
        gaps=tuple((int(a), int(b)) for a, b in made.gaps),
    )


# Of these there are many, a frame a second: the lists in a row become tuples before the row is made, which
# costs a third of making it again.
_AGENTS, _LEVELS = (QueueFigures._fields.index(name) for name in ("agents", "levels"))
_QUEUES = AgentFigures._fields.index("queues")


def _queue(row: list[Any]) -> QueueFigures:
    agents = row[_AGENTS]
    row[_AGENTS] = None if agents is None else tuple(agents)
    row[_LEVELS] = tuple([(str(k), str(v)) for k, v in row[_LEVELS]])
    return QueueFigures._make(row)


def _agent(row: list[Any]) -> AgentFigures:
    row[_QUEUES] = tuple(row[_QUEUES])
    return AgentFigures._make(row)


_READ: dict[str, Callable[[Any], Any]] = {
    "sources": lambda rows: tuple(map(_source, rows)),
    "queues": lambda rows: tuple(map(_queue, rows)),
    "totals": _queue,
    "agents": lambda rows: tuple(map(_agent, rows)),
    "waiting": lambda rows: tuple(map(Waiting._make, rows)),
    "intervals": lambda rows: tuple(map(Interval._make, rows)),
    "log": lambda rows: tuple(map(LogEntry._make, rows)),
    "notices": tuple,
    "surge": panel_surge.surge_from_wire,
    "tail": panel_tail.from_wire,
    "quality": panel_quality.from_wire,
    "extras": panel_extras.from_wire,
}
"""How a section is read, where it is more than a value."""

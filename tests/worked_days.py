"""Words for days worked by hand: moments of one Monday, visits, agents' states, and counts by state."""

from zoneinfo import ZoneInfo

from ccboard.moments import parse_as_of
from ccboard.records import AgentState, Contact
from ccboard.snapshot import STATES

S = 1_000_000
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    return parse_as_of(text if "-" in text else f"2026-11-16T{text}", zone, 0)


def visit(call: str, name: str, offered: str, **more: object) -> Contact:
    moments = {key: at(str(value)) if key.endswith("_at") else value for key, value in more.items()}
    known = {"source": "pbx", "call": call, "queue": name, "offered_at": at(offered)}
    return Contact(**{**known, **moments})  # type: ignore[arg-type]


def told(who: str, state: str, when: str, name: str | None = None, **more: object) -> AgentState:
    return AgentState(
        **{"source": "pbx", "agent": who, "state": state, "at": at(when), "queue": name, **more}
    )  # type: ignore[arg-type]


def counts(row: object, **want: int) -> None:
    states = dict(zip(STATES, row.agents, strict=True))  # type: ignore[attr-defined]
    assert {name: n for name, n in states.items() if n} == want

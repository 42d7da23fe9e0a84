"""The recordings of real Asterisks under tests/data/recordings, and a second opinion on records.

Nothing here knows the reducer's insides: bytes come from the recordings, and figures are counted from
emitted records alone, the newest version of each key.
"""

import functools
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ccboard.records import AgentState, Contact, Offer, Record, Reject
from sources.asterisk.lines import LogLine, parse_line
from sources.asterisk.messages import Framer, Message
from sources.asterisk.reducer import Reducer

DATA = Path(__file__).parent / "data" / "recordings"
S = 1_000_000
NAMES = {
    1: "Alice Wu", 2: "王芳", 3: "José García", 4: "Priya Nair", 5: "Bob O'Hara", 6: "李伟",
    7: "Zoë van der Berg", 8: "Local/agent-8@agents", 9: "Sam Ortiz",
}  # fmt: skip
STATIC = {
    "support": {1, 2, 6, 4, 8, 7},
    "sales": {3, 4, 5, 2},
    "vip": {1, 7, 5},
}
QUIRKS = "asterisk-22.10.1-quirks"
PARTS = ("1-rotate-and-reset", "2-clean-stop", "3-crash", "4-after")
WHOLE = ("asterisk-22.10.1", "asterisk-16.28.0")


def expected(name: str) -> dict[str, Any]:
    return json.loads((DATA / name / "expected.json").read_text("utf-8"))


def log_files(name: str) -> list[Path]:
    rotated = DATA / name / "queue_log.0"
    return [*([rotated] if rotated.exists() else []), DATA / name / "queue_log"]


@functools.cache
def log_lines(name: str) -> list[LogLine]:
    lines = []
    for path in log_files(name):
        for number, raw in enumerate(path.read_bytes().splitlines(keepends=True), 1):
            line = parse_line(raw, number)
            assert isinstance(line, LogLine), line
            lines.append(line)
    return lines


NOISE = ("Bridge", "DeviceState", "Dial", "Extension", "Hangup", "Local", "New", "Originate", "SoftHangup")
"""How events of class call begin that are four fifths of all and mean nothing to queues."""


@functools.cache
def messages(folder: str, stem: str = "ami") -> list[tuple[int, Message]]:
    """Return the messages that can mean something, each with its moment."""
    return [
        (at, message) for at, message in all_messages(folder, stem) if not message.event.startswith(NOISE)
    ]


def all_messages(folder: str, stem: str = "ami") -> Iterator[tuple[int, Message]]:
    """Yield messages with the moment of the event: its Timestamp, else when its bytes came."""
    raw = gzip.decompress((DATA / folder / f"{stem}.raw.gz").read_bytes())
    index = gzip.decompress((DATA / folder / f"{stem}.index.jsonl.gz").read_bytes()).decode()
    framer = Framer()
    for entry in map(json.loads, index.splitlines()):
        chunk = raw[entry["offset"] : entry["offset"] + entry["length"]]
        for message in framer.feed(chunk):
            stamp = message.get("Timestamp")
            yield round(float(stamp or entry["t"]) * S), message


def driver(name: str) -> list[dict[str, Any]]:
    return [json.loads(x) for x in gzip.decompress((DATA / name).read_bytes()).decode().splitlines()]


# -- feeding ---------------------------------------------------------------------------------------------


class Run:
    """A reducer and everything that came out of it, as a store would keep it."""

    def __init__(self, *, log: bool) -> None:
        self.log = log
        self.reducer = Reducer("pbx", log=log)
        self.contacts: dict[tuple[str, str, int], Contact] = {}
        self.offers: dict[tuple[str, str, str, str, int], Offer] = {}
        self.ringing: dict[tuple[str, str, str], Offer] = {}
        self.states: dict[tuple[Any, ...], AgentState] = {}
        self.others: list[Record] = []
        self.rejects: list[Reject] = []

    def take(self) -> None:
        records, rejects = self.reducer.drain()
        self.rejects += rejects
        for record in records:
            if isinstance(record, Contact):
                key = (record.call, record.queue, record.nth)
                known = self.contacts.get(key)
                assert known is None or known.version < record.version, (known, record)
                self.contacts[key] = record
            elif isinstance(record, Offer):
                phone = (record.call, record.queue, record.agent)
                if record.result is None:
                    self.ringing[phone] = record
                else:
                    self.ringing.pop(phone, None)
                    self.offers[*phone, record.result, record.nth] = record
            elif isinstance(record, AgentState):
                self.states[record.agent, record.interface, record.queue, record.at, record.seq] = record
            else:
                self.others.append(record)

    def again(self) -> None:
        """As after a crash: what was drained is kept, the reducer is made anew from its state."""
        self.take()
        self.reducer = Reducer("pbx", log=self.log, state=self.reducer.state())

    def finish(self, at: int) -> "Run":
        self.reducer.tick(at)
        self.take()
        return self


def from_log(name: str) -> Run:
    run = Run(log=True)
    for line in log_lines(name):
        run.reducer.feed_line(line)
    run.take()
    return run


Piece = tuple[int, str, Any]


def pieces(
    name: str, stem: str | None, *, log: bool, delay: float = 0.0, ami_delay: float = 0.0
) -> list[Piece]:
    """Return what happens at the reducer's door, when and in order.

    The log comes `delay` seconds after its second, events `ami_delay` after their moment.
    """
    late = round(ami_delay * S)
    found: list[Piece] = []
    if stem is not None:
        for folder in [f"{name}/{p}" for p in PARTS] if name == QUIRKS else [name]:
            part = messages(folder, stem)
            found.append((part[0][0] + late, "connected", part[0][0]))
            found += [(at + late, "message", (at, message)) for at, message in part]
            found.append((part[-1][0] + late, "disconnected", part[-1][0]))
    if log:
        found += [(line.at + round(delay * S), "line", line) for line in log_lines(name)]
    return sorted(found, key=lambda piece: piece[0])


def give(run: Run, what: str, thing: Any) -> None:
    """Hand one piece to the reducer."""
    if what == "line":
        run.reducer.feed_line(thing)
    elif what == "message":
        run.reducer.feed_message(thing[1], thing[0])
    elif what == "connected":
        run.reducer.connected(thing)
    else:
        run.reducer.disconnected(thing)


def play(found: Iterable[Piece], *, log: bool, restart_at: frozenset[int] = frozenset()) -> Run:
    run = Run(log=log)
    end = 0
    for count, (when, what, thing) in enumerate(found):
        end = when
        give(run, what, thing)
        if count in restart_at:
            run.again()
        elif count % 7 == 0:
            run.take()
    return run.finish(end + 60 * S)


# -- counting --------------------------------------------------------------------------------------------

OUTCOMES = ("answered", "abandoned", "timed_out", "left_by_key", "left_empty", "withdrawn", "lost")


def queue_figures(contacts: Iterable[Contact]) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = {}
    groups: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        groups[contact.queue].append(contact)
        groups["*"].append(contact)
    for queue, visits in groups.items():
        answered = [v for v in visits if v.outcome == "answered"]
        talks = [v.talk_s for v in answered if v.talk_s is not None]
        waits = [v.wait_s for v in visits if v.wait_s is not None]
        figures[queue] = {
            "offered": len(visits),
            **{outcome: sum(v.outcome == outcome for v in visits) for outcome in OUTCOMES},
            "open": sum(v.outcome is None for v in visits),
            "abandoned_under_5s": sum(v.outcome == "abandoned" and (v.wait_s or 0) < 5 for v in visits),
            "answered_within_20s": sum((v.wait_s or 0) <= 20 for v in answered),
            "asa_s": round(sum(v.wait_s or 0 for v in answered) / len(answered), 2),
            "longest_wait_answered_s": max(v.wait_s or 0 for v in answered),
            "longest_wait_abandoned_s": max(
                (v.wait_s or 0 for v in visits if v.outcome == "abandoned"), default=None
            ),
            "longest_wait_any_s": max(waits),
            "talk_s": sum(talks),
            "aht_talk_s": round(sum(talks) / len(talks), 2),
        }
    return figures


def within_own(contacts: Iterable[Contact], queue: str, threshold: int) -> float:
    visits = [v for v in contacts if v.queue == queue]
    good = sum(v.outcome == "answered" and (v.wait_s or 0) <= threshold for v in visits)
    return round(100 * good / len(visits), 2)


def agent_figures(run: Run, until: int) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = {}
    for visit in run.contacts.values():
        if visit.agent is not None:
            mine = figures.setdefault(visit.agent, _nobody())
            mine["calls"] += 1
            mine["hold_s_of_calls"] += visit.wait_s or 0
            if visit.talk_s is not None:
                mine["ended"] += 1
                mine["talk_s"] += visit.talk_s
    for (*_, agent, result, _nth), offer in run.offers.items():
        if result == "no_answer":
            mine = figures.setdefault(agent, _nobody())
            mine["rna"] += 1
            mine["rna_ring_s"] += offer.ring_s or 0
        if result == "cancelled":
            figures.setdefault(agent, _nobody())["ring_canceled"] += 1
    for agent, mine in figures.items():
        mine["paused_s_any_queue"] = paused_s(run, agent, until)
    return figures


def _nobody() -> dict[str, Any]:
    return {
        "calls": 0,
        "ended": 0,
        "talk_s": 0,
        "hold_s_of_calls": 0,
        "rna": 0,
        "rna_ring_s": 0,
        "ring_canceled": 0,
    }


def seats_at(run: Run, at: int | None = None) -> dict[tuple[str, str], AgentState]:
    """Return the newest state of each person in each queue."""
    names = {s.interface: s.agent for s in run.states.values() if s.interface and s.agent}
    newest: dict[tuple[str, str], AgentState] = {}
    for state in sorted(run.states.values(), key=lambda s: (s.at, s.seq)):
        if state.queue is not None and (at is None or state.at <= at):
            newest[state.agent or names.get(state.interface, state.interface or ""), state.queue] = state
    return newest


def paused_s(run: Run, agent: str, until: int) -> float:
    """Return the seconds in which `agent` was paused in at least one queue."""
    total, since, queues = 0, 0, set()
    for state in sorted(run.states.values(), key=lambda s: (s.at, s.seq)):
        if state.agent != agent or state.queue is None:
            continue
        if not queues:
            since = state.at
        before = bool(queues)
        (queues.add if state.state == "paused" else queues.discard)(state.queue)
        if before and not queues:
            total += state.at - since
    if queues:
        total += until - since
    return total / S

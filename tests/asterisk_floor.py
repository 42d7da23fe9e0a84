"""For tests of the Asterisk source: a small store of what it emits, and figures straight from a queue_log.

`from_log` is written against the log's own words and shares nothing with the product, so that the two
can be compared.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ccboard.records import AgentState, Contact, Offer, SourceStatus
from ccboard.source import Data, Failed, Source

ANSWERED_ENDS = ("COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER")
OUTCOMES = {
    "ABANDON": "abandoned", "EXITWITHTIMEOUT": "timed_out", "EXITEMPTY": "left_empty",
    "EXITWITHKEY": "left_by_key", "WITHDRAW": "withdrawn",
}  # fmt: skip


@dataclass
class Figures:
    """Counts per queue and outcome, and sums per agent."""

    offered: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    wait_s: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    talk_s: Counter[str] = field(default_factory=Counter)
    no_answer: Counter[str] = field(default_factory=Counter)
    cancelled: Counter[str] = field(default_factory=Counter)

    def grouped(self) -> Counter[tuple[str, str]]:
        """Outcomes as far as the manager alone can tell them apart."""
        unknowable = ("abandoned", "timed_out", "left_empty", "withdrawn", "lost", "unknown")
        grouped: Counter[tuple[str, str]] = Counter()
        for (queue, outcome), count in self.outcomes.items():
            grouped[queue, "gone" if outcome in unknowable else outcome] += count
        return grouped


def log_files(path: Path) -> list[Path]:
    """The log and what was rotated away of it, oldest first."""
    files = [file for file in path.parent.glob(path.name + "*") if file.stat().st_size]
    return sorted(files, key=lambda file: int(file.read_bytes().split(b"|", 1)[0]))


def from_log(lines: Iterable[bytes], since: int = 0) -> Figures:
    """Figures of the visits that began at or after `since` (epoch seconds)."""
    figures = Figures()
    waiting: dict[tuple[str, str], bool] = {}
    talking: dict[tuple[str, str], bool] = {}
    for raw in lines:
        parts = raw.decode("utf-8", "replace").rstrip("\n").split("|")
        if len(parts) < 5:
            continue
        epoch, call, queue, agent, event, data = int(parts[0]), *parts[1:5], parts[5:]
        key = (call, queue)
        if event == "ENTERQUEUE":
            waiting[key] = epoch >= since
            if waiting[key]:
                figures.offered[queue] += 1
        elif event == "CONNECT" and waiting.pop(key, False):
            talking[key] = True
            figures.outcomes[queue, "answered"] += 1
            figures.wait_s[queue] += int(data[0])
            figures.answered[agent] += 1
        elif event in OUTCOMES and waiting.pop(key, False):
            figures.outcomes[queue, OUTCOMES[event]] += 1
        elif event in ANSWERED_ENDS and talking.pop(key, False):
            column = -2 if event.endswith("TRANSFER") else 1
            figures.talk_s[agent] += int(data[column])
        elif event == "RINGNOANSWER" and waiting.get(key):
            figures.no_answer[agent] += 1
        elif event == "RINGCANCELED" and waiting.get(key):
            figures.cancelled[agent] += 1
        elif event == "QUEUESTART":
            for (_, lost_queue), counts in waiting.items():
                if counts:
                    figures.outcomes[lost_queue, "lost"] += 1
            waiting.clear()
            talking.clear()
    return figures


class Floor:
    """Folds records as a store does: the newest version of each visit, each closed offer once."""

    def __init__(self) -> None:
        self.contacts: dict[tuple[str, str, int], Contact] = {}
        self.offers: dict[tuple[str, str, str, str | None, int], Offer] = {}
        self.states: list[AgentState] = []
        self.statuses: list[SourceStatus] = []

    def apply(self, data: Data) -> None:
        for record in data.records:
            if isinstance(record, Contact):
                key = (record.call, record.queue, record.nth)
                known = self.contacts.get(key)
                if known is None or record.version >= known.version:
                    self.contacts[key] = record
            elif isinstance(record, Offer):
                if record.result is not None:
                    self.offers[record.call, record.queue, record.agent, record.result, record.nth] = record
            elif isinstance(record, AgentState):
                self.states.append(record)
            elif isinstance(record, SourceStatus):
                self.statuses.append(record)

    def figures(self, since: int = 0) -> Figures:
        figures = Figures()
        began = since * 1_000_000
        ours = {key: c for key, c in self.contacts.items() if c.offered_at >= began}
        for contact in ours.values():
            figures.offered[contact.queue] += 1
            if contact.outcome is not None:
                figures.outcomes[contact.queue, contact.outcome] += 1
            if contact.outcome == "answered" and contact.agent is not None:
                figures.answered[contact.agent] += 1
                figures.wait_s[contact.queue] += int(contact.wait_s or 0)
                if contact.talk_s is not None:
                    figures.talk_s[contact.agent] += int(contact.talk_s)
        for (call, queue, agent, result, _), _offer in self.offers.items():
            if any(key[:2] == (call, queue) for key in ours):
                if result in ("no_answer", "busy"):
                    figures.no_answer[agent] += 1
                elif result == "cancelled":
                    figures.cancelled[agent] += 1
        return figures


class Follower:
    """Polls a source on a thread, as the collector does, and folds what it brings.

    `kill_every`: drop the source without closing it each so many seconds, and go on from the cursor that
    was committed with the last records: a kill -9 of the hub.
    """

    def __init__(self, make: Callable[[], Source], kill_every: float | None = None) -> None:
        self.floor = Floor()
        self.cursor: str | None = None
        self.kills = 0
        self.failed: list[str] = []
        self.troubles: tuple[str, ...] = ()
        self.error: BaseException | None = None
        self.rejects: list[object] = []
        self.delays: list[float] = []
        self.works = False
        self.began = time.time() + 1
        self._make = make
        self._kill_every = kill_every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._live()
        except BaseException as error:
            self.error = error

    def _live(self) -> None:
        source = self._make()
        source.open(self.cursor)
        until = time.monotonic() + (self._kill_every or 1e9)
        while not self._stop.is_set() and time.monotonic() < until:
            polled = source.poll(0.5)
            now = time.time()
            self.works = not isinstance(polled, Failed)
            if isinstance(polled, Failed):
                self.failed.append(polled.error)
                self._stop.wait(polled.retry_s or 0.1)
                continue
            self.troubles = polled.troubles
            if isinstance(polled, Data):
                self.rejects += polled.rejects
                if polled.cursor is not None:
                    self.cursor = polled.cursor
                for record in polled.records:
                    if isinstance(record, Contact):
                        self._time(record, now)
                self.floor.apply(polled)
        if not self._stop.is_set():
            self.kills += 1
        source.close()

    def _time(self, record: Contact, now: float) -> None:
        """Note how long after it happened a new stage of a visit was first heard of."""
        stages = [record.offered_at, record.answered_at, record.ended_at]
        known = self.floor.contacts.get((record.call, record.queue, record.nth))
        before = [known.offered_at, known.answered_at, known.ended_at] if known else [None] * 3
        new = [at / 1e6 for at, was in zip(stages, before, strict=True) if at is not None and was is None]
        if new and max(new) > self.began:
            self.delays.append(now - max(new))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)
        if self.error is not None:
            raise self.error

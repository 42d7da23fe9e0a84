"""A floor to look at and to test with: four queues, one of them Chinese, 24 agents, a Monday's figures.

``python tests/board_floor.py [--lang zh] [--still]`` shows it moving, without a hub.
"""

import random
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ccboard.snapshot import (
    STATES,
    AgentFigures,
    Interval,
    LogEntry,
    QueueFigures,
    Snapshot,
    SourceFigures,
    Waiting,
)

SECOND = 1_000_000
AT = 1794838447 * SECOND  # Mon 16 Nov 2026 14:14:07 UTC
DAY = 1794787200 * SECOND  # midnight of that day
ZONE = "UTC"
QUEUES = (("support", "support"), ("sales", "sales"), ("vip", "vip"), ("hotline-cn", "售后热线"))
PEOPLE = (
    "Chen Li", "Wang Fang", "Bob O'Hara", "Sam Okafor", "Anna Müller", "李娜", "Zhang Wei", "Maria Silva",
    "Tom Becker", "Ivy Tran", "王小明", "Omar Haddad", "Lena Vogt", "Paul Dupont", "Noor Aziz", "陈静",
    "Jan de Vries", "Eva Novak", "Luca Rossi", "Mia Berg", "Ravi Patel", "赵敏", "Kim Soo", "Ada Obi",
)


def agents(at: int = AT, seed: int = 5) -> tuple[AgentFigures, ...]:
    """Return 24 agents in every state."""
    rng = random.Random(seed)
    found = []
    for n, name in enumerate(PEOPLE):
        state = ("talking", "talking", "ready", "wrap_up", "talking", "paused", "ringing", "talking")[n % 8]
        if n == 20:
            state = "offline"
        seconds = rng.choice((4, 31, 95, 212, 480, 655, 1290, 4100 if state == "paused" else 300))
        if state == "ringing":
            seconds = rng.randrange(3, 20)
        level = ""
        if state == "paused" and seconds > 1200:
            level = "critical"
        elif state in ("talking", "wrap_up") and seconds > 600:
            level = "warning"
        queue = QUEUES[n % 4][0]
        busy = state in ("talking", "ringing")
        found.append(AgentFigures(
            agent=f"Agent/{1001 + n}", label=name, team="Nord" if n % 2 else "Süd", state=state,
            since=at - seconds * SECOND, state_s=seconds,
            reason=("lunch", "training", "break")[n % 3] if state == "paused" else None,
            queues=(queue,), answered=rng.randrange(0, 41), talk_s=rng.randrange(0, 9000),
            ring_no_answer=rng.choice((0, 0, 1, 3)), ring_cancelled=0, paused_s=rng.randrange(0, 3000),
            level=level, with_caller=f"****{rng.randrange(1000, 9999)}" if busy else None,
            in_queue=queue if busy else None,
        ))
    return tuple(found)


def counts(of: tuple[AgentFigures, ...], queue: str | None) -> tuple[int, ...]:
    """Return the agents of a queue by state."""
    return tuple(sum(a.state == s and (queue is None or queue in a.queues) for a in of) for s in STATES)


def queue(name: str | None, label: str, people: tuple[AgentFigures, ...], *, offered: int = 0,
          answered: int = 0, abandoned: int = 0, level: float | None = None, target: float | None = 0.8,
          threshold: float | None = 20.0, waiting: int = 0, since: int | None = None, at: int = AT,
          levels: tuple[tuple[str, str], ...] = ()) -> QueueFigures:
    """Return one queue's figures."""
    return QueueFigures(
        queue=name, label=label, project=None, offered=offered, calls=offered, answered=answered,
        abandoned=abandoned, short_abandoned=0, timed_out=0, left_by_key=0, left_empty=0, withdrawn=0, lost=0,
        refused=None, waiting=waiting, longest_wait_s=None if since is None else (at - since) // SECOND,
        longest_since=since, answered_in_time=int((level or 0) * offered), service_level=level,
        threshold_s=threshold, target=target, abandon_rate=abandoned / offered if offered else None,
        asa_s=18.0 if answered else None, aht_s=254.0 if answered else None, longest_wait_today_s=412.0,
        agents=counts(people, name), levels=levels,
    )


def floor(at: int = AT, seed: int = 5) -> Snapshot:
    """Return the whole floor."""
    rng = random.Random(seed)
    people = agents(at, seed)
    since = [at - s * SECOND for s in (108, 61, 44, 31, 20, 12, 7, 4, 3, 2, 1, 1)]
    callers = [
        Waiting("support", n + 1, moment, f"****{4711 + n * 37}", "Fam. Schröder" if n == 1 else None,
                3 if n == 1 else 1, f"c{n}")
        for n, moment in enumerate(since)
    ]
    callers += [Waiting("sales", 1, at - 9 * SECOND, "****0042", None, 1, "s1"),
                Waiting("hotline-cn", 1, at - 5 * SECOND, "****8888", "张先生", 2, "h1")]
    callers.sort(key=lambda c: c.since)
    made = (
        queue("support", "support", people, offered=412, answered=371, abandoned=33, level=0.54, waiting=12,
              since=since[0], at=at, levels=(("service_level", "critical"), ("longest_wait_s", "warning"),
                                             ("abandon_rate", "warning"))),
        queue("sales", "sales", people, offered=188, answered=181, abandoned=4, level=0.86, waiting=1,
              since=at - 9 * SECOND, at=at),
        queue("vip", "vip", people, offered=41, answered=41, level=0.97, target=0.9, threshold=10, at=at),
        queue("hotline-cn", "售后热线", people, offered=97, answered=88, abandoned=8, level=0.72, waiting=1,
              since=at - 5 * SECOND, at=at, levels=(("service_level", "warning"),)),
    )
    totals = queue(None, "all", people, offered=738, answered=681, abandoned=45, level=0.67, threshold=None,
                   waiting=14, since=since[0], at=at, levels=(("service_level", "critical"),
                                                              ("longest_wait_s", "warning")))
    intervals = []
    for name, base in (("support", 0.78), ("sales", 0.88), ("vip", 0.97), ("hotline-cn", 0.74)):
        for n in range(30, (at - DAY) // (900 * SECOND) + 1):
            if name == "vip" and n % 5 == 2:
                continue
            fall = 0.02 * (n - 45) if name == "support" and n > 45 else 0.0
            level = max(0.05, min(1.0, base - fall + rng.uniform(-0.12, 0.12)))
            intervals.append(Interval(name, DAY + n * 900 * SECOND, 14, 12, 1, 10, level,
                                      "critical" if level < 0.7 else "warning" if level < 0.8 else ""))
    sources = (
        SourceFigures("asterisk", "asterisk", "ok", 0.3, DAY, None, 5.0, rows=48211, rejects=2,
                      reject_reasons=(("epoch 12x is not a number", 2),)),
        SourceFigures("vicidial", "asterisk", "ok", 1.6, DAY + 8 * 3600 * SECOND, None, 10.0, rows=977,
                      gaps=((DAY + 36000 * SECOND, DAY + 36900 * SECOND),)),
    )
    log = (
        LogEntry(at - 4 * 60 * SECOND, "below_target", "critical", "support", value=0.58),
        LogEntry(at - 6 * 60 * SECOND, "abandoned", "", "support", text="****7731", value=74.0),
        LogEntry(at - 9 * 60 * SECOND, "paused", "", agent="Agent/1003", text="break"),
        LogEntry(at - 12 * 60 * SECOND, "offline", "", agent="Agent/1021"),
        LogEntry(at - 31 * 60 * SECOND, "ready", "", agent="Agent/1006"),
        LogEntry(at - 55 * 60 * SECOND, "abandoned", "", "hotline-cn", value=41.0),
        LogEntry(at - 250 * 60 * SECOND, "gap", "warning", text="vicidial", value=900.0),
        LogEntry(at - 251 * 60 * SECOND, "failed", "critical", text="vicidial: connection refused"),
        LogEntry(at - 340 * 60 * SECOND, "restart", "warning", text="asterisk"),
        LogEntry(at - 400 * 60 * SECOND, "something_new", "", "sales", text="of a later version"),
    )
    return Snapshot(
        as_of=at, live=True, name="Hotline West", zone=ZONE, day_start=DAY, interval_s=900, sources=sources,
        queues=made, totals=totals, agents=people, waiting=tuple(callers), intervals=tuple(intervals),
        log=log,
    )


def later(snapshot: Snapshot, seconds: int, rng: random.Random) -> Snapshot:
    """Return the floor a little later: time passes, a few calls move."""
    at = snapshot.as_of + seconds * SECOND
    people = list(snapshot.agents)
    n = rng.randrange(len(people))
    state = rng.choice(("ready", "talking", "wrap_up"))
    people[n] = people[n]._replace(state=state, since=at, level="", reason=None,
                                   in_queue=people[n].queues[0] if state == "talking" else None,
                                   with_caller="****1234" if state == "talking" else None,
                                   answered=people[n].answered + (state == "talking"))
    waiting = snapshot.waiting
    if rng.random() < 0.4 and len(waiting) > 4:
        waiting = waiting[1:]
    if rng.random() < 0.4:
        waiting = (*waiting, Waiting("support", 9, at, "****5555", None, 1, f"c{at}"))
    queues = []
    for q in snapshot.queues:
        mine = [w for w in waiting if w.queue == q.queue]
        more = rng.random() < 0.3
        queues.append(q._replace(
            waiting=len(mine), longest_since=mine[0].since if mine else None,
            longest_wait_s=(at - mine[0].since) // SECOND if mine else None,
            offered=q.offered + more, answered=q.answered + more, agents=counts(tuple(people), q.queue)))
    longest = min((w.since for w in waiting), default=None)
    totals = snapshot.totals._replace(
        waiting=len(waiting), longest_since=longest, agents=counts(tuple(people), None),
        longest_wait_s=None if longest is None else (at - longest) // SECOND,
        offered=sum(q.offered for q in queues), answered=sum(q.answered for q in queues))
    log = snapshot.log
    if rng.random() < 0.2:
        log = (LogEntry(at, "paused", "", agent=people[n].agent, text="break"), *log[:40])
    return replace(snapshot, as_of=at, agents=tuple(people), queues=tuple(queues), totals=totals,
                   waiting=waiting, log=log)


class MovingFeed:
    """A feed without a hub: the floor, once a second."""

    def __init__(self, snapshot: Snapshot, *, still: bool = False, seed: int = 1) -> None:
        self.snapshot = snapshot
        self.still = still
        self._rng = random.Random(seed)
        self._stop = threading.Event()

    def start(self, callback: Callable[[object], None]) -> None:
        """Send the floor each second until stopped."""
        threading.Thread(target=self._run, args=(callback,), daemon=True).start()

    def stop(self) -> None:
        """Send no more."""
        self._stop.set()

    def _run(self, callback: Callable[[object], None]) -> None:
        callback(self.snapshot)
        while not self._stop.wait(1.0):
            if self.still:
                self.snapshot = replace(self.snapshot, as_of=self.snapshot.as_of + SECOND)
            else:
                self.snapshot = later(self.snapshot, 1, self._rng)
            callback(self.snapshot)


class QuietFeed:
    """A feed that says nothing: tests hand snapshots to the board themselves."""

    def start(self, callback: Callable[[object], None]) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


if __name__ == "__main__":
    from ccboard.app import BoardApp

    arguments = sys.argv[1:]
    language = "zh" if "zh" in arguments else "en"
    start = floor()
    if "--idle" in arguments:  # only the clock moves
        start = replace(start, agents=(), waiting=(), queues=tuple(
            q._replace(waiting=0, longest_since=None, longest_wait_s=None) for q in start.queues),
            totals=start.totals._replace(waiting=0, longest_since=None, longest_wait_s=None))
    BoardApp(MovingFeed(start, still="--still" in arguments or "--idle" in arguments), language=language,
             screenshots=Path("/tmp/ccboard-shots")).run()

"""What a minute of the surge watch costs at many queues, its panel in a mid snapshot, and the daily fit.

    python benchmarks/desk.py [--queues 1000] [--weeks 7] [--fit 60] [--out benchmarks/DESK.md]

Milliseconds are those of the thread's own processor time, in rounds whose median is told with the least:
what others do on the machine meanwhile counts little. Only frames beside the fit are timed by the clock.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as ccboard does

import numpy as np

from ccboard.config import Config
from ccboard.desk import history
from ccboard.desk.answer import staff
from ccboard.desk.calendar import Known, known
from ccboard.desk.days import Days
from ccboard.desk.desk import Desk
from ccboard.desk.watching import HISTORY_DAYS, Watching
from ccboard.hub.encoding import Encoder
from ccboard.hub.pace import Pace
from ccboard.metrics.floor import snapshot
from ccboard.records import AgentState, Batch, SourceStatus
from ccboard.snapshot import from_wire, to_wire
from ccboard.store.store import Store
from ccboard.surge.profile import fit
from ccboard.surge.watch import Watch

ZONE = ZoneInfo("UTC")
TODAY = date(2026, 11, 16)
S = 1_000_000
OPEN_H, HOURS = 8, 10
FIELDS = ("call", "queue", "offered_at", "answered_at", "ended_at", "outcome", "wait_s", "talk_s", "agent")
MID_QUEUES, MID_AGENTS, MID_CALLS = 50, 500, 20_000
ROUNDS, EACH = 7, 9
NOON = 12 * 60

TEXT = """\
# What the surge watch costs

Made by `python benchmarks/desk.py --queues {queues} --weeks {weeks} --fit {fit}`: milliseconds of one
processor, the median of {rounds} rounds (in brackets the least), {machine}, load {load}.
Mid: {mid_queues} queues, {mid_agents} agents, {mid_calls} calls a day.

| | ms |
| --- | --- |
{rows}

* The first two rows are on the watch's own thread, once a minute; the target for a minute is 50 ms.
* What the panel adds to a frame is on the hub's frame thread: where the panel is another one than in the
  frame before (every 5 to 15 s) it is encoded once for all viewers, else it is left out. The target is 5 ms.
* Making the panel is on the watch's own thread, every 5 s where a tier watches a figure of the moment, else
  every 15 s. Most of it is what callers meet with 14 numbers of heads in each of seven pools.
* The daily fit rests after each piece for as long as the piece took; all {queues} queues take about
  {minutes:.0f} minutes of the clock that way. The watch reads the new day once it is fitted: until then the
  panel stands as it was.
* Frames: the live snapshot of {queues} queues made again and again, by the clock, with and without queues
  being fitted on another thread of the process, in turns. On a busy machine the longest of them is mostly
  that machine's.
"""


class Took(NamedTuple):
    """Milliseconds: the median of rounds, and the least."""

    median: float
    least: float

    def __str__(self) -> str:
        digits = 1 if self.median < 20 else 0
        return f"{self.median:.{digits}f} ({self.least:.{digits}f})"


def at(day: date, minute: float) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * S + int(minute * 60) * S


def fill(store: Store, queues: int, weeks: int, per_day: int, until: float, agents: int = 200) -> None:
    """Write weekdays of calls over the open hours, and today up to a minute; each agent serves one queue."""
    store.register("pbx", "bench", 5.0, frozenset())
    first = TODAY - timedelta(days=7 * weeks)
    days = [day for n in range(7 * weeks + 1) if (day := first + timedelta(days=n)).weekday() < 5]
    stage = store.stage("pbx", FIELDS, "row")
    rng = np.random.default_rng(1)
    number, team = 0, max(1, agents // queues)
    for day in days:
        offered = np.sort(rng.integers(0, HOURS * 3600, queues * per_day))
        if day == TODAY:
            offered = offered[offered < (until - OPEN_H * 60) * 60]
        begin = at(day, OPEN_H * 60)
        which = rng.integers(0, queues, len(offered))
        rows = [(f"{day}-{n}", f"queue {q:04d}", t, t + 5 * S, t + 200 * S, "answered", 5.0, 195.0,
                 f"agent {(q * team + n % team) % agents}")
                for n, (q, t) in enumerate(zip(which.tolist(), (begin + offered * S).tolist(), strict=True))]
        stage.add(rows, range(number, number + len(rows)))
        number += len(rows)
    alive = SourceStatus(source="pbx", at=at(first, 0), kind="alive", until=at(TODAY, until + 60))
    there = (AgentState(source="pbx", agent=f"agent {n}", at=at(TODAY, OPEN_H * 60), state="ready",
                        queue=f"queue {n // team % queues:04d}") for n in range(agents))
    store.apply(Batch("pbx", (alive, *there)), staged=stage)
    stage.drop()


def timed(work: Callable[[], object], times: int = EACH) -> Took:
    """Return what a piece of work takes of this thread's processor."""
    rounds = []
    for _ in range(ROUNDS):
        took = []
        for _ in range(times):
            begin = time.thread_time()
            work()
            took.append((time.thread_time() - begin) * 1000)
        rounds.append(statistics.median(took))
    return Took(statistics.median(rounds), min(rounds))


def added(without: Callable[[], object], with_it: Callable[[], object]) -> float:
    """Return by how much one piece of work takes more than another: the median of many turns."""
    return statistics.median(-timed_once(without) + timed_once(with_it) for _ in range(ROUNDS * EACH))


def minutes(store: Store, watching: Watching, queues: int) -> Iterator[tuple[str, str]]:
    """Time a minute at many queues: the filter alone, and all of it with the store."""
    reader = store.reader(600)
    found = watching.read(reader, at(TODAY, 11 * 60), ())
    watch = Watch(found.fitted.normals, watching.tiers)
    offered = found.offered[:, 10 * 60].astype(float)
    yield (f"a minute of the filter, {queues} queues", str(timed(lambda: watch.minute(600, offered))))
    clock = [11 * 60]

    def minute() -> None:
        clock[0] = clock[0] + 1 if clock[0] < NOON else clock[0]
        watching.read(reader, at(TODAY, clock[0]), ())

    took = [timed_once(minute) for _ in range(NOON - clock[0] - 1)]
    parts = [statistics.median(took[n::ROUNDS]) for n in range(ROUNDS)]
    yield (f"a minute with what came since out of the store, {queues} queues",
           str(Took(statistics.median(parts), min(took))))
    reader.close()


def timed_once(work: Callable[[], object]) -> float:
    begin = time.thread_time()
    work()
    return (time.thread_time() - begin) * 1000


def panels(store: Store) -> Iterator[tuple[str, str]]:
    """Time what the panel costs on a mid floor: encoding it, reading it again, making it."""
    reader = store.reader(300)
    floor = snapshot(reader, at(TODAY, NOON), Config(), ZONE)
    later = snapshot(reader, at(TODAY, NOON) + S, Config(), ZONE)
    desk = Desk(Config(), Days(ZONE), lambda: None)
    panel, other = desk.panel(reader, floor), desk.panel(reader, later)
    assert len(floor.agents) == MID_AGENTS
    assert len(floor.queues) == MID_QUEUES

    def sent(first: object, second: object) -> Callable[[], object]:
        """Encode two frames, each knowing the other one as the frame before it."""
        one, two = replace(floor, surge=first), replace(later, surge=second)
        encoder = Encoder()
        return lambda: (encoder.board(1, one, two), encoder.board(2, two, one))

    plain, same, changed = sent(None, None), sent(panel, panel), sent(panel, other)
    size = len(Encoder().board(1, replace(floor, surge=panel))) - len(Encoder().board(1, floor))
    yield ("what the panel adds to a frame in the hub where it changed, mid",
           f"{added(plain, changed) / 2:.1f}, {size / 1000:.0f} kB")
    yield "the same where it did not", f"{added(plain, same) / 2:.1f}"
    bare, full = (reads(json.dumps(to_wire(one))) for one in (floor, replace(floor, surge=panel)))
    yield "what it adds in a board, mid", f"{added(bare, full):.1f}"
    clock = [at(TODAY, NOON)]

    def again() -> None:
        clock[0] += 5 * S
        floor_then = replace(floor, as_of=clock[0])
        desk.panel(reader, floor_then)

    yield "making the panel on its own thread, mid", str(timed(again, 5))
    reader.close()


def reads(text: str) -> Callable[[], object]:
    return lambda: from_wire(json.loads(text))


def schedule(store: Store) -> tuple[str, str]:
    """Time `ccboard staff` on a mid floor's queue."""
    reader = store.reader(300)
    words: dict[str, str | None] = {"queue": "queue 0001", "days": "7"}
    took = sorted(timed_once(lambda: staff(reader, words, Config(), ZONE, at(TODAY, NOON))) for _ in range(5))
    reader.close()
    return "`ccboard staff --week` for one queue, on a thread of its own", str(Took(took[2], took[0]))


@contextmanager
def beside(work: Callable[[Callable[[], object]], object]) -> Iterator[None]:
    """Do work on another thread, over and over, with rests as the hub's."""
    stop = threading.Event()

    class OverError(Exception):
        pass

    def wait(seconds: float) -> None:
        if stop.wait(seconds):
            raise OverError

    def run() -> None:
        try:
            pace = Pace(wait)
            while True:
                work(pace)
        except OverError:
            return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def thirteen_weeks(store: Store) -> tuple[history.Past, Known]:
    """Return whole weeks of every queue of a store, as the daily fit reads them."""
    reader = store.reader(600)
    days, first = Days(ZONE), TODAY - timedelta(days=HISTORY_DAYS)
    feeds = history.Feeds.read(reader, days.begin(first), at(TODAY, NOON))
    found = history.past(reader, days, first, TODAY, Config(), feeds)
    reader.close()
    return found, known(Config().surge, first, TODAY, frozenset())


def fits(store: Store, past: history.Past, calendar: Known) -> Iterator[tuple[str, str, float]]:
    """Time the daily fit: a queue of it, its longest piece, and frames of `store` beside it."""
    reader = store.reader(600)
    every = itertools.cycle(past.counts.values())
    longest: list[float] = []

    def one(rest: Callable[[], object]) -> None:
        fit(next(every), past.days, calendar.kinds, rest)

    def in_pieces() -> None:
        pieces: list[float] = []
        since = [time.thread_time()]

        def rest() -> None:
            pieces.append((time.thread_time() - since[0]) * 1000)
            since[0] = time.thread_time()

        one(rest)
        rest()  # what comes after the last rest is a piece, too
        longest.append(max(pieces))

    took = timed(in_pieces, 5)
    yield "the daily fit, a queue of 13 weeks", str(took), took.median
    yield "its longest piece without a rest, median", f"{statistics.median(longest):.0f}", 0.0
    clock = [at(TODAY, 11 * 60)]
    snapshot(reader, clock[0], Config(), ZONE)

    def frames(number: int = 20) -> list[float]:
        walls = []
        for _ in range(number):
            clock[0] += S
            begin = time.perf_counter()
            snapshot(reader, clock[0], Config(), ZONE)
            walls.append((time.perf_counter() - begin) * 1000)
            time.sleep(0.1)
        return walls

    frames()
    alone: list[float] = []
    busy: list[float] = []
    for _ in range(3):  # in turns: what others do meanwhile falls on both
        alone += frames()
        with beside(one):
            busy += frames()
    for name, walls in (("frames without it", alone), ("frames beside it", busy)):
        yield name, f"{statistics.median(walls):.0f}, longest {max(walls):.0f}", 0.0
    reader.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--queues", type=int, default=1000)
    parser.add_argument("--weeks", type=int, default=7)
    parser.add_argument("--fit", type=int, default=60, help="queues that the daily fit is tried on")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder) / "mid.duckdb") as store:
            fill(store, MID_QUEUES, 8, MID_CALLS // MID_QUEUES, NOON, MID_AGENTS)
            mid = [*panels(store), schedule(store)]
        with Store.open(Path(folder) / "many.duckdb", memory_limit="1GB") as store:
            fill(store, args.queues, args.weeks, 60, NOON)
            watching = Watching(Config(), Days(ZONE), lambda: None)
            rows += minutes(store, watching, args.queues)
            rows += mid
            with Store.open(Path(folder) / "fitted.duckdb") as fitted:
                fill(fitted, args.fit, HISTORY_DAYS // 7, 60, NOON)
                past, calendar = thirteen_weeks(fitted)
            daily = list(fits(store, past, calendar))
    rows += [(name, said) for name, said, _ in daily]
    text = TEXT.format(
        queues=args.queues, weeks=args.weeks, fit=args.fit, rounds=ROUNDS, mid_queues=MID_QUEUES,
        mid_agents=MID_AGENTS, mid_calls=f"{MID_CALLS:,}".replace(",", " "),
        machine=f"Python {platform.python_version()}, {os.cpu_count()} cores",
        load=f"{os.getloadavg()[1]:.1f}",
        rows="\n".join(f"| {name} | {said} |" for name, said in rows),
        minutes=2 * args.queues * max(took for *_, took in daily) / 60_000)
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

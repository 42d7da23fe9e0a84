"""What a minute of the surge watch costs at many queues, and what its panel adds to a snapshot.

python benchmarks/desk.py [--queues 1000] [--weeks 7]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from ccboard.config import Config
from ccboard.desk.days import Days
from ccboard.desk.desk import Desk
from ccboard.desk.watching import Watching
from ccboard.metrics.floor import snapshot
from ccboard.records import Batch, SourceStatus
from ccboard.snapshot import from_wire, to_wire
from ccboard.store.store import Store
from ccboard.surge.watch import Watch

ZONE = ZoneInfo("UTC")
TODAY = date(2026, 11, 16)
S = 1_000_000
OPEN_H, HOURS = 8, 10
FIELDS = ("call", "queue", "offered_at", "answered_at", "ended_at", "outcome", "wait_s", "talk_s", "agent")


def at(day: date, minute: float) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * S + int(minute * 60) * S


def fill(store: Store, queues: int, weeks: int, per_day: int, until: float) -> None:
    """Write weekdays of calls spread over the open hours, and today up to a minute."""
    store.register("pbx", "bench", 5.0, frozenset())
    first = TODAY - timedelta(days=7 * weeks)
    days = [day for n in range(7 * weeks + 1) if (day := first + timedelta(days=n)).weekday() < 5]
    stage = store.stage("pbx", FIELDS, "row")
    rng = np.random.default_rng(1)
    number = 0
    for day in days:
        offered = np.sort(rng.integers(0, HOURS * 3600, queues * per_day))
        if day == TODAY:
            offered = offered[offered < (until - OPEN_H * 60) * 60]
        begin = at(day, OPEN_H * 60)
        which = rng.integers(0, queues, len(offered))
        rows = [(f"{day}-{n}", f"queue {q:04d}", t, t + 5 * S, t + 200 * S, "answered", 5.0, 195.0,
                 f"agent {n % 200}")
                for n, (q, t) in enumerate(zip(which.tolist(), (begin + offered * S).tolist(), strict=True))]
        stage.add(rows, range(number, number + len(rows)))
        number += len(rows)
    alive = SourceStatus(source="pbx", at=at(first, 0), kind="alive", until=at(TODAY, until + 60))
    store.apply(Batch("pbx", (alive,)), staged=stage)
    stage.drop()


def timed(work: Callable[[], object], times: int = 15) -> float:
    """Return the median of milliseconds of this thread's processor: others do not count."""
    took = []
    for _ in range(times):
        begin = time.thread_time()
        work()
        took.append((time.thread_time() - begin) * 1000)
    return statistics.median(took)


def minutes(queues: int, weeks: int) -> None:
    """Time a minute at many queues: the filter alone, and all of it with the store."""
    with (tempfile.TemporaryDirectory() as folder,
          Store.open(Path(folder) / "x.duckdb", memory_limit="1GB") as store):
        fill(store, queues, weeks, 60, 12 * 60)
        reader = store.reader(300)
        watching = Watching(Config(), Days(ZONE))
        begin = time.perf_counter()
        found = watching.read(reader, at(TODAY, 11 * 60), ())
        took = time.perf_counter() - begin
        print(f"{queues} queues: the day from scratch with the fit of {weeks} weeks {took:.1f} s")
        watch = Watch(found.fitted.normals, watching.tiers)
        offered = found.offered[:, 10 * 60].astype(float)
        print(f"{queues} queues: a minute of the filter {timed(lambda: watch.minute(600, offered)):.1f} ms")
        clock = [11 * 60]

        def minute() -> None:
            clock[0] += 1
            watching.read(reader, at(TODAY, clock[0]), ())

        print(f"{queues} queues: a minute with the store {timed(minute):.1f} ms")


def panels(queues: int = 50) -> None:
    """Time what the panel adds to a mid snapshot: taking it along, encoding it, reading it again."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "x.duckdb") as store:
        fill(store, queues, 8, 120, 12 * 60)
        reader = store.reader(300)
        floor = snapshot(reader, at(TODAY, 12 * 60), Config(), ZONE)
        panel = Desk(Config(), Days(ZONE)).panel(reader, floor)
        with_it = replace(floor, surge=panel)
        plain = timed(lambda: json.dumps(to_wire(floor)), 50)
        more = timed(lambda: json.dumps(to_wire(replace(floor, surge=panel))), 50)
        wire, wire_plain = json.dumps(to_wire(with_it)), json.dumps(to_wire(floor))
        read_plain = timed(lambda: from_wire(json.loads(wire_plain)), 50)
        read = timed(lambda: from_wire(json.loads(wire)), 50)
        desk = Desk(Config(), Days(ZONE))
        desk.panel(reader, floor)
        print(f"{queues} queues, {len(floor.agents)} agents: in the hub +{more - plain:.1f} ms a frame"
              f" ({len(wire) - len(wire_plain)} bytes), in the board +{read - read_plain:.1f} ms;"
              f" the panel itself, on its own thread, {timed(lambda: desk.panel(reader, floor)):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--queues", type=int, default=1000)
    parser.add_argument("--weeks", type=int, default=7)
    args = parser.parse_args()
    panels()
    minutes(args.queues, args.weeks)


if __name__ == "__main__":
    main()

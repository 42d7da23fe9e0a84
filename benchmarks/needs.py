"""What the tail panel costs a hub of 20 000 agents, and whether the frame notices it.

    python benchmarks/needs.py [--agents N] [--days N] [--out benchmarks/NEEDS.md]

A store is filled with visits by SQL (15 a day and agent, 12 types in 6 queues, three of them per agent).
CPU is that of the working thread: the machine has other work on it.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.hub.pace import Pace
from ccboard.metrics.floor import snapshot
from ccboard.needs.panel import panel
from ccboard.needs.study import PERIOD, Book, book, taken
from ccboard.panel_tail import TailPanel
from ccboard.store.store import Store

UTC = ZoneInfo("UTC")
WARM = 2
"""Frames before any counts."""
DAY = 86_400 * SECOND
TODAY = 1_794_787_200 * SECOND
FILL = """
    INSERT INTO contacts SELECT 's', '{day}-' || n, 'queue ' || (agent % 6), 1, 1, came,
        came + INTERVAL 5 SECOND, came + INTERVAL 5 SECOND + to_seconds(talk::BIGINT), 'answered',
        'agent ' || agent, NULL, 4, 5, talk, CASE WHEN n % 4 = 0 THEN 20 ELSE 0 END,
        exp(3 + 0.3 * (hash(n, {day}, 3) % 100) / 50), CASE WHEN hash(n, {day}, 5) % 25 = 0 THEN 'blind' END,
        'caller', NULL, NULL, NULL, NULL, 'type ' || ((agent % 6) * 2 + hash(n, 9) % 3 % 2), 'voice', 'in'
    FROM (SELECT n, n % {agents} AS agent,
            make_timestamp({begin} + (28800 + (hash(n, {day}) % 36000)::BIGINT) * 1000000) AS came,
            exp(4.7 + 0.15 * ((n % {agents} * 7919) % 100 - 50) / 50 + 0.7 * ((hash(n, {day}, 1) % 1000 +
                hash(n, {day}, 2) % 1000 + hash(n, {day}, 4) % 1000) / 1500 - 1)) AS talk
        FROM range({calls}) t(n)) ORDER BY came
"""


def filled(folder: Path, agents: int, days: int) -> Store:
    """Return a store with so many days before TODAY and half of TODAY itself."""
    made = Store.open(folder / "x.duckdb", memory_limit="2GB")
    made.register("s", "bench", 5.0, frozenset())
    con = made.new_cursor()[0]
    for day in range(days, -1, -1):
        begin = TODAY - day * DAY
        calls = agents * (15 if day else 7)
        con.execute(FILL.format(day=day, begin=begin, agents=agents, calls=calls)).fetchall()
        con.execute(
            "INSERT INTO offers SELECT source, call, queue, agent, 1, offered_at, offered_at, 15, 'no_answer'"
            " FROM contacts WHERE offered_at >= make_timestamp($1) AND hash(call) % 30 = 0",
            [begin]).fetchall()
    con.execute("INSERT INTO agents_seen SELECT 's', 'agent ' || n, make_timestamp($1) FROM range($2) t(n)",
                [TODAY - days * DAY, agents]).fetchall()
    con.close()
    made.reopen(-1)
    return made


class Clocked:
    """CPU and wall seconds of a piece of work of this thread."""

    def __enter__(self) -> Self:
        self._cpu, self._wall = time.thread_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu, self.wall = time.thread_time() - self._cpu, time.perf_counter() - self._wall


Frame = tuple[float, float]
"""Seconds a frame took; and without those for which its thread could have run but no processor was free."""


def queued() -> float:
    """Return for how many seconds this thread has waited for a processor (Linux)."""
    return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def frames(made: Store, warm: threading.Event, stop: threading.Event, as_of: int) -> list[Frame]:
    """Make a frame a second until told to stop; return how long each took, and how long without `queued`.

    `warm`: two have been made.
    """
    reader, took = made.reader(), list[Frame]()
    config = Config()
    while not stop.is_set():
        began, waited = time.perf_counter(), queued()
        snapshot(reader, as_of, config, UTC, live=True)
        whole = time.perf_counter() - began
        took.append((whole, whole - (queued() - waited)))
        if len(took) == WARM:
            warm.set()
        stop.wait(max(0.0, 1.0 - took[-1][0]))
    reader.close()
    return took[WARM:]  # the first fills what a reader keeps


def beside(made: Store, as_of: int, work: Callable[[], object]) -> tuple[list[Frame], object]:
    """Return how long the frames of a hub took while `work` ran beside them."""
    warm, stop, took, results = threading.Event(), threading.Event(), list[Frame](), list[object]()
    thread = threading.Thread(target=lambda: took.extend(frames(made, warm, stop, as_of)))
    thread.start()
    warm.wait()

    worker = threading.Thread(target=lambda: results.append(work()))
    worker.start()
    worker.join()
    time.sleep(0.5)
    stop.set()
    thread.join()
    return took, results[0]


def middle(took: list[Frame]) -> str:
    """Return the number of frames, then the median and the longest in milliseconds, of both measures."""
    cells = [str(len(took))]
    for one in zip(*took, strict=True):
        ordered = sorted(one)
        cells += [f"{ordered[len(ordered) // 2] * 1e3:.0f}", f"{ordered[-1] * 1e3:.0f}"]
    return " | ".join(cells)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--agents", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=2 * PERIOD)
    parser.add_argument("--period", type=int, default=PERIOD)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    as_of = TODAY + 13 * 3600 * SECOND
    with tempfile.TemporaryDirectory() as folder:
        made = filled(Path(folder), args.agents, args.days)
        reader = made.reader(600)
        alone, _ = beside(made, as_of, lambda: time.sleep(25))
        daily = Clocked()

        def at_night() -> object:
            with daily:
                return book(reader, Config(), UTC, as_of, period=args.period,
                            pause=Pace(time.sleep))  # as the hub's thread does

        during, kept = beside(made, as_of, at_night)
        runs: list[Clocked] = []
        assert isinstance(kept, Book)

        def often() -> object:
            found: object = None
            for _ in range(5):
                with Clocked() as one:
                    found = panel(taken(kept, as_of, Pace(time.sleep)), Config())
                runs.append(one)
                time.sleep(1)
            return found

        while_fresh, shown = beside(made, as_of, often)
        best = min(runs, key=lambda run: run.cpu)
        made_by = f"--agents {args.agents} --days {args.days} --period {args.period}"
        periods = args.days // args.period
        lines = [
            f"# The tail panel at {args.agents} agents", "",
            f"Made by `python benchmarks/needs.py {made_by}`:",
            f"{args.days} working days of {args.agents * 15} visits each and half a day; AHT, wrap-up, hold,",
            "transfers, ring no answer and short services, for agents, teams and types.", "",
            "| work | CPU s of its thread | wall s |", "| --- | --- | --- |",
            f"| once a business day, periods fitted anew: {periods} | {daily.cpu:.1f} | {daily.wall:.1f} |",
            f"| every ten minutes: today's calls taken in | {best.cpu:.2f} | {best.wall:.2f} |", "",
            "| a frame a second, beside it | frames | median ms | longest ms | median own | longest own |",
            "| --- | --- | --- | --- | --- | --- |",
            f"| nothing | {middle(alone)} |", f"| the day's work | {middle(during)} |",
            f"| the periodic work | {middle(while_fresh)} |", "",
            f"Two cores; load of the machine meanwhile: {os.getloadavg()[1]:.0f}. CPU is the thread's own.",
            "\"Own\": without the time for which the frame's thread could have run, but other programs had",
            "the processors; what is left is its work and its waiting for the interpreter or the store."]
        text = "\n".join(lines) + "\n"
        print(text)
        assert isinstance(shown, TailPanel)
        assert shown.groups[0].n_named
        if args.out:
            args.out.write_text(text, encoding="utf-8")
        made.close()


if __name__ == "__main__":
    main()

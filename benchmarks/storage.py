"""How fast the store takes records, and how long a snapshot of a large floor takes."""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import load

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.hub.encoding import Encoder
from ccboard.metrics.floor import Health, snapshot
from ccboard.moments import to_micros
from ccboard.records import Batch, SourceStatus
from ccboard.store.store import Store
from sources.simulator.config import SimulatorConfig
from sources.simulator.simulation import Simulation

ZONE = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 16)
HOUR = 3600 * SECOND
WHAT = "50 queues, 500 agents"
Row = tuple[str, str, str]
T = TypeVar("T")


def ingest(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Measure past days of the demo's centre: making them, and taking them in."""
    days = 3 if quick else 91
    config = SimulatorConfig()
    centre = Simulation(config, "demo", ZONE, MONDAY, MONDAY)
    store = Store.open(folder / "ingest.duckdb")
    store.register("demo", "simulator", 5.0, frozenset())
    rows, making, taking = 0, 0.0, 0.0
    for n in range(days, 0, -1):
        began = time.process_time()
        records = tuple(centre.whole_day(MONDAY - timedelta(days=n)))
        made = time.process_time()
        store.apply(Batch("demo", records, str(n)))
        rows += len(records)
        making += made - began
        taking += time.process_time() - made
    yield (f"simulator: {days} past days, {rows} records", f"{making:.1f} CPU s",
           f"{rows / making:.0f} records/s")
    yield ("store: the same, one transaction a day", f"{taking:.1f} CPU s", f"{rows / taking:.0f} records/s")
    morning = centre.make_day(MONDAY).advance(centre.midnight(MONDAY) + 10 * HOUR)
    live = morning[: 500 if quick else 5000]
    began = time.process_time()
    for i in range(0, len(live), 5):
        store.apply(Batch("demo", tuple(live[i : i + 5]), f"live {i}"))
    taken = time.process_time() - began
    yield ("store: live, 5 records a transaction",
           f"{taken / (len(live) / 5) * 1000:.1f} ms CPU a transaction", f"{len(live) / taken:.0f} records/s")
    store.close()


def snapshots(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Measure what a second costs on a floor of 50 queues, 500 agents and 20 000 calls since the morning.

    Each second's records are one batch; then the snapshot is made, and encoded as boards get it.
    """
    calls, seconds = (2000, 30) if quick else (20_000, 400)
    begin = to_micros(datetime(2026, 11, 16, 7, tzinfo=ZONE))
    floor = load.Floor(begin, 6.0, calls=calls * 6 // 5)
    now = begin + 5 * HOUR
    store = Store.open(folder / "snapshots.duckdb")
    store.register(load.SOURCE, "load", 5.0, frozenset())
    store.apply(Batch(load.SOURCE, tuple(floor.by(now)), "0"))
    reader = store.reader()
    asked = [0]
    ask = reader.rows

    def counted(*words: Any) -> list[tuple[Any, ...]]:
        asked[0] += 1
        return ask(*words)

    reader.rows = counted  # type: ignore[method-assign]
    taken: dict[str, list[tuple[float, float]]] = {"batch": [], "snapshot": [], "JSON of it": []}
    encoder, records, size = Encoder(), 0, 0
    for n in range(seconds):
        at = now + n * SECOND
        told = (SourceStatus(source=load.SOURCE, at=at - SECOND, kind="alive", until=at),
                *floor.between(at - SECOND, at))
        records += len(told)
        taken["batch"].append(cost(lambda: store.apply(Batch(load.SOURCE, told, str(at))))[0])  # noqa: B023
        health = {load.SOURCE: Health(at, None, (), records, 0, ())}
        took, made = cost(lambda: snapshot(reader, at, Config(), ZONE, live=True, health=health))  # noqa: B023
        if n == 0:
            yield (f"snapshot: {WHAT}, {calls} calls, the first, out of the store",
                   f"{took[0]:.0f} ms, CPU {took[1]:.0f} ms", f"{asked[0]} questions")
            asked[0] = 0
            continue
        taken["snapshot"].append(took)
        took, encoded = cost(lambda: encoder.board(n, made))  # noqa: B023
        taken["JSON of it"].append(took)
        size = len(encoded)
    notes = {"batch": f"{records / seconds:.1f} records a second",
             "snapshot": f"{asked[0] / seconds:.2f} questions a snapshot; {seconds} s",
             "JSON of it": f"{size / 1000:.0f} kB"}
    for what, costs in taken.items():
        walls, cpus = (sorted(column) for column in zip(*costs, strict=True))
        half, high, mean = len(walls) // 2, int(len(walls) * 0.95), sum(cpus) / len(cpus)
        measured = (f"p50 {walls[half]:.1f} ms, p95 {walls[high]:.1f} ms, most {walls[-1]:.0f} ms; "
                    f"CPU p50 {cpus[half]:.1f} ms, p95 {cpus[high]:.1f} ms, mean {mean:.1f} ms")
        yield f"a second of {WHAT}, {calls} calls: {what}", measured, notes[what]
    store.close()


def cost(work: Callable[[], T]) -> tuple[tuple[float, float], T]:
    """Return the wall and CPU milliseconds that `work` takes, and what it returns."""
    began, cpu = time.perf_counter(), time.process_time()
    made = work()
    return ((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000), made

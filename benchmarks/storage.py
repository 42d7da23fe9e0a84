"""How fast the store takes records, and how long a snapshot of a large floor takes."""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import load

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.metrics.floor import Health, snapshot
from ccboard.moments import to_micros
from ccboard.records import Batch
from ccboard.store.store import Store
from sources.simulator.config import SimulatorConfig
from sources.simulator.simulation import Simulation

ZONE = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 16)
HOUR = 3600 * SECOND
Row = tuple[str, str, str]


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
    """Measure snapshots of 50 queues, 500 agents and 20 000 calls, with news before each."""
    calls = 2000 if quick else 20_000
    begin = to_micros(datetime(2026, 11, 16, 7, tzinfo=ZONE))
    records = tuple(load.floor(begin, 5.0, 50, 500, calls))
    end = begin + 5 * HOUR
    store = Store.open(folder / "snapshots.duckdb")
    store.register(load.SOURCE, "load", 5.0, frozenset())
    cut = len(records) - 400
    store.apply(Batch(load.SOURCE, records[:cut], "0"))
    reader = store.reader()
    taken = []
    for i in range(cut, len(records), 4):
        store.apply(Batch(load.SOURCE, records[i : i + 4], str(i)))
        health = {load.SOURCE: Health(end, None, (), 0, 0, ())}
        began, cpu = time.perf_counter(), time.process_time()
        snapshot(reader, end + i * 10_000, Config(), ZONE, live=True, health=health)
        taken.append(((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000))
    walls, cpus = (sorted(column) for column in zip(*taken[5:], strict=True))
    half, high = len(walls) // 2, int(len(walls) * 0.95)
    measured = (f"p50 {walls[half]:.0f} ms, p95 {walls[high]:.0f} ms; "
                f"CPU p50 {cpus[half]:.0f} ms, p95 {cpus[high]:.0f} ms")
    yield (f"snapshot: 50 queues, 500 agents, {calls} calls, after a batch", measured, f"{len(walls)} times")
    store.close()

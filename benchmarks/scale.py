"""Measure a year of a floor, and three days of a very large one: snapshots, any moment of the past, memory.

    python benchmarks/scale.py [--huge SHARE] [--days N] [--keep FOLDER]

Days are written straight into the tables by SQL, as a back-fill leaves them: a floor from 7 to 19 o'clock.
The measuring is done by processes of their own, so that their memory is their own, too, and on copies.
--huge: which share of 2 million calls a day, 1000 queues and 20 000 agents (1 takes some minutes and 1 GB of
disk; 0: none). With stores that are kept (--keep) nothing is filled: five minutes in all.
"""

import argparse
import gc
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import load
from processes import host, rss_mb

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.hub.encoding import Encoder
from ccboard.metrics.floor import Health, snapshot
from ccboard.moments import to_micros
from ccboard.records import Batch, Contact, Offer, SourceStatus
from ccboard.snapshot import Snapshot
from ccboard.store.rows import stamp
from ccboard.store.store import Store

ZONE = ZoneInfo("Europe/Berlin")
MORNING = to_micros(datetime(2026, 11, 16, 7, tzinfo=ZONE))
HOUR, DAY = 3600 * SECOND, 86_400 * SECOND
NOW = MORNING + 5 * HOUR
HOURS = 12
PATIENCE_S = 600.0
"""For a question of the very large floor on a machine that has other work; a hub waits less."""
Row = tuple[str, str, str]

MADE = """
    CREATE OR REPLACE TEMP TABLE day AS
    SELECT n, make_timestamp(us) AS came, wait, talk, lost, caller,
        make_timestamp(us + wait * 1000000) AS answered,
        make_timestamp(us + (wait + CASE WHEN lost THEN 0 ELSE talk END) * 1000000) AS ended,
        printf('queue %04d', queue) AS queue,
        printf('Agent %05d', (queue + $queues * member - 17 * (member % 3) + $agents) % $agents) AS agent
    FROM (SELECT n, $begin + n * $length::BIGINT // $calls AS us,
              1 + (-15 * ln(random() + 1e-9))::BIGINT AS wait,
              (exp(5 + 1.6 * (random() + random() + random() - 1.5)))::BIGINT AS talk,
              random() < 0.05 AS lost, (random() * 0.4 * $calls)::BIGINT AS caller,
              (random() * $queues)::BIGINT % $queues AS queue,
              (random() * ($agents // $queues))::BIGINT AS member
          FROM range($calls) r(n))
"""
VISITS = """
    INSERT INTO contacts
    SELECT 'load', 'd' || $day || '-' || n, queue, 1, 3, came, CASE WHEN NOT lost THEN answered END, ended,
        CASE WHEN lost THEN 'abandoned' ELSE 'answered' END, CASE WHEN NOT lost THEN agent END, NULL, NULL,
        wait, CASE WHEN NOT lost THEN talk END, NULL, NULL, NULL, NULL, '+4930' || caller,
        lpad(caller::VARCHAR, 16, '0'), NULL, NULL, NULL, 'voice', 'in'
    FROM day WHERE ended <= $until ORDER BY came
"""
OFFERS = """
    INSERT INTO offers
    SELECT 'load', 'd' || $day || '-' || n, queue, agent, 1, greatest(came, answered - INTERVAL 6 SECOND),
        answered, 6, 'answered'
    FROM day WHERE NOT lost AND answered <= $until ORDER BY answered
"""
STATES = """
    INSERT INTO agent_states
    SELECT 'load', printf('Agent %05d', n), make_timestamp($begin + n * 1000), 'ready', 0,
        printf('queue %04d', (n + 17 * k) % $queues), printf('PJSIP/%d', 2000 + n), NULL,
        printf('team %d', n % 20)
    FROM range($agents) a(n), range(3) b(k)
    UNION ALL
    SELECT 'load', agent, came + to_microseconds(k * 600000000), CASE k WHEN 0 THEN 'paused' ELSE 'ready' END,
        0, queue, NULL, CASE k WHEN 0 THEN 'Break' END, NULL
    FROM day, range(2) b(k) WHERE n % 20 = 0 AND came + to_microseconds(k * 600000000) <= $until
    ORDER BY 3
"""


def fill(path: Path, days: int, queues: int, agents: int, calls: int) -> None:
    """Write `days` business days, the last of them up to ``NOW``."""
    with Store.open(path) as store:
        store.register(load.SOURCE, "load", 5.0, frozenset())
        floor = load.Floor(MORNING - (days - 1) * DAY, 0.001, queues, agents, 1)
        store.apply(Batch(load.SOURCE, tuple(
            record for _, record in floor.told if not isinstance(record, Contact | Offer)), "0"))
    con = duckdb.connect(str(path), config={"memory_limit": "4GB"})
    con.execute("SET TimeZone='UTC'").fetchall()
    floor_of = {"queues": queues, "agents": agents}
    for number in range(days):
        begin = MORNING - (days - 1 - number) * DAY
        until = stamp(min(begin + HOURS * HOUR, NOW))
        con.execute(MADE, {"begin": begin, "length": HOURS * HOUR, "calls": calls, **floor_of}).fetchall()
        con.begin()
        con.execute(VISITS, {"day": number, "until": until}).fetchall()
        con.execute(OFFERS, {"day": number, "until": until}).fetchall()
        con.execute(STATES, {"begin": begin, "until": until, **floor_of}).fetchall()
        con.execute("INSERT INTO alive VALUES ('load', ?, ?)", [stamp(begin - HOUR), until]).fetchall()
        con.commit()
    con.execute("INSERT INTO agents_seen SELECT 'load', agent, min(moment) FROM agent_states GROUP BY agent"
                ).fetchall()
    con.close()


def look(path: Path, queues: int, agents: int, calls: int, seconds: int, moments: int) -> dict[str, object]:
    """Measure one store, in this process; return milliseconds and MB."""
    floor = load.Floor(NOW, seconds / 3600, queues, agents, calls * seconds // (HOURS * 3600))
    config = Config()  # the same from frame to frame, as in a hub: what follows from it is kept
    found: dict[str, object] = {"file": path.stat().st_size / 1e6}
    began = time.perf_counter()
    with Store.open(path) as store:
        found["open"] = (time.perf_counter() - began) * 1000
        reader, encoder = store.reader(PATIENCE_S), Encoder()

        def live(at: int) -> Snapshot:
            health = {load.SOURCE: Health(at, None, (), 0, 0, ())}
            return snapshot(reader, at, config, ZONE, live=True, health=health)

        found["first"], _ = cost(lambda: live(NOW))
        found["second"], _ = cost(lambda: live(NOW + SECOND))
        taken: dict[str, list[tuple[float, float]]] = {"batch": [], "snapshot": [], "json": []}
        for n in range(2, seconds):
            at = NOW + n * SECOND
            told = (SourceStatus(source=load.SOURCE, at=at - SECOND, kind="alive", until=at),
                    *floor.between(at - SECOND, at))
            batch = Batch(load.SOURCE, told, str(at))
            taken["batch"].append(cost(lambda: store.apply(batch))[0])  # noqa: B023
            took, made = cost(lambda: live(at))  # noqa: B023
            taken["snapshot"].append(took)
            taken["json"].append(cost(lambda: encoder.board(n, made))[0])  # noqa: B023
        found.update(taken)
        gc.collect()
        found["rss"] = rss_mb(os.getpid())
        reader.close()
        say = random.Random(1)
        days = [row[0] for row in store.reader().rows("SELECT DISTINCT epoch_us(moment) FROM alive")]
        past = []
        for _ in range(moments):
            reader = store.reader(PATIENCE_S)
            at = say.choice(days) + HOUR + say.randrange(HOURS * 3600) * SECOND
            past.append(cost(lambda: snapshot(reader, at, config, ZONE))[0])  # noqa: B023
            reader.close()
        found["past"] = past
    return found


def cost(work: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    """Return the wall and CPU milliseconds that `work` takes, and what it returns."""
    began, cpu = time.perf_counter(), time.process_time()
    made = work()
    return ((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000), made


def shown(costs: list[tuple[float, float]]) -> str:
    """Return wall and CPU of many as words."""
    walls, cpus = (sorted(column) for column in zip(*costs, strict=True))
    half, high = len(walls) // 2, int(len(walls) * 0.95)
    mean = sum(cpus) / len(cpus)
    return (f"p50 {walls[half]:.1f}, p95 {walls[high]:.1f} ms;"
            f" CPU p50 {cpus[half]:.1f}, p95 {cpus[high]:.1f}, mean {mean:.1f} ms")


def measure(name: str, folder: Path, days: int, size: tuple[int, int, int], seconds: int, moments: int
            ) -> Iterator[Row]:
    """Fill a store and have another process look at it; yield the rows of the table."""
    path = folder / f"{name}-{days}.duckdb"
    if not path.exists():
        began = time.perf_counter()
        half = path.with_suffix(".half.duckdb")  # so that what was broken off is not taken for a store
        half.unlink(missing_ok=True)
        fill(half, days, *size)
        half.rename(path)
        yield (f"{name}, {days} days", "filled by SQL", f"{time.perf_counter() - began:.0f} s")
    with tempfile.TemporaryDirectory(prefix="ccb", dir=folder) as own:  # what is looked at gets new records
        copy = shutil.copy(path, own)
        words = [str(copy), *map(str, size), str(seconds), str(moments)]
        said = subprocess.run([sys.executable, __file__, "--look", *words], capture_output=True, text=True,
                              check=False)
    if said.returncode:
        raise RuntimeError(said.stderr)
    found = json.loads(said.stdout.splitlines()[-1])
    what = f"{name}, {days} days"
    yield (what, "file; opening it", f"{found['file']:.0f} MB; {found['open']:.0f} ms")
    yield (what, "first snapshot; the one after, which reads what is to be kept",
           "; ".join(f"{wall:.0f} ms, CPU {cpu:.0f} ms" for wall, cpu in (found["first"], found["second"])))
    for key, label in (("batch", "a second's records, written"), ("snapshot", "snapshot after them"),
                       ("json", "encoded for boards")):
        yield (what, label, shown(found[key]))
    yield (what, "a moment of the past, by a new reader", shown(found["past"]))
    yield (what, "memory of the process after the live seconds", f"{found['rss']:.0f} MB")


def main() -> int:
    """Print the table."""
    if sys.argv[1:2] == ["--look"]:
        path, *numbers = sys.argv[2:]
        print(json.dumps(look(Path(path), *map(int, numbers))))
        return 0
    as_it_is = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_it_is)
    parser.add_argument("--huge", type=float, default=1.0, help="share of the very large floor; 0: none")
    parser.add_argument("--days", type=int, default=365, help="days of the floor of 20 000 calls a day")
    parser.add_argument("--seconds", type=int, default=400, help="live seconds")
    parser.add_argument("--keep", type=Path, help="folder in which the stores are made, and stay")
    args = parser.parse_args()
    print(f"Before: {host()}.\n\n| floor | what | measured |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="ccb") as folder:
        where = args.keep or Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        for days in dict.fromkeys((1, args.days)):
            for row in measure("mid", where, days, (50, 500, 20_000), args.seconds, 40):
                print("| " + " | ".join(row) + " |", flush=True)
        if args.huge:
            queues, agents, calls = (max(40, int(n * args.huge)) for n in (1000, 20_000, 2_000_000))
            size = (queues, agents, calls)
            for row in measure("huge", where, 3, size, min(args.seconds, 60), 3):
                print("| " + " | ".join(row) + " |", flush=True)
    print(f"\nAfter: {host()}. Python {sys.version.split()[0]}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

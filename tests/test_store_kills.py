"""kill -9 at any moment, and batches in any order and number: the store holds the same."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import S

from ccboard.records import AgentState, Batch, Contact, Offer, Record
from ccboard.store.store import Store

T = 1_795_283_239 * S
CHILD = """
import sys
from pathlib import Path
from test_store_kills import batch
from ccboard.store.store import Store
made = Store.open(Path(sys.argv[1]))
start = int(made.cursor("pbx") or 0)
while True:
    made.apply(batch(start))
    start += 1
    print(start, flush=True)
    if start % 7 == 0:
        made.checkpoint()
"""


def batch(n: int) -> Batch:
    """The n-th batch of a feed: ten callers come, the ten before are answered, the ten before these end."""
    records: list[Record] = []
    for i in range(10):
        for age, version in ((0, 1), (1, 2), (2, 3)):
            number = (n - age) * 10 + i
            if number < 0:
                continue
            at = T + number * S
            records.append(Contact(
                source="pbx", call=str(number), queue="q", version=version, offered_at=at,
                answered_at=at + 5 * S if version > 1 else None,
                ended_at=at + 30 * S if version > 2 else None,
                outcome="answered" if version > 1 else None, agent="Ann" if version > 1 else None, wait_s=5))
        records.append(AgentState(source="pbx", agent="Ann", queue="q", state="ready",
                                  at=T + (n * 10 + i) * S))
        records.append(Offer(source="pbx", call=str(n * 10 + i), queue="q", agent="Ann", result="no_answer",
                             started_at=T + n * 10 * S, ended_at=T + (n * 10 + i) * S))
    return Batch("pbx", tuple(records), cursor=str(n + 1))


def test_kills(tmp_path: Path) -> None:
    path, seeded = tmp_path / "x.duckdb", random.Random(9)
    acknowledged = 0
    for _ in range(4):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True,
                                 env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)})
        assert child.stdout is not None
        for _line in range(seeded.randint(3, 12)):
            acknowledged = int(child.stdout.readline())
        time.sleep(seeded.random() * 0.02)
        child.send_signal(signal.SIGKILL)
        rest, _ = child.communicate(timeout=30)
        acknowledged = int(rest.split()[-1]) if rest.endswith("\n") and rest.split() else acknowledged
        said: list[str] = []
        with Store.open(path, notice=said.append) as made:
            n = int(made.cursor("pbx") or 0)
            assert n >= acknowledged
            reader = made.reader()
            assert reader.rows("SELECT count(*), count(DISTINCT call) FROM visits") == [(n * 10, n * 10)]
            assert reader.rows("SELECT count(*) FROM contacts") == [((n - 2) * 10,)]
            assert reader.rows("SELECT count(*) FROM open_contacts WHERE answered_at IS NULL") == [(10,)]
            told = reader.rows("SELECT count(*), count(DISTINCT moment) FROM agent_states")
            assert told == [(n * 10, n * 10)]
            assert reader.rows("SELECT count(*), count(DISTINCT call) FROM offers") == [(n * 10, n * 10)]
            reader.close()
        assert said == []


# -- any order, any number of times -----------------------------------------------------------------------

CALLS = st.sampled_from(["c1", "c2", "c3"])
QUEUES = st.sampled_from(["a", "b"])
MOMENTS = st.integers(0, 12).map(lambda n: T + n * 600 * S)


@st.composite
def contacts(draw: Any) -> Contact:
    """One version of a visit. What it says follows from its key and version, as one source would say it."""
    call, name, nth, version = draw(CALLS), draw(QUEUES), draw(st.integers(1, 2)), draw(st.integers(1, 4))
    say = random.Random(f"{call}{name}{nth}{version}")
    offered = T + random.Random(f"{call}{name}{nth}").randint(0, 3000) * S + say.randint(0, 2) * S
    ended = offered + say.randint(1, 90) * S if version >= say.randint(2, 4) else None
    return Contact(source="pbx", call=call, queue=name, nth=nth, version=version, offered_at=offered,
                   ended_at=ended, outcome="abandoned" if ended else None, wait_s=say.randint(0, 9))


@st.composite
def offers(draw: Any) -> Offer:
    call, result = draw(CALLS), draw(st.sampled_from([None, "no_answer", "cancelled"]))
    start = draw(MOMENTS)
    if result is None:
        return Offer(source="pbx", call=call, queue="a", agent="Ann", started_at=start)
    nth, long = draw(st.integers(1, 2)), draw(st.booleans())
    end = T + (nth * 1000 + len(result)) * S
    return Offer(source="pbx", call=call, queue="a", agent="Ann", nth=nth, result=result, ended_at=end,
                 started_at=end - 8 * S if long else end)


@st.composite
def states(draw: Any) -> AgentState:
    at, seq = draw(MOMENTS), draw(st.integers(0, 1))
    say = random.Random(f"{at}{seq}")
    return AgentState(source="pbx", agent=draw(st.sampled_from(["Ann", "Bob"])), at=at, seq=seq,
                      state=say.choice(["ready", "paused", "offline"]), queue=draw(QUEUES))


TABLES = ("contacts", "open_contacts", "offers", "open_offers", "agent_states", "agents_seen", "ties")
RECORDS = st.lists(st.one_of(contacts(), offers(), states()), max_size=25)


def content(made: Store) -> list[list[tuple[object, ...]]]:
    reader = made.reader()
    tables = [reader.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in TABLES]
    reader.close()
    return tables


def wanted(records: list[Record]) -> tuple[dict[Any, Contact], dict[Any, Offer], dict[Any, Offer]]:
    """What must be held, by the plainest means: newest versions, longest offers, the last ring not over."""
    visits: dict[Any, Contact] = {}
    closed: dict[Any, Offer] = {}
    rings: dict[Any, Offer] = {}
    for one in records:
        if isinstance(one, Contact):
            key = (one.call, one.queue, one.nth)
            visits[key] = max(visits.get(key, one), one, key=lambda c: c.version)
        elif isinstance(one, Offer) and one.result is not None:
            where = (one.call, one.result, one.nth)
            closed[where] = min(closed.get(where, one), one, key=lambda o: o.started_at)
        elif isinstance(one, Offer):
            rings[one.call] = max(rings.get(one.call, one), one, key=lambda o: o.started_at)
    over = {call for call, ring in rings.items() for one in records if isinstance(one, Offer)
            and one.result is not None and one.call == call and (one.ended_at or 0) >= ring.started_at}
    return visits, closed, {call: ring for call, ring in rings.items() if call not in over}


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: Any) -> Any:
    with Store.open(tmp_path_factory.mktemp("orders") / "x.duckdb") as made:
        yield made


def put(made: Store, batches: list[list[Record]]) -> list[list[tuple[object, ...]]]:
    """Empty the store, put the batches in, and return what it holds."""
    assert made._con is not None
    for table in TABLES:
        made._con.execute(f"DELETE FROM {table}").fetchall()
    made._mirror.seen.clear()
    made._mirror.ties.clear()
    for records in batches:
        made.apply(Batch("pbx", tuple(records)))
    return content(made)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), records=RECORDS)
def test_order_and_repeats_do_not_matter(emptied: Store, data: Any, records: list[Record]) -> None:
    once = put(emptied, [records])
    shuffled = data.draw(st.permutations(records + records[: len(records) // 2]))
    cut = data.draw(st.integers(0, len(shuffled)))
    again = put(emptied, [shuffled[:cut], shuffled[cut:], shuffled[cut:]])
    assert again == once
    visits, closed, rings = wanted(records)
    assert sorted(row[1:5] for row in once[0] + once[1]) == sorted(
        (one.call, one.queue, one.nth, one.version) for one in visits.values())
    assert {row[1:4] + row[4:5] for row in once[1]} == {
        (one.call, one.queue, one.nth, one.version) for one in visits.values() if one.ended_at is None}
    assert sorted((row[1], row[8], row[4]) for row in once[2]) == sorted(closed)
    assert sorted(row[1] for row in once[3]) == sorted(rings)
    assert emptied.apply(Batch("pbx", tuple(records))) == 0

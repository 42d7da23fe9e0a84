"""Today's counts carried on from commit to commit: always the same as counted anew."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from stores import S

from ccboard.desk.days import Days
from ccboard.desk.history import few, lists
from ccboard.desk.today import Counting, Today
from ccboard.records import Batch, Contact
from ccboard.store.reader import Reader
from ccboard.store.store import Store

DAY = date(2026, 11, 16)
BEGIN = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp())
QUEUES = (None, "sales", "support")
DAYS = Days(ZoneInfo("UTC"))


def at(minute: float) -> int:
    return (BEGIN + int(minute * 60)) * S


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "x.duckdb") as made:
        made.register("pbx", "test", 5.0, frozenset())
        yield made


def call(name: str, minute: float, queue: str = "sales", key: str | None = None, **more: object) -> Contact:
    return replace(Contact(source="pbx", call=name, queue=queue, version=1, offered_at=at(minute),
                           caller_key=key), **more)


def gave_up(told: Contact, minute: float) -> Contact:
    return replace(told, version=2, ended_at=at(minute), outcome="abandoned")


def counted(counting: Counting, reader: Reader, minute: float) -> Today:
    return reader.consistent(lambda: counting.read(
        reader, DAYS, DAY, at(minute), QUEUES, reader.store.pin(reader).revision))


def numbers(found: Today, minute: int) -> tuple[list[float], list[float]]:
    return found.offered[:, minute].tolist(), found.again[:, minute].tolist()


def test_calls_are_counted_when_they_come_late_or_turn_out_to_be_second_tries(store: Store) -> None:
    counting, reader = Counting(), store.reader()
    first = call("a", 540.2, key="k")
    store.apply(Batch("pbx", (first, call("b", 540.9, "support"), call("c", 541.5))))
    found = counted(counting, reader, 541.2)
    assert numbers(found, 540) == ([2, 1, 1], [0, 0, 0])
    assert numbers(found, 541) == ([0, 0, 0], [0, 0, 0])  # c comes after as_of
    store.apply(Batch("pbx", (call("d", 545.0, key="k"), call("e", 500.5))))
    found = counted(counting, reader, 546)
    assert numbers(found, 541) == ([1, 1, 0], [0, 0, 0])
    assert numbers(found, 500) == ([1, 1, 0], [0, 0, 0])
    assert numbers(found, 545) == ([1, 1, 0], [0, 0, 0])
    store.apply(Batch("pbx", (gave_up(first, 544.0),)))  # told late: d was the same caller once more
    found = counted(counting, reader, 546)
    assert numbers(found, 545) == ([0, 0, 0], [1, 1, 0])
    assert found.sources == (frozenset(), {"pbx"}, {"pbx"})


def test_who_hung_up_in_the_evening_is_told_of_late(store: Store) -> None:
    """j calls at 0:05; that the same caller gave up at 23:51 comes in after it was counted."""
    counting, reader = Counting(), store.reader()
    store.apply(Batch("pbx", (call("x", 3, key="z"), call("j", 5, key="n"))))
    assert numbers(counted(counting, reader, 10), 5) == ([1, 1, 0], [0, 0, 0])
    store.apply(Batch("pbx", (gave_up(call("i", -10, key="n"), -9),)))
    assert numbers(counted(counting, reader, 11), 5) == ([0, 0, 0], [1, 1, 0])
    assert numbers(counted(counting, reader, 11), 3) == ([1, 1, 0], [0, 0, 0])


def test_carried_on_is_the_same_as_anew(store: Store) -> None:
    rng = np.random.default_rng(5)
    counting, reader = Counting(), store.reader()
    open_calls: list[Contact] = []
    now = 480.0
    for step in range(60):
        now += float(rng.exponential(2.0))
        told = []
        for n in range(rng.poisson(3)):
            late = float(rng.choice([0, 0, 0, 40.0])) * rng.random()
            key = f"k{rng.integers(6)}" if rng.random() < 0.8 else None
            told.append(call(f"{step}-{n}", now - late, str(rng.choice(["sales", "support", "other"])), key))
        open_calls += told
        for one in [one for one in open_calls if rng.random() < 0.3]:
            open_calls.remove(one)
            end = one.offered_at // S / 60 - BEGIN / 60 + float(rng.exponential(3.0))
            told.append(gave_up(one, end) if rng.random() < 0.5 else replace(
                one, version=2, answered_at=one.offered_at, ended_at=at(end), outcome="answered"))
        store.apply(Batch("pbx", tuple(told)))
        moment = now - (30 if step == 40 else 0)  # once back in time
        on, anew = counted(counting, reader, moment), counted(Counting(), reader, moment)
        assert (on.offered == anew.offered).all()
        assert (on.again == anew.again).all()
        assert on.sources == anew.sources
    assert anew.again.sum() > 5


def test_a_journal_that_does_not_reach_back_has_all_counted_anew(store: Store) -> None:
    counting, reader = Counting(), store.reader()
    store.apply(Batch("pbx", (call("a", 540),)))
    counted(counting, reader, 545)
    store.apply(Batch("pbx", (call("b", 530),)))
    store.journal.forget()
    assert numbers(counted(counting, reader, 545), 530) == ([1, 1, 0], [0, 0, 0])


def test_few_minutes_counted_call_by_call_are_what_the_store_counts(store: Store) -> None:
    """Callers who try again at the same moment, an hour later to the second, over midnight, or elsewhere."""
    rng = np.random.default_rng(11)
    reader = store.reader()
    told = []
    for n in range(900):
        begun = call(f"c{rng.integers(300)}", -30 + int(rng.integers(0, 300)) / 2,
                     str(rng.choice(["sales", "support"])), str(rng.choice(["", "a", "b", "c", "d"])) or None,
                     nth=n, direction="out" if rng.random() < 0.1 else "in",
                     source=str(rng.choice(["pbx", "chat"])))
        end = begun.offered_at // S / 60 - BEGIN / 60 + int(rng.integers(0, 5)) / 2
        told.append(gave_up(begun, end) if rng.random() < 0.6 else begun)
    for n in range(80):  # who tries once again, about an hour later
        begin = -30 + n
        told += [gave_up(call(f"r{n}", begin, key=f"k{n}"), begin),
                 call(f"s{n}", begin + 59.5 + n % 3 / 2, key=f"k{n}")]
    store.apply(Batch("pbx", tuple(told)))
    tried = 0
    for _ in range(40):
        first = at(-60)
        since = at(int(rng.integers(-31, 120)))
        end = since + int(rng.integers(0, 500)) * S
        kept, anew = (sorted((source, queue, sorted(minutes.tolist()), sorted(again.tolist()))
                             for source, queue, minutes, again in way(reader, first, end, since))
                      for way in (few, lists))
        assert kept == anew
        tried += sum(len(again) for _, _, _, again in kept)
    assert tried > 100

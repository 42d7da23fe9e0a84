"""When figures past their limits begin and end: recorded once, with some minutes of patience."""

from typing import Any

from test_desk_report import floor, queue

from ccboard.alarms.standing import CLEARED, RAISED, Standing
from ccboard.panel_surge import Exceptional
from ccboard.snapshot import Snapshot

MINUTE = 60_000_000
ABOUT = "limit:waiting:b"
ONE = Exceptional(ABOUT, "", "b", "B", "waiting", 6.0, 5.0, "Chen 4711", ())
NINE = 10**15


def at(minute: float, waiting: int | None = 0, day_start: int = NINE - 9 * 60 * MINUTE) -> Snapshot:
    blank: dict[str, Any] = {"waiting": waiting}
    made = floor((queue("b", **blank),))
    return Snapshot(as_of=NINE + round(minute * MINUTE), live=True, name="n", zone="UTC", day_start=day_start,
                    interval_s=900, sources=(), queues=made.queues, totals=made.totals, agents=(), waiting=())


def run(standing: Standing, *steps: tuple[float, bool]) -> list[tuple[str, float]]:
    """Return (kind, minute) of what is recorded; steps are (minute, past its limit)."""
    return [(turn.kind, (turn.at - NINE) / MINUTE) for minute, past in steps
            for turn in standing.take((ONE,) if past else (), at(minute))]


def test_it_is_over_after_five_minutes_within_its_limit() -> None:
    assert run(Standing(), (0, True), (1, True), (2, False), (6, False), (6.5, True), (7, False),
               (11.9, False), (12, False), (13, False), (14, True)) == [
        (RAISED, 0), (CLEARED, 12), (RAISED, 14)]


def test_a_queue_that_is_not_heard_is_neither_past_nor_within() -> None:
    standing = Standing()
    assert run(standing, (0, True)) == [(RAISED, 0)]
    for minute in range(1, 30):
        assert standing.take((), at(minute, waiting=None)) == []
    assert run(standing, (30, False), (35, False)) == [(CLEARED, 35)]


def test_another_hub_goes_on_from_what_is_stored() -> None:
    first = Standing()
    [turn] = first.take((ONE,), at(0))
    record = turn.record()
    assert (record.kind, record.about, record.who, record.role, record.value) == (
        RAISED, ABOUT, "ccboard", "system", 6.0)
    second = Standing()
    second.remember([(record.kind, record.about, record.at)])
    assert run(second, (3, True), (4, False)) == []
    [over] = second.take((), at(9.5))
    assert (over.kind, over.since, over.one.queue) == (CLEARED, NINE, "b")
    third = Standing()
    third.remember([(RAISED, ABOUT, NINE), (CLEARED, ABOUT, NINE + 1)])
    assert run(third, (2, True)) == [(RAISED, 2)]


def test_with_the_day_it_ends_without_a_word() -> None:
    standing = Standing()
    assert run(standing, (0, True)) == [(RAISED, 0)]
    tomorrow = NINE + 15 * 60 * MINUTE
    assert standing.take((), at(900.5, day_start=tomorrow)) == []
    [turn] = standing.take((ONE,), at(901, day_start=tomorrow))
    assert turn.kind == RAISED

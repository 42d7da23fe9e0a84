"""Calls without second tries: what the surge watch counts is a figure like any other, and they agree."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stores import S, store

from ccboard.config import Config
from ccboard.desk.days import Days
from ccboard.desk.today import Counting
from ccboard.figures import public
from ccboard.records import Contact

DAY = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp())


def call(name: str, minute: float, key: str | None, gone: float | None = None, **more: Any) -> Contact:
    """Offered and, with `gone`, given up at so many minutes of the day."""
    made = Contact(source="pbx", call=name, queue=more.pop("queue", "sales"), version=1, caller_key=key,
                   offered_at=(DAY + int(minute * 60)) * S, **more)
    if gone is None:
        return made
    return replace(made, ended_at=(DAY + int(gone * 60)) * S, outcome="abandoned",
                   wait_s=(gone - minute) * 60)


CALLS = (
    call("a", 600, "k", 601),
    call("b", 630, "k", 631),             # a second try
    call("c", 690.5, "k"),                # 60.5 minutes after: one more who wants something
    call("d", 632, "k", queue="support"),  # another queue
    call("e", 640, "m"),
    call("f", 650, "m"),                  # nobody hung up before
    call("g", 660, None, 661),
    call("h", 662, None),                 # of nobody it is known who it is
    call("l", 663, "", 664),
    call("m", 665, ""),                   # as where a source says "" of who is not known
    call("i", -10, "n", -9),              # the evening before
    call("j", 5, "n"),                    # and again after midnight
)


@pytest.fixture
def made(tmp_path: Path) -> Any:
    with store(tmp_path, CALLS) as opened:
        yield opened


def test_who_hung_up_and_calls_again_is_left_out_with_the_reason(made):
    words = {"kpi": "first_tries", "queue": "sales", "as_of": "2026-11-16T12:00:00Z"}
    said = public.explained(made.reader(), words, Config(), ZoneInfo("UTC"), 0)
    assert said["value"] == 8  # a c e f g h l m
    assert [(left["value"], left["en"]) for left in said["left_out"]] == [
        (2, "hung up waiting and called again within the hour")]
    found = public.visited(made.reader(), words, Config(), ZoneInfo("UTC"), 0)
    assert {row["call"]: row["counts"] for row in found["rows"]} == {
        **dict.fromkeys("acefghlm", "yes"), "b": "left_out", "j": "left_out"}
    assert found["numerator"] == 8
    assert {row["why_en"] for row in found["rows"] if row["counts"] == "left_out"} == {
        "hung up waiting and called again within the hour"}


@pytest.mark.parametrize("begin", ["2026-11-16", "2026-11-17"])
def test_a_day_by_when_calls_ended_is_the_same_wherever_the_range_begins(begin, tmp_path):
    """A second try of 22:55 that was over after midnight counts by its end: its first try was 22:40."""
    calls = (call("a", 1360, "k", 1365), call("b", 1375, "k", 1445))
    words = {"kpi": "first_tries,offered", "by": "day", "from": begin, "to": "2026-11-18",
             "as_of": "2026-11-18T12:00:00Z"}
    config = Config.model_validate({"service_level": {"cohort": "end"}})
    with store(tmp_path, calls) as opened:
        rows = public.tabled(opened.reader(), words, config, ZoneInfo("UTC"), 0)["rows"]
    assert [row for row in rows if row["day"] == "2026-11-17"] == [
        {"day": "2026-11-17", "first_tries": 0, "offered": 1}]


def test_the_watch_counts_the_same(made):
    reader = made.reader()
    queues = (None, "sales", "support")
    today = reader.consistent(lambda: Counting().read(
        reader, Days(ZoneInfo("UTC")), date(2026, 11, 16), (DAY + 43_200) * S, queues,
        made.pin(reader).revision))
    assert today.offered.sum(axis=1).tolist() == [9, 8, 1]
    assert today.again.sum(axis=1).tolist() == [2, 2, 0]

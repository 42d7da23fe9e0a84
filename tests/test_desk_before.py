"""What came on the same weekday before: days without a call count 0, days that are not known do not."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stores import UTC, S, store

from ccboard.board import past_days
from ccboard.commands.replay_store import StoreAnswers
from ccboard.config import Config
from ccboard.desk.before import before
from ccboard.errors import UsageError
from ccboard.figures import public
from ccboard.i18n import Words
from ccboard.metrics.floor import snapshot
from ccboard.moments import parse_as_of
from ccboard.records import Contact, Record, SourceStatus
from ccboard.store.store import Store
from widgets.glyphs import UNICODE
from widgets.view import View


def at(text: str, zone: ZoneInfo = UTC) -> int:
    return parse_as_of(text, zone, 0)


def call(number: int, when: str, zone: ZoneInfo = UTC) -> Contact:
    begin = at(when, zone)
    return Contact(source="pbx", call=str(number), queue="support", offered_at=begin, ended_at=begin + 60 * S,
                   outcome="abandoned", wait_s=60)


def calls_before(made: Store, begin: str, end: str, config: Config | None = None, zone: ZoneInfo = UTC,
                 **more: str) -> list[int | None]:
    reader = made.reader()
    try:
        said: dict[str, Any] = before(reader, {"from": begin, "to": end, **more}, config or Config(), zone,
                                      at("2026-11-16T12:00:00"))
    finally:
        reader.close()
    return [row["calls"] for row in said["rows"]]


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Records begin on Mon 19 Oct; a gap 9:50..10:05 on 26 Oct; calls at 10:00 on 9 Nov and around it."""
    records: list[Record] = [
        call(1, "2026-10-19T07:00:00"), call(2, "2026-11-09T10:00:00"), call(3, "2026-11-09T10:20:00"),
        call(4, "2026-11-09T09:59:59"), call(5, "2026-11-10T10:00:00"), call(6, "2026-10-26T10:10:00"),
        SourceStatus(source="pbx", kind="gap", at=at("2026-10-26T09:50:00"),
                     until=at("2026-10-26T10:05:00"))]
    made = store(tmp_path_factory.mktemp("before"), records, promise_s=0)
    yield made
    made.close()


def test_a_day_that_was_heard_counts_0_and_a_gap_nothing(floor: Store) -> None:
    """9 Nov: 1. 2 Nov: heard, nobody. 26 Oct: a gap. 19 Oct: heard, nobody at 10. Before: no records."""
    found = calls_before(floor, "2026-11-16T10:00:00Z", "2026-11-16T10:15:00Z", queue="support")
    assert found == [1, 0, None, 0, *[None] * 9]


def test_the_mean_is_over_the_days_that_were_heard(floor: Store) -> None:
    """By hand: one call on three Mondays that were heard is 1 / 3 = 0.33."""
    now = at("2026-11-16T12:00:00")
    reader = floor.reader()
    try:
        view = View(snapshot(reader, now, Config(), UTC), now, UTC, Words("en"), UNICODE)
    finally:
        reader.close()
    dig = past_days.dig("support", at("2026-11-16T10:00:00"), at("2026-11-16T10:15:00"), view, "forecast 2")
    assert dig is not None
    answers = StoreAnswers(floor, Config(), UTC, now)
    try:
        ledger = dig.made(answers.ask(dig.what, dig.words), view)
    finally:
        answers.end()
    assert ledger.said == "3 days of the same weekday, mean 0.33; forecast 2"
    assert [row.cells[2][0].text for row in ledger.rows][:5] == ["1", "0", "–", "0", "–"]
    assert [row.cells[1][0].text for row in ledger.rows][:1] == ["10:00–10:15"]


@pytest.mark.parametrize("config", [{"interval_min": 30}, {"interval_min": 60, "business_day_start": "06:15"},
                                    {"interval_min": 15, "business_day_start": "06:15"}])
def test_like_is_compared_with_like_whatever_the_intervals(floor: Store, config: dict[str, Any]) -> None:
    """A quarter of an hour is compared with the same quarter: the call at 10:20 is not in it, nor 9:59:59."""
    made = Config.model_validate(config)
    assert calls_before(floor, "2026-11-16T10:00:00Z", "2026-11-16T10:15:00Z", made)[:2] == [1, 0]
    assert calls_before(floor, "2026-11-16T09:59:00Z", "2026-11-16T10:21:00Z", made)[:2] == [3, 0]


def test_the_same_time_is_that_by_the_clock(tmp_path: Path) -> None:
    """Clocks in Berlin went back on 25 October: 10:00 on the 19th was 08:00 UTC, on 2 November 09:00."""
    berlin = ZoneInfo("Europe/Berlin")
    made = store(tmp_path, [call(1, "2026-10-19T10:00:00", berlin), call(2, "2026-10-12T10:05:00", berlin),
                            call(3, "2026-10-12T09:05:00", berlin)], promise_s=0)
    found = calls_before(made, "2026-11-02T10:00:00", "2026-11-02T10:15:00", zone=berlin)
    made.close()
    assert found[:3] == [0, 1, 1]


def test_a_day_on_which_a_source_that_promises_was_not_heard_is_not_known(tmp_path: Path) -> None:
    """9 Nov: heard, nobody at 10. 2 Nov: nothing at all. 26 Oct: no sign of life, but a call at 12."""
    alive = SourceStatus(source="pbx", kind="alive", at=at("2026-11-09T07:00:00"),
                         until=at("2026-11-09T18:00:00"))
    made = store(tmp_path, [call(1, "2026-10-19T07:00:00"), call(2, "2026-10-26T12:00:00"), alive],
                 promise_s=5)
    found = calls_before(made, "2026-11-16T10:00:00Z", "2026-11-16T10:15:00Z", queue="support")
    made.close()
    assert found[:4] == [0, None, 0, 0]


def test_who_hung_up_and_calls_again_is_counted_once_as_figures_do(tmp_path: Path) -> None:
    """By hand, 9 Nov 10:00 to 10:15. Not 2: k1 hung up at 9:58. 3: another queue. 5: 61 minutes after.

    6 and 7: nobody knows whose. Not 8, of a queue that is not shown, nor 9, a dial.
    """
    def tried(call: str, when: str, key: str | None, **more: Any) -> Contact:
        begin = at(f"2026-11-09T{when}:00")
        return Contact(**{"source": "pbx", "call": call, "queue": "support", "offered_at": begin,
                          "ended_at": begin + 30 * S, "outcome": "abandoned", "wait_s": 30, "caller_key": key,
                          **more})

    calls = [tried("1", "09:58", "k1"), tried("2", "10:01", "k1"), tried("3", "10:05", "k1", queue="sales"),
             tried("4", "09:10", "k2"), tried("5", "10:11", "k2"), tried("6", "10:12", None),
             tried("7", "10:13", None), tried("8", "10:14", "k3", queue="secret"),
             tried("9", "10:14", "k4", direction="out")]
    config = Config.model_validate({"queues": {"secret": {"hide": True}}})
    with store(tmp_path, calls, promise_s=0) as made:
        found = calls_before(made, "2026-11-16T10:00:00Z", "2026-11-16T10:15:00Z", config)
        of_support = calls_before(made, "2026-11-16T10:00:00Z", "2026-11-16T10:15:00Z", config,
                                  queue="support")
        said = [public.tabled(made.reader(), {"kpi": "first_tries", "from": "2026-11-09T10:00",
                                              "to": "2026-11-09T10:15", "by": by}, config, UTC,
                              at("2026-11-16T12:00:00"))["rows"] for by in ("", "queue")]
    assert (found[0], of_support[0]) == (4, 3)
    assert said == [[{"first_tries": 4}], [{"queue": "sales", "first_tries": 1},
                                           {"queue": "support", "first_tries": 3}]]


@pytest.mark.parametrize(("words", "said"), [
    ({"from": "", "to": "10:00"}, "from is missing"), ({"from": "10:00", "to": "10:00"}, "one day"),
    ({"from": "2026-11-01", "to": "2026-11-16"}, "one day"),
    ({"from": "09:00", "to": "10:00", "queue": "sale"}, "unknown queue 'sale'")])
def test_what_cannot_be_asked_is_said(floor: Store, words: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        before(floor.reader(), words, Config(), UTC, at("2026-11-16T12:00:00"))

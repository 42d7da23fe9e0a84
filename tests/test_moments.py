"""Business days where clocks are set, and moments that no calendar of ours holds. Worked out by hand."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from ccboard.errors import UsageError
from ccboard.moments import day_start, parse_as_of, to_micros

BERLIN = ZoneInfo("Europe/Berlin")
HALF_PAST_TWO = time(2, 30)


def at(text: str) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "begins"),
    [
        # 25 October 2026: at 03:00 CEST (01:00 UTC) it is 02:00 again. The day begins at the first 02:30.
        ("2026-10-25T00:29:59", "2026-10-24T00:30:00"),
        ("2026-10-25T00:30:00", "2026-10-25T00:30:00"),
        ("2026-10-25T01:15:00", "2026-10-25T00:30:00"),  # 02:15 for the second time
        ("2026-10-25T01:45:00", "2026-10-25T00:30:00"),  # 02:45 for the second time
        # 29 March 2026: from 01:59:59 CET (00:59:59 UTC) to 03:00 CEST. 02:30 CET would be 01:30 UTC.
        ("2026-03-29T01:10:00", "2026-03-28T01:30:00"),
        ("2026-03-29T01:30:00", "2026-03-29T01:30:00"),
    ],
)
def test_a_day_that_begins_in_the_hour_of_the_change(moment: str, begins: str) -> None:
    assert day_start(at(moment), BERLIN, HALF_PAST_TWO) == at(begins)


def test_the_days_at_the_change_have_25_and_23_hours() -> None:
    autumn, spring = at("2026-10-25T09:00:00"), at("2026-03-29T09:00:00")
    for moment, hours in ((autumn, 25), (spring, 23)):
        begin, length = day_start(moment, BERLIN), hours * 3600 * 1_000_000
        assert day_start(begin + length - 1, BERLIN) == begin
        assert day_start(begin + length, BERLIN) == begin + length


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59:59-05:00", "1969-12-31T00:00:00Z",
                                  "9999-12-31T23:59:59Z"])
def test_a_moment_that_no_floor_had_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a moment"):
        parse_as_of(text, BERLIN, 0)

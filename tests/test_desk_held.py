"""What was done about an alarm holds for the tier of its moment, and not for a higher one."""

import pytest

from ccboard.desk.acts import Act
from ccboard.desk.held import Change, held
from ccboard.surge.decide import Alarm

S = 1_000_000
RAISED, SECOND_TIER, NOW = 1000 * S, 2000 * S, 3000 * S
CHANGES = (Change(RAISED, 1), Change(SECOND_TIER, 2))


def did(kind: str, at: int, until: int | None = None) -> Act:
    """Somebody does something at a second."""
    return Act(at * S, kind, "surge:support", "support", f"who {at}", "lead", until, None, None)


@pytest.mark.parametrize(("acts", "tier", "accepted", "asked", "earlier"), [
    ((), 2, None, RAISED, None),
    ((did("accept", 1500),), 2, None, SECOND_TIER, (1500, 1)),
    ((did("accept", 1500),), 1, 1500, RAISED, None),
    ((did("accept", 1500),), 0, 1500, RAISED, None),
    ((did("accept", 2035),), 2, 2035, RAISED, None),
    ((did("accept", 2034),), 2, None, SECOND_TIER, (2034, 1)),  # tier 2 may not have stood there yet
    ((did("accept", 1000),), 1, 1000, RAISED, None),
    ((did("accept", 1500), did("accept", 2500)), 2, 2500, SECOND_TIER, (1500, 1)),
    ((did("accept", 1500), did("note", 2500)), 2, None, SECOND_TIER, (1500, 1)),
    ((did("false_alarm", 1500), did("accept", 2500)), 2, 2500, SECOND_TIER, (1500, 1)),
    ((did("accept", 900),), 1, 900, RAISED, None),
])
def test_a_deed_holds_for_the_tiers_that_were_reached(
        acts: tuple[Act, ...], tier: int, accepted: int | None, asked: int,
        earlier: tuple[int, int] | None) -> None:
    found = held(acts, CHANGES, tier, NOW)
    assert (None if found.accepted is None else found.accepted.at // S) == accepted
    assert found.asked == asked
    assert (None if found.earlier is None else (found.earlier.at // S, found.earlier_tier)) == earlier


def test_a_tier_that_was_left_before_somebody_accepted_is_not_taken_on() -> None:
    """Tier 2 for a minute at first, accepted as tier 1, tier 2 again: it asks since then."""
    changes = (Change(900 * S, 2), Change(960 * S, 1), Change(2000 * S, 2))
    found = held((did("accept", 1500),), changes, 2, NOW)
    assert (found.accepted, found.asked, found.earlier_tier) == (None, 2000 * S, 1)
    again = (*changes, Change(2200 * S, 1), Change(2400 * S, 2))
    taken = held((did("accept", 1500), did("accept", 2100)), again, 2, NOW)
    assert taken.accepted is not None, "tier 2 was accepted: it holds when it comes again"


def test_a_higher_tier_comes_through_what_was_put_off() -> None:
    put_off = did("snooze", 1500, until=9000 * S)
    assert held((put_off,), CHANGES, 1, NOW).snoozed_until == 9000 * S
    assert held((put_off,), CHANGES, 2, NOW).snoozed_until is None
    assert held((put_off,), CHANGES, 1, 9000 * S).snoozed_until is None


def test_an_alarm_knows_when_its_tier_changed() -> None:
    alarm = Alarm()
    believed = [(540, 0.7, (0.7, 0.1)), (541, 0.95, (0.9, 0.2)), (542, 0.95, (0.9, 0.95)),
                (543, 0.95, (0.9, 0.05)), (544, 0.95, (0.9, 0.95))]
    for minute, p_surge, reached in believed:
        alarm.update(minute, p_surge, reached)
    assert alarm.tiers == ((540, 1), (542, 2), (543, 1), (544, 2))
    assert alarm.update(545, 0.1, (0.0, 0.0)) == "clear"
    assert alarm.tiers == ()
    alarm.update(546, 0.95, (0.0, 0.0))
    assert alarm.tiers == ((546, 0),)

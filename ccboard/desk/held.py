"""What of the deeds about a surge still holds.

Who accepts an alarm of tier 1 took on tier 1: when tier 2 is reached, other people are to be called, and
its owner has to know. So a deed holds for the tiers that were reached by its moment; past them the alarm
waits for somebody again. Back at a lower tier it holds again.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ccboard.clock import SECOND
from ccboard.desk.acts import ACCEPT, FALSE, Act, verdict

SNOOZE = "snooze"
ANSWERS = frozenset({ACCEPT, FALSE, SNOOZE})


SEEN_US = 35 * SECOND
"""So long after its minute closed a rise can be unseen: late calls are waited for, then a panel is made. Who
accepts meanwhile took on the tier before: to be asked again is better than to have accepted unseen."""


class Rise(NamedTuple):
    """A tier (0: watch) was reached that was not before in the same alarm. The first: the alarm itself."""

    at: int
    tier: int


class Held(NamedTuple):
    """The verdict that holds (see ``acts.verdict``), until when it is put off, and what it rose past.

    `asked`: since when whoever is called now has been asked. `earlier`: the deed that holds no more, with the
    tier that it was about.
    """

    accepted: Act | None
    false: Act | None
    snoozed_until: int | None
    asked: int
    earlier: Act | None = None
    earlier_tier: int = 0


def held(acts: Iterable[Act], rises: Sequence[Rise], tier: int, at: int) -> Held:
    """Return what holds at a moment, of what was done since the alarm was raised (oldest first).

    >>> rises = Rise(100 * SECOND, 1), Rise(200 * SECOND, 2)
    >>> done = [Act(150 * SECOND, "accept", "surge:support", "support", "Chen", "lead", None, None, None)]
    >>> one = held(done, rises, 2, 250 * SECOND)
    >>> one.accepted, one.asked // SECOND, one.earlier.who, one.earlier_tier
    (None, 200, 'Chen', 1)
    >>> held(done, rises, 1, 300 * SECOND).accepted.who
    'Chen'
    """
    stays: list[Act] = []
    passed: Act | None = None
    for act in acts:
        if act.kind not in ANSWERS:
            continue
        if tier <= _tier_by(rises, act.at):
            stays.append(act)
        else:
            passed = act
    accepted, false = verdict(stays)
    snoozed = None
    for act in stays:
        if act.kind == SNOOZE:
            snoozed = act.until if act.until is not None and act.until > at else None
    if passed is None:
        return Held(accepted, false, snoozed, rises[0].at)
    before = _tier_by(rises, passed.at)
    asked = next((rise.at for rise in rises if rise.tier > before), rises[0].at)
    return Held(accepted, false, snoozed, asked, passed, before)


def _tier_by(rises: Sequence[Rise], at: int) -> int:
    """Return the highest tier that was reached by a moment; before the alarm: the one it began with."""
    return max((rise.tier for rise in rises if rise.at + SEEN_US <= at), default=rises[0].tier)

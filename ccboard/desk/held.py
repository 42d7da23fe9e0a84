"""What of the deeds about a surge still holds.

Who accepts an alarm of tier 1 took on tier 1: when tier 2 is reached, other people are to be called, and
its owner has to know. So a deed holds for the tier that stood on the wall at its moment and those below it;
past that the alarm waits for somebody again. Back at that tier it holds again.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ccboard.clock import SECOND
from ccboard.desk.acts import ACCEPT, FALSE, Act, verdict

SNOOZE = "snooze"
ANSWERS = frozenset({ACCEPT, FALSE, SNOOZE})


SEEN_US = 35 * SECOND
"""So long after its minute closed a change can be unseen: late calls are waited for, then a panel is made.
Who accepts meanwhile took on the tier before: to be asked again is better than to have accepted unseen."""


class Change(NamedTuple):
    """From a moment on the alarm is of a tier (0: watch). The first: the alarm itself."""

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


def held(acts: Iterable[Act], changes: Sequence[Change], tier: int, at: int) -> Held:
    """Return what holds at a moment, of what was done since the alarm was raised (oldest first).

    >>> changes = Change(100 * SECOND, 1), Change(200 * SECOND, 2)
    >>> done = [Act(150 * SECOND, "accept", "surge:support", "support", "Chen", "lead", None, None, None)]
    >>> one = held(done, changes, 2, 250 * SECOND)
    >>> one.accepted, one.asked // SECOND, one.earlier.who, one.earlier_tier
    (None, 200, 'Chen', 1)
    >>> held(done, changes, 1, 300 * SECOND).accepted.who
    'Chen'
    """
    stays: list[Act] = []
    passed: Act | None = None
    for act in acts:
        if act.kind not in ANSWERS:
            continue
        if tier <= _shown(changes, act.at):
            stays.append(act)
        else:
            passed = act
    accepted, false = verdict(stays)
    snoozed = None
    for act in stays:
        if act.kind == SNOOZE:
            snoozed = act.until if act.until is not None and act.until > at else None
    if passed is None:
        return Held(accepted, false, snoozed, changes[0].at)
    before = _shown(changes, passed.at)
    asked = next((change.at for change in changes
                  if change.at + SEEN_US > passed.at and change.tier > before), changes[0].at)
    return Held(accepted, false, snoozed, asked, passed, before)


def _shown(changes: Sequence[Change], at: int) -> int:
    """Return the tier that stood on the wall at a moment; before the alarm: the one it began with."""
    return next((change.tier for change in reversed(changes) if change.at + SEEN_US <= at), changes[0].tier)

"""The demo's floor: what the bank's records do not say, chosen by us. One place to change it.

Which queues there are, how long shifts and breaks are, how phones ring. Volumes, types, talks and
patience come from ``parameters`` (a real centre's); here they are only dealt out to queues.
"""

from dataclasses import dataclass

from sources.simulator.parameters import TYPES

CALLS_PER_SEAT = 0.0495
"""Calls on the floor for each call of the bank, per agent of the roster: 72 agents get 3.6 times its
volume, which keeps them busy and lets the service level move between 60 and 95 % over a day."""

OPEN_HOUR = 7.0
CLOSE_HOUR = (22.0, 22.0, 22.0, 22.0, 22.0, 14.0, 7.0)
"""Opening hours by weekday, Monday first. On Sundays it is closed; the bank's last two hours are left out."""

BUSINESS_TYPES = {
    "PS": "account", "NE": "securities", "NW": "new customer", "IN": "online banking",
    "PE": "account, English", "TT": "call-back",
}
"""What the bank's types are called here."""


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """One queue: who calls it and what happens to who waits."""

    name: str
    project: str
    mix: tuple[tuple[str, float], ...]  # calls by the bank's type, as a share of the centre's calls
    priority: bool = False  # the bank's priority callers: their patience, and CREDIT_S of waiting
    timeout_s: float = 900.0  # then the caller goes on to `overflow`, or leaves
    overflow: str | None = None
    transfers: tuple[str, float] | None = None  # (to which queue, share of its talks)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types of its calls."""
        return tuple(kind for kind, _ in self.mix)

    @property
    def parts(self) -> tuple[float, ...]:
        """Their shares of the centre's calls."""
        return tuple(part for _, part in self.mix)

    @property
    def share(self) -> float:
        """Its share of all calls."""
        return sum(part for _, part in self.mix)


_REGULAR = TYPES["PS"]
QUEUES = (
    QueuePlan(
        "support", "Northbank", (("PS", _REGULAR * 0.8), ("IN", TYPES["IN"])),
        timeout_s=600, transfers=("售后", 0.04),
    ),
    QueuePlan(
        "sales", "Northbank", (("NW", TYPES["NW"]),),
        timeout_s=180, overflow="support", transfers=("support", 0.06),
    ),
    QueuePlan("vip", "Northbank", (("NE", TYPES["NE"]),), priority=True, timeout_s=120, overflow="support"),
    QueuePlan(
        "售后", "Kontor", (("PS", _REGULAR * 0.2), ("TT", TYPES["TT"]), ("PE", TYPES["PE"])),
        timeout_s=240, overflow="support", transfers=("support", 0.03),
    ),
)
"""The demo's queues. A mix of 0.8 and 0.2 of the regular calls makes two queues of the bank's one."""

CREDIT_S = 90.0
"""The bank lets a priority caller start with a minute and a half of waiting credited."""

TEAMS = (
    ("North", ("support", "sales"), 0.28),
    ("South", ("support", "售后"), 0.24),
    ("West", ("support",), 0.12),
    ("Sales", ("sales",), 0.07),
    ("VIP desk", ("vip", "support"), 0.20),
    ("东区", ("售后",), 0.09),
)
"""(team, its queues, share of the roster)."""

SHIFTS = ((6.9, 15.5, 0.17), (7.8, 16.8, 0.28), (9.4, 18.0, 0.21), (13.4, 22.1, 0.19), (16.3, 22.1, 0.15))
"""(from, to, share of the roster): hours of the day in the centre's zone, Monday to Friday."""
SATURDAY_SHIFT = (6.9, 14.1, 0.45)
"""The same for Saturday: a part of the roster, a different one each week."""
ABSENT = 0.06
"""Share of a shift that is ill or on leave."""

NEWCOMERS_SINCE = (3, 4, 5, 2, 6)
"""Days before the scenario's day on which newcomers began, in turn: too few to judge them by."""

MOST_PAUSED = 0.15
"""A break that is due waits while more than this share of the floor is paused."""

LUNCH, BREAK, COACHING, BACK_OFFICE, MISSED, TRAINING = (
    "Lunch", "Break", "Coaching", "Back office", "Missed call", "培训"
)
"""Reasons of pauses."""

RING_S = (1.0, 4.0, 0.6)
"""Time until an agent picks up: the shortest, the mean, the sigma of the lognormal beyond the shortest."""
RING_LIMIT_S = 15.0
"""A phone that rings this long has not been answered."""
AFTER_MISS_S = 2.0
"""Seconds until a phone that was not answered is offered anything again."""

WRAP_MEAN_S, WRAP_SIGMA = 24.0, 0.6
"""Wrap-up work after a talk, lognormal (the bank has none)."""
HOLD_SHARE, HOLD_MEAN_S = 0.12, 35.0
"""Share of talks with a stretch on hold, and its mean."""
SURVEYED, SURVEY_AFTER_S = 0.12, 150.0
"""Share of talks after which the caller answers a survey (a mark from 1 to 5, solved or not), and when."""
MARK_MEAN, MARK_SPREAD, MARK_SKILL = 4.1, 0.9, 0.3
"""The survey's mark: mean, spread of callers, and how much one standard deviation of quality moves it."""
SOLVED_ODDS, SOLVED_SKILL = 1.3, 0.35
"""Log odds that a talk solves the matter, and how much quality moves them."""
REVIEWED, REVIEW_AFTER_S = 0.007, 5400.0
"""Share of talks that are listened to by a reviewer, who gives up to 100 points, and when."""
POINTS_MEAN, POINTS_SPREAD, POINTS_SKILL = 82.0, 8.0, 4.0
COMPLAINED, COMPLAINT_SKILL = 0.003, 0.5
"""Share of talks that somebody complains about."""
OUTSIDE_SHARE, OUTSIDE_MEAN_S = 0.015, 75.0
"""Share of talks after which the agent's phone is used outside the queues, and for how long."""
KEY_SHARE, KEY_MEAN_S = 0.012, 90.0
"""Share of callers who would rather press a key and leave a message, and after how long."""
REDIAL_MEAN_S = 420.0
"""Mean time until somebody who hung up calls again."""
NAMED_SHARE = 0.35
"""Share of callers whose name the phone system knows."""
CUSTOMERS = 90_000
"""People who might call."""

RESERVE_TEAM, RESERVE_COMES_MIN, RESERVE_STAYS_H = "Reserve", (4.0, 12.0), 6.0
"""Reserves who are called to a queue: their team, the minutes until the first and the last is there, and for
how long they stay."""
RESERVES = 40
"""How many there are beside the roster."""

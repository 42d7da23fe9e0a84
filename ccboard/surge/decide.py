"""From belief to alarm: AMBER, RED, OVER, the tier and since when.

Thresholds to rise and to fall differ (hysteresis), so that an alarm does not flicker.
"""

from dataclasses import dataclass
from typing import Literal

AMBER, RED, OVER = 0.60, 0.90, 0.20
TIER_FIRST = 0.60
"""An alarm goes up with the highest tier that is so likely. After that..."""
TIER_UP, TIER_SURE, TIER_DWELL_MIN = 0.50, 0.90, 10
"""... a higher tier must be likelier than not for ten minutes, or all but sure: people are called for it."""
TIER_DOWN = 0.10
"""A tier is left once it is so unlikely."""
SUSPECT = 0.10
"""A surge began, as far as one can tell, when its probability left this."""
SILENCE = 1e-6
"""An outage: a run of minutes without a call had at most this chance on a normal day."""

Event = Literal["raise", "change", "clear"]


@dataclass(slots=True)
class Alarm:
    """The alarm of one queue over a day; minutes are minutes of the day that have closed."""

    level: Literal["", "amber", "red"] = ""
    tier: int = 0
    """0 watch, 1..3 the tier that is reached."""
    onset: int | None = None
    """First minute of the present excursion; None while nothing is suspected."""
    raised_at: int | None = None
    red_at: int | None = None
    higher_since: int | None = None
    """Since when a higher tier is likelier than not; None while none is."""
    tiers: tuple[tuple[int, int], ...] = ()
    """(minute, tier) of the raise, and of each change of the tier since then."""

    def update(self, minute: int, p_surge: float, reached: tuple[float, ...]) -> Event | None:
        """Take in what is believed after `minute`; return what changes on the wall, if anything."""
        if p_surge <= SUSPECT:
            self.onset = None
        elif self.onset is None:
            self.onset = minute
        if not self.level:
            if p_surge < AMBER:
                return None
            self.raised_at = minute
            self.tier = _highest(reached, TIER_FIRST)
            self.higher_since = None
            self.tiers = ((minute, self.tier),)
            self._rise(minute, p_surge)
            return "raise"
        if p_surge < OVER:
            self.end()
            return "clear"
        self._rise(minute, p_surge)
        tier = self._tier(minute, reached)
        changed, self.tier = tier != self.tier, tier
        if changed:
            self.tiers = (*self.tiers, (minute, tier))
        return "change" if changed else None

    def end(self) -> None:
        """Take the alarm off the wall."""
        self.level, self.tier, self.raised_at, self.red_at = "", 0, None, None
        self.tiers = ()

    def _rise(self, minute: int, p_surge: float) -> None:
        if p_surge >= RED and self.red_at is None:
            self.red_at = minute
        self.level = "red" if self.red_at is not None else "amber"

    def _tier(self, minute: int, reached: tuple[float, ...]) -> int:
        """Return the tier that is shown from now on."""
        likely = _highest(reached, TIER_UP)
        if likely <= self.tier:
            self.higher_since = None
            return min(self.tier, _highest(reached, TIER_DOWN))
        if self.higher_since is None:
            self.higher_since = minute
        if minute - self.higher_since < TIER_DWELL_MIN:
            return max(self.tier, _highest(reached, TIER_SURE))
        self.higher_since = None
        return likely


def _highest(reached: tuple[float, ...], least: float) -> int:
    """Return the highest tier (1..) whose probability is at least `least`, else 0."""
    return max((number for number, p in enumerate(reached, start=1) if p >= least), default=0)

"""Which days are not like others: the configuration's, people's, and those of the holiday calendar."""

import importlib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from ccboard.errors import ConfigError
from ccboard.tiers import Surge

NOT_NORMAL = "not normal"
AHEAD = timedelta(days=30)


class Known(NamedTuple):
    """The kinds of days, and days off that are worked (China's weekends in lieu)."""

    kinds: Mapping[date, str]
    worked: frozenset[date]
    missing: str | None = None
    """Why the holiday calendar could not be used."""

    def like(self, day: date) -> date:
        """Return the day whose weekday says what a day is like: of a weekend that is worked a weekday.

        A worked Saturday goes on after Friday, a worked Sunday begins like Monday.
        """
        if day in self.worked and day.weekday() >= 5:
            return day + timedelta(days=-1 if day.weekday() == 5 else 1)
        return day


def known(surge: Surge, first: date, last: date, marked: frozenset[date] = frozenset()) -> Known:
    """Return what is known of the days from `first` to a month after `last`; `marked`: by people.

    What the configuration says goes before the holiday calendar. Never raises: a calendar that is
    missing is said.
    """
    kinds: dict[date, str] = {}
    worked: frozenset[date] = frozenset()
    missing = None
    if surge.country:
        try:
            holidays, worked = _holidays(surge.country, surge.subdivision, first.year, (last + AHEAD).year)
            kinds.update(dict.fromkeys(holidays, "holiday"))
        except ConfigError as error:
            missing = str(error)
    kinds.update(dict.fromkeys((*surge.not_normal, *marked), NOT_NORMAL))
    kinds.update(surge.days)
    return Known({day: kind for day, kind in kinds.items() if first <= day <= last + AHEAD}, worked, missing)


@lru_cache(maxsize=8)
def _holidays(country: str, subdivision: str | None, first: int, last: int
              ) -> tuple[frozenset[date], frozenset[date]]:
    """Return holidays and worked weekends; raises ConfigError with what to do."""
    try:
        package = importlib.import_module("holidays")
    except ImportError:
        text = "surge.country needs the holiday calendar: pip install 'ccboard[holidays]'"
        raise ConfigError(text) from None
    try:
        found = package.country_holidays(country, subdiv=subdivision, years=range(first, last + 1))
    except NotImplementedError as error:
        raise ConfigError(f"surge.country: {error}") from None
    return frozenset(found), frozenset(getattr(found, "weekend_workdays", ()))

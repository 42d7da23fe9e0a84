"""Limits as the configuration gives them: [warning, critical], or one number that stands for both.

Checked where they are written, because a limit that can never be reached is silently no limit: 5 for
5 % where a share is meant, a critical limit in front of the warning, a number below nothing.
"""

import math
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator

Pair: TypeAlias = tuple[float, float]
"""(warning, critical)."""


def either(value: object) -> Pair:
    """Return a limit that may be reached either way. Raises ValueError."""
    both = value if isinstance(value, list | tuple) else (value, value)
    if len(both) != 2 or not all(_is_number(one) for one in both):
        msg = "a limit is one number, or [warning, critical]"
        raise ValueError(msg)
    warning, critical = both
    if warning < 0 or critical < 0:
        msg = "a limit is not below 0"
        raise ValueError(msg)
    return warning, critical


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def rising(value: object) -> Pair:
    """Return a limit of what is worse the higher it is. Raises ValueError."""
    warning, critical = either(value)
    if warning > critical:
        msg = f"the warning comes first: [{critical:g}, {warning:g}]"
        raise ValueError(msg)
    return warning, critical


def _share(pair: Pair) -> Pair:
    if max(pair) > 1:
        said = "[" + ", ".join(f"{one / 100:g}" for one in pair) + "]"
        msg = "a share is a number from 0 to 1" + (f"; {said} for percent" if max(pair) <= 100 else "")
        raise ValueError(msg)
    return pair


def rising_share(value: object) -> Pair:
    """Return a limit of a share that is worse the higher it is. Raises ValueError."""
    return _share(rising(value))


def falling(value: object) -> Pair:
    """Return a limit of what is worse the lower it is. Raises ValueError."""
    warning, critical = either(value)
    if warning < critical:
        msg = f"it falls, so the warning is the higher one: [{critical:g}, {warning:g}]"
        raise ValueError(msg)
    return warning, critical


def falling_share(value: object) -> Pair:
    """Return a limit of a share that is worse the lower it is. Raises ValueError."""
    return falling(_share(either(value)))


def either_share(value: object) -> Pair:
    """Return a limit of a share that may be reached either way. Raises ValueError."""
    return _share(either(value))


Limit = Annotated[Pair, BeforeValidator(rising)]
"""A figure that is worse the higher it is: a count, or seconds."""
ShareLimit = Annotated[Pair, BeforeValidator(rising_share)]
"""A share (0 to 1) that is worse the higher it is."""
FallingLimit = Annotated[Pair, BeforeValidator(falling_share)]
"""A share (0 to 1) that is worse the lower it is."""

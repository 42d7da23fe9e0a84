"""Limits as the configuration gives them: [warning, critical], or one number that stands for both.

Checked where they are written, because a limit that can never be reached is silently no limit: 5 for
5 % where a share is meant, a critical limit in front of the warning, a number below nothing.
"""

import math
from typing import Annotated

from pydantic import BeforeValidator


def _pair(value: object) -> tuple[float, float]:
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


def _rising(value: object) -> tuple[float, float]:
    warning, critical = _pair(value)
    if warning > critical:
        msg = f"the warning comes first: [{critical:g}, {warning:g}]"
        raise ValueError(msg)
    return warning, critical


def _share(pair: tuple[float, float]) -> tuple[float, float]:
    if max(pair) > 1:
        said = "[" + ", ".join(f"{one / 100:g}" for one in pair) + "]"
        msg = "a share is a number from 0 to 1" + (f"; {said} for percent" if max(pair) <= 100 else "")
        raise ValueError(msg)
    return pair


def _rising_share(value: object) -> tuple[float, float]:
    return _share(_rising(value))


def _falling_share(value: object) -> tuple[float, float]:
    warning, critical = _share(_pair(value))
    if warning < critical:
        msg = f"it falls, so the warning is the higher one: [{critical:g}, {warning:g}]"
        raise ValueError(msg)
    return warning, critical


Limit = Annotated[tuple[float, float], BeforeValidator(_rising)]
"""A figure that is worse the higher it is: a count, or seconds."""
ShareLimit = Annotated[tuple[float, float], BeforeValidator(_rising_share)]
"""A share (0 to 1) that is worse the higher it is."""
FallingLimit = Annotated[tuple[float, float], BeforeValidator(_falling_share)]
"""A share (0 to 1) that is worse the lower it is."""

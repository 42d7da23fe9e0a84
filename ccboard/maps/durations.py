"""Durations as exports write them, in seconds."""

import re
from typing import Literal, TypeAlias

from ccboard.maps.memo import BadValue

DurationUnit: TypeAlias = Literal["auto", "s", "ms", "min", "days"]

SCALE = {"auto": 1.0, "s": 1.0, "ms": 0.001, "min": 60.0, "days": 86_400.0}
LONGEST_S = 30 * 86_400
"""Nobody talks for longer than a month: a larger number is of another unit, or damaged."""
_CLOCK = re.compile(r"(?:(\d{1,3})\s*d(?:ays?)?,?\s+)?(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:[.,]\d{1,9})?)")
_WORDS = re.compile(
    r"(?:(\d{1,4})\s*(?:小时|时|h|hrs?|hours?)\s*)?(?:(\d{1,5})\s*(?:分钟|分|m|mins?|minutes?)\s*)?"
    r"(?:(\d{1,6}(?:\.\d+)?)\s*(?:秒钟|秒|s|secs?|seconds?))?",
    re.IGNORECASE,
)


def seconds(text: str, unit: DurationUnit = "auto") -> float:
    """Return a duration in seconds: a number of `unit`, ``H:MM:SS``, ``MM:SS``, ``1h 2m 3s`` or ``1分30秒``.

    Negative numbers and numbers beyond a month raise BadValue, like everything else that is no duration.

    >>> seconds("90"), seconds("1:30"), seconds("26:00:05"), seconds("1500", "ms"), seconds("1分30秒")
    (90.0, 90.0, 93605.0, 1.5, 90.0)
    """
    text = text.strip()
    value: float | None = None
    if found := _CLOCK.fullmatch(text):
        days, hours, minutes, rest = found.groups()
        whole = float(rest.replace(",", "."))
        if whole < 60 and (hours is None or int(minutes) < 60):
            value = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes) * 60 + whole
    elif re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,2})?", text, re.ASCII):
        value = float(text.replace(",", ".")) * SCALE[unit]
        if unit != "s":
            value = round(value, 6)  # 0.001 is no binary number
    elif (found := _WORDS.fullmatch(text)) and any(found.groups()):
        hours, minutes, rest = found.groups()
        value = int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(rest or 0)
    if value is None:
        raise BadValue("not a duration", text)
    if value < 0:
        raise BadValue("a negative duration", text)
    if value > LONGEST_S:
        raise BadValue("a duration of more than a month", text)
    return value

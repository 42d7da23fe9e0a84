"""Ranges and performance data as Nagios, Icinga, Naemon, Checkmk and Zabbix read them.

A range says when to alert: ``10`` outside 0..10, ``10:`` below 10, ``~:10`` above 10, ``10:20`` outside
10..20, ``@10:20`` inside it, both ends included. After the monitoring plug-ins' guidelines.
"""

from ccboard.errors import UsageError

_DIGITS = frozenset("0123456789")
_INFINITY = float("inf")


class Range:
    """When a figure alerts. `text` is as it was typed, for the performance data."""

    __slots__ = ("end", "inside", "start", "text")

    def __init__(self, start: float, end: float, inside: bool, text: str) -> None:
        self.start = start
        self.end = end
        self.inside = inside
        self.text = text

    def alerts(self, value: float) -> bool:
        """Tell whether `value` is one to alert for."""
        return (self.start <= value <= self.end) is self.inside


def parse_range(text: str, option: str = "range") -> Range:
    """Read a range; raise UsageError naming `option` for one that cannot be meant.

    >>> [value for value in range(6) if parse_range("2:4").alerts(value)]
    [0, 1, 5]
    >>> [value for value in range(6) if parse_range("@2:4").alerts(value)]
    [2, 3, 4]
    """
    inside = text.startswith("@")
    low, colon, high = text[inside:].partition(":")
    if not colon:
        low, high = "0", low
        right = bool(high)
    else:
        right = bool(low or high)
    try:
        start = -_INFINITY if low == "~" else _number(low) if low else 0.0
        end = _number(high) if high else _INFINITY
    except ValueError:
        right = False
    if not right:
        raise UsageError(f"{option} {text!r}: a range is 10, 10:, ~:10, 10:20 or @10:20") from None
    if start > end:
        raise UsageError(f"{option} {text!r}: a range starts at its lower end, as in {high}:{low}")
    return Range(start, end, inside, text)


def _number(text: str) -> float:
    digits = text.removeprefix("-").replace(".", "", 1)
    if not digits or not _DIGITS.issuperset(digits):  # float() takes nan, 1_0 and 1e9 too
        raise ValueError
    return float(text)


def number(value: float) -> str:
    """Return a value as performance data spells it: no exponent, at most two decimals.

    >>> number(54.0), number(0.304), number(1234567)
    ('54', '0.3', '1234567')
    """
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def perfdata(
    label: str, value: float | None, unit: str = "", warning: Range | None = None,
    critical: Range | None = None, least: str = "0", most: str = "",
) -> str:
    """Return one item of performance data; `value` None, which is not known or did not happen, is U.

    >>> perfdata("service_level", 54, "%", parse_range("80:"), parse_range("70:"), most="100")
    "'service_level'=54%;80:;70:;0;100"
    """
    label = label.replace("'", "''").replace("=", "-").replace("|", "/")
    said = "U" if value is None else number(value) + unit
    limits = f"{warning.text if warning else ''};{critical.text if critical else ''}"
    return f"'{label}'={said};{limits};{least};{most}"


def plain(text: str, limit: int = 0) -> str:
    """Return `text` fit for the one line of a check: no bar, no line ends, cut at `limit` characters."""
    text = " ".join(text.replace("|", "/").split())
    return text[: limit - 1] + "…" if limit and len(text) > limit else text

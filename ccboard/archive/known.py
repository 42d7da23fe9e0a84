"""Of which stretches of time a store or an archive has all there is of a source, as arithmetic.

A store that holds a part of a source's history must not pass the rest off as days without calls. What it
lacks stands in it as gaps; bringing two parts together, in whichever order, leaves what neither has.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, TypeAlias

from ccboard.moments import to_datetime, to_micros

Stretches: TypeAlias = tuple[tuple[int, int], ...]
"""[from, until) in microseconds, in order and apart from each other."""


class Known(NamedTuple):
    """A source's history between its first and its last moment, and what of it is missing."""

    first: int | None
    """None: nothing at all is known of it."""
    last: int = 0
    missing: Stretches = ()


NOTHING = Known(None)


def union(stretches: Iterable[tuple[int, int]]) -> Stretches:
    """Return what is in any of the stretches.

    >>> union([(5, 7), (1, 3), (3, 4), (6, 9)])
    ((1, 4), (5, 9))
    """
    found: list[tuple[int, int]] = []
    for begin, end in sorted(stretches):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def minus(whole: Stretches, parts: Iterable[tuple[int, int]]) -> Stretches:
    """Return what is in `whole` and in none of the parts.

    >>> minus(((0, 10),), [(2, 3), (8, 12)])
    ((0, 2), (3, 8))
    """
    left = union(whole)
    for begin, end in union(parts):
        left = tuple(
            piece
            for a, b in left
            for piece in ((a, min(b, begin)), (max(a, end), b))
            if piece[0] < piece[1]
        )
    return left


def had(known: Known) -> Stretches:
    """Return the stretches of which everything is known."""
    if known.first is None:
        return ()
    return minus(((known.first, known.last),), known.missing)


def together(one: Known, other: Known) -> Known:
    """Return what is known of a source by two together. The order does not matter."""
    if one.first is None or other.first is None:
        return other if one.first is None else one
    first, last = min(one.first, other.first), max(one.last, other.last)
    return Known(first, last, minus(((first, last),), (*had(one), *had(other))))


def without(known: Known, begin: int, end: int) -> Known:
    """Return what is known when a stretch of it is not there."""
    if known.first is None:
        return known
    lacks = ((max(begin, known.first), min(end, known.last)),)
    return known._replace(missing=union((*known.missing, *lacks)))


def written(stretches: Stretches) -> str:
    """Return stretches as text: ISO 8601 intervals.

    >>> written(((0, 1_000_000),))
    '1970-01-01T00:00:00Z/1970-01-01T00:00:01Z'
    """
    return " ".join(f"{_iso(begin)}/{_iso(end)}" for begin, end in stretches)


def read(text: str) -> Stretches:
    """Return what ``written`` wrote. Raises ValueError."""
    found = []
    for word in text.split():
        begin, slash, end = word.partition("/")
        if not slash:
            msg = f"{word} is no interval"
            raise ValueError(msg)
        found.append((_micros(begin), _micros(end)))
    return union(found)


def _iso(at: int) -> str:
    return to_datetime(at).isoformat().replace("+00:00", "Z")


def _micros(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = f"{text} has no time zone"
        raise ValueError(msg)
    return to_micros(moment)

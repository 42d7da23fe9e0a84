"""Conditions of a map, made ready to ask of rows."""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ccboard.maps.durations import seconds
from ccboard.maps.memo import BadValue, Memo
from ccboard.maps.model import Column, Condition, is_regex

Check: TypeAlias = tuple[int, Memo[bool]]
"""A column's place, and whether a text there fulfils the condition."""
Place: TypeAlias = Callable[[Column], int]
"""From a column's name to its place in a row, counted from 0."""


def matcher(words: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells whether a text is one of `words`."""
    plain = {word.strip().casefold() for word in words if is_regex(word) is None}
    patterns = [re.compile(inner, re.IGNORECASE) for word in words if (inner := is_regex(word)) is not None]
    return lambda text: (
        text.strip().casefold() in plain or any(pattern.fullmatch(text.strip()) for pattern in patterns)
    )


def checks(conditions: Sequence[Condition], place: Place) -> tuple[Check, ...]:
    """Return `conditions` as checks, all of which must hold."""
    return tuple((place(condition.column), Memo(_holds(condition))) for condition in conditions)


def hold(of: Sequence[Check], cells: Sequence[str]) -> bool:
    """Tell whether all checks hold for a row."""
    return all(memo[cells[at]] for at, memo in of)


def _holds(condition: Condition) -> Callable[[str], bool]:
    one_of, none_of = matcher(condition.one_of), matcher(condition.none_of)

    def holds(text: str) -> bool:
        if condition.one_of and not one_of(text):
            return False
        if condition.none_of and none_of(text):
            return False
        if condition.empty is not None and condition.empty != (not text.strip()):
            return False
        if condition.above is None and condition.at_most is None:
            return True
        size = _size(text)
        if condition.above is not None and (size is None or size <= condition.above):
            return False
        return condition.at_most is None or size is None or size <= condition.at_most

    return holds


def _size(text: str) -> float | None:
    try:
        return -seconds(text.strip()[1:]) if text.strip().startswith("-") else seconds(text)
    except BadValue:
        try:
            return float(text)
        except ValueError:
            return None

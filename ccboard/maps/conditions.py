"""Conditions of a map, made ready to ask of rows."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from ccboard.maps.durations import seconds
from ccboard.maps.memo import BadValue, Memo
from ccboard.maps.model import Column, Condition, is_regex


class Plain(NamedTuple):
    """A condition that is a comparison with words in which case means nothing."""

    texts: tuple[str, ...]
    among: bool
    """The text has to be one of them; else none of them."""


Check: TypeAlias = tuple[int, Memo[bool], Plain | None]
"""A column's place, whether a text there fulfils the condition, and the condition if it is a plain one."""
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
    return tuple((place(c.column), Memo(_holds(c)), _plain(c)) for c in conditions)


def hold(of: Sequence[Check], cells: Sequence[str]) -> bool:
    """Tell whether all checks hold for a row."""
    return all(memo[cells[at]] for at, memo, _ in of)


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


def _plain(condition: Condition) -> Plain | None:
    """Return a condition as a plain comparison, None where it is more than that."""
    words = condition.one_of or condition.none_of
    more = (condition.empty, condition.above, condition.at_most) != (None, None, None)
    if more or (condition.one_of and condition.none_of) or any(is_regex(word) is not None for word in words):
        return None
    if not all(word.isascii() and not any(char.isalpha() for char in word) for word in words):
        return None
    return Plain(tuple(word.strip() for word in words), bool(condition.one_of))


def _size(text: str) -> float | None:
    try:
        return -seconds(text.strip()[1:]) if text.strip().startswith("-") else seconds(text)
    except BadValue:
        try:
            return float(text)
        except ValueError:
            return None

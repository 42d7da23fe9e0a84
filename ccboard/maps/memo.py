"""Conversions remembered by their text: an export says the same few words, days and durations over and over.

A look-up of a text seen before is one dictionary access, which is what makes a row cost microseconds.
Whatever is not kept is converted again, so a memo may be emptied at any time: memory stays bounded.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT = 100_000
"""Texts remembered by one memo; then it begins afresh."""


class BadValue(ValueError):  # noqa: N818 - it is the value that is bad
    """A text that cannot be what its column should hold; the message is the reason of the reject."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text


class Memo(dict[str, T], Generic[T]):
    """``memo[text]`` is `convert(text)`, done once. What `convert` raises is raised each time."""

    def __init__(self, convert: Callable[[str], T]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, text: str) -> T:
        value = self._convert(text)
        if len(self) >= KEPT:
            self.clear()
        self[text] = value
        return value

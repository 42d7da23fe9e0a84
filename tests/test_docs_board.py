"""docs/board.md names every key of the board, and no other."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import key_to_character

import ccboard.app
import ccboard.board
import widgets

PAGE = (Path(__file__).parents[1] / "docs/board.md").read_text(encoding="utf-8")
SHORT = {"slash": "/", "minus": "-", "plus": "+"}
"""Textual's own short names of keys."""
ARROWS = {"up", "down", "left", "right"}


def classes() -> Iterator[type[DOMNode]]:
    names = ["ccboard.app"]
    for package in (ccboard.board, widgets):
        names += [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    for name in names:
        module = importlib.import_module(name)
        for cls in vars(module).values():
            if isinstance(cls, type) and issubclass(cls, DOMNode) and cls.__module__ == name:
                yield cls


def bound() -> set[str]:
    keys = {"ctrl+p"}  # Textual's own, for the palette
    assert ccboard.app.BoardApp.COMMAND_PALETTE_BINDING == "ctrl+p"
    for cls in classes():
        for binding in vars(cls).get("BINDINGS", ()):
            assert isinstance(binding, Binding)
            keys |= {typed(key) for key in binding.key.split(",")}
    return keys


def typed(key: str) -> str:
    """Return a key as one types it: `slash` is /."""
    character = SHORT.get(key) or key_to_character(key)
    return character if character is not None and character.isprintable() and character != " " else key


def documented() -> set[str]:
    keys = set()
    for row in re.findall(r"(?m)^\| (.+?) \|", PAGE):
        keys |= set(re.findall(r"`([^`]+)`", row))
        if "arrows" in row:
            keys |= ARROWS
    return keys


def test_every_key_of_the_board_and_no_other() -> None:
    assert {"/", "?", "<", "q", "1", "space", "ctrl+p"} <= bound()
    assert documented() == bound()

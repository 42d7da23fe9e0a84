"""What somebody does on a board, as a record: who may, and what must be said."""

import json
from typing import Any

from ccboard.clean import clean, clean_or_none
from ccboard.errors import InputError
from ccboard.hub.roles import Viewer
from ccboard.records import NOTE_LENGTH, Action

SOURCE = "people"
"""The source under which what people do is stored."""
FIELDS = ("kind", "about", "who", "key", "note", "value", "until", "for_s")


def role_of(viewer: Viewer) -> str:
    """Return the role that stands with an action."""
    return "owner" if viewer.owner else viewer.role


def action_of(body: bytes, viewer: Viewer, now: int) -> Action:
    """Return the record of an action sent as one JSON object. Raises InputError saying what is wrong.

    Time and role are the hub's, not the sender's; `for_s` is a number of seconds from now, `until` a moment.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from None
    if not isinstance(said, dict):
        raise InputError("an action is a JSON object")
    if unknown := sorted(said.keys() - set(FIELDS)):
        raise InputError(f"an action has no field {clean(unknown[0], 40)!r}; there is {', '.join(FIELDS)}")
    texts = {name: _text(said, name) for name in ("kind", "about", "who", "key")}
    until = _number(said, "until")
    if (span := _number(said, "for_s")) is not None:
        until = now + span * 1_000_000
    note = clean_or_none(_text(said, "note", needed=False), NOTE_LENGTH)
    try:
        return Action(source=SOURCE, at=now, role=role_of(viewer), note=note, value=_number(said, "value"),
                      until=None if until is None else int(until), **texts)
    except ValueError as error:
        raise InputError(str(error)) from None


def _text(said: dict[str, Any], name: str, *, needed: bool = True) -> str:
    value = said.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not clean(value)):
        raise InputError(f"{name} is missing: a text")
    return clean(value) if needed else value


def _number(said: dict[str, Any], name: str) -> float | None:
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1 << 53:
        raise InputError(f"{name} is a number")
    return float(value)

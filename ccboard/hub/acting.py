"""What somebody does on a board, as a record: who may, and what must be said."""

import json
from typing import Any

from ccboard.clean import clean, clean_or_none
from ccboard.clock import SECOND
from ccboard.errors import InputError
from ccboard.hub.roles import Viewer
from ccboard.panel_surge import LEAST_FACTOR, MOST_FACTOR
from ccboard.records import NOTE_LENGTH, Action

SOURCE = "people"
"""The source under which what people do is stored."""
FIELDS = ("kind", "about", "who", "key", "note", "value", "until", "for_s")
LONGEST_S = 10 * 366 * 86_400
"""Nothing is put off, or looked at again, later than that."""
A_DAY_S = 25 * 3600
"""A re-check is for a day and says when that begins: today is not over (the longest day has 25 hours)."""


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
    until = _until(said, texts["kind"], now)
    value = _number(said, "value")
    if texts["kind"] == "new_normal" and (value is None or not LEAST_FACTOR <= value <= MOST_FACTOR):
        raise InputError(f"value is what became normal over what was, {LEAST_FACTOR:g} to {MOST_FACTOR:g}:"
                         f" 1.38 for 38 % more{'' if value is None else f', not {value:g}'}")
    note = clean_or_none(_text(said, "note", needed=False), NOTE_LENGTH)
    try:
        return Action(source=SOURCE, at=now, role=role_of(viewer), note=note, value=value,
                      until=until, **texts)
    except ValueError as error:
        raise InputError(str(error)) from None


def _until(said: dict[str, Any], kind: str, now: int) -> int | None:
    """Return until when something holds, or when it is looked at again; what is over already is refused."""
    moment, span = _number(said, "until"), _number(said, "for_s")
    if span is not None:
        if not 0 < span <= LONGEST_S:
            raise InputError(f"for_s is a number of seconds from now on, above 0 and at most {LONGEST_S},"
                             f" not {span:g}")
        return int(now + span * SECOND)
    if moment is None:
        return None
    over = moment + A_DAY_S * SECOND <= now if kind == "coach_recheck" else moment <= now
    if over:
        raise InputError(f"until lies in the past: {moment:.0f}, it is {now} (microseconds since 1970, UTC)")
    if moment > now + LONGEST_S * SECOND:
        raise InputError(f"until lies more than ten years away: {moment:.0f}, it is {now}"
                         " (microseconds since 1970, UTC)")
    return int(moment)


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

"""Records on the way to a hub: one JSON object per line, checked at the door.

``ccboard import`` writes these lines when a hub holds the store, and ``POST /v1/records`` reads them.
Each object is a record's fields and ``record``, the name of its class; fields that have their default
are left out, unknown fields are refused. Only reading needs pydantic.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ccboard.clean import MAX_LENGTH, clean
from ccboard.errors import InputError
from ccboard.records import (
    NOTE_LENGTH,
    Action,
    AgentKnown,
    AgentState,
    Contact,
    Offer,
    QueueCounters,
    QueueKnown,
    Record,
    Refusal,
    Reject,
    Score,
    SourceStatus,
)

if TYPE_CHECKING:
    from pydantic import TypeAdapter

KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Contact, Offer, AgentState, QueueKnown, AgentKnown, SourceStatus, Action, Score, Refusal,
                 QueueCounters, Reject)
}
"""Everything that may be handed to a hub, by its name in ``record``: records, and what could not be used."""
LIMIT = 1 << 53
"""Moments and counts beyond it are refused: JSON readers elsewhere lose digits there."""


@cache
def _defaults(name: str) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.default) for field in fields(KINDS[name]))


def to_line(record: Record | Reject) -> bytes:
    """Return `record` as one line of JSON, with its line end."""
    kind = type(record).__name__
    said: dict[str, Any] = {"record": kind}
    for name, default in _defaults(kind):
        value = getattr(record, name)
        if default is MISSING or value != default:
            said[name] = value
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def to_lines(records: Iterable[Record | Reject], limit: int = 1 << 20) -> Iterator[bytes]:
    """Yield `records` as bodies of NDJSON of about `limit` bytes each."""
    body = bytearray()
    for record in records:
        body += to_line(record)
        if len(body) >= limit:
            yield bytes(body)
            body.clear()
    if body:
        yield bytes(body)


@cache
def _adapter(name: str) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(KINDS[name])


def from_lines(body: bytes) -> list[Record | Reject]:
    """Read NDJSON back into records; every string is cleaned again, for the sender may be anybody.

    All or nothing: raises InputError naming the line and field of the first mistake, so that a sender
    can mend it and send the whole body again (records are idempotent).
    """
    records: list[Record | Reject] = []
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.strip():
            records.append(_from_line(line, number))
    return records


def _from_line(line: bytes, number: int) -> Record | Reject:
    from pydantic import ValidationError

    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"line {number}: not JSON: {error}") from None
    if not isinstance(said, dict):
        raise InputError(f'line {number}: a record is a JSON object, with a "record"')
    name = said.pop("record", None)
    if not isinstance(name, str) or name not in KINDS:
        raise InputError(f"line {number}: record {clean(str(name), 40)!r} is none of {', '.join(KINDS)}")
    unknown = said.keys() - {field for field, _ in _defaults(name)}
    if unknown:
        raise InputError(f"line {number}: {name} has no field {clean(min(unknown), 40)!r}")
    for field, value in said.items():
        if isinstance(value, int | float) and not -LIMIT < value < LIMIT:  # NaN fails this too
            raise InputError(f"line {number}: {name}.{field}: {value} is out of range")
    try:
        record: Record | Reject = _adapter(name).validate_json(line, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(f"line {number}: {name}.{field}: {first['msg']}") from None
    cleaned: dict[str, Any] = {}
    for key, text in said.items():
        if isinstance(text, str):
            kept = clean(text, NOTE_LENGTH if key == "note" or name == "Reject" else MAX_LENGTH)
            if kept != text:
                cleaned[key] = kept
    try:
        return replace(record, **cleaned) if cleaned else record
    except ValueError as error:  # nothing was left of a name that is needed
        raise InputError(f"line {number}: {name}: {error}") from None

"""JSON for boards. Of one frame and the next most rows are the same: each is encoded once.

On a floor of 500 agents and 50 queues this is 200 kB a second, which took longer to encode than to make.
"""

import json
import threading
from collections.abc import Callable
from typing import Any, TypeAlias

from ccboard.snapshot import AgentFigures, Snapshot, to_wire

_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(value: object) -> bytes:
    """Return JSON bytes, small and in UTF-8."""
    return _text(value).encode()


Rows: TypeAlias = tuple[tuple[Any, ...], ...]
Part: TypeAlias = Callable[[Any], str]


class _Whole:
    """A list that is the same object until something in it changes."""

    def __init__(self) -> None:
        self._rows: object = None
        self._encoded = ""

    def __call__(self, rows: object) -> str:
        if rows is not self._rows:
            self._encoded, self._rows = self.made(rows), rows
        return self._encoded

    def made(self, rows: Any) -> str:
        """Return it, encoded."""
        return _text(rows)


class _Rows(_Whole):
    """A long list of rows of which few are others than the last time."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[int, tuple[object, str]] = {}
        """Texts by the identity of rows, which are held so that no other can have it."""

    def made(self, rows: Any) -> str:
        known, now = self._known, {}
        for row in rows:
            name = id(row)
            one = known.get(name)
            now[name] = (row, _text(row)) if one is None else one
        self._known = now
        return f"[{','.join([one[1] for one in now.values()])}]" if len(now) == len(rows) else _text(rows)


_STATE_S, _PAUSED_S = (AgentFigures._fields.index(name) for name in ("state_s", "paused_s"))
_HEAD, _MIDDLE, _TAIL = slice(_STATE_S), slice(_STATE_S + 1, _PAUSED_S), slice(_PAUSED_S + 1, None)
assert _STATE_S < _PAUSED_S


class _Agents(_Whole):
    """Rows of agents: in each second others, but mostly by two numbers alone."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, tuple[AgentFigures, str, str, str]] = {}

    def made(self, rows: Any) -> str:
        known, now, texts = self._known, {}, []
        for row in rows:
            one = known.get(row[0])
            if one is None or not _stays(one[0], row):
                head, middle, tail = (_text(row[part])[1:-1] for part in (_HEAD, _MIDDLE, _TAIL))
                one = (row, f"[{head},", f",{middle},", f",{tail}]")
            now[row[0]] = one
            state_s, paused_s = row[_STATE_S], row[_PAUSED_S]
            texts.append(f"{one[1]}{'null' if state_s is None else state_s}{one[2]}{paused_s}{one[3]}")
        self._known = now
        return f"[{','.join(texts)}]"


def _stays(one: AgentFigures, other: AgentFigures) -> bool:
    return one[_HEAD] == other[_HEAD] and one[_MIDDLE] == other[_MIDDLE] and one[_TAIL] == other[_TAIL]


class Encoder:
    """Encodes the frames that viewers of one sight get, one after the other. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[str, Part] = {
            "agents": _Agents(), "intervals": _Rows(), "log": _Rows(), "waiting": _Rows(),
        }

    def board(self, seq: int, snapshot: Snapshot, before: Snapshot | None = None) -> bytes:
        """Return the answer for a board: the number of the frame, and the snapshot as ``to_wire`` has it."""
        with self._lock:
            parts = [f"{_text(name)}:{self._parts.get(name, _text)(value)}"
                     for name, value in to_wire(snapshot, before).items()]
        partial = "false" if before is None else "true"
        return f'{{"seq":{seq},"partial":{partial},"snapshot":{{{",".join(parts)}}}}}'.encode()


class Encoders:
    """An encoder for each sight; those asked least recently are forgotten."""

    MOST = 8

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[object, Encoder] = {}

    def of(self, sight: object) -> Encoder:
        """Return the encoder for a sight."""
        with self._lock:
            found = self._known.pop(sight, None) or Encoder()
            self._known[sight] = found
            while len(self._known) > self.MOST:
                del self._known[next(iter(self._known))]
            return found

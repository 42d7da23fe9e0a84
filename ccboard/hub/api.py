"""What the hub answers: requests in, responses out, nothing of sockets. See docs for the interface."""

import difflib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ccboard.archive.cut import TooLongError
from ccboard.clean import clean
from ccboard.errors import CcboardError, InputError, StoreError, UsageError
from ccboard.figures.request import conditions, dimensions
from ccboard.hub.encoding import encode
from ccboard.hub.roles import Viewer, view
from ccboard.hub.ticker import Frame
from ccboard.records import Record, Reject
from ccboard.snapshot import Snapshot, to_public, to_wire
from ccboard.transfer import from_lines
from ccboard.writer import WriterClosedError

log = logging.getLogger(__name__)

PATIENCE_S = 0.3
"""A board that looks at the past gets what is known by then, and asks again for the rest."""
TOO_OLD_S = 10.0
"""Beyond this age a frame is not the present any more: a one-shot question gets an error instead."""


class Hub(Protocol):
    """What the routes need of the hub."""

    def status(self, viewer: Viewer) -> dict[str, Any]:
        """Return what ``ccboard status`` shows."""
        ...

    def frame(self, *, fresh: bool) -> Frame | None:
        """Return the last frame; `fresh`: at most a second old if that can be had."""
        ...

    def frame_age(self, frame: Frame) -> float:
        """Return the age of a frame in seconds."""
        ...

    def trouble(self) -> str | None:
        """Return why no frame can be made, None where it can."""
        ...

    def figures_at(self, as_of: str | None, zone: ZoneInfo | None, viewer: Viewer,
                   patience_s: float | None = None, *, quality: bool = False) -> Snapshot:
        """Return the figures at a moment a user typed (None: now). Raises UsageError.

        What takes longer than a patience is pending. `quality`: with what can be said of the data up to then.
        """
        ...

    def asked(self, what: str, words: Mapping[str, str | None], zone: ZoneInfo | None, viewer: Viewer
              ) -> dict[str, Any]:
        """Return the object of `figures`, `explain`, `visits` or `tail`. Raises UsageError, StoreError."""
        ...

    def take(self, source: str, kind: str, key: str, records: list[Record], cursor: str | None,
             rejects: tuple[Reject, ...] = ()) -> int:
        """Write what was handed in; return how many records changed something."""
        ...

    def introduce(self, source: str, kind: str, promise_s: float, sees: frozenset[str]) -> None:
        """Note a source as records of it were told elsewhere, unless it is known here."""
        ...

    def lacks(self, source: str, stretches: list[tuple[int, int]]) -> None:
        """Note the stretches of a source's history that are not here, and no others."""
        ...

    def act(self, body: bytes, viewer: Viewer) -> dict[str, Any]:
        """Write what somebody did; return what became of it. Raises InputError."""
        ...

    def cursor(self, source: str, key: str) -> str | None:
        """Return the cursor stored for a source."""
        ...

    def stop(self) -> str | None:
        """Begin to leave; return why not, if not."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A request, read in full, from somebody known."""

    method: str
    path: str
    query: Mapping[str, str]
    viewer: Viewer
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: JSON in bytes."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = field(default=())


class RefusalError(Exception):
    """A request that gets an error for an answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def error(status: int, message: str) -> Response:
    """Return an answer that says what is wrong: ``{"error": "..."}``."""
    return Response(status, encode({"error": clean(message, 2000)}))


def parse_target(target: str) -> tuple[str, dict[str, str]]:
    """Return path and query of a request target. Raises RefusalError(400)."""
    try:
        parts = urlsplit(target)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=20, errors="strict")
    except (ValueError, UnicodeError):
        raise RefusalError(400, "the address of the request is not understood") from None
    query: dict[str, str] = {}
    for name, value in pairs:
        if name in query:
            raise RefusalError(400, f"{name} is given twice")
        query[name] = value
    return parts.path, query


def board_wait(request: Request) -> tuple[int, float]:
    """Return `after` and `wait` (at most 30 s) of a board's question. Raises RefusalError(400)."""
    _known(request, {"after", "wait", "partial", "as_of", "quality"})
    if request.query.get("partial", "0") not in ("0", "1"):
        raise RefusalError(400, "partial is 0 or 1")
    if (quality := request.query.get("quality")) is not None:
        if quality not in ("0", "1"):
            raise RefusalError(400, "quality is 0 or 1")
        if "as_of" not in request.query:
            raise RefusalError(400, "quality goes with as_of: boards of the present have it anyway")
    try:
        after, wait = int(request.query.get("after", "0")), float(request.query.get("wait", "0"))
    except ValueError:
        raise RefusalError(400, "after is a whole number, wait a number of seconds") from None
    if not 0 <= wait <= 3600:
        raise RefusalError(400, "wait is a number of seconds")
    return after, min(wait, 30.0)


def partial_after(request: Request) -> int:
    """Return the frame that a board has and can be told the changes to; 0: it wants everything."""
    return board_wait(request)[0] if request.query.get("partial") == "1" else 0


class Api:
    """The routes. ``answer`` never raises; a fault of ours is a 500 and stands in the log."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "/v1/status"): self._status,
            ("GET", "/v1/now"): self._now,
            ("GET", "/v1/board"): self._board,
            ("GET", "/v1/figures"): self._figures,
            ("GET", "/v1/explain"): self._explain,
            ("GET", "/v1/visits"): self._visits,
            ("GET", "/v1/tail"): self._tail,
            ("GET", "/v1/before"): self._before,
            ("GET", "/v1/coach"): self._coach,
            ("GET", "/v1/quality"): self._quality,
            ("GET", "/v1/export"): self._export,
            ("GET", "/v1/alarms"): self._alarms,
            ("GET", "/v1/staff"): self._staff,
            ("GET", "/v1/cursor"): self._cursor,
            ("POST", "/v1/records"): self._records,
            ("POST", "/v1/actions"): self._actions,
            ("POST", "/v1/stop"): self._stop,
        }

    def may(self, method: str, path: str, viewer: Viewer) -> Response | None:
        """Return the refusal that needs no body to be known, or None."""
        if (method, path) not in self._routes:
            methods = [m for m, p in self._routes if p == path]
            if methods:
                return Response(405, error(405, f"{path} takes {' and '.join(methods)}").body,
                                (("Allow", ", ".join(methods)),))
            known = ", ".join(f"{m} {p}" for m, p in self._routes)
            return error(404, f"no such address; there is {known}")
        if path == "/v1/actions" and not (viewer.named or viewer.owner):
            return error(403, "what is done about an alarm is for lead and manager")
        if (path in ("/v1/records", "/v1/cursor") and not viewer.writes) or (
            path == "/v1/stop" and not viewer.owner
        ):
            return error(403, "this is for the hub's own user")
        if path == "/v1/export" and (not viewer.writes or viewer.queues):
            return error(403, "an export is for a manager of all queues and the hub's own user")
        return None

    def answer(self, request: Request) -> Response:
        """Return the answer to a request."""
        try:
            refusal = self.may(request.method, request.path, request.viewer)
            return refusal or self._routes[request.method, request.path](request)
        except RefusalError as refused:
            return error(refused.status, str(refused))
        except (UsageError, InputError) as wrong:
            return error(400, str(wrong))
        except StoreError as trouble:
            return error(503, str(trouble))
        except (WriterClosedError, TimeoutError):
            return error(503, "the store cannot be written at present; try again")
        except CcboardError as wrong:
            return error(400, str(wrong))
        except Exception as fault:
            log.exception("%s %s", request.method, request.path)
            return error(500, f"a fault of the hub ({type(fault).__name__}); its log says more")

    def _status(self, request: Request) -> Response:
        _known(request, set())
        return Response(200, encode(self._hub.status(request.viewer)))

    def _board(self, request: Request) -> Response:
        """Answer at once with what there is; the server has done the waiting."""
        board_wait(request)
        if as_of := request.query.get("as_of"):
            found = self._hub.figures_at(as_of, None, request.viewer, PATIENCE_S,
                                         quality=request.query.get("quality") == "1")
            return Response(200, encode({"seq": 0, "snapshot": to_wire(view(found, request.viewer))}))
        frame = self._hub.frame(fresh=False)
        if frame is None and self._hub.trouble() is not None:
            raise RefusalError(503, self._no_figures(request.viewer))
        return Response(200, encode({"seq": 0}) if frame is None else frame.wire(
            request.viewer, partial_after(request)))

    def _no_figures(self, viewer: Viewer) -> str:
        """Return why there is no frame yet; what is wrong is told to those who may see names."""
        why = self._hub.trouble()
        if why is None:
            return "the hub has just started and has no figures yet; try again"
        return f"the hub has no figures yet{f': {why}' if viewer.named else ''}"

    def _now(self, request: Request) -> Response:
        _known(request, {"as_of", "queue", "agents", "timezone"})
        queue, agents = request.query.get("queue"), request.query.get("agents", "1")
        if agents not in ("0", "1"):
            raise RefusalError(400, "agents is 0 or 1")

        def shape(public: dict[str, Any]) -> object:
            if queue is not None:
                known = [q["queue"] for q in public["queues"]]
                if queue not in known:
                    raise RefusalError(404, _no_queue(queue, known))
            for part in (public, public["extras"] or {}):
                if queue is not None and "queues" in part:
                    part["queues"] = [q for q in part["queues"] if q["queue"] == queue]
                if agents == "0" and "agents" in part:
                    part["agents"] = []
            return public

        zone = _zone(request.query.get("timezone"))
        if request.query.get("as_of") or zone is not None:
            found = self._hub.figures_at(request.query.get("as_of"), zone, request.viewer)
            return Response(200, encode(shape(to_public(view(found, request.viewer)))))
        frame = self._hub.frame(fresh=True)
        if frame is None:
            raise RefusalError(503, self._no_figures(request.viewer))
        if (age := self._hub.frame_age(frame)) > TOO_OLD_S:
            why = "; ".join(view(frame.snapshot, request.viewer).notices)
            raise RefusalError(503, f"the figures are {age:.0f} s old{': ' if why else ''}{why}")
        return Response(200, frame.public(request.viewer, (queue, agents), shape))

    def _figures(self, request: Request) -> Response:
        _known(request, {"kpi", "by", "from", "to", "where", "as_of", "timezone"})
        wanted = (*dimensions(request.query.get("by", "")), *dict(conditions(request.query.get("where", ""))))
        if not request.viewer.named and "agent" in wanted:
            raise RefusalError(403, "figures of single agents are not for this role")
        return self._asked("figures", request)

    def _explain(self, request: Request) -> Response:
        _known(request, {"kpi", "queue", "agent", "from", "to", "as_of", "timezone"})
        if "kpi" not in request.query:
            raise RefusalError(400, "kpi is missing: the figure to explain")
        _not_of_one_agent(request)
        return self._asked("explain", request)

    def _visits(self, request: Request) -> Response:
        _known(request, {"kpi", "queue", "agent", "team", "type", "caller_of", "from", "to", "as_of",
                         "timezone", "limit", "offset"})
        if "kpi" not in request.query:
            raise RefusalError(400, "kpi is missing: the figure whose visits to list")
        _not_of_one_agent(request)
        return self._asked("visits", request)

    def _before(self, request: Request) -> Response:
        """Answer what came between the same times on the same weekdays before."""
        _known(request, {"queue", "from", "to", "as_of", "timezone"})
        return self._asked("before", request)

    def _tail(self, request: Request) -> Response:
        """Answer who is at the tail; roles without names get counts."""
        _known(request, {"kpi", "by", "period", "as_of", "timezone"})
        return self._asked("tail", request)

    def _quality(self, request: Request) -> Response:
        """Answer how far the data can be trusted; roles without names get no rows."""
        _known(request, {"from", "to", "as_of", "timezone"})
        return self._asked("quality", request)

    def _coach(self, request: Request) -> Response:
        """Answer who is coached, and what has become of it."""
        _known(request, {"all", "as_of", "timezone"})
        if not request.viewer.named:
            raise RefusalError(403, "who is coached is not for this role")
        return self._asked("coach", request)

    def _export(self, request: Request) -> Response:
        """Answer rows as the store has them, at most so many that boards do not wait for it."""
        _known(request, {"table", "from", "to", "part", "timezone"})
        try:
            return self._asked("export", request)
        except TooLongError as too_long:
            raise RefusalError(413, str(too_long)) from None

    def _alarms(self, request: Request) -> Response:
        """Answer which alarms the last days would have had."""
        _known(request, {"days", "queue", "timezone"})
        return self._asked("alarms", request)

    def _staff(self, request: Request) -> Response:
        """Answer calls and heads of the days to come."""
        _known(request, {"from", "days", "minutes", "queue", "timezone"})
        return self._asked("staff", request)

    def _asked(self, what: str, request: Request) -> Response:
        zone = _zone(request.query.get("timezone"))
        return Response(200, encode(self._hub.asked(what, request.query, zone, request.viewer)))

    def _cursor(self, request: Request) -> Response:
        _known(request, {"source", "key"})
        source, key = _name(request, "source"), _name(request, "key", "live")
        return Response(200, encode({"cursor": self._hub.cursor(source, key)}))

    def _records(self, request: Request) -> Response:
        _known(request, {"source", "type", "key", "cursor", "promise_s", "sees", "missing"})
        source, key = _name(request, "source"), _name(request, "key", "live")
        kind, cursor = _name(request, "type"), request.query.get("cursor")
        told = from_lines(request.body)
        rejects = tuple(one for one in told if isinstance(one, Reject))
        records = [one for one in told if not isinstance(one, Reject)]
        for record in records:
            if record.source != source:
                raise InputError(f"a {type(record).__name__} of source {record.source!r}, not {source!r}")
        lacks = _stretches(request.query.get("missing"))
        if "promise_s" in request.query or "sees" in request.query:
            sees = frozenset(filter(None, map(clean, request.query.get("sees", "").split())))
            self._hub.introduce(source, kind, _seconds(request.query.get("promise_s", "0")), sees)
        applied = self._hub.take(source, kind, key, records, cursor, rejects)
        if lacks is not None:
            self._hub.lacks(source, lacks)
        return Response(200, encode({"applied": applied}))

    def _actions(self, request: Request) -> Response:
        _known(request, set())
        return Response(200, encode(self._hub.act(request.body, request.viewer)))

    def _stop(self, request: Request) -> Response:
        _known(request, set())
        reason = self._hub.stop()
        return error(409, reason) if reason else Response(200, encode({"stopping": True}))


def _known(request: Request, names: set[str]) -> None:
    """Raise RefusalError(400) for a parameter that there is not, and for a moment or zone that is empty."""
    if unknown := sorted(set(request.query) - names):
        known = f"there is {', '.join(sorted(names))}" if names else "there are none"
        raise RefusalError(400, f"{request.path} has no parameter {clean(unknown[0], 40)}; {known}")
    for name in ("as_of", "timezone"):
        if request.query.get(name) == "":
            raise RefusalError(400, f"{name} is empty: give a value, or leave it out")


def _not_of_one_agent(request: Request) -> None:
    if not request.viewer.named and "agent" in request.query:
        raise RefusalError(403, "figures of single agents are not for this role")


def _name(request: Request, name: str, default: str | None = None) -> str:
    value = request.query.get(name, default)
    if not value or clean(value) != value:
        raise RefusalError(400, f"{name} is missing or holds characters that no name has")
    return value


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        raise RefusalError(400, "promise_s is a number of seconds")
    return seconds


def _stretches(text: str | None) -> list[tuple[int, int]] | None:
    """Return what `missing` says: stretches of microseconds as 1..2,5..9; nothing given: None."""
    if text is None:
        return None
    found = []
    for word in filter(None, text.split(",")):
        if (told := re.fullmatch(r"(-?\d{1,18})\.\.(-?\d{1,18})", word)) is None:
            raise RefusalError(400, "missing is stretches in microseconds: FROM..TO,FROM..TO")
        found.append((int(told[1]), int(told[2])))
    return found


def _no_queue(queue: str, known: list[str]) -> str:
    near = difflib.get_close_matches(queue, known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(known[:20]) or 'none yet'}"
    return f"no queue {queue!r}; {hint}"


def _zone(name: str | None) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RefusalError(400, f"{name!r} is no time zone of this host") from None

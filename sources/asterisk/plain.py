"""Calls of plain shape, reduced by columns: nearly all of a history, in tables instead of objects.

A call of plain shape entered a queue once, was perhaps offered to phones, and was answered and ended, or
left: every line well-formed, in this order, in one chunk of the log, with no start of Asterisk in between,
and the reducer has not heard of it in the last hours. What ``Reducer`` makes of such a call depends on no
other line, so a chunk's plain calls become rows by a few statements. Every other line is handed back, in
order, for the reducer; so is what it must know of the plain ones: which queues and members were named, when
first, and which calls of the last hours are over. Tests hold that both ways give the same rows.

Its tables hold callers in full: those of the lines are gone before the rows are stored.
This module asks a database by SQL and imports none: whoever reads history gives one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from ccboard.clean import MAX_LENGTH
from ccboard.clock import SECOND
from ccboard.records import Reject
from sources.asterisk.lines import KNOWN, LogLine, parse_line
from sources.asterisk.refusals import EVENT as REFUSED
from sources.asterisk.visits import LOG_FACT

CONTACTS: Final = "log_contacts"
"""Table of the plain calls' visits: fields of ``Contact`` without the source, callers as the log has them."""
OFFERS: Final = "log_offers"
"""Table of their offers: fields of ``Offer`` without the source."""
STATES: Final = "log_states"
"""Table of what was news of members: fields of ``AgentState`` without the source."""
TABLES: Final = (CONTACTS, OFFERS, STATES)
MAX_LINE: Final = 20_000
"""A longer line (in characters) sends its chunk the long way: its bytes have to be counted."""


SHORTEST: Final = 40
"""Bytes of a log's lines on average, at the least; what has more lines is no log, and every line costs."""
MAX_ODD: Final = 20_000
"""A chunk of more lines of a kind that have to be looked at one by one goes that way as a whole: 10 MB."""


class Database(Protocol):
    """A connection on which temporary tables may be made."""

    def execute(self, query: str, parameters: Any = None, /) -> Any:
        """Run a statement."""
        ...


class Named(NamedTuple):
    """A line of a plain call named this queue, and this member if any."""

    at: int
    queue: str
    agent: str | None


Item: TypeAlias = LogLine | Reject | Named
Seat: TypeAlias = tuple[int, int, str, str, bool, str | None]
"""A well-formed PAUSE or UNPAUSE: line, second, queue, member, whether paused, why."""


class Found(NamedTuple):
    """What a chunk held. Lines are counted from 0 within it."""

    lines: int
    items: list[tuple[int, Item]]
    """What the reducer has to hear, with its line, in order."""
    seats: list[Seat]
    """Likewise."""
    orderly: bool
    """No moment among these lies before the one of an earlier line."""
    first: int
    """Moment of the first line that counts, in microseconds."""
    latest: int
    """The latest moment."""
    last: int
    """The moment of the last line."""
    over: list[tuple[str, str, int]]
    """Call, queue and end of the plain visits of the chunk's last hours."""
    visits: int
    offers: int
    """Rows in the tables."""

    def members(self) -> int:
        """Return how many different members are named at the most, each in each queue."""
        named = {(item.agent, item.queue) for _, item in self.items if not isinstance(item, Reject)}
        return len(named | {(seat[3], seat[2]) for seat in self.seats})


_ASCII = bytes((10, *range(32, 127)))
_CLEAN = r"[ -~\p{L}\p{N}]*"  # `clean` changes no letter and no digit of any script
_CHAR = "[^| ]"
_WORDS = rf"{_CHAR}+(?: {_CHAR}+)*"
_HEAD = r"(?:9[5-9]\d{7}|[1-3]\d{9})\|"  # an epoch from 2000 to 2096
_S, _COUNT = r"\d{1,5}", r"\d{1,9}"
_CALL_LINE = (
    rf"{_HEAD}{_CHAR}+\|{_WORDS}\|{_WORDS}\|(?:"
    rf"ENTERQUEUE\|{_CHAR}*\|(?:{_WORDS})?\|{_S}(?:\|{_WORDS})?"
    rf"|CONNECT\|{_S}\|{_CHAR}*\|{_S}"
    rf"|RING(?:NOANSWER|CANCELED)\|\d{{1,8}}"
    rf"|COMPLETE(?:CALLER|AGENT)\|{_S}\|{_S}\|{_COUNT}"
    rf"|(?:BLIND|ATTENDED)TRANSFER\|(?:{_CHAR}*\|){{1,4}}{_S}\|{_S}\|{_COUNT}"
    rf"|(?:ABANDON|EXITWITHTIMEOUT|EXITEMPTY|WITHDRAW)\|{_COUNT}\|{_COUNT}\|{_S}"
    rf"|EXITWITHKEY\|{_CHAR}*\|{_COUNT}\|{_COUNT}\|{_S})"
)
_SEAT_LINE = rf"{_HEAD}[^|]*\|{_WORDS}\|{_WORDS}\|(?:UN)?PAUSE(?:\|(?:{_WORDS})?)?"
_SILENT_LINE = rf"{_HEAD}[^|]*\|[^|]*\|[^|]*\|(?:CONFIGRELOAD|(?:UN)?PAUSEALL|PENALTY|RINGINUSE)(?:\|.*)?"
_OWN_LINE = rf"{_HEAD}[^|]*\|[^|]*\|[^|]*\|[A-Z0-9_]+(?:\|.*)?"  # of a dialplan
_MEANT = rf"\|(?:{'|'.join(sorted((*KNOWN, REFUSED)))})(?:\||$)"  # ... whose data name no event of a queue
# Which of a call's lines: the digit is at the same time what the line adds to its visit's sum of stages.
_CODE = (
    "CASE event WHEN 'ENTERQUEUE' THEN 1 WHEN 'CONNECT' THEN 2 WHEN 'RINGNOANSWER' THEN 3"
    " WHEN 'RINGCANCELED' THEN 3 WHEN 'COMPLETECALLER' THEN 4 WHEN 'COMPLETEAGENT' THEN 4"
    " WHEN 'BLINDTRANSFER' THEN 4 WHEN 'ATTENDEDTRANSFER' THEN 4 ELSE 5 END"
)
_NOBODY = "('', 'unknown', '<unknown>')"


class PlainCalls:
    """Reduces chunks of one log; `TABLES` lie in `con` until the next chunk."""

    def __init__(self, con: Database) -> None:
        self.con = con

    def take(self, chunk: bytes, number: int, near: int, odd_s: int, known: Iterable[tuple[str, str]],
             keep_s: int) -> Found | None:
        """Reduce whole lines, before which there were `number`; None where they have to go one by one.

        That is where a line lies more than `odd_s` seconds from the one before it (`near`: the second of the
        line before all), is very long, or holds zeros, or where too many are not plain. `known`: calls and
        queues that the reducer has heard of. `keep_s`: how long before the latest moment those of
        ``Found.over`` may have ended.
        """
        if b"\0" in chunk or chunk.count(b"\n") > max(MAX_ODD, len(chunk) // SHORTEST):
            return None
        chunk = chunk.replace(b"\r\n", b"\n").removesuffix(b"\n")
        text = chunk.decode("utf-8", "replace")
        lines = text.split("\n")
        self._split(text, plain=not chunk.translate(None, _ASCII))
        if self._one("SELECT count(*) FROM log_said WHERE kind IN (2, 4)") > MAX_ODD:
            return None
        odd: list[tuple[int, Item]] = []
        for (n,) in self._rows("SELECT n FROM log_said WHERE kind = 4"):
            if len(lines[n]) > MAX_LINE:
                return None
            if (parsed := parse_line(lines[n].encode(), number + n + 1)) is not None:
                odd.append((n, parsed))
        heard = [(n, line) for n, line in odd if isinstance(line, LogLine)]
        seconds = [(n, line.at // SECOND) for n, line in heard]
        self._fill("log_heard", {"n": "BIGINT", "ts": "BIGINT"}, seconds)
        span = self._span(near, odd_s)
        if span is None:
            return None
        theirs = {(line.call, line.queue) for _, line in heard} | set(known)
        self._fill("log_theirs", {"call": "VARCHAR", "queue": "VARCHAR"}, list(theirs))
        self._fill("log_starts", {"n": "BIGINT"}, [(n,) for n, line in heard if line.event == "QUEUESTART"])
        self._choose()
        left = [n for (n,) in self._rows(
            "SELECT n FROM log_said ANTI JOIN log_plain USING (call, queue) WHERE kind = 1")]
        if len(left) > MAX_ODD:
            return None
        visits = self._visits()
        items = [*odd, *self._parsed(left, lines, number), *self._named()]
        items.sort(key=lambda item: item[0])
        seats = self._rows("SELECT n, ts, queue, agent, event = 'PAUSE', nullif(d1, '') FROM log_said"
                           " WHERE kind = 2 ORDER BY n")
        places = [(n, item.at // SECOND) for n, item in items if not isinstance(item, Reject)]
        moments = [second for _, second in sorted([*places, *(seat[:2] for seat in seats)])]
        orderly = moments == sorted(moments)
        since = span[1] - keep_s * SECOND
        over = self._rows(f"SELECT call, queue, ended_at FROM {CONTACTS} WHERE ended_at >= {since}")
        return Found(len(lines), items, seats, orderly, *span, over, visits, self._offers())

    def states(self, news: Sequence[tuple[int, int]]) -> None:
        """Keep the seats that are news, (line, number of the fact among those of its second), as a table."""
        self._fill("log_news", {"n": "BIGINT", "seq": "BIGINT"}, news)
        self._make(
            STATES,
            f"SELECT agent, ts * {SECOND} AS moment, CASE event WHEN 'PAUSE' THEN 'paused' ELSE 'ready' END"
            " AS state, seq, queue, CASE WHEN contains(agent, '/') THEN agent END AS interface,"
            " CASE event WHEN 'PAUSE' THEN nullif(d1, '') END AS reason"
            " FROM log_said JOIN log_news USING (n)",
        )

    def clear(self) -> None:
        """Let go of all but `TABLES`: what is left of a chunk when they are made, or it goes line by line."""
        for name in ("said", "heard", "theirs", "starts", "plain", "news"):
            self.con.execute(f"DROP TABLE IF EXISTS log_{name}")

    def _rows(self, sql: str, parameters: Any = None) -> list[Any]:
        return list(self.con.execute(sql, parameters).fetchall())

    def _one(self, sql: str) -> int:
        return int(self._rows(sql)[0][0])

    def _make(self, table: str, select: str, parameters: Any = None) -> int:
        return int(self._rows(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}", parameters)[0][0])

    def _fill(self, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
        lists = ", ".join(f"unnest(${n}::{kind}[]) AS {name}"
                          for n, (name, kind) in enumerate(columns.items(), 1))
        self._make(table, f"SELECT {lists}", [[row[n] for row in rows] for n in range(len(columns))])

    def _split(self, text: str, *, plain: bool) -> None:
        """Part the lines, and the columns of those that are well-formed; `plain`: all is printable ASCII.

        The kind of each is that of the first pattern that fits: it may cost half of all.
        """
        odd = f"length(line) > {MAX_LENGTH}"
        if not plain:
            odd += f" OR NOT regexp_full_match(line, '{_CLEAN}')"
        self._make(
            "log_said",
            f"SELECT *, {_CODE} AS code FROM (SELECT n,"
            " CASE WHEN kind = 2 AND (c[3] = 'NONE' OR c[4] = 'NONE') THEN 4 ELSE kind END AS kind,"
            " CASE WHEN kind < 4 THEN c[1]::BIGINT END AS ts,"
            " c[2] AS call, c[3] AS queue, c[4] AS agent, c[5] AS event, c[6] AS d1,"
            " CASE WHEN c[5] LIKE '%TRANSFER' THEN c[-2] ELSE c[7] END AS d2, c[8] AS d3, c[9] AS d4"
            " FROM (SELECT n, kind, CASE WHEN kind < 4 THEN string_split(line, '|') END AS c FROM"
            " (SELECT row_number() OVER () - 1 AS n, line,"
            f" CASE WHEN {odd} THEN 4 WHEN regexp_full_match(line, '{_CALL_LINE}') THEN 1"
            f" WHEN regexp_full_match(line, '{_SEAT_LINE}') THEN 2"
            f" WHEN regexp_full_match(line, '{_SILENT_LINE}') THEN 3"
            f" WHEN regexp_full_match(line, '{_OWN_LINE}') AND NOT regexp_matches(line, '{_MEANT}') THEN 3"
            " ELSE 4 END AS kind FROM (SELECT unnest(string_split($text, chr(10))) AS line))))",
            {"text": text},
        )

    def _span(self, near: int, odd_s: int) -> tuple[int, int, int] | None:
        """Return the moments of the first, the latest and the last line; None where a clock jumps."""
        every = "(SELECT n, ts FROM log_said WHERE kind < 4 UNION ALL SELECT n, ts FROM log_heard)"
        [(first, least, most, last)] = self._rows(
            f"SELECT arg_min(ts, n), min(ts), max(ts), arg_max(ts, n) FROM {every}"
        )
        if first is None:
            return None
        if max(most, near) - min(least, near) > odd_s:
            jumps = (f"SELECT coalesce(max(abs(ts - before)), 0) FROM"
                     f" (SELECT ts, lag(ts, 1, {near}) OVER (ORDER BY n) AS before FROM {every})")
            if self._one(jumps) > odd_s:
                return None
        return first * SECOND, most * SECOND, last * SECOND

    def _choose(self) -> None:
        """Find the plain calls: entered first, ended last, answered where the end says so, all of it once."""
        stages = "CASE code WHEN 3 THEN 0 ELSE 1::BIGINT << (15 * (code - 1 - (code > 3)::INT)) END"
        answered, left = 1 + (1 << 15) + (1 << 30), 1 + (1 << 45)
        self._make(
            "log_plain",
            "SELECT call, queue, first // 8 AS f, last // 8 AS l, k, last % 8 = 4 AS answered FROM ("
            " SELECT call, queue, min(n * 8 + code) AS first, max(n * 8 + code) AS last,"
            f" max(CASE code WHEN 2 THEN n END) AS k, sum({stages}) AS stages, count(*) AS lines"
            " FROM log_said WHERE kind = 1 GROUP BY call, queue)"
            f" ANTI JOIN log_theirs USING (call, queue) WHERE first % 8 = 1 AND"
            f" (last % 8 = 4 AND stages = {answered} OR last % 8 = 5 AND stages = {left})"
            " AND lines < 1000 AND call <> 'NONE' AND queue <> 'NONE' AND NOT EXISTS"
            " (SELECT 1 FROM log_starts s WHERE s.n > first // 8 AND s.n < last // 8)",
        )
        # A member's lines must name him.
        self._rows(
            "DELETE FROM log_plain WHERE (call, queue) IN (SELECT (call, queue) FROM log_said"
            " WHERE kind = 1 AND code IN (2, 3, 4) AND agent = 'NONE')"
        )

    def _visits(self) -> int:
        outcomes = ("CASE e.event WHEN 'ABANDON' THEN 'abandoned' WHEN 'EXITWITHTIMEOUT' THEN 'timed_out'"
                    " WHEN 'EXITEMPTY' THEN 'left_empty' WHEN 'EXITWITHKEY' THEN 'left_by_key'"
                    " WHEN 'WITHDRAW' THEN 'withdrawn' ELSE 'answered' END")
        name = "coalesce(b.d4, '')"
        return self._make(
            CONTACTS,
            "SELECT p.call, p.queue, 1::BIGINT AS nth,"
            f" CASE WHEN answered THEN {3 * LOG_FACT} ELSE {2 * LOG_FACT} END::BIGINT AS version,"
            f" b.ts * {SECOND} AS offered_at, a.ts * {SECOND} AS answered_at, e.ts * {SECOND} AS ended_at,"
            f" {outcomes} AS outcome, CASE WHEN answered THEN e.agent END AS agent, b.d3::BIGINT AS position,"
            " a.d3::DOUBLE AS ring_s, CASE WHEN answered THEN a.d1 WHEN e.event = 'EXITWITHKEY'"
            "  THEN e.d4 ELSE e.d3 END::DOUBLE AS wait_s, CASE WHEN answered THEN e.d2 END::DOUBLE AS talk_s,"
            " CASE e.event WHEN 'BLINDTRANSFER' THEN 'blind' WHEN 'ATTENDEDTRANSFER' THEN 'attended' END"
            "  AS transfer,"
            " CASE WHEN e.event = 'COMPLETECALLER' THEN 'caller' WHEN e.event = 'COMPLETEAGENT' THEN 'agent'"
            "  WHEN answered THEN 'transfer' END AS ended_by,"
            f" CASE WHEN b.d2 NOT IN {_NOBODY} AND b.d2 <> 'NONE' THEN b.d2 END AS caller,"
            f" CASE WHEN {name} NOT IN {_NOBODY} THEN b.d4 END AS caller_name"
            " FROM log_plain p JOIN log_said b ON b.n = p.f AND b.code = 1"
            " JOIN log_said e ON e.n = p.l AND e.code > 3 LEFT JOIN log_said a ON a.n = p.k AND a.code = 2",
        )

    def _offers(self) -> int:
        rings = (f"SELECT call, queue, agent, %s::BIGINT AS nth, ts * {SECOND} AS started_at,"
                 f" ts * {SECOND} AS ended_at, %s AS ring_s, %s AS result FROM log_said"
                 " SEMI JOIN log_plain USING (call, queue) WHERE kind = 1 AND code = %s")
        nth = "row_number() OVER (PARTITION BY call, queue, agent, event ORDER BY n)"
        how = "CASE event WHEN 'RINGNOANSWER' THEN 'no_answer' ELSE 'cancelled' END"
        return self._make(OFFERS, rings % ("1", "d3::DOUBLE", "'answered'", "2") + " UNION ALL "
                          + rings % (nth, "d1::DOUBLE / 1000", how, "3"))

    def _parsed(self, left: Iterable[int], lines: Sequence[str], number: int) -> list[tuple[int, Item]]:
        """Return the lines of calls that are not plain."""
        parsed = [(n, parse_line(lines[n].encode(), number + n + 1)) for n in left]
        return [(n, line) for n, line in parsed if line is not None]

    def _named(self) -> list[tuple[int, Item]]:
        """Return the first line of each queue and member."""
        found = self._rows(
            "SELECT min(n), arg_min(ts, n), queue, CASE WHEN code IN (2, 3, 4) THEN agent END AS who"
            " FROM log_said SEMI JOIN log_plain USING (call, queue) WHERE kind = 1 GROUP BY queue, who"
        )
        return [(n, Named(ts * SECOND, *said)) for n, ts, *said in found]

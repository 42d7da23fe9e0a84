"""Whether what the sources say can be true: each rule finds the rows that it cannot be true of.

A source that tells whole seconds beside one that tells fractions is up to a second apart from itself, and sums
of rounded times up to two: so much is no fault.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ccboard.panel_quality import FaultRow, Finding, Said
from ccboard.quality.look import ROWS, Look, finding, seconds

_FACTS: Final = """(SELECT *,
        CASE WHEN answered_at <= $as_of THEN answered_at END AS answered,
        CASE WHEN ended_at <= $as_of THEN ended_at END AS ended
    FROM visits WHERE offered_at >= $begin AND offered_at < $end AND {shows})"""
_SECOND: Final = "INTERVAL 1 SECOND"


class Rule(NamedTuple):
    """Rows of which `where` holds are wrong; `much` says by how many seconds or with which."""

    kind: str
    level: str
    said: Said
    where: str
    much: str


_SHORTEST = "least(coalesce(wait_s, 0), coalesce(ring_s, 0), coalesce(talk_s, 0), coalesce(hold_s, 0), coalesce(wrap_s, 0))"
_CALL_S = "epoch_us(ended - answered) / 1e6"
_WAIT_S = "epoch_us(coalesce(answered, ended) - offered_at) / 1e6"

RULES: Final = (
    Rule("answered_before_offered", "critical", ("answered before they were offered", "接通早于进线"),
         f"answered < offered_at - {_SECOND}", "epoch_us(offered_at - answered) / 1e6"),
    Rule("ended_before_answered", "critical", ("ended before they were answered", "结束早于接通"),
         f"ended < answered - {_SECOND}", "epoch_us(answered - ended) / 1e6"),
    Rule("ended_before_offered", "critical", ("ended before they were offered", "结束早于进线"),
         f"ended < offered_at - {_SECOND} AND (answered IS NULL OR ended >= answered - {_SECOND})",
         "epoch_us(offered_at - ended) / 1e6"),
    Rule("negative_time", "critical", ("a wait, ring, talk, hold or wrap-up below zero", "等待、振铃、通话、保持或话后时长为负"),
         f"{_SHORTEST} < 0", _SHORTEST),
    Rule("talk_too_long", "warning", ("talk that is longer than the call", "通话时长超过呼叫本身"),
         f"talk_s > {_CALL_S} + 2 AND ended >= answered", f"talk_s - {_CALL_S}"),
    Rule("wait_too_long", "warning", ("a wait that is longer than from arrival to answer or end", "等待时长超过进线至接通或结束"),
         f"wait_s > {_WAIT_S} + 2 AND {_WAIT_S} >= -1", f"wait_s - {_WAIT_S}"),
    Rule("over_without_end", "warning", ("an outcome, but no end", "有结果而无结束时间"),
         "outcome IS NOT NULL AND outcome <> 'answered' AND ended_at IS NULL", "NULL"),
    Rule("never_ended", "warning", ("still open after more than 24 hours", "超过 24 小时仍未结束"),
         "ended_at IS NULL AND outcome IS NULL AND offered_at < $as_of - INTERVAL 24 HOUR", "NULL"),
    Rule("agent_unknown", "warning", ("answered, and nobody knows by whom", "已接通而座席未知"),
         "answered IS NOT NULL AND coalesce(agent, '') = '' AND direction = 'in'", "NULL"),
)
"""What one visit can tell of itself."""


def look(at: Look) -> list[Finding]:
    """Return what cannot be true, source by source."""
    return [*_visits(at), *_two_calls(at), *_more_answered(at), *_offers(at), *_scores(at)]


def _visits(at: Look) -> list[Finding]:
    facts = _FACTS.format(shows=at.shows())
    flags = ", ".join(f"count(*) FILTER (WHERE {rule.where})" for rule in RULES)
    found = []
    for source, *counts in at.rows(f"SELECT source, {flags} FROM {facts} GROUP BY source ORDER BY source"):
        for rule, n in zip(RULES, counts, strict=True):
            if n:
                rows = at.rows(f"SELECT offered_at, queue, agent, call, {rule.much} FROM {facts}"
                               f" WHERE source = $source AND {rule.where}"
                               f" ORDER BY offered_at, call, nth LIMIT {ROWS}", source=source)
                found.append(finding(source, "logical", rule.kind, rule.level, n, rule.said, [
                    at.row(source, moment, queue, agent, call, _by(much))
                    for moment, queue, agent, call, much in rows]))
    return found


def _by(much: float | None) -> Said:
    return ("", "") if much is None else (seconds(much), seconds(much))


_TALKS: Final = """(
    SELECT source, agent, call, queue, nth, answered_at AS began, least(coalesce(ended_at, $as_of), $as_of) AS ended
    FROM visits WHERE offered_at >= $far AND offered_at < $end AND answered_at <= $as_of AND answered_at < $end
        AND coalesce(agent, '') <> '' AND channel = 'voice' AND (ended_at IS NULL OR ended_at >= answered_at)
        AND (ended_at IS NOT NULL OR answered_at >= $as_of - INTERVAL 24 HOUR) AND {shows})"""


def _two_calls(at: Look) -> list[Finding]:
    """Find people who talk on two calls at once: the later one of each pair, and what it runs into."""
    rows = at.rows(f"""
        SELECT source, began, queue, agent, call, other, epoch_us(least(ended, until) - began) / 1e6 FROM (
            SELECT *, max(ended) OVER turn AS until, arg_max(call, ended) OVER turn AS other
            FROM {_TALKS.format(shows=at.shows())}
            WINDOW turn AS (PARTITION BY source, agent ORDER BY began, call, queue, nth
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
        WHERE until > began + INTERVAL 2 SECOND AND ended > began + INTERVAL 2 SECOND AND other <> call
            AND began >= $begin
        ORDER BY source, began, call
    """)
    return _grouped(at, "two_calls", "warning", ("one agent on two calls at once", "同一座席同时处理两个呼叫"), [
        (source, moment, queue, agent, call,
         (f"{seconds(much)} beside call {other}", f"与呼叫 {other} 重叠 {seconds(much)}"))
        for source, moment, queue, agent, call, other, much in rows])


def _more_answered(at: Look) -> list[Finding]:
    """Find queues with more answers than arrivals: answers of calls that never entered the queue."""
    answers = f"""(SELECT DISTINCT source, call, queue, agent, ended_at FROM offers
        WHERE result = 'answered' AND ended_at >= $begin AND ended_at < $end AND ended_at <= $as_of
            AND {at.shows()})"""
    rows = at.rows(f"""
        SELECT o.source, o.ended_at, o.queue, o.agent, o.call FROM {answers} o
        ANTI JOIN (SELECT source, call, queue FROM visits WHERE offered_at >= $far AND offered_at < $end) v
            USING (source, call, queue)
        ORDER BY o.source, o.ended_at, o.call
    """)
    said = ("answered by an agent, but never offered to the queue", "座席已接听，但从未进线（接通多于进线）")
    return _grouped(at, "more_answered", "critical", said, [(*row, ("", "")) for row in rows])


def _offers(at: Look) -> list[Finding]:
    """Find visits that two agents answered, and rings with times that cannot be."""
    twice = at.rows(f"""
        SELECT o.source, min(o.ended_at), o.queue, NULL, o.call, string_agg(DISTINCT o.agent, ', ' ORDER BY o.agent)
        FROM offers o JOIN (
            SELECT source, call, queue, count(*) AS entries FROM visits
            WHERE offered_at >= $far AND offered_at < $end GROUP BY ALL) v USING (source, call, queue)
        WHERE o.result = 'answered' AND o.ended_at >= $begin AND o.ended_at < $end AND o.ended_at <= $as_of
            AND {at.shows("o.queue")}
        GROUP BY o.source, o.queue, o.call, v.entries HAVING count(*) > v.entries ORDER BY 1, 2
    """)
    wrong = at.rows(f"""
        SELECT source, ended_at, queue, agent, call, ring_s FROM offers
        WHERE ended_at >= $begin AND ended_at < $end AND ended_at <= $as_of AND {at.shows()}
            AND (ring_s < 0 OR ended_at < started_at - {_SECOND})
        ORDER BY source, ended_at, call
    """)
    return [
        *_grouped(at, "answered_twice", "warning", ("answered more often than they entered the queue", "接听次数多于进线次数"),
                  [(*row[:5], (f"by {row[5]}", f"接听座席：{row[5]}")) for row in twice]),
        *_grouped(at, "ring_wrong", "critical", ("rings that end before they begin", "振铃结束早于开始"),
                  [(*row[:5], _by(row[5])) for row in wrong]),
    ]


def _scores(at: Look) -> list[Finding]:
    """Find judgements about calls that nothing is known of."""
    if at.config.only_queues:
        return []
    rows = at.rows("""
        SELECT s.source, s.moment, s.queue, s.agent, s.call, s.kind, s.value FROM scores s
        WHERE s.moment >= $begin AND s.moment < $end AND s.moment <= $as_of AND s.call IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.call = s.call
                AND (s.queue IS NULL OR v.queue = s.queue))
        ORDER BY s.source, s.moment, s.key
    """)
    said = ("scores about calls that nothing is known of", "所评呼叫未知的评分")
    return _grouped(at, "score_of_unknown_call", "warning", said, [
        (*row[:5], (f"{row[5]} {row[6]:g}", f"{row[5]} {row[6]:g}")) for row in rows])


def _grouped(at: Look, kind: str, level: str, said: Said, rows: list[tuple[Any, ...]]) -> list[Finding]:
    """Return a finding for each source of (source, moment, queue, agent, call, what)."""
    by: dict[str, list[FaultRow]] = {}
    counts: dict[str, int] = {}
    for source, moment, queue, agent, call, what in rows:
        counts[source] = counts.get(source, 0) + 1
        kept = by.setdefault(source, [])
        if len(kept) < ROWS:
            kept.append(at.row(source, moment, queue, agent, call, what))
    return [finding(source, "logical", kind, level, counts[source], said, by[source]) for source in by]


KINDS: Final[Mapping[str, Said]] = {rule.kind: rule.said for rule in RULES}
"""The rules about single visits, for the documentation."""

"""How each sum of the catalogue is asked for in SQL, over visits as they were at as_of."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ccboard.figures.rules import Rule
from ccboard.kpis.levels import composed
from ccboard.kpis.terms import TERMS
from ccboard.metrics.visits import UNTOLD, WRAPS

LOOK_BACK_S = 86_400
"""A visit that nobody ended for so long is no caller who still waits; as in a snapshot."""

COLUMNS: Final = """
    coalesce(coalesce(answered_at, CASE WHEN outcome = 'answered' THEN ended_at END) <= $as_of, false)
        AS was_answered,
    coalesce(ended_at <= $as_of, false) AS was_over,
    (epoch_us($as_of::TIMESTAMP) - epoch_us(offered_at)) // 1000000 AS waited_s
"""
"""A visit as it was at as_of, by the same rules as a snapshot's."""

_ENDED_AS = "was_over AND outcome = '{}'"
_ABANDONED = _ENDED_AS.format("abandoned")
IS_UNTOLD: Final = UNTOLD.format(answered="was_answered", abandoned=f"({_ABANDONED})")
_STILL_THERE = "NOT was_answered AND NOT was_over"
_WAITING = f"{_STILL_THERE} AND waited_s <= {LOOK_BACK_S}"
_ANSWERED_OVER = "was_answered AND was_over"
_DAY, _WEEK = 86_400_000_000, 7 * 86_400_000_000
WRAP = f"CASE WHEN NOT {WRAPS} THEN wrap_s END"
"""Wrap-up, once it is over: nobody could know it before."""
_HANDLED = f"(talk_s + coalesce(hold_s, 0) + coalesce({WRAP}, 0))"
_KNOWN = "nullif(caller_key, '') IS NOT NULL"

_VISITS: Final[dict[str, str]] = {
    "offered": "count(*) FILTER (WHERE {in})",
    "calls": "count(DISTINCT hash(source, call)) FILTER (WHERE {in})",
    "callers": "count(DISTINCT nullif(caller_key, '')) FILTER (WHERE {in})",
    "answered": "count(*) FILTER (WHERE {in} AND was_answered)",
    "abandoned": f"count(*) FILTER (WHERE {{in}} AND {_ABANDONED})",
    "short_abandoned": f"count(*) FILTER (WHERE {{in}} AND {_ABANDONED} AND wait_s < short_s)",
    **{
        name: f"count(*) FILTER (WHERE {{in}} AND {_ENDED_AS.format(name)})"
        for name in ("timed_out", "left_by_key", "left_empty", "withdrawn", "lost", "unknown")
    },
    "waiting": f"count(*) FILTER (WHERE {{in}} AND {_WAITING})",
    "answered_in_time": "count(*) FILTER (WHERE {in} AND was_answered AND wait_s <= threshold_s)",
    "transferred": f"count(*) FILTER (WHERE {{in}} AND {_ANSWERED_OVER} AND transfer IS NOT NULL)",
    "talking": "count(*) FILTER (WHERE {in} AND was_answered AND NOT was_over)",
    "wait_s": "coalesce(sum(wait_s) FILTER (WHERE {in} AND was_answered), 0)",
    "waits": "count(wait_s) FILTER (WHERE {in} AND was_answered)",
    "abandoned_wait_s": f"coalesce(sum(wait_s) FILTER (WHERE {{in}} AND {_ABANDONED}), 0)",
    "abandoned_waits": f"count(wait_s) FILTER (WHERE {{in}} AND {_ABANDONED})",
    "ring_s": "coalesce(sum(ring_s) FILTER (WHERE {in} AND was_answered), 0)",
    "rings": "count(ring_s) FILTER (WHERE {in} AND was_answered)",
    "talk_s": f"coalesce(sum(talk_s) FILTER (WHERE {{in}} AND {_ANSWERED_OVER}), 0)",
    "talks": f"count(talk_s) FILTER (WHERE {{in}} AND {_ANSWERED_OVER})",
    "hold_s": f"coalesce(sum(hold_s) FILTER (WHERE {{in}} AND {_ANSWERED_OVER}), 0)",
    "holds": f"count(hold_s) FILTER (WHERE {{in}} AND {_ANSWERED_OVER})",
    "wrap_s": f"coalesce(sum({WRAP}) FILTER (WHERE {{in}} AND {_ANSWERED_OVER}), 0)",
    "wraps": f"count({WRAP}) FILTER (WHERE {{in}} AND {_ANSWERED_OVER})",
    "handled_s": f"coalesce(sum({_HANDLED}) FILTER (WHERE {{in}} AND {_ANSWERED_OVER}), 0)",
    "longest_wait_s": "max(wait_s) FILTER (WHERE {in} AND was_over)",
    "waiting_max_s": f"max(waited_s) FILTER (WHERE {{in}} AND {_WAITING})",
    "agents": "count(DISTINCT agent_name) FILTER (WHERE {in} AND was_answered)",
    "handling_cost": (
        f"coalesce(sum({_HANDLED} * hourly_cost / 3600) FILTER (WHERE {{in}} AND {_ANSWERED_OVER}), 0)"
    ),
    "handling_costed": f"count({_HANDLED} * hourly_cost) FILTER (WHERE {{in}} AND {_ANSWERED_OVER})",
    "known_callers": f"count(*) FILTER (WHERE {{in}} AND {_KNOWN})",
    "unknown_callers": f"count(*) FILTER (WHERE {{in}} AND NOT ({_KNOWN}))",
    "again_24h": f"count(*) FILTER (WHERE {{in}} AND {_KNOWN} AND next_us <= {_DAY})",
    "again_7d": f"count(*) FILTER (WHERE {{in}} AND {_KNOWN} AND next_us <= {_WEEK})",
    "after_24h": f"count(*) FILTER (WHERE {{in}} AND {_KNOWN} AND last_us <= {_DAY})",
    "after_7d": f"count(*) FILTER (WHERE {{in}} AND {_KNOWN} AND last_us <= {_WEEK})",
    "open_24h": f"count(*) FILTER (WHERE {{in}} AND {_KNOWN} AND waited_s < {_DAY // 1_000_000})",
    "open_7d": f"count(*) FILTER (WHERE {{in}} AND {_KNOWN} AND waited_s < {_WEEK // 1_000_000})",
    "first_tries": "count(*) FILTER (WHERE {in} AND is_second IS NOT TRUE)",
    "second_tries": "count(*) FILTER (WHERE {in} AND is_second IS TRUE)",
    "dials": "count(*) FILTER (WHERE {out})",
    "connects": "count(*) FILTER (WHERE {out} AND was_answered)",
    "successes": "count(*) FILTER (WHERE {out} AND was_answered AND is_success)",
    "right_parties": "count(*) FILTER (WHERE {out} AND was_answered AND is_right_party)",
    "out_talk_s": f"coalesce(sum(talk_s) FILTER (WHERE {{out}} AND {_ANSWERED_OVER}), 0)",
    "out_talks": f"count(talk_s) FILTER (WHERE {{out}} AND {_ANSWERED_OVER})",
    "out_wrap_s": f"coalesce(sum({WRAP}) FILTER (WHERE {{out}} AND {_ANSWERED_OVER}), 0)",
    "out_wraps": f"count({WRAP}) FILTER (WHERE {{out}} AND {_ANSWERED_OVER})",
}

_FLOWED = "was_over AND outcome IN ('timed_out', 'left_empty', 'withdrawn')"
_PAST = (
    "NOT was_answered AND ((was_over AND coalesce(wait_s > threshold_s, true))"
    " OR (NOT was_over AND waited_s > threshold_s))"
)
_LEVEL: Final[dict[str, str]] = {
    "level_offered": "true",
    "level_still": f"{_STILL_THERE} AND waited_s <= threshold_s",
    "level_answered": "was_answered",
    "level_answered_in_time": "was_answered AND wait_s <= threshold_s",
    "level_abandoned": _ABANDONED,
    "level_abandoned_in_time": f"{_ABANDONED} AND wait_s <= threshold_s",
    "level_short": f"{_ABANDONED} AND wait_s < short_s",
    "level_decided": f"was_answered OR ({_ABANDONED}) OR ({_PAST})",
    "level_flowed": _FLOWED,
    "level_missed": "was_over AND outcome IN ('timed_out', 'left_empty', 'withdrawn', 'lost')",
    "level_callbacks_in_time": (
        "is_callback AND was_over AND outcome = 'left_by_key' AND wait_s <= threshold_s"
    ),
    "level_waiting": _WAITING,
    "level_waiting_late": f"{_WAITING} AND waited_s > threshold_s",
}
_OUT: Final[dict[str, str]] = {
    "level_time_outs_out": "out_time_outs",
    "level_overflow_out": "out_overflow",
    "level_callbacks_out": "out_callbacks OR out_left_by_key",
    "level_after_hours_out": "out_after_hours",
    "level_unknown": IS_UNTOLD,
}
"""What the rules leave out, by the columns that ``rule_columns`` makes."""

_KINDS: Final[dict[str, str]] = {
    "time_outs": "coalesce(was_over AND outcome = 'timed_out', false)",
    "overflow": "coalesce(was_over AND outcome IN ('left_empty', 'withdrawn'), false)",
    "left_by_key": "coalesce(was_over AND outcome = 'left_by_key', false)",
    "callbacks": "channel = 'callback'",
}

REPEATS: Final = frozenset({"again_24h", "again_7d", "after_24h", "after_7d"})
TRIES: Final = frozenset({"first_tries", "second_tries"})
COSTS: Final = frozenset({"handling_cost", "handling_costed"})
OFFERS: Final[dict[str, str]] = {
    "no_answers": "count(*) FILTER (WHERE result IN ('no_answer', 'busy'))",
    "cancelled": "count(*) FILTER (WHERE result = 'cancelled')",
}


def rule_columns(rules: Sequence[Rule], minute_of_week: str) -> str:
    """Return the columns that say of a visit which kinds of what is left out it is of."""

    def column(kind: str) -> str:
        def of(rule: Rule) -> str:
            if kind not in rule.leaves_out:
                return "false"
            if kind == "after_hours":
                opened = " OR ".join(
                    f"{minute_of_week} >= {begin} AND {minute_of_week} < {end}" for begin, end in rule.hours()
                )
                return f"NOT ({opened})"
            return _KINDS[kind]

        return f"{per_rule(rules, of)} AS out_{kind}"

    callback = per_rule(rules, lambda rule: str(rule.left_by_key == "callback").lower())
    return ", ".join([*(column(kind) for kind in (*_KINDS, "after_hours")), f"{callback} AS is_callback"])


def per_rule(rules: Sequence[Rule], of: Callable[[Rule], str]) -> str:
    """Return what `of` gives for the visit's rule; a constant where all rules give the same."""
    texts = [of(rule) for rule in rules]
    if len(set(texts)) == 1:
        return f"({texts[0]})"
    cases = " ".join(f"WHEN {number} THEN ({text})" for number, text in enumerate(texts))
    return f"(CASE rule {cases} END)"


def aggregate(name: str, rules: Sequence[Rule], inbound: str, outbound: str) -> str:
    """Return the SQL aggregate of a sum over visits."""
    if name in _VISITS:
        return _VISITS[name].replace("{in}", inbound).replace("{out}", outbound)
    counted = f"{inbound} AND counted"
    if name in _OUT:
        return f"count(*) FILTER (WHERE {inbound} AND ({_OUT[name]}))"
    if name in ("level_top", "level_bottom", "level_composed"):

        def form(rule: Rule) -> str:
            entry = rule.entry
            terms = {"level_top": entry.top, "level_bottom": entry.bottom}.get(name, composed(rule.counts))
            return " + ".join(
                f"{factor} * coalesce({_LEVEL[part]}, false)::BIGINT"
                for factor, part in terms
            )

        return f"coalesce(sum({per_rule(rules, form)}) FILTER (WHERE {counted}), 0)::BIGINT"
    return f"count(*) FILTER (WHERE {counted} AND ({_LEVEL[name]}))"


_COUNT = re.compile(r"count\(\*\) FILTER \(WHERE (.*)\)", re.DOTALL)
_DISTINCT = re.compile(r"count\(DISTINCT .*\) FILTER \(WHERE (.*)\)", re.DOTALL)
_KNOWN_ONES = re.compile(r"count\((.*)\) FILTER \(WHERE (.*)\)", re.DOTALL)
_SUM = re.compile(r"coalesce\(sum\((.*)\) FILTER \(WHERE (.*)\), 0\)(?:::BIGINT)?", re.DOTALL)
_MAX = re.compile(r"max\((.*)\) FILTER \(WHERE (.*)\)", re.DOTALL)


def of_one(name: str, rules: Sequence[Rule], inbound: str, outbound: str,
           table: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Return (condition, amount) in SQL: whether one visit is part of a sum, and what it adds to it.

    Made from the aggregate itself, so that a list of visits can never count otherwise than the figure.
    `table`: aggregates over something else than visits.
    """
    text = aggregate(name, rules, inbound, outbound) if table is None else table[name]
    for pattern in (_COUNT, _DISTINCT):
        if found := pattern.fullmatch(text):
            return found[1], "1"
    if found := _KNOWN_ONES.fullmatch(text):
        return f"{found[2]} AND ({found[1]}) IS NOT NULL", "1"
    found = _SUM.fullmatch(text) or _MAX.fullmatch(text)
    if found is None:
        raise AssertionError(text)
    return found[2], f"coalesce({found[1]}, 0)"


def is_of_visits(name: str) -> bool:
    """Tell whether a sum is over visits, inbound or outbound."""
    return TERMS[name].of in ("visits", "level", "dials")

"""The visits behind a figure: each with its times, and why it counts or does not.

What counts is asked by the very conditions that the figure's sums are made of, so the list adds up to the
figure: the numerators of all rows are its numerator, the denominators its denominator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from ccboard.callers import DOT, mask
from ccboard.config import Config
from ccboard.errors import UsageError
from ccboard.figures import mixed, refusals, scores, sums
from ccboard.figures.engine import OFFERS_LACK, TIME_LACKS, cannot, plan_of
from ccboard.figures.explain import known
from ccboard.figures.named import refuse_unknown_agent
from ccboard.figures.plan import Plan
from ccboard.figures.request import Request
from ccboard.figures.rules import Rule, filled
from ccboard.figures.seats import of_queues
from ccboard.figures.visits import Base, base_of, people_join
from ccboard.kpis.catalogue import words
from ccboard.kpis.model import SERVICE_LEVEL, Entry, Terms
from ccboard.kpis.terms import TERMS
from ccboard.kpis.visit import COLUMNS
from ccboard.snapshot import iso
from ccboard.store.reader import Reader
from ccboard.store.rows import micros, stamp

MOST: Final = 10_000
"""Most rows of one answer; the next ones are asked for with an offset."""


def listed(
    reader: Reader, request: Request, queue: str | None, agent: str | None, config: Config, zone: ZoneInfo, *,
    named: bool, limit: int, offset: int, team: str | None = None, kind: str | None = None,
    caller_of: str | None = None,
) -> dict[str, Any]:
    """Return the rows behind the request's one figure, newest first.

    `team` of who answered and `kind` of business narrow it like `queue` and `agent`; `caller_of`, a call's
    id, to visits of whoever made that call: what is shown of a number may be many callers'.
    `named`: whether who asks may see who called and who answered. Raises UsageError.
    """
    if len(request.kpis) != 1:
        raise UsageError("list the visits of one figure at a time")
    if not 1 <= limit <= MOST or offset < 0:
        raise UsageError(f"limit is 1 to {MOST}, offset 0 or more")
    [kpi] = request.kpis
    known(reader, queue, config)
    if caller_of is not None and not named:
        raise UsageError("which calls are one caller's is not for this role")
    if named:
        refuse_unknown_agent(reader, agent, config)
    asked = {"queue": queue, "agent": agent, "team": team, "type": kind}
    where = [(name, (value,)) for name, value in asked.items() if value is not None]
    request = replace(request, by=(), where=tuple(where))
    plan = plan_of(reader, request, config, zone)
    of = {TERMS[name].of for _factor, name in (*kpi.top, *kpi.bottom)}
    if of & {"visits", "level", "dials"}:
        found = _of_caller(plan, caller_of) or _Visits(plan, kpi, named=named, caller_of=caller_of).page(
            limit, offset)
    elif caller_of is not None:
        raise UsageError(f"caller_of: {kpi.id} is not a figure of visits, so it has no callers")
    elif "refusals" in of:
        found = (_unknown("refusals", plan, refusals.UNKNOWN_BY)
                 or _refusals(plan, named=named, limit=limit, offset=offset))
    elif "scores" in of:
        found = _scores(plan, kpi, named=named, limit=limit, offset=offset)
    elif "offers" in of:
        found = (_unknown("offers", plan, OFFERS_LACK)
                 or _offers(plan, kpi, named=named, limit=limit, offset=offset))
    elif "time" in of:
        # A change of state is of a queue, though a figure of agents' time is not.
        found = (_unknown("time", plan, tuple(name for name in TIME_LACKS if name != "queue"), "states")
                 or _moves(plan, named=named, limit=limit, offset=offset))
    else:
        found = {"of": "visits", "total": 0, "rows": [], "numerator": None, "denominator": None,
                 "notes": [kpi.missing_en]}
    return {"kpi": kpi.id, "name": {"en": kpi.name_en, "zh": kpi.name_zh}, "unit": kpi.unit, "queue": queue,
            "agent": agent, "offset": offset, "limit": limit, **found}


def _unknown(table: str, plan: Plan, lacks: tuple[str, ...], of: str = "") -> dict[str, Any] | None:
    """Return the empty list of what is not known by something that was asked for, and why; else None."""
    if not plan.wants(*lacks):
        return None
    return {"of": of or table, "total": 0, "rows": [], "numerator": None, "denominator": None,
            "notes": [cannot(plan.request, table, lacks)]}


def _of_caller(plan: Plan, call: str | None) -> dict[str, Any] | None:
    """Find who made a call; return the empty list where that is not known, and why. Nobody else is listed."""
    if call is None:
        return None
    keys = [key for key, in plan.rows(f"""SELECT DISTINCT caller_key FROM visits
        WHERE call = $call AND caller_key <> '' AND offered_at <= $until AND {plan.shows} LIMIT 2""",
        call=call, until=stamp(plan.request.as_of))]
    if len(keys) == 1:
        plan.params["caller_key"] = keys[0]
        return None
    note = ("who made this call is not known, so no other calls of theirs are" if not keys
            else "calls of several callers have this id: which is meant cannot be told")
    return {"of": "visits", "total": 0, "rows": [], "numerator": None, "denominator": None, "notes": [note]}


class _Visits:
    """A figure whose sums are over visits; `caller_of`: only those of the caller whose key is in the plan."""

    def __init__(self, plan: Plan, kpi: Entry, *, named: bool, caller_of: str | None = None) -> None:
        self._whose = "true" if caller_of is None else "caller_key = $caller_key"
        self.plan, self.kpi, self.named = plan, kpi, named
        left = [one.term for one in kpi.left_out if sums.is_of_visits(one.term)]
        names = [name for _factor, name in (*kpi.top, *kpi.bottom) if sums.is_of_visits(name)]
        self.base: Base = base_of(plan, list(dict.fromkeys([*names, *left])), people=True)
        meant = self._meant(self.base.rules)
        self.top, self.bottom = _of_visits(meant.top), _of_visits(meant.bottom)
        self.left = tuple(one for one in kpi.left_out if sums.is_of_visits(one.term))
        self.names = list(dict.fromkeys([*(name for _f, name in (*self.top, *self.bottom)), *left]))
        self.forms = [rule.entry for rule in self.base.rules] if kpi.id == SERVICE_LEVEL else []
        """The queues' own definitions, where they differ: a visit counts by its own and in its own words."""
        if len(self.forms) < 2:
            self.forms = []
        self.flags = list(dict.fromkeys([*self.names, *(
            name for form in self.forms for _f, name in (*form.top, *form.bottom))]))
        self.hidden = {name for name, one in plan.config.agents.items() if one.hide}

    def _meant(self, rules: Sequence[Rule]) -> Entry:
        """Return the form that is configured, if it is one for all visits; else the entry that adds them."""
        if len(rules) > 1:
            return self.kpi
        return rules[0].entry if self.kpi.id == SERVICE_LEVEL else filled(self.kpi, rules[0])

    def page(self, limit: int, offset: int) -> dict[str, Any]:
        """Return a page of rows and what all of them add up to."""
        flags, amounts = [], {}
        for name in self.flags:
            condition, amount = sums.of_one(name, self.base.rules, self.base.inbound, self.base.outbound)
            flags.append(f"coalesce({condition}, false) AS is_{name}")
            amounts[name] = f"CASE WHEN is_{name} THEN ({amount}) ELSE 0 END"
        top, bottom = _added(self.top, amounts), _added(self.bottom, amounts)
        any_of = " OR ".join(f"is_{name}" for name in self.names)
        rows_of = f"""SELECT *, {top} AS top_value, {bottom} AS bottom_value FROM (
            SELECT *, {", ".join(flags)} FROM {self.base.rows}) WHERE ({any_of}) AND {self._whose}"""
        largest = any(TERMS[name].kind == "max" for _factor, name in self.top)
        order = ("top_value DESC, " if largest else "") + "offered_at DESC, source, call, queue, nth"
        measured = "threshold_s" if self._measured else "NULL"
        columns = f"""caller, offered_at, answered_at, ended_at, queue, agent_name, outcome, wait_s, ring_s,
            talk_s, hold_s, wrap_s, business_type, direction, transfer, source, call, nth, was_answered,
            was_over, waited_s, {measured}, {"rule" if self.forms else "0"}, top_value, bottom_value,
            {", ".join(f"is_{name}" for name in self.flags)}"""
        rows = self.plan.rows(f"{self.base.before} SELECT {columns} FROM ({rows_of}) ORDER BY {order}"
                              f" LIMIT {limit} OFFSET {offset}", **self.base.params)
        total_top = "max(top_value)" if largest else "coalesce(sum(top_value), 0)"
        [(total, numerator, denominator)] = self.plan.rows(
            f"{self.base.before} SELECT count(*), {total_top}, coalesce(sum(bottom_value), 0)"
            f" FROM ({rows_of})", **self.base.params)
        notes = []
        if any(TERMS[name].kind == "distinct" for _factor, name in self.top):
            notes.append(f"{self.kpi.name_en}: each is counted once, however many rows it has here")
            numerator = None
        if self.kpi.bottom and not self.bottom:
            notes.append(f"{words(self.kpi.bottom)}: what it is divided by is not in the rows")
        return {"of": "visits", "total": total, "numerator": numerator,
                "denominator": denominator if self.bottom else None, "notes": notes,
                "rows": [self._row(row) for row in rows]}

    @property
    def _measured(self) -> bool:
        return any(TERMS[name].of == "level" or name in ("short_abandoned", "answered_in_time")
                   for name in self.names)

    def _row(self, row: tuple[Any, ...]) -> dict[str, Any]:
        (caller, offered, answered, ended, queue, agent, outcome, wait, ring, talk, hold, wrap, kind,
         direction, transfer, source, call, nth, was_answered, was_over, waited, threshold, rule, top, bottom,
         *flags) = row
        holds = {name for name, flag in zip(self.flags, flags, strict=True) if flag}
        state = outcome if was_over else "talking" if was_answered else "waiting"
        seconds = wait if was_answered or was_over else waited
        own = self.forms[rule] if self.forms else None
        terms = (self.top, self.bottom) if own is None else (own.top, own.bottom)
        counts, why = self._why(terms, holds, (top, bottom), state, seconds, threshold)
        shown = was_answered and self.named and agent not in self.hidden
        return dict(zip(COLUMNS, (
            _caller(caller, self.plan.config) if self.named else None,
            _iso(offered), _iso(answered) if was_answered else None, _iso(ended) if was_over else None,
            queue, agent if shown else None, state, seconds, ring if was_answered else None,
            talk if was_over else None, hold if was_over else None, wrap if was_over else None,
            kind or None, direction, transfer if was_over and self.named else None, counts, *why, top,
            bottom if self.bottom else None, source, call if self.named else None, nth,
        ), strict=True))

    def _why(self, terms: tuple[Terms, Terms], holds: set[str], amounts: tuple[float, float], state: str,
             seconds: float | None, threshold: float | None) -> tuple[str, tuple[str, str]]:
        """Return whether a visit counts (yes, no, left_out) and the reason, in both languages.

        What only takes away (offered less those who may still be answered) leaves a visit out.
        """
        (own_top, own_bottom), (top, bottom) = terms, amounts

        def said(terms: Terms) -> tuple[str, str]:
            found = tuple((1, name) for factor, name in terms if factor > 0 and name in holds)[:1]
            return words(found, "en"), words(found, "zh")

        if (top > 0 or (not self.bottom and any(name in holds for _f, name in self.top))
                or (bottom > 0 and self._is_mean)):
            return "yes", _filled(said(own_bottom if self._is_mean else own_top), threshold)
        if bottom > 0:
            return "no", _missed(state, seconds, threshold) or said(own_bottom)
        for one in self.left:
            if one.term in holds:
                return "left_out", _filled((one.en, one.zh), threshold)
        taken = tuple((1, name) for factor, name in (*own_top, *own_bottom) if factor < 0 and name in holds)
        if not taken:
            return "left_out", ("not counted by the configured form", "所选口径不计")
        return "left_out", _filled((words(taken[:1], "en"), words(taken[:1], "zh")), threshold)

    @property
    def _is_mean(self) -> bool:
        """Whether the figure is a mean: a visit of no seconds counts as well."""
        return bool(self.bottom) and self.kpi.unit in ("s", "money")


def _of_visits(terms: Terms) -> Terms:
    return tuple((factor, name) for factor, name in terms if sums.is_of_visits(name))


def _added(terms: Terms, amounts: Mapping[str, str]) -> str:
    return " + ".join(f"({factor}) * {amounts[name]}" for factor, name in terms) or "0"


def _filled(texts: tuple[str, str], threshold: float | None) -> tuple[str, str]:
    """Return reasons with the seconds of T in them."""
    if threshold is None:
        return texts
    return mixed.with_threshold(texts[0], threshold), mixed.with_threshold(texts[1], threshold)


_MISSES: Final[dict[str, tuple[str, str]]] = {
    "abandoned": ("the caller hung up", "主叫放弃"),
    "timed_out": ("sent on by the queue's time limit", "排队超时转出"),
    "left_by_key": ("left by pressing a key", "按键离开"),
    "left_empty": ("sent on because nobody could answer", "无座席可接而转出"),
    "withdrawn": ("taken out of the queue by somebody else", "被他人撤出队列"),
    "lost": ("still waiting when the phone system started again", "电话系统重启时仍在排队"),
    "unknown": ("ended while nobody listened", "无人监听期间结束"),
    "waiting": ("still waiting", "仍在排队"),
}


def _missed(state: str, seconds: float | None, threshold: float | None) -> tuple[str, str] | None:
    """Return why a visit of the denominator is none of the numerator."""
    number = "" if seconds is None else f"{seconds:.1f}".removesuffix(".0")
    after = ("", "") if seconds is None else (f" after {number} s", f"（{number} 秒）")
    if state in _MISSES:
        said = _MISSES[state]
        return said[0] + after[0], said[1] + after[1]
    if threshold is None or seconds is None:
        return None
    return (f"answered{after[0]}, later than T = {threshold:g} s",
            f"{number} 秒接通，超过 {threshold:g} 秒")


def _caller(number: str | None, config: Config) -> str | None:
    """Return a caller as the policy of today shows it: what was kept under another one is masked now."""
    if number is None or config.callers == "plain" or number.startswith("#"):
        return number
    return number if DOT in number else mask(number)


def _iso(moment: Any) -> str | None:
    return None if moment is None else iso(micros(moment))


def _offers(plan: Plan, kpi: Entry, *, named: bool, limit: int, offset: int) -> dict[str, Any]:
    """Return the offers to agents behind a figure."""
    [(_factor, term)] = kpi.top
    condition, _amount = sums.of_one(term, [], "true", "false", sums.OFFERS)
    joins = people_join(plan)
    wheres = " AND ".join(plan.condition(name, column) for name, column in (
        ("queue", "c.queue"), ("agent", "coalesce(people.name, nullif(c.agent, ''))"),
        ("team", "people.team")))
    rows_of = f"""SELECT c.*, coalesce(people.name, nullif(c.agent, '')) AS agent_name FROM offers c {joins}
        WHERE c.ended_at >= $begin AND c.ended_at < $end AND c.ended_at <= $as_of AND ({condition})
            AND {wheres} AND {plan.shows.replace("queue", "c.queue")}"""
    params = {"begin": stamp(plan.calendar.begin), "as_of": stamp(plan.request.as_of),
              "end": stamp(min(plan.calendar.end, plan.request.end))}
    callers = "(SELECT any_value(v.caller) FROM visits v WHERE v.source = o.source AND v.call = o.call)"
    found = plan.rows(f"""
        SELECT {callers}, o.started_at, o.ended_at, o.queue, o.agent_name, o.result, o.ring_s, o.source,
            o.call, o.nth
        FROM ({rows_of} ORDER BY c.ended_at DESC, c.source, c.call, c.agent, c.nth
            LIMIT {limit} OFFSET {offset}) o
        ORDER BY o.ended_at DESC, o.source, o.call, o.agent, o.nth
    """, **params)
    [(total,)] = plan.rows(f"SELECT count(*) FROM ({rows_of})", **params)
    why = (TERMS[term].en, TERMS[term].zh)
    hidden = {name for name, one in plan.config.agents.items() if one.hide}
    rows = [
        dict.fromkeys(COLUMNS) | {
            "caller": _caller(caller, plan.config) if named else None, "offered_at": _iso(started),
            "ended_at": _iso(ended), "queue": queue,
            "agent": agent if named and agent not in hidden else None, "outcome": result,
            "ring_s": ring, "direction": "in", "counts": "yes", "why_en": why[0], "why_zh": why[1],
            "numerator": 1, "source": source, "call": call if named else None, "nth": nth,
        }
        for caller, started, ended, queue, agent, result, ring, source, call, nth in found
    ]
    return {"of": "offers", "total": total, "numerator": total, "denominator": None, "rows": rows,
            "notes": []}


def _refusals(plan: Plan, *, named: bool, limit: int, offset: int) -> dict[str, Any]:
    """Return the callers who were turned away, with the dialplan's reason as their outcome."""
    if not refusals.reported(plan):
        return {"of": "refusals", "total": 0, "rows": [], "numerator": None, "denominator": None,
                "notes": ["no dialplan has reported who was turned away at the door"]}
    rows_of = refusals.rows_of(plan)
    found = plan.rows(f"SELECT moment, queue, reason, source, call, nth FROM ({rows_of})"
                      f" ORDER BY moment DESC, source, call, queue, nth LIMIT {limit} OFFSET {offset}")
    [(total,)] = plan.rows(f"SELECT count(*) FROM ({rows_of})")
    why = (TERMS["refused"].en, TERMS["refused"].zh)
    rows = [
        dict.fromkeys(COLUMNS) | {
            "offered_at": _iso(moment), "queue": queue, "outcome": reason, "direction": "in", "counts": "yes",
            "why_en": why[0], "why_zh": why[1], "numerator": 1, "source": source,
            "call": call if named else None, "nth": nth,
        }
        for moment, queue, reason, source, call, nth in found
    ]
    return {"of": "refusals", "total": total, "numerator": total, "denominator": None, "rows": rows,
            "notes": []}


_SAID: Final[dict[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "resolved": (("judged as not resolved", "判定为未解决"), ("judged as resolved", "判定为已解决")),
    "complaint": (("the complaint was withdrawn", "投诉已撤回"), ("there is a complaint", "有投诉")),
}


def _scores(plan: Plan, kpi: Entry, *, named: bool, limit: int, offset: int) -> dict[str, Any]:
    """Return the judgements behind a figure, each with the visit that it is about."""
    if not named and any(name == "agent" for name, _values in plan.request.where):
        raise UsageError("what is said of single agents is not for this role")
    terms = [name for _factor, name in (*kpi.top, *kpi.bottom)]
    names = list(dict.fromkeys([*terms, *(one.term for one in kpi.left_out)]))
    flags, amounts = [], {}
    for name in names:
        condition, amount = sums.of_one(name, [], "true", "false", scores.SUMS)
        flags.append(f"coalesce({condition}, false) AS is_{name}")
        amounts[name] = f"CASE WHEN is_{name} THEN ({amount}) ELSE 0 END"
    top, bottom = _added(kpi.top, amounts), _added(kpi.bottom, amounts)
    counted = " OR ".join(f"is_{name}" for name in terms)
    rows_of = f"""SELECT *, {top} AS top_value, {bottom} AS bottom_value, ({counted}) AS counted FROM (
        SELECT *, {", ".join(flags)} FROM ({scores.rows_of(plan, names)}))
        WHERE {" OR ".join(f"is_{name}" for name in names)}"""
    found = plan.rows(f"""
        SELECT caller, coalesce(offered_at, moment), answered_at, ended_at, queue, agent_name, outcome,
            wait_s, ring_s, talk_s, hold_s, wrap_s, business_type, direction, transfer, source, call, nth,
            kind, value, counted, top_value, bottom_value
        FROM ({rows_of}) ORDER BY at_us DESC, source, call, key LIMIT {limit} OFFSET {offset}""")
    [(total, numerator, denominator)] = plan.rows(
        f"SELECT count(*), coalesce(sum(top_value), 0), coalesce(sum(bottom_value), 0) FROM ({rows_of})")
    hidden = {name for name, one in plan.config.agents.items() if one.hide}
    left = kpi.left_out[0] if kpi.left_out else None
    rows = []
    for (caller, offered, answered, ended, queue, agent, outcome, wait, ring, talk, hold, wrap, kind,
         direction, transfer, source, call, nth, said, value, counts, top_value, bottom_value) in found:
        mark = f"{value:g}"
        why = _SAID[said][value == 1] if said in _SAID else (f"the mark is {mark}", f"评分 {mark}")
        if not counts and left is not None:
            why = (left.en, left.zh)
        yes = counts and not (kpi.unit == "ratio" and not top_value)
        rows.append(dict(zip(COLUMNS, (
            _caller(caller, plan.config) if named else None, _iso(offered), _iso(answered), _iso(ended),
            queue, agent if named and agent not in hidden else None, outcome, wait, ring, talk, hold, wrap,
            kind or None, direction, transfer if named else None,
            "yes" if yes else "no" if counts else "left_out", *why, top_value,
            bottom_value if kpi.bottom else None, source, call if named else None, nth,
        ), strict=True)))
    return {"of": "scores", "total": total, "numerator": numerator,
            "denominator": denominator if kpi.bottom else None, "rows": rows, "notes": []}


def _moves(plan: Plan, *, named: bool, limit: int, offset: int) -> dict[str, Any]:
    """Return the changes of agents' states: what figures of time are made of.

    A change of no queue (of the seat) of people of other queues is not for a viewer of some queues.
    """
    if not named:
        raise UsageError("what single agents did is not for this role")
    joins = people_join(plan, states=True)
    own = of_queues(plan)
    plan.params["hidden_agents"] = sorted(name for name, one in plan.config.agents.items() if one.hide)
    who_is = "coalesce(people.name, nullif(c.agent, ''), c.interface)"
    seats = "true"
    if own is not None:
        plan.params["own_people"] = own
        seats = f"list_contains($own_people::VARCHAR[], {who_is})"
    wheres = " AND ".join(plan.condition(name, column) for name, column in (
        ("queue", "c.queue"), ("agent", who_is), ("team", "people.team")))
    rows_of = f"""SELECT c.moment, {who_is} AS agent_name, c.state, c.queue, c.reason, c.source, c.seq
        FROM agent_states c {joins}
        WHERE c.moment >= $begin AND c.moment < $end AND c.moment <= $as_of AND {wheres}
            AND CASE WHEN c.queue IS NULL THEN {seats} ELSE {plan.shows.replace("queue", "c.queue")} END
            AND NOT list_contains($hidden_agents::VARCHAR[], {who_is})"""
    params = {"begin": stamp(plan.calendar.begin), "as_of": stamp(plan.request.as_of),
              "end": stamp(min(plan.calendar.end, plan.request.end))}
    found = plan.rows(f"{rows_of} ORDER BY c.moment DESC, c.source, c.seq DESC, 2, c.queue"
                      f" LIMIT {limit} OFFSET {offset}", **params)
    [(total,)] = plan.rows(f"SELECT count(*) FROM ({rows_of})", **params)
    rows = [
        dict.fromkeys(COLUMNS) | {
            "offered_at": _iso(moment), "agent": name, "outcome": state, "queue": queue, "counts": "yes",
            "why_en": reason or "", "why_zh": reason or "", "source": source,
        }
        for moment, name, state, queue, reason, source, _seq in found
    ]
    return {"of": "states", "total": total, "numerator": None, "denominator": None, "rows": rows,
            "notes": ["made of agents' time: these are the changes of state in it"]}

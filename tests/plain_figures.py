"""The second method: every figure again, in plain Python over lists of visits, as the documentation says it.

Nothing of ccboard.figures or of the catalogue's sums is used. Slow and simple on purpose.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.records import Contact

S = 1_000_000
DAY, WEEK = 86_400 * S, 7 * 86_400 * S
RULE = {
    "T": 20,
    "S": 5,
    "form": "sl.offered",
    "counts": ("abandoned", "short_abandoned"),
    "cohort": "arrival",
    "time_outs": True,
    "overflow": True,
    "left_by_key": True,
    "callback_key": False,
    "callbacks": True,
    "open": None,
}
"""The defaults; True: counted. open: (weekday, hour) -> whether open, or None: always."""


def local(at: int, zone: ZoneInfo) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(zone)


def business_day(at: int, zone: ZoneInfo, starts: time) -> date:
    wall = local(at, zone).replace(tzinfo=None)
    return wall.date() if wall.time() >= starts else wall.date() - timedelta(days=1)


def key(
    visit: Contact,
    at: int,
    name: str,
    zone: ZoneInfo,
    starts: time,
    interval_min: int,
    as_of: int,
    projects: dict[str, str],
) -> Any:
    day = business_day(at, zone, starts)
    wall = local(at, zone)
    if name == "interval":
        minute = (wall.hour * 60 + wall.minute) // interval_min * interval_min
        return wall.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0).isoformat()
    simple: dict[str, Callable[[], Any]] = {
        "day": day.isoformat,
        "hour": lambda: wall.hour,
        "weekday": day.isoweekday,
        "week": lambda: "{}-W{:02}".format(*day.isocalendar()[:2]),
        "month": lambda: day.strftime("%Y-%m"),
        "year": lambda: day.year,
        "queue": lambda: visit.queue,
        "agent": lambda: visit.agent or None,
        "type": lambda: visit.business_type or None,
        "direction": lambda: visit.direction,
        "channel": lambda: visit.channel,
        "source": lambda: visit.source,
        "project": lambda: projects.get(visit.queue) or visit.project or None,
        "outcome": lambda: Seen(visit, as_of).outcome,
    }
    return simple[name]()


class Seen:
    """A visit as it was at as_of."""

    def __init__(self, visit: Contact, as_of: int, rule: dict[str, Any] | None = None) -> None:
        rule = rule or RULE
        answered_at = visit.answered_at
        if answered_at is None and visit.outcome == "answered":
            answered_at = visit.ended_at
        self.visit = visit
        self.answered = answered_at is not None and answered_at <= as_of
        self.over = visit.ended_at is not None and visit.ended_at <= as_of
        wrap = visit.wrap_s
        self.wrap_s = wrap if self.over and wrap is not None and visit.ended_at + wrap * S <= as_of else None
        self.outcome = (
            visit.outcome
            if self.over
            else ("answered" if visit.answered_at is not None and visit.answered_at <= as_of else None)
        )
        self.waits = not self.answered and not self.over
        self.waited = (as_of - visit.offered_at) // S
        self.abandoned = self.over and visit.outcome == "abandoned"
        wait = visit.wait_s
        self.in_time = wait is not None and wait <= rule["T"]
        self.short = self.abandoned and wait is not None and wait < rule["S"]
        if self.waits:
            self.past = self.waited > rule["T"]
        else:
            self.past = not self.answered and (wait is None or wait > rule["T"])


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def level(form: str, seen: list[tuple[Seen, dict[str, Any]]]) -> tuple[int, int]:
    """Return what stands above and below the line of one form, over visits with their rules."""
    top = bottom = 0
    for one, rule in seen:
        kind, outcome = one.visit, one.visit.outcome if one.over else None
        left_out = [
            not rule["time_outs"] and outcome == "timed_out",
            not rule["overflow"] and outcome in ("left_empty", "withdrawn"),
            not rule["left_by_key"] and outcome == "left_by_key",
            not rule["callbacks"] and kind.channel == "callback",
            rule["open"] is not None and not rule["open"](kind.offered_at),
            kind.wait_s is None and (one.answered or one.abandoned),
        ]
        if any(left_out):
            continue
        hit, gone = one.answered and one.in_time, one.abandoned and one.in_time
        asked = rule["callback_key"] and outcome == "left_by_key" and one.in_time
        undecided = one.waits and one.waited <= rule["T"]
        waiting = one.waits and one.waited <= 86_400
        decided = one.answered or one.abandoned or one.past
        missed = outcome in ("timed_out", "left_empty", "withdrawn", "lost")
        flowed = outcome in ("timed_out", "left_empty", "withdrawn")
        long = one.abandoned and not one.short
        composed = (
            one.answered
            or (long and "abandoned" in rule["counts"])
            or (one.short and "short_abandoned" in rule["counts"])
            or (flowed and "flowed_out" in rule["counts"])
        )
        above, below = {
            "sl.offered": (hit, not undecided),
            "sl.abandoned_negative": (hit, decided),
            "sl.abandoned_ignored": (hit, decided and not gone),
            "sl.abandoned_positive": (hit or gone, decided),
            "sl.answered": (hit, one.answered),
            "sl.short_excluded": (hit, not undecided and not one.short),
            "sl.composed": (hit, composed),
            "sl.removed": (hit or gone or asked, not undecided),
            "sl.answered_missed": (hit, one.answered or missed),
            "sl.queue_now": (waiting and one.waited <= rule["T"], waiting),
        }[form if form != "service_level" else rule["form"]]
        top, bottom = top + bool(above), bottom + bool(below)
    return top, bottom


FORMS = (
    "sl.offered",
    "sl.abandoned_negative",
    "sl.abandoned_ignored",
    "sl.abandoned_positive",
    "sl.answered",
    "sl.short_excluded",
    "sl.composed",
    "sl.removed",
    "sl.answered_missed",
    "sl.queue_now",
)


def again(visits: list[Contact], as_of: int) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    """Return of each call of a known caller how far the next and the last other call of the caller are."""
    first: dict[str, dict[tuple[str, str], int]] = {}
    for visit in visits:
        if visit.direction == "in" and visit.caller_key and visit.offered_at <= as_of:
            calls = first.setdefault(visit.caller_key, {})
            call = (visit.source, visit.call)
            calls[call] = min(visit.offered_at, calls.get(call, visit.offered_at))
    found = {}
    for calls in first.values():
        order = sorted(calls, key=lambda call: calls[call])
        for place, call in enumerate(order):
            later = calls[order[place + 1]] - calls[call] if place + 1 < len(order) else None
            before = calls[call] - calls[order[place - 1]] if place else None
            found[call] = later, before
    return found


def second_tries(visits: list[Contact]) -> set[int]:
    """Return which visits (by identity) are of who hung up in the same queue within the hour before."""
    found, last = set(), dict[tuple[str, str, str], Contact]()
    for visit in sorted(visits, key=lambda one: (one.offered_at, one.call)):
        if visit.direction != "in" or not visit.caller_key:
            continue
        before = last.get(who := (visit.source, visit.queue, visit.caller_key))
        if (before is not None and before.outcome == "abandoned" and before.ended_at is not None
                and before.ended_at <= visit.offered_at < before.offered_at + 3600 * S):
            found.add(id(visit))
        last[who] = visit
    return found


def figures(
    visits: list[Contact],
    by: tuple[str, ...],
    begin: int,
    end: int,
    as_of: int,
    zone: ZoneInfo,
    *,
    starts: time = time(0),
    interval_min: int = 15,
    projects: dict[str, str] | None = None,
    rule_of: Callable[[str, str | None], dict[str, Any]] = lambda _queue, _project: RULE,
) -> dict[tuple[Any, ...], dict[str, float | None]]:
    """Return every figure of the groups in which something happened."""
    projects = projects or {}
    near, tries = again(visits, as_of), second_tries(visits)
    groups: dict[tuple[Any, ...], list[tuple[Seen, dict[str, Any]]]] = {}
    for visit in visits:
        rule = rule_of(visit.queue, projects.get(visit.queue) or visit.project)
        seen = Seen(visit, as_of, rule)
        at = visit.offered_at if rule["cohort"] == "arrival" else visit.ended_at
        if visit.offered_at > as_of or at is None or not begin <= at < end:
            continue
        if rule["cohort"] == "end" and not seen.over:
            continue
        group = tuple(key(visit, at, name, zone, starts, interval_min, as_of, projects) for name in by)
        groups.setdefault(group, []).append((seen, rule))
    return {group: _figures(members, near, tries) for group, members in groups.items()}


def _figures(
    members: list[tuple[Seen, dict[str, Any]]], near: dict[tuple[str, str], tuple[int | None, int | None]],
    tries: set[int],
) -> dict[str, float | None]:
    inbound = [(one, rule) for one, rule in members if one.visit.direction == "in"]
    outbound = [one for one, _rule in members if one.visit.direction == "out"]
    seen = [one for one, _rule in inbound]
    said: dict[str, float | None] = {}
    said["offered"] = len(seen)
    said["first_tries"] = sum(id(one.visit) not in tries for one in seen)
    said["calls"] = len({(one.visit.source, one.visit.call) for one in seen})
    said["callers"] = len({one.visit.caller_key for one in seen if one.visit.caller_key})
    answered = [one for one in seen if one.answered]
    abandoned = [one for one in seen if one.abandoned]
    ended = [one.visit for one in answered if one.over]
    waiting = [one for one in seen if one.waits and one.waited <= 86_400]
    said["answered"], said["abandoned"], said["waiting"] = len(answered), len(abandoned), len(waiting)
    said["short_abandoned"] = sum(one.short for one in seen)
    said["answered_in_time"] = sum(one.in_time for one in answered)
    for outcome in ("timed_out", "left_by_key", "left_empty", "withdrawn", "lost", "unknown"):
        said[outcome] = sum(one.over and one.visit.outcome == outcome for one in seen)
    said["transferred"] = sum(visit.transfer is not None for visit in ended)
    said["answer_rate"] = ratio(len(answered), len(seen))
    said["answer_rate.decided"] = ratio(len(answered), len(seen) - len(waiting))
    said["abandon_rate"] = ratio(len(abandoned), len(seen))
    short = said["short_abandoned"] or 0
    said["abandon_rate.ex_short"] = ratio(len(abandoned) - short, len(seen) - short)
    said["abandon_rate.of_answered"] = ratio(len(abandoned), len(answered))
    said["abandon_rate.decided"] = ratio(len(abandoned), len(answered) + len(abandoned))
    said["transfer_rate"] = ratio(said["transferred"], len(answered))
    said["asa_s"] = mean([one.visit.wait_s for one in answered if one.visit.wait_s is not None])
    said["mean_wait_abandoned_s"] = mean(
        [one.visit.wait_s for one in abandoned if one.visit.wait_s is not None]
    )
    said["mean_ring_s"] = mean([one.visit.ring_s for one in answered if one.visit.ring_s is not None])
    said["mean_talk_s"] = mean([visit.talk_s for visit in ended if visit.talk_s is not None])
    said["mean_hold_s"] = mean([visit.hold_s for visit in ended if visit.hold_s is not None])
    over = [one for one in answered if one.over]
    said["mean_wrap_s"] = mean([one.wrap_s for one in over if one.wrap_s is not None])
    handled = [
        one.visit.talk_s + (one.visit.hold_s or 0) + (one.wrap_s or 0)
        for one in over
        if one.visit.talk_s is not None
    ]
    said["aht_s"], said["handled_s"] = mean(handled), sum(handled)
    said["talk_s"] = sum(visit.talk_s for visit in ended if visit.talk_s is not None)
    said["longest_wait_s"] = max((one.waited for one in waiting), default=None)
    said["longest_wait_ended_s"] = max(
        (one.visit.wait_s for one in seen if one.over and one.visit.wait_s is not None), default=None
    )
    said["agents_answering"] = len({one.visit.agent for one in answered if one.visit.agent})
    for form in ("service_level", *FORMS):
        said[form] = ratio(*level(form, inbound))
    known = [near[one.visit.source, one.visit.call] for one in seen if one.visit.caller_key]
    for name, window in (("24h", DAY), ("7d", WEEK)):
        later = sum(gap is not None and gap <= window for gap, _ in known)
        said[f"repeat_rate_{name}"] = ratio(later, len(known))
        said[f"fcr_{name}"] = ratio(len(known) - later, len(known))
        said[f"repeat_rate_{name}.back"] = ratio(
            sum(gap is not None and gap <= window for _, gap in known), len(known)
        )
    connects = [one for one in outbound if one.answered]
    said["dials"], said["connects"] = len(outbound), len(connects)
    said["connect_rate"] = ratio(len(connects), len(outbound))
    said["right_party_contacts"] = said["right_party_rate"] = None
    said["successes"] = said["success_rate"] = None  # there are no scores: nobody says what succeeded
    said["mean_out_talk_s"] = mean(
        [one.visit.talk_s for one in connects if one.over and one.visit.talk_s is not None]
    )
    said["mean_out_wrap_s"] = mean(
        [one.wrap_s for one in connects if one.over and one.wrap_s is not None]
    )
    return said

"""Records as rows: tuples in the order of the tables' columns, moments as naive UTC datetimes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from ccboard.records import Action, AgentState, Contact, Offer, QueueCounters, Refusal, Score

Row: TypeAlias = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the store's moments are naive UTC by definition
EARLIEST = datetime(1, 1, 1)  # noqa: DTZ001
LATEST = datetime(9999, 12, 31)  # noqa: DTZ001
_MICROSECOND = timedelta(microseconds=1)
_MOST = 2**63 - 1


def stamp(at: int) -> datetime:
    """Return microseconds since 1970 UTC as the store's naive datetime.

    A moment that no calendar holds becomes the calendar's first or last: one absurd epoch in a log
    must not stop the batch that it came in.

    >>> stamp(1795283239_000000)
    datetime.datetime(2026, 11, 21, 17, 47, 19)
    """
    try:
        return _EPOCH + timedelta(microseconds=at)
    except OverflowError:
        return LATEST if at > 0 else EARLIEST


def stamp_or_none(at: int | None) -> datetime | None:
    """As ``stamp``; None stays None."""
    return None if at is None else stamp(at)


def micros(moment: datetime) -> int:
    """Return the store's naive datetime as microseconds since 1970 UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def _whole(number: int | None) -> int | None:
    """Return a number that a column can hold, else None: a log may name any."""
    return number if number is not None and -_MOST <= number <= _MOST else None


def contact_row(r: Contact) -> Row:
    """Return a visit as a row of `contacts` or `open_contacts`."""
    return (
        r.source, r.call, r.queue, r.nth, r.version, stamp(r.offered_at), stamp_or_none(r.answered_at),
        stamp_or_none(r.ended_at), r.outcome, r.agent, _whole(r.position), r.ring_s, r.wait_s, r.talk_s,
        r.hold_s, r.wrap_s, r.transfer, r.ended_by, r.caller, r.caller_key, r.caller_name, r.project,
        r.business_type, r.channel, r.direction,
    )


def offer_row(r: Offer) -> Row:
    """Return an offer as a row of `offers` or `open_offers`."""
    return (
        r.source, r.call, r.queue, r.agent, r.nth, stamp(r.started_at), stamp_or_none(r.ended_at), r.ring_s,
        r.result,
    )


def state_row(r: AgentState) -> Row:
    """Return an agent's state as a row of `agent_states`."""
    return (r.source, r.agent, stamp(r.at), r.state, r.seq, r.queue, r.interface, r.reason, r.team)


def action_row(r: Action) -> Row:
    """Return what somebody did as a row of `actions`."""
    return (
        r.source, r.key, stamp(r.at), r.kind, r.about, r.who, r.role, stamp_or_none(r.until), r.note, r.value,
    )


def score_row(r: Score) -> Row:
    """Return a judgement as a row of `scores`."""
    return (r.source, r.key, stamp(r.at), r.kind, r.value, r.call, r.queue, r.agent)


def refusal_row(r: Refusal) -> Row:
    """Return a caller turned away as a row of `refusals`."""
    return (r.source, r.call, r.queue, r.nth, stamp(r.at), r.reason)


def counters_row(r: QueueCounters) -> Row:
    """Return what a phone system counted as a row of `counters`."""
    return (r.source, r.queue, stamp(r.since), stamp(r.at), r.completed, r.abandoned, r.hold_s, r.talk_s)


def same(stored: Sequence[Any], row: Row) -> bool:
    """Tell whether a stored row says just what `row` says (integers and floats compare by value)."""
    return tuple(stored[: len(row)]) == row

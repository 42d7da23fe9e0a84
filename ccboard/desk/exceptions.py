"""Figures other than the lift that are past a tier's limit, each an alarm of its own."""

from collections.abc import Mapping, Sequence

from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.desk.acts import Act, verdict
from ccboard.desk.people import AT_WORK
from ccboard.panel_surge import Exceptional
from ccboard.snapshot import QueueFigures, Snapshot
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp
from ccboard.tiers import FALLING, Contact, Tier

ABOUT = "limit:"
RAISED, CLEARED, ROLE = "raised", "cleared", "system"
"""How the hub records that one began and was over."""


def exceptions(config: Config, snapshot: Snapshot, acts: Sequence[Act], earlier: Snapshot | None,
               complaints: Mapping[str, int]) -> tuple[Exceptional, ...]:
    """Return what is past its limit now, in the order of tiers and queues.

    `earlier` is the floor of half an hour ago, for agents that are missing since. What was accepted or
    put off stays so until the exception is over (``ccboard.alarms.standing``) or the day ends.
    """
    found = []
    for tier in config.tiers:
        if tier.when == "lift":
            continue
        for queue in snapshot.queues:
            if not tier.serves(queue.queue):
                continue
            value = _value(tier, queue, snapshot, earlier, complaints)
            if value is not None and _past(tier, value):
                found.append(_exception(tier, queue, value, acts, snapshot))
    return tuple(found)


def wanted(config: Config) -> frozenset[str]:
    """Return the figures that the tiers watch."""
    return frozenset(tier.when for tier in config.tiers)


def complaints_today(reader: Reader, day: int, as_of: int) -> dict[str, int]:
    """Return today's complaints by queue."""
    rows = reader.rows("SELECT queue, count(*) FROM scores WHERE kind = 'complaint' AND moment >= $day"
                       " AND moment <= $as_of AND queue IS NOT NULL GROUP BY queue",
                       {"day": stamp(day), "as_of": stamp(as_of)})
    return {queue: int(count) for queue, count in rows}


def _value(tier: Tier, queue: QueueFigures, snapshot: Snapshot, earlier: Snapshot | None,
           complaints: Mapping[str, int]) -> float | None:
    name = queue.queue or ""
    if tier.when == "nth_call":
        return max((w.nth_today for w in snapshot.waiting if w.queue == name), default=None)
    if tier.when == "complaints":
        return complaints.get(name, 0)
    if tier.when == "agents_lost":
        return None if earlier is None else _at_work(earlier, name) - _at_work(snapshot, name)
    found = getattr(queue, tier.when)
    return None if found is None else float(found)


def _at_work(snapshot: Snapshot, queue: str) -> int:
    return sum(agent.state in AT_WORK and queue in agent.queues for agent in snapshot.agents)


def _past(tier: Tier, value: float) -> bool:
    return value < tier.threshold if tier.when in FALLING else value >= max(tier.threshold, 1e-9)


def _exception(tier: Tier, queue: QueueFigures, value: float, acts: Sequence[Act], snapshot: Snapshot
               ) -> Exceptional:
    about = f"{ABOUT}{tier.when}:{queue.queue}"
    today = [act for act in acts if act.about == about and act.at >= snapshot.day_start]
    turns = [n for n, act in enumerate(today) if act.kind == CLEARED and act.role == ROLE]
    if turns:  # what was done about the one before has ended with it
        today = today[turns[-1] + 1:]
    since = next((act.at for act in today if act.kind == RAISED and act.role == ROLE), None)
    accepted, false = verdict(today)
    snoozed = next((act for act in reversed(today) if act.kind == "snooze"), None)
    until = None if snoozed is None or (snoozed.until or 0) <= snapshot.as_of else snoozed.until
    made = Exceptional(
        about, tier.name or "", queue.queue, queue.label, tier.when, round(value, 4), tier.threshold,
        None if tier.owner is None else said(tier.owner), tuple(map(said, tier.call)),
        None if accepted is None else accepted.who, None if accepted is None else accepted.at, until, since)
    if false is not None:
        return made._replace(false_by=false.who, false_at=false.at)
    if since is None:
        return made
    if accepted is not None:
        return made._replace(reaction_s=max(0, accepted.at - since) // SECOND)
    return made._replace(escalated_to=deputy(tier, snapshot.as_of - since))


def deputy(tier: Tier, waited: int) -> str | None:
    """Return who is next after nobody accepted for so many microseconds; None within the owner's time."""
    late = int(waited / (60 * SECOND) / tier.acknowledge_min)
    return said(tier.deputies[min(late, len(tier.deputies)) - 1]) if late >= 1 and tier.deputies else None


def said(contact: Contact) -> str:
    """Return somebody as the board shows it.

    >>> said(Contact(name="Chen Li", reach="4711")), said(Contact(name="Sam"))
    ('Chen Li 4711', 'Sam')
    """
    return f"{contact.name} {contact.reach}" if contact.reach else contact.name

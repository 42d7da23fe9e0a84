"""Phones that ring for a visit: AMI says when they begin and end, the log says how each ended.

The log has one line for each ring that was not answered (RINGNOANSWER), for each that the caller cut
short (RINGCANCELED), and CONNECT for the answered one. The nth of a kind in the log is the nth of that
kind from AMI, so the two meet on one record. AMI's moments stay: the log does not know when it began to ring.
"""

from typing import Final

from ccboard.clock import SECOND
from ccboard.records import OfferResult
from sources.asterisk.out import Out
from sources.asterisk.visits import MAX_RINGS, Ring, Visit

_VISIT_STEP: Final = 1_000_000  # a visit's rings count up from here, so that a call's visits never meet


def begins(visit: Visit, agent: str, interface: str | None, at: int, out: Out) -> None:
    """Take from AMI that a phone begins to ring."""
    ring = _ringing(visit, agent)
    if ring is None:
        ring = Ring(agent=agent, interface=interface, started_at=at, begun=True)
        visit.rings.append(ring)
    else:  # the end of the last one was never heard
        ring.started_at = at
    out.ring(visit, ring)


def ends_by_ami(
    visit: Visit, agent: str, result: OfferResult, ring_s: float | None, at: int, out: Out
) -> None:
    """Take from AMI that a ring is over."""
    ring = _ringing(visit, agent)
    told = next(
        (
            r
            for r in visit.rings
            if r.agent == agent and r.result == result and r.log and not r.ami
            and abs((r.ended_at or 0) - at) <= 3 * SECOND
        ),
        None,
    )  # fmt: skip
    if told is not None:  # the log was faster
        if ring is not None:
            visit.rings.remove(ring)
            out.not_ring(ring)
            told.started_at, told.begun = ring.started_at, True
            told.ended_at = at
        told.ami = True
        out.ring(visit, told)
        return
    if ring is None:
        ring = Ring(agent=agent, interface=None, started_at=at)
        visit.rings.append(ring)
    ring.ami = True
    ring.ended_at = at
    ring.ring_s = ring_s
    _close(visit, ring, result, out)


def ends_by_log(
    visit: Visit, agent: str, result: OfferResult, ring_s: float | None, at: int, out: Out
) -> None:
    """Take from the log that a ring is over, and how."""
    ring = next(
        (r for r in visit.rings if r.agent == agent and r.result == result and r.ami and not r.log), None
    ) or _ringing(visit, agent)
    if ring is None:
        ring = Ring(agent=agent, interface=None, started_at=at)
        visit.rings.append(ring)
    ring.log = True
    ring.ring_s = ring_s
    if not ring.begun:
        ring.started_at = ring.ended_at = at
    elif ring.ended_at is None:
        ring.ended_at = max(at, ring.started_at)
    if ring.result is None:
        _close(visit, ring, result, out)
    else:
        out.ring(visit, ring)


def end_all(visit: Visit, result: OfferResult, at: int, out: Out) -> None:
    """End whatever still rings for a visit, because its caller is gone or has been answered."""
    for ring in [r for r in visit.rings if r.result is None]:
        ring.ended_at = max(at, ring.started_at)
        ring.ami = True
        _close(visit, ring, result, out)


def rings_on(visit: Visit, interface: str) -> bool:
    """Tell whether this phone rings for the visit."""
    return any(r.result is None and r.interface == interface for r in visit.rings)


def rings(visit: Visit) -> bool:
    """Tell whether any phone rings for the visit."""
    return any(r.result is None for r in visit.rings)


def _ringing(visit: Visit, agent: str) -> Ring | None:
    return next((r for r in visit.rings if r.agent == agent and r.result is None), None)


def _close(visit: Visit, ring: Ring, result: OfferResult, out: Out) -> None:
    key = f"{result} {ring.agent}"
    visit.counts[key] = visit.counts.get(key, 0) + 1
    ring.nth = (visit.nth - 1) * _VISIT_STEP + visit.counts[key]
    ring.result = result
    out.ring(visit, ring)
    if len(visit.rings) > MAX_RINGS:
        oldest = next((r for r in visit.rings if r.result is not None), None)
        if oldest is not None:
            visit.rings.remove(oldest)

"""The figures of one moment, kept with a reader and brought to the next.

A snapshot is a function of (store, as_of, configuration), and costs what happened since the last one:

* What is kept stands at one revision of the store and at one `as_of`. Rows that were committed since
  (``ccboard.store.journal``) are taken out as they were and put in as they are; then time is moved on, and
  what has its moment in between (an answer, an end, a wait that grows longer than T) is counted anew.
* Every five minutes, as the look-back moves, what lies before the next such moment is read ahead.
* Everything else begins anew from the tables, in one transaction: an earlier as_of, another day,
  configuration or zone, a change that the kept sums cannot take back (``StaleError``), a back-fill, a
  reopened file. That takes as long as a day has facts: some 0.2 s for 20 000 calls. Who looks at one moment
  only is spared what the next would need; who then looks at a moment after it has it read then.

It is a cache and nothing else: ``tests/test_metrics_kept.py`` holds that a reader which has looked at
anything in any order sees what a fresh one does.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ccboard.clock import SECOND
from ccboard.metrics import visits, work
from ccboard.metrics.calls import Tally
from ccboard.metrics.calm import undisturbed
from ccboard.metrics.lists import Below, Lost
from ccboard.metrics.moves import Courses, Told, between, told_of, who_is_whom
from ccboard.metrics.peak import StaleError
from ccboard.metrics.present import Present
from ccboard.metrics.refused import Refused
from ccboard.metrics.repeats import Repeats
from ccboard.metrics.roster import Roster
from ccboard.metrics.scope import Scope
from ccboard.metrics.sources import Said
from ccboard.metrics.visits import OVER, Visit, by, over_params
from ccboard.metrics.work import Offer, Offers, Work
from ccboard.store.journal import Change, Table
from ccboard.store.mirror import Known
from ccboard.store.reader import Reader
from ccboard.store.rows import Row, micros, stamp
from ccboard.store.store import Pinned

FAR = 30 * 60 * SECOND
"""Farther than this it is quicker to read anew than to go through what happened."""


class Kept:
    """Everything that is known of the floor at `at`, as of one revision of the store."""

    def __init__(self, scope: Scope, pinned: Pinned, *, moves: bool) -> None:
        """Read it; inside a transaction that `pinned` describes.

        `moves` False: for this moment alone, without what tells the calls and callers of the day apart.
        """
        self.moves = moves
        self.projects = projects_of(pinned.queues, scope.as_of)
        """Projects of queues as sources have told."""
        scope = replace(scope, told=self.projects if scope.config.projects else {})
        self.at = scope.as_of
        self.revision = pinned.revision
        self._zone = scope.zone.key
        self._frame, self._horizon, self._since = scope.frame, scope.horizon, scope.since
        self._day, self._config = scope.day, scope.config
        self._heap: list[tuple[int, int, str, Any]] = []
        self._n = 0
        self._tail: dict[Row, Visit] = {}
        """Visits that time alone will change."""
        self._offers: dict[Row, Offer] = {}
        """Offers of the same kind."""
        self._due: set[str] = set()
        """Whose course is to be brought to `at`."""
        self._shows: dict[str, bool] = {}
        self.queues = pinned.queues
        self.known: list[tuple[str, str]] = []
        """(source, queue) of the queues known by now."""
        self.timers: dict[tuple[str, str], float] = {}
        self.told = Said(scope.day, pinned.sources, pinned.rows)
        self.tally, self.repeats, self.lost = Tally(scope), Repeats(), Lost(scope.day)
        self.below, self.present = Below(scope), Present()
        self.work, self.offers = Work(scope.day), Offers()
        self.refused = Refused(scope.day)
        self.courses = Courses(scope, who_is_whom(scope, pinned.ties, pinned.sources))
        self.roster = Roster(self.courses, self.work, self.offers, pinned.seen)
        self.drawn: Any = None
        """For who puts the snapshot together: what it made last."""
        self._read(scope)

    def _read(self, scope: Scope) -> None:
        self.told.read(scope)
        self.tally.read(scope)
        if self.moves:
            self._read_calls(scope)
        self.lost.read(scope)
        self.work.read(scope)
        self.offers.read(scope)
        self.refused.read(scope)
        for moment, queue in self.refused.moments(self.at):
            self.later(moment, "refused", queue)
        for visit in visits.not_over(scope):
            self._put_visit(visit)
        for offer in work.not_over(scope):
            self._put_offer(offer)
        for told in self.courses.read(scope, self.revision):
            self._put_state(told)
        self._due |= self.courses.by_person.keys()
        self._wrap_ups()
        self._advance(self.at)
        if not self.moves:
            self.tally.read_distinct(scope)
            self.repeats.read(scope, self.present.callers())

    def _read_calls(self, scope: Scope) -> None:
        """Take in the visits of the day that are over, one by one: of what is told later each may be part."""
        for source, call, queue, caller, offered in scope.rows(f"""
            SELECT source, call, queue, caller_key, offered_at FROM {OVER}
            WHERE offered_at >= $day AND {scope.shows}
        """, {**over_params(scope), "day": stamp(scope.day), **scope.shown}):
            name = self.tally.call(source, call, queue, 1)
            if caller:
                self.repeats.add(caller, name, micros(offered))

    # -- moving on --------------------------------------------------------------------------------

    def serves(self, scope: Scope) -> bool:
        """Tell whether what is kept can be brought to a moment, and that is less work than to read anew."""
        return (self.at <= scope.as_of <= self.at + FAR and self._day == scope.day
                and self._zone == scope.zone.key
                and (self._config is scope.config or self._config == scope.config))

    def follow(self, revision: int, changes: Iterable[Change]) -> None:
        """Take in what was committed up to a revision. Raises StaleError."""
        for table, old, new in changes:
            if table == "visits":
                self._change_visit(old, new)
            elif table == "offers":
                self._change_offer(old, new)
            elif table == "states":
                self._change_state(old, new)
            else:
                self._change_other(table, old, new)
        self.revision = revision

    def is_ahead(self, scope: Scope) -> bool:
        """Tell whether what there is to know up to a moment was read ahead."""
        return scope.frame == self._frame

    def look_ahead(self, scope: Scope) -> None:
        """Read up to the next horizon and go to as_of; inside a transaction of the revision that is kept.

        Here the look-back moves, and states from before the new frame are settled.
        """
        before, self._horizon = self._horizon, scope.horizon
        for visit in visits.begun(scope, before):
            self._put_visit(visit)
        for offer in work.begun(scope, before):
            if offer.key not in self._offers:
                self._put_offer(offer)
        for told in between(scope, before):
            self._put_state(told)
        self._advance(scope.as_of)
        since = scope.since
        for visit in [v for v in self._tail.values() if v.offered_at < since]:
            self._drop_visit(visit)
        for offer in [o for o in self._offers.values() if o.ended_at is None and o.started_at < since]:
            self._drop_offer(offer)
        self._frame, self._since = scope.frame, since  # from here on they do not count any more
        self.work.read_before(scope)
        for visit in self._tail.values():
            if visit.offered_at < self._day and self._is_shown(visit.queue):
                self.work.count(visit, self.at, 1)
        self.lost.forget_before(self._since)
        self.courses.settle(scope.frame)

    def go(self, scope: Scope) -> None:
        """Move on to as_of, which ``is_ahead``."""
        self._advance(scope.as_of)

    def later(self, at: int, kind: str, what: Any) -> None:
        """Have something looked at again at a moment."""
        self._n += 1
        heapq.heappush(self._heap, (at, self._n, kind, what))

    def _advance(self, at: int) -> None:
        before, self.at = self.at, at
        due: dict[str, dict[Any, Any]] = {"visit": {}, "offer": {}, "course": {}, "look": {}, "queues": {},
                                            "refused": {}}
        while self._heap and self._heap[0][0] <= at:
            _moment, _n, kind, what = heapq.heappop(self._heap)
            due[kind][what] = None
        visit: Visit
        for visit in due["visit"]:
            if self._tail.get(visit.key) == visit:  # of equal ones, which a row sent again makes, one is due
                self._count_visit(visit, before, -1)
                self._put_visit(visit)
        offer: Offer
        for offer in due["offer"]:
            if self._offers.get(offer.key) == offer:
                self.offers.count(offer, before, -1)
                self._put_offer(offer)
        self._due.update(due["course"])
        self.courses.advance(at, self._due)
        self._due.clear()
        self.refused.changed.update(due["refused"])
        for name in due["look"]:
            self.roster.touch(name)
        if due["queues"]:
            self._wrap_ups()

    # -- visits -----------------------------------------------------------------------------------

    def _change_visit(self, old: Row | None, new: Row | None) -> None:
        if old is not None:
            self._drop_visit(visits.from_row(old))
        if new is not None:
            self._put_visit(visits.from_row(new))

    def _put_visit(self, visit: Visit) -> None:
        """Count a visit as it is at `at`, and have it counted again when that changes."""
        if not self._since <= visit.offered_at <= self._horizon:
            return
        self._count_visit(visit, self.at, 1)
        if visits.is_over(visit, self.at):
            self._tail.pop(visit.key, None)
            return
        self._tail[visit.key] = visit
        moment = visits.next_moment(visit, self.at, self.tally.threshold(visit))
        if moment is not None:
            self.later(moment, "visit", visit)

    def _drop_visit(self, visit: Visit) -> None:
        if not self._since <= visit.offered_at <= self._horizon:
            return
        self._count_visit(visit, self.at, -1)
        self._tail.pop(visit.key, None)

    def _count_visit(self, visit: Visit, at: int, sign: int) -> None:
        if visit.offered_at > at:
            return
        talks = by(visit.answered_at, at)
        here = not by(visit.ended_at, at)
        if self._is_shown(visit.queue):
            if visit.offered_at >= self._day:
                self.tally.count(visit, at, sign)
                name = self.tally.call(visit.source, visit.call, visit.queue, sign) if self.moves else 0
                if visit.caller_key and self.moves:
                    (self.repeats.add if sign > 0 else self.repeats.remove)(
                        visit.caller_key, name, visit.offered_at)
            self.work.count(visit, at, sign)
            self.lost.count(visit, at, sign)
            if here:
                self.present.put(visit, waits=not talks, sign=sign)
        if here and talks and visit.agent:
            self.roster.talk(visit, on=sign > 0)

    def _is_shown(self, queue: str) -> bool:
        shown = self._shows.get(queue)
        if shown is None:
            shown = self._shows[queue] = self._config.shows(queue)
        return shown

    # -- offers and states ------------------------------------------------------------------------

    def _change_offer(self, old: Row | None, new: Row | None) -> None:
        if old is not None:
            self._drop_offer(work.offer(old))
        if new is not None:
            self._put_offer(work.offer(new))

    def _counts_offer(self, offer: Offer) -> bool:
        """Tell whether an offer is of this day and begins before the horizon."""
        if offer.known > self._horizon:
            return False
        return offer.started_at >= self._since if offer.ended_at is None else offer.ended_at >= self._day

    def _put_offer(self, offer: Offer) -> None:
        if not self._counts_offer(offer):
            return
        self.offers.count(offer, self.at, 1)
        if offer.is_over(self.at):
            self._offers.pop(offer.key, None)
            return
        self._offers[offer.key] = offer
        moments = [m for m in (offer.known, offer.ended_at) if m is not None and m > self.at]
        if moments:
            self.later(min(moments), "offer", offer)

    def _drop_offer(self, offer: Offer) -> None:
        if self._counts_offer(offer):
            self.offers.count(offer, self.at, -1)
            self._offers.pop(offer.key, None)

    def _change_state(self, old: Row | None, new: Row | None) -> None:
        if old is not None:
            told = told_of(old)
            if self._counts_state(told):
                person = self.courses.take_out(told)
                if person is not None:
                    self._due.add(person)
        if new is not None:
            self._put_state(told_of(new))

    def _counts_state(self, told: Told) -> bool:
        return told.at <= self._horizon and (told.queue[0] or self._is_shown(told.queue[1]))

    def _put_state(self, told: Told) -> None:
        if not self._counts_state(told):
            return
        person = self.courses.place(told)
        if person is None:
            return
        if told.at <= self.at:
            self._due.add(person)
        else:
            self.later(told.at, "course", person)

    # -- the rest ---------------------------------------------------------------------------------

    def _change_other(self, table: Table, old: Row | None, new: Row | None) -> None:
        if table == "alive":
            self.told.alive(old, new)
            return
        if table == "refusals":
            moment = self.refused.change(old, new)
            if moment is not None and moment > self.at:
                assert new is not None
                self.later(moment, "refused", new[2])
            return
        assert new is not None
        if table == "seen":
            self.roster.know(*new)
        elif table == "events":
            self.told.event(new)
        elif table == "rejects":
            self.told.refused(*new)
        elif table == "gone":
            if micros(new[0]) >= self._since:
                raise StaleError
        elif table == "rows":
            self.told.rows[new[0]] = new[1]
        elif table == "queues":
            self.queues[new[0]] = new[1]
            self._wrap_ups()
        elif table == "sources":
            if new[0] not in self.told.sources and self._config.agents:
                raise StaleError  # its interfaces may be agents by configuration
            self.told.register(*new)

    def _wrap_ups(self) -> None:
        """Bring the queues known by now, and their timers, up to date."""
        timers = {}
        self.known = []
        for (source, queue), known in sorted(self.queues.items()):
            if micros(known.at) > self.at:
                self.later(micros(known.at), "queues", None)
                continue
            self.known.append((source, queue))
            if known.wrap_up_s is not None:
                timers[source, queue] = known.wrap_up_s
        if timers != self.timers:
            self.timers = timers
            self.roster.touch_all()
        before, self.projects = self.projects, projects_of(self.queues, self.at)
        if self._config.projects and self.projects != before:
            raise StaleError  # of another project a queue may have another definition


def projects_of(queues: Mapping[tuple[str, str], Known], at: int) -> dict[str, str]:
    """Return the projects of queues as sources have told by a moment: of several the last word counts.

    As ``ccboard.store.mirror.PROJECT`` says it of the store's rows.
    """
    told = sorted((known.told_at, source, queue, known.project) for (source, queue), known in queues.items()
                  if known.project and micros(known.at) <= at)
    return {queue: project for _told_at, _source, queue, project in told}


def bring(reader: Reader, scope: Scope) -> Kept:
    """Return the figures of as_of, out of what the reader keeps if that will do.

    They are the caller's until it gives them ``back``: where anything goes wrong meanwhile, they are lost
    and nothing else is.
    """
    journal = reader.store.journal
    kept: Kept | None = reader.scratch.pop("kept", None)
    follows = kept is not None and kept.serves(scope)
    if kept is not None and follows:
        try:
            news = journal.since(kept.revision)
            if news is not None and not kept.moves:
                if kept.at == scope.as_of and news == (kept.revision, []):
                    return kept
            elif news is not None and kept.is_ahead(scope):
                kept.follow(*news)
                kept.go(scope)
                return kept
            elif news is not None and reader.consistent(lambda: _look_ahead(kept, scope)):
                return kept
        except StaleError:
            pass
    with undisturbed():
        return reader.consistent(lambda: Kept(scope, reader.store.pin(reader), moves=follows))


def _look_ahead(kept: Kept, scope: Scope) -> bool:
    revision = scope.reader.store.pin(scope.reader).revision
    news = scope.reader.store.journal.since(kept.revision, revision)
    if news is None:
        return False
    kept.follow(*news)
    kept.look_ahead(scope)
    return True


def back(reader: Reader, kept: Kept) -> None:
    """Give back what ``bring`` gave, for the next snapshot."""
    reader.scratch["kept"] = kept

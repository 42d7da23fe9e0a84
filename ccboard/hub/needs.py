"""Keeps the tail panel: worked out on a thread of its own, handed to every frame as it lies there.

What was done up to yesterday is worked out once a business day, and again when the past has changed (an
import, late records); today's calls are taken in every ten minutes. The thread rests as long as it
works: a frame never waits for it (``pace``).
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ccboard.clean import clean
from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.hub.pace import Pace
from ccboard.hub.since import Known, News
from ccboard.moments import day_start, parse_day_start
from ccboard.panel_tail import TailPanel
from ccboard.store.reader import Reader
from ccboard.store.rows import stamp
from ccboard.store.store import Store

if TYPE_CHECKING:
    from ccboard.needs.coaching import Case
    from ccboard.needs.effect import Effect
    from ccboard.needs.read import Books
    from ccboard.needs.study import Book

log = logging.getLogger(__name__)

EVERY_S = 600.0
"""Seconds of the host between two times that today's calls are taken in."""
LOOK_S, LOOK_SOON_S = 60.0, 10.0
"""Seconds between two looks whether the past has changed or the day; and where it has just changed."""
SETTLE_S = 60.0
"""While the past goes on changing (an import runs) it is worked out at most this often."""
PAST_KEPT = 24
"""Panels of other moments that are kept for who travels in time."""
TRAVEL_US = 600 * SECOND
"""A panel of the past is worked out for every ten minutes, as it was in its time."""

Scope = tuple[str, ...]
"""The queues that a viewer may see; none named: all."""


class _StoppedError(Exception):
    """The hub leaves."""


@dataclass
class _Kept:
    """What is kept for viewers of some queues."""

    shown: tuple[Config, TailPanel] | None = None
    plain: tuple[Config, TailPanel] | None = None  # without what is done about whom
    effects: "dict[str, Effect | None]" = field(default_factory=dict)
    effects_due: bool = True
    since: dict[str, int] = field(default_factory=dict)  # of the cases whose effects these are
    book: "Book | None" = None
    made_from: tuple[object, ...] | None = None
    seen: object = None
    made: float = field(default=float("-inf"))
    taken: float = field(default=float("-inf"))
    like: Config | None = None  # another configuration that shows the same people by the same names


def _sight(config: Config) -> object:
    """Return what decides who is shown, and by which name."""
    return config.agents, {name for name, queue in config.queues.items() if queue.hide}, config.only_queues


class NeedsKeeper:
    """The thread. `config_of` gives the configuration that a scope sees, `now` the centre's time."""

    def __init__(self, store: Store, now: Callable[[], int], config_of: Callable[[Scope], Config],
                 zone: Callable[[], ZoneInfo]) -> None:
        self._store, self._now, self._config_of, self._zone = store, now, config_of, zone
        self._kept: dict[Scope, _Kept] = {(): _Kept()}
        self._past: OrderedDict[tuple[Scope, int], tuple[Known, TailPanel]] = OrderedDict()
        self._old: tuple[Scope, Known, Book] | None = None  # of the day that somebody travelled to last
        self._travelled = float("-inf")
        self._condition = threading.Condition()
        self._wanted: list[tuple[Scope, int]] = []
        self._stopping = threading.Event()
        self._reader: Reader | None = None
        self._trouble = ""
        self._look_s = LOOK_S
        self._poked = False
        self._thread = threading.Thread(target=self._run, name="needs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End; a question that runs is given up."""
        self._stopping.set()
        with self._condition:
            self._condition.notify_all()
        if self._reader is not None:
            self._reader.interrupt()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def of(self, scope: Scope) -> TailPanel | None:
        """Return the newest panel for who sees these queues; None until it is there. Never waits.

        One that another configuration may have shown other people in, or by other names, is not handed out.
        """
        kept = self._kept.get(scope)
        if kept is None:
            self._kept[scope] = kept = _Kept()
            self._wake()
        if (shown := kept.shown) is None:
            return None
        config = self._config_of(scope)
        if config is not shown[0] and config is not kept.like:
            if _sight(config) != _sight(shown[0]):
                return None
            kept.like = config  # every frame asks
        return shown[1]

    def at(self, scope: Scope, as_of: int) -> TailPanel | None:
        """Return the panel as it was at a moment, to ten minutes; never waits.

        Until it is there the newest earlier one of the same business day, else None.
        """
        begin = self._day_of(scope, as_of)
        key = (scope, as_of - (as_of - begin) % TRAVEL_US)
        config, zone = self._config_of(scope), self._zone().key
        with self._condition:
            kept = {one: made for one, made in self._past.items()
                    if one[0] == scope and begin <= one[1] <= key[1]}
        read = News(self._store)  # a busy floor has told much since: once, and nobody waits for it
        holds = {one: known.holds(self._store, config, zone, read) for one, (known, _) in kept.items()}
        found = {one[1]: kept[one][1] for one, so in holds.items() if so}
        with self._condition:
            for one, so in holds.items():
                if so is False and self._past.get(one) is kept[one]:
                    del self._past[one]
            if key[1] not in found and key not in self._wanted:
                self._wanted = [*self._wanted[-3:], key]
                self._condition.notify_all()
        return found[max(found)] if found else None

    def _day_of(self, scope: Scope, as_of: int) -> int:
        """Return when the business day of a moment begins."""
        return day_start(as_of, self._zone(), parse_day_start(self._config_of(scope).business_day_start))

    def poke(self) -> None:
        """Something was done about somebody: look at once."""
        self._poked = True
        self._wake()

    def _wake(self) -> None:
        with self._condition:
            self._condition.notify_all()

    # --- the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        from ccboard.needs.read import DEADLINE_S  # loads numpy: here, where nobody waits

        self._reader = self._store.reader(DEADLINE_S)
        self._pace = Pace(self._rest)  # made here: it counts this thread's seconds
        try:
            while not self._stopping.is_set():
                self._look_s = LOOK_S
                for scope in list(self._kept):
                    self._try(lambda scope=scope: self._keep(scope))  # type: ignore[misc]
                if self._wanted:  # one, then the present again: who plays the past fast wishes without end
                    self._try(self._travel)
                if time.monotonic() - self._travelled > EVERY_S:
                    self._old = None  # nobody travels any more
                with self._condition:
                    if not (self._wanted or self._poked or self._stopping.is_set()):
                        self._condition.wait(self._look_s)
                    self._poked = False
        finally:
            self._reader.close()

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except _StoppedError:
            return
        except Exception as error:
            said = clean(f"{type(error).__name__}: {error}", 300)
            if said != self._trouble and not self._stopping.is_set():
                log.exception("who needs help could not be worked out")
            self._trouble = said
            self._look_s = LOOK_SOON_S
        else:
            self._trouble = ""

    def _rest(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _StoppedError

    def _pause(self) -> None:
        self._pace()
        if self._poked:  # somebody waits to see what they did; what has become of it comes later
            self._poked = False
            for scope, kept in list(self._kept.items()):  # frames may add to them meanwhile
                if kept.plain is not None:
                    self._put_cases(kept, self._config_of(scope), self._now())

    def _keep(self, scope: Scope) -> None:
        """Bring one scope's panel up to date, as far as anything is due."""
        from ccboard.needs.panel import panel
        from ccboard.needs.read import Books
        from ccboard.needs.study import book, taken

        assert self._reader is not None
        kept, config, zone, now = self._kept[scope], self._config_of(scope), self._zone(), self._now()
        books = Books(self._reader, config, zone, now)
        asked = (config, zone.key, books.today)
        made_from = (*asked, self._past_of(kept, books))
        clock = time.monotonic()
        if made_from != kept.made_from:
            settled = kept.seen == made_from or (kept.made_from or ())[:3] != asked
            kept.seen = made_from
            if kept.book is not None and not settled and clock - kept.made < SETTLE_S:
                self._look_s = LOOK_SOON_S
                if kept.plain is not None:
                    self._put_cases(kept, config, now)
                return
            kept.book = book(self._reader, config, zone, now, pause=self._pause)
            kept.made_from = (*asked, self._past_of(kept, books))
            kept.made, kept.taken = time.monotonic(), float("-inf")
            if not kept.book.days:
                self._look_s = LOOK_SOON_S
            kept.effects_due = True
        if kept.book is None:
            return
        if clock - kept.taken >= EVERY_S:
            kept.plain = config, panel(taken(kept.book, now, self._pause), config)
            kept.taken = time.monotonic()
        self._coach(kept, config, books)

    def _coach(self, kept: _Kept, config: Config, books: "Books") -> None:
        """Put into the panel what is done about whom, and what has become of it."""
        from ccboard.needs.effect import effects

        cases = self._put_cases(kept, config, books.as_of)  # effects take longer: first who it is
        since = {c.about: c.since for c in cases}
        if kept.effects_due or since != kept.since:
            kept.effects = effects(books, cases, self._pause)
            kept.effects_due, kept.since = False, since
            self._put_cases(kept, config, books.as_of)

    def _put_cases(self, kept: _Kept, config: Config, as_of: int) -> "tuple[Case, ...]":
        from ccboard.needs.coaching import read_of
        from ccboard.needs.panel import coached, label

        assert self._reader is not None
        assert kept.plain is not None
        made_with, plain = kept.plain
        cases = read_of(self._reader, config, as_of)
        kept.shown = made_with, coached(plain, cases, kept.effects, as_of,
                                        lambda by, unit: label(config, by, unit))
        return cases

    def _past_of(self, kept: _Kept, books: "Books") -> object:
        """Return what tells whether the days that a book is made of have changed."""
        assert self._reader is not None
        days = kept.book.days if kept.book is not None else ()
        if not days:
            return self._reader.rows("SELECT count(*) FROM contacts WHERE offered_at < $end",
                                     {"end": stamp(books.begin_of(books.today))})[0][0]
        span = {"begin": stamp(books.begin_of(days[-1])), "end": stamp(books.begin_of(books.today))}
        return self._reader.rows("""
            SELECT (SELECT count(*) FROM contacts WHERE offered_at >= $begin AND offered_at < $end),
                (SELECT count(*) FROM offers WHERE ended_at >= $begin AND ended_at < $end),
                (SELECT count(*) FROM scores WHERE moment < $end),
                (SELECT count(*) FROM contacts WHERE offered_at < $begin)
        """, span)[0]

    def _travel(self) -> None:
        """Work out the panel of a moment that somebody travels to; what was known before its day is kept."""
        from ccboard.needs.panel import panel
        from ccboard.needs.study import taken

        assert self._reader is not None
        with self._condition:
            scope, as_of = self._wanted[-1]
            kept = self._past.get((scope, as_of))
        config, zone = self._config_of(scope), self._zone()
        try:
            if kept is not None and kept[0].again(self._reader, config, zone.key):
                return
            known = Known.of(self._reader, config, zone.key, as_of)
            before, self._travelled = self._book_of(scope, as_of, config, zone), time.monotonic()
            found = panel(taken(before, as_of, self._pause), config)
        finally:
            with self._condition:
                self._wanted = [one for one in self._wanted if one != (scope, as_of)]
        with self._condition:
            self._past[scope, as_of] = known, found
            while len(self._past) > PAST_KEPT:
                self._past.popitem(last=False)

    def _book_of(self, scope: Scope, as_of: int, config: Config, zone: ZoneInfo) -> "Book":
        """Return what was known before the day of a moment; the last one is kept."""
        from ccboard.needs.study import book

        assert self._reader is not None
        begin = self._day_of(scope, as_of)  # the same book whichever moment of the day comes first
        old = self._old
        if old is None or (old[0], old[1].until) != (scope, begin) or not old[1].again(
                self._reader, config, zone.key):
            self._old = old = None  # two books at a time would be too much
            known = Known.of(self._reader, config, zone.key, begin)
            self._old = old = scope, known, book(self._reader, config, zone, begin, pause=self._pause)
        return old[2]

"""A running hub: store, writer, collector, ticker and server put together. Holds no figure itself."""

import logging
import os
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from ccboard.archive import answer as export
from ccboard.callers import Callers, load_key
from ccboard.clean import clean
from ccboard.collector import Collector
from ccboard.errors import CcboardError
from ccboard.figures import public, since
from ccboard.figures.engine import DEADLINE_S
from ccboard.hub.acting import SOURCE, action_of
from ccboard.hub.api import Api
from ccboard.hub.extras import ExtrasKeeper
from ccboard.hub.needs import NeedsKeeper
from ccboard.hub.quality import QualityKeeper
from ccboard.hub.releasing import release_of
from ccboard.hub.retention import STEP_S, RetentionKeeper
from ccboard.hub.roles import OWNER, Viewer, scoped
from ccboard.hub.server import PROTOCOL, Server
from ccboard.hub.settings import Settings
from ccboard.hub.surge import SurgeKeeper
from ccboard.hub.telling import Telling
from ccboard.hub.ticker import Frame, Ticker
from ccboard.metrics.floor import snapshot
from ccboard.metrics.sources import Health, judged
from ccboard.metrics.zone import resolve_zone
from ccboard.moments import day_start, parse_as_of, parse_day_start
from ccboard.paths import StorePaths
from ccboard.quality import report
from ccboard.records import Batch, Contact, Record, Reject
from ccboard.runner import Plan
from ccboard.snapshot import Snapshot
from ccboard.source import Context, Source
from ccboard.store.reader import Reader
from ccboard.store.store import Store
from ccboard.version import VERSION
from ccboard.writer import Writer, WriterClosedError

log = logging.getLogger(__name__)

WRITE_S = 30.0
"""How long somebody who hands in records waits for the commit."""


class LiveHub:
    """The hub of one store. `kind`: service, serve, temporary or demo."""

    def __init__(
        self, settings: Settings, where: StorePaths, kind: str, environ: Mapping[str, str],
        leaving: threading.Event,
    ) -> None:
        self.settings = settings
        self.where = where
        self.kind = kind
        self.leaving = leaving
        self._environ = environ
        self._began = time.monotonic()
        self._notices: dict[str, str] = {}
        self._own = threading.local()
        self._scoped: dict[tuple[str, ...], Any] = {}
        self.store = Store.open(where.store, memory_limit=settings.config.store.memory_limit,
                                notice=self._store_notice)
        self.clock = settings.clock()
        self.zone = resolve_zone(None, settings.config, self.store.meta("timezone"))
        if self.store.meta("timezone") is None:
            self.store.set_meta("timezone", self.zone.key)
        callers = Callers.open(settings.config.callers, where.caller_key)
        self.needs = NeedsKeeper(self.store, self.clock.now, self._config_for, lambda: self.zone)
        self.telling = Telling(self.store, lambda: self.writer, lambda: self.settings, lambda: self.zone,
                               self.clock.now, environ)
        self.quality = QualityKeeper(self.store, self.clock.now, self._config_for, lambda: self.zone)
        self.extras = ExtrasKeeper(self.store, self.clock.now, self._config_for, lambda: self.zone,
                                   lambda said: self.note("extras", said))
        self.surge = SurgeKeeper(self.store, lambda: self.settings.config, lambda: self.zone, self._last,
                                 self._floor, self.telling)
        self.retention = RetentionKeeper(
            self.store, lambda work: self.writer.call(work, STEP_S), lambda: self.settings.config,
            lambda: self.zone, self.clock.now,
        )
        self.ticker = Ticker(self._compute, self._viewers, self._publish)
        self.writer = Writer(self.store, self.ticker.poke)
        self.collector = Collector(self.store, self.writer, self.clock, callers)
        self.server = Server(Api(self), self.ticker.frame, self.ticker.wake)
        self.server.set_tokens(settings.tokens)

    def start(self) -> None:
        """Begin to collect and to serve; the doors are added by who holds the lock."""
        self.writer.start()
        self.server.start()
        self._say_broken()
        self._say_sourceless()
        self._note_definitions()
        for name in self.settings.sources:
            self.collector.add(self._plan(name))
        self.ticker.start()
        self.needs.start()
        self.quality.start()
        self.extras.start()
        self.surge.start()
        self.retention.start()

    def close(self) -> None:
        """End: nobody is served any more, sources are let go, what they brought is written."""
        with ExitStack() as last:  # the last first; what raises does not keep the others from ending
            for part in (self.store.close, self.retention.stop, self.needs.stop, self.quality.stop,
                         self.extras.stop, self.telling.stop, self.surge.stop, self.ticker.stop,
                         self.writer.close, self.collector.close, self.server.close):
                last.callback(part)

    def reload(self, fresh: Settings) -> None:
        """Go on with another configuration: changed sources start again, the others do not notice."""
        old, config = self.settings, fresh.config
        zone = resolve_zone(None, config, self.store.meta("timezone"))
        callers = None
        if config.callers != old.config.callers:
            callers = Callers.open(config.callers, self.where.caller_key)
        self.settings = fresh  # what may fail has not: until here the old configuration stands
        self._scoped = {}
        everything = (zone.key, config.business_day_start) != (self.zone.key, old.config.business_day_start)
        self.zone = zone
        if callers is not None:
            self.collector.set_callers(callers)
        self.server.set_tokens(fresh.tokens)
        changed = {
            name for name in {*old.sources, *fresh.sources}
            if everything or old.sources.get(name) != fresh.sources.get(name)
        }
        self.collector.remove(changed)
        self._say_broken()
        self._say_sourceless()
        for name in sorted(changed & fresh.sources.keys()):
            self.collector.add(self._plan(name))
        for key, was, now in (
            ("hub.listen", old.config.hub.listen, config.hub.listen),
            ("store", old.config.store, config.store),
            ("clock", old.config.clock, config.clock),
        ):
            if was != now:
                self.note(key, f"a change of {key} takes effect when the hub is started again")
        self._note_definitions()
        self.extras.start()
        self.needs.poke()
        log.info("configuration reloaded; sources changed: %s", ", ".join(sorted(changed)) or "none")
        self.ticker.poke()

    def note(self, key: str, text: str | None) -> None:
        """Say something on every board until it is taken back with None."""
        if text is None:
            self._notices.pop(key, None)
        else:
            self._notices[key] = clean(text, 300)
        self.ticker.wake()

    # What the routes need.

    def status(self, viewer: Viewer) -> dict[str, Any]:
        """Return what ``ccboard status`` shows; only its owner sees where things lie."""
        said: dict[str, Any] = {"protocol": int(PROTOCOL), "version": VERSION, "kind": self.kind,
                                "uptime_s": round(time.monotonic() - self._began, 1)}
        if not viewer.named:
            return said
        leaves = None
        if self.kind in ("temporary", "demo"):
            leaves = round(max(0.0, self.settings.config.hub.leave_after_s - self.server.unwatched_s()), 1)
        health, known_here = self.collector.health(), self.store.sources()
        refused = dict(self._reader(OWNER).rows(
            "SELECT source, sum(n)::BIGINT FROM reject_counts GROUP BY source"))

        def of(name: str, known: Health) -> dict[str, Any]:
            age_s = None
            if known.heard_at is not None:
                age_s = round(max(0.0, (self.clock.now() - known.heard_at) / 1e6), 1)
            promise_s = known_here[name].promise_s if name in known_here else 0.0
            return {"name": name, "state": judged(known.error, age_s, promise_s, dark=age_s is None),
                    "error": known.error, "troubles": list(known.troubles), "rows": known.rows,
                    "rejects": max(known.rejects, refused.get(name, 0)), "age_s": age_s}

        return said | {
            "pid": os.getpid(),
            "store": str(self.where.store),
            "config": str(self.settings.path) if self.settings.path else None,
            "viewers": self.server.viewers(),
            "leaves_in_s": leaves,
            "timezone": self.zone.key,
            "sources": [of(name, known) for name, known in sorted(health.items())],
            "notices": list(self._all_notices()),
        }

    def frame(self, *, fresh: bool) -> Frame | None:
        """Return the last frame, or one of this second."""
        return self.ticker.fresh() if fresh else self.ticker.frame()

    def trouble(self) -> str | None:
        """Return why the figures cannot be computed, None where they can."""
        return self.ticker.trouble

    def frame_age(self, frame: Frame) -> float:
        """Return the age of a frame in seconds of the host."""
        return time.monotonic() - frame.made

    def figures_at(self, as_of: str | None, zone: ZoneInfo | None, viewer: Viewer,
                   patience_s: float | None = None, *, quality: bool = False) -> Snapshot:
        """Return the figures at a moment a user typed; without one those of now, in another zone.

        With a patience what takes longer is left out and said to be pending. `quality`: what can be said of
        the data up to then besides, which takes some queries.
        """
        if not as_of:
            return self._compute(viewer, zone)
        zone = zone or self.zone
        config = self._config_of(viewer)
        at = parse_as_of(as_of, zone, self.clock.now(), parse_day_start(config.business_day_start))
        found = snapshot(self._reader(viewer), at, config, zone, notices=self._all_notices(),
                         temporary_hub=self.kind == "temporary")
        surge = self.surge.at(self._floor(self._reader(OWNER), at) if viewer.queues else found, patience_s)
        if quality:
            reader = self.store.reader(DEADLINE_S)
            try:
                found = replace(found, quality=report.of_day(reader, at, config, zone))
            finally:
                reader.close()
        return replace(found, tail=self.needs.at(viewer.queues, at), surge=surge,
                       extras=self.extras.at(viewer.queues, at, zone, patience_s))

    def asked(self, what: str, words: Mapping[str, str | None], zone: ZoneInfo | None, viewer: Viewer
              ) -> dict[str, Any]:
        """Return the object of a question that may take its time, by a reader of its own."""
        config, zone, now = self._config_of(viewer), zone or self.zone, self.clock.now()
        reader = self.store.reader(DEADLINE_S)
        try:
            if what == "figures":
                return public.tabled(reader, words, config, zone, now)
            if what == "tail":
                from ccboard.needs import answer as needs  # loads numpy: not at every start

                return needs.answer(reader, words, config, zone, now, names=viewer.named)
            if what == "coach":
                from ccboard.needs import answer as needs

                return needs.coach(reader, words, config, zone, now)
            if what in ("alarms", "staff"):
                from ccboard.desk import answer as desk

                return (desk.alarms if what == "alarms" else desk.staff)(reader, words, config, zone, now)
            if what == "before":
                from ccboard.desk.before import before

                return before(reader, words, config, zone, now)
            if what == "quality":
                return report.answer(reader, words, config, zone, now, named=viewer.named)
            if what == "export":
                return export.answer(reader, words, config, zone, now)
            if what == "visits":
                return public.visited(reader, words, config, zone, now, named=viewer.named)
            said = public.explained(reader, words, config, zone, now, live=not words.get("as_of"),
                                    health=self.collector.health())
            if not viewer.named:
                said["costs"] = None
                said["sources"] = [{**one, "error": one["error"] and "no data"} for one in said["sources"]]
            return said
        finally:
            reader.close()

    def take(self, source: str, kind: str, key: str, records: list[Record], cursor: str | None,
             rejects: tuple[Reject, ...] = ()) -> int:
        """Write what was handed in. A source that nobody knew promises nothing live."""
        known = self.store.sources().get(source)
        if known is None or not known.type:
            self.writer.call(lambda: self.store.register(source, kind, 0.0, frozenset()), WRITE_S)
        policy = self.collector.policy()
        kept = tuple(policy.apply(r) if isinstance(r, Contact) else r for r in records)
        refused = tuple(map(policy.refuse, rejects))
        written = self.writer.put(Batch(source, kept, cursor, refused), key).result(WRITE_S)
        self.collector.hand_in(source, refused)
        return written.changed

    def introduce(self, source: str, kind: str, promise_s: float, sees: frozenset[str]) -> None:
        """Note a source that nobody knew, as it was known elsewhere."""
        known = self.store.sources().get(source)
        if known is None or not known.type:
            self.writer.call(lambda: self.store.register(source, kind, promise_s, sees), WRITE_S)

    def lacks(self, source: str, stretches: list[tuple[int, int]]) -> None:
        """Note what of a source's history is not here."""
        self.writer.call(lambda: self.store.set_missing(source, stretches), WRITE_S)
        self.ticker.poke()

    def act(self, body: bytes, viewer: Viewer) -> dict[str, Any]:
        """Write what somebody did on a board; the next frame shows it."""
        action = action_of(body, viewer, self.clock.now())
        if SOURCE not in self.store.sources():
            self.writer.call(lambda: self.store.register(SOURCE, SOURCE, 0.0, frozenset()), WRITE_S)
        release = release_of(action, self.surge.panel, self.settings.config)  # of what is shown now
        changed = self.writer.put(Batch(SOURCE, (action,)), "actions").result(WRITE_S).changed
        if changed and release is not None:
            self.collector.tell_released(release)
        self.surge.poke(action.at)
        self.needs.poke()
        return {"applied": changed, "at": action.at, "role": action.role}

    def cursor(self, source: str, key: str) -> str | None:
        """Return where a source or an import is to go on."""
        return self.store.cursor(source, key)

    def stop(self) -> str | None:
        """Begin to leave, unless this is a service."""
        if self.kind == "service":
            return "this hub is the host's service: stop it with `systemctl stop ccboard`"
        threading.Timer(0.2, self.leaving.set).start()  # after the answer
        return None

    # Inside.

    def _viewers(self) -> int:
        return self.server.viewers()

    def _publish(self, frame: Frame) -> None:
        self.server.publish(frame)

    def _compute(self, viewer: Viewer, zone: ZoneInfo | None = None) -> Snapshot:
        found = snapshot(
            self._reader(viewer), self.clock.now(), self._config_of(viewer), zone or self.zone, live=True,
            health=self.collector.health(), notices=self._all_notices(),
            temporary_hub=self.kind == "temporary",
        )
        return replace(found, tail=self.needs.of(viewer.queues), surge=self.surge.panel,
                       quality=self.quality.of(viewer.queues), extras=self.extras.of(viewer.queues))

    def _last(self) -> Snapshot | None:
        """Return the newest snapshot of all queues."""
        frame = self.ticker.frame()
        return None if frame is None else frame.snapshot

    def _floor(self, reader: Reader, at: int) -> Snapshot:
        """Return the whole floor at another moment."""
        return snapshot(reader, at, self.settings.config, self.zone)

    def _reader(self, viewer: Viewer) -> Reader:
        """Return this thread's reader for the viewer's queues (what it keeps is by configuration).

        The first frame of a floor of two million calls a day takes ten seconds and more: it may take them.
        """
        readers: dict[tuple[str, ...], Reader] = self._own.__dict__.setdefault("readers", {})
        if viewer.queues not in readers:
            readers[viewer.queues] = self.store.reader(DEADLINE_S)
        return readers[viewer.queues]

    def _config_for(self, queues: tuple[str, ...]) -> Any:
        return self._config_of(Viewer("lead", queues))

    def _config_of(self, viewer: Viewer) -> Any:
        known = self._scoped  # before the configuration: what is made of an old one is not kept with the new
        found = known.get(viewer.queues)
        if found is None:
            found = known[viewer.queues] = scoped(self.settings.config, viewer)
        return found

    def _plan(self, name: str) -> Plan:
        prepared = self.settings.sources[name]

        def make() -> Source:
            starts = parse_day_start(self.settings.config.business_day_start)
            return prepared.make(Context(
                clock=self.clock, zone=self.zone, day_start=day_start(self.clock.now(), self.zone, starts),
                environ=self._environ, keep=self.collector.keep,
            ))

        return Plan(name, prepared.kind, make)

    def _note_definitions(self) -> None:
        """Remember since when the definitions of the figures are as they are now."""
        def write(text: str) -> None:
            self.writer.call(lambda: self.store.set_meta(since.META, text), WRITE_S)

        try:
            since.note(self.store.meta(since.META), write, self.settings.config, self.clock.now(),
                       load_key(self.where.caller_key))
        except (CcboardError, TimeoutError, WriterClosedError) as error:
            log.error("since when definitions are configured could not be noted: %s", error)

    def _say_broken(self) -> None:
        """Say which plug-ins cannot be loaded: they make no source, so no board would show them else."""
        for key in [key for key in self._notices if key.startswith("plug-in ")]:
            self.note(key, None)
        for name, error in self.settings.broken.items():
            log.error("source %s: %s", name, error)
            self.note(f"plug-in {name}", f"source {name}: {error}")
        self.collector.set_broken({name: str(error) for name, error in self.settings.broken.items()})

    def _say_sourceless(self) -> None:
        """Say of a configuration without any source why the floor stays empty."""
        said = None
        if not self.settings.config.sources:
            where = self.settings.path or "the configuration"
            said = f"no source is configured: add [sources.NAME] to {where}, or run `ccboard init`"
            log.warning("%s", said)
        self.note("sources", said)

    def _store_notice(self, text: str) -> None:
        log.warning("store: %s", text)
        self._notices[f"store {text}"] = clean(text, 300)

    def _all_notices(self) -> tuple[str, ...]:
        trouble = self.writer.trouble
        return tuple([*([trouble] if trouble else []), *self._notices.values()][:20])

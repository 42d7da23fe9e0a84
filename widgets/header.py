"""The top of the board: whose floor, what time it is there, how old each source is, live or not.

The ticking seconds are the heartbeat: a wall whose clock stands still is dead. When the figures are not
of now the whole line is inverted and says so; when the hub is gone a line across the top says since when.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from ccboard.snapshot import SourceFigures
from widgets import format as fmt
from widgets.cell_widget import CellWidget, Ink, Line, joined
from widgets.cells import fit, scrub, to_ascii
from widgets.source_tables import state_of
from widgets.view import View


@dataclass(frozen=True, slots=True)
class Standing:
    """What the header says besides the view: frozen since, hub lost since and why."""

    frozen_at: int | None = None
    frozen_ago_s: float = 0.0
    lost_at: int | None = None
    lost: bool = False
    reason: str = ""
    replay_at: int | None = None
    """The moment of the past that is wished for; what is shown may still be of the one before."""
    speed: float | None = None
    live_at: int | None = None
    """The present moment, where there is one to go back to."""


def source_ink(source: SourceFigures, view: View, *, short: bool, why: bool) -> list[Ink]:
    """Return a source as the header shows it: name, sign, age, and why it failed."""
    state = state_of(source, view)
    if source.age_s is None and source.error is None:  # not heard yet, which is no failure
        return [(f"{fit(source.name, 24).strip()} {view.glyphs.ellipsis}", "dim")]
    age = fmt.age(view.age(source.age_s)) if source.age_s is not None else ""
    name = fit(source.name, 8).strip() if short else fit(source.name, 24).strip()
    if state == "ok" and source.troubles:  # it answers, but not by every way, or not all of it
        return [(f"{name} ", "dim"), (view.glyphs.dot, "warning"), (f" {age} !", "warning")]
    if state == "ok":
        return [(f"{name} ", "dim"), (view.glyphs.dot, "good"), (f" {age}", "dim")]
    role = "critical" if state == "failed" else "warning"
    text = f"{view.glyphs.cross} {age}".rstrip()
    if why and source.error:
        text = view.words("header.because", what=text, why=scrub(view.words.said(source.error)))
    return [(f"{name} ", role), (text, role)]


def width_of(parts: list[Ink]) -> int:
    """Return the cells that parts take."""
    return sum(cell_len(text) for text, _ in parts)


def over_limit(view: View) -> list[str]:
    """Return the names of the queues and agents that are past a critical limit."""
    queues = [q.label for q in view.queues if any(level == "critical" for _, level in q.levels)]
    return queues + [a.label for a in view.agents if a.level == "critical"]


class Pointed(NamedTuple):
    """A figure of the header: a "source" by name, "sources" where they are one figure, "alarms", "surges"."""

    kind: str
    name: str
    shown: str


class _Stretch(NamedTuple):
    """A stretch of the line, and which parts of it (from, to) are figures."""

    inks: list[Ink]
    figures: list[tuple[int, int, Pointed]]

    def add(self, kind: str, name: str, inks: list[Ink]) -> None:
        """Add a figure."""
        shown = "".join(text for text, _ in inks).strip()
        self.figures.append((len(self.inks), len(self.inks) + len(inks), Pointed(kind, name, shown)))
        self.inks.extend(inks)


class Header(CellWidget, can_focus=True):
    """One to four lines: NO HUB where that is so, the header itself, why a source failed, notices."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "side(-1)", "figure to the left", id="left"),
        Binding("right,l", "side(1)", "figure to the right", id="right"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._last: tuple[View, Standing] | None = None
        self.height_wanted = 1
        self._figures: list[Pointed] = []
        self._at = 0

    def pointed(self) -> Pointed | None:
        """Return the figure that the cursor is at; None where the header shows none."""
        return self._figures[min(self._at, len(self._figures) - 1)] if self._figures else None

    def action_side(self, by: int) -> None:
        """Move the cursor from figure to figure."""
        self._at = max(0, min(self._at + by, len(self._figures) - 1))
        self._again()

    def on_focus(self) -> None:
        """Show the cursor."""
        self._again()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self._again()

    def _again(self) -> None:
        if self._last is not None:
            self.look(*self._last)

    def _pointed_at(self, stretch: "_Stretch", before: int) -> list[Ink]:
        """Return the parts of a stretch, with the cursor on the figure where it is."""
        inks = list(stretch.inks)
        if self.has_focus:
            at = min(self._at, len(self._figures) - 1)
            for nth, (start, end, _) in enumerate(stretch.figures, before):
                if nth == at:
                    inks[start:end] = [(text, f"{role}@cell") for text, role in inks[start:end]]
        return inks

    def look(self, view: View, standing: Standing) -> None:
        """Show this moment. A change of the number of lines lays the screen out again."""
        self._last = (view, standing)
        lines = self._compose_lines(view, standing)
        if len(lines) != self.height_wanted:
            self.height_wanted = len(lines)
            self.styles.height = len(lines)
        self.put(lines)

    def on_resize(self) -> None:
        """Compose again: another width holds other things."""
        self._again()

    def _compose_lines(self, view: View, standing: Standing) -> list[Line]:
        width = self.size.width or 80
        lines = []
        if standing.lost:
            lines.append(self._lost(view, standing, width))
        lines.append(self._main(view, standing, width))
        if view.snapshot is not None and not standing.lost and width >= 60:
            bad = [s for s in view.snapshot.sources if s.error and state_of(s, view) != "ok"]
            said = "".join(text for text, _ in lines[-1])
            if any(scrub(view.words.said(s.error or "")) not in said for s in bad):
                parts: list[Ink] = [(" ", "plain")]
                for source in bad:
                    parts += [*source_ink(source, view, short=False, why=True), ("   ", "plain")]
                text = _shown("".join(part for part, _ in parts), view)
                lines.append(((fit(text, width, ellipsis=view.glyphs.ellipsis), "critical"),))
        if view.snapshot is not None and view.snapshot.notices and width >= 60:
            text = " ! " + " · ".join(scrub(view.words.said(n)) for n in view.snapshot.notices)
            lines.append(((fit(_shown(text, view), width, ellipsis=view.glyphs.ellipsis), "warning"),))
        return lines

    def _lost(self, view: View, standing: Standing, width: int) -> Line:
        if view.snapshot is None:
            text = view.words("header.no_hub_yet")
        else:
            time = fmt.clock(standing.lost_at, view.zone)
            text = view.words("header.no_hub", time=time)
            if cell_len(text) + 1 > width:
                text = view.words("header.no_hub.short", time=time)
        if standing.reason:
            text = view.words("header.because", what=text, why=scrub(view.words.said(standing.reason)))
        return ((fit(_shown(f" {text}", view), width, ellipsis=view.glyphs.ellipsis), "alert"),)

    def _main(self, view: View, standing: Standing, width: int) -> Line:
        words, snapshot = view.words, view.snapshot
        self._figures = []
        if snapshot is None:
            return joined([(fit(" ccboard", max(0, width - 16)), "strong"),
                           (fit(words("header.connecting") + " ", 16, right=True), "dim")])
        narrow = width < 60
        name = _shown(snapshot.name, view)
        clock = fmt.clock(view.now, view.zone)
        right = self._status(view, standing, narrow)
        room = width // 2
        if narrow:  # two cells between the clock and what follows, or both are hard to read
            room = min(width // 3, max(6, width - cell_len(clock) - width_of(right.inks) - 5))
        name = fit(name, min(cell_len(name), room), ellipsis=view.glyphs.ellipsis)
        left: list[Ink] = [(f" {name}  ", "strong")]
        if standing.replay_at is not None:
            left.append((self._replay(view, standing, standing.replay_at, narrow), "strong"))
            clock = ""
        elif not narrow:
            near = None if snapshot.live else 0  # a floor that is long gone says of which year it is
            left.append((fmt.date(view.now, view.zone, words, near=near) + " ", "plain"))
        left.append((clock, "strong"))
        if not narrow and width_of(left) + width_of(right.inks) + 2 > width:
            right = self._status(view, standing, True)
        room = width - width_of(left) - width_of(right.inks) - 2
        sources = self._sources(view, room) if not narrow else _Stretch([], [])
        self._figures = [figure for _, _, figure in (*sources.figures, *right.figures)]
        ends = self._pointed_at(sources, 0) + self._pointed_at(right, len(sources.figures))
        gap = width - width_of(left) - width_of(ends)
        if gap < 0:  # a phone: what does not fit goes from the right
            ends = [(fit("".join(t for t, _ in ends), max(0, width - width_of(left)),
                         ellipsis=view.glyphs.ellipsis), right.inks[-1][1])]
            gap = 0
        line = [*left, (" " * gap, "plain"), *ends]
        if standing.frozen_at is not None or standing.replay_at is not None or not snapshot.live:
            return joined([(text, "banner") for text, _ in line])
        return joined(line)

    @staticmethod
    def _replay(view: View, standing: Standing, at: int, narrow: bool) -> str:
        """Return the moment of the past, how fast it plays, and a sign while it has not come yet."""
        words = view.words
        clock = fmt.clock(at, view.zone)
        day = words(f"date.weekday.{fmt.local(at, view.zone).weekday()}") if narrow else fmt.date(
            at, view.zone, words, near=standing.live_at or 0)
        text = words("header.replay", time=f"{day} {clock}")
        if standing.speed is not None:
            text += f"  x{standing.speed:g}"
        elif view.snapshot is not None and view.snapshot.as_of != at:
            text += f" {view.glyphs.ellipsis}"
        return text

    def _status(self, view: View, standing: Standing, narrow: bool) -> _Stretch:
        words, snapshot = view.words, view.snapshot
        found, gap = _Stretch([], []), ("  " if narrow else "   ", "plain")
        if snapshot is not None and snapshot.surge is not None and (n := snapshot.surge.open_alarms):
            sign = view.glyphs.rising
            key = "header.surges" if n == 1 else "header.surges.many"
            text = f"{sign}{n}!" if narrow else f"{sign} {words(key, n=str(n))}"
            found.add("surges", "", [(text, "critical")])
            found.inks.append(gap)
        if n := len(over_limit(view)):
            sign = view.glyphs.rising
            text = f"{sign}{n}" if narrow else f"{sign} {words('header.alarms', n=str(n))}"
            found.add("alarms", "", [(text, "critical")])
            found.inks.append(gap)
        parts = found.inks
        if standing.replay_at is not None:
            if standing.live_at is not None and not narrow:
                now = words("header.now", time=fmt.clock(standing.live_at, view.zone))
                parts.append((f"{now} ", "banner"))
        elif standing.frozen_at is not None:
            time = fmt.clock(standing.frozen_at, view.zone)
            text = words("header.frozen", time=time, ago=fmt.ticking(standing.frozen_ago_s))
            parts.append((f"{text} ", "banner"))
        elif snapshot is not None and snapshot.live and not standing.lost:
            parts.append((words("header.live") + " ", "good"))
        elif not standing.lost:
            parts.append((words("header.not_live") + " ", "banner"))
        return found

    def _sources(self, view: View, room: int) -> _Stretch:
        assert view.snapshot is not None
        for short, why in ((False, True), (False, False), (True, False)):
            found = _Stretch([], [])
            for source in view.snapshot.sources:
                ink = source_ink(source, view, short=short, why=why)
                if view.glyphs.ascii:
                    ink = [(to_ascii(text), role) for text, role in ink]
                found.add("source", source.name, ink)
                found.inks.append(("   ", "plain"))
            if width_of(found.inks) <= room:
                return found
        heard = [s for s in view.snapshot.sources if s.age_s is not None or s.error]
        bad = [s for s in heard if state_of(s, view) != "ok"]
        if bad:
            text = f"{view.glyphs.cross} {len(bad)}/{len(view.snapshot.sources)}   "
            role = "critical"
        else:
            text, role = f"{view.glyphs.dot} {len(heard)}/{len(view.snapshot.sources)}   ", "good"
        found = _Stretch([], [])
        if cell_len(text) <= room:
            found.add("sources", "", [(text, role)])
        return found


def _shown(text: str, view: View) -> str:
    return to_ascii(scrub(text)) if view.glyphs.ascii else scrub(text)

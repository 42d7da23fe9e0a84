"""The top of the board: whose floor, what time it is there, how old each source is, live or not.

The ticking seconds are the heartbeat: a wall whose clock stands still is dead. When the figures are not
of now the whole line is inverted and says so; when the hub is gone a line across the top says since when.
"""

from dataclasses import dataclass

from rich.cells import cell_len

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


def alarms(view: View) -> int:
    """Return how many queues and agents are past a critical limit."""
    queues = sum(any(level == "critical" for _, level in q.levels) for q in view.queues)
    return queues + sum(a.level == "critical" for a in view.agents)


class Header(CellWidget):
    """One to four lines: NO HUB where that is so, the header itself, why a source failed, notices."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._last: tuple[View, Standing] | None = None
        self.height_wanted = 1

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
        if self._last is not None:
            self.look(*self._last)

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
        if snapshot is None:
            return joined([(fit(" ccboard", max(0, width - 16)), "strong"),
                           (fit(words("header.connecting") + " ", 16, right=True), "dim")])
        narrow = width < 60
        name = _shown(snapshot.name, view)
        clock = fmt.clock(view.now, view.zone)
        right = self._status(view, standing, narrow)
        room = width // 2
        if narrow:  # two cells between the clock and what follows, or both are hard to read
            room = min(width // 3, max(6, width - cell_len(clock) - width_of(right) - 5))
        name = fit(name, min(cell_len(name), room), ellipsis=view.glyphs.ellipsis)
        left: list[Ink] = [(f" {name}  ", "strong")]
        if standing.replay_at is not None:
            left.append((self._replay(view, standing, standing.replay_at, narrow), "strong"))
            clock = ""
        elif not narrow:
            left.append((fmt.date(view.now, view.zone, words) + " ", "plain"))
        left.append((clock, "strong"))
        if not narrow and width_of(left) + width_of(right) + 2 > width:
            right = self._status(view, standing, True)
        room = width - width_of(left) - width_of(right) - 2
        sources = self._sources(view, room) if not narrow else []
        gap = width - width_of(left) - width_of(sources) - width_of(right)
        if gap < 0:  # a phone: what does not fit goes from the right
            right = [(fit("".join(t for t, _ in right), max(0, width - width_of(left)),
                          ellipsis=view.glyphs.ellipsis), right[-1][1])]
            gap = 0
        line = [*left, (" " * gap, "plain"), *sources, *right]
        if standing.frozen_at is not None or standing.replay_at is not None or not snapshot.live:
            return joined([(text, "banner") for text, _ in line])
        return joined(line)

    @staticmethod
    def _replay(view: View, standing: Standing, at: int, narrow: bool) -> str:
        """Return the moment of the past, how fast it plays, and a sign while it has not come yet."""
        words = view.words
        clock = fmt.clock(at, view.zone)
        day = words(f"date.weekday.{fmt.local(at, view.zone).weekday()}") if narrow else fmt.date(
            at, view.zone, words)
        text = words("header.replay", time=f"{day} {clock}")
        if standing.speed is not None:
            text += f"  x{standing.speed:g}"
        elif view.snapshot is not None and view.snapshot.as_of != at:
            text += f" {view.glyphs.ellipsis}"
        return text

    def _status(self, view: View, standing: Standing, narrow: bool) -> list[Ink]:
        words, snapshot = view.words, view.snapshot
        parts: list[Ink] = []
        if snapshot is not None and snapshot.surge is not None and (n := snapshot.surge.open_alarms):
            sign = view.glyphs.rising
            key = "header.surges" if n == 1 else "header.surges.many"
            text = f"{sign}{n}!" if narrow else f"{sign} {words(key, n=str(n))}"
            parts += [(text, "critical"), ("  " if narrow else "   ", "plain")]
        if n := alarms(view):
            sign = view.glyphs.rising
            text = f"{sign}{n}" if narrow else f"{sign} {words('header.alarms', n=str(n))}"
            parts += [(text, "critical"), ("  " if narrow else "   ", "plain")]
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
        return parts

    def _sources(self, view: View, room: int) -> list[Ink]:
        assert view.snapshot is not None
        for short, why in ((False, True), (False, False), (True, False)):
            parts: list[Ink] = []
            for source in view.snapshot.sources:
                parts += [*source_ink(source, view, short=short, why=why), ("   ", "plain")]
            if view.glyphs.ascii:
                parts = [(to_ascii(text), role) for text, role in parts]
            if width_of(parts) <= room:
                return parts
        heard = [s for s in view.snapshot.sources if s.age_s is not None or s.error]
        bad = [s for s in heard if state_of(s, view) != "ok"]
        if bad:
            text = f"{view.glyphs.cross} {len(bad)}/{len(view.snapshot.sources)}   "
            role = "critical"
        else:
            text, role = f"{view.glyphs.dot} {len(heard)}/{len(view.snapshot.sources)}   ", "good"
        return [(text, role)] if cell_len(text) <= room else []


def _shown(text: str, view: View) -> str:
    return to_ascii(scrub(text)) if view.glyphs.ascii else scrub(text)

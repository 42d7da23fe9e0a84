"""Service level over the day, one bar per interval and one band per queue, with the target in it.

The scale is split at the target, so that met and missed can be told without colour:

* one line per queue: six heights are the way to the target, a full block is on target or above;
* two lines: the lower is the way to the target, the upper the way from there to 100 %; where a bar
  stays below, the target's line shows above it.

An interval without calls is a dot, one that no source saw a question mark; the future is blank.
"""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from ccboard.snapshot import Interval, QueueFigures, Snapshot
from widgets import format as fmt
from widgets.cell_widget import CellWidget, Ink, Line, joined
from widgets.cells import fit, scrub, to_ascii
from widgets.queue_table import grey, level_of
from widgets.view import SECOND, View

LABEL = 20
FIGURE = 11
DAY, GOAL = -1, -2
"""Places of the cursor to the left of the bars: the day's figure, and its target where that is shown."""
HOUR_S = 3600


def level_steps(level: float, target: float, steps: int) -> int:
    """Return how many of `steps` the way from 0 to the target is gone; the top one means on target.

    >>> [level_steps(x, 0.8, 7) for x in (0.0, 0.05, 0.4, 0.79, 0.8, 1.0)]
    [1, 1, 4, 6, 7, 7]
    """
    if level >= target or target <= 0:
        return steps
    return max(1, min(steps - 1, 1 + int(level / target * (steps - 1))))


def above_steps(level: float, target: float, steps: int) -> int:
    """Return how many of `steps` the way from the target to 100 % is gone; 0 below the target.

    >>> [above_steps(x, 0.8, 8) for x in (0.79, 0.8, 0.9, 1.0)]
    [0, 1, 4, 8]
    """
    if level < target:
        return 0
    if target >= 1:
        return steps
    return max(1, min(steps, int((level - target) / (1 - target) * steps + 1e-9)))


class Span(NamedTuple):
    """The stretch of the day that is drawn: `length` intervals from `start`, `now_at` the present one."""

    start: int
    step: int
    length: int
    now_at: int


def span_of(snapshot: Snapshot, now: int, room: int) -> Span:
    """Return the intervals to draw: from the hour of the day's first call, the last that fit."""
    step = snapshot.interval_s * SECOND
    begin = snapshot.day_start
    current = (now - begin) // step
    starts = [i.start for i in snapshot.intervals if i.offered]
    first = (min(starts) - begin) // step if starts else current
    per_hour = max(1, HOUR_S // snapshot.interval_s)
    first = first // per_hour * per_hour
    if current - first + 1 > room:  # an hour's start keeps the axis readable
        first = -(-(current - room + 1) // per_hour) * per_hour
    return Span(begin + first * step, step, room, int(current - first))


def _facts(view: View) -> object:
    """Return what of a view the bars show."""
    if view.snapshot is None:
        return None
    queues = [
        (q.queue, q.label, q.service_level, q.target, level_of(q, "service_level"), grey(q))
        for q in view.queues
    ]
    return (view.snapshot.intervals, queues, [s.gaps for s in view.snapshot.sources], view.words.language)


class LevelBars(CellWidget, can_focus=True):
    """The bars of all queues, or of those that pass the filter.

    The cursor points at one bar, or left of the bars at the day's figure and at its target.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "point(-1, 0)", "row up", id="up"),
        Binding("down,j", "point(1, 0)", "row down", id="down"),
        Binding("left,h", "point(0, -1)", "figure to the left", id="left"),
        Binding("right,l", "point(0, 1)", "figure to the right", id="right"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: View | None = None
        self.only: frozenset[str | None] | None = None
        self._drawn: object = None
        self._at: tuple[str | None, int] | None = None
        """The queue and the beginning of the interval that the cursor is at, or DAY, or GOAL."""
        self._bands: list[QueueFigures] = []
        self._span: Span | None = None
        self._tall = False

    def pointed(self) -> tuple[QueueFigures, int, str] | None:
        """Return the queue, the beginning (or DAY, GOAL) and the figure that the cursor is at."""
        if self._at is None or self._view is None or self._view.snapshot is None:
            return None
        queue = next((q for q in self._bands if q.queue == self._at[0]), None)
        if queue is None:
            return None
        if self._at[1] < 0:
            figure = (queue.service_level, queue.target) if self._at[1] == DAY else (queue.target, None)
            return queue, self._at[1], fmt.percent(*figure)
        level = next((i.service_level for i in self._view.snapshot.intervals
                      if (i.queue, i.start) == self._at), None)
        return queue, self._at[1], fmt.percent(level, queue.target)

    def action_point(self, rows: int, bars: int) -> None:
        """Move the cursor; from nowhere to the present interval of the first queue."""
        span, names = self._span, [q.queue for q in self._bands]
        if span is None or not names:
            return
        if self._at is None or self._at[0] not in names:
            self._at = (names[0], span.start + min(span.now_at, span.length - 1) * span.step)
        else:
            row = max(0, min(names.index(self._at[0]) + rows, len(names) - 1))
            place = self._at[1]
            nth = (place if place < 0 else max(0, (place - span.start) // span.step)) + bars
            nth = max(GOAL if self._tall else DAY, min(nth, span.now_at, span.length - 1))
            self._at = (names[row], nth if nth < 0 else span.start + nth * span.step)
        self.draw()

    def wanted_height(self, queues: int, tall: bool) -> int:
        """Lines for a title, an axis and this many queues."""
        return 2 + max(1, queues) * (2 if tall else 1)

    def look(self, view: View) -> None:
        """Show the day as far as the view's moment."""
        self._view = view
        self.draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.draw()

    def on_focus(self) -> None:
        """Show that this panel is the one that zooms, and the cursor."""
        if self._at is None:
            self.action_point(0, 0)
        self.draw()

    def on_blur(self) -> None:
        """Show that it is no longer."""
        self.draw()

    def draw(self) -> None:
        """Draw what fits."""
        view, size = self._view, self.size
        if view is None or size.height < 1 or size.width < 1:
            return
        title = self._title(view)
        drawn = (title, size, self.only, view.now // (60 * SECOND), _facts(view))
        if drawn == self._drawn:  # asked every second, changed every few minutes
            return
        self._drawn = drawn
        if view.snapshot is None:
            self.put([title, ((view.words("empty.first"), "dim"),)])
            return
        queues = self._bands = [q for q in view.queues if self.only is None or q.queue in self.only]
        tall = self._tall = size.height >= self.wanted_height(len(queues), True)
        airy = size.height >= 1 + 3 * len(queues)
        longest = max((cell_len(scrub(q.label)) for q in queues), default=0)
        label = min(LABEL, max(6, size.width // 4), longest + 2)
        room = max(1, size.width - label - FIGURE)
        wide = 2 if self._fits_wide(view.snapshot, view.now, room) else 1
        span = self._span = span_of(view.snapshot, view.now, room // wide)
        found: dict[str | None, dict[int, Interval]] = {}
        for interval in view.snapshot.intervals:
            found.setdefault(interval.queue, {})[interval.start] = interval
        lines = [title]
        for queue in queues[: max(1, (size.height - 2) // (2 if tall else 1))]:
            if airy and len(lines) > 1:
                lines.append(())
            lines += self._band(queue, found.get(queue.queue, {}), span, view, label, wide, tall)
        if len(lines) < size.height:
            lines.append(self._axis(span, view, label, wide))
        self.put(lines)

    def _fits_wide(self, snapshot: Snapshot, now: int, room: int) -> bool:
        return span_of(snapshot, now, 10_000).now_at < room // 2

    def _title(self, view: View) -> Line:
        role = "accent" if self.has_focus else "head"
        minutes = str((view.snapshot.interval_s if view.snapshot is not None else 900) // 60)
        text = view.words("panel.levels", minutes=minutes)
        if cell_len(text) > self.size.width:
            text = view.words("panel.levels.short")
        if self.has_focus and (pointed := self.pointed()) is not None and view.snapshot is not None:
            queue, start, figure = pointed
            if start < 0:
                name = "column.level" if start == DAY else "column.goal"
                at = f"{scrub(queue.label)}  {view.words(name)} {figure}"
                return ((fit(at, self.size.width), role),)
            end = fmt.clock(start + view.snapshot.interval_s * SECOND, view.zone)[:5]
            at = f"{scrub(queue.label)} {fmt.clock(start, view.zone)[:5]}{view.glyphs.dash}{end} {figure}"
            text = next((t for t in (f"{text}  {at}", f"{view.words('panel.levels.short')}  {at}")
                         if cell_len(t) <= self.size.width), at)
        return ((fit(text, self.size.width), role),)

    def _band(self, queue: QueueFigures, found: Mapping[int, Interval], span: Span, view: View,
              label: int, wide: int, tall: bool) -> list[Line]:
        glyphs = view.glyphs
        target = queue.target if queue.target is not None else 1.0
        upper: list[Ink] = []
        lower: list[Ink] = []
        for nth in range(span.length):
            start = span.start + nth * span.step
            top, bottom = self._bar(found.get(start), start, nth, span, target, view, tall)
            if self.has_focus and self._at == (queue.queue, start):
                top, bottom = (top[0], f"{top[1]}@cell"), (bottom[0], f"{bottom[1]}@cell")
            bar = bottom[0] in glyphs.bars
            lower.append((bottom[0] * wide if bar else fit(bottom[0], wide), bottom[1]))
            upper.append((top[0] * wide, top[1]))
        name = to_ascii(scrub(queue.label)) if glyphs.ascii else queue.label
        level = level_of(queue, "service_level")
        late = grey(queue)
        known = queue.service_level is not None
        mark = {"warning": "!", "critical": "!!"}.get(level, "ok" if known else "")
        figure = fit(fmt.percent(queue.service_level, queue.target), 6, right=True)
        at = self._at[1] if self.has_focus and self._at is not None and self._at[0] == queue.queue else 0
        here = "@cell" if at == DAY else ""
        value: list[Ink] = [
            (figure, ("dim" if late or not known else level or "plain") + here),
            (" " + fit(mark, FIGURE - 7), "dim" if late else level or "good"),
        ]
        aim = fit(fmt.percent(queue.target), 6, right=True)
        goal: list[Ink] = [(aim, "dim@cell" if at == GOAL else "dim"), (" " * (FIGURE - 6), "plain")]
        ellipsis = glyphs.ellipsis
        named: list[Ink] = [(fit(name, label - 1, ellipsis=ellipsis) + " ", "dim" if late else "plain")]
        if not tall:
            return [joined([*named, *value, *lower])]
        return [joined([(" " * label, "plain"), *goal, *upper]), joined([*named, *value, *lower])]

    def _bar(self, interval: Interval | None, start: int, nth: int, span: Span, target: float, view: View,
             tall: bool) -> tuple[Ink, Ink]:
        glyphs = view.glyphs
        if nth > span.now_at:
            return (" ", "plain"), (" ", "plain")
        line: Ink = (glyphs.rule, "dim")
        if interval is None or interval.service_level is None:
            unseen = self._unseen(start, start + span.step, view)
            return line, ("?", "warning") if unseen else (glyphs.none, "dim")
        level = interval.service_level
        missed = level < target
        role = interval.level or "head"  # quiet: a day on target is no news
        if not tall:
            steps = level_steps(level, target, 7)
            return line, (glyphs.bars[7] if steps == 7 else glyphs.bars[steps - 1], role)
        if missed:
            return line, (glyphs.bars[level_steps(level, target, 9) - 1], role)
        return (glyphs.bars[above_steps(level, target, 8) - 1], role), (glyphs.bars[7], role)

    @staticmethod
    def _unseen(start: int, end: int, view: View) -> bool:
        sources = view.snapshot.sources if view.snapshot is not None else ()
        return any(gap[0] < end and gap[1] > start for source in sources for gap in source.gaps)

    def _axis(self, span: Span, view: View, label: int, wide: int) -> Line:
        cells = [" "] * (span.length * wide)
        per_hour = max(1, HOUR_S * SECOND // span.step)
        every = per_hour if per_hour * wide >= 4 else per_hour * -(-4 // (per_hour * wide))
        for nth in range(0, min(span.length, span.now_at + per_hour + 1), every):
            hour = fmt.local(span.start + nth * span.step, view.zone).strftime("%H")
            at = nth * wide
            if at + 2 <= len(cells):
                cells[at : at + 2] = list(hour)
        return joined([(" " * (label + FIGURE) + "".join(cells), "dim")])

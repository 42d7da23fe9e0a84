"""The lens: one figure taken apart, over the page that it stands on.

It shows what ``ccboard explain`` shows. What has to be asked for first stands as "asking" meanwhile; what
only the snapshot tells (a state, an age) is explained from the glossary.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType

from ccboard.kpis.glossary import Word
from widgets import format as fmt
from widgets.cell_widget import CellWidget, Ink, Line, joined
from widgets.cells import fit, folded, scrub, to_ascii
from widgets.view import SECOND, View

LABEL = 18
"""Cells for the names of the parts where they stand beside them."""
NARROW = 60
FRAME = 4
"""Cells that the frame takes of a line."""

Row = tuple[str, str, str]
"""A part: its name, its text, the role of the text."""


def number(value: float | None) -> str:
    """Return a numerator or a denominator.

    >>> number(14), number(14.0), number(1234.5), number(None)
    ('14', '14', '1234.5', '–')
    """
    if value is None:
        return fmt.DASH
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def figure_of(value: float | None, unit: str) -> str:
    """Return a figure of the catalogue as the lens writes it: shares to a tenth, durations as on the board.

    >>> figure_of(0.5449, "ratio"), figure_of(108.2, "s"), figure_of(12, "visits"), figure_of(None, "s")
    ('54.5 %', '1:48', '12', '–')
    """
    if value is None:
        return fmt.DASH
    if unit == "ratio":
        return f"{value * 100:.1f} %"
    if unit == "s":
        return fmt.duration(value)
    if unit in ("h", "money", "per_hour"):
        return f"{value:.2f}"
    return number(value)


def moment(text: str, view: View, *, day: bool) -> str:
    """Return an ISO moment in the centre's zone; with its date where it is not of this business day."""
    at = round(datetime.fromisoformat(text).timestamp() * SECOND)
    clock = fmt.clock(at, view.zone)
    start = view.snapshot.day_start if view.snapshot is not None else 0
    if day or at < start or at >= start + 86_400 * SECOND:
        return f"{fmt.date(at, view.zone, view.words, near=view.now)} {clock}"
    return clock


MOST = 6
"""Queues that are named of a definition."""
OF_A_MOMENT = frozenset({"waiting", "longest_wait_s"})
"""Figures of who waits at one moment, however long ago they came."""


def parts_of(said: Mapping[str, Any], view: View) -> list[Row]:
    """Return the parts of an explanation, in reading order."""
    words, language = view.words, view.words.language
    rows: list[Row] = [(words("lens.formula"), said["formula"][language], "plain")]
    rows += [(words(f"lens.{part}"), f"{number(said[part]['value'])} = {said[part][language]}", "plain")
             for part in ("numerator", "denominator") if said[part]]
    rows += [(words("lens.left_out"), f"{number(left['value'])} = {left[language]}", "plain")
             for left in said["left_out"] if left["value"]]
    rows += [(words(f"lens.{key}"), said[key][language], "plain") for key in ("excluded", "missing")
             if said[key]]
    several = said.get("definitions") or []
    for one in several or filter(None, [said["definition"]]):
        names = queues_of(one["queues"], view) + ": " if several else ""
        rows.append((words("lens.definition"), names + definition(one, view), "plain"))
        if since := one["since"]:
            rows.append((words("lens.since"), moment(since, view, day=True), "plain"))
    if limits := said.get("limits"):
        rows.append((words("lens.limits"), limits_of(limits, said["unit"], view), "plain"))
    if (costs := said.get("costs")) and costs["since"]:
        rows.append((words("lens.costs_since"), moment(costs["since"], view, day=True), "plain"))
    if said["kpi"] in OF_A_MOMENT:
        rows.append((words("lens.at"), moment(said["to"], view, day=True), "plain"))
    else:
        rows.append((words("lens.range"), words("lens.from_to", start=moment(said["from"], view, day=True),
                                                end=moment(said["to"], view, day=False)), "plain"))
    rows += [(words("lens.source"), source(one, view), "plain" if one["state"] == "ok" else "warning")
             for one in said["sources"]]
    rows.append((words("lens.origin"), words.said(said["origin"]), "dim"))
    rows += [(words("lens.note"), text, "warning") for text in said["notes"]]
    return rows


def limits_of(said: Mapping[str, Any], unit: str, view: View) -> str:
    """Return from where on a figure is marked, and since when that is configured."""
    sign = "<" if said["falling"] else "≥" if not view.glyphs.ascii else ">="
    text = ", ".join(f"{mark} {sign} {figure_of(said[level], unit)}" for mark, level in (
        ("!", "warning"), ("!!", "critical")))
    if said["since"]:
        text += f", {view.words('lens.since')} {moment(said['since'], view, day=True)}"
    return text


def queues_of(names: Sequence[str], view: View) -> str:
    """Return queues by name, of many the first."""
    more = len(names) - MOST
    return view.words("list.comma").join(names[:MOST]) + (f" +{more}" if more > 0 else "")


def definition(said: Mapping[str, Any], view: View) -> str:
    """Return the configured definition in a line: form, T, S, target and what is treated otherwise."""
    words = view.words
    parts = [said["form"], f"T = {said['threshold_s']:g} s", f"S = {said['short_abandon_s']:g} s",
             f"{words('column.goal').lower()} {fmt.percent(said['target'])}",
             words(f"lens.by_{said['cohort']}")]
    parts += [words(f"lens.{key}.{said[key]}") for key in
              ("time_outs", "overflow", "left_by_key", "callbacks", "after_hours") if said[key] != "counted"]
    if said["form"] == "sl.composed":
        parts.append("counts = " + "+".join(said["counts"]))
    return ", ".join(parts)


def source(said: Mapping[str, Any], view: View) -> str:
    """Return a source with its age and since when it is whole."""
    words = view.words
    text = f"{said['name']} ({said['type']}) {words('source.' + said['state'])} {fmt.age(said['age_s'])}"
    if said["complete_since"]:
        text += ", " + words("lens.whole", time=moment(said["complete_since"], view, day=False))
    if said["gaps"]:
        text += ", " + words("lens.gaps", n=str(len(said["gaps"])))
    return text + (f": {said['error']}" if said["error"] else "")


def glossary_parts(word: Word, view: View) -> list[Row]:
    """Return the parts of a word of the glossary."""
    words, chinese = view.words, view.words.language == "zh"
    rows: list[Row] = [(words("lens.formula"), word.formula_zh if chinese else word.formula_en, "plain")]
    if word.excluded_en:
        rows.append((words("lens.excluded"), word.excluded_zh if chinese else word.excluded_en, "plain"))
    rows.append((words("lens.records"), word.of, "dim"))
    for one in view.snapshot.sources if view.snapshot is not None else ():
        state = words(f"source.{one.state}") if one.age_s is not None or one.error else view.glyphs.dash
        rows.append((words("lens.source"), f"{one.name} ({one.type}) {state} {fmt.age(view.age(one.age_s))}",
                     "plain" if one.state == "ok" else "warning"))
    return rows


class Lens(CellWidget, can_focus=True):
    """The panel. `heading` and `shown` stand in its frame; `parts` and `family` are what it tells."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll(-1)", "up", id="up"),
        Binding("down,j", "scroll(1)", "down", id="down"),
        Binding("pageup", "scroll(-8)", "a screen up", id="page_up"),
        Binding("pagedown", "scroll(8)", "a screen down", id="page_down"),
        Binding("home", "scroll(-9999)", "top", id="top"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: View | None = None
        self._heading = ("", "")
        self._parts: Sequence[Row] = ()
        self._family: Sequence[Mapping[str, Any]] = ()
        self._state = ""
        self._foot = ""
        self._top = 0

    def tell(self, view: View, heading: tuple[str, str], parts: Sequence[Row] = (),
             family: Sequence[Mapping[str, Any]] = (), *, state: str = "", foot: str = "") -> None:
        """Show a figure: (name, value), its parts, its family; `state`: what to say instead of parts."""
        self._view, self._heading, self._parts, self._family = view, heading, parts, family
        self._state, self._foot = state, foot
        self.draw()

    def look(self, view: View) -> None:
        """Nothing moves here: it tells of the moment at which it was asked."""

    def action_scroll(self, by: int) -> None:
        """Scroll."""
        self._top += by
        self.draw()

    def height_for(self, width: int) -> int:
        """Return how many lines it needs at this width."""
        return len(self._body(width - FRAME)) + 2

    def draw(self) -> None:
        """Draw what fits, in a frame."""
        view, size = self._view, self.size
        if view is None or size.height < 3 or size.width < FRAME + 8:
            return
        inner = size.width - FRAME
        body, room = self._body(inner), size.height - 2
        self._top = max(0, min(self._top, len(body) - room))
        glyphs = view.glyphs
        side = "|" if glyphs.ascii else "│"
        lines = [self._edge(size.width, "+-+" if glyphs.ascii else "┌─┐", self._heading, view)]
        for line in [*body[self._top : self._top + room], *[()] * (room - len(body))]:
            used = sum(cell_len(text) for text, _ in line)
            lines.append(joined([(f"{side} ", "head"), *line, (" " * (inner - used), "plain"),
                                 (f" {side}", "head")]))
        more = f"{min(self._top + room, len(body))}/{len(body)}" if len(body) > room else ""
        lines.append(self._edge(size.width, "+-+" if glyphs.ascii else "└─┘", (self._foot, more), view))
        self.put(lines)

    def _edge(self, width: int, corners: str, texts: tuple[str, str], view: View) -> Line:
        left, right = (to_ascii(scrub(text)) if view.glyphs.ascii else scrub(text) for text in texts)
        top = corners[0] in "┌+" and texts is self._heading
        right = f" {right} " if right else ""
        room = width - 4 - cell_len(right)
        left = fit(left, min(cell_len(left), max(0, room - 2)), ellipsis=view.glyphs.ellipsis)
        left = f" {left} " if left else ""
        bar = corners[1] * max(0, room - cell_len(left))
        return joined([(corners[:2], "head"), (left, "strong" if top else "dim"), (bar, "head"),
                       (right, "strong" if top else "dim"), (corners[1:], "head")])

    def _body(self, width: int) -> list[Line]:
        view = self._view
        if view is None:
            return []
        lines: list[Line] = []
        for label, text, role in self._parts:
            lines += self._part(_shown(label, view), _shown(text, view), role, width)
        if self._state:
            lines += [((piece, "accent"),) for piece in folded(_shown(self._state, view), width)]
        if len(self._family) > 1:
            lines += [(), *self._relatives(view, width)]
        return lines

    def _part(self, label: str, text: str, role: str, width: int) -> list[Line]:
        if width < NARROW:
            return [joined([(f"{label}: ", "head"), (piece, role)]) if nth == 0 else ((piece, role),)
                    for nth, piece in enumerate(_after(f"{label}: ", text, width))]
        pieces = folded(text, width - LABEL)
        return [joined([(fit(label if nth == 0 else "", LABEL), "head"), (piece, role)])
                for nth, piece in enumerate(pieces)]

    def _relatives(self, view: View, width: int) -> list[Line]:
        language = view.words.language
        title = folded(view.words("lens.family"), width)
        lines: list[Line] = [((fit(piece, width), "head"),) for piece in title]
        rows: list[tuple[str, str, str, str, str]] = []
        for one in self._family:
            over = [number(one[part]["value"]) for part in ("numerator", "denominator") if one[part]]
            rows.append(("*" if one["chosen"] else " ", one["kpi"], figure_of(one["value"], one["unit"]),
                         " / ".join(over), one["formula"][language]))
        name, value, parts = (max(cell_len(_shown(row[at], view)) for row in rows) for at in (1, 2, 3))
        left = width - (2 + name + 2 + value + 2 + parts + 2)
        for row in rows:
            chosen = row[0] == "*"
            role = "strong" if chosen else "plain"
            mark: Ink = (f"{row[0]} ", "good")
            if left < 0:  # a phone: the parts stand below
                lines.append(joined([mark, (fit(row[1], width - 2 - value - 1), role),
                                     (fit(row[2], value + 1, right=True), role)]))
                lines.append(((fit(f"  {row[3]}", width), "dim"),))
                continue
            said = folded(_shown(row[4], view), left) if left >= 20 else [""]
            for nth, piece in enumerate(said):
                head: list[Ink] = [mark, (fit(row[1], name + 2), role),
                                   (fit(row[2], value, right=True), role),
                                   (fit(row[3], parts + 2, right=True) + "  ", "dim")]
                blank: list[Ink] = [(" " * (2 + name + 2 + value + parts + 2 + 2), "plain")]
                lines.append(joined([*(head if nth == 0 else blank), (piece, "dim")]))
        return lines

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.draw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.action_scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.action_scroll(-3)


def _shown(text: str, view: View) -> str:
    return to_ascii(scrub(text)) if view.glyphs.ascii else scrub(text)


def _after(label: str, text: str, width: int) -> list[str]:
    """Return a text in lines of which the first has room for a label before it."""
    pieces = folded("_" * cell_len(label) + text, width)
    return [pieces[0][cell_len(label):], *pieces[1:]]

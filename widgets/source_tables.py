"""The sources, and what can be said of their data: six answers each, and the rows that speak against them."""

from dataclasses import replace
from typing import NamedTuple

from ccboard.panel_quality import FaultRow
from ccboard.panel_quality import Finding as Fault
from ccboard.snapshot import KEPT, Snapshot, SourceFigures
from widgets import format as fmt
from widgets.cells import folded, scrub
from widgets.columns import Cell, Column
from widgets.levels import figure
from widgets.strip_table import StripTable
from widgets.view import View

ROLES = {"ok": "good", "stale": "warning", "failed": "critical"}
LEVELS = {"ok": "", "stale": "warning", "failed": "critical"}


def state_of(source: SourceFigures, view: View) -> str:
    """Return a source's state by now: what answered at the snapshot's moment may be late since."""
    if source.state != "ok" or source.age_s is None or source.promise_s <= 0:
        return source.state
    age = view.age(source.age_s) or 0.0
    return "stale" if age > 2 * source.promise_s + 1 and view.drift_s > 2 else "ok"


def _state(source: SourceFigures, view: View) -> Cell:
    state = state_of(source, view)
    sign = view.glyphs.dot if state == "ok" else view.glyphs.cross
    return Cell(f"{sign} {view.words(f'source.{state}')}", ROLES.get(state, "plain"))


def _whole(source: SourceFigures, view: View) -> Cell:
    if source.complete_since is None:
        return Cell(fmt.DASH, "dim")
    day = view.snapshot.day_start if view.snapshot is not None else 0
    if source.complete_since <= day:
        return Cell(view.words("figure.whole_day"), "dim")
    return Cell(fmt.clock(source.complete_since, view.zone))


def rejected(source: SourceFigures) -> int:
    """Return how much was left out: what was counted without a part of it is told, but not in this number."""
    return source.rejects - sum(n for reason, n in source.reject_reasons if reason.endswith(KEPT))


def _rejects(source: SourceFigures, view: View) -> Cell:
    number = rejected(source)
    return Cell(fmt.count(number), "warning" if number else "dim")


COLUMNS: tuple[Column[SourceFigures], ...] = (
    Column("source", lambda s, v: Cell(s.name), 10, lambda s, v: s.name.casefold(), grow=2, most=24),
    Column("type", lambda s, v: Cell(s.type, "dim"), 9, lambda s, v: s.type, grow=1, most=20, priority=4),
    Column("state", _state, 8, lambda s, v: s.state),
    Column("age", lambda s, v: figure(fmt.age(v.age(s.age_s)), LEVELS.get(state_of(s, v), "")), 5,
           lambda s, v: s.age_s, right=True, mark=3, gap=1),
    Column("promise", lambda s, v: Cell(fmt.age(s.promise_s) if s.promise_s > 0 else fmt.DASH, "dim"), 5,
           lambda s, v: s.promise_s, right=True, priority=3),
    Column("rows", lambda s, v: Cell(fmt.count(s.rows)), 7, lambda s, v: s.rows, right=True, priority=2),
    Column("rejects", _rejects, 4, lambda s, v: rejected(s), right=True, priority=1),
    Column("whole", _whole, 8, lambda s, v: s.complete_since, priority=2),
)


class SourceTable(StripTable[SourceFigures]):
    """One row per source."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS, lambda s: s.name, lambda s, v: f"{s.name} {s.type}",
                         empty="empty.sources", id=id)

    def look(self, view: View) -> None:
        """Show the sources of a view."""
        self.show(view.snapshot.sources if view.snapshot is not None else (), view)


class Finding(NamedTuple):
    """Something about the data that a reader of the figures should know."""

    source: str
    kind: str  # error, trouble, reject, part (counted all the same), gap, notice
    text: str
    part: int = 0  # lines after the first of a long text
    level: str = ""  # good, warning, critical: of what was asked of the data
    key: str = ""  # what ``enter`` opens: a finding that names rows


class _Everything(frozenset[str]):
    """Holds every key."""

    def __contains__(self, key: object) -> bool:
        return True


EVERYTHING: frozenset[str] = _Everything()
"""Opens all findings that name rows."""


def findings(snapshot: Snapshot, view: View, opened: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """Return what is wrong, worst first, source by source; of the findings `opened` with their rows."""
    words, found = view.words, []
    panel = snapshot.quality
    asked = {} if panel is None else {one.source: one for one in panel.sources}
    for source in snapshot.sources:
        if source.error:
            found.append(Finding(source.name, "error", words.said(source.error)))
        found += [Finding(source.name, "trouble", words.said(text)) for text in source.troubles]
        if source.name in asked:
            found += _answers(source.name, view, opened)
            continue
        found += [
            Finding(source.name, "gap", words("finding.gap_text", start=fmt.clock(start, view.zone),
                                              end=fmt.clock(end, view.zone)))
            for start, end in source.gaps
        ]
        found += [
            Finding(source.name, "part" if reason.endswith(KEPT) else "reject",
                    words("finding.reject_text", reason=words.said(reason), n=str(n)))
            for reason, n in source.reject_reasons
        ]
    for name in sorted(asked.keys() - {source.name for source in snapshot.sources}):
        found += _answers(name, view, opened)
    if panel is not None:
        told = {one.source for one in panel.sources}
        for one in panel.findings:
            if one.source not in told:
                found += _fault(one, view, opened)
    found += [Finding("ccboard", "notice", words.said(text)) for text in snapshot.notices]
    if snapshot.temporary_hub:
        found.append(Finding("ccboard", "notice", words("header.temporary")))
    return tuple(found)


def _answers(name: str, view: View, opened: frozenset[str]) -> list[Finding]:
    """Return the six answers of a source, each with what speaks against it below."""
    panel = view.snapshot.quality if view.snapshot is not None else None
    assert panel is not None
    at = 1 if view.words.language == "zh" else 0
    found = []
    for source in panel.sources:
        if source.source != name:
            continue
        for answer in source.answers:
            found.append(Finding(name, answer.question, answer.said[at], level=answer.state))
            for one in panel.findings:
                if (one.source, one.question) == (name, answer.question):
                    found += _fault(one, view, opened)
    return found


def _fault(one: Fault, view: View, opened: frozenset[str]) -> list[Finding]:
    """Return a finding, and its rows where it was opened."""
    words = view.words
    at = 1 if words.language == "zh" else 0
    key = f"{one.source} {one.question} {one.kind} {one.said[0]}" if one.rows else ""
    how = "finding.enter" if key and key not in opened else "finding.found_text"
    text = words(how, text=words.said(one.said[at]), n=str(one.n))
    found = [Finding(one.source, "found", text, level=one.level, key=key)]
    if key in opened:
        found += [Finding(one.source, "row", _row(row, view, at), key=key) for row in one.rows]
        if one.n > len(one.rows):
            more = words("finding.more", n=str(one.n - len(one.rows)))
            found.append(Finding(one.source, "row", more, key=key))
    return found


def _row(row: FaultRow, view: View, at: int) -> str:
    when = ""
    if row.at is not None:
        when = f"{fmt.date(row.at, view.zone, view.words, near=view.now)} {fmt.clock(row.at, view.zone)}"
    parts = (when, view.queue_label(row.queue) if row.queue else "", row.agent, row.call, row.said[at])
    return "  ".join(part for part in parts if part)


_KIND_ROLES = {"error": "critical", "trouble": "warning", "gap": "warning"}
_KIND_MARKS = {"error": "!! ", "trouble": "! ", "gap": "! "}

def _kind(finding: Finding, view: View) -> Cell:
    if finding.part or finding.kind == "row":
        return Cell("")
    if finding.level or finding.kind == "found":
        mark = {"critical": "!! ", "warning": "! "}.get(finding.level, "")
        role = {"good": "plain", "": "dim"}.get(finding.level, finding.level)
        return Cell(mark + view.words(f"finding.{finding.kind}"), role)
    text = _KIND_MARKS.get(finding.kind, "") + view.words(f"finding.{finding.kind}")
    return Cell(text, _KIND_ROLES.get(finding.kind, "plain"))


FINDING_COLUMNS: tuple[Column[Finding], ...] = (
    Column("finding", lambda f, v: Cell("" if f.part or f.kind == "row" else f.source), 10, grow=1, most=20),
    Column("kind", _kind, 12),
    Column("detail", lambda f, v: Cell(f.text), 10, grow=4, most=400),
)


PHONE_COLUMNS = (replace(FINDING_COLUMNS[1], key="finding"), FINDING_COLUMNS[2])
"""Where the only source's name on each line would leave no room for what is said of it."""
PHONE = 60


def _identity(finding: Finding) -> object:
    """Return what a line is known by: of one that opens not its text, which says whether it is open."""
    return (finding.key, finding.part) if finding.kind == "found" and finding.key else finding


class FindingTable(StripTable[Finding]):
    """Errors, troubles, gaps and rejects, one per row."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(FINDING_COLUMNS, _identity, lambda f, v: f"{f.source} {f.text}",
                         empty="empty.findings", id=id)
        self._of: tuple[object, int, frozenset[str]] = (None, 0, frozenset())
        self._opened: frozenset[str] = frozenset()
        self._found: tuple[Finding, ...] = ()

    def look(self, view: View) -> None:
        """Show what is wrong with the data behind a view, in full: a cause cut short helps nobody."""
        one = view.snapshot is not None and len(view.snapshot.sources) == 1 and self.size.width < PHONE
        if self.columns != (wanted := PHONE_COLUMNS if one else FINDING_COLUMNS):
            self.use(wanted)
        if not self.width_of("detail"):
            self.show(self._found, view)  # chooses the columns
        of = (view.snapshot, self.width_of("detail"), self._opened)
        if view.snapshot is not None and (of[0] is not self._of[0] or of[1:] != self._of[1:]):
            self._of = of
            self._found = tuple(
                finding._replace(text=text, part=part)
                for finding in findings(view.snapshot, view, self._opened)
                for part, text in enumerate(folded(scrub(finding.text), max(8, of[1])))
            )
        self.show(self._found, view)

    def toggle(self, view: View) -> bool:
        """Open the finding at the cursor, or close it; tell whether it has rows to show."""
        if self.pointed() is None:
            self.action_move(0)
        pointed = self.pointed()
        key = pointed[1].key if pointed is not None else ""
        if not key:
            return False
        self._opened ^= {key}
        self.look(view)
        return True

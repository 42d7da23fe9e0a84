"""About one row of the surge page: the verdict, what callers meet, what it takes, what was done.

Every figure in the sentences has a key (``widgets.spots``): ``ccboard.board.surge_meaning`` tells what stands
behind it.
"""

from rich.cells import cell_len

from ccboard.panel_surge import Curve, Done, QueueSurge, SurgePanel
from widgets import format as fmt
from widgets import surge_text as text
from widgets.cell_widget import Ink
from widgets.cells import fit, folded
from widgets.spots import Drawing, Key, SpotLines
from widgets.view import SECOND, View
from widgets.what_if import Try, sentences

SHORT = 78
"""Cells below which the verdict is the short one."""
AGREED = 55
"""Cells from which the agreed band has room beside the honest one."""
Said = tuple[str, str, Key | None]
"""A sentence, its role, and which figure it is."""


class SurgePart(SpotLines):
    """A panel about the chosen row."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.row: QueueSurge | None = None
        self.tried: Try | None = None
        """The what-if."""
        self._view: View | None = None
        self._drawn: object = None

    def choose(self, row: QueueSurge | None, tried: Try | None = None) -> None:
        """Show another row, and what other heads would do."""
        self.row, self.tried = row, tried
        if self._view is not None:
            self.look(self._view)

    def on_resize(self) -> None:
        """Draw for the new size."""
        if self._view is not None:
            self.look(self._view)

    def look(self, view: View) -> None:
        """Show it, if anything of it is new."""
        self._view = view
        panel = text.panel_of(view)
        drawn = (panel, self.row, self.tried, self.size, view.words.language, view.glyphs.ascii)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self.draw_lines(Drawing.begin() if panel is None else self._drawing_of(panel, view), view)

    def _drawing_of(self, panel: SurgePanel, view: View) -> Drawing:
        raise NotImplementedError


class SurgeDetail(SurgePart):
    """The sentences."""

    def _drawing_of(self, panel: SurgePanel, view: View) -> Drawing:
        width, row, drawing = max(10, self.size.width), self.row, Drawing.begin()

        def say(said: list[Said]) -> None:
            for sentence, role, key in said:
                drawing.sentence(sentence, role, width, key)

        say([] if row is None else self._verdict(panel, row, view))
        if row is not None and self.tried is not None:
            say([(sentence, role, ("effects", f"tried {nth}")) for nth, (sentence, role) in
                 enumerate(sentences(row, panel.rows, self.tried, view))])
        for one in panel.exceptions:
            drawing.line(text.exception(one, view), ("exception", one.about))
        if row is not None and row.alarmed:
            keys = [("a", "accept"), ("o", "snooze"), ("n", "new_normal"), ("m", "note"), ("w", "what_if")]
            shown = keys if view.acts else keys[-1:]  # to work something out is for everybody
            hints = [(key, f" {view.words(f'hint.{name}')}  ") for key, name in shown]
            while len(hints) > 1 and sum(cell_len(key + said) for key, said in hints) > width + 2:
                hints.pop()  # a key that is cut tells nothing; help has them all
            drawing.line([part for key, said in hints for part in ((key, "accent"), (said, "dim"))])
        say([] if row is None else [*self._effects(row, view), *self._rest(row, view)])
        say([(one, "warning", None) for one in panel.said])
        return drawing

    def _verdict(self, panel: SurgePanel, row: QueueSurge, view: View) -> list[Said]:
        """Return what comes first where there is little room: what it is, whom to call, who took it on."""
        words, said, lift = view.words, list[Said](), ("lift",)
        if row.alarmed:
            parts = text.verdict(row, view, short=self.size.width < SHORT)
            said.append(("".join(part for part, _ in parts), text.role(row), lift))
        elif row.state == "learning":
            weeks = words("surge.learning", weeks=f"{panel.weeks if row.weeks is None else row.weeks:.0f}")
            said.append((self._of(row, weeks, view), "dim", ("weeks",)))
        elif row.lift is not None:
            said.append((self._of(row, text.versus(row, view), view), "strong", lift))
        else:
            said.append((self._of(row, words(f"surge.state.{row.state}"), view), "dim", ("state",)))
        if row.kind:
            said.append((words("surge.kind", kind=row.kind), "warning", ("expected",)))
        if row.sure_in_min is not None and row.state == "amber":
            said.append((words("surge.sure_in", n=str(row.sure_in_min)), "plain", ("surge_sure",)))
        if row.over_at is not None and not row.alarmed:
            over = words("surge.over", time=text.time(row.over_at, view), lift=text.lift(row.lift))
            said.append((over, "good", ("lift", "over")))
        if done := text.taken(row, view):
            said.append((done, "good", ("done",)))
        elif row.escalated_to:
            said.append((words("surge.escalated", name=row.escalated_to), "critical", ("done",)))
        if before := text.earlier(row, view):
            said.append((before, "dim", ("done",)))
        if row.alarmed and (row.call or row.owner):
            whom = [words("surge.owner", name=row.owner)] if row.owner else []
            needed = row.state != "silent" and not text.enough(row)
            if row.call and needed and row.false_at is row.snoozed_until is None:
                key = "surge.call" if row.state == "red" else "surge.propose"
                whom.insert(0, words(key, names=", ".join(row.call)))
            said.append((words("surge.joint").join(whom), "strong", ("tier",)))
        return said

    @staticmethod
    def _of(row: QueueSurge, said: str, view: View) -> str:
        return view.words("surge.of", name=text.name(row, view), said=said)

    @staticmethod
    def _effects(row: QueueSurge, view: View) -> list[Said]:
        words, said = view.words, list[Said]()
        if people := text.people(row, view):
            shared = ""
            if row.shared_with:
                shared = words("surge.joint") + words("surge.shared", names=", ".join(row.shared_with))
            short = row.need is not None and row.heads is not None and row.need > row.heads
            said.append((people + shared, "warning" if short else "plain", ("need",)))
        if row.alarmed and row.effects and row.state != "silent":
            said.append((text.without(row, view), "plain", ("effects", "0")))
            for effect in row.effects[1:]:
                line = text.with_tier(row, effect, view)
                if not effect.available:
                    line += f" ({words('surge.not_now')})"
                role = "strong" if effect.number == row.suffices else "plain"
                said.append((line, role, ("effects", str(effect.number))))
            if text.enough(row):
                said.append((text.nobody_needed(row, view), "good", ("effects", "enough")))
            elif row.suffices is None and len(row.effects) > 1:
                said.append((words("surge.none_suffices"), "warning", ("effects", "none")))
            said.append((words("surge.assumed"), "dim", None))
        return said

    @staticmethod
    def _rest(row: QueueSurge, view: View) -> list[Said]:
        said = list[Said]()
        if row.alarmed and row.state != "silent":
            tier = text.tier(row.tier, row.tier_name, view)
            said.append((view.words("surge.next_hour", tier=tier, lift=text.lift(row.lift)), "dim",
                         ("tier", "hour")))
        if to_go := text.to_go(row, view):
            said.append((to_go, "plain", ("to_go",)))
        if row.alarms is not None:
            said.append((view.words("surge.month", n=str(row.alarms), false=str(row.false_alarms)), "dim",
                         ("false_alarms",)))
        if again := text.again(row, view):
            said.append((again, "dim", ("calls",)))
        return said


class SurgeGap(SurgePart):
    """The next intervals: calls to come, heads needed, heads that will be there, heads missing."""

    def _drawing_of(self, panel: SurgePanel, view: View) -> Drawing:
        words, row, drawing = view.words, self.row, Drawing.begin()
        drawing.plain(((words("surge.gap"), "head"),))
        curve = next((one for one in panel.curves if row is not None and one.queue == row.queue), None)
        if curve is None or row is None:
            return drawing
        width = max(10, self.size.width)
        band = row.band if width >= AGREED else None
        key = "surge.gap_columns" if band is None else "surge.gap_columns_agreed"
        drawing.plain(((words(key, band=fmt.percent(band)), "dim"),))
        foot = text.off(row, view)
        room = self.size.height - len(drawing.lines) - sum(len(folded(said, width)) for said in foot)
        ahead = [at for at, value in enumerate(curve.forecast) if value is not None]
        for at in ahead[:max(0, room)]:
            self._interval(drawing, curve, at, row, band, view)
        for name, said in zip(("wape", "held"), foot, strict=False):
            drawing.sentence(said, "dim", width, (name,))
        return drawing

    @staticmethod
    def _interval(drawing: Drawing, curve: Curve, at: int, row: QueueSurge, agreed: float | None, view: View
                  ) -> None:
        mean, low, high = curve.forecast[at], curve.forecast_low[at], curve.forecast_high[at]
        need = curve.need[at] if at < len(curve.need) else None
        there = curve.there_at(at, row.heads)
        gap = None if need is None or there is None else need - there
        band = f"{low:.0f}..{high:.0f}" if low is not None and high is not None else fmt.DASH
        start, n = text.time(curve.start + at * curve.step_s * SECOND, view), str(at)
        parts: list[tuple[Ink, Key | None]] = [
            ((f"{start}", "plain"), None), ((f"  {mean:>5.0f}", "plain"), ("forecast", n)),
            ((f"  {band:<10}", "plain"), ("forecast_band", n))]
        if agreed is not None and mean is not None:
            within = f"{mean * (1 - agreed):.0f}..{mean * (1 + agreed):.0f}"
            parts.append(((f"  {within:<9}", "dim"), ("agreed", n)))
        more = "" if gap is None or gap <= 0 else f"+{gap}"
        drawing.cells([*parts, ((f"  {fmt.count(need):>4}", "plain"), ("heads", n)),
                       ((f"  {fmt.count(there):>5}", "plain"), ("heads_there", n)),
                       ((f"  {more:>3}", "warning"), ("heads_gap", n) if more else None)])


class SurgeLog(SurgePart):
    """What people did today, newest first, with how long it took them."""

    def _drawing_of(self, panel: SurgePanel, view: View) -> Drawing:
        words, drawing = view.words, Drawing.begin()
        drawing.plain(((words("surge.actions"), "head"),))
        if not panel.done:
            drawing.plain(((words("surge.nothing_done"), "dim"),))
        width = max(10, self.size.width)
        for nth, one in enumerate(panel.done):
            said = fit(self._said(one, view), width, ellipsis=view.glyphs.ellipsis)
            drawing.line([(said, "plain")], ("done", str(nth)))
        return drawing

    @staticmethod
    def _said(one: Done, view: View) -> str:
        words = view.words
        key = f"surge.did.{one.kind}"
        parts = [text.time(one.at, view), view.queue_label(one.queue) if one.queue else words("surge.all"),
                 words(key) if words.has(key) else one.kind]
        if one.kind == "snooze" and one.until is not None:
            parts[-1] = words("surge.snoozed", time=text.until(one.until, view))
        if one.value is not None:  # a new normal is a ratio to the old one, what was accepted is a lift
            lifts = {"new_normal": one.value - 1, "accept": one.value}
            parts.append(text.lift(lifts[one.kind]) if one.kind in lifts else fmt.plain_number(one.value))
        role = words(f"role.{one.role}") if words.has(f"role.{one.role}") else one.role
        who = " ".join(part for part in (one.who, words("role.with", role=role) if role else "") if part)
        parts.append(who)
        if one.reaction_s is not None:
            parts.append(words("surge.after", time=fmt.duration(one.reaction_s)))
        if one.note:
            parts.append(one.note)
        return "  ".join(parts)

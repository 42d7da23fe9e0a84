"""What ``d`` and ``enter`` on the surge page are about: what each figure is, and what stands behind it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ccboard.board import past_days
from ccboard.board.meant import Meaning
from ccboard.clock import SECOND
from ccboard.moments import to_micros
from ccboard.panel_surge import Curve, Exceptional, QueueSurge, SurgePanel
from widgets import format as fmt
from widgets import surge_text as text
from widgets.agent_table import bracketed
from widgets.columns import Cell
from widgets.ledger import Entry, Ledger
from widgets.spots import Key
from widgets.surge_brief import SurgeBrief
from widgets.surge_chart import SurgeChart, counted, parts_of
from widgets.surge_detail import SurgeLog, SurgePart
from widgets.view import View

AT_WORK = ("ready", "ringing", "talking", "hold", "wrap_up")
"""States of who is at work, as the watch counts them."""
LOOK_BACK_S = 86_400
SOON_S = 1800
"""How far ahead callers' half hour is foretold, and who will be there is said."""
SHORT = 16
"""Characters of a figure; what is longer is a sentence that holds some."""
_COLUMNS: dict[str, Key] = {
    "surge": ("lift",), "surge_state": ("state",), "lift": ("lift",), "lift_range": ("lift",),
    "tier": ("tier",), "surge_since": ("surge_since",), "surge_sure": ("surge_sure",), "calls": ("calls",),
    "expected": ("expected",), "people": ("people",), "need": ("need",), "false_alarms": ("false_alarms",),
}
_AHEAD = {"forecast": "surge.forecast", "forecast_band": "surge.band", "agreed": "surge.agreed",
          "heads": "surge.need", "heads_gap": "surge.gap",
          "heads_there": "surge.there"}
_EXCEPTIONS = {"service_level": "service_level", "abandon_rate": "abandon_rate", "waiting": "waiting",
               "longest_wait_s": "longest_wait_s", "complaints": "complaints"}


def of_surge(column: str, row: QueueSurge, shown: str, view: View) -> Meaning:
    """Return the meaning of a cell of the table of queues."""
    return of_figure(_COLUMNS.get(column, ("lift",)), row, shown, view)


def of_part(panel: SurgePart | SurgeBrief, view: View) -> Meaning | None:
    """Return the meaning of the figure that the cursor of a panel of sentences is at."""
    spot, found = panel.pointed(), text.panel_of(view)
    if spot is None or found is None:
        return None
    if len(spot.shown) > SHORT:  # a sentence: it stands there anyway
        spot = spot._replace(shown="")
    if isinstance(panel, SurgeBrief):
        if spot.key[0] == "exception":
            return _of_exception(spot.key[1], found, spot.shown, view)
        queue = None if spot.key[1] == "*" else spot.key[1]
        row = next((one for one in found.rows if one.queue == queue), None)
        if row is None:  # nothing is compared yet
            return Meaning(word="surge", page="surge")
        return of_figure(spot.key[:1], row, spot.shown, view)
    if isinstance(panel, SurgeLog):
        return _of_log(panel, spot.key, found, view)
    if spot.key[0] == "exception":
        return _of_exception(spot.key[1], found, spot.shown, view)
    return None if panel.row is None else of_figure(spot.key, panel.row, spot.shown, view)


def _of_log(panel: SurgeLog, key: Key, found: SurgePanel, view: View) -> Meaning:
    """Return what somebody did, and behind it the calls of the day until then."""
    one = found.done[int(key[1])] if int(key[1]) < len(found.done) else None
    said = panel.pointed_text()
    if one is None or view.snapshot is None:
        return Meaning(word="surge.done", of=said, none="list.no.done")
    return Meaning(word="surge.done", of=said, queue=one.queue, lists="first_tries",
                   begin=view.snapshot.day_start, end=one.at)


def of_chart(panel: SurgeChart, view: View) -> Meaning | None:
    """Return the meaning of the interval that the cursor of the curve is at."""
    pointed, row = panel.pointed(), panel.row
    if pointed is None or row is None:
        return None
    curve, first, last = pointed
    begin, end = (curve.start + at * curve.step_s * SECOND for at in (first, last))
    made = parts_of(curve, first, last, view)
    when = f"{text.name(row, view)} {text.stretch(curve, first, last, view)}"
    parts = ((view.words("lens.here"), counted(curve, first, last, view)),
             (view.words("lens.band"),
              f"{sum(curve.low[first:last]):.0f}..{sum(curve.high[first:last]):.0f}"))
    if made.over:
        shown = fmt.DASH if made.came is None else str(made.came)
        return Meaning(word="surge.interval", shown=shown, of=when, queue=row.queue, lists="first_tries",
                       begin=begin, end=end, parts=parts)
    expected = None if made.ahead is None else (made.came or 0) + made.ahead
    said = _said(curve, first, last, view)
    return Meaning(word="surge.forecast", shown=fmt.DASH if expected is None else f"{expected:.0f}", of=when,
                   queue=row.queue, parts=parts, dig=past_days.dig(row.queue, begin, end, view, said))


def _said(curve: Curve, first: int, last: int, view: View) -> str:
    """Return what the board says of intervals to come: what came and the forecast, or the normal day."""
    made = parts_of(curve, first, last, view)
    if made.ahead is None:
        return view.words("surge.normal_then", n=f"{sum(curve.normal[first:last]):.0f}")
    told = view.words("ledger.foretold", n=f"{made.ahead:.0f}")
    if made.came is None:
        return told
    return view.words("list.comma").join((view.words("surge.came", n=str(made.came)), told))


def of_figure(key: Key, row: QueueSurge, shown: str, view: View) -> Meaning:
    """Return the meaning of one figure of a row, by its key."""
    name = text.name(row, view)
    panel = text.panel_of(view)
    assert panel is not None
    start = view.snapshot.day_start if view.snapshot is not None else panel.upto
    base = Meaning(shown=shown, of=name, queue=row.queue, begin=start, end=panel.upto)
    make = _MAKERS.get(key[0])
    if make is not None:
        return make(base, key, row, panel, view)
    if key[0] in _AHEAD:
        return _of_ahead(base, key, row, panel, view)
    return _compared(base, "surge", row, view)


def _compared(base: Meaning, word: str, row: QueueSurge, view: View) -> Meaning:
    """Return what a comparison rests on: the calls since the alarm began, else those of the day."""
    begin = row.since if row.alarmed and row.since is not None else base.begin
    words = view.words
    parts = [(words("lens.compared"), words("lens.from_to", start=text.time(begin, view),
                                             end=text.time(base.end, view)))]
    if row.expected is not None:
        parts.append((words("lens.today"), words("surge.of_normal", n=str(row.offered),
                                                  normal=f"{row.expected:.1f}")))
    if row.low is not None and row.high is not None and row.lift is not None:
        span = f"{row.low * 100:.0f}..{row.high * 100:.0f} %"
        parts.append((words("column.lift"), f"{text.lift(row.lift)} ({span})"))
    return replace(base, word=word, begin=begin, lists="first_tries", parts=tuple(parts))


def _of_calls(base: Meaning, _key: Key, row: QueueSurge, _panel: SurgePanel, _view: View) -> Meaning:
    return replace(base, kpi="first_tries", lists="first_tries", cell=float(row.offered),
                 differs="surge.calls_differ")


def _of_expected(base: Meaning, _key: Key, row: QueueSurge, panel: SurgePanel, view: View) -> Meaning:
    begin = base.begin or 0
    normal = fmt.DASH if row.expected is None else f"{row.expected:.0f}"
    said = view.words("ledger.normal", n=normal, time=text.time(panel.upto, view))
    return replace(base, word="surge.expected",
                 parts=((view.words("lens.today"), view.words("surge.of_normal", n=str(row.offered),
                                                              normal=normal)),),
                 dig=past_days.dig(row.queue, begin, panel.upto, view, said))


def _of_people(base: Meaning, _key: Key, row: QueueSurge, _panel: SurgePanel, view: View) -> Meaning:
    queues = [] if row.queue is None else _pool([row.queue, *row.shared_with], view)
    return replace(base, word="surge.people", people=at_work(queues, view))


def _pool(queues: list[str], view: View) -> list[str]:
    """Return these queues and all whose people serve them, directly or over others: a row names some only."""
    pool = dict.fromkeys(queues)
    agents = [agent.queues for agent in view.agents if len(agent.queues) > 1]
    while more := [one for one in agents if any(q in pool for q in one) and not all(q in pool for q in one)]:
        pool |= dict.fromkeys(queue for one in more for queue in one)
    return list(pool)


def at_work(queues: list[str], view: View) -> str:
    """Return the filter of the page of agents that lets through who is at work in any of these queues."""
    states = "|".join(bracketed(view.words(f"state.{state}")) for state in AT_WORK)
    return f"{states} {'|'.join(bracketed(view.queue_label(queue)) for queue in queues)}".strip()


def _of_need(base: Meaning, key: Key, row: QueueSurge, panel: SurgePanel, view: View) -> Meaning:
    soon = None if row.heads is None else next(
        (one.there_at((view.now + SOON_S * SECOND - one.start) // (one.step_s * SECOND), None)
         for one in panel.curves if one.queue == row.queue), None)
    said = () if soon is None else ((view.words("lens.soon"), view.words("surge.there", n=str(soon))),)
    need = key[0] == "need"
    made = _ahead_of(row, panel, view) if need else _foretold(row, view)
    none = "" if made is not None else "list.no.need" if need else "list.no.effects"
    return replace(base, word="surge.need" if need else "surge.effects", parts=(*_asked(row, view), *said),
                   ledger=made, none=none)


def _ahead_of(row: QueueSurge, panel: SurgePanel, view: View) -> Ledger | None:
    """Return the intervals to come: calls, heads that they need, heads that will be there."""
    curve = next((one for one in panel.curves if one.queue == row.queue), None)
    rows: list[Entry] = []
    for at, calls in enumerate(() if curve is None else curve.forecast):
        need = curve.need[at] if curve is not None and at < len(curve.need) else None
        if curve is None or calls is None or need is None:
            continue
        there = curve.there_at(at, row.heads)
        gap = None if there is None else need - there
        rows.append(Entry(len(rows), (
            (Cell(text.stretch(curve, at, at + 1, view)), at), (Cell(f"{calls:.0f}"), calls),
            (Cell(str(need)), need), (Cell(fmt.count(there)), there),
            (Cell(fmt.DASH if gap is None else f"{gap:+d}", "warning" if (gap or 0) > 0 else "dim"), gap))))
    return Ledger(text.people(row, view), _NEEDS, tuple(rows)) if rows else None


_NEEDS = (("ledger_times", 12, False), ("ledger_foretold", 9, True), ("need", 5, True), ("people", 8, True),
          ("ledger_gap", 5, True))


def _foretold(row: QueueSurge, view: View) -> Ledger | None:
    """Return what callers of the next half hour meet without action, and with each tier."""
    rows = []
    for nth, one in enumerate(row.effects):
        name = text.tier(one.number, one.name, view) if one.number else view.words("ledger.no_tier")
        rows.append(Entry(nth, (
            (Cell(name), one.number), (Cell(f"+{one.heads}"), one.heads),
            (Cell(text.level(one.service_level, row.target)), one.service_level),
            (Cell(text.level(one.abandon_rate)), one.abandon_rate))))
    return Ledger(view.words("surge.assumed"), _EFFECTS, tuple(rows)) if rows else None


_EFFECTS = (("tier", 14, False), ("ledger_heads", 6, True), ("level", 9, True), ("abandon_rate", 7, True))


def _asked(row: QueueSurge, view: View) -> tuple[tuple[str, str], ...]:
    """Return what heads are worked out from, and what each tier would do."""
    words, parts = view.words, list[tuple[str, str]]()
    if row.asks is not None and row.target is not None and row.threshold_s is not None:
        calls, aht, patience = row.asks
        parts.append((words("lens.asks"), words(
            "surge.asks", calls=f"{calls:.0f}", aht=fmt.duration(aht), patience=fmt.duration(patience),
            target=fmt.percent(row.target), seconds=fmt.plain_number(row.threshold_s))))
    if row.heads is not None and row.need is not None:
        parts.append((words("lens.here"), words("surge.enough", n=str(row.heads), need=str(row.need))))
    if row.effects:
        parts.append((words("lens.effects"), text.without(row, view)))
        parts += [(words("lens.effects"), text.with_tier(row, one, view)) for one in row.effects[1:]]
    return tuple(parts)


def _of_tier(base: Meaning, _key: Key, row: QueueSurge, panel: SurgePanel, view: View) -> Meaning:
    made = _compared(base, "surge.tier", row, view)
    curve = next((one for one in panel.curves if one.queue == row.queue), None)
    begins = [] if curve is None else [
        (view.words("lens.tier"), f"{text.tier(n, '', view)}: {text.lift(lift)}")
        for n, lift in enumerate(curve.tiers, 1)]
    return replace(made, parts=(*made.parts, *begins))


def _of_false(base: Meaning, _key: Key, row: QueueSurge, panel: SurgePanel, view: View) -> Meaning:
    if row.alarms is None:
        return replace(base, word="surge.false", none="list.no.alarms_yet")
    words, rows = view.words, []
    for nth, one in enumerate(alarm for alarm in panel.past if alarm.queue == row.queue):
        verdict = words("ledger.false" if one.false else "ledger.true")
        rows.append(Entry(nth, (
            (Cell(fmt.date(one.raised_at, view.zone, words, near=view.now)), one.raised_at),
            (Cell(text.time(one.raised_at, view)), one.raised_at),
            (Cell(text.time(one.cleared_at, view)), one.cleared_at),
            (Cell(text.lift(one.lift)), one.lift),
            (Cell(text.tier(one.tier, "", view)), one.tier),
            (Cell(verdict, "warning" if one.false else "plain"), verdict),
            (Cell(words("ledger.by_person" if one.said else "ledger.by_calls"), "dim"), one.said)),
            one.raised_at, one.cleared_at))
    said = words("ledger.alarms", n=str(row.alarms), false=str(row.false_alarms))
    return replace(base, word="surge.false", ledger=Ledger(said, _ALARMS, tuple(rows)))


_ALARMS = (("ledger_day", 14, False), ("ledger_raised", 6, True), ("ledger_cleared", 6, True),
           ("lift", 6, True), ("tier", 7, False), ("ledger_verdict", 8, False), ("ledger_by", 20, False))


def _of_error(base: Meaning, key: Key, row: QueueSurge, _panel: SurgePanel, view: View) -> Meaning:
    rows = []
    starts = _day_starts(view)
    each = () if row.forecast is None else row.forecast.each
    for nth, (day, told, came) in enumerate(reversed(each)):
        date = datetime.fromisoformat(day) + starts
        at, until = (to_micros(one.replace(tzinfo=view.zone)) for one in (date, date + timedelta(days=1)))
        off = None if not came else told / came - 1
        rows.append(Entry(nth, (
            (Cell(fmt.date(at, view.zone, view.words, near=view.now)), at),
            (Cell(f"{told:.0f}"), told), (Cell(str(came)), came), (Cell(text.lift(off)), off)), at, until))
    said = view.words("ledger.foretold_days", n=str(len(rows)))
    word = "surge.wape" if key[0] == "wape" else "surge.held"
    return replace(base, word=word, ledger=Ledger(said, _FORETOLD, tuple(rows)))


def _day_starts(view: View) -> timedelta:
    """Return how long after midnight by the clock a business day begins."""
    if view.snapshot is None:
        return timedelta()
    begin = fmt.local(view.snapshot.day_start, view.zone)
    return timedelta(hours=begin.hour, minutes=begin.minute)


_FORETOLD = (("ledger_day", 14, False), ("ledger_foretold", 9, True), ("calls", 6, True),
             ("ledger_off", 6, True))


def _of_to_go(base: Meaning, _key: Key, row: QueueSurge, _panel: SurgePanel, view: View) -> Meaning:
    """Return how the next 100 are worked out: (target x (counted + to come) - in time) / to come."""
    parts = []
    if row.so_far is not None and row.to_come and row.target is not None:
        in_time, so_far = row.so_far
        share = (row.target * (so_far + row.to_come) - in_time) / row.to_come
        parts.append((view.words("lens.here"), view.words(
            "surge.to_go_sum", target=f"{row.target:g}", counted=f"{so_far:.0f}", ahead=f"{row.to_come:.0f}",
            in_time=str(in_time), share=f"{share * 100:.1f}")))
    return replace(base, word="surge.to_go", lists="service_level", parts=tuple(parts), end=None, begin=None)


def _of_ahead(base: Meaning, key: Key, row: QueueSurge, panel: SurgePanel, view: View) -> Meaning:
    curve = next((one for one in panel.curves if one.queue == row.queue), None)
    if curve is None:
        return replace(base, word=_AHEAD[key[0]], none="list.no.need")
    at = int(key[1])
    begin = curve.start + at * curve.step_s * SECOND
    end = begin + curve.step_s * SECOND
    parts = [(view.words("lens.here"), counted(curve, at, at + 1, view))]
    if key[0] in ("heads", "heads_gap", "heads_there"):
        need, there = curve.need[at] if at < len(curve.need) else None, curve.there_at(at, row.heads)
        if need is not None and there is not None:
            parts.append((view.words("column.need"), view.words("surge.enough_then", n=str(there),
                                                                need=str(need))))
        parts += list(_asked(row._replace(effects=(), need=None), view))
    return replace(base, word=_AHEAD[key[0]], of=f"{base.of} {text.stretch(curve, at, at + 1, view)}",
                 begin=begin, end=end, parts=tuple(parts),
                 dig=past_days.dig(row.queue, begin, end, view, _said(curve, at, at + 1, view)))


def _of_exception(about: str, panel: SurgePanel, shown: str, view: View) -> Meaning | None:
    one: Exceptional | None = next((e for e in panel.exceptions if e.about == about), None)
    if one is None:
        return None
    kpi = _EXCEPTIONS.get(one.figure)
    now = kpi in ("waiting", "longest_wait_s")
    begin = view.now - LOOK_BACK_S * SECOND if now else None
    if kpi is not None:
        return Meaning(kpi=kpi, shown=shown, of=one.label, queue=one.queue, lists=kpi, begin=begin)
    if one.figure == "agents_lost":
        return Meaning(word="surge.agents_lost", shown=shown, of=one.label, queue=one.queue,
                       people=at_work([one.queue] if one.queue else [], view))
    return Meaning(word="nth_today", shown=shown, of=one.label, queue=one.queue, lists="waiting",
                   begin=view.now - LOOK_BACK_S * SECOND)


def _of_done(base: Meaning, _key: Key, _row: QueueSurge, _panel: SurgePanel, _view: View) -> Meaning:
    return replace(base, word="surge.done", none="list.no.done")


def _of_word(word: str) -> "_Maker":
    return lambda base, _key, row, _panel, view: _compared(base, word, row, view)


_Maker = Callable[[Meaning, Key, QueueSurge, SurgePanel, View], Meaning]
_MAKERS: dict[str, _Maker] = {
    "lift": _of_word("surge.lift"), "state": _of_word("surge"), "weeks": _of_word("surge"),
    "surge_since": _of_word("surge.since"), "surge_sure": _of_word("surge.sure"), "tier": _of_tier,
    "calls": _of_calls, "expected": _of_expected, "people": _of_people, "need": _of_need,
    "effects": _of_need, "false_alarms": _of_false, "wape": _of_error, "held": _of_error, "to_go": _of_to_go,
    "done": _of_done,
}

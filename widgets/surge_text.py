"""What the surge panel says, in the board's language: verdicts, effects, whom to call."""

from ccboard.panel_surge import Curve, Exceptional, QueueSurge, SurgePanel, TierEffect
from widgets import format as fmt
from widgets.cell_widget import Ink
from widgets.view import SECOND, View

ROLES = {"amber": "warning", "red": "critical", "silent": "critical", "suspect": "plain",
         "no_feed": "warning"}
QUIET, FAR = -0.25, 0.15
"""Lifts from which a queue is called quiet, and beyond which no day is called a normal one."""
NAMES = 4
"""Reserves that a line names."""


def panel_of(view: View) -> SurgePanel | None:
    """Return the surge panel of a view, if there is one."""
    return None if view.snapshot is None else view.snapshot.surge


def time(at: int | None, view: View) -> str:
    """Return a moment as hours and minutes.

    >>> from zoneinfo import ZoneInfo
    >>> from types import SimpleNamespace
    >>> time(1795283239_000000, SimpleNamespace(zone=ZoneInfo("Europe/Berlin")))
    '18:47'
    """
    return fmt.DASH if at is None else fmt.local(at, view.zone).strftime("%H:%M")


def until(at: int | None, view: View) -> str:
    """Return a moment to come as hours and minutes, with the date where that is another day."""
    if at is None or fmt.local(at, view.zone).date() == fmt.local(view.now, view.zone).date():
        return time(at, view)
    return f"{fmt.date(at, view.zone, view.words)} {time(at, view)}"


def stretch(curve: Curve, begin: int, end: int, view: View) -> str:
    """Return the time of intervals of a curve: from the first's beginning to the last's end."""
    first, last = (time(curve.start + at * curve.step_s * SECOND, view) for at in (begin, end))
    return f"{first}{view.glyphs.dash}{last}"


def lift(value: float | None) -> str:
    """Return a lift as a signed percentage.

    >>> lift(0.384), lift(-0.021), lift(None), lift(0.0)
    ('+38 %', '-2 %', '–', '+0 %')
    >>> lift(-0.004)
    '+0 %'
    """
    return fmt.DASH if value is None else f"{round(value * 100) + 0:+d} %"


def level(value: float | None, target: float | None = None) -> str:
    """Return a ratio as a percentage that never rounds up to a target that was missed."""
    return fmt.percent(value, target)


def name(row: QueueSurge, view: View) -> str:
    """Return the name of a row."""
    return view.words("surge.all") if row.queue is None else row.label or row.queue


def day(row: QueueSurge, view: View) -> str:
    """Return the weekday that a row is compared with."""
    return view.words(f"surge.weekday.{row.weekday}")


def tier(number: int, given: str, view: View, *, small: bool = False) -> str:
    """Return what a tier is called."""
    if given:
        return given
    if not number:
        return view.words("surge.watch")
    return view.words("surge.tier_small" if small else "surge.tier", n=str(number))


def versus(row: QueueSurge, view: View) -> str:
    """Return "+38 % vs a normal Monday (27..49 %)"."""
    parts = {"lift": lift(row.lift), "day": day(row, view)}
    if row.low is None or row.high is None:
        return view.words("surge.versus_plain", **parts)
    return view.words("surge.versus", low=f"{row.low * 100:.0f}", high=f"{row.high * 100:.0f}", **parts)


def taken(row: QueueSurge, view: View) -> str:
    """Return what was done about an alarm, "" while nobody did anything."""
    if row.accepted_at is not None:
        after = fmt.duration(row.reaction_s)
        if row.accepted_by:
            return view.words("surge.accepted", who=row.accepted_by, time=time(row.accepted_at, view),
                              after=after)
        return view.words("surge.accepted_unnamed", time=time(row.accepted_at, view), after=after)
    if row.false_at is not None:
        return called_false(row.false_by, row.false_at, view)
    if row.snoozed_until is not None:
        return view.words("surge.snoozed", time=until(row.snoozed_until, view))
    return ""


def earlier(row: QueueSurge, view: View) -> str:
    """Return what was done about a lower tier of an alarm that waits again, else ""."""
    one = row.earlier
    if one is None or not row.open:
        return ""
    key = f"surge.earlier.{one.kind}" + ("" if one.who else "_unnamed")
    named = tier(one.tier, one.tier_name, view)
    return view.words(key, tier=named, who=one.who, time=time(one.at, view))


def called_false(who: str | None, at: int, view: View) -> str:
    """Return who called an alarm false, and when; without a name where none may be seen."""
    key = "surge.called_false" if who else "surge.called_false_unnamed"
    return view.words(key, who=who or "", time=time(at, view))


def role(row: QueueSurge) -> str:
    """Return the role of a row's state; what was taken on is calm."""
    if row.alarmed and not row.open:
        return "warning" if row.state == "red" else "plain"
    return ROLES.get(row.state, "dim" if row.state in ("closed", "learning") else "plain")


def verdict(row: QueueSurge, view: View, *, short: bool = False) -> list[Ink]:
    """Return the one-line verdict of an alarm; the short one for 80 columns."""
    words, strong = view.words, role(row)
    named: list[Ink] = [(name(row, view).upper() + "  ", "strong")]
    if row.state == "silent":
        return [*named, (words("surge.silent", time=time(row.since, view)), strong)]
    if short:
        likely = ""
        if row.low is not None and row.high is not None:
            likely = f" ({row.low * 100:.0f}..{row.high * 100:.0f})"
        since = words("surge.since", time=time(row.since, view))
        word = sure(row, view)
        return [*named, (f"{lift(row.lift)}{likely}", strong), (f" {since}  ", "plain"), (word, strong),
                (f"  {tier(row.tier, row.tier_name, view)}", strong)]
    since = words("surge.since", time=time(row.since, view))
    return [*named, (versus(row, view), strong), (f" {since}   ", "plain"), (sure(row, view), strong),
            (f"   {tier(row.tier, row.tier_name, view)}", strong)]


def sure(row: QueueSurge, view: View) -> str:
    """Return the alarm's word and how sure it is by now: a surge stays one down to 20 %."""
    return view.words("surge.sure", state=view.words(f"surge.state.{row.state}"),
                      p=f"{min(99, round((row.sure or 0) * 100))}")


def short_verdict(row: QueueSurge, view: View) -> list[Ink]:
    """Return the verdict for a phone: name, lift, tier, how sure."""
    if row.state == "silent":
        return [(f"{name(row, view)} {view.words('surge.state.silent')}", role(row))]
    state = view.words(f"surge.state.{row.state}")
    return [(f"{name(row, view)} {lift(row.lift)} {tier(row.tier, row.tier_name, view)} {state.lower()}",
             role(row))]


def without(row: QueueSurge, view: View, *, lost: bool = True) -> str:
    """Return what callers meet without action."""
    if not row.effects:
        return ""
    text = view.words("surge.without", level=level(row.effects[0].service_level, row.target),
                      lost=level(row.effects[0].abandon_rate), seconds=fmt.plain_number(row.threshold_s or 0))
    return text if lost else text.partition(",")[0]


def with_tier(row: QueueSurge, effect: TierEffect, view: View, *, lost: bool = True) -> str:
    """Return what callers meet with a tier."""
    return view.words("surge.with" if lost else "surge.with_short",
                      tier=tier(effect.number, effect.name, view, small=True), heads=str(effect.heads),
                      level=level(effect.service_level, row.target), lost=level(effect.abandon_rate))


def chosen(row: QueueSurge) -> list[TierEffect]:
    """Return the effects to tell: of the tier that is reached, and of the one that suffices."""
    tiers = row.effects[1:]
    wanted = {row.tier, row.suffices} - {0, None} or {len(tiers)}
    return [one for one in tiers if one.number in wanted]


def enough(row: QueueSurge) -> bool:
    """Tell whether those at work meet the target without anybody being called."""
    return row.enough


def nobody_needed(row: QueueSurge, view: View) -> str:
    """Return that those at work are enough, with the numbers where they are known."""
    if row.need is None or row.heads is None or row.heads < row.need:
        return view.words("surge.nobody_needed")
    return view.words("surge.nobody_needed_of", n=str(row.heads), need=str(row.need))


def action(row: QueueSurge, view: View, *, short: bool = False) -> list[Ink]:
    """Return the second line: what comes without action and with a tier, whom to call, who took it on."""
    words = view.words
    parts: list[str] = []
    if row.effects and row.state != "silent":
        parts.append(without(row, view, lost=not short))
        if not enough(row):
            tiers = chosen(row)
            parts += [with_tier(row, one, view, lost=not short and len(tiers) == 1) for one in tiers]
    effects: list[Ink] = [(words("surge.joint").join(parts), "plain")] if parts else []
    whom: list[Ink] = []
    if done := taken(row, view):
        whom.append((done, "good"))
    elif row.state == "silent":  # reserves help nothing; whoever sees to it is to know
        whom += [(words("surge.owner", name=row.owner), "strong")] if row.owner else []
    elif enough(row):
        whom.append((nobody_needed(row, view), "good"))
    elif names := ", ".join(row.call[:NAMES]) or row.owner or "":
        whom.append((words("surge.call" if row.state == "red" else "surge.propose", names=names), "strong"))
    if not done and row.escalated_to:
        whom.append((words("surge.escalated", name=row.escalated_to), "critical"))
    if before := earlier(row, view):
        whom.append((before, "dim"))
    key: list[Ink] = [] if done or not view.acts else [("a ", "accent"), (words("hint.accept"), "dim")]
    parted = [[one] for one in whom]
    found = [effects, *parted, key] if not short else [key, *parted, effects]
    return [one for n, group in enumerate(group for group in found if group)
            for one in ([("   ", "plain")] if n else []) + group]


def exception(one: Exceptional, view: View) -> list[Ink]:
    """Return a figure that is past its tier's limit."""
    text = view.words("surge.exception", queue=one.label, figure=view.words(f"surge.figure.{one.figure}"),
                      value=_value(one.figure, one.value), limit=_value(one.figure, one.limit))
    said: list[Ink] = [((f"{one.name}  " if one.name else "") + text, "critical" if one.open else "warning")]
    if one.since is not None:
        said.append((" " + view.words("surge.since", time=time(one.since, view)), "plain"))
    if one.accepted_at is not None:
        after = "" if one.reaction_s is None else view.words("surge.after", time=fmt.duration(one.reaction_s))
        parts = (view.words("surge.did.accept"), time(one.accepted_at, view), one.accepted_by or "", after)
        said.append(("   " + " ".join(part for part in parts if part), "good"))
    elif one.false_at is not None:
        said.append(("   " + called_false(one.false_by, one.false_at, view), "good"))
    elif one.snoozed_until is not None:
        said.append(("   " + view.words("surge.snoozed", time=until(one.snoozed_until, view)), "good"))
    elif one.call or one.owner:
        names = ", ".join(one.call[:NAMES]) or one.owner or ""
        said.append(("   " + view.words("surge.call", names=names), "strong"))
    if one.open and one.escalated_to is not None:
        said.append(("   " + view.words("surge.escalated", name=one.escalated_to), "critical"))
    return said


def _value(figure: str, value: float) -> str:
    if figure in ("service_level", "abandon_rate"):
        return fmt.percent(value)
    return fmt.duration(value) if figure == "longest_wait_s" else fmt.plain_number(value)


def over(panel: SurgePanel) -> QueueSurge | None:
    """Return the row whose alarm ended last today, if any did."""
    ended = [row for row in panel.rows if row.over_at is not None and not row.alarmed]
    return max(ended, key=lambda row: row.over_at or 0, default=None)


def calm_about(panel: SurgePanel) -> str:
    """Return the queue that the calm line is about; "*" the whole centre."""
    row = over(panel) or next((row for row in panel.rows if row.lift is not None), None)
    return "*" if row is None else row.queue or "*"


def calm(panel: SurgePanel, view: View) -> list[Ink]:
    """Return the one line of a floor without alarms."""
    words = view.words
    if panel.pending:
        return [(words("surge.pending"), "dim")]
    if panel.learning or not panel.rows:
        return [(words("surge.learning", weeks=f"{panel.weeks:.0f}"), "dim")]
    if (last := over(panel)) is not None:
        return [(name(last, view) + "  ", "plain"),
                (words("surge.over", time=time(last.over_at, view), lift=lift(last.lift)), "good")]
    known = [row for row in panel.rows if row.lift is not None]
    if not known:
        state = "no_feed" if any(row.state == "no_feed" for row in panel.rows) else "closed"
        return [(words(f"surge.state.{state}"), "dim" if state == "closed" else "warning")]
    first = known[0]
    if abs(first.lift or 0.0) >= FAR:
        return [(view.words("surge.of", name=name(first, view), said=versus(first, view)), "plain")]
    return [(words("surge.calm", day=day(known[0], view), lift=lift(known[0].lift)), "dim")]


def again(row: QueueSurge, view: View) -> str:
    """Return what the calls of a row leave out, "" where that is nothing."""
    return view.words("surge.again", n=str(row.again), calls=str(row.offered)) if row.again else ""


def off(row: QueueSurge, view: View) -> list[str]:
    """Return by how much forecasts of the last weeks were off, and how often their bands held."""
    one = row.forecast
    if one is None:
        return []
    return [view.words("surge.error", days=str(one.days), wape=fmt.percent(one.wape),
                       day=fmt.percent(one.wape_day), mape=fmt.percent(one.mape_day)),
            view.words("surge.held", inside=fmt.percent(one.inside_80),
                       agreed=fmt.percent(one.inside_agreed), band=fmt.percent(row.band))]


def to_go(row: QueueSurge, view: View) -> str:
    """Return how many of the next 100 calls must be in time, "" where that cannot be said."""
    if row.of_next_100 is None or row.target is None or row.closes_at is None:
        return ""
    parts = {"target": fmt.percent(row.target), "time": time(row.closes_at, view)}
    if row.of_next_100 > 100:
        return view.words("surge.out_of_reach", best=level(row.best_today, row.target), **parts)
    return view.words("surge.to_go", n=str(row.of_next_100),
                      seconds=fmt.plain_number(row.threshold_s or 0), **parts)


def people(row: QueueSurge, view: View) -> str:
    """Return how many more are needed and until when, "" where the agents are not known."""
    if row.queue is None and row.heads is not None and row.need is None and row.pools > 1:
        return view.words("surge.many_pools", n=str(row.heads), pools=str(row.pools))
    if row.heads is None or row.need is None:
        return ""
    text = view.words("surge.enough", n=str(row.heads), need=str(row.need))
    if row.need > row.heads:
        more = str(row.need - row.heads)
        left = (view.words("surge.more", n=more) if row.until is None
                else view.words("surge.more_until", n=more, time=time(row.until, view)))
        text += view.words("surge.joint") + left
    return text

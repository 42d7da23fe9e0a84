"""What people outside the board are told: one message for each step of an alarm, never the same twice.

A step has a key. What was told is remembered by keys (in the store, as what was done), so that a hub that
starts again tells nothing twice. Plain functions of the panel and of what was told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ccboard.alarms.standing import Turn
from ccboard.clock import SECOND
from ccboard.config import Config
from ccboard.i18n import Words
from ccboard.panel_surge import Exceptional, QueueSurge, SurgePanel, TierEffect
from ccboard.tiers import Tier, by_lift


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to tell. `covers`: keys of steps that need not be told any more once this one is."""

    key: str
    kind: str  # raise, change, release, escalate, clear, silent
    about: str
    queue: str | None
    title: str
    text: str
    channels: tuple[str, ...] = ()  # none named: all
    covers: tuple[str, ...] = ()


def steps(panel: SurgePanel, told: frozenset[str], config: Config, zone: ZoneInfo) -> list[Step]:
    """Return what is to be told now, in the order of the panel; `told` are keys of this business day."""
    found: list[Step] = []
    words = Words(config.language or "en")
    said = {row.queue for row in panel.alarms}
    for row in panel.rows:
        if row.alarmed and row.queue not in said:  # no queue is called any more: the centre says it for all
            continue
        found += (step for step in _of_row(row, told, config, words, zone, panel.upto)
                  if step.key not in told)
    for one in panel.exceptions:
        found += (step for step in _of_exception(one, config, words) if step.key not in told)
    return found


def _begun(about: str, told: frozenset[str]) -> str | None:
    """Return what the keys begin with of the alarm that was told and whose end was not."""
    found = [key.rpartition(":")[0] for key in told
             if key.startswith(f"{about}:") and key.endswith((":raise", ":silent"))]
    return max((base for base in found if f"{base}:clear" not in told), key=_moment, default=None)


def _moment(base: str) -> int:
    last = base.rpartition(":")[2]
    return int(last) if last.isascii() and last.isdigit() else 0


def _of_row(row: QueueSurge, told: frozenset[str], config: Config, words: Words, zone: ZoneInfo, upto: int
            ) -> Iterator[Step]:
    about = f"surge:{'*' if row.queue is None else row.queue}"
    begun = _begun(about, told)
    if not row.alarmed:
        if begun is not None and row.state != "no_feed":
            text = words("surge.over", time=_time(row.over_at or upto, zone), lift=_lift(row.lift))
            yield Step(f"{begun}:clear", "clear", about, row.queue, _title(row, words), text,
                       _channels(row, config))
        return
    # Late calls can move the minute in which it was raised: it is the same alarm until it is over.
    base = begun or f"{about}:{row.raised_at}"
    red, tier = f"{base}:red", f"{base}:tier{row.tier}"
    channels = _channels(row, config)
    title, text = _title(row, words), _text(row, words, zone)
    if row.state == "silent":
        yield Step(f"{base}:silent", "silent", about, row.queue, title,
                   words("surge.silent", time=_time(row.since, zone)), channels)
        return
    if f"{base}:raise" not in told:
        covers = tuple(f"{base}:tier{n}" for n in range(row.tier + 1))
        yield Step(f"{base}:raise", "raise", about, row.queue, title, text, channels,
                   (*covers, red) if row.state == "red" else covers)
        return
    if not row.open:
        return
    if row.state == "red" and red not in told:
        yield Step(red, "release", about, row.queue, title, text, channels, (tier,))
    elif row.tier and tier not in told:
        yield Step(tier, "change", about, row.queue, title, text, channels)
    if row.escalated_to is not None:
        said = words("surge.escalated", name=row.escalated_to)
        asked = base if row.earlier is None else tier  # the same deputy can be asked for a higher tier, too
        yield Step(f"{asked}:to:{row.escalated_to}", "escalate", about, row.queue, title, f"{said}. {text}",
                   channels)


def _of_exception(one: Exceptional, config: Config, words: Words) -> Iterator[Step]:
    if one.since is None or not one.open:
        return
    text = words("surge.exception", queue=one.label, figure=words(f"surge.figure.{one.figure}"),
                 value=_value(one.figure, one.value), limit=_value(one.figure, one.limit))
    if one.owner:
        text += ". " + words("surge.owner", name=one.owner)
    base, channels = f"{one.about}:{one.since}", _watching(one, config)
    yield Step(f"{base}:raise", "raise", one.about, one.queue, _figure(one, words), text, channels)
    if one.escalated_to is not None:
        said = words("surge.escalated", name=one.escalated_to)
        yield Step(f"{base}:to:{one.escalated_to}", "escalate", one.about, one.queue, _figure(one, words),
                   f"{said}. {text}", channels)


def cleared(turn: Turn, config: Config) -> Step:
    """Return what is told of an exception that is over."""
    one, words = turn.one, Words(config.language or "en")
    text = words("surge.exception_over", queue=one.label, figure=words(f"surge.figure.{one.figure}"))
    return Step(f"{one.about}:{turn.since}:clear", "clear", one.about, one.queue, _figure(one, words), text,
                _watching(one, config))


def _figure(one: Exceptional, words: Words) -> str:
    return one.name or words(f"surge.figure.{one.figure}")


def _watching(one: Exceptional, config: Config) -> tuple[str, ...]:
    """Return the channels of the tier that watches it."""
    tier = next((t for t in config.tiers if t.when == one.figure and t.serves(one.queue)), None)
    return () if tier is None else tier.notify


def _value(figure: str, value: float) -> str:
    return _percent(value) if figure in ("service_level", "abandon_rate") else f"{value:g}"


def _tier(row: QueueSurge, config: Config) -> Tier | None:
    tiers = by_lift(config.tiers, row.queue)
    return tiers[min(max(0, row.tier - 1), len(tiers) - 1)] if tiers else None


def _channels(row: QueueSurge, config: Config) -> tuple[str, ...]:
    tier = _tier(row, config)
    return () if tier is None else tier.notify


def _title(row: QueueSurge, words: Words) -> str:
    name = words("surge.all") if row.queue is None else row.label or row.queue
    state = words(f"surge.state.{row.state if row.alarmed else 'over'}")
    if row.state == "silent" or not row.alarmed:
        return f"{name}: {state}"
    return f"{name} {_lift(row.lift)} {state} {_tier_name(row.tier, row.tier_name, words)}"


def _tier_name(number: int, name: str, words: Words) -> str:
    return name or (words("surge.tier_small", n=str(number)) if number else words("surge.watch").lower())


def _text(row: QueueSurge, words: Words, zone: ZoneInfo) -> str:
    """Return the verdict, what comes with and without action, and whom to call."""
    day = words(f"surge.weekday.{row.weekday}")
    if row.low is None or row.high is None:
        parts = [words("surge.versus_plain", lift=_lift(row.lift), day=day)]
    else:
        parts = [words("surge.versus", lift=_lift(row.lift), day=day, low=f"{row.low * 100:.0f}",
                       high=f"{row.high * 100:.0f}")]
    parts[0] += " " + words("surge.since", time=_time(row.since, zone))
    parts.append(words("surge.sure", state=words(f"surge.state.{row.state}"),
                       p=str(min(99, round((row.sure or 0) * 100)))))
    best = row.suffices or row.tier
    parts += [_effect(row, effect, words) for effect in row.effects if effect.number in (0, best)]
    if row.enough:
        parts.append(words("surge.nobody_needed"))
    elif row.call:
        key = "surge.call" if row.state == "red" else "surge.propose"
        parts.append(words(key, names=", ".join(row.call)))
    if row.owner:
        parts.append(words("surge.owner", name=row.owner))
    return ". ".join(parts)


def _effect(row: QueueSurge, effect: TierEffect, words: Words) -> str:
    level, lost = _percent(effect.service_level, row.target), _percent(effect.abandon_rate)
    if not effect.number:
        return words("surge.without", level=level, lost=lost, seconds=f"{row.threshold_s or 0:g}")
    return words("surge.with", tier=_tier_name(effect.number, effect.name, words), heads=str(effect.heads),
                 level=level, lost=lost)


def _percent(value: float | None, target: float | None = None) -> str:
    """Return whole per cent, never rounded up to a target that is missed.

    >>> _percent(0.29), _percent(0.796, 0.8), _percent(None)
    ('29 %', '79 %', '–')
    """
    if value is None:
        return "–"
    exact = round(value * 100, 6)
    missed = target is not None and exact < round(target * 100, 6) <= round(exact)
    return f"{int(exact) if missed else round(exact)} %"


def _lift(value: float | None) -> str:
    return "–" if value is None else f"{round(value * 100) + 0:+d} %"


def _time(at: int | None, zone: ZoneInfo) -> str:
    return "–" if at is None else f"{datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone):%H:%M}"

"""The object that ``ccboard tail --json`` prints: every figure, every unit, the sentences twice."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

from ccboard.tail import words
from ccboard.tail.adjust import Days
from ccboard.tail.drivers import by_part, by_type
from ccboard.tail.early import rounded
from ccboard.tail.judge import Judged, Report
from ccboard.tail.persistence import Past

PARTS = {"talk": ("talk", "通话"), "hold": ("hold", "保持"), "wrap": ("wrap-up", "话后处理")}
"""Parts of the handling time, in English and Chinese."""


def public(report: Report, by: str, figures: tuple[str, ...], over: Past, *,
           parts: Mapping[str, Days] | None = None, names: bool = True,
           label: Callable[[str], str] = str,
           team: Callable[[str], str | None] | None = None) -> dict[str, Any]:
    """Return the object. `names` False: verdicts and counts, nobody's name.

    `parts`: of the handling time, for what drives it; `label`, `team`: what else is known of a unit.
    """
    swinging = report.fluctuation.named.nonzero()[0].tolist() if len(report.units) else []
    found: dict[str, Any] = {"by": by, "units": int((report.calls > 0).sum()), "kpis": {}}
    found["fluctuating"] = [
        {"name": report.units[i], **_also(report.units[i], label, team),
         "words": words.fluctuates(report, i, by=by),
         "words_zh": words.fluctuates(report, i, "zh", by),
         "p": number(report.fluctuation.p[i])} for i in swinging] if names else len(swinging)
    for key in figures:
        j = report.figures.get(key)
        if j is None:
            found["kpis"][key] = {"measured": False}
            continue
        found["kpis"][key] = {
            "measured": True, "words": words.verdict(j, by=by), "words_zh": words.verdict(j, "zh", by),
            "first_day": date.fromordinal(j.first).isoformat(),
            "last_day": date.fromordinal(j.last).isoformat(),
            "days": j.days, "pooled": j.pooled, "reliability": number(j.reliability),
            "seen": int(j.seen.sum()), "named": int(j.named.sum()),
            "early": int(((j.needed > 0) & np.isfinite(j.needed) & j.seen).sum())}
        if names:
            found["kpis"][key]["units"] = sorted(
                ({"name": name, **_also(name, label, team), **_unit(j, i, by, over, key, parts)}
                 for i, name in enumerate(report.units) if j.seen[i]), key=lambda u: -u["probability"])
    return found


def _also(name: str, label: Callable[[str], str], team: Callable[[str], str | None] | None) -> dict[str, Any]:
    return {} if team is None else {"label": label(name), "team": team(name)}


def _unit(j: Judged, i: int, by: str, over: Past, key: str,
          parts: Mapping[str, Days] | None) -> dict[str, Any]:
    v = words.value(j, i)
    named = bool(j.named[i])
    kind, part = driver(j, i, parts if named and key == "aht" else None)
    times, of, moved, moved_sd = history(over, key, i)
    return {
        "named": named, "strong": bool(j.strong[i]), "probability": number(j.p[i]),
        "count": int(j.table.counts[i]), "days": int(j.found.days[i]), "value": number(v.value),
        "low": number(v.low), "high": number(v.high), "usual": number(v.usual), "raw": number(v.raw),
        "reliability": number(j.posterior.own[i]), "needed": number(rounded(float(j.needed[i]))),
        "driver": kind, "driver_part": part[0] if part else None,
        "driver_part_s": number(part[1]) if part else None, "periods": [times, of],
        "moved": number(moved), "moved_sd": number(moved_sd),
        "words": words.tail(j, i, by=by), "words_zh": words.tail(j, i, "zh", by)}


def driver(j: Judged, i: int,
           parts: Mapping[str, Days] | None) -> tuple[str | None, tuple[str, float] | None]:
    """Return the type that drives a unit's result, and the part of the handling time with its seconds."""
    kind = by_type(j, i)
    part = by_part(dict(parts), i) if parts else None
    return kind.what if kind is not None and kind.what else None, (part.what, part.effect) if part else None


def history(over: Past, key: str, i: int) -> tuple[int, int, float, float]:
    """Return in how many periods of how many a unit was probably at the tail, and how it moved (or nan).

    Who came only today has no past.
    """
    if key not in over.times or i >= len(over.times[key]):
        return 0, 0, math.nan, math.nan
    return (int(over.times[key][i]), int(over.of[key][i]), float(over.moved[key][i]),
            float(over.moved_sd[key][i]))


def number(x: float) -> float | None:
    """Return a number as JSON has it: what is not finite is null."""
    return round(float(x), 6) if math.isfinite(x) else None

"""What drives it: which business type, or which part of the handling time, makes the difference.

A type is named when a unit is worse on it than on its other types by more than chance allows (two standard
deviations, beside the usual day-to-day scatter). Where it is the same everywhere, that is said as well.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ccboard.tail.adjust import Days
from ccboard.tail.judge import Judged

CLEAR: Final = 2.0


@dataclass(frozen=True, slots=True)
class Driver:
    """One type or part: its name, the unit's effect on it (figure's scale, higher worse), and elsewhere."""

    what: str
    effect: float
    elsewhere: float
    z: float


def by_type(judged: Judged, unit: int) -> Driver | None:
    """Return the type that drives a unit's result; None where no type stands out."""
    table = judged.table
    pairs = table.pairs_of(unit)
    rows = pairs[table.pair_info[pairs] > 0]
    if len(rows) < 2:
        return None
    # good and bad days make every type's result less sure than its calls alone
    whole = float(table.pair_info[rows].sum())
    wider = max(1.0, float(judged.found.v[unit]) * whole)
    best: Driver | None = None
    for row in rows:
        info = float(table.pair_info[row])
        if table.pair_count[row] < 5 or whole - info <= 0:
            continue
        here = judged.kpi.worse * float(table.pair_excess[row]) / info
        others = float(table.pair_excess[rows].sum() - table.pair_excess[row])
        rest = judged.kpi.worse * others / (whole - info)
        z = (here - rest) / float(np.sqrt(wider * (1 / info + 1 / (whole - info))))
        if here > 0 and z >= CLEAR and (best is None or z > best.z):
            best = Driver(table.mixes[int(table.pair_mix[row])], here, rest, z)
    return best


def by_part(parts: dict[str, Days], unit: int) -> Driver | None:
    """Return the part of the handling time that makes most of a unit's difference, in seconds a call.

    `parts`: talk, hold, wrap-up ..., each fitted on seconds (``adjust(..., rate=False)``). None where no part
    is longer than expected by more than chance allows.
    """
    effects: dict[str, tuple[float, float]] = {}
    for part, table in parts.items():
        rows = table.rows_of(unit)
        info = float(table.weight[rows].sum())
        if info > 0:
            effect = float((table.total[rows] - table.expect[rows]).sum()) / info
            effects[part] = effect, effect * float(np.sqrt(info))
    if not effects:
        return None
    part = max(effects, key=lambda name: effects[name][0])
    effect, z = effects[part]
    others = sum(e for name, (e, _) in effects.items() if name != part)
    return Driver(part, effect, others, z) if effect > 0 and z >= CLEAR else None

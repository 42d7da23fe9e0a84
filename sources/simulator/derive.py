"""Compute the simulator's statistics from a real call centre's records, and print ``parameters.py``.

    python -m sources.simulator.derive FOLDER > parameters.py

FOLDER holds the monthly files of the "Anonymous Bank" (Technion, 1999: january.txt.gz ...; tab
separated, 17 fields a line). Only the parameters that it prints are part of the simulator; the
records themselves are not needed to run it. How each statistic is computed stands above its
function, and which months it is taken from in MONTHS.
"""

import gzip
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median, pstdev
from typing import NamedTuple

FILES = {1: "january", 2: "february", 3: "march", 4: "april", 5: "may"}
MONTHS = {"profile": (2, 3), "dispersion": (2,), "types": (2,), "service": (2,), "patience": (2, 3),
          "repeats": (2,)}
"""Months (of 1999) behind each statistic. February and March have no holidays with closed desks; the
profile and the patience need both to be smooth."""

PATIENCE_EDGES = (0, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600)
"""Seconds at which the hazard of hanging up may change; it is constant between them."""

SHORTEST_SERVICE_S = 10
"""Services under this are cut connections (6.5 % of the calls, published as such), not talks."""
LONGEST_SERVICE_S = 3600


class Call(NamedTuple):
    """One line that asked for an agent. `second`: clock time of asking, seconds after midnight."""

    day: date
    second: int
    type: str
    caller: str | None
    priority: int
    wait_s: int
    queued: bool
    answered: bool
    service_s: int


def _seconds(clock: str) -> int:
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def read_line(line: str) -> Call | None:
    """Return the call of one line, or None where it never asked for an agent (or is a phantom)."""
    fields = line.rstrip("\n").split("\t")
    if len(fields) == 16:  # the fourth holds "priority type"
        fields[3:4] = fields[3].split(None, 1)
    customer, priority, kind, day = fields[2:6]
    vru_exit, q_start, q_time, outcome, ser_time = (fields[i] for i in (7, 9, 11, 12, 15))
    queued = q_start != "0:00:00" or int(q_time) > 0
    if outcome == "PHANTOM" or (outcome == "HANG" and not queued):
        return None
    caller = customer if customer != "0" and "E+" not in customer else None  # exponents: cut ids
    return Call(
        date(1900 + int(day[:2]), int(day[2:4]), int(day[4:6])),
        _seconds(q_start if queued else vru_exit), kind.strip(), caller, int(priority),
        int(q_time), queued, outcome == "AGENT", int(ser_time),
    )


def read_months(folder: Path, months: Iterable[int]) -> Iterator[Call]:
    """Yield the calls of whole months."""
    for month in months:
        with gzip.open(folder / f"{FILES[month]}.txt.gz", "rt", encoding="latin-1") as file:
            next(file)
            yield from (call for line in file if (call := read_line(line)) is not None)


def regular_days(calls: Sequence[Call]) -> dict[date, int]:
    """Return calls a day, without days off 0.6 .. 1.6 times the median of their weekday (holidays)."""
    counts = Counter(call.day for call in calls)
    usual = {w: median(n for d, n in counts.items() if d.weekday() == w)
             for w in {d.weekday() for d in counts}}
    return {d: n for d, n in sorted(counts.items()) if 0.6 <= n / usual[d.weekday()] <= 1.6}


def demo_weekday(day: date) -> int:
    """Return the working day that stands for the bank's: its week starts on Sunday, ours on Monday."""
    return (day.weekday() + 1) % 7


def profile(calls: Sequence[Call]) -> dict[int, tuple[float, ...]]:
    """Return per working day the mean calls in each of the 48 half hours (mean over regular days)."""
    days = regular_days(calls)
    cells = Counter((demo_weekday(c.day), c.second // 1800) for c in calls if c.day in days)
    n_days = Counter(demo_weekday(d) for d in days)
    return {w: tuple(cells[w, h] / n_days[w] for h in range(48)) for w in sorted(n_days)}


def day_cv(calls: Sequence[Call]) -> float:
    """Return the day-to-day coefficient of variation beyond Poisson.

    From the squared log ratio of each regular working day to the same weekday a week later, halved (so
    that slow trends cancel), less the Poisson part (mean of 1/N of the two).
    """
    days = {d: n for d, n in regular_days(calls).items() if demo_weekday(d) < 5}
    pairs = [(n, days[later]) for d, n in days.items() if (later := d + timedelta(days=7)) in days]
    total = fmean(math.log(b / a) ** 2 / 2 - (1 / a + 1 / b) / 2 for a, b in pairs)
    return math.sqrt(max(total, 0.0))


def half_hour_cv(calls: Sequence[Call], shape: dict[int, tuple[float, ...]]) -> float:
    """Return the coefficient of variation of a half hour beyond Poisson, given its day's total.

    Over the cells 8:00 to 22:00 of regular working days: mean of (n - e)^2 less e(1 - p), over e^2,
    with p the cell's share of its weekday and e = p times the day's calls.
    """
    days = regular_days(calls)
    cells = Counter((c.day, c.second // 1800) for c in calls)
    excess = base = 0.0
    for day, total in days.items():
        if (w := demo_weekday(day)) < 5:
            for h in range(16, 44):
                p = shape[w][h] / sum(shape[w])
                e = p * total
                excess += (cells[day, h] - e) ** 2 - e * (1 - p)
                base += e * e
    return math.sqrt(max(excess / base, 0.0))


def shares(calls: Sequence[Call]) -> dict[str, float]:
    """Return the share of each type among the calls that asked for an agent."""
    counts = Counter(c.type for c in calls)
    return {kind: n / len(calls) for kind, n in counts.most_common() if n >= 50}


def services(calls: Sequence[Call]) -> dict[str, tuple[float, float]]:
    """Return (mu, sigma) of the logarithm of the service seconds by type, of services that are talks."""
    logs = defaultdict(list)
    for c in calls:
        if c.answered and SHORTEST_SERVICE_S <= c.service_s <= LONGEST_SERVICE_S:
            logs[c.type].append(math.log(c.service_s))
    return {kind: (fmean(v), pstdev(v)) for kind, v in sorted(logs.items()) if len(v) >= 50}


def hazards(calls: Sequence[Call], edges: Sequence[int] = PATIENCE_EDGES) -> tuple[float, ...]:
    """Return the hazard of hanging up, per second of waiting, between each two edges and after the last.

    The censored (piecewise exponential) estimate: those who hung up in the stretch over the seconds
    that everybody spent waiting in it; who was answered counts as waiting until then. The limit of
    Kaplan and Meier for coarse steps, and it can be drawn from.
    """
    rates = []
    for low, high in pairwise((*edges, math.inf)):
        at_risk = sum(min(c.wait_s, high) - low for c in calls if c.queued and c.wait_s > low)
        left = sum(low < c.wait_s <= high or (low == 0 and c.wait_s == 0)
                   for c in calls if c.queued and not c.answered)
        rates.append(left / at_risk if at_risk else 0.0)
    return tuple(rates)


def repeats(calls: Sequence[Call]) -> tuple[float, float]:
    """Return the shares of identified calls that repeat one of the day, and of hang-ups that call again.

    The second: the same caller's next call within 60 minutes. Callers who did not wait are not identified
    in these records, so both are lower bounds.
    """
    by_caller = defaultdict(list)
    for c in calls:
        if c.caller is not None:
            by_caller[c.day, c.caller].append(c)
    known = sum(map(len, by_caller.values()))
    again = known - len(by_caller)
    hung_up = redialled = 0
    for group in by_caller.values():
        group.sort(key=lambda c: c.second)
        for i, c in enumerate(group):
            if not c.answered:
                hung_up += 1
                redialled += i + 1 < len(group) and group[i + 1].second - c.second <= 3600
    return again / known, redialled / hung_up


def _numbers(values: Iterable[float], form: str) -> str:
    return ", ".join(format(v, form) for v in values)


def _wrapped(values: Sequence[float]) -> list[str]:
    return [f"    {_numbers(values[i:i + 8], '.6f')}," for i in range(0, len(values), 8)]


def _months(statistic: str) -> str:
    return ", ".join(FILES[m].title() for m in MONTHS[statistic]) + " 1999"


def render(folder: Path) -> str:
    """Return the text of ``parameters.py``."""
    def calls(statistic: str) -> list[Call]:
        return list(read_months(folder, MONTHS[statistic]))

    shape = profile(calls("profile"))
    noise = calls("dispersion")
    waits = calls("patience")
    again, redial = repeats(calls("repeats"))
    out = [
        '"""What a real centre was like: printed by ``python -m sources.simulator.derive``; do not edit.',
        "",
        'Source: "Anonymous Bank" call-centre data of 1999, I. Guedj and A. Mandelbaum, Technion, Haifa.',
        "Calls that asked for an agent; phantoms and callers who left in the voice menu are left out.",
        "Its week starts on Sunday: Sunday to Friday stand here as 0 (Monday) to 5 (Saturday).",
        '"""',
        "",
        "# Mean calls per half hour, midnight to midnight, by working day, without days off 0.6 .. 1.6 times",
        f"# the median of their weekday. {_months('profile')}. The bank answers them with 8 seats.",
        "PROFILE: dict[int, tuple[float, ...]] = {",
    ]
    for w in range(6):
        out.append(f"    {w}: (")
        out += [f"        {_numbers(shape[w][i:i + 12], '.2f')}," for i in range(0, 48, 12)]
        out.append("    ),")
    out += [
        "}",
        "",
        "# Coefficient of variation of a day's volume beyond Poisson, from each day and the same weekday",
        "# a week later; and of one half hour, given its day's volume (8:00 to 22:00 of working days).",
        f"# {_months('dispersion')}.",
        f"DAY_CV = {day_cv(noise):.4f}",
        f"HALF_HOUR_CV = {half_hour_cv(noise, profile(noise)):.4f}",
        "",
        "# Share of each type of call: PS regular, NE stock exchange, NW prospective customer, IN internet,",
        f"# PE regular in English, TT call-back. {_months('types')}.",
        "TYPES: dict[str, float] = {",
        *(f'    "{kind}": {share:.4f},' for kind, share in shares(calls("types")).items()),
        "}",
        "",
        "# Mean and standard deviation of the logarithm of the service seconds, by type; of services from",
        f"# {SHORTEST_SERVICE_S} s to an hour. {_months('service')}.",
        "SERVICE: dict[str, tuple[float, float]] = {",
        *(f'    "{kind}": ({mu:.4f}, {sigma:.4f}),'
          for kind, (mu, sigma) in services(calls("service")).items()),
        "}",
        "",
        "# Hazard of hanging up per second of waiting, between these edges (seconds) and after the last:",
        f"# hang-ups over seconds waited, answers censor. {_months('patience')}. Regular callers, then",
        "# the bank's priority customers.",
        f"PATIENCE_EDGES = ({_numbers(PATIENCE_EDGES, 'd')})",
        "PATIENCE = (",
        *_wrapped(hazards([c for c in waits if c.priority < 2])),
        ")",
        "PATIENCE_PRIORITY = (",
        *_wrapped(hazards([c for c in waits if c.priority == 2])),
        ")",
        "",
        "# Of the calls whose caller is known, the share that repeats a call of the same day; of those who",
        f"# hung up, the share that called again within the hour (both lower bounds). {_months('repeats')}.",
        f"REPEAT_SHARE = {again:.4f}",
        f"REDIAL_SHARE = {redial:.4f}",
        "",
    ]
    return "\n".join(out)


def main() -> int:
    """Print the parameters of the folder named on the command line."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.stderr.write("usage: python -m sources.simulator.derive FOLDER\n")
        return 2
    sys.stdout.write(render(Path(sys.argv[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())

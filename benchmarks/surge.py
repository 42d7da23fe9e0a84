"""How soon, how often in vain and how rightly the surge alarm rings, beside the rules that centres use.

    python benchmarks/surge.py [--centres N] [--seed N] [--out FILE]

Every rule sees the same simulated centres (centres.py), whose truth is known. Thresholds are those that
people use; the rules' own are not tuned to these centres.
"""

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from centres import CLOSES, OPENS, RATES, Centre, Floats, Maker, Surge, Truth

from ccboard.surge.backtest import Judged, judge, together
from ccboard.surge.filter import TIERS
from ccboard.surge.profile import Normal

SIZES = (0.2, 0.3, 0.5, 1.0)
RAMP = 60
NEVER = float("inf")
ABOUT = """centres with queues of 1, 5, 20 and 100 calls a minute,
13 weeks of history each (holidays, one of them in no calendar, rebounds, old surges, an outage, a gap in the
feed), 70 days to judge each. Simulated: real centres stray in ways that no simulation has.
"""
ABOUT_TIERS = """\
Tiers begin at +30, 50 and 80 %, where two of the four sizes lie, too: on a busy or a quiet day such a surge
makes calls of the tier above or below, so both are counted. Sudden surges. The oracle is the same filter that
knows the true normal day and how far days and minutes stray from it. "Of the tier of the surge put in" is
what the rates themselves allow: how often the calls that truly came were of that tier. From 5 calls a minute
on the shares by the surge put in are at that limit: +30 and +50 % lie on the edge of a tier, and the day
decides on which side. At one call a minute there are too few to tell tiers apart, for the oracle, too.
"""
GRACE = 45
"""Minutes after a surge in which an alarm is still about it."""
ORACLE = "oracle: the true normal day"
PLANS: list[tuple[float, int] | None] = [
    *[None] * 30, *[(size, ramp) for ramp in (1, RAMP) for size in SIZES for _ in range(5)]]

Alarm = tuple[int, int, int, list[tuple[int, int]]]
"""First minute after which it stood, minute of its end, tier (unused: 0), (minute, tier) of each change."""


def filter_alarms(centre: Centre) -> dict[tuple[str, str], list[Alarm]]:
    """Run ccboard's own."""
    return alarms_of(judge(centre.history, centre.calendar, iter([t.day for t in centre.days])))


def oracle_alarms(centre: Centre, maker: Maker) -> dict[tuple[str, str], list[Alarm]]:
    """Run the same filter with the true normal day and the true spread of days and of the noise in them."""
    return alarms_of(together([
        (truth.day, queue, Normal(maker.rate(queue, truth.day.date), 0.0, maker.day_sd**2, maker.noise, None,
                                  learning=False))
        for truth in centre.days for queue in RATES]))


def alarms_of(days: Iterable[Judged]) -> dict[tuple[str, str], list[Alarm]]:
    """Return the alarms of each day and queue."""
    found = {}
    for judged in days:
        alarms: list[Alarm] = []
        tiers: list[tuple[int, int]] = []
        for change in judged.changes:
            at = change.minute + 1
            if change.event == "clear":
                alarms.append((tiers[0][0], at, 0, tiers))
                tiers = []
            else:
                tiers = [*tiers, (at, change.tier or 0)]
        if tiers:
            alarms.append((tiers[0][0], CLOSES, 0, tiers))
        found[judged.day, judged.queue] = alarms
    return found


def windows(counts: Floats, width: int) -> Floats:
    """Return the calls of the last `width` minutes at each minute's close; NaN before there are so many."""
    open_ = np.nan_to_num(counts[..., OPENS:CLOSES])
    sums = np.cumsum(open_, axis=-1)
    rolled = np.full(counts.shape, np.nan)
    rolled[..., OPENS + width - 1:CLOSES] = sums[..., width - 1:]
    rolled[..., OPENS + width:CLOSES] -= sums[..., :-width]
    return rolled


Rule = Callable[[Floats, Floats], Floats]


def interval_rule(past: Floats, today: Floats) -> Floats:
    """30-minute interval, 1.3 times the same one last week; decided when the interval closes."""
    value = windows(today, 30) / np.maximum(windows(past, 30)[-1], 1) >= 1.3
    at = np.arange(len(today))
    closing = (at // 30) * 30 - 1
    return np.where(closing >= OPENS, value[np.maximum(closing, 0)], False)


def rolling_rule(past: Floats, today: Floats) -> Floats:
    """Last 15 minutes, 1.3 times the median of the same 15 minutes of 12 weekdays."""
    return windows(today, 15) / np.maximum(np.median(windows(past, 15), axis=0), 1) >= 1.3


def score_rule(past: Floats, today: Floats) -> Floats:
    """Last 15 minutes, 3 standard deviations of 12 weekdays above their mean."""
    rolled = windows(past, 15)
    return (windows(today, 15) - rolled.mean(axis=0)) / np.maximum(rolled.std(axis=0, ddof=1), 1) >= 3


def cumulative_rule(past: Floats, today: Floats) -> Floats:
    """Count since opening, 1.3 times the mean of 12 weekdays, from half an hour after opening."""
    sums = np.nancumsum(today)
    usual = np.nancumsum(past, axis=1).mean(axis=0)
    value = sums / np.maximum(usual, 1) >= 1.3
    value[:OPENS + 30] = False
    return value


RULES: dict[str, Rule] = {
    "30 min vs last week, 1.3x": interval_rule, "15 min rolling vs median of 12, 1.3x": rolling_rule,
    "15 min z-score 3": score_rule, "cumulative vs mean of 12, 1.3x": cumulative_rule,
}


def rule_alarms(centre: Centre, rule: Rule) -> dict[tuple[str, str], list[Alarm]]:
    """Run a rule of thumb; it knows the last 12 days of the weekday that were open."""
    found = {}
    for truth in centre.days:
        for queue, today in truth.day.counts.items():
            rows = [row for day, row in zip(centre.history.days, centre.history.counts[queue], strict=True)
                    if day.weekday() == truth.day.date.weekday() and np.nansum(row) > 0][-12:]
            with np.errstate(invalid="ignore"):
                on = rule(np.stack(rows).astype(float), today.astype(float)).astype(bool)
            on[:OPENS], on[CLOSES:] = False, False
            edges = np.flatnonzero(np.diff(np.concatenate(([False], on, [False])).astype(int)))
            found[truth.day.name, queue] = [
                (int(first) + 1, int(last) + 1, 0, []) for first, last in edges.reshape(-1, 2)]
    return found


@dataclass
class Score:
    """What is counted, per queue and size of surge."""

    delays: dict[tuple[str, float, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    false: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    real: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    days: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    clear: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    again: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    tier: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    over: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    tier_came: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    over_came: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    steps: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    same: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    """Whether the calls that came were of the tier of the surge put in: more than chance nobody can see."""

    def add(self, truth: Truth, queue: str, alarms: list[Alarm]) -> None:
        """Count one queue on one day."""
        alarms = _joined(alarms)
        surge = truth.surge
        open_minutes = CLOSES - OPENS
        if surge is not None:
            open_minutes -= surge.end + GRACE - surge.begin
        self.days[queue] += open_minutes / (CLOSES - OPENS)
        for begin, end, _, _ in alarms:
            if surge is not None and begin <= surge.end + GRACE and end > surge.begin:
                continue
            recent = truth.excess[queue][max(OPENS, begin - 30):begin].mean()
            which = self.real if recent >= 1.2 else self.false
            which[queue] += 1
        if surge is not None:
            came = float(truth.excess[queue][surge.begin:surge.end].mean())
            self._surge(surge, queue, came, [a for a in alarms if a[1] > surge.begin and a[0] <= surge.end])

    def _surge(self, surge: Surge, queue: str, came: float, alarms: list[Alarm]) -> None:
        key = (queue, surge.size, surge.ramp)
        if not alarms:
            self.delays[key].append(NEVER)
            return
        self.delays[key].append(max(0.0, alarms[0][0] - surge.begin))
        self.again[queue].append(len(alarms) - 1)
        self.clear[queue].append(max(0.0, alarms[-1][1] - surge.end))
        steps = [step for alarm in alarms for step in alarm[3]]
        if steps and surge.ramp == 1:
            right = int((round(1 + surge.size, 6) >= TIERS).sum())
            stood = _longest(steps, surge.end)
            self.tier[queue].append(stood == right)
            highest = max(tier for _, tier in steps)
            self.over[queue].append(highest > right)
            really = int((came >= TIERS).sum())
            self.tier_came[queue].append(stood == really)
            self.over_came[queue].append(highest > really)
            self.same[queue].append(really == right)
            self.steps[queue].append(len(steps) - len(alarms))


def _joined(alarms: list[Alarm]) -> list[Alarm]:
    """Join alarms with less than 30 minutes between: nobody counts a flicker as two."""
    joined: list[Alarm] = []
    for alarm in alarms:
        if joined and alarm[0] - joined[-1][1] < 30:
            joined[-1] = (joined[-1][0], alarm[1], 0, joined[-1][3] + alarm[3])
        else:
            joined.append(alarm)
    return joined


def _longest(steps: list[tuple[int, int]], end: int) -> int:
    stood: dict[int, int] = defaultdict(int)
    for (at, tier), nxt in zip(steps, [*(s[0] for s in steps[1:]), end], strict=True):
        stood[tier] += max(0, min(nxt, end) - at)
    return max(stood, key=lambda tier: stood[tier])


def middle(values: list[float]) -> str:
    """Return median / 90th percentile; "-" for later than the end of the surge."""
    if not values:
        return ""
    ordered = sorted(values)
    shown = (ordered[(len(ordered) - 1) // 2], ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))])
    return "/".join("-" if value == NEVER else f"{value:.0f}" for value in shown)


def report(scores: dict[str, Score], centres: int, seed: int, took: float) -> Iterator[str]:
    """Yield the page's lines."""
    yield "# The surge alarm on centres whose truth is known\n"
    yield f"`python benchmarks/surge.py --centres {centres} --seed {seed}`: {centres} simulated {ABOUT}"
    yield "## False alarms in 30 days of 12 hours, per queue\n"
    yield "An alarm is false where no surge was put in and the true rate was under 1.2 times normal.\n"
    yield "| rule | " + " | ".join(f"{q}/min" for q in RATES) + " | real excess |"
    yield "| --- |" + " --- |" * (len(RATES) + 1)
    for name, score in scores.items():
        shown = [f"{30 * score.false[q] / score.days[q]:.2f}" for q in RATES]
        real = 30 * sum(score.real.values()) / sum(score.days.values())
        yield f"| {name} | " + " | ".join(shown) + f" | {real:.2f} |"
    for ramp, title in ((1, "sudden surges"), (RAMP, f"surges that build up over {RAMP} minutes")):
        yield f"\n## Minutes to the alarm, {title}\n"
        yield "Median/90th percentile from the first minute; `-`: not before it was over.\n"
        for size in SIZES:
            yield f"\n| +{size:.0%} | " + " | ".join(f"{q}/min" for q in RATES) + " |"
            yield "| --- |" + " --- |" * len(RATES)
            for name, score in scores.items():
                yield f"| {name} | " + " | ".join(middle(score.delays[q, size, ramp]) for q in RATES) + " |"
    own, oracle = scores["ccboard"], scores[ORACLE]
    yield "\n## The alarm of ccboard\n"
    yield ABOUT_TIERS
    yield "| | " + " | ".join(f"{q}/min" for q in RATES) + " |"
    yield "| --- |" + " --- |" * len(RATES)
    for label, shares in (
        ("tier that stood longest was right, by the surge put in", own.tier),
        ("the same of the oracle", oracle.tier),
        ("tier that stood longest was right, by the calls that came", own.tier_came),
        ("the same of the oracle", oracle.tier_came),
        ("a higher tier was shown at some time, by the surge put in", own.over),
        ("the same of the oracle", oracle.over),
        ("a higher tier was shown at some time, by the calls that came", own.over_came),
        ("the same of the oracle", oracle.over_came),
        ("the calls that came were of the tier of the surge put in", own.same),
        ("changes of tier within a surge", own.steps),
    ):
        yield f"| {label} | " + " | ".join(f"{statistics.fmean(shares[q]):.2f}" for q in RATES) + " |"
    yield "| alarms again within one surge | " + " | ".join(
        f"{statistics.fmean(own.again[q]):.2f}" for q in RATES) + " |"
    yield "| minutes to clear, median/90th | " + " | ".join(middle(own.clear[q]) for q in RATES) + " |"
    days = sum(own.days.values())
    yield (f"\nDetected of all surges: "
           f"{statistics.fmean([v != NEVER for d in own.delays.values() for v in d]):.2f}."
           f" {days:.0f} days of 12 hours without a surge. Took {took:.0f} s.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--centres", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    began = time.perf_counter()
    scores = {name: Score() for name in ("ccboard", ORACLE, *RULES)}
    for number in range(args.centres):
        maker = Maker(args.seed + number)
        centre = maker.centre(PLANS)
        for name, score in scores.items():
            alarms = (filter_alarms(centre) if name == "ccboard" else oracle_alarms(centre, maker)
                      if name == ORACLE else rule_alarms(centre, RULES[name]))
            for truth in centre.days:
                for queue in RATES:
                    score.add(truth, queue, alarms.get((truth.day.name, queue), []))
    text = "\n".join(report(scores, args.centres, args.seed, time.perf_counter() - began)) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

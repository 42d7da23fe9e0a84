"""Who is named in simulated centres whose truth is known, beside the usual lists; and what it costs.

    python benchmarks/tail.py [--quick] [--out benchmarks/TAIL.md]

One run makes every table. The seeds are others than those on which the method was tried out.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from tail_centre import FIGURES, KINDS, Centre, Kind, make, variant

from ccboard.tail.arrays import Bools, Floats, by_group, divide
from ccboard.tail.judge import Report, judge
from ccboard.tail.kpis import KPIS
from ccboard.tail.table import Sums, collect
from ccboard.tail.today import refresh

SEED = 90_000
ABOUT = """\
Made by `python benchmarks/tail.py` from seeds that were not used to build the method. Truth: the
figure's long-run mean on the centre's own mix of types, higher is worse; the tail is the worst
tenth. These are simulations, not field results. `benchmarks/tail_centre.py` says how the centres
are made: 20 days, 15.5 calls a day and agent, 12 % newcomers with 5 to 40 calls, 20 % specialists
on hard types, 10 % fluctuating, 12 % of the calls with a survey, a review of everybody every four
days.

precision@k: right among the 10 % put first. precision: right among the named (mean over centres
that name somebody). FDR: false names among the named, 0 where nobody is. newcomers: share of them
named though not in the true tail. better than median: share of the named who truly are better than
the median agent.
"""
COLUMNS = ("named", "precision@k", "precision", "recall", "FDR", "newcomers wrongly named",
           "better than median named", "rank correlation")


def sums(centre: Centre, figure: str) -> Sums:
    """Return a figure's sums of a centre."""
    value = centre.values[figure]
    rows = ~np.isnan(value)
    return collect(tuple(f"agent {i}" for i in range(centre.kind.agents)),
                   tuple(f"type {i}" for i in range(centre.kind.types)), centre.agent[rows], centre.day[rows],
                   centre.type[rows], np.log(value[rows]) if figure == "aht" else value[rows])


def lists(centre: Centre, figure: str, report: Report) -> Iterator[tuple[str, Floats, Bools, Bools]]:
    """Yield (method, score, the k it would put first, whom it names) of every method for one figure."""
    many, worse = centre.kind.agents, KPIS[figure].worse
    k = max(1, round(0.1 * many))
    value = centre.values[figure]
    rows = ~np.isnan(value)
    n = np.bincount(centre.agent[rows], minlength=many).astype(float)
    mean = divide(by_group(centre.agent[rows], value[rows], many), n)
    seen = n > 0
    raw = np.where(seen, worse * mean, -np.inf)
    yield "naive: worst 10 % by mean", raw, first(raw, k), first(raw, k)
    enough = np.where(n >= 30, raw, -np.inf)
    yield "the same, at least 30 calls", enough, first(enough, k), first(enough, k)
    z = worse * (mean - value[rows].mean()) / value[rows].std() * np.sqrt(n)
    yield "funnel: z > 1.96", z, first(z, k), z > 1.96
    j = report.figures.get(figure)
    if j is None:
        return
    table = j.table
    info = by_group(table.pair_unit, table.pair_info, many)
    z = worse * divide(by_group(table.pair_unit, table.pair_excess, many), np.sqrt(info))
    yield "funnel: z > 1.96, same types and days", z, first(z, k), z > 1.96
    yield "ccboard: strong evidence only", j.posterior.m, first(j.p, k), j.strong
    yield "ccboard", j.posterior.m, first(j.p, k), j.named


def first(score: Floats, k: int) -> Bools:
    """Return the k highest."""
    found = np.zeros(len(score), dtype=np.bool_)
    found[np.argsort(-score, kind="stable")[:k]] = True
    return found & np.isfinite(score)


def ranks(x: Floats) -> Floats:
    """Return the ranks of x."""
    return np.argsort(np.argsort(np.where(np.isfinite(x), x, -1e9))).astype(float)


def measure(centre: Centre, report: Report) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    """Yield (method, figure, its columns)."""
    for figure in FIGURES:
        bad, truth = centre.bad(figure), centre.truth[figure]
        for method, score, top, named in lists(centre, figure, report):
            right, many = int((named & bad).sum()), int(named.sum())
            yield method, figure, (
                many, (top & bad).sum() / bad.sum(), right / many if many else np.nan, right / bad.sum(),
                (many - right) / max(1, many), (named & ~bad & centre.new).sum() / max(1, centre.new.sum()),
                (named & (truth < np.median(truth))).sum() / max(1, many),
                np.corrcoef(ranks(score), ranks(truth))[0, 1])


def volatile(centre: Centre, report: Report) -> tuple[float, ...]:
    """Return (named, precision, recall, share of false names, newcomers named) of the fluctuating."""
    named, true = report.fluctuation.named, centre.fluctuating
    many, right = int(named.sum()), int((named & true).sum())
    return (many, right / many if many else np.nan, right / max(1, true.sum()), (many - right) / max(1, many),
            (named & centre.new).sum())


def line(name: str, values: Floats) -> str:
    """Return a row of the table."""
    cells = [f"{values[0]:.1f}", *(f"{x:.2f}" for x in values[1:5]), f"{values[5] * 100:.1f} %",
             f"{values[6] * 100:.1f} %", f"{values[7]:.2f}"]
    return f"| {name} | " + " | ".join(cells) + " |"


def run(jobs: list[tuple[str, Kind, int]]) -> tuple[
        dict[tuple[str, str, str], list[tuple[float, ...]]], dict[str, list[tuple[float, ...]]]]:
    """Measure every centre of `jobs` (group, kind, seed)."""
    found: dict[tuple[str, str, str], list[tuple[float, ...]]] = defaultdict(list)
    swinging: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for group, kind, seed in jobs:
        centre = make(kind, seed)
        report = judge({figure: sums(centre, figure) for figure in FIGURES})
        swinging[group].append(volatile(centre, report))
        for method, figure, values in measure(centre, report):
            found[group, method, figure].append(values)
    return found, swinging


def average(rows: list[tuple[float, ...]]) -> Floats:
    """Return the means of the columns; of nothing nan."""
    table = np.array(rows, dtype=float)
    some = ~np.isnan(table)
    mean = np.where(some, table, 0).sum(axis=0) / np.maximum(1, some.sum(axis=0))
    return np.where(some.any(axis=0), mean, np.nan)


def report_text(quick: bool) -> Iterator[str]:
    """Yield the page line by line."""
    times = 2 if quick else 12
    sizes = (60, 200, 600)
    jobs = [(f"{size} agents", variant(KINDS["plain"], size), SEED + 100 * size + i)
            for size in sizes for i in range(times)]
    jobs += [(name, kind, SEED + 100_000 + 100 * number + i)
             for number, (name, kind) in enumerate(KINDS.items())
             if name != "plain" for i in range(2 if quick else 20)]
    alike = replace(Kind(), shape="nobody", fluctuating=0.0)
    jobs += [("nobody differs", variant(alike, size), SEED + 900 + i)
             for i in range(times) for size in sizes]
    found, swinging = run(jobs)
    groups = [f"{size} agents" for size in sizes]
    methods = list(dict.fromkeys(method for _, method, _ in found))
    yield "# The tail in simulated centres\n"
    yield ABOUT
    heading = "| " + " | ".join(COLUMNS) + " |\n" + "| --- |" + " --- |" * len(COLUMNS)
    for group in (*groups, "all"):
        yield f"## {group}: mean over the six figures, {times * (3 if group == 'all' else 1)} centres\n"
        yield "| method " + heading
        for method in methods:
            chosen = groups if group == "all" else [group]
            rows = [average([r for g in chosen for r in found[g, method, figure]]) for figure in FIGURES]
            yield line(method, average([tuple(r) for r in rows]))
        yield ""
    yield "## ccboard by figure, all three sizes\n"
    yield "| figure " + heading
    for figure in FIGURES:
        yield line(figure, average([r for g in groups for r in found[g, "ccboard", figure]]))
    yield ""
    yield "## ccboard where its assumptions do not hold (200 agents, 20 centres each)\n"
    yield "| centre " + heading
    for name in KINDS:
        if name != "plain":
            yield line(name, average([tuple(average(found[name, "ccboard", f])) for f in FIGURES]))
    yield ""
    yield "## Nobody differs\n"
    yield "Mean number named in a centre, all six figures together.\n"
    yield "| method | named | newcomers named |\n| --- | --- | --- |"
    for method in methods:
        rows = [average(r) for f in FIGURES if (r := found["nobody differs", method, f])]
        yield f"| {method} | {sum(r[0] for r in rows):.2f} | {sum(r[5] for r in rows) / 6 * 100:.1f} % |"
    yield ""
    yield "## Who fluctuates\n"
    yield "| centre | named | precision | recall | FDR | newcomers named |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for group, rows in swinging.items():
        m = average(rows)
        precision = "–" if np.isnan(m[1]) else f"{m[1]:.2f}"
        yield f"| {group} | {m[0]:.1f} | {precision} | {m[2]:.2f} | {m[3]:.2f} | {m[4]:.2f} |"
    yield ""
    yield from cost(quick)


def cost(quick: bool) -> Iterator[str]:
    """Yield what 20 000 agents cost."""
    agents = 2000 if quick else 20_000
    centre = make(replace(KINDS["plain"], agents=agents, days=21), SEED)
    tables = {figure: sums(centre, figure) for figure in FIGURES}
    past = {key: t.where(t.day < 20) for key, t in tables.items()}
    now = {key: t.where(t.day == 20) for key, t in tables.items()}
    began, cpu = time.perf_counter(), time.process_time()
    report = judge(past)
    once = time.perf_counter() - began, time.process_time() - cpu
    runs = []
    for _ in range(5):
        began, cpu = time.perf_counter(), time.process_time()
        refresh(report, now)
        runs.append((time.process_time() - cpu, time.perf_counter() - began))
    best = min(runs)
    rows = sum(len(t.unit) for t in past.values())
    yield f"## Cost: {agents} agents, six figures, {rows} rows of sums (agent x day x type)\n"
    yield "| work | CPU s | wall s |\n| --- | --- | --- |"
    yield f"| once a day: all fitted anew over 20 days (`judge`) | {once[1]:.2f} | {once[0]:.2f} |"
    yield (f"| the panel's periodic work: today's sums taken in (`refresh`), best of 5 |"
           f" {best[0]:.2f} |"
           f" {best[1]:.2f} |")
    yield "\nWall time is that of a machine with other work on it."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    text = "\n".join(report_text(args.quick)) + "\n"
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()

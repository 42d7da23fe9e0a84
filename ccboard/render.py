"""What ``ccboard now`` prints, made from the public object alone: lines for people, rows for programs."""

import io
from collections.abc import Callable
from typing import Any

from ccboard.states import STATES
from ccboard.text import age, clip, left, minutes, percent, right, width

MARKS = {"warning": " !", "critical": " !!"}
LABEL_CELLS = 32
STATE_WORDS = {"wrap_up": "wrap-up", "hold": "on hold"}
COUNTS = ("offered", "calls", "answered", "abandoned", "short_abandoned", "timed_out", "left_by_key",
          "left_empty", "withdrawn", "lost", "refused", "waiting", "longest_wait_s", "answered_in_time",
          "service_level", "threshold_s", "target", "abandon_rate", "asa_s", "aht_s", "longest_wait_today_s")
"""Figures of a queue in the order of ``now --csv``."""
COLUMNS = ("as_of", "live", "row", "queue", "label", "project", *COUNTS,
           *(f"agents_{state}" for state in STATES), "stale")
"""Columns of ``now --csv``: one row per queue (`row` is "queue"), then one of all ("totals")."""


def to_text(said: dict[str, Any]) -> str:
    """Return the figures as lines: a header, a line per queue and for all, agents, sources."""
    rows = [_cells(row) for row in said["queues"]]
    if len(rows) != 1:
        rows.append(_cells({**said["totals"], "label": "all"}))
    lines = [_header(said), *_columns(rows)]
    if not said["queues"]:
        lines.append("no queue is known yet")
    whose = said["queues"][0] if len(said["queues"]) == 1 else said["totals"]
    lines.append(_agents(whose["agents"]))
    lines += _sources(said)
    lines += [f"note: {notice}" for notice in said.get("notices", ())]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _local(moment: str, zone: str, form: str) -> str:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).strftime(form)


def _header(said: dict[str, Any]) -> str:
    day = "%a %d %b %H:%M:%S" if said["live"] else "%a %d %b %Y %H:%M:%S"
    when = _local(said["as_of"], said["timezone"], day)
    how = "LIVE" if said["live"] else "NOT LIVE: this is how it was"
    return f"{said['name']}   {when} {said['timezone']}   {how}"


def _mark(row: dict[str, Any], figure: str) -> str:
    return MARKS.get(row["levels"].get(figure, ""), "")


def _count(number: int | None) -> str:
    return "–" if number is None else str(number)


Cell = tuple[str, str, Callable[[str, int], str]]
"""What stands before the column, the text, and the side that it is set to."""


def _cells(row: dict[str, Any]) -> list[Cell]:
    level, target, threshold = row["service_level"], row["target"], row["threshold_s"]
    promise = f" (target {percent(target)})" if target is not None else ""
    within = f" in {threshold:g} s" if threshold is not None else " in time"
    fine = " ok" if level is not None and target is not None else ""
    return [
        ("", clip(row["label"] or row["queue"], LABEL_CELLS), left),
        ("  ", _count(row["waiting"]), right),
        (" waiting", _mark(row, "waiting") + ",", left),
        (" longest ", minutes(row["longest_wait_s"]), right),
        ("", _mark(row, "longest_wait_s") + ",", left),
        (" ", percent(level, target), right),
        ("", within + promise, left),
        ("", _mark(row, "service_level") or fine, left),
        ("   ", _count(row["offered"]), right),
        (" offered, ", _count(row["answered"]), right),
        (" answered, ", _count(row["abandoned"]), right),
        (" abandoned", _mark(row, "abandon_rate"), left),
        ("", "  STALE" if row["stale"] else "", left),
    ]


def _columns(rows: list[list[Cell]]) -> list[str]:
    widths = [max(width(text) for _, text, _ in column) for column in zip(*rows, strict=True)]
    return ["".join(before + to_side(text, cells)
                    for (before, text, to_side), cells in zip(row, widths, strict=True)) for row in rows]


def _agents(counts: dict[str, int | None]) -> str:
    some = [f"{counts[state]} {STATE_WORDS.get(state, state)}" for state in STATES
            if counts[state] or (state == "ready" and counts[state] is not None)]
    if counts["ready"] is None:
        some.insert(0, "ready not known" if some else "not known")
    return "agents: " + ", ".join(some)


def _sources(said: dict[str, Any]) -> list[str]:
    if not said["sources"]:
        return ["sources: none has reported yet"]
    good, bad = [], []
    for source in said["sources"]:
        since = source["complete_since"]
        part = ""
        if since is not None and since > said["business_day_start"]:  # ISO 8601 in UTC sorts as text
            part = f" (whole since {_local(since, said['timezone'], '%H:%M:%S')})"
        if source["state"] == "ok":
            good.append(f"{source['name']} ok {age(source['age_s'])}{part}")
        else:
            why = f": {source['error']}" if source["error"] else ""
            state = source["state"].upper()
            bad.append(f"source {source['name']} {state} {age(source['age_s'])}{part}{why}")
        bad += [f"source {source['name']}: {trouble}" for trouble in source.get("troubles", ())]
    return [*(["sources: " + ", ".join(good)] if good else []), *bad]


def to_csv(said: dict[str, Any]) -> str:
    """Return a header of COLUMNS, a row per queue and one of all, in CSV with Unix line ends.

    What is not known is empty. Ratios are 0..1, times seconds, moments ISO 8601 in UTC.
    """
    import csv

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for kind, row in [*(("queue", row) for row in said["queues"]), ("totals", said["totals"])]:
        writer.writerow([
            said["as_of"], _flag(said["live"]), kind, row["queue"], row["label"], row["project"],
            *(row[name] for name in COUNTS), *(row["agents"][state] for state in STATES), _flag(row["stale"]),
        ])
    return text.getvalue()


def _flag(value: bool) -> str:
    return "true" if value else "false"

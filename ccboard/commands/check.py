"""Check one figure against limits and say it as Nagios and its heirs read it.

One line on stdout with performance data; exit 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. A range says when
to alert: "80:" below 80, "10" above 10, "10:20" outside, "@10:20" inside. Ratios are in percent, times
in seconds. Without -w and -c the limits of the configuration decide. Nothing happened: OK, "no calls".
Unknown queue, stale source, no hub, time-out, wrong words: UNKNOWN, never OK.
"""

from ccboard.commands import options
from ccboard.errors import CcboardError, CheckCode
from ccboard.nagios import Range, parse_range, perfdata, plain
from ccboard.text import age, minutes, percent

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any, NoReturn

FIGURES = {
    "service-level": "answered in time, in percent of the offered; -w 80: warns below 80",
    "waiting": "callers waiting now; -w 5 warns above 5",
    "longest-wait": "how long the longest-waiting caller has waited, in seconds",
    "abandon-rate": "abandoned, in percent of the offered",
    "agents-ready": "agents who are ready; -w 2: warns below 2",
    "freshness": "seconds since the oldest source, or that of --source, answered",
}
LEVELS = {"warning": CheckCode.WARNING, "critical": CheckCode.CRITICAL}
NAME_LIMIT = 27
"""Longest name in the line, which monitoring screens cut at 80 characters."""


def configure(parser: "argparse.ArgumentParser") -> None:
    """Add the options of ``check``."""
    parser.add_argument("figure", choices=tuple(FIGURES), metavar="FIGURE",
                        help=", ".join(f"{name} ({said})" for name, said in FIGURES.items()))
    parser.add_argument("--queue", metavar="QUEUE", help="this queue (default: all of them together)")
    parser.add_argument("--source", metavar="NAME", help="this source, for freshness (default: the oldest)")
    parser.add_argument("-w", "--warning", metavar="RANGE", help="WARNING outside this range")
    parser.add_argument("-c", "--critical", metavar="RANGE", help="CRITICAL outside this range")
    parser.add_argument("-t", "--timeout", metavar="SECONDS", type=float, default=10.0,
                        help="UNKNOWN after so many seconds (default: 10)")
    options.as_of(parser)
    options.store(parser, "read this store instead of asking a hub; if a hub holds it, ask that hub")
    options.timezone(parser)
    options.hub(parser)
    options.demo(parser)
    options.config(parser)


class Result:
    """What a figure says: its value in the unit of the ranges (None: nothing happened) and its words.

    `level` is what the configuration's limits say of it: "", "warning" or "critical".
    """

    def __init__(self, label: str, value: float | None, unit: str, text: str, level: str = "",
                 most: str = "", more: str = "") -> None:
        self.label = label
        self.value = value
        self.unit = unit
        self.text = text
        self.level = level
        self.most = most
        self.more = more


def run(args: "argparse.Namespace") -> int:
    """Print the line and return its code; whatever goes wrong is UNKNOWN."""
    try:
        warning = parse_range(args.warning, "-w") if args.warning is not None else None
        critical = parse_range(args.critical, "-c") if args.critical is not None else None
        if not 0 < args.timeout < 1e6:
            raise CcboardError(f"-t {args.timeout:g}: a time-out is a number of seconds above 0")
        if args.source is not None and args.figure != "freshness":
            raise CcboardError("--source goes with freshness")
        said = _ask(args)
        result = freshness(said, args.source) if args.figure == "freshness" else figure(
            said, args.figure, args.queue)
    except CcboardError as error:
        return on_error(error)
    except Exception as error:  # noqa: BLE001 - a traceback would exit 1, which reads as WARNING
        return on_error(CcboardError(f"{type(error).__name__}: {error}"))
    code = judge(result, warning, critical)
    trouble = _trouble(_chosen(said, args.source)) if args.figure == "freshness" else ""
    if trouble and code is CheckCode.OK:  # a range too wide to notice
        return on_error(CcboardError(trouble))
    when = "" if said["live"] else f" as of {said['as_of'][:19]}Z"
    data = perfdata(result.label, result.value, result.unit, warning, critical, most=result.most)
    print(f"CCBOARD {code.name} - {plain(result.text)}{when} | {data}{result.more}")
    return code


def on_error(error: CcboardError) -> int:
    """Say that nothing can be said, and why: on stdout, which is what a monitoring screen shows."""
    print(f"CCBOARD UNKNOWN - {plain(str(error), 300)}")
    return CheckCode.UNKNOWN


def judge(result: Result, warning: Range | None, critical: Range | None) -> CheckCode:
    """Return the code of a result. Nothing happened is OK, whatever the ranges."""
    if result.value is None:
        return CheckCode.OK
    if warning is None and critical is None:
        return LEVELS.get(result.level, CheckCode.OK)
    if critical is not None and critical.alerts(result.value):
        return CheckCode.CRITICAL
    if warning is not None and warning.alerts(result.value):
        return CheckCode.WARNING
    return CheckCode.OK


def _ask(args: "argparse.Namespace") -> "dict[str, Any]":
    """Get the figures, and end as UNKNOWN when that takes longer than -t, whatever it waits for."""
    import signal

    from ccboard.commands.ask import figures, read_object

    def late(*_: object) -> "NoReturn":
        raise CcboardError(f"no answer within {args.timeout:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, args.timeout)
    try:
        return read_object(figures(args, agents=False, timeout=args.timeout))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def figure(said: "dict[str, Any]", name: str, queue: str | None) -> Result:
    """Return a figure of a queue (None: of all); raise CcboardError where its source is stale."""
    row = said["totals"]
    who = "all queues"
    if queue is not None:
        row = next((row for row in said["queues"] if row["queue"] == queue), None)
        if row is None:
            raise CcboardError(f"unknown queue {queue}")
        who = plain(row["label"] or row["queue"], NAME_LIMIT)
    good = [source for source in said["sources"] if source["state"] == "ok"]
    if not good or row["stale"] or (queue is None and len(good) < len(said["sources"])):
        raise CcboardError(_trouble(said["sources"]) or f"{who}: the figures are stale")
    key = {"longest-wait": "longest_wait_s", "agents-ready": "agents"}.get(name, name.replace("-", "_"))
    level = row["levels"].get(key, "")
    if name in {"service-level", "abandon-rate"}:
        ratio = row[key]
        if ratio is None:
            return Result(key, None, "%", f"{who} no calls", most="100")
        target = row["target"] if name == "service-level" else None
        beside = f" (target {percent(target)})" if target is not None else ""
        if name == "abandon-rate":
            beside = f" ({row['abandoned']} of {row['offered']})"
        return Result(key, round(ratio * 100, 6), "%",
                      f"{who} {name.replace('-', ' ')} {percent(ratio, target)}{beside}", level, most="100")
    if name == "agents-ready":
        ready = row["agents"]["ready"]
        if ready is None:
            raise CcboardError(f"{who}: it is not known who is ready: no source tells of agents' states")
        return Result("agents_ready", ready, "", f"{who} {ready} agent{'' if ready == 1 else 's'} ready")
    waiting, longest = row["waiting"], row["longest_wait_s"]
    if waiting is None:
        raise CcboardError(f"{who}: it is not known who waits")
    if name == "waiting":
        text = f"{who} {waiting} waiting" + (f", longest {minutes(longest)}" if waiting else "")
        return Result("waiting", waiting, "", text, level)
    if not waiting:
        return Result("longest_wait", None, "s", f"{who} no calls waiting")
    text = f"{who} longest wait {minutes(longest)} ({waiting} waiting)"
    return Result("longest_wait", longest, "s", text, level)


def _chosen(said: "dict[str, Any]", name: str | None) -> "list[dict[str, Any]]":
    """Return the sources that are meant; raise CcboardError for an unknown one or none at all."""
    every: list[dict[str, Any]] = said["sources"]
    chosen = [source for source in every if name in {None, source["name"]}]
    if not chosen:
        known = ", ".join(source["name"] for source in every)
        raise CcboardError(f"unknown source {name}; known: {known}" if every else "there is no source")
    return chosen


def freshness(said: "dict[str, Any]", name: str | None) -> Result:
    """Return the age of the oldest source, or of the one called `name`."""
    chosen = _chosen(said, name)
    if any(source["age_s"] is None for source in chosen):
        raise CcboardError(_trouble(chosen) or "a source was never heard")
    oldest = max(chosen, key=lambda source: float(source["age_s"]))
    more = "".join(" " + perfdata(f"age {source['name']}", source["age_s"], "s")
                   for source in chosen if len(chosen) > 1)
    text = f"source {plain(oldest['name'], NAME_LIMIT)} answered {age(oldest['age_s'])} ago"
    return Result("freshness", oldest["age_s"], "s", text, more=more)


def _trouble(sources: "list[dict[str, Any]]") -> str:
    """Return what is wrong with the worst of `sources`, or nothing."""
    bad = [source for source in sources if source["state"] != "ok"]
    if not bad:
        return "" if sources else "no source has reported yet"
    worst = max(bad, key=lambda source: float("inf") if source["age_s"] is None else float(source["age_s"]))
    heard = "never heard" if worst["age_s"] is None else f"last heard {age(worst['age_s'])} ago"
    text = f"source {plain(worst['name'], NAME_LIMIT)} {worst['state']}, {heard}"
    return f"{text}: {worst['error']}" if worst["error"] else text

"""Say which hub runs, since when, on which store, and how its sources are."""

from ccboard import client
from ccboard.clean import clean
from ccboard.commands import options
from ccboard.errors import HubError
from ccboard.text import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

KINDS = {
    "service": "the host's service", "serve": "stays until it is stopped",
    "temporary": "started by a board: gaps after it leaves", "demo": "the demonstration's",
}


def configure(parser: "argparse.ArgumentParser") -> None:
    """Add the options of ``ccboard status``."""
    options.config(parser)
    options.hub(parser)
    options.store(parser, "ask the hub that holds this store")
    parser.add_argument("--demo", action="store_true", help="ask the demonstration's hub")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: "argparse.Namespace") -> int:
    """Print what the hub says of itself."""
    address = demo() if args.demo else client.find_hub(args.hub, args.config, store=args.store)
    said = client.request(address, "GET", "/v1/status").good()
    if args.json:
        import json

        print(json.dumps({"address": str(address), **said}, ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(str(address), said)))
    return 0


def demo() -> client.Address:
    """Return where the demonstration's hub is. Raises HubError."""
    try:
        return client.find_hub(demo=True)
    except client.NoHub:
        from ccboard.hub import lock
        from ccboard.paths import demo_paths

        where = demo_paths()
        if not lock.is_free(where.lock):
            raise HubError(lock.stuck(where.lock, where.log)) from None
        raise HubError("no demo is running: start one with `ccboard demo`") from None


def lines(address: str, said: "dict[str, Any]") -> list[str]:
    """Return the status as text. What came from outside the hub is cleaned again."""
    kind = str(said["kind"])
    rows = [("hub", f"{address}: {KINDS.get(kind, clean(kind))}"),
            ("version", f"{said['version']} (protocol {said['protocol']})")]
    if "pid" in said:
        rows += [("process", f"{said['pid']}, up {span(said['uptime_s'])}"),
                 ("store", said["store"]),
                 ("configuration", said["config"] or "none: what was found on this host"),
                 ("time zone", said["timezone"]),
                 ("viewers", str(said["viewers"]))]
        if said["leaves_in_s"] is not None and not said["viewers"]:
            rows.append(("leaves in", span(said["leaves_in_s"])))
        for source in said["sources"]:
            age = "not heard yet" if source["age_s"] is None else f"heard {span(source['age_s'])} ago"
            state = f"FAILED: {source['error']}" if source["error"] else (
                "STALE" if source.get("state") == "stale" and source["age_s"] is not None else "ok")
            counts = f"{counted(source['rows'], 'record')}, {source['rejects']} rejected"
            rows.append(("source", f"{source['name']}: {state}; {age}; {counts}"))
            rows += [("", f"  {trouble}") for trouble in source["troubles"]]
        rows += [("notice", notice) for notice in said["notices"]]
    return [f"{name:<14} {clean(str(text), 400)}" for name, text in rows]


def span(seconds: float) -> str:
    """Return a length of time as people say it.

    >>> span(4.24), span(125), span(7260), span(180000)
    ('4.2 s', '2 min 5 s', '2 h 1 min', '2 d 2 h')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"

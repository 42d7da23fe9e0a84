"""How ``now`` and ``check`` get their figures: from a hub, or from a store that no hub holds.

Both give the same object, that of ``ccboard now --json``. The way to a hub needs a raw socket and JSON
and nothing else; everything heavy is behind ``ccboard.commands.offline``.
"""

from ccboard import client, places
from ccboard.commands import options
from ccboard.errors import CcboardError, HubError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any


def figures(args: "argparse.Namespace", *, agents: bool, timeout: float = 10.0) -> bytes:
    """Return the public object as JSON, as the options in `args` want it.

    Raises UsageError for an unknown queue or moment, HubError without a hub.
    """
    wanted = {"queue": args.queue, "as_of": args.as_of, "timezone": args.timezone,
              "agents": None if agents else "0"}
    if not args.store:
        try:
            return from_hub(options.asked(args), wanted, timeout)
        except client.NoHub as error:
            raise options.or_store(error, args) from None
    if args.hub or getattr(args, "demo", False):
        raise UsageError("--store reads a file while --hub and --demo ask a hub: name one of them")
    try:
        # The hub that holds this store, if any: DuckDB lets nobody else read it meanwhile.
        return from_hub(client.Address(path=places.socket(places.store(args.store))), wanted, timeout)
    except client.NoHub:
        from ccboard.commands.offline import read
        from ccboard.paths import store_paths

        return read(store_paths(args.store), args.config, wanted)


def quoted(text: str) -> str:
    """Return `text` for a query. Plain words need no ``urllib``, which costs 4 ms.

    >>> quoted("support"), quoted("Vertrieb Süd")
    ('support', 'Vertrieb%20S%C3%BCd')
    """
    if text.isascii() and text.replace("_", "").replace("-", "").replace(".", "").isalnum():
        return text
    from urllib.parse import quote

    return quote(text, safe="")


def from_hub(address: client.Address, wanted: "dict[str, str | None]", timeout: float) -> bytes:
    """Ask the hub at `address` for the public object, by the interface's query words."""
    query = "&".join(f"{key}={quoted(text)}" for key, text in wanted.items() if text is not None)
    answer = client.request(address, "GET", "/v1/now?" + query if query else "/v1/now", timeout=timeout)
    if answer.status == 404 and (queue := wanted.get("queue")):
        every = read_object(from_hub(address, {**wanted, "queue": None, "agents": "0"}, timeout))
        known = ", ".join(row["queue"] for row in every["queues"]) or "none yet"
        raise UsageError(f"unknown queue {queue!r}; known: {known}")
    if answer.status in {400, 404}:
        raise UsageError(answer.error())
    if answer.status != 200:
        raise HubError(answer.error())
    return answer.body


def read_object(body: bytes) -> "dict[str, Any]":
    """Return the public object that `body` is; raise HubError if it is something else."""
    import json

    try:
        said = json.loads(body)
        if said["schema"].partition("/")[0] == "ccboard.now":
            return dict(said)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise CcboardError("the hub's answer is not what ccboard now --json prints: use one version for both")

"""How ``figures`` and ``explain`` get their objects: from a hub, or from a store that no hub holds."""

from urllib.parse import quote

from ccboard import client
from ccboard.commands import options
from ccboard.errors import CcboardError, HubError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

PATIENCE_S = 130.0
"""Figures of years take their time."""


def ask(args: "argparse.Namespace", what: str, words: "dict[str, str | None]") -> "dict[str, Any]":
    """Return the object of ``/v1/{what}`` for these words. Raises UsageError, HubError."""
    if not args.store:
        try:
            return from_hub(options.asked(args), what, words)
        except client.NoHub as error:
            raise options.or_store(error, args) from None
    if args.hub or getattr(args, "demo", False):
        raise UsageError("--store reads a file while --hub and --demo ask a hub: name one of them")
    from ccboard.paths import store_paths

    where = store_paths(args.store)
    try:
        return from_hub(client.Address(path=str(where.socket)), what, words)
    except client.NoHub:
        from ccboard.commands.offline_figures import answer

        return answer(where, args.config, what, words)


def from_hub(address: client.Address, what: str, words: "dict[str, str | None]") -> "dict[str, Any]":
    """Ask the hub at `address`."""
    query = "&".join(f"{key}={quote(text, safe='')}" for key, text in words.items() if text is not None)
    answer = client.request(
        address, "GET", f"/v1/{what}" + ("?" + query if query else ""), timeout=PATIENCE_S
    )
    if answer.status in {400, 403}:
        raise UsageError(answer.error())
    if answer.status != 200:
        raise HubError(answer.error())
    import json

    try:
        said = json.loads(answer.body)
        if said["schema"] == f"ccboard.{what}/1":
            return dict(said)
    except (ValueError, KeyError, TypeError):
        pass
    raise CcboardError("the hub's answer is not understood: use one version of ccboard for both")

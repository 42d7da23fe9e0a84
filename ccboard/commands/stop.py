"""Stop your own hub, and wait until it has let go of its store. Boards that are open start no other.

The host's service is not stopped this way: use `systemctl stop ccboard`.
"""

import argparse
import sys
import time

from ccboard import client
from ccboard.commands import options
from ccboard.commands.status import demo
from ccboard.errors import HubError

WAIT_S = 20.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``ccboard stop``."""
    options.config(parser)
    options.hub(parser)
    options.store(parser, "stop the hub that holds this store")
    parser.add_argument("--demo", action="store_true", help="stop the demonstration's hub")


def run(args: argparse.Namespace) -> int:
    """Stop the hub; exit 0 when its store is free again."""
    from pathlib import Path

    from ccboard.hub.lock import holder, is_free, stop_mark
    from ccboard.paths import StorePaths
    from ccboard.text import printable

    address = demo() if args.demo else client.find_hub(args.hub, args.config, store=args.store)
    if not address.path:
        raise HubError(f"{address}: a hub is stopped on its own host")
    status = client.request(address, "GET", "/v1/status", any_version=True).good()
    store = status.get("store") if isinstance(status, dict) else None
    if not isinstance(store, str) or status.get("kind") == "service":
        client.request(address, "POST", "/v1/stop", any_version=True).good()
        raise HubError(f"the hub at {address} was told to stop; it does not say of which store it lets go")
    lock = StorePaths(Path(store)).lock
    try:
        stop_mark(lock).touch(mode=0o600)  # first: a board that finds its hub gone looks at once
        client.request(address, "POST", "/v1/stop", any_version=True).good()
    except OSError as error:
        raise HubError(f"{stop_mark(lock)}: cannot be written: {error.strerror}") from None
    except BaseException:
        stop_mark(lock).unlink(missing_ok=True)
        raise
    until = time.monotonic() + WAIT_S
    while not is_free(lock):
        if time.monotonic() >= until:
            raise HubError(f"the hub was told to stop but {holder(lock)} still holds {lock}")
        time.sleep(0.05)
    print(f"stopped the hub of {printable(store)}", file=sys.stderr)
    return 0

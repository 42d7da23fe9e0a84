"""Print where configuration, store, lock, log, sockets and caller key lie, and whether they exist.

Nothing is created by asking.
"""

import argparse
import os

from ccboard import client, paths
from ccboard.commands import options
from ccboard.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``paths``."""
    parser.add_argument("--json", action="store_true", help="print one object: name -> {path, exists}")
    parser.add_argument("--demo", action="store_true", help="of the demonstration")
    options.store(parser, "of this store (default: the configuration's, your own)")
    options.config(parser)


def run(args: argparse.Namespace) -> int:
    """Print one line per path."""
    if args.demo and args.store:
        raise UsageError("--demo means the demonstration's store and --store another: name one of them")
    found = gather(args.store, args.config, demo=args.demo)
    if args.json:
        import json

        said = {name: {"path": path, "exists": os.path.lexists(path)} for name, path in found.items()}
        print(json.dumps(said))
    else:
        longest = max(map(len, found))
        for name, path in found.items():
            print(f"{name:<{longest}}  {'exists ' if os.path.lexists(path) else 'missing'}  {path}")
    return 0


def gather(store: str | None = None, config: str | None = None, *, demo: bool = False) -> dict[str, str]:
    """Return every path in use by its name, for `store` and the configuration file `config`.

    `demo`: for the demonstration, which has a store of its own.
    """
    if demo:
        where = paths.demo_paths()
    else:
        where = paths.store_paths(store) if store else client.configured_paths(config)
    file = paths.find_config(config) or paths.config_file()
    return {
        "config": os.path.abspath(file),  # noqa: PTH100 - as the other absolute paths, without resolving
        "store": str(where.store),
        "lock": str(where.lock),
        "log": str(where.log),
        "socket": str(where.socket),
        "service_socket": client.service_socket(),
        "caller_key": str(where.caller_key),
    }

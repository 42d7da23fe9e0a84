"""Write a first configuration file from what is found on this host, or (--from) the map of an export."""

import argparse
import os
import shlex
import sys
from pathlib import Path

from ccboard import paths
from ccboard.commands import options
from ccboard.errors import ExitCode, InputError, UsageError
from ccboard.text import printable

SECRET_ENV = "CCBOARD_ASTERISK_SECRET"  # noqa: S105 - a variable's name


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--asterisk-etc", metavar="DIR", default="/etc/asterisk",
                        help="folder of Asterisk's configuration (/etc/asterisk)")
    parser.add_argument("--output", metavar="FILE",
                        help="file to write; - prints it (default: the user's configuration file)")
    parser.add_argument("--force", action="store_true", help="replace a file that is already there")
    parser.add_argument("--from", dest="from_file", metavar="FILE",
                        help="look at an export of call records and propose the map that"
                             " `ccboard import --map` reads it by; --output names the map's file, without it"
                             " the map is printed")
    parser.add_argument("--timezone", metavar="ZONE", type=options.zone,
                        help="with --from: the zone of the export's times")


def run(args: argparse.Namespace) -> int:
    """Write the file, and beside it the manager account's secret in a file of its own (0600)."""
    if args.from_file is not None:
        from ccboard.commands import init_map

        return init_map.run(args)
    if args.timezone is not None:
        raise UsageError("ccboard init: --timezone belongs to --from")
    from ccboard.starter import starter
    from sources.asterisk.discover import discover

    found = discover(Path(args.asterisk_etc))
    for sentence in found.said:
        _say(sentence)
    secret = found.account.secret if found.account else None
    if args.output == "-":
        sys.stdout.write(starter(found, ("secret_env", SECRET_ENV)))
        if secret is not None:
            _say(f"The account's secret is not in it: set {SECRET_ENV}, or name a secret_file.")
        return ExitCode.OK
    target = Path(args.output or os.environ.get("CCBOARD_CONFIG") or paths.config_file()).absolute()
    secret_file = target.with_name(target.stem + ".asterisk-secret")
    if not args.force:
        for path in (target, secret_file) if secret is not None else (target,):
            if path.exists() or path.is_symlink():
                raise UsageError(f"{path} is already there. Nothing was written; --force replaces it.")
    written = starter(found, ("secret_file", str(secret_file)))
    _must_load(written, target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if secret is not None:
            _write(secret_file, secret + "\n", 0o600, force=args.force)
        _write(target, written, 0o644, force=args.force)
    except OSError as error:
        raise InputError(f"{error.filename or target}: cannot be written: {error.strerror}") from None
    _say(f"Written: {target}")
    if secret is not None:
        _say(f"Written: {secret_file} (the manager account's secret, readable by you alone)")
    where = "" if paths.find_config(None) == target else f" --config {shlex.quote(str(target))}"
    first = "" if found.usable else "It names no source yet: fill in the one at its end. "
    _say(f"{first}Check it with: ccboard doctor{where}")
    return ExitCode.OK


def _say(sentence: str) -> None:
    print(printable(sentence), file=sys.stderr)


def _must_load(text: str, target: Path) -> None:
    """Raise ConfigError rather than write a file that the next command refuses."""
    import tomllib

    from ccboard.config import parse

    parse(tomllib.loads(text), target)


def _write(path: Path, text: str, mode: int, *, force: bool) -> None:
    """Write a file as a whole or not at all; never through a link, never over a file without `force`."""
    place = path.with_name(path.name + f".new{os.getpid()}") if force else path
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        place.unlink(missing_ok=True)
        raise
    if force:
        place.replace(path)

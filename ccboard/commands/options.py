"""Options that several commands share, so that they mean the same everywhere."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ccboard.client import Address


def _wrong(message: str) -> Exception:
    """Return what argparse shows as it is; loaded only when something is wrong (see ``quick``)."""
    from argparse import ArgumentTypeError

    return ArgumentTypeError(message)


def given(text: str) -> str:
    """Return an option's value; refuse an empty one, which a script's unset variable makes."""
    if not text.strip():
        raise _wrong("is empty: give a value, or leave the option out")
    return text


def zone(text: str) -> str:
    """Return the name of a time zone; refuse one that this host, which knows some, does not know."""
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(given(text))
    except (KeyError, ValueError, OSError):
        if available_timezones():
            raise _wrong(
                f"{text}: no such time zone on this host; use a name such as Europe/Berlin") from None
    return text


def config(parser: "argparse.ArgumentParser") -> None:
    """--config: the configuration file."""
    parser.add_argument(
        "--config", metavar="FILE", type=given,
        help="configuration file (default: CCBOARD_CONFIG, ~/.config/ccboard/config.toml,"
             " /etc/ccboard/config.toml)",
    )


def hub(parser: "argparse.ArgumentParser") -> None:
    """--hub: which hub to ask."""
    parser.add_argument(
        "--hub", metavar="ADDR", type=given,
        help="hub to ask: a socket's path or http://host:port (default: CCBOARD_HUB, the configuration,"
             " the service's socket, your own)",
    )


def demo(parser: "argparse.ArgumentParser") -> None:
    """--demo: ask the demonstration's hub, see ``asked``."""
    parser.add_argument("--demo", action="store_true", help="ask the demonstration's hub")


def or_store(error: Exception, args: "argparse.Namespace") -> Exception:
    """Return the error that no hub answers, with the store to read instead: the user's own if it is there."""
    import os
    import shlex

    from ccboard import client
    from ccboard.errors import HubError

    own = str(client.configured_paths(getattr(args, "config", None)).store)
    there = not getattr(args, "hub", None) and os.path.exists(own)  # noqa: PTH110 - pathlib costs 5 ms
    return HubError(f"{error}, or read a store with --store {shlex.quote(own) if there else 'FILE'}")


def asked(args: "argparse.Namespace") -> "Address":
    """Return the hub that --hub, --config and --demo mean. Raises HubError, UsageError, ConfigError."""
    from ccboard import client

    if not getattr(args, "demo", False):
        return client.find_hub(args.hub, args.config)
    if args.hub:
        from ccboard.errors import UsageError

        raise UsageError("--demo asks the demonstration's hub and --hub another: name one of them")
    from ccboard.commands.status import demo as demonstration

    return demonstration()


def store(parser: "argparse.ArgumentParser", use: str = "store (a DuckDB file) to use") -> None:
    """--store: which store."""
    parser.add_argument("--store", metavar="FILE", type=given, help=use)


def timezone(parser: "argparse.ArgumentParser") -> None:
    """--timezone: the centre's zone."""
    parser.add_argument(
        "--timezone", metavar="ZONE", type=zone,
        help="the centre's time zone, such as Europe/Berlin (default: the configuration's, the store's,"
             " the host's)",
    )


def as_of(parser: "argparse.ArgumentParser") -> None:
    """--as-of: the moment to show."""
    parser.add_argument(
        "--as-of", metavar="TIME", type=given,
        help="show this moment: 2026-11-16T09:12:00Z, 2026-11-16T09:12 in the centre's zone, or"
             " 09:12[:30] of the business day",
    )


def span(parser: "argparse.ArgumentParser") -> None:
    """--from and --to: a range of time, its end excluded."""
    parser.add_argument("--from", dest="begin", metavar="TIME",
                        help="from this business day or moment on (default: the business day of --as-of)")
    parser.add_argument("--to", dest="end", metavar="TIME",
                        help="up to this business day or moment, exclusive (default: --as-of)")


def asterisk_etc(parser: "argparse.ArgumentParser") -> None:
    """--asterisk-etc: where Asterisk's configuration lies."""
    parser.add_argument(
        "--asterisk-etc", metavar="DIR", type=given,
        help="folder of Asterisk's configuration, read where there is no configuration file"
             " (default: /etc/asterisk)",
    )

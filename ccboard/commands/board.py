"""Open the board: the floor, live, in this terminal.

Attaches to the running hub, or starts one in the background and attaches. Not on a terminal it
prints what ``ccboard now`` prints.
"""

import argparse
import os
import sys

from ccboard.commands import options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ccboard.client import Address


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the board."""
    options.hub(parser)
    options.config(parser)
    options.store(parser, "the store whose hub to ask or to start")
    options.asterisk_etc(parser)


def run(args: argparse.Namespace) -> int:
    """Show the board until the user leaves it."""
    from ccboard.hub.launch import ensure_hub

    found = False

    def find() -> "Address":
        nonlocal found
        address = ensure_hub(hub=args.hub, config=args.config, store=args.store,
                             asterisk_etc=args.asterisk_etc, again=found)
        found = True
        return address

    return open_board(find, language=configured_language(args.config))


def on_terminal() -> bool:
    """Tell whether a board can be shown: Textual reads stdin and draws on stderr."""
    if os.environ.get("TERM") == "dumb":
        return False
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.__stderr__))


def open_board(find: "Callable[[], Address]", *, language: str | None = None) -> int:
    """Show the board of the hub that `find` finds or starts; without a terminal print its figures.

    `find` runs on a thread of its own while the board is being drawn, so that the frame stands before the
    hub does. Raises what it raises at its first try. Returns the exit code.
    """
    if not on_terminal():
        from ccboard.commands.now import print_now

        return print_now(find())
    early = _Early(find)
    from ccboard.app import BoardApp  # 0.4 s of CPU: only now, and only here
    from ccboard.board.answers import HubAnswers
    from ccboard.board.hub_feed import HubFeed

    feed = HubFeed(early.find)
    app = BoardApp(feed, answers=HubAnswers(lambda: feed.address), language=language)
    code = app.run()
    if app.failure is not None:
        raise app.failure
    return app.return_code or code or 0


class _Early:
    """Looks for the hub while Textual is being imported: a hub takes a second to come up."""

    def __init__(self, find: "Callable[[], Address]") -> None:
        import threading

        self._find = find
        self._result: Address | None = None
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = threading.Thread(target=self._run, name="find", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._find()
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is awaited
            self._error = error

    def find(self) -> "Address":
        """Return the hub's address: the first time what was found meanwhile, later looked for anew."""
        if self._thread is None:
            return self._find()
        self._thread.join()
        self._thread = None
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result


def configured_language(config: str | None) -> str | None:
    """Return the configuration's `language`, read without pydantic (0.2 s); the hub checks the rest."""
    import tomllib

    from ccboard import paths

    path = paths.find_config(config)
    if path is None:
        return None
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8")).get("language")
    except (OSError, ValueError):
        return None  # the hub reads the same file, and says what is wrong with it
    return said if isinstance(said, str) else None

"""Where a hub talks: stderr, or a file that rotates. What it repeats of the outside is cleaned."""

import logging
import os
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path

from ccboard.clean import clean
from ccboard.errors import StoreError

SIZE, KEPT = 2_000_000, 3
LINE = 2000
"""Longest line of a log, in characters."""


class CleanFormatter(logging.Formatter):
    """One record, one line without control characters; a traceback keeps its lines, set in from the left."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line: what it repeats must not look like further records."""
        return clean(super().formatMessage(record), LINE)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        first, *rest = super().format(record).split("\n")
        return "\n".join([first, *("  " + _printable(line) for line in rest)])


def _printable(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * min(indent, 40) + clean(line, LINE)


def set_up(file: Path | None) -> None:
    """Log to `file`, rotating, or to stderr. Raises StoreError where the file cannot be written."""
    handler: logging.Handler
    if file is None:
        handler = logging.StreamHandler(sys.stderr)
    else:
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handler = RotatingFileHandler(file, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
        except OSError as error:
            raise StoreError(f"{file}: the log cannot be written: {error.strerror}") from None
    handler.setFormatter(CleanFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in ("httpx", "httpcore", "asyncio"):  # they tell addresses at every request
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.raiseExceptions = False  # a full disk under the log must not fill stderr in its place
    threading.excepthook = _report


def _report(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None:
        return
    where = args.thread.name if args.thread else "?"
    logging.getLogger("ccboard.hub").critical(
        "thread %s has ended", where, exc_info=(args.exc_type, args.exc_value, args.exc_traceback)
    )


def detach(file: Path) -> None:
    """Let go of the stderr that the starter reads: from now on what bypasses logging goes to `file`."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.dup2(descriptor, 2)
    os.close(descriptor)

"""The exceptions that ccboard raises on purpose, and the exit codes of its commands.

    CcboardError                 the message is meant for the user, as it is
    ├── NotInstalledError        a clone without its dependencies              exit 1
    ├── UsageError               a wrong word on the command line              exit 2
    ├── ConfigError              a wrong key or value; names file and key      exit 2
    ├── InputError               a file that cannot be read as what it claims  exit 1
    ├── HubError                 no hub, another version, a refusal            exit 2
    └── StoreError               the store cannot be opened or written         exit 1
        └── StoreMemoryError     it may not take the memory that this needs    exit 1
"""

import os
import sys
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit status says. ``check`` has its own, ``CheckCode``."""

    OK = 0
    """It did what was asked."""
    FAILED = 1
    """It could not: the last line on stderr says why and what to do."""
    USAGE = 2
    """Wrong words, a wrong configuration, or no hub to ask."""
    INTERRUPTED = 130
    """Ctrl-C."""


class CheckCode(IntEnum):
    """Exit status of ``ccboard check``, as Nagios and its heirs read it."""

    OK = 0
    """The figure lies inside both ranges, or nothing happened ("no calls")."""
    WARNING = 1
    """The figure left the -w range."""
    CRITICAL = 2
    """The figure left the -c range."""
    UNKNOWN = 3
    """No hub, an unknown queue, a stale source, wrong words: never taken for OK."""


class CcboardError(Exception):
    """Something that the user can mend; ``str(error)`` is the whole message."""

    exit_code = ExitCode.FAILED


class NotInstalledError(CcboardError):
    """A clone that was never installed for this Python; `what` is missing."""

    def __init__(self, what: str) -> None:
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib costs 5 ms
        super().__init__(
            f"ccboard is not installed for this Python ({what}): run `{sys.executable} -m pip"
            f" install -e {root}`, best in a virtual environment, and use its ccboard"
        )


class UsageError(CcboardError):
    """A wrong word on the command line."""

    exit_code = ExitCode.USAGE


class ConfigError(CcboardError):
    """A configuration file that cannot be used; the message names file and key."""

    exit_code = ExitCode.USAGE


class InputError(CcboardError):
    """A file or an answer that cannot be read as what it claims to be."""


class HubError(CcboardError):
    """No hub answers, it speaks another protocol version, or it refuses."""

    exit_code = ExitCode.USAGE


class StoreError(CcboardError):
    """The store cannot be opened, read or written."""


class StoreMemoryError(StoreError):
    """Something takes more memory than store.memory_limit allows; with less at a time it may go on."""

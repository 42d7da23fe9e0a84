"""The command line: finds the verb, imports its module and no other, and turns errors into messages.

Every verb is a module of ``ccboard.commands`` with ``configure(parser)`` and ``run(args) -> int``; it
imports only the standard library at its top, so that ``ccboard --help`` and the one-shot commands stay
fast. stdout is data, everything else is stderr.
"""

import errno
import io
import os
import sys

from ccboard.errors import CcboardError, ExitCode, NotInstalledError, UsageError
from ccboard.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import ModuleType
    from typing import Any

VERBS: dict[str, tuple[str, str]] = {
    "board": ("board", "the board (also without any verb)"),
    "demo": ("demo", "the board of a simulated call centre"),
    "serve": ("serve", "run a hub that stays: poll the sources, keep the store, serve boards"),
    "status": ("status", "say which hub runs, since when, on which store"),
    "stop": ("stop", "stop the hub"),
    "now": ("now", "print the figures of this moment, as text, JSON or CSV"),
    "check": ("check", "check one figure against limits, for Nagios and its heirs"),
    "figures": ("figures", "print any figures over any range, by day, queue, agent and more"),
    "explain": ("explain", "take a figure apart: formula, parts, other definitions"),
    "visits": ("visits", "list the visits behind a figure, and why each counts or not"),
    "quality": ("quality", "how far the data can be trusted, and the rows that speak against it"),
    "tail": ("tail", "say who needs help, who fluctuates, of whom it is too early to speak"),
    "alarms": ("alarms", "list the alarms that stand; accept them, put them off, note"),
    "staff": ("staff", "print calls to expect and heads to schedule, for the days to come"),
    "replay": ("replay", "open the board on the past, playing"),
    "coach": ("coach", "note who is coached, and see what has become of it"),
    "import": ("import_", "load history from files into the store"),
    "export": ("export", "write any range of the store as Parquet files"),
    "backtest": ("backtest", "try the surge alarm or the forecast on your own past"),
    "erlang": ("erlang", "how long callers wait with so many agents, or how many it takes"),
    "init": ("init", "write a commented configuration file from what is found on this host"),
    "doctor": ("doctor", "say what is wrong on this host, and how to mend it"),
    "paths": ("paths", "print where configuration, store, socket and log lie"),
}
"""Verb -> (module in ccboard.commands, help)."""
DEFAULT = "board"
NEEDED = frozenset({"textual", "rich", "httpx", "duckdb", "numpy", "pydantic", "pydantic_core"})
"""What a clone that was never installed lacks."""
_LEADING = frozenset({"--config", "--hub", "--store", "--timezone", "--as-of", "--asterisk-etc"})


def main(argv: list[str] | None = None) -> int:
    """Run the command line `argv` (default: the process's) and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    module: ModuleType | None = None
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads that wait for each other
    _open_closed()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name in another script is no reason to fail
    try:
        try:
            if words and words[0] in {"-h", "--help", "help"}:
                print(overview(), end="")
                return ExitCode.OK
            if words and words[0] in {"-V", "--version"}:
                print(f"ccboard {VERSION}")
                return ExitCode.OK
            verb, rest = split(words)
            module = command(verb)
            return int(module.run(read(verb, module, rest)))
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in NEEDED:
                raise
            raise NotInstalledError(f"the package {error.name} is missing") from None
        finally:
            _flush()
    except CcboardError as error:
        if module is not None and hasattr(module, "on_error"):
            return int(module.on_error(error))
        from ccboard.text import printable

        print(printable(str(error)), file=sys.stderr)
        return error.exit_code
    except SystemExit as left:  # argparse, after it printed --help
        return left.code if isinstance(left.code, int) else ExitCode.FAILED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _mute()  # the reader has seen enough (| head)
        return ExitCode.OK
    except OSError as error:
        full = error.errno == errno.ENOSPC
        if full:
            _mute()
        where = error.filename or ("standard output" if full else None)
        said = f"ccboard: {error.strerror or type(error).__name__}{'' if where is None else f': {where}'}"
        from ccboard.text import printable

        if not full and module is not None and hasattr(module, "on_error"):
            return int(module.on_error(CcboardError(printable(said))))
        print(printable(said), file=sys.stderr)
        return ExitCode.FAILED


def read(verb: str, module: "ModuleType", rest: list[str]) -> "Any":
    """Return the values of the words behind a verb; argparse reads what is not plain, and says mistakes."""
    from ccboard.commands.quick import Notes

    notes = Notes()
    module.configure(notes)
    if (plain := notes.read(rest)) is not None:
        return plain
    from ccboard.commands.parser import Formatter, Parser

    parser = Parser(prog="ccboard" if verb == DEFAULT else f"ccboard {verb}",
                    description=module.__doc__, formatter_class=Formatter)
    module.configure(parser)
    return parser.parse_args(rest)


def _open_closed() -> None:
    """Send what goes to a stream that was closed before we began (``>&-``) nowhere.

    Python has None for such a stream, ``print`` to a stderr that is None goes to stdout, and the next
    socket would get the stream's number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _flush() -> None:
    """Write out what was printed now, where a closed pipe or a full disk still gets an answer."""
    sys.stdout.flush()


def _mute() -> None:
    """Send what may still be buffered nowhere, so that Python's own flush at its end stays quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def split(words: list[str]) -> tuple[str, list[str]]:
    """Return the verb of a command line and the other words; raise UsageError for a wrong verb.

    >>> split(["now", "--json"]), split(["--config", "a.toml", "now"]), split(["--hub", "x"])
    (('now', ['--json']), ('now', ['--config', 'a.toml']), ('board', ['--hub', 'x']))
    """
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, equals, _ = words[at].partition("=")
        if name not in _LEADING:
            return DEFAULT, words  # the board's own options
        at += 1 if equals else 2
    if at >= len(words):
        return DEFAULT, words
    verb = words[at]
    if verb not in VERBS:
        import difflib

        near = difflib.get_close_matches(verb, VERBS, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"the commands are {', '.join(VERBS)}"
        raise UsageError(f"ccboard {verb}: no such command; {hint}")
    return verb, words[:at] + words[at + 1 :]


def command(verb: str) -> "ModuleType":
    """Import the module of `verb`."""
    name = f"ccboard.commands.{VERBS[verb][0]}"
    __import__(name)  # importlib costs another 2 ms
    return sys.modules[name]


def overview() -> str:
    """Return the text of ``ccboard --help``; no command is imported for it."""
    verbs = "".join(f"  {verb:<9}{said}\n" for verb, (_, said) in VERBS.items())
    return (
        "usage: ccboard [options]            open the board\n"
        "       ccboard VERB [options]\n"
        "       ccboard VERB --help          a verb's own options\n"
        "       ccboard --version\n\n"
        "A call centre's floor instrument that lives in a terminal.\n\n"
        f"{verbs}\n"
        "stdout is data, everything else goes to stderr.\n"
    )


def build_parser() -> "argparse.ArgumentParser":
    """Return one parser of all verbs, for documentation and completion. Imports every command."""
    from ccboard.commands.parser import Parser

    parser = Parser(prog="ccboard", description="A call centre's floor instrument.")
    parser.add_argument("-V", "--version", action="version", version=f"ccboard {VERSION}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    for verb, (_, said) in VERBS.items():
        module = command(verb)
        module.configure(verbs.add_parser(verb, help=said, description=module.__doc__))
    return parser

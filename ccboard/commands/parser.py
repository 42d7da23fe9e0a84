"""The full reader of command lines: help, mistakes, abbreviations. See ``quick`` for the plain ones."""

import argparse
import os

from ccboard.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal; asked without ``shutil``, which loads three compressors (3 ms)."""

    def __init__(self, prog: str) -> None:
        try:
            columns = os.get_terminal_size(1).columns
        except OSError:
            columns = 100
        super().__init__(prog, width=max(40, columns - 2))

    def _fill_text(self, text: str, width: int, indent: str) -> str:  # noqa: ARG002 - argparse's own
        """Break paragraphs to the width; what is set off by two spaces is an example and stays as it is."""
        from textwrap import fill

        parts = text.strip().replace("``", "`").split("\n\n")
        return "\n\n".join(part if part.startswith("  ") else fill(part, width) for part in parts)


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are errors like all others, so that each verb can say them its way."""

    def error(self, message: str) -> "NoReturn":
        """Raise UsageError; the message says how to go on."""
        raise UsageError(f"{self.prog}: {message} (see {self.prog} --help)")

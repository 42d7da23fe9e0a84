"""A program that makes one page of Markdown of files named on the command line."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path


def one_page(doc: str, named: str, title: str, about: str,
             part: Callable[[str, Path], Iterable[str]]) -> None:
    """Read ``NAME=FILE ... [--out FILE]``; print, and write, the title and what `part` says of each file.

    `named` is how help calls a file's word; what stands before its first ``=`` goes to `part` as it is.
    """
    parser = argparse.ArgumentParser(description=doc.split("\n")[0])
    parser.add_argument("files", nargs="+", metavar=named)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    lines = [f"# {title}\n", about]
    for word in args.files:
        name, _, path = word.partition("=")
        lines += part(name, Path(path))
    text = "\n".join(lines).rstrip() + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")

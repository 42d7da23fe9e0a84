"""The quick reader of command lines gives what argparse gives, or leaves the words to it."""

import argparse
import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccboard import cli
from ccboard.commands.parser import Parser
from ccboard.commands.quick import Notes
from ccboard.errors import CcboardError

VERBS = ("check", "now", "status", "stop", "paths", "figures", "explain", "erlang", "board", "demo")
WORDS = (
    "service-level", "waiting", "--queue", "support", "", "-", "--", "-w", "-c", "10", "80:", "-5",
    "--json", "--csv", "--hub", "x.sock", "--config", "--store", "--as-of", "09:12", "--timezone",
    "Europe/Berlin", "Nowhere/No", "-t", "3", "x", "--que", "--queue=support", "--help", "--agents",
    "--demo", "--speed", "2", "--kpi", "--calls-per-hour", "--aht", "--within", "--service-level", "0.8",
)


def by_argparse(verb: str, words: list[str]) -> dict[str, object] | None:
    """Return the values that argparse reads, None where it refuses or prints help."""
    parser = Parser(prog="ccboard")
    cli.command(verb).configure(parser)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            return vars(parser.parse_args(words))
        except (CcboardError, SystemExit, argparse.ArgumentError):
            return None


def quickly(verb: str, words: list[str]) -> dict[str, object] | None:
    """Return the values of the quick reader, None where it leaves the words to argparse."""
    notes = Notes()
    cli.command(verb).configure(notes)
    read = notes.read(words)
    return None if read is None else vars(read)


@given(st.sampled_from(VERBS), st.lists(st.sampled_from(WORDS), max_size=8))
def test_what_is_read_quickly_is_what_argparse_reads(verb: str, words: list[str]) -> None:
    found = quickly(verb, words)
    if found is not None:
        assert found == by_argparse(verb, words)


@pytest.mark.parametrize(("verb", "words"), [
    ("check", ["service-level", "--queue", "support", "-w", "80:", "-c", "70:", "--hub", "/tmp/h.sock"]),
    ("check", ["freshness", "-t", "2.5"]),
    ("now", []),
    ("now", ["--json", "--queue", "sales"]),
    ("status", ["--demo", "--json"]),
])
def test_the_common_lines_need_no_argparse(verb: str, words: list[str]) -> None:
    found = quickly(verb, words)
    assert found is not None
    assert found == by_argparse(verb, words)


@pytest.mark.parametrize("words", [
    ["--help"], ["nonsense"], ["waiting", "-w"], ["waiting", "-w", "-5"], ["waiting", "--queue=x"],
    ["waiting", "--qu", "x"], ["waiting", "waiting"], [], ["waiting", "-t", "soon"],
    ["waiting", "--queue", "x", "--nothing"],
])
def test_everything_else_is_left_to_argparse(words: list[str]) -> None:
    assert quickly("check", words) is None

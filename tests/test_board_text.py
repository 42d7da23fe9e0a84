"""Words, numbers and cells: what the board writes, checked without a screen."""

import ast
import doctest
import importlib
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from ccboard import i18n
from ccboard.app import BoardApp
from ccboard.board.pages import PAGES
from ccboard.board.screen import BoardScreen
from ccboard.snapshot import STATES
from widgets.cell_widget import _NARROW, JUMP, Line, cells, changes, joined
from widgets.cells import fit, folded, scrub, to_ascii
from widgets.strip_table import StripTable

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", [
    "widgets.format", "widgets.glyphs", "widgets.cells", "widgets.cell_widget", "widgets.filter_bar",
    "widgets.level_bars", "ccboard.i18n", "ccboard.board.picture",
])
def test_examples_in_docstrings(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def parts(template: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(template) if field}


@pytest.mark.parametrize("key", sorted(i18n.WORDS))
def test_both_languages_say_everything(key: str) -> None:
    english, chinese = i18n.WORDS[key]
    assert bool(english) == bool(chinese)
    if key.startswith("log."):  # a sentence may leave out what the other language needs
        assert parts(chinese) <= parts(english)
    else:
        assert parts(english) == parts(chinese)
    names = ("ok", "SVG", "Esc", "{", "ASA", "AHT")
    if english and not key.startswith("figure.goal") and not any(name == english for name in names):
        assert english != chinese or not english.isalpha() or len(english) <= 2


def test_every_binding_state_page_and_column_has_words() -> None:
    bindings = [*BoardApp.BINDINGS, *BoardScreen.BINDINGS, *StripTable.BINDINGS]
    ids = {b.id for b in bindings if not isinstance(b, tuple) and b.id}
    assert {"filter", "freeze", "zoom", "quit", "sort.next"} <= ids
    missing = [f"key.{name}" for name in ids if f"key.{name}" not in i18n.WORDS]
    missing += [f"state.{state}" for state in STATES if f"state.{state}" not in i18n.WORDS]
    missing += [f"hint.page.{page}" for page in PAGES if f"hint.page.{page}" not in i18n.WORDS]
    modules = ("queue_table", "agent_table", "waiting_table", "event_log", "source_tables")
    for name in modules:
        module = importlib.import_module(f"widgets.{name}")
        for attribute in ("COLUMNS", "MORE", "FINDING_COLUMNS"):
            missing += [f"column.{c.key}" for c in getattr(module, attribute, ()) if
                        f"column.{c.key}" not in i18n.WORDS]
    assert missing == []


def test_every_key_that_the_code_names_exists() -> None:
    """Literal keys in calls of ``words(...)``, wherever they stand."""
    named = set()
    for file in (*ROOT.glob("widgets/*.py"), *ROOT.glob("ccboard/board/*.py"), ROOT / "ccboard/app.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("words") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    named.add(first.value)
    assert len(named) > 30
    assert named <= set(i18n.WORDS)


def test_unknown_language_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    assert i18n.Words("fr").language == "en"
    for name, value, expected in (("LC_ALL", "zh_CN.UTF-8", "zh"), ("LC_ALL", "de_DE.UTF-8", "en")):
        monkeypatch.setenv(name, value)
        assert i18n.environment_language() == expected
    monkeypatch.delenv("LC_ALL")
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "zh_TW")
    assert i18n.environment_language() == "zh"


CONTROL = {chr(n) for n in (*range(32), *range(0x7F, 0xA0))}
MOVING = set("\u200b\u200d\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufe0f")


@given(st.text(max_size=60), st.integers(1, 40), st.booleans())
def test_a_fitted_text_takes_exactly_its_cells(text: str, width: int, right: bool) -> None:
    shown = fit(text, width, right)
    assert cell_len(shown) == width
    assert not (set(shown) & (CONTROL | MOVING))


@given(st.text(max_size=60))
def test_scrubbing_twice_changes_nothing(text: str) -> None:
    once = scrub(text)
    assert scrub(once) == once
    assert to_ascii(once).isascii()


def test_ten_thousand_characters_cost_one_line() -> None:
    assert fit("x" * 10_000, 12) == "x" * 11 + "…"
    assert len(scrub("é" * 10_000)) <= 512


def test_a_pile_of_marks_is_cut_to_one() -> None:
    assert scrub("a" + "\u0301" * 30 + "b") == "\u00e1\u0301b"  # the first joins its letter (NFC), one stays
    assert cell_len(scrub("a" + "\u0332" * 30 + "b")) == 2


@given(st.text(alphabet="ab 文字é", max_size=80), st.integers(2, 30))
def test_folded_lines_hold_every_word(text: str, width: int) -> None:
    lines = folded(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


pieces = st.tuples(st.text(alphabet="ab 中é", min_size=1, max_size=6), st.sampled_from(["plain", "dim"]))
inks = st.lists(pieces, max_size=6).map(joined)


@given(inks, inks)
def test_redrawing_the_changed_stretches_gives_the_new_line(old: Line, new: Line) -> None:
    """A second method: a terminal's cells, overwritten only where ``changes`` says so."""
    blank = (" ", "plain")
    before, after = cells(old), cells(new)
    length = max(len(before), len(after))
    before += [blank] * (length - len(before))
    after += [blank] * (length - len(after))
    screen = list(before)
    for start, end in changes(old, new):
        assert 0 <= start < end <= length
        assert after[start] is not None, "never from the middle of a wide character"
        assert end == length or after[end] is not None
        screen[start:end] = after[start:end]
    assert screen == after


narrow = st.tuples(st.text(alphabet="ab –█▁é", min_size=0, max_size=6), st.sampled_from(["plain", "dim"]))


@given(st.lists(narrow, max_size=6).map(tuple), st.lists(narrow, max_size=6).map(tuple))
def test_the_fast_way_finds_what_cell_by_cell_finds(old: Line, new: Line) -> None:
    blank = (" ", "plain")
    before, after = cells(old), cells(new)
    length = max(len(before), len(after))
    before += [blank] * (length - len(before))
    after += [blank] * (length - len(after))
    differ = [x for x in range(length) if before[x] != after[x]]
    assert [x for start, end in changes(old, new) for x in (start, end - 1)] == [
        x for start, end in _joined(differ) for x in (start, end - 1)]


def _joined(places: list[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for x in places:
        if spans and x - spans[-1][1] <= JUMP:
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
    return spans


def test_what_counts_as_narrow_takes_one_cell() -> None:
    characters = (chr(i) for i in range(0x11000) if not 0xD800 <= i < 0xE000)
    assert [hex(ord(c)) for c in characters if _NARROW(c) and get_character_cell_size(c) != 1] == []


def test_lines_that_are_the_same_change_nothing() -> None:
    line: Line = (("support", "plain"), ("12", "dim"))
    assert changes(line, line) == []

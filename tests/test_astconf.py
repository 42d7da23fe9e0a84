"""Asterisk's .conf files. Expected values are what Asterisk 22.10.1 itself made of the same file
(manager action GetConfig, tests/data/astconf/odd.getconfig.txt)."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccboard.clean import clean
from sources.asterisk import astconf

DATA = Path(__file__).parent / "data" / "astconf"


def as_asterisk_says_it(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    sections: list[tuple[str, list[tuple[str, str]]]] = []
    for line in text.splitlines():
        if found := re.match(r"Category-\d+: (.*)", line):
            sections.append((found[1], []))
        elif found := re.match(r"Line-\d+-\d+: (.*)", line):
            key, _, value = found[1].rpartition("=") if found[1].startswith("[") else found[1].partition("=")
            sections[-1][1].append((key, value))
    return sections


def test_every_construct_is_read_as_asterisk_reads_it():
    conf = astconf.read(DATA / "odd.conf")
    expected = as_asterisk_says_it((DATA / "odd.getconfig.txt").read_text(encoding="utf-8"))
    assert len(expected) == 11
    assert [(s.name, [(e.key, e.value) for e in s.entries]) for s in conf.sections()] == expected
    assert conf.said == []


def test_entries_know_their_file_and_line():
    conf = astconf.read(DATA / "odd.conf")
    part = next(s for s in conf.sections() if s.name == "part")
    assert part.entries[0][2:] == (str(DATA / "sub/part.conf"), 3)


def test_values_first_last_and_all():
    section = astconf.parse("[a]\nx = 1\nX => 2\n").section("A")
    assert section is not None
    assert (section.get("x"), section.first("x"), section.all("x")) == ("2", "1", ["1", "2"])
    assert section.get("y") is None
    assert section.get("y", "z") == "z"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1", "f:1: x stands before any [section]"),
        ("[a", "f:1: [ without ]"),
        ("[a](!\nx = 1", "f:1: ( without )"),
        ("[a](b)\nx = 1", "f:1: [a] inherits from [b], which does not exist yet"),
        ("[a](+)\nx = 1", "f:1: [a](+) adds to a section that does not exist yet"),
        ("[a]\nwords", "f:2: neither a section nor key = value"),
        ("[a]\n= 1", "f:2: = without a key"),
        ("[a]\n#exec /bin/true", "f:2: #exec is not run here"),
        ("[a]\n#include", "f:2: #include names no file"),
        ("[a]\n#inklude x", "f:2: #inklude is no directive"),
        ("[a]\n#include none.conf", "f:2: none.conf is to be included, but"),
        ("[a]\nx = 1 ;-- open\ny = 2", "f:2: the comment that begins here (;--) does not end"),
        ("[a]\nx = " + "y" * 9000, "f:2: line is too long"),
    ],
)
def test_mistakes_are_said_with_file_and_line_and_the_rest_goes_on(tmp_path, text, sentence):
    conf = astconf.parse(text + "\n[after]\nok = ;-- x --; 1\n", tmp_path, "f")
    assert conf.said[0].startswith(sentence)
    assert len(conf.said) == 1
    if "(;--)" not in sentence:
        after = conf.section("after")
        assert after is not None
        assert after.get("ok") == "1"


def test_tryinclude_of_nothing_is_silent(tmp_path):
    assert astconf.parse('#tryinclude "none.conf"', tmp_path).said == []


def test_a_loop_of_includes_ends_and_is_said(tmp_path):
    (tmp_path / "a.conf").write_text("[a]\nx = 1\n#include b.conf\n")
    (tmp_path / "b.conf").write_text("#include a.conf\n")
    conf = astconf.read(tmp_path / "a.conf")
    assert conf.found
    assert any("deep" in sentence for sentence in conf.said)
    assert len(conf.said) <= astconf.MAX_SAID + 1


def test_many_includes_of_one_another_are_bounded(tmp_path):
    for name in "abcdef":
        (tmp_path / f"{name}.conf").write_text("[x]\n" + "#include *.conf\n" * 3)
    conf = astconf.read(tmp_path / "a.conf")
    assert len(conf.all_sections) <= astconf.MAX_FILES
    assert any("files include one another" in sentence for sentence in conf.said)


def test_bytes_that_are_not_utf8_are_replaced_and_said(tmp_path):
    (tmp_path / "x.conf").write_bytes(b"[a]\nok = 1\nname = Jos\xe9\n")
    conf = astconf.read(tmp_path / "x.conf")
    section = conf.section("a")
    assert section is not None
    assert section.get("name") == "Jos\ufffd"
    assert conf.said == [f"{tmp_path}/x.conf:3: bytes that are not UTF-8 are read as \ufffd"]


def test_a_file_that_is_missing_unreadable_or_no_file(tmp_path):
    missing = astconf.read(tmp_path / "none.conf")
    assert (missing.found, missing.missing, missing.said) == (False, True, [])
    (tmp_path / "dir.conf").mkdir()
    folder = astconf.read(tmp_path / "dir.conf")
    assert (folder.found, folder.missing) == (False, False)
    assert "is no file" in folder.said[0]
    os.mkfifo(tmp_path / "pipe.conf")
    assert "is no file" in astconf.read(tmp_path / "pipe.conf").said[0]


def test_a_file_without_the_right_to_read_it_is_said(tmp_path, monkeypatch):
    path = tmp_path / "manager.conf"
    path.write_text("[general]\n")

    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    conf = astconf.read(path)
    assert (conf.found, conf.missing) == (False, False)
    assert conf.said == [f"{path}: cannot be read: Permission denied"]


def test_a_huge_file_is_read_in_part(tmp_path, monkeypatch):
    monkeypatch.setattr(astconf, "MAX_FILE_BYTES", 2 << 20)
    (tmp_path / "x.conf").write_bytes(b"[a]\nfirst = 1\n" + b"; filler\n" * 300_000)
    conf = astconf.read(tmp_path / "x.conf")
    section = conf.section("a")
    assert section is not None
    assert section.get("first") == "1"
    assert "only its first 2 MB" in conf.said[0]


def test_inheritance_cannot_grow_without_bound():
    text = "[t0]\n" + "k = v\n" * 1000 + "".join(
        f"[t{n}](t{n - 1},t{n - 1})\n" for n in range(1, 40))
    conf = astconf.parse(text)
    assert sum(len(s.entries) for s in conf.all_sections) <= astconf.MAX_ENTRIES
    assert len(conf.said) <= astconf.MAX_SAID + 1


PIECES = st.sampled_from([
    "[a]", "[b](!)", "[c](b)", "[a](+)", "k = v", "k += w", "k => v", ";", ";--", "--;", "\\;", "-", "\\",
    "#include x.conf", "#tryinclude y*", "#exec z", "\n", " ", "\t", "\x00", "=", "[", "]", "(", ")",
    "中", "\u202e",
])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_any_text_is_read_without_an_exception(text):
    conf = astconf.parse(text, Path("/nonexistent"), "f")
    assert all(sentence == clean(sentence, 400) for sentence in conf.said)
    for section in conf.all_sections:
        assert all(e.key and e.key == e.key.strip() and e.value == e.value.strip() for e in section.entries)


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=400))
def test_any_bytes_are_read_without_an_exception(tmp_path_factory, raw):
    path = tmp_path_factory.getbasetemp() / "any.conf"
    path.write_bytes(raw)
    assert astconf.read(path).found


@given(st.text(alphabet="a;- \\", max_size=30), st.integers(0, 3))
def test_without_a_semicolon_nothing_is_a_comment(line, depth):
    kept, after = astconf.strip_comments(line.replace(";", ""), depth)
    assert (kept, after) == ("" if depth else line.replace(";", ""), depth)
    kept, after = astconf.strip_comments(line, 0)
    assert after >= 0
    assert len(kept) <= len(line)

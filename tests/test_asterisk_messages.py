"""Framing of the manager interface: any cutting gives the same messages, and memory stays bounded."""

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import DATA, QUIRKS, WHOLE

from sources.asterisk.messages import MAX_LINE, MAX_LINES, MAX_MESSAGE, Framer, Message, parse_answer

BANNER = b"Asterisk Call Manager/11.0.0\r\n"


def test_banner_answers_and_events() -> None:
    framer = Framer()
    found = framer.feed(
        BANNER + b"Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n"
        b"Event: QueueCallerJoin\r\nPrivilege: agent,all\r\nCallerIDName: Eva: \xe9\r\n\r\n"
    )
    assert framer.banner == "Asterisk Call Manager/11.0.0"
    assert [m.event for m in found] == ["", "QueueCallerJoin"]
    assert found[0] == {"Response": "Success", "ActionID": "1", "Message": "Authentication accepted"}
    assert found[1]["CallerIDName"] == "Eva: \N{REPLACEMENT CHARACTER}"
    assert (framer.dropped, framer.odd_lines) == (0, 0)


def test_fields_as_records_take_them() -> None:
    message = Message(
        {
            "A": "x\x1b[0m ",
            "B": "",
            "C": "<unknown>",
            "D": "unknown",
            "E": " 12 ",
            "F": "-1",
            "G": "9" * 30,
            "H": "²",
        }
    )
    assert (message.text("A"), message.text("B"), message.text("none")) == ("x[0m", None, None)
    assert (message.person("C"), message.person("D"), message.person("A")) == (None, None, "x[0m")
    assert [message.whole(k) for k in "EFGH"] == [12, None, None, None]
    assert message.whole("E", limit=11) is None


def test_the_first_of_fields_with_one_name_counts() -> None:
    assert parse_answer(b"Event: X\r\nQueue: a\r\nQueue: b\r\n\r\n") == [{"Event": "X", "Queue": "a"}]


@pytest.mark.parametrize("name", WHOLE)
def test_cut_anywhere_the_messages_are_the_same(name: str) -> None:
    raw = gzip.decompress((DATA / name / "ami-agent.raw.gz").read_bytes())
    whole = Framer().feed(raw)
    assert len(whole) > 400
    rnd = random.Random(name)
    for most in (3, 100, 5_000):
        framer, found, at = Framer(), [], 0
        part = raw if most > 3 else raw[:60_000]
        while at < len(part):
            step = rnd.randint(1, most)
            found += framer.feed(part[at : at + step])
            at += step
        assert found == whole[: len(found)]
        assert len(found) == (len(whole) if most > 3 else len(Framer().feed(part)))
        assert framer.banner == "Asterisk Call Manager/11.0.0" or name == WHOLE[1]


def test_rawman_answers_use_the_same_parser() -> None:
    folder = DATA / QUIRKS / "5-odd-names"
    rawman = [m for m in parse_answer((folder / "rawman-queuestatus.txt").read_bytes()) if m.event]
    tcp = [m for m in parse_answer((folder / "ami.raw").read_bytes()) if m.event]
    strip = ("ActionID", "Wait")
    assert [{k: v for k, v in m.items() if k not in strip} for m in rawman] == [
        {k: v for k, v in m.items() if k not in strip} for m in tcp
    ]
    assert sum(m.event == "QueueEntry" for m in rawman) == 5


def test_an_answer_without_its_last_blank_line_is_not_lost() -> None:
    assert parse_answer(b"Response: Error\r\nMessage: Permission denied") == [
        {"Response": "Error", "Message": "Permission denied"}
    ]
    assert parse_answer(b"") == []


def test_endless_lines_cost_no_memory_and_are_counted() -> None:
    framer = Framer()
    for _ in range(200):
        assert framer.feed(b"x" * 50_000) == []
        assert len(framer._rest) <= MAX_LINE
    found = framer.feed(b"\r\nEvent: Lost\r\n\r\nEvent: Kept\r\n\r\n")
    assert [m.event for m in found] == ["Kept"]
    assert framer.dropped == 1


def test_a_long_line_costs_its_own_message_only() -> None:
    found = parse_answer(
        b"Event: A\r\n\r\nEvent: B\r\nX: " + b"y" * (MAX_LINE + 1) + b"\r\nQ: 1\r\n\r\nEvent: C\r\n\r\n"
    )
    assert [m.event for m in found] == ["A", "C"]


@pytest.mark.parametrize("line", [b"K: v\r\n", b"K: " + b"v" * (MAX_MESSAGE // 100) + b"\r\n"])
def test_endless_messages_are_dropped_up_to_the_next_blank_line(line: bytes) -> None:
    framer = Framer()
    assert framer.feed(b"Event: A\r\n" + line * (MAX_LINES + 5)) == []
    assert not framer._message
    assert [m.event for m in framer.feed(b"Q: 1\r\n\r\nEvent: B\r\n\r\n")] == ["B"]
    assert framer.dropped == 1


def test_garbage_is_counted_and_shown() -> None:
    framer = Framer()
    assert framer.feed(b"SSH-2.0-OpenSSH_9.2\x1b\r\nmore\r\n\r\n") == []
    assert framer.banner is None
    assert (framer.odd_lines, framer.odd_text) == (2, "SSH-2.0-OpenSSH_9.2")


@settings(max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [b"\r\n", b"\r\n\r\n", b"\n\n", b"Event: X\r\n", b"Queue: \xe4\xbd", b"\r", BANNER]
            ),
        ),
        max_size=30,
    ),
    st.randoms(use_true_random=False),
)
def test_any_bytes_cut_anyhow(parts: list[bytes], rnd: random.Random) -> None:
    raw = b"".join(parts)
    whole = Framer()
    expected = whole.feed(raw) + whole.finish()
    framer, found, at = Framer(), [], 0
    while at < len(raw):
        step = rnd.randint(1, 9)
        found += framer.feed(raw[at : at + step])
        at += step
    assert found + framer.finish() == expected
    assert (framer.banner, framer.odd_lines, framer.dropped) == (whole.banner, whole.odd_lines, whole.dropped)
    for message in expected:
        assert message
        assert sum(len(v) for v in message.values()) <= len(raw)

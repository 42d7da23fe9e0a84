"""The queue_log line parser: what it takes, what it refuses and how it says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import DATA, QUIRKS, WHOLE, log_files

from ccboard.clean import MAX_LENGTH, clean
from ccboard.records import Reject
from sources.asterisk.lines import MAX_BYTES, MAX_DATA, LogLine, parse_line


def line(text: str) -> LogLine:
    parsed = parse_line(text.encode(), 1)
    assert isinstance(parsed, LogLine), parsed
    return parsed


def reason(raw: bytes, **kw: int) -> str:
    parsed = parse_line(raw, 1204, **kw)
    assert isinstance(parsed, Reject), parsed
    assert parsed.where == "queue_log:1204"
    return parsed.reason


def test_the_parts_of_a_line() -> None:
    assert line("1795283252|1795283250.8|support|王芳|CONNECT|2|1795283250.10|2\n") == LogLine(
        at=1_795_283_252_000_000,
        call="1795283250.8",
        queue="support",
        agent="王芳",
        event="CONNECT",
        data=("2", "1795283250.10", "2"),
        number=1,
    )
    assert line("1795283239|NONE|NONE|NONE|QUEUESTART|").data == ("",)
    assert line("1795283239|NONE|NONE|NONE|QUEUESTART\r\n").data == ()


def test_blank_lines_are_nothing() -> None:
    assert parse_line(b"", 1) is None
    assert parse_line(b" \r\n", 1) is None


@pytest.mark.parametrize(
    ("text", "agent", "event", "data"),
    [
        ("support|Pipe|Name, Jr|PAUSE|a|b, c & <d>", "Pipe|Name, Jr", "PAUSE", ("a", "b, c & <d>")),
        ("support|A|B|C|CONNECT|3|17.1|2", "A|B|C", "CONNECT", ("3", "17.1", "2")),
        ("support|Ann|JR|COMPLETECALLER|3|14|1", "Ann|JR", "COMPLETECALLER", ("3", "14", "1")),
        (
            "support|Ann|x|BLINDTRANSFER|901|ctx|1|2|1",
            "Ann|x",
            "BLINDTRANSFER",
            ("901", "ctx", "1", "2", "1"),
        ),
        # An event of the dialplan's own whose data names one of app_queue's: not a pause.
        ("support|Local/1@a|MYEVENT|PAUSE|x", "Local/1@a", "MYEVENT", ("PAUSE", "x")),
        ("support|Local/1@a|MYEVENT|a|b|c", "Local/1@a", "MYEVENT", ("a", "b", "c")),
        # The name of an event in a reason does not move anything.
        ("support|Ann|PAUSE|UNPAUSE", "Ann", "PAUSE", ("UNPAUSE",)),
        ("support|Ann|x|CONNECT|three|17.1|2", "Ann", "x", ("CONNECT", "three", "17.1", "2")),
    ],
)
def test_a_bar_in_a_name_shifts_columns(text: str, agent: str, event: str, data: tuple[str, ...]) -> None:
    parsed = line(f"1795282765|NONE|{text}")
    assert (parsed.queue, parsed.agent, parsed.event, parsed.data) == ("support", agent, event, data)


def test_what_cannot_be_used_says_why() -> None:
    assert reason(b"12x|1.1|q|a|CONNECT|1|1|1") == "epoch is not a number"  # the text says what stood there
    assert "epoch is not a number" in reason(b"12x|1.1|q|a|CONNECT|1|1|1")
    assert "is not a number" in reason("１７９５|1.1|q|a|CONNECT".encode())
    assert "is not a number" in reason(b"|1.1|q|a|CONNECT")
    assert "is not a number" in reason(b"-5|1.1|q|a|CONNECT")
    assert "4 columns" in reason(b"1795283252|1795283250.8|support|NONE")
    assert "1 columns" in reason(b"1795283252")
    assert "outside" in reason(b"0|1.1|q|a|CONNECT|1|1|1")
    assert "outside" in reason(b"4200000000|1.1|q|a|CONNECT|1|1|1")
    assert "outside" in reason(b"9" * 400 + b"|1.1|q|a|CONNECT|1|1|1")
    assert f"{MAX_BYTES} bytes" in reason(b"1795283252|1.1|q|" + b"x" * 100_000 + b"|CONNECT|1|1|1")


def test_who_knows_the_time_can_refuse_the_future() -> None:
    late = b"4000000000|1.1|q|NONE|ENTERQUEUE||1|1"
    assert isinstance(parse_line(late, 1), LogLine)
    assert "outside" in reason(late, latest=1_795_369_652)
    assert isinstance(parse_line(b"1795369652|1.1|q|NONE|ENTERQUEUE||1|1", 1, latest=1_795_369_652), LogLine)


def test_strings_are_clean_whatever_the_bytes() -> None:
    parsed = parse_line(b"1795283252|1\x00.1|Queue [Sales]|M\xfcller\x1b]0;x\x07|PAUSE|\xe2\x80\xaeevil", 1)
    assert isinstance(parsed, LogLine)
    assert (parsed.call, parsed.queue, parsed.agent) == (
        "1.1",
        "Queue [Sales]",
        "M\N{REPLACEMENT CHARACTER}ller]0;x",
    )
    assert parsed.data == ("evil",)
    assert len(line(f"1795283252|1.1|q|{'x' * 10_000}|PAUSE|r").agent) == MAX_LENGTH


def test_lines_without_a_number_name_the_file_alone() -> None:
    parsed = parse_line(b"x|", 0)
    assert isinstance(parsed, Reject)
    assert parsed.where == "queue_log"


@pytest.mark.parametrize("name", [*WHOLE, QUIRKS, f"{QUIRKS}/5-odd-names"])
def test_recorded_lines_are_all_taken(name: str) -> None:
    for path in log_files(name):
        for number, raw in enumerate(path.read_bytes().splitlines(keepends=True), 1):
            parsed = parse_line(raw, number)
            assert isinstance(parsed, LogLine)
            assert "|".join((parsed.agent, parsed.event, *parsed.data)) in raw.decode()
    assert (DATA / name / "queue_log").stat().st_size > 1000


pieces = st.one_of(
    st.sampled_from(["NONE", "CONNECT", "PAUSE", "ENTERQUEUE", "1795283252", "q", "", "|", "1.5", "-1"]),
    st.text(max_size=20),
)


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(pieces, max_size=12).map(lambda p: "|".join(p).encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_a_line_a_reject_or_nothing(raw: bytes) -> None:
    parsed = parse_line(raw, 7)
    if parsed is None:
        assert not raw.decode("utf-8", "replace").strip()
    elif isinstance(parsed, Reject):
        assert parsed.reason
        assert len(parsed.text) <= 80
        assert clean(parsed.reason) == parsed.reason
    else:
        for text in (parsed.call, parsed.queue, parsed.agent, parsed.event):
            assert clean(text) == text
            assert len(text) <= MAX_LENGTH
        assert clean("|".join(parsed.data), MAX_DATA) == "|".join(parsed.data)

"""Ranges and performance data, against the guidelines' own table and a second reading of them."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccboard.errors import UsageError
from ccboard.nagios import number, parse_range, perfdata, plain


# The examples of the monitoring plug-ins' development guidelines, section "Threshold and Ranges".
@pytest.mark.parametrize(("text", "alerting", "quiet"), [
    ("10", [-0.1, 10.1, 11], [0, 5, 10]),
    ("10:", [9, 9.99, -1], [10, 11, 1e9]),
    ("~:10", [10.01, 11], [-1e9, 0, 10]),
    ("10:20", [9, 21], [10, 15, 20]),
    ("@10:20", [10, 15, 20], [9, 9.99, 20.01]),
    (":20", [-1, 21], [0, 20]),
    ("2.5:", [2.49], [2.5]),
    ("-10:-5", [-4, -11], [-10, -7, -5]),
])
def test_guidelines(text: str, alerting: list[float], quiet: list[float]) -> None:
    wanted = parse_range(text)
    assert [value for value in alerting if not wanted.alerts(value)] == []
    assert [value for value in quiet if wanted.alerts(value)] == []


@pytest.mark.parametrize("text", [
    "", ":", "@", "@:", "a", "10:5", "1:2:3", "nan", "inf", "1e5", "1_0", "~", "10:~", "80%", " 10", "--1",
    "-", ".", "1.2.3", "٣",
])
def test_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^-w .*range"):
        parse_range(text, "-w")


numbers = st.decimals(-1000, 1000, places=1).map(lambda value: format(value, "f"))


def second_method(text: str, value: float) -> bool:
    """Alert or not, by regular expression and cases, the guidelines' words one by one."""
    match = re.fullmatch(r"(@?)(?:(~|-?[\d.]+)?:)?(-?[\d.]+)?", text)
    assert match is not None
    at, start, end = match.groups()
    below = False if start == "~" else value < float(start or 0)
    above = False if end is None else value > float(end)
    outside = below or above
    return not outside if at else outside


@given(st.sampled_from(["", "@"]), st.one_of(st.none(), st.just("~"), numbers), st.one_of(st.none(), numbers),
       st.floats(-1100, 1100))
def test_against_a_second_method(at: str, start: str | None, end: str | None, value: float) -> None:
    if start is None and end is None:
        return
    text = at + (f"{start}:" if start is not None else "") + (end or "")
    if end is not None and start != "~" and float(start or 0) > float(end):
        with pytest.raises(UsageError):
            parse_range(text)
        return
    for probe in (value, float(end or 0), 0.0 if start in {None, "~"} else float(start or 0)):
        assert parse_range(text).alerts(probe) == second_method(text, probe), (text, probe)


@given(st.text(max_size=12))
def test_any_text_is_a_range_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert parse_range(text).text == text


ITEM = re.compile(r"'((?:[^'=|]|'')+)'=(U|-?\d+(?:\.\d+)?)(%|s|);([^;|]*);([^;|]*);([^;]*);([^; ]*)")


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1), st.one_of(st.none(), st.floats(0, 1e12)))
def test_perfdata_can_be_read_back(label: str, value: float | None) -> None:
    match = ITEM.fullmatch(perfdata(label, value, "s"))
    assert match is not None
    if value is None:
        assert match[2] == "U"
    else:
        assert float(match[2]) == pytest.approx(value, abs=0.006)


def test_label_with_quote() -> None:
    assert perfdata("Bob O'Hara=x|y", 1) == "'Bob O''Hara-x/y'=1;;;0;"


def test_number_has_no_exponent() -> None:
    assert [number(v) for v in (0, 0.001, 100, 12345678.9, 54.37)] == ["0", "0", "100", "12345678.9", "54.37"]


def test_plain_text_has_no_bar_and_one_line() -> None:
    assert plain("a|b\nc\x0bd") == "a/b c d"
    assert plain("abcdef", 4) == "abc…"

"""Words in columns: widths of cells against wcwidth's published cases, and the doctests."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ccboard import nagios, text


@pytest.mark.parametrize("module", [text, nagios])
def test_doctests(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    "name", ["support", "王芳", "Zoë", "José García", "コールセンター", "한국어", "Ⅳ ½ – …", "Привет"]
)
def test_widths_agree_with_the_boards(name: str) -> None:
    assert text.width(name) == cell_len(name)


@given(st.text(st.sampled_from("ab王芳ー é–"), max_size=20), st.integers(1, 12))
def test_clip_fits_and_keeps_the_beginning(name: str, cells: int) -> None:
    clipped = text.clip(name, cells)
    assert text.width(clipped) <= cells
    assert clipped == name or name.startswith(clipped.removesuffix("…"))
    assert text.width(text.left(clipped, cells)) == cells == text.width(text.right(clipped, cells))


@given(st.integers(0, 10_000), st.integers(1, 100))
def test_percent_never_rounds_up_to_a_missed_target(per_myriad: int, target: int) -> None:
    ratio = per_myriad / 10_000
    shown = float(text.percent(ratio, target / 100).removesuffix(" %"))
    assert abs(shown - ratio * 100) <= 0.51
    if per_myriad < target * 100:
        assert shown < target
    else:
        assert shown >= target

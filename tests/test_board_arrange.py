"""Panels never overlap and never leave the page, whatever the size."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccboard.board import arrange
from ccboard.board.arrange import Places, Rows


def check(places: Places, width: int, height: int) -> None:
    for name, place in places.items():
        assert place.x >= 0, name
        assert place.y >= 0, name
        assert place.width > 0, name
        assert place.height > 0, name
        assert place.x + place.width <= width, name
        assert place.y + place.height <= height, name
    for (one, a), (other, b) in itertools.combinations(places.items(), 2):
        apart = (a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y
                 or b.y + b.height <= a.y)
        assert apart, f"{one} and {other} overlap"


@given(st.sampled_from([arrange.overview, arrange.queues, arrange.agents, arrange.sources]),
       st.integers(arrange.LEAST_WIDTH, 400), st.integers(arrange.LEAST_HEIGHT - 1, 120),
       st.integers(0, 80), st.integers(0, 12))
def test_panels_have_their_own_room(page: object, width: int, height: int, queues: int, sources: int) -> None:
    assert callable(page)
    check(page(width, height, Rows(queues, sources)), width, height)


@pytest.mark.parametrize(("size", "panels"), [
    ((200, 47), {"queues", "levels", "agents", "waiting", "log"}),
    ((120, 37), {"queues", "levels", "agents", "log"}),
    ((80, 22), {"queues", "levels", "agents", "log"}),
    ((40, 11), {"queues", "floor", "log"}),
])
def test_what_each_size_shows(size: tuple[int, int], panels: set[str]) -> None:
    assert set(arrange.overview(*size, Rows(4, 2))) == panels


def test_all_queues_and_the_totals_are_in_sight_at_80x24() -> None:
    assert arrange.overview(80, 22, Rows(4, 2))["queues"].height == 6

"""Panels never overlap and never leave the page, whatever the size."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccboard.board import arrange
from ccboard.board.arrange import Places, Rows
from ccboard.board.room import Room


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
       st.integers(0, 80), st.integers(0, 12), st.integers(0, 12), st.integers(0, 60))
def test_panels_have_their_own_room(page: object, width: int, height: int, queues: int, sources: int,
                                    tail: int, waiting: int) -> None:
    assert callable(page)
    check(page(width, height, Rows(queues, sources, tail, 0, waiting)), width, height)


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


def test_few_callers_leave_their_room_to_the_log() -> None:
    few, many = (arrange.overview(200, 47, Rows(4, 2, 9, 0, waiting)) for waiting in (4, 40))
    assert few["waiting"].height == 6
    assert many["waiting"].height == 14
    assert few["log"].height == many["log"].height + 8


def test_room_grows_at_once_and_shrinks_after_five_quiet_minutes() -> None:
    room, minute = Room(), 60_000_000
    assert [room.keep(n, 0) for n in (0, 4, 5, 13, 2)] == [4, 4, 8, 16, 16]
    assert room.keep(7, 3 * minute) == 16  # since the first moment it needed 2, and 7 in between
    assert room.keep(1, 5 * minute - 1) == 16
    assert room.keep(1, 5 * minute) == 8
    assert room.keep(9, 6 * minute) == 12
    assert room.keep(1, minute) == 4  # another day, or a look back

"""Helpers for tests of the board: an app with a clock of its own, and its screen as lines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from board_floor import QuietFeed
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from ccboard.app import BoardApp


class HandClock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


class CountingDriver(HeadlessDriver):
    """A driver without a terminal that keeps what would have been written to it."""

    written: str = ""

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written += data


class Board(BoardApp):
    """The board, with a feed that is silent and a clock that stands still."""

    def __init__(self, **options: Any) -> None:
        self.clock = HandClock()
        options.setdefault("language", "en")
        super().__init__(options.pop("feed", None) or QuietFeed(), tick=self.clock, **options)
        self.state.strikes = 0  # the floors of tests are of whole seconds

    def _arm(self) -> None:
        """No ticking by itself: ``advance`` does it."""

    def advance(self, seconds: float) -> None:
        """Let time pass, and the clock tick once."""
        self.clock.at += seconds
        self.tick()

    def lines(self) -> list[str]:
        """The screen."""
        return self.board.text()


@asynccontextmanager
async def shown(
    size: tuple[int, int], snapshot: Any = None, **options: Any
) -> AsyncIterator[tuple[Board, Pilot[int]]]:
    """Run a board of a size, with a snapshot on it."""
    app = Board(**options)
    async with app.run_test(size=size) as pilot:
        if snapshot is not None:
            app.take(snapshot)
        await settle(app, pilot)
        yield app, pilot


async def settle(app: Board, pilot: Pilot[int]) -> None:
    """Let everything be laid out and drawn that news or keys have set going.

    Each pause waits until every widget has taken its messages, then draws: rounds and not time, so that
    a busy machine makes tests slow and not wrong. News, layout, sizes, figures for them: four rounds.
    """
    while app._inbox:  # noqa: ASYNC110 - taken in by another task of this loop
        await asyncio.sleep(0)
    for _ in range(6):
        await pilot.pause(0)


async def resize(app: Board, pilot: Pilot[int], size: tuple[int, int]) -> None:
    """Make the terminal another size."""
    await pilot.resize_terminal(*size)
    while tuple(app.board.size) != size:
        await pilot.pause(0)
    await settle(app, pilot)


def line_with(app: Board, text: str) -> str:
    """The first line of the screen that holds a text."""
    return next(line for line in app.lines() if text in line)


def run(coroutine: object) -> None:
    asyncio.run(coroutine)  # type: ignore[arg-type]

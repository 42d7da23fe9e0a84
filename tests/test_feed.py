"""A board's line to its hub outlives whatever looking for a hub may raise."""

import threading
from collections.abc import Callable

import pytest

from ccboard.board.hub_feed import HubFeed
from ccboard.board.state import Lost
from ccboard.client import Address, NoHub
from ccboard.errors import CcboardError
from ccboard.feed import Feed
from ccboard.snapshot import Snapshot

PATIENCE_S = 10.0


def no_more_processes() -> Address:
    raise BlockingIOError(11, "Resource temporarily unavailable")


def no_more_threads() -> Address:
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("find", [no_more_processes, no_more_threads])
def test_a_search_that_raises_anything_is_a_loss_and_is_tried_again(find: Callable[[], Address]) -> None:
    tries, again, lost = [], threading.Event(), list[str]()

    def look() -> Address:
        tries.append(1)
        if len(tries) == 3:
            again.set()
        return find()

    feed = Feed(look, lambda snapshot: None, lost.append, lambda: None)
    feed.start()
    assert again.wait(PATIENCE_S)
    feed.stop()
    assert len(lost) == 1  # once per loss
    assert str(lost[0])


def test_a_first_search_that_raises_anything_is_final_and_says_why() -> None:
    news, came = list[Snapshot | Lost](), threading.Event()

    def take(item: Snapshot | Lost) -> None:
        news.append(item)
        came.set()

    feed = HubFeed(no_more_processes)
    feed.start(take)
    assert came.wait(PATIENCE_S)
    feed.stop()
    assert isinstance(news[0], Lost)
    assert isinstance(news[0].failure, CcboardError)
    assert "Resource temporarily unavailable" in news[0].reason


def test_a_refusal_keeps_its_own_words() -> None:
    news, came = list[Snapshot | Lost](), threading.Event()

    def refuse() -> Address:
        raise NoHub("no hub is running")

    def take(item: Snapshot | Lost) -> None:
        news.append(item)
        came.set()

    feed = HubFeed(refuse)
    feed.start(take)
    assert came.wait(PATIENCE_S)
    feed.stop()
    assert isinstance(news[0], Lost)
    assert news[0].reason == "no hub is running"
    assert isinstance(news[0].failure, NoHub)

"""Who only looks is shown no keys by which something is done, and told so who presses them."""

import json
from dataclasses import replace

from board_floor import floor
from board_pilot import Board, line_with, run, settle, shown
from test_board_surge_figures import full
from textual.pilot import Pilot

from ccboard.hub.roles import MEMBER, OWNER, Viewer, view
from ccboard.snapshot import Snapshot, from_wire, to_wire

WALL, CLIENT = Viewer("wall"), Viewer("client", ("support",))


async def help_of(app: Board, pilot: Pilot[int]) -> str:
    """Return everything that help says of a page of the surge."""
    await pilot.press("5", "question_mark")
    await settle(app, pilot)
    said = app.board._help
    assert said is not None
    text = "\n".join(meaning for _, meaning in said._keys)
    await pilot.press("escape")
    await settle(app, pilot)
    return text


async def nothing_is_done(app: Board, pilot: Pilot[int], because: str) -> None:
    """Press every key by which something is done: each says why not, and none opens a question."""
    for page, keys in (("1", "a"), ("5", "aonfm"), ("4", "cxm")):
        for key in keys:
            await pilot.press(page)
            app.say("")
            await pilot.press(key)
            await settle(app, pilot)
            assert because in app.lines()[-1], (page, key)
            assert not getattr(app.board.page, "asking", "")


def test_the_hub_tells_who_may_act() -> None:
    seen: dict[str, Snapshot] = {who.role: view(floor(), who) for who in (MEMBER, WALL, CLIENT)}
    assert {role: from_wire(json.loads(json.dumps(to_wire(one)))).acts for role, one in seen.items()} == {
        "lead": True, "wall": False, "client": False}
    assert view(floor(), OWNER).acts


def test_a_wall_shows_no_keys_that_it_may_not_use() -> None:
    async def check() -> None:
        async with shown((160, 50), view(full(), WALL)) as (app, pilot):
            assert "a accept" not in "\n".join(app.lines())
            assert "accept the alarm" not in (told := await help_of(app, pilot))
            assert "write a note" not in told
            assert "what if" in told  # works something out, and hands nothing in
            assert line_with(app, "w what if")
            assert "o snooze" not in "\n".join(app.lines())
            await nothing_is_done(app, pilot, "this board only looks")
            await pilot.press("5", "w")
            await settle(app, pilot)
            assert app.board.page.asking == "what_if"  # type: ignore[attr-defined]

    run(check())


def test_in_the_past_nothing_is_done_about_what_stood_there() -> None:
    """The deed would be about the alarm of now, with a lift of then."""
    async def check() -> None:
        async with shown((160, 50), replace(view(full(), MEMBER), live=False)) as (app, pilot):
            assert "a accept" not in "\n".join(app.lines())
            await nothing_is_done(app, pilot, "this is the past: L goes back to now")

    run(check())


def test_a_lead_has_them_all() -> None:
    async def check() -> None:
        async with shown((160, 50), view(full(), MEMBER)) as (app, pilot):
            assert line_with(app, "a accept")
            told = await help_of(app, pilot)
            assert "accept the alarm" in told
            assert "write a note" in told
            assert line_with(app, "o snooze")

    run(check())

"""`ccboard alarms`: what stands, a line each, and what is done about it from the shell."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from board_floor import AT
from scripted_hub import answer, floor, giving, scripted_hub
from test_board_surge import ALL, RED, SALES, panel

from ccboard import places
from ccboard.cli import main
from ccboard.panel_surge import Earlier, Exceptional

LIMIT = Exceptional("limit:waiting:sales", "", "sales", "sales", "waiting", 12.0, 9.0, "Sam 4720", ())
TAKEN = SALES._replace(state="silent", since=AT, raised_at=AT, accepted_by="Chen \x1b[31m",
                       accepted_at=AT + 60_000_000, reaction_s=60)


@pytest.fixture
def alarms(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
           ) -> Callable[..., tuple[int, str, str, list[Any]]]:
    monkeypatch.setenv("CCBOARD_USER", "Chen Li")

    def run(*words: str, said: Any = None, act: bytes | None = None) -> tuple[int, str, str, list[Any]]:
        standing = panel(ALL, RED, TAKEN, exceptions=(LIMIT,)) if said is None else said
        shown = giving(replace(floor(), surge=standing))

        def reply(method: str, path: str, body: bytes) -> bytes | None:
            if method == "POST":
                return act or answer(200, {"applied": 1, "at": AT, "role": "owner"})
            return shown(method, path, body)

        with scripted_hub(tmp_path, reply) as (path, asked):
            status = main(["alarms", "--hub", str(path), *words])
        path.unlink(missing_ok=True)
        out, err = capsys.readouterr()
        posted = [json.loads(body) for *request, body in asked if request == ["POST", "/v1/actions"]]
        return status, out, err, posted

    return run


def test_what_stands_is_listed(alarms: Callable[..., Any]) -> None:
    status, out, _, _ = alarms()
    lines = out.splitlines()
    assert status == 0
    assert lines[0].startswith("support  SURGE, 93 % sure  +38 % (27..49)  since 14:34  "), \
        "13:34 UTC, in Berlin"
    assert lines[0].endswith("  tier 1  call Anna 4711, Ben 4712")
    assert alarms(said=panel(RED._replace(heads=36, need=34)))[1].endswith(
        "  tier 1  those at work are enough\n")
    assert lines[1].startswith("sales  SILENT  no calls since ")
    assert lines[1].endswith("accepted by Chen [31m at 15:15, after 1 min")
    assert lines[2] == "sales  waiting  12, limit 9  owner Sam 4720"


def test_what_was_done_about_a_lower_tier_is_said_beside_whom_to_call(alarms: Callable[..., Any]) -> None:
    risen = RED._replace(tier=2, earlier=Earlier("accept", "Ida", AT, 1, "", 60))
    _, out, _, _ = alarms(said=panel(ALL, risen))
    assert out.endswith("  tier 2  call Anna 4711, Ben 4712  tier 1 was accepted by Ida at 15:14\n")


def test_a_false_alarm_is_said(alarms: Callable[..., Any]) -> None:
    false = RED._replace(false_by="Ida", false_at=AT)
    _, out, _, _ = alarms(said=panel(ALL, false, exceptions=(LIMIT._replace(false_by="Ida", false_at=AT),)))
    for line in out.splitlines():
        assert line.endswith("  called a false alarm by Ida at 15:14"), "14:14 UTC, in Berlin"


@pytest.mark.parametrize(("option", "more", "said"), [
    ("--accept", {"accepted_by": "Ida", "accepted_at": AT, "reaction_s": 60},
     "support: accepted by Ida at 15:14, after 1 min already"),
    ("--false-alarm", {"false_by": "Ida", "false_at": AT},
     "support: called a false alarm by Ida at 15:14 already"),
])
def test_nothing_is_done_twice(alarms: Callable[..., Any], option: str, more: dict[str, Any], said: str
                               ) -> None:
    status, _, err, posted = alarms(option, "support", said=panel(ALL, RED._replace(**more)))
    assert (status, err.strip(), posted) == (0, said, [])


def test_until_when_it_is_put_off_has_a_date_where_it_is_not_today(alarms: Callable[..., Any]) -> None:
    """It is 15:14 in Berlin: nine hours on, tomorrow has begun there, and not in UTC."""
    for later, said in ((3600, "put off until 16:14"), (9 * 3600, "put off until 2026-11-17 00:14")):
        row = RED._replace(snoozed_until=AT + later * 1_000_000)
        assert alarms(said=panel(row))[1].endswith(f"  {said}\n")


def test_nothing_stands(alarms: Callable[..., Any]) -> None:
    assert alarms(said=panel(ALL, SALES))[:2] == (0, "no alarms\n")


def test_a_hub_that_has_not_looked_yet_is_said(alarms: Callable[..., Any], tmp_path: Path,
                                               capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_hub(tmp_path, giving(floor())) as (path, _):
        assert main(["alarms", "--hub", str(path)]) != 0
    assert "has not looked at the calls of today yet" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "deed"), [
    (("--accept", "support"), {"kind": "accept", "about": "surge:support"}),
    (("--snooze", "support", "--minutes", "10"),
     {"kind": "snooze", "about": "surge:support", "for_s": 600.0}),
    (("--new-normal", "support"), {"kind": "new_normal", "about": "surge:support", "value": 1.38}),
    (("--note", "*", "--text", "rain"), {"kind": "note", "about": "surge:*", "note": "rain"}),
    (("--false-alarm", "support", "--who", "Ida"),
     {"kind": "false_alarm", "about": "surge:support", "who": "Ida"}),
])
def test_what_is_done(alarms: Callable[..., Any], words: tuple[str, ...], deed: dict[str, object]) -> None:
    status, _, _, [posted] = alarms(*words)
    assert status == 0
    assert {"who": "Chen Li", **deed}.items() <= posted.items()
    assert posted["key"]


@pytest.mark.parametrize(("words", "said"), [
    (("--accept", "nope"), "no queue 'nope'; there is *, support, sales"),
    (("--accept", "*"), "no alarm stands for *"),
    (("--note", "support"), "needs --text"),
    (("--snooze", "support", "--minutes", "-10"), "--minutes -10: a number from 1 to 1440 is meant"),
    (("--snooze", "support", "--minutes", "99999999"), "--minutes 99999999: a number from 1 to 1440"),
    (("--snooze", "support", "--minutes", "nan"), "--minutes nan: a number from 1 to 1440 is meant"),
    (("--accept", "support", "--minutes", "10"), "--minutes goes with --snooze"),
])
def test_what_cannot_be_done_is_said(alarms: Callable[..., Any], words: tuple[str, ...], said: str) -> None:
    status, _, err, posted = alarms(*words)
    assert status != 0
    assert said in err
    assert posted == []


def test_who_may_not_is_told(alarms: Callable[..., Any]) -> None:
    refusal = answer(403, {"error": "what is done about an alarm is for lead and manager"})
    status, _, err, _ = alarms("--accept", "support", act=refusal)
    assert status != 0
    assert "for lead and manager" in err


def test_of_a_store_its_hub_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "a.duckdb"
    assert main(["alarms", "--store", str(store)]) == 2
    assert f"`ccboard backtest surge --store {store}`" in capsys.readouterr().err
    assert main(["alarms", "--store", str(store), "--hub", "x"]) == 2
    assert "name one of them" in capsys.readouterr().err
    shown = giving(replace(floor(), surge=panel(ALL, RED)))
    with scripted_hub(tmp_path, shown) as (path, _):
        Path(places.socket(str(store))).symlink_to(path)
        assert main(["alarms", "--store", str(store)]) == 0


def test_as_json(alarms: Callable[..., Any]) -> None:
    _, out, _, _ = alarms("--json")
    assert json.loads(out)["queues"][1]["lift"] == 0.38


def test_one_thing_is_done_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alarms", "--accept", "support", "--note", "sales", "--text", "x"]) == 2
    assert "--accept and --note: one of them at a time" in capsys.readouterr().err

"""`ccboard coach` from the shell: days are the centre's, and a re-check lies ahead."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted_hub import answer, scripted_hub

from ccboard.cli import main
from ccboard.commands.coach import until
from ccboard.errors import UsageError

CASE = {"kpi": "aht", "by": "agent", "unit": "Wang Fang", "label": "Wang Fang", "state": "recheck",
        "opened_at": "2026-11-15T23:30:00Z", "opened_by": "Eva", "started_at": None,
        "recheck_at": "2026-11-30T23:00:00Z", "done_at": None, "changed_at": "2026-11-16T22:59:59Z",
        "notes": [{"at": "2026-11-16T23:00:00Z", "who": "Eva", "text": "calm"}], "effect": None}
SAID = {"schema": "ccboard.coach/1", "as_of": "2026-11-22T23:30:00Z", "timezone": "Europe/Berlin",
        "cases": [CASE]}
"""It is 00:30 on 23 November in Berlin, an hour ahead of UTC in winter."""

Coach = Callable[..., tuple[int, str, str, list[Any]]]


@pytest.fixture
def coach(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Coach:
    def reply(method: str, path: str, body: bytes) -> bytes | None:
        return answer(200, {"applied": 1} if method == "POST" else SAID)

    def run(*words: str) -> tuple[int, str, str, list[Any]]:
        with scripted_hub(tmp_path, reply) as (path, asked):
            status = main(["coach", *words, "--hub", str(path)])
        path.unlink(missing_ok=True)
        out, err = capsys.readouterr()
        return status, out, err, [json.loads(body) for *request, body in asked if request[0] == "POST"]

    return run


def test_days_are_those_of_the_centre(coach: Coach) -> None:
    assert coach("list")[1].splitlines() == [
        "Wang Fang (aht): recheck since 2026-11-16, re-check on 2026-12-01", "  2026-11-17 Eva: calm"]
    [row] = csv.DictReader(io.StringIO(coach("list", "--csv")[1]))
    assert (row["recheck_at"], row["recheck_on"]) == ("2026-11-30T23:00:00Z", "2026-12-01")


@pytest.mark.parametrize(("text", "at"), [
    ("2026-12-01", 1_796_079_600), ("2026-11-23", 1_795_388_400), ("8d", 1_796_079_600)])
def test_a_day_to_come_is_noted(coach: Coach, text: str, at: int) -> None:
    status, _, _, [deed] = coach("recheck", "Wang Fang", text)
    assert (status, deed["until"]) == (0, at * 1_000_000)


@pytest.mark.parametrize(("text", "said"), [
    ("2020-01-01", "2020-01-01 lies in the past, it is 2026-11-23 in Europe/Berlin: a date such as"),
    ("2026-11-22", "2026-11-22 lies in the past"),
    ("0d", "0d: 1d to 3659d are meant"),
    ("2926-12-01", "more than 10 years from now"),
    ("-5d", "-5d is no option, and as a day it would lie in the past: a date such as"),
    ("soon", "soon is no date such as 2026-12-01"),
])
def test_other_days_are_refused(coach: Coach, text: str, said: str) -> None:
    status, _, err, posted = coach("recheck", "Wang Fang", text)
    assert (status, posted) == (2, [])
    assert said in err


def test_a_minus_behind_the_options_is_said_too() -> None:
    with pytest.raises(UsageError, match="-5d lies in the past: a date such as 2026-12-01"):
        until("-5d", SAID)

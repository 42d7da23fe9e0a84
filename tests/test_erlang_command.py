"""``ccboard erlang``: the reference points by the command line, and words that make no queue."""

import csv
import json
from pathlib import Path

import pytest

from ccboard import cli

POINTS = list(csv.DictReader((Path(__file__).parent / "data/erlang_points.csv").open()))
KEYS = {"agents", "p_wait", "service_level", "asa_s", "p_abandon", "mean_wait_all_s", "mean_wait_abandoned_s",
        "occupancy"}


def words(point):
    named = ["erlang", point["model"].lower(), "--calls-per-hour", point["calls_per_hour"], "--aht",
             point["aht_s"], "--within", point["threshold_s"]]
    return [*named, "--patience", point["mean_patience_s"]] if point["model"] == "A" else named


@pytest.mark.parametrize("point", POINTS[::7], ids=lambda p: f"{p['model']}-{p['agents']}")
def test_reference_points(point, capsys):
    assert cli.main([*words(point), "--agents", point["agents"], "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said) == KEYS
    expected = point["sl_answered_within_over_offered"]
    if expected:
        assert said["service_level"] == pytest.approx(float(expected), rel=1e-6)
    else:
        assert said["service_level"] is None


def test_dashes_say_why(capsys):
    words = ["erlang", "c", "--calls-per-hour", "120", "--aht", "300", "--within", "20"]
    assert cli.main([*words, "--agents", "10"]) == 0  # 10 erlangs
    assert "10 erlangs of calls for 10 agents: the queue grows without end" in capsys.readouterr().err
    assert cli.main([*words, "--agents", "11"]) == 0
    assert capsys.readouterr().err == ""


def test_fewest_agents(capsys):
    asked = ["erlang", "a", "--calls-per-hour", "200", "--aht", "180", "--patience", "120", "--within", "20",
             "--json"]
    assert cli.main([*asked, "--service-level", "0.8"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["service_level"] >= 0.8
    assert cli.main([*asked, "--agents", str(found["agents"] - 1)]) == 0
    assert json.loads(capsys.readouterr().out)["service_level"] < 0.8


def test_undefined_is_a_dash(capsys):
    asked = ["--calls-per-hour", "240", "--aht", "180", "--within", "20", "--agents", "12"]
    assert cli.main(["erlang", "c", *asked]) == 0
    lines = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert lines["agents"] == "12"
    assert lines["p_wait"] == "-"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a --calls-per-hour 9 --aht 9 --within 9 --agents 1", "--patience SECONDS is missing"),
        ("c --calls-per-hour 9 --aht 9 --within 9 --agents 1 --patience 3", "nobody hangs up"),
        ("c --calls-per-hour -1 --aht 9 --within 9 --agents 1", "--calls-per-hour -1: a number of 0 or more"),
        ("c --calls-per-hour 9 --aht 0 --within 9 --agents 1", "--aht 0: a number above 0"),
        ("c --calls-per-hour nan --aht 9 --within 9 --agents 1", "--calls-per-hour nan"),
        ("c --calls-per-hour 9 --aht 9 --within 9 --agents 0", "--agents 0"),
        ("c --calls-per-hour 9 --aht 9 --within 9 --service-level 80", "--service-level 80: a ratio"),
        ("c --calls-per-hour 9 --aht 9 --within 9 --service-level 1", "--service-level 1: below 1 is meant"),
        ("c --calls-per-hour 1e9 --aht 900 --within 9 --agents 1", "erlangs"),
        ("c --calls-per-hour 9 --aht 9 --within 9", "--agents --service-level is required"),
    ],
)
def test_words_that_make_no_queue(line, message, capsys):
    assert cli.main(["erlang", *line.split()]) == 2
    assert message in capsys.readouterr().err

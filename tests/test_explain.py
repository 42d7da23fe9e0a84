"""Figures taken apart: the worked example under ten formulas, by the command, in both languages."""

import json
import re
from pathlib import Path

import pytest
from stores import store
from worked_example import EXPECTED, START, S, visits

from ccboard.cli import main


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CCBOARD_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n', encoding="utf-8")


@pytest.fixture
def where(tmp_path: Path) -> Path:
    store(tmp_path, visits()).close()
    return tmp_path / "ccboard.duckdb"


def configure(folder: Path, text: str) -> None:
    (folder / "config.toml").write_text('timezone = "UTC"\n' + text, encoding="utf-8")


def explain(capsys, where: Path, *words: str):
    assert main(["explain", *words, "--store", str(where), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_ten_formulas_give_ten_right_numbers(where, capsys):
    said = explain(capsys, where, "service_level")
    family = {one["kpi"]: one["value"] for one in said["family"]}
    assert set(family) == set(EXPECTED)
    for form, expected in EXPECTED.items():
        assert family[form] == (None if expected is None else pytest.approx(expected)), form
    assert [one["kpi"] for one in said["family"] if one["chosen"]] == ["sl.offered"]
    assert said["value"] == pytest.approx(0.70)
    assert (said["numerator"]["value"], said["denominator"]["value"]) == (70, 100)
    assert said["definition"]["threshold_s"] == 20


@pytest.mark.parametrize("name", ["sl.cisco_ignore", "sl.abandoned_ignored"])
def test_a_form_goes_by_the_vendors_name_too(where, capsys, name):
    said = explain(capsys, where, name)
    assert said["kpi"] == "sl.abandoned_ignored"
    assert (said["numerator"]["value"], said["denominator"]["value"]) == (70, 90)
    assert {"value": 10, "en": "abandoned within T", "zh": "T 秒内放弃"} in said["left_out"]


@pytest.mark.parametrize(
    ("counts", "denominator"),
    [
        ("[]", 85),
        ('["abandoned"]', 94),
        ('["short_abandoned"]', 91),
        ('["abandoned", "short_abandoned"]', 100),
    ],
)
def test_the_composed_form_counts_what_is_named(where, tmp_path, capsys, counts, denominator):
    configure(tmp_path, f'[service_level]\nform = "sl.genesys"\ncounts = {counts}\n')
    said = explain(capsys, where, "service_level")
    assert said["value"] == pytest.approx(70 / denominator)
    assert said["denominator"]["value"] == denominator
    assert next(one for one in said["family"] if one["chosen"])["value"] == pytest.approx(70 / denominator)


@pytest.mark.parametrize("form", [name for name, value in EXPECTED.items() if value is not None])
def test_every_form_can_be_the_configured_one(where, tmp_path, capsys, form):
    configure(
        tmp_path, f'[projects.acme.service_level]\npreset = "{form}"\n[queues.support]\nproject = "acme"\n'
    )
    assert explain(capsys, where, "service_level", "--queue", "support")["value"] == pytest.approx(
        EXPECTED[form]
    )
    assert explain(capsys, where, "service_level")["value"] == pytest.approx(EXPECTED[form])


def test_presets_set_threshold_and_target(where, tmp_path, capsys):
    configure(tmp_path, '[service_level]\npreset = "cn-telecom"\n')
    said = explain(capsys, where, "service_level")
    assert (said["definition"]["threshold_s"], said["definition"]["target"]) == (15, 0.85)
    assert said["value"] == pytest.approx(60 / 100)  # ten waited just 20 s


def test_as_text_in_both_languages(where, capsys):
    assert main(["explain", "service_level", "--store", str(where), "--language", "en"]) == 0
    english = capsys.readouterr().out
    assert "service level (service_level): 70.0 %" in english
    for number in ("77.8 %", "80.0 %", "74.5 %", "82.4 %"):
        assert number in english
    assert main(["explain", "service_level", "--store", str(where), "--language", "zh"]) == 0
    chinese = capsys.readouterr().out
    assert "服务水平 (service_level): 70.0 %" in chinese
    assert "分母: 100" in chinese
    assert "formula" not in chinese
    assert "定义来源: 默认；COPC 的通行口径\n" in chinese
    assert re.search(r"数据源: \w+ \(.*\): (正常|延迟), ", chinese)


def test_every_origin_has_chinese_words():
    from ccboard.kpi import DEFINITIONS
    from ccboard.sentences import chinese

    english = re.compile(r"\b(the|as|of|and|by|not|an|live)\b")
    plain = {entry.origin for entry in DEFINITIONS.values() if english.search(entry.origin)}
    assert len(plain) > 10
    assert [text for text in sorted(plain) if chinese(text) == text] == []


def test_text_has_the_centre_s_time_to_the_second(where, capsys):
    words = ["explain", "service_level", "--store", str(where), "--timezone", "Europe/Berlin"]
    assert main([*words, "--as-of", "2026-11-19T15:00:24Z", "--language", "en"]) == 0
    said = capsys.readouterr().out
    assert "2026-11-19 00:00:00 – 2026-11-19 16:00:24 Europe/Berlin, as of 2026-11-19 16:00:24\n" in said
    assert "Z" not in said.partition("formula")[0]
    assert explain(capsys, where, "service_level", "--as-of", "2026-11-19T15:00:24Z")["as_of"].endswith("24Z")


def test_at_a_moment_in_between_those_who_may_still_be_answered_are_left_out(where, capsys):
    at = START + 24 * S  # three have come; two waited 20 s, the third 4 s so far
    said = explain(capsys, where, "service_level", "--as-of", "2026-11-19T15:00:24Z")
    assert at == 1_795_100_424 * S
    assert (said["numerator"]["value"], said["denominator"]["value"]) == (1, 1)
    assert said["left_out"][0]["value"] == 2
    assert next(one["value"] for one in said["family"] if one["kpi"] == "sl.queue_now") == 1.0


def test_what_nothing_can_fill_says_why(where, capsys):
    said = explain(capsys, where, "right_party_contacts")
    assert (said["value"], said["numerator"]["value"], said["missing"]) == (None, None, None)
    assert "no source has brought scores of kind right_party" in said["notes"][0]
    said = explain(capsys, where, "csat")
    assert (said["value"], said["missing"]) == (None, None)
    assert "no source has brought scores of kind csat" in said["notes"][0]


def test_mistakes_are_named(where, capsys):
    assert main(["explain", "servicelevel", "--store", str(where)]) == 2
    assert "did you mean service_level?" in capsys.readouterr().err
    assert main(["explain", "asa_s", "--store", str(where), "--queue", "suport"]) == 2
    assert "unknown queue 'suport'; known" in capsys.readouterr().err


def test_without_a_figure_the_catalogue_is_listed(capsys):
    from ccboard.kpi import DEFINITIONS

    assert main(["explain"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(DEFINITIONS)

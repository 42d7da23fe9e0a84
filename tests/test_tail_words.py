"""The sentences, word for word."""

from dataclasses import replace

import numpy as np
import pytest

from ccboard.tail import words
from ccboard.tail.adjust import Days
from ccboard.tail.cluster import Estimates
from ccboard.tail.judge import Judged, Report
from ccboard.tail.kpis import KPIS
from ccboard.tail.shrink import Posterior, Spread
from ccboard.tail.volatile import Fluctuation

NONE, ONE = np.zeros(0), np.ones(1)
INTS = np.zeros(0, dtype=np.int64)
YES, NO = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)


def judged(kpi, m, s, *, raw, expected, count=340, p=0.92, needed=0.0, rate=False, named=YES,
           own=0.8) -> Judged:
    """Return one figure of one unit."""
    table = Days(("Kim",), ("t",), rate, INTS, INTS, NONE, NONE, NONE, NONE, ONE * count, ONE * raw,
                 ONE * expected, expected, INTS, INTS, NONE, NONE, NONE, ONE, ONE, 0.0, 1.0)
    return Judged(KPIS[kpi], table, Estimates(ONE * m, ONE, ONE, 0.0, ONE, NONE, NONE, 1.0),
                  Posterior(ONE * m, ONE * s, ONE * own, Spread(ONE, ONE, 0 * ONE, 0 * ONE), ONE[None],
                            ONE[None]),
                  ONE * p, named, NO, ONE * needed, 1, 20, 20, False)


def test_handling_time():
    """exp(0.131) = 1.14; 1.645 x 0.0315 on either side: 1.08 and 1.20."""
    j = judged("aht", 0.131, 0.0315, raw=5.9, expected=5.7)
    assert words.tail(j, 0) == ("AHT +14 % on the same call types, likely +8 to +20 %, 340 calls, 92 % sure")
    assert words.tail(j, 0, "zh") == (
        "平均处理时长：同类来电+14%，可能在+8%至+20%之间，340个来电，92%把握属于最差的一成")


def test_rates_and_marks():
    """Odds 0.25 x e^0.5 = 0.412: 29 %; likely from 0.25 x e^(0.5 -+ 0.329): 23 to 36 %."""
    j = judged("transfer", 0.5, 0.2, raw=0.31, expected=0.2, rate=True)
    assert words.tail(j, 0) == ("transfers 29 % where the same call types usually give 20 %, likely 23 % to"
                                " 36 %, 340 calls, 92 % sure")
    j = judged("fcr", 0.5, 0.2, raw=0.6, expected=0.8, rate=True)  # worse is lower: odds 4 / e^0.5
    assert words.value(j, 0).value == pytest.approx(0.708, abs=0.001)
    j = judged("qa", 6.0, 2.0, raw=75.0, expected=84.0, count=12)
    assert words.tail(j, 0) == ("QA score 78.0 where the same call types usually give 84.0, likely 74.7 to"
                                " 81.3, 12 reviews, 92 % sure")
    assert words.tail(j, 0, "zh").startswith("质检分：78.0，同类来电通常为84.0")


def test_nobody_is_quite_sure():
    assert words.tail(judged("aht", 1, 0.01, raw=6, expected=5, p=0.9999), 0).endswith("99 % sure")


def test_too_early():
    j = judged("aht", 0.1, 0.1, raw=6, expected=6, count=11, needed=57)
    assert words.too_early(j, 0) == "AHT: 11 calls, too early to say; about 57 more"
    assert words.too_early(replace(j, needed=ONE * 1234), 0).endswith("about 1300 more")
    assert words.too_early(j, 0, "zh") == "平均处理时长：11个来电，为时尚早，约需再有57个来电"
    assert words.too_early(replace(j, needed=0 * ONE), 0) == ""
    never = replace(j, needed=ONE * np.inf, reach=20)
    assert words.too_early(never, 0) == "AHT: 11 calls; cannot be told from 20 working days"
    same = replace(never.posterior, spread=replace(never.posterior.spread, taus=0 * ONE))
    assert "no difference" in words.too_early(replace(never, posterior=same), 0)


def test_a_figure_as_a_whole():
    j = judged("csat", 0.1, 0.1, raw=1, expected=1, named=NO, own=0.17)
    assert words.verdict(j) == ("CSAT: cannot be told from 20 days, nobody is named; only 17 % of what is"
                                " seen is people's own, the rest is chance")
    pooled = words.verdict(replace(j, pooled=True, days=60))
    assert pooled.startswith("CSAT (60 days pooled): cannot be told from 60")
    assert words.verdict(judged("aht", 1, 1, raw=1, expected=1)) == (
        "AHT: 1 of 1 named; about 0.1 of them may be wrong")
    sure = replace(judged("aht", 1, 1, raw=1, expected=1), p=ONE * 0.99)
    assert words.verdict(sure) == "AHT: 1 of 1 named; fewer than 0.1 of them may be wrong"
    assert words.verdict(sure, "zh") == "平均处理时长：1人中点名1人，其中不到0.1人可能有误"
    assert words.verdict(sure, "zh", "team").endswith("：1个班组中点名1个班组，其中不到0.1个班组可能有误")
    assert words.verdict(sure, "zh", "type").endswith("：1类中点名1类，其中不到0.1类可能有误")
    assert "；" not in words.verdict(j, "zh", "team")
    assert "17 % of what is seen is the types' own" in words.verdict(j, by="type")
    assert words.verdict(judged("aht", 1, 1, raw=1, expected=1, named=NO)).endswith("against no one suffices")
    assert words.verdict(j, "zh").startswith("满意度：20天的数据无法判断，不点名")


def test_who_fluctuates():
    figures = {k: judged(k, 0, 1, raw=1, expected=1) for k in ("aht", "csat", "transfer")}
    swing = Fluctuation(ONE, ONE * 2.56, (ONE * 2.25, ONE * 0.5, ONE * 2),
                        (ONE * 0.001, ONE * 0.9, ONE * 0.01), YES, ONE * 20)
    report = Report(("Kim",), figures, swing, ONE, ONE)
    assert words.fluctuates(report, 0) == ("from day to day 1.6 times as far apart as usual, most in AHT and"
                                           " transfers")
    assert words.fluctuates(report, 0, "zh") == "日间波动为常人的1.6倍，主要在平均处理时长、转接率"
    assert words.fluctuates(replace(report, fluctuation=replace(swing, named=NO)), 0) == ""

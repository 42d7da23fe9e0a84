"""Outbound figures, from visits of direction `out`."""

from typing import Final

from ccboard.kpis.model import Entry

_NO_PARTY_EN = "no record tells whom a dial reached"
_NO_PARTY_ZH = "没有记录说明外呼接通的是否为目标本人"
_BY_SCORE_EN = ("judged by a score of kind success, the last word about a dial; null where no source has ever brought"
                " any")
_BY_SCORE_ZH = "以 success 类评分为准，同一外呼以最后判定为准；从无此类评分时为空"


def _unknown(id: str, en: str, zh: str, unit: str, formula_en: str, formula_zh: str) -> Entry:  # noqa: A002
    return Entry(id=id, family=id, name_en=en, name_zh=zh, unit=unit, direction="up",  # type: ignore[arg-type]
                 formula_en=formula_en, formula_zh=formula_zh, missing_en=_NO_PARTY_EN, missing_zh=_NO_PARTY_ZH)


OUTBOUND: Final = (
    Entry(id="dials", family="dials", name_en="dials", name_zh="外呼量", unit="calls", direction="none",
          formula_en="visits of direction out", formula_zh="方向为呼出的来访", top=((1, "dials"),)),
    Entry(id="connects", family="connects", name_en="connects", name_zh="外呼接通量", unit="calls", direction="up",
          formula_en="dials that were answered", formula_zh="已接通的外呼", top=((1, "connects"),)),
    Entry(id="connect_rate", family="connect_rate", name_en="connect rate", name_zh="呼出接通率", unit="ratio",
          direction="up", formula_en="connects / dials", formula_zh="外呼接通 / 外呼拨打", top=((1, "connects"),),
          bottom=((1, "dials"),), origin="not the carriers' answer-seizure ratio", aliases=("answer_rate.outbound",)),
    Entry(id="mean_out_talk_s", family="mean_out_talk_s", name_en="mean talk, outbound", name_zh="外呼平均通话时长",
          unit="s", direction="none", formula_en="mean talk of ended connects with known talk",
          formula_zh="通话时长已知的已结束外呼的平均通话", top=((1, "out_talk_s"),), bottom=((1, "out_talks"),)),
    Entry(id="mean_out_wrap_s", family="mean_out_wrap_s", name_en="mean wrap-up, outbound",
          name_zh="外呼平均话后处理", unit="s", direction="none",
          formula_en="mean wrap-up of ended connects whose wrap-up was measured",
          formula_zh="有实测话后处理的已结束外呼的平均话后处理", top=((1, "out_wrap_s"),), bottom=((1, "out_wraps"),)),
    _unknown("right_party_contacts", "right-party contacts", "有效接触量", "calls", "connects with the person wanted",
             "接通到目标本人的外呼"),
    Entry(id="successes", family="successes", name_en="successes", name_zh="成功量", unit="calls", direction="up",
          formula_en="connects that reached their aim", formula_zh="达成目的的外呼接通", top=((1, "successes"),),
          excluded_en=_BY_SCORE_EN, excluded_zh=_BY_SCORE_ZH),
    Entry(id="success_rate", family="success_rate", name_en="success rate", name_zh="成功率", unit="ratio", direction="up",
          formula_en="successes / connects", formula_zh="成功 / 外呼接通", top=((1, "successes"),),
          bottom=((1, "connects"),), excluded_en=_BY_SCORE_EN, excluded_zh=_BY_SCORE_ZH, aliases=("success",)),
    Entry(id="successes_per_hour", family="successes_per_hour", name_en="successes per hour", name_zh="每小时成功量",
          unit="per_hour", direction="up", formula_en="successes / hours logged in", formula_zh="成功 / 登录工时",
          top=((1, "successes"),), bottom=((1, "staffed_s"),), excluded_en=_BY_SCORE_EN, excluded_zh=_BY_SCORE_ZH),
)
"""All outbound entries."""

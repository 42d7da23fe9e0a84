"""Outbound figures, from visits of direction `out`."""

from typing import Final

from ccboard.kpis.model import Entry

_BY_SCORE_EN = ("judged by a score of kind success, the last word about a dial; null where no source has ever brought"
                " any")
_BY_SCORE_ZH = "以 success 类评分为准，同一外呼以最后判定为准；从无此类评分时为空"
_BY_PARTY_EN = ("judged by a score of kind right_party, the last word about a dial; null where no source has ever"
                " brought any")
_BY_PARTY_ZH = "以 right_party 类评分为准，同一外呼以最后判定为准；从无此类评分时为空"

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
    Entry(id="right_party_contacts", family="right_party_contacts", name_en="right-party contacts",
          name_zh="有效接触量", unit="calls", direction="up", formula_en="connects that reached the person wanted",
          formula_zh="接触到目标本人的外呼接通", top=((1, "right_parties"),), excluded_en=_BY_PARTY_EN,
          excluded_zh=_BY_PARTY_ZH, aliases=("rpc",)),
    Entry(id="right_party_rate", family="right_party_rate", name_en="right-party rate", name_zh="有效接触率",
          unit="ratio", direction="up", formula_en="right-party contacts / connects",
          formula_zh="有效接触 / 外呼接通", top=((1, "right_parties"),), bottom=((1, "connects"),),
          excluded_en=_BY_PARTY_EN, excluded_zh=_BY_PARTY_ZH),
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

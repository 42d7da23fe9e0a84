"""The figures by which agents, teams and business types are compared, and which way each is bad.

``scale`` says where differences between people add up:

    log      seconds: somebody who takes 10 % longer takes 10 % longer on every type
    logit    yes or no: the log of the odds
    linear   marks and grades
    grade    like linear, or logit where the data hold nothing but 0 and 1 (both are in use for CSAT)
"""

from dataclasses import dataclass
from typing import Final, Literal

Scale = Literal["log", "logit", "linear", "grade"]
LONG_DAYS: Final = 60
"""Days that are pooled where 20 hold too few values of a person: surveys and reviews are rare."""
SHORT_S: Final = 10.0
"""A service of less than this many seconds is a short one: hardly anybody can be helped so fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailKpi:
    """One figure. `worse`: +1 where higher is worse, -1 where lower is. `rare`: pooled over 60 days.

    `suffix`: what stands behind a value of a linear scale.
    """

    id: str
    name_en: str
    name_zh: str
    worse: Literal[1, -1]
    scale: Scale
    unit_en: str = "calls"
    unit_zh: str = "个来电"
    rare: bool = False
    suffix_en: str = ""
    suffix_zh: str = ""


_ALL: Final = (
    TailKpi(id="aht", name_en="AHT", name_zh="平均处理时长", worse=1, scale="log"),
    TailKpi(id="csat", name_en="CSAT", name_zh="满意度", worse=-1, scale="grade",
            unit_en="answers", unit_zh="份评价", rare=True),
    TailKpi(id="fcr", name_en="first-contact resolution", name_zh="首次解决率", worse=-1, scale="logit"),
    TailKpi(id="transfer", name_en="transfers", name_zh="转接率", worse=1, scale="logit"),
    TailKpi(id="qa", name_en="QA score", name_zh="质检分", worse=-1, scale="grade",
            unit_en="reviews", unit_zh="次质检", rare=True),
    TailKpi(id="rna", name_en="ring no answer", name_zh="振铃未接率", worse=1, scale="logit",
            unit_en="offers", unit_zh="次振铃"),
    TailKpi(id="short", name_en="services under 10 s", name_zh="10秒内挂断率", worse=1, scale="logit"),
    TailKpi(id="wrap", name_en="wrap-up", name_zh="话后处理", worse=1, scale="log"),
    TailKpi(id="hold", name_en="hold", name_zh="保持时长", worse=1, scale="linear",
            suffix_en=" s", suffix_zh="秒"),
    TailKpi(id="complaint", name_en="complaints", name_zh="投诉率", worse=1, scale="logit"),
    TailKpi(id="success", name_en="outbound success", name_zh="外呼成功率", worse=-1, scale="logit",
            unit_en="dials", unit_zh="次外呼"),
    TailKpi(id="dials", name_en="dials per hour", name_zh="每小时外呼量", worse=-1, scale="log",
            unit_en="dials", unit_zh="次外呼"),
)
KPIS: Final[dict[str, TailKpi]] = {kpi.id: kpi for kpi in _ALL}
"""Every figure by its id."""
STANDARD: Final = ("aht", "csat", "fcr", "transfer", "qa", "rna")
"""Those that ``ccboard tail`` looks at in a file of calls unless it is asked for others."""
OF_STORE: Final = ("aht", "wrap", "hold", "transfer", "rna", "short", "csat", "qa", "fcr", "complaint",
                   "success", "dials")
"""Those that it looks at in a store, as far as there are data."""
SCORED: Final = {"csat": "csat", "qa": "qa", "fcr": "resolved", "complaint": "complaint",
                 "success": "success"}
"""Figures made of later judgements, and the kind of ``Score`` that each is made of."""

"""What is said of somebody, in plain sentences, English and Chinese.

    AHT +14 % on the same call types, likely +8 to +20 %, 340 calls, 92 % sure

"sure": the probability of being in the worst tenth. "likely": nine times out of ten the truth lies in it.
No rank, no sigma, no raw mean against somebody else's calls.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from ccboard.tail.early import rounded
from ccboard.tail.judge import Judged, Report
from ccboard.tail.kpis import TailKpi

Language = Literal["en", "zh"]
RANGE: Final = 1.645
"""Half of "likely" in standard deviations: 90 %."""
MOST_LOG: Final = 20.0
"""Nothing takes more times as long as e to this; a range may be as wide where nothing is known."""
POOR: Final = 0.35
"""Below this median reliability a figure cannot tell the units apart."""


@dataclass(frozen=True, slots=True)
class Value:
    """A unit's adjusted result as it is shown: `usual` is what its calls give anybody; low .. high likely.

    `form`: "percent more" (of seconds; usual is nan), "share" (of calls) or "marks".
    """

    form: Literal["percent more", "share", "marks"]
    value: float
    low: float
    high: float
    usual: float
    raw: float


def value(judged: Judged, unit: int) -> Value:
    """Return the adjusted result of a unit, drawn towards the middle as far as it is chance."""
    post, worse = judged.posterior, judged.kpi.worse
    middle = float(post.m[unit]) - post.spread.mu
    half = RANGE * float(post.s[unit])
    ends = (worse * middle, worse * (middle - half), worse * (middle + half))
    usual, raw = float(judged.table.expected[unit]), float(judged.table.raw[unit])
    if judged.kpi.scale == "log":
        at = [math.expm1(min(x, MOST_LOG)) for x in ends]
        return Value("percent more", at[0], min(at[1:]), max(at[1:]), math.nan,
                     math.exp(min(raw, MOST_LOG)))
    if judged.table.rate:
        centre = worse * post.spread.mu + math.log(max(usual, 1e-9) / max(1 - usual, 1e-9))
        at = [_share(centre + x) for x in ends]
        return Value("share", at[0], min(at[1:]), max(at[1:]), _share(centre), raw)
    centre = usual + worse * post.spread.mu
    at = [centre + x for x in ends]
    return Value("marks", at[0], min(at[1:]), max(at[1:]), centre, raw)


def _share(odds: float) -> float:
    """Return the share with these log odds, however far out they are."""
    return 0.5 * (1 + math.tanh(0.5 * odds))


_SAME_CALLS: Final = ("on the same call types", "the same call types usually give",
                      "同类来电", "同类来电通常为")
_SAME_AGENTS: Final = ("with the same agents", "the same agents usually have", "同样座席", "同样座席通常为")


@dataclass(frozen=True, slots=True)
class Kind:
    """How units of a grouping are spoken of: counted (Chinese), each of them, their own, none of them."""

    count_zh: str
    each_zh: str
    own_zh: str
    nobody_zh: str
    all_zh: str
    each: str
    own: str
    nobody: str
    no_one: str


_KINDS: Final = {
    "agent": Kind("人", "各人", "个人", "无人", "常人", "people", "people's", "nobody is named",
                  "the evidence against no one suffices"),
    "team": Kind("个班组", "各班组", "班组自身", "无班组", "各班组常态", "teams", "the teams'",
                 "no team is named", "the evidence against none suffices"),
    "type": Kind("类", "各类业务", "业务自身", "无业务类型", "各类业务常态", "types", "the types'",
                 "no type is named", "the evidence against none suffices"),
}


def tail(judged: Judged, unit: int, language: Language = "en", by: str = "agent") -> str:
    """Return the sentence about a unit: what, how likely in which range, from how much, how sure.

    `by`: agents and teams are compared on the same types, a type is with the same agents.
    """
    same, usually, same_zh, usually_zh = _SAME_AGENTS if by == "type" else _SAME_CALLS
    v, kpi = value(judged, unit), judged.kpi
    n, sure = int(judged.table.counts[unit]), min(99, math.floor(100 * float(judged.p[unit]) + 0.5))
    if language == "zh":
        name, many = kpi.name_zh, f"{n}{kpi.unit_zh}"
        if v.form == "percent more":
            return (f"{name}：{same_zh}{v.value * 100:+.0f}%，可能在{v.low * 100:+.0f}%至{v.high * 100:+.0f}%"
                    f"之间，{many}，{sure}%把握属于最差的一成")
        a, low, high, usual = (plain(v, kpi, x, "zh") for x in (v.value, v.low, v.high, v.usual))
        return (f"{name}：{a}，{usually_zh}{usual}，可能在{low}至{high}之间，"
                f"{many}，{sure}%把握属于最差的一成")
    name, many = kpi.name_en, f"{n} {kpi.unit_en}"
    if v.form == "percent more":
        return (f"{name} {v.value * 100:+.0f} % {same}, likely {v.low * 100:+.0f} to"
                f" {v.high * 100:+.0f} %, {many}, {sure} % sure")
    a, low, high, usual = (plain(v, kpi, x, "en") for x in (v.value, v.low, v.high, v.usual))
    return (f"{name} {a} where {usually} {usual}, likely {low} to {high}, {many},"
            f" {sure} % sure")


def plain(v: Value, kpi: TailKpi, x: float, language: Language) -> str:
    """Return a value of a share or of marks as people read it."""
    if v.form == "marks":
        return f"{x:.1f}{kpi.suffix_en if language == 'en' else kpi.suffix_zh}"
    digits = 1 if v.usual < 0.1 or v.usual > 0.9 else 0
    return f"{x * 100:.{digits}f}{' %' if language == 'en' else '%'}"


def too_early(judged: Judged, unit: int, language: Language = "en", by: str = "agent") -> str:
    """Return "too early" and how much more it takes; nothing where enough is known."""
    more, kpi, n = float(judged.needed[unit]), judged.kpi, int(judged.table.counts[unit])
    if more <= 0:
        return ""
    if math.isinf(more) and judged.posterior.spread.tau > 0:
        if language == "zh":
            return f"{kpi.name_zh}：{n}{kpi.unit_zh}，{judged.reach}个工作日内无法判断"
        return f"{kpi.name_en}: {n} {kpi.unit_en}; cannot be told from {judged.reach} working days"
    if math.isinf(more):
        if language == "zh":
            return f"{kpi.name_zh}：{_KINDS[by].each_zh}之间没有可测出的差异"
        return f"{kpi.name_en}: no difference between {_KINDS[by].each} can be measured"
    about = f"{rounded(more):.0f}"
    if language == "zh":
        return f"{kpi.name_zh}：{n}{kpi.unit_zh}，为时尚早，约需再有{about}{kpi.unit_zh}"
    return f"{kpi.name_en}: {n} {kpi.unit_en}, too early to say; about {about} more"


def fluctuates(report: Report, unit: int, language: Language = "en", by: str = "agent") -> str:
    """Return the sentence about a unit that fluctuates; nothing about one that does not."""
    f = report.fluctuation
    if not f.named[unit]:
        return ""
    figures = [*report.figures.values()]
    places, times = f.most(unit)
    most = [figures[k].kpi for k in places]
    if language == "zh":
        return f"日间波动为{_KINDS[by].all_zh}的{times:.1f}倍，主要在" + "、".join(k.name_zh for k in most)
    return f"from day to day {times:.1f} times as far apart as usual, most in " + " and ".join(
        k.name_en for k in most)


def verdict(judged: Judged, language: Language = "en", by: str = "agent") -> str:
    """Return what can be said of a figure as a whole: how many are named, or why nobody is."""
    kind = _KINDS[by]
    kpi, named = judged.kpi, int(judged.named.sum())
    name, pooled = (kpi.name_en, f" ({judged.days} days pooled)") if language == "en" else (
        kpi.name_zh, f"（合并{judged.days}天）")
    pooled = pooled if judged.pooled else ""
    many = int(judged.seen.sum())
    if named:
        if language == "zh":
            m = kind.count_zh
            return f"{name}{pooled}：{many}{m}中点名{named}{m}，其中{_wrong(judged, language)}{m}可能有误"
        return f"{name}{pooled}: {named} of {many} named; {_wrong(judged, language)} of them may be wrong"
    if judged.reliability < POOR:
        if language == "zh":
            return (f"{name}{pooled}：{judged.days}天的数据无法判断，不点名。"
                    f"结果中只有{judged.reliability * 100:.0f}%来自{kind.own_zh}，其余是偶然")
        days = f"{judged.days} day{'s' * (judged.days != 1)}"
        return (f"{name}{pooled}: cannot be told from {days}, {kind.nobody}; only"
                f" {judged.reliability * 100:.0f} % of what is seen is {kind.own} own, the rest is chance")
    if language == "zh":
        return f"{name}{pooled}：{kind.nobody_zh}的证据足以点名"
    return f"{name}{pooled}: {kind.nobody}; {kind.no_one}"


def _wrong(judged: Judged, language: Language) -> str:
    """Return about how many of the named may be named wrongly; never none at all."""
    wrong = float((1 - judged.p[judged.named]).sum())
    if wrong < 0.05:
        return "不到0.1" if language == "zh" else "fewer than 0.1"
    return f"{'约' if language == 'zh' else 'about '}{wrong:.1f}"

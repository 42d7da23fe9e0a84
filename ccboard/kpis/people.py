"""What people do: offers to agents, their time, what it costs; and what is said of their work."""

from typing import Final

from ccboard.kpis.model import Entry, LeftOut

_TIME_EN = ("time is known of agents whose queue memberships and pauses a source tells; it cannot be divided among"
            " queues or kinds of contacts")
_TIME_ZH = "时长来自数据源报告的登录与示忙；不能按队列或业务拆分"
_OF_EN = ("a judgement counts at the arrival of the contact that it is about, by that contact's agent unless it names"
          " another; one without a call counts for the agent alone, when it was given; late ones count as soon as they are"
          " there; null where no source has ever brought any of the kind")
_OF_ZH = "评分按所评来访的到达时间与座席计入（另指明座席者除外）；无呼叫编号者仅计入座席，按评分时间；补到的评分到达后计入；从无此类评分时为空"


def _lost(term: str) -> tuple[LeftOut, ...]:
    return (LeftOut(term=term, en="about a call that nothing is known of, and about no agent",
                    zh="所评呼叫未知且未指明座席"),)


OFFERS: Final = (
    Entry(id="ring_no_answer", family="ring_no_answer", name_en="ring no answer", name_zh="振铃未接", unit="offers",
          direction="down", formula_en="offers that rang out, or found the phone busy at once; one call can count often",
          formula_zh="振铃未接或座席忙的派送；一个呼叫可多次计入", top=((1, "no_answers"),), aliases=("non_response",)),
    Entry(id="ring_cancelled", family="ring_cancelled", name_en="ring cancelled", name_zh="振铃取消", unit="offers",
          direction="none", formula_en="offers that ended because the caller left while the phone rang",
          formula_zh="振铃中主叫离开的派送", top=((1, "cancelled"),)),
)

TIME: Final = (
    Entry(id="agents_answering", family="agents_answering", name_en="agents who answered", name_zh="接听座席数", unit="agents", direction="none",
          formula_en="different agents who answered; one person in several queues is one",
          formula_zh="有接听的不同座席；一人在多个队列计一人", top=((1, "agents"),)),
    Entry(id="staffed_agents", family="staffed_agents", name_en="agents logged in", name_zh="登录座席数", unit="agents",
          direction="none", formula_en="different agents who were members of a queue",
          formula_zh="曾登录队列的不同座席", top=((1, "staffed_agents"),), excluded_en=_TIME_EN, excluded_zh=_TIME_ZH),
    Entry(id="staffed_h", family="staffed_h", name_en="hours logged in", name_zh="登录工时", unit="h", direction="none",
          formula_en="time as a member of at least one queue, each person once",
          formula_zh="至少登录一个队列的时长，每人只计一次", top=((1, "staffed_s"),), excluded_en=_TIME_EN,
          excluded_zh=_TIME_ZH),
    Entry(id="paused_h", family="paused_h", name_en="hours paused", name_zh="示忙工时", unit="h", direction="none",
          formula_en="time paused in every queue that the agent is a member of", formula_zh="在所登录的所有队列示忙的时长",
          top=((1, "paused_s"),), excluded_en=_TIME_EN, excluded_zh=_TIME_ZH),
    Entry(id="occupancy", family="occupancy", name_en="occupancy", name_zh="占用率", unit="ratio", direction="none",
          formula_en="time on contacts / (time on contacts + time available)",
          formula_zh="处理时长 /（处理时长 + 就绪时长）", top=((1, "contact_s"),),
          bottom=((1, "contact_s"), (1, "available_s")),
          left_out=(LeftOut(term="paused_s", en="seconds paused in every queue", zh="在所有队列示忙的秒数"),),
          excluded_en=_TIME_EN, excluded_zh=_TIME_ZH, origin="Amazon Connect, injixo"),
    Entry(id="utilisation", family="utilisation", name_en="utilisation", name_zh="工时利用率", unit="ratio",
          direction="up", formula_en="(time on contacts + time available) / time logged in",
          formula_zh="（处理时长 + 就绪时长）/ 登录时长", top=((1, "contact_s"), (1, "available_s")),
          bottom=((1, "staffed_s"),), excluded_en=_TIME_EN + "; paid hours are not known, hours logged in stand for them",
          excluded_zh=_TIME_ZH + "；付薪工时未知，以登录工时代替", origin="injixo; COPC's availability, of logged-in hours"),
    Entry(id="efficiency", family="efficiency", name_en="agent efficiency", name_zh="座席效率", unit="ratio",
          direction="up", formula_en="time on contacts / time logged in", formula_zh="处理时长 / 登录时长",
          top=((1, "contact_s"),), bottom=((1, "staffed_s"),), excluded_en=_TIME_EN, excluded_zh=_TIME_ZH),
    Entry(id="answered_per_hour", family="answered_per_hour", name_en="answered per hour", name_zh="每小时接听量",
          unit="per_hour", direction="up", formula_en="answered / hours logged in, of agents whose time is known",
          formula_zh="接通 / 登录工时（时长已知的座席）", top=((1, "time_answered"),), bottom=((1, "staffed_s"),),
          excluded_en=_TIME_EN, excluded_zh=_TIME_ZH, aliases=("cph",)),
    Entry(id="cost", family="cost", name_en="cost of hours", name_zh="工时成本", unit="money", direction="down",
          formula_en="hours logged in at each agent's hourly cost", formula_zh="登录工时乘以各座席的小时成本",
          top=((1, "staffed_cost"),), parameters=("hourly_cost",), excluded_en=_TIME_EN, excluded_zh=_TIME_ZH),
    Entry(id="cost_per_contact", family="cost_per_contact", name_en="cost per contact", name_zh="单次来访成本",
          unit="money", direction="down", formula_en="cost of the hours logged in / visits that these agents answered",
          formula_zh="登录工时成本 / 这些座席接听的来访", top=((1, "staffed_cost"),), bottom=((1, "cost_answered"),),
          parameters=("hourly_cost",), excluded_en=_TIME_EN, excluded_zh=_TIME_ZH),
    Entry(id="cost_per_contact.handling", family="cost_per_contact", name_en="handling cost per contact",
          name_zh="单次处理成本", unit="money", direction="down",
          formula_en="handling time at the agent's hourly cost / ended visits with known talk",
          formula_zh="处理时长按座席小时成本计 / 通话时长已知的已结束来访", top=((1, "handling_cost"),),
          bottom=((1, "handling_costed"),), parameters=("hourly_cost",),
          excluded_en="time between contacts: this is a lower bound, and known for every queue and project",
          excluded_zh="来访之间的时间：此为下限，各队列与项目均可得"),
    Entry(id="handling_cost", family="cost", name_en="cost of handling", name_zh="处理成本", unit="money",
          direction="down", formula_en="handling time at the agent's hourly cost", formula_zh="处理时长乘以座席小时成本",
          top=((1, "handling_cost"),), parameters=("hourly_cost",)),
)

SCORES: Final = (
    Entry(id="csat", family="csat", name_en="customer satisfaction", name_zh="客户满意度", unit="score", direction="up",
          formula_en="mean of the customers' marks", formula_zh="客户评分的平均", top=((1, "csat_sum"),),
          bottom=((1, "csats"),), left_out=_lost("csat_lost"), excluded_en=_OF_EN, excluded_zh=_OF_ZH),
    Entry(id="csat_marks", family="csat_marks", name_en="customers' marks", name_zh="客户评分数", unit="calls",
          direction="none", formula_en="marks that customers gave", formula_zh="客户给出的评分", top=((1, "csats"),),
          left_out=_lost("csat_lost"), excluded_en=_OF_EN, excluded_zh=_OF_ZH),
    Entry(id="qa_score", family="qa_score", name_en="quality score", name_zh="质检得分", unit="score", direction="up",
          formula_en="mean of the quality marks", formula_zh="质检评分的平均", top=((1, "qa_sum"),), bottom=((1, "qas"),),
          left_out=_lost("qa_lost"), excluded_en=_OF_EN, excluded_zh=_OF_ZH, aliases=("qa",)),
    Entry(id="fcr", family="fcr", name_en="first-contact resolution", name_zh="一次解决率", unit="ratio", direction="up",
          formula_en="contacts judged as resolved / contacts judged", formula_zh="判定为已解决的来访 / 已判定的来访",
          top=((1, "resolved"),), bottom=((1, "judged"),), left_out=_lost("judged_lost"),
          excluded_en="the last word about a contact counts; " + _OF_EN, excluded_zh="同一来访以最后判定为准；" + _OF_ZH),
    Entry(id="complaints", family="complaints", name_en="complaints", name_zh="投诉量", unit="visits", direction="down",
          formula_en="contacts with a complaint, each once", formula_zh="有投诉的来访，每个计一次", top=((1, "complaints"),),
          left_out=_lost("complaints_lost"), excluded_en="complaints that were withdrawn; " + _OF_EN,
          excluded_zh="已撤回的投诉；" + _OF_ZH, aliases=("complaint",)),
)

PEOPLE: Final = (*OFFERS, *TIME, *SCORES)
"""All of them."""

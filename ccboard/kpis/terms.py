"""The sums that the catalogue's entries are made of, in words. How each is asked for: ``ccboard.figures.sums``."""

from typing import Final, Literal

from ccboard.kpis.model import Term


def _visits(name: str, en: str, zh: str, kind: Literal["sum", "max", "distinct"] = "sum") -> Term:
    return Term(name=name, en=en, zh=zh, of="visits", kind=kind)


def _level(name: str, en: str, zh: str) -> Term:
    return Term(name=name, en=en, zh=zh, of="level")


def _dials(name: str, en: str, zh: str) -> Term:
    return Term(name=name, en=en, zh=zh, of="dials")


def _time(name: str, en: str, zh: str) -> Term:
    return Term(name=name, en=en, zh=zh, of="time")


_ALL = (
    # Inbound visits, by what became of them.
    _visits("offered", "visits that entered the queue", "进入队列的来访"),
    _visits("calls", "different call ids", "不同的呼叫编号", "distinct"),
    _visits("callers", "different known callers", "不同的已知主叫", "distinct"),
    _visits("answered", "visits that reached an agent", "座席接通的来访"),
    _visits("abandoned", "visits whose caller hung up waiting", "排队中主叫挂机的来访"),
    _visits("short_abandoned", "abandoned after a wait under S", "等待不足 S 秒即放弃"),
    _visits("timed_out", "sent on by the queue's time limit", "排队超时转出"),
    _visits("left_by_key", "left by pressing a key", "按键离开"),
    _visits("left_empty", "sent on because nobody could answer", "无座席可接而转出"),
    _visits("withdrawn", "taken out of the queue by somebody else", "被他人撤出队列"),
    _visits("lost", "still waiting when the phone system started again", "电话系统重启时仍在排队"),
    _visits("unknown", "ended while nobody listened", "无人监听期间结束"),
    _visits("waiting", "waiting at as_of", "截至时刻仍在排队"),
    _visits("answered_in_time", "answered with a wait of at most T", "等待不超过 T 秒接通"),
    _visits("transferred", "answered and transferred by the agent", "接通后由座席转接"),
    _visits("talking", "answered and not over at as_of", "已接通，截至时刻未结束"),
    # Inbound visits, how long.
    _visits("wait_s", "sum of the waits of answered visits", "已接通来访的等待时长之和"),
    _visits("waits", "answered visits with a stated wait", "有等待时长记录的已接通来访"),
    _visits("abandoned_wait_s", "sum of the waits of abandoned visits", "放弃来访的等待时长之和"),
    _visits("abandoned_waits", "abandoned visits with a stated wait", "有等待时长记录的放弃来访"),
    _visits("ring_s", "sum of the ringing of answered visits", "已接通来访的振铃时长之和"),
    _visits("rings", "answered visits whose ringing is known", "振铃时长已知的已接通来访"),
    _visits("talk_s", "sum of talk of ended visits", "已结束来访的通话时长之和"),
    _visits("talks", "ended visits whose talk is known", "通话时长已知的已结束来访"),
    _visits("hold_s", "sum of hold of ended visits", "已结束来访的保持时长之和"),
    _visits("holds", "ended visits whose hold is known", "保持时长已知的已结束来访"),
    _visits("wrap_s", "sum of measured wrap-up of ended visits", "已结束来访的实测话后处理时长之和"),
    _visits("wraps", "ended visits whose wrap-up was measured", "有实测话后处理的已结束来访"),
    _visits("handled_s", "sum of talk, hold and measured wrap-up of ended visits with known talk",
            "通话时长已知的已结束来访的通话、保持、实测话后处理之和"),
    _visits("longest_wait_s", "longest wait of a visit that is over", "已结束来访的最长等待", "max"),
    _visits("waiting_max_s", "longest wait of a caller who waits at as_of", "截至时刻排队者的最长等待", "max"),
    _visits("agents", "different agents who answered", "有接听的不同座席", "distinct"),
    _visits("handling_cost", "handling time at the configured hourly cost", "按配置的小时成本计的处理时长"),
    _visits("handling_costed", "ended visits with known talk and a configured hourly cost",
            "通话时长已知且配置了小时成本的已结束来访"),
    # Callers who call again.
    _visits("known_callers", "visits whose caller is known", "主叫已知的来访"),
    _visits("unknown_callers", "visits without a caller", "无主叫号码的来访"),
    _visits("again_24h", "of these, followed by another call of the same caller within 24 hours",
            "其中 24 小时内同一主叫再次来电"),
    _visits("again_7d", "of these, followed by another call of the same caller within 7 days",
            "其中 7 天内同一主叫再次来电"),
    _visits("after_24h", "of these, not more than 24 hours after another call of the same caller",
            "其中距同一主叫上次来电不超过 24 小时"),
    _visits("after_7d", "of these, not more than 7 days after another call of the same caller",
            "其中距同一主叫上次来电不超过 7 天"),
    _visits("open_24h", "visits younger than 24 hours at as_of", "截至时刻不足 24 小时的来访"),
    _visits("first_tries", "visits that are no second try", "非重拨的来访"),
    _visits("second_tries", "visits of who hung up waiting for the same queue and calls it again within the hour",
            "放弃后一小时内重拨同一队列的来访"),
    _visits("open_7d", "visits younger than 7 days at as_of", "截至时刻不足 7 天的来访"),
    # The service level: visits that its rules count.
    _level("level_offered", "visits that are counted", "计入的来访"),
    _level("level_still", "of these, waiting no longer than T", "其中等待尚未超过 T 秒"),
    _level("level_answered", "answered", "接通"),
    _level("level_answered_in_time", "answered within T", "T 秒内接通"),
    _level("level_abandoned", "abandoned", "放弃"),
    _level("level_abandoned_in_time", "abandoned within T", "T 秒内放弃"),
    _level("level_short", "abandoned with a wait under S", "等待不足 S 秒即放弃"),
    _level("level_decided", "answered, abandoned, or past T", "已接通、已放弃或已超过 T 秒"),
    _level("level_flowed", "passed on unanswered (time limit, nobody there, withdrawn)", "未接通而转出（超时、无座席、撤出）"),
    _level("level_composed", "answered, and what `counts` names", "接通及 `counts` 所列"),
    _level("level_missed", "over unanswered though the caller stayed", "主叫未放弃而未接通即结束"),
    _level("level_callbacks_in_time", "asked within T to be called back", "T 秒内请求回拨"),
    _level("level_waiting", "waiting at as_of", "截至时刻仍在排队"),
    _level("level_waiting_late", "waiting at as_of for longer than T", "截至时刻排队已超过 T 秒"),
    _level("level_top", "numerator of the configured form", "所选口径的分子"),
    _level("level_bottom", "denominator of the configured form", "所选口径的分母"),
    _level("level_time_outs_out", "timed out, left out by configuration", "超时转出，按配置不计"),
    _level("level_overflow_out", "passed on, left out by configuration", "溢出转出，按配置不计"),
    _level("level_callbacks_out", "callbacks, left out by configuration", "回拨，按配置不计"),
    _level("level_after_hours_out", "arrived after hours, left out by configuration", "非工作时间到达，按配置不计"),
    _level("level_unknown", "answered or abandoned after a wait that is not known", "已接通或已放弃，但等待时长未知"),
    # Outbound.
    _dials("dials", "outbound dials", "外呼拨打"),
    _dials("connects", "outbound dials that were answered", "外呼接通"),
    _dials("out_talk_s", "sum of talk of ended connects", "已结束外呼的通话时长之和"),
    _dials("out_talks", "ended connects whose talk is known", "通话时长已知的已结束外呼"),
    _dials("out_wrap_s", "sum of measured wrap-up of ended connects", "已结束外呼的实测话后处理之和"),
    _dials("out_wraps", "ended connects whose wrap-up was measured", "有实测话后处理的已结束外呼"),
    _dials("successes", "connects judged as having reached their aim", "判定为达成目的的外呼接通"),
    _dials("right_parties", "connects judged as having reached the person wanted", "判定为接触到目标本人的外呼接通"),
    # Judgements, by the visit that they are about.
    *(Term(name=name, en=en, zh=zh, of="scores") for name, en, zh in (
        ("csat_sum", "sum of the customers' marks", "客户评分之和"),
        ("csats", "customers' marks", "客户评分数"),
        ("qa_sum", "sum of the quality marks", "质检评分之和"),
        ("qas", "quality marks", "质检评分数"),
        ("resolved", "contacts judged as resolved", "判定为已解决的来访"),
        ("judged", "contacts judged as resolved or not", "已判定是否解决的来访"),
        ("complaints", "contacts with a complaint", "有投诉的来访"),
        ("csat_lost", "customers' marks of unknown calls", "未知呼叫的客户评分"),
        ("qa_lost", "quality marks of unknown calls", "未知呼叫的质检评分"),
        ("judged_lost", "judgements of unknown calls", "未知呼叫的解决判定"),
        ("complaints_lost", "complaints about unknown calls", "未知呼叫的投诉"),
    )),
    Term(name="refused", en="calls turned away at the door", zh="被拒绝进入的呼叫", of="refusals"),
    # Offers to agents.
    Term(name="no_answers", en="offers that rang out or found the phone busy", zh="振铃未接或座席忙的派送",
         of="offers"),
    Term(name="cancelled", en="offers whose caller left while the phone rang", zh="振铃中主叫离开的派送", of="offers"),
    # Agents' time; of every person once.
    _time("staffed_s", "time as a member of a queue", "登录队列的时长"),
    _time("paused_s", "time paused in every queue", "在所有队列示忙的时长"),
    _time("contact_s", "time on contacts (talk, hold, measured wrap-up) while staffed", "登录期间处理来访的时长"),
    _time("available_s", "time ready and on no contact", "就绪且无来访处理的时长"),
    _time("staffed_cost", "staffed time at the configured hourly cost", "按配置的小时成本计的登录时长"),
    _time("time_answered", "visits answered by agents whose time is known", "时长已知的座席接听的来访"),
    _time("cost_answered", "visits answered by agents with known time and a configured hourly cost",
          "时长已知且配置了小时成本的座席接听的来访"),
    _time("staffed_agents", "different agents who were members", "登录过的不同座席"),
)

TERMS: Final = {term.name: term for term in _ALL}
"""All sums by name."""

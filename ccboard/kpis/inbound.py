"""Inbound figures: counts of visits, rates, waits and handling times, and callers who call again."""

from typing import Final

from ccboard.kpis.model import Direction, Entry, LeftOut, Unit

_SHORT = LeftOut(term="short_abandoned", en="abandoned after a wait under S", zh="等待不足 S 秒即放弃")
_UNKNOWN_CALLERS = LeftOut(term="unknown_callers", en="no caller's number or key", zh="无主叫号码")


def _count(id: str, en: str, zh: str, direction: Direction, formula_en: str, formula_zh: str,  # noqa: A002
           unit: Unit = "visits", **more: str | tuple[str, ...] | tuple[LeftOut, ...]) -> Entry:
    return Entry(id=id, family=id, name_en=en, name_zh=zh, unit=unit, direction=direction, formula_en=formula_en,
                 formula_zh=formula_zh, top=((1, id),), **more)  # type: ignore[arg-type]


COUNTS: Final = (
    _count("offered", "offered", "进线", "none", "inbound visits that entered the queue, those still waiting and"
           " those lost included", "进入队列的呼入来访，含仍在排队与丢失者"),
    _count("calls", "calls", "来电", "none", "different call ids among the offered", "进线中不同的呼叫编号", "calls"),
    _count("callers", "callers", "来电人数", "none", "different callers among the offered, as far as known",
           "进线中不同的主叫（已知者）", "callers", excluded_en="visits without a caller", excluded_zh="无主叫号码的来访"),
    _count("first_tries", "calls without second tries", "进线（不含重拨）", "none",
           "offered, but for who hung up waiting and called the same queue again within the hour: what the surge watch"
           " counts", "进线，不含放弃后一小时内重拨同一队列者：突增监测以此计数",
           left_out=(LeftOut(term="second_tries", en="hung up waiting and called again within the hour",
                             zh="放弃后一小时内重拨"),)),
    _count("answered", "answered", "接通", "up", "visits that reached an agent, talking ones included",
           "座席接通的来访，含通话中"),
    _count("answered_in_time", "answered in time", "及时接通", "up", "answered after a wait of at most T",
           "等待不超过 T 秒接通", parameters=("threshold_s",)),
    _count("abandoned", "abandoned", "放弃", "down", "the caller hung up waiting, short ones included",
           "排队中主叫挂机，含短时放弃",
           excluded_en="timed out, left by key, left empty, withdrawn, lost",
           excluded_zh="超时转出、按键离开、无座席转出、撤出、丢失"),
    _count("short_abandoned", "short abandons", "短时放弃", "none", "abandoned after a wait of less than S, strictly",
           "等待严格小于 S 秒即放弃", parameters=("short_abandon_s",)),
    _count("timed_out", "timed out", "超时转出", "down", "sent on by the queue's time limit", "因排队时限转出"),
    _count("left_by_key", "left by key", "按键离开", "none", "the caller pressed a key to leave", "主叫按键离开"),
    _count("left_empty", "left empty", "无座席转出", "down", "sent on because nobody could answer",
           "无座席可接而转出"),
    _count("withdrawn", "withdrawn", "撤出", "none", "taken out of the queue by somebody else", "被他人撤出队列"),
    _count("lost", "lost", "丢失", "down", "still waiting when the phone system started again",
           "电话系统重启时仍在排队"),
    _count("unknown", "outcome unknown", "结果不明", "none", "ended while nobody listened (a gap in a feed without"
           " a log)", "无人监听期间结束（无日志的数据流中断）"),
    _count("waiting", "waiting", "排队数", "down", "neither answered nor over at as_of", "截至时刻未接通亦未结束"),
    _count("transferred", "transferred", "转接", "none", "answered, and sent on by the agent", "接通后由座席转接"),
    Entry(id="refused", family="refused", name_en="refused at the door", name_zh="拒绝进入", unit="calls",
          direction="down", formula_en="calls turned away before they entered (full, nobody logged in)",
          formula_zh="进入队列前被拒绝的呼叫（队满、无人登录）",
          top=((1, "refused"),), excluded_en="they are no visits and in no other figure; null for a queue of which"
          " the dialplan has never reported one", excluded_zh="不计入来访及其他指标；拨号方案从未报告过的队列为空"),
)

RATES: Final = (
    Entry(id="answer_rate", family="answer_rate", name_en="answer rate", name_zh="接通率", unit="ratio",
          direction="up", formula_en="answered / offered", formula_zh="接通 / 进线", top=((1, "answered"),),
          bottom=((1, "offered"),), origin="人工接通率 without self-service, which no record tells"),
    Entry(id="answer_rate.decided", family="answer_rate", name_en="answer rate of the decided",
          name_zh="接通率（已有结果）", unit="ratio", direction="up",
          formula_en="answered / (offered less those who wait)", formula_zh="接通 /（进线减去仍在排队）",
          top=((1, "answered"),), bottom=((1, "offered"), (-1, "waiting")),
          left_out=(LeftOut(term="waiting", en="still waiting", zh="仍在排队"),)),
    Entry(id="abandon_rate", family="abandon_rate", name_en="abandon rate", name_zh="放弃率", unit="ratio",
          direction="down", formula_en="abandoned / offered", formula_zh="放弃 / 进线", top=((1, "abandoned"),),
          bottom=((1, "offered"),), origin="the default; Amazon Connect", aliases=("abandon.queued",)),
    Entry(id="abandon_rate.ex_short", family="abandon_rate", name_en="abandon rate without short abandons",
          name_zh="放弃率（剔除短时放弃）", unit="ratio", direction="down",
          formula_en="(abandoned - short abandons) / (offered - short abandons)",
          formula_zh="（放弃 - 短时放弃）/（进线 - 短时放弃）",
          top=((1, "abandoned"), (-1, "short_abandoned")), bottom=((1, "offered"), (-1, "short_abandoned")),
          left_out=(_SHORT,), parameters=("short_abandon_s",), origin="Sinch", aliases=("abandon.ex_short",)),
    Entry(id="abandon_rate.of_answered", family="abandon_rate", name_en="abandoned per answered",
          name_zh="放弃与接通之比", unit="ratio", direction="down", formula_en="abandoned / answered",
          formula_zh="放弃 / 接通", top=((1, "abandoned"),), bottom=((1, "answered"),), origin="VICIdial, drops / answers",
          aliases=("drop.vicidial",)),
    Entry(id="abandon_rate.decided", family="abandon_rate", name_en="abandoned of answered and abandoned",
          name_zh="放弃占接通与放弃之比", unit="ratio", direction="down", formula_en="abandoned / (answered + abandoned)",
          formula_zh="放弃 /（接通 + 放弃）", top=((1, "abandoned"),), bottom=((1, "answered"), (1, "abandoned")),
          origin="VICIdial, as regulators in the UK have it"),
    Entry(id="transfer_rate", family="transfer_rate", name_en="transfer rate", name_zh="转接率", unit="ratio",
          direction="down", formula_en="transferred / answered", formula_zh="转接 / 接通",
          top=((1, "transferred"),), bottom=((1, "answered"),)),
)


def _mean(id: str, en: str, zh: str, direction: Direction, formula_en: str, formula_zh: str, top: str,  # noqa: A002
          bottom: str, *, left_out: tuple[LeftOut, ...] = (), excluded_en: str = "", excluded_zh: str = "",
          origin: str = "ccboard", family: str = "", aliases: tuple[str, ...] = ()) -> Entry:
    return Entry(id=id, family=family or id, name_en=en, name_zh=zh, unit="s", direction=direction,
                 formula_en=formula_en, formula_zh=formula_zh, top=((1, top),), bottom=((1, bottom),),
                 left_out=left_out, excluded_en=excluded_en, excluded_zh=excluded_zh, origin=origin, aliases=aliases)


_TALKING = LeftOut(term="talking", en="still talking: the end is not known yet", zh="仍在通话：尚无结束时间")

TIMES: Final = (
    _mean("asa_s", "average speed of answer", "平均应答速度", "down", "mean wait of the answered",
          "已接通来访的平均等待", "wait_s", "waits", aliases=("asa",),
          origin="the waits that the phone system states, not its moving average"),
    _mean("mean_wait_abandoned_s", "mean wait of the abandoned", "放弃前平均等待", "none", "mean wait of the abandoned",
          "放弃来访的平均等待", "abandoned_wait_s", "abandoned_waits"),
    _mean("mean_ring_s", "mean ringing", "平均振铃时长", "down", "mean ringing of the answered, as far as known",
          "已接通来访的平均振铃（已知者）", "ring_s", "rings", aliases=("ring",)),
    _mean("mean_talk_s", "mean talk", "平均通话时长", "none", "mean talk of ended visits with known talk",
          "通话时长已知的已结束来访的平均通话", "talk_s", "talks", left_out=(_TALKING,), aliases=("talk",)),
    _mean("mean_hold_s", "mean hold", "平均保持时长", "down", "mean hold of ended visits with known hold",
          "保持时长已知的已结束来访的平均保持", "hold_s", "holds", left_out=(_TALKING,), aliases=("hold",)),
    _mean("mean_wrap_s", "mean wrap-up", "平均话后处理", "none", "mean wrap-up of ended visits whose wrap-up was measured",
          "有实测话后处理的已结束来访的平均话后处理", "wrap_s", "wraps", left_out=(_TALKING,),
          excluded_en="a configured wrap-up timer, which is not work", excluded_zh="配置的话后计时，不是工作",
          aliases=("acw", "wrap")),
    _mean("aht_s", "average handle time", "平均处理时长", "none",
          "mean of talk, hold and measured wrap-up of ended visits with known talk",
          "通话时长已知的已结束来访的通话、保持与实测话后处理之和的平均", "handled_s", "talks", left_out=(_TALKING,),
          excluded_en="a configured wrap-up timer; calls whose talk a crash took",
          excluded_zh="配置的话后计时；因故障而通话时长不明者", aliases=("aht",)),
    Entry(id="longest_wait_s", family="longest_wait", name_en="longest wait", name_zh="最长等待", unit="s",
          direction="down", formula_en="how long the one has waited at as_of who waits longest",
          formula_zh="截至时刻排队最久者已等待的时长", top=((1, "waiting_max_s"),), aliases=("longest_wait.now",)),
    Entry(id="longest_wait_ended_s", family="longest_wait", name_en="longest wait of the ended",
          name_zh="最长等待（已结束）", unit="s", direction="down",
          formula_en="longest stated wait of a visit that is over, whatever its outcome",
          formula_zh="已结束来访的最长等待，不论结果", top=((1, "longest_wait_s"),),
          aliases=("longest_wait_today_s", "longest_wait.today")),
    Entry(id="talk_s", family="talk_s", name_en="talk", name_zh="通话时长合计", unit="s", direction="none",
          formula_en="sum of known talk of ended visits", formula_zh="已结束来访的已知通话之和", top=((1, "talk_s"),),
          left_out=(_TALKING,)),
    Entry(id="handled_s", family="handled_s", name_en="handling time", name_zh="处理时长合计", unit="s", direction="none",
          formula_en="sum of talk, hold and measured wrap-up of ended visits with known talk",
          formula_zh="通话时长已知的已结束来访的通话、保持与实测话后处理之和", top=((1, "handled_s"),),
          left_out=(_TALKING,)),
)


def _repeat(days: str, hours_en: str, hours_zh: str) -> tuple[Entry, ...]:
    """Return the entries about callers who call again within a window."""
    young = LeftOut(term=f"open_{days}", en=f"counted, but younger than {hours_en}: the caller may still call again",
                    zh=f"已计入，但不足{hours_zh}：主叫仍可能再次来电")
    known = ((1, "known_callers"),)
    return (
        Entry(id=f"repeat_rate_{days}", family=f"repeat_{days}", name_en=f"repeat rate, {hours_en}",
              name_zh=f"重复来电率（{hours_zh}）", unit="ratio", direction="down",
              formula_en=f"visits whose caller calls again within {hours_en} / visits with a known caller",
              formula_zh=f"{hours_zh}内同一主叫再次来电的来访 / 主叫已知的来访", top=((1, f"again_{days}"),), bottom=known,
              left_out=(_UNKNOWN_CALLERS, young),
              excluded_en="other visits of the same call: being passed on is not calling again",
              excluded_zh="同一呼叫的其他来访：转接不算再次来电",
              origin="by caller, empty callers apart, as QueueMetrics"),
        Entry(id=f"repeat_rate_{days}.back", family=f"repeat_{days}", name_en=f"repeated calls, {hours_en}",
              name_zh=f"二次来电率（{hours_zh}）", unit="ratio", direction="down",
              formula_en=f"visits not more than {hours_en} after another call of the caller / visits with a known caller",
              formula_zh=f"距同一主叫上次来电不超过{hours_zh}的来访 / 主叫已知的来访",
              top=((1, f"after_{days}"),), bottom=known, left_out=(_UNKNOWN_CALLERS,),
              origin="二次来电: the second call is counted, where repeat_rate counts the first"),
        Entry(id=f"fcr_{days}", family=f"repeat_{days}", name_en=f"not called again, {hours_en}",
              name_zh=f"一次解决率（{hours_zh}，按未再来电）", unit="ratio", direction="up",
              formula_en=f"visits whose caller does not call again within {hours_en} / visits with a known caller",
              formula_zh=f"{hours_zh}内同一主叫未再次来电的来访 / 主叫已知的来访",
              top=((1, "known_callers"), (-1, f"again_{days}")), bottom=known, left_out=(_UNKNOWN_CALLERS, young),
              origin="an estimate of first-contact resolution: nobody was asked"),
    )


REPEATS: Final = (*_repeat("24h", "24 hours", "24小时"), *_repeat("7d", "7 days", "7天"))

INBOUND: Final = (*COUNTS, *RATES, *TIMES, *REPEATS)
"""All inbound entries but the service level's."""

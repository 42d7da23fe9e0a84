"""What the surge page shows, in a supervisor's words: against what today is compared, and what follows from it."""

from typing import Final

from ccboard.kpis.word import Word

_OF = "Contact, AgentState"

SURGE: Final = (
    Word(id="surge", en="today against normal days", zh="与常态日比较",
         formula_en="every closed minute each queue is compared with a normal day of the same weekday, learnt from the"
         " calls of the last 13 weeks; holidays and gaps of a feed are known. Watching: something may have begun;"
         " likely: 60 %; surge: 90 %; over: less than 20 % again; silent: no call for so long that it is no chance",
         formula_zh="每过一分钟，各队列与同一星期几的常态日比较；常态取自近13周来电，已识别节假日与数据缺口。"
         "观察：可能开始；可能突增：60%；突增：90%；已结束：低于20%；无来电：时间长到不可能是偶然",
         excluded_en="who hangs up and calls the same queue again within the hour is not one more",
         excluded_zh="一小时内重拨同一队列者不重复计算", of=_OF),
    Word(id="surge.alarms", en="alarms that nobody has taken on", zh="待受理告警",
         formula_en="queues whose calls are above a normal day's so that a tier is due, and figures past the limit of"
         " a rule, as long as nobody has accepted them or put them off",
         formula_zh="进线高于常态日且达到等级的队列，以及超过规则阈值的指标，尚无人受理或推迟者",
         of="Contact, Action"),
    Word(id="surge.lift", en="lift", zh="偏离常态",
         formula_en="by how much more callers come than on a normal day, as it is now estimated; the range beside it is"
         " that which 80 of 100 such estimates lie in",
         formula_zh="当前估计的来电比常态日多出的比例；旁边的范围包含100次此类估计中的80次", of=_OF),
    Word(id="surge.since", en="since", zh="始于", formula_en="when it began, as far as one can tell",
         formula_zh="推断的开始时间", of=_OF),
    Word(id="surge.sure", en="how sure", zh="把握",
         formula_en="the probability that it is a surge that matters, and no chance",
         formula_zh="这是有影响的突增而非偶然的概率", of=_OF),
    Word(id="surge.tier", en="tier", zh="等级",
         formula_en="the configured tier of reserves that another figure has reached, or the lift of the hour to come:"
         " people who are called now work then, and part of what is above normal this minute will have passed",
         formula_zh="其他指标或未来一小时的偏离值所达到的已配置预备等级：现在呼叫的人员届时到岗，而本分钟的偏高部分会消退", of="configuration"),
    Word(id="surge.expected", en="normal calls", zh="常态进线",
         formula_en="the calls of a normal day up to the same minute",
         formula_zh="常态日截至同一分钟的进线", of=_OF),
    Word(id="surge.people", en="at work", zh="在岗",
         formula_en="agents at work now; of queues that share people it is the number of all of them together",
         formula_zh="当前在岗座席；共用人员的队列按合计", of=_OF),
    Word(id="surge.need", en="needed", zh="需要",
         formula_en="how many it takes for the target with the calls of the next half hour, by Erlang A: with the"
         " handling time of four weeks and the patience that the queue's own abandons show. What callers meet"
         " without action and with a tier is worked out minute by minute instead: who waits now stands before them,"
         " calls come as forecast and may be off, who is logged in comes and goes as on this weekday in the last"
         " weeks and pauses as today, as many who hang up try again as today, a tier's people are there at once",
         formula_zh="按未来半小时来电达到目标所需人数（Erlang A）：采用近四周处理时长与队列自身放弃所反映的耐心。"
         "不采取措施与启用等级的体验则逐分钟推算：当前排队者在前，来电按预测并计入误差，到离岗按近几周同一星期几，"
         "小休与放弃后重拨按今日，等级人员视为立即到岗", of=_OF),
    Word(id="surge.false", en="false alarms", zh="误报",
         formula_en="alarms of the last 30 days that were for nothing (from their beginning on fewer than 10 % more"
         " calls came than normal), of all alarms",
         formula_zh="近30天中为误的告警（自告警起来电多出不足10%）/ 全部告警", of="Contact, Action"),
)

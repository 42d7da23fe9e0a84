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
         formula_en="how many it takes for the target with the calls of the next half hour (to come: of the quarter of"
         " an hour), by Erlang A: with the handling time of the last four weeks at this hour of the day, corrected"
         " by today's calls, and the patience that the queue's own abandons show; queues that share people need them together",
         formula_zh="按未来半小时（人力缺口：该 15 分钟）来电达到目标所需人数（Erlang A）：采用近四周该时段的处理时长并按今日通话修正，"
         "以及队列自身放弃所反映的耐心；共用人员的队列按合计", of=_OF),
    Word(id="surge.effects", en="what callers meet", zh="来电者体验",
         formula_en="what callers of the next half hour meet without action and with each tier, foretold minute by"
         " minute: who waits now stands before them,"
         " calls come as forecast and may be off, who is logged in comes and goes as on this weekday in the last"
         " weeks and pauses as today, as many who hang up try again as today, a tier's people are there at once",
         formula_zh="不采取措施与启用各等级时未来半小时来电者的体验，逐分钟推算：当前排队者在前，来电按预测并计入误差，"
         "到离岗按近几周同一星期几，小休与放弃后重拨按今日，等级人员视为立即到岗", of=_OF),
    Word(id="surge.to_go", en="to go to the target", zh="达标所需",
         formula_en="how many of the next 100 calls must be answered in time so that the whole day reaches its target:"
         " (target x (counted so far + to come) - in time so far) / to come, rounded up; above 100 it is out of reach",
         formula_zh="全天达标所需：接下来每 100 通须及时接通的通数 =（目标 ×（已计入 + 预计来电）- 已及时接通）/ 预计来电，"
         "向上取整；超过 100 即无法达到", of=_OF),
    Word(id="surge.interval", en="calls of an interval", zh="时段进线",
         formula_en="calls that came in these minutes, without second tries within the hour; the shade is where 80 of 100"
         " normal days lie", formula_zh="该时段进线，不含一小时内重拨；阴影为100个常态日中80个所在的范围", of=_OF),
    Word(id="surge.forecast", en="calls to come", zh="预测进线",
         formula_en="the mean of what is to come: the weekdays before, the latest weeks weighing more, holidays known,"
         " and how this day has gone so far; while an alarm stands the normal day with its lift, which fades",
         formula_zh="预计进线的均值：以往同一星期几（近期权重更大，已识别节假日）与当日至今的走势；告警期间为常态日乘以逐渐消退的偏离",
         of=_OF),
    Word(id="surge.band", en="80 % band", zh="80 % 区间",
         formula_en="80 of 100 such intervals lie inside: chance and what the forecast does not know",
         formula_zh="100个此类时段中80个落入其中：含偶然与预测本身的不确定", of=_OF),
    Word(id="surge.agreed", en="agreed band", zh="约定区间",
         formula_en="the forecast and so many percent around it, as agreed with the client (`surge.band`)",
         formula_zh="预测值上下按约定百分比（`surge.band`）", of="configuration"),
    Word(id="surge.gap", en="heads missing", zh="人力缺口",
         formula_en="heads that the interval takes, less those who will be there; nothing where they are enough",
         formula_zh="该时段所需人数减去届时在岗；足够时为空", of=_OF),
    Word(id="surge.there", en="heads there", zh="届时在岗",
         formula_en="who is logged in now, more and fewer as people came and went on the same weekday of the last five"
         " weeks (there is no roster to ask); of them as many at work as today's pauses say",
         formula_zh="当前登录人数，按近五周同一星期几的到离岗增减（无排班表）；在岗比例按今日小休", of="AgentState"),
    Word(id="surge.wape", en="off a day ahead", zh="提前一天预测误差",
         formula_en="WAPE: the absolute errors of the intervals over all calls, of the last four weeks, each day foretold"
         " from the days before it alone; per day: the same of whole days; MAPE: mean of the days' own shares",
         formula_zh="WAPE：近四周各时段绝对误差之和除以全部进线，每天仅由此前的日子预测；每天：按整日计；MAPE：各日误差比例的平均",
         excluded_en="holidays and days with a gap in the feed", excluded_zh="节假日与有数据缺口的日子", of=_OF),
    Word(id="surge.held", en="how often the bands held", zh="区间命中率",
         formula_en="share of the intervals of those days whose calls lay inside the 80 % band and inside the agreed one",
         formula_zh="这些日子中实际进线落入 80 % 区间与约定区间的时段比例", of=_OF),
    Word(id="surge.done", en="what was done", zh="处置记录",
         formula_en="what people did about alarms today, with the time from the alarm to its acceptance",
         formula_zh="今日对告警的处置，含自告警至受理的用时", of="Action"),
    Word(id="surge.agents_lost", en="agents missing", zh="离岗座席",
         formula_en="agents at work half an hour ago less those at work now",
         formula_zh="半小时前在岗座席减去当前在岗座席", of="AgentState"),
    Word(id="surge.false", en="false alarms", zh="误报",
         formula_en="alarms of the last 30 days that were for nothing (from their beginning on fewer than 10 % more"
         " calls came than normal), of all alarms; what a person said of an alarm goes before that",
         formula_zh="近30天中为误的告警（自告警起来电多出不足10%）/ 全部告警；人工标注优先", of="Contact, Action"),
)

"""What the tail page shows, in a supervisor's words: how somebody comes to be named, and how to read it."""

from typing import Final

from ccboard.kpis.word import Word

_OF = "Contact, Offer, Score"
_NEVER_EN = ("never named: who worked fewer than five days or had fewer than 30 calls in the period, or fewer than"
             " three values of the figure")
_NEVER_ZH = "不点名：本期工作不足五天、来电不足30个或该指标不足三个数值者"

TAIL: Final = (
    Word(id="tail", en="at the tail", zh="尾部",
         formula_en="everybody is compared on the same calls: what each business type, queue and day usually gives is"
         " taken out first. What may be chance is taken out too, so the number is smaller than in a plain list. Named"
         " is who more likely than not truly belongs to the worst tenth; of all names at most one in five is expected"
         " to be wrong",
         formula_zh="只比同类来电：先扣除各业务类型、队列和日期的通常水平，再扣除可能的偶然，因此数值小于简单排名。"
         "点名者是更可能真正属于最差一成的人；全部点名中预计至多五分之一有误",
         excluded_en=_NEVER_EN, excluded_zh=_NEVER_ZH, of=_OF),
    Word(id="tail.likely", en="likely range", zh="可能范围",
         formula_en="nine times out of ten the truth lies in there: few calls and very different days make it wide",
         formula_zh="十次中有九次真实水平在此范围内；来电少、各日差异大则范围宽", of=_OF),
    Word(id="tail.sure", en="how sure", zh="把握",
         formula_en="the probability of truly belonging to the worst tenth, and not just in these weeks; from 80 % on"
         " the evidence is strong",
         formula_zh="真正（而非仅这几周）属于最差一成的概率；80%起为强证据", of=_OF),
    Word(id="tail.habit", en="periods, and movement", zh="期数与变化",
         formula_en="in how many of the last five periods it was so: three are a habit, one may be a bad month. Moved:"
         " changed since the period before by more than chance allows; = where it did not",
         formula_zh="最近五期中有几期如此：三期成习惯，一期或是偶然。变化：较上期超出偶然范围；= 表示未超出", of=_OF),
    Word(id="tail.raw", en="raw, and usual", zh="原值与通常",
         formula_en="the result as it stands, and what the same calls usually give anybody; of seconds the typical"
         " (geometric) mean",
         formula_zh="原始结果，以及同类来电的通常水平；秒数取几何平均", of=_OF),
    Word(id="tail.chart", en="the days of the period", zh="本期逐日",
         formula_en="each working day against what was to be expected of that day's calls: the middle is as expected,"
         " higher is worse, a dot is a day away",
         formula_zh="每个工作日与当日来电应有水平之比：居中为符合预期，越高越差，点为缺勤", of=_OF),
    Word(id="tail.driver", en="what drives it", zh="主因",
         formula_en="the part of the handling time that makes most of the difference, and the type of call on which it"
         " is clearly larger than on the others",
         formula_zh="造成差异最多的处理环节，以及明显差于其他类型的业务类型", of=_OF),
    Word(id="tail.unsteady", en="fluctuating", zh="波动",
         formula_en="the days differ more than chance and everybody's ordinary good and bad days explain, over all"
         " figures together or in one alone. The mean may be fine: a talk about what happens on the bad days helps more"
         " than a target. Of those named one in ten is expected to be wrong",
         formula_zh="各日差异超出偶然与常人好坏日的范围（综合各指标，或某一指标）。均值可能正常：谈谈差日子发生了什么，"
         "比定目标更有用。点名中预计十分之一有误",
         excluded_en=_NEVER_EN, excluded_zh=_NEVER_ZH, of=_OF),
    Word(id="tail.early", en="too early to say", zh="为时尚早",
         formula_en="may be good or bad: nobody knows yet. About so many more calls make a verdict that rests half on"
         " their own results",
         formula_zh="好坏未知。约再有这么多来电，结论才有一半来自本人结果", of=_OF),
    Word(id="tail.verdict", en="what can be said of a figure", zh="指标结论",
         formula_en="how many are named, and about how many of those wrongly; or why nobody is: where what is seen is"
         " mostly chance, somebody is always last, which means nothing",
         formula_zh="点名几人，其中约几人有误；或为何不点名：结果多属偶然时，总有人垫底，并不说明问题", of=_OF),
    Word(id="tail.own", en="own results", zh="自身结果占比",
         formula_en="how far the number rests on their own calls; the rest leans on everybody's middle, because few"
         " calls say little. At 100 % nothing would be taken out as chance",
         formula_zh="数值中来自自身来电的比例；其余参照整体水平，因为来电少时说明不了问题。100% 即不扣除任何偶然", of=_OF),
    Word(id="tail.sample", en="sample", zh="样本",
         formula_en="values of the figure in the days that are looked at: calls, offers, answers to surveys, reviews",
         formula_zh="所看天数内该指标的数值个数：来电、振铃、评价、质检", of=_OF),
    Word(id="tail.units", en="who is compared", zh="参与比较者",
         formula_en="all who had a call in the days that are looked at; of teams and business types likewise",
         formula_zh="所看天数内有来电的全部座席；班组、业务类型同理", of=_OF),
    Word(id="tail.days", en="days that are looked at", zh="所看天数",
         formula_en="working days (days with calls) up to yesterday, and today as far as it has come. Rare figures, such"
         " as marks of callers and reviews, are pooled over more days where the data reach so far",
         formula_zh="截至昨日的工作日（有来电之日），并计入今日已有来电。评价、质检等稀少指标在数据足够时合并更多天数", of=_OF),
    Word(id="tail.coaching", en="coaching", zh="辅导",
         formula_en="open, in coaching, re-check, done; since: how sure it is that results have become better or worse"
         " since it began, against what was known before. What chance takes back by itself is not counted. Whether the"
         " coaching did it nobody can tell",
         formula_zh="开案、辅导中、复查、完成。此后：自开始以来好转或变差的把握，与此前所知水平相比，偶然回落不计入；"
         "是否因辅导所致无从断定", of="Action, " + _OF),
)
"""Words of the tail page."""

"""What the board shows besides the catalogue's figures: states, ages, places in a queue. The same for all faces.

These are told by the snapshot alone, so they have no numerator; what is said of them is how they come about.
"""

from typing import Final

from ccboard.kpis.glossary_surge import SURGE
from ccboard.kpis.glossary_tail import TAIL
from ccboard.kpis.word import Word as Word

_STATES_EN = ("the first that holds: on hold or talking (on a call of ours), ringing, wrap-up, busy, paused in every"
              " queue known, ready, offline, unknown")
_STATES_ZH = "按次序取首个成立者：保持或通话（本系统来电）、振铃、话后处理、占线、所有已知队列均示忙、示闲、离线、未知"
_LATE_EN = "people whose sources are all too old to be believed: then there is a dash"
_LATE_ZH = "数据源均已过期的座席不计，此时显示短横"


def _people(id: str, en: str, zh: str, formula_en: str, formula_zh: str) -> Word:  # noqa: A002
    return Word(id=id, en=en, zh=zh, formula_en=formula_en, formula_zh=formula_zh, excluded_en=_LATE_EN,
                excluded_zh=_LATE_ZH)


_ALL: Final = (
    _people("ready", "agents ready", "示闲座席",
            "members of the queue who are in no call and not paused; in the totals every person once",
            "队列成员中无通话且未示忙者；合计中每人只计一次"),
    _people("ringing", "agents ringing", "振铃座席", "members of the queue whose phone rings for a call of ours",
            "队列成员中电话正在振铃者"),
    _people("talking", "agents talking", "通话座席",
            "members of the queue who talk on a call of ours, those who keep a caller on hold included",
            "队列成员中正在通话者，含保持"),
    _people("wrap_up", "agents in wrap-up", "话后处理座席",
            "members of the queue within the configured time after their last call's end",
            "队列成员中末次通话结束后仍在所配置话后时长内者"),
    _people("paused", "agents paused", "示忙座席", "members of the queue who are paused in every queue known",
            "队列成员中在所有已知队列均示忙者"),
    Word(id="queue", en="queue", zh="队列", formula_en="every visit counts in the queue that it entered",
         formula_zh="来访计入其所进入的队列", of="Contact, QueueKnown"),
    Word(id="target", en="target of the service level", zh="服务水平目标",
         formula_en="the share of callers to be answered, and within how many seconds (T), as configured for the"
         " queue, its project or the centre",
         formula_zh="应接通的比例与时限 T（秒），依次取队列、项目、中心的配置", of="configuration"),
    _people("agent", "agent", "座席",
            "everyone seen on this business day or a member now; one person is one, in how many queues whatever",
            "本营业日出现过或当前登录的座席；一人在多个队列只计一人"),
    Word(id="team", en="team", zh="班组", formula_en="as configured, else as the source says",
         formula_zh="取配置，否则取数据源", of="AgentState"),
    _people("state", "state", "状态", _STATES_EN, _STATES_ZH),
    _people("state_s", "time in this state", "当前状态时长", "from the beginning of the state to this moment; it runs on"
            " between two snapshots", "自进入该状态至此刻；两次刷新之间继续计时"),
    Word(id="doing", en="reason, or queue", zh="原因或队列",
         formula_en="of a pause its reason as the phone system has it; of a call the queue that it came from",
         formula_zh="示忙时为电话系统所记原因；通话时为来电队列"),
    Word(id="with_caller", en="caller", zh="主叫",
         formula_en="who is talked to, as the `callers` setting shows numbers", formula_zh="通话对方，按 callers 设置显示",
         of="Contact"),
    Word(id="paused_s", en="time paused", zh="示忙时长",
         formula_en="whole seconds of this business day paused in at least one queue",
         formula_zh="本营业日在至少一个队列示忙的整秒数", of="AgentState"),
    Word(id="caller", en="caller", zh="主叫",
         formula_en="who waits, as the `callers` setting shows numbers: masked, plain or a hash",
         formula_zh="排队者，按 callers 设置显示：掩码、明码或散列", of="Contact"),
    Word(id="position", en="place in the queue", zh="排队位次",
         formula_en="1 is who has waited longest in this queue", formula_zh="1 为该队列中等待最久者", of="Contact"),
    Word(id="wait", en="wait so far", zh="已等待",
         formula_en="from entering the queue to this moment; it runs on between two snapshots",
         formula_zh="自进入队列至此刻；两次刷新之间继续计时", of="Contact"),
    Word(id="nth_today", en="which call today", zh="今日第几次来电",
         formula_en="the how-manieth call of this caller on this business day, by the number's keyed hash",
         formula_zh="该主叫本营业日的第几次来电，按号码的加密散列识别",
         excluded_en="callers without a number", excluded_zh="无主叫号码者", of="Contact"),
    Word(id="source", en="source", zh="数据源", formula_en="one system that is read, by its name in the configuration",
         formula_zh="所读取的一个系统，按配置中的名称", of="configuration"),
    Word(id="source_state", en="state of a source", zh="数据源状态",
         formula_en="ok; late: older than twice its promise; failed: it said why it cannot be read",
         formula_zh="正常；延迟：超过承诺时延两倍；失败：已说明无法读取的原因", of="SourceStatus"),
    Word(id="age", en="age of a source", zh="数据时延",
         formula_en='time since it last answered, "nothing new" included; past twice the promise its figures are'
         " grey, past five times dashes", formula_zh="自其上次应答（含“无新数据”）以来的时间；超过承诺两倍变灰，五倍显示短横",
         of="SourceStatus"),
    Word(id="promise", en="promised age", zh="承诺时延",
         formula_en="how old the source says its figures may be", formula_zh="数据源声明的最大时延", of="SourceStatus"),
    Word(id="rows", en="rows", zh="记录数", formula_en="records of the source that changed something in the store",
         formula_zh="改变了存储内容的记录数", of="every record"),
    Word(id="rejects", en="rejected", zh="拒收",
         formula_en="pieces of input that could not be used; the reasons stand below",
         formula_zh="无法使用的输入；原因见下方", of="rejects"),
    Word(id="complete_since", en="whole since", zh="完整自",
         formula_en="from when on the source's figures are whole: before it nothing may be missing, gaps are listed",
         formula_zh="自此时起数据完整；缺口另列", of="SourceStatus"),
    Word(id="over_limit", en="over the limit", zh="超限",
         formula_en="queues with any figure past its critical limit, and agents who are longer in a state than its"
         " critical limit", formula_zh="任一指标超过严重阈值的队列数，加上状态时长超过严重阈值的座席数",
         excluded_en="what is past a warning limit only", excluded_zh="仅超过警告阈值者"),
    Word(id="finding", en="data quality", zh="数据质量",
         formula_en="errors, troubles, gaps and rejects that a source or the hub has said, the worst first",
         formula_zh="数据源或中心进程报告的错误、故障、缺口与拒收，最严重者在前", of="SourceStatus, rejects"),
    Word(id="event", en="event", zh="事件",
         formula_en="what happened, at the time that its source gives it; newest first",
         formula_zh="发生之事，以数据源所给时间为准；最新在前"),
    *SURGE,
    *TAIL,
)

GLOSSARY: Final[dict[str, Word]] = {word.id: word for word in _ALL}
"""Every word by its id."""

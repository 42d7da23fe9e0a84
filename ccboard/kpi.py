"""The catalogue: what every figure means, in one place for the board, ``check``, the docs and reports.

Only the standard library. Here stand the figures of ``ccboard now --json``, by the names they have there;
``DEFINITIONS`` are all figures that can be asked for of any range of time (``ccboard figures``,
``ccboard explain``), with what each is divided by what.
"""

from dataclasses import dataclass
from typing import Final, Literal

from ccboard.kpis.catalogue import DEFINITIONS, FORM_NAMES, find, nearest
from ccboard.kpis.levels import COUNTS, DEFAULT_FORM, PRESETS
from ccboard.kpis.model import Direction, Entry

__all__ = ["AGENT_FIGURES", "CATALOGUE", "COUNTS", "DEFAULT_FORM", "DEFINITIONS", "FORM_NAMES", "PRESETS",
           "QUEUE_FIGURES", "Direction", "Entry", "Kpi", "find", "nearest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One figure. `source`: the records it is made of."""

    id: str
    scope: Literal["queue", "agent"]
    name_en: str
    name_zh: str
    unit: Literal["visits", "calls", "callers", "s", "ratio", "agents", "offers", "state", "moment", "text"]
    direction: Direction
    formula: str
    numerator: str
    denominator: str = ""
    excluded: str = ""
    source: str = "Contact"


def _queue(id: str, en: str, zh: str, unit: str, direction: Direction, formula: str, numerator: str = "",  # noqa: A002
           denominator: str = "", excluded: str = "", source: str = "Contact") -> Kpi:
    return Kpi(id=id, scope="queue", name_en=en, name_zh=zh, unit=unit, direction=direction,  # type: ignore[arg-type]
               formula=formula, numerator=numerator or formula, denominator=denominator, excluded=excluded,
               source=source)


def _agent(id: str, en: str, zh: str, unit: str, direction: Direction, formula: str,  # noqa: A002
           excluded: str = "", source: str = "Contact") -> Kpi:
    return Kpi(id=id, scope="agent", name_en=en, name_zh=zh, unit=unit, direction=direction,  # type: ignore[arg-type]
               formula=formula, numerator=formula, excluded=excluded, source=source)


_TODAY = "visits that entered the queue on this business day by as_of"

QUEUE_FIGURES: Final = (
    _queue("offered", "offered", "呼入", "visits", "none",
           f"{_TODAY}, those still waiting and those lost included", source="Contact; ENTERQUEUE"),
    _queue("calls", "calls", "来电", "calls", "none",
           f"distinct calls among the {_TODAY}: a caller who overflows is one call and two visits"),
    _queue("answered", "answered", "接听", "visits", "up",
           "visits connected to an agent by as_of, talking ones included", source="Contact; CONNECT"),
    _queue("abandoned", "abandoned", "放弃", "visits", "down",
           "visits whose caller hung up waiting, short ones included", source="Contact; ABANDON",
           excluded="timed out, left by key, left empty, withdrawn, lost"),
    _queue("short_abandoned", "short abandons", "短时放弃", "visits", "none",
           "abandoned with a wait strictly under the configured short_abandon_s (5 s)"),
    _queue("timed_out", "timed out", "超时转出", "visits", "down",
           "visits that the queue's time limit sent on", source="Contact; EXITWITHTIMEOUT"),
    _queue("left_by_key", "left by key", "按键离开", "visits", "none",
           "visits whose caller pressed a key to leave", source="Contact; EXITWITHKEY"),
    _queue("left_empty", "left empty", "无座席转出", "visits", "down",
           "visits sent on because nobody could answer", source="Contact; EXITEMPTY"),
    _queue("withdrawn", "withdrawn", "撤回", "visits", "none",
           "visits taken out of the queue by somebody else", source="Contact; WITHDRAW"),
    _queue("lost", "lost", "丢失", "visits", "down",
           "visits still waiting when the phone system started again", source="Contact; QUEUESTART",
           excluded="callers who were talking: they stay answered, their talk unknown"),
    _queue("refused", "refused at the door", "拒绝进入", "calls", "down",
           "calls turned away before they entered (full, nobody logged in); null for a queue of which the"
           " dialplan has never reported one", source="Refusal; CCBOARD_REFUSED"),
    _queue("waiting", "waiting", "排队数", "callers", "down",
           "visits neither answered nor over at as_of, of up to 24 hours before",
           excluded="visits of sources that are too old to be believed"),
    _queue("longest_wait_s", "longest wait", "最长等待", "s", "down",
           "whole seconds that the longest-waiting caller has waited at as_of; null where nobody waits"),
    _queue("answered_in_time", "answered in time", "及时接听", "visits", "up",
           "answered with a wait of at most T, as the source states the wait"),
    _queue("service_level", "service level", "服务水平", "ratio", "up",
           "answered_in_time / (offered - waiting no longer than T)", "answered_in_time",
           "offered less the visits of today that have waited at most T whole seconds at as_of",
           "who can still be answered in time; nothing else: abandoned, timed out and lost are misses"),
    _queue("abandon_rate", "abandon rate", "放弃率", "ratio", "down", "abandoned / offered",
           "abandoned", "offered"),
    _queue("asa_s", "average speed of answer", "平均应答速度", "s", "down", "mean wait of the answered",
           "sum of the stated waits of answered visits", "answered visits with a stated wait"),
    _queue("aht_s", "average handle time", "平均处理时长", "s", "none",
           "mean talk, plus hold and measured wrap-up where known, of ended visits with known talk",
           "sum of talk, hold and measured wrap-up", "answered visits that are over and whose talk is known",
           "a configured wrap-up timer; calls whose talk a crash took"),
    _queue("longest_wait_today_s", "longest wait today", "当日最长等待", "s", "down",
           "longest stated wait of visits of today that are over, whatever their outcome"),
    _queue("agents", "agents by state", "座席状态", "agents", "none",
           "members of the queue by state at as_of; in totals every person once",
           source="AgentState, Contact, Offer",
           excluded="people whose sources are all too old to be believed"),
)
"""Every figure of a queue and of `totals`."""

AGENT_FIGURES: Final = (
    _agent("answered", "answered", "接听", "visits", "up",
           "visits of this business day that the agent answered"),
    _agent("talk_s", "talk", "通话", "s", "none",
           "sum of known talk of the agent's visits of this business day that are over",
           excluded="talk that is going on, and talk that a crash took"),
    _agent("ring_no_answer", "ring no answer", "未接", "offers", "down",
           "offers of this business day that rang out, or found the phone busy at once (0 ms)",
           source="Offer; RINGNOANSWER"),
    _agent("ring_cancelled", "ring cancelled", "振铃取消", "offers", "none",
           "offers whose caller left, or was taken by somebody else, while the phone rang",
           source="Offer; RINGCANCELED"),
    _agent("paused_s", "paused", "示忙时长", "s", "none",
           "whole seconds of this business day paused in at least one queue",
           source="AgentState; PAUSE, UNPAUSE"),
    _agent("state", "state", "状态", "state", "none",
           "the first that holds: hold or talking (on a call of ours), ringing, wrap-up, busy, paused"
           " (in every queue known), ready, offline, unknown", source="AgentState, Contact, Offer"),
    _agent("since", "since", "起始", "moment", "none", "when that state began",
           source="AgentState, Contact, Offer"),
    _agent("state_s", "time in state", "状态时长", "s", "none", "whole seconds from since to as_of",
           source="AgentState, Contact, Offer"),
    _agent("reason", "reason", "原因", "text", "none", "the pause's reason as the phone system has it",
           source="AgentState"),
    _agent("team", "team", "班组", "text", "none", "as configured, else as the source says",
           source="AgentState"),
    _agent("queues", "queues", "队列", "text", "none",
           "queues the agent is a member of, or was offered calls in today where membership is not told",
           source="AgentState, Contact, Offer"),
)
"""Every figure of an agent."""

CATALOGUE: Final = {(kpi.scope, kpi.id): kpi for kpi in (*QUEUE_FIGURES, *AGENT_FIGURES)}
"""All of them by (scope, id)."""

"""Whether the visits agree with what the phone system counted itself over the same stretch.

A phone system's counters are compared, never shown as figures. Of Asterisk's: `completed` grows when an answered
call ends, `abandoned` when a caller hangs up, is sent on by a time limit, finds nobody there or is withdrawn; who
leaves by key is in neither. It is known to miss calls: the older of two that a member has at once, and that of a
member who was removed meanwhile. Calls that end within seconds of either edge of the stretch may be on either side.
"""

from dataclasses import dataclass
from typing import Any, Final

from ccboard.panel_quality import Answer, FaultRow, Finding, Said
from ccboard.quality.look import Look, finding
from ccboard.store.rows import micros
from ccboard.text import counted as counted_as

EDGE_S: Final = 3
"""So near to an edge of the stretch a call may be counted on the other side."""
_ABANDONED: Final = ("abandoned", "timed_out", "left_empty", "withdrawn")


@dataclass(frozen=True, slots=True)
class Counted:
    """One queue over one stretch: what the phone system counted, and what the visits come to."""

    source: str
    queue: str
    since: int
    at: int
    theirs: tuple[int, int]  # completed, abandoned
    ours: tuple[int, int]
    explained: tuple[FaultRow, ...]
    """Visits that each may be the difference."""

    @property
    def differs(self) -> bool:
        """Whether the two do not agree."""
        return self.theirs != self.ours


def counted(at: Look) -> list[Counted]:
    """Return the comparison of every queue, of its latest stretch that was counted within the range."""
    found = []
    for source, queue, since, moment, completed, abandoned in at.rows(f"""
        SELECT source, queue, since, moment, completed, abandoned FROM counters
        WHERE moment >= $begin AND moment < $end AND moment <= $as_of AND {at.shows()}
        QUALIFY row_number() OVER (PARTITION BY source, queue ORDER BY moment DESC, since) = 1
        ORDER BY source, queue
    """):
        found.append(_compared(at, source, queue, since, moment, (completed, abandoned)))
    return found


def _compared(at: Look, source: str, queue: str, since: Any, moment: Any, theirs: tuple[int, int]) -> Counted:
    ends = {"source": source, "queue": queue, "since": since, "moment": moment}
    [(answered, abandoned)] = at.rows(f"""
        SELECT count(*) FILTER (WHERE outcome = 'answered'),
            count(*) FILTER (WHERE outcome IN ({", ".join(f"'{one}'" for one in _ABANDONED)}))
        FROM visits WHERE source = $source AND queue = $queue AND ended_at > $since AND ended_at <= $moment
    """, **ends)
    ours = (answered, abandoned)
    rows: list[FaultRow] = []
    if ours != theirs:
        rows = _explaining(at, ends, ours[0] - theirs[0], ours[1] - theirs[1])
    return Counted(source, queue, micros(since), micros(moment), theirs, ours, tuple(rows))


def _explaining(at: Look, ends: dict[str, Any], answered: int, abandoned: int) -> list[FaultRow]:
    """Return the visits that may be the difference, those of one side only where that is the wrong one."""
    rows = at.rows(f"""
        WITH here AS (
            SELECT * FROM visits WHERE source = $source AND queue = $queue
                AND ended_at > $since - INTERVAL {EDGE_S} SECOND AND ended_at <= $moment + INTERVAL {EDGE_S} SECOND),
        together AS (
            SELECT h.call, h.nth, any_value(o.call) AS other FROM here h JOIN visits o
                ON o.source = h.source AND o.agent = h.agent AND o.call <> h.call
                AND o.answered_at >= h.answered_at AND o.answered_at < h.ended_at
            WHERE h.outcome = 'answered' AND o.offered_at >= $since - INTERVAL 1 DAY AND o.offered_at <= $moment
            GROUP BY ALL),
        removed AS (
            SELECT h.call, h.nth FROM here h JOIN agent_states s
                ON s.source = h.source AND s.queue = h.queue AND s.state = 'offline'
                AND s.moment >= h.answered_at AND s.moment < h.ended_at
            LEFT JOIN ties t ON t.source = s.source AND t.interface = s.interface
            WHERE h.outcome = 'answered' AND h.agent IN (s.agent, s.interface, t.agent) GROUP BY ALL)
        SELECT h.ended_at, h.agent, h.call, h.outcome = 'answered', t.other, r.call IS NOT NULL,
            h.ended_at <= $since OR h.ended_at > $moment,
            least(abs(epoch_us(h.ended_at - $since::TIMESTAMP)), abs(epoch_us(h.ended_at - $moment::TIMESTAMP))) / 1e6
        FROM here h LEFT JOIN together t ON t.call = h.call AND t.nth = h.nth
        LEFT JOIN removed r ON r.call = h.call AND r.nth = h.nth
        ORDER BY h.ended_at, h.call
    """, **ends)
    found = []
    for moment, agent, call, is_answered, other, removed, outside, near in rows:
        missing = answered if is_answered else abandoned  # above 0: we have more than they
        why: Said | None = None
        if missing > 0 and is_answered and other is not None:
            why = (f"the agent answered call {other} meanwhile: only the last of two is counted",
                   f"座席其间又接听呼叫 {other}：系统只计最后一个")
        elif missing > 0 and is_answered and removed:
            why = ("the agent was removed from the queue meanwhile: such calls are not counted",
                   "座席其间被移出队列：系统不计此类呼叫")
        elif missing and near <= EDGE_S and outside == (missing < 0):
            why = ("it ended at the edge of the stretch", "恰在统计时段边缘结束")
        if why is not None:
            found.append(at.row(ends["source"], moment, ends["queue"], agent, call, why))
    return found


def look(at: Look) -> tuple[dict[str, Answer], list[Finding]]:
    """Return the answer of each source that counts itself, and what does not agree."""
    answers: dict[str, Answer] = {}
    findings = []
    every = counted(at)
    for source in sorted({one.source for one in every}):
        mine = [one for one in every if one.source == source]
        differing = [one for one in mine if one.differs]
        open_ = [one for one in differing if not _explained(one)]
        visits = sum(sum(one.ours) for one in mine)
        if not differing:
            visits_en, queues_en = counted_as(visits, "ended visit"), counted_as(len(mine), "queue")
            said = (f"{visits_en} of {queues_en}: as the phone system counts them itself",
                    f"{len(mine)} 个队列的 {visits} 个已结束来访与电话系统计数一致")
        else:
            queues_en = counted_as(len(mine), "queue")
            said = (f"{len(differing)} of {queues_en}: not as the phone system counts itself, {len(open_)} unexplained",
                    f"{len(mine)} 个队列中有 {len(differing)} 个与电话系统计数不一致，其中 {len(open_)} 个未能解释")
        answers[source] = Answer("accurate", "critical" if open_ else "warning" if differing else "good", said)
        for one in differing:
            level = "warning" if _explained(one) else "critical"
            ours, theirs = one.ours, one.theirs
            said = (f"{one.queue}: {ours[0]} answered and {ours[1]} given up here, {theirs[0]} and {theirs[1]} there",
                    f"{one.queue}：本系统接通 {ours[0]}、放弃 {ours[1]}，电话系统 {theirs[0]}、{theirs[1]}")
            differ = abs(ours[0] - theirs[0]) + abs(ours[1] - theirs[1])
            findings.append(finding(source, "accurate", "counters", level, differ, said, list(one.explained)))
    return answers, findings


def _explained(one: Counted) -> bool:
    """Tell whether there are as many visits that explain it as are missing or too many."""
    return sum(abs(o - t) for o, t in zip(one.ours, one.theirs, strict=True)) <= len(one.explained)

"""Whether a source's data came, when it came last, and as often as promised; and what the figures are held to."""

from typing import Any, Final

from ccboard.clock import SECOND
from ccboard.kpis.catalogue import DEFINITIONS
from ccboard.metrics.sources import PEOPLE
from ccboard.panel_quality import Answer, FaultRow, Finding, Said
from ccboard.quality.look import Look, finding, seconds
from ccboard.snapshot import KEPT
from ccboard.store.rows import micros, stamp

LATE: Final = 2
"""A silence longer than so many promises is told."""


def sources(at: Look) -> list[tuple[str, str, float]]:
    """Return (name, type, promise) of the sources that had anything to do with the range."""
    return [(name, kind, promise) for name, kind, promise in at.rows(f"""
        SELECT name, type, promise_s FROM sources WHERE type <> '{PEOPLE}' AND (
            name IN (SELECT source FROM alive WHERE moment < $end AND until >= $begin)
            OR name IN (SELECT source FROM events WHERE moment < $end AND coalesce(until, moment) >= $begin)
            OR name IN (SELECT source FROM visits WHERE offered_at >= $begin AND offered_at < $end)
            OR name IN (SELECT source FROM rejects))
        ORDER BY name
    """)]


def collected(at: Look, source: str) -> tuple[Answer, list[Finding]]:
    """Answer whether everything came: gaps of the range, and what could not be used at all."""
    gaps = at.rows("""
        SELECT DISTINCT greatest(moment, $begin), least(coalesce(until, $as_of), $end, $as_of) FROM events
        WHERE source = $source AND kind = 'gap' AND moment < $end AND moment <= $as_of
            AND coalesce(until, $as_of) >= $begin
        ORDER BY 1
    """, source=source)
    gaps = [(begin, end) for begin, end in gaps if end > begin]
    counts = at.rows("SELECT reason, n FROM reject_counts WHERE source = $source ORDER BY n DESC, reason",
                     source=source)
    lost = sum(n for reason, n in counts if not reason.endswith(KEPT))
    missing = sum((end - begin).total_seconds() for begin, end in gaps)
    found: list[Finding] = []
    if gaps:
        said = (f"nothing is known of {len(gaps)} stretch{'es' if len(gaps) > 1 else ''}, {seconds(missing)} together",
                f"{len(gaps)} 段无数据，共 {seconds(missing)}")
        found.append(finding(source, "collected", "gap", "warning", len(gaps), said, [
            at.row(source, begin, None, None, None, _length((end - begin).total_seconds()))
            for begin, end in gaps]))
    for reason, n in counts:
        kept = reason.endswith(KEPT)
        rows = at.rows("SELECT place, text FROM rejects WHERE source = $source AND reason = $reason"
                       " ORDER BY seq DESC LIMIT 100", source=source, reason=reason)
        found.append(finding(source, "collected", "counted_in_part" if kept else "rejected",
                             "" if kept else "warning", n, (reason, reason), [
                                 FaultRow(None, None, None, None, (f"{place}: {text}",) * 2) for place, text in rows]))
    parts = []
    if gaps:
        parts.append((f"{seconds(missing)} are missing", f"缺 {seconds(missing)}"))
    if lost:
        parts.append((f"{lost} rejected since it was first heard", f"自始共拒收 {lost} 条"))
    if not parts:
        parts.append(("no gap, nothing rejected", "无缺口，无拒收"))
    return Answer("collected", "warning" if gaps or lost else "good", _joined(parts)), found


def reported(at: Look, source: str, promise_s: float) -> Answer:
    """Answer when it was last heard."""
    [(until,)] = at.rows("SELECT max(least(until, $as_of)) FROM alive WHERE source = $source"
                         " AND moment <= $as_of", source=source)
    if until is None:
        [(until,)] = at.rows("SELECT max(offered_at) FROM visits WHERE source = $source"
                             " AND offered_at <= $as_of", source=source)
        if until is None or promise_s > 0:
            return Answer("reported", "critical", ("never heard", "从未收到"))
    age_s = (at.as_of - micros(until)) / SECOND
    clock = _local(at, micros(until))
    if promise_s <= 0:
        return Answer("reported", "", (f"history up to {clock}", f"历史数据，截至 {clock}"))
    state = "good" if age_s <= LATE * promise_s else "critical"
    return Answer("reported", state, (f"last heard {seconds(age_s)} before, at {clock}",
                                      f"最后收到于 {clock}（{seconds(age_s)}前）"))


def often(at: Look, source: str, promise_s: float) -> tuple[Answer, list[Finding]]:
    """Answer for which share of the range it kept its promise, and name the silences that broke it."""
    if promise_s <= 0:
        return Answer("often", "", ("it promises nothing: history", "历史数据，无刷新承诺")), []
    stretches = at.rows("""
        SELECT moment, least(until, $as_of) FROM alive WHERE source = $source AND until >= $begin
            AND moment < $end AND moment <= $as_of ORDER BY moment
    """, source=source)
    [(first,)] = at.rows("SELECT min(moment) FROM alive WHERE source = $source", source=source)
    end = min(at.end, at.as_of)
    begin = at.begin if first is None else max(at.begin, micros(first))
    if first is None or begin >= end:
        return Answer("often", "critical", (f"promised every {seconds(promise_s)}, never heard",
                                            f"承诺每 {seconds(promise_s)} 刷新，从未收到")), []
    heard_to, kept, rows, silences = begin, 0, [], 0
    promise = round(promise_s * SECOND)
    for moment, until in [*stretches, (None, None)]:
        starts = end if moment is None else min(max(micros(moment), begin), end)
        if starts > heard_to:
            kept += min(starts - heard_to, promise)
            if starts - heard_to > LATE * promise:
                silences += 1
                rows.append(at.row(source, stamp(heard_to), None, None, None,
                                   _length((starts - heard_to) / SECOND)))
        if moment is not None:
            ends = min(max(micros(until), begin), end)
            kept += max(0, ends - max(starts, heard_to))
            heard_to = max(heard_to, ends)
    share = kept / (end - begin)
    state = "good" if share >= 0.999 else "warning" if share >= 0.95 else "critical"
    percent = f"{int(share * 1000) / 10:g} %"
    answer = Answer("often", state, (f"promised every {seconds(promise_s)}, kept {percent} of the time",
                                     f"承诺每 {seconds(promise_s)} 刷新，{percent} 的时间做到"))
    if not silences:
        return answer, []
    said = (f"silent for longer than {LATE} x {seconds(promise_s)}, {silences} time{'s' if silences > 1 else ''}",
            f"静默超过 {LATE} × {seconds(promise_s)}，共 {silences} 次")
    return answer, [finding(source, "often", "silence", "warning", silences, said, rows)]


def helps(at: Look, source: str) -> Answer:
    """Answer which figures of its queues are held to a target or a limit, and which are not."""
    queues = [queue for (queue,) in at.rows(f"""
        SELECT queue FROM queues_known WHERE source = $source AND {at.shows()}
        UNION SELECT DISTINCT queue FROM visits WHERE source = $source AND offered_at >= $begin
            AND offered_at < $end AND {at.shows()} ORDER BY 1
    """, source=source)]
    if not queues:
        return Answer("helps", "", ("it has no queues", "无队列"))
    limits = [at.scope.limits(queue) for queue in queues]
    held = ["service_level", "longest_wait_s", "abandon_rate"]
    of_all = set(limits[0].figures).intersection(*(one.figures for one in limits))
    held += sorted((of_all | set(at.config.limits.agents.figures)) - set(held))
    loose = [name for name in ("waiting", "asa_s", "aht_s", "occupancy", "fcr", "csat", "qa_score", "complaints")
             if name not in held]
    own = [queue for queue in queues if at.scope.target(queue) != at.config.service_level.target
           or at.config.queue(queue).limits is not None]
    targets = sorted({at.scope.target(queue) for queue in queues})
    said = "/".join(f"{round(target * 100, 1):g} %" for target in targets[:4])
    english = (f"a target or limit: {_names(held, 'en')} (service level {said}; {len(own)} of {len(queues)} queues have their own);"
               f" none: {_names(loose, 'en')}")
    chinese = (f"有目标或阈值：{_names(held, 'zh')}（服务水平 {said}；{len(queues)} 个队列中 {len(own)} 个有单独设置）；"
               f"无目标：{_names(loose, 'zh')}")
    return Answer("helps", "good", (english, chinese))


def _names(ids: list[str], language: str) -> str:
    entries = [DEFINITIONS[one] for one in ids]
    return "、".join(one.name_zh for one in entries) if language == "zh" else ", ".join(one.name_en for one in entries)


def _length(value: float) -> Said:
    return (f"for {seconds(value)}", f"持续 {seconds(value)}")


def _joined(parts: list[Said]) -> Said:
    return "; ".join(one for one, _ in parts), "；".join(one for _, one in parts)


def _local(at: Look, moment: int) -> str:
    from ccboard.moments import to_datetime

    local: Any = to_datetime(moment).astimezone(at.zone)
    same = local.date() == to_datetime(at.as_of).astimezone(at.zone).date()
    return f"{local:%H:%M:%S}" if same else f"{local:%Y-%m-%d %H:%M:%S}"

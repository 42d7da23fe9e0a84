"""The words of the board in English and Chinese. Data from outside never passes through here as a key.

The Chinese terms are those that call centres use: 排队 waiting, 服务水平 service level, 示闲 ready,
话后处理 wrap-up, 示忙 pause. A column's title is what its cells need at most; ``.short`` is the title on a
narrow screen. ``tests/test_board_i18n.py`` holds that both languages say everything.
"""

import os
from typing import Final

from ccboard import i18n_quality, i18n_surge, i18n_tail
from ccboard.kpis.titles import title as kpi_title

LANGUAGES: Final = ("en", "zh")

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

WORDS: Final[dict[str, tuple[str, str]]] = {  # by key: in English, in Chinese
    # pages and panels
    "page.overview": ("overview", "总览"),
    "page.queues": ("queues", "队列"),
    "page.agents": ("agents", "座席"),
    "page.sources": ("sources", "数据源"),
    "panel.levels": ("SERVICE LEVEL TODAY, {minutes} MIN", "今日服务水平（{minutes}分钟）"),
    "panel.levels.short": ("SERVICE LEVEL", "服务水平"),
    # columns: title and short title
    "column.queue": ("QUEUE", "队列"),
    "column.waiting": ("WAITING", "排队"),
    "column.waiting.short": ("WAIT", "排队"),
    "column.longest": ("LONGEST", "最长等待"),
    "column.longest.short": ("LONG", "最长"),
    "column.level": ("LEVEL", "服务水平"),
    "column.level.short": ("SL", "服务"),
    "column.goal": ("TARGET", "目标"),
    "column.definition": ("DEFINITION", "口径"),
    "column.offered": ("OFFERED", "进线"),
    "column.offered.short": ("OFFER", "进线"),
    "column.answered": ("ANSWERED", "接听"),
    "column.answered.short": ("ANSW", "接听"),
    "column.abandoned": ("ABANDONED", "放弃"),
    "column.abandoned.short": ("ABAND", "放弃"),
    "column.abandon_rate": ("LOST %", "放弃率"),
    "column.asa": ("ASA", "平均应答"),
    "column.asa.short": ("ASA", "应答"),
    "column.aht": ("AHT", "平均处理"),
    "column.aht.short": ("AHT", "处理"),
    "column.ready": ("READY", "示闲"),
    "column.ringing": ("RING", "振铃"),
    "column.talking": ("TALK", "通话"),
    "column.wrap_up": ("WRAP", "话后"),
    "column.paused": ("PAUSE", "示忙"),
    "column.agent": ("AGENT", "座席"),
    "column.team": ("TEAM", "班组"),
    "column.state": ("STATE", "状态"),
    "column.for": ("FOR", "时长"),
    "column.doing": ("REASON OR QUEUE", "原因/队列"),
    "column.doing.short": ("REASON", "原因"),
    "column.talk_time": ("TALKED", "通话时长"),
    "column.talk_time.short": ("TALK", "通话"),
    "column.no_answer": ("NO ANSWER", "振铃未接"),
    "column.no_answer.short": ("RNA", "未接"),
    "column.pause_time": ("PAUSED", "示忙时长"),
    "column.pause_time.short": ("PAUSE", "示忙"),
    "column.caller": ("CALLER", "主叫"),
    "column.name": ("NAME", "姓名"),
    "column.position": ("WAITING", "排队"),
    "column.position.short": ("WAIT", "排队"),
    "column.nth_in_queue": ("#", "位"),
    "column.kind": ("", ""),
    "column.wait": ("FOR", "等待"),
    "column.nth": ("CALL TODAY", "今日来电"),
    "column.nth.short": ("CALL", "来电"),
    "column.time": ("LOG", "日志"),
    "column.what": ("", ""),
    "column.source": ("SOURCE", "数据源"),
    "column.type": ("TYPE", "类型"),
    "column.age": ("AGE", "数据时延"),
    "column.age.short": ("AGE", "时延"),
    "column.promise": ("PROMISED", "承诺时延"),
    "column.promise.short": ("PROM.", "承诺"),
    "column.rows": ("ROWS", "记录"),
    "column.rejects": ("REJECTED", "拒收"),
    "column.rejects.short": ("REJ.", "拒收"),
    "column.whole": ("WHOLE SINCE", "完整自"),
    "column.finding": ("DATA QUALITY", "数据质量"),
    "column.detail": ("", ""),
    # figures
    "figure.goal": ("{share} in {seconds}", "{seconds}秒{share}%"),
    "figure.all": ("all", "合计"),
    "figure.whole": ("all of {n}", "全部 {n} 个"),
    "figure.mixed": ("mixed", "混合"),
    "figure.nth_call": ("no. {n}", "第{n}次"),
    "figure.whole_day": ("all day", "全天"),
    # states of agents
    "state.ready": ("ready", "示闲"),
    "state.ringing": ("ringing", "振铃"),
    "state.talking": ("talking", "通话"),
    "state.hold": ("on hold", "保持"),
    "state.wrap_up": ("wrap-up", "话后处理"),
    "state.busy": ("busy", "占线"),
    "state.paused": ("paused", "示忙"),
    "state.offline": ("offline", "离线"),
    "state.unknown": ("unknown", "未知"),
    # states of sources
    "source.ok": ("ok", "正常"),
    "source.stale": ("late", "延迟"),
    "source.failed": ("failed", "失败"),
    "finding.error": ("error", "错误"),
    "finding.trouble": ("trouble", "故障"),
    "finding.reject": ("rejected", "拒收"),
    "finding.part": ("in part", "部分计入"),
    "finding.gap": ("gap", "缺口"),
    "finding.gap_text": ("nothing is known from {start} to {end}", "{start} 至 {end} 无数据"),
    "finding.reject_text": ("{reason} ({n}×)", "{reason}（{n} 次）"),
    "finding.notice": ("notice", "提示"),
    # what stands where there is nothing to list
    "empty.queues": ("no queues yet", "暂无队列"),
    "empty.agents": ("no agents today", "今日无座席"),
    "empty.waiting": ("nobody is waiting", "无人排队"),
    "empty.log": ("nothing happened yet", "暂无事件"),
    "empty.sources": ("no sources", "无数据源"),
    "empty.findings": ("nothing to report", "无异常"),
    "empty.match": ("nothing matches", "无匹配"),
    "empty.dark": ("not known: the source is too old", "未知：数据源已过期"),
    "empty.first": ("waiting for the first figures", "正在等待数据"),
    # header
    "header.live": ("LIVE", "实时"),
    "header.not_live": ("NOT LIVE", "非实时"),
    "header.frozen": ("FROZEN {time} ({ago} ago)", "已冻结 {time}（{ago} 前）"),
    "header.replay": ("REPLAY {time}", "回放 {time}"),
    "header.now": ("now {time}, L: live", "现在 {time}，L 回到实时"),
    "header.connecting": ("connecting", "正在连接"),
    "header.no_hub": (
        "NO HUB since {time}, last figures below",
        "{time} 起与中心进程断开，以下为最后数据",
    ),
    "header.no_hub_yet": ("NO HUB, trying again", "未连接中心进程，正在重试"),
    "header.no_hub.short": ("NO HUB since {time}", "{time} 起断开"),
    "header.because": ("{what}: {why}", "{what}：{why}"),
    "header.no_answer": ("it does not answer", "无应答"),
    "header.temporary": ("temporary hub: gaps after you leave", "临时中心进程：退出后数据会有缺口"),
    "header.temporary.short": ("temporary hub", "临时进程"),
    "header.alarms": ("{n} over the limit", "{n} 项超限"),
    "header.bigger": ("make me bigger", "请放大窗口"),
    "date.day": ("{weekday} {day} {month}", "{month}{day}日 {weekday}"),
    "date.day.year": ("{weekday} {day} {month} {year}", "{year}年{month}{day}日 {weekday}"),
    **{
        f"date.weekday.{n}": pair
        for n, pair in enumerate(
            [("Mon", "周一"), ("Tue", "周二"), ("Wed", "周三"), ("Thu", "周四"), ("Fri", "周五"),
             ("Sat", "周六"), ("Sun", "周日")]
        )
    },
    **{
        f"date.month.{n}": (name, f"{n}月")
        for n, name in enumerate(_MONTHS, 1)
    },
    # what happened; {text} is what the source said, {reason} and {caller} begin with a comma or are empty
    "log.comma": (", ", "，"),
    "log.somebody": ("an agent", "某座席"),
    "log.paused": ("{agent}: pause{reason}", "{agent} 示忙{reason}"),
    "log.ready": ("{agent}: ready", "{agent} 示闲"),
    "log.online": ("{agent}: logged in", "{agent} 签入"),
    "log.offline": ("{agent}: logged out", "{agent} 签出"),
    "log.abandoned": (
        "{queue}: caller gave up after {value}{caller}", "{queue} 来电放弃，已等 {value}{caller}"
    ),
    "log.lost": ("{queue}: caller lost after {value}{caller}", "{queue} 来电丢失，已等 {value}{caller}"),
    "log.below_target": ("{queue}: {value}, below target {span}", "{queue} {value} 服务水平未达标，{span}"),
    "log.restart": ("phone system restarted: {text}", "电话系统重启：{text}"),
    "log.failed": ("failed: {text}", "数据源失败：{text}"),
    "log.recovered": ("{text}: answers again", "{text} 已恢复"),
    "log.gap": ("gap of {value}: {text}", "数据缺口 {value}：{text}"),
    "log.note": ("{text}", "{text}"),
    "log.other": ("{kind}: {where} {text}", "{kind}：{where} {text}"),
    # the lens and the list
    "lens.asking": ("asking …", "正在查询…"),
    "lens.nothing": ("no figure here", "此处没有指标"),
    "lens.formula": ("formula", "公式"),
    "lens.numerator": ("numerator", "分子"),
    "lens.denominator": ("denominator", "分母"),
    "lens.left_out": ("left out", "未计入"),
    "lens.excluded": ("does not count", "不计"),
    "lens.missing": ("not known", "无法得出"),
    "lens.definition": ("definition", "口径"),
    "lens.since": ("configured since", "配置自"),
    "lens.limits": ("limits", "预警与告警"),
    "lens.costs_since": ("costs since", "成本配置自"),
    "lens.range": ("of", "范围"),
    "lens.at": ("at", "时刻"),
    "lens.from_to": ("{start} to {end}", "{start} 至 {end}"),
    "lens.source": ("source", "数据源"),
    "lens.whole": ("whole since {time}", "自 {time} 起完整"),
    "lens.gaps": ("{n} gaps", "{n} 处缺口"),
    "lens.origin": ("counted so by", "定义来源"),
    "lens.note": ("note", "说明"),
    "lens.records": ("made of", "数据记录"),
    "lens.family": ("THE SAME DATA UNDER EVERY FORMULA OF ITS FAMILY", "同一数据的各种口径"),
    "lens.by_arrival": ("by arrival", "按到达"),
    "lens.by_end": ("by end", "按结束"),
    "lens.time_outs.left_out": ("time-outs left out", "不计超时转出"),
    "lens.overflow.left_out": ("overflow left out", "不计溢出转出"),
    "lens.left_by_key.left_out": ("left by key left out", "不计按键离开"),
    "lens.left_by_key.callback": ("left by key asks for a callback", "按键离开视为请求回拨"),
    "lens.callbacks.left_out": ("callbacks left out", "不计回拨"),
    "lens.after_hours.left_out": ("after hours left out", "不计非工作时间"),
    "lens.foot": ("enter: the calls   esc: back", "回车：明细   Esc：返回"),
    "lens.foot.people": ("enter: who   esc: back", "回车：人员   Esc：返回"),
    "lens.foot.only": ("esc: back", "Esc：返回"),
    "lens.foot.page": ("enter: the page that tells more   esc: back", "回车：相关页面   Esc：返回"),
    "lens.which": ("which", "所指"),
    "lens.here": ("here", "此处"),
    "lens.cell": ("on the panel", "面板数值"),
    "lens.list": ("the calls", "明细"),
    "lens.compared": ("compared", "比较时段"),
    "lens.today": ("today", "今日"),
    "lens.asks": ("worked out from", "推算依据"),
    "lens.effects": ("foretold", "推算结果"),
    "lens.late": ("the board showed {cell} at that moment; records that came later changed it",
                  "当时面板显示 {cell}；之后到达的记录使其改变"),
    "lens.soon": ("in half an hour", "半小时后"),
    "lens.tier": ("begins at", "起点"),
    "lens.band": ("normal band", "常态范围"),
    "lens.foot.ledger": ("enter: what it rests on   esc: back", "回车：依据   Esc：返回"),
    "list.comma": (", ", "、"),
    "lens.visit": ("one visit", "一次来访"),
    "list.title": ("{figure}: the calls behind it", "{figure}：明细"),
    "list.rows": ("{n} rows at {time}", "{time} 共 {n} 条"),
    "list.count": ("{n} of them count", "其中计入 {n}"),
    "list.rows.one": ("1 row at {time}", "{time} 共 1 条"),
    "list.some": ("{shown} of {n} rows at {time}", "{time} {n} 条中的 {shown} 条"),
    "list.newest": ("only the newest {shown} of {n} rows at {time}", "{time} {n} 条中仅最新 {shown} 条"),
    "list.no.source": ("no calls stand behind this, and nothing speaks against its data",
                       "此处没有来电明细，其数据也无异常"),
    "ledger.source": ("all that can be said of its data", "对其数据的全部结论"),
    "column.ledger_asked": ("ASKED", "问题"),
    "column.ledger_found": ("FOUND", "结论"),
    "list.no.agent": ("agents are without names here, so what one did is not listed",
                      "此处座席不具名，故不列其明细"),
    "list.no.finding": ("no rows stand behind this line; those that have some say so: enter",
                        "此行没有明细；有明细者会注明：回车"),
    "list.nothing": ("no calls stand behind this", "此处没有明细"),
    "list.saving": ("saving …", "正在保存…"),
    "column.offered_at": ("OFFERED", "进线"),
    "column.answered_at": ("ANSWERED", "接通"),
    "column.ended_at": ("ENDED", "结束"),
    "column.outcome": ("OUTCOME", "结果"),
    "column.waited": ("WAIT", "等待"),
    "column.counts": ("COUNTS", "计入"),
    "column.why": ("WHY", "原因"),
    "empty.visits": ("no calls", "无记录"),
    "counts.yes": ("yes", "是"),
    "counts.no": ("no", "否"),
    "counts.left_out": ("left out", "不计"),
    "outcome.answered": ("answered", "接通"),
    "outcome.talking": ("talking", "通话中"),
    "outcome.waiting": ("waiting", "排队中"),
    "outcome.abandoned": ("gave up", "放弃"),
    "outcome.timed_out": ("timed out", "超时转出"),
    "outcome.left_by_key": ("left by key", "按键离开"),
    "outcome.left_empty": ("nobody there", "无座席"),
    "outcome.withdrawn": ("withdrawn", "撤出"),
    "outcome.lost": ("lost", "丢失"),
    "outcome.unknown": ("unknown", "不明"),
    "outcome.no_answer": ("no answer", "未接"),
    "outcome.busy": ("busy", "座席忙"),
    "outcome.cancelled": ("cancelled", "取消"),
    "outcome.ready": ("ready", "示闲"),
    "outcome.paused": ("paused", "示忙"),
    "outcome.offline": ("offline", "离线"),
    # any moment
    "travel.prompt": ("go to", "跳转到"),
    "travel.forms": (
        "09:12  yesterday 09:12  -15  2026-11-16 09:12", "09:12  昨天 09:12  -15  2026-11-16 09:12",
    ),
    "travel.wrong": (
        "{text}: no time; type 09:12, yesterday 09:12, fri 09:12, -15 (minutes) or 2026-11-16 09:12",
        "{text}：无法识别；请输入 09:12、昨天 09:12、fri 09:12、-15（分钟前）或 2026-11-16 09:12",
    ),
    "travel.ahead": ("{time} has not come yet", "{time} 尚未到来"),
    "travel.no_live": ("there is no hub: nothing is live", "未连接中心进程：没有实时数据"),
    "travel.nobody": ("there is nobody to ask for the past", "无法查询历史"),
    # keys: what a binding does, by its id
    "key.page.overview": ("overview", "总览"),
    "key.page.queues": ("queues and callers waiting", "队列与排队来电"),
    "key.page.agents": ("agents", "座席"),
    "key.page.sources": ("sources and data quality", "数据源与数据质量"),
    "key.help": ("help", "帮助"),
    "key.filter": ("filter: text, !text hides it, Esc clears", "筛选：输入文字，!文字 为排除，Esc 清除"),
    "key.screenshot": ("save the screen as SVG and text", "保存屏幕（SVG 与文本）"),
    "key.freeze": ("freeze the figures, go on; in the past: play, stand", "冻结/继续；回放时播放/暂停"),
    "key.lens": ("take the figure apart", "查看该指标的口径"),
    "key.list": ("the calls behind the figure", "查看该指标的明细"),
    "key.save_list": ("save the list as CSV and Parquet", "保存明细（CSV 与 Parquet）"),
    "key.go_to": ("go to a time; gg: first row", "跳转到某时刻；gg：首行"),
    "key.live": ("back to live", "回到实时"),
    "key.interval.back": ("an interval back", "上一时段"),
    "key.interval.on": ("an interval on", "下一时段"),
    "key.minute.back": ("a minute back", "前一分钟"),
    "key.minute.on": ("a minute on", "后一分钟"),
    "key.slower": ("play the past more slowly", "放慢回放"),
    "key.faster": ("play the past faster", "加快回放"),
    "key.zoom": ("this panel alone, and back", "放大/还原当前面板"),
    "key.panel.next": ("next panel", "下一面板"),
    "key.panel.previous": ("previous panel", "上一面板"),
    "key.palette": ("all commands", "命令面板"),
    "key.theme": ("colours", "配色"),
    "key.quit": ("leave the board", "退出"),
    "key.escape": ("back: lens, list, filter, zoom, help", "返回"),
    "key.up": ("row up", "上移"),
    "key.down": ("row down", "下移"),
    "key.left": ("figure to the left", "左侧指标"),
    "key.right": ("figure to the right", "右侧指标"),
    "key.top": ("first row", "首行"),
    "key.bottom": ("last row", "末行"),
    "key.page_up": ("a screen up", "上翻"),
    "key.page_down": ("a screen down", "下翻"),
    "key.sort.previous": ("sort by the column to the left", "按左侧列排序"),
    "key.sort.next": ("sort by the column to the right", "按右侧列排序"),
    "key.sort.reverse": ("sort the other way round", "反转排序"),
    # short forms for the hints
    "role.with": ("({role})", "（{role}）"),
    "role.owner": ("owner", "本机用户"),
    "role.lead": ("lead", "主管"),
    "role.manager": ("manager", "经理"),
    "role.system": ("system", "系统"),
    "role.past": ("this is the past: L goes back to now, where something can be done",
                  "这是过去的画面：按 L 回到现在再处理"),
    "role.looks": ("this board only looks: what is done about it is for lead and manager",
                   "本面板仅供查看：处置由主管与经理进行"),
    "hint.page.overview": ("overview", "总览"),
    "hint.page.queues": ("queues", "队列"),
    "hint.page.agents": ("agents", "座席"),
    "hint.page.sources": ("sources", "数据源"),
    "hint.filter": ("filter", "筛选"),
    "hint.freeze": ("freeze", "冻结"),
    "hint.go_on": ("go on", "继续"),
    "hint.zoom": ("zoom", "放大"),
    "hint.lens": ("define", "口径"),
    "hint.list": ("calls", "明细"),
    "hint.time": ("time", "时刻"),
    "hint.live": ("live", "实时"),
    "hint.play": ("play", "播放"),
    "hint.pause": ("stand", "暂停"),
    "hint.interval": ("interval", "时段"),
    "hint.minute": ("minute", "分钟"),
    "hint.save_list": ("save", "保存"),
    "hint.sort": ("sort", "排序"),
    "hint.back": ("back", "返回"),
    "hint.help": ("help", "帮助"),
    "hint.saved": ("saved {path}", "已保存 {path}"),
    "palette.search": ("Search for commands…", "搜索命令…"),
    "hint.not_saved": ("not saved: {reason}", "未能保存：{reason}"),
    # help
    "help.keys": ("KEYS", "按键"),
    "help.signs": ("SIGNS", "标记"),
    "help.close_more": ("arrows scroll, other keys close", "方向键滚动，其他键关闭"),
    "help.close": ("any key closes this", "按任意键关闭"),
    "help.mark_ok": ("on target", "达标"),
    "help.mark_warning": ("past the warning limit, or below target", "超过预警值或未达标"),
    "help.mark_critical": ("past the critical limit, or far below target", "超过告警值或远低于目标"),
    "help.dash": ("nothing happened, or not known: never 0 %", "无数据或未知，不等于 0 %"),
    "help.grey": ("grey with an age: a late source; then dashes", "灰色带时延：数据源延迟，过久则为短横"),
    "help.bars": (
        "a bar is one interval: full height is on target, lower is the share of the way to it",
        "每柱一个时段：满格为达标，未满为距目标的比例",
    ),
    "help.bars_tall": (
        "the line is the target; above it is the rest of the way to 100 %",
        "横线为目标，线上部分为目标至 100 %",
    ),
    "help.no_calls": ("an interval without calls", "该时段无来电"),
    "help.unknown": ("an interval that nobody saw", "该时段数据缺失"),
    "help.level": (
        "service level = answered in time / (offered less those still waiting in time)",
        "服务水平 = 时限内接听 ÷（进线 − 时限内仍在排队）",
    ),
    # colours
    "theme.board-dark": ("dark", "深色"),
    "theme.board-light": ("light", "浅色"),
    "theme.board-colourblind": ("for colour-blind eyes", "色弱友好"),
    "theme.board-ansi": ("the terminal's own 16 colours", "终端 16 色"),
    "theme.title": ("colours: {name}", "配色：{name}"),
    **i18n_surge.WORDS,
    **i18n_tail.WORDS,
    **i18n_quality.WORDS,
}


class Words:
    """The words of one language: ``words("state.ready")``; templates take their parts by keyword.

    >>> Words("zh")("figure.goal", share="80", seconds="20")
    '20秒80%'
    """

    def __init__(self, language: str = "en") -> None:
        self.language = language if language in LANGUAGES else "en"
        self._column = LANGUAGES.index(self.language)

    def __call__(self, key: str, **parts: str) -> str:
        """Return the words of `key`; raises KeyError for a key that nobody wrote."""
        text = WORDS[key][self._column]
        return text.format(**parts) if parts else text

    def said(self, text: str) -> str:
        """Return what hub, store or source said in English, in this language as far as it is known."""
        if self.language == "en":
            return text
        from ccboard.sentences import chinese

        return chinese(text)

    def has(self, key: str) -> bool:
        """Tell whether there are words for `key`."""
        return key in WORDS

    def title(self, column: str, short: bool = False) -> str:
        """Return the title of a column, or the one for narrow screens."""
        if short and f"column.{column}.short" in WORDS:
            return self(f"column.{column}.short")
        if f"column.{column}" not in WORDS and (known := kpi_title(column, self.language)) is not None:
            return known
        return self(f"column.{column}")


def environment_language() -> str:
    """Return "zh" where the environment asks for Chinese, else "en"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"

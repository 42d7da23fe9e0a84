"""What hub, store and sources say in English, in Chinese: for the board.

They say it where nobody knows who will read it, and some of it is stored (why a source failed at 09:12). So
sentences are known again by their form: a template with {0}, {1} for what is put in, which may be a sentence
itself. What nobody has written here (a plug-in's own words) stays as it is. ``tests/test_sentences.py``
reads the code and holds that every sentence which can reach a board is here.
"""

import re
from functools import cache, lru_cache
from typing import Final

LONGEST: Final = 600
"""Characters: longer texts are not sentences of ours."""

CHINESE: Final[dict[str, str]] = {
    # refusals
    "figures of single agents are not for this role": "本角色不可查看单个座席的指标",
    "who is coached is not for this role": "本角色不可查看辅导",
    # queue_log
    "no such file (yet); is queue_log = yes in logger.conf, and is it this path?":
        "文件（尚）不存在；logger.conf 中是否设了 queue_log = yes，路径是否正确？",
    "permission denied; add this user to the group that owns the file (asterisk)":
        "权限不足；请将本用户加入该文件所属的组（asterisk）",
    "is a directory, not a queue_log file": "是目录，不是 queue_log 文件",
    "is not a plain file": "不是普通文件",
    "renamed; reading on where Asterisk writes until it makes a new one":
        "已改名；在 Asterisk 建立新文件之前继续读取旧文件",
    "the file read before is gone; lines may be missing": "之前读取的文件已不在，可能缺行",
    "truncated in place": "文件被原地清空",
    "cut at its end; what was read of it stays counted": "文件末尾被截断；已读部分仍计入",
    "rotated": "日志已轮转",
    "cut off: what is written behind it is lost": "行被截断：其后写入的内容无法识别",
    "cut off: the file ends inside this line": "行不完整：文件在此行中结束",
    "{0} zero bytes (a power failure?)": "{0} 个零字节（断电？）",
    "a line of more than {0} bytes": "一行超过 {0} 字节",
    "longer than {0} bytes": "超过 {0} 字节",
    "epoch is not a number": "时间戳不是数字",
    "epoch lies outside what a clock can say": "时间戳超出时钟范围",
    "{0} columns, at least 5 are needed": "只有 {0} 列，至少需要 5 列",
    "{0} without a queue or a member": "{0} 缺少队列或成员",
    "{0} without a call or a queue": "{0} 缺少来电或队列",
    "{0} without a member": "{0} 缺少成员",
    "{0} is not usable; counted without it": "{0}不可用；不含此项仍计入",
    "hold time": "等待时长",
    "talk time": "通话时长",
    "ring time": "振铃时长",
    "position": "排队位置",
    # manager interface
    "not a manager interface; is this the port of manager.conf?":
        "不是管理接口（AMI）；端口是否为 manager.conf 中所设？",
    "not a manager interface; it said {0}; is this the port of manager.conf?":
        "不是管理接口（AMI），对方发来 {0}；端口是否为 manager.conf 中所设？",
    "{0} within {1} s; is this the port of manager.conf?": "{1} 秒内{0}；端口是否为 manager.conf 中所设？",
    "no greeting": "没有问候行",
    "no answer to the login": "登录无应答",
    "no answer for {0} s; reconnecting": "{0} 秒无应答，正在重连",
    "{0} MB without a manager message; is something else there?": "{0} MB 内没有 AMI 消息；对方是否为别的程序？",
    "closed the connection at once; do acl and `authlimit` of manager.conf let us in?":
        "连接立即被关闭；manager.conf 的 acl 与 authlimit 是否允许接入？",
    "closed the connection at the login of {0}": "{0} 登录时连接被关闭",
    "connection lost": "连接中断",
    "connection lost (reset)": "连接中断（被重置）",
    "connection lost ({0})": "连接中断（{0}）",
    "login refused for user {0} (manager.conf)": "用户 {0} 登录被拒（manager.conf）",
    "no queues yet (is app_queue loaded?)": "尚无队列（app_queue 是否已加载？）",
    "QueueStatus refused for user {0}": "用户 {0} 的 QueueStatus 被拒",
    "connection refused; does Asterisk run, with `enabled = yes` and this port in manager.conf?":
        "连接被拒绝；Asterisk 是否在运行，manager.conf 中是否有 enabled = yes 及此端口？",
    "no answer within {0} s; is the host right, does a firewall drop it?":
        "{0} 秒内无应答；主机是否正确，是否被防火墙丢弃？",
    "host name not found ({0})": "找不到主机名（{0}）",
    "not a host name": "不是主机名",
    "no connection": "无法连接",
    "no connection ({0})": "无法连接（{0}）",
    "no answer within {0} s": "{0} 秒内无应答",
    "no answer yet": "尚无应答",
    "a fault of ccboard": "ccboard 内部错误",
    "the session ended ({0}); logging in again": "会话已结束（{0}），正在重新登录",
    "HTTP 404, no /rawman there; `webenabled = yes` in manager.conf? a prefix?":
        "HTTP 404，没有 /rawman；manager.conf 中是否设了 webenabled = yes？是否有前缀？",
    "HTTP {0}: not Asterisk's manager, or something stands before it":
        "HTTP {0}：不是 Asterisk 管理接口，或前面有别的程序",
    "an answer that took more than {0} s": "应答超过 {0} 秒",
    "an answer of more than {0} MB": "应答超过 {0} MB",
    "not a manager's answer": "不是管理接口的应答",
    "connection refused; `enabled = yes` in http.conf, and is it this port?":
        "连接被拒绝；http.conf 中是否有 enabled = yes，端口是否正确？",
    "figures are from queue_log alone": "数据仅来自 queue_log",
    "no queue events come; give the account `read = agent` in manager.conf":
        "收不到队列事件；请在 manager.conf 中给该账户 read = agent",
    "no Uniqueid or no Queue": "缺少 Uniqueid 或 Queue",
    "no Queue or no Interface": "缺少 Queue 或 Interface",
    "no Queue or no Location": "缺少 Queue 或 Location",
    "no Uniqueid": "缺少 Uniqueid",
    "no Queue": "缺少 Queue",
    "a list too long to be kept; its rest is left out": "列表过长，其余部分略去",
    "{0} more pieces of input not used": "另有 {0} 条输入未使用",
    "Asterisk reloaded {0}": "Asterisk 已重新加载 {0}",
    "Asterisk is stopping ({0})": "Asterisk 正在停止（{0}）",
    "the phone system's clock is {0} s ahead of ours": "电话系统时钟快 {0} 秒",
    "the phone system's clock is {0} s behind ours": "电话系统时钟慢 {0} 秒",
    "its times are corrected": "其时间已校正",
    "the phone system's clock agrees with ours again": "电话系统时钟已与本机一致",
    "another way in than before: starting anew": "接入方式已改变：从头读取",
    "the stored place to go on at is not usable ({0}); starting anew": "所存读取位置不可用（{0}）；从头读取",
    "of another version of ccboard": "属于另一版本的 ccboard",
    "environment variable {0} is empty or not set": "环境变量 {0} 为空或未设置",
    "secret_file {0} cannot be read: {1}": "无法读取 secret_file {0}：{1}",
    "{0} is not UTF-8 text": "{0} 不是 UTF-8 文本",
    "{0} is empty or not set": "{0} 为空或未设置",
    "{0} holds a line end; the secret is one line": "{0} 含换行；密码须为一行",
    # other sources, and what runs them
    "the recording ended at {0} UTC": "录制于 {0} UTC 结束",
    "source {0}: the store holds another simulation ({1}) than the configuration asks for ({2}): use a fresh"
    " store, or its seed, scenario and agents":
        "数据源 {0}：数据库中是另一次模拟（{1}），与配置（{2}）不同：请用新数据库，或用其 seed、scenario 和 agents",
    "does not return from {0} for {1} s (a fault of this source's code)":
        "{0} 已 {1} 秒未返回（该数据源代码的错误）",
    "{0} called sys.exit({1})": "{0} 调用了 sys.exit({1})",
    "it failed without a word": "失败，原因不明",
    "poll() returned {0}, not Data, Nothing or Failed": "poll() 返回了 {0}，而非 Data、Nothing 或 Failed",
    "{0} of another source or none": "{0} 不属于本数据源",
    "other": "其他",
    "other reasons": "其他原因",
    "no data": "无数据",
    # exports read by a map
    "{0} is none of the map's words": "{0} 不在映射的词表中",
    "has {0} fields, not {1}": "有 {0} 个字段，应为 {1} 个",
    "names no queue": "没有队列名",
    "names no call": "没有来电编号",
    "its time lies before 1970 or in the future": "时间早于 1970 年或在未来",
    "does not say when it was offered": "没有进线时间",
    "answered or ended before it began": "接听或结束早于开始",
    "a line of more than {0} characters": "一行超过 {0} 个字符",
    "not JSON": "不是 JSON",
    "not a JSON object": "不是 JSON 对象",
    "a quote that is never closed": "引号未闭合",
    "cannot be split": "无法拆分",
    # whose definition a figure follows
    "AltiGen, live view": "AltiGen 实时视图",
    "Asterisk's ServicelevelPerf, Wazo, VICIdial, AltiGen since midnight":
        "Asterisk 的 ServicelevelPerf、Wazo、VICIdial、AltiGen（自零点起）",
    "Cisco ICM and UCCE, abandoned calls have negative impact": "Cisco ICM 与 UCCE：放弃计为负面",
    "Cisco ICM and UCCE, abandoned calls have positive impact; near Asterisk's ServicelevelPerf2":
        "Cisco ICM 与 UCCE：放弃计为正面；近似 Asterisk 的 ServicelevelPerf2",
    "Cisco ICM and UCCE, ignore abandoned calls": "Cisco ICM 与 UCCE：忽略放弃",
    "Genesys switches": "Genesys 交换机",
    "VICIdial, as regulators in the UK have it": "VICIdial，按英国监管口径",
    "VICIdial, drops / answers": "VICIdial：掉线 / 接通",
    "an estimate of first-contact resolution: nobody was asked": "首次解决率的估计：未向客户询问",
    "by caller, empty callers apart, as QueueMetrics": "按主叫计，空主叫另计，同 QueueMetrics",
    "injixo; COPC's availability, of logged-in hours": "injixo；COPC 的可用率，按登录时长",
    "not the carriers' answer-seizure ratio": "不是运营商的应答占用比（ASR）",
    "queues of different forms add numerators and denominators": "口径不同的队列：分子、分母分别相加",
    "the default; Amazon Connect": "默认；Amazon Connect",
    "the default; COPC as it is taught": "默认；COPC 的通行口径",
    "the waits that the phone system states, not its moving average": "电话系统所报的等待，非其移动平均",
    "二次来电: the second call is counted, where repeat_rate counts the first":
        "二次来电：计第二次来电，而 repeat_rate 计第一次",
    "人工接通率 without self-service, which no record tells": "人工接通率，不含自助（无记录可知）",
    # the hub and its store
    "no source is configured": "未配置数据源",
    "add [sources.NAME] to {0}, or run `ccboard init`": "请在 {0} 中添加 [sources.NAME]，或运行 `ccboard init`",
    "configuration not reloaded": "配置未重新加载",
    "{0} (a fault of ccboard; see its log)": "{0}（ccboard 内部错误，见其日志）",
    "a change of {0} takes effect when the hub is started again": "{0} 的更改在中心进程重启后生效",
    "source {0}": "数据源 {0}",
    "the source type {0} cannot be loaded": "数据源类型 {0} 无法加载",
    "the source type {0} (shipped by {1}) cannot be loaded": "数据源类型 {0}（来自 {1}）无法加载",
    "{0} is not a ccboard.source.Source": "{0} 不是 ccboard.source.Source",
    "{0} has no Config model": "{0} 没有 Config 模型",
    "figures could not be computed": "数据无法计算",
    "the store cannot be written, sources wait": "数据库无法写入，数据源等待中",
    "the store's write-ahead log was damaged and is now {0}; going on from the last checkpoint ({1})":
        "数据库的预写日志已损坏，现移至 {0}；从上一检查点继续（{1}）",
    "the store's write-ahead log was damaged and is now {0}; going on from the last checkpoint":
        "数据库的预写日志已损坏，现移至 {0}；从上一检查点继续",
    "the store was damaged or not a store, and is now {0}; starting a fresh one ({1})":
        "数据库已损坏或不是数据库，现移至 {0}；已建立新库（{1}）",
    "the store was damaged and is now {0}; starting a fresh one ({1})": "数据库已损坏，现移至 {0}；已建立新库（{1}）",
    "the disk that holds {0} is nearly full; the store goes on in its write-ahead log":
        "{0} 所在磁盘将满；数据库暂写入预写日志",
    "the disk is full. Nothing is lost: what is new is written as soon as there is room on {0}.":
        "磁盘已满。数据未丢失：{0} 有空间后立即写入。",
    "is damaged: {0}. Stop ccboard and move the file away: a fresh one is made from what the sources still have.":
        "已损坏：{0}。请停止 ccboard 并移走该文件：将用数据源现有内容重建。",
    "cannot be written": "无法写入",
    "cannot be read": "无法读取",
    "the store is being opened again": "数据库正在重新打开",
    "the store is closed.": "数据库已关闭。",
    "a question took longer than {0} s and was stopped.": "查询超过 {0} 秒，已停止。",
    # why a board has lost its hub
    "no hub is running: start one with `ccboard serve`, or look with `ccboard`":
        "没有中心进程在运行：用 `ccboard serve` 启动，或用 `ccboard` 查看",
    "the hub at {0} did not answer within {1} s": "中心进程 {0} 在 {1} 秒内无应答",
    "the hub at {0} hung up": "中心进程 {0} 断开了连接",
    "the demonstration began again: its hub had ended": "演示已重新开始：其中心进程曾中断",
    "the hub was stopped; `ccboard` starts it again": "中心进程已被停止；运行 `ccboard` 可再次启动",
    "the hub was stopped; `ccboard demo` starts it again": "中心进程已被停止；运行 `ccboard demo` 可再次启动",
    "the hub at {0} has too many callers at once: try again": "中心进程 {0} 的连接过多，请重试",
    "what answers at {0} is no ccboard hub": "{0} 处应答的不是 ccboard 中心进程",
    "the hub at {0} speaks protocol {1}, this ccboard {2}: use the same version for both (`ccboard stop` ends"
    " a hub that a board started, `ccboard stop --demo` the demo's)":
        "中心进程 {0} 使用协议 {1}，本 ccboard 为 {2}：两者请用同一版本（`ccboard stop` 结束看板启动的中心进程，"
        "`ccboard stop --demo` 结束演示的）",
    "the hub's answer is not understood ({0})": "无法理解中心进程的应答（{0}）",
    "the hub's answer is not JSON": "中心进程的应答不是 JSON",
    "the hub answered {0}": "中心进程应答 {0}",
    "the hub is busy; try again": "中心进程繁忙，请重试",
    "too many connections": "连接过多",
    "there is no hub to ask": "没有可询问的中心进程",
    "the hub cannot be looked for": "无法查找中心进程",
    "the hub of this host ({0}) is not open to you: join group ccboard (`sudo usermod -aG ccboard $USER`, then"
    " log in again)":
        "本机中心进程（{0}）未对您开放：请加入 ccboard 组（`sudo usermod -aG ccboard $USER`，然后重新登录）",
    "the service's hub does not answer at {0} ({1}): see `systemctl status ccboard`":
        "服务的中心进程在 {0} 无应答（{1}）：见 `systemctl status ccboard`",
    "the hub's socket {0} cannot be used: {1}; CCBOARD_STATE_DIR names another folder":
        "中心进程的套接字 {0} 无法使用：{1}；可用 CCBOARD_STATE_DIR 指定其他文件夹",
    "no hub at {0} (named by {1})": "{0} 处没有中心进程（由 {1} 指定）",
    "--hub or CCBOARD_HUB": "--hub 或 CCBOARD_HUB",
    "hub.connect of the configuration": "配置中的 hub.connect",
    "did not answer in time": "未及时应答",
    "{0} holds {1} but does not answer as a hub. If it has just started, try again; otherwise see {2}, or end"
    " it: {3}": "{0}占用 {1} 但不应答。若刚启动请重试；否则请看 {2}，或结束它：{3}",
    "{0} holds {1} but does not answer as a hub. If it has just started, try again; otherwise end it: {2}":
        "{0}占用 {1} 但不应答。若刚启动请重试；否则结束它：{2}",
    "process {0}": "进程 {0} ",
    "another process": "另一进程",
    "its process": "该进程",
    "the hub does not answer at {0}: see {1}": "中心进程在 {0} 无应答：见 {1}",
    "the hub ended at once with status {0}; see {1}": "中心进程立即退出，状态 {0}；见 {1}",
    "{0} is not a private folder of yours: remove it, or name a folder with a shorter path in CCBOARD_STATE_DIR":
        "{0} 不是您的私有文件夹：请删除它，或用 CCBOARD_STATE_DIR 指定路径较短的文件夹",
    "{0}: a hub's address is http://host:port, or the path of its socket":
        "{0}：中心进程的地址为 http://host:port，或其套接字的路径",
    "{0}: the hub speaks plain http://host:port; carry it through ssh or a VPN between hosts":
        "{0}：中心进程只用明文 http://host:port；主机之间请经 ssh 或 VPN",
    "the hub's token holds characters that no token has": "中心进程的令牌含非法字符",
    "this hub needs a token: Authorization: Bearer ...": "此中心进程需要令牌：Authorization: Bearer ...",
    # the operating system
    "No such file or directory": "没有该文件或目录",
    "Permission denied": "权限不足",
    "Is a directory": "是一个目录",
    "No space left on device": "设备上没有空间",
    "Read-only file system": "只读文件系统",
    "Connection refused": "连接被拒绝",
    "Connection reset by peer": "连接被对方重置",
    "Broken pipe": "管道已断开",
    "Too many open files": "打开的文件过多",
    "Input/output error": "输入/输出错误",
}
"""English template -> Chinese template."""

_PLACE: Final = re.compile(r"\{(\d)\}")


@cache
def _forms() -> list[tuple[re.Pattern[str], str]]:
    """Return the templates with something put in, as patterns: those that say most come first."""
    forms = []
    for english, chinese in sorted(CHINESE.items(), key=lambda pair: -len(_PLACE.sub("", pair[0]))):
        parts = _PLACE.split(english)
        if len(parts) > 1:
            # At even places what stands there, at odd ones the number of what is put in.
            pattern = "".join("(.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
            forms.append((re.compile(pattern), chinese))
    return forms


@lru_cache(2048)
def chinese(text: str) -> str:
    """Return what `text` says in Chinese, as far as it is known; otherwise as it is.

    >>> chinese("queue_log: rotated"), chinese("Zutritt verweigert")
    ('queue_log：日志已轮转', 'Zutritt verweigert')
    """
    if len(text) > LONGEST:
        return text
    if text in CHINESE:
        return CHINESE[text]
    for form, said in _forms():
        if found := form.fullmatch(text):
            return said.format(*map(chinese, found.groups()))
    # A sentence may hold either sign itself. The last one parts most surely; a colon's first, after a name.
    parts = [(at, "；") for at in reversed(_places("; ", text))] + [(at, "：") for at in _places(": ", text)]
    for at, mark in parts:
        head, rest = text[:at], text[at + 2 :]
        told = chinese(head), chinese(rest)
        if told != (head, rest):
            return mark.join(told)
    return text


def _places(sign: str, text: str) -> list[int]:
    return [found.start() for found in re.finditer(sign, text)]

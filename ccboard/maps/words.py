"""What columns and outcomes are called in exports, in English and Chinese (and a little German)."""

COLUMNS: dict[str, tuple[str, ...]] = {
    # field of a map -> names, more telling ones first; compared without case, blanks and punctuation
    "call": ("uniqueid", "callid", "linkedid", "callguid", "contactid", "sessionid", "conversationid", "recordid",
             "ticketid", "通话id", "呼叫id", "会话id", "通话编号", "呼叫标识", "话单号", "流水号", "录音编号"),
    "offered": ("queuestart", "queueentry", "qstart", "enterqueue", "queuedat", "offeredat", "offered", "arrivaltime", "arrival",
                "queuetime start", "进队时间", "入队时间", "排队开始时间", "呼入时间", "来电时间", "进线时间",
                "拨打时间", "外呼时间", "calldate", "callstart", "starttime", "startdatetime", "start", "calltime",
                "datetime", "timestamp", "initiated", "setuptime", "开始时间", "呼叫时间", "起始时间", "anrufzeit", "beginn"),
    "answered": ("answertime", "answeredat", "answered time", "answer", "connecttime", "connectedat", "connected",
                 "接听时间", "应答时间", "接通时间", "接起时间", "通话开始时间", "angenommen"),
    "ended": ("endtime", "endedat", "end", "enddatetime", "hanguptime", "hangup", "disconnecttime", "disconnected",
              "releasetime", "completed", "挂断时间", "挂机时间", "结束时间", "通话结束时间", "释放时间", "ende"),
    "day": ("date", "day", "calldate", "日期", "呼叫日期", "通话日期", "来电日期", "datum"),
    "outcome": ("disposition", "outcome", "result", "callresult", "callstatus", "status", "state", "termination",
                "endreason", "结果", "通话结果", "呼叫结果", "接听状态", "通话状态", "呼叫状态", "状态", "是否接通",
                "ergebnis"),
    "queue": ("queuename", "queue", "skillgroup", "skill", "huntgroup", "split", "acdgroup", "group", "department",
              "技能组", "队列", "队列名称", "技能组名称", "业务组", "班组队列", "warteschlange"),
    "agent": ("agentname", "agent", "agentid", "operator", "user", "username", "answeredby", "server",
              "坐席", "座席", "坐席姓名", "座席姓名", "坐席工号", "座席工号", "工号", "客服", "接听坐席", "接听人"),
    "caller": ("callernumber", "callerid", "caller", "callingnumber", "clid", "src", "from", "ani", "fromnumber",
               "phonenumber", "phone", "customer", "customerid", "主叫号码", "主叫", "来电号码", "客户号码", "电话号码", "rufnummer"),
    "caller_name": ("callername", "customername", "calleridname", "客户姓名", "主叫姓名"),
    "business_type": ("businesstype", "calltype", "reason", "topic", "category", "type", "业务类型", "来电类型",
                      "业务分类", "服务类型"),
    "project": ("project", "client", "campaign", "account", "项目", "项目名称", "客户项目"),
    "channel": ("channel", "media", "mediatype", "渠道"),
    "direction": ("direction", "calldirection", "呼叫方向", "方向", "呼叫类型", "richtung"),
    "ring": ("ringtime", "ringduration", "ringseconds", "ringsec", "ring", "振铃时长", "振铃时间", "响铃时长"),
    "wait": ("waittime", "waitingtime", "waitduration", "queuetime", "queueduration", "queuewait", "qtime", "waitseconds",
             "waitsec", "holdtimequeue", "wait", "timetoanswer", "speedofanswer", "排队时长", "等待时长", "等待时间",
             "排队时间", "wartezeit"),
    "talk": ("talktime", "talkduration", "talkseconds", "talksec", "billsec", "conversationtime", "servicetime", "sertime", "talk",
             "handletime", "duration", "callduration", "通话时长", "通话时间", "服务时长", "应答时长", "gespraechsdauer"),
    "hold": ("holdtime", "holdduration", "holdseconds", "hold", "保持时长", "保持时间"),
    "wrap": ("wrapuptime", "wraptime", "wrapup", "wrap", "acwtime", "acw", "aftercallwork", "话后时长", "话后处理时长",
             "整理时长", "小结时长"),
}

OUTCOMES: dict[str, tuple[str, ...]] = {
    "answered": ("answered", "answer", "agent", "handled", "completed", "complete", "connected", "connect", "success",
                 "successful", "ok", "yes", "y", "true", "1", "completecaller", "completeagent", "接通", "已接通", "已接",
                 "已接听", "应答", "已应答", "成功", "呼叫成功", "人工接听", "是", "正常", "angenommen"),
    "abandoned": ("abandoned", "abandon", "hang", "hangup", "noanswer", "missed", "unanswered", "lost", "cancelled",
                  "canceled", "no", "n", "false", "0", "callerhungup", "failed", "放弃", "已放弃", "未接", "未接听", "未接通", "呼损", "未应答", "排队放弃",
                  "客户放弃", "用户挂机", "主叫挂机", "否", "失败", "aufgelegt"),
    "timed_out": ("timeout", "timedout", "exitwithtimeout", "overflow", "超时", "溢出", "排队超时"),
    "left_by_key": ("exitwithkey", "keypress", "callback", "voicemail", "按键退出", "留言"),
}

DIRECTIONS: dict[str, tuple[str, ...]] = {
    "in": ("in", "inbound", "incoming", "呼入", "来电", "i"),
    "out": ("out", "outbound", "outgoing", "呼出", "外呼", "去电", "o"),
}


def plain(name: str) -> str:
    """Return a name as it is compared: no case, blanks or punctuation."""
    return "".join(char for char in name.casefold() if char.isalnum())

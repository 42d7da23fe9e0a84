"""Sentences of hub, store and sources on a Chinese board: the code is read for what can get there."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from board_floor import AT, floor
from board_pilot import run as play
from board_pilot import settle, shown
from hypothesis import given
from hypothesis import strategies as st

import ccboard
from ccboard.board.state import Lost
from ccboard.i18n import Words
from ccboard.sentences import CHINESE, chinese
from ccboard.snapshot import LogEntry

ROOT = Path(ccboard.__path__[0]).parent
HAN = re.compile("[\u4e00-\u9fff]")
COMMAND = re.compile("`[^`]*`")
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b")
"""Three plain words in a row: no path, no key of a configuration, no command."""

WHOLE = [f"sources/asterisk/{name}.py" for name in (
    "ami", "ami_facts", "ami_http", "heard", "lines", "lists", "log_facts", "out", "tail")]
"""Files of which every sentence reaches the board: as an error, a trouble, a reject or a note."""
CALLS = {
    "ccboard/client.py": {"HubError", "NoHub", "WrongProtocol", "str"},
    "ccboard/feed.py": {"reason"}, "ccboard/board/hub_feed.py": {"HubError"},
    "ccboard/hub/launch.py": {"HubError", "HubStopped"}, "ccboard/hub/live.py": {"note", "said"},
    "ccboard/hub/lock.py": {"stuck"}, "ccboard/hub/run.py": {"note"}, "ccboard/hub/ticker.py": {"said"},
    "ccboard/plugins.py": set(), "ccboard/runner.py": {"error", "said", "what", "RuntimeError", "TypeError"},
    "ccboard/store/recovery.py": {"notice"}, "ccboard/store/store.py": {"_notice"},
    "ccboard/writer.py": {"trouble"}, "sources/asterisk/source.py": {"text", "_say", "_waiting_for"},
    "sources/recording/source.py": {"_say", "Failed", "text"}, "sources/simulator/source.py": {"Failed"},
}
"""Of others what is given to these calls, or these names, or returned by these functions."""
NOT_SHOWN = {
    "version X7",  # a part of "the stored place ... is not usable (version 3)"
    "AMI event X7", "AMI X7", "AMI over HTTP X7", "X7 at byte X7", "X7 and X7",  # where something was
    "not a position in a log: X7", "a position before the file's begin",  # parts, as above
    "unknown command", "its thread", "source %s does not return from %s: left behind",  # looked for, logged
    "; it said X7", "X7: not a manager interfaceX7; is this the port of manager.conf?",
}


def template(node: ast.expr) -> str | None:
    """Return a string of the code with X7 for everything that is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = []
        for value in node.values:
            if isinstance(value, ast.Constant):
                parts.append(str(value.value))
            elif isinstance(value, ast.FormattedValue) and isinstance(value.value, ast.IfExp):
                parts.append(template(value.value.body) or "X7")
            else:
                parts.append("X7")
        return "".join(parts)
    return None


def strings(tree: ast.AST) -> Iterator[str]:
    for name, value in ast.iter_fields(tree):
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a docstring
            if isinstance(tree, ast.Call) and name == "args" and _callee(tree) in _LOGS:
                continue
            said = template(node) if isinstance(node, ast.expr) else None
            if said is not None:
                yield said
            elif isinstance(node, ast.AST):
                yield from strings(node)


_LOGS = {"debug", "info", "warning", "error", "exception", "Send"}


def _callee(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def given_to(tree: ast.AST, names: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _callee(node) in names:
            yield from strings(ast.Tuple([*node.args, *(word.value for word in node.keywords)]))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(getattr(target, "id", getattr(target, "attr", "")) in names for target in targets):
                yield from strings(ast.Tuple([node.value]))
        elif isinstance(node, ast.FunctionDef) and node.name in names:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from strings(ast.Tuple([inner.value]))


def sentences() -> list[tuple[str, str]]:
    found = set()
    for name in [*WHOLE, *CALLS]:
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        for said in strings(tree) if name in WHOLE else given_to(tree, CALLS[name]):
            if re.search("[a-z]{2,} [a-z]{2,}", said) and said not in NOT_SHOWN:
                found.add((name, said))
    return sorted(found)


def test_the_code_is_read() -> None:
    said = {text for _, text in sentences()}
    assert len(said) > 70
    assert "X7: permission denied; add this user to the group that owns the file (asterisk)" in said
    assert "the hub at X7 did not answer within X7 s" in said
    assert "a change of X7 takes effect when the hub is started again" in said


@pytest.mark.parametrize(("where", "said"), sentences())
def test_every_sentence_that_can_reach_a_board_is_known_in_chinese(where: str, said: str) -> None:
    told = chinese(said)
    assert HAN.search(told), f"{where}: {said!r} is missing in ccboard.sentences"
    assert not ENGLISH.search(COMMAND.sub("", told)), told


@pytest.mark.parametrize("english", CHINESE)
def test_both_languages_have_the_same_places(english: str) -> None:
    places = re.findall(r"\{\d\}", english)
    assert sorted(places) == sorted(re.findall(r"\{\d\}", CHINESE[english]))
    assert [f"{{{n}}}" for n in range(len(places))] == places  # numbered in the order of the English one
    assert HAN.search(CHINESE[english])


def test_what_is_put_in_is_told_too_and_stays_what_it_is() -> None:
    lost = "the hub at /s/hub.sock hung up: Broken pipe"
    assert chinese(lost) == "中心进程 /s/hub.sock 断开了连接：管道已断开"
    for odd in ("", "; it said 'SSH-2.0'"):
        told = chinese(f"AMI h:22: not a manager interface{odd}; is this the port of manager.conf?")
        assert told.startswith("AMI h:22：不是管理接口")
        assert ("SSH-2.0" in told) is bool(odd)
    both = ("AMI h:5038: connection refused; does Asterisk run, with `enabled = yes` and this port in"
            " manager.conf?; figures are from queue_log alone")
    assert chinese(both).startswith("AMI h:5038：连接被拒绝；")
    assert chinese(both).endswith("；数据仅来自 queue_log")
    assert chinese("a plug-in's own words: 42") == "a plug-in's own words: 42"
    assert Words("en").said("rotated") == "rotated"


@given(st.text(alphabet="ab{}01:; ", max_size=80))
def test_any_text_is_bounded_and_no_error(text: str) -> None:
    assert isinstance(chinese(text), str)


def test_no_english_is_left_on_a_chinese_board() -> None:
    calm = floor()
    renamed = "queue_log: renamed; reading on where Asterisk writes until it makes a new one"
    part = "CONNECT: hold time is not usable; counted without it"
    refused = "AMI h:5038: login refused for user cc (manager.conf): Denied"
    sources = (calm.sources[0]._replace(state="failed", age_s=60.0, error=refused),
               calm.sources[1]._replace(troubles=(renamed,), reject_reasons=((part, 2),)))
    log = (LogEntry(AT, "note", "", text="queue_log: rotated"),
           LogEntry(AT, "failed", "critical", text="pbx: connection lost (reset)"),
           LogEntry(AT, "restart", "warning", text="Asterisk reloaded app_queue"),
           LogEntry(AT, "paused", "", agent="Agent/1003", text="other"))
    notices = ("configuration not reloaded: /etc/c.toml: Permission denied",
               "a change of hub.listen takes effect when the hub is started again")
    odd = replace(calm, sources=sources, log=log, notices=notices, temporary_hub=True)

    async def check() -> None:
        async with shown((150, 40), odd, language="zh") as (app, pilot):
            screens = [app.lines()]
            for key in ("7", "ctrl+p"):
                await pilot.press(key)
                await settle(app, pilot)
                screens.append([strip.text for strip in app.screen._compositor.render_strips()])
            await pilot.press("escape")
            app.take(Lost("the hub at /s/hub.sock did not answer within 6 s"))
            await settle(app, pilot)
            screens.append(app.lines())
            everything = "\n".join(line for screen in screens for line in screen)
            for told in ("用户 cc 登录被拒", "已改名", "等待时长不可用", "部分计入", "日志已轮转", "搜索命令",
                         "连接中断（被重置）", "Asterisk 已重新加载", "配置未重新加载", "重启后生效",
                         "秒内无应答"):
                assert told in everything, told
            assert "示忙，other" in everything  # a reason is data
            assert not ENGLISH.search(everything), ENGLISH.search(everything)

    play(check())

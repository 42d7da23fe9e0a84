"""What is found of an Asterisk by its own configuration. Expected values are read off the files by hand."""

import os
import shutil
from pathlib import Path

import pytest

from ccboard.config import parse
from sources.asterisk import discover as module
from sources.asterisk.config import AsteriskConfig
from sources.asterisk.discover import Discovery, discover
from sources.asterisk.manager_conf import classes
from sources.asterisk.queues_conf import Member, arguments

FREEPBX = Path(__file__).parent / "data" / "freepbx"

MANAGER = """
[general]
enabled = yes
port = 5099
bindaddr = 127.0.0.1
webenabled = yes
[lone]
secret = lone-secret
read = agent
"""


@pytest.fixture(autouse=True)
def log_dir(tmp_path, monkeypatch):
    """Stands in for /var/log/asterisk: the host that runs the tests is not looked at."""
    folder = tmp_path / "log"
    folder.mkdir()
    monkeypatch.setattr(module, "LOG_DIR", folder)
    return folder


@pytest.fixture
def etc(tmp_path, log_dir):
    folder = tmp_path / "etc"
    folder.mkdir()
    (log_dir / "queue_log").write_text("")
    return folder


def said(found: Discovery) -> str:
    return "\n".join(found.said)


def put(etc: Path, **files: str) -> None:
    for name, text in files.items():
        (etc / f"{name}.conf").write_text(text, encoding="utf-8")


def test_a_plain_host_gives_log_and_account(etc, log_dir):
    put(etc, manager=MANAGER, queues="[general]\n[sales]\nwrapuptime=6\nmember => PJSIP/1,0,Ann\n")
    found = discover(etc)
    assert found.usable
    assert found.config == {
        "sources": {"asterisk": {
            "type": "asterisk",
            "queue_log": str(log_dir / "queue_log"),
            "ami": {"host": "127.0.0.1", "port": 5099, "username": "lone", "secret": "lone-secret"},
        }},
        "queues": {"sales": {"wrap_up_s": 6}},
        "agents": {"Ann": {"interface": "PJSIP/1"}},
    }


def test_the_result_is_a_valid_configuration(etc):
    put(etc, manager=MANAGER, queues="[sales]\nwrapuptime=6\nmember => PJSIP/1,0,Ann\n")
    config = parse(discover(etc).config, "found")
    keys = dict(config.sources["asterisk"])
    assert keys.pop("type") == "asterisk"
    assert AsteriskConfig.model_validate(keys).ami is not None
    assert config.queue("sales").wrap_up_s == 6


def test_freepbx_style_files_with_includes(tmp_path, log_dir):
    etc = tmp_path / "etc"
    shutil.copytree(FREEPBX, etc)
    main = etc / "asterisk.conf"
    main.write_text(main.read_text().replace("LOGDIR", str(log_dir)))
    (log_dir / "queue_log").write_text("")
    found = discover(etc)
    assert found.config["name"] == "pbx-west"
    assert found.queue_log == log_dir / "queue_log"
    # of admin (everything), fax (no agent), firewall (one write class) and remote (not from here)
    assert found.account is not None
    assert found.account.name == "firewall"
    assert "[firewall] may also act on the phone system (write = user)" in said(found)
    settings = [(q.name, q.wrap_up_s, q.service_level_s) for q in found.queues]
    assert settings == [("400", 15, 60), ("401", 0, 20)]
    assert found.queues[0].members[2] == Member("Local/1003@from-queue/n", "Local/1003@from-queue/n")
    # Bob has two phones: no tie; 1003 has no name: no tie
    assert found.config["agents"] == {
        "Ann O'Neil": {"interface": "Local/1001@from-queue/n"},
        "Name, Jr": {"interface": "Local/1002@from-queue/n"},
    }
    assert found.config["queues"] == {"400": {"wrap_up_s": 15}}


def test_secrets_are_in_no_sentence_and_in_no_repr(tmp_path):
    etc = tmp_path / "etc"
    shutil.copytree(FREEPBX, etc)
    (etc / "manager_custom.conf").write_text("[half\nsecret = broken-secret\nbroken-secret\n#broken-secret\n")
    found = discover(etc)
    for secret in ("fw-secret", "the-admins-own-secret", "fax-secret", "remote-secret"):
        assert secret not in said(found) + repr(found)


ACCOUNTS = {
    "quiet": "[quiet]\nsecret=s\nread=agent\nwrite=\n",
    "none": "[none]\nsecret=s\nread=agent,call\nwrite=none\n",
    "reporter": "[reporter]\nsecret=s\nread=agent\nwrite=reporting\n",
    "full": "[full]\nsecret=s\nread=all\nwrite=all\n",
    "many": "[many]\nsecret=s\nread=agent\nwrite=system,call,agent,user,config\n",
    "filtered": "[filtered]\nsecret=s\nread=agent\neventfilter=!Event: AgentCalled\n",
    "single": "[single]\nsecret=s\nread=agent\nallowmultiplelogin=no\n",
    "deaf": "[deaf]\nsecret=s\nread=call\nwrite=\n",
    "bare": "[bare]\nread=agent\n",
    "abroad": "[abroad]\nsecret=s\nread=agent\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n",
}


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["full", "none", "quiet"], "quiet"),
        (["full", "none"], "none"),
        (["full", "many", "reporter"], "reporter"),
        (["full", "many"], "many"),
        (["full"], "full"),
        (["filtered", "none"], "none"),
        (["filtered", "reporter"], "filtered"),
        (["single", "none"], "none"),
        (["deaf", "bare", "abroad", "full"], "full"),
        (["deaf", "bare", "abroad"], None),
        ([], None),
    ],
)
def test_the_account_with_the_fewest_rights_that_suffice(etc, names, chosen):
    put(etc, manager="[general]\nenabled=yes\n" + "".join(ACCOUNTS[n] for n in names))
    found = discover(etc)
    assert (found.account.name if found.account else None) == chosen
    assert ("may also act on" in said(found)) is (chosen in {"reporter", "full", "many"})


def test_why_no_account_will_do_is_said_for_each(etc):
    put(etc, manager="[general]\nenabled=yes\n" + ACCOUNTS["deaf"] + ACCOUNTS["bare"] + ACCOUNTS["abroad"])
    text = said(discover(etc))
    assert "[deaf] lacks read = agent" in text
    assert "[bare] has no secret" in text
    assert "[abroad] may not log in from this host" in text


@pytest.mark.parametrize(
    ("rules", "admitted"),
    [
        ("deny=0.0.0.0/0.0.0.0\npermit=127.0.0.1/255.255.255.255", True),
        ("deny=0.0.0.0/0.0.0.0\npermit=127.0.0.1/255.255.255.0", True),
        ("permit=127.0.0.1/255.255.255.255\ndeny=0.0.0.0/0.0.0.0", False),  # the last match counts
        ("deny=0.0.0.0/0\npermit=192.0.2.1/32,127.0.0.0/8", True),
        ("deny=0.0.0.0/0\npermit=192.0.2.1", False),
        ("deny=::/0", True),  # another family says nothing about this one
        ("permit=!127.0.0.1/32", False),
        ("acl=here", True),
        ("acl=elsewhere", False),
        ("acl=unknown", False),
        ("", True),
    ],
)
def test_permit_deny_and_acl(etc, rules, admitted):
    put(etc, manager=f"[general]\nenabled=yes\n[a]\nsecret=s\nread=agent\n{rules}\n",
        acl="[here]\ndeny=0.0.0.0/0\npermit=127.0.0.1\n[elsewhere]\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n")
    assert (discover(etc).account is not None) is admitted


def test_templates_lend_accounts_their_classes(etc):
    put(etc, manager="[general](!)\nport=1\n[general]\nenabled=yes\n[reader](!)\nread=agent\nsecret=t\n"
                     "[wall](reader)\nsecret=own\n")
    found = discover(etc)
    assert found.account is not None
    assert (found.account.name, found.account.secret) == ("wall", "own")
    assert found.manager.port == 5038


@pytest.mark.parametrize(
    ("bound", "host"),
    [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("192.0.2.7", "192.0.2.7"), ("[::1]", "::1")],
)
def test_the_host_is_the_bound_address(etc, bound, host):
    put(etc, manager=f"[general]\nenabled=yes\nbindaddr={bound}\n[a]\nsecret=s\nread=agent\n")
    assert discover(etc).config["sources"]["asterisk"]["ami"]["host"] == host


def test_an_impossible_port_is_said(etc):
    put(etc, manager="[general]\nenabled=yes\nport=99999\n[a]\nsecret=s\nread=agent\n")
    found = discover(etc)
    assert found.manager.port == 5038
    assert "port 99999 is no port" in said(found)


def test_a_manager_that_is_off_is_said(etc):
    put(etc, manager="[general]\nenabled=no\n[a]\nsecret=s\nread=agent\n")
    found = discover(etc)
    assert found.account is None
    assert "enabled = no" in said(found)
    assert found.usable  # the log is there


def test_astlogdir_counts_and_a_template_of_it_does_not(tmp_path, etc, log_dir):
    other = tmp_path / "other"
    other.mkdir()
    (other / "queue_log").write_text("")
    put(etc, asterisk=f"[directories]\nastlogdir => {other}\n")
    assert discover(etc).queue_log == other / "queue_log"
    put(etc, asterisk=f"[directories](!)\nastlogdir => {other}\n")
    assert discover(etc).queue_log == log_dir / "queue_log"


def test_queue_log_name(etc, log_dir):
    (log_dir / "calls.log").write_text("")
    put(etc, logger="[general]\nqueue_log_name = calls.log\n")
    assert discover(etc).queue_log == log_dir / "calls.log"


def test_a_queue_log_that_is_off_is_said(etc):
    put(etc, logger="[general]\nqueue_log = no\n", manager=MANAGER)
    found = discover(etc)
    assert found.queue_log is None
    assert "queue_log = no" in said(found)
    assert found.usable


def test_a_queue_log_in_a_database_is_said_and_its_old_file_not_used(etc, log_dir):
    put(etc, extconfig="[settings]\nqueue_log => odbc,asterisk,queue_log\n", manager=MANAGER)
    found = discover(etc)
    assert found.queue_log is None
    assert "queue_log" not in found.config["sources"]["asterisk"]
    assert "in a database (extconfig.conf: queue_log => odbc,asterisk,queue_log)" in said(found)
    put(etc, logger="[general]\nqueue_log_to_file = yes\n")
    assert discover(etc).queue_log == log_dir / "queue_log"


def test_queues_in_a_database_are_said(etc):
    put(etc, extconfig="[settings]\nqueues => odbc,asterisk\n")
    assert "Queues are kept in a database" in said(discover(etc))


def test_a_named_queue_log_wins(tmp_path, etc):
    mine = tmp_path / "mine"
    mine.write_text("")
    put(etc, logger="[general]\nqueue_log = no\n")
    assert discover(etc, queue_log=mine).queue_log == mine


def test_a_log_that_is_not_there_yet_is_followed_if_there_is_an_account(etc, log_dir):
    (log_dir / "queue_log").unlink()
    assert not discover(etc).usable
    put(etc, manager=MANAGER)
    found = discover(etc)
    assert found.usable
    assert found.queue_log == log_dir / "queue_log"
    assert "there is no such file" in said(found)


def test_a_log_that_is_a_folder_is_said(etc, log_dir):
    (log_dir / "queue_log").unlink()
    (log_dir / "queue_log").mkdir()
    put(etc, manager=MANAGER)
    found = discover(etc)
    assert found.queue_log is None
    assert "is a folder, not a file" in said(found)


def test_a_log_without_the_right_to_read_it_says_which_group(etc, log_dir, monkeypatch):
    may = os.access
    monkeypatch.setattr(module.os, "access",
                        lambda path, mode: "queue_log" not in str(path) and may(path, mode))
    monkeypatch.setattr(Path, "group", lambda self: "asterisk")
    found = discover(etc)
    assert found.queue_log is None
    assert "this user may not read it. Join its group and log in again: usermod -aG asterisk " in said(found)


def test_nothing_at_all_says_where_it_looked_and_offers_the_demo(tmp_path, log_dir):
    found = discover(tmp_path / "none")
    assert not found.usable
    assert found.config == {}
    text = said(found)
    for word in (str(tmp_path / "none"), str(log_dir / "queue_log"), "--asterisk-etc", "ccboard demo"):
        assert word in text


def test_hostile_names_are_cleaned(etc):
    put(etc, manager="[general]\nenabled=yes\n[a\x1b]0;x\x07]\nsecret=s\nread=agent\nwrite=\x1b[2Jall\n",
        queues="[sa\u202eles]\nwrapuptime=3\nmember=PJSIP/1,0,\x1b[31mAnn\n")
    found = discover(etc)
    assert "\x1b" not in said(found)
    assert found.config["queues"] == {"sales": {"wrap_up_s": 3}}
    assert found.config["agents"] == {"[31mAnn": {"interface": "PJSIP/1"}}


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Local/agent-8@agents,2", ["Local/agent-8@agents", "2"]),
        ("PJSIP/1,0,Name\\, Jr", ["PJSIP/1", "0", "Name, Jr"]),
        ('PJSIP/1,0,"A ""B"""', ["PJSIP/1", "0", "A B"]),
        ("PJSIP/1,0,f(a,b),x", ["PJSIP/1", "0", "f(a,b)", "x"]),
        ("", [""]),
    ],
)
def test_member_lines(line, parts):
    assert arguments(line) == parts


def test_classes():
    assert classes(" agent , CALL,,none ") == {"agent", "call"}


@pytest.mark.asterisk
def test_a_real_asterisks_own_files():
    etc = Path(os.environ["CCBOARD_TEST_ASTERISK_DIR"]) / "etc"
    found = discover(etc)
    assert found.account is not None
    assert (found.account.name, found.account.write) == ("agentonly", frozenset())
    assert {q.name: q.wrap_up_s for q in found.queues} == {"support": 4, "sales": 6, "vip": 2}
    assert found.queue_log is not None
    assert found.queue_log.name == "queue_log"

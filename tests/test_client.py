"""Where a hub is looked for, and what is said when it is not there."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_hub import answer, scripted_hub

from ccboard import client, paths
from ccboard.client import Address, NoHub, WrongProtocol, find_hub, parse_address, request
from ccboard.errors import ConfigError, HubError

HEAVY = ("textual", "rich", "duckdb", "pydantic", "httpx", "http.client", "importlib.metadata", "asyncio",
         "typing", "dataclasses")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with nothing: no configuration, no service, an empty state folder."""
    for name in ("CCBOARD_HUB", "CCBOARD_CONFIG", "CCBOARD_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CCBOARD_SERVICE_SOCKET", str(tmp_path / "run/hub.sock"))
    (tmp_path / "state").mkdir()
    return tmp_path


@pytest.fixture
def own(home: Path) -> Iterator[Path]:
    with scripted_hub(home / "state", lambda *_: answer(200, {})) as (path, _):
        yield path


def write_config(home: Path, text: str) -> Path:
    file = home / "config/ccboard/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


def test_no_hub_at_all_says_what_to_do() -> None:
    with pytest.raises(NoHub, match="ccboard serve"):
        find_hub()


def test_a_stale_socket_is_no_hub(home: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(home / "state/hub.sock"))
    with pytest.raises(NoHub):
        find_hub()


def test_a_hub_whose_queue_is_full_is_not_taken_for_a_matter_of_rights(home: Path) -> None:
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as first:
        busy.bind(str(home / "state/hub.sock"))
        busy.listen(0)
        first.connect(str(home / "state/hub.sock"))  # fills it: nobody accepts
        with pytest.raises(HubError, match="too many callers at once: try again") as caught:
            find_hub()
        assert not isinstance(caught.value, NoHub)


def test_the_order(home: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_hub() == Address(path=str(own), origin="own")
    (home / "run").mkdir()
    with scripted_hub(home / "run", lambda *_: answer(200, {})) as (service, _):
        assert find_hub() == Address(path=str(service), origin="service")
        write_config(home, '[hub]\nconnect = "http://10.1.2.3:8470"\n')
        assert find_hub() == Address(host="10.1.2.3", port=8470, origin="config")
        monkeypatch.setenv("CCBOARD_HUB", "/run/else.sock")
        assert find_hub() == Address(path="/run/else.sock", origin="option")
        assert find_hub("http://[::1]:99") == Address(host="::1", port=99, origin="option")
        monkeypatch.delenv("CCBOARD_HUB")
        assert find_hub(store=str(home / "state/ccboard.duckdb")).origin == "own"


def test_a_service_that_refuses_is_said_and_nothing_else_is_tried(home: Path, own: Path) -> None:
    (home / "run").mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(home / "run/hub.sock"))
    with pytest.raises(HubError, match="systemctl status ccboard") as caught:
        find_hub()
    assert not isinstance(caught.value, NoHub)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody who is refused")
def test_a_service_that_is_not_open_to_me_names_the_group(home: Path) -> None:
    (home / "run").mkdir(mode=0o700)
    with scripted_hub(home / "run", lambda *_: answer(200, {})):
        reader, writer = os.pipe()
        if (child := os.fork()) == 0:
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                try:
                    find_hub()
                except HubError as error:
                    os.write(writer, f"{type(error).__name__} {error}".encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
    assert said.startswith("HubError ")
    assert "join group ccboard" in said


def test_the_store_of_the_configuration_has_its_own_socket(home: Path) -> None:
    (home / "elsewhere").mkdir()
    write_config(home, '[store]\npath = "../../elsewhere/ccboard.duckdb"\n')
    with scripted_hub(home / "elsewhere", lambda *_: answer(200, {})) as (path, _):
        assert Path(find_hub().path).resolve() == path


def test_every_store_in_a_folder_has_a_door_of_its_own(home: Path) -> None:
    names = ("ccboard.duckdb", "ccboard.db", "ccboard", "hub.duckdb", "hub", "a.duckdb", "a.db",
             "a.db.duckdb")
    found = {paths.store_paths(home / name).socket for name in names}
    assert len(found) == len(names)
    assert paths.store_paths(home / "ccboard.duckdb").socket == home / "hub.sock"


def test_a_door_in_the_temporary_directory_that_is_not_ours_is_not_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    state = tmp_path / ("long-" * 20)
    state.mkdir()
    monkeypatch.setenv("CCBOARD_STATE_DIR", str(state))
    door = paths.store_paths().socket
    assert door.parent == tmp_path / f"ccboard-{os.getuid()}"
    door.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as hub:
        hub.bind(str(door))
        hub.listen()
        assert find_hub().path == str(door)
        door.parent.chmod(0o755)  # as if somebody else had made it, with a hub of his own in it
        with pytest.raises(HubError, match="not a private folder"):
            find_hub()
        with pytest.raises(HubError, match="not a private folder"):
            request(Address(path=str(door)), "GET", "/v1/status")
    door.unlink()
    door.parent.rmdir()
    with pytest.raises(NoHub):
        find_hub()


def test_a_broken_file_does_not_hide_a_hub_that_runs(home: Path, own: Path) -> None:
    write_config(home, "name = \n")
    assert find_hub().path == str(own)


def test_a_broken_file_without_a_hub_is_said(home: Path) -> None:
    file = write_config(home, "name = \n")
    with pytest.raises(ConfigError) as caught:
        find_hub()
    assert str(file) in str(caught.value)
    with pytest.raises(ConfigError, match="nowhere"):
        find_hub(None, str(home / "nowhere.toml"))


def test_a_token_is_taken_from_where_the_configuration_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_config(home, '[hub]\nconnect = "http://h:1"\ntoken_file = "token"\n')
    with pytest.raises(ConfigError, match="token_file"):
        find_hub()
    (file.parent / "token").write_text("s3cret-token\n")
    found = find_hub()
    assert found.token == "s3cret-token"
    assert "s3cret" not in repr(found) + str(found)
    file.write_text('[hub]\nconnect = "http://h:1"\ntoken_env = "T"\n')
    with pytest.raises(ConfigError, match="T is empty"):
        find_hub()
    monkeypatch.setenv("T", "other")
    assert find_hub().token == "other"


@pytest.mark.parametrize("text", ["http://", "http://h", "http://h:x", "http://h:99999", "http://h:1/path", "http://h:²",
                                  "https://h:1", "http://:80"])
def test_wrong_addresses(text: str) -> None:
    with pytest.raises(HubError, match="http://host:port"):
        parse_address(text)


@pytest.mark.parametrize(("said", "words"), [
    (answer(200, {}, protocol="2"), "speaks protocol 2, this ccboard 1"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "no ccboard hub"),
    (b"SSH-2.0-OpenSSH\r\n\r\n", "no ccboard hub"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n", "no ccboard hub"),
    (b"x" * 100_000, "no ccboard hub"),
    (answer(200, {})[:-1], "hung up"),
    (b"", "hung up"),
])
def test_strange_answers_are_said(home: Path, said: bytes, words: str) -> None:
    with scripted_hub(home / "state", lambda *_: said) as (path, _), pytest.raises(HubError) as caught:
        request(Address(path=str(path)), "GET", "/v1/now")
    assert words in str(caught.value)


def test_another_version_can_still_be_asked_to_stop(home: Path) -> None:
    newer = answer(200, {"kind": "temporary"}, protocol="2")
    with scripted_hub(home / "state", lambda *_: newer) as (path, _):
        with pytest.raises(WrongProtocol):
            request(Address(path=str(path)), "GET", "/v1/status")
        said = request(Address(path=str(path)), "GET", "/v1/status", any_version=True)
        assert said.json() == {"kind": "temporary"}


def test_a_hub_that_does_not_answer_is_given_up(home: Path) -> None:
    with scripted_hub(home / "state", lambda *_: None) as (path, _), \
            pytest.raises(HubError, match=r"did not answer within 0\.2 s"):
        request(Address(path=str(path)), "GET", "/v1/now", timeout=0.2)


def test_refusals_carry_the_hubs_words(home: Path) -> None:
    with scripted_hub(home / "state", lambda *_: answer(404, {"error": "no queue 'x'"})) as (path, _):
        said = request(Address(path=str(path)), "GET", "/v1/now?queue=x")
        assert said.status == 404
        with pytest.raises(HubError, match="no queue 'x'"):
            said.good()


def test_asking_imports_nothing_heavy(own: Path) -> None:
    look = f"import sys, json; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    ask = "from ccboard import client; client.request(client.find_hub(), 'GET', '/v1/now').good()"

    def loaded(script: str) -> set[str]:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30,
                              check=True)
        return set(json.loads(done.stdout))

    # What the interpreter has loaded by itself (an editable install's finder, say) is not ours.
    assert loaded(f"{ask}\n{look}") <= loaded(look)


def test_the_clients_protocol_is_the_hubs() -> None:
    from ccboard.hub import server

    assert client.PROTOCOL == server.PROTOCOL

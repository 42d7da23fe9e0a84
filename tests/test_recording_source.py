"""The recording source: the same figures as the recording's own log, at any speed and after any kill."""

import gzip
import json
from pathlib import Path

import pytest
from asterisk_floor import Figures, Floor, from_log, log_files
from pydantic import ValidationError
from recordings import DATA

from ccboard.clock import SECOND, ManualClock, SimulatedClock
from ccboard.errors import InputError
from ccboard.source import Context, Data, Failed, Nothing
from sources.recording.config import RecordingConfig
from sources.recording.source import RecordingSource

SHORT = "asterisk-16.28.0"
QUIRKS = "asterisk-22.10.1-quirks"


def play(config: RecordingConfig, step_s: float = 5.0, kill_every: int = 0) -> tuple[Floor, list[object]]:
    """Step through a recording to its end on a clock that is moved by hand."""
    clock = ManualClock(RecordingSource.own_clock(config).now())
    source = RecordingSource("pbx", config, Context(clock=clock))
    source.open(None)
    floor = Floor()
    rejects: list[object] = []
    cursor = None
    for step in range(100_000):
        polled = source.poll(0)
        if isinstance(polled, Failed):
            assert "the recording ended at" in polled.error
            return floor, rejects
        if isinstance(polled, Data):
            floor.apply(polled)
            rejects += polled.rejects
            cursor = polled.cursor or cursor
            if kill_every and step % kill_every == 0:
                source = RecordingSource("pbx", config, Context(clock=clock))
                source.open(cursor)
        else:
            clock.advance(step_s)
    raise AssertionError("it never ends")


def truth(name: str) -> Figures:
    files = log_files(DATA / name / "queue_log")
    return from_log(line for path in files for line in path.read_bytes().splitlines())


@pytest.mark.parametrize(
    ("feeds", "kill_every"),
    [(("log",), 0), (("log", "ami"), 0), (("log", "ami-agent"), 0), (("log", "ami-agent"), 3)],
)
def test_figures_of_a_recording(feeds: tuple[str, ...], kill_every: int) -> None:
    config = RecordingConfig.model_validate({"folder": DATA / SHORT, "feeds": feeds})
    floor, rejects = play(config, kill_every=kill_every)
    assert floor.figures() == truth(SHORT)
    assert rejects == []


def test_connections_in_folders_are_played_one_after_the_other() -> None:
    """The quirks: rotation, a clean stop, a crash, each with a connection of its own."""
    config = RecordingConfig(folder=DATA / QUIRKS, feeds=("log", "ami-agent"))
    floor, _ = play(config)
    assert floor.figures() == truth(QUIRKS)


def test_the_manager_alone() -> None:
    config = RecordingConfig(folder=DATA / SHORT, feeds=("ami-agent",))
    floor, _ = play(config)
    mine, theirs = floor.figures(), truth(SHORT)
    assert mine.answered == theirs.answered
    assert mine.offered == theirs.offered
    assert mine.grouped() == theirs.grouped()


def test_it_has_its_own_clock() -> None:
    config = RecordingConfig(folder=DATA / SHORT, feeds=("log",), speed=60, skip_s=100)
    clock = RecordingSource.own_clock(config)
    assert isinstance(clock, SimulatedClock)
    first = int((DATA / SHORT / "queue_log").read_bytes().split(b"|")[0])
    assert clock.start == (first + 100) * SECOND
    assert clock.speed == 60


def test_its_clock_starts_at_the_first_time_that_it_tells(tmp_path: Path) -> None:
    (tmp_path / "queue_log").write_text("cut off at its begin\n1795283239|1.1|sales|NONE|ENTERQUEUE||123|1\n")
    config = RecordingConfig(folder=tmp_path, feeds=("log",))
    assert RecordingSource.own_clock(config).now() // SECOND == 1795283239
    source = RecordingSource("pbx", config, Context(clock=ManualClock(1795283240 * SECOND)))
    source.open(None)
    said = source.poll(0)
    assert isinstance(said, Data)
    assert [reject.where for reject in said.rejects] == ["queue_log:1"]


def test_nothing_comes_before_its_time() -> None:
    config = RecordingConfig(folder=DATA / SHORT, feeds=("log",))
    clock = ManualClock(RecordingSource.own_clock(config).now() - 10 * SECOND)
    source = RecordingSource("pbx", config, Context(clock=clock))
    source.open(None)
    first = source.poll(0)
    assert isinstance(first, Data)  # only that it is whole from its begin
    assert [record.kind for record in first.records] == ["whole"]
    assert source.poll(0) == Nothing()


def test_a_cursor_of_another_recording_begins_anew() -> None:
    config = RecordingConfig(folder=DATA / SHORT, feeds=("log",))
    source = RecordingSource("pbx", config, Context())
    source.open('{"played": 7, "of": 8, "reducer": "{}"}')
    assert source._next == 0


def test_what_is_no_recording_is_said(tmp_path: Path) -> None:
    def error(feeds: tuple[str, ...]) -> str:
        config = RecordingConfig.model_validate({"folder": tmp_path / "r", "feeds": feeds})
        with pytest.raises(InputError) as caught:
            RecordingSource.own_clock(config)
        return str(caught.value).removeprefix(str(tmp_path) + "/")

    assert error(("log",)).startswith("r: is no folder")
    (tmp_path / "r").mkdir()
    assert error(("log",)) == "r: no queue_log in it; leave `log` out of `feeds`"
    assert error(("ami",)).startswith("r: no ami.raw[.gz] with its ami.index.jsonl[.gz]")
    (tmp_path / "r" / "ami.raw").write_bytes(b"Event: X\r\n\r\n")
    (tmp_path / "r" / "ami.index.jsonl").write_text("{}\n")
    assert error(("ami",)).startswith("r/ami.index.jsonl:1: not {")
    (tmp_path / "r" / "ami.index.jsonl.gz").write_bytes(gzip.compress(b"")[:-3])
    assert error(("ami",)).startswith("r/ami.index.jsonl.gz: cannot be read")
    (tmp_path / "r" / "queue_log").touch()
    assert error(("log",)) == "r: the recording is empty"


def test_configuration() -> None:
    for folder in ("somewhere", "~nobody-of-that-name/somewhere"):
        with pytest.raises(ValidationError, match="absolute path"):
            RecordingConfig(folder=Path(folder))
    with pytest.raises(ValidationError, match="choose one"):
        RecordingConfig(folder=Path("/x"), feeds=("ami", "ami-agent"))
    with pytest.raises(ValidationError):
        RecordingConfig.model_validate({"folder": "/x", "feeds": []})


def test_a_message_cut_by_a_read_is_one_message(tmp_path: Path) -> None:
    raw = b"Asterisk Call Manager/11.0.0\r\nEvent: QueueCallerJoin\r\nUniqueid: 1.1\r\nQueue: sales\r\n\r\n"
    (tmp_path / "ami.raw").write_bytes(raw)
    reads = [{"t": 100.0, "offset": 0, "length": 40}, {"t": 103.5, "offset": 40, "length": len(raw) - 40}]
    (tmp_path / "ami.index.jsonl").write_text("".join(json.dumps(read) + "\n" for read in reads))
    floor, _ = play(RecordingConfig(folder=tmp_path, feeds=("ami",)), step_s=0.5)
    [contact] = floor.contacts.values()
    assert contact.offered_at == 103_500_000

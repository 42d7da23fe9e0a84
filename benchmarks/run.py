"""Measure what ccboard costs, and print one table.

    python benchmarks/run.py [--quick] [--out FILE]

Everything runs in a folder of its own with hubs of its own; nothing of yours is touched. CPU of one-shot
commands is the least of several runs (what the machine does besides only adds), wall time is the median.
Takes about five minutes; --quick takes one and is good for nothing but to see that it works.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processes import Cost, cold_starts, cpu_s, host, rss_mb
from storage import ingest, snapshots
from terminal import Terminal

from ccboard.paths import store_paths

CCBOARD = [sys.executable, "-P", "-m", "ccboard"]
COLUMNS, ROWS = 200, 50
Row = tuple[str, str, str]

NIGHT = """\
name = "Night"
timezone = "Europe/Berlin"
[sources.simulator]
type = "simulator"
timezone = "Europe/Berlin"
start = "2026-11-16T03:00:00"
"""


def environment(folder: Path) -> dict[str, str]:
    """Return variables for processes that must know nothing of this user's own ccboard."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CCBOARD_", "XDG_", "PYTEST"))
            and k != "PYTHONDONTWRITEBYTECODE"}  # a user's Python keeps what it has compiled
    return kept | {"CCBOARD_STATE_DIR": str(folder), "HOME": str(folder),
                   "CCBOARD_SERVICE_SOCKET": str(folder / "none.sock")}


def status(environ: dict[str, str], *words: str) -> dict[str, object]:
    """Return what `ccboard status --json` says of the hub that `words` name."""
    command = [*CCBOARD, "status", "--json", *words]
    said = subprocess.run(command, env=environ, capture_output=True, check=True)
    found: dict[str, object] = json.loads(said.stdout)
    return found


@contextmanager
def night_hub(folder: Path, environ: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Run a hub on a floor where nothing happens; yield its socket and its process."""
    config = folder / "night.toml"
    config.write_text(NIGHT, encoding="utf-8")
    store = folder / "night" / "night.duckdb"
    hub = subprocess.Popen(
        [*CCBOARD, "serve", "--config", str(config), "--store", str(store),
         "--log-file", str(folder / "night.log")],
        env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    socket = store_paths(store).socket
    try:
        for _ in range(200):
            if socket.exists():
                break
            time.sleep(0.1)
        time.sleep(2)
        yield str(socket), hub.pid
    finally:
        hub.terminate()
        hub.wait(20)


def cold_rows(environ: dict[str, str], socket: str, runs: int) -> Iterator[Row]:
    """Measure the one-shot commands against a running hub, beside a bare Python."""
    bare = ("python3", "-c", "'import socket, json'")
    commands = (
        ("--version",), ("check", "waiting", "--hub", socket, "-w", "1000", "-c", "1000"),
        ("check", "service-level", "--queue", "support", "--hub", socket, "-w", "0:", "-c", "0:"),
        ("now", "--hub", socket), ("now", "--json", "--hub", socket), ("status", "--hub", socket),
    )
    costs = cold_starts([[sys.executable, "-c", "import socket, json"], *([*CCBOARD, *w] for w in commands)],
                        environ, runs)
    for words, cost in zip((bare, *(("ccboard", *w) for w in commands)), costs, strict=True):
        shown = " ".join(word for word in words if word not in ("--hub", socket))
        if cost.status:
            raise RuntimeError(f"{shown} ended with status {cost.status}")
        yield _cold(shown, cost, costs[0])


def _cold(name: str, cost: Cost, bare: Cost) -> Row:
    return (f"cold start: `{name}`", f"{cost.cpu_ms:.0f} ms CPU, {cost.wall_ms:.0f} ms wall",
            f"{cost.cpu_ms / bare.cpu_ms:.1f} x bare Python")


def board(environ: dict[str, str], command: list[str], words: str) -> Terminal:
    """Open a board on a terminal of its own and wait for its figures."""
    terminal = Terminal(command, environ, COLUMNS, ROWS)
    if terminal.until(words, 30) is None:
        shown = terminal.text()[-2000:]
        terminal.close()
        raise RuntimeError(f"the board never showed {words!r}:\n{shown}")
    return terminal


def first_paint(environ: dict[str, str], command: list[str], runs: int) -> Iterator[Row]:
    """Measure the time to the frame and to the figures, with a hub running."""
    frames, figures = [], []
    for _ in range(runs):
        terminal = Terminal(command, environ, COLUMNS, ROWS)
        frame, data = terminal.until("", 30), terminal.until("support", 30)
        terminal.close()
        if frame is None or data is None:
            raise RuntimeError("the board never painted")
        frames.append(frame)
        figures.append(data)
    for name, seen in (("frame", frames), ("figures", figures)):
        wall = sorted(wall for wall, _ in seen)[len(seen) // 2]
        yield (f"board {COLUMNS}x{ROWS}: first paint, {name}",
               f"{min(cpu for _, cpu in seen):.0f} ms CPU, {wall:.0f} ms wall", "at most 800 ms CPU")


def running(name: str, terminal: Terminal, hub: int, seconds: float, limit: str) -> Iterator[Row]:
    """Measure a board that stands there, and the hub that feeds it."""
    terminal.watch(5)
    before, began = cpu_s(hub), time.perf_counter()
    cpu, painted = terminal.watch(seconds)
    hub_cpu = (cpu_s(hub) - before) * 60 / (time.perf_counter() - began)
    yield (f"board {COLUMNS}x{ROWS}, {name}: drawing",
           f"{cpu:.2f} CPU s/min, {painted:.0f} bytes/s, {rss_mb(terminal.pid):.0f} MB", limit)
    yield f"hub, {name}, one board", f"{hub_cpu:.2f} CPU s/min, {rss_mb(hub):.0f} MB", ""


def history_is_in(environ: dict[str, str]) -> None:
    """Wait until the demo's thirteen weeks have come: what is measured then is a floor, not a back-fill."""
    before = -1
    for _ in range(60):
        [source] = status(environ, "--demo")["sources"]  # type: ignore[misc]
        if source["rows"] - before < 200:
            time.sleep(10)  # what is worked out of it
            return
        before = source["rows"]
        time.sleep(5)
    raise RuntimeError("the demo's history did not come")


def measure(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Yield the rows of the table."""
    environ = environment(folder)
    seconds, runs = (5.0, 3) if quick else (60.0, 15)
    demo = [*CCBOARD, "demo"]
    terminal = board(environ, demo, "support")
    try:
        history_is_in(environ)
        hub = status(environ, "--demo")
        socket = str(hub["address"])
        yield from cold_rows(environ, socket, runs)
        yield from first_paint(environ, demo, max(runs // 3, 2))
        yield from running("demo at 1 Hz", terminal, int(str(hub["pid"])), seconds,
                           "at most 0.8 CPU s/min, 8 kB/s")
    finally:
        terminal.close()
        subprocess.run([*CCBOARD, "stop", "--demo"], env=environ, capture_output=True, check=True)
    with night_hub(folder, environ) as (socket, pid):
        terminal = board(environ, [*CCBOARD, "board", "--hub", socket], "Night")
        try:
            yield from running("only the clock moves", terminal, pid, seconds, "at most 100 bytes/s")
        finally:
            terminal.close()
    yield from ingest(folder, quick=quick)
    yield from snapshots(folder, quick=quick)


def main() -> int:
    """Print the table; write it to --out too."""
    as_it_is = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_it_is)
    parser.add_argument("--quick", action="store_true", help="to see that it works")
    parser.add_argument("--out", type=Path, help="write the table to this file too")
    args = parser.parse_args()
    lines = ["| what | measured | to compare |", "| --- | --- | --- |"]
    before = host()
    with tempfile.TemporaryDirectory(prefix="ccb") as folder:
        for row in measure(Path(folder), quick=args.quick):
            print(f"  {row[0]}: {row[1]}", file=sys.stderr)
            lines.append("| " + " | ".join(row) + " |")
    lines += ["", f"Before: {before}. After: {host()}. Python {sys.version.split()[0]}."]
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if args.out:
        args.out.write_text("# What ccboard costs\n\nPrinted by `python benchmarks/run.py`.\n\n" + text,
                            encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What processes cost: CPU seconds, memory, the host's load. Linux only."""

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Of several runs of one command: the least CPU and the median wall, in milliseconds."""

    cpu_ms: float
    wall_ms: float
    status: int


def run_once(command: Sequence[str], environ: Mapping[str, str]) -> tuple[float, float, int]:
    """Run a command to its end; return its CPU and wall milliseconds (children included) and its status."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=dict(environ), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return (usage.ru_utime + usage.ru_stime) * 1000, wall * 1000, process.returncode


def cold_starts(commands: Sequence[Sequence[str]], environ: Mapping[str, str], runs: int) -> list[Cost]:
    """Return what one-shot commands cost; their files are in the page cache after the first round.

    Every round runs each of them once: a host that is slower for some seconds then meets them all, not one.
    """
    for command in commands:
        run_once(command, environ)
    rounds = [[run_once(command, environ) for command in commands] for _ in range(runs)]
    return [Cost(min(cpu for cpu, _, _ in taken), statistics.median(w for _, w, _ in taken), taken[-1][2])
            for taken in zip(*rounds, strict=True)]


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has used, and those of the children it has buried."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def rss_mb(pid: int) -> float:
    """Return the memory that a process holds, in MB."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _busy_s() -> float:
    user, nice, system, _, _, irq, soft = Path("/proc/stat").read_text().split(None, 8)[1:8]
    return sum(map(int, (user, nice, system, irq, soft))) / TICKS


def host() -> str:
    """Return what the figures are measured on, and how busy it is with other things; takes three seconds."""
    before, began = _busy_s(), time.perf_counter()
    time.sleep(3)
    others = (_busy_s() - before) / (time.perf_counter() - began)
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown processor")
    one, five, _ = os.getloadavg()
    return (f"{os.cpu_count()} x {model}; load average {one:.2f} (1 min), {five:.2f} (5 min), "
            f"{others * 100:.0f} % of one processor busy with other things")

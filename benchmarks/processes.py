"""What running processes use, read from /proc (Linux): processor time, memory; and making them stand still.

A process counts with everything below it, and with children of it that have ended.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
# Where, after the name in brackets, /proc/<pid>/stat has the parent, and the times of process and children.
_PARENT, _TIMES = 1, slice(11, 15)


def processor_s(pid: int) -> float:
    """Seconds of processor time, user and system, since the process began."""
    ticks = 0
    for one in tree(pid):
        if fields := _stat(one):
            ticks += sum(int(field) for field in fields[_TIMES])
    return ticks / _TICKS


def memory_mb(pid: int) -> float:
    """Megabytes; what several processes share is divided among them (PSS)."""
    return sum(_pss_kb(one) for one in tree(pid)) / 1024


def tree(pid: int) -> list[int]:
    """The process and all below it."""
    below: dict[int, list[int]] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            below.setdefault(int(fields[_PARENT]), []).append(int(folder.name))
    return [pid, *_descendants(pid, below)]


def children(pid: int) -> dict[int, str]:
    """The processes right below this one, with the command line of each."""
    return {one: _command(one) for one in tree(pid) if (found := _stat(one)) and int(found[_PARENT]) == pid}


@contextmanager
def standing_still(pids: Iterable[int]) -> Iterator[None]:
    """Stops these processes, and all below them, for as long as the block lasts."""
    stopped = [one for pid in pids for one in tree(pid)]
    try:
        _signal(stopped, signal.SIGSTOP)
        yield
    finally:
        _signal(stopped, signal.SIGCONT)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _descendants(pid: int, below: dict[int, list[int]]) -> Iterator[int]:
    for child in below.get(pid, ()):
        yield child
        yield from _descendants(child, below)


def _stat(pid: int) -> list[str] | None:
    """None when the process has ended meanwhile."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _command(pid: int) -> str:
    with suppress(FileNotFoundError, ProcessLookupError):
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""


def _pss_kb(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0

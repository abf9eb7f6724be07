"""Runs a slow command so that the user sees what goes on: a line at its start and end and every ten seconds.

What the command itself prints goes to `var/log/`; the end of that is shown only when it fails.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.environments import ROOT, Trouble

LAST_LINES = 25
TELL_EVERY_S = 10


async def step(title: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command to its end; Trouble with its last output when it fails. Cancelled, it is stopped."""
    log = ROOT / "var" / "log" / f"{title.replace(' ', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    print(f"{title} ...", flush=True)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=environment, stdout=output, stderr=asyncio.subprocess.STDOUT
        )
        try:
            while not await _ended(process):
                print(f"{title} ... {time.monotonic() - begun:.0f} s", flush=True)
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
    if process.returncode:
        raise Trouble(f"{title} failed:\n\n{last_lines(log)}\n\nAll of it: {log}")
    print(f"{title}: done in {time.monotonic() - begun:.0f} s", flush=True)


async def _ended(process: asyncio.subprocess.Process) -> bool:
    try:
        await asyncio.wait_for(process.wait(), TELL_EVERY_S)
    except TimeoutError:
        return False
    return True


def last_lines(log: Path) -> str:
    """The end of a log, for a message; nothing of one that does not exist: its process never said a word."""
    if not log.exists():
        return "  (it said nothing)"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-LAST_LINES:])

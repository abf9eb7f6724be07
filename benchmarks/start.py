"""From a fresh clone to the first answer: `python -m benchmarks.start`, on an otherwise idle machine.

Copies what git has of this tree (edits that are not committed included) into an empty folder, runs `make run`
there on free ports, and measures each phase until the first message is answered; then the memory of all
processes, before and after a picture, and how long a killed gateway answers nobody. Package caches are as
they are: run it twice for a warm one. Writes `results/start.json`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from benchmarks import processes
from benchmarks.report import machine
from tests.stack import free_ports
from tools.environments import ROOT

_RESULTS = Path(__file__).parent / "results" / "start.json"
_WITHIN_S, _STOPPED_WITHIN_S, _TIMEOUT_S = 1200, 40, 60
_QUESTION = "几天内可以退货？"
# A line of the console that ends a phase, and the phase.
_PHASES = {
    r"built \.venv/(\w+) in": "environment {}",
    r"training the dialogue model: done": "model trained",
    r"making the demo shop: done": "demo shop made",
    r"importing the demo shop: done": "demo shop imported",
    r"^\S+ system +\| gateway started": "processes started",
    r"^Ready in": "ready",
}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "shopclerk"
        _copy(clone)
        address, environment = _environment()
        with _running(clone, environment) as (console, begun):
            phases = _until_ready(console, begun)
            with httpx.Client(base_url=address, timeout=_TIMEOUT_S) as client:
                _answered(client)
                phases["first answer"] = time.monotonic() - begun
                memory = _memory(console.pid)
                picture = _picture(client, clone)
                after = _memory(console.pid)
                away = _killed_gateway(console.pid, client)
    result = {
        "first_answer_s": round(phases["first answer"], 1),
        "phases_s": {name: round(seconds, 1) for name, seconds in phases.items()},
        "memory_mb": round(sum(memory.values())),
        "memory_mb_after_a_picture": round(sum(after.values())),
        "memory_mb_by_process": {name: round(mb) for name, mb in after.items()},
        "first_picture_s": round(picture, 2),
        "killed_gateway_s": round(away, 1),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
    }
    _RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1, ensure_ascii=False))
    return 0


def _copy(target: Path) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def _environment() -> tuple[str, dict[str, str]]:
    """The gateway's address, and an environment without anything of this checkout."""
    ports = dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), map(str, free_ports(3)), strict=True))
    ours = {f"SHOPCLERK_{name}": port for name, port in ports.items()}
    others = {name: value for name, value in os.environ.items() if not name.startswith("SHOPCLERK_")}
    others.pop("VIRTUAL_ENV", None)
    return f"http://127.0.0.1:{ports['PORT']}", others | ours


@contextmanager
def _running(clone: Path, environment: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], float]]:
    begun = time.monotonic()
    console = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield console, begun
    finally:
        os.killpg(console.pid, signal.SIGINT)  # as Ctrl-C does
        try:
            console.communicate(timeout=_STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(console.pid, signal.SIGKILL)
            raise


def _until_ready(console: subprocess.Popen[str], begun: float) -> dict[str, float]:
    phases: dict[str, float] = {}
    assert console.stdout
    for line in console.stdout:
        print(line, end="", flush=True)
        for pattern, name in _PHASES.items():
            if found := re.search(pattern, line):
                phases[name.format(*found.groups())] = time.monotonic() - begun
        if "ready" in phases:
            # What it says from now on is of no interest, but somebody has to listen.
            threading.Thread(target=console.stdout.read, daemon=True).start()
            return phases
        if time.monotonic() - begun > _WITHIN_S:
            break
    raise RuntimeError("it did not get ready")


def _answered(client: httpx.Client) -> None:
    body = {"conversation_id": uuid.uuid4().hex, "text": _QUESTION, "language": "zh"}
    answer = client.post("/api/chat/messages", json=body)
    answer.raise_for_status()
    if not answer.json()["messages"]:
        raise RuntimeError(f"no answer: {answer.text}")


def _picture(client: httpx.Client, clone: Path) -> float:
    """Seconds until a screenshot is read, by the process that was loaded at the start."""
    screenshot = min((clone / "var" / "demo" / "screenshots").glob("order-*"))
    begun = time.monotonic()
    data = {"conversation_id": uuid.uuid4().hex}
    sent = client.post("/api/chat/attachments", data=data, files={"file": screenshot.read_bytes()})
    sent.raise_for_status()
    return time.monotonic() - begun


def _memory(pid: int) -> dict[str, float]:
    """Megabytes (PSS) of each process of the `Procfile` with those below it, and of the launcher."""
    launcher = _launcher(pid)
    parts = {
        _name(command): processes.memory_mb(child) for child, command in processes.children(launcher).items()
    }
    return parts | {"launcher": processes.memory_mb(launcher) - sum(parts.values())}


def _launcher(pid: int) -> int:
    """Below make, which started it."""
    below = (processes.children(one) for one in processes.tree(pid))
    return next(child for found in below for child, command in found.items() if "-m tools.run" in command)


def _name(command: str) -> str:
    marks = {"assistant": "rasa", "actions": "actions", "gateway": "gateway", "support.events": "projector"}
    return next((name for mark, name in marks.items() if f"-m {mark}" in command), command)


def _killed_gateway(pid: int, client: httpx.Client) -> float:
    """Seconds from the death of the gateway to its next answer."""
    running = processes.children(_launcher(pid))
    gateway = next(one for one, command in running.items() if _name(command) == "gateway")
    os.kill(gateway, signal.SIGKILL)
    begun = time.monotonic()
    while time.monotonic() - begun < _TIMEOUT_S:
        try:
            _answered(client)
            return time.monotonic() - begun
        except httpx.HTTPError:
            time.sleep(0.05)
    raise RuntimeError("the gateway did not come back")


if __name__ == "__main__":
    sys.exit(main())

"""Starts the whole system and keeps it running until Ctrl-C: `make run`, `python -m tools.run`.

The processes are those of the `Procfile`, kept by honcho: when one ends, all end. Their output appears line by
line with the process's name, and whole in `var/log/`. `--with-parent` is for tests: it also ends when its
standard input closes, so that a test run that is killed leaves nothing behind.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

from support.settings import Settings
from tools.environments import ROOT, Trouble
from tools.prepare import demo_folder, prepare
from tools.progress import last_lines

READY_WITHIN_S = 180


class _Console(Printer):
    """Writes each line to the process's log and to the console; survives the console's death."""

    def __init__(self, logs: Path) -> None:
        super().__init__(sys.stdout)
        self._logs = logs
        self._open: dict[str, TextIO] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def write(self, message: Message) -> None:
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        log = self._open.get(message.name)
        if log is None:
            log = self._open[message.name] = self.log_of(message.name).open("w", encoding="utf-8", buffering=1)
        log.write(text)
        # The terminal may be gone; what runs must still be stopped in order.
        with contextlib.suppress(OSError):
            super().write(message)

    def log_of(self, process: str) -> Path:
        return self._logs / f"{process}.log"


class Supervisor(Manager):
    """honcho's manager in one process: reading threads instead of forks, and SIGHUP stops it too."""

    def __init__(self, printer: Printer, when_started: Callable[[], None]) -> None:
        super().__init__(printer)
        self.events: queue.Queue[Message] = queue.Queue()
        self.first_to_end: str | None = None
        self.stopping = threading.Event()
        self._when_started = when_started

    def loop(self) -> None:
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        super().loop()

    def _start(self) -> None:
        for process in self._processes.values():
            threading.Thread(target=process["obj"].run, args=(self.events,), daemon=True).start()
        threading.Thread(target=self._when_started, daemon=True).start()

    def terminate(self) -> None:
        self.stopping.set()
        if not self._all_started():
            # Stopped within the first moments: the processes are not known yet.
            threading.Timer(0.1, self.terminate).start()
            return
        if self.returncode not in (130, 143):
            ended = [name for name, process in self._processes.items() if "returncode" in process]
            self.first_to_end = next(iter(ended), None)
        super().terminate()


def run(with_parent: bool) -> int:
    """Prepare, start, announce, and wait for the end. The exit status."""
    begun = time.monotonic()
    # Until honcho takes over, a lost terminal or a kill stops what is being prepared, as Ctrl-C does.
    for stop in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.default_int_handler)
    settings, environment = asyncio.run(prepare())
    console = _Console(settings.var / "log")
    supervisor = Supervisor(console, lambda: _announce(supervisor, settings, begun))
    for name, command in parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes.items():
        supervisor.add_process(name, command, env=environment, cwd=str(ROOT))
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    supervisor.loop()
    if name := supervisor.first_to_end:
        log = console.log_of(name)
        print(f"\n{name} ended by itself, so everything was stopped. Its last lines:\n\n{last_lines(log)}")
        return 1
    print("stopped", flush=True)
    return 0


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(supervisor: Supervisor, settings: Settings, begun: float) -> None:
    """Wait for the gateway to call everything ready; then say where it is and what to try."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    address = f"http://{host}:{settings.port}"
    told = time.monotonic()
    while not supervisor.stopping.wait(0.3):
        ready, waiting_for = _readiness(address)
        if ready:
            print(_banner(address, settings, time.monotonic() - begun), flush=True)
            return
        if time.monotonic() - told > 5:
            told = time.monotonic()
            print(f"... {told - begun:.0f} s, waiting for {waiting_for}", flush=True)
        if time.monotonic() - begun > READY_WITHIN_S:
            print(f"not ready after {READY_WITHIN_S} s; see {settings.var / 'log'}", flush=True)
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _readiness(address: str) -> tuple[bool, str]:
    """Whether the gateway says that it can serve, else what it waits for."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5):
            return True, ""
    except urllib.error.HTTPError as answer:
        parts = json.load(answer).get("parts", {})
        return False, ", ".join(name for name, state in parts.items() if state == "down")
    except OSError:
        return False, "gateway"


def _banner(address: str, settings: Settings, seconds: float) -> str:
    lines = [f"Ready in {seconds:.0f} s. Open  {address}", ""]
    guide = demo_folder(settings) / "demo_guide.json"
    if guide.exists():
        tries = json.loads(guide.read_text(encoding="utf-8"))
        lines += ["Things to try:", *(f"  {text}" for text in tries["zh"]["try"]), ""]
        lines += ["Or in English:", *(f"  {text}" for text in tries["en"]["try"]), ""]
    lines += [
        f"For people who answer: {address}/docs, with SHOPCLERK_STAFF_TOKEN of {settings.var / 'secrets.env'}",
        f"Logs: {settings.var / 'log'}      Ctrl-C stops everything.",
    ]
    rule = "-" * 78
    return "\n".join(["", rule, *lines, rule])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    try:
        sys.exit(run(parser.parse_args().with_parent))
    except Trouble as trouble:
        sys.exit(f"\n{trouble}")
    except KeyboardInterrupt:
        sys.exit(130)

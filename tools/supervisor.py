"""Keeps the processes of the `Procfile`: honcho's manager, made to end in order whatever happens.

    supervisor = Supervisor(Path("var/log"), when_started)
    supervisor.add_process("gateway", "exec python -m gateway", env=..., cwd=...)
    supervisor.loop()             # until a signal, or until one process ends: then all end
    supervisor.failure            # None after a signal, else a text that says what ended and why

What differs from honcho alone: a lost terminal stops everything too; a process is asked to end itself before
its whole group is killed, since servers with workers of their own otherwise complain; every line also goes to
a log file.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from honcho.manager import KILL_WAIT, Manager
from honcho.printer import Message, Printer

from tools.progress import last_lines

_STOPPED_BY_SIGNAL = (130, 143)


def say(text: str) -> None:
    """Print in one write, so that the lines of the processes do not cut it; the terminal may be gone."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


class Console(Printer):  # type: ignore[misc]  # honcho has no types
    """Writes each line to the process's log and to the console. A console that is gone ends everything."""

    def __init__(self, logs: Path) -> None:
        super().__init__(sys.stdout)
        self._logs = logs
        self._open: dict[str, TextIO] = {}
        self._lost = False
        logs.mkdir(parents=True, exist_ok=True)

    def write(self, message: Message) -> None:
        raw = message.data
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
        self._log(message.name).write(text)
        try:
            super().write(message)
        except OSError:
            if not self._lost:
                self._lost = True
                os.kill(os.getpid(), signal.SIGTERM)

    def path(self, process: str) -> Path:
        return self._logs / f"{process}.log"

    def _log(self, process: str) -> TextIO:
        if process not in self._open:
            self._open[process] = self.path(process).open("w", encoding="utf-8", buffering=1)
        return self._open[process]


class Supervisor(Manager):  # type: ignore[misc]  # honcho has no types
    """Use from the main thread: it takes over SIGINT, SIGTERM and SIGHUP."""

    def __init__(self, logs: Path, when_started: Callable[[], None]) -> None:
        self._console = Console(logs)
        super().__init__(self._console)
        self.events: queue.Queue[Message] = queue.Queue()
        self.failure: str | None = None
        self.stopping = threading.Event()
        self._when_started = when_started

    def loop(self) -> None:
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        super().loop()
        self.kill()

    def fail(self, reason: str) -> None:
        """End everything, for a reason that `failure` will give."""
        self.failure = reason
        os.kill(os.getpid(), signal.SIGTERM)

    def terminate(self) -> None:
        self.stopping.set()
        if not self._all_started():
            # Stopped within the first moments, when the processes' ids are not known yet.
            threading.Timer(0.1, self.terminate).start()
            return
        if self.returncode not in _STOPPED_BY_SIGNAL:
            self.failure = self._what_ended()
        super().terminate()
        # honcho's own clock starts when it sees one process end, which a helper that lives on can hide.
        impatience = threading.Timer(KILL_WAIT, self.kill)
        impatience.daemon = True
        impatience.start()

    def _what_ended(self) -> str:
        name = next(name for name, process in self._processes.items() if "returncode" in process)
        log = self._console.path(name)
        return f"{name} ended by itself, so everything was stopped. Its last lines:\n\n{last_lines(log)}"

    def _start(self) -> None:
        # Threads, not honcho's forks: those die with the terminal, and their children would stay.
        for process in self._processes.values():
            threading.Thread(target=process["obj"].run, args=(self.events,), daemon=True).start()
        threading.Thread(target=self._when_started, daemon=True).start()

    def _killall(self, force: bool = False) -> None:
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                if force:
                    os.killpg(process["pid"], signal.SIGKILL)
                elif "returncode" not in process:
                    os.kill(process["pid"], signal.SIGTERM)

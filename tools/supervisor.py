"""Keeps the processes of the `Procfile`: honcho's manager, made to end in order whatever happens.

    supervisor = Supervisor(Path("var/log"), when_started)
    supervisor.add_process("gateway", "exec python -m gateway", env=..., cwd=...)
    supervisor.loop()             # until a signal, or until one process ends: then all end
    supervisor.settle()           # from another thread: from now on a process that ends is started again
    supervisor.failure            # None after a signal, else a text that says what ended and why

What differs from honcho alone: a process that ends once everything has run is started again, the more
slowly the more often it ends; a lost terminal stops everything too; a process is asked to end itself before
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
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from honcho.manager import KILL_WAIT, Manager
from honcho.printer import Message, Printer
from honcho.process import Process

from tools.progress import last_lines

_STOPPED_BY_SIGNAL = (130, 143)
# Before a process is started again; it grows while the process does not live for long.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _LIVED_S = 0.2, 10.0, 30.0


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


class _Kept(Process):  # type: ignore[misc]  # honcho has no types
    """A process that is started again as often as `again()` allows. Its `stop` is told once, at the end."""

    def __init__(self, again: Callable[[float], bool], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._again = again
        self._start_child: Any = self._child_ctor
        self._child_ctor: Any = self._started

    def run(self, events: queue.Queue[Message] | None = None, ignore_signals: bool = False) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            super().run(events, ignore_signals)
            if time.monotonic() - began > _LIVED_S:
                pause = _FIRST_PAUSE_S
            ended = self._child.returncode
            if not self._again(pause):
                super()._send_message({"returncode": ended}, type="stop")
                return
            self._send_message(f"ended by itself (rc={ended}) and is started again\n")
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _send_message(self, data: Any, type: str = "line") -> None:
        if type != "stop":
            super()._send_message(data, type)

    def _started(self, *args: Any, **options: Any) -> Any:
        child = self._start_child(*args, **options)
        threading.Thread(target=_bury, args=(child,), daemon=True).start()
        return child


def _bury(child: Any) -> None:
    """Workers that outlive their server would keep its port, and its output open."""
    child.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


class Supervisor(Manager):  # type: ignore[misc]  # honcho has no types
    """Use from the main thread: it takes over SIGINT, SIGTERM and SIGHUP."""

    def __init__(self, logs: Path, when_started: Callable[[], None]) -> None:
        self._console = Console(logs)
        super().__init__(self._console)
        self.events: queue.Queue[Message] = queue.Queue()
        self.failure: str | None = None
        self.stopping = threading.Event()
        self._settled = False
        self._when_started = when_started
        self._process_ctor = partial(_Kept, self._may_start_again)

    def settle(self) -> None:
        """Everything has run: what ends from now on has crashed and is worth another start."""
        self._settled = True

    def _may_start_again(self, pause_s: float) -> bool:
        return self._settled and not self.stopping.wait(pause_s)

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

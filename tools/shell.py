"""Talk to the assistant in the terminal, as every Rasa user expects: `make shell`, `python -m tools.shell`.

The action server is started beside `rasa shell` and stopped with it, unless `make run` has one running.
Pictures, streaming and people need the gateway: `make run`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from honcho.environ import parse_procfile

from support.settings import Settings
from tools.environments import ROOT, Trouble, python_of
from tools.prepare import is_free, prepare
from tools.progress import last_lines

READY_WITHIN_S = 60


def shell() -> int:
    """Run `rasa shell` to its end. Its exit status."""
    settings, environment = asyncio.run(prepare(ports=()))
    with _actions(settings, environment):
        print("starting rasa shell, which takes a while; /stop ends it ...", flush=True)
        command = [str(python_of("rasa")), "-m", "assistant.serve", "shell"]
        command += ["--endpoints", "endpoints.yml", "-i", "127.0.0.1"]
        command += ["--port", str(_free_port(settings.rasa_port))]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


@contextlib.contextmanager
def _actions(settings: Settings, environment: Mapping[str, str]) -> Iterator[None]:
    if not is_free("127.0.0.1", settings.actions_port):
        yield
        return
    procfile = parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8"))
    log = settings.var / "log" / "shell-actions.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            # The Procfile's lines are written for a shell, and are ours.
            procfile.processes["actions"], shell=True, cwd=ROOT, env=environment,  # nosec B602
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            _wait_for(process, settings.actions_port, log)
            yield
        finally:
            process.terminate()
            process.wait()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while is_free("127.0.0.1", port):
        if process.poll() is not None or time.monotonic() > end:
            raise Trouble(f"the action server did not start:\n\n{last_lines(log)}")
        time.sleep(0.2)


def _free_port(first: int) -> int:
    return next(port for port in range(first, first + 100) if is_free("127.0.0.1", port))


if __name__ == "__main__":
    # A lost terminal must not leave the action server behind.
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        sys.exit(shell())
    except Trouble as trouble:
        sys.exit(f"\n{trouble}")
    except KeyboardInterrupt:
        sys.exit(130)

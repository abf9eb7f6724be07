"""Starts the whole system and keeps it running until Ctrl-C: `make run`, `python -m tools.run`.

The processes are those of the `Procfile`. `--with-parent` is for tests: the system then also ends when its
standard input closes, so that a test run that is killed leaves nothing behind.

Once everything is prepared, the program begins anew in the same process (`--prepared`): what looks after the
system for weeks needs a fifth of the memory of what imported a shop.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from honcho.environ import parse_procfile

from support.settings import Settings, read_settings
from tools.environments import ROOT, Trouble
from tools.supervisor import Supervisor, say

READY_WITHIN_S = 180
TELL_EVERY_S = 5
# From the preparation to what follows it; none of the system's processes gets to see them.
_BEGUN, _JOIN, _GUIDE = "SHOPCLERK_LAUNCHER_BEGUN", "SHOPCLERK_LAUNCHER_JOIN", "SHOPCLERK_LAUNCHER_GUIDE"


def prepare_and_run(with_parent: bool) -> None:
    """Prepare, and go on as `run` with nothing of that in memory."""
    begun = time.monotonic()
    # Until the supervisor takes over: a lost terminal or a kill stops what is being prepared, as Ctrl-C does.
    for stop in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.default_int_handler)
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    environment = asyncio.run(_prepared()) | {_BEGUN: str(begun)}
    command = [sys.executable, "-m", "tools.run", "--prepared", *(["--with-parent"] if with_parent else [])]
    os.execve(sys.executable, command, environment)  # ourselves, again  # nosec B606


async def _prepared() -> dict[str, str]:
    # Here, and not above: see the module's text.
    from support.services import staff
    from support.store import Store
    from tools.prepare import demo_folder, prepare

    settings, environment = await prepare()
    # The banner has the link of the desk's first admin; one of the gateway's would be ended by it.
    environment["SHOPCLERK_ADMIN_LINK"] = "false"
    environment[_GUIDE] = str(demo_folder(settings) / "demo_guide.json")
    if not settings.admin_password.get_secret_value():
        store = Store(settings.database_url)
        environment[_JOIN] = await staff.first_admin_link(store, datetime.now(UTC)) or ""
        await store.close()
    return environment


def run(with_parent: bool) -> int:
    """Start, announce, and wait for the end. The exit status."""
    begun, join = float(os.environ.pop(_BEGUN)), os.environ.pop(_JOIN, "")
    guide = Path(os.environ.pop(_GUIDE))
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = read_settings()
    banner = partial(_banner, settings, guide, join)
    supervisor = Supervisor(settings.var / "log", lambda: _announce(supervisor, settings, begun, banner))
    for name, command in parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes.items():
        supervisor.add_process(name, command, env=dict(os.environ), cwd=str(ROOT))
    supervisor.loop()
    say(supervisor.failure or "stopped")
    return 1 if supervisor.failure else 0


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(
    supervisor: Supervisor, settings: Settings, begun: float, banner: Callable[[float], str]
) -> None:
    """Wait for the gateway to call everything ready; then say where it is and what to try."""
    address = settings.address
    started = told = time.monotonic()
    while missing := _missing(address):
        if supervisor.stopping.wait(0.3):
            return
        now = time.monotonic()
        if now - started > READY_WITHIN_S:
            supervisor.fail(f"not ready after {READY_WITHIN_S} s: {missing}. See {settings.var / 'log'}")
            return
        if now - told > TELL_EVERY_S:
            told = now
            say(f"... {now - begun:.0f} s, waiting for: {missing}")
    supervisor.settle()
    say(banner(time.monotonic() - begun))


def _missing(address: str) -> str:
    """What the gateway still waits for; empty when it can serve."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # ours, http  # nosec B310
            return ""
    except urllib.error.HTTPError as answer:
        parts = json.load(answer).get("parts", {})
        return ", ".join(name for name, state in parts.items() if state == "down") or "the first answer"
    except OSError:
        return "gateway"


def _banner(settings: Settings, guide: Path, join: str, seconds: float) -> str:
    address = settings.address
    lines = [f"Ready in {seconds:.0f} s. Open  {address}", ""]
    if guide.exists():
        tries = json.loads(guide.read_text(encoding="utf-8"))
        lines += ["Things to try:", *(f"  {text}" for text in tries["zh"]["try"]), ""]
        lines += ["Or in English:", *(f"  {text}" for text in tries["en"]["try"]), ""]
    lines += [
        f"All of its HTTP interface: {address}/docs",
        f"For the shop's staff: {address}/desk",
        *([f"  The desk has no admin yet. Open this once: {address}/desk/join/{join}"] if join else []),
        f"Logs: {settings.var / 'log'}      Ctrl-C stops everything.",
    ]
    rule = "-" * 78
    return "\n".join(["", rule, *lines, rule])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    parser.add_argument("--prepared", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    try:
        if not chosen.prepared:
            prepare_and_run(chosen.with_parent)
        sys.exit(run(chosen.with_parent))
    except Trouble as trouble:
        sys.exit(f"\n{trouble}")
    except KeyboardInterrupt:
        sys.exit(130)

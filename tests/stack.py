"""The whole system for tests, started by the same launcher as `make run`.

    with running_stack(folder) as stack:
        httpx.post(f"{stack.gateway_url}/api/chat/messages", json=...)

Everything lies below `folder`: the database, the demo shop as of today, and the logs in `folder/log`. The
launcher stops when this process closes its input or dies, so nothing stays behind.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from support.settings import Settings
from tools.environments import ROOT
from tools.prepare import as_environment, demo_folder
from tools.progress import last_lines

READY_WITHIN_S = 240  # the first start trains the model and draws the demo shop
STOPPED_WITHIN_S = 30


class _Settings(Settings):
    """Without the `.env` of whoever runs the tests."""

    model_config = SettingsConfigDict(env_file=None)


@dataclass(frozen=True)
class Stack:
    """A running system. `guide` is the demo shop's demo_guide.json: whom to be and what to ask for.

    `launcher` is the id of the process that all others stand below.
    """

    settings: Settings
    guide: dict[str, Any]
    launcher: int

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def rasa_url(self) -> str:
        return self.settings.rasa_url

    @property
    def shop_folder(self) -> Path:
        """The demo shop's import folder, with `screenshots/` and `faults/`."""
        return demo_folder(self.settings)

    @property
    def staff_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.staff_token.get_secret_value()}"}

    def log(self, process: str) -> str:
        """What a process has written so far: `rasa`, `actions` or `gateway`."""
        return (self.settings.var / "log" / f"{process}.log").read_text(encoding="utf-8")


def stack_settings(folder: Path, **changed: Any) -> Settings:
    """Settings for a system below this folder, on free ports, with known secrets and no model."""
    port, rasa_port, actions_port = free_ports(3)
    chosen: dict[str, Any] = {
        "var": folder,
        "shop": folder / "shop",
        "port": port,
        "rasa_port": rasa_port,
        "actions_port": actions_port,
        "channel_secret": SecretStr("channel-secret-of-the-tests"),
        "staff_token": SecretStr("staff-token-of-the-tests"),
        "customer_token_secret": SecretStr("customer-token-secret-of-the-tests"),
        "messages_per_minute": 10_000,
        "customer_messages_per_minute": 10_000,
        "address_messages_per_minute": 100_000,
        # A test waits for the answer, on a busy machine too; that one is promised in time has its own tests.
        "answer_seconds": 60,
        # A scripted model is asked each time; what is kept has tests of its own.
        "answer_cache_minutes": 0,
    }
    return _Settings(**(chosen | changed))


@contextmanager
def running_stack(folder: Path, shop_of: Stack | None = None, **changed: Any) -> Iterator[Stack]:
    """Start everything with these settings changed; `shop_of` copies another stack's records to save time."""
    settings = stack_settings(folder, **changed)
    if shop_of:
        _copy_shop(shop_of.settings, settings)
    (folder / "log").mkdir(parents=True, exist_ok=True)
    log = folder / "log" / "launcher.log"
    with ExitStack() as cleanup:
        launcher = subprocess.Popen(
            [sys.executable, "-m", "tools.run", "--with-parent"],
            cwd=ROOT,
            env={**os.environ, **as_environment(settings)},
            stdin=subprocess.PIPE,
            stdout=cleanup.enter_context(log.open("wb")),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        cleanup.callback(_stop, launcher)
        _wait_until_ready(launcher, settings, log)
        guide = json.loads((demo_folder(settings) / "demo_guide.json").read_text(encoding="utf-8"))
        yield Stack(settings, guide, launcher.pid)


def _copy_shop(source: Settings, target: Settings) -> None:
    target.var.mkdir(parents=True, exist_ok=True)
    for folder in (source.shop, demo_folder(source), source.var / "knowledge", source.var / "attachments"):
        if folder.exists():
            shutil.copytree(folder, target.var / folder.name, dirs_exist_ok=True)
    for part in source.var.glob("shop.db*"):
        shutil.copy(part, target.var)


def _wait_until_ready(launcher: subprocess.Popen[bytes], settings: Settings, log: Path) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while not _is_ready(settings.port):
        if launcher.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the system did not start:\n{last_lines(log)}")
        time.sleep(0.3)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except (urllib.error.HTTPError, OSError):
        return False


def _stop(launcher: subprocess.Popen[bytes]) -> None:
    assert launcher.stdin
    launcher.stdin.close()
    try:
        launcher.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        launcher.kill()
        raise


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on."""
    with ExitStack() as opened:
        probes = [opened.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]

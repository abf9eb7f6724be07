"""Rasa with two workers, on real PostgreSQL and Redis; a stand-in for the actions repeats what it hears."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from honcho.environ import parse_procfile

from support.settings import Settings
from support.training.model_files import ModelFolder
from support.training.project import rasa_environment
from tests.stack import stack_settings
from tools.environments import ROOT
from tools.prepare import as_environment
from tools.train import is_current, project_of, train

_CONVERSATIONS = 3
_MESSAGES = 25
_READY_WITHIN_S = 120
_ENDED_WITHIN_S = 30
_ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class _Parrot(BaseHTTPRequestHandler):
    """An action server whose actions answer what the customer wrote, some later than others."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(random.random() / 50)
        text = (call["tracker"]["latest_message"] or {}).get("text")
        body = json.dumps({"events": [], "responses": [{"text": f"heard: {text}"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _Rasa:
    """Rasa as the Procfile starts it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        command = dict(parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes)["rasa"]
        environment = {**os.environ, **rasa_environment(), **as_environment(settings)}
        with (settings.var / "rasa.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", command],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        end = time.monotonic() + _READY_WITHIN_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.settings.var / "rasa.log").read_text(encoding="utf-8")[-3000:])
            time.sleep(0.3)

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url("/status")).is_success
        except httpx.TransportError:
            return False

    def url(self, path: str) -> str:
        return f"{self.settings.rasa_url}{path}?token={self.settings.channel_secret.get_secret_value()}"

    def workers(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listed.stdout.split()]

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def _running(folder: Path, database_url: str, redis_url: str) -> Iterator[_Rasa]:
    settings = stack_settings(
        folder, database_url=database_url, redis_url=redis_url, rasa_workers=2, models=folder / "models"
    )
    _copy_model(settings.models)
    with ThreadingHTTPServer(("127.0.0.1", settings.actions_port), _Parrot) as actions:
        threading.Thread(target=actions.serve_forever, daemon=True).start()
        rasa = _Rasa(settings)
        try:
            rasa.wait()
            yield rasa
        finally:
            rasa.stop()
            actions.shutdown()


def _copy_model(folder: Path) -> None:
    """The project's model under two names."""
    project = project_of(Settings())
    if not is_current(project):
        asyncio.run(train(project))
    models = ModelFolder(project.models_folder)
    active = models.active()
    assert active
    folder.mkdir(parents=True)
    for name in ("first.tar.gz", "second.tar.gz"):
        shutil.copy(models.path(active.model), folder / name)
    ModelFolder(folder).activate("first.tar.gz", active.data)


@pytest.fixture
def rasa(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[_Rasa]:
    with _running(tmp_path, database_url, redis_url) as running:
        yield running


@_ON_POSTGRESQL
async def test_messages_sent_in_parallel_are_answered_once_and_in_the_order_in_which_they_came(
    rasa: _Rasa, redis_url: str
) -> None:
    await _both_at_work(rasa, redis_url)
    conversations = [uuid.uuid4().hex for _ in range(_CONVERSATIONS)]
    await asyncio.gather(*(_talk(rasa, redis_url, one) for one in conversations))
    for conversation in conversations:
        events = await _tracker(rasa, conversation)
        said = [event.get("message_id") or "answer" for event in events if event["event"] in ("user", "bot")]
        assert said == [part for number in range(_MESSAGES) for part in (f"m-{number}", "answer")]
    both = {f"shopclerk-rasa-{pid}" for pid in rasa.workers()}
    assert _at_work(redis_url) == both, "both workers took part"


async def _both_at_work(rasa: _Rasa, redis_url: str) -> None:
    """The one that starts later may listen when the other has long answered."""
    async with asyncio.timeout(120):
        while len(_at_work(redis_url)) < len(rasa.workers()):
            await _talk(rasa, redis_url, uuid.uuid4().hex)


def _at_work(redis_url: str) -> set[str]:
    names = (client["name"] for client in redis.from_url(redis_url).client_list())
    return {name for name in names if name.startswith("shopclerk-rasa-")}


async def _talk(rasa: _Rasa, redis_url: str, conversation: str) -> None:
    """Sends a message as soon as the one before stands in line, each on a connection of its own."""
    lines = redis.from_url(redis_url)
    answers: list[asyncio.Task[None]] = []
    for number in range(_MESSAGES):
        answers.append(asyncio.create_task(_send(rasa, conversation, f"m-{number}")))
        while lines.llen(f"shopclerk:line:{conversation}") + sum(one.done() for one in answers) <= number:
            await asyncio.sleep(0.002)
    await asyncio.gather(*answers)


async def _send(rasa: _Rasa, conversation: str, message_id: str) -> None:
    headers = {"X-Shopclerk-Secret": rasa.settings.channel_secret.get_secret_value()}
    body = {"sender": conversation, "text": "谢谢", "message_id": message_id}
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(rasa.url("/webhooks/shopclerk/webhook"), json=body, headers=headers)
    assert answer.json()["messages"] == [{"text": "heard: 谢谢"}]


async def _tracker(rasa: _Rasa, conversation: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        answer = await client.get(rasa.url(f"/conversations/{conversation}/tracker"))
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


@_ON_POSTGRESQL
def test_a_model_that_is_brought_into_use_reaches_every_worker(rasa: _Rasa) -> None:
    path = rasa.settings.models / "second.tar.gz"
    assert httpx.put(rasa.url("/model"), json={"model_file": str(path)}, timeout=60).is_success
    asked = [httpx.get(rasa.url("/status"), timeout=60).json()["model_file"] for _ in range(30)]
    assert set(asked) == {"second.tar.gz"}


@_ON_POSTGRESQL
def test_when_a_worker_dies_all_end_so_that_they_are_started_again(rasa: _Rasa) -> None:
    os.kill(rasa.workers()[0], signal.SIGKILL)
    rasa.process.wait(_ENDED_WITHIN_S)
    with pytest.raises(httpx.TransportError):
        httpx.get(rasa.url("/status"))


def test_several_workers_without_postgresql_and_redis_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SHOPCLERK_RASA_WORKERS above 1 needs SHOPCLERK_REDIS_URL"):
        stack_settings(tmp_path, rasa_workers=2)

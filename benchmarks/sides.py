"""The two that are compared: this project and stock Rasa, each with its action server and its SQL databases.

A `Side` is running. Both have the demo shop's records, each a copy of its own, and the same actions run by
the same code; what differs is Rasa: its configuration, its tracker store, its client of the actions.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from honcho.environ import parse_procfile

from benchmarks import processes
from benchmarks.mix import Customer, Turn, conversation
from support.bootstrap import open_shop
from support.settings import Settings
from support.store import Identity
from support.training.project import rasa_environment
from tests.stack import Stack, free_ports, running_stack
from tools.environments import ROOT
from tools.prepare import as_environment
from tools.progress import last_lines

_READY_WITHIN_S = 180
_STOPPED_WITHIN_S = 20
_LATER_S = 60
# The processes at work on a turn. The gateway is measured on its own: stock has none.
_AT_WORK = ("rasa", "actions", "projector")

# Starts one more Rasa that asks the actions at this port and keeps its conversations in this folder: its URL.
AnotherRasa = Callable[[int, Path], AbstractContextManager[str]]


@dataclass(frozen=True)
class Side:
    """`processes`: the id of each process at work, by name. `set_language`: whether Rasa has to be told."""

    name: str
    settings: Settings
    processes: Mapping[str, int]
    another_rasa: AnotherRasa
    set_language: bool

    @property
    def rasa_url(self) -> str:
        return self.settings.rasa_url

    @property
    def bytes_on_disk(self) -> int:
        """Of the tracker store and of the shop's records, with what is not yet written back."""
        places = (self.settings.tracker_file, self.settings.var / "shop.db")
        return sum(part.stat().st_size for place in places for part in place.parent.glob(f"{place.name}*"))


@dataclass(frozen=True)
class Talk:
    """A conversation to be held, of a customer who is verified already."""

    conversation_id: str
    turns: Sequence[Turn]


async def talks(side: Side, customers: Sequence[Customer], numbers: Iterable[int]) -> list[Talk]:
    """Conversations by their numbers in the mix, which customers take turns to hold."""
    owned = [(uuid.uuid4().hex, customers[number % len(customers)], number) for number in numbers]
    await verify(side, [(conversation_id, customer) for conversation_id, customer, _ in owned])
    return [
        Talk(conversation_id, conversation(customer, number)) for conversation_id, customer, number in owned
    ]


async def verify(side: Side, talks: Sequence[tuple[str, Customer]], rasa_url: str = "") -> None:
    """Customers who have proven who they are, as if by the shop's token.

    Stock Rasa detects no language: it is told that of the English conversations, so that the actions answer
    both sides from the same articles. That begins the session before the clock runs, to stock's advantage.
    """
    shop = open_shop(side.settings)
    now = shop.clock()
    async with shop.store.writing() as unit:
        for conversation_id, customer in talks:
            until = now + timedelta(hours=12)
            await unit.identities.put(Identity(conversation_id, customer.customer_id, "token", now, until))
    await shop.close()
    if side.set_language:
        await _set_language(rasa_url or side.rasa_url, talks)


async def _set_language(rasa_url: str, talks: Sequence[tuple[str, Customer]]) -> None:
    # Rasa's store leaves out what is older than the session, which begins while the event is on its way.
    later = time.time() + _LATER_S
    async with aiohttp.ClientSession() as session:
        for conversation_id, customer in talks:
            event = {"event": "slot", "name": "language", "value": customer.language, "timestamp": later}
            address = f"{rasa_url}/conversations/{conversation_id}/tracker/events"
            if customer.language != "zh":  # the actions' own default
                async with session.post(address, json=event) as answer:
                    answer.raise_for_status()


@contextmanager
def running_ours(folder: Path, **changed: Any) -> Iterator[tuple[Side, Stack]]:
    """This project as `make run` starts it, without a model; on SQLite unless settings are changed."""
    with running_stack(folder, **changed) as stack:
        at_work = {name: process_of(stack, name) for name in _AT_WORK}
        yield Side("ours", stack.settings, at_work, _another_of(stack.settings), False), stack


def process_of(stack: Stack, name: str) -> int:
    """The id of a process of the Procfile, which runs the same module."""
    module = re.search(r"-m (\S+)", command_of(name))
    assert module
    started = processes.children(stack.launcher)
    return next(pid for pid, command in started.items() if f"-m {module[1]}" in command)


def command_of(name: str) -> str:
    """What the Procfile starts under this name."""
    return str(parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes[name])


def _another_of(settings: Settings) -> AnotherRasa:
    @contextmanager
    def another(actions_port: int, folder: Path) -> Iterator[str]:
        (port,) = free_ports(1)
        changed = {"rasa_port": port, "actions_port": actions_port}
        environment = rasa_environment() | as_environment(settings.model_copy(update=changed))
        environment["SHOPCLERK_TRACKER_DB"] = str(folder / "rasa.db")
        with running(["sh", "-c", command_of("rasa")], environment, ROOT, folder / "rasa.log", port):
            yield f"http://127.0.0.1:{port}"

    return another


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], cwd: Path, log: Path, port: int
) -> Iterator[int]:
    """A server process: its id, once it answers on its port. It ends with the block."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, port, log)
            yield process.pid
        finally:
            _stop(process)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"a server did not start:\n{last_lines(log)}")
        time.sleep(0.3)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

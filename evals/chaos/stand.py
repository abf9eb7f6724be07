"""The system under test, with its real processes and with wires before what it leans on.

    async with small_stand(folder) as stand:       # `make run` as it is: SQLite, one gateway
    async with large_stand(folder) as stand:       # PostgreSQL, Redis, RabbitMQ, two gateways
        stand.process("actions").kill()

PostgreSQL and Redis of the large stand are instances of its own, started by the code that starts those of the
tests; RabbitMQ is the tests' (an Erlang node has a name that only one can have), with a queue of our own.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from evals.chaos.model import WritingModel
from evals.chaos.wire import Wire
from support.bootstrap import Shop, open_shop
from support.settings import Settings
from tests.stack import Stack, free_ports, running_stack
from tools import servers
from tools.environments import ROOT, Trouble
from tools.prepare import as_environment

_STARTED = r"{name} started \(pid=(\d+)\)"
_STOPPED_WITHIN_S = 10
# A customer's, as a shop has it; other tests wait for the answer however long it takes.
_PATIENCE = {"answer_seconds": Settings.model_fields["answer_seconds"].default}
_EVERYTHING = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@dataclass(frozen=True)
class Process:
    """One of the `Procfile`, by the ids that the launcher tells."""

    name: str
    launcher_log: Path

    @property
    def pid(self) -> int:
        """Of the newest one: those before it were killed."""
        log = self.launcher_log.read_text(encoding="utf-8", errors="replace")
        return int(re.findall(_STARTED.format(name=self.name), log)[-1])

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Every process of its group stands still."""
        os.killpg(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGCONT)

    def fill_disk(self, bytes_a_file: int) -> None:
        """No file of it may grow beyond that, as on a disk that is full."""
        for pid in self._members():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (bytes_a_file, resource.RLIM_INFINITY))

    def make_room(self) -> None:
        for pid in self._members():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, _EVERYTHING)

    def _members(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "-g", str(self.pid)], capture_output=True, text=True, check=True
        )
        return [int(line) for line in listed.stdout.split()]


@dataclass
class Stand:
    """What runs. `wires` are named after the part that they lead to."""

    name: str
    stack: Stack
    shop: Shop
    model: WritingModel
    wires: Mapping[str, Wire]
    doors: list[str]
    folder: Path
    servers: dict[str, Server] = field(default_factory=dict)

    def process(self, name: str) -> Process:
        return Process(name, self.folder / "log" / "launcher.log")


@dataclass(frozen=True)
class Server:
    """A PostgreSQL or Redis of our own."""

    service: servers.Service
    folder: Path
    port: int

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.service.start(self.folder, self.port)

    @property
    def pid(self) -> int:
        places = (self.folder / "data" / "postmaster.pid", self.folder / "pid")
        path = next(one for one in places if one.exists())
        return int(path.read_text(encoding="ascii").split()[0])

    def kill(self) -> None:
        """Without a chance to say goodbye, and all that it has started."""
        os.kill(self.pid, signal.SIGQUIT if self.service.name == "postgres" else signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """To it and its children."""
        pid = self.pid
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
        for one in (pid, *map(int, listed.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(one, number)

    def end(self) -> None:
        with suppress(ProcessLookupError, FileNotFoundError, StopIteration):
            os.kill(self.pid, signal.SIGTERM)


@asynccontextmanager
async def small_stand(folder: Path, shop_of: Stack | None = None, **changed: Any) -> AsyncIterator[Stand]:
    """SQLite, one gateway, a scripted model behind a wire."""
    async with AsyncExitStack() as opened:
        model, wire = await _model(opened)
        settings = {"llm_url": f"http://127.0.0.1:{wire.port}/v1", "llm_model": "scripted"} | changed
        stack = await _running(opened, folder, shop_of, settings)
        shop = open_shop(stack.settings)
        opened.push_async_callback(shop.close)
        yield Stand("small", stack, shop, model, {"model": wire}, [stack.gateway_url], folder)


@asynccontextmanager
async def clock_stand(folder: Path) -> AsyncIterator[Stand]:
    """As the small one, by a clock that a file moves (`clock.c`)."""
    folder.mkdir(parents=True)
    set_clock(folder, 0)
    clock = {"LD_PRELOAD": str(_clock_library(folder)), "SHOPCLERK_CLOCK": str(folder / "clock")}
    os.environ.update(clock)
    try:
        async with small_stand(folder) as stand:
            yield stand
    finally:
        for name in clock:
            os.environ.pop(name, None)


def set_clock(folder: Path, seconds: int) -> None:
    """How far the clock of the processes below this folder is off, from now on."""
    path = folder / "clock"
    path.touch()
    with path.open("r+b") as file:  # in place, because it is mapped
        file.write(struct.pack("=q", seconds))


def _clock_library(folder: Path) -> Path:
    if not (compiler := shutil.which("cc")):
        raise Trouble("the faults of the clock need a C compiler: apt-get install gcc libc6-dev")
    library = folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@asynccontextmanager
async def large_stand(folder: Path) -> AsyncIterator[Stand]:
    """Everything that production has, on this machine."""
    async with AsyncExitStack() as opened:
        model, wire = await _model(opened)
        own = {name: _server(opened, name) for name in ("postgres", "redis")}
        await _make_durable(own["postgres"])
        wires = {"model": wire}
        for name, port in (("postgres", own["postgres"].port), ("redis", own["redis"].port)):
            wires[name] = await opened.enter_async_context(Wire("127.0.0.1", port))
        broker = urlsplit(servers.url("amqp"))
        wires["broker"] = await opened.enter_async_context(Wire(str(broker.hostname), broker.port or 0))
        known = urlsplit(servers.url("postgres"))
        queue = f"chaos-{uuid.uuid4().hex}"
        settings = {
            "llm_url": f"http://127.0.0.1:{wire.port}/v1",
            "llm_model": "scripted",
            "database_url": f"{known.scheme}://{known.username}:{known.password}"
            f"@127.0.0.1:{wires['postgres'].port}{known.path}",
            "redis_url": f"redis://127.0.0.1:{wires['redis'].port}/0",
            "events_url": f"amqp://{broker.username}:{broker.password}@127.0.0.1:{wires['broker'].port}/"
            f"?queue={queue}",
        }
        stack = await _running(opened, folder, None, settings)
        second = opened.enter_context(_second_gateway(stack.settings, folder))
        direct = stack.settings.model_copy(
            update={
                "database_url": f"{known.scheme}://{known.username}:{known.password}"
                f"@127.0.0.1:{own['postgres'].port}{known.path}"
            }
        )
        shop = open_shop(direct)
        opened.push_async_callback(shop.close)
        yield Stand("large", stack, shop, model, wires, [stack.gateway_url, second], folder, own)


async def _make_durable(server: Server) -> None:
    """The tests' PostgreSQL answers before it has written; of one that is killed that would lose the last."""
    known = urlsplit(servers.url("postgres"))
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=server.port,
        user=known.username,
        password=known.password,
        database=known.path.lstrip("/"),
    )
    await connection.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = on")
    await connection.close()


async def _model(opened: AsyncExitStack) -> tuple[WritingModel, Wire]:
    model = opened.enter_context(WritingModel())
    wire = Wire("127.0.0.1", model.port)
    return model, await opened.enter_async_context(wire)


async def _running(
    opened: AsyncExitStack, folder: Path, shop_of: Stack | None, settings: Mapping[str, Any]
) -> Stack:
    """Started in a thread, because the wires have to carry meanwhile."""
    context = running_stack(folder, shop_of=shop_of, **_PATIENCE | dict(settings))
    stack = await asyncio.to_thread(context.__enter__)
    opened.push_async_callback(asyncio.to_thread, context.__exit__, None, None, None)
    return stack


def _server(opened: AsyncExitStack, name: str) -> Server:
    service = next(one for one in servers.SERVICES if one.name == name)
    (port,) = free_ports(1)
    server = Server(service, servers.home() / f"chaos-{uuid.uuid4().hex[:8]}-{name}", port)
    opened.callback(_remove, server)
    server.start()
    return server


def _remove(server: Server) -> None:
    server.end()
    end = time.monotonic() + _STOPPED_WITHIN_S
    while time.monotonic() < end:
        try:
            os.kill(server.pid, 0)
        except (ProcessLookupError, FileNotFoundError, StopIteration):
            break
        time.sleep(0.1)
    shutil.rmtree(server.folder, ignore_errors=True)


@contextmanager
def _second_gateway(settings: Settings, folder: Path) -> Iterator[str]:
    (port,) = free_ports(1)
    environment = {**os.environ, **as_environment(settings), "SHOPCLERK_PORT": str(port)}
    with (folder / "log" / "second_gateway.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(_STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()

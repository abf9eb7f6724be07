"""What is done to the running system: one asynchronous context a fault, which ends with the part's return.

    async with fault.strikes(stand):
        ...                        # it is away now
    ...                            # it may come back

A process of the `Procfile` that is killed comes back by itself, by the supervisor of `make run`; what is not
ours (database, broker, model) is started again here, as its own supervisor would.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from evals.chaos.stand import Process, Stand, set_clock

StandName = Literal["small", "clock", "large"]
Strike = Callable[[Stand], AbstractAsyncContextManager[None]]

_TURN_S = 0.1
_SLOW_WIRE_S = 0.15
_SLOW_MODEL_S = 1.5
_HOUR = 3600


@dataclass(frozen=True)
class Fault:
    """`seconds` is how long it lasts; `door_away`: for a moment there is nobody who could answer at all."""

    name: str
    part: str
    how: str
    stand: StandName
    strikes: Strike
    seconds: float = 0.0
    door_away: bool = False


# --- processes ---------------------------------------------------------------------------------------------


def killed(process: str) -> Strike:
    @asynccontextmanager
    async def strike(stand: Stand) -> AsyncIterator[None]:
        stand.process(process).kill()
        yield

    return strike


def hung(process: str) -> Strike:
    @asynccontextmanager
    async def strike(stand: Stand) -> AsyncIterator[None]:
        one = stand.process(process)
        one.stop()
        try:
            yield
        finally:
            one.go_on()

    return strike


def slowed(process: str) -> Strike:
    """It gets a fifth of its time."""

    @asynccontextmanager
    async def strike(stand: Stand) -> AsyncIterator[None]:
        one = stand.process(process)
        task = asyncio.create_task(_stutter(one))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            one.go_on()

    return strike


async def _stutter(process: Process) -> None:
    while True:
        process.stop()
        await asyncio.sleep(4 * _TURN_S)
        process.go_on()
        await asyncio.sleep(_TURN_S)


# --- wires -------------------------------------------------------------------------------------------------


def cut(part: str) -> Strike:
    @asynccontextmanager
    async def strike(stand: Stand) -> AsyncIterator[None]:
        stand.wires[part].cut()
        try:
            yield
        finally:
            await stand.wires[part].mend()

    return strike


def silent(part: str) -> Strike:
    @asynccontextmanager
    async def strike(stand: Stand) -> AsyncIterator[None]:
        stand.wires[part].hang()
        try:
            yield
        finally:
            await stand.wires[part].mend()

    return strike


def slow(part: str, seconds: float = _SLOW_WIRE_S) -> Strike:
    @asynccontextmanager
    async def strike(stand: Stand) -> AsyncIterator[None]:
        stand.wires[part].slow(seconds)
        try:
            yield
        finally:
            await stand.wires[part].mend()

    return strike


# --- servers of our own ------------------------------------------------------------------------------------


def crashed(server: str) -> Strike:
    """Killed, and started again at the end."""

    @asynccontextmanager
    async def strike(stand: Stand) -> AsyncIterator[None]:
        one = stand.servers[server]
        one.kill()
        try:
            yield
        finally:
            await asyncio.to_thread(one.start)

    return strike


def frozen(server: str) -> Strike:
    @asynccontextmanager
    async def strike(stand: Stand) -> AsyncIterator[None]:
        one = stand.servers[server]
        one.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            one.signal(signal.SIGCONT)

    return strike


# --- disk and clock ----------------------------------------------------------------------------------------


@asynccontextmanager
async def disk_full(stand: Stand) -> AsyncIterator[None]:
    """No process can write a file any more; that is RLIMIT_FSIZE, which needs no disk to be filled."""
    writers = [stand.process(name) for name in ("gateway", "actions", "rasa", "projector")]
    for one in writers:
        one.fill_disk(0)
    try:
        yield
    finally:
        for one in writers:
            one.make_room()


@asynccontextmanager
async def attachments_away(stand: Stand) -> AsyncIterator[None]:
    """A file lies where the pictures' folder was: nothing can be kept there, whoever one is."""
    folder = Path(unquote(urlsplit(stand.stack.settings.attachments_url).path))
    folder.mkdir(exist_ok=True)
    aside = folder.with_name("attachments.aside")
    folder.rename(aside)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


@asynccontextmanager
async def database_locked(stand: Stand) -> AsyncIterator[None]:
    """Another program writes to SQLite and does not come to an end."""
    path = str(stand.shop.store.engine.url.database)
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def clock_jumps(seconds: int) -> Strike:
    """Of all processes, while they run; it stays so for the rest of the fault, then it jumps back."""

    @asynccontextmanager
    async def strike(stand: Stand) -> AsyncIterator[None]:
        set_clock(stand.folder, seconds)
        try:
            yield
        finally:
            set_clock(stand.folder, 0)

    return strike


FAULTS: tuple[Fault, ...] = (
    Fault("model_killed", "model", "connections cut in mid-stream, then refused", "small", cut("model"), 8),
    Fault("model_hung", "model", "nothing comes any more", "small", silent("model"), 10),
    Fault("model_slow", "model", "1.5 s later", "small", slow("model", _SLOW_MODEL_S), 8),
    Fault("actions_killed", "actions", "SIGKILL", "small", killed("actions")),
    Fault("actions_hung", "actions", "SIGSTOP", "small", hung("actions"), 10),
    Fault("actions_slow", "actions", "a fifth of its time", "small", slowed("actions"), 8),
    Fault("rasa_killed", "rasa", "SIGKILL", "small", killed("rasa")),
    Fault("rasa_hung", "rasa", "SIGSTOP", "small", hung("rasa"), 10),
    Fault("rasa_slow", "rasa", "a fifth of its time", "small", slowed("rasa"), 8),
    Fault("gateway_killed", "gateway", "SIGKILL", "small", killed("gateway"), door_away=True),
    Fault("gateway_hung", "gateway", "SIGSTOP", "small", hung("gateway"), 4, door_away=True),
    Fault("projector_killed", "events", "SIGKILL", "small", killed("projector")),
    Fault("database_locked", "database", "SQLite: a lock that stays", "small", database_locked, 8),
    Fault("disk_full", "database", "no file can grow (RLIMIT_FSIZE)", "small", disk_full, 8),
    Fault("attachments_full", "attachments", "the folder takes nothing", "small", attachments_away, 8),
    Fault("clock_forward", "clock", "an hour later", "clock", clock_jumps(_HOUR), 8),
    Fault("clock_back", "clock", "an hour earlier", "clock", clock_jumps(-_HOUR), 8),
    Fault("postgres_killed", "database", "crash, started after 6 s", "large", crashed("postgres"), 6),
    Fault("postgres_hung", "database", "SIGSTOP", "large", frozen("postgres"), 8),
    Fault("postgres_cut", "database", "all connections cut at once", "large", cut("postgres")),
    Fault("postgres_slow", "database", "0.15 s a way", "large", slow("postgres"), 8),
    Fault("redis_killed", "redis", "SIGKILL, started after 8 s", "large", crashed("redis"), 8),
    Fault("redis_hung", "redis", "SIGSTOP", "large", frozen("redis"), 8),
    Fault("broker_cut", "broker", "RabbitMQ: connections cut and refused", "large", cut("broker"), 8),
    Fault("broker_hung", "broker", "RabbitMQ: nothing comes any more", "large", silent("broker"), 8),
    Fault("one_gateway_killed", "gateway", "SIGKILL, one of two", "large", killed("gateway")),
    Fault("rasa_killed_large", "rasa", "SIGKILL, with two gateways", "large", killed("rasa")),
    Fault("actions_killed_large", "actions", "SIGKILL, with two gateways", "large", killed("actions")),
)

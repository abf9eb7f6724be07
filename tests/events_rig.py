"""What the tests of events share: events, a publisher in Rasa's environment, a projection that shows doubles.

As a program it is a projector's process of its own, to be killed:

    python -m tests.events_rig EVENTS_URL DATABASE_URL
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from support.events.projector import Project, Projector
from support.model import RawEvent
from support.store import Store, Unit
from support.store import tables as t
from support.training.project import rasa_environment
from tests.stack import stack_settings
from tools.environments import ROOT, python_of
from tools.prepare import as_environment

PATIENCE_S = 60
START = 1_700_000_000.25

# Without a unique column on purpose: what is projected twice stands here twice.
_noted = sa.table("noted", sa.column("conversation_id"), sa.column("number"), sa.column("key"))

Event = dict[str, Any]


def event(conversation_id: str, number: int, **changed: Any) -> Event:
    """The nth event of a conversation, a second after the one before."""
    body = {
        "sender_id": conversation_id,
        "event": "user",
        "timestamp": START + number,
        "text": "退款到哪了？",
    }
    return body | {"number": number} | changed


def events(conversations: int, each: int) -> list[Event]:
    return [event(f"talk-{one}", number) for number in range(each) for one in range(conversations)]


# --- projecting --------------------------------------------------------------------------------------------


async def note(unit: Unit, batch: Sequence[RawEvent]) -> None:
    """A projection that writes down what it was given, and refuses what says `poison`."""
    for one in batch:
        if one.body.get("poison"):
            raise RuntimeError("this event is poison")
        row = {"conversation_id": one.conversation_id, "number": one.body["number"], "key": one.key}
        await unit.connection.execute(sa.insert(_noted).values(row))


async def make_notes(store: Store) -> None:
    async with store.writing() as unit:
        columns = "id INTEGER PRIMARY KEY, conversation_id TEXT, number INTEGER, key TEXT"
        if unit.connection.dialect.name == "postgresql":
            columns = columns.replace("id INTEGER", "id SERIAL")
        await unit.connection.execute(sa.text(f"CREATE TABLE noted ({columns})"))


async def noted(store: Store) -> dict[str, list[int]]:
    """By conversation: the numbers of its events, in the order in which they were projected."""
    found: dict[str, list[int]] = {}
    async with store.reading() as unit:
        rows = await unit.connection.execute(
            sa.select(_noted.c.conversation_id, _noted.c.number).order_by(sa.text("id"))
        )
        for conversation_id, number in rows:
            found.setdefault(conversation_id, []).append(number)
    return found


def once(conversations: int, each: int) -> dict[str, list[int]]:
    """What `noted` says when each of `events` was projected exactly once and in order."""
    return {f"talk-{one}": list(range(each)) for one in range(conversations)}


async def queue_up(store: Store, *bodies: Event | str) -> None:
    """Put events into the database's queue; a text goes in as it is."""
    rows = [
        {
            "conversation_id": body["sender_id"] if isinstance(body, dict) else "",
            "data": json.dumps(body) if isinstance(body, dict) else body,
            "queued_at": datetime.now(UTC),
        }
        for body in bodies
    ]
    async with store.writing() as unit:
        await unit.connection.execute(sa.insert(t.event_queue), rows)


async def project_until(
    count: int, store: Store, url: str = "", project: Project = note, projectors: int = 1
) -> None:
    """Run projectors until so many events are noted, and then end them as SIGTERM does."""
    running = [Projector(url, store, project) for _ in range(projectors)]
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        for projector in running:
            group.create_task(projector.run())
        while sum(map(len, (await noted(store)).values())) < count:
            await asyncio.sleep(0.05)
        for projector in running:
            projector.stop.set()


# --- a projector's process ---------------------------------------------------------------------------------


@contextmanager
def _process(
    command: list[str], environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A program to talk to by lines. It is killed at the end, or when it does not answer for too long."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        impatience = threading.Timer(PATIENCE_S, process.kill)
        impatience.start()
        try:
            yield process
        finally:
            impatience.cancel()
            process.kill()


@contextmanager
def projector_process(url: str, store: Store) -> Iterator[subprocess.Popen[str]]:
    """A slow projector; it prints a line for each batch, between writing and committing it."""
    database = store.engine.url.render_as_string(hide_password=False)
    with _process([sys.executable, "-m", "tests.events_rig", url, database]) as process:
        yield process


def wait_for_batches(process: subprocess.Popen[str], count: int) -> None:
    """Until the process is in the middle of its nth batch."""
    assert process.stdout
    for _ in range(count):
        assert process.stdout.readline(), "the projector ended"


async def _note_slowly(unit: Unit, batch: Sequence[RawEvent]) -> None:
    await note(unit, batch)
    print(len(batch), flush=True)
    await asyncio.sleep(0.3)


async def _project_until_told(url: str, database: str) -> None:
    store = Store(database)
    projector = Projector(url, store, _note_slowly)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, projector.stop.set)
    await projector.run()
    await store.close()


# --- publishing as Rasa does -------------------------------------------------------------------------------


class Publisher:
    """Rasa's side, in its own environment: publishes one event at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def publish(self, *bodies: Event) -> None:
        """Returns when Rasa's turn could go on."""
        assert self._process.stdin and self._process.stdout
        for body in bodies:
            self._process.stdin.write(json.dumps(body) + "\n")
            self._process.stdin.flush()
            assert self._process.stdout.readline() == "published\n"

    def end(self) -> None:
        """Close the broker, as Rasa does at its end: what waits is stored first."""
        assert self._process.stdin
        self._process.stdin.close()
        assert self._process.wait(PATIENCE_S) == 0


@contextmanager
def publisher(folder: Path, url: str, database_url: str) -> Iterator[Publisher]:
    settings = stack_settings(folder, database_url=database_url, events_url=url)
    environment = {**rasa_environment(), **as_environment(settings)}
    command = [str(python_of("rasa")), "-W", "ignore", "-m", "tests.events_publisher"]
    with _process(command, environment) as process:
        yield Publisher(process)


if __name__ == "__main__":
    asyncio.run(_project_until_told(*sys.argv[1:]))

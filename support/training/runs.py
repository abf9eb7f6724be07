"""Work that takes a while, such as training: in the background, one at a time, with progress that stays.

    run_id = await runs.start("train", staff, "", work)     # Problem `busy` while another one is going
    run = await runs.get(run_id)                            # its last lines, and in the end its result

A run lives in the process that started it and beats once a second. One whose process has gone stops beating
and is marked as failed by whoever looks next.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from support.store import ModelRun, Store
from support.store.training import RunKind, RunState
from support.training.problems import Problem
from support.training.project import CHECKOUT, rasa_environment

log = logging.getLogger(__name__)

BEAT_S = 1.0
LOST_AFTER = timedelta(seconds=60)
_LAST_LINES = 25
_STOP_WITHIN_S = 5
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LOGGED = re.compile(r"^\S+ \S+ (?:INFO|WARNING|ERROR) +\S+ +- (.*)")
# What Rasa's old libraries complain of, which nobody here can mend.
_NOISE = re.compile(r"Warning:|site-packages|^\s|^$|rasa\.com/docs")

Result = Mapping[str, Any]


class Progress:
    """What a run says while it goes on."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)

    @property
    def text(self) -> str:
        return "\n".join(self._lines)

    def say(self, line: str) -> None:
        self._lines.append(line)

    async def run(self, command: Sequence[str]) -> str:
        """Run a command of Rasa's environment and show what it says; its whole output.

        CommandFailed when it fails. Cancelled, it is stopped.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=CHECKOUT,
            env=rasa_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdout
        output = []
        try:
            while chunk := await _line(process.stdout):
                line = _COLOURS.sub("", chunk.decode(errors="replace")).rstrip()
                output.append(line)
                if told := _told(line):
                    self.say(told)
            status = await process.wait()
        finally:
            await _stop(process)
        if status:
            raise CommandFailed("\n".join(output))
        return "\n".join(output)


class CommandFailed(Exception):
    """A command did not succeed; `output` is all that it said."""

    def __init__(self, output: str) -> None:
        super().__init__("\n".join(output.splitlines()[-_LAST_LINES:]))
        self.output = output


Work = Callable[[Progress], Awaitable[Result]]


class Runs:
    """Starts runs and knows what became of them. `close` when done."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def start(self, kind: RunKind, staff: str, model: str, work: Work) -> int:
        """The run's id. Problem `busy` when one is going, whoever started it."""
        await self._end_lost()
        async with self._store.writing() as unit:
            run_id = await unit.model_runs.start(kind, staff, model, self._clock())
            other = await unit.model_runs.running() if run_id is None else None
        if run_id is None:
            raise Problem("busy", staff=other.staff if other else "?", kind=other.kind if other else "?")
        self._tasks[run_id] = asyncio.create_task(self._carry_out(run_id, work))
        return run_id

    async def get(self, run_id: int) -> ModelRun:
        """Problem `unknown_run`."""
        await self._end_lost()
        async with self._store.reading() as unit:
            found = await unit.model_runs.get(run_id)
        if found is None:
            raise Problem("unknown_run")
        return found

    async def recent(self, limit: int = 20, *, kind: RunKind | None = None) -> list[ModelRun]:
        """The newest first."""
        await self._end_lost()
        async with self._store.reading() as unit:
            return await unit.model_runs.recent(limit, kind=kind)

    async def running(self) -> ModelRun | None:
        await self._end_lost()
        async with self._store.reading() as unit:
            return await unit.model_runs.running()

    async def cancel(self, run_id: int) -> None:
        """Stop a run, also one of another process, at its next beat. Problem `not_running`."""
        if not await self._end(run_id, "cancelled", {}):
            raise Problem("not_running")

    async def wait(self, run_id: int) -> ModelRun:
        """A run of this process, once it has ended."""
        if task := self._tasks.get(run_id):
            await asyncio.wait({task})
        return await self.get(run_id)

    async def close(self) -> None:
        """Stop what this process runs."""
        for run_id, task in list(self._tasks.items()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            # Here, because a task that had not begun yet is not told.
            await self._end(run_id, "cancelled", {})

    # --- one run -----------------------------------------------------------------------------------------

    async def _carry_out(self, run_id: int, work: Work) -> None:
        progress = Progress()
        job = asyncio.ensure_future(work(progress))
        try:
            while not job.done():
                await asyncio.wait({job}, timeout=BEAT_S)
                if not await self._beat(run_id, progress):
                    return
            await self._end(run_id, *_outcome(job))
        finally:
            await _cancelled(job)
            self._tasks.pop(run_id, None)

    async def _beat(self, run_id: int, progress: Progress) -> bool:
        async with self._store.writing() as unit:
            return await unit.model_runs.beat(run_id, progress.text, self._clock())

    async def _end(self, run_id: int, state: RunState, result: Result) -> bool:
        named = {"model": str(result["model"])} if "model" in result else {}
        async with self._store.writing() as unit:
            return await unit.model_runs.end(run_id, state, self._clock(), result=result, **named)

    async def _end_lost(self) -> None:
        before = self._clock() - LOST_AFTER
        async with self._store.reading() as unit:
            lost = await unit.model_runs.lost(before)
        for run in lost:
            await self._end(run.id, "failed", Problem("lost").as_result() | {"lines": run.progress})


def _outcome(job: asyncio.Future[Result]) -> tuple[RunState, Result]:
    error = job.exception()
    if error is None:
        return "done", job.result()
    if isinstance(error, Problem):
        return "failed", error.as_result()
    if not isinstance(error, CommandFailed):
        log.error("a run failed", exc_info=error)
    return "failed", Problem("failed", why=str(error) or type(error).__name__).as_result()


async def _cancelled(job: asyncio.Future[Any]) -> None:
    """Nothing to do for one that has ended."""
    if job.cancel():
        await asyncio.wait({job})


# --- commands ----------------------------------------------------------------------------------------------


async def _line(stream: asyncio.StreamReader) -> bytes:
    """The next line; of one that is too long for the stream's buffer, a part."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as long:
        return await stream.read(long.consumed)


def _told(line: str) -> str:
    """The part of a line that is for people; empty when there is none."""
    logged = _LOGGED.match(line)
    return logged[1] if logged else "" if _NOISE.search(line) else line


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_STOP_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

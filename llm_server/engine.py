"""vLLM as a child process: started, watched while it loads, started again when it dies, ended in order.

    engine = Engine(command, "http://127.0.0.1:8001", Path("var/log/vllm.log"), say=print)
    keeper = asyncio.create_task(engine.keep())   # raises Trouble when vLLM ends before it was ever ready
    await engine.ready.wait()
    await engine.stop()                           # SIGTERM, and patience; then `keep` returns

What vLLM prints goes to its log, which is kept small; while it loads, a line every few seconds says how far
it is. It runs in a session of its own, so that Ctrl-C reaches only us, and ends when we die, however that
happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import re
import signal
import sys
import time
import urllib.request
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from llm_server import Trouble
from llm_server.command import DRAIN_S, Command

TELL_EVERY_S = 5
LOOK_EVERY_S = 0.5
LAST_LINES = 25
LONGEST_PAUSE_S = 60
STEADY_S = 300  # having worked for so long, a death is not counted with those before it
GONE_WITHIN_S = 15
_LOG_BYTES, _LOG_FILES = 10_000_000, 3
_PR_SET_PDEATHSIG = 1  # linux/prctl.h

# What vLLM says on its way, and how we say it. `{}` are the numbers found.
_STAGES = (
    (r"checkpoint shards:.*?\| *(\d+/\d+)", "loading weights {}"),
    (r"Resolved architecture", "reading the configuration"),
    (r"Initializing a V1 LLM engine", "starting the engine"),
    (r"Starting to load model", "loading weights"),
    (r"Loading weights took", "weights loaded"),
    (
        r"(?:Dynamo bytecode transform|Compiling a graph|torch\.compile takes)",
        "compiling, which later starts skip",
    ),
    (r"Capturing CUDA graphs?.*?(\d+/\d+)", "capturing CUDA graphs {}"),
    (r"(?:Available KV cache memory|KV cache size)", "warming up"),
)
_ADVICE = (
    (
        r"out of memory|OutOfMemoryError",
        "Not enough GPU memory: end what else uses it, or take a smaller profile",
    ),
    (
        r"KV cache is needed, which is larger",
        "Not enough memory for one conversation: take a smaller profile",
    ),
    (
        r"No available memory for the cache blocks",
        "No memory is left beside the weights: take a smaller profile",
    ),
    (r"NVIDIA driver on your system is too old", "This vLLM needs a newer NVIDIA driver"),
    (r"[Aa]ddress already in use", "The port was taken meanwhile: SHOPCLERK_LLM_ENGINE_PORT names another"),
)


class Engine:
    """One vLLM. `ready` is set while it can answer."""

    def __init__(self, command: Command, url: str, log: Path, say: Callable[[str], None]) -> None:
        self.ready = asyncio.Event()
        self.log = log
        self._command, self._url, self._say = command, url, say
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._stage = "starting"
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._writer = _writer(log)

    async def keep(self) -> None:
        """Run vLLM until `stop`. Dead after it was ready, it is started again, each time a little later."""
        deaths = 0
        was_ready = False
        while not self._stopping.is_set():
            begun = time.monotonic()
            status = await self._run()
            was_ready, self_ended = was_ready or self.ready.is_set(), not self._stopping.is_set()
            self.ready.clear()
            if self_ended and not was_ready:
                raise Trouble(self._why(status))
            deaths = 1 if time.monotonic() - begun > STEADY_S else deaths + 1
            if self_ended:
                pause = min(LONGEST_PAUSE_S, 2 ** (deaths - 1))
                self._say(
                    f"vLLM ended ({_spelled(status)}); it is started again in {pause} s. Its log: {self.log}"
                )
                await _within(pause, self._stopping.wait())

    async def stop(self) -> None:
        """End it: open answers may finish, then whatever is left is killed."""
        self._stopping.set()
        if (process := self._process) and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await _within(DRAIN_S + GONE_WITHIN_S, process.wait())
            _signal_group(process.pid, signal.SIGKILL)

    async def _run(self) -> int:
        """One life of vLLM, to its end; gives the exit status, negative for a signal."""
        self._stage = "starting"
        async with _pipe() as (output, end_of_theirs):
            process = await asyncio.create_subprocess_exec(
                *self._command.arguments,
                env={**os.environ, **self._command.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=end_of_theirs,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
            os.close(end_of_theirs)
            self._process = process
            helpers = [asyncio.create_task(self._read(output)), asyncio.create_task(self._watch())]
            try:
                status = await process.wait()
                await self._bury(process.pid)
                await _within(1, asyncio.shield(helpers[0]))  # its last words
                return status
            finally:
                for helper in helpers:
                    helper.cancel()
                _signal_group(process.pid, signal.SIGKILL)

    async def _bury(self, group: int) -> None:
        """Its helpers hold the GPU's memory, and outlive a server that was killed."""
        if _signal_group(group, signal.SIGTERM):
            end = time.monotonic() + GONE_WITHIN_S
            while _signal_group(group, 0) and time.monotonic() < end:
                await asyncio.sleep(0.1)

    async def _read(self, output: asyncio.StreamReader) -> None:
        rest = ""
        while chunk := await output.read(65536):
            # Progress bars end their lines by going back to the beginning.
            *lines, rest = re.split(r"[\r\n]+", rest + chunk.decode("utf-8", "replace"))
            for line in filter(str.strip, lines):
                self._writer.info(line)
                self._last.append(line)
                self._stage = stage_of(line) or self._stage

    async def _watch(self) -> None:
        begun = told = time.monotonic()
        while not await asyncio.to_thread(_answers, f"{self._url}/health"):
            await asyncio.sleep(LOOK_EVERY_S)
            if time.monotonic() - told > TELL_EVERY_S:
                told = time.monotonic()
                self._say(f"  {told - begun:.0f} s: {self._stage}")
        self.ready.set()

    def _why(self, status: int) -> str:
        said = "\n".join(self._last)
        advice = [f"{text}." for pattern, text in _ADVICE if re.search(pattern, said)]
        lines = [f"vLLM did not start ({_spelled(status)}). Its last lines:", "", said, "", *advice]
        return "\n".join([*lines, f"All of it: {self.log}"])


def stage_of(line: str) -> str:
    """What a line of vLLM's log says about how far it is; empty when nothing."""
    for pattern, text in _STAGES:
        if match := re.search(pattern, line):
            return text.format(*match.groups())
    return ""


def _writer(path: Path) -> logging.Logger:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8")
    writer = logging.Logger(f"vllm:{path}")  # of our own: it must not speak to the root's handlers
    writer.addHandler(handler)
    return writer


@asynccontextmanager
async def _pipe() -> AsyncIterator[tuple[asyncio.StreamReader, int]]:
    """A pipe: our end, and theirs for them to have. With one of its own, asyncio would take a process for
    running until its helpers too have closed it.
    """
    ours, theirs = os.pipe()
    output = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    protocol = asyncio.StreamReaderProtocol(output)
    transport, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(ours, "rb", 0))
    try:
        yield output, theirs
    finally:
        transport.close()


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(group: int, number: int) -> bool:
    """Whether there was anyone to signal."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _answers(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5):
            return True
    except OSError:
        return False


async def _within(seconds: float, work: Awaitable[object]) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(work, seconds)


def _spelled(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"

"""Worker processes that read pictures, so that a slow or deadly picture never touches the server.

Each worker is an executor of one process with the models loaded. A picture that kills its worker or hangs
in it therefore costs that picture alone: the worker is replaced, the picture is tried once more (another
program may have taken the memory), and a second death makes it `PictureError("broken")`.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field

from support.vision.errors import OcrError, PictureError
from support.vision.line import Line
from support.vision.reading import LineReader, Reading, read

# Conversations go first: reading a picture takes what they leave of the processors.
_NICE = 5

_reader: LineReader | None = None  # set once in each worker process, never in the server's


async def examine(data: bytes, pool: "OcrPool", owner: str = "") -> Reading:
    """Cleans, reads and covers one picture. Raises `PictureError`, or `OcrError` when it must wait.

    `owner`: whose it is; pictures of several owners are read in turns.
    """
    return await pool.read(data, owner)


class OcrPool:
    """`workers` processes and at most `max_waiting` pictures in line behind them, half of that for one owner.

    Belongs to one event loop. A process starts with the first picture that needs it (`start` does not wait
    for one; it loads the models, some seconds) and ends when it was idle for `idle_s`.
    """

    def __init__(
        self, workers: int = 1, *, max_waiting: int = 20, time_limit: float = 30.0, idle_s: float = 600.0
    ) -> None:
        self._time_limit, self._idle_s = time_limit, idle_s
        self._workers = [_Worker() for _ in range(workers)]
        self._line = Line(self._workers, longest=max_waiting, longest_of_one=max(1, max_waiting // 2))
        self._rest: asyncio.TimerHandle | None = None
        self._closed = False

    async def start(self) -> None:
        await asyncio.gather(*(worker.pid() for worker in self._workers))
        self._rest_later()

    async def read(self, data: bytes, owner: str = "") -> Reading:
        """The reading of `data`; `OcrError` "busy" at once when the line is full, "timeout" when slow."""
        if self._closed:
            raise OcrError("closed")
        deadline = asyncio.get_running_loop().time() + self._time_limit
        try:
            async with asyncio.timeout_at(deadline):
                worker = await self._line.take(owner)
            try:
                return await self._read_on(worker, data, deadline)
            finally:
                self._line.give(worker, owner)
                self._rest_later()
        except TimeoutError:
            raise OcrError("timeout") from None

    async def close(self) -> None:
        """Ends the workers, whatever they are doing."""
        self._closed = True
        if self._rest:
            self._rest.cancel()
        await asyncio.gather(*(asyncio.to_thread(worker.kill) for worker in self._workers))

    def _rest_later(self) -> None:
        if self._rest:
            self._rest.cancel()
        if not self._closed:
            self._rest = asyncio.get_running_loop().call_later(self._idle_s, self._end_idle)

    def _end_idle(self) -> None:
        for worker in self._line.free:
            worker.kill()

    async def _read_on(self, worker: "_Worker", data: bytes, deadline: float) -> Reading:
        try:
            async with asyncio.timeout_at(deadline):
                for _ in range(2):
                    try:
                        return await worker.read(data)
                    except BrokenProcessPool:
                        await asyncio.to_thread(worker.kill)
                        if self._closed:
                            raise OcrError("closed") from None
            raise PictureError("broken")
        except TimeoutError:
            worker.kill()
            raise


@dataclass(eq=False)
class _Worker:
    """One process, started when first needed and again after `kill`."""

    _executor: ProcessPoolExecutor | None = field(default=None, init=False)
    _pid: int | None = field(default=None, init=False)

    async def pid(self) -> int:
        """The process, which has the models loaded once it can answer this."""
        if self._executor is None:
            spawn = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(1, mp_context=spawn, initializer=_load)
        if self._pid is None:
            self._pid = await asyncio.wrap_future(self._executor.submit(os.getpid))
        return self._pid

    async def read(self, data: bytes) -> Reading:
        await self.pid()
        assert self._executor is not None
        return await asyncio.wrap_future(self._executor.submit(_read, data))

    def kill(self) -> None:
        executor, pid = self._executor, self._pid
        self._executor = self._pid = None
        if executor is None:
            return
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        executor.shutdown(wait=False, cancel_futures=True)


def _load() -> None:
    """Prepares a worker: modest, deaf to Ctrl-C (the server closes it), gone when the server is gone."""
    global _reader
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    from support.vision.ocr import Reader  # heavy, and wanted in the workers only

    _reader = Reader()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(data: bytes) -> Reading:
    assert _reader is not None
    return read(data, _reader)

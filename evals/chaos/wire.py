"""A TCP wire between a part and those who use it, which can be cut, slowed or made to hang.

async with Wire("127.0.0.1", 5432) as wire:
    url = f"postgresql://...@127.0.0.1:{wire.port}/shop"
    wire.hang()              # connections stay open, and nothing passes
    wire.cut()               # they end at once, and new ones are refused
    wire.slow(0.2)           # everything takes 0.2 s longer
    await wire.mend()
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

_PIECE = 65_536


class Wire:
    """From a port of its own to another one."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        self._delay_s = 0.0

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()

    def cut(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()

    def hang(self) -> None:
        self._passes.clear()

    def slow(self, seconds: float) -> None:
        self._delay_s = seconds

    async def mend(self) -> None:
        self._delay_s = 0.0
        self._passes.set()
        if self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            self._end(writer)
            return
        self._open.add(far_writer)
        ways = [self._carry(reader, far_writer), self._carry(far_reader, writer)]
        await asyncio.wait([asyncio.create_task(way) for way in ways], return_when=asyncio.FIRST_COMPLETED)
        for one in (writer, far_writer):
            self._end(one)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                await asyncio.sleep(self._delay_s)
                await self._passes.wait()
                writer.write(piece)
                await writer.drain()

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        with suppress(OSError, RuntimeError):
            writer.transport.abort()

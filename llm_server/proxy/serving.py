"""The guard proxy as a server on a port, and how it ends.

Leaving in order: /readyz answers 503 while requests are still taken, so that routers look elsewhere; then
new ones get 503, open answers may finish, and what is still open after that is told so and cut. vLLM alone
would say that it is well until it exits, and answer new requests with 500; so it is stopped after the
proxy, never before.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

import uvloop
from aiohttp import web

from llm_server.proxy.app import Proxy
from llm_server.proxy.engine import Engine
from llm_server.proxy.meters import Meters, log
from llm_server.proxy.options import Options

_CLOSED_WITHIN_S = 2


async def serve(options: Options, stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then leave in order. OSError when the port is taken."""
    meters = Meters()
    async with Engine(options) as engine:
        proxy = Proxy(options, engine, meters)
        server = web.Server(proxy, handler_cancellation=True, access_log=None, auto_decompress=False)
        runner = web.ServerRunner(server, shutdown_timeout=_CLOSED_WITHIN_S)
        await runner.setup()
        watch = asyncio.create_task(engine.watch(meters.engine_up.set))
        try:
            await web.TCPSite(runner, options.host, options.port).start()
            log.info("listening on %s:%d", options.host, options.port)
            await stop.wait()
            log.info("leaving")
            await proxy.leave()
        finally:
            await runner.cleanup()
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch


def run(options: Options) -> None:
    """Serve as a process of its own, until SIGTERM or SIGINT."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_signalled(options))


async def _until_signalled(options: Options) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(options, stop)

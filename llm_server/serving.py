"""vLLM and the guard proxy together, from the first second to the last: `await serve(plan)`.

The proxy listens at once and answers 503 until vLLM is ready, and again while a dead vLLM is started anew.
At SIGTERM or Ctrl-C it first stops routing, lets open answers finish, and only then vLLM is ended: vLLM alone
would call itself healthy to the end. A second signal cuts the open answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import time
from dataclasses import dataclass

from dotenv import dotenv_values

from llm_server import Trouble
from llm_server.adapters.check import differs
from llm_server.command import DRAIN_S, KEY, Adapter, Command
from llm_server.engine import Engine
from llm_server.profiles import Profile
from llm_server.proxy import Limits, Options
from llm_server.proxy import serve as serve_proxy
from llm_server.settings import Settings

# How long routers may take to see that we are leaving; on a desk nobody routes.
NOTICE_S = {"development": 0.0, "production": 5.0}


@dataclass(frozen=True)
class Plan:
    """What is served and how. `warnings` are told at the start and stand in the proxy's /readyz."""

    settings: Settings
    profile: Profile
    command: Command
    adapters: tuple[Adapter, ...] = ()
    warnings: tuple[str, ...] = ()


def say(text: str) -> None:
    """A line for whoever started us, who may be gone."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


async def serve(plan: Plan) -> None:
    """Until a signal. Trouble when vLLM does not come up, or the proxy cannot listen."""
    settings, stop = plan.settings, asyncio.Event()
    options = _options(plan)
    engine = Engine(plan.command, settings.engine_url, settings.var / "log" / "vllm.log", say)
    proxy = asyncio.create_task(serve_proxy(options, stop))
    _on_signals(stop, proxy)
    keeper = asyncio.create_task(engine.keep())
    teller = asyncio.create_task(_tell_when_ready(plan, engine, options.notes))
    try:
        await asyncio.wait({proxy, keeper}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        with contextlib.suppress(asyncio.CancelledError):  # by the second signal
            await proxy
    except OSError as error:
        raise Trouble(
            f"The proxy does not listen on {settings.llm_host}:{settings.llm_port}: {error}"
        ) from error
    finally:
        teller.cancel()
        await engine.stop()
        await keeper
    say("stopped")


def _options(plan: Plan) -> Options:
    settings, profile = plan.settings, plan.profile
    try:
        return Options(
            engine_url=settings.engine_url,
            engine_key=plan.command.environment[KEY],
            keys=settings.tenants(),
            secret=settings.llm_secret.get_secret_value(),
            host=settings.llm_host,
            port=settings.llm_port,
            limits=Limits(images=profile.images.count),
            notice_s=NOTICE_S[settings.mode],
            drain_s=DRAIN_S,
            notes=list(plan.warnings),
        )
    except ValueError as error:
        raise Trouble(f"The proxy refuses its settings: {error}") from error


def _on_signals(stop: asyncio.Event, proxy: asyncio.Task[None]) -> None:
    def leave() -> None:
        if stop.is_set():
            proxy.cancel()
            return
        say(f"stopping: open answers have {DRAIN_S} s to finish; once more to cut them")
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, leave)


async def _tell_when_ready(plan: Plan, engine: Engine, notes: list[str]) -> None:
    begun = time.monotonic()
    await engine.ready.wait()
    for adapter in plan.adapters:
        if problem := await _silent(plan, adapter):
            notes.append(problem)
            say(f"WARNING: {problem}")
    say(banner(plan, time.monotonic() - begun))


async def _silent(plan: Plan, adapter: Adapter) -> str:
    """What is wrong with an adapter that was loaded; vLLM calls one a success that changes nothing."""
    url, key = f"{plan.settings.engine_url}/v1", plan.command.environment[KEY]
    try:
        works = await differs(url, key, plan.profile.model, adapter.name)
    except OSError as error:
        return f"the adapter {adapter.name} could not be compared with the model: {error}"
    return "" if works else f"the adapter {adapter.name} changes nothing: it answers as the model without it"


def banner(plan: Plan, seconds: float) -> str:
    """Where it is, and what the assistant has to be told; no secret."""
    settings, profile = plan.settings, plan.profile
    url = f"http://{_address(settings.llm_host)}:{settings.llm_port}/v1"
    lines = [
        f"Ready in {seconds:.0f} s: {profile.title} ({profile.name}) at {url}",
        *([f"Adapters: {', '.join(adapter.name for adapter in plan.adapters)}"] if plan.adapters else []),
        "",
        "For the assistant's .env:",
        f"  SHOPCLERK_LLM_URL={url}",
        f"  SHOPCLERK_LLM_MODEL={profile.model}",
        f"  # and SHOPCLERK_LLM_KEY: {_where_the_key_is(settings)}",
        "",
        f"vLLM's log: {settings.var / 'log' / 'vllm.log'}      Ctrl-C stops everything.",
    ]
    rule = "-" * 78
    return "\n".join(["", rule, *lines, rule])


def _where_the_key_is(settings: Settings) -> str:
    path = settings.var / "secrets.env"
    if dotenv_values(path).get("SHOPCLERK_LLM_KEY") == settings.llm_key.get_secret_value():
        return f"copy its line from {path}; `make run` on this machine finds it there by itself"
    return "the same as here"


def _address(host: str) -> str:
    return socket.gethostname() if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host


def check_ports(settings: Settings) -> None:
    """Trouble that names the setting of a port which something else has taken."""
    wrong = []
    for name, host, port in (
        ("LLM_PORT", settings.llm_host, settings.llm_port),
        ("LLM_ENGINE_PORT", "127.0.0.1", settings.llm_engine_port),
    ):
        error = _obstacle(host, port)
        if error and error.errno == errno.EADDRINUSE:
            other = f"SHOPCLERK_{name}={port + 10} make llm"
            wrong.append(f"Port {port} is taken. Free it, or choose another: {other}")
        elif error:
            wrong.append(f"This machine cannot listen on {host}:{port} (SHOPCLERK_{name}): {error}")
    if wrong:
        raise Trouble("\n".join([*wrong, "(in .env such a line stays: see .env.example)"]))


def _obstacle(host: str, port: int) -> OSError | None:
    """What keeps a server from listening there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None

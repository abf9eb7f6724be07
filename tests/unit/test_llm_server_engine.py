"""How vLLM is watched over, with a small program in its place that does as told."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from llm_server import Trouble
from llm_server.command import Command
from llm_server.engine import Engine, stage_of
from tests.stack import free_ports

# Answers /health, with a helper process of its own as vLLM has; says who they are.
_WELL = """
import http.server, os, subprocess, sys
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("processes", os.getpid(), helper.pid, flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer.allow_reuse_address = True
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
_BROKEN = """
import os, sys
print("loading", os.environ["GIVEN"])
print("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB")
sys.exit(3)
"""


@asynccontextmanager
async def running(
    program: str, folder: Path
) -> AsyncIterator[tuple[Engine, asyncio.Task[None], list[str], str]]:
    """The engine, its keeper, what it said to us, and where it answers."""
    (port,) = free_ports(1)
    said: list[str] = []
    url = f"http://127.0.0.1:{port}"
    command = Command((sys.executable, "-c", program, str(port)), {"GIVEN": "what was given"})
    engine = Engine(command, url, folder / "log" / "vllm.log", said.append)
    keeper = asyncio.create_task(engine.keep())
    try:
        yield engine, keeper, said, url
    finally:
        await engine.stop()
        with suppress(Trouble):
            await keeper


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it; the test's own limit ends what never comes."""
    while not condition():
        await asyncio.sleep(0.05)


def processes(engine: Engine) -> list[int]:
    """The process that was started last, and its helper."""
    lines = [line for line in engine.log.read_text(encoding="utf-8").splitlines() if "processes" in line]
    return [int(word) for word in lines[-1].split()[1:]]


def is_alive(process: int) -> bool:
    """Whether it runs: one that ended and was not yet seen off does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_it_is_ready_when_it_answers(tmp_path: Path) -> None:
    async with running(_WELL, tmp_path) as (engine, _, _, url):
        await engine.ready.wait()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{url}/health")).status_code == 200


async def test_a_start_that_fails_is_told_with_its_last_words_and_advice(tmp_path: Path) -> None:
    async with running(_BROKEN, tmp_path) as (engine, keeper, _, _):
        with pytest.raises(Trouble, match=r"exit status 3") as told:
            await keeper
        assert "loading what was given" in str(told.value)
        assert "take a smaller profile" in str(told.value)
        assert str(engine.log) in str(told.value)


async def test_one_that_dies_is_started_again_and_is_not_ready_meanwhile(tmp_path: Path) -> None:
    async with running(_WELL, tmp_path) as (engine, _, said, _):
        await engine.ready.wait()
        first = processes(engine)
        os.kill(first[0], signal.SIGKILL)
        await until(lambda: not engine.ready.is_set())
        await engine.ready.wait()
        assert processes(engine)[0] != first[0]
        assert [line for line in said if "signal SIGKILL" in line and "again in 1 s" in line]


async def test_helpers_of_one_that_was_killed_do_not_keep_the_memory(tmp_path: Path) -> None:
    async with running(_WELL, tmp_path) as (engine, _, _, _):
        await engine.ready.wait()
        server, helper = processes(engine)
        os.kill(server, signal.SIGKILL)
        await until(lambda: not engine.ready.is_set())
        assert not is_alive(helper)


async def test_each_death_makes_the_next_pause_longer(tmp_path: Path) -> None:
    async with running(_WELL, tmp_path) as (engine, _, said, _):
        for _ in range(2):
            await engine.ready.wait()
            os.kill(processes(engine)[0], signal.SIGKILL)
            await until(lambda: not engine.ready.is_set())
        assert [line.rsplit("again in ", 1)[1].split()[0] for line in said if "again in" in line] == [
            "1",
            "2",
        ]


async def test_when_stopped_it_ends_with_all_its_helpers_and_stays_down(tmp_path: Path) -> None:
    async with running(_WELL, tmp_path) as (engine, keeper, said, _):
        await engine.ready.wait()
        started = processes(engine)
        await engine.stop()
        await keeper
        assert not any(is_alive(process) for process in started)
        assert said == []


async def test_it_may_be_stopped_while_it_waits_to_start_again(tmp_path: Path) -> None:
    async with running(_WELL, tmp_path) as (engine, keeper, said, _):
        await engine.ready.wait()
        os.kill(processes(engine)[0], signal.SIGKILL)
        await until(lambda: any("again in" in line for line in said))
        await engine.stop()
        await keeper


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        ("Loading safetensors checkpoint shards:  60% Completed | 3/5 [00:06<00:04]", "loading weights 3/5"),
        ("(Worker pid=1) INFO [x.py:68] Starting to load model /models/qwen...", "loading weights"),
        (
            "Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  15%|#5 | 10/67",
            "capturing CUDA graphs 10/67",
        ),
        (
            "INFO [backends.py:1] Compiling a graph for dynamic shape takes 20 s",
            "compiling, which later starts skip",
        ),
        ("WARNING [vllm.py:1703] Enforce eager set, disabling torch.compile, CUDAGraphs", ""),
        ("INFO: Application startup complete.", ""),
    ],
)
def test_vllms_words_are_read_for_how_far_it_is(line: str, stage: str) -> None:
    assert stage_of(line) == stage

"""The model server and the guard proxy for a measurement, each on a free port of the loopback.

with model(folder, "") as server, guarded(folder, server) as proxy: ...

Without a profile it is the tiny Qwen3-VL of the tests on vLLM without a GPU; with one, a model of full size
with dummy weights, started as `make llm` would.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from llm_server import profiles
from llm_server.command import engine_command
from llm_server.machine import this_machine
from tests.model_server import running_model_server
from tests.stack import free_ports
from tools.environments import ROOT, python_of
from tools.progress import last_lines

# As many as the most callers, so that nobody is refused.
_TINY = ("--max-num-seqs", "32", "--max-num-queued-reqs", "64")
_READY_WITHIN_S = 900  # compiling for a large model takes minutes
_STOPPED_WITHIN_S = 60


@dataclass(frozen=True)
class Door:
    """Where an OpenAI client may ask: `url` ends in `/v1`."""

    url: str
    key: str
    model: str
    named: str
    hardware: str = ""

    @property
    def port(self) -> str:
        return self.url.removesuffix("/v1").rsplit(":", 1)[1]


@contextmanager
def model(folder: Path, profile: str) -> Iterator[Door]:
    """A model server that answers."""
    if not profile:
        with running_model_server(folder, *_TINY) as tiny:
            tiny.wait_until_ready()
            yield Door(tiny.base_url, "", tiny.model, "a tiny Qwen3-VL on vLLM without a GPU")
        return
    chosen, machine = profiles.load()[profile], this_machine()
    python, weights = str(python_of("llm-gpu")), folder / "weights"
    subprocess.run([python, "-m", "benchmarks.llm.dummy", profile, str(weights)], cwd=ROOT, check=True)
    key, (port,) = secrets.token_urlsafe(16), free_ports(1)
    command = engine_command(
        chosen,
        python=python,
        weights=str(weights),
        key=key,
        port=port,
        gpu=machine.gpu,
        extra=("--load-format", "dummy"),
    )
    address = f"http://127.0.0.1:{port}"
    with _running(command.arguments, command.environment, folder / "vllm.log", f"{address}/health"):
        gpu = machine.gpu.name if machine.gpu else ""
        yield Door(f"{address}/v1", key, chosen.model, f"{chosen.title}, dummy weights", gpu)


@contextmanager
def guarded(folder: Path, server: Door) -> Iterator[Door]:
    """The guard proxy before it, as a process of its own."""
    key, (port,) = secrets.token_urlsafe(16), free_ports(1)
    environment = {
        "SHOPCLERK_VAR": str(folder),
        "SHOPCLERK_LLM_PORT": str(port),
        "SHOPCLERK_LLM_ENGINE_PORT": server.port,
        "SHOPCLERK_LLM_KEY": key,
        "SHOPCLERK_LLM_SECRET": secrets.token_urlsafe(16),
        "VLLM_API_KEY": server.key,
    }
    python = str(python_of("llm-gpu" if server.hardware else "llm-cpu"))
    address = f"http://127.0.0.1:{port}"
    program = (python, "-m", "llm_server.proxy")
    with _running(program, environment, folder / "proxy.log", f"{address}/readyz"):
        yield Door(f"{address}/v1", key, server.model, server.named, server.hardware)


@contextmanager
def _running(
    program: Sequence[str], environment: Mapping[str, str], log: Path, ready: str
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as written:
        process = subprocess.Popen(
            program, cwd=ROOT, env={**os.environ, **environment}, stdout=written, stderr=subprocess.STDOUT
        )
        try:
            _wait(process, ready, log)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while True:
        try:
            with urllib.request.urlopen(ready, timeout=5):
                return
        except (urllib.error.HTTPError, OSError):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"it did not start:\n{last_lines(log)}") from None
            time.sleep(0.3)

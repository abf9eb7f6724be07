"""`python -m llm_server` for tests: the launcher as a shop starts it, with the model of `tests/tiny_qwen.py`.

    with LlmServer(folder) as server:      # makes the model, its adapters and a profile; starts nothing yet
        server.start()
        server.wait_until_ready()          # vLLM takes half a minute
        httpx.post(f"{server.url}/v1/chat/completions", headers=server.headers, json=...)

Everything lies below `folder`. The launcher, and vLLM with it, ends when this process dies.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest
import yaml
from safetensors.numpy import load_file, save_file

from llm_server import profiles
from llm_server.adapters import registry
from llm_server.adapters.check import WEIGHTS
from tests.model_server import missing
from tests.stack import free_ports
from tests.tiny_adapters import TAUGHT
from tools.environments import ROOT, python_of
from tools.progress import last_lines

FAINT = "faint"
READY_WITHIN_S = 240
STOPPED_WITHIN_S = 60
_MAKE_MODEL = (
    "import sys; from pathlib import Path; from tests.tiny_qwen import build; build(Path(sys.argv[1]))"
)


def require_vllm() -> None:
    """Skip where vLLM cannot run, loudly; in CI that is a failure."""
    if reason := missing():
        if os.environ.get("CI"):
            pytest.fail(f"NOT TESTED: {reason}", pytrace=False)
        pytest.skip(f"NOT TESTED: {reason}")


def make_tiny_model(folder: Path) -> None:
    """The files of the tiny model, as a hub would have them."""
    command = [str(python_of("llm-cpu")), "-c", _MAKE_MODEL, str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)


def tiny_profile(folder: Path, **changed: Any) -> Path:
    """The profile for machines without a GPU as it is shipped, but for a model that is small."""
    shipped = yaml.safe_load((profiles.FOLDER / "qwen3-vl-2b-cpu.yml").read_text(encoding="utf-8"))
    small = {
        "title": "Tiny",
        "model": "test/tiny-qwen3-vl",
        "memory_gb": 2,
        "flags": shipped["flags"] | {"block-size": 32, "num-gpu-blocks-override": 1024},
        "environment": {"VLLM_CPU_KVCACHE_SPACE": "1", "OMP_NUM_THREADS": "1"},
    }
    path = folder / "tiny.yml"
    path.write_text(yaml.safe_dump(shipped | small | changed), encoding="utf-8")
    return path


def register_adapters(made: Path, folder: Path, base: str) -> None:
    """Have the launcher serve one that changes the answers, and one that is in order and changes nothing."""
    shutil.copytree(made / TAUGHT, folder / TAUGHT)
    shutil.copytree(made / TAUGHT, folder / FAINT)
    numbers = load_file(folder / FAINT / WEIGHTS)
    save_file({name: value * 1e-9 for name, value in numbers.items()}, folder / FAINT / WEIGHTS)
    for name in (TAUGHT, FAINT):
        registry.start_trial(folder, name, base, "the tests")


class LlmServer:
    """One launcher on ports of its own."""

    model = "test/tiny-qwen3-vl"
    key = "the-key-of-the-shop-in-tests"

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "launcher.log"
        self.port, self.engine_port = free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        make_tiny_model(self.folder / "model")
        register_adapters(self.folder / "model" / "adapters", self.folder / "adapters", self.model)
        self.profile = tiny_profile(self.folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOPPED_WITHIN_S)
            self._process.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process, "start it first"
        return self._process

    @property
    def environment(self) -> dict[str, str]:
        """Run in a folder of the tests, the launcher sees nobody's .env."""
        return os.environ | {
            "PYTHONPATH": str(ROOT),
            "SHOPCLERK_VAR": str(self.folder / "var"),
            "SHOPCLERK_LLM_ADAPTERS": str(self.folder / "adapters"),
            "SHOPCLERK_LLM_PORT": str(self.port),
            "SHOPCLERK_LLM_ENGINE_PORT": str(self.engine_port),
            "SHOPCLERK_LLM_WEIGHTS": str(self.folder / "model"),
            "SHOPCLERK_LLM_PROFILE": str(self.profile),
            "SHOPCLERK_LLM_KEY": self.key,
        }

    def start(self) -> None:
        """Begin to start, unless it runs."""
        if self._process and self._process.poll() is None:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(python_of("llm-cpu")), "-m", "llm_server", "--with-parent"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Until the launcher says so and requests are taken; RuntimeError with its log if it never does."""
        end = time.monotonic() + READY_WITHIN_S
        while self.readiness() != 200 or "Ready in" not in self.log.read_text(encoding="utf-8"):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the model server did not start:\n{last_lines(self.log)}")
            time.sleep(0.2)

    def readiness(self) -> int:
        """The status of /readyz; 0 while nothing listens."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code
        except httpx.TransportError:
            return 0

    def ask(self, model: str = model, headers: dict[str, str] | None = None) -> httpx.Response:
        """A short answer, the likeliest one."""
        given = self.headers if headers is None else headers
        return httpx.post(
            f"{self.url}/v1/chat/completions", json=question(model, 8), headers=given, timeout=60
        )

    def engine_process(self) -> int:
        """vLLM's process, the launcher's only child."""
        (child,) = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(child)


def question(model: str, tokens: int) -> dict[str, Any]:
    """A request for an answer of this length. Without chance the tiny model never ends by itself."""
    messages = [{"role": "user", "content": "你好"}]
    return {"model": model, "messages": messages, "max_tokens": tokens, "temperature": 0}


def answer_of(response: httpx.Response) -> str:
    """The words of an answer that is not streamed."""
    return str(json.loads(response.content)["choices"][0]["message"]["content"])

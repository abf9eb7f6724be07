"""A real vLLM without a GPU for the tests, serving the tiny Qwen3-VL of `tests/tiny_qwen.py`.

    with running_model_server(folder) as server:  # begins to start and returns; loading takes half a minute
        server.wait_until_ready()
        Llm(server.base_url, server.model)

It runs in the environment `llm-cpu`; `missing` says what to do where that is not built. The server stops when
this process closes its input or dies, so nothing stays behind.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.stack import free_ports
from tests.tiny_adapters import DEAF, RANK, TAUGHT
from tools.environments import ROOT, python_of
from tools.progress import last_lines

READY_WITHIN_S = 180  # half a minute, when nothing else needs the cores
STOPPED_WITHIN_S = 20

_ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # one process less between the server and the model
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GB, the least; of which the blocks below take a sixteenth
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1",  # for adapters that a test has trained
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
}
# As a shop would start it (pictures of one megapixel, JSON without loose white space), but small and quick to
# start, with blocks that are short enough for prefix-cache hits on short prompts.
_ARGUMENTS = (
    *("--enforce-eager", "--max-model-len", "32768", "--max-num-seqs", "8", "--max-num-queued-reqs", "16"),
    *("--block-size", "32", "--num-gpu-blocks-override", "4096"),
    *("--limit-mm-per-prompt", '{"image":{"count":4,"width":1024,"height":1024},"video":0}'),
    *("--mm-processor-kwargs", '{"size":{"shortest_edge":65536,"longest_edge":1048576}}'),
    *("--structured-outputs-config", '{"backend":"xgrammar","disable_any_whitespace":true}'),
    *("--enable-prompt-tokens-details", "--disable-fastapi-docs", "--enable-request-id-headers"),
    *("--enable-auto-tool-choice", "--tool-call-parser", "hermes"),
    *("--enable-lora", "--max-lora-rank", str(RANK), "--max-loras", "2", "--max-cpu-loras", "4"),
)


def missing() -> str:
    """Why vLLM cannot be started here; empty when it can."""
    if os.access(python_of("llm-cpu"), os.X_OK):
        return ""
    return "vLLM is not installed; `python3 -m tools.environments llm-cpu` does it (Linux on x86-64 only)"


class ModelServer:
    """One server on a port of its own. It may be killed and started again: the address stays.

    `changed` are flags of vLLM's that go before those above.
    """

    model = "tiny-qwen3-vl"

    def __init__(self, folder: Path, *changed: str) -> None:
        self._folder, self._changed = folder, changed
        self._log = folder / "vllm.log"
        (self._port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def adapters(self) -> Path:
        """The folder of the adapters that it serves beside the model, once it is ready."""
        return self._folder / "model" / "adapters"

    @property
    def base_url(self) -> str:
        """For an OpenAI client; ends in `/v1`."""
        return f"http://127.0.0.1:{self._port}/v1"

    def start(self) -> None:
        """Begin to start, unless it runs."""
        if self._process and self._process.poll() is None:
            return
        address = ("--host", "127.0.0.1", "--port", str(self._port), "--served-model-name", self.model)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(python_of("llm-cpu")), *self._program(), *address, *self._arguments(), *self._changed],
                cwd=ROOT,
                env=os.environ | _ENVIRONMENT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Until it can answer; RuntimeError with the end of its log when that does not come."""
        assert self._process, "start it first"
        end = time.monotonic() + READY_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the model server did not start:\n{last_lines(self._log)}")
            time.sleep(0.3)

    def load_adapter(self, name: str, folder: Path) -> None:
        """Serve one more, until the server ends."""
        body = json.dumps({"lora_name": name, "lora_path": str(folder)}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base_url}/load_lora_adapter", body, headers)
        with urllib.request.urlopen(request, timeout=30):
            pass

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process:
            self._process.kill()
            self._process.wait()
            # Its engine would live on. Python's resource tracker ignores this, and cleans up after both.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            self._process = None

    def stop(self) -> None:
        """Let it end in order, which takes a second; killed when it does not."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOPPED_WITHIN_S)
        self.kill()

    def metric(self, name: str) -> float:
        """A counter of vLLM's, summed over its labels: `metric("vllm:request_success_total")`."""
        lines = self._get("/metrics").splitlines()
        return sum(float(line.split()[-1]) for line in lines if re.match(rf"{re.escape(name)}[{{ ]", line))

    def _program(self) -> tuple[str, ...]:
        return ("tests/tiny_qwen.py", str(self._folder / "model"))

    def _arguments(self) -> tuple[str, ...]:
        return (
            *_ARGUMENTS,
            "--lora-modules",
            *(f"{name}={self.adapters / name}" for name in (TAUGHT, DEAF)),
        )

    def _answers(self) -> bool:
        try:
            self._get("/health")
        except OSError:
            return False
        return True

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=5) as response:
            return str(response.read().decode())


@contextmanager
def running_model_server(folder: Path, *changed: str) -> Iterator[ModelServer]:
    """A server that has begun to start; its log and its model lie in `folder`."""
    server = ModelServer(folder, *changed)
    server.start()
    try:
        yield server
    finally:
        server.stop()

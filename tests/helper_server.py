"""Real vLLM without a GPU, serving one of the small models of `tests/tiny_helpers.py`.

    with running_helper(folder, "reranker") as server:  # ready when it returns
        async with guarded(server) as url:
            Reranker(url, server.model, KEY)

Started with the flags that the real model's profile has, as far as they are the model's own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal

from tests.model_server import ModelServer
from tests.proxies import running_proxy
from tools.environments import ROOT

Kind = Literal["embedding", "reranker", "speech"]

_SMALL = ("--enforce-eager", "--max-model-len", "2048", "--max-num-seqs", "8", "--disable-fastapi-docs")
_OF_KIND: dict[Kind, tuple[str, ...]] = {
    "embedding": ("--runner", "pooling"),
    "reranker": (
        *("--runner", "pooling"),
        "--hf-overrides",
        '{"architectures":["Qwen3ForSequenceClassification"],"classifier_from_token":["no","yes"],'
        '"is_original_qwen3_reranker":true}',
        *("--chat-template", str(ROOT / "llm_server" / "profiles" / "qwen3-reranker.jinja")),
    ),
    "speech": ("--max-num-batched-tokens", "2048"),
}


class HelperServer(ModelServer):
    """One small model on a port of its own."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        super().__init__(folder)
        self.kind: Kind = kind
        self.model = f"tiny-{kind}"

    def _program(self) -> tuple[str, ...]:
        return ("tests/tiny_helpers.py", self.kind, str(self._folder / "model"))

    def _arguments(self) -> tuple[str, ...]:
        return (*_SMALL, *_OF_KIND[self.kind])


@contextmanager
def running_helper(folder: Path, kind: Kind) -> Iterator[HelperServer]:
    """A server that answers; its log and its model lie in `folder`."""
    server = HelperServer(folder, kind)
    server.start()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


@asynccontextmanager
async def guarded(server: HelperServer) -> AsyncIterator[str]:
    """Where the server is found behind its guard proxy, as in production."""
    async with running_proxy(server.base_url.removesuffix("/v1")) as proxy:
        yield f"http://127.0.0.1:{proxy.options.port}/v1"

"""Vectors from a real vLLM that serves a tiny Qwen3-Embedding, and retrieval with them."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.endpoint import EndpointUnavailable
from support.knowledge import Embedder, Knowledge
from tests.helper_server import HelperServer, guarded, running_helper
from tests.proxies import KEY


@pytest.fixture(scope="module")
def server(vllm_is_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelperServer]:
    with running_helper(tmp_path_factory.mktemp("embedding"), "embedding") as running:
        yield running


@pytest_asyncio.fixture
async def embedder(server: HelperServer) -> AsyncIterator[Embedder]:
    async with guarded(server) as url:
        opened = Embedder(url, server.model, KEY, total_s=60.0)
        yield opened
        await opened.close()


async def test_vectors_come_in_order_and_of_length_one(embedder: Embedder) -> None:
    texts = [f"第{number}条：包裹已经发出。" for number in range(100)]
    vectors = await embedder.embed(texts)
    assert len(vectors) == 100
    assert all(math.isclose(math.hypot(*vector), 1.0, abs_tol=1e-3) for vector in vectors)
    [alone] = await embedder.embed([texts[77]])
    assert likeness(alone, vectors[77]) > 0.99


async def test_a_question_is_not_embedded_as_a_document(server: HelperServer, embedder: Embedder) -> None:
    marked = Embedder(server.base_url, server.model, query_prefix="Instruct: find it\nQuery:")
    [plain] = await embedder.embed(["邮费多少"])
    [written_out] = await embedder.embed(["Instruct: find it\nQuery:邮费多少"])
    asked = await marked.embed_question("邮费多少", 60.0)
    await marked.close()
    assert likeness(asked, written_out) > 0.99 > likeness(asked, plain)


async def test_a_shops_documents_are_found_by_their_vectors(embedder: Embedder, tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "code.en.md").write_text("# Zyxwvut\n\nzyxwvutsrq zyxwvutsrq", encoding="utf-8")
    knowledge = Knowledge(tmp_path / "index", embedder)
    assert (await knowledge.refresh(documents)).passages == 1
    [hit] = await knowledge.search("Zyxwvut zyxwvutsr", "en")
    assert hit.article == "code"


async def test_a_model_that_is_not_served_is_no_vectors(server: HelperServer) -> None:
    other = Embedder(server.base_url, "another")
    with pytest.raises(EndpointUnavailable, match="does not exist"):
        await other.embed(["邮费"])
    await other.close()


def likeness(one: list[float], other: list[float]) -> float:
    """Cosine, of vectors of length one."""
    return sum(a * b for a, b in zip(one, other, strict=True))

"""Reranking by a real vLLM that serves a tiny Qwen3-Reranker as the real one is served: by "yes" and "no"."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from jinja2.sandbox import ImmutableSandboxedEnvironment

from support.knowledge import Knowledge, Reranker
from tests.helper_server import HelperServer, guarded, running_helper
from tests.proxies import KEY
from tools.environments import ROOT

TEMPLATE = ROOT / "llm_server" / "profiles" / "qwen3-reranker.jinja"
# As the model card has it.
PROMPT = """<|im_start|>system
Judge whether the Document meets the requirements based on the Query and the Instruct provided. \
Note that the answer can only be "yes" or "no".<|im_end|>
<|im_start|>user
<Instruct>: Is it?
<Query>: 邮费多少
<Document>: 满 99 元包邮<|im_end|>
<|im_start|>assistant
<think>

</think>

"""


class Patient(Reranker):
    """Waits longer than a customer would: the machine of the tests may be busy."""

    async def relevance(
        self, question: str, documents: Sequence[str], *, within_s: float | None = None
    ) -> list[float]:
        return await super().relevance(question, documents)


@pytest.fixture(scope="module")
def server(vllm_is_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelperServer]:
    with running_helper(tmp_path_factory.mktemp("reranker"), "reranker") as running:
        yield running


@pytest_asyncio.fixture
async def reranker(server: HelperServer) -> AsyncIterator[Reranker]:
    async with guarded(server) as url:
        opened = Patient(url, server.model, KEY, total_s=60.0)
        yield opened
        await opened.close()


def test_the_template_writes_what_the_model_was_trained_to_read() -> None:
    # As transformers renders it.
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    messages = [
        {"role": "query", "content": "邮费多少"},
        {"role": "document", "content": "满 99 元包邮"},
    ]
    assert template.render(messages=messages, instruction="Is it?") == PROMPT
    assert "<Instruct>: Given a customer's question" in template.render(messages=messages)


def test_the_server_puts_the_template_around_each_pair(server: HelperServer) -> None:
    body = {"model": server.model, "query": "q", "documents": ["d"]}
    answer = httpx.post(f"{server.base_url}/rerank", json=body, timeout=60, trust_env=False)
    assert answer.raise_for_status().json()["usage"]["prompt_tokens"] > 100


async def test_each_document_gets_a_probability_whatever_the_order_of_the_answer(reranker: Reranker) -> None:
    documents = ["满 99 元包邮。", "毛衣用冷水手洗。", "Delivery is free.", "x"]
    found = await reranker.relevance("邮费多少", documents)
    assert len(set(found)) == 4 and all(0 < one < 1 for one in found)
    backwards = await reranker.relevance("邮费多少", documents[::-1])
    assert backwards[::-1] == pytest.approx(found, abs=0.01)


async def test_search_gives_the_order_that_the_model_gives(reranker: Reranker, tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    for name in ("delivery", "returns", "exchange", "gifts", "abroad", "islands"):
        (documents / f"{name}.zh.md").write_text(f"# 运费 {name}\n\n运费说明 {name}。", encoding="utf-8")
    by_words = Knowledge(tmp_path / "index")
    await by_words.refresh(documents)
    before = await by_words.search("运费", "zh", 6)
    relevance = await reranker.relevance("运费", [hit.in_full for hit in before])
    after = await Knowledge(tmp_path / "index", reranker=reranker).search("运费", "zh", 6)
    wanted = sorted(zip(relevance, before, strict=True), key=lambda pair: pair[0], reverse=True)
    assert [hit.article for hit in after] == [hit.article for _, hit in wanted]
    assert after != before

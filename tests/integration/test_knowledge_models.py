"""Retrieval with models beside it: vectors that do not fit, questions marked as such, a second reading."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from support.endpoint import EndpointUnavailable
from support.knowledge import Embedder, Knowledge, Reranker, is_answer
from tests.fakes_endpoint import FakeEndpoint, fake_endpoint

DELIVERY = "# 运费怎么算\n\n满 99 元包邮，不满 99 元收 8 元运费，运费在付款时一起付。"
RETURNS = "# 退货运费谁出\n\n七天无理由退货，运费由顾客付；商品有问题的，运费由本店付。"
CARE = "# 毛衣怎么洗\n\n毛衣用冷水手洗，平铺晾干。运费不退。"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in {"delivery": DELIVERY, "returns": RETURNS, "care": CARE}.items():
        (folder / f"{name}.zh.md").write_text(text, encoding="utf-8")
    return folder


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[FakeEndpoint]:
    async with fake_endpoint() as opened:
        yield opened


@pytest_asyncio.fixture
async def reranker(endpoint: FakeEndpoint) -> AsyncIterator[Reranker]:
    opened = Reranker(endpoint.base_url, "reader")
    yield opened
    await opened.close()


def embedder(endpoint: FakeEndpoint, model: str = "vectors", **options: Any) -> Embedder:
    return Embedder(endpoint.base_url, model, rest_s=0.0, **options)


async def articles(knowledge: Knowledge, question: str = "运费", limit: int = 3) -> list[str]:
    return [hit.article for hit in await knowledge.search(question, "zh", limit)]


# --- vectors -----------------------------------------------------------------------------------------------


async def test_qwens_embedding_model_gets_a_task_before_a_question_and_documents_plain(
    endpoint: FakeEndpoint, documents: Path, tmp_path: Path
) -> None:
    knowledge = Knowledge(tmp_path / "index", embedder(endpoint, "Qwen/Qwen3-Embedding-0.6B"))
    await knowledge.refresh(documents)
    await knowledge.search("邮费多少")
    *imported, asked = [text for request in endpoint.requests for text in request["input"]]
    assert asked.startswith("Instruct: ") and asked.endswith("\nQuery:邮费多少")
    assert not [text for text in imported if "Instruct" in text]


@pytest.mark.parametrize(("prefix", "asked"), [("", "邮费"), ("query: ", "query: 邮费")])
async def test_what_goes_before_a_question_is_a_setting(
    endpoint: FakeEndpoint, prefix: str, asked: str
) -> None:
    await embedder(endpoint, query_prefix=prefix).embed_question("邮费", 5.0)
    assert endpoint.requests[-1]["input"] == [asked]


async def test_an_index_of_another_model_is_searched_by_words_until_it_is_made_anew(
    endpoint: FakeEndpoint, documents: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await Knowledge(tmp_path / "index", embedder(endpoint, "old")).refresh(documents)
    knowledge = Knowledge(tmp_path / "index", embedder(endpoint, "new"))
    asked = len(endpoint.requests)
    assert (await articles(knowledge))[0] == "delivery"
    assert (await articles(knowledge))[0] == "delivery"
    assert len(endpoint.requests) == asked
    complaints = [one.message for one in caplog.records if "vectors are of old" in one.message]
    assert len(complaints) == 1 and "until the documents are imported again" in complaints[0]
    assert (await knowledge.refresh(documents)).updated == 3
    await knowledge.search("运费")
    assert endpoint.requests[-1]["input"] == ["运费"]


async def test_vectors_of_another_length_break_no_search_and_the_next_import_replaces_them(
    endpoint: FakeEndpoint, documents: Path, tmp_path: Path
) -> None:
    knowledge = Knowledge(tmp_path / "index", embedder(endpoint))
    await knowledge.refresh(documents)
    endpoint.vector_size = 32  # another model under the same name
    assert (await articles(knowledge))[0] == "delivery"
    assert (await knowledge.refresh(documents)).added == 3
    assert (await articles(knowledge))[0] == "delivery"


async def test_an_embedder_that_dies_during_an_import_costs_vectors_and_nothing_else(
    endpoint: FakeEndpoint, documents: Path, tmp_path: Path
) -> None:
    rows = "".join(f"第{number}号柜台在哪里,在{number}楼。\n" for number in range(100))
    (documents / "desks.csv").write_text(f"question,answer\n{rows}", encoding="utf-8")
    knowledge = Knowledge(tmp_path / "index", embedder(endpoint))
    endpoint.answers_left = 2  # how long a vector is, and the first of two batches
    assert (await knowledge.refresh(documents)).added == 4
    assert (await articles(knowledge, "第77号柜台在哪里"))[0] == "desks"
    endpoint.answers_left = 1_000
    assert (await knowledge.refresh(documents)).updated == 4


# --- a second reading --------------------------------------------------------------------------------------


async def test_what_the_reranker_finds_relevant_comes_first(
    endpoint: FakeEndpoint, reranker: Reranker, documents: Path, tmp_path: Path
) -> None:
    await Knowledge(tmp_path / "index").refresh(documents)
    knowledge = Knowledge(tmp_path / "index", reranker=reranker)
    endpoint.relevant = "七天无理由"
    assert (await articles(Knowledge(tmp_path / "index")))[0] == "delivery"
    assert (await articles(knowledge))[0] == "returns"
    assert endpoint.requests[-1]["query"] == "运费"
    assert any(text.startswith("退货运费谁出\n") for text in endpoint.requests[-1]["documents"])


async def test_it_reads_more_than_are_shown(
    endpoint: FakeEndpoint, reranker: Reranker, documents: Path, tmp_path: Path
) -> None:
    knowledge = Knowledge(tmp_path / "index", reranker=reranker)
    await knowledge.refresh(documents)
    endpoint.relevant = "七天无理由"
    assert await articles(knowledge, limit=1) == ["returns"]
    hits = await knowledge.search("运费", "zh", 1, one_per_article=False)
    assert [hit.article for hit in hits] == ["returns"]


@pytest.mark.parametrize("question", ["运费", "毛衣运费", "今天天气怎么样，运费", "股票"])
@pytest.mark.parametrize("relevant", ["包邮", "七天无理由", "冷水"])
async def test_whether_there_is_an_answer_is_not_for_the_reranker_to_say(
    endpoint: FakeEndpoint, reranker: Reranker, documents: Path, tmp_path: Path, question: str, relevant: str
) -> None:
    without, with_it = Knowledge(tmp_path / "index"), Knowledge(tmp_path / "index", reranker=reranker)
    await without.refresh(documents)
    endpoint.relevant = relevant
    before, after = await without.search(question, "zh"), await with_it.search(question, "zh")
    assert is_answer(question, after) is is_answer(question, before)


async def test_a_passage_that_is_no_answer_is_not_put_before_one_that_is(
    endpoint: FakeEndpoint, reranker: Reranker, documents: Path, tmp_path: Path
) -> None:
    (documents / "cards.zh.md").write_text("# 会员卡\n\n会员积分永久有效。", encoding="utf-8")
    knowledge = Knowledge(tmp_path / "index", reranker=reranker)
    await knowledge.refresh(documents)
    endpoint.relevant = "会员积分"
    found = await articles(knowledge, "毛衣怎么洗，积分")
    assert found[0] == "care"
    assert "cards" in found


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 500},
        {"status": 400},
        {"hang_s": 3.0},
        {"results": [{"index": 99, "relevance_score": 1.0}]},
        {"results": "none"},
    ],
    ids=str,
)
async def test_without_the_reranker_the_order_is_as_it_was(
    endpoint: FakeEndpoint,
    reranker: Reranker,
    documents: Path,
    tmp_path: Path,
    trouble: dict[str, Any],
) -> None:
    knowledge = Knowledge(tmp_path / "index", reranker=reranker)
    await knowledge.refresh(documents)
    endpoint.relevant = "七天无理由"
    vars(endpoint).update(trouble)
    assert (await articles(knowledge))[0] == "delivery"


async def test_a_failed_reranker_rests_and_then_is_asked_again(endpoint: FakeEndpoint) -> None:
    now = 100.0
    reranker = Reranker(endpoint.base_url, "reader", rest_s=15.0, clock=lambda: now)
    endpoint.status = 500
    for _ in range(3):
        with pytest.raises(EndpointUnavailable):
            await reranker.relevance("运费", ["a", "b"])
    assert len(endpoint.requests) == 1
    endpoint.status, now = 200, 116.0
    endpoint.relevant = "b"
    assert await reranker.relevance("运费", ["a", "b"]) == [0.0, 1.0]
    await reranker.close()


async def test_a_refused_request_does_not_stop_the_next_one(
    endpoint: FakeEndpoint, reranker: Reranker
) -> None:
    endpoint.status = 400
    with pytest.raises(EndpointUnavailable):
        await reranker.relevance("运费", ["a"])
    endpoint.status = 200
    assert await reranker.relevance("运费", ["a"]) == [1.0]


async def test_a_document_that_the_answer_leaves_out_comes_last(
    endpoint: FakeEndpoint, reranker: Reranker
) -> None:
    endpoint.results = [{"index": 1, "relevance_score": -3.5}]
    first, second = await reranker.relevance("运费", ["a", "b"])
    assert first < second == -3.5

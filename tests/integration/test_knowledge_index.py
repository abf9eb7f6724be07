"""What readers see of an import that is under way or broke off; and that size does not change answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.knowledge import Knowledge, Passage, snapshot
from support.knowledge.index import Index
from support.knowledge.ranking import Tokens
from support.knowledge.rows import Entry

ARTICLES = {
    "fees.zh.md": "# 运费怎么算\n\n## 普通快递\n满 99 元包邮。\n\n## 加急快递\n每单另加 12 元。",
    "fees.en.md": "# What delivery costs\n\nDelivery is free from CNY 99.",
    "care.zh.md": "# 毛衣怎么洗\n\n用冷水手洗，平铺晾干。",
    "asked.csv": "question,article,heading\n快递要不要钱,fees,普通快递\n",
}


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def entry(name: str, text: str) -> Entry:
    passage = Passage(f"{name}.zh#1", name, text, "", text, "zh", f"{name}.zh.md")
    return Entry(passage, Tokens([text], [text]), "stamp", 1)


@pytest.mark.parametrize(("kept", "body"), [(1, {"毛衣": 3, "毛衣裤": 1}), (0, {"毛衣": 3})])
async def test_a_passage_read_for_a_question_has_no_more_than_its_tokens(
    tmp_path: Path, kept: int, body: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = Index(tmp_path)
    await index.prepare(0)
    passage = Passage("care.zh#1", "care", "毛衣", "", "毛衣 毛衣 毛衣裤", "zh", "care.zh.md")
    tokens = Tokens(["毛衣"], ["毛衣", "毛衣", "毛衣裤", "毛衣"])
    await index.put((), [Entry(passage, tokens, "stamp", 1)], 0)
    monkeypatch.setattr(snapshot, "_KEPT", kept)
    await index.publish("first", "")
    opened = await index.open()
    assert opened is not None
    [read] = await opened.match(["毛衣", "毛", "裤"], ["毛衣"], [("zh", 10)])
    assert (read.passage, read.head, read.body) == (passage, frozenset({"毛衣"}), body)


async def found(index: Index, word: str) -> list[str]:
    opened = await index.open()
    hits = await opened.match([word], [word], [("zh", 10)]) if opened else []
    return [one.passage.article for one in hits]


async def test_what_is_put_is_not_read_before_it_is_published(tmp_path: Path) -> None:
    writer, reader = Index(tmp_path), Index(tmp_path)
    await writer.prepare(0)
    await writer.put((), [entry("old", "面料")], 0)
    assert await found(reader, "面料") == []
    await writer.publish("first", "")
    assert await found(reader, "面料") == ["old"]
    await writer.put(["old.zh.md"], [entry("new", "面料")], 0)
    assert await found(reader, "面料") == await found(Index(tmp_path), "面料") == ["old"]
    await writer.publish("second", "")
    assert await found(reader, "面料") == ["new"]


async def test_a_question_under_way_ends_with_the_version_it_began_with(tmp_path: Path) -> None:
    index = Index(tmp_path)
    await index.prepare(0)
    await index.put((), [entry("old", "面料")], 0)
    await index.publish("first", "")
    begun = await index.open()
    assert begun is not None
    await index.put(["old.zh.md"], [entry("new", "面料")], 0)
    await index.publish("second", "")
    [hit] = await begun.match(["面料"], ["面料"], [("zh", 10)])
    assert hit.passage.article == "old"


async def test_an_import_that_broke_off_is_taken_up(tmp_path: Path, documents: Path) -> None:
    index = Index(tmp_path / "index")
    await index.prepare(0)
    await index.put((), [entry("care", "写到一半")], 0)
    report = await Knowledge(tmp_path / "index").refresh(documents)
    assert (report.added, report.updated, report.passages) == (3, 1, 5)
    again = await Knowledge(tmp_path / "index").refresh(documents)
    assert (again.unchanged, again.version) == (4, report.version)


@pytest.mark.parametrize("question", ["加急快递要加多少钱", "快递要不要钱", "毛衣怎么洗", "delivery cost"])
async def test_a_shop_too_large_for_memory_gets_the_same_answers(
    tmp_path: Path, documents: Path, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Knowledge(tmp_path / "index").refresh(documents)
    small = await Knowledge(tmp_path / "index").search(question)
    monkeypatch.setattr(snapshot, "_KEPT", 0)
    assert await Knowledge(tmp_path / "index").search(question) == small != []

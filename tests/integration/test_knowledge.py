"""Retrieval on a real LanceDB index: import, re-import, bad documents, search in two languages, vectors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import docx
import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from support.knowledge import Embedder, Knowledge, Passage, Refreshed, is_answer
from tests.fakes_model import FakeModel

SHIPPING_ZH = """---
title: 运费怎么算
language: zh
---

## 普通快递
满 99 元包邮，不满 99 元收 8 元运费。

## 加急快递
每单另加 12 元，次日送达。
"""
SHIPPING_EN = """---
title: What delivery costs
---

## Standard delivery
Delivery is free from CNY 99. Below that it costs CNY 8.

| Place | Price |
|---|---|
| Mainland | CNY 8 |
| Tibet | CNY 18 |
"""
CARE = """<html lang="en"><head><title>毛衣怎么洗</title><script>var x = "邮费";</script></head><body>
<h1>毛衣怎么洗</h1><p>毛衣用冷水手洗，平铺晾干，避免褪色。</p>
<ul><li>不要拧</li><li>不要暴晒</li></ul></body></html>"""
FAQ = """question,answer,language
有实体店吗？,没有，只在网上卖。,zh
Do you have a shop?,"No, online only.",en
"""


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "shipping.zh.md").write_text(SHIPPING_ZH, encoding="utf-8")
    (folder / "shipping.en.md").write_text(SHIPPING_EN, encoding="utf-8")
    (folder / "care.html").write_text(CARE, encoding="utf-8")
    (folder / "faq.csv").write_text(FAQ, encoding="utf-8")
    return folder


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    return Knowledge(tmp_path / "index")


def changes(report: Refreshed) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.removed, report.unchanged


async def best(knowledge: Knowledge, query: str, language: str | None = None) -> Passage:
    return (await knowledge.search(query, language))[0]


async def test_the_first_import_adds_every_document(knowledge: Knowledge, documents: Path) -> None:
    report = await knowledge.refresh(documents)
    assert changes(report) == (4, 0, 0, 0)
    assert report.passages == 6
    assert report.problems == []
    assert report.version == knowledge.version != ""


async def test_a_second_import_changes_nothing(knowledge: Knowledge, documents: Path) -> None:
    first = await knowledge.refresh(documents)
    second = await knowledge.refresh(documents)
    assert changes(second) == (0, 0, 0, 4)
    assert second.version == first.version


async def test_only_the_changed_document_is_imported_again(knowledge: Knowledge, documents: Path) -> None:
    first = await knowledge.refresh(documents)
    text = SHIPPING_ZH.replace("8 元运费", "6 元运费").replace(
        "## 加急快递\n每单另加 12 元，次日送达。\n", ""
    )
    (documents / "shipping.zh.md").write_text(text, encoding="utf-8")
    report = await knowledge.refresh(documents)
    assert changes(report) == (0, 1, 0, 3)
    assert report.version != first.version
    assert "6 元运费" in (await best(knowledge, "邮费多少")).text
    assert await knowledge.passage("shipping.zh#2") is None


async def test_a_vanished_document_is_forgotten(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    (documents / "care.html").unlink()
    report = await knowledge.refresh(documents)
    assert changes(report) == (0, 0, 1, 3)
    assert "care" not in {hit.article for hit in await knowledge.search("毛衣怎么洗")}


async def test_another_process_sees_an_import(knowledge: Knowledge, documents: Path, tmp_path: Path) -> None:
    reader = Knowledge(tmp_path / "index")
    assert await reader.search("运费") == []
    await knowledge.refresh(documents)
    assert (await best(reader, "运费")).article == "shipping"
    (documents / "shipping.zh.md").write_text(SHIPPING_ZH.replace("99", "199"), encoding="utf-8")
    await knowledge.refresh(documents)
    assert "199" in (await best(reader, "运费")).text


async def test_building_it_touches_no_disk(tmp_path: Path) -> None:
    knowledge = Knowledge(tmp_path / "nowhere")
    assert await knowledge.search("运费") == []
    assert await knowledge.passage("a.zh#1") is None
    assert await knowledge.article("a", "zh") == []
    assert not (tmp_path / "nowhere").exists()


async def test_a_missing_folder_is_an_error_and_forgets_nothing(
    knowledge: Knowledge, documents: Path
) -> None:
    await knowledge.refresh(documents)
    with pytest.raises(FileNotFoundError, match="no folder"):
        await knowledge.refresh(documents / "typo")
    assert await knowledge.search("运费")


@pytest.mark.parametrize("query", ["邮费多少钱", "快递费怎么收", "ＹＯＵ费 运费", "几块钱的快递费"])
async def test_synonyms_find_the_articles_own_word(knowledge: Knowledge, documents: Path, query: str) -> None:
    await knowledge.refresh(documents)
    assert (await best(knowledge, query, "zh")).id == "shipping.zh#1"


async def test_a_passage_tells_where_it_is_from(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    hit = await best(knowledge, "加急快递要加多少钱", "zh")
    assert (hit.id, hit.article, hit.source) == ("shipping.zh#2", "shipping", "shipping.zh.md")
    assert (hit.title, hit.heading, hit.language) == ("运费怎么算", "加急快递", "zh")
    assert 0 < hit.score <= 1
    assert await knowledge.passage(hit.id) == hit.scored(0.0)


async def test_a_table_row_is_quotable_alone(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    assert "Place: Tibet; Price: CNY 18" in (await best(knowledge, "postage to Tibet", "en")).text


async def test_lists_keep_their_marks_and_scripts_are_not_text(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    [passage] = await knowledge.article("care", "zh")
    assert passage.text == "毛衣用冷水手洗，平铺晾干，避免褪色。\n- 不要拧\n- 不要暴晒"


async def test_the_customers_language_is_preferred(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    assert (await best(knowledge, "运费 delivery fee", "zh")).language == "zh"
    assert (await best(knowledge, "运费 delivery fee", "en")).language == "en"
    assert (await best(knowledge, "How much is postage?")).language == "en"


async def test_the_other_language_is_the_fallback(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    hit = await best(knowledge, "How do I wash a sweater?", "en")
    assert (hit.article, hit.language) == ("care", "zh")


async def test_each_hit_is_of_another_article(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    hits = await knowledge.search("加急快递运费", "zh", 5)
    assert [hit.article for hit in hits].count("shipping") == 1
    every = await knowledge.search("加急快递运费", "zh", 5, one_per_article=False)
    assert [hit.article for hit in every].count("shipping") > 1


async def test_an_article_comes_whole_and_in_order(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    assert [passage.heading for passage in await knowledge.article("shipping", "zh")] == [
        "普通快递",
        "加急快递",
    ]


async def test_a_question_and_answer_row_is_a_vetted_answer(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    hit = await best(knowledge, "你们有实体店吗", "zh")
    assert hit.vetted_answer
    assert (hit.title, hit.text) == ("有实体店吗？", "没有，只在网上卖。")


async def test_a_question_that_nothing_answers_is_recognised(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    for asked, answered in [
        ("运费怎么收", True),
        ("今天股票涨了没有", False),
        ("Who won the election?", False),
    ]:
        assert is_answer(asked, await knowledge.search(asked)) is answered
    assert not is_answer("", [])


@pytest.mark.parametrize("query", ["", "   ", "？！", "的了吗", "😀", "' OR 1=1 --", '"AND(', "a" * 5000])
async def test_odd_questions_are_no_error(knowledge: Knowledge, documents: Path, query: str) -> None:
    await knowledge.refresh(documents)
    assert not is_answer(query, await knowledge.search(query))


async def test_an_id_from_a_stranger_is_only_data(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    assert await knowledge.passage("x' OR 'a'='a") is None


def problems(report: Refreshed) -> dict[str, str]:
    return {problem.file: problem.message for problem in report.problems}


async def test_bad_documents_are_reported_and_the_rest_loads(knowledge: Knowledge, documents: Path) -> None:
    scan = pypdf.PdfWriter()
    scan.add_blank_page(200, 200)
    scan.write(documents / "scan.pdf")
    (documents / "broken.pdf").write_bytes(b"not a pdf")
    (documents / "broken.docx").write_bytes(b"not a docx")
    (documents / "columns.csv").write_text("frage,antwort\na,b\n", encoding="utf-8")
    (documents / "empty.md").write_text("", encoding="utf-8")
    (documents / "matter.md").write_text("---\n- a\n---\ntext", encoding="utf-8")
    (documents / "noise.md").write_bytes(b"\xff\xfe\x81\x00\xff")
    report = await knowledge.refresh(documents)
    found = problems(report)
    assert sorted(found) == [
        "broken.docx",
        "broken.pdf",
        "columns.csv",
        "empty.md",
        "matter.md",
        "noise.md",
        "scan.pdf",
    ]
    assert "has no text layer; " in found["scan.pdf"]
    assert "answer and question" in found["columns.csv"]
    assert all("; " in message for message in found.values()), "each says what to do"
    assert report.added == 4
    assert (await best(knowledge, "运费")).article == "shipping"


async def test_a_problem_is_reported_until_it_is_solved(knowledge: Knowledge, documents: Path) -> None:
    (documents / "scan.md").write_text("", encoding="utf-8")
    first, second = await knowledge.refresh(documents), await knowledge.refresh(documents)
    assert problems(first) == problems(second) != {}
    (documents / "scan.md").write_text("保修一年", encoding="utf-8")
    third = await knowledge.refresh(documents)
    assert (third.added, third.problems) == (1, [])


async def test_a_document_that_went_bad_is_no_longer_quoted(knowledge: Knowledge, documents: Path) -> None:
    await knowledge.refresh(documents)
    (documents / "care.html").write_text("", encoding="utf-8")
    report = await knowledge.refresh(documents)
    assert (report.removed, len(report.problems)) == (1, 1)
    assert await knowledge.article("care", "zh") == []


async def test_two_documents_of_one_name_and_language_are_a_problem(
    knowledge: Knowledge, documents: Path
) -> None:
    (documents / "more").mkdir()
    (documents / "more" / "shipping.zh.md").write_text(SHIPPING_ZH, encoding="utf-8")
    report = await knowledge.refresh(documents)
    [problem] = report.problems
    assert "same name and language" in problem.message


async def test_word_documents_give_headings_lists_and_tables(knowledge: Knowledge, documents: Path) -> None:
    word = docx.Document()
    word.add_heading("保修", 0)
    word.add_heading("多久", 2)
    word.add_paragraph("电子商品保修一年。")
    word.add_paragraph("保留订单", style="List Bullet")
    table = word.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["商品", "期限", "耳机", "12 个月"], strict=True):
        cell.text = text
    word.save(str(documents / "warranty.docx"))
    await knowledge.refresh(documents)
    [passage] = await knowledge.article("warranty", "zh")
    assert (passage.title, passage.heading) == ("保修", "多久")
    assert passage.text == "电子商品保修一年。\n- 保留订单\n商品: 耳机; 期限: 12 个月"


def pdf_with_text(path: Path, lines: list[tuple[int, str]]) -> None:
    """A one-page PDF in Helvetica: (font size, words) for each line."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(600, 800)
    kinds = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in kinds.items()})
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    steps = [
        f"/F1 {size} Tf 1 0 0 1 50 {750 - 40 * n} Tm ({words}) Tj" for n, (size, words) in enumerate(lines)
    ]
    content = DecodedStreamObject()
    content.set_data(f"BT {' '.join(steps)} ET".encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    writer.write(path)


async def test_larger_type_in_a_pdf_is_a_heading(knowledge: Knowledge, documents: Path) -> None:
    lines = [
        (24, "Repairs"),
        (16, "Sending it in"),
        (11, "Book a courier on the repair page first."),
        (11, "It is free."),
    ]
    pdf_with_text(documents / "repairs.pdf", lines)
    await knowledge.refresh(documents)
    [passage] = await knowledge.article("repairs", "en")
    assert (passage.title, passage.heading) == ("Repairs", "Sending it in")
    assert passage.text == "Book a courier on the repair page first.\nIt is free."


async def test_a_table_from_excel_in_chinese_windows_is_read(knowledge: Knowledge, documents: Path) -> None:
    (documents / "excel.csv").write_bytes("question,answer\n礼品卡能退吗,礼品卡不能退。\n".encode("gb18030"))
    report = await knowledge.refresh(documents)
    assert report.problems == []
    assert (await best(knowledge, "礼品卡能不能退")).text == "礼品卡不能退。"


async def test_a_long_section_is_cut_between_sentences(knowledge: Knowledge, documents: Path) -> None:
    sentences = [f"第{n}条说明商品在第{n}个仓库里怎样打包和寄送给顾客。" for n in range(60)]
    (documents / "long.zh.md").write_text("# 说明\n\n" + "".join(sentences), encoding="utf-8")
    await knowledge.refresh(documents)
    passages = await knowledge.article("long", "zh")
    assert len(passages) > 2
    assert all(len(passage.text) < 700 and passage.text.endswith("。") for passage in passages)
    assert "".join(passage.text for passage in passages) == "".join(sentences)


async def test_a_shops_own_synonyms_work_after_the_next_import(tmp_path: Path, documents: Path) -> None:
    own = tmp_path / "synonyms.yml"
    own.write_text("fee: [运费]\n", encoding="utf-8")
    knowledge = Knowledge(tmp_path / "index", synonyms=own)
    await knowledge.refresh(documents)
    assert not is_answer("跑腿钱", await knowledge.search("跑腿钱", "zh"))
    own.write_text("fee: [运费, 跑腿钱, 送…上门要钱]\n", encoding="utf-8")
    report = await knowledge.refresh(documents)
    assert report.updated == 4
    for query in ("跑腿钱", "送东西上门要钱"):
        assert (await best(knowledge, query, "zh")).id == "shipping.zh#1"


async def test_a_malformed_synonym_file_names_the_group(tmp_path: Path, documents: Path) -> None:
    own = tmp_path / "synonyms.yml"
    own.write_text("fee: 运费\n", encoding="utf-8")
    with pytest.raises(ValueError, match="fee must be a list"):
        await Knowledge(tmp_path / "index", synonyms=own).refresh(documents)


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


@asynccontextmanager
async def with_vectors(folder: Path, model: FakeModel) -> AsyncIterator[Knowledge]:
    embedder = Embedder(model.base_url, "fake", total_s=2.0, rest_s=0.0)
    yield Knowledge(folder, embedder)
    await embedder.close()


async def test_vectors_find_what_no_word_finds(model: FakeModel, documents: Path, tmp_path: Path) -> None:
    (documents / "code.en.md").write_text("# Zyxwvut\n\nzyxwvutsrq zyxwvutsrq", encoding="utf-8")
    lexical = Knowledge(tmp_path / "lexical")
    await lexical.refresh(documents)
    assert await lexical.search("zyxwvutsr", "en") == []
    async with with_vectors(tmp_path / "index", model) as knowledge:
        await knowledge.refresh(documents)
        assert (await best(knowledge, "zyxwvutsr", "en")).article == "code"


async def test_a_dead_embedder_leaves_lexical_search(
    model: FakeModel, documents: Path, tmp_path: Path
) -> None:
    async with with_vectors(tmp_path / "index", model) as knowledge:
        await knowledge.refresh(documents)
        model.fail_embeddings = True
        assert (await best(knowledge, "运费")).article == "shipping"


async def test_an_import_while_the_embedder_is_down_is_made_up_for(
    model: FakeModel, documents: Path, tmp_path: Path
) -> None:
    async with with_vectors(tmp_path / "index", model) as knowledge:
        await knowledge.refresh(documents)
        model.fail_embeddings = True
        (documents / "care.html").write_text(CARE.replace("冷水", "温水"), encoding="utf-8")
        down = await knowledge.refresh(documents)
        assert (down.updated, down.unchanged) == (1, 3)
        assert "温水" in (await best(knowledge, "毛衣怎么洗", "zh")).text
        model.fail_embeddings = False
        up = await knowledge.refresh(documents)
        assert (up.updated, up.unchanged) == (1, 3)


async def test_switching_vectors_on_and_off_rebuilds(
    model: FakeModel, documents: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    await Knowledge(folder).refresh(documents)
    async with with_vectors(folder, model) as knowledge:
        assert (await knowledge.refresh(documents)).added == 4
        assert (await best(knowledge, "运费")).article == "shipping"
    assert (await Knowledge(folder).refresh(documents)).passages == 6

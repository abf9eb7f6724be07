"""A shop too large for memory: what is looked up for each message gives the answers of a small shop."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from support.importer import import_folder
from support.knowledge import Knowledge
from support.services.ask_product import Catalogue, ProductAnswer, answer
from support.store import Store
from tests.integration.test_ask_product import goods, shop
from tests.unit.test_products_questions import ASKING, LOOKING, language_of

__all__ = ["goods", "shop"]

LARGE = 0  # so many products are kept in memory


async def ask(store: Store, catalogue: Catalogue, text: str, about: str = "") -> ProductAnswer:
    return await answer(store, catalogue, None, text, language_of(text), context=about.split())


async def test_every_question_is_answered_as_in_a_small_shop(shop: Store) -> None:
    small, large = Catalogue(), Catalogue(in_memory=LARGE)
    for text, about, *_ in LOOKING + ASKING:
        assert (text, await ask(shop, large, text, about)) == (text, await ask(shop, small, text, about))


@pytest.mark.parametrize("lines", [["亚麻方领连衣裙", "¥169"], ["亚麻方领迕衣裙 白色 M"], ["P1005-01"]])
async def test_a_picture_shows_what_it_shows_in_a_small_shop(shop: Store, lines: list[str]) -> None:
    for text in ("这个有黑色吗", "这个多少钱"):
        large = await answer(shop, Catalogue(in_memory=LARGE), None, text, "zh", picture_texts=lines)
        assert large == await answer(shop, Catalogue(), None, text, "zh", picture_texts=lines)
        assert large.kind == "one"


async def test_what_an_import_changes_is_found_at_once(shop: Store, goods: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(in_memory=LARGE)
    assert (await ask(shop, catalogue, "有紫色的连衣裙吗")).text.startswith("没有紫色的连衣裙")
    folder = tmp_path / "more"
    folder.mkdir()
    options = '"{""颜色"": ""紫色"", ""尺码"": ""M""}"'
    table = f"sku_id,product_id,options,price,stock\nP1001-99,P1001,{options},169.00,4\n"
    (folder / "skus.csv").write_text(table, encoding="utf-8")
    await import_folder(folder, shop, Knowledge(tmp_path / "index"), tmp_path / "shop")
    assert (await ask(shop, catalogue, "有紫色的连衣裙吗")).product_ids == ("P1001",)


@pytest.mark.parametrize("text", ["' OR 1=1 --", '"连衣裙" OR NOT', "裙 & | ! ( ) :*", "\\ ' %", "连" * 2000])
async def test_odd_messages_are_no_error(shop: Store, text: str) -> None:
    assert (await ask(shop, Catalogue(in_memory=LARGE), text)).text


async def test_questions_at_the_same_time_do_not_wait_for_each_other(shop: Store) -> None:
    catalogue = Catalogue(in_memory=LARGE)
    asked = ["200元以内的白色连衣裙", "最便宜的耳机", "waterproof bag", "P1005多少钱"] * 3
    together = await asyncio.gather(*(ask(shop, catalogue, text) for text in asked))
    assert together == [await ask(shop, catalogue, text) for text in asked]

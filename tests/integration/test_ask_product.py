"""Questions about goods against real databases, with a model that helps, fails, dawdles or invents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from demo import tables
from demo.clock import Clock
from demo.make_shop import make_shop
from support.importer import import_folder
from support.knowledge import Knowledge
from support.llm import Llm
from support.services.ask_product import Catalogue, ProductAnswer, answer
from support.store import Store
from support.store.imports import Imports
from tests.fakes_model import FakeModel

REASON = "方领显得脖颈修长，夏天穿很清爽。"


@pytest.fixture(scope="session")
def goods(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An import folder with the demo shop's products only."""
    folder, shop = tmp_path_factory.mktemp("goods"), make_shop(Clock.at(None))
    tables.write_tables(folder, shop.catalogue, shop.customers, shop.orders)
    for name in ("customers", "orders", "order_items", "shipments"):
        (folder / f"{name}.csv").unlink()
    return folder


@pytest_asyncio.fixture
async def shop(store: Store, goods: Path, tmp_path: Path) -> Store:
    report = await import_folder(goods, store, Knowledge(tmp_path / "index", None), tmp_path / "shop")
    assert report.loaded
    return store


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


async def set_stock(store: Store, sku_id: str, stock: int) -> None:
    async with store.writing() as unit:
        row = {
            "sku_id": sku_id,
            "product_id": sku_id.rpartition("-")[0],
            "options": {"颜色": "白色"},
            "price_minor": 11900,
            "currency": "CNY",
            "stock": stock,
            "extra": {},
        }
        await Imports(unit.connection).upsert("skus", [row], ["stock", "price_minor"])


async def test_suggestions_carry_cards_and_become_the_context(shop: Store) -> None:
    reply = await answer(shop, Catalogue(), None, "200元以内的白色连衣裙", "zh")
    assert reply.kind == "list"
    assert reply.product_ids == ("P1001", "P1002", "P1015")
    card = reply.cards[0]
    assert (card.product_id, card.title, card.payload) == ("P1001", "亚麻方领连衣裙", "亚麻方领连衣裙")
    assert card.line == "¥169.00 · 白色/米色/浅蓝 · M/L/XL/S · 有货"
    assert card.image == "pictures/P1001.jpg"


async def test_a_conversation_goes_on_from_what_was_shown(shop: Store) -> None:
    catalogue = Catalogue()

    async def ask(text: str, before: ProductAnswer | None) -> ProductAnswer:
        context = before.product_ids if before else ()
        return await answer(shop, catalogue, None, text, "en", context=context)

    listed = await ask("white dress under 200", None)
    second = await ask("how much is the second one", listed)
    assert second.kind == "one" and second.product_ids == ("P1002",)
    assert "¥189.00" in second.text
    paired = await ask("what goes with it", second)
    assert paired.kind == "pairing" and "P1006" in paired.product_ids
    assert "P1002" not in paired.product_ids


async def test_tapping_a_card_shows_that_product(shop: Store) -> None:
    catalogue = Catalogue()
    listed = await answer(shop, catalogue, None, "连衣裙", "zh")
    for card in listed.cards:
        tapped = await answer(shop, catalogue, None, card.payload, "zh", context=listed.product_ids)
        assert (tapped.kind, tapped.product_ids) == ("one", (card.product_id,))


async def test_price_and_stock_are_read_for_every_answer(shop: Store) -> None:
    catalogue = Catalogue()
    before = await answer(shop, catalogue, None, "65W充电器有货吗", "zh")
    await set_stock(shop, "P5006-01", 2)
    after = await answer(shop, catalogue, None, "65W充电器有货吗", "zh")
    assert "有货" in before.text
    assert "仅剩 2 件" in after.text
    assert "¥119.00" in after.cards[0].line


async def test_changed_records_are_found_within_a_minute(shop: Store) -> None:
    now = [0.0]
    catalogue = Catalogue(clock=lambda: now[0])
    await answer(shop, catalogue, None, "有手帐本吗", "zh")
    async with shop.writing() as unit:
        product: dict[str, object] = {
            "product_id": "N1",
            "title": "月历手帐本",
            "category": "文具",
            "brand": "",
            "description": "",
            "attributes": {},
            "image": "",
            "extra": {},
        }
        await Imports(unit.connection).upsert("products", [product], ["title"])
    await set_stock(shop, "N1-01", 9)
    assert (await answer(shop, catalogue, None, "有手帐本吗", "zh")).kind == "not_found"
    now[0] = 61.0
    assert (await answer(shop, catalogue, None, "有手帐本吗", "zh")).product_ids == ("N1",)


async def test_many_at_once_load_the_catalogue_once(shop: Store) -> None:
    catalogue = Catalogue()
    shelves = await asyncio.gather(*(catalogue.shelf(shop) for _ in range(20)))
    assert all(shelf is shelves[0] for shelf in shelves)


async def test_unknown_context_is_no_context(shop: Store) -> None:
    reply = await answer(shop, Catalogue(), None, "这个有货吗", "zh", context=["GONE"])
    assert (reply.kind, reply.product_ids, reply.cards) == ("which", (), ())


async def test_a_picture_takes_the_place_of_the_context(shop: Store) -> None:
    lines = ["我的足迹", "304不锈钢电热水壶", "¥159"]
    reply = await answer(
        shop, Catalogue(), None, "这个有黑色吗", "zh", context=["P1001"], picture_texts=lines
    )
    assert reply.product_ids == ("P4001",)
    assert "黑色" in reply.text


async def test_the_model_adds_a_reason_after_the_facts(shop: Store, model: FakeModel, llm: Llm) -> None:
    model.enqueue(REASON)
    reply = await answer(shop, Catalogue(), llm, "200元以内的白色连衣裙", "zh", persona="说话俏皮")
    assert reply.text.endswith("\n" + REASON)
    system, *_, turn = model.history[-1]["messages"]
    assert "说话俏皮" in system["content"]
    assert "亚麻方领连衣裙" in turn["content"] and "¥169.00" in turn["content"]


async def test_the_model_gets_two_sentences(shop: Store, model: FakeModel, llm: Llm) -> None:
    model.enqueue("Cool in the heat. Easy to dress up. And here is a third sentence.")
    reply = await answer(shop, Catalogue(), llm, "white dress under 200", "en")
    assert reply.text.endswith("Cool in the heat. Easy to dress up.")


@pytest.mark.parametrize(
    "words",
    [
        "现在只要 99 元，很划算。",
        "下单我们马上为您退款 20 元。",
        "NO_ANSWER",
        "面料含 80% 真丝，特别滑。",
        "",
    ],
)
async def test_words_that_the_records_do_not_bear_out_are_dropped(
    shop: Store, model: FakeModel, llm: Llm, words: str
) -> None:
    model.enqueue(words)
    with_model = await answer(shop, Catalogue(), llm, "200元以内的白色连衣裙", "zh")
    without = await answer(shop, Catalogue(), None, "200元以内的白色连衣裙", "zh")
    assert with_model == without


@pytest.mark.parametrize("trouble", [{"status": 500}, {"drop": True}, {"hang_s": 6.0}, {"die_after": 0}])
async def test_a_model_in_trouble_changes_nothing(
    shop: Store, model: FakeModel, llm: Llm, trouble: dict[str, float]
) -> None:
    for _ in range(2):
        model.enqueue("方领", "很好看。", **trouble)
    reply = await answer(shop, Catalogue(), llm, "亚麻连衣裙配什么鞋", "zh")
    assert reply == await answer(shop, Catalogue(), None, "亚麻连衣裙配什么鞋", "zh")


async def test_a_question_of_fact_does_not_wait_for_the_model(
    shop: Store, model: FakeModel, llm: Llm
) -> None:
    reply = await answer(shop, Catalogue(), llm, "亚麻连衣裙多少钱", "zh")
    assert "¥169.00" in reply.text
    assert model.history == []

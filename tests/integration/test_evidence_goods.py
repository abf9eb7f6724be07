"""What the model says of a claim's photo beside the ordered product: asked once, kept, and never a proof."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from support.llm import Llm
from support.model import Order, Reason
from support.pictures import PictureStore
from support.prompts import Persona
from support.services.evidence import goods
from support.services.refund import Wish
from support.store import Attachment, Store
from tests.evidence import as_jpeg, scene, sent
from tests.fakes_model import FakeModel
from tests.records import NOW, delivered, fill, item

CONVERSATION = "conversation-1"


def says(shows: str, fault: str, confidence: int) -> str:
    return json.dumps({"shows": shows, "fault": fault, "confidence": confidence})


@dataclass
class Case:
    """A delivered order, and a photo of what is said to be broken."""

    store: Store
    pictures: PictureStore
    llm: Llm
    order: Order
    photo: Attachment

    def wish(self, **changes: Any) -> Wish:
        photos = (self.photo.attachment_id,)
        wish = Wish(self.order.order_id, ("S1",), Reason.DAMAGED, "", photos, "m-yes")
        return replace(wish, **changes)

    async def look(self, wish: Wish | None = None, *, without_model: bool = False) -> None:
        llm = None if without_model else self.llm
        await goods.look(
            self.store,
            self.pictures,
            llm,
            self.order,
            wish or self.wish(),
            NOW,
            persona=Persona("Cloudlet Store"),
        )

    async def findings(self, wish: Wish | None = None) -> list[str]:
        async with self.store.reading() as unit:
            return [one.code for one in await goods.findings(unit, self.order, wish or self.wish())]


@pytest_asyncio.fixture
async def case(store: Store, llm: Llm, tmp_path: Path) -> AsyncIterator[Case]:
    order = delivered(item("S1", "49.00"), item("S2", "30.00"))
    await fill(store, order)
    image = scene(11)
    photo = await sent(store, CONVERSATION, image)
    pictures = PictureStore((tmp_path / "pictures").as_uri())
    await pictures.put(photo.attachment_id, as_jpeg(image))
    yield Case(store, pictures, llm, order, photo)


async def test_what_the_model_saw_is_kept_and_not_asked_again(case: Case, model: FakeModel) -> None:
    model.enqueue(says("yes", "yes", 90))
    asked = len(model.history)
    await case.look()
    await case.look()
    assert len(model.history) == asked + 1
    assert await case.findings() == []


async def test_the_model_is_shown_the_photo_and_the_ordered_line_only(case: Case, model: FakeModel) -> None:
    model.enqueue(says("yes", "yes", 90))
    await case.look()
    shown = json.dumps(model.history[-1]["messages"], ensure_ascii=False)
    first, second = case.order.items
    assert "data:image/jpeg;base64," in shown
    assert first.title in shown
    assert second.title == first.title or second.title not in shown


@pytest.mark.parametrize(
    ("view", "found"),
    [
        (("no", "yes", 90), ["other_goods"]),
        (("yes", "no", 90), ["no_fault_seen"]),
        (("no", "no", 40), []),
        (("yes", "yes", 90), []),
    ],
)
async def test_only_what_the_model_is_sure_of_counts_against_a_claim(
    case: Case, model: FakeModel, view: tuple[str, str, int], found: list[str]
) -> None:
    model.enqueue(says(*view))
    await case.look()
    assert await case.findings() == found


async def test_another_line_of_the_order_is_looked_at_anew(case: Case, model: FakeModel) -> None:
    model.enqueue(says("yes", "yes", 90))
    await case.look()
    other = case.wish(sku_ids=("S2",))
    assert await case.findings(other) == ["not_compared"]
    model.enqueue(says("no", "yes", 95))
    await case.look(other)
    assert await case.findings(other) == ["other_goods"]


async def test_a_wrong_item_is_not_compared_with_what_was_ordered(case: Case, model: FakeModel) -> None:
    asked = len(model.history)
    wrong = case.wish(reason=Reason.WRONG_ITEM)
    await case.look(wrong)
    assert len(model.history) == asked
    assert await case.findings(wrong) == []


@pytest.mark.parametrize("trouble", ["no json at all", '{"shows": "yes"}', '{"shows": "yes", "fault": 1}'])
async def test_a_model_that_does_not_keep_to_the_schema_has_compared_nothing(
    case: Case, model: FakeModel, trouble: str
) -> None:
    model.enqueue(trouble)
    await case.look()
    assert await case.findings() == ["not_compared"]


async def test_a_model_that_is_away_or_missing_holds_nobody_up(case: Case, model: FakeModel) -> None:
    model.enqueue(status=500)
    await case.look()
    await case.look(without_model=True)
    assert await case.findings() == ["not_compared"]


async def test_a_photo_whose_bytes_are_gone_is_not_compared(case: Case, model: FakeModel) -> None:
    asked = len(model.history)
    await case.pictures.remove([case.photo.attachment_id])
    await case.look()
    assert len(model.history) == asked
    assert await case.findings() == ["not_compared"]

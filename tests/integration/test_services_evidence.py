"""Photos of refunds against those of earlier ones: what is found, who decides, what is kept and shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from PIL import Image, ImageOps

from support.model import Order, Outcome, Reason
from support.policy import EVIDENCE_RISK, load
from support.services import identity, refund
from support.services.evidence import Assessment, assess, catalogue, challenge, shown
from support.services.refund import Result, Wish
from support.store import Attachment, Store
from support.store import tables as t
from tests.evidence import another_view, as_jpeg, scene, sent, with_paper
from tests.records import NOW, delivered, fill, item, phone_of

POLICY = load(Path(__file__).parents[2] / "demo" / "policy.yml")
FIRST, SECOND = "conversation-1", "conversation-2"
YESTERDAY = f"{NOW - timedelta(days=1):%Y:%m:%d %H:%M:%S}"


async def known(store: Store, conversation_id: str, one: Order) -> Order:
    """The customer of the order has shown in the conversation who they are."""
    proof = await identity.prove_by_order(
        store, conversation_id, one.order_id, phone_of(one.customer_id)[-4:], NOW
    )
    assert proof.outcome == "verified"
    return one


@pytest_asyncio.fixture
async def orders(store: Store) -> tuple[Order, Order]:
    """Two customers with a delivered order each."""
    one, other = (
        delivered(item("S1", "49.00"), item("S2", "30.00")),
        delivered(item("S3", "49.00"), customer_id="C2"),
    )
    await fill(store, one, other)
    return await known(store, FIRST, one), await known(store, SECOND, other)


async def photo(store: Store, conversation_id: str, image: Image.Image, *lines: str) -> Attachment:
    return await sent(store, conversation_id, image, lines, camera="L-7", taken_at=YESTERDAY)


async def ask(store: Store, conversation_id: str, of: Order, *photos: Attachment, line: int = 0) -> Result:
    ids = tuple(one.attachment_id for one in photos)
    wish = Wish(of.order_id, (of.items[line].sku_id,), Reason.DAMAGED, "", ids, "m-yes")
    return await refund.request(store, POLICY, conversation_id, wish, NOW)


def pictures(folder: Path) -> Path:
    """The catalogue's pictures, of which there is one."""
    (folder / "pictures").mkdir()
    (folder / "pictures" / "P1.jpg").write_bytes(as_jpeg(scene(7)))
    return folder / "pictures"


async def look(store: Store, of: Order, *photos: Attachment, line: int = 0) -> Assessment:
    ids = tuple(one.attachment_id for one in photos)
    async with store.reading() as unit:
        return await assess(
            unit, of, Wish(of.order_id, (of.items[line].sku_id,), Reason.DAMAGED, "", ids), NOW
        )


async def test_a_photo_of_ones_own_is_approved_at_once(store: Store, orders: tuple[Order, Order]) -> None:
    one, other = orders
    await ask(store, FIRST, one, await photo(store, FIRST, scene(1)))
    result = await ask(store, SECOND, other, await photo(store, SECOND, scene(2)))
    assert result.decision.outcome is Outcome.APPROVE


async def test_another_customers_photo_goes_to_a_person_and_never_is_refused(
    store: Store, orders: tuple[Order, Order]
) -> None:
    one, other = orders
    original = await photo(store, FIRST, scene(1))
    first = await ask(store, FIRST, one, original)
    copy = await photo(store, SECOND, ImageOps.mirror(scene(1)).crop((40, 30, 860, 640)))
    result = await ask(store, SECOND, other, copy)
    assert (result.decision.outcome, result.decision.rule) == (Outcome.REVIEW, EVIDENCE_RISK)
    assert first.refund and result.refund and result.refund.status == "review"
    async with store.reading() as unit:
        (entry,) = await unit.ledger.of_order(other.order_id)
        looked = await shown.of_refund(unit, result.refund)
    assert entry.inputs["risk"] == "high"
    (found,) = [one for one in entry.inputs["findings"] if one["code"] == "other_customers_photo"]
    assert (found["like"], found["refund_id"]) == (original.attachment_id, first.refund.refund_id)
    assert looked and [one.like for one in looked.about(copy) if one.like] == [original]


async def test_a_photo_is_recognised_after_it_was_erased(store: Store, orders: tuple[Order, Order]) -> None:
    one, other = orders
    original = await photo(store, FIRST, scene(1))
    await ask(store, FIRST, one, original)
    async with store.writing() as unit:
        await unit.connection.execute(t.attachments.delete())
    assert "other_customers_photo" in (await look(store, other, await photo(store, SECOND, scene(1)))).codes


async def test_a_photo_that_no_refund_was_asked_for_with_is_not_compared(
    store: Store, orders: tuple[Order, Order]
) -> None:
    await photo(store, FIRST, scene(1))
    assert (await look(store, orders[1], await photo(store, SECOND, scene(1)))).risk == "low"


async def test_the_same_lines_again_may_show_the_same_photo(
    store: Store, orders: tuple[Order, Order]
) -> None:
    one, _ = orders
    mine = await photo(store, FIRST, scene(1))
    await ask(store, FIRST, one, mine)
    assert "same_order_photo" not in (await look(store, one, mine)).codes
    assert (await look(store, one, mine, line=1)).codes >= {"same_order_photo"}
    assert (await look(store, one, mine, line=1)).risk == "low"


async def test_ones_own_photo_for_another_order_is_high_risk(
    store: Store, orders: tuple[Order, Order]
) -> None:
    one, _ = orders
    again = delivered(item("S1", "49.00"))
    await fill(store, again, catalogue=False, new_customer=False)
    mine = await photo(store, FIRST, scene(1))
    await ask(store, FIRST, one, mine)
    found = await look(store, again, mine)
    assert "own_earlier_photo" in found.codes and found.risk == "high"


async def test_the_shops_own_picture_is_no_photo_of_a_fault(
    store: Store, orders: tuple[Order, Order], tmp_path: Path
) -> None:
    folder = pictures(tmp_path)
    (folder / "notes.txt").write_text("no picture")
    assert [await catalogue.refresh(store, folder, NOW) for _ in range(2)] == [2, 0]
    copy = await photo(store, FIRST, scene(7).resize((500, 389)))
    assert "catalogue_photo" in (found := await look(store, orders[0], copy)).codes
    assert found.risk == "high"
    real = await photo(store, FIRST, scene(8))
    assert "catalogue_beside" in (beside := await look(store, orders[0], copy, real)).codes
    assert beside.risk == "low"


async def test_a_picture_that_left_the_catalogue_is_forgotten(
    store: Store, orders: tuple[Order, Order], tmp_path: Path
) -> None:
    folder = pictures(tmp_path)
    await catalogue.refresh(store, folder, NOW)
    (folder / "P1.jpg").unlink()
    await catalogue.refresh(store, folder, NOW)
    copy = await photo(store, FIRST, scene(7))
    assert "catalogue_photo" not in (await look(store, orders[0], copy)).codes


# --- the second photo --------------------------------------------------------------------------------------


async def answered(store: Store, of: Order, first: Attachment, *second: Attachment) -> str:
    async with store.writing() as unit:
        asked = await challenge.ask(unit, FIRST, of, NOW)
        return (await challenge.answer(unit, asked, (first.attachment_id,), second, NOW)).status


async def code_for(store: Store, of: Order) -> str:
    async with store.writing() as unit:
        return (await challenge.ask(unit, FIRST, of, NOW)).code


async def test_another_view_with_the_code_passes_and_settles_the_doubt(
    store: Store, orders: tuple[Order, Order]
) -> None:
    one, _ = orders
    edited = await sent(store, FIRST, scene(1), software="Adobe Photoshop", taken_at="2020:01:01 10:00:00")
    code = await code_for(store, one)
    assert (await look(store, one, edited)).codes >= {"edited", "taken_before_order", "challenge_open"}
    second = await photo(store, FIRST, another_view(1, code), code)
    assert await answered(store, one, edited, second) == "passed"
    result = await ask(store, FIRST, one, edited, second)
    assert result.decision.outcome is Outcome.APPROVE


async def test_the_first_photo_with_the_code_drawn_on_it_does_not_pass(
    store: Store, orders: tuple[Order, Order]
) -> None:
    one, _ = orders
    code = await code_for(store, one)
    first = await photo(store, FIRST, scene(1))
    drawn = await photo(store, FIRST, with_paper(scene(1), code), code)
    assert await answered(store, one, first, drawn) == "open"


async def test_after_two_tries_it_goes_on_and_other_photos_do_not_help(
    store: Store, orders: tuple[Order, Order]
) -> None:
    one, _ = orders
    first, unread = await photo(store, FIRST, scene(1)), await photo(store, FIRST, another_view(1))
    assert [await answered(store, one, first, unread) for _ in range(2)] == ["open", "failed"]
    result = await ask(store, FIRST, one, await photo(store, FIRST, scene(9)))
    assert (result.decision.outcome, result.decision.rule) == (Outcome.REVIEW, EVIDENCE_RISK)


async def test_an_old_code_is_replaced_and_costs_no_try(store: Store, orders: tuple[Order, Order]) -> None:
    one, _ = orders
    first = await photo(store, FIRST, scene(1))
    async with store.writing() as unit:
        asked = await challenge.ask(unit, FIRST, one, NOW - timedelta(hours=3))
        late = await challenge.answer(unit, asked, (first.attachment_id,), [first], NOW)
        renewed = await challenge.ask(unit, FIRST, one, NOW)
    assert (late.tries, renewed.tries) == (0, 0)
    assert renewed.expires_at > NOW >= asked.expires_at
    assert replace(renewed, code="", expires_at=NOW) == replace(late, code="", expires_at=NOW)

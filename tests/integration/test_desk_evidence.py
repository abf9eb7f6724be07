"""What an agent sees of a refund's photos, over HTTP: findings, and where a picture was seen before."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest_asyncio

from support.model import Order, Reason
from support.pictures import PictureStore
from support.policy import load
from support.services import identity, refund
from support.services.refund import Wish
from support.store import Attachment, Store
from tests.builders import ROOT
from tests.desks import Colleague, staffed
from tests.doors import OpenDoor, new_conversation, open_door
from tests.evidence import as_jpeg, scene, sent
from tests.fakes_rasa import FakeRasa
from tests.records import NOW, delivered, fill, item, phone_of

POLICY = ROOT / "demo" / "policy.yml"


@dataclass(frozen=True)
class Desk:
    """A customer who was handed over to `agent`, with a copy of a photo of another customer's refund."""

    agent: Colleague
    address: str
    order: Order
    copy: Attachment
    original: Attachment


@pytest_asyncio.fixture
async def queued(database_url: str, tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    (tmp_path / "shop").mkdir()
    shutil.copy(POLICY, tmp_path / "shop" / "policy.yml")
    async with open_door(database_url, tmp_path, rasa) as door:
        rasa.enqueue(status=500)
        await door.say("我要退款", message_id="m-1")
        yield door


@pytest_asyncio.fixture
async def desk(queued: OpenDoor, store: Store) -> AsyncIterator[Desk]:
    theirs, mine = delivered(item("S1", "49.00"), customer_id="C2"), delivered(item("S2", "49.00"))
    await fill(store, theirs, mine)
    original = await _earlier_claim(queued, store, theirs)
    copy = await sent(store, queued.conversation_id, scene(1), software="Adobe Photoshop 25.1")
    address = f"/desk/conversations/{queued.conversation_id}"
    async with staffed(queued, "lin", "agent") as lin:
        await lin.post(f"{address}/take")
        await lin.post(f"{address}/verify", order_id=mine.order_id, phone_last4=phone_of("C1")[-4:])
        yield Desk(lin, address, mine, copy, original)


async def _earlier_claim(door: OpenDoor, store: Store, order: Order) -> Attachment:
    """A refund of somebody else, decided without any person."""
    elsewhere, at = new_conversation(), NOW - timedelta(days=1)
    photo = await sent(store, elsewhere, scene(1), camera="L-7")
    pictures = PictureStore(door.settings.attachments_url)
    await pictures.put(photo.attachment_id, as_jpeg(scene(1)))
    await identity.prove_by_order(store, elsewhere, order.order_id, phone_of(order.customer_id)[-4:], at)
    skus = tuple(line.sku_id for line in order.items)
    wish = Wish(order.order_id, skus, Reason.DAMAGED, "", (photo.attachment_id,), "m-yes")
    assert (await refund.request(store, load(POLICY), elsewhere, wish, at)).refund
    return photo


def _asked(desk: Desk) -> dict[str, str]:
    form = {"order_id": desk.order.order_id, "sku": "S2", "reason": "damaged", "yes": "m-1"}
    return form | {"evidence": desk.copy.attachment_id}


async def test_the_dialog_says_what_was_found_before_anything_is_done(desk: Desk) -> None:
    query = "&".join(f"{name}={value}" for name, value in (_asked(desk) | {"filled": "true"}).items())
    shown = await desk.agent.get(f"{desk.address}/refund?{query}", **{"HX-Request": "true"})
    assert "The same photo as in another customer&#39;s refund" in shown.text
    assert "evidence-risk" in shown.text


async def test_a_photo_of_another_conversation_shows_nothing_in_the_dialog(desk: Desk) -> None:
    asked = _asked(desk) | {"filled": "true", "evidence": desk.original.attachment_id}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    shown = await desk.agent.get(f"{desk.address}/refund?{query}", **{"HX-Request": "true"})
    assert shown.status_code == 200 and desk.original.attachment_id not in shown.text


async def test_who_decides_sees_both_pictures_and_what_speaks_against_them(desk: Desk) -> None:
    assert (
        "Submitted for a decision" in (await desk.agent.post(f"{desk.address}/refund", **_asked(desk))).text
    )
    page = (await desk.agent.get("/desk/refunds")).text
    for words in ("Needs a person&#39;s eye", "Went through a photo editor", "Adobe Photoshop 25.1"):
        assert words in page
    for picture in (desk.copy, desk.original):
        assert f"/desk/pictures/{picture.conversation_id}/{picture.attachment_id}" in page


async def test_the_customers_panel_names_what_was_found(desk: Desk) -> None:
    await desk.agent.post(f"{desk.address}/refund", **_asked(desk))
    assert "another customer&#39;s refund" in (await desk.agent.get(desk.address)).text


async def test_an_agent_may_see_a_claims_picture_but_no_other_of_that_conversation(
    desk: Desk, store: Store
) -> None:
    elsewhere = desk.original.conversation_id
    other = await sent(store, elsewhere, scene(5))
    claimed = await desk.agent.get(f"/desk/pictures/{elsewhere}/{desk.original.attachment_id}")
    assert (claimed.status_code, claimed.headers["content-type"]) == (200, "image/jpeg")
    assert (await desk.agent.get(f"/desk/pictures/{elsewhere}/{other.attachment_id}")).status_code == 404

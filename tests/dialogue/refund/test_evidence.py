"""Photos in the refund dialogue: nothing is asked of who sends their own, a second photo of who may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from support.model import Order, OrderStatus
from support.policy import EVIDENCE_RISK
from tests.dialogue.conversation import Conversation
from tests.evidence import another_view, as_jpeg, scene

MUG, DELIVERED = "P4005-01", OrderStatus.DELIVERED
# What a customer must not hear, whatever was found.
_SUSPICION = ("怀疑", "可疑", "风险", "盗用", "suspic", "risk", "fraud", "stolen", "verify that you")


async def shown(talk: Conversation, folder: Path, image: Image.Image) -> str:
    file = folder / "photo.jpg"
    file.write_bytes(as_jpeg(image))
    return await talk.upload(file)


async def broken_mug(talk: Conversation, folder: Path, image: Image.Image) -> Order:
    """A customer asks for their money with this photo."""
    order = await talk.bought(MUG, status=DELIVERED)
    await talk.proven(order)
    words = "the mug arrived broken, I want a refund" if talk.language == "en" else "杯子收到就是碎的，要退款"
    await talk.say(words, await shown(talk, folder, image))
    talk.expect_not(*_SUSPICION)
    return order


def code_in(talk: Conversation) -> str:
    found = re.search(r"\b[A-Z0-9]{4}\b", talk.text)
    assert found, talk.text
    return found[0]


async def other_customer_had(talk: Conversation, folder: Path, seed: int) -> None:
    order = await broken_mug(talk, folder, scene(seed))
    await talk.say("确认提交")
    assert [refund.status for refund in await talk.refunds(order)] == ["approved"]


@pytest.fixture
def other(zh: Conversation) -> Conversation:
    """Somebody else, in a conversation of their own."""
    return zh.beside()


async def test_a_photo_of_ones_own_is_enough(zh: Conversation, tmp_path: Path) -> None:
    order = await broken_mug(zh, tmp_path, scene(101))
    zh.expect("照片收到了", "确认提交吗")
    await zh.say("确认提交")
    assert [refund.rule for refund in await zh.refunds(order)] == ["fault-small"]


async def test_who_cannot_take_another_photo_keeps_the_one_that_was_sent(
    en: Conversation, tmp_path: Path
) -> None:
    order = await broken_mug(en, tmp_path, scene(106))
    en.expect("Shall I submit")
    await en.say("why?? I can't take another one")
    await en.say("yes please")
    assert [refund.rule for refund in await en.refunds(order)] == ["fault-small"]


async def test_another_customers_photo_asks_for_a_second_one_and_a_person_decides(
    zh: Conversation, other: Conversation, tmp_path: Path
) -> None:
    await other_customer_had(other, tmp_path, 102)
    order = await broken_mug(zh, tmp_path, ImageOps.mirror(scene(102)).crop((30, 20, 870, 660)))
    zh.expect("再拍一张", "换个角度")
    await zh.say("", await shown(zh, tmp_path, another_view(102, code_in(zh))))
    zh.expect("谢谢", "确认提交吗")
    await zh.say("确认提交")
    zh.expect("申请已提交", "同事确认")
    zh.expect_not(*_SUSPICION)
    (refund,) = await zh.refunds(order)
    assert (refund.status, refund.rule, len(refund.evidence)) == ("review", EVIDENCE_RISK, 2)
    handover = await zh.handover()
    assert handover and handover.packet["order"]["refunds"][0]["risk"] == "high"


async def test_a_passed_second_photo_is_approved(en: Conversation, tmp_path: Path) -> None:
    edited = Image.Exif()
    edited[0x0131] = "Adobe Photoshop 25.1"
    edited.get_ifd(0x8769)[0x9003] = "2020:01:01 10:00:00"
    order = await en.bought(MUG, status=DELIVERED)
    await en.proven(order)
    (tmp_path / "old.jpg").write_bytes(as_jpeg(scene(103), exif=edited))
    await en.say("the mug arrived broken, I want a refund", await en.upload(tmp_path / "old.jpg"))
    en.expect("One more photo", "piece of paper")
    await en.say("", await shown(en, tmp_path, another_view(103, code_in(en))))
    en.expect("Got it", "Shall I submit")
    await en.say("yes please")
    assert [refund.status for refund in await en.refunds(order)] == ["approved"]


async def test_two_photos_without_the_code_go_to_a_person(
    zh: Conversation, other: Conversation, tmp_path: Path
) -> None:
    await other_customer_had(other, tmp_path, 104)
    order = await broken_mug(zh, tmp_path, scene(104))
    await zh.say("", await shown(zh, tmp_path, another_view(104)))
    zh.expect("没认出来", "再拍一张")
    await zh.say("为什么还要拍？")
    zh.expect("看清", "再拍一张")
    await zh.say("", await shown(zh, tmp_path, another_view(104)))
    zh.expect("确认提交吗")
    await zh.say("确认提交")
    assert [refund.status for refund in await zh.refunds(order)] == ["review"]


async def test_who_cannot_take_one_goes_on_to_a_person(
    zh: Conversation, other: Conversation, tmp_path: Path
) -> None:
    await other_customer_had(other, tmp_path, 105)
    order = await broken_mug(zh, tmp_path, scene(105))
    await zh.press("没有照片")
    zh.expect("没关系", "确认提交吗")
    await zh.say("确认提交")
    assert [refund.rule for refund in await zh.refunds(order)] == [EVIDENCE_RISK]

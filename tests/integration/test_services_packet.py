"""What a person gets with a conversation: the packet, and the summary and draft that follow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.knowledge import Knowledge
from support.llm import Llm
from support.model import HandoffReason, Language, Money, Order, OrderStatus, ParcelEvent
from support.policy import Policy
from support.prompts import Persona
from support.services import briefing, handoff, identity, packet, tried
from support.services.briefing import Office
from support.services.history import Said
from support.services.tried import Exchange
from support.store import Handover, Refund, Store
from tests.fakes_model import FakeModel
from tests.records import NOW, fill, order, parcel_of, phone_of, picture, shipped

POLICY = Policy.model_validate({"timezone": "Asia/Shanghai", "handoff": {"reach": ["email", "phone"]}})


async def build(store: Store, *, policy: Policy = POLICY, **changed: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"said": [], "slots": {}, "tried": [], "language": "zh"}
    return await packet.build(store, policy, "c1", NOW, **given | changed)


async def prove(store: Store, one: Order) -> None:
    proof = await identity.prove_by_order(store, "c1", one.order_id, phone_of("C1")[-4:], NOW)
    assert proof.outcome == "verified"


def refund(one: Order, status: str = "review") -> Refund:
    return Refund(
        refund_id="R1",
        key="key",
        order_id=one.order_id,
        customer_id="C1",
        status=status,
        sku_ids=("S1",),
        reason="quality",
        note="",
        evidence=(),
        amount=Money(7900, "CNY"),
        rule="fault-large",
        created_at=NOW,
    )


# --- the packet --------------------------------------------------------------------------------------------


async def test_it_says_who_it_is_how_that_was_proven_and_what_they_bought(store: Store) -> None:
    event = ParcelEvent(NOW, "到达上海")
    one = order(status=OrderStatus.SHIPPED, shipments=(parcel_of(shipped_at=NOW, events=(event,)),))
    await fill(store, one)
    async with store.writing() as unit:
        await unit.refunds.add(refund(one))
    await prove(store, one)
    found = await build(store, slots={"order_id": one.order_id, "refund_reason": ""})
    assert found["customer"] == {"customer_id": "C1", "name": "C1"}
    assert (found["proven_by"], found["proven_at"]) == ("order+phone", NOW.isoformat())
    card = found["order"]
    assert (card["order_id"], card["status"], card["total"]) == (one.order_id, "shipped", "100.00")
    assert [(item["title"], item["quantity"], item["unit_price"]) for item in card["items"]] == [
        ("商品S1", 1, "100.00")
    ]
    assert card["shipments"][0]["tracking_no"] == one.shipments[0].tracking_no
    assert [(row["refund_id"], row["status"], row["amount"]) for row in card["refunds"]] == [
        ("R1", "review", "79.00")
    ]
    assert found["slots"] == {"order_id": one.order_id}


async def test_the_only_order_is_the_one_that_is_meant(store: Store) -> None:
    one = order()
    await fill(store, one)
    await prove(store, one)
    assert (await build(store))["order"]["order_id"] == one.order_id


async def test_of_several_orders_none_is_guessed(store: Store) -> None:
    one, other = order(), order()
    await fill(store, one, other)
    await prove(store, one)
    assert (await build(store))["order"] is None


async def test_a_stranger_is_named_nobody_whatever_the_slots_say(store: Store) -> None:
    one = order()
    await fill(store, one)
    found = await build(store, slots={"order_id": one.order_id})
    assert [found[part] for part in ("customer", "order", "proven_by", "reach")] == [None] * 4


async def test_somebody_elses_order_is_not_shown(store: Store) -> None:
    mine, other = order(), order(customer_id="C2")
    await fill(store, mine)
    await fill(store, other, catalogue=False)
    await prove(store, mine)
    assert (await build(store, slots={"order_id": other.order_id}))["order"] is None


async def test_pictures_come_with_what_was_read_and_the_last_words_last(store: Store) -> None:
    photo = picture("c1", lines=["收货时已破损"])
    async with store.writing() as unit:
        await unit.attachments.add(photo)
    said = [Said("customer", f"message {n}") for n in range(30)]
    said.append(Said("customer", "看", (photo.attachment_id, "somebody-elses")))
    found = await build(store, said=said)
    assert [(one["id"], one["reading"]["lines"]) for one in found["pictures"]] == [
        (photo.attachment_id, ["收货时已破损"])
    ]
    assert len(found["last_messages"]) == 20 and found["last_messages"][-1]["text"] == "看"


async def test_the_customers_contact_is_masked_and_the_first_known_way_counts(store: Store) -> None:
    one = order()
    await fill(store, one)
    await prove(store, one)
    # The customer has no e-mail address.
    assert (await build(store))["reach"] == {"by": "phone", "shown": "138****0001"}
    assert (await build(store, policy=Policy()))["reach"] is None


@pytest.mark.parametrize(
    ("by", "contact", "shown"),
    [
        ("phone", "13812344462", "138****4462"),
        ("phone", "+8613812344462", "+86138****4462"),
        ("phone", "4462", "****4462"),
        ("email", "lin@example.com", "l***@example.com"),
    ],
)
def test_a_masked_contact_is_known_again_by_its_owner(by: str, contact: str, shown: str) -> None:
    assert packet.masked(by, contact) == shown


# --- what was tried ----------------------------------------------------------------------------------------


def test_each_message_counts_by_its_most_telling_answer() -> None:
    warranty = Exchange("保修多久").answered_by("utter_knowledge_answer", "一年")
    found = tried.steps(
        [
            Exchange("在吗").answered_by("utter_greet", "您好！"),
            warranty.answered_by("utter_knowledge_maybe"),
            Exchange("退款").answered_by("utter_refund_refused", "退不了"),
        ]
    )
    assert [(one["asked"], one["outcome"], one["answered"]) for one in found] == [
        ("保修多久", "unsure", "一年"),
        ("退款", "refused", "退不了"),
    ]
    assert found[1]["zh"] == "按规则退不了" and found[1]["en"] == "policy does not allow the refund"


# --- the briefing ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path) -> Office:
    personas: dict[Language, Persona] = {"zh": Persona("云朵小铺"), "en": Persona("Cloudlet Store")}
    return Office(POLICY, Knowledge(tmp_path / "knowledge"), None, "zh", personas)


async def opened(store: Store, reason: HandoffReason = HandoffReason.ASKED, **changed: Any) -> int:
    """A handover of a customer who said something and then asked for a person."""
    said = [Said("customer", "杯子到手就碎了"), Said("assistant", "抱歉"), Said("customer", "转人工")]
    contents = await build(store, **{"said": said} | changed)
    await handoff.open(store, POLICY, "c1", reason, contents, NOW)
    return (await newest(store)).id


async def newest(store: Store) -> Handover:
    async with store.reading() as unit:
        return (await unit.handovers.of_conversation("c1"))[-1]


async def test_without_a_model_the_summary_is_put_together_from_the_packet(
    store: Store, office: Office
) -> None:
    one = shipped()
    await fill(store, one)
    await prove(store, one)
    steps = tried.steps([Exchange("杯子到手就碎了").answered_by("utter_refund_review")])
    await briefing.brief(store, office, await opened(store, HandoffReason.POLICY, tried=steps), NOW)
    assert (await newest(store)).packet["summary"].splitlines() == [
        "顾客说：杯子到手就碎了",
        f"涉及：{one.order_id} · 商品S1 · 已发货，运输中",
        "已做：退款需要人工审核",
        "还差：需要人工决定或办理",
    ]


async def test_the_summary_is_in_the_staffs_language(store: Store, office: Office) -> None:
    await briefing.brief(store, replace(office, staff="en"), await opened(store), NOW)
    assert (await newest(store)).packet["summary"].splitlines() == [
        "The customer says: 杯子到手就碎了",
        "Open: the customer asked for a person",
    ]


async def test_the_models_summary_is_taken_if_the_conversation_says_the_same(
    store: Store, office: Office, model: FakeModel
) -> None:
    llm = Llm(model.base_url, "fake")
    model.enqueue("顾客的杯子到手就碎了，要求人工。")
    await briefing.brief(store, replace(office, llm=llm), await opened(store), NOW)
    assert (await newest(store)).packet["summary"] == "顾客的杯子到手就碎了，要求人工。"
    assert "杯子到手就碎了" in str(model.history[-1]["messages"])
    await llm.close()


@pytest.mark.parametrize("answer", [("已同意退款 500 元。",), ()])
async def test_a_summary_that_invents_or_fails_is_replaced(
    store: Store, office: Office, model: FakeModel, answer: tuple[str, ...]
) -> None:
    llm = Llm(model.base_url, "fake")
    model.enqueue(*answer, status=200 if answer else 500)
    await briefing.brief(store, replace(office, llm=llm), await opened(store), NOW)
    assert (await newest(store)).packet["summary"].startswith("顾客说：杯子到手就碎了")
    await llm.close()


async def test_the_draft_of_a_matter_for_a_person_comes_from_the_record(store: Store, office: Office) -> None:
    one = shipped()
    await fill(store, one)
    await prove(store, one)
    async with store.writing() as unit:
        await unit.refunds.add(refund(one))
    await briefing.brief(store, office, await opened(store, HandoffReason.HIGH_VALUE), NOW)
    draft = (await newest(store)).packet["draft"]
    assert f"\nR1：订单 {one.order_id}，¥79.00" in draft


@pytest.mark.parametrize(
    ("language", "reason", "opening"),
    [
        ("zh", HandoffReason.ANGER, "这件事让您这么不愉快，真的很抱歉"),
        ("en", HandoffReason.ANGER, "I'm really sorry about this."),
        ("en", HandoffReason.POLICY, "I have your request here."),
    ],
)
async def test_a_draft_from_the_record_first_acknowledges_what_the_customer_feels(
    store: Store, office: Office, language: Language, reason: HandoffReason, opening: str
) -> None:
    one = shipped()
    await fill(store, one)
    await prove(store, one)
    await briefing.brief(store, office, await opened(store, reason, language=language), NOW)
    first, _, record = (await newest(store)).packet["draft"].partition("\n")
    assert first.startswith(opening)
    assert one.order_id in record


async def test_to_an_angry_stranger_there_is_nothing_to_draft(store: Store, office: Office) -> None:
    await briefing.brief(store, office, await opened(store, HandoffReason.ANGER), NOW)
    assert (await newest(store)).packet["draft"] == ""


async def test_where_nothing_is_known_nothing_is_drafted(store: Store, office: Office) -> None:
    await briefing.brief(store, office, await opened(store), NOW)
    assert (await newest(store)).packet["draft"] == ""


async def test_a_briefing_is_written_once_and_not_for_what_is_over(store: Store, office: Office) -> None:
    number = await opened(store)
    await briefing.brief(store, office, number, NOW)
    async with store.writing() as unit:
        await unit.handovers.change(number, packet={"summary": "kept"})
    await briefing.brief(store, office, number, NOW)
    assert (await newest(store)).packet == {"summary": "kept"}
    await handoff.close(store, number, "lin", NOW)
    await opened(store)
    await handoff.close(store, (await newest(store)).id, "lin", NOW)
    await briefing.brief(store, office, (await newest(store)).id, NOW)
    assert "summary" not in (await newest(store)).packet


# --- the briefing again ------------------------------------------------------------------------------------

LATER = NOW + timedelta(minutes=2)


async def customer_adds(store: Store, text: str, at: datetime) -> None:
    async with store.writing() as unit:
        await unit.conversations.receive("c1", f"m-{at:%H%M%S}", text, (), at)
        await unit.handovers.customer_said("c1", at)


async def test_a_new_message_of_the_customer_is_in_the_next_summary_and_draft(
    store: Store, office: Office
) -> None:
    number = await opened(store)
    await briefing.brief(store, office, number, NOW)
    await customer_adds(store, "盘子也碎了，一起退", NOW + timedelta(seconds=90))
    await briefing.renew(store, office, number, LATER)
    assert (await newest(store)).packet["summary"].splitlines()[
        0
    ] == "顾客说：杯子到手就碎了 / 盘子也碎了，一起退"


async def test_a_decided_refund_is_in_the_next_summary(store: Store, office: Office) -> None:
    one = shipped()
    await fill(store, one)
    await prove(store, one)
    async with store.writing() as unit:
        await unit.refunds.add(refund(one))
    number = await opened(store, HandoffReason.POLICY)
    await briefing.brief(store, office, number, NOW)
    before = (await newest(store)).packet
    async with store.writing() as unit:
        await unit.refunds.set_status("R1", "approved")
    await briefing.renew(store, office, number, LATER)
    after = (await newest(store)).packet
    assert "已通过" in after["summary"] and "已通过" not in before["summary"]
    assert after["draft"] != before["draft"]


async def test_what_has_not_moved_on_is_not_written_again(
    store: Store, office: Office, model: FakeModel
) -> None:
    number = await opened(store)
    await briefing.brief(store, office, number, NOW)
    before = (await newest(store)).packet
    await briefing.renew(store, office, number, LATER)
    assert (await newest(store)).packet == before


async def test_it_is_written_again_at_most_once_a_minute(store: Store, office: Office) -> None:
    number = await opened(store)
    await briefing.brief(store, office, number, NOW)
    await customer_adds(store, "盘子也碎了", NOW + timedelta(seconds=30))
    await briefing.renew(store, office, number, NOW + timedelta(seconds=59))
    assert "盘子" not in (await newest(store)).packet["summary"]
    await briefing.renew(store, office, number, NOW + timedelta(seconds=60))
    assert "盘子" in (await newest(store)).packet["summary"]


async def test_under_the_hands_of_a_person_only_the_summary_changes(store: Store, office: Office) -> None:
    one = shipped()
    await fill(store, one)
    await prove(store, one)
    number = await opened(store, HandoffReason.POLICY)
    await briefing.brief(store, office, number, NOW)
    before = (await newest(store)).packet["draft"]
    await handoff.take(store, number, "lin", NOW)
    async with store.writing() as unit:
        await unit.refunds.add(refund(one))
    await briefing.renew(store, office, number, LATER)
    assert "R1" in (await newest(store)).packet["summary"]
    assert (await newest(store)).packet["draft"] == before

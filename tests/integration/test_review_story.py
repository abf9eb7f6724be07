"""The story of one conversation, on both databases: everything in order, nothing twice."""

from __future__ import annotations

from datetime import timedelta

from support.model import HandoffReason
from support.policy import Policy
from support.services import handoff, rate, review
from support.services.review import Step, Story
from support.store import ModelCall, Store
from tests.records import NOW, picture
from tests.review_talks import Talk, put, recorded


async def told(store: Store, conversation_id: str) -> Story:
    found = await review.story(store, conversation_id)
    assert found
    return found


def of(story: Story, *kinds: str) -> list[Step]:
    return [step for step in story.steps if step.kind in kinds]


async def test_nothing_is_told_of_a_conversation_that_nobody_knows(store: Store) -> None:
    assert await review.story(store, "t1") is None


async def test_a_recorded_conversation_is_told_in_order(store: Store) -> None:
    await put(store, recorded("zh"))
    story = await told(store, "talk-zh")
    assert [step.at for step in story.steps] == sorted(step.at for step in story.steps)
    assert [step.text[:6] for step in of(story, "customer", "bot", "person")[:6]] == [
        "你好", "在的！有什么", "运费怎么算", "中国大陆订单", "620899", "要退哪一件？",
    ]  # fmt: skip
    assert story.conversation and story.conversation.customer_messages == 11


async def test_an_answer_has_its_citations_and_the_message_its_waiting_time(store: Store) -> None:
    await put(store, recorded("zh"))
    story = await told(store, "talk-zh")
    question = next(step for step in story.steps if step.text == "运费怎么算")
    answer = next(step for step in story.steps if step.data.get("custom"))
    assert [one["id"] for one in answer.data["custom"]["citations"]] == ["shipping-fees.zh#1"]
    assert question.took_ms is not None and 800 < question.took_ms < 1000
    assert question.message and question.message.ranking[0]["name"] == "ask_knowledge"


async def test_actions_say_how_long_they_ran(store: Store) -> None:
    await put(store, recorded("zh"))
    ran = {step.name: step.took_ms for step in of(await told(store, "talk-zh"), "action")}
    assert ran["action_ask_knowledge"] is not None and ran["action_ask_knowledge"] > 800


async def test_slots_are_told_when_they_change(store: Store) -> None:
    await put(store, recorded("zh"))
    slots = [(step.name, step.data.get("value")) for step in of(await told(store, "talk-zh"), "slot")]
    assert ("refund_reason", "damaged") in slots and ("order_id", "6208994779820") in slots
    assert slots.index(("refund_reason", "damaged")) < slots.index(("refund_reason", None))
    assert slots.count(("paused_flow", None)) == 0


async def test_forms_have_a_beginning_and_an_end(store: Store) -> None:
    await put(store, recorded("en"))
    assert [step.name for step in of(await told(store, "talk-en"), "form")] == [
        "find_order_form", "", "cancel_order_form", "",
    ]  # fmt: skip


async def test_pictures_stand_beside_their_message(store: Store) -> None:
    sent = picture("t1")
    async with store.writing() as unit:
        await unit.attachments.add(sent)
    await Talk("t1").say("[图片]", intent="picture", attachments=[sent.attachment_id, "gone"]).project(store)
    assert (await told(store, "t1")).steps[0].pictures == (sent,)


# --- people ------------------------------------------------------------------------------------------------


async def with_a_person(store: Store) -> int:
    async with store.writing() as unit:
        await unit.conversations.touch("t1", "web", "zh", NOW)
    await handoff.open(store, Policy(), "t1", HandoffReason.ASKED, {"language": "zh"}, NOW)
    async with store.reading() as unit:
        handover = await unit.handovers.current("t1")
    assert handover
    await handoff.take(store, handover.id, "mei", NOW)
    return handover.id


async def test_a_persons_words_are_told_once(store: Store) -> None:
    number = await with_a_person(store)
    await handoff.reply(store, number, "mei", "我来看一下", NOW)
    await handoff.reply(store, number, "mei", "请稍等", NOW)
    await Talk("t1").person("我来看一下").project(store)
    story = await told(store, "t1")
    assert sorted(step.text for step in of(story, "person")) == ["我来看一下", "请稍等"]


async def test_what_a_person_says_twice_is_told_twice(store: Store) -> None:
    number = await with_a_person(store)
    for _ in range(2):
        await handoff.reply(store, number, "mei", "好的", NOW)
    await Talk("t1").person("好的").project(store)
    assert len(of(await told(store, "t1"), "person")) == 2


async def test_a_customers_words_to_a_person_are_told_once(store: Store) -> None:
    async with store.writing() as unit:
        await unit.conversations.receive("t1", "m-1", "在吗", (), NOW)
        await unit.conversations.receive("t1", "m-2", "Rasa was away", (), NOW + timedelta(seconds=9))
    await Talk("t1").say("在吗", message_id="m-1").project(store)
    assert [step.text for step in of(await told(store, "t1"), "customer")] == ["在吗", "Rasa was away"]


async def test_changes_of_the_holder_say_whose_doing_they_are(store: Store) -> None:
    await with_a_person(store)
    changes = of(await told(store, "t1"), "holder")
    assert [(step.name, step.data["from"]) for step in changes] == [("queue", "bot"), ("person", "queue")]
    assert changes[0].data["why"] == "asked" and changes[1].data["to_name"] == "mei"


async def test_ratings_and_calls_of_the_model_are_told(store: Store) -> None:
    await rate.rate(store, "t1", 2, "太慢", NOW)
    call = ModelCall("t1", NOW, "answer", 120, 900, "ok", 10, 20)
    async with store.writing() as unit:
        await unit.model_calls.add([call])
    story = await told(store, "t1")
    rating, answered = story.steps
    assert (rating.kind, rating.name, rating.data) == ("rating", "2", {"words": "太慢"})
    assert (answered.kind, answered.name, answered.took_ms) == ("model_call", "answer", 900)
    assert story.conversation is None

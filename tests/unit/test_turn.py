"""What every action does besides its own business: apologise, tidy up, bring a form back, count its turn."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    EventType,
    SlotSet,
    UserUttered,
)
from rasa_sdk.executor import CollectingDispatcher

from actions import turn as turns
from actions.turn import ShopAction, Turn
from support.bootstrap import Shop
from support.llm import Llm
from tests.fakes_model import FakeModel

Acts = Callable[[Turn], None]


@pytest.fixture(autouse=True)
def _a_shop_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SHOPCLERK_VAR", str(tmp_path))
    turns.shop.cache_clear()
    yield
    turns.shop.cache_clear()


def tracker(*events: EventType, text: str = "你好", loop: str | None = None, **slots: Any) -> Tracker:
    """A tracker as Rasa sends it; `events` are the conversation before."""
    message = {
        "text": text,
        "intent": {"name": "greet"},
        "metadata": {"message_id": "m1", "attachments": ["a1"]},
    }
    before = [*events, ActionExecuted("action_listen"), UserUttered(text, parse_data={"metadata": {}})]
    return Tracker("c1", slots, message, before, False, None, {"name": loop} if loop else {}, None)


async def outcome(act: Acts, at: Tracker, *, in_form: bool = False) -> tuple[list[EventType], list[str]]:
    """The events of an action that does `act`, and the responses that it uttered."""

    class Tried(ShopAction):
        action = "action_tried"

        async def act(self, turn: Turn, _shop: Shop) -> None:
            act(turn)

    Tried.in_form = in_form
    dispatcher = CollectingDispatcher()
    events = await Tried().run(dispatcher, at, {})
    return events, [message["response"] for message in dispatcher.messages]


def silent(_turn: Turn) -> None:
    pass


def failing(turn: Turn) -> None:
    turn.say("utter_half_of_it")
    turn.remember(offer="refund_form")
    raise RuntimeError("the database is away")


async def test_a_failing_action_apologises_once_with_an_id_that_the_log_has(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        events, said = await outcome(failing, tracker())
    assert said == ["utter_internal_error"]
    assert events == [SlotSet("offer", "handoff")]
    assert re.search(r"action_tried failed, told the customer as [0-9a-f]{8}", caplog.text)
    assert "the database is away" in caplog.text


async def test_a_form_that_fails_ends() -> None:
    events, _ = await outcome(failing, tracker(loop="refund_form"), in_form=True)
    assert SlotSet("requested_slot", None) in events and SlotSet("ended", "failed") in events


async def test_an_offer_stands_for_one_message() -> None:
    events, _ = await outcome(silent, tracker(offer="handoff"))
    assert events == [SlotSet("offer", None)]
    events, said = await outcome(Turn.offer_person, tracker(offer="handoff"))
    assert events == [SlotSet("offer", "handoff")] and said == ["utter_offer_person"]


async def test_failures_to_understand_count_in_a_row_only() -> None:
    events, _ = await outcome(silent, tracker(misses=1))
    assert events == [SlotSet("misses", 0)]


async def test_a_digression_brings_the_form_back_to_its_question() -> None:
    events, _ = await outcome(silent, tracker(loop="refund_form", requested_slot="refund_reason"))
    assert [event["name"] for event in events if event["event"] == "followup"] == ["refund_form"]


async def test_a_list_of_orders_is_not_brought_back() -> None:
    events, _ = await outcome(silent, tracker(loop="find_order_form", requested_slot="order_id"))
    assert events == [ActiveLoop(None), SlotSet("requested_slot", None)]


async def test_nothing_is_brought_back_once_a_person_has_the_conversation() -> None:
    def hand_over(turn: Turn) -> None:
        turn.events.append(ConversationPaused())

    events, _ = await outcome(hand_over, tracker(loop="refund_form"))
    assert events == [ConversationPaused()]


async def test_a_forms_own_parts_do_not_bring_it_back() -> None:
    events, _ = await outcome(silent, tracker(loop="refund_form"), in_form=True)
    assert events == []


def at(seen: Tracker) -> Turn:
    return Turn(CollectingDispatcher(), seen)


def test_a_turn_knows_its_message() -> None:
    turn = at(tracker(text="hi", language="en"))
    assert (turn.text, turn.intent, turn.message_id, turn.attachments) == ("hi", "greet", "m1", ("a1",))
    assert (turn.language, at(tracker()).language) == ("en", "zh")
    assert turn.pick("是", "yes") == "yes"


async def test_what_the_model_has_written_names_it_in_the_tracker() -> None:
    dispatcher = CollectingDispatcher()
    turn = Turn(dispatcher, tracker())
    with FakeModel() as model:
        llm = Llm(model.base_url, "winter")
        turn.say("utter_greet")
        await turn.calls.complete(llm, "answer", [{"role": "user", "content": "几天能退？"}])
        turn.say("utter_knowledge_answer", custom={"source": "model"})
        turn.calls.judge("withdrawn")
        turn.say("utter_knowledge_answer", custom={"source": "passage"})
        await llm.close()
    assert [message["custom"] for message in dispatcher.messages] == [
        {},
        {"source": "model", "model": "winter"},
        {"source": "passage"},
    ]


def test_a_slot_is_known_as_it_will_be_after_the_turn() -> None:
    turn = at(tracker(order_id="1"))
    turn.remember(order_id="2")
    turn.remember(order_id=None)
    assert (turn.known("order_id"), turn.slot("order_id"), turn.known("offer")) == (None, "1", None)


def test_a_form_starts_with_the_message_after_which_rasa_noted_it() -> None:
    begun = tracker(loop="refund_form")
    begun.events += [ActionExecuted("refund_form"), ActiveLoop("refund_form")]
    assert at(begun).starts("refund_form")
    begun.events += [ActionExecuted("action_listen"), UserUttered("6205")]
    assert not at(begun).starts("refund_form")


def test_the_form_that_another_one_took_over_from() -> None:
    switched = tracker(ActiveLoop("refund_form"), ActiveLoop("cancel_order_form"))
    assert at(switched).left_loop("cancel_order_form") == "refund_form"
    ended = tracker(ActiveLoop("refund_form"), ActiveLoop(None), ActiveLoop("cancel_order_form"))
    assert at(ended).left_loop("cancel_order_form") is None


def test_a_form_that_resumes_after_a_digression_does_not_see_the_message_as_fresh() -> None:
    seen = tracker(loop="refund_form")
    seen.events += [ActionExecuted("refund_form")]
    assert at(seen).is_fresh
    seen.events[-1:] = [ActionExecuted("action_ask_knowledge"), ActionExecuted("refund_form")]
    assert not at(seen).is_fresh


def test_what_a_person_is_told_of_the_conversation() -> None:
    past = (
        UserUttered("退款", parse_data={}),
        ActionExecuted("action_ask_knowledge"),
        ActionExecuted("action_small_talk"),
        ActionExecuted("action_ask_knowledge"),
        BotUttered("好的"),
    )
    turn = at(tracker(*past, order_id="62", offer="handoff", refund_items=[], text="在吗"))
    assert turn.tried() == ["ask_knowledge"]
    assert [(said.who, said.text) for said in turn.said()] == [
        ("customer", "退款"),
        ("assistant", "好的"),
        ("customer", "在吗"),
    ]
    assert turn.telling_slots() == {"order_id": "62"}

"""Questions about rules and how-tos, with citations; invoices among them."""

from __future__ import annotations

from typing import Any

from actions.handoff import hand_over
from actions.turn import ShopAction, Turn
from support.bootstrap import Shop
from support.model import HandoffReason
from support.services import ask_knowledge, history

_UNSURE_BEFORE_HANDOFF = 2


async def answer_from_documents(turn: Turn, shop: Shop, *, if_certain: bool = False) -> bool:
    """Answer the message from the shop's documents; False when they do not cover it.

    A passage that covers only part of the question is shown as that, or, with `if_certain`, not at all.
    """
    said = turn.told_model()
    variant = await turn.calls.variant(shop.llm) if shop.llm else ""
    past = await history.messages(shop.store, shop.pictures, turn.conversation, said) if shop.llm else []
    found = await ask_knowledge.answer(
        shop.knowledge,
        shop.llm,
        turn.text,
        turn.language,
        turn.persona(),
        history=past,
        draft=turn.draft,
        calls=turn.calls,
        cache=None if turn.attachments else shop.answers,
        variant=variant,
    )
    if found is None or (if_certain and not found.certain):
        return False
    citations = [{"id": one.id, "title": one.title, "article": one.article} for one in found.citations]
    custom: dict[str, Any] = {"citations": citations, "source": found.source}
    custom |= {"cached": True, "model": variant} if found.cached else {}
    turn.say("utter_knowledge_answer", answer=found.text, custom=custom)
    if not found.certain:
        await offer_a_person(turn, shop, "utter_knowledge_maybe")
    return True


async def offer_a_person(turn: Turn, shop: Shop, response: str) -> None:
    """After an answer that may be none: say so and offer a person; the second time in a row, fetch one."""
    unsure = (turn.slot("unsure") or 0) + 1
    if unsure >= _UNSURE_BEFORE_HANDOFF:
        turn.say("utter_sorry_unsure")
        await hand_over(turn, shop, HandoffReason.UNSURE)
    else:
        turn.say(response)
        turn.remember(offer="handoff", unsure=unsure)


class AskKnowledge(ShopAction):
    action = "action_ask_knowledge"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if not await answer_from_documents(turn, shop):
            await offer_a_person(turn, shop, "utter_knowledge_no_answer")


class Invoice(ShopAction):
    """What the documents say about invoices; issuing one is a person's work."""

    action = "action_invoice"

    async def act(self, turn: Turn, shop: Shop) -> None:
        await answer_from_documents(turn, shop)
        if not turn.decides_what_follows:
            turn.say("utter_invoice_person")
            turn.remember(offer="handoff")

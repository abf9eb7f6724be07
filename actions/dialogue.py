"""What belongs to no capability: yes, no, corrections, bare facts, small talk, not understanding."""

from __future__ import annotations

from actions.ask_knowledge import answer_from_documents
from actions.ask_product import AskProduct, answer_from_catalogue, look_at_pictures, show_products
from actions.handoff import hand_over, reason_for_asking
from actions.order_status import OrderStatusAction
from actions.picture import Picture
from actions.turn import ShopAction, Turn
from support import understanding
from support.bootstrap import Shop
from support.model import HandoffReason

# The second message in a row that is not understood goes to a person.
_MISSES_BEFORE_HANDOFF = 2


async def answers_what_is_named(turn: Turn, shop: Shop) -> bool:
    """An order number or a picture says enough by itself, whatever the words around it."""
    if understanding.order_ids(turn.text):
        await OrderStatusAction().act(turn, shop)
    elif turn.attachments:
        await Picture().act(turn, shop)
    else:
        return False
    return True


async def are_products(shop: Shop, ids: tuple[str, ...]) -> bool:
    async with shop.store.reading() as unit:
        return bool(await unit.products.get_many(ids))


async def did_something(turn: Turn, shop: Shop) -> bool:
    """Whether there is anything to rate, now or long before."""
    if not turn.tried():
        await turn.recall(shop)
    return bool(turn.tried())


async def miss(turn: Turn, shop: Shop, response: str) -> None:
    """A message that was not understood, or is not the shop's business: say so, or fetch a person."""
    misses = (turn.slot("misses") or 0) + 1
    if misses >= _MISSES_BEFORE_HANDOFF:
        turn.say("utter_sorry_not_understood")
        await hand_over(turn, shop, HandoffReason.NOT_UNDERSTOOD)
    else:
        turn.say(response)
        turn.remember(misses=misses)


class SmallTalk(ShopAction):
    """One line, and back to what was being done: the response is named like the intent."""

    action = "action_small_talk"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if await answers_what_is_named(turn, shop):
            return
        if turn.intent == "out_of_scope":
            await miss(turn, shop, "utter_out_of_scope")
            return
        turn.say(f"utter_{turn.intent}")
        if turn.intent == "goodbye" and await did_something(turn, shop):
            turn.say("utter_invite_rating")


class Affirm(ShopAction):
    """A plain yes means the offer that stands, if one does: a person, or a form to go on with."""

    action = "action_affirm"

    async def act(self, turn: Turn, shop: Shop) -> None:
        offer = turn.slot("offer")
        if await answers_what_is_named(turn, shop):
            return
        if offer == "handoff":
            await hand_over(turn, shop, reason_for_asking(turn))
        elif offer:
            turn.follow_with(offer)
        else:
            turn.say("utter_anything_else")


class Deny(ShopAction):
    """A plain no declines the offer that stands; a form that was offered again is then over."""

    action = "action_deny"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if not await answers_what_is_named(turn, shop):
            turn.say("utter_anything_else")
            turn.remember(paused_flow=None)


class Stop(ShopAction):
    action = "action_stop"

    async def act(self, turn: Turn, shop: Shop) -> None:
        turn.say("utter_anything_else")
        turn.remember(paused_flow=None)


class Correct(ShopAction):
    """Outside a form a correction is about what was shown last: choose the order again, or the product."""

    action = "action_correct"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if await answers_what_is_named(turn, shop):
            return
        if turn.slot("product_ids") and understanding.speaks_of(turn.text) != "order":
            await AskProduct().act(turn, shop)
        else:
            turn.remember(order_id=None, purpose=OrderStatusAction.action)
            turn.follow_with("find_order_form")


class Inform(ShopAction):
    """A bare order number or picture; else a choice or a name, of the products that were talked about.

    What might be a short order number is taken for one unless a product goes by it.
    """

    action = "action_inform"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if await answers_what_is_named(turn, shop):
            return
        short = understanding.short_order_ids(turn.text)
        if short and not await are_products(shop, short):
            await OrderStatusAction().act(turn, shop)
        elif turn.slot("product_ids"):
            await AskProduct().act(turn, shop)
        else:
            await Fallback().act(turn, shop)


class Fallback(ShopAction):
    """Not understood: try what the records hold, then ask, then fetch a person."""

    action = "action_fallback"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if await answers_what_is_named(turn, shop) or await answer_from_documents(
            turn, shop, if_certain=True
        ):
            return
        found = await answer_from_catalogue(turn, shop, await look_at_pictures(turn, shop), ("one",))
        if found.kind == "one":
            show_products(turn, found)
            return
        await miss(turn, shop, "utter_not_an_answer" if turn.loop else "utter_clarify")

"""What belongs to no capability: yes, no, corrections and bare facts outside a form, and not understanding."""

from __future__ import annotations

from actions.ask_knowledge import answer_from_documents
from actions.ask_product import AskProduct, answer_from_catalogue, show_products
from actions.handoff import hand_over
from actions.order_status import OrderStatusAction
from actions.turn import ShopAction, Turn
from support import understanding
from support.bootstrap import Shop
from support.model import HandoffReason

# The second message in a row that is not understood goes to a person.
_MISSES_BEFORE_HANDOFF = 2


class SmallTalk(ShopAction):
    """One line, and back to what was being done: the response is named like the intent."""

    action = "action_small_talk"

    async def act(self, turn: Turn, shop: Shop) -> None:
        turn.say(f"utter_{turn.intent}")


class Affirm(ShopAction):
    """A plain yes means the offer that stands, if one does."""

    action = "action_affirm"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if turn.slot("offer") == "handoff":
            await hand_over(turn, shop, HandoffReason.ASKED)
        elif not turn.loop:
            turn.say("utter_anything_else")


class Deny(ShopAction):
    action = "action_deny"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if not turn.loop:
            turn.say("utter_anything_else")


class Stop(ShopAction):
    action = "action_stop"

    async def act(self, turn: Turn, shop: Shop) -> None:
        turn.say("utter_stopped" if turn.loop else "utter_anything_else")


class Correct(ShopAction):
    """Outside a form a correction is about the order last shown: choose again."""

    action = "action_correct"

    async def act(self, turn: Turn, shop: Shop) -> None:
        turn.remember(order_id=None)
        if understanding.order_ids(turn.text):
            await OrderStatusAction().act(turn, shop)
        else:
            turn.follow_with("find_order_form")


class Inform(ShopAction):
    """A bare order number asks for that order; a choice or a product's name is a product question."""

    action = "action_inform"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if understanding.order_ids(turn.text) or turn.attachments:
            await OrderStatusAction().act(turn, shop)
        elif turn.slot("product_ids"):
            await AskProduct().act(turn, shop)
        else:
            await Fallback().act(turn, shop)


class Fallback(ShopAction):
    """Not understood: try what the records hold, then ask, then fetch a person."""

    action = "action_fallback"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if turn.text and await answer_from_documents(turn, shop):
            return
        found = await answer_from_catalogue(turn, shop)
        if found.kind == "one":
            show_products(turn, found)
            return
        misses = (turn.slot("misses") or 0) + 1
        if misses >= _MISSES_BEFORE_HANDOFF:
            turn.say("utter_sorry_not_understood")
            await hand_over(turn, shop, HandoffReason.NOT_UNDERSTOOD)
        else:
            turn.say("utter_clarify")
            turn.remember(misses=misses)

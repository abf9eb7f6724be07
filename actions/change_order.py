"""Changing an order that was placed: a person does it while it can be done."""

from __future__ import annotations

from actions.handoff import hand_over
from actions.orders import next_steps, the_order
from actions.turn import ShopAction, Turn
from support import wording
from support.bootstrap import Shop
from support.model import HandoffReason


class ChangeOrder(ShopAction):
    action = "action_change_order"

    async def act(self, turn: Turn, shop: Shop) -> None:
        order = await the_order(turn, shop, self.action)
        if order is None:
            return
        if order.can_be_changed:
            turn.say("utter_change_handed_over", order_id=order.order_id)
            await hand_over(turn, shop, HandoffReason.POLICY)
            return
        turn.say(
            "utter_change_too_late",
            order_id=order.order_id,
            status=wording.STATUS[order.status][turn.language],
            instead=wording.TOO_LATE[order.status][turn.language],
            buttons=next_steps(turn, order),
        )

"""Where an order is: from the records only, also when a screenshot says otherwise."""

from __future__ import annotations

from actions.orders import check_screenshots, next_steps, the_order
from actions.turn import ShopAction, Turn
from support import understanding, wording
from support.bootstrap import Shop
from support.model import Order
from support.services import order_status


class OrderStatusAction(ShopAction):
    action = "action_order_status"

    async def act(self, turn: Turn, shop: Shop) -> None:
        order = await the_order(turn, shop, self.action)
        if order:
            await check_screenshots(turn, shop, order)
            show_order(turn, shop, order)


def show_order(turn: Turn, shop: Shop, order: Order) -> None:
    """The order, what can be done next, and a word where it is late or the customer is in a hurry."""
    card = wording.order_card(order, turn.reader(shop))
    turn.say("utter_order_status", order=card, buttons=next_steps(turn, order))
    if order_status.is_late(order, shop.clock()):
        turn.say("utter_parcel_late")
    elif understanding.urges(turn.text) and order.is_under_way:
        turn.say("utter_urge")
    else:
        return
    turn.remember(offer="handoff")

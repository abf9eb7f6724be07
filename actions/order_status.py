"""Where an order is: from the records only, also when a screenshot says otherwise."""

from __future__ import annotations

from actions.orders import the_order
from actions.turn import ShopAction, Turn
from support import understanding, wording
from support.bootstrap import Shop
from support.model import Order, OrderStatus
from support.services import order_status, picture

# What customers usually want next, by state; pressing a button sends its words.
_NEXT = {
    OrderStatus.PAID: [("取消订单", "Cancel the order")],
    OrderStatus.DELIVERED: [("申请退货", "Return something")],
    OrderStatus.COMPLETED: [("申请退货", "Return something")],
    OrderStatus.UNPAID: [("取消订单", "Cancel the order")],
    OrderStatus.REFUNDED: [("退款到哪了", "Where is my refund")],
}


class OrderStatusAction(ShopAction):
    action = "action_order_status"

    async def act(self, turn: Turn, shop: Shop) -> None:
        order = await the_order(turn, shop, self.action)
        if order:
            await self._check_screenshots(turn, shop, order)
            show_order(turn, shop, order)

    async def _check_screenshots(self, turn: Turn, shop: Shop, order: Order) -> None:
        for one in await picture.sent(shop.store, turn.conversation, turn.attachments):
            claim = one.reading.get("claim") or {}
            if order.order_id not in claim.get("order_numbers", ()):
                continue
            differs = order_status.contradictions(order, claim)
            if differs:
                await order_status.flag_screenshot(
                    shop.store, turn.conversation, order, one.attachment_id, differs, shop.clock()
                )
                turn.say("utter_screenshot_differs")


def show_order(turn: Turn, shop: Shop, order: Order) -> None:
    """The order, what can be done next, and a word where it is late or the customer is in a hurry."""
    card = wording.order_card(order, turn.language, shop.policy.zone)
    labels = [turn.pick(zh, en) for zh, en in _NEXT.get(order.status, [])]
    turn.say("utter_order_status", order=card, buttons=[(label, label) for label in labels])
    late = order_status.is_late(order, shop.clock())
    if late:
        turn.say("utter_parcel_late")
    elif understanding.urges(turn.text) and order.status in (OrderStatus.PAID, OrderStatus.SHIPPED):
        turn.say("utter_urge")
    else:
        return
    turn.offer_person()

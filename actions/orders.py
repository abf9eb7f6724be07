"""The order that something is about: what is mentioned, what is talked about, or a list to choose from."""

from __future__ import annotations

from actions.turn import ShopAction, Turn
from support import understanding, wording
from support.bootstrap import Shop
from support.model import Order
from support.services import identity, order_status, picture

_SHOWN = 8


async def the_order(turn: Turn, shop: Shop, purpose: str) -> Order | None:
    """The order that the message is about; None when it has to be asked for, which is then under way.

    `purpose` is the action that goes on once the order is known.
    """
    mentioned = understanding.order_ids(turn.text)
    if not mentioned and turn.attachments:
        mentioned = picture.order_numbers(await picture.sent(shop.store, turn.conversation, turn.attachments))
    context = None if understanding.wants_list(turn.text) else turn.slot("order_id")
    async with shop.store.reading() as unit:
        found = await order_status.find(
            unit, turn.conversation, shop.clock(), mentioned=mentioned, context=context
        )
    if found.kind == "one" and found.order:
        turn.remember(order_id=found.order.order_id)
        return found.order
    if found.kind == "missing":
        turn.say("utter_order_not_found", order_id=found.mentioned)
    elif found.kind == "none":
        turn.say("utter_no_orders")
    elif found.kind == "several":
        show_orders(turn, shop, found.orders)
    elif not turn.loop:
        turn.remember(purpose=purpose)
        turn.follow_with("find_order_form")
    return None


def show_orders(turn: Turn, shop: Shop, orders: tuple[Order, ...]) -> None:
    """The orders as buttons; pressing one sends its number."""
    zone = shop.policy.zone
    lines = "\n".join(f"• {wording.order_line(order, turn.language, zone)}" for order in orders[:_SHOWN])
    buttons = [
        (wording.order_button(order, turn.language, zone), order.order_id) for order in orders[:_SHOWN]
    ]
    turn.say("utter_which_order", buttons=buttons, orders=lines)


class AskOrderId(ShopAction):
    """The form's question "which order?", with the customer's own orders to choose from."""

    action = "action_ask_order_id"
    in_form = True

    async def act(self, turn: Turn, shop: Shop) -> None:
        async with shop.store.reading() as unit:
            customer_id = await identity.current(unit, turn.conversation, shop.clock())
            orders = tuple(await unit.orders.of_customer(customer_id)) if customer_id else ()
        if orders:
            show_orders(turn, shop, orders)
        else:
            turn.say("utter_no_orders")

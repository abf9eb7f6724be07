"""The order that something is about: what is mentioned, what is talked about, or a list to choose from."""

from __future__ import annotations

from functools import partial

from actions.turn import ShopAction, Turn
from support import understanding, wording
from support.bootstrap import Shop
from support.model import Order, OrderStatus
from support.services import identity, order_status, picture

_FORM = "find_order_form"
_SHOWN = 8
# What customers usually want next, by state; pressing a button sends its words.
_NEXT = {
    OrderStatus.UNPAID: [("取消订单", "Cancel the order")],
    OrderStatus.PAID: [("取消订单", "Cancel the order")],
    OrderStatus.SHIPPED: [("申请退款", "Ask for a refund")],
    OrderStatus.DELIVERED: [("申请退货", "Return something")],
    OrderStatus.COMPLETED: [("申请退货", "Return something")],
    OrderStatus.CANCELLED: [("退款到哪了", "Where is my refund")],
    OrderStatus.REFUNDED: [("退款到哪了", "Where is my refund")],
}


async def the_order(turn: Turn, shop: Shop, purpose: str) -> Order | None:
    """The order that the message is about; None when it has to be asked for, which is then under way.

    `purpose` is the action that goes on once the order is known. In the middle of another form nothing is
    asked and nothing is remembered: that form has an order of its own.
    """
    mentioned, context = await _meant(turn, shop)
    async with shop.store.reading() as unit:
        found = await order_status.find(
            unit, turn.conversation, shop.clock(), mentioned=mentioned, context=context
        )
    in_another_form = turn.loop not in (None, _FORM)
    if found.kind == "missing":
        turn.say("utter_order_not_found", order_id=found.mentioned)
    elif found.kind == "none":
        turn.say("utter_no_orders")
    elif in_another_form and found.order is None:
        show_orders(turn, shop, found.orders)
    elif found.order is None:
        turn.remember(purpose=purpose, order_id=None)
        turn.follow_with(_FORM)
    elif not in_another_form:
        turn.remember(order_id=found.order.order_id)
    return found.order


async def _meant(turn: Turn, shop: Shop) -> tuple[tuple[str, ...], str | None]:
    """The order numbers mentioned, and the order talked about; only the latter when it was just asked for."""
    if turn.slot("purpose") and not turn.loop:
        return (), turn.slot("order_id")
    mentioned = await mentioned_orders(turn, shop)
    return mentioned, None if understanding.wants_list(turn.text) else turn.slot("order_id")


async def mentioned_orders(turn: Turn, shop: Shop, *, asked: bool = False) -> tuple[str, ...]:
    """Order numbers in the words, else in the pictures; `asked`: the message answers "which number?"."""
    written = understanding.order_ids(turn.text, asked=asked)
    if not written and turn.intent == "inform":
        written = understanding.short_order_ids(turn.text)
    if written or not turn.attachments:
        return written
    return picture.order_numbers(await picture.sent(shop.store, turn.conversation, turn.attachments))


async def own_order(turn: Turn, shop: Shop, order_id: str | None) -> Order | None:
    """The order if the verified customer owns it; the slot alone proves nothing."""

    async def read(number: str) -> Order | None:
        async with shop.store.reading() as unit:
            customer_id = await identity.current(unit, turn.conversation, shop.clock())
            return await unit.orders.owned(number, customer_id) if customer_id else None

    return await turn.once(("order", order_id), partial(read, order_id)) if order_id else None


async def own_orders(turn: Turn, shop: Shop) -> tuple[Order, ...]:
    """The verified customer's orders, the newest first."""

    async def read() -> tuple[Order, ...]:
        async with shop.store.reading() as unit:
            customer_id = await identity.current(unit, turn.conversation, shop.clock())
            return tuple(await unit.orders.of_customer(customer_id)) if customer_id else ()

    return await turn.once("orders", read)


async def is_proven(turn: Turn, shop: Shop) -> bool:
    """Whether the customer has proven who they are."""

    async def read() -> bool:
        async with shop.store.reading() as unit:
            return await identity.current(unit, turn.conversation, shop.clock()) is not None

    return await turn.once("proven", read)


async def check_screenshots(turn: Turn, shop: Shop, order: Order) -> None:
    """Say and note it when a screenshot of the order, sent with this message, contradicts the record."""
    for one in await picture.sent(shop.store, turn.conversation, turn.attachments):
        differs = order_status.screenshot_differs(order, one.reading.get("claim") or {})
        if differs:
            await order_status.flag_screenshot(
                shop.store, turn.conversation, order, one.attachment_id, differs, shop.clock()
            )
            turn.say("utter_screenshot_differs")


def show_orders(turn: Turn, shop: Shop, orders: tuple[Order, ...]) -> None:
    """The orders as buttons; pressing one sends its number."""
    if not orders:
        return
    reader = turn.reader(shop)
    lines = "\n".join(f"• {wording.order_line(order, reader)}" for order in orders[:_SHOWN])
    buttons = [(wording.order_button(order, reader), order.order_id) for order in orders[:_SHOWN]]
    turn.say("utter_which_order", buttons=buttons, orders=lines)


def next_steps(turn: Turn, order: Order) -> list[tuple[str, str]]:
    """Buttons for what is usually wanted next."""
    labels = (turn.pick(zh, en) for zh, en in _NEXT[order.status])
    return [(label, label) for label in labels]


class AskOrderId(ShopAction):
    """The form's question "which order?", with the customer's own orders to choose from."""

    action = "action_ask_order_id"
    in_form = True

    async def act(self, turn: Turn, shop: Shop) -> None:
        show_orders(turn, shop, await own_orders(turn, shop))

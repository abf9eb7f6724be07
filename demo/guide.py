"""demo_guide.json: whom to be and what to ask, for the start-up banner, the documentation and the tests.

Shape: `{today, zh: {customer, orders, more, try}, en: {…}, landmark: {customer, order_id, orders}}` where a
customer is `{customer_id, name, phone_last4}`, `orders` maps a situation to an order id of that customer, and
`more` maps a situation to an order of somebody else with that customer's fields.
"""

from typing import Any, Final

from demo.clock import SHOP_ZONE, Clock
from demo.orders import Order
from demo.people import Customer
from demo.showcase import LANDMARK, LANDMARK_ORDER, MAIN

TRY: Final = {
    "zh": (
        "我的订单 {shipped} 到哪了？（手机尾号 {phone_last4}）",
        "有没有 200 元以内的白色连衣裙？",
        "配什么鞋好看？",
        "订单 {cheap_recent} 里的杯子收到就是碎的，我要退款",
        "运费怎么算？",
    ),
    "en": (
        "Where is my order {shipped}? (phone ending in {phone_last4})",
        "Do you have a white dress under 200 yuan?",
        "What goes with it?",
        "The mugs in order {cheap_recent} arrived broken, I want a refund",
        "How much is shipping?",
    ),
}


def make_guide(customers: list[Customer], orders: list[Order], clock: Clock) -> dict[str, Any]:
    """The guide to this shop, ready for json.dump."""
    by_id = {customer.customer_id: customer for customer in customers}
    shown = [order for order in orders if order.name]
    guide: dict[str, Any] = {"today": clock.now.astimezone(SHOP_ZONE).date().isoformat()}
    for language, customer_id in MAIN.items():
        own = _situations(shown, customer_id)
        me = _customer(by_id[customer_id])
        guide[language] = {
            "customer": me,
            "orders": own,
            "more": _more(shown, language),
            "try": [phrase.format(**own, **me) for phrase in TRY[language]],
        }
    guide["landmark"] = {
        "customer": _customer(by_id[LANDMARK]),
        "order_id": LANDMARK_ORDER,
        "orders": _situations(shown, LANDMARK),
    }
    return guide


def _situations(orders: list[Order], customer_id: str) -> dict[str, str]:
    return {order.name: order.order_id for order in orders if order.customer.customer_id == customer_id}


def _more(orders: list[Order], language: str) -> dict[str, dict[str, str]]:
    regulars = {*MAIN.values(), LANDMARK}
    return {
        order.name: {"order_id": order.order_id, **_customer(order.customer)}
        for order in orders
        if order.customer.language == language and order.customer.customer_id not in regulars
    }


def _customer(customer: Customer) -> dict[str, str]:
    return {
        "customer_id": customer.customer_id,
        "name": customer.name,
        "phone_last4": customer.phone[-4:],
    }

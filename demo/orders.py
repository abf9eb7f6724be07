"""Orders: the planned ones of showcase.py, and as many by chance as it takes to have STATES of each state.

Contract: `make_orders` draws the same numbers whatever today is, so order ids, customers and goods never
change; only dates follow the clock. All money is integer fen: goods + shipping_fee - discount = total.
"""

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Final

from demo.catalogue import Catalogue, Product, Sku
from demo.clock import Clock
from demo.lifecycle import Dates, choose_days, make_dates
from demo.parcels import Parcel, make_parcel
from demo.people import Customer
from demo.showcase import PLANS, Plan

STATES: Final = {
    "unpaid": 12, "paid": 52, "shipped": 74, "delivered": 66, "completed": 134,
    "cancelled": 34, "refunded": 28,
}  # fmt: skip
COUNT: Final = sum(STATES.values())
WITHOUT_ORDERS: Final = 14  # customers who only ever looked
COUPONS: Final = (
    (50_000, 6_000, 0.3),
    (20_000, 2_000, 0.3),
    (9_900, 1_500, 0.15),
)  # goods from, off, how often
FREE_SHIPPING_FROM: Final = 9_900
SHIPPING_FEE: Final = 800
PAYMENT: Final = ("wechat_pay", "alipay", "unionpay")


@dataclass(frozen=True)
class Line:
    """One line of an order."""

    product: Product
    sku: Sku
    quantity: int

    @property
    def total(self) -> int:
        return self.sku.price * self.quantity


@dataclass(frozen=True)
class Order:
    """An order with everything that the import files and the pictures need."""

    order_id: str
    name: str
    customer: Customer
    status: str
    lines: tuple[Line, ...]
    discount: int
    dates: Dates
    payment: str
    parcel: Parcel | None

    @property
    def goods(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def shipping_fee(self) -> int:
        return 0 if self.goods - self.discount >= FREE_SHIPPING_FROM else SHIPPING_FEE

    @property
    def total(self) -> int:
        return self.goods + self.shipping_fee - self.discount


def make_orders(catalogue: Catalogue, customers: list[Customer], clock: Clock, rng: Random) -> list[Order]:
    """The shop's orders, the planned ones first."""
    by_id = {customer.customer_id: customer for customer in customers}
    ids = rng.sample(range(10**10), COUNT)
    orders = []
    for number, plan in enumerate([*PLANS, *_by_chance(catalogue, customers, rng)]):
        order_id = plan.order_id or f"620{ids[number]:010d}"
        orders.append(_order(order_id, plan, by_id[plan.customer_id], catalogue, clock, rng))
    return orders


def _by_chance(catalogue: Catalogue, customers: list[Customer], rng: Random) -> list[Plan]:
    """Plans for customers who are not in the showcase, some of whom order far more often than others."""
    shown = {plan.customer_id for plan in PLANS}
    buyers = [customer.customer_id for customer in customers if customer.customer_id not in shown][
        :-WITHOUT_ORDERS
    ]
    weights = [rng.paretovariate(2.2) for _ in buyers]
    planned = Counter(plan.status for plan in PLANS)
    missing = [status for status, wanted in STATES.items() for _ in range(wanted - planned[status])]
    plans = []
    for status in missing:
        story, days = choose_days(status, rng)
        buyer = rng.choices(buyers, weights)[0]
        plans.append(Plan("", buyer, status, days, _basket(catalogue, rng), story))
    return plans


def _basket(catalogue: Catalogue, rng: Random) -> tuple[str, ...]:
    """One to three things; what goes together is bought together."""
    product = rng.choice(catalogue.products)
    basket = {product.product_id}
    for _ in range(rng.choices((0, 1, 2), (66, 25, 9))[0]):
        anything = rng.choice(catalogue.products).product_id
        basket.add(rng.choice(product.attributes["goes_with"]) if rng.random() < 0.7 else anything)
    return tuple(rng.choice(catalogue.product(product_id).skus).sku_id for product_id in sorted(basket))


def _order(
    order_id: str, plan: Plan, customer: Customer, catalogue: Catalogue, clock: Clock, rng: Random
) -> Order:
    lines = tuple(
        Line(*catalogue.skus[sku_id], quantity=2 if not plan.name and rng.random() < 0.12 else 1)
        for sku_id in plan.sku_ids
    )
    goods = sum(line.total for line in lines)
    luck = rng.random()
    coupon = next((coupon for coupon in COUPONS if goods >= coupon[0]), None)
    dates = make_dates(plan.status, plan.story, plan.days, clock, rng)
    return Order(
        order_id=order_id,
        name=plan.name,
        customer=customer,
        status=plan.status,
        lines=lines,
        discount=coupon[1] if coupon and luck < coupon[2] else 0,
        dates=dates,
        payment=rng.choice(PAYMENT),
        parcel=make_parcel(dates, customer, clock, rng),
    )

"""Records in words: money, dates, states, orders and parcels, in Chinese and in English.

Sentences of the dialogue are in `domain/`; here are only the parts that a record fills. Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from support.model import Decision, Language, Money, Order, OrderItem, OrderStatus, Reason, Shipment
from support.store import Refund

_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

STATUS: Mapping[OrderStatus, Mapping[str, str]] = {
    OrderStatus.UNPAID: {"zh": "待付款", "en": "awaiting payment"},
    OrderStatus.PAID: {"zh": "已付款，待发货", "en": "paid, not shipped yet"},
    OrderStatus.SHIPPED: {"zh": "已发货，运输中", "en": "shipped, on its way"},
    OrderStatus.DELIVERED: {"zh": "已送达", "en": "delivered"},
    OrderStatus.COMPLETED: {"zh": "已完成", "en": "completed"},
    OrderStatus.CANCELLED: {"zh": "已取消", "en": "cancelled"},
    OrderStatus.REFUNDED: {"zh": "已退款", "en": "refunded"},
}
REASON: Mapping[Reason, Mapping[str, str]] = {
    Reason.CHANGED_MIND: {"zh": "不想要了", "en": "changed my mind"},
    Reason.SIZE: {"zh": "尺码不合适", "en": "doesn't fit"},
    Reason.QUALITY: {"zh": "质量问题", "en": "quality problem"},
    Reason.DAMAGED: {"zh": "收到时破损", "en": "arrived damaged"},
    Reason.WRONG_ITEM: {"zh": "发错货", "en": "wrong item"},
    Reason.MISSING_ITEM: {"zh": "少件漏发", "en": "something is missing"},
    Reason.NOT_RECEIVED: {"zh": "没收到货", "en": "never arrived"},
    Reason.OTHER: {"zh": "其他原因", "en": "another reason"},
}
REFUND_STATUS: Mapping[str, Mapping[str, str]] = {
    "approved": {"zh": "已通过，款项原路退回", "en": "approved, on its way back to your payment method"},
    "review": {"zh": "同事审核中", "en": "being reviewed by a colleague"},
    "refused": {"zh": "未通过", "en": "not approved"},
}
# What can still be done about an order that can no longer be changed.
TOO_LATE: Mapping[OrderStatus, Mapping[str, str]] = {
    OrderStatus.SHIPPED: {
        "zh": "可以请快递员改派，或者收到后申请退货。",
        "en": "You can ask the courier to redirect the parcel, or return it once it arrives.",
    },
    OrderStatus.DELIVERED: {"zh": "不合适的话可以申请退货。", "en": "If it isn't right, you can return it."},
    OrderStatus.COMPLETED: {"zh": "不合适的话可以申请退货。", "en": "If it isn't right, you can return it."},
    OrderStatus.CANCELLED: {
        "zh": "需要的话请重新下单。",
        "en": "Please place a new order if you still want it.",
    },
    OrderStatus.REFUNDED: {
        "zh": "需要的话请重新下单。",
        "en": "Please place a new order if you still want it.",
    },
}
_ERRANDS: Mapping[str, Mapping[str, str]] = {
    "refund_form": {"zh": "订单 {order_id} 的退款", "en": "the refund for order {order_id}"},
    "cancel_order_form": {"zh": "取消订单 {order_id}", "en": "cancelling order {order_id}"},
}
_REACH: Mapping[str, Mapping[str, str]] = {
    "chat": {
        "zh": "会回复在这个对话里，到时打开就能看到。",
        "en": "The answer comes here in this chat, so just open it again.",
    },
    "phone": {
        "zh": "会回复在这个对话里，也会拨打 {shown} 联系您。",
        "en": "The answer comes here in this chat, and we'll call you on {shown}.",
    },
    "email": {
        "zh": "会回复在这个对话里，也会发邮件到 {shown}。",
        "en": "The answer comes here in this chat and by e-mail to {shown}.",
    },
}
_EVENTS_SHOWN = 3


@dataclass(frozen=True)
class Reader:
    """For whom something is worded: the language, the shop's zone, and the moment it is read."""

    language: Language
    zone: tzinfo
    now: datetime

    @property
    def zh(self) -> bool:
        return self.language == "zh"

    def pick(self, texts: Mapping[str, str]) -> str:
        """The text in the reader's language; a shop that wrote only the other one is better than silence."""
        return texts.get(self.language) or next(iter(texts.values()), "")


def money(amount: Money) -> str:
    """¥239.20, $12.00; currencies without a symbol of their own by code."""
    symbol = _SYMBOLS.get(amount.currency)
    return f"{symbol}{amount.decimal:,}" if symbol else f"{amount.decimal:,} {amount.currency}"


def day(at: datetime, reader: Reader) -> str:
    """11月21日, 21 November; with the year when it is not this one."""
    local = at.astimezone(reader.zone)
    this_year = local.year == reader.now.astimezone(reader.zone).year
    if reader.zh:
        return f"{'' if this_year else f'{local.year}年'}{local.month}月{local.day}日"
    return f"{local.day} {local:%B}{'' if this_year else f' {local.year}'}"


def moment(at: datetime, reader: Reader) -> str:
    return f"{day(at, reader)}{' ' if reader.zh else ', '}{at.astimezone(reader.zone):%H:%M}"


def sentences(reader: Reader, *parts: str) -> str:
    """One after the other: with a space between them in English, without in Chinese."""
    return ("" if reader.zh else " ").join(part for part in parts if part)


def because(decision: Decision, reader: Reader) -> str:
    """Why it was decided so, and what else is possible."""
    return sentences(reader, reader.pick(decision.explain), reader.pick(decision.alternatives))


def errand(form: str, order_id: str, reader: Reader) -> str:
    """What a form was about."""
    return reader.pick(_ERRANDS[form]).format(order_id=order_id)


def item(line: OrderItem, reader: Reader) -> str:
    """Title, options, and how many if more than one."""
    options = (line.options if reader.zh else line.options_en).values()
    chosen = (f"（{'，'.join(options)}）" if reader.zh else f" ({', '.join(options)})") if options else ""
    count = f" ×{line.quantity}" if line.quantity > 1 else ""
    return f"{line.title if reader.zh else line.title_en}{chosen}{count}"


def items(lines: Sequence[OrderItem], reader: Reader) -> str:
    return ("、" if reader.zh else ", ").join(item(line, reader) for line in lines)


def names(line: OrderItem) -> str:
    """Everything that a customer may call an item, in either language."""
    return " ".join((line.title, line.title_en, *line.options.values(), *line.options_en.values()))


def order_line(order: Order, reader: Reader) -> str:
    """One line, for a list to choose from."""
    parts = (
        day(order.placed_at, reader),
        _short(items(order.items, reader)),
        STATUS[order.status][reader.language],
    )
    return " · ".join((order.order_id, *parts))


def order_button(order: Order, reader: Reader) -> str:
    """A label that fits a phone."""
    if not order.items:
        return order.order_id
    first = order.items[0]
    title = _short(first.title, 14) if reader.zh else _short(first.title_en, 24)
    return f"{day(order.placed_at, reader)} {title}"


def order_card(order: Order, reader: Reader) -> str:
    """The order with its state, lines and parcels."""
    status, placed = STATUS[order.status][reader.language], moment(order.placed_at, reader)
    sum_zh, sum_en = ("实付", "Paid") if order.paid_at else ("合计", "Total")
    lines = [
        f"订单 {order.order_id}：{status}" if reader.zh else f"Order {order.order_id}: {status}",
        *(f"• {item(line, reader)}  {money(line.unit_price)}" for line in order.items),
        *_besides_goods(order, reader),
        f"{sum_zh} {money(order.total)}，{placed} 下单"
        if reader.zh
        else f"{sum_en} {money(order.total)}, placed on {placed}",
    ]
    if order.status not in (OrderStatus.CANCELLED, OrderStatus.REFUNDED):
        for parcel in order.shipments:
            lines += _parcel(parcel, reader)
    return "\n".join(lines)


def _besides_goods(order: Order, reader: Reader) -> list[str]:
    """Postage and discount, where they explain why the sum is not that of the lines."""
    postage = Money(order.shipping_fee, order.total.currency)
    goods = sum(line.line_total for line in order.items)
    discount = Money(goods + postage.minor - order.total.minor, order.total.currency)
    parts = []
    if postage.minor > 0:
        parts.append(f"运费 {money(postage)}" if reader.zh else f"Postage {money(postage)}")
    if discount.minor > 0:
        parts.append(f"优惠 -{money(discount)}" if reader.zh else f"Discount -{money(discount)}")
    return ["，".join(parts) if reader.zh else ", ".join(parts)] if parts else []


def _parcel(parcel: Shipment, reader: Reader) -> list[str]:
    lines = [f"{parcel.carrier if reader.zh else parcel.carrier_en} {parcel.tracking_no}"]
    newest = sorted(parcel.events, key=lambda event: event.at, reverse=True)[:_EVENTS_SHOWN]
    lines += [f"  {moment(event.at, reader)}  {event.text}" for event in newest]
    if parcel.delivered_at:
        at = moment(parcel.delivered_at, reader)
        lines.append(f"{at} 签收" if reader.zh else f"Delivered on {at}")
    elif parcel.expected_at:
        at = day(parcel.expected_at, reader)
        lines.append(f"预计 {at} 送达" if reader.zh else f"Expected on {at}")
    return lines


def refund_line(refund: Refund, reader: Reader) -> str:
    """One refund with its state."""
    asked, status = day(refund.created_at, reader), REFUND_STATUS[refund.status][reader.language]
    amount = money(refund.amount)
    if reader.zh:
        return f"{refund.refund_id}：订单 {refund.order_id}，{amount}，{asked}申请，{status}"
    return f"{refund.refund_id}: order {refund.order_id}, {amount}, requested on {asked}, {status}"


def ahead(people: int, reader: Reader) -> str:
    """How many wait before the customer."""
    if reader.zh:
        return f"{people} 位"
    return "one person" if people == 1 else f"{people} people"


def deadline(at: datetime, language: Language) -> str:
    """By when, in the shop's own zone (the datetime carries it)."""
    if language == "zh":
        return f"{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at:%H:%M} on {at.day} {at:%B} (shop time)"


def reach(contact: Mapping[str, str] | None, language: Language) -> str:
    """How an answer that comes later gets to the customer; `contact` as a packet's `reach`."""
    ways = _REACH[contact["by"] if contact else "chat"]
    return ways[language].format(shown=contact["shown"] if contact else "")


def _short(text: str, limit: int = 40) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"

"""Records in words: money, dates, states, orders and parcels, in Chinese and in English.

Sentences of the dialogue are in `domain/`; here are only the parts that a record fills. Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from support.model import Language, Money, Order, OrderItem, OrderStatus, Reason, Shipment
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
_EVENTS_SHOWN = 3


def money(amount: Money) -> str:
    """¥239.20, $12.00; currencies without a symbol of their own by code."""
    symbol = _SYMBOLS.get(amount.currency)
    return f"{symbol}{amount.decimal:,}" if symbol else f"{amount.decimal:,} {amount.currency}"


def day(at: datetime, language: Language, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local.month}月{local.day}日" if language == "zh" else f"{local.day} {local:%B}"


def moment(at: datetime, language: Language, zone: tzinfo) -> str:
    return f"{day(at, language, zone)} {at.astimezone(zone):%H:%M}"


def item(line: OrderItem, language: Language) -> str:
    options = line.options_en if language == "en" else line.options
    title = line.title_en if language == "en" else line.title
    chosen = f"（{'，'.join(options.values())}）" if language == "zh" else f" ({', '.join(options.values())})"
    return f"{title}{chosen if options else ''} ×{line.quantity}"


def items(lines: Sequence[OrderItem], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(item(line, language) for line in lines)


def order_line(order: Order, language: Language, zone: tzinfo) -> str:
    """One line, for a list to choose from."""
    placed = day(order.placed_at, language, zone)
    status = STATUS[order.status][language]
    return f"{order.order_id} · {placed} · {_short(items(order.items, language))} · {status}"


def order_button(order: Order, language: Language, zone: tzinfo) -> str:
    """A label that fits a phone."""
    first = order.items[0] if order.items else None
    title = (first.title_en if language == "en" else first.title) if first else order.order_id
    return f"{day(order.placed_at, language, zone)} {_short(title, 14 if language == 'zh' else 24)}"


def order_card(order: Order, language: Language, zone: tzinfo) -> str:
    """The order with its state, lines and parcels."""
    zh = language == "zh"
    placed = moment(order.placed_at, language, zone)
    lines = [
        f"订单 {order.order_id}：{STATUS[order.status]['zh']}"
        if zh
        else f"Order {order.order_id}: {STATUS[order.status]['en']}",
        *(f"• {item(line, language)}  {money(line.unit_price)}" for line in order.items),
        f"合计 {money(order.total)}，{placed} 下单" if zh else f"Total {money(order.total)}, placed {placed}",
    ]
    if order.status not in (OrderStatus.CANCELLED, OrderStatus.REFUNDED):
        for parcel in order.shipments:
            lines += _parcel(parcel, language, zone)
    return "\n".join(lines)


def _parcel(parcel: Shipment, language: Language, zone: tzinfo) -> list[str]:
    zh = language == "zh"
    lines = [f"{parcel.carrier if zh else parcel.carrier_en} {parcel.tracking_no}"]
    newest = sorted(parcel.events, key=lambda event: event.at, reverse=True)[:_EVENTS_SHOWN]
    lines += [f"  {moment(event.at, language, zone)}  {event.text}" for event in newest]
    if parcel.delivered_at:
        at = moment(parcel.delivered_at, language, zone)
        lines.append(f"{at} 签收" if zh else f"Delivered {at}")
    elif parcel.expected_at:
        at = day(parcel.expected_at, language, zone)
        lines.append(f"预计 {at} 送达" if zh else f"Expected {at}")
    return lines


def refund_line(refund: Refund, language: Language, zone: tzinfo) -> str:
    """One refund with its state."""
    asked, status = day(refund.created_at, language, zone), REFUND_STATUS[refund.status][language]
    if language == "zh":
        return f"{refund.refund_id}：订单 {refund.order_id}，{money(refund.amount)}，{asked}申请，{status}"
    return f"{refund.refund_id}: order {refund.order_id}, {money(refund.amount)}, asked {asked}, {status}"


def opening(at: datetime | None, language: Language) -> str:
    """When people are back, in the shop's own zone (the datetime carries it)."""
    if at is None:
        return "" if language == "zh" else "again"
    if language == "zh":
        return f"{at.month}月{at.day}日 {at:%H:%M}"
    return f"at {at:%H:%M} on {at.day} {at:%B} (shop time)"


def _short(text: str, limit: int = 40) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"

"""How an app looks and words things. The apps are invented; each is a theme, a language and a layout."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from demo.clock import SHOP_ZONE


@dataclass(frozen=True)
class Theme:
    """Colours, and the forms of dates and amounts."""

    accent: str
    page: str = "#f4f4f6"
    card: str = "#ffffff"
    ink: str = "#22242a"
    muted: str = "#8a8d96"
    rule: str = "#ececf0"
    dates: str = "%Y-%m-%d %H:%M:%S"
    currency: str = "¥"
    thousands: bool = False
    corners: int = 10

    def date(self, moment: datetime) -> str:
        """In the shop's zone; a leading zero of the day goes where the form asks for it with `%-d`."""
        local = moment.astimezone(SHOP_ZONE)
        form = self.dates.replace("%-d", str(local.day)).replace("%-m", str(local.month))
        return local.strftime(form)

    def amount(self, fen: int) -> str:
        sign = "-" if fen < 0 else ""
        whole = f"{abs(fen) // 100:,}" if self.thousands else str(abs(fen) // 100)
        return f"{sign}{self.currency}{whole}.{abs(fen) % 100:02d}"


@dataclass(frozen=True)
class Wording:
    """What an app calls things; keys of `states` are the record's states."""

    language: str
    title: str
    states: dict[str, str]
    order_id: str
    placed: str
    total: str
    goods: str
    shipping: str
    discount: str
    tracking: str
    paid: str
    transaction: str
    copy: str
    buttons: dict[str, tuple[str, ...]]
    tabs: tuple[str, ...]
    payment: dict[str, str]


STATES: Final = ("unpaid", "paid", "shipped", "delivered", "completed", "cancelled", "refunded")


def _states(*texts: str) -> dict[str, str]:
    return dict(zip(STATES, texts, strict=True))


def _buttons(*texts: str) -> dict[str, tuple[str, ...]]:
    """Buttons before payment, before dispatch, on the way, on arrival, and when all is over."""
    unpaid, paid, shipped, delivered, over = (tuple(text.split(", ")) for text in texts)
    return dict(zip(STATES, (unpaid, paid, shipped, delivered, over, over, over), strict=True))


ZH_FULL: Final = Wording(
    language="zh",
    title="订单详情",
    states=_states(
        "等待买家付款", "等待卖家发货", "卖家已发货", "包裹已签收", "交易成功", "交易关闭", "退款成功"
    ),
    order_id="订单编号",
    placed="下单时间",
    total="实付款",
    goods="商品总价",
    shipping="运费",
    discount="店铺优惠",
    tracking="运单号",
    paid="付款时间",
    transaction="支付交易号",
    copy="复制",
    buttons=_buttons(
        "取消订单, 去支付",
        "申请退款, 催发货",
        "延长收货, 查看物流, 确认收货",
        "申请售后, 查看物流, 确认收货",
        "申请开票, 再次购买",
    ),
    tabs=("全部", "待付款", "待发货", "待收货", "评价"),
    payment={"wechat_pay": "微信支付", "alipay": "支付宝", "unionpay": "银联支付"},
)
ZH_SHORT: Final = replace(
    ZH_FULL,
    title="我的订单",
    states=_states("待付款", "待发货", "运输中", "已签收", "已完成", "已取消", "已退款"),
    order_id="订单号",
    total="实付",
    discount="优惠券",
    buttons=_buttons(
        "取消, 立即付款", "联系客服, 提醒发货", "联系客服, 查看物流", "退换货, 评价", "联系客服, 再来一单"
    ),
)
EN_FULL: Final = Wording(
    language="en",
    title="Order details",
    states=_states(
        "Awaiting payment",
        "Preparing your order",
        "Shipped",
        "Delivered",
        "Completed",
        "Cancelled",
        "Refunded",
    ),
    order_id="Order number",
    placed="Placed on",
    total="Order total",
    goods="Subtotal",
    shipping="Shipping",
    discount="Discount",
    tracking="Tracking number",
    paid="Paid on",
    transaction="Payment ID",
    copy="Copy",
    buttons=_buttons(
        "Cancel, Pay now", "Help, Cancel order", "Help, Track parcel", "Return, Review", "Invoice, Buy again"
    ),
    tabs=("All", "To pay", "To ship", "Shipped", "Review"),
    payment={"wechat_pay": "WeChat Pay", "alipay": "Alipay", "unionpay": "UnionPay"},
)
EN_SHORT: Final = replace(
    EN_FULL,
    title="My orders",
    states=_states(
        "To pay", "Processing", "On its way", "Arrived", "Completed", "Cancelled", "Refund complete"
    ),
    order_id="Order no.",
    placed="Ordered",
    total="Total paid",
    goods="Items",
    shipping="Delivery",
    discount="Voucher",
    buttons=_buttons(
        "Cancel, Pay", "Get help, Cancel", "Get help, Track", "Get help, Return", "Get help, Buy again"
    ),
)

WARM: Final = Theme("#f2632f")
LAKE: Final = Theme("#1f8a8c", page="#eef3f3", dates="%Y/%m/%d %H:%M", currency="￥", corners=4)
LEAF: Final = Theme("#2f9e5b", page="#f7f7f7", dates="%Y年%-m月%-d日 %H:%M", corners=14)
NIGHT: Final = Theme(
    "#ff7d4d", page="#121316", card="#1e2024", ink="#ececee", muted="#8f939c", rule="#2d3036"
)
PLUM: Final = Theme("#7a4fd0", page="#f5f3fa", dates="%-d %b %Y, %H:%M", thousands=True, corners=16)
SLATE: Final = Theme(
    "#24508f", page="#ffffff", card="#ffffff", dates="%b %-d, %Y %H:%M", currency="CNY ", thousands=True
)
DUSK: Final = Theme(
    "#6ea8fe", page="#0e1116", card="#191d24", ink="#e8eaee", muted="#8c93a0", rule="#2a303a",
    dates="%Y-%m-%d %H:%M", thousands=True, corners=12,
)  # fmt: skip

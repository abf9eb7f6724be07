"""The words that shops print beside numbers, in Chinese and English, and what each announces.

Spaces inside English labels are optional, because OCR loses them. At each place, from the left, the
patterns are tried in the order written, so a longer label stands before the shorter one it contains.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER_WORD = r"\s*(?:n[o0](?![a-z])\.?|num(?:ber)?|id(?![a-z])|ref(?:erence)?|code|#)"
_DIGITS_FOLLOW = r"(?=\W*(?:$|[A-Za-z0-9]{0,4}\d{8}))"
_NUMBER_FOLLOWS = r"(?=\s*:?\s*(?-i:[A-Z]{0,4})[-_]?\d{4})"

_Roles = tuple[tuple[str, tuple[str, ...]], ...]

# fmt: off
_LABELS: _Roles = (
    # Numbers that are not the order's: refunds, payments, invoices, products.
    ("other", (
        r"(?:退款|退货|售后|换货|维权)(?:编号|单号|订单号)", r"(?:支付宝)?交易(?:单)?号",
        r"(?:支付|付款)?流水号", r"支付单号", r"发票(?:号码|号|代码)", r"商品(?:编号|编码|条码|货号)",
        r"货号", r"条形码", r"税号", r"取件码", r"会员号", r"工号",
        r"(?:transaction|payment|invoice|refund|return|rma|receipt|customer|member|item|sku|model)"
        + _NUMBER_WORD,
    )),
    ("tracking", (
        r"(?:快递|运单|物流|包裹|国际|转运)\s*(?:单号|编号|运单号|号码)", r"运单号?",
        r"(?:tracking|way\s*bill|awb|shipment|parcel|package|consignment)" + _NUMBER_WORD,
        r"track(?:ing)?(?=\s*[:#])",
        r"(?:顺丰|圆通|中通|韵达|申通|极兔|德邦|京东|邮政)(?:快递|速运|速递|物流)?" + _DIGITS_FOLLOW,
        r"\b(?:EMS|UPS|USPS|FedEx|DHL|DPD|SF\s*Express|YTO|ZTO|Royal\s*Mail)\b" + _DIGITS_FOLLOW,
    )),
    # Sums that are not the total.
    ("sum", (
        r"商品(?:总额|总价|金额|合计|小计)", r"货品(?:总额|金额)", r"小计", r"优惠(?:合计|总额|金额|券)?",
        r"(?:已|共)优惠", r"共减", r"立减", r"满减", r"折扣", r"红包", r"(?:积分)?抵扣", r"运费险?",
        r"配送费", r"邮费", r"包装费", r"税费", r"退款(?:金额|总额)", r"实退(?:金额)?", r"节省", r"已省",
        r"单价", r"原价", r"定价",
        r"sub\s*-?\s*total", r"(?<!\d)(?<!\d )(?:items?|merchandise|goods)\s*(?:sub)?\s*totals?",
        r"shipping(?:\s*(?:fee|cost|&\s*handling))?(?!\s*(?:address|to|method|date))",
        r"delivery\s*(?:fee|charge|cost)", r"postage", r"discounts?", r"coupons?", r"promotions?",
        r"vouchers?",
        r"total\s*(?:savings?|saved|discounts?|before\s*tax|tax|items?|quantity|qty|weight|refund(?:ed)?)",
        r"you\s*saved", r"refund\s*(?:total|amount)", r"(?:sales\s*)?tax\b", r"\bvat\b", r"gift\s*card",
        r"unit\s*price",
    )),
    # The total: what was paid, then what is to be paid, then what is merely summed.
    ("total1", (
        r"实付(?:款|金额|总额|总价)?", r"实际(?:付款|支付|应付)(?:金额)?", r"已?(?:支付|付款)(?:金额|总额)",
        r"已付(?:金额|款)(?=\W*\d)",
        r"(?:total|amount)\s*(?:paid|charged|billed)", r"you\s*paid", r"paid\s*(?:total|amount)",
        r"paid(?=\s*[:¥$€£])",
    )),
    ("total2", (
        r"应付(?:款|金额|总额)?", r"待付款?金额", r"需(?:付款?|支付)(?:金额)?",
        r"grand\s*total", r"order\s*(?:grand\s*)?total", r"total\s*(?:amount\s*)?(?:due|payable)",
        r"amount\s*(?:due|payable)", r"total\s*(?:amount|price|cost|charge)",
    )),
    ("total3", (
        r"合计", r"总计", r"共计", r"总金额", r"总价款?", r"订单(?:总额|金额|总价)", r"总额",
        r"(?<![a-z])total", r"order\s*amount",
    )),
    ("order", (
        r"(?:商户|商家|店铺|原|主|子)?[订訂]\s*[单單]\s*(?:[编編]\s*[号號]|[号號]\s*码?|编码|ID|No\.?)",
        r"商户单号",
        r"(?<![a-z])[o0]rder(?=\s*#\s*[A-Za-z0-9])",  # here the # belongs to the number
        r"(?<![a-z])[o0]rder\s*(?:confirmation)?" + _NUMBER_WORD,
        r"(?:confirmation|purchase\s*order)" + _NUMBER_WORD,
    )),
    ("date", (
        r"(?:下单|创建|付款|支付|发货|成交|完成|签收|收货|预计送达|送达|关闭|取消|退款)(?:时间|日期)",
        r"order\s*time", r"(?:order|purchase|payment|ship(?:ping)?|delivery)?\s*date\b",
        r"(?:order(?:ed)?\s*)?placed(?:\s*on)?", r"ordered(?:\s*on)?", r"paid\s*(?:on|at)(?![a-z])",
    )),
    ("field", (
        r"收货(?:人|地址)", r"收件人", r"买家", r"卖家", r"联系电话", r"手机号?", r"(?:支付|付款|配送)方式",
        r"发票(?:类型|抬头)", r"备注", r"数量", r"状态",
        r"ship(?:ping)?\s*(?:to|address|method)", r"bill(?:ing)?\s*(?:to|address)",
        r"payment(?:\s*method)?", r"status", r"quantity", r"qty",
    )),
    # A bare "order" announces a number only when one follows at once.
    ("order", (
        r"(?<![a-z])order" + _NUMBER_FOLLOWS, r"[订訂][单單]" + _NUMBER_FOLLOWS,
        r"[订訂][单單](?=\s*:?\s*#)", r"^单号",
    )),
)

_STATES: _Roles = (
    ("unpaid", (
        r"待付款", r"待支付", r"未付款", r"未支付", r"等待(?:买家)?(?:付款|支付)",
        r"unpaid", r"(?:awaiting|pending|waiting\s*for)\s*payment", r"payment\s*(?:pending|due)",
        r"not\s*paid", r"to\s*pay\b",
    )),
    ("paid", (
        r"待发货", r"未发货", r"等待(?:卖家|商家)?发货", r"(?:买家)?已付款", r"已支付",
        r"(?:支付|付款)成功", r"备货中", r"待出库",
        r"(?:payment|order)\s*(?:received|confirmed|successful)",
        r"(?:awaiting|pending)\s*(?:shipment|dispatch)", r"unshipped",
        r"not\s*(?:yet\s*)?(?:shipped|dispatched)", r"to\s*ship\b", r"preparing(?:\s*for\s*shipment)?",
        r"processing", r"\bpaid\b",
    )),
    ("shipped", (
        r"待收货", r"(?:卖家|商家)?已发货", r"已出库", r"运输中", r"在途", r"配送中", r"派送中", r"派件中",
        r"待取件",
        r"out\s*for\s*delivery", r"in\s*transit", r"on\s*(?:its|the)\s*way", r"\bshipped", r"dispatched",
        r"to\s*receive\b",
    )),
    ("delivered", (r"已签收", r"已送达", r"已妥投", r"已收货", r"待评价", r"\b(?:delivered|arrived)")),
    ("completed", (r"交易(?:成功|完成)", r"订单完成", r"已完成", r"\bcompleted", r"order\s*complete\b")),
    ("cancelled", (
        r"已取消", r"(?:交易|订单)关闭", r"已关闭", r"交易取消", r"\bcancell?ed", r"order\s*closed",
    )),
    ("refunded", (
        r"已退款", r"退款(?:成功|完成)", r"\brefunded", r"refund\s*(?:issued|completed?|successful)",
    )),
)
# fmt: on


def _compiled(roles: _Roles) -> re.Pattern[str]:
    groups = (f"(?P<_{i}>{'|'.join(patterns)})" for i, (_, patterns) in enumerate(roles))
    return re.compile("|".join(groups), re.IGNORECASE)


_ANY_LABEL = _compiled(_LABELS)
_ANY_STATE = _compiled(_STATES)


@dataclass(frozen=True)
class Mark:
    """Words found in a line: `role` is what they announce, or the order's state that they name."""

    role: str
    start: int
    end: int


def labels_in(text: str) -> list[Mark]:
    """Roles: order, tracking, other, total1 to total3 (best first), sum, date, field."""
    return list(_marks(_ANY_LABEL, _LABELS, text))


def states_in(text: str) -> list[Mark]:
    """Roles: the seven states of an order. What the label of a sum or a date says is none ("Total paid")."""
    for label in labels_in(text):
        if label.role in ("field", "order", "tracking"):
            continue  # 等待卖家发货 ("waiting for the seller to ship") holds the label 卖家 ("seller")
        text = text[: label.start] + " " * (label.end - label.start) + text[label.end :]
    return list(_marks(_ANY_STATE, _STATES, text))


def speaks_of_an_order(text: str) -> bool:
    return re.search(r"[订訂][单單]|(?<![a-z])orders?(?![a-z])", text, re.IGNORECASE) is not None


def _marks(pattern: re.Pattern[str], roles: _Roles, text: str) -> Iterator[Mark]:
    for match in pattern.finditer(text):
        assert match.lastgroup is not None
        yield Mark(roles[int(match.lastgroup[1:])][0], match.start(), match.end())

"""The states that a clause says something is in: shipped, delivered, cancelled, refunded, out of stock.

Contract: `states(clause)` gives what the clause asserts, as (thing, value) pairs; a condition ("once it has
shipped", 已发货的订单, 有货吗) asserts nothing. `implied` adds what follows: what is delivered was shipped.
"""

from __future__ import annotations

import re
from functools import cache

State = tuple[str, str]

# Thing -> value -> its words, in Chinese and in English. Earlier ones take their words from later ones.
_WORDS: dict[str, dict[str, str]] = {
    "parcel": {
        "not delivered": r"(?:还|尚|仍)?(?:没有?|未)(?:被)?(?:签收|送达|送到|妥投)|"
        r"\b(?:not|n't)(?: yet)?(?: been)? (?:delivered|arrived)\b|\bundelivered\b",
        "not shipped": r"(?:还|尚|仍)?(?:没有?|未)(?:发货|发出|寄出|出库|揽收)|待发货|等待发货|备货中|"
        r"正在备货|"
        r"\b(?:not|n't)(?: yet)?(?: been)? (?:shipped|dispatched|sent out|left)\b|\bunshipped\b|"
        r"\bawaiting (?:dispatch|shipment)\b|\bbeing (?:prepared|packed)\b|\bwaiting to be (?:shipped|"
        r"dispatched)\b",
        "delivering": r"派送中|派件中|正在(?:派送|派件|配送)|\bout for delivery\b",
        "shipped": r"(?:已经?|刚刚?|都)(?:发货|发出|寄出|出库|揽收|离开)|发货了|运输中|在途|(?:还|"
        r"正)?在(?:运输)?路上|"
        r"\b(?:has|have|was|were|is|are|been|'s)(?: already)?(?: been)? (?:shipped|dispatched)\b|"
        r"\b(?:has|have|'s)(?: already)? left\b|\bin transit\b|\bon (?:its|the) way\b(?! back)|"
        r"(?:status|order)\w*[: ]+(?:\S+: )?shipped\b|^shipped\b|\bwe(?:'ve| have)? (?:shipped|"
        r"dispatched)\b|"
        r"\bshipped (?:on|at|by|from)\b|\b(?:but|and) (?:already )?shipped\b|\bdispatched (?:on|at|by|"
        r"from)\b",
        "delivered": r"已经?(?:签收|送达|送到|妥投|收货)|签收了|\d\s*(?:签收|送达)$|已由.{1,12}签收|"
        r"\b(?:has|have|was|were|is|been|'s)(?: already)?(?: been)? delivered\b|\b(?:has|have) arrived\b|"
        r"\bdelivered (?:on|at|by|to)\b|\b(?:but|and) (?:already )?delivered\b|^\s*delivered\b|"
        r"(?:status|order)\w*[: ]+(?:\S+: )?delivered\b",
    },
    "order": {
        "unpaid": r"待付款|(?:还|尚)?(?:没有?|未)(?:付款|支付)|\bawaiting payment\b|\bunpaid\b|"
        r"\bnot (?:yet )?(?:been )?paid\b",
        "not cancelled": r"(?:还|尚)?(?:没有?|未)(?:被)?取消|取消失败|\b(?:not|"
        r"n't)(?: yet)?(?: been)? cancell?ed\b",
        "cancelled": r"已经?(?:被|为您|帮您|给您)?取消|取消(?:成功|了)|\b(?:has|have|was|is|been|"
        r"'ve)(?: already)?(?: been)? cancell?ed\b|"
        r"(?:status|order)\w*[: ]+(?:\S+: )?cancell?ed\b|^\s*cancell?ed\b",
        "completed": r"已经?完成|交易完成|\b(?:is|has been|was) completed?\b|(?:status|"
        r"order)\w*[: ]+(?:\S+: )?completed\b",
        "paid": r"已经?(?:付款|支付)|\b(?:has|was|is|been)(?: already)?(?: been)? paid\b|"
        r"\bpayment (?:was|has been) received\b|"
        r"(?:status|order)\w*[: ]+(?:\S+: )?paid\b",
    },
    "refund": {
        "refused": r"未通过|没有?通过|被?(?:驳回|拒绝)了|已(?:驳回|拒绝)|审核不通过|"
        r"\bnot(?: been)? approved\b|\b(?:was|has been|is|been) (?:refused|rejected|declined)\b|"
        r"(?:status)\w*[: ]+(?:refused|rejected)\b",
        "reviewing": r"(?:正在|还在|在)?审核(?:之)?中|待审核|(?:正在|还在)(?:被)?审核|"
        r"\bbeing (?:reviewed|checked)\b|\bunder review\b|"
        r"\bin review\b|(?:status)\w*[: ]+(?:review|pending)\b|\bpending review\b",
        "not refunded": r"(?:还|尚)?(?:没有?|未)(?:退款|到账|退回)|\b(?:not|"
        r"n't)(?: yet)?(?: been)? refunded\b",
        "approved": r"已经?(?:审核)?(?:通过|批准|同意)|审核(?:已)?通过了?|\b(?:has been|was|is|"
        r"been)(?: already)? approved\b|"
        r"(?:status)\w*[: ]+approved\b|[:,]\s*approved\b",
        "refunded": r"已经?(?:全额|为您|给您|帮您)?(?:退款|到账|退回|退到|原路退回|退还)|"
        r"退款(?:已经?)?(?:成功|到账|完成)|"
        r"\b(?:has|have|was|is|been|'ve)(?: already)?(?: been)? (?:fully )?refunded\b|(?:status|"
        r"order)\w*[: ]+(?:\S+: )?refunded\b|"
        r"\brefund (?:has|was)(?: been)? (?:completed|paid out|sent)\b|^\s*refunded\b",
    },
    "stock": {
        "out": r"缺货|无货|没货|没有货|售罄|断货|卖完|没有?现货|(?<!有)没有?库存|无现货|"
        r"\bout of stock\b|\bsold out\b|\bunavailable\b|"
        r"\b(?:not|n't) (?:currently )?(?:in stock|available)\b|(?:库存|stock)\s*[:为是]?\s*0(?![\d.])",
        "few": r"(?:仅剩|只剩|还剩|最后)\s*\d+|\bonly \d+ left\b|\b\d+ left\b",
        "in": r"有货|现货(?:充足|供应)|有现货|库存充足|\bin stock\b|\bavailable\b(?! (?:for|from|to|"
        r"until|in the))|"
        r"(?:库存|stock)\s*[:为是还有]*\s*[1-9]",
    },
}
_IMPLIED: dict[State, tuple[State, ...]] = {
    ("parcel", "delivered"): (("parcel", "shipped"), ("order", "paid"), ("order", "not cancelled")),
    ("parcel", "delivering"): (("parcel", "shipped"), ("parcel", "not delivered"), ("order", "paid")),
    ("parcel", "shipped"): (("order", "paid"), ("parcel", "not delivered"), ("order", "not cancelled")),
    ("order", "completed"): (("parcel", "delivered"), ("parcel", "shipped"), ("order", "paid")),
    ("order", "paid"): (("order", "not cancelled"),),
    ("order", "unpaid"): (("parcel", "not shipped"), ("order", "not cancelled")),
    ("parcel", "not shipped"): (("parcel", "not delivered"),),
    ("refund", "refunded"): (("refund", "approved"),),
    ("refund", "reviewing"): (("refund", "not refunded"),),
    ("refund", "refused"): (("refund", "not refunded"),),
    ("stock", "few"): (("stock", "in"),),
}
_ANY = re.compile(
    "|".join(
        f"(?P<{thing}_{number}>{words})"
        for thing, values in _WORDS.items()
        for number, words in enumerate(values.values())
    ),
    re.IGNORECASE,
)
_STATE = {
    f"{thing}_{number}": (thing, value)
    for thing, values in _WORDS.items()
    for number, value in enumerate(values)
}
# Before a state, within its clause: it is supposed, asked for or spoken of in general.
_SUPPOSED = re.compile(
    r"如果?|若|假如|要是|一旦|倘若|万一|凡|是否|有没有|无论|不管|只要|等到|等|当|直到|在.{0,8}(?:前|后)$|"
    r"\b(?:if|once|when|whenever|after|before|until|unless|whether|as soon as|while|any|anything|"
    r"everything|orders|items|"
    r"parcels|products|goods|can|may|could|should|must|will|to|get|usually|normally|always)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\b(?:nothing|nobody|none|no|not|never)|n't|[不没未无别])\s*(?:\w+\s+){0,2}$", re.IGNORECASE
)
# Right after it.
_ATTRIBUTE = re.compile(
    r"\s*(?:的|就|才|便|即可|后|前|时|之后|之前|以后|以前|吗|与否|、)|"
    r"[^,。]{0,14}?(?:的话|吗|\?)"
)


def states(clause: str) -> set[State]:
    """What the clause asserts; see the module."""
    found: set[State] = set()
    clause = clause.replace("有没有", "是否")
    for match in _ANY.finditer(clause):
        before = clause[: match.start()]
        if _SUPPOSED.search(before) or _DENIED.search(before) or _ATTRIBUTE.match(clause, match.end()):
            continue
        found.add(_STATE[match.lastgroup or ""])
    return found


@cache
def implied(state: State) -> frozenset[State]:
    """The state and all that follows from it."""
    found = {state}
    for one in _IMPLIED.get(state, ()):
        found |= implied(one)
    return frozenset(found)

"""On which side of a figure or an event a clause stands: 7天内 or 7天后, "at least" or "up to", 发货前 or 后.

Contract: `figure_side` gives +1 for a figure that is an upper bound, -1 for a lower one, 0 where it is none;
`event_sides` gives +1 for before an event, -1 for after it, by the event's meaning (see `concepts`).
"""

from __future__ import annotations

import re

_BEFORE = 24  # characters in which the words of a bound stand
_AFTER = 12
_UPPER_PREFIX = re.compile(
    r"(?:(?:没有?|未|并未|不)(?:超过|超出|超|到|达到|达|满|够)|不足|少于|未满|不到|少于|低于|小于|不超过|"
    r"不高于|不多于|不大于|最多|至多|最高|最晚|最迟|"
    r"上限)(?:为|是)?\s*"
    r"(?:(?:人民币|cny|rmb|[¥$€£])\s*)?$|"
    r"(?:\bnot|n't) (?:over|above|past|exceed(?:ing|ed)?|reach(?:ed)?|more than)\s+(?:about )?(?:(?:cny|"
    r"rmb|usd|[¥$€£])\s*)?$|"
    r"\b(?:within|up to|at (?:the )?most|(?:no|not) (?:more|longer|later|higher) than|under|below|"
    r"less than|"
    r"fewer than|before|by|until|maximum(?: of)?|cheaper than)\s+(?:about )?"
    r"(?:(?:cny|rmb|usd|[¥$€£])\s*)?$",
    re.IGNORECASE,
)
_LOWER_PREFIX = re.compile(
    r"(?:满|过了|超过|超出|多于|高于|大于|至少|最少|最低|不少于|不低于|起码)(?:为|是|了)?\s*"
    r"(?:(?:人民币|cny|rmb|[¥$€£])\s*)?$|"
    r"\b(?:after|over|above|more than|longer than|at least|(?:no|not) (?:less|fewer|sooner) than|"
    r"minimum(?: of)?|"
    r"from|exceed(?:s|ing)?|beyond|past|reach(?:es)?|spend)\s+(?:about )?"
    r"(?:(?:cny|rmb|usd|[¥$€£])\s*)?$",
    re.IGNORECASE,
)
_UPPER_SUFFIX = re.compile(
    r"\s*(?:以|之)?内|\s*(?:之|以)?前|\s*(?:及?以下|之下|封顶)|\s+or (?:less|fewer|under|below|sooner)\b"
)
_LOWER_SUFFIX = re.compile(
    r"\s*(?:之|以)?后|\s*(?:及?以上|之上|起|开外)|\s+(?:or (?:more|over|above|later)|and (?:over|above|"
    r"up|more))\b"
)
_EVENTS = {
    "dispatch": r"发货|出库|寄出|dispatch\w*|shipp\w+|ships|left|leaves|sent",
    "pay": r"付款|支付|下单|pay(?:ment|ing)|paid|ordering",
    "receive": r"签收|收货|收到|送达|deliver(?:y|ed)|arriv\w+|receiv\w+|receipt",
    "unpack": r"拆封|开封|拆开|open(?:ed|ing)",
    "wash": r"下水|清洗|洗涤?|wash\w*",
    "use": r"使用|穿着?|use|using|wear\w*",
    "refund": r"退款|refund\w*",
    "term": r"保修期|有效期|试用期|期限|warranty(?: period)?|deadline",
    "review": r"审核(?:通过)?|approv\w+|review\w*",
}
_EVENT = "|".join(f"(?P<{name}>{words})" for name, words in _EVENTS.items())
_EVENT_ZH = re.compile(rf"(?:{_EVENT})(?:之|以)?(?:(?P<early>前|内)|(?P<late>后|外))")
_EVENT_EN = re.compile(
    rf"\b(?:(?P<early>before|until|prior to)|(?P<late>after|once|since))\s+"
    rf"(?:\w+\s+){{0,3}}?(?:{_EVENT})\b",
    re.IGNORECASE,
)


def figure_side(text: str, start: int, end: int) -> int:
    """The side for the figure at this place: "within 7 days" is at most 7, 满99元 at least 99."""
    before = text[max(0, start - _BEFORE) : start]
    if _UPPER_PREFIX.search(before):
        return 1
    if _LOWER_PREFIX.search(before):
        return -1
    after = text[end : end + _AFTER]
    if _UPPER_SUFFIX.match(after):
        return 1
    return -1 if _LOWER_SUFFIX.match(after) else 0


def event_sides(text: str) -> dict[str, int]:
    """Before or after which events; an event on both sides is on none."""
    found: dict[str, int] = {}
    for pattern in (_EVENT_ZH, _EVENT_EN):
        for match in pattern.finditer(text):
            event = next(name for name in _EVENTS if match[name])
            side = 1 if match["early"] else -1
            found[event] = side if found.get(event, side) == side else 0
    return {event: side for event, side in found.items() if side}

"""Where a text denies: the stretches in which what is said is said not to be.

Contract: `denied(text)` gives spans of a text put through `normalising.normalise`. 不支持七天退货 is denied
from 支持 on, "cannot be returned if worn" from "be" to "if". Words that only look like a denial (不锈钢,
无理由, 是不是, "no later than", "not only") deny nothing. Spans do not overlap.
"""

from __future__ import annotations

import re

_HAN = r"\u4e00-\u9fff"
# Not denials, though they have the letters of one.
_FIXED = re.compile(
    r"不(?:过|仅|但|只|光|锈|同|错|好意思|管|论|妨|得不|然|如|久|断|良|满|足|到(?=\d)|超过|少于|低于|"
    r"高于|多于|"
    r"大于|晚于|迟于|及时)|对不起|差不多|无(?:理由|门槛|线|痕|损|忧|论|缝|需理由|条件)|要不|"
    r"没(?:关系|问题|事)|未(?:来|满)|(?<=[类级区识个性特分告送])别|别(?:的|人|名|处|墅)|非(?:常|洲)|除非|"
    rf"([{_HAN}])[不没]\1|有没有|与否|是否|免不了|"
    r"不(?:收|用付|要)(?:钱|费)|\byou (?:don't|won't|do not|needn't) (?:have to )?pay\b|\b(?:won't|"
    r"not) be charged\b|"
    r"\bnot only\b|\bnot just\b|\bno (?:later|longer|more|less|fewer|sooner|earlier) than\b|\bno problem\b|"
    r"\bnot (?:later|longer|more|less|fewer) than\b|\bno questions? asked\b|\bno matter\b|"
    r"\bwhether or not\b|"
    r"\bno minimum spend\b|\bdon'?t worry\b|\bno worries\b|\bno doubt\b|\b(?:no|not),|\bno\.|\bnon-",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"(?P<after>不(?![了上])(?:可以|可|能够?|会|予|再|需要?|用|必|得|建议|要|是)?|没有?|无(?:需|须|法|"
    r"权)?|未(?:能|曾|经)?|"
    r"并?非|勿|切勿|别|禁止|严禁|拒绝?(?!收)|谢绝|"
    r"\b(?:not|no|never|cannot|can'?t|won'?t|\w+n't|without|neither|nor|none|unable to|refuse[sd]? to|"
    r"excluded from|exempt from|except(?: for)?|prohibit\w*|forbid\w*|forbidden|instead of|"
    r"rather than)\b(?: need(?:ed)? to\b)?)|"
    r"(?P<before>不了|不上)",
    re.IGNORECASE,
)
# What ends a denial before the clause does.
_END = re.compile(
    r",(?! ?(?:[a-z'-]+ )?[a-z'-]+(?:, (?:[a-z'-]+ )?[a-z'-]+)* or )|[。;!?:()\n]|\.(?=\s|$)|的|但|而是|"
    r"却|(?<!^)(?:都|也|会|将|可以|可(?!能)|能|就|则|请|还(?!款)|仍|才)|"
    r"\b(?:but|however|although|while|because|since|if|when|unless|until|once|after|before|who|which|"
    r"that|so|can|may|will|must|should|"
    r"(?:and|or) (?:you|we|it|they|the|your|our|is|are|can|will|must))\b",
    re.IGNORECASE,
)
# "no minimum for members" denies the minimum.
_NO = re.compile(r"no|without", re.IGNORECASE)
_END_OF_NO = re.compile(rf"{_END.pattern}|\b(?:for|to|except)\b", re.IGNORECASE)
# 没付完会关闭: what is denied is only supposed.
_FOLLOWS = re.compile(r"就|则|会|将|都|也")
_REACH_BACK = 2


def denied(text: str) -> list[tuple[int, int, int]]:
    """The denied stretches with their factor: -1, or 0 where the denial is only supposed."""
    kept = _FIXED.sub(lambda match: "\x01" * len(match[0]), text)
    spans = []
    for mark in _MARK.finditer(kept):
        if mark["before"]:  # 退不了 denies the word before it
            spans.append((max(0, mark.start() - _REACH_BACK), mark.end(), -1))
            continue
        end = (_END_OF_NO if _NO.fullmatch(mark[0]) else _END).search(kept, mark.end())
        supposed = bool(end and _FOLLOWS.match(end[0]))
        spans.append((mark.start(), end.start() if end else len(text), 0 if supposed else -1))
    # A denial ends where the next one begins.
    starts = [start for start, _, _ in spans]
    return [(start, min([end, *(one for one in starts if one > start)]), sign) for start, end, sign in spans]

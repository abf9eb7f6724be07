"""Finds promises in a text: what the shop will do, is doing, or has done for the customer.

Contract: `promises(text)` gives what an answer promises, each with its words, the action, and how binding
it is; `grounds(text)` gives what a source allows to be promised. A policy that says "审核后三天内退款" is
ground for "我们会为您退款", but not for "我们马上为您退款", and neither is ground for "已为您退款". What is
offered ("我可以帮您...", "Would you like me to ...?"), explained, or denied is no promise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Literal

Action = Literal[
    "refund",
    "cancel",
    "compensate",
    "replace",
    "dispatch",
    "arrive",
    "discount",
    "contact",
    "free shipping",
    "guarantee",
    "act",
]


class Binding(IntEnum):
    """How much a promise binds the shop."""

    LATER = 1
    NOW = 2
    DONE = 3


@dataclass(frozen=True)
class Promise:
    """`text` is the clause that makes it."""

    text: str
    action: Action
    binding: Binding


# The nouns after a Chinese verb (退款进度, 换货政策) are what the shop explains, not what it does.
_NOUN = r"(?!进度|政策|规则|规定|状态|流程|申请|问题|方式|说明|条件|记录|详情)"
# Action -> what the shop does, in Chinese and in English.
_ACTIONS: dict[Action, tuple[str, str]] = {
    "refund": (
        rf"(?:退款|退钱|退还|退回|返还|返现|退给|退到){_NOUN}",
        r"refund(?:s|ed|ing)?|reimburs\w+|money back|pay(?:ing)? you back|"
        r"return(?:ed|ing)? (?:your|the) money",
    ),
    "cancel": (rf"取消{_NOUN}", r"cancel(?:led|ed|ling|ing)?"),
    "compensate": (
        r"赔偿|赔付|补偿|赔您|(?:补|退|付|返)(?:给)?您?(?:这)?(?:个|笔)?差价|(?:送|发|赠|补)(?:送|"
        r"给)?您?.{0,6}?(?:优惠券|红包|积分|礼品)",
        r"compensat\w+|credit your account|pay (?:you )?(?:back )?the difference|"
        r"refund (?:you )?the difference|"
        r"(?:give|send|offer)(?: you)? an? [\w ]{0,20}(?:voucher|coupon|gift)",
    ),
    "replace": (
        rf"(?:补发|换货|换新|更换|重发|重新发|重新寄){_NOUN}",
        r"replac(?:e|ed|ing)|reship\w*|resend|"
        r"(?:send|ship)(?:ing)?(?: you)? (?:(?:a|the) )?(?:free )?(?:new|replacement|another)",
    ),
    "dispatch": (
        r"(?<!待)发货|发出|寄出|送达|送到|派送",
        r"dispatch(?:ed|ing)?|ship(?:ped|ping)?|deliver(?:ed|ing)?",
    ),
    "arrive": (r"到货|到手|到达", r"arriv\w+|reach you|with you|get it|receive it"),
    "discount": (
        r"打折|减免|免掉|免除|优惠|降价",
        r"(?:give|apply)\w*(?: you)? an? [\w% ]{0,15}discount|price[- ]match\w*|waiv\w+",
    ),
    "contact": (
        r"(?:给您|跟您|与您|和您)?(?:回电|打电话|致电|来电|联系您|联络您|回复您|答复您)",
        r"call(?:s|ed|ing)? (?:you|back)|phone you|ring you|contact you|get back to you|reach out to you|"
        r"answer you",
    ),
}
# Whatever was done for this customer: only the ledger knows that. Looking, noting and passing on are talk.
_DONE_FOR = re.compile(
    r"已经?(?:为|帮|给|替)[您你].{1,14}|(?:为|帮|给|替)[您你].{1,10}(?:好了|完成了|成功)|"
    r"我们?(?:已经?|刚刚?|刚才)?(?:让|请|叫|通知|催|要求)了?(?:仓库|库房|快递|物流|派件|骑手|配送|财务|"
    r"银行|厂家).{0,16}|"
    r"\b(?:we|i)(?:'ve| have)(?: already| just| now)? \w+(?:ed|en|de|nt|id|ut)\b.{0,40}|"
    r"\b(?:we|i)(?:'ve| have)(?: already| just| now)? (?:told|asked|instructed|got|had) (?:the|"
    r"our) (?:warehouse|couriers?|carrier|bank|depot|finance)\b.{0,40}",
    re.IGNORECASE,
)
# Who was told to act has been told more than that he was asked.
_TOLD_OTHERS = re.compile(
    r"仓库|库房|快递员|派件员|骑手|财务|\b(?:warehouse|couriers?|carrier|bank|depot|finance)\b", re.IGNORECASE
)
_TALK = re.compile(
    r"查|核实|确认|了解|说明|介绍|记录|找|看|转接|转给|转达|反馈|联系|整理|列|筛选|挑|推荐|安排人工|"
    r"\b(?:look|check|found|find|not|noted|list|seen|read|ask|pass|forward|explain|receiv|includ|attach|"
    r"understood|"
    r"picked|chosen|selected|written|given|mention|announc)\w*",
    re.IGNORECASE,
)
# 已退款的订单, 已发货了吗: no promise.
_BESIDE = re.compile(r"了?(?:不了|的(?=\S)|吗|之?后|之?前|以后|以前|时)")
_ASKED = re.compile(r"提交|登记|申请|\b(?:submit|request|fil)\w*", re.IGNORECASE)
_SUPPOSED = re.compile(r"\b(?:once|after|when|if|until|as soon as)\b|如果|等", re.IGNORECASE)
_NOW_ZH = r"马上|即时|立即|立刻|现在就|今天|今日|即刻|当场|这就"
_NOW_EN = r"today|tonight|now|immediately|right away|straight away|at once|instantly|as soon as possible"
_DONE_ZH = r"已经?|刚刚|刚才"
_NOW = re.compile(rf"{_NOW_ZH}|\b(?:{_NOW_EN})\b", re.IGNORECASE)
_DONE = re.compile(rf"{_DONE_ZH}|\b(?:have|has)\b|'ve\b", re.IGNORECASE)
# A record's status says that it is done, too.
_DONE_STATUS = re.compile(
    rf"{_DONE.pattern}|\b(?:refunded|cancell?ed|shipped|delivered|completed)\b|(?:优惠|discount)\s*:?\s*-",
    re.IGNORECASE,
)
_DENIED = re.compile(r"[不没无未别]|\b(?:not|never|cannot|no|unable)\b|n't", re.IGNORECASE)
# Doing something about an action is not the action: 查看退款进度, "check your refund".
_ABOUT = re.compile(
    r"查|核实|确认|了解|说明|介绍|告诉|告知|联系|跟进|咨询|转接|转给|提交|登记|看看|解答|建议|可以|能|"
    r"\b(?:check|look|see|explain|tell|ask|help|find|confirm|review|update you|let you know|connect|pass|"
    r"forward|start|open|able|happy|glad|can|may|want|need|like)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?:[^，。！？；：,.!?;:\n]|(?<=\d)[.,:](?=\d))+")

_ZH_FORMS = (
    # we will ... do it
    rf"(?:会|将|一定|保证|承诺|确保|{_NOW_ZH}|{_DONE_ZH}).{{{{0,16}}}}?(?:{{0}})",
    # it will arrive
    r"(?:{0}).{{0,6}}?(?:会|将|已经?).{{0,12}}?(?:到账|原路|办理|处理|完成|成功|安排|收到)",
)
_WE = (
    r"(?:we|i|our team|the shop|a colleague|our staff|someone|the courier|a specialist)"
    r"(?:'ll|'m|'re|'ve| will| shall| am| are| have| promise| guarantee)"
)
_EN_FORMS = (
    rf"\b{_WE}\b.{{{{0,40}}}}?\b(?:{{0}})\b",
    r"\b(?:{0})\b.{{0,20}}?\b(?:will be|has been|have been|is being|will reach|will arrive|"
    r"is on its way)\b",
    r"\byou(?:'ll| will)\b (?:get|receive|be|have)\b.{{0,25}}?\b(?:{0})\b",
    r"\b(?:will be|has been|have been|is being|are being)\b.{{0,12}}?\b(?:{0})\b",
)
_PATTERNS: list[tuple[Action, re.Pattern[str]]] = [
    (action, re.compile(form.format(words), re.IGNORECASE))
    for action, languages in _ACTIONS.items()
    for words, forms in zip(languages, (_ZH_FORMS, _EN_FORMS), strict=True)
    for form in forms
]
_MENTIONS: list[tuple[Action, re.Pattern[str]]] = [
    (action, re.compile(rf"{chinese}|\b(?:{english})\b", re.IGNORECASE))
    for action, (chinese, english) in _ACTIONS.items()
]
# The same with the nouns: 退款申请 is about a refund.
_NAMED = [
    (action, re.compile(mention.pattern.replace(_NOUN, ""), re.IGNORECASE)) for action, mention in _MENTIONS
]
# These bind by being said at all.
_OUTRIGHT: list[tuple[Action, re.Pattern[str]]] = [
    (
        "free shipping",
        re.compile(
            r"包邮|免运费|免邮|(?:给|为|帮|替)[您你]免|"
            r"\bfree (?:\w+ )?(?:shipping|delivery|postage)\b|\b(?:shipping|delivery|"
            r"postage)\b[^.;]{0,40}\bfree\b",
            re.I,
        ),
    ),
    (
        "guarantee",
        re.compile(
            r"包退|包赔|包换|保证|承诺|一定(?:会|能)|(?<!the )\bguarantee\w*\b(?! for \d)|"
            r"\bwe promise\b|假一赔|"
            r"\bmoney[- ]back guarantee\b|\bno questions asked\b",
            re.I,
        ),
    ),
]


# "Delivery is £3.95, free over £50": in one sentence, in whatever order.
_FREE_AND_SENT = re.compile(
    r"\b(?:shipping|delivery|postage)\b[^.;\n]{0,80}\bfree\b|\bfree\b[^.;\n]{0,80}\b(?:shipping|delivery|"
    r"postage)\b|"
    r"(?:运费|邮费|配送费)[^。;；\n]{0,20}免|免[^。;；\n]{0,8}(?:运费|邮费|配送费)",
    re.IGNORECASE,
)


def promises(text: str) -> list[Promise]:
    """Every promise that an answer makes, clause by clause."""
    found = []
    for clause in _clauses(text):
        for action, pattern in _PATTERNS:
            match = pattern.search(clause)
            if (
                match
                and not _BESIDE.match(clause, match.end())
                and not _denied(clause, match)
                and not _ABOUT.search(match[0])
                and not _SUPPOSED.search(clause[: match.start()])
            ):
                found.append(Promise(clause, action, _binding(clause, _DONE)))
        found += [Promise(clause, action, Binding.LATER) for action in _outright(clause)]
        if (
            (done := _DONE_FOR.search(clause))
            and (not _TALK.search(done[0]) or _TOLD_OTHERS.search(done[0]))
            and not _SUPPOSED.search(clause[: done.start()])
        ):
            found += (
                [] if any(one.text == clause for one in found) else [Promise(clause, "act", Binding.DONE)]
            )
    return list(dict.fromkeys(found))


def is_grounded(promise: Promise, source: str) -> bool:
    """Whether the source allows the promise: one that binds as much, or the very act that was done."""
    allowed = grounds(source)
    if promise.action == "free shipping" and _FREE_AND_SENT.search(source):
        return True
    if promise.action != "act":
        return any(action == promise.action and bound >= promise.binding for action, bound in allowed)
    named = {action for action, mention in _NAMED if mention.search(promise.text)}
    least = Binding.LATER if _ASKED.search(promise.text) else Binding.DONE
    if not named and least == Binding.LATER:
        return bool(allowed)  # 已经帮您申请好了
    return any(action in named and binding >= least for action, binding in allowed)


def _denied(clause: str, match: re.Match[str]) -> bool:
    return bool(_DENIED.search(clause[: match.end()]))


@lru_cache(maxsize=2_048)
def grounds(text: str) -> frozenset[tuple[Action, Binding]]:
    """What a source states, in any form of words, and how far it goes."""
    found: set[tuple[Action, Binding]] = set()
    for clause in _clauses(text):
        found |= {(action, Binding.LATER) for action in _outright(clause)}
        found |= {
            (action, _binding(clause, _DONE_STATUS))
            for action, mention in _MENTIONS
            if (match := mention.search(clause)) and not _DENIED.search(clause[: match.start()])
        }
    return frozenset(found)


def _clauses(text: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSE.findall(text.replace("’", "'"))]


def _outright(clause: str) -> list[Action]:
    matches = ((action, pattern.search(clause)) for action, pattern in _OUTRIGHT)
    return [action for action, match in matches if match and not _DENIED.search(clause[: match.start()])]


def _binding(clause: str, done: re.Pattern[str]) -> Binding:
    match = done.search(clause)
    if match and not _SUPPOSED.search(clause[: match.start()]):
        return Binding.DONE
    return Binding.NOW if _NOW.search(clause) else Binding.LATER

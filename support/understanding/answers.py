"""Answers to the assistant's questions: an explicit yes, giving up, skipping, a score."""

from __future__ import annotations

import re

from support.understanding.numbers import normal

# What money moves on: a word of consent, and nothing besides it but politeness and the thing itself.
# "可以退多少" and "好像少了一件" begin like a yes and are none; "你好" holds one and is a greeting.
_CONSENT = re.compile(
    r"没有?问题|没错|就这样|就这么办|确认|确定|同意|提交|无误|继续|办吧|退吧|嗯|恩|是|要"
    r"|(?:可以|对|好|行)(?!了)|👍|👌|✅"
    r"|\b(?:yes|yeah|yep|yup|sure|okay|ok|k|confirm(?:ed)?|correct|right|go ahead|do it|submit"
    r"|absolutely|of course|fine"
    r"|no problem|sounds good|looks good|good|perfect|carry on|continue)\b",
    re.I,
)
_BESIDES = re.compile(
    r"麻烦[你您]?|谢谢[你您]?|请[你您]?|[帮给]我|帮忙|信息|一下|我|都|退款|退货|订单|吧|[呀啊的了哦噢哈嘞呢呗滴啦]"
    r"|\b(?:please|thanks|thank you|that'?s|that|it|is|i|do|all|refund|the|order|now|then)\b"
    r"|[\s,。.!~、，！]",
    re.I,
)
_CANCEL = re.compile(r"取消|\bcancel\b", re.I)
_SPARES = re.compile(r"不取消|不要取消|别取消|保留|\bkeep\b|don'?t cancel|do not cancel", re.I)
_DROPS = re.compile(r"取消吧?|退出|cancel( that| this| it)?|quit|exit", re.I)
_SKIP = re.compile(
    r"跳过|没有了?|没了|不用了?|无|算了|没啥|没什么(了|要说的)?|skip( it)?|no|nope|nothing( else)?|none"
    r"|no,? thanks?( you)?|no,? thank you",
    re.I,
)
_END = "。.!！~～、,， "

_DIGITS = {"两": 2} | {digit: n for n, digit in enumerate("一二三四五", 1)}
_DIGITS |= {word: n for n, word in enumerate(("one", "two", "three", "four", "five"), 1)}
_STARS = re.compile(r"[⭐★]")
_FIGURE = re.compile(r"(?<![\d.])([1-5])(?!\d|\.\d|\s*(?:个?小时|天|次|遍|days?|hours?|times?|minutes?))")
_IN_WORDS = re.compile(
    r"([一二两三四五])\s*(?:分|颗?星)|\b(one|two|three|four|five)\b[ -]*(?:stars?|out of|points?|$)"
)
# In this order: "not bad" before "bad", "不满意" before "满意".
_PRAISE_AND_BLAME = (
    (4, r"not bad|还不错|没有不满意"),
    (
        5,
        r"满分|非常满意|很满意|特别满意|超级?满意|十分满意|太棒|完美|excellent|perfect|amazing|awesome"
        r"|fantastic|full marks|10/10"
        r"|very (satisfied|happy|good)|great",
    ),
    (
        1,
        r"非常不满意|很不满意|特别不满意|太差|极差|垃圾|terrible|awful|horrible|worst|very (bad|poor"
        r"|dissatisfied|unhappy)|useless",
    ),
    (
        2,
        r"不满意|不太满意|不好|失望|dissatisfied|unsatisfied|not (happy|satisfied|good)|unhappy|poor|bad"
        r"|disappoint",
    ),
    (3, r"一般|还行|凑合|马马虎虎|中规中矩|average|so-?so|okay|\bok\b|meh|alright|decent"),
    (4, r"满意|不错|挺好|好评|satisfied|happy|good|helpful|nice"),
)


def affirms(text: str) -> bool:
    """An explicit, unconditional yes: what is needed before money moves."""
    text = normal(text)
    return bool(_CONSENT.search(text)) and not _BESIDES.sub("", _CONSENT.sub("", text))


def insists_on_cancelling(text: str) -> bool:
    """ "Cancel it" as an answer to "are you sure you want to cancel?"."""
    rest = _CANCEL.sub("", normal(text))
    return rest != normal(text) and not _BESIDES.sub("", _CONSENT.sub("", rest))


def spares_order(text: str) -> bool:
    """ "Keep the order" as an answer to "are you sure you want to cancel?"."""
    return bool(_SPARES.search(normal(text)))


def drops(text: str) -> bool:
    """A bare "cancel" in the middle of something gives that up."""
    return bool(_DROPS.fullmatch(normal(text).strip(_END)))


def skips(text: str) -> bool:
    return bool(_SKIP.fullmatch(normal(text).strip(_END)))


def score(text: str) -> int | None:
    """A rating from 1 to 5: a number, stars, or words of praise and blame."""
    text = normal(text).lower()
    stars = len(_STARS.findall(text))
    if 1 <= stars <= 5:
        return stars
    figure = _FIGURE.search(text)
    if figure:
        return int(figure.group(1))
    words = _IN_WORDS.search(text)
    if words:
        return _DIGITS[words.group(1) or words.group(2)]
    return next((value for value, pattern in _PRAISE_AND_BLAME if re.search(pattern, text)), None)

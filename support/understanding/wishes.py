"""What a customer wants changed and why: reasons for a return, corrections, urging, questions."""

from __future__ import annotations

import re

from support.model import Reason
from support.understanding.numbers import normal

# In this order: the first that matches is meant ("没收到，少发了一件" speaks of a missing item).
_REASONS: tuple[tuple[Reason, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern, re.I))
    for reason, pattern in (
        (
            Reason.MISSING_ITEM,
            r"少[发了件寄]|漏[发寄]|缺[了少件]|没有?给全|配件没|missing|incomplete|only (got"
            r"|received) (one|part)|left out",
        ),
        (
            Reason.WRONG_ITEM,
            r"发错|寄错|错货|不是我(买|要|拍|订)的|颜色不对|款式不对|型号不对|货不对|wrong (item|one"
            r"|product|colou?r|size|thing)"
            r"|not what i ordered|sent me (the wrong|someone|another)|different (item|product|colou?r)",
        ),
        (
            Reason.NOT_RECEIVED,
            r"没(有)?收到|未收到|收不到|丢件|丢了|没到货|一直不到|never (arrived|came|got|received)"
            r"|not (arrived|received|delivered)"
            r"|didn'?t (arrive|receive|get it|come)|haven'?t received|lost in",
        ),
        (
            Reason.DAMAGED,
            r"碎|破|裂|压坏|摔坏|损坏|烂|变形|漏液|damaged|broken|cracked|shattered|torn|crushed|smashed"
            r"|ripped|in pieces|dent",
        ),
        (
            Reason.SIZE,
            r"尺码|尺寸|太大|太小|大了|小了|偏大|偏小|太长|太短|长了|短了|穿不(上|下|进)|不合身|不合脚|不合适"
            r"|挤脚|太紧|太松|勒"
            r"|doesn'?t fit|does not fit|too (big|small|large|tight|loose|long|short)|wrong fit"
            r"|\bsizes?\b|\bfit\b",
        ),
        (
            Reason.QUALITY,
            r"质量|瑕疵|坏了|坏的|故障|不能用|用不了|开不了|不亮|不充电|充不(进|上)|掉色|褪色|起球|开线"
            r"|脱线|异味|有味|味道|污渍|脏"
            r"|次品|残次|defect|faulty|fault|quality|doesn'?t work|not working|stopped working"
            r"|won'?t (turn|charge|start|work)"
            r"|stain|smell|peeling|falling apart|dead on arrival",
        ),
        (
            Reason.CHANGED_MIND,
            r"不想要|不喜欢|不需要|不要了|买多|买重|拍错|买错|改主意|后悔|七天无理由|无理由|别处|便宜"
            r"|changed my mind|don'?t (want|need|like)"
            r"|no longer (want|need)|ordered (by mistake|too many|the wrong)|by accident"
            r"|bought (it )?elsewhere|cheaper|dislike|no reason",
        ),
        (Reason.OTHER, r"^(其他|其它|别的原因|other|another reason|something else)[。.!！]?$"),
    )
)

_EXCHANGE = re.compile(r"换货|换一[件个双条]|换(成|大|小)|调换|\bexchange\b|\bswap\b|replacement", re.I)
_URGE = re.compile(
    r"催|快点|快一点|尽快|赶紧|抓紧|加急|急用|等不及|hurry|asap|as soon as possible|speed (it |this )?up"
    r"|expedite|urgent|faster|quick(ly|er)?\b|chase",
    re.I,
)
_NO_PHOTO = re.compile(
    r"没(有)?(照片|图|拍)|拍不了|无法拍|不方便拍|扔了|no (photo|picture|pic)|can'?t (take|send)"
    r"|don'?t have (a |any )?(photo|pic)|without (a )?photo",
    re.I,
)
_ORDER_WORDS = re.compile(r"订单|单号|那单|这单|一单|\border\b", re.I)
_ITEM_WORDS = re.compile(r"商品|东西|件|款|哪个|\bitems?\b|\bproducts?\b|\bthings?\b", re.I)
_REASON_WORDS = re.compile(r"原因|理由|\breason\b", re.I)
_PHOTO_WORDS = re.compile(r"照片|图片|\bphoto|\bpicture", re.I)
# "Change something", and nothing but what: "change my address" is another matter.
_CHANGE = re.compile(
    r"(我?要|我想|帮我)?(修改|改)(一下|一改|下)?|(不|没)对|有误|换个?(订单|商品|原因|照片|图片)|(change"
    r"|correct|edit) (something|it)|not (right|correct)"
    r"|(a )?(different|another|the other) (order|items?|reason|photo|picture)|that'?s (wrong|not right)"
    r"|wrong",
    re.I,
)
_KEEP = re.compile(
    r"不用改|不改了|没有?要改|就这样|\bas it is\b|nothing to change|\bit'?s (fine|right)\b", re.I
)
_QUESTION = re.compile(
    r"[?？]|吗|呢$|有没有|有无|怎么|怎样|如何|多久|多少|什么时候|几天|谁|哪里|能不能|可不可以|是不是"
    r"|^(how|what|when|where|who|why|which|can|could|do|does|is|are|will|would)\b",
    re.I,
)
_LACKING = re.compile(
    r"不(记得|知道|清楚)|忘(了|记)|记不(得|住|清)|找不到|没有?(订单号|单号|手机号)|don'?t (know|remember"
    r"|have)|forg[oe]t|can'?t find"
    r"|no idea|lost (it|the)",
    re.I,
)
_WHY = re.compile(r"为什么|为啥|为何|干嘛|干什么用|\bwhy\b|\bwhat for\b", re.I)
_LIST_WORDS = re.compile(
    r"(所有|全部|有哪些|哪些|几个|最近的|我的).{0,4}(订单|单子)$|订单(列表|都)|\bmy orders\b"
    r"|\borders\b.{0,12}\b(list|all|recent)"
    r"|\b(list|all|recent|which)\b.{0,12}\borders\b",
    re.I,
)
_A_FEW_CHARACTERS, _A_FEW_WORDS = 4, 3


def reason(text: str) -> Reason | None:
    """Why something goes back, if the words say so plainly."""
    text = normal(text)
    return next((reason for reason, pattern in _REASONS if pattern.search(text)), None)


def explains(text: str) -> bool:
    """Whether an answer to "why?" is more than noise: a few words, and no question."""
    characters = len(re.findall(r"[\u4e00-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z']{2,}", text))
    return not asks(text) and (characters >= _A_FEW_CHARACTERS or words >= _A_FEW_WORDS)


def speaks_of(text: str) -> str | None:
    """Which part of a request the words name: order, items, reason or evidence."""
    text = normal(text)
    parts = (
        ("reason", _REASON_WORDS),
        ("evidence", _PHOTO_WORDS),
        ("order", _ORDER_WORDS),
        ("items", _ITEM_WORDS),
    )
    return next((part for part, pattern in parts if pattern.search(text)), None)


def wants_change(text: str) -> bool:
    """ "Change something", said to a summary."""
    return bool(_CHANGE.fullmatch(normal(text).strip("。.!！~ ")))


def keeps(text: str) -> bool:
    """Whether nothing is to be changed after all."""
    return bool(_KEEP.search(normal(text)))


def asks(text: str) -> bool:
    """Whether the words are a question."""
    return bool(_QUESTION.search(normal(text).strip()))


def lacks(text: str) -> bool:
    """Whether the customer does not have, or does not know, what was asked for."""
    return bool(_LACKING.search(normal(text)))


def asks_why(text: str) -> bool:
    """Whether the words ask what something is needed for."""
    return bool(_WHY.search(normal(text)))


def wants_list(text: str) -> bool:
    """Whether all orders are meant, not the one talked about."""
    return bool(_LIST_WORDS.search(normal(text).strip("。.!！?？~ ")))


def wants_exchange(text: str) -> bool:
    return bool(_EXCHANGE.search(text))


def urges(text: str) -> bool:
    return bool(_URGE.search(text))


def has_no_photo(text: str) -> bool:
    return bool(_NO_PHOTO.search(text))

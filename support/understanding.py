"""What a customer's words name: order numbers, the end of a phone, a choice from a list, a reason, a score.

Pure and deterministic, Chinese and English. These are readings, never proofs: whether an order exists and whose
it is, the database says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from support.model import Reason

# Ids of the import format: letters, digits, - and _, perhaps a leading #; at least four digits somewhere, so
# that sizes, prices and years are not taken for orders.
_ORDER_ID = re.compile(r"(?<![\w#-])#?[A-Za-z0-9][A-Za-z0-9_-]{3,39}(?![\w-])", re.ASCII)
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_DIGIT_RUN = re.compile(r"(?<![\d.])\d{4}(?!\d)")
_LEAST_DIGITS_OF_AN_ORDER = 5

_CHINESE_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ENGLISH_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_ENGLISH_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}

_ALL = re.compile(
    r"全部|所有|都要|都退|都不要|全退|一起退|两件都|两个都|整单|\ball\b|\bboth\b|everything|whole order", re.I
)

# In this order: the first that matches is meant ("没收到，少发了一件" speaks of a missing item).
_REASONS: tuple[tuple[Reason, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern, re.I))
    for reason, pattern in (
        (
            Reason.MISSING_ITEM,
            r"少[发了件寄]|漏[发寄]|缺[了少件]|没有?给全|配件没|missing|incomplete|only (got|received) (one|part)|left out",
        ),
        (
            Reason.WRONG_ITEM,
            r"发错|寄错|错货|不是我(买|要|拍|订)的|颜色不对|款式不对|型号不对|货不对|wrong (item|one|product|colou?r|size|thing)"
            r"|not what i ordered|sent me (the wrong|someone|another)|different (item|product|colou?r)",
        ),
        (
            Reason.NOT_RECEIVED,
            r"没(有)?收到|未收到|收不到|丢件|丢了|没到货|一直不到|never (arrived|came|got|received)|not (arrived|received|delivered)"
            r"|didn'?t (arrive|receive|get it|come)|haven'?t received|lost in",
        ),
        (
            Reason.DAMAGED,
            r"碎|破|裂|压坏|摔坏|损坏|烂|变形|漏液|damaged|broken|cracked|shattered|torn|crushed|smashed|ripped|in pieces|dent",
        ),
        (
            Reason.SIZE,
            r"尺码|尺寸|太大|太小|大了|小了|偏大|偏小|太长|太短|长了|短了|穿不(上|下|进)|不合身|不合脚|挤脚|太紧|太松|勒"
            r"|doesn'?t fit|does not fit|too (big|small|large|tight|loose|long|short)|wrong fit|\bsizes?\b|\bfit\b",
        ),
        (
            Reason.QUALITY,
            r"质量|瑕疵|坏了|坏的|故障|不能用|用不了|开不了|不亮|不充电|充不(进|上)|掉色|褪色|起球|开线|脱线|异味|有味|味道|污渍|脏"
            r"|次品|残次|defect|faulty|fault|quality|doesn'?t work|not working|stopped working|won'?t (turn|charge|start|work)"
            r"|stain|smell|peeling|falling apart|dead on arrival",
        ),
        (
            Reason.CHANGED_MIND,
            r"不想要|不喜欢|不需要|不要了|买多|买重|拍错|买错|改主意|后悔|七天无理由|无理由|别处|便宜|changed my mind|don'?t (want|need|like)"
            r"|no longer (want|need)|ordered (by mistake|too many|the wrong)|by accident|bought (it )?elsewhere|cheaper|dislike|no reason",
        ),
        (Reason.OTHER, r"^(其他|其它|别的原因|other|another reason|something else)[。.!！]?$"),
    )
)

_EXCHANGE = re.compile(r"换货|换一[件个双条]|换(个|成|大|小)|调换|\bexchange\b|\bswap\b|replacement", re.I)
_URGE = re.compile(
    r"催|快点|快一点|尽快|赶紧|抓紧|加急|急用|等不及|hurry|asap|as soon as possible|speed (it |this )?up|expedite|urgent|faster|quick(ly|er)?\b|chase",
    re.I,
)
_NO_PHOTO = re.compile(
    r"没(有)?(照片|图|拍)|拍不了|无法拍|不方便拍|扔了|no (photo|picture|pic)|can'?t (take|send)|don'?t have (a |any )?(photo|pic)|without (a )?photo",
    re.I,
)
_YES = re.compile(
    r"^(确认|确定|对|是|好|可以|行|没问题|没错|嗯|恩|提交|同意|ok|okay|yes|yeah|yep|yup|sure|confirm|correct|right|go ahead"
    r"|please do|do it|submit|absolutely|of course|that'?s (right|correct))",
    re.I,
)
# A yes with a condition is not a yes.
_BUT = re.compile(
    r"不|别|但|等等|等一下|先|改|换|错|吗|么|\?|？|\bbut\b|\bnot?\b|n'?t\b|wait|change|except|however|wrong|instead", re.I
)
_LONGEST_YES = 24
_CUED_PHONE = re.compile(r"尾号|后四位|末四位|后4位|手机|电话|phone|mobile|last (four|4)|ending|ends (in|with)", re.I)
_ORDER_WORDS = re.compile(r"订单|单号|那单|这单|一单|\border\b", re.I)
_ITEM_WORDS = re.compile(r"商品|东西|件|款|哪个|\bitems?\b|\bproducts?\b|\bthings?\b", re.I)
_REASON_WORDS = re.compile(r"原因|理由|\breason\b", re.I)
_PHOTO_WORDS = re.compile(r"照片|图片|\bphoto|\bpicture", re.I)
_QUESTION = re.compile(
    r"[?？]|吗|呢$|怎么|怎样|如何|多久|多少|什么时候|几天|谁|哪里|能不能|可不可以|是不是"
    r"|^(how|what|when|where|who|why|which|can|could|do|does|is|are|will|would)\b",
    re.I,
)
_LIST_WORDS = re.compile(
    r"(所有|全部|有哪些|哪些|几个|最近的|我的).{0,4}(订单|单子)|订单(列表|都)|\bmy orders\b|\borders\b.{0,12}\b(list|all|recent)"
    r"|\b(list|all|recent|which)\b.{0,12}\borders\b",
    re.I,
)
_SKIP = re.compile(r"^(跳过|没有了?|不用了?|无|算了|没啥|没什么|skip|no|nope|nothing|none|no thanks)[.!。！~]*$", re.I)
_SCORE_WORDS = (
    (5, r"非常满意|很满意|特别满意|超级?满意|太棒|完美|excellent|perfect|amazing|awesome|fantastic|very (satisfied|happy|good)|great"),
    (1, r"非常不满意|很不满意|特别不满意|太差|极差|垃圾|terrible|awful|horrible|worst|very (bad|poor|dissatisfied|unhappy)|useless"),
    (2, r"不满意|不太满意|不好|失望|dissatisfied|unsatisfied|not (happy|satisfied|good)|unhappy|poor|bad|disappoint"),
    (3, r"一般|还行|凑合|马马虎虎|中规中矩|average|so-?so|okay|\bok\b|meh|alright|decent"),
    (4, r"满意|不错|挺好|好评|satisfied|happy|good|helpful|nice"),
)


def normal(text: str) -> str:
    """Full-width forms narrowed, so that digits typed on a Chinese keyboard are digits."""
    return unicodedata.normalize("NFKC", text)


def order_ids(text: str) -> tuple[str, ...]:
    """What may be order numbers in the text, as written, in the order of mention. Phone numbers are not."""
    text = normal(text)
    phones = {re.sub(r"\D", "", phone)[-11:] for phone in _MOBILE.findall(text)}
    found = []
    for match in _ORDER_ID.finditer(text):
        candidate = match.group().rstrip("-_")
        digits = re.sub(r"\D", "", candidate)
        if len(digits) >= _LEAST_DIGITS_OF_AN_ORDER and digits[-11:] not in phones:
            found.append(candidate)
    return tuple(dict.fromkeys(found))


def phone_last4(text: str) -> str | None:
    """The last four digits of a phone: from a whole mobile number, or four digits standing alone."""
    text = normal(text)
    mobile = _MOBILE.search(text)
    if mobile:
        return re.sub(r"\D", "", mobile.group())[-4:]
    alone = _DIGIT_RUN.findall(re.sub(r"(?<=\d) (?=\d\b)", "", text))
    return alone[-1] if alone else None


def cued_phone_last4(text: str) -> str | None:
    """As `phone_last4`, but only where the words say that a phone is meant: "2024" may be a year."""
    return phone_last4(text) if _CUED_PHONE.search(normal(text)) else None


def affirms(text: str) -> bool:
    """An explicit, unconditional yes: what is needed before money moves."""
    text = normal(text).strip()
    return len(text) <= _LONGEST_YES and bool(_YES.match(text)) and not _BUT.search(text)


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


def asks(text: str) -> bool:
    """Whether the words are a question."""
    return bool(_QUESTION.search(normal(text).strip()))


def wants_list(text: str) -> bool:
    """Whether all orders are meant, not the one talked about."""
    return bool(_LIST_WORDS.search(normal(text)))


def choices(text: str, titles: Sequence[str]) -> tuple[int, ...]:
    """Which of the listed things are meant (0-based): by number, by ordinal, by "all", or by their words."""
    text = normal(text).lower().strip()
    if not titles:
        return ()
    if _ALL.search(text):
        return tuple(range(len(titles)))
    numbers = _numbers(text, len(titles))
    return numbers or _by_words(text, titles)


def _numbers(text: str, count: int) -> tuple[int, ...]:
    found: list[int] = []
    if re.fullmatch(r"[\d\s,，、和&+]+(and)?[\d\s]*", text):
        found = [int(number) for number in re.findall(r"\d+", text) if len(number) < 3]
    for match in re.finditer(r"第\s*([一二两三四五六七八九]|\d{1,2})\s*[个件条双款单项]?", text):
        found.append(_CHINESE_DIGITS.get(match.group(1)) or int(match.group(1)))
    if re.search(r"最后(一)?[个件条双款单]", text):
        found.append(count)
    for word in re.findall(r"[a-z]+", text):
        if word in _ENGLISH_ORDINALS:
            ordinal = _ENGLISH_ORDINALS[word]
            found.append(count if ordinal < 0 else ordinal)
    for match in re.finditer(r"(?:number|no\.?|item|option)\s*(\d{1,2}|one|two|three|four|five)\b", text):
        found.append(_ENGLISH_NUMBERS.get(match.group(1)) or int(match.group(1)))
    return tuple(dict.fromkeys(number - 1 for number in found if 1 <= number <= count))


def _by_words(text: str, titles: Sequence[str]) -> tuple[int, ...]:
    """Titles that share the most with the text: whole words in English, pairs of characters in Chinese."""
    wanted = _shingles(text)
    scores = [len(_shingles(title.lower()) & wanted) for title in titles]
    best = max(scores)
    picked = tuple(i for i, score in enumerate(scores) if score == best)
    return picked if best and len(picked) < max(2, len(titles)) else ()


def _shingles(text: str) -> set[str]:
    latin = set(re.findall(r"[a-z]{3,}", text)) - {"the", "and", "one", "for", "with", "want", "order"}
    chinese = re.findall(r"[\u4e00-\u9fff]+", text)
    return latin | {run[i : i + 2] for run in chinese for i in range(len(run) - 1)}


def reason(text: str) -> Reason | None:
    """Why something goes back, if the words say so plainly."""
    text = normal(text)
    return next((reason for reason, pattern in _REASONS if pattern.search(text)), None)


def wants_exchange(text: str) -> bool:
    return bool(_EXCHANGE.search(text))


def urges(text: str) -> bool:
    return bool(_URGE.search(text))


def has_no_photo(text: str) -> bool:
    return bool(_NO_PHOTO.search(text))


def skips(text: str) -> bool:
    return bool(_SKIP.match(normal(text).strip()))


def score(text: str) -> int | None:
    """A rating from 1 to 5: a number, stars, or words of praise and blame."""
    text = normal(text).lower()
    stars = text.count("⭐") + text.count("★")
    if 1 <= stars <= 5:
        return stars
    number = re.search(r"(?<![\d.])([1-5])(?![\d.]|\s*(?:个小时|小时|天|days?|hours?))", text)
    if number:
        return int(number.group(1))
    chinese = re.search(r"([一二两三四五])\s*(?:分|星|颗星)", text)
    if chinese:
        return _CHINESE_DIGITS[chinese.group(1)]
    english = re.search(r"\b(one|two|three|four|five)[ -]*(?:stars?|out of|points?|$)", text)
    if english:
        return _ENGLISH_NUMBERS[english.group(1)]
    return next((value for value, pattern in _SCORE_WORDS if re.search(pattern, text)), None)

"""Order numbers and the ends of phone numbers in a customer's words; amounts and dates are neither."""

from __future__ import annotations

import re
import unicodedata

# Ids of the import format: letters, digits, - and _, perhaps a leading #.
_ORDER_ID = re.compile(r"(?<![\w#-])#?[A-Za-z0-9][A-Za-z0-9_-]{2,39}(?![\w-])", re.ASCII)
_ORDER_CUE = re.compile(
    r"(订单|单号|编号|订单号码|\border|\bnumber|\bno\.?|\bid)\s*(号码?)?\s*(number|no\.?|id)?\s*(是|为"
    r"|is|:|,)?\s*$",
    re.I,
)
_PHONE_CUE = re.compile(
    r"尾号|后四位|末四位|后4位|手机|电话|手机号|\bphone\b|\bmobile\b|\blast (four|4)\b|\bending\b|\bends\b",
    re.I,
)
_CUE_REACHES = 12
# Written in groups, as on a receipt: 6412 0938 57741.
_IN_GROUPS = re.compile(r"(?<![\w#-])\d{3,6}(?: \d{3,6}){1,4}(?![\w-])", re.ASCII)
_LEAST_DIGITS_IN_GROUPS = 10

_PHONE = re.compile(
    r"(?<![\w#-])(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"  # a Chinese mobile
    r"|\+\d[\d ()-]{7,}\d|07\d{3} ?\d{6}|0\d{2,3}[- ]\d{7,8}|\(?\d{3}\)?[ -]\d{3}-\d{4})(?![\w-])",
    re.ASCII,
)
_DATE = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}(?:\s?[-/.月]\s?\d{1,2}日?|月)?|(?:19|20)\d\d\s?年")
_DATE_WITHOUT_MARKS = re.compile(r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_AMOUNT = re.compile(
    r"[¥$€£]\s?\d[\d,.]*|(?<![\w.-])\d{1,7}(?:[.,]\d+)*\s?"
    r"(?:元|块|圆|万|人民币|积分|个|件|克|千克|公斤|斤|毫升|升|厘米|毫米|米|码|天|小时"
    r"|(?:rmb|yuan|cny|usd|dollars?|euros?|pounds?|points?|ml|kg|cm|mm|days?|hours?|pcs)\b)",
    re.I,
)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.-]+", re.ASCII)
_CHINESE_RUN = re.compile(r"[零〇一二三四五六七八九幺]{4,}")
_CHINESE_DIGITS = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_FOUR = re.compile(r"(?<![\w.#-])\d{4}(?![\w-]|\.\d)", re.ASCII)
_FOUR_SPREAD = re.compile(r"(?<![\w.#-])(\d \d \d \d|\d\d \d\d)(?![\w-]| \d)", re.ASCII)


def normal(text: str) -> str:
    """Full-width forms narrowed, so that digits typed on a Chinese keyboard are digits."""
    return unicodedata.normalize("NFKC", text)


def order_ids(text: str, *, asked: bool = False) -> tuple[str, ...]:
    """What may be order numbers in the text, as written, in the order of mention.

    Short ones ("1001", "A1029") count after "order", with a leading #, or when the number was `asked` for.
    """
    text = _in_one_piece(_without_phones(_without_other_figures(normal(text))))
    found = (match for match in _ORDER_ID.finditer(text) if _may_be_order(match, asked))
    return tuple(dict.fromkeys(match.group().rstrip("-_") for match in found))


def short_order_ids(text: str) -> tuple[str, ...]:
    """What may be a short order number where a bare fact is stated ("A1029"), or a product's id."""
    return tuple(one for one in order_ids(text, asked=True) if not one.isdigit())


def _may_be_order(match: re.Match[str], asked: bool) -> bool:
    candidate = match.group()
    run = max(map(len, re.findall(r"\d+", candidate)), default=0)
    if candidate.startswith("#"):
        return run >= 3
    if _ORDER_CUE.search(match.string[: match.start()]):
        return run >= 4
    if _PHONE_CUE.search(_just_before(match)) and run == len(candidate) == 4:
        return False
    if asked:
        return run >= 4
    if candidate.isdigit():
        return run >= 6 and not _DATE_WITHOUT_MARKS.fullmatch(candidate)
    return run >= 5


def _without_other_figures(text: str) -> str:
    for pattern in (_ADDRESS, _DATE, _AMOUNT):
        text = pattern.sub(" ", text)
    return text


def _without_phones(text: str) -> str:
    """An order number may look like a phone number; "order" before it decides."""
    return _PHONE.sub(lambda m: m.group() if _ORDER_CUE.search(text[: m.start()]) else " ", text)


def _in_one_piece(text: str) -> str:
    def joined(match: re.Match[str]) -> str:
        digits = match.group().replace(" ", "")
        return digits if len(digits) >= _LEAST_DIGITS_IN_GROUPS else match.group()

    return _IN_GROUPS.sub(joined, text)


def phone_last4(text: str) -> str | None:
    """The last four digits of a phone: of a whole number, after "ending in", or four digits alone."""
    text = _CHINESE_RUN.sub(lambda m: m.group().translate(_CHINESE_DIGITS), normal(text))
    phone = _PHONE.search(text)
    if phone:
        return re.sub(r"\D", "", phone.group())[-4:]
    text = _FOUR_SPREAD.sub(lambda m: m.group().replace(" ", ""), _without_other_figures(text))
    alone = list(_FOUR.finditer(text))
    cued = [four for four in alone if _PHONE_CUE.search(_just_before(four))]
    return (cued or alone)[-1].group() if alone else None


def _just_before(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - _CUE_REACHES) : match.start()]


def cued_phone_last4(text: str) -> str | None:
    """As `phone_last4`, but only where a phone is meant for certain: "2024" may be a year.

    Either the words say so, or the four digits follow an order number directly.
    """
    text = normal(text)
    if _PHONE_CUE.search(text):
        return phone_last4(text)
    for order_id in order_ids(text):
        following = re.search(re.escape(order_id) + r"[\s,，、;；/]+(\d{4})(?![\w年-])", text)
        if following:
            return following.group(1)
    return None

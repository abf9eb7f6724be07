"""Personal data out of a training set: each value replaced by another one of the same shape.

    mask = Masker(key, known)                     # one for each conversation
    mask("订单 6205845058777 到哪了", public=[])    # "订单 7316956169822 到哪了"

The same value gets the same replacement all through a conversation, so that what is to be learned ("copy the
order number from the record") stays learnable. What is personal: what the records know of the customer, and
by their shape e-mail addresses, identity cards, bank cards, phones, plates, order numbers, addresses, and
names where somebody says that it is one. Not personal is what the shop publishes: a hotline that stands in
one of the passages (`public`) stays.

`found` is what a check looks for: personal data that is none of our replacements. Those are told by their
beginnings; replaced numbers by their last two digits, so that one real number in a hundred passes for one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from support.training.personal import Known

VERSION = 1

_ZH = "\u4e00-\u9fff"
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹苏潘葛范彭郎鲁韦马苗方俞任袁柳"
    "史唐费岑薛雷贺倪汤罗郝安常于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾"
    "江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫房解丁邓洪左石崔龚程邢裴陆翁甄封段侯武刘景詹龙叶司黎"
    "白蒲赖卓屠池乔闻党翟谭申冉桑燕尚温庄晏柴瞿阎习向古易廖耿匡国文欧利师聂敖冷辛简饶曾沙丰关游肖"
)
_STREET = "路|街|大道|巷|弄|胡同|村|小区|花园|公寓|大厦|广场|苑"
_UNIT = "号楼|号院|号|弄|幢|栋|座|单元|室|楼|层"
_SHAPES = {
    "mail": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    "id_card": r"(?<![0-9A-Za-z])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]"
    r"(?![0-9A-Za-z])",
    "bank_card": r"(?<![0-9A-Za-z])[3-6]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![0-9A-Za-z])",
    "mobile": r"(?<!\d)(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)",
    "phone": r"\+\d[\d() -]{6,}\d|(?<!\d)0\d{2,4}[- ]?\d{3,4}[- ]?\d{3,4}(?!\d)"
    r"|(?<!\d)\(?\d{3}\)?[ .-]\d{3,4}[ .-]\d{4}(?!\d)",
    "plate": r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·• ]?"
    r"(?=[A-HJ-NP-Z0-9]*\d)[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])",
    "address": rf"[{_ZH}A-Za-z0-9]{{1,24}}?(?:{_STREET})\s?\d{{1,5}}\s?(?:{_UNIT})"
    rf"(?:[{_ZH}A-Za-z-]{{0,6}}?\s?\d{{1,5}}\s?(?:{_UNIT}))*"
    r"|\b\d{1,5}[A-Za-z]?(?:\s[A-Z][a-z]+){1,3}\s(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Court|Close"
    r"|Boulevard|Blvd|Terrace|Square|Way)\b\.?(?:,?\s(?:Apt|Apartment|Flat|Unit|Suite)\.?\s?\w+)?",
    "name": rf"(?:(?<=我叫)|(?<=姓名是)|(?<=姓名：)|(?<=姓名:)|(?<=收件人是)|(?<=收件人：)|(?<=收件人:)"
    rf"|(?<=联系人：)|(?<=联系人:))[{_SURNAMES}][{_ZH}]{{1,2}}(?![{_ZH}]*(?:店|家|司))"
    rf"|(?<![{_ZH}])[{_SURNAMES}](?=先生|女士|小姐|太太)"
    r"|(?:(?<=[Mm]y name is )|(?<=[Nn]ame: )|(?<=[Rr]ecipient: )|(?<=Mr )|(?<=Mr\. )|(?<=Mrs )|(?<=Mrs\. )"
    r"|(?<=Ms )|(?<=Ms\. ))[A-Z][a-z'-]+(?: [A-Z][a-z'-]+){0,2}",
    # Not an amount: nothing that goes on with decimals or a currency.
    "number": r"#\s?[A-Za-z]{0,4}-?\d{3,}|(?<![A-Za-z0-9])[A-Za-z]{1,4}-?\d{5,}(?!\d)"
    r"|(?<!\d)\d{4}(?: \d{4}){2,}(?: \d{1,4})?(?!\d)"
    r"|(?<![\d¥$￥€£.,])\d{6,}(?![\d,]|\.\d|\s?(?:元|块|万|yuan|dollars))",
    "last_digits": r"(?:(?<=尾号)|(?<=尾号是)|(?<=尾号为)|(?<=后四位)|(?<=后四位是)|(?<=后4位)|(?<=末四位)"
    r"|(?<=ending in )|(?<=ends in )|(?<=last four digits are )|(?<=last four )|(?<=last 4 ))\d{4}(?!\d)"
    r"|\A\s*\d{4}\s*\Z",
}
# Words that begin an address in a sentence and are no part of it.
_BEFORE_ADDRESS = re.compile(
    r"^.*(?:寄到|送到|发到|改到|改成|改为|换成|换到|地址是|地址为|地址|住在|[在到给是住])"
)
_PATTERN = "|".join(f"(?P<{kind}>{shape})" for kind, shape in _SHAPES.items())
_OURS = {
    "mail": re.compile(r"customer\d{3}@example\.com"),
    "id_card": re.compile(r"11010119000101\d{4}"),
    "bank_card": re.compile(r"(?:6200[ -]?){3}[\d -]+"),
    "mobile": re.compile(r"1390000\d{4}"),
    "phone": re.compile(r"07700900\d{3}"),
    "plate": re.compile(r"沪A00\d{3}"),
    "address": re.compile(r"和平路\d{3}号|\d{3} Station Road"),
    "name": re.compile(
        "[王李张刘陈]|[王李张刘陈]小[明红华军丽]"
        "|(?:Alex|Sam|Robin|Jamie|Casey)(?: (?:Miller|Taylor|Walker))?"
    ),
    "last_digits": re.compile(r"\s*00\d\d\s*"),
}  # fmt: skip
# First names and surnames that are words too: masked as part of the whole name only.
_WORDS = frozenset(
    """
    may june april august will mark rose grace hope summer art bill chase frank grant joy lane miles
    rich rob ruby sandy sky violet young long white brown black green king price day page store small
    short best love bell baker cook hunter mason parker taylor west north hill wood ford banks rice
    early winter drew dean
    """.split()  # noqa: SIM905
)


class Masker:
    """Replaces what is personal in the texts of one conversation; `key` makes its replacements its own."""

    def __init__(self, key: str, known: Known | None = None) -> None:
        self._key, self._known = key.encode(), known or Known()

    def __call__(self, text: str, public: Sequence[str] = ()) -> str:
        """The text without personal data but for what stands in the `public` texts."""
        published = {match[0] for one in public for match in _SEARCH.finditer(one)}

        def replaced(match: re.Match[str]) -> str:
            kind, value = str(match.lastgroup), match[0]
            if value in published and kind in _SHAPES:
                return value
            if kind == "address" and (cut := _BEFORE_ADDRESS.match(value)):
                return cut[0] + self._other(kind, value[cut.end() :])
            return self._other(kind.removeprefix("known_"), value)

        return self._pattern.sub(replaced, text)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        known = [f"(?P<known_{kind}>{words})" for kind, words in _of_records(self._known)]
        return re.compile("|".join([*known, _PATTERN]))

    def _other(self, kind: str, value: str) -> str:
        return _OTHERS[kind](value, self._seed(kind, value))

    def _seed(self, kind: str, value: str) -> int:
        """The same for all spellings of one thing: a name and its part, a phone and its end."""
        name, phone = self._known.name, re.sub(r"\D", "", self._known.phone)
        if kind == "name" and value.lower() in (name.lower(), *name.lower().split()):
            value = name
        elif kind == "tail":
            value = phone
        plain = re.sub(r"[\s()+-]", "", value).lower()
        plain = plain.removeprefix("86") if kind in ("mobile", "tail") else plain
        return int.from_bytes(hmac.digest(self._key, plain.encode(), hashlib.sha256)[:8])


def found(text: str, public: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Kind and words of what looks personal and is no replacement of ours."""
    published = {match[0] for one in public for match in _SEARCH.finditer(one)}
    for match in _SEARCH.finditer(text):
        kind, value = str(match.lastgroup), match[0]
        if kind == "address":
            value = _BEFORE_ADDRESS.sub("", value)
        if match[0] not in published and not _is_ours(kind, value):
            yield kind, value


def _is_ours(kind: str, value: str) -> bool:
    if kind == "number":
        digits = re.sub(r"\D", "", value)
        return len(digits) < _CHECKED or digits[-2:] == _check(digits[:-2])
    return bool(_OURS[kind].fullmatch(value))


# --- what the records know ---------------------------------------------------------------------------------


def _of_records(known: Known) -> Iterator[tuple[str, str]]:
    """Kind and pattern of everything known, the longest first in each kind."""
    if known.addresses:
        yield "address", _any(known.addresses)
    if known.email:
        yield "mail", f"(?i:{re.escape(known.email)})"
    digits = re.sub(r"\D", "", known.phone)
    if len(digits) >= 7:
        yield (
            "mobile" if re.fullmatch(r"(?:86)?1[3-9]\d{9}", digits) else "phone",
            rf"(?<!\d)\+?{'[ ()-]*'.join(digits)}(?!\d)",
        )
        yield "tail", rf"(?<![\d.¥$]){digits[-4:]}(?![\d.]|\s?(?:元|块|年))"
    numbers = [one for one in known.numbers if len(one) >= _SHORTEST_NUMBER]
    if numbers:
        yield "number", rf"(?<![A-Za-z0-9])(?:{_any(numbers)})(?![A-Za-z0-9])"
    if names := list(_names(known.name)):
        yield "name", "|".join(names)


def _names(name: str) -> Iterator[str]:
    """The whole name; of a name with blanks also its parts, as far as they are no words of the language."""
    if len(name) < 2:
        return
    if not name.isascii():
        yield re.escape(name)
        return
    yield rf"(?i:\b{re.escape(name)}\b)"
    for part in name.split():
        if len(part) > 1 and part.lower() not in _WORDS:
            yield rf"\b{re.escape(part)}\b"


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(one) for one in sorted(words, key=len, reverse=True))


# --- replacements ------------------------------------------------------------------------------------------

# From this many digits on a replaced number carries a check.
_CHECKED = 6
_SHORTEST_NUMBER = 4
_SEARCH = re.compile(_PATTERN)


def _number(value: str, seed: int) -> str:
    """Other digits in the same places; the last two tell that they are ours."""
    count = sum(character.isdigit() for character in value)
    stream = str(seed).zfill(20) * (count // 20 + 1)
    digits = str(int(stream[0]) % 9 + 1) + stream[1:count]
    if count >= _CHECKED:
        digits = digits[:-2] + _check(digits[:-2])
    rest = iter(digits)
    return "".join(next(rest) if character.isdigit() else character for character in value)


def _check(digits: str) -> str:
    return f"{zlib.crc32(digits.encode()) % 100:02}"


def _bank_card(value: str, seed: int) -> str:
    digits = iter("620062006200" + f"{seed % 10**7:07}")
    return "".join(next(digits) if character.isdigit() else character for character in value)


def _name(value: str, seed: int) -> str:
    if not value.isascii():
        surname = "王李张刘陈"[seed % 5]
        return surname if len(value) == 1 else f"{surname}小{'明红华军丽'[seed // 5 % 5]}"
    first = ("Alex", "Sam", "Robin", "Jamie", "Casey")[seed % 5]
    return f"{first} {('Miller', 'Taylor', 'Walker')[seed // 5 % 3]}" if " " in value else first


def _address(value: str, seed: int) -> str:
    number = 100 + seed % 900
    return f"{number} Station Road" if value.isascii() else f"和平路{number}号"


_OTHERS: dict[str, Callable[[str, int], str]] = {
    "mail": lambda value, seed: f"customer{seed % 1000:03}@example.com",
    "id_card": lambda value, seed: f"11010119000101{seed % 10_000:04}",
    "bank_card": _bank_card,
    "mobile": lambda value, seed: f"139000000{seed % 100:02}",
    "tail": lambda value, seed: f"00{seed % 100:02}",
    "phone": lambda value, seed: f"07700900{seed % 1000:03}",
    "plate": lambda value, seed: f"沪A00{seed % 1000:03}",
    "address": _address,
    "name": _name,
    "number": _number,
    "last_digits": lambda value, seed: re.sub(r"\d{4}", f"00{seed % 100:02}", value),
}

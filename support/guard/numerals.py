"""Rewrites spelled-out numbers as digits: 两百元 -> 200元, 三五天 -> 3-5天, "twenty-five days" -> "25 days".

Only where a number is meant: 一下, 十分, 千万, 第一 and "no one" stay. Leans towards leaving a doubtful word
alone, because what becomes a digit here must be found in a source.
"""

from __future__ import annotations

import re

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_PERIOD = r"个?(?:工作日|小时|钟头|月|星期|礼拜|周)|天|日|号|年|分钟"
_MEASURE = re.compile(
    rf"\s*(?:{_PERIOD}|点|元|块|折|件|双|套|盒|瓶|包|条|张|份|次|倍|公?斤|克|厘?米|升|码|岁|人|笔|个)"
)
_COUNTS_ONE = re.compile(rf"\s*(?:{_PERIOD}|元|折)")
# Not after 第 (an ordinal) nor after 周, 星期, 礼拜 (a weekday).
_CHINESE = re.compile(
    r"(?<![第周拜])(?<!星期)(?!零件)[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+(?!分|十))?"
)

_UNITS = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH = {word: value for value, word in enumerate(_UNITS)}
_ENGLISH |= {word: 10 * value for value, word in enumerate(_TENS, 2)}
_WORD = "|".join(sorted([*_ENGLISH, "hundred", "thousand"], key=len, reverse=True))
_ENGLISH_RUN = re.compile(rf"\b(?:{_WORD})(?:(?:[ -]|\s+and\s+)(?:{_WORD}))*\b", re.IGNORECASE)
_ENGLISH_PERIOD = r"(?:business |working |work)?(?:day|hour|week|month|year)"
_ENGLISH_MEASURE = re.compile(
    rf"[ -](?:{_ENGLISH_PERIOD}|minute|percent|per cent|dollar|yuan|pound|euro)", re.IGNORECASE
)

_FIXED = [
    (re.compile(r"半价"), "5折"),
    (re.compile(r"\bhalf[ -](?:price|off)\b", re.IGNORECASE), "50% off"),
    (re.compile(r"百分之百|百分百"), "100%"),
    (re.compile(r"([1-9一二三四五六七八九])成(?![为本品功立员果就套分绩交年长])"), r"百分之\1十"),
    (re.compile(r"(?<=[一二两三四五六七八九十])个半(?=小时|钟头|月|星期)"), "点五个"),
    (re.compile(r"(?<=[一二两三四五六七八九十])年半"), "点五年"),
    (
        re.compile(r"\b(?:an?|one) (hour|week|month|year) and a half\b", re.IGNORECASE),
        r"1.5 \1s",
    ),
    (
        re.compile(r"(?<![一二两三四五六七八九十\d个点年月天])半(?=天|年|个?月|个?小时|个?钟头|个?星期)"),
        "0.5",
    ),
    (re.compile(rf"\bhalf an? (?={_ENGLISH_PERIOD})", re.IGNORECASE), "0.5 "),
    # "within a week" promises as much as "within 7 days"; "have a nice day" and "24 hours a day" do not.
    (
        re.compile(
            rf"\b(within|in|for|after|about|takes?|than|only) an? (?={_ENGLISH_PERIOD}\b)", re.IGNORECASE
        ),
        r"\1 1 ",
    ),
]
# 239块二 is 239.2元, 五块五毛 is 5.5元, 八毛 is 0.8元.
_CHANGE = re.compile(
    r"(?:(\d+)\s*[块元]钱?|(?<![\d.])(?=.[毛角](?![巾衣线呢毯])))"
    r"([1-9一二两三四五六七八九])(?:[毛角]|(?=$|[的了吧呢左]|[^\w~.%—–-]))"
)
# 40 cents are 0.40 of whatever the source counts in.
_CENTS = re.compile(r"\b(\d{1,2}) ?(?:cents|pence|p)\b")
_PERCENT = re.compile(r"百分之\s*(?:(\d+(?:\.\d+)?)|([零〇一二两三四五六七八九十点]+))")
_DIGITS_AND_SCALE = re.compile(r"(\d+(?:\.\d+)?)\s*(万|千(?![克米瓦卡])|亿)")


def spelled_numbers_to_digits(text: str) -> str:
    """The same text with spelled-out numbers written as digits."""
    for pattern, replacement in _FIXED:
        text = pattern.sub(replacement, text)
    # Before the general rule, which would take the 百 of 百分之二十 for the head of a number.
    text = _PERCENT.sub(lambda m: f"{m[1] or _plain(_chinese_value(m[2]))}%", text)
    text = _CHINESE.sub(_chinese_digits, text)
    text = _DIGITS_AND_SCALE.sub(lambda m: _plain(float(m[1]) * _SCALES[m[2]]), text)
    text = _CHANGE.sub(lambda m: f"{m[1] or 0}.{_DIGITS.get(m[2], m[2])}元", text)
    text = _ENGLISH_RUN.sub(_english_digits, text)
    return _CENTS.sub(lambda m: _plain(int(m[1]) / 100), text)


def _chinese_digits(match: re.Match[str]) -> str:
    run, rest = match[0], match.string[match.end() :]
    measured = bool(_MEASURE.match(rest))
    if all(char in _DIGITS for char in run):
        return _digit_run(run, measured, bool(_COUNTS_ONE.match(rest)))
    if run[0] in "百千万亿" or (run == "十" and not measured):  # 千万, 万一, 百般, 十分
        return run
    return _plain(_chinese_value(run))


def _digit_run(run: str, measured: bool, counts_one: bool) -> str:
    """A run without 十, 百, ...: one digit, an approximate pair (两三天), or a number read digit by digit."""
    values = [_DIGITS[char] for char in run]
    if len(run) == 1:
        # 一件, 一次 and 一点 rarely count; 一天 and 一元 do.
        return str(values[0]) if (counts_one if run == "一" else measured) else run
    if len(run) == 2:
        return f"{values[0]}-{values[1]}" if measured and values[0] < values[1] else run
    return "".join(map(str, values)) if len(run) >= 4 or measured else run


def _chinese_value(run: str) -> float:
    whole, _, fraction = run.partition("点")
    total = section = digit = 0
    for char in whole:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif _SCALES[char] >= 10_000:
            total, section, digit = (total + section + digit) * _SCALES[char], 0, 0
        else:
            section, digit = section + (digit or 1) * _SCALES[char], 0
    # 三百五 says 350: a last digit right after 百, 千 or 万 counts in the next smaller scale.
    if digit and len(whole) > 1 and _SCALES.get(whole[-2], 1) >= 100:
        digit *= _SCALES[whole[-2]] // 10
    decimals = "".join(str(_DIGITS[char]) for char in fraction)
    return total + section + digit + float(f"0.{decimals or 0}")


def _english_digits(match: re.Match[str]) -> str:
    words = re.split(r"\s+and\s+|[ -]", match[0].lower())
    if words == ["one"] and not _ENGLISH_MEASURE.match(match.string, match.end()):
        return match[0]
    total = value = 0
    for word in words:
        if word == "hundred":
            value = (value or 1) * 100
        elif word == "thousand":
            total, value = total + (value or 1) * 1_000, 0
        else:
            value += _ENGLISH[word]
    return str(total + value)


def _plain(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")

"""Forms of secrets, accounts and numbers, and the labels that announce them; `shapes` says which is what.

Digits may stand in groups. Nothing here is sure by itself: check digits are in `checks`.
Standard library only.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE
_NOT_INSIDE, _NOT_GOING_ON = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"

# --- secrets and accounts ----------------------------------------------------------------------------------

SECRET = re.compile(
    r"(?:验证码|校验码|动态码|安全码|取件码|提货码|密码|口令)(?:是|为|改成|改为)?\s{0,2}[:：]?\s{0,2}"
    r"(?P<v>(?=[^\s，。；]{0,24}\d)[!-~]{3,32})"
    r"|(?i:\b(?:password|passcode|passwd|pwd|pin(?: code| number)?|cvv2?|cvc|otp|one[- ]time (?:pass)?code"
    r"|(?:verification|security|access|confirmation|gift ?card) (?:code|number)|secret)\b"
    r"(?:\s+(?:is|was)\b)?\s*[:=]?\s*)[\"'“]?(?P<v2>(?=\S{0,31}\d)[!-~]{3,64})"
    r"|(?i:\b(?:password|passcode)\s+is\s+)[\"'“]?(?P<v3>(?!(?:wrong|not|in\w+|right|correct|the|too|my|set|still|"
    r"expired|always|never|no|a|an|ok|case|required|weak|strong|needed|rejected|refused)\b)[!-~]{4,64})"
    r"|(?i:\bbearer\s+|\b(?:token|api[_-]?key|secret|auth_token)[\"']?\s?[=:]\s?[\"']?)(?P<v4>[\w.~+/=-]{8,})"
    r"|(?P<v5>\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
    r"|://[^\s/:@]{1,60}:(?P<v6>[^\s/@]{1,100})@"
)
ACCOUNT = re.compile(
    r"(?i:微信号?|wechat(?: id)?|weixin|vx|wx|qq号?)\s?(?:号码|号|账号|是|为|:|：|is)*\s?[:：]?\s?"
    r"(?P<v>[A-Za-z][A-Za-z0-9_-]{5,19}(?<!wechat)|[1-9]\d{4,10})(?![A-Za-z0-9])"
    r"|(?i:\b(?:my|our) (?:instagram|twitter|telegram|skype|whatsapp|line)(?: id| handle)?(?: is|:)?)"
    r" (?P<v2>@?\w{4,30})"
)

# --- numbers -----------------------------------------------------------------------------------------------

MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
ID_CARD = re.compile(rf"{_NOT_INSIDE}[1-8](?:[ -]?\d){{16}}[ -]?[\dXx]{_NOT_GOING_ON}")
ID_LABEL = re.compile(
    r"身份证|证件号|居民身份|护照号?|港澳通行证|identity\s*card|\bID\s*(?:card|no|number)|passport"
    r"|social security|\bSSN\b|national insurance",
    _I,
)
ID_LABELLED = re.compile(
    r"\d(?:[ -]?\d){13,16}[ -]?[\dXx]|[A-Z]{1,2}\d{7,8}[A-Z]?|\d{3}-\d{2}-\d{4}|[A-Z]{2}(?: ?\d\d){3} ?[A-D]"
)
CARD = re.compile(rf"{_NOT_INSIDE}\d(?:[ -]?\d){{14,18}}{_NOT_GOING_ON}")
CARD_LABEL = re.compile(
    r"银行卡|信用卡|储蓄卡|借记卡|卡号|银行账[号户]|(?:card|account)\s*(?:no|num)|(?:credit|debit|bank) card",
    _I,
)
CARD_LABELLED = re.compile(r"\d(?:[ -]?\d){11,20}")
IBAN = re.compile(
    rf"{_NOT_INSIDE}[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{_NOT_GOING_ON}"
)
MOBILE = re.compile(
    rf"(?:\+|(?<!\d)00)86[ -]?1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}(?!\d)"
    rf"|{_NOT_INSIDE}(?:86[ -]?)?1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}(?!\d)"
    r"|(?<=[A-Za-z])1[3-9]\d{9}(?!\d)"
)
PHONE = re.compile(
    r"\+\d[\d() -]{6,}\d|(?<!\d)(?<!\d[.,])0\d{2,4}[- ]?\d{3,4}[- ]?\d{3,4}(?!\d)"
    r"|(?<!\d)(?<!\d[.,])\(?\d{3}\)?[ .-]\d{3,4}[ .-]\d{4}(?!\d)"
    r"|(?<!\d)(?:852|853|886)[ -]\d{4}[ -]?\d{4}(?!\d)"
)
PHONE_LABEL = re.compile(
    r"电话|手机(?!壳|膜|支架|套|尾号|后)|联系方式|收[货件]人|致电|拨打|\btel(?:ephone)?\b|\bphone\b|\bcell\b"
    r"|mobile(?! (?:case|app))|whatsapp|\bcontact\b|(?:call|text|ring|reach) me (?:on|at)|\bmy number\b",
    _I,
)
PHONE_LABELLED = re.compile(r"\+?\(?\d(?:[ ().-]{0,2}\d){6,14}")
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·• ]?"
    r"(?=[A-HJ-NP-Z0-9]*\d)[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
    r"|(?i:\b(?:(?:number|licen[cs]e) plate|registration|plate(?: number)?)(?: is|:)?)"
    r" (?P<v>(?=[A-Z -]*\d)[A-Z0-9]{2,4}[ -]?[A-Z0-9]{3,4})\b"
)
PLATE_NEEDS = re.compile(r"[A-HJ-NP-Z].?[A-HJ-NP-Z0-9]{5}|plate|registration", _I)
ORDER_NUMBER = re.compile(
    r"(?:订单|单号|运单|快递单|\border(?:s)?\b|\btracking\b|\bparcel\b)(?:\s?(?:编号|号码|号|number|no\.?|id))?"
    r"\s?(?:是|为|is|:|：|#)?\s?(?P<v>(?=[A-Z0-9 -]{0,7}\d{4})[A-Z]{0,4}-?\d[\d -]{6,}\d)",
    _I,
)
# Not an amount: nothing that goes on with decimals or a currency.
NUMBER = re.compile(
    r"#\s?[A-Za-z]{0,4}-?\d{3,}|(?<![A-Za-z0-9])[A-Za-z]{1,4}-?\d{5,}(?!\d)"
    r"|(?<!\d)\d{4}(?: \d{4}){2,}(?: \d{1,4})?(?!\d)"
    r"|(?<![\d¥$￥€£.])(?<!\d,)(?<!\d{8}-)\d{6,}(?!\d|\.\d|,\d{3}(?!\d)|\s?(?:元|块|万|人|yuan|dollars))"
)
LAST_DIGITS = re.compile(
    r"(?:(?:尾号|[后末]\s?[四4]\s?位(?:数字?)?|\bending|\bends|\blast\s(?:4|four)(?: digits)?)[^\d\n]{0,12}"
    r"|(?:手机号码?|电话号?码?|我的?手机|\bphone(?: number)?)(?:\s?(?:是|为|is|:|：))?\s{0,2})"
    r"(?P<v>(?<![\d.,¥$￥€£])\d{4})(?![\d.]|,\d|\s?(?:元|块|年|mAh|毫安))"
    r"|\A\W*(?P<v2>\d{4})\W*\Z",
    _I,
)
# What follows an order number is the end of a phone, which proves who somebody is.
AFTER_NUMBER = re.compile(r"[\s,，、:：]{1,3}(?P<v>\d{4})(?!\d|[.,]\d|\s?(?:元|块|年|yuan|dollars))")

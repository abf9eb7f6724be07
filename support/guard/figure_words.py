"""The units, currencies and names by which a figure is known, in Chinese and in English, as patterns."""

from __future__ import annotations

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
START = r"(?<![A-Za-z0-9_.])"
TO = r"\s*(?:-|–|—|~|～|至|到|to)\s*"
# Currency -> (what stands before the number, what stands after it).
CURRENCIES = {
    "CNY": (r"¥|rmb|cny|人民币", r"元|块钱?|yuan|rmb|cny"),
    "USD": (r"us\$|\$|usd", r"美元|美金|dollars?|usd"),
    "EUR": (r"€|eur\b", r"欧元|euros?|eur\b|€"),
    "GBP": (r"£|gbp", r"英镑|pounds?|gbp"),
    "HKD": (r"hk\$|hkd", r"港币|港元|hkd"),
    "JPY": (r"jpy", r"日元|yen|jpy"),
}
# Unit -> (pattern, base, factor). A working day is not a calendar day.
PERIODS = {
    "workday": (r"个?工作日|(?:business|working|work)[ -]?days?", "workday", 1),
    "minute": (r"分钟|min(?:ute)?s?\b", "minute", 1),
    "hour": (r"个?小时|个?钟头|h(?:ou)?rs?\b|h\b", "minute", 60),
    "week": (r"个?(?:周|星期|礼拜)(?![一二三四五六日天末])|weeks?\b", "minute", 7 * 1440),
    "month": (r"个月|months?\b", "month", 1),
    "year": (r"年|years?\b", "month", 12),
    "day": (r"天|日|号(?![店线楼码])|days?\b", "minute", 1440),
}
UNIT = "|".join(f"(?P<{name}>{pattern})" for name, (pattern, _, _) in PERIODS.items())
BEFORE = "|".join(before for before, _ in CURRENCIES.values())
AFTER = "|".join(after for _, after in CURRENCIES.values())
EVERY = {"day": "天|日|day", "week": "周|星期|week", "month": "月|month", "year": "年|year"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The same day, the next one, the one after; 今天 and "today" are said of anything.
NEXT_DAYS = {
    r"(?<!日)(?<!节)(?<!预计)当[天日](?=[就可能即内发到送退寄])|(?<!the )(?<!that )\bsame[ -]day\b": 0,
    r"明[天早晚]|次日|第2天|第二天|\btomorrow\b|\bnext[ -]day\b|\bovernight\b": 1,
    r"后天|\bday after tomorrow\b": 2,
}
AFTERNOON = ("下午", "晚上", "傍晚", "pm", "evening", "afternoon", "night")

"""Forms of addresses in Chinese and English: a house in a street, an estate or a town; postcodes.

A town or a district alone is nobody's address: what shipping there costs is anybody's question. `ZH` and `EN`
are tried where `ZH_NEEDS` and `EN_NEEDS` find something. Standard library only.
"""

from __future__ import annotations

import re

_HAN = "\u4e00-\u9fff"
_STREET = "路|街|大道|巷|弄|胡同|村|小区|花园|公寓|大厦|广场|苑|里|庄|园区|工业园|新城|家园|名邸|府|国际"
_UNIT = "号楼|号院|号|弄|幢|栋|座|塔|单元|室|楼|层|组|门"
_NAMED = "大厦|广场|中心|花园|公寓|小区|大楼|国际|写字楼|苑|城"
_BUILDING = rf"(?:[{_HAN}A-Za-z]{{2,10}}(?:{_NAMED})(?:[A-Z][座塔栋]?)?)?"
_COUNT = r"(?:\d{1,5}(?:-\d{1,4})?|[A-Za-z]\d{0,3}|[一二三四五六七八九十]{1,3})"
# The number of a room that stands last, without a word.
_ROOM = r"(?:\s?\d{2,5}(?!\d|[元块天件年月]))?"
ZH = re.compile(
    rf"[{_HAN}A-Za-z0-9]{{1,24}}?(?:{_STREET})[一二三四五六七八九十]?段?\s?\d{{1,5}}\s?(?:{_UNIT}){_BUILDING}"
    rf"(?:[{_HAN}A-Za-z·-]{{0,8}}?\s?{_COUNT}\s?(?:{_UNIT}))*{_ROOM}"
    rf"|[{_HAN}]{{2,20}}?(?:小区|花园|公寓|大厦|苑|家园|新城|庄园|村)[，, ]?{_COUNT}\s?(?:号楼|幢|栋|座|单元)"
    rf"(?:[{_HAN}A-Za-z]{{0,6}}?\s?{_COUNT}\s?(?:{_UNIT}))*{_ROOM}"
    rf"|[{_HAN}]{{2,8}}?(?:省|自治区|市)[{_HAN}]{{1,8}}?(?:市|区|县)"
    rf"[{_HAN}0-9A-Za-z]{{1,16}}?(?:路|街|大道|巷|村|小区|花园|公寓|大厦|镇)(?:\s?\d{{1,5}}\s?(?:{_UNIT}))?"
)
ZH_NEEDS = re.compile(
    rf"(?:{_STREET})[，, ]?段?[\dA-Za-z一二三四五六七八九十]"
    r"|[省市].{1,9}[市区县].{1,16}[路街道巷村区园寓厦镇]"
)
# Words that begin an address in a sentence and are no part of it.
BEFORE = re.compile(
    r"^.*(?:寄到|送到|发到|发往|送往|改到|改成|改为|改寄|换成|换到|地址是|地址为|地址|住在|家在|搬到"
    r"|[在到给是住，,])"
)
_SUFFIX = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Close|Boulevard|Blvd|Terrace|Square|Way|Place"
    "|Crescent|Gardens|Grove|Mews|Hill|Row|Parkway|Highway"
)
# Said in small letters, only these are no other words.
_SMALL = "street|road|avenue|drive|boulevard"
_STATE = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]"
    "|W[AIVY]"
)
_NAME = r"\s(?:[NSEW]\.?|[A-Z][a-z'’]+|\d{1,3}(?:st|nd|rd|th))"
_FLAT = r"(?i:apt|apartment|flat|unit|suite|room|floor|ste)\.?\s?#?\w{1,5}"
_TOWN = rf"(?:,?\s(?:{_FLAT}))?(?:,\s[A-Z][a-z]+(?:\s[A-Z][a-z]+){{0,2}}){{0,2}}"
_CODE = rf"(?:,?\s(?:(?:{_STATE})\s\d{{5}}(?:-\d{{4}})?|[A-Z]{{1,2}}\d[A-Z\d]?\s?\d[A-Z]{{2}}))"
EN = re.compile(
    rf"(?:\b{_FLAT},?\s)?\b\d{{1,5}}[A-Za-z]?(?:[-–]\d{{1,5}})?(?:{_NAME}){{1,3}}\s(?:{_SUFFIX})\b\.?"
    rf"(?:\s[NS][EW]\b)?{_TOWN}{_CODE}?"
    rf"|\b\d{{1,5}}(?:\s[a-z]+){{1,2}}\s(?:{_SMALL})\b(?:,?\s{_FLAT})?"
    rf"|\b[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}\b|\b(?:{_STATE})\s\d{{5}}(?:-\d{{4}})?\b|\bP\.?\s?O\.?\s?[Bb]ox\s\d+"
    rf"|\b(?:Flat|Room|Unit)\s\w{{1,4}},\s\d{{1,3}}/F,(?:\s[\w'’]+){{1,8}}"
)
EN_NEEDS = re.compile(
    rf"\s(?:{_SUFFIX}|{_SMALL})\b|[A-Z]\d[A-Z\d]?\s\d[A-Z]|\b(?:{_STATE})\s\d{{5}}|[Bb]ox|/F\b"
)

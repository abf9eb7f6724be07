"""What a text says once its disguises are taken off: the readings in which the filter looks for phrases.

    readings("i g n o r e prev1ous rules")  ->  "i g n o r e prev1ous rules", "ignore prev1ous rules", ...

The first reading is the text itself, folded: width, case, accents, look-alike letters, the traditional
characters that matter, invisible characters. The others undo what is put between letters, digits for letters,
and what is wrapped in base64, hexadecimal or percent signs. A plain text has one reading.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

# A reading of this kind is compared without its blanks: it has lost them, or has too many.
SPACED_OUT = "\0"

# Cyrillic and Greek letters that look like Latin ones, as they look after `casefold`.
_LOOK_ALIKE = str.maketrans("аеорсухкмнтвіјѕԁɡαεικορτυχνⅼı", "aeopcyxkmhtbijsdgaeikoptuxvli")
# Traditional characters of the phrases that the rules know, and what the rules write.
_SIMPLER = str.maketrans(
    "並們個內則劃動務區協單嗎員問國圖執場塊壓夠夢奪媽專對導將屬師幫幹廢強張後從復應態戰戲拋掃揮換據擇擔擾"
    "攝擬攜敗數斷於時會權條樣機檢歡殘殺毀氣決況測準滾滿漢瀉為無煩燒獨獲現產畫異當發盜盡監盤確碼禮種稱穩積"
    "競筆節範籤結給統經維網綁線編總罰罵職聯聽脅腦臺與舉舊處號虛術衛裝裡製規視覽觸計記設許訴診試話該詳誤說"
    "請調論證譯議護讀變讓豬貓買賣賤費資賊質賴輸轉辦這進運過達違遠選還郵釋銀錄錯鍵長閉開間關險隨隱際雞離電"
    "靈靜響項順須預頭題顏願類顯飛餘驗體髒鬥點齊龍麼沒騙訊訓練閱貼囉誰愛憤傷縱慾褲濕騷詛詢負責組緊繫啟詞彙"
    "繞濾鏡賽賭癮醫藥療黨軍槍彈煙標帳貸債漲獄頻聲閹約見",
    "并们个内则划动务区协单吗员问国图执场块压够梦夺妈专对导将属师帮干废强张后从复应态战戏抛扫挥换据择担扰"
    "摄拟携败数断于时会权条样机检欢残杀毁气决况测准滚满汉泻为无烦烧独获现产画异当发盗尽监盘确码礼种称稳积"
    "竞笔节范签结给统经维网绑线编总罚骂职联听胁脑台与举旧处号虚术卫装里制规视览触计记设许诉诊试话该详误说"
    "请调论证译议护读变让猪猫买卖贱费资贼质赖输转办这进运过达违远选还邮释银录错键长闭开间关险随隐际鸡离电"
    "灵静响项顺须预头题颜愿类显飞余验体脏斗点齐龙么没骗讯训练阅贴啰谁爱愤伤纵欲裤湿骚诅询负责组紧系启词汇"
    "绕滤镜赛赌瘾医药疗党军枪弹烟标帐贷债涨狱频声阉约见",
)
_DIGITS = str.maketrans("0134578@$!", "oieastbasi")

_HAN = r"\u3400-\u9fff"
# What is put between letters to break a word up.
_BETWEEN = r"*_~·.|/+^'`=\-"
_IN_HAN = re.compile(rf"(?<=[{_HAN}])[\s{_BETWEEN}]+(?=[{_HAN}])")
# One character at a time, with punctuation between them: 忽，略，之，前
_SINGLE_HAN = re.compile(rf"(?<![{_HAN}])[{_HAN}](?:[^\w{_HAN}]{{1,3}}[{_HAN}](?![{_HAN}])){{2,}}")
_IN_LATIN = re.compile(rf"(?<=[a-z])[{_BETWEEN}]+(?=[a-z])")
_SINGLE_LATIN = re.compile(
    rf"(?<![a-z0-9])[a-z0-9@$!](?:[\s{_BETWEEN},]{{1,3}}[a-z0-9@$!](?![a-z0-9])){{3,}}"
)
_NOT_WORD = re.compile(rf"[^\w{_HAN}]+")
_WITH_DIGITS = re.compile(r"[a-z0134578@$!]*[a-z][a-z0134578@$!]*")
_WRAPPED = re.compile(r"(?<![\w+/=-])(?:[A-Za-z0-9+/_-]{16,}={0,2})(?![\w+/=-])")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}){4}")
_MOST_WRAPPED = 4
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Mn"})


def fold(text: str) -> str:
    """The text in the form in which the rules are written; blanks are single, lines end in a newline."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        apart = "".join(one for one in apart if one.isspace() or unicodedata.category(one) not in _INVISIBLE)
        text = unicodedata.normalize("NFKC", apart)
    folded = text.casefold().translate(_LOOK_ALIKE).translate(_SIMPLER)
    return re.sub(r"[^\S\n]+", " ", re.sub(r"\s*\n\s*", "\n", folded)).strip()


def readings(text: str) -> list[str]:
    """Each different reading once, the folded text first; see above."""
    plain = fold(text)
    found = {plain: None}
    for one in (plain, *(fold(hidden) for hidden in _unwrapped(text))):
        found |= dict.fromkeys((one, *_undone(one)))
    return list(found)


def _undone(folded: str) -> Iterator[str]:
    joined = _IN_LATIN.sub("", _IN_HAN.sub("", folded))
    joined = _SINGLE_HAN.sub(lambda match: _NOT_WORD.sub("", match[0]), joined)
    yield joined
    spelled = [_NOT_WORD.sub("", match[0]) for match in _SINGLE_LATIN.finditer(folded)]
    if spelled:
        yield _SINGLE_LATIN.sub(lambda match: _NOT_WORD.sub("", match[0]), folded)
        yield SPACED_OUT + "".join(spelled)
        yield SPACED_OUT + "".join(spelled).translate(_DIGITS)
    yield _WITH_DIGITS.sub(lambda match: match[0].translate(_DIGITS), joined)


def _unwrapped(text: str) -> Iterator[str]:
    """The texts that are wrapped in it, one level deep."""
    for match in list(_WRAPPED.finditer(text))[:_MOST_WRAPPED]:
        yield from filter(None, (_from_base64(match[0]), _from_hex(match[0])))
    if _PERCENT.search(text):
        yield unquote(text, errors="ignore")


def _from_base64(word: str) -> str:
    standard = word.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _readable(base64.b64decode(standard + "=" * (-len(standard) % 4)))
    except (binascii.Error, ValueError):
        return ""


def _from_hex(word: str) -> str:
    try:
        return _readable(bytes.fromhex(word))
    except ValueError:
        return ""


def _readable(data: bytes) -> str:
    """The bytes as a text; empty when they are none."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text and all(one.isprintable() or one.isspace() for one in text) else ""

"""What names of people look like, without a model: after words that announce one, or by a given name.

Chinese names need a surname, and a cue or a phone or an address beside them: most two characters are a word.
English names need a cue ("my name is", "Dear"), or a common given name before another word with a capital;
given names that are words too ("May", "Will", "Grace") and the names of brands need the cue. What the shop's
records know of a customer is found without any of this (`spans.find`). Standard library only.
"""

from __future__ import annotations

import re
from pathlib import Path

ZH = "\u4e00-\u9fff"
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹苏潘葛范彭郎鲁韦马苗方俞任袁柳"
    "史唐费岑薛雷贺倪汤罗郝安常于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾"
    "江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫房解丁邓洪左石崔龚程邢裴陆翁甄封段侯武刘景詹龙叶司黎"
    "白蒲赖卓屠池乔闻党翟谭申冉桑燕尚温庄晏柴瞿阎习向古易廖耿匡国文欧利师聂敖冷辛简饶曾沙丰关游肖"
)
_COMPOUND = "欧阳|司马|上官|诸葛|皇甫|慕容|令狐|夏侯|宇文|尉迟|公孙|端木|东方"
_SURNAME = f"(?:{_COMPOUND}|[{_SURNAMES}])"
# Words that begin with a surname's character, and what names do not end with.
_NO_NAME = frozenset(
    """
    白领 高中 高管 高级 黄金 黄牛 金牌 金卡 顾客 任何 方便 方案 安全 安排 安装 常见 常用 万一 何时 何况
    余额 易碎 文件 文字 明天 明细 关于 关闭 国内 国外 国际 解决 解释 温馨 项目 利用 史上 古装 马上 毛衣
    毛巾 汤圆 石头 田园 于是 向您 单身 司机 师傅 党员 成人 丁香 包裹 包邮 时候 沙发 游客 游戏 章程 简单
    卫衣 卫生 金属 金额 华为 苏宁 康师傅 老板 高兴 房东 马甲 皮衣 段时间 程序 程度 常年 广东人 江苏人
    安徽人 云南人 路人 成都人 温州人 武汉人 本人 其他 其它 同事 家人 谢谢 尚未 燕麦
    """.split()  # noqa: SIM905
)
_NO_LAST = "人员户店司家客卡生嘛吗呢吧啊的了是有在和与或哦呀么"
_CUES_ZH = (
    "我叫|我名叫|叫做|名字是|名字叫|名字改成|名字改为|名字写成|名字错写成|姓名是|姓名为|姓名改成|姓名"
    "|真名|本名|收件人|收货人|寄件人|联系人|签收人|收件人是|收货人是|联系人是|收件人改成|收货人改成"
    "|收件人改为|收货人改为|收件人叫|收货人叫|持卡人|户主|户名"
)
_NAME_ZH = rf"{_SURNAME}(?:[{ZH}]{{1,2}}|·[{ZH}]+)"
_TITLE = "先生|女士|小姐|太太|同学|师傅|老师"
_STOP = rf"(?![{ZH}])"

_SMALL = "[a-zß-öø-ÿ]"
_CAP = rf"[A-ZÀ-Þ]{_SMALL}+(?:['’-][A-Z]?{_SMALL}+)*|[A-Z]['’][A-Z]{_SMALL}+"
_WORD = r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’-]+"
_REST = rf"(?:[ ](?:[A-Z]\.[ ])?(?:van |de |von |di )?(?:{_CAP}|Mc[A-Z][a-z]+))"
_CUE_EN = (
    r"my (?:full |first |last |middle |maiden )?name is|my name's|the name is|the name's|name is"
    r"|i am called|i'm called|name\s?[:=]|recipient\s?(?:is\b|:)|addressee\s?:"
    r"|cardholder\s?(?:is\b|:|name:?)|attn\.?:?|ship(?:ped)? to:|deliver(?:ed)? to:|signed by"
    r"|in the name of|under the name(?: of)?|registered to"
)
# After these a name may be written small, as long as none of these words comes first or next.
_NO_WORD = frozenset(
    """
    a an and are as at but by for from here i in is it me my no not now of on or our please so sorry that
    the there this to unknown was we what when where which who why with wrong you your misspelled spelled
    spelt correct incorrect missing empty blank right different still also already too changed on order
    number phone email customer everyone everybody team sir madam all friend friends shop store support
    seller colleague colleagues manager sirs service somebody someone anybody anyone nobody hiring looking
    """.split()  # noqa: SIM905
)
_GIVEN_FILE = Path(__file__).with_name("given_names.txt")
# Given names that are words of the language, or of the calendar: a name only where a cue says so.
AMBIGUOUS = frozenset(
    """
    may june april august will mark rose grace hope summer art bill chase frank grant joy lane miles rich
    rob ruby sandy sky violet young long white brown black green king price day page store small short best
    love bell baker cook hunter mason parker taylor west north hill wood ford banks rice early winter drew
    dean amber angel autumn basil berry blue carol cherry christian clay coral crystal dale daisy dawn
    dolly don earl eve faith fern flora ginger glen guy harmony hazel heath heather holly iris ivy jack
    jade jasmine jean jersey jewel jim joe josh kent lily lucky mercy misty nick olive paris pat patience
    pearl penny pierce pink poppy ray reed robin royal rusty sage scarlet skip stone sterling sunny tiffany
    victor virginia wade wayne willow star storm charity china chelsea madison phoenix brooks carter cooper
    gray
    """.split()  # noqa: SIM905
)
# What begins with a given name and is sold in shops.
_BRANDS = re.compile(
    r"Calvin Klein|Ralph Lauren|Tommy Hilfiger|Michael Kors|Kate Spade|Marc Jacobs|Jo Malone|Vera Wang"
    r"|Hugo Boss|Charlotte Tilbury|Stella McCartney|Tom Ford|Jack Wolfskin|Jack Jones|Mary Jane\w*"
    r"|Mary Kay|Elizabeth Arden|Laura (?:Ashley|Mercier)|Paul Smith|Karen Millen|Louis Vuitton"
    r"|Christian Dior|Alexander (?:McQueen|Wang)|Helena Rubinstein|Johnny Walker|Jack Daniel\w*"
    r"|Levi Strauss|Thomas Sabo|Daniel Wellington|Harry Potter|Peter Rabbit|Oscar de la Renta"
    r"|Victoria Secret|Max Mara|Max Factor|Henry Hoover|James Bond|Santa Claus|Samuel Adams|Linda Farrow"
    r"|Diane von \w+|Helly Hansen|Anna Sui|Emma Bridgewater|Kenneth Cole|Jason Wu"
)
_CALENDAR = "January|February|March|April|May|June|July|August|September|October|November|December"
_NO_SURNAME = frozenset(
    f"{_CALENDAR}|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Please|Thanks|Thank|Hi|Hello|The|Order"
    "|Size|Shop|Store|Dress|Shirt|Shoes|Jacket|Coat|Bag|Set|Collar|Chair|Lamp|Table|Sofa|Mug|Cup|Style|Edition"
    "|Street|Road|Avenue|Lane|Square|Park|College|Hospital|School|University".split("|")
)
_NO_NAME_EN = _NO_SURNAME - {"May", "June", "April", "August"}


def _given() -> str:
    names = (one for one in _GIVEN_FILE.read_text(encoding="utf-8").split() if one.lower() not in AMBIGUOUS)
    return "|".join(sorted(names, key=len, reverse=True))


_ANY_ZH, _ANY_CAP = re.compile(f"[{ZH}]"), re.compile(r"[A-Z][a-z]")
_ANY_CUE = re.compile(r"name|call|recipient|addressee|cardholder|attn|to:|signed|registered", re.IGNORECASE)
_MOBILE = r"(?:\+?86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}"
_BESIDE = "[ ,，:：、/|]{0,3}"
_HOUSE = "(?:号|室|楼|栋|幢|单元|座|层)"
_UP_TO_THREE, _TWO_OR_THREE = rf"(?P<v>(?:{_CAP}){_REST}{{0,2}})", rf"(?P<v>(?:{_CAP}){_REST}{{1,2}})"
_HANDED = r"\b(?:ask for|left (?:it )?with|addressed to|belongs to|on behalf of|c/o|care of|handed to)"
_MET = r"(?i:\bthis is|\bit's|\bspeaking with|\bspoke (?:to|with))"

# What a text must hold for a rule to be tried; the rule, whose group `v` is the name; how sure it is.
Rule = tuple[re.Pattern[str], re.Pattern[str], float]


def _zh(pattern: str, score: float) -> Rule:
    return _ANY_ZH, re.compile(pattern), score


def _en(pattern: str, score: float, needs: re.Pattern[str] = _ANY_CAP) -> Rule:
    return needs, re.compile(pattern), score


RULES: tuple[Rule, ...] = (
    _zh(rf"(?:{_CUES_ZH})[\s:：是为叫,，]*(?P<v>(?:{_COMPOUND})[{ZH}]{{1,2}}{_STOP}|{_NAME_ZH})", 0.9),
    _zh(rf"(?:叫|寄给|发给|送给|交给|转给|联系)(?P<v>{_NAME_ZH})(?=[，,。.！!；;、\s的]|$)", 0.8),
    _zh(rf"(?:我是|这里是|本人是|本人)(?P<v>{_NAME_ZH})(?=[，,。.！!；;、\s]|$)", 0.8),
    _zh(rf"(?<![{ZH}])(?P<v>{_SURNAME}[{ZH}]{{0,2}}?)(?={_TITLE})", 0.8),
    _zh(rf"(?:我是|我姓|叫|找|给|请|和|是|[,，。:： ])(?P<v>{_SURNAME})(?={_TITLE})", 0.8),
    _zh(rf"(?<![{ZH}])(?P<v>{_NAME_ZH}){_BESIDE}{_MOBILE}", 0.9),
    _zh(rf"{_MOBILE}{_BESIDE}(?P<v>{_NAME_ZH}){_STOP}", 0.8),
    _zh(rf"{_HOUSE}[ ,，、]{{0,3}}(?P<v>{_NAME_ZH})(?:\s?(?:收|亲收|启){_STOP}|(?=[ ,，]+1[3-9]))", 0.9),
    _en(rf"(?i:\b(?:{_CUE_EN}))[ ]*(?P<v>{_WORD}(?: {_WORD}){{0,2}})", 0.9, _ANY_CUE),
    _en(rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? {_UP_TO_THREE}", 0.9),
    _en(rf"(?:\b[Dd]ear|\bHi|\bHello|\bDEAR) {_UP_TO_THREE}(?=\s*[,!:\n]|\s*$)", 0.7),
    _en(
        r"(?i:\b(?:regards|sincerely|cheers|best wishes|yours truly|yours faithfully|many thanks|thanks"
        rf"|thank you)),\s*{_UP_TO_THREE}\.?\s*$",
        0.8,
    ),
    _en(rf"(?i:{_HANDED}) {_UP_TO_THREE}", 0.7),
    _en(rf"{_MET} {_UP_TO_THREE}(?= speaking| here| from)", 0.7),
    _en(rf"{_MET} {_TWO_OR_THREE}(?=[,.]|$)", 0.7),
    _en(rf"(?:\bI am|\bI'm|\bi'm|\bi am) {_TWO_OR_THREE}(?=[,.;]|$| and| from)", 0.7),
    _en(rf"(?<![A-Za-z'-])(?P<v>(?:{_given()}){_REST}{{1,2}})(?![A-Za-z])", 0.6),
)


def cut(value: str) -> str:
    """As much of a match as is a name; empty where it is none."""
    if not value.isascii() and re.match(f"[{ZH}]", value):
        return _cut_zh(value)
    if _BRANDS.match(value):
        return ""
    kept: list[str] = []
    for word in value.split(" "):
        if word.lower() in _NO_WORD or word in (_NO_SURNAME if kept else _NO_NAME_EN):
            break
        kept.append(word)
    return " ".join(kept).rstrip("'’-")


def _cut_zh(value: str) -> str:
    """A third character that no name ends with belongs to the next word; two are left then."""
    if value in _NO_NAME or value[:2] in _NO_NAME:
        return ""
    if len(value) == 3 and value[2] in _NO_LAST and not re.match(_COMPOUND, value):
        value = value[:2]
    return "" if len(value) == 2 and value[1] in _NO_LAST else value

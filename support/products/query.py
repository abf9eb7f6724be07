"""What a customer's message says about goods: what is looked for, what is asked, what it refers to.

    read("200元以内的白色连衣裙有M码吗") -> Query(things=dress, colours=white, sizes=m, budget up to 200, ...)

A reading, no more: which products are meant is decided against the shop's records (`search`, `plan`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from support.products import amounts
from support.products.amounts import Body, Budget, Measure
from support.products.vocabulary import Mention, Vocabulary, key, normal, vocabulary
from support.words import words

Point = Literal["price", "stock", "sizes", "colours", "options", "haggle", "restock"]
Task = Literal["compare", "pairing", "size", ""]
Order = Literal["cheapest", "dearest", "cheaper", "dearer", ""]

_POINTS: tuple[tuple[Point, re.Pattern[str]], ...] = tuple(
    (point, re.compile(pattern))
    for point, pattern in (
        (
            "haggle",
            r"能.{0,4}便宜|便宜(?:一?点儿?|些)(?:吗|不|呗|吧|嘛|行)|打折|有.{0,2}优惠|砍价|(?:能|可以)少(?:一)?点|discount|\bdeals?\b|best price|knock",
        ),
        (
            "price",
            r"多少(?:钱|米|银子|一)|多钱|什么价|啥价|价格|价钱|售价|单价|怎么卖|几块钱?|几元|贵不贵|贵吗|要多少|how much(?! (?:does|do|can|will) (?:it|this|that|they) (?:weigh|hold|carry))|"
            r"\bprices?\b|\bpriced\b|\bcosts?\b",
        ),
        (
            "restock",
            r"什么时候.{0,4}(?:补|到货|有货|再有|上架)|几时.{0,3}有货|会补|补货|再进|进货|back in|restock|anytime soon|when will .{0,25}(?:available|in stock)",
        ),
        (
            "stock",
            r"有货|现货|还有(?:货|吗|么|没|不)|库存|缺货|断货|卖完|卖光|脱销|还剩|剩多少|多少件|能买到|in stock|out of stock|availab|sold out|"
            r"\bleft\b|any more of|still (?:have|got|sell)",
        ),
        (
            "sizes",
            r"(?:什么|哪些|哪几|几个|多少|有啥|啥)(?:尺码|码|号)|尺码(?:有|表|全|都|呢|$)|码数|有大码|尺码$|(?:what|which|all|other) sizes?|sizes? (?:do|does|are|come|is|range|chart|guide)|in what size",
        ),
        (
            "colours",
            r"(?:什么|哪些|几|哪几|多少|啥)(?:个|种)?(?:颜色|色)|颜色(?:有|呢|都|$)|(?:别的|其他|其它)(?:颜色|色)|(?:what|which|other|any other|different|more) colou?rs?|colou?rs (?:do|does|are|come)|in what colou?r",
        ),
        ("options", r"(?:哪些|什么|几种|几个|啥)(?:规格|版本|型号|容量|款式|选择|配置|轴)|what (?:versions?|options|packs?|capacities|variants)|which versions?"),
    )
)
_COMPARE = re.compile(
    r"区别|对比|比较一下|比一比|比一下|差别|差在哪|差多少|有什么不(?:同|一样)|不同(?:点|之处)|哪(?:个|款|一款|一个|种|双|件|条)(?:更|比较|最|好|值|适合)|选哪|哪个好|"
    r"哪(?:个|款|一款|一个|种|双|件|条)(?!颜色|尺码|码|色).{0,8}(?:好|强|一点|一些|便宜|贵|轻|重|大|小|厚|薄|暖|快|久|舒服|耐用|防水|合适)|(?:两|三|2|3)(?:个|款|件|双|条).{0,6}哪|\bvs\.?\b|\bversus\b|compar|differen(?:ce|t)|\bdiffer\b|which (?:one |of (?:them|these|the \w+) )?(?:is|has|would|should) (?:\w+er\b|better|best|more|the)|"
    r"which (?:one )?(?:do you recommend|is better)|better,"
)
_PAIRING = re.compile(
    r"搭配|(?<![适分标匹])配(?:什么|啥|哪|一?件|一?双|一?条|个|这|那|它|点|上|套|得)|怎么[搭配]|搭什么|搭啥|搭(?:这|那|它)|好搭|一起穿|"
    r"\bgo(?:es)? (?:well )?(?:with|together)|\bmatch(?:es|ing)? (?:with|it|this|that|these|the)|\bpairs? (?:well )?with|\bwear (?:it |this |that |them )?with|\bgo alongside|what (?:else )?matches|complete the (?:look|outfit)|\bstyle (?:it|this|that)\b"
)
_SIZE_ADVICE = re.compile(
    r"穿(?:什么|多大|几|哪个|啥)(?:码|号|尺码|的)|(?:选|买|拍|要|该穿|适合)(?:什么|多大|几|哪个|啥)(?:码|号|尺码)|穿多大|该穿|什么码合适|拍(?:大|小)一码|"
    r"(?:大|小)一码|(?:xs|s|m|l|xl|xxl|\d{2})码?(?:还是|或|or )(?:xs|s|m|l|xl|xxl|\d{2})|尺码(?:建议|推荐|怎么选)|怎么选(?:尺)?码|"
    r"(?:what|which) size (?:should|do|would|will|shall|to|am|fits|is right)|size (?:up|down)\b|(?:small|medium|large) or (?:small|medium|large)|size (?:advice|recommend)|will (?:it|this|they|the \w+) fit me|which size"
)
_REFERS = re.compile(
    r"这(?!里|家|边|样)|那(?!里|边|么|样)|它|该款|此款|刚才|刚刚说|上面|前面(?:那|的)|\bthis\b|\bthat\b|\bit\b|\bits\b|\bthese\b|\bthose\b|\bthem\b|\bthey\b|\bthe same one\b|\bboth\b"
)
_MORE = re.compile(
    r"(?:还有|有没有|有)?(?:别的|其他|其它)(?!颜色|色|尺码|码|规格|版本)|还有什么|换一(?:个|款|批|件)|再推荐|再来|类似|差不多的|同类|"
    r"\bany others?\b|\bother (?:ones|options|models|styles|choices)|\b(?:something|anything|what) else\b|\bsimilar\b|\balternatives?\b|\bmore like"
)
_SUGGESTS = re.compile(
    r"有没有|有吗|有么|有卖|卖不卖|推荐|有什么|有啥|有哪些|想买|想要|想找|想入|要买|找[一个件条双款]|求[一个推]|来[一个件条双]|买[个件条双一]|帮我(?:挑|选|找)|挑[一个件]|预算|送给?|"
    r"recommend|suggest|look(?:ing)? for|\bi need\b|\bi want\b|i'?d like|show me|do you (?:have|sell|stock|carry)|have you got|you got|\bany\b|\bgifts?\b|\bpresent\b|need a|want a|find me"
)
_CHEAPER = re.compile(r"便宜(?:一?点儿?|些)?的|更便宜|便宜(?:一?点儿?|些)$|\bcheaper\b|less expensive|lower price|more affordable|more budget")
_DEARER = re.compile(r"(?:贵|高档|高级|高端)(?:一?点儿?|些)的|more (?:expensive|premium|upmarket)|higher[- ]end")
_CHEAPEST = re.compile(r"最便宜|最低价|价格最低|最实惠|cheapest|lowest[- ]priced?|least expensive|most affordable")
_DEAREST = re.compile(r"最贵|最高价|价格最高|最高端|most expensive|priciest|dearest|top of the range")
_WANTED = re.compile(r"(?:什么|啥|哪(?:种|款|双|件|条|个)?|怎样的|什么样的|一?[件双条个]|\bwhat|\bwhich|\bany|\ban?|\bsome)(?: (?:kind of|sort of))?[\s的颜色]*$|(?:搭配|能配|可以配|好搭|好配)的$")
_NOT_COLOUR = re.compile(r"(?:不要|别要|不想要|不喜欢|除了|非|不是|\bnot|\bno|\bexcept|\bother than|\bwithout|\bbut not|\banything but)\s*(?:a |an |the |in )?$")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5}
_NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_GRAMMAR = frozenset(
    "的地得了吗呢吧啊呀么嘛呗哦哈哪是有没无不家这那条件个款双只些什啥怎几多少大小要想给我你您他她它们在和跟与或也都还就才再能会可以带上下里到着过去来"
    "买卖穿用配搭看好请问为被把对从比更最很太挺蛮又并且让使叫吃喝做码号元块钱内外前后左右中间第一二三四五六七八九十两俩点种样拍选挑木"
)
_COUNT = r"([一二两三四五]|[1-5]|two|three|four|five)"
_ENGLISH = {"two": 2, "three": 3, "four": 4, "five": 5}


@dataclass(frozen=True)
class Query:
    """A message read. `text` is folded (`fold`); the places of mentions refer to it."""

    text: str
    things: tuple[Mention, ...]
    colours: tuple[str, ...]
    not_colours: tuple[str, ...]
    sizes: tuple[str, ...]
    measures: tuple[Measure, ...]
    budget: Budget | None
    body: Body
    audience: str
    qualities: tuple[Mention, ...]
    attributes: tuple[Mention, ...]
    wishes: tuple[Mention, ...]
    literals: tuple[str, ...]
    points: tuple[Point, ...]
    task: Task
    order: Order
    refers: bool
    suggests: bool
    more: bool

    @property
    def searches(self) -> bool:
        """Whether it says what is looked for, beyond what could be said of any product under discussion."""
        return bool(self.things or self.literals or self.qualities or self.wishes or self.measures)

    @property
    def narrows(self) -> bool:
        return bool(self.colours or self.not_colours or self.sizes or self.budget or self.audience or self.order)

    @property
    def asks(self) -> bool:
        return bool(self.points or self.attributes or self.task)


def fold(text: str) -> str:
    """The form in which questions and the shop's names are compared: `normal`, numbers as digits."""
    return amounts.digits(normal(text))


def read(text: str) -> Query:
    """Everything that can be read without knowing the shop's goods."""
    known, text = vocabulary(), fold(text)
    body, rest = amounts.body(text)
    budget, rest = amounts.budget(rest)
    measures, rest = amounts.measures(rest)
    sizes, rest = amounts.sizes(rest)
    things = _heads(known.mentions(rest, "things"), text)
    rest = _blanked(rest, known.mentions(rest, "things"))
    tints = known.mentions(rest, "colours")
    rest = _blanked(rest, tints)
    refused = tuple(one.name for one in tints if _NOT_COLOUR.search(text[: one.start]))
    people = known.mentions(rest, "audiences")
    rest = _blanked(rest, people)
    attributes, wishes = known.mentions(rest, "attributes"), known.mentions(rest, "wishes")
    qualities = _outside(known.mentions(rest, "qualities"), attributes)
    points = tuple(point for point, pattern in _POINTS if pattern.search(text))
    return Query(
        text=text,
        things=things,
        colours=_names(one for one in tints if one.name not in refused),
        not_colours=refused,
        sizes=sizes,
        measures=measures,
        budget=budget,
        body=body,
        audience=next((one.name for one in people), ""),
        qualities=_distinct(qualities),
        attributes=_distinct(attributes),
        wishes=_distinct(wishes),
        literals=_literals(_blanked(rest, (*attributes, *qualities)), known),
        points=points,
        task=_task(text, body),
        order=_order(text, points),
        refers=bool(_REFERS.search(text)),
        suggests=bool(_SUGGESTS.search(text)),
        more=bool(_MORE.search(text)),
    )


def ordinals(text: str, count: int) -> tuple[int, ...]:
    """Which of `count` listed things a folded text picks out by place (0-based)."""
    found: list[int] = []
    if front := re.search(rf"前(?:面)?{_COUNT}[个件条双款]|\bfirst {_COUNT}\b", text):
        return tuple(range(min(count, _value(front[1] or front[2]))))
    if back := re.search(rf"后(?:面)?{_COUNT}[个件条双款]|\blast {_COUNT}\b", text):
        return tuple(range(max(0, count - _value(back[1] or back[2])), count))
    found += [_value(one) for one in re.findall(r"第\s*([一二两三四五]|\d)(?!\d)", text)]
    found += [_ORDINALS[word] for word in re.findall(r"\b(?:first|second|third|fourth|fifth|[1-5](?:st|nd|rd|th))\b", text)]
    found += [_value(one) for one in re.findall(rf"\b(?:number|no\.?|option|item)\s*{_COUNT}\b", text)]
    if re.fullmatch(r"\s*[1-5]\s*(?:(?:和|跟|与|,|、|and|&|vs)\s*[1-5]\s*)*(?:号|吧|呢|please)?[.!?。]*\s*", text):
        found += [int(one) for one in re.findall(r"[1-5]", text)]
    if re.search(r"最后(?:面)?(?:那|一|1)?(?:个|件|条|双|款)|\bthe last (?:one|item)|\blast one\b", text):
        found.append(count)
    return tuple(dict.fromkeys(one - 1 for one in found if 1 <= one <= count))


def how_many(text: str) -> int:
    """两个, 这三款, "these two": how many are spoken of; 0 when it is not said."""
    said = re.search(rf"{_COUNT}(?:者|个|款|件|条|双|种|台|只)|(?:这|那|these|those|the|all)\s*{_COUNT}\b", text)
    return _value(said[1] or said[2]) if said else 2 if re.search(r"俩|\bboth\b", text) else 0


def wanted_with(query: Query) -> tuple[str, ...]:
    """In a question about pairing: the kind of thing that is looked for ("配什么鞋", "which shoes go with")."""
    return tuple(one.name for one in query.things if _WANTED.search(query.text[: one.start]))


def _value(numeral: str) -> int:
    return _NUMERALS.get(numeral) or _ENGLISH.get(numeral) or int(numeral)


def _task(text: str, body: Body) -> Task:
    if body or _SIZE_ADVICE.search(text):
        return "size"
    if _PAIRING.search(text):
        return "pairing"
    return "compare" if _COMPARE.search(text) else ""


def _order(text: str, points: Sequence[Point]) -> Order:
    if _CHEAPEST.search(text):
        return "cheapest"
    if _DEAREST.search(text):
        return "dearest"
    if _CHEAPER.search(text) and "haggle" not in points:
        return "cheaper"
    return "dearer" if _DEARER.search(text) else ""


def _heads(things: Sequence[Mention], text: str) -> tuple[Mention, ...]:
    """Of words that stand together only the last names the thing: a shirt dress is a dress."""
    kept = list(things[-1:])
    for one, following in zip(things[-2::-1], things[:0:-1], strict=True):
        if text[one.end : following.start].strip(" -"):
            kept.insert(0, one)
    return tuple(kept)


def heads(title: str) -> tuple[str, ...]:
    """The kinds of thing that a folded title names."""
    title = re.split(r"\s(?:with|for|in)\s", title)[0]
    things = _heads(vocabulary().mentions(title, "things"), title)
    return (things[-1].name,) if things else ()


def _blanked(text: str, mentions: Sequence[Mention]) -> str:
    for one in mentions:
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def _outside(mentions: Sequence[Mention], longer: Sequence[Mention]) -> tuple[Mention, ...]:
    """Those that are not a part of a longer word: "run small" is about fit, not about running."""
    return tuple(
        one
        for one in mentions
        if not any(two.start <= one.start and one.end <= two.end and len(two.surface) > len(one.surface) for two in longer)
    )


def _names(mentions: Iterable[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in mentions))


def _distinct(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    return tuple({one.name: one for one in reversed(mentions)}.values())[::-1]


def _literals(text: str, known: Vocabulary) -> tuple[str, ...]:
    """What is left when everything understood is taken away: names, brands, and what we have no word for."""
    found = [word for word in words(text) if _names_something(word, known)]
    whole = [word for word in found if not any(word != other and word in other for other in found)]
    return tuple(dict.fromkeys(whole))


def _names_something(word: str, known: Vocabulary) -> bool:
    if word in known.noise or key(word) in known.noise or len(word) < 2 or word.isdigit():
        return False
    # Where the cutter leaves pieces of grammar together (家有, 有木, 带上), they still name nothing.
    return not set(word) <= _GRAMMAR

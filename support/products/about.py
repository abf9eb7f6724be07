"""The answer to a question about one product: the point that was asked comes first.

about(product, read("这款有黑色M码吗"), "zh")  ->  ["有的，小黑裙礼服（黑色 M）有货，¥399。"]
"""

from __future__ import annotations

from collections.abc import Sequence

from support.model import Language, Product, Sku
from support.products import facts, questions, sizing
from support.products.options import Choice, Options, choose, kind_of_option
from support.products.query import Query
from support.products.vocabulary import key, vocabulary

_STOPS_ZH, _STOPS_EN = "。", "."


def about(product: Product, query: Query, language: Language) -> list[str]:
    """Lines that answer; a presentation of the product when nothing in particular was asked."""
    choice = choose(product, query)
    answers = [*_sizing(product, query, language), *_sku(product, query, choice, language)]
    answers += _points(product, query, choice, language)
    told = _told(product, query, choice, language)
    if not answers and query.suggests and not query.refers:
        return [*overview(product, language), *_attribute_lines(product, _asked(query, choice), language)]
    return [*answers, *told] or overview(product, language)


def overview(product: Product, language: Language) -> list[str]:
    title, zh = product.title_in(language), language == "zh"
    if not product.skus:
        return [f"{title}目前没有在售。" if zh else f"{title} is not on sale at the moment."]
    price, stock = facts.price(product.skus), facts.stock(product.stock, language)
    head = f"{title}，{price}，{stock}。" if zh else f"{title}: {price}, {stock}."
    return [head, *facts.option_lines(product, language), facts.opening(product, language)]


def short(product: Product, query: Query, language: Language) -> str:
    """The same in one line, for when several products are asked about at once."""
    choice, colon = choose(product, query), "：" if language == "zh" else ": "
    single = choice.named and len(choice.skus) == 1
    title = facts.named(product, choice.skus[0], language) if single else product.title_in(language)
    told = _attribute_lines(product, _asked(query, choice), language)
    parts = [facts.price(choice.skus or product.skus)] if not told or "price" in query.points else []
    if choice.absent or (choice.named and not choice.skus):
        parts = [_lacking_in_short(product, choice, query, language)]
    elif choice.named or set(query.points) & {"stock", "restock"}:
        parts.append(facts.stock(facts.total_stock(choice.skus), language))
    for point in set(query.points) & {"sizes", "colours"}:
        parts += facts.option_lines(product, language, _options_of_kind(product, point))
    return f"{title}{colon}{('，' if language == 'zh' else ', ').join((*parts, *told))}"


# --- sizes by measurement --------------------------------------------------------------------------
def _sizing(product: Product, query: Query, language: Language) -> list[str]:
    if query.task != "size":
        return []
    zh, table = language == "zh", sizing.chart(product)
    fit = facts.attribute(product, "fit", language)
    lines = _advice(product, query, table, language) if table else []
    if fit and lines:
        lines.append(fit + _stop(fit, language))
    elif fit:
        head = f"{product.title_in(language)}，{fit}" if zh else f"{product.title_in(language)}. {fit}"
        lines.append(head + _stop(head, language))
    if table:
        lines.append(f"尺码表：{table}" if zh else f"Size chart: {table}")
    elif sizes := _options_of_kind(product, "sizes"):
        lines += facts.option_lines(product, language, sizes)
        lines.append(
            "这款的资料里没有尺码对照，我不乱猜；可以看商品页的尺码说明再选。"
            if zh
            else "The record has no size chart and I won't guess: please see the size guide on its page."
        )
    else:
        lines.append(
            f"{product.title_in('zh')}不分尺码。" if zh else f"{product.title_in('en')} comes in one size."
        )
    return lines


def _advice(product: Product, query: Query, table: str, language: Language) -> list[str]:
    title, zh = product.title_in(language), language == "zh"
    advice = sizing.advise(table, query.body)
    if not query.body:
        return []
    if not advice:
        return [
            f"按您的数据，{title}的尺码表里没有对应的码。"
            if zh
            else f"The size chart of {title} has no row for your measurements."
        ]
    if not advice.agreed:
        height, weight = (facts.joined(one, language) for one in (advice.by_height, advice.by_weight))
        return [
            f"{title}按身高是 {height}，按体重是 {weight}，看您喜欢合身还是宽松。"
            if zh
            else f"{title}: {height} by height, {weight} by weight, as loose as you like it."
        ]
    sizes = facts.joined(advice.agreed, language)
    head = f"{title}建议选 {sizes} 码。" if zh else f"{title}: by its size chart you would take {sizes}."
    return [head, *_size_stock(product, advice.agreed, language)]


def _size_stock(product: Product, sizes: Sequence[str], language: Language) -> list[str]:
    skus = [sku for sku in product.skus if set(sizes) & set(sku.options.values())]
    available = [sku for sku in skus if sku.stock > 0]
    if not skus:
        return []
    if not available:
        return ["这个码目前缺货。" if language == "zh" else "That size is out of stock at the moment."]
    chosen = facts.grouped(product, available, language)
    return [f"有货的：{chosen}。" if language == "zh" else f"In stock: {chosen}."]


# --- a SKU that was named --------------------------------------------------------------------------
def _sku(product: Product, query: Query, choice: Choice, language: Language) -> list[str]:
    if not choice.named or query.task == "size":
        return []
    zh, title = language == "zh", product.title_in(language)
    if choice.absent or not choice.skus:
        return _lacking(product, choice, query, language)
    price = facts.prices(product, choice.skus, language)
    if len(choice.skus) > 1:
        lines = [line + _stop(line, language) for line in facts.stock_lines(product, choice.skus, language)]
        yes = ("有的，" if zh else "Yes: ") if _asks_whether(query) and facts.total_stock(choice.skus) else ""
        return [f"{yes}{title}，{price}。" if zh else f"{yes}{title}, {price}.", *lines]
    sku = choice.skus[0]
    name, stock = facts.named(product, sku, language), facts.stock(sku.stock, language)
    if sku.stock:
        yes = ("有的，" if zh else "Yes, ") if _asks_whether(query) else ""
        return [f"{yes}{name}{stock}，{price}。" if zh else f"{yes}{name}: {stock}, {price}."]
    return [
        f"{name}目前缺货。" if zh else f"{name} is out of stock at the moment.",
        *_instead(product, sku, language),
    ]


def _asks_whether(query: Query) -> bool:
    return questions.said("asks", query.text) and "price" not in query.points


def _instead(product: Product, sku: Sku, language: Language) -> list[str]:
    """What else of the product there is: first with the same first option."""
    available = [one for one in product.skus if one.stock > 0]
    own = Options(product)
    near = [one for one in available if own.values(one, "zh")[:1] == own.values(sku, "zh")[:1]] or available
    if not near:
        return ["这款其他规格也都缺货。" if language == "zh" else "Its other versions are out of stock, too."]
    lines = ("；" if language == "zh" else "; ").join(facts.stock_lines(product, near, language))
    return [f"可以选：{lines}。" if language == "zh" else f"You could have: {lines}."]


def _lacking(product: Product, choice: Choice, query: Query, language: Language) -> list[str]:
    """The option that was asked for does not exist; which ones do."""
    zh, title = language == "zh", product.title_in(language)
    what = _lacking_in_short(product, choice, query, language)
    own = Options(product).names
    kinds = [name for name in own if kind_of_option(name) in choice.absent] or own
    lines = facts.option_lines(product, language, kinds)
    head = f"{title}{what}。" if zh else f"{title}: {what}."
    return [head, *(line + _stop(line, language) for line in lines)]


def _lacking_in_short(product: Product, choice: Choice, query: Query, language: Language) -> str:
    absent = facts.joined((_WORDS[one][language] for one in choice.absent), language)
    if language == "zh":
        return f"没有您说的{absent}" if absent else "没有这个颜色和尺码的组合"
    return f"not available in that {absent}" if absent else "not available in that combination"


_WORDS = {"colour": {"zh": "颜色", "en": "colour"}, "size": {"zh": "尺码", "en": "size"}}


# --- points of the record --------------------------------------------------------------------------
def _points(product: Product, query: Query, choice: Choice, language: Language) -> list[str]:
    zh, title, lines = language == "zh", product.title_in(language), list[str]()
    points = query.points if product.skus else ()
    if not choice.named and set(points) & {"price", "haggle"}:
        price = facts.prices(product, product.skus, language)
        lines.append(f"{title} {price}。" if zh else f"{title} is {price}.")
    if "haggle" in points:
        lines.append(
            "我这边能看到的就是这个价，没有查到别的优惠。"
            if zh
            else "That is the price on record; I can't see any other offer."
        )
    if not choice.named and set(points) & {"stock", "restock"}:
        lines += _whole_stock(product, language)
    if "restock" in points:
        lines.append(
            "补货时间资料里没有写，我没法给您准日子。"
            if zh
            else "The record gives no restock date, so I can't name one."
        )
    if not choice.named and query.task != "size":
        for point in ("colours", "sizes", "options"):
            if point in points:
                lines += _values(product, point, language)
    return lines


def _whole_stock(product: Product, language: Language) -> list[str]:
    zh, title = language == "zh", product.title_in(language)
    if not product.stock:
        return [f"{title}目前缺货。" if zh else f"{title} is out of stock at the moment."]
    if len(product.skus) == 1:
        stock = facts.stock(product.stock, language)
        return [f"{title}{stock}。" if zh else f"{title} is {stock}."]
    head = f"{title}有货：" if zh else f"{title} is in stock:"
    return [head, *facts.stock_lines(product, product.skus, language)]


def _values(product: Product, point: str, language: Language) -> list[str]:
    names = _options_of_kind(product, point)
    title, zh = product.title_in(language), language == "zh"
    if names:
        return [
            f"{title}，{line}。" if zh else f"{title}. {line}."
            for line in facts.option_lines(product, language, names)
        ]
    what = {"colours": ("颜色", "colour"), "sizes": ("尺码", "size")}.get(point, ("规格", "version"))
    return [f"{title}不分{what[0]}。" if zh else f"{title} comes in one {what[1]} only."]


def _options_of_kind(product: Product, point: str) -> list[str]:
    kind = {"colours": "colour", "sizes": "size"}.get(point)
    return [name for name in Options(product).names if kind_of_option(name) == kind or point == "options"]


# --- what the record says beyond that --------------------------------------------------------------
def _told(product: Product, query: Query, choice: Choice, language: Language) -> list[str]:
    """Attributes and sentences of the record that answer; that it is silent, when it is."""
    asked, title, zh = _asked(query, choice), product.title_in(language), language == "zh"
    lines = _attribute_lines(product, asked, language)
    if (
        not asked
        and not (choice.named or query.points or query.task or query.suggests)
        and questions.said("asks", query.text)
    ):
        open_words = _open_words(product, query)
        said = facts.said_of(product, open_words, language) if open_words else None
        asked, lines = open_words, [said] if said else []
    if lines:
        head = f"{title}，{lines[0]}" if zh else f"{title}. {lines[0]}"
        return [head + _stop(head, language), *lines[1:]]
    if asked:
        return [f"{title}的商品资料里没有写这一点。" if zh else f"The product details of {title} don't say."]
    return []


def _attribute_lines(product: Product, asked: Sequence[str], language: Language) -> list[str]:
    """What the record says on each of these attributes; nothing where it is silent."""
    words = vocabulary().words
    told = (
        facts.attribute(product, one, language) or facts.said_of(product, words[one], language)
        for one in asked
    )
    return list(dict.fromkeys(line for line in told if line))


def _asked(query: Query, choice: Choice) -> list[str]:
    """Attributes by name, and those that speak of a quality in question ("是纯棉的吗")."""
    options = (
        " ".join(value.lower() for sku in choice.skus for value in sku.options.values())
        if choice.named
        else ""
    )
    names = [one.name for one in query.attributes if one.surface not in options]
    if (
        not names
        and not (query.points or query.task or query.suggests or choice.named)
        and questions.said("asks", query.text)
    ):
        names = [vocabulary().about[one.name] for one in query.qualities]
    # With a question about sizes, the fit is told anyway.
    return [name for name in dict.fromkeys(names) if not (query.task == "size" and name == "fit")]


def _open_words(product: Product, query: Query) -> list[str]:
    """Words of the question that do not name the product."""
    naming = " ".join(
        (product.title, str(product.extra.get("title_en") or ""), product.brand, product.category)
    )
    return [word for word in query.literals if f" {key(word)} " not in f" {key(naming)} "]


def _stop(line: str, language: Language) -> str:
    """A full stop, unless the line has one."""
    if line.endswith(("。", "！", "？", ".", "!", "?")):
        return ""
    return _STOPS_ZH if language == "zh" else _STOPS_EN

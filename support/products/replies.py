"""Whole answers in words, from a plan and freshly read records.

compose(plan, query, products, language)  ->  "200 元以内没有紫色的连衣裙，最接近的是：…"
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from support.model import Language, Product, Sku
from support.products import facts
from support.products.about import about, short
from support.products.compare import side_by_side
from support.products.options import Options, choose
from support.products.plan import Plan
from support.products.query import Query
from support.products.search import Condition, Found
from support.products.vocabulary import vocabulary

_WEARERS = {
    "women": {"zh": "女士", "en": "women"},
    "men": {"zh": "男士", "en": "men"},
    "kids": {"zh": "儿童", "en": "children"},
}


def compose(
    plan: Plan, query: Query, products: Sequence[Product], base: Product | None, language: Language
) -> str:
    """`products` and `base` are the plan's, as the database has them now."""
    match plan.kind:
        case "about" if len(products) == 1:
            lines = [*_about_note(plan, query, products[0], language), *about(products[0], query, language)]
        case "about":
            lines = [short(product, query, language) for product in products]
            lines = [f"{number}. {line}" for number, line in enumerate(lines, 1)]
        case "extreme":
            lines = _extreme(plan, query, products[0], language)
        case "list":
            lines = [*_intro(plan, query, language), *_listed(plan, query, products, language)]
        case "compare":
            lines = side_by_side(query, products, language)
        case "pairing":
            lines = _pairing(plan, query, products, base, language)
        case "no_more":
            lines = _no_more(query, products[0], language)
        case _:
            lines = [_empty_handed(plan, query, language)]
    return "\n".join(line for line in lines if line)


def card_line(product: Product, language: Language) -> str:
    """Price and the options in stock, on one line."""
    available = [sku for sku in product.skus if sku.stock > 0]
    parts = [facts.price(available or product.skus)]
    own = Options(product)
    for name in own.names:
        parts.append(
            "/".join(
                dict.fromkeys(own.value(sku, name, language) for sku in available if name in sku.options)
            )
        )
    parts.append(facts.stock(product.stock, language))
    return " · ".join(part for part in parts if part)


# --- a list of suggestions -------------------------------------------------------------------------
def _intro(plan: Plan, query: Query, language: Language) -> list[str]:
    zh, found = language == "zh", plan.found
    lines = [_foreign(found, language)] if found else []
    if plan.base:
        other = _ORDER_WORDS.get(query.order, {}).get(language, "")
        lines.append(
            f"同类里{other or '还有'}这些：" if zh else f"Others of the kind{f', {other}' if other else ''}:"
        )
    elif found and not found.hits:
        lines.append("符合的目前都缺货：" if zh else "What fits is out of stock at the moment:")
    elif found and found.sold_out:
        lines.append(_sold_out(found, language))
    elif found and found.missing:
        lines.append(_nothing_fits(query, found.missing, language))
    elif found and found.unknown:
        words = facts.joined((f"「{word}」" if zh else f"“{word}”" for word in found.unknown[:2]), language)
        lines.append(
            f"没有写明{words}的，这些比较接近："
            if zh
            else f"Nothing here mentions {words}, but these come close:"
        )
    else:
        lines.append("给您找到这些：" if zh else "Here is what fits:")
    return lines


_ORDER_WORDS = {
    "cheaper": {"zh": "更便宜的有", "en": "for less"},
    "dearer": {"zh": "高一档的有", "en": "a step up"},
}


def _sold_out(found: Found, language: Language) -> str:
    gone = found.sold_out[0]
    name = facts.named(gone.product, gone.skus[0], language)
    return (
        f"{name}目前缺货，有货的里最接近的是："
        if language == "zh"
        else f"{name} is out of stock. The closest in stock:"
    )


def _nothing_fits(query: Query, missing: frozenset[Condition], language: Language) -> str:
    thing, kept = wished(query, missing, language), ""
    if "price" not in missing:
        kept = _budget(query, language)
    if not query.things and kept:
        # The kind of goods comes from what was talked about: nothing is said of the whole shop.
        zh, en = f"同类商品里没有{kept}的，最接近的是：", f"None of these {kept}, I'm afraid. The closest:"
        return zh if language == "zh" else en
    if language == "zh":
        gap = " " if thing[0].isdigit() else ""
        return f"{kept}没有{gap}{thing}，最接近的是："
    return f"No {thing}{f' {kept}' if kept else ''}, I'm afraid. The closest:"


def wished(query: Query, conditions: frozenset[Condition], language: Language) -> str:
    """Those conditions of the query as a phrase: 白色的连衣裙, "white dress under 200"."""
    thing = query.things[0].surface if query.things else "商品" if language == "zh" else "product"
    words = _adjectives(query, conditions, language)
    price = _budget(query, language) if "price" in conditions else ""
    people = _WEARERS[query.audience][language] if "audience" in conditions and query.audience else ""
    sizes = "/".join(size.upper() for size in query.sizes) if "size" in conditions else ""
    if language == "zh":
        said = "、".join(part for part in (price, people, *words, f"{sizes} 码" if sizes else "") if part)
        return f"{said}的{thing}" if said else thing
    parts = [*words, thing, f"in size {sizes}" if sizes else "", price, f"for {people}" if people else ""]
    return " ".join(part for part in parts if part)


def _adjectives(query: Query, conditions: frozenset[Condition], language: Language) -> list[str]:
    """Colours and qualities in the customer's own words, quantities as they were said."""
    found = []
    if "colour" in conditions:
        found += [vocabulary().colour_words[colour][language] for colour in query.colours]
    if "wish" in conditions:
        found += [one.surface for one in query.wishes]
    if "quality" in conditions:
        found += [one.surface for one in query.qualities]
    if "measure" in conditions:
        found += [f"{_short_number(one.value)} {one.unit}" for one in query.measures]
    return found


def _short_number(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def _budget(query: Query, language: Language) -> str:
    budget = query.budget
    if budget is None:
        return ""
    low, high = (_short_number(one) if one is not None else "" for one in (budget.low, budget.high))
    if budget.around is not None:
        about = _short_number(budget.around)
        return f"{about} 元左右" if language == "zh" else f"around {about}"
    if language == "zh":
        return f"{low}–{high} 元" if low and high else f"{high} 元以内" if high else f"{low} 元以上"
    return f"between {low} and {high}" if low and high else f"under {high}" if high else f"over {low}"


def _foreign(found: Found | None, language: Language) -> str:
    if not found or not found.foreign:
        return ""
    currency = found.hits[0].price.currency if found.hits else ""
    if language == "zh":
        return f"店里按 {currency} 标价，没法用别的货币筛选，下面是不限价格的结果。"
    return f"Our prices are in {currency}, so I left your budget in another currency aside."


def _listed(plan: Plan, query: Query, products: Sequence[Product], language: Language) -> list[str]:
    if query.attributes or set(query.points) & {"stock", "sizes", "colours"}:
        lines = [short(product, query, language) for product in products]
    else:
        fitting = {hit.product.product_id: hit.skus for hit in plan.found.hits} if plan.found else {}
        lines = [
            _line(plan, product, fitting.get(product.product_id, ()), query, language) for product in products
        ]
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)]


def _line(plan: Plan, product: Product, fitting: Sequence[Sku], query: Query, language: Language) -> str:
    """Title, price of what fits, and which options that is if some were asked for."""
    ids = {sku.sku_id for sku in fitting}
    skus = [sku for sku in product.skus if sku.sku_id in ids] or list(product.skus)
    line = f"{product.title_in(language)} {facts.price(skus)}"
    if ids and _options_decided(plan, query):
        chosen = facts.grouped(product, skus, language)
        line += f"（{chosen}）" if language == "zh" else f" ({chosen})"
    count = facts.total_stock(skus)
    comma = "，" if language == "zh" else ", "
    return line + (comma + facts.stock(count, language) if count <= facts.FEW else "")


def _options_decided(plan: Plan, query: Query) -> bool:
    """Whether a colour or size was asked for and is there."""
    missing = plan.found.missing if plan.found else frozenset()
    return bool((query.colours and "colour" not in missing) or (query.sizes and "size" not in missing))


# --- one product -----------------------------------------------------------------------------------
def _about_note(plan: Plan, query: Query, product: Product, language: Language) -> list[str]:
    """What the one product does not meet, unless the answer itself says so."""
    found = plan.found
    if not found:
        return []
    notes, choice = [_foreign(found, language)], choose(product, query)
    missing = found.missing - ({"colour", "size"} if choice.named else set())
    if missing and not found.sold_out:
        notes.append(_nothing_fits(query, missing, language))
    return notes


def _extreme(plan: Plan, query: Query, product: Product, language: Language) -> list[str]:
    missing = plan.found.missing if plan.found else frozenset[Condition]()
    thing = wished(query, frozenset[Condition]({"colour", "quality", "wish"}) - missing, language)
    fitting = plan.found.hits[0].skus if plan.found else product.skus
    ids = {sku.sku_id for sku in fitting}
    skus = [sku for sku in product.skus if sku.sku_id in ids] or list(product.skus)
    price, title = facts.price(skus), product.title_in(language)
    if language == "zh":
        head = f"{'最便宜' if query.order == 'cheapest' else '最贵'}的{thing}是{title}，{price}。"
    else:
        most = "cheapest" if query.order == "cheapest" else "most expensive"
        head = f"The {most} {thing} is {title}, at {price}."
    note = [_nothing_fits(query, missing, language)] if missing else []
    return [*note, head, *facts.option_lines(product, language)]


def _no_more(query: Query, product: Product, language: Language) -> list[str]:
    title, price = product.title_in(language), facts.price(product.skus)
    if language == "zh":
        what = {"cheaper": "更便宜的", "dearer": "更贵的"}.get(query.order, "别的")
        return [f"同类商品里没有{what}有货的了，{title}是 {price}。"]
    what = {"cheaper": "cheaper", "dearer": "more expensive"}.get(query.order, "else")
    return [f"There is nothing {what} of the kind in stock; {title} is {price}."]


# --- what goes with it -----------------------------------------------------------------------------
def _pairing(
    plan: Plan, query: Query, products: Sequence[Product], base: Product | None, language: Language
) -> list[str]:
    title, zh = base.title_in(language) if base else "", language == "zh"
    if not products:
        return [
            f"暂时没有找到和{title}搭的有货商品。"
            if zh
            else f"I found nothing in stock that goes with {title}."
        ]
    if plan.example:
        head = f"比如{title}，可以配：" if zh else f"Take {title}: it goes with"
    else:
        head = f"{title}可以配：" if zh else f"{title} goes well with"
    return [
        head,
        *(f"{n}. {one.title_in(language)} {facts.price(one.skus)}" for n, one in enumerate(products, 1)),
    ]


# --- nothing ---------------------------------------------------------------------------------------
def _empty_handed(plan: Plan, query: Query, language: Language) -> str:
    zh = language == "zh"
    if plan.kind == "which":
        return (
            "您说的是哪一款呢？发商品名称、编号或者图片给我都可以。"
            if zh
            else "Which product do you mean? Its name, its number or a picture will do."
        )
    if plan.kind == "what":
        return (
            "想找什么样的商品？说说种类、预算、颜色或者给谁用，我来挑。"
            if zh
            else "What are you looking for? The kind of thing, a budget, a colour or who it is for will do."
        )
    words = [one.surface for one in query.things] or list(
        (plan.found.unknown if plan.found else ()) or query.literals
    )
    if query.audience and plan.found and "audience" in plan.found.missing:
        words = [wished(query, frozenset({"audience", "colour", "size"}), language)]
    if not words:
        return (
            "图片里的商品，店里没有找到一样的。"
            if zh
            else "I couldn't find what the picture shows in our shop."
        )
    what = facts.joined((f"「{word}」" if zh else f"“{word}”" for word in words[:2]), language)
    return (
        f"店里没有找到{what}。换个说法，或者告诉我用途和预算，我再找找。"
        if zh
        else f"I couldn't find {what} in our shop. Another word for it, or its use and your budget, may help."
    )

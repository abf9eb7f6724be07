"""Answers questions about goods: price, stock, sizes, comparisons, suggestions, pairings. Reads only.

    reply = await answer(store, catalogue, llm, "200元以内的白色连衣裙", "zh", context=slot)

Code finds the products and words the facts, from records read for this answer. A model may add up to two
sentences of reason or style; those that the records do not bear out are dropped, and their
absence changes nothing else. The facts are shown at once, the model's sentences while it writes them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Literal

from support import prompts
from support.guard.grounding import grounded
from support.guard.growing import Growing
from support.llm import Llm, ModelUnavailable
from support.model import Language, Product
from support.personal import PEOPLES, mask
from support.products import facts, replies
from support.products.plan import SHOWN, Plan, decide, recognise
from support.products.query import Query, read
from support.products.shelf import Shelf
from support.services import claim_gate, product_search
from support.services.model_calls import Calls
from support.services.product_search import Asked
from support.store import Store
from support.streaming import Draft, silent

log = logging.getLogger(__name__)

Kind = Literal["one", "list", "compare", "pairing", "not_found", "which", "what"]

_REFRESH_S = 60.0
# So many products are kept in memory. A search goes through them in 10 microseconds each; with more of them,
# looking up those that matter is quicker.
_IN_MEMORY = 1_000
_NOTHING = Asked("")
# The words are a bonus: nobody waits for them longer than for an answer.
_MODEL_WORDS_WITHIN_S = 4.0
_MODEL_TOKENS = 160
_MODEL_SENTENCES = 2
# Advice has words of its own; a sentence with none of the records' is about something else.
_LEAST_SHARE = 0.0
_PLANS_WITH_WORDS = frozenset({"list", "compare", "pairing", "extreme"})
_SENTENCE = re.compile(r"[^。！？!?.\n]+(?:\.(?=\d)[^。！？!?.\n]*)*[。！？!?.]?")
_SHOP = {"zh": "本店", "en": "this shop"}
_BRIEF = {
    "zh": "商品的名称、价格和库存已经列给顾客看了，不要重复；只说一两句为什么合适、什么风格或怎么搭。",
    "en": "The customer already sees names, prices and stock: do not repeat them. "
    "Only one or two sentences on why these suit, their style or how to wear or use them.",
}


@dataclass(frozen=True)
class Card:
    """A product to show and to tap: `line` has price and options in stock, `payload` is what a tap says."""

    product_id: str
    title: str
    line: str
    image: str
    payload: str


@dataclass(frozen=True)
class ProductAnswer:
    """`product_ids`: what the conversation is now about, in the order shown.

    Kinds: `which`: the customer refers to a product that we cannot identify; `what`: there is no usable wish.
    """

    text: str
    product_ids: tuple[str, ...]
    cards: tuple[Card, ...]
    kind: Kind


class Catalogue:
    """The shop's products, for finding them; what is said of them is read from the database again.

    Those of a shop with up to `in_memory` of them are kept here. At most once a minute, a question looks
    whether the records changed; while one question reloads, the others go on with what there is. Of a larger
    shop, each question gets the products that may answer it (`product_search`). Safe to share between tasks.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, in_memory: int = _IN_MEMORY) -> None:
        self._clock, self._in_memory = clock, in_memory
        self._shelf: Shelf | None = None  # None in a larger shop
        self._loading = asyncio.Lock()
        self._checked_at: float | None = None

    async def shelf(self, store: Store, asked: Asked = _NOTHING) -> Shelf:
        """The products as they were at most a minute ago, or as they are those that matter now."""
        whole = await self._whole(store)
        if whole is not None:
            return whole
        async with store.reading() as unit:
            return await product_search.gather(unit, asked)

    async def _whole(self, store: Store) -> Shelf | None:
        if self._checked_at is not None and (self._fresh() or self._loading.locked()):
            return self._shelf
        async with self._loading:
            if not self._fresh():
                self._shelf = await self._load(store, self._shelf)
                self._checked_at = self._clock()
            return self._shelf

    def _fresh(self) -> bool:
        return self._checked_at is not None and self._clock() - self._checked_at < _REFRESH_S

    async def _load(self, store: Store, before: Shelf | None) -> Shelf | None:
        async with store.reading() as unit:
            if await unit.product_index.is_larger_than(self._in_memory):
                return None
            products = await unit.products.all()
        if before is not None and products == [entry.product for entry in before.entries.values()]:
            return before
        return await asyncio.to_thread(Shelf, products, before)


async def answer(
    store: Store,
    catalogue: Catalogue,
    llm: Llm | None,
    text: str,
    language: Language,
    *,
    context: Sequence[str] = (),
    picture_texts: Sequence[str] = (),
    picture_view: str = "",
    persona: str = "",
    draft: Draft | None = None,
    drafted: Container[Kind] = (),
    calls: Calls | None = None,
) -> ProductAnswer:
    """The answer to one message. `context`: ids of the products under discussion, in the order shown.

    `drafted`: the kinds of answer that the caller will give as they are, so that `draft` may show them.
    """
    draft = draft or silent()
    draft.status("searching")
    shelf = await catalogue.shelf(store, Asked(text, context, picture_texts, picture_view))
    # In a thread: with many products it takes a while, and the first reading ever loads a dictionary.
    query, plan = await asyncio.to_thread(_plan, shelf, text, context, picture_texts, picture_view)
    products, base = await _records(store, plan)
    if plan.entries and not products:
        plan = Plan("not_found", found=plan.found)
    said = replies.compose(plan, query, products, base, language)
    kind = _kind(plan, products)
    if llm and plan.kind in _PLANS_WITH_WORDS and products:
        records = [facts.record(product, language) for product in (*([base] if base else []), *products)]
        messages = _messages(text, language, records, persona)
        words = _Words(text, said, records, draft if kind in drafted else silent())
        said = await words.added(llm, messages, calls or Calls())
    shown = tuple(_card(product, language) for product in products[:SHOWN])
    return ProductAnswer(said, tuple(one.product_id for one in products), shown, kind)


def _plan(
    shelf: Shelf, text: str, context: Sequence[str], picture_texts: Sequence[str], picture_view: str
) -> tuple[Query, Plan]:
    query = read(text)
    seen = recognise(shelf, picture_texts, picture_view)
    known = [entry for one in context if (entry := shelf.get(one))]
    return query, decide(shelf, query, known, seen, pictured=bool(picture_texts or picture_view))


async def _records(store: Store, plan: Plan) -> tuple[list[Product], Product | None]:
    """The plan's products as the database has them now; one that is gone by now is left out."""
    ids = [entry.product.product_id for entry in plan.entries]
    base = plan.base.product.product_id if plan.base else None
    if not ids and base is None:
        return [], None
    async with store.reading() as unit:
        found = await unit.products.get_many([*ids, *([base] if base else [])])
    by_id = {product.product_id: product for product in found}
    return [by_id[one] for one in ids if one in by_id], by_id.get(base or "")


def _kind(plan: Plan, products: Sequence[Product]) -> Kind:
    match plan.kind:
        case "about":
            return "one" if len(products) == 1 else "list"
        case "extreme" | "no_more":
            return "one"
        case kind:
            return kind


def _card(product: Product, language: Language) -> Card:
    title = product.title_in(language)
    return Card(product.product_id, title, replies.card_line(product, language), product.image, title)


# --- the model's words -----------------------------------------------------------------------------
def _messages(
    question: str, language: Language, records: Sequence[str], persona: str
) -> list[prompts.Message]:
    manner = f"{persona} {_BRIEF[language]}".strip()
    who = prompts.Persona(shop=_SHOP[language], manner=manner)
    asked = mask(question, language, kinds=PEOPLES)  # a long number may be a model's
    return prompts.build("product", language, who, question=asked, data={"records": list(records)})


class _Words:
    """The model's sentences after the facts, which the draft shows at once."""

    def __init__(self, question: str, facts: str, records: Sequence[str], draft: Draft) -> None:
        self._question, self._facts, self._records, self._draft = question, facts, records, draft
        self._written = ""
        self._growing = Growing(records, said=question, least=_LEAST_SHARE)
        draft.show(facts)

    async def added(self, llm: Llm, messages: Sequence[prompts.Message], calls: Calls) -> str:
        """The facts, and the sentences that the records bear out, if there are any in time."""
        words = await self._from_model(llm, messages, calls)
        if not words:
            self._draft.withdraw(keep=self._facts)
            return self._facts
        self._draft.settle(self._with(words))
        return self._with(words)

    async def _from_model(self, llm: Llm, messages: Sequence[prompts.Message], calls: Calls) -> str:
        try:
            reply = await calls.complete(
                llm,
                "product",
                messages,
                within_s=_MODEL_WORDS_WITHIN_S,
                on_text=self._show,
                max_tokens=_MODEL_TOKENS,
            )
        except ModelUnavailable:
            return ""
        words = sentences(reply.text)
        cut_off = reply.finish_reason == "length" and not words.endswith(("。", "！", "？", ".", "!", "?"))
        if prompts.NO_ANSWER in reply.text or cut_off:
            calls.judge("no_answer")
            return ""
        spoken = grounded(words, self._records, self._question, least=_LEAST_SHARE) or ""
        return await claim_gate.passed(spoken, self._records, calls, said=self._question) or ""

    def _show(self, text: str) -> None:
        self._written += text
        if words := self._growing.shown(sentences(prompts.without_refusal(self._written))):
            self._draft.show(self._with(words.strip()))

    def _with(self, words: str) -> str:
        return f"{self._facts}\n{words}"


def sentences(written: str) -> str:
    """The first sentences of a text; of a text that is still being written, what they begin with."""
    return "".join(_SENTENCE.findall(written.strip())[:_MODEL_SENTENCES]).strip()

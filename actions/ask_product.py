"""Questions about what is on sale: by name, by what was talked about, or by picture."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass

from actions.ask_knowledge import answer_from_documents
from actions.turn import ShopAction, Turn
from support.bootstrap import Shop
from support.services import ask_product, picture
from support.store import Attachment

_SHOWN: tuple[ask_product.Kind, ...] = ("one", "list", "compare", "pairing")


@dataclass(frozen=True)
class Seen:
    """The message's pictures, and what the model sees in the first; None without either."""

    pictures: Sequence[Attachment]
    view: picture.View | None


async def look_at_pictures(turn: Turn, shop: Shop) -> Seen:
    """Read once a message: the model's view is the dearest thing in it."""
    pictures = await picture.sent(shop.store, turn.conversation, turn.attachments)
    if not pictures:
        return Seen((), None)
    view = await picture.view(
        shop.llm,
        shop.pictures,
        pictures[0],
        turn.text,
        turn.language,
        turn.persona(),
        draft=turn.draft,
        calls=turn.calls,
    )
    return Seen(pictures, view)


async def answer_from_catalogue(
    turn: Turn, shop: Shop, seen: Seen, drafted: Container[ask_product.Kind]
) -> ask_product.ProductAnswer:
    """The catalogue's answer to the message and its pictures; says nothing yet.

    `drafted`: the kinds that the caller will say, whose words may appear while they are written.
    """
    return await ask_product.answer(
        shop.store,
        shop.catalogue,
        shop.llm,
        turn.text,
        turn.language,
        context=turn.slot("product_ids") or (),
        picture_texts=picture.texts(seen.pictures),
        picture_view=seen.view.search if seen.view else "",
        persona=shop.settings.persona,
        draft=turn.draft,
        drafted=drafted,
        calls=turn.calls,
    )


def show_products(turn: Turn, found: ask_product.ProductAnswer) -> None:
    cards = [asdict(card) for card in found.cards]
    turn.say("utter_product_answer", answer=found.text, custom={"cards": cards} if cards else None)
    turn.remember(product_ids=list(found.product_ids))


class AskProduct(ShopAction):
    action = "action_ask_product"

    async def act(self, turn: Turn, shop: Shop) -> None:
        found = await answer_from_catalogue(turn, shop, await look_at_pictures(turn, shop), _SHOWN)
        if found.kind in _SHOWN:
            show_products(turn, found)
        elif await answer_from_documents(turn, shop, if_certain=True):
            return
        elif found.kind == "not_found":
            turn.say("utter_product_not_found")
        else:
            turn.say("utter_which_product" if found.kind == "which" else "utter_what_product")

"""Questions about what is on sale: by name, by what was talked about, or by picture."""

from __future__ import annotations

from dataclasses import asdict

from actions.ask_knowledge import answer_from_documents
from actions.turn import ShopAction, Turn
from support.bootstrap import Shop
from support.services import ask_product, picture


async def view_of_picture(turn: Turn, shop: Shop) -> picture.View | None:
    """What the model sees in the message's first picture; None without either."""
    pictures = await picture.sent(shop.store, turn.conversation, turn.attachments)
    if not pictures:
        return None
    return await picture.view(shop.llm, shop.pictures, pictures[0], turn.text, turn.language, turn.persona())


async def answer_from_catalogue(
    turn: Turn, shop: Shop, view: picture.View | None
) -> ask_product.ProductAnswer:
    """The catalogue's answer to the message and its pictures; says nothing yet."""
    pictures = await picture.sent(shop.store, turn.conversation, turn.attachments)
    return await ask_product.answer(
        shop.store,
        shop.catalogue,
        shop.llm,
        turn.text,
        turn.language,
        context=turn.slot("product_ids") or (),
        picture_texts=picture.texts(pictures),
        picture_view=view.search if view else "",
        persona=shop.settings.persona,
    )


def show_products(turn: Turn, found: ask_product.ProductAnswer) -> None:
    cards = [asdict(card) for card in found.cards]
    turn.say("utter_product_answer", answer=found.text, custom={"cards": cards} if cards else None)
    turn.remember(product_ids=list(found.product_ids))


class AskProduct(ShopAction):
    action = "action_ask_product"

    async def act(self, turn: Turn, shop: Shop) -> None:
        found = await answer_from_catalogue(turn, shop, await view_of_picture(turn, shop))
        if found.kind in ("one", "list", "compare", "pairing"):
            show_products(turn, found)
        elif await answer_from_documents(turn, shop, if_certain=True):
            return
        elif found.kind == "not_found":
            turn.say("utter_product_not_found")
        else:
            turn.say("utter_which_product" if found.kind == "which" else "utter_what_product")

"""A picture without words: an order's screenshot, a product, a fault, or something to ask about."""

from __future__ import annotations

from actions.ask_product import answer_from_catalogue, look_at_pictures, show_products
from actions.order_status import OrderStatusAction
from actions.turn import ShopAction, Turn
from support.bootstrap import Shop
from support.services import ask_product, picture

# Words of the message itself, which a comparison would need, there are none.
_SHOWN: tuple[ask_product.Kind, ...] = ("one", "list")


class Picture(ShopAction):
    action = "action_picture"

    async def act(self, turn: Turn, shop: Shop) -> None:
        pictures = await picture.sent(shop.store, turn.conversation, turn.attachments)
        if not pictures:
            turn.say("utter_picture_missing")
        elif picture.shows_order(pictures):
            if not picture.order_numbers(pictures):
                turn.say("utter_screenshot_unclear")
            await OrderStatusAction().act(turn, shop)
        else:
            told = picture.addresses_model(pictures, shop.content)
            await self._look(turn, shop, "" if told else picture.excerpt(pictures))

    async def _look(self, turn: Turn, shop: Shop, excerpt: str) -> None:
        """A product of the catalogue, else the model's view, else what could be read, else a question."""
        seen = await look_at_pictures(turn, shop)
        found = await answer_from_catalogue(turn, shop, seen, _SHOWN)
        if found.kind in _SHOWN:
            show_products(turn, found)
        elif seen.view and seen.view.description:
            turn.say("utter_picture_seen", view=seen.view.description)
        elif excerpt:
            turn.say("utter_picture_text", text=excerpt)
        else:
            turn.say("utter_picture_plain")

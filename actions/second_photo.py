"""The refund form's second photo: another angle, with a code on paper. Asked for seldom, and never explained
by doubt; what the customer hears is the same whatever was found.
"""

from __future__ import annotations

from actions.orders import own_order
from actions.turn import ShopAction, Turn
from support import understanding
from support.bootstrap import Shop
from support.model import Order
from support.services import evidence, picture, refund
from support.services.evidence import challenge
from support.services.refund import Wish


async def settle(turn: Turn, shop: Shop, order: Order, wished: Wish) -> None:
    """Set `refund_proof` where no second photo is to be asked for: to what was sent, or to nothing."""
    if turn.known("refund_evidence") is None or turn.known("refund_proof") is not None:
        return
    now = shop.clock()
    await evidence.goods.look(
        shop.store, shop.pictures, shop.llm, order, wished, now, persona=turn.persona(), calls=turn.calls
    )
    policy_says = refund.decide(shop.policy, order, wished, now)
    async with shop.store.reading() as unit:
        assessment = await evidence.assess(unit, order, wished, now)
        asked = await challenge.of(unit, turn.conversation, order.order_id)
    if not challenge.needed(policy_says, assessment, asked):
        turn.remember(refund_proof=list(asked.pictures) if asked else [])


async def hear(turn: Turn, shop: Shop) -> bool:
    """The photo, or that there will be none; False for anything else."""
    if turn.attachments:
        await _look(turn, shop)
    elif turn.intent == "deny" or understanding.skips(turn.text) or understanding.has_no_photo(turn.text):
        await _decline(turn, shop)
    elif understanding.asks_why(turn.text):
        turn.say("utter_why_proof")
    else:
        return False
    return True


async def _look(turn: Turn, shop: Shop) -> None:
    sent = await picture.sent(shop.store, turn.conversation, turn.attachments)
    good = set(picture.evidence(sent))
    photos = [one for one in sent if one.attachment_id in good]
    if not photos:
        turn.say("utter_evidence_unsuitable")
        return
    first = tuple(turn.known("refund_evidence") or ())
    async with shop.store.writing() as unit:
        asked = await challenge.of(unit, turn.conversation, turn.known("order_id"))
        if asked is None:
            raise LookupError("the challenge of an active refund form is gone")
        answered = await challenge.answer(unit, asked, first, photos, shop.clock())
    if answered.status == "open":
        turn.say("utter_proof_unreadable")
    else:
        turn.say("utter_proof_received")
        turn.remember(refund_proof=list(answered.pictures))


async def _decline(turn: Turn, shop: Shop) -> None:
    async with shop.store.writing() as unit:
        asked = await challenge.of(unit, turn.conversation, turn.known("order_id"))
        if asked:
            asked = await challenge.decline(unit, asked)
    turn.say("utter_proof_declined")
    turn.remember(refund_proof=list(asked.pictures) if asked else [])


class AskRefundProof(ShopAction):
    """The question for a second photo, with its code."""

    action = "action_ask_refund_proof"
    in_form = True

    async def act(self, turn: Turn, shop: Shop) -> None:
        order = await own_order(turn, shop, turn.slot("order_id"))
        if order is None:
            raise LookupError("the order of an active refund form is gone")
        async with shop.store.writing() as unit:
            asked = await challenge.ask(unit, turn.conversation, order, shop.clock())
        turn.say("utter_second_photo", code=asked.code)

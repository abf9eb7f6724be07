"""Passing a conversation to a person, and what the customer is told about it."""

from __future__ import annotations

from rasa_sdk.events import ActionExecuted, ActiveLoop, ConversationPaused

from actions.turn import LISTEN, ShopAction, Turn
from support import wording
from support.bootstrap import Shop
from support.model import HandoffReason
from support.services import handoff


async def hand_over(turn: Turn, shop: Shop, reason: HandoffReason) -> None:
    """Queue the conversation with its packet and silence the bot; once, however often it is called."""
    now = shop.clock()
    packet = await handoff.packet(
        shop.store,
        turn.conversation,
        now,
        said=turn.said(),
        slots=turn.telling_slots(),
        tried=turn.tried(),
        language=turn.language,
    )
    queued = await handoff.open(shop.store, shop.policy, turn.conversation, reason, packet, now)
    _tell_place(turn, shop, queued)
    turn.remember(offer=None, misses=0, requested_slot=None, paused_flow=None)
    # Listening before the pause is lifted keeps the handover from being predicted again afterwards.
    turn.events += [ActiveLoop(None), ConversationPaused(), ActionExecuted(LISTEN)]


def _tell_place(turn: Turn, shop: Shop, queued: handoff.Queued) -> None:
    before = queued.place - 1
    if not queued.new:
        turn.say("utter_queued_already")
    elif not queued.open_now and queued.next_opening is None:
        turn.say("utter_queued_away")
    elif not queued.open_now:
        turn.say("utter_queued_closed", opening=wording.opening(queued.next_opening, turn.language))
    elif before == 0:
        turn.say("utter_queued_next")
    else:
        turn.say("utter_queued", before=wording.ahead(before, turn.reader(shop)))


class Handoff(ShopAction):
    action = "action_handoff"

    async def act(self, turn: Turn, shop: Shop) -> None:
        await hand_over(turn, shop, HandoffReason.ASKED)


class Complain(ShopAction):
    """An angry customer gets a person, not an argument."""

    action = "action_complain"

    async def act(self, turn: Turn, shop: Shop) -> None:
        turn.say("utter_sorry_angry")
        await hand_over(turn, shop, HandoffReason.ANGER)

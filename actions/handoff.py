"""Passing a conversation to a person, and what the customer is told about it."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActionExecuted, ActiveLoop, ConversationPaused

from actions.turn import LISTEN, ShopAction, Turn
from support import wording
from support.bootstrap import Shop
from support.model import HandoffReason
from support.services import handoff, packet, tried
from support.services.tried import Exchange


async def hand_over(turn: Turn, shop: Shop, reason: HandoffReason) -> None:
    """Queue the conversation with its packet and silence the bot; once, however often it is called."""
    now = shop.clock()
    await turn.recall(shop)
    contents = await packet.build(
        shop.store,
        shop.policy,
        turn.conversation,
        now,
        said=turn.said(),
        slots=turn.telling_slots(),
        tried=tried.steps(exchanges(turn)),
        language=turn.language,
    )
    queued = await handoff.open(shop.store, shop.policy, turn.conversation, reason, contents, now)
    _tell_place(turn, shop, queued)
    turn.remember(offer=None, misses=0, unsure=0, requested_slot=None, paused_flow=None)
    # Listening before the pause is lifted keeps the handover from being predicted again afterwards.
    turn.events += [ActiveLoop(None), ConversationPaused(), ActionExecuted(LISTEN)]


def exchanges(turn: Turn) -> list[Exchange]:
    """What was asked and how it was answered, with this message and what has been said to it last."""
    found: list[Exchange] = []
    for event in turn.past:
        if event.get("event") == "user" and event.get("text"):
            found.append(Exchange(event["text"]))
        elif event.get("event") == "bot" and found:
            response = (event.get("metadata") or {}).get("utter_action")
            found[-1] = found[-1].answered_by(response or "", event.get("text") or "")
    for response in turn.uttered if found else ():
        found[-1] = found[-1].answered_by(response)
    return found


def _tell_place(turn: Turn, shop: Shop, queued: handoff.Queued) -> None:
    before = queued.place - 1
    if not queued.open_now:
        _tell_ticket(turn, queued)
    elif not queued.new:
        turn.say("utter_queued_already")
    elif before == 0:
        turn.say("utter_queued_next")
    else:
        turn.say("utter_queued", before=wording.ahead(before, turn.reader(shop)))


def _tell_ticket(turn: Turn, queued: handoff.Queued) -> None:
    """Nobody is there now: a number to quote, by when, and where the answer comes."""
    facts: dict[str, Any] = {"ticket": queued.ticket, "reach": wording.reach(queued.reach, turn.language)}
    if queued.promised_at is None:
        turn.say("utter_queued_away", **facts)
    else:
        promised = wording.deadline(queued.promised_at, turn.language)
        turn.say("utter_queued_closed", promised=promised, **facts)


class Handoff(ShopAction):
    """Asked for; who was offered a person because an answer was not certain is unsure's doing."""

    action = "action_handoff"

    async def act(self, turn: Turn, shop: Shop) -> None:
        await hand_over(turn, shop, reason_for_asking(turn))


def reason_for_asking(turn: Turn) -> HandoffReason:
    """Why a customer wants a person: the answer before was offered as no certain one, or just so."""
    return HandoffReason.UNSURE if turn.slot("unsure") else HandoffReason.ASKED


class Complain(ShopAction):
    """An angry customer gets a person, not an argument."""

    action = "action_complain"

    async def act(self, turn: Turn, shop: Shop) -> None:
        turn.say("utter_sorry_angry")
        await hand_over(turn, shop, HandoffReason.ANGER)

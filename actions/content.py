"""Hostile words, and words that worry: what the content filter decided is said and done here."""

from __future__ import annotations

from actions.dialogue import Fallback
from actions.handoff import hand_over
from actions.turn import ShopAction, Turn
from support.bootstrap import Shop
from support.model import HandoffReason

# The second pure insult in a row goes to a person, where the shop does not mute.
_INSULTS_BEFORE_HANDOFF = 2


class Content(ShopAction):
    """A calm word, a clear no, or a person at once; whatever was being done goes on afterwards."""

    action = "action_content"

    async def act(self, turn: Turn, shop: Shop) -> None:
        if turn.ruling is None:
            await Fallback().act(turn, shop)
        elif turn.ruling.action in ("care", "person"):
            say(turn, shop, turn.ruling.action)
            await hand_over(turn, shop, HandoffReason.SAFETY)
        elif turn.ruling.action == "calm":
            await self._stay_calm(turn, shop)
        else:
            say(turn, shop, "decline")

    async def _stay_calm(self, turn: Turn, shop: Shop) -> None:
        insults, most = (turn.slot("insults") or 0) + 1, shop.content.rules.mute_after
        if most == 0 and insults >= _INSULTS_BEFORE_HANDOFF:
            turn.say("utter_sorry_angry")
            await hand_over(turn, shop, HandoffReason.ANGER)
        else:
            say(turn, shop, "muted" if most and insults > most else "calm")
            turn.remember(insults=insults)


def say(turn: Turn, shop: Shop, name: str) -> None:
    """The words that the shop has for it."""
    assert turn.ruling
    turn.say("utter_content", answer=shop.content.answer(turn.ruling.rule, name, turn.language))

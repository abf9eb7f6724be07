"""Rating the service: a score, words if there are any, and a person for the dissatisfied."""

from __future__ import annotations

from typing import ClassVar

from actions.flow import Flow, FlowEnd
from actions.turn import Turn
from support import understanding
from support.bootstrap import Shop
from support.services import rate

# What may be said about the service; other messages are business of their own.
_WORDS = frozenset({"rate", "complain", "inform", "affirm", "chitchat", "nlu_fallback", "out_of_scope"})


class ValidateRateForm(Flow):
    action = "validate_rate_form"
    intent = "rate"
    steps = ("rating_score", "rating_words")
    own_slots = steps
    unclear: ClassVar = {"rating_score": "utter_score_unclear"}

    async def start(self, turn: Turn, shop: Shop) -> None:
        score = understanding.score(turn.text)
        turn.remember(rating_score=str(score) if score else None)

    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        if asked == "rating_score":
            score = understanding.score(turn.text)
            turn.remember(rating_score=str(score) if score else None)
            return score is not None
        skipped = understanding.skips(turn.text) or turn.intent in ("deny", "thank", "goodbye", "stop")
        if not skipped and turn.intent not in _WORDS:
            return False
        turn.remember(rating_words="" if skipped else turn.text[:1000])
        return True

    def gives_up(self, turn: Turn) -> bool:
        """A score that was given counts, also when its giver has nothing to add."""
        return super().gives_up(turn) and not turn.slot("rating_score")


class RateEnd(FlowEnd):
    action = "action_rate"
    own_slots = ValidateRateForm.own_slots

    async def finish(self, turn: Turn, shop: Shop) -> None:
        score = int(turn.slot("rating_score"))
        await rate.rate(shop.store, turn.conversation, score, turn.slot("rating_words") or "", shop.clock())
        if score > rate.DISSATISFIED:
            turn.say("utter_rated")
        else:
            turn.say("utter_rated_low")
            turn.offer_person()

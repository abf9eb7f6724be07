"""Rating the service: a score, words if there are any, and a person for the dissatisfied."""

from __future__ import annotations

from actions.flow import Flow, FlowEnd
from actions.turn import Turn
from support import understanding
from support.bootstrap import Shop
from support.services import rate


class ValidateRateForm(Flow):
    action = "validate_rate_form"
    intent = "rate"
    steps = ("rating_score", "rating_words")
    own_slots = ("rating_score", "rating_words")

    async def start(self, turn: Turn, shop: Shop) -> None:
        score = understanding.score(turn.text)
        turn.remember(rating_score=str(score) if score else None, rating_words=None)

    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        if asked == "rating_score":
            return self._hear_score(turn)
        skipped = understanding.skips(turn.text) or turn.intent in ("deny", "thank", "goodbye")
        if not skipped and turn.intent not in ("rate", "complain", "inform", "affirm", "chitchat", "nlu_fallback"):
            return False
        turn.remember(rating_words="" if skipped else turn.text[:1000])
        return True

    def _hear_score(self, turn: Turn) -> bool:
        score = understanding.score(turn.text)
        if score is None and turn.intent == self.intent:
            turn.say("utter_score_unclear")
        if score is None:
            return turn.intent == self.intent
        turn.remember(rating_score=str(score))
        return True


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

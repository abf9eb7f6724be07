"""Return and refund: what becomes of a request, and where a refund is."""

from __future__ import annotations

from typing import Any

from actions.handoff import hand_over
from actions.order_flow import OrderFlowEnd
from actions.orders import the_order
from actions.refund_form import ValidateRefundForm, wish
from actions.turn import ShopAction, Turn
from support import wording
from support.bootstrap import Shop
from support.model import Outcome
from support.policy import reason_for_person
from support.services import identity, refund
from support.store import Refund

_SHOWN = 5


class RefundEnd(OrderFlowEnd):
    """Asks `support` for the refund and says what was decided."""

    action = "action_refund"
    own_slots = ValidateRefundForm.own_slots

    async def carry_out(self, turn: Turn, shop: Shop) -> None:
        try:
            result = await refund.request(
                shop.store, shop.policy, turn.conversation, wish(turn), shop.clock()
            )
        except refund.NotConfirmed:
            turn.say("utter_not_confirmed")
            return
        if result.refund is None:
            await self._tell_refusal(turn, shop, result)
        else:
            await self._tell(turn, shop, result, result.refund)

    async def _tell(self, turn: Turn, shop: Shop, result: refund.Result, made: Refund) -> None:
        facts: dict[str, Any] = {
            "amount": wording.money(result.amount),
            "refund_id": made.refund_id,
            "status": wording.REFUND_STATUS[made.status][turn.language],
            "explain": wording.because(result.decision, turn.reader(shop)),
        }
        if result.repeated:
            turn.say("utter_refund_repeated", **facts)
        elif result.decision.outcome is Outcome.APPROVE:
            turn.say("utter_refund_approved", **facts)
        else:
            turn.say("utter_refund_review", **facts)
            await hand_over(turn, shop, reason_for_person(result.decision))

    async def _tell_refusal(self, turn: Turn, shop: Shop, result: refund.Result) -> None:
        turn.say("utter_refund_refused", explain=wording.because(result.decision, turn.reader(shop)))
        turn.offer_person()


class RefundStatus(ShopAction):
    action = "action_refund_status"

    async def act(self, turn: Turn, shop: Shop) -> None:
        async with shop.store.reading() as unit:
            known = await identity.current(unit, turn.conversation, shop.clock())
            refunds = await refund.states(unit, turn.conversation, shop.clock()) if known else []
        if not known:
            await the_order(turn, shop, self.action)
        elif not refunds:
            turn.say("utter_no_refunds")
        else:
            reader = turn.reader(shop)
            lines = (wording.refund_line(one, reader) for one in refunds[:_SHOWN])
            turn.say("utter_refund_states", refunds="\n".join(lines))

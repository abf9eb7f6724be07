"""Cancelling an order before it is sent."""

from __future__ import annotations

from actions.flow import FlowEnd, OrderFlow
from actions.handoff import hand_over
from actions.refund import own_order
from actions.turn import ShopAction, Turn
from support import understanding, wording
from support.bootstrap import Shop
from support.model import HandoffReason, OrderStatus, Outcome
from support.services import cancel_order, refund


class ValidateCancelOrderForm(OrderFlow):
    action = "validate_cancel_order_form"
    intent = "cancel_order"
    steps = (*OrderFlow.steps, "cancel_confirm")
    order_slots = ("cancel_confirm",)
    own_slots = ("claimed_order", "phone_last4", "identity_locked", "cancel_confirm")

    async def start(self, turn: Turn, shop: Shop) -> None:
        turn.remember(cancel_confirm=None)
        await super().start(turn, shop)

    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        if asked == "cancel_confirm" and understanding.affirms(turn.text):
            turn.remember(cancel_confirm=turn.message_id)
            return True
        if asked == "cancel_confirm" and turn.intent == "deny":
            turn.remember(gave_up=True, cancel_confirm="")
            return True
        return await super().hear(turn, shop, asked)

    async def next_step(self, turn: Turn, shop: Shop) -> str | None:
        """An order that cannot be cancelled needs no confirmation to be told so."""
        order = await own_order(turn, shop, self.value(turn, "order_id"))
        if order is not None:
            decision = shop.policy.decide_cancel(order, shop.clock())
            if decision.outcome is Outcome.REFUSE or order.status is OrderStatus.CANCELLED:
                return None
        return await super().next_step(turn, shop)


class AskCancelConfirm(ShopAction):
    action = "action_ask_cancel_confirm"
    in_form = True

    async def act(self, turn: Turn, shop: Shop) -> None:
        order = await own_order(turn, shop, turn.slot("order_id"))
        if order is None:
            raise LookupError("the order of an active cancel form is gone")
        turn.say("utter_cancel_summary", order=wording.order_card(order, turn.language, shop.policy.zone))


class CancelOrderEnd(FlowEnd):
    """Asks `support` to cancel and says what was decided."""

    action = "action_cancel_order"
    own_slots = ValidateCancelOrderForm.own_slots

    async def finish(self, turn: Turn, shop: Shop) -> None:
        order_id = turn.slot("order_id")
        if turn.slot("identity_locked") or not order_id:
            turn.say("utter_identity_locked")
            await hand_over(turn, shop, HandoffReason.POLICY)
            return
        try:
            result = await cancel_order.request(
                shop.store, shop.policy, turn.conversation, order_id, turn.slot("cancel_confirm"), shop.clock()
            )
        except refund.NotConfirmed:
            turn.say("utter_refund_not_confirmed")
            return
        await self._tell(turn, shop, result)

    async def _tell(self, turn: Turn, shop: Shop, result: cancel_order.Result) -> None:
        decision = result.decision
        facts = {
            "order_id": result.order.order_id,
            "explain": decision.explain.get(turn.language, ""),
            "alternatives": decision.alternatives.get(turn.language, ""),
        }
        if result.repeated:
            turn.say("utter_cancelled_already", **facts)
        elif decision.outcome is Outcome.APPROVE:
            turn.say("utter_cancelled", **facts)
        elif decision.outcome is Outcome.REVIEW:
            turn.say("utter_cancel_review", **facts)
            await hand_over(turn, shop, HandoffReason.POLICY)
        else:
            turn.say("utter_cancel_refused", **facts)
            turn.offer_person()

"""Cancelling an order before it is sent."""

from __future__ import annotations

from typing import ClassVar

from actions.handoff import hand_over
from actions.order_flow import IDENTITY_SLOTS, OrderFlow, OrderFlowEnd
from actions.orders import next_steps, own_order
from actions.turn import ShopAction, Turn
from support import understanding, wording
from support.bootstrap import Shop
from support.model import Outcome
from support.policy import reason_for_person
from support.services import cancel_order, refund


class ValidateCancelOrderForm(OrderFlow):
    action = "validate_cancel_order_form"
    intent = "cancel_order"
    steps = (*OrderFlow.steps, "cancel_confirm")
    order_slots = ("cancel_confirm",)
    own_slots = (*IDENTITY_SLOTS, *order_slots)

    unclear: ClassVar = OrderFlow.unclear | {"cancel_confirm": "utter_confirm_unclear"}

    async def start(self, turn: Turn, shop: Shop) -> None:
        turn.remember(cancel_confirm=None)
        await super().start(turn, shop)

    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        confirms = understanding.affirms(turn.text) or understanding.insists_on_cancelling(turn.text)
        if asked == "cancel_confirm" and confirms:
            turn.remember(cancel_confirm=turn.message_id)
            return True
        if asked == "cancel_confirm" and understanding.spares_order(turn.text):
            turn.remember(ended="stopped", cancel_confirm="")
            return True
        if await super().hear(turn, shop, asked):
            return True
        if understanding.speaks_of(turn.text) == "order" and turn.intent == "correct":
            self.change_order(turn)
            return True
        if asked == "cancel_confirm" and turn.intent == "deny":
            turn.remember(ended="stopped", cancel_confirm="")
            return True
        return False

    async def next_step(self, turn: Turn, shop: Shop) -> str | None:
        """An order that cannot be cancelled needs no confirmation to be told so."""
        order = await own_order(turn, shop, turn.known("order_id"))
        if order is not None and shop.policy.hopeless_cancel(order, shop.clock()):
            return None
        return await super().next_step(turn, shop)


class AskCancelConfirm(ShopAction):
    action = "action_ask_cancel_confirm"
    in_form = True

    async def act(self, turn: Turn, shop: Shop) -> None:
        order = await own_order(turn, shop, turn.slot("order_id"))
        if order is None:
            raise LookupError("the order of an active cancel form is gone")
        turn.say("utter_cancel_summary", order=wording.order_card(order, turn.reader(shop)))


class CancelOrderEnd(OrderFlowEnd):
    """Asks `support` to cancel and says what was decided."""

    action = "action_cancel_order"
    own_slots = ValidateCancelOrderForm.own_slots

    async def carry_out(self, turn: Turn, shop: Shop) -> None:
        try:
            result = await cancel_order.request(
                shop.store,
                shop.policy,
                turn.conversation,
                turn.slot("order_id"),
                turn.slot("cancel_confirm"),
                shop.clock(),
            )
        except refund.NotConfirmed:
            turn.say("utter_not_confirmed")
            return
        await self._tell(turn, shop, result)

    async def _tell(self, turn: Turn, shop: Shop, result: cancel_order.Result) -> None:
        decision, order_id = result.decision, result.order.order_id
        explain = wording.because(decision, turn.reader(shop))
        if result.repeated:
            turn.say("utter_cancelled_already", order_id=order_id)
        elif decision.outcome is Outcome.APPROVE:
            turn.say("utter_cancelled", order_id=order_id, explain=explain)
        elif decision.outcome is Outcome.REVIEW:
            turn.say("utter_cancel_review", order_id=order_id, explain=explain)
            await hand_over(turn, shop, reason_for_person(decision))
        else:
            buttons = next_steps(turn, result.order)
            turn.say("utter_cancel_refused", order_id=order_id, explain=explain, buttons=buttons)

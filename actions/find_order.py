"""The form that finds an order, and what goes on with it: whatever action could not go on without."""

from __future__ import annotations

from actions.change_order import ChangeOrder
from actions.flow import FlowEnd, OrderFlow
from actions.handoff import hand_over
from actions.order_status import OrderStatusAction
from actions.refund import RefundStatus
from actions.turn import ShopAction, Turn
from support.bootstrap import Shop
from support.model import HandoffReason

# Carried out here and not by a FollowupAction: Rasa would find no rule for what comes after that.
_PURPOSES: dict[str, ShopAction] = {
    one.action: one for one in (OrderStatusAction(), RefundStatus(), ChangeOrder())
}


class ValidateFindOrderForm(OrderFlow):
    action = "validate_find_order_form"
    intent = "order_status"
    own_slots = ("claimed_order", "phone_last4", "purpose", "identity_locked")


class FindOrderEnd(FlowEnd):
    action = "action_find_order_end"
    own_slots = ValidateFindOrderForm.own_slots

    async def finish(self, turn: Turn, shop: Shop) -> None:
        if turn.slot("identity_locked"):
            turn.say("utter_identity_locked")
            await hand_over(turn, shop, HandoffReason.POLICY)
        else:
            await _PURPOSES[turn.slot("purpose") or OrderStatusAction.action].act(turn, shop)

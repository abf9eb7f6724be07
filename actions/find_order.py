"""The form that finds an order, and what goes on with it: whatever action could not go on without."""

from __future__ import annotations

from actions.change_order import ChangeOrder
from actions.order_flow import IDENTITY_SLOTS, OrderFlow, OrderFlowEnd
from actions.order_status import OrderStatusAction
from actions.refund import RefundStatus
from actions.turn import ShopAction, Turn
from support.bootstrap import Shop

# Carried out here and not by a FollowupAction: Rasa would find no rule for what comes after that.
_PURPOSES: dict[str, ShopAction] = {
    one.action: one for one in (OrderStatusAction(), RefundStatus(), ChangeOrder())
}


class ValidateFindOrderForm(OrderFlow):
    action = "validate_find_order_form"
    intent = "order_status"
    own_slots = IDENTITY_SLOTS


class FindOrderEnd(OrderFlowEnd):
    action = "action_find_order_end"
    own_slots = (*IDENTITY_SLOTS, "purpose")

    async def carry_out(self, turn: Turn, shop: Shop) -> None:
        await _PURPOSES[turn.slot("purpose") or OrderStatusAction.action].act(turn, shop)

"""Forms about one order: they prove who the customer is if need be, then find the order."""

from __future__ import annotations

from abc import abstractmethod
from datetime import timedelta
from typing import ClassVar

from actions.flow import Flow, FlowEnd
from actions.handoff import hand_over
from actions.orders import check_screenshots, is_proven, mentioned_orders, own_orders
from actions.turn import Turn
from support import understanding, wording
from support.bootstrap import Shop
from support.model import HandoffReason
from support.services import identity, order_status

IDENTITY_SLOTS = ("claimed_order", "phone_last4", "identity_locked")


class OrderFlow(Flow):
    """Base of the flows about one order."""

    steps: tuple[str, ...] = ("claimed_order", "phone_last4", "order_id")
    unclear: ClassVar = {"claimed_order": "utter_order_number_unclear", "phone_last4": "utter_phone_unclear"}
    # What depends on the order and is asked again when the order changes.
    order_slots: tuple[str, ...] = ()

    async def start(self, turn: Turn, shop: Shop) -> None:
        await self._look(turn, shop, await mentioned_orders(turn, shop), turn.known("order_id"))

    def gives_up(self, turn: Turn) -> bool:
        """Who has no order number at hand has not given up yet."""
        asked_for_proof = turn.slot("requested_slot") in IDENTITY_SLOTS
        return super().gives_up(turn) and not (asked_for_proof and understanding.lacks(turn.text))

    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        if await self._hear_order(turn, shop, asked):
            return True
        if asked in IDENTITY_SLOTS and understanding.lacks(turn.text):
            turn.say("utter_cannot_prove")
            turn.remember(**{asked: None})
            return True
        if asked == "phone_last4" and understanding.asks_why(turn.text):
            turn.say("utter_why_phone")
            turn.remember(phone_last4=None)
            return True
        if asked == "phone_last4":
            return await self._hear_phone(turn, shop)
        if asked == "order_id":
            return await self._hear_choice(turn, shop)
        return False

    async def next_step(self, turn: Turn, shop: Shop) -> str | None:
        """Identity comes first, unless it is proven; without any order, or locked, the flow ends."""
        if turn.known("identity_locked"):
            return None
        if not await is_proven(turn, shop):
            return next((slot for slot in IDENTITY_SLOTS[:2] if turn.known(slot) is None), None)
        if turn.known("order_id") is None and not await own_orders(turn, shop):
            return None
        rest = self.steps[self.steps.index("order_id") :]
        return next((slot for slot in rest if turn.known(slot) is None), None)

    def change_order(self, turn: Turn) -> None:
        """Ask for the order again, and for everything that hangs on it."""
        turn.remember(order_id=None, **dict.fromkeys(self.order_slots))

    async def _hear_order(self, turn: Turn, shop: Shop, asked: str) -> bool:
        """Another order than the present one; but a question about another order is only a question."""
        if self.is_elsewhere(turn) and asked not in OrderFlow.steps:
            return False
        mentioned = understanding.order_ids(turn.text, asked=asked == "claimed_order")
        if not mentioned and asked in OrderFlow.steps:
            mentioned = await mentioned_orders(turn, shop)
        if not mentioned or mentioned[0] == turn.slot("order_id"):
            return False
        turn.remember(**dict.fromkeys(self.order_slots))
        await self._look(turn, shop, mentioned, None)
        if asked not in OrderFlow.steps and turn.known("order_id"):
            turn.say("utter_order_changed", order_id=turn.known("order_id"))
        return True

    async def _look(self, turn: Turn, shop: Shop, mentioned: tuple[str, ...], context: str | None) -> None:
        async with shop.store.reading() as unit:
            found = await order_status.find(
                unit, turn.conversation, shop.clock(), mentioned=mentioned, context=context
            )
        turn.remember(order_id=found.order.order_id if found.order else None)
        turn.found("proven", found.kind != "unknown_customer")
        if found.order:
            turn.found(("order", found.order.order_id), found.order)
            await check_screenshots(turn, shop, found.order)
        elif found.kind == "missing":
            turn.say("utter_order_not_found", order_id=found.mentioned)
        elif found.kind == "unknown_customer":
            turn.remember(claimed_order=found.mentioned or turn.known("claimed_order"))
            last4 = understanding.cued_phone_last4(turn.text)
            if found.mentioned and last4:
                await self._prove(turn, shop, found.mentioned, last4)

    async def _hear_phone(self, turn: Turn, shop: Shop) -> bool:
        last4 = understanding.phone_last4(turn.text)
        if last4 is None:
            return False
        await self._prove(turn, shop, turn.known("claimed_order"), last4)
        return True

    async def _prove(self, turn: Turn, shop: Shop, claimed: str, last4: str) -> None:
        settings = shop.settings
        proof = await identity.prove_by_order(
            shop.store,
            turn.conversation,
            claimed,
            last4,
            shop.clock(),
            tries_per_hour=settings.identity_tries_per_hour,
            tries_per_origin=settings.identity_tries_per_hour_address,
            valid_for=timedelta(hours=settings.identity_hours),
        )
        turn.forget()
        if proof.outcome == "verified":
            turn.remember(phone_last4=None, claimed_order=None)
            await self._look(turn, shop, (claimed,), None)
        elif proof.outcome == "mismatch":
            turn.say("utter_identity_mismatch", order_id=claimed, left=proof.tries_left)
            turn.remember(phone_last4=None)
        else:
            turn.remember(identity_locked=True)

    async def _hear_choice(self, turn: Turn, shop: Shop) -> bool:
        if not self.may_choose(turn):
            return False
        orders = await own_orders(turn, shop)
        titles = [" ".join(wording.names(line) for line in order.items) for order in orders]
        newest = (0,) if understanding.newest(turn.text) else ()
        chosen = newest or understanding.choices(turn.text, titles)
        if len(chosen) != 1:
            return False
        turn.remember(order_id=orders[chosen[0]].order_id)
        return True


class OrderFlowEnd(FlowEnd):
    """The end of a flow about an order: without an order there is nothing to carry out."""

    @abstractmethod
    async def carry_out(self, turn: Turn, shop: Shop) -> None:
        """Do it to the order in the slot `order_id`; ownership is checked again by what does it."""

    async def finish(self, turn: Turn, shop: Shop) -> None:
        if turn.slot("identity_locked"):
            turn.say("utter_identity_locked")
            await hand_over(turn, shop, HandoffReason.POLICY)
        elif turn.slot("order_id"):
            await self.carry_out(turn, shop)
        else:
            turn.say("utter_no_orders")

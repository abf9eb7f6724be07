"""The forms' common part: what a message means to the form that is waiting for it.

A form is validated by one `Flow`. It reads the message for everything that the flow can use, not only for what
was asked: an order number, a correction, giving up. A message that belongs elsewhere is left alone; Rasa then
rejects the form for this turn, the rules answer, and `ShopAction` brings the form back to its question.

Steps are tried in order; the first that still lacks a value is asked for next.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk.events import SlotSet

from actions.turn import ShopAction, Turn
from support import understanding
from support.bootstrap import Shop
from support.services import identity, order_status, picture

# Messages that mean something of their own even while a form waits, unless they answer its question.
_ELSEWHERE = frozenset(
    {
        "order_status", "ask_product", "ask_knowledge", "invoice", "refund", "refund_status", "cancel_order",
        "change_order", "handoff", "complain", "rate", "greet", "goodbye", "thank", "chitchat", "help",
        "out_of_scope", "nlu_fallback",
    }
)  # fmt: skip
# "Cancel" and nothing else, in the middle of something, gives that up.
_SHORT_CANCEL = 6


class Flow(ShopAction):
    """Base of the validation actions. Subclasses set `action`, `intent`, `steps` and `own_slots`."""

    in_form = True
    intent: str
    steps: tuple[str, ...]
    # Cleared when the flow ends or is given up.
    own_slots: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        return self.action.removeprefix("validate_")

    async def act(self, turn: Turn, shop: Shop) -> None:
        starting = turn.starts(self.form)
        if starting:
            turn.remember(gave_up=None, paused_flow=turn.left_loop(self.form))
        elif turn.is_fresh:
            if self._gives_up(turn):
                turn.remember(gave_up=True, requested_slot=None)
                return
            if not await self._understood(turn, shop):
                return
        if starting:
            await self.start(turn, shop)
        turn.remember(requested_slot=await self.next_step(turn, shop))

    async def start(self, turn: Turn, shop: Shop) -> None:
        """Take from the first message what it already says."""

    @abstractmethod
    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        """Take from an answer what it says; False when it says nothing that the flow can use."""

    async def next_step(self, turn: Turn, shop: Shop) -> str | None:
        """The slot to ask for; None when the flow is complete."""
        return next((slot for slot in self.steps if self.value(turn, slot) is None), None)

    def value(self, turn: Turn, slot: str) -> Any:
        """The slot as it will be after this turn."""
        for event in reversed(turn.events):
            if event.get("event") == "slot" and event["name"] == slot:
                return event["value"]
        return turn.slot(slot)

    def _gives_up(self, turn: Turn) -> bool:
        bare_cancel = turn.intent == "cancel_order" != self.intent and len(turn.text) <= _SHORT_CANCEL
        return turn.intent == "stop" or bare_cancel

    async def _understood(self, turn: Turn, shop: Shop) -> bool:
        """Whether the flow takes the message. What it neither understands nor belongs elsewhere is asked again."""
        asked = turn.slot("requested_slot") or ""
        if await self.hear(turn, shop, asked):
            return True
        if turn.intent in _ELSEWHERE - {self.intent}:
            turn.events.clear()
            return False
        turn.events.append(SlotSet(asked, None))
        return True


class OrderFlow(Flow):
    """A flow about one order: proves who the customer is if need be, then finds the order."""

    steps = ("claimed_order", "phone_last4", "order_id")
    # What depends on the order and is asked again when the order changes.
    order_slots: tuple[str, ...] = ()

    async def start(self, turn: Turn, shop: Shop) -> None:
        turn.remember(claimed_order=None, phone_last4=None, identity_locked=None)
        await self._look(turn, shop, await self._mentioned(turn, shop), turn.slot("order_id"))

    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        mentioned = await self._mentioned(turn, shop)
        if mentioned and mentioned[0] != turn.slot("order_id"):
            turn.remember(**dict.fromkeys(self.order_slots))
            await self._look(turn, shop, mentioned, None)
            return True
        listeners: dict[str, Callable[[Turn, Shop], Awaitable[bool]]] = {
            "claimed_order": self._hear_claimed_order,
            "phone_last4": self._hear_phone,
            "order_id": self._hear_choice,
        }
        if asked in listeners:
            return await listeners[asked](turn, shop)
        return self._corrects(turn)

    async def next_step(self, turn: Turn, shop: Shop) -> str | None:
        """Identity comes first, unless it is proven; past too many tries the flow ends without an order."""
        if self.value(turn, "identity_locked"):
            return None
        async with shop.store.reading() as unit:
            known = await identity.current(unit, turn.conversation, shop.clock())
        skipped = ("claimed_order", "phone_last4") if known else ("order_id",)
        steps = [slot for slot in self.steps if slot not in skipped]
        if not known:
            steps = steps[:2]
        return next((slot for slot in steps if self.value(turn, slot) is None), None)

    async def _mentioned(self, turn: Turn, shop: Shop) -> tuple[str, ...]:
        """Order numbers in the words, else in the pictures."""
        written = understanding.order_ids(turn.text)
        if written or not turn.attachments:
            return written
        return picture.order_numbers(await picture.sent(shop.store, turn.conversation, turn.attachments))

    async def _look(self, turn: Turn, shop: Shop, mentioned: tuple[str, ...], context: str | None) -> None:
        async with shop.store.reading() as unit:
            found = await order_status.find(
                unit, turn.conversation, shop.clock(), mentioned=mentioned, context=context
            )
        if found.kind == "one" and found.order:
            turn.remember(order_id=found.order.order_id)
        elif found.kind == "unknown_customer":
            turn.remember(claimed_order=found.mentioned, order_id=None)
            last4 = understanding.cued_phone_last4(turn.text)
            if found.mentioned and last4:
                await self._prove(turn, shop, found.mentioned, last4)
        elif found.kind == "missing":
            turn.say("utter_order_not_found", order_id=found.mentioned)
            turn.remember(order_id=None)
        else:
            turn.remember(order_id=None)

    async def _hear_claimed_order(self, turn: Turn, shop: Shop) -> bool:
        if turn.intent in _ELSEWHERE - {self.intent}:
            return False
        turn.say("utter_order_number_unclear")
        turn.remember(claimed_order=None)
        return True

    async def _hear_phone(self, turn: Turn, shop: Shop) -> bool:
        last4 = understanding.phone_last4(turn.text)
        if last4 is None:
            if turn.intent in _ELSEWHERE - {self.intent}:
                return False
            turn.say("utter_phone_unclear")
            turn.remember(phone_last4=None)
            return True
        await self._prove(turn, shop, self.value(turn, "claimed_order"), last4)
        return True

    async def _prove(self, turn: Turn, shop: Shop, claimed: str, last4: str) -> None:
        proof = await identity.prove_by_order(
            shop.store,
            turn.conversation,
            claimed,
            last4,
            shop.clock(),
            tries_per_hour=shop.settings.identity_tries_per_hour,
        )
        if proof.outcome == "verified":
            turn.remember(phone_last4=None, claimed_order=None, order_id=claimed)
        elif proof.outcome == "mismatch":
            turn.say("utter_identity_mismatch", left=proof.tries_left)
            turn.remember(phone_last4=None)
        else:
            turn.remember(identity_locked=True)

    async def _hear_choice(self, turn: Turn, shop: Shop) -> bool:
        orders = await self._orders(turn, shop)
        titles = [" ".join(f"{line.title} {line.title_en}" for line in order.items) for order in orders]
        chosen = understanding.choices(turn.text, titles)
        if len(chosen) != 1:
            return False
        turn.remember(order_id=orders[chosen[0]].order_id)
        return True

    async def _orders(self, turn: Turn, shop: Shop) -> tuple[Any, ...]:
        async with shop.store.reading() as unit:
            customer_id = await identity.current(unit, turn.conversation, shop.clock())
            return tuple(await unit.orders.of_customer(customer_id)) if customer_id else ()

    def _corrects(self, turn: Turn) -> bool:
        """ "Wrong order" without a number: ask for the order again."""
        if turn.intent not in ("correct", "deny"):
            return False
        if understanding.speaks_of(turn.text) == "order":
            turn.remember(order_id=None, **dict.fromkeys(self.order_slots))
            return True
        return False


class FlowEnd(ShopAction):
    """What a form does when it ends: carries out, or says that nothing was done. Clears the flow's slots."""

    own_slots: tuple[str, ...] = ()

    @abstractmethod
    async def finish(self, turn: Turn, shop: Shop) -> None:
        """Do what the flow was for, and say so."""

    async def act(self, turn: Turn, shop: Shop) -> None:
        if turn.slot("gave_up"):
            turn.say("utter_stopped")
        else:
            await self.finish(turn, shop)
        turn.remember(gave_up=None, paused_flow=None, **dict.fromkeys(self.own_slots))

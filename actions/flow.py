"""The forms' common part: what a message means to the form that is waiting for it.

A form is validated by one `Flow`. It reads the message for everything that the flow can use, not only for
what was asked. A message that belongs elsewhere is left alone; Rasa then rejects the form for this turn, the
rules answer, and `ShopAction` brings the form back to its question. A flow that is left for another one is
offered again when that one ends.

Steps are tried in order; the first that still lacks a value is asked for next.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from rasa_sdk.events import SlotSet

from actions.orders import own_order
from actions.turn import ShopAction, Turn
from support import understanding, wording
from support.bootstrap import Shop

# Messages that mean something of their own even while a form waits, unless they answer its question.
_ELSEWHERE = frozenset(
    {
        "order_status", "ask_product", "ask_knowledge", "invoice", "refund", "refund_status", "cancel_order",
        "change_order", "handoff", "complain", "content", "rate", "greet", "thank", "chitchat", "help",
        "out_of_scope", "nlu_fallback",
    }
)  # fmt: skip
# What the name of a thing, and nothing else, is often taken for.
_NAMING = frozenset({"ask_product", "nlu_fallback", "out_of_scope"})
# Errands worth coming back to after another one.
_RESUMABLE = frozenset({"refund_form", "cancel_order_form"})


class Flow(ShopAction):
    """Base of the validation actions. Subclasses set `action`, `intent`, `steps` and `own_slots`."""

    in_form = True
    intent: str
    steps: tuple[str, ...]
    # Empty when the flow begins, and cleared when it ends.
    own_slots: tuple[str, ...] = ()
    # What is said when a message does not answer the question; the question follows.
    unclear: ClassVar[Mapping[str, str]] = {}

    @property
    def form(self) -> str:
        return self.action.removeprefix("validate_")

    async def act(self, turn: Turn, shop: Shop) -> None:
        if turn.starts(self.form):
            self._enter(turn)
            await self.start(turn, shop)
        elif turn.is_fresh:
            if self.gives_up(turn):
                turn.remember(ended="stopped", requested_slot=None)
                return
            if not await self._takes(turn, shop):
                return
        turn.remember(requested_slot=await self.next_step(turn, shop))

    async def start(self, turn: Turn, shop: Shop) -> None:
        """Take from the first message what it already says."""

    @abstractmethod
    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        """Take from an answer what it says; False when it says nothing that the flow can use."""

    async def next_step(self, turn: Turn, shop: Shop) -> str | None:
        """The slot to ask for; None when the flow is complete."""
        return next((slot for slot in self.steps if turn.known(slot) is None), None)

    def gives_up(self, turn: Turn) -> bool:
        """A bare "cancel" gives up too, except where cancelling is what the flow is for."""
        bare_cancel = self.intent != "cancel_order" and understanding.drops(turn.text)
        return turn.intent in ("stop", "goodbye") or bare_cancel

    def is_elsewhere(self, turn: Turn) -> bool:
        return turn.intent in _ELSEWHERE - {self.intent}

    def may_choose(self, turn: Turn) -> bool:
        """Whether words that fit a listed thing mean it; "do you have dresses?" is no choice."""
        names_something = turn.intent in _NAMING and not understanding.asks(turn.text)
        return names_something or not self.is_elsewhere(turn)

    def _enter(self, turn: Turn) -> None:
        """Begin empty, or where it was left for another flow; note the flow that is left now."""
        paused, left = turn.slot("paused_flow") or {}, turn.left_loop(self.form)
        turn.remember(ended=None, paused_flow=None)
        if paused.get("form") == self.form:
            turn.remember(order_id=paused["order_id"])
            return
        # A number given to the flow that is left need not be given again.
        kept = {"claimed_order"} if left else set()
        turn.remember(**dict.fromkeys(slot for slot in self.own_slots if slot not in kept))
        if left in _RESUMABLE and turn.slot("order_id"):
            turn.remember(paused_flow={"form": left, "order_id": turn.slot("order_id")})

    async def _takes(self, turn: Turn, shop: Shop) -> bool:
        """Whether the message is the flow's; one that is nobody's is, and the question is asked again."""
        asked = turn.slot("requested_slot") or ""
        if not asked or await self.hear(turn, shop, asked):
            return True
        if self.is_elsewhere(turn):
            turn.events.clear()
            return False
        if asked in self.unclear:
            turn.say(self.unclear[asked])
        turn.events.append(SlotSet(asked, None))
        return True


class FlowEnd(ShopAction):
    """What a form does when it ends: carries out, or says that nothing was done. Clears the flow's slots."""

    own_slots: tuple[str, ...] = ()

    @abstractmethod
    async def finish(self, turn: Turn, shop: Shop) -> None:
        """Do what the flow was for, and say so."""

    async def act(self, turn: Turn, shop: Shop) -> None:
        if turn.slot("ended") == "failed":
            # The apology was said, and offered a person.
            turn.remember(offer=turn.slot("offer"))
        elif turn.slot("ended") == "stopped":
            turn.say("utter_stopped")
        else:
            await self.finish(turn, shop)
            turn.forget()
        turn.remember(ended=None, **dict.fromkeys(self.own_slots))
        await self._offer_the_other(turn, shop)

    async def _offer_the_other(self, turn: Turn, shop: Shop) -> None:
        """The flow that was left for this one, if it still makes sense and nothing else is being offered."""
        paused = turn.slot("paused_flow")
        if not paused or turn.decides_what_follows or turn.known("offer"):
            return
        form, order = paused["form"], await own_order(turn, shop, paused["order_id"])
        hopeless = {
            "refund_form": shop.policy.hopeless_refund,
            "cancel_order_form": shop.policy.hopeless_cancel,
        }
        if order is None or hopeless[form](order, shop.clock()):
            turn.remember(paused_flow=None)
        else:
            turn.say("utter_offer_resume", errand=wording.errand(form, order.order_id, turn.reader(shop)))
            turn.remember(offer=form)

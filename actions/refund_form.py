"""The refund form: what an answer says, which question comes next, and the questions that records fill."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from actions import second_photo
from actions.order_flow import IDENTITY_SLOTS, OrderFlow
from actions.orders import own_order
from actions.turn import ShopAction, Turn
from support import understanding, wording
from support.bootstrap import Shop
from support.model import Order, OrderItem, Outcome, Reason
from support.services import picture, refund

_SLOTS = (
    "refund_items",
    "refund_reason",
    "refund_note",
    "refund_evidence",
    "refund_proof",
    "refund_confirm",
    "refund_change",
)
# What an answer to "why?" in the customer's own words may be taken for.
_MAY_EXPLAIN = frozenset({"refund", "complain", "nlu_fallback", "out_of_scope"})
# Which slots a correction of a part empties, so that they are asked for again.
_PARTS = {
    # The note may name the item that is not meant.
    "items": ("refund_items", "refund_note"),
    "reason": ("refund_reason", "refund_evidence", "refund_proof"),
    "evidence": ("refund_evidence", "refund_proof"),
}


def wish(turn: Turn) -> refund.Wish:
    """What the form has gathered."""
    return refund.Wish(
        order_id=turn.known("order_id"),
        sku_ids=tuple(turn.known("refund_items") or ()),
        reason=Reason(turn.known("refund_reason") or Reason.OTHER),
        note=turn.known("refund_note") or "",
        evidence=(*(turn.known("refund_evidence") or ()), *(turn.known("refund_proof") or ())),
        confirming_message=turn.known("refund_confirm"),
    )


async def left_to_refund(turn: Turn, shop: Shop) -> tuple[OrderItem, ...]:
    """The items of the form's order that can still be asked back for."""
    order = await own_order(turn, shop, turn.known("order_id"))
    if order is None:
        return ()

    async def read(order: Order) -> tuple[OrderItem, ...]:
        async with shop.store.reading() as unit:
            return await refund.left_to_refund(unit, order)

    return await turn.once(("left", order.order_id), partial(read, order))


class ValidateRefundForm(OrderFlow):
    action = "validate_refund_form"
    intent = "refund"
    steps = (
        *OrderFlow.steps,
        "refund_items",
        "refund_reason",
        "refund_evidence",
        "refund_proof",
        "refund_confirm",
    )
    order_slots = _SLOTS
    own_slots = (*IDENTITY_SLOTS, *_SLOTS)
    unclear: ClassVar = OrderFlow.unclear | {
        "refund_items": "utter_items_unclear",
        "refund_proof": "utter_proof_unclear",
        "refund_confirm": "utter_confirm_unclear",
    }

    async def start(self, turn: Turn, shop: Shop) -> None:
        if understanding.wants_exchange(turn.text):
            turn.say("utter_exchange")
        turn.remember(refund_confirm=None, refund_change=None)
        await super().start(turn, shop)
        await self._hear_items(turn, shop)
        self._hear_reason(turn, understanding.reason(turn.text))
        await self._hear_evidence(turn, shop, pictures=turn.recent_attachments())

    def gives_up(self, turn: Turn) -> bool:
        """ "I changed my mind" is a reason when one was asked for, and "leave it" may mean the summary."""
        asked = turn.slot("requested_slot")
        if asked in ("refund_reason", "refund_change") and understanding.reason(turn.text):
            return False
        return super().gives_up(turn) and not (asked == "refund_change" and understanding.keeps(turn.text))

    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        if asked == "refund_confirm" and understanding.affirms(turn.text):
            turn.remember(refund_confirm=turn.message_id)
            return True
        if asked == "refund_change" and await self._hear_change(turn, shop):
            return True
        if asked == "refund_proof" and await second_photo.hear(turn, shop):
            return True
        if self._declines_evidence(turn, asked):
            turn.remember(refund_evidence=[])
            return True
        if turn.intent == "correct" or understanding.wants_change(turn.text):
            return await self._correct(turn, shop)
        heard = [
            asked == "refund_items" and self.may_choose(turn) and await self._hear_items(turn, shop),
            await super().hear(turn, shop, asked),
            await self._hear_evidence(turn, shop, asked, turn.attachments),
            self._hear_reason(turn, self._stated_reason(turn, asked)),
        ]
        if asked == "refund_confirm" and turn.intent == "deny" and not any(heard):
            turn.remember(refund_change="open")
            return True
        return any(heard)

    async def next_step(self, turn: Turn, shop: Shop) -> str | None:
        """Skips what need not be asked: a single item, a photo that no rule wants, a hopeless case."""
        order = await own_order(turn, shop, turn.known("order_id"))
        if order is None:
            return await super().next_step(turn, shop)
        left = await left_to_refund(turn, shop)
        if not left or shop.policy.hopeless_refund(order, shop.clock()):
            turn.remember(refund_items=[line.sku_id for line in order.items])
            return None
        if turn.known("refund_change"):
            return "refund_change"
        self._settle_items(turn, left)
        if self._settled(turn, shop, order):
            return None
        await second_photo.settle(turn, shop, order, wish(turn))
        return await super().next_step(turn, shop)

    def _settle_items(self, turn: Turn, left: tuple[OrderItem, ...]) -> None:
        """The only item is meant, or one named with the reason; never one of an order talked about before."""
        chosen = set(turn.known("refund_items") or ())
        if len(left) == 1:
            turn.remember(refund_items=[left[0].sku_id])
        elif not chosen or not chosen <= {line.sku_id for line in left}:
            named = _chosen(turn.known("refund_note") or "", left)
            turn.remember(refund_items=named or None)

    def _settled(self, turn: Turn, shop: Shop, order: Order) -> bool:
        """Whether policy refuses already. Where it asks for no evidence, none is asked for."""
        if not turn.known("refund_items") or not turn.known("refund_reason"):
            return False
        decision = refund.decide(shop.policy, order, wish(turn), shop.clock())
        if not decision.evidence and turn.known("refund_evidence") is None:
            turn.remember(refund_evidence=[])
        return decision.outcome is Outcome.REFUSE

    def _hear_reason(self, turn: Turn, reason: Reason | None) -> bool:
        if reason is None:
            return False
        if (
            reason != turn.known("refund_reason")
            and not turn.attachments
            and not turn.known("refund_evidence")
        ):
            # "No photo" was said of another problem.
            turn.remember(refund_evidence=None)
        turn.remember(refund_reason=reason.value, refund_note=turn.text[:500])
        return True

    def _stated_reason(self, turn: Turn, asked: str) -> Reason | None:
        """A reason may come at any step, but a question that only mentions one is a question."""
        if understanding.asks(turn.text) and turn.intent != self.intent:
            return None
        stated = understanding.reason(turn.text)
        if stated is None and asked == "refund_reason" and understanding.explains(turn.text):
            return Reason.OTHER if turn.intent in _MAY_EXPLAIN else None
        return stated

    async def _hear_items(self, turn: Turn, shop: Shop) -> bool:
        chosen = _chosen(turn.text, await left_to_refund(turn, shop))
        if chosen:
            turn.remember(refund_items=chosen)
        return bool(chosen)

    async def _hear_evidence(
        self, turn: Turn, shop: Shop, asked: str = "", pictures: Sequence[str] = ()
    ) -> bool:
        """A photo is evidence at any moment; a screenshot of the order is not."""
        sent = await picture.sent(shop.store, turn.conversation, pictures)
        photos = picture.evidence(sent)
        if photos:
            turn.remember(refund_evidence=[*(turn.known("refund_evidence") or ()), *photos])
            turn.say("utter_evidence_received")
        elif sent and asked == "refund_evidence":
            turn.say("utter_evidence_unsuitable")
            turn.remember(refund_evidence=None)
        return bool(photos) or bool(sent and asked == "refund_evidence")

    def _declines_evidence(self, turn: Turn, asked: str) -> bool:
        """Only where there is none: "I can't take another one" takes nothing from the photo that was sent."""
        if turn.known("refund_evidence"):
            return False
        said_no = asked == "refund_evidence" and (turn.intent == "deny" or understanding.skips(turn.text))
        return not turn.attachments and (said_no or understanding.has_no_photo(turn.text))

    async def _hear_change(self, turn: Turn, shop: Shop) -> bool:
        """The answer to "which part?"; a yes or a no means that it was right after all."""
        right_after_all = turn.intent == "deny" and not understanding.speaks_of(turn.text)
        if right_after_all or understanding.affirms(turn.text) or understanding.keeps(turn.text):
            turn.remember(refund_change=None)
            return True
        return await self._correct(turn, shop)

    async def _correct(self, turn: Turn, shop: Shop) -> bool:
        """What is said anew is taken; what is only named is asked again; otherwise: which part?"""
        turn.remember(refund_change=None)
        part, only_one = understanding.speaks_of(turn.text), len(await left_to_refund(turn, shop)) == 1
        if await self._said_anew(turn, shop, part) or await super().hear(
            turn, shop, turn.slot("requested_slot")
        ):
            return True
        if part == "order" or (part == "items" and only_one):
            self.change_order(turn)
        elif part:
            turn.remember(**dict.fromkeys(_PARTS[part]))
        else:
            turn.remember(refund_change="open")
        return True

    async def _said_anew(self, turn: Turn, shop: Shop, part: str | None) -> bool:
        """Other items, another reason, or both. "Wrong item, I meant the mug" gives no reason."""
        items = part in ("items", None) and await self._hear_items(turn, shop)
        stated = understanding.reason(turn.text)
        if stated is Reason.OTHER or (part == "items" and stated is Reason.WRONG_ITEM):
            stated = None
        return self._hear_reason(turn, stated) or items


def _chosen(text: str, lines: tuple[OrderItem, ...]) -> list[str]:
    """The SKUs of the items that the words name."""
    return [lines[i].sku_id for i in understanding.choices(text, [wording.names(line) for line in lines])]


class AskRefundItems(ShopAction):
    action = "action_ask_refund_items"
    in_form = True

    async def act(self, turn: Turn, shop: Shop) -> None:
        reader = turn.reader(shop)
        lines = await left_to_refund(turn, shop)
        buttons = [(wording.item(line, reader), str(n)) for n, line in enumerate(lines, 1)]
        everything = turn.pick("全部", "All of them")
        turn.say("utter_which_items", buttons=[*buttons, (everything, everything)])


class AskRefundConfirm(ShopAction):
    """The summary that an explicit yes is given to."""

    action = "action_ask_refund_confirm"
    in_form = True

    async def act(self, turn: Turn, shop: Shop) -> None:
        order = await own_order(turn, shop, turn.slot("order_id"))
        if order is None:
            raise LookupError("the order of an active refund form is gone")
        wished, reader = wish(turn), turn.reader(shop)
        async with shop.store.reading() as unit:
            amount = (await refund.judge(unit, shop.policy, order, wished, shop.clock())).amount
        turn.say(
            "utter_refund_summary",
            order_id=order.order_id,
            items=wording.items(order.lines(wished.sku_ids), reader),
            reason=wording.REASON[wished.reason][turn.language],
            amount=wording.money(amount),
        )

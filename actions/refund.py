"""Return and refund: the form's reading of answers, its questions, the decision, and where a refund is."""

from __future__ import annotations

from actions.flow import FlowEnd, OrderFlow
from actions.handoff import hand_over
from actions.orders import the_order
from actions.turn import ShopAction, Turn
from support import understanding, wording
from support.bootstrap import Shop
from support.model import HandoffReason, Order, OrderItem, Outcome, Reason
from support.services import identity, refund

_SLOTS = ("refund_items", "refund_reason", "refund_note", "refund_evidence", "refund_confirm")


class ValidateRefundForm(OrderFlow):
    action = "validate_refund_form"
    intent = "refund"
    steps = (*OrderFlow.steps, "refund_items", "refund_reason", "refund_evidence", "refund_confirm")
    order_slots = _SLOTS
    own_slots = ("claimed_order", "phone_last4", "identity_locked", *_SLOTS)

    async def start(self, turn: Turn, shop: Shop) -> None:
        if understanding.wants_exchange(turn.text):
            turn.say("utter_exchange")
        turn.remember(refund_confirm=None)
        await super().start(turn, shop)
        self._hear_reason(turn, understanding.reason(turn.text))
        if turn.attachments:
            turn.remember(refund_evidence=list(turn.attachments))

    async def hear(self, turn: Turn, shop: Shop, asked: str) -> bool:
        if asked == "refund_confirm" and understanding.affirms(turn.text):
            turn.remember(refund_confirm=turn.message_id)
            return True
        if self._hear_evidence(turn, asked):
            return True
        if turn.intent in ("correct", "deny") and self._corrects_part(turn):
            return True
        heard = [
            asked == "refund_items" and await self._hear_items(turn, shop),
            await super().hear(turn, shop, asked),
            self._hear_reason(turn, self._stated_reason(turn, asked)),
        ]
        if asked == "refund_confirm" and turn.intent == "deny":
            turn.say("utter_what_to_correct", buttons=_parts(turn))
            return True
        return any(heard)

    async def next_step(self, turn: Turn, shop: Shop) -> str | None:
        """Skips what need not be asked: a single item, a photo that no rule wants, a hopeless case."""
        order = await self._order(turn, shop)
        if order is not None:
            async with shop.store.reading() as unit:
                left = await refund.left_to_refund(unit, order)
            if not left or shop.policy.hopeless_refund(order, shop.clock()):
                turn.remember(refund_items=[line.sku_id for line in order.items])
                return None
            if len(left) == 1:
                turn.remember(refund_items=[left[0].sku_id])
            self._skip_evidence(turn, shop, order)
        return await super().next_step(turn, shop)

    async def _order(self, turn: Turn, shop: Shop) -> Order | None:
        return await own_order(turn, shop, self.value(turn, "order_id"))

    def _skip_evidence(self, turn: Turn, shop: Shop, order: Order) -> None:
        items, reason = self.value(turn, "refund_items"), self.value(turn, "refund_reason")
        if not items or not reason or self.value(turn, "refund_evidence") is not None:
            return
        decision = shop.policy.decide_refund(order, order.lines(items), Reason(reason), shop.clock())
        if not decision.evidence or decision.outcome is Outcome.REFUSE:
            turn.remember(refund_evidence=[])

    def _hear_reason(self, turn: Turn, reason: Reason | None) -> bool:
        if reason is None:
            return False
        turn.remember(refund_reason=reason.value, refund_note=turn.text[:500])
        return True

    def _stated_reason(self, turn: Turn, asked: str) -> Reason | None:
        """A reason may come at any step, but a question that only mentions one is a question."""
        if understanding.asks(turn.text) and turn.intent != self.intent:
            return None
        stated = understanding.reason(turn.text)
        if stated is None and asked == "refund_reason" and turn.intent in ("refund", "inform", "complain"):
            return Reason.OTHER
        return stated

    async def _hear_items(self, turn: Turn, shop: Shop) -> bool:
        order = await self._order(turn, shop)
        lines: tuple[OrderItem, ...] = order.items if order else ()
        chosen = understanding.choices(turn.text, [f"{line.title} {line.title_en}" for line in lines])
        if chosen:
            turn.remember(refund_items=[lines[i].sku_id for i in chosen])
        return bool(chosen)

    def _hear_evidence(self, turn: Turn, asked: str) -> bool:
        if turn.attachments:
            turn.remember(refund_evidence=list(turn.attachments))
            if asked == "refund_evidence":
                turn.say("utter_evidence_received")
            return True
        declined = understanding.has_no_photo(turn.text) or turn.intent == "deny"
        if asked == "refund_evidence" and declined:
            turn.remember(refund_evidence=[])
            return True
        return False

    def _corrects_part(self, turn: Turn) -> bool:
        part = understanding.speaks_of(turn.text)
        stated = understanding.reason(turn.text)
        if part == "items":
            turn.remember(refund_items=None)
        elif stated is not None:
            self._hear_reason(turn, stated)
            turn.remember(refund_evidence=None)
        elif part == "reason":
            turn.remember(refund_reason=None, refund_evidence=None)
        elif part == "evidence":
            turn.remember(refund_evidence=None)
        elif part == "order":
            turn.remember(order_id=None, **dict.fromkeys(_SLOTS))
        elif turn.intent == "correct":
            turn.say("utter_what_to_correct", buttons=_parts(turn))
        else:
            return False
        return True


def _parts(turn: Turn) -> list[tuple[str, str]]:
    labels = [("换个订单", "A different order"), ("换个商品", "Different items"), ("换个原因", "Another reason")]
    return [(turn.pick(*label), turn.pick(*label)) for label in labels]


async def own_order(turn: Turn, shop: Shop, order_id: str | None) -> Order | None:
    """The order if the verified customer owns it; the slot alone proves nothing."""
    async with shop.store.reading() as unit:
        customer_id = await identity.current(unit, turn.conversation, shop.clock())
        return await unit.orders.owned(order_id, customer_id) if customer_id and order_id else None


class AskRefundItems(ShopAction):
    action = "action_ask_refund_items"
    in_form = True

    async def act(self, turn: Turn, shop: Shop) -> None:
        order = await own_order(turn, shop, turn.slot("order_id"))
        lines = order.items if order else ()
        buttons = [(wording.item(line, turn.language), str(n)) for n, line in enumerate(lines, 1)]
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
        wish = _wish(turn)
        _, amount = refund.judge(shop.policy, order, wish, shop.clock())
        turn.say(
            "utter_refund_summary",
            order_id=order.order_id,
            items=wording.items(order.lines(wish.sku_ids), turn.language),
            reason=wording.REASON[wish.reason][turn.language],
            amount=wording.money(amount),
        )


class RefundEnd(FlowEnd):
    """Asks `support` for the refund and says what was decided."""

    action = "action_refund"
    own_slots = ValidateRefundForm.own_slots

    async def finish(self, turn: Turn, shop: Shop) -> None:
        if turn.slot("identity_locked") or not turn.slot("order_id"):
            turn.say("utter_identity_locked")
            await hand_over(turn, shop, HandoffReason.POLICY)
            return
        try:
            result = await refund.request(shop.store, shop.policy, turn.conversation, _wish(turn), shop.clock())
        except refund.NotConfirmed:
            turn.say("utter_refund_not_confirmed")
            return
        await self._tell(turn, shop, result)

    async def _tell(self, turn: Turn, shop: Shop, result: refund.Result) -> None:
        facts = {
            "amount": wording.money(result.amount),
            "refund_id": result.refund.refund_id if result.refund else "",
            "explain": result.decision.explain.get(turn.language, ""),
            "alternatives": result.decision.alternatives.get(turn.language, ""),
        }
        if result.repeated and result.refund:
            status = wording.REFUND_STATUS[result.refund.status][turn.language]
            turn.say("utter_refund_repeated", status=status, **facts)
        elif result.decision.outcome is Outcome.APPROVE:
            turn.say("utter_refund_approved", **facts)
        elif result.decision.outcome is Outcome.REVIEW:
            turn.say("utter_refund_review", **facts)
            await hand_over(turn, shop, HandoffReason.POLICY)
        else:
            turn.say("utter_refund_refused", **facts)
            turn.offer_person()


def _wish(turn: Turn) -> refund.Wish:
    return refund.Wish(
        order_id=turn.slot("order_id"),
        sku_ids=tuple(turn.slot("refund_items") or ()),
        reason=Reason(turn.slot("refund_reason") or Reason.OTHER),
        note=turn.slot("refund_note") or "",
        evidence=tuple(turn.slot("refund_evidence") or ()),
        confirming_message=turn.slot("refund_confirm"),
    )


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
            lines = (wording.refund_line(one, turn.language, shop.policy.zone) for one in refunds[:5])
            turn.say("utter_refund_states", refunds="\n".join(lines))

"""Refunds and cancellations from the desk: what would happen, doing it, and what waits for a decision.

Everything that counts is decided by `support.services.staff_writes`; here are only its forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from desk import talk
from desk.conversation import Id, refusal
from desk.pages import language_of, page, part
from desk.refusals import DeskRefusal
from desk.session import Agent
from gateway.door import Door, TheDoor
from support import wording
from support.model import Customer, Money, Order, Reason
from support.services import dossier, staff_writes
from support.services import refund as refunds
from support.services.desk import DeskError
from support.services.dossier import Dossier
from support.services.evidence import shown
from support.services.evidence.shown import Looked
from support.services.refund import Verdict, Wish
from support.services.staff import SignedIn
from support.services.staff_writes import Done, Preview
from support.store import Refund, Unit
from support.wording import Reader

router = APIRouter()

# The newest of the customer's messages, to choose the yes from.
_YES_SHOWN = 12

Text = Annotated[str, Form(max_length=1000)]
Asked = Annotated[str, Query(max_length=1000)]
Choice = Literal["", "approve", "refuse"]


@dataclass(frozen=True)
class Waiting:
    """A refund that waits for a decision. `order` is None when the records have lost it."""

    refund: Refund
    conversation_id: str
    customer: Customer | None
    order: Order | None
    looked: Looked | None


# --- the dialogs of a conversation -------------------------------------------------------------------------


@router.get("/conversations/{conversation_id}/refund")
async def ask_refund(
    request: Request,
    door: TheDoor,
    me: Agent,
    conversation_id: Id,
    order_id: Asked,
    sku: Annotated[list[str] | None, Query()] = None,
    reason: Reason | None = None,
    evidence: Annotated[list[str] | None, Query()] = None,
    yes: Asked = "",
    filled: bool = False,
) -> Response:
    """The form, with what policy says to it; `filled` when it is asked about again as it is filled in."""
    async with door.shop.store.reading() as unit:
        file, told = await _read(door, unit, conversation_id)
        order = next((one for one in file.orders if one.order_id == order_id), None)
        if order is None:
            raise DeskRefusal("not_their_order")
        left = await refunds.left_to_refund(unit, order)
        skus = tuple(sku or ()) if filled else tuple(one.sku_id for one in left)
        reason = reason or _stated_reason(file)
        wish = Wish(order.order_id, skus, reason, "", tuple(evidence or ()), yes or None)
        preview = await _preview(door, unit, conversation_id, wish) if skus else None
        looked = await _looked(unit, preview) if preview else None
    facts = {"file": file, "told": told, "order": order, "left": left, "wish": wish, "looked": looked}
    return _dialog(request, door, me, "refund", conversation_id, preview=preview, **facts)


async def _looked(unit: Unit, preview: Preview) -> Looked | None:
    return await shown.of(unit, preview.assessment, preview.evidence) if preview.evidence else None


def _stated_reason(file: Dossier) -> Reason:
    """What the customer gave the assistant as the reason, if anything: it decides which rule holds."""
    try:
        return Reason(file.packet.get("slots", {}).get("refund_reason"))
    except ValueError:
        return Reason.CHANGED_MIND


@router.post("/conversations/{conversation_id}/refund")
async def refund(
    request: Request,
    door: TheDoor,
    me: Agent,
    conversation_id: Id,
    order_id: Text,
    reason: Annotated[Reason, Form()],
    sku: Annotated[list[str] | None, Form()] = None,
    evidence: Annotated[list[str] | None, Form()] = None,
    yes: Text = "",
    note: Text = "",
    verdict: Annotated[Choice, Form()] = "",
    verdict_reason: Text = "",
) -> Response:
    if not sku:
        raise DeskRefusal("no_lines")
    wish = Wish(order_id, tuple(sku), reason, note.strip(), tuple(evidence or ()), yes or None)
    shop = door.shop
    try:
        done = await staff_writes.refund(
            shop.store,
            shop.policy,
            me,
            conversation_id,
            wish,
            shop.clock(),
            verdict=_verdict(verdict, verdict_reason),
        )
    except DeskError as error:
        raise refusal(error) from error
    return _done(request, door, me, "refund", done)


@router.get("/conversations/{conversation_id}/cancel")
async def ask_cancel(
    request: Request, door: TheDoor, me: Agent, conversation_id: Id, order_id: Asked, yes: Asked = ""
) -> Response:
    shop = door.shop
    async with shop.store.reading() as unit:
        file, told = await _read(door, unit, conversation_id)
        try:
            preview = await staff_writes.preview_cancel(
                unit, shop.policy, conversation_id, order_id, bool(yes), shop.clock()
            )
        except DeskError as error:
            raise refusal(error) from error
    facts = {"file": file, "told": told, "order": preview.order, "yes": yes, "looked": None}
    return _dialog(request, door, me, "cancel", conversation_id, preview=preview, **facts)


@router.post("/conversations/{conversation_id}/cancel")
async def cancel(
    request: Request,
    door: TheDoor,
    me: Agent,
    conversation_id: Id,
    order_id: Text,
    yes: Text = "",
    verdict: Annotated[Choice, Form()] = "",
    verdict_reason: Text = "",
) -> Response:
    shop = door.shop
    try:
        done = await staff_writes.cancel(
            shop.store,
            shop.policy,
            me,
            conversation_id,
            order_id,
            yes or None,
            shop.clock(),
            verdict=_verdict(verdict, verdict_reason),
        )
    except DeskError as error:
        raise refusal(error) from error
    return _done(request, door, me, "cancel", done)


def _verdict(choice: Choice, reason: str) -> Verdict | None:
    return Verdict(choice == "approve", reason) if choice else None


async def _read(door: Door, unit: Unit, conversation_id: str) -> tuple[Dossier, Sequence[talk.Line]]:
    """The dossier, and the customer's newest messages, the newest first."""
    try:
        file = await dossier.of(unit, conversation_id, door.shop.clock())
    except DeskError as error:
        raise refusal(error) from error
    said = await talk.read(unit, conversation_id, (), door.links)
    return file, said.yes_choices[:_YES_SHOWN]


async def _preview(door: Door, unit: Unit, conversation_id: str, wish: Wish) -> Preview:
    try:
        return await staff_writes.preview_refund(
            unit, door.shop.policy, conversation_id, wish, door.shop.clock()
        )
    except DeskError as error:
        raise refusal(error) from error
    except KeyError as error:
        raise DeskRefusal("not_their_order") from error


def _dialog(
    request: Request,
    door: Door,
    me: SignedIn,
    what: Literal["refund", "cancel"],
    conversation_id: str,
    **facts: Any,
) -> Response:
    address = f"/desk/conversations/{conversation_id}"
    reader = _reader(request, door, me)
    facts |= {"address": address, "conversation_id": conversation_id, "reasons": Reason}
    return part(request, "_money.html", what, me, **_words(reader), **facts)


def _done(request: Request, door: Door, me: SignedIn, what: str, done: Done) -> Response:
    """What became of it; the rest of the page fetches itself anew."""
    if done.told:
        door.persons.told(done.conversation_id, me.name, done.told)
    words = _words(_reader(request, door, me))
    answer = part(request, "_money.html", "done", me, what=what, done=done, **words)
    answer.headers["HX-Trigger"] = "desk:story, desk:side, desk:queue"
    return answer


def _reader(request: Request, door: Door, me: SignedIn) -> Reader:
    return Reader(language_of(request, me), door.shop.policy.zone, door.shop.clock())


def _words(reader: Reader) -> dict[str, Any]:
    """Records in the words of who reads them."""
    return {
        "because": lambda decision: wording.because(decision, reader),
        "item_words": lambda line: wording.item(line, reader),
        "reason_words": lambda reason: _reason(reason, reader),
        "no_money": lambda amount: amount == Money(0, amount.currency),
    }


def _reason(reason: str, reader: Reader) -> str:
    return wording.REASON[Reason(reason)][reader.language] if reason in set(Reason) else reason


# --- what waits for a decision -----------------------------------------------------------------------------


@router.get("/refunds")
async def list_refunds(request: Request, door: TheDoor, me: Agent) -> Response:
    """Refunds that policy leaves to a person, the longest waiting first."""
    words = _words(_reader(request, door, me))
    return page(request, "refunds.html", me, waiting=await _waiting(door), **words)


@router.post("/refunds/{refund_id}")
async def decide(
    request: Request,
    door: TheDoor,
    me: Agent,
    refund_id: str,
    verdict: Annotated[Literal["approve", "refuse"], Form()],
    verdict_reason: Text = "",
) -> Response:
    """Approve or refuse, with a reason; of two who decide at once, one does."""
    shop = door.shop
    decided = Verdict(verdict == "approve", verdict_reason)
    try:
        done = await staff_writes.decide_review(shop.store, shop.policy, me, refund_id, decided, shop.clock())
    except DeskError as error:
        raise refusal(error) from error
    if done.told and done.conversation_id:
        door.persons.told(done.conversation_id, me.name, done.told)
    words = _words(_reader(request, door, me))
    return part(request, "refunds.html", "waiting", me, waiting=await _waiting(door), **words)


async def _waiting(door: Door) -> list[Waiting]:
    async with door.shop.store.reading() as unit:
        return [
            Waiting(
                one,
                await staff_writes.asked_in(unit, one),
                await unit.customers.get(one.customer_id),
                await unit.orders.owned(one.order_id, one.customer_id),
                await shown.of_refund(unit, one),
            )
            for one in await unit.refunds.in_review()
        ]

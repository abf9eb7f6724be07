"""Erasing one customer, or one conversation of somebody whom nobody knows.

    done = await erase(places, Subject("customer", "C1001"), "mei", "asked", now)

All rows go in one transaction, which also writes down what remains to be removed outside of it: files, Rasa's
own events, rows of an exported data set. If that is broken off, `finish_all` does it: the gateway asks for it
now and then, and so does the next command.

What stays is the shop's own account: orders with amounts and times, refunds, the ledger. They stand under a
pseudonym, and after this nothing here leads from it to the person.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import anyio.to_thread

from support.dataset.forget import forget
from support.privacy.inventory import HOLDINGS
from support.privacy.places import Places
from support.services import staff
from support.store import Erasure, Scope, Store, Unit

log = logging.getLogger(__name__)

Kind = Literal["customer", "conversation"]
Reason = Literal["asked", "mistake", "test", "other"]
REASONS: tuple[Reason, ...] = get_args(Reason)
LONGEST_QUESTION = 2_000


@dataclass(frozen=True)
class Subject:
    """Who or what is to be erased."""

    kind: Kind
    id: str


class CannotErase(ValueError):
    """Why nothing was erased; `code` names the words for it, `values` fill them.

    unknown: nothing is held. erased: it was erased before. open: a conversation waits for a person or has
    one. review: a refund is undecided. busy: a message is being answered now.
    """

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(f"{code} {values}" if values else code)
        self.code, self.values = code, values


async def scope_of(unit: Unit, subject: Subject) -> Scope:
    """Whose rows a subject means; CannotErase `unknown` or `erased` when there are none."""
    if subject.kind == "conversation":
        if await unit.personal.exists(subject.id):
            return await unit.personal.scope([subject.id])
    elif await unit.customers.get(subject.id):
        return await unit.personal.scope_of_customer(subject.id)
    marked = await unit.erasures.marked(subject.kind, [subject.id])
    if marked:
        raise CannotErase("erased", day=f"{marked[subject.id]:%Y-%m-%d}")
    raise CannotErase("unknown", id=subject.id)


async def erase(places: Places, subject: Subject, by: str, reason: Reason, now: datetime) -> Erasure:
    """Erase, and remove what is outside of the tables as well; CannotErase when nothing was changed."""
    async with places.store.writing() as unit:
        erasure_id, questions = await erase_in(unit, subject, by, reason, now)
    await _drop_answers(places, questions)
    return await _finished(places, erasure_id, now)


async def erase_in(
    unit: Unit, subject: Subject, by: str, reason: Reason, now: datetime
) -> tuple[int, list[str]]:
    """The rows, inside the caller's transaction: the erasure's number, and the questions that were asked."""
    await unit.serialise("erasure")
    scope = await scope_of(unit, subject)
    await unit.personal.hold(scope)
    await _check(unit, scope, now)
    questions = await unit.personal.questions(scope)
    named = await _names(unit, scope)
    pseudonym = await _rename(unit, scope)
    counts = await _delete(unit, scope)
    counts["saved_filters"] = await unit.personal.forget_filters(named)
    await unit.personal.forget_unused_labels()
    await unit.erasures.mark("conversation", scope.conversation_ids, now)
    if scope.customer_id:
        # The day is enough, and does not say which erasure it was.
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        await unit.erasures.mark("customer", [scope.customer_id], day)
    remains = {
        "conversations": list(scope.conversation_ids),
        "pictures": list(scope.pictures),
    }
    found = {table: count for table, count in counts.items() if count}
    number = await unit.erasures.add(now, subject.kind, pseudonym, by, reason, found, remains)
    await staff.note(unit, by, "erase", now, number=number, reason=reason, pseudonym=pseudonym)
    return number, questions


async def finish_all(places: Places, now: datetime) -> list[Erasure]:
    """Do what earlier erasures left undone; those that are done by it."""
    async with places.store.reading() as unit:
        waiting = await unit.erasures.unfinished()
    return [await _finished(places, one.id, now) for one in waiting]


async def held(store: Store, subject: Subject) -> tuple[Scope, Mapping[str, int]]:
    """What there is of somebody, by table; CannotErase as `scope_of`."""
    async with store.reading() as unit:
        scope = await scope_of(unit, subject)
        counts = {one.table: await unit.personal.count(one.table, scope, one.through) for one in HOLDINGS}
    return scope, {table: count for table, count in counts.items() if count}


# --- the rows ----------------------------------------------------------------------------------------------


async def _check(unit: Unit, scope: Scope, now: datetime) -> None:
    if talking := await unit.personal.with_people(scope):
        raise CannotErase("open", conversation=talking[0])
    if refunds := await unit.personal.in_review(scope):
        raise CannotErase("review", refund=refunds[0])
    for conversation_id in scope.conversation_ids:
        until = await unit.conversations.leased_until(conversation_id)
        if until and until > now:
            raise CannotErase("busy", conversation=conversation_id)


async def _names(unit: Unit, scope: Scope) -> set[str]:
    """Texts that mean this person and nobody else, wherever a colleague may have typed one."""
    found = {scope.customer_id or "", *scope.conversation_ids, *scope.order_ids}
    customer = await unit.customers.get(scope.customer_id) if scope.customer_id else None
    if customer:
        found |= {customer.name, customer.phone, customer.email}
    return found - {""}


async def _rename(unit: Unit, scope: Scope) -> str:
    """The pseudonym that the customer's orders and refunds stand under from now on."""
    await unit.personal.forget_refund_notes(scope)
    if not scope.customer_id:
        return ""
    pseudonym = await unit.pseudonyms.of(scope.customer_id)
    await unit.personal.rename(scope.customer_id, pseudonym, scope.order_ids)
    return pseudonym


async def _delete(unit: Unit, scope: Scope) -> dict[str, int]:
    counts = {
        one.table: await unit.personal.delete(one.table, scope, one.through)
        for one in HOLDINGS
        if one.fate == "deleted" and one.table != "saved_filters"
    }
    counts["event_failures"] += await unit.personal.forget_failures(scope.conversation_ids)
    return counts


# --- outside of the tables ---------------------------------------------------------------------------------


async def _finished(places: Places, erasure_id: int, now: datetime) -> Erasure:
    """Each step may be done twice; only when all are, the erasure forgets what it was about."""
    async with places.store.reading() as unit:
        erasure = await unit.erasures.get(erasure_id)
    if erasure is None:
        raise LookupError(erasure_id)
    if erasure.finished_at is None:
        conversations = list(erasure.remains.get("conversations", ()))
        await places.tracker.forget(conversations, erasure.at)
        await places.pictures.remove(erasure.remains.get("pictures", ()))
        await anyio.to_thread.run_sync(forget, places.dataset, conversations)
        async with places.store.writing() as unit:
            await unit.erasures.finish(erasure_id, now)
            erasure = await unit.erasures.get(erasure_id) or erasure
        await places.store.overwrite_deleted()
        log.info("erasure %d is done", erasure_id)
    return erasure


async def _drop_answers(places: Places, questions: list[str]) -> None:
    if places.answers:
        for question in questions:
            await places.answers.drop(question[:LONGEST_QUESTION])

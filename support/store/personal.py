"""One person's rows in all tables: found, shown, deleted, and put under a pseudonym.

Which tables there are, and what is to become of each, `support.privacy.inventory` says; here a table is a
name. A row belongs to a `Scope` by whichever of the columns that lead to a person it has: conversation_id,
customer_id, order_id, refund_id, picture.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from support.model import Holder
from support.store import tables as t
from support.store.rows import Rows

# A column that points to another table's rows, and that table.
Through = tuple[str, str] | None

_WITH_PEOPLE = (Holder.QUEUE.value, Holder.PERSON.value)
# What an order's extra columns may keep: everything else came from the shop's files and may name somebody.
_HARMLESS = ("shipping_fee",)


@dataclass(frozen=True)
class Scope:
    """Whose rows. A stranger's conversation has neither customer nor orders."""

    conversation_ids: Sequence[str] = ()
    customer_id: str | None = None
    order_ids: Sequence[str] = ()
    refund_ids: Sequence[str] = ()
    pictures: Sequence[str] = ()

    @property
    def values(self) -> Mapping[str, Sequence[str]]:
        """By column, what it may hold; tries of identity note an order in capitals and without the #."""
        orders = {*self.order_ids, *(one.lstrip("#").upper() for one in self.order_ids)}
        customers = [self.customer_id] if self.customer_id else []
        return {
            "conversation_id": self.conversation_ids,
            "customer_id": customers,
            "order_id": sorted(orders),
            "refund_id": self.refund_ids,
            "picture": self.pictures,
        }


class Personal(Rows):
    """Reads and changes by the names of tables."""

    # --- whose they are --------------------------------------------------------------------------------
    async def scope_of_customer(self, customer_id: str) -> Scope:
        """A customer's orders, and the conversations that they proved to be theirs or acted in."""
        order_ids = list(
            await self._db.scalars(
                sa.select(t.orders.c.order_id).where(t.orders.c.customer_id == customer_id)
            )
        )
        proven = sa.select(t.verified_identity.c.conversation_id)
        reviewed = sa.select(t.review_conversations.c.conversation_id)
        acted = sa.select(t.ledger.c.conversation_id).where(
            t.ledger.c.order_id.in_(order_ids), t.ledger.c.conversation_id != ""
        )
        found: set[str] = set()
        for query in (
            proven.where(t.verified_identity.c.customer_id == customer_id),
            reviewed.where(t.review_conversations.c.customer_id == customer_id),
            acted,
        ):
            found.update(await self._db.scalars(query))
        return await self.scope(sorted(found), customer_id, sorted(order_ids))

    async def scope(
        self,
        conversation_ids: Sequence[str],
        customer_id: str | None = None,
        order_ids: Sequence[str] = (),
    ) -> Scope:
        """With the refunds and pictures that belong to them; also those whose own rows are gone already."""
        refunds, claims, challenges = t.refunds.c, t.claim_pictures.c, t.challenges.c
        mine = sa.select(refunds.refund_id).where(refunds.customer_id == (customer_id or ""))
        refund_ids = {*await self._asked_in(conversation_ids), *await self._db.scalars(mine)}
        sent = sa.select(t.attachments.c.attachment_id)
        pictures = {
            *await self._db.scalars(sent.where(t.attachments.c.conversation_id.in_(conversation_ids))),
            *await self._db.scalars(
                sa.select(claims.picture).where(claims.refund_id.in_(sorted(refund_ids)))
            ),
        }
        asked = sa.select(challenges.pictures).where(challenges.conversation_id.in_(conversation_ids))
        for some in await self._db.scalars(asked):
            pictures.update(some)
        return Scope(conversation_ids, customer_id, order_ids, sorted(refund_ids), sorted(pictures))

    async def _asked_in(self, conversation_ids: Sequence[str]) -> set[str]:
        """Refunds that were asked for in these conversations."""
        query = sa.select(t.ledger.c.result).where(t.ledger.c.conversation_id.in_(conversation_ids))
        found = {result.get("refund_id") for result in await self._db.scalars(query)}
        return {one for one in found if one}

    async def shared(self, scope: Scope) -> set[str]:
        """Those of the conversations in which another customer is known too."""
        identity, ledger = t.verified_identity, t.ledger
        proven = sa.select(identity.c.conversation_id).where(
            identity.c.conversation_id.in_(scope.conversation_ids),
            identity.c.customer_id != (scope.customer_id or ""),
        )
        acted = sa.select(ledger.c.conversation_id).where(
            ledger.c.conversation_id.in_(scope.conversation_ids),
            ledger.c.order_id.not_in(scope.order_ids),
            ledger.c.order_id != "",
        )
        found = set(await self._db.scalars(proven))
        return found | set(await self._db.scalars(acted))

    async def exists(self, conversation_id: str) -> bool:
        """Whether anything is known of a conversation, be it only what Rasa told of it."""
        for table in (t.conversations, t.review_conversations, t.messages, t.attachments):
            query = sa.select(sa.literal(1)).where(table.c.conversation_id == conversation_id)
            if await self._db.scalar(query.select_from(table).limit(1)):
                return True
        return False

    async def hold(self, scope: Scope) -> None:
        """Nobody else changes these conversations and orders until the transaction ends."""
        conversations, orders = t.conversations.c, t.orders.c
        held = sa.select(conversations.conversation_id).order_by(conversations.conversation_id)
        locked = sa.select(orders.order_id).order_by(orders.order_id)
        await self._db.execute(
            held.where(conversations.conversation_id.in_(scope.conversation_ids)).with_for_update()
        )
        await self._db.execute(locked.where(orders.order_id.in_(scope.order_ids)).with_for_update())

    async def with_people(self, scope: Scope) -> list[str]:
        """Those of the conversations that wait for a person or are with one."""
        table = t.conversations
        where = table.c.conversation_id.in_(scope.conversation_ids) & table.c.holder.in_(_WITH_PEOPLE)
        return list(await self._db.scalars(sa.select(table.c.conversation_id).where(where)))

    async def in_review(self, scope: Scope) -> list[str]:
        """Refunds that a person has yet to decide: of the customer, or asked for in the conversations."""
        mine = sa.or_(
            t.refunds.c.customer_id == (scope.customer_id or ""),
            t.refunds.c.order_id.in_(
                sa.select(t.ledger.c.order_id).where(t.ledger.c.conversation_id.in_(scope.conversation_ids))
            ),
        )
        query = sa.select(t.refunds.c.refund_id).where(t.refunds.c.status == "review", mine)
        return list(await self._db.scalars(query))

    # --- looking ---------------------------------------------------------------------------------------
    async def count(self, table: str, scope: Scope, through: Through = None) -> int:
        found = t.metadata.tables[table]
        query = sa.select(sa.func.count()).select_from(found).where(_belongs(found, through, scope))
        return int(await self._db.scalar(query) or 0)

    async def rows(self, table: str, columns: Sequence[str], scope: Scope) -> list[dict[str, Any]]:
        """The rows with these columns, in the order in which they were written."""
        found = t.metadata.tables[table]
        order = found.c.id if "id" in found.c else next(iter(found.primary_key))
        query = sa.select(*(found.c[name] for name in columns)).where(_belongs(found, None, scope))
        return [dict(row) for row in (await self._db.execute(query.order_by(order))).mappings()]

    async def questions(self, scope: Scope) -> list[str]:
        """What the customer's side wrote, each text once."""
        table = t.messages
        query = sa.select(table.c.text).where(table.c.conversation_id.in_(scope.conversation_ids)).distinct()
        return list(await self._db.scalars(query))

    # --- removing --------------------------------------------------------------------------------------
    async def delete(self, table: str, scope: Scope, through: Through = None) -> int:
        """How many rows went."""
        found = t.metadata.tables[table]
        return (await self._db.execute(sa.delete(found).where(_belongs(found, through, scope)))).rowcount

    async def forget_refund_notes(self, scope: Scope) -> None:
        """Blank what customers wrote to their requests; the requests stay."""
        where = t.refunds.c.refund_id.in_(scope.refund_ids) & (t.refunds.c.note != "")
        await self._db.execute(sa.update(t.refunds).where(where).values(note=""))

    async def forget_failures(self, conversation_ids: Sequence[str]) -> int:
        """Events that could not even be read, where they name one of the conversations."""
        table, gone = t.event_failures, 0
        rows = await self._db.execute(
            sa.select(table.c.id, table.c.body).where(table.c.conversation_id == "")
        )
        for row in rows.all():
            if any(one in row.body for one in conversation_ids):
                await self._db.execute(sa.delete(table).where(table.c.id == row.id))
                gone += 1
        return gone

    async def forget_filters(self, named: Collection[str]) -> int:
        """Saved filters that search for one of these texts."""
        table, gone = t.saved_filters, 0
        for row in (await self._db.execute(sa.select(table.c.id, table.c.query, table.c.name))).all():
            words = json.dumps([row.name, row.query], ensure_ascii=False)
            if any(one in words for one in named if one):
                await self._db.execute(sa.delete(table).where(table.c.id == row.id))
                gone += 1
        return gone

    async def forget_unused_labels(self) -> None:
        """The lists to choose from offer no label that no conversation has any more."""
        values = t.review_values
        used = sa.select(t.conversation_labels.c.label)
        await self._db.execute(sa.delete(values).where(values.c.kind == "label", values.c.value.not_in(used)))

    async def rename(self, customer_id: str, pseudonym: str, order_ids: Sequence[str]) -> None:
        """Put a customer's orders and refunds under the pseudonym, without address, words or pictures.

        A customer without name, phone and e-mail takes the customer's place, so that sums stay what they are.
        """
        await self._db.execute(
            sa.insert(t.customers).values(
                customer_id=pseudonym, name="", phone="", email="", language="", extra={}
            )
        )
        orders, items, refunds = t.orders, t.order_items, t.refunds
        for row in (await self._db.execute(sa.select(orders).where(orders.c.order_id.in_(order_ids)))).all():
            extra = {name: value for name, value in row.extra.items() if name in _HARMLESS}
            changed = sa.update(orders).where(orders.c.order_id == row.order_id)
            await self._db.execute(changed.values(customer_id=pseudonym, shipping_address="", extra=extra))
        await self._db.execute(sa.update(items).where(items.c.order_id.in_(order_ids)).values(extra={}))
        await self._db.execute(
            sa.update(refunds)
            .where(refunds.c.customer_id == customer_id)
            .values(customer_id=pseudonym, note="", evidence=[])
        )


def _belongs(table: sa.Table, through: Through, scope: Scope) -> sa.ColumnElement[bool]:
    """Whether a row is of the scope: by any column that leads to a person, or by another table's row."""
    if through:
        column, other = table.c[through[0]], t.metadata.tables[through[1]]
        return column.in_(sa.select(next(iter(other.primary_key))).where(_belongs(other, None, scope)))
    found = [table.c[name].in_(values) for name, values in scope.values.items() if name in table.c and values]
    return sa.or_(sa.false(), *found)

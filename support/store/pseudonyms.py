"""Names that stand for customers where rows can never be changed.

A pseudonym is random and begins with `~`, which no id of an import does. Who it is stands in one row; when
that row is deleted, what the pseudonym was written into names nobody any more.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows

MARK = "~"


class Pseudonyms(Rows):
    """One a customer, made when it is first needed."""

    async def of(self, customer_id: str) -> str:
        made = f"{MARK}{secrets.token_hex(8)}"
        insert = self._insert(t.pseudonyms).values(customer_id=customer_id, pseudonym=made)
        await self._db.execute(insert.on_conflict_do_nothing(index_elements=["customer_id"]))
        query = sa.select(t.pseudonyms.c.pseudonym).where(t.pseudonyms.c.customer_id == customer_id)
        return str((await self._db.execute(query)).scalar_one())

    async def forget(self, customer_id: str) -> None:
        await self._db.execute(sa.delete(t.pseudonyms).where(t.pseudonyms.c.customer_id == customer_id))

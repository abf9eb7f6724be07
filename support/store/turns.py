"""What one message of a customer asks of the database on its way in and out: the statements, made once.

    begun = await unit.turns.begin(talk, "web", "zh", origin, by="a1", now=now, until=until)
    ...                                                # another transaction, when the answer is there:
    holder = await unit.turns.end(talk, by="a1")       # None: the lease was lost, nothing may be written

`begin` is `Conversations.touch`, `lease` and `hold` in one statement, `end` is `release` and `holder`. A
database that is far away is asked twice a transaction so, instead of four times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from support.model import Holder
from support.store import tables as t
from support.store.rows import Rows, insert_into


@dataclass(frozen=True)
class Begun:
    """Who holds the conversation, and whether the caller is now the one who writes in it."""

    holder: Holder
    leased: bool


class Turns(Rows):
    """The conversation's row at both ends of a turn."""

    async def begin(
        self,
        conversation_id: str,
        channel: str,
        language: str,
        origin: str,
        *,
        by: str,
        now: datetime,
        until: datetime,
    ) -> Begun:
        """Create it (held by the bot) or note that something happened, and take its lease if that is free.

        Until the transaction ends nobody else changes the conversation.
        """
        row = (
            await self._db.execute(
                _beginning(self._db.dialect.name),
                {
                    "conversation_id": conversation_id,
                    "holder": Holder.BOT.value,
                    "language": language,
                    "channel": channel,
                    "origin": origin,
                    "created_at": now,
                    "updated_at": now,
                    "lease_by": by,
                    "lease_until": until,
                    "too_late": until + (until - now),
                },
            )
        ).one()
        return Begun(Holder(row.holder), leased=row.lease_by == by)

    async def end(self, conversation_id: str, by: str) -> Holder | None:
        """Let others write, and say who holds it; None when the lease had gone to somebody else."""
        found = await self._db.scalar(_ENDING, {"talk": conversation_id, "by": by})
        return Holder(found) if found else None


@cache
def _beginning(dialect: str) -> Any:
    table = t.conversations
    insert = insert_into(table, dialect)
    given = insert.excluded
    # A lease that lasts for twice as long as one is given for is none: some clock was put back.
    too_late = sa.bindparam("too_late", type_=table.c.lease_until.type)
    over = (table.c.lease_until <= given.updated_at) | (table.c.lease_until > too_late)
    free = table.c.lease_by.is_(None) | (table.c.lease_by == given.lease_by) | over
    return insert.on_conflict_do_update(
        index_elements=["conversation_id"],
        set_={
            "updated_at": given.updated_at,
            "lease_by": sa.case((free, given.lease_by), else_=table.c.lease_by),
            "lease_until": sa.case((free, given.lease_until), else_=table.c.lease_until),
        },
    ).returning(table.c.holder, table.c.lease_by)


_ENDING = (
    sa.update(t.conversations)
    .where(
        t.conversations.c.conversation_id == sa.bindparam("talk"),
        t.conversations.c.lease_by == sa.bindparam("by"),
    )
    .values(lease_by=None, lease_until=None)
    .returning(t.conversations.c.holder)
)

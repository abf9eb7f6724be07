"""What people typed into rows that nothing can change afterwards: kept beside them, where it can be erased.

The ledger and the staff's log are append-only, in the database itself. A reason or a label that somebody
typed may name a person, so `parted` takes it out before a row is written and `FreeWords.joined` puts it back
when one is read; erasing takes it away and the row stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows

Source = Literal["ledger", "staff_log"]
# The fields of each that people type; everything else in them is a code, an id or a number.
TYPED: Mapping[Source, Collection[str]] = {
    "ledger": ("note", "verdict"),
    "staff_log": ("label", "name", "text", "why"),
}


def parted(source: Source, values: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """What was typed, and the rest."""
    typed = {name: one for name, one in values.items() if name in TYPED[source] and isinstance(one, str)}
    return typed, {name: one for name, one in values.items() if name not in typed}


class FreeWords(Rows):
    """Of one kind of rows."""

    async def keep(
        self, source: Source, row_id: int, typed: Mapping[str, str], conversation_id: str, order_id: str = ""
    ) -> None:
        for name, words in typed.items():
            row = {"source": source, "row_id": row_id, "name": name, "words": words}
            row |= {"conversation_id": conversation_id, "order_id": order_id}
            await self._db.execute(sa.insert(t.free_words).values(**row))

    async def joined(self, source: Source, row_ids: Sequence[int]) -> dict[int, dict[str, str]]:
        """By row, what was typed and is still kept."""
        table = t.free_words
        query = sa.select(table.c.row_id, table.c.name, table.c.words)
        found: dict[int, dict[str, str]] = defaultdict(dict)
        for row in await self._db.execute(query.where(table.c.source == source, table.c.row_id.in_(row_ids))):
            found[row.row_id][row.name] = row.words
        return found

"""Verdicts on answers: one for each who judges and each message that was answered; the last one stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows

Judge = Literal["customer", "reviewer", "agent"]
Verdict = Literal["good", "bad"]

_table = t.answer_marks
_ONE = ("conversation_id", "message_id", "kind", "login")


@dataclass(frozen=True)
class AnswerMark:
    """What somebody thinks of the answer to a customer's message (`message_id`), a `question` to which this
    was `said`.

    `better` is what should have been said, if the judge wrote it. `login` is empty for a customer. `sources`
    are what the answer stands on: `citations`, ids of passages, and `records`, texts.
    """

    conversation_id: str
    message_id: str
    kind: Judge
    login: str
    verdict: Verdict
    better: str | None
    question: str
    said: str
    sources: Mapping[str, Any]
    at: datetime


class AnswerMarks(Rows):
    """Written by customers' thumbs, reviewers, and agents who change a draft."""

    async def put(self, mark: AnswerMark) -> None:
        """Instead of what the same judge thought of the same answer before."""
        values = asdict(mark)
        insert = self._insert(_table).values(**values)
        await self._db.execute(insert.on_conflict_do_update(index_elements=list(_ONE), set_=values))

    async def remove(self, conversation_id: str, message_id: str, kind: Judge, login: str) -> None:
        await self._db.execute(sa.delete(_table).where(_is(conversation_id, message_id, kind, login)))

    async def get(self, conversation_id: str, message_id: str, kind: Judge, login: str) -> AnswerMark | None:
        return next(iter(await self._load(_is(conversation_id, message_id, kind, login))), None)

    async def of_conversation(self, conversation_id: str) -> list[AnswerMark]:
        """All of them, the oldest first."""
        return await self._load(_table.c.conversation_id == conversation_id)

    async def _load(self, where: sa.ColumnElement[bool]) -> list[AnswerMark]:
        columns = [column for column in _table.c if column.name != "id"]
        rows = await self._db.execute(sa.select(*columns).where(where).order_by(_table.c.at, _table.c.id))
        return [AnswerMark(*row) for row in rows]


def _is(conversation_id: str, message_id: str, kind: Judge, login: str) -> sa.ColumnElement[bool]:
    given = (conversation_id, message_id, kind, login)
    return sa.and_(*(_table.c[name] == value for name, value in zip(_ONE, given, strict=True)))

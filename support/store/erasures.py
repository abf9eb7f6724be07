"""Who was erased, what of it remains to be done, and which process does a daily job.

What is kept of an erased customer or conversation is a hash of the id: enough to know them again when an
import or a late event brings them back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from support.store import tables as t
from support.store.pseudonyms import MARK
from support.store.rows import Rows

Subject = Literal["customer", "conversation"]


@dataclass(frozen=True)
class Erasure:
    """One erasure. `remains` is what is still to be removed outside of the tables; empty when it is done."""

    id: int
    at: datetime
    kind: Subject
    pseudonym: str
    by: str
    reason: str
    counts: Mapping[str, int]
    remains: Mapping[str, Any]
    finished_at: datetime | None


def _key(kind: Subject, id: str) -> str:
    return hashlib.sha256(f"{kind}:{id}".encode()).hexdigest()


class Erasures(Rows):
    """Erasures in their order, and the hashes of what they erased."""

    async def add(
        self,
        at: datetime,
        kind: Subject,
        pseudonym: str,
        by: str,
        reason: str,
        counts: Mapping[str, int],
        remains: Mapping[str, Any],
    ) -> int:
        row = {"at": at, "kind": kind, "pseudonym": pseudonym, "by": by, "reason": reason}
        insert = sa.insert(t.erasures).values(**row, counts=counts, remains=remains)
        return int(await self._db.scalar(insert.returning(t.erasures.c.id)) or 0)

    async def finish(self, erasure_id: int, at: datetime) -> None:
        table = t.erasures
        update = sa.update(table).where(table.c.id == erasure_id)
        await self._db.execute(update.values(remains={}, finished_at=at))

    async def get(self, erasure_id: int) -> Erasure | None:
        return next(iter(await self._load(t.erasures.c.id == erasure_id, 1)), None)

    async def unfinished(self) -> list[Erasure]:
        return await self._load(t.erasures.c.finished_at.is_(None), 100)

    async def last(self, limit: int) -> list[Erasure]:
        """The newest first."""
        return await self._load(sa.true(), limit)

    async def _load(self, where: sa.ColumnElement[bool], limit: int) -> list[Erasure]:
        query = sa.select(t.erasures).where(where).order_by(t.erasures.c.id.desc()).limit(limit)
        return [Erasure(*row) for row in await self._db.execute(query)]

    # --- known again ---------------------------------------------------------------------------------
    async def mark(self, kind: Subject, ids: Collection[str], at: datetime) -> None:
        for one in ids:
            insert = self._insert(t.erased).values(key=_key(kind, one), at=at)
            await self._db.execute(insert.on_conflict_do_update(index_elements=["key"], set_={"at": at}))

    async def marked(self, kind: Subject, ids: Collection[str]) -> dict[str, datetime]:
        """Those of the ids that were erased, and when."""
        keys = {_key(kind, one): one for one in ids}
        query = sa.select(t.erased.c.key, t.erased.c.at)
        found = {}
        every = sorted(keys)
        for start in range(0, len(every), 5_000):
            where = t.erased.c.key.in_(every[start : start + 5_000])
            for row in await self._db.execute(query.where(where)):
                found[keys[row.key]] = row.at
        return found

    async def unmark(self, kind: Subject, ids: Collection[str]) -> None:
        keys = [_key(kind, one) for one in ids]
        await self._db.execute(sa.delete(t.erased).where(t.erased.c.key.in_(keys)))

    async def orders_of_erased(self) -> set[str]:
        """Orders whose customer was erased: they stand under a pseudonym."""
        table = t.orders
        query = sa.select(table.c.order_id).where(table.c.customer_id.startswith(MARK, autoescape=True))
        return set(await self._db.scalars(query))


@dataclass(frozen=True)
class Job:
    """The last run of a job: `ended_at` is None while one is going on that is the first."""

    began_at: datetime
    ended_at: datetime | None
    result: Mapping[str, Any]


class Jobs(Rows):
    """One process at a time, for as long as its lease lasts."""

    async def begin(self, name: str, by: str, now: datetime, lease: timedelta, every: timedelta) -> bool:
        """Begin a run; False while another process is at it, or when the last one ended too short ago."""
        table = t.jobs
        values = {"by": by, "began_at": now, "lease_until": now + lease}
        due = table.c.ended_at.is_(None) | (table.c.ended_at <= now - every)
        insert = self._insert(table).values(name=name, ended_at=None, result={}, **values)
        began = insert.on_conflict_do_update(
            index_elements=["name"], set_=values, where=(table.c.lease_until <= now) & due
        )
        return bool((await self._db.execute(began)).rowcount)

    async def go_on(self, name: str, by: str, until: datetime) -> bool:
        """Make the lease longer; False when another process has the job by now."""
        table = t.jobs
        mine = (table.c.name == name) & (table.c.by == by)
        return bool((await self._db.execute(sa.update(table).where(mine).values(lease_until=until))).rowcount)

    async def end(self, name: str, by: str, now: datetime, result: Mapping[str, Any]) -> None:
        table = t.jobs
        mine = (table.c.name == name) & (table.c.by == by)
        update = sa.update(table).where(mine)
        await self._db.execute(update.values(ended_at=now, lease_until=now, result=result))

    async def last(self, name: str) -> Job | None:
        query = sa.select(t.jobs.c.began_at, t.jobs.c.ended_at, t.jobs.c.result)
        row = (await self._db.execute(query.where(t.jobs.c.name == name))).one_or_none()
        return Job(*row) if row else None

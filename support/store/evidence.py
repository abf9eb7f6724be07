"""Evidence of refunds: fingerprints and the refunds that they belong to, the model's views, challenges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows

CATALOGUE = "catalogue:"
Certain = Literal["yes", "no", "unsure"]
Standing = Literal["open", "passed", "failed", "declined"]
_CLAIM = ("refund_id", "order_id", "customer_id", "sku_ids", "created_at")


@dataclass(frozen=True)
class Similar:
    """A picture of the index that shares `words` with another one."""

    picture: str
    words: int
    fingerprint: bytes


@dataclass(frozen=True)
class Claim:
    """A refund that a picture was shown for, and when."""

    picture: str
    refund_id: str
    order_id: str
    customer_id: str
    sku_ids: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class PictureView:
    """What the model says about a picture and the goods of an order: advice, no proof. 0 to 100 percent."""

    picture: str
    order_id: str
    sku_ids: tuple[str, ...]
    shows: Certain
    fault: Certain
    confidence: int
    made_at: datetime


@dataclass(frozen=True)
class Challenge:
    """A second photo that was asked for, showing `code` on paper; `pictures` are what was sent for it."""

    conversation_id: str
    order_id: str
    code: str
    status: Standing
    tries: int
    pictures: tuple[str, ...]
    asked_at: datetime
    expires_at: datetime


class Evidence(Rows):
    """Nothing here says that somebody cheated: what it finds, a person looks at."""

    # --- fingerprints --------------------------------------------------------------------------------
    async def add_fingerprint(self, picture: str, data: bytes, at: datetime) -> None:
        insert = self._insert(t.fingerprints).values(picture=picture, data=data, made_at=at)
        await self._db.execute(insert.on_conflict_do_nothing(index_elements=["picture"]))

    async def fingerprints(self, pictures: Sequence[str]) -> dict[str, bytes]:
        """By picture; those without one are left out."""
        table = t.fingerprints
        query = sa.select(table.c.picture, table.c.data).where(table.c.picture.in_(pictures))
        return {row.picture: row.data for row in await self._db.execute(query)}

    async def index(self, picture: str, words: Iterable[int]) -> None:
        """Let others be compared with this picture from now on."""
        query = sa.select(t.fingerprints.c.id).where(t.fingerprints.c.picture == picture)
        number = await self._db.scalar(query)
        rows = [{"word": word, "fingerprint_id": number} for word in words]
        if number is not None and rows:
            await self._db.execute(self._insert(t.fingerprint_words).on_conflict_do_nothing(), rows)

    async def similar(self, words: Sequence[int], limit: int, fewest: int) -> list[Similar]:
        """The pictures of the index that share most words, at least `fewest`."""
        table, shared = t.fingerprint_words, sa.func.count().label("shared")
        counted = (
            sa.select(table.c.fingerprint_id, shared)
            .where(table.c.word.in_(words))
            .group_by(table.c.fingerprint_id)
            .having(shared >= fewest)
            .order_by(shared.desc(), table.c.fingerprint_id.desc())
            .limit(limit)
            .subquery()
        )
        query = (
            sa.select(t.fingerprints.c.picture, counted.c.shared, t.fingerprints.c.data)
            .join(counted, counted.c.fingerprint_id == t.fingerprints.c.id)
            .order_by(counted.c.shared.desc(), t.fingerprints.c.id.desc())
        )
        return [Similar(*row) for row in await self._db.execute(query)]

    async def catalogue(self) -> set[str]:
        """The catalogue's pictures that are in the index."""
        column = t.fingerprints.c.picture
        return set(await self._db.scalars(sa.select(column).where(column.startswith(CATALOGUE))))

    async def forget(self, pictures: Iterable[str]) -> None:
        """Remove fingerprints, and from the index what is in it."""
        for picture in pictures:
            ids = sa.select(t.fingerprints.c.id).where(t.fingerprints.c.picture == picture)
            words, table = t.fingerprint_words, t.fingerprints
            await self._db.execute(sa.delete(words).where(words.c.fingerprint_id.in_(ids)))
            await self._db.execute(sa.delete(table).where(table.c.picture == picture))

    # --- claims --------------------------------------------------------------------------------------
    async def add_claim(self, picture: str, refund_id: str) -> None:
        insert = self._insert(t.claim_pictures).values(picture=picture, refund_id=refund_id)
        await self._db.execute(insert.on_conflict_do_nothing())

    async def claims(self, pictures: Sequence[str]) -> list[Claim]:
        """The refunds that these pictures were shown for, the oldest first."""
        table, of = t.claim_pictures, t.refunds
        query = (
            sa.select(table.c.picture, *(of.c[name] for name in _CLAIM))
            .join(of, of.c.refund_id == table.c.refund_id)
            .where(table.c.picture.in_(pictures))
            .order_by(of.c.created_at, of.c.refund_id)
        )
        return [
            Claim(
                one.picture, one.refund_id, one.order_id, one.customer_id, tuple(one.sku_ids), one.created_at
            )
            for one in await self._db.execute(query)
        ]

    # --- what the model sees -------------------------------------------------------------------------
    async def put_view(self, view: PictureView) -> None:
        values = asdict(view) | {"sku_ids": list(view.sku_ids)}
        insert = self._insert(t.picture_views).values(**values)
        await self._db.execute(
            insert.on_conflict_do_update(index_elements=["picture", "order_id"], set_=values)
        )

    async def views(self, pictures: Sequence[str], order_id: str) -> dict[str, PictureView]:
        """By picture."""
        table = t.picture_views
        query = sa.select(table).where(table.c.picture.in_(pictures), table.c.order_id == order_id)
        rows: list[Mapping[str, Any]] = [dict(row._mapping) for row in await self._db.execute(query)]
        return {row["picture"]: PictureView(**{**row, "sku_ids": tuple(row["sku_ids"])}) for row in rows}

    # --- challenges ----------------------------------------------------------------------------------
    async def put_challenge(self, challenge: Challenge) -> None:
        values = asdict(challenge) | {"pictures": list(challenge.pictures)}
        insert = self._insert(t.challenges).values(**values)
        keys = ["conversation_id", "order_id"]
        await self._db.execute(insert.on_conflict_do_update(index_elements=keys, set_=values))

    async def challenges(self, order_id: str) -> list[Challenge]:
        """All that were made about an order, the newest first."""
        table = t.challenges
        query = sa.select(table).where(table.c.order_id == order_id).order_by(table.c.asked_at.desc())
        rows: list[Mapping[str, Any]] = [dict(row._mapping) for row in await self._db.execute(query)]
        return [Challenge(**{**row, "pictures": tuple(row["pictures"])}) for row in rows]

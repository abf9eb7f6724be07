"""Rows of examples for the training, of runs that train and compare models, and of testers' links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from support.store import tables as t
from support.store.rows import Rows

ExampleState = Literal["new", "exported", "dropped"]
RunKind = Literal["export", "train", "compare", "activate"]
RunState = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class TrainingExample:
    """Something that a customer wrote and what it means; personal data is masked. `place` once exported."""

    id: int
    text: str
    key: str
    intent: str
    language: str
    state: ExampleState
    staff: str
    conversation_id: str | None
    message_id: str | None
    place: str | None
    created_at: datetime
    changed_at: datetime


class TrainingExamples(Rows):
    """Examples on their way into the project's files."""

    async def add(
        self,
        text: str,
        key: str,
        intent: str,
        language: str,
        staff: str,
        now: datetime,
        *,
        conversation_id: str | None = None,
        message_id: str | None = None,
    ) -> None:
        """Unless one with the same key waits already."""
        insert = self._insert(t.training_examples).values(
            text=text,
            key=key,
            intent=intent,
            language=language,
            state="new",
            staff=staff,
            conversation_id=conversation_id,
            message_id=message_id,
            created_at=now,
            changed_at=now,
        )
        await self._db.execute(insert.on_conflict_do_nothing())

    async def waiting(self, key: str) -> TrainingExample | None:
        table = t.training_examples
        return next(iter(await self._load((table.c.key == key) & (table.c.state == "new"))), None)

    async def get(self, example_id: int) -> TrainingExample | None:
        return next(iter(await self._load(t.training_examples.c.id == example_id)), None)

    async def listed(self, state: ExampleState) -> list[TrainingExample]:
        """In the order in which they were added."""
        return await self._load(t.training_examples.c.state == state)

    async def move(
        self,
        example_id: int,
        before: ExampleState,
        after: ExampleState,
        now: datetime,
        place: str | None = None,
    ) -> bool:
        """False when it is not in the state `before` (any more)."""
        table = t.training_examples
        changed = await self._db.execute(
            sa.update(table)
            .where(table.c.id == example_id, table.c.state == before)
            .values(state=after, changed_at=now, place=place)
        )
        return bool(changed.rowcount)

    async def reviewed(self, limit: int) -> list[tuple[str, str, str]]:
        """The newest messages of which reviewers have said what they mean: text, intent, language."""
        table = t.review_messages
        meant = sa.func.coalesce(table.c.corrected_intent, table.c.intent)
        query = (
            sa.select(table.c.text, meant, table.c.language)
            .where(table.c.state.in_(("confirmed", "relabelled")), meant != "")
            .order_by(table.c.id.desc())
            .limit(limit)
        )
        return [(text, intent, language) for text, intent, language in await self._db.execute(query)]

    async def _load(self, condition: sa.ColumnElement[bool]) -> list[TrainingExample]:
        table = t.training_examples
        query = sa.select(table).where(condition).order_by(table.c.id)
        return [TrainingExample(**row._mapping) for row in await self._db.execute(query)]


@dataclass(frozen=True)
class ModelRun:
    """Work on the models that takes a while. `progress` is its last lines, `result` what came of it."""

    id: int
    kind: RunKind
    staff: str
    state: RunState
    model: str
    progress: str
    result: Mapping[str, Any] | None
    started_at: datetime
    beat_at: datetime
    finished_at: datetime | None


class ModelRuns(Rows):
    """Runs. At most one is running, by a unique index."""

    async def start(self, kind: RunKind, staff: str, model: str, now: datetime) -> int | None:
        """The new run's id; None while another is running."""
        insert = self._insert(t.model_runs).values(
            kind=kind, staff=staff, state="running", model=model, progress="", started_at=now, beat_at=now
        )
        added = await self._db.execute(insert.on_conflict_do_nothing().returning(t.model_runs.c.id))
        found: int | None = added.scalar_one_or_none()
        return found

    async def beat(self, run_id: int, progress: str, now: datetime) -> bool:
        """False when somebody has ended the run meanwhile."""
        return await self._change(run_id, progress=progress, beat_at=now)

    async def end(
        self, run_id: int, state: RunState, now: datetime, *, result: Mapping[str, Any], **changed: str
    ) -> bool:
        """False when it had ended before."""
        return await self._change(run_id, state=state, finished_at=now, result=result, **changed)

    async def lost(self, before: datetime) -> list[ModelRun]:
        """Running ones that last gave a sign of life before this."""
        table = t.model_runs
        return await self._load((table.c.state == "running") & (table.c.beat_at < before), 10)

    async def get(self, run_id: int) -> ModelRun | None:
        return next(iter(await self._load(t.model_runs.c.id == run_id, 1)), None)

    async def running(self) -> ModelRun | None:
        return next(iter(await self._load(t.model_runs.c.state == "running", 1)), None)

    async def recent(self, limit: int = 20, *, kind: RunKind | None = None) -> list[ModelRun]:
        """The newest first."""
        return await self._load(t.model_runs.c.kind == kind if kind else sa.true(), limit)

    async def _change(self, run_id: int, **values: Any) -> bool:
        table = t.model_runs
        where = (table.c.id == run_id) & (table.c.state == "running")
        return bool((await self._db.execute(sa.update(table).where(where).values(**values))).rowcount)

    async def _load(self, condition: sa.ColumnElement[bool], limit: int) -> list[ModelRun]:
        table = t.model_runs
        query = sa.select(table).where(condition).order_by(table.c.id.desc()).limit(limit)
        return [ModelRun(**row._mapping) for row in await self._db.execute(query)]


@dataclass(frozen=True)
class GuestLink:
    """Somebody from outside who may try the assistant for a while. The token itself is not kept.

    `conversations` is how many came by it.
    """

    id: int
    name: str
    staff: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    opened_at: datetime | None
    conversations: int


class GuestLinks(Rows):
    """Testers' links, found by the hash of their token."""

    async def add(self, token_hash: str, name: str, staff: str, now: datetime, expires_at: datetime) -> None:
        await self._db.execute(
            sa.insert(t.guest_links).values(
                token_hash=token_hash, name=name, staff=staff, created_at=now, expires_at=expires_at
            )
        )

    async def by_hash(self, token_hash: str) -> GuestLink | None:
        return next(iter(await self._load(t.guest_links.c.token_hash == token_hash)), None)

    async def listed(self) -> list[GuestLink]:
        """All that were ever made, the newest first."""
        return await self._load(sa.true())

    async def revoke(self, link_id: int, now: datetime) -> bool:
        """False when there is no such link, or it was revoked before."""
        table = t.guest_links
        where = (table.c.id == link_id) & table.c.revoked_at.is_(None)
        return bool((await self._db.execute(sa.update(table).where(where).values(revoked_at=now))).rowcount)

    async def opened(self, link_id: int, now: datetime) -> None:
        table = t.guest_links
        await self._db.execute(sa.update(table).where(table.c.id == link_id).values(opened_at=now))

    async def spoke(self, link_id: int, conversation_id: str) -> None:
        insert = self._insert(t.guest_conversations)
        values = {"conversation_id": conversation_id, "link_id": link_id}
        await self._db.execute(insert.values(**values).on_conflict_do_nothing())

    async def _load(self, condition: sa.ColumnElement[bool]) -> list[GuestLink]:
        table, came = t.guest_links, t.guest_conversations
        wanted = [column for column in table.c if column.name != "token_hash"]
        counted = sa.select(sa.func.count()).where(came.c.link_id == table.c.id).scalar_subquery()
        query = sa.select(*wanted, counted.label("conversations"))
        query = query.where(condition).order_by(table.c.id.desc())
        return [GuestLink(**row._mapping) for row in await self._db.execute(query)]

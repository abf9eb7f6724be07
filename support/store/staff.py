"""The staff's rows: people, sessions, one-time links, failed tries, and the log of what they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from support.store import tables as t
from support.store.free_words import FreeWords, parted
from support.store.rows import Rows


@dataclass(frozen=True)
class StaffMember:
    """Somebody who may sign in at the desk. `roles` are of agent, reviewer, admin."""

    login: str
    name: str
    password_hash: str
    roles: tuple[str, ...]
    language: str
    active: bool
    created_at: datetime


@dataclass(frozen=True)
class StaffSession:
    login: str
    csrf: str
    expires_at: datetime


@dataclass(frozen=True)
class StaffLink:
    """A one-time link: for a new colleague (`login` empty) or for a colleague's new password."""

    login: str
    roles: tuple[str, ...]
    made_by: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class StaffAct:
    """One thing that somebody of the staff did."""

    at: datetime
    login: str
    action: str
    conversation_id: str
    details: Mapping[str, Any]
    address: str


class Staff(Rows):
    """People and how they sign in."""

    async def get(self, login: str) -> StaffMember | None:
        return next(iter(await self._load(t.staff.c.login == login)), None)

    async def all(self) -> list[StaffMember]:
        return await self._load(sa.true())

    async def any_admin(self) -> bool:
        return any("admin" in one.roles and one.active for one in await self.all())

    async def add(self, member: StaffMember) -> bool:
        """False when the login is taken."""
        insert = self._insert(t.staff).values(**asdict(member) | {"roles": list(member.roles)})
        return bool((await self._db.execute(insert.on_conflict_do_nothing())).rowcount)

    async def change(self, login: str, **values: Any) -> None:
        await self._db.execute(sa.update(t.staff).where(t.staff.c.login == login).values(**values))

    async def _load(self, condition: sa.ColumnElement[bool]) -> list[StaffMember]:
        rows = await self._db.execute(sa.select(t.staff).where(condition).order_by(t.staff.c.login))
        return [StaffMember(**dict(row._mapping) | {"roles": tuple(row.roles)}) for row in rows]

    # --- sessions ------------------------------------------------------------------------------------
    async def open_session(self, token_hash: str, session: StaffSession, now: datetime) -> None:
        values = asdict(session) | {"token_hash": token_hash, "created_at": now}
        await self._db.execute(sa.insert(t.staff_sessions).values(**values))

    async def session(self, token_hash: str, now: datetime) -> tuple[StaffSession, StaffMember] | None:
        """The session and whose it is; None when it has expired or its owner may not sign in any more."""
        sessions = t.staff_sessions
        query = (
            sa.select(sessions.c.csrf, sessions.c.expires_at, t.staff)
            .join(t.staff, t.staff.c.login == sessions.c.login)
            .where(sessions.c.token_hash == token_hash, sessions.c.expires_at > now, t.staff.c.active)
        )
        row = (await self._db.execute(query)).one_or_none()
        if row is None:
            return None
        values = dict(row._mapping)
        session = StaffSession(values["login"], values.pop("csrf"), values.pop("expires_at"))
        return session, StaffMember(**values | {"roles": tuple(row.roles)})

    async def close_session(self, token_hash: str) -> None:
        table = t.staff_sessions
        await self._db.execute(sa.delete(table).where(table.c.token_hash == token_hash))

    async def close_sessions(self, login: str, *, but: str = "") -> None:
        """End everything that this person has open elsewhere."""
        table = t.staff_sessions
        await self._db.execute(sa.delete(table).where(table.c.login == login, table.c.token_hash != but))

    async def forget_before(self, now: datetime, tries_since: datetime) -> None:
        """Remove what has run out."""
        await self._db.execute(sa.delete(t.staff_sessions).where(t.staff_sessions.c.expires_at <= now))
        await self._db.execute(sa.delete(t.staff_tries).where(t.staff_tries.c.at < tries_since))

    # --- one-time links ------------------------------------------------------------------------------
    async def add_link(self, token_hash: str, link: StaffLink) -> None:
        values = asdict(link) | {"roles": list(link.roles), "token_hash": token_hash}
        await self._db.execute(sa.insert(t.staff_links).values(**values))

    async def link(self, token_hash: str) -> StaffLink | None:
        query = sa.select(t.staff_links).where(t.staff_links.c.token_hash == token_hash)
        row = (await self._db.execute(query)).one_or_none()
        if row is None:
            return None
        return StaffLink(row.login, tuple(row.roles), row.made_by, row.expires_at, row.used_at)

    async def use_link(self, token_hash: str, now: datetime) -> bool:
        """False when somebody was faster."""
        table = t.staff_links
        where = (table.c.token_hash == token_hash) & table.c.used_at.is_(None) & (table.c.expires_at > now)
        return bool((await self._db.execute(sa.update(table).where(where).values(used_at=now))).rowcount)

    async def withdraw_links(self, made_by: str, now: datetime) -> None:
        """Make unused links of a maker useless."""
        table = t.staff_links
        where = (table.c.made_by == made_by) & table.c.used_at.is_(None)
        await self._db.execute(sa.update(table).where(where).values(used_at=now))

    # --- failed tries --------------------------------------------------------------------------------
    async def add_try(self, login: str, address: str, now: datetime) -> None:
        await self._db.execute(sa.insert(t.staff_tries).values(login=login, address=address, at=now))

    async def tries(self, login: str, address: str, since: datetime) -> tuple[int, int]:
        """Failed tries for a login, and from an address."""
        table = t.staff_tries
        recent = sa.select(sa.func.count()).select_from(table).where(table.c.at > since)
        by_login = await self._db.scalar(recent.where(table.c.login == login))
        by_address = await self._db.scalar(recent.where(table.c.address == address))
        return int(by_login or 0), int(by_address or 0)


class StaffLog(Rows):
    """What the staff did, appended and never changed."""

    async def append(self, act: StaffAct) -> None:
        """What somebody typed (`free_words`) stands beside the row, which nothing can change."""
        typed, details = parted("staff_log", act.details)
        insert = sa.insert(t.staff_log).values(**asdict(act) | {"details": details})
        row_id = await self._db.scalar(insert.returning(t.staff_log.c.id))
        await FreeWords(self._db).keep("staff_log", row_id or 0, typed, act.conversation_id)

    async def happened(self, action: str) -> bool:
        """Whether this was ever done by anybody."""
        query = sa.select(t.staff_log.c.id).where(t.staff_log.c.action == action).limit(1)
        return (await self._db.execute(query)).first() is not None

    async def last(
        self, limit: int, *, before: int | None = None, login: str = "", conversation_id: str = ""
    ) -> list[tuple[int, StaffAct]]:
        """The newest first, each with its number; `before` such a number, for the next page."""
        table = t.staff_log
        query = sa.select(table).order_by(table.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(table.c.id < before)
        if login:
            query = query.where(table.c.login == login)
        if conversation_id:
            query = query.where(table.c.conversation_id == conversation_id)
        rows = (await self._db.execute(query)).all()
        typed = await FreeWords(self._db).joined("staff_log", [row.id for row in rows])
        acts = [(row.id, StaffAct(*row[1:])) for row in rows]
        return [(id, replace(act, details={**act.details, **typed.get(id, {})})) for id, act in acts]


def as_roles(names: Sequence[str]) -> tuple[str, ...]:
    """Known roles, each once, in their usual order."""
    return tuple(role for role in ("agent", "reviewer", "admin") if role in names)

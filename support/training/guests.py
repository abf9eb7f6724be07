"""Links for testers from outside: the normal chat page, for some days, with conversations marked as theirs.

Only the hash of a link's token is kept. A tester sees and may do what any visitor may; the link is what marks
the conversation, and nothing else does.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from support.store import GuestLink, Store
from support.training.problems import Problem

CHANNEL = "guest"
MOST_DAYS = 90
_LONGEST_NAME = 64


class Guests:
    """Testers' links."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    async def create(self, name: str, staff: str, days: int) -> str:
        """The token of a new link, which cannot be shown again. Problem: guest_name, guest_days."""
        name = name.strip()[:_LONGEST_NAME]
        if not name:
            raise Problem("guest_name")
        if not 1 <= days <= MOST_DAYS:
            raise Problem("guest_days", limit=MOST_DAYS)
        token, now = secrets.token_urlsafe(24), self._clock()
        async with self._store.writing() as unit:
            await unit.guest_links.add(_hash(token), name, staff, now, now + timedelta(days=days))
        return token

    async def listed(self) -> list[GuestLink]:
        """All, the newest first; see `is_open`."""
        async with self._store.reading() as unit:
            return await unit.guest_links.listed()

    async def revoke(self, link_id: int) -> None:
        """From now on the link opens nothing. Problem `unknown_guest`."""
        async with self._store.writing() as unit:
            if not await unit.guest_links.revoke(link_id, self._clock()):
                raise Problem("unknown_guest")

    async def find(self, token: str) -> GuestLink | None:
        """The link of a token, open or not."""
        async with self._store.reading() as unit:
            return await unit.guest_links.by_hash(_hash(token))

    async def opened(self, link: GuestLink) -> None:
        """Note that somebody opened the page."""
        async with self._store.writing() as unit:
            await unit.guest_links.opened(link.id, self._clock())

    async def spoke(self, link: GuestLink, conversation_id: str) -> None:
        """Note that a conversation came by this link."""
        async with self._store.writing() as unit:
            await unit.guest_links.spoke(link.id, conversation_id)

    def is_open(self, link: GuestLink) -> bool:
        """Neither revoked nor expired."""
        return link.revoked_at is None and link.expires_at > self._clock()


def _hash(token: str) -> str:
    # The token has 192 random bits: a slow hash would add nothing.
    return hashlib.sha256(token.encode()).hexdigest()

"""People of the staff for tests of the desk: signed in for real, over HTTP.

mei = await staffed(door, "mei", "agent")            # joined by an invitation, signed in by the form
response = await mei.post("/desk/team/invite", role="agent")
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from support.services import staff
from support.settings import Settings
from support.store import Store
from tests.doors import OpenDoor

PASSWORD = "four unrelated words here"
_CSRF = re.compile(r'"X-CSRF-Token": "([^"]+)"')


@dataclass(frozen=True)
class Colleague:
    """A browser of sorts: a client with a session's cookie and the CSRF token of its pages."""

    client: httpx.AsyncClient
    login: str
    csrf: str

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def post(self, path: str, **form: Any) -> httpx.Response:
        """As htmx sends a form."""
        headers = {"X-CSRF-Token": self.csrf, "HX-Request": "true"}
        return await self.client.post(path, data=form, headers=headers)


@asynccontextmanager
async def staffed(door: OpenDoor, login: str, *roles: str) -> AsyncIterator[Colleague]:
    """A new colleague with these roles, signed in."""
    await hire(door.settings, login, *roles)
    async with httpx.AsyncClient(base_url=door.client.base_url, timeout=30, trust_env=False) as client:
        yield await sign_in(client, login)


async def hire(settings: Settings, login: str, *roles: str) -> None:
    """Make the colleague, by an invitation of an admin who is made where there is none."""
    now = datetime.now(UTC)
    store = Store(settings.database_url)
    await staff.ensure_admin(store, "boss", PASSWORD, now)
    boss = staff.SignedIn("boss", "boss", staff.ROLES, "", "")
    if login != boss.login:
        invitation = await staff.invite(store, boss, roles, now)
        await staff.accept(store, invitation, login, login.title(), PASSWORD, "en", now)
    await store.close()


async def sign_in(client: httpx.AsyncClient, login: str) -> Colleague:
    entered = await client.post(
        "/desk/sign-in", data={"login": login, "password": PASSWORD, "then": "/desk/me"}
    )
    assert entered.status_code == 303, entered.text
    shown = await client.get("/desk/me")
    found = _CSRF.search(shown.text)
    assert found, shown.text
    return Colleague(client, login, found[1])

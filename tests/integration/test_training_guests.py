"""Testers' links on both databases, through a real gateway: what they open, what they mark, how they end."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
import sqlalchemy as sa

from support.store import Store
from support.store import tables as t
from support.training.guests import Guests
from support.training.problems import Problem
from tests.doors import OpenDoor
from tests.training_rig import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guests(store: Store, clock: Clock) -> Guests:
    return Guests(store, clock)


async def channel(store: Store, conversation_id: str) -> str | None:
    async with store.reading() as unit:
        table = t.conversations
        found: str | None = await unit.connection.scalar(
            sa.select(table.c.channel).where(table.c.conversation_id == conversation_id)
        )
    return found


async def opened(door: OpenDoor, token: str) -> httpx.Response:
    return await door.client.get(f"/guest/{token}")


async def said(door: OpenDoor, token: str = "", **message: str) -> httpx.Response:
    headers = {"X-Shopclerk-Guest": token} if token else {}
    body = {"conversation_id": door.conversation_id, "text": "你好"} | message
    return await door.client.post("/api/chat/messages", json=body, headers=headers)


async def test_a_link_opens_the_chat_page_and_marks_its_conversations(
    door: OpenDoor, guests: Guests, store: Store
) -> None:
    token = await guests.create("小周", "mei", days=7)
    page = await opened(door, token)
    assert page.status_code == 200
    assert "composer" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert (await said(door, token)).status_code == 200
    assert await channel(store, door.conversation_id) == "guest"
    (link,) = await guests.listed()
    assert (link.name, link.staff, link.opened_at is not None) == ("小周", "mei", True)


async def test_a_visitor_without_a_link_cannot_be_a_guest(door: OpenDoor, store: Store) -> None:
    refused = await said(door, channel="guest")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "guest_link_needed")
    assert await channel(store, door.conversation_id) is None
    assert (await said(door)).status_code == 200
    assert await channel(store, door.conversation_id) == "web"


async def test_a_conversation_of_a_customer_does_not_become_a_guests(
    door: OpenDoor, guests: Guests, store: Store
) -> None:
    token = await guests.create("小周", "mei", days=7)
    await said(door)
    await said(door, token)
    assert await channel(store, door.conversation_id) == "web"


@pytest.mark.parametrize("how", ["expired", "revoked"])
async def test_a_link_that_has_ended_opens_nothing_and_says_so(
    door: OpenDoor, guests: Guests, store: Store, how: str
) -> None:
    token = await guests.create("小周", "mei", days=7)
    assert (await said(door, token)).status_code == 200
    (link,) = await guests.listed()
    if how == "revoked":
        await guests.revoke(link.id)
    else:
        async with store.writing() as unit:
            past = datetime(2026, 1, 1, tzinfo=UTC)
            await unit.connection.execute(sa.update(t.guest_links).values(expires_at=past))
    page = await opened(door, token)
    assert page.status_code == 410
    assert "测试链接已失效" in page.text
    assert "This test link has ended" in page.text
    refused = await said(door, token)
    assert (refused.status_code, refused.json()["error"]["code"]) == (410, "guest_link_over")


async def test_a_link_that_never_was_is_not_found(door: OpenDoor) -> None:
    assert (await opened(door, "a-guess-at-a-token-0000000000000")).status_code == 404


async def test_the_token_itself_is_not_kept(guests: Guests, store: Store) -> None:
    token = await guests.create("小周", "mei", days=7)
    async with store.reading() as unit:
        (row,) = await unit.connection.execute(sa.select(t.guest_links))
    assert token not in str(row)
    assert await guests.find(token) is not None


async def test_a_link_needs_a_name_and_days_within_reason(guests: Guests) -> None:
    for name, days in (("  ", 7), ("小周", 0), ("小周", 91)):
        with pytest.raises(Problem, match=r"who the link is for|1 to 90 days"):
            await guests.create(name, "mei", days)


async def test_a_link_is_revoked_once(guests: Guests) -> None:
    await guests.create("小周", "mei", days=7)
    (link,) = await guests.listed()
    await guests.revoke(link.id)
    with pytest.raises(Problem, match="no such link"):
        await guests.revoke(link.id)

"""Rates that hold for a customer, for several gateways, and while Redis is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest

from support.store import Store, tables
from tests.doors import OpenDoor, new_conversation, open_door
from tests.fakes_rasa import FakeRasa

# Nothing here is kept in the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

_CUSTOMER = {"customer_id": "C1", "name": "张伟", "phone": "", "email": "", "language": "zh", "extra": {}}


async def test_a_customer_has_one_rate_in_all_conversations(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with open_door(database_url, tmp_path, rasa, customer_messages_per_minute=3) as door:
        await _add_customer(door)
        answers = [await _as_customer(door, new_conversation()) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert (await door.post(text="你好", conversation_id=new_conversation())).status_code == 200


async def test_two_gateways_count_together_where_there_is_a_redis(
    database_url: str, tmp_path: Path, rasa: FakeRasa, redis_url: str
) -> None:
    rate = {"messages_per_minute": 3, "redis_url": redis_url}
    async with (
        open_door(database_url, tmp_path, rasa, **rate) as one,
        open_door(database_url, tmp_path, rasa, **rate) as other,
    ):
        conversation_id = new_conversation()
        answers = [
            await door.post(text="你好", conversation_id=conversation_id) for door in (one, other, one, other)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


async def test_while_redis_is_away_each_gateway_counts_for_itself(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    nobody = "redis://127.0.0.1:1/0"
    async with open_door(database_url, tmp_path, rasa, messages_per_minute=2, redis_url=nobody) as door:
        answers = [await door.post(text="你好") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]


async def _add_customer(door: OpenDoor) -> None:
    store = Store(door.settings.database_url)
    async with store.writing() as unit:
        await unit.connection.execute(tables.customers.insert().values(**_CUSTOMER))
    await store.close()


async def _as_customer(door: OpenDoor, conversation_id: str) -> httpx.Response:
    secret = door.settings.customer_token_secret.get_secret_value()
    token = jwt.encode({"sub": "C1", "exp": datetime.now(UTC) + timedelta(hours=1)}, secret)
    body = {"conversation_id": conversation_id, "text": "你好"}
    headers = {"Authorization": f"Bearer {token}"}
    return await door.client.post("/api/chat/messages", json=body, headers=headers)


@pytest.mark.parametrize(("address", "counts"), [("1.2.3.4", True), ("10.0.0.7", False), ("proxy", False)])
async def test_guesses_from_one_address_of_the_internet_count_together(
    address: str, counts: bool, database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    """What `identity.prove_by_order` counts by; the address itself is kept nowhere."""
    async with open_door(database_url, tmp_path, rasa) as door:
        for _ in range(2):
            body = {"conversation_id": new_conversation(), "text": "你好"}
            # uvicorn believes this of a proxy on the same machine.
            forwarded = {"X-Forwarded-For": address}
            await door.client.post("/api/chat/messages", json=body, headers=forwarded)
    store = Store(database_url)
    async with store.reading() as unit:
        query = tables.conversations.select()
        (origin,) = {row.origin for row in await unit.connection.execute(query)}
    await store.close()
    assert bool(origin) is counts
    assert address not in origin

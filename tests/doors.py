"""The gateway alone, on a real port in the test's own loop, with a stand-in for Rasa behind it.

async with open_door(database_url, tmp_path, rasa) as door:
    reply = await door.say("几天能退？")
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from gateway.app import create_app
from support.settings import Settings
from tests.fakes_rasa import SECRET, FakeRasa
from tests.stack import free_ports, stack_settings

STAFF = {"Authorization": "Bearer staff-token-of-the-tests"}


def new_conversation() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True)
class OpenDoor:
    """A running gateway; `say` is one customer's message in one conversation."""

    client: httpx.AsyncClient
    app: FastAPI
    settings: Settings
    conversation_id: str = field(default_factory=new_conversation)

    async def post(self, **message: Any) -> httpx.Response:
        body = {"conversation_id": self.conversation_id} | message
        return await self.client.post("/api/chat/messages", json=body)

    async def say(self, text: str, **message: Any) -> dict[str, Any]:
        """The answer to a message that is expected to be answered."""
        response = await self.post(text=text, **message)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def refused(self, **message: Any) -> tuple[int, dict[str, str]]:
        """Status and error of a message that is expected to be refused."""
        response = await self.post(**message)
        return response.status_code, response.json()["error"]

    async def history(self) -> dict[str, Any]:
        response = await self.client.get(f"/api/chat/conversations/{self.conversation_id}/messages")
        found: dict[str, Any] = response.json()
        return found

    async def staff(self, method: str, path: str = "", **body: Any) -> httpx.Response:
        address = f"/api/staff/handovers{path}"
        return await self.client.request(method, address, json=body or None, headers=STAFF)

    async def waiting(self) -> int:
        """The id of this conversation's handover."""
        found = (await self.staff("GET")).json()
        return next(int(one["id"]) for one in found if one["conversation_id"] == self.conversation_id)


@asynccontextmanager
async def open_door(
    database_url: str, folder: Path, rasa: FakeRasa, **changed: Any
) -> AsyncIterator[OpenDoor]:
    """Start a gateway with these settings changed, and stop it afterwards."""
    settings = stack_settings(
        folder,
        database_url=database_url,
        rasa_port=rasa.port,
        channel_secret=SecretStr(SECRET),
        # Who waits for a Rasa that is gone waits in tests of that.
        **{"actions_port": rasa.port, "port": free_ports(1)[0], "patience_seconds": 3} | changed,
    )
    app = create_app(settings)
    config = uvicorn.Config(app, port=settings.port, log_level="warning")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not running.done(), "the gateway did not start"
            await asyncio.sleep(0.01)
        url = f"http://127.0.0.1:{settings.port}"
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
            yield OpenDoor(client, app, settings)
    finally:
        server.should_exit = True
        await running

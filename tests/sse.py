"""Reads server-sent events as a test needs them: one after the other, and until one that it waits for.

async with heard(client, "/api/chat/messages", json=body) as events:
    async for event in events: ...
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Heard:
    """One event; `id` is empty where it has none."""

    kind: str
    data: Any
    id: str


@asynccontextmanager
async def heard(
    client: httpx.AsyncClient, path: str, *, method: str = "POST", last_event_id: str = "", **request: Any
) -> AsyncIterator[AsyncIterator[Heard]]:
    """The events of a response; leaving cuts the connection."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_event_id} if last_event_id else {})
    headers |= request.pop("headers", {})
    async with client.stream(method, path, headers=headers, **request) as response:
        assert response.status_code == 200, await response.aread()
        async with aclosing(_events(response)) as events:
            yield events


async def _events(response: httpx.Response) -> AsyncGenerator[Heard, None]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if line and name:  # a line that begins with a colon is a comment
            fields[name] = value
        elif not line and "data" in fields:
            yield Heard(fields.get("event", "message"), json.loads(fields["data"]), fields.get("id", ""))
            fields = {}
        elif not line:
            fields = {}


def shown(events: list[Heard]) -> str:
    """The text that stands on the page after these events."""
    text = ""
    for event in events:
        if event.kind == "delta":
            text += event.data["text"]
        elif event.kind == "withdraw":
            text = event.data["keep"]
    return text

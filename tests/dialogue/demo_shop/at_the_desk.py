"""The people's side of the running system, over its HTTP, and what Rasa remembers of a conversation."""

from __future__ import annotations

from typing import Any

import httpx

from support.bootstrap import Shop
from tests.stack import Stack

_ANSWER_S = 60


class Desk:
    """One person, by the name of 小林."""

    def __init__(self, stack: Stack, shop: Shop) -> None:
        self._stack, self._shop = stack, shop

    async def number(self, conversation_id: str) -> int:
        """Of the conversation's open handover."""
        async with self._shop.store.reading() as unit:
            found = await unit.handovers.current(conversation_id)
        assert found
        return found.id

    def does(self, number: int, what: str, **body: Any) -> dict[str, Any]:
        """take, reply, transfer, give-back or close."""
        url = f"{self._stack.gateway_url}/api/staff/handovers/{number}/{what}"
        content = {"person": "小林"} | body
        response = httpx.post(url, json=content, headers=self._stack.staff_headers, timeout=_ANSWER_S)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def tracker(self, conversation_id: str) -> list[str]:
        """What was said by anybody, as Rasa has it."""
        secret = self._stack.settings.channel_secret.get_secret_value()
        url = f"{self._stack.rasa_url}/conversations/{conversation_id}/tracker"
        answer = httpx.get(url, params={"token": secret, "include_events": "ALL"}, timeout=_ANSWER_S)
        return [one["text"] for one in answer.json()["events"] if one["event"] in ("user", "bot")]

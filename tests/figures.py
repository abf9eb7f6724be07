"""Rows that the analytics count, for tests: everything has a default, a test names what matters.

facts = Facts(store)
await facts.talk("a", at, outcome="answered")              # a conversation
await facts.said("a", at, intent="thank")                  # a customer's message in it
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from support.store import ModelCall, Store
from support.store import tables as t


class Facts:
    """Writes into the tables that the projector, the gateway and the actions fill."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers = itertools.count()

    async def talk(self, conversation_id: str, at: datetime, **columns: Any) -> None:
        """A conversation that began at `at` with one message of its customer."""
        values: dict[str, Any] = {
            "conversation_id": conversation_id,
            "channel": "web",
            "language": "zh",
            "is_test": False,
            "customer_id": None,
            "model_id": "",
            "started_at": at,
            "last_at": at,
            "last_customer_at": at,
            "customer_messages": 1,
            "bot_messages": 1,
            "person_messages": 0,
            "holder": "bot",
            "outcome": "answered",
            "handover_reason": "",
            "state": "unreviewed",
            "flagged": 0,
            "labels": [],
            "last_text": "",
            "said": "",
            "document": frozenset({"x"}),
        }
        await self._add(t.review_conversations, values | columns)

    async def said(self, conversation_id: str, at: datetime, **columns: Any) -> None:
        """A customer's message, answered."""
        values: dict[str, Any] = {
            "conversation_id": conversation_id,
            "key": f"message-{next(self._numbers)}",
            "message_id": "",
            "at": at,
            "text": "几天能退货",
            "intent": "ask_knowledge",
            "confidence": 0.9,
            "ranking": [],
            "entities": [],
            "language": "zh",
            "answered": True,
            "state": "sure",
        }
        await self._add(t.review_messages, values | columns)

    async def handover(
        self, conversation_id: str, at: datetime, *steps: tuple[float, str], **columns: Any
    ) -> None:
        """A handover, and who had it after so many seconds: (90, "person"), (300, "bot")."""
        number = next(self._numbers) + 1
        ended = next((at + timedelta(seconds=s) for s, to in steps if to in ("bot", "closed")), None)
        values = {
            "id": number,
            "conversation_id": conversation_id,
            "status": "closed" if ended else "waiting",
            "reason": "asked",
            "packet": {},
            "opened_at": at,
            "closed_at": ended,
            "closed_why": "given_back" if ended else None,
        }
        await self._add(t.handovers, values | columns)
        before = "bot"
        for seconds, to in ((0.0, "queue"), *steps):
            step = {"conversation_id": conversation_id, "handover_id": number, "from_state": before}
            step |= {"to_state": to, "by_kind": "staff", "by_name": "", "why": "", "to_name": "", "note": ""}
            await self._add(t.transitions, step | {"at": at + timedelta(seconds=seconds)})
            before = to

    async def told(self, conversation_id: str, at: datetime, **payload: str) -> None:
        """What the customer's page was told: a person's words are `**{"from": "Mei"}`."""
        async with self._store.writing() as unit:
            await unit.conversations.tell(conversation_id, "message", {"text": "…"} | payload, at)

    async def rating(self, conversation_id: str, at: datetime, score: int) -> None:
        async with self._store.writing() as unit:
            await unit.ratings.add(conversation_id, score, "", at)

    async def decision(
        self, conversation_id: str, at: datetime, outcome: str, minor: int, **columns: Any
    ) -> None:
        """An entry of the ledger about a refund."""
        values: dict[str, Any] = {
            "at": at,
            "action": "refund",
            "actor": "customer:C1",
            "conversation_id": conversation_id,
            "order_id": "A1",
            "rule": "seven-days",
            "outcome": outcome,
            "confirming_message": "m",
            "inputs": {},
            "result": {"amount_minor": minor, "currency": "CNY"},
        }
        await self._add(t.ledger, values | columns)

    async def call(
        self, at: datetime, first_ms: int | None, total_ms: int, outcome: str = "ok", **fields: Any
    ) -> None:
        """A call of the model."""
        values: dict[str, Any] = {"conversation_id": "a", "purpose": "answer", "prompt_tokens": None} | fields
        made = ModelCall(
            at=at,
            first_token_ms=first_ms,
            total_ms=total_ms,
            outcome=outcome,
            completion_tokens=None,
            **values,
        )
        async with self._store.writing() as unit:
            await unit.model_calls.add([made])

    async def _add(self, table: sa.Table, values: dict[str, Any]) -> None:
        async with self._store.writing() as unit:
            await unit.connection.execute(sa.insert(table).values(**values))

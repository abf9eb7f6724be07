"""Callers that ask a model server or the assistant, and what they had to wait for.

    asked = await under_load(completions(url, key, model), prompts, callers=8)
    asked.tokens_per_s

Closed loop: a caller asks again when it has its whole answer. All clocks are this process's `perf_counter`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

Prompt = list[dict[str, Any]]
_TIMEOUT = aiohttp.ClientTimeout(total=300)


@dataclass(frozen=True)
class Question:
    """What a customer asks, and the messages that the assistant makes of it for the model."""

    text: str
    language: str
    prompt: Prompt


@dataclass(frozen=True)
class Answer:
    """Seconds from asking to the first words and to the end; `tokens` of the model's, 0 without it."""

    first_s: float
    total_s: float
    tokens: int


Ask = Callable[[aiohttp.ClientSession, Question], Awaitable[Answer]]


@dataclass(frozen=True)
class Load:
    """What `callers` had at the same time, over `wall_s` seconds."""

    callers: int
    wall_s: float
    answers: Sequence[Answer]

    @property
    def tokens_per_s(self) -> float:
        return sum(answer.tokens for answer in self.answers) / self.wall_s

    @property
    def worded(self) -> float:
        """The share of answers that the model worded."""
        return sum(answer.tokens > 0 for answer in self.answers) / len(self.answers)

    @property
    def first_ms(self) -> float:
        """Median time to the first words."""
        return statistics.median(answer.first_s for answer in self.answers) * 1000

    @property
    def per_token_ms(self) -> float:
        """Median over the answers of the time between two tokens after the first."""
        gaps = [(one.total_s - one.first_s) / (one.tokens - 1) for one in self.answers if one.tokens > 1]
        return statistics.median(gaps) * 1000 if gaps else 0.0


def completions(url: str, key: str, model: str, max_tokens: int) -> Ask:
    """Ask an OpenAI-compatible server whose `url` ends in `/v1`, streaming, as the assistant does."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def ask(session: aiohttp.ClientSession, question: Question) -> Answer:
        body = {
            "model": model,
            "messages": question.prompt,
            "max_tokens": max_tokens,
            "temperature": 0.2,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        started = time.perf_counter()
        first, tokens = 0.0, 0
        async with session.post(f"{url}/chat/completions", json=body, headers=headers) as response:
            async for data in _events(response):
                if data == b"[DONE]":
                    continue
                chunk = json.loads(data)
                if not first and any(choice["delta"].get("content") for choice in chunk["choices"]):
                    first = time.perf_counter() - started
                if usage := chunk.get("usage"):
                    tokens = usage["completion_tokens"]
        if not tokens:
            raise RuntimeError(f"{url} answered with nothing")
        total = time.perf_counter() - started
        return Answer(first or total, total, tokens)  # one token alone may be half a letter

    return ask


def assistant(url: str, tokens: int) -> Ask:
    """Ask the assistant as the chat page does, each question in a new conversation.

    `tokens`: how long the model's answers are, which the page is not told.
    """

    async def ask(session: aiohttp.ClientSession, question: Question) -> Answer:
        started = time.perf_counter()
        words = words_of(session, url, question.text, question.language, uuid.uuid4().hex)
        arrived = [time.perf_counter() - started async for _ in words]
        total = time.perf_counter() - started
        # Under load the assistant may answer from its documents rather than keep the customer waiting.
        return Answer(arrived[0] if arrived else total, total, tokens if arrived else 0)

    return ask


async def words_of(
    session: aiohttp.ClientSession, url: str, text: str, language: str, message_id: str
) -> AsyncIterator[None]:
    """Each time words of the model's arrive at the page of a new customer, until the whole answer has."""
    body = {
        "conversation_id": uuid.uuid4().hex,
        "message_id": message_id,
        "text": text,
        "language": language,
    }
    headers = {"Accept": "text/event-stream"}
    async with session.post(f"{url}/api/chat/messages", json=body, headers=headers) as response:
        async for line in _lines(response):
            if line == b"event: delta":
                yield


async def under_load(ask: Ask, questions: Sequence[Question], callers: int) -> Load:
    """Every question once, by so many callers."""
    waiting = iter(questions)
    answers: list[Answer] = []

    async def call(session: aiohttp.ClientSession) -> None:
        for question in waiting:
            answers.append(await ask(session, question))

    connector = aiohttp.TCPConnector(limit=callers)
    async with aiohttp.ClientSession(timeout=_TIMEOUT, connector=connector) as session:
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(callers):
                group.create_task(call(session))
        return Load(callers, time.perf_counter() - started, answers)


async def side_by_side(one: Ask, other: Ask, questions: Sequence[Question], pairs: int) -> list[float]:
    """How many seconds longer the whole answer of `other` took, pair by pair, in turns first and second."""
    added = []
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        for number, question in enumerate(itertools.islice(itertools.cycle(questions), pairs)):
            if number % 2:
                late, early = await other(session, question), await one(session, question)
            else:
                early, late = await one(session, question), await other(session, question)
            added.append(late.total_s - early.total_s)
    return added


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    if response.status != 200:
        raise RuntimeError(f"{response.url} answered {response.status}: {(await response.text())[:500]}")
    async for line in response.content:
        yield line.rstrip()


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for line in _lines(response):
        if line.startswith(b"data: "):
            yield line[len(b"data: ") :]

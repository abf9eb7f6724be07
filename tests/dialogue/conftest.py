"""A fresh customer for every test, in either language."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from support.bootstrap import Shop
from tests.dialogue.conversation import Conversation
from tests.stack import Stack


@pytest_asyncio.fixture
async def door(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=30, trust_env=False) as client:
        yield client


@pytest_asyncio.fixture
async def zh(door: httpx.AsyncClient, shop: Shop) -> Conversation:
    """A customer whose page is Chinese."""
    return Conversation(door, shop, "zh")


@pytest_asyncio.fixture
async def en(door: httpx.AsyncClient, shop: Shop) -> Conversation:
    """A customer whose page is English."""
    return Conversation(door, shop, "en")

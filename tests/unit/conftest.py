"""The guard proxy before a scripted engine, for its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fakes_engine import FakeEngine, running_engine
from tests.proxies import RunningProxy, running_proxy


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[FakeEngine]:
    async with running_engine() as running:
        yield running


@pytest_asyncio.fixture
async def proxy(engine: FakeEngine) -> AsyncIterator[RunningProxy]:
    async with running_proxy(engine.url) as running:
        yield running

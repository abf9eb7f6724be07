"""Puts the shop's parts together from the settings, once a process.

shop = open_shop(Settings())        # no I/O but reading policy.yml
...
await shop.close()
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from support import policy as policies
from support.knowledge import Embedder, Knowledge
from support.llm import Llm
from support.pictures import PictureStore
from support.policy import Policy
from support.services.ask_product import Catalogue
from support.settings import Settings
from support.store import Store
from support.streaming import SideChannel, ThroughRedis, ToGateway


@dataclass(frozen=True)
class Shop:
    """Everything that a use case may ask for. `llm` is None when no model is configured."""

    settings: Settings
    store: Store
    policy: Policy
    knowledge: Knowledge
    embedder: Embedder | None
    llm: Llm | None
    pictures: PictureStore
    catalogue: Catalogue
    side_channel: SideChannel
    clock: Callable[[], datetime]

    async def close(self) -> None:
        await self.side_channel.close()
        await self.store.close()
        for endpoint in (self.llm, self.embedder):
            if endpoint:
                await endpoint.close()


def open_shop(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Shop:
    """PolicyError when the shop's `policy.yml` cannot be used; without one, people decide everything."""
    rules = settings.shop / "policy.yml"
    vectors = embedder(settings)
    return Shop(
        settings=settings,
        store=Store(settings.database_url),
        policy=policies.load(rules) if rules.exists() else Policy(),
        knowledge=Knowledge(settings.var / "knowledge", vectors),
        embedder=vectors,
        llm=_llm(settings),
        pictures=PictureStore(settings.attachments_url),
        catalogue=Catalogue(),
        side_channel=_side_channel(settings),
        clock=clock,
    )


def _llm(settings: Settings) -> Llm | None:
    if not settings.llm_url:
        return None
    key = settings.llm_key.get_secret_value()
    return Llm(settings.llm_url, settings.llm_model, key, max_tokens=settings.llm_max_tokens)


def _side_channel(settings: Settings) -> SideChannel:
    if settings.redis_url:
        return SideChannel(ThroughRedis(settings.redis_url))
    return SideChannel(ToGateway(settings.stream_url, settings.channel_secret.get_secret_value()))


def embedder(settings: Settings) -> Embedder | None:
    """The embedding endpoint, when one is configured."""
    if not settings.embedding_url:
        return None
    return Embedder(
        settings.embedding_url, settings.embedding_model, settings.embedding_key.get_secret_value()
    )

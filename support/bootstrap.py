"""Puts the shop's parts together from the settings, once a process.

shop = open_shop(Settings())        # no I/O but reading policy.yml and content.yml
...
await shop.close()
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from support import policy as policies
from support.answer_cache import AnswerCache, InMemory, InRedis
from support.guard import rules as content_rules
from support.guard.content import Content
from support.knowledge import Embedder, Knowledge, Reranker
from support.llm import Llm
from support.meters import ModelMeters
from support.pictures import PictureStore
from support.policy import Policy
from support.services.ask_product import Catalogue
from support.services.model_calls import CallBook
from support.settings import Settings
from support.speech import Transcriber
from support.store import Store
from support.store.tracker import Tracker
from support.streaming import SideChannel, ThroughRedis, ToGateway


@dataclass(frozen=True)
class Shop:
    """Everything that a use case may ask for. `llm` is None when no model is configured.

    `answers` is None when every question is to be answered anew.
    """

    settings: Settings
    store: Store
    tracker: Tracker
    policy: Policy
    knowledge: Knowledge
    embedder: Embedder | None
    reranker: Reranker | None
    transcriber: Transcriber | None
    llm: Llm | None
    call_book: CallBook
    model_meters: ModelMeters
    answers: AnswerCache | None
    pictures: PictureStore
    catalogue: Catalogue
    content: Content
    side_channel: SideChannel
    clock: Callable[[], datetime]

    async def close(self) -> None:
        await self.side_channel.close()
        await self.store.close()
        for endpoint in (self.llm, self.embedder, self.reranker, self.transcriber, self.answers):
            if endpoint:
                await endpoint.close()


def open_shop(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Shop:
    """PolicyError or RulesError when the shop's `policy.yml` or `content.yml` cannot be used.

    Without the first, people decide everything; without the second, the rules that come with Shopclerk hold.
    """
    rules = settings.shop / "policy.yml"
    store, meters = Store(settings.database_url), ModelMeters()
    vectors, second_reader = embedder(settings), _reranker(settings)
    content = Content(content_rules.load(settings.shop / "content.yml"))
    return Shop(
        settings=settings,
        store=store,
        tracker=Tracker(settings.tracker_url),
        policy=policies.load(rules) if rules.exists() else Policy(),
        knowledge=Knowledge(settings.var / "knowledge", vectors, second_reader),
        embedder=vectors,
        reranker=second_reader,
        transcriber=_transcriber(settings),
        llm=_llm(settings),
        call_book=CallBook(store, meters, settings.shares, settings.keep_model_texts, clock, content),
        model_meters=meters,
        answers=_answers(settings, meters),
        pictures=PictureStore(settings.attachments_url),
        catalogue=Catalogue(),
        content=content,
        side_channel=_side_channel(settings),
        clock=clock,
    )


def _llm(settings: Settings) -> Llm | None:
    if not settings.llm_urls:
        return None
    key = settings.llm_key.get_secret_value()
    return Llm(settings.llm_urls, settings.llm_model, key, max_tokens=settings.llm_max_tokens)


def _answers(settings: Settings, meters: ModelMeters) -> AnswerCache | None:
    seconds = settings.answer_cache_minutes * 60
    if not seconds:
        return None
    in_redis, in_memory = settings.redis_url, settings.var / "answers"
    storage = InRedis(in_redis, seconds) if in_redis else InMemory(in_memory, seconds)
    return AnswerCache(storage, count=lambda outcome: meters.cached_answers.labels(outcome).inc())


def _side_channel(settings: Settings) -> SideChannel:
    if settings.redis_url:
        return SideChannel(ThroughRedis(settings.redis_url))
    return SideChannel(ToGateway(settings.stream_url, settings.channel_secret.get_secret_value()))


def embedder(settings: Settings) -> Embedder | None:
    """The embedding endpoint, when one is configured."""
    if not settings.embedding_url:
        return None
    return Embedder(
        settings.embedding_url,
        settings.embedding_model,
        settings.embedding_key.get_secret_value(),
        query_prefix=settings.embedding_query_prefix,
    )


def _reranker(settings: Settings) -> Reranker | None:
    if not settings.rerank_url:
        return None
    return Reranker(settings.rerank_url, settings.rerank_model, settings.rerank_key.get_secret_value())


def _transcriber(settings: Settings) -> Transcriber | None:
    if not settings.speech_url:
        return None
    return Transcriber(settings.speech_url, settings.speech_model, settings.speech_key.get_secret_value())

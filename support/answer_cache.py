"""Answers to repeated questions: the same words get the same answer while nothing that it stands on changes.

    key = answer_key("几天内可以退货？", "zh", (knowledge_version, prompt, variant))
    async with cache.place(key) as place:
        if place.kept is None:
            place.keep(await made_anew())       # kept when the block ends; waiters get it at once
    ...
    await cache.drop("几天内可以退货？", "zh")     # a reviewer found the answer wrong

In memory, or in Redis, where several action servers share one. Values are texts; what they mean is the
caller's.

Contract: a question is its words, with width, case, blanks and the signs at its ends made equal; never its
meaning. Traditional and simplified characters stay apart: an answer is in the characters of its question.
When the same is asked several times at once, one is answered and the others wait for it, but not for long.
Nothing here raises; a storage that fails is a cache without answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar, get_args

from cachetools import TTLCache
from redis import asyncio as redis
from redis.exceptions import RedisError

from support import personal
from support.knowledge.text import fold
from support.model import Language
from support.words import words

log = logging.getLogger(__name__)

Outcome = Literal["hit", "miss", "skip"]
_T = TypeVar("_T")

# A change of what the values hold gets a new number: the old ones are then never read.
_PREFIX = "shopclerk:answers:1:"
_MOST_IN_MEMORY = 2_000
# So long a question waits for the same question's answer; a model that takes longer may be hanging.
_WAIT_S = 3.0
# Redis is one step away: what takes longer is not worth it, and is not tried again for a while.
_REDIS_WITHIN_S, _REDIS_RESTS_S = 0.05, 30.0
_DROP_WITHIN_S = 2.0

_ENDS = " \t\r\n?!.,;:~…。！？，、；：～\"'“”‘’()（）"
# No space is needed beside a Chinese character.
_LOOSE_BLANK = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
# Order numbers, phones and the like, however short and however they are grouped; handles.
_ONE_CUSTOMERS = re.compile(r"\d(?:[ -]?\d){3,}|\S@\S")
_POINTS_BACK_ZH = re.compile(
    r"[那这它]|该商品|该订单|上面|上述|刚[才刚]|前面|之前|另外|其[他它]|还|也|再|又|同样|一样|换成|不是说|不对"
    r"|^(?!.*[么什几多哪谁怎]).*呢$"
)
_POINTS_BACK_EN = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|their|one|ones|other|others|another|else|same|instead|also|too"
    r"|above|again|before|earlier|still|then)\b"
    r"|^(?:and|but|so|or|ok|okay|what about|how about|what if|really)\b"
)
# Only the talk before tells which of their things customers mean.
_OWN = re.compile(r"[我俺]们?的|\b(?:my|mine|our|ours)\b")
_ENOUGH_WORDS = 2


def normal(question: str) -> str:
    """The words without what does not matter: width, case, blanks, the signs at the ends."""
    return _LOOSE_BLANK.sub("", " ".join(fold(question).split())).strip(_ENDS)


def refers_back(question: str) -> bool:
    """Whether the words point at something that was said or sent before: 那运费呢, "what about that one"."""
    text = normal(question)
    return bool(_POINTS_BACK_ZH.search(text) or _POINTS_BACK_EN.search(text))


def stands_alone(question: str) -> bool:
    """Whether the words, in the middle of a conversation, ask the same as they would at its beginning.

    Strict on purpose: they must not point back nor speak of the customer's own things, and must name what
    they are about in two words or more. 运费多少 may mean the parcel that was just talked about.
    """
    if refers_back(question) or _OWN.search(normal(question)):
        return False
    return len(set(words(question))) >= _ENOUGH_WORDS


def is_personal(question: str) -> bool:
    """Whether it holds what may belong to one customer: anything personal, and any four digits."""
    return bool(_ONE_CUSTOMERS.search(fold(question)) or personal.find(question))


@dataclass(frozen=True)
class Key:
    """Digests: of the question in its language, and of all else that the answer stands on."""

    question: str
    context: str


def answer_key(question: str, language: Language, context: Sequence[str]) -> Key:
    return Key(_question_digest(question, language), _digest(context))


def _question_digest(question: str, language: Language) -> str:
    return _digest([language, normal(question)])


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


class Storage(Protocol):
    """Where values lie until they are too old. Raises nothing."""

    async def get(self, key: Key) -> str | None: ...

    async def put(self, key: Key, value: str) -> None: ...

    async def drop(self, question: str) -> None: ...

    async def close(self) -> None: ...


class InMemory:
    """In this process. What was dropped, here or in another process, has an empty file in `folder`."""

    def __init__(self, folder: Path, ttl_s: float, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._ttl_s = folder, ttl_s
        self._values: TTLCache[Key, tuple[int, str]] = TTLCache(_MOST_IN_MEMORY, ttl_s, timer)

    async def get(self, key: Key) -> str | None:
        put_at, value = self._values.get(key, (0, None))
        return value if value is not None and put_at > self._dropped_at(key.question) else None

    async def put(self, key: Key, value: str) -> None:
        self._values[key] = time.time_ns(), value

    async def drop(self, question: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._forget_old_drops()
            mark, now = self._folder / question, time.time_ns()
            mark.touch()
            os.utime(mark, ns=(now, now))  # the file system's own clock is coarser than the values'
        except OSError as error:
            log.error("an answer found wrong stays in use until it is too old: %s", error)

    async def close(self) -> None:
        self._values.clear()

    def _dropped_at(self, question: str) -> int:
        try:
            return (self._folder / question).stat().st_mtime_ns
        except OSError:
            return 0

    def _forget_old_drops(self) -> None:
        """Those older than any value."""
        for mark in self._folder.iterdir():
            if mark.stat().st_mtime < time.time() - self._ttl_s:
                mark.unlink(missing_ok=True)


class InRedis:
    """In Redis, one hash a question with its contexts as fields. A dead one is left alone for a while."""

    def __init__(self, url: str, ttl_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis: redis.Redis = redis.from_url(url, decode_responses=True)
        self._ttl_s, self._clock = ttl_s, clock
        self._rests_until = 0.0

    async def get(self, key: Key) -> str | None:
        return await self._within(lambda: self._get(key))

    async def put(self, key: Key, value: str) -> None:
        await self._within(lambda: self._put(key, value))

    async def drop(self, question: str) -> None:
        try:
            await asyncio.wait_for(self._redis.delete(_PREFIX + question), _DROP_WITHIN_S)
        except (RedisError, OSError, TimeoutError) as error:
            log.error("an answer found wrong stays in use until it is too old: %s", type(error).__name__)

    async def close(self) -> None:
        await self._redis.aclose()

    async def _get(self, key: Key) -> str | None:
        (value,) = await self._redis.hmget(_PREFIX + key.question, [key.context])
        return value if isinstance(value, str) else None

    async def _put(self, key: Key, value: str) -> None:
        async with self._redis.pipeline(transaction=True) as commands:
            commands.hset(_PREFIX + key.question, key.context, value)
            commands.pexpire(_PREFIX + key.question, round(self._ttl_s * 1000))
            await commands.execute()

    async def _within(self, work: Callable[[], Awaitable[_T]]) -> _T | None:
        """None where Redis does not answer in time or was found away a short while ago."""
        if self._clock() < self._rests_until:
            return None
        try:
            return await asyncio.wait_for(work(), _REDIS_WITHIN_S)
        except (RedisError, OSError, TimeoutError) as error:
            self._rests_until = self._clock() + _REDIS_RESTS_S
            log.warning("repeated questions are answered anew, Redis: %s", type(error).__name__)
            return None


class Place:
    """A question's place in the cache, while it is being answered. `kept` is the answer, if there is one."""

    def __init__(self, kept: str | None = None) -> None:
        self.kept = kept
        self.made: str | None = None

    def keep(self, value: str) -> None:
        """Let the next one who asks this have it."""
        self.made = value


class AnswerCache:
    """One a process. `count` hears what became of each question."""

    def __init__(
        self,
        storage: Storage,
        *,
        wait_s: float = _WAIT_S,
        count: Callable[[Outcome], None] = lambda _outcome: None,
    ) -> None:
        self.count = count
        self._storage, self._wait_s = storage, wait_s
        # Answers that are on their way: None in the end where they are not kept.
        self._flights: dict[Key, asyncio.Future[str | None]] = {}

    @asynccontextmanager
    async def place(self, key: Key) -> AsyncIterator[Place]:
        """For a question that will be answered now if it has no answer; the same, asked meanwhile, waits."""
        if flight := self._flights.get(key):
            place = Place(await self._landed(flight))
            self._count(place)
            yield place
            await self._store(key, place)
            return
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        place = Place()
        try:
            place.kept = await self._storage.get(key)
            self._count(place)
            yield place
            flight.set_result(place.made or place.kept)
            await self._store(key, place)
        finally:
            del self._flights[key]
            if not flight.done():
                flight.set_result(None)

    async def kept(self, key: Key) -> str | None:
        """The answer that is there; for a question whose new answer may not be kept."""
        place = Place(await self._storage.get(key))
        self._count(place)
        return place.kept

    async def drop(self, question: str, language: Language | None = None) -> None:
        """Forget what a question was answered, in one language or in all, in all processes that share the
        storage.
        """
        for one in (language,) if language else get_args(Language):
            await self._storage.drop(_question_digest(question, one))

    async def close(self) -> None:
        await self._storage.close()

    async def _landed(self, flight: asyncio.Future[str | None]) -> str | None:
        try:
            return await asyncio.wait_for(asyncio.shield(flight), self._wait_s)
        except TimeoutError:
            return None

    async def _store(self, key: Key, place: Place) -> None:
        if place.made is not None:
            await self._storage.put(key, place.made)

    def _count(self, place: Place) -> None:
        self.count("miss" if place.kept is None else "hit")

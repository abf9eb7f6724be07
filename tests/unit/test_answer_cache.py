"""Which questions are the same, which may be answered from the cache, and who answers when many ask."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from support.answer_cache import (
    AnswerCache,
    InMemory,
    Key,
    Outcome,
    answer_key,
    is_personal,
    normal,
    refers_back,
    stands_alone,
)

QUESTION = "几天内可以退货"
KEY = answer_key(QUESTION, "zh", ("v1",))


class Timer:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def outcomes() -> list[Outcome]:
    return []


@pytest.fixture
def cache(tmp_path: Path, outcomes: list[Outcome]) -> AnswerCache:
    return AnswerCache(InMemory(tmp_path / "answers", 60), wait_s=0.2, count=outcomes.append)


async def asked(cache: AnswerCache, key: Key, answer: str | None, thinks_s: float = 0.0) -> str | None:
    """What one who asks is told: from the cache, or else `answer`, which is kept."""
    async with cache.place(key) as place:
        if place.kept is not None:
            return place.kept
        await asyncio.sleep(thinks_s)
        if answer is not None:
            place.keep(answer)
    return answer


# --- which questions are the same -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "same",
    ["几天内可以退货？", " 几天内 可以退货 ", "几天内可以退货?!", "“几天内可以退货……”", "几天内\n可以退货。"],
)
def test_width_blanks_and_signs_at_the_ends_do_not_matter(same: str) -> None:
    assert normal(same) == normal(QUESTION)


def test_case_does_not_matter_but_words_stay_apart() -> None:
    assert normal("Do you ship  to SINGAPORE?") == normal("do you ship to Singapore") != normal("doyouship")


@pytest.mark.parametrize(
    "other", ["几天内不可以退货", "7天内可以退货", "几天内可以退货吗", "幾天內可以退貨", "几天内可以退货100%"]
)
def test_other_words_are_another_question(other: str) -> None:
    assert normal(other) != normal(QUESTION)


def test_a_key_changes_with_the_language_and_with_each_part_of_the_context() -> None:
    contexts = [
        ("v1", "p", "8B"),
        ("v2", "p", "8B"),
        ("v1", "q", "8B"),
        ("v1", "p", "winter"),
        ("v1p", "", "8B"),
    ]
    keys = {answer_key("COD?", language, parts) for parts in contexts for language in ("zh", "en")}
    assert len(keys) == 2 * len(contexts)


# --- which may be answered from it ----------------------------------------------------------------------


POINTING_BACK = """
    那运费呢 / 运费呢？ / 这件能退吗 / 它要多久 / 还能退吗 / 退款还要多久 / 其他的呢 / 不是说包邮吗
    / what about that one / and shipping? / Can I return it? / How about exchanges? / is this one covered
"""
COMPLETE = """
    几天内可以退货？ / 退货运费谁出 / 可以货到付款吗 / 怎么申请价格保护呢 / 满多少包邮
    / Do you ship to Singapore? / How long do I have to return an item? / Can you gift wrap an order?
"""
SHORT_OR_THEIR_OWN = """
    运费多少 / 要多久 / 为什么 / 我的积分会过期吗
    / how long / how much is shipping? / can I use my credit card
"""
PERSONAL = "13800138000 能查吗 / 电话138 0013 8000 / 尾号 8 8 8 8 / 订单 a-2048 / send it to li@example.com"


@pytest.mark.parametrize("question", POINTING_BACK.split(" / "))
def test_words_that_point_at_what_was_said_before(question: str) -> None:
    assert refers_back(question)
    assert not stands_alone(question)


@pytest.mark.parametrize("question", COMPLETE.split(" / "))
def test_words_that_say_all_that_they_mean(question: str) -> None:
    assert not refers_back(question)
    assert stands_alone(question)


@pytest.mark.parametrize("question", SHORT_OR_THEIR_OWN.split(" / "))
def test_in_the_middle_of_a_talk_short_words_and_own_things_may_mean_something_else(question: str) -> None:
    assert not refers_back(question)
    assert not stands_alone(question)


@pytest.mark.parametrize("question", PERSONAL.split(" / "))
def test_numbers_and_addresses_may_be_one_customers(question: str) -> None:
    assert is_personal(question)


@pytest.mark.parametrize("question", ["满99包邮吗", "7天还是15天", "200元以内"])
def test_small_numbers_are_nobodys(question: str) -> None:
    assert not is_personal(question)


# --- what is kept, and for how long -----------------------------------------------------------------------


async def test_an_answer_is_given_again_to_the_same_question_only(
    cache: AnswerCache, outcomes: list[Outcome]
) -> None:
    assert await asked(cache, KEY, "七天") == "七天"
    assert await asked(cache, answer_key("几天内可以退货？", "zh", ("v1",)), "别的") == "七天"
    assert await cache.kept(answer_key(QUESTION, "zh", ("v2",))) is None
    assert outcomes == ["miss", "hit", "miss"]


async def test_an_answer_that_is_not_to_be_kept_is_not(cache: AnswerCache) -> None:
    await asked(cache, KEY, None)
    assert await cache.kept(KEY) is None


async def test_an_answer_is_forgotten_after_its_time(tmp_path: Path) -> None:
    timer = Timer()
    cache = AnswerCache(InMemory(tmp_path, 60, timer=timer))
    await asked(cache, KEY, "七天")
    timer.now = 59
    assert await cache.kept(KEY) == "七天"
    timer.now = 61
    assert await cache.kept(KEY) is None


async def test_a_dropped_answer_is_gone_from_every_process_and_the_next_one_is_kept(tmp_path: Path) -> None:
    actions, desk = (AnswerCache(InMemory(tmp_path / "answers", 60)) for _ in range(2))
    await asked(actions, KEY, "八天")
    await desk.drop("几天内可以退货？", "zh")
    assert await actions.kept(KEY) is None
    assert await asked(actions, KEY, "七天") == "七天"
    assert await actions.kept(KEY) == "七天"


async def test_dropping_without_a_language_drops_in_all(cache: AnswerCache) -> None:
    english = answer_key("COD?", "en", ())
    await asked(cache, english, "Yes.")
    await cache.drop("cod")
    assert await cache.kept(english) is None


async def test_dropping_leaves_other_questions_and_the_other_language(cache: AnswerCache) -> None:
    await asked(cache, KEY, "七天")
    await cache.drop("几天内可以换货", "zh")
    await cache.drop(QUESTION, "en")
    assert await cache.kept(KEY) == "七天"


# --- many at once ------------------------------------------------------------------------------------------


async def test_of_many_who_ask_at_once_one_is_answered_anew(
    cache: AnswerCache, outcomes: list[Outcome]
) -> None:
    answers = ["第一", "第二", "第三"]
    told = await asyncio.gather(*(asked(cache, KEY, answer, thinks_s=0.05) for answer in answers))
    assert told == ["第一"] * 3
    assert sorted(outcomes) == ["hit", "hit", "miss"]


async def test_others_go_on_their_own_when_nothing_came_of_the_first(cache: AnswerCache) -> None:
    first, second = await asyncio.gather(asked(cache, KEY, None, thinks_s=0.05), asked(cache, KEY, "七天"))
    assert (first, second) == (None, "七天")
    assert await cache.kept(KEY) == "七天"


async def test_others_go_on_their_own_when_the_first_fails(cache: AnswerCache) -> None:
    async def fails() -> None:
        async with cache.place(KEY):
            await asyncio.sleep(0.05)
            raise RuntimeError("the model's client broke")

    broken, told = await asyncio.gather(fails(), asked(cache, KEY, "七天"), return_exceptions=True)
    assert isinstance(broken, RuntimeError)
    assert told == "七天"


async def test_nobody_waits_long_for_another(cache: AnswerCache) -> None:
    slow = asyncio.ensure_future(asked(cache, KEY, "迟", thinks_s=30))
    await asyncio.sleep(0)
    assert await asked(cache, KEY, "快") == "快"
    assert not slow.done()
    slow.cancel()


async def test_one_who_stops_waiting_disturbs_nobody(cache: AnswerCache) -> None:
    first = asyncio.ensure_future(asked(cache, KEY, "七天", thinks_s=0.05))
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(asked(cache, KEY, "别的"))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await first == "七天"

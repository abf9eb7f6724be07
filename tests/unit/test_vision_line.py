"""The line in front of the processes that read pictures: bounded, and fair between customers."""

from __future__ import annotations

import asyncio

import pytest

from support.vision import OcrError
from support.vision.line import Line

WORKER = "the only worker"


def line(longest: int = 20, longest_of_one: int = 10) -> Line[str]:
    return Line([WORKER], longest=longest, longest_of_one=longest_of_one)


async def _wait(line: Line[str], owner: str, count: int, served: list[str]) -> list[asyncio.Task[None]]:
    """So many pictures of an owner get into line; who is served is written down."""

    async def picture() -> None:
        await line.take(owner)
        served.append(owner)

    tasks = [asyncio.create_task(picture()) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def _serve(line: Line[str], served: list[str], count: int) -> None:
    """The picture that is being read is done, so many times."""
    for _ in range(count):
        line.give(WORKER, served[-1])
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_ten_pictures_of_one_customer_delay_another_ones_by_the_one_that_is_read() -> None:
    one, served = line(), list[str]()
    await _wait(one, "many", 10, served)
    await _wait(one, "single", 1, served)
    await _serve(one, served, 1)
    assert served == ["many", "single"]


async def test_who_has_many_pictures_is_not_held_up_for_ever_by_those_who_come_new() -> None:
    one, served = line(), list[str]()
    await _wait(one, "many", 3, served)
    for number in range(8):
        await _wait(one, f"new {number}", 1, served)
        await _serve(one, served, 1)
    assert served.count("many") == 3


async def test_two_customers_take_turns() -> None:
    one, served = line(), list[str]()
    await _wait(one, "a", 3, served)
    await _wait(one, "b", 3, served)
    await _serve(one, served, 5)
    assert served == ["a", "b", "a", "b", "a", "b"]


async def test_a_full_line_is_told_at_once() -> None:
    one = line(longest=2)
    await _wait(one, "a", 1, [])
    await _wait(one, "b", 1, [])
    await _wait(one, "c", 1, [])
    with pytest.raises(OcrError, match="busy"):
        await one.take("d")


async def test_one_customer_cannot_fill_the_line() -> None:
    one, served = line(longest_of_one=2), list[str]()
    await _wait(one, "many", 3, served)
    with pytest.raises(OcrError, match="busy"):
        await one.take("many")
    await _wait(one, "single", 1, served)
    await _serve(one, served, 1)
    assert served == ["many", "single"]


async def test_who_stops_waiting_leaves_the_line() -> None:
    one, served = line(longest=1), list[str]()
    await _wait(one, "a", 1, served)
    (waiting,) = await _wait(one, "b", 1, served)
    waiting.cancel()
    await asyncio.sleep(0)
    await _wait(one, "c", 1, served)
    await _serve(one, served, 1)
    assert served == ["a", "c"]


async def test_a_worker_that_comes_as_somebody_stops_waiting_is_not_lost() -> None:
    one, served = line(), list[str]()
    await _wait(one, "a", 1, served)
    (waiting,) = await _wait(one, "b", 1, served)
    one.give(WORKER, "a")
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await one.take("c") == WORKER

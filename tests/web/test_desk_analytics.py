"""The analytics in a real browser: charts are drawn from the tables' numbers, by day and by night."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from support.store import Store
from tests.desks import PASSWORD, hire
from tests.doors import OpenDoor, open_door
from tests.fakes_rasa import FakeRasa
from tests.figures import Facts
from tests.web.test_chat_page import DESKTOP, PHONE

NOW = datetime.now(UTC)
# What is in a chart's pixels: how many different colours.
_COLOURS = """(canvas) => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const found = new Set();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3]) found.add(data.slice(at, at + 3).join());
    return found.size;
}"""
_FIRST_BAR = """() => {
    const chart = Chart.getChart(document.querySelector("canvas[data-chart=volume]"));
    return chart.data.datasets[0].backgroundColor[0];
}"""


@dataclass(frozen=True)
class Shown:
    """The page, and what the browser complained about."""

    page: Page
    url: str
    complaints: list[str]


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    with FakeRasa() as server:
        yield server


@pytest_asyncio.fixture
async def door(tmp_path: Path, _migrated_sqlite: Path, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    """A gateway whose shop has had a few days of everything."""
    database = tmp_path / "shop.db"
    database.write_bytes(_migrated_sqlite.read_bytes())
    async with open_door(f"sqlite+aiosqlite:///{database}", tmp_path, rasa) as opened:
        store = Store(opened.settings.database_url)
        await _a_few_days(Facts(store))
        await store.close()
        await hire(opened.settings, "rita", "reviewer")
        yield opened


async def _a_few_days(facts: Facts) -> None:
    for number in range(12):
        name, at = f"t{number}", NOW - timedelta(days=number, hours=1)
        reached = {"handed_over_at": at, "handover_reason": "policy", "outcome": "handed_over"}
        await facts.talk(
            name, at, language="zh" if number % 3 else "en", **(reached if number % 4 == 0 else {})
        )
        await facts.said(name, at, answered=number % 5 > 0, text="能开专票吗")
        await facts.rating(name, at, 1 + number % 5)
        await facts.decision(name, at, ("approve", "review", "refuse")[number % 3], 7900)
        await facts.call(at, 200 + number, 900 + number, conversation_id=name)
        if number % 4 == 0:
            await facts.handover(name, at, (60, "person"), (600, "bot"))
            await facts.told(name, at + timedelta(seconds=90), **{"from": "Mei"})


async def _open(
    browser: Browser, door: OpenDoor, size: Any = DESKTOP, scheme: Literal["light", "dark"] = "light"
) -> Shown:
    context = await browser.new_context(viewport=size, color_scheme=scheme, locale="en-GB")
    page = await context.new_page()
    shown = Shown(page, str(door.client.base_url), [])
    page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    page.on("console", lambda said: shown.complaints.append(said.text) if said.type == "error" else None)
    await page.goto(f"{shown.url}/desk/sign-in?then=/desk/analytics")
    await page.fill("[name=login]", "rita")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.primary")
    await _until(page, "() => Boolean(window.Chart) && Object.keys(Chart.instances).length > 0")
    return shown


async def _until(page: Page, function: str) -> None:
    """Wait for a function to be true; Playwright's own way needs `eval`, which the page's policy forbids."""
    for _ in range(150):
        if await page.evaluate(function):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never true: {function}")


async def test_every_chart_is_drawn_without_complaint(browser: Browser, door: OpenDoor) -> None:
    shown = await _open(browser, door)
    canvases = await shown.page.query_selector_all("canvas[data-chart]")
    assert len(canvases) == 12
    for canvas in canvases:
        assert await canvas.evaluate(_COLOURS) > 3, await canvas.get_attribute("data-chart")
    assert shown.complaints == []


async def test_charts_and_tables_show_the_same_numbers(browser: Browser, door: OpenDoor) -> None:
    page = (await _open(browser, door)).page
    drawn = json.loads(await page.inner_text("#charts") or "{}")
    for name, chart in drawn.items():
        held = await page.evaluate(
            "(name) => Chart.getChart(document.querySelector(`canvas[data-chart=${name}]`)).data.datasets"
            ".map((one) => one.data)",
            name,
        )
        columns = await page.evaluate(
            """(name) => [...document.querySelectorAll(`table[data-table=${name}] tbody tr`)].map((row) =>
                [...row.querySelectorAll("td.number")].map((cell) => cell.dataset.value))""",
            name,
        )
        titles = await page.eval_on_selector_all(
            f"table[data-table={name}] th.number", "(cells) => cells.map((one) => one.textContent)"
        )
        for series, values in zip(chart["series"], held, strict=True):
            place = titles.index(series["title"])
            in_table = [float(row[place]) if row[place] else None for row in columns][: len(values)]
            assert values == in_table, name


async def test_the_charts_follow_from_light_to_dark(browser: Browser, door: OpenDoor) -> None:
    page = (await _open(browser, door)).page
    by_day = await page.evaluate(_FIRST_BAR)
    await page.evaluate("() => { document.documentElement.dataset.theme = 'dark' }")
    await _until(page, f"() => ({_FIRST_BAR})() !== '{by_day}'")
    await page.evaluate("() => { document.documentElement.dataset.theme = 'light' }")
    await _until(page, f"() => ({_FIRST_BAR})() === '{by_day}'")


async def test_on_a_phone_the_tables_open_at_a_tap_and_everything_fits(
    browser: Browser, door: OpenDoor
) -> None:
    page = (await _open(browser, door, PHONE)).page
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    table = page.locator("table[data-table=volume]")
    assert not await table.is_visible()
    await page.locator("#volume summary").click()
    assert await table.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_nothing_serious_stands_in_anybodys_way(
    browser: Browser, door: OpenDoor, size: Any, scheme: Literal["light", "dark"]
) -> None:
    page = (await _open(browser, door, size, scheme)).page
    found = (await Axe().run(page)).response["violations"]
    assert [
        (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ] == []
